"""``jobs``: schedules and what is being fetched or imported: listing, pausing, going on, cancelling, running."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from xunke.clock import stamp
from xunke.errors import BadInput, NeedsAnswer
from xunke.events import Done, Event, Failed, Table
from xunke.plan import Step
from xunke.storage import Project, acts
from xunke.storage import jobs as job_rows
from xunke.storage import schedules as rows

from .job_tables import jobs_table
from .schedules import Outcome, named, rhythm_of, run_one
from .timing import next_due

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

_FETCHING: Final = re.compile(
    r"(?:刚才|刚刚|上次|上一个|正在|当前|现在|这次|那次|这个|那个|的|进行)*(?:采集|抓取)(?:任务)?"
    r"|(?:the\s|last\s|current\s|running\s)*(?:collection|collecting|fetching|fetch)(?:\sjob)?",
    re.IGNORECASE,
)
"""What somebody calls the job that fetches, without a number."""
_STATES: Any = {"pause": "paused", "cancel": "cancelled", "resume": "active"}


async def jobs(engine: Engine, step: Step, index: int = 0, session: Session | None = None) -> AsyncIterator[Event]:
    """List, pause, go on with, cancel or run; without a name: all schedules."""
    if step.op == "list":
        yield schedules_table(engine.project, index)
        yield jobs_table(engine.project, index)
        return
    job = job_of(engine.project, step.name)
    if job is not None:
        async for event in _one_job(engine, step, job):
            yield event
        return
    found = chosen(engine.project, step.op or "", step.name)
    async for event in act_on(engine, step.op or "", found, None if session is None else session.run):
        yield event


def chosen(project: Project, op: str, name: str | None) -> list[rows.Schedule]:
    """The schedules that an op is about. Raises BadInput for a name that none has, NeedsAnswer for one that several
    may have.
    """
    if name is None:
        wanted = {"pause": ("active",), "resume": ("paused",)}.get(op, ("active", "paused", "ended"))
        found = [s for s in rows.listing(project.reader) if s.state in wanted]
        if not found:
            raise BadInput("schedule.none")
        return found
    found = named(project, name)
    if not found:
        every = rows.listing(project.reader)
        if not every:
            raise BadInput("schedule.none")
        raise BadInput("schedule.unknown", name=name, known="；".join(f"S{s.id} {s.name}" for s in every[:10]))
    if len(found) > 1:
        raise NeedsAnswer("schedule.which", name=name, known="；".join(f"S{s.id} {s.name}" for s in found[:10]))
    return found


async def act_on(engine: Engine, op: str, found: Sequence[rows.Schedule], run: int | None) -> AsyncIterator[Event]:
    """Do ``op`` to these schedules."""
    project = engine.project
    if op == "run":
        failed = 0
        for one in found:
            outcome = Outcome()
            async for event in run_one(engine, one, outcome):
                yield event
            failed += outcome.failed
        if failed:
            yield Failed("schedule.some_failed", {"n": failed}, resumable=True)
        return
    state, now = _STATES[op], int(time.time())
    before = {str(s.id): [s.state, s.due] for s in found}

    def write(db: sqlite3.Connection) -> None:
        for one in found:
            due = next_due(rhythm_of(one), now) if state == "active" else one.due if state == "paused" else None
            rows.set_state(db, one.id, "ended" if state == "active" and due is None else state, due)
        acts.note(db, "schedule_state", {"before": before, "op": op}, run)

    await project.writer.acall(write)
    for one in found:
        after = rows.load(project.reader, one.id)
        due = stamp(after.due) if after is not None and state == "active" else None
        yield Done(f"schedule.{op}", {"name": one.name, "number": f"S{one.id}", "next": due or "—"})


def job_of(project: Project, name: str | None) -> job_rows.Job | None:
    """The fetching or importing job of that number, unless a schedule is meant; the newest one that fetches and is not
    over, where it is called just that.
    """
    if name is not None and _FETCHING.fullmatch(name.strip()):
        return next((job for job in project.jobs() if job.kind == "collect" and job.state not in job_rows.OVER), None)
    if name is None or not name.strip().isdecimal() or len(name) > 15:
        return None
    job = job_rows.load(project.reader, int(name))
    schedule = rows.load(project.reader, int(name))
    return None if job is not None and schedule is not None and job.state in ("done", "cancelled") else job


async def _one_job(engine: Engine, step: Step, job: job_rows.Job) -> AsyncIterator[Event]:
    from xunke.jobs import Reach, resume

    if step.op in ("resume", "run"):
        async for event in resume(engine.project, job, Reach(engine.options.allow_private)):
            yield event
        return
    yield await change_job(engine.project, job, _STATES[step.op])


async def change_job(project: Project, job: job_rows.Job, state: job_rows.JobState) -> Done:
    """Pause or cancel a job, also one that another process runs: that one stops within a second, and what it fetched
    is kept. Raises BadInput("job.over") if nothing more was to come of it.
    """
    if job.state in job_rows.OVER:
        raise BadInput("job.over", job=job.id, state=job.state)
    why = f"job.{state}_by_user"
    await project.writer.acall(lambda db: job_rows.set_state(db, job.id, state, why))
    return Done(f"job.{state}", {"job": job.id})


def schedules_table(project: Project, index: int = 0) -> Table:
    """Schedules with their rhythm, their next run and how the last one ended."""
    table = []
    for one in rows.listing(project.reader):
        last = next(iter(rows.runs(project.reader, one.id, 1)), None)
        rhythm = [f"every.{one.every}", *one.on]
        if one.day:
            rhythm.append(f"{one.day}")
        if one.at:
            rhythm.append(one.at)
        table.append([
            f"S{one.id}", one.name, rhythm, one.state, stamp(one.due) if one.state == "active" else None,
            last and stamp(last.started), last and last.state, one.until and one.until.isoformat(),
            last and _error(last),
        ])  # fmt: skip
    columns = ["id", "task", "rhythm", "state", "next", "last_run", "outcome", "until", "reason"]
    return Table("schedule.title", columns, table, {"n": len(table)}, index)


def _error(run: rows.Run) -> dict[str, Any] | None:
    """What failed in a run, as a message with its parameters."""
    key, params = run.detail.get("error") or (None, {})
    return {"key": key, "params": params} if key else None


def runs_table(project: Project, one: rows.Schedule, index: int = 0) -> Table:
    """What became of the newest runs of a schedule."""
    table = []
    for run in rows.runs(project.reader, one.id):
        made = [*run.detail.get("files", ()), *(f"#{r[0]} ({r[2]})" for r in run.detail.get("results", ()))]
        row = [run.id, stamp(run.started), stamp(run.ended), run.state, made or None, _error(run)]
        table.append(row)
    columns = ["id", "started", "ended", "outcome", "made", "reason"]
    return Table("schedule.history", columns, table, {"n": len(table), "name": one.name, "number": f"S{one.id}"}, index)
