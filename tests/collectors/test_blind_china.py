# ruff: noqa: E501 - tables of answers and what they mean, a row each
"""Blind check of the Chinese sources, from the fact sheets and the contract alone: Weibo, Bilibili, Douban.

All people and texts are invented. Known truth goes in; what comes out must be exactly that.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import blind_china_forums as forums
import blind_china_video as video
import blind_china_weibo as weibo
import pytest
from blind_china_common import HTML, C, W, author, counts, edges, mentions, newest, people, posts, rejected, utc, walk

from collectors.importers import values
from collectors.testing import Reply
from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import Post


# --- Weibo, mobile site ----------------------------------------------------------------------------
class TestWeiboPosts:
    @pytest.fixture(params=["keyword", "tag", "topic"])
    def mode(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    async def test_every_post_of_a_search_once(self, tmp_path: Path, mode: str) -> None:
        """A tag means the posts that carry it; words and a topic whatever the platform finds."""
        got = posts(await walk(weibo.Mobile(), tmp_path, "weibo", mode, "咖啡"))
        mine = {k for k in got if k.startswith("5230")}
        assert mine == {W(n) for n in ((1, 5) if mode == "tag" else range(1, 9))}
        assert set(got) - mine <= {"5220000000000900", "5220000000000901"}, "an original may come along, nothing else"

    async def test_a_search_that_ends_with_ok_0(self, tmp_path: Path) -> None:
        got = posts(await walk(weibo.Mobile(end_by_ok0=True), tmp_path, "weibo", "keyword", "咖啡"))
        assert {k for k in got if k.startswith("5230")} == {W(n) for n in range(1, 9)}

    async def test_nothing_found_is_an_end(self, tmp_path: Path) -> None:
        assert posts(await walk(weibo.Mobile(), tmp_path, "weibo", "keyword", "没人说过")) == {}

    async def found(self, folder: Path) -> dict[str, Post]:
        return posts(await walk(weibo.Mobile(), folder, "weibo", "keyword", "咖啡"))

    async def test_text_tags_mentions(self, tmp_path: Path) -> None:
        got = await self.found(tmp_path)
        one = got[W(1)]
        assert "第二行在这里" in one.text
        assert "全文" not in one.text
        assert "<" not in one.text
        assert "[偷笑]" in one.text
        assert "\u200b" not in one.text
        assert one.tags == ("咖啡", "手冲")
        assert mentions(one) == ["青柠阿博"]
        assert got[W(5)].tags == ("咖啡",)
        assert got[W(5)].text.count("#咖啡#") == 2
        assert "#" not in "".join(got[W(6)].tags)
        assert got[W(7)].tags == ()
        assert "example.invalid" in got[W(7)].text or "网页链接" in got[W(7)].text

    async def test_counts(self, tmp_path: Path) -> None:
        got = await self.found(tmp_path)
        assert counts(got[W(1)]) == (11_000, 6, 2)
        assert counts(got[W(2)]) == (1_000_000, 0, 123)
        assert counts(got[W(6)]) == (130_000_000, 0, 0)
        assert counts(got[W(7)]) == (None, None, None), "not said is not zero"

    async def test_times(self, tmp_path: Path) -> None:
        got = await self.found(tmp_path)
        assert got[W(1)].created == utc("2026-11-20 21:30:00")
        assert abs((got[W(2)].created or 0) - (time.time() - 300)) < 90
        assert got[W(5)].created == utc("2026-11-20 18:00:00")
        assert got[W(6)].created == utc("2026-11-20 17:00:01")
        assert got[W(7)].created == newest("11-19 16:00:00")
        assert {p.zone for p in got.values()} == {"+08:00"}

    async def test_people(self, tmp_path: Path) -> None:
        found = await walk(weibo.Mobile(), tmp_path, "weibo", "keyword", "咖啡")
        who = people(found)
        anna, bo, shop, deng = (who[f"171000000{n}"] for n in (1, 2, 3, 4))
        assert (anna.name, anna.gender, anna.followers, anna.following, anna.posts) == (
            "苔痕阿暖",
            "female",
            12_000,
            120,
            88,
        )
        assert anna.verified is False
        assert (bo.gender, bo.followers, bo.following, bo.verified) == ("male", 1_000_000, 88, True)
        assert bo.kind in {None, "person"}
        assert (shop.kind, shop.verified, shop.followers) == ("brand", True, 3456)
        assert (deng.name, deng.gender, deng.followers, deng.verified) == ("灯下小登", None, None, None)
        got = posts(found)
        assert [author(got[W(n)]) for n in (1, 2, 3, 8)] == ["1710000001", "1710000002", "1710000004", "1710000001"]

    async def test_region_as_said(self, tmp_path: Path) -> None:
        got = await self.found(tmp_path)
        assert (got[W(1)].region, got[W(3)].region, got[W(2)].region) == ("上海", "江苏", None)

    async def test_reposts_and_deleted_originals(self, tmp_path: Path) -> None:
        found = await walk(weibo.Mobile(), tmp_path, "weibo", "keyword", "咖啡")
        got = posts(found)
        assert (got[W(3)].kind, got[W(3)].repost_of) == ("repost", "5220000000000900")
        assert got[W(3)].text.startswith("说得好")
        assert (got[W(4)].kind, got[W(4)].repost_of) == ("repost", "5220000000000901")
        assert got[W(1)].repost_of is None
        gone = got.get("5220000000000901")
        assert gone is None or gone.author is None
        if (origin := got.get("5220000000000900")) is not None:
            assert (author(origin), origin.text, origin.created) == (
                "1710000003",
                "原来的那条",
                utc("2026-11-19 08:00"),
            )
        assert rejected(found) == 0

    async def test_pinned_first_and_the_start_of_the_time(self, tmp_path: Path) -> None:
        found = await walk(weibo.Mobile(), tmp_path, "weibo", "account", str(weibo.UID), since=utc("2026-11-01"))
        assert set(posts(found)) == {W(52), W(53), W(54)}
        whole = await walk(weibo.Mobile(), tmp_path, "weibo", "account", str(weibo.UID))
        assert set(posts(whole)) == {W(n) for n in (51, 52, 53, 54, 55)}

    async def test_limit_is_not_eaten_by_the_pinned_one(self, tmp_path: Path) -> None:
        found = await walk(
            weibo.Mobile(), tmp_path, "weibo", "account", str(weibo.UID), since=utc("2026-11-01"), limit=2
        )
        assert set(posts(found)) == {W(52), W(53)}

    @pytest.mark.parametrize("value", [weibo.HEX, f"https://m.weibo.cn/p/index?containerid={weibo.HEX}_-_feed"])
    async def test_super_topic(self, tmp_path: Path, value: str) -> None:
        found = await walk(weibo.Mobile(), tmp_path, "weibo", "group", value)
        got = posts(found)
        assert set(got) == {W(71), W(72), W(73)}
        for one in got.values():
            assert one.group is not None
            assert (one.group.native_id, one.group.name, one.group.kind) == (weibo.HEX, "咖啡", "supertopic")
        assert abs((got[W(72)].created or 0) - (time.time() - 600)) < 90


class TestWeiboRelations:
    @pytest.mark.parametrize(
        "value", [str(weibo.MID), "https://m.weibo.cn/detail/5230000000000101", values.mid_to_bid(str(weibo.MID))]
    )
    async def test_comments_of_all_pages_and_levels(self, tmp_path: Path, value: str) -> None:
        found = await walk(weibo.Mobile(), tmp_path, "weibo", "post", value, "replies")
        got = posts(found)
        assert set(got) == {W(1), *(C(n) for n in (1001, 1002, 1003, 1004, 1011, 1012, 1013))}
        assert {p.root for k, p in got.items() if k != W(1)} == {W(1)}
        assert {k: p.reply_to for k, p in got.items() if k != W(1)} == {
            C(1001): W(1), C(1002): W(1), C(1003): W(1), C(1004): W(1),
            C(1011): C(1001), C(1012): C(1011), C(1013): C(1001),
        }  # fmt: skip
        assert {p.kind for k, p in got.items() if k != W(1)} == {"comment"}
        assert (got[C(1001)].likes, got[C(1001)].region, got[C(1001)].comments) == (12_000, "江苏", 3)
        assert got[C(1001)].text == "想去！[哈哈]" or got[C(1001)].text == "想去！[偷笑]"
        assert got[C(1011)].region == "上海"
        assert (got[C(1012)].likes, mentions(got[C(1012)])) == (3, ["苔痕阿暖"])
        assert got[C(1002)].region is None
        assert got[C(1003)].created == utc("2026-11-20 22:02:00")
        assert author(got[C(1013)]) == "1710000005"

    async def test_how_many_comments_were_seen_adds_up(self, tmp_path: Path) -> None:
        """Seven by the platform's own word, answers included, and seven came: nothing is missing."""
        found = await walk(weibo.Mobile(), tmp_path, "weibo", "post", str(weibo.MID), "replies")
        told = [e for page in found for e in page.extents if e.kind == "replies"]
        assert (sum(e.seen for e in told), sum(e.said or 0 for e in told)) == (7, 7)
        assert {e.reason for e in told} == {None}

    async def test_old_comments_where_the_new_list_is_a_page(self, tmp_path: Path) -> None:
        for wrong in (Reply(b"<html><body>x</body></html>", 200, HTML), Reply(b"", 403), Reply(b"", 200)):
            app = weibo.Mobile({"/comments/hotflow": wrong})
            got = posts(await walk(app, tmp_path, "weibo", "post", str(weibo.MID), "replies"))
            assert set(got) == {W(1), C(1001), C(1005)}
            assert (got[C(1001)].likes, got[C(1005)].likes) == (12, 12_000)
            assert (got[C(1005)].reply_to, got[C(1005)].root, got[C(1005)].region) == (C(1001), W(1), None)
            assert got[C(1005)].created == utc("2026-11-20 22:04:00")

    async def test_reposts(self, tmp_path: Path) -> None:
        got = posts(await walk(weibo.Mobile(), tmp_path, "weibo", "post", str(weibo.MID), "reposts"))
        assert set(got) == {W(1), C(2001), C(2002)}
        assert {got[C(n)].kind for n in (2001, 2002)} == {"repost"}
        assert got[C(2001)].repost_of == W(1)
        assert (author(got[C(2002)]), got[C(2002)].likes) == ("1710000004", 2)
        assert got[C(2002)].created == utc("2026-11-20 23:10:00")
        assert got[C(2001)].comments is None

    async def test_likes(self, tmp_path: Path) -> None:
        found = await walk(weibo.Mobile(), tmp_path, "weibo", "post", str(weibo.MID), "likes")
        got = edges(found, "like")
        assert [(a, t, p) for a, t, _, p in got] == [(f"171000000{n}", "1710000001", W(1)) for n in (2, 3, 5)]

    async def test_followers_and_following(self, tmp_path: Path) -> None:
        found = await walk(weibo.Mobile(), tmp_path, "weibo", "account", str(weibo.UID), "followers")
        assert edges(found, "follow") == [(f"171000000{n}", "1710000001", None, None) for n in (2, 4, 5)]
        found = await walk(weibo.Mobile(), tmp_path, "weibo", "account", str(weibo.UID), "following")
        assert {(a, t) for a, t, _, _ in edges(found, "follow")} >= {
            ("1710000001", "1710000002"),
            ("1710000001", "1710000004"),
        }

    async def test_the_person_of_an_account(self, tmp_path: Path) -> None:
        who = people(await walk(weibo.Mobile(), tmp_path, "weibo", "account", str(weibo.UID)))
        assert (who["1710000001"].followers, who["1710000001"].gender, who["1710000001"].bio) == (
            12_000,
            "female",
            "爱喝咖啡",
        )


