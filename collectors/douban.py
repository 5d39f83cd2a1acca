"""Douban groups: the list and the topics as a visitor's browser reads them, slowly. Reads only.

The list comes from the page (there is no promised JSON of it), a topic and its comments from the mobile site's JSON,
or from their page where that does not answer. The list is in the order of the last answer and says nothing of when a
topic was written: that is read from the topic itself, one request each.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin
from xunke.model import Group, Membership, Record
from xunke.text import clean, one_line

from .address import origin_of
from .base import Capabilities, Cursor, Known, Login, Page, Query
from .douban_map import KIND, PLATFORM, comment, comments_of, group_of, rows_of, topic, topic_of
from .facts import count, each, ident, inner, line
from .http import USER_AGENT, Answer, Reply, Transport
from .walk import Item, Place, Sheet, Task, Walk

WEB: Final = "https://www.douban.com"
MOBILE: Final = "https://m.douban.com"
_HOSTS: Final = ("www.douban.com", "m.douban.com")
MOST_TOPICS: Final = 500
_ROWS: Final = 25
_COMMENTS: Final = 50
_COMMENTS_ON_PAGE: Final = 100
_BAD_IN_A_ROW: Final = 3
_AGENT: Final = f"Mozilla/5.0 (Linux; Android 14; Mobile) {USER_AGENT}"
"""The JSON is the mobile site's and asks for its browsers; who we are stays in it."""

_WALL: Final = re.compile(r"https?://sec\.douban\.com(?:/|$)|/passport/login|/misc/sorry", re.I)
_ODD: Final = "异常请求".encode()
_PARTS: Final = re.compile(rb"class=.?olt\b|topic-content|topic-doc|comment-item")
_BID: Final = re.compile(r"(?:^|[\s,;])bid=([\w-]{5,40})(?=[;,\s]|$)")
_SLUG: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,59}", re.ASCII)
_PLACE: Final = re.compile(r"/group/(?:topic/(?P<topic>\d{1,20})|(?P<group>[\w.-]{1,60}))", re.ASCII)
_ELSEWHERE: Final = (NeedsLogin, BadQuery, BrokenAnswer)
"""What the JSON may answer where the page still shows the same."""


def judge(reply: Reply) -> CollectorError | None:
    """A wall in place of what was asked: the security host, the login page, a page about odd requests, or 403. All
    mean the same to a visitor: stop for hours. The JSON says its errors itself (``msg``, ``code``)."""
    location = reply.headers.get("location", "")
    if _WALL.search(reply.url) or _WALL.search(location):
        return Blocked("douban.blocked", status=reply.status)
    data = reply.json() if reply.body[:200].lstrip()[:1] == b"{" else None
    if isinstance(data, Mapping) and "msg" in data and "code" in data and "id" not in data:
        return _said(reply, data)
    if reply.status in (403, 418):
        return Blocked("douban.blocked", status=reply.status)
    head = reply.body[:400_000]
    if data is None and _ODD in head and not _PARTS.search(head):
        return Blocked("douban.blocked", status=reply.status)
    return None


def _said(reply: Reply, data: Mapping[str, Any]) -> CollectorError | None:
    message, code = line(data, "msg", 160) or "", data.get("code")
    if "login" in message or code == 1001:
        return NeedsLogin("douban.needs_login", said=message)
    if reply.status in (404, 410) or "not_found" in message:
        return Gone("douban.gone")
    if reply.status == 429 or "rate_limit" in message:
        return None if reply.status == 429 else Blocked("douban.blocked", status=reply.status)
    if reply.status in (403, 418):
        return Blocked("douban.blocked", status=reply.status)
    return BrokenAnswer("douban.code", code=ident(code), said=message)


class Douban:
    """Topics of a group, or one topic, with the comments."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"group", "post"}),
        relations=frozenset({"replies"}),
        access=frozenset({"anonymous", "own_cookie"}),
        logins=(Login("own_cookie", ("cookie",)),),
        default_instance=WEB,
        pace=5.0,
        limits=(
            "douban.limit_newest", "douban.limit_pace", "douban.limit_groups", "douban.limit_order",
            "douban.limit_search", "douban.limit_private",
        ),
        legal=("douban.legal_pages",),
        experimental=True,
    )  # fmt: skip

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """Yield pages; see ``Collector.collect``."""
        return DoubanWalk.pages(query, cursor, http)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Whose cookie it is: ``/mine/`` leads to the profile, or to the login. Raises NeedsLogin."""

        def to_login(reply: Reply) -> CollectorError | None:
            found = judge(reply)
            login = "/passport/login" in reply.url + reply.headers.get("location", "")
            return NeedsLogin("douban.bad_cookie") if login else found

        cookie = _own(credentials)
        if not cookie:
            raise NeedsLogin("douban.bad_cookie")
        base = _base(instance) or WEB
        http.share(*_HOSTS)
        answer = await http.get_page(base + "/mine/", cookie=cookie, judge=to_login)
        found = re.search(r"/people/([\w.-]{1,60})", answer.url)
        if found is None:
            raise NeedsLogin("douban.bad_cookie")
        return Known(found[1], notes=(("douban.cookie_reads", {}),))


