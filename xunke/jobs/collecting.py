"""Fetching from platforms as a job: each page is stored with its cursor and counts in one transaction.

Kill the process at any moment and start the same job again: it goes on behind the last page that was
stored, and ends with the same rows as an unbroken run.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from xunke import credentials
from xunke.errors import BadInput, BadQuery, Blocked, CollectorError, Gone, NeedsLogin, Retry, UsageError, XunkeError
from xunke.events import Event, Failed, Progress, Warned
from xunke.sources import masked
from xunke.storage import Project
from xunke.storage import jobs as rows
from xunke.storage.ingest import resolve_mentions
from xunke.storage.jobs import Reason

from . import running, slices
from .coverage import after_part
from .pages import Pages
from .progress import Meter
from .slices import Live, host_of

if TYPE_CHECKING:
    from collectors.base import Capabilities
    from collectors.http import Transport

T = TypeVar("T")
_OURS: Final = frozenset({
    "net.private", "net.http", "net.scheme", "net.userinfo", "net.port", "net.other_origin", "net.downgrade",
    "net.certificate", "net.tls",
})  # fmt: skip
"""Refusals of our own, which no waiting mends and no server asked for: the job can go on as soon as the user wants."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How a job may reach out: private addresses (the user's own network), a CA file, and how much it may ask.

    ``max_wait``: seconds that one request may wait for a rate limit before the slice parks. ``max_requests``,
    ``max_minutes``: the budget of this run; used up, the job parks and can go on. ``unattended``: nobody asked for it
    just now (a schedule), so servers that refused lately, and jobs that are to wait, are left alone. ``remember``: keep
    which posts it comes across (``storage.changes.missing``).
    """

    allow_private: bool = False
    ca_file: Path | None = None
    max_wait: float = 310.0
    max_requests: int | None = None
    max_minutes: float | None = None
    unattended: bool = False
    remember: bool = False

    @property
    def budget(self) -> dict[str, Any]:
        """What of it is written into the job."""
        found = {"requests": self.max_requests, "minutes": self.max_minutes}
        return {name: most for name, most in found.items() if most is not None}


async def run_collect(
    project: Project, wanted: Sequence[Live], reach: Reach, *, again_for: int | None = None
) -> AsyncIterator[Event]:
    """Fetch ``wanted`` slice by slice. A slice that must wait or log in parks with a reason; those of other servers go
    on. A job that was broken off on the same goes on where it was.

    Yields progress; ``Failed`` at the end if a slice parked (``resumable``) or failed. ``again_for``: the job whose
    gaps this fetches. Raises CollectorError for an address that is none or holds a password, UsageError for an unknown
    collector, BadInput("job.taken") if another process does this just now.
    """
    from collectors.address import origin_of

    for live in wanted:
        if live.query.instance is not None:
            origin_of(live.query.instance)  # refuses user:password@ before anything is written down
    windows = [window for part, live in enumerate(wanted) for window in slices.cut(part, live)]
    spec: dict[str, Any] = {"slices": [live.spec() for live in wanted]}
    if again_for is not None:
        spec["again_for"] = again_for
    if reach.unattended and (waiting := _must_wait(project, spec)) is not None:
        yield waiting
        return
    number = running.begin(project, "collect", spec, windows, reach.budget)
    async for event in Run(project, number, reach, spec).events():
        yield event


def go_on(project: Project, job: rows.Job, reach: Reach) -> AsyncIterator[Event]:
    """Run a job that is not done, with the slices that it has. Raises BadInput("job.taken")."""
    running.hold(project, job.id, reach.budget)
    return Run(project, job.id, reach, job.spec).events()


def _must_wait(project: Project, spec: dict[str, Any]) -> Failed | None:
    """Why a job that was broken off is not to go on by itself yet."""
    number = rows.unfinished(project.reader, "collect", spec)
    job = None if number is None else rows.load(project.reader, number)
    if job is None or job.not_before is None or job.not_before <= time.time():
        return None
    return Failed("job.not_yet", {"job": job.id, "at": shown(job.not_before)}, resumable=True)


def shown(second: int) -> str:
    """A time in the project's zone, as it is shown."""
    from xunke.clock import moment

    return moment(second).strftime("%m-%d %H:%M:%S")


