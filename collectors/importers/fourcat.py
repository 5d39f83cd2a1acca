"""4CAT exports: NDJSON (the platform's object with ``__import_meta``), and CSV of five kinds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from xunke.model import Record

from . import values
from .base import Context
from .posts import AccountColumns, PostColumns, post
from .values import BadValue
from .zeeschuimer import item

_UNKNOWN: Final = frozenset({"unknown", "n/a", "missing_data"})
_BY_NAME: Final = AccountColumns((), "author")

_XHS: Final = PostColumns(
    "xiaohongshu",
    "id",
    _BY_NAME,
    ("body",),
    title="title",
    created="\0created",
    url="url",
    tags="hashtags",
    likes="likes",
    keep=("unix_timestamp",),
    media=lambda row: (
        "video" if row.get("video_url") else "image" if row.get("image_urls") or row.get("image_url") else None
    ),
)
_XHS_COMMENT: Final = PostColumns(
    "xiaohongshu",
    "id",
    AccountColumns((), "author", region="ip_location"),
    ("body",),
    kind="comment",
    created="\0created",
    root="thread_id",
    likes="likes",
    comments="replies",
    region="ip_location",
    keep=("unix_timestamp",),
)
_DOUYIN: Final = PostColumns(
    "douyin",
    "id",
    AccountColumns(("\0sec_uid", "author_user_id"), "author_nickname", region="author_region"),
    ("body",),
    created="\0created",
    url="post_url",
    tags="hashtags",
    mentions="mentions",
    likes="digg_count",
    comments="comment_count",
    shares="share_count",
    saves="collect_count",
    views="\0views",
    region="region",
    keep=("unix_timestamp",),
    media=lambda row: "image" if row.get("image_urls") and not row.get("video_url") else "video",
)
_DOUBAN: Final = PostColumns(
    "douban",
    "id",
    AccountColumns(("author_id",), "author"),
    ("body",),
    title="subject",
    created="\0created",
    likes="likes",
    group="group_id",
    group_name="group_name",
    group_kind="douban_group",
    keep=("is_reply", "thread_id", "unix_timestamp"),
)
_WEIBO: Final = PostColumns(
    "weibo", "\0id", AccountColumns((), "\0author"), ("\0text",), created="\0created", keep_words=("txt", "body")
)
_MONTH_DAY: Final = re.compile(r"(?:(\d{4})年?[-\s]?)?(\d{1,2})月(\d{1,2})日(?:\s*(\d{1,2}):(\d{2}))?")
_PROFILE: Final = re.compile(r"/user/(MS4w[\w.-]+)")


def map_row(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """One row of a 4CAT file; which kind of data set it is of shows in its columns."""
    meta = row.pop("__import_meta", None)
    if isinstance(meta, dict):
        return item(str(meta.get("source_platform") or ""), row, meta, context)
    row = {key: None if isinstance(v, str) and v.strip().lower() in _UNKNOWN else v for key, v in row.items()}
    row["\0created"] = row.get("unix_timestamp") or row.get("timestamp")
    if "author_nickname" in row and "digg_count" in row:
        return _douyin(row, context)
    if "group_id" in row and "is_reply" in row:
        return _douban(row, context)
    if "from1" in row or "collected_from_url" not in row:
        return _weibo(row, context)
    if _host(row) not in ("xiaohongshu.com", "rednote.com", ""):
        raise BadValue("import.platform_not_read", _host(row))
    columns = _XHS if "title" in row else _XHS_COMMENT
    found = post(row, columns, context)
    return (replace(found, url=None) if columns is _XHS_COMMENT else found,)


def _host(row: dict[str, Any]) -> str:
    try:
        host = urlsplit(str(row.get("collected_from_url") or row.get("url") or "")).hostname or ""
    except ValueError:
        return ""
    return ".".join(host.split(".")[-2:])


def _douyin(row: dict[str, Any], context: Context) -> Iterable[Record]:
    profile = _PROFILE.search(str(row.get("author_profile_url")))
    row["\0sec_uid"] = profile[1] if profile else None
    views = row.get("play_count")
    row["\0views"] = None if views in ("0", 0) else views  # the web interface says 0 where it tells nothing
    return (post(row, _DOUYIN, context),)


def _douban(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """A row is a comment when its id is not its thread's."""
    thread = values.ident(row.get("thread_id"))
    if thread is None or thread == values.ident(row.get("id")):
        return (post(row, _DOUBAN, context),)
    return (post(row, replace(_DOUBAN, kind="comment", root="thread_id", title=None), context),)


def _weibo(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """Weibo by way of 八爪鱼. The only ids are running numbers of the file, so an id is made of what the row says."""
    row["\0text"] = row.get("txt") or row.get("body")
    row["\0author"] = row.get("标题") if "txt" in row else row.get("author")
    if "from1" in row:
        row["\0created"] = _when(row["from1"], context)
    parts = "\0".join(str(row.get(key) or "") for key in ("\0author", "\0created", "\0text"))
    if not (row["\0text"] and row["\0author"]):
        raise BadValue("import.no_text")
    row["\0id"] = "sha:" + hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:16]
    return (post(row, _WEIBO, context),)


def _when(value: Any, context: Context) -> int | None:
    """``MM月DD日 HH:MM``: the last such moment before the file was made; with a year in front as it stands."""
    found = _MONTH_DAY.search(value) if isinstance(value, str) else None
    if found is None:
        moment = values.when(value, reference=context.source.reference)
        return moment[0] if moment else None
    year, month, day, hour, minute = found.groups()
    clock = f"{int(month):02d}-{int(day):02d} {int(hour or 0):02d}:{minute or '00'}"
    if year is None and context.source.reference is not None:
        for candidate in (datetime.fromtimestamp(context.source.reference, UTC).year + shift for shift in (1, 0, -1)):
            try:
                moment = values.when(f"{candidate}-{clock}")
            except BadValue:  # 29 February
                continue
            if moment and moment[0] <= context.source.reference + 86400:
                return moment[0]
    if year is None:
        raise BadValue("import.relative_time", value)
    moment = values.when(f"{year}-{clock}")
    return moment[0] if moment else None
