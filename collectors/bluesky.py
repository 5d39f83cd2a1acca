"""Bluesky and other networks of the AT Protocol, by XRPC. Reads only.

With a login everything is asked of the user's own PDS, which passes it on; without one, of the public AppView, which
does not search. Search matches loosely (``#camping`` finds ``#campingtrip`` too), so tags are compared here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Final
from urllib.parse import unquote

from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone, NeedsLogin
from xunke.model import Account, Group, Interaction, InteractionKind, Membership, Post, Record
from xunke.text import clean, fold, one_line

from . import bluesky_map as views
from .address import origin_of, split
from .base import Capabilities, Cursor, Known, Login, Note, Page, Query
from .bluesky_map import PLATFORM
from .bluesky_session import SEARCH, Session, full_rights, judge
from .facts import count, each, ident, inner, line
from .http import Answer, Transport
from .walk import Item, Place, Sheet, State, Task, Unusable, Walk

SERVICE: Final = "https://bsky.social"
"""Where people sign in who run no PDS of their own."""
PUBLIC: Final = "https://public.api.bsky.app"
"""The AppView for those without a login."""

_MOST: Final = 100
_DEPTH: Final = 100
_THREAD_PAGES: Final = 50
_HANDLE: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LISTING: Final[Mapping[str, tuple[str, str, str]]] = {
    "account": ("app.bsky.feed.getAuthorFeed", "actor", "feed"),
    "topic": ("app.bsky.feed.getFeed", "feed", "feed"),
    "group": ("app.bsky.feed.getListFeed", "list", "feed"),
}
_RELATION: Final[Mapping[str, tuple[str, str, str]]] = {
    "likes": ("app.bsky.feed.getLikes", "uri", "likes"),
    "reposts": ("app.bsky.feed.getRepostedBy", "uri", "repostedBy"),
    "quotes": ("app.bsky.feed.getQuotes", "uri", "posts"),
    "followers": ("app.bsky.graph.getFollowers", "actor", "followers"),
    "following": ("app.bsky.graph.getFollows", "actor", "follows"),
}
_EDGE: Final[Mapping[str, InteractionKind]] = {
    "likes": "like", "reposts": "repost", "followers": "follow", "following": "follow",
}  # fmt: skip
_COLLECTION: Final[Mapping[str, str]] = {
    "post": "app.bsky.feed.post", "feed": "app.bsky.feed.generator", "lists": "app.bsky.graph.list",
    "starter-pack": "app.bsky.graph.starterpack",
}  # fmt: skip
"""The word in the web address, and the collection of the record it shows."""


class BlueskyWalk(Walk):
    """One run over one network."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"tag", "keyword", "account", "post", "topic", "group"}),
        relations=frozenset({"replies", "reposts", "likes", "quotes", "followers", "following"}),
        access=frozenset({"anonymous", "own_app"}),
        default_instance=SERVICE,
        needs={"tag": "own_app", "keyword": "own_app"},
        logins=(Login("own_app", ("identifier", "password"), frozenset({"identifier"})),),
        quota=(3_000, 300),
        window_days=7,
        limits=("bluesky.limit_search", "bluesky.limit_groups", "bluesky.limit_times", "bluesky.limit_followers"),
        legal=("bluesky.legal",),
    )

    def __init__(self, query: Query, state: State, http: Transport) -> None:
        super().__init__(query, state, http)
        service = origin_of(query.instance or SERVICE).origin
        signed_in = bool(query.credentials.get("identifier") and query.credentials.get("password"))
        self.session = Session(http, service, query.credentials) if signed_in else None
        self.base = PUBLIC if service == SERVICE and not signed_in else service
        self.host = split(self.base).netloc
        self.quoted: dict[str, int | None] = {}
        self.ordered = query.mode != "topic"

    # ------------------------------------------------------------------ asking

    async def get(self, nsid: str, **params: object) -> Answer[Any]:
        if self.session is not None:
            return await self.session.get(nsid, params)
        url = f"{self.base}/xrpc/{nsid}"
        return await self.http.get_json(url, params, expect=dict, judge=judge(nsid, self.host, False))

    async def begin(self) -> None:
        """Searching without a login is refused by the public host: said before the first request."""
        if self.query.mode in ("tag", "keyword") and self.session is None and self.base == PUBLIC:
            raise NeedsLogin("bluesky.search_login", host=self.host)

    def shown(self, person: object) -> bool:
        """Whether this person is open to us: moderation, and the person's own word on visitors without a login."""
        if not isinstance(person, Mapping):
            return True
        return not views.taken_down(person) and (self.session is not None or not views.asks_login(person))

    # ------------------------------------------------------------------ who or what is asked for

    async def opening(self) -> list[Record]:
        mode, value = self.query.mode, clean(self.query.value).strip()
        if mode == "account":
            return await self.find_account(value)
        if mode == "topic":
            uri = await self.uri_of(value, "feed")
            view = inner((await self.get("app.bsky.feed.getFeedGenerator", feed=uri)).data, "view")
            self.state.memo |= {"of": uri, "name": line(view, "displayName", 100)}
        if mode == "post":
            self.state.memo["of"] = await self.uri_of(value, "post")
        return await self.find_members(value) if mode == "group" else []

    async def find_account(self, value: str) -> list[Record]:
        answer = await self.get("app.bsky.actor.getProfile", actor=actor_in(value))
        person = self.person(answer.data, answer.fetched)
        if not self.shown(answer.data):
            raise NeedsLogin("bluesky.person_asks_login", name=person.handle or person.native_id)
        self.state.memo |= {"of": person.native_id, "posts": person.posts}
        for relation in sorted(self.query.relations & {"followers", "following"}):
            said = getattr(person, relation)
            self.ask(relation, person.native_id, local=person.native_id, who=person.native_id, said=said)
        return [person]

    def person(self, source: object, fetched: int | None) -> Account:
        try:
            return views.account(source, fetched)
        except Unusable as error:
            raise BrokenAnswer(str(error)) from None

    async def find_members(self, value: str) -> list[Record]:
        """One page of the people on a list; while there are more, the opening is not over."""
        memo = self.state.memo
        if "of" not in memo:
            memo["of"] = await self.list_of(value)
        place = {"cursor": memo["members"]} if memo.get("members") else {}
        answer = await self.get("app.bsky.graph.getList", list=memo["of"], limit=self.at_most(_MOST), **place)
        listed, rows = inner(answer.data, "list"), self.rows_of(answer, "items")
        if ident(listed.get("purpose")).endswith("#modlist"):
            raise BadQuery("bluesky.moderation_list")
        memo["name"] = line(listed, "name", 100)
        following = ident(answer.data.get("cursor"))
        if following and self.state.trail.follow(f"members {following}"):
            memo["members"], self.state.opened = following, False
        subjects = [inner(row, "subject") for row in rows if isinstance(row, Mapping)]
        people = [self.person(one, answer.fetched) for one in subjects if self.shown(one)]
        return [Membership(one, self.place()) for one in people]

    async def list_of(self, value: str) -> str:
        """The list that is meant; that of a starter pack too. Raises BadQuery or Gone."""
        if "/starter-pack/" not in value and "app.bsky.graph.starterpack" not in value:
            return await self.uri_of(value, "lists")
        pack = await self.get("app.bsky.graph.getStarterPack", starterPack=await self.uri_of(value, "starter-pack"))
        uri = ident(inner(inner(pack.data, "starterPack"), "list").get("uri"))
        if views.parts(uri) is None:
            raise BrokenAnswer("net.shape", url=self.base)
        return uri

    def place(self) -> Group:
        return Group(PLATFORM, self.state.memo["of"], self.state.memo.get("name"), "list")

    async def uri_of(self, value: str, kind: str) -> str:
        """The AT-URI in ``value``: one itself, or the address of a page. Raises BadQuery, Gone (an unknown handle)."""
        found = address_in(value, kind)
        if found is None:
            raise BadQuery("bluesky.address", value=one_line(value, 100), kind=kind)
        who, key = found
        if not views.is_did(who):
            who = self.person((await self.get("app.bsky.actor.getProfile", actor=who)).data, None).native_id
        return f"at://{who}/{_COLLECTION[kind]}/{key}"

    # ------------------------------------------------------------------ the listing

    async def listing(self, place: Place) -> Sheet:
        mode, memo = self.query.mode, self.state.memo
        if mode in ("tag", "keyword"):
            return await self.search(place)
        if mode == "post":
            answer = await self.get("app.bsky.feed.getPostThread", uri=memo["of"], depth=0, parentHeight=0)
            return Sheet([self.the_post(inner(answer.data, "thread"))], fetched=answer.fetched)
        nsid, name, field = _LISTING[mode]
        more = {"filter": "posts_with_replies"} if mode == "account" else {}
        answer = await self.get(nsid, **{name: memo["of"], "limit": self.at_most(_MOST), **more, **place})
        rows = self.rows_of(answer, field)
        sheet = Sheet(self.open_rows(rows), self.onward(answer, place), fetched=answer.fetched)
        if mode == "account":
            memo["passed_on"] = memo.get("passed_on", 0) + sum(bool(reason_of(row)) for row in rows)
            if isinstance(memo["posts"], int) and self.query.since is None and self.query.until is None:
                sheet.said = memo["posts"] + memo["passed_on"]
        return sheet

    def the_post(self, thread: Mapping[str, Any]) -> object:
        """The one post asked for. Raises Gone (also when we may not see it) or NeedsLogin."""
        post = thread.get("post")
        if _is_lost(thread):
            raise Gone("bluesky.gone", host=self.host)
        if isinstance(post, Mapping) and not self.open_rows([post]):
            if views.taken_down(post) or views.taken_down(inner(post, "author")):
                raise Gone("bluesky.gone", host=self.host)
            raise NeedsLogin("bluesky.person_asks_login", name=ident(inner(post, "author").get("handle")))
        return post

    async def search(self, place: Place) -> Sheet:
        """One page of a search. Its end comes early for large results: then it says so.

        ``hitsTotal`` counts what matches loosely; what the tags show to be something else is taken off it.
        """
        value, memo, tag = clean(self.query.value).strip(), self.state.memo, self.query.mode == "tag"
        asked = {"q": "#" + value.strip("#＃ ") if tag else value, "sort": "latest", "limit": self.at_most(_MOST)}
        since, until = self.query.since, self.query.until
        asked |= {"since": _iso(since)} if since is not None else {}
        asked |= {"until": _iso(until + 1)} if until is not None else {}  # theirs is exclusive
        answer = await self.get(SEARCH, **asked, **place)
        rows, total = self.rows_of(answer, "posts"), count(answer.data.get("hitsTotal"))
        memo["rows"] = memo.get("rows", 0) + len(rows)
        if tag:
            wanted = [row for row in rows if self.is_tagged(row)]
            memo["other"] = memo.get("other", 0) + len(rows) - len(wanted)
            rows = wanted
        sheet = Sheet(self.open_rows(rows), self.onward(answer, place), fetched=answer.fetched)
        sheet.said = max(total - memo.get("other", 0), 0) if total is not None else None
        if sheet.next is None and total is not None and total > memo["rows"]:
            sheet.capped, sheet.reason = True, "bluesky.search_ends"
        return sheet

    def is_tagged(self, row: object) -> bool:
        """Whether the post carries the tag asked for; what is no post at all is left for ``read`` to refuse."""
        record = row.get("record") if isinstance(row, Mapping) else None
        if not isinstance(record, Mapping):
            return True
        return fold(self.query.value).strip("#＃") in {fold(tag) for tag in views.tags(record)}

    def rows_of(self, answer: Answer[Any], field: str) -> list[Any]:
        rows = answer.data.get(field)
        if not isinstance(rows, list):
            raise BrokenAnswer("net.shape", url=self.base)
        return rows

    def open_rows(self, rows: Iterable[Any]) -> list[Any]:
        """The rows that are open to us, by their authors and by who passed them on."""
        found = []
        for row in rows:
            post = post_of(row)
            people = (post.get("author"), reason_of(row).get("by")) if isinstance(post, Mapping) else ()
            if all(self.shown(one) for one in people) and not (isinstance(post, Mapping) and views.taken_down(post)):
                found.append(row)
        return found

    def onward(self, answer: Answer[Any], place: Place) -> Place | None:
        cursor = ident(answer.data.get("cursor"))
        return {"cursor": cursor} if cursor and cursor != place.get("cursor") else None

    def key_of(self, row: Any) -> str:
        post = post_of(row)
        if not isinstance(post, Mapping):
            return f"{row!r:.200}"
        by = ident(inner(reason_of(row), "by").get("did"))
        who = ident(post.get("did")) or ident(inner(post, "actor").get("did"))
        return f"{ident(post.get('uri'))} {by} {who}"

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        post = self.understood(post_of(row), sheet)
        reason = reason_of(row)
        if self.query.mode == "group":
            post = replace(post, group=self.place())
        author = post.author.native_id if post.author else ""
        if reason and self.query.mode == "account":  # of others' posts, only what they say; its own are listed anyway
            also = () if author == self.state.memo["of"] else (post,)
            yield Item(views.repost(reason, post, sheet.fetched), also=also, asks=False)
            return
        yield Item(post, author_local=author, pinned=bool(reason))
        if reason and self.query.mode == "group":
            yield Item(views.repost(reason, post, sheet.fetched), asks=False)

    def understood(self, source: Any, sheet: Sheet) -> Post:
        post = views.post(source, sheet.fetched, one_line(self.query.value, 200))
        self.quoted[post.native_id] = count(source.get("quoteCount"))
        return post

    def said_of(self, relation: str, post: Post) -> int | None:
        return self.quoted.get(post.native_id) if relation == "quotes" else super().said_of(relation, post)

    # ------------------------------------------------------------------ relations

    async def relation(self, task: Task) -> Sheet:
        try:
            return await self.related_page(task)
        except Blocked as error:
            if error.key == "bluesky.blocked":  # this one person keeps the user out
                raise Gone("bluesky.gone", host=self.host) from None
            raise

    async def related_page(self, task: Task) -> Sheet:
        if task.kind == "replies":
            return await self.thread(task)
        nsid, name, field = _RELATION[task.kind]
        answer = await self.get(nsid, **{name: task.key, "limit": self.at_most(_MOST), **task.next})
        rows = self.rows_of(answer, field)
        sheet = Sheet(self.seen(task, rows), self.onward(answer, task.next), fetched=answer.fetched)
        sheet.reason = "bluesky.hidden" if task.memo.get("hidden") else None
        return sheet

    def seen(self, task: Task, rows: Iterable[Any]) -> list[Any]:
        """The rows open to us; the others are counted."""
        rows = list(rows)
        found = [row for row in self.open_rows(rows) if self.shown(_person(row))]
        task.memo["hidden"] = task.memo.get("hidden", 0) + len(rows) - len(found)
        return found

    async def thread(self, task: Task) -> Sheet:
        """The answers below a post, at any depth; where the server cuts branches off they are asked for next.

        How many there are is the sum of what each post says of the answers right below it.
        """
        memo: dict[str, Any] = {"todo": [], "said": 0} | task.memo
        task.memo = memo
        uri, depth = task.next.get("uri") or task.key, self.at_most(_DEPTH)
        try:
            answer = await self.get("app.bsky.feed.getPostThread", uri=uri, depth=depth, parentHeight=0)
        except Gone:
            if not task.next:
                raise
            return self.thread_sheet(task, [], None)
        top = answer.data.get("thread")
        if isinstance(top, Mapping) and _is_lost(top):
            raise Gone("bluesky.gone", host=self.host)
        if not isinstance(top, Mapping) or not isinstance(top.get("post"), Mapping):
            raise BrokenAnswer("net.shape", url=self.base)
        rows, nodes = [], [top]
        while nodes:
            node = nodes.pop()
            post, below = node.get("post"), node.get("replies")
            if not isinstance(post, Mapping):  # deleted, or its author blocks the one above
                continue
            if node is not top:
                rows.append(post)
            said = count(post.get("replyCount")) or 0
            if node is top or isinstance(below, list):
                memo["said"] += said
            elif said and views.parts(post.get("uri")):
                memo["todo"].append(post["uri"])
            nodes += reversed(each(node, "replies"))
        found = self.seen(task, rows)
        return self.thread_sheet(task, found, answer.fetched)

    def thread_sheet(self, task: Task, rows: list[Any], fetched: int | None) -> Sheet:
        memo = task.memo
        sheet = Sheet(rows, fetched=fetched, said=memo["said"])
        if memo["todo"] and task.pages < _THREAD_PAGES:
            sheet.next = {"uri": memo["todo"].pop(0)}
        sheet.reason = "collect.page_limit" if memo["todo"] and not sheet.next else None
        if sheet.reason is None and sheet.next is None and task.seen + len(rows) < memo["said"]:
            sheet.reason = "bluesky.hidden"  # some servers drop what is blocked without a word
        return sheet

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        if task.kind in ("replies", "quotes"):
            post = self.understood(row, sheet)
            if task.kind == "replies":
                yield replace(post, kind="comment", root=post.root or task.root)
            elif post.quote_of == task.key:  # not if the quote has been detached
                yield post
            return
        actor, target = views.account(_person(row), sheet.fetched), Account(PLATFORM, task.who)
        if task.kind == "following":
            actor, target = target, actor
        about = task.key if task.kind in ("reposts", "likes") else None
        at = views.when(row.get("createdAt"), row.get("indexedAt")) if task.kind == "likes" else None
        yield Interaction(PLATFORM, actor, target, _EDGE[task.kind], time=at[0] if at else None, post=about)