def _own(credentials: Mapping[str, str]) -> str:
    return credentials.get("cookie", "").strip().removeprefix("Cookie:").strip()


def _base(instance: str | None) -> str:
    """Another server in the place of all of the platform's own hosts; "" where none, or its site itself, is named."""
    if not instance:
        return ""
    found = origin_of(instance)
    return "" if f".{found.host}".endswith(".douban.com") else found.origin


class DoubanWalk(Walk):
    """One run. ``memo``: ``rows`` of the list page that is being read; ``group``: number and name; ``json`` and
    ``page``: whether the JSON, or only the page, was seen to answer."""

    platform = PLATFORM
    capabilities = Douban.capabilities
    ordered = False  # by the last answer, not by the time of writing

    async def begin(self) -> None:
        self.base = _base(self.query.instance)
        self.http.share(*_HOSTS)
        self.own = _own(self.query.credentials)
        self.of = self._named()
        self.single = False

    def _named(self) -> str:
        """The group or topic asked for. Raises BadQuery."""
        value, mode = clean(self.query.value).strip(), self.query.mode
        try:
            parts = urlsplit(value if "://" in value else f"//{value}")
            host = parts.hostname or ""
        except ValueError:
            host = ""
        if host == "douban.com" or host.endswith(".douban.com"):
            found = _PLACE.search(parts.path)
            name = (found["topic"] if mode == "post" else found["group"]) if found else None
        else:
            name = value if _SLUG.fullmatch(value) and (mode == "group" or value.isdecimal()) else None
        if not name:
            raise BadQuery(
                "douban.not_a_group" if mode == "group" else "douban.not_a_topic_name", value=one_line(value, 80)
            )
        return name

    # ------------------------------------------------------------------ asking

    def _cookie(self) -> str | None:
        """The user's own, and the mark that the site gave this visitor."""
        bid = "" if "bid=" in self.own else self.http.vault.get("bid", "")
        return "; ".join(part for part in (f"bid={bid}" if bid else "", self.own) if part) or None

    def _keep(self, answer: Answer[Any]) -> None:
        if "bid" not in self.http.vault and (found := _BID.search(answer.headers.get("set-cookie", ""))):
            self.http.vault["bid"] = found[1]

    async def fetch_page(self, path: str, params: Mapping[str, object]) -> Answer[str]:
        """One page, as robots.txt allows."""
        answer = await self.http.get_page((self.base or WEB) + path, params, cookie=self._cookie(), judge=judge)
        self._keep(answer)
        return answer

    async def fetch_json(self, path: str, number: str, params: Mapping[str, object] | None = None) -> Answer[Any]:
        """One answer of the mobile site, which looks at where it was asked from."""
        headers = {"Referer": f"{MOBILE}/group/topic/{number}/", "User-Agent": _AGENT}
        answer = await self.http.get_json(
            (self.base or MOBILE) + "/rexxar/api/v2" + path, params, cookie=self._cookie(), headers=headers,
            expect=dict, judge=judge,
        )  # fmt: skip
        self._keep(answer)
        return answer

    # ------------------------------------------------------------------ topics

    def key_of(self, row: Any) -> str:
        return ident(row.get("id")) or f"{row!r:.200}" if isinstance(row, Mapping) else f"{row!r:.200}"

    def bearable(self, good: int) -> bool:
        """Topics come one by one: some in a row that cannot be read mean another shape, one does not."""
        if not self.single:
            return super().bearable(good)
        bad = int(self.state.memo.get("bad", 0)) + 1 if self.rejected and not good else 0
        self.state.memo["bad"] = bad
        return bad < _BAD_IN_A_ROW

    async def listing(self, place: Place) -> Sheet:
        self.single = "at" in place
        if self.query.mode == "post":
            answer, source = await self._topic(self.of)
            return Sheet([source], said=1, fetched=answer.fetched)
        if "at" in place:
            return await self._next_topic(int(place["start"]), int(place["at"]))
        return await self._list(int(place.get("start", 0)))

    async def _list(self, start: int) -> Sheet:
        """A page of the list: nothing to store yet, only which topics to read next."""
        memo = self.state.memo
        answer = await self.fetch_page(f"/group/{self.of}/discussion", {"start": start, "type": "new"})
        rows, name = rows_of(answer.data, answer.fetched)
        group = memo.setdefault("group", [self.of, None])
        group[1] = group[1] or name
        new = self.state.trail.fresh([f"t:{row.topic}" for row in rows])
        since = self.query.since
        fresh = [row for row, one in zip(rows, new, strict=True) if one]
        wanted = [row for row in fresh if since is None or row.last is None or row.last >= since]
        old = bool(rows) and since is not None and rows[-1].last is not None and rows[-1].last < since
        memo["rows"] = [[row.topic, row.replies] for row in wanted]
        memo["over"] = old or not fresh
        return Sheet([], {"start": start, "at": 0} if wanted else self._after(start), fetched=answer.fetched)

    def _after(self, start: int) -> Place | None:
        """The next page of the list; none where the rows got too old, repeat, or the platform shows no more."""
        memo = self.state.memo
        if memo.pop("over", True):
            return None
        if start + _ROWS >= MOST_TOPICS:
            memo["capped"] = True
            self.state.reason = "douban.newest_only"
            return None
        return {"start": start + _ROWS}

    async def _next_topic(self, start: int, at: int) -> Sheet:
        rows = self.state.memo.get("rows", [])
        onward: Place | None = {"start": start, "at": at + 1}
        number, told = rows[at] if at < len(rows) else ("", None)
        found: list[Any] = []
        fetched: int | None = None
        if number:
            try:
                answer, source = await self._topic(str(number))
                fetched = answer.fetched
                found = [source if source.get("comments_count") is not None else {**source, "comments_count": told}]
            except Gone:
                self.note("collect.gone_skipped", count=1)
        if at + 1 >= len(rows):
            onward = self._after(start)
        return Sheet(found, onward, fetched=fetched)

    async def _topic(self, number: str) -> tuple[Answer[Any], Mapping[str, Any]]:
        """A topic by the JSON, else by its page. What is gone by the one is gone."""
        memo = self.state.memo
        refused: CollectorError | None = None
        if not memo.get("page"):
            try:
                answer = await self.fetch_json(f"/group/topic/{number}", number)
                if "title" not in answer.data or "create_time" not in answer.data:
                    raise BrokenAnswer("net.shape", url=f"{MOBILE}/rexxar/api/v2/group/topic/{number}")
                memo["json"] = True
                return answer, answer.data
            except _ELSEWHERE as error:
                refused = error
        try:
            page = await self.fetch_page(f"/group/topic/{number}/", {})
        except Gone:
            if refused is not None and not memo.get("json"):  # no way to it has worked yet: that is no deletion
                raise refused from None
            raise
        source = topic_of(page.data, number)
        if refused is not None and not memo.get("json"):
            memo["page"] = True
            self.note("douban.by_page")
        return page, source

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        post = topic(row, self._group(row), sheet.fetched, one_line(self.query.value, 200))
        memo = {"group": [post.group.native_id, post.group.name]} if post.group else {}
        also = (Membership(post.author, post.group),) if post.author and post.group else ()
        return (Item(post, also=also, memo=memo),)

    def _group(self, row: Any) -> Group | None:
        """The group of a topic: one number in one run, the JSON's where it was told (an address may hold a name)."""
        told = group_of(inner(row, "group")) if isinstance(row, Mapping) else None
        if self.query.mode == "post":
            return told
        group = self.state.memo.setdefault("group", [self.of, None])
        if told and told.native_id.isdecimal() and not str(group[0]).isdecimal():
            group[0] = told.native_id
        if told and told.name:
            group[1] = group[1] or told.name
        return Group(PLATFORM, str(group[0]), group[1], KIND)

    # ------------------------------------------------------------------ comments

    async def relation(self, task: Task) -> Sheet:
        self.single = False
        start = int(task.next.get("start", 0))
        refused: CollectorError | None = None
        if not task.next.get("page") and not self.state.memo.get("page"):
            try:
                return await self._comments(task, start)
            except _ELSEWHERE as error:
                refused = error
        try:
            return await self._comments_page(task, start // _COMMENTS_ON_PAGE * _COMMENTS_ON_PAGE)
        except Gone:
            raise refused or Gone("douban.gone") from None

    async def _comments(self, task: Task, start: int) -> Sheet:
        """Comments by the JSON. ``popular_comments`` are some of them again; the server cuts ``count`` as it likes."""
        params = {"start": start, "count": _COMMENTS}
        answer = await self.fetch_json(f"/group/topic/{task.key}/comments", task.key, params)
        rows, said = answer.data.get("comments"), count(answer.data.get("total"))
        if not isinstance(rows, list):
            raise BrokenAnswer("net.shape", url=f"{MOBILE}/rexxar/api/v2/group/topic/{task.key}/comments")
        more = said is not None and start + len(rows) < said
        if more and not rows:
            return Sheet(rows, None, said, answer.fetched, reason="douban.comments_withheld")
        return Sheet(rows, {"start": start + len(rows)} if more else None, said, answer.fetched)

    async def _comments_page(self, task: Task, start: int) -> Sheet:
        answer = await self.fetch_page(f"/group/topic/{task.key}/", {"start": start} if start else {})
        rows = comments_of(answer.data)
        full = len(rows) >= _COMMENTS_ON_PAGE
        onward: Place | None = {"start": start + _COMMENTS_ON_PAGE, "page": True} if full else None
        return Sheet(rows, onward, None, answer.fetched)

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        told = task.memo.get("group")
        group = Group(PLATFORM, str(told[0]), told[1], KIND) if told else None
        found = [comment(row, task.key, group, sheet.fetched)]
        for one in each(row, "replies"):
            answer = comment(one, task.key, group, sheet.fetched)
            found.append(replace(answer, reply_to=found[0].native_id) if answer.reply_to == task.key else answer)
        records: list[Record] = []
        for post in found:
            if self.first_time(post.native_id):
                records += [Membership(post.author, group)] if post.author and group else []
                records.append(post)
        return records
