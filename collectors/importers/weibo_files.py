"""The three tools of dataabc for Weibo: weibo-search, weibo-crawler, weiboSpider. Times are China time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from xunke.model import Account, Interaction, Media, Post, Record

from . import values
from .base import Context
from .csv_rows import CELLS
from .posts import AccountColumns, PostColumns, Row, account, post
from .values import BadValue


def _has(row: Row, column: str) -> bool:
    return row.get(column) not in (None, "", "无", "[]", [])


def _media(video: str, pictures: str) -> Any:
    def media(row: Row) -> Media | None:
        return "video" if _has(row, video) else "image" if _has(row, pictures) else None

    return media


def _link(user: Any, bid: Any) -> str | None:
    return f"https://weibo.com/{user}/{bid}" if user and isinstance(bid, str) and bid.isalnum() else None


# ---------------------------------------------------------------- weibo-search

_SEARCH_CSV: Final = PostColumns(
    "weibo",
    "id",
    AccountColumns(("user_id",), "用户昵称", region="ip", verified="user_authentication"),
    ("微博正文",),
    created="发布时间",
    url="\0url",
    tags="话题",
    mentions="艾特用户",
    likes="点赞数",
    comments="评论数",
    shares="转发数",
    repost_of="retweet_id",
    region="ip",
    query="\0query",
    media=_media("微博视频url", "微博图片url"),
    keep=("bid", "发布工具"),
)
_SEARCH_SQL: Final = PostColumns(
    "weibo",
    "id",
    AccountColumns(("user_id",), "screen_name", region="ip", verified="user_authentication"),
    ("text",),
    created="created_at",
    url="\0url",
    tags="topics",
    mentions="at_users",
    likes="attitudes_count",
    comments="comments_count",
    shares="reposts_count",
    repost_of="retweet_id",
    region="ip",
    media=_media("video_url", "pics"),
    keep=("bid", "source"),
)


@lru_cache(maxsize=64)
def _keyword(path: Path) -> str | None:
    """weibo-search writes ``KEYWORD/KEYWORD.csv``, percent-encoded where the keyword is a ``#topic#``."""
    return unquote(path.stem) if path.parent.name == path.stem else None


