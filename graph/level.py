"""How many distinct people a list reaches directly: its influence, brought to the level of past windows.

The influence of a list together (``seeds.cover``) says how lists compare. Most who act on somebody in the next window
never did before, so that chances of known pairs say too little about how many will come. The level is how many distinct
people came in past windows for each point of a list's influence: those who acted before stand for the new ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from .build import Events, InteractionGraph
from .forecast import Past, Recency, learn
from .index import EventIndex
from .rank import influence, top
from .transmit import LEAST_ACTS, PARTS, span_of

LISTS: Final = (5, 10, 20, 50, 100)
"""Sizes of the top lists on which the level is measured."""

_ALMOST: Final = 1 - 1e-12

if TYPE_CHECKING:
    _Lists = list[tuple[float, int]]


def merging(index: EventIndex, *, until: int, recency: Recency | None = None) -> InteractionGraph:
    """The graph with one weight a pair for several time units: 1 - exp(-w) is what the actor adds to influence.

    ``recency``: as influence counts (None: as the past up to ``until`` teaches). With one time unit these are the
    weights of ``EventIndex.weights``; with several w = -ln(1 - sum of share(h) · (1 - exp(-w_h))).
    """
    import numpy as np

    counted = learn(index, until=until) if recency is None else recency
    base = index.weights(until=until)
    past = Past(index, until, None, base.kind_weights)
    chance = np.zeros(index.pairs)
    for unit, share in zip(counted.units, counted.shares, strict=True):
        chance -= share * np.expm1(-past.pair_weights(unit))
    known = (
        np.add.reduceat(index.time <= until, index.start[:-1], dtype=np.int64) > 0 if len(index) else np.zeros(0, bool)
    )
    matrix: Any = base.weights.copy()
    matrix.data = -np.log1p(-np.minimum(chance[known & (index.actor != index.target)], _ALMOST))
    return InteractionGraph(base.nodes, matrix, base.until, base.h0, base.kind_weights)


@dataclass(frozen=True)
class Level:
    """Distinct people within ``horizon`` seconds for each point of influence; measured on ``windows`` past windows.

    ``error``: by how much it was off in windows not used for it, the mean of |ln(foretold / came)|; None: too little
    data, and ``level`` is 1.
    """

    graph: InteractionGraph
    level: float
    horizon: int
    windows: int
    error: float | None


def measure(
    events: Events, *, until: int, coupled: bool = False, horizon: int | None = None, windows: int = 4,
    index: EventIndex | None = None,
) -> Level:  # fmt: skip
    """The level on the last ``windows`` windows before ``until``; ``horizon`` as in ``transmit.learn``.

    ``coupled``: as in ``seeds.cover``; ``index``: of the same events, where there is one already.
    """
    import numpy as np

    span = span_of(events, until)
    length = horizon or max(1, span // PARTS)
    index = index or EventIndex.of(events)
    now = learn(index, until=until)
    came: list[_Lists] = []
    for back in range(min(windows, max(0, span // length - 1)), 0, -1):
        at = until - back * length
        then = learn(index, until=at) if now.learnt else now
        if now.learnt and not then.learnt:
            continue  # points of influence that were counted otherwise
        found = _lists(merging(index, until=at, recency=then), events, at, at + length, coupled)
        if found:
            came.append([(_answers(then, length) * points, people) for points, people in found])
    errors = [_off(_level(old), new) for old, new in pairwise(came)]
    level = _level([one for lists in came for one in lists]) * _answers(now, length) if errors else 1.0
    error = float(np.mean(errors)) if errors else None
    return Level(merging(index, until=until, recency=now), level, length, len(came), error)


def _answers(recency: Recency, length: float) -> float:
    """Answers that one point of influence lets expect in ``length`` seconds: points of other units are others."""
    return recency.weight * length / recency.horizon if recency.learnt else 1.0


def _lists(graph: InteractionGraph, events: Events, start: int, end: int, coupled: bool) -> _Lists:
    """Of the first 5, 10, … 100 by influence: their influence together, and how many distinct people came."""
    import numpy as np

    people = top(graph, influence(graph), LISTS[-1])
    columns: Any = graph.weights
    columns = columns.tocsc()
    inside = (events.time > start) & (events.time <= end) & (events.target != events.actor)
    target, actor = events.target[inside], events.actor[inside]
    found = []
    for size in LISTS[: int(np.searchsorted(LISTS, len(people), side="right"))]:
        mine = columns[:, np.searchsorted(graph.nodes, people[:size])]
        load = mine.max(axis=1).toarray() if coupled else np.asarray(mine.sum(axis=1))
        distinct = len(np.unique(actor[np.isin(target, people[:size])]))
        if distinct >= LEAST_ACTS:
            found.append((float(-np.expm1(-load).sum()), distinct))
    return found


def _level(lists: _Lists) -> float:
    """People who came for each point of influence: the geometric mean over ``lists``; 1 without any."""
    import numpy as np

    return float(np.exp(np.mean([np.log(came / influence) for influence, came in lists]))) if lists else 1.0


def _off(level: float, lists: _Lists) -> float:
    import numpy as np

    return float(np.mean([abs(np.log(level * influence / came)) for influence, came in lists]))
