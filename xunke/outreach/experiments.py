"""A/B tests: how many people are needed, who gets what, and what the numbers allow to be said.

Nobody "wins" here without an interval that leaves out nought. Rates are shares of people (0..1); ``confidence`` is
that of two-sided intervals.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

CONFIDENCE: Final = 0.95
POWER: Final = 0.8
BASELINE: Final = 0.05
"""The rate assumed where nobody said one; said aloud wherever it is used."""
UPLIFT: Final = 0.2
"""The smallest change worth finding where nobody said one, as a share of the baseline."""
SMALL: Final = 30
"""Samples below this tell too little for a difference to mean much (a rule of thumb, said as such)."""
FEW_EXPECTED: Final = 5
"""Expected counts below this make the z test rough (Cochran 1954): Fisher's exact test takes its place."""

Verdict = Literal["higher", "lower", "open"]


def z_of(confidence: float) -> float:
    """The two-sided normal quantile: 1.96 for 0.95."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(0.5 + min(max(confidence, 0.0), 0.999999) / 2)


def wilson(hits: int, n: int, confidence: float = CONFIDENCE, *, z: float | None = None) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927); (0, 1) for nobody. ``z``: instead of that of ``confidence``."""
    if n <= 0 or z == math.inf:
        return 0.0, 1.0
    z, p = z_of(confidence) if z is None else z, hits / n
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if hits == 0 else max(0.0, (middle - half) / scale)
    high = 1.0 if hits == n else min(1.0, (middle + half) / scale)
    return low, high


def difference(
    hits1: int, n1: int, hits2: int, n2: int, confidence: float = CONFIDENCE, *, z: float | None = None
) -> tuple[float, float, float]:
    """(share 2 - share 1, low, high): Newcombe's hybrid score interval (Newcombe 1998, method 10)."""
    p1, p2 = hits1 / n1, hits2 / n2
    (low1, high1), (low2, high2) = wilson(hits1, n1, confidence, z=z), wilson(hits2, n2, confidence, z=z)
    gap = p2 - p1
    return (
        gap,
        gap - math.sqrt((p2 - low2) ** 2 + (high1 - p1) ** 2),
        gap + math.sqrt((high2 - p2) ** 2 + (p1 - low1) ** 2),
    )


def p_value(hits1: int, n1: int, hits2: int, n2: int) -> float:
    """Two-sided p of equal shares: pooled z test; Fisher's exact test where an expected count is below five."""
    pooled = (hits1 + hits2) / (n1 + n2)
    if min(n1, n2) * min(pooled, 1 - pooled) < FEW_EXPECTED:
        import numpy as np
        from scipy.stats import fisher_exact

        return float(fisher_exact(np.array([[hits1, n1 - hits1], [hits2, n2 - hits2]])).pvalue)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return math.erfc(abs(hits1 / n1 - hits2 / n2) / error / math.sqrt(2))


def sample_size(
    baseline: float,
    change: float,
    *,
    confidence: float = CONFIDENCE,
    power: float = POWER,
    ratio: float = 1.0,
    z: float | None = None,
) -> tuple[int, int]:
    """People needed in each of two arms to find ``change`` from ``baseline`` (Fleiss, Levin & Paik 2003, ch. 4,
    without continuity correction): (first arm, second arm), the second ``ratio`` times the first.

    ``z``: what |z| must reach, instead of that of ``confidence`` (``sequential.height`` where people look early).

    Raises ValueError unless both rates lie between 0 and 1 and differ.
    """
    other = baseline + change
    if not (0 < baseline < 1 and 0 < other < 1) or change == 0:
        raise ValueError("no two rates")
    mean = (baseline + ratio * other) / (1 + ratio)
    asked = z_of(confidence) if z is None else z
    spread = asked * math.sqrt((1 + ratio) * mean * (1 - mean) / ratio)
    miss = z_of(2 * power - 1) * math.sqrt(baseline * (1 - baseline) + other * (1 - other) / ratio)
    first = ((spread + miss) / change) ** 2
    return math.ceil(round(first, 9)), math.ceil(round(first * ratio, 9))


