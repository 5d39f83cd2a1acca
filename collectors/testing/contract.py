"""The contract of every live collector. Inherit ``CollectorContract`` and say how to speak to the source.

class TestMine(CollectorContract):
    def collector(self): ...            # with small pages
    def app(self, flaw): ...            # a source of at least three pages, with one of FLAWS or ""
    def query(self, base): ...
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import AsyncGenerator, Callable
from itertools import count
from pathlib import Path
from typing import Any, get_args

import pytest

from collectors import reads
from collectors.base import Collector, Page, Query
from collectors.http import Transport
from xunke.errors import CollectorError
from xunke.model import Account, Interaction, Post, Record
from xunke.text import clean

from .server import App, Reply, Scripted, scripted

FLAWS = ("hostile", "circle", "slow", "one_bad")
HOSTILE = "正常\x1b]52;c;cm0gLXJm\x07[/]\x9b31m\u202eabc\r伪造\x00\ud800" + "a" + "\u0301" * 300


def transport(base: str, folder: Path, **more: Any) -> Transport:
    return Transport(base, allow_private=True, cache_dir=folder, **more)


async def pages(
    of: Collector, query: Query, http: Transport, cursor: Any = None, most: int = 5_000, stop: int | None = None
) -> list[Page]:
    """All pages, of which there must not be more than ``most``; the first ``stop`` if that is given."""
    found: list[Page] = []
    walk = of.collect(query, cursor, http)
    async for page in walk:
        found.append(page)
        assert len(found) <= most, "the collector does not end"
        if len(found) == stop:
            break
    if isinstance(walk, AsyncGenerator):
        await walk.aclose()
    return found


def bare(value: Any) -> Any:
    """A record without the times of fetching, which two runs cannot share."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return (
            type(value).__name__,
            *((f.name, bare(getattr(value, f.name))) for f in dataclasses.fields(value) if f.name != "fetched"),
        )
    return tuple(bare(one) for one in value) if isinstance(value, tuple) else value


def strings(value: Any) -> list[str]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [s for f in dataclasses.fields(value) for s in strings(getattr(value, f.name))]
    if isinstance(value, tuple):
        return [s for one in value for s in strings(one)]
    return [value] if isinstance(value, str) else []


AHEAD = 3
"""So many pages are read after every cursor."""
TAILS = 4
"""After so many of the cursors, evenly chosen, everything is read to the end."""


async def resumes(of: Callable[[], Collector], query: Query, http: Transport) -> None:
    """Going on from the cursor of any page yields what the unbroken run yielded after it.

    Every cursor is gone on from, for some pages: they must be those of the unbroken run with the very cursors of that
    run, from which the next is gone on from. Some are followed to the end: for what a walk has to keep in mind.
    """
    whole = await pages(of(), query, http)
    assert sum(len(page.records) for page in whole) > 1
    to_the_end = {round(n * (len(whole) - 2) / max(1, TAILS - 1)) for n in range(TAILS)}
    for i, page in enumerate(whole[:-1]):
        most = None if i in to_the_end else AHEAD
        rest = await pages(of(), query, http, json.loads(json.dumps(page.cursor)), stop=most)
        want = whole[i + 1 :][:most]
        for later, one, same in zip(count(i + 1), rest, want, strict=False):
            assert [bare(r) for r in one.records] == [bare(r) for r in same.records], f"page {later} after page {i}"
            assert one.cursor == same.cursor, f"the cursor of page {later} after page {i}"
        assert len(rest) == len(want), f"pages after page {i}"


def check_record(record: Record, platform: str) -> None:
    assert isinstance(record, get_args(Record))
    for text in strings(record):
        assert clean(text) == text, f"not cleaned: {text!r}"
        text.encode("utf-8")
    if isinstance(record, Post):
        assert record.platform == platform
        assert record.native_id
        assert record.created is None or (isinstance(record.created, int) and record.created > 0)
        assert record.raw is None or isinstance(json.loads(record.raw), dict)
        assert not any(tag.startswith("#") for tag in record.tags)
        for count in (record.likes, record.comments, record.shares, record.saves, record.views):
            assert count is None or count >= 0
    if isinstance(record, Account):
        assert record.platform == platform
        assert record.native_id
    if isinstance(record, Interaction):
        assert record.actor.native_id
        assert record.target.native_id


