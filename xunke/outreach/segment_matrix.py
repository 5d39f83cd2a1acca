"""Any two facets crossed: who is in each cell, with what nobody stated as a row and a column of its own."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from xunke.errors import BadInput

from .facets import UNKNOWN
from .segment_facts import Book
from .segment_fields import ALIASES, FIELDS, Field

MOST: Final = 8
"""Values of a facet that get a row or column of their own; the others are together."""
REST: Final = "segment.rest"
NONE: Final = "segment.none_of"
"""Somebody of whom it is known that they have none (no list, no purchase)."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """``cells``: {(row, column): people}; ``rows`` and ``columns`` in their order; ``among``: people in all;
    ``several``: people who stand in more than one cell, because they have several values.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], tuple[int, ...]]
    among: int
    several: int


def field_of(name: str) -> Field:
    """The facet of that name, in Chinese or English. Raises BadInput("segment.no_facet")."""
    code = ALIASES.get(name.strip().lower())
    if code is None or code == "said":
        raise BadInput("segment.no_facet", name=name, names=[f"facet.{one}" for one in FIELDS if one != "said"])
    return FIELDS[code]


def bands(bounds: tuple[float, ...]) -> list[str]:
    """The names of the bands that ``bounds`` cut."""
    edges = [f"{b:g}" if abs(b) < 1e6 else f"{b / 1e4:g}万" for b in bounds]
    middle = [f"{a}–{b}" for a, b in pairwise(edges)]
    return [f"<{edges[0]}", *middle, f"≥{edges[-1]}"]


def namer(book: Book, field: Field) -> Callable[[int], tuple[str, ...]]:
    """What gives the values of a person on a facet: words, or the band of a number."""
    known = book.facet(field.name)
    names = bands(field.bands) if field.kind == "number" else []

    def of(person: int) -> tuple[str, ...]:
        value = known(person)
        if value is None:
            return (UNKNOWN,)
        if isinstance(value, frozenset):
            return tuple(sorted(value)) or (NONE,)
        return (names[bisect_right(field.bands, value)],)

    return of


def matrix(book: Book, first: Field, second: Field, among: Collection[int] | None = None) -> Matrix:
    """Cross two facets over everybody, or those ``among``."""
    people = sorted(book.people) if among is None else [p for p in sorted(among) if p in book.people]
    one, two = namer(book, first), namer(book, second)
    rows, columns = _order(first, Counter(v for p in people for v in one(p))), _order(
        second, Counter(v for p in people for v in two(p))
    )  # fmt: skip
    cells: dict[tuple[str, str], list[int]] = defaultdict(list)
    several = 0
    for p in people:
        mine = {
            (a if a in rows else REST, b if b in columns else REST) for a in one(p) for b in two(p)
        }  # fmt: skip
        several += len(mine) > 1
        for cell in sorted(mine):
            cells[cell].append(p)
    return Matrix(rows, columns, {c: tuple(v) for c, v in cells.items()}, len(people), several)


def _order(field: Field, count: Counter[str]) -> tuple[str, ...]:
    """Bands in their order, words from the commonest; rest, none and unknown last."""
    if field.kind == "number":
        shown = [name for name in bands(field.bands) if count[name]]
    else:
        words = sorted((n for n in count if n not in (UNKNOWN, NONE)), key=lambda n: (-count[n], n))
        shown = words if len(words) <= MOST + 1 else [*words[:MOST], REST]
    return (*shown, *(last for last in (NONE, UNKNOWN) if count[last]))
