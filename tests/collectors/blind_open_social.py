"""Invented servers, as their fact sheets say they speak: Misskey, Bluesky, and feeds (RSS, Atom, JSON Feed)."""

from __future__ import annotations

from typing import Any

from collectors.testing import Asked, Reply
from tests.collectors.blind_open_common import SECRET
from tests.collectors.blind_open_forums import T0, iso

# --- Misskey ---------------------------------------------------------------------------------------------------


def m_user(number: str, name: str, host: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": number, "username": name, "host": host, "name": f"名{name}", "avatarUrl": "https://m.example/a.webp", "isBot": False,
            "emojis": {}, "onlineStatus": "unknown"} | more  # fmt: skip


M_LIN, M_MEI = m_user("9u1", "lin"), m_user("9u2", "mei", "far.example")
M_SHY = m_user("9u3", "shy", requireSigninToViewContents=True)
M_BOT = m_user("9u4", "robot", isBot=True)


def m_note(number: int, text: str | None, user: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": f"9n{number:04d}", "createdAt": iso(T0 + number), "text": text, "cw": None, "userId": user["id"], "user": user,
            "visibility": "public", "localOnly": False, "tags": ["露营"], "replyId": None, "renoteId": None, "files": [], "reactions": {"❤": 4},
            "reactionCount": 4, "renoteCount": 2, "repliesCount": 1} | more  # fmt: skip


M_NOTES = [m_note(100 + i, f"K{100 + i} 新帐篷 #露营", (M_LIN, M_MEI)[i % 2]) for i in range(30)]
M_NOTES[3] |= {"user": M_SHY, "userId": "9u3"}
M_NOTES[4] |= {"visibility": "followers"}
M_NOTES[5] |= {"isHidden": True, "text": None}
M_NOTES[6] |= {"user": M_BOT, "userId": "9u4"}
M_NOTES[7] |= {"cw": "剧透"}
M_NOTES[8] |= {"visibility": "specified"}
M_TOP = m_note(50, "K50 问问 #露营 @mei@far.example", M_LIN, repliesCount=3, renoteCount=3, reactionCount=3, reactions={"👍": 2, ":blobcat@.:": 1})
M_CHILD = m_note(51, "K51 答", M_MEI, replyId="9n0050", tags=[], repliesCount=1)
M_GRAND = m_note(52, "K52 再答", M_LIN, replyId="9n0051", tags=[], repliesCount=0)
M_QUOTE = m_note(53, "K53 看这个", M_MEI, renoteId="9n0050", renote=M_TOP, tags=[], repliesCount=0)
M_PURE = [m_note(60 + i, None, m_user(f"9r{i}", f"sharer{i}"), renoteId="9n0050", renote=M_TOP, tags=[]) for i in range(2)]
M_BY_ID = {n["id"]: n for n in [*M_NOTES, M_TOP, M_CHILD, M_GRAND, M_QUOTE, *M_PURE]}
M_REACTIONS = [{"id": f"9x{i:03d}", "createdAt": iso(T0 + 500 + i), "type": "👍", "user": m_user(f"9f{i}", f"fan{i}")} for i in range(3)]
M_FOLLOWERS = [{"id": f"9y{i:03d}", "createdAt": iso(T0 - 900 - i), "followeeId": "9u1", "followerId": f"9w{i}",
                "follower": m_user(f"9w{i}", f"fol{i}", noCrawle=True if i == 2 else None)} for i in range(5)]  # fmt: skip
M_DETAIL = {"description": "周末露营", "followersCount": 5, "followingCount": 2, "notesCount": 9, "createdAt": iso(T0 - 9_000_000),
            "fields": [], "location": "杭州", "isLocked": False, "url": None, "uri": None, "noCrawle": False,
            "followersVisibility": "public"}  # fmt: skip
