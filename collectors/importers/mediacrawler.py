"""MediaCrawler: seven platforms, five kinds of rows, two generations, six containers.

Generation 1 has user ids; generation 2 (since July 2026) only ``creator_hash``. Which one a row is of shows
in its columns, so both may stand in one file. Column names: the tool's ``store/`` and ``database/models.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from xunke.model import Account, Interaction, Media, Record

from . import values
from .base import Context
from .posts import AccountColumns, PostColumns, Row, account, fetched, post
from .source import Source
from .values import BadValue


def _media(column: str, videos: frozenset[str], images: str | None = None) -> Callable[[Row], Media | None]:
    def media(row: Row) -> Media | None:
        if str(row.get(column)) in videos:
            return "video"
        return "image" if images and row.get(images) else None

    return media


def _video(_: Row) -> Media:
    return "video"


def _douyin_media(row: Row) -> Media:
    return "image" if row.get("note_download_url") or str(row.get("aweme_type")) == "68" else "video"


_PERSON: Final = AccountColumns(("user_id",), "nickname", "creator_hash", region="ip_location", gender="gender")
_DOUYIN: Final = replace(_PERSON, id=("sec_uid", "user_id"))
_BILI: Final = replace(_PERSON, region=None, gender="sex")
_TIEBA: Final = AccountColumns(("\0portrait",), "user_nickname", "creator_hash", region="ip_location")
_ZHIHU: Final = AccountColumns(
    ("user_id",), "user_nickname", "creator_hash", handle="user_url_token", url="user_link", region="ip_location"
)
_T: Final = "last_modify_ts"

CONTENTS: Final[dict[str, PostColumns]] = {
    "weibo": PostColumns(
        "weibo", "note_id", _PERSON, ("content",), created="create_time", unit="s", url="note_url",
        likes="liked_count", comments="comments_count", shares="shared_count", region="ip_location",
        query="source_keyword", fetched=_T,
    ),
    "xiaohongshu": PostColumns(
        "xiaohongshu", "note_id", _PERSON, ("desc",), title="title", created="time", unit="ms", url="note_url",
        tags="tag_list", likes="liked_count", comments="comment_count", shares="share_count",
        saves="collected_count", region="ip_location", query="source_keyword", fetched=_T,
        media=_media("type", frozenset({"video"}), "image_list"), keep=("type", "last_update_time"),
    ),
    "douyin": PostColumns(
        "douyin", "aweme_id", _DOUYIN, ("desc",), created="create_time", unit="s", url="aweme_url",
        likes="liked_count", comments="comment_count", shares="share_count", saves="collected_count",
        region="ip_location", query="source_keyword", fetched=_T, media=_douyin_media, keep=("aweme_type",),
    ),
    "kuaishou": PostColumns(
        "kuaishou", "video_id", _PERSON, ("desc",), created="create_time", unit="ms", url="video_url",
        likes="liked_count", views="viewd_count", query="source_keyword", fetched=_T, media=_video,
        keep=("video_type",),
    ),
    "bilibili": PostColumns(
        "bilibili", "video_id", _BILI, ("desc",), title="title", created="create_time", unit="s", url="video_url",
        likes="liked_count", comments="video_comment", shares="video_share_count", saves="video_favorite_count",
        views="video_play_count", query="source_keyword", fetched=_T, media=_video,
        keep=("video_coin_count", "video_danmaku"),
    ),
    "tieba": PostColumns(
        "tieba", "note_id", _TIEBA, ("desc",), title="title", created="publish_time", url="note_url",
        comments="total_replay_num", group="\0forum", group_name="tieba_name", group_kind="tieba",
        region="ip_location", query="source_keyword", fetched=_T, keep=("tieba_id", "total_replay_page"),
    ),
    "zhihu": PostColumns(
        "zhihu", "content_id", _ZHIHU, ("content_text",), title="title", created="created_time", unit="s",
        url="content_url", likes="voteup_count", comments="comment_count", group="question_id",
        group_name="\0question", group_kind="question", query="source_keyword", fetched=_T,
        media=_media("content_type", frozenset({"zvideo"})), keep=("content_type", "updated_time", "desc"),
    ),
}  # fmt: skip


def _comments(of: str, root: str, **fields: Any) -> PostColumns:
    base: dict[str, Any] = {
        "platform": of, "id": "comment_id", "author": CONTENTS[of].author, "text": ("content",), "kind": "comment",
        "created": "create_time", "unit": CONTENTS[of].unit, "root": root, "reply_to": "parent_comment_id",
        "comments": "sub_comment_count", "likes": "like_count", "region": "ip_location", "fetched": _T,
    }  # fmt: skip
    return PostColumns(**(base | fields))


COMMENTS: Final[dict[str, PostColumns]] = {
    "weibo": _comments("weibo", "note_id", likes="comment_like_count"),
    "xiaohongshu": _comments("xiaohongshu", "note_id"),
    "douyin": _comments("douyin", "aweme_id"),
    "kuaishou": _comments("kuaishou", "video_id", reply_to=None, likes=None, region=None),
    "bilibili": _comments("bilibili", "video_id", region=None),
    "tieba": _comments(
        "tieba", "note_id", created="publish_time", likes=None, group="\0forum", group_name="tieba_name",
        group_kind="tieba", keep=("tieba_id",),
    ),
    "zhihu": _comments("zhihu", "content_id", created="publish_time", keep=("content_type", "dislike_count")),
}  # fmt: skip

_PROFILE: Final = AccountColumns(
    ("user_id",), "nickname", "creator_hash", bio="desc", region="ip_location", gender="gender", followers="fans",
    following="follows", fetched=_T,
)  # fmt: skip
CREATORS: Final[dict[str, AccountColumns]] = {
    "weibo": replace(_PROFILE, gender="\0gender"),
    "xiaohongshu": replace(_PROFILE, tags="\0tags"),
    "douyin": replace(_PROFILE, posts="videos_count"),
    "kuaishou": _PROFILE,
    "bilibili": replace(
        _PROFILE, bio="sign", gender="sex", region=None, followers="total_fans", following=None, verified="\0official"
    ),
    "tieba": replace(_PROFILE, id=("user_id",), handle="user_name", bio=None),
    "zhihu": replace(
        _PROFILE, name="user_nickname", handle="url_token", url="user_link", bio=None
    ),
}  # fmt: skip
_DYNAMICS: Final = PostColumns(
    "bilibili", "dynamic_id", AccountColumns(("user_id",), "user_name", "creator_hash"), ("text",), created="pub_ts",
    unit="s", likes="total_liked", comments="total_comments", shares="total_forwards", fetched=_T, keep=("type",),
)  # fmt: skip

TABLES: Final[dict[str, tuple[str, str]]] = {
    "weibo_creator": ("weibo", "creators"), "xhs_creator": ("xiaohongshu", "creators"),
    "dy_creator": ("douyin", "creators"), "bilibili_up_info": ("bilibili", "creators"),
    "tieba_creator": ("tieba", "creators"), "zhihu_creator": ("zhihu", "creators"),
    "weibo_note": ("weibo", "contents"), "xhs_note": ("xiaohongshu", "contents"),
    "douyin_aweme": ("douyin", "contents"), "kuaishou_video": ("kuaishou", "contents"),
    "bilibili_video": ("bilibili", "contents"), "tieba_note": ("tieba", "contents"),
    "zhihu_content": ("zhihu", "contents"), "bilibili_up_dynamic": ("bilibili", "dynamics"),
    "weibo_note_comment": ("weibo", "comments"), "xhs_note_comment": ("xiaohongshu", "comments"),
    "douyin_aweme_comment": ("douyin", "comments"), "kuaishou_video_comment": ("kuaishou", "comments"),
    "bilibili_video_comment": ("bilibili", "comments"), "tieba_comment": ("tieba", "comments"),
    "zhihu_comment": ("zhihu", "comments"), "bilibili_contact_info": ("bilibili", "contacts"),
}  # fmt: skip
"""Database tables, in the order in which they are read: people, posts, comments, relations."""

_FOLDERS: Final = {
    "weibo": "weibo", "wb": "weibo", "xhs": "xiaohongshu", "xiaohongshu": "xiaohongshu", "douyin": "douyin",
    "dy": "douyin", "kuaishou": "kuaishou", "ks": "kuaishou", "bili": "bilibili", "bilibili": "bilibili",
    "tieba": "tieba", "zhihu": "zhihu",
}  # fmt: skip
_KINDS: Final = ("contents", "comments", "creators", "contacts", "dynamics")
_SIGNS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("contents:douyin", frozenset({"aweme_id", "aweme_type"})),
    ("contents:xiaohongshu", frozenset({"note_id", "xsec_token"})),
    ("contents:xiaohongshu", frozenset({"note_id", "image_list"})),
    ("contents:xiaohongshu", frozenset({"note_id", "collected_count"})),
    ("contents:tieba", frozenset({"note_id", "total_replay_num"})),
    ("contents:bilibili", frozenset({"video_id", "video_danmaku"})),
    ("contents:bilibili", frozenset({"video_id", "video_play_count"})),
    ("contents:kuaishou", frozenset({"video_id", "viewd_count"})),
    ("contents:zhihu", frozenset({"content_id", "voteup_count"})),
    ("comments:tieba", frozenset({"comment_id", "tieba_name"})),
    ("comments:zhihu", frozenset({"comment_id", "content_id"})),
    ("comments:douyin", frozenset({"comment_id", "aweme_id"})),
    ("comments:bilibili", frozenset({"comment_id", "video_id", "parent_comment_id"})),
    ("comments:kuaishou", frozenset({"comment_id", "video_id"})),
    ("comments:weibo", frozenset({"comment_id", "note_id", "comment_like_count"})),
    ("comments:weibo", frozenset({"comment_id", "note_id", "create_date_time"})),
    ("comments:xiaohongshu", frozenset({"comment_id", "note_id"})),
    ("contacts:bilibili", frozenset({"up_id", "fan_id"})),
    ("dynamics:bilibili", frozenset({"dynamic_id", "pub_ts"})),
    ("contents:weibo", frozenset({"note_id", "content"})),
    ("creators:zhihu", frozenset({"user_id", "url_token", "get_voteup_count"})),
    ("creators:tieba", frozenset({"user_id", "registration_duration"})),
    ("creators:bilibili", frozenset({"user_id", "total_fans"})),
    ("creators:douyin", frozenset({"user_id", "videos_count"})),
)
"""Columns that only one platform and kind has, the telling ones first."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A platform and a kind of rows."""

    platform: str
    kind: str


