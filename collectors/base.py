"""The contract of every source, live or file: it yields records page by page and never opens the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

from xunke.model import Record, Rejected

if TYPE_CHECKING:
    from .http import Transport

Mode = Literal["tag", "topic", "group", "keyword", "account", "post"]
"""What is asked for: a hashtag; what posts are about; a place where people gather; words; somebody; one post."""
Relation = Literal["replies", "reposts", "likes", "followers", "quotes", "following"]
Access = Literal["anonymous", "own_token", "own_cookie", "own_app", "import_only"]
"""With what a source is read; ``own_app``: a client id, key or password of an application of the user's own."""

Cursor = Mapping[str, Any]
"""Where to go on: JSON values only, written in the same transaction as the page it follows."""
Note = tuple[str, dict[str, object]]
"""A warning: message key and parameters."""


@dataclass(frozen=True, slots=True)
class Login:
    """One way to sign in with what is the user's own.

    ``fields``: the names of what is asked for, in this order (``token``, ``cookie``, ``identifier``, ``password``,
    ``client_id``, ``client_secret`` …); ``plain``: those of them that are no secrets.
    """

    access: Access
    fields: tuple[str, ...]
    plain: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a source can do, for ``xunke doctor``, for planning and for the table in ``docs/collectors.md``.

    ``access``: all ways to read it. ``needs``: modes and relations that ask for more than the first way that is
    open to everybody, with what they need at least. ``logins``: how to sign in. ``default_instance``: the server
    where none is named (``needs_instance`` is for platforms of many servers without such a one).
    ``pace``: least seconds between two requests; ``quota``: (requests, seconds) that the platform allows.
    ``window_days``: the source honours ``since`` and ``until`` itself and cuts long results off, so a job asks for
    slices of time, this wide at first. ``limits`` and ``legal`` are message keys (xunke.i18n) of what it cannot do or
    caps, and of what its terms and the law ask. ``experimental``: the interface is not promised by anybody.
    ``streams``: modes in which new posts can be listened to (``Query.follow``).
    """

    modes: frozenset[Mode]
    relations: frozenset[Relation] = frozenset()
    access: frozenset[Access] = frozenset({"anonymous"})
    needs_instance: bool = False
    limits: tuple[str, ...] = ()
    needs: Mapping[Mode | Relation, Access] = field(default_factory=dict)
    logins: tuple[Login, ...] = ()
    default_instance: str | None = None
    pace: float = 1.0
    quota: tuple[int, int] | None = None
    window_days: int | None = None
    legal: tuple[str, ...] = ()
    experimental: bool = False
    streams: frozenset[Mode] = frozenset()


@dataclass(frozen=True, slots=True)
class Query:
    """What to fetch. ``since``/``until`` are UTC epoch seconds, both inclusive; ``limit`` counts posts.

    ``credentials``: what ``xunke connect`` keeps for this platform and server, by the names of ``Login.fields``.
    ``follow``: listen for new posts for so many seconds instead of reading old ones (sources with a stream).
    """

    mode: Mode
    value: str
    instance: str | None = None
    relations: frozenset[Relation] = frozenset()
    since: int | None = None
    until: int | None = None
    limit: int | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    follow: float | None = None

    @property
    def token(self) -> str | None:
        """The user's own access token, where one is kept."""
        return self.credentials.get("token") or None


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of one list was seen, told once when the walk is through with it.

    ``kind``: ``posts`` (of the query) or a relation; ``key``: native id of the post or account it belongs to, for
    ``posts`` the query's value. ``said``: how many there are by the platform's own count (None: it does not say);
    ``seen``: how many came. ``reason``: message key of why the rest did not, where it is known; ``again``: whether
    asking again later may bring more.
    """

    kind: Relation | Literal["posts"]
    key: str
    said: int | None
    seen: int
    reason: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its records, and the cursor that goes on behind it (None: this was the last).

    ``total`` is an estimate of all posts to come when the source tells one; ``notes`` are warnings. ``extents``: the
    lists that ended on this page. ``capped`` (on the last page): the source cuts the result off here although more
    exists; a job splits the time slice, or says what it could not see.
    """

    records: tuple[Record, ...]
    cursor: Cursor | None
    rejected: tuple[Rejected, ...] = ()
    total: int | None = None
    notes: tuple[Note, ...] = ()
    extents: tuple[Extent, ...] = ()
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What a source says of the user's own login: the name it goes by, seconds until it ends (None: not told), and
    message keys of what it may read beyond a visitor."""

    name: str
    expires: int | None = None
    notes: tuple[Note, ...] = ()


@runtime_checkable
class Collector(Protocol):
    """A live source. Registered by the entry-point group ``xunke.collectors``; made without arguments."""

    platform: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    def collect(self, query: Query, cursor: Cursor | None, http: Transport) -> AsyncIterator[Page]:
        """Yield pages from ``cursor`` (None: from the start) to the end.

        Going on from the cursor of any page yields exactly what an unbroken run would have yielded
        after it. Raises the errors of xunke.errors by what to do: Retry, NeedsLogin, Blocked, BadQuery,
        Gone, BrokenAnswer. Reads only.
        """
        ...


@runtime_checkable
class SignsIn(Protocol):
    """A collector with logins: ``xunke connect`` tries them at once."""

    async def check(self, instance: str | None, credentials: Mapping[str, str], http: Transport) -> Known:
        """Who the user is there. Raises NeedsLogin if the credentials are not accepted, and as ``collect``."""
        ...