M_CHANNEL = {"id": "9c1", "createdAt": iso(T0 - 9), "name": "露营地", "description": "", "userId": "9u1", "usersCount": 4, "notesCount": 30,
             "isArchived": False, "isSensitive": False, "color": "#fff"}  # fmt: skip


def m_error(status: int, code: str) -> Reply:
    return Reply({"error": {"code": code, "message": "…", "id": "u-u-i-d", "kind": "client", "info": {}}}, status)


def m_list(rows: list[Any], body: dict[str, Any], most: int = 8) -> Reply:
    """Newest first, ``untilId`` below; ``sinceId`` alone oldest first; at most ``most``, and one fewer than asked
    in some pages (hidden ones taken out)."""
    rows = sorted(rows, key=lambda r: str(r["id"]), reverse=True)
    if "sinceId" in body and "untilId" not in body and "sinceDate" not in body:
        rows = sorted((r for r in rows if r["id"] > body["sinceId"]), key=lambda r: str(r["id"]))
    if body.get("untilId"):
        rows = [r for r in rows if r["id"] < body["untilId"]]
    return Reply(rows[: min(body.get("limit", 10), most)])


def misskey(asked: Asked) -> Reply:
    if asked.method != "POST":
        return Reply(b"", 404)
    path, body = asked.path.removeprefix("/api/"), asked.json()
    note = M_BY_ID.get(body.get("noteId", ""))
    if path == "notes/search-by-tag":
        return m_list(M_NOTES if body.get("tag") == "露营" else [], body)
    if path == "notes/search":
        return m_error(400, "UNAVAILABLE")
    if path == "notes/show":
        return Reply(note) if note else m_error(400, "NO_SUCH_NOTE")
    if path in ("notes/children", "notes/replies"):
        kids = [n for n in M_BY_ID.values() if n["replyId"] == body["noteId"]]
        if path == "notes/children":
            kids += [n for n in M_BY_ID.values() if n["renoteId"] == body["noteId"] and n["text"]]
        return m_list(kids, body)
    if path == "notes/conversation":
        return Reply([])
    if path == "notes/renotes":
        return m_list([n for n in M_BY_ID.values() if n["renoteId"] == body["noteId"]], body)
    if path == "notes/reactions":
        return m_list(M_REACTIONS if body["noteId"] == "9n0050" else [], body, 2)
    if path == "users/show":
        if body.get("userId") == "9u1" or body.get("username") == "lin":
            return Reply(M_LIN | M_DETAIL)
        if body.get("username") == "nocrawl":
            return Reply(m_user("9u7", "nocrawl") | M_DETAIL | {"noCrawle": True})
        return m_error(404, "NO_SUCH_USER")
    if path == "users/notes":
        return m_list([n for n in M_BY_ID.values() if n["userId"] == body["userId"]], body)
    if path == "users/followers":
        return m_list(M_FOLLOWERS, body, 2) if body.get("userId") == "9u1" else m_error(400, "FORBIDDEN")
    if path == "users/following":
        return m_error(400, "FORBIDDEN")
    if path == "channels/show":
        return Reply(M_CHANNEL) if body.get("channelId") == "9c1" else m_error(400, "NO_SUCH_CHANNEL")
    if path == "channels/search":
        return Reply([M_CHANNEL])
    if path == "channels/timeline":
        where = {"channelId": "9c1", "channel": {"id": "9c1", "name": "露营地", "color": "#fff"}}
        return m_list([n | where for n in M_NOTES], body) if body.get("channelId") == "9c1" else m_error(400, "NO_SUCH_CHANNEL")
    if path in ("meta", "stats"):
        return Reply({"version": "2026.5.1", "uri": "https://m.example", "policies": {}})
    return m_error(404, "NO_SUCH_ENDPOINT")


# --- Bluesky ---------------------------------------------------------------------------------------------------


def b_person(key: str, **more: Any) -> dict[str, Any]:
    return {"did": f"did:plc:{key}", "handle": f"{key}.example", "displayName": f"名{key}", "labels": []} | more


