"""What a group has more of than everybody: terms, interests, tags, regions; with intervals and a minimum sample."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from .trends import benjamini_hochberg

MIN_GROUP: Final = 30
"""People in a group below which nothing is said of it."""
MIN_HAVING: Final = 5
"""People (of the group, or expected in it) below which nothing is said of one thing."""
PRIOR: Final = 10.0
"""People that the prior is worth: the share of everybody, so that small groups are drawn towards it."""
FDR: Final = 0.05

Verdict = Literal["over", "under", "same", "too_few"]


@dataclass(frozen=True, slots=True)
class Index:
    """``having`` of the ``size`` people of the group and ``base_having`` of all ``base_size`` have ``item``.

    ``index``: 100 × share in the group / share of everybody, drawn towards 100 by the prior; ``low`` and ``high``
    its 95 % interval. ``z`` of the log-odds against everybody else, ``q`` after Benjamini and Hochberg; None where
    there are too few people to say.
    """

    item: str
    having: int
    size: int
    base_having: int
    base_size: int
    index: float | None
    low: float | None
    high: float | None
    z: float | None
    q: float | None
    verdict: Verdict

    @property
    def share(self) -> float:
        """The share of the group that has it."""
        return self.having / self.size if self.size else 0.0

    @property
    def base_share(self) -> float:
        """The share of everybody who has it."""
        return self.base_having / self.base_size if self.base_size else 0.0


def over_index(
    group: Mapping[str, int],
    size: int,
    everybody: Mapping[str, int],
    base_size: int,
    *,
    min_having: int = MIN_HAVING,
    min_group: int = MIN_GROUP,
    fdr: float = FDR,
) -> tuple[Index, ...]:
    """Compare how many people of a group have each item with everybody (of whom the group is a part).

    The group is held against those who are not in it; the surest first, then what cannot be told. Raises
    ValueError if the group has more of something than everybody.
    """
    rest = base_size - size
    if rest < 0 or any(n > everybody.get(item, 0) for item, n in group.items()):
        raise ValueError("the group is no part of everybody")
    measured: list[tuple[str, int, int, float | None]] = []
    for item in sorted(everybody):
        k, total = group.get(item, 0), everybody[item]
        enough = (
            size >= min_group and rest >= min_group and max(k, size * total / base_size) >= min_having and total - k > 0
        )
        measured.append((item, k, total, _z(k, size, total - k, rest, total / base_size) if enough else None))
    tested = [(item, z) for item, _, _, z in measured if z is not None]
    q = dict(zip(
        (item for item, _ in tested), benjamini_hochberg([math.erfc(abs(z) / math.sqrt(2)) for _, z in tested]),
        strict=True,
    ))  # fmt: skip
    rows = []
    for item, k, total, z in measured:
        if z is None:
            if k:
                rows.append(Index(item, k, size, total, base_size, None, None, None, None, None, "too_few"))
            continue
        index, low, high = _interval(k, size, total, base_size)
        verdict: Verdict = "same" if q[item] > fdr else "over" if z > 0 else "under"
        rows.append(Index(
            item, k, size, total, base_size, round(index, 1), round(low, 1), round(high, 1), round(z, 2),
            round(q[item], 5), verdict,
        ))  # fmt: skip
    return tuple(sorted(rows, key=lambda r: (r.z is None, -(r.z or 0.0), -r.having, r.item)))


def over_index_of(
    group: Iterable[Collection[str]], others: Iterable[Collection[str]], *, min_having: int = MIN_HAVING
) -> tuple[Index, ...]:
    """``over_index`` from what each person of the group, and each of all the others, has."""
    from collections import Counter

    here, there = [frozenset(one) for one in group], [frozenset(one) for one in others]
    counts = Counter(item for one in here for item in one)
    return over_index(
        counts, len(here), counts + Counter(item for one in there for item in one), len(here) + len(there),
        min_having=min_having,
    )  # fmt: skip


def _z(k: int, n: int, other: int, m: int, share: float) -> float:
    """z-value of the log-odds with a prior worth ``PRIOR`` people at the common share on both sides."""
    a, b = k + PRIOR * share, other + PRIOR * share
    c, d = n - k + PRIOR * (1 - share), m - other + PRIOR * (1 - share)
    if min(a, b, c, d) <= 0:
        return 0.0
    return (math.log(a / c) - math.log(b / d)) / math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)


def _interval(k: int, n: int, total: int, base: int) -> tuple[float, float, float]:
    """100 × share / share of everybody, and its 95 % interval (on the logarithm; the group is a part of everybody)."""
    share = total / base
    have = k + PRIOR * share
    ratio = have / (n + PRIOR) / share
    rest, others = base - n, total - k + PRIOR * share
    spread = math.sqrt(max(0.0, 1 / have - 1 / (n + PRIOR) + 1 / others - 1 / (rest + PRIOR)))
    # everybody holds the group: of a change in the group's share, the share n / base moves everybody's too
    spread *= rest / base
    return 100 * ratio, 100 * ratio * math.exp(-1.96 * spread), 100 * ratio * math.exp(1.96 * spread)
