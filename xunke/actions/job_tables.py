"""What is shown of jobs: all of them, and of one its slices, how much it saw, its gaps and the rows it refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from xunke.clock import moment
from xunke.errors import BadInput
from xunke.events import Done, Event, Table
from xunke.jobs.coverage import cover_of
from xunke.jobs.slices import CONTINUED
from xunke.storage import Project
from xunke.storage import jobs as rows

SHOWN: Final = 200
"""Slices, gaps and refused rows shown at most; ``--json`` has them all."""
_NUMBERS: Final = ("read", "stored", "updated", "duplicate", "interactions", "rejected", "suppressed", "requests")


def _at(second: int | None) -> str | None:
    return None if second is None else moment(second).strftime("%m-%d %H:%M")


def _why(key: str | None, params: Mapping[str, Any]) -> dict[str, Any] | None:
    return {"key": key, "params": dict(params)} if key else None


def _reason(job: rows.Job) -> dict[str, Any] | None:
    return _why("job.interrupted", {}) if job.died else _why(job.reason, job.reason_params)


def _state(job: rows.Job) -> str:
    return "broken" if job.died else job.state


def _what(job: rows.Job) -> str:
    """What is fetched or imported, each query once."""
    names = [str(s.spec.get("value") or Path(str(s.spec.get("path", ""))).name) for s in job.slices]
    return ", ".join(dict.fromkeys(names))[:80]


def _whole(job: rows.Job) -> list[rows.Slice]:
    """The slices without those that smaller ones replace."""
    return [one for one in job.slices if one.reason != rows.SPLIT]


def _slices(job: rows.Job) -> str:
    done = sum(one.state == "done" for one in _whole(job))
    return f"{done}/{len(_whole(job))}"


def totals(job: rows.Job) -> dict[str, int]:
    """Counts over all slices of a job."""
    return {name: sum(int(one.counts.get(name, 0)) for one in job.slices) for name in _NUMBERS}


def jobs_table(project: Project, index: int = 0) -> Table:
    """The newest jobs as a table."""
    table = []
    for job in project.jobs():
        table.append([
            job.id, job.kind, _what(job), _state(job), _slices(job), totals(job)["stored"], _at(job.updated),
            _at(job.not_before), _reason(job),
        ])  # fmt: skip
    columns = ["id", "kind", "what", "state", "slices", "stored", "time", "not_before", "reason"]
    return Table("jobs.title", columns, table, {"n": len(table)}, index)


def known(project: Project, name: str | None) -> rows.Job:
    """The job of that number. Raises BadInput("job.unknown")."""
    number = (name or "").strip()
    job = rows.load(project.reader, int(number)) if number.isdecimal() and len(number) < 16 else None
    if job is None:
        raise BadInput("job.unknown", job=name or "")
    return job


def details(project: Project, job: rows.Job) -> dict[str, Any]:
    """All that is known of a job, as JSON values."""
    return {
        "job": job.id, "kind": job.kind, "what": _what(job), "state": _state(job), "reason": _reason(job),
        "not_before": job.not_before, "created": job.created, "updated": job.updated, "budget": job.budget,
        "counts": totals(job), "coverage": cover_of(job.slices),
        "slices": [
            {
                "n": one.n, "what": one.spec.get("value") or one.spec.get("path"),
                "server": one.spec.get("instance") or one.spec.get("collector"), "since": one.since, "until": one.until,
                "state": one.state, "reason": _why(one.reason, one.reason_params), "not_before": one.not_before,
                "counts": {name: int(one.counts.get(name, 0)) for name in _NUMBERS},
            }
            for one in job.slices
        ],
        "gaps": [_gap(gap) for gap in rows.gaps(project.reader, job.id)],
        "rejected": [list(row) for one in job.slices for row in one.counts.get("reasons", ())],
    }  # fmt: skip


def _gap(gap: rows.Gap) -> dict[str, Any]:
    return {
        "slice": gap.slice, "list": gap.kind, "key": gap.key, "said": gap.said, "seen": gap.seen,
        "reason": _why(gap.reason or "job.not_sent", {}), "again": gap.again, "state": gap.state,
    }  # fmt: skip


def shown(project: Project, job: rows.Job) -> Iterator[Event]:
    """The same for people: the job, its slices, how much it saw, what it refused."""
    reason = _reason(job)
    why = {"reason": reason["key"], **reason["params"]} if reason else {}
    key = "job.shown_why" if reason else "job.shown"
    yield Done(key, {"job": job.id, "what": _what(job), **totals(job), **why, "state": _state(job)})
    if job.not_before is not None and job.state == "parked":
        yield Done("job.waits_until", {"job": job.id, "at": _at(job.not_before)})
    table = [
        [one.n, one.spec.get("value") or Path(str(one.spec.get("path", ""))).name, _window(one), one.state,
         int(one.counts.get("read", 0)), int(one.counts.get("stored", 0)), int(one.counts.get("requests", 0)),
         _why(one.reason, one.reason_params)]
        for one in job.slices
    ]  # fmt: skip
    columns = ["slice", "what", "window", "state", "read", "stored", "requests", "reason"]
    yield Table("job.slices", columns, table[:SHOWN], {"n": len(table)})
    if cover := cover_of(job.slices):
        yield Done("job.cover", {"cover": cover})
    if missing := rows.gaps(project.reader, job.id):
        again = sum(gap.again for gap in missing)
        yield Done("job.has_gaps", {"job": job.id, "n": len(missing), "again": again})
    rejected = (row for one in job.slices for row in one.counts.get("reasons", ()))
    refused = [[row[0], _why(row[1], {}), row[2]] for row in rejected]
    if refused:
        yield Table("job.rejected", ["row", "reason", "value"], refused[:SHOWN], {"n": totals(job)["rejected"]})


def gaps_table(project: Project, job: rows.Job) -> Table:
    """What a job did not see, list by list."""
    table = [
        [f"cover.kind.{gap.kind}", gap.key, gap.said, gap.seen, _why(gap.reason or "job.not_sent", {}), gap.again]
        for gap in rows.gaps(project.reader, job.id)
    ]
    return Table(
        "job.gaps", ["list", "key", "said", "seen", "reason", "again"], table, {"n": len(table), "job": job.id}
    )


def _window(one: rows.Slice) -> str | None:
    if one.since is None and one.until is None:
        return None
    arrow = " → " if one.reason != CONTINUED else " ⇢ "
    return f"{_at(one.since) or '…'}{arrow}{_at(one.until) or '…'}"
