"""V2EX: topics of a node, of a member, of the hot and latest lists, one topic; replies.

Without a token API v1 tells the newest topics of a node or member and no more. With the user's own token (API 2.0) a
node and the replies are paged to the end; topics of its lists name no author, so each wanted one is asked for by
itself. There is no search, and no likes or followers.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar, Final, Self
from urllib.parse import quote

import msgspec

from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import Group, Record
from xunke.text import fold, one_line

from . import pacing
from .address import origin_of
from .base import Capabilities, Cursor, Known, Login, Page, Query
from .facts import count, epoch, inner, line
from .http import Answer, Reply, Transport
from .v2ex_map import PLATFORM, Floors, member, reply, topic
from .walk import WHOLE, Item, Place, Sheet, State, Task, Unusable, Walk

HOME: Final = "https://www.v2ex.com"
_V2_ROWS: Final = 20
_REPLY_ROWS: Final = 100
_FULL: Final = 10
"""A v1 list this long may have been cut off: it is told to be 10 or 20 long."""
_BOARDS: Final = {
    "hot": "hot", "热门": "hot", "热议": "hot", "今日热议": "hot",
    "latest": "latest", "new": "latest", "最新": "latest",
}  # fmt: skip
_TOPIC: Final = re.compile(r"(?:.*/t/)?(\d{1,12})(?:[?#].*)?")
_MEMBER: Final = re.compile(r"(?:.*/(?:member|u)/|[@＠])?([^/?#@＠\s]{1,60})/?")
_NODE: Final = re.compile(r"(?:.*/go/)?([^/?#]{1,100})/?")
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,60}", re.ASCII)
_HOUR: Final = re.compile(r"rate.?limit|too many|频繁|频率", re.I)
_TOKEN: Final = re.compile(r"token|unauthor|令牌", re.I)


def judge(answer: Reply) -> CollectorError | None:
    """V2EX's own ways to refuse: a used-up hour as 403, the challenge of its CDN, a bad token, what is not there."""
    if answer.status in (403, 429) and pacing.remaining(answer.headers) == 0:
        after = pacing.reset_after(answer.headers, time.time())
        return Retry("net.limited", max(after or 3_600.0, 1.0), host="v2ex.com")
    if answer.status == 403 and answer.body.lstrip()[:1] == b"<":
        return Blocked("v2ex.challenge")
    said = answer.json()
    if not isinstance(said, Mapping) or not (said.get("success") is False or said.get("status") == "error"):
        return None
    words = one_line(str(said.get("message") or ""), 160)
    if _HOUR.search(words):
        after = pacing.reset_after(answer.headers, time.time())
        return Retry("net.limited", max(after or 3_600.0, 1.0), host="v2ex.com")
    if answer.status == 401 or _TOKEN.search(words):
        return NeedsLogin("v2ex.bad_token")
    if answer.status == 404 or "not found" in words.lower():
        return None if "status" in said else Gone("v2ex.not_there", said=words)  # v1: read as an object that is none
    return BrokenAnswer("v2ex.error", said=words) if answer.status == 200 else None


def _objects(data: object) -> list[Mapping[str, Any]]:
    """The objects of a v1 answer: a list, one object, or ``{"status": "notfound"}`` for none."""
    if isinstance(data, Mapping):
        return [] if data.get("status") in ("notfound", "error") else [data]
    return [row for row in data if isinstance(row, Mapping)] if isinstance(data, list) else []


def _touched(row: object) -> int:
    """When anything happened in a topic. Promoted ones say a time to come, old ones one before they were made."""
    if not isinstance(row, Mapping):
        return 0
    return max(epoch(row.get("last_touched")) or 0, epoch(row.get("created")) or 0)