def kind_of(row: Row, table: str, source: Source) -> Kind | None:
    """Platform and kind of a row: by its table, else by its columns, else (creators) by the file's path."""
    return _kind_of(tuple(row), table, source.path)


@lru_cache(maxsize=256)
def _kind_of(row: tuple[str, ...], table: str, path: Path) -> Kind | None:
    if table in TABLES:
        return Kind(*TABLES[table])
    for sign, columns in _SIGNS:
        if columns.issubset(row):
            kind, platform = sign.split(":")
            return Kind(platform, kind)
    if "user_id" in row and "nickname" in row and "fans" in row:
        if found := _platform_in_path(path):
            return Kind(found, "creators")
        if "tag_list" in row:  # the three others have no columns of their own
            return Kind("xiaohongshu" if "interaction" in row else "weibo", "creators")
    return None


def _platform_in_path(path: Path) -> str | None:
    stem = path.stem.lower()
    names = [part.lower() for part in reversed(path.parts[:-1])]
    words = re.split(r"[^a-z]+", stem)
    for name in [*words, *names[:4]]:
        if name in _FOLDERS:
            return _FOLDERS[name]
    return None


def recognises(row: Row, source: Source) -> bool:
    """Whether a row with these columns is one of MediaCrawler's."""
    return "last_modify_ts" in row and kind_of(row, "", source) is not None


