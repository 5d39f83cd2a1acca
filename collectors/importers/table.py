"""Any table by a mapping of columns: the way in for what no other format knows."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, cast, get_args

from xunke.errors import BadInput
from xunke.model import Account, PostKind, Record

from . import values
from .base import Context, RawRow, RowImporter
from .posts import AccountColumns, PostColumns, Row, account, post
from .source import MAX_LINE, Source
from .values import BadValue

FIELDS: Final = (
    "id", "text", "title", "author", "author_id", "handle", "bio", "author_url", "created", "url", "likes",
    "comments", "shares", "saves", "views", "tags", "mentions", "region", "gender", "occupation", "followers",
    "following", "posts", "verified", "platform", "group", "group_id", "query", "root", "reply_to", "repost_of",
    "fetched",
)  # fmt: skip
"""What a column may be mapped to."""
KINDS: Final = (*get_args(PostKind), "account")
PLATFORM: Final = "file"
_SETTINGS: Final = ("platform", "kind", "zone", "time_unit", "reference", "query", "table", "columns")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping, checked. ``columns``: our field → their column.

    ``reference`` (UTC epoch): what ``3天前`` counts from."""

    columns: Mapping[str, str]
    platform: str = PLATFORM
    kind: str = "post"
    zone: str = values.CHINA
    unit: str = ""
    reference: int | None = None
    query: str | None = None
    table: str = ""
    specs: dict[str, tuple[PostColumns, AccountColumns]] = field(default_factory=dict)

    def spec(self, platform: str) -> tuple[PostColumns, AccountColumns]:
        """The column tables of one platform."""
        if platform not in self.specs:
            if len(self.specs) > 1000:
                raise BadValue("import.bad_platform", platform)
            self.specs[platform] = self._spec(platform)
        return self.specs[platform]

    def _spec(self, platform: str) -> tuple[PostColumns, AccountColumns]:
        c = self.columns.get
        own = c("author_id") or (c("id") if self.kind == "account" else None)
        who = AccountColumns(
            (own,) if own else (), c("author"), handle=c("handle"), bio=c("bio"), url=c("author_url"),
            region=c("region"), gender=c("gender"), occupation=c("occupation"), followers=c("followers"),
            following=c("following"), posts=c("posts"), verified=c("verified"),
            tags=c("tags") if self.kind == "account" else None, fetched=c("fetched"),
        )  # fmt: skip
        kind: PostKind = "post" if self.kind == "account" else cast(PostKind, self.kind)
        return PostColumns(
            platform, c("id") or "\0id", who, (c("text") or "\0text",), kind=kind, title=c("title"),
            created=c("created"), unit=self.unit, zone=self.zone, url=c("url"), tags=c("tags"),
            mentions=c("mentions"), likes=c("likes"), comments=c("comments"), shares=c("shares"), saves=c("saves"),
            views=c("views"),
            root=c("root"), reply_to=c("reply_to"), repost_of=c("repost_of"), group=c("group_id"),
            group_name=c("group"), region=c("region"), query=c("query"), fetched=c("fetched"),
        ), who  # fmt: skip


def load_mapping(mapping: Path | str | Mapping[str, Any]) -> Mapped:
    """Check a mapping: a TOML or JSON file, or its content. Raises BadInput that names what is wrong."""
    given = read_mapping(mapping)
    if unknown := [str(key) for key in given if key not in _SETTINGS]:
        raise _bad(unknown[0])
    columns = given.get("columns")
    if not isinstance(columns, Mapping) or not columns:
        raise _bad("columns")
    for key, column in columns.items():
        if key not in FIELDS or not isinstance(column, str) or not column.strip():
            raise _bad(f"columns.{key}")
    kind = given.get("kind", "post")
    unit = {"s": "s", "ms": "ms", "auto": ""}.get(given.get("time_unit", "auto"))
    strings = {key: given.get(key, default) for key, default in (
        ("platform", PLATFORM), ("zone", values.CHINA), ("query", None), ("table", ""))}  # fmt: skip
    for key, value in strings.items():
        if not (value is None or isinstance(value, str)) or (key == "platform" and not value):
            raise _bad(key)
    if kind not in KINDS:
        raise _bad("kind")
    if unit is None:
        raise _bad("time_unit")
    needed = ("author", "author_id", "id") if kind == "account" else ("text", "title")
    if not any(name in columns for name in needed):
        raise _bad(f"columns.{needed[0]}")
    try:
        values.zone_of(strings["zone"])
        moment = given.get("reference")
        text = str(moment) if isinstance(moment, date) else moment
        reference = values.when(text, strings["zone"]) if text is not None else None
    except BadValue as bad:
        raise _bad(bad.detail) from bad
    return Mapped(
        {str(key): column.strip() for key, column in columns.items()}, strings["platform"], kind, strings["zone"],
        unit, reference[0] if reference else None, values.name(strings["query"]), strings["table"],
    )  # fmt: skip


