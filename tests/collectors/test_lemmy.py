"""The Lemmy collector against a small hand-made server (invented data) that has the traps of the fact sheet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Collector, Page, Query, Relation
from collectors.lemmy import Lemmy
from collectors.lemmy_map import account, view
from collectors.walk import Unusable
from tests.collectors.contract import HOSTILE, CollectorContract, pages, resumes, strings, transport
from tests.servers.scripted import SILENCE, App, Asked, Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone, NeedsLogin, Retry
from xunke.model import Account, Membership, Post
from xunke.text import clean

REPLIES: frozenset[Relation] = frozenset({"replies"})


def person(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 3, "name": name, "display_name": f"{name}林", "actor_id": f"https://l.example/u/{name}", "local": True,
        "banned": False, "deleted": False, "bot_account": False, "published": "2024-01-01T00:00:00Z", "instance_id": 1,
    } | more  # fmt: skip


def place(name: str = "camping", title: str = "露营", **more: Any) -> dict[str, Any]:
    return {
        "id": 2, "name": name, "title": title, "actor_id": f"https://l.example/c/{name}", "local": True, "nsfw": False,
        "removed": False, "deleted": False, "hidden": False, "published": "2023-06-01T00:00:00Z", "instance_id": 1,
    } | more  # fmt: skip


def post(n: int, **more: Any) -> dict[str, Any]:
    own = {
        "id": n, "name": f"第{n}帖", "body": "去[营地](https://x.example/a)", "creator_id": 3, "community_id": 2,
        "removed": False, "locked": False, "published": f"2026-11-20T02:{n % 60:02d}:00.000000Z", "deleted": False,
        "nsfw": False, "ap_id": f"https://l.example/post/{n}", "local": True, "language_id": 17,
        "featured_community": False, "featured_local": False,
    } | more  # fmt: skip
    return {
        "post": own, "creator": person(f"p{n % 3}"), "community": place(),
        "counts": {"comments": 4, "score": 9, "upvotes": 10, "downvotes": 1},
    }  # fmt: skip


def comment(n: int, path: str, children: int = 0, topic: int = 1, **more: Any) -> dict[str, Any]:
    own = {
        "id": n, "content": f"答{n}", "path": path, "published": f"2026-11-20T03:{n % 60:02d}:00Z",
        "ap_id": f"https://l.example/comment/{n}", "removed": False, "deleted": False, "distinguished": False,
    } | more  # fmt: skip
    return {
        "comment": own, "post": post(topic)["post"], "creator": person(f"c{n % 4}"), "community": place(),
        "counts": {"score": 1, "upvotes": 2, "downvotes": 1, "child_count": children},
    }  # fmt: skip


class Tiny:
    """Nine posts newest first, three a page; two comments a page. ``version`` 1.x: page numbers mean nothing."""

    def __init__(self, posts: list[Any] | None = None, comments: list[Any] | None = None) -> None:
        self.posts = [post(n) for n in range(9, 0, -1)] if posts is None else posts
        self.comments = [comment(11, "0.11"), comment(12, "0.12")] if comments is None else comments
        self.version, self.bound, self.slow, self.circle = "0.19.15", 100, False, False
        self.communities = [place(), place("tents", "帐篷")]
        self.status: dict[str, list[Reply]] = {}
        self.site: dict[str, Any] = {"site": {"actor_id": "https://l.example/"}}
        self.mine: dict[str, Any] | None = None

    def page(self, asked: Asked, rows: list[Any], size: int) -> list[Any] | None:
        page = int(asked.one("page", "1"))
        if page > self.bound:
            return None
        page = 1 if self.version.startswith("1.") else page
        page = (page - 1) % 3 + 1 if self.circle else page
        return rows[(page - 1) * size : page * size]

    def __call__(self, asked: Asked) -> Reply:
        for pattern, replies in self.status.items():
            if re.search(pattern, asked.path) and replies:
                return replies.pop(0) if len(replies) > 1 else replies[0]
        path = asked.path.removeprefix("/api/v3/")
        if path == "site":
            facts = {"site_view": self.site, "version": self.version, "all_languages": [{"id": 17, "code": "zh"}]}
            return Reply(facts | ({"my_user": self.mine} if self.mine else {}))
        if self.slow:
            return SILENCE
        if path == "post/list":
            rows = self.page(asked, self.posts, 3)
            return Reply({"posts": rows}) if rows is not None else Reply({"error": "unknown"}, 400)
        if path == "comment/list":
            parent, topic = asked.one("parent_id"), asked.one("post_id")
            below = [c for c in self.comments if not parent or parent in c["comment"]["path"].split(".")]
            below = [c for c in below if not topic or str(c["post"]["id"]) == topic]
            rows = self.page(asked, below, 2)
            return Reply({"comments": rows}) if rows is not None else Reply({"error": "unknown"}, 400)
        if path == "search":
            if asked.one("type_") == "Communities":
                return Reply({"communities": [{"community": one} for one in self.communities]})
            posts, comments = (self.page(asked, rows, 3) for rows in (self.posts, self.comments))
            return Reply({"posts": posts, "comments": comments, "communities": [], "users": []})
        return self.one_of(path, asked) or Reply(b"", 404)

    def one_of(self, path: str, asked: Asked) -> Reply | None:
        if path == "post" and int(asked.one("id")) < 100:
            return Reply({"post_view": post(int(asked.one("id"))), "community_view": {}, "cross_posts": []})
        if path == "resolve_object":
            return Reply({"post": post(7)})
        if self.version.startswith("1."):
            return None
        if path == "comment":
            found = [c for c in self.comments if str(c["comment"]["id"]) == asked.one("id")]
            return Reply(
                {"comment_view": found[0]} if found else {"error": "couldnt_find_comment"}, 200 if found else 400
            )
        if path == "community":
            found = [c for c in self.communities if asked.one("name") in (c["name"], f"{c['name']}@l.example")]
            if found:
                seen = {"community": found[0], "counts": {"posts": 9, "subscribers": 40}}
                return Reply({"community_view": seen, "moderators": [{"moderator": person("mod")}]})
            return Reply({"error": "couldnt_find_community"}, 400)
        if path == "user":
            if asked.one("username") != "lin":
                return Reply({"error": "couldnt_find_person"}, 400)
            who = {"person": person("lin", bio="爱[露营](https://x)"), "counts": {"post_count": 9, "comment_count": 2}}
            mine, said = (self.page(asked, rows, 3) for rows in (self.posts, self.comments))
            return Reply({"person_view": who, "posts": mine, "comments": said, "moderates": []})
        return None


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Lemmy()

    def query(self, base: str) -> Query:
        return Query("group", "camping", base, REPLIES)

    def app(self, flaw: str) -> App:
        tiny = Tiny()
        tiny.slow, tiny.circle = flaw == "slow", flaw == "circle"
        if flaw == "hostile":
            evil = person("x") | dict.fromkeys(("name", "display_name", "actor_id", "bio"), HOSTILE)
            bad = post(1, **dict.fromkeys(("name", "body", "url"), HOSTILE), ap_id="https://x/" + HOSTILE)
            tiny.posts = [bad | {"creator": evil, "community": place(HOSTILE, HOSTILE, actor_id=HOSTILE)}]
            tiny.comments = [comment(11, "0.11", content=HOSTILE) | {"creator": evil}]
        if flaw == "one_bad":
            del tiny.posts[4]["post"]["published"]
        return tiny


async def collect(app: App, folder: Path, mode: str = "group", value: str = "camping", **more: Any) -> list[Page]:
    waits = more.pop("waits", None)

    async def sleep(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    kind: dict[str, Any] = {} if waits is None else {"sleep": sleep, "now": lambda: 1.8e9 + sum(waits)}
    with scripted(app) as server:
        async with transport(server.base, folder, **kind) as http:
            return await pages(Lemmy(), Query(mode, value, server.base, **more), http)  # type: ignore[arg-type]


def posts(found: list[Page]) -> list[Post]:
    return [r for page in found for r in page.records if isinstance(r, Post)]


def numbers(found: list[Page], kind: str = "post") -> list[str]:
    return [one.native_id.rpartition("/")[2] for one in posts(found) if one.kind == kind]


NINE = [str(n) for n in range(9, 0, -1)]


@pytest.mark.parametrize(
    "value", ["camping", "!camping@l.example", "https://l.example/c/camping", "露营", "Camping@L.example"]
)
async def test_a_community_by_name_address_and_title(tmp_path: Path, value: str) -> None:
    found = await collect(Tiny(), tmp_path, value=value.replace("Camping", "camping"))
    assert numbers(found) == NINE
    first = posts(found)[0]
    assert (first.group and first.group.native_id, first.author and first.author.native_id) == (
        "camping@l.example", "p0@l.example",
    )  # fmt: skip
    assert (first.title, first.text, first.likes, first.comments, first.lang) == ("第9帖", "去营地", 10, 4, "zh")
    assert first.url == first.native_id == "https://l.example/post/9"


async def test_a_title_that_fits_none_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadQuery) as bad:
        await collect(Tiny(), tmp_path, value="野营")
    assert bad.value.key == "lemmy.which_group"
    assert bad.value.params["names"] == "camping@l.example（露营）、tents@l.example（帐篷）"


async def test_two_communities_of_one_title_are_asked_about(tmp_path: Path) -> None:
    app = Tiny()
    app.communities = [place("a"), place("b")]
    with pytest.raises(BadQuery) as bad:
        await collect(app, tmp_path, value="露营")
    assert bad.value.key == "lemmy.which_group"


async def test_who_writes_and_who_moderates_belongs(tmp_path: Path) -> None:
    found = await collect(Tiny(), tmp_path)
    seen = {r.account.native_id for page in found for r in page.records if isinstance(r, Membership)}
    assert seen == {"mod@l.example", "p0@l.example", "p1@l.example", "p2@l.example"}


async def test_what_was_seen_is_told(tmp_path: Path) -> None:
    extents = [one for page in await collect(Tiny(), tmp_path) for one in page.extents]
    assert [(one.kind, one.said, one.seen, one.reason) for one in extents] == [("posts", 9, 9, None)]


async def test_deleted_and_removed_are_left_out_and_told(tmp_path: Path) -> None:
    rows = [post(3), post(2, deleted=True), post(1, removed=True)]
    rows[0]["creator"]["bot_account"] = True
    answers = [comment(11, "0.11", topic=3), comment(12, "0.12", topic=3, deleted=True)]
    found = await collect(Tiny(rows, answers), tmp_path, relations=REPLIES)
    assert (numbers(found), numbers(found, "comment")) == (["3"], ["11"])
    assert {one.kind: (one.seen, one.reason) for page in found for one in page.extents} == {
        "posts": (1, "lemmy.removed"), "replies": (1, "lemmy.removed"),
    }  # fmt: skip


async def test_pinned_posts_do_not_end_the_walk(tmp_path: Path) -> None:
    old = [post(n, published="2020-01-01T00:00:00Z", featured_community=True) for n in (21, 22, 23)]
    app = Tiny([*old, *(post(n) for n in range(6, 0, -1)), post(30, published="2019-01-01T00:00:00Z")])
    found = await collect(app, tmp_path, since=1795140000)
    assert numbers(found) == ["6", "5", "4", "3", "2", "1"]


async def test_an_old_page_ends_the_walk(tmp_path: Path) -> None:
    app = Tiny([*(post(n) for n in (9, 8, 7)), *(post(n, published="2020-01-01T00:00:00Z") for n in range(40, 50))])
    with scripted(app) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Lemmy(), Query("group", "camping", server.base, since=1795140000), http)
    assert numbers(found) == ["9", "8", "7"]
    assert len([one for one in server.asked if one.path.endswith("post/list")]) == 2


async def test_rows_that_move_while_one_walks_come_once(tmp_path: Path) -> None:
    app = Tiny([post(n) for n in (9, 8, 7, 7, 6, 5, 5, 4)])
    assert numbers(await collect(app, tmp_path)) == ["9", "8", "7", "6", "5", "4"]


async def test_a_page_bound_is_a_cap_and_no_error(tmp_path: Path) -> None:
    app = Tiny([post(n) for n in range(60, 0, -1)])
    app.bound = 10
    found = await collect(app, tmp_path)
    assert len(numbers(found)) == 30
    assert found[-1].capped
    assert found[-1].extents[-1].reason == "lemmy.page_bound"


async def test_a_bad_query_on_an_early_page_is_one(tmp_path: Path) -> None:
    app = Tiny()
    app.bound = 0
    with pytest.raises(BadQuery):
        await collect(app, tmp_path)
    app.status["post/list"] = [Reply(b"Query deserialize error: unknown variant", 400, {"Content-Type": "text/plain"})]
    with pytest.raises(BadQuery):
        await collect(app, tmp_path)


async def test_times_without_a_zone_are_utc(tmp_path: Path) -> None:
    found = await collect(Tiny([post(1, published="2026-11-20T02:15:00.123456")]), tmp_path)
    assert (posts(found)[0].created, posts(found)[0].zone) == (1795140900, "+00:00")


THREAD = [
    comment(11, "0.11", 3), comment(12, "0.12"), comment(13, "0.11.13", 2), comment(14, "0.11.13.14", 1),
    comment(15, "0.11.13.14.15"),
]  # fmt: skip


async def test_comments_are_a_tree_over_pages(tmp_path: Path) -> None:
    found = await collect(Tiny([post(1)], THREAD), tmp_path, relations=REPLIES)
    answers = {one.native_id.rpartition("/")[2]: one for one in posts(found) if one.kind == "comment"}
    up = {number: (one.reply_to or "").removeprefix("https://l.example/") for number, one in answers.items()}
    assert up == {"11": "post/1", "12": "post/1", "13": "comment/11", "14": "comment/13", "15": "comment/14"}
    assert {one.root for one in answers.values()} == {"https://l.example/post/1"}


async def test_a_child_before_its_parent_finds_it(tmp_path: Path) -> None:
    rows = [comment(13, "0.11.13"), comment(12, "0.12"), comment(11, "0.11", 1)]
    top = post(1)
    top["counts"]["comments"] = 3
    found = await collect(Tiny([top], rows), tmp_path, relations=REPLIES)
    assert [one.reply_to for one in posts(found) if one.native_id.endswith("/13")] == ["https://l.example/comment/11"]


async def test_branches_cut_off_are_asked_for_while_child_count_says_more(tmp_path: Path) -> None:
    class Shallow(Tiny):
        def __call__(self, asked: Asked) -> Reply:
            if asked.path.endswith("comment/list"):
                top = asked.one("parent_id") or "0"
                near = [c for c in THREAD if c["comment"]["path"].split(".")[-2] == top]
                return Reply({"comments": near if asked.one("page") == "1" else []})
            return super().__call__(asked)

    row = post(1)
    row["counts"]["comments"] = 5
    found = await collect(Shallow([row], THREAD), tmp_path, relations=REPLIES)
    assert sorted(numbers(found, "comment")) == ["11", "12", "13", "14", "15"]
    assert {one.root for one in posts(found)} == {None, "https://l.example/post/1"}
    told = [(one.key.rpartition("/")[2], one.said, one.seen) for p in found for one in p.extents if one.kind != "posts"]
    assert told == [("1", 2, 2), ("11", 1, 1), ("13", 1, 1), ("14", 1, 1)]  # together the five, none counted twice


async def test_a_keyword_finds_posts_and_comments(tmp_path: Path) -> None:
    found = await collect(Tiny(comments=THREAD), tmp_path, "keyword", "营地")
    assert numbers(found) == NINE
    assert sorted(numbers(found, "comment")) == ["11", "12", "13", "14", "15"]


async def test_a_person_with_posts_and_comments(tmp_path: Path) -> None:
    found = await collect(Tiny(), tmp_path, "account", "@lin@l.example")
    who = found[0].records[0]
    assert isinstance(who, Account)
    assert (who.native_id, who.name, who.bio, who.posts, who.kind) == ("lin@l.example", "lin林", "爱露营", 11, "person")
    assert numbers(found) == NINE
    assert found[-1].extents[0].said == found[-1].extents[0].seen == 11


@pytest.mark.parametrize(
    ("value", "number"),
    [("7", "7"), ("https://l.example/post/5", "5"), ("https://far.example/post/99", "7"),
     ("https://l.example/comment/11", "1")],
)  # fmt: skip
async def test_one_post(tmp_path: Path, value: str, number: str) -> None:
    assert numbers(await collect(Tiny(), tmp_path, "post", value)) == [number]


async def test_a_rate_limit_said_with_400_is_waited_for(tmp_path: Path) -> None:
    app, waits = Tiny([post(1)]), list[float]()
    app.status["post/list"] = [
        Reply({"error": "rate_limit_error"}, 400),
        Reply({"posts": [post(1)]}),
        Reply({"posts": []}),
    ]
    assert numbers(await collect(app, tmp_path, waits=waits)) == ["1"]
    assert max(waits) == pytest.approx(30, abs=1)


async def test_the_servers_own_limits_set_the_pace_to_half(tmp_path: Path) -> None:
    app, waits = Tiny([post(1)]), list[float]()
    app.site["local_site_rate_limit"] = {"message": 4, "message_per_second": 60, "search": 2, "search_per_second": 600}
    await collect(app, tmp_path, waits=waits)  # three calls of the kind "message": two at once, the third in a minute
    assert sum(waits) == pytest.approx(60, abs=1.1)
    waits.clear()
    await collect(app, tmp_path / "other", "keyword", "营地", waits=waits, limit=1)
    assert waits == []
    with pytest.raises(Retry) as parked:  # the second search would have to wait ten minutes
        await collect(app, tmp_path / "third", "keyword", "营地", waits=waits)
    assert parked.value.key == "net.quota"


@pytest.mark.parametrize(
    ("reply", "error", "key"),
    [
        (Reply({"error": "instance_is_private"}, 400), NeedsLogin, "lemmy.private"),
        (Reply({"error": "incorrect_login"}, 401), NeedsLogin, "lemmy.private"),
        (Reply({"error": "couldnt_find_post"}, 400), Gone, "lemmy.gone"),
        (Reply({"error": "not_found"}, 404), Gone, "lemmy.gone"),
        (Reply({"error": "invalid_url"}, 400), BadQuery, "net.bad_query"),
        (Reply(b"", 404), BadQuery, "lemmy.no_call"),
        (Reply(b"<html>are you human?</html>", 503), Blocked, "net.captcha"),
        (Reply({"other": []}), BrokenAnswer, "net.shape"),
        (Reply({"posts": [{}, {"post": {}}]}), BrokenAnswer, "collect.nothing_readable"),
    ],
)
async def test_errors_are_named_by_what_to_do(tmp_path: Path, reply: Reply, error: type[Exception], key: str) -> None:
    app = Tiny()
    app.status["post/list"] = [reply]
    with pytest.raises(error) as bad:
        await collect(app, tmp_path)
    assert bad.value.key == key  # type: ignore[attr-defined]


async def test_a_limit_that_lasts_parks_the_job(tmp_path: Path) -> None:
    app = Tiny()
    app.status["post/list"] = [Reply({"error": "rate_limit_error"}, 400)]
    with pytest.raises(Retry):
        await collect(app, tmp_path, waits=[])


async def test_a_person_unknown_and_a_server_that_is_no_lemmy(tmp_path: Path) -> None:
    with pytest.raises(Gone):
        await collect(Tiny(), tmp_path, "account", "nobody")
    with pytest.raises(BadQuery) as bad:
        await collect(lambda asked: Reply(b"<html>shop</html>", 404), tmp_path)
    assert bad.value.key == "lemmy.not_lemmy"


async def test_a_community_that_is_not_for_everybody_is_not_read(tmp_path: Path) -> None:
    app = Tiny()
    app.communities = [place(visibility="LocalOnly")]
    with pytest.raises(NeedsLogin):
        await collect(app, tmp_path)
    rows = [post(2), post(1) | {"community": place(visibility="Private")}]
    assert numbers(await collect(Tiny(rows), tmp_path, "keyword", "营地")) == ["2"]


async def test_lemmy_1_0_gives_its_newest_page_and_says_so(tmp_path: Path) -> None:
    app = Tiny(comments=[comment(11, "0.11", 2, 9), comment(12, "0.12", 0, 9), comment(13, "0.11.13", 1, 9),
                         comment(14, "0.11.13.14", 0, 9)])  # fmt: skip
    app.version = "1.0.2"
    found = await collect(app, tmp_path, relations=REPLIES)
    assert numbers(found) == ["9", "8", "7"]
    assert found[-1].capped
    assert ("lemmy.v4", {"host": "l.example", "version": "1.0.2"}) in [n for p in found for n in p.notes]
    assert {e.reason for p in found for e in p.extents if e.kind == "posts"} == {"lemmy.no_pages"}
    assert set(numbers(found, "comment")) == {"11", "12", "13", "14"}
    with pytest.raises(BadQuery) as bad:
        await collect(app, tmp_path, "account", "lin")
    assert (bad.value.key, bad.value.params["version"]) == ("lemmy.no_call", "1.0.2")


async def test_a_token_is_checked_used_and_never_shown(tmp_path: Path) -> None:
    app = Tiny()
    app.mine = {"local_user_view": {"person": person("lin")}}
    secret = "planted-jwt-5ecret"
    with scripted(app) as server:
        async with transport(server.base, tmp_path) as http:
            assert (await Lemmy().check(server.base, {"token": secret}, http)).name == "lin@l.example"
            found = await pages(Lemmy(), Query("group", "camping", server.base, credentials={"token": secret}), http)
            app.status["post/list"] = [Reply({"error": f"no {secret}"}, 400)]
            with pytest.raises(BadQuery) as bad:
                await pages(Lemmy(), Query("group", "camping", server.base, credentials={"token": secret}), http)
            app.mine = None
            with pytest.raises(NeedsLogin):
                await Lemmy().check(server.base, {"token": secret}, http)
    assert {one.headers.get("authorization") for one in server.asked} == {f"Bearer {secret}"}
    assert all(secret not in one.path and secret not in str(one.query) for one in server.asked)
    assert secret not in f"{found!r}{bad.value}"


@pytest.mark.parametrize(
    ("mode", "value"),
    [("group", "https://l.example/u/lin"), ("account", "两个 字"), ("post", "abc"), ("post", "https://l.example/x"),
     ("group", "https://l.example/")],
)  # fmt: skip
async def test_what_cannot_be_a_name_is_refused(tmp_path: Path, mode: str, value: str) -> None:
    with pytest.raises(BadQuery):
        await collect(Tiny(), tmp_path, mode, value)


@pytest.mark.parametrize(
    ("mode", "value"),
    [("group", "露营"), ("keyword", "营地"), ("account", "lin"), ("post", "https://l.example/post/1")],
)
async def test_every_mode_goes_on_from_every_page(tmp_path: Path, mode: Any, value: str) -> None:
    app = Tiny(comments=THREAD)
    with scripted(app) as server:
        async with transport(server.base, tmp_path) as http:
            await resumes(Lemmy, Query(mode, value, server.base, REPLIES), http)


def test_people_named_in_full_are_mentioned() -> None:
    row = post(1, body="问 [@Mei@far.example](https://far.example/u/mei) 和 @bo")
    assert [one.native_id for one in view(row, "l.example").post.mentions] == ["mei@far.example"]


def test_one_person_is_the_same_through_every_server() -> None:
    assert account(person("Lin"), "l.example").native_id == account(person("Lin"), "far.example").native_id
    found = view(post(1), "far.example")
    assert found.post.raw is not None
    assert b"banned" not in found.post.raw


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "ap_id", "name", "path"]), inner)
    ),
    max_leaves=12,
)
WRONG = st.dictionaries(st.sampled_from([*comment(1, "0.1")["comment"], "name", "body", "url"]), JSON)


@given(WRONG, st.sampled_from(["post", "comment", "creator", "community", "counts", "none"]), JSON)
def test_any_view_is_read_or_refused(wrong: dict[str, Any], part: str, whole: Any) -> None:
    source = comment(1, "0.2.1")
    for name in ("post", "comment", "creator", "community", "counts"):
        source[name] = whole if name == part else source[name] | wrong
    try:
        found = view(source, "l.example")
    except Unusable as error:
        seen = [error.detail]
    else:
        seen = strings(found.post)
    assert all(clean(text) == text for text in seen)
