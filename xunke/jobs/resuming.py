"""Going on with a job, and fetching again what it did not see."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xunke.errors import BadInput, CollectorError
from xunke.events import Event
from xunke.storage import Project
from xunke.storage import jobs as rows

from .collecting import Reach, go_on, run_collect, shown
from .importing import run_import
from .slices import Live

if TYPE_CHECKING:
    from collectors.base import Capabilities, Relation

_ADDRESS: Final = "select t.url from post t join post_key k on k.id = t.id where k.native_id = ? and t.url is not null"
_OF_POSTS: Final = frozenset({"replies", "reposts", "likes", "quotes"})


def resume(project: Project, job: rows.Job, reach: Reach | None = None, *, now: bool = False) -> AsyncIterator[Event]:
    """Go on with a job that was broken off, paused, parked or cancelled; one that is done runs again.

    Raises BadInput("job.not_yet") before the time at which a server may be asked again (unless ``now``), and
    BadInput("job.taken") if a process runs it.
    """
    if job.kind == "import":
        mapping = job.spec.get("map")
        return run_import(
            project,
            [Path(part.spec["path"]) for part in job.slices],
            format=str(job.spec.get("format", "auto")),
            mapping=Path(mapping) if isinstance(mapping, str) else mapping,
        )
    if not now and job.not_before is not None and job.not_before > time.time():
        raise BadInput("job.not_yet", job=job.id, at=shown(job.not_before))
    if job.state not in ("done", "failed"):
        return go_on(project, job, reach or Reach())
    return run_collect(project, [Live.of(spec) for spec in _queries(job)], reach or Reach())


def _queries(job: rows.Job) -> list[Mapping[str, Any]]:
    """What a job was asked, without its slices."""
    found = job.spec.get("slices")
    return list(found) if found else [part.spec for part in job.slices]


def refetch(project: Project, job: rows.Job, reach: Reach, *, every: bool = False) -> AsyncIterator[Event]:
    """Fetch as a new job what a job did not see: what may be there later, or with ``every`` all gaps.

    Lists of a post are asked post by post where the source can read one post; else the slice runs again.
    Raises BadInput("job.no_gaps").
    """
    found = [gap for gap in rows.gaps(project.reader, job.id) if every or gap.again]
    if not found:
        raise BadInput("job.no_gaps", job=job.id)
    return run_collect(project, list(_wanted(project, job, found)), reach, again_for=job.id)


def _wanted(project: Project, job: rows.Job, found: Iterable[rows.Gap]) -> Iterable[Live]:
    parts = {part.n: part for part in job.slices}
    lists: dict[tuple[int, str], set[Relation]] = {}
    whole: dict[int, rows.Slice] = {}
    for gap in found:
        part = parts[gap.slice]
        can = _capabilities(str(part.spec["collector"]))
        if gap.kind in _OF_POSTS and can is not None and "post" in can.modes and gap.kind in can.relations:
            lists.setdefault((gap.slice, gap.key), set()).add(gap.kind)
        else:
            whole[gap.slice] = part
    for (n, key), kinds in lists.items():
        if n not in whole:
            live = Live.of(parts[n].spec)
            value = project.one(_ADDRESS, (key,)) or key
            query = replace(
                live.query, mode="post", value=value, relations=frozenset(kinds), since=None, until=None, limit=None
            )
            yield Live(live.collector, query)
    for part in whole.values():
        live = Live.of(part.spec)
        yield Live(live.collector, replace(live.query, since=part.since, until=part.until))


def _capabilities(name: str) -> Capabilities | None:
    from collectors import registry

    try:
        return registry.load(name).capabilities
    except CollectorError:
        return None