@dataclass(frozen=True, slots=True)
class Arm:
    """What came of one arm: ``hits`` of ``n`` people, with the interval of the share."""

    name: str
    n: int
    hits: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """The share."""
        return self.hits / self.n


@dataclass(frozen=True, slots=True)
class Pair:
    """Two arms beside each other. ``gap`` = second - first with its interval; ``p`` corrected for the number of
    pairs (Holm 1979), the interval for the same number (Bonferroni). ``uplift``: the gap as a share of the first.

    ``needed``: people each arm needs for a gap of this size to be found; ``more``: how many the smaller one lacks
    (0 where there are enough, None where the two rates are the same).
    """

    first: Arm
    second: Arm
    gap: float
    low: float
    high: float
    uplift: float | None
    p: float
    verdict: Verdict
    needed: int | None
    more: int | None

    @property
    def small(self) -> bool:
        """Whether one of the two is too small to say much."""
        return min(self.first.n, self.second.n) < SMALL


def evaluate(
    data: Sequence[tuple[str, int, int]], *, confidence: float = CONFIDENCE, power: float = POWER
) -> tuple[list[Arm], list[Pair]]:
    """Every arm and every pair of arms. Raises ValueError for fewer than two arms or an arm without people."""
    if len(data) < 2 or any(n <= 0 for _, n, _ in data):
        raise ValueError("no two arms")
    arms = [Arm(name, n, hits, *wilson(hits, n, confidence)) for name, n, hits in data]
    pairs = list(combinations(arms, 2))
    strict = 1 - (1 - confidence) / len(pairs)
    plain = [p_value(a.hits, a.n, b.hits, b.n) for a, b in pairs]
    out = []
    for (one, two), p in zip(pairs, holm(plain), strict=True):
        gap, low, high = difference(one.hits, one.n, two.hits, two.n, strict)
        sure = p < 1 - confidence and (low > 0 or high < 0)
        verdict: Verdict = "open" if not sure else "higher" if gap > 0 else "lower"
        needed = _needed(one, two, confidence, power)
        more = None if needed is None else 0 if sure else max(0, needed - min(one.n, two.n))
        uplift = gap / one.rate if one.hits else None
        out.append(Pair(one, two, gap, low, high, uplift, p, verdict, needed, more))
    return arms, out


def _needed(one: Arm, two: Arm, confidence: float, power: float) -> int | None:
    try:
        return max(sample_size(one.rate, two.rate - one.rate, confidence=confidence, power=power))
    except ValueError:
        return None


def holm(p: Sequence[float]) -> list[float]:
    """p values corrected for their number (Holm 1979), in the same order."""
    order = sorted(range(len(p)), key=lambda i: (p[i], i))
    out, largest = [0.0] * len(p), 0.0
    for place, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - place) * p[i]))
        out[i] = largest
    return out


def shares(split: Sequence[float], arms: int) -> list[float]:
    """The part of each arm (sum 1): ``split`` in percent, or equal parts."""
    return [part / 100 for part in split] if split else [1 / arms] * arms


def assign(people: Sequence[int], parts: Sequence[float], seed: int) -> dict[int, int]:
    """{person: arm}: at random, in the sizes of ``parts`` (largest remainders), and balanced along the order of
    ``people``: in every stretch of it the arms have nearly their parts (permuted blocks, Zelen 1974).
    """
    chance, owed = random.Random(seed), [0.0] * len(parts)
    arms: list[int] = []
    for _ in people:
        owed = [o + part for o, part in zip(owed, parts, strict=True)]
        arm = max(range(len(parts)), key=lambda i: (round(owed[i], 9), -i))
        owed[arm] -= 1
        arms.append(arm)
    block = max(2 * len(parts), 10)
    for start in range(0, len(arms), block):
        part = arms[start : start + block]
        chance.shuffle(part)
        arms[start : start + block] = part
    return dict(zip(people, arms, strict=True))
