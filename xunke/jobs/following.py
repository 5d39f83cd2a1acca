"""Lists of followers that a job reads: whole where the source's own extents say so."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

from xunke.model import Interaction
from xunke.storage import followers
from xunke.storage.persons import OWN
from xunke.storage.suppression import clean_id

from .counts import lacking

if TYPE_CHECKING:
    from collectors.base import Page

_OWN = f"select p.name, k.native_id, k.id from account_key k join platform p on p.id = k.platform where k.id in {OWN}"
_ID = (
    "select k.id from account_key k join platform p on p.id = k.platform where p.name = ? and k.native_id in "
    "(select value from json_each(?))"
)


def read_followers(db: sqlite3.Connection, page: Page, source: int) -> None:
    """Note followers of own accounts that stand on a page, and that a list was whole when its extent says so.

    Inside the transaction that stored the page. The time of a list is that at which the job began to read it.
    """
    own = {(platform, native_id): number for platform, native_id, number in db.execute(_OWN)}
    if not own:
        return
    t = int(db.execute("select fetched from source where id = ?", (source,)).fetchone()[0])
    found: dict[int, dict[str, list[str]]] = {}
    for record in page.records:
        if isinstance(record, Interaction) and record.kind == "follow":
            us = own.get((record.target.platform, clean_id(record.target.native_id)))
            if us is not None:
                found.setdefault(us, {}).setdefault(record.actor.platform, []).append(clean_id(record.actor.native_id))
    for us, platforms in found.items():
        number = followers.open_list(db, us, t, source)
        for platform, ids in platforms.items():
            followers.see(db, number, [row[0] for row in db.execute(_ID, (platform, json.dumps(ids)))])
    for extent in page.extents:
        if extent.kind != "followers":
            continue
        for (_, native_id), us in own.items():
            if native_id == clean_id(extent.key):
                number = followers.open_list(db, us, t, source, extent.said)
                if not lacking(extent):
                    followers.close(db, number)
