"""Segments that are kept: a name, how they are cut, who is in them since when it was computed, and what they get.

A rule is kept as words (``segment_rules``), any other cut as its plan and the name of its group; ``refresh`` makes the
members again and tells who came and who left. ``members_of`` is how the rest of the program reads a segment.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from xunke.errors import BadInput
from xunke.storage import Project, acts
from xunke.storage.project import write_audit
from xunke.text import one_line

from .people import barred

REVIEW_DAYS: Final = 91
"""A segment is looked at again within three months (S20)."""
FIELDS: Final = ("offer", "channel", "cadence", "then")
"""What a treatment says; ``then``: what it sets going whenever the segment is computed again (``segment_then``)."""
_COLUMNS: Final = (
    "s.id, s.name, s.kind, s.spec, s.parent, s.created, s.computed, s.result, s.review, s.treatment, s.note, "
    "(select count(*) from segment_member m where m.segment = s.id)"
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A kept segment. Times are UTC seconds, ``review`` an ISO day; ``spec``: {"rule": words} or {"group": …, "step":
    the plan's step}; ``parent``: the segment among whose people it is cut.
    """

    id: int
    name: str
    kind: str
    spec: dict[str, Any]
    parent: int | None
    created: int
    computed: int | None
    result: int | None
    review: str | None
    treatment: dict[str, str]
    note: str | None
    size: int

    def due(self, today: date) -> bool:
        """Whether its day of review has passed."""
        return self.review is not None and self.review < today.isoformat()

    @property
    def rule(self) -> str:
        """Its rule as text; the method and group of another cut."""
        return str(self.spec.get("rule") or f"{self.kind} · {self.spec.get('group', '')}")


@dataclass(frozen=True, slots=True)
class Change:
    """What a refresh brought: people who came in, and who left."""

    came: tuple[int, ...]
    left: tuple[int, ...]
    size: int


def saved(project: Project) -> list[Segment]:
    """All segments, the oldest first."""
    return [_segment(row) for row in project.query(f"select {_COLUMNS} from segment s order by s.id")]


def by_name(project: Project, name: str) -> Segment:
    """The segment called ``name`` (or of that number). Raises BadInput("segment.no_such") with the known names."""
    every = saved(project)
    for one in every:
        if one.name == name.strip():
            return one
    for one in every:
        if str(one.id) == name.strip():
            return one
    raise BadInput("segment.no_such", name=name, known="、".join(s.name for s in every[:10]) or "—")


def find(project: Project, name: str) -> Segment | None:
    """The segment called ``name``, if there is one."""
    return next((one for one in saved(project) if one.name == name.strip()), None)


def members_of(project: Project, name: str) -> list[int]:
    """The people of a segment as last computed, without those who appear nowhere; one account each, by number."""
    return list(numbers_of(project, by_name(project, name).id))


def numbers_of(project: Project, segment: int) -> dict[int, float | None]:
    """{person: the number that ranks them in it, if there is one} without those who appear nowhere."""
    rows = project.query("select account, value from segment_member where segment = ? order by account", (segment,))
    hidden = barred(project, [row[0] for row in rows])
    return {row[0]: row[1] for row in rows if row[0] not in hidden}


def facts_of(project: Project, segment: int) -> dict[int, dict[str, Any]]:
    """{member: what the cut knows of them, with ``kept``: the segment and its rule or group}: why they are in it."""
    one = next(s for s in saved(project) if s.id == segment)
    why = {"segment": one.name, "rule": one.spec["rule"]} if "rule" in one.spec else {
        "segment": one.name, "group": str(one.spec.get("group", "")),
    }  # fmt: skip
    rows = project.query(
        "select m.account, c.parts from segment_member m left join score c on c.result = ? and c.item = m.account "
        "where m.segment = ?", (one.result, segment),
    )  # fmt: skip
    return {account: json.loads(parts or "{}") | {"kept": why} for account, parts in rows}


def review_day(today: date, said: date | None) -> str:
    """The day of review: the one said, or in three months. Raises BadInput("segment.review") for one that is past or
    later than that.
    """
    last = today + timedelta(days=REVIEW_DAYS)
    if said is not None and not today <= said <= last:
        raise BadInput("segment.review", day=said.isoformat(), last=last.isoformat())
    return (said or last).isoformat()


def save(
    project: Project, name: str, kind: str, spec: Mapping[str, Any], members: Mapping[int, float | None], *,
    review: str, parent: int | None = None, result: int | None = None, note: str | None = None, run: int | None = None,
) -> Segment:  # fmt: skip
    """Keep a segment. Raises BadInput("segment.taken") if the name is in use."""
    name = one_line(name, 80).strip()
    if not name:
        raise BadInput("segment.no_name")
    if find(project, name) is not None:
        raise BadInput("segment.taken", name=name)
    now = int(time.time())

    def write(db: sqlite3.Connection) -> None:
        number = int(db.execute(
            "insert into segment(name, kind, spec, parent, created, computed, result, review, note) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning id",
            (name, kind, _json(spec), parent, now, now, result, review, note),
        ).fetchone()[0])  # fmt: skip
        _members(db, number, members)
        write_audit(db, "segments.create", {"segment": number, "kind": kind, "people": len(members)})
        acts.note(db, "segment_make", {"segment": number}, run)

    project.writer.call(write)
    return by_name(project, name)


