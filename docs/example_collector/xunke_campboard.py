"""Campboard, an invented camping forum: a whole collector of a third party in one file.

``GET /api/threads?tag=T&page=N`` → ``{"threads": […], "next": N|null, "total": N}``; ``?author=NAME`` of one person;
``GET /api/threads/ID/replies?page=N`` the same; ``GET /api/me`` who a token's owner is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar

from collectors.address import origin_of
from collectors.base import Capabilities, Cursor, Known, Login, Page, Query
from collectors.facts import count, hashtags, ident, inner, line, moment
from collectors.http import Transport
from collectors.walk import Item, Place, Sheet, Task, Unusable, Walk, person
from xunke.errors import BrokenAnswer
from xunke.model import Account, Interaction, Post, Record
from xunke.text import clean, one_line

PLATFORM = "campboard"


def author_of(row: Mapping[str, Any]) -> Account:
    """Who wrote it. Raises Unusable without an id."""
    who = inner(row, "author")
    return person(PLATFORM, ident(who.get("id")), name=line(who, "name"))


def post_of(row: Any, base: str, parent: Task | None = None) -> Post:
    """A thread, or a reply to one. Raises Unusable for what has no id or no author."""
    if not isinstance(row, Mapping) or not (native_id := ident(row.get("id"))):
        raise Unusable("collect.no_author", row)
    text, when, tags = row.get("text"), moment(row.get("created")), row.get("tags")
    return Post(
        PLATFORM, native_id, clean(text) if isinstance(text, str) else "", author_of(row),
        created=when[0] if when else None, zone=when[1] if when else None, kind="comment" if parent else "post",
        title=line(row, "title"), url=f"{base}/t/{native_id}", tags=hashtags(tags if isinstance(tags, list) else ()),
        likes=count(row.get("likes")), comments=count(row.get("replies")),
        reply_to=parent.key if parent else None, root=parent.root if parent else None,
    )  # fmt: skip


class CampWalk(Walk):
    """One run. The base class turns pages, resumes, and ends where it should; here are only the calls."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"tag", "account"}),
        relations=frozenset({"replies"}),
        access=frozenset({"anonymous", "own_token"}),
        needs_instance=True,
        logins=(Login("own_token", ("token",)),),
    )

    async def begin(self) -> None:
        """Where the server is."""
        self.base = origin_of(self.query.instance or "").origin

    async def _page(self, path: str, params: Mapping[str, object]) -> Sheet:
        answer = await self.http.get_json(f"{self.base}/api/{path}", params, self.query.token, expect=dict)
        rows, after = answer.data.get("threads"), answer.data.get("next")
        if not isinstance(rows, list):
            raise BrokenAnswer("collect.nothing_readable", platform=PLATFORM, reason="threads")
        return Sheet(rows, {"page": after} if isinstance(after, int) else None, count(answer.data.get("total")))

    async def listing(self, place: Place) -> Sheet:
        """One page of threads."""
        asked = "author" if self.query.mode == "account" else "tag"
        return await self._page("threads", {asked: self.query.value.lstrip("#@"), **place})

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        """A thread."""
        yield Item(post_of(row, self.base))

    async def relation(self, task: Task) -> Sheet:
        """One page of the replies to a thread."""
        return await self._page(f"threads/{task.key}/replies", task.next)

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        """A reply, and that its author answered the thread's."""
        reply = post_of(row, self.base, task)
        yield reply
        if reply.author and task.who:
            target = Account(PLATFORM, task.who)
            yield Interaction(PLATFORM, reply.author, target, "reply", time=reply.created, post=reply.native_id)


class Campboard:
    """What the entry point names."""

    platform: ClassVar[str] = PLATFORM
    capabilities: ClassVar[Capabilities] = CampWalk.capabilities

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """Pages of threads with what was asked for of each."""
        return CampWalk.pages(query, cursor, http)

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Whose token this is."""
        base = origin_of(instance or "").origin
        answer = await http.get_json(f"{base}/api/me", None, credentials.get("token"), expect=dict)
        return Known(one_line(str(answer.data.get("name") or ""), 200))
