"""Does a ranking find who will be answered? The project's own past, cut into windows, tells.

For each window a ranker sees what was known at the cut; the truth is how many *distinct* people answer (repost, quote,
reply to) each candidate between the cut and the end of the window. Candidates: people who had been acted upon by then.

    cap@k    sum of the truth over the ranker's first k / the same over the best possible k
    NDCG@k   Järvelin and Kekäläinen 2002, gain = ln(1 + truth), discount 1 / log2(place + 1)
    reach@k  distinct people who answer any of the first k / distinct people who answer anybody
    lift     mean truth of the first k / mean truth of all candidates (chance), or of the first k by followers
    Spearman rank correlation of score and truth over all candidates, ties averaged

Intervals: 95 %, bootstrap in two stages (Efron and Tibshirani 1993): windows with replacement, then people in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from .forecast import Past, Report, answer_codes, answered, cuts_of
from .measure import Bootstrap, Truth, depth, measure, order_of
from .methods import BASELINES, Known, Method, scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .build import Floats, Ints
    from .index import EventIndex

    Flags = NDArray[np.bool_]

MIN_WINDOWS: Final = 3
MIN_ANSWERS: Final = 30
MIN_ANSWERED: Final = 10
"""A window counts with so many answers to so many candidates; fewer windows than MIN_WINDOWS prove nothing."""
SHARE: Final = 0.1
"""A window lasts as long as this share of the events, at most ..."""
HALF: Final = 0.5
"""... and all windows together at most this share, so that there is a past to rank on."""
MEASURES: Final = ("cap", "ndcg", "reach", "spearman", "lift_chance", "lift_followers")


class TooLittle(Exception):
    """Nothing can be said: ``windows`` windows had enough answers, of ``tried`` that held ``answers`` in all."""

    def __init__(self, windows: int, tried: int, answers: int) -> None:
        super().__init__(windows, tried, answers)
        self.windows, self.tried, self.answers = windows, tried, answers


@dataclass(frozen=True, slots=True)
class Window:
    """UTC seconds: the past up to ``cut``, the future after it up to ``end`` (both inclusive); people; truth."""

    cut: int
    end: int
    candidates: int
    answered: int
    answers: int
    best: int
    """Answers that the best possible k would get."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over the windows and its 95 % interval; None where it cannot be told."""

    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one ranker did: estimates by the names of ``MEASURES``, and cap@k and NDCG@k of each window."""

    method: Method
    measures: Mapping[str, Estimate]
    caps: tuple[float | None, ...]
    ndcgs: tuple[float | None, ...]
    ahead: Estimate
    """(cap + NDCG) / 2 less that of the default ranker, paired by window."""

    @property
    def value(self) -> float:
        """What rankers are compared by: the mean of cap@k and NDCG@k."""
        cap, ndcg = self.measures["cap"].mean, self.measures["ndcg"].mean
        return -1.0 if cap is None or ndcg is None else (cap + ndcg) / 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole back-test: rankers by falling value, the one picked; ``surely``: nothing unsure was preferred to it."""

    k: int
    windows: tuple[Window, ...]
    standings: tuple[Standing, ...]
    default: Method
    picked: Method
    surely: bool

    def of(self, method: Method) -> Standing:
        """The standing of ``method``; raises KeyError."""
        for standing in self.standings:
            if standing.method == method:
                return standing
        raise KeyError(method.spec)


def horizon_cuts(times: Ints, windows: int, horizon: float) -> list[int]:
    """Ends of the past for windows of ``horizon`` seconds before the newest of ``times`` (ascending), and its end."""
    if not len(times):
        return []
    end, first = int(times[-1]), int(times[0])
    ends = [int(end - horizon * i) for i in range(windows, -1, -1)]
    return [cut for cut in ends if cut > first]


