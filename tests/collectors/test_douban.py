"""The Douban collector against a small server that plays the fact sheet's pages, JSON and traps (invented data)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Collector, Page, Query
from collectors.douban import Douban, _base, judge
from collectors.http import Reply as Heard
from tests.collectors.contract import HOSTILE, CollectorContract, pages, transport
from tests.servers import douban as site
from tests.servers.douban import FIRST, HTML, comment, person, seconds, stamp, topic
from tests.servers.scripted import App, Asked, Reply, Scripted, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone, NeedsLogin
from xunke.model import Membership, Post

NOW = float(seconds("2026-11-22 12:00:00"))
SECRET = "planted-dbcl2"


async def collect(
    app: App,
    folder: Path,
    mode: Any = "group",
    value: str = "500001",
    relations: str = "",
    seen: Any = None,
    **more: Any,
) -> list[Page]:
    with scripted(app) as server:
        if seen is not None:
            seen.append(server)
        async with transport(server.base, folder, now=lambda: NOW) as http:
            wanted: Any = frozenset(relations.split(",")) if relations else frozenset()
            return await pages(Douban(), Query(mode, value, server.base, wanted, **more), http)


def posts(found: list[Page], kind: str = "post") -> list[Post]:
    return [r for page in found for r in page.records if isinstance(r, Post) and r.kind == kind]


def numbers(found: list[Page]) -> list[int]:
    return [int(post.native_id) - FIRST for post in posts(found)]


def asked(server: Scripted, part: str) -> list[Asked]:
    return [one for one in server.asked if part in one.path]


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Douban()

    def app(self, flaw: str) -> App:
        app = site.Douban(4)
        app.slow, app.circle = flaw == "slow", flaw == "circle"
        if flaw == "hostile":
            evil = person(1, name=HOSTILE, uid=HOSTILE, loc={"name": HOSTILE}, gender=HOSTILE)
            app.topics = {
                n: topic(n, title=HOSTILE, content=HOSTILE, author=evil, ip_location=HOSTILE,
                         topic_tags=[{"name": HOSTILE}], group={"id": "500001", "name": HOSTILE}) for n in app.order
            }  # fmt: skip
            app.comments = {n: [comment(n, text=HOSTILE, author=evil, ip_location=HOSTILE)] for n in app.order}
        if flaw == "one_bad":
            app.topics[2]["create_time"] = "不是时间"
            app.comments[2] = []
        else:
            app.comments[2] = []
        return app

    def query(self, base: str) -> Query:
        return Query("group", "500001", base, frozenset({"replies"}))


# ---------------------------------------------------------------------- a group


async def test_a_topic_becomes_the_record_a_file_would_give(tmp_path: Path) -> None:
    found = await collect(site.Douban(), tmp_path)
    first = posts(found)[0]
    assert (first.native_id, first.title, first.text) == (str(FIRST + 9), "求推荐咖啡店9", "人在上海，第9次问")
    assert first.author is not None
    assert (first.author.native_id, first.author.name, first.author.region, first.author.gender) == (
        "100000000", "示例组员0", "上海", None,
    )  # fmt: skip
    assert first.group is not None
    assert (first.group.native_id, first.group.name, first.group.kind) == ("500001", "示例咖啡小组", "douban_group")
    assert (first.likes, first.comments, first.shares, first.saves, first.region) == (3, 2, 1, 2, "上海")
    members = [r for page in found for r in page.records if isinstance(r, Membership)]
    assert (members[0].account.native_id, members[0].group.native_id) == ("100000000", "500001")


async def test_trap_the_time_in_the_list_is_the_last_answer(tmp_path: Path) -> None:
    found = posts(await collect(site.Douban(), tmp_path))
    assert [post.created for post in found] == [seconds(stamp(n)) for n in range(9, 0, -1)]
    assert {post.zone for post in found} == {"+08:00"}


async def test_since_ends_the_walk_where_the_last_answers_are_older(tmp_path: Path) -> None:
    app, seen = site.Douban(), []  # type: ignore[var-annotated]
    app.last[6] = "2026-11-21"  # an old topic that was answered lately, and a date alone
    app.topics[6]["create_time"] = "2025-01-01 08:00:00"
    found = await collect(app, tmp_path, since=seconds("2026-11-15 00:00:00"), seen=seen)
    assert numbers(found) == [9, 8, 7, 5]
    read = {one.path.rpartition("/")[2] for one in asked(seen[0], "/rexxar/")}
    assert read == {str(FIRST + n) for n in (9, 8, 7, 6, 5)}, "topics answered before it are not even asked for"
    assert [one.one("start") for one in asked(seen[0], "/discussion")] == ["0", "25"]


async def test_a_pinned_old_topic_does_not_end_the_walk(tmp_path: Path) -> None:
    app = site.Douban()
    app.order = [1, 9, 8, 7, 6]
    app.last[1] = "2020-01-01"
    assert numbers(await collect(app, tmp_path, since=seconds("2026-11-15 00:00:00"))) == [9, 8, 7, 6]


@pytest.mark.parametrize(
    "value", ["500001", "https://www.douban.com/group/500001/", "m.douban.com/group/500001/?x=1", "coffee-lovers"]
)
async def test_a_group_by_number_name_or_address(tmp_path: Path, value: str) -> None:
    found = posts(await collect(site.Douban(), tmp_path, value=value))
    assert {post.group and post.group.native_id for post in found} == {"500001"}, "the number, not the name"


@pytest.mark.parametrize(
    ("mode", "value"),
    [("group", "咖啡小组"), ("group", "https://evil.example/group/500001/"), ("post", "coffee"), ("group", "http://[x"),
     ("post", "https://www.douban.com/group/500001/"), ("group", "https://www.douban.com/group/topic/310000001/")],
)  # fmt: skip
async def test_what_names_no_group_is_refused_before_anything_is_asked(tmp_path: Path, mode: str, value: str) -> None:
    seen: list[Scripted] = []
    with pytest.raises(BadQuery):
        await collect(site.Douban(), tmp_path, mode, value, seen=seen)
    assert not seen[0].asked


async def test_trap_a_deleted_topic_is_skipped_and_counted(tmp_path: Path) -> None:
    app = site.Douban()
    del app.topics[8]
    found = await collect(app, tmp_path)
    assert numbers(found) == [9, 7, 6, 5, 4, 3, 2, 1]
    assert [note for page in found for note in page.notes] == [("collect.gone_skipped", {"count": 1})]
    with pytest.raises(Gone):
        await collect(app, tmp_path, "post", str(FIRST + 8))


async def test_trap_about_500_topics_can_be_reached(tmp_path: Path) -> None:
    app = site.Douban(1)

    def endless(one: Asked) -> Reply:
        if one.path.endswith("/discussion"):
            n = 1 + int(one.one("start")) // 25
            return Reply(site.list_page([site.row(n, "11-20 21:30")]).encode(), headers=HTML)
        if "/rexxar/" in one.path:
            return Reply(topic(int(one.path.split("/")[6]) - FIRST, create_time=stamp(1)))
        return app(one)

    seen: list[Scripted] = []
    found = await collect(endless, tmp_path, seen=seen)
    assert len(asked(seen[0], "/discussion")) == 20
    assert found[-1].capped
    assert [one.reason for page in found for one in page.extents] == ["douban.newest_only"]


async def test_an_empty_list_is_an_end_and_a_page_without_a_list_is_an_error(tmp_path: Path) -> None:
    app = site.Douban(0)
    assert posts(await collect(app, tmp_path)) == []
    other = '<html><table class="olt"><tr><td class="title"><b>换了样子</b></td></tr></table></html>'
    for page in ("<html><body><p>欢迎来到豆瓣小组，这里什么也没有</p></body></html>", other):
        app.fixed["/group/500001/discussion"] = Reply(page.encode(), headers=HTML)
        with pytest.raises(BrokenAnswer) as error:
            await collect(app, tmp_path)
        assert error.value.key == "douban.no_list"


async def test_topics_that_cannot_be_read_in_a_row_are_another_shape(tmp_path: Path) -> None:
    app = site.Douban()
    for n in (9, 8, 7):
        app.topics[n]["create_time"] = 5
    with pytest.raises(BrokenAnswer) as error:
        await collect(app, tmp_path)
    assert error.value.key == "collect.nothing_readable"


async def test_a_limit_stops_the_reading_of_topics(tmp_path: Path) -> None:
    seen: list[Scripted] = []
    assert numbers(await collect(site.Douban(), tmp_path, limit=2, seen=seen)) == [9, 8]
    assert len(asked(seen[0], "/rexxar/")) == 2


async def test_the_json_is_asked_as_its_site_asks_and_pages_by_robots(tmp_path: Path) -> None:
    seen: list[Scripted] = []
    await collect(site.Douban(), tmp_path, seen=seen)
    json_asked = asked(seen[0], "/rexxar/")
    assert {one.headers["referer"] for one in json_asked} == {
        f"https://m.douban.com/group/topic/{FIRST + n}/" for n in range(1, 10)
    }
    assert all("Mobile" in one.headers["user-agent"] and "Xunke" in one.headers["user-agent"] for one in json_asked)
    assert seen[0].asked[0].path == "/robots.txt"
    app = site.Douban()
    app.fixed["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /group/\n", headers={"Content-Type": "text/plain"})
    with pytest.raises(Blocked):
        await collect(app, tmp_path / "other")


async def test_the_visitors_mark_is_kept_and_the_users_cookie_goes_along(tmp_path: Path) -> None:
    with scripted(site.Douban()) as server:
        async with transport(server.base, tmp_path, now=lambda: NOW) as http:
            await pages(Douban(), Query("group", "500001", server.base, limit=1), http)
            assert dict(http.vault) == {"bid": "Ab-c_123456"}
            mine = Query("group", "500001", server.base, limit=1, credentials={"cookie": f"dbcl2={SECRET}"})
            found = await pages(Douban(), mine, http)
        last = asked(server, "/rexxar/")[-1]
    assert last.headers["cookie"] == f"bid=Ab-c_123456; dbcl2={SECRET}"
    assert SECRET not in repr(found) + json.dumps([page.cursor for page in found])


# ---------------------------------------------------------------------- comments


async def test_comments_say_whom_they_answer_and_from_where(tmp_path: Path) -> None:
    app = site.Douban(1)
    first = comment(1)
    app.comments[1] = [first, comment(2, ref_comment={"id": first["id"], "text": "求推荐", "author": {"id": "1"}})]
    app.comments[1] += [comment(3, total_replies=1, replies=[comment(4)])]
    found = await collect(app, tmp_path, relations="replies")
    got = posts(found, "comment")
    assert [(p.native_id, p.reply_to, p.root) for p in got] == [
        ("4200000001", str(FIRST + 1), str(FIRST + 1)), ("4200000002", "4200000001", str(FIRST + 1)),
        ("4200000003", str(FIRST + 1), str(FIRST + 1)), ("4200000004", "4200000003", str(FIRST + 1)),
    ]  # fmt: skip
    assert (got[1].text, got[1].region, got[1].likes) == ("去老城区看看2", "上海", 3)
    assert {p.group and p.group.native_id for p in got} == {"500001"}
    members = [r.account.native_id for page in found for r in page.records if isinstance(r, Membership)]
    assert {p.author and p.author.native_id for p in got} <= set(members), "who answers writes in the group"


async def test_trap_the_server_cuts_the_pages_of_comments_as_it_likes(tmp_path: Path) -> None:
    app, seen = site.Douban(1), []  # type: ignore[var-annotated]
    app.comments[1] = [comment(n) for n in range(45)]
    found = await collect(app, tmp_path, relations="replies", seen=seen)
    assert len(posts(found, "comment")) == 45
    assert [one.one("start") for one in asked(seen[0], "/comments")] == ["0", "20", "40"]
    assert [(one.said, one.seen) for page in found for one in page.extents if one.kind == "replies"] == [(45, 45)]


async def test_trap_popular_comments_are_some_of_them_again(tmp_path: Path) -> None:
    app = site.Douban(1)
    app.popular = [comment(11)]
    for app.no_json in (False, True):
        got = [post.native_id for post in posts(await collect(app, tmp_path, relations="replies"), "comment")]
        assert got == ["4200000010", "4200000011"]


async def test_a_page_of_comments_that_is_empty_although_more_are_told(tmp_path: Path) -> None:
    app = site.Douban(1)
    app.fixed[f"/rexxar/api/v2/group/topic/{FIRST + 1}/comments"] = Reply(
        {"start": 0, "count": 0, "total": 12, "comments": [], "popular_comments": []}
    )
    found = await collect(app, tmp_path, relations="replies")
    told = [(one.said, one.seen, one.reason) for page in found for one in page.extents if one.kind == "replies"]
    assert told == [(12, 0, "douban.comments_withheld")]


async def test_the_page_stands_in_where_the_json_does_not_answer(tmp_path: Path) -> None:
    plain, app, seen = site.Douban(2), site.Douban(2), []  # type: ignore[var-annotated]
    app.no_json = True
    app.comments[2] = [comment(n) for n in range(150)]
    plain.comments[2] = app.comments[2]
    by_json = await collect(plain, tmp_path, relations="replies")
    by_page = await collect(app, tmp_path / "other", relations="replies", seen=seen)
    assert [key for page in by_page for key, _ in page.notes] == ["douban.by_page"], "said once"
    assert len(asked(seen[0], "/rexxar/")) == 1, "and not asked again"
    for kind in ("post", "comment"):
        ours, theirs = posts(by_page, kind), posts(by_json, kind)
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            for name in ("native_id", "text", "title", "created", "zone", "likes", "comments", "region", "group",
                         "root", "reply_to", "url"):  # fmt: skip
                if (kind, name) != ("post", "comments"):  # the list's number of answers stands in
                    assert getattr(one, name) == getattr(other, name), name
            assert one.author is not None
            assert other.author is not None
            assert (one.author.native_id, one.author.name) == (other.author.native_id, other.author.name)


async def test_one_topic_by_its_number_or_address(tmp_path: Path) -> None:
    for value in (str(FIRST + 1), f"https://www.douban.com/group/topic/{FIRST + 1}/?start=100"):
        found = await collect(site.Douban(1), tmp_path, "post", value, "replies")
        assert numbers(found) == [1]
        assert len(posts(found, "comment")) == 2


# ---------------------------------------------------------------------- walls

ODD = "<html><head><title>豆瓣</title></head><body>检测到有异常请求从您的IP发出，请登录后再试</body></html>".encode()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html><title>403 Forbidden</title></html>", 403, HTML),
        Reply(ODD, 200, HTML),
        Reply(b"", 302, {"Location": "/passport/login?redir=x"}),
        Reply(b"", 302, {"Location": "/misc/sorry?original-url=x"}),
        Reply({"msg": "rate_limit_exceeded", "code": 112}, 400),
        Reply({"msg": "ip blocked", "code": 1}, 403),
    ],
)
@pytest.mark.parametrize("where", ["/group/500001/discussion", f"/rexxar/api/v2/group/topic/{FIRST + 9}"])
async def test_a_wall_stops_the_run(tmp_path: Path, reply: Reply, where: str) -> None:
    app = site.Douban()
    app.fixed |= {where: reply, "/passport/login": Reply(b"<html>login</html>", 200, HTML)}
    app.fixed["/misc/sorry"] = Reply(b"<html>sorry</html>", 200, HTML)
    seen: list[Scripted] = []
    with pytest.raises(Blocked) as error:
        await collect(app, tmp_path, seen=seen)
    assert error.value.key == "douban.blocked"
    assert len(asked(seen[0], where)) == 1, "no second try"


def test_trap_the_security_host_is_a_wall() -> None:
    places: list[tuple[str, dict[str, str]]] = [
        ("https://sec.douban.com/b", {}), ("https://accounts.douban.com/passport/login", {}),
        ("https://www.douban.com/group/1/discussion", {"location": "https://sec.douban.com/b?r=x"}),
    ]  # fmt: skip
    for url, headers in places:
        said = judge(Heard(200, headers, b"<html>", url))
        assert isinstance(said, Blocked)


def test_a_topic_about_odd_requests_is_no_wall() -> None:
    page = site.topic_page(1, [site.comment_html(1, text="我也遇到异常请求了")]).encode()
    assert judge(Heard(200, {}, page, "https://www.douban.com/group/topic/1/")) is None
    body = json.dumps(topic(1, content="异常请求怎么办"), ensure_ascii=False).encode()
    assert judge(Heard(200, {}, body, "https://m.douban.com/rexxar/api/v2/group/topic/1")) is None


async def test_trap_429_is_waited_for(tmp_path: Path) -> None:
    class Busy(site.Douban):
        refused = 0

        def __call__(self, one: Asked) -> Reply:
            if one.path.endswith("/discussion") and self.refused < 2:
                self.refused += 1
                return Reply(b"", 429, {"Retry-After": "7"})
            return super().__call__(one)

    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with scripted(Busy(1)) as server:
        async with transport(server.base, tmp_path, now=lambda: NOW + sum(slept), sleep=sleep) as http:
            found = await pages(Douban(), Query("group", "500001", server.base), http)
    assert numbers(found) == [1]
    assert sum(slept) >= 14


async def test_a_private_group_asks_for_a_login(tmp_path: Path) -> None:
    app = site.Douban(1)
    app.no_json = True
    app.fixed[f"/group/topic/{FIRST + 1}/"] = Reply(b"", 302, {"Location": "/accounts/passport/login?x"})
    app.fixed["/accounts/passport/login"] = Reply(b"<html>login</html>", 200, HTML)
    with pytest.raises(Blocked):
        await collect(app, tmp_path)


async def test_check_says_whose_cookie_it_is(tmp_path: Path) -> None:
    class Mine(site.Douban):
        def __call__(self, one: Asked) -> Reply:
            if one.path == "/mine/":
                good = f"dbcl2={SECRET}" in one.headers.get("cookie", "")
                return Reply(b"", 302, {"Location": "/people/lin-example/" if good else "/passport/login?x"})
            if one.path.startswith(("/people/", "/passport/")):
                return Reply("<html><head><title>林</title></head><body>主页</body></html>".encode(), headers=HTML)
            return super().__call__(one)

    with scripted(Mine()) as server:
        async with transport(server.base, tmp_path) as http:
            known = await Douban().check(server.base, {"cookie": f"dbcl2={SECRET}"}, http)
            assert known.name == "lin-example"
            for wrong in ({}, {"cookie": "dbcl2=old"}):
                with pytest.raises(NeedsLogin):
                    await Douban().check(server.base, wrong, http)


def test_capabilities_name_the_pace_and_the_limits() -> None:
    can = Douban.capabilities
    assert can.pace == 5.0
    assert {"douban.limit_groups", "douban.limit_newest"} <= set(can.limits)


def test_the_site_itself_as_the_server_means_the_platforms_own_hosts() -> None:
    assert _base(None) == _base("https://www.douban.com") == _base("douban.com") == ""
    assert _base("https://notdouban.com") == "https://notdouban.com"
