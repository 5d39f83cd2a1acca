"""The one transport against a server that misbehaves (FAULTS N04 to N16, N19, K01)."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import logging
import multiprocessing
import time
import traceback
import zlib
from collections.abc import Callable
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from collectors.http import Transport
from collectors.pacing import remaining, reset_after, retry_after
from tests.servers.certificates import Authority
from tests.servers.running import free_port
from tests.servers.scripted import App, Asked, Reply, Scripted, scripted
from xunke.errors import BadInput, BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry

GOOD = Reply({"ok": True})
SECRET = "planted-s3cret-token"


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time, self.slept = time.time(), [0.0]

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


def own(server: Scripted, folder: Path, clock: Clock | None = None, **more: Any) -> Transport:
    clock = clock or Clock()
    options = {"sleep": clock.sleep, "now": clock.now} | more
    return Transport(server.base, allow_private=True, cache_dir=folder, **options)


async def get(server: Scripted, folder: Path, path: str = "/", **more: Any) -> Any:
    async with own(server, folder, **more) as http:
        return (await http.get_json(server.base + path)).data


def in_turn(*replies: Reply) -> App:
    """Each reply once, the last one for ever."""
    left = list(replies)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


def raw(data: bytes, *more: bytes, pause: float = 0.0) -> Reply:
    def write(handler: BaseHTTPRequestHandler) -> None:
        for part in (data, *more):
            handler.wfile.write(part)
            handler.wfile.flush()
            time.sleep(pause)

    return Reply(write=write)


# ---------------------------------------------------------------- where it may go


async def test_loopback_and_http_are_refused_unless_switched_on(tmp_path: Path) -> None:
    with scripted(lambda asked: GOOD) as server:
        for transport in (Transport(cache_dir=tmp_path), Transport(server.base, cache_dir=tmp_path)):
            async with transport as http:
                with pytest.raises(Blocked):
                    await http.get_json(server.base)
        async with Transport("http://127.0.0.1:1025", allow_private=True, cache_dir=tmp_path) as http:
            with pytest.raises(Blocked):  # switched on for another one
                await http.get_json(server.base)
        assert server.asked == []
        assert await get(server, tmp_path) == {"ok": True}


async def test_a_public_name_that_resolves_to_loopback_is_refused_before_connecting(tmp_path: Path) -> None:
    async def resolver(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with scripted(lambda asked: GOOD) as server:
        async with Transport(cache_dir=tmp_path, resolver=resolver) as http:
            with pytest.raises(Blocked) as refused:
                await http.get_json(f"https://rebind.example:{server.port}/")
    assert refused.value.key == "net.private"
    assert server.asked == []


async def test_it_connects_to_the_address_it_checked_and_keeps_the_name(tmp_path: Path) -> None:
    answers = iter([["127.0.0.1"], ["10.255.255.1"]])

    async def resolver(host: str, port: int) -> list[str]:
        return next(answers)

    with scripted(lambda asked: GOOD) as server:
        base = f"http://box.example:{server.port}"
        async with Transport(base, allow_private=True, cache_dir=tmp_path, resolver=resolver) as http:
            await http.get_json(base + "/a")
            await http.get_json(base + "/b")
    assert [one.headers["host"] for one in server.asked] == [f"box.example:{server.port}"] * 2


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:1/", "http://10.0.0.1/", "file:///etc/passwd", "http://169.254.169.254/latest", "ftp://x/",
     "https://u:p@m.example/", "https://m.example:22/"],
)  # fmt: skip
async def test_redirects_are_checked_hop_by_hop(tmp_path: Path, target: str) -> None:
    with (
        scripted(lambda asked: Reply(status=302, headers={"Location": target})) as server,
        pytest.raises((Blocked, BadQuery)),
    ):
        await get(server, tmp_path)
    assert len(server.asked) == 1


async def test_redirects_never_lead_into_the_own_network(tmp_path: Path) -> None:
    async def resolver(host: str, port: int) -> list[str]:
        return ["1.1.1.1"]

    async with Transport("http://127.0.0.1:4000", allow_private=True, cache_dir=tmp_path, resolver=resolver) as http:
        from collectors.address import parse

        with pytest.raises(Blocked):
            http._admit(parse("http://127.0.0.1:4000/"), parse("https://m.example/"))


async def test_a_loop_of_redirects_ends_after_five(tmp_path: Path) -> None:
    with scripted(lambda asked: Reply(status=301, headers={"Location": "/again"})) as server, pytest.raises(Blocked):
        await get(server, tmp_path)
    assert len(server.asked) == 6


async def test_four_redirects_are_fine(tmp_path: Path) -> None:
    def app(asked: Asked) -> Reply:
        n = int(asked.path[1:])
        return GOOD if n == 4 else Reply(status=308, headers={"Location": f"/{n + 1}"})

    with scripted(app) as server:
        assert await get(server, tmp_path, "/0") == {"ok": True}


async def test_secrets_stay_with_their_origin(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with scripted(lambda asked: GOOD) as other:
        there = {"Location": other.base + "/there"}
        with scripted(lambda asked: Reply(status=302, headers=there)) as server:
            async with own(server, tmp_path) as http:
                http._is_own = lambda address: True  # type: ignore[method-assign]  # both are loopback here
                secrets = {"token": SECRET, "cookie": f"sid={SECRET}", "headers": {"X-Api-Key": SECRET}}
                await http.get_json(server.base, **secrets)  # type: ignore[arg-type]
    sent = {k: v for k, v in server.asked[0].headers.items() if SECRET in v}
    assert set(sent) == {"authorization", "cookie", "x-api-key"}
    assert SECRET not in str(other.asked[0].headers)
    assert authority.path.exists()


async def test_cookies_of_the_server_are_not_kept(tmp_path: Path) -> None:
    with scripted(lambda asked: Reply({"a": 1}, headers={"Set-Cookie": "track=1"})) as server:
        async with own(server, tmp_path) as http:
            await http.get_json(server.base)
            await http.get_json(server.base)
    assert "cookie" not in server.asked[1].headers


async def test_proxies_of_the_environment_are_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with scripted(lambda asked: GOOD) as server:
        assert await get(server, tmp_path) == {"ok": True}


async def test_a_named_proxy_is_used_for_public_hosts_and_a_dead_one_parks(tmp_path: Path) -> None:
    clock = Clock()
    with scripted(lambda asked: Reply(status=502)) as proxy:
        async with Transport(proxy=proxy.base, cache_dir=tmp_path, sleep=clock.sleep, now=clock.now) as http:
            with pytest.raises(Retry):
                await http.get_json("https://m.example/")
            with pytest.raises(Blocked):
                await http.get_json("https://10.0.0.1/")
        assert {one.method for one in proxy.asked} == {"CONNECT"}
    dead = f"http://127.0.0.1:{free_port()}"
    async with Transport(proxy=dead, cache_dir=tmp_path, sleep=clock.sleep, now=clock.now) as http:
        with pytest.raises(Retry):
            await http.get_json("https://m.example/")
    for bad in ("socks9://x", "http://", "http://[::1", "http://h:x"):
        with pytest.raises(BadInput):
            Transport(proxy=bad, cache_dir=tmp_path)


# ---------------------------------------------------------------- TLS


@pytest.mark.parametrize(
    ("host", "days", "trusted", "key"),
    [
        ("127.0.0.1", (-1, 30), True, None),
        ("127.0.0.1", (-1, 30), False, "net.certificate"),
        ("127.0.0.1", (-9, -2), True, "net.certificate"),
        ("other.example", (-1, 30), True, "net.certificate"),
    ],
)
async def test_certificates(tmp_path: Path, host: str, days: tuple[int, int], trusted: bool, key: str | None) -> None:
    authority = Authority(tmp_path)
    with scripted(lambda asked: GOOD, authority.server(host, days)) as server:
        ca = {"ca_file": authority.path} if trusted else {}
        if key is None:
            assert await get(server, tmp_path, **ca) == {"ok": True}
        else:
            with pytest.raises(Blocked) as refused:
                await get(server, tmp_path, **ca)
            assert refused.value.key == key
            assert server.asked == []


async def test_no_tls_on_the_other_side_and_a_bad_ca_file(tmp_path: Path) -> None:
    with scripted(lambda asked: GOOD) as server:
        base = server.base.replace("http:", "https:")
        async with Transport(base, allow_private=True, cache_dir=tmp_path) as http:
            with pytest.raises(Blocked) as refused:
                await http.get_json(base)
    assert refused.value.key == "net.tls"
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    for path in (bad, tmp_path / "none.pem"):
        async with Transport(base, allow_private=True, ca_file=path, cache_dir=tmp_path) as http:
            with pytest.raises(BadInput):
                await http.get_json(base)


# ---------------------------------------------------------------- broken answers


async def test_server_errors_are_tried_again_three_times_in_all(tmp_path: Path) -> None:
    clock = Clock()
    with scripted(in_turn(Reply(status=500), Reply(status=502), GOOD)) as server:
        assert await get(server, tmp_path, clock=clock) == {"ok": True}
        assert len(server.asked) == 3
    assert 1.0 < sum(clock.slept) < 4
    with scripted(lambda asked: Reply(status=500)) as server:
        with pytest.raises(Retry):
            await get(server, tmp_path)
        assert len(server.asked) == 3


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "bad",
    [
        raw(HEAD + b"Content-Length: 100\r\n\r\n" + b'{"a": 1, "b"'),  # cut after a part
        raw(HEAD + b'Transfer-Encoding: chunked\r\n\r\n8\r\n{"ok": 1\r\n'),  # the end of the chunks is missing
        raw(HEAD + b'Content-Length: 5\r\n\r\n{"ok": true}'),  # says less than it sends
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n"),
        raw(b""),  # hangs up
        raw(b"garbage\r\n\r\n"),
        Reply(gzip.compress(b'{"ok": true}' * 99)[:-20], headers={"Content-Encoding": "gzip"}),
        Reply(b"not gzip", headers={"Content-Encoding": "gzip"}),
        Reply(b'{"ok": tru'),
    ],
)
async def test_half_an_answer_is_thrown_away_and_fetched_again(tmp_path: Path, bad: Reply) -> None:
    with scripted(in_turn(bad, GOOD)) as server:
        assert await get(server, tmp_path) == {"ok": True}
        assert len(server.asked) == 2
    with scripted(lambda asked: bad) as server:
        with pytest.raises((Retry, BrokenAnswer)):
            await get(server, tmp_path)
        assert len(server.asked) == 3


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, lambda b: zlib.compress(b)[2:-4]])
async def test_packed_answers(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    coding = "gzip" if pack is gzip.compress else "deflate"
    body = pack(json.dumps(["露营"] * 5_000).encode())
    with scripted(lambda asked: Reply(body, headers={"Content-Encoding": coding})) as server:
        assert await get(server, tmp_path) == ["露营"] * 5_000


async def test_a_bomb_is_never_unpacked(tmp_path: Path) -> None:
    import tracemalloc

    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join([packer.compress(b"[" + b" " * 1_000_000) for _ in range(200)]) + packer.flush()
    with scripted(lambda asked: Reply(bomb, headers={"Content-Encoding": "gzip"})) as server:
        tracemalloc.start()
        with pytest.raises(BrokenAnswer) as refused:
            await get(server, tmp_path, max_bytes=4 << 20)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert refused.value.key == "net.too_big"
    assert peak < 40 << 20
    with scripted(lambda asked: Reply(b"x" * 5_000_000)) as server, pytest.raises(BrokenAnswer):
        await get(server, tmp_path, max_bytes=4 << 20)
    with (
        scripted(lambda asked: Reply(b"x", headers={"Content-Encoding": "br"})) as server,
        pytest.raises(BrokenAnswer),
    ):
        await get(server, tmp_path)


@pytest.mark.parametrize("where", ["head", "body", "nothing"])
async def test_a_slow_drip_ends_at_the_deadline(tmp_path: Path, where: str) -> None:
    drip = [b" "] * 100
    reply = {
        "head": raw(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n", *([b"X-B: 2\r\n"] * 99), pause=0.1),
        "body": raw(HEAD + b"Content-Length: 100\r\n\r\n", *drip, pause=0.1),
        "nothing": raw(b"", *([b""] * 99), pause=0.1),
    }[where]
    with scripted(lambda asked: reply) as server:
        started = time.monotonic()
        with pytest.raises(Retry) as late:
            await get(server, tmp_path, deadline=0.6)
    assert late.value.key == "net.timeout"
    assert time.monotonic() - started < 1.6


@pytest.mark.parametrize(
    ("reply", "error", "key"),
    [
        (Reply(b""), BrokenAnswer, "net.empty"),
        (Reply(b"  \n"), BrokenAnswer, "net.empty"),
        (Reply(status=204), BrokenAnswer, "net.status"),
        (Reply(b"null"), BrokenAnswer, "net.null"),
        (Reply(b'"text"'), BrokenAnswer, "net.shape"),
        (Reply(b"<html>news</html>"), BrokenAnswer, "net.html"),
        (Reply("<html>请输入验证码</html>".encode()), Blocked, "net.captcha"),
        (Reply(b"<html><div id=captcha></html>"), Blocked, "net.captcha"),
        (Reply(b'<html><input type="password"></html>'), NeedsLogin, "net.login_page"),
        (Reply({"error": "Record broken"}), BrokenAnswer, "net.error_inside"),
        (Reply({"error": "请先登录"}), NeedsLogin, "net.error_inside"),
        (Reply(b"[" * 200_000), BrokenAnswer, "net.too_deep"),
        (Reply(b'{"a":' * 200_000), BrokenAnswer, "net.too_deep"),
        (Reply(b"[" + b"9" * 5_000 + b"]"), BrokenAnswer, "net.bad_json"),
        (Reply(status=304), BrokenAnswer, "net.status"),
        (Reply({"error": "bad id"}, 400), BadQuery, "net.bad_query"),
        (Reply({"error": "The access token is invalid"}, 401), NeedsLogin, "net.needs_login"),
        (Reply(b"", 401), NeedsLogin, "net.needs_login"),
        (Reply({"error": "This method requires an authenticated user"}, 422), NeedsLogin, "net.needs_login"),
        (Reply(b"<h1>no</h1>", 403), Blocked, "net.refused"),
        (Reply(b"<title>Just a moment...</title>", 503), Blocked, "net.captcha"),
        (Reply(b"", 404), Gone, "net.gone"),
        (Reply(b"", 410), Gone, "net.gone"),
        (Reply(b"\xff\xfe", 422), BadQuery, "net.bad_query"),
        (Reply(b"", 451), Blocked, "net.refused"),
    ],
)
async def test_every_bad_answer_is_named_by_what_to_do(
    tmp_path: Path, reply: Reply, error: type[CollectorError], key: str
) -> None:
    with scripted(lambda asked: reply) as server, pytest.raises(error) as named:
        await get(server, tmp_path)
    assert named.value.key == key
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (rb'["\ud800", "\ud83d\ude00", "\\ud800"]', ["\ufffd", "\U0001f600", "\\ud800"]),
        (b'["\xff"]', ["\ufffd"]),
        (b'{"error": null, "a": 1}', {"error": None, "a": 1}),
    ],
)
async def test_odd_but_readable_json(tmp_path: Path, body: bytes, data: Any) -> None:
    with scripted(lambda asked: Reply(body)) as server:
        assert await get(server, tmp_path) == data


async def test_nobody_home_parks(tmp_path: Path) -> None:
    clock = Clock()
    base = f"http://127.0.0.1:{free_port()}"
    async with Transport(base, allow_private=True, cache_dir=tmp_path, sleep=clock.sleep, now=clock.now) as http:
        with pytest.raises(Retry) as parked:
            await http.get_json(base)
    assert parked.value.key == "net.no_connection"
    async with Transport(cache_dir=tmp_path, sleep=clock.sleep, now=clock.now) as http:
        with pytest.raises(Retry) as parked:
            await http.get_json("https://does-not-exist.invalid/")
    assert parked.value.key == "net.no_name"


# ---------------------------------------------------------------- pace


NOW = 1_795_140_900.0
DATE = formatdate(NOW, usegmt=True)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120), ("0", 0), ("1.5", 1.5), ("-5", None), ("abc", None), ("", None), ("nan", None), ("inf", 86_400),
        ("99999999", 86_400), (formatdate(NOW + 90, usegmt=True), 90), (formatdate(NOW - 90, usegmt=True), 1),
        ("Wed, 99 Foo 2026", None), ("9" * 5_000, 86_400),
    ],
)  # fmt: skip
def test_retry_after(said: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": said, "date": DATE}, now=NOW + 31_536_000) == seconds


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("2026-11-20T02:20:00.000Z", 300), ("2026-11-20T02:20:00.123456Z", 300.123456), (str(int(NOW + 60)), 60),
        (str(int(NOW + 60) * 1_000), 60), ("30", 30), ("x", None), ("", None), ("-1", None),
        ("2026-11-20T00:00:00Z", 0),
    ],
)  # fmt: skip
def test_reset_in_all_its_forms(said: str, seconds: float | None) -> None:
    found = reset_after({"x-ratelimit-reset": said, "date": DATE}, now=NOW - 31_536_000)
    assert found == (seconds if seconds is None else pytest.approx(seconds, abs=0.001))


def test_remaining() -> None:
    said = ["0", "12", "-3", "x", "", "1e999"]
    assert [remaining({"x-ratelimit-remaining": one}) for one in said] == [0, 12, 0, None, None, None]


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "-5"}, 5),
        ({"Retry-After": "abc"}, 5),
        ({}, 5),
        ({"X-RateLimit-Reset": "soon"}, 5),
    ],
)
async def test_429_is_waited_out_and_told(tmp_path: Path, headers: dict[str, str], waits: float) -> None:
    clock, told = Clock(), []
    with scripted(in_turn(Reply({"error": "Too many requests"}, 429, headers), GOOD)) as server:
        data = await get(server, tmp_path, clock=clock, on_wait=lambda s, why: told.append((round(s), why)))
    assert data == {"ok": True}
    assert sum(clock.slept) == pytest.approx(waits, abs=0.01)
    assert told == [(waits, "net.wait_limit")]


@pytest.mark.parametrize(("said", "after"), [("99999999", 86_400), ("400", 400)])
async def test_a_longer_wait_than_the_cap_parks_the_job(tmp_path: Path, said: str, after: float) -> None:
    clock = Clock()
    with scripted(lambda asked: Reply(status=429, headers={"Retry-After": said})) as server:
        with pytest.raises(Retry) as parked:
            await get(server, tmp_path, clock=clock)
        assert parked.value.after == pytest.approx(after, abs=1)
        assert sum(clock.slept) == 0
        assert len(server.asked) == 1
        server.app = lambda asked: GOOD  # a later run may find that the server thinks otherwise
        assert await get(server, tmp_path, clock=clock) == {"ok": True}


async def test_429_for_ever_ends(tmp_path: Path) -> None:
    with scripted(lambda asked: Reply(status=429, headers={"Retry-After": "1"})) as server:
        with pytest.raises(Retry):
            await get(server, tmp_path)
        assert len(server.asked) < 20


async def test_a_used_up_window_is_waited_for(tmp_path: Path) -> None:
    clock = Clock()
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(clock.time) + 60), "Date": "x"}
    with scripted(in_turn(Reply({"a": 1}, headers=reset), GOOD)) as server:
        async with own(server, tmp_path, clock) as http:
            await http.get_json(server.base)
            assert sum(clock.slept) == 0
            await http.get_json(server.base)
    assert 58 < sum(clock.slept) <= 60


async def test_a_used_up_window_that_lasts_too_long_parks_before_asking_again(tmp_path: Path) -> None:
    clock = Clock()
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1200"}
    with scripted(lambda asked: Reply({"a": 1}, headers=reset)) as server:
        async with own(server, tmp_path, clock) as http:
            await http.get_json(server.base)
        async with own(server, tmp_path, clock) as http:
            with pytest.raises(Retry) as parked:
                await http.get_json(server.base)
    assert 1_190 < parked.value.after <= 1_200
    assert len(server.asked) == 1


async def test_a_public_host_is_asked_once_a_second(tmp_path: Path) -> None:
    from collectors.address import parse

    clock = Clock()
    async with Transport(cache_dir=tmp_path, sleep=clock.sleep, now=clock.now) as http:
        for _ in range(5):
            await http._wait_turn(parse("https://m.example/"), 0.0)
        await http._wait_turn(parse("https://other.example/"), 0.0)
    assert sum(clock.slept) == pytest.approx(4.0)


def _take(folder: str, count: int, out: Any) -> None:
    from collectors.pacing import Budget

    async def run() -> list[float]:
        budget, waits = Budget("https://m.example", Path(folder), interval=10.0), []
        for _ in range(count):
            waits.append(time.time() + (await budget.take())[0])
        return waits

    out.put(asyncio.run(run()))


def test_one_budget_for_two_processes(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    out = spawn.Queue()
    workers = [spawn.Process(target=_take, args=(str(tmp_path / "rate"), 20, out)) for _ in range(2)]
    for worker in workers:
        worker.start()
    times = sorted(out.get(timeout=60) + out.get(timeout=60))
    for worker in workers:
        worker.join(10)
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert min(gaps) > 9.5, "no two reservations share a slot"
    assert max(gaps) < 11
    files = list((tmp_path / "rate").iterdir())
    assert [f.stat().st_mode & 0o777 for f in files] == [0o600]
    assert (tmp_path / "rate").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("content", [b"", b"garbage", b"[1,2", b'["a","b"]', b"[1e308, 1e308]", b"\xff" * 300])
async def test_a_broken_budget_file_is_no_hindrance(tmp_path: Path, content: bytes) -> None:
    from collectors.pacing import Budget

    budget = Budget("https://m.example", tmp_path, interval=1.0)
    await budget.take()
    file = next(tmp_path.iterdir())
    file.write_bytes(content)
    assert (await budget.take())[0] < 2
    readonly = Budget("https://m.example", tmp_path / file.name / "impossible", interval=1.0)
    assert (await readonly.take())[0] == 0
    assert (await readonly.take())[0] > 0.9


# ---------------------------------------------------------------- secrets, manners


async def test_a_planted_token_shows_up_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    replies: list[Reply] = [
        Reply({"error": f"token {SECRET} is not good"}, 401), Reply({"error": f"{SECRET}!"}, 400), Reply(status=500),
        Reply(b"<"), Reply(status=302, headers={"Location": f"http://127.0.0.1:1/?access_token={SECRET}"}),
        Reply(b"", 404), GOOD,
    ]  # fmt: skip
    seen = []
    for reply in replies:
        with scripted(lambda asked, reply=reply: reply) as server:
            async with own(server, tmp_path) as http:
                try:
                    answer = await http.get_json(server.base, {"access_token": SECRET}, SECRET)
                    seen.append(repr(answer))
                except CollectorError as error:
                    seen += [str(error), repr(error), "".join(traceback.format_exception(error))]
                seen.append(repr(http) + repr(vars(http)))
    assert len(seen) > 7
    assert not [text for text in seen if SECRET in text]
    assert SECRET not in caplog.text
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()


@pytest.mark.parametrize("secret", ["a\r\nX-Evil: 1", "令牌", "a\x00"])
async def test_a_secret_that_cannot_be_a_header_is_refused(tmp_path: Path, secret: str) -> None:
    with scripted(lambda asked: GOOD) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(BadInput) as bad:
                await http.get_json(server.base, token=secret)
    assert server.asked == []
    assert secret not in str(bad.value)


async def test_it_says_who_it_is_and_only_reads(tmp_path: Path) -> None:
    with scripted(lambda asked: GOOD) as server:
        await get(server, tmp_path)
    assert server.asked[0].headers["user-agent"].startswith("Xunke/")
    verbs = [name for name in dir(Transport) if name.lstrip("_").startswith(("post", "put", "delete", "patch"))]
    assert verbs == ["post_json"]  # what it may ask is a table: see test_reads


async def test_bytes_as_they_are(tmp_path: Path) -> None:
    with scripted(lambda asked: Reply("<rss>露营</rss>".encode())) as server:
        async with own(server, tmp_path) as http:
            answer = await http.get_bytes(server.base + "/feed")
    assert answer.data.decode() == "<rss>露营</rss>"


async def test_cancel_is_at_once_even_when_names_do_not_resolve(tmp_path: Path) -> None:
    async def hang(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    async with Transport(cache_dir=tmp_path, resolver=hang) as http:
        task = asyncio.create_task(http.get_json("https://m.example/"))
        await asyncio.sleep(0.2)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert time.monotonic() - started < 1
