"""Schedules: plans that run again, who runs them now, and what became of each run.

A run is claimed in one transaction, so that two processes never run the same one; a claim of a process that died is
taken over. The next time is written when a run has ended: what was missed meanwhile runs once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, cast

from . import claims

State = Literal["active", "paused", "cancelled", "ended"]
RunState = Literal["running", "done", "failed", "broken"]
STALE: Final = 86_400
"""A claim older than this, in seconds, is a dead one whatever its process."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A plan and its rhythm. ``base``: the day on which its dates were meant; ``due``: next run, UTC seconds.

    ``kind``: ``plan``, or ``watch`` (``plan`` then says what is fetched); ``seen``: the second until which a watch has
    seen everything.
    """

    id: int
    name: str
    plan: str
    every: str
    at: str | None
    on: tuple[str, ...]
    day: int | None
    until: date | None
    state: State
    created: int
    notify: bool
    base: date
    due: int | None
    claim: str | None
    kind: str
    seen: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a schedule. ``detail``: what it made or why it failed. Times are UTC seconds."""

    id: int
    schedule: int
    due: int | None
    started: int
    ended: int | None
    state: RunState
    run: int | None
    detail: dict[str, Any]


_COLUMNS: Final = (
    "id, coalesce(name, ''), plan, every, at, coalesce(days, ''), day, until, state, created, coalesce(notify, 0), "
    "coalesce(base, date(created + 28800, 'unixepoch')), due, claim, coalesce(kind, 'plan'), seen"
)


def _schedule(row: tuple[Any, ...]) -> Schedule:
    make: Any = Schedule
    return cast(Schedule, make(
        *row[:5], tuple(row[5].split()), row[6], date.fromisoformat(row[7]) if row[7] else None, row[8], row[9],
        bool(row[10]), date.fromisoformat(row[11]), *row[12:],
    ))  # fmt: skip


def add(db: sqlite3.Connection, values: Mapping[str, Any]) -> int:
    """Write a new active schedule; ``values`` by column."""
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    row = db.execute(f"insert into schedule({names}, state) values ({marks}, 'active') returning id", dict(values))
    return int(row.fetchone()[0])


def listing(db: sqlite3.Connection, *, gone: bool = False) -> list[Schedule]:
    """Schedules, oldest first; ``gone``: also cancelled ones."""
    rows = db.execute(f"select {_COLUMNS} from schedule where ? or state <> 'cancelled' order by id", (gone,))
    return [_schedule(row) for row in rows]


def load(db: sqlite3.Connection, number: int) -> Schedule | None:
    """One schedule."""
    row = db.execute(f"select {_COLUMNS} from schedule where id = ?", (number,)).fetchone()
    return None if row is None else _schedule(row)


def set_state(db: sqlite3.Connection, number: int, state: State, due: int | None) -> None:
    """Pause, resume, end or cancel."""
    db.execute("update schedule set state = ?, due = ? where id = ?", (state, due, number))


def set_seen(db: sqlite3.Connection, number: int, seen: int) -> None:
    """A watch has seen everything until ``seen`` (UTC seconds)."""
    db.execute("update schedule set seen = ? where id = ?", (seen, number))


def delete(db: sqlite3.Connection, number: int) -> None:
    """Remove a schedule and the record of its runs."""
    db.execute("delete from schedule_run where schedule = ?", (number,))
    db.execute("delete from schedule where id = ?", (number,))


def due_now(db: sqlite3.Connection, now: int) -> list[Schedule]:
    """Active schedules whose time has come, the one that waited longest first."""
    rows = db.execute(f"select {_COLUMNS} from schedule where state = 'active' and due <= ? order by due, id", (now,))
    return [_schedule(row) for row in rows]


def claim(db: sqlite3.Connection, number: int, now: int, *, due: bool) -> int | None:
    """Take a schedule for this process; the number of its run, or None if another process has it (or, with ``due``,
    has just done it).
    """
    found = load(db, number)
    if found is None or (due and (found.state != "active" or found.due is None or found.due > now)):
        return None
    since = db.execute("select claimed from schedule where id = ?", (number,)).fetchone()[0]
    if found.claim is not None and now - (since or 0) < STALE and claims.alive(found.claim):
        return None
    db.execute(
        "update schedule_run set state = 'broken', ended = ? where schedule = ? and state = 'running'", (now, number)
    )
    db.execute("update schedule set claim = ?, claimed = ? where id = ?", (claims.me(), now, number))
    row = db.execute(
        "insert into schedule_run(schedule, due, started, state, detail) values (?, ?, ?, 'running', '{}') "
        "returning id",
        (number, found.due if due else None, now),
    ).fetchone()
    return int(row[0])


def finish(
    db: sqlite3.Connection, run: int, now: int, state: RunState, detail: Mapping[str, Any], due: int | None, *,
    made: int | None,
) -> None:  # fmt: skip
    """Write down how a run ended and when the next one is due (None: never; the schedule ends)."""
    number = db.execute(
        "update schedule_run set ended = ?, state = ?, detail = ?, run = ? where id = ? returning schedule",
        (now, state, json.dumps(detail, ensure_ascii=False), made, run),
    ).fetchone()[0]
    db.execute(
        "update schedule set claim = null, claimed = null, due = :due, "
        "state = case when :due is null and state = 'active' then 'ended' else state end where id = :id",
        {"due": due, "id": number},
    )


def runs(db: sqlite3.Connection, number: int, limit: int = 20) -> list[Run]:
    """The newest runs of a schedule first."""
    rows = db.execute(
        "select id, schedule, due, started, ended, state, run, detail from schedule_run where schedule = ? "
        "order by id desc limit ?", (number, limit),
    )  # fmt: skip
    make: Any = Run
    return [cast(Run, make(*row[:7], json.loads(row[7]))) for row in rows]