def _tieba(row: Row) -> Row:
    """The author's id is only in the link of the profile (``id=`` portrait); a forum's id is its name without 吧."""
    more = dict(row)
    link = row.get("user_link")
    if isinstance(link, str) and (found := parse_qs(urlsplit(link).query).get("id")):
        more["\0portrait"] = found[0].partition("?")[0]
    elif "user_id" in row:
        more["\0portrait"] = row["user_id"]
    forum = row.get("tieba_name")
    if isinstance(forum, str) and forum.strip():
        more["\0forum"] = forum.strip().removesuffix("吧") or forum
    return more


def _zhihu(row: Row) -> Row:
    """The title of an answer is its question's."""
    return {**row, "\0question": row.get("title")} if row.get("question_id") else row


def _xhs_creator(row: Row) -> Row:
    """``tag_list`` of a creator is a JSON text ``{tagType: name}``."""
    text = row.get("tag_list")
    if not isinstance(text, str) or not text.startswith("{"):
        return row
    from .json_rows import decode

    tags, _ = decode(text.encode("utf-8", "replace"))
    return {**row, "\0tags": [str(tag) for tag in tags.values()]} if isinstance(tags, dict) else row


def _bili_creator(row: Row) -> Row:
    """``is_official``: −1 none, 0 a person, 1 an organisation."""
    mark = row.get("is_official")
    return {**row, "\0official": str(mark) in ("0", "1")} if mark not in (None, "") else row