def renew(project: Project, segment: Segment, members: Mapping[int, float | None], result: int | None = None) -> Change:
    """Put the members that were computed now in the place of the old ones."""
    before = {row[0] for row in project.query("select account from segment_member where segment = ?", (segment.id,))}
    now = int(time.time())

    def write(db: sqlite3.Connection) -> None:
        old = db.execute("select account, value from segment_member where segment = ?", (segment.id,)).fetchall()
        acts.note(db, "segment_refresh", {"segment": segment.id, "computed": segment.computed, "members": old})
        db.execute("delete from segment_member where segment = ?", (segment.id,))
        _members(db, segment.id, members)
        db.execute(
            "update segment set computed = ?, result = coalesce(?, result) where id = ?", (now, result, segment.id)
        )

    if before != members.keys() or segment.computed is None:
        project.writer.call(write)
    else:
        project.writer.call(lambda db: db.execute("update segment set computed = ? where id = ?", (now, segment.id)))
    came, left = members.keys() - before, before - members.keys()
    return Change(tuple(sorted(came)), tuple(sorted(left)), len(members))


def treat(project: Project, segment: Segment, said: Mapping[str, str | None], review: str | None = None) -> Segment:
    """Change what the people of a segment get (``FIELDS``; an empty word takes a field away), and its review day."""
    wanted = {**segment.treatment, **{k: one_line(v, 200) for k, v in said.items() if v is not None}}
    kept = {k: v for k, v in wanted.items() if v}

    def write(db: sqlite3.Connection) -> None:
        before = db.execute("select treatment, review from segment where id = ?", (segment.id,)).fetchone()
        acts.note(db, "segment_treat", {"segment": segment.id, "before": before[0], "review": before[1]})
        db.execute(
            "update segment set treatment = ?, review = coalesce(?, review) where id = ?",
            (_json(kept) if kept else None, review, segment.id),
        )

    project.writer.call(write)
    return by_name(project, segment.name)


def drop(project: Project, segment: Segment) -> None:
    """Remove a segment. Raises BadInput("segment.has_children") while another is cut among its people."""
    children = [s.name for s in saved(project) if s.parent == segment.id]
    if children:
        raise BadInput("segment.has_children", name=segment.name, children="、".join(children))

    def write(db: sqlite3.Connection) -> None:
        row = db.execute("select * from segment where id = ?", (segment.id,))
        columns = [c[0] for c in row.description]
        values = dict(zip(columns, row.fetchone(), strict=True))
        members = db.execute("select account, value from segment_member where segment = ?", (segment.id,)).fetchall()
        acts.note(db, "segment_drop", {"row": values, "members": members})
        remove(db, segment.id)

    project.writer.call(write)


def remove(db: sqlite3.Connection, number: int) -> dict[str, Any]:
    """Delete a segment inside a transaction; its name and size."""
    row = db.execute("select name from segment where id = ?", (number,)).fetchone()
    n = db.execute("delete from segment_member where segment = ?", (number,)).rowcount
    db.execute("delete from segment where id = ?", (number,))
    write_audit(db, "segments.delete", {"segment": number, "people": n})
    return {"name": row[0] if row is not None else "?", "n": n}


def restore(db: sqlite3.Connection, row: Mapping[str, Any], members: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Bring a dropped segment back inside a transaction (of people who were erased since, none)."""
    columns = ", ".join(row)
    db.execute(f"insert into segment({columns}) values ({', '.join('?' * len(row))})", tuple(row.values()))
    put(db, int(row["id"]), members)
    return {"name": row["name"]}


def put(db: sqlite3.Connection, number: int, members: Sequence[Sequence[Any]]) -> None:
    """Make ``members`` (account, value) those of a segment, as far as the accounts still exist."""
    db.execute("delete from segment_member where segment = ?", (number,))
    db.executemany(
        "insert into segment_member(segment, account, value) select ?, id, ? from account where id = ?",
        [(number, value, account) for account, value in members],
    )


def _members(db: sqlite3.Connection, number: int, members: Mapping[int, float | None]) -> None:
    db.executemany(
        "insert into segment_member(segment, account, value) values (?, ?, ?)",
        [(number, account, value) for account, value in sorted(members.items())],
    )


def _segment(row: tuple[Any, ...]) -> Segment:
    return Segment(
        row[0], row[1], row[2], json.loads(row[3]), row[4], row[5], row[6], row[7], row[8],
        json.loads(row[9]) if row[9] else {}, row[10], row[11],
    )  # fmt: skip


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
