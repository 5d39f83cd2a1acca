"""The contract of every source, live or file: it yields records page by page and never opens the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

from xunke.model import Record, Rejected

if TYPE_CHECKING:
    from .http import Transport

Mode = Literal["tag", "group", "keyword", "account", "topic"]
Relation = Literal["replies", "reposts", "likes", "followers"]
Access = Literal["anonymous", "own_token", "own_cookie", "import_only"]

Cursor = Mapping[str, Any]
"""Where to go on: JSON values only, written in the same transaction as the page it follows."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a source can do, for ``xunke doctor`` and for planning.

    ``limits`` are message keys (xunke.i18n) of what it cannot do or caps.
    """

    modes: frozenset[Mode]
    relations: frozenset[Relation] = frozenset()
    access: frozenset[Access] = frozenset({"anonymous"})
    needs_instance: bool = False
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What to fetch. ``since``/``until`` are UTC epoch seconds, both inclusive; ``limit`` counts posts."""

    mode: Mode
    value: str
    instance: str | None = None
    relations: frozenset[Relation] = frozenset()
    since: int | None = None
    until: int | None = None
    limit: int | None = None
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its records, and the cursor that goes on behind it (None: this was the last).

    ``total`` is an estimate of all posts to come when the source tells one; ``notes`` are warnings as
    (message key, parameters).
    """

    records: tuple[Record, ...]
    cursor: Cursor | None
    rejected: tuple[Rejected, ...] = ()
    total: int | None = None
    notes: tuple[tuple[str, dict[str, object]], ...] = ()


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
