"""Misskey, Bluesky and feeds seen by somebody who holds only their fact sheets; see ``test_blind_open``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from collectors.testing import App, Asked, Reply
from tests.collectors.blind_open_common import CAPTCHA, HTML, LOGIN, always, but, outcome, see, who
from tests.collectors.blind_open_forums import T0
from tests.collectors.blind_open_social import (
    B_LIN,
    B_LOGIN,
    B_SHY,
    B_TOP,
    M_LIN,
    M_MEI,
    M_TOP,
    b_post,
    b_tagged,
    bluesky,
    feeds,
    m_error,
    m_note,
    misskey,
)  # fmt: skip
from xunke.model import Post

_VIEW = "app.bsky.feed.defs#threadViewPost"


class TestMisskey:
    SHOWN: ClassVar = [f"K{100 + i}" for i in range(30) if i not in (3, 4, 5, 8)]

    async def test_a_tag(self, tmp_path: Path) -> None:
        seen = await see("misskey", misskey, tmp_path, "tag", "＃露营")
        assert seen.marks == self.SHOWN
        assert not seen.doubled
        one = seen.posts["K100"]
        assert one.created == T0 + 100
        assert (one.likes, one.shares, one.comments) == (4, 2, 1)
        assert one.tags == ("露营",)
        assert one.author is not None
        assert one.author.name == "名lin"
        assert (one.author.followers, one.author.bio) == (None, None)
        other = seen.posts["K101"].author
        assert other is not None
        assert "far.example" in f"{other.native_id}{other.handle}{other.url}"
        bot = seen.posts["K106"].author
        assert bot is not None
        assert bot.kind == "bot"
        assert "剧透" in f"{seen.posts['K107'].title} {seen.posts['K107'].text}"
        assert not any(who(a) == "shy" and a.listed is not False for a in seen.accounts)

    async def test_a_time_window(self, tmp_path: Path) -> None:
        seen = await see("misskey", misskey, tmp_path, "tag", "露营", since=T0 + 110, until=T0 + 120)
        assert seen.marks == [f"K{i}" for i in range(110, 121)]

    async def test_everything_around_a_note(self, tmp_path: Path) -> None:
        seen = await see(
            "misskey", misskey, tmp_path, "post", "9n00000050", relations=["replies", "reposts", "likes", "quotes"]
        )
        assert seen.marks == ["K50", "K51", "K52", "K53"]
        assert not seen.doubled
        assert (seen.parent("K51"), seen.parent("K52")) == ("K50", "K51")
        assert seen.mark(seen.posts["K53"].quote_of) == "K50"
        assert seen.posts["K53"].reply_to is None
        assert [m.name.lstrip("@").split("@")[0] for m in seen.posts["K50"].mentions] == ["mei"]
        deeds = seen.deeds
        assert [d for d in deeds if d[0] == "like"] == [
            ("like", f"fan{i}", "lin", T0 + 500 + i, "K50") for i in range(3)
        ]
        shares = [d for d in deeds if d[0] == "repost"]
        kinds = [r for r in seen.records if getattr(r, "kind", "") == "repost" and getattr(r, "repost_of", None)]
        assert len(shares) + len(kinds) == 2  # as interactions, or as posts that share
        assert shares in ([], [("repost", f"sharer{i}", "lin", T0 + 60 + i, "K50") for i in range(2)])
        assert seen.posts["K50"].likes == 3

    async def test_followers_and_a_person_who_hides_them(self, tmp_path: Path) -> None:
        seen = await see("misskey", misskey, tmp_path, "account", "lin", relations=["followers", "following"])
        follows = [d for d in seen.deeds if d[0] == "follow"]
        assert [d[1] for d in follows] == [f"fol{i}" for i in range(5)]
        assert [d[3] for d in follows] == [T0 - 900 - i for i in range(5)]
        assert {d[2] for d in follows} == {"lin"}
        (hidden,) = seen.extent("following")
        assert (hidden.seen, hidden.again) == (0, False)
        assert hidden.reason
        lin = next(a for a in seen.accounts if a.bio)
        assert (lin.followers, lin.following, lin.posts, lin.region) == (5, 2, 9, "杭州")
        assert {a.listed for a in seen.accounts if who(a) == "fol2"} == {False}

    @pytest.mark.parametrize("note", ["9n00000103", "9n00000104", "9n00000105", "9n00000108"])
    async def test_a_note_that_is_not_for_all_is_no_empty_success(self, tmp_path: Path, note: str) -> None:
        assert await outcome("misskey", misskey, tmp_path, "post", note) == "Gone"

    async def test_own_notes_of_somebody(self, tmp_path: Path) -> None:
        seen = await see("misskey", misskey, tmp_path, "account", "https://m.example/@lin")
        assert {"K100", "K102", "K110"} <= set(seen.marks)
        assert {who(p.author) for p in seen.posts.values()} == {"lin"}

    async def test_no_crawle_is_the_persons_own_word(self, tmp_path: Path) -> None:
        found = (await see("misskey", misskey, tmp_path, "account", "nocrawl")).accounts
        assert found
        assert all(a.listed is False for a in found if who(a) == "nocrawl")

    async def test_a_channel(self, tmp_path: Path) -> None:
        seen = await see("misskey", misskey, tmp_path, "group", "9c0000001a")
        assert seen.marks == self.SHOWN
        assert {p.group.name for p in seen.posts.values() if p.group} == {"露营地"}
        assert {a for a, _ in seen.members} >= {"lin", "mei"}

    @pytest.mark.parametrize(
        ("status", "code", "want"),
        [
            (400, "NO_SUCH_USER", "Gone"),
            (401, "CREDENTIAL_REQUIRED", "NeedsLogin"),
            (403, "AUTHENTICATION_FAILED", "NeedsLogin"),
            (403, "ROLE_PERMISSION_DENIED", "NeedsLogin Blocked"),
            (403, "PERMISSION_DENIED", "NeedsLogin Blocked"),
            (429, "RATE_LIMIT_EXCEEDED", "Retry"),
            (500, "INTERNAL_ERROR", "Retry"),
            (400, "INVALID_PARAM", "BadQuery"),
        ],
    )
    async def test_errors(self, tmp_path: Path, status: int, code: str, want: str) -> None:
        answer = always(status, {"error": {"code": code, "message": "m", "id": "x", "kind": "client"}})
        assert (
            await outcome("misskey", but(misskey, ("search-by-tag",), answer), tmp_path, "tag", "露营") in want.split()
        )

    @pytest.mark.parametrize(
        ("app", "want"),
        [
            (always(403, CAPTCHA, **HTML), "Blocked"),
            (always(503, CAPTCHA, **HTML), "Retry Blocked"),
            (always(200, {"error": {"code": "RATE_LIMIT_EXCEEDED"}}), "Retry BrokenAnswer"),
            (always(200, {"notes": []}), "BrokenAnswer"),
            (always(200, LOGIN, **HTML), "NeedsLogin Blocked BrokenAnswer"),
            (always(418, {"error": {"code": "I_AM_AI"}}), "BadQuery Blocked BrokenAnswer"),
        ],
    )
    async def test_other_errors(self, tmp_path: Path, app: App, want: str) -> None:
        assert await outcome("misskey", but(misskey, ("search-by-tag",), app), tmp_path, "tag", "露营") in want.split()

    async def test_search_closed_to_visitors_goes_by_tags_and_says_so(self, tmp_path: Path) -> None:
        seen = await see("misskey", misskey, tmp_path, "keyword", "露营")
        assert seen.marks == self.SHOWN
        assert "misskey.keyword_as_tag" in seen.notes

    async def test_an_empty_success_is_an_end(self, tmp_path: Path) -> None:
        for answer in (always(200, []), always(204, b"")):
            assert (
                await outcome("misskey", but(misskey, ("search-by-tag",), answer), tmp_path, "tag", "露营") == "END 0"
            )


class TestBluesky:
    async def test_a_tag(self, tmp_path: Path) -> None:
        seen = await see("bluesky", bluesky, tmp_path, "tag", "露营", credentials=B_LOGIN)
        assert seen.marks == [f"K{i}" for i in (*range(100, 103), 104, 105, *range(107, 112), 150)]
        assert not seen.doubled
        one = seen.posts["K100"]
        assert one.native_id == "at://did:plc:lin/app.bsky.feed.post/3l100"
        assert one.author is not None
        assert (one.author.native_id, one.author.handle, one.author.name) == ("did:plc:lin", "lin.example", "名lin")
        assert one.created == T0 + 100
        assert (one.likes, one.shares, one.comments) == (5, 2, 1)
        assert [one.tags, seen.posts["K104"].tags] == [("露营",), ("露营",)]
        none = seen.posts["K107"]
        assert (none.likes, none.shares, none.comments) == (None, None, None)
        (mention,) = seen.posts["K150"].mentions
        assert (mention.name.lstrip("@"), mention.native_id) == ("mei.example", "did:plc:mei")
        assert one.url in (
            "https://bsky.app/profile/did:plc:lin/post/3l100",
            "https://bsky.app/profile/lin.example/post/3l100",
        )
        assert one.lang == "zh"

    async def test_who_does_not_want_to_be_seen_by_visitors_is_not(self, tmp_path: Path) -> None:
        seen = await see("bluesky", bluesky, tmp_path, "account", "lin.example", relations=["followers"])
        assert "K105" not in seen.posts
        assert all(a.listed is False for a in seen.accounts if a.native_id == "did:plc:shy")

    async def test_everything_around_a_post(self, tmp_path: Path) -> None:
        seen = await see(
            "bluesky", bluesky, tmp_path, "post", B_TOP["uri"], relations=["replies", "reposts", "likes", "quotes"]
        )
        assert seen.marks == ["K200", "K201", "K202", "K203"]
        assert not seen.doubled
        assert (seen.parent("K201"), seen.parent("K202"), seen.root("K202")) == ("K200", "K201", "K200")
        assert seen.mark(seen.posts["K203"].quote_of) == "K200"
        deeds = seen.deeds
        assert [d for d in deeds if d[0] == "like"] == [
            ("like", f"fan{i}.example", "lin.example", T0 + 700 + i, "K200") for i in range(5)
        ]
        assert [d for d in deeds if d[0] == "repost"] == [
            ("repost", f"fan{i}.example", "lin.example", None, "K200") for i in range(3)
        ]

    async def test_the_page_address_of_a_post(self, tmp_path: Path) -> None:
        seen = await see("bluesky", bluesky, tmp_path, "post", "https://bsky.app/profile/lin.example/post/3l200")
        assert seen.marks == ["K200"]

    async def test_somebodys_feed(self, tmp_path: Path) -> None:
        seen = await see("bluesky", bluesky, tmp_path, "account", "lin.example", relations=["followers", "following"])
        own = {
            m for m, p in seen.posts.items() if p.author and p.author.native_id == "did:plc:lin" and p.kind != "repost"
        }
        assert own - {"K90"} == {"K100", "K200", "K202"}
        follows = {(d[1], d[2]) for d in seen.deeds if d[0] == "follow"}
        assert follows - {("shy.example", "lin.example")} == {
            *((f"fan{i}.example", "lin.example") for i in range(5)),
            ("lin.example", "mei.example"),
        }
        kid = seen.posts.get("K201")
        assert kid is None or kid.created == T0 + 201  # a shared post keeps its own time
        lin = next(a for a in seen.accounts if a.followers is not None)
        assert (lin.followers, lin.following, lin.posts, lin.bio) == (5, 1, 9, "周末露营")

    async def test_search_without_a_login_says_so(self, tmp_path: Path) -> None:
        assert await outcome("bluesky", bluesky, tmp_path, "tag", "露营") == "NeedsLogin"

    async def test_a_wrong_password(self, tmp_path: Path) -> None:
        wrong = {"identifier": "lin.example", "password": "wrong"}
        assert await outcome("bluesky", bluesky, tmp_path, "tag", "露营", credentials=wrong) == "NeedsLogin"

    @pytest.mark.parametrize(
        ("status", "body", "want"),
        [
            (400, {"error": "InvalidRequest", "message": "x"}, "BadQuery Gone"),
            (400, {"error": "NotFound", "message": "x"}, "Gone"),
            (400, {"error": "InvalidToken", "message": "x"}, "NeedsLogin"),
            (400, {"error": "ExpiredToken", "message": "x"}, "NeedsLogin"),
            (401, {"error": "AuthMissing", "message": "x"}, "NeedsLogin"),
            (403, b"<html>Forbidden</html>", "Blocked NeedsLogin"),
            (429, {"error": "RateLimitExceeded"}, "Retry"),
            (501, {"error": "MethodNotImplemented"}, "BadQuery Blocked BrokenAnswer"),
            (502, {"error": "UpstreamFailure"}, "Retry"),
            (503, b"", "Retry"),
            (200, {"thread": {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://x", "notFound": True}}, "Gone"),
            (
                200,
                {"thread": {"$type": "app.bsky.feed.defs#blockedPost", "uri": "at://x", "blocked": True}},
                "Gone Blocked",
            ),
            (200, {"nothing": 1}, "BrokenAnswer"),
            (200, LOGIN, "NeedsLogin Blocked BrokenAnswer"),
        ],
    )
    async def test_errors(self, tmp_path: Path, status: int, body: Any, want: str) -> None:
        def app(asked: Asked) -> Reply:
            if asked.path.endswith("Session"):
                return bluesky(asked)
            return Reply(body, status, {"Content-Type": "text/html"} if isinstance(body, bytes) else {})

        assert (
            await outcome("bluesky", app, tmp_path, "post", B_TOP["uri"], credentials=B_LOGIN, relations=["replies"])
            in want.split()
        )


class TestRss:
    @pytest.mark.parametrize("path", ["rss", "atom", "json", "gbk"])
    async def test_a_feed(self, tmp_path: Path, path: str) -> None:
        seen = await see("rss", feeds, tmp_path, "group", f"BASE/{path}", instance=None if path == "x" else "BASE")
        assert [m for m in seen.marks if m != "K90"] == [f"K{10 + i}" for i in range(5)]
        assert not seen.doubled
        one = seen.posts["K10"]
        assert one.created == T0
        assert one.url == "https://blog.example/0"
        assert one.author is not None
        assert one.author.name == "梅"
        assert one.tags == ("露营",)
        assert "<" not in one.text.replace("<3", "")
        assert "x()" not in one.text
        assert (one.likes, one.shares, one.views) == ((3, None, None) if path == "atom" else (None, None, None))
        assert one.comments == (17 if path == "atom" else None)
        if path in ("rss", "json", "gbk"):
            assert seen.posts["K90"].created is None

    async def test_words(self, tmp_path: Path) -> None:
        seen = await see("rss", feeds, tmp_path, "keyword", "K12", instance="BASE/rss")
        assert seen.marks == ["K12"]

    async def test_an_empty_feed_is_an_end(self, tmp_path: Path) -> None:
        assert (await outcome("rss", feeds, tmp_path, "group", "BASE/empty")).startswith("END")

    @pytest.mark.parametrize(
        ("app", "want"),
        [
            (always(200, CAPTCHA, **HTML), "Blocked BrokenAnswer"),
            (always(200, LOGIN, **HTML), "NeedsLogin Blocked BrokenAnswer"),
            (always(200, b"<rss version='2.0'><channel><item>", Content_Type="text/xml"), "BrokenAnswer"),
            (always(200, {"error": {"message": "x"}}), "BrokenAnswer"),
            (always(200, {"version": "https://jsonfeed.org/version/1.1"}), "BrokenAnswer"),
            (always(404, b""), "Gone"),
            (always(410, b""), "Gone"),
            (always(401, b""), "NeedsLogin"),
            (always(403, b""), "Blocked NeedsLogin"),
            (always(429, b"", Retry_After="900"), "Retry"),
            (always(500, b""), "Retry"),
        ],
    )
    async def test_errors(self, tmp_path: Path, app: App, want: str) -> None:
        assert await outcome("rss", app, tmp_path, "group", "BASE/feed") in want.split()


class TestTurnedAround:
    """What the sheets allow and the tests above do not play."""

    async def test_bluesky_bytes_that_cut_a_character(self, tmp_path: Path) -> None:
        post = b_post(300, "问@mei.example K300", B_LIN)
        mention = {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:mei"}
        tag = {"$type": "app.bsky.richtext.facet#tag", "tag": "露营"}
        post["record"]["facets"] = [
            {"index": {"byteStart": 1, "byteEnd": 16}, "features": [mention]},
            {"index": {"byteStart": 2, "byteEnd": 900}, "features": [tag]},
            {"index": {"byteStart": "x"}, "features": None},
            {"features": [{"$type": "app.bsky.richtext.facet#mention"}]},
        ]
        app = but(bluesky, ("getPostThread",), always(200, {"thread": {"$type": _VIEW, "post": post}}))
        seen = await see("bluesky", app, tmp_path, "post", post["uri"])
        one = seen.posts["K300"]
        assert one.text == "问@mei.example K300"
        assert [m.native_id for m in one.mentions] == ["did:plc:mei"]
        assert "\ufffd" not in one.mentions[0].name
        assert one.tags == ("露营",)

    async def test_bluesky_visitors_do_not_see_who_asks_for_a_login(self, tmp_path: Path) -> None:
        feed = [{"post": b_tagged(301, B_SHY)}, {"post": b_tagged(302, B_LIN)}]
        app = but(bluesky, ("getAuthorFeed",), always(200, {"feed": feed}))
        assert (await see("bluesky", app, tmp_path, "account", "lin.example")).marks == ["K302"]
        shut = but(bluesky, ("getPostThread",), always(200, {"thread": {"$type": _VIEW, "post": b_tagged(301, B_SHY)}}))
        assert await outcome("bluesky", shut, tmp_path, "post", b_tagged(301, B_SHY)["uri"]) == "NeedsLogin"

    async def test_bluesky_a_clock_that_is_ahead(self, tmp_path: Path) -> None:
        post = b_tagged(303, B_LIN)
        post["record"]["createdAt"] = "2099-01-01T00:00:00.000Z"
        app = but(bluesky, ("getPostThread",), always(200, {"thread": {"$type": _VIEW, "post": post}}))
        assert (await see("bluesky", app, tmp_path, "post", post["uri"])).posts["K303"].created == T0 + 304

    async def test_bluesky_a_session_that_ended_is_renewed(self, tmp_path: Path) -> None:
        state = {"old": True}

        def app(asked: Asked) -> Reply:
            if asked.path.endswith("searchPosts") and asked.one("cursor") and state.pop("old", False):
                return Reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)
            if asked.path.endswith("refreshSession"):
                tokens = {
                    "accessJwt": "access-2",
                    "refreshJwt": "refresh-2",
                    "did": "did:plc:lin",
                    "handle": "lin.example",
                }
                return Reply(tokens) if asked.headers["authorization"] == "Bearer refresh-1" else Reply({}, 400)
            if asked.headers.get("authorization") == "Bearer access-2":
                asked.headers = {**asked.headers, "authorization": "Bearer access-1"}
            return bluesky(asked)

        seen = await see("bluesky", app, tmp_path, "tag", "露营", credentials=B_LOGIN)
        assert "K100" in seen.posts
        assert sum(asked.path.endswith("createSession") for asked in seen.asked) == 1

    async def test_misskey_missing_numbers_are_no_zeros(self, tmp_path: Path) -> None:
        bare = {k: v for k, v in m_note(400, "K400", M_LIN).items() if not k.endswith("Count") and k != "reactions"}
        one = (await see("misskey", but(misskey, ("search-by-tag",), _once([bare])), tmp_path, "tag", "露营")).posts[
            "K400"
        ]
        assert (one.likes, one.shares, one.comments) == (None, None, None)

    async def test_misskey_a_renote_with_a_picture_is_no_mere_share(self, tmp_path: Path) -> None:
        with_file = m_note(402, None, M_MEI, renoteId=M_TOP["id"], renote=M_TOP, files=[{"type": "image/webp"}])
        mere = m_note(403, None, M_MEI, renoteId=M_TOP["id"], renote=M_TOP)
        app = but(misskey, ("search-by-tag",), _once([mere, with_file]))
        seen = await see("misskey", app, tmp_path, "tag", "露营")
        shares = {p.native_id[-5:]: (p.kind, p.repost_of, p.quote_of) for p in seen.records if isinstance(p, Post)}
        top = seen.posts["K50"].native_id
        assert shares["00403"] == ("repost", top, None)
        assert shares["00402"] == ("post", None, top)

    async def test_misskey_followers_forbidden_only_when_asked(self, tmp_path: Path) -> None:
        def app(asked: Asked) -> Reply:
            if asked.path.endswith("users/followers"):
                return m_error(400, "FORBIDDEN")
            return misskey(asked)

        seen = await see("misskey", app, tmp_path, "account", "lin", relations=["followers"])
        (told,) = seen.extent("followers")
        assert (told.seen, told.again, bool(told.reason)) == (0, False, True)
        assert "K100" in seen.posts


def _once(rows: list[Any]) -> App:
    """These rows, then none."""
    return lambda asked: Reply([] if "untilId" in asked.json() else rows)
