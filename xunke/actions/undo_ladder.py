"""How acts of the ladder are taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final

from xunke.outreach import notes, touches


def _touch(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    touches.take_back(db, "touch", detail["touch"])
    return {"n": detail["touch"]}


def _outcome(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    touches.take_back(db, "outcome", detail["outcome"])
    return {"n": detail["outcome"]}


def _touches(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    for table in ("touch", "outcome"):
        for number in detail[table]:
            touches.take_back(db, table, number)
    return {"n": len(detail["touch"]) + len(detail["outcome"])}


def _note(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    notes.take_back(db, detail["note"])
    return {"n": detail["note"]}


def _note_done(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    db.execute("update note set done = ? where id = ?", (detail["before"], detail["note"]))
    return {"n": detail["note"]}


def _later(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    db.execute("delete from queue_state where queue = 'touch' and item = ?", (detail["account"],))
    if detail["before"] is not None:
        db.execute("insert into queue_state values ('touch', ?, ?, ?, ?)", (detail["account"], *detail["before"]))
    return {}


LADDER: Final[Mapping[str, Callable[[sqlite3.Connection, Mapping[str, Any]], dict[str, Any]]]] = {
    "touch": _touch, "outcome": _outcome, "touch_import": _touches, "note": _note, "note_done": _note_done,
    "touch_later": _later,
}  # fmt: skip
