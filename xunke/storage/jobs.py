"""Jobs: what is being fetched or imported, slice by slice, with the cursor from which each goes on.

A slice's cursor and counts are written in the transaction of the page they follow, so that kill -9 at any
moment loses nothing and repeats nothing.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

JobState = Literal["queued", "running", "paused", "parked", "done", "cancelled"]


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a job: ``spec`` says what, ``cursor`` where to go on (None: from the start)."""

    job: int
    n: int
    spec: dict[str, Any]
    state: JobState
    cursor: dict[str, Any] | None
    counts: dict[str, Any]
    source: int | None


@dataclass(frozen=True, slots=True)
class Job:
    """A job and its slices. ``reason`` is a message key, when parked or paused. Times are UTC seconds."""

    id: int
    kind: str
    spec: dict[str, Any]
    state: JobState
    reason: str | None
    created: int
    updated: int
    slices: tuple[Slice, ...]


def create(db: sqlite3.Connection, kind: str, spec: Mapping[str, Any], slices: Sequence[Mapping[str, Any]]) -> int:
    """Write a new queued job and return its id."""
    now = int(time.time())
    row = db.execute(
        "insert into job(kind, spec, state, created, updated) values (?, ?, 'queued', ?, ?) returning id",
        (kind, _dump(spec), now, now),
    ).fetchone()
    db.executemany(
        "insert into job_slice(job, n, spec, state, counts) values (?, ?, ?, 'queued', '{}')",
        [(row[0], n, _dump(part)) for n, part in enumerate(slices)],
    )
    return int(row[0])


def unfinished(db: sqlite3.Connection, kind: str, spec: Mapping[str, Any]) -> int | None:
    """The newest job with exactly this spec that was broken off, if any."""
    row = db.execute(
        "select max(id) from job where kind = ? and spec = ? and state in ('queued', 'running', 'parked', 'paused')",
        (kind, _dump(spec)),
    ).fetchone()
    return None if row is None else row[0]


def load(db: sqlite3.Connection, job: int) -> Job | None:
    """Read one job."""
    row = db.execute("select id, kind, spec, state, reason, created, updated from job where id = ?", (job,)).fetchone()
    if row is None:
        return None
    slices = tuple(
        Slice(job, n, json.loads(spec), state, json.loads(cursor) if cursor else None, json.loads(counts), source)
        for n, spec, state, cursor, counts, source in db.execute(
            "select n, spec, state, cursor, counts, source from job_slice where job = ? order by n", (job,)
        )
    )
    return Job(row[0], row[1], json.loads(row[2]), row[3], row[4], row[5], row[6], slices)


def listing(db: sqlite3.Connection, limit: int = 100) -> list[Job]:
    """The newest jobs first."""
    ids = [row[0] for row in db.execute("select id from job order by id desc limit ?", (limit,))]
    return [job for i in ids if (job := load(db, i)) is not None]


def set_state(db: sqlite3.Connection, job: int, state: JobState, reason: str | None = None) -> None:
    """Note the state of a job and why."""
    db.execute("update job set state = ?, reason = ?, updated = ? where id = ?", (state, reason, int(time.time()), job))


def save_slice(
    db: sqlite3.Connection,
    job: int,
    n: int,
    *,
    state: JobState,
    cursor: Mapping[str, Any] | None,
    counts: Mapping[str, Any],
    source: int | None = None,
) -> None:
    """Note how far a slice is; call it in the transaction that stores the page."""
    db.execute(
        "update job_slice set state = ?, cursor = ?, counts = ?, source = coalesce(?, source) where job = ? and n = ?",
        (state, None if cursor is None else _dump(cursor), _dump(counts), source, job, n),
    )


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
