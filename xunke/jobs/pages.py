"""One slice of a job, page by page: what is stored with each, and what becomes of the slice at its end."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from xunke.errors import BrokenAnswer, XunkeError
from xunke.events import Event, Progress, Warned
from xunke.model import Post, Provenance
from xunke.storage import jobs as rows
from xunke.storage.ingest import source_id
from xunke.storage.jobs import Reason
from xunke.text import one_line

from . import running, slices
from .counts import Counts, lacking
from .following import read_followers

if TYPE_CHECKING:
    from collectors.base import Extent, Page, Query
    from collectors.http import Transport

    from .collecting import Run

_UNSTORABLE: Final = (TypeError, ValueError, OverflowError, AttributeError, RecursionError)
"""What a page of a broken plug-in makes of a transaction, which is then undone as a whole."""


class Pages:
    """One run of one slice. ``query`` is what is asked (the slice's window, what is left of the limit)."""

    def __init__(self, run: Run, one: rows.Slice, query: Query, course: rows.Course, windowed: bool) -> None:
        self.run, self.one, self.query, self.course, self.windowed = run, one, query, course, windowed
        self.counts = Counts.of(one.counts)
        self.source = one.source
        self.total: int | None = None

    async def events(self, pages: AsyncIterator[Page], transport: Transport) -> AsyncIterator[Event]:
        """Fetch and store page after page. Raises CollectorError as the source does, and Stopped."""
        run, asked, first = self.run, transport.requests, True
        if self.source is None:
            await run.project.writer.acall(self._start)
        try:
            while True:
                run.check_budget()
                step = asyncio.ensure_future(anext(pages, None))
                async for event in run.patient(step):
                    yield event
                requests = transport.requests - asked
                asked += requests
                run.requests += requests
                page = self._result(step)
                if page is None:  # a source that ends without saying so
                    await run.project.writer.acall(lambda db: self._end(db, capped=False))
                    return
                try:
                    state = await run.project.writer.acall(self._store(page, requests, first=first))
                except _UNSTORABLE as error:
                    raise self._crashed(error) from error
                first = False
                for key, params in page.notes:
                    yield Warned(key, {name: run.masked(value) for name, value in params.items()})
                yield self._progress(page)
                if state != "running":
                    raise running.Stopped
                if page.cursor is None:
                    return
        finally:
            if (close := getattr(pages, "aclose", None)) is not None:
                with suppress(Exception):
                    await close()

    def _result(self, step: asyncio.Future[Page | None]) -> Page | None:
        try:
            return step.result()
        except XunkeError:
            raise
        except Exception as error:  # a third party's code may fail in any way; other servers go on
            raise self._crashed(error) from error

    def _crashed(self, error: Exception) -> BrokenAnswer:
        detail = one_line(self.run.masked(f"{type(error).__name__}: {error}"), 200)  # masked before it is cut
        return BrokenAnswer("collect.crashed", name=self.one.spec["collector"], detail=detail)

    def _start(self, db: sqlite3.Connection) -> None:
        running.check(db, self.one.job)
        spec, q = self.one.spec, self.query
        name = spec["instance"] or spec["collector"]
        mates = db.execute(
            "select max(source) from job_slice where job = ? and coalesce(part, n) = ?", (self.one.job, self.one.part)
        ).fetchone()
        provenance = Provenance("live", name, query=f"{q.mode}:{q.value}", tool=spec["collector"])
        self.source = mates[0] if mates[0] is not None else source_id(db, provenance, self.one.job)
        self._save(db, "running", self.one.cursor)

    def _save(
        self, db: sqlite3.Connection, state: rows.JobState, cursor: Mapping[str, Any] | None,
        reason: Reason | None = None,
    ) -> None:  # fmt: skip
        rows.save_slice(
            db, self.one.job, self.one.n, state=state, cursor=cursor, counts=self.counts.stored(), source=self.source,
            reason=reason,
        )  # fmt: skip

    def _store(self, page: Page, requests: int, *, first: bool) -> Any:
        """Rows, cursor, counts, gaps, and at the end what takes the slice's place, in one transaction."""
        run, one, counts = self.run, self.one, self.counts

        def write(db: sqlite3.Connection) -> rows.JobState:
            state = running.check(db, one.job)
            seen_by = one.job if run.reach.remember else None
            tally = run.project.store(db, page.records, self.source or 0, seen_by=seen_by)
            if self.query.mode == "account" and "followers" in self.query.relations:
                read_followers(db, page, self.source or 0)
            counts.see(page.records)
            counts.cover(page.extents)
            counts.numbers["requests"] += requests
            counts.add(tally, page.rejected, sum(isinstance(r, Post) for r in page.records))
            for extent in page.extents:
                self._note(db, extent)
            if first:
                rows.accepted(db, slices.host_of(one.spec))
            if page.cursor is not None:
                self._save(db, "running", page.cursor)
            else:
                self._end(db, capped=page.capped)
            return state

        return write

    def _note(self, db: sqlite3.Connection, one: Extent) -> None:
        if lacking(one):
            if one.kind != "posts" and not rows.is_kept(db, one.key):
                return  # of somebody left out: not even their id is written down
            rows.add_gap(
                db, self.one.job, self.one.n, one.kind, one.key, one.said, one.seen, one.reason, one.again
            )  # fmt: skip
        elif self.run.again_for is not None:
            rows.close_gaps(db, self.run.again_for, one.kind, one.key)

    def _end(self, db: sqlite3.Connection, *, capped: bool) -> None:
        """The slice is through. One that was cut off is replaced in this very transaction."""
        job, n, counts = self.one.job, self.one.n, self.counts
        full = self.query.limit is not None and counts.listed >= self.query.limit
        reason = slices.LIMITED if full else None
        if capped and not full:
            key, windows = slices.pieces(self.one, counts, int(time.time()), windowed=self.windowed)
            reason = Reason(key)
            rows.add_slices(db, job, windows)
            if key == rows.SPLIT:
                counts.forget_cover()
                rows.drop_gaps(db, job, n)
            elif key == slices.CONTINUED:
                counts.hand_over(windows[0].until or 0)
                rows.drop_gaps(db, job, n, "posts")
            else:
                value = one_line(self.query.value, 200)
                cover = counts.extents.get("posts", {})
                said = cover.get("said") if cover.get("told") else None
                rows.add_gap(db, job, n, "posts", value, said, counts.listed, key, again=False)
        self._save(db, "done", None, reason)

    def _progress(self, page: Page) -> Progress:
        """How far the job is: in posts where a query is not sliced and its total is known, else by the time covered."""
        run, one, course = self.run, self.one, self.course
        run.posts += sum(isinstance(record, Post) for record in page.records)
        self.total = page.total if page.total is not None else self.total
        note = one_line(self.query.value, 40)
        total = self.total if self.total is not None else self.query.limit
        if run.parts == 1 and course.slices == 1 and total is not None:
            return run.meter.at(run.posts, max(total, run.posts), note, run.requests)
        share = self._share(page.cursor is None)
        whole = None if share is None else min(1.0, (one.part + share) / run.parts)
        return run.meter.part(run.posts, whole, note, course.over + 1, course.slices, run.requests)

    def _share(self, ended: bool) -> float | None:
        """How much of this query is done, from 0 to 1."""
        course, one, counts = self.course, self.one, self.counts
        limit, total = one.spec.get("limit"), self.total
        shares = []
        if limit:
            shares.append((course.listed + counts.listed) / limit)
        if course.since is not None and course.until is not None:
            now = course.covered
            if one.since is not None and one.until is not None:
                lowest = one.since if ended else counts.oldest or one.until
                now += one.until - min(max(lowest, one.since), one.until) + ended
            shares.append(now / (course.until - course.since + 1))
        if not shares and total:
            shares.append(counts.listed / total)
        return min(1.0, max(shares)) if shares else None
