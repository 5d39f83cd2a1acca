"""RFM: how lately, how often and how deeply somebody dealt with us, as scores 1-5 and named groups.

Scores are quintiles by mid-rank, so people with the same number always get the same score; groups are cells of
(recency score) × (frequency-and-depth score), complete and without overlap.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

ENOUGH: Final = 25
"""So many people who did something are needed for fifths; fewer are halved at the median (``segments.RFM``)."""
Cells = tuple[tuple[int, int, int, int], ...]
"""Rectangles (lowest recency score, highest, lowest frequency-and-depth score, highest)."""
GROUPS: Final[Mapping[str, Cells]] = {
    "rfm.champion": ((4, 5, 4, 5),),
    "rfm.loyal": ((3, 3, 4, 5),),
    "rfm.cant_lose": ((1, 1, 4, 5),),
    "rfm.at_risk": ((2, 2, 3, 5), (1, 1, 3, 3)),
    "rfm.potential": ((4, 5, 2, 3),),
    "rfm.attention": ((3, 3, 3, 3),),
    "rfm.fresh": ((5, 5, 1, 1),),
    "rfm.promising": ((4, 4, 1, 1),),
    "rfm.drowsy": ((3, 3, 1, 2),),
    "rfm.hibernating": ((2, 2, 1, 2),),
    "rfm.lost": ((1, 1, 1, 2),),
}
"""The named groups, the most worth keeping first."""
NONE: Final = "rfm.none"
"""Who never did anything towards us."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores 1-5 of one person; ``fm`` is the rounded mean of the ones for frequency, depth and (if any) money."""

    r: int
    f: int
    d: int
    m: int | None
    fm: int
    group: str


def fifths(values: Sequence[float]) -> list[int]:
    """Scores 1-5, the largest value highest: the fifth in which the middle rank of each value's ties lies."""
    ordered, n = sorted(values), len(values)
    return [
        min(5, 1 + int(5 * (bisect_left(ordered, v) + bisect_right(ordered, v)) / (2 * n))) for v in values
    ]  # fmt: skip


def group_of(r: int, fm: int) -> str:
    """The group of a cell."""
    return next(
        name for name, cells in GROUPS.items()
        if any(a <= r <= b and c <= fm <= d for a, b, c, d in cells)
    )  # fmt: skip


def score(
    recency: Sequence[float], frequency: Sequence[float], depth: Sequence[float], money: Sequence[float] | None = None
) -> list[Scores]:
    """Scores and groups of people who did something; ``recency`` in days, the fewer the better."""
    rs, fs, ds = fifths([-days for days in recency]), fifths(frequency), fifths(depth)
    ms: Sequence[int | None] = fifths(money) if money is not None else [None] * len(rs)
    out = []
    for r, f, d, m in zip(rs, fs, ds, ms, strict=True):
        parts = [f, d] if m is None else [f, d, m]
        fm = math.floor(sum(parts) / len(parts) + 0.5)
        out.append(Scores(r, f, d, m, fm, group_of(r, fm)))
    return out
