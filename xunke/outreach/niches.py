"""Niches: small slices of people (interest × region × stage …) in which something happens more often than elsewhere.

For every slice of up to three facet values the share that reaches the goal is held against everybody outside it: the
ratio (lift) with its 95 % interval (Katz et al. 1978), Fisher's exact test, and the false discovery rate kept over all
slices tried (Benjamini and Hochberg 1995). A slice that is no better than a wider one it lies in is not told.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

LEAST: Final = 10
"""People in a slice, and"""
HAVING: Final = 5
"""of them at the goal, below which nothing is said."""
LARGEST: Final = 0.2
"""A niche is at most so large a share of everybody."""
FDR: Final = 0.05
_Z: Final = 1.96
Slice = tuple[tuple[str, str], ...]
"""(facet, value) pairs."""


@dataclass(frozen=True, slots=True)
class Niche:
    """``having`` of ``size`` people reach the goal, ``rest_having`` of the ``rest`` outside; ``lift`` with its
    interval; ``q`` after correcting for all slices tried.
    """

    slice: Slice
    people: tuple[int, ...]
    size: int
    having: int
    rest: int
    rest_having: int
    lift: float
    low: float
    high: float
    q: float


def find(
    values: Mapping[str, Mapping[int, Sequence[str]]], goal: Mapping[int, bool], *, most: int = 3
) -> tuple[list[Niche], int]:
    """Niches among the people of ``goal`` ({person: reached}), the surest lift first, and how many slices were tried.

    ``values``: {facet: {person: what they are}}; who has no value of a facet is in none of its slices.
    """
    import numpy as np
    from scipy.stats import fisher_exact

    from nlp.trends import benjamini_hochberg

    inside: dict[tuple[str, str], set[int]] = defaultdict(set)
    for facet, of in values.items():
        for person, words in of.items():
            if person in goal:
                for word in words:
                    inside[facet, word].add(person)
    everybody, reached = len(goal), {p for p, hit in goal.items() if hit}
    single: dict[Slice, frozenset[int]] = {(k,): frozenset(who) for k, who in inside.items() if len(who) >= LEAST}
    slices: dict[Slice, frozenset[int]] = dict(single)
    layer = dict(single)
    for _ in range(most - 1):
        wider: dict[Slice, frozenset[int]] = {}
        for pairs, who in layer.items():
            for (key, *_), others in single.items():
                if key[0] > pairs[-1][0] and len(both := who & others) >= LEAST:
                    wider[(*pairs, key)] = both
        slices |= wider
        layer = wider
    # all of them, also those where few reach the goal: to correct for the lucky ones alone would correct for nothing
    tried = {pairs: who for pairs, who in sorted(slices.items()) if len(who) <= LARGEST * everybody}
    found: list[tuple[Slice, frozenset[int], float]] = []
    for pairs, who in tried.items():
        a, n = len(who & reached), len(who)
        c, m = len(reached) - a, everybody - n
        found.append((pairs, who, float(fisher_exact(np.array([[a, n - a], [c, m - c]]), alternative="greater")[1])))
    qs = benjamini_hochberg([p for _, _, p in found])
    told: dict[Slice, Niche] = {}
    for (pairs, who, _), q in zip(found, qs, strict=True):
        a, n = len(who & reached), len(who)
        c, m = len(reached) - a, everybody - n
        lift, low, high = ratio(a, n, c, m)
        if a >= HAVING and q <= FDR and low > 1:
            told[pairs] = Niche(pairs, tuple(sorted(who)), n, a, m, c, lift, low, high, q)
    kept = [one for one in told.values() if not any(
        wide in told and told[wide].lift >= one.lift
        for size in range(1, len(one.slice)) for wide in combinations(one.slice, size)
    )]  # fmt: skip
    return sorted(kept, key=lambda o: (-o.low, o.slice)), len(tried)


def ratio(a: int, n: int, c: int, m: int) -> tuple[float, float, float]:
    """a of n against c of m: the ratio of the shares and its 95 % interval by logs (Katz et al. 1978); half a person is
    added to both counts where nobody outside has it (Walter 1975).
    """
    if n == 0 or m == 0 or a == 0:
        return 0.0, 0.0, math.inf
    x, y = (a, c) if c else (a + 0.5, c + 0.5)
    left, right = (n, m) if c else (n + 0.5, m + 0.5)
    lift = (x / left) / (y / right)
    spread = math.sqrt(max(0.0, 1 / x - 1 / left + 1 / y - 1 / right))
    return lift, lift * math.exp(-_Z * spread), lift * math.exp(_Z * spread)
