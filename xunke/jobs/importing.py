"""Importing files as a job: each batch is stored with its position and counts in one transaction.

Kill the process at any moment and start the same job again: it goes on behind the last batch that was
stored, and ends with the same rows as an unbroken run.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from xunke.clock import day_of
from xunke.errors import BadInput
from xunke.events import Event, Imported, Warned
from xunke.model import Provenance, Record, Rejected
from xunke.storage import Project, followers
from xunke.storage import jobs as job_rows
from xunke.storage.ingest import resolve_mentions, source_id
from xunke.storage.sheet import Tally

from . import books, running
from .counts import Counts
from .progress import Meter


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
    mapping: Path | Mapping[str, Any] | None = None,
    dry_run: bool = False,
    batch: int = 2000,
) -> AsyncIterator[Event]:
    """Import files (folders are searched). Yields progress in bytes and one ``Imported`` a file.

    A file that cannot be read gives a ``Warned`` and does not stop the others; BadInput if none can.
    ``mapping``: a file, or what would stand in it. ``dry_run`` reads and reports without storing. A job that was
    broken off on the same files goes on.
    """
    from collectors import importers

    skipped: list[Path] = []
    files = importers.expand(paths, skipped)
    for path in skipped:
        yield Warned("import.skipped_file", {"path": path.name})
    if not files:
        raise BadInput("import.nothing", path=", ".join(str(p) for p in paths)[:200])
    for event in _books(project, files, format, mapping, dry_run):
        yield event
    if not files:
        return
    if dry_run:
        for path in files:
            yield await _try_out(path, format, mapping)
        return
    specs = [_file_spec(path) for path in files]
    said = str(mapping.absolute()) if isinstance(mapping, Path) else mapping
    spec = {"files": specs, "format": format, "map": said}
    number = running.begin(project, "import", spec, specs, apart=True)
    failed: list[BadInput] = []
    try:
        job = job_rows.load(project.reader, number)
        for part in job.slices if job is not None else ():
            try:
                async for event in _import_file(project, part, format, mapping, batch):
                    yield event
            except BadInput as error:
                failed.append(error)
                why = job_rows.Reason(error.key, error.params)
                ended = partial(job_rows.end_slice, job=number, n=part.n, state="failed", reason=why)
                await project.writer.acall(ended)
                if len(files) > 1:
                    yield Warned(error.key, dict(error.params))
        await project.writer.acall(resolve_mentions)
    except running.Stopped as stop:
        running.leave(project, number, "parked", stop.reason)
        yield running.told(project, number, stop)
        return
    except BaseException as error:
        running.broken_off(project, number, error)
        raise
    running.leave(project, number, "failed" if len(failed) == len(files) else "done", why if failed else None)
    if failed and len(files) == 1:
        raise failed[0]


def _books(
    project: Project, files: list[Path], format: str, mapping: Path | Mapping[str, Any] | None, dry_run: bool
) -> Iterator[Event]:
    """Take the books of touches off ``files`` and bring them in, each in one transaction."""
    for path in [path for path in files if books.is_book(path, format, mapping)]:
        files.remove(path)
        yield from books.bring(project, path, dry_run=dry_run)


async def _import_file(
    project: Project, part: job_rows.Slice, format: str, mapping: Path | Mapping[str, Any] | None, batch: int
) -> AsyncIterator[Event]:
    from collectors import importers
    from collectors.importers.table import read_mapping

    path = Path(part.spec["path"])
    counts = Counts.of(part.counts)
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
    waiting: asyncio.Future[job_rows.JobState] | None = None
    position = start
    async for rows in _ahead(opened.importer.read(opened.source, start, batch)):
        if waiting is not None and await waiting != "running":
            raise running.Stopped
        position = rows.position
        cursor = {"position": position, "format": opened.format}
        write = _page(project, part, rows.records, rows.rejected, rows.read, cursor, counts, source, notes=rows.notes)
        waiting = asyncio.wrap_future(project.writer.submit(write))
        meter = meter or Meter("import", rows.bytes_done)
        yield meter.at(rows.bytes_done, rows.bytes_total, f"{path.name} · {position:,}")
    if waiting is not None and await waiting != "running":
        raise running.Stopped
    cursor = {"position": position, "format": opened.format}
    done = counts.add(Tally(), (), 0)
    sure = opened.format != "followers" or (mapping is not None and read_mapping(mapping).get("whole") is True)
    parts: list[followers.Shrunk] = []

    def end(db: sqlite3.Connection) -> None:
        parts.extend(followers.close_all(db, source, sure=sure))
        job_rows.save_slice(db, part.job, part.n, state="done", cursor=cursor, counts=done, source=source)

    await project.writer.acall(end)
    yield _imported(path, opened.format, counts, start)
    for one in parts:
        yield Warned("followers.shrunk", {"n": one.missing, "people": one.people, "file": path.name,
                                          "day": day_of(one.before).isoformat()})  # fmt: skip


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
    counts: Counts,
    source: int,
    notes: Sequence[Rejected] = (),
) -> Callable[[sqlite3.Connection], job_rows.JobState]:
    """Rows, cursor and counts in one transaction, which tells the state of the job."""

    def write(db: sqlite3.Connection) -> job_rows.JobState:
        now = running.check(db, part.job)
        tally = project.store(db, records, source)
        done = counts.add(tally, rejected, read, notes)
        job_rows.save_slice(db, part.job, part.n, state="running", cursor=cursor, counts=done, source=source)
        return now

    return write


async def _try_out(path: Path, format: str, mapping: Path | Mapping[str, Any] | None) -> Imported:
    from collectors import importers

    opened = importers.open_import(path, format, mapping)
    counts = Counts()
    async for rows in _ahead(opened.importer.read(opened.source)):
        counts.add(Tally(stored=len(rows.records)), rows.rejected, rows.read, rows.notes)
    return _imported(path, opened.format, counts, 0)


def _imported(path: Path, format: str, counts: Counts, start: int) -> Imported:
    n = counts.numbers
    return Imported(
        str(path), format, n["read"], n["stored"], n["updated"], n["duplicate"], n["rejected"],
        counts.reasons, n["interactions"], start, n["suppressed"], n["noted"], counts.notes,
    )  # fmt: skip
