"""Feeds saved to a file: RSS, Atom, JSON Feed, RSSHub's own object. Nothing is fetched, no entity is expanded."""

from __future__ import annotations

import hashlib
import re
from calendar import timegm
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

from xunke.errors import BadInput
from xunke.model import Account, Post, Record
from xunke.scrub import scrub

from . import values
from .base import Context, RawRow
from .posts import dump, mentions_of, tags_of
from .source import Source
from .values import BadValue

MAX_XML: Final = 64 * 1024 * 1024
PLATFORM: Final = "feed"


def xml_rows(source: Source) -> Iterator[RawRow]:
    """The entries of an RSS or Atom file as JSON Feed items.

    Raises BadInput for files that declare entities, are no feed, or are larger than 64 MiB.
    """
    if source.size > MAX_XML:
        raise BadInput("import.feed_too_large", path=source.shown, limit=MAX_XML // 2**20)
    data = b"".join(source.chunks())
    data = _DECLARED.sub(b"", data, count=1)  # the bytes are UTF-8 now, whatever they were
    _refuse_entities(data, source)
    import feedparser

    parsed = feedparser.parse(BytesIO(data), resolve_relative_uris=False, sanitize_html=False)
    if not parsed.get("version") and not parsed.entries:
        raise BadInput("import.not_a_feed", path=source.shown)
    source.rows_total, source.rows_done = len(parsed.entries), 0
    for entry in parsed.entries:
        source.rows_done += 1
        yield "items", _item(entry), None


_DECLARED: Final = re.compile(rb"\A\s*<\?xml[^>]{0,200}\?>")
_DOCTYPE: Final = re.compile(rb"<!(?:ENTITY|DOCTYPE[^>]{0,500}\[)", re.IGNORECASE)


def _refuse_entities(data: bytes, source: Source) -> None:
    """Declared entities are refused before any parser sees them; a parser that forbids them looks again."""
    from xml.sax import SAXException
    from xml.sax.handler import ContentHandler

    from defusedxml import DefusedXmlException
    from defusedxml.sax import parseString

    if _DOCTYPE.search(data):
        raise BadInput("import.unsafe_xml", path=source.shown)
    try:
        parseString(data, ContentHandler(), forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise BadInput("import.unsafe_xml", path=source.shown) from error
    except (SAXException, ValueError, LookupError):
        return  # not well-formed: feedparser has its own lenient reader, which knows no declarations


def _item(entry: Any) -> dict[str, Any]:
    content = entry.get("content") or [{}]
    moment = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    try:
        seconds = timegm(moment) if moment else None
    except (ValueError, OverflowError, TypeError):
        seconds = None
    authors = entry.get("authors") or [{}]
    return {
        "id": entry.get("id") or entry.get("link"),
        "url": entry.get("link"),
        "title": entry.get("title"),
        "content_html": content[0].get("value") or entry.get("summary"),
        "date_published": seconds,
        "authors": [{"name": entry.get("author") or authors[0].get("name"), "url": authors[0].get("href")}],
        "tags": [tag.get("term") for tag in entry.get("tags", ()) if tag.get("term")],
        "comments": entry.get("rsshub_comments") or entry.get("slash_comments"),
        "likes": entry.get("rsshub_upvotes"),
    }


@dataclass(frozen=True, slots=True)
class _Site:
    platform: str
    host: str
    path: re.Pattern[str]
    """Groups: ``id``, and where the address tells it ``uid``."""
    bid: bool = False


_SITES: Final = (
    _Site("weibo", "weibo.com", re.compile(r"/(?P<uid>\d{5,12})/(?P<id>[0-9A-Za-z]{5,12})/?$"), bid=True),
    _Site("weibo", "m.weibo.cn", re.compile(r"/(?:detail|status|\d+)/(?P<id>\d{14,20})$")),
    _Site("v2ex", "v2ex.com", re.compile(r"/t/(?P<id>\d+)")),
    _Site("bilibili", "bilibili.com", re.compile(r"/video/(?:av)?(?P<id>BV\w{10}|\d+)")),
    _Site("tieba", "tieba.baidu.com", re.compile(r"/p/(?P<id>\d+)")),
    _Site("zhihu", "zhihu.com", re.compile(r"/(?:answer|p|pin|zvideo)/(?P<id>\d+)")),
    _Site("douban", "douban.com", re.compile(r"/group/topic/(?P<id>\d+)")),
    _Site("xiaohongshu", "xiaohongshu.com", re.compile(r"/(?:explore|discovery/item)/(?P<id>[0-9a-f]{24})")),
    _Site("douyin", "douyin.com", re.compile(r"/(?:video|note)/(?P<id>\d+)")),
)
_WEIBO_USER: Final = re.compile(r"//(?:m\.)?weibo\.(?:com|cn)/(?:u/)?(\d{5,12})/?$")
_WEIBO_NOISE: Final = re.compile(
    r"^\s*<a [^>]*href=[\"'][^\"']*weibo\.c[^\"']*[\"'][^>]*>[^<]*</a>\s*[:：]|<blockquote.*?</blockquote>", re.DOTALL
)


def _place(address: str | None) -> tuple[str, str | None, str | None]:
    """Platform, post id and author id by the address of a post."""
    if not address:
        return PLATFORM, None, None
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return PLATFORM, None, None
    for site in _SITES:
        if (host == site.host or host.endswith("." + site.host)) and (found := site.path.search(parts.path)):
            native_id = values.bid_to_mid(found["id"]) if site.bid else found["id"]
            return site.platform, native_id or found["id"], found.groupdict().get("uid")
    return PLATFORM, None, None


def map_row(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """One JSON Feed item (or RSSHub item). A date that the feed could not tell is noted and MISSING."""
    if context.table not in ("items", "item"):
        return ()
    content = row.get("content")
    inner = content.get("html") or content.get("text") if isinstance(content, dict) else None
    body = next(
        (
            x
            for x in (
                row.get("content_html"),
                inner,
                row.get("description"),
                row.get("content_text"),
                row.get("summary"),
            )
            if isinstance(x, str) and x
        ),
        "",
    )
    address = values.url(row.get("url") or row.get("link") or row.get("external_url"))
    platform, native_id, uid = _place(address)
    native_id = native_id or values.ident(row.get("id") or row.get("guid") or address)
    title = values.name(values.strip_html(row["title"])) if isinstance(row.get("title"), str) else None
    if native_id is None:
        if not (title or body):
            raise BadValue("import.no_id")
        native_id = "sha:" + hashlib.sha256(f"{title}\0{body}".encode("utf-8", "replace")).hexdigest()[:16]
    text = values.strip_html(_WEIBO_NOISE.sub("", body) if platform == "weibo" else body)
    stamp = context.field(
        lambda value: values.when(value, "+00:00"), row, "date_published" if "date_published" in row else "pubDate"
    )
    who = _author(row, platform, uid)
    tags = values.words(row.get("tags") or row.get("category"))
    kept = {
        key: row.get(key) for key in ("id", "guid", "date_published", "pubDate", "tags", "category") if row.get(key)
    }
    return (
        Post(
            platform, native_id, text or title or "", author=who,
            created=stamp[0] if stamp else None, zone=stamp[1] if stamp else None, title=title, url=address,
            tags=tags_of(platform, tags, text, title), mentions=mentions_of(platform, (), text),
            likes=context.field(values.count, row, "likes"), comments=context.field(values.count, row, "comments"),
            raw=dump({**kept, "title": scrub(title or ""), "text": scrub(text)}),
        ),
    )  # fmt: skip


def _author(row: dict[str, Any], platform: str, uid: str | None) -> Account | None:
    authors = row.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else row.get("author")
    name = values.name(first.get("name")) if isinstance(first, dict) else values.name(first)
    link = values.url(first.get("url")) if isinstance(first, dict) else None
    if uid is None and link and (found := _WEIBO_USER.search(link)):
        uid = found[1]
    if uid is None and not name:
        return None
    return Account(platform, uid or f"name:{name}", name, url=link)
