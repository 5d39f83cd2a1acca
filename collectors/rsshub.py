"""RSSHub: feeds that an instance of the user's own makes of sites without any.

What can be asked for stands in ``rsshub_routes.toml``. A value is ``platform:argument`` (``weibo:咖啡``, ``贴吧:手冲``)
or a path of the instance (``/hupu/bbs/all``). Posts belong to the site they come from, with the ids of its files.
Cookies and keys for the sites are set in the instance and never come here; RSSHub is AGPL and is only spoken to.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, quote, unquote

from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import MISSING, Account, Group, Post, Record
from xunke.text import clean, fold, one_line

from .address import origin_of
from .answers import Reply
from .base import Capabilities, Cursor, Known, Login, Page, Query
from .bilibili_ids import aid_of
from .feed_items import tolerant
from .http import Transport
from .markup import plain
from .rss import item_key, item_of
from .walk import Item, Place, Sheet, State, Task, Walk


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table; see there. ``platform`` "" : told by the addresses of the items."""

    platform: str
    path: str
    modes: frozenset[str] = frozenset()
    argument: str = r"[^\r\n]{1,100}"
    hint: str = "rsshub.arg_word"
    config: str = ""
    group: str = ""
    own: bool = False
    root: bool = False
    newest: bool = False
    replies: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A route with its argument. ``path`` is encoded; ``params`` are RSSHub's own (limit, filter …)."""

    route: Route
    path: str
    argument: str
    params: tuple[tuple[str, str], ...] = ()


@cache
def table() -> tuple[tuple[Route, ...], Mapping[str, str], Mapping[str, str]]:
    """The routes, the names of platforms that people write, and platforms by the first part of a path."""
    found = tomllib.loads(files("collectors").joinpath("rsshub_routes.toml").read_text("utf-8"))
    routes = tuple(Route(**{**row, "modes": frozenset(row["modes"])}) for row in found["route"])
    return routes, found["names"], found["firsts"]


_NAMED: Final = re.compile(r"\s*([^\s:：/]{1,20})\s*[:：]\s*(.+)", re.S)
_LONE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_OURS: Final = frozenset({"format", "key", "code"})


def find(mode: str, value: str) -> Asked:
    """What ``value`` asks for. Raises BadQuery, saying what there is."""
    value = clean(value).strip()
    if value.startswith("/"):
        return _by_path(value)
    routes, names, _ = table()
    fitting = [route for route in routes if mode in route.modes]
    written = _NAMED.fullmatch(value)
    platform = names.get(fold(written[1]), fold(written[1])) if written else ""
    route = next((route for route in fitting if route.platform == platform), None)
    if written is None or route is None:
        known = sorted({route.platform for route in fitting})
        raise BadQuery("rsshub.which", value=one_line(value, 60), mode=mode, known="、".join(known))
    argument = written[2].strip().strip("#＃") if "tag" in route.modes else written[2].strip()
    if route.group == "tieba":
        argument = argument.removesuffix("吧") or argument
    if not re.fullmatch(route.argument, argument, re.ASCII):
        raise BadQuery(route.hint, platform=platform, value=one_line(argument, 60))
    return Asked(route, route.path.replace("{}", quote(argument, safe="")), argument)


def _by_path(value: str) -> Asked:
    """A path as the instance's documentation writes it; what the table knows of it is kept."""
    path, _, query = value.partition("?")
    params = tuple((k, v) for k, v in parse_qsl(query, keep_blank_values=True) if k not in _OURS)
    path = quote(_LONE_PERCENT.sub("%25", path), safe="/&=:@!$'()*+,;~-._%")
    parts = path.strip("/").split("/")
    routes, _, firsts = table()
    for route in routes:
        fixed, _, _ = route.path.partition("{}")
        if fixed.endswith("/") and path.startswith(fixed) and (rest := path[len(fixed) :].partition("/")[0]):
            argument = unquote(rest)
            if re.fullmatch(route.argument, argument, re.ASCII):
                return Asked(route, path, argument, params)
    platform = firsts.get(parts[0], parts[0])
    known = platform if platform in {route.platform for route in routes} else ""
    return Asked(Route(known, path), path, "", params)


# ---------------------------------------------------------------------- what an instance says

