"""Invented forums, as their fact sheets say they speak: Discourse and Reddit. All people are invented."""

from __future__ import annotations

from typing import Any

from collectors.testing import Asked, Reply
from tests.collectors.blind_open_common import SECRET
from tests.collectors.blind_open_forums import T0, iso

# --- Discourse -------------------------------------------------------------------------------------------------

D_USERS = {5: ("lin", "林林"), 6: ("mei", "梅"), 7: ("gone8", None)}


def d_topic(number: int, mark: str, by: int, when: int, tags: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"{mark} A & B",
        "fancy_title": f"{mark} A &amp; B",
        "slug": "topic",
        "posts_count": 1,
        "reply_count": 0,
        "highest_post_number": 1,
        "created_at": iso(when),
        "last_posted_at": iso(when + 60),
        "bumped_at": iso(when + 60),
        "pinned": False,
        "visible": True,
        "closed": False,
        "archived": False,
        "views": 210,
        "like_count": 9,
        "category_id": 3,
        "tags": tags,
        "last_poster_username": "mei",
        "posters": [
            {"user_id": by, "description": "Original Poster", "extras": None},
            {"user_id": 6, "description": "Most Recent Poster", "extras": "latest"},
        ],
    } | more


D_TOPICS = [
    d_topic(700, "K00", 5, T0 - 300 * 86400, ["露营"], pinned=True),
    *(
        d_topic(
            701 + i,
            f"K{10 + i}",
            5 + i % 2,
            T0 - i * 3600,
            ["露营"] if i % 2 else [{"id": 9, "name": "露营", "slug": "9-tag"}],
        )
        for i in range(40)
    ),
]
D_TALK = D_TOPICS[1]
D_TALK |= {"posts_count": 26, "highest_post_number": 27, "reply_count": 20}


def d_post(number: int, by: int, cooked: str, **more: Any) -> dict[str, Any]:
    name, shown = D_USERS[by]
    return {
        "id": 9000 + number,
        "topic_id": 701,
        "topic_slug": "topic",
        "post_number": number,
        "reply_to_post_number": None,
        "username": name,
        "name": shown,
        "user_id": by,
        "avatar_template": "/u_a/{size}.png",
        "created_at": iso(T0 + number),
        "updated_at": iso(T0 + number),
        "cooked": f"<p>{cooked}</p>",
        "reply_count": 0,
        "quote_count": 0,
        "reads": 9,
        "score": 1.5,
        "actions_summary": [],
        "trust_level": 1,
        "moderator": False,
        "admin": False,
        "hidden": False,
        "user_deleted": False,
        "deleted_at": None,
        "post_type": 1,
    } | more


D_POSTS = [d_post(1, 5, "K10 开头", actions_summary=[{"id": 2, "count": 3}], created_at=iso(T0))]
D_POSTS += [
    d_post(
        n,
        6,
        f'K{500 + n} 楼 <a class="mention" href="/u/lin">@lin</a>' if n == 3 else f"K{500 + n} 楼",
        reply_to_post_number=3 if n == 5 else None,
    )
    for n in range(2, 28)
]
D_POSTS[3] |= {"post_type": 3, "cooked": "<p>K504 置顶了这个主题</p>", "action_code": "pinned.enabled"}
D_POSTS[6] |= {"post_type": 4, "cooked": "<p>K507 悄悄话</p>"}
D_POSTS[7] |= {"user_deleted": True, "cooked": "<p>(post deleted by author)</p>"}
D_POSTS[8] |= {"hidden": True, "cooked": "<p>K509 被举报</p>"}
D_LIKES = [{"id": 5 + i, "username": f"fan{i}", "name": f"粉{i}", "avatar_template": "/x/{size}.png"} for i in range(3)]