def _weibo_creator(row: Row) -> Row:
    """The tool writes ``Female`` for f and ``Male`` for all else, unknown too: only the first is a statement."""
    return {**row, "\0gender": "f"} if row.get("gender") == "Female" else row


_PREPARE: Final[dict[tuple[str, str], Callable[[Row], Row]]] = {
    ("tieba", "contents"): _tieba,
    ("tieba", "comments"): _tieba,
    ("zhihu", "contents"): _zhihu,
    ("weibo", "creators"): _weibo_creator,
    ("xiaohongshu", "creators"): _xhs_creator,
    ("bilibili", "creators"): _bili_creator,
}


def map_row(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """One MediaCrawler row to its record."""
    kind = kind_of(row, context.table, context.source)
    if kind is None:
        raise BadValue("import.unknown_row", ", ".join(list(row)[:6]))
    platform = kind.platform
    if (prepare := _PREPARE.get((platform, kind.kind))) is not None:
        row = dict(prepare(row))
    if kind.kind == "contents":
        return (post(row, CONTENTS[platform], context),)
    if kind.kind == "comments":
        return (post(row, COMMENTS[platform], context),)
    if kind.kind == "dynamics":
        return (post(row, _DYNAMICS, context),)
    if kind.kind == "contacts":
        return (_contact(row),)
    found = account(row, platform, CREATORS[platform], context)
    if found is None:
        raise BadValue("import.no_id")
    return (found,)


def _contact(row: Row) -> Interaction:
    """A follow edge from fan to up; MediaCrawler does not know since when."""
    up, fan = values.ident(row.get("up_id")), values.ident(row.get("fan_id"))
    if up is None or fan is None:
        raise BadValue("import.no_id")
    seen = fetched(row.get(_T))
    return Interaction(
        "bilibili",
        Account(
            "bilibili",
            fan,
            values.name(row.get("fan_name")),
            bio=values.text(row.get("fan_sign")) or None,
            fetched=seen,
        ),
        Account(
            "bilibili", up, values.name(row.get("up_name")), bio=values.text(row.get("up_sign")) or None, fetched=seen
        ),
        "follow",
    )
