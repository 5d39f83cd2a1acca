"""An invented platform for the tests of the job engine: a search that cuts long results off, with comments, a loopback
server that plays it, and ``python -m tests.jobs.source ...``: the command line with its collectors registered.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from collectors import registry
from collectors.base import Capabilities, Extent, Page, Query
from collectors.walk import Item, Place, Sheet, Task, Walk
from tests.servers.scripted import App, Asked, Reply
from xunke.model import Account, Interaction, Post, Record

START = 1_795_000_000
SIZE = 4
CAP = 12
"""The server shows so many posts of a query at most, in pages of SIZE."""


def times(count: int, seed: int = 7) -> list[int]:
    """Invented times of posts over six days, thick in places; some fall into the same second."""
    state, found = seed, []
    for n in range(count):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        day = n % 6 if n % 3 else 2
        found.append(START + day * 86_400 + (state % 86_400 if n % 5 else 40_000 + n // 5 * 4000 % 30_000))
    return sorted(found)


def app(whens: Sequence[int], comments: int = 2, cap: int = CAP) -> App:
    """Posts at these times, newest first; each third has comments."""
    posts = sorted(((when, n) for n, when in enumerate(whens)), reverse=True)

    def answer(asked: Asked) -> Reply:
        page = int(asked.one("page", "0"))
        if asked.path == "/comments":
            n = int(asked.one("post"))
            found = [{"id": f"c{n}-{i}", "post": n, "at": whens[n] + 60 + i} for i in range(comments)]
            return Reply({"rows": found[page : page + 1], "more": page + 1 < comments, "total": comments})
        since, until = int(asked.one("since", "0")), int(asked.one("until", str(2**40)))
        hits = [(when, n) for when, n in posts if since <= when <= until]
        shown = hits[:cap]
        rows = [{"id": n, "at": when, "comments": comments if n % 3 == 0 else 0} for when, n in shown]
        more = (page + 1) * SIZE < len(shown)
        return Reply({"rows": rows[page * SIZE : (page + 1) * SIZE], "more": more, "cut": len(hits) > cap and not more})

    return answer


class Searching(Walk):
    """Speaks to ``app``."""

    platform: ClassVar[str] = "invented"

    async def listing(self, place: Place) -> Sheet:
        window = {"since": self.query.since, "until": self.query.until}
        query = {"page": place.get("page", 0), **{name: when for name, when in window.items() if when is not None}}
        data = (await self.http.get_json(f"{self.query.instance}/search", query, expect=dict)).data
        following = {"page": int(query["page"]) + 1} if data["more"] else None
        return Sheet(data["rows"], following, capped=bool(data["cut"]))

    def read(self, row: Any, sheet: Sheet) -> Iterable[Item]:
        who = Account("invented", f"u{row['id'] % 7}", name=f"用户{row['id'] % 7}")
        yield Item(Post(
            "invented", f"p{row['id']}", f"第 {row['id']} 条 #露营", author=who, created=row["at"], zone="+08:00",
            comments=row["comments"],
        ), local=str(row["id"]))  # fmt: skip

    async def relation(self, task: Task) -> Sheet:
        query = {"post": task.local, "page": task.next.get("page", 0)}
        data = (await self.http.get_json(f"{self.query.instance}/comments", query, expect=dict)).data
        return Sheet(data["rows"], {"page": int(query["page"]) + 1} if data["more"] else None, said=data["total"])

    def related(self, task: Task, row: Any, sheet: Sheet) -> Iterable[Record]:
        who, target = Account("invented", f"u{row['at'] % 7}"), Account("invented", task.who)
        yield Post(
            "invented", row["id"], "想去", author=who, created=row["at"], zone="+08:00", kind="comment", root=task.key,
            reply_to=task.key,
        )  # fmt: skip
        yield Interaction("invented", who, target, "reply", time=row["at"], post=task.key)


class Windowed:
    """The search honours a window of time, and is asked two days at a time."""

    platform: ClassVar[str] = "invented"
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"tag"}), relations=frozenset({"replies"}), needs_instance=True, window_days=2
    )

    def collect(self, query: Query, cursor: Any, http: Any) -> Any:
        return type("Mine", (Searching,), {"capabilities": self.capabilities}).pages(query, cursor, http)


class Plain(Windowed):
    """The same without slices of time."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"tag"}), relations=frozenset({"replies"}), needs_instance=True
    )


class Scripted:
    """Yields the pages, or raises the errors, of a list: one a step, by the place in the cursor."""

    platform: ClassVar[str] = "invented"
    capabilities: ClassVar[Capabilities] = Capabilities(
        modes=frozenset({"tag", "post"}), relations=frozenset({"replies", "likes"}), needs_instance=True
    )
    script: ClassVar[dict[str, list[Any]]] = {}
    asked: ClassVar[list[Query]] = []

    async def collect(self, query: Query, cursor: Any, http: Any) -> Any:
        Scripted.asked.append(query)
        steps = self.script[query.value]
        for n in range((cursor or {}).get("n", 0), len(steps)):
            step = steps[n]
            if callable(step):
                step = await step(http)
            if isinstance(step, Exception):
                raise step
            yield Page(
                step.records, None if n + 1 == len(steps) else {"n": n + 1}, step.rejected, step.total, step.notes,
                step.extents, step.capped,
            )  # fmt: skip


def page(*numbers: int, extents: tuple[Extent, ...] = (), **more: Any) -> Page:
    """A page of invented posts."""
    records = tuple(
        Post("invented", f"p{n}", "好", author=Account("invented", f"u{n % 5}"), created=START + n) for n in numbers
    )
    return Page(records, None, extents=extents, **more)


class Point:
    """As an entry point."""

    def __init__(self, name: str, made: Any) -> None:
        self.name, self._made = name, made

    def load(self) -> Any:
        return self._made


POINTS: dict[str, Any] = {"windowed": Windowed, "plain": Plain, "scripted": Scripted}


def register() -> None:
    """Make the registry know them, in this process."""
    known = registry._points()
    known.update({name: Point(name, made) for name, made in POINTS.items()})


if __name__ == "__main__":
    from xunke.__main__ import main

    register()
    sys.argv[0] = "xunke"
    sys.exit(main())