def post_of(row: Any) -> Any:
    """The post view in a row: a search lists it as it is, a feed in a frame."""
    return row["post"] if isinstance(row, Mapping) and "post" in row else row


def reason_of(row: Any) -> Mapping[str, Any]:
    """Why a feed shows a post: who passed it on; empty if it stands there for itself."""
    reason = inner(row, "reason") if isinstance(row, Mapping) else {}
    return reason if ident(reason.get("$type")).endswith("#reasonRepost") else {}


def _is_lost(node: Mapping[str, Any]) -> bool:
    """Whether a node of a thread stands for a post that was deleted or is blocked."""
    return ident(node.get("$type")).endswith(("#notFoundPost", "#blockedPost"))


def _person(row: Any) -> Any:
    """The profile in a row about people: a like holds it as ``actor``."""
    return row["actor"] if isinstance(row, Mapping) and "actor" in row else row


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def actor_in(value: str) -> str:
    """The handle or DID meant by ``lin.bsky.social``, ``@lin`` (of bsky.social) or a profile's address. BadQuery."""
    text = value.strip()
    if "://" in text and not text.startswith("at://"):
        steps = [unquote(step) for step in split(text).path.split("/") if step]
        text = steps[1] if len(steps) >= 2 and steps[0] == "profile" else ""
    text = text.removeprefix("at://").partition("/")[0]
    if views.is_did(text):
        return text
    name = "" if " " in one_line(text) else fold(text).strip("@")
    name = f"{name}.bsky.social" if name and "." not in name else name
    if not _HANDLE.fullmatch(name) or len(name) > 253:
        raise BadQuery("bluesky.handle", value=one_line(value, 100))
    return name


