"""Four forums seen by somebody who holds only their fact sheets: known truth in, exactly it out, and every error by
what a user should do. Written before its author had read the collectors. All people are invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collectors.testing import App, Asked, Reply
from tests.collectors.blind_open_boards import R_APP, R_POSTS, R_TREE, discourse, r_listing, reddit
from tests.collectors.blind_open_common import CAPTCHA, HTML, LOGIN, SECRET, always, but, outcome, see, who
from tests.collectors.blind_open_forums import L_TALK, T0, V_TOPICS, lemmy, v2ex
from xunke.errors import Retry
from xunke.model import Post

TOKEN = {"token": SECRET}


class TestV2ex:
    async def test_a_node_of_a_visitor(self, tmp_path: Path) -> None:
        seen = await see("v2ex", v2ex, tmp_path, "group", "coffee")
        assert seen.marks == ["K01", "K02", "K03"]  # K04 is deleted: its text is dropped
        assert not any("收回的话" in p.text for p in seen.posts.values())
        assert not seen.doubled
        one = seen.posts["K01"]
        assert one.native_id == "1001"
        assert one.author is not None
        assert (one.author.native_id, one.author.name, one.author.region, one.author.bio) == (
            "530001",
            "xia1",
            "上海",
            "手冲",
        )
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
        want = "BadQuery" if mode == "group" else "Gone"  # of nodes it can say which come near
        assert await outcome("v2ex", v2ex, tmp_path, mode, value) == want

    async def test_not_found_as_an_object(self, tmp_path: Path) -> None:
        assert await outcome("v2ex", always(200, {"status": "notfound"}), tmp_path, "post", "1001") == "Gone"

    async def test_a_used_up_hour_is_not_taken_for_a_missing_topic(self, tmp_path: Path) -> None:
        for status in (200, 403):
            app = always(status, {"status": "error", "message": "Rate Limit Exceeded"})
            assert await outcome("v2ex", app, tmp_path, "post", "1001") == "Retry"
        odd = always(200, {"status": "error", "message": "Something broke"})
        assert await outcome("v2ex", odd, tmp_path, "post", "1001") == "BrokenAnswer"

    @pytest.mark.parametrize(
        ("app", "want"),
        [
            (always(403, CAPTCHA, **HTML), "Blocked"),
            (always(200, CAPTCHA, **HTML), "Blocked"),
            (always(403, {"message": "x"}, X_Rate_Limit_Remaining="0", X_Rate_Limit_Reset="4102444800"), "Retry"),
            (always(429, b"slow"), "Retry"),
            (always(200, {"status": "error", "message": "Rate Limit Exceeded"}), "BrokenAnswer Retry"),
            (always(200, {"success": False, "message": "x"}), "BrokenAnswer"),
            (always(200, {"status": "notfound"}), "Gone BrokenAnswer"),
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
        assert (one.author.native_id, one.author.name) == (
            "lin@l.example",
            "林林",
        )  # as on Mastodon: an address of the person, too
        assert two.author is not None
        assert two.author.native_id == "mei@far.example"
        assert (one.created, two.created) == (T0, T0 - 3600)  # with Z, without
        assert (one.likes, one.comments, one.shares, one.views) == (10, 0, None, None)
        assert one.title == "K100 新帐篷"
        assert one.group is not None
        assert (one.group.native_id, one.group.name) == ("camping@l.example", "露营")
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
        assert (
            len([m for m in seen.marks if m != "K202"]) == 32
        )  # the pinned one and every second of 65, but for a deleted one and a bot's
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
        lists = but(lemmy, ("post/list",), app)
        assert await outcome("lemmy", lists, tmp_path, "group", "camping") in want.split()
        if "Gone" not in want and want != "BrokenAnswer" and want != "BadQuery":  # of the whole server
            assert await outcome("lemmy", app, tmp_path, "group", "camping") in want.split()

    async def test_a_post_taken_down_is_gone_and_no_empty_success(self, tmp_path: Path) -> None:
        shut = {**L_TALK, "post": {**L_TALK["post"], "deleted": True}}
        app = but(lemmy, ("v3/post",), always(200, {"post_view": shut, "community_view": {}, "cross_posts": []}))
        assert await outcome("lemmy", app, tmp_path, "post", "50") == "Gone"

    async def test_how_many_comments_is_not_counted_twice(self, tmp_path: Path) -> None:
        seen = await see("lemmy", lemmy, tmp_path, "post", "50", relations=["replies"])
        told = seen.extent("replies")
        assert (sum(one.said for one in told), sum(one.seen for one in told)) == (6, 5)

    async def test_no_lemmy_at_all(self, tmp_path: Path) -> None:
        assert await outcome("lemmy", always(404, b""), tmp_path, "group", "camping") == "BadQuery"

    @pytest.mark.parametrize(("mode", "value"), [("group", "nowhere"), ("post", "999"), ("account", "nobody")])
    async def test_what_is_not_there_is_gone(self, tmp_path: Path, mode: Any, value: str) -> None:
        assert await outcome("lemmy", lemmy, tmp_path, mode, value) == ("BadQuery" if mode == "group" else "Gone")


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
        found = (await see("discourse", discourse, tmp_path, "account", "hidden9")).accounts
        assert found
        assert all(a.listed is False for a in found if a.handle == "hidden9" or a.name == "藏")
        assert not any("不想被看" in (a.bio or "") for a in found)

    async def test_words(self, tmp_path: Path) -> None:
        seen = await see("discourse", discourse, tmp_path, "keyword", "开头")
        assert seen.marks == ["K10"]
        assert seen.posts["K10"].created in (T0, T0 + 1)

    @pytest.mark.parametrize(
        ("app", "want"),
        [
            (
                always(
                    429,
                    b"slow down",
                    Retry_After="7000",
                    Discourse_Rate_Limit_Error_Code="ip_10_secs_limit",
                    Content_Type="text/plain",
                ),
                "Retry",
            ),
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
        lists = but(discourse, ("/tag",), app)
        assert await outcome("discourse", lists, tmp_path, "tag", "露营") in want.split()
        if "Gone" not in want and want != "BrokenAnswer":
            assert await outcome("discourse", app, tmp_path, "tag", "露营") in want.split()

    async def test_what_is_not_there_is_gone(self, tmp_path: Path) -> None:
        assert await outcome("discourse", discourse, tmp_path, "post", "31") == "Gone"
        assert await outcome("discourse", discourse, tmp_path, "account", "nobody") == "Gone"


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
        assert all(
            "raw_json" in a.query for a in seen.asked if a.method == "GET" and a.path.startswith("/r/camping/new")
        )

    async def test_since_with_a_pinned_post(self, tmp_path: Path) -> None:
        seen = await see("reddit", reddit, tmp_path, "group", "camping", credentials=R_APP, since=T0 - 20 * 3600)
        assert [m for m in seen.marks if m not in ("K103", "K104")] == [
            f"K{100 + i}" for i in range(21) if i not in (3, 4)
        ]

    async def test_all_comments_and_their_holes(self, tmp_path: Path) -> None:
        seen = await see(
            "reddit",
            reddit,
            tmp_path,
            "post",
            "https://www.reddit.com/r/camping/comments/p000/x/",
            credentials=R_APP,
            relations=["replies"],
        )
        assert set(seen.marks) - {"K503"} == {"K100", "K501", "K502", "K504", *(f"K{600 + i}" for i in range(120))}
        assert not seen.doubled
        assert (seen.parent("K501"), seen.parent("K502"), seen.parent("K600"), seen.parent("K719")) == (
            "K100",
            "K501",
            "K501",
            "K501",
        )
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

    @pytest.mark.parametrize(
        ("status", "body", "want"),
        [
            (429, {"message": "Too Many Requests", "error": 429}, "Retry"),
            (403, CAPTCHA, "Blocked"),
            (200, {"error": "unsupported_grant_type"}, "NeedsLogin"),
            (200, {"token": 1}, "BrokenAnswer"),
            (503, b"", "Retry"),
        ],
    )
    async def test_no_token_for_other_reasons(self, tmp_path: Path, status: int, body: Any, want: str) -> None:
        app = but(reddit, ("access_token",), always(status, body))
        assert await outcome("reddit", app, tmp_path, "group", "camping", credentials=R_APP) == want

    async def test_a_wrong_app(self, tmp_path: Path) -> None:
        wrong = always(401, {"message": "Unauthorized", "error": 401})
        assert await outcome("reddit", wrong, tmp_path, "group", "camping", credentials=R_APP) == "NeedsLogin"


class TestTurnedAround:
    """What the sheets allow and the tests above do not play: other types, other orders, other ends."""

    async def test_v2ex_v2_without_pagination(self, tmp_path: Path) -> None:
        def app(asked: Asked) -> Reply:
            found = v2ex(asked)
            if isinstance(found.body, dict):
                found.body.pop("pagination", None)
            return found

        seen = await see("v2ex", app, tmp_path, "group", "coffee", credentials=TOKEN)
        assert len(seen.posts) == 45
        assert not any(asked.query.get("token") for asked in seen.asked)

    async def test_v2ex_missing_and_odd_values_are_no_zeros(self, tmp_path: Path) -> None:
        rows = [dict(V_TOPICS[0]), dict(V_TOPICS[1])]
        del rows[0]["replies"]
        rows[0]["member"] = None
        rows[1] |= {"replies": "12", "id": "1002", "created": str(T0)}
        app = but(v2ex, ("topics/show",), always(200, rows))
        seen = await see("v2ex", app, tmp_path, "group", "coffee")
        assert (seen.posts["K01"].comments, seen.posts["K01"].author) == (None, None)
        assert (seen.posts["K02"].comments, seen.posts["K02"].created) == (12, T0)

    async def test_lemmy_without_counts(self, tmp_path: Path) -> None:
        row = {key: value for key, value in L_TALK.items() if key != "counts"}
        row["creator"] = {**row["creator"], "display_name": None}
        app = but(lemmy, ("v3/post",), always(200, {"post_view": row, "community_view": {}, "cross_posts": []}))
        seen = await see("lemmy", app, tmp_path, "post", "50")
        one = seen.posts["K50"]
        assert (one.likes, one.comments) == (None, None)
        assert one.author is not None
        assert one.author.name == "lin"

    async def test_lemmy_page_numbers_refused(self, tmp_path: Path) -> None:
        def app(asked: Asked) -> Reply:
            if asked.path.endswith("post/list"):
                page = int(asked.one("page"))
                if page > 10:
                    return Reply(b"Query deserialize error", 400, {"Content-Type": "text/plain"})
                row = {**L_TALK, "post": {**L_TALK["post"], "id": page, "ap_id": f"https://l.example/post/{page}"}}
                return Reply({"posts": [row], "next_page": "P1"})
            return lemmy(asked)

        seen = await see("lemmy", app, tmp_path, "group", "camping")
        assert sum(isinstance(r, Post) for r in seen.records) == 10
        assert seen.pages[-1].capped or seen.pages[-2].capped

    async def test_discourse_tags_numbered_and_as_objects(self, tmp_path: Path) -> None:
        def app(asked: Asked) -> Reply:
            if asked.path.startswith("/tag/露营"):
                return Reply({"errors": ["x"], "error_type": "not_found"}, 404)
            if asked.path == "/tags.json":
                return Reply({"tags": [{"id": 9, "text": "露营", "name": "露营", "slug": "9-tag", "count": 41}]})
            return discourse(asked)

        seen = await see("discourse", app, tmp_path, "tag", "露营")
        assert len(seen.posts) == 41

    async def test_discourse_without_numbers(self, tmp_path: Path) -> None:
        def app(asked: Asked) -> Reply:
            found = discourse(asked)
            if asked.path == "/t/701.json":
                body = json.loads(json.dumps(found.body))
                for name in ("views", "posts_count", "category_id", "tags"):
                    body.pop(name)
                body["post_stream"]["posts"][0].pop("actions_summary")
                body["post_stream"]["posts"][0]["name"] = None
                return Reply(body)
            return found

        one = (await see("discourse", app, tmp_path, "post", "701")).posts["K10"]
        assert (one.views, one.comments, one.likes, one.group, one.tags) == (None, None, None, None, ())
        assert who(one.author) == "lin"

    async def test_reddit_words_of_somebody_who_left(self, tmp_path: Path) -> None:
        row = {"kind": "t3", "data": {**R_POSTS[1]["data"], "author": "[deleted]", "edited": 1795000000.0}}
        row["data"].pop("author_fullname")
        app = but(reddit, ("/r/camping/new",), always(200, r_listing([row])))
        seen = await see("reddit", app, tmp_path, "group", "camping", credentials=R_APP)
        assert seen.posts["K100"].author is None
        assert not seen.accounts

    @pytest.mark.parametrize(
        "hole", [{"children": [], "count": 0, "id": "_", "parent_id": "t1_c1"}, {"children": None}]
    )
    async def test_reddit_odd_holes_end(self, tmp_path: Path, hole: dict[str, Any]) -> None:
        tree = [r_listing([R_POSTS[1]]), r_listing([R_TREE[2], {"kind": "more", "data": hole}])]
        app = but(reddit, ("/comments/",), always(200, tree))
        seen = await see("reddit", app, tmp_path, "post", "p000", credentials=R_APP, relations=["replies"])
        assert seen.marks == ["K100", "K504"]
        assert len(seen.asked) < 12

    async def test_how_long_a_limit_lasts(self, tmp_path: Path) -> None:
        seconds_left = {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "42"}  # no time of the clock
        known: list[tuple[str, App, dict[str, Any], float]] = [
            ("lemmy", but(lemmy, ("post/list",), always(400, {"error": "rate_limit_error"})), {}, 30),
            ("discourse", but(discourse, ("/c/",), always(429, b"Slow", Retry_After="70")), {}, 70),
            (
                "discourse",
                but(discourse, ("/c/",), always(429, {"error_type": "rate_limit", "extras": {"wait_seconds": 120}})),
                {},
                120,
            ),
            ("reddit", but(reddit, ("/new",), always(429, b"", **seconds_left)), {"credentials": R_APP}, 42),
        ]
        for platform, app, more, after in known:
            value = "outdoor" if platform == "discourse" else "camping"
            with pytest.raises(Retry) as told:
                await see(platform, app, tmp_path, "group", value, max_wait=1, **more)
            assert told.value.after == pytest.approx(after, abs=after / 2 + 5)
