"""How far the audiences of people overlap, against what chance would give, and what each adds to the reach of all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .build import Events, Ints

MIN_AUDIENCE: Final = 20
"""People in an audience below which nothing is said of its overlap."""
MIN_SHARED: Final = 5
"""People shared, or to be expected by chance, below which nothing is said of an affinity."""
_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Affinity:
    """How many times as many people are shared as independence would give, with its 95 % interval."""

    lift: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """``more``, ``less`` or ``chance``: what the interval allows to say."""
        return "more" if self.low > 1 else "less" if self.high < 1 else "chance"


@dataclass(frozen=True, slots=True)
class Pair:
    """The overlap of audiences ``one`` and ``two`` (places in the question); ``affinity`` None: not enough data."""

    one: int
    two: int
    shared: int
    jaccard: float
    expected: float
    affinity: Affinity | None


@dataclass(frozen=True)
class Overlap:
    """``audiences``: ascending account ids. ``added``: people that each adds to those before; ``only``: people that no
    other has; ``common``: people that all have, ``union`` those that any has. ``active``: people who acted at all."""

    audiences: tuple[Ints, ...]
    pairs: tuple[Pair, ...]
    added: tuple[int, ...]
    only: tuple[int, ...]
    union: int
    common: Ints
    active: int


def affinity(shared: int, one: int, two: int, active: int) -> Affinity | None:
    """The lift P(both) / (P(one) · P(two)) among ``active`` people, with an interval on its logarithm (delta method).

    Half a person is added to both sides, so that nobody shared has an interval too. None where an audience has fewer
    than ``MIN_AUDIENCE`` people, or fewer than ``MIN_SHARED`` are shared and expected.
    """
    if min(one, two) < MIN_AUDIENCE:
        return None
    expected = one * two / active
    if max(shared, expected) < MIN_SHARED:
        return None
    lift = (shared + 0.5) / (expected + 0.5)
    p, a, b = (shared + 0.5) / (active + 0.5), one / active, two / active
    # the gradient of log p − log a − log b over the four cells of the table
    cells = (
        (p, 1 / p - 1 / a - 1 / b), (max(0.0, a - p), -1 / a), (max(0.0, b - p), -1 / b),
    )  # fmt: skip
    mean = sum(share * slope for share, slope in cells)
    variance = max(0.0, sum(share * slope**2 for share, slope in cells) - mean**2) / active
    spread = _Z * math.sqrt(variance)
    return Affinity(lift, lift * math.exp(-spread), lift * math.exp(spread))


def audience(events: Events, person: int) -> Ints:
    """The distinct people who acted on ``person``, ascending."""
    import numpy as np

    found = np.unique(events.actor[events.target == person])
    return np.asarray(found[found != person], dtype=np.int64)


def overlap(events: Events, people: Sequence[int]) -> Overlap:
    """Compare the audiences of ``people``; each of them counts as nobody's audience but others'."""
    import numpy as np

    audiences = [audience(events, person) for person in people]
    active = len(np.unique(events.actor))
    pairs = []
    for i in range(len(people)):
        for j in range(i + 1, len(people)):
            one, two = len(audiences[i]), len(audiences[j])
            shared = len(np.intersect1d(audiences[i], audiences[j], assume_unique=True))
            every = one + two - shared
            pairs.append(Pair(
                i, j, shared, shared / every if every else 0.0, one * two / active if active else 0.0,
                affinity(shared, one, two, active),
            ))  # fmt: skip
    everybody, count = np.unique(np.concatenate(audiences), return_counts=True)
    alone = everybody[count == 1]
    added, seen = [], np.zeros(0, dtype=np.int64)
    for found in audiences:
        union = np.union1d(seen, found)
        added.append(len(union) - len(seen))
        seen = union
    return Overlap(
        tuple(audiences), tuple(pairs), tuple(added), tuple(int(np.isin(a, alone).sum()) for a in audiences),
        len(everybody), everybody[count == len(people)], active,
    )  # fmt: skip
