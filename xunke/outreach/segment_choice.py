"""Which segments to work on: attractiveness × fit (after the GE–McKinsey matrix, 1971), with the reason for each.

Each criterion is a number anybody can open; among the segments compared it becomes 0-100 (the smallest 0, the largest
100, all alike 50), and the two axes are weighted means. The scale is among these segments only, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xunke.errors import UsageError

ATTRACTION: Final[Mapping[str, float]] = {"size": 1.0, "growth": 1.0, "reach": 1.0, "competition": 1.0, "worth": 1.5}
"""Weights of the criteria of attractiveness: people, change of activity, followers in all, share that talks of rivals
(less is better), mean potential value."""
FIT: Final[Mapping[str, float]] = {"near": 1.5, "mood": 1.0, "score": 1.0}
"""Weights of the criteria of fit: share that deals with us, share of positive posts, mean target score."""
LESS: Final = frozenset({"competition"})
LOW: Final = 100 / 3
HIGH: Final = 200 / 3
LEVELS: Final = ("low", "middle", "high")
STRATEGIES: Final[Mapping[str, tuple[int, int | None]]] = {
    "concentrated": (1, 1), "selective": (2, 5), "product": (2, None), "market": (1, None), "full": (3, None),
}
"""The five strategies of choosing (S23) and how many segments each takes."""
FULL: Final = 0.8


@dataclass(frozen=True, slots=True)
class Place:
    """A segment's place: both axes 0-100, its cell, what to do (invest, select, hold), the raw numbers and their
    scales, and the criteria that speak most for and against it.
    """

    name: str
    attraction: float
    fit: float
    cell: str
    act: str
    raw: Mapping[str, float | None]
    scaled: Mapping[str, float | None]
    best: str | None
    worst: str | None


def weights(said: Mapping[str, float]) -> dict[str, float]:
    """The weights, with those that the user said. Raises UsageError("segment.weight") for others or negative ones."""
    known = {**ATTRACTION, **FIT}
    for name, value in said.items():
        if name not in known or not 0 <= value < 1000:
            raise UsageError("segment.weight", name=name, known=", ".join(known))
    return {**known, **said}


def place(raw: Mapping[str, Mapping[str, float | None]], weight: Mapping[str, float]) -> list[Place]:
    """Segments by what they promise: the best first."""
    scaled: dict[str, dict[str, float | None]] = {name: {} for name in raw}
    for criterion in (*ATTRACTION, *FIT):
        known = {n: v for n, facts in raw.items() if (v := facts.get(criterion)) is not None}
        low, high = min(known.values(), default=0.0), max(known.values(), default=0.0)
        for name in raw:
            value = known.get(name)
            at = None if value is None else 50.0 if high == low else 100 * (value - low) / (high - low)
            scaled[name][criterion] = 100 - at if at is not None and criterion in LESS else at
    out = []
    for name, facts in raw.items():
        mine = scaled[name]
        axes = [_mean(mine, weight, table) for table in (ATTRACTION, FIT)]
        order = sorted((c for c in mine if mine[c] is not None and weight[c] > 0), key=lambda c: (-(mine[c] or 0.0), c))
        levels = [(a >= LOW) + (a >= HIGH) for a in axes]
        cell = "×".join(LEVELS[level] for level in levels)
        act = "invest" if sum(levels) >= 3 else "hold" if sum(levels) <= 1 else "select"
        out.append(Place(name, axes[0], axes[1], cell, act, facts, mine, order[0] if order else None,
                         order[-1] if len(order) > 1 else None))  # fmt: skip
    return sorted(out, key=lambda p: (-(p.attraction + p.fit), p.name))


def _mean(values: Mapping[str, float | None], weight: Mapping[str, float], table: Mapping[str, float]) -> float:
    known = [(v, weight[c]) for c in table if (v := values.get(c)) is not None and weight[c] > 0]
    total = sum(w for _, w in known)
    return sum(v * w for v, w in known) / total if total else 50.0


def fits_strategy(strategy: str, picked: Sequence[str], parents: Mapping[str, str], covered: float) -> list[str]:
    """What does not agree between the strategy and the segments picked, as codes; nothing: they agree."""
    low, high = STRATEGIES[strategy]
    out = []
    if len(picked) < low:
        out.append("too_few")
    if high is not None and len(picked) > high:
        out.append("too_many")
    if strategy == "market" and len({parents.get(name, name) for name in picked}) > 1:
        out.append("several_markets")
    if strategy == "full" and covered < FULL:
        out.append("not_full")
    return out
