"""The Bluesky collector against a small hand-made network (invented data) that plays the traps of the real one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import bluesky_map as views
from collectors.base import Collector, Page, Query
from collectors.bluesky import Bluesky, actor_in, address_in
from collectors.http import Transport
from collectors.walk import Unusable
from tests.collectors.contract import HOSTILE, CollectorContract, check_record, pages, strings, transport
from tests.servers.scripted import SILENCE, App, Asked, Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.model import Account, Interaction, Membership, Mention, Post
from xunke.text import clean

ALL = frozenset({"replies", "reposts", "likes", "quotes", "followers", "following"})
TAG, LINK, AT = (f"app.bsky.richtext.facet#{name}" for name in ("tag", "link", "mention"))
FRAME = "app.bsky.feed.defs#"
LOGIN = {"identifier": "lin.example", "password": "planted-secret"}


def did(name: str) -> str:
    return f"did:plc:{name}"


def person(name: str, **more: Any) -> dict[str, Any]:
    return {"did": did(name), "handle": f"{name}.example", "displayName": f"{name}号", "labels": []} | more


def facet(text: str, word: str, kind: str, **feature: str) -> dict[str, Any]:
    start = len(text[: text.index(word)].encode())
    place = {"byteStart": start, "byteEnd": start + len(word.encode())}
    return {"index": place, "features": [{"$type": kind, **feature}]}


def uri(n: int | str, name: str = "lin") -> str:
    return f"at://{did(name)}/app.bsky.feed.post/3l{n}"


def post(n: int, tag: str = "露营", by: str = "", text: str = "", record: Any = None, **more: Any) -> dict[str, Any]:
    by, text = by or f"p{n % 3}", text or f"第{n}条 🏕️ #{tag} 走"
    facets = [facet(text, f"#{tag}", TAG, tag=tag)] if f"#{tag}" in text else []
    at = f"2026-11-20T02:{n % 60:02d}:00.000Z"
    return {
        "uri": uri(n, by), "cid": f"bafy{n}", "author": person(by),
        "record": {"$type": "app.bsky.feed.post", "text": text, "langs": ["zh"], "createdAt": at, "facets": facets}
        | (record or {}),
        "replyCount": 0, "repostCount": 1, "likeCount": 2, "quoteCount": 0, "indexedAt": at, "labels": [],
    } | more  # fmt: skip


class Net:
    """Nine posts newest first, three a page. ``answers``: other replies by method name; ``sessions``: those opened."""

    def __init__(self, posts: list[Any] | None = None) -> None:
        self.posts = [post(n) for n in range(9, 0, -1)] if posts is None else posts
        self.people = [person(f"fan{n}") for n in range(5)]
        self.answers: dict[str, Reply | Callable[[Asked], Reply]] = {}
        self.more: dict[str, Any] = {}
        self.circle = self.slow = self.locked = False
        self.opened: list[str] = []
        self.good = ""

    def part(self, asked: Asked, rows: list[Any], field: str, size: int = 3, **more: Any) -> Reply:
        at = int(asked.one("cursor", "0"))
        body = {field: rows[at : at + size], **more}
        if at + size < len(rows):
            body["cursor"] = str(at + size)
        elif self.circle and rows:
            body["cursor"] = "0"
        return Reply(body)

    def __call__(self, asked: Asked) -> Reply:
        name = asked.path.removeprefix("/xrpc/").rpartition(".")[2]
        if name in ("createSession", "refreshSession"):
            return self.session(name, asked)
        if self.locked and asked.headers.get("authorization") != f"Bearer {self.good}":
            return error(400, "ExpiredToken", "Token has expired")
        if name in self.answers:
            found = self.answers[name]
            return found(asked) if callable(found) else found
        if self.slow:
            return SILENCE
        likes = [{"actor": one, "createdAt": "2026-11-20T03:00:00Z", "indexedAt": "2026-11-20T03:00:00Z"} for one in
                 self.people]  # fmt: skip
        lists: dict[str, tuple[list[Any], str, int]] = {
            "searchPosts": (self.posts, "posts", 3), "getLikes": (likes, "likes", 2),
            "getRepostedBy": (self.people, "repostedBy", 2), "getQuotes": ([], "posts", 2),
            "getFollowers": (self.people[:3], "followers", 2), "getFollows": (self.people[:1], "follows", 2),
            "getAuthorFeed": ([{"post": one} for one in self.posts], "feed", 3),
            "getFeed": ([{"post": one} for one in self.posts], "feed", 3),
            "getListFeed": ([{"post": one} for one in self.posts], "feed", 3),
        }  # fmt: skip
        if name in lists:
            rows, field, size = lists[name]
            return self.part(asked, rows, field, size, **(self.more if name == "searchPosts" else {}))
        if name == "getPostThread":
            return Reply({"thread": {"$type": FRAME + "threadViewPost", "post": post(1), "replies": []}})
        if name == "getProfile":
            return Reply(person("lin", followersCount=3, followsCount=1, postsCount=len(self.posts)))
        if name == "getFeedGenerator":
            return Reply({"view": {"displayName": "户外"}, "isOnline": True, "isValid": True})
        if name == "getList":
            head = {"name": "露营爱好者", "purpose": "app.bsky.graph.defs#curatelist"}
            return self.part(asked, [{"uri": "x", "subject": one} for one in self.people], "items", 2, list=head)
        return error(501, "MethodNotImplemented", "Method Not Implemented")

    def session(self, name: str, asked: Asked) -> Reply:
        self.opened.append(name)
        if name in self.answers:
            found = self.answers[name]
            return found(asked) if callable(found) else found
        self.good = f"access-{len(self.opened)}"
        return Reply({"accessJwt": self.good, "refreshJwt": "refresh", "did": did("lin"), "handle": "lin.example"})


def error(status: int, name: str, message: str = "", **headers: str) -> Reply:
    return Reply({"error": name, "message": message}, status, headers)


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Bluesky()

    def query(self, base: str) -> Query:
        return Query("tag", "露营", base, frozenset({"replies", "likes", "followers"}))

    def app(self, flaw: str) -> App:
        net = Net([post(n) for n in range(7, 0, -1)])
        net.people = net.people[:3]
        net.circle, net.slow = flaw == "circle", flaw == "slow"
        if flaw == "hostile":
            fields = dict.fromkeys(("handle", "displayName", "description", "avatar"), HOSTILE)
            evil = person("x", **fields)
            net.people = [evil | {"did": did(f"e{n}")} for n in range(2)]
            marks = [
                {"index": {"byteStart": a, "byteEnd": b}, "features": [{"$type": TAG, "tag": HOSTILE}, feature]}
                for a, b in ((0, 9), (-5, 2), (3, 10**9), ("0", None), (4, 5))
                for feature in ({"$type": AT, "did": did("m")}, {"$type": AT, "did": HOSTILE}, {"$type": TAG, "tag": 7})
            ]
            marks.append({"index": {"byteStart": 0, "byteEnd": 1}, "features": [{"$type": TAG, "tag": "露营"}]})
            record = {"facets": marks, "tags": [HOSTILE, None], "langs": [HOSTILE], "embed": {"$type": HOSTILE}}
            net.posts = [post(1, text=HOSTILE, record=record, author=evil)]
        if flaw == "one_bad":
            net.posts[4] = {key: value for key, value in net.posts[4].items() if key != "indexedAt"}
            net.posts[4]["record"] = net.posts[4]["record"] | {"createdAt": "soon"}
        return net


class TestOtherModes(TestContract):
    """The same for feeds, which frame their posts."""

    def query(self, base: str) -> Query:
        return Query("topic", f"at://{did('lin')}/app.bsky.feed.generator/camp", base, frozenset({"reposts"}))


class TestAccount(TestContract):
    def query(self, base: str) -> Query:
        return Query("account", "lin.example", base, frozenset({"followers", "following", "quotes"}))


class TestList(TestContract):
    def query(self, base: str) -> Query:
        return Query("group", f"at://{did('lin')}/app.bsky.graph.list/camp", base, frozenset({"likes"}))


async def read(net: App, folder: Path, mode: Any = "tag", value: str = "露营", **more: Any) -> list[Page]:
    how = {key: more.pop(key) for key in ("vault", "sleep", "max_wait", "now") if key in more}
    with scripted(net) as server:
        async with transport(server.base, folder, **how) as http:
            found = await pages(Bluesky(), Query(mode, value, server.base, **more), http)
    for page in found:
        for record in page.records:
            check_record(record, "bluesky")
    return found


def posts(found: list[Page], kind: str = "post") -> list[Post]:
    return [r for page in found for r in page.records if isinstance(r, Post) and r.kind == kind]


def edges(found: list[Page], kind: str) -> list[Interaction]:
    return [r for page in found for r in page.records if isinstance(r, Interaction) and r.kind == kind]


# ---------------------------------------------------------------- searching


async def test_a_tag_is_what_the_post_marks_whatever_its_case_and_width(tmp_path: Path) -> None:
    listed = [
        post(9, tag="Camping"), post(8, tag="campingtrip"), post(7, text="没有标出 #camping", record={"facets": []}),
        post(6, tag="x", record={"tags": ["ＣＡＭＰＩＮＧ"]}), post(5, tag="#camping"), post(4, tag="露营"),
    ]  # fmt: skip
    net = Net(listed)
    net.more = {"hitsTotal": 6}
    found = await read(net, tmp_path, value="＃Camping")
    assert [p.native_id for p in posts(found)] == [listed[i]["uri"] for i in (0, 3, 4)]
    assert [p.tags for p in posts(found)] == [("Camping",), ("x", "ＣＡＭＰＩＮＧ"), ("camping",)]
    extent = next(one for page in found for one in page.extents)
    assert (extent.said, extent.seen, found[-1].capped) == (3, 3, False), "what matched loosely is taken off"


async def test_what_is_asked_of_the_search(tmp_path: Path) -> None:
    net = Net()
    since, until = 1_795_140_000, 1_795_143_599
    with scripted(net) as server:
        async with transport(server.base, tmp_path) as http:
            query = Query("tag", "#露营", server.base, since=since, until=until)
            await pages(Bluesky(), query, http)
            await pages(Bluesky(), Query("keyword", "露营 帐篷", server.base), http)
    tag, words = server.asked[0].query, server.asked[-1].query
    assert tag == {
        "q": ["#露营"], "sort": ["latest"], "limit": ["100"],
        "since": ["2026-11-20T02:00:00Z"], "until": ["2026-11-20T03:00:00Z"],
    }  # fmt: skip
    assert words["q"] == ["露营 帐篷"]
    assert "since" not in words


@pytest.mark.parametrize(("total", "capped"), [(9, False), (31, True), (None, False)])
async def test_a_search_that_ends_early_says_so(tmp_path: Path, total: int | None, capped: bool) -> None:
    net = Net()
    net.more = {} if total is None else {"hitsTotal": total}
    found = await read(net, tmp_path)
    assert [page.capped for page in found] == [False, False, capped]
    extent = found[-1].extents[0]
    assert (extent.said, extent.seen) == (total, 9)
    assert extent.reason == ("bluesky.search_ends" if capped else None)


async def test_empty_and_short_pages_are_no_end_and_an_unchanged_cursor_is(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        at = int(asked.one("cursor", "0"))
        rows = {0: [post(9)], 1: [], 2: [], 3: [post(8)]}.get(at, [])
        return Reply({"posts": rows, "cursor": str(min(at + 1, 4))})

    net = Net()
    net.answers["searchPosts"] = answer
    found = await read(net, tmp_path)
    assert [p.native_id for p in posts(found)] == [uri(9, "p0"), uri(8, "p2")]
    assert len(found) == 5


async def test_the_public_host_does_not_search_and_that_is_said_at_once(tmp_path: Path) -> None:
    for mode in ("tag", "keyword"):
        async with Transport(cache_dir=tmp_path) as http:
            with pytest.raises(NeedsLogin) as refused:
                await pages(Bluesky(), Query(mode, "露营"), http)  # type: ignore[arg-type]
            assert refused.value.key == "bluesky.search_login"
            assert http.requests == 0


# ---------------------------------------------------------------- objects


def test_places_in_the_text_count_bytes() -> None:
    text = "🏕️和 @小林.example 去 #露营 吧"
    marks = [facet(text, "@小林.example", AT, did=did("lin")), facet(text, "#露营", TAG, tag="露营"),
             facet(text, "去", LINK, uri="https://x.example")]  # fmt: skip
    found = views.post(post(1, text=text, record={"facets": marks}))
    assert found.mentions == (Mention("小林.example", did("lin")),)
    assert found.tags == ("露营",)


@pytest.mark.parametrize(
    ("claimed", "seen", "taken"),
    [
        ("2026-11-20T10:00:00+08:00", "2026-11-20T02:00:01Z", ("2026-11-20T02:00:00", "+08:00")),
        ("2036-01-01T00:00:00Z", "2026-11-20T02:00:01Z", ("2026-11-20T02:00:01", "+00:00")),  # from the future
        ("2019-05-01T00:00:00Z", "2026-11-20T02:00:01Z", ("2019-05-01T00:00:00", "+00:00")),  # brought from elsewhere
        ("0001-01-01T00:00:00Z", "2026-11-20T02:00:01Z", ("2026-11-20T02:00:01", "+00:00")),
        ("soon", "2026-11-20T02:00:01Z", ("2026-11-20T02:00:01", "+00:00")),
    ],
)
def test_the_time_is_a_claim_that_cannot_lie_behind_what_the_server_saw(
    claimed: str, seen: str, taken: tuple[str, str]
) -> None:
    found = views.post(post(1, record={"createdAt": claimed}, indexedAt=seen))
    shown = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(found.created))
    assert (shown, found.zone) == taken


def test_what_a_post_says_of_itself() -> None:
    media = {"$type": "app.bsky.embed.recordWithMedia", "media": {"$type": "app.bsky.embed.images"},
             "record": {"$type": "app.bsky.embed.record", "record": {"uri": uri(7), "cid": "x"}}}  # fmt: skip
    reply = {"parent": {"uri": uri(5)}, "root": {"uri": uri(4)}}
    found = views.post(post(1, by="mei", record={"embed": media, "reply": reply}, bookmarkCount=3, quoteCount=4))
    assert (found.kind, found.reply_to, found.root, found.quote_of) == ("comment", uri(5), uri(4), uri(7))
    assert (found.media, found.lang, found.likes, found.shares, found.comments, found.saves) == (
        "image",
        "zh",
        2,
        1,
        0,
        3,
    )
    assert found.url == "https://bsky.app/profile/did:plc:mei/post/3l1"
    bare = {key: value for key, value in post(2).items() if not key.endswith("Count")}
    assert (views.post(bare).likes, views.post(bare).comments) == (None, None), "not said is not none"
    other = {"$type": "app.bsky.embed.record", "record": {"uri": f"at://{did('x')}/app.bsky.feed.generator/1"}}
    assert views.post(post(3, record={"embed": other})).quote_of is None, "a feed is no post"


@pytest.mark.parametrize("state", ["viewDetached", "viewBlocked"])
@pytest.mark.parametrize("framed", [True, False])
def test_a_quote_that_was_detached_is_none(state: str, framed: bool) -> None:
    record = {"embed": {"$type": "app.bsky.embed.record", "record": {"uri": uri(7)}}}
    shown: dict[str, Any] = {"$type": f"app.bsky.embed.record#{state}", "uri": uri(7)}
    shown = {"record": {"record": shown} if framed else shown}
    assert views.post(post(1, record=record, embed=shown)).quote_of is None
    assert views.post(post(1, record=record)).quote_of == uri(7)


def test_people_are_known_by_did_and_their_word_counts() -> None:
    quiet = {"val": "!no-unauthenticated", "src": did("lin")}
    lin = person("lin", description="户外 #露营", followersCount=0, labels=[quiet, {"val": "bot", "src": did("lin")}],
                 verification={"verifiedStatus": "valid"})  # fmt: skip
    found = views.account(lin)
    assert (found.native_id, found.handle, found.listed, found.kind) == (did("lin"), "lin.example", False, "bot")
    assert (found.verified, found.followers, found.following, found.tags) == (True, 0, None, ("露营",))
    taken_back = views.account(person("lin", labels=[quiet, quiet | {"neg": True}], handle="handle.invalid"))
    assert (taken_back.listed, taken_back.handle, taken_back.name) == (None, None, "lin号")
    for nobody in (None, {}, {"did": "lin"}, {"did": 7}):
        with pytest.raises(Unusable):
            views.account(nobody)


def test_contact_data_is_masked_in_what_is_kept() -> None:
    text = "合作加微信 13812345678"
    kept = views.post(post(1, text=text, by="lin", record={"tags": ["13812345678"]})).raw or b""
    assert b"13812345678" not in kept
    assert json.loads(kept)["record"]["createdAt"]
    assert "avatar" not in json.loads(kept)["author"]


WHOLE = HOSTILE.replace("\ud800", "\ufffd")  # lone surrogates do not pass the transport
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([WHOLE, uri(1)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
FIELDS = ("uri", "author", "record", "embed", "labels", "indexedAt", "replyCount", "likeCount")
INNER = ("text", "facets", "tags", "langs", "reply", "embed", "createdAt")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.dictionaries(st.sampled_from(INNER), JSON), JSON)
def test_any_object_is_a_record_or_refused(outer: Any, within: Any, whole: Any) -> None:
    changed = post(1, record=within) | outer
    for source in (whole, changed, post(1, record=within)):
        for reader in (views.post, views.account):
            try:
                found = reader(source)
            except Unusable:
                continue
            check_record(found, "bluesky")  # type: ignore[arg-type]
            assert all(clean(text) == text for text in strings(found))


@given(st.text(max_size=60) | st.from_regex(r"(https://bsky\.app/profile/)?@?[a-z.:]{1,20}(/post/[a-z0-9]{1,5})?"))
def test_any_address_is_understood_or_refused(value: str) -> None:
    found = address_in(value, "post")
    assert found is None or ("/" not in found[1] and actor_in(found[0]))
    try:
        who = actor_in(value)
    except BadQuery:
        return
    assert views.is_did(who) or "." in who


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        ("https://bsky.app/profile/lin.example/post/3abc", "post", ("lin.example", "3abc")),
        ("https://bsky.app/profile/did:plc:lin/post/3abc?ref=x", "post", ("did:plc:lin", "3abc")),
        ("at://did:plc:lin/app.bsky.feed.post/3abc", "post", ("did:plc:lin", "3abc")),
        ("at://lin.example/app.bsky.feed.generator/camp", "feed", ("lin.example", "camp")),
        ("https://bsky.app/profile/lin.example/feed/camp", "feed", ("lin.example", "camp")),
        ("https://bsky.app/profile/lin.example/lists/3abc", "lists", ("lin.example", "3abc")),
        ("https://bsky.app/starter-pack/lin.example/3abc", "starter-pack", ("lin.example", "3abc")),
        ("https://bsky.app/profile/lin.example/feed/camp", "post", None),
        ("at://did:plc:lin/app.bsky.feed.like/3abc", "post", None),
        ("露营", "feed", None),
    ],
)
def test_addresses_as_people_paste_them(value: str, kind: str, found: Any) -> None:
    assert address_in(value, kind) == found


@pytest.mark.parametrize(
    ("value", "who"),
    [
        ("@Lin.Example", "lin.example"),
        ("lin", "lin.bsky.social"),
        ("https://bsky.app/profile/lin.example", "lin.example"),
        ("did:web:lin.example", "did:web:lin.example"),
    ],
)
def test_names_as_people_write_them(value: str, who: str) -> None:
    assert actor_in(value) == who


# ---------------------------------------------------------------- feeds, lists, threads, people


def passed_on(original: dict[str, Any], by: str, key: str = "1") -> dict[str, Any]:
    reason = {"$type": FRAME + "reasonRepost", "by": person(by), "indexedAt": "2026-11-21T02:00:00Z"}
    if key:
        reason["uri"] = f"at://{did(by)}/app.bsky.feed.repost/{key}"
    return {"post": original, "reason": reason}


async def test_an_account_passes_on_others_posts_and_its_own(tmp_path: Path) -> None:
    mine, theirs = post(1, by="lin"), post(2, by="mei")
    pinned = {"post": post(3, by="lin"), "reason": {"$type": FRAME + "reasonPin"}}
    net = Net()
    feed = [passed_on(mine, "lin"), passed_on(theirs, "lin", ""), pinned, {"post": mine}]
    net.answers["getAuthorFeed"] = lambda asked: Reply({"feed": feed})
    net.answers["getProfile"] = Reply(person("lin", postsCount=2))
    found = await read(net, tmp_path, "account", "lin.example", relations=frozenset({"likes"}))
    assert {p.native_id for p in posts(found)} == {mine["uri"], theirs["uri"], pinned["post"]["uri"]}
    acts = posts(found, "repost")
    assert [(p.repost_of, p.native_id) for p in acts] == [
        (mine["uri"], f"at://{did('lin')}/app.bsky.feed.repost/1"),
        (theirs["uri"], f"{theirs['uri']}#repost:{did('lin')}"),
    ]
    assert all(p.author and p.author.native_id == did("lin") and p.created == 1_795_226_400 for p in acts)
    extents = {(one.kind, one.key): (one.said, one.seen) for page in found for one in page.extents}
    assert extents["posts", "lin.example"] == (4, 4)
    assert {key for kind, key in extents if kind == "likes"} == {mine["uri"], pinned["post"]["uri"]}


async def test_a_list_gives_its_people_and_what_they_write_and_pass_on(tmp_path: Path) -> None:
    net = Net([post(1, by="fan1"), post(2, by="stranger")])
    feed = [{"post": net.posts[0]}, passed_on(net.posts[1], "fan2")]
    net.answers["getListFeed"] = Reply({"feed": feed})
    found = await read(net, tmp_path, "group", f"at://{did('lin')}/app.bsky.graph.list/camp")
    members = [r for page in found for r in page.records if isinstance(r, Membership)]
    assert [m.account.native_id for m in members] == [did(f"fan{n}") for n in range(5)]
    assert {m.group.name for m in members} == {"露营爱好者"}
    assert [p.native_id for p in posts(found)] == [uri(1, "fan1"), uri(2, "stranger")]
    assert [p.repost_of for p in posts(found, "repost")] == [uri(2, "stranger")]


async def test_a_starter_pack_is_its_list_and_a_moderation_list_is_refused(tmp_path: Path) -> None:
    net = Net([])
    net.answers["getStarterPack"] = Reply(
        {"starterPack": {"list": {"uri": f"at://{did('lin')}/app.bsky.graph.list/camp"}}}
    )
    found = await read(net, tmp_path, "group", "https://bsky.app/starter-pack/lin.example/3abc")
    assert len([r for page in found for r in page.records if isinstance(r, Membership)]) == 5
    net.answers["getList"] = Reply({"list": {"purpose": "app.bsky.graph.defs#modlist"}, "items": []})
    with pytest.raises(BadQuery) as refused:
        await read(net, tmp_path, "group", f"at://{did('lin')}/app.bsky.graph.list/bad")
    assert refused.value.key == "bluesky.moderation_list"


async def test_a_feed_shows_posts_whoever_passed_them_on_in_its_own_order(tmp_path: Path) -> None:
    net = Net()
    feed = [passed_on(post(2), "mei"), {"post": post(9)}, {"post": post(5)}]
    net.answers["getFeed"] = Reply({"feed": feed})
    address = "https://bsky.app/profile/lin.example/feed/camp"
    found = await read(net, tmp_path, "topic", address, since=1_795_140_300)
    assert [p.native_id for p in posts(found)] == [uri(9, "p0"), uri(5, "p2")], "an old one first is no end"
    assert posts(found, "repost") == []


def node(of: dict[str, Any], *below: Any, cut: bool = False) -> dict[str, Any]:
    frame = {"$type": FRAME + "threadViewPost", "post": of}
    return frame if cut else frame | {"replies": list(below)}


def answer(n: int, parent: int, **more: Any) -> dict[str, Any]:
    reply = {"parent": {"uri": uri(parent, "p")}, "root": {"uri": uri(1, "p")}}
    return post(n, by="p", record={"reply": reply}, **more)


async def test_a_thread_with_what_is_lost_blocked_cut_off_and_gone_meanwhile(tmp_path: Path) -> None:
    top = post(1, by="p", replyCount=4)
    lost = {"$type": FRAME + "notFoundPost", "uri": uri(90), "notFound": True}
    blocked = {"$type": FRAME + "blockedPost", "uri": uri(91), "blocked": True, "author": {"did": did("x")}}
    tree = node(top, node(answer(2, 1, replyCount=1), node(answer(4, 2, replyCount=2), cut=True)), lost, blocked,
                node(answer(3, 1, replyCount=1), cut=True))  # fmt: skip
    deeper = node(answer(4, 2, replyCount=2), node(answer(5, 4)), node(answer(6, 4)))

    def thread(asked: Asked) -> Reply:
        where = asked.one("uri")
        if asked.one("depth") == "0" or where == uri(1, "p"):
            return Reply({"thread": tree})
        return Reply({"thread": deeper}) if where == uri(4, "p") else error(400, "NotFound", "Post not found: x")

    net = Net()
    net.answers["getPostThread"] = thread
    found = await read(net, tmp_path, "post", uri(1, "p"), relations=frozenset({"replies"}))
    got = {p.native_id: p.reply_to for p in posts(found, "comment")}
    assert got == {uri(n, "p"): uri(of, "p") for n, of in ((2, 1), (3, 1), (4, 2), (5, 4), (6, 4))}
    assert all(p.root == uri(1, "p") for p in posts(found, "comment"))
    extent = next(one for page in found for one in page.extents if one.kind == "replies")
    assert (extent.said, extent.seen, extent.reason) == (7, 5, "bluesky.hidden")


@pytest.mark.parametrize("kind", ["notFoundPost", "blockedPost"])
async def test_a_post_that_is_not_shown_is_gone(tmp_path: Path, kind: str) -> None:
    net = Net()
    net.answers["getPostThread"] = Reply({"thread": {"$type": FRAME + kind, "uri": uri(1)}})
    with pytest.raises(Gone):
        await read(net, tmp_path, "post", uri(1))


async def test_a_post_deleted_meanwhile_is_skipped_and_counted(tmp_path: Path) -> None:
    net = Net()
    net.answers["getLikes"] = error(400, "InvalidRequest", "Could not find post")
    found = await read(net, tmp_path, relations=frozenset({"likes", "reposts"}))
    assert len(posts(found)) == 9
    assert [key for page in found for key, _ in page.notes] == ["collect.gone_skipped"] * 9
    assert len(edges(found, "repost")) == 45


async def test_likes_tell_their_time_and_reposts_do_not(tmp_path: Path) -> None:
    found = await read(Net([post(1)]), tmp_path, relations=ALL)
    assert [(one.actor.native_id, one.post) for one in edges(found, "like")] == [
        (did(f"fan{n}"), uri(1, "p1")) for n in range(5)
    ]
    assert {one.time for one in edges(found, "like")} == {1_795_143_600}
    assert {one.time for one in edges(found, "repost")} == {None}
    follows = [(one.actor.native_id, one.target.native_id) for one in edges(found, "follow")]
    assert sorted(follows) == sorted([(did("p1"), did("fan0")), *((did(f"fan{n}"), did("p1")) for n in range(3))])


async def test_moderated_people_and_posts_are_left_out(tmp_path: Path) -> None:
    hidden = [{"val": "!hide", "src": "did:plc:mod"}]
    listed = [post(3), post(2, labels=hidden), post(1, author=person("bad", labels=hidden))]
    found = await read(Net(listed), tmp_path)
    assert [p.native_id for p in posts(found)] == [uri(3, "p0")]


async def test_a_list_of_another_shape_is_an_error(tmp_path: Path) -> None:
    net = Net()
    net.answers["searchPosts"] = Reply({"posts": {"0": post(1)}})
    with pytest.raises(BrokenAnswer):
        await read(net, tmp_path)
    net.answers["searchPosts"] = Reply({"posts": [{"view": 2}, 7]})
    with pytest.raises(BrokenAnswer):
        await read(net, tmp_path)


# ---------------------------------------------------------------- errors and sessions


@pytest.mark.parametrize(
    ("reply", "kind", "key"),
    [
        (error(400, "InvalidRequest", "Profile not found"), Gone, "bluesky.gone"),
        (error(400, "AccountDeactivated", "Account is deactivated"), Gone, "bluesky.gone"),
        (error(400, "BlockedByActor", "Requester is blocked by actor"), Blocked, "bluesky.blocked"),
        (error(401, "AuthMissing", "Authentication Required"), NeedsLogin, "bluesky.login"),
        (error(400, "InvalidToken", "Token could not be verified"), NeedsLogin, "bluesky.session_over"),
        (error(501, "MethodNotImplemented", "Method Not Implemented"), BadQuery, "bluesky.not_offered"),
        (error(502, "UpstreamFailure", "Upstream"), Retry, "bluesky.upstream"),
        (error(503, "NotEnoughResources", ""), Retry, "bluesky.upstream"),
        (error(500, "InternalServerError", "Internal Server Error"), Retry, "net.server"),
        (error(400, "InvalidRequest", "Error: limit can not be greater than 100"), BadQuery, "net.bad_query"),
        (error(200, "InternalServerError", "x"), BrokenAnswer, "net.error_inside"),
        (Reply(b"<html><body>403 Forbidden</body></html>", 403), Blocked, "net.refused"),
    ],
)
async def test_answers_are_named_by_what_to_do(
    tmp_path: Path, reply: Reply, kind: type[CollectorError], key: str
) -> None:
    async def no_wait(seconds: float) -> None: ...

    net = Net()
    net.answers["getAuthorFeed"] = reply
    with pytest.raises(kind) as raised:
        await read(net, tmp_path, "account", "lin.example", sleep=no_wait, max_wait=1)
    assert raised.value.key == key


@pytest.mark.parametrize("reply", [Reply(b"<html>403</html>", 403), error(403, "Forbidden", "no")])
async def test_a_search_refused_to_visitors_asks_for_a_login(tmp_path: Path, reply: Reply) -> None:
    net = Net()
    net.answers["searchPosts"] = reply
    with pytest.raises(NeedsLogin) as refused:
        await read(net, tmp_path)
    assert refused.value.key == "bluesky.search_login"
    with pytest.raises(Blocked):
        await read(net, tmp_path, credentials=LOGIN)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time, self.slept = time.time(), 0.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.time += seconds


async def test_a_limit_is_waited_for_until_its_epoch(tmp_path: Path) -> None:
    clock, net = Clock(), Net()
    limits = {"RateLimit-Limit": "3000", "RateLimit-Remaining": "0", "RateLimit-Reset": str(int(clock.time) + 42)}

    def search(asked: Asked) -> Reply:
        if clock.slept < 40:
            return Reply({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429, limits)
        return net.part(asked, net.posts, "posts")

    net.answers["searchPosts"] = search
    assert len(posts(await read(net, tmp_path, sleep=clock.sleep, now=clock.now))) == 9
    assert 40 <= clock.slept <= 50


async def test_one_session_is_opened_renewed_by_its_token_and_kept(tmp_path: Path) -> None:
    vault: dict[str, str] = {}
    net = Net()
    net.locked = True
    assert len(posts(await read(net, tmp_path, credentials=LOGIN, vault=vault))) == 9
    assert net.opened == ["createSession"]
    await read(net, tmp_path, "account", "lin.example", credentials=LOGIN, vault=vault)
    # another port each time, so another service: kept apart
    assert net.opened == ["createSession"] * 2
    assert len(vault) == 2
    assert "planted" not in json.dumps(vault)


async def test_an_ended_session_is_renewed_once_then_made_again_once(tmp_path: Path) -> None:
    net, vault = Net(), dict[str, str]()
    net.locked = True
    with scripted(net) as server:
        query = Query("tag", "露营", server.base, credentials=LOGIN)
        async with transport(server.base, tmp_path, vault=vault) as http:
            await pages(Bluesky(), query, http)
            net.good = "another"
            found = await pages(Bluesky(), query, http)
            assert net.opened == ["createSession", "refreshSession"]
            net.good, net.answers["refreshSession"] = "a third", error(400, "ExpiredToken", "Token has expired")
            await pages(Bluesky(), query, http)
            assert net.opened[2:] == ["refreshSession", "createSession"]
            net.answers["searchPosts"] = error(400, "ExpiredToken", "Token has expired")
            with pytest.raises(NeedsLogin) as refused:
                await pages(Bluesky(), query, http)
            assert net.opened[4:] == ["refreshSession", "createSession"]
    assert refused.value.key == "bluesky.session_refused"
    assert len(posts(found)) == 9
    told = repr(query) + str(refused.value) + json.dumps(vault) + repr([page.cursor for page in found])
    assert "planted" not in told
    sent = [one for one in server.asked if b"planted" in one.body]
    assert {one.path for one in sent} == {"/xrpc/com.atproto.server.createSession"}
    assert not any("planted" in repr(one.query) + repr(one.headers) for one in server.asked)


async def test_a_session_renewed_by_another_run_is_taken(tmp_path: Path) -> None:
    net, vault = Net(), dict[str, str]()
    net.locked = True
    with scripted(net) as server:
        async with transport(server.base, tmp_path, vault=vault) as http:
            query = Query("tag", "露营", server.base, credentials=LOGIN)
            await pages(Bluesky(), query, http)
            ((key, _),) = vault.items()
            net.good = "renewed elsewhere"

            def search(asked: Asked) -> Reply:
                return net.part(asked, net.posts, "posts")

            def meanwhile(asked: Asked) -> Reply:
                vault[key] = json.dumps(json.loads(vault[key]) | {"access": net.good})
                return error(400, "ExpiredToken", "Token has expired")

            net.locked, net.answers["searchPosts"] = False, (
                lambda asked: search(asked) if net.good in asked.headers["authorization"] else meanwhile(asked)
            )  # fmt: skip
            assert len(posts(await pages(Bluesky(), query, http))) == 9
    assert net.opened == ["createSession"]


@pytest.mark.parametrize(
    ("reply", "key"),
    [
        (error(401, "AuthenticationRequired", "Invalid identifier or password"), "bluesky.wrong_password"),
        (error(401, "AuthFactorTokenRequired", "A sign in code has been sent"), "bluesky.use_app_password"),
        (error(401, "AccountTakedown", "Account has been taken down"), "bluesky.account_closed"),
        (Reply({"accessJwt": "a", "refreshJwt": "r", "did": did("lin"), "active": False}), "bluesky.account_closed"),
    ],
)
async def test_a_login_that_is_refused_says_why(tmp_path: Path, reply: Reply, key: str) -> None:
    net = Net()
    net.answers["createSession"] = reply
    with pytest.raises(NeedsLogin) as refused:
        await read(net, tmp_path, credentials=LOGIN)
    assert refused.value.key == key
    assert "planted" not in str(refused.value)
    assert len(net.opened) == 1


async def test_a_session_of_another_shape_is_an_error(tmp_path: Path) -> None:
    net = Net()
    net.answers["createSession"] = Reply({"token": "x"})
    with pytest.raises(BrokenAnswer):
        await read(net, tmp_path, credentials=LOGIN)


async def test_one_who_blocks_the_user_costs_only_their_own_followers(tmp_path: Path) -> None:
    net = Net([post(2), post(1)])
    net.answers["getFollowers"] = lambda asked: (
        error(400, "BlockedByActor", "x")
        if asked.one("actor") == did("p1")
        else net.part(asked, net.people, "followers")
    )
    found = await read(net, tmp_path, relations=frozenset({"followers"}), credentials=LOGIN)
    assert len(edges(found, "follow")) == 5
    assert [key for page in found for key, _ in page.notes] == ["collect.gone_skipped"]


async def test_the_account_itself_comes_first_with_its_counts(tmp_path: Path) -> None:
    found = await read(Net(), tmp_path, "account", "lin.example", relations=frozenset({"followers", "following"}))
    person_ = found[0].records[0]
    assert isinstance(person_, Account)
    assert (person_.followers, person_.following, person_.posts, person_.url) == (
        3, 1, 9, "https://bsky.app/profile/did:plc:lin",
    )  # fmt: skip
    told = {one.kind: (one.said, one.seen) for page in found for one in page.extents}
    assert told == {"followers": (3, 3), "following": (1, 1), "posts": (9, 9)}
