"""Feeds: what RSS, Atom, JSON Feed and RSSHub's own object mean, from a file or from the network.

Nothing is fetched and no entity is expanded. An item of a site that is known by its address becomes a post of that
site, with the id that files of that site have, so that both are one row.
"""

from __future__ import annotations

import hashlib
import re
from calendar import timegm
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

from xunke.model import MISSING, Account, Post
from xunke.scrub import scrub

from .bilibili_ids import aid_of
from .importers import values
from .importers.posts import dump, mentions_of, tags_of
from .importers.values import BadValue
from .markup import plain

PLATFORM: Final = "feed"
Row = Mapping[str, Any]
Field = Callable[[Callable[[Any], Any], Row, str], Any]
"""Reads one value of a row; what cannot be understood is MISSING, and noted where somebody asks for notes."""


class UnsafeXml(ValueError):
    """The document declares entities."""


class NotAFeed(ValueError):
    """It is something else."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it came. ``next``: where its older items are, if it says so. ``items``: as JSON Feed has them."""

    items: tuple[Any, ...]
    title: str | None = None
    next: str | None = None


_DECLARED: Final = re.compile(rb"\A\s*<\?xml[^>]{0,200}\?>")
_DOCTYPE: Final = re.compile(rb"<!(?:ENTITY|DOCTYPE[^>]{0,500}\[)", re.IGNORECASE)


def read_xml(data: bytes) -> Feed:
    """An RSS or Atom document in UTF-8 (whatever it declares). Raises UnsafeXml or NotAFeed."""
    data = _DECLARED.sub(b"", data, count=1)
    _refuse_entities(data)
    import feedparser

    parsed = feedparser.parse(BytesIO(data), resolve_relative_uris=False, sanitize_html=False)
    if not parsed.get("version") and not parsed.entries:
        raise NotAFeed
    about = parsed.get("feed") or {}
    links = [link for link in about.get("links") or () if isinstance(link, Mapping)]
    older = next((link.get("href") for link in links if link.get("rel") == "next"), None)
    return Feed(tuple(_item(entry) for entry in parsed.entries), about.get("title"), older)


