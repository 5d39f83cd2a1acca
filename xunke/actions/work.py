"""Jobs: what is being fetched or imported."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xunke.clock import moment
from xunke.errors import BadInput
from xunke.events import Done, Event, Table
from xunke.plan import Step
from xunke.storage import Project
from xunke.storage import jobs as job_rows

if TYPE_CHECKING:
    from xunke.engine import Engine, Session


async def jobs(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """List, pause, go on with or cancel jobs."""
    if step.op != "list":
        from xunke.jobs import Reach, resume

        number = int(step.name) if step.name and step.name.isdigit() else 0
        job = job_rows.load(engine.project.reader, number)
        if job is None:
            raise BadInput("job.unknown", job=step.name or "?")
        if step.op in ("resume", "run"):
            async for event in resume(engine.project, job, Reach(engine.options.allow_private)):
                yield event
            return
        state: Any = {"pause": "paused", "cancel": "cancelled"}[step.op or ""]
        await engine.project.writer.acall(lambda db: job_rows.set_state(db, number, state))
        yield Done("job.state", {"job": number, "state": state})
        return
    yield jobs_table(engine.project, index)


def jobs_table(project: Project, index: int = 0) -> Table:
    """The newest jobs as a table."""
    table = []
    for job in project.jobs():
        counts = [s.counts for s in job.slices]
        done = sum(s.state == "done" for s in job.slices)
        what = ", ".join(str(s.spec.get("value") or Path(str(s.spec.get("path", ""))).name) for s in job.slices)[:80]
        stored = sum(c.get("stored", 0) for c in counts)
        table.append([
            job.id, job.kind, what, job.state, f"{done}/{len(job.slices)}", stored, job.reason,
            moment(job.updated).strftime("%m-%d %H:%M"),
        ])  # fmt: skip
    columns = ["id", "kind", "what", "state", "slices", "stored", "reason", "time"]
    return Table("jobs.title", columns, table, {"n": len(table)}, index)
