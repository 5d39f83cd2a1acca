"""How changes of campaigns and of the content calendar are taken back, by the kind of act."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final

from . import campaign_rows, campaigns, content

Detail = Mapping[str, Any]


def _made(db: sqlite3.Connection, detail: Detail) -> dict[str, Any]:
    return {"name": campaigns.remove(db, detail["campaign"])}


def _edited(db: sqlite3.Connection, detail: Detail) -> dict[str, Any]:
    return {"name": campaigns.restore(db, detail["campaign"], detail["before"])}


def _closed(db: sqlite3.Connection, detail: Detail) -> dict[str, Any]:
    db.execute("delete from review where id = ?", (detail["review"],))
    return _edited(db, detail)


def _cost(db: sqlite3.Connection, detail: Detail) -> dict[str, Any]:
    row = db.execute("delete from cost where id = ? returning campaign", (detail["cost"],)).fetchone()
    return {"name": campaigns.name_in(db, row[0]) if row else "?"}


def _variant(db: sqlite3.Connection, detail: Detail) -> dict[str, Any]:
    for table in ("touch", "outcome", "calendar"):
        db.execute(f"update {table} set variant = null where variant = ?", (detail["variant"],))
    db.execute("delete from result_count where variant = ?", (detail["variant"],))
    row = db.execute("delete from variant where id = ? returning name", (detail["variant"],)).fetchone()
    return {"name": row[0] if row else "?"}


def _result(db: sqlite3.Connection, detail: Detail) -> dict[str, Any]:
    return {"n": campaign_rows.unstore(db, detail["campaign"], detail["before"])}


def _task(db: sqlite3.Connection, detail: Detail) -> dict[str, Any]:
    row = db.execute("delete from note where id = ? returning body", (detail["note"],)).fetchone()
    return {"name": row[0] if row else "?"}


def _undone(db: sqlite3.Connection, detail: Detail) -> dict[str, Any]:
    db.execute("update note set done = ? where id = ?", (detail["before"], detail["note"]))
    row = db.execute("select body from note where id = ?", (detail["note"],)).fetchone()
    return {"name": row[0] if row else "?"}


def _planned(db: sqlite3.Connection, detail: Detail) -> dict[str, Any]:
    row = db.execute("delete from calendar where id = ? returning title", (detail["item"],)).fetchone()
    return {"name": row[0] if row else "?"}


def _moved(db: sqlite3.Connection, detail: Detail) -> dict[str, Any]:
    return {"name": content.restore(db, detail["item"], detail["before"])}


def _setting(db: sqlite3.Connection, detail: Detail) -> dict[str, Any]:
    if detail["before"] is None:
        db.execute("delete from meta where key = ?", (detail["key"],))
    else:
        db.execute("insert or replace into meta(key, value) values (?, ?)", (detail["key"], detail["before"]))
    return {}


INVERSES: Final[Mapping[str, Callable[[sqlite3.Connection, Detail], dict[str, Any]]]] = {
    "campaign_make": _made, "campaign_edit": _edited, "campaign_close": _closed, "cost_add": _cost,
    "variant_add": _variant, "result_add": _result, "task_add": _task, "task_done": _undone,
    "calendar_add": _planned, "calendar_change": _moved, "campaign_setting": _setting,
}  # fmt: skip
"""{kind of act: what takes it back}."""
