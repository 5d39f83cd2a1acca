"""Feeds: RSS, Atom and JSON Feed. A feed is a place (``group``); ``keyword`` takes what holds the words.

A feed holds what its owner put last into it, so it is never all there is: unless it reaches back beyond ``since`` the
walk says so. Where a feed tells where its older items are (RFC 5005, ``next_url``) they are read, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final, NoReturn

from xunke.errors import BadQuery, BrokenAnswer, CollectorError
from xunke.model import Group
from xunke.text import clean, fold, one_line

from .address import Address, parse
from .base import Capabilities, Cursor, Page, Query
from .feed_items import PLATFORM, Feed, NotAFeed, UnsafeXml, post_of, read_xml
from .http import Transport
from .importers.values import BadValue
from .walk import Item, Place, Sheet, Unusable, Walk

_LINK: Final = re.compile(r"<link\s[^<>]{1,2000}>", re.IGNORECASE)
_OFFERED: Final = re.compile(r"""type=["']?application/(?:rss\+xml|atom\+xml|feed\+json)""", re.IGNORECASE)
_HREF: Final = re.compile(r"""href=["']?([^"'\s>]{1,1000})""", re.IGNORECASE)


def read_feed(text: str) -> Feed:
    """A feed of any of the kinds. Raises UnsafeXml or NotAFeed."""
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return read_xml(text.encode("utf-8", "replace"))
    try:
        found = json.loads(text.lstrip("\ufeff"))  # which takes the lone surrogates that people's posts hold
    except (ValueError, RecursionError):
        raise NotAFeed from None
    items = found.get("items", found.get("item")) if isinstance(found, dict) else None
    if not isinstance(items, list):
        raise NotAFeed
    return Feed(tuple(items), found.get("title"), found.get("next_url"))


def item_of(row: Any, site: str | None = None, root: str | None = None) -> Item:
    """One item of a feed as a post; see ``post_of``. Raises Unusable."""
    if not isinstance(row, Mapping):
        raise Unusable("rss.not_an_item", row)
    try:
        return Item(post_of(row, site=site, root=root))
    except BadValue as bad:
        raise Unusable("rss.no_id", bad.detail) from None


def item_key(row: Any) -> str:
    """What makes an item the same one on another page."""
    if not isinstance(row, Mapping):
        return f"{row!r:.200}"
    return str(row.get("id") or row.get("guid") or row.get("url") or row.get("link") or f"{row!r:.400}")


class RssWalk(Walk):
    """One run over one feed."""

    platform: ClassVar[str] = "rss"
    ordered = False
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"group", "keyword"}),
        pace=2.0,
        limits=("rss.limit_newest", "rss.limit_fields", "rss.limit_keyword"),
        legal=("rss.legal",),
    )

    async def begin(self) -> None:
        """Which feed it is."""
        named = self.query.instance if self.query.mode == "keyword" else clean(self.query.value).strip()
        if not named:
            raise BadQuery("rss.needs_address", value=one_line(self.query.value, 60))
        named = named.removeprefix("feed:").removeprefix("//")
        self.feed: Address = parse(named if "://" in named else f"https://{named}")
        self.words = [fold(word) for word in self.query.value.split()] if self.query.mode == "keyword" else []
        self.fetched: int | None = None
        self.place: Group | None = None

    async def listing(self, place: Place) -> Sheet:
        """The feed, or what it names as its older part on the same server."""
        url = str(place.get("url") or self.feed)
        answer = await self.http.get_page(url)
        try:
            found = read_feed(answer.data)
        except UnsafeXml:
            raise BrokenAnswer("rss.unsafe", url=self.feed.shown) from None
        except NotAFeed:
            self._no_feed(answer.data, parse(answer.url))
        self.fetched = answer.fetched
        name = one_line(found.title, 200) if isinstance(found.title, str) else ""
        self.place = Group(PLATFORM, self.feed.shown, name or self.feed.shown, "feed")
        if not found.items:
            return Sheet((), reason="rss.empty")
        older = self._older(found.next, parse(answer.url))
        return Sheet(found.items, older, capped=older is None, reason=None if older else "rss.newest_only")

    def _older(self, address: object, here: Address) -> Place | None:
        if not isinstance(address, str) or not address:
            return None
        try:
            target = parse(address, base=here)
        except CollectorError:
            return None
        return {"url": str(target)} if target.origin == here.origin and str(target) != str(here) else None

    def _no_feed(self, page: str, here: Address) -> NoReturn:
        """A page: say which feeds it offers."""
        head = page[:200_000]
        links = [tag[0] for tag in _LINK.finditer(head) if _OFFERED.search(tag[0])]
        offered = [one_line(found[1], 200) for tag in links if (found := _HREF.search(tag))]
        if offered:
            raise BadQuery("rss.is_a_page", url=here.shown, feeds=" ".join(dict.fromkeys(offered[:5])))
        raise BrokenAnswer("rss.not_a_feed", url=here.shown)

    def key_of(self, row: Any) -> str:
        """Items have ids, or at least addresses."""
        return item_key(row)

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        """An item; with words asked for, only one that holds them all."""
        item = item_of(row)
        post, since = item.post, self.query.since
        if since is not None and post.created is not None and post.created < since:
            sheet.capped, sheet.reason = False, None  # the feed reaches back far enough
        if self.words:
            said = fold(" ".join((post.title or "", post.text, *post.tags)))
            if not all(word in said for word in self.words):
                return []
        place = self.place if post.platform == PLATFORM else None
        item.post = replace(post, group=place, query=self.feed.shown, fetched=self.fetched)
        return [item]


class Rss:
    """Posts of a feed."""

    platform: ClassVar[str] = RssWalk.platform
    capabilities: ClassVar[Capabilities] = RssWalk.capabilities

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """See ``Collector.collect``."""
        return RssWalk.pages(query, cursor, http)
