"""Listening to a hashtag: against mastodon-mock, which streams for real, and against a server that breaks off."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Page, Query
from collectors.mastodon import Mastodon, MastodonWalk
from collectors.walk import State
from tests.collectors.contract import pages, transport
from tests.collectors.test_mastodon import Tiny, post
from tests.servers.running import mastodon_mock
from tests.servers.scripted import Asked, Reply, scripted
from tests.servers.seeding import Api, mock_users
from xunke.errors import BadQuery
from xunke.model import Post, Withdrawn


def texts(found: list[Page]) -> list[str]:
    return [r.text for page in found for r in page.records if isinstance(r, Post)]


@pytest.mark.real_server("mastodon-mock")
async def test_what_comes_is_heard_edits_and_deletions_too(tmp_path: Path) -> None:
    with mastodon_mock(tmp_path) as base:
        api = Api(base)
        token = mock_users(api, 1)["u000"]

        def say(text: str) -> Any:
            return api("POST", "/api/v1/statuses", token, {"status": text, "visibility": "public"})

        await asyncio.to_thread(say, "以前的 #听")
        found: list[Page] = []
        begun = asyncio.Event()

        async def listen(cursor: Any, seconds: float) -> None:
            async with transport(base, tmp_path) as http:
                async for page in Mastodon().collect(Query("tag", "听", base, follow=seconds), cursor, http):
                    found.append(page)
                    begun.set()

        task = asyncio.create_task(listen(None, 60))
        await begun.wait()
        await asyncio.sleep(0.5)
        first = await asyncio.to_thread(say, "第一条 #听")
        await asyncio.to_thread(say, "别的 #看")
        await asyncio.to_thread(api, "PUT", f"/api/v1/statuses/{first['id']}", token, {"status": "改了的第一条 #听"})
        await asyncio.to_thread(api, "DELETE", f"/api/v1/statuses/{first['id']}", token)
        for _ in range(100):
            if any(isinstance(r, Withdrawn) for page in found for r in page.records):
                break
            await asyncio.sleep(0.1)
        assert texts(found) == ["第一条 #听", "改了的第一条 #听"]
        gone = [r for page in found for r in page.records if isinstance(r, Withdrawn)]
        assert [one.post for one in gone] == [first["uri"]]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        # what came while nobody listened is fetched by the next run, from the cursor
        await asyncio.to_thread(say, "没人听的时候 #听")
        last = dict(found[-1].cursor or {})
        last["memo"] = {**last["memo"], "until": int(time.time()) + 2}
        before = len(found)
        await listen(last, 2)
        assert texts(found[before:]) == ["没人听的时候 #听"]
        assert found[-1].cursor is None
        assert [one.kind for one in found[-1].extents] == ["posts"]


class Breaking(Tiny):
    """A stream that says one status and breaks off; the next one says another, and so on."""

    def __init__(self) -> None:
        super().__init__(statuses=[post(1)])
        self.said = 1
        self.streams = 0

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/api/v1/streaming/hashtag":
            self.streams += 1
            self.said += 2  # one is said, one was posted while nobody listened
            self.statuses = [post(n) for n in range(self.said, 0, -1)]
            return Reply(write=self.stream)
        if asked.path.startswith("/api/v1/timelines/tag/") and asked.one("min_id"):
            above = [one for one in self.statuses if one["id"] > asked.one("min_id")]
            return Reply(above[-int(asked.one("limit")) :])
        return super().__call__(asked)

    def stream(self, handler: Any) -> None:
        import json

        data = json.dumps(post(self.said), ensure_ascii=False)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        handler.connection.sendall(head + f":)\n\nevent: update\ndata: {data}\n\n".encode())


async def test_a_broken_stream_is_listened_to_again_and_the_hole_is_filled(tmp_path: Path) -> None:
    app = Breaking()
    with scripted(app) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Mastodon(), Query("tag", "露营", server.base, follow=3), http)
    numbers = [r.native_id.rpartition("/")[2] for page in found for r in page.records if isinstance(r, Post)]
    assert app.streams >= 2
    assert sorted(map(int, numbers)) == list(range(2, app.said + 1)), "each once, the missed ones too"
    assert {key for page in found for key, _ in page.notes} == {"mastodon.stream_again"}


async def test_a_server_without_a_stream_says_so(tmp_path: Path) -> None:
    with scripted(Tiny()) as server:
        async with transport(server.base, tmp_path) as http:
            with pytest.raises(BadQuery, match="no_stream"):
                await pages(Mastodon(), Query("tag", "露营", server.base, follow=5), http)
            with pytest.raises(BadQuery, match="no_stream"):
                await pages(Mastodon(), Query("account", "lin", server.base, follow=5), http)


async def test_the_limit_ends_it(tmp_path: Path) -> None:
    with scripted(Breaking()) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Mastodon(), Query("tag", "露营", server.base, follow=30, limit=1), http)
    assert len(texts(found)) == 1


@pytest.mark.parametrize(
    ("named", "base"),
    [
        ("wss://streaming.m.example", "https://streaming.m.example"),
        ("wss://m.example", "https://m.example"),
        ("wss://evil.example", "https://m.example"),
        ("wss://streaming.m.example.evil.example", "https://m.example"),
        ("wss://x@streaming.m.example:22", "https://streaming.m.example"),
        ("nonsense", "https://m.example"),
        (None, "https://m.example"),
    ],
)
async def test_the_token_goes_to_hosts_of_the_servers_own_domain_only(
    tmp_path: Path, named: str | None, base: str
) -> None:
    async with transport("https://m.example", tmp_path) as http:
        walk = MastodonWalk(Query("tag", "露营", "https://m.example", follow=5), State(), http)
        assert walk.stream_base({"urls": {"streaming": named}}) == base
