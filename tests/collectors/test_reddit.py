"""The Reddit collector against a small hand-made server: invented people and posts, and what Reddit's API does."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Collector, Query
from collectors.reddit import Reddit, vault_key
from collectors.reddit_map import comment, link, person, removed
from collectors.walk import Unusable
from tests.collectors.contract import HOSTILE, CollectorContract, check_record, pages, transport
from tests.servers.scripted import SILENCE, App, Asked, Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone, NeedsLogin
from xunke.model import Account, Post

SECRET = "planted-client-secret"
APP = {"client_id": "invented-client", "client_secret": SECRET, "username": "lin_out"}
NOW = 1_795_300_000


def t3(n: int, **more: Any) -> dict[str, Any]:
    name = f"1abc{n:03d}"
    return {"kind": "t3", "data": {
        "id": name, "name": f"t3_{name}", "title": f"Tent {n}", "selftext": "thanks u/mei_tent & all",
        "author": "Lin_Out", "author_fullname": "t2_x1", "subreddit": "camping", "subreddit_id": "t5_2qy",
        "created_utc": float(NOW - n * 60), "permalink": f"/r/camping/comments/{name}/tent/",
        "url": f"https://www.reddit.com/r/camping/comments/{name}/tent/", "is_self": True, "over_18": False,
        "link_flair_text": "Gear", "num_comments": 2, "score": 12, "ups": 12, "upvote_ratio": 0.93,
        "num_crossposts": 0, "stickied": False, "edited": False, "removed_by_category": None,
    } | more}  # fmt: skip


def t1(name: str, parent: str, root: str = "t3_1abc001", replies: Any = "", **more: Any) -> dict[str, Any]:
    return {"kind": "t1", "data": {
        "id": name, "name": f"t1_{name}", "body": f"says {name}", "author": "mei_tent", "parent_id": parent,
        "link_id": root, "subreddit": "camping", "created_utc": NOW + 5.0, "score": 3, "depth": 0, "replies": replies,
    } | more}  # fmt: skip


def more_of(*children: str, parent: str = "t3_1abc001") -> dict[str, Any]:
    data = {"count": len(children), "children": list(children), "parent_id": parent, "id": "_"}
    return {"kind": "more", "data": data}


def listing(rows: list[Any], after: str | None = None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": after, "before": None, "dist": len(rows), "children": rows}}


class Site:
    """Subreddit ``camping`` with nine links, a tree of comments, one person; tokens that can run out."""

    def __init__(self) -> None:
        self.links: list[Any] = [t3(n) for n in range(1, 10)]
        self.tree: list[Any] = [t1("k1", "t3_1abc001")]
        self.fixed: dict[str, Reply] = {}
        self.more: dict[str, Any] = {}
        self.branches: dict[str, list[Any]] = {}
        self.comments: list[Any] = []
        self.duplicates: list[Any] = []
        self.good, self.given = "token-1", 0
        self.circle = self.slow = False
        self.size = 3

    def page(self, asked: Asked, rows: list[Any]) -> Reply:
        names = [row["data"]["name"] if isinstance(row, dict) else row for row in rows]
        at = names.index(asked.one("after")) + 1 if asked.one("after") in names else 0
        shown = rows[at : at + min(self.size, int(asked.one("limit", "25")))]
        end = at + len(shown)
        after = names[end - 1] if shown and (end < len(rows) or self.circle) else None
        if self.circle and end >= len(rows):
            after = names[0]
        return Reply(listing(shown, after), headers={"x-ratelimit-remaining": "96.0", "x-ratelimit-reset": "412"})

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path
        if path == "/api/v1/access_token":
            user = base64.b64decode(asked.headers.get("authorization", "").partition(" ")[2]).decode()
            installed = "installed_client" in asked.form().get("grant_type", [""])[0] and user == "invented-client:"
            if user != f"invented-client:{SECRET}" and not installed:
                return Reply({"message": "Unauthorized", "error": 401}, 401)
            self.given += 1
            return Reply({"access_token": self.good, "token_type": "bearer", "expires_in": 86400})
        if asked.headers.get("authorization") != f"Bearer {self.good}":
            return Reply({"message": "Unauthorized", "error": 401}, 401)
        for part, reply in self.fixed.items():
            if part in path:
                return reply
        assert asked.one("raw_json") == "1"
        if self.slow:
            return SILENCE
        if path == "/user/lin_out/about":
            about = {"id": "x1", "name": "Lin_Out", "verified": True, "hide_from_robots": True}
            return Reply({"kind": "t2", "data": about})
        if path == "/user/lin_out/comments":
            return self.page(asked, self.comments)
        if path == "/api/info":
            return Reply(listing([row for row in self.links if row["data"]["name"] == asked.one("id")]))
        if path == "/api/morechildren":
            assert len(asked.one("children").split(",")) <= 100
            things = [self.more[one] for one in asked.one("children").split(",") if one in self.more]
            return Reply({"json": {"errors": [], "data": {"things": things}}})
        if path.startswith("/comments/"):
            rows = self.branches[asked.one("comment")] if asked.one("comment") else self.tree
            return Reply([listing(self.links[:1]), listing(rows)])
        if path.startswith("/duplicates/"):
            return Reply([listing(self.links[:1]), listing(self.duplicates)])
        if path in ("/r/camping/new", "/r/camping/search", "/search", "/user/lin_out/submitted"):
            return self.page(asked, self.links)
        return Reply({"message": "Not Found", "error": 404}, 404)


async def collect(site: Site, folder: Path, mode: str = "group", value: str = "r/camping", **more: Any) -> list[Any]:
    with scripted(site) as server:
        async with transport(server.base, folder) as http:
            query = Query(mode, value, server.base, **({"credentials": APP} | more))  # type: ignore[arg-type]
            return await pages(Reddit(), query, http)


def posts(found: list[Any], *kinds: str) -> list[Post]:
    return [r for page in found for r in page.records if isinstance(r, Post) and (r.kind in kinds or not kinds)]


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Reddit()

    def query(self, base: str) -> Query:
        return Query("group", "camping", base, frozenset({"replies"}), credentials=APP)

    def app(self, flaw: str) -> App:
        site = Site()
        site.circle, site.slow = flaw == "circle", flaw == "slow"
        if flaw == "hostile":
            names = ("title", "selftext", "author", "subreddit", "permalink", "link_flair_text")
            site.links = [t3(1, **dict.fromkeys(names, HOSTILE))]
            site.tree = [t1("k1", "t3_1abc001", body=HOSTILE, author=HOSTILE)]
        if flaw == "one_bad":
            site.links[4] = {"kind": "t3", "data": site.links[4]["data"] | {"created_utc": None}}
            site.tree = []
        elif not flaw:
            site.tree = []
        return site


async def test_posts_of_a_group(tmp_path: Path) -> None:
    found = await collect(Site(), tmp_path)
    assert [p.native_id for p in posts(found)] == [f"t3_1abc{n:03d}" for n in range(1, 10)]
    one = posts(found)[0]
    assert (one.likes, one.comments, one.tags, one.media, one.created) == (12, 2, ("Gear",), "text", NOW - 60)
    assert one.author is not None
    assert (one.author.native_id, one.author.name) == ("lin_out", "Lin_Out")
    assert one.group is not None
    assert one.group.native_id == "camping"
    assert [m.native_id for m in one.mentions] == ["mei_tent"]
    assert one.text == "thanks u/mei_tent & all"


async def test_without_an_application_it_says_so_before_anything_is_asked(tmp_path: Path) -> None:
    with scripted(Site()) as server:
        async with transport(server.base, tmp_path) as http:
            with pytest.raises(NeedsLogin, match="needs_app"):
                await pages(Reddit(), Query("group", "camping", server.base), http)
    assert not server.asked


async def test_the_agent_is_named_as_reddit_asks(tmp_path: Path) -> None:
    with scripted(Site()) as server:
        async with transport(server.base, tmp_path) as http:
            await pages(Reddit(), Query("group", "camping", server.base, credentials=APP), http)
    assert {one.headers["user-agent"] for one in server.asked} == {"desktop:Xunke:v0.1 (by /u/lin_out)"}


async def test_a_token_is_kept_and_one_that_ran_out_is_renewed_once(tmp_path: Path) -> None:
    site = Site()
    with scripted(site) as server:
        vault = {vault_key(server.base, APP["client_id"]): json.dumps({"token": "old", "until": time.time() + 9_000})}
        async with transport(server.base, tmp_path, vault=vault) as http:
            query = Query("group", "camping", server.base, credentials=APP)
            assert len(posts(await pages(Reddit(), query, http))) == 9
            assert len(posts(await pages(Reddit(), query, http))) == 9
        assert site.given == 1
        assert "token-1" in next(iter(vault.values()))


async def test_a_refused_new_token_is_no_endless_loop(tmp_path: Path) -> None:
    site = Site()
    site.fixed["/r/camping/new"] = Reply({"message": "Unauthorized", "error": 401}, 401)
    with pytest.raises(NeedsLogin, match="bad_token"):
        await collect(site, tmp_path)
    assert site.given == 2


async def test_an_installed_application_has_no_secret(tmp_path: Path) -> None:
    assert len(posts(await collect(Site(), tmp_path, credentials={"client_id": "invented-client"}))) == 9


async def test_a_refused_application_and_what_check_says(tmp_path: Path) -> None:
    with scripted(Site()) as server:
        async with transport(server.base, tmp_path) as http:
            assert (await Reddit().check(server.base, APP, http)).name == "lin_out"
            with pytest.raises(NeedsLogin, match="bad_app") as caught:
                await Reddit().check(server.base, APP | {"client_secret": "planted-wrong"}, http)
    assert "planted-wrong" not in str(caught.value)


async def test_no_secret_is_in_a_record_or_cursor(tmp_path: Path) -> None:
    found = repr(await collect(Site(), tmp_path))
    assert SECRET not in found
    assert "token-1" not in found


async def test_trap_a_list_ends_at_about_a_thousand(tmp_path: Path) -> None:
    site = Site()
    site.links, site.size = [t3(n) for n in range(1, 1_000)], 100
    found = await collect(site, tmp_path)
    assert len(posts(found)) == 999
    assert found[-1].capped
    assert found[-1].extents[-1].reason == "reddit.thousand"
    assert not (await collect(Site(), tmp_path))[-1].capped


async def test_trap_a_missing_group_redirects_to_the_search_for_groups(tmp_path: Path) -> None:
    site = Site()
    site.fixed["/r/nothing"] = Reply(b"", 302, {"Location": "/subreddits/search?q=nothing"})
    site.fixed["/subreddits/search"] = Reply(listing([]))
    with pytest.raises(Gone, match="no_group"):
        await collect(site, tmp_path, "keyword", "tent r/nothing")


@pytest.mark.parametrize(
    ("reply", "kind", "key"),
    [
        (Reply({"reason": "private", "message": "Forbidden", "error": 403}, 403), Blocked, "reddit.private"),
        (Reply({"reason": "quarantined", "message": "Forbidden", "error": 403}, 403), Blocked, "reddit.quarantined"),
        (Reply({"reason": "gold_only", "message": "Forbidden", "error": 403}, 403), Blocked, "reddit.gold_only"),
        (Reply({"reason": "banned", "message": "Not Found", "error": 404}, 404), Gone, "reddit.banned"),
        (Reply({"message": "Unavailable", "error": 451}, 451), Blocked, "reddit.legal_block"),
        (Reply(b"<html>blocked</html>", 403), Blocked, "reddit.refused"),
        (Reply({"reason": "private", "error": 403}), Blocked, "reddit.private"),
        (Reply({"error": "odd"}), BrokenAnswer, "reddit.error"),
        (Reply({"kind": "wiki", "data": {}}), BrokenAnswer, "net.shape"),
    ],
)
async def test_refusals_are_told_apart(tmp_path: Path, reply: Reply, kind: type[Exception], key: str) -> None:
    site = Site()
    site.fixed["/r/camping/new"] = reply
    with pytest.raises(kind) as caught:
        await collect(site, tmp_path)
    assert caught.value.key == key  # type: ignore[attr-defined]


async def test_trap_what_is_pinned_does_not_end_the_walk(tmp_path: Path) -> None:
    site = Site()
    pinned = [t3(900 + n, stickied=True, created_utc=1_600_000_000.0 + n) for n in range(3)]
    site.links = [*pinned, *site.links]
    found = await collect(site, tmp_path, since=NOW - 5 * 60)
    assert [p.native_id for p in posts(found)] == [f"t3_1abc{n:03d}" for n in range(1, 6)]


async def test_trap_deleted_authors_stay_nameless_and_removed_posts_out(tmp_path: Path) -> None:
    site = Site()
    site.links[0]["data"] |= {"author": "[deleted]", "author_fullname": None}
    site.links[1]["data"] |= {"selftext": "[removed]"}
    site.links[2]["data"] |= {"removed_by_category": "moderator"}
    found = await collect(site, tmp_path)
    assert len(posts(found)) == 7
    assert posts(found)[0].author is None
    with pytest.raises(Gone):
        await collect(site, tmp_path, "post", "1abc002")


async def test_trap_a_tree_with_holes_and_branches_too_deep_is_read_whole(tmp_path: Path) -> None:
    site = Site()
    inner = t1("k3", "t1_k2", replies=listing([more_of(parent="t1_k3")]))
    site.tree = [
        t1("k1", "t3_1abc001", replies=""), t1("k2", "t3_1abc001", replies=listing([inner])),
        t1("gone", "t3_1abc001", body="[deleted]", author="[deleted]"),
        more_of(*[f"m{n}" for n in range(150)]),
    ]  # fmt: skip
    site.more = {f"m{n}": t1(f"m{n}", "t3_1abc001") for n in range(150)} | {"m149": more_of("z1", "z1")}
    last = t1("k4", "t1_k3", replies=listing([more_of(parent="t1_k4")]))  # which promises more of itself for ever
    site.branches = {"k3": [t1("k3", "t1_k2", replies=listing([last]))], "k4": [last]}
    site.links[0]["data"]["num_comments"] = 154
    found = posts(await collect(site, tmp_path, "post", "1abc001", relations=frozenset({"replies"})), "comment")
    names = [p.native_id for p in found]
    assert len(names) == len(set(names))
    assert set(names) == {"t1_k1", "t1_k2", "t1_k3", "t1_k4", *(f"t1_m{n}" for n in range(149))}
    by = {p.native_id: p for p in found}
    assert (by["t1_k3"].reply_to, by["t1_k3"].root) == ("t1_k2", "t3_1abc001")


async def test_a_tree_is_gone_on_with_from_any_of_its_parts(tmp_path: Path) -> None:
    site = Site()
    site.links = site.links[:1]
    site.tree = [t1("k1", "t3_1abc001"), more_of(*[f"m{n}" for n in range(250)])]
    site.more = {f"m{n}": t1(f"m{n}", "t3_1abc001") for n in range(250)}
    with scripted(site) as server:
        async with transport(server.base, tmp_path) as http:
            query = Query("group", "camping", server.base, frozenset({"replies"}), credentials=APP)
            whole = await pages(Reddit(), query, http)
            assert len(posts(whole, "comment")) == 251
            for at, page in enumerate(whole[:-1]):
                rest = await pages(Reddit(), query, http, json.loads(json.dumps(page.cursor)))
                assert [p.native_id for p in posts(rest)] == [p.native_id for p in posts(whole[at + 1 :])]


async def test_cross_posts_are_reposts_and_others_of_the_same_link_are_not(tmp_path: Path) -> None:
    site = Site()
    site.duplicates = [t3(77, crosspost_parent="t3_1abc001", subreddit="tents"), t3(78)]
    site.links[0]["data"]["num_crossposts"] = 1
    found = await collect(site, tmp_path, "post", "https://redd.it/1abc001", relations=frozenset({"reposts"}))
    assert [(p.native_id, p.repost_of) for p in posts(found, "repost")] == [("t3_1abc077", "t3_1abc001")]


async def test_an_account_with_its_posts_and_comments_and_its_word_on_being_found(tmp_path: Path) -> None:
    site = Site()
    site.comments = [t1(f"c{n}", "t3_zz", "t3_zz", link_title="Other") for n in range(5)]
    found = await collect(site, tmp_path, "account", "u/lin_out")
    [who] = [r for page in found for r in page.records if isinstance(r, Account)]
    assert (who.native_id, who.listed, who.verified) == ("lin_out", False, True)
    assert len(posts(found, "post")) == 9
    assert len(posts(found, "comment")) == 5


async def test_what_is_older_than_since_ends_posts_and_not_comments(tmp_path: Path) -> None:
    site = Site()
    site.comments = [t1(f"c{n}", "t3_zz", "t3_zz") for n in range(2)]
    found = await collect(site, tmp_path, "account", "lin_out", since=NOW)
    assert len(posts(found)) == 2


async def test_a_suspended_account_is_gone(tmp_path: Path) -> None:
    site = Site()
    site.fixed["/about"] = Reply({"kind": "t2", "data": {"name": "lin_out", "is_suspended": True}})
    with pytest.raises(Gone, match="suspended"):
        await collect(site, tmp_path, "account", "lin_out")


@pytest.mark.parametrize(
    ("mode", "value", "path", "words"),
    [
        ("keyword", "露营 帐篷", "/search", "露营 帐篷"), ("keyword", "tent sub:camping", "/r/camping/search", "tent"),
        ("tag", "camping/露营", "/r/camping/search", 'flair_name:"露营"'),
        ("tag", "#Gear", "/search", 'flair_name:"Gear"'),
    ],
)  # fmt: skip
async def test_what_is_searched_where(tmp_path: Path, mode: str, value: str, path: str, words: str) -> None:
    with scripted(Site()) as server:
        async with transport(server.base, tmp_path) as http:
            query = Query(mode, value, server.base, credentials=APP, since=int(time.time()) - 3 * 86_400)  # type: ignore[arg-type]
            await pages(Reddit(), query, http)
    one = next(one for one in server.asked if one.path == path)
    assert (one.one("q"), one.one("sort"), one.one("t")) == (words, "new", "week")
    assert one.one("restrict_sr") == ("1" if path.startswith("/r/") else "")


@pytest.mark.parametrize(("mode", "value"), [("group", "露营"), ("post", "露营"), ("account", "露营")])
async def test_what_is_no_name_is_refused(tmp_path: Path, mode: str, value: str) -> None:
    with pytest.raises(BadQuery):
        await collect(Site(), tmp_path, mode, value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NAMES = (*t3(1)["data"], *t1("k1", "t3_1abc001")["data"], "crosspost_parent", "domain", "is_suspended")
FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON))


LINKS = FIELDS.map(lambda fields: t3(1)["data"] | fields)
COMMENTS = FIELDS.map(lambda fields: t1("k", "t3_1")["data"] | fields)


@given(source=JSON | FIELDS | LINKS | COMMENTS)
def test_any_thing_is_a_record_or_unusable(source: Any) -> None:
    removed(source)
    for read in (link, comment, person):
        try:
            found = read(source)
        except Unusable:
            continue
        check_record(found, "reddit")
