"""Invented forums, as their fact sheets say they speak: V2EX and Lemmy. All people are invented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from collectors.testing import Asked, Reply
from tests.collectors.blind_open_common import SECRET

T0 = 1795140900  # 2026-11-20T02:15:00Z


def iso(seconds: int, z: str = "Z", fraction: str = ".000") -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + fraction + z


# --- V2EX ------------------------------------------------------------------------------------------------------

V_NODE = {
    "id": 300,
    "name": "coffee",
    "title": "咖啡",
    "title_alternative": "Coffee",
    "topics": 690,
    "stars": 1200,
    "url": "https://www.v2ex.com/go/coffee",
    "header": "",
    "footer": None,
    "avatar_mini": "",
    "root": False,
    "parent_node_name": "life",
    "founder_id": 0,
    "aliases": [],
}


def v_member(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "username": name,
        "url": f"https://www.v2ex.com/u/{name}",
        "website": "",
        "twitter": None,
        "github": None,
        "location": "",
        "tagline": "",
        "bio": "",
        "avatar_mini": "//cdn.example/a.png",
        "created": 1611570000,
        "last_modified": 1770280000,
        "pro": 0,
    } | more


def v_topic(number: int, mark: str, member: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"{mark} 主题",
        "url": f"https://www.v2ex.com/t/{number}",
        "content": "想听听推荐",
        "content_rendered": "想听听推荐",
        "replies": 0,
        "created": T0 + number,
        "last_modified": T0 + number,
        "last_touched": T0 + number,
        "last_reply_by": "",
        "deleted": 0,
        "member": member,
        "node": V_NODE,
    } | more


V_XIA, V_MEI, V_HAI = (
    v_member(530001, "xia1", location="上海", bio="手冲"),
    v_member(47001, "mei2"),
    v_member(9, "hai3"),
)
V_TOPICS = [
    v_topic(
        1001,
        "K01",
        V_XIA,
        replies=130,
        content="想听 @mei2",
        content_rendered='想听 @<a target="_blank" href="/member/mei2">mei2</a>',
    ),
    v_topic(1002, "K02", V_MEI, last_touched=4102444800),  # promoted: in the future
    v_topic(1003, "K03", V_HAI, last_touched=T0 - 9_000_000),  # older than created
    v_topic(1004, "K04", V_HAI, deleted=1, content="收回的话"),
]
V_REPLIES = [
    {
        "id": 5000 + i,
        "topic_id": 1001,
        "member_id": (V_MEI if i % 2 else V_HAI)["id"],
        "content": f"K{100 + i} 第{i}楼",
        "content_rendered": f"K{100 + i} 第{i}楼",
        "created": T0 + 3600 + i,
        "last_modified": T0 + 3600 + i,
        "member": V_MEI if i % 2 else V_HAI,
        **({"thanks": 7} if i == 0 else {}),
    }
    for i in range(130)
]
V_REPLIES[1]["content"] = "K101 @xia1 #1 试试"
V_REPLIES[1]["content_rendered"] = 'K101 @<a target="_blank" href="/member/xia1">xia1</a> #1 试试'
V_LIMIT = {"X-Rate-Limit-Limit": "120", "X-Rate-Limit-Remaining": "100", "X-Rate-Limit-Reset": "1795400000"}


def v2ex(asked: Asked) -> Reply:
    """API v1 for visitors, API 2.0 with a token."""
    path, one = asked.path, asked.one
    if path.startswith("/api/v2/"):
        return _v2(asked)
    if path == "/api/topics/show.json":
        by = {
            "id": lambda t: str(t["id"]),
            "node_name": lambda t: t["node"]["name"],
            "node_id": lambda t: str(t["node"]["id"]),
            "username": lambda t: t["member"]["username"],
        }
        name = next(iter(set(by) & set(asked.query)))
        return Reply([t for t in V_TOPICS if by[name](t) == one(name)], headers=V_LIMIT)
    if path in ("/api/topics/latest.json", "/api/topics/hot.json"):
        return Reply(V_TOPICS[:3], headers=V_LIMIT)
    if path == "/api/replies/show.json":
        size, page = int(one("page_size", "100")), int(one("page", "1"))
        mine = [r for r in V_REPLIES if str(r["topic_id"]) == one("topic_id")]
        return Reply(mine[(page - 1) * size : page * size], headers=V_LIMIT)
    if path == "/api/nodes/all.json":
        return Reply([V_NODE], headers=V_LIMIT)
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
        return Reply(
            good | {"result": rows[(p - 1) * 20 : p * 20], "pagination": {"per_page": 20, "total": 45, "pages": 3}}
        )
    topic = next((t for t in V2_TOPICS if len(parts) > 1 and parts[0] == "topics" and str(t["id"]) == parts[1]), None)
    if topic and len(parts) == 2:
        extra = [{"id": 1, "content": "补充一句", "content_rendered": "补充一句", "syntax": 0, "created": T0 + 9}]
        detail = {k: v for k, v in topic.items() if k != "deleted"}
        return Reply(good | {"result": detail | {"syntax": 1, "supplements": extra if topic["id"] == 2000 else []}})
    if topic:
        rows = [
            {
                "id": 7000 + i,
                "content": f"K{300 + i} 楼",
                "content_rendered": f"K{300 + i} 楼",
                "created": T0 + 99 + i,
                "member": V_HAI,
            }
            for i in range(topic["replies"])
        ]
        return Reply({"success": True, "result": rows[(p - 1) * 20 : p * 20]})
    if parts == ["member"]:
        return Reply(good | {"result": V_XIA})
    if parts == ["token"]:
        return Reply(
            good | {"result": {"token": SECRET, "scope": "regular", "expiration": 2592000, "good_for_days": 30}}
        )
    return Reply({"success": False, "message": "Node not found"}, 404)


# --- Lemmy -----------------------------------------------------------------------------------------------------

L = "https://l.example"


def l_person(number: int, name: str, host: str = L, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "actor_id": f"{host}/u/{name}",
        "local": host == L,
        "banned": False,
        "deleted": False,
        "bot_account": False,
        "published": "2024-01-01T00:00:00Z",
        "instance_id": 1,
    } | more


L_LIN = l_person(3, "lin", display_name="林林", bio="周末露营")
L_MEI = l_person(4, "mei", "https://far.example", display_name="梅")
L_BOT = l_person(5, "digest", bot_account=True)
L_CAMP = {
    "id": 2,
    "name": "camping",
    "title": "露营",
    "actor_id": f"{L}/c/camping",
    "local": True,
    "nsfw": False,
    "removed": False,
    "deleted": False,
    "hidden": False,
    "published": "2023-06-01T00:00:00Z",
    "instance_id": 1,
}


def l_post(number: int, mark: str, by: dict[str, Any], when: int, z: str = "Z", **more: Any) -> dict[str, Any]:
    comments = more.pop("comments", 0)
    post = {
        "id": number,
        "name": f"{mark} 新帐篷",
        "body": "……",
        "creator_id": by["id"],
        "community_id": 2,
        "removed": False,
        "locked": False,
        "published": iso(when, z, ".000000"),
        "deleted": False,
        "nsfw": False,
        "ap_id": f"{by['actor_id'].split('/u/')[0]}/post/{number + 900}",
        "local": True,
        "language_id": 0,
        "featured_community": False,
        "featured_local": False,
    } | more
    return {
        "post": post,
        "creator": by,
        "community": L_CAMP,
        "subscribed": "NotSubscribed",
        "counts": {
            "post_id": number,
            "comments": comments,
            "score": 9,
            "upvotes": 10,
            "downvotes": 1,
            "published": iso(when),
        },
    }


L_PINNED = l_post(1, "K01", L_LIN, T0 - 400 * 86400, featured_community=True)
L_POSTS = [
    L_PINNED,
    *(l_post(100 + i, f"K{100 + i}", (L_LIN, L_MEI)[i % 2], T0 - i * 3600, "" if i % 3 else "Z") for i in range(65)),
]
L_POSTS[5]["post"]["deleted"] = True
L_POSTS[6]["post"]["removed"] = True
L_POSTS[7]["creator"] = L_BOT
L_TALK = l_post(50, "K50", L_LIN, T0, comments=6)


def l_comment(number: int, path: str, by: dict[str, Any], children: int = 0, **more: Any) -> dict[str, Any]:
    comment = {
        "id": number,
        "creator_id": by["id"],
        "post_id": 50,
        "content": f"K{number} 回复",
        "path": path,
        "language_id": 0,
        "published": iso(T0 + number, "", ".123456"),
        "ap_id": f"{by['actor_id'].split('/u/')[0]}/comment/{number}",
        "removed": False,
        "deleted": False,
        "distinguished": False,
        "local": True,
    } | more
    return {
        "comment": comment,
        "creator": by,
        "post": L_TALK["post"],
        "community": L_CAMP,
        "counts": {
            "comment_id": number,
            "score": 2,
            "upvotes": 3,
            "downvotes": 1,
            "child_count": children,
            "published": iso(T0 + number),
        },
    }


L_COMMENTS = [
    l_comment(201, "0.201", L_MEI, 3),
    l_comment(202, "0.201.202", L_LIN, 2),
    l_comment(203, "0.201.202.203", L_MEI, 1),
    l_comment(204, "0.201.202.203.204", L_LIN),
    l_comment(205, "0.205", L_BOT),
    l_comment(206, "0.206", L_LIN, deleted=True, content=""),
]


def lemmy(asked: Asked) -> Reply:
    """Pages by number, 50 rows at most; a tree of comments that is cut off at depth 2."""
    path, one = asked.path.removeprefix("/api/v3/"), asked.one
    page, limit = int(one("page") or "1"), int(one("limit") or "10")
    if limit > 50 or page > 100:
        return Reply(b"Query deserialize error", 400, {"Content-Type": "text/plain"})
    cut = slice((page - 1) * limit, page * limit)
    if path == "site":
        return Reply(
            {
                "site_view": {
                    "local_site_rate_limit": {
                        "message": 999,
                        "message_per_second": 60,
                        "search": 999,
                        "search_per_second": 600,
                    }
                },
                "version": "0.19.9",
            }
        )
    if path == "community":
        if one("name").split("@")[0] != "camping" and one("id") != "2":
            return Reply({"error": "couldnt_find_community"}, 400)
        counts = {"subscribers": 70, "posts": 66, "comments": 6, "users_active_month": 9}
        return Reply(
            {
                "community_view": {"community": L_CAMP, "counts": counts},
                "moderators": [{"community": L_CAMP, "moderator": L_LIN}],
            }
        )
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
