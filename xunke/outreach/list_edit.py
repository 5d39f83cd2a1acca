"""Changes to saved lists, each whole or not at all, and each can be taken back.

Who is taken off is kept in ``list_out`` with the reason, so that it can be told and undone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from xunke.errors import BadInput
from xunke.storage import Project, acts
from xunke.storage.persons import people_map
from xunke.storage.project import write_audit
from xunke.text import one_line

from . import advice, lists
from .lists import SavedList
from .people import barred_all
from .trials import HELD

T = TypeVar("T")
_LIST: Final = (
    "id", "name", "target", "purpose", "basis", "created", "expires", "result", "note", "segment", "setting",
)  # fmt: skip
_ROW: Final = (
    "rank", "score", "reason", "channel", "best_time", "first_act", "minutes", "segment", "added",
)  # fmt: skip
_COLUMNS: Final = ", ".join(_ROW)


class Change:
    """What one change does, written down as it is done. Used inside a transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self._batch: int = db.execute("select coalesce(max(batch), 0) + 1 from list_out").fetchone()[0]
        self._detail: dict[str, Any] = {}

    def take_off(self, list_id: int, items: Iterable[int], why: str) -> int:
        """Move people of a list to ``list_out``; how many."""
        listed = json.dumps(sorted(items))
        who = "where list = ?2 and item in (select value from json_each(?1))"
        self.db.execute(
            f"insert or replace into list_out(list, item, why, batch, {_COLUMNS}) "
            f"select list, item, ?3, ?4, {_COLUMNS} from list_member {who}",
            (listed, list_id, why, self._batch),
        )
        self._detail["batch"] = self._batch
        return self.db.execute(f"delete from list_member {who}", (listed, list_id)).rowcount

    def put_on(self, list_id: int, rows: Iterable[Sequence[Any]]) -> int:
        """Add members: (item, *``_ROW``), with ranks behind those of the list; how many were not there yet."""
        last = self.db.execute("select coalesce(max(rank), 0) from list_member where list = ?", (list_id,)).fetchone()[
            0
        ]
        added: list[int] = []
        for item, _, *rest in rows:
            marks = ", ".join("?" * (len(_ROW) + 2))
            row = (list_id, item, last + len(added) + 1, *rest)
            if self.db.execute(
                f"insert or ignore into list_member(list, item, {_COLUMNS}) values ({marks})", row
            ).rowcount:
                added.append(item)
        self._detail.setdefault("added", {}).setdefault(str(list_id), []).extend(added)
        return len(added)

    def fields(self, list_id: int, **values: Any) -> None:
        """Set columns of a list."""
        before = self.db.execute(f"select {', '.join(values)} from saved_list where id = ?", (list_id,)).fetchone()
        self._detail.setdefault("fields", {})[str(list_id)] = dict(zip(values, before, strict=True))
        self.db.execute(
            f"update saved_list set {', '.join(f'{name} = ?' for name in values)} where id = ?",
            (*values.values(), list_id),
        )

    def label(self, list_id: int, items: Iterable[int], segment: str | None) -> int:
        """Name the group that people of a list stand for."""
        listed = json.dumps(sorted(items))
        who = "where list = ? and item in (select value from json_each(?))"
        rows = self.db.execute(f"select item, segment from list_member {who}", (list_id, listed)).fetchall()
        self._detail.setdefault("labels", {})[str(list_id)] = [list(row) for row in rows]
        return self.db.execute(f"update list_member set segment = ? {who}", (segment, list_id, listed)).rowcount

    def drop(self, entry: SavedList) -> None:
        """Take a list away: its people move to ``list_out``; posts of a list of posts are written down by number."""
        row = self.db.execute(f"select {', '.join(_LIST)} from saved_list where id = ?", (entry.id,)).fetchone()
        members = self.db.execute("select item, rank, score from list_member where list = ?", (entry.id,)).fetchall()
        held = [r[0] for r in self.db.execute("select id from experiment where list = ?", (entry.id,))]
        marks = self.db.execute("select account, good, created from mark where list = ?", (entry.id,)).fetchall()
        self._detail["dropped"] = {
            "row": dict(zip(_LIST, row, strict=True)), "held": held, "marks": [list(m) for m in marks],
            "posts": [list(m) for m in members] if entry.target != "people" else [],
        }  # fmt: skip
        if entry.target == "people":
            self.take_off(entry.id, [m[0] for m in members], "dropped")
        self.db.executemany("update experiment set list = null where id = ?", [(number,) for number in held])
        for place in ("mark", "list_member"):
            self.db.execute(f"delete from {place} where list = ?", (entry.id,))
        self.db.execute("delete from saved_list where id = ?", (entry.id,))

    def done(self, op: str, entry: SavedList, n: int, run: int | None) -> None:
        """Write the change down, so that it can be taken back, and in the audit log."""
        acts.note(self.db, "list_edit", {**self._detail, "op": op, "name": entry.name, "n": n}, run)
        write_audit(self.db, f"list.{op}", {"list": entry.id, "people": n})


