"""Invented forums, as their fact sheets say they speak: V2EX, Discourse, Lemmy, Reddit. All people are invented."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from collectors.testing import Asked, Reply

from tests.collectors.blind_open_common import SECRET

T0 = 1795140900  # 2026-11-20T02:15:00Z


def iso(seconds: int, z: str = "Z", fraction: str = ".000") -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + fraction + z


# --- V2EX ------------------------------------------------------------------------------------------------------

V_NODE = {
    "id": 300, "name": "coffee", "title": "咖啡", "title_alternative": "Coffee", "topics": 690, "stars": 1200,
    "url": "https://www.v2ex.com/go/coffee", "header": "", "footer": None, "avatar_mini": "", "root": False,
    "parent_node_name": "life", "founder_id": 0, "aliases": [],
}  # fmt: skip


def v_member(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "username": name, "url": f"https://www.v2ex.com/u/{name}", "website": "", "twitter": None,
        "github": None, "location": "", "tagline": "", "bio": "", "avatar_mini": "//cdn.example/a.png",
        "created": 1611570000, "last_modified": 1770280000, "pro": 0,
    } | more  # fmt: skip


def v_topic(number: int, mark: str, member: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": number, "title": f"{mark} 主题", "url": f"https://www.v2ex.com/t/{number}", "content": "想听听推荐",
        "content_rendered": "想听听推荐", "replies": 0, "created": T0 + number, "last_modified": T0 + number,
        "last_touched": T0 + number, "last_reply_by": "", "deleted": 0, "member": member, "node": V_NODE,
    } | more  # fmt: skip


V_XIA, V_MEI, V_HAI = v_member(530001, "xia1", location="上海", bio="手冲"), v_member(47001, "mei2"), v_member(9, "hai3")
V_TOPICS = [
    v_topic(1001, "K01", V_XIA, replies=130, content="想听 @mei2",
            content_rendered='想听 @<a target="_blank" href="/member/mei2">mei2</a>'),
    v_topic(1002, "K02", V_MEI, last_touched=4102444800),  # promoted: in the future
    v_topic(1003, "K03", V_HAI, last_touched=T0 - 9_000_000),  # older than created
    v_topic(1004, "K04", V_HAI, deleted=1, content="收回的话"),
]  # fmt: skip
V_REPLIES = [
    {"id": 5000 + i, "topic_id": 1001, "member_id": (V_MEI if i % 2 else V_HAI)["id"], "content": f"K{100 + i} 第{i}楼",
     "content_rendered": f"K{100 + i} 第{i}楼", "created": T0 + 3600 + i, "last_modified": T0 + 3600 + i,
     "member": V_MEI if i % 2 else V_HAI, **({"thanks": 7} if i == 0 else {})}
    for i in range(130)
]  # fmt: skip
V_REPLIES[1]["content"] = "K101 @xia1 #1 试试"
V_REPLIES[1]["content_rendered"] = 'K101 @<a target="_blank" href="/member/xia1">xia1</a> #1 试试'
V_LIMIT = {"X-Rate-Limit-Limit": "120", "X-Rate-Limit-Remaining": "100", "X-Rate-Limit-Reset": "1795400000"}


def v2ex(asked: Asked) -> Reply:
    """API v1 for visitors, API 2.0 with a token."""
    path, one = asked.path, asked.one
    if path.startswith("/api/v2/"):
        return _v2(asked)
    if path == "/api/topics/show.json":
        by = {"id": lambda t: str(t["id"]), "node_name": lambda t: t["node"]["name"],
              "node_id": lambda t: str(t["node"]["id"]), "username": lambda t: t["member"]["username"]}  # fmt: skip
        name = next(iter(set(by) & set(asked.query)))
        return Reply([t for t in V_TOPICS if by[name](t) == one(name)], headers=V_LIMIT)
    if path in ("/api/topics/latest.json", "/api/topics/hot.json"):
        return Reply(V_TOPICS[:3], headers=V_LIMIT)
    if path == "/api/replies/show.json":
        size, page = int(one("page_size", "100")), int(one("page", "1"))
        mine = [r for r in V_REPLIES if str(r["topic_id"]) == one("topic_id")]
        return Reply(mine[(page - 1) * size : page * size], headers=V_LIMIT)
    if path == "/api/nodes/show.json":
        return Reply(V_NODE if one("name") == "coffee" else {"status": "notfound"}, headers=V_LIMIT)
    if path == "/api/members/show.json":
        found = [m for m in (V_XIA, V_MEI, V_HAI) if m["username"] == one("username") or str(m["id"]) == one("id")]
        return Reply({"status": "found", **found[0]} if found else {"status": "notfound"}, headers=V_LIMIT)
    return Reply(b"", 404)


V2_TOPICS = [v_topic(2000 + i, f"K{200 + i}", (V_XIA, V_MEI)[i % 2], replies=45 if i == 0 else 0) for i in range(45)]


def _v2(asked: Asked) -> Reply:
    if asked.headers.get("authorization") != f"Bearer {SECRET}":
        return Reply({"success": False, "message": "Invalid token"}, 401)
    parts, p = asked.path.removeprefix("/api/v2/").split("/"), int(asked.one("p", "1"))
    good = {"success": True, "message": "found"}
    if parts == ["nodes", "coffee"]:
        return Reply(good | {"result": {k: v for k, v in V_NODE.items() if k != "aliases"}})
    if parts == ["nodes", "coffee", "topics"]:
        bare = ("member", "node", "deleted")
        rows = [{k: v for k, v in t.items() if k not in bare} | {"syntax": 1} for t in V2_TOPICS]
        return Reply(good | {"result": rows[(p - 1) * 20 : p * 20], "pagination": {"per_page": 20, "total": 45, "pages": 3}})
    topic = next((t for t in V2_TOPICS if len(parts) > 1 and parts[0] == "topics" and str(t["id"]) == parts[1]), None)
    if topic and len(parts) == 2:
        extra = [{"id": 1, "content": "补充一句", "content_rendered": "补充一句", "syntax": 0, "created": T0 + 9}]
        detail = {k: v for k, v in topic.items() if k != "deleted"}
        return Reply(good | {"result": detail | {"syntax": 1, "supplements": extra if topic["id"] == 2000 else []}})
    if topic:
        rows = [{"id": 7000 + i, "content": f"K{300 + i} 楼", "content_rendered": f"K{300 + i} 楼", "created": T0 + 99 + i,
                 "member": V_HAI} for i in range(topic["replies"])]  # fmt: skip
        return Reply({"success": True, "result": rows[(p - 1) * 20 : p * 20]})
    if parts == ["member"]:
        return Reply(good | {"result": V_XIA})
    if parts == ["token"]:
        return Reply(good | {"result": {"token": SECRET, "scope": "regular", "expiration": 2592000, "good_for_days": 30}})
    return Reply({"success": False, "message": "Node not found"}, 404)


# --- Lemmy -----------------------------------------------------------------------------------------------------

L = "https://l.example"


def l_person(number: int, name: str, host: str = L, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": name, "actor_id": f"{host}/u/{name}", "local": host == L, "banned": False,
            "deleted": False, "bot_account": False, "published": "2024-01-01T00:00:00Z", "instance_id": 1} | more  # fmt: skip


L_LIN = l_person(3, "lin", display_name="林林", bio="周末露营")
L_MEI = l_person(4, "mei", "https://far.example", display_name="梅")
L_BOT = l_person(5, "digest", bot_account=True)
L_CAMP = {"id": 2, "name": "camping", "title": "露营", "actor_id": f"{L}/c/camping", "local": True, "nsfw": False,
          "removed": False, "deleted": False, "hidden": False, "published": "2023-06-01T00:00:00Z", "instance_id": 1}  # fmt: skip


def l_post(number: int, mark: str, by: dict[str, Any], when: int, z: str = "Z", **more: Any) -> dict[str, Any]:
    comments = more.pop("comments", 0)
    post = {"id": number, "name": f"{mark} 新帐篷", "body": "……", "creator_id": by["id"], "community_id": 2, "removed": False,
            "locked": False, "published": iso(when, z, ".000000"), "deleted": False, "nsfw": False,
            "ap_id": f"{by['actor_id'].split('/u/')[0]}/post/{number + 900}", "local": True, "language_id": 0,
            "featured_community": False, "featured_local": False} | more  # fmt: skip
    return {"post": post, "creator": by, "community": L_CAMP, "subscribed": "NotSubscribed",
            "counts": {"post_id": number, "comments": comments, "score": 9, "upvotes": 10, "downvotes": 1,
                       "published": iso(when)}}  # fmt: skip


L_PINNED = l_post(1, "K01", L_LIN, T0 - 400 * 86400, featured_community=True)
L_POSTS = [L_PINNED, *(l_post(100 + i, f"K{100 + i}", (L_LIN, L_MEI)[i % 2], T0 - i * 3600, "" if i % 3 else "Z") for i in range(65))]
L_POSTS[5]["post"]["deleted"] = True
L_POSTS[6]["post"]["removed"] = True
L_POSTS[7]["creator"] = L_BOT
L_TALK = l_post(50, "K50", L_LIN, T0, comments=6)


def l_comment(number: int, path: str, by: dict[str, Any], children: int = 0, **more: Any) -> dict[str, Any]:
    comment = {"id": number, "creator_id": by["id"], "post_id": 50, "content": f"K{number} 回复", "path": path, "language_id": 0,
               "published": iso(T0 + number, "", ".123456"), "ap_id": f"{by['actor_id'].split('/u/')[0]}/comment/{number}",
               "removed": False, "deleted": False, "distinguished": False, "local": True} | more  # fmt: skip
    return {"comment": comment, "creator": by, "post": L_TALK["post"], "community": L_CAMP,
            "counts": {"comment_id": number, "score": 2, "upvotes": 3, "downvotes": 1, "child_count": children,
                       "published": iso(T0 + number)}}  # fmt: skip


L_COMMENTS = [
    l_comment(201, "0.201", L_MEI, 3), l_comment(202, "0.201.202", L_LIN, 2), l_comment(203, "0.201.202.203", L_MEI, 1),
    l_comment(204, "0.201.202.203.204", L_LIN), l_comment(205, "0.205", L_BOT),
    l_comment(206, "0.206", L_LIN, deleted=True, content=""),
]  # fmt: skip


def lemmy(asked: Asked) -> Reply:
    """Pages by number, 50 rows at most; a tree of comments that is cut off at depth 2."""
    path, one = asked.path.removeprefix("/api/v3/"), asked.one
    page, limit = int(one("page") or "1"), int(one("limit") or "10")
    if limit > 50 or page > 100:
        return Reply(b"Query deserialize error", 400, {"Content-Type": "text/plain"})
    cut = slice((page - 1) * limit, page * limit)
    if path == "site":
        return Reply({"site_view": {"local_site_rate_limit": {"message": 999, "message_per_second": 60, "search": 999,
                                                              "search_per_second": 600}}, "version": "0.19.9"})  # fmt: skip
    if path == "community":
        if one("name").split("@")[0] != "camping" and one("id") != "2":
            return Reply({"error": "couldnt_find_community"}, 400)
        counts = {"subscribers": 70, "posts": 66, "comments": 6, "users_active_month": 9}
        return Reply({"community_view": {"community": L_CAMP, "counts": counts}, "moderators": [{"community": L_CAMP, "moderator": L_LIN}]})
    if path == "post/list":
        name = one("community_name")
        if name and name.split("@")[0] != "camping":
            return Reply({"error": "couldnt_find_community"}, 400)
        if one("page_cursor"):
            start = int(one("page_cursor")[1:], 16)
            cut = slice(start, start + limit)
        rows = L_POSTS[cut]
        more = {"next_page": f"P{cut.stop:x}"} if cut.stop < len(L_POSTS) else {}
        return Reply({"posts": rows} | more)
    if path == "post":
        if one("id") != "50":
            return Reply({"error": "couldnt_find_post"}, 400)
        return Reply({"post_view": L_TALK, "community_view": {"community": L_CAMP}, "cross_posts": []})
    if path == "comment/list":
        deep = int(one("max_depth") or "0")
        under = one("parent_id")
        trunk = next((c["comment"]["path"] for c in L_COMMENTS if str(c["comment"]["id"]) == under), "0")
        rows = [c for c in L_COMMENTS if (c["comment"]["path"] + ".").startswith(trunk + ".")]
        base = trunk.count(".") if trunk == "0" else trunk.count(".") - 1
        cap = min(deep or 2, 2)  # a server that cuts deep branches off
        return Reply({"comments": [c for c in rows if c["comment"]["path"].count(".") - base <= cap][cut]})
    if path == "search":
        hits = [p for p in L_POSTS if "帐篷" in p["post"]["name"]]
        return Reply({"type_": "All", "posts": hits[cut], "comments": [], "communities": [], "users": []})
    if path == "user":
        if one("username").split("@")[0] != "lin":
            return Reply({"error": "couldnt_find_person"}, 400)
        mine = [p for p in L_POSTS if p["creator"] is L_LIN]
        view = {"person": L_LIN, "counts": {"person_id": 3, "post_count": len(mine), "comment_count": 2}}
        return Reply({"person_view": view, "posts": mine[cut], "comments": L_COMMENTS[1:2][cut], "moderates": []})
    return Reply({"error": "not_found"}, 404)


# --- Discourse -------------------------------------------------------------------------------------------------

D_USERS = {5: ("lin", "林林"), 6: ("mei", "梅"), 7: ("gone8", None)}


def d_topic(number: int, mark: str, by: int, when: int, tags: list[Any], **more: Any) -> dict[str, Any]:
    return {"id": number, "title": f"{mark} A & B", "fancy_title": f"{mark} A &amp; B", "slug": "topic", "posts_count": 1,
            "reply_count": 0, "highest_post_number": 1, "created_at": iso(when), "last_posted_at": iso(when + 60),
            "bumped_at": iso(when + 60), "pinned": False, "visible": True, "closed": False, "archived": False, "views": 210,
            "like_count": 9, "category_id": 3, "tags": tags, "last_poster_username": "mei",
            "posters": [{"user_id": by, "description": "Original Poster", "extras": None},
                        {"user_id": 6, "description": "Most Recent Poster", "extras": "latest"}]} | more  # fmt: skip


D_TOPICS = [
    d_topic(700, "K00", 5, T0 - 300 * 86400, ["露营"], pinned=True),
    *(d_topic(701 + i, f"K{10 + i}", 5 + i % 2, T0 - i * 3600, ["露营"] if i % 2 else [{"id": 9, "name": "露营", "slug": "9-tag"}]) for i in range(40)),
]
D_TALK = D_TOPICS[1]
D_TALK |= {"posts_count": 26, "highest_post_number": 27, "reply_count": 20}


def d_post(number: int, by: int, cooked: str, **more: Any) -> dict[str, Any]:
    name, shown = D_USERS[by]
    return {"id": 9000 + number, "topic_id": 701, "topic_slug": "topic", "post_number": number, "reply_to_post_number": None,
            "username": name, "name": shown, "user_id": by, "avatar_template": "/u_a/{size}.png", "created_at": iso(T0 + number),
            "updated_at": iso(T0 + number), "cooked": f"<p>{cooked}</p>", "reply_count": 0, "quote_count": 0, "reads": 9, "score": 1.5,
            "actions_summary": [], "trust_level": 1, "moderator": False, "admin": False, "hidden": False, "user_deleted": False,
            "deleted_at": None, "post_type": 1} | more  # fmt: skip


D_POSTS = [d_post(1, 5, "K10 开头", actions_summary=[{"id": 2, "count": 3}])]
D_POSTS += [d_post(n, 6, f'K{500 + n} 楼 <a class="mention" href="/u/lin">@lin</a>' if n == 3 else f"K{500 + n} 楼",
                   reply_to_post_number=3 if n == 5 else None) for n in range(2, 28)]  # fmt: skip
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
    more = {"more_topics_url": f"{asked.path.removesuffix('.json')}?page={page + 1}"} if (page + 1) * 29 < len(rest) else {}
    users = [{"id": i, "username": u, "name": n, "avatar_template": "/u_a/{size}.png"} for i, (u, n) in D_USERS.items()]
    return Reply({"users": users, "topic_list": {"per_page": 30, "topics": mine, **extra, **more}})


D_CATEGORY = {"id": 3, "name": "户外", "slug": "outdoor", "topic_count": 41}


def discourse(asked: Asked) -> Reply:
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
        return Reply({"categories": [D_CATEGORY], "category_list": {"categories": [D_CATEGORY]}, "groups": [], "top_tags": ["露营"],
                      "post_action_types": [{"id": 2, "name_key": "like"}]})  # fmt: skip
    if path == "/t/701.json":
        page = int(one("page", "1") or 1)
        return Reply({"post_stream": {"posts": D_POSTS[(page - 1) * 20 : page * 20], "stream": [p["id"] for p in D_POSTS]}} | D_TALK
                     | {"details": {"created_by": {"id": 5, "username": "lin", "name": "林林"}}})  # fmt: skip
    if path == "/t/701/posts.json":
        wanted = {int(i) for i in asked.query.get("post_ids[]", [])}
        return Reply({"post_stream": {"posts": [p for p in D_POSTS if p["id"] in wanted]}, "id": 701})
    if path == "/post_action_users.json":
        rows = D_LIKES if one("id") == "9001" and one("post_action_type_id") == "2" else []
        return Reply({"post_action_users": [] if int(one("page", "0") or 0) > 0 else rows})
    if path == "/search.json":
        if int(one("page", "1")) > 1:
            return Reply({"posts": [], "topics": [], "users": [], "grouped_search_result": {"more_full_page_results": None}})
        hit = {k: v for k, v in D_POSTS[0].items() if k not in ("cooked", "user_id")} | {"blurb": "K10 开头…", "like_count": 3}
        return Reply({"posts": [hit], "topics": [D_TALK], "users": [], "grouped_search_result": {"more_full_page_results": None}})
    if path in ("/u/hidden9.json", "/u/hidden9/summary.json"):
        return Reply({"user": {"id": 99, "username": "hidden9", "name": "藏", "profile_hidden": True, "bio_excerpt": "不想被看"}})
    if path == "/u/lin.json":
        return Reply({"user": {"id": 5, "username": "lin", "name": "林林", "bio_raw": "周末露营", "location": "杭州", "profile_hidden": False}})
    if path == "/user_actions.json":
        if one("username") != "lin" or int(one("offset", "0") or 0):
            return Reply({"user_actions": []})
        row = {"action_type": 4, "created_at": iso(T0), "username": "lin", "acting_username": "lin", "user_id": 5, "name": "林林",
               "acting_user_id": 5, "acting_name": "林林", "topic_id": 701, "post_number": 1, "post_id": None, "title": "K10 A & B",
               "slug": "topic", "category_id": 3, "excerpt": "K10 开头", "deleted": False, "hidden": None}  # fmt: skip
        return Reply({"user_actions": [row]})
    return Reply({"errors": ["not here"], "error_type": "not_found"}, 404)


# --- Reddit ----------------------------------------------------------------------------------------------------


def r_post(mark: str, key: str, author: str, when: int, **more: Any) -> dict[str, Any]:
    data = {"id": key, "name": f"t3_{key}", "title": f"{mark} A & B", "selftext": "…", "author": author, "author_fullname": f"t2_{author}",
            "subreddit": "camping", "subreddit_id": "t5_2qy", "created_utc": float(when), "is_self": True, "over_18": False,
            "permalink": f"/r/camping/comments/{key}/x/", "url": f"https://www.reddit.com/r/camping/comments/{key}/x/",
            "link_flair_text": "Gear", "num_comments": 3, "score": 12, "ups": 12, "upvote_ratio": 0.93, "num_crossposts": 0,
            "stickied": False, "removed_by_category": None, "edited": False, "domain": "self.camping"} | more  # fmt: skip
    if author == "[deleted]":
        data.pop("author_fullname")
    return {"kind": "t3", "data": data}


R_POSTS = [
    r_post("K01", "pin1", "mod_a", T0 - 400 * 86400, stickied=True, edited=1795000000.0),
    *(r_post(f"K{100 + i}", f"p{i:03d}", ("lin_out", "mei_hike")[i % 2], T0 - i * 3600, link_flair_text=None if i % 2 else "Gear") for i in range(130)),
]
R_POSTS[4] = r_post("K103", "p003", "[deleted]", T0 - 3 * 3600, selftext="[deleted]")
R_POSTS[5] = r_post("K104", "p004", "lin_out", T0 - 4 * 3600, selftext="[removed]", removed_by_category="moderator")


def r_comment(mark: str, key: str, author: str, parent: str, replies: Any = "", **more: Any) -> dict[str, Any]:
    data = {"id": key, "name": f"t1_{key}", "body": f"{mark} ok u/lin_out", "author": author, "author_fullname": f"t2_{author}",
            "parent_id": parent, "link_id": "t3_p000", "created_utc": float(T0 + 60), "score": 2, "depth": 0, "replies": replies,
            "subreddit": "camping", "controversiality": 0, "distinguished": None, "permalink": f"/r/camping/comments/p000/x/{key}/"} | more  # fmt: skip
    if author == "[deleted]":
        data.pop("author_fullname")
    return {"kind": "t1", "data": data}


def r_listing(rows: list[Any], after: str | None = None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": after, "before": None, "dist": len(rows), "modhash": None, "children": rows}}


R_HOLE = [r_comment(f"K{600 + i}", f"h{i:03d}", "far_one", "t1_c1") for i in range(120)]
R_MORE = {"kind": "more", "data": {"id": "h000", "name": "t1_h000", "count": 120, "depth": 1, "parent_id": "t1_c1",
                                   "children": [c["data"]["id"] for c in R_HOLE]}}  # fmt: skip
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
        return Reply({"access_token": "fresh-token", "token_type": "bearer", "expires_in": 3600, "scope": "*"}) if ok else Reply({"error": 401}, 401)
    if asked.headers.get("authorization") != "Bearer fresh-token":
        return Reply({"message": "Unauthorized", "error": 401}, 401)
    path = path.removesuffix(".json")
    if path == "/r/camping/about":
        return Reply({"kind": "t5", "data": {"id": "2qy", "name": "t5_2qy", "display_name": "camping", "title": "Camping",
                                             "subscribers": 12000, "subreddit_type": "public"}}, headers=R_HEAD)  # fmt: skip
    if path in ("/r/camping/new", "/r/camping/search", "/search", "/user/lin_out/submitted"):
        rows = R_POSTS if path != "/user/lin_out/submitted" else [p for p in R_POSTS if p["data"]["author"] == "lin_out"]
        names = [p["data"]["name"] for p in rows]
        at = names.index(one("after")) + 1 if one("after") in names else 0
        size = min(int(one("limit", "25")), 100)
        part = rows[at : at + size]
        return Reply(r_listing(part, part[-1]["data"]["name"] if at + size < len(rows) else None), headers=R_HEAD)
    if path in ("/comments/p000", "/r/camping/comments/p000"):
        return Reply([r_listing([next(p for p in R_POSTS if p["data"]["id"] == "p000")]), r_listing(R_TREE)], headers=R_HEAD)
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
        return Reply({"kind": "t2", "data": {"id": "lin_out", "name": "lin_out", "created_utc": 1600000000.0, "link_karma": 5}}, headers=R_HEAD)
    if path in ("/user/lin_out/comments", "/user/lin_out/overview"):
        return Reply(r_listing([]), headers=R_HEAD)
    if path == "/duplicates/p000":
        cross = r_post("K900", "x900", "far_one", T0 + 5, subreddit="tents", subreddit_id="t5_9", crosspost_parent="t3_p000",
                       permalink="/r/tents/comments/x900/x/")  # fmt: skip
        return Reply([r_listing([R_POSTS[1]]), r_listing([cross])], headers=R_HEAD)
    return Reply({"message": "Not Found", "error": 404}, 404)


def text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
