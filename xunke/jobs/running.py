"""Running a job: one process at a time, which sees within a second when somebody pauses or cancels it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from xunke.errors import BadInput, XunkeError
from xunke.events import Done, Event, Failed
from xunke.storage import Project, claims
from xunke.storage import jobs as rows
from xunke.storage.jobs import Reason
from xunke.storage.project import write_audit

LOOK: Final = 0.5
"""Seconds between two looks at the state of a running job."""
_BEAT: Final = 30.0
_here: set[tuple[Path, int]] = set()
"""Jobs that this process runs now: a claim does not tell two runs of one process apart."""


class Stopped(Exception):
    """Somebody paused, cancelled or took over the job, or its budget is used up (then with a reason)."""

    def __init__(self, reason: Reason | None = None) -> None:
        super().__init__(reason)
        self.reason = reason


def begin(
    project: Project,
    kind: str,
    spec: Mapping[str, Any],
    parts: Sequence[Mapping[str, Any] | rows.Window],
    budget: Mapping[str, Any] | None = None,
    *,
    apart: bool = False,
) -> int:
    """The job for ``spec``: the one that was broken off, or a new one; now running. Raises as ``hold``.

    ``apart``: where another process does the same just now, do it beside it as a job of one's own (nobody is asked
    twice by that, and storing twice adds nothing).
    """

    def write(db: sqlite3.Connection) -> tuple[int, str | None]:
        job = rows.unfinished(db, kind, spec)
        if job is None:
            job = rows.create(db, kind, spec, parts)
        other = _taken(project, job) or rows.take(db, job, budget or {})
        if other is not None and apart:
            job = rows.create(db, kind, spec, parts)
            other = rows.take(db, job, budget or {})
        return job, other

    number, other = project.writer.call(write)
    return _held(project, number, other)


def hold(project: Project, job: int, budget: Mapping[str, Any] | None = None) -> int:
    """Make a job this process's own. Raises BadInput("job.taken") if another one runs it."""
    other = _taken(project, job) or project.writer.call(lambda db: rows.take(db, job, budget or {}))
    return _held(project, job, other)


def _taken(project: Project, job: int) -> str | None:
    return claims.me() if (project.path, job) in _here else None


def _held(project: Project, job: int, other: str | None) -> int:
    if other is not None:
        raise BadInput("job.taken", job=job, owner=other.rpartition(":")[2])
    _here.add((project.path, job))
    return job


def leave(
    project: Project, job: int, state: rows.JobState, reason: Reason | None = None, *, not_before: int | None = None
) -> None:
    """End of a run, whatever ended it. The audit log says what was read from where, and names nobody."""
    _here.discard((project.path, job))

    def write(db: sqlite3.Connection) -> None:
        rows.leave(db, job, state, reason, not_before=not_before)
        if (found := rows.load(db, job)) is not None:
            write_audit(db, found.kind, _record(found))

    project.writer.call(write)


def _record(job: rows.Job) -> dict[str, object]:
    """What the audit log keeps of a run: a name or a search may be a person's, so neither is in it."""
    specs = [one.spec for one in job.slices]
    names = {" ".join(str(spec[key]) for key in ("collector", "mode", "instance") if spec.get(key)) for spec in specs}
    numbers = {name: sum(int(one.counts.get(name, 0)) for one in job.slices) for name in ("stored", "suppressed")}
    return {"job": job.id, "state": job.state, "sources": sorted(names - {""})[:20], **numbers}


def broken_off(project: Project, job: int, error: BaseException) -> None:
    """A run ended by an error, Ctrl-C or the end of the process: the job can go on."""
    reason = Reason(error.key, error.params) if isinstance(error, XunkeError) else Reason("job.interrupted")
    with suppress(XunkeError):  # where nothing can be written its claim is a dead one soon
        leave(project, job, "paused", reason)


def told(project: Project, job: int, stop: Stopped) -> Event:
    """What to say of a run that was stopped."""
    if stop.reason is not None:
        params = {"job": job, "reason": stop.reason.key, **stop.reason.params}
        return Failed("job.parked", params, resumable=True)
    found = rows.state_of(project.reader, job)
    return Done("job.state", {"job": job, "state": found[0] if found else "cancelled"})


def check(db: sqlite3.Connection, job: int) -> rows.JobState:
    """In the transaction of a page: a sign of life, and the job's state. Raises Stopped if it is another's now, so that
    nothing of the page is stored twice.
    """
    state = rows.beat(db, job)
    if state is None:
        raise Stopped(Reason("job.taken_over", {"job": job}))
    return state


class Watch:
    """Looks at a job from time to time, and at the clock; ends when the run has to stop. ``seconds``: most of them."""

    def __init__(self, project: Project, job: int, seconds: float | None) -> None:
        self._project, self._job = project, job
        self._seconds, self._end = seconds, None if seconds is None else time.monotonic() + seconds
        self.task: asyncio.Task[Reason | None] = asyncio.ensure_future(self._run())

    async def _run(self) -> Reason | None:
        beaten = time.monotonic()
        while True:
            await asyncio.sleep(LOOK)
            found = rows.state_of(self._project.reader, self._job)
            if found is None or found[1] != claims.me():
                return Reason("job.taken_over", {"job": self._job})
            if found[0] != "running":
                return None
            now = time.monotonic()
            if self._end is not None and now >= self._end:
                return Reason("job.budget_minutes", {"minutes": round((self._seconds or 0) / 60, 1)})
            if now - beaten > _BEAT:
                await self._project.writer.acall(lambda db: rows.beat(db, self._job))
                beaten = now

    async def close(self) -> None:
        """Look no more."""
        self.task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self.task
