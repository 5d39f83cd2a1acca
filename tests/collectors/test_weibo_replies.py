"""Every way in which m.weibo.cn says no, row by row of the fact sheet: named rightly, and never an empty success."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.answers import Reply as Answered
from collectors.base import Page, Query
from collectors.weibo import Weibo
from collectors.weibo_replies import LIMIT_WAITS, PARK, REFUSED_WAITS, Replies
from collectors.weibo_site import cookie_of
from tests.collectors.contract import pages, transport
from tests.collectors.weibo_server import COOKIE, END, LOGIN, MobileSite, mblog, mid
from tests.servers.scripted import App, Asked, Reply, Scripted, scripted
from xunke.errors import Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import Post

OWN = {"cookie": COOKIE}
VISITOR = b"<html><title>Sina Visitor System</title><script>visitor_callback()</script></html>"


class Clock:
    """Time that passes when somebody waits for it."""

    def __init__(self) -> None:
        self.time = 1_795_300_000.0
        self.waits: list[int] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds))
        self.time += seconds
        await asyncio.sleep(0)


async def run(
    app: App, folder: Path, mode: str = "keyword", value: str = "咖啡", clock: Clock | None = None, **more: Any
) -> tuple[list[Page], Scripted, Clock]:
    clock = clock or Clock()
    with scripted(app) as server:
        async with transport(server.base, folder, sleep=clock.sleep, now=clock.now) as http:
            query = Query(mode, value, server.base, credentials=OWN, **more)  # type: ignore[arg-type]
            return await pages(Weibo(), query, http), server, clock


async def fails(app: App, folder: Path, kind: type[CollectorError], key: str, **more: Any) -> CollectorError:
    with pytest.raises(kind) as caught:
        await run(app, folder, **more)
    assert caught.value.key == key
    assert "planted0Secret" not in f"{caught.value!r} {caught.value}"
    return caught.value


async def gathered(walk: AsyncIterator[Page], into: list[Page]) -> None:
    async for page in walk:
        into.append(page)


def saying(reply: Reply | Callable[[Asked], Reply | None], path: str = "getIndex") -> MobileSite:
    site = MobileSite()
    site.special[path] = reply
    return site


# ---------------------------------------------------------------- walls


async def test_ok_minus_100_with_an_address_asks_for_the_login(tmp_path: Path) -> None:
    await fails(saying(Reply(LOGIN)), tmp_path, NeedsLogin, "weibo.login")
    await fails(saying(Reply({"ok": "-100", "msg": "请登录"})), tmp_path, NeedsLogin, "weibo.login")
    await fails(saying(Reply(LOGIN, 403)), tmp_path, NeedsLogin, "weibo.login")


async def test_a_login_wall_in_the_middle_keeps_the_cursor(tmp_path: Path) -> None:
    site = saying(lambda asked: Reply(LOGIN) if asked.one("page") == "2" else None)
    with scripted(site) as server:
        async with transport(server.base, tmp_path) as http:
            seen: list[Page] = []
            query = Query("keyword", "咖啡", server.base, credentials=OWN)
            with pytest.raises(NeedsLogin):
                await gathered(Weibo().collect(query, None, http), seen)
            site.special.clear()
            rest = await pages(Weibo(), query, http, json.loads(json.dumps(seen[-1].cursor)))
    assert len({r.native_id for page in [*seen, *rest] for r in page.records if isinstance(r, Post)}) == 9


async def test_this_is_empty_here_is_an_end(tmp_path: Path) -> None:
    found, _, _ = await run(saying(Reply(END)), tmp_path)
    assert [page.records for page in found] == [()]
    assert found[-1].cursor is None
    assert found[-1].extents[0].seen == 0


@pytest.mark.parametrize("said", ["请求过于频繁,歇歇吧", "系统繁忙，请稍后再试", "", "未知的话"])
async def test_other_ok_0_is_asked_again_ever_slower_and_then_parks(tmp_path: Path, said: str) -> None:
    clock = Clock()
    error = await fails(saying(Reply({"ok": 0, "msg": said})), tmp_path, Retry, "weibo.limited", clock=clock)
    assert isinstance(error, Retry)
    assert error.after == PARK
    assert [one for one in clock.waits if one > 5] == [round(one) for one in LIMIT_WAITS]


async def test_ok_0_that_passes_loses_nothing(tmp_path: Path) -> None:
    left = [2]

    def busy(asked: Asked) -> Reply | None:
        left[0] -= 1
        return Reply({"ok": 0, "errno": "100006", "msg": "请求过于频繁,歇歇吧"}) if left[0] >= 0 else None

    found, _, clock = await run(saying(busy), tmp_path)
    assert sum(len(page.records) for page in found) == 9
    assert sum(clock.waits) >= LIMIT_WAITS[0] + LIMIT_WAITS[1] - 2


async def test_an_errno_alone_is_no_page(tmp_path: Path) -> None:
    await fails(saying(Reply({"errno": "20003", "msg": ""})), tmp_path, Retry, "weibo.limited")
    await fails(saying(Reply({"errno": "100005", "msg": "x"})), tmp_path, NeedsLogin, "weibo.login")


async def test_a_list_that_stays_refused_is_left_out_and_told(tmp_path: Path) -> None:
    site = saying(Reply({"ok": 0, "msg": "什么都没说"}), "repostTimeline")
    found, _, _ = await run(site, tmp_path, mode="post", value=mid(1), relations=frozenset({"reposts", "replies"}))
    (told,) = [one for page in found for one in page.extents if one.kind == "reposts"]
    assert (told.said, told.seen, told.reason, told.again) == (2, 0, "weibo.said_no", True)
    assert len([r for page in found for r in page.records if isinstance(r, Post)]) == 10


async def test_a_list_that_is_limited_parks_and_is_not_left_out(tmp_path: Path) -> None:
    site = saying(Reply({"ok": 0, "msg": "请求过于频繁"}), "attitudes/show")
    await fails(site, tmp_path, Retry, "weibo.limited", mode="post", value=mid(1), relations=frozenset({"likes"}))


@pytest.mark.parametrize("status", [432, 418, 403])
async def test_432_418_and_403_stop_after_three_tries_minutes_apart(tmp_path: Path, status: int) -> None:
    clock = Clock()
    site = saying(Reply(b"", status))
    with scripted(site) as server:
        async with transport(server.base, tmp_path, sleep=clock.sleep, now=clock.now) as http:
            with pytest.raises(Blocked, match=r"weibo\.blocked"):
                await pages(Weibo(), Query("keyword", "咖啡", server.base, credentials=OWN), http)
        assert len([one for one in server.asked if one.path.endswith("getIndex")]) == 4
    assert [one for one in clock.waits if one > 5] == [round(one) for one in REFUSED_WAITS]


async def test_432_that_passes_goes_on(tmp_path: Path) -> None:
    left = [2]

    def blocking(asked: Asked) -> Reply | None:
        left[0] -= 1
        return Reply(b"", 432) if left[0] >= 0 else None

    found, _, _ = await run(saying(blocking), tmp_path)
    assert sum(len(page.records) for page in found) == 9


async def test_429_waits_what_it_says(tmp_path: Path) -> None:
    left = [1]

    def limiting(asked: Asked) -> Reply | None:
        left[0] -= 1
        return Reply(b"", 429, {"Retry-After": "40"}) if left[0] >= 0 else None

    found, _, clock = await run(saying(limiting), tmp_path)
    assert sum(len(page.records) for page in found) == 9
    assert max(clock.waits) >= 39
    await fails(saying(Reply(b"", 429)), tmp_path / "2", Retry, "net.limited")


@pytest.mark.parametrize("status", [401, 414])
async def test_401_and_414_ask_for_the_login(tmp_path: Path, status: int) -> None:
    await fails(saying(Reply(b"", status)), tmp_path, NeedsLogin, "weibo.login")


async def test_a_redirect_to_the_sign_in_asks_for_the_login(tmp_path: Path) -> None:
    site = saying(Reply(b"", 302, {"Location": "/sso/signin?entry=wapsso"}))
    site.special["/sso/signin"] = Reply(b"<html>ok</html>")
    await fails(site, tmp_path, NeedsLogin, "weibo.login")


async def test_the_visitor_page_asks_for_the_login(tmp_path: Path) -> None:
    await fails(saying(Reply(VISITOR)), tmp_path, NeedsLogin, "weibo.login")
    site = saying(Reply(VISITOR), "hotflow")
    await fails(site, tmp_path, NeedsLogin, "weibo.login", mode="post", value=mid(1), relations=frozenset({"replies"}))


@pytest.mark.parametrize(
    "answer",
    [{"ok": 1, "url": "https://m.weibo.cn/c/verify"}, {"url": "https://m.weibo.cn/x"}, {"ok": 0, "url": "https://x/geetest"},
     {"ok": -100, "url": "https://security.weibo.com/captcha/geetest"}],
)  # fmt: skip
async def test_an_address_and_no_data_is_a_captcha(tmp_path: Path, answer: Any) -> None:
    await fails(saying(Reply(answer)), tmp_path, Blocked, "weibo.captcha")


async def test_a_captcha_page_is_a_captcha(tmp_path: Path) -> None:
    await fails(saying(Reply("<html>请输入验证码</html>".encode())), tmp_path, Blocked, "weibo.captcha")


async def test_an_empty_body_is_asked_for_once_more(tmp_path: Path) -> None:
    with scripted(saying(Reply(b""))) as server:
        clock = Clock()
        async with transport(server.base, tmp_path, sleep=clock.sleep, now=clock.now) as http:
            with pytest.raises(BrokenAnswer, match=r"net\.empty"):
                await pages(Weibo(), Query("keyword", "咖啡", server.base, credentials=OWN), http)
        assert len([one for one in server.asked if one.path.endswith("getIndex")]) == 2


@pytest.mark.parametrize(
    "answer",
    [{"ok": 1}, {"ok": 1, "data": {}}, {"ok": 1, "data": []}, {"ok": 1, "data": {"cards": None}}, {"hello": "x"}, {},
     {"ok": 1, "data": {"cards": [{"card_type": 9, "status": {}}]}}, {"ok": 1, "data": {"list": [1]}}],
)  # fmt: skip
async def test_another_shape_is_no_page(tmp_path: Path, answer: Any) -> None:
    with pytest.raises(BrokenAnswer):
        await run(saying(Reply(answer)), tmp_path)


@pytest.mark.parametrize("path", ["hotflow", "hotFlowChild", "repostTimeline", "attitudes/show"])
@pytest.mark.parametrize(
    "answer", [{"ok": 1, "data": "x"}, {"ok": 1, "data": {"list": []}}, {"ok": 1, "data": {"data": {}}}]
)
async def test_another_shape_of_a_list_is_no_list(tmp_path: Path, path: str, answer: Any) -> None:
    relation = {"repostTimeline": "reposts", "attitudes/show": "likes"}.get(path, "replies")
    site = saying(Reply(answer), path)
    site.special["/api/comments/show"] = Reply(answer)
    with pytest.raises(BrokenAnswer):
        await run(site, tmp_path, mode="post", value=mid(1), relations=frozenset({relation}))


async def test_a_block_while_texts_are_made_whole_loses_no_post(tmp_path: Path) -> None:
    site = MobileSite([mblog(n, isLongText=True) for n in range(1, 4)])
    site.special["/statuses/extend"] = Reply(b"", 432)
    found, server, _ = await run(site, tmp_path)
    assert len([r for page in found for r in page.records if isinstance(r, Post)]) == 3
    assert len([one for one in server.asked if one.path.endswith("extend")]) == 4, "not asked for any more"


# ---------------------------------------------------------------- the login


async def test_whose_cookie_it_is(tmp_path: Path) -> None:
    with scripted(MobileSite()) as server:
        async with transport(server.base, tmp_path) as http:
            assert (await Weibo().check(server.base, OWN, http)).name == "1700000099"


async def test_a_visitors_cookie_is_told_plainly(tmp_path: Path) -> None:
    site = MobileSite()
    site.login = False
    with scripted(site) as server:
        async with transport(server.base, tmp_path) as http:
            with pytest.raises(NeedsLogin, match=r"weibo\.visitor"):
                await Weibo().check(server.base, OWN, http)
            with pytest.raises(NeedsLogin, match=r"weibo\.visitor"):
                await pages(Weibo(), Query("keyword", "咖啡", server.base, credentials=OWN), http)
            site.special["/api/config"] = Reply({"ok": 1, "data": {"odd": 1}})
            with pytest.raises(BrokenAnswer):
                await Weibo().check(server.base, OWN, http)
        assert {one.path for one in server.asked} == {"/api/config"}


async def test_without_a_cookie_nothing_is_asked(tmp_path: Path) -> None:
    with scripted(MobileSite()) as server:
        async with transport(server.base, tmp_path) as http:
            with pytest.raises(NeedsLogin, match=r"weibo\.no_cookie"):
                await pages(Weibo(), Query("keyword", "咖啡", server.base), http)
        assert not server.asked


def test_a_cookie_as_people_paste_it() -> None:
    assert cookie_of({"cookie": " Cookie: SUB=a; x=b "}) == "SUB=a; x=b"
    assert cookie_of({"cookie": "_2Abc"}) == "SUB=_2Abc"


async def test_the_cookie_is_in_no_log_and_no_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    clock, site = Clock(), MobileSite([mblog(1)])
    site.special["hotflow"] = Reply({"ok": 0, "msg": f"请求过于频繁 {COOKIE[4:28]} {COOKIE}"})
    with scripted(site) as server:
        more: dict[str, Any] = {"sleep": clock.sleep, "now": clock.now, "on_wait": lambda _, why: told.append(why)}
        async with transport(server.base, tmp_path, **more) as http:
            query = Query("keyword", "咖啡", server.base, frozenset({"replies"}), credentials=OWN)
            with pytest.raises(Retry) as caught:
                await pages(Weibo(), query, http)
    assert "planted0Secret" not in f"{caplog.text} {told} {query!r} {caught.value!r}"
    assert not any("planted0Secret" in one.read_text("utf-8") for one in tmp_path.rglob("*") if one.is_file())


async def test_the_cookie_goes_to_its_own_origin_only(tmp_path: Path) -> None:
    with scripted(lambda asked: Reply({"ok": 1, "data": {}})) as other:
        site = saying(Reply(b"", 302, {"Location": f"{other.base}/elsewhere"}))
        with pytest.raises(CollectorError):
            await run(site, tmp_path)
        assert not any("cookie" in one.headers for one in other.asked)


# ---------------------------------------------------------------- any answer

NAMES = st.sampled_from(["ok", "msg", "url", "data", "errno", "cards"]) | st.text(max_size=5)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)


@given(ANY, st.sampled_from([200, 302, 401, 403, 418, 432, 429, 500]), st.booleans(), st.booleans(), st.booleans())
def test_any_answer_is_read_without_a_crash(data: Any, status: int, end: bool, skip: bool, once: bool) -> None:
    replies = Replies(end=end, skip=skip, once=once)
    for _ in range(5):
        said = replies(Answered(status, {}, json.dumps(data).encode(), "https://m.weibo.cn/api"))
        assert said is None or isinstance(said, CollectorError)
    assert not isinstance(said, Retry) or said.after == PARK, "no call is asked for without end"


@given(st.text(max_size=60))
def test_words_of_an_error_are_one_safe_line(said: str) -> None:
    found = Replies()(Answered(200, {}, json.dumps({"ok": 0, "msg": said}).encode(), "https://m.weibo.cn/api"))
    assert found is None or isinstance(found, Retry | Gone | NeedsLogin | Blocked)
    assert found is None or "\x1b" not in str(found)


async def test_paced_as_in_life_refusals_still_end_the_run_and_pages_come_unevenly(tmp_path: Path) -> None:
    clock, site = Clock(), MobileSite([mblog(n) for n in range(1, 40)])
    with scripted(site) as server:
        query = Query("keyword", "咖啡", server.base, credentials=OWN)
        more: dict[str, Any] = {"pace": 3.0, "pace_own": True, "sleep": clock.sleep, "now": clock.now}
        async with transport(server.base, tmp_path, **more) as http:
            await pages(Weibo(), query, http)
            assert len(clock.waits) == len(server.asked) - 1
            assert min(clock.waits) >= 2
            assert [one >= 9 for one in clock.waits] == [n % 10 == 9 for n in range(1, len(server.asked))]
            site.special["getIndex"] = Reply(b"", 432)
            with pytest.raises(Blocked):
                await pages(Weibo(), query, http)