def d_list(rows: list[Any], asked: Asked, extra: dict[str, Any]) -> Reply:
    page = int(asked.one("page", "0") or "0")
    pinned, rest = [t for t in rows if t["pinned"]], [t for t in rows if not t["pinned"]]
    mine = rest[page * 29 : page * 29 + 29]
    if page == 0:
        mine = pinned + mine
    elif page == 1:
        mine = rest[28:29] + mine  # bumped: moved from the page before
    more = (
        {"more_topics_url": f"{asked.path.removesuffix('.json')}?page={page + 1}"}
        if (page + 1) * 29 < len(rest)
        else {}
    )
    users = [{"id": i, "username": u, "name": n, "avatar_template": "/u_a/{size}.png"} for i, (u, n) in D_USERS.items()]
    return Reply({"users": users, "topic_list": {"per_page": 30, "topics": mine, **extra, **more}})


D_CATEGORY = {"id": 3, "name": "户外", "slug": "outdoor", "topic_count": 41}


def discourse(asked: Asked) -> Reply:  # noqa: C901
    path, one = asked.path, asked.one
    if path == "/robots.txt":
        return Reply(b"", 404)
    if not (path.endswith(".json") or path == "/"):
        return Reply(b"<html>a page</html>", 200, {"Content-Type": "text/html"})
    tag = [{"id": 9, "name": "露营", "topic_count": 41}]
    routes = {"/tag/露营.json", "/tag/露营/l/latest.json", "/tag/9-tag/9.json"}
    if path in routes:
        return d_list(D_TOPICS, asked, {"tags": tag})
    if path == "/tags.json":
        return Reply({"tags": [{"id": "露营", "text": "露营", "count": 41}], "extras": {"categories": []}})
    if path in ("/c/outdoor/3.json", "/c/outdoor/3/l/latest.json", "/latest.json", "/c/outdoor.json", "/c/3.json"):
        return d_list(D_TOPICS, asked, {})
    if path in ("/site.json", "/categories.json"):
        return Reply(
            {
                "categories": [D_CATEGORY],
                "category_list": {"categories": [D_CATEGORY]},
                "groups": [],
                "top_tags": ["露营"],
                "post_action_types": [{"id": 2, "name_key": "like"}],
            }
        )
    if path == "/t/701.json":
        page = int(one("page", "1") or 1)
        return Reply(
            {"post_stream": {"posts": D_POSTS[(page - 1) * 20 : page * 20], "stream": [p["id"] for p in D_POSTS]}}
            | D_TALK
            | {"details": {"created_by": {"id": 5, "username": "lin", "name": "林林"}}}
        )
    other = next((t for t in D_TOPICS if path == f"/t/{t['id']}.json"), None)
    if other:
        by = other["posters"][0]["user_id"]
        first = d_post(1, by, str(other["title"]).replace("&", "&amp;")) | {
            "id": 20000 + other["id"],
            "topic_id": other["id"],
            "created_at": other["created_at"],
        }
        return Reply(other | {"post_stream": {"posts": [first], "stream": [first["id"]]}})
    if path == "/t/701/posts.json":
        wanted = {int(i) for i in asked.query.get("post_ids[]", [])}
        return Reply({"post_stream": {"posts": [p for p in D_POSTS if p["id"] in wanted]}, "id": 701})
    if path == "/post_action_users.json":
        rows = D_LIKES if one("id") == "9001" and one("post_action_type_id") == "2" else []
        return Reply({"post_action_users": [] if int(one("page", "0") or 0) > 0 else rows})
    if path == "/search.json":
        if int(one("page", "1")) > 1:
            return Reply(
                {"posts": [], "topics": [], "users": [], "grouped_search_result": {"more_full_page_results": None}}
            )
        hit = {k: v for k, v in D_POSTS[0].items() if k not in ("cooked", "user_id")} | {
            "blurb": "K10 开头…",
            "like_count": 3,
        }
        return Reply(
            {"posts": [hit], "topics": [D_TALK], "users": [], "grouped_search_result": {"more_full_page_results": None}}
        )
    if path in ("/u/hidden9.json", "/u/hidden9/summary.json"):
        return Reply(
            {"user": {"id": 99, "username": "hidden9", "name": "藏", "profile_hidden": True, "bio_excerpt": "不想被看"}}
        )
    if path == "/u/lin.json":
        return Reply(
            {
                "user": {
                    "id": 5,
                    "username": "lin",
                    "name": "林林",
                    "bio_raw": "周末露营",
                    "location": "杭州",
                    "profile_hidden": False,
                }
            }
        )
    if path == "/user_actions.json":
        if one("username") != "lin" or int(one("offset", "0") or 0):
            return Reply({"user_actions": []})
        row = {
            "action_type": 4,
            "created_at": iso(T0),
            "username": "lin",
            "acting_username": "lin",
            "user_id": 5,
            "name": "林林",
            "acting_user_id": 5,
            "acting_name": "林林",
            "topic_id": 701,
            "post_number": 1,
            "post_id": 9001,
            "title": "K10 A & B",
            "slug": "topic",
            "category_id": 3,
            "excerpt": "K10 开头",
            "deleted": False,
            "hidden": None,
        }
        return Reply({"user_actions": [row]})
    return Reply({"errors": ["not here"], "error_type": "not_found"}, 404)


