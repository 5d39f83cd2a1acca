"""How many distinct people a list reaches directly: its influence, brought to the level of past windows.

The influence of a list taken as one person says how lists compare. Most who act on somebody in the next window never
did before, so that chances of known pairs say too little about how many will come. The level is how many distinct
people came in past windows for each point of a list's influence: those who acted before stand for the new ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from .build import Events, InteractionGraph, time_unit
from .index import EventIndex
from .rank import influence, top
from .transmit import LEAST_ACTS, PARTS, span_of

LISTS: Final = (5, 10, 20, 50, 100)
"""Sizes of the top lists on which the level is measured."""

if TYPE_CHECKING:
    _Lists = list[tuple[float, int]]


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
    events: Events, *, until: int, horizon: int | None = None, windows: int = 4, index: EventIndex | None = None
) -> Level:
    """The level on the last ``windows`` windows before ``until``; ``horizon`` as in ``transmit.learn``.

    ``index``: of the same events, where there is one already.
    """
    import numpy as np

    span = span_of(events, until)
    length = horizon or max(1, span // PARTS)
    unit = time_unit(span)
    index = index or EventIndex.of(events)
    came: list[_Lists] = []
    for back in range(min(windows, max(0, span // length - 1)), 0, -1):
        at = until - back * length
        found = _lists(index.weights(until=at, h0=unit), events, at, at + length)
        if found:
            came.append(found)
    errors = [_off(_level(old), new) for old, new in pairwise(came)]
    level = _level([one for lists in came for one in lists]) if errors else 1.0
    error = float(np.mean(errors)) if errors else None
    return Level(index.weights(until=until, h0=unit), level, length, len(came), error)


def _lists(graph: InteractionGraph, events: Events, start: int, end: int) -> _Lists:
    """Of the first 5, 10, … 100 by influence: their influence as one person, and how many distinct people came."""
    import numpy as np

    people = top(graph, influence(graph), LISTS[-1])
    columns: Any = graph.weights
    columns = columns.tocsc()
    inside = (events.time > start) & (events.time <= end) & (events.target != events.actor)
    target, actor = events.target[inside], events.actor[inside]
    found = []
    for size in LISTS[: int(np.searchsorted(LISTS, len(people), side="right"))]:
        load = np.asarray(columns[:, np.searchsorted(graph.nodes, people[:size])].sum(axis=1)).ravel()
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
