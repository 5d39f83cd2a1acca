"""Blind check of the Chinese sources, from the fact sheets and the contract alone: Zhihu, RSSHub.

All people and texts are invented. Known truth goes in; what comes out must be exactly that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import blind_china_feeds as feeds
import blind_china_forums as forums
import pytest
from blind_china_common import HTML, author, counts, posts, utc, walk

from collectors.testing import Reply
from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone, NeedsLogin, Retry


# --- Zhihu -----------------------------------------------------------------------------------------
class TestZhihu:
    async def test_search(self, tmp_path: Path) -> None:
        found = await walk(forums.Zhihu(), tmp_path, "zhihu", "keyword", "咖啡|咖啡豆")
        got = posts(found)
        assert {"3000000001", "3000000002"} <= set(got) <= {"3000000001", "3000000002", "600000003"}
        one, two = got["3000000001"], got["3000000002"]
        assert (one.title, counts(one)) == ("如何挑选咖啡豆？", (340, 12, None))
        assert "先看烘焙日期" in one.text
        assert one.created is None, "the time of the last edit is no time of writing"
        assert author(one) == "name:答主阿竹"
        assert two.author is None
        assert (two.likes, two.comments) == (7, 0)
        assert one.url is not None
        assert "utm_" not in one.url
        assert one.group is not None
        assert one.group.native_id == "600000001"

    async def test_nothing_found(self, tmp_path: Path) -> None:
        assert posts(await walk(forums.Zhihu(), tmp_path, "zhihu", "keyword", "没有的词")) == {}

    @pytest.mark.parametrize("value", ["600000001", "https://www.zhihu.com/question/600000001/answer/3000000001"])
    async def test_answers(self, tmp_path: Path, value: str) -> None:
        got = posts(await walk(forums.Zhihu(), tmp_path, "zhihu", "group", value))
        assert set(got) == {str(3000000010 + n) for n in range(5)}
        assert {p.text for p in got.values()} == {f"摘要{n}" for n in range(5)}
        assert {(p.author, p.created, counts(p)) for p in got.values()} == {(None, None, (None, None, None))}

    async def test_comments_under_own_content(self, tmp_path: Path) -> None:
        url = "https://www.zhihu.com/question/600000001/answer/3000000001"
        got = posts(await walk(forums.Zhihu(), tmp_path, "zhihu", "post", url))
        mine = {k: p for k, p in got.items() if k.startswith("11")}
        assert set(mine) == {"11000000001", "11000000002", "11000000003"}
        assert (mine["11000000001"].text, mine["11000000001"].likes, mine["11000000001"].created) == (
            "同意",
            3,
            1795001000,
        )
        assert (mine["11000000002"].reply_to, mine["11000000002"].root) == ("11000000001", "3000000001")
        assert (mine["11000000001"].reply_to, mine["11000000001"].root) == ("3000000001", "3000000001")
        assert (mine["11000000002"].text, mine["11000000002"].likes, mine["11000000002"].created) == (
            "我也&",
            None,
            1795001100,
        )

    async def test_no_quota_left_spends_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(Retry):
            await walk(forums.Zhihu(left=0), tmp_path, "zhihu", "keyword", "咖啡")

    async def test_no_secret(self, tmp_path: Path) -> None:
        with pytest.raises(NeedsLogin):
            await walk(forums.Zhihu(), tmp_path, "zhihu", "keyword", "咖啡", login=False)

    @pytest.mark.parametrize("as_text", [True, False])
    @pytest.mark.parametrize(
        ("code", "want"),
        [(10001, (BadQuery,)), (20001, (NeedsLogin,)), (30001, (Retry,)), (30002, (Retry,)), (30003, (Blocked,)),
         (90001, (Retry,)), (77777, (BrokenAnswer, Retry, Blocked))],
    )  # fmt: skip
    async def test_codes(self, tmp_path: Path, code: int, want: Any, as_text: bool) -> None:
        said = Reply({"Code": str(code) if as_text else code, "Message": "no", "Data": None})
        with pytest.raises(want):
            await walk(forums.Zhihu({"zhihu_search": said}), tmp_path, "zhihu", "keyword", "咖啡")

    @pytest.mark.parametrize(
        ("reply", "want"),
        [
            (Reply(b"<html>login</html>", 200, HTML), (BrokenAnswer, Blocked, NeedsLogin)),
            (Reply(b"", 200), (BrokenAnswer, Retry, Blocked)),
            (Reply({"Code": 0, "Message": "success", "Data": {}}), (BrokenAnswer,)),
            (Reply({"Code": 0, "Message": "success", "Data": None}), (BrokenAnswer,)),
            (Reply({"Code": 0, "Message": "success", "Data": {"Items": {"a": 1}}}), (BrokenAnswer,)),
            (Reply({"error": {"code": 40362, "message": "risk"}}, 403), (Blocked,)),
            (Reply({"data": []}), (BrokenAnswer,)),
            (Reply(b"", 429, {"Retry-After": "30"}), (Retry,)),
        ],
    )
    async def test_wrong(self, tmp_path: Path, reply: Reply, want: Any) -> None:
        with pytest.raises(want):
            await walk(forums.Zhihu({"zhihu_search": reply}), tmp_path, "zhihu", "keyword", "咖啡")


# --- RSSHub ----------------------------------------------------------------------------------------
class TestRsshub:
    @pytest.mark.parametrize(
        ("mode", "value"),
        [("keyword", "weibo:咖啡"), ("tag", "weibo:咖啡"), ("group", f"weibo:{feeds.HEX}"), ("keyword", "微博:咖啡")],
    )
    async def test_weibo(self, tmp_path: Path, mode: str, value: str) -> None:
        from collectors.importers.values import bid_to_mid

        got = posts(await walk(feeds.Hub(), tmp_path, "rsshub", mode, value, login=False))
        one, two, three = (str(bid_to_mid(f"Qx1AbCdE{c}")) for c in "fgh")
        assert {p.platform for p in got.values()} == {"weibo"}
        assert {one, two} <= set(got) <= {one, two, three}
        assert (author(got[one]), author(got[two])) == ("1710000001", "1710000002")
        assert got[one].created == utc("2026-11-20 21:30:00")
        assert got[one].tags == ("咖啡",)
        assert got[one].text.startswith("#咖啡# 新店打卡")
        assert got[one].text.endswith("免得标题截断")
        assert "旧文" not in got[two].text
        assert got[two].tags == ()
        assert counts(got[one]) == (None, None, None)
        if three in got:
            assert got[three].created is None
        if mode == "group":
            assert got[one].group is not None
            assert (got[one].group.native_id, got[one].group.name) == (feeds.HEX, None), "a number is no name"

    async def test_bilibili_numbers_from_the_text(self, tmp_path: Path) -> None:
        got = posts(await walk(feeds.Hub(), tmp_path, "rsshub", "keyword", "bilibili:咖啡", login=False))
        assert set(got) == {"1150000001"}
        one = got["1150000001"]
        assert (one.platform, author(one), one.views, one.saves, one.comments) == (
            "bilibili",
            "200000001",
            12_000,
            210,
            45,
        )
        assert one.likes is None
        assert "AuthorID" not in one.text
        assert "一步一步" in one.text

    async def test_tieba(self, tmp_path: Path) -> None:
        got = posts(await walk(feeds.Hub(), tmp_path, "rsshub", "group", "tieba:咖啡吧", login=False))
        assert set(got) == {"9300000001", "9300000002"}
        one = got["9300000001"]
        assert (one.platform, author(one), one.title) == ("tieba", "name:吧友阿蓼", "手冲求教")
        assert "水温多少合适" in one.text
        assert "<不是标签>" in got["9300000002"].text
        assert one.group is not None
        assert (one.group.name or "").removesuffix("吧") == "咖啡"

    async def test_zhihu(self, tmp_path: Path) -> None:
        got = posts(await walk(feeds.Hub(), tmp_path, "rsshub", "topic", "zhihu:19550000", login=False))
        assert set(got) == {"3000000001"}
        assert got["3000000001"].platform == "zhihu"
        assert author(got["3000000001"]) == "name:答主阿竹"

    async def test_key(self, tmp_path: Path) -> None:
        got = posts(await walk(feeds.Hub(locked=True), tmp_path, "rsshub", "group", "tieba:咖啡"))
        assert len(got) == 2
        with pytest.raises(NeedsLogin):
            await walk(feeds.Hub(locked=True), tmp_path, "rsshub", "group", "tieba:咖啡", login=False)

    async def test_an_empty_route_is_an_end(self, tmp_path: Path) -> None:
        empty = feeds.error("this route is empty, please check the original site or create an issue")
        assert posts(await walk(feeds.Hub(empty), tmp_path, "rsshub", "keyword", "weibo:咖啡", login=False)) == {}

    @pytest.mark.parametrize(
        ("reply", "want"),
        [
            (feeds.error("Cookies expired"), (Blocked,)),
            (feeds.error("invalid response"), (Retry, Blocked, BrokenAnswer)),
            (feeds.error("ConfigNotFoundError: Config not found: WEIBO_COOKIES"), (Blocked,)),
            (feeds.error("Request https://m.weibo.cn/ failed: 432"), (Retry, Blocked)),
            (feeds.error("wrong path", 404), (BadQuery, Gone)),
            (feeds.error("This RSS is rejected", 403), (Blocked, NeedsLogin)),
            (Reply(b"<html>Looks like something went wrong</html>", 503, HTML), (Retry, Blocked, BrokenAnswer)),
            (Reply(b"<html>login</html>", 200, HTML), (BrokenAnswer, Blocked, NeedsLogin)),
            (Reply(b"", 200), (BrokenAnswer, Retry)),
            (Reply({"version": "https://jsonfeed.org/version/1.1", "title": "t"}), (BrokenAnswer,)),
            (Reply({"error": {"message": "Cookies expired"}}, 200), (NeedsLogin, Blocked, BrokenAnswer)),
        ],
    )
    async def test_wrong(self, tmp_path: Path, reply: Reply, want: Any) -> None:
        with pytest.raises(want):
            await walk(feeds.Hub(reply), tmp_path, "rsshub", "keyword", "weibo:咖啡", login=False)

    async def test_no_platform_named(self, tmp_path: Path) -> None:
        with pytest.raises(BadQuery):
            await walk(feeds.Hub(), tmp_path, "rsshub", "keyword", "咖啡", login=False)
