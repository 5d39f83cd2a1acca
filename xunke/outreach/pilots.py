"""A market test: a small sample first, a rule of go or no-go that is fixed before, and what the whole list would bring.

The rate of the sample has a Beta posterior (Jeffreys prior, Beta(1/2, 1/2)); what the rest would bring is therefore
beta-binomial. That holds for people like those of the sample: dealt out at random from the same list, met the same way
and in the same season.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from . import experiments as ab

SURE: Final = 0.9
"""The posterior probability that go or no-go asks for."""
PRIOR: Final = 0.5
LEAST: Final = 30
"""A sample below this is not judged."""
Call = Literal["go", "no_go", "open", "few"]


def size(precision: float, *, guess: float = ab.BASELINE, people: int | None = None) -> int:
    """People for a 95 % interval of ± ``precision`` round a rate of ``guess`` (normal; Cochran 1977), fewer where the
    list has only ``people`` (finite population); at least ``LEAST``.
    """
    n = (ab.z_of(ab.CONFIDENCE) / precision) ** 2 * guess * (1 - guess)
    if people:
        n = n / (1 + (n - 1) / people)
    return max(LEAST, math.ceil(n))


@dataclass(frozen=True, slots=True)
class Projected:
    """What a sample says: ``go`` the rate that was asked for beforehand, ``likely`` the probability that the true rate
    is at least that. ``low`` and ``high``: the rate's 95 % interval. Of the ``rest``: ``hits`` expected, with the 95 %
    prediction interval; ``more``: people more that may settle it (None where nothing is open).
    """

    n: int
    sample_hits: int
    rate: float | None
    low: float
    high: float
    go: float
    likely: float
    call: Call
    rest: int
    hits: float
    hits_low: int
    hits_high: int
    more: int | None


def project(hits: int, n: int, rest: int, *, go: float, sure: float = SURE) -> Projected:
    """Judge a sample by its rule and carry it to the rest of the list."""
    from scipy.stats import beta, betabinom

    a, b = hits + PRIOR, n - hits + PRIOR
    likely = float(beta.sf(go, a, b))
    call: Call = "few" if n < LEAST else "go" if likely >= sure else "no_go" if likely <= 1 - sure else "open"
    low, high = ab.wilson(hits, n)
    if rest:
        first, last = (int(betabinom.ppf(q, rest, a, b)) for q in (0.025, 0.975))
    else:
        first = last = 0
    more = max(1, LEAST - n) if call == "few" else _more(hits, n, go, sure) if call == "open" else None
    return Projected(
        n, hits, hits / n if n else None, low, high, go, likely, call, rest, rest * a / (a + b), first, last, more
    )


def _more(hits: int, n: int, go: float, sure: float) -> int | None:
    """People more after which the rate as it is now would settle the rule; None if it lies on the line itself."""
    from scipy.stats import beta

    rate = (hits + PRIOR) / (n + 2 * PRIOR)
    for factor in (1.25, 1.5, 2, 3, 4, 6, 8, 12, 20, 40):
        wider = round(n * factor)
        likely = float(beta.sf(go, rate * wider + PRIOR, (1 - rate) * wider + PRIOR))
        if likely >= sure or likely <= 1 - sure:
            return wider - n
    return None
