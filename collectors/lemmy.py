"""Lemmy, and PieFed and Mbin as far as they copy its v3 API: communities, posts and comments. Reads only.

There are no hashtags and no followers of people, and who voted is shown to moderators alone. Servers of Lemmy 1.0
answer v3 without its pages: there the newest rows of each list are all there is, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from xunke.errors import BadQuery, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import Account, Membership, Post, Record
from xunke.text import clean, fold, one_line

from .address import origin_of, split
from .base import Capabilities, Cursor, Known, Login, Page, Query
from .facts import count, each, ident, inner, line
from .http import Answer, Reply, Transport
from .lemmy_map import PLATFORM, View, account, closed, full_name, group, netloc, view
from .walk import Item, Place, Sheet, Task, Unusable, Walk

_ROWS: Final = 50
_BOUND: Final = 10
"""Servers refuse page numbers above 10 or 100; a refusal before that is about something else."""
_WAIT: Final = 30.0
_PARENTS: Final = 10
"""So many comments above a page of a thread are asked for one by one."""
_DEEPEST: Final = 20
_NAME: Final = re.compile(r"[a-z0-9_\-.]{1,60}(?:@[a-z0-9.\-]{1,200}(?::\d{1,5})?)?", re.I)
_LOGIN: Final = frozenset(
    {"instance_is_private", "not_logged_in", "incorrect_login", "not_authenticated", "login_required"}
)
_AGAIN: Final = frozenset({"rate_limit_error", "rate_limit_exceeded", "too_many_requests"})
_GONE: Final = re.compile(r"(?:couldnt_find_.*|not_found|community_(?:removed|deleted)|.*_(?:removed|deleted))")


class Lemmy:
    """Posts of a community, of a search, of a person; comments as trees."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"group", "keyword", "account", "post"}),
        relations=frozenset({"replies"}),
        access=frozenset({"anonymous", "own_token"}),
        needs_instance=True,
        limits=("lemmy.limit_votes", "lemmy.limit_pages", "lemmy.limit_copy", "lemmy.limit_v4"),
        logins=(Login("own_token", ("token",)),),
        pace=1.0,
        legal=("lemmy.legal",),
    )

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """Yield pages; see ``Collector.collect``."""
        return _LemmyWalk.pages(query, cursor, http)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Who the token belongs to; see ``SignsIn.check``."""
        if not instance:
            raise BadQuery("collect.needs_instance", platform=PLATFORM)
        api = _Api(origin_of(instance).origin, credentials.get("token") or None, http)
        mine = inner(inner((await api.site()), "my_user"), "local_user_view")
        name = full_name(inner(mine, "person"), api.host)
        if not name:
            raise NeedsLogin("lemmy.bad_token", host=api.host)
        return Known(name)


class _Api:
    """The calls of one server, and what it says of itself."""

    def __init__(self, base: str, token: str | None, http: Transport) -> None:
        self.base, self.token, self.http = base, token, http
        self.host = split(base).netloc
        self.version = ""
        self.languages: dict[int, str] = {}
        self.quotas: dict[str, tuple[int, int]] = {}
        """By kind of request half of what the server allows: so many in so many seconds."""

    async def get(self, path: str, params: Mapping[str, object] | None = None) -> Answer[Any]:
        """One call. Raises as the transport does, with Lemmy's own errors named."""
        kind = "search" if path == "search" else "message"
        if kind in self.quotas:
            await self.http.turn(self.base, kind, self.quotas[kind])
        return await self.http.get_json(f"{self.base}/api/v3/{path}", params, self.token, expect=dict, judge=self.judge)

    def judge(self, reply: Reply) -> CollectorError | None:
        """Lemmy says with 400 what others say with 429, 401 and 404."""
        if reply.status == 200:
            return None
        said = reply.json()
        error = said.get("error") if isinstance(said, Mapping) else None
        if not isinstance(error, str):
            unknown = BadQuery("lemmy.no_call", host=self.host, version=self.version or "?")
            return unknown if reply.status == 404 else None
        if error in _AGAIN:
            return Retry("lemmy.rate_limit", _WAIT, host=self.host)
        if error in _LOGIN:
            return NeedsLogin("lemmy.private", host=self.host)
        if _GONE.fullmatch(error):
            return Gone("lemmy.gone", host=self.host, said=one_line(error, 60))
        return None

    async def site(self) -> Mapping[str, Any]:
        """What the server says of itself. Raises BadQuery if it is no Lemmy."""
        try:
            facts: Mapping[str, Any] = (await self.get("site")).data
        except (Gone, BadQuery):
            raise BadQuery("lemmy.not_lemmy", host=self.host) from None
        about = inner(facts, "site_view")
        if not about and not isinstance(facts.get("version"), str):
            raise BadQuery("lemmy.not_lemmy", host=self.host)
        self.host = netloc(inner(about, "site").get("actor_id")) or self.host
        self.version = one_line(str(facts.get("version") or ""), 40)
        named = ((one.get("id"), one.get("code")) for one in each(facts, "all_languages"))
        self.languages = {n: code for n, code in named if isinstance(n, int) and n and isinstance(code, str)}
        limits = inner(about, "local_site_rate_limit")
        for kind in ("message", "search"):
            requests, seconds = count(limits.get(kind)), count(limits.get(f"{kind}_per_second"))
            if requests and seconds:
                self.quotas[kind] = (max(requests // 2, 1), seconds)
        return facts


class _LemmyWalk(Walk):
    """One run over one server. ``state.memo``: ``id`` (the number of what is asked for), ``name``, ``gone``."""

    platform = PLATFORM
    capabilities = Lemmy.capabilities

    async def begin(self) -> None:
        self.above: dict[str, str] = {}
        self.kind, self.name, home = _named(self.query.value)
        instance = self.query.instance or home
        if not instance:
            raise BadQuery("collect.needs_instance", platform=PLATFORM)
        self.api = _Api(origin_of(instance).origin, self.query.token, self.http)
        await self.api.site()
        self.home = self.api.host if home in ("", split(self.api.base).netloc) else home

    @property
    def full(self) -> str:
        """The name asked for, as the server asked understands it."""
        return self.name if self.home == self.api.host else f"{self.name}@{self.home}"

    async def opening(self) -> list[Record]:
        value = one_line(self.query.value, 200)
        if self.query.mode == "group":
            return await self._find_group()
        if self.query.mode == "account":
            if self.kind not in ("", "u") or not _NAME.fullmatch(self.name):
                raise BadQuery("lemmy.bad_name", value=value)
            answer = await self.api.get("user", {"username": self.full, "limit": 1})
            return [self._person(answer)]
        if self.query.mode == "post":
            self.state.memo["id"] = await self._find_post()
        return []

    def _person(self, answer: Answer[Any]) -> Account:
        source = inner(answer.data, "person_view")
        try:
            found = account(source, self.api.host, answer.fetched)
        except Unusable as error:
            raise BrokenAnswer(str(error), host=self.api.host) from None
        if inner(source, "person").get("deleted") is True:
            raise Gone("lemmy.gone", host=self.api.host, said=found.native_id)
        self.state.said = found.posts if self._everything else None
        return found

    @property
    def _everything(self) -> bool:
        """Whether no time is asked for, so that the platform's own count is what is to come."""
        return self.query.since is None and self.query.until is None

    # ------------------------------------------------------------------ what is asked for

    async def _find_group(self) -> list[Record]:
        """The community of this name, else the only one of this title."""
        if self.kind not in ("", "c", "m"):
            raise BadQuery("lemmy.bad_name", value=one_line(self.query.value, 200))
        if not _NAME.fullmatch(self.name):
            self.name, self.home = await self._by_title(), self.api.host
        try:
            answer = await self.api.get("community", {"name": self.full})
        except Gone:
            self.name, self.home = await self._by_title(), self.api.host
            answer = await self.api.get("community", {"name": self.full})
        except BadQuery as error:
            if error.key != "lemmy.no_call":
                raise
            self.state.memo["name"] = self.full  # Lemmy 1.0 lists its posts, but tells nothing of the community
            self.note("lemmy.v4", host=self.api.host, version=self.api.version or "?")
            return []
        found = inner(answer.data, "community_view")
        community = inner(found, "community")
        place, local = group(community, self.api.host), ident(community.get("id"))
        if place is None or not local:
            raise BrokenAnswer("lemmy.no_id", host=self.api.host)
        if closed(community):
            raise NeedsLogin("lemmy.closed", name=place.native_id)
        self.state.memo["id"] = local
        said = count(inner(found, "counts").get("posts"))
        self.state.said = said if self._everything else None
        people = (inner(one, "moderator") for one in each(answer.data, "moderators"))
        known = (account(one, self.api.host, answer.fetched) for one in people if full_name(one, self.api.host))
        return [Membership(one, place) for one in known]

    async def _by_title(self) -> str:
        """The full name of the one community with the title asked for. Raises BadQuery with the nearest ones."""
        wanted = clean(self.query.value).strip().lstrip("!#")
        answer = await self.api.get("search", {"q": wanted, "type_": "Communities", "sort": "TopAll", "limit": 20})
        found: dict[str, str] = {}
        for one in each(answer.data, "communities"):
            community = inner(one, "community")
            place = group(community, self.api.host)
            if place is not None and not closed(community):
                found[place.native_id] = place.name or ""
        same = [name for name, title in found.items() if fold(title) == fold(wanted)]
        if len(same) == 1:
            self.note("lemmy.by_title", title=one_line(wanted, 60), name=same[0])
            return same[0]
        names = "、".join(f"{name}（{title}）" for name, title in list(found.items())[:6])
        key = "lemmy.which_group" if found else "lemmy.no_group"
        raise BadQuery(key, value=one_line(wanted, 60), host=self.api.host, names=names)

    async def _find_post(self) -> str:
        """The server's number of the post asked for: by number, by its address here or elsewhere, by a comment's."""
        if self.home == self.api.host and self.name.isascii() and self.name.isdigit():
            if self.kind in ("", "post"):
                return self.name
            if self.kind == "comment":
                answer = await self.api.get("comment", {"id": self.name})
                return ident(inner(inner(answer.data, "comment_view"), "post").get("id"))
        if self.kind in ("post", "comment"):
            answer = await self.api.get("resolve_object", {"q": clean(self.query.value).strip()})
            for side in ("post", "comment"):
                if found := ident(inner(inner(answer.data, side), "post").get("id")):
                    return found
            raise Gone("lemmy.gone", host=self.api.host, said="resolve_object")
        raise BadQuery("lemmy.bad_post", value=one_line(self.query.value, 200))

    # ------------------------------------------------------------------ the listing

    async def listing(self, place: Place) -> Sheet:
        memo, page = self.state.memo, int(place.get("page", 1))
        if self.query.mode == "post":
            answer = await self.api.get("post", {"id": memo["id"]})
            return Sheet([answer.data.get("post_view")], said=1, fetched=answer.fetched)
        params: dict[str, object] = {"sort": "New", "limit": _ROWS, "page": page}
        if self.query.mode == "group":
            which = {"community_id": memo["id"]} if "id" in memo else {"community_name": memo.get("name", "")}
            path, params = "post/list", params | which | {"type_": "All"}
        elif self.query.mode == "account":
            path, params = "user", params | {"username": self.full}
        else:
            words = clean(self.query.value).strip()
            path, params = "search", params | {"q": words, "type_": "All", "listing_type": "All"}
        return await self._paged(path, params, ("posts", "comments"), memo)

    async def _paged(
        self, path: str, params: Mapping[str, object], names: tuple[str, ...], memo: dict[str, Any]
    ) -> Sheet:
        """One page of ``path``. Its number may be refused, or (Lemmy 1.0) not be looked at: then more exists."""
        page = int(str(params["page"]))
        try:
            answer = await self.api.get(path, params)
        except BadQuery as error:
            if page < _BOUND or error.key == "lemmy.no_call":
                raise
            return Sheet([], capped=True, reason="lemmy.page_bound")
        lists = [answer.data.get(name) for name in names]
        if not any(isinstance(one, list) for one in lists):
            raise BrokenAnswer("net.shape", url=self.api.host)
        rows = [row for one in lists if isinstance(one, list) for row in one]
        ends = [self.key_of(row) for row in (rows[0], rows[-1])] if rows else []
        if rows and memo.get("ends") == ends:
            return Sheet([], capped=True, reason="lemmy.no_pages")
        memo["ends"] = ends
        return Sheet(rows, {"page": page + 1} if rows else None, fetched=answer.fetched)

    def key_of(self, row: Any) -> str:
        what = (inner(row, "comment") or inner(row, "post")) if isinstance(row, Mapping) else {}
        return f"{what.get('ap_id') or what.get('id') or row!r:.300}"

    def _view(self, row: Any, sheet: Sheet) -> View:
        return view(row, self.api.host, sheet.fetched, one_line(self.query.value, 200), self.api.languages)

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        found = self._view(row, sheet)
        if found.gone:
            if self.query.mode == "post":
                raise Gone("lemmy.gone", host=self.api.host, said=one_line(self.query.value, 100))
            self.state.reason = "lemmy.removed"
            return []
        comment = found.post.kind == "comment"
        return [Item(found.post, found.local, also=_writes(found.post), asks=not comment, pinned=found.pinned)]

    # ------------------------------------------------------------------ comments

    async def relation(self, task: Task) -> Sheet:
        """A page of the comments below a post (``memo["parent"]``: below one of them).

        ``memo["open"]``: of comments with answers still to come their ``ap_id``, how many, and those above. Once the
        list is through and the post told of more, each branch that was cut off is asked for by itself: it begins with
        what is known already, which is left out and not counted again.
        """
        memo, page = task.memo, int(task.next.get("page", 1))
        params: dict[str, object] = {"type_": "All", "sort": "Old", "limit": _ROWS, "page": page}
        params |= {"parent_id": memo["parent"]} if "parent" in memo else {"post_id": task.local}
        sheet = await self._paged("comment/list", params, ("comments",), memo)
        found: list[View] = []
        rows: list[Any] = []
        for row in sheet.rows:
            one = self._try(row, sheet)
            if one is None:
                rows.append(row)  # refused, with its reason, where it is read
            elif one.local != memo.get("parent"):
                found.append(one)
                new = self.state.trail.fresh([f"c:{one.post.native_id}"])[0]
                memo["rows"] = memo.get("rows", 0) + new
                rows += [row] if new and not one.gone else []
        waiting: dict[str, list[Any]] = memo.setdefault("open", {})
        self.above = {number: str(one[0]) for number, one in waiting.items()}
        self.above |= {one.local: one.post.native_id for one in found}
        if "parent" in memo:
            self.above[memo["parent"]] = task.key
        await self._learn({one.parent for one in found if one.parent} - set(self.above))
        for one in found:
            if one.children:
                waiting[one.local] = [one.post.native_id, one.children, list(one.path)]
        for number in (number for one in found for number in one.path if number in waiting):
            waiting[number][1] -= 1
        memo["open"] = {number: one for number, one in waiting.items() if one[1] > 0}
        if any(one.gone for one in found):
            memo["gone"] = True
        sheet.rows = rows
        if sheet.next is None:
            sheet.reason = sheet.reason or ("lemmy.removed" if memo.get("gone") else None)
            if task.said is None or memo.get("rows", 0) < task.said:
                handed = self._ask_branches(task)
                sheet.said = max(task.said - handed, 0) if task.said is not None else None
        return sheet

    def _try(self, row: Any, sheet: Sheet) -> View | None:
        try:
            return self._view(row, sheet)
        except Unusable:
            return None

    def _ask_branches(self, task: Task) -> int:
        """Ask for what is below the topmost comments whose answers did not all come; how many these are."""
        waiting: dict[str, list[Any]] = task.memo["open"]
        handed = 0
        for number, (uri, lacking, path) in waiting.items() if task.depth < _DEEPEST else ():
            if not any(above in waiting for above in path):
                more = {"depth": task.depth + 1, "said": lacking, "root": task.root, "memo": {"parent": number}}
                self.ask("replies", uri, local=task.local, **more)
                handed += lacking
        return handed

    async def _learn(self, numbers: Iterable[str]) -> None:
        """The addresses of comments that came on another page, or not at all."""
        for number in sorted(numbers)[:_PARENTS]:
            try:
                answer = await self.api.get("comment", {"id": number})
            except (Gone, BadQuery):
                continue
            uri = line(inner(inner(answer.data, "comment_view"), "comment"), "ap_id")
            if uri:
                self.above[number] = uri

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        found = self._view(row, sheet)
        post = found.post if not found.parent else replace(found.post, reply_to=self.above.get(found.parent))
        return [replace(post, root=post.root or task.root), *_writes(post)]


def _writes(post: Post) -> tuple[Record, ...]:
    """Who writes in a community belongs to it."""
    return (Membership(post.author, post.group),) if post.author and post.group else ()


def _named(value: str) -> tuple[str, str, str]:
    """What is named: its kind in addresses ("" if not said), name or number, and server.

    ``!camping@far.example``, ``@lin@far.example``, ``https://far.example/c/camping@l.example``, ``露营``, ``7``.
    """
    text, kind, home = clean(value).strip(), "", ""
    if "://" in text:
        parts = split(text)
        steps = [step for step in parts.path.split("/") if step]
        if len(steps) < 2:
            raise BadQuery("lemmy.bad_name", value=one_line(value, 200))
        kind, text, home = steps[0], steps[1], parts.netloc.rpartition("@")[2].lower()
    name, _, server = text.lstrip("!@").partition("@")
    return kind, name, server.lower() or home