def backtest(
    index: EventIndex,
    methods: Sequence[Method],
    *,
    until: int,
    since: int | None = None,
    windows: int = 5,
    horizon: float | None = None,
    k: int | None = None,
    among: Flags | None = None,
    followers: Callable[[int], Floats | None] | None = None,
    report: Report | None = None,
    seed: int = 0,
) -> Verdict:
    """Try ``methods`` (the first one is the default) on windows of the events up to ``until``.

    ``k``: length of the lists (default: a tenth of the candidates, between 10 and 100); ``among``: only these nodes are
    candidates; ``followers(cut)``: followers of each node as known at ``cut``; ``report(done, of)`` is called along the
    way and may raise to stop. Raises TooLittle. The same input gives the same verdict: draws come from ``seed``.
    """
    import numpy as np

    known = (index.time > 0) & (index.time <= until)
    if since is not None:
        known &= index.time >= since
    times: Any = np.sort(index.time[known])
    if horizon is None:
        ends = cuts_of(times, windows, min(SHARE, HALF / windows))
    else:
        ends = horizon_cuts(times, windows, horizon)
    seen = [_see(index, cut, end, since, among, until) for cut, end in pairwise(ends)]
    enough = [(w, truth) for w, truth in seen if w.answers >= MIN_ANSWERS and w.answered >= MIN_ANSWERED]
    if len(enough) < MIN_WINDOWS:
        raise TooLittle(len(enough), max(1, len(seen)), sum(w.answers for w, _ in seen))
    size = k or min(100, max(10, min(w.candidates for w, _ in enough) // 10))
    tables: dict[Method, list[Floats]] = {m: [] for m in methods}
    for at, (window, _) in enumerate(enough):
        past = Known(index, window.cut, since, followers(window.cut) if followers else None)
        for place, method in enumerate(methods):
            tables[method].append(scores(past, method))
            if report is not None:
                report(at * len(methods) + place + 1, len(enough) * len(methods))
    return _judge([w for w, _ in enough], [truth for _, truth in enough], tables, size, seed)


def _see(
    index: EventIndex, cut: int, end: int, since: int | None, among: Flags | None, until: int
) -> tuple[Window, Truth]:
    import numpy as np

    codes = answer_codes(index, until)
    flags = Past(index, cut, since, {}).candidates()
    if among is not None:
        flags = flags & among
    gain = np.where(flags, answered(index, cut, end, codes), 0)
    inside = (index.time > cut) & (index.time <= end) & np.isin(index.kind, codes)
    pairs = np.add.reduceat(inside.astype(np.int64), index.start[:-1]) > 0 if len(index) else np.zeros(0, bool)
    pairs &= (index.actor != index.target) & flags[index.target]
    window = Window(cut, end, int(flags.sum()), int((gain > 0).sum()), int(gain.sum()), 0)
    return window, Truth(gain, flags, index.target[pairs], index.actor[pairs])


def _judge(
    windows: Sequence[Window], truths: Sequence[Truth], tables: Mapping[Method, Sequence[Floats]], k: int, seed: int
) -> Verdict:
    import numpy as np

    methods = list(tables)
    best = [truth.best() for truth in truths]
    orders = {m: [_order(m, table, truth) for table, truth in zip(tables[m], truths, strict=True)] for m in methods}
    heads = [
        np.concatenate([best[at][: depth(k)], *(o[: depth(k)] for m in methods if (o := orders[m][at]) is not None)])
        for at in range(len(truths))
    ]
    bootstrap = Bootstrap(truths, heads, seed)
    both = {m: measure(truths, orders[m], tables[m], best, bootstrap, k) for m in methods}
    fans = next((both[m] for m in methods if m.name == "followers"), None)
    for found in both.values():
        for mine, theirs in zip(found, fans or ({}, {}), strict=True):
            with np.errstate(divide="ignore", invalid="ignore"):
                other = theirs.get("top", np.nan)
                mine["lift_followers"] = np.where(np.asarray(other) > 0, mine["top"] / other, np.nan)
    default = methods[0]
    standings = [_standing(m, both[m], both[default]) for m in methods]
    standings.sort(key=lambda s: (-s.value, methods.index(s.method)))
    able = [s for s in standings if s.method.name not in BASELINES]
    first = able[0] if able else standings[0]
    surely = first.method == default or (first.ahead.low is not None and first.ahead.low > 0)
    told = tuple(
        replace(window, best=int(truth.gain[order[:k]].sum()))
        for window, truth, order in zip(windows, truths, best, strict=True)
    )
    return Verdict(k, told, tuple(standings), default, first.method if surely else default, surely)


def _order(method: Method, score: Floats, truth: Truth) -> Ints | None:
    import numpy as np

    if method.name == "chance":
        return None
    blind = bool(np.isnan(score[truth.among]).all())
    return np.zeros(0, dtype=np.int64) if blind else order_of(score, truth.among)


def _standing(
    method: Method,
    mine: tuple[Mapping[str, Floats], Mapping[str, Floats]],
    default: tuple[Mapping[str, Floats], Mapping[str, Floats]],
) -> Standing:
    told, drawn = mine
    measures = {name: _estimate(told[name], drawn[name]) for name in MEASURES}
    ahead = _estimate(_value(told) - _value(default[0]), _value(drawn) - _value(default[1]))
    caps, ndcgs = (tuple(None if v != v else v for v in told[name].tolist()) for name in ("cap", "ndcg"))
    return Standing(method, measures, caps, ndcgs, ahead)


def _value(found: Mapping[str, Floats]) -> Floats:
    return (found["cap"] + found["ndcg"]) / 2


def _estimate(values: Floats, draws: Floats) -> Estimate:
    import numpy as np

    values, draws = values[~np.isnan(values)], draws[~np.isnan(draws)]
    if not len(values):
        return Estimate(None, None, None)
    low, high = np.quantile(draws, [0.025, 0.975]) if len(draws) else (np.nan, np.nan)
    return Estimate(float(values.mean()), float(low), float(high))