WALL = Reply({"ok": -100, "errno": "100005", "msg": "", "url": "https://passport.weibo.com/sso/signin?x"})
VISITOR = Reply(b"<html><head><title>Sina Visitor System</title></head></html>", 200, HTML)
WEIBO_WRONG: list[tuple[str, Reply, tuple[type[CollectorError], ...]]] = [
    ("wall", WALL, (NeedsLogin,)),
    ("visitor page", VISITOR, (NeedsLogin,)),
    ("302", Reply(b"", 302, {"Location": "https://passport.weibo.com/visitor/visitor"}), (NeedsLogin,)),
    ("401", Reply(b"", 401), (NeedsLogin,)),
    ("414", Reply(b"<html>414</html>", 414, HTML), (NeedsLogin, Blocked)),
    ("captcha", Reply({"ok": 0, "url": "https://m.weibo.cn/sorry?x"}), (Blocked, NeedsLogin)),
    ("captcha without ok", Reply({"url": "https://m.weibo.cn/c/verify"}), (Blocked, NeedsLogin)),
    ("432", Reply(b"", 432), (Retry, Blocked)),
    ("418", Reply(b"", 418), (Retry, Blocked)),
    ("403", Reply(b"", 403), (Retry, Blocked)),
    ("429", Reply(b"", 429), (Retry,)),
    ("too often", Reply({"ok": 0, "msg": "请求过于频繁,歇歇吧"}), (Retry,)),
    ("errno", Reply({"ok": 0, "errno": "100015", "msg": "请求过于频繁,歇歇吧"}), (Retry,)),
    ("another no", Reply({"ok": 0, "msg": "系统繁忙"}), (Retry, Blocked, Gone, BrokenAnswer)),
    ("html", Reply(b"<html><body>hello</body></html>", 200, HTML), (Blocked, NeedsLogin, BrokenAnswer, Retry)),
    ("empty body", Reply(b"", 200), (Blocked, NeedsLogin, BrokenAnswer, Retry)),
    ("no data", Reply({"ok": 1}), (BrokenAnswer, Blocked)),
    ("no cards", Reply({"ok": 1, "data": {"list": []}}), (BrokenAnswer,)),
    (
        "cards of another kind",
        Reply({"ok": 1, "data": {"cardlistInfo": {"page": 2}, "cards": {"a": 1}}}),
        (BrokenAnswer,),
    ),
    ("500", Reply(b"", 500), (Retry,)),
]


