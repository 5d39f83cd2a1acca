"""An RSSHub instance played by a small server: invented posts, JSON as the build of 2026-09 answers, its errors too."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Collector, Query
from collectors.rsshub import Rsshub, code_for, find, table
from tests.collectors.contract import HOSTILE, CollectorContract, pages, transport
from tests.servers.scripted import SILENCE, App, Asked, Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, NeedsLogin, Retry
from xunke.i18n import messages
from xunke.model import Post

KEY = "planted-access-key"
BVS = ("BV17x411w7KC", "BV1xx411c7mD", "BV1Q541167Qg")


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def video(n: int, **more: Any) -> dict[str, Any]:
    url = f"http://www.bilibili.com/video/av{1_150_000_000 + n}"
    text = (
        f"Length: 12:05<br/>AuthorID: {200_000_000 + n}<br/>Play: 12000    Favorite: 210<br/>"
        'Danmaku: 30    Comment: 45<br/><br/>水温九十二度<br/><img src="http://i.example/a.jpg"><br/>Match By: title'
    )
    return {
        "id": url, "url": url, "title": f"手冲咖啡入门{n}", "content_html": text, "tags": ["咖啡", "手冲"],
        "date_published": f"2026-11-18T11:0{n}:40.000Z", "authors": [{"name": f"示例UP{n}"}],
    } | more  # fmt: skip


def comment(video: int, n: int, **more: Any) -> dict[str, Any]:
    said = f"示例观众{n} : 学会了{n}"
    url = f"https://www.bilibili.com/video/av{video}/#reply{250_000_000_000 + video % 100 * 10 + n}"
    return {"id": url, "url": url, "title": said, "content_html": said,
            "date_published": "2026-11-19T11:06:40.000Z"} | more  # fmt: skip


def feed(items: list[Any]) -> Reply:
    found = {"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": items}
    return Reply(found, headers={"Content-Type": "application/feed+json"})


def error(said: str, status: int = 503, html: bool = False) -> Reply:
    if html:
        page = f"<html><body><h1>Looks like something went wrong</h1><p>Error Message:<br/><code>{said}</code></p>"
        return Reply(f"{page}<p>Route: <code>/x</code> login cookies</p></body></html>".encode(), status)
    return Reply({"error": {"message": said}}, status)


class Hub:
    """``routes``: pattern of a path → answer."""

    def __init__(self, **routes: Reply) -> None:
        self.routes: dict[str, Reply] = routes
        self.videos: list[Any] = [video(n) for n in range(1, 5)]
        self.key = ""
        self.slow = False
        self.comments = 2

    def __call__(self, asked: Asked) -> Reply:
        if self.slow:
            return SILENCE
        if self.key and asked.one("code") != md5(asked.path + self.key):
            return error(f"Authentication failed. Access denied. {asked.one('code')}", 403)
        if asked.path == "/healthz":
            return Reply(b"ok")
        for pattern, reply in self.routes.items():
            if re.search(pattern, asked.path):
                return reply
        if asked.one("format") != "json":
            return Reply(b"<rss/>")
        if asked.path.startswith("/bilibili/vsearch/"):
            return feed(self.videos)
        if found := re.fullmatch(r"/bilibili/video/reply/(\d+)", asked.path):
            return feed([comment(int(found[1]), n) for n in range(1, self.comments + 1)])
        return error("The route does not exist or has been deleted.", 404)


class OfBilibili(Rsshub):
    platform = "bilibili"  # the records are the site's


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return OfBilibili()

    def query(self, base: str) -> Query:
        return Query("keyword", "bilibili:咖啡", base, frozenset({"replies"}))

    def app(self, flaw: str) -> App:
        hub = Hub()
        hub.slow = flaw == "slow"
        if flaw == "hostile":
            evil = dict.fromkeys(("id", "title", "content_html", "date_published"), HOSTILE)
            hub.videos = [video(1, authors=[{"name": HOSTILE, "url": HOSTILE}], tags=[HOSTILE], **evil)]
        if flaw == "one_bad":
            hub.videos[2] = "nothing"
        return hub

    async def test_one_bad_record_does_not_take_the_page_along(self, tmp_path: Path) -> None:
        self.query = lambda base: Query("keyword", "bilibili:咖啡", base)  # type: ignore[method-assign]
        await super().test_one_bad_record_does_not_take_the_page_along(tmp_path)


async def collect(
    hub: App, folder: Path, mode: str = "keyword", value: str = "bilibili:咖啡", **more: Any
) -> list[Any]:
    async def no_wait(seconds: float) -> None:
        return None

    with scripted(hub) as server:
        async with transport(server.base, folder, sleep=no_wait) as http:
            return await pages(Rsshub(), Query(mode, value, server.base, **more), http)  # type: ignore[arg-type]


def posts(found: list[Any], kind: str = "post") -> list[Post]:
    return [r for page in found for r in page.records if isinstance(r, Post) and r.kind == kind]


async def test_bilibili_counts_and_author_stand_in_the_text(tmp_path: Path) -> None:
    one = posts(await collect(Hub(), tmp_path))[0]
    assert (one.platform, one.native_id, one.text) == ("bilibili", "1150000001", "水温九十二度")
    assert (one.views, one.saves, one.comments, one.likes) == (12000, 210, 45, None)
    assert one.author is not None
    assert (one.author.native_id, one.author.name) == ("200000001", "示例UP1")
    assert one.tags == ("咖啡", "手冲")


async def test_comments_belong_to_the_post_in_the_path(tmp_path: Path) -> None:
    found = posts(await collect(Hub(), tmp_path, relations=frozenset({"replies"})), "comment")
    assert len(found) == 8
    assert {p.root for p in found} == {f"115000000{n}" for n in range(1, 5)}
    assert found[0].author is not None
    assert (found[0].text, found[0].author.name, found[0].reply_to) == ("学会了1", "示例观众1", "1150000001")


async def test_comments_without_an_address_of_their_own_stay_apart(tmp_path: Path) -> None:
    url = "https://www.bilibili.com/video/" + BVS[0]
    rows = [comment(1, n, id=url, url=url) for n in (1, 2)]
    found = posts(await collect(Hub(reply=feed(rows)), tmp_path, "post", f"bilibili:{BVS[0]}"), "comment")
    assert len({p.native_id for p in found}) == 2
    assert {p.root for p in found} == {"170001"}


async def test_trap_only_page_one_is_never_all(tmp_path: Path) -> None:
    found = await collect(Hub(), tmp_path)
    assert found[-1].capped
    assert found[-1].extents[-1].reason == "rsshub.first_page"
    within = await collect(Hub(), tmp_path, since=1_795_000_000)
    assert not within[-1].capped, "the page reaches back beyond since"


@pytest.mark.parametrize("html", [True, False])
async def test_trap_an_empty_route_is_a_503_and_an_end(tmp_path: Path, html: bool) -> None:
    said = "this route is empty, please check the original site or create an issue"
    found = await collect(Hub(vsearch=error(said, html=html)), tmp_path)
    assert not posts(found)
    assert found[-1].extents[-1].reason == "rsshub.empty"
    assert not found[-1].capped


@pytest.mark.parametrize("html", [True, False])
@pytest.mark.parametrize(
    ("said", "status", "kind", "key"),
    [
        ("Cookies expired. Please check WEIBO_COOKIES", 503, Blocked, "rsshub.cookies"),
        ("对应 loginUid 的 Bilibili 用户的 Cookie 已过期", 503, Blocked, "rsshub.cookies"),
        ("Config not found: BILIBILI_COOKIE", 503, Blocked, "rsshub.config"),
        ("invalid response", 503, Retry, "rsshub.upstream"),
        ("This path is currently fetching, RequestInProgressError: in progress", 503, Retry, "net.limited"),
        ("Authentication failed. Access denied.", 403, NeedsLogin, "rsshub.access_key"),
        ("Rejected.", 403, Blocked, "rsshub.refused"),
        ("Executable doesn't exist: playwright", 503, Blocked, "rsshub.browser"),
        ("Got error code -352 while fetching", 503, Blocked, "rsshub.site_refuses"),
        ("The route does not exist or has been deleted.", 404, BadQuery, "rsshub.no_route"),
    ],
)
async def test_trap_trouble_is_told_by_what_the_error_says(
    tmp_path: Path, said: str, status: int, kind: type[Exception], key: str, html: bool
) -> None:
    with pytest.raises(kind) as caught:
        await collect(Hub(vsearch=error(said, status, html)), tmp_path)
    assert caught.value.key in (key, "rsshub.upstream")  # type: ignore[attr-defined]
    assert key != "rsshub.no_route" or "/bilibili/vsearch/{}" in str(caught.value)


async def test_a_503_of_something_else_is_no_end(tmp_path: Path) -> None:
    with pytest.raises(Retry):
        await collect(Hub(vsearch=Reply(b"<html>nginx</html>", 503)), tmp_path)


async def test_an_error_inside_a_200_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Retry):
        await collect(Hub(vsearch=error("invalid response", 200)), tmp_path)
    with pytest.raises(BrokenAnswer):
        await collect(Hub(vsearch=Reply({"version": "x"})), tmp_path)


async def test_trap_the_key_of_an_instance_is_shown_nowhere(tmp_path: Path) -> None:
    hub = Hub()
    hub.key = KEY
    with scripted(hub) as server:
        async with transport(server.base, tmp_path) as http:
            query = Query("keyword", "bilibili:咖啡/茶", server.base, credentials={"access_key": KEY})
            hub.key = ""
            found = await pages(Rsshub(), query, http)
            hub.key = KEY
            known = await Rsshub().check(server.base, {"access_key": KEY}, http)
            with pytest.raises(NeedsLogin, match="access_key") as caught:
                await Rsshub().check(server.base, {"access_key": "wrong"}, http)
            with pytest.raises(NeedsLogin):
                await Rsshub().check(server.base, {}, http)
    assert known.name == "127.0.0.1"
    assert KEY not in repr(found)
    assert all(KEY not in f"{one.path} {one.query} {one.headers}" for one in server.asked)
    assert code_for("/healthz", "wrong") not in str(caught.value)


def test_the_code_is_made_of_the_path_as_the_router_sees_it() -> None:
    assert code_for("/weibo/keyword/%23%E5%92%96%E5%95%A1%23", KEY) == md5(f"/weibo/keyword/%23咖啡%23{KEY}")


@pytest.mark.parametrize(
    ("mode", "value", "path", "platform"),
    [
        ("keyword", "weibo:咖啡 & 茶", "/weibo/keyword/%E5%92%96%E5%95%A1%20%26%20%E8%8C%B6/", "weibo"),
        ("tag", "微博：#咖啡#", "/weibo/keyword/%23%E5%92%96%E5%95%A1%23/", "weibo"),
        ("group", "weibo:100808" + "a" * 32, "/weibo/super_index/100808" + "a" * 32 + "/sort_time", "weibo"),
        ("group", "贴吧:咖啡吧", "/baidu/tieba/forum/%E5%92%96%E5%95%A1/created", "tieba"),
        ("group", "/hupu/bbs/步行街?limit=5&key=x", "/hupu/bbs/%E6%AD%A5%E8%A1%8C%E8%A1%97", ""),
        ("group", "/weibo/keyword/#咖啡#", "/weibo/keyword/%23%E5%92%96%E5%95%A1%23", "weibo"),
        ("account", "小红书:" + "5a" * 12, "/xiaohongshu/user/" + "5a" * 12 + "/notes", "xiaohongshu"),
        ("post", "/baidu/tieba/post/9300000001", "/baidu/tieba/post/9300000001", "tieba"),
    ],
)
def test_what_a_value_asks_for(mode: str, value: str, path: str, platform: str) -> None:
    found = find(mode, value)
    assert found.path.startswith(path)
    assert found.route.platform == platform
    assert "key" not in dict(found.params)


@pytest.mark.parametrize(
    ("mode", "value", "key"),
    [
        ("keyword", "咖啡", "rsshub.which"), ("keyword", "xiaohongshu:咖啡", "rsshub.which"),
        ("group", "weibo:咖啡", "rsshub.arg_super"), ("account", "weibo:名字", "rsshub.arg_uid"),
        ("topic", "zhihu:咖啡", "rsshub.arg_number"), ("tag", "douyin:咖啡", "rsshub.arg_number"),
    ],
)  # fmt: skip
def test_a_value_that_fits_nothing_is_answered_with_what_does(mode: str, value: str, key: str) -> None:
    with pytest.raises(BadQuery) as caught:
        find(mode, value)
    assert caught.value.key == key
    assert "{" not in messages()[key]["zh"].format_map(caught.value.params)


def test_every_route_says_what_its_argument_is() -> None:
    routes, names, firsts = table()
    assert {*names.values(), *firsts.values()} <= {route.platform for route in routes}
    for route in routes:
        assert route.hint in messages()
        assert route.path.count("{}") == 1
        re.compile(route.argument)


WEIBO = "https://weibo.com/1700000001/Qx1AbCdEf"


async def test_weibo_posts_have_ids_of_weibo_and_none_of_what_they_repost(tmp_path: Path) -> None:
    lead = '<a href="https://weibo.com/1700000001" target="_blank">示例用户甲</a>: '
    text = f"{lead}#咖啡# 打卡<br><blockquote>原文</blockquote>"
    row = {"id": WEIBO, "url": WEIBO, "title": "示例用户甲: #咖啡# 打卡", "content_html": text, "date_published": "",
           "authors": [{"name": "示例用户甲", "url": "https://weibo.com/1700000001"}], "tags": ["咖啡"]}  # fmt: skip
    hub = Hub(super_index=feed([row]))
    [one] = posts(await collect(hub, tmp_path, "group", "weibo:100808" + "b" * 32))
    assert (one.native_id, one.text, one.created) == ("5278709119108931", "#咖啡# 打卡", None)
    assert one.author is not None
    assert one.author.native_id == "1700000001"
    assert one.group is not None
    assert (one.group.kind, one.group.native_id) == ("supertopic", "100808" + "b" * 32)


async def test_the_author_of_an_account_is_the_one_asked_for(tmp_path: Path) -> None:
    who = "5a0000000000000000000001"
    url = f"https://www.xiaohongshu.com/user/profile/{who}/65f000000000000000000001"
    row = {"id": url, "url": url, "title": "周末探店", "content_html": "周末探店", "authors": [{"name": "示例薯"}]}
    [one] = posts(await collect(Hub(xiaohongshu=feed([row])), tmp_path, "account", f"小红书:{who}"))
    assert (one.platform, one.native_id) == ("xiaohongshu", "65f000000000000000000001")
    assert one.author is not None
    assert (one.author.native_id, one.author.name) == (who, "示例薯")


async def test_the_first_floor_of_tieba_is_the_thread_and_no_comment(tmp_path: Path) -> None:
    rows = [
        {"id": f"https://tieba.baidu.com/p/93?pid={n}#{n}", "url": f"https://tieba.baidu.com/p/93?pid={n}#{n}",
         "title": f"示例吧友{n}回复了帖子《手冲求教》", "content_html": f"<p>说法{n}</p><p>示例吧友{n} {n}楼</p>"}
        for n in (1, 2, 21)
    ]  # fmt: skip
    found = await collect(Hub(tieba=feed(rows)), tmp_path, "post", "tieba:93")
    assert [p.native_id for p in posts(found)] == ["93"]
    assert [(p.native_id, p.root) for p in posts(found, "comment")] == [("2", "93"), ("21", "93")]
    assert posts(found, "comment")[0].author is not None


async def test_where_there_is_no_route_for_replies_posts_still_come(tmp_path: Path) -> None:
    row = {"id": WEIBO, "url": WEIBO, "content_html": "打卡"}
    found = await collect(Hub(weibo=feed([row])), tmp_path, value="weibo:咖啡", relations=frozenset({"replies"}))
    assert len(posts(found)) == 1
    assert [key for page in found for key, _ in page.notes] == ["rsshub.no_replies"]
    assert found[-1].cursor is None


async def test_an_instance_is_needed(tmp_path: Path) -> None:
    async with transport("https://a.example", tmp_path) as http:
        with pytest.raises(BadQuery, match="needs_instance"):
            await pages(Rsshub(), Query("keyword", "weibo:咖啡"), http)


@given(mode=st.sampled_from(["keyword", "tag", "group", "post", "account", "topic"]), value=st.text(max_size=40))
def test_any_value_is_a_path_or_a_bad_query(mode: str, value: str) -> None:
    for written in (value, f"weibo:{value}", f"/{value}"):
        try:
            found = find(mode, written)
        except BadQuery:
            continue
        assert found.path.startswith("/")
        assert found.path.isascii()
