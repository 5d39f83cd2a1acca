"""Feeds from a small hand-made server: RSS, Atom and JSON Feed with invented posts, and what is no feed at all."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Collector, Query
from collectors.bilibili_ids import aid_of
from collectors.feed_items import spot, words
from collectors.importers import read_file
from collectors.importers.values import mid_to_bid
from collectors.rss import NotAFeed, Rss, UnsafeXml, item_of, read_feed
from collectors.walk import Unusable
from tests.collectors.contract import HOSTILE, CollectorContract, check_record, pages, transport
from tests.servers.scripted import SILENCE, App, Asked, Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone
from xunke.model import Post

XML = {"Content-Type": "application/xml; charset=utf-8"}


def item(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"https://blog.example/{n}", "url": f"https://blog.example/{n}", "title": f"第{n}篇",
        "content_html": f"<p>手冲咖啡 {n}</p>", "date_published": f"2026-11-{20 - n:02d}T13:30:00Z",
        "authors": [{"name": "示例作者"}], "tags": ["咖啡"],
    } | more  # fmt: skip


class Blog:
    """A JSON Feed of nine items, three a page, each page naming the next; ``fixed`` answers of other paths."""

    def __init__(self) -> None:
        self.items: list[Any] = [item(n) for n in range(1, 10)]
        self.circle = self.slow = False
        self.fixed: dict[str, Reply] = {}

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/robots.txt":
            return self.fixed.get(asked.path, Reply(b"", 404))
        if self.slow:
            return SILENCE
        if asked.path in self.fixed:
            return self.fixed[asked.path]
        if asked.path != "/feed.json":
            return Reply(b"no", 404)
        at = int(asked.one("at", "0"))
        shown: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": "示例博客"}
        shown["items"] = self.items[at : at + 3]
        if at + 3 < len(self.items) or self.circle:
            shown["next_url"] = f"/feed.json?at={at + 3 if at + 3 < len(self.items) else 0}"
        return Reply(shown)


class Known(Rss):
    platform = "feed"  # the records of a blog are of nobody's platform


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Known()

    def query(self, base: str) -> Query:
        return Query("group", f"{base}/feed.json")

    def app(self, flaw: str) -> App:
        blog = Blog()
        blog.circle, blog.slow = flaw == "circle", flaw == "slow"
        if flaw == "hostile":
            texts = dict.fromkeys(("id", "title", "content_html"), HOSTILE)
            blog.items = [item(1, authors=[{"name": HOSTILE, "url": HOSTILE}], tags=[HOSTILE], **texts)]
        if flaw == "one_bad":
            blog.items[4] = {"url": 7}
        return blog


async def collect(app: App, folder: Path, path: str = "/feed.json", **more: Any) -> list[Any]:
    with scripted(app) as server:
        async with transport(server.base, folder) as http:
            if "value" in more:
                query = Query("keyword", more.pop("value"), server.base + path, **more)
            else:
                query = Query("group", server.base + path, **more)
            return await pages(Rss(), query, http)


def posts(found: list[Any]) -> list[Post]:
    return [r for page in found for r in page.records if isinstance(r, Post)]


async def test_a_feed_is_never_reported_as_all_there_is(tmp_path: Path) -> None:
    found = await collect(Blog(), tmp_path)
    assert len(posts(found)) == 9
    assert found[-1].capped
    assert found[-1].extents[-1].reason == "rss.newest_only"
    group = posts(found)[0].group
    assert group is not None
    assert group.name == "示例博客"


async def test_a_feed_that_reaches_back_beyond_since_is_whole(tmp_path: Path) -> None:
    found = await collect(Blog(), tmp_path, since=1_794_700_000)
    assert 0 < len(posts(found)) < 9
    assert not found[-1].capped


@pytest.mark.parametrize(("value", "count"), [("咖啡", 9), ("手冲 5", 1), ("露营", 0)])
async def test_keywords_sift(tmp_path: Path, value: str, count: int) -> None:
    assert len(posts(await collect(Blog(), tmp_path, value=value))) == count


async def test_keywords_need_a_feed(tmp_path: Path) -> None:
    async with transport("https://a.example", tmp_path) as http:
        with pytest.raises(BadQuery, match="needs_address"):
            await pages(Rss(), Query("keyword", "咖啡"), http)


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>示例</title>
<item><title>示例用户甲: #咖啡#</title>
<description>&lt;a href="https://weibo.com/1700000001"&gt;示例用户甲&lt;/a&gt;: 好喝
&lt;blockquote&gt;原文&lt;/blockquote&gt;</description><link>https://weibo.com/1700000001/Qx1AbCdEf</link>
<pubDate>Fri, 20 Nov 2026 13:30:00 GMT</pubDate><author>示例用户甲</author></item>
<item><title>无日期</title><link>https://b.example/2</link><pubDate>Invalid Date</pubDate></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><link rel="next" href="/older.xml"/>
<entry><title>甲</title><id>urn:1</id><updated>2026-11-20T13:30:00Z</updated><content type="html">正文</content></entry>
</feed>"""