def change(project: Project, op: str, entry: SavedList, do: Callable[[Change], int], run: int | None = None) -> int:
    """Do something to a list in one transaction; how many people it met. Nothing is noted where it met nobody."""

    def write(db: sqlite3.Connection) -> int:
        one = Change(db)
        n = do(one)
        if n:
            one.done(op, entry, n, run)
        return n

    return project.writer.call(write)


def restore(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Take a change back, inside a transaction."""
    if dropped := detail.get("dropped"):
        row = dropped["row"]
        marks = ", ".join("?" * len(_LIST))
        db.execute(f"insert into saved_list({', '.join(_LIST)}) values ({marks})", tuple(row[n] for n in _LIST))
        db.executemany("update experiment set list = ? where id = ?", [(row["id"], n) for n in dropped["held"]])
        db.executemany(
            "insert into list_member(list, item, rank, score, reason, added) values (?, ?, ?, ?, '[]', ?)",
            [(row["id"], *member, row["created"]) for member in dropped["posts"]],
        )
        db.executemany(
            "insert or ignore into mark(account, list, good, created) select ?, ?, ?, ? "
            "where exists (select 1 from account_key where id = ?1)",
            [(account, row["id"], good, created) for account, good, created in dropped["marks"]],
        )
    for number, items in detail.get("added", {}).items():
        db.executemany("delete from list_member where list = ? and item = ?", [(int(number), i) for i in items])
    if (batch := detail.get("batch")) is not None:
        db.execute(
            f"insert or ignore into list_member(list, item, {_COLUMNS}) select list, item, {_COLUMNS} from list_out "
            "where batch = ? and list in (select id from saved_list)",
            (batch,),
        )
        db.execute("delete from list_out where batch = ?", (batch,))
    for number, values in detail.get("fields", {}).items():
        db.execute(
            f"update saved_list set {', '.join(f'{name} = ?' for name in values)} where id = ?",
            (*values.values(), int(number)),
        )
    for number, rows in detail.get("labels", {}).items():
        db.executemany(
            "update list_member set segment = ? where list = ? and item = ?",
            [(segment, int(number), item) for item, segment in rows],
        )
    return {"name": detail["name"], "n": detail["n"]}


# -- what is done to a list ----------------------------------------------------------------------------------------


def set_fields(
    project: Project, entry: SavedList, *, purpose: str | None = None, basis: str | None = None,
    expires: int | None = None, name: str | None = None, run: int | None = None,
) -> SavedList:  # fmt: skip
    """Say what a list is for, on what basis, until when (UTC seconds, inclusive), or how it is called.

    Raises BadInput("list.basis") for a basis that is none of ``lists.BASES``, BadInput("list.taken") for a name in use.
    """
    values: dict[str, Any] = {}
    if purpose is not None:
        values["purpose"] = one_line(purpose, 200) or None
    if basis is not None:
        if basis not in lists.BASES:
            raise BadInput("list.basis", basis=basis)
        values["basis"] = basis
    if expires is not None:
        values["expires"] = expires
    if name is not None:
        values["name"] = one_line(name, 80) or entry.name
        if any(other.name == values["name"] and other.id != entry.id for other in lists.saved(project)):
            raise BadInput("list.taken", name=values["name"])
    if values:

        def write(one: Change) -> int:
            one.fields(entry.id, **values)
            return max(1, entry.size)

        change(project, "set", entry, write, run)
    return lists.by_id(project, entry.id)


def only_people(entry: SavedList) -> None:
    """Raises BadInput("seeds.no_people") for a list of posts."""
    if entry.target != "people":
        raise BadInput("seeds.no_people", name=entry.name)


def add(project: Project, entry: SavedList, accounts: Sequence[int], *, now: int, run: int | None = None) -> int:
    """Put people on a list by hand; who is barred, declines to be approached, or is on it already is passed over."""
    only_people(entry)
    persons = people_map(project)
    there = {persons.one(item) for item in lists.members(project, entry.id)}
    wanted: dict[int, int] = {}
    for account in accounts:
        if persons.one(account) not in there:
            wanted.setdefault(persons.one(account), account)
    out = left_out(project, wanted.values())
    ids = [a for a in wanted.values() if a not in out]
    tips = advice.advise(project, ids)
    why = json.dumps([("reason.by_hand", {})])
    rows = [
        (
            a,
            None,
            None,
            why,
            tips[a].channel,
            tips[a].best_time,
            f"first_act.{tips[a].act or 'follow'}",
            None,
            None,
            now,
        )
        for a in ids
    ]
    return change(project, "add", entry, lambda one: one.put_on(entry.id, rows), run)


def left_out(project: Project, accounts: Iterable[int]) -> dict[int, str]:
    """{account: why} of those who are on no list of people to approach: barred, or their profile declines."""
    return barred_all(project, accounts)


def remove(
    project: Project, entry: SavedList, accounts: Iterable[int], *, why: str = "removed", run: int | None = None
) -> int:
    """Take people off a list, with every account of theirs."""
    only_people(entry)
    spread = people_map(project).spread(accounts)
    return change(project, "remove", entry, lambda one: one.take_off(entry.id, spread, why), run)


def merge(project: Project, entry: SavedList, other: SavedList, run: int | None = None) -> int:
    """Add to a list everybody of another one who is not on it; the other one stays."""
    only_people(entry)
    only_people(other)
    persons = people_map(project)
    there = {persons.one(item) for item in lists.members(project, entry.id)}
    sql = f"select item, {_COLUMNS} from list_member where list = ? order by rank"
    rows = [row for row in project.query(sql, (other.id,)) if persons.one(row[0]) not in there]
    out = left_out(project, [row[0] for row in rows])  # since they came on the other one
    rows = [row for row in rows if row[0] not in out]
    return change(project, "merge", entry, lambda one: one.put_on(entry.id, rows), run)


def minus(project: Project, entry: SavedList, other: SavedList, run: int | None = None) -> int:
    """Take off a list everybody who is on another one too."""
    only_people(entry)
    only_people(other)
    spread = people_map(project).spread(lists.members(project, other.id))
    return change(project, "minus", entry, lambda one: one.take_off(entry.id, spread, "overlap"), run)


def dedupe(project: Project, entry: SavedList, run: int | None = None) -> int:
    """Of one person's accounts keep the one that stands first."""
    only_people(entry)
    persons, seen, twice = people_map(project), set(), []
    for item in lists.members(project, entry.id):
        if persons.one(item) in seen:
            twice.append(item)
        seen.add(persons.one(item))
    return change(project, "dedupe", entry, lambda one: one.take_off(entry.id, twice, "same_person"), run)


def tag(project: Project, entry: SavedList, accounts: Iterable[int], name: str | None, run: int | None = None) -> int:
    """Put people of a list into a group of it (None: into none)."""
    only_people(entry)
    spread, said = people_map(project).spread(accounts), None if name is None else one_line(name, 40) or None
    return change(project, "tag", entry, lambda one: one.label(entry.id, spread, said), run)


def drop(project: Project, entry: SavedList, run: int | None = None) -> None:
    """Take a list away. Raises BadInput("list.in_use") while a campaign or an experiment works with it."""
    used = project.query(
        "select 1 from campaign_list where list = ?1 union all select 1 from experiment where list = ?1 "
        "and coalesce(json_extract(spec, '$.kind'), '') <> ?2 limit 1", (entry.id, HELD),
    )  # fmt: skip
    if used:
        raise BadInput("list.in_use", name=entry.name)

    def write(one: Change) -> int:
        one.drop(entry)
        return max(1, entry.size)

    change(project, "drop", entry, write, run)


def overlaps(project: Project, entry: SavedList) -> list[tuple[SavedList, int]]:
    """Other lists of people that share somebody with this one, and how many."""
    persons = people_map(project)
    mine = {persons.one(item) for item in lists.members(project, entry.id)}
    found = []
    for other in lists.saved(project):
        if other.target == "people" and other.id != entry.id:
            both = len(mine & {persons.one(item) for item in lists.members(project, other.id)})
            if both:
                found.append((other, both))
    return sorted(found, key=lambda pair: (-pair[1], pair[0].id))


def shared(project: Project) -> list[tuple[int, list[SavedList]]]:
    """People on several lists, those on most first: (account, the lists, oldest first)."""
    persons = people_map(project)
    on: dict[int, list[SavedList]] = {}
    for entry in reversed(lists.saved(project)):
        if entry.target == "people":
            for who in dict.fromkeys(persons.one(item) for item in lists.members(project, entry.id)):
                on.setdefault(who, []).append(entry)
    return sorted(((a, names) for a, names in on.items() if len(names) > 1), key=lambda row: (-len(row[1]), row[0]))
