"""Zeeschuimer NDJSON: what a browser showed of Xiaohongshu and Douyin, as the platform's own objects.

4CAT stores the same objects without the envelope, so its importer shares ``item``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from xunke.model import Mention, Post, Record

from . import values
from .base import Context, Skip
from .posts import AccountColumns, PostColumns, mentions_of, post
from .values import BadValue

_AUTHOR: Final = AccountColumns(("sec_uid", "user_id"), "nickname", region="region")
_FIELDS: Final[dict[str, Any]] = {
    "id": "id", "author": _AUTHOR, "created": "created", "url": "url", "tags": "tags", "likes": "likes",
    "comments": "comments", "shares": "shares", "saves": "saves", "views": "views", "region": "region",
    "query": "query", "fetched": "fetched", "media": lambda row: row.get("media"),
}  # fmt: skip
_NOTE: Final = PostColumns("xiaohongshu", text=("text",), title="title", unit="ms", **_FIELDS)
_NOTE_COMMENT: Final = PostColumns(
    "xiaohongshu", text=("text",), kind="comment", unit="ms", root="root", reply_to="parent", **_FIELDS
)
_AWEME: Final = PostColumns("douyin", text=("text",), unit="s", **_FIELDS)
_PROFILE: Final = re.compile(r"/user/profile/([0-9a-f]{24})")


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def pick(row: Mapping[str, Any], *keys: str) -> Any:
    """The first of ``keys`` that holds something: the platforms write snake_case and camelCase."""
    return next((row[key] for key in keys if row.get(key) not in (None, "", [])), None)


def map_row(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """One captured item. ``item_id`` is the platform's id; ``id`` only counts the lines."""
    data = row.get("data")
    if not isinstance(data, dict):
        raise BadValue("import.unknown_row", "data")
    return item(str(row.get("source_platform") or ""), data, row, context)


def item(platform: str, data: dict[str, Any], envelope: Mapping[str, Any], context: Context) -> list[Record]:
    """The records in a platform's object; ``envelope`` says where and when it was seen.

    Raises Skip for objects that are no posts (live streams, tiles without content), BadValue for platforms
    that are not read.
    """
    seen = {
        "fetched": envelope.get("timestamp_collected"),
        "query": _keyword(envelope.get("source_platform_url")),
        "item_id": values.ident(envelope.get("item_id")),
    }
    if "douyin" in platform or "aweme_id" in data or "awemeId" in data:
        return _douyin(data, seen, context)
    if "comment" in platform or ("note_id" in data and "content" in data):
        return _xhs_comments(data, seen, context, None)
    if "xiaohongshu" in platform or "rednote" in platform or "note_card" in data or "xsec_token" in data:
        return [_xhs_note(data, seen, context)]
    raise BadValue("import.platform_not_read", platform)


def _keyword(address: Any) -> str | None:
    """The search words in the address of the page on which the item was seen."""
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    found = parse_qs(parts.query).get("keyword") or parse_qs(parts.query).get("q")
    return found[0] if found else None


# ---------------------------------------------------------------- Xiaohongshu


def _xhs_note(data: dict[str, Any], seen: dict[str, Any], context: Context) -> Post:
    if data.get("_zs-origin") == "html":
        profile = _PROFILE.search(str(data.get("author_url")))
        flat = {
            "id": data.get("id"), "title": data.get("title"), "likes": data.get("likes"),
            "nickname": data.get("author_name"), "user_id": profile[1] if profile else None,
        }  # fmt: skip
    else:
        note = _dict(data.get("note_card") or data.get("note") or data.get("noteCard"))
        if not note and not pick(data, "title", "display_title", "displayTitle", "desc"):
            raise Skip("import.no_content", data.get("id"))
        flat = _note(note or data)
        flat["id"] = pick(data, "id") or pick(note, "note_id", "noteId", "id")
    flat["id"] = flat["id"] or seen["item_id"]
    flat["url"] = f"https://www.xiaohongshu.com/explore/{flat['id']}"
    return post({**flat, **seen}, _NOTE, context)


