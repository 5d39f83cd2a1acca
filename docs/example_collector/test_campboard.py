"""Campboard keeps the contract of all collectors. Everybody here is invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from xunke_campboard import Campboard

from collectors.base import Collector, Query
from collectors.testing import HOSTILE, SILENCE, App, Asked, CollectorContract, Reply, pages, scripted, transport
from xunke.errors import NeedsLogin
from xunke.model import Interaction, Post


def thread(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": n, "title": f"第{n}次露营", "text": f"#露营 第{n}帖",
        "author": {"id": f"u{n % 3}", "name": f"营友{n % 3}"},
        "created": f"2026-11-20T10:{n:02d}:00+08:00", "likes": n, "replies": 2, "tags": ["露营"],
    } | more  # fmt: skip


def board(flaw: str) -> App:
    """Nine threads, three a page, two replies each."""

    def app(asked: Asked) -> Reply:
        if flaw == "slow":
            return SILENCE
        if asked.path == "/api/me":
            good = asked.headers.get("authorization") == "Bearer good"
            return Reply({"name": "me"}) if good else Reply({"error": "no"}, 401)
        page = int(asked.one("page", "1"))
        if asked.path.endswith("/replies"):
            key = int(asked.path.split("/")[3])
            return Reply({"threads": [thread(100 * key + page)], "next": 2 if page == 1 else None, "total": 2})
        rows = [thread(n) for n in range(3 * page - 2, 3 * page + 1)]
        if page == 2 and flaw == "hostile":
            rows[0] |= {"text": HOSTILE, "title": HOSTILE, "author": {"id": "u9", "name": HOSTILE}, "tags": [HOSTILE]}
        if page == 2 and flaw == "one_bad":
            del rows[0]["author"]
        after = page + 1 if page < 3 else 1 if flaw == "circle" else None
        return Reply({"threads": rows, "next": after, "total": 9})

    return app


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Campboard()

    def app(self, flaw: str) -> App:
        return board(flaw)

    def query(self, base: str) -> Query:
        return Query("tag", "露营", base)


async def test_threads_and_replies_are_complete(tmp_path: Path) -> None:
    with scripted(board("")) as server:
        async with transport(server.base, tmp_path) as http:
            query = Query("tag", "#露营", server.base, frozenset({"replies"}))
            records = [r for page in await pages(Campboard(), query, http) for r in page.records]
    assert len([r for r in records if isinstance(r, Post) and r.kind == "post"]) == 9
    assert len([r for r in records if isinstance(r, Post) and r.kind == "comment"]) == 18
    assert len([r for r in records if isinstance(r, Interaction)]) == 18


async def test_a_token_says_who_it_is_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    with scripted(board("")) as server:
        async with transport(server.base, tmp_path) as http:
            assert (await Campboard().check(server.base, {"token": "good"}, http)).name == "me"
            with pytest.raises(NeedsLogin):
                await Campboard().check(server.base, {"token": "bad"}, http)
