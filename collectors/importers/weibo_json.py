"""Dumps of the packages crawl4weibo and mcp-server-weibo: Weibo posts, comments and users as JSON objects.

crawl4weibo writes posts of its own shape; an mblog as the mobile site sends it (its author inside, as mcp-server-weibo
writes it) is read as in a live run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from collectors import weibo_map
from collectors.walk import Unusable
from xunke.model import Account, Post, Record

from . import values
from .base import Context
from .posts import AccountColumns, PostColumns, account, post
from .values import BadValue

_USER: Final = AccountColumns(
    ("id",),
    "screen_name",
    bio="description",
    url="profile_url",
    region="ip_location",
    gender="gender",
    followers="followers_count",
    following="\0following",
    posts="posts_count",
    verified="verified",
)
_POST: Final = PostColumns(
    "weibo",
    "id",
    AccountColumns(("user_id",), "\0name"),
    ("\0text",),
    created="created_at",
    tags="topic_ids",
    likes="attitudes_count",
    comments="comments_count",
    shares="reposts_count",
    repost_of="\0retweet",
    region="\0region",
    keep=("source", "region_name", "location"),
    keep_words=("text",),
    media=lambda row: (
        "video"
        if row.get("video_url") or row.get("videos")
        else "image"
        if row.get("pic_urls") or row.get("pics")
        else None
    ),
)
_COMMENT: Final = PostColumns(
    "weibo",
    "id",
    AccountColumns(("user_id",), "user_screen_name"),
    ("\0text",),
    kind="comment",
    created="created_at",
    likes="like_counts",
    root="\0root",
    reply_to="reply_id",
    region="\0region",
    keep=("source",),
    keep_words=("text",),
)
_COMMENT_AUTHOR: Final = AccountColumns(
    ("user_id",), "user_screen_name", followers="user_followers_count", verified="user_verified", region="\0region"
)
_MID: Final = re.compile(r"(?<!\d)\d{15,20}(?!\d)")
MAX_DEPTH: Final = 3


def map_row(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """A post with what hangs on it (its original before it, its comments behind it), a comment, or a user."""
    if "attitudes_count" in row or "topic_ids" in row:
        return _post(row, context, 0)
    if "user_screen_name" in row or isinstance(row.get("user"), dict):
        found = _MID.search(context.source.path.stem)  # a dump of comments does not say of which post
        return (_comment(row, context, found[0] if found else None),)
    who = _account(row, context)
    if who is None or "screen_name" not in row:
        raise BadValue("import.unknown_row", ", ".join(list(row)[:6]))
    return (who,)


def _account(row: dict[str, Any], context: Context) -> Account | None:
    row = {**row, "\0following": row.get("following_count", row.get("follow_count"))}
    return account(row, "weibo", _USER, context)


def _prepared(row: dict[str, Any], context: Context) -> tuple[dict[str, Any], Account | None]:
    """Text without HTML, the place that stands in one of three columns, and the author if described in full."""
    text = row.get("text")
    raw_text = row.get("raw_text")
    text = raw_text if isinstance(raw_text, str) and raw_text.strip() and not text else text
    place = values.region(row.get("region_name")) or values.source_region(row.get("source"))
    more = {**row, "\0text": values.strip_html(text) if isinstance(text, str) else text, "\0region": place}
    user = row.get("user")
    return more, _account(user, context) if isinstance(user, dict) else None


def _mblog(row: dict[str, Any], context: Context) -> list[Post]:
    """A post as the mobile site sends it, behind those that it reposts; [] if it is none."""
    if not isinstance(row.get("user"), dict):
        return []
    try:
        found: weibo_map.Mblog | None = weibo_map.status(row, context.source.reference)
    except Unusable:
        return []
    for column in (_POST.likes, _POST.comments, _POST.shares):
        if column:
            context.field(values.count, row, column)  # notes what is no count
    posts: list[Post] = []
    while found is not None:
        posts.append(found.post)
        found = found.original
    return posts[::-1]


def _post(row: dict[str, Any], context: Context, depth: int) -> list[Post]:
    *before, found = _mblog(row, context) or _own_shape(row, context, depth)
    comments = row.get("comments")
    after: list[Post] = []
    for comment in comments if isinstance(comments, list) else ():
        try:
            after.append(_comment(comment, context, found.native_id))
        except (BadValue, AttributeError) as bad:
            context.noted.append((getattr(bad, "key", "import.bad_row"), f"comments: {getattr(bad, 'detail', '')}"))
    return [*before, found, *after]


def _own_shape(row: dict[str, Any], context: Context, depth: int) -> list[Post]:
    """A post as crawl4weibo writes it, behind what it reposts."""
    row, who = _prepared(row, context)
    before: list[Post] = []
    original = row.get("retweeted_status")
    if isinstance(original, dict) and depth < MAX_DEPTH and values.ident(original.get("id")):
        before = _post(original, context, depth + 1)
        row["\0retweet"] = original["id"]
    return [*before, post(row, _POST, context, who=who)]


def _comment(row: dict[str, Any], context: Context, root: str | None) -> Post:
    row, who = _prepared(row, context)
    if who is None:
        who = account(row, "weibo", _COMMENT_AUTHOR, context)
    row["\0root"] = root
    return post(row, _COMMENT, context, who=who)
