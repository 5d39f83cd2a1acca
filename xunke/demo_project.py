"""The sample project on disk: invented people and posts, marked as such wherever they are shown."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import islice

from .clock import end_of
from .errors import BadInput
from .events import Progress
from .jobs import Meter
from .model import Provenance
from .storage import Project, followers
from .storage.ingest import resolve_mentions, source_id

_OWN = "demo-own"


def build(project: Project, today: date) -> Iterator[Progress]:
    """Fill an empty ``project`` with the sample for ``today``; one that is filled for this day already stays.

    Raises BadInput("demo.not_demo") if it holds anything but a sample.
    """
    from .demo import records

    if project.one("select count(*) from account") and project.meta("demo") != "1":
        raise BadInput("demo.not_demo", path=str(project.path))
    if project.meta("demo_day") == today.isoformat():
        return
    project.set_meta("demo", "1")
    fetched = end_of(today)
    source = project.writer.call(lambda db: source_id(db, Provenance("demo", "sample", fetched=fetched)))
    made, meter, done = iter(records(today)), Meter("demo"), 0
    while part := list(islice(made, 1000)):
        project.writer.call(lambda db, part=part: project.store(db, part, source, fetched))  # type: ignore[misc]
        done += len(part)
        yield meter.at(done, None)
    project.writer.call(resolve_mentions)
    project.writer.call(partial(followers.close_all, source=source))
    project.writer.call(partial(_bought, source=source, until=fetched))
    own = [row[0] for row in project.query("select id from account_key where native_id = ?", (_OWN,))]
    project.set_meta("own_accounts", json.dumps(own))
    project.set_meta("demo_day", today.isoformat())


def _bought(db: sqlite3.Connection, source: int, until: int) -> None:
    """Some followers bought something, and some of those agreed to be written to: invented like all of it."""
    people = [row[0] for row in db.execute("select account from follower group by account order by account")]
    buyers = people[::6]
    orders = [
        (who, until - (3 + (who * 7 + n * 23) % 80) * 86_400 - (2 + who % 12) * 3600,
         39.0 + (who * 13 + n * 5) % 9 * 30, "CNY",
         ("鸡胸肉组合", "全麦欧包", "低卡便当周卡")[(who + n) % 3], f"demo-order-{who}-{n}", source)
        for who in buyers
        for n in range(1 + who % 3)
    ]  # fmt: skip
    db.executemany(
        "insert or ignore into purchase(account, t, amount, currency, what, native_id, source) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        orders,
    )
    db.executemany(
        "insert or ignore into consent(account, kind, t, evidence) values (?, 'dm', ?, ?)",
        [(who, until - 30 * 86_400, "演示：下单时勾选同意接收新品消息") for who in buyers[::3]],
    )
