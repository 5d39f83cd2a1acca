"""Seven sources seen by somebody who holds only their fact sheets: known truth in, exactly it out, and every error by
what a user should do. Written before its author had read the collectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collectors.testing import App, Asked, Reply
from tests.collectors.blind_open_common import CAPTCHA, LOGIN, SECRET, Seen, always, outcome, see, who
from tests.collectors.blind_open_forums import R_APP, T0, discourse, lemmy, reddit, v2ex
from tests.collectors.blind_open_social import B_LOGIN, B_TOP, bluesky, feeds, misskey

TOKEN = {"token": SECRET}
HTML = {"Content_Type": "text/html; charset=utf-8"}


def numbers(first: int, last: int, *but: int) -> list[str]:
    return [f"K{i:02d}" for i in range(first, last + 1) if i not in but]


def tags_clean(seen: Seen) -> bool:
    return not any(t.startswith("#") for p in seen.posts.values() for t in p.tags)


class TestV2ex:
    async def test_a_node_of_a_visitor(self, tmp_path: Path) -> None:
        seen = await see("v2ex", v2ex, tmp_path, "group", "coffee")
        assert seen.marks == ["K01", "K02", "K03"]  # K04 is deleted: its text is dropped
        assert not any("收回的话" in p.text for p in seen.posts.values())
        assert not seen.doubled
        one = seen.posts["K01"]
        assert one.native_id == "1001"
        assert one.author is not None
        assert (one.author.native_id, one.author.name, one.author.region, one.author.bio) == ("530001", "xia1", "上海", "手冲")
        assert one.title == "K01 主题"
        assert "想听 @mei2" in one.text
        assert [m.name for m in one.mentions] == ["mei2"]
        assert (one.comments, one.likes, one.shares, one.views) == (130, None, None, None)
        assert [seen.posts[m].created for m in seen.marks] == [T0 + 1001, T0 + 1002, T0 + 1003]
        assert one.group is not None
        assert one.group.name == "咖啡"
        assert one.url == "https://www.v2ex.com/t/1001"
        assert {a for a, _ in seen.members} == {"xia1", "mei2", "hai3"}
        mei = next(a for a in seen.accounts if a.native_id == "47001")
        assert (mei.region, mei.bio, mei.followers, mei.gender) == (None, None, None, None)

    async def test_all_replies_of_a_topic(self, tmp_path: Path) -> None:
        seen = await see("v2ex", v2ex, tmp_path, "post", "1001", relations=["replies"])
        assert seen.marks == ["K01", *sorted(f"K{100 + i}" for i in range(130))]
        assert not seen.doubled
        assert {seen.root(f"K{100 + i}") for i in range(130)} == {"K01"}
        assert seen.posts["K100"].kind == "comment"
        assert (seen.posts["K100"].likes, seen.posts["K102"].likes) == (7, None)
        assert [m.name for m in seen.posts["K101"].mentions] == ["xia1"]
        assert who(seen.posts["K101"].author) == "mei2"
        assert seen.posts["K229"].created == T0 + 3600 + 129
        (told,) = seen.extent("replies")
        assert (told.said, told.seen) == (130, 130)

    async def test_a_url_is_as_good_as_a_number(self, tmp_path: Path) -> None:
        seen = await see("v2ex", v2ex, tmp_path, "post", "https://www.v2ex.com/t/1001#reply130")
        assert seen.marks == ["K01"]

    async def test_somebodys_topics(self, tmp_path: Path) -> None:
        seen = await see("v2ex", v2ex, tmp_path, "account", "xia1")
        assert seen.marks == ["K01"]
        seen = await see("v2ex", v2ex, tmp_path, "account", "https://www.v2ex.com/member/mei2")
        assert seen.marks == ["K02"]

    async def test_a_token_pages_a_node_to_its_end(self, tmp_path: Path) -> None:
        seen = await see("v2ex", v2ex, tmp_path, "group", "coffee", credentials=TOKEN)
        assert seen.marks == [f"K{200 + i}" for i in range(45)]
        assert not seen.doubled
        assert [who(seen.posts[f"K{200 + i}"].author) for i in (0, 1, 44)] == ["xia1", "mei2", "xia1"]
        assert "补充一句" in seen.posts["K200"].text
        assert {p.group.name for p in seen.posts.values() if p.group} == {"咖啡"}

    async def test_a_token_reads_replies_to_their_end(self, tmp_path: Path) -> None:
        seen = await see("v2ex", v2ex, tmp_path, "post", "2000", credentials=TOKEN, relations=["replies"])
        assert seen.marks == ["K200", *(f"K{300 + i}" for i in range(45))]
        assert {seen.root(f"K{300 + i}") for i in range(45)} == {"K200"}

    @pytest.mark.parametrize(("mode", "value"), [("group", "nonode"), ("post", "99999"), ("account", "nobody")])
    async def test_what_is_not_there_is_gone(self, tmp_path: Path, mode: Any, value: str) -> None:
        assert await outcome("v2ex", v2ex, tmp_path, mode, value) == "Gone"

    @pytest.mark.parametrize(
        ("app", "want"),
        [
            (always(403, CAPTCHA, **HTML), "Blocked"),
            (always(200, CAPTCHA, **HTML), "Blocked"),
            (always(403, {"message": "x"}, X_Rate_Limit_Remaining="0", X_Rate_Limit_Reset="4102444800"), "Retry"),
            (always(429, b"slow"), "Retry"),
            (always(200, {"status": "error", "message": "Rate Limit Exceeded"}), "BrokenAnswer Retry"),
            (always(200, {"success": False, "message": "x"}), "BrokenAnswer"),
            (always(200, {"status": "notfound"}), "Gone"),
            (always(200, [{"id": 1, "nonsense": True}]), "BrokenAnswer"),
            (always(502, b"x"), "Retry"),
        ],
    )
    async def test_errors(self, tmp_path: Path, app: App, want: str) -> None:
        assert await outcome("v2ex", app, tmp_path, "group", "coffee") in want.split()

    async def test_a_bad_token(self, tmp_path: Path) -> None:
        assert await outcome("v2ex", v2ex, tmp_path, "group", "coffee", credentials={"token": "other"}) == "NeedsLogin"


class TestLemmy:
    async def test_a_community(self, tmp_path: Path) -> None:
        seen = await see("lemmy", lemmy, tmp_path, "group", "camping")
        assert seen.marks == sorted(["K01", *(f"K{100 + i}" for i in range(65) if i not in (4, 5))])
        assert not seen.doubled
        one, two = seen.posts["K100"], seen.posts["K101"]
        assert one.native_id == "https://l.example/post/1000"
        assert two.native_id == "https://far.example/post/1001"
        assert one.author is not None
        assert (one.author.native_id, one.author.name) == ("https://l.example/u/lin", "林林")
        assert two.author is not None
        assert two.author.native_id == "https://far.example/u/mei"
        assert (one.created, two.created) == (T0, T0 - 3600)  # with Z, without
        assert (one.likes, one.comments, one.shares, one.views) == (10, 0, None, None)
        assert one.title == "K100 新帐篷"
        assert one.group is not None
        assert (one.group.native_id, one.group.name) == ("https://l.example/c/camping", "露营")
        assert one.tags == ()
        bot = seen.posts["K106"].author
        assert bot is not None
        assert bot.kind == "bot"

    async def test_a_pinned_post_ends_nothing(self, tmp_path: Path) -> None:
        seen = await see("lemmy", lemmy, tmp_path, "group", "camping", since=T0 - 10 * 3600)
        assert seen.marks == sorted(f"K{100 + i}" for i in range(11) if i not in (4, 5))

    async def test_the_tree_of_comments(self, tmp_path: Path) -> None:
        seen = await see("lemmy", lemmy, tmp_path, "post", "50", relations=["replies"])
        assert seen.marks == ["K201", "K202", "K203", "K204", "K205", "K50"]
        assert not seen.doubled
        assert [seen.parent(f"K{i}") for i in (201, 202, 203, 204, 205)] == ["K50", "K201", "K202", "K203", "K50"]
        assert {seen.root(f"K{i}") for i in (201, 202, 203, 204, 205)} == {"K50"}
        assert seen.posts["K204"].created == T0 + 204
        assert seen.posts["K201"].native_id == "https://far.example/comment/201"

    async def test_a_person(self, tmp_path: Path) -> None:
        seen = await see("lemmy", lemmy, tmp_path, "account", "lin")
        assert {"K01", "K100", "K164", "K202"} <= set(seen.marks)
        assert len([m for m in seen.marks if m != "K202"]) == 33  # the pinned one and every second, two of 65 withdrawn
        assert {who(p.author) for p in seen.posts.values()} == {"lin"}
        lin = next(a for a in seen.accounts if a.posts is not None)
        assert (lin.followers, lin.following, lin.bio) == (None, None, "周末露营")

    async def test_words(self, tmp_path: Path) -> None:
        seen = await see("lemmy", lemmy, tmp_path, "keyword", "帐篷", limit=60)
        assert len(seen.posts) == 60
        assert not seen.doubled

    @pytest.mark.parametrize(
        ("app", "want"),
        [
            (always(400, {"error": "rate_limit_error"}), "Retry"),
            (always(400, {"error": "couldnt_find_community"}), "Gone"),
            (always(404, {"error": "not_found"}), "Gone"),
            (always(400, {"error": "instance_is_private"}), "NeedsLogin"),
            (always(401, {"error": "incorrect_login"}), "NeedsLogin"),
            (always(400, b"Query deserialize error: x", Content_Type="text/plain"), "BadQuery"),
            (always(429, b""), "Retry"),
            (always(503, b"<html>busy</html>", **HTML), "Retry"),
            (always(200, LOGIN, **HTML), "NeedsLogin Blocked BrokenAnswer"),
            (always(200, {"posts": {}}), "BrokenAnswer"),
            (always(200, {"items": []}), "BrokenAnswer"),
        ],
    )
    async def test_errors(self, tmp_path: Path, app: App, want: str) -> None:
        assert await outcome("lemmy", app, tmp_path, "group", "camping") in want.split()

    @pytest.mark.parametrize(("mode", "value"), [("group", "nowhere"), ("post", "999"), ("account", "nobody")])
    async def test_what_is_not_there_is_gone(self, tmp_path: Path, mode: Any, value: str) -> None:
        assert await outcome("lemmy", lemmy, tmp_path, mode, value) == "Gone"


class TestDiscourse:
    @pytest.mark.parametrize(("mode", "value"), [("tag", "露营"), ("group", "outdoor")])
    async def test_topics(self, tmp_path: Path, mode: Any, value: str) -> None:
        seen = await see("discourse", discourse, tmp_path, mode, value)
        assert seen.marks == sorted(["K00", *(f"K{10 + i}" for i in range(40))])
        assert not seen.doubled
        one, two = seen.posts["K10"], seen.posts["K11"]
        assert one.title == "K10 A & B"
        assert (one.created, two.created) == (T0, T0 - 3600)
        assert (who(one.author), who(two.author)) == ("lin", "mei")
        assert (one.tags, two.tags) == (("露营",), ("露营",))
        assert (one.views, one.comments, one.shares) == (210, 25, None)
        assert one.url is not None
        assert "/t/" in one.url
        assert "701" in one.url

    async def test_since_with_a_pinned_old_topic(self, tmp_path: Path) -> None:
        seen = await see("discourse", discourse, tmp_path, "tag", "露营", since=T0 - 35 * 3600)
        assert seen.marks == sorted(f"K{10 + i}" for i in range(36))

    async def test_a_topic_with_replies_and_likes(self, tmp_path: Path) -> None:
        seen = await see("discourse", discourse, tmp_path, "post", "701", relations=["replies", "likes"])
        assert seen.marks == sorted(["K10", *(f"K{500 + n}" for n in range(2, 28) if n not in (4, 7, 8, 9))])
        assert not seen.doubled
        assert {seen.root(m) for m in seen.marks if m != "K10"} == {"K10"}
        assert (seen.parent("K505"), seen.parent("K506")) == ("K503", "K10")
        assert [m.name for m in seen.posts["K503"].mentions] == ["lin"]
        assert seen.posts["K505"].likes in (0, None)  # no count is 0, by the sheet
        assert seen.posts["K10"].likes == 3
        assert seen.posts["K527"].created == T0 + 27
        assert seen.deeds == [("like", f"fan{i}", "lin", None, "K10") for i in range(3)]

    async def test_somebodys_topics_and_replies(self, tmp_path: Path) -> None:
        seen = await see("discourse", discourse, tmp_path, "account", "lin")
        assert seen.marks == ["K10"]
        assert who(seen.posts["K10"].author) == "lin"

    async def test_a_hidden_profile_is_left_alone(self, tmp_path: Path) -> None:
        found: list[Any] = []
        try:
            found = (await see("discourse", discourse, tmp_path, "account", "hidden9")).accounts
        except Exception as error:
            assert type(error).__name__ in ("Blocked", "Gone", "NeedsLogin")
        assert all(a.listed is False for a in found if a.handle == "hidden9" or a.name == "藏")
        assert not any("不想被看" in (a.bio or "") for a in found)

    async def test_words(self, tmp_path: Path) -> None:
        seen = await see("discourse", discourse, tmp_path, "keyword", "开头")
        assert seen.marks == ["K10"]
        assert seen.posts["K10"].created in (T0, T0 + 1)

    @pytest.mark.parametrize(
        ("app", "want"),
        [
            (always(429, b"slow down", Retry_After="7000", Discourse_Rate_Limit_Error_Code="ip_10_secs_limit", Content_Type="text/plain"), "Retry"),
            (always(429, {"errors": ["x"], "error_type": "rate_limit", "extras": {"wait_seconds": 1200}}), "Retry"),
            (always(403, {"errors": ["x"], "error_type": "invalid_access"}), "NeedsLogin"),
            (always(404, {"errors": ["x"], "error_type": "not_found"}), "Gone"),
            (always(302, b"", Location="/login"), "NeedsLogin"),
            (always(200, LOGIN, **HTML), "NeedsLogin Blocked BrokenAnswer"),
            (always(403, CAPTCHA, **HTML), "Blocked"),
            (always(200, {"topics": []}), "BrokenAnswer"),
            (always(200, {"topic_list": {"topics": {}}}), "BrokenAnswer"),
            (always(503, b""), "Retry"),
        ],
    )
    async def test_errors(self, tmp_path: Path, app: App, want: str) -> None:
        assert await outcome("discourse", app, tmp_path, "tag", "露营") in want.split()

    async def test_what_is_not_there_is_gone(self, tmp_path: Path) -> None:
        assert await outcome("discourse", discourse, tmp_path, "post", "31") == "Gone"
        assert await outcome("discourse", discourse, tmp_path, "account", "nobody") == "Gone"


class TestMisskey:
    SHOWN = [f"K{100 + i}" for i in range(30) if i not in (3, 4, 5, 8)]

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
        seen = await see("misskey", misskey, tmp_path, "post", "9n0050", relations=["replies", "reposts", "likes", "quotes"])
        assert seen.marks == ["K50", "K51", "K52", "K53"]
        assert not seen.doubled
        assert (seen.parent("K51"), seen.parent("K52")) == ("K50", "K51")
        assert seen.mark(seen.posts["K53"].quote_of) == "K50"
        assert seen.posts["K53"].reply_to is None
        assert [m.name.lstrip("@").split("@")[0] for m in seen.posts["K50"].mentions] == ["mei"]
        deeds = seen.deeds
        assert [d for d in deeds if d[0] == "like"] == [("like", f"fan{i}", "lin", T0 + 500 + i, "K50") for i in range(3)]
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

    async def test_own_notes_of_somebody(self, tmp_path: Path) -> None:
        seen = await see("misskey", misskey, tmp_path, "account", "https://m.example/@lin")
        assert {"K100", "K102", "K110"} <= set(seen.marks)
        assert {who(p.author) for p in seen.posts.values()} == {"lin"}

    async def test_no_crawle_is_the_persons_own_word(self, tmp_path: Path) -> None:
        found: list[Any] = []
        try:
            found = (await see("misskey", misskey, tmp_path, "account", "nocrawl")).accounts
        except Exception as error:
            assert type(error).__name__ in ("Blocked", "Gone")
        assert all(a.listed is False for a in found if who(a) == "nocrawl")

    async def test_a_channel(self, tmp_path: Path) -> None:
        seen = await see("misskey", misskey, tmp_path, "group", "9c1")
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
        assert await outcome("misskey", answer, tmp_path, "tag", "露营") in want.split()

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
        assert await outcome("misskey", app, tmp_path, "tag", "露营") in want.split()

    async def test_search_closed_to_visitors(self, tmp_path: Path) -> None:
        assert await outcome("misskey", misskey, tmp_path, "keyword", "露营") in ("NeedsLogin", "Blocked")

    async def test_an_empty_success_is_an_end(self, tmp_path: Path) -> None:
        assert (await outcome("misskey", always(200, []), tmp_path, "tag", "露营")).startswith("END")
        assert (await outcome("misskey", always(204, b""), tmp_path, "tag", "露营")).startswith("END")


class TestReddit:
    async def test_a_subreddit(self, tmp_path: Path) -> None:
        seen = await see("reddit", reddit, tmp_path, "group", "r/camping", credentials=R_APP)
        assert set(seen.marks) >= {"K01", *(f"K{100 + i}" for i in range(130) if i not in (3, 4))}
        assert not seen.doubled
        one = seen.posts["K100"]
        assert one.native_id in ("p000", "t3_p000")
        assert one.title == "K100 A & B"
        assert who(one.author) == "lin_out"
        assert one.created == T0
        assert (one.comments, one.shares, one.views) == (3, 0, None)
        assert one.likes == 12
        assert one.tags == ("Gear",)
        assert seen.posts["K101"].tags == ()
        assert one.group is not None
        assert one.group.name in ("camping", "r/camping", "Camping")
        assert not any("deleted" in (a.name or "") + (a.handle or "") + a.native_id for a in seen.accounts)
        assert not any(t in p.text for p in seen.posts.values() for t in ("[deleted]", "[removed]"))
        assert all("raw_json" in a.query for a in seen.asked if a.method == "GET" and a.path.startswith("/r/camping/new"))

    async def test_since_with_a_pinned_post(self, tmp_path: Path) -> None:
        seen = await see("reddit", reddit, tmp_path, "group", "camping", credentials=R_APP, since=T0 - 20 * 3600)
        assert [m for m in seen.marks if m not in ("K103", "K104")] == [f"K{100 + i}" for i in range(21) if i not in (3, 4)]

    async def test_all_comments_and_their_holes(self, tmp_path: Path) -> None:
        seen = await see("reddit", reddit, tmp_path, "post", "https://www.reddit.com/r/camping/comments/p000/x/", credentials=R_APP, relations=["replies"])
        assert set(seen.marks) - {"K503"} == {"K100", "K501", "K502", "K504", *(f"K{600 + i}" for i in range(120))}
        assert not seen.doubled
        assert (seen.parent("K501"), seen.parent("K502"), seen.parent("K600"), seen.parent("K719")) == ("K100", "K501", "K501", "K501")
        assert {seen.root(m) for m in seen.marks if m != "K100"} == {"K100"}
        assert seen.posts["K504"].likes is None  # a score below nothing is no count of likes
        assert seen.posts["K501"].created == T0 + 60
        assert [m.name.removeprefix("u/") for m in seen.posts["K502"].mentions] == ["lin_out"]
        assert not any("deleted" in a.native_id for a in seen.accounts)

    async def test_cross_posts(self, tmp_path: Path) -> None:
        seen = await see("reddit", reddit, tmp_path, "post", "p000", credentials=R_APP, relations=["reposts"])
        assert seen.marks == ["K100", "K900"]
        cross = seen.posts["K900"]
        assert seen.mark(cross.repost_of or cross.quote_of) == "K100"
        assert who(cross.author) == "far_one"

    async def test_a_person(self, tmp_path: Path) -> None:
        seen = await see("reddit", reddit, tmp_path, "account", "u/lin_out", credentials=R_APP)
        assert {who(p.author) for p in seen.posts.values()} == {"lin_out"}
        assert {"K100", "K102", "K228"} <= set(seen.marks)

    async def test_a_flair(self, tmp_path: Path) -> None:
        seen = await see("reddit", reddit, tmp_path, "tag", "Gear", credentials=R_APP)
        assert "K100" in seen.marks
        assert "K101" not in seen.marks  # found loosely, without that flair

    async def test_without_an_app_it_says_so_at_once(self, tmp_path: Path) -> None:
        assert await outcome("reddit", reddit, tmp_path, "group", "camping") == "NeedsLogin"

    async def test_a_token_that_ran_out_is_renewed_once(self, tmp_path: Path) -> None:
        state = {"old": True}

        def app(asked: Asked) -> Reply:
            if asked.path.startswith("/r/") and state.pop("old", False):
                return Reply({"message": "Unauthorized", "error": 401}, 401)
            return reddit(asked)

        assert (await outcome("reddit", app, tmp_path, "group", "camping", credentials=R_APP)).startswith("END")

    @pytest.mark.parametrize(
        ("status", "body", "headers", "want"),
        [
            (401, {"error": 401}, {}, "NeedsLogin"),
            (403, {"reason": "private", "message": "Forbidden", "error": 403}, {}, "Blocked Gone NeedsLogin"),
            (403, {"reason": "quarantined", "message": "Forbidden", "error": 403}, {}, "Blocked Gone NeedsLogin"),
            (403, CAPTCHA, {"Content-Type": "text/html"}, "Blocked"),
            (404, {"reason": "banned", "message": "Not Found", "error": 404}, {}, "Gone"),
            (404, {"message": "Not Found", "error": 404}, {}, "Gone"),
            (302, b"", {"Location": "/subreddits/search?q=camping"}, "Gone"),
            (451, {"reason": "legal"}, {}, "Gone Blocked"),
            (429, b"", {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "412"}, "Retry"),
            (503, b"", {}, "Retry"),
            (200, LOGIN, {"Content-Type": "text/html"}, "NeedsLogin Blocked BrokenAnswer"),
            (200, {"kind": "Other", "data": {}}, {}, "BrokenAnswer"),
            (200, {"kind": "Listing", "data": {"children": {}}}, {}, "BrokenAnswer"),
        ],
    )
    async def test_errors(self, tmp_path: Path, status: int, body: Any, headers: dict[str, str], want: str) -> None:
        def app(asked: Asked) -> Reply:
            return reddit(asked) if asked.path == "/api/v1/access_token" else Reply(body, status, headers)

        assert await outcome("reddit", app, tmp_path, "group", "camping", credentials=R_APP) in want.split()

    async def test_a_wrong_app(self, tmp_path: Path) -> None:
        wrong = always(401, {"message": "Unauthorized", "error": 401})
        assert await outcome("reddit", wrong, tmp_path, "group", "camping", credentials=R_APP) == "NeedsLogin"


class TestBluesky:
    async def test_a_tag(self, tmp_path: Path) -> None:
        seen = await see("bluesky", bluesky, tmp_path, "tag", "露营", credentials=B_LOGIN)
        assert seen.marks == [f"K{i}" for i in (*range(100, 103), 104, *range(107, 112), 150)]
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
        assert one.url in ("https://bsky.app/profile/did:plc:lin/post/3l100", "https://bsky.app/profile/lin.example/post/3l100")
        assert one.lang == "zh"

    async def test_who_does_not_want_to_be_seen_by_visitors_is_not(self, tmp_path: Path) -> None:
        seen = await see("bluesky", bluesky, tmp_path, "account", "lin.example", relations=["followers"])
        assert "K105" not in seen.posts
        assert all(a.listed is False for a in seen.accounts if a.native_id == "did:plc:shy")

    async def test_everything_around_a_post(self, tmp_path: Path) -> None:
        seen = await see("bluesky", bluesky, tmp_path, "post", B_TOP["uri"], relations=["replies", "reposts", "likes", "quotes"])
        assert seen.marks == ["K200", "K201", "K202", "K203"]
        assert not seen.doubled
        assert (seen.parent("K201"), seen.parent("K202"), seen.root("K202")) == ("K200", "K201", "K200")
        assert seen.mark(seen.posts["K203"].quote_of) == "K200"
        deeds = seen.deeds
        assert [d for d in deeds if d[0] == "like"] == [("like", f"fan{i}.example", "lin.example", T0 + 700 + i, "K200") for i in range(5)]
        assert [d for d in deeds if d[0] == "repost"] == [("repost", f"fan{i}.example", "lin.example", None, "K200") for i in range(3)]

    async def test_the_page_address_of_a_post(self, tmp_path: Path) -> None:
        seen = await see("bluesky", bluesky, tmp_path, "post", "https://bsky.app/profile/lin.example/post/3l200")
        assert seen.marks == ["K200"]

    async def test_somebodys_feed(self, tmp_path: Path) -> None:
        seen = await see("bluesky", bluesky, tmp_path, "account", "lin.example", relations=["followers", "following"])
        own = {m for m, p in seen.posts.items() if p.author and p.author.native_id == "did:plc:lin" and p.kind != "repost"}
        assert own - {"K90"} == {"K100", "K200", "K202"}
        follows = {(d[1], d[2]) for d in seen.deeds if d[0] == "follow"}
        assert follows - {("shy.example", "lin.example")} == {*((f"fan{i}.example", "lin.example") for i in range(5)), ("lin.example", "mei.example")}
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
            (200, {"thread": {"$type": "app.bsky.feed.defs#blockedPost", "uri": "at://x", "blocked": True}}, "Gone Blocked"),
            (200, {"nothing": 1}, "BrokenAnswer"),
            (200, LOGIN, "NeedsLogin Blocked BrokenAnswer"),
        ],
    )
    async def test_errors(self, tmp_path: Path, status: int, body: Any, want: str) -> None:
        def app(asked: Asked) -> Reply:
            if asked.path.endswith("Session"):
                return bluesky(asked)
            return Reply(body, status, {"Content-Type": "text/html"} if isinstance(body, bytes) else {})

        assert await outcome("bluesky", app, tmp_path, "post", B_TOP["uri"], credentials=B_LOGIN, relations=["replies"]) in want.split()


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
