"""Who will be answered by many: influence as a forecast, with a recency that the project's own past has taught.

Influence counts distinct people, and recent ones more. How much more is not the same everywhere: on a hot topic the
last minutes decide, in a calm group the last months. So the decay is a mixture of power laws of several time units,

    influence(B) = sum over units h of share(h) * sum over actors A of (1 - exp(-w_h(A, B)))
    w_h(A, B)    = sum over events of kind weight / (1 + age / h)

whose shares are those that would have forecast best, in windows cut out of the past, how many distinct people answered
each person next: Poisson regression with identity link and coefficients >= 0 (iteratively reweighted non-negative least
squares; Marschner 2010, "Stable computation of maximum likelihood estimates in identity link Poisson regression").
Where the past is too small to learn from, one unit chosen by the span of the data stands in. ``docs/ranking.md`` has
the measurements.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from .build import KIND_WEIGHTS, time_unit
from .index import pieces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .build import Floats, Ints
    from .index import EventIndex

    Flags = NDArray[np.bool_]

ANSWERS: Final = ("repost", "quote", "reply")
"""Kinds that count as an answer to somebody; where a project has none of them, every kind does."""
UNITS: Final = (
    60.0, 300.0, 900.0, 3600.0, 6 * 3600.0, 86400.0, 3 * 86400.0, 10 * 86400.0, 30 * 86400.0, 120 * 86400.0, math.inf,
)  # fmt: skip
"""Time units in seconds, from a minute to for ever (no decay)."""
LESSONS: Final = 4
"""Windows that are learnt from, ..."""
SHARE: Final = 0.07
"""... each as long as this share of the events takes."""
MIN_ANSWERS: Final = 60
MIN_ANSWERED: Final = 15
"""So many answers to so many people the windows must hold, together, or nothing is learnt."""
ENOUGH: Final = 2_000_000
"""Of more events than this, those of some people are learnt from: they teach the same."""
PRIOR: Final = 100.0
"""What is known beforehand weighs like so many answers."""
_ROUNDS: Final = 8
_FLOOR: Final = 0.05
"""Expected answers of somebody whom nothing speaks for: keeps the weights of the regression finite."""
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Recency:
    """How recent acts count: ``shares`` (sum 1) of the time ``units`` in seconds (inf: without decay).

    ``weight``: expected answers in one window for each unit of influence, 0 where nothing was learnt; ``horizon``: the
    seconds that such a window lasts; ``answers`` and ``windows``: what it was learnt from.
    """

    units: tuple[float, ...]
    shares: tuple[float, ...]
    weight: float = 0.0
    horizon: float = 0.0
    answers: int = 0
    windows: int = 0

    @property
    def learnt(self) -> bool:
        """Whether the past taught the shares."""
        return self.windows > 0

    @classmethod
    def plain(cls, unit: float) -> Recency:
        """One power law."""
        return cls((float(unit),), (1.0,))

    def as_json(self) -> dict[str, Any]:
        """What is stored beside a result; ``of_json`` reads it."""
        return {
            "units": [None if math.isinf(u) else u for u in self.units], "shares": list(self.shares),
            "weight": self.weight, "horizon": self.horizon, "answers": self.answers, "windows": self.windows,
        }  # fmt: skip

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Recency:
        """From ``as_json``."""
        return cls(
            tuple(math.inf if u is None else float(u) for u in stored["units"]),
            tuple(float(s) for s in stored["shares"]),
            float(stored["weight"]), float(stored["horizon"]), int(stored["answers"]), int(stored["windows"]),
        )  # fmt: skip


def adds(weights: Sequence[float], recency: Recency) -> float:
    """What one actor adds to influence: ``weights`` are the sums w_h, one for each unit of ``recency``."""
    return math.fsum(-s * math.expm1(-w) for s, w in zip(recency.shares, weights, strict=True))


class Past:
    """What an index knows at ``cut`` (inclusive): per-pair sums in the order of its pairs, nothing later is read."""

    def __init__(self, index: EventIndex, cut: int, since: int | None, kind_weights: Mapping[str, float]) -> None:
        import numpy as np

        self.index, self.cut = index, cut
        known = index.time <= cut
        if since is not None:
            known &= index.time >= since
        known &= np.repeat(index.actor != index.target, np.diff(index.start))
        timed = index.time[known & (index.time > 0)]
        self.oldest = int(timed.min()) if len(timed) else cut
        per_kind = np.zeros(max(index.kinds, default=0) + 1)
        for code, name in index.kinds.items():
            per_kind[code] = kind_weights.get(name, 0.0)
        self._per_kind = per_kind
        self._known = known

    def _pieces(self) -> Iterator[tuple[Ints, Ints, Floats, Floats]]:
        """The known pairs in pieces that fit the cache: which, where their events begin, strengths and ages of events.

        What is not known is taken out, not set to zero: zeros too change how a sum is grouped, and so its last bits.
        """
        import numpy as np

        index = self.index
        for first, last in pieces(index.start):
            part = slice(index.start[first], index.start[last])
            time, kind, known = index.time[part], index.kind[part], self._known[part]
            start, pairs = index.start[first:last] - index.start[first], np.arange(first, last)
            if not known.all():
                count = np.add.reduceat(known, start, dtype=np.int64)
                time, kind, pairs, count = time[known], kind[known], pairs[count > 0], count[count > 0]
                start = np.cumsum(count) - count
            if len(pairs):
                when: Any = np.where(time > 0, time, self.oldest)
                yield pairs, start, self._per_kind[kind], (self.cut - when).astype(np.float64)

    @property
    def span(self) -> int:
        """Seconds from the oldest event to the cut."""
        return max(0, self.cut - self.oldest)

    def pair_weights(self, unit: float) -> Floats:
        """w_h(A, B) of each pair; 0 for pairs that are not known yet."""
        import numpy as np

        out = np.zeros(self.index.pairs)
        if len(self.index):
            for pairs, start, strength, age in self._pieces():
                value = strength if math.isinf(unit) else strength / (1.0 + age / unit)
                out[pairs] = np.add.reduceat(value, start)
        return out

    def counted(self, unit: float) -> Floats:
        """Sum over actors of 1 - exp(-w_h), one number a node of the index."""
        import numpy as np

        distinct = self.pair_weights(unit)
        np.negative(np.expm1(np.negative(distinct, out=distinct), out=distinct), out=distinct)
        return np.bincount(self.index.target, distinct, minlength=len(self.index.nodes)).astype(np.float64)

    def candidates(self) -> Flags:
        """Nodes whom somebody has acted upon."""
        import numpy as np

        pairs = _any(self.index, self._known)
        return np.bincount(self.index.target[pairs], minlength=len(self.index.nodes)) > 0


def _any(index: EventIndex, flags: Flags) -> Flags:
    """Which pairs have a flagged event."""
    import numpy as np

    if not len(flags):
        return np.zeros(0, dtype=bool)
    return np.logical_or.reduceat(flags, index.start[:-1])


def answer_codes(index: EventIndex, until: int) -> list[int]:
    """Codes of the kinds that count as an answer (see ``ANSWERS``), going by the events up to ``until``."""
    import numpy as np

    wanted = [code for code, name in index.kinds.items() if name in ANSWERS]
    return wanted if bool((np.isin(index.kind, wanted) & (index.time <= until)).any()) else list(index.kinds)


def answered(index: EventIndex, after: int, end: int, codes: Sequence[int]) -> Ints:
    """How many distinct people answer each node after ``after`` and until ``end`` (inclusive)."""
    import numpy as np

    inside = (index.time > after) & (index.time <= end) & np.isin(index.kind, list(codes))
    pairs = _any(index, inside) & (index.actor != index.target)
    return np.bincount(index.target[pairs], minlength=len(index.nodes)).astype(np.int64)


def influence(
    index: EventIndex,
    recency: Recency,
    *,
    until: int,
    since: int | None = None,
    kind_weights: Mapping[str, float] = KIND_WEIGHTS,
) -> Floats:
    """Influence of every node of the index, from events between ``since`` and ``until`` (both inclusive)."""
    import numpy as np

    past = Past(index, until, since, kind_weights)
    total = np.zeros(len(index.nodes))
    for unit, share in zip(recency.units, recency.shares, strict=True):
        total += share * past.counted(unit)
    return total


def cuts_of(times: Ints, windows: int, share: float) -> list[int]:
    """Ends of the past for ``windows`` windows at the end of ``times`` (ascending), and the end of the last window.

    Each window holds ``share`` of the events; windows that would be empty (all at one moment) are left out.
    """
    n = len(times)
    at = [max(0, min(n - 1, math.floor(n * (1 - share * i)) - 1)) for i in range(windows, -1, -1)]
    ends = [int(times[i]) for i in at] if n else []
    return sorted(set(ends))


def learn(
    index: EventIndex,
    *,
    until: int,
    since: int | None = None,
    kind_weights: Mapping[str, float] = KIND_WEIGHTS,
    report: Report | None = None,
) -> Recency:
    """The recency that forecast best in the windows before ``until``; a plain one where they are too few to tell.

    Only events until ``until`` are read. ``report(done, of)`` is called along the way and may raise to stop.
    """
    import numpy as np

    known = (index.time > 0) & (index.time <= until)
    if since is not None:
        known &= index.time >= since
    if (many := int(np.count_nonzero(known))) > ENOUGH:
        index, known = _some(index, known, ENOUGH / many)
    now = Past(index, until, since, kind_weights)
    plain = Recency.plain(time_unit(now.span))
    times: Any = np.sort(index.time[known])
    ends = cuts_of(times, LESSONS, SHARE)
    codes = answer_codes(index, until)
    lessons = [(cut, end, answered(index, cut, end, codes)) for cut, end in pairwise(ends)]
    units = tuple(u for u in UNITS if math.isinf(u) or u <= now.span)
    tables, answers, used = [], [], []
    for done, (cut, end, got) in enumerate(lessons):
        past = Past(index, cut, since, kind_weights)
        among = past.candidates()
        if int(got[among].sum()) == 0:
            continue
        columns = []
        for at, unit in enumerate(units):
            columns.append(past.counted(unit)[among])
            if report is not None:
                report(done * len(units) + at + 1, len(lessons) * len(units))
        tables.append(np.stack(columns, axis=1))
        answers.append(got[among])
        used.append(end - cut)
    if not tables:
        return plain
    table, came = np.concatenate(tables), np.concatenate(answers).astype(np.float64)
    if came.sum() < MIN_ANSWERS or np.count_nonzero(came) < MIN_ANSWERED:
        return plain
    rates = _poisson(table, came, units.index(plain.units[0]) if plain.units[0] in units else None)
    total = float(rates.sum())
    # rounded, so that the last bits of a sum on another machine change no ranking
    shares = [round(float(r) / total, 6) for r in rates] if total > 0 else []
    if not any(shares):
        return plain
    kept = [(u, s) for u, s in zip(units, shares, strict=True) if s > 0]
    return Recency(
        tuple(u for u, _ in kept), tuple(s for _, s in kept), total, float(np.mean(used)), int(came.sum()), len(used)
    )


def _some(index: EventIndex, known: Flags, share: float) -> tuple[EventIndex, Flags]:
    """About this share of the people who are acted upon, chosen by a hash of their ids, with all that they got."""
    import numpy as np

    hashed = (index.nodes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    pairs = (hashed < int(share * 2**24))[index.target]
    count = np.diff(index.start)
    events = np.repeat(pairs, count)
    start = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(count[pairs])])
    part = replace(
        index, actor=index.actor[pairs], target=index.target[pairs], start=start, time=index.time[events],
        kind=index.kind[events],
    )  # fmt: skip
    return part, known[events]


def _poisson(table: Floats, came: Floats, default: int | None) -> Floats:
    """Coefficients >= 0 of ``came`` ~ Poisson(table @ coefficients), columns scaled to equal sums meanwhile.

    Few answers teach little: they are drawn towards the ``default`` column as by ``PRIOR`` answers (ridge).
    """
    import numpy as np
    from scipy.optimize import nnls

    scale = table.sum(axis=0)
    scale[scale <= 0] = 1.0
    scaled = table * (came.sum() / scale)
    expected = scaled.mean(axis=1) + _FLOOR
    found = np.zeros(table.shape[1])
    for _ in range(_ROUNDS):
        weighted = scaled / expected[:, None]
        gram = np.einsum("ij,ik->jk", weighted, scaled)
        gram[np.diag_indices_from(gram)] *= 1.0 + 1e-9
        right = np.einsum("ij,i->j", weighted, came)
        if default is not None:
            pull = PRIOR / came.sum() * float(np.trace(gram)) / len(gram)
            gram[np.diag_indices_from(gram)] += pull
            right[default] += pull
        # min |R b - R^-T right|^2 with R the Cholesky factor is the same problem in a few numbers
        factor = np.linalg.cholesky(gram + 1e-12 * np.trace(gram) * np.eye(len(gram))).T
        found, _ = nnls(factor, np.linalg.solve(factor.T, right))
        expected = scaled @ found + _FLOOR
    return np.asarray(found * (came.sum() / scale), dtype=np.float64)