def map_search(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """A row of weibo-search. A reposted original stands in its own row before the repost."""
    row["\0url"] = _link(row.get("user_id"), row.get("bid"))
    if "微博正文" not in row:
        return (post(row, _SEARCH_SQL, context),)
    row["\0query"] = _keyword(context.source.path)
    return (post(row, _SEARCH_CSV, context),)


# ---------------------------------------------------------------- weibo-crawler

_CRAWLER_CSV: Final = PostColumns(
    "weibo",
    "id",
    AccountColumns(()),
    ("正文",),
    created="\0created",
    url="\0url",
    tags="话题",
    mentions="@用户",
    likes="点赞数",
    comments="评论数",
    shares="转发数",
    repost_of="源微博id",
    media=_media("视频url", "原始图片url"),
    keep=("bid", "完整日期", "日期", "工具"),
)
_CRAWLER_ORIGINAL: Final = PostColumns(
    "weibo",
    "源微博id",
    AccountColumns(("源用户id",), "源用户昵称"),
    ("源微博正文",),
    created="\0original created",
    tags="源微博话题",
    mentions="源微博@用户",
    likes="源微博点赞数",
    comments="源微博评论数",
    shares="源微博转发数",
    url="\0original url",
    media=_media("源微博视频url", "源微博原始图片url"),
    keep=("源微博bid", "源微博完整日期", "源微博日期"),
)
_CRAWLER: Final = PostColumns(
    "weibo",
    "id",
    AccountColumns(("user_id",), "screen_name"),
    ("text",),
    created="\0created",
    url="\0url",
    tags="topics",
    mentions="at_users",
    likes="attitudes_count",
    comments="comments_count",
    shares="reposts_count",
    repost_of="retweet_id",
    media=_media("video_url", "pics"),
    keep=("bid", "created_at", "full_created_at", "source"),
)
_CRAWLER_COMMENT: Final = PostColumns(
    "weibo",
    "id",
    AccountColumns(("user_id",), "user_screen_name"),
    ("text",),
    kind="comment",
    created="created_at",
    likes="like_count",
    root="weibo_id",
    reply_to="root_id",
)
_CRAWLER_REPOST: Final = replace(
    _CRAWLER_COMMENT, kind="repost", root=None, reply_to=None, repost_of="weibo_id", keep=("bid",)
)
_CRAWLER_USERS_CSV: Final = AccountColumns(
    ("用户id",),
    "昵称",
    bio="简介",
    url="主页",
    region="IP属地",
    gender="性别",
    followers="粉丝数",
    following="关注数",
    posts="微博数",
    verified="是否认证",
)
_CRAWLER_USER: Final = AccountColumns(
    ("id",),
    "screen_name",
    bio="description",
    url="profile_url",
    region="ip_location",
    gender="gender",
    followers="followers_count",
    following="follow_count",
    posts="statuses_count",
    verified="verified",
)
_CRAWLER_USER_SQL: Final = AccountColumns(
    ("id",),
    "nick_name",
    bio="bio",
    url="main_page_url",
    region="ip_location",
    gender="gender",
    followers="follower_count",
    following="follow_count",
)
_OWN_COLUMNS: Final = 18
"""Cells up to 编辑次数 in a full header; behind them stands the reposted original."""


@lru_cache(maxsize=64)
def _owner(path: Path) -> Account | None:
    """Whose posts a ``{screen_name or uid}/{uid}.csv`` holds: the file name is the id, the folder the name."""
    if not re.fullmatch(r"\d{4,12}", path.stem):
        return None
    folder = values.name(path.parent.name)
    return Account("weibo", path.stem, name=None if folder is None or folder.isdigit() else folder)


def _required(found: Account | None) -> Account:
    if found is None:
        raise BadValue("import.no_id")
    return found


def map_crawler(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """A row of any weibo-crawler file or table."""
    if "正文" in row:
        return _crawler_csv(row, context)
    if "用户id" in row:
        return (_required(account(row, "weibo", _CRAWLER_USERS_CSV, context)),)
    if context.table == "user":
        columns = _CRAWLER_USER_SQL if "nick_name" in row else _CRAWLER_USER
        return (_required(account(row, "weibo", columns, context)),)
    if context.table == "reposts":
        return (post(row, _CRAWLER_REPOST, context),)
    if "weibo_id" in row:
        return (post(row, _CRAWLER_COMMENT, context),)
    return _crawler_json(row, context)


def _fit(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose number of cells is none of the known ones was shifted: only its first columns can be trusted.

    Known: all; an original (up to 是否原创); a repost (two cells fewer than the header).
    """
    cells = row.pop(CELLS, None)
    names = [name for name in row if name[0] != "\0"]
    own = names.index("是否原创") if "是否原创" in names else _OWN_COLUMNS
    if cells is None or cells == own + 1 or "源微博完整日期" in names[-3:] or (cells < own and cells >= 10):
        return row
    return {name: row[name] for name in names[:own]}


def _crawler_csv(row: dict[str, Any], context: Context) -> list[Record]:
    row = _fit(row)
    who = _owner(context.source.path)
    row["\0created"] = row.get("完整日期") or row.get("日期")
    row["\0url"] = _link(who.native_id if who else None, row.get("bid"))
    records: list[Record] = []
    original = values.ident(row.get("源微博id"))
    if original is not None and original != "0":
        row["\0original created"] = row.get("源微博完整日期") or row.get("源微博日期")
        row["\0original url"] = _link(row.get("源用户id"), row.get("源微博bid"))
        records.append(post(row, _CRAWLER_ORIGINAL, context))
    own = post(row, _CRAWLER_CSV, context, who=who)
    if own.kind == "post" and str(row.get("是否原创")).strip() == "False":  # the original is gone
        own = replace(own, kind="repost")
    records.append(own)
    return records


def _crawler_json(row: dict[str, Any], context: Context) -> list[Record]:
    row["\0created"] = row.get("full_created_at") or row.get("created_at")
    row["\0url"] = _link(row.get("user_id"), row.get("bid"))
    retweet = row.pop("retweet", None)
    if not isinstance(retweet, dict) or values.ident(retweet.get("id")) is None:
        own = post(row, _CRAWLER, context)
        return [replace(own, kind="repost") if retweet else own]
    retweet.pop("retweet", None)
    originals = _crawler_json(retweet, context)
    row["retweet_id"] = retweet.get("id")
    return [*originals, post(row, _CRAWLER, context)]


# ---------------------------------------------------------------- weiboSpider

_SPIDER_CSV: Final = PostColumns(
    "weibo",
    "微博id",
    AccountColumns(()),
    ("\0text",),
    created="发布时间",
    url="\0url",
    likes="点赞数",
    comments="评论数",
    shares="转发数",
    media=_media("微博视频url", "原始图片url"),
    keep=("发布工具",),
    keep_words=("微博正文",),
)
_SPIDER: Final = PostColumns(
    "weibo",
    "id",
    AccountColumns(("user_id",)),
    ("\0text",),
    created="publish_time",
    url="\0url",
    likes="up_num",
    comments="comment_num",
    shares="retweet_num",
    media=_media("video_url", "original_pictures"),
    keep=("publish_tool", "original"),
    keep_words=("content",),
)
_SPIDER_USER: Final = AccountColumns(
    ("id",),
    "nickname",
    bio="description",
    gender="gender",
    followers="followers",
    following="following",
    posts="weibo_num",
)
_REPOST_CELL: Final = re.compile(
    r"转发理由[:：](?P<own>.*?)\s*(?:\n\s*原始用户[:：]\s*(?P<who>[^\n]*?)\s*)?\n\s*转发内容[:：](?P<original>.*)",
    re.DOTALL,
)


def map_spider(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """A row of weiboSpider. Its id is the short one and becomes the number that all other formats use.

    A repost is one cell of several lines: own words, the original's author (by name only), the original's text.
    """
    if context.table == "user" or ("nickname" in row and "content" not in row):
        return (_required(account(row, "weibo", _SPIDER_USER, context)),)
    in_csv = "微博id" in row
    columns = _SPIDER_CSV if in_csv else _SPIDER
    short = values.ident(row.get(columns.id))
    if short is None:
        raise BadValue("import.no_id")
    mid = short if short.isdigit() and len(short) >= 14 else values.bid_to_mid(short) or short
    text = values.text(row.get("微博正文") if in_csv else row.get("content"))
    split = _REPOST_CELL.match(text)
    row["\0text"] = split["own"] if split else text
    who = _owner(context.source.path) if in_csv else None
    row["\0url"] = _link(who.native_id if who else row.get("user_id"), short)
    found: Post = post(row, columns, context, who=who, native_id=mid)
    original = row.get("是否为原创微博") if in_csv else row.get("original")
    if split is None and str(original).strip() not in ("False", "0"):
        return (found,)
    found = replace(found, kind="repost")
    source = values.name(split["who"].lstrip("@")) if split and split["who"] else None
    if source is None or found.author is None:
        return (found,)
    edge = Interaction("weibo", found.author, Account("weibo", f"name:{source}", source), "repost", found.created, None)
    return (found, edge)