@pytest.mark.parametrize(("reply", "want"), [w[1:] for w in WEIBO_WRONG], ids=[w[0] for w in WEIBO_WRONG])
async def test_weibo_wrong(tmp_path: Path, reply: Reply, want: tuple[type[CollectorError], ...]) -> None:
    with pytest.raises(want):
        await walk(weibo.Mobile({"/api/container/getIndex": reply}), tmp_path, "weibo", "keyword", "咖啡")


async def test_weibo_posts_without_mblog_are_no_success(tmp_path: Path) -> None:
    renamed = Reply(
        {"ok": 1, "data": {"cardlistInfo": {"page": 2}, "cards": [{"card_type": 9, "status": weibo.BLOGS[2]}] * 9}}
    )
    with pytest.raises(BrokenAnswer):
        await walk(weibo.Mobile({"/api/container/getIndex": renamed}), tmp_path, "weibo", "keyword", "咖啡")


async def test_weibo_without_a_cookie(tmp_path: Path) -> None:
    with pytest.raises(NeedsLogin):
        await walk(weibo.Mobile(), tmp_path, "weibo", "keyword", "咖啡", login=False)


async def test_weibo_post_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(Gone):
        await walk(weibo.Mobile(), tmp_path, "weibo", "post", "5230000000009999")


