"""The Misskey collector against a small hand-made server (invented data) that has the traps of the fact sheet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Collector, Page, Query, Relation
from collectors.mastodon_map import account as mastodon_account
from collectors.misskey import Misskey
from collectors.misskey_map import account, note
from collectors.walk import Unusable
from tests.collectors.contract import HOSTILE, CollectorContract, pages, resumes, strings, transport
from tests.servers.scripted import SILENCE, App, Asked, Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, Gone, NeedsLogin, Retry
from xunke.model import Account, Interaction, Membership, Post
from xunke.text import clean

ALL: frozenset[Relation] = frozenset({"replies", "reposts", "likes", "quotes", "followers"})
HOME = "m.example"


def user(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"9u-{name}", "username": name, "host": None, "name": f"{name}林", "avatarUrl": "https://m.example/a.webp",
        "isBot": False, "emojis": {}, "onlineStatus": "unknown",
    } | more  # fmt: skip


def post(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"9zz{n:06d}", "createdAt": f"2026-11-20T02:{n % 60:02d}:00.000Z", "text": f"第{n}条 #露营", "cw": None,
        "userId": "9u", "visibility": "public", "localOnly": False, "user": user(f"p{n % 3}"), "tags": ["露营"],
        "replyId": None, "renoteId": None, "files": [], "reactions": {"❤": 4, ":x@.:": 1}, "reactionCount": 5,
        "renoteCount": 0, "repliesCount": 0,
    } | more  # fmt: skip


def error(code: str, status: int = 400, **info: Any) -> Reply:
    told = {"code": code, "message": "…", "id": "0000", "kind": "client", "info": info}
    return Reply({"error": told}, status)


class Tiny:
    """Nine notes newest first, three a page; lists of people two a page, by ids of the rows, not of the people."""

    def __init__(self, notes: list[Any] | None = None, below: dict[str, list[Any]] | None = None) -> None:
        self.notes = [post(n) for n in range(9, 0, -1)] if notes is None else notes
        self.below = below or {}
        self.renotes: dict[str, list[Any]] = {}
        self.fans = [user(f"fan{n}", host="Far.Example") for n in range(5)]
        self.channels = [{"id": "9chan00001", "name": "露营者", "notesCount": 9}]
        self.who: dict[str, Any] = user("lin", description="爱露营", followersCount=5, followingCount=2, notesCount=9)
        self.status: dict[str, list[Reply]] = {}
        self.circle = self.slow = False
        self.facts: dict[str, Any] = {"uri": "https://m.example", "policies": {"canSearchNotes": True}}

    def page(self, asked: Asked, rows: list[Any], size: int) -> Reply:
        until, ids = asked.json().get("untilId"), [one.get("id") for one in rows if isinstance(one, dict)]
        at = ids.index(until) + 1 if until in ids else len(rows) if until else 0
        if self.circle and at >= len(rows):
            at = 0
        return Reply(rows[at : at + size])

    def __call__(self, asked: Asked) -> Reply:
        path, body = asked.path.removeprefix("/api/"), asked.json()
        for pattern, replies in self.status.items():
            if re.fullmatch(pattern, path) and replies:
                return replies.pop(0) if len(replies) > 1 else replies[0]
        if path == "meta":
            return Reply(self.facts)
        if self.slow:
            return SILENCE
        if path in ("notes/search-by-tag", "notes/search", "users/notes", "channels/timeline"):
            return self.page(asked, self.notes, 3)
        if path in ("notes/children", "notes/renotes"):
            return self.page(asked, (self.below if "children" in path else self.renotes).get(body["noteId"], []), 2)
        if path == "notes/reactions":
            rows = [{"id": f"9r{n}", "createdAt": "2026-11-21T00:00:00Z", "type": "👍", "user": one}
                    for n, one in enumerate(self.fans)]  # fmt: skip
            return self.page(asked, rows, 2)
        if path in ("users/followers", "users/following"):
            side = "follower" if path.endswith("followers") else "followee"
            rows = [{"id": f"9f{n}", "createdAt": "2026-10-01T00:00:00Z", side: one} for n, one in enumerate(self.fans)]
            return self.page(asked, rows, 2)
        return self.one_of(path, body)

    def one_of(self, path: str, body: dict[str, Any]) -> Reply:
        if path == "users/show":
            return Reply(self.who) if body["username"] == "lin" else error("NO_SUCH_USER", 404)
        if path == "notes/show":
            found = [one for one in self.notes if one["id"] == body["noteId"]]
            return Reply(found[0]) if found else error("NO_SUCH_NOTE")
        if path == "channels/show":
            found = [one for one in self.channels if one["id"] == body["channelId"]]
            return Reply(found[0]) if found else error("NO_SUCH_CHANNEL")
        if path == "channels/search":
            return Reply(self.channels)
        return error("UNKNOWN_API_ENDPOINT", 404)


class TestContract(CollectorContract):
    def collector(self) -> Collector:
        return Misskey()

    def query(self, base: str) -> Query:
        return Query("tag", "露营", base, ALL)

    def app(self, flaw: str) -> App:
        tiny = Tiny()
        tiny.slow, tiny.circle = flaw == "slow", flaw == "circle"
        first = tiny.notes[0]["id"]
        tiny.below[first] = [post(20, replyId=first), post(21, replyId=first)]
        tiny.renotes[first] = [post(30, text=None, renoteId=first), post(31, renoteId=first)]
        tiny.notes[0] |= {"renoteCount": 2, "repliesCount": 2}
        if flaw == "hostile":
            evil = user("x") | dict.fromkeys(("username", "name", "host", "description", "url"), HOSTILE)
            tiny.fans = [evil | {"id": f"e{n}"} for n in range(2)]
            tiny.notes = [post(1, user=evil, **dict.fromkeys(("text", "cw", "url", "uri"), HOSTILE), tags=[HOSTILE])]
        if flaw == "one_bad":
            del tiny.notes[4]["createdAt"]
        return tiny


async def collect(app: App, folder: Path, mode: str = "tag", value: str = "露营", **more: Any) -> list[Page]:
    waits = more.pop("waits", [])

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    with scripted(app) as server:
        async with transport(server.base, folder, sleep=sleep, now=lambda: 1.8e9 + sum(waits)) as http:
            return await pages(Misskey(), Query(mode, value, server.base, **more), http)  # type: ignore[arg-type]


def posts(found: list[Page]) -> list[Post]:
    return [r for page in found for r in page.records if isinstance(r, Post)]


def numbers(found: list[Page], kind: str = "post") -> list[int]:
    return [int(one.native_id[-6:]) for one in posts(found) if one.kind == kind]


def edges(found: list[Page], kind: str) -> list[Interaction]:
    return [r for page in found for r in page.records if isinstance(r, Interaction) and r.kind == kind]


NINE = list(range(9, 0, -1))
FANS = [f"fan{n}@far.example" for n in range(5)]


async def test_every_call_is_a_post_that_reads_and_a_tag_is_sent_folded(tmp_path: Path) -> None:
    with scripted(Tiny()) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Misskey(), Query("tag", "＃ＣＡＭＰ", server.base), http)
    assert numbers(found) == NINE
    assert {one.method for one in server.asked} == {"POST"}
    asked = [one.json() for one in server.asked if one.path.endswith("search-by-tag")]
    assert {one["tag"] for one in asked} == {"camp"}
    assert [one.get("untilId", "")[-1:] for one in asked] == ["", "7", "4", "1"]
    first = posts(found)[0]
    assert (first.native_id, first.likes, first.tags) == ("https://m.example/notes/9zz000009", 5, ("露营",))
    assert first.author is not None
    assert first.author.native_id == "p0@m.example"


async def test_a_short_or_hidden_page_is_no_end(tmp_path: Path) -> None:
    class Short(Tiny):
        def page(self, asked: Asked, rows: list[Any], size: int) -> Reply:
            return super().page(asked, rows, 1)

    rows = [post(9), post(8, isHidden=True), post(7, isHidden=True), post(6)]
    assert numbers(await collect(Short(rows), tmp_path)) == [9, 6]


@pytest.mark.parametrize(
    "wrong",
    [{"isHidden": True}, {"visibility": "home"}, {"visibility": "followers"}, {"visibility": "specified"},
     {"user": user("x", requireSigninToViewContents=True)}],
)  # fmt: skip
async def test_what_is_not_for_everybody_is_left_out_and_told(tmp_path: Path, wrong: dict[str, Any]) -> None:
    found = await collect(Tiny([post(2), post(1, **wrong)]), tmp_path)
    assert numbers(found) == [2]
    assert found[-1].extents[-1].reason == "misskey.not_public"


async def test_answers_are_asked_for_level_by_level_without_quotes(tmp_path: Path) -> None:
    one, two, three = (post(n)["id"] for n in (1, 21, 22))
    app = Tiny([post(1, repliesCount=2)], {
        one: [post(21, replyId=one, repliesCount=1), post(25, renoteId=one), post(23, replyId=one)],
        two: [post(22, replyId=two, repliesCount=1)],
        three: [post(24, replyId=three)],
    })  # fmt: skip
    found = await collect(app, tmp_path, relations=frozenset({"replies"}))
    answers = {int(p.native_id[-6:]): (p.reply_to or "")[-2:] for p in posts(found) if p.kind == "comment"}
    assert answers == {21: "01", 23: "01", 22: "21", 24: "22"}
    assert {p.root for p in posts(found) if p.kind == "comment"} == {"https://m.example/notes/9zz000001"}
    assert sorted((e.said, e.seen) for p in found for e in p.extents if e.kind == "replies") == [(1, 1), (1, 1), (2, 2)]


async def test_a_renote_with_words_is_a_quote_and_without_a_share(tmp_path: Path) -> None:
    top = post(1, renoteCount=3)
    app = Tiny([top])
    app.renotes[top["id"]] = [
        post(31, text=None, renoteId=top["id"]), post(32, renoteId=top["id"], renote=top),
        post(33, text=None, renoteId=top["id"], renote=top),
    ]  # fmt: skip
    found = await collect(app, tmp_path, relations=frozenset({"reposts", "quotes"}))
    uri = "https://m.example/notes/9zz000001"
    assert [(int(p.native_id[-6:]), p.repost_of, p.likes) for p in posts(found) if p.kind == "repost"] == [
        (31, uri, None), (33, uri, None),
    ]  # fmt: skip
    assert [int(p.native_id[-6:]) for p in posts(found) if p.quote_of == uri] == [32]
    told = {e.kind: (e.said, e.seen) for p in found for e in p.extents}
    assert (told["reposts"], told["quotes"]) == ((2, 2), (1, 1))


async def test_reactions_are_likes_with_their_time_paged_by_their_own_ids(tmp_path: Path) -> None:
    with scripted(Tiny([post(1)])) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Misskey(), Query("tag", "露营", server.base, frozenset({"likes"})), http)
    likes = edges(found, "like")
    assert [one.actor.native_id for one in likes] == FANS
    assert {(one.time, one.target.native_id, one.post) for one in likes} == {
        (1795219200, "p1@m.example", "https://m.example/notes/9zz000001")
    }
    asked = [one.json().get("untilId") for one in server.asked if one.path.endswith("reactions")]
    assert asked == [None, "9r1", "9r3", "9r4"]
    assert all("👍" not in text for page in found for record in page.records for text in strings(record))


async def test_a_person_with_followers_and_following(tmp_path: Path) -> None:
    relations: frozenset[Relation] = frozenset({"followers", "following"})
    found = await collect(Tiny(), tmp_path, "account", "@lin@m.example", relations=relations)
    who = found[0].records[0]
    assert isinstance(who, Account)
    assert (who.native_id, who.bio, who.followers, who.posts) == ("lin@m.example", "爱露营", 5, 9)
    follows = [(one.actor.native_id, one.target.native_id) for one in edges(found, "follow")]
    assert follows == [(fan, "lin@m.example") for fan in FANS] + [("lin@m.example", fan) for fan in FANS]
    assert {one.time for one in edges(found, "follow")} == {1790812800}
    assert numbers(found) == NINE


async def test_until_goes_with_an_explicit_with_renotes(tmp_path: Path) -> None:
    with scripted(Tiny()) as server:
        async with transport(server.base, tmp_path) as http:
            await pages(Misskey(), Query("account", "lin", server.base), http)
    asked = [one.json() for one in server.asked if one.path.endswith("users/notes")]
    assert len(asked) == 4
    assert all(one["withRenotes"] is True and one["userId"] == "9u-lin" for one in asked)


async def test_a_persons_share_brings_the_original(tmp_path: Path) -> None:
    original = post(50, uri="https://far.example/notes/50", user=user("mei", host="far.example"))
    hidden = post(51, visibility="followers")
    shares = [post(n, text=None, renoteId=one["id"], renote=one) for n, one in ((9, original), (8, hidden))]
    found = await collect(Tiny(shares), tmp_path, "account", "lin")
    assert [(p.kind, p.native_id, p.repost_of) for p in posts(found)] == [
        ("post", "https://far.example/notes/50", None),
        ("repost", "https://m.example/notes/9zz000009", "https://far.example/notes/50"),
    ]


@pytest.mark.parametrize("how", [{"followersVisibility": "private"}, {"ffVisibility": "followers"}, {}])
async def test_followers_hidden_by_the_person_are_told_and_not_tried_again(tmp_path: Path, how: dict[str, str]) -> None:
    app = Tiny()
    app.who |= how | ({"followersCount": 0} if how else {})
    app.status["users/followers"] = [error("FORBIDDEN")]
    with scripted(app) as server:
        async with transport(server.base, tmp_path) as http:
            query = Query("account", "lin", server.base, frozenset({"followers"}))
            found = await pages(Misskey(), query, http)
    told = [e for p in found for e in p.extents if e.kind == "followers"]
    assert [(e.key, e.seen, e.reason, e.again) for e in told] == [
        ("lin@m.example", 0, "misskey.hidden_by_person", False)
    ]  # fmt: skip
    assert len([one for one in server.asked if one.path.endswith("followers")]) == (0 if how else 1)
    who = found[0].records[0]
    assert isinstance(who, Account)
    assert who.followers == (None if how else 5)
    assert numbers(found) == NINE


@pytest.mark.parametrize("value", ["露营者", "9chan00001", "https://m.example/channels/9chan00001"])
async def test_a_channel_by_name_id_and_address(tmp_path: Path, value: str) -> None:
    found = await collect(Tiny(), tmp_path, "group", value)
    assert numbers(found) == NINE
    assert {one.group and (one.group.native_id, one.group.name, one.group.kind) for one in posts(found)} == {
        ("m.example/channels/9chan00001", "露营者", "channel")
    }
    members = {r.account.native_id for page in found for r in page.records if isinstance(r, Membership)}
    assert members == {"p0@m.example", "p1@m.example", "p2@m.example"}
    assert (found[-1].extents[-1].said, found[-1].extents[-1].seen) == (9, 9)


async def test_a_channel_that_fits_none_or_two_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadQuery) as bad:
        await collect(Tiny(), tmp_path, "group", "露营")
    assert (bad.value.key, bad.value.params["names"]) == ("misskey.which_channel", "露营者（9chan00001）")
    app = Tiny()
    app.channels = []
    with pytest.raises(BadQuery) as bad:
        await collect(app, tmp_path, "group", "露营")
    assert bad.value.key == "misskey.no_channel"
    with pytest.raises(Gone):
        await collect(app, tmp_path, "group", "https://m.example/channels/9chan00001")


async def test_a_search_open_to_visitors_is_used(tmp_path: Path) -> None:
    with scripted(Tiny()) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Misskey(), Query("keyword", "露营 帐篷", server.base), http)
    assert numbers(found) == NINE
    assert {one.path for one in server.asked} == {"/api/meta", "/api/notes/search"}
    assert server.asked[1].json()["query"] == "露营 帐篷"


@pytest.mark.parametrize("closed", ["policy", "UNAVAILABLE", "ROLE_PERMISSION_DENIED", "CREDENTIAL_REQUIRED"])
async def test_words_become_tags_where_the_search_is_closed(tmp_path: Path, closed: str) -> None:
    app = Tiny()
    if closed == "policy":
        app.facts["policies"] = {"canSearchNotes": False}
    else:
        app.status["notes/search"] = [error(closed, 403 if "ROLE" in closed else 400)]
    with scripted(app) as server:
        async with transport(server.base, tmp_path) as http:
            found = await pages(Misskey(), Query("keyword", "露营 #帐篷", server.base), http)
    assert numbers(found) == NINE
    assert "misskey.keyword_as_tag" in [note[0] for page in found for note in page.notes]
    asked = [one.json()["query"] for one in server.asked if one.path.endswith("search-by-tag")]
    assert asked == [[["露营", "帐篷"]]] * 4
    assert len([one for one in server.asked if one.path.endswith("notes/search")]) == (0 if closed == "policy" else 1)


@pytest.mark.parametrize("value", ["9zz000003", "https://m.example/notes/9zz000003"])
async def test_one_note(tmp_path: Path, value: str) -> None:
    assert numbers(await collect(Tiny(), tmp_path, "post", value)) == [3]


@pytest.mark.parametrize(
    ("mode", "value", "failure"),
    [("post", "https://far.example/notes/9zz000003", BadQuery), ("post", "9zz000099", Gone),
     ("account", "nobody", Gone), ("account", "https://m.example/notes/9zz000003", BadQuery)],
)  # fmt: skip
async def test_what_is_not_there(tmp_path: Path, mode: str, value: str, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        await collect(Tiny(), tmp_path, mode, value)


async def test_a_note_gone_in_between_is_skipped_and_counted(tmp_path: Path) -> None:
    app = Tiny([post(2), post(1)])
    app.status["notes/reactions"] = [error("NO_SUCH_NOTE"), Reply([])]
    found = await collect(app, tmp_path, relations=frozenset({"likes"}))
    assert numbers(found) == [2, 1]
    assert [note for page in found for note in page.notes] == [("collect.gone_skipped", {"count": 1})]


@pytest.mark.parametrize("mode", ["wait", "none"])
async def test_a_rate_limit_with_and_without_a_time(tmp_path: Path, mode: str) -> None:
    app, waits = Tiny([post(1)]), list[float]()
    limit = error("RATE_LIMIT_EXCEEDED", 429, **({"resetMs": 7_000} if mode == "wait" else {}))
    app.status["notes/search-by-tag"] = [limit, limit, limit, Reply([post(1)]), Reply([])]
    assert numbers(await collect(app, tmp_path, waits=waits)) == [1]
    assert [round(one) for one in waits] == ([7, 7, 7] if mode == "wait" else [5, 10, 20])


async def test_a_limit_that_lasts_parks_the_job(tmp_path: Path) -> None:
    app = Tiny()
    app.status["notes/search-by-tag"] = [error("RATE_LIMIT_EXCEEDED", 429)]
    with pytest.raises(Retry):
        await collect(app, tmp_path)


@pytest.mark.parametrize(
    ("reply", "token", "failure", "key"),
    [
        (error("CREDENTIAL_REQUIRED", 401), None, NeedsLogin, "misskey.needs_login"),
        (error("AUTHENTICATION_FAILED", 403), "t0ken-x", NeedsLogin, "misskey.needs_login"),
        (error("ROLE_PERMISSION_DENIED", 403), None, NeedsLogin, "misskey.needs_login"),
        (error("PERMISSION_DENIED", 403), "t0ken-x", Blocked, "misskey.not_allowed"),
        (error("INVALID_PARAM"), None, BadQuery, "misskey.bad_param"),
        (error("UNKNOWN_API_ENDPOINT", 404), None, BadQuery, "misskey.no_call"),
        (error("I_AM_AI", 418), None, Blocked, "net.refused"),
        (error("INTERNAL_ERROR", 500), None, Retry, "net.server"),
        (Reply(b"<html>just a moment</html>", 403), None, Blocked, "net.captcha"),
        (Reply(b"<html>just a moment</html>", 503), None, Blocked, "net.captcha"),
        (Reply({"x": 1}), None, BrokenAnswer, "net.shape"),
        (Reply([{"id": "1"}, {"id": "2"}]), None, BrokenAnswer, "collect.nothing_readable"),
    ],
)  # fmt: skip
async def test_errors_are_named_by_what_to_do(
    tmp_path: Path, reply: Reply, token: str | None, failure: type[Exception], key: str
) -> None:
    app = Tiny()
    app.status["notes/search-by-tag"] = [reply]
    with pytest.raises(failure) as bad:
        await collect(app, tmp_path, credentials={"token": token} if token else {})
    assert bad.value.key == key  # type: ignore[attr-defined]


async def test_an_empty_success_is_204(tmp_path: Path) -> None:
    app = Tiny()
    app.status["notes/search-by-tag"] = [Reply(b"", 204)]
    found = await collect(app, tmp_path)
    assert (posts(found), found[-1].extents[0].seen) == ([], 0)


async def test_a_server_that_is_no_misskey(tmp_path: Path) -> None:
    with pytest.raises(BadQuery) as bad:
        await collect(lambda asked: Reply(b"<html>shop</html>", 404), tmp_path)
    assert bad.value.key == "misskey.not_misskey"


async def test_a_token_goes_in_the_body_and_nowhere_else(tmp_path: Path) -> None:
    app, secret = Tiny(), "planted-t0ken-misskey"
    app.status["i"] = [Reply(user("lin")), error("AUTHENTICATION_FAILED", 401)]
    with scripted(app) as server:
        async with transport(server.base, tmp_path) as http:
            known = await Misskey().check(server.base, {"token": secret}, http)
            assert known.name.startswith("lin@")
            found = await pages(Misskey(), Query("tag", "露营", server.base, credentials={"token": secret}), http)
            app.status["notes/search-by-tag"] = [Reply({"error": {"code": "ODD", "message": f"odd {secret}"}}, 400)]
            with pytest.raises(BadQuery) as bad:
                await pages(Misskey(), Query("tag", "露营", server.base, credentials={"token": secret}), http)
            with pytest.raises(NeedsLogin):
                await Misskey().check(server.base, {"token": secret}, http)
            with pytest.raises(NeedsLogin):
                await Misskey().check(server.base, {}, http)
    assert {one.json()["i"] for one in server.asked} == {secret}
    assert all(secret not in f"{one.path}{one.query}{one.headers}" for one in server.asked)
    assert secret not in f"{found!r}{bad.value!r}{bad.value}"


async def test_without_a_token_none_is_sent(tmp_path: Path) -> None:
    with scripted(Tiny()) as server:
        async with transport(server.base, tmp_path) as http:
            await pages(Misskey(), Query("tag", "露营", server.base), http)
    assert all("i" not in one.json() for one in server.asked)


async def test_a_person_who_asks_for_a_login_is_not_read(tmp_path: Path) -> None:
    app = Tiny()
    app.who["requireSigninToViewContents"] = True
    found = await collect(app, tmp_path, "account", "lin")
    assert posts(found) == []
    assert [r.listed for page in found for r in page.records if isinstance(r, Account)] == [False]


@pytest.mark.parametrize(
    ("mode", "value"), [("group", "露营者"), ("keyword", "营地"), ("account", "lin"), ("post", "9zz000001")]
)
@pytest.mark.parametrize("closed", [True, False])
async def test_every_mode_goes_on_from_every_page(tmp_path: Path, mode: Any, value: str, closed: bool) -> None:
    app = TestContract().app("")
    assert isinstance(app, Tiny)
    app.facts["policies"] = {"canSearchNotes": not closed}
    with scripted(app) as server:
        async with transport(server.base, tmp_path) as http:
            await resumes(Misskey, Query(mode, value, server.base, ALL | {"following"}), http)


def test_the_persons_own_word_on_being_found() -> None:
    assert account(user("lin", noCrawle=True), HOME).listed is False
    assert account(user("lin", noCrawle=False), HOME).listed is None


def test_one_person_and_one_note_through_every_server_are_one() -> None:
    home = note(post(1, user=user("Lin")), HOME)
    away = note(post(9, user=user("lin", host=HOME), uri=home.post.native_id), "other.example")
    through = mastodon_account({"username": "Lin", "acct": "Lin@M.example"}, "masto.example")
    assert home.post.native_id == away.post.native_id
    assert home.post.author is not None
    assert away.post.author is not None
    assert home.post.author.native_id == away.post.author.native_id == through.native_id


def test_counts_that_nobody_said_stay_unknown_and_reactions_are_summed() -> None:
    bare = {name: value for name, value in post(1).items() if not name.endswith("Count")}
    found = note(bare, HOME).post
    assert (found.likes, found.shares, found.comments) == (5, None, None)
    assert note({name: value for name, value in bare.items() if name != "reactions"}, HOME).post.likes is None


def test_what_a_listed_note_answers_and_quotes_is_named_as_everywhere() -> None:
    above = post(5, uri="https://far.example/notes/5", user=user("mei", host="far.example"))
    answer = note(post(1, replyId=above["id"], reply=above), HOME).post
    assert (answer.kind, answer.reply_to) == ("comment", "https://far.example/notes/5")
    quoting = note(post(2, renoteId=above["id"], renote=above), HOME)
    assert (quoting.post.kind, quoting.post.quote_of, quoting.shared) == ("post", "https://far.example/notes/5", None)
    assert note(post(3, replyId="9zz000004"), HOME).post.reply_to is None, "a server's own id is nobody's name"


def test_mentions_are_of_the_authors_server() -> None:
    found = note(post(1, text="@mei @bo@Far.Example 去", user=user("lin", host="x.example")), HOME).post
    assert [one.native_id for one in found.mentions] == ["mei@x.example", "bo@far.example"]


def test_what_is_kept_holds_no_picture() -> None:
    raw = note(
        post(1, text="微信 abc13800138000", files=[{"type": "image/png", "url": "https://m.example/f.png"}]), HOME
    )
    assert raw.post.media == "image"
    assert raw.post.raw is not None
    assert not re.search(rb"avatar|f\.png|13800138000", raw.post.raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*post(1), *user("x")]), inner),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from([*post(1), "renote", "reply", "channel", "uri", "url"]), JSON),
    st.dictionaries(st.sampled_from([*user("x"), "description"]), JSON),
)
def test_any_note_is_read_or_refused(wrong: dict[str, Any], who: dict[str, Any]) -> None:
    try:
        seen = strings(note(post(1, user=user("lin") | who) | wrong, HOME).post)
    except Unusable as refused:
        seen = [refused.detail]
    assert all(clean(text) == text for text in seen)
