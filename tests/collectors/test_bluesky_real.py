"""The Bluesky collector against the AT Protocol's own servers: every list complete and exact, signed in and not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from collectors.base import Page, Query
from collectors.bluesky import Bluesky
from collectors.bluesky_session import Kept, judge
from collectors.http import Transport
from tests.collectors.contract import bare, check_record, pages, transport
from tests.servers.atproto import Network, Unavailable, atproto, fetch
from tests.servers.atproto_seed import DEEP, PASSWORD, TAGS, Api, Seeder, Truth, expired, seed, settle
from xunke.errors import BadQuery, Gone, NeedsLogin, Retry
from xunke.model import Account, Interaction, Membership, Post, Record

pytestmark = [pytest.mark.real_server("atproto"), pytest.mark.timeout(600)]  # the first time it is installed
ALL = frozenset({"replies", "reposts", "likes", "quotes", "followers", "following"})
LOGIN = {"identifier": "u001.test", "password": PASSWORD}


@dataclass
class World:
    network: Network
    truth: Truth
    make: Seeder
    vault: ClassVar[dict[str, str]] = {}
    """Sessions are few by rule: one for all tests that do not look at them."""

    def query(self, side: str, mode: Any, value: str, relations: Any = (), **more: Any) -> Query:
        """Asked of the PDS with a session, or of the AppView without one."""
        base, login = (self.network.pds, LOGIN) if side == "pds" else (self.network.appview, {})
        return Query(mode, value, base, frozenset(relations), credentials=login, **more)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    try:
        installed = fetch()
    except Unavailable as why:
        pytest.skip(f"AT Protocol network: {why}")
    with atproto(installed, limits=True) as network:
        truth = seed(network)
        make = Seeder(network)
        make.ticks = 1_000_000  # times of their own for what the tests add
        yield World(network, truth, make)


@pytest.fixture(params=["pds", "appview"])
def side(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def small(size: int = 3) -> Bluesky:
    made = Bluesky()
    made.size = size
    return made


async def run(query: Query, folder: Path, size: int = 3, **more: Any) -> list[Page]:
    async with transport(query.instance or "", folder, vault=World.vault, **more) as http:
        found = await pages(small(size), query, http)
    for page in found:
        assert not page.rejected
        for record in page.records:
            check_record(record, "bluesky")
    return found


def flat(found: list[Page]) -> list[Record]:
    return [record for page in found for record in page.records]


def posts(found: list[Page], kind: str = "post") -> list[Post]:
    return [one for one in flat(found) if isinstance(one, Post) and one.kind == kind]


def edges(found: list[Page], kind: str) -> Counter[tuple[str, str, int | None]]:
    return Counter(
        (one.actor.native_id, one.post or one.target.native_id, one.time)
        for one in flat(found)
        if isinstance(one, Interaction) and one.kind == kind
    )


def tell(capsys: pytest.CaptureFixture[str], what: str, got: int, want: int) -> None:
    with capsys.disabled():
        print(f"\n  atproto {what}: read {got}, written {want}", end="")


@pytest.mark.parametrize("tag", [*TAGS, "campingtrip"])
async def test_a_tag_with_all_relations_is_complete_and_exact(
    world: World, side: str, tag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, did = world.truth, {name: person.did for name, person in world.truth.people.items()}
    found = await run(world.query(side, "tag", "#" + tag, ALL), tmp_path)
    mine = truth.tagged(tag)
    got = {p.native_id: p for p in posts(found) if p.quote_of is None}
    assert Counter(p.native_id for p in posts(found) if p.quote_of is None) == Counter(mine)
    for uri, post in got.items():
        by, tags, text, created = truth.posts[uri]
        assert (post.author and post.author.native_id, post.tags, post.text, post.created) == (
            did[by],
            tags,
            text,
            created,
        )
        assert post.zone == "+00:00"
    likes = Counter((did[who], uri, at) for (who, uri), at in truth.likes.items() if uri in mine)
    reposts = Counter((did[who], uri, None) for who, uri in truth.reposts if uri in mine)
    assert edges(found, "like") == likes
    assert edges(found, "repost") == reposts
    authors = {truth.posts[uri][0] for uri in mine}
    follows = {(did[a], did[b], None) for a, b in truth.follows if a in authors or b in authors}
    assert set(edges(found, "follow")) == follows
    quotes = {uri: (did[by], of) for uri, (by, of) in truth.quotes.items() if of in mine}
    assert {p.native_id: (p.author and p.author.native_id, p.quote_of) for p in posts(found) if p.quote_of} == quotes
    replies = {uri: (up, root, did[by]) for uri, (up, root, by) in truth.replies.items() if root in mine}
    read = {p.native_id: (p.reply_to, p.root, p.author and p.author.native_id) for p in posts(found, "comment")}
    assert read == replies
    told = [one for page in found for one in page.extents if one.said is not None]
    assert all(one.said == one.seen and one.reason is None for one in told)
    tell(capsys, f"{side} #{tag} posts", len(got), len(mine))
    for what, one, other in (("likes", edges(found, "like"), likes), ("reposts", edges(found, "repost"), reposts)):
        tell(capsys, f"{side} #{tag} {what}", sum(one.values()), sum(other.values()))
    tell(capsys, f"{side} #{tag} replies", len(read), len(replies))


async def test_a_loose_search_does_not_bring_other_tags(world: World, side: str, tmp_path: Path) -> None:
    answer = Api(world.network.appview)("app.bsky.feed.searchPosts", q="#camping", limit=100)
    loose = {post["uri"] for post in answer["posts"]}
    assert loose >= world.truth.tagged("camping")
    make, tag = world.make, "campin"
    assert posts(await run(world.query(side, "tag", tag), tmp_path)) == [], "a part of a tag is another tag"
    assert make.truth is not world.truth


async def test_resumed_at_every_page_it_is_the_unbroken_run(world: World, side: str, tmp_path: Path) -> None:
    relations = ALL - {"followers", "following"} if side == "appview" else {"replies"}
    query = world.query(side, "tag", "露营", relations)
    async with transport(query.instance or "", tmp_path, vault=World.vault) as http:
        whole = await pages(small(9), query, http)
        assert len(whole) > 6
        for i, page in enumerate(whole[:-1]):
            stored = json.loads(json.dumps(page.cursor))
            assert PASSWORD not in json.dumps(stored)
            rest = flat(await pages(small(9), query, http, stored))
            assert [bare(r) for r in rest] == [bare(r) for r in flat(whole[i + 1 :])], f"after page {i}"


async def test_an_account_with_everything_it_wrote_and_passed_on(
    world: World, side: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, did = world.truth, world.truth.people["u003"].did
    for value in ("u003.test", "@u003.test", did, f"https://bsky.app/profile/{did}"):
        found = await run(world.query(side, "account", value, {"followers", "following"}), tmp_path)
        person = next(one for one in flat(found) if isinstance(one, Account))
        assert (person.native_id, person.handle, person.name) == (did, "u003.test", "用户003")
        own = {uri for uri, (by, *_) in truth.posts.items() if by == "u003"}
        own |= {uri for uri, (by, _) in truth.quotes.items() if by == "u003"}
        assert {p.native_id for p in posts(found) if p.author and p.author.native_id == did} == own
        replies = {uri for uri, (_, _, by) in truth.replies.items() if by == "u003"}
        assert Counter(p.native_id for p in posts(found, "comment")) == Counter(replies)
        passed = Counter(uri for who, uri in truth.reposts if who == "u003")
        assert Counter(p.repost_of for p in posts(found, "repost")) == passed
        assert {p.native_id for p in posts(found)} == own | set(passed), "the originals come along"
        follows = {(truth.people[a].did, truth.people[b].did, None) for a, b in truth.follows if "u003" in (a, b)}
        assert set(edges(found, "follow")) == follows
        extents = {one.kind: (one.said, one.seen) for page in found for one in page.extents}
        total = len(own) + len(replies) + sum(passed.values())
        assert extents["posts"] == (total, total)
        assert sum(seen for kind, (_, seen) in extents.items() if kind != "posts") == len(follows)
    tell(capsys, f"{side} account posts, replies, reposts", total, total)


async def test_a_feed_a_list_and_words(
    world: World, side: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = world.truth
    feed = posts(await run(world.query(side, "topic", truth.feed_uri), tmp_path))
    assert [p.native_id for p in feed] == truth.in_feed, "in the feed's own order"
    found = await run(world.query(side, "group", truth.list_uri), tmp_path)
    members = [one for one in flat(found) if isinstance(one, Membership)]
    assert Counter(m.account.native_id for m in members) == Counter(truth.people[n].did for n in truth.members)
    assert {(m.group.native_id, m.group.name, m.group.kind) for m in members} == {
        (truth.list_uri, "露营爱好者", "list")
    }
    want = {uri for uri, (by, *_) in truth.posts.items() if by in truth.members}
    want |= {uri for uri, (by, _) in truth.quotes.items() if by in truth.members}
    assert Counter(p.native_id for p in posts(found)) == Counter(want)
    replies = {uri for uri, (_, _, by) in truth.replies.items() if by in truth.members}
    assert {p.native_id for p in posts(found, "comment")} == replies
    assert all(p.group == members[0].group for p in posts(found))
    words = posts(await run(world.query(side, "keyword", "周末去咖啡"), tmp_path))
    assert Counter(p.native_id for p in words) == Counter(truth.tagged("咖啡"))
    tell(capsys, f"{side} feed", len(feed), len(truth.in_feed))
    tell(capsys, f"{side} list members", len(members), len(truth.members))
    tell(capsys, f"{side} list posts", len(posts(found)), len(want))


@pytest.mark.parametrize("depth", [2, 5, 100])
async def test_a_deep_thread_however_the_server_cuts_it(
    world: World, side: str, depth: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = world.truth
    top = next(iter(truth.posts))
    want = {uri: (up, root) for uri, (up, root, _) in truth.replies.items() if root == top}
    assert len(want) > DEEP
    who, key = top.split("/")[2], top.split("/")[4]
    page = f"https://bsky.app/profile/{who}/post/{key}"
    found = await run(world.query(side, "post", page, {"replies"}), tmp_path, depth)
    assert [p.native_id for p in posts(found)] == [top]
    assert {p.native_id: (p.reply_to, p.root) for p in posts(found, "comment")} == want
    assert len(posts(found, "comment")) == len(want)
    tell(capsys, f"{side} thread of depth {DEEP} in steps of {depth}", len(posts(found, "comment")), len(want))


async def test_limit_since_and_until(world: World, side: str, tmp_path: Path) -> None:
    assert len(posts(await run(world.query(side, "tag", "露营", limit=4), tmp_path))) == 4
    times = sorted(world.truth.posts[uri][3] for uri in world.truth.tagged("露营"))
    low, high = times[2], times[-3]
    inside = posts(await run(world.query(side, "tag", "露营", since=low, until=high), tmp_path))
    assert sorted(p.created or 0 for p in inside) == times[2:-2]
    assert posts(await run(world.query(side, "tag", "露营", since=times[-1] + 100), tmp_path)) == []


async def test_a_new_name_and_a_deleted_post_between_two_runs(world: World, side: str, tmp_path: Path) -> None:
    make, name = world.make, f"old{side}"
    person = make.join(name)
    kept = make.post(name, "留下 #变化")
    lost = make.post(name, "会删 #变化")
    answer = make.post(name, "回复", reply={"root": kept, "parent": kept})
    make.truth.posts |= {ref["uri"]: (name, (), "", 0) for ref in (kept, lost)}
    make.truth.replies[answer["uri"]] = (kept["uri"], kept["uri"], name)
    settle(world.network, make.truth)
    first = await run(world.query(side, "account", f"{name}.test"), tmp_path)
    assert {p.native_id for p in posts(first)} == {kept["uri"], lost["uri"]}

    for uri in (lost["uri"], answer["uri"]):
        body = {"repo": person.did, "collection": "app.bsky.feed.post", "rkey": uri.split("/")[-1]}
        make.api("com.atproto.repo.deleteRecord", body, person.jwt)
    record = {"$type": "app.bsky.actor.profile", "displayName": "新名字"}
    profile = {"repo": person.did, "collection": record["$type"], "rkey": "self", "record": record}
    make.api("com.atproto.repo.putRecord", profile, person.jwt)
    make.api("com.atproto.identity.updateHandle", {"handle": f"new{side}.test"}, person.jwt)
    del make.truth.posts[lost["uri"]], make.truth.replies[answer["uri"]]
    settle(world.network, make.truth)
    await _renamed(world, person.did, f"new{side}.test")

    second = await run(world.query(side, "account", f"new{side}.test"), tmp_path)
    now = next(one for one in flat(second) if isinstance(one, Account))
    assert (now.native_id, now.handle, now.name) == (person.did, f"new{side}.test", "新名字")
    assert [p.native_id for p in posts(second)] == [kept["uri"]]
    assert posts(second, "comment") == []
    assert posts(second)[0].url == posts(first)[-1].url, "the web address outlives the name"
    with pytest.raises(Gone) as gone:
        await run(world.query(side, "post", lost["uri"]), tmp_path)
    assert gone.value.key == "bluesky.gone"
    with pytest.raises(Gone):
        await run(world.query(side, "account", f"{name}.test"), tmp_path)


async def _renamed(world: World, did: str, handle: str) -> None:
    """Wait until the AppView has heard of a new handle."""
    import asyncio

    for _ in range(200):
        if Api(world.network.appview)("app.bsky.actor.getProfile", actor=did)["handle"] == handle:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the AppView does not hear of the new handle")


async def test_who_asks_to_be_hidden_from_visitors_is(world: World, tmp_path: Path) -> None:
    make, own = world.make, {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
    make.join("quiet", labels=own)
    make.join("loud")
    shy, open_ = make.post("quiet", "不想被看到 #静静"), make.post("loud", "都可以看 #静静")
    make.write("quiet", {"$type": "app.bsky.feed.like", "subject": open_})
    make.truth.posts |= {shy["uri"]: ("quiet", (), "", 0), open_["uri"]: ("loud", (), "", 0)}
    make.truth.likes["quiet", open_["uri"]] = 0
    settle(world.network, make.truth)

    visitor = await run(world.query("appview", "tag", "静静", {"likes"}), tmp_path)
    assert [p.native_id for p in posts(visitor)] == [open_["uri"]]
    assert not edges(visitor, "like")
    likes = next(one for page in visitor for one in page.extents if one.kind == "likes")
    assert (likes.said, likes.seen, likes.reason) == (1, 0, "bluesky.hidden")
    for query in (world.query("appview", "account", "quiet.test"), world.query("appview", "post", shy["uri"])):
        with pytest.raises(NeedsLogin) as refused:
            await run(query, tmp_path)
        assert refused.value.key == "bluesky.person_asks_login"

    member = await run(world.query("pds", "tag", "静静", {"likes"}), tmp_path)
    assert {p.native_id: p.author and p.author.listed for p in posts(member)} == {shy["uri"]: False, open_["uri"]: None}
    assert sum(edges(member, "like").values()) == 1


async def test_blocked_answers_and_detached_quotes_are_not_taken(world: World, side: str, tmp_path: Path) -> None:
    make, one, other = world.make, f"calm{side}", f"rude{side}"
    victim, _ = make.join(one), make.join(other)
    top = make.post(one, f"主帖 #清净{side}")
    rude = make.post(other, "骂人", reply={"root": top, "parent": top})
    fine = make.post(one, "自己补充", reply={"root": top, "parent": top})
    quote = make.post(other, "挂人", embed={"$type": "app.bsky.embed.record", "record": top})
    make.truth.posts |= {quote["uri"]: (other, (), "", 0), top["uri"]: (one, (), "", 0)}
    make.truth.quotes[quote["uri"]] = (other, top["uri"])
    make.truth.replies |= {ref["uri"]: (top["uri"], top["uri"], one) for ref in (rude, fine)}
    settle(world.network, make.truth)
    gate = {"$type": "app.bsky.feed.postgate", "post": top["uri"], "detachedEmbeddingUris": [quote["uri"]]}
    gate["createdAt"] = make.tick()
    rkey = top["uri"].split("/")[-1]
    body = {"repo": victim.did, "collection": gate["$type"], "rkey": rkey, "record": gate}
    make.api("com.atproto.repo.putRecord", body, victim.jwt)
    await _until(world, quote["uri"], lambda post: "Detached" in json.dumps(post["embed"]))
    seen = posts(await run(world.query(side, "post", quote["uri"]), tmp_path))
    assert [(p.native_id, p.quote_of) for p in seen] == [(quote["uri"], None)]

    make.write(one, {"$type": "app.bsky.graph.block", "subject": make.truth.people[other].did})
    await _until(world, quote["uri"], lambda post: "Blocked" in json.dumps(post["embed"]))
    found = await run(world.query(side, "post", top["uri"], {"replies"}), tmp_path)
    assert [p.native_id for p in posts(found, "comment")] == [fine["uri"]]
    replies = next(one for page in found for one in page.extents if one.kind == "replies")
    assert (replies.said, replies.seen, replies.reason) == (2, 1, "bluesky.hidden")


async def _until(world: World, uri: str, true: Any) -> None:
    import asyncio

    for _ in range(200):
        if true(Api(world.network.appview)("app.bsky.feed.getPosts", uris=[uri])["posts"][0]):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the AppView does not hear of it")


async def test_a_list_that_is_made_to_mute_people_is_refused(world: World, side: str, tmp_path: Path) -> None:
    purpose = "app.bsky.graph.defs#modlist"
    made = world.make.truth.people.get("judge") or world.make.join("judge")
    uri = world.make.write("judge", {"$type": "app.bsky.graph.list", "name": "讨厌的人", "purpose": purpose})[0]["uri"]
    assert made.did in uri
    await _listed(world, uri)
    with pytest.raises(BadQuery) as refused:
        await run(world.query(side, "group", uri), tmp_path)
    assert refused.value.key == "bluesky.moderation_list"


async def _listed(world: World, uri: str) -> None:
    import asyncio

    for _ in range(200):
        lists = Api(world.network.appview)("app.bsky.graph.getLists", actor=uri.split("/")[2])["lists"]
        if uri in {one["uri"] for one in lists}:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the AppView does not hear of the list")


async def test_what_is_not_there_or_not_understood_is_named(world: World, side: str, tmp_path: Path) -> None:
    truth = world.truth
    for mode, value in (
        ("account", "nobody.test"), ("account", "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"),
        ("post", next(iter(truth.posts)) + "x"), ("topic", truth.feed_uri + "x"), ("group", truth.list_uri + "x"),
        ("post", "https://bsky.app/profile/nobody.test/post/3abc"),
    ):  # fmt: skip
        with pytest.raises(Gone) as gone:
            await run(world.query(side, mode, value), tmp_path)
        assert gone.value.key == "bluesky.gone", (mode, value)
    for mode, value in (("account", "not a name"), ("post", truth.feed_uri), ("topic", "户外"), ("group", "群")):
        with pytest.raises(BadQuery):
            await run(world.query(side, mode, value), tmp_path)
    base = world.network.appview
    async with transport(base, tmp_path) as http:
        nsid = "app.bsky.feed.getNothing"
        with pytest.raises(BadQuery) as missing:
            await http.get_json(f"{base}/xrpc/{nsid}", judge=judge(nsid, "host", False))
    assert missing.value.key == "bluesky.not_offered"


async def test_the_pds_without_a_login_says_what_it_wants(world: World, tmp_path: Path) -> None:
    with pytest.raises(NeedsLogin) as refused:
        await run(Query("tag", "露营", world.network.pds), tmp_path)
    assert refused.value.key == "bluesky.login"


async def _requests(world: World, folder: Path, vault: dict[str, str], login: dict[str, str]) -> int:
    async with transport(world.network.pds, folder, vault=vault) as http:
        query = Query("keyword", "没有人写过这个词", world.network.pds, credentials=login)
        assert flat(await pages(Bluesky(), query, http)) == []
        return http.requests


async def test_a_session_is_kept_renewed_and_made_again_once(world: World, tmp_path: Path) -> None:
    vault: dict[str, str] = {}
    login = {"identifier": "u002.test", "password": PASSWORD}
    assert await _requests(world, tmp_path, vault, login) == 2, "a session, and the search"
    assert await _requests(world, tmp_path, vault, login) == 1, "the session is kept"
    ((key, value),) = vault.items()
    assert PASSWORD not in key + value

    def change(**more: str) -> str:
        vault[key] = json.dumps(json.loads(vault[key]) | more)
        return vault[key]

    known = json.loads(vault[key])
    change(access=expired(known["access"]))
    assert await _requests(world, tmp_path, vault, login) == 3, "refused as expired, refreshed, asked again"
    assert json.loads(vault[key])["access"] not in (expired(known["access"]), "")
    change(access="broken")
    assert await _requests(world, tmp_path, vault, login) == 3, "a broken token is refreshed too"
    change(access=expired(known["access"]), refresh="broken")
    assert await _requests(world, tmp_path, vault, login) == 4, "no refresh, so a new session"
    vault[key] = "no JSON"
    assert await _requests(world, tmp_path, vault, login) == 2


async def test_a_wrong_password_is_tried_once(world: World, tmp_path: Path) -> None:
    vault: dict[str, str] = {}
    login = {"identifier": "u004.test", "password": "planted-wrong-secret"}
    query = Query("keyword", "咖啡", world.network.pds, credentials=login)
    async with transport(world.network.pds, tmp_path, vault=vault) as http:
        for asked in (1, 1):
            with pytest.raises(NeedsLogin) as refused:
                await pages(Bluesky(), query, http)
            assert refused.value.key == "bluesky.wrong_password"
            assert "planted" not in str(refused.value) + repr(query) + json.dumps(vault)
            assert http.requests == asked
        with pytest.raises(NeedsLogin):
            await Bluesky().check(world.network.pds, login, http)
        assert http.requests == 2, "connecting tries again"
    assert await _requests(world, tmp_path, vault, login | {"password": PASSWORD}) == 2, "another password is another"


async def test_connecting_tells_who_it_is_and_warns_of_the_main_password(world: World, tmp_path: Path) -> None:
    jwt = world.truth.people["u005"].jwt
    made = world.make.api("com.atproto.server.createAppPassword", {"name": "xunke"}, jwt)["password"]
    async with transport(world.network.pds, tmp_path) as http:
        known = await Bluesky().check(world.network.pds, {"identifier": "@u005.test", "password": made}, http)
        assert (known.name, known.notes) == ("u005.test", ())
        known = await Bluesky().check(world.network.pds, {"identifier": "u005.test", "password": PASSWORD}, http)
        assert [key for key, _ in known.notes] == ["bluesky.main_password"]
        with pytest.raises(NeedsLogin):
            await Bluesky().check(world.network.pds, {"identifier": "u005.test"}, http)
    assert Kept().access == ""


async def test_the_limit_on_sessions_parks_the_job_until_it_ends(world: World, tmp_path: Path) -> None:
    login = {"identifier": "u006.test", "password": PASSWORD}
    for _ in range(30):
        world.make.api("com.atproto.server.createSession", login)
    async with Transport(world.network.pds, allow_private=True, cache_dir=tmp_path, max_wait=1) as http:
        with pytest.raises(Retry) as limited:
            await Bluesky().check(world.network.pds, login, http)
    assert 1 <= limited.value.after <= 300
    assert limited.value.key == "net.limited"