# --- Weibo, open platform --------------------------------------------------------------------------
class TestWeiboOpen:
    async def test_own_timeline(self, tmp_path: Path) -> None:
        found = await walk(weibo.Open(), tmp_path, "weibo_open", "account", "1710000001")
        got = {k: v for k, v in posts(found).items() if k.startswith("523")}
        assert set(got) == {W(1).replace("101", "201"), "5230000000000200", "5230000000000199"}
        one = got["5230000000000201"]
        assert (author(one), one.created, counts(one)) == ("1710000001", utc("2026-11-20 09:30"), (17, 5, 2))
        assert one.platform == "weibo"
        assert (one.tags, mentions(one)) == (("试吃",), ["云脚咖啡馆"])
        two, three = got["5230000000000200"], got["5230000000000199"]
        assert (two.kind, two.repost_of, counts(two)) == ("repost", "5220000000000900", (None, None, 0))
        assert (three.kind, three.repost_of, counts(three)) == ("repost", "5220000000000901", (None, 0, None))
        me = people(found)["1710000001"]
        assert (me.gender, me.followers, me.following, me.posts) == ("female", 321, 120, 88)
        assert (me.region or "").startswith("上海")

    async def test_a_post_with_all(self, tmp_path: Path) -> None:
        found = await walk(weibo.Open(), tmp_path, "weibo_open", "post", "5230000000000201", "replies", "reposts")
        got = posts(found)
        assert set(got) == {"5230000000000201", C(1201), C(1202), C(2201)}
        assert (got[C(1201)].reply_to, got[C(1201)].root) == ("5230000000000201",) * 2
        assert (got[C(1202)].reply_to, got[C(1202)].root) == (C(1201), "5230000000000201")
        assert (got[C(2201)].kind, got[C(2201)].repost_of) == ("repost", "5230000000000201")
        assert people(found)["1710000006"].gender is None

    async def test_followers_over_an_empty_page(self, tmp_path: Path) -> None:
        found = await walk(weibo.Open(), tmp_path, "weibo_open", "account", "1710000001", "followers")
        assert edges(found, "follow") == [(f"171000000{n}", "1710000001", None, None) for n in (2, 6)]

    async def test_no_token(self, tmp_path: Path) -> None:
        with pytest.raises(NeedsLogin):
            await walk(weibo.Open(), tmp_path, "weibo_open", "account", "1710000001", login=False)

    @pytest.mark.parametrize("as_text", [True, False])
    @pytest.mark.parametrize(
        ("code", "status", "want"),
        [
            (10001, 503, (Retry,)), (10002, 503, (Retry,)), (10009, 400, (Retry,)), (10011, 400, (Retry,)),
            (10003, 400, (Retry,)), (10010, 400, (Retry,)),
            (10004, 403, (Retry,)), (10022, 403, (Retry,)), (10023, 403, (Retry,)), (10024, 403, (Retry,)),
            (10005, 403, (Blocked, NeedsLogin)), (10014, 403, (Blocked, NeedsLogin)), (10032, 403, (Blocked, NeedsLogin)),
            (10006, 400, (NeedsLogin,)), (10007, 400, (NeedsLogin,)), (10013, 400, (NeedsLogin,)),
            (10008, 400, (BadQuery,)), (10016, 400, (BadQuery,)), (10017, 400, (BadQuery,)), (10018, 413, (BadQuery,)),
            (10012, 400, (BadQuery,)), (10020, 404, (BadQuery,)), (10021, 405, (BadQuery,)),
            (20003, 400, (Gone,)), (20101, 400, (Gone,)), (20112, 403, (Blocked, Gone)),
            (21301, 403, (NeedsLogin,)), (21314, 401, (NeedsLogin,)), (21319, 403, (NeedsLogin,)),
            (21327, 403, (NeedsLogin,)), (21332, 403, (NeedsLogin,)), (10006, 200, (NeedsLogin,)),
        ],
    )  # fmt: skip
    async def test_codes(self, tmp_path: Path, code: int, status: int, want: Any, as_text: bool) -> None:
        said = {"error_code": str(code) if as_text else code, "error": "x"} | (
            {"request": "/2/x.json"} if as_text else {}
        )
        app = weibo.Open({"/2/statuses/show.json": Reply(said, status)})
        with pytest.raises(want):
            await walk(app, tmp_path, "weibo_open", "post", "5230000000000201")


