"""Misskey and what speaks its API (Sharkey, CherryPick, Iceshrimp …): tags, channels, people, notes. Reads only.

Every call is a POST that reads (``collectors.reads``). Lists go back in time by ``untilId``, the id of the last row of
*that* list (a follow or a reaction has an id of its own); a page may be short for what is hidden, so only an empty one
is the end.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import Account, Interaction, Membership, Record
from xunke.text import clean, fold, one_line

from .address import origin_of, split
from .answers import Reply
from .base import Capabilities, Cursor, Extent, Known, Login, Page, Query
from .facts import count, ident, inner, line, moment
from .http import Answer, Transport
from .misskey_map import PLATFORM, Note, account, channel, hides, note
from .walk import Item, Place, Sheet, Task, Unusable, Walk

_ROWS: Final = 100
_DEEPEST: Final = 20
_FIRST_WAIT: Final = 5.0
_LONGEST_WAIT: Final = 300.0
_ID: Final = re.compile(r"[0-9a-zA-Z]{8,32}")
_ALL_NOTES: Final = {"withReplies": True, "withRenotes": True, "withChannelNotes": True, "withFiles": False}
"""Said in full: some servers fail where ``untilId`` comes without ``withRenotes``."""
_CALLS: Final = {
    "replies": "notes/children", "quotes": "notes/renotes", "reposts": "notes/renotes", "likes": "notes/reactions",
    "followers": "users/followers", "following": "users/following",
}  # fmt: skip
_LOGIN: Final = frozenset(
    {"CREDENTIAL_REQUIRED", "AUTHENTICATION_FAILED", "SIGNIN_REQUIRED", "AUTHENTICATION_REQUIRED"}
)
_ROLE: Final = frozenset({"ROLE_PERMISSION_DENIED", "PERMISSION_DENIED", "UNAVAILABLE", "ACCESS_DENIED"})
_HIDDEN: Final = "misskey.forbidden"


class Misskey:
    """Notes of a tag, of a channel, of words, of a person; answers, renotes, quotes, reactions, followers."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"tag", "keyword", "group", "account", "post"}),
        relations=frozenset({"replies", "reposts", "likes", "quotes", "followers", "following"}),
        access=frozenset({"anonymous", "own_token"}),
        needs_instance=True,
        limits=("misskey.limit_search", "misskey.limit_followers", "misskey.limit_reactions"),
        logins=(Login("own_token", ("token",)),),
        pace=1.0,
        legal=("misskey.legal",),
    )

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """Yield pages; see ``Collector.collect``."""
        return _MisskeyWalk.pages(query, cursor, http)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Who the token belongs to; see ``SignsIn.check``."""
        if not instance:
            raise BadQuery("collect.needs_instance", platform=PLATFORM)
        api = _Api(origin_of(instance).origin, credentials.get("token") or None, http)
        if api.token is None:
            raise NeedsLogin("misskey.needs_login", host=api.host)
        name = line((await api.ask("i", expect=dict)).data, "username")
        if not name:
            raise NeedsLogin("misskey.needs_login", host=api.host)
        return Known(f"{fold(name)}@{fold(api.host)}")


class _Api:
    """The calls of one server. ``host``: its own name in handles, once it told."""

    def __init__(self, base: str, token: str | None, http: Transport) -> None:
        self.base, self.token, self.http = base, token, http
        self.host = split(base).netloc
        self.limited = 0

    async def ask(
        self, path: str, body: Mapping[str, object] | None = None, expect: type | tuple[type, ...] = list
    ) -> Answer[Any]:
        """One call; the token goes in the body. Raises as the transport does, with Misskey's codes named."""
        sent = {**(body or {}), **({"i": self.token} if self.token else {})}
        try:
            answer = await self.http.post_json(f"{self.base}/api/{path}", sent, expect=expect, judge=self.judge)
        except BrokenAnswer as error:
            if error.key != "net.status" or error.params.get("status") != 204 or expect is not list:
                raise
            answer = Answer(204, {}, [], self.base)  # an empty success
        self.limited = 0
        return answer

    def judge(self, reply: Reply) -> CollectorError | None:
        """Misskey names its errors by codes; limits often come without a time, so the wait grows here."""
        if reply.status in (200, 204):
            return None
        told = reply.json()
        error = inner(told, "error") if isinstance(told, Mapping) else {}
        code, host = str(error.get("code") or ""), self.host
        if code == "RATE_LIMIT_EXCEEDED":
            wait = _wait(inner(error, "info"))
            if wait is None and "retry-after" in reply.headers:
                return None
            self.limited += 1
            return Retry("misskey.rate_limit", wait or _growing(self.limited), host=host)
        if code in _LOGIN or (code in _ROLE and self.token is None):
            return NeedsLogin("misskey.needs_login", host=host)
        if code in _ROLE:
            return Blocked("misskey.not_allowed", host=host)
        if code == "FORBIDDEN":
            return Blocked(_HIDDEN, host=host)
        if code.startswith("NO_SUCH_"):
            return Gone("misskey.gone", host=host, said=one_line(code, 40))
        if code == "INVALID_PARAM":
            return BadQuery("misskey.bad_param", host=host)
        if code == "UNKNOWN_API_ENDPOINT":
            return BadQuery("misskey.no_call", host=host)
        return None


