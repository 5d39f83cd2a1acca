"""Weibo's open API against a small one on loopback: own posts, one post, every row of the error table. Invented."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Collector, Extent, Page, Query
from collectors.weibo_open import WeiboOpen, error_of
from tests.collectors.contract import HOSTILE, CollectorContract, pages, transport
from tests.collectors.test_weibo import extents, records
from tests.servers.scripted import SILENCE, App, Asked, Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import Account, Interaction, Post

TOKEN = "2.00planted0Secret0Token"
OWN = {"token": TOKEN}
ALL = frozenset({"replies", "reposts", "followers", "following"})
ME = "1700000001"


def mid(n: int) -> str:
    return str(5230000000000000 + n)


def user(n: int, **more: Any) -> dict[str, Any]:
    uid = 1700000000 + n
    return {
        "id": uid, "idstr": str(uid), "screen_name": f"示例用户{n}", "name": f"示例用户{n}", "province": "31",
        "city": "1", "location": "上海 黄浦区",
        "description": "", "gender": "n" if n % 2 == 0 else "f", "followers_count": 321,
        "friends_count": 120, "statuses_count": 88, "created_at": "Mon Jan 05 10:00:00 +0800 2015", "verified": False,
        "verified_type": -1,
    } | more  # fmt: skip


def post(n: int, **more: Any) -> dict[str, Any]:
    return {
        "created_at": f"Fri Nov 20 09:{59 - n % 60:02d}:00 +0800 2026", "id": int(mid(n)), "mid": mid(n),
        "idstr": mid(n), "text": f"#示例话题# 第{n}条 @示例品牌", "textLength": 38,
        "favorited": False, "truncated": False,
        "source": '<a href="http://app.weibo.com/t/feed/abc" rel="nofollow">示例客户端</a>',
        "pic_urls": [{"thumbnail_pic": "http://wx1.sinaimg.cn/thumbnail/000aaa.jpg"}], "geo": None, "isLongText": False,
        "mlevel": 0, "visible": {"type": 0, "list_id": 0}, "user": user(1), "reposts_count": 2, "comments_count": 5,
        "attitudes_count": 17,
    } | more  # fmt: skip


def comment(n: int, of: str, **more: Any) -> dict[str, Any]:
    number = str(int(of) * 10 + n)
    return {
        "created_at": f"Fri Nov 20 10:{n:02d}:00 +0800 2026", "id": int(number), "rootid": int(number),
        "floor_number": n, "text": f"好吃吗{n}？",
        "source": '<a href="http://weibo.com" rel="nofollow">微博</a>',
        "user": user(2 + n), "mid": number, "idstr": number, "status": {"idstr": of},
    } | more  # fmt: skip


class OpenApi:
    """Three rows a page. ``thin``: the second page of every list has no rows, and is not the last."""

    def __init__(self, posts: list[Any] | None = None) -> None:
        self.posts = [post(n) for n in range(1, 8)] if posts is None else posts
        self.thin = False
        self.special: dict[str, Reply] = {}
        self.people = [user(20 + n) for n in range(5)]
        self.comments = 5

    def rows(self, asked: Asked, name: str, rows: list[Any], cursor: str, total: int) -> Any:
        at = int(asked.one(cursor, "0"))
        start = at % 1000
        found, after = rows[start : start + 3], start + 3
        if self.thin and at and at < 10_000:
            found, after = [], start + 10_000
        more = after % 1000 < len(rows)
        onward = after if more else 0
        return {name: found, "hasvisible": False, "previous_cursor": 0, "next_cursor": onward, "total_number": total}

    def __call__(self, asked: Asked) -> Reply:
        name = asked.path.removeprefix("/2/").removesuffix(".json")
        if name in self.special:
            return self.special[name]
        assert asked.one("access_token") == TOKEN
        assert "authorization" not in asked.headers
        if name == "account/get_uid":
            return Reply({"uid": ME})
        if name == "account/rate_limit_status":
            return Reply({"remaining_user_hits": 97, "user_limit": 100})
        if name == "users/show":
            return Reply(user(int(asked.one("uid")) - 1700000000))
        if name == "statuses/show":
            found = next((one for one in self.posts if one["idstr"] == asked.one("id")), None)
            gone = {"request": "/2/statuses/show.json", "error_code": "20101", "error": "target weibo does not exist!"}
            return Reply(found) if found else Reply(gone, 400)
        if name == "statuses/user_timeline":
            assert asked.one("uid") == ME
            return Reply(self.rows(asked, "statuses", self.posts, "max_id", 81))
        if name == "comments/show":
            found = [comment(n, asked.one("id")) for n in range(self.comments)]
            return Reply(self.rows(asked, "comments", found, "max_id", 5))
        if name == "statuses/repost_timeline":
            of = int(asked.one("id")) - int(mid(0))
            more = {"text": "转发微博", "retweeted_status": {"idstr": asked.one("id")}}
            found = [post(100 + 10 * of + n, user=user(9 + n), **more) for n in range(2)]
            return Reply(self.rows(asked, "reposts", found, "max_id", 2))
        if name in ("friendships/followers", "friendships/friends"):
            return Reply(self.rows(asked, "users", self.people, "cursor", 321))
        raise AssertionError(name)


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return WeiboOpen()

    def query(self, base: str) -> Query:
        return Query("account", "我", base, ALL, credentials=OWN)

    def app(self, flaw: str) -> App:
        api = OpenApi()
        if flaw == "circle":
            plain = api.rows

            def again(*args: Any) -> Any:
                found = plain(*args)
                return found | {"next_cursor": found["next_cursor"] or 3}

            api.rows = again  # type: ignore[method-assign]
        if flaw == "slow":
            api.special["statuses/user_timeline"] = SILENCE
        if flaw == "hostile":
            evil = user(1, screen_name=HOSTILE, description=HOSTILE, location=HOSTILE)
            api.posts = [post(n, text=HOSTILE, user=evil, source=HOSTILE) for n in range(3)]
            api.people = [evil]
        if flaw == "one_bad":
            api.posts[4] |= {"created_at": None}
            api.special["comments/show"] = Reply({"comments": [], "next_cursor": 0, "total_number": 0})
            api.special["statuses/repost_timeline"] = Reply({"reposts": [], "next_cursor": 0, "total_number": 0})
        return api

    async def test_one_bad_record_does_not_take_the_page_along(self, tmp_path: Path) -> None:
        with scripted(self.app("one_bad")) as server:
            found = await self.run(server, tmp_path)
        assert [one.reason for page in found for one in page.rejected] == ["weibo.no_time"]
        assert len(records(found, Post)) == 6


async def collect(app: App, folder: Path, mode: str = "account", value: str = "我", **more: Any) -> list[Page]:
    with scripted(app) as server:
        async with transport(server.base, folder) as http:
            query = Query(mode, value, server.base, credentials=OWN, **more)  # type: ignore[arg-type]
            found = await pages(WeiboOpen(), query, http)
    assert "planted0Secret" not in repr(found)
    assert "planted0Secret" not in json.dumps([page.cursor for page in found])
    return found


async def failing(reply: Reply, folder: Path, name: str = "statuses/user_timeline", **more: Any) -> CollectorError:
    api = OpenApi()
    api.special[name] = reply
    with pytest.raises(CollectorError) as caught:
        await collect(api, folder, **more)
    assert "planted0Secret" not in f"{caught.value!r} {caught.value} {caught.value.args}"
    return caught.value


@pytest.mark.parametrize("value", ["我", ME, "示例用户1", "https://weibo.com/u/1700000001"])
async def test_own_posts(tmp_path: Path, value: str) -> None:
    found = await collect(OpenApi(), tmp_path, value=value)
    posts = records(found, Post)
    assert [one.native_id for one in posts] == [mid(n) for n in range(1, 8)]
    first = posts[0]
    assert (first.text, first.tags, [m.name for m in first.mentions]) == (
        "#示例话题# 第1条 @示例品牌",
        ("示例话题",),
        ["示例品牌"],
    )
    assert (first.author.region, first.author.gender, first.author.following) == ("上海 黄浦区", "female", 120)
    assert (first.likes, first.media, first.zone) == (17, "image", "+08:00")
    assert extents(found)["posts", value] == Extent("posts", value, 81, 7), "81 by the total, of which 7 are shown"


async def test_others_timelines_are_refused_before_they_are_asked_for(tmp_path: Path) -> None:
    for value in ("1700000009", "别人", "https://weibo.com/u/1700000009"):
        with pytest.raises(BadQuery, match=r"weibo_open\.own_only"):
            await collect(OpenApi(), tmp_path, value=value)


async def test_pages_with_fewer_rows_or_none_are_no_end_and_cursor_0_is(tmp_path: Path) -> None:
    api = OpenApi()
    api.thin = True
    found = await collect(api, tmp_path)
    assert len(records(found, Post)) == 7


async def test_one_post_with_comments_and_reposts(tmp_path: Path) -> None:
    found = await collect(OpenApi(), tmp_path, "post", mid(2), relations=frozenset({"replies", "reposts"}))
    posts = records(found, Post)
    assert [one.kind for one in posts] == ["post"] + ["comment"] * 5 + ["repost"] * 2
    assert {(one.root, one.reply_to) for one in posts if one.kind == "comment"} == {(mid(2), mid(2))}
    assert {one.repost_of for one in posts if one.kind == "repost"} == {mid(2)}
    assert extents(found)["replies", mid(2)] == Extent("replies", mid(2), 5, 5)


async def test_an_answer_to_a_comment_names_it(tmp_path: Path) -> None:
    under = comment(3, mid(2), reply_comment={"idstr": "77", "id": 77}, rootid=76)
    api = OpenApi()
    api.special["comments/show"] = Reply({"comments": [under], "next_cursor": 0, "total_number": 9})
    found = await collect(api, tmp_path, "post", mid(2), relations=frozenset({"replies"}))
    assert records(found, Post)[1].reply_to == "77"
    assert extents(found)["replies", mid(2)].reason == "weibo_open.fewer"


async def test_own_people_are_a_part_only_and_that_is_told(tmp_path: Path) -> None:
    found = await collect(OpenApi(), tmp_path, relations=frozenset({"followers", "following"}))
    edges = [(one.actor.native_id, one.target.native_id) for one in records(found, Interaction)]
    fans = [f"17000000{20 + n}" for n in range(5)]
    assert edges == [*((fan, ME) for fan in fans), *((ME, fan) for fan in fans)]
    assert extents(found)["followers", ME] == Extent("followers", ME, 321, 5, "weibo_open.people_cap")
    assert {one.actor.gender for one in records(found, Interaction)} == {None, "female"}, "n is no gender"


@pytest.mark.parametrize(
    "original", [{"idstr": "5229000000000001", "text": "", "deleted": "1"}, {"id": 5229000000000001}]
)
async def test_a_deleted_original_leaves_a_repost(tmp_path: Path, original: Any) -> None:
    (found,) = records(await collect(OpenApi([post(1, retweeted_status=original)]), tmp_path), Post)
    assert (found.kind, found.repost_of) == ("repost", "5229000000000001")


ROWS: list[tuple[type[CollectorError], list[int]]] = [
    (Retry, [10001, 10002, 10003, 10009, 10011, 10004, 10022, 10023, 10024, 10010]),
    (Blocked, [10005, 10014, 10032]),
    (NeedsLogin, [10006, 10007, 10013, 21301, 21314, 21315, 21316, 21317, 21318, 21319, 21327, 21332]),
    (BadQuery, [10008, 10016, 10017, 10018, 10012, 10020, 10021]),
    (Gone, [20003, 20101, 20201, 20112]),
    (BrokenAnswer, [29999, 10999]),
]


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in ROWS for code in codes])
@pytest.mark.parametrize("as_text", [True, False])
def test_every_error_code_is_named_by_what_to_do(kind: type[CollectorError], code: int, as_text: bool) -> None:
    found = error_of({"error_code": str(code) if as_text else code, "error": "x"})
    assert type(found) is kind


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"error_code": "10006", "error": "source paramter(appkey) is missing"}, 400, NeedsLogin),
        ({"error_code": 21301, "error": "auth by Null spi!"}, 403, NeedsLogin),
        ({"request": "/2/x.json", "error_code": "10023", "error": "User requests out of rate limit!"}, 403, Retry),
        ({"request": "/2/x.json", "error_code": "10014", "error": "Insufficient app permissions!"}, 403, Blocked),
        ({"error_code": "10006", "error": "x"}, 200, NeedsLogin),
        ({"error": "Forbidden"}, 403, Blocked),
        ({"statuses": {}}, 200, BrokenAnswer),
        ({"odd": 1}, 200, BrokenAnswer),
    ],
)
async def test_errors_as_they_come(tmp_path: Path, body: Any, status: int, kind: type[CollectorError]) -> None:
    assert isinstance(await failing(Reply(body, status), tmp_path), kind)


async def test_a_token_echoed_by_the_server_reaches_no_error(tmp_path: Path) -> None:
    for status, body in (
        (403, f"denied for {TOKEN}".encode()), (400, {"error": f"bad {TOKEN}"}), (404, b""), (422, TOKEN.encode()),
        (400, {"error_code": 10008, "error": f"param access_token={TOKEN}", "request": f"/2/x?access_token={TOKEN}"}),
    ):  # fmt: skip
        await failing(Reply(body, status), tmp_path)


async def test_the_token_is_in_no_log_and_no_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await collect(OpenApi(), tmp_path, relations=ALL)
    await failing(Reply(b"x", 500), tmp_path)
    assert "planted0Secret" not in caplog.text
    assert not any("planted0Secret" in one.read_text("utf-8") for one in tmp_path.rglob("*") if one.is_file())


async def test_the_token_goes_to_its_own_origin_only(tmp_path: Path) -> None:
    with scripted(lambda asked: Reply({"statuses": [], "next_cursor": 0})) as other:
        await failing(Reply(b"", 302, {"Location": f"{other.base}/elsewhere"}), tmp_path)
        assert not any("planted0Secret" in f"{one.query} {one.headers}" for one in other.asked)


async def test_whose_token_it_is_and_how_many_calls_are_left(tmp_path: Path) -> None:
    api = OpenApi()
    with scripted(api) as server:
        async with transport(server.base, tmp_path) as http:
            known = await WeiboOpen().check(server.base, OWN, http)
            assert (known.name, known.notes) == (ME, (("weibo_open.calls_left", {"count": 97}),))
            api.special["account/rate_limit_status"] = Reply({"error_code": "10020", "error": "not found"}, 400)
            assert (await WeiboOpen().check(server.base, OWN, http)).notes == ()
            with pytest.raises(NeedsLogin, match=r"weibo_open\.no_token"):
                await WeiboOpen().check(server.base, {}, http)


async def test_a_comment_list_that_is_gone_is_skipped(tmp_path: Path) -> None:
    api = OpenApi()
    api.special["comments/show"] = Reply({"error_code": "20112", "error": "privacy"}, 403)
    found = await collect(api, tmp_path, "post", mid(2), relations=frozenset({"replies"}))
    assert len(records(found, Post)) == 1
    assert len(records(found, Account)) == 0
    assert extents(found)["replies", mid(2)].reason == "collect.gone"


@given(
    st.dictionaries(
        st.sampled_from(["error_code", "error", "request"]), st.none() | st.integers() | st.text(max_size=30)
    )
)
def test_any_error_body_is_read_without_a_crash(body: dict[str, Any]) -> None:
    found = error_of(body)
    assert (found is None) == (body.get("error_code") is None)
