"""What a blind test of a source needs: a run, what it yielded by the marker that each invented text carries, and how
a run ended. Written from the fact sheets alone."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from collectors.base import Page, Query
from collectors.testing import App, Asked, Reply, pages, scripted, transport
from xunke.errors import CollectorError
from xunke.model import Account, Interaction, Membership, Post

MARK = re.compile(r"K\d\d+")
SECRET = "planted-secret-9f8e7d"


@dataclass
class Seen:
    """What came out of one run."""

    pages: list[Page]
    asked: list[Asked]
    waits: list[float] = field(default_factory=list)

    @property
    def records(self) -> list[Any]:
        return [record for page in self.pages for record in page.records]

    @property
    def posts(self) -> dict[str, Post]:
        """By marker; the last version of each native id."""
        newest = {record.native_id: record for record in self.records if isinstance(record, Post)}
        return {m[0]: p for p in newest.values() if (m := MARK.search(f"{p.title or ''} {p.text}"))}

    @property
    def marks(self) -> list[str]:
        return sorted(self.posts)

    @property
    def doubled(self) -> list[str]:
        """Native ids that came more than once in one run."""
        return [k for k, n in Counter(r.native_id for r in self.records if isinstance(r, Post)).items() if n > 1]

    def mark(self, native_id: str | None) -> str | None:
        """The marker of the post with this native id, or the id itself where no post has it."""
        return next((m for m, p in self.posts.items() if p.native_id == native_id), native_id)

    def parent(self, mark: str) -> str | None:
        return self.mark(self.posts[mark].reply_to)

    def root(self, mark: str) -> str | None:
        return self.mark(self.posts[mark].root)

    @property
    def deeds(self) -> list[tuple[str, str | None, str | None, int | None, str | None]]:
        """(kind, actor, target, time, marker of the post), sorted."""
        return sorted(
            (
                (r.kind, who(r.actor), who(r.target), r.time, self.mark(r.post))
                for r in self.records
                if isinstance(r, Interaction)
            ),
            key=str,
        )

    @property
    def members(self) -> set[tuple[str | None, str | None]]:
        return {(who(r.account), r.group.name) for r in self.records if isinstance(r, Membership)}

    @property
    def accounts(self) -> list[Account]:
        """Every account in any record."""
        found: list[Account] = []
        for r in self.records:
            if isinstance(r, Account):
                found.append(r)
            elif isinstance(r, Post) and r.author:
                found.append(r.author)
            elif isinstance(r, Interaction):
                found += [r.actor, r.target]
            elif isinstance(r, Membership):
                found.append(r.account)
        return found

    def extent(self, kind: str) -> list[Any]:
        return [one for page in self.pages for one in page.extents if one.kind == kind]

    @property
    def notes(self) -> list[str]:
        return [key for page in self.pages for key, _ in page.notes]


def who(account: Account | None) -> str | None:
    """The name a person would use: the part of the handle before the server, else the name."""
    if account is None:
        return None
    return (account.handle or account.name or account.native_id).lstrip("@").split("@")[0]


def made(platform: str) -> Any:
    return next(e for e in entry_points(group="xunke.collectors") if e.name == platform).load()()


async def see(platform: str, app: App, folder: Path, mode: Any, value: str, **more: Any) -> Seen:
    """One whole run; waits are not waited for."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    relations = frozenset(more.pop("relations", ()))
    max_wait = more.pop("max_wait", 310.0)
    with scripted(app) as server:
        here = value.replace("BASE", server.base)
        place = str(more.pop("instance", "BASE")).replace("BASE", server.base)
        query = Query(mode, here, instance=place, relations=relations, **more)
        async with transport(server.base, folder / str(server.port), sleep=sleep, max_wait=max_wait) as http:
            found = await pages(made(platform), query, http, most=500)
        for page in found:
            json.dumps(page.cursor)
            assert SECRET not in repr(page)
        return Seen(found, list(server.asked), waits)


async def outcome(platform: str, app: App, folder: Path, mode: Any, value: str, **more: Any) -> str:
    """How a run ended: the class of the error, or ``END n`` with the number of records."""
    try:
        seen = await see(platform, app, folder, mode, value, max_wait=more.pop("max_wait", 0.5), **more)
    except CollectorError as error:
        assert SECRET not in str(error)
        return type(error).__name__
    return f"END {len(seen.records)}"


def always(status: int, body: Any, **headers: str) -> Callable[[Asked], Reply]:
    """An app that answers every call alike (but lets robots.txt be)."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def app(asked: Asked) -> Reply:
        if asked.path == "/robots.txt":
            return Reply(b"", 404)
        return Reply(body, status, named)

    return app


CAPTCHA = "<!doctype html><html><title>Just a moment...</title><body>Checking your browser</body></html>".encode()
LOGIN = "<!doctype html><html><form action=/login><input type=password name=password></form></html>".encode()
