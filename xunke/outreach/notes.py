"""Notes of people, segments and campaigns: what was said, asked, promised, and until when."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from datetime import date
from typing import Final

from xunke.errors import BadInput
from xunke.scrub import scrub
from xunke.storage import Project, acts
from xunke.storage.persons import people_map
from xunke.text import clean

KINDS: Final = ("note", "interview", "service", "talk", "promise", "material")
WORDS: Final = {
    "备注": "note", "笔记": "note", "访谈": "interview", "问卷": "interview", "焦点小组": "interview",
    "客服": "service", "反馈": "service", "沟通": "talk", "聊天": "talk", "承诺": "promise",
    "资料": "material", "报告": "material",
}  # fmt: skip
TEMPLATES: Final = ("interview", "group", "expert", "service", "material", "promise")
"""Guides that ``note template`` prints: ``note.template.NAME``."""
_COLUMNS: Final = "id, account, segment, campaign, t, kind, body, due, done, owner"


@dataclass(frozen=True, slots=True)
class Note:
    """One note. ``t``, ``done`` UTC seconds; ``due`` an ISO day."""

    id: int
    account: int | None
    segment: int | None
    campaign: int | None
    t: int
    kind: str
    body: str
    due: str | None
    done: int | None
    owner: str | None


def add(
    project: Project,
    body: str,
    *,
    t: int,
    account: int | None = None,
    segment: int | None = None,
    campaign: int | None = None,
    kind: str = "note",
    due: str | None = None,
    owner: str | None = None,
) -> int:
    """Keep a note; telephone numbers, ids and addresses in it are masked. Its number.

    Raises BadInput: "note.empty", "note.kind", "note.due", "note.nobody" (of neither person, segment nor campaign).
    """
    said, kind = scrub(clean(body).strip()), WORDS.get(kind, kind)
    if not said:
        raise BadInput("note.empty")
    if kind not in KINDS:
        raise BadInput("note.kind", value=kind, known=[f"note.kind.{one}" for one in KINDS])
    if due is not None:
        try:
            due = date.fromisoformat(due).isoformat()
        except ValueError:
            raise BadInput("note.due", value=due) from None
    if account is None and segment is None and campaign is None:
        raise BadInput("note.nobody")

    def write(db: sqlite3.Connection) -> int:
        number = db.execute(
            "insert into note(account, segment, campaign, t, kind, body, due, owner) values (?, ?, ?, ?, ?, ?, ?, ?) "
            "returning id", (account, segment, campaign, t, kind, said, due, owner),
        ).fetchone()[0]  # fmt: skip
        acts.note(db, "note", {"note": number})
        return int(number)

    return project.writer.call(write)


def listing(
    project: Project,
    *,
    account: int | None = None,
    segment: int | None = None,
    campaign: int | None = None,
    kind: str | None = None,
    open_only: bool = False,
) -> list[Note]:
    """Notes, those that are due first, then the newest; taken-back ones left out. ``account``: the whole person's."""
    import json

    sql, params = f"select {_COLUMNS} from note where undone is null", dict[str, object]()
    if account is not None:
        sql += " and account in (select value from json_each(:accounts))"
        params["accounts"] = json.dumps(people_map(project).all(account))
    for name, value in (("segment", segment), ("campaign", campaign), ("kind", kind and WORDS.get(kind, kind))):
        if value is not None:
            sql += f" and {name} = :{name}"
            params[name] = value
    if open_only:
        sql += " and due is not null and done is null"
    order = " order by due is null or done is not null, due, t desc, id desc"
    return [Note(*row) for row in project.query(sql + order, params)]


def finish(project: Project, number: int, t: int) -> Note:
    """Mark a note as done. Raises BadInput("note.unknown")."""
    found = next((one for one in listing(project) if one.id == number), None)
    if found is None:
        raise BadInput("note.unknown", value=number)

    def write(db: sqlite3.Connection) -> None:
        db.execute("update note set done = ? where id = ?", (t, number))
        acts.note(db, "note_done", {"note": number, "before": found.done})

    project.writer.call(write)
    return found


def take_back(db: sqlite3.Connection, number: int) -> None:
    """Mark a note as undone, inside a transaction."""
    db.execute("update note set undone = ? where id = ?", (int(time.time()), number))