def _wait(info: Mapping[str, Any]) -> float | None:
    """Seconds that the newest servers tell to wait."""
    for name, unit in (("resetMs", 1_000), ("resetInMs", 1_000), ("retryAfter", 1), ("resetSec", 1)):
        value = count(info.get(name))
        if value is not None:
            return max(value / unit, 1.0)
    return None


def _growing(times: int) -> float:
    return float(min(_FIRST_WAIT * 2 ** (times - 1), _LONGEST_WAIT))


class _MisskeyWalk(Walk):
    """One run over one server. ``state.memo``: ``id`` (of the channel, person or note asked for), ``name`` (of the
    channel), ``via`` (how words are looked for)."""

    platform = PLATFORM
    capabilities = Misskey.capabilities

    async def begin(self) -> None:
        self.kind, self.name, home = _named(self.query.value)
        instance = self.query.instance or home
        if not instance:
            raise BadQuery("collect.needs_instance", platform=PLATFORM)
        self.api = _Api(origin_of(instance).origin, self.query.token, self.http)
        try:
            self.facts: Mapping[str, Any] = (await self.api.ask("meta", {"detail": False}, dict)).data
        except (Gone, BadQuery):
            raise BadQuery("misskey.not_misskey", host=self.api.host) from None
        own = line(self.facts, "uri") or ""
        asked, self.api.host = self.api.host, (split(own).netloc or self.api.host).lower()
        self.home = "" if home in ("", asked, self.api.host) else home

    # ------------------------------------------------------------------ what is asked for

    async def opening(self) -> list[Record]:
        match self.query.mode:
            case "group":
                await self._find_channel()
            case "account":
                return await self._find_person()
            case "post":
                if self.home or not _ID.fullmatch(self.name) or self.kind not in ("", "notes"):
                    raise BadQuery("misskey.bad_note", value=one_line(self.query.value, 200), host=self.api.host)
                self.state.memo["id"] = self.name
        return []

    async def _find_channel(self) -> None:
        found: Mapping[str, Any] = {}
        if _ID.fullmatch(self.name) and not self.home:
            try:
                found = (await self.api.ask("channels/show", {"channelId": self.name}, dict)).data
            except Gone:
                if self.kind:
                    raise
        found = found or await self._channel_named()
        place = channel(found, self.api.host)
        if place is None:
            raise BrokenAnswer("misskey.no_id", host=self.api.host)
        self.state.memo |= {"id": ident(found.get("id")), "name": place.name}
        timeless = self.query.since is None and self.query.until is None
        self.state.said = count(found.get("notesCount")) if timeless else None

    async def _channel_named(self) -> Mapping[str, Any]:
        """The one channel of this name. Raises BadQuery with the nearest."""
        wanted = clean(self.query.value).strip()
        body = {"query": wanted, "type": "nameAndDescription", "limit": 20}
        found = [one for one in (await self.api.ask("channels/search", body)).data if isinstance(one, Mapping)]
        same = [one for one in found if fold(str(one.get("name") or "")) == fold(wanted)]
        if len(same) == 1:
            return same[0]
        names = "、".join(f"{line(one, 'name', 60)}（{ident(one.get('id'))}）" for one in (same or found)[:6])
        key = "misskey.which_channel" if found else "misskey.no_channel"
        raise BadQuery(key, value=one_line(wanted, 60), host=self.api.host, names=names)

    async def _find_person(self) -> list[Record]:
        if self.kind or not self.name:
            raise BadQuery("misskey.bad_name", value=one_line(self.query.value, 200))
        answer = await self.api.ask("users/show", {"username": self.name, "host": self.home or None}, dict)
        source = answer.data
        try:
            who = account(source, self.api.host, answer.fetched)
        except Unusable as error:
            raise BrokenAnswer(str(error), host=self.api.host) from None
        local = ident(source.get("id"))
        if not local:
            raise BrokenAnswer("misskey.no_id", host=self.api.host)
        self.state.memo["id"] = local
        timeless = self.query.since is None and self.query.until is None
        self.state.said = who.posts if timeless else None
        for kind in ("followers", "following"):
            if kind not in self.query.relations:
                continue
            if hides(source, kind):
                self._hidden(kind, who.native_id)
            else:
                self.ask(kind, who.native_id, local=local, who=who.native_id, said=getattr(who, kind))
        if source.get("requireSigninToViewContents") is True:
            self.note("misskey.person_closed", name=who.native_id)
            self.state.next, self.state.reason = None, "misskey.hidden_by_person"
        return [who]

    def _hidden(self, kind: str, who: str) -> None:
        relation: Any = kind
        self.note("misskey.hidden_list", name=who, relation=kind)
        self.extents.append(Extent(relation, who, None, 0, "misskey.hidden_by_person"))

    # ------------------------------------------------------------------ the listing

    async def listing(self, place: Place) -> Sheet:
        memo = self.state.memo
        size: dict[str, object] = {"limit": _ROWS, **place}
        match self.query.mode:
            case "post":
                answer = await self.api.ask("notes/show", {"noteId": memo["id"]}, dict)
                return Sheet([answer.data], said=1, fetched=answer.fetched)
            case "group":
                answer = await self.api.ask("channels/timeline", size | {"channelId": memo["id"]})
            case "account":
                answer = await self.api.ask("users/notes", size | _ALL_NOTES | {"userId": memo["id"]})
            case "keyword":
                answer = await self._words(size)
            case _:
                tag = fold(self.query.value).strip("#")
                answer = await self.api.ask("notes/search-by-tag", size | {"tag": tag})
        return Sheet(answer.data, _onward(answer.data), fetched=answer.fetched)

    async def _words(self, size: dict[str, object]) -> Answer[Any]:
        """Full-text search; where a server keeps it for itself, the words as tags that must all be there."""
        memo = self.state.memo
        if memo.get("via") != "tag":
            open_to_us = self.query.token or inner(self.facts, "policies").get("canSearchNotes") is not False
            try:
                if open_to_us:
                    answer = await self.api.ask("notes/search", size | {"query": clean(self.query.value).strip()})
                    memo["via"] = "search"
                    return answer
            except (NeedsLogin, Blocked, BadQuery) as error:
                if memo.get("via") or not error.key.startswith("misskey."):
                    raise
            memo["via"] = "tag"
            self.note("misskey.keyword_as_tag", words=one_line(self.query.value, 60), host=self.api.host)
        words = [word for one in self.query.value.split() if (word := fold(one).strip("#"))]
        return await self.api.ask("notes/search-by-tag", size | {"query": [words[:8]]})

    def _note(self, row: Any, sheet: Sheet) -> Note:
        return note(row, self.api.host, sheet.fetched, one_line(self.query.value, 200))

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        found = self._note(row, sheet)
        if not found.shown or (found.shared is not None and not found.shared.shown):
            if self.query.mode == "post":
                raise Gone("misskey.note_closed", host=self.api.host)
            self.state.reason = self.state.reason or "misskey.not_public"
            return []
        post, also = found.post, list[Record]()
        if found.shared is not None:
            return [Item(post, found.local, also=(found.shared.post,), asks=False)]
        if self.query.mode == "group":
            place = channel(self.state.memo, self.api.host)
            post = replace(post, group=place)
            also = [Membership(post.author, place)] if post.author and place else []
        return [Item(post, found.local, found.author_local, also=tuple(also))]

    def said_of(self, relation: str, post: Any) -> int | None:
        said: int | None = post.shares if relation == "quotes" else super().said_of(relation, post)
        return said

    # ------------------------------------------------------------------ relations

    async def relation(self, task: Task) -> Sheet:
        about = "userId" if task.kind in ("followers", "following") else "noteId"
        try:
            answer = await self.api.ask(_CALLS[task.kind], {"limit": _ROWS, about: task.local, **task.next})
        except Blocked as error:
            if error.key != _HIDDEN:
                raise
            self.note("misskey.hidden_list", name=task.who, relation=task.kind)
            return Sheet([], reason="misskey.hidden_by_person")
        sheet = Sheet(answer.data, _onward(answer.data), fetched=answer.fetched)
        if about == "noteId" and task.kind != "likes":
            self._sort_out(task, sheet)
        return sheet

    def _sort_out(self, task: Task, sheet: Sheet) -> None:
        """Keep what the relation is about: answers, quotes or pure renotes; ``memo["other"]`` counts the rest, for the
        number of renotes that a note tells is of quotes too."""
        rows: list[Any] = []
        for row in sheet.rows:
            try:
                found = self._note(row, sheet)
            except Unusable:
                rows.append(row)  # refused, with its reason, where it is read
                continue
            kind = "replies" if found.parent == task.local else "quotes" if found.quotes else "reposts"
            if not found.shown:
                task.memo["hidden"] = True
            elif kind == task.kind:
                rows.append(row)
            else:
                task.memo["other"] = task.memo.get("other", 0) + 1
        sheet.rows = rows
        if sheet.next is None:
            sheet.reason = "misskey.not_public" if task.memo.get("hidden") else None
            if task.kind != "replies" and task.said is not None:
                sheet.said = max(task.said - task.memo.get("other", 0), 0)

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        if task.kind in ("followers", "following"):
            return [self._follow(task, row, sheet)]
        if task.kind == "likes":
            if not isinstance(row, Mapping):
                raise Unusable("collect.no_author")
            actor = account(row.get("user"), self.api.host, sheet.fetched)
            when = moment(row.get("createdAt"))
            target = Account(PLATFORM, task.who)
            return [Interaction(PLATFORM, actor, target, "like", when[0] if when else None, task.key)]
        found = self._note(row, sheet)
        if task.kind == "reposts":
            return [replace(found.post, repost_of=task.key)]
        if task.kind == "quotes":
            return [replace(found.post, quote_of=task.key)]
        post = replace(found.post, kind="comment", reply_to=task.key, root=task.root or task.key)
        if post.comments != 0 and task.depth < _DEEPEST:
            who = post.author.native_id if post.author else ""
            more = {"depth": task.depth + 1, "root": post.root, "said": post.comments}
            self.ask("replies", post.native_id, local=found.local, who=who, **more)
        return [post]

    def _follow(self, task: Task, row: Any, sheet: Sheet) -> Record:
        """A follow, with the time it began."""
        if not isinstance(row, Mapping):
            raise Unusable("collect.no_author")
        side = "follower" if task.kind == "followers" else "followee"
        other, asked = account(row.get(side), self.api.host, sheet.fetched), Account(PLATFORM, task.who)
        pair = (other, asked) if task.kind == "followers" else (asked, other)
        when = moment(row.get("createdAt"))
        return Interaction(PLATFORM, *pair, "follow", when[0] if when else None)


def _onward(rows: Iterable[Any]) -> Place | None:
    """Below the last row of the list; None after an empty page only."""
    ids = [found for row in rows if isinstance(row, Mapping) and (found := ident(row.get("id")))]
    return {"untilId": ids[-1]} if ids else None


def _named(value: str) -> tuple[str, str, str]:
    """What is named: ``notes`` or ``channels`` ("" for a person or where it is not said), name or id, and server.

    ``lin@far.example``, ``https://m.example/@lin@far.example``, ``https://m.example/channels/9abc``, ``9zz8k1abcd``.
    """
    text, kind, home = clean(value).strip(), "", ""
    if "://" in text:
        parts = split(text)
        steps = [step for step in parts.path.split("/") if step]
        home = parts.netloc.rpartition("@")[2].lower()
        if steps and steps[0].startswith("@"):
            text = steps[0]
        elif len(steps) > 1:
            kind, text = steps[0], steps[1]
        else:
            raise BadQuery("misskey.bad_name", value=one_line(value, 200))
    name, _, server = text.lstrip("@").partition("@")
    return kind, name, server.lower() or home
