"""The jobs: what was fetched or imported, in which state it is, and why."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from tui.formats import minute
from tui.runs import Turn
from tui.screens.tables import TableScreen
from tui.widgets.vtable import Column, Listed, VTable
from xunke.clock import ZONE_NAME
from xunke.i18n import Catalogue
from xunke.plan import Plan, Step
from xunke.present import failure_line
from xunke.storage.jobs import Job


def _what(job: Job, index: int, cat: Catalogue) -> str:
    words = [str(v) for v in job.spec.values() if isinstance(v, str | int) and not isinstance(v, bool)]
    words += dict.fromkeys(str(one.spec["value"]) for one in job.slices if "value" in one.spec)
    return " ".join([cat.t(f"tui.job.{job.kind}"), *words])


def _progress(job: Job, index: int, cat: Catalogue) -> str:
    done = sum(1 for part in job.slices if part.state == "done")
    return f"{done}/{len(job.slices)}"


def _stored(job: Job, index: int, cat: Catalogue) -> str:
    return f"{sum(part.counts.get('stored', 0) for part in job.slices):,}"


def _state(job: Job, index: int, cat: Catalogue) -> str:
    return cat.t("state.broken" if job.died else f"state.{job.state}")


def _reason(job: Job, index: int, cat: Catalogue) -> str:
    if job.died:
        return cat.t("job.interrupted")
    return failure_line(job.reason, job.reason_params, cat) if job.reason else "-"


COLUMNS: Final[tuple[Column[Job], ...]] = (
    Column("tui.col.number", lambda j, i, c: str(j.id), 5),
    Column("tui.col.job", _what, 16, flex=2),
    Column("tui.col.state", _state, 8),
    Column("tui.col.parts", _progress, 6, right=True, drop=3),
    Column("tui.col.stored", _stored, 9, right=True, drop=2),
    Column("tui.col.reason", _reason, 14, flex=2),
    Column("tui.col.updated", lambda j, i, c: minute(j.updated, ZONE_NAME), 16, drop=1),
)


class JobsScreen(TableScreen):
    """p pauses, r goes on, c cancels the job under the cursor."""

    name_ = "jobs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "change('pause')", show=False),
        Binding("r", "change('resume')", show=False),
        Binding("c", "change('cancel')", show=False),
    ]

    def table(self) -> VTable[Job]:
        """Number, what, state, parts, stored, reason, time."""
        return VTable(COLUMNS, lambda j: j.id, empty="tui.jobs.empty", id="rows")

    def load(self) -> None:
        """The newest first; again every two seconds while one looks."""
        self._again()
        self.set_interval(2, self._again)

    def _again(self) -> None:
        self.query_one(VTable).show(Listed(self.xunke.project.jobs(), lambda j: j.id))

    def action_change(self, op: str) -> None:
        """Pause, resume or cancel."""
        job = self.query_one(VTable).current
        if job is not None:
            plan = Plan(outcome="run", steps=(Step(action="jobs", op=op, name=str(job.id)),))
            self.xunke.main.submit(Turn(plan))