def _note(note: Mapping[str, Any]) -> dict[str, Any]:
    user = _dict(note.get("user"))
    numbers = _dict(pick(note, "interact_info", "interactInfo"))
    tags = _list(pick(note, "tag_list", "tagList"))
    kind = note.get("type")
    return {
        "title": pick(note, "title", "display_title", "displayTitle"),
        "text": note.get("desc"),
        "created": pick(note, "time", "createTime", "create_time"),
        "user_id": pick(user, "user_id", "userId", "userid"),
        "nickname": pick(user, "nickname", "nick_name", "nickName"),
        "likes": pick(numbers, "liked_count", "likedCount"),
        "comments": pick(numbers, "comment_count", "commentCount"),
        "shares": pick(numbers, "share_count", "shareCount", "shared_count"),
        "saves": pick(numbers, "collected_count", "collectedCount"),
        "region": pick(note, "ip_location", "ipLocation"),
        "tags": [_dict(tag).get("name") for tag in tags if _dict(tag).get("type", "topic") == "topic"],
        "media": "video" if kind == "video" else "image" if kind == "normal" else None,
    }


def _xhs_comments(
    data: dict[str, Any], seen: dict[str, Any], context: Context, parent: str | None, root: Any = None
) -> list[Record]:
    """A comment and, one level deep, the answers that hang on it."""
    user = _dict(pick(data, "user_info", "userInfo"))
    note = pick(data, "note_id", "noteId") or root
    flat = {
        "id": data.get("id") or seen["item_id"], "text": data.get("content"),
        "created": pick(data, "create_time", "createTime"), "user_id": pick(user, "user_id", "userId"),
        "nickname": pick(user, "nickname"), "likes": pick(data, "like_count", "likeCount"),
        "comments": pick(data, "sub_comment_count", "subCommentCount"),
        "region": pick(data, "ip_location", "ipLocation"), "root": note,
        "parent": pick(_dict(pick(data, "target_comment", "targetComment")), "id") or parent,
    }  # fmt: skip
    records: list[Record] = [post({**seen, **flat}, _NOTE_COMMENT, context)]
    below = _list(pick(data, "sub_comments", "subComments")) if parent is None else []
    for answer in below:
        if isinstance(answer, dict) and answer.get("id"):
            records += _xhs_comments(answer, {**seen, "item_id": None}, context, values.ident(flat["id"]), note)
    return records


# ---------------------------------------------------------------- Douyin


def _douyin(data: dict[str, Any], seen: dict[str, Any], context: Context) -> list[Record]:
    """The API's object and the page's embedded one (camelCase); a live stream is no post."""
    native_id = pick(data, "aweme_id", "awemeId", "group_id")
    if "cellRoom" in data or "cell_room" in data or (native_id is None and data.get("rawdata")):
        raise Skip("import.not_a_post", "live")
    author = _dict(pick(data, "author", "authorInfo"))
    numbers = _dict(pick(data, "statistics", "stats"))
    extra = [_dict(part) for part in _list(pick(data, "text_extra", "textExtra"))]
    native_id = native_id or data.get("id") or seen["item_id"]
    flat = {
        "id": native_id, "text": data.get("desc"), "created": pick(data, "create_time", "createTime"),
        "user_id": pick(author, "uid"), "sec_uid": pick(author, "sec_uid", "secUid"),
        "nickname": pick(author, "nickname"), "likes": pick(numbers, "digg_count", "diggCount"),
        "comments": pick(numbers, "comment_count", "commentCount"),
        "shares": pick(numbers, "share_count", "shareCount"), "saves": pick(numbers, "collect_count", "collectCount"),
        "views": pick(numbers, "play_count", "playCount") or None,  # the web interface says 0 where it tells nothing
        "region": pick(data, "ip_attribution", "ipAttribution"),
        "tags": [pick(part, "hashtag_name", "hashtagName") for part in extra],
        "media": "image" if pick(data, "images") else "video",
        "url": f"https://www.douyin.com/video/{native_id}",
    }  # fmt: skip
    found = post({**flat, **seen}, _AWEME, context)
    return [_with_mention_ids(found, extra, str(data.get("desc") or ""))]


def _with_mention_ids(found: Post, extra: list[Mapping[str, Any]], text: str) -> Post:
    """``text_extra`` gives ids and places of mentions: join them to the names where the places can be read."""
    ids: dict[str, str] = {}
    unplaced: list[str] = []
    for part in extra:
        who = pick(part, "sec_uid", "secUid") or values.ident(pick(part, "user_id", "userId"))
        if not isinstance(who, str):
            continue
        start, end = part.get("start"), part.get("end")
        name = text[start:end].lstrip("@").strip() if isinstance(start, int) and isinstance(end, int) else ""
        if name:
            ids[name] = who
        else:
            unplaced.append(who)
    names = mentions_of("douyin", (), found.text)
    if not ids and len(unplaced) == len(names):
        ids = {mention.name: who for mention, who in zip(names, unplaced, strict=True)}
    return replace(found, mentions=tuple(Mention(m.name, ids.get(m.name)) for m in names)) if ids else found
