"""What a kept segment sets going: its people come onto a list, or each becomes a task for a person (S18, C2).

Nothing is done to anybody: a list grows, notes fall due in the day's queue, a person acts. It happens when the segment
is computed again, at most ``MOST`` open tasks at a time, and never twice: whom a user took off the list stays off, who
has an open task of the segment gets no second one, and a task that was done comes again only after the cadence.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from xunke.clock import DAY, end_of
from xunke.errors import BadInput
from xunke.storage import Project, acts
from xunke.storage.persons import people_map

from . import list_edit, list_make, lists
from .segment_facts import Book
from .segment_store import Segment, numbers_of
from .value import worths

THEN: Final = ("list", "task", "none")
MOST: Final = 20
"""Tasks of a segment that are open at one time: a day's work for a person."""
_WORDS: Final[Mapping[str, str]] = {"名单": "list", "任务": "task", "待办": "task", "不做": "none", "停": "none"}
_UNITS: Final[Mapping[str, int]] = {
    "天": 1, "日": 1, "day": 1, "周": 7, "星期": 7, "week": 7, "月": 30, "month": 30, "季": 91, "quarter": 91,
    "年": 365, "year": 365,
}  # fmt: skip
_CADENCE: Final = re.compile(
    r"(?:每|every)\s*(?P<n>\d+|[一二两三四五六半])?\s*(?:个)?\s*(?P<unit>天|日|周|星期|月|季|年|day|week|month|quarter|year)",
    re.I,
)
_DIGITS: Final = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6}


@dataclass(frozen=True, slots=True)
class Started:
    """What was set going: ``listed`` people came onto ``name``, ``tasks`` were made; ``waiting`` for the next time;
    ``left_out`` {reason: people}.
    """

    name: str | None
    listed: int
    tasks: int
    waiting: int
    left_out: Mapping[str, int]


def then_of(word: str) -> str:
    """What a word names. Raises BadInput("segment.then")."""
    found = _WORDS.get(word.strip(), word.strip().lower())
    if found not in THEN:
        raise BadInput("segment.then", value=word, known="list（名单）、task（任务）、none（不做）")
    return found


def days_of(cadence: str | None) -> int | None:
    """The days of a cadence as people write it: 每月一次 30, 每两周 14, every 10 days 10; None where it says none."""
    found = _CADENCE.search(cadence or "")
    if found is None:
        return None
    word = found["n"]
    n = 1 if word is None else _DIGITS.get(word, 0) or (int(word) if word.isdigit() else 0)
    return n * _UNITS[found["unit"].lower()] or None


def start(project: Project, one: Segment, today: date, now: int, run: int | None = None) -> Started | None:
    """Do what the treatment of ``one`` says for its people as last computed; None where it says nothing."""
    what = one.treatment.get("then")
    if what not in ("list", "task"):
        return None
    people = list(numbers_of(project, one.id))
    worth = worths(Book(project, today))
    out = {a: why.removeprefix("funnel.") for a, why in list_edit.left_out(project, people).items()}
    out |= {a: "negative" for a in people if a not in out and a in worth and worth[a].kind == "negative"}
    best = sorted((a for a in people if a not in out), key=lambda a: (-(worth[a].total if a in worth else 0.0), a))
    left: dict[str, int] = {}
    for why in out.values():
        left[why] = left.get(why, 0) + 1
    if what == "list":
        return _listed(project, one, best, left, today, now, run)
    return _tasks(project, one, best, left, today, now, run)


def _listed(
    project: Project, one: Segment, best: Sequence[int], left: Mapping[str, int], today: date, now: int,
    run: int | None,
) -> Started:  # fmt: skip
    entry = next((e for e in lists.saved(project) if e.target == "people" and e.name == one.name), None)
    if entry is None:
        source = list_make.Source("segment", one.id, [(a, None, {}, one.name) for a in best])
        made = list_make.make(
            project, one.name, source, list_make.Ask(), now=now, until=end_of(today),
            purpose=one.treatment.get("offer") or one.name, run=run,
        )  # fmt: skip
        return Started(made.entry.name, made.entry.size, 0, 0, left)
    gone = {row[0] for row in project.query("select item from list_out where list = ?", (entry.id,))}
    n = list_edit.add(project, entry, [a for a in best if a not in gone], now=now, run=run)
    return Started(entry.name, n, 0, 0, left)


def _tasks(
    project: Project, one: Segment, best: Sequence[int], left: Mapping[str, int], today: date, now: int,
    run: int | None,
) -> Started:  # fmt: skip
    persons = people_map(project)
    every = days_of(one.treatment.get("cadence"))
    had = {
        persons.one(account): done if open_ == 0 else None
        for account, open_, done in project.query(
            "select account, sum(done is null), max(done) from note where segment = ? and account is not null "
            "and undone is null group by account", (one.id,),
        )
    }  # fmt: skip

    def due(account: int) -> bool:
        who = persons.one(account)
        if who not in had:
            return True
        done = had[who]
        return done is not None and every is not None and now - done >= every * DAY

    wanted = [a for a in best if due(a)]
    room = max(0, MOST - sum(done is None for done in had.values()))
    body = "：".join(part for part in (one.name, one.treatment.get("offer")) if part)
    rows = [(a, one.id, now, body, today.isoformat()) for a in wanted[:room]]

    sql = "insert into note(account, segment, t, kind, body, due) values (?, ?, ?, 'talk', ?, ?) returning id"

    def write(db: sqlite3.Connection) -> None:
        made = [db.execute(sql, row).fetchone()[0] for row in rows]
        acts.note(db, "segment_tasks", {"segment": one.id, "name": one.name, "notes": made}, run)

    if rows:
        project.writer.call(write)
    return Started(None, 0, len(rows), len(wanted) - len(rows), left)


def take_back(db: sqlite3.Connection, detail: Mapping[str, Any]) -> int:
    """Take the tasks back, inside a transaction; how many."""
    sql = "update note set undone = unixepoch() where undone is null and id in (select value from json_each(?))"
    return db.execute(sql, (json.dumps(detail["notes"]),)).rowcount


__all__ = ["MOST", "THEN", "Started", "days_of", "start", "take_back", "then_of"]
