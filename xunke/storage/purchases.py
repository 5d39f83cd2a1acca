"""What people bought, from files: one row an order, tied to the account that bought it.

Everything here runs inside the writer's transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from xunke.errors import BadInput
from xunke.model import Purchase, Record
from xunke.scrub import scrub
from xunke.text import clean

from .persons import OWN

Row = tuple[int, Purchase]
"""The buyer's account and what they bought."""


def named(db: sqlite3.Connection, records: Iterable[Record]) -> Iterator[Record]:
    """``records`` with every Purchase's account as the one that is stored: the platform of the user's own accounts
    where none is said, and of a bare name the one account that has it.

    Raises BadInput("purchase.which_platform") where none is said and the user's accounts are not all on one.
    """
    default: str | None = None
    for record in records:
        if not isinstance(record, Purchase):
            yield record
            continue
        account = record.account
        if not account.platform:
            default = default or _platform(db)
            account = replace(account, platform=default)
        if account.native_id.startswith("name:"):
            found = db.execute(
                "select k.native_id from account a join account_key k on k.id = a.id "
                "join platform p on p.id = k.platform "
                "where p.name = ? and a.name = ? limit 2", (account.platform, account.native_id[5:]),
            ).fetchall()  # fmt: skip
            if len(found) == 1:  # of several people of one name nobody is taken
                account = replace(account, native_id=found[0][0])
        yield replace(record, account=account)


def _platform(db: sqlite3.Connection) -> str:
    rows = db.execute(
        f"select distinct p.name from account_key k join platform p on p.id = k.platform where k.id in {OWN}"
    ).fetchall()
    if len(rows) != 1:
        raise BadInput("purchase.which_platform", n=len(rows))
    return str(rows[0][0])


def put(db: sqlite3.Connection, rows: Sequence[Row], source: int) -> int:
    """Store orders that are not stored yet; how many were new."""
    before = db.total_changes
    db.executemany(
        "insert or ignore into purchase(account, t, amount, currency, what, native_id, source) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        [
            (account, p.time, p.amount, p.currency, None if p.what is None else scrub(clean(p.what)), p.order, source)
            for account, p in rows
        ],
    )
    return db.total_changes - before
