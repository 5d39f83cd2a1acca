"""The names in what is stored about an analysed post (``feature.detail``): read for hundreds of thousands at once."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec


class _Detail(msgspec.Struct):
    interests: list[str | list[Any]] = []
    needs: list[str | list[Any]] = []
    life_events: list[str | list[Any]] = []


_read = msgspec.json.Decoder(_Detail).decode


def names(detail: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Interests, needs and life events of a post; equal ones are the same object."""
    found = _read(detail)
    return _named(found.interests), _named(found.needs), _named(found.life_events)


def _named(items: list[str | list[Any]]) -> tuple[str, ...]:
    return _one(tuple([item if isinstance(item, str) else item[0] for item in items])) if items else ()


@cache
def _one(words: tuple[str, ...]) -> tuple[str, ...]:
    return words