class CollectorContract:
    """See the module's text. Every test here must hold for every live collector."""

    def collector(self) -> Collector:
        raise NotImplementedError

    def app(self, flaw: str) -> App:
        raise NotImplementedError

    def query(self, base: str) -> Query:
        raise NotImplementedError

    async def run(self, server: Scripted, folder: Path, cursor: Any = None, **more: Any) -> list[Page]:
        async with transport(server.base, folder, **more) as http:
            return await pages(self.collector(), self.query(server.base), http, cursor)

    async def test_records_are_valid_and_the_end_is_told(self, tmp_path: Path) -> None:
        with scripted(self.app("")) as server:
            found = await self.run(server, tmp_path)
        assert sum(bool(page.records) for page in found) >= 3, "the sample source must have three pages"
        assert [page.cursor is None for page in found] == [False] * (len(found) - 1) + [True]
        for page in found:
            for record in page.records:
                check_record(record, self.collector().platform)

    async def test_resumes_from_every_cursor_without_gap_or_repeat(self, tmp_path: Path) -> None:
        with scripted(self.app("")) as server:
            async with transport(server.base, tmp_path) as http:
                await resumes(self.collector, self.query(server.base), http)

    async def test_how_much_was_seen_is_told_once(self, tmp_path: Path) -> None:
        with scripted(self.app("")) as server:
            found = await self.run(server, tmp_path)
        told = [(one.kind, one.key) for page in found for one in page.extents]
        assert [kind for kind, _ in told].count("posts") == 1
        assert len(set(told)) == len(told)
        for one in (one for page in found for one in page.extents):
            assert one.seen >= 0
            assert one.said is None or one.said >= 0

    async def test_only_reads(self, tmp_path: Path) -> None:
        with scripted(self.app("")) as server:
            await self.run(server, tmp_path)
        assert server.asked
        assert all(one.method == "GET" or (one.method == "POST" and one.path in reads.PATHS) for one in server.asked)
        assert all("Xunke" in one.headers["user-agent"] for one in server.asked)

    async def test_cancels_within_a_second(self, tmp_path: Path) -> None:
        with scripted(self.app("slow")) as server:
            task = asyncio.create_task(self.run(server, tmp_path))
            await asyncio.sleep(0.3)
            assert not task.done()
            started = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - started < 1
            server.stop.set()

    async def test_a_circle_of_cursors_ends_by_itself(self, tmp_path: Path) -> None:
        with scripted(self.app("circle")) as server:
            found = await self.run(server, tmp_path)
        assert found[-1].cursor is None
        assert len(server.asked) < 200

    async def test_hostile_text_is_harmless(self, tmp_path: Path) -> None:
        with scripted(self.app("hostile")) as server:
            found = await self.run(server, tmp_path)
        records = [record for page in found for record in page.records]
        assert records
        for record in records:
            check_record(record, self.collector().platform)
        assert any("正常" in text for record in records for text in strings(record)), "the harmless part stays"

    async def test_one_bad_record_does_not_take_the_page_along(self, tmp_path: Path) -> None:
        with scripted(self.app("")) as server:
            good = sum(isinstance(r, Post) for page in await self.run(server, tmp_path) for r in page.records)
        with scripted(self.app("one_bad")) as server:
            found = await self.run(server, tmp_path)
        assert sum(len(page.rejected) for page in found) == 1
        assert sum(isinstance(r, Post) for page in found for r in page.records) == good - 1

    @pytest.mark.parametrize("body", [b"", b"null", b"[[1,2", b"<html>x</html>", b'"text"', b"[" * 100_000])
    async def test_another_shape_is_an_error_and_never_an_empty_success(self, tmp_path: Path, body: bytes) -> None:
        async def no_wait(seconds: float) -> None:
            await asyncio.sleep(0)

        with scripted(lambda asked: Reply(body)) as server, pytest.raises(CollectorError):
            await self.run(server, tmp_path, sleep=no_wait)