B_LIN, B_MEI = b_person("lin"), b_person("mei")
B_SHY = b_person("shy", labels=[{"src": "did:plc:shy", "uri": "did:plc:shy", "val": "!no-unauthenticated", "cts": iso(T0)}])


def b_facet(text: str, part: str, feature: dict[str, Any]) -> dict[str, Any]:
    start = len(text[: text.index(part)].encode())
    return {"index": {"byteStart": start, "byteEnd": start + len(part.encode())}, "features": [feature]}


def b_tag(text: str, part: str) -> dict[str, Any]:
    return b_facet(text, part, {"$type": "app.bsky.richtext.facet#tag", "tag": part.lstrip("#＃")})


def b_uri(number: int, by: dict[str, Any]) -> str:
    return f"at://{by['did']}/app.bsky.feed.post/3l{number}"


def b_post(number: int, text: str, by: dict[str, Any], record: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"uri": b_uri(number, by), "cid": f"bafy{number}", "author": by,
            "record": {"$type": "app.bsky.feed.post", "text": text, "createdAt": iso(T0 + number), "langs": ["zh"]} | (record or {}),
            "replyCount": 1, "repostCount": 2, "likeCount": 5, "quoteCount": 0, "indexedAt": iso(T0 + number + 1), "labels": []} | more  # fmt: skip


def b_tagged(number: int, by: dict[str, Any]) -> dict[str, Any]:
    text = f"新帐篷😀 K{number} #露营"
    return b_post(number, text, by, {"facets": [b_tag(text, "#露营")]})