async def test_the_same_feed_from_a_file_and_from_a_server_are_the_same_posts(tmp_path: Path) -> None:
    blog = Blog()
    blog.fixed["/rss.xml"] = Reply(RSS.encode(), headers=XML)
    live = posts(await collect(blog, tmp_path, "/rss.xml"))
    file = tmp_path / "rss.xml"
    file.write_text(RSS, "utf-8")
    saved = [r for batch in read_file(file) for r in batch.records if isinstance(r, Post)]
    assert [(p.platform, p.native_id, p.text, p.created) for p in live] == [
        (p.platform, p.native_id, p.text, p.created) for p in saved
    ]
    assert (live[0].platform, live[0].text, live[1].created) == ("weibo", "好喝", None)
    assert live[0].author is not None
    assert live[0].author.native_id == "1700000001"


async def test_older_pages_of_atom_are_followed_on_the_same_server_only(tmp_path: Path) -> None:
    blog = Blog()
    blog.fixed["/a.xml"] = Reply(ATOM.encode(), headers=XML)
    older = ATOM.replace("urn:1", "urn:2").replace("/older.xml", "https://elsewhere.example/x")
    blog.fixed["/older.xml"] = Reply(older.encode(), headers=XML)
    found = await collect(blog, tmp_path, "/a.xml")
    assert [p.native_id for p in posts(found)] == ["urn:1", "urn:2"]
    assert found[-1].capped


