"""The records that flow through Xunke: what a collector yields and storage keeps.

Times are integers, seconds since 1970-01-01 UTC; ``zone`` beside them says in which offset the source
spoke (``"+08:00"``). ``MISSING`` means that the platform did not say: it is neither 0 nor "".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

MISSING: Final = None
"""The platform did not say. One representation everywhere: ``None`` here, NULL in SQL, null in JSON."""

InteractionKind = Literal["repost", "reply", "mention", "quote", "like", "follow"]
INTERACTION_KINDS: Final[tuple[InteractionKind, ...]] = (
    "repost", "reply", "mention", "quote", "like", "follow",
)  # fmt: skip
RankerName = Literal[
    "influence", "actors", "pagerank", "topicrank", "twitterrank", "hits", "kcore", "betweenness", "hindex", "bci",
    "reciprocity",
]  # fmt: skip
"""Rankings of people from a network; what each measures stands in ``graph.measures``, how well in docs/ranking.md."""
RANKERS: Final[tuple[RankerName, ...]] = get_args(RankerName)
PostKind = Literal["post", "comment", "repost"]
Gender = Literal["female", "male"]
AccountKind = Literal["person", "brand", "bot", "group"]
Media = Literal["video", "image", "text", "live"]


@dataclass(frozen=True, slots=True)
class Account:
    """One platform identity of somebody.

    ``native_id`` is the platform's own id as text. Where a source names an author without an id,
    the importer uses ``"name:" + name``; where it gives only a hash, ``"hash:" + hash``.
    ``gender`` and ``region`` are as the person or the platform states them, never guessed.
    ``listed`` is the person's own word on being found (False: leave out of people lists).
    """

    platform: str
    native_id: str
    name: str | None = MISSING
    handle: str | None = MISSING
    bio: str | None = MISSING
    url: str | None = MISSING
    region: str | None = MISSING
    gender: Gender | None = MISSING
    occupation: str | None = MISSING
    followers: int | None = MISSING
    following: int | None = MISSING
    posts: int | None = MISSING
    verified: bool | None = MISSING
    kind: AccountKind | None = MISSING
    listed: bool | None = MISSING
    tags: tuple[str, ...] = ()
    fetched: int | None = MISSING


@dataclass(frozen=True, slots=True)
class Group:
    """A place where people gather: 超话, 小组, 吧, node, channel, community, imported member list."""

    platform: str
    native_id: str
    name: str | None = MISSING
    kind: str | None = MISSING


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody named with @ in a post: by name as written, and by id where the source gives it."""

    name: str
    native_id: str | None = MISSING


@dataclass(frozen=True, slots=True)
class Post:
    """One public post, comment or repost.

    ``reply_to`` (the post or comment answered), ``root`` (the post at the top of a thread),
    ``repost_of`` and ``quote_of`` are native ids on the same platform; the post they name may be
    unknown or arrive later. ``tags`` are hashtags without ``#``. ``raw`` is the source's own record
    as JSON after the field allow-list, so that a better parser can read it again.
    """

    platform: str
    native_id: str
    text: str
    author: Account | None = MISSING
    created: int | None = MISSING
    zone: str | None = MISSING
    kind: PostKind = "post"
    title: str | None = MISSING
    url: str | None = MISSING
    tags: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    likes: int | None = MISSING
    comments: int | None = MISSING
    shares: int | None = MISSING
    saves: int | None = MISSING
    views: int | None = MISSING
    reply_to: str | None = MISSING
    root: str | None = MISSING
    repost_of: str | None = MISSING
    quote_of: str | None = MISSING
    group: Group | None = MISSING
    lang: str | None = MISSING
    media: Media | None = MISSING
    region: str | None = MISSING
    query: str | None = MISSING
    fetched: int | None = MISSING
    raw: bytes | None = MISSING


@dataclass(frozen=True, slots=True)
class Interaction:
    """``actor`` reposts, replies to, mentions, quotes, likes or follows ``target``: the edge actor -> target.

    ``time`` MISSING: the platform does not say when (likes and follows on many platforms).
    ``post`` is the native id of the post it concerns: the reposted, answered or liked one,
    or for a mention the post that holds it.
    """

    platform: str
    actor: Account
    target: Account
    kind: InteractionKind
    time: int | None = MISSING
    post: str | None = MISSING


@dataclass(frozen=True, slots=True)
class Membership:
    """``account`` belongs to, or was seen writing in, ``group``."""

    account: Account
    group: Group


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A post is no longer shown: its author or the platform took it away. ``noticed``: when we saw it, UTC seconds."""

    platform: str
    post: str
    noticed: int


@dataclass(frozen=True, slots=True)
class Follower:
    """``account`` stood in the list of followers of ``own`` that was read at ``time`` (UTC seconds).

    ``own`` is the id, name or handle of one of the user's own accounts; MISSING: their only one. ``account.platform``
    may be "": that of ``own``. ``since``: when they began to follow, where the source says so. ``whole``: whether the
    list names every follower, so that who is missing in it has left.
    """

    account: Account
    time: int
    own: str | None = MISSING
    since: int | None = MISSING
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Dealt:
    """A row of somebody's own book: what was done towards a person (``step``) and what came of it (``outcome``), each
    as written there. ``who``: a name, or an id of ``platform``; ``time`` UTC seconds; ``value`` money (CNY) or a score;
    ``campaign`` and ``variant`` by name, a variant by its code, too.
    """

    who: str
    time: int
    platform: str | None = MISSING
    step: str | None = MISSING
    outcome: str | None = MISSING
    channel: str | None = MISSING
    value: float | None = MISSING
    minutes: float | None = MISSING
    text: str | None = MISSING
    note: str | None = MISSING
    owner: str | None = MISSING
    campaign: str | None = MISSING
    variant: str | None = MISSING


@dataclass(frozen=True, slots=True)
class Purchase:
    """``account`` bought something for ``amount`` of ``currency`` (ISO 4217) at ``time`` (UTC seconds). ``order``: the
    shop's number of it, by which it is known again. ``account.platform`` may be "": that of the user's own accounts.
    """

    account: Account
    amount: float
    order: str
    time: int | None = MISSING
    currency: str = "CNY"
    what: str | None = MISSING


Record = Account | Post | Interaction | Membership | Withdrawn | Follower | Purchase


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a row came from: a file, a server or the sample project; the query; when it was fetched."""

    kind: Literal["file", "live", "demo", "user"]
    name: str
    query: str | None = MISSING
    tool: str | None = MISSING
    fetched: int | None = MISSING


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input row that could not be used: its number (from 1, headers not counted) and a reason code.

    ``reason`` is a message key of the catalogue, ``detail`` the offending value, cut short.
    """

    row: int
    reason: str
    detail: str = ""
