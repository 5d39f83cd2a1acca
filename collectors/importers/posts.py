"""From a row to a post or an account by a table of column names: what most formats have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import msgspec

from collectors.text_tags import hashtags, mentions
from xunke.model import Account, AccountKind, Group, Media, Mention, Post, PostKind
from xunke.scrub import scrub

from . import values
from .base import Context
from .values import CHINA, BadValue

encode: Final = msgspec.json.Encoder().encode
Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class AccountColumns:
    """Which column holds which field of an account. ``id`` lists columns in order of preference."""

    id: tuple[str, ...]
    name: str | None = None
    hash: str | None = None
    handle: str | None = None
    bio: str | None = None
    url: str | None = None
    region: str | None = None
    gender: str | None = None
    occupation: str | None = None
    followers: str | None = None
    following: str | None = None
    posts: str | None = None
    verified: str | None = None
    tags: str | None = None
    fetched: str | None = None

    @cached_property
    def who(self) -> tuple[str, ...]:
        """The columns that say who somebody is."""
        wanted = [*self.id, self.hash, self.name, self.url, self.region, self.gender, self.verified]
        return tuple(dict.fromkeys(column for column in wanted if column))


@dataclass(frozen=True, eq=False)
class PostColumns:
    """Which column holds which field of a post. ``unit`` of ``created``: ``s``, ``ms``, ``""`` (by size)."""

    platform: str
    id: str
    author: AccountColumns
    text: tuple[str, ...]
    kind: PostKind = "post"
    title: str | None = None
    created: str | None = None
    unit: str = ""
    zone: str = CHINA
    url: str | None = None
    tags: str | None = None
    mentions: str | None = None
    likes: str | None = None
    comments: str | None = None
    shares: str | None = None
    saves: str | None = None
    views: str | None = None
    root: str | None = None
    reply_to: str | None = None
    repost_of: str | None = None
    group: str | None = None
    group_name: str | None = None
    group_kind: str | None = None
    region: str | None = None
    query: str | None = None
    fetched: str | None = None
    media: Callable[[Row], Media | None] | None = None
    keep: tuple[str, ...] = ()
    """More columns that ``raw`` keeps. Those named above are kept, but for links, which may hold signing tokens.

    Columns whose names begin with NUL are no columns of the file: a format's own preparation puts them in.
    """

    keep_words: tuple[str, ...] = ()
    """The same for columns with words of people."""

    @cached_property
    def prose(self) -> tuple[str, ...]:
        """Kept columns with words of people, in which contact data is masked."""
        wanted = [
            *self.text, self.title, self.author.name, self.tags, self.mentions, self.query, self.group_name,
            *self.keep_words,
        ]  # fmt: skip
        return tuple(dict.fromkeys(column for column in wanted if column and column[0] != "\0"))

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """Kept columns with ids, times and numbers."""
        author = self.author
        wanted = [
            self.id, *author.id, author.hash, author.gender, self.created, self.likes, self.comments,
            self.shares, self.saves, self.views, self.root, self.reply_to, self.repost_of, self.group, self.region,
            self.fetched, *self.keep,
        ]  # fmt: skip
        return tuple(dict.fromkeys(c for c in wanted if c and c[0] != "\0" and c not in self.prose))


_NO_PARENT: Final = frozenset({"0", ""})


def fetched(value: Any) -> int | None:
    """When a tool read the row (epoch ms or s, or text); what cannot be understood is MISSING."""
    if type(value) is int and 10**12 <= value < 4 * 10**12:
        return value // 1000
    try:
        moment = values.when(value)
    except BadValue:
        return None
    return moment[0] if moment else None


def account_id(row: Row, columns: AccountColumns) -> str | None:
    """The id of the first column that has one; else ``hash:`` + hash, else ``name:`` + name, else MISSING."""
    for column in columns.id:
        if (found := values.ident(row.get(column))) is not None and found != "0":
            return found
    if columns.hash and (found := values.ident(row.get(columns.hash))) is not None:
        return f"hash:{found}"
    if columns.name and (name := values.name(row.get(columns.name))):
        return f"name:{name}"
    return None


_YES: Final = frozenset({"true", "1", "yes", "是", "蓝v", "黄v", "红v", "金v", "橙v"})
_NO: Final = frozenset({"false", "0", "no", "否", "普通用户"})


def verified(value: Any) -> bool | None:
    """A mark of verification: booleans, yes/no words, and Weibo's 蓝V 黄V 红V 金V 普通用户."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    return True if word in _YES else False if word in _NO else None


