"""What FAULTS §3.4 throws at the network side and ``test_http`` does not: odd protocol, names, TLS."""

from __future__ import annotations

import gzip
import ssl
import time
import warnings
import zlib
from pathlib import Path

import pytest

from collectors.address import parse
from collectors.http import Transport
from collectors.wire import guarded
from tests.collectors.test_http import GOOD, HEAD, in_turn, own, raw
from tests.servers.certificates import Authority
from tests.servers.scripted import Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Retry
from xunke.i18n import Catalogue

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"ok": true}'


async def data(base: str, folder: Path, server: object, **more: object) -> object:
    async with own(server, folder, **more) as http:  # type: ignore[arg-type]
        return (await http.get_json(base)).data


# ---------------------------------------------------------------- N01: names that change their mind


class Inner:
    """Where connections would have gone."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def connect_tcp(self, host: str, *_: object) -> str:
        self.asked.append(host)
        return "connected"


async def test_rebinding_goes_to_what_was_checked_or_nowhere() -> None:
    """The name is public when it is checked and private a moment later: it is resolved once for each connection."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34", "10.0.0.7"], ["::ffff:127.0.0.1"], []])
    asked = []

    async def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    backend, inner = guarded(False, resolver), Inner()
    backend._inner = inner  # type: ignore[attr-defined]
    assert await backend.connect_tcp("rebind.example", 443) == "connected"  # type: ignore[comparison-overlap]
    for _ in range(3):
        with pytest.raises(Blocked):
            await backend.connect_tcp("rebind.example", 443)
    with pytest.raises(Retry):
        await backend.connect_tcp("rebind.example", 443)
    assert inner.asked == ["93.184.216.34"]
    assert len(asked) == 5


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[fd00::1]", "localhost.", "0.0.0.0", "[::]", "127.1",
     "2130706433", "0x7f000001", "0177.0.0.1", "[::ffff:10.0.0.1]", "192.168.0.1",
     "100.64.0.1", "１２７.0.0.1", "127。0。0。1"],
)  # fmt: skip
async def test_inner_addresses_however_they_are_written(tmp_path: Path, host: str) -> None:
    async def resolver(name: str, port: int) -> list[str]:
        return ["127.0.0.1"]  # as the system's resolver reads short and octal forms

    async with Transport(cache_dir=tmp_path, resolver=resolver, pace=0) as http:
        for ask in (http.get_json, http.get_page, http.get_bytes):
            with pytest.raises((Blocked, BadQuery)):
                await ask(f"https://{host}/")
        with pytest.raises((Blocked, BadQuery)):
            _ = [event async for event in http.events(f"https://{host}/")]


# ---------------------------------------------------------------- N06: look-alikes


@pytest.mark.parametrize(
    ("written", "shown"),
    [("https://weіbo.example/x", "xn--"), ("https://аpple.com/", "xn--"), ("https://微博.example/", "xn--"),
     ("https://WEIBO。EXAMPLE/", "https://weibo.example"), ("https://ｗeibo.example/", "https://weibo.example")],
)  # fmt: skip
async def test_look_alikes_are_shown_as_what_they_are(tmp_path: Path, written: str, shown: str) -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        return []

    assert shown in parse(written).shown
    async with Transport(cache_dir=tmp_path, resolver=nowhere, deadline=0.2) as http:
        with pytest.raises(Retry) as lost:
            await http.get_json(written)
    assert lost.value.key == "net.no_name"
    assert str(lost.value.params["host"]).isascii()


# ---------------------------------------------------------------- N07: old TLS


async def test_old_tls_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = authority.server()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with scripted(lambda asked: GOOD, context) as server, pytest.raises(Blocked) as refused:
        await data(server.base, tmp_path, server, ca_file=authority.path)
    assert refused.value.key == "net.tls"
    assert server.asked == []


# ---------------------------------------------------------------- N10, N12: odd and hostile protocol