# --- Bilibili --------------------------------------------------------------------------------------
R = "2500000000{:02}".format


class TestBilibili:
    async def test_a_search_with_all_its_pages(self, tmp_path: Path) -> None:
        found = await walk(video.Video(), tmp_path, "bilibili", "keyword", "咖啡", login=False)
        got = posts(found)
        assert set(got) == {f"115000000{n}" for n in (1, 2, 3, 4)}
        one, two, three, four = (got[f"115000000{n}"] for n in (1, 2, 3, 4))
        assert one.title == "手冲咖啡入门 & 进阶"
        assert "简介1" in one.text
        assert (one.likes, one.comments, one.saves, one.views) == (800, 45, 210, 12_000)
        assert one.shares is None, "the search does not say"
        assert (two.likes, two.views) == (12_000, None)
        assert (three.likes, three.saves) == (None, None)
        assert one.tags == ("咖啡", "手冲", "生活")
        assert four.tags == ()
        assert (author(one), author(two)) == ("210000001", "210000002")
        assert one.created == 1795000000 - 86400
        assert not any("<em" in text for r in got.values() for text in (r.text, r.title or ""))

    async def test_a_tag_means_the_tag(self, tmp_path: Path) -> None:
        got = posts(await walk(video.Video(), tmp_path, "bilibili", "tag", "咖啡", login=False))
        assert set(got) == {"1150000001", "1150000002"}

    async def test_dynamics_of_all_kinds(self, tmp_path: Path) -> None:
        got = posts(await walk(video.Video(), tmp_path, "bilibili", "topic", "9002", login=False))
        number = "10000000000000000{:02}".format
        assert {number(4), number(5), number(7)} <= set(got) <= {number(n) for n in (4, 5, 6, 7)}
        opus, forward, lost = got[number(4)], got[number(5)], got[number(7)]
        assert opus.text == "图文 #咖啡# 一组"
        assert opus.tags == ("咖啡",)
        assert counts(opus) == (None, None, None)
        assert (forward.kind, forward.repost_of, forward.text) == ("repost", number(6), "转一下")
        assert (lost.text, lost.repost_of) == ("原来的没了", None)

    async def test_who_passed_a_dynamic_on_and_who_liked_it(self, tmp_path: Path) -> None:
        found = await walk(video.Video(), tmp_path, "bilibili", "topic", "9001", "reposts", "likes", login=False)
        got = {k: p for k, p in posts(found).items() if p.kind == "repost"}
        assert set(got) == {f"10000000000000001{n}" for n in ("09", "10", "11")}
        assert {p.repost_of for p in got.values()} == {"1000000000000000001"}
        second = got["1000000000000000110"]
        assert (author(second), second.created, mentions(second)) == ("200000005", 1795002010, ["示例UP"])
        assert {(a, t, p) for a, t, _, p in edges(found, "like") if p == "1000000000000000001"} == {
            ("200000005", "220000001", "1000000000000000001")
        }

    async def test_no_hit_is_an_end(self, tmp_path: Path) -> None:
        assert posts(await walk(video.Video(), tmp_path, "bilibili", "keyword", "没有的词", login=False)) == {}

    @pytest.mark.parametrize("value", ["9001", "咖啡"])
    async def test_topic(self, tmp_path: Path, value: str) -> None:
        got = posts(await walk(video.Video(), tmp_path, "bilibili", "topic", value, login=False))
        assert set(got) == {f"10000000000000000{n:02}" for n in (1, 2, 3)}
        one = got["1000000000000000001"]
        assert (author(one), one.created, counts(one)) == ("220000001", 1795000000, (20, 3, 12_000))
        assert one.tags == ("咖啡", "手冲") or set(one.tags) == {"咖啡", "手冲"}
        assert [(m.name, m.native_id) for m in one.mentions] == [("示例UP", "200000001")]
        assert got["1000000000000000002"].created == 1794999000

    @pytest.mark.parametrize("value", [video.BV, f"https://www.bilibili.com/video/{video.BV}/?p=1", f"av{video.AID}"])
    async def test_a_video(self, tmp_path: Path, value: str) -> None:
        found = await walk(video.Video(), tmp_path, "bilibili", "post", value, login=False)
        got = posts(found)
        assert set(got) == {str(video.AID)}
        one = got[str(video.AID)]
        assert (one.title, author(one), one.created) == ("手冲咖啡入门", "200000001", 1795000000)
        assert (one.likes, one.comments, one.shares, one.saves, one.views) == (800, 8, 12, 210, 12_000)
        assert set(one.tags) == {"咖啡", "器材"}

    async def test_comments_of_a_visitor(self, tmp_path: Path) -> None:
        found = await walk(video.Video(), tmp_path, "bilibili", "post", video.BV, "replies", login=False)
        got = posts(found)
        assert set(got) == {str(video.AID), R(1), R(2), R(11), R(12), R(13)}
        assert {p.root for k, p in got.items() if k != str(video.AID)} == {str(video.AID)}
        aid = str(video.AID)
        assert {k: p.reply_to for k, p in got.items() if k != aid} == {
            R(1): aid, R(2): aid, R(11): R(1), R(12): R(11), R(13): R(1)
        }  # fmt: skip
        assert (got[R(1)].region, got[R(1)].created, got[R(1)].comments) == ("上海", 1795001001, 3)
        assert [(m.name, m.native_id) for m in got[R(1)].mentions] == [("示例UP", "200000001")]
        assert (got[R(2)].likes, got[R(2)].region) == (None, None)
        assert got[R(1)].author is not None
        assert got[R(1)].author.gender == "female"
        assert got[R(2)].author is not None
        assert got[R(2)].author.gender is None

    async def test_comments_with_a_cookie(self, tmp_path: Path) -> None:
        got = posts(await walk(video.Video(), tmp_path, "bilibili", "post", video.BV, "replies"))
        assert set(got) == {str(video.AID), *(R(n) for n in (1, 2, 3, 11, 12, 13))}
        assert got[R(3)].likes == 11_000

    async def test_followers(self, tmp_path: Path) -> None:
        found = await walk(video.Video(), tmp_path, "bilibili", "account", "200000001", "followers")
        got = edges(found, "follow")
        assert [(a, t) for a, t, _, _ in got] == [(str(230000000 + n), "200000001") for n in (10, 11, 20, 21)]
        assert all(time_ in {None, 1794000000 - 1, 1794000000 - 2} for _, _, time_, _ in got)

    async def test_followers_without_a_cookie(self, tmp_path: Path) -> None:
        found = await walk(video.Video(), tmp_path, "bilibili", "account", "200000001", "followers", login=False)
        assert edges(found, "follow") == []
        assert ("followers", "collect.needs_login") in {(e.kind, e.reason) for page in found for e in page.extents}

    async def test_closed_comments_are_an_end(self, tmp_path: Path) -> None:
        closed = Reply({"code": 12002, "message": "评论区已关闭", "ttl": 1})
        app = video.Video({"/x/v2/reply": closed, "/x/v2/reply/main": closed})
        assert set(posts(await walk(app, tmp_path, "bilibili", "post", video.BV, "replies"))) == {str(video.AID)}

    @pytest.mark.parametrize(
        ("reply", "want"),
        [
            (Reply({"code": -101, "message": "账号未登录", "ttl": 1}), (NeedsLogin,)),
            (Reply({"code": -6, "message": "x", "ttl": 1}), (NeedsLogin,)),
            (Reply({"code": -400, "message": "请求错误", "ttl": 1}), (BadQuery,)),
            (Reply({"code": -403, "message": "访问权限不足", "ttl": 1}), (Blocked,)),
            (Reply({"code": -412, "message": "request was banned", "ttl": 1}), (Blocked, Retry)),
            (Reply(b"<html>412 banned</html>", 412, HTML), (Blocked, Retry)),
            (Reply({"code": -412, "message": "request was banned"}, 412), (Blocked, Retry)),
            (Reply({"code": -352, "message": "-352", "ttl": 1, "data": {"v_voucher": "voucher_x"}}), (Blocked, Retry)),
            (Reply({"code": 0, "message": "0", "ttl": 1, "data": {"v_voucher": "voucher_x"}}), (Blocked, Retry)),
            (Reply({"code": "-352", "message": "-352"}), (Blocked, Retry)),
            (Reply({"code": -799, "message": "请求过于频繁", "ttl": 1}), (Retry,)),
            (Reply(b"<html>login</html>", 200, HTML), (BrokenAnswer, Blocked, NeedsLogin)),
            (Reply(b"", 200), (BrokenAnswer, Blocked, Retry)),
            (Reply({"code": 0, "message": "0"}), (BrokenAnswer, Blocked)),
            (Reply({"code": 0, "data": {"page": 1, "numResults": 300, "numPages": 15}}), (BrokenAnswer, Blocked)),
            (
                Reply({"code": 0, "data": {"page": 1, "numResults": 2, "numPages": 1, "result": {"a": 1}}}),
                (BrokenAnswer,),
            ),
            (Reply({"message": "x"}), (BrokenAnswer,)),
            (Reply({"code": 88888, "message": "??"}), (BrokenAnswer, Retry, Blocked)),
        ],
    )
    async def test_wrong(self, tmp_path: Path, reply: Reply, want: Any) -> None:
        app = video.Video({"/x/web-interface/search/type": reply, "/x/web-interface/wbi/search/type": reply})
        with pytest.raises(want):
            await walk(app, tmp_path, "bilibili", "keyword", "咖啡", login=False)

    async def test_gone(self, tmp_path: Path) -> None:
        with pytest.raises(Gone):
            await walk(video.Video(), tmp_path, "bilibili", "post", "BV1yy411c7mZ", login=False)