async def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    blog = Blog()
    blog.fixed["/bomb.xml"] = Reply(b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaa">]><rss><a>&a;</a></rss>')
    with pytest.raises(BrokenAnswer, match=r"rss\.unsafe"):
        await collect(blog, tmp_path, "/bomb.xml")


async def test_a_page_names_the_feeds_it_offers(tmp_path: Path) -> None:
    blog = Blog()
    page = b'<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>'
    blog.fixed["/page"] = Reply(page, headers={"Content-Type": "text/html"})
    with pytest.raises(BadQuery, match=r"feeds=/feed\.xml"):
        await collect(blog, tmp_path, "/page")


async def test_an_empty_feed_is_an_end_and_a_missing_one_is_not(tmp_path: Path) -> None:
    blog = Blog()
    blog.fixed["/empty.json"] = Reply({"version": "https://jsonfeed.org/version/1.1", "items": []})
    found = await collect(blog, tmp_path, "/empty.json")
    assert found[-1].extents[-1].reason == "rss.empty"
    with pytest.raises(Gone):
        await collect(blog, tmp_path, "/nothing.json")


async def test_a_feed_that_robots_may_not_read_is_left_alone(tmp_path: Path) -> None:
    blog = Blog()
    blog.fixed["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /feed.json\n", headers={"Content-Type": "text/plain"})
    with scripted(blog) as server:
        async with transport(server.base, tmp_path) as http:
            with pytest.raises(Blocked, match="robots"):
                await pages(Rss(), Query("group", server.base + "/feed.json"), http)
    assert "/feed.json" not in [one.path for one in server.asked]


async def test_a_feed_in_gb18030_is_read_in_its_letters(tmp_path: Path) -> None:
    blog = Blog()
    text = RSS.replace('encoding="UTF-8"', 'encoding="gb2312"').encode("gb18030")
    blog.fixed["/gb.xml"] = Reply(text, headers={"Content-Type": "application/xml"})
    assert posts(await collect(blog, tmp_path, "/gb.xml"))[0].text == "好喝"


async def test_what_is_secret_in_an_address_is_in_no_record(tmp_path: Path) -> None:
    found = await collect(Blog(), tmp_path, "/feed.json?key=planted-secret")
    assert posts(found)
    assert "planted-secret" not in repr([page.records for page in found])


BV = "BV1xx411c7mD"


@pytest.mark.parametrize(
    ("address", "want"),
    [
        (f"https://weibo.com/1700000001/{mid_to_bid('5278709119108931')}", ("weibo", "5278709119108931", None)),
        ("https://www.v2ex.com/t/1192001#r_17320001", ("v2ex", "r_17320001", "1192001")),
        ("https://www.v2ex.com/t/1192001#reply17", ("v2ex", "1192001", None)),
        (f"https://www.bilibili.com/video/{BV}/#reply250000000001", ("bilibili", "250000000001", aid_of(BV))),
        ("http://www.bilibili.com/video/av1150000001", ("bilibili", "1150000001", None)),
        ("https://tieba.baidu.com/p/9300000001?pid=150000000001#150000000001", ("tieba", "150000000001", "9300000001")),
        ("https://www.xiaohongshu.com/user/profile/5a0000000000000000000001/65f000000000000000000001",
         ("xiaohongshu", "65f000000000000000000001", None)),
        ("https://www.zhihu.com/question/1/answer/3000000001", ("zhihu", "3000000001", None)),
        ("https://weibo.com.evil.example/1700000001/Qx1AbCdEf", ("feed", None, None)),
    ],
)  # fmt: skip
def test_whose_an_address_is(address: str, want: tuple[str, str | None, str | None]) -> None:
    found = spot(address)
    assert (found.platform, found.native_id, found.root) == want


def test_emoticons_become_their_words_and_long_markup_is_read_in_linear_time() -> None:
    assert words('好<img src="x" alt="[笑哭]">喝<br><br>再来') == "好[笑哭]喝\n再来"
    words("<a " * 60_000)
    words('<img alt="' * 30_000)
    item_of({"id": "1", "url": "https://weibo.com/1700000001/Qx1AbCdEf", "content_html": "<blockquote" * 20_000})
    item_of({"id": "1", "url": "https://weibo.com/1700000001/Qx1AbCdEf", "content_html": "<a weibo.c" * 20_000})


@pytest.mark.parametrize(("kind", "field"), [("repost", "repost_of"), ("quote", "quote_of"), ("reply", "reply_to")])
def test_what_rsshub_says_beside_an_item_ties_posts_of_one_site(kind: str, field: str) -> None:
    urls = ("https://www.v2ex.com/t/1", f"https://m.weibo.cn/status/{'5' * 16}")
    links = [{"url": url, "type": kind} for url in urls]
    row = item(1, url="https://weibo.com/1700000001/Qx1AbCdEf", _extra={"links": links})
    assert getattr(item_of(row).post, field) == "5" * 16


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys((*item(1), "_extra", "likes", "author", "content"), JSON))
ADDRESS = st.sampled_from(["https://weibo.com/1700000001/Qx1AbCdEf", f"https://www.bilibili.com/video/{BV}#reply1"])


WHOLE = st.builds(lambda a, b, u: item(1) | b | {"content_html": a, "url": u}, st.text(), FIELDS, ADDRESS)


@given(row=JSON | FIELDS | WHOLE)
def test_any_item_is_a_post_or_unusable(row: Any) -> None:
    try:
        found = item_of(row)
    except Unusable:
        return
    check_record(found.post, found.post.platform)


@given(text=st.text() | st.text().map(lambda t: f"<rss><channel><item><title>{t}</title></item></channel></rss>"))
def test_any_text_is_a_feed_or_none(text: str) -> None:
    with contextlib.suppress(NotAFeed, UnsafeXml):
        read_feed(text)
