"""Cookies as browsers and their extensions give them. All values are invented."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunke import cookies
from xunke.errors import BadInput

HOST = "m.weibo.cn"
WANTED = "SUB=_2A25abc%3D; _T_WM=123; XSRF-TOKEN=a1b2"
PAIRS = [("SUB", "_2A25abc%3D"), ("_T_WM", "123"), ("XSRF-TOKEN", "a1b2")]
REQUEST = f"GET /api/config HTTP/1.1\r\nHost: m.weibo.cn\r\nCookie: {WANTED}\r\nUser-Agent: x; y=z"
BASH = f"curl 'https://m.weibo.cn/api' \\\n  -H 'accept: */*' \\\n  -H 'cookie: {WANTED}' \\\n  --compressed"
ANSI = f"curl 'https://m.weibo.cn/api' -H $'cookie: {WANTED.replace('%', chr(92) + 'u0025')}'"
SHORT = f"curl 'https://m.weibo.cn/api' -b '{WANTED}' -H 'referer: https://other.example/'"
WINDOWS = 'curl ^"https://m.weibo.cn/api^" ^\n  -H ^"cookie: ' + WANTED.replace("%", "^%") + '^" ^\n  --compressed'
SITES = [(".weibo.cn", True), ("m.weibo.cn", True), (".bank.example", False), ("weibo.com", False), (".cn.evil", False)]
EXPORT = json.dumps(
    [{"name": n, "value": v, "domain": ".weibo.cn", "path": "/"} for n, v in PAIRS]
    + [{"name": "PIN", "value": "9876", "domain": ".bank.example"}]
)
NETSCAPE = "# Netscape HTTP Cookie File\n" + "".join(
    f"{'#HttpOnly_' if n == 'SUB' else ''}.weibo.cn\tTRUE\t/\tTRUE\t1800000000\t{n}\t{v}\n" for n, v in PAIRS
) + ".bank.example\tTRUE\t/\tTRUE\t0\tPIN\t9876\n"  # fmt: skip
TABLE = "".join(f"{n}\t{v}\t.weibo.cn\t/\t2027-01-01\t30\n" for n, v in PAIRS)


@pytest.mark.parametrize(
    "text",
    [
        WANTED, f"Cookie: {WANTED}", f"  cookie:{WANTED} \n", f"'{WANTED}'", f"\ufeff{WANTED};",
        REQUEST, BASH, ANSI, SHORT,
        WINDOWS, EXPORT, json.dumps({"cookies": json.loads(EXPORT)}), json.dumps(dict(PAIRS)), NETSCAPE, TABLE,
        f"{WANTED}; path=/; HttpOnly; expires=never",
    ],
)  # fmt: skip
def test_all_ways_to_copy_a_cookie_give_the_same(text: str) -> None:
    assert cookies.parse(text, HOST) == WANTED


@pytest.mark.parametrize(("domain", "mine"), SITES)
def test_only_the_sites_own_cookies_are_taken(domain: str, mine: bool) -> None:
    text = json.dumps([{"name": "a", "value": "planted", "domain": domain}])
    if mine:
        assert cookies.parse(text, HOST) == "a=planted"
        return
    with pytest.raises(BadInput) as caught:
        cookies.parse(text, HOST)
    assert caught.value.key == "cookie.other_site"
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", " ", "planted", "[]", "{}", "Cookie:", "curl 'https://m.weibo.cn'", "path=/; secure"]
)
def test_nothing_in_it(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        cookies.parse(text, HOST)
    assert caught.value.key == "cookie.empty"


@pytest.mark.parametrize(
    "text",
    [
        "a=planted\r\nX-Evil: 1", "a=planted\nb=2", "a=planted\x00", "a=plant\x1bed", "a=中文",
        '{"a": "planted\\r\\nX: 1"}',
        '{"a": "plan;ted"}', '[{"name": "a b", "value": "planted"}]', "{", "[" * 9999, "a=" + "x" * 20_000,
        "curl 'https://m.weibo.cn' -H $'cookie: a=planted\\u000d\\u000aX-Evil: 1'", "curl 'unclosed",
        ".x\tTRUE\t/\tTRUE\t0\ta\rb\tc",
    ],
)  # fmt: skip
def test_what_would_break_a_header_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        cookies.parse(text, "")
    assert "planted" not in str(caught.value)


def test_where_no_host_is_known_an_export_of_several_sites_is_refused() -> None:
    assert cookies.parse(NETSCAPE.rpartition(".bank")[0], "") == WANTED
    with pytest.raises(BadInput):
        cookies.parse(NETSCAPE, "")


def test_a_curl_line_of_another_site() -> None:
    with pytest.raises(BadInput) as caught:
        cookies.parse("curl 'https://bank.example/' -b 'a=planted'", HOST)
    assert caught.value.key == "cookie.other_site"


def _marred(text: str) -> st.SearchStrategy[str]:
    return st.builds(lambda at, more: text[:at] + more + text[at:], st.integers(0, len(text)), st.text(max_size=5))


@given(st.one_of(st.text(max_size=300), st.sampled_from([REQUEST, BASH, WINDOWS, EXPORT, NETSCAPE]).flatmap(_marred)))
def test_any_text_gives_a_header_or_a_refusal(text: str) -> None:
    try:
        found = cookies.parse(text, HOST)
    except BadInput:
        return
    assert found.isascii()
    assert found.isprintable()
    assert cookies.parse(found, HOST) == found


@pytest.mark.parametrize(
    ("found", "host", "same"),
    [
        ("m.weibo.cn", "weibo.cn", True), ("passport.weibo.cn", "m.weibo.cn", True), ("evil.cn", "weibo.cn", False),
        ("evil.com.cn", "x.com.cn", False), ("a.x.com.cn", "x.com.cn", True), ("bilibili.com", "evil.com", False),
    ],
)  # fmt: skip
def test_a_site_is_what_somebody_registered(found: str, host: str, same: bool) -> None:
    if same:
        cookies._same_site(found, host)
    else:
        with pytest.raises(BadInput):
            cookies._same_site(found, host)
