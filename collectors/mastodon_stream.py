"""Listening to a hashtag on a Mastodon server: new posts as they come, edits, and posts that are taken back.

What came while the stream was broken, or while nobody listened, is fetched from the tag's timeline, upwards from the
newest post seen; that place is the cursor. A stream names a deleted post by the server's own number only, so it is
noticed for posts that this run has seen; others are noticed by a watch.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

from xunke.errors import BadQuery, Gone, Retry
from xunke.model import Post, Record, Rejected, Withdrawn
from xunke.text import clean, fold

from .base import Page
from .facts import ident
from .walk import Sheet, Unusable

if TYPE_CHECKING:
    from .mastodon import MastodonWalk

_KNOWN: Final = 5_000
_LONGEST: Final = 60.0
"""Most seconds between two attempts to listen again."""


class Listener:
    """One run of ``Query.follow`` seconds. The walk's memo keeps ``until`` (UTC seconds) and ``last`` (newest id)."""

    def __init__(self, walk: MastodonWalk) -> None:
        self.walk, self.memo = walk, walk.state.memo
        self.tag = fold(clean(walk.query.value)).strip("#＃")
        self.path = f"/api/v1/timelines/tag/{quote(self.tag, safe='')}"
        self.known: dict[str, str] = {}
        self.pause = 1.0

    async def pages(self) -> AsyncIterator[Page]:
        """A page for each post, edit or deletion; the last one when the time is over."""
        if "until" not in self.memo:
            self.memo["until"] = int(time.time() + (self.walk.query.follow or 0))
            newest = await self.walk.get(self.path, self.walk.tag_scope() | {"limit": "1"})
            self.memo["last"] = ident(newest.data[0].get("id")) if newest.data else "0"
            yield self.page([])
        while (left := self.memo["until"] - time.time()) > 0 and self.walk.state.left != 0:
            async for page in self.missed():
                yield page
            try:
                async for page in self.listen(left):
                    yield page
            except Retry as error:
                left = self.memo["until"] - time.time()
                self.walk.note("mastodon.stream_again", host=self.walk.domain, seconds=round(self.pause), why=error.key)
                yield self.page([])
                await asyncio.sleep(max(0.0, min(self.pause, left)))
                self.pause = min(2 * self.pause, _LONGEST)
        async for page in self.missed():
            yield page
        self.walk.state.next = None
        yield self.walk.to_page([])

    async def missed(self) -> AsyncIterator[Page]:
        """Posts above the newest one seen, upwards; servers without ``min_id`` give the newest once."""
        while True:
            place = {"limit": self.walk.at_most(40), "min_id": self.memo["last"]}
            answer = await self.walk.get(self.path, self.walk.tag_scope() | place)
            before = self.memo["last"]
            records: list[Record] = []
            for row in reversed(answer.data):
                records += self.take(row, answer.fetched)
            if records:
                yield self.page(records)
            if not answer.data or self.memo["last"] == before:
                return

    async def listen(self, seconds: float) -> AsyncIterator[Page]:
        walk = self.walk
        url = f"{walk.streaming}/api/v1/streaming/hashtag"
        stream = walk.http.events(url, {"tag": self.tag}, walk.query.token)
        end, first = time.monotonic() + seconds, True
        try:
            while walk.state.left != 0:
                try:
                    async with asyncio.timeout(max(0.0, end - time.monotonic())):
                        event = await anext(stream, None)
                except TimeoutError:
                    return
                if event is None:
                    raise Retry("net.cut", 5, host=walk.domain)
                if first:  # what came before the stream stood: nothing may move the place past it
                    first = False
                    async for page in self.missed():
                        yield page
                if found := self.understand(event.event, event.data):
                    self.pause = 1.0
                    yield self.page(found)
        except (Gone, BadQuery):
            raise BadQuery("mastodon.no_stream", host=walk.domain) from None
        finally:
            await stream.aclose()  # type: ignore[attr-defined] # an async generator

    def understand(self, kind: str, data: str) -> list[Record]:
        if kind == "delete":
            uri = self.known.pop(data.strip(), None)
            return [Withdrawn(self.walk.platform, uri, int(time.time()))] if uri else []
        kind = kind.replace("_", ".")  # mastodon-mock writes status_update
        if kind not in ("update", "status.update"):
            return []
        try:
            row: Any = msgspec.json.decode(data)
        except (ValueError, RecursionError):
            return []
        return self.take(row, int(time.time()), edited=kind == "status.update")

    def take(self, row: Any, fetched: int, *, edited: bool = False) -> list[Record]:
        """The records of one status, once; an edit once more."""
        records: list[Record] = []
        if self.walk.state.left == 0:
            return records
        try:
            items = list(self.walk.read(row, Sheet([row], fetched=fetched)))
        except Unusable as error:
            self.walk.rejected.append(Rejected(1, str(error), error.detail))
            return []
        for item in items:
            self.known[item.local] = item.post.native_id
            while len(self.known) > _KNOWN:
                del self.known[next(iter(self.known))]
            local = ident(row.get("id"))
            if (len(local), local) > (len(self.memo["last"]), self.memo["last"]):
                self.memo["last"] = local
            if (self.walk.first_time(item.post.native_id) or edited) and self.walk.wanted(item):
                records += [*item.also, item.post]
        if any(isinstance(one, Post) for one in records) and not edited:
            self.walk.count(1)
        return records

    def page(self, records: list[Record]) -> Page:
        return self.walk.to_page(records)