_SAID: Final = re.compile(r"Error Message:\s*(.{1,400}?)\s*(?:\n\s*\n|\bRoute\b|\Z)", re.S)
EMPTY: Final = re.compile(r"route is empty", re.I)
_MEANINGS: Final[tuple[tuple[re.Pattern[str], type[CollectorError], str], ...]] = (
    (EMPTY, Gone, "rsshub.empty"),
    (re.compile(r"authentication failed|access denied", re.I), NeedsLogin, "rsshub.access_key"),
    (re.compile(r"config(?:uration)? not found|not configured|未配置|缺少", re.I), Blocked, "rsshub.config"),
    (re.compile(r"cookies?\b.{0,30}(?:expired|invalid|过期|失效)|请登录|login required", re.I), Blocked,
     "rsshub.cookies"),
    (re.compile(r"puppeteer|playwright|chromium|executable doesn't exist", re.I), Blocked, "rsshub.browser"),
    (re.compile(r"captcha|验证|风控|-352|\b412\b|\b403\b|forbidden", re.I), Blocked, "rsshub.site_refuses"),
)  # fmt: skip
"""By what an error says, the first that fits; everything else (``invalid response`` …) passes. Cookies are in the
instance: no login of ours brings them back."""
_LATER: Final = 600.0
_BUSY: Final = 15.0


def said_in(answer: Reply) -> str | None:
    """The message of an error of RSSHub, in JSON or on its page; None: the answer is not one of its errors."""
    found = answer.json()
    if isinstance(found, Mapping) and "error" in found:
        inside = found["error"]
        text = inside.get("message") if isinstance(inside, Mapping) else inside
        return one_line(str(text or ""), 200)
    if answer.status in (403, 404, 503) and answer.body.lstrip()[:1] == b"<":
        page = plain(answer.body[:65_536].decode("utf-8", "replace"))
        if shown := _SAID.search(page):
            return one_line(shown[1], 200)
    return None


class RsshubWalk(Walk):
    """One run over one route, and the comments on its posts where there is a route for them."""

    platform: ClassVar[str] = "rsshub"
    ordered = False
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"tag", "topic", "group", "keyword", "account", "post"}),
        relations=frozenset({"replies"}),
        access=frozenset({"anonymous", "own_app"}),
        needs_instance=True,
        logins=(Login("own_app", ("access_key",)),),
        pace=2.0,
        limits=("rsshub.limit_first_page", "rsshub.limit_fields", "rsshub.limit_cookies", "rsshub.limit_platforms"),
        legal=("rsshub.legal",),
    )

    async def begin(self) -> None:
        """Whose instance, and what is asked of it."""
        if not self.query.instance:
            raise BadQuery("collect.needs_instance", platform=self.platform)
        self.base = origin_of(self.query.instance).origin
        self.asked = find(self.query.mode, self.query.value)
        self.fetched: int | None = None

    async def opening(self) -> list[Record]:
        """Posts still come where the instance has no route for what hangs on them."""
        if self.query.relations and not self.asked.route.replies:
            self.note("rsshub.no_replies", platform=self.asked.route.platform or one_line(self.asked.path, 60))
            self.close("replies")
        return []

    async def fetch(self, route: Route, path: str, params: tuple[tuple[str, str], ...] = ()) -> list[Any]:
        """The items of a route. An empty one is an error of the instance; here it raises Gone ``rsshub.empty``."""
        key = self.query.credentials.get("access_key")
        sent = [*params, ("format", "json")]
        if key:  # a code for this path only, so that the key itself is in nobody's log
            sent.append(("code", code_for(path, key)))

        def judge(answer: Reply) -> CollectorError | None:
            return self._judge(answer, route, path)

        answer = await self.http.get_json(self.base + path, list(sent), expect=dict, judge=judge)
        items = answer.data.get("items")
        if not isinstance(items, list):
            raise BrokenAnswer("net.shape", url=self.base + path)
        self.fetched = answer.fetched
        return items

    def _judge(self, answer: Reply, route: Route, path: str) -> CollectorError | None:
        said = said_in(answer)
        host, shown = origin_of(self.base).host, one_line(unquote(path), 120)
        if answer.status == 404:
            return BadQuery("rsshub.no_route", host=host, path=shown, pattern=route.path)
        if said is None:
            return None
        key = self.query.credentials.get("access_key")
        for secret in filter(None, (key, key and code_for(path, key))):
            said = said.replace(secret, "***")
        for pattern, kind, name in _MEANINGS:
            if pattern.search(said):
                return kind(name, host=host, path=shown, config=route.config or "-", said=said)
        if answer.status == 403:
            return Blocked("rsshub.refused", host=host, path=shown, said=said)
        busy = "in progress" in said or "RequestInProgress" in said
        return Retry("rsshub.upstream", _BUSY if busy else _LATER, host=host, path=shown, said=said)

    # ------------------------------------------------------------------ posts

    async def listing(self, place: Place) -> Sheet:
        """The one page there is."""
        try:
            items = await self.fetch(self.asked.route, self.asked.path, self.asked.params)
        except Gone as gone:
            if gone.key != "rsshub.empty":
                raise
            return Sheet((), reason="rsshub.empty")
        return Sheet(items, capped=bool(items), reason="rsshub.first_page" if items else "rsshub.empty")

    def key_of(self, row: Any) -> str:
        """Items have ids or addresses; comments may have only that of their post."""
        return f"{item_key(row)}\0{row.get('title')}" if isinstance(row, Mapping) else item_key(row)

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        """An item of the route asked for."""
        route, since = self.asked.route, self.query.since
        item = item_of(row, route.platform or None, self._root(route, self.asked.argument))
        post = _thread_itself(item.post)
        if route.newest and since is not None and post.created is not None and post.created < since:
            sheet.capped, sheet.reason = False, None
        argument = one_line(self.asked.argument, 100)
        if route.group and post.platform == route.platform:
            post = replace(post, group=Group(post.platform, argument, _title(argument), route.group))
        if route.own and post.platform == route.platform:
            who = post.author or Account(post.platform, argument)
            if who.native_id == argument or who.native_id.startswith("name:"):
                post = replace(post, author=replace(who, native_id=argument))
        item.post = self._finish(post)
        item.asks = post.kind == "post" and post.platform == route.platform
        item.local = _local(row, post.native_id)
        return [item]

    def _finish(self, post: Post) -> Post:
        return replace(post, query=one_line(self.query.value, 200), fetched=self.fetched)

    @staticmethod
    def _root(route: Route, argument: str) -> str | None:
        if not route.root:
            return None
        return (aid_of(argument) if route.platform == "bilibili" else None) or one_line(argument, 60)

    # ------------------------------------------------------------------ comments

    async def relation(self, task: Task) -> Sheet:
        """The comments that the instance shows of one post: one page."""
        route = self.asked.route
        path = route.replies.replace("{}", quote(task.local, safe=""))
        try:
            items = await self.fetch(Route(route.platform, route.replies, config=route.config), path)
        except Gone as gone:
            if gone.key != "rsshub.empty":
                raise
            items = []
        return Sheet(items, reason="rsshub.first_page" if items else "rsshub.empty", again=True)

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        """A comment, tied to the post whose comments were asked for."""
        post = item_of(row, self.asked.route.platform, task.key).post
        return [] if task.key in (post.native_id, _thread_itself(post).native_id) else [self._finish(post)]