def address_in(value: str, kind: str) -> tuple[str, str] | None:
    """(DID or handle, key) of an AT-URI, or of a page of ``kind`` on bsky.app or its like; None if it is neither."""
    text = value.strip()
    if text.startswith("at://"):
        steps = text.removeprefix("at://").split("/")
        right = len(steps) == 3 and steps[1] == _COLLECTION[kind]
        who, key = (steps[0], steps[2]) if right else ("", "")
    else:
        steps = [unquote(step) for step in split(text).path.split("/") if step] if "://" in text else []
        if len(steps) == 4 and steps[0] == "profile" and steps[2] == kind:
            who, key = steps[1], steps[3]
        elif len(steps) == 3 and steps[0] == kind:  # starter packs
            who, key = steps[1], steps[2]
        else:
            return None
    if not re.fullmatch(r"[A-Za-z0-9._:~-]{1,512}", key):
        return None
    try:
        return actor_in(who), key
    except BadQuery:
        return None


class Bluesky:
    """Posts of a tag, keyword, account, feed or list, with their replies, reposts, likes, quotes and followers."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = BlueskyWalk.capabilities

    def __init__(self) -> None:
        self.size: int | None = None

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """Yield pages; see ``Collector.collect``."""
        return BlueskyWalk.pages(query, cursor, http, self.size)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Sign in once, and keep the session for the runs to come."""
        session = Session(http, origin_of(instance or SERVICE).origin, credentials)
        made = await session.create(again=True)
        notes: tuple[Note, ...] = (("bluesky.main_password", {}),) if full_rights(made.access) else ()
        return Known(made.handle or made.did, notes=notes)
