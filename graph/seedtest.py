"""Does picking seeds by their common audience pay? Past windows: pick on what was known, count who came afterwards.

Truth is the number of distinct people who act on at least one of the seeds in the window. Every way of picking gets the
same candidates and the same number of people; each is compared with the plain top list by influence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from .build import Events, InteractionGraph
from .index import EventIndex
from .level import merging
from .rank import influence, pagerank
from .seeds import Limits, cover, pick, prefix
from .spread import Drawer, Tick
from .transmit import learn, span_of

if TYPE_CHECKING:
    from .build import Floats, Ints

Way = Literal["cover", "coupled", "influence", "price", "pagerank", "followers", "past", "spread"]
WAYS: Final[tuple[Way, ...]] = get_args(Way)
SIZES: Final = (5, 10, 20, 50, 100)
TRUTH: Final = ("repost", "quote", "reply")
"""Kinds that count as being reached; where a project has none of them, all kinds do."""
WINDOWS: Final = 6
LEAST_WINDOWS: Final = 3
LEAST_REACHED: Final = 30
"""Distinct people that the largest window must hold, and the median one, for a comparison to mean anything."""
RESAMPLES: Final = 2000
SPREAD_SETS: Final = 20_000


@dataclass(frozen=True)
class Window:
    """Known: t <= ``at``; to be foretold: ``at`` < t <= ``end``."""

    at: int
    end: int


@dataclass(frozen=True)
class Mark:
    """A way of picking ``size`` people (or for ``size`` of money): distinct people reached in a window (mean), and the
    mean of its ratio to the plain influence list less 1, with a 95 % bootstrap interval over windows; ``wins``: windows
    in which it reached more."""

    way: Way
    size: float
    reached: float
    gain: float
    low: float
    high: float
    wins: int


@dataclass(frozen=True)
class Verdict:
    """``marks`` is empty where there is too little data; ``people``: distinct people a window, on the mean."""

    windows: tuple[Window, ...]
    marks: tuple[Mark, ...]
    people: float
    double: float
    """How much of the plain list's audience at the middle size counts twice: 1 - distinct / sum."""

    def better(self) -> Way:
        """``cover`` or ``coupled``: which gained more over the influence list, all sizes and windows counting alike."""
        total = dict.fromkeys(("cover", "coupled"), 0.0)
        for mark in self.marks:
            if mark.way in total:
                total[mark.way] += mark.gain
        return "coupled" if total["coupled"] > total["cover"] else "cover"

    def mark(self, way: Way, size: float) -> Mark | None:
        """The mark of ``way`` at ``size``, or the nearest size that was tested."""
        found = [m for m in self.marks if m.way == way]
        return min(found, key=lambda m: (abs(m.size - size), m.size), default=None)