def account(row: Row, platform: str, columns: AccountColumns, context: Context) -> Account | None:
    """The account that ``row`` describes with all it says about it; MISSING when it names none."""
    native_id = account_id(row, columns)
    if native_id is None:
        return None

    def number(column: str | None) -> int | None:
        found: int | None = context.field(values.count, row, column) if column else None
        return found

    kind: AccountKind | None = "brand" if columns.verified and row.get(columns.verified) == "蓝V" else None
    return Account(
        platform,
        native_id,
        name=values.name(row.get(columns.name)) if columns.name else None,
        handle=values.name(row.get(columns.handle)) if columns.handle else None,
        bio=(values.text(row.get(columns.bio)) or None) if columns.bio else None,
        url=values.url(row.get(columns.url)) if columns.url else None,
        region=values.region(row.get(columns.region)) if columns.region else None,
        gender=values.gender(row.get(columns.gender)) if columns.gender else None,
        occupation=values.name(row.get(columns.occupation)) if columns.occupation else None,
        followers=number(columns.followers),
        following=number(columns.following),
        posts=number(columns.posts),
        verified=verified(row.get(columns.verified)) if columns.verified else None,
        kind=kind,
        tags=values.words(row.get(columns.tags)) if columns.tags else (),
        fetched=fetched(row.get(columns.fetched)) if columns.fetched else None,
    )


@lru_cache(maxsize=32768)
def _author(platform: str, columns: AccountColumns, cells: tuple[Any, ...]) -> Account | None:
    """People write more than once: the author is made once for the same cells."""
    row = dict(zip(columns.who, cells, strict=True))
    native_id = account_id(row, columns)
    if native_id is None:
        return None
    mark = row.get(columns.verified) if columns.verified else None
    return Account(
        platform,
        native_id,
        name=values.name(row.get(columns.name)) if columns.name else None,
        url=values.url(row.get(columns.url)) if columns.url else None,
        region=values.region(row.get(columns.region)) if columns.region else None,
        gender=values.gender(row.get(columns.gender)) if columns.gender else None,
        verified=verified(mark),
        kind="brand" if mark == "蓝V" else None,
    )


def author(row: Row, platform: str, columns: AccountColumns) -> Account | None:
    """The author of a post: only what says who it is, since a post's row is no profile."""
    cells = tuple([row.get(column) for column in columns.who])
    for cell in cells:
        if type(cell) not in _CELL or (type(cell) is str and len(cell) > 400):  # not to be kept in a cache
            return _author.__wrapped__(platform, columns, cells)
    return _author(platform, columns, cells)


_CELL: Final = frozenset({str, int, float, bool, type(None)})


def body(row: Row, columns: PostColumns) -> tuple[str, str | None]:
    """Text and title. Text columns that only repeat the title, or each other, are taken once."""
    title = (values.name(row.get(columns.title)) if columns.title else None) or None
    if len(columns.text) == 1:
        return values.text(row.get(columns.text[0])), title
    parts = dict.fromkeys(part for column in columns.text if (part := values.text(row.get(column))))
    return "\n".join(parts), title


def tags_of(platform: str, listed: tuple[str, ...], text: str, title: str | None) -> tuple[str, ...]:
    """Tags from a list column first, then those written in the text."""
    found = hashtags(platform, text)
    if not listed and not title:
        return found
    if title and "#" in title:
        found += hashtags(platform, title)
    return tuple(dict.fromkeys(listed + found)) if listed or found else ()


def mentions_of(platform: str, listed: tuple[str, ...], text: str) -> tuple[Mention, ...]:
    """Mentions from a list column first, then those written in the text."""
    names = listed + mentions(platform, text)
    return tuple([Mention(name) for name in dict.fromkeys(names)]) if names else ()


