"""A walk over one source: the listing page by page, and what hangs on each post, as one resumable state machine.

``Walk`` does what all platforms share, so that a platform's own file holds only its calls and what its objects
mean. ``State`` holds everything the next step depends on and *is* the cursor: a run resumed from any page yields what
an unbroken one yields. After each page of posts the relations asked for are fetched post by post, then the listing
goes on. One step is one page of one list; ids of the server live in the cursor only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Self

import msgspec

from xunke.errors import BadQuery, BrokenAnswer, Gone, NeedsLogin
from xunke.model import Account, Post, Record, Rejected
from xunke.text import fold, one_line

from .base import Access, Capabilities, Cursor, Extent, Mode, Note, Page, Query, Relation
from .http import Transport
from .trail import Trail, digest

Place = dict[str, Any]
"""Parameters of the next page of a list; JSON values only."""

FOLLOWER_PAGES: Final = 5
"""So many pages of followers of each author met in a listing; of the account asked for, all."""
_PEOPLE_KNOWN: Final = 2_000
_IDLE: Final = 50
"""Pages in a row that may be empty and still tell of a next one."""
_COUNTS: Final[Mapping[str, str]] = {"replies": "comments", "reposts": "shares", "likes": "likes"}
_STRAY: Final = 2
"""So many unreadable rows in a list of a post may be single bad ones (a deleted account's comment), no new shape."""
_OF_PEOPLE: Final = ("followers", "following")
WHOLE: Final = "whole"
"""The kind of the task that brings a held post; see ``Item.hold``."""


class Unusable(Exception):
    """This object lacks what it must have; the text is the message key of the reason, ``detail`` the value."""

    def __init__(self, key: str, detail: object = "") -> None:
        super().__init__(key)
        self.detail = one_line(str(detail), 80)


class Task(msgspec.Struct, omit_defaults=True):
    """One relation still to fetch. ``key``: native id of the post (or, for followers, of the account); ``local``: what
    the server knows it by; ``who``: native id of its author; ``most``: pages at most (0: all); ``said``: how many the
    platform says there are; ``memo``: what else the platform's own code needs (JSON values)."""

    kind: str
    key: str
    local: str = ""
    who: str = ""
    root: str = ""
    depth: int = 0
    pages: int = 0
    most: int = 0
    said: int | None = None
    seen: int = 0
    next: Place = {}
    memo: dict[str, Any] = {}
    trail: Trail = msgspec.field(default_factory=Trail)


class State(msgspec.Struct, omit_defaults=True):
    """The cursor. ``next``: parameters of the listing's next page (None: the listing is over); ``left``: posts still
    wanted; ``counted``: relations whose counts this source was seen to keep, so that its zeros can be trusted;
    ``closed``: relations it keeps for those logged in; ``memo``: what else the platform's own code needs.
    ``idle``: pages in a row that brought nothing."""

    next: Place | None = {}
    left: int | None = None
    opened: bool = False
    seen: int = 0
    said: int | None = None
    reason: str | None = None
    told: bool = False
    idle: int = 0
    queue: list[Task] = []
    counted: list[str] = []
    closed: list[str] = []
    people: list[str] = []
    memo: dict[str, Any] = {}
    trail: Trail = msgspec.field(default_factory=Trail)


@dataclass(slots=True)
class Sheet:
    """One page of one list as the source sent it. ``next`` None: it was the last. ``said``: how many there are in
    all, where the source tells. ``capped``: more exists, but the source ends here; ``reason``: message key of why;
    ``again``: (of a relation) asking again later may bring more."""

    rows: Sequence[Any]
    next: Place | None = None
    said: int | None = None
    fetched: int | None = None
    capped: bool = False
    reason: str | None = None
    again: bool = False


@dataclass(slots=True)
class Item:
    """One listed post, read. ``local``: what the server knows it by (default: its native id); ``author_local``: so its
    author, for followers ("" : not asked for). ``also``: records that come with it, each yielded once with it.
    ``asks``: whether its relations are fetched. ``pinned``: out of the order of time, says nothing about the end.
    ``hold``: the post is not whole yet and comes with all its records from a task ``WHOLE`` with this memo instead."""

    post: Post
    local: str = ""
    author_local: str = ""
    also: tuple[Record, ...] = ()
    asks: bool = True
    pinned: bool = False
    memo: dict[str, Any] = field(default_factory=dict)
    hold: dict[str, Any] | None = None


class Walk(ABC):
    """One run over one source. A platform overrides ``listing`` and ``read``, with relations ``relation`` and
    ``related``, and where needed ``begin``, ``opening``, ``key_of`` and ``said_of``.

    ``ordered``: the listing is newest first, so a page wholly before ``since`` ends it. ``size``: most rows to ask for
    in one page (None: what the platform gives at most).
    """

    platform: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    ordered: bool = True
    size: int | None = None

    def __init__(self, query: Query, state: State, http: Transport) -> None:
        self.query, self.state, self.http = query, state, http
        self.notes: list[Note] = []
        self.rejected: list[Rejected] = []
        self.extents: list[Extent] = []
        self.total: int | None = None

    # ------------------------------------------------------------------ what a platform says

    async def begin(self) -> None:  # noqa: B027 - most platforms have nothing to begin with
        """Before the first step, also of a resumed run: who the server is, a session. Stores nothing."""

    async def opening(self) -> list[Record]:
        """The first step: find what is asked for (an account, a group). May plan tasks and set ``state.memo``."""
        return []

    @abstractmethod
    async def listing(self, place: Place) -> Sheet:
        """Fetch one page of posts; ``place`` is {} for the first."""

    @abstractmethod
    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        """What one row of the listing means: usually one item, none for what is no post. Raises Unusable."""

    def key_of(self, row: Any) -> str:
        """What makes a row the same one on another page."""
        return f"{row.get('id')}" if isinstance(row, Mapping) else f"{row!r:.200}"

    async def relation(self, task: Task) -> Sheet:
        """Fetch the next page of a relation; ``task.next`` is {} for the first."""
        raise BadQuery("collect.relation", relation=task.kind, platform=self.platform)

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        """What one row of a relation means. Raises Unusable. May call ``ask`` for what lies deeper."""
        return ()

    def said_of(self, relation: str, post: Post) -> int | None:
        """How many of ``relation`` the platform says a post has."""
        name = _COUNTS.get(relation)
        return getattr(post, name) if name else None

    def bearable(self, good: int) -> bool:
        """Whether a page may pass of which ``good`` new rows could be read; asked of every one. A page that is refused
        as a whole is not, where it is not as small as one post: then a platform may wait for some in a row."""
        return good > 0

    # ------------------------------------------------------------------ for platforms

    def at_most(self, most: int) -> int:
        """How many rows to ask for where the platform gives at most ``most``."""
        return most if self.size is None else min(most, self.size)

    def note(self, key: str, **params: object) -> None:
        """A warning on this page."""
        self.notes.append((key, params))

    def ask(self, kind: str, key: str, **more: Any) -> None:
        """Plan a relation to be fetched after those already planned; see ``Task``."""
        self.state.queue.append(Task(kind, key, **more))

    def close(self, kind: str) -> None:
        """The source shows this relation to nobody like us: plan no more of it, drop what is planned."""
        if kind not in self.state.closed:
            self.state.closed.append(kind)
        self.state.queue = [task for task in self.state.queue if task.kind != kind]

    def first_time(self, native_id: str) -> bool:
        """Whether this post was not yielded lately; it is remembered."""
        return self.state.trail.fresh([f"p:{native_id}"])[0]

    def wanted(self, item: Item) -> bool:
        """Within the times asked for. A post without a time is wanted: nobody says that it is outside."""
        when, since, until = item.post.created, self.query.since, self.query.until
        return when is None or ((since is None or when >= since) and (until is None or when <= until))

    # ------------------------------------------------------------------ the walk

    @classmethod
    async def start(cls, query: Query, cursor: Cursor | None, http: Transport, size: int | None = None) -> Self:
        """Check the query, read the cursor, begin."""
        can = cls.capabilities
        if query.mode not in can.modes:
            raise BadQuery("collect.mode", mode=query.mode, platform=cls.platform)
        if not fold(query.value).strip("#＃@"):
            raise BadQuery("collect.empty", mode=query.mode)
        if unknown := query.relations - can.relations:
            raise BadQuery("collect.relation", relation=", ".join(sorted(unknown)), platform=cls.platform)
        state = State(left=query.limit)
        if cursor is not None:
            try:
                state = msgspec.convert(dict(cursor), State)
            except msgspec.ValidationError:
                raise BadQuery("collect.bad_cursor", platform=cls.platform) from None
        walk = cls(query, state, http)
        walk.size = size
        await walk.begin()
        return walk

    @classmethod
    async def pages(
        cls, query: Query, cursor: Cursor | None, http: Transport, size: int | None = None
    ) -> AsyncIterator[Page]:
        """All pages: what ``Collector.collect`` yields. The last one has no cursor."""
        walk = await cls.start(query, cursor, http, size)
        page = await walk.step()
        while page.cursor is not None:
            yield page
            page = await walk.step()
        yield page

    async def step(self) -> Page:
        """One request's worth of records, and the state behind it."""
        return self.to_page(await self._records())

    def to_page(self, records: Sequence[Record]) -> Page:
        """The page of these records, with all that was noted since the one before and the state as it is now."""
        if self.state.next is None and not self.state.told:
            self.state.told = True
            state, limited = self.state, self.state.left is not None and self.state.left <= 0
            said = None if limited else state.said
            self.extents.append(Extent("posts", one_line(self.query.value, 200), said, state.seen, state.reason))
        over = self.state.next is None and not self.state.queue
        cursor = None if over else msgspec.to_builtins(self.state)
        page = Page(
            tuple(records), cursor, tuple(self.rejected), self.total, tuple(self.notes), tuple(self.extents),
            over and self.state.memo.get("capped") is True,
        )  # fmt: skip
        self.notes, self.rejected, self.extents, self.total = [], [], [], None
        return page

    def count(self, posts: int) -> None:
        """So many posts more were yielded."""
        self.state.seen += posts
        if self.state.left is not None:
            self.state.left = max(0, self.state.left - posts)

    async def _records(self) -> list[Record]:
        if not self.state.opened:
            self.state.opened = True
            if found := await self.opening():
                return found
        if self.state.queue:
            return await self._relation(self.state.queue[0])
        if self.state.next is None:
            return []
        return await self._listing(self.state.next)

    async def _listing(self, place: Place) -> list[Record]:
        sheet = await self.listing(place)
        fresh = self.state.trail.fresh([f"l:{self.key_of(row)}" for row in sheet.rows])
        found: list[Item] = []
        for number, (row, new) in enumerate(zip(sheet.rows, fresh, strict=True), 1):
            if new:
                found += self._read(number, row, sheet)
        self._refuse_all_bad(sum(fresh) - len(self.rejected))  # rows left out on purpose were readable
        if sheet.said is not None:
            self.state.said = sheet.said
            self.total = sheet.said if self.query.limit is None else min(sheet.said, self.query.limit)
        self.state.next = self._onward(sheet, any(fresh)) if not self._too_old(found) else None
        records: list[Record] = []
        kept: list[Item] = []
        for item in found:
            if self.state.left is not None and self.state.left <= 0:
                break
            if not self.wanted(item):
                continue
            if not self.first_time(item.post.native_id):
                continue
            if item.hold is None:
                records += [one for one in item.also if not isinstance(one, Post) or self.first_time(one.native_id)]
                records.append(item.post)
            else:
                self.ask(WHOLE, item.post.native_id, memo=item.hold)
            self.count(1)
            kept += [item] if item.asks else []
        if self.state.left is not None and self.state.left <= 0:
            self.state.next = None
        self._plan(kept)
        return records

    def _read(self, number: int, row: Any, sheet: Sheet) -> list[Item]:
        try:
            return list(self.read(row, sheet))
        except Unusable as error:
            self.rejected.append(Rejected(number, str(error), error.detail or one_line(self.key_of(row), 80)))
            return []

    def _refuse_all_bad(self, good: int) -> None:
        """A page of which nothing can be read has another shape than documented: never an empty success."""
        if not self.bearable(good) and self.rejected:
            raise BrokenAnswer("collect.nothing_readable", platform=self.platform, example=self.rejected[0].reason)

    def _onward(self, sheet: Sheet, any_new: bool) -> Place | None:
        """Where the listing goes on; None at its end, when a page brought nothing new, or when it goes in circles."""
        self.state.reason = sheet.reason or self.state.reason
        if sheet.capped:
            self.state.memo["capped"] = True
        self.state.idle = 0 if any_new else self.state.idle + 1
        if sheet.next is None or (sheet.rows and not any_new):
            return None
        if self.state.idle > _IDLE:
            self.note("collect.idle", host=self.platform, count=_IDLE)
            self.state.reason = "collect.empty_pages"
            return None
        if not self.state.trail.follow(repr(sorted(sheet.next.items()))):
            self.note("collect.circle", host=self.platform)
            return None
        return sheet.next

    def _too_old(self, found: Sequence[Item]) -> bool:
        since, times = self.query.since, [i.post.created for i in found if not i.pinned and i.post.created is not None]
        return self.ordered and since is not None and bool(times) and max(times) < since

    def _plan(self, kept: Sequence[Item]) -> None:
        asked = sorted(self.query.relations - set(self.state.closed))
        for item in kept:
            for relation in asked:
                if relation not in self.state.counted and self.said_of(relation, item.post):
                    self.state.counted.append(relation)
        known = set(self.state.people)
        for item in kept:
            post = item.post
            who = post.author.native_id if post.author else ""
            for relation in asked:
                if relation in _OF_PEOPLE:
                    continue
                said = self.said_of(relation, post)
                if said == 0 and relation in self.state.counted:
                    continue
                root = post.root or post.native_id
                local = item.local or post.native_id
                self.ask(relation, post.native_id, local=local, who=who, root=root, said=said, memo=dict(item.memo))
            met = digest(who)
            if self.query.mode == "account" or not item.author_local or met in known:
                continue
            known.add(met)
            self.state.people.append(met)
            del self.state.people[:-_PEOPLE_KNOWN]
            for relation in (r for r in asked if r in _OF_PEOPLE):
                told = getattr(post.author, relation, None)
                self.ask(relation, who, local=item.author_local, who=who, most=FOLLOWER_PAGES, said=told)

    async def _relation(self, task: Task) -> list[Record]:
        """The next page of one relation. A post that is gone is skipped and counted; a relation that the source shows
        only to those logged in is left out with a note, so that the posts still come."""
        try:
            sheet = await self.relation(task)
        except Gone:
            self.note("collect.gone_skipped", count=1)
            self._end(task, "collect.gone")
            return []
        except NeedsLogin:
            if self.query.credentials:
                raise
            self.note("collect.relation_needs_login", relation=task.kind, platform=self.platform)
            self._end(task, "collect.needs_login")
            self.close(task.kind)
            return []
        records: list[Record] = []
        fresh = task.trail.fresh([self.key_of(row) for row in sheet.rows])
        good = 0
        for number, (row, new) in enumerate(zip(sheet.rows, fresh, strict=True), 1):
            if not new:
                continue
            try:
                found = list(self.related(task, row, sheet))
            except Unusable as error:
                self.rejected.append(Rejected(number, str(error), error.detail or task.key[:80]))
                continue
            good += 1
            records += found
        if not task.seen and len(self.rejected) > _STRAY:
            self._refuse_all_bad(good)
        task.seen += good
        task.pages += 1
        task.said = sheet.said if sheet.said is not None else task.said
        place, reason = sheet.next, sheet.reason
        if sheet.rows and not any(fresh):
            place = None
        if place is not None and task.most and task.pages >= task.most:
            place, reason = None, "collect.page_limit"
        if place is not None and not task.trail.follow(repr(sorted(place.items()))):
            place = None
        if place is None:
            self._end(task, reason, sheet.again)
        else:
            task.next = place
        return records

    def _end(self, task: Task, reason: str | None = None, again: bool = False) -> None:
        """This relation is through: say how much of it was seen."""
        self.state.queue = [one for one in self.state.queue if one is not task]
        if task.kind == WHOLE:
            return
        kind: Relation = task.kind  # type: ignore[assignment] # made by ask()
        self.extents.append(Extent(kind, task.key, task.said, task.seen, reason, again))


def access_for(can: Capabilities, what: Mode | Relation) -> Access:
    """What reading ``what`` asks for at least: what the source says it needs, else the most open way there is."""
    needed = can.needs.get(what)
    if needed is not None:
        return needed
    order: tuple[Access, ...] = ("anonymous", "own_token", "own_app", "own_cookie", "import_only")
    return next(one for one in order if one in can.access)


def person(platform: str, native_id: str, **facts: Any) -> Account:
    """An account that must have an id. Raises Unusable."""
    if not native_id:
        raise Unusable("collect.no_author")
    return Account(platform, native_id, **facts)
