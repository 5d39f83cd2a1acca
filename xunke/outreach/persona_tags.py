"""The tag string of a person or a kept segment as the user wrote it. Made by rule where nobody wrote one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from typing import Any, Final

from xunke.errors import BadInput
from xunke.storage import Project, acts
from xunke.storage.project import write_audit
from xunke.text import one_line

from .persona_rows import Whom

LONGEST: Final = 80
_KIND: Final = "persona"
"""The tag of a person is a note of this kind, so that erasing them erases it."""


def edited(project: Project, whom: Whom) -> str | None:
    """The tag as it was written, or None."""
    if whom.kind == "person":
        sql = "select body from note where account = ? and kind = ? and undone is null order by id desc limit 1"
        found = project.one(sql, (whom.accounts[0], _KIND))
    elif whom.kind == "segment" and whom.key is not None:
        found = project.one("select persona from segment where id = ?", (whom.key,))
    else:
        return None
    return None if found is None else str(found)


def write(project: Project, whom: Whom, tag: str | None, run: int | None = None) -> str | None:
    """Keep ``tag`` (None: made by rule again); gives it as kept. Raises BadInput for a tag that is none, or for
    something whose tag cannot be kept.
    """
    if tag is not None:
        layers = [[p for part in layer.split("·") if (p := part.strip())] for layer in one_line(tag, 200).split("/")]
        tag = "/".join("·".join(layer) for layer in layers if layer)
        if not tag or len(tag) > LONGEST:
            raise BadInput("persona.bad_tag")
    if whom.kind not in ("person", "segment") or whom.key is None:
        raise BadInput("persona.tag_whom")

    def change(db: sqlite3.Connection) -> None:
        if whom.kind == "segment":
            before = db.execute("select persona from segment where id = ?", (whom.key,)).fetchone()[0]
            db.execute("update segment set persona = ? where id = ?", (tag, whom.key))
            detail: dict[str, Any] = {"segment": whom.key, "before": before}
        else:
            detail = _person(db, whom.accounts[0], tag)
        acts.note(db, "persona_tag", detail, run)
        write_audit(db, "persona.tag", {"kind": whom.kind, "made": tag is None})

    project.writer.call(change)
    return tag


def _person(db: sqlite3.Connection, account: int, tag: str | None) -> dict[str, Any]:
    now = int(time.time())
    where = "account = ? and kind = ? and undone is null"
    old = [row[0] for row in db.execute(f"select id from note where {where}", (account, _KIND))]
    db.execute(f"update note set undone = ? where {where}", (now, account, _KIND))
    made = None
    if tag is not None:
        sql = "insert into note(account, t, kind, body) values (?, ?, ?, ?) returning id"
        made = db.execute(sql, (account, now, _KIND, tag)).fetchone()[0]
    return {"account": account, "note": made, "before": old[-1] if old else None}


def take_back(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse, inside a transaction; gives what is to be told."""
    if "segment" in detail:
        db.execute("update segment set persona = ? where id = ?", (detail["before"], detail["segment"]))
        return {"tag": detail["before"] or "auto"}
    if detail["note"] is not None:
        db.execute("update note set undone = ? where id = ?", (int(time.time()), detail["note"]))
    if detail["before"] is None:
        return {"tag": "auto"}
    db.execute("update note set undone = null where id = ?", (detail["before"],))
    row = db.execute("select body from note where id = ?", (detail["before"],)).fetchone()
    return {"tag": row[0] if row is not None else "auto"}
