"""Looking early without fooling oneself: a bound that holds however often, and whenever, somebody looks.

A test is planned for a number of people. When the share ``t`` of them is through, the score of the difference is, under
no difference, a Brownian motion B(t) = z·√t. O'Brien & Fleming (1979) stop where |B(t)| reaches a fixed height c. By
the reflection principle P(|B| reaches c before 1) <= 4·(1 - Φ(c)), so c = Φ⁻¹(1 - α/4): 2.241 for α = 0.05. That is
the continuous limit from which Lan & DeMets (1983) take their spending function, and as it bounds the whole path, no
look has to be announced or counted. The price: the last look asks for |z| >= 2.241 instead of 1.96.

Intervals are repeated ones (Jennison & Turnbull 1989): all of them, at all looks, hold the truth together with 1 - α.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

ALPHA: Final = 0.05
LEAST_SHARE: Final = 0.02
"""Below this share of the plan the bound is so far away that a look is told as none."""
FUTILE: Final = 0.1
"""A chance below this of still finding the change that was planned for is told as hopeless (it never stops a test)."""
_NORMAL: Final = NormalDist()


def height(alpha: float = ALPHA) -> float:
    """The height c that |B| reaches with at most ``alpha`` when there is no difference."""
    return _NORMAL.inv_cdf(1 - alpha / 4)


def bound(share: float, alpha: float = ALPHA) -> float:
    """How large |z| must be when ``share`` (0..1) of the plan is through; infinite before anybody is."""
    return math.inf if share <= 0 else height(alpha) / math.sqrt(min(1.0, share))


def always_p(z: float, share: float) -> float:
    """A p value that may be read at any time, by any rule of stopping: P(|B| ever reaches |z|·√share)."""
    if share <= 0:
        return 1.0
    reached = abs(z) * math.sqrt(min(1.0, share))
    return min(1.0, 2 * math.erfc(reached / math.sqrt(2)))


def conditional_power(z: float, share: float, drift: float, alpha: float = ALPHA) -> float:
    """The chance that the bound is passed at the planned end, if the truth is ``drift`` (the z that the planned change
    has at the end, with its sign) and ``z`` is what ``share`` of the plan shows (Lan, Simon & Halperin 1982).
    """
    c, t = height(alpha), min(1.0, max(0.0, share))
    now = z * math.sqrt(t)
    if t >= 1:
        return float(abs(now) >= c)
    left = math.sqrt(1 - t)
    middle = now + drift * (1 - t)
    return (1 - _NORMAL.cdf((c - middle) / left)) + _NORMAL.cdf((-c - middle) / left)


def inflation(alpha: float = ALPHA, power: float = 0.8) -> float:
    """How many times as many people as a test that is looked at once (1.21 for 0.05 and 0.8)."""
    miss = _NORMAL.inv_cdf(power)
    return ((height(alpha) + miss) / (_NORMAL.inv_cdf(1 - alpha / 2) + miss)) ** 2