def read_mapping(mapping: Path | str | Mapping[str, Any]) -> Mapping[str, Any]:
    """What a mapping says: a TOML or JSON file, or its content. Raises BadInput."""
    return mapping if isinstance(mapping, Mapping) else _read(Path(mapping))


def _bad(detail: str) -> BadInput:
    return BadInput("import.bad_mapping", detail=values.shorten(detail))


def _read(path: Path) -> Mapping[str, Any]:
    source = Source.open(path)
    if source.size > MAX_LINE:
        raise _bad(source.shown)
    try:
        text = b"".join(source.chunks()).decode("utf-8")
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # both decoders' errors are ValueErrors
        raise _bad(f"{source.shown}: {error}") from error
    if not isinstance(found, dict):
        raise _bad(source.shown)
    return found


def _mapper(mapped: Mapped) -> Callable[[dict[str, Any], Context], Iterable[Record]]:
    """The row mapper for a mapping. A relative time needs the mapping's own ``reference``: when somebody made
    an unknown table cannot be told from the file's date."""
    seen: list[Source] = []

    def map_row(row: dict[str, Any], context: Context) -> Iterable[Record]:
        if not seen or seen[0].path != context.source.path:
            seen[:] = [replace(context.source, reference=mapped.reference)]
        inner = Context(seen[0], context.table, context.noted)
        platform = values.name(row.get(mapped.columns.get("platform", "\0"))) or mapped.platform
        posts, people = mapped.spec(platform)
        if mapped.kind == "account":
            who = account(row, platform, people, inner)
            if who is None:
                raise BadValue("import.no_id")
            return (who,)
        return _post(row, posts, people, mapped, inner)

    return map_row


def _post(
    row: dict[str, Any], posts: PostColumns, people: AccountColumns, mapped: Mapped, context: Context
) -> list[Record]:
    if not any(values.text(row.get(column)) for column in (*posts.text, posts.title) if column):
        raise BadValue("import.no_text")
    native_id = values.ident(row.get(posts.id)) or _made_id(row, mapped)
    who: Account | None = account(row, posts.platform, people, context)
    found = post(row, posts, context, who=who, native_id=native_id)
    if not found.text and found.title:
        found = replace(found, text=found.title, title=None)
    return [replace(found, query=mapped.query) if mapped.query and not found.query else found]


def _made_id(row: Row, mapped: Mapped) -> str:
    """An id for rows without one, by what they say: importing the file again finds the same."""
    columns = [
        mapped.columns[name] for name in ("author", "author_id", "created", "title", "text") if name in mapped.columns
    ]
    parts = "\0".join(str(row.get(column, "")) for column in columns)
    return "sha:" + hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:16]


def table_importer(source: Source, kind: str, mapping: Path | str | Mapping[str, Any] | None) -> RowImporter:
    """The importer for a table; without a mapping by the one its header suggests.

    Raises BadInput: ``import.unknown_format`` when nothing can be suggested, ``import.missing_columns`` when the
    mapping names columns that the file does not have.
    """
    from . import sniff
    from .binary_rows import sqlite_tables
    from .suggest import suggest_mapping

    if kind == "xml":
        raise BadInput("import.wrong_format", path=source.shown, format="table")
    mapped = load_mapping(mapping) if mapping is not None else None
    if kind == "sqlite":
        tables = sqlite_tables(source)
        wanted = mapped.table if mapped else ""
        if wanted not in tables:
            raise BadInput("import.no_such_table", path=source.shown, tables=", ".join(list(tables)[:12]))
        headers = [tables[wanted]]
        rows = sniff.reader("sqlite", (wanted,))
    else:
        headers = [columns for _, columns in sniff.samples(source, cast(sniff.Container, kind))]
        rows = sniff.reader(cast(sniff.Container, kind))
    if mapped is None:
        found = next((found for header in headers if (found := suggest_mapping(header)) is not None), None)
        if found is None:
            shown = ", ".join(name[:40] for name in (headers[0] if headers else [])[:12])
            raise BadInput("import.unknown_format", path=source.shown, columns=shown)
        mapped = Mapped(found)
    elif kind != "jsonl" and kind != "json":
        present = {column for header in headers for column in header}
        if missing := [column for column in mapped.columns.values() if column not in present]:
            raise BadInput("import.missing_columns", path=source.shown, columns=", ".join(missing[:12]))
    return RowImporter("table", _only(rows, mapped.table) if kind == "xlsx" and mapped.table else rows, _mapper(mapped))


def _only(rows: Callable[[Source], Iterator[RawRow]], sheet: str) -> Callable[[Source], Iterator[RawRow]]:
    return lambda source: (row for row in rows(source) if row[0] == sheet)
