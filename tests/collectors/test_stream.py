"""Server-sent events: the standard's rules, in bounded memory, ended at once."""

from __future__ import annotations

import asyncio
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.sse import Events, ServerEvent, TooBig
from tests.collectors.test_http import GOOD, SECRET, in_turn, own
from tests.servers.scripted import Reply, scripted
from xunke.errors import Blocked, BrokenAnswer, CollectorError, NeedsLogin, Retry

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n"
TWO = b'event: update\ndata: {"id": "1"}\n\n:thump\n\nevent: delete\nid: 7\ndata: a\ndata:  b\n\n'


def stream(*parts: bytes, hold: float = 0.0) -> Reply:
    def write(handler: BaseHTTPRequestHandler) -> None:
        for part in (HEAD, *parts):
            handler.wfile.write(part)
            handler.wfile.flush()
        time.sleep(hold)

    return Reply(write=write)


def events(data: bytes, size: int = 10_000) -> list[ServerEvent]:
    reader, found = Events(), []
    for i in range(0, len(data), size):
        found += reader.feed(data[i : i + size])
    return found


EXPECTED = [ServerEvent("update", '{"id": "1"}'), ServerEvent("delete", "a\n b", "7")]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_events_however_they_are_cut(size: int, end: bytes, mark: bytes) -> None:
    assert events(mark + TWO.replace(b"\n", end), size) == EXPECTED


def test_odd_lines() -> None:
    assert events(b"data\n\n") == [ServerEvent("message", "")]
    assert events(b"event: x\n\ndata: y\n\n") == [ServerEvent("message", "y")]
    assert events(b"retry: 5\nfoo: bar\ndata:\xff\n\n") == [ServerEvent("message", "\ufffd")]
    assert events(b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid\ndata: c\n\n") == [
        ServerEvent("message", "a", "1"), ServerEvent("message", "b", "1"), ServerEvent("message", "c", ""),
    ]  # fmt: skip
    assert events(b"data: never ended\n") == []


@given(st.binary(max_size=400), st.integers(1, 30))
def test_any_bytes_in_any_pieces_say_the_same(data: bytes, size: int) -> None:
    assert events(data, size) == events(data)


def test_one_event_is_bounded_and_heartbeats_are_free() -> None:
    for huge in (b"data: " + b"x" * 3_000, b"data: x\n" * 1_000, b"x" * 3_000):
        with pytest.raises(TooBig):
            Events(2_000).feed(huge)
    reader = Events(2_000)
    for _ in range(1_000):
        assert reader.feed(b": thump\n") == []
    assert len(reader.feed(b"data: x\n\n" * 1_000)) == 1_000


async def test_events_arrive_as_they_are_sent(tmp_path: Path) -> None:
    with scripted(lambda asked: stream(TWO, hold=0)) as server:
        async with own(server, tmp_path) as http:
            found = [e async for e in http.events(server.base + "/s", {"tag": "露营"}, SECRET)]
    assert found == EXPECTED
    assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert server.asked[0].headers["accept"] == "text/event-stream"
    assert server.asked[0].one("tag") == "露营"
    with scripted(lambda asked: stream(TWO, hold=3)) as server:
        async with own(server, tmp_path) as http:
            listening = http.events(server.base)
            started = time.monotonic()
            assert await anext(listening) == EXPECTED[0]
            assert time.monotonic() - started < 1.5
            await listening.aclose()  # type: ignore[attr-defined]


async def test_silence_ends_it_and_heartbeats_do_not(tmp_path: Path) -> None:
    with scripted(lambda asked: stream(TWO, hold=3)) as server:
        async with own(server, tmp_path, idle=0.3) as http:
            listening = http.events(server.base)
            found = [await anext(listening), await anext(listening)]
            with pytest.raises(Retry) as silent:
                await anext(listening)
    assert silent.value.key == "net.stream_idle"
    assert found == EXPECTED


async def test_cancel_is_at_once(tmp_path: Path) -> None:
    with scripted(lambda asked: stream(hold=5)) as server:
        async with own(server, tmp_path) as http:

            async def listen() -> None:
                async for _ in http.events(server.base):
                    pass

            task = asyncio.create_task(listen())
            await asyncio.sleep(0.3)
            started = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert time.monotonic() - started < 1


async def test_it_is_longer_than_the_deadline_of_a_request(tmp_path: Path) -> None:
    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(HEAD)
        for _ in range(8):
            handler.wfile.write(b":\n")
            handler.wfile.flush()
            time.sleep(0.1)
        handler.wfile.write(TWO)

    with scripted(lambda asked: Reply(write=write)) as server:
        async with own(server, tmp_path, deadline=0.4) as http:
            assert [e async for e in http.events(server.base)] == EXPECTED


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply({"a": 1}), BrokenAnswer), (Reply({"error": "log in"}, 401), NeedsLogin), (Reply(status=500), Retry),
        (Reply(b"x", headers={"Content-Type": "text/event-stream", "Content-Encoding": "gzip"}), CollectorError),
        (Reply(status=302, headers={"Location": "http://10.0.0.1/"}), Blocked),
        (stream(b"data: " + b"x" * (2 << 20)), BrokenAnswer),
    ],
)  # fmt: skip
async def test_what_is_no_stream_is_named(tmp_path: Path, reply: Reply, error: type[CollectorError]) -> None:
    with scripted(lambda asked: reply) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(error):
                _ = [e async for e in http.events(server.base)]


async def test_a_stream_that_breaks_off_parks_and_addresses_are_checked(tmp_path: Path) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(HEAD.replace(b"Connection: close", b"Transfer-Encoding: chunked") + b"4\r\n:ab\n\r\n")

    with scripted(in_turn(Reply(write=cut), GOOD)) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(Retry) as parked:
                _ = [e async for e in http.events(server.base)]
            with pytest.raises(Blocked):
                _ = [e async for e in http.events("https://127.0.0.1:1025/")]
    assert parked.value.key == "net.cut"