class V2exWalk(Walk):
    """One run. ``state.memo``: ``node`` and ``title`` of the place asked for; ``user``; ``board``."""

    platform: ClassVar[str] = PLATFORM
    ordered = False  # the last answered come first; see _past
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"group", "account", "post", "topic"}),
        relations=frozenset({"replies"}),
        access=frozenset({"anonymous", "own_token"}),
        logins=(Login("own_token", ("token",)),),
        default_instance="www.v2ex.com",
        pace=1.0,
        quota=(120, 3_600),
        limits=("v2ex.limit_newest", "v2ex.limit_search", "v2ex.limit_hour", "v2ex.limit_relations"),
        legal=("v2ex.legal",),
    )

    @classmethod
    async def start(cls, query: Query, cursor: Cursor | None, http: Transport, size: int | None = None) -> Self:
        """As every walk; asked for words it says what there is instead."""
        if query.mode in ("keyword", "tag"):
            raise BadQuery("v2ex.no_search", value=one_line(query.value, 60))
        return await super().start(query, cursor, http, size)

    async def begin(self) -> None:
        """Where the API is: a mirror of the user's own may stand for the site."""
        self.base = origin_of(self.query.instance).origin if self.query.instance else HOME
        self.fetched: int | None = None

    async def v1(self, path: str, **params: object) -> Answer[Any]:
        """API v1, which knows no token."""
        answer = await self.http.get_json(f"{self.base}/api/{path}.json", params, judge=judge)
        self.fetched = answer.fetched
        return answer

    async def v2(self, path: str, expect: type, page: int | None = None) -> tuple[Any, Mapping[str, Any]]:
        """``result`` and ``pagination`` of API 2.0."""
        params = None if page is None else {"p": page}
        url = f"{self.base}/api/v2/{path}"
        answer = await self.http.get_json(url, params, self.query.token, expect=dict, judge=judge)
        self.fetched = answer.fetched
        if not isinstance(answer.data.get("result"), expect):
            raise BrokenAnswer("net.shape", url=url)
        return answer.data["result"], inner(answer.data, "pagination")

    # ------------------------------------------------------------------ what is asked for

    async def opening(self) -> list[Record]:
        """Find the node, the board or the member."""
        value = one_line(self.query.value, 200)
        board = _BOARDS.get(fold(value).strip("#＃")) if self.query.mode == "topic" else None
        if board:
            self.state.memo["board"] = board
        elif self.query.mode in ("group", "topic"):  # what posts are about is what their node is about
            await self._find_node(value)
            if self.query.mode == "topic":
                self.note("v2ex.topic_as_node", name=str(self.state.memo["title"]))
        if self.query.mode != "account":
            return []
        asked = _MEMBER.fullmatch(value)
        name = asked[1] if asked else value
        answer = await self.v1("members/show", username=name)
        if not (found := _objects(answer.data)) and name.isdecimal():
            answer = await self.v1("members/show", id=name)
            found = _objects(answer.data)
        if not found:
            raise Gone("v2ex.no_member", name=name)
        try:
            who = member(found[0], answer.fetched)
        except Unusable:
            raise BrokenAnswer("net.shape", url=answer.url) from None
        self.state.memo["user"] = who.handle or name
        return [who]

    async def _find_node(self, value: str) -> None:
        """By name, else by title (``咖啡``) in the list of all nodes. Raises BadQuery with what comes near."""
        asked = _NODE.fullmatch(value.lstrip("#＃"))
        name = asked[1] if asked else value
        found: list[Mapping[str, Any]] = []
        if _NAME.fullmatch(name):
            try:
                found = _objects((await self.v1("nodes/show", name=name.lower())).data)
            except Gone:
                found = []
        if not found or not line(found[0], "name"):
            nodes = _objects((await self.v1("nodes/all")).data)
            if not any(line(one, "name") for one in nodes):
                raise BrokenAnswer("net.shape", url=f"{self.base}/api/nodes/all.json")
            found = self._by_title(nodes, name)
        self.state.memo |= {"node": line(found[0], "name"), "title": line(found[0], "title", 100)}
        if self.query.since is None and self.query.until is None:  # it is of all times
            self.state.said = count(found[0].get("topics"))

    def _by_title(self, nodes: list[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
        wanted = fold(name)
        near: list[tuple[int, str]] = []
        for one in nodes:
            names = [one.get("title"), one.get("title_alternative"), one.get("name")]
            names += one["aliases"] if isinstance(one.get("aliases"), list) else []
            called = [fold(word) for word in names if isinstance(word, str) and word]
            if wanted in called and line(one, "name"):
                return [one]
            if any(wanted in word or word in wanted for word in called):
                near.append((-(count(one.get("topics")) or 0), line(one, "title", 40) or ""))
        if not near:
            raise BadQuery("v2ex.no_such_node", name=one_line(name, 60))
        raise BadQuery("v2ex.no_node", name=one_line(name, 60), near="、".join(title for _, title in sorted(near)[:5]))

    def place(self) -> Group | None:
        """The node asked for."""
        name = self.state.memo.get("node")
        return Group(PLATFORM, name, self.state.memo.get("title") or name, "node") if name else None

    # ------------------------------------------------------------------ topics

    async def listing(self, place: Place) -> Sheet:
        """One page of topics."""
        if self.state.memo.get("node"):
            return await (self._node_pages(place.get("p", 1)) if self.query.token else self._newest("node"))
        if self.query.mode == "account":
            return await self._newest("user")
        if self.query.mode == "post":
            return await self._one()
        rows = (await self.v1(f"topics/{self.state.memo['board']}")).data
        return Sheet(self._rows(rows), capped=True, reason="v2ex.board_only")

    def _rows(self, data: Any) -> list[Any]:
        return data if isinstance(data, list) else list(_objects(data))

    async def _newest(self, by: str) -> Sheet:
        """What v1 has: the newest of a node or member, one page."""
        name = self.state.memo[by]
        rows = self._rows((await self.v1("topics/show", **{"node_name" if by == "node" else "username": name})).data)
        said = self.state.said
        more = len(rows) < said if said is not None else len(rows) >= _FULL
        if not more or self._past(rows, any):
            return Sheet(rows, said=said)
        return Sheet(rows, said=said, capped=True, reason="v2ex.newest_only" if rows else "v2ex.node_hidden")

    async def _node_pages(self, page: int) -> Sheet:
        """A node by API 2.0."""
        name = quote(str(self.state.memo["node"]), safe="")
        rows, pages = await self.v2(f"nodes/{name}/topics", list, page)
        last = count(pages.get("pages"))
        more = page < last if last is not None else len(rows) >= _V2_ROWS
        after = {"p": page + 1} if more and rows and not self._past(rows, all) else None
        return Sheet(rows, after, said=self.state.said)

    def _past(self, rows: list[Any], which: Any) -> bool:
        """Whether the list has come to what nobody touched since ``since``: all behind is older."""
        since = self.query.since
        return since is not None and bool(rows) and which(_touched(row) < since for row in rows)

    async def _one(self) -> Sheet:
        asked = _TOPIC.fullmatch(one_line(self.query.value, 200))
        if not asked:
            raise BadQuery("v2ex.no_topic_id", value=one_line(self.query.value, 60))
        if self.query.token:  # it tells the author's later additions (附言), too
            return Sheet([(await self.v2(f"topics/{asked[1]}", dict))[0]])
        rows = _objects((await self.v1("topics/show", id=asked[1])).data)
        if not rows or rows[0].get("deleted") == 1:
            raise Gone("v2ex.no_topic", id=asked[1])
        return Sheet(rows)

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        """A topic; one that was deleted is nobody's business any more. The lists of API 2.0 name no author: such a
        topic is held until it has been asked for by itself."""
        if isinstance(row, Mapping) and row.get("deleted") == 1:
            self.note("collect.gone_skipped", count=1)
            return []
        post = topic(row, place=self.place(), query=one_line(self.query.value, 200), fetched=self.fetched)
        home = {"node": post.group.native_id, "title": post.group.name} if post.group else {}
        lacking = self.query.token is not None and isinstance(row, Mapping) and "member" not in row
        return [Item(post, memo=home, hold={} if lacking else None)]

    # ------------------------------------------------------------------ replies

    async def relation(self, task: Task) -> Sheet:
        """One topic, or one page of replies, the first floor first."""
        if task.kind == WHOLE:
            return Sheet([(await self.v2(f"topics/{task.key}", dict))[0]])
        page = int(task.next.get("page", 1))
        if self.query.token:
            rows, pages = await self.v2(f"topics/{task.key}/replies", list, page)
            last = count(pages.get("pages"))
            more = page < last if last is not None else len(rows) >= _V2_ROWS
            return Sheet(rows, {"page": page + 1} if more and rows else None, said=count(pages.get("total")))
        rows = self._rows((await self.v1("replies/show", topic_id=task.key, page=page, page_size=_REPLY_ROWS)).data)
        seen, size = task.seen + len(rows), len(rows)
        more = size >= _REPLY_ROWS or (size >= _V2_ROWS and seen < (task.said or 0))
        return Sheet(rows, {"page": page + 1} if more else None)

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        """A held topic made whole; a reply, and whom it answers."""
        if task.kind == WHOLE:
            return [item.post for item in self.read(row, sheet)]
        floors = msgspec.convert(task.memo.get("floors", {}), Floors)
        name = task.memo.get("node")
        place = Group(PLATFORM, name, task.memo.get("title"), "node") if name else None
        try:
            asked = one_line(self.query.value, 200)
            return [reply(row, task.key, floors, place=place, query=asked, fetched=self.fetched)]
        except Unusable:
            floors.skip()
            raise
        finally:
            task.memo["floors"] = msgspec.to_builtins(floors)


class V2ex:
    """Topics and replies of V2EX."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = V2exWalk.capabilities

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """See ``Collector.collect``."""
        return V2exWalk.pages(query, cursor, http)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Whose token it is and how long it lasts. Raises NeedsLogin."""
        walk = V2exWalk(Query("post", "1", instance, credentials=credentials), State(), http)
        await walk.begin()
        token, _ = await walk.v2("token", dict)
        who, _ = await walk.v2("member", dict)
        made, lasts = epoch(token.get("created")), count(token.get("expiration"))
        left = max(made + lasts - int(time.time()), 0) if made and lasts else None
        return Known(line(who, "username", 100) or "", left)