# --- Reddit ----------------------------------------------------------------------------------------------------


def r_post(mark: str, key: str, author: str, when: int, **more: Any) -> dict[str, Any]:
    data = {
        "id": key,
        "name": f"t3_{key}",
        "title": f"{mark} A & B",
        "selftext": "…",
        "author": author,
        "author_fullname": f"t2_{author}",
        "subreddit": "camping",
        "subreddit_id": "t5_2qy",
        "created_utc": float(when),
        "is_self": True,
        "over_18": False,
        "permalink": f"/r/camping/comments/{key}/x/",
        "url": f"https://www.reddit.com/r/camping/comments/{key}/x/",
        "link_flair_text": "Gear",
        "num_comments": 3,
        "score": 12,
        "ups": 12,
        "upvote_ratio": 0.93,
        "num_crossposts": 0,
        "stickied": False,
        "removed_by_category": None,
        "edited": False,
        "domain": "self.camping",
    } | more
    if author == "[deleted]":
        data.pop("author_fullname")
    return {"kind": "t3", "data": data}


R_POSTS = [
    r_post("K01", "pin1", "mod_a", T0 - 400 * 86400, stickied=True, edited=1795000000.0),
    *(
        r_post(
            f"K{100 + i}",
            f"p{i:03d}",
            ("lin_out", "mei_hike")[i % 2],
            T0 - i * 3600,
            link_flair_text=None if i % 2 else "Gear",
        )
        for i in range(130)
    ),
]
R_POSTS[4] = r_post("K103", "p003", "[deleted]", T0 - 3 * 3600, selftext="[deleted]")
R_POSTS[5] = r_post("K104", "p004", "lin_out", T0 - 4 * 3600, selftext="[removed]", removed_by_category="moderator")


def r_comment(mark: str, key: str, author: str, parent: str, replies: Any = "", **more: Any) -> dict[str, Any]:
    data = {
        "id": key,
        "name": f"t1_{key}",
        "body": f"{mark} ok u/lin_out",
        "author": author,
        "author_fullname": f"t2_{author}",
        "parent_id": parent,
        "link_id": "t3_p000",
        "created_utc": float(T0 + 60),
        "score": 2,
        "depth": 0,
        "replies": replies,
        "subreddit": "camping",
        "controversiality": 0,
        "distinguished": None,
        "permalink": f"/r/camping/comments/p000/x/{key}/",
    } | more
    if author == "[deleted]":
        data.pop("author_fullname")
    return {"kind": "t1", "data": data}


def r_listing(rows: list[Any], after: str | None = None) -> dict[str, Any]:
    return {
        "kind": "Listing",
        "data": {"after": after, "before": None, "dist": len(rows), "modhash": None, "children": rows},
    }


