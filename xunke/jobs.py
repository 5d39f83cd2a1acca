"""Fetching and importing as jobs: each page is stored with its cursor and counts in one transaction.

Kill the process at any moment and start the same job again: it goes on behind the last page that was
stored, and ends with the same rows as an unbroken run.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .errors import BadInput, CollectorError, Retry, XunkeError
from .events import Event, Failed, Imported, Progress, Warned
from .model import Provenance, Record, Rejected
from .storage import Project
from .storage import jobs as job_rows
from .storage.ingest import resolve_mentions, source_id
from .storage.sheet import Tally

if TYPE_CHECKING:
    from collectors.base import Query
    from collectors.http import Transport

REASONS_KEPT: Final = 200
NOTES_KEPT: Final = 50
_COUNTED: Final = ("read", "stored", "updated", "duplicate", "rejected", "noted", "suppressed", "interactions")


@dataclass(slots=True)
class _Counts:
    """Running counts of one slice; JSON in ``job_slice.counts``."""

    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    reasons: list[tuple[int, str, str]] = field(default_factory=list)
    notes: list[tuple[int, str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> _Counts:
        counts = cls()
        counts.numbers.update({k: v for k, v in stored.items() if k in _COUNTED})
        counts.reasons = [(row[0], row[1], row[2]) for row in stored.get("reasons", [])]
        counts.notes = [(row[0], row[1], row[2]) for row in stored.get("notes", [])]
        return counts

    def add(
        self, tally: Tally, rejected: Sequence[Rejected], read: int, notes: Sequence[Rejected] = ()
    ) -> dict[str, Any]:
        for name in ("stored", "updated", "duplicate", "suppressed", "interactions"):
            self.numbers[name] += getattr(tally, name)
        self.numbers["read"] += read
        self.numbers["rejected"] += len(rejected)
        room = REASONS_KEPT - len(self.reasons)
        self.reasons.extend((r.row, r.reason, r.detail) for r in rejected[: max(0, room)])
        self.numbers["noted"] += len(notes)
        room = NOTES_KEPT - len(self.notes)
        self.notes.extend((n.row, n.reason, n.detail) for n in notes[: max(0, room)])
        return {**self.numbers, "reasons": self.reasons, "notes": self.notes}


class Meter:
    """Rate and ETA of one stage from what was done in this run (what an earlier run did is not counted)."""

    def __init__(self, stage: str, start: int = 0) -> None:
        self._stage, self._start, self._t0 = stage, start, time.monotonic()

    def at(self, done: int, total: int | None, note: str = "") -> Progress:
        """A progress event."""
        elapsed = time.monotonic() - self._t0
        fresh = done - self._start
        rate = fresh / elapsed if fresh > 0 and elapsed > 0 else None
        eta = (total - done) / rate if rate and total is not None else None
        return Progress(self._stage, done, total, round(elapsed, 2), rate, eta, note)


def _begin(
    project: Project, kind: str, spec: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]
) -> tuple[int, tuple[job_rows.Slice, ...]]:
    """The job for ``spec``: the one that was broken off, or a new one; now running."""

    def write(db: sqlite3.Connection) -> int:
        job = job_rows.unfinished(db, kind, spec)
        if job is None:
            job = job_rows.create(db, kind, spec, parts)
        job_rows.set_state(db, job, "running")
        return job

    number = project.writer.call(write)
    job = job_rows.load(project.reader, number)
    return number, job.slices if job is not None else ()


# -- importing -----------------------------------------------------------------------------------------------------


def _file_spec(path: Path) -> dict[str, Any]:
    try:
        stat = path.stat()
    except OSError as error:
        raise BadInput("import.cannot_read", path=str(path), detail=error.strerror or "") from None
    return {"path": str(path.absolute()), "size": stat.st_size, "mtime": int(stat.st_mtime)}


async def run_import(
    project: Project,
    paths: Sequence[Path],
    *,
    format: str = "auto",
    mapping: Path | None = None,
    dry_run: bool = False,
    batch: int = 2000,
) -> AsyncIterator[Event]:
    """Import files (folders are searched). Yields progress in bytes and one ``Imported`` a file.

    A file that cannot be read gives a ``Warned`` and does not stop the others; BadInput if none can.
    ``dry_run`` reads and reports without storing. A job that was broken off on the same files goes on.
    """
    from collectors import importers

    skipped: list[Path] = []
    files = importers.expand(paths, skipped)
    for path in skipped:
        yield Warned("import.skipped_file", {"path": path.name})
    if not files:
        raise BadInput("import.nothing", path=", ".join(str(p) for p in paths)[:200])
    if dry_run:
        for path in files:
            yield await _try_out(path, format, mapping)
        return
    specs = [_file_spec(path) for path in files]
    spec = {"files": specs, "format": format, "map": None if mapping is None else str(mapping.absolute())}
    number, slices = _begin(project, "import", spec, specs)
    failed: XunkeError | None = None
    try:
        for part in slices:
            try:
                async for event in _import_file(project, part, format, mapping, batch):
                    yield event
            except BadInput as error:
                failed = error
                if len(files) > 1:
                    yield Warned(error.key, dict(error.params))
        await project.writer.acall(resolve_mentions)
    except BaseException as error:
        reason = error.key if isinstance(error, XunkeError) else "job.interrupted"
        project.writer.call(lambda db: job_rows.set_state(db, number, "paused", reason))
        raise
    project.writer.call(lambda db: job_rows.set_state(db, number, "done"))
    if failed is not None and len(files) == 1:
        raise failed


async def _import_file(
    project: Project, part: job_rows.Slice, format: str, mapping: Path | None, batch: int
) -> AsyncIterator[Event]:
    from collectors import importers

    path = Path(part.spec["path"])
    counts = _Counts.of(part.counts)
    start = int((part.cursor or {}).get("position", 0))
    if part.state == "done":
        yield _imported(path, str((part.cursor or {}).get("format", format)), counts, start)
        return
    opened = importers.open_import(path, format, mapping)
    source = part.source
    if source is None:
        provenance = Provenance("file", path.name, tool=opened.format)
        source = project.writer.call(lambda db: source_id(db, provenance, part.job))
    meter: Meter | None = None
    waiting: asyncio.Future[None] | None = None
    position = start
    async for rows in _ahead(opened.importer.read(opened.source, start, batch)):
        if waiting is not None:
            await waiting
        position = rows.position
        cursor = {"position": position, "format": opened.format}
        write = _page(project, part, rows.records, rows.rejected, rows.read, cursor, counts, source, notes=rows.notes)
        waiting = asyncio.wrap_future(project.writer.submit(write))
        meter = meter or Meter("import", rows.bytes_done)
        yield meter.at(rows.bytes_done, rows.bytes_total, f"{path.name} · {position:,}")
    if waiting is not None:
        await waiting
    cursor = {"position": position, "format": opened.format}
    done = counts.add(Tally(), (), 0)
    await project.writer.acall(
        lambda db: job_rows.save_slice(db, part.job, part.n, state="done", cursor=cursor, counts=done, source=source)
    )
    yield _imported(path, opened.format, counts, start)


async def _ahead(batches: Any) -> AsyncIterator[Any]:
    """Batches of a reader, with a chance for everything else between two of them."""
    for rows in batches:
        yield rows
        await asyncio.sleep(0)


def _page(
    project: Project,
    part: job_rows.Slice,
    records: Sequence[Record],
    rejected: Sequence[Rejected],
    read: int,
    cursor: Mapping[str, Any] | None,
    counts: _Counts,
    source: int,
    state: job_rows.JobState = "running",
    notes: Sequence[Rejected] = (),
) -> Callable[[sqlite3.Connection], None]:
    """Rows, cursor and counts in one transaction."""

    def write(db: sqlite3.Connection) -> None:
        tally = project.store(db, records, source)
        done = counts.add(tally, rejected, read, notes)
        job_rows.save_slice(db, part.job, part.n, state=state, cursor=cursor, counts=done, source=source)

    return write


async def _try_out(path: Path, format: str, mapping: Path | None) -> Imported:
    from collectors import importers

    opened = importers.open_import(path, format, mapping)
    counts = _Counts()
    async for rows in _ahead(opened.importer.read(opened.source)):
        counts.add(Tally(stored=len(rows.records)), rows.rejected, rows.read, rows.notes)
    return _imported(path, opened.format, counts, 0)


def _imported(path: Path, format: str, counts: _Counts, start: int) -> Imported:
    n = counts.numbers
    return Imported(
        str(path), format, n["read"], n["stored"], n["updated"], n["duplicate"], n["rejected"],
        counts.reasons, n["interactions"], start, n["suppressed"], n["noted"], counts.notes,
    )  # fmt: skip


# -- collecting ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Live:
    """One thing to fetch from one server: a collector's name and its query. Secrets stay out of the database."""

    collector: str
    query: Query

    def spec(self) -> dict[str, Any]:
        """What identifies it in the job table."""
        q = self.query
        return {
            "collector": self.collector, "instance": q.instance, "mode": q.mode, "value": q.value,
            "relations": sorted(q.relations), "since": q.since, "until": q.until, "limit": q.limit,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reach:
    """How a collector may reach out: private addresses (the user's own network), a CA file, a callback for waits."""

    allow_private: bool = False
    ca_file: Path | None = None
    max_wait: float = 310.0


async def run_collect(project: Project, wanted: Sequence[Live], reach: Reach) -> AsyncIterator[Event]:
    """Fetch ``wanted`` slice by slice. A slice that must wait or log in parks with a reason; the others go on.

    Yields progress in posts; ``Failed(resumable=True)`` at the end if a slice parked.
    Raises CollectorError for an address that is none or holds a password.
    """
    from collectors.address import origin_of

    for live in wanted:
        if live.query.instance is not None:
            origin_of(live.query.instance)  # refuses user:password@ before anything is written down
    specs = [live.spec() for live in wanted]
    number, slices = _begin(project, "collect", {"slices": specs}, specs)
    parked: XunkeError | None = None
    try:
        for live, part in zip(wanted, slices, strict=True):
            if part.state == "done":
                continue
            try:
                async for event in _collect_slice(project, part, live, reach):
                    yield event
            except CollectorError as error:
                parked = error
                yield Warned(error.key, dict(error.params))
        await project.writer.acall(resolve_mentions)
    except BaseException as error:
        reason = error.key if isinstance(error, XunkeError) else "job.interrupted"
        project.writer.call(lambda db: job_rows.set_state(db, number, "paused", reason))
        raise
    if parked is None:
        project.writer.call(lambda db: job_rows.set_state(db, number, "done"))
    else:
        key = parked.key
        project.writer.call(lambda db: job_rows.set_state(db, number, "parked", key))
        yield Failed("job.parked", {"job": number, "reason": key, **parked.params}, resumable=isinstance(parked, Retry))


async def _collect_slice(project: Project, part: job_rows.Slice, live: Live, reach: Reach) -> AsyncIterator[Event]:
    from collectors import registry
    from collectors.http import Transport

    collector = registry.load(live.collector)
    counts = _Counts.of(part.counts)
    meter = Meter("collect", counts.numbers["read"])
    waits: list[Progress] = []
    source = part.source
    if source is None:
        name = live.query.instance or live.collector
        provenance = Provenance("live", name, query=f"{live.query.mode}:{live.query.value}", tool=live.collector)
        source = project.writer.call(lambda db: source_id(db, provenance, part.job))

    def waiting(seconds: float, reason: str) -> None:
        waits.append(Progress("wait", 0, None, eta=seconds, note=reason))

    transport: Transport
    async with Transport(
        live.query.instance,
        allow_private=reach.allow_private,
        ca_file=reach.ca_file,
        max_wait=reach.max_wait,
        on_wait=waiting,
    ) as transport:
        async for page in collector.collect(live.query, part.cursor, transport):
            posts = sum(type(record).__name__ == "Post" for record in page.records)
            state: job_rows.JobState = "done" if page.cursor is None else "running"
            write = _page(project, part, page.records, page.rejected, posts, page.cursor, counts, source, state)
            await project.writer.acall(write)
            for key, params in page.notes:
                yield Warned(key, dict(params))
            for wait in waits:
                yield wait
            waits.clear()
            total = page.total if page.total is not None else live.query.limit
            yield meter.at(counts.numbers["read"], total, f"{live.query.value} · {transport.requests}")
    await project.writer.acall(
        lambda db: job_rows.save_slice(
            db, part.job, part.n, state="done", cursor=None, counts=counts.add(Tally(), (), 0), source=source
        )
    )
    yield Warned("collect.done", {"value": live.query.value, **counts.numbers})


def resume(project: Project, job: job_rows.Job, reach: Reach | None = None) -> AsyncIterator[Event]:
    """Go on with a job that was broken off, paused or parked; one that is done is done again (adding nothing)."""
    from collectors.base import Query

    if job.kind == "import":
        mapping = job.spec.get("map")
        return run_import(
            project,
            [Path(part.spec["path"]) for part in job.slices],
            format=str(job.spec.get("format", "auto")),
            mapping=Path(mapping) if mapping else None,
        )
    wanted = []
    for part in job.slices:
        spec = dict(part.spec)
        collector = spec.pop("collector")
        wanted.append(Live(collector, Query(**{**spec, "relations": frozenset(spec["relations"])})))
    return run_collect(project, wanted, reach or Reach())
