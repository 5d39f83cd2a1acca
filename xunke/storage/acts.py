"""What the user's requests changed, newest last, so that the newest can be taken back.

``detail`` holds what taking back needs: our numbers, keyed hashes, settings as they were; never a person's name.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .project import write_audit

AUDITED: Final = frozenset({
    "touch", "touch_later", "touch_limit", "touch_value", "touch_import", "outcome", "note", "note_done", "queue",
    "segment_refresh", "segment_treat", "campaign_edit", "result_add", "schedule_make",
})  # fmt: skip
"""Changes about people that leave no other row in the audit log: it gets their kind, and no more."""


@dataclass(frozen=True, slots=True)
class Act:
    """One change. ``run``: the request that made it; time is UTC seconds."""

    id: int
    t: int
    kind: str
    detail: dict[str, Any]
    run: int | None


def note(db: sqlite3.Connection, kind: str, detail: Mapping[str, Any], run: int | None = None) -> None:
    """Write down a change, inside the transaction that makes it."""
    db.execute(
        "insert into act(t, kind, detail, run) values (?, ?, ?, ?)",
        (int(time.time()), kind, json.dumps(detail, ensure_ascii=False), run),
    )
    if kind in AUDITED:
        write_audit(db, kind, {})


def listing(db: sqlite3.Connection) -> list[Act]:
    """Changes that were not taken back yet, the newest first."""
    rows = db.execute("select id, t, kind, detail, run from act where undone is null order by id desc limit 200")
    return [Act(row[0], row[1], row[2], json.loads(row[3]), row[4]) for row in rows]


def done(db: sqlite3.Connection, act: int) -> None:
    """Note that a change was taken back, or that it was told that it cannot be."""
    db.execute("update act set undone = ? where id = ?", (int(time.time()), act))
