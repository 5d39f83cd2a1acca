"""Jobs: what is being fetched or imported, slice by slice, with the cursor from which each goes on.

A slice's cursor and counts are written in the transaction of the page they follow, so that kill -9 at any
moment loses nothing and repeats nothing. A job is run by one process at a time: the one whose claim it has.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from . import claims

JobState = Literal["queued", "running", "paused", "parked", "done", "failed", "cancelled"]
STALE: Final = 600
"""Seconds after the last sign of life when a claim is a dead one, whatever its process."""
BACK_OFF: Final = (3_600, 4 * 3_600, 24 * 3_600)
"""Seconds for which nothing asks a server by itself that refused us once, twice, more often in a row."""
OVER: Final = ("done", "failed", "cancelled")
"""States of a job that nothing more is to come of."""
SPLIT: Final = "job.split"
"""Reason of a slice that the source cut off and smaller ones replace: what it saw, they see again."""
_GOES_ON: Final = "('queued', 'running', 'parked', 'paused')"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is in its state: a message key and what its text shows. Never a secret."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a job: ``spec`` says what, ``cursor`` where to go on (None: from the start).

    ``part``: which of the job's queries it is of; ``since``, ``until``: its window, UTC seconds, inclusive.
    """

    job: int
    n: int
    spec: dict[str, Any]
    state: JobState
    cursor: dict[str, Any] | None
    counts: dict[str, Any]
    source: int | None
    part: int = 0
    since: int | None = None
    until: int | None = None
    reason: str | None = None
    reason_params: dict[str, Any] = field(default_factory=dict)
    not_before: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job and its slices. ``reason`` is a message key with its parameters. Times are UTC seconds.

    ``budget``: most ``requests`` and ``minutes`` of one run of it. ``claim``: the process that runs it.
    """

    id: int
    kind: str
    spec: dict[str, Any]
    state: JobState
    reason: str | None
    created: int
    updated: int
    slices: tuple[Slice, ...]
    reason_params: dict[str, Any] = field(default_factory=dict)
    not_before: int | None = None
    budget: dict[str, Any] = field(default_factory=dict)
    claim: str | None = None

    @property
    def died(self) -> bool:
        """Whether it counts as running, but its process is no more."""
        return self.state == "running" and (self.claim is None or not claims.alive(self.claim))


@dataclass(frozen=True, slots=True)
class Window:
    """A slice to be: query number ``part`` of the job from ``since`` to ``until`` (UTC seconds, inclusive)."""

    part: int
    spec: Mapping[str, Any]
    since: int | None = None
    until: int | None = None


def create(
    db: sqlite3.Connection, kind: str, spec: Mapping[str, Any], slices: Sequence[Mapping[str, Any] | Window]
) -> int:
    """Write a new queued job and return its id."""
    now = int(time.time())
    row = db.execute(
        "insert into job(kind, spec, state, created, updated) values (?, ?, 'queued', ?, ?) returning id",
        (kind, _dump(spec), now, now),
    ).fetchone()
    add_slices(db, row[0], [s if isinstance(s, Window) else Window(n, s) for n, s in enumerate(slices)])
    return int(row[0])


def add_slices(db: sqlite3.Connection, job: int, windows: Sequence[Window]) -> None:
    """Queue more slices of a job, behind those it has."""
    first = db.execute("select coalesce(max(n), -1) + 1 from job_slice where job = ?", (job,)).fetchone()[0]
    db.executemany(
        "insert into job_slice(job, n, part, spec, since, until, state, counts) "
        "values (?, ?, ?, ?, ?, ?, 'queued', '{}')",
        [(job, first + n, w.part, _dump(w.spec), w.since, w.until) for n, w in enumerate(windows)],
    )


def unfinished(db: sqlite3.Connection, kind: str, spec: Mapping[str, Any]) -> int | None:
    """The newest job with exactly this spec that was broken off, if any."""
    row = db.execute(
        f"select max(id) from job where kind = ? and spec = ? and state in {_GOES_ON}", (kind, _dump(spec))
    ).fetchone()
    return None if row is None else row[0]


_SLICE: Final = (
    "job, n, spec, state, cursor, counts, source, coalesce(part, n), since, until, reason, reason_params, not_before"
)


def _slice(row: tuple[Any, ...]) -> Slice:
    job, n, spec, state, cursor, counts, source, part, since, until, reason, params, not_before = row
    return Slice(
        job, n, json.loads(spec), state, json.loads(cursor) if cursor else None, json.loads(counts), source, part,
        since, until, reason, json.loads(params) if params else {}, not_before,
    )  # fmt: skip


def load(db: sqlite3.Connection, job: int) -> Job | None:
    """Read one job."""
    row = db.execute(
        "select id, kind, spec, state, reason, created, updated, reason_params, not_before, budget, claim "
        "from job where id = ?",
        (job,),
    ).fetchone()
    if row is None:
        return None
    slices = tuple(map(_slice, db.execute(f"select {_SLICE} from job_slice where job = ? order by n", (job,))))
    return Job(
        row[0], row[1], json.loads(row[2]), row[3], row[4], row[5], row[6], slices,
        json.loads(row[7]) if row[7] else {}, row[8], json.loads(row[9]) if row[9] else {}, row[10],
    )  # fmt: skip


def listing(db: sqlite3.Connection, limit: int = 100) -> list[Job]:
    """The newest jobs first."""
    ids = [row[0] for row in db.execute("select id from job order by id desc limit ?", (limit,))]
    return [job for i in ids if (job := load(db, i)) is not None]


def state_of(db: sqlite3.Connection, job: int) -> tuple[JobState, str | None] | None:
    """The state of a job and whose it is; None if it is gone."""
    row = db.execute("select state, claim from job where id = ?", (job,)).fetchone()
    return None if row is None else (row[0], row[1])


def set_state(
    db: sqlite3.Connection, job: int, state: JobState, reason: str | None = None, *,
    params: Mapping[str, Any] | None = None, not_before: int | None = None,
) -> None:  # fmt: skip
    """Note the state of a job and why. Whoever runs it sees that at its next page, or within a second."""
    db.execute(
        "update job set state = ?, reason = ?, reason_params = ?, not_before = ?, updated = ? where id = ?",
        (state, reason, _dump(params) if params else None, not_before, int(time.time()), job),
    )


# -- who runs it ---------------------------------------------------------------------------------------------------


def take(db: sqlite3.Connection, job: int, budget: Mapping[str, Any]) -> str | None:
    """Claim a job for this process and set it running; what was broken off is queued again, with its cursor.

    Returns the claim of the process that has it already, if there is a living one, and changes nothing.
    """
    now = int(time.time())
    claim, claimed = db.execute("select claim, claimed from job where id = ?", (job,)).fetchone()
    if claim is not None and claim != claims.me() and now - (claimed or 0) < STALE and claims.alive(claim):
        return str(claim)
    set_state(db, job, "running")
    db.execute(
        "update job set claim = ?, claimed = ?, budget = ? where id = ?",
        (claims.me(), now, _dump(budget) if budget else None, job),
    )
    db.execute(
        "update job_slice set state = 'queued', reason = null, reason_params = null, not_before = null "
        "where job = ? and state in ('running', 'paused', 'parked', 'cancelled')",
        (job,),
    )
    return None


def beat(db: sqlite3.Connection, job: int) -> JobState | None:
    """A sign of life: the state that the job has now, None if another process has taken it over."""
    now = int(time.time())
    row = db.execute(
        "update job set claimed = ?, updated = ? where id = ? and claim = ? returning state",
        (now, now, job, claims.me()),
    ).fetchone()
    return None if row is None else row[0]


def leave(
    db: sqlite3.Connection, job: int, state: JobState, reason: Reason | None = None, *, not_before: int | None = None
) -> None:
    """Stop running a job: note its state, unless somebody else has changed that or taken it over meanwhile."""
    found = state_of(db, job)
    if found is None or found[1] != claims.me():
        return
    if found[0] == "running":
        told = reason or Reason("")
        set_state(db, job, state, told.key or None, params=told.params, not_before=not_before)
    db.execute("update job set claim = null, claimed = null where id = ?", (job,))
    db.execute(
        "update job_slice set state = (select state from job where id = :job), reason = (select reason from job where "
        "id = :job), reason_params = (select reason_params from job where id = :job) "
        "where job = :job and state = 'running'",
        {"job": job},
    )


# -- slices --------------------------------------------------------------------------------------------------------


def next_slice(db: sqlite3.Connection, job: int) -> Slice | None:
    """The slice to run: those of a query newest first."""
    row = db.execute(
        f"select {_SLICE} from job_slice where job = ? and state in ('queued', 'running') "
        "order by coalesce(part, n), coalesce(until, 9e15) desc, n limit 1",
        (job,),
    ).fetchone()
    return None if row is None else _slice(row)


def slices_of(db: sqlite3.Connection, job: int, part: int) -> list[Slice]:
    """All slices of one query of a job."""
    rows = db.execute(f"select {_SLICE} from job_slice where job = ? and coalesce(part, n) = ? order by n", (job, part))
    return list(map(_slice, rows))


@dataclass(frozen=True, slots=True)
class Course:
    """How far one query of a job is without its slice ``n``: posts listed, seconds of its window covered, the window,
    slices that are over and all of them (of the whole job, without those that were split).
    """

    listed: int
    covered: int
    since: int | None
    until: int | None
    over: int
    slices: int


def course(db: sqlite3.Connection, job: int, part: int, n: int) -> Course:
    """How far a query is; see ``Course``."""
    row = db.execute(
        "select coalesce(sum(json_extract(counts, '$.listed')) filter (where over), 0), "
        "coalesce(sum(until - since + 1) filter (where over), 0), min(since), max(until) from "
        "(select *, state in ('done', 'failed') and n <> :n as over from job_slice where job = :job "
        "and coalesce(part, n) = :part and reason is not :split)",
        {"job": job, "part": part, "n": n, "split": SPLIT},
    ).fetchone()
    whole = db.execute(
        "select coalesce(sum(state in ('done', 'failed')), 0), count(*) from job_slice where job = ? "
        "and reason is not ?", (job, SPLIT),
    ).fetchone()  # fmt: skip
    return Course(*row, *whole)


def is_over(db: sqlite3.Connection, job: int, part: int) -> bool:
    """Whether nothing of a query is left to do in this run."""
    row = db.execute(
        "select 1 from job_slice where job = ? and coalesce(part, n) = ? and state not in ('done', 'failed')",
        (job, part),
    ).fetchone()
    return row is None


def save_slice(
    db: sqlite3.Connection,
    job: int,
    n: int,
    *,
    state: JobState,
    cursor: Mapping[str, Any] | None,
    counts: Mapping[str, Any],
    source: int | None = None,
    reason: Reason | None = None,
) -> None:
    """Note how far a slice is; call it in the transaction that stores the page."""
    db.execute(
        "update job_slice set state = ?, cursor = ?, counts = ?, source = coalesce(?, source), reason = ?, "
        "reason_params = ?, not_before = null where job = ? and n = ?",
        (state, None if cursor is None else _dump(cursor), _dump(counts), source, reason and reason.key,
         _dump(reason.params) if reason and reason.params else None, job, n),
    )  # fmt: skip


def end_slice(
    db: sqlite3.Connection, job: int, n: int, state: JobState, reason: Reason | None, not_before: int | None = None
) -> None:
    """Note why a slice goes no further now; its cursor and counts stay."""
    db.execute(
        "update job_slice set state = ?, reason = ?, reason_params = ?, not_before = ? where job = ? and n = ?",
        (state, reason and reason.key, _dump(reason.params) if reason and reason.params else None, not_before, job, n),
    )


def end_rest(
    db: sqlite3.Connection, job: int, state: JobState, reason: Reason, *, part: int | None = None,
    host: tuple[str, str] | None = None, not_before: int | None = None,
) -> None:  # fmt: skip
    """The same for all slices still to run of one query, or of one host: (collector, server; "" for the usual one)."""
    which = "coalesce(part, n) = :part" if host is None else (
        "json_extract(spec, '$.collector') = :collector and coalesce(json_extract(spec, '$.instance'), '') = :instance"
    )  # fmt: skip
    db.execute(
        "update job_slice set state = :state, reason = :reason, reason_params = :params, not_before = :not_before "
        f"where job = :job and state in ('queued', 'running') and {which}",
        {
            "state": state, "reason": reason.key, "params": _dump(reason.params) if reason.params else None,
            "not_before": not_before, "job": job, "part": part, **dict(zip(("collector", "instance"), host or ("", ""),
            strict=True)),
        },
    )  # fmt: skip


# -- what was not seen ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap:
    """A list of which not all was seen; see ``collectors.base.Extent``. ``state``: open or closed (seen since)."""

    job: int
    slice: int
    kind: str
    key: str
    said: int | None
    seen: int
    reason: str | None
    again: bool
    state: str


def add_gap(
    db: sqlite3.Connection, job: int, n: int, kind: str, key: str, said: int | None, seen: int, reason: str | None,
    again: bool,
) -> None:  # fmt: skip
    """Note that a list was not seen whole."""
    db.execute(
        "insert or replace into gap(job, slice, kind, key, said, seen, reason, again, state) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, 'open')",
        (job, n, kind, key, said, seen, reason, int(again)),
    )


def is_kept(db: sqlite3.Connection, native_id: str) -> bool:
    """Whether a post or an account of this id is known."""
    of_any = "platform in (select id from platform) and native_id = ?1"  # so that the index serves
    sql = f"select exists (select 1 from post_key where {of_any}) or exists (select 1 from account_key where {of_any})"
    return bool(db.execute(sql, (native_id,)).fetchone()[0])


def close_gaps(db: sqlite3.Connection, job: int, kind: str, key: str) -> None:
    """A list of a job was seen whole later."""
    db.execute("update gap set state = 'closed' where job = ? and kind = ? and key = ?", (job, kind, key))


def drop_gaps(db: sqlite3.Connection, job: int, n: int, kind: str | None = None) -> None:
    """Forget the gaps of a slice (of one kind of list) that other slices see again."""
    db.execute("delete from gap where job = ? and slice = ? and kind = coalesce(?, kind)", (job, n, kind))


def gaps(db: sqlite3.Connection, job: int, *, closed: bool = False, limit: int = -1) -> list[Gap]:
    """The gaps of a job, in a steady order."""
    rows = db.execute(
        "select job, slice, kind, key, said, seen, reason, again, state from gap "
        "where job = ? and (? or state = 'open') order by slice, kind, key limit ?",
        (job, closed, limit),
    )
    return [Gap(row[0], row[1], row[2], row[3], row[4], row[5], row[6], bool(row[7]), row[8]) for row in rows]


# -- servers that refuse -------------------------------------------------------------------------------------------


def refused(db: sqlite3.Connection, host: tuple[str, str], reason: Reason, now: int) -> int:
    """Note that a server refused us; returns until when nothing is to ask it by itself."""
    row = db.execute("select strikes from refusal where collector = ? and instance = ?", host).fetchone()
    strikes = (row[0] if row else 0) + 1
    until = now + BACK_OFF[min(strikes, len(BACK_OFF)) - 1]
    db.execute(
        "insert or replace into refusal(collector, instance, strikes, until, reason, params) values (?, ?, ?, ?, ?, ?)",
        (*host, strikes, until, reason.key, _dump(reason.params)),
    )
    return until


def accepted(db: sqlite3.Connection, host: tuple[str, str]) -> None:
    """A server answered as it should: what it refused before is past."""
    db.execute("delete from refusal where collector = ? and instance = ?", host)


def refusals(db: sqlite3.Connection, now: int) -> dict[tuple[str, str], tuple[int, Reason]]:
    """{(collector, server): (until when nothing asks it by itself, why)} of those that hold now."""
    rows = db.execute("select collector, instance, until, reason, params from refusal where until > ?", (now,))
    return {(row[0], row[1]): (row[2], Reason(row[3], json.loads(row[4]))) for row in rows}


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