def _title(argument: str) -> str | None:
    """A place is called as it was asked for, but a number is none: it must not cover the one known from elsewhere."""
    return MISSING if re.fullmatch(r"(?=[a-f]*\d)[0-9a-f]{5,}", argument) else argument


_FIRST_FLOOR: Final = re.compile(r"(?<!\d)1\s?楼\s*\S*\s*\Z")


def _thread_itself(post: Post) -> Post:
    """On Tieba the first floor is the thread's own text and no comment on it."""
    if post.platform != "tieba" or not post.root or not _FIRST_FLOOR.search(post.text[-200:]):
        return post
    return replace(post, native_id=post.root, kind="post", root=None, reply_to=None)


_BVID: Final = re.compile(r"/video/(BV\w{10})", re.ASCII)


def _local(row: Mapping[str, Any], native_id: str) -> str:
    """What the routes of comments call a post: of a video the name in its address, where it has one."""
    address = tolerant(lambda value: value if isinstance(value, str) else "", row, "url")
    found = _BVID.search(address)
    return found[1] if found else native_id


def code_for(path: str, key: str) -> str:
    """RSSHub's own access code: MD5 over the path as its router sees it (letters decoded, delimiters not) and key."""
    reserved = "".join(f"%{ord(c):02X}|" for c in ";/?:@&=+$,#%").rstrip("|")
    parts = re.split(f"({reserved})", path, flags=re.I)
    seen = "".join(part if re.fullmatch(reserved, part, re.I) else unquote(part) for part in parts)
    return hashlib.md5((seen + key).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


class Rsshub:
    """Posts by an RSSHub instance."""

    platform: ClassVar[str] = RsshubWalk.platform
    capabilities: ClassVar[Capabilities] = RsshubWalk.capabilities

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """See ``Collector.collect``."""
        return RsshubWalk.pages(query, cursor, http)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Whether the instance is there and takes the key. Raises NeedsLogin."""
        query = Query("group", "/healthz", instance, credentials=credentials)
        walk = RsshubWalk(query, State(), http)
        await walk.begin()
        key = credentials.get("access_key") or ""
        params = {"code": code_for("/healthz", key)} if key else None

        def judge(answer: Reply) -> CollectorError | None:
            return walk._judge(answer, walk.asked.route, "/healthz")

        await http.get_bytes(f"{walk.base}/healthz", params, judge=judge)
        return Known(origin_of(walk.base).host)