class Run:
    """One run of a job of this process, from its first unfinished slice to the last."""

    def __init__(self, project: Project, job: int, reach: Reach, spec: dict[str, Any]) -> None:
        self.project, self.job, self.reach = project, job, reach
        self.parts = max(1, len(spec.get("slices", ())))
        self.again_for: int | None = spec.get("again_for")
        self.requests = 0
        self.posts = self._sum("read")
        self.meter = Meter("collect", self.posts)
        self.watch: running.Watch
        self.waits: list[Progress] = []
        self.secrets: tuple[Mapping[str, str], ...] = ()
        self.notice: asyncio.Future[None]
        self._open: tuple[tuple[str, str], Transport] | None = None

    def _sum(self, name: str) -> int:
        sql = f"select coalesce(sum(json_extract(counts, '$.{name}')), 0) from job_slice where job = ?"
        return int(self.project.one(sql, (self.job,)))

    async def events(self) -> AsyncIterator[Event]:
        """Run it."""
        project, job, minutes = self.project, self.job, self.reach.max_minutes
        self.watch = running.Watch(project, job, None if minutes is None else minutes * 60)
        self.notice = asyncio.get_running_loop().create_future()
        try:
            await project.writer.acall(self._leave_out_refusing)
            while (one := rows.next_slice(project.reader, job)) is not None:
                async for event in self._slice(one):
                    yield event
            await project.writer.acall(resolve_mentions)
        except running.Stopped as stop:
            running.leave(project, job, "parked", stop.reason)
            yield running.told(project, job, stop)
            return
        except BaseException as error:
            running.broken_off(project, job, error)
            raise
        finally:
            await self.watch.close()
            await self._hang_up()
        ended = self._ended()
        running.leave(project, job, ended.state, ended.reason, not_before=ended.not_before)
        if ended.event is not None:
            yield ended.event

    def _leave_out_refusing(self, db: sqlite3.Connection) -> None:
        """What runs by itself does not ask servers that refused us lately."""
        if self.reach.unattended:
            for host, (until, why) in rows.refusals(db, int(time.time())).items():
                rows.end_rest(db, self.job, "parked", why, host=host, not_before=until)

    # ------------------------------------------------------------------ one slice

    async def _slice(self, one: rows.Slice) -> AsyncIterator[Event]:
        """Run a slice to its end; an error of the source is written down, and the run goes on with another one."""
        try:
            async for event in self._fetch(one):
                yield event
        except (CollectorError, BadInput, UsageError) as error:
            error.params = {name: self.masked(value) for name, value in error.params.items()}
            await self.project.writer.acall(partial(self._set_aside, one=one, error=error))
            if self.parts > 1 or isinstance(error, Gone):  # else it is what the end of the job tells
                yield Warned(error.key, dict(error.params))
        for event in after_part(self.project, self.job, one.part):
            yield event

    def masked(self, value: Any) -> Any:
        """``value`` without what the user keeps secret, whatever a third party's code writes into its errors."""
        return masked(value, *self.secrets)

    def _set_aside(self, db: sqlite3.Connection, one: rows.Slice, error: XunkeError) -> None:
        """What to do about an error, by its kind (xunke.errors)."""
        now, host = int(time.time()), host_of(one.spec)
        running.check(db, self.job)
        why = Reason(error.key, error.params)
        if isinstance(error, NeedsLogin):
            why = Reason(error.key, {**error.params, "command": _connect(*host)})
        if isinstance(error, Gone):
            rows.end_slice(db, self.job, one.n, "done", why)
        elif isinstance(error, BadQuery):
            rows.end_slice(db, self.job, one.n, "failed", why)
        elif isinstance(error, Retry | Blocked | NeedsLogin):  # so does all that is asked of this server
            until = None
            if isinstance(error, Retry):
                until = now + round(error.after)
            elif isinstance(error, Blocked) and error.key not in _OURS:
                until = rows.refused(db, host, why, now)
            rows.end_slice(db, self.job, one.n, "parked", why, until)
            rows.end_rest(db, self.job, "parked", why, host=host, not_before=until)
        else:
            rows.end_slice(db, self.job, one.n, "parked", why)

    async def _fetch(self, one: rows.Slice) -> AsyncIterator[Event]:
        from collectors import registry

        live = Live.of(one.spec)
        collector = registry.load(live.collector)
        course = rows.course(self.project.reader, self.job, one.part, one.n)
        limit = None if live.query.limit is None else max(0, live.query.limit - course.listed)
        if limit == 0 and one.cursor is None:
            enough = partial(rows.end_rest, job=self.job, state="done", reason=slices.LIMITED, part=one.part)
            await self.project.writer.acall(enough)
            return
        secrets = credentials.of(live.collector, live.query.instance)
        query = replace(live.query, since=one.since, until=one.until, limit=limit, credentials=secrets)
        transport = await self._transport(live.collector, collector.capabilities, live.query.instance)
        self.secrets = (secrets, transport.vault)
        windowed = collector.capabilities.window_days is not None
        pages = collector.collect(query, one.cursor, transport)
        async for event in Pages(self, one, query, course, windowed).events(pages, transport):
            yield event

    async def _transport(self, name: str, can: Capabilities, instance: str | None) -> Transport:
        """One transport for all slices of a server that follow one another."""
        from collectors.http import Transport

        host = (name, instance or "")
        if self._open is None or self._open[0] != host:
            await self._hang_up()
            reach = self.reach
            made = Transport(
                instance, allow_private=reach.allow_private, ca_file=reach.ca_file, max_wait=reach.max_wait,
                pace=can.pace, quota=can.quota, vault=credentials.vault(name, instance), on_wait=self._waits,
            )  # fmt: skip
            self._open = (host, await made.__aenter__())
        return self._open[1]

    async def _hang_up(self) -> None:
        if self._open is not None:
            _, transport = self._open
            self._open = None
            await transport.__aexit__(None, None, None)

    def _waits(self, seconds: float, reason: str) -> None:
        self.waits.append(Progress("wait", 0, None, eta=seconds, note=reason))
        if not self.notice.done():
            self.notice.set_result(None)

    async def patient(self, step: asyncio.Future[T]) -> AsyncIterator[Event]:
        """Wait for a step of a source: tells of its waits, and ends it at once when the run has to stop (Stopped)."""
        try:
            while not step.done():
                whichever: set[asyncio.Future[Any]] = {step, self.watch.task, self.notice}
                await asyncio.wait(whichever, return_when=asyncio.FIRST_COMPLETED)
                if self.watch.task.done() and not step.done():
                    raise running.Stopped(self.watch.task.result())
                if self.notice.done():
                    self.notice = asyncio.get_running_loop().create_future()
                for wait in self.waits:
                    yield wait
                self.waits.clear()
        finally:
            if not step.done():
                step.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await step

    def check_budget(self) -> None:
        """Raises Stopped if this run has asked as often as it may."""
        most = self.reach.max_requests
        if most is not None and self.requests >= most:
            raise running.Stopped(Reason("job.budget_requests", {"requests": most}))

    # ------------------------------------------------------------------ the end

    def _ended(self) -> _End:
        """The state of the job from those of its slices."""
        found = self.project.query(
            "select state, reason, reason_params, not_before from job_slice where job = ? order by n", (self.job,)
        )
        return _end(self.job, found, posts=self._sum("read"))