# --- Douban ----------------------------------------------------------------------------------------
class TestDouban:
    @pytest.mark.parametrize("value", ["500001", "https://www.douban.com/group/500001/", "coffee"])
    async def test_a_group(self, tmp_path: Path, value: str) -> None:
        found = await walk(forums.Douban(), tmp_path, "douban", "group", value, login=False)
        got = posts(found)
        assert set(got) == set(forums.POSTS), "deleted topics are left out, a repeated row is once"
        one, two, three = (got[f"31000000{n}"] for n in (1, 2, 3))
        assert (one.created, two.created) == (utc("2026-11-20 20:00:00"), utc("2026-11-19 09:00:00"))
        assert one.title == "话题1"
        assert "正文1" in one.text
        assert "第二段 & 完" in one.text
        assert (one.likes, one.comments, one.shares, one.saves) == (3, 4, 1, 2)
        assert (two.likes, two.region, one.region, three.comments) == (None, None, "上海", 1)
        assert one.group is not None
        assert (one.group.native_id, one.group.name) == ("500001", "示例咖啡小组")
        assert (author(one), author(three)) == ("100000001", "vanity")
        assert one.author is not None
        assert two.author is not None
        assert three.author is not None
        assert (one.author.gender, two.author.gender, three.author.gender) == ("female", "male", None)
        assert one.author.followers is None

    async def test_since_goes_by_creation_and_not_by_the_order_of_the_list(self, tmp_path: Path) -> None:
        found = await walk(forums.Douban(), tmp_path, "douban", "group", "500001", since=utc("2026-11-01"), login=False)
        assert set(posts(found)) == {"310000001", "310000002"}

    @pytest.mark.parametrize("value", ["310000001", "https://www.douban.com/group/topic/310000001/?start=0"])
    async def test_comments(self, tmp_path: Path, value: str) -> None:
        found = await walk(forums.Douban(), tmp_path, "douban", "post", value, "replies", login=False)
        got = posts(found)
        assert set(got) == {"310000001", *(f"420000000{n}" for n in (1, 2, 3, 4))}
        top = "310000001"
        assert {k: p.reply_to for k, p in got.items() if k != top} == {
            "4200000001": top, "4200000002": "4200000001", "4200000003": top, "4200000004": top
        }  # fmt: skip
        assert {p.root for k, p in got.items() if k != top} == {top}
        assert got["4200000002"].text == "谢谢"
        assert (got["4200000003"].likes, got["4200000003"].region, author(got["4200000003"])) == (
            3,
            "江苏",
            "vanity",
        )
        assert (got["4200000001"].created, got["4200000004"].region) == (utc("2026-11-20 22:00:01"), None)

    async def test_comments_that_a_page_repeats(self, tmp_path: Path) -> None:
        app = forums.Douban({self.TOPIC + "/comments": Reply({"msg": "need_login", "code": 1001})})
        got = posts(await walk(app, tmp_path, "douban", "post", "310000001", "replies", login=False))
        assert set(got) == {"310000001", "4200000001", "4200000002"}

    LIST = r"/group/500001/(discussion)?"
    TOPIC = r"/rexxar/api/v2/group/topic/\d+"

    @pytest.mark.parametrize("where", [LIST, TOPIC])
    @pytest.mark.parametrize(
        ("reply", "want"),
        [
            (Reply(b"", 403), (Blocked, Retry)),
            (Reply(b"", 429), (Retry,)),
            (Reply(b"", 302, {"Location": "https://sec.douban.com/b?r=x"}), (Blocked, Retry)),
            (Reply(b"", 302, {"Location": "https://accounts.douban.com/passport/login?x"}), (NeedsLogin, Blocked)),
            (
                Reply("<html>检测到有异常请求从你的 IP 发出，请登录使用豆瓣</html>".encode(), 200, HTML),
                (Blocked, NeedsLogin),
            ),
            (Reply(b"<html><body>new look</body></html>", 200, HTML), (BrokenAnswer, Blocked, NeedsLogin)),
            (Reply(b"", 200, HTML), (BrokenAnswer, Blocked, Retry)),
        ],
    )
    async def test_wrong(self, tmp_path: Path, where: str, reply: Reply, want: Any) -> None:
        app = forums.Douban({where: reply, r"/group/topic/\d+/": Reply(b"", 404)})
        with pytest.raises(want):
            await walk(app, tmp_path, "douban", "group", "500001", login=False)

    @pytest.mark.parametrize(
        ("reply", "want"),
        [
            (Reply({"msg": "need_login", "code": 1001, "request": "GET", "localized_message": ""}, 403), (NeedsLogin,)),
            (Reply({"msg": "need_login", "code": 1001, "request": "GET", "localized_message": ""}, 400), (NeedsLogin,)),
            (Reply({"msg": "need_login", "code": 1001, "request": "GET"}, 200), (NeedsLogin,)),
            (Reply({"msg": "topic_not_found", "code": 4000}, 404), (Gone,)),
            (Reply({"strange": 1}, 200), (BrokenAnswer,)),
        ],
    )
    async def test_wrong_topic(self, tmp_path: Path, reply: Reply, want: Any) -> None:
        app = forums.Douban({self.TOPIC: reply, r"/group/topic/\d+/": Reply(b"", 404)})
        with pytest.raises(want):
            await walk(app, tmp_path, "douban", "post", "310000001", login=False)

    async def test_a_topic_by_its_page(self, tmp_path: Path) -> None:
        app = forums.Douban({r"/rexxar/.*": Reply(b"<html>app only</html>", 200, HTML)})
        got = posts(await walk(app, tmp_path, "douban", "post", "310000001", "replies", login=False))
        assert set(got) == {"310000001", "4200000001", "4200000002"}
        one, said, thanks = got["310000001"], got["4200000001"], got["4200000002"]
        assert (one.title, one.created, author(one), one.region) == (
            "话题1",
            utc("2026-11-20 20:00"),
            "100000001",
            "上海",
        )
        assert "第二段 & 完" in one.text
        assert (one.likes, one.shares) == (None, None)
        assert (said.created, said.region, said.likes, author(said)) == (
            utc("2026-11-20 22:00:01"),
            "上海",
            3,
            "100000002",
        )
        assert (thanks.text, thanks.region, thanks.root) == ("谢谢", None, "310000001")
        assert said.author is not None
        assert said.author.name == "组员阿柏"

    async def test_comments_of_another_shape(self, tmp_path: Path) -> None:
        page = {r"/group/topic/\d+/": Reply(b"", 404)}
        app = forums.Douban({self.TOPIC + "/comments": Reply({"start": 0, "items": []})} | page)
        with pytest.raises(BrokenAnswer):
            await walk(app, tmp_path, "douban", "post", "310000001", "replies", login=False)
