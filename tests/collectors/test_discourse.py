"""The Discourse collector against a small hand-made forum (invented data) that has the traps of the fact sheet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Collector, Page, Query, Relation
from collectors.discourse import Discourse
from collectors.discourse_map import Forum, account, own_words, said, tags_of, topic
from collectors.walk import Unusable
from tests.collectors.contract import HOSTILE, CollectorContract, pages, resumes, strings, transport
from tests.servers.scripted import SILENCE, App, Asked, Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone, NeedsLogin, Retry
from xunke.model import Account, Interaction, Membership, Post
from xunke.text import clean

REPLIES: frozenset[Relation] = frozenset({"replies"})
ALL: frozenset[Relation] = frozenset({"replies", "likes"})
FORUM = Forum("forum.example", "https://forum.example", {"3": {"name": "装备", "slug": "gear"}})


def listed(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": n, "title": f"主题{n}", "fancy_title": f"主题{n}", "slug": f"topic-{n}", "posts_count": 5,
        "created_at": f"2026-11-20T02:{n % 60:02d}:00.000Z", "bumped_at": "2026-11-20T09:00:00.000Z", "pinned": False,
        "visible": True, "closed": False, "archived": False, "views": 210, "like_count": 9, "category_id": 3,
        "tags": ["露营"], "posters": [{"user_id": 5, "description": "Original Poster", "extras": None}],
    } | more  # fmt: skip


def post(tid: int, n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": tid * 100 + n, "topic_id": tid, "post_number": n, "reply_to_post_number": None, "username": f"u{n % 3}",
        "name": f"林{n % 3}", "user_id": n, "avatar_template": "/a/{size}.png",
        "created_at": f"2026-11-20T02:{tid % 60:02d}:{n % 60:02d}.000Z", "cooked": f"<p>第{n}楼</p>", "reply_count": 0,
        "actions_summary": [{"id": 2, "count": 3}] if n == 1 else [], "post_type": 1, "hidden": False,
        "user_deleted": False, "deleted_at": None,
    } | more  # fmt: skip


class Tiny:
    """Topics 9 to 1, three a page; five posts each, of which the first three come with the topic."""

    def __init__(self, topics: list[Any] | None = None) -> None:
        self.topics = [listed(n) for n in range(9, 0, -1)] if topics is None else topics
        self.posts: dict[int, list[dict[str, Any]]] = {}
        self.likers = [{"id": n, "username": f"fan{n}", "name": None} for n in range(5)]
        self.newer = self.circle = self.slow = False
        self.hits: list[Any] = [post(7, 1), post(7, 3), post(5, 2)]
        self.user: dict[str, Any] = {"id": 5, "username": "lin", "name": "林林", "bio_cooked": "<p>爱露营</p>",
                                     "location": "成都", "title": "版主", "profile_hidden": False}  # fmt: skip
        self.status: dict[str, list[Reply]] = {}

    def of(self, tid: int) -> list[dict[str, Any]]:
        return self.posts.get(tid) or [post(tid, n) for n in range(1, 6)]

    def page(self, asked: Asked) -> Reply:
        page = int(asked.one("page", "0")) % (3 if self.circle else 1_000)
        found = self.topics[page * 3 : page * 3 + 3]
        more = {"more_topics_url": "/tag/x?page=1"} if self.circle or self.topics[page * 3 + 3 :] else {}
        return Reply({"users": [], "topic_list": {"per_page": 30, "topics": found, **more}})

    def __call__(self, asked: Asked) -> Reply:
        for pattern, replies in self.status.items():
            if re.search(pattern, asked.path) and replies:
                return replies.pop(0) if len(replies) > 1 else replies[0]
        path = asked.path
        if path == "/site.json":
            categories = [{"id": 3, "slug": "gear", "name": "装备", "topic_count": 9}]
            return Reply({"categories": categories, "groups": [{"id": 9, "name": "campers"}]})
        if self.slow:
            return SILENCE
        if path.startswith("/tag/"):
            numbered = path == "/tag/ying/12.json"
            return self.page(asked) if numbered == self.newer else Reply({"error_type": "not_found"}, 404)
        if path == "/c/gear/3.json":
            return self.page(asked)
        if path == "/tags.json":
            return Reply({"tags": [{"id": 12, "name": "露营", "slug": "ying"}, {"id": 13, "text": "帐篷"}]})
        if found := re.fullmatch(r"/t/(\d+)(?:/(\d+)|/posts)?\.json", path):
            return self.topic(int(found[1]), asked)
        return self.others(path, asked)

    def topic(self, tid: int, asked: Asked) -> Reply:
        every = self.of(tid)
        if "posts.json" in asked.path:
            wanted = asked.query.get("post_ids[]", [])
            return Reply({"post_stream": {"posts": [one for one in every if str(one["id"]) in wanted]}})
        about = next((one for one in self.topics if isinstance(one, dict) and one.get("id") == tid), listed(tid))
        stream = {"posts": every if asked.path.count("/") > 2 else every[:3], "stream": [one["id"] for one in every]}
        return Reply(about | {"post_stream": stream})

    def others(self, path: str, asked: Asked) -> Reply:
        if path == "/post_action_users.json":
            at = int(asked.one("page")) * 2
            return Reply({"post_action_users": self.likers[at : at + 2], "total_rows_post_action_users": 5})
        if path == "/search.json":
            at = (int(asked.one("page")) - 1) * 2
            result = {"more_full_page_results": True if self.hits[at + 2 :] else None}
            return Reply({"posts": self.hits[at : at + 2], "topics": [listed(7)], "grouped_search_result": result})
        if path == "/u/lin.json":
            return Reply({"user": self.user})
        if path == "/user_actions.json":
            at = int(asked.one("offset"))
            rows = [{**one, "post_id": one["id"], "title": "主题", "slug": "s", "category_id": 3, "excerpt": "第…"}
                    for one in self.hits]  # fmt: skip
            return Reply({"user_actions": rows[at : at + 2]})
        if path == "/groups/campers/members.json":
            people = [{"id": n, "username": f"m{n}"} for n in range(60)]
            at = int(asked.one("offset"))
            return Reply(
                {"members": people[at : at + 50], "owners": [], "meta": {"total": 60, "limit": 50, "offset": at}}
            )
        if path == "/groups/campers/posts.json":
            first = [one["id"] for one in self.hits].index(int(asked.one("before_post_id"))) + 1 if asked.query else 0
            return Reply({"posts": self.hits[first : first + 2]})
        if path.startswith("/posts/") and path.endswith("/replies.json"):
            return Reply([post(7, 4, reply_to_post_number=3)])
        return Reply({"errors": ["…"], "error_type": "not_found"}, 404)


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Discourse()

    def query(self, base: str) -> Query:
        return Query("tag", "露营", base, ALL)

    def app(self, flaw: str) -> App:
        tiny = Tiny()
        tiny.slow, tiny.circle = flaw == "slow", flaw == "circle"
        if flaw == "hostile":
            tiny.topics = [listed(1, title=HOSTILE, slug=HOSTILE, tags=[HOSTILE, {"name": HOSTILE}])]
            evil = dict.fromkeys(("cooked", "name", "username"), HOSTILE)
            tiny.posts[1] = [post(1, n, **evil) for n in (1, 2)]
            tiny.likers = [{"id": 1, "username": HOSTILE, "name": HOSTILE}]
        if flaw == "one_bad":
            tiny.posts[5] = [post(5, n) for n in range(1, 6)]
            del tiny.posts[5][2]["created_at"]
        return tiny


async def collect(app: App, folder: Path, mode: str = "tag", value: str = "露营", **more: Any) -> list[Page]:
    waits = more.pop("waits", [])

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    with scripted(app) as server:
        async with transport(server.base, folder, sleep=sleep, now=lambda: 1.8e9 + sum(waits)) as http:
            found = await pages(Discourse(), Query(mode, value, server.base, **more), http)  # type: ignore[arg-type]
    host = server.base.partition("//")[2]
    assert all(one.native_id.startswith(f"{host}/t/") for one in posts(found))
    return found


def posts(found: list[Page]) -> list[Post]:
    return [r for page in found for r in page.records if isinstance(r, Post)]


def numbers(found: list[Page]) -> list[str]:
    return [one.native_id.partition("/t/")[2] for one in posts(found)]


FIRSTS = [f"{n}/1" for n in range(9, 0, -1)]


async def test_topics_of_a_tag_in_the_order_of_their_creation(tmp_path: Path) -> None:
    with scripted(Tiny()) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Discourse(), Query("tag", "#露营", server.base), http)
    assert numbers(found) == FIRSTS
    lists = [one for one in server.asked if one.path.startswith("/tag/")]
    assert [one.one("page") for one in lists] == ["0", "1", "2"]
    assert {one.one("order") for one in lists} == {"created"}
    one = posts(found)[0]
    assert (one.title, one.text, one.likes, one.comments, one.views, one.tags) == (
        "主题9",
        "第1楼",
        3,
        4,
        210,
        ("露营",),
    )
    assert one.group is not None
    assert (one.group.name, one.group.kind, one.url) == ("装备", "category", f"{server.base}/t/topic-9/9/1")


async def test_pinned_and_bumped_topics_come_once_and_end_nothing(tmp_path: Path) -> None:
    pinned = listed(30, pinned=True, created_at="2020-01-01T00:00:00Z")
    rows = [pinned, listed(9), listed(8), pinned, listed(8), listed(7), listed(7), listed(6)]
    found = await collect(Tiny(rows), tmp_path)
    assert numbers(found) == ["30/1", "9/1", "8/1", "7/1", "6/1"]
    since = (posts(found)[2].created or 0) - 30
    assert numbers(await collect(Tiny(rows), tmp_path, since=since)) == ["9/1", "8/1"]


async def test_old_topics_are_not_fetched_and_end_the_walk(tmp_path: Path) -> None:
    old = [listed(n, created_at="2020-01-01T00:00:00Z") for n in range(20, 40)]
    with scripted(Tiny([listed(9), listed(8), *old])) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Discourse(), Query("tag", "露营", server.base, since=1795000000), http)
    assert numbers(found) == ["9/1", "8/1"]
    assert [one.path for one in server.asked if one.path.startswith("/t/")] == ["/t/9.json", "/t/8.json"]
    assert len([one for one in server.asked if one.path.startswith("/tag/")]) == 2


async def test_newer_forums_number_their_tags(tmp_path: Path) -> None:
    app = Tiny()
    app.newer = True
    assert numbers(await collect(app, tmp_path)) == FIRSTS
    with pytest.raises(BadQuery) as bad:
        await collect(app, tmp_path, value="野营")
    assert bad.value.params["names"] == "露营、帐篷"


async def test_answers_come_from_the_stream_in_batches(tmp_path: Path) -> None:
    app = Tiny([listed(1, posts_count=60)])
    app.posts[1] = [post(1, n, reply_to_post_number=2 if n == 3 else None) for n in range(1, 61)]
    with scripted(app) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Discourse(), Query("tag", "露营", server.base, REPLIES), http)
    assert numbers(found) == [f"1/{n}" for n in range(1, 61)]
    asked = [one for one in server.asked if one.path.startswith("/t/1")]
    assert [len(one.query.get("post_ids[]", [])) for one in asked] == [0, 20, 20, 17], "the first is not asked twice"
    up = {one.native_id.rpartition("/")[2]: (one.reply_to or "").rpartition("/")[2] for one in posts(found)}
    assert (up["2"], up["3"], up["1"]) == ("1", "2", "")
    assert {(one.kind, one.said, one.seen) for p in found for one in p.extents} == {
        ("replies", 59, 59),
        ("posts", None, 1),
    }


async def test_system_lines_whispers_and_hidden_posts_are_left_out(tmp_path: Path) -> None:
    app = Tiny([listed(1)])
    odd: list[dict[str, Any]] = [{"post_type": 3}, {"post_type": 4}, {"hidden": True}, {"user_deleted": True},
                                 {"deleted_at": "2026-11-21T00:00:00Z"}]  # fmt: skip
    app.posts[1] = [post(1, 1), *(post(1, n, **more) for n, more in enumerate(odd, 2)), post(1, 7, post_type=2)]
    found = await collect(app, tmp_path, relations=REPLIES)
    assert numbers(found) == ["1/1", "1/7"]
    assert {one.reason for p in found for one in p.extents if one.kind == "replies"} == {"discourse.hidden"}


async def test_topics_that_are_unlisted_are_left_out(tmp_path: Path) -> None:
    rows = [listed(2, visible=False), listed(1), listed(3, archetype="private_message")]
    assert numbers(await collect(Tiny(rows), tmp_path)) == ["1/1"]


async def test_likers_are_paged(tmp_path: Path) -> None:
    found = await collect(Tiny([listed(1)]), tmp_path, relations=frozenset({"likes"}))
    edges = [r for page in found for r in page.records if isinstance(r, Interaction)]
    assert [edge.actor.handle for edge in edges] == [f"fan{n}" for n in range(5)]
    assert {edge.post for edge in edges} == {posts(found)[0].native_id}
    assert {edge.target.native_id.rpartition("/")[2] for edge in edges} == {"u1"}
    assert [(one.said, one.seen) for p in found for one in p.extents if one.kind == "likes"] == [(5, 5)]


@pytest.mark.parametrize("value", ["gear", "装备", "3", "https://forum.example/c/gear/3"])
async def test_a_category_by_slug_name_number_or_address(tmp_path: Path, value: str) -> None:
    found = await collect(Tiny(), tmp_path, "group", value)
    assert numbers(found) == FIRSTS
    assert found[-1].extents[0].said == 9
    assert {r.group.name for page in found for r in page.records if isinstance(r, Membership)} == {"装备"}


async def test_a_group_of_people_with_its_members_and_what_they_write(tmp_path: Path) -> None:
    found = await collect(Tiny(), tmp_path, "group", "campers")
    members = [r for page in found for r in page.records if isinstance(r, Membership)]
    assert len([one for one in members if one.account.handle and one.account.handle.startswith("m")]) == 60
    assert numbers(found) == ["7/1", "7/3", "5/2"]
    app = Tiny()
    app.status["members"] = [Reply({"errors": ["…"], "error_type": "invalid_access"}, 403)]
    assert ("discourse.members_hidden") in [
        n[0] for p in await collect(app, tmp_path, "group", "campers") for n in p.notes
    ]


async def test_an_unknown_group_names_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(BadQuery) as bad:
        await collect(Tiny(), tmp_path, "group", "厨具")
    assert (bad.value.key, bad.value.params["names"]) == ("discourse.no_group", "gear")


async def test_a_search_goes_on_while_it_says_more_and_gives_whole_posts(tmp_path: Path) -> None:
    with scripted(Tiny()) as server:
        async with transport(server.base, tmp_path) as http:
            query = Query("keyword", "帐篷", server.base, since=1795000000, until=1796000000)
            found = await pages(Discourse(), query, http)
    assert numbers(found) == ["7/1", "7/3", "5/2"]
    asked = [one for one in server.asked if one.path == "/search.json"]
    assert [one.one("page") for one in asked] == ["1", "2"]
    assert asked[0].one("q") == "帐篷 after:2026-11-17 before:2026-12-02 order:latest"
    assert posts(found)[1].text == "第3楼"


async def test_a_search_cut_off_by_the_forum_is_a_cap(tmp_path: Path) -> None:
    app = Tiny()
    app.hits = [post(n, 1) for n in range(1, 50)]
    found = await collect(app, tmp_path, "keyword", "帐篷")
    assert (len(posts(found)), found[-1].capped) == (20, True)


async def test_a_person(tmp_path: Path) -> None:
    found = await collect(Tiny(), tmp_path, "account", "@Lin")
    who = found[0].records[0]
    assert isinstance(who, Account)
    assert (who.name, who.bio, who.region, who.listed) == ("林林", "爱露营", "成都", None)
    assert numbers(found) == ["7/1", "7/3", "5/2"]


async def test_a_hidden_profile_is_respected(tmp_path: Path) -> None:
    app = Tiny()
    app.user = {"id": 5, "username": "lin", "profile_hidden": True}
    found = await collect(app, tmp_path, "account", "lin")
    assert [r.listed for page in found for r in page.records if isinstance(r, Account)] == [False]
    assert posts(found) == []
    assert found[-1].extents[0].reason == "discourse.hidden_by_person"


@pytest.mark.parametrize("value", ["7", "https://forum.example/t/topic/7", "https://forum.example/t/7/2"])
async def test_one_topic_with_all_its_answers(tmp_path: Path, value: str) -> None:
    assert numbers(await collect(Tiny(), tmp_path, "topic", value)) == [f"7/{n}" for n in range(1, 6)]


async def test_one_post_and_what_answers_it(tmp_path: Path) -> None:
    app = Tiny()
    app.posts[7] = [post(7, n, reply_count=int(n == 3)) for n in range(1, 6)]
    found = await collect(app, tmp_path, "post", "https://forum.example/t/topic/7/3", relations=REPLIES)
    assert numbers(found) == ["7/3", "7/4"]
    assert (posts(found)[1].reply_to or "").endswith("/t/7/3")
    assert numbers(await collect(app, tmp_path, "post", "https://forum.example/t/topic/7")) == ["7/1"]
    with pytest.raises(BadQuery):
        await collect(app, tmp_path, "post", "https://forum.example/u/lin")
    with pytest.raises(Gone):
        await collect(app, tmp_path, "post", "https://forum.example/t/topic/7/99")


async def test_a_topic_gone_in_between_is_skipped_and_an_odd_one_refused(tmp_path: Path) -> None:
    app = Tiny()
    app.status["/t/8.json"] = [Reply({"error_type": "not_found"}, 404)]
    app.posts[5] = [post(5, 1, cooked=None)]
    found = await collect(app, tmp_path)
    assert numbers(found) == [one for one in FIRSTS if one not in ("8/1", "5/1")]
    assert [one.reason for page in found for one in page.rejected] == ["discourse.no_content"]
    assert ("collect.gone_skipped", {"count": 1}) in [note for page in found for note in page.notes]


async def test_topics_that_all_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    for rows in ([listed(1)], [listed(n) for n in range(9, 0, -1)]):
        app = Tiny(rows)
        app.posts = {n: [post(n, 1, cooked=None)] for n in range(10)}
        with pytest.raises(BrokenAnswer) as bad:
            await collect(app, tmp_path)
        assert bad.value.key == "collect.nothing_readable"


@pytest.mark.parametrize("mode", ["tag", "keyword", "account"])
async def test_a_list_of_rows_that_name_nothing_is_an_error(tmp_path: Path, mode: str) -> None:
    app = Tiny([{"name": "x"}, "y"])
    app.hits = [{"id": 1}, {"id": 2}]
    with pytest.raises(BrokenAnswer):
        await collect(app, tmp_path, mode, "lin" if mode == "account" else "露营")
    app = Tiny([listed(2), {"name": "x"}, listed(1)])
    found = await collect(app, tmp_path)
    assert numbers(found) == ["2/1", "1/1"]
    assert next(note for page in found for note in page.notes)[0] == "discourse.rows_unread"


async def test_a_forum_behind_login_leads_to_its_login_page(tmp_path: Path) -> None:
    def app(asked: Asked) -> Reply:
        if asked.path == "/login":
            return Reply(b"<!doctype html><title>Forum</title>", headers={"Content-Type": "text/html"})
        return Reply(b"", 302, {"Location": "/login"})

    with pytest.raises(NeedsLogin) as bad:
        await collect(app, tmp_path)
    assert bad.value.key == "discourse.needs_login"


TEXT = {"Content-Type": "text/plain", "Retry-After": "7", "Discourse-Rate-Limit-Error-Code": "ip_10_secs_limit"}
WAIT = {"errors": ["…"], "error_type": "rate_limit", "extras": {"wait_seconds": 12}}


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [(Reply(b"Slow down", 429, TEXT), 7), (Reply(WAIT, 429), 12), (Reply(WAIT, 422), 12)],
)
async def test_limits_in_plain_text_and_in_json_are_waited_for(tmp_path: Path, reply: Reply, seconds: int) -> None:
    app, waits = Tiny([listed(1)]), list[float]()
    app.status["/t/1.json"] = [reply, Reply(listed(1) | {"post_stream": {"posts": [post(1, 1)], "stream": [101]}})]
    assert numbers(await collect(app, tmp_path, waits=waits)) == ["1/1"]
    assert max(waits) == pytest.approx(seconds, abs=0.5)


@pytest.mark.parametrize(
    ("reply", "error", "key"),
    [
        (Reply({"errors": ["…"], "error_type": "invalid_access"}, 403), NeedsLogin, "discourse.not_public"),
        (Reply({"errors": ["…"], "error_type": "not_found"}, 404), BadQuery, "discourse.no_tag"),
        (Reply(b"<html>are you human?</html>", 403), Blocked, "net.captcha"),
        (Reply({"x": 1}), BrokenAnswer, "net.shape"),
        (Reply(b"Slow down", 429, {"Retry-After": "9000", "Content-Type": "text/plain"}), Retry, "net.limited"),
    ],
)
async def test_errors_are_named_by_what_to_do(tmp_path: Path, reply: Reply, error: type[Exception], key: str) -> None:
    app = Tiny()
    app.status["/tag/"] = [reply]
    with pytest.raises(error) as bad:
        await collect(app, tmp_path, value="别的")
    assert bad.value.key == key  # type: ignore[attr-defined]


async def test_likes_for_members_only_are_left_out_and_the_posts_come(tmp_path: Path) -> None:
    app = Tiny()
    app.status["post_action_users"] = [Reply({"error_type": "invalid_access"}, 403)]
    found = await collect(app, tmp_path, relations=frozenset({"likes"}))
    assert numbers(found) == FIRSTS
    assert "collect.needs_login" in {one.reason for p in found for one in p.extents}


async def test_a_page_that_is_no_forum(tmp_path: Path) -> None:
    with pytest.raises(BadQuery) as bad:
        await collect(lambda asked: Reply({"shop": True}), tmp_path)
    assert bad.value.key == "discourse.not_discourse"


async def test_a_key_is_checked_used_slowly_and_never_shown(tmp_path: Path) -> None:
    app, secret = Tiny([listed(1)]), "planted-user-api-key"
    app.status["/session/current.json"] = [Reply({"current_user": {"username": "lin"}}), Reply(b"{}", 404)]
    with scripted(app) as server:
        async with transport(server.base, tmp_path) as http:
            assert (await Discourse().check(server.base, {"token": secret}, http)).name == "lin"
            found = await pages(Discourse(), Query("tag", "露营", server.base, credentials={"token": secret}), http)
            with pytest.raises(NeedsLogin):
                await Discourse().check(server.base, {"token": secret}, http)
            app.status["/tag/"] = [Reply({"errors": [secret], "error": secret}, 400)]
            with pytest.raises(BadQuery) as bad:
                await pages(Discourse(), Query("tag", "露营", server.base, credentials={"token": secret}), http)
    assert {one.headers.get("user-api-key") for one in server.asked} == {secret}
    assert secret not in f"{found!r}{bad.value!r}{bad.value}"


@pytest.mark.parametrize(
    ("mode", "value"),
    [("group", "gear"), ("group", "campers"), ("keyword", "帐篷"), ("account", "lin"), ("topic", "7"), ("post", "7")],
)
async def test_every_mode_goes_on_from_every_page(tmp_path: Path, mode: Any, value: str) -> None:
    with scripted(Tiny()) as server:
        async with transport(server.base, tmp_path) as http:
            await resumes(Discourse, Query(mode, value, server.base, ALL), http)


def test_what_others_said_is_not_put_into_the_mouth_of_the_one_who_quotes() -> None:
    cooked = (
        '<aside class="quote" data-username="mei" data-post="2" data-topic="7"><div>mei:</div><blockquote><p>她的话</p>'
        '</blockquote></aside><p>我的话 <a class="mention" href="/u/mei">@mei</a></p>'
        '<aside class="onebox"><aside class="quote">x</aside>预览</aside><img src="a.png">'
    )
    found = said(post(7, 3, cooked=cooked), topic(listed(7)), FORUM).post
    assert (found.text, found.quote_of, found.media) == ("我的话 @mei", "forum.example/t/7/2", "image")
    assert [(one.name, one.native_id) for one in found.mentions] == [("mei", "forum.example/u/mei")]


def test_tags_are_strings_or_objects_and_titles_may_be_entities() -> None:
    assert tags_of({"tags": ["露营", {"id": 9, "name": "装备", "slug": "g"}, 5]}) == ("露营", "装备")
    assert topic({"id": 1, "fancy_title": "帐篷 &amp; 睡袋"}).title == "帐篷 & 睡袋"


def test_one_name_in_every_writing_is_one_person_of_one_forum() -> None:
    assert account({"username": "Lin"}, FORUM).native_id == account({"username": "lin"}, FORUM).native_id
    assert account({"username": "system", "user_id": -1}, FORUM).kind == "bot"


@given(st.text(alphabet='<>/aside quote="datposc1 文'))
def test_any_markup_loses_only_what_is_quoted(text: str) -> None:
    words, _ = own_words(text)
    assert len(words) <= 2 * len(text) + 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "count", "name"]), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*post(1, 1)]), JSON), st.dictionaries(st.sampled_from([*listed(1)]), JSON))
def test_any_post_is_read_or_refused(wrong: dict[str, Any], about: dict[str, Any]) -> None:
    try:
        seen = strings(said(post(7, 3) | wrong, topic(listed(7) | about), FORUM).post)
    except Unusable as error:
        seen = [error.detail]
    assert all(clean(text) == text for text in seen)
