"""How likely each actor is to act on each target again: estimates learnt from the past, chosen on the held-out part.

Every estimate looks at what happened before a moment T only. Its chances are for the next ``horizon`` seconds, and
are brought to scale by one number c, p' = 1 - (1 - p)^c, fitted on earlier windows by likelihood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from .build import KIND_WEIGHTS, Events, build, time_unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from .build import Floats, InteractionGraph, Ints

    Bools = NDArray[np.bool_]

Estimate = Literal["weight", "bernoulli", "jaccard", "credit", "shrunk"]
ESTIMATES: Final[tuple[Estimate, ...]] = get_args(Estimate)
LEAST_PAIRS: Final = 200
LEAST_ACTS: Final = 20
"""With fewer known pairs, or fewer of them acting again, in every window, nothing can be chosen."""
PARTS: Final = 8
"""The default horizon is such a part of the time that the events span."""
_TINY: Final = 1e-9


@dataclass(frozen=True)
class Pairs:
    """What is known at T of each pair that ever acted: one entry for each stored element of the graph's matrix.

    Counts are of periods of ``horizon`` seconds, back from T: ``acts`` those in which the actor acted on the target,
    ``exposed`` those in which somebody acted on the target since the actor first did on anybody, ``active`` those in
    which the actor acted on anybody. ``credit``: acts, each shared among the targets of the same moment.
    """

    graph: InteractionGraph
    actor: Ints
    target: Ints
    acts: Floats
    exposed: Floats
    active: Floats
    credit: Floats


def _periods(a: Ints, period: Ints, size: int) -> tuple[Ints, Ints]:
    """Distinct (a, period): sorted keys a · span + period, and how many periods each ``a`` has."""
    import numpy as np

    span = int(period.max()) + 1 if len(period) else 1
    keys = np.unique(a * span + period)
    return keys, np.bincount(keys // span, minlength=size)


def pairs_at(
    events: Events,
    until: int,
    horizon: int,
    *,
    h0: float | None = None,
    kind_weights: Mapping[str, float] = KIND_WEIGHTS,
) -> Pairs:
    """What ``events`` up to ``until`` (its second included) say about each pair."""
    import numpy as np

    graph = build(events, until=until, h0=h0, kind_weights=kind_weights)
    n = len(graph)
    matrix: Any = graph.weights
    target = matrix.indices.astype(np.int64)
    actor = np.repeat(np.arange(n, dtype=np.int64), np.diff(matrix.indptr))
    kept = (events.time <= until) & (events.target != events.actor)
    who, whom = np.searchsorted(graph.nodes, events.actor[kept]), np.searchsorted(graph.nodes, events.target[kept])
    when = events.time[kept]
    timed = when > 0
    when = np.where(timed, when, when[timed].min() if timed.any() else until)
    period = (until - when) // max(1, horizon)
    pair = np.searchsorted(actor * n + target, who * n + whom)
    acts: Any = _periods(pair, period, len(actor))[1]
    active: Any = _periods(who, period, n)[1][actor]
    moment = np.unique(who * (int(when.max()) + 1 if len(when) else 1) + when, return_inverse=True)[1]
    credit: Any = (
        np.bincount(pair, 1.0 / np.bincount(moment)[moment], minlength=len(actor)) if len(when) else np.zeros(0)
    )
    first = np.full(n, -1, dtype=np.int64)
    np.maximum.at(first, who, period)
    span = int(period.max()) + 1 if len(period) else 1
    lit = _periods(whom, period, n)[0]
    # periods are numbered backwards: those up to the actor's first one
    exposed: Any = np.searchsorted(lit, target * span + first[actor], side="right") - np.searchsorted(
        lit, target * span
    )
    acts, exposed, active = (x.astype(np.float64) for x in (acts, exposed, active))
    return Pairs(graph, actor, target, acts, exposed, active, credit)


def _weight(pairs: Pairs) -> Floats:
    """1 - exp(-w): the graph's own weights, recent acts counting most."""
    import numpy as np

    matrix: Any = pairs.graph.weights
    return np.asarray(-np.expm1(-matrix.data), dtype=np.float64)


def _bernoulli(pairs: Pairs) -> Floats:
    """Acts over exposures (Goyal, Bonchi, Lakshmanan 2010, Bernoulli)."""
    import numpy as np

    return np.minimum(1.0, pairs.acts / np.maximum(1.0, pairs.exposed))


def _jaccard(pairs: Pairs) -> Floats:
    """Acts over periods in which either was active (ibid., Jaccard index)."""
    import numpy as np

    return np.minimum(1.0, pairs.acts / np.maximum(1.0, pairs.exposed + pairs.active - pairs.acts))


def _credit(pairs: Pairs) -> Floats:
    """Acts over exposures, an act's credit shared among the targets of the same moment (ibid., partial credits)."""
    import numpy as np

    return np.minimum(1.0, pairs.credit / np.maximum(pairs.credit, np.maximum(1.0, pairs.exposed)))


def _shrunk(pairs: Pairs) -> Floats:
    """(acts + a) / (exposures + a + b): Bernoulli drawn towards the project's own mean; a, b by moments."""
    import numpy as np

    exposed = np.maximum(1.0, pairs.exposed)
    rate = pairs.acts / exposed
    mean = float(np.clip(pairs.acts.sum() / exposed.sum(), 1e-6, 1 - 1e-6)) if len(rate) else 0.5
    often = exposed >= 3
    spread = float(rate[often].var()) if often.sum() > 1 else 0.0
    noise = float((mean * (1 - mean) / exposed[often]).mean()) if often.any() else 0.0
    between = max(spread - noise, 1e-3 * mean * (1 - mean))
    strength = max(0.5, mean * (1 - mean) / between - 1)
    return np.asarray(np.clip((pairs.acts + mean * strength) / (exposed + strength), 0.0, 1.0), dtype=np.float64)


