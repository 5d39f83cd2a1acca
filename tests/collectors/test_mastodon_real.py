"""The Mastodon collector against mastodon-mock, which nobody of this project wrote."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Page, Query
from collectors.http import Transport
from collectors.mastodon import Mastodon
from tests.collectors.contract import bare, check_record, pages, transport
from tests.servers.running import mastodon_mock
from tests.servers.seeding import Api, Truth, mock_users
from xunke.errors import BadQuery, Gone, NeedsLogin, Retry
from xunke.model import Account, Interaction, Membership, Post, Record

pytestmark = pytest.mark.real_server("mastodon-mock")
ALL = frozenset({"replies", "reposts", "likes", "followers"})


def small() -> Mastodon:
    made = Mastodon()
    made.size = 2
    return made


async def records(query: Query, folder: Path, **more: Any) -> list[Record]:
    async with transport(query.instance or "", folder, **more) as http:
        return flat(await pages(small(), query, http))


def flat(found: list[Page]) -> list[Record]:
    return [record for page in found for record in page.records]


def posts(found: list[Record], kind: str = "post") -> list[Post]:
    return [one for one in found if isinstance(one, Post) and one.kind == kind]


def who(account: Account) -> str:
    return account.native_id.partition("@")[0]


def edges(found: list[Record], kind: str) -> Counter[tuple[str, str | None]]:
    return Counter(
        (who(one.actor), one.post or who(one.target))
        for one in found
        if isinstance(one, Interaction) and one.kind == kind
    )


@pytest.mark.parametrize("tag", ["露营", "咖啡", "camping", "新品测评", "ootd"])
async def test_a_tag_with_all_relations_is_complete_and_exact(
    mock_server: str, seeded: Truth, cache: Path, tag: str
) -> None:
    found = await records(Query("tag", tag, mock_server, ALL), cache)
    for record in found:
        check_record(record, "mastodon")
    mine = {i for i, _, t in seeded.posts if t == tag}
    assert Counter(p.native_id for p in posts(found)) == Counter(seeded.tagged(tag))
    assert {p.native_id: p.text for p in posts(found)} == {u: seeded.texts[u] for u in seeded.tagged(tag)}
    assert all(tag in p.tags for p in posts(found))
    assert edges(found, "like") == Counter((u, seeded.uris[p]) for u, p in seeded.likes if p in mine)
    assert edges(found, "repost") == Counter((u, seeded.uris[p]) for u, p in seeded.boosts if p in mine)
    authors = {by for i, by, t in seeded.posts if t == tag}
    assert edges(found, "follow") == Counter((a, b) for a, b in seeded.follows if b in authors)
    want = {uri: r for uri, r in seeded.replies.items() if r[1] in seeded.tagged(tag)}
    assert want
    got = {p.native_id: (p.reply_to, p.root, who(p.author)) for p in posts(found, "comment") if p.author}
    assert got == want


async def test_resumed_at_every_page_it_is_the_unbroken_run(mock_server: str, seeded: Truth, cache: Path) -> None:
    query = Query("tag", "露营", mock_server, ALL)
    async with transport(mock_server, cache) as http:
        whole = await pages(small(), query, http)
        assert len(whole) > 20
        for i, page in enumerate(whole[:-1]):
            stored = json.loads(json.dumps(page.cursor))
            rest = flat(await pages(small(), query, http, stored))
            assert [bare(r) for r in rest] == [bare(r) for r in flat(whole[i + 1 :])], f"after page {i}"


async def test_an_account_with_its_posts_replies_boosts_and_followers(
    mock_server: str, seeded: Truth, cache: Path
) -> None:
    domain = mock_server.partition("//")[2]
    for value in ("u003", f"@u003@{domain}", f"{mock_server}/@u003"):
        found = await records(Query("account", value, mock_server, frozenset({"followers"})), cache)
        accounts = [one for one in found if isinstance(one, Account)]
        assert [(a.native_id, a.name) for a in accounts] == [(f"u003@{domain}", "用户003")]
        own = {seeded.uris[i] for i, by, _ in seeded.posts if by == "u003"}
        boosted = Counter(seeded.uris[p] for u, p in seeded.boosts if u == "u003")
        assert {p.native_id for p in posts(found) if p.author and who(p.author) == "u003"} == own
        assert Counter(p.repost_of for p in posts(found, "repost")) == boosted
        assert Counter(p.native_id for p in posts(found)) == Counter(own | set(boosted)), "an original counts once"
        assert {p.native_id for p in posts(found, "comment")} == {
            u for u, r in seeded.replies.items() if r[2] == "u003"
        }
        assert edges(found, "follow") == Counter(edge for edge in seeded.follows if edge[1] == "u003")


async def test_a_keyword_by_search_though_the_server_knows_no_offset(
    mock_server: str, seeded: Truth, cache: Path
) -> None:
    async with transport(mock_server, cache) as http:
        made = Mastodon()
        found = await pages(made, Query("keyword", "周末去咖啡", mock_server), http)
    assert Counter(p.native_id for p in posts(flat(found))) == Counter(seeded.tagged("咖啡"))


async def test_a_keyword_nobody_wrote_falls_back_to_the_tag_and_says_so(
    mock_server: str, seeded: Truth, cache: Path
) -> None:
    async with transport(mock_server, cache) as http:
        found = await pages(small(), Query("keyword", "没有人写过这个词", mock_server), http)
    assert flat(found) == []
    assert [key for page in found for key, _ in page.notes] == ["mastodon.keyword_as_tag"]


async def test_limit_since_and_until(mock_server: str, seeded: Truth, cache: Path) -> None:
    everything = posts(await records(Query("tag", "露营", mock_server), cache))
    assert len(posts(await records(Query("tag", "露营", mock_server, limit=4), cache))) == 4
    times = sorted(p.created or 0 for p in everything)
    low, high = times[2], times[-3]
    inside = posts(await records(Query("tag", "露营", mock_server, since=low, until=high), cache))
    assert {p.native_id for p in inside} == {p.native_id for p in everything if low <= (p.created or 0) <= high}
    assert await records(Query("tag", "露营", mock_server, since=times[-1] + 100), cache) == []


async def test_only_public_posts(tmp_path: Path) -> None:
    with mastodon_mock(tmp_path) as base:
        api = Api(base)
        tokens = mock_users(api, 2)
        for visibility in ("public", "unlisted", "private", "direct"):
            api(
                "POST",
                "/api/v1/statuses",
                tokens["u000"],
                {"status": f"{visibility} #隐私", "visibility": visibility},
            )
        for token in (None, tokens["u000"]):
            for query in (
                Query("tag", "隐私", base, credentials={"token": token}),
                Query("account", "u000", base, credentials={"token": token}),
            ):
                assert [p.text for p in posts(await records(query, tmp_path))] == ["public #隐私"]


async def test_what_is_not_there_is_named(mock_server: str, seeded: Truth, cache: Path) -> None:
    with pytest.raises(Gone) as gone:
        await records(Query("account", "nobody_here", mock_server), cache)
    assert gone.value.key == "mastodon.no_account"
    with pytest.raises(BadQuery):
        await records(Query("group", "u001", mock_server), cache)
    with pytest.raises(BadQuery):
        await records(Query("account", "u001"), cache)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self, start: float) -> None:
        self.time, self.slept = start, [0.0]

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@pytest.mark.parametrize(
    ("effect", "least", "most"),
    [
        ({"type": "ratelimit", "headers": {"Retry-After": "7"}}, 7.0, 7.5),
        ({"type": "status", "status": 500}, 0.5, 3.0),
        ({"type": "status", "status": 503, "headers": {"Retry-After": "30"}}, 0.5, 31.0),
        ({"type": "malformed"}, 0.5, 3.0),
    ],
)
async def test_a_fault_heals_and_nothing_is_lost_or_doubled(
    mock_server: str, seeded: Truth, cache: Path, effect: dict[str, Any], least: float, most: float
) -> None:
    import time

    clock = Clock(time.time())
    fault = {"match": {"path": "/api/v1/timelines/tag/*"}, "effect": effect, "count": 1}
    api = Api(mock_server)
    api("POST", "/api/v1/_mock/faults", body=fault)
    try:
        found = await records(Query("tag", "camping", mock_server), cache, sleep=clock.sleep, now=clock.now)
    finally:
        api("DELETE", "/api/v1/_mock/faults")
    assert Counter(p.native_id for p in posts(found)) == Counter(seeded.tagged("camping"))
    assert least <= sum(clock.slept) <= most


async def test_a_server_that_hangs_is_given_up_and_the_cursor_goes_on_later(
    mock_server: str, seeded: Truth, cache: Path
) -> None:
    query = Query("tag", "camping", mock_server)
    api = Api(mock_server)
    async with transport(mock_server, cache) as http:
        got = await pages(small(), query, http, stop=2)
    effect = {"match": {"path": "/api/v1/timelines/tag/*"}, "effect": {"type": "timeout"}}
    api("POST", "/api/v1/_mock/faults", body=effect)
    try:
        async with transport(mock_server, cache, deadline=0.5) as http:
            with pytest.raises(Retry):
                await pages(small(), query, http, got[-1].cursor)
    finally:
        api("DELETE", "/api/v1/_mock/faults")
    async with transport(mock_server, cache) as http:
        rest = await pages(small(), query, http, got[-1].cursor)
    assert Counter(p.native_id for p in posts(flat(got + rest))) == Counter(seeded.tagged("camping"))


async def test_the_servers_own_limit_is_waited_for_before_it_is_hit(tmp_path: Path) -> None:
    waits: list[tuple[float, str]] = []
    with mastodon_mock(tmp_path, 30, 12) as base:  # longer than 39 requests take on a busy machine
        api = Api(base)
        token = mock_users(api, 1)["u000"]
        for n in range(12):
            api("POST", "/api/v1/statuses", token, {"status": f"第{n}条 #限速", "visibility": "public"})
        async with Transport(
            base, allow_private=True, cache_dir=tmp_path, on_wait=lambda s, why: waits.append((s, why))
        ) as http:
            made = Mastodon()
            made.size = 1
            statuses = []
            for _ in range(3):
                statuses += posts(flat(await pages(made, Query("tag", "限速", base), http)))
    assert Counter(p.text for p in statuses) == Counter({f"第{n}条 #限速": 3 for n in range(12)})
    assert waits, "39 requests do not fit into a window of 30"
    assert all(why == "net.wait_limit" for _, why in waits)


def test_the_collector_is_found_by_its_entry_point() -> None:
    from collectors import registry

    assert "mastodon" in registry.names()
    assert isinstance(registry.load("Mastodon"), Mastodon)
    assert dataclasses.is_dataclass(registry.load("mastodon").capabilities)


async def test_one_post_by_its_address_with_what_hangs_on_it(mock_server: str, seeded: Truth, cache: Path) -> None:
    roots = {root for _, root, _ in seeded.replies.values()}
    number, by, _ = next(
        one for one in seeded.posts if seeded.uris[one[0]] in roots and any(p == one[0] for _, p in seeded.likes)
    )
    query = Query("post", f"{mock_server}/@{by}/{number}", mock_server, ALL - {"followers"})
    found = await records(query, cache)
    assert [p.native_id for p in posts(found)] == [seeded.uris[number]]
    below = {uri for uri, (_, root, _) in seeded.replies.items() if root == seeded.uris[number]}
    assert {p.native_id for p in posts(found, "comment")} == below
    assert edges(found, "like") == Counter((u, seeded.uris[p]) for u, p in seeded.likes if p == number)
    with pytest.raises(Gone):
        await records(Query("post", f"{mock_server}/@{by}/99", mock_server), cache)


async def test_whom_somebody_follows(mock_server: str, seeded: Truth, cache: Path) -> None:
    found = await records(Query("account", "u001", mock_server, frozenset({"following"})), cache)
    edges_out = [r for r in found if isinstance(r, Interaction) and r.kind == "follow"]
    assert all(who(one.actor) == "u001" for one in edges_out)
    assert {who(one.target) for one in edges_out} == {to for one, to in seeded.follows if one == "u001"}


async def test_a_list_of_ones_own_is_a_group_with_its_members(mock_server: str, seeded: Truth, cache: Path) -> None:
    api, token = Api(mock_server), seeded.tokens["u000"]
    made = api("POST", "/api/v1/lists", token, {"title": "种子用户"})
    friends = sorted(to for one, to in seeded.follows if one == "u000")[:2]
    ids = {"account_ids": [seeded.ids[name] for name in friends]}
    api("POST", f"/api/v1/lists/{made['id']}/accounts", token, ids)
    query = Query("group", "list:种子用户", mock_server, credentials={"token": token})
    found = await records(query, cache)
    members = {who(r.account) for r in found if isinstance(r, Membership)}
    assert members == set(friends)
    written = [p for p in posts(found) if p.author and who(p.author) in members and p.group]
    assert {p.native_id for p in written} == {seeded.uris[i] for i, by, _ in seeded.posts if by in members}
    assert {p.group.name for p in written if p.group} == {"种子用户"}
    with pytest.raises(NeedsLogin):
        await records(Query("group", "list:种子用户", mock_server), cache)
    with pytest.raises(Gone, match="种子用户"):
        await records(Query("group", "list:没有这个", mock_server, credentials={"token": token}), cache)


async def test_a_token_is_tried_at_once(mock_server: str, seeded: Truth, cache: Path) -> None:
    async with transport(mock_server, cache) as http:
        known = await Mastodon().check(mock_server, {"token": seeded.tokens["u001"]}, http)
        assert known.name.startswith("u001@")
        with pytest.raises(NeedsLogin):
            await Mastodon().check(mock_server, {"token": "nonsense"}, http)
