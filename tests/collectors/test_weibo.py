"""Weibo's mobile site against a small one on loopback: modes, relations, paging. All people and posts are invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Collector, Extent, Page, Query
from collectors.weibo import Weibo
from tests.collectors.contract import HOSTILE, CollectorContract, bare, pages, transport
from tests.collectors.weibo_server import COOKIE, PLACE, TAG, MobileSite, comment, mblog, mid, user
from tests.servers.scripted import SILENCE, App, Asked, Reply, scripted
from xunke.errors import BadQuery, BrokenAnswer, Gone
from xunke.model import Account, Interaction, Membership, Post, Withdrawn

ALL = frozenset({"replies", "reposts", "likes", "followers", "following"})
OWN = {"cookie": COOKIE}


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Weibo()

    def query(self, base: str) -> Query:
        return Query("keyword", "咖啡", base, ALL, credentials=OWN)

    def app(self, flaw: str) -> App:
        site = MobileSite()
        if flaw == "circle":
            plain = site.search

            def again(asked: Asked, container: str) -> Any:
                asked.query["page"] = [str((int(asked.one("page")) - 1) % 3 + 1)]
                found = plain(asked, container)
                found["data"]["cardlistInfo"]["page"] = 2
                return found

            site.search = again  # type: ignore[method-assign]
        if flaw == "slow":
            site.special["getIndex"] = SILENCE
        if flaw == "hostile":
            evil = user(
                1, screen_name=HOSTILE, description=HOSTILE, profile_url="https://x/" + HOSTILE, location=HOSTILE
            )
            text = f"{HOSTILE}<a href='/n/{HOSTILE}'>@{HOSTILE}</a>#{HOSTILE}#"
            words: dict[str, Any] = {
                "text": text,
                "user": evil,
                "region_name": HOSTILE,
                "source": HOSTILE,
                "bid": HOSTILE,
            }
            site.posts = [mblog(n, **words) for n in range(1, 4)]
            site.comments = [comment(n, text=text, user=evil, source="来自" + HOSTILE) for n in range(3)]
            site.fans = [evil]
        if flaw == "one_bad":
            plainly = site.on_hotflow

            def spoiled(asked: Asked) -> Any:
                found = plainly(asked)
                if asked.one("id") == mid(5) and not found["data"]["max_id"]:
                    del found["data"]["data"][-1]["created_at"]
                return found

            site.on_hotflow = spoiled  # type: ignore[method-assign]
        return site


async def collect(app: App, folder: Path, mode: str = "keyword", value: str = "咖啡", **more: Any) -> list[Page]:
    with scripted(app) as server:
        async with transport(server.base, folder) as http:
            query = Query(mode, value, server.base, credentials=OWN, **more)  # type: ignore[arg-type]
            found = await pages(Weibo(), query, http)
    for page in found:
        assert "planted0Secret" not in repr(page)
        assert "planted0Secret" not in json.dumps(page.cursor)
    return found


def records(found: list[Page], kind: type = object) -> list[Any]:
    return [one for page in found for one in page.records if isinstance(one, kind)]


def mids(found: list[Page], kind: str = "post") -> list[int]:
    return [int(one.native_id) - int(mid(0)) for one in records(found, Post) if one.kind == kind]


def extents(found: list[Page]) -> dict[tuple[str, str], Extent]:
    return {(one.kind, one.key): one for page in found for one in page.extents}


async def asked_for(app: App, folder: Path, mode: str, value: str, **more: Any) -> list[Asked]:
    with scripted(app) as server:
        async with transport(server.base, folder) as http:
            query = Query(mode, value, server.base, credentials=OWN, **more)  # type: ignore[arg-type]
            await pages(Weibo(), query, http)
        return server.asked


# ---------------------------------------------------------------- modes


async def test_keyword_pages_until_the_page_number_is_gone(tmp_path: Path) -> None:
    found = await collect(MobileSite(), tmp_path)
    assert mids(found) == list(range(1, 10))
    first = records(found, Post)[0]
    assert (first.text, first.tags, first.region) == ("#咖啡# 第1条 @示例用户9真好[偷笑]", ("咖啡",), "上海")
    assert [m.name for m in first.mentions] == ["示例用户9"]
    assert (first.likes, first.comments, first.shares, first.media) == (11000, 5, 2, "image")
    assert (first.created, first.zone, first.url) == (1795183080, "+08:00", "https://weibo.com/1700000001/Qx1AbC001")
    assert (first.author.native_id, first.author.followers, first.author.gender) == ("1700000001", 12000, "female")
    assert first.author.url == "https://m.weibo.cn/u/1700000001"
    assert extents(found)["posts", "咖啡"] == Extent("posts", "咖啡", None, 9), "the total of a search is not reliable"


async def test_the_container_travels_as_one_value(tmp_path: Path) -> None:
    asked = await asked_for(MobileSite(), tmp_path, "keyword", "咖啡 & 茶")
    assert asked[1].one("containerid") == "100103type=61&q=咖啡 茶"
    assert all(one.method == "GET" for one in asked)


@pytest.mark.parametrize("mode", ["tag", "topic"])
async def test_a_topic_is_searched_between_its_marks(tmp_path: Path, mode: str) -> None:
    asked = await asked_for(MobileSite(), tmp_path, mode, "#咖啡")
    assert asked[1].one("containerid") == "100103type=61&q=#咖啡#"


async def test_a_tag_keeps_only_posts_that_carry_it_or_repost_one(tmp_path: Path) -> None:
    other = mblog(2, text="只说咖啡", retweeted_status=None)
    again = mblog(3, text="转发微博", retweeted_status=mblog(33))
    bad = mblog(4, text="别的")
    posts = [mblog(1, text="#咖啡[超话]# 好"), other, again, bad, {**mblog(5), "text": "#咖啡店#"}, mblog(6)]
    found = await collect(MobileSite(posts), tmp_path, "tag", "咖啡")
    assert (mids(found), mids(found, "repost")) == ([1, 33, 6], [3])
    assert mids(await collect(MobileSite(posts), tmp_path, "topic", "咖啡")) == [1, 2, 33, 4, 5, 6]


async def test_one_unreadable_post_among_those_left_out_is_no_broken_page(tmp_path: Path) -> None:
    posts = [mblog(1, text="别的"), mblog(2, text="别的"), {**mblog(3), "created_at": ""}, mblog(4)]
    found = await collect(MobileSite(posts), tmp_path, "tag", "咖啡")
    assert mids(found) == [4]
    assert [one.reason for page in found for one in page.rejected] == ["weibo.no_time"]


async def test_search_ends_capped_after_fifty_pages(tmp_path: Path) -> None:
    found = await collect(MobileSite([mblog(n) for n in range(1, 121)], 2), tmp_path)
    assert mids(found) == list(range(1, 101))
    assert found[-1].capped
    assert extents(found)["posts", "咖啡"].reason == "weibo.search_cap"


async def test_since_ends_the_walk_and_a_pinned_old_post_does_not(tmp_path: Path) -> None:
    old = mblog(1, created_at="2020-01-01 10:00", mblogtype=2)
    site = MobileSite([old, *(mblog(n) for n in range(2, 30))])
    found = await collect(site, tmp_path, "account", "1700000001", since=1795183080 - 60 * 5)
    assert mids(found) == [2, 3, 4, 5, 6]
    assert len(found) < 8


PINNED = [{"mblogtype": 2}, {"title": {"text": "置顶"}}, {}]


@pytest.mark.parametrize("flag", PINNED)
async def test_pinned_by_any_of_three_marks(tmp_path: Path, flag: dict[str, Any]) -> None:
    from collectors.weibo_map import posts_in

    cards = [{"card_type": 9, "mblog": mblog(1, **flag), "profile_type_id": "x" if flag else "proweibotop_5_1"}]
    assert posts_in({"cards": cards})[0]["pinned"] is True


@pytest.mark.parametrize(
    "value",
    ["1700000004", "https://m.weibo.cn/u/1700000004", "https://weibo.com/u/1700000004?tabtype=feed",
     "weibo.com/1700000004", "@示例用户4", "示例用户4", "https://weibo.com/n/示例用户4", "https://m.weibo.cn/p/1005051700000004"],
)  # fmt: skip
async def test_an_account_by_number_name_or_address(tmp_path: Path, value: str) -> None:
    found = await collect(MobileSite(), tmp_path, "account", value)
    (who,) = records(found, Account)
    assert (who.native_id, who.region, who.following, who.posts) == ("1700000004", "上海", 120, 88)
    assert mids(found) == list(range(1, 10))
    assert extents(found)["posts", value].said == 9


async def test_an_account_by_its_custom_address(tmp_path: Path) -> None:
    site = MobileSite()
    site.people = lambda asked, container: {
        "ok": 1,
        "data": {"cards": [{"card_type": 10, "user": user(5, domain="examplecafe")}]},
    }  # type: ignore[method-assign]
    assert (
        records(await collect(site, tmp_path, "account", "https://weibo.com/examplecafe"), Account)[0].native_id
        == "1700000005"
    )
    with pytest.raises(BadQuery, match=r"weibo\.which_account"):
        await collect(site, tmp_path, "account", "https://weibo.com/somebodyelse")


async def test_the_nearest_name_is_not_the_account(tmp_path: Path) -> None:
    with pytest.raises(Gone, match=r"weibo\.no_account"):
        await collect(MobileSite(), tmp_path, "account", "示例用户")


async def test_hidden_posts_of_an_account_show_in_the_extent(tmp_path: Path) -> None:
    site = MobileSite()
    timeline = site.timeline

    def less(asked: Asked, container: str) -> Any:
        found = timeline(asked, container)
        found["data"]["cardlistInfo"]["total"] = 40
        return found

    site.timeline = less  # type: ignore[method-assign]
    told = extents(await collect(site, tmp_path, "account", "1700000001"))["posts", "1700000001"]
    assert (told.said, told.seen, told.reason) == (40, 9, "weibo.fewer_posts")


@pytest.mark.parametrize(
    "value",
    [
        PLACE,
        f"https://m.weibo.cn/p/index?containerid={PLACE}_-_feed",
        f"https://weibo.com/p/{PLACE}/super_index",
        "咖啡",
        "咖啡超话",
    ],
)
async def test_a_super_topic_by_number_address_or_name(tmp_path: Path, value: str) -> None:
    found = await collect(MobileSite(), tmp_path, "group", value)
    assert mids(found) == list(range(1, 10))
    places = {(one.group.native_id, one.group.name, one.group.kind) for one in records(found, Post)}
    assert places == {(PLACE, "咖啡", "supertopic")}
    assert {one.account.native_id for one in records(found, Membership)} == {f"170000000{n}" for n in range(3)}


async def test_a_super_topic_that_is_not_found_by_name_asks_for_its_address(tmp_path: Path) -> None:
    with pytest.raises(BadQuery, match=r"weibo\.which_group"):
        await collect(MobileSite(), tmp_path, "group", "拿铁")


async def test_a_super_topic_goes_on_by_more_info_where_that_is_sent(tmp_path: Path) -> None:
    site = MobileSite()
    first = site.supertopic

    def newer(asked: Asked, container: str) -> Any:
        found = first(asked, container)
        if since := found["data"]["pageInfo"].pop("since_id", None):
            found["data"]["moreInfo"] = {"params": {"page": 2, "since_id": since, "max_id": 0}}
        return found

    site.supertopic = newer  # type: ignore[method-assign]
    assert mids(await collect(site, tmp_path, "group", PLACE)) == list(range(1, 10))


@pytest.mark.parametrize(
    "value",
    [mid(2), "https://m.weibo.cn/status/" + mid(2), f"https://m.weibo.cn/detail/{mid(2)}#comment", "bid", "link"],
)
async def test_one_post_by_number_short_id_or_address(tmp_path: Path, value: str) -> None:
    from collectors.importers.values import mid_to_bid

    short = mid_to_bid(mid(2))
    value = {"bid": short, "link": f"https://weibo.com/1700000001/{short}?refer=x"}.get(value, value)
    found = await collect(MobileSite(), tmp_path, "post", value, relations=frozenset({"replies"}))
    assert mids(found) == [2]
    assert len(mids(found, "comment")) == 9


async def test_a_post_that_is_gone_not_public_or_not_named(tmp_path: Path) -> None:
    with pytest.raises(Gone, match=r"weibo\.gone"):
        await collect(MobileSite(), tmp_path, "post", mid(99))
    with pytest.raises(Gone, match=r"weibo\.not_public"):
        await collect(MobileSite([mblog(2, visible={"type": 1, "list_id": 0})]), tmp_path, "post", mid(2))
    with pytest.raises(BadQuery, match=r"weibo\.which_post"):
        await collect(MobileSite(), tmp_path, "post", "https://example.org/1")


async def test_posts_for_some_only_are_left_out(tmp_path: Path) -> None:
    original = mblog(50, visible={"type": 10})
    posts = [mblog(1, visible={"type": 6, "list_id": 1}), mblog(2), mblog(3, retweeted_status=original)]
    found = await collect(MobileSite(posts), tmp_path)
    assert (mids(found), mids(found, "repost")) == ([2], [3])


# ---------------------------------------------------------------- long texts and reposts


async def test_a_cut_text_is_made_whole_before_the_post_comes(tmp_path: Path) -> None:
    cut = f'{TAG} 开头...<a href="/status/{mid(2)}">全文</a>'
    original = mblog(70, text='原话…<a href="/status/1">全文</a>', isLongText=True)
    site = MobileSite(
        [mblog(1), mblog(2, text=cut, isLongText=True, attitudes_count="1.1万"), mblog(3, retweeted_status=original)]
    )
    site.long = {mid(2): f"{TAG} 开头<br />中间<br />结尾", mid(70): "原话 全部"}
    found = await collect(site, tmp_path, relations=frozenset({"likes"}))
    by_number = {int(one.native_id) - int(mid(0)): one for one in records(found, Post)}
    assert sorted(by_number) == [1, 2, 3, 70]
    assert len(records(found, Post)) == 4, "each once, whole"
    assert (by_number[2].text, by_number[2].likes) == ("#咖啡# 开头\n中间\n结尾", 11234)
    assert by_number[70].text == "原话 全部"
    assert {one.kind for page in found for one in page.extents} == {"posts", "likes"}


async def test_only_wanted_posts_are_made_whole(tmp_path: Path) -> None:
    cut = [mblog(n, isLongText=True) for n in range(1, 4)]
    site = MobileSite(cut)
    site.long = {mid(n): "全部" for n in range(1, 4)}
    asked = await asked_for(site, tmp_path, "keyword", "咖啡", limit=1)
    assert [one.one("id") for one in asked if one.path.endswith("/extend")] == [mid(1)]


@pytest.mark.parametrize(
    "answer",
    [{"ok": 0, "msg": "该微博不存在"}, {"ok": 0}, {"ok": 1, "data": {"longTextContent": ""}}, {"ok": 1, "data": {}}],
)
async def test_a_text_that_stays_cut_is_marked(tmp_path: Path, answer: Any) -> None:
    cut = f'开头…<a href="/status/{mid(1)}">全文</a>'
    site = MobileSite([mblog(1, text=cut, isLongText=True)])
    site.special["/statuses/extend"] = Reply(answer)
    found = await collect(site, tmp_path)
    (post,) = records(found, Post)
    assert post.text == "开头…"
    assert json.loads(post.raw)["text_cut"] is True
    assert [note for page in found for note in page.notes] == [("weibo.text_cut", {"count": 1})]


async def test_what_a_cursor_keeps_of_a_cut_post_has_no_contact_data(tmp_path: Path) -> None:
    site = MobileSite(
        [mblog(1, text="加微信:abcdefg123 电话13812345678", isLongText=True, pics=[{"url": "https://wx1/secret"}])]
    )
    site.long = {mid(1): "全部 电话13812345678"}
    found = await collect(site, tmp_path)
    kept = json.dumps([page.cursor for page in found], ensure_ascii=False)
    assert "13812345678" not in kept
    assert "abcdefg123" not in kept
    assert "wx1/secret" not in kept


async def test_every_page_resumes_also_between_two_long_texts(tmp_path: Path) -> None:
    original = mblog(70, isLongText=True)
    site = MobileSite([mblog(1, isLongText=True, retweeted_status=original), mblog(2, isLongText=True), mblog(3)])
    site.long = {mid(n): f"全部{n}" for n in (1, 2, 70)}
    with scripted(site) as server:
        query = Query("keyword", "咖啡", server.base, credentials=OWN)
        async with transport(server.base, tmp_path) as http:
            whole = await pages(Weibo(), query, http)
            for i, page in enumerate(whole[:-1]):
                rest = await pages(Weibo(), query, http, json.loads(json.dumps(page.cursor)))
                assert [bare(r) for one in rest for r in one.records] == [
                    bare(r) for one in whole[i + 1 :] for r in one.records
                ]
    assert {one.text for one in records(whole, Post)} >= {"全部1", "全部2", "全部70"}


async def test_a_deleted_original_leaves_a_repost(tmp_path: Path) -> None:
    gone = {
        "id": mid(60),
        "text": "抱歉，此微博已被作者删除。",
        "user": None,
        "created_at": "Fri Nov 20 20:00:00 +0800 2026",
    }
    found = await collect(
        MobileSite([mblog(1, retweeted_status=gone), mblog(2, retweeted_status={"deleted": "1"})]), tmp_path
    )
    assert [(one.kind, one.repost_of) for one in records(found, Post)] == [("repost", mid(60)), ("repost", None)]


async def test_a_repost_brings_its_original_before_it_and_keeps_its_chain(tmp_path: Path) -> None:
    text = "说得好//<a href='/n/示例用户9'>@示例用户9</a>:同意//<a href='/n/示例用户8'>@示例用户8</a>:原话"
    posts = [mblog(1, text=text, raw_text="说得好//@示例用户9:同意//@示例用户8:原话", retweeted_status=mblog(60)),
             mblog(2, text="", raw_text="好//@示例用户9:同意", retweeted_status=mblog(60))]  # fmt: skip
    found = records(await collect(MobileSite(posts), tmp_path), Post)
    assert [(one.kind, one.repost_of) for one in found] == [("post", None), ("repost", mid(60)), ("repost", mid(60))]
    assert found[1].text == "说得好//@示例用户9:同意//@示例用户8:原话"
    assert [one.name for one in found[1].mentions] == ["示例用户9", "示例用户8"]
    assert found[2].text == "好//@示例用户9:同意"


# ---------------------------------------------------------------- what hangs on a post


async def test_comments_with_both_cursors_and_what_stands_under_them(tmp_path: Path) -> None:
    found = await collect(MobileSite([mblog(0)]), tmp_path, relations=frozenset({"replies"}))
    answers = {one.native_id: one for one in records(found, Post) if one.kind == "comment"}
    assert len(answers) == 9
    assert len(records(found, Post)) == 10, "each once"
    top, under = answers[mid(1001)], answers[mid(1053)]
    assert (top.reply_to, top.root, top.region, top.likes, top.comments) == (mid(0), mid(0), "江苏", 12, 4)
    assert (under.reply_to, under.root) == (mid(1001), mid(0))
    told = extents(found)
    assert told["replies", mid(0)] == Extent("replies", mid(0), 5, 5), "nine came of nine, each counted once"
    assert told["replies", mid(1001)] == Extent("replies", mid(1001), 4, 4)


async def test_answers_to_a_comment_that_are_not_shown_are_a_part_and_no_error(tmp_path: Path) -> None:
    site = MobileSite([mblog(0)])
    site.special["hotFlowChild"] = Reply({"ok": 0})
    found = await collect(site, tmp_path, relations=frozenset({"replies"}))
    assert extents(found)["replies", mid(1001)] == Extent("replies", mid(1001), 4, 0, "weibo.child_closed", True)
    assert len(mids(found, "comment")) == 7


@pytest.mark.parametrize(
    "reply", [Reply(b"<html>x</html>"), Reply(b""), Reply(b"Forbidden", 403), Reply({"x": 1}, 403)]
)
async def test_old_posts_have_their_comments_in_the_old_list(tmp_path: Path, reply: Reply) -> None:
    site = MobileSite([mblog(0)])
    site.special["hotflow"] = reply
    found = await collect(site, tmp_path, relations=frozenset({"replies"}))
    answers = [one for one in records(found, Post) if one.kind == "comment"]
    assert [one.native_id for one in answers] == [mid(1000 + n) for n in range(1, 6)]
    assert (answers[0].likes, answers[0].reply_to, answers[0].root) == (12, "5230000000001000", mid(0))
    assert extents(found)["replies", mid(0)] == Extent("replies", mid(0), 80, 5, "weibo.fewer_replies")


async def test_no_comments_is_an_end(tmp_path: Path) -> None:
    site = MobileSite([mblog(0)])
    for answer in (
        {"ok": 0, "msg": "快来发表你的评论吧"},
        {"ok": 1, "data": []},
        {"ok": 1, "data": {"data": [], "max_id": 0}},
    ):
        site.special["hotflow"] = Reply(answer)
        found = await collect(site, tmp_path, relations=frozenset({"replies"}))
        assert mids(found, "comment") == []
        assert extents(found)["replies", mid(0)].said == 5


async def test_reposts_of_a_post_and_of_a_repost(tmp_path: Path) -> None:
    site = MobileSite([mblog(0)])
    found = await collect(site, tmp_path, relations=frozenset({"reposts"}))
    reposts = [one for one in records(found, Post) if one.kind == "repost"]
    assert [one.repost_of for one in reposts] == [mid(0)] * 3
    assert extents(found)["reposts", mid(0)] == Extent("reposts", mid(0), 3, 3)
    site.special["repostTimeline"] = Reply(
        {
            "ok": 1,
            "data": {
                "data": [mblog(300, user=user(10), retweeted_status={"id": mid(60)})],
                "total_number": 1,
                "max": 1,
            },
        }
    )
    found = await collect(site, tmp_path, relations=frozenset({"reposts"}))
    (edge,) = records(found, Interaction)
    assert (edge.actor.native_id, edge.target.native_id, edge.kind, edge.post) == (
        "1700000010",
        "1700000000",
        "repost",
        mid(0),
    )


async def test_likes_until_the_answer_is_no_longer_good(tmp_path: Path) -> None:
    found = await collect(MobileSite([mblog(0)]), tmp_path, relations=frozenset({"likes"}))
    edges = records(found, Interaction)
    assert [(one.actor.native_id, one.target.native_id, one.kind, one.time) for one in edges] == [
        (f"17000000{30 + n}", "1700000000", "like", None) for n in range(3)
    ], "a day alone is no time"
    assert extents(found)["likes", mid(0)] == Extent("likes", mid(0), 17, 3, "weibo.fewer_likes")


async def test_followers_and_following_of_an_account(tmp_path: Path) -> None:
    found = await collect(
        MobileSite(), tmp_path, "account", "1700000004", relations=frozenset({"followers", "following"})
    )
    edges = [(one.actor.native_id, one.target.native_id) for one in records(found, Interaction)]
    fans = [f"17000000{20 + n}" for n in range(5)]
    assert edges == [*((fan, "1700000004") for fan in fans), *(("1700000004", fan) for fan in fans)]
    assert "1700000077" not in {one for pair in edges for one in pair}, "suggested people are no followers"
    assert extents(found)["followers", "1700000004"] == Extent("followers", "1700000004", 12000, 5, "weibo.people_cap")


async def test_people_end_after_twenty_pages(tmp_path: Path) -> None:
    site = MobileSite()
    site.fans = [user(100 + n) for n in range(90)]
    found = await collect(site, tmp_path, "account", "1700000004", relations=frozenset({"followers"}))
    assert len(records(found, Interaction)) == 40
    assert extents(found)["followers", "1700000004"].reason == "weibo.people_cap"


async def test_followers_of_authors_met_are_asked_once_each(tmp_path: Path) -> None:
    found = await collect(MobileSite(), tmp_path, relations=frozenset({"followers"}))
    told = [one for page in found for one in page.extents if one.kind == "followers"]
    assert sorted(one.key for one in told) == ["1700000000", "1700000001", "1700000002"]


async def test_a_lone_unreadable_comment_is_told_and_a_page_of_them_is_another_shape(tmp_path: Path) -> None:
    site = MobileSite([mblog(0)])
    site.comments = [comment(1, user=None)]
    found = await collect(site, tmp_path, relations=frozenset({"replies"}))
    assert [one.reason for page in found for one in page.rejected] == ["collect.no_author"]
    site.special["hotflow"] = Reply({"ok": 1, "data": {"data": [{"odd": n} for n in range(9)], "max_id": 0}})
    with pytest.raises(BrokenAnswer, match="nothing_readable"):
        await collect(site, tmp_path, relations=frozenset({"replies"}))


async def test_a_post_asked_for_by_itself_comes_whole_on_the_first_page(tmp_path: Path) -> None:
    cut = f'开头…<a href="/status/{mid(2)}">全文</a>'
    original = mblog(70, text=cut, isLongText=True)
    site = MobileSite(
        [mblog(1, text="全部", isLongText=True), mblog(2, text=cut, isLongText=True, retweeted_status=original)]
    )
    site.long = {mid(2): "全部2", mid(70): "全部70"}
    first = (await collect(site, tmp_path, "post", mid(1)))[0]
    assert [one.text for one in first.records if isinstance(one, Post)] == ["全部"]
    assert "text_cut" not in json.loads(first.records[-1].raw or b"{}")  # type: ignore[union-attr]
    first = (await collect(site, tmp_path, "post", mid(2)))[0]
    assert [one.text for one in first.records if isinstance(one, Post)] == ["全部70", "全部2"]
    site.special["/statuses/extend"] = Reply({"ok": 0, "msg": "不存在"})
    first = (await collect(site, tmp_path, "post", mid(2)))[0]
    assert [one.text for one in first.records if isinstance(one, Post)] == ["开头…", "开头…"]
    assert first.notes == (("weibo.text_cut", {"count": 1}),)


async def test_an_original_that_the_site_says_was_deleted_is_withdrawn(tmp_path: Path) -> None:
    gone = {"id": mid(60), "text": "抱歉，此微博已被作者删除。查看帮助：网页链接", "user": None}
    hidden = {"id": mid(61), "text": "抱歉，作者已设置仅展示半年内微博，此微博已不可见。", "user": None}
    posts = [
        mblog(1, retweeted_status=gone),
        mblog(2, retweeted_status=hidden),
        mblog(3, retweeted_status={"id": mid(62)}),
    ]
    found = await collect(MobileSite(posts), tmp_path)
    assert [one.post for one in records(found, Withdrawn)] == [mid(60)]
    assert [one.repost_of for one in records(found, Post)] == [mid(60), mid(61), mid(62)]
