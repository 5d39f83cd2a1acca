"""A step in the making."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct, field

from .times import Span

LISTS: Final = frozenset(
    [
        "platforms",
        "tags",
        "topics",
        "keywords",
        "exclude",
        "groups",
        "accounts",
        "drop",
        "region",
        "region_exclude",
        "city_tier",
        "occupation",
        "interests",
        "tier",
        "by",
        "measure",
        "items",
        "metrics",
        "columns",
    ]
)


class Draft(Struct):
    """A step in the making: its slots, and what finds its slot only when all is read.

    ``spans`` of time, ``loose`` words of the subject, ``items`` that seem to be compared, the ``frame`` around them,
    words that stay ``unread``.
    """

    action: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    frame: str = ""
    flags: set[str] = field(default_factory=set)
    said_more: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def add(self, slot: str, value: Any) -> None:
        if slot in LISTS:
            values = (value,) if isinstance(value, str) else tuple(value)
            old = self.slots.get(slot, ())
            self.slots[slot] = (*old, *(v for v in values if v not in old))
        else:
            self.slots[slot] = value

    @property
    def target(self) -> str | None:
        return self.slots.get("target")

    def merge(self, other: Draft) -> None:
        for slot, value in other.slots.items():
            if slot in ("age_min", "age_max", "followers_min", "followers_max") and slot in self.slots:
                continue
            self.add(slot, value)
        self.spans += other.spans
        self.loose += other.loose
        self.items += other.items
        self.frame += other.frame
        self.said_more += other.said_more
        self.unread += other.unread
        self.flags |= other.flags
