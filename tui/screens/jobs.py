"""The jobs: what runs again and again, what was fetched or imported, in which state it is, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType

from tui.formats import minute
from tui.runs import Turn
from tui.screens.job import JobScreen
from tui.screens.tables import TableScreen
from tui.widgets.vtable import Column, Listed, VTable
from xunke.clock import ZONE_NAME
from xunke.errors import XunkeError
from xunke.events import Event
from xunke.i18n import Catalogue
from xunke.plan import Plan, Step
from xunke.present import event_lines, failure_line, rhythm
from xunke.storage import schedules
from xunke.storage.jobs import SPLIT, Job
from xunke.storage.schedules import Run, Schedule


@dataclass(frozen=True, slots=True)
class Line:
    """A job, or a schedule with its last run. ``id`` of a schedule is its number below zero."""

    id: int
    job: Job | None = None
    schedule: Schedule | None = None
    last: Run | None = None

    @property
    def name(self) -> str:
        """What commands call it."""
        return f"S{-self.id}" if self.id < 0 else str(self.id)


def _what(line: Line, index: int, cat: Catalogue) -> str:
    if line.schedule is not None:
        kind = cat.t("tui.job.watch" if line.schedule.kind == "watch" else "tui.job.schedule")
        return " ".join([kind, rhythm(f"every.{line.schedule.every}", cat), line.schedule.at or "", line.schedule.name])
    job = line.job
    if job is None:
        return ""
    words = [str(v) for v in job.spec.values() if isinstance(v, str | int) and not isinstance(v, bool)]
    words += dict.fromkeys(str(one.spec["value"]) for one in job.slices if "value" in one.spec)
    return " ".join([cat.t(f"tui.job.{job.kind}"), *words])


def _progress(line: Line, index: int, cat: Catalogue) -> str:
    if line.job is None:
        return "-"
    parts = [part for part in line.job.slices if part.reason != SPLIT]
    return f"{sum(part.state == 'done' for part in parts)}/{len(parts)}"


def _stored(line: Line, index: int, cat: Catalogue) -> str:
    if line.job is not None:
        return f"{sum(part.counts.get('stored', 0) for part in line.job.slices):,}"
    told = {} if line.last is None else line.last.detail.get("changes", {})
    return f"{len(told['posts']):,}" if "posts" in told else "-"


def _state(line: Line, index: int, cat: Catalogue) -> str:
    if line.schedule is not None:
        return cat.t(f"state.{line.schedule.state}")
    return "" if line.job is None else cat.t("state.broken" if line.job.died else f"state.{line.job.state}")


def _reason(line: Line, index: int, cat: Catalogue) -> str:
    job = line.job
    if job is None:
        key, params = (line.last.detail.get("error") if line.last else None) or (None, {})
        return failure_line(key, params, cat) if key else "-"
    if job.died:
        return cat.t("job.interrupted")
    return failure_line(job.reason, job.reason_params, cat) if job.reason else "-"


def _when(line: Line, index: int, cat: Catalogue) -> str:
    """When a job was last heard of; when a schedule runs next."""
    if line.schedule is not None:
        due = line.schedule.due if line.schedule.state == "active" else None
        return "-" if due is None else "→ " + minute(due, ZONE_NAME)[5:]
    return "" if line.job is None else minute(line.job.updated, ZONE_NAME)


COLUMNS: Final[tuple[Column[Line], ...]] = (
    Column("tui.col.number", lambda j, i, c: j.name, 5),
    Column("tui.col.job", _what, 16, flex=2),
    Column("tui.col.state", _state, 8),
    Column("tui.col.parts", _progress, 6, right=True, drop=3),
    Column("tui.col.stored", _stored, 9, right=True, drop=2),
    Column("tui.col.reason", _reason, 14, flex=2),
    Column("tui.col.updated", _when, 16, drop=1),
)


class JobsScreen(TableScreen):
    """p pauses, r goes on, c cancels what is under the cursor, enter shows all about it."""

    name_ = "jobs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "change('pause')", show=False),
        Binding("r", "change('resume')", show=False),
        Binding("c", "change('cancel')", show=False),
    ]

    def table(self) -> VTable[Line]:
        """Number, what, state, parts, stored, reason, time."""
        return VTable(COLUMNS, lambda j: j.id, empty="tui.jobs.empty", id="rows")

    def load(self) -> None:
        """Schedules, then jobs, the newest first; again every two seconds while one looks."""
        self._again()
        self.set_interval(2, self._again)

    def _again(self) -> None:
        self.query_one(VTable).show(Listed(list(self._lines()), lambda j: j.id))

    def _lines(self) -> Iterator[Line]:
        project = self.xunke.project
        for one in schedules.listing(project.reader):
            yield Line(-one.id, schedule=one, last=next(iter(schedules.runs(project.reader, one.id, 1)), None))
        for job in project.jobs():
            yield Line(job.id, job=job)

    @on(VTable.Opened)
    def _opened(self, event: VTable.Opened) -> None:
        line = event.table.current
        if isinstance(line, Line):
            self.xunke.push_screen(JobScreen(line.name))

    def action_change(self, op: str) -> None:
        """Pause, resume or cancel. What only writes is done here and now, also while something is being fetched."""
        line = self.query_one(VTable).current
        if not isinstance(line, Line):
            return
        if line.job is not None and op == "resume":
            plan = Plan(outcome="run", steps=(Step(action="jobs", op=op, name=line.name),))
            if self.xunke.main.submit(Turn(plan)):
                self.xunke.tell("tui.jobs.goes_on")
            return
        self.run_worker(self._change(line, op), group="change", exit_on_error=False)

    async def _change(self, line: Line, op: str) -> None:
        from xunke import actions
        from xunke.engine import Engine

        project = self.xunke.project
        told: list[Event] = []
        try:
            if line.job is not None:
                told.append(await actions.change_job(project, line.job, "paused" if op == "pause" else "cancelled"))
            else:
                engine = Engine(project, today=self.xunke.today)
                found = actions.chosen(project, op, line.name)
                told += [event async for event in actions.act_on(engine, op, found, None)]
            text = " ".join(words for event in told for words in event_lines(event, self.cat))
        except XunkeError as error:
            text = failure_line(error.key, error.params, self.cat)
        self.xunke.say(text)
        self._again()
