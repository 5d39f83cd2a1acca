"""Mastodon and what speaks its API (GoToSocial, Pleroma, Akkoma, Takahe, snac, Pixelfed, Hollo …). Reads only.

The walk is a state machine: ``_State`` holds everything the next step depends on and *is* the cursor, so that a
run resumed from any page yields what an unbroken one yields. After each page of posts the relations asked for
are fetched post by post; then the listing goes on. Server-local ids never leave the cursor.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec

from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone, NeedsLogin
from xunke.model import Account, Interaction, InteractionKind, Membership, Post, Record, Rejected
from xunke.text import clean, fold, one_line

from .address import origin_of
from .base import Capabilities, Cursor, Page, Query
from .facts import ident
from .http import Answer, Transport
from .mastodon_map import PLATFORM, Status, account, domain_of, full_acct, group, status
from .trail import Trail
from .walk import Unusable

Note = tuple[str, dict[str, object]]

_POSTS_PER_PAGE: Final = 40
_PEOPLE_PER_PAGE: Final = 80
_FOLLOWER_PAGES: Final = 5  # of each author met in a tag; of the account asked for, all
_DEEPEST: Final = 20  # requests down one thread
_PEOPLE_KNOWN: Final = 2_000
_NEXT: Final = re.compile(r'<([^<>]*)>\s*;[^<]*?\brel="?next"?')
_PEOPLE_OF: Final[dict[str, tuple[str, InteractionKind]]] = {
    "reposts": ("/api/v1/statuses/{}/reblogged_by", "repost"),
    "likes": ("/api/v1/statuses/{}/favourited_by", "like"),
    "followers": ("/api/v1/accounts/{}/followers", "follow"),
}
_COUNT_OF: Final = {"replies": "comments", "reposts": "shares", "likes": "likes"}


class _Task(msgspec.Struct, omit_defaults=True):
    """One relation still to fetch: of the post (or for followers the account) with the server's id ``local``."""

    kind: str
    local: str
    who: str
    uri: str = ""
    root: str = ""
    depth: int = 0
    pages: int = 0
    most: int = 0
    next: dict[str, str] = {}
    trail: Trail = msgspec.field(default_factory=Trail)


class _State(msgspec.Struct, omit_defaults=True):
    """The cursor. ``next``: parameters of the listing's next page (None: the listing is over);
    ``left``: posts still wanted; ``via``: how a keyword is looked for; ``counted``: relations whose counts this
    server was seen to keep, so that its zeros can be trusted; ``closed``: relations it keeps for those logged in."""

    next: dict[str, str] | None = {}
    left: int | None = None
    via: str = ""
    local: str = ""
    who: str = ""
    name: str | None = None
    queue: list[_Task] = []
    counted: list[str] = []
    closed: list[str] = []
    people: list[str] = []
    trail: Trail = msgspec.field(default_factory=Trail)


