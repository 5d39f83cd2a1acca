"""Pages: their letters, and walls in their place. All pages here are invented after what such walls are made of."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import pages
from collectors.address import parse
from tests.collectors.test_http import Clock, in_turn, own
from tests.servers.scripted import Reply, scripted
from xunke.errors import Blocked, BrokenAnswer, CollectorError, NeedsLogin, Retry

HERE = parse("https://m.example/group/1")
LONG = "周末去山里露营，带了新帐篷和咖啡壶，路上遇到下雨。" * 40


def html(title: str, body: str = "", script: str = "") -> str:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title><script>{script}</script></head><body>{body}</body></html>"
    )


WALLS = {
    "baidu": html("百度安全验证", "<div id=app></div>"),
    "cloudflare": html("Just a moment...", script="window._cf_chl_opt={}"),
    "cloudflare zh": html("请稍候…", script="window._cf_chl_opt = {cvId: '3'};"),
    "geetest": html("验证", f"<p>{LONG}</p>", "initGeetest4({captchaId: 'x'}, cb)"),
    "slider": html("提示", "请拖动下方滑块完成验证"),
    "abnormal": html("豆瓣", "检测到有异常请求从您的IP发出，请<a href=/x>登录</a>再试!"),
    "unusual": html("访问异常", "你的访问出现异常"),
    "robot": html("Security Check", "Checking your browser before you go on"),
    "tieba": html("贴吧", script="location='https://wappass.baidu.com/static/captcha/tuxing.html?x'"),
}
LOGINS = {
    "sina": html("Sina Visitor System", script="var from='weibo'; visitor.init()"),
    "zh": html("登录 - 示例社区", "<form><input name=u><input type=password name=p></form>"),
    "en": html("Log in", '<form><input type="password"></form>'),
    "short": html("示例", "请先登录后查看"),
}
INNOCENT = {
    "article": html("收不到验证码怎么办", f"<p>{LONG}验证码、滑块、访问异常、操作频繁、登录</p>"),
    "login box": html("咖啡小组", f"<form><input type=password></form><a href=/login>登录</a><p>{LONG}</p>"),
    "beacon": html("露营", f"<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script><p>{LONG}</p>"),
    "empty list": html("咖啡小组", "还没有讨论"),
    "words in a script": html("列表", "一条", "var t={captcha:'请输入验证码'}"),
    "login in the title": html("登录不了怎么办 - 论坛", f"<p>{LONG}</p>"),
}
FEEDS = {
    "rss": "<?xml version='1.0'?><rss><channel><title>安全验证</title><item>验证码 登录</item></channel></rss>",
    "atom": "<feed xmlns='http://www.w3.org/2005/Atom'><title>验证码</title><entry><title>请先登录</title></entry></feed>",
    "json feed": '{"items": [{"content_html": "<p>请输入验证码 captcha</p>"}]}',
}


async def read(folder: Path, body: str, kind: str = "text/html; charset=utf-8") -> object:
    def app(asked: object) -> Reply:
        return Reply(body.encode() if asked.path != "/robots.txt" else b"", headers={"Content-Type": kind})  # type: ignore[attr-defined]

    with scripted(app) as server:
        async with own(server, folder) as http:
            page = (await http.get_page(server.base + "/p")).data
            assert (await http.get_bytes(server.base + "/p")).data == body.encode()
            return page


@pytest.mark.parametrize("name", WALLS)
async def test_captchas_are_named(tmp_path: Path, name: str) -> None:
    with scripted(lambda asked: Reply(WALLS[name].encode() if asked.path != "/robots.txt" else b"")) as server:
        async with own(server, tmp_path) as http:
            for ask in (http.get_page, http.get_bytes, http.get_json):
                with pytest.raises((Blocked, NeedsLogin, BrokenAnswer) if ask == http.get_json else Blocked) as wall:
                    await ask(server.base + "/p")
                assert ask == http.get_json or wall.value.key == "net.captcha"


OFTEN = html("访问过于频繁", "操作过于频繁，请稍后再试")


async def test_too_often_without_a_captcha_is_a_limit(tmp_path: Path) -> None:
    with scripted(lambda asked: Reply(OFTEN.encode() if asked.path != "/robots.txt" else b"")) as server:
        async with own(server, tmp_path) as http:
            for ask in (http.get_page, http.get_bytes, http.get_json):
                with pytest.raises(Retry) as limit:
                    await ask(server.base + "/p")
                assert (limit.value.key, limit.value.after) == ("net.limited", 600)
    clock = Clock()
    with scripted(in_turn(Reply(OFTEN.encode(), 429), Reply({"ok": True}))) as server:
        async with own(server, tmp_path, clock) as http:
            assert (await http.get_json(server.base)).data == {"ok": True}
    assert sum(clock.slept) > 4


@pytest.mark.parametrize("name", LOGINS)
async def test_logins_are_named(tmp_path: Path, name: str) -> None:
    with scripted(lambda asked: Reply(LOGINS[name].encode() if asked.path != "/robots.txt" else b"")) as server:
        async with own(server, tmp_path) as http:
            for ask in (http.get_page, http.get_bytes, http.get_json):
                with pytest.raises(NeedsLogin):
                    await ask(server.base + "/p")


@pytest.mark.parametrize("name", [*INNOCENT, *FEEDS])
async def test_innocent_pages_and_feeds_pass(tmp_path: Path, name: str) -> None:
    body = (INNOCENT | FEEDS)[name]
    assert await read(tmp_path, body) == body


async def test_json_is_never_judged_by_its_words(tmp_path: Path) -> None:
    data = {
        "posts": [{"text": "<title>百度安全验证</title> 请输入验证码 Sina Visitor System 登录 captcha initGeetest("}]
    }
    with scripted(lambda asked: Reply(data)) as server:
        async with own(server, tmp_path) as http:
            assert (await http.get_json(server.base)).data == data
            assert b"captcha" in (await http.get_bytes(server.base)).data


@pytest.mark.parametrize(
    ("status", "key"), [(403, "net.captcha"), (412, "net.captcha"), (418, "net.captcha"), (429, "net.captcha")]
)
async def test_a_captcha_behind_an_error_is_not_waited_out(tmp_path: Path, status: int, key: str) -> None:
    with scripted(lambda asked: Reply("<html>请完成滑块验证</html>".encode(), status)) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(Blocked) as wall:
                await http.get_json(server.base)
    assert wall.value.key == key
    assert len(server.asked) == 1
    with scripted(lambda asked: Reply({"error": "验证 captcha"}, 403)) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(Blocked) as refused:
                await http.get_json(server.base)
    assert refused.value.key == "net.refused"


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("https://sec.douban.com/b?r=https%3A%2F%2Fm.example", Blocked), ("https://m.example/captcha?x", Blocked),
        ("https://passport.weibo.com/visitor/visitor?a", NeedsLogin), ("https://accounts.douban.com/x", NeedsLogin),
        ("https://m.example/login?next=/group", NeedsLogin), ("https://m.example/group/2", None),
        ("https://m.example/loginless/", None),
    ],
)  # fmt: skip
def test_where_a_redirect_ended_says_what_it_is(place: str, error: type[CollectorError] | None) -> None:
    text = f"<html><p>{LONG}</p></html>"
    if error is None:
        pages.refuse_wall(text, parse(place), HERE)
    else:
        with pytest.raises(error):
            pages.refuse_wall(text, parse(place), HERE)
        pages.refuse_wall(text, parse(place), parse(place))  # asked for itself: it is what was wanted


@given(st.text(alphabet="<>script/ style='title登录验证码a", max_size=300))
def test_any_markup_is_judged_without_another_error(text: str) -> None:
    with contextlib.suppress(Blocked, NeedsLogin):
        pages.refuse_wall(text, HERE, HERE)


@pytest.mark.parametrize(
    "part", ["<script>", "<", "<title>", "<input ", "</script", "<input type=", "<script><style>", "<meta "]
)
def test_hostile_markup_is_read_in_linear_time(part: str) -> None:
    started = time.monotonic()
    with contextlib.suppress(CollectorError):
        pages.refuse_wall(part * 60_000, HERE, HERE)
    pages.text_of((part * 60_000).encode())
    assert time.monotonic() - started < 3


# ---------------------------------------------------------------- letters


SAID = "咖啡，露营。"


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (SAID.encode(), ""), (SAID.encode(), "text/html; charset=UTF-8"),
        (SAID.encode("gbk"), "text/html; charset=GBK"),
        (SAID.encode("gb18030"), 'text/html;charset="gb2312"'), (SAID.encode("gbk"), ""),
        ("咖啡，露營。".encode("big5"), "text/html; charset=Big5"),
        (b"\xef\xbb\xbf" + SAID.encode(), "text/html; charset=gbk"), (b"\xff\xfe" + SAID.encode("utf-16-le"), ""),
        (b"\xfe\xff" + SAID.encode("utf-16-be"), "text/html; charset=utf-8"),
        (SAID.encode(), "text/html; charset=nonsense"),
        (SAID.encode(), "text/html; charset=zlib"), (SAID.encode(), "text/html; charset=utf-7"),
    ],
)  # fmt: skip
def test_letters_by_header_and_mark(body: bytes, header: str) -> None:
    assert pages.text_of(body, header) in (SAID, "咖啡，露營。")


@pytest.mark.parametrize(
    "head",
    ['<meta charset="gbk">', "<meta charset=gb2312 />",
     '<META http-equiv="Content-Type" content="text/html; charset=GBK">',
     '<?xml version="1.0" encoding="GBK"?>', "<html><head><title>x</title><meta charset='gb18030'>", ""],
)  # fmt: skip
def test_letters_by_the_pages_own_word(head: str) -> None:
    assert pages.text_of((head + SAID).encode("gbk")) == head + SAID


def test_odd_letters() -> None:
    assert pages.text_of(b'<meta charset="utf-16">' + SAID.encode()).endswith(SAID)
    assert pages.text_of(SAID.encode()[:-1]) == SAID[:-1] + "\ufffd"
    assert "\ufffd" in pages.text_of(b"\xff\xff\xff\xff" * 5)
    assert pages.text_of(b"") == ""
    assert pages.text_of(b"caf\xe9", "text/html; charset=iso-8859-1") == "café"


@given(st.binary(max_size=200), st.text(max_size=40))
def test_any_bytes_are_letters(body: bytes, header: str) -> None:
    pages.text_of(body, "text/html; charset=" + header).encode("utf-8")
