"""robots.txt by RFC 9309 (N18): the parser alone, then obeyed by the transport. All files here are invented."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import robots
from collectors.http import Transport
from collectors.robots import Rules, fits, normal, parse
from tests.collectors.test_http import Clock, in_turn, own
from tests.servers.scripted import App, Asked, Reply, scripted
from xunke.errors import Blocked, CollectorError, Retry

AGENT = "Xunke/0.1 (+audience research)"


def allowed(text: str, target: str, agent: str = AGENT) -> bool:
    return parse(text.encode(), agent).allows(target)


# ---------------------------------------------------------------- the parser


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [  # the examples of RFC 9309 §5.2 and of §2.2.2, §2.2.3
        ("Allow: /example/page/\nDisallow: /example/page/disallowed.gif", "/example/page/", True),
        ("Allow: /example/page/\nDisallow: /example/page/disallowed.gif", "/example/page/disallowed.gif", False),
        ("Disallow: /foo/bar?baz=quz", "/foo/bar?baz=quz", False),
        ("Disallow: /foo/bar?baz=quz", "/foo/bar?baz=other", True),
        ("Disallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
        ("Disallow: /foo/bar/%E3%83%84", "/foo/bar/ツ", False),
        ("Disallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
        ("Disallow: /foo/bar/baz", "/foo/bar/%62%61%7a", False),
        ("Disallow: *.gif$", "/a/b.gif", False),
        ("Disallow: *.gif$", "/a/b.gif?x", True),
        ("Disallow: /example/\nAllow: /example/", "/example/x", True),  # a tie
        ("Disallow: /\nAllow: /$", "/", True),
        ("Disallow: /\nAllow: /$", "/x", False),
        ("Disallow: /a%2Fb", "/a/b", True),  # an escaped slash is another letter
        ("Disallow:", "/x", True),
        ("Disallow: /", "/robots.txt", True),
        ("Allow: /p\nDisallow: /", "/page", True),
        ("Allow: /page\nDisallow: /*.htm", "/page.htm", False),
        ("Allow: /page\nDisallow: /*.ph", "/page.php5", True),
        ("Disallow: /小组/", "/%E5%B0%8F%E7%BB%84/1", False),
        ("Disallow: /*/*/c", "/a/b/c", False),
        ("Disallow: /*/*/c", "/a/c", True),
        ("Disallow: /a$b", "/a$b/c", False),
    ],
)
def test_the_longest_rule_decides(rules: str, path: str, expected: bool) -> None:
    assert allowed(f"User-agent: *\n{rules}", path) is expected


def test_groups() -> None:
    text = """
        User-Agent: BadBot
        Disallow: /

        user-agent: *        # everybody else
        Disallow: /private
        Sitemap: https://m.example/s.xml
        Disallow: /also

        User-agent: Other/2.0
        User-agent: XUNKE/9.9
        Crawl-delay: 5
        Disallow: /mine
        User-agent: xunke
        Disallow: /mine-too
    """
    for path, mine, others in [("/mine", False, True), ("/mine-too", False, True), ("/private", True, False),
                               ("/also", True, False), ("/x", True, True)]:  # fmt: skip
        assert allowed(text, path) is mine
        assert allowed(text, path, "Someone/1") is others
        assert allowed(text, path, "BadBot") is False
    assert parse(text.encode(), AGENT).delay == 5
    assert parse(text.encode(), "Someone").delay is None
    assert not allowed("User-agent: xunkelight\nAllow: /\nUser-agent: *\nDisallow: /", "/x")


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_line_ends_and_the_mark(end: str) -> None:
    text = end.join(["\ufeffUser-agent: *", "Disallow: /a", "Crawl-delay: 2.5"])
    assert not allowed(text, "/a")
    assert parse(text.encode(), AGENT).delay == 2.5


@pytest.mark.parametrize(
    "text",
    ["", "<html>User-agent: *\nDisallow: /</html>", "\n <!doctype html>", "Disallow: /", "\0\xff" * 99, "{}",
     "User-agent *\nDisallow /", "Crawl-delay: 3"],
)  # fmt: skip
def test_what_says_nothing_allows_everything(text: str) -> None:
    assert parse(text.encode("latin-1"), AGENT) == Rules()


@pytest.mark.parametrize("delay", ["-1", "abc", "nan", "inf", "1e99", ""])
def test_a_delay_that_is_none(delay: str) -> None:
    assert parse(f"User-agent: *\nCrawl-delay: {delay}".encode(), AGENT).delay is None


def test_a_huge_file_is_cut_and_reading_is_linear() -> None:
    big = b"User-agent: *\n" + b"Disallow: /a/\n" * 400_000 + b"Disallow: /late\n"
    started = time.monotonic()
    rules = parse(big, AGENT)
    assert not rules.allows("/a/x")
    assert rules.allows("/late")
    stars = b"User-agent: *\n" + b"".join(b"Disallow: /*a*b*c*d%d*z\n" % n for n in range(20_000))
    parse(stars, AGENT).allows("/" + "abc" * 5_000)
    assert fits("/" + "*a" * 5_000 + "$", "/" + "a" * 20_000 + "b") is False
    assert time.monotonic() - started < 8


PART = st.text(alphabet="ab/*$", max_size=8)


@given(PART, st.text(alphabet="ab/$", max_size=12))
def test_matching_is_what_the_pattern_says(pattern: str, path: str) -> None:
    ends = pattern.endswith("$")
    told = "".join(".*" if letter == "*" else re.escape(letter) for letter in pattern[: len(pattern) - ends])
    assert fits(pattern, path) is bool(re.match(told + (r"\Z" if ends else ""), path, re.S))


@given(
    st.lists(st.tuples(st.booleans(), st.text(alphabet="ab/*", min_size=1, max_size=6)), max_size=8),
    st.text("ab/", max_size=8),
)
def test_the_verdict_does_not_depend_on_the_order(rules: list[tuple[bool, str]], path: str) -> None:
    def text(some: list[tuple[bool, str]]) -> str:
        return "User-agent: *\n" + "\n".join(f"{'Allow' if allow else 'Disallow'}: /{p}" for allow, p in some)

    fitting = [(len("/" + p), allow) for allow, p in rules if fits("/" + p, "/" + path)]
    expected = max(fitting)[1] if fitting else True
    assert allowed(text(rules), "/" + path) is allowed(text(rules[::-1]), "/" + path) is expected


@given(st.binary(max_size=300), st.text(max_size=40))
def test_any_bytes_are_rules(body: bytes, target: str) -> None:
    assert parse(body, AGENT).allows("/" + target) in (True, False)
    assert parse(b"User-agent: *\n" + body, AGENT).allows("/" + target) in (True, False)


@given(st.text(max_size=40))
def test_normal_form_is_stable(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    assert normal(normal(clean)) == normal(clean)


# ---------------------------------------------------------------- the transport obeys


def site(robots_reply: Reply, page: str = "<p>小组讨论</p>") -> App:
    return lambda asked: robots_reply if asked.path == "/robots.txt" else Reply(page.encode())


TEXT = {"Content-Type": "text/plain"}


async def test_pages_are_read_as_robots_allows(tmp_path: Path) -> None:
    rules = Reply(b"User-agent: *\nDisallow: /group/secret\nDisallow: /*?start=", headers=TEXT)
    with scripted(site(rules)) as server:
        async with own(server, tmp_path) as http:
            assert (await http.get_page(server.base + "/group/open")).data == "<p>小组讨论</p>"
            for path in ("/group/secret/1", "/group/open?start=25"):
                with pytest.raises(Blocked) as refused:
                    await http.get_page(server.base + path)
                assert refused.value.key == "net.robots"
        async with own(server, tmp_path) as http:  # another run within a day asks no more
            await http.get_page(server.base + "/group/open", cookie="a=b")
    assert [one.path for one in server.asked] == ["/robots.txt", "/group/open", "/group/open"]
    assert "cookie" not in server.asked[0].headers


async def test_the_copy_on_disk_lasts_a_day(tmp_path: Path) -> None:
    clock = Clock()
    with scripted(site(Reply(b"User-agent: *\nDisallow: /no", headers=TEXT))) as server:
        for later in (0.0, 86_000.0, 86_500.0, -40_000_000.0):
            clock.time += later
            async with own(server, tmp_path, clock) as http:
                await http.get_page(server.base + "/yes")
                with pytest.raises(Blocked):
                    await http.get_page(server.base + "/no")
    assert [one.path for one in server.asked].count("/robots.txt") == 3
    files = list((tmp_path / "robots").iterdir())
    assert [f.stat().st_mode & 0o777 for f in files] == [0o600]
    for junk in (b"", b"[]", b"\xff" * 99, b'{"at": "x"}'):
        files[0].write_bytes(junk)
        assert robots.Cache(tmp_path / "robots", clock.now).get(server.base) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 451, 204])
async def test_no_robots_is_no_hindrance(tmp_path: Path, status: int) -> None:
    with scripted(site(Reply(b"<h1>no</h1>" if status != 204 else b"", status))) as server:
        async with own(server, tmp_path) as http:
            assert (await http.get_page(server.base + "/p")).data


@pytest.mark.parametrize(
    "body", [b"", b"<html>Disallow: /</html>", b'{"a": 1}', b"User-agent: *\nDisallow: /x\n" * 200_000]
)
async def test_odd_robots(tmp_path: Path, body: bytes) -> None:
    with scripted(site(Reply(body, headers=TEXT))) as server:
        async with own(server, tmp_path, max_bytes=1 << 20) as http:
            assert (await http.get_page(server.base + "/p")).data


@pytest.mark.parametrize("reply", [Reply(status=500), Reply(status=503), Reply(write=lambda handler: None)])
async def test_a_server_that_fails_allows_nothing_for_now(tmp_path: Path, reply: Reply) -> None:
    with scripted(site(reply)) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(Retry) as parked:
                await http.get_page(server.base + "/p")
            assert parked.value.key == "net.robots_unread"
            assert {one.path for one in server.asked} == {"/robots.txt"}
            server.app = site(Reply(b"", headers=TEXT))  # it was not remembered
            assert (await http.get_page(server.base + "/p")).data


async def test_a_limit_on_robots_is_a_limit(tmp_path: Path) -> None:
    clock = Clock()
    with scripted(
        in_turn(Reply(status=429, headers={"Retry-After": "7"}), Reply(b"", headers=TEXT), Reply(b"<p>x</p>"))
    ) as server:
        async with own(server, tmp_path, clock) as http:
            assert (await http.get_page(server.base + "/p")).data
    assert sum(clock.slept) == pytest.approx(7, abs=0.1)


async def test_redirects_of_robots_and_of_pages(tmp_path: Path) -> None:
    def app(asked: Asked) -> Reply:
        moved = {"/robots.txt": "/r1", "/r1": "/r2", "/old": "/no", "/loop": "/loop"}
        if asked.path in moved:
            return Reply(status=301, headers={"Location": moved[asked.path]})
        return Reply(b"User-agent: *\nDisallow: /no", headers=TEXT) if asked.path == "/r2" else Reply(b"<p>x</p>")

    with scripted(app) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(Blocked) as refused:
                await http.get_page(server.base + "/old")  # to where robots.txt forbids
            assert refused.value.key == "net.robots"
    with scripted(
        lambda asked: Reply(b"<p>x</p>") if asked.path == "/p" else Reply(status=302, headers={"Location": "/r"})
    ) as server:
        async with own(server, tmp_path) as http:  # six redirects: as if there were none
            assert (await http.get_page(server.base + "/p")).data


@pytest.mark.parametrize(("delay", "interval"), [("0.5", 1.0), ("4", 4.0), ("600", 30.0)])
async def test_crawl_delay_becomes_the_hosts_pace_up_to_a_cap(tmp_path: Path, delay: str, interval: float) -> None:
    clock = Clock()
    with scripted(site(Reply(f"User-agent: *\nCrawl-delay: {delay}".encode(), headers=TEXT))) as server:
        async with own(server, tmp_path, clock, pace_own=True) as http:
            await http.get_page(server.base + "/a")
            before = sum(clock.slept)
            for _ in range(3):
                await http.get_page(server.base + "/a")
    assert sum(clock.slept) - before == pytest.approx(3 * interval, rel=0.02)


async def test_addresses_are_checked_before_robots_is_asked(tmp_path: Path) -> None:
    with scripted(site(Reply(b""))) as server:
        async with Transport(cache_dir=tmp_path) as http:
            with pytest.raises(CollectorError):
                await http.get_page(server.base + "/p")
        assert server.asked == []