@dataclass(frozen=True, slots=True)
class _End:
    state: rows.JobState
    reason: Reason | None = None
    not_before: int | None = None
    event: Event | None = None


def _end(job: int, found: Sequence[tuple[Any, ...]], posts: int) -> _End:
    def why(row: tuple[Any, ...]) -> Reason:
        return Reason(row[1] or "job.interrupted", json.loads(row[2]) if row[2] else {})

    if waiting := [row for row in found if row[0] not in ("done", "failed")]:
        reason = why(waiting[0])
        times = [row[3] for row in waiting]
        # the job can go on as soon as one of its slices can
        until = None if None in times else min(times)
        params = {"job": job, "reason": reason.key, **reason.params}
        if "command" in reason.params:
            return _End("parked", reason, until, Failed("job.parked_login", params))
        return _End("parked", reason, until, Failed("job.parked", params, resumable=until is not None))
    if failed := [row for row in found if row[0] == "failed"]:
        reason = why(failed[0])
        params = {"job": job, "n": len(failed), "of": len(found), "reason": reason.key, **reason.params}
        state: rows.JobState = "failed" if len(failed) == len(found) else "done"
        return _End(state, reason, None, Failed("job.failed", params))
    if not posts:
        gone = [row for row in found if row[1] and row[1] not in (rows.SPLIT, slices.CONTINUED, slices.LIMITED.key)]
        if not gone:
            return _End("done", Reason("job.empty"))
        reason = why(gone[0])  # what was asked for is not there: no success for whoever asked
        return _End("done", reason, None, Failed("job.not_there", {"job": job, "reason": reason.key, **reason.params}))
    return _End("done")


def _connect(platform: str, instance: str) -> str:
    """The command by which the user signs in."""
    return f"xunke connect {platform}" + (f" --instance {instance}" if instance else "")