def raw(row: Row, columns: PostColumns) -> bytes:
    """The row as JSON with the allowed columns only, contact data masked."""
    kept: dict[str, Any] = {column: value for column in columns.plain if (value := row.get(column)) is not None}
    for column in columns.prose:
        value = row.get(column)
        if type(value) is str:
            if value:
                kept[column] = _scrub_short(value) if len(value) <= 40 else scrub(value)
        elif value:
            kept[column] = _masked(value)
    return dump(kept)


_scrub_short: Final = lru_cache(maxsize=32768)(scrub)
"""Nicknames and search words come back in many rows."""


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _scrub_short(value) if len(value) <= 40 else scrub(value)
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return {key: _masked(item) for key, item in value.items()} if isinstance(value, dict) else value


def dump(kept: Any) -> bytes:
    """JSON bytes of plain values; what cannot be written as JSON is left out."""
    try:
        return encode(kept)
    except (TypeError, OverflowError, UnicodeEncodeError):
        return encode({k: str(v).encode("utf-8", "replace").decode() for k, v in kept.items() if v is not None})


def _parent(row: Row, column: str | None, own: str) -> str | None:
    """A parent's id; ``0``, empty and the row's own id mean that there is none."""
    found = values.ident(row.get(column)) if column else None
    return None if found is None or found in _NO_PARENT or found == own else found


def post(
    row: Row, columns: PostColumns, context: Context, who: Account | None = None, native_id: str | None = None
) -> Post:
    """The post that ``row`` holds; ``who`` and ``native_id`` stand in where the format keeps them elsewhere.

    Raises BadValue when the id is missing or rounded, or the time cannot be understood; counts that cannot be
    understood are noted and left MISSING.
    """
    platform = columns.platform
    if native_id is None and (native_id := values.ident(row.get(columns.id))) is None:
        raise BadValue("import.no_id")
    text, title = body(row, columns)
    created = row.get(columns.created) if columns.created else None
    moment = values.when(created, columns.zone, columns.unit, context.source.reference) if created else None

    def number(column: str | None) -> int | None:
        if column is None or (value := row.get(column)) is None:
            return None
        if type(value) is int and 0 <= value <= values.MAX_INT:
            return value
        if type(value) is str and value.isdecimal() and len(value) < 18:
            return int(value)
        found: int | None = context.field(values.count, row, column)
        return found

    root = _parent(row, columns.root, "")
    parent = _parent(row, columns.reply_to, native_id)
    repost = _parent(row, columns.repost_of, native_id)
    listed = values.words(row.get(columns.tags)) if columns.tags else ()
    named = values.words(row.get(columns.mentions)) if columns.mentions else ()
    return Post(
        platform,
        native_id,
        text,
        author=who or author(row, platform, columns.author),
        created=moment[0] if moment else None,
        zone=moment[1] if moment else None,
        kind="repost" if repost and columns.kind == "post" else columns.kind,
        title=title,
        url=values.url(row.get(columns.url)) if columns.url else None,
        tags=tags_of(platform, listed, text, title),
        mentions=mentions_of(platform, named, text),
        likes=number(columns.likes),
        comments=number(columns.comments),
        shares=number(columns.shares),
        saves=number(columns.saves),
        views=number(columns.views),
        reply_to=parent or root,
        root=root,
        repost_of=repost,
        group=_group(row, columns),
        media=columns.media(row) if columns.media else None,
        region=values.region(row.get(columns.region)) if columns.region else None,
        query=values.name(row.get(columns.query)) if columns.query else None,
        fetched=fetched(row.get(columns.fetched)) if columns.fetched else None,
        raw=raw(row, columns),
    )


def _group(row: Row, columns: PostColumns) -> Group | None:
    name = values.name(row.get(columns.group_name)) if columns.group_name else None
    native_id = (values.ident(row.get(columns.group)) if columns.group else None) or name
    return Group(columns.platform, native_id, name, columns.group_kind) if native_id and native_id != "0" else None