def _refuse_entities(data: bytes) -> None:
    """Declared entities are refused before any parser sees them; a parser that forbids them looks again."""
    from xml.sax import SAXException
    from xml.sax.handler import ContentHandler

    from defusedxml import DefusedXmlException
    from defusedxml.sax import parseString

    if _DOCTYPE.search(data):
        raise UnsafeXml
    try:
        parseString(data, ContentHandler(), forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise UnsafeXml from error
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


# ---------------------------------------------------------------------- whose post it is


@dataclass(frozen=True, slots=True)
class _Site:
    platform: str
    host: str
    path: re.Pattern[str]
    """Groups: ``id``, and where the address tells it ``uid``."""
    comment: re.Pattern[str] | None = None
    """What stands behind the path (query and fragment) when the address is that of a comment. Group ``id``."""
    prefix: str = ""
    """Before the id of a comment, where comments are numbered as posts are."""
    number: Callable[[str], str | None] | None = None
    """From the name in the address to the id, where they are two."""


_SITES: Final = (
    _Site(
        "weibo", "weibo.com", re.compile(r"/(?P<uid>\d{5,12})/(?P<id>[0-9A-Za-z]{5,12})/?$"), number=values.bid_to_mid
    ),
    _Site("weibo", "m.weibo.cn", re.compile(r"/(?:detail|status|\d+)/(?P<id>\d{14,20})$")),
    _Site("v2ex", "v2ex.com", re.compile(r"/t/(?P<id>\d+)"), re.compile(r"#r_(?P<id>\d+)"), "r_"),
    _Site(
        "bilibili",
        "bilibili.com",
        re.compile(r"/video/(?:av)?(?P<id>BV\w{10}|\d+)"),
        re.compile(r"#reply(?P<id>\d+)"),
        number=aid_of,
    ),
    _Site("tieba", "tieba.baidu.com", re.compile(r"/p/(?P<id>\d+)"), re.compile(r"[?&]pid=(?P<id>\d+)")),
    _Site("zhihu", "zhihu.com", re.compile(r"/(?:answer|p|pin|zvideo)/(?P<id>\d+)")),
    _Site("douban", "douban.com", re.compile(r"/group/topic/(?P<id>\d+)"), re.compile(r"[?&]cid=(?P<id>\d+)")),
    _Site(
        "xiaohongshu",
        "xiaohongshu.com",
        re.compile(r"/(?:explore|discovery/item|user/profile/(?P<uid>[0-9a-f]{24}))/(?P<id>[0-9a-f]{24})"),
    ),
    _Site("douyin", "douyin.com", re.compile(r"/(?:video|note)/(?P<id>\d+)")),
)
_PEOPLE: Final = {
    "weibo": re.compile(r"//(?:m\.)?weibo\.(?:com|cn)/(?:u/)?(\d{5,12})/?$"),
    "bilibili": re.compile(r"//space\.bilibili\.com/(\d{1,20})/?"),
    "xiaohongshu": re.compile(r"xiaohongshu\.com/user/profile/([0-9a-f]{24})"),
    "douban": re.compile(r"douban\.com/people/([\w.-]{1,60})/?$", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Whose an address is: the platform, the post's id, its author's where it is told, the post it comments on."""

    platform: str = PLATFORM
    native_id: str | None = None
    uid: str | None = None
    root: str | None = None


def spot(address: str | None) -> Spot:
    """Platform, post id and author id by the address of a post."""
    if not address:
        return Spot()
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return Spot()
    for site in _SITES:
        if (host == site.host or host.endswith("." + site.host)) and (found := site.path.search(parts.path)):
            native_id = (site.number(found["id"]) if site.number else None) or found["id"]
            behind = site.comment.search(f"?{parts.query}#{parts.fragment}") if site.comment else None
            if behind:
                return Spot(site.platform, site.prefix + behind["id"], None, native_id)
            return Spot(site.platform, native_id, found.groupdict().get("uid"))
    return Spot()


# ---------------------------------------------------------------------- what it says

_BODIES: Final = ("content_html", "content", "description", "content_text", "summary")
_WEIBO_LEAD: Final = re.compile(r"\s*<a\s[^<>]{0,2000}weibo\.c[^<>]*>[^<>]{0,400}</a>\s*[:：]")
_IMAGE: Final = re.compile(r"<img\s[^<>]*+>", re.IGNORECASE)
_ALT: Final = re.compile(r"""\salt=(?:"([^"]{0,60})"|'([^']{0,60})'|([^\s"'>]{1,60}))""", re.IGNORECASE)
_CARD: Final = re.compile(r"^(?:Length|AuthorID|Play|Danmaku|Match By): .*$\n?", re.MULTILINE)
_CARD_FACTS: Final = {
    "uid": re.compile(r"^AuthorID: (\d{1,20})$", re.M), "views": re.compile(r"^Play: (\d{1,12})\b", re.M),
    "saves": re.compile(r"\bFavorite: (\d{1,12})$", re.M), "comments": re.compile(r"\bComment: (\d{1,12})$", re.M),
}  # fmt: skip
_ANSWERED: Final = re.compile(r"(.{1,60}?)回复了帖子《")


def words(body: str) -> str:
    """The text of an HTML fragment without empty lines; emoticon pictures become their alt text. Linear."""
    body = _IMAGE.sub(lambda tag: " ".join(filter(None, m.groups())) if (m := _ALT.search(tag[0])) else "", body)
    lines = (line.strip() for line in plain(body).split("\n"))
    return "\n".join(line for line in lines if line)


def without_quotes(body: str) -> str:
    """``body`` of a Weibo post without its author's link in front and what it reposts (``<blockquote>``)."""
    body = _WEIBO_LEAD.sub("", body, count=1) if _WEIBO_LEAD.match(body) else body
    parts: list[str] = []
    at = 0
    while (start := body.find("<blockquote", at)) >= 0:
        end = body.find("</blockquote>", start)
        if end < 0:
            break
        parts.append(body[at:start])
        at = end + len("</blockquote>")
    return "".join([*parts, body[at:]])


def tolerant(read: Callable[[Any], Any], row: Row, column: str) -> Any:
    """A ``Field`` that notes nothing."""
    try:
        return read(row.get(column))
    except BadValue:
        return MISSING


def _body(row: Row) -> str:
    for name in _BODIES:
        value = row.get(name)
        if isinstance(value, Mapping):
            value = value.get("html") or value.get("text")
        if isinstance(value, str) and value:
            return value
    return ""


def _number(row: Row, native_id: str | None, address: str | None, said: str) -> str:
    """Ids of feeds are any text: what is too long or not one line is known by its digest, as what has none."""
    given = row.get("id") or row.get("guid") or address
    try:
        native_id = native_id or values.ident(given)
    except BadValue as bad:
        if not isinstance(given, str) or bad.key != "import.bad_id":
            raise
        said = given
    if native_id is None:
        if not said.strip("\0"):
            raise BadValue("import.no_id")
        native_id = "sha:" + hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]
    return native_id


def post_of(row: Row, field: Field = tolerant, site: str | None = None, root: str | None = None) -> Post:
    """One JSON Feed item (or RSSHub item). A date that the feed could not tell is MISSING.

    ``site``: the platform it must be of, where the address does not tell one; ``root``: the post that it is a comment
    on, likewise. Raises BadValue.
    """
    body = _body(row)
    address = values.url(row.get("url") or row.get("link") or row.get("external_url"))
    where = spot(address)
    root = where.root or root
    platform = site if site and where.platform == PLATFORM else where.platform
    title = values.name(words(row["title"])) if isinstance(row.get("title"), str) else None
    native_id = where.native_id
    if root and not where.root and root in (native_id, spot(values.url(row.get("id"))).native_id):
        row, native_id, address = {**row, "id": None, "guid": None}, None, None  # the address is that of the post
    native_id = _number(row, native_id, address, f"{title or ''}\0{body}")
    text = words(without_quotes(body) if platform == "weibo" else body)
    facts: dict[str, str] = {}
    if platform == "bilibili" and not root:
        facts = {name: found[1] for name, pattern in _CARD_FACTS.items() if (found := pattern.search(text))}
        text = _CARD.sub("", text).strip()
    stamp = field(
        lambda value: values.when(value, "+00:00"), row, "date_published" if "date_published" in row else "pubDate"
    )
    stamp = stamp if stamp is not None and stamp[0] > 0 else None  # the first second of 1970 is a field left empty
    who = _author(row, platform, where.uid or facts.get("uid"), title if root else None)
    if platform == "bilibili" and root and who and who.name and text.startswith(f"{who.name} : "):
        text = text[len(who.name) + 3 :]
    tags = values.words(row.get("tags") or row.get("category"))
    kept = {key: row[key] for key in ("date_published", "pubDate", "tags", "category") if row.get(key)}
    kept |= {key: values.url(row[key]) or row[key] for key in ("id", "guid") if row.get(key)}
    ties = _ties(row, platform) | ({"reply_to": root} if root else {})
    return Post(
        platform, native_id, text or title or "", author=who,
        kind="comment" if root else "repost" if "repost_of" in ties else "post",
        created=stamp[0] if stamp else None, zone=stamp[1] if stamp else None, title=title, url=address,
        tags=tags_of(platform, tags, text, title), mentions=mentions_of(platform, (), text),
        likes=field(values.count, row, "likes"),
        comments=values.count(facts["comments"]) if "comments" in facts else field(values.count, row, "comments"),
        views=values.count(facts.get("views")), saves=values.count(facts.get("saves")), root=root,
        **ties,
        raw=dump({**kept, "title": scrub(title or ""), "text": scrub(text)}),
    )  # fmt: skip


_TIES: Final = {"reply": "reply_to", "repost": "repost_of", "quote": "quote_of"}


def _ties(row: Row, platform: str) -> dict[str, Any]:
    """What a post answers, reposts or quotes, as RSSHub's ``_extra.links`` say."""
    extra = row.get("_extra")
    links = extra.get("links") if isinstance(extra, Mapping) else None
    found: dict[str, Any] = {}
    for link in links if isinstance(links, list) else ():
        name = _TIES.get(str(link.get("type"))) if isinstance(link, Mapping) else None
        other = spot(values.url(link.get("url"))) if name else Spot()
        if name and other.native_id and other.platform == platform:
            found.setdefault(name, other.native_id)
    return found


def _author(row: Row, platform: str, uid: str | None, title: str | None) -> Account | None:
    """Who wrote it: by an id in an address, else by name. ``title``: of a comment, which may begin with the name."""
    authors = row.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else row.get("author")
    if isinstance(first, list):
        first = first[0] if first else None
    name = values.name(first.get("name")) if isinstance(first, Mapping) else values.name(first)
    link = values.url(first.get("url")) if isinstance(first, Mapping) else None
    if not name and title:
        answered = _ANSWERED.match(title)
        name = answered[1] if answered else title.partition(" : ")[0] if " : " in title else None
    if uid is None and link and platform in _PEOPLE and (found := _PEOPLE[platform].search(link)):
        uid = found[1]
    if uid is None and not name:
        return None
    return Account(platform, uid or f"name:{name}", name, url=link)
