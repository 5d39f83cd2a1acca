"""Which container a file is and which format it holds: by content, the name only breaks ties."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Final, Literal

from xunke.errors import BadInput

from . import followers, mediacrawler, purchases, touches
from .base import RawRow
from .binary_rows import sqlite_rows, sqlite_tables, xlsx_rows, xlsx_sheets
from .csv_rows import csv_header, csv_rows
from .json_rows import json_document, json_lines
from .source import Source
from .suggest import suggest_mapping

Container = Literal["jsonl", "json", "csv", "sqlite", "xlsx", "xml"]

_LINE_NAMES: Final = frozenset({".jsonl", ".ndjson"})
_LOOK: Final = 50


def container(source: Source) -> Container:
    """The container of a file, by its first bytes. Raises BadInput for an empty or binary one."""
    head = source.head()
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if not head:
        raise BadInput("import.empty", path=source.shown)
    if head.startswith(
        (b"\xd0\xcf\x11\xe0", b"PAR1", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")
    ):
        raise BadInput("import.unknown_container", path=source.shown)
    start = next(source.chunks(), b"").lstrip()
    if source.path.suffix.lower() in _LINE_NAMES:
        return _lines_or_document(source, "jsonl") if start.startswith(b"{") else "jsonl"
    if start.startswith(b"<"):
        return "xml"
    if start.startswith(b"["):
        return "json"
    if start.startswith(b"{"):
        return _lines_or_document(source)
    return "csv"


def _lines_or_document(source: Source, otherwise: Container = "json") -> Container:
    """JSON Lines, unless the first object spans lines or holds arrays of rows (weibo-crawler, JSON Feed)."""
    rows = list(islice(_lines_at_margin(source), _LOOK))
    if not rows:
        return otherwise
    value = rows[0][1]
    if len(rows) == 1 and isinstance(value, dict):
        holders = ("weibo", "items", "item", "data", "posts", "results", "statuses")
        if any(isinstance(value.get(key), list | dict) for key in holders) and "source_platform" not in value:
            return "json"
    return "jsonl"


def _lines_at_margin(source: Source) -> Iterator[RawRow]:
    for row in islice(json_lines(source), _LOOK):
        if row[1] is not None:
            yield row


def reader(kind: Container, tables: tuple[str, ...] = ()) -> Callable[[Source], Iterator[RawRow]]:
    """How to read the rows of a container; ``tables`` names those of an SQLite file."""
    plain: dict[str, Callable[[Source], Iterator[RawRow]]] = {
        "jsonl": json_lines, "json": json_document, "csv": csv_rows, "xlsx": xlsx_rows,
    }  # fmt: skip
    if kind == "sqlite":
        return lambda source: sqlite_rows(source, tables)
    if kind == "xml":
        raise BadInput("import.unknown_container")
    return plain[kind]


_COLUMNS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("zeeschuimer", frozenset({"source_platform", "data", "item_id"})),
    ("4cat", frozenset({"__import_meta"})),
    ("weibo-search", frozenset({"用户昵称", "retweet_id"})),
    ("weibo-search", frozenset({"user_authentication", "attitudes_count"})),
    ("weibo-search", frozenset({"用户昵称", "微博正文", "发布时间"})),
    ("weibo-crawler", frozenset({"完整日期"})),
    ("weibo-crawler", frozenset({"源微博id"})),
    ("weibo-crawler", frozenset({"bid", "正文", "日期"})),
    ("weibo-crawler", frozenset({"用户id", "昵称", "粉丝数"})),
    ("weibo-crawler", frozenset({"id", "weibo_id", "user_screen_name"})),
    ("weibo-crawler", frozenset({"full_created_at", "attitudes_count"})),
    ("weibospider", frozenset({"微博id", "发布工具"})),
    ("weibospider", frozenset({"up_num", "publish_time"})),
    ("4cat", frozenset({"collected_from_url"})),
    ("4cat", frozenset({"thread_id", "body", "timestamp"})),
    ("4cat", frozenset({"from1", "标题", "txt"})),
    ("interactions", frozenset({"actor", "target", "kind"})),
    ("crawl4weibo", frozenset({"id", "text", "attitudes_count"})),
    ("crawl4weibo", frozenset({"id", "text", "user_screen_name"})),
    ("crawl4weibo", frozenset({"id", "text", "user", "reply_id"})),
    ("crawl4weibo", frozenset({"id", "screen_name", "followers_count"})),
)
"""Columns that only one format has; the first that fits decides."""

_FEED_ITEM: Final = ("content_html", "content_text", "date_published", "pubDate")


def classify(columns: Collection[str], table: str, source: Source) -> str | None:
    """The format whose rows have these columns (header, keys of an object); MISSING when none."""
    row = dict.fromkeys(columns)
    if mediacrawler.recognises(row, source):
        return "mediacrawler"
    if table == "user":
        if "nickname" in row and "weibo_num" in row:
            return "weibospider"
        if "screen_name" in row and "follow_count" in row:
            return "weibo-crawler"
    if table in ("items", "item") and any(key in row for key in _FEED_ITEM):
        return "feed"
    for name, wanted in _COLUMNS:
        if wanted <= row.keys():
            return name
    if followers.is_list(columns):
        return "followers"
    if purchases.is_purchases(columns):
        return "purchases"
    if {"actor", "target", "kind"} <= {name.strip().lower() for name in columns}:
        return "interactions"
    if touches.is_book(columns):
        return "touches"
    return None


def _sqlite_format(source: Source) -> str | None:
    tables = sqlite_tables(source)
    if any(name in tables for name in mediacrawler.TABLES):
        return "mediacrawler"
    weibo = tables.get("weibo", [])
    if "user_authentication" in weibo:
        return "weibo-search"
    if "up_num" in weibo:
        return "weibospider"
    if "attitudes_count" in weibo or {"bins", "comments"} <= tables.keys():
        return "weibo-crawler"
    return None


def samples(source: Source, kind: Container) -> list[tuple[str, list[str]]]:
    """Tables and column names of the first readable rows."""
    if kind == "csv":
        return [("", csv_header(source)[0])]
    if kind == "xlsx":
        return list(xlsx_sheets(source).items())
    rows = islice(reader(kind)(source), _LOOK * 4)
    return [(table, list(value)) for table, value, _ in rows if isinstance(value, dict)][:_LOOK]


def detect(source: Source) -> tuple[str, Container]:
    """Format and container of a file.

    Raises BadInput: ``import.unknown_format`` (with the first column names) when a mapping has to be given.
    """
    kind = container(source)
    if kind == "xml":
        return "feed", kind
    if kind == "sqlite":
        if (found := _sqlite_format(source)) is None:
            raise BadInput(
                "import.unknown_format", path=source.shown, columns=", ".join(list(sqlite_tables(source))[:12])
            )
        return found, kind
    found_samples = samples(source, kind)
    for table, columns in found_samples:
        if (found := classify(columns, table, source)) is not None:
            return found, kind
    for _, columns in found_samples:
        if suggest_mapping(columns) is not None:
            return "table", kind
    shown = ", ".join(name[:40] for name in (found_samples[0][1] if found_samples else [])[:12])
    raise BadInput("import.unknown_format", path=source.shown, columns=shown)
