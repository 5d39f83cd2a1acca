"""Rankers as they are named on the command line and tried by the back-test: ``influence``, ``influence@6h+equal``, ….

NAME[@UNIT][+KINDS]   UNIT: learnt, plain, ever, or a number with s, m, h or d     KINDS: measured, equal, answers
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .build import KIND_WEIGHTS, InteractionGraph, time_unit
from .forecast import ANSWERS, Past, Recency, Report, influence, learn

if TYPE_CHECKING:
    from .build import Floats
    from .index import EventIndex

WEIGHTINGS: Final[Mapping[str, Mapping[str, float]]] = {
    "measured": KIND_WEIGHTS,
    "equal": dict.fromkeys(KIND_WEIGHTS, 1.0),
    "answers": {kind: float(kind in ANSWERS) for kind in KIND_WEIGHTS},
}
"""Kind weights: as measured on repost cascades; every act alike; only acts that are answers."""
NAMES: Final = (
    "influence", "actors", "pagerank", "pagerank-classic", "hits", "kcore", "activity", "followers", "chance",
)  # fmt: skip
TRIED: Final = (
    "influence", "influence@plain", "influence@15m", "influence@6h", "influence@1d", "influence@30d",
    "influence+equal", "influence+answers", "actors", "pagerank", "pagerank-classic", "hits", "kcore", "activity",
    "followers", "chance",
)  # fmt: skip
"""What the back-test compares unless told otherwise."""
BASELINES: Final = frozenset({"activity", "followers", "chance"})
"""Measured beside the others and never picked: they do not rank by who was answered."""
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SPEC: Final = re.compile(r"(?P<name>[a-z-]+)(?:@(?P<unit>[a-z]+|\d+(?:\.\d+)?[smhd]))?(?:\+(?P<kinds>[a-z]+))?")


@dataclass(frozen=True, slots=True)
class Method:
    """One ranker with its time unit ("learnt", "plain", or seconds; inf: without decay) and kind weights."""

    name: str
    unit: float | str = "learnt"
    kinds: str = "measured"

    @property
    def spec(self) -> str:
        """The name as ``method`` reads it."""
        unit = ""
        if isinstance(self.unit, float):
            unit = "@ever" if math.isinf(self.unit) else f"@{_shortest(self.unit)}"
        elif self.unit != "learnt":
            unit = f"@{self.unit}"
        return self.name + unit + ("" if self.kinds == "measured" else f"+{self.kinds}")

    @property
    def weights(self) -> Mapping[str, float]:
        """Its kind weights."""
        return WEIGHTINGS[self.kinds]


def _shortest(seconds: float) -> str:
    for letter, size in reversed(_SECONDS.items()):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{letter}"
    return f"{seconds:g}s"


def method(spec: str) -> Method:
    """Read ``spec``; raises ValueError for a name, unit or weighting that does not exist, or one that has no unit."""
    found = _SPEC.fullmatch(spec)
    if found is None or found["name"] not in NAMES:
        raise ValueError(spec)
    name, unit, kinds = found["name"], found["unit"] or "learnt", found["kinds"] or "measured"
    if kinds not in WEIGHTINGS or (name != "influence" and (found["unit"] or found["kinds"])):
        raise ValueError(spec)
    if unit in ("learnt", "plain"):
        return Method(name, unit, kinds)
    if unit == "ever":
        return Method(name, math.inf, kinds)
    if not unit[:1].isdigit() or float(unit[:-1]) <= 0:
        raise ValueError(spec)
    return Method(name, float(unit[:-1]) * _SECONDS[unit[-1]], kinds)


@dataclass(frozen=True)
class Known:
    """What rankers may read: the events of ``index`` between ``since`` and ``until`` (both inclusive), and followers.

    ``followers``: one number a node of the index as known then, NaN where it was not; None: nobody's.
    """

    index: EventIndex
    until: int
    since: int | None = None
    followers: Floats | None = None
    report: Report | None = None
    _graphs: dict[str, InteractionGraph] = field(default_factory=dict)
    _learnt: dict[str, Recency] = field(default_factory=dict)

    def graph(self, kinds: str = "measured") -> InteractionGraph:
        """The graph with the time unit that the span of the data gives."""
        if kinds not in self._graphs:
            self._graphs[kinds] = self.index.weights(until=self.until, since=self.since, kind_weights=WEIGHTINGS[kinds])
        return self._graphs[kinds]

    def recency(self, by: Method) -> Recency:
        """The recency that ``by`` counts with."""
        if by.unit == "learnt":
            if by.kinds not in self._learnt:
                self._learnt[by.kinds] = learn(
                    self.index, until=self.until, since=self.since, kind_weights=by.weights, report=self.report
                )
            return self._learnt[by.kinds]
        if by.unit == "plain":
            past = Past(self.index, self.until, self.since, by.weights)
            return Recency.plain(time_unit(past.span))
        return Recency.plain(float(by.unit))


def scores(known: Known, by: Method) -> Floats:
    """One score a node of ``known.index``; NaN: this ranker knows nothing about the node. ``chance`` has none."""
    import numpy as np

    from . import rank

    index = known.index
    if by.name == "influence":
        return influence(index, known.recency(by), until=known.until, since=known.since, kind_weights=by.weights)
    if by.name == "followers":
        return np.full(len(index.nodes), np.nan) if known.followers is None else known.followers
    if by.name == "chance":
        return np.full(len(index.nodes), np.nan)
    graph = known.graph()
    if by.name == "activity":
        found = np.bincount(graph.weights.tocoo().row, minlength=len(graph)).astype(np.float64)
    elif by.name == "pagerank-classic":
        bare = graph.weights.copy()
        bare.data = np.ones_like(bare.data)
        found = rank.pagerank(InteractionGraph(graph.nodes, bare, graph.until, graph.h0, graph.kind_weights))
    else:
        found = rank.rank(graph, by.name)  # type: ignore[arg-type] # one of the names above
    out = np.full(len(index.nodes), np.nan)
    out[np.searchsorted(index.nodes, graph.nodes)] = found
    return out
