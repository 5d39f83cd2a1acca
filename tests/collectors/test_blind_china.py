"""Blind check of the Chinese sources: written from the fact sheets and the contract alone, without having read the code.

All people and texts are invented. Known truth goes in on one side; what comes out must be exactly that.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import blind_china_feeds as feeds
import blind_china_forums as forums
import blind_china_video as video
import blind_china_weibo as weibo
import pytest

from collectors.base import Page, Query, Relation
from collectors.registry import load
from collectors.testing import App, Reply, pages, scripted, transport
from collectors.testing.contract import check_record
from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import Account, Interaction, Post

HTML = {"Content-Type": "text/html; charset=utf-8"}
AnyError = CollectorError
LOGIN = {
    "weibo": {"cookie": weibo.COOKIE}, "weibo_open": {"token": weibo.TOKEN}, "bilibili": {"cookie": video.COOKIE},
    "douban": {"cookie": forums.DOUBAN_COOKIE}, "zhihu": {"token": forums.SECRET}, "rsshub": {"access_key": feeds.KEY},
}  # fmt: skip
SECRETS = ("blindsecret", "BlindSecret", forums.SECRET, feeds.KEY)


async def no_wait(seconds: float) -> None:
    await asyncio.sleep(0)


async def walk(
    app: App, folder: Path, platform: str, mode: Any, value: str, *with_: Relation, login: bool = True, **more: Any
) -> list[Page]:
    with scripted(app) as server:
        query = Query(mode, value, server.base, frozenset(with_), credentials=LOGIN[platform] if login else {}, **more)
        async with transport(server.base, folder, sleep=no_wait) as http:
            try:
                found = await pages(load(platform), query, http, most=200)
            except CollectorError as error:
                assert not any(secret in str(error) for secret in SECRETS)
                raise
        assert not [a for a in server.asked if a.method != "GET"]
        assert len(server.asked) < 150
    for page in found:
        for record in page.records:
            check_record(record, getattr(record, "platform", platform))
        assert not any(secret in repr((page.records, page.cursor, page.notes)) for secret in SECRETS)
    assert found[-1].cursor is None
    return found


def posts(found: list[Page]) -> dict[str, Post]:
    all_ = [r for page in found for r in page.records if isinstance(r, Post)]
    once = {p.native_id: p for p in all_}
    assert len(once) == len(all_), f"doubled: {[p.native_id for p in all_]}"
    return once


def people(found: list[Page]) -> dict[str, Account]:
    """Every account that was told of, in whatever record, the fullest last."""
    known: dict[str, Account] = {}
    for record in (r for page in found for r in page.records):
        for one in (
            (record,) if isinstance(record, Account) else (record.author,) if isinstance(record, Post)
            else (record.actor, record.target) if isinstance(record, Interaction) else ()
        ):  # fmt: skip
            if one is not None and (one.native_id not in known or one.followers is not None):
                known[one.native_id] = one
    return known


def edges(found: list[Page], kind: str) -> list[tuple[str, str, int | None, str | None]]:
    all_ = [r for page in found for r in page.records if isinstance(r, Interaction) and r.kind == kind]
    return sorted((i.actor.native_id, i.target.native_id, i.time, i.post) for i in all_)


def rejected(found: list[Page]) -> int:
    return sum(len(page.rejected) for page in found)


def utc(text: str) -> int:
    """China time → UTC seconds."""
    from datetime import datetime, timedelta, timezone

    return int(datetime.fromisoformat(text).replace(tzinfo=timezone(timedelta(hours=8))).timestamp())


def newest(month_day_time: str) -> int:
    """A time without year: the newest year that is not in the future."""
    year = time.gmtime(time.time() + 8 * 3600).tm_year
    found = utc(f"{year}-{month_day_time}")
    return found if found <= time.time() else utc(f"{year - 1}-{month_day_time}")


def author(post: Post) -> str | None:
    return post.author.native_id if post.author else None


def counts(post: Post) -> tuple[int | None, ...]:
    return (post.likes, post.comments, post.shares)


def mentions(post: Post) -> list[str]:
    return [m.name for m in post.mentions]


W = "52300000000001{:02}".format
C = "523000000000{}".format


# --- Weibo, mobile site ----------------------------------------------------------------------------------------------------
class TestWeiboPosts:
    @pytest.fixture(params=["keyword", "tag", "topic"])
    def mode(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    async def test_every_post_of_a_search_once(self, tmp_path: Path, mode: str) -> None:
        got = posts(await walk(weibo.Mobile(), tmp_path, "weibo", mode, "咖啡"))
        mine = {k for k in got if k.startswith("5230")}
        assert mine == {W(n) for n in range(1, 9)}
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
            assert (one.group.native_id, one.group.name, one.group.kind) == (weibo.HEX, "咖啡", "超话")
        assert abs((got[W(72)].created or 0) - (time.time() - 600)) < 90


class TestWeiboRelations:
    @pytest.mark.parametrize("value", [str(weibo.MID), "https://m.weibo.cn/detail/5230000000000101", "QxBlind01"])
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


# --- Weibo, open platform --------------------------------------------------------------------------------------------------
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


# --- Bilibili --------------------------------------------------------------------------------------------------------------
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
        assert "<em" not in repr(found)

    async def test_a_tag_means_the_tag(self, tmp_path: Path) -> None:
        got = posts(await walk(video.Video(), tmp_path, "bilibili", "tag", "咖啡", login=False))
        assert set(got) == {"1150000001", "1150000002"}

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
        assert set(got) == {str(video.AID), R(1), R(2), R(9), R(11), R(12), R(13)}
        assert {p.root for k, p in got.items() if k != str(video.AID)} == {str(video.AID)}
        aid = str(video.AID)
        assert {k: p.reply_to for k, p in got.items() if k != aid} == {
            R(1): aid, R(2): aid, R(9): aid, R(11): R(1), R(12): R(11), R(13): R(1)
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
        assert set(got) == {str(video.AID), *(R(n) for n in (1, 2, 3, 9, 11, 12, 13))}
        assert got[R(3)].likes == 11_000

    async def test_followers(self, tmp_path: Path) -> None:
        found = await walk(video.Video(), tmp_path, "bilibili", "account", "200000001", "followers")
        got = edges(found, "follow")
        assert [(a, t) for a, t, _, _ in got] == [(str(230000000 + n), "200000001") for n in (10, 11, 20, 21)]
        assert all(time_ in {None, 1794000000 - 1, 1794000000 - 2} for _, _, time_, _ in got)

    async def test_followers_without_a_cookie(self, tmp_path: Path) -> None:
        with pytest.raises(NeedsLogin):
            await walk(video.Video(), tmp_path, "bilibili", "account", "200000001", "followers", login=False)

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


# --- Douban ----------------------------------------------------------------------------------------------------------------
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
        assert (author(one), author(three)) == ("100000001", "100000003")
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
            "100000003",
        )
        assert (got["4200000001"].created, got["4200000004"].region) == (utc("2026-11-20 22:00:01"), None)

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
        with pytest.raises(want):
            await walk(forums.Douban({where: reply}), tmp_path, "douban", "group", "500001", login=False)

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
        with pytest.raises(want):
            await walk(forums.Douban({self.TOPIC: reply}), tmp_path, "douban", "post", "310000001", login=False)

    async def test_comments_of_another_shape(self, tmp_path: Path) -> None:
        app = forums.Douban({self.TOPIC + "/comments": Reply({"start": 0, "items": []})})
        with pytest.raises(BrokenAnswer):
            await walk(app, tmp_path, "douban", "post", "310000001", "replies", login=False)


# --- Zhihu -----------------------------------------------------------------------------------------------------------------
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


# --- RSSHub ----------------------------------------------------------------------------------------------------------------
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
            assert got[one].group.native_id == feeds.HEX

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
            (feeds.error("Cookies expired"), (NeedsLogin, Blocked)),
            (feeds.error("invalid response"), (Retry, Blocked, BrokenAnswer)),
            (feeds.error("ConfigNotFoundError: Config not found: WEIBO_COOKIES"), (NeedsLogin, Blocked, BadQuery)),
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