R_HOLE = [r_comment(f"K{600 + i}", f"h{i:03d}", "far_one", "t1_c1") for i in range(120)]
R_MORE = {
    "kind": "more",
    "data": {
        "id": "h000",
        "name": "t1_h000",
        "count": 120,
        "depth": 1,
        "parent_id": "t1_c1",
        "children": [c["data"]["id"] for c in R_HOLE],
    },
}
R_TREE = [
    r_comment("K501", "c1", "mei_hike", "t3_p000", r_listing([r_comment("K502", "c2", "lin_out", "t1_c1"), R_MORE])),
    r_comment("K503", "c3", "[deleted]", "t3_p000", body="[deleted]"),
    r_comment("K504", "c4", "neg_one", "t3_p000", score=-7),
]
R_HEAD = {"x-ratelimit-remaining": "96.0", "x-ratelimit-used": "4", "x-ratelimit-reset": "412"}
R_APP = {"client_id": "cid123", "client_secret": SECRET, "username": "lin_dev"}


def reddit(asked: Asked) -> Reply:
    path, one = asked.path, asked.one
    if path == "/api/v1/access_token":
        ok = asked.headers.get("authorization", "").startswith("Basic ") and asked.form()["grant_type"]
        return (
            Reply({"access_token": "fresh-token", "token_type": "bearer", "expires_in": 3600, "scope": "*"})
            if ok
            else Reply({"error": 401}, 401)
        )
    if asked.headers.get("authorization") != "Bearer fresh-token":
        return Reply({"message": "Unauthorized", "error": 401}, 401)
    path = path.removesuffix(".json")
    if path == "/r/camping/about":
        return Reply(
            {
                "kind": "t5",
                "data": {
                    "id": "2qy",
                    "name": "t5_2qy",
                    "display_name": "camping",
                    "title": "Camping",
                    "subscribers": 12000,
                    "subreddit_type": "public",
                },
            },
            headers=R_HEAD,
        )
    if path in ("/r/camping/new", "/r/camping/search", "/search", "/user/lin_out/submitted"):
        rows = (
            R_POSTS if path != "/user/lin_out/submitted" else [p for p in R_POSTS if p["data"]["author"] == "lin_out"]
        )
        names = [p["data"]["name"] for p in rows]
        at = names.index(one("after")) + 1 if one("after") in names else 0
        size = min(int(one("limit", "25")), 100)
        part = rows[at : at + size]
        return Reply(r_listing(part, part[-1]["data"]["name"] if at + size < len(rows) else None), headers=R_HEAD)
    if path in ("/comments/p000", "/r/camping/comments/p000"):
        return Reply(
            [r_listing([next(p for p in R_POSTS if p["data"]["id"] == "p000")]), r_listing(R_TREE)], headers=R_HEAD
        )
    if path == "/api/morechildren":
        wanted = (one("children") or asked.form().get("children", [""])[0]).split(",")
        if len(wanted) > 100:
            return Reply({"message": "too many"}, 400)
        things = [c for c in R_HOLE if c["data"]["id"] in wanted]
        return Reply({"json": {"errors": [], "data": {"things": things}}}, headers=R_HEAD)
    if path == "/api/info":
        every = R_POSTS + R_HOLE + R_TREE
        return Reply(r_listing([c for c in every if c["data"]["name"] in one("id").split(",")]), headers=R_HEAD)
    if path == "/user/lin_out/about":
        return Reply(
            {"kind": "t2", "data": {"id": "lin_out", "name": "lin_out", "created_utc": 1600000000.0, "link_karma": 5}},
            headers=R_HEAD,
        )
    if path in ("/user/lin_out/comments", "/user/lin_out/overview"):
        return Reply(r_listing([]), headers=R_HEAD)
    if path == "/duplicates/p000":
        cross = r_post(
            "K900",
            "x900",
            "far_one",
            T0 + 5,
            subreddit="tents",
            subreddit_id="t5_9",
            crosspost_parent="t3_p000",
            permalink="/r/tents/comments/x900/x/",
        )
        return Reply([r_listing([R_POSTS[1]]), r_listing([cross])], headers=R_HEAD)
    return Reply({"message": "Not Found", "error": 404}, 404)