@pytest.mark.parametrize(
    "reply",
    [
        raw(b"HTTP/1.1 100 Continue\r\n\r\n" + OK),
        raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 5_000 + OK),
        raw(b'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"ok": true}'),
        raw(b'HTTP/1.0 200 OK\r\nContent-Length: 12\r\n\r\n{"ok": true}'),
        raw(b'HTTP/1.1 200\r\nConnection: close\r\n\r\n{"ok": true}'),
        raw(HEAD + b'Transfer-Encoding: chunked\r\n\r\n6;x=y\r\n{"ok":\r\n6\r\n true}\r\n0\r\nX-Late: 1\r\n\r\n'),
        raw(HEAD + b"X-Long: " + b"a" * 50_000 + b'\r\nContent-Length: 12\r\n\r\n{"ok": true}'),
        raw(HEAD + b"".join(b"X-%d: 1\r\n" % n for n in range(2_000)) + b'Content-Length: 12\r\n\r\n{"ok": true}'),
        Reply(zlib.compress(b'{"ok": true}'), headers={"Content-Encoding": "Deflate"}),
        Reply(gzip.compress(b'{"ok"') + gzip.compress(b": true}"), headers={"Content-Encoding": "gzip"}),
    ],
)
async def test_odd_but_allowed(tmp_path: Path, reply: Reply) -> None:
    with scripted(lambda asked: reply) as server:
        assert await data(server.base, tmp_path, server) == {"ok": True}


@pytest.mark.parametrize(
    "reply",
    [
        raw(HEAD + b"X-Huge: " + b"a" * 5_000_000 + b"\r\n\r\n{}"),
        raw(HEAD, *[b"".join(b"X-%d-%d: 1\r\n" % (m, n) for n in range(10_000)) for m in range(10)], b"\r\n{}"),
        raw(HEAD + b"Content-Length: -5\r\n\r\n{}"),
        raw(HEAD + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\n{}     "),
        raw(HEAD + b"X-Null: \x00\r\nContent-Length: 2\r\n\r\n{}"),
        raw(HEAD + b"Content-Length: 99999999999999999999\r\n\r\n{}"),
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}"),
        raw(b'HTTP/1.0 200 OK\r\n\r\n{"ok": tr'),
        raw(b"\x16\x03\x01\x02\x00\x01"),
        raw(b"HTTP/1.1 999999 X\r\n\r\n{}"),
    ],
)
async def test_hostile_protocol_is_thrown_away_in_bounded_time(tmp_path: Path, reply: Reply) -> None:
    started = time.monotonic()
    with scripted(in_turn(reply, reply, GOOD)) as server:
        assert await data(server.base, tmp_path, server, deadline=8.0) == {"ok": True}
        assert len(server.asked) == 3
    with scripted(lambda asked: reply) as server, pytest.raises((Retry, BrokenAnswer)):
        await data(server.base, tmp_path, server, deadline=8.0)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip, br", "compress", "x\x7fy"])
async def test_codings_that_were_not_asked_for(tmp_path: Path, coding: str) -> None:
    reply = Reply(b"{}", headers={"Content-Encoding": coding})
    with scripted(lambda asked: reply) as server, pytest.raises(CollectorError):
        await data(server.base, tmp_path, server)
    assert server.asked[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("wrap", [31, 15, -15])
async def test_bombs_of_every_coding(tmp_path: Path, wrap: int) -> None:
    packer = zlib.compressobj(9, wbits=wrap)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(60)) + packer.flush()
    coding = "gzip" if wrap == 31 else "deflate"
    with scripted(lambda asked: Reply(bomb, headers={"Content-Encoding": coding})) as server:
        async with own(server, tmp_path, max_bytes=2 << 20) as http:
            for ask in (http.get_json, http.get_page, http.get_bytes):
                with pytest.raises((BrokenAnswer, Retry)):
                    await ask(server.base + "/p")


# ---------------------------------------------------------------- words


def test_every_error_of_the_network_says_what_to_do_in_both_languages() -> None:
    for language in ("zh", "en"):
        text = Catalogue(language)
        for key in (
            "net.robots",
            "net.robots_unread",
            "net.quota",
            "net.redirected",
            "net.other_origin",
            "net.not_a_read",
        ):
            assert "{" not in text.t(key, host="m.example", url="https://m.example/", after=60)