class Mastodon:
    """Posts of a tag, keyword, account or group, with replies, boosts, likes and followers on request."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"tag", "keyword", "account", "group"}),
        relations=frozenset({"replies", "reposts", "likes", "followers"}),
        access=frozenset({"anonymous", "own_token"}),
        needs_instance=True,
        limits=("mastodon.limit_search", "mastodon.limit_context", "mastodon.limit_followers"),
    )

    def __init__(self) -> None:
        self.posts_per_page = _POSTS_PER_PAGE
        self.people_per_page = _PEOPLE_PER_PAGE

    async def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """Yield pages; see ``Collector.collect``. The last page has no cursor."""
        walk = await _Walk.start(self, query, cursor, http)
        page = await walk.step()
        while page.cursor is not None:
            yield page
            page = await walk.step()
        yield page


class _Walk:
    """One run over one server."""

    def __init__(self, of: Mastodon, query: Query, state: _State, http: Transport, base: str) -> None:
        self.of, self.query, self.state, self.http, self.base = of, query, state, http, base
        self.domain = urlsplit(base).netloc
        self.access: Mapping[str, Any] = {}
        self.notes: list[Note] = []
        self.rejected: list[Rejected] = []
        self.total: int | None = None

    @classmethod
    async def start(cls, of: Mastodon, query: Query, cursor: Cursor | None, http: Transport) -> _Walk:
        if query.mode not in of.capabilities.modes:
            raise BadQuery("collect.mode", mode=query.mode, platform=PLATFORM)
        if not fold(query.value).strip("#＃@"):
            raise BadQuery("collect.empty", mode=query.mode)
        if unknown := query.relations - of.capabilities.relations:
            raise BadQuery("collect.relation", relation=", ".join(sorted(unknown)), platform=PLATFORM)
        instance = query.instance or _handle(query.value)[1]
        if not instance:
            raise BadQuery("collect.needs_instance", platform=PLATFORM)
        state = _State(left=query.limit)
        if cursor is not None:
            try:
                state = msgspec.convert(dict(cursor), _State)
            except msgspec.ValidationError:
                raise BadQuery("collect.bad_cursor", platform=PLATFORM) from None
        walk = cls(of, query, state, http, origin_of(instance).origin)
        await walk.read_facts()
        return walk

    # ------------------------------------------------------------------ the server

    async def get(
        self, path: str, params: Mapping[str, object] | None = None, expect: type | tuple[type, ...] = list
    ) -> Answer[Any]:
        return await self.http.get_json(self.base + path, params, self.query.token, expect=expect)

    async def read_facts(self) -> None:
        """What the server says about itself: its name in handles, and who may read what."""
        facts: Mapping[str, Any] = {}
        for path in ("/api/v2/instance", "/api/v1/instance"):
            try:
                facts = (await self.get(path, expect=dict)).data
                break
            except (Gone, BadQuery, BrokenAnswer):
                continue
        else:
            raise BadQuery("mastodon.not_mastodon", host=self.domain)
        self.domain = domain_of(facts, self.domain)
        configuration = facts.get("configuration")
        access = configuration.get("timelines_access") if isinstance(configuration, Mapping) else None
        self.access = access if isinstance(access, Mapping) else {}

    def tag_scope(self) -> dict[str, str]:
        """Which tag feeds are open to us (Mastodon 4.5 tells). Raises NeedsLogin or Blocked instead of trying."""
        feeds = self.access.get("hashtag_feeds")
        if not isinstance(feeds, Mapping):
            return {}
        fine = {"public", "authenticated"} if self.query.token else {"public"}
        local, remote = (feeds.get(side, "public") in fine for side in ("local", "remote"))
        if local and remote:
            return {}
        if local or remote:
            self.notes.append(("mastodon.only_local" if local else "mastodon.only_remote", {"host": self.domain}))
            return {"local" if local else "remote": "true"}
        if not self.query.token and "authenticated" in feeds.values():
            raise NeedsLogin("mastodon.needs_token", host=self.domain)
        raise Blocked("mastodon.tags_closed", host=self.domain)

    # ------------------------------------------------------------------ steps

    async def step(self) -> Page:
        """One request's worth of records, and the state behind it."""
        self.notes, self.rejected, self.total = [], [], None
        records = await self.records()
        over = self.state.next is None and not self.state.queue
        cursor = None if over else msgspec.to_builtins(self.state)
        return Page(tuple(records), cursor, tuple(self.rejected), self.total, tuple(self.notes))

    async def records(self) -> list[Record]:
        if self.query.mode in ("account", "group") and not self.state.local:
            return await self.find_account()
        if self.state.queue:
            return await self.relation(self.state.queue[0])
        if self.state.next is None:
            return []
        return await self.listing(self.state.next)

    async def find_account(self) -> list[Record]:
        name, server = _handle(self.query.value)
        acct = name if not server or server in (self.domain, urlsplit(self.base).netloc) else f"{name}@{server}"
        wanted = acct if "@" in acct else f"{acct}@{self.domain}"
        try:
            answer = await self.get("/api/v1/accounts/lookup", {"acct": acct}, dict)
            source = answer.data
        except (Gone, BadQuery, BrokenAnswer):  # servers without lookup
            found = await self.get("/api/v2/search", {"q": acct, "type": "accounts", "limit": 40}, dict)
            answer, people = found, found.data.get("accounts")
            listed = [p for p in people if isinstance(p, Mapping)] if isinstance(people, list) else []
            source = next((p for p in listed if full_acct(p, self.domain) == fold(wanted)), None)
            if source is None:
                raise Gone("mastodon.no_account", name=one_line(acct, 100), host=self.domain) from None
        try:
            person = self.person(source, answer)
            local = ident(source.get("id"))
            if not local:
                raise Unusable("mastodon.no_id")
        except Unusable as error:
            raise BrokenAnswer(str(error), host=self.domain) from None
        if self.query.mode == "group" and source.get("group") is False:
            raise BadQuery("mastodon.not_a_group", name=person.native_id)
        self.state.local, self.state.who, self.state.name = local, person.native_id, person.name
        if "followers" in self.query.relations:
            if source.get("hide_collections") is True:
                self.notes.append(("mastodon.followers_hidden", {"name": person.native_id}))
            else:
                self.state.queue.append(_Task("followers", local, person.native_id))
        self.total = person.posts if self.query.limit is None else min(person.posts or 0, self.query.limit) or None
        return [person]

    def person(self, source: object, answer: Answer[Any]) -> Account:
        return account(source, self.domain, answer.fetched)

    # ------------------------------------------------------------------ the listing

    async def listing(self, place: dict[str, str]) -> list[Record]:
        answer, items = await self.fetch_listing(place)
        seen = [f"l:{ident(item.get('id')) if isinstance(item, Mapping) else item!r:.200}" for item in items]
        fresh = self.state.trail.fresh(seen)
        found: list[Status] = []
        for row, (item, new) in enumerate(zip(items, fresh, strict=True), 1):
            if new:
                self.read(row, item, answer, found)
        if self.rejected and not found:
            raise BrokenAnswer("mastodon.nothing_readable", host=self.domain, reason=self.rejected[0].reason)
        self.state.next = self.onward(answer, items) if any(fresh) and not self.too_old(found) else None
        if self.query.mode in ("tag", "keyword"):  # snac lists a boost there now and then, under the author's name
            found = [one.boosted or one for one in found]
        records: list[Record] = []
        kept: list[Status] = []
        for one in found:
            if self.state.left is not None and self.state.left <= 0:
                break
            if self.wanted(one):
                if self.state.left is not None:
                    self.state.left -= 1
                kept += self.emit(one, records)
        if self.state.left is not None and self.state.left <= 0:
            self.state.next = None
        self.plan_relations(kept)
        return records

    async def fetch_listing(self, place: dict[str, str]) -> tuple[Answer[Any], list[Any]]:
        query, state, value = self.query, self.state, clean(self.query.value)
        size: dict[str, object] = {"limit": self.of.posts_per_page}
        if query.mode in ("account", "group"):
            answer = await self.get(f"/api/v1/accounts/{quote(state.local, safe='')}/statuses", size | place)
            return answer, answer.data
        words = [w for w in (fold(word).strip("#＃") for word in value.split()) if w]
        if query.mode == "keyword" and state.via != "tag":
            try:
                found = await self.get("/api/v2/search", {"q": value, "type": "statuses"} | size | place, dict)
                items = found.data.get("statuses")
                if state.via or (isinstance(items, list) and items):
                    state.via = "search"
                    return found, items if isinstance(items, list) else []
            except (NeedsLogin, BadQuery, Gone) as error:
                if query.token and isinstance(error, NeedsLogin):
                    raise
                if state.via:  # the first page was free, the others are not
                    self.notes.append(("mastodon.search_cut", {"host": self.domain}))
                    return Answer(200, {}, [], ""), []
            state.via = "tag"
            self.notes.append(("mastodon.keyword_as_tag", {"tag": " ".join(words), "host": self.domain}))
        tag = words[0] if query.mode == "keyword" else fold(value).strip("#＃")
        more: dict[str, object] = {"all[]": words[1:5]} if query.mode == "keyword" and len(words) > 1 else {}
        path = f"/api/v1/timelines/tag/{quote(tag, safe='')}"
        answer = await self.get(path, size | more | self.tag_scope() | place)
        return answer, answer.data

    def onward(self, answer: Answer[Any], items: list[Any]) -> dict[str, str] | None:
        """Parameters of the next page: from the Link header, else below the last id; None at the end."""
        if not items:
            return None
        place = _link(answer.headers)
        if place is None and not answer.headers.get("link"):
            last = ident(items[-1].get("id")) if isinstance(items[-1], Mapping) else ""
            if self.state.via == "search":
                place = {"offset": str(int((self.state.next or {}).get("offset", "0")) + len(items))}
            elif last:
                place = {"max_id": last}
        if place and not self.state.trail.follow(repr(sorted(place.items()))):
            self.notes.append(("collect.circle", {"host": self.domain}))
            return None
        return place

    def read(self, row: int, item: object, answer: Answer[Any], into: list[Status]) -> None:
        try:
            into.append(status(item, self.domain, answer.fetched, one_line(self.query.value, 200)))
        except Unusable as error:
            detail = ident(item.get("id")) if isinstance(item, Mapping) else type(item).__name__
            self.rejected.append(Rejected(row, str(error), detail[:80]))

    def too_old(self, found: list[Status]) -> bool:
        """Whether the listing has passed ``since``: the whole page is older (searches are not in order of time)."""
        since = self.query.since
        if since is None or not found or self.state.via == "search":
            return False
        return all((one.post.created or 0) < since for one in found)

    def open_to_all(self, one: Status) -> bool:
        """Public by its author's word; where the server does not say, what it shows without a token is."""
        return one.public if one.public is not None else self.query.token is None

    def wanted(self, one: Status) -> bool:
        when, since, until = one.post.created or 0, self.query.since, self.query.until
        return (
            self.open_to_all(one)
            and (one.boosted is None or self.open_to_all(one.boosted))
            and (since is None or when >= since)
            and (until is None or when <= until)
        )

    def emit(self, one: Status, records: list[Record]) -> list[Status]:
        """Put the records of one listed status into ``records``; returns those whose relations are wanted."""
        original = one.boosted or one
        if self.query.mode == "group":  # a group boosts what its members write: the boost is not an act of theirs
            place = group(Account(PLATFORM, self.state.who, self.state.name))
            if self.first_time(original):
                records.append(replace(original.post, group=place))
                if original.post.author is not None and original.post.author.native_id != self.state.who:
                    records.append(Membership(original.post.author, place))
                return [original]
            return []
        if one.boosted is not None:
            if self.first_time(original):
                records.append(original.post)
            records.append(one.post)
            return []
        if self.first_time(one):
            records.append(one.post)
        return [one]

    def first_time(self, one: Status) -> bool:
        return self.state.trail.fresh([f"p:{one.post.native_id}"])[0]

    # ------------------------------------------------------------------ relations

    def plan_relations(self, kept: list[Status]) -> None:
        for relation, name in _COUNT_OF.items():
            if relation not in self.state.counted and any(getattr(one.post, name) for one in kept):
                self.state.counted.append(relation)
        known = set(self.state.people)
        asked = self.query.relations - set(self.state.closed)
        for one in kept:
            who = one.post.author.native_id if one.post.author else ""
            for relation, name in _COUNT_OF.items():
                empty = getattr(one.post, name) == 0 and relation in self.state.counted
                if relation in asked and not empty:
                    self.state.queue.append(_Task(relation, one.local, who, one.post.native_id))
            if "followers" in asked and self.query.mode != "account" and who not in known:
                known.add(who)
                self.state.people.append(who)
                del self.state.people[:-_PEOPLE_KNOWN]
                if one.author_local:
                    self.state.queue.append(_Task("followers", one.author_local, who, most=_FOLLOWER_PAGES))

    async def relation(self, task: _Task) -> list[Record]:
        """The next page of one relation. A post that is gone is skipped and counted; a relation that the server
        shows only to those logged in is left out with a note, so that the posts still come."""
        try:
            if task.kind == "replies":
                done, records = True, await self.replies(task)
            else:
                done, records = await self.people(task)
        except Gone:
            self.notes.append(("collect.gone_skipped", {"count": 1}))
            done, records = True, []
        except NeedsLogin:
            if self.query.token:
                raise
            self.notes.append(("mastodon.relation_needs_token", {"relation": task.kind, "host": self.domain}))
            self.state.closed.append(task.kind)
            self.state.queue = [one for one in self.state.queue if one.kind != task.kind]
            return []
        if done:
            del self.state.queue[0]
        return records

    async def people(self, task: _Task) -> tuple[bool, list[Record]]:
        """Who boosted, liked or follows: paged by the Link header only (its ids are not those of the people)."""
        path, kind = _PEOPLE_OF[task.kind]
        size: dict[str, object] = {"limit": self.of.people_per_page}
        answer = await self.get(path.format(quote(task.local, safe="")), size | task.next)
        records: list[Record] = []
        target = Account(PLATFORM, task.who)
        keys = [ident(item.get("id")) if isinstance(item, Mapping) else f"{item!r:.200}" for item in answer.data]
        fresh = task.trail.fresh(keys)
        for row, (item, new) in enumerate(zip(answer.data, fresh, strict=True), 1):
            if not new:
                continue
            try:
                actor = self.person(item, answer)
            except Unusable as error:
                self.rejected.append(Rejected(row, str(error), task.uri[:80]))
            else:
                records.append(Interaction(PLATFORM, actor, target, kind, post=task.uri or None))
        if self.rejected and not records:
            raise BrokenAnswer("mastodon.nothing_readable", host=self.domain, reason=self.rejected[0].reason)
        task.pages += 1
        place = _link(answer.headers) if any(fresh) else None
        if place and task.most and task.pages >= task.most:
            self.notes.append(("mastodon.followers_cut", {"name": task.who}))
            place = None
        if place and not task.trail.follow(repr(sorted(place.items()))):
            place = None
        task.next = place or {}
        return place is None, records

    async def replies(self, task: _Task) -> list[Record]:
        """The thread below a post; where the server cuts it off, branches that tell of more are asked for later."""
        answer = await self.get(f"/api/v1/statuses/{quote(task.local, safe='')}/context", expect=dict)
        above, below = (answer.data.get(side) for side in ("ancestors", "descendants"))
        if not isinstance(below, list):
            raise BrokenAnswer("net.shape", url=self.base)
        found: list[Status] = []
        for row, item in enumerate(below, 1):
            self.read(row, item, answer, found)
        if self.rejected and not found:
            raise BrokenAnswer("mastodon.nothing_readable", host=self.domain, reason=self.rejected[0].reason)
        uris = {task.local: task.uri}
        top: list[Status] = []
        rejected = len(self.rejected)
        for item in above if isinstance(above, list) else []:
            self.read(0, item, answer, top)
        del self.rejected[rejected:]
        uris |= {one.local: one.post.native_id for one in (*top, *found)}
        root = task.root or (top[0].post.native_id if top else task.uri)
        answered = {one.parent for one in found}
        records: list[Record] = []
        for one in found:
            if not self.open_to_all(one) or one.boosted is not None:
                continue
            post: Post = replace(one.post, kind="comment", reply_to=uris.get(one.parent or ""), root=root)
            records.append(post)
            if one.post.comments and one.local not in answered and task.depth < _DEEPEST:
                who = post.author.native_id if post.author else ""
                self.state.queue.append(_Task("replies", one.local, who, post.native_id, root, task.depth + 1))
        return records


def _link(headers: Mapping[str, str]) -> dict[str, str] | None:
    """The parameters of ``rel="next"``. Only those: the address itself is ours, whatever the header says."""
    found = _NEXT.search(headers.get("link", ""))
    if found is None:
        return None
    pairs: Iterable[tuple[str, str]] = parse_qsl(urlsplit(found[1]).query)
    place = {k: v for k, v in pairs if not k.endswith("[]") and k != "limit" and len(v) < 2_000}
    return place or None


def _handle(value: str) -> tuple[str, str]:
    """Name and server ("" if not said) of ``lin``, ``@lin@far.example`` or the address of a profile."""
    text = clean(value).strip()
    if "://" in text:
        parts = urlsplit(text)
        last = parts.path.rstrip("/").rpartition("/")[2].lstrip("@")
        name, _, server = last.partition("@")
        return name, (server or parts.netloc.rpartition("@")[2]).lower()
    name, _, server = text.lstrip("@").partition("@")
    return name, server.lower()
