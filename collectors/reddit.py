"""Reddit by OAuth, with an application of the user's own: subreddits, searches, flairs, people, single posts.

Reddit grants applications by hand and has closed its pages to programs; without one nothing is read here, and nothing
is tried round it. Lists end at about 1,000 things. Who voted, follows or subscribes is not public.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

import msgspec

from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin
from xunke.model import Record
from xunke.text import clean, fold, one_line

from .address import origin_of
from .answers import Reply
from .base import Capabilities, Cursor, Known, Login, Page, Query
from .facts import bearer, count, each, ident, inner
from .http import Answer, Transport
from .reddit_map import PLATFORM, comment, full, link, person, removed, short
from .walk import Item, Place, Sheet, State, Task, Unusable, Walk

API: Final = "https://oauth.reddit.com"
LOGIN: Final = "https://www.reddit.com"
_TOKEN: Final = "/api/v1/access_token"  # noqa: S105 - a path
_INSTALLED: Final = "https://oauth.reddit.com/grants/installed_client"
_DEVICE: Final = "DO_NOT_TRACK_THIS_DEVICE"
"""What Reddit asks for where a program does not want to be told apart from others."""
_SPARE: Final = 60
_ROWS: Final = 100
_MORE: Final = 100
_TREE: Final = 500
_DEPTH: Final = 10
_ODD_MANY: Final = 2_000
"""A tree that brings so many more comments than Reddit says there are goes in a circle."""
_END: Final = 950
"""Lists that end behind so many things were cut off by Reddit (it says "about 1,000")."""
_SUB: Final = re.compile(r"(?:.*?/)?(?:r/)?([A-Za-z0-9][A-Za-z0-9_]{1,30})/?")
_IN_SUB: Final = re.compile(r"(?:^|\s)(?:sub:|subreddit:|/?r/)([A-Za-z0-9][A-Za-z0-9_]{1,30})/?(?=\s|$)")
_FLAIR: Final = re.compile(r"(?:/?r/)?([A-Za-z0-9][A-Za-z0-9_]{1,30})/(.+)", re.S)
_USER: Final = re.compile(r"(?:.*?/)?(?:u/|user/|@)?([A-Za-z0-9_-]{3,20})/?")
_POST: Final = re.compile(r"(?:.*/comments/|.*redd\.it/|t3_)?([0-9a-z]{4,10})(?:[/?#].*)?", re.S)
NEWEST: Final[Mapping[str, object]] = {"sort": "new"}
_SPANS: Final = ((3_600, "hour"), (86_400, "day"), (7 * 86_400, "week"), (30 * 86_400, "month"), (365 * 86_400, "year"))
_REASONS: Final[Mapping[str, Callable[..., CollectorError]]] = {
    "private": lambda **p: Blocked("reddit.private", **p),
    "quarantined": lambda **p: Blocked("reddit.quarantined", **p),
    "gold_only": lambda **p: Blocked("reddit.gold_only", **p),
    "banned": lambda **p: Gone("reddit.banned", **p),
}


class Stale(NeedsLogin):
    """The token is not accepted any more: a new one may be."""


def judge(what: str) -> Callable[[Reply], CollectorError | None]:
    """Reads answers about ``what``. Of a limit (429) the headers tell how long, as everywhere."""

    def read(answer: Reply) -> CollectorError | None:
        """A missing group leads to the search for groups; errors also come inside a 200."""
        target = f"{answer.url} {answer.headers.get('location', '')}"
        if "/subreddits/search" in target:
            return Gone("reddit.no_group", name=what)
        found = answer.json()
        told = found if isinstance(found, Mapping) else {}
        status = count(told.get("error")) or answer.status
        if status == 401:
            return Stale("reddit.bad_token")
        reason = told.get("reason")
        if status in (403, 404) and isinstance(reason, str) and reason in _REASONS:
            return _REASONS[reason](name=what)
        if status == 404:
            return Gone("reddit.gone", name=what)
        if status == 451:
            return Blocked("reddit.legal_block", name=what)
        if status == 403:
            return Blocked("reddit.refused", name=what)
        return (
            BrokenAnswer("reddit.error", said=one_line(str(told.get("message") or ""), 120))
            if told.get("error") and answer.status == 200
            else None
        )

    return read


def _judge_app(answer: Reply) -> CollectorError | None:
    """Of the request for a token: the application is not accepted."""
    found = answer.json()
    if answer.status == 403 and answer.body.lstrip()[:1] == b"<":  # a page: the network is refused, not the application
        return Blocked("reddit.refused", name="access_token")
    refused = isinstance(found, Mapping) and found.get("error") is not None and answer.status < 429
    return NeedsLogin("reddit.bad_app") if answer.status in (400, 401, 403) or refused else None


def vault_key(origin: str, client_id: str) -> str:
    """Where the token of an application is kept."""
    return "reddit:" + hashlib.sha256(f"{origin}\0{client_id}".encode()).hexdigest()[:16]


class RedditWalk(Walk):
    """One run. ``state.memo``: ``t``, the span of time that a search is kept within."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"group", "keyword", "tag", "account", "post"}),
        relations=frozenset({"replies", "reposts"}),
        access=frozenset({"own_app"}),
        logins=(
            Login("own_app", ("client_id", "client_secret", "username"), frozenset({"client_id", "username"})),
            Login("own_app", ("client_id", "username"), frozenset({"client_id", "username"})),
        ),
        default_instance="oauth.reddit.com",
        pace=1.0,
        quota=(1_000, 600),
        limits=("reddit.limit_app", "reddit.limit_thousand", "reddit.limit_hidden", "reddit.limit_scores"),
        legal=("reddit.legal",),
    )

    async def begin(self) -> None:
        """Where the API is, and whether there is an application to ask with."""
        self.base = origin_of(self.query.instance).origin if self.query.instance else API
        self.login = LOGIN if self.base == API else self.base
        self.fetched: int | None = None
        mine = self.query.credentials
        self.client = mine.get("client_id") or ""
        if not self.client:
            raise NeedsLogin("reddit.needs_app")
        name = one_line(mine.get("username") or "", 40).removeprefix("u/")
        self.agent = {"User-Agent": f"desktop:Xunke:v0.1 (by /u/{name or 'unknown'})"}
        self.name = one_line(clean(self.query.value), 200)
        self.ordered = self.query.mode in ("group", "keyword", "tag")

    # ------------------------------------------------------------------ the session

    async def token(self, *, new: bool = False) -> str:
        """A token of the application, kept until it ends."""
        vault, key = self.http.vault, vault_key(self.login, self.client)
        if not new:
            try:
                kept = msgspec.json.decode(vault.get(key, "{}"), type=dict[str, Any])
            except msgspec.DecodeError:
                kept = {}
            if isinstance(kept.get("token"), str) and (count(kept.get("until")) or 0) > time.time() + _SPARE:
                return str(kept["token"])
        secret = self.query.credentials.get("client_secret") or ""
        form = {"grant_type": "client_credentials"} if secret else {"grant_type": _INSTALLED, "device_id": _DEVICE}
        answer = await self.http.post_json(
            self.login + _TOKEN, form=form, basic=(self.client, secret), headers=self.agent, expect=dict,
            judge=_judge_app,
        )  # fmt: skip
        found = bearer(answer.data.get("access_token"))
        if not found:
            raise BrokenAnswer("net.shape", url=self.login + _TOKEN)
        until = answer.fetched + (count(answer.data.get("expires_in")) or 3_600)
        vault[key] = msgspec.json.encode({"token": found, "until": until}).decode()
        return found

    async def get(self, path: str, params: Mapping[str, object], what: str, expect: type) -> Answer[Any]:
        """One reading call; a token that ran out is renewed once."""
        sent = {**params, "raw_json": 1}
        for new in (False, True):
            token = await self.token(new=new)
            try:
                answer = await self.http.get_json(
                    self.base + path, sent, token, headers=self.agent, expect=expect, judge=judge(what)
                )
            except Stale:
                if new:
                    raise
                continue
            self.fetched = answer.fetched
            return answer
        raise AssertionError("unreachable")

    async def things(self, path: str, params: Mapping[str, object], what: str) -> tuple[list[Any], str | None]:
        """The things of a listing and what comes after them."""
        answer = await self.get(path, params, what, dict)
        return self._listed(answer.data, path)

    def _listed(self, found: object, path: str) -> tuple[list[Any], str | None]:
        data = found.get("data") if isinstance(found, Mapping) and found.get("kind") == "Listing" else None
        if not isinstance(data, Mapping) or not isinstance(data.get("children"), list):
            raise BrokenAnswer("net.shape", url=self.base + path)
        after = data.get("after")
        return data["children"], after if isinstance(after, str) and after else None

    # ------------------------------------------------------------------ posts

    async def opening(self) -> list[Record]:
        """Who it is; how far back a search must go."""
        if self.query.mode in ("keyword", "tag") and self.query.since is not None:
            age = time.time() - self.query.since
            self.state.memo["t"] = next((name for seconds, name in _SPANS if age < seconds), "all")
        if self.query.mode != "account":
            return []
        name = self._user()
        answer = await self.get(f"/user/{name}/about", {}, name, dict)
        data = inner(answer.data, "data")
        if data.get("is_suspended") is True:
            raise Gone("reddit.suspended", name=name)
        try:
            return [person(data, answer.fetched)]
        except Unusable:
            raise BrokenAnswer("net.shape", url=answer.url) from None

    def _user(self) -> str:
        found = _USER.fullmatch(self.name)
        if not found:
            raise BadQuery("reddit.bad_user", name=self.name)
        return found[1]

    def _path(self) -> tuple[str, Mapping[str, object]]:
        """The listing asked for. Raises BadQuery."""
        if self.query.mode == "group":
            asked = _SUB.fullmatch(self.name)
            if not asked:
                raise BadQuery("reddit.bad_group", name=self.name)
            return f"/r/{asked[1]}/new", {}
        sort: dict[str, object] = {"sort": "new", "type": "link", "t": self.state.memo.get("t", "all")}
        if self.query.mode == "tag":
            _, flair, group = self._flair()
            words = f'flair_name:"{flair}"'
        else:
            inside = _IN_SUB.search(self.name)
            words, group = _IN_SUB.sub(" ", self.name).strip(), inside[1] if inside else None
        if not words:
            raise BadQuery("collect.empty", mode=self.query.mode)
        if group:
            return f"/r/{group}/search", {"q": words, "restrict_sr": 1, **sort}
        return "/search", {"q": words, **sort}

    def _flair(self) -> tuple[str, str, str | None]:
        """The flair asked for, folded and as written, and the subreddit before it."""
        inside = _FLAIR.fullmatch(self.name)
        flair = (inside[2] if inside else self.name).strip("#＃ ").replace('"', "")
        return fold(flair), flair, inside[1] if inside else None

    async def listing(self, place: Place) -> Sheet:
        """One page of links; of people their comments behind them."""
        if self.query.mode == "post":
            asked = _POST.fullmatch(self.name)
            if not asked:
                raise BadQuery("reddit.bad_post", value=one_line(self.name, 60))
            rows, _ = await self.things("/api/info", {"id": f"t3_{asked[1]}"}, self.name)
            if not rows or removed(inner(rows[0], "data") if isinstance(rows[0], Mapping) else None):
                raise Gone("reddit.gone", name=asked[1])
            return Sheet(rows)
        part = str(place.get("part", "submitted"))
        if self.query.mode == "account":
            path, params = f"/user/{self._user()}/{part}", NEWEST
        else:
            path, params = self._path()
        seen = int(place.get("count", 0))
        on = {"after": place["after"], "count": seen} if place.get("after") else {}
        rows, after = await self.things(path, {**params, "limit": self.at_most(_ROWS), **on}, self.name)
        seen += len(rows)
        sheet = Sheet(rows, {"part": part, "after": after, "count": seen} if after and rows else None)
        if sheet.next is None and seen >= _END:
            sheet.capped, sheet.reason = True, "reddit.thousand"
        if self.query.mode == "account" and (sheet.next is None or self._past(rows)):
            sheet.next = {"part": "comments"} if part == "submitted" else None
        return sheet

    def _past(self, rows: list[Any]) -> bool:
        """Whether a person's list has come to what is older than ``since``; what is pinned stands before."""
        since = self.query.since
        times = [inner(row, "data").get("created_utc") for row in rows if isinstance(row, Mapping)
                 if inner(row, "data").get("stickied") is not True]  # fmt: skip
        found = [when for when in times if isinstance(when, int | float)]
        return since is not None and bool(found) and max(found) < since

    def key_of(self, row: Any) -> str:
        """Full names."""
        data = inner(row, "data") if isinstance(row, Mapping) else {}
        return str(data.get("name") or data.get("id") or f"{row!r:.200}")

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        """A link or comment; what its author or a moderator took down is skipped."""
        kind, data = self._thing(row)
        if removed(data):
            self.note("collect.gone_skipped", count=1)
            return []
        if kind == "t1":
            return [Item(comment(data, self.name, self.fetched), asks=False)]
        if kind != "t3":
            return []
        post = link(data, self.name, self.fetched)
        if self.query.mode == "tag" and not any(self._flair()[0] in fold(tag) for tag in post.tags):
            return []  # the search matches loosely
        return [Item(post, pinned=data.get("stickied") is True)]

    @staticmethod
    def _thing(row: Any) -> tuple[str, Mapping[str, Any]]:
        if not isinstance(row, Mapping) or not isinstance(row.get("data"), Mapping):
            raise Unusable("reddit.not_a_thing", row)
        return str(row.get("kind")), row["data"]

    # ------------------------------------------------------------------ comments, cross-posts

    async def relation(self, task: Task) -> Sheet:
        """One page of cross-posts, or the next part of the tree of comments."""
        rows: Any
        post = short(task.key)
        if task.kind == "reposts":
            page: dict[str, object] = {"limit": _ROWS, **task.next}
            found = (await self.get(f"/duplicates/{post}", page, post, list)).data
            rows, after = self._listed(found[1] if len(found) > 1 else None, f"/duplicates/{post}")
            return Sheet(rows, {"after": after} if after and rows else None)
        memo, parent = task.memo, ""
        if task.next and memo.get("more"):
            children, memo["more"] = memo["more"][:_MORE], memo["more"][_MORE:]
            asked = {"link_id": task.key, "children": ",".join(children), "api_type": "json", "sort": "new"}
            answer = await self.get("/api/morechildren", asked, post, dict)
            rows = inner(inner(answer.data, "json"), "data").get("things")
            if not isinstance(rows, list):
                raise BrokenAnswer("net.shape", url=f"{self.base}/api/morechildren")
        else:
            if task.next:
                parent, memo["deep"] = memo["deep"][0], memo["deep"][1:]
            tree: dict[str, object] = {"sort": "new", "limit": _TREE, "depth": _DEPTH}
            path = f"/comments/{post}"
            found = (await self.get(path, tree | ({"comment": parent} if parent else {}), post, list)).data
            rows, _ = self._listed(found[1] if len(found) > 1 else None, path)
        flat = self._flat(rows, memo, parent, first=not task.next)
        if not (memo["more"] or memo["deep"]):
            return Sheet(flat)
        if task.seen > 2 * (task.said or 0) + _ODD_MANY:
            return Sheet(flat, reason="collect.page_limit")
        return Sheet(flat, {"n": int(task.next.get("n", 0)) + 1})

    def _flat(self, rows: list[Any], memo: dict[str, Any], parent: str, *, first: bool) -> list[Any]:
        """The comments of a tree in the order of the page, but for ``parent``, which is known.

        Its holes go to ``memo``: ids left out, and branches too deep. Those of a later part that brought no comment are
        not believed, so that the way through a tree always ends.
        """
        more: list[str] = []
        deep: list[str] = []
        found: list[Any] = []
        waiting = list(reversed(rows))
        while waiting:
            row = waiting.pop()
            data = inner(row, "data") if isinstance(row, Mapping) else {}
            if isinstance(row, Mapping) and row.get("kind") == "more":
                children = data.get("children")
                ids = [one for one in map(ident, children if isinstance(children, list) else ()) if one.isalnum()]
                more += ids
                above = full(data.get("parent_id"))
                if not ids and above and above.startswith("t1_"):
                    deep.append(short(above))  # "continue this thread"
                continue
            if not parent or data.get("id") != parent:
                found.append(row)
            replies = data.get("replies")  # "" where there are none
            waiting += reversed(each(inner(replies, "data"), "children") if isinstance(replies, Mapping) else [])
        memo["more"] = memo.get("more", []) + (more if found or first else [])
        memo["deep"] = memo.get("deep", []) + (deep if found or first else [])
        return found

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        """A comment, or a cross-post (the list also has posts of the same link that name nobody)."""
        kind, data = self._thing(row)
        if removed(data):
            return []
        if task.kind == "replies":
            return [comment(data, self.name, self.fetched)] if kind == "t1" else []
        return [link(data, self.name, self.fetched)] if data.get("crosspost_parent") == task.key else []


class Reddit:
    """Posts and comments of Reddit."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = RedditWalk.capabilities

    def __init__(self) -> None:
        self.size: int | None = None

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """See ``Collector.collect``."""
        return RedditWalk.pages(query, cursor, http, self.size)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Whether Reddit accepts the application. Raises NeedsLogin."""
        walk = RedditWalk(Query("group", "all", instance, credentials=credentials), State(), http)
        await walk.begin()
        await walk.token(new=True)
        return Known(one_line(credentials.get("username") or walk.client, 100))
