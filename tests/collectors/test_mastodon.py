"""The Mastodon collector against a small hand-made server (invented data) that has the quirks seen on real ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Collector, Query
from collectors.http import Transport
from collectors.markup import plain
from collectors.mastodon import Mastodon
from collectors.mastodon_map import Unusable, account, count, moment, status
from tests.collectors.contract import HOSTILE, CollectorContract, pages, transport
from tests.servers.scripted import SILENCE, App, Asked, Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, NeedsLogin
from xunke.model import Account, Interaction, Membership, Post
from xunke.text import clean

ALL = frozenset({"replies", "reposts", "likes", "followers"})


def person(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"a-{name}", "username": name, "acct": name, "url": f"https://far.example/@{name}",
        "display_name": name, "note": "<p>户外</p>", "bot": False, "group": False,
        "followers_count": 340, "following_count": 8, "statuses_count": 120,
    } | more  # fmt: skip


def post(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"s{n:03d}", "uri": f"https://far.example/s/{n}", "url": f"https://far.example/@lin/{n}",
        "created_at": f"2026-11-20T02:{n % 60:02d}:00.000Z", "visibility": "public", "language": "zh",
        "content": f"<p>第{n}条</p>", "in_reply_to_id": None, "reblog": None, "reblogs_count": 1,
        "favourites_count": 2, "replies_count": 0, "mentions": [], "media_attachments": [],
        "tags": [{"name": "露营"}], "account": person(f"p{n % 3}"),
    } | more  # fmt: skip


class Tiny:
    """Nine posts newest first, three a page. ``links``: "link", "none" (as snac), "always" (as Takahe), "circle"."""

    def __init__(self, links: str = "link", statuses: list[Any] | None = None, **facts: Any) -> None:
        self.links, self.facts = links, facts
        self.statuses = [post(n) for n in range(9, 0, -1)] if statuses is None else statuses
        self.slow = False
        self.people = [person(f"fan{n}") for n in range(5)]
        self.status: dict[str, Reply] = {}

    def page(self, asked: Asked, everything: list[Any], size: int, key: str) -> Reply:
        at = 0
        if asked.one("max_id"):
            ids = [f"{key}{i}" if key else one["id"] for i, one in enumerate(everything)]
            at = ids.index(asked.one("max_id")) + 1 if asked.one("max_id") in ids else len(ids)
        found = everything[at : at + size]
        last = f"{key}{at + len(found) - 1}" if key else (found[-1]["id"] if found else "")
        if self.links == "circle" and at + size >= len(everything):
            last = f"{key}0" if key else everything[0]["id"]
        more = found and (at + size < len(everything) or self.links in ("always", "circle"))
        back = '<http://x/?min_id=1>; rel="prev"'
        link = f'<http://elsewhere.example{quote(asked.path)}?max_id={last}&limit=1>; rel="next", {back}'
        if self.links == "none":
            return Reply(found)
        return Reply(found, headers={"Link": link if more else back})

    def __call__(self, asked: Asked) -> Reply:
        for pattern, reply in self.status.items():
            if re.search(pattern, asked.path):
                return reply
        path = asked.path
        if path == "/api/v2/instance":
            return Reply({"domain": "far.example", "configuration": self.facts})
        if self.slow:
            return SILENCE
        if path.startswith("/api/v1/timelines/tag/") or path.endswith("/statuses"):
            return self.page(asked, self.statuses, 3, "")
        if path == "/api/v1/accounts/lookup":
            return Reply(person("camp", group=True, acct="camp"))
        if path.endswith(("/reblogged_by", "/favourited_by", "/followers")):
            return self.page(asked, self.people, 2, "hidden")
        if path.endswith("/context"):
            return Reply({"ancestors": [], "descendants": []})
        if path == "/api/v2/search":
            return Reply({"statuses": [], "accounts": []})
        return Reply({"error": "Record not found"}, 404)


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Mastodon()

    def query(self, base: str) -> Query:
        return Query("tag", "露营", base, ALL)

    def app(self, flaw: str) -> App:
        tiny = Tiny("circle" if flaw == "circle" else "link")
        tiny.slow = flaw == "slow"
        if flaw == "hostile":
            fields = dict.fromkeys(("acct", "username", "display_name", "note", "url"), HOSTILE)
            evil = person("x", **fields)
            tiny.people = [evil | {"id": f"e{n}"} for n in range(2)]
            tiny.statuses = [
                post(1, content=HOSTILE, url=HOSTILE, language=HOSTILE, spoiler_text=HOSTILE, account=evil,
                     tags=[{"name": HOSTILE}], mentions=[{"acct": HOSTILE}], uri="https://x/" + HOSTILE)
            ]  # fmt: skip
        if flaw == "one_bad":
            tiny.statuses[4] = {k: v for k, v in tiny.statuses[4].items() if k != "created_at"}
        return tiny


async def collect(app: App, folder: Path, mode: str = "tag", value: str = "露营", **more: Any) -> list[Any]:
    with scripted(app) as server:
        async with transport(server.base, folder) as http:
            query = Query(mode, value, server.base, **more)  # type: ignore[arg-type]
            return await pages(Mastodon(), query, http)


def uris(found: list[Any]) -> list[str]:
    return [r.native_id.rpartition("/")[2] for page in found for r in page.records if isinstance(r, Post)]


@pytest.mark.parametrize("links", ["link", "none", "always"])
async def test_pages_with_links_without_and_with_one_too_many(tmp_path: Path, links: str) -> None:
    assert uris(await collect(Tiny(links), tmp_path)) == [str(n) for n in range(9, 0, -1)]


async def test_the_next_page_is_asked_of_the_same_server_whatever_the_link_says(tmp_path: Path) -> None:
    with scripted(Tiny()) as server:
        async with transport(server.base, tmp_path) as http:
            await pages(Mastodon(), Query("tag", "露营", server.base, credentials={"token": "planted-secret"}), http)
    assert {one.one("limit") for one in server.asked if "timelines" in one.path} == {"40"}
    assert len([one for one in server.asked if "timelines" in one.path]) == 3


async def test_people_are_paged_by_link_only_and_ask_for_many(tmp_path: Path) -> None:
    with scripted(Tiny(statuses=[post(1)])) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Mastodon(), Query("tag", "露营", server.base, ALL), http)
    likes = [r for page in found for r in page.records if isinstance(r, Interaction) and r.kind == "like"]
    assert [edge.actor.native_id for edge in likes] == [f"fan{n}@far.example" for n in range(5)]
    assert all(edge.time is None and edge.post == "https://far.example/s/1" for edge in likes)
    asked = [one for one in server.asked if one.path.endswith("favourited_by")]
    assert [one.one("max_id") for one in asked] == ["", "hidden1", "hidden3"]
    assert {one.one("limit") for one in asked} == {"80"}


@pytest.mark.parametrize(
    ("local", "remote", "token", "outcome"),
    [
        ("public", "public", None, {}),
        ("public", "authenticated", None, {"local": "true"}),
        ("disabled", "public", None, {"remote": "true"}),
        ("authenticated", "authenticated", None, NeedsLogin),
        ("authenticated", "authenticated", "t0ken", {}),
        ("disabled", "disabled", "t0ken", Blocked),
    ],
)
async def test_who_may_read_tags_is_asked_first(
    tmp_path: Path, local: str, remote: str, token: str | None, outcome: Any
) -> None:
    app = Tiny(timelines_access={"hashtag_feeds": {"local": local, "remote": remote}})
    with scripted(app) as server:
        async with transport(server.base, tmp_path) as http:
            query = Query("tag", "露营", server.base, credentials={"token": token})
            if isinstance(outcome, dict):
                await pages(Mastodon(), query, http)
            else:
                with pytest.raises(outcome):
                    await pages(Mastodon(), query, http)
    feeds = [one for one in server.asked if "timelines" in one.path]
    assert bool(feeds) == isinstance(outcome, dict), "refused without trying"
    for one in feeds:
        assert {k: v[0] for k, v in one.query.items() if k in ("local", "remote")} == outcome
        assert one.headers.get("authorization") == (f"Bearer {token}" if token else None)


async def test_a_group_gives_its_members_posts_once_and_its_members(tmp_path: Path) -> None:
    boosts = [
        post(
            50 + n,
            id=f"b{n}",
            content="",
            account=person("camp", group=True),
            reblog=post(n, account=person(f"m{n}")),
        )
        for n in (3, 2, 2)
    ]
    boosts[2]["id"] = "b9"
    found = await collect(Tiny(statuses=boosts), tmp_path, "group", "@camp@far.example")
    records = [r for page in found for r in page.records]
    assert uris(found) == ["3", "2"]
    assert all(r.group and r.group.native_id == "camp@far.example" for r in records if isinstance(r, Post))
    members = [r.account.native_id for r in records if isinstance(r, Membership)]
    assert members == ["m3@far.example", "m2@far.example"]


async def test_a_boost_of_a_post_that_is_not_public_is_left_out(tmp_path: Path) -> None:
    statuses = [post(5, reblog=post(1, visibility="unlisted")), post(4), post(3, visibility="private")]
    assert uris(await collect(Tiny(statuses=statuses), tmp_path, "account", "camp")) == ["4"]


async def test_a_thread_that_the_server_cuts_off_is_followed(tmp_path: Path) -> None:
    def app(asked: Asked) -> Reply:
        if asked.path.endswith("/context"):
            n = int(asked.path.split("/")[-2].removeprefix("s"))
            below = [
                post(m, in_reply_to_id=f"s{m - 1:03d}", replies_count=int(m < 8)) for m in range(n + 1, min(n + 4, 9))
            ]
            return Reply({"ancestors": [], "descendants": below})
        return tiny(asked)

    tiny = Tiny(statuses=[post(1, replies_count=1)])
    found = await collect(app, tmp_path, relations=frozenset({"replies"}))
    comments = [r for page in found for r in page.records if isinstance(r, Post) and r.kind == "comment"]
    assert [c.reply_to for c in comments] == [f"https://far.example/s/{n}" for n in range(1, 8)]
    assert {c.root for c in comments} == {"https://far.example/s/1"}


async def test_a_post_gone_in_between_is_skipped_and_counted(tmp_path: Path) -> None:
    app = Tiny(statuses=[post(2), post(1)])
    app.status["/statuses/s002/favourited_by"] = Reply(b"<h1>404</h1>", 404)
    found = await collect(app, tmp_path, relations=frozenset({"likes"}))
    assert [note for page in found for note in page.notes] == [("collect.gone_skipped", {"count": 1})]
    assert {r.post for p in found for r in p.records if isinstance(r, Interaction)} == {"https://far.example/s/1"}


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(b"", 401), NeedsLogin),  # snac
        (Reply({"error": "identity_token_required"}, 403), NeedsLogin),  # Takahe
        (Reply({"error": "This method requires an authenticated user"}, 422), NeedsLogin),  # Mastodon
        (Reply({"error": "Unauthorized: token not supplied"}, 401), NeedsLogin),  # GoToSocial
        (Reply(b"<html>forbidden</html>", 403), Blocked),
        (Reply({"error": "bad tag"}, 422), BadQuery),
        (Reply([{"id": "1"}, {"id": "2"}]), BrokenAnswer),
    ],
)
async def test_errors_are_named_by_what_to_do(tmp_path: Path, reply: Reply, error: type[Exception]) -> None:
    app = Tiny()
    app.status["/timelines/"] = reply
    with pytest.raises(error):
        await collect(app, tmp_path)


async def test_a_keyword_of_several_words_becomes_tags_that_must_all_be_there(tmp_path: Path) -> None:
    with scripted(Tiny()) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Mastodon(), Query("keyword", "露营 #装备", server.base), http)
    asked = next(one for one in server.asked if "timelines" in one.path)
    assert (asked.path, asked.query["all[]"]) == ("/api/v1/timelines/tag/露营", ["装备"])
    assert found[0].notes[0][0] == "mastodon.keyword_as_tag"


async def test_a_cursor_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    async with Transport(cache_dir=tmp_path) as http:
        with pytest.raises(BadQuery) as bad:
            await pages(Mastodon(), Query("tag", "x", "https://m.example"), http, {"queue": [1]})
    assert bad.value.key == "collect.bad_cursor"


@pytest.mark.parametrize(
    ("said", "listed"),
    [
        ({}, None),
        ({"discoverable": None}, None),
        ({"discoverable": True}, True),
        ({"discoverable": False}, False),
        ({"discoverable": True, "indexable": False}, False),
        ({"discoverable": True, "indexable": True, "noindex": True}, False),
    ],
)
def test_the_persons_own_word_on_being_found(said: Mapping[str, Any], listed: bool | None) -> None:
    assert account(person("lin", **said), "far.example").listed is listed


def test_one_person_and_one_post_through_two_servers_are_one() -> None:
    home = status(post(1, account=person("Lin")), "far.example")
    away = status(post(1, id="999", account=person("Lin", id="7", acct="lin@far.example")), "m.example")
    assert home.post.native_id == away.post.native_id
    assert home.post.author is not None
    assert away.post.author is not None
    assert home.post.author.native_id == away.post.author.native_id == "lin@far.example"


def test_bots_groups_and_what_is_kept() -> None:
    assert account(person("x", bot=True), "d").kind == "bot"
    assert account(person("x", group=True), "d").kind == "group"
    raw = status(
        post(1, account=person("x", avatar="https://x/a.png", header="h", fields=[{"name": "电话"}])), "d"
    ).post.raw
    assert raw is not None
    assert not re.search(rb"avatar|header|fields|a\.png", raw)


@pytest.mark.parametrize(
    ("value", "want"),
    [(3, 3), ("12", 12), ("1.2万", 12_000), ("3k", 3_000), ("1,024", 1_024), (True, None), (-1, None), ("很多", None),
     (None, None), (2**63, None), ([], None), ("9" * 400, None)],
)  # fmt: skip
def test_counts(value: object, want: int | None) -> None:
    assert count(value) == want


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("2026-11-20T02:15:00.000Z", (1795140900, "+00:00")),
        ("2026-11-20T10:15:00+08:00", (1795140900, "+08:00")),
        ("2026-11-20T02:15:00", (1795140900, "+00:00")),
        ("2026-13-40", None), (5, None), ("", None), ("x" * 9_000, None),
    ],
)  # fmt: skip
def test_moments(value: object, want: tuple[int, str] | None) -> None:
    assert moment(value) == want


def test_html_becomes_text() -> None:
    html = '<p>新帐篷<br>到了 <a class="hashtag">#<span>露营</span></a></p><p>a &lt;b&gt; &amp;c<script>x</script>'
    assert plain(html) == "新帐篷\n到了 #露营\n\na <b> &c"


@given(st.text())
def test_any_html_is_clean_text(text: str) -> None:
    found = plain(text)
    assert clean(found) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*post(1), "x"]), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*post(1), "reblog", "quote"]), JSON))
def test_any_status_is_read_or_refused(wrong: dict[str, Any]) -> None:
    try:
        found = status(post(1) | wrong, "far.example")
    except Unusable as error:
        reason = str(error)
    else:
        reason = "mastodon."
        assert isinstance(found.post, Post)
        assert isinstance(found.post.author, Account)
    assert reason.startswith("mastodon.")
