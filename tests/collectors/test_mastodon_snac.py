"""The Mastodon collector against snac: a real server that keeps to the documents only in part."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.base import Query
from collectors.mastodon import Mastodon
from tests.collectors.contract import bare, check_record, pages, transport
from tests.servers.seeding import Truth, seed
from tests.servers.snac import Unavailable, fetch, snac
from xunke.errors import Gone, NeedsLogin
from xunke.model import Interaction, Post

pytestmark = pytest.mark.real_server("snac")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Truth]]:
    try:
        program = fetch()
    except Unavailable as why:
        pytest.skip(f"snac: {why}")
    with snac(program, tmp_path_factory.mktemp("snac"), 5) as (base, tokens):
        truth = seed(base, tokens, posts=14, tags=["camping", "ootd"], follows=5, resolve=True, settle=6, threads=False)
        yield base, truth


def small() -> Mastodon:
    made = Mastodon()
    made.size = 2
    return made


async def test_a_tag_without_link_headers_is_complete_and_resumes(server: tuple[str, Truth], tmp_path: Path) -> None:
    base, truth = server
    query = Query("tag", "camping", base, frozenset({"likes", "reposts"}), credentials={"token": truth.tokens["u000"]})
    async with transport(base, tmp_path) as http:
        whole = await pages(small(), query, http)
        for i in range(len(whole) - 1):
            rest = await pages(small(), query, http, json.loads(json.dumps(whole[i].cursor)))
            want = [bare(r) for page in whole[i + 1 :] for r in page.records]
            assert [bare(r) for page in rest for r in page.records] == want
    found = [record for page in whole for record in page.records]
    for record in found:
        check_record(record, "mastodon")
    assert Counter(r.native_id for r in found if isinstance(r, Post)) == Counter(truth.tagged("camping"))
    mine = {post for post, _, tag in truth.posts if tag == "camping"}
    for kind, written in (("like", truth.likes), ("repost", truth.boosts)):
        got = {
            (r.actor.native_id.split("@")[0], r.post) for r in found if isinstance(r, Interaction) and r.kind == kind
        }
        assert got == {(who, truth.uris[post]) for who, post in written if post in mine}
        assert got


async def test_without_a_token_the_posts_come_and_what_is_closed_is_told(
    server: tuple[str, Truth], tmp_path: Path
) -> None:
    base, truth = server
    async with transport(base, tmp_path) as http:
        found = await pages(small(), Query("tag", "camping", base, frozenset({"likes", "reposts"})), http)
    posts = [r.native_id for page in found for r in page.records if isinstance(r, Post)]
    assert Counter(posts) == Counter(truth.tagged("camping"))
    closed = [said["relation"] for page in found for key, said in page.notes if key == "collect.relation_needs_login"]
    assert sorted(closed) == ["likes", "reposts"]


async def test_the_posts_of_an_account(server: tuple[str, Truth], tmp_path: Path) -> None:
    base, truth = server
    async with transport(base, tmp_path) as http:
        query = Query("account", "u001", base, credentials={"token": truth.tokens["u001"]})
        found = [record for page in await pages(small(), query, http) for record in page.records]
    own = {truth.uris[post] for post, by, _ in truth.posts if by == "u001"}
    assert {r.native_id for r in found if isinstance(r, Post) and r.native_id in own} == own


async def test_what_snac_refuses_is_named(server: tuple[str, Truth], tmp_path: Path) -> None:
    base, _ = server
    async with transport(base, tmp_path) as http:
        with pytest.raises(NeedsLogin):  # 401 with an empty body
            await http.get_json(base + "/api/v1/timelines/home")
        with pytest.raises(Gone):  # 404 with a page of HTML
            await http.get_json(base + "/no/such/page")