_RAW: Final[Mapping[Estimate, Callable[[Pairs], Floats]]] = {
    "weight": _weight, "bernoulli": _bernoulli, "jaccard": _jaccard, "credit": _credit, "shrunk": _shrunk,
}  # fmt: skip


def raw(pairs: Pairs, by: Estimate) -> Floats:
    """The estimate's own chances, 0 <= p < 1, before scaling."""
    import numpy as np

    return np.clip(_RAW[by](pairs), 0.0, 1 - 1e-6)


def scaled(chance: Floats, c: float) -> Floats:
    """1 - (1 - p)^c."""
    import numpy as np

    return np.asarray(-np.expm1(c * np.log1p(-chance)), dtype=np.float64)


def log_likelihood(chance: Floats, acted: Bools) -> float:
    """The mean logarithm of the chance given to what happened (0 is best)."""
    import numpy as np

    safe = np.clip(chance, _TINY, 1 - _TINY)
    return float(np.where(acted, np.log(safe), np.log1p(-safe)).mean())


def brier(chance: Floats, acted: Bools) -> float:
    """The mean squared distance between the chance and what happened (0 is best)."""
    return float(((chance - acted) ** 2).mean())


def fit_scale(chance: Floats, acted: Bools) -> float:
    """The c that makes ``acted`` likeliest, by golden section on log c in [-9, 9] (the likelihood has one peak)."""
    import math

    low, high = -9.0, 9.0
    ratio = (math.sqrt(5) - 1) / 2

    def loss(x: float) -> float:
        return -log_likelihood(scaled(chance, math.exp(x)), acted)

    a, b = high - ratio * (high - low), low + ratio * (high - low)
    at_a, at_b = loss(a), loss(b)
    for _ in range(40):
        if at_a <= at_b:
            high, b, at_b = b, a, at_a
            a = high - ratio * (high - low)
            at_a = loss(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + ratio * (high - low)
            at_b = loss(b)
    return math.exp((low + high) / 2)


def span_of(events: Events, until: int) -> int:
    """Seconds from the oldest event to ``until``; 0 without any."""
    timed = events.time[(events.time > 0) & (events.time <= until)]
    return int(until - timed.min()) if len(timed) else 0


def acted_again(pairs: Pairs, events: Events, start: int, end: int) -> Bools:
    """For each pair whether the actor acted on the target at start < t <= end."""
    import numpy as np

    nodes, n = pairs.graph.nodes, len(pairs.graph)
    kept = (events.time > start) & (events.time <= end)
    who, whom = events.actor[kept], events.target[kept]
    known = np.isin(who, nodes) & np.isin(whom, nodes)
    keys = np.unique(np.searchsorted(nodes, who[known]) * n + np.searchsorted(nodes, whom[known]))
    return np.isin(pairs.actor * n + pairs.target, keys)


@dataclass(frozen=True)
class Held:
    """How well an estimate foretold windows that it had not seen: means over them."""

    by: Estimate
    likelihood: float
    brier: float
    scale: float


@dataclass(frozen=True)
class Learnt:
    """Chances for the next ``horizon`` seconds after the graph's ``until``, and how the estimate was chosen."""

    graph: InteractionGraph
    chance: csr_array
    by: Estimate
    horizon: int
    windows: int
    held: tuple[Held, ...]


def learn(
    events: Events,
    *,
    until: int,
    horizon: int | None = None,
    windows: int = 4,
    kind_weights: Mapping[str, float] = KIND_WEIGHTS,
) -> Learnt:
    """Choose the estimate by held-out likelihood on the last ``windows`` windows before ``until``, and apply it.

    Scales are fitted on one window and judged on the next. ``horizon``: seconds, default an eighth of the time that
    the events span. With too little data the choice is ``weight`` with the scale 1, and ``held`` is empty.
    """
    import numpy as np

    span = span_of(events, until)
    length = horizon or max(1, span // PARTS)
    unit = time_unit(span)
    seen: list[tuple[dict[Estimate, Floats], Bools]] = []
    for back in range(min(windows, max(0, span // length - 1)), 0, -1):
        at = until - back * length
        pairs = pairs_at(events, at, length, h0=unit, kind_weights=kind_weights)
        acted = acted_again(pairs, events, at, at + length)
        if len(acted) >= LEAST_PAIRS and acted.sum() >= LEAST_ACTS:
            seen.append(({by: raw(pairs, by) for by in ESTIMATES}, acted))
    now = pairs_at(events, until, length, h0=unit, kind_weights=kind_weights)
    held: list[Held] = []
    for by in ESTIMATES if len(seen) > 1 else ():
        scales = [fit_scale(chances[by], acted) for chances, acted in seen]
        marks = [
            (log_likelihood(scaled(chances[by], c), acted), brier(scaled(chances[by], c), acted))
            for c, (chances, acted) in zip(scales, seen[1:], strict=False)
        ]
        mean = np.mean(np.array(marks), axis=0)
        held.append(Held(by, float(mean[0]), float(mean[1]), float(np.exp(np.mean(np.log(scales))))))
    best = max(held, key=lambda h: h.likelihood, default=Held("weight", 0.0, 0.0, 1.0))
    chance: Any = now.graph.weights.copy()
    chance.data = scaled(raw(now, best.by), best.scale)
    return Learnt(now.graph, chance, best.by, length, len(seen), tuple(held))
