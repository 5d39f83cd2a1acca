"""Storing a result: items in order with value and parts, so that lists, files and ``why`` work on it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import Any

from xunke.storage import Project

from .posts import Funnel

Row = tuple[int, float | None, Mapping[str, Any] | None]
"""item, value, parts."""


def store(
    project: Project,
    target: str,
    rows: Sequence[Row],
    *,
    title: str,
    funnel: Funnel,
    setting: Mapping[str, Any],
    run: int | None = None,
    step: int | None = None,
) -> int:
    """Store a result and return its number."""
    now = int(time.time())

    def write(db: sqlite3.Connection) -> int:
        row = db.execute(
            "insert into result(run, step, target, title, created, total, funnel, setting) "
            "values (?, ?, ?, ?, ?, ?, ?, ?) returning id",
            (
                run, step, target, title, now, len(rows), json.dumps(funnel, ensure_ascii=False),
                json.dumps(setting, ensure_ascii=False),
            ),
        ).fetchone()  # fmt: skip
        db.executemany(
            f"insert into score(result, rank, item, value, parts) values ({row[0]}, ?, ?, ?, ?)",
            (
                (rank, item, value, None if parts is None else json.dumps(parts, ensure_ascii=False))
                for rank, (item, value, parts) in enumerate(rows, 1)
            ),
        )
        return int(row[0])

    return project.writer.call(write)
