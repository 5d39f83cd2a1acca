"""A list of people as the chat leaves one: a result, its rows, and the list's name."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from xunke.outreach import lists
from xunke.storage import Project


def keep_list(project: Project, accounts: Sequence[int], name: str = "名单") -> None:
    """Keep ``accounts`` as a list, best first."""

    def write(db: sqlite3.Connection) -> int:
        (result,) = db.execute(
            "insert into result(target, created, total, funnel, setting) values ('people', 0, ?, '[]', '{}') "
            "returning id",
            (len(accounts),),
        ).fetchone()
        db.executemany(
            "insert into score values (?, ?, ?, ?, '{}')",
            [(result, i, account, 1 - i / 1000) for i, account in enumerate(accounts)],
        )
        return int(result)

    lists.save(project, name, "people", project.writer.call(write))
