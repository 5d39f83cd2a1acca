"""What the numbers of a running test allow to be said: arms against the first one, with a plan that is kept.

Nothing is called a difference before every arm has ``SMALL`` people and would expect ``FEW_EXPECTED`` hits and misses
if there were none. Looks before the plan is through are judged by ``outreach.sequential``. Rates are 0..1.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance
from typing import Final, Literal

from . import experiments as ab
from . import sequential as seq

Ruling = Literal["higher", "lower", "open", "few"]
BOOTSTRAPS: Final = 2000
BOOTSTRAP_SEED: Final = 20261123
CELLS: Final = 2_000_000
"""Numbers drawn that are held in memory at once."""
SUSPICIOUS: Final = 0.001
"""A sample ratio less likely than this is a fault of the assignment or of the logging (Fabijan et al. 2019)."""
_NORMAL: Final = NormalDist()
BALANCED: Final = 0.1
"""Standardised differences up to this need no word (Austin 2009); in small arms more comes by chance."""


@dataclass(frozen=True, slots=True)
class Share:
    """One arm, counted: ``hits`` of the ``n`` people that are through, of ``planned``."""

    name: str
    n: int
    hits: int
    planned: int

    @property
    def rate(self) -> float | None:
        """The share of hits; None for nobody."""
        return self.hits / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Amounts:
    """One arm, measured: a value for each of the people that are through (0 for those who gave none)."""

    name: str
    values: tuple[float, ...]
    planned: int

    @property
    def n(self) -> int:
        """How many people."""
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Judged:
    """An arm beside the first. ``gap`` = second - first, its interval holds at every look; ``p`` may be read at any
    time and is corrected for the number of arms (Holm). ``share`` of the plan that is through. ``needed``: people an
    arm needs, ``more``: what the smaller one lacks; None where nothing can be said. ``power``: the chance of still
    finding the planned change (None without one). ``boot``: bootstrap interval of a mean (skewed money).
    """

    first: str
    second: str
    gap: float
    low: float
    high: float
    p: float
    share: float
    ruling: Ruling
    needed: int | None
    more: int | None
    power: float | None = None
    boot: tuple[float, float] | None = None

    @property
    def futile(self) -> bool:
        """Whether going on is hopeless for the change that was planned for."""
        return self.ruling == "open" and self.power is not None and self.power < seq.FUTILE


def _share_of_plan(one: Share | Amounts, two: Share | Amounts, early: bool) -> float:
    """The information of two arms as a share of what is planned: that of 1/n + 1/m."""
    if not early:
        return 1.0
    if not one.n or not two.n:
        return 0.0
    planned = 1 / max(one.planned, one.n) + 1 / max(two.planned, two.n)
    return min(1.0, planned / (1 / one.n + 1 / two.n))


def rates(
    arms: Sequence[Share],
    *,
    change: float | None = None,
    baseline: float | None = None,
    alpha: float = seq.ALPHA,
    power: float = ab.POWER,
    early: bool = True,
) -> list[Judged]:
    """Every other arm against the first. ``change``: the smallest that matters, as planned; ``baseline``: the rate
    expected. ``early``: people may look before the plan is through (False: this is the one look).
    """
    first, others = arms[0], arms[1:]
    strict = alpha / max(1, len(others))
    found = [_rate(first, other, strict, alpha, early) for other in others]
    out = []
    for other, (gap, low, high, z, share), p in zip(others, found, ab.holm([_p(*f[3:], early) for f in found]),
                                                     strict=True):  # fmt: skip
        enough = _enough(first, other)
        ruling: Ruling = "few" if not enough else "open"
        if enough and p < alpha and (low > 0 or high < 0):
            ruling = "higher" if gap > 0 else "lower"
        needed = _least(first, other, baseline)
        if enough:
            needed = _needed(first, other, change, baseline, strict, power, early)
        more = None if needed is None else max(0, needed - min(first.n, other.n)) if ruling in ("open", "few") else 0
        chance = None
        if change and first.n and other.n:
            rate = baseline or (first.hits + other.hits) / (first.n + other.n)
            error = math.sqrt(max(rate * (1 - rate), 1e-9) * (1 / max(first.planned, first.n)
                                                              + 1 / max(other.planned, other.n)))  # fmt: skip
            drift = abs(change) / error
            chance = max(seq.conditional_power(z, share, side * drift, strict) for side in (1, -1))
        out.append(Judged(first.name, other.name, gap, low, high, p, share, ruling, needed, more, chance))
    return out


def _p(z: float, share: float, early: bool) -> float:
    return seq.always_p(z, share) if early else math.erfc(abs(z) / math.sqrt(2))


def _rate(one: Share, two: Share, alpha: float, whole: float, early: bool) -> tuple[float, float, float, float, float]:
    """(gap, low, high, z, share of the plan)."""
    if not one.n or not two.n:
        return 0.0, -1.0, 1.0, 0.0, 0.0
    share = _share_of_plan(one, two, early)
    pooled = (one.hits + two.hits) / (one.n + two.n)
    error = math.sqrt(pooled * (1 - pooled) * (1 / one.n + 1 / two.n))
    z = (two.hits / two.n - one.hits / one.n) / error if error else 0.0
    width = seq.bound(share, alpha) if early else ab.z_of(1 - alpha)
    return *ab.difference(one.hits, one.n, two.hits, two.n, z=width), z, share


def _enough(one: Share, two: Share) -> bool:
    if min(one.n, two.n) < ab.SMALL:
        return False
    pooled = (one.hits + two.hits) / (one.n + two.n)
    return min(one.n, two.n) * min(pooled, 1 - pooled) >= ab.FEW_EXPECTED


def _least(one: Share, two: Share, baseline: float | None) -> int | None:
    """People an arm needs before anything is said at all: ``SMALL``, and the expected hits and misses."""
    seen = one.hits + two.hits
    rate = seen / (one.n + two.n) if seen else baseline
    if not rate or rate >= 1:
        return None if not seen else ab.SMALL
    return max(ab.SMALL, math.ceil(ab.FEW_EXPECTED / min(rate, 1 - rate)))


def _needed(
    one: Share, two: Share, change: float | None, baseline: float | None, alpha: float, power: float, early: bool
) -> int | None:
    """People for the planned change from the rate seen; without a plan for the gap as it is."""
    rate = one.hits / one.n
    wanted = change if change else two.hits / two.n - rate
    z = seq.height(alpha) if early else ab.z_of(1 - alpha)
    for start in (rate, baseline or 0.0):
        try:
            return max(ab.sample_size(start, wanted, power=power, z=z))
        except ValueError:
            continue
    return None


def means(
    arms: Sequence[Amounts],
    *,
    change: float | None = None,
    alpha: float = seq.ALPHA,
    power: float = ab.POWER,
    early: bool = True,
) -> list[Judged]:
    """Every other arm against the first: Welch's t, and beside it, as money is skewed, a bootstrap interval and the
    same t over people dealt out again. What is told is the widest at each end and the larger p: where few people give
    much, the first two are too sure, above all when one arm is small (11 to 24 % false findings of 5 %). All three are
    taken at the level that the look asks for; where too few give, no interval is told (from minus to plus infinity).
    """
    first, others = arms[0], arms[1:]
    strict = alpha / max(1, len(others))
    found = [_mean(first, other, strict, early) for other in others]
    givers = [sum(v != 0 for v in (*first.values, *other.values)) / max(1, first.n + other.n) for other in others]
    sizes = [min(first.n, other.n) for other in others]
    told = [least >= ab.SMALL and least * given >= ab.FEW_EXPECTED for least, given in zip(sizes, givers, strict=True)]
    drawn = [redealt(first.values, other.values) if enough else () for other, enough in zip(others, told, strict=True)]
    plain = [max(_p(f[3], f[4], early), _p(_chance(first.values, other.values, scores), f[4], early) if scores else 0.0)
             for f, other, scores in zip(found, others, drawn, strict=True)]  # fmt: skip
    out = []
    ruling: Ruling
    boot: tuple[float, float] | None
    for other, (gap, low, high, z, share), p, given, least, enough, scores in zip(
        others, found, ab.holm(plain), givers, sizes, told, drawn, strict=True
    ):
        boot, ruling = None, "few"
        if not enough:
            low, high = -math.inf, math.inf  # of so few who give no interval holds what it says (83 in 100 for 95)
        else:
            ruling = "open"
            level = math.erfc((seq.bound(share, strict) if early else ab.z_of(1 - strict)) / math.sqrt(2))
            boot = bootstrap(first.values, other.values, 1 - level)
            dealt = _scored(first.values, other.values, scores, level)
            low, high = min(low, boot[0], dealt[0]), max(high, boot[1], dealt[1])
            if p < alpha and (low > 0 or high < 0):
                ruling = "higher" if gap > 0 else "lower"
        needed = max(ab.SMALL, math.ceil(ab.FEW_EXPECTED / given)) if given and not enough else None
        chance = None
        if least > 1 and change:
            spread = math.sqrt((variance(first.values) + variance(other.values)) / 2)
            z_asked = seq.height(strict) if early else ab.z_of(1 - strict)
            if enough:
                needed = mean_size(spread, change, power=power, z=z_asked)
            planned = max(first.planned, first.n), max(other.planned, other.n)
            drift = abs(change) / max(1e-9, spread * math.sqrt(1 / planned[0] + 1 / planned[1]))
            chance = max(seq.conditional_power(z, share, side * drift, strict) for side in (1, -1))
        more = None if needed is None else max(0, needed - least) if ruling in ("open", "few") else 0
        out.append(Judged(first.name, other.name, gap, low, high, p, share, ruling, needed, more, chance, boot))
    return out


def mean_size(spread: float, change: float, *, power: float = ab.POWER, z: float | None = None) -> int:
    """People needed in each arm to tell two means ``change`` apart whose standard deviation is ``spread`` (two-sample
    z; Cohen 1988)."""
    asked = ab.z_of(ab.CONFIDENCE) if z is None else z
    return max(2, math.ceil(round(2 * ((asked + NormalDist().inv_cdf(power)) * spread / change) ** 2, 9)))


def mean_change(spread: float, n: int, *, power: float = ab.POWER, z: float | None = None) -> float:
    """The other way round: the smallest difference of means that ``n`` people in each arm find."""
    asked = ab.z_of(ab.CONFIDENCE) if z is None else z
    return (asked + NormalDist().inv_cdf(power)) * spread * math.sqrt(2 / n)


def rate_change(baseline: float, n: int, *, power: float = ab.POWER, z: float | None = None) -> float | None:
    """The smallest rise from ``baseline`` that ``n`` people in each arm find; None if not even a rise to 1."""
    low, high = 0.0, 1 - baseline - 1e-9
    if high <= 0 or ab.sample_size(baseline, high, power=power, z=z)[0] > n:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        if ab.sample_size(baseline, middle, power=power, z=z)[0] > n:
            low = middle
        else:
            high = middle
    return high


def _mean(one: Amounts, two: Amounts, alpha: float, early: bool) -> tuple[float, float, float, float, float]:
    """(gap, low, high, z of the same p, share of the plan)."""
    if one.n < 2 or two.n < 2:
        return 0.0, -math.inf, math.inf, 0.0, 0.0
    from scipy.stats import t as student

    share = _share_of_plan(one, two, early)
    gap = fmean(two.values) - fmean(one.values)
    parts = variance(one.values) / one.n, variance(two.values) / two.n
    error = math.sqrt(sum(parts))
    if not error:
        return gap, gap, gap, 0.0, share
    freedom = error**4 / (parts[0] ** 2 / (one.n - 1) + parts[1] ** 2 / (two.n - 1))
    tail = max(float(student.sf(abs(gap) / error, freedom)), 1e-300)
    z = -NormalDist().inv_cdf(tail) if tail < 0.5 else 0.0
    width = seq.bound(share, alpha) if early else ab.z_of(1 - alpha)
    reach = math.inf if width == math.inf else float(student.isf(math.erfc(width / math.sqrt(2)) / 2, freedom))
    return gap, gap - reach * error, gap + reach * error, math.copysign(z, gap), share


def bootstrap(one: Sequence[float], two: Sequence[float], confidence: float) -> tuple[float, float]:
    """The interval of mean(two) - mean(one) by the studentised bootstrap, which skewed money asks for (Efron &
    Tibshirani 1993, ch. 12); resampled with a fixed seed.
    """
    import numpy as np

    chance = np.random.default_rng(BOOTSTRAP_SEED)
    gap, square, gaps, squares = 0.0, 0.0, np.zeros(BOOTSTRAPS), np.zeros(BOOTSTRAPS)
    for values, sign in ((one, -1), (two, 1)):
        data = np.asarray(values, float)
        n = len(data)
        gap, square = gap + sign * float(data.mean()), square + float(data.var(ddof=1)) / n
        rows = max(1, CELLS // n)
        for start in range(0, BOOTSTRAPS, rows):
            part = slice(start, min(start + rows, BOOTSTRAPS))
            picks = data[chance.integers(0, n, (part.stop - part.start, n))]
            gaps[part] += sign * picks.mean(axis=1)
            squares[part] += picks.var(axis=1, ddof=1) / n
    error = math.sqrt(square)
    steady = squares > 0
    if not steady.any() or not error:
        return gap, gap
    scores = (gaps[steady] - gap) / np.sqrt(squares[steady])
    low, high = np.quantile(scores, [(1 - confidence) / 2, (1 + confidence) / 2])
    return gap - float(high) * error, gap - float(low) * error


def redealt(one: Sequence[float], two: Sequence[float]) -> tuple[float, ...]:
    """The t that come when the same people are dealt out again, in order: what chance does in arms of these sizes if
    they are alike (studentised permutation, Janssen 1997; Chung & Romano 2013). With a fixed seed.
    """
    import numpy as np

    chance = np.random.default_rng(BOOTSTRAP_SEED)
    pool = np.asarray([*one, *two], float)
    pool -= pool.mean()
    few, many = sorted((len(one), len(two)))
    drawn = (pool[chance.choice(len(pool), few, replace=False, shuffle=False)] for _ in range(BOOTSTRAPS))
    sums, squares = np.array([(part.sum(), (part * part).sum()) for part in drawn]).T
    whole = float((pool * pool).sum())  # the other arm is all the rest: its sum is the opposite
    spread = (squares - sums**2 / few) / (few * (few - 1)) + (whole - squares - sums**2 / many) / (many * (many - 1))
    error = np.sqrt(np.maximum(spread, 0.0))
    steady = error > 0
    scores = -(sums / few + sums / many)[steady] / error[steady]
    return tuple(sorted((scores if len(one) == few else -scores).tolist()))


def _chance(one: Sequence[float], two: Sequence[float], scores: Sequence[float]) -> float:
    """The z of how rarely chance alone goes as far; infinite where it never did: then it has nothing to say."""
    spread = math.sqrt(variance(one) / len(one) + variance(two) / len(two))
    seen = (fmean(two) - fmean(one)) / spread if spread else 0.0
    beyond = min(bisect_right(scores, seen), len(scores) - bisect_left(scores, seen))
    return _NORMAL.inv_cdf(max(0.5, 1 - (1 + beyond) / (1 + len(scores)))) if beyond else math.inf


def _scored(one: Sequence[float], two: Sequence[float], scores: Sequence[float], level: float) -> tuple[float, float]:
    """The interval of mean(two) - mean(one) at ``1 - level`` by such t; as wide as the farthest draw at most."""
    import numpy as np

    gap, spread = fmean(two) - fmean(one), math.sqrt(variance(one) / len(one) + variance(two) / len(two))
    if not scores:
        return gap, gap
    low, high = np.quantile(scores, [level / 2, 1 - level / 2])
    return gap - float(high) * spread, gap - float(low) * spread


# -- whether the dealing out went right ----------------------------------------------------------------------------


def ratio_mismatch(counts: Sequence[int], parts: Sequence[float]) -> float:
    """How likely arms of these sizes are if they were dealt out in ``parts`` (chi-square); 1.0 for nobody."""
    from scipy.stats import chi2

    total, whole = sum(counts), sum(parts)
    if not total:
        return 1.0
    expected = [total * part / whole for part in parts]
    off = sum((c - e) ** 2 / e for c, e in zip(counts, expected, strict=True) if e)
    return float(chi2.sf(off, max(1, len(counts) - 1)))


def standard_difference(one: Sequence[float], two: Sequence[float]) -> float | None:
    """How far two arms are apart in something known beforehand, in standard deviations (Austin 2009)."""
    if len(one) < 2 or len(two) < 2:
        return None
    spread = math.sqrt((variance(one) + variance(two)) / 2)
    gap = fmean(two) - fmean(one)
    return 0.0 if not gap else None if not spread else gap / spread


def unbalanced(difference: float, n1: int, n2: int) -> bool:
    """Whether a standardised difference is more than small, and more than chance makes of arms of these sizes."""
    return abs(difference) > max(BALANCED, 1.96 * math.sqrt(1 / n1 + 1 / n2))
