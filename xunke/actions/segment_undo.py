"""Taking back what was done to kept segments."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final

from xunke.outreach import segment_store, segment_then
from xunke.storage import acts


def _make(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    return segment_store.remove(db, detail["segment"])


def _drop(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    return segment_store.restore(db, detail["row"], detail["members"])


def _refresh(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    segment_store.put(db, detail["segment"], detail["members"])
    db.execute("update segment set computed = ? where id = ?", (detail["computed"], detail["segment"]))
    return {"name": _name(db, detail["segment"])}


def _treat(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    db.execute(
        "update segment set treatment = ?, review = ? where id = ?",
        (detail["before"], detail["review"], detail["segment"]),
    )
    return {"name": _name(db, detail["segment"])}


def _tasks(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": _name(db, detail["segment"]), "n": segment_then.take_back(db, detail)}


def _name(db: sqlite3.Connection, number: int) -> str:
    row = db.execute("select name from segment where id = ?", (number,)).fetchone()
    return str(row[0]) if row is not None else "?"


INVERSES: Final[Mapping[str, Callable[[sqlite3.Connection, Mapping[str, Any]], dict[str, Any]]]] = {
    "segment_make": _make, "segment_drop": _drop, "segment_refresh": _refresh, "segment_treat": _treat,
    "segment_tasks": _tasks,
}  # fmt: skip


def stale(db: sqlite3.Connection, act: acts.Act) -> bool:
    """Whether what the change was made to is gone, or (of a drop) its name or number is taken again."""
    if act.kind == "segment_drop":
        row = act.detail["row"]
        return bool(db.execute("select 1 from segment where id = ? or name = ?", (row["id"], row["name"])).fetchone())
    return not db.execute("select 1 from segment where id = ?", (act.detail["segment"],)).fetchone()
