"""Whether kept segments are worth keeping: how they overlap, what they bring, how clearly they part, what to do (S20)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

SAME: Final = 0.6
"""Jaccard from which two segments should be one."""
INSIDE: Final = 0.9
"""The share of a segment in another from which it is a part of it."""
SMALL: Final = 0.02
"""The share of all people below which a segment is hardly worth a message of its own."""
LITTLE: Final = 0.01
"""The share of engagement and of reach below which a segment brings next to nothing."""
MAIN: Final = 0.8
"""The main segments are those that together bring so much (Pareto)."""
_Z: Final = 1.96


@dataclass(frozen=True, slots=True)
class Overlap:
    """``shared`` people of two segments; ``jaccard``: of both together; ``inside``: of the smaller one."""

    a: str
    b: str
    shared: int
    jaccard: float
    inside: float


@dataclass(frozen=True, slots=True)
class Share:
    """What a segment brings: its share of everybody's total, and how much the segments up to this one bring together
    (people who are in several count once); ``main``: one of those that make ``MAIN`` of what all segments bring.
    """

    name: str
    amount: float
    share: float
    together: float
    main: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """``what``: merge, part, drop, small, review, keep; ``other``: the segment that it is about."""

    name: str
    what: str
    other: str | None = None


def overlaps(segments: Mapping[str, frozenset[int]]) -> list[Overlap]:
    """Every pair that shares people, the likest first."""
    out = []
    for (a, mine), (b, theirs) in combinations(segments.items(), 2):
        if both := len(mine & theirs):
            out.append(Overlap(a, b, both, both / len(mine | theirs), both / min(len(mine), len(theirs))))
    return sorted(out, key=lambda o: (-o.jaccard, o.a, o.b))


def pareto(segments: Mapping[str, frozenset[int]], amount: Mapping[int, float], everybody: float) -> list[Share]:
    """What each segment brings of ``everybody``'s total, those that add most first."""
    left = dict(segments)
    counted: set[int] = set()
    total = math.fsum(amount.get(p, 0.0) for p in set().union(*segments.values())) if segments else 0.0
    out: list[Share] = []
    together = 0.0
    while left:
        adds = {n: math.fsum(amount.get(p, 0.0) for p in sorted(who - counted)) for n, who in left.items()}
        name = max(adds, key=lambda n: (adds[n], n))
        main = together < MAIN * total
        together += adds[name]
        counted |= left.pop(name)
        whole = math.fsum(amount.get(p, 0.0) for p in sorted(segments[name]))
        share = whole / everybody if everybody else 0.0
        out.append(Share(name, whole, share, together / everybody if everybody else 0.0, main and adds[name] > 0))
    return out


def coverage(segments: Mapping[str, frozenset[int]], people: int) -> float:
    """The share of all people who are in some segment."""
    return len(set().union(*segments.values())) / people if segments and people else 0.0


def precision(good: int, bad: int) -> tuple[float, float, float] | None:
    """The share of marked people who were marked right, with its 95 % interval (Wilson 1927); None without marks."""
    n = good + bad
    if n == 0:
        return None
    p, z2 = good / n, _Z * _Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return p, max(0.0, middle - half), min(1.0, middle + half)


def advice(
    segments: Mapping[str, frozenset[int]], people: int, brings: Sequence[Mapping[str, float]], due: frozenset[str],
    parents: Mapping[str, str], main: frozenset[str] = frozenset(),
) -> list[Advice]:  # fmt: skip
    """What to do with each segment, the most pressing first; ``brings``: shares by segment of each measure;
    ``parents``: segments that are meant to lie inside another; ``main``: small ones that bring much stay.
    """
    out: list[Advice] = []
    told: set[str] = set()

    def say(name: str, what: str, other: str | None = None) -> None:
        if name not in told:
            told.add(name)
            out.append(Advice(name, what, other))

    for name, who in segments.items():
        if not who:
            say(name, "drop")
    for pair in overlaps(segments):
        a, b = pair.a, pair.b
        small, large = (a, b) if len(segments[a]) <= len(segments[b]) else (b, a)
        if parents.get(small) == large:
            continue
        if pair.jaccard >= SAME:
            say(small, "merge", large)
        elif pair.inside >= INSIDE:
            say(small, "part", large)
    for name, who in segments.items():
        if brings and all(measure.get(name, 0.0) < LITTLE for measure in brings):
            say(name, "worthless")
        elif people and len(who) < SMALL * people and name not in main:
            say(name, "small")
        elif name in due:
            say(name, "review")
    for name in segments:
        say(name, "keep")
    return out
