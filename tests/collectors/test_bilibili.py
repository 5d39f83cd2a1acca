"""The Bilibili collector against a small server that plays the fact sheet's answers and traps (invented data)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Collector, Page, Query
from collectors.bilibili import Bilibili, _base, judge
from collectors.http import Reply as Heard
from tests.collectors.contract import HOSTILE, CollectorContract, pages, transport
from tests.servers.bilibili import FIRST, Bili, comment, dynamic, ok, reposts, video
from tests.servers.scripted import App, Asked, Reply, Scripted, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import Account, Interaction, Post

SEARCH = "/x/web-interface/search/type"
MINE = {"cookie": "SESSDATA=mine; bili_jct=planted-secret"}


async def collect(
    app: App,
    folder: Path,
    mode: Any = "keyword",
    value: str = "咖啡",
    relations: str = "",
    seen: Any = None,
    **more: Any,
) -> list[Page]:  # fmt: skip
    with scripted(app) as server:
        if seen is not None:
            seen.append(server)
        async with transport(server.base, folder) as http:
            wanted = frozenset(relations.split(",")) if relations else frozenset()
            return await pages(Bilibili(), Query(mode, value, server.base, wanted, **more), http)  # type: ignore[arg-type]


def posts(found: list[Page], kind: str = "post") -> list[Post]:
    return [r for page in found for r in page.records if isinstance(r, Post) and r.kind == kind]


def edges(found: list[Page], kind: str) -> list[Interaction]:
    return [r for page in found for r in page.records if isinstance(r, Interaction) and r.kind == kind]


def reasons(found: list[Page]) -> dict[tuple[str, str], str | None]:
    return {(one.kind, one.key): one.reason for page in found for one in page.extents}


def asked(server: Scripted, path: str) -> list[Asked]:
    return [one for one in server.asked if one.path == path]


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Bilibili()

    def app(self, flaw: str) -> App:
        bili = Bili()
        bili.slow, bili.circle = flaw == "slow", flaw == "circle"
        if flaw == "hostile":
            member = {"mid": "300000001", "uname": HOSTILE, "sign": HOSTILE, "sex": HOSTILE}
            bili.videos = [video(1, title=HOSTILE, description=HOSTILE, author=HOSTILE, tag=HOSTILE, typename=HOSTILE)]
            bili.comments = [comment(1, member=member, reply_control={"location": HOSTILE},
                                     content={"message": HOSTILE, "at_name_to_mid": {HOSTILE: 1}})]  # fmt: skip
        if flaw == "one_bad":
            bili.videos[4] = {"type": "video", "title": "没有编号", "pubdate": FIRST}
        return bili

    def query(self, base: str) -> Query:
        return Query("keyword", "咖啡", base, frozenset({"replies"}))


# ---------------------------------------------------------------------- search


async def test_a_search_row_becomes_the_post_a_file_would_give(tmp_path: Path) -> None:
    first = posts(await collect(Bili(), tmp_path))[0]
    assert (first.native_id, first.title, first.text) == ("1150000009", "第9杯手冲咖啡", "器具清单")
    assert first.author is not None
    assert (first.author.native_id, first.author.name) == ("200000000", "示例UP0")
    assert (first.created, first.zone, first.media) == (FIRST + 540, "+08:00", "video")
    assert (first.views, first.likes, first.comments, first.saves, first.shares) == (12_000, 800, 2, 210, None)
    assert first.tags == ("咖啡", "手冲", "生活")
    assert first.url == "https://www.bilibili.com/video/av1150000009"


async def test_the_visitor_number_is_asked_for_once_and_kept(tmp_path: Path) -> None:
    with scripted(Bili()) as server:
        async with transport(server.base, tmp_path) as http:
            for _ in range(2):
                await pages(Bilibili(), Query("keyword", "咖啡", server.base), http)
            assert list(http.vault.values()) == ["buvid3=XXXXXXXX-infoc; buvid4=YYYY-ZZ%2B1%2F2%3D%3D"]
    assert len(asked(server, "/x/frontend/finger/spi")) == 1
    searches = asked(server, SEARCH)
    assert {one.headers["cookie"] for one in searches} == {"buvid3=XXXXXXXX-infoc; buvid4=YYYY-ZZ%2B1%2F2%3D%3D"}
    assert all(one.headers["referer"].startswith("https://search.bilibili.com/all?keyword=") for one in searches)
    assert {one.headers["user-agent"].partition(" (")[0] for one in server.asked} == {"Mozilla/5.0"}
    assert not any("w_rid" in one.query or "wts" in one.query for one in server.asked), "nothing is signed"


@pytest.mark.parametrize("spi", [{}, {"b_3": "x\r\nEvil: 1", "b_4": "y"}, {"b_3": 5, "b_4": None}])
async def test_a_visitor_number_that_is_none_is_refused(tmp_path: Path, spi: Any) -> None:
    app = Bili()
    app.fixed["/x/frontend/finger/spi"] = ok(spi)
    with pytest.raises(BrokenAnswer):
        await collect(app, tmp_path)


async def test_times_are_asked_of_the_source(tmp_path: Path) -> None:
    seen: list[Scripted] = []
    found = await collect(Bili(), tmp_path, since=FIRST + 240, until=FIRST + 420, seen=seen)
    assert [int(post.native_id) % 100 for post in posts(found)] == [7, 6, 5, 4]
    first = asked(seen[0], SEARCH)[0]
    assert (first.one("pubtime_begin_s"), first.one("pubtime_end_s")) == (str(FIRST + 240), str(FIRST + 420))
    assert first.one("order") == "pubdate"


async def test_trap_search_never_goes_beyond_1000_rows(tmp_path: Path) -> None:
    app = Bili()
    app.search = {"numResults": 1_000, "numPages": 3}
    found = await collect(app, tmp_path)
    assert found[-1].capped
    assert reasons(found)["posts", "咖啡"] == "bilibili.search_full"
    assert [one.said for page in found for one in page.extents] == [None], "1000 is the cap, not the count"
    assert not (await collect(Bili(), tmp_path))[-1].capped
    limited = await collect(app, tmp_path, limit=2)
    assert not limited[-1].capped, "the user's own limit ended it"


async def test_a_search_says_how_many_there_are(tmp_path: Path) -> None:
    found = await collect(Bili(), tmp_path)
    assert found[0].total == 9
    assert [(one.said, one.seen) for page in found for one in page.extents] == [(9, 9)]


async def test_trap_a_missing_result_is_an_end_only_if_nothing_was_found(tmp_path: Path) -> None:
    nothing = await collect(Bili([]), tmp_path)
    assert posts(nothing) == []
    assert nothing[-1].cursor is None
    for head in ({"numResults": 40, "numPages": 2}, {}, {"numResults": None}):
        app = Bili()
        app.fixed[SEARCH] = ok({"page": 1, "pagesize": 20} | head)
        with pytest.raises(BrokenAnswer):
            await collect(app, tmp_path)


async def test_trap_a_missing_result_with_a_code_is_no_end(tmp_path: Path) -> None:
    app = Bili()
    app.fixed[SEARCH] = Reply({"code": 77, "message": "?", "ttl": 1, "data": {"numResults": 0}})
    with pytest.raises(BrokenAnswer) as error:
        await collect(app, tmp_path)
    assert error.value.key == "bilibili.code"


async def test_rows_that_are_no_videos_are_left_out(tmp_path: Path) -> None:
    app = Bili([video(2), {"type": "ketang", "id": 5, "title": "课"}, video(1)])
    assert len(posts(await collect(app, tmp_path))) == 2


async def test_a_tag_keeps_only_videos_that_carry_it(tmp_path: Path) -> None:
    app = Bili([video(3), video(2, tag="露营,生活"), video(1, tag="手冲，咖啡")])
    found = await collect(app, tmp_path, "tag", "#咖啡")
    assert [post.native_id for post in posts(found)] == ["1150000003"]
    assert [one.said for page in found for one in page.extents] == [None], "the count is the search's, not the tag's"


# ---------------------------------------------------------------------- topics


@pytest.mark.parametrize("value", ["9001", "https://www.bilibili.com/v/topic/detail/?topic_id=9001&x=1", "#咖啡#"])
async def test_a_topic_by_number_address_or_name(tmp_path: Path, value: str) -> None:
    found = await collect(Bili(), tmp_path, "topic", value)
    assert [int(post.native_id) % 100 for post in posts(found)] == [5, 4, 3, 2, 1]
    assert posts(found)[0].tags == ("咖啡",)
    assert [(one.said, one.seen) for page in found for one in page.extents] == [(5, 5)]


async def test_a_topic_that_is_not_there_names_near_ones(tmp_path: Path) -> None:
    with pytest.raises(Gone) as error:
        await collect(Bili(), tmp_path, "topic", "咖")
    assert error.value.params["near"] == "咖啡馆、咖啡"


async def test_the_head_of_a_topic_is_a_courtesy(tmp_path: Path) -> None:
    app = Bili()
    app.fixed["/x/topic/web/details/top"] = ok([])
    assert len(posts(await collect(app, tmp_path, "topic", "9001"))) == 5


async def test_a_dynamic_that_announces_a_video_is_that_video(tmp_path: Path) -> None:
    archive = {"aid": "1150000001", "bvid": "BV1xx411c7mD", "title": "手冲咖啡入门", "desc": "器具清单"}
    one = dynamic(1, type="DYNAMIC_TYPE_AV", basic={"comment_id_str": "1150000001", "comment_type": 1})
    one["modules"]["module_dynamic"] = {"desc": None, "major": {"type": "MAJOR_TYPE_ARCHIVE", "archive": archive}}
    app = Bili()
    app.cards = [one]
    found = posts(await collect(app, tmp_path, "topic", "9001", "replies"))
    assert [(p.native_id, p.title, p.text, p.media) for p in found] == [
        ("1150000001", "手冲咖啡入门", "器具清单", "video")
    ]


async def test_a_dynamic_that_passes_one_on_brings_the_original(tmp_path: Path) -> None:
    app = Bili()
    app.cards = [dynamic(9, type="DYNAMIC_TYPE_FORWARD", orig=dynamic(1))]
    records = [r for page in await collect(app, tmp_path, "topic", "9001") for r in page.records]
    assert [(r.kind, r.native_id[-2:], r.repost_of and r.repost_of[-2:]) for r in records if isinstance(r, Post)] == [
        ("post", "01", None),
        ("repost", "09", "01"),
    ]


async def test_comments_of_a_dynamic_are_asked_by_its_own_kind(tmp_path: Path) -> None:
    seen: list[Scripted] = []
    app = Bili()
    app.cards = [dynamic(1)]
    found = await collect(app, tmp_path, "topic", "9001", "replies", seen)
    one = asked(seen[0], "/x/v2/reply")[0]
    assert (one.one("type"), one.one("oid"), one.one("sort")) == ("11", "300000001", "0")
    assert {post.root for post in posts(found, "comment")} == {dynamic(1)["id_str"]}


# ---------------------------------------------------------------------- people, one video


@pytest.mark.parametrize("value", ["200000001", "https://space.bilibili.com/200000001/video", "示例UP1"])
async def test_an_account_gives_its_card_and_what_a_search_shows(tmp_path: Path, value: str) -> None:
    found = await collect(Bili(), tmp_path, "account", value)
    who = found[0].records[0]
    assert isinstance(who, Account)
    assert (who.native_id, who.name, who.gender, who.followers, who.following, who.posts, who.verified) == (
        "200000001", "示例UP1", "female", 3_200, 80, 41, True,
    )  # fmt: skip
    assert {p.author.native_id for p in posts(found) if p.author} == {"200000001"}
    assert found[0].notes[0] == ("bilibili.account_by_search", {"name": "示例UP1"})


async def test_somebody_who_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Gone):
        await collect(Bili(), tmp_path, "account", "没有这个人")


@pytest.mark.parametrize("value", ["BV1xx411c7mD", "av1150000001", "https://www.bilibili.com/video/BV1xx411c7mD/?p=1"])
async def test_one_video_with_its_tags(tmp_path: Path, value: str) -> None:
    found = posts(await collect(Bili(), tmp_path, "post", value))
    assert [(p.native_id, p.title, p.tags, p.shares, p.views) for p in found] == [
        ("1150000001", "手冲咖啡入门", ("咖啡",), 12, 12_000)
    ]


@pytest.mark.parametrize(
    ("value", "key"),
    [("https://t.bilibili.com/1000000000000000001", "bilibili.dynamic_signed"), ("咖啡", "bilibili.not_a_name"),
     ("https://www.bilibili.com/opus/1000000000000000001", "bilibili.dynamic_signed"),
     ("https://evil.example/video/av1", "bilibili.not_a_name")],
)  # fmt: skip
async def test_what_is_no_video_is_refused_before_anything_is_asked(tmp_path: Path, value: str, key: str) -> None:
    seen: list[Scripted] = []
    with pytest.raises(BadQuery) as error:
        await collect(Bili(), tmp_path, "post", value, seen=seen)
    assert error.value.key == key
    assert not seen[0].asked


# ---------------------------------------------------------------------- comments


async def one_video(
    app: Bili, folder: Path, relations: str = "replies", credentials: Any = None, seen: Any = None
) -> list[Page]:
    return await collect(app, folder, "post", "av1150000001", relations, seen, credentials=credentials or {})


async def test_a_comment_becomes_the_record_a_file_would_give(tmp_path: Path) -> None:
    app = Bili()
    app.comments = [
        comment(1, member={"mid": "300000001", "uname": "示例观众", "sex": "女"},
                content={"message": "学会了 @示例UP1 @路人", "at_name_to_mid": {"示例UP1": 200_000_001}})
    ]  # fmt: skip
    (found,) = posts(await one_video(app, tmp_path), "comment")
    assert (found.native_id, found.root, found.reply_to) == ("250000000001", "1150000001", "1150000001")
    assert found.author is not None
    assert (found.author.native_id, found.author.gender, found.author.region) == ("300000001", "female", "上海")
    assert (found.region, found.created, found.likes) == ("上海", FIRST + 1_001, 4)
    assert [(m.name, m.native_id) for m in found.mentions] == [("示例UP1", "200000001"), ("路人", None)]


async def test_trap_replies_may_be_null(tmp_path: Path) -> None:
    app = Bili()
    app.comments = []
    found = await one_video(app, tmp_path)
    assert posts(found, "comment") == []
    assert reasons(found)["replies", "1150000001"] is None


async def test_trap_hots_repeat_the_first_page(tmp_path: Path) -> None:
    found = posts(await one_video(Bili(), tmp_path), "comment")
    assert [post.native_id for post in found] == ["250000000000", "250000000001"]


async def test_trap_a_visitor_is_shown_the_first_page_only(tmp_path: Path) -> None:
    app, seen = Bili(), []  # type: ignore[var-annotated]
    app.comments = [comment(n) for n in range(45)]
    found = await one_video(app, tmp_path, seen=seen)
    assert len(posts(found, "comment")) == 20
    assert [one.one("pn") for one in asked(seen[0], "/x/v2/reply")] == ["1"], "page 2 would silently repeat page 1"
    told = {one.kind: (one.said, one.seen, one.reason) for page in found for one in page.extents}
    assert told["replies"] == (45, 20, "bilibili.comments_first_page")


async def test_deeper_pages_come_with_the_users_own_cookie(tmp_path: Path) -> None:
    app, seen = Bili(), []  # type: ignore[var-annotated]
    app.comments = [comment(n) for n in range(45)]
    found = await one_video(app, tmp_path, credentials=MINE, seen=seen)
    assert len(posts(found, "comment")) == 45
    assert reasons(found)["replies", "1150000001"] is None
    assert [one.path for one in seen[0].asked if "SESSDATA" in one.headers.get("cookie", "")] == ["/x/v2/reply"] * 3
    assert "planted-secret" not in json.dumps([page.cursor for page in found]) + repr(found)


async def test_trap_a_page_of_comments_that_is_silently_empty_is_told(tmp_path: Path) -> None:
    app = Bili()
    app.fixed["/x/v2/reply"] = ok({"page": {"num": 1, "size": 20, "count": 45, "acount": 60}, "replies": None})
    assert reasons(await one_video(app, tmp_path, credentials=MINE))["replies", "1150000001"] == (
        "bilibili.comments_withheld"
    )


async def test_answers_of_a_comment_that_did_not_come_along_are_asked_for(tmp_path: Path) -> None:
    below = [comment(100 + n, root=250_000_000_001, parent=250_000_000_001 + n) for n in range(25)]
    app = Bili()
    app.comments = [comment(1, count=25, rcount=25, replies=below[:3]), comment(2, rcount=1, replies=[comment(7)])]
    app.answers["250000000001"] = below
    seen: list[Scripted] = []
    found = await one_video(app, tmp_path, seen=seen)
    numbers = [post.native_id for post in posts(found, "comment")]
    assert len(numbers) == len(set(numbers)) == 1 + 25 + 2
    assert [(one.one("root"), one.one("pn"), one.one("ps")) for one in asked(seen[0], "/x/v2/reply/reply")] == [
        ("250000000001", "1", "20"), ("250000000001", "2", "20"),
    ]  # fmt: skip
    by_number = {post.native_id: post for post in posts(found, "comment")}
    assert by_number["250000000103"].reply_to == "250000000004"
    assert {post.root for post in by_number.values()} == {"1150000001"}


@pytest.mark.parametrize(
    ("code", "reason"), [(12002, "bilibili.comments_closed"), (12009, "bilibili.comments_none")]
)  # fmt: skip
async def test_closed_comments_are_an_end_and_no_error(tmp_path: Path, code: int, reason: str) -> None:
    app = Bili()
    app.fixed["/x/v2/reply"] = Reply({"code": code, "message": "评论区已关闭", "ttl": 1})
    found = await one_video(app, tmp_path)
    assert reasons(found)["replies", "1150000001"] == reason
    assert len(posts(found)) == 1


# ---------------------------------------------------------------------- people around


async def test_reposts_of_a_dynamic_and_their_cap(tmp_path: Path) -> None:
    class Passed(Bili):
        def __call__(self, one: Asked) -> Reply:
            return answer(one) if one.path.endswith("/repost_detail") else super().__call__(one)

    for total, cut in ((5, None), (900, "bilibili.reposts_cut")):
        answer: Callable[[Asked], Reply] = reposts(total, 5)
        app = Passed()
        app.cards = [dynamic(1)]
        found = await collect(app, tmp_path, "topic", "9001", "reposts")
        passed = posts(found, "repost")
        assert [post.text for post in passed] == [f"转发动态{n} //@示例UP1" for n in range(5)]
        assert {post.repost_of for post in passed} == {dynamic(1)["id_str"]}
        assert reasons(found)["reposts", dynamic(1)["id_str"]] == cut


async def test_likes_of_a_dynamic_and_of_no_video(tmp_path: Path) -> None:
    app = Bili()
    app.cards = [dynamic(1)]
    found = edges(await collect(app, tmp_path, "topic", "9001", "likes"), "like")
    assert [(one.actor.native_id, one.target.native_id, one.post, one.time) for one in found] == [
        ("200000005", "200000001", dynamic(1)["id_str"], None)
    ]
    video_found = await one_video(Bili(), tmp_path, "likes,reposts")
    assert set(reasons(video_found).values()) == {None, "bilibili.no_such_list"}


async def test_followers_need_a_cookie_and_nothing_is_asked_without(tmp_path: Path) -> None:
    seen: list[Scripted] = []
    found = await collect(Bili(), tmp_path, "account", "200000001", "followers", seen)
    assert not asked(seen[0], "/x/relation/followers")
    assert "collect.relation_needs_login" in [key for page in found for key, _ in page.notes]
    assert posts(found), "the posts still come"


async def test_of_others_followers_five_pages_and_the_time_they_began(tmp_path: Path) -> None:
    found = await collect(Bili(), tmp_path, "account", "200000001", "followers,following", credentials=MINE)
    follow = edges(found, "follow")
    fans = [one for one in follow if one.target.native_id == "200000001"]
    assert len(fans) == 100
    assert (fans[0].actor.native_id, fans[0].actor.name, fans[0].time) == ("400000000", "示例粉丝0", FIRST - 1_000)
    assert len(follow) - len(fans) == 3
    told = {one.kind: (one.said, one.seen, one.reason) for page in found for one in page.extents}
    assert told["followers"] == (3_200, 100, "bilibili.followers_cut")
    assert told["following"] == (3, 3, None)


async def test_a_list_that_its_owner_hides_is_an_end(tmp_path: Path) -> None:
    app = Bili()
    app.fixed["/x/relation/followers"] = Reply({"code": 22115, "message": "用户已设置隐私，无法查看", "ttl": 1})
    found = await collect(app, tmp_path, "account", "200000001", "followers", credentials=MINE)
    assert reasons(found)["followers", "200000001"] == "bilibili.followers_hidden"


# ---------------------------------------------------------------------- codes and refusals


async def test_check_says_whose_cookie_it_is(tmp_path: Path) -> None:
    with scripted(Bili()) as server:
        async with transport(server.base, tmp_path) as http:
            known = await Bilibili().check(server.base, MINE, http)
            assert known.name == "示例本人"
            assert "planted-secret" not in repr(known)
            for wrong in ({}, {"cookie": "SESSDATA=old"}):
                with pytest.raises(NeedsLogin):
                    await Bilibili().check(server.base, wrong, http)


@pytest.mark.parametrize(
    ("reply", "error", "key"),
    [
        (Reply({"code": -412, "message": "请求被拦截"}, 412), Blocked, "bilibili.risk"),
        (Reply(b"<!DOCTYPE html><title>\xe5\x87\xba\xe9\x94\x99</title>", 412), Blocked, "bilibili.risk"),
        (Reply({"code": -412, "message": "request was banned"}), Blocked, "bilibili.risk"),
        (Reply({"code": -352, "message": "-352", "data": {"v_voucher": "voucher_xxx"}}), Blocked, "bilibili.risk"),
        (Reply({"code": 0, "message": "0", "data": {"v_voucher": "voucher_xxx"}}), Blocked, "bilibili.risk"),
        (Reply({"code": -403, "message": "访问权限不足"}), Blocked, "bilibili.refused"),
        (Reply({"code": -101, "message": "账号未登录"}), NeedsLogin, "bilibili.needs_login"),
        (Reply({"code": -6, "message": "账号未登录"}), NeedsLogin, "bilibili.needs_login"),
        (Reply({"code": -111, "message": "csrf 校验失败"}), NeedsLogin, "bilibili.needs_login"),
        (Reply({"code": -400, "message": "请求错误"}), BadQuery, "bilibili.bad_query"),
        (Reply({"code": -404, "message": "啥都木有"}), Gone, "bilibili.gone"),
        (Reply({"code": 62002, "message": "稿件不可见"}), Gone, "bilibili.gone"),
        (Reply({"code": 0, "message": "0", "data": None}), BrokenAnswer, "net.shape"),
        (Reply({"data": {"result": []}}), BrokenAnswer, "net.shape"),
        (Reply({"code": 0, "data": {"numResults": 3, "result": [{"type": "video", "x": 1}] * 3}}), BrokenAnswer,
         "collect.nothing_readable"),
    ],
)  # fmt: skip
async def test_codes_are_named_by_what_to_do(tmp_path: Path, reply: Reply, error: type[Exception], key: str) -> None:
    app = Bili()
    app.fixed[SEARCH] = reply
    with pytest.raises(error) as raised:
        await collect(app, tmp_path)
    assert isinstance(raised.value, CollectorError)
    assert raised.value.key == key


async def test_too_often_is_waited_for(tmp_path: Path) -> None:
    times: list[float] = []

    async def sleep(seconds: float) -> None:
        times.append(seconds)

    class Busy(Bili):
        refused = 0

        def __call__(self, one: Asked) -> Reply:
            if one.path == SEARCH and self.refused < 1:
                self.refused += 1
                return Reply({"code": -799, "message": "请求过于频繁，请稍后再试"})
            return super().__call__(one)

    now = [float(FIRST)]

    def clock() -> float:
        now[0] += sum(times)
        times.clear()
        return now[0]

    with scripted(Busy()) as server:
        async with transport(server.base, tmp_path, sleep=sleep, now=clock) as http:
            found = await pages(Bilibili(), Query("keyword", "咖啡", server.base), http)
    assert len(posts(found)) == 9
    assert now[0] - FIRST >= 60
    busy = judge(Heard(200, {}, b'{"code":-799}', "https://api.bilibili.com/x"))
    assert isinstance(busy, Retry)


def test_capabilities_name_every_limit() -> None:
    can = Bilibili.capabilities
    assert can.experimental
    assert can.pace >= 2
    assert can.window_days
    assert set(can.needs) == {"followers", "following"}
    assert [login.access for login in can.logins] == ["own_cookie"]


def test_the_site_itself_as_the_server_means_the_platforms_own_hosts() -> None:
    assert _base(None) == _base("https://www.bilibili.com") == _base("bilibili.com") == ""
    assert _base("https://notbilibili.com") == "https://notbilibili.com"