def cut(events: Events, until: int, *, count: int = WINDOWS, horizon: int | None = None) -> tuple[Window, ...]:
    """The last ``count`` windows before ``until``, end to end; default length: together they span half of the time."""
    timed = events.time[(events.time > 0) & (events.time <= until)]
    if not len(timed):
        return ()
    span = int(timed.max()) - int(timed.min())
    length = horizon or max(1, span // (2 * count))
    last = int(timed.max())
    fits = min(count, max(0, (span - 1) // length))
    return tuple(Window(last - back * length, last - (back - 1) * length) for back in range(fits, 0, -1))


def _audience(events: Events, window: Window) -> Any:
    """Targets (sorted ids) and, for each, the actors of the window: (targets, offsets, actors)."""
    import numpy as np

    kinds = [code for code, name in events.kinds.items() if name in TRUTH]
    inside = (events.time > window.at) & (events.time <= window.end) & (events.target != events.actor)
    wanted = inside & np.isin(events.kind, kinds)
    kept = wanted if wanted.any() else inside
    pairs = np.unique(np.stack([events.target[kept], events.actor[kept]], axis=1), axis=0)
    targets, first = np.unique(pairs[:, 0], return_index=True)
    return targets, np.r_[first, len(pairs)], pairs[:, 1]


def _union(audience: Any, people: Sequence[int]) -> tuple[int, int]:
    """(distinct, summed) audience of ``people`` (ids)."""
    import numpy as np

    targets, offsets, actors = audience
    parts = []
    for person in people:
        at = int(np.searchsorted(targets, person))
        if at < len(targets) and targets[at] == person:
            parts.append(actors[offsets[at] : offsets[at + 1]])
    together = np.concatenate(parts) if parts else actors[:0]
    return len(np.unique(together)), len(together)


def _past(weights: Any, limits: Limits) -> list[int]:
    """Coverage of the past as it was: who ever acted counts fully, whenever that was."""
    import numpy as np

    flat = weights.copy()
    flat.data = np.full(len(flat.data), 50.0)
    return cover(flat, limits).people


def lists(
    graph: InteractionGraph, ways: Sequence[Way], limits: Limits, *,
    followers: Mapping[int, int] | None = None, chance: Callable[[], Any] | None = None,
) -> dict[Way, list[int]]:  # fmt: skip
    """{way: ids in the order picked} within ``limits`` (rows of ``graph``)."""
    import numpy as np

    def best(scores: Floats) -> list[int]:
        return prefix(np.lexsort((graph.nodes, -scores)).tolist(), limits, len(graph))

    def known() -> Floats:
        return np.array([(followers or {}).get(int(node), -1) for node in graph.nodes], dtype=np.float64)

    def per_price() -> Floats:
        price = np.ones(len(graph)) if limits.cost is None else np.maximum(limits.cost, 1e-12)
        return np.nan_to_num(influence(graph) / price)

    make: dict[Way, Callable[[], list[int]]] = {
        "cover": lambda: cover(graph.weights, limits).people,
        "coupled": lambda: cover(graph.weights, limits, coupled=True).people,
        "influence": lambda: best(influence(graph)),
        "price": lambda: best(per_price()),
        "pagerank": lambda: best(pagerank(graph)),
        "followers": lambda: best(known()),
        "past": lambda: _past(graph.weights, limits),
        "spread": lambda: pick(Drawer(chance() if chance else graph.weights).draw(SPREAD_SETS), limits).people,
    }
    return {way: graph.nodes[np.array(make[way](), dtype=np.int64)].tolist() for way in ways}


def compare(
    events: Events, *, until: int, sizes: Sequence[float] = SIZES, ways: Sequence[Way] | None = None,
    windows: Sequence[Window] | None = None, among: Ints | None = None, followers: Mapping[int, int] | None = None,
    cost: Callable[[InteractionGraph], Floats] | None = None, seed: int = 1, tick: Tick | None = None,
) -> Verdict:  # fmt: skip
    """Compare ``ways`` on past windows. ``among``: ids that may be picked; ``followers``: {id: count} of today.

    ``sizes`` are numbers of people; budgets of money with ``cost``: prices of the rows of a window's graph.
    """
    import numpy as np

    chosen = tuple(ways or (w for w in WAYS if w not in ("spread", "price") and (w != "followers" or followers)))
    cuts = tuple(cut(events, until) if windows is None else windows)
    index = EventIndex.of(events)
    reached: dict[tuple[Way, float], list[int]] = {(way, k): [] for way in chosen for k in sizes}
    used: list[Window] = []
    people: list[int] = []
    twice: list[float] = []
    for number, window in enumerate(cuts):
        if tick is not None:
            tick(number, len(cuts))
        audience = _audience(events, window)
        everyone = len(np.unique(audience[2]))
        if span_of(events, window.at) == 0 or everyone < LEAST_REACHED:
            continue
        graph = merging(index, until=window.at)
        rows = None if among is None else np.flatnonzero(np.isin(graph.nodes, among))
        prices = None if cost is None else cost(graph)
        picked: dict[tuple[Way, float], list[int]] = {}
        for budget in (max(sizes),) if cost is None else sizes:  # a list of people begins with every shorter one
            limits = Limits(budget, prices, rows)
            chance = partial(_chance, events, window.at)
            for way, found in lists(graph, chosen, limits, followers=followers, chance=chance).items():
                picked |= {(way, k): found[: int(k)] for k in sizes} if cost is None else {(way, budget): found}
        middle = _union(audience, picked["influence", sizes[len(sizes) // 2]])
        if not any(_union(audience, picked["influence", k])[0] for k in sizes):
            continue
        used.append(window)
        people.append(everyone)
        twice.append(1 - middle[0] / middle[1] if middle[1] else 0.0)
        for key, counts in reached.items():
            counts.append(_union(audience, picked[key])[0])
    marks = _marks(reached, len(used), seed) if len(used) >= LEAST_WINDOWS else ()
    return Verdict(
        tuple(used), marks, float(np.mean(people)) if people else 0.0, float(np.mean(twice)) if twice else 0.0
    )


def _chance(events: Events, until: int) -> Any:
    return learn(events, until=until).chance


def _marks(reached: Mapping[tuple[Way, float], Sequence[int]], windows: int, seed: int) -> tuple[Mark, ...]:
    import numpy as np

    draws = np.random.default_rng(seed).integers(0, windows, (RESAMPLES, windows))
    marks = []
    for (way, k), counts in reached.items():
        mine, plain = np.array(counts, dtype=np.float64), np.array(reached["influence", k], dtype=np.float64)
        gain = (mine - plain) / np.maximum(plain, 1.0)
        low, high = np.quantile(gain[draws].mean(axis=1), (0.025, 0.975))
        wins = int((mine > plain).sum())
        marks.append(Mark(way, k, float(mine.mean()), float(gain.mean()), float(low), float(high), wins))
    return tuple(marks)