_AT = "问 @mei.example K150 #露营 好"
_AT_FACETS = [b_tag(_AT, "#露营"), b_facet(_AT, "@mei.example", {"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:mei"})]
_CUT = b_tag(_AT, "#露营") | {"index": {"byteStart": 1, "byteEnd": 5}, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://x.example"}]}
B_FOUND = [b_tagged(100 + i, (B_LIN, B_MEI)[i % 2]) for i in range(12)]
B_FOUND[3] = b_post(103, "K103 #露营装备 不是", B_LIN, {"facets": [b_tag("K103 #露营装备 不是", "#露营装备")]})  # loose match
B_FOUND[4] = b_post(104, "K104 没写出来", B_MEI, {"tags": ["露营"]})  # tags outside the text
B_FOUND[5] = b_tagged(105, B_SHY)
B_FOUND[6] = b_post(150, _AT, B_LIN, {"facets": [*_AT_FACETS, _CUT]})
for _one in ("replyCount", "repostCount", "likeCount", "quoteCount"):
    B_FOUND[7].pop(_one)

B_TOP = b_tagged(200, B_LIN)
_ref = {"uri": B_TOP["uri"], "cid": B_TOP["cid"]}
B_KID = b_post(201, "K201 答", B_MEI, {"reply": {"root": _ref, "parent": _ref}})
B_GRAND = b_post(202, "K202 再答", B_LIN, {"reply": {"root": _ref, "parent": {"uri": B_KID["uri"], "cid": B_KID["cid"]}}})
B_QUOTE = b_post(203, "K203 看", B_MEI, {"embed": {"$type": "app.bsky.embed.record", "record": _ref}})
_V = "app.bsky.feed.defs#threadViewPost"
B_THREAD = {"$type": _V, "post": B_TOP, "replies": [
    {"$type": _V, "post": B_KID, "replies": [{"$type": _V, "post": B_GRAND, "replies": []}]},
    {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://did:plc:x/app.bsky.feed.post/3lx", "notFound": True},
    {"$type": "app.bsky.feed.defs#blockedPost", "uri": "at://did:plc:y/app.bsky.feed.post/3ly", "blocked": True, "author": {"did": "did:plc:y"}},
]}  # fmt: skip
B_FANS = [b_person(f"fan{i}") for i in range(5)]
B_REPOST = {"post": B_KID, "reason": {"$type": "app.bsky.feed.defs#reasonRepost", "by": B_LIN, "indexedAt": iso(T0 + 900)}}
B_PIN = {"post": b_tagged(90, B_LIN), "reason": {"$type": "app.bsky.feed.defs#reasonPin"}}
B_LOGIN = {"identifier": "lin.example", "password": SECRET}


def b_error(status: int, name: str) -> Reply:
    return Reply({"error": name, "message": "no"}, status)


def b_pages(field: str, rows: list[Any], asked: Asked, size: int = 4, **more: Any) -> Reply:
    """Pages by an opaque cursor; the second page is empty and still has a cursor; a made-up cursor is a 500."""
    at = asked.one("cursor", "0")
    if int(asked.one("limit", "50")) > 100:
        return b_error(400, "InvalidRequest")
    if at == "hole":
        return Reply({field: [], "cursor": str(size)} | more)
    if not at.isdigit():
        return b_error(500, "InternalServerError")
    size = min(size, int(asked.one("limit", "50")))
    start = int(at)
    following = "hole" if start == 0 else str(start + size)
    part = rows[start : start + size]
    return Reply({field: part} | more | ({"cursor": following} if start + size < len(rows) else {}))


def bluesky(asked: Asked) -> Reply:
    method, one = asked.path.removeprefix("/xrpc/"), asked.one
    logged = asked.headers.get("authorization") == "Bearer access-1"
    if method == "com.atproto.server.createSession":
        if asked.json().get("password") != SECRET:
            return b_error(401, "AuthenticationRequired")
        return Reply({"accessJwt": "access-1", "refreshJwt": "refresh-1", "did": "did:plc:lin", "handle": "lin.example"})
    if method == "app.bsky.feed.searchPosts":
        if not logged:
            return Reply(b"<html>403 Forbidden</html>", 403, {"Content-Type": "text/html"})
        return b_pages("posts", B_FOUND, asked, hitsTotal=12) if one("q") else b_error(400, "InvalidRequest")
    if method == "app.bsky.feed.getPostThread":
        return Reply({"thread": B_THREAD}) if one("uri") == B_TOP["uri"] else b_error(400, "NotFound")
    if method == "app.bsky.feed.getPosts":
        every = [*B_FOUND, B_TOP, B_KID, B_GRAND, B_QUOTE]
        return Reply({"posts": [p for p in every if p["uri"] in asked.query.get("uris", [])]})
    if method == "app.bsky.feed.getLikes":
        rows = [{"actor": p, "createdAt": iso(T0 + 700 + i), "indexedAt": iso(T0 + 700 + i)} for i, p in enumerate(B_FANS)]
        return b_pages("likes", rows if one("uri") == B_TOP["uri"] else [], asked, 2, uri=one("uri"))
    if method == "app.bsky.feed.getRepostedBy":
        return b_pages("repostedBy", B_FANS[:3] if one("uri") == B_TOP["uri"] else [], asked, 2, uri=one("uri"))
    if method == "app.bsky.feed.getQuotes":
        return b_pages("posts", [B_QUOTE] if one("uri") == B_TOP["uri"] else [], asked, 2, uri=one("uri"))
    if method == "app.bsky.feed.getAuthorFeed":
        if one("actor") not in ("lin.example", "did:plc:lin"):
            return b_error(400, "InvalidRequest")
        feed = [*([B_PIN] if one("includePins") == "true" else []), {"post": B_TOP}, B_REPOST, {"post": B_GRAND}, {"post": B_FOUND[0]}]
        return b_pages("feed", feed, asked, 2)
    if method in ("app.bsky.actor.getProfile", "app.bsky.actor.getProfiles"):
        detail = B_LIN | {"followersCount": 5, "followsCount": 1, "postsCount": 9, "description": "周末露营", "createdAt": iso(T0 - 999)}
        if method.endswith("s"):
            return Reply({"profiles": [detail]})
        return Reply(detail) if one("actor") in ("lin.example", "did:plc:lin") else b_error(400, "InvalidRequest")
    if method == "com.atproto.identity.resolveHandle":
        return Reply({"did": "did:plc:lin"}) if one("handle") == "lin.example" else b_error(400, "InvalidRequest")
    if method == "app.bsky.graph.getFollowers":
        return b_pages("followers", [*B_FANS, B_SHY], asked, 2, subject=B_LIN)
    if method == "app.bsky.graph.getFollows":
        return b_pages("follows", [B_MEI], asked, 2, subject=B_LIN)
    return b_error(501, "MethodNotImplemented")


# --- feeds -----------------------------------------------------------------------------------------------------

R_ITEMS = [(f"K{10 + i}", f"https://blog.example/{i}", T0 - i * 3600, "林一" if i % 2 else "梅") for i in range(5)]


def rss_xml() -> bytes:
    items = "".join(
        f"<item><title>{m} A &amp; B</title><description>&lt;p&gt;{m} 正文 &amp;lt;3&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</description>"
        f"<link>{u}</link><guid isPermaLink='false'>{u}</guid><pubDate>{_rfc(t)}</pubDate><author>{a}</author><category>露营</category></item>"
        for m, u, t, a in R_ITEMS
    )
    bad = "<item><title>K90 没日期</title><link>https://blog.example/90</link><pubDate>Invalid Date</pubDate></item>"
    return (
        "<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel><title>露营志</title><link>https://blog.example/</link>"
        f"<description>d</description><generator>RSSHub</generator><ttl>5</ttl>{items}{bad}</channel></rss>"
    ).encode()


def _rfc(seconds: int) -> str:
    from email.utils import format_datetime
    from datetime import UTC, datetime

    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


def atom_xml() -> bytes:
    entries = "".join(
        f"<entry><title>{m} 题</title><content type='html'>&lt;p&gt;{m} 正文&lt;/p&gt;</content><link href='{u}'/><id>{u}</id>"
        f"<published>{iso(t)}</published><updated>{iso(t)}</updated><author><name>{a}</name></author><category term='露营'></category>"
        "<rsshub:comments>17</rsshub:comments><rsshub:upvotes>3</rsshub:upvotes></entry>"
        for m, u, t, a in R_ITEMS
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom' xmlns:rsshub='http://rsshub.app/xml/schemas'>"
        f"<title>露营志</title><id>https://blog.example/</id><updated>{iso(T0)}</updated>{entries}</feed>"
    ).encode()


def json_feed() -> dict[str, Any]:
    items = [{"id": u, "url": u, "title": f"{m} 题", "content_html": f"<p>{m} 正文</p>", "date_published": iso(t),
              "authors": [{"name": a, "url": f"https://blog.example/u/{a}"}], "tags": ["露营"]} for m, u, t, a in R_ITEMS]  # fmt: skip
    items.append({"id": "https://blog.example/90", "url": "https://blog.example/90", "title": "K90", "content_text": "K90", "date_published": ""})
    return {"version": "https://jsonfeed.org/version/1.1", "title": "露营志", "home_page_url": "https://blog.example/", "items": items}


def feeds(asked: Asked) -> Reply:
    if asked.path == "/rss":
        return Reply(rss_xml(), headers={"Content-Type": "application/rss+xml; charset=utf-8"})
    if asked.path == "/gbk":
        body = rss_xml().decode().replace("encoding='UTF-8'", "encoding='GB18030'").encode("gb18030")
        return Reply(body, headers={"Content-Type": "text/xml"})
    if asked.path == "/atom":
        return Reply(atom_xml(), headers={"Content-Type": "application/atom+xml"})
    if asked.path == "/json":
        return Reply(json_feed(), headers={"Content-Type": "application/feed+json"})
    if asked.path == "/empty":
        return Reply(b"<rss version='2.0'><channel><title>t</title></channel></rss>", headers={"Content-Type": "application/rss+xml"})
    return Reply(b"", 404)
