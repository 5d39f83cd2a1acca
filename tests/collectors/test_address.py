"""Which addresses may be asked at all (FAULTS N01, N04, N06)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.address import Address, checked, origin_of, parse, reachable
from xunke.errors import BadQuery, Blocked, CollectorError, Retry


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://user:pass@m.example/", Blocked),
        ("https://m.example@evil.example/", Blocked),
        ("file:///etc/passwd", Blocked),
        ("ftp://m.example/", Blocked),
        ("gopher://m.example/", Blocked),
        ("javascript:alert(1)", Blocked),
        ("https://m.example:22/", Blocked),
        ("https://m.example:25/", Blocked),
        ("https://m.example:6379/", Blocked),
        ("https://m.example:99999/", BadQuery),
        ("https://m.example:x/", BadQuery),
        ("https:///nohost", BadQuery),
        ("https://", BadQuery),
        ("https://a b.example/", BadQuery),
        ("https://m.example\\@evil.example/", BadQuery),
        ("https://m.example/\r\nX: 1", BadQuery),
        ("https://[::1/", BadQuery),
        ("https://-a.example/", BadQuery),
        ("https://" + "a" * 64 + ".example/", BadQuery),
        ("https://m.example/" + "a" * 20_000, BadQuery),
        ("//m.example/", Blocked),
        ("", Blocked),
    ],
)
def test_refused_as_text(url: str, error: type[CollectorError]) -> None:
    with pytest.raises(error) as refused:
        parse(url)
    assert "pass" not in str(refused.value.params.get("host", "")) + str(refused.value.params.get("url", ""))


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://M.Example./x", "https://m.example"),
        ("https://evil。com/", "https://evil.com"),
        ("https://ｍ.example/", "https://m.example"),
        ("https://аpple.example/", "https://xn--pple-43d.example"),  # the first letter is Cyrillic
        ("https://中文.example/", "https://xn--fiq228c.example"),
        ("http://127.0.0.1:3801", "http://127.0.0.1:3801"),
        ("https://[::1]:8443/x", "https://[::1]:8443"),
        ("https://m.example:443/", "https://m.example"),
    ],
)
def test_shown_as_what_it_is(url: str, origin: str) -> None:
    assert parse(url).origin == origin


def test_paths_and_queries_are_encoded_once() -> None:
    found = parse("https://m.example/api/露营?a=%E9%9C%B2", {"all[]": ["装 备", "x&y"], "n": 1})
    assert str(found) == (
        "https://m.example/api/%E9%9C%B2%E8%90%A5?a=%E9%9C%B2&all%5B%5D=%E8%A3%85+%E5%A4%87&all%5B%5D=x%26y&n=1"
    )
    assert "?" not in found.shown
    assert "装" not in repr(found)


def test_an_instance_is_https_unless_written_otherwise() -> None:
    assert origin_of(" m.example/ ").origin == "https://m.example"
    assert origin_of("m.example:8443").origin == "https://m.example:8443"
    assert origin_of("http://127.0.0.1:3801/about").origin == "http://127.0.0.1:3801"


NEVER = ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1",
         "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"]  # fmt: skip
OWN = ["127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "::1", "fd00::1", "::ffff:127.0.0.1",
       "::ffff:10.0.0.1", "100.64.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1"]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", NEVER + OWN)
def test_not_without_the_users_word(address: str) -> None:
    assert not reachable(address, own=False)


def test_with_the_users_word() -> None:
    assert [a for a in NEVER if reachable(a, own=True)] == []
    assert [a for a in OWN + PUBLIC if not reachable(a, own=True)] == []
    assert [a for a in PUBLIC if not reachable(a, own=False)] == []


@pytest.mark.parametrize("host", ["localhost", "localhost.", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
async def test_other_ways_to_write_loopback(host: str) -> None:
    with pytest.raises((Blocked, Retry)):
        await checked(parse(f"https://{host}/").host, 443, own=False)


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def resolver(host: str, port: int) -> list[str]:
        return ["1.1.1.1", "10.0.0.1"]

    with pytest.raises(Blocked):
        await checked("rebind.example", 443, own=False, resolver=resolver)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for url in (text, "https://" + text, "https://m.example/" + text):
        try:
            found = parse(url)
        except CollectorError:
            continue
        assert isinstance(found, Address)
        assert str(found).isascii()
        assert parse(str(found)) == found
