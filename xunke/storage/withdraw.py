"""Posts that are no longer shown: their words go, what they were part of stays.

Somebody who takes a post back has withdrawn its words: text, title, earlier versions, raw record, tags, features and
index entries are deleted at once. Its id, author, time, counts and interactions stay, so that a ranking of the past
can still be explained. Seen again on the platform later, it is a post like any other.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from .search import unindex


def withdraw(db: sqlite3.Connection, noticed: Mapping[int, int]) -> int:
    """Mark the posts ``noticed`` (our id: when, UTC seconds) as gone; how many were not known to be gone before."""
    listed = json.dumps(list(noticed))
    rows = db.execute(
        "select id, title, text, tags from post where gone is null and id in (select value from json_each(?))",
        (listed,),
    ).fetchall()
    unindex(db, rows)
    ids = [(row[0],) for row in rows]
    for table in ("post_raw", "feature", "post_tag", "post_copy", "mention"):
        db.executemany(f"delete from {table} where post = ?", ids)
    db.executemany("delete from profile_fact where origin = 'post' and post = ?", ids)
    db.executemany("update post_history set text = null where post = ?", ids)
    db.executemany("update label set before = null where post = ?", ids)
    db.executemany(
        "update post set gone = ?, text = '', title = null, tags = null, url = null, query = null where id = ?",
        [(noticed[row[0]], row[0]) for row in rows],
    )
    for number, *_ in rows:
        db.execute("insert into post_fts(rowid, body) values (?, '')", (number,))
    return len(rows)
