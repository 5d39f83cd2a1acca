"""What a campaign brought for what it cost: ROI, CPA, CAC, break-even, credit, before and after. Pure.

Intervals of money resample people (bootstrap: percentile, Efron 1979, and t, Efron & Tibshirani 1993; the wider): all
outcomes of a person go together, so that somebody who bought five times is one draw. They say how much chance there is
in the sum, not what would have come without the campaign: only a hold-out tells that.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, variance
from typing import Final

from .experiments import difference, wilson
from .kpi import WON, Inputs, priced, revenue_of, unpriced, won

SEED: Final = 20261123
DRAWS: Final = 2000
FEW: Final = 10
"""Below so many touched people, or fewer than three with money, an interval of money would be a joke."""
HALF_LIFE: Final = 7 * 86_400
"""Time-decay credit halves every seven days before the outcome."""
MODELS: Final = ("first", "last", "linear", "decay")


@dataclass(frozen=True, slots=True)
class Return:
    """The balance. Money in CNY; ``minutes`` are turned into money at ``hourly`` where one is said.

    ``low`` and ``high``: bootstrap interval of ROI; None with ``lacking`` where there is too little. ``break_even``:
    customers needed to earn the cost at the mean value of those won. ``unpriced``: wins whose money nobody noted; are
    they all so, ``revenue`` and ``roi`` are None.
    """

    spent: float
    minutes: float
    labour: float
    revenue: float | None
    roi: float | None
    low: float | None
    high: float | None
    people: int
    paying: int
    customers: int
    cac: float | None
    break_even: int | None
    seed: int
    draws: int
    lacking: str | None = None
    unpriced: int = 0


def balance(given: Inputs, *, hourly: float = 0.0, seed: int = SEED, draws: int = DRAWS) -> Return:
    """ROI = (revenue - cost) / cost. Counts without people are a fixed part of the revenue in every draw."""
    labour = given.minutes / 60 * hourly
    cost, revenue, customers = given.money + labour, revenue_of(given), won(given)
    paid = paid_by(given)
    fixed = revenue - sum(paid.values())
    people = sorted(given.touched | set(paid))
    lacking = None
    known = priced(given)
    if not cost:
        lacking = "no_cost"
    elif not known:
        lacking = "no_value"
    elif len(people) < FEW or len(paid) < 3:
        lacking = "few"
    low, high = (None, None) if lacking else _interval([paid.get(p, 0.0) for p in people], fixed, cost, seed, draws)
    each = revenue / customers if customers else 0.0
    return Return(
        given.money, given.minutes, labour, revenue if known else None,
        (revenue - cost) / cost if cost and known else None, low, high, len(people),
        len(paid), customers, cost / customers if customers and cost else None,
        math.ceil(round(cost / each, 9)) if each > 0 and cost else None, seed, draws, lacking,
        unpriced(given)[0],
    )  # fmt: skip


def paid_by(given: Inputs) -> dict[int, float]:
    """{person: CNY} of outcomes."""
    out: dict[int, float] = defaultdict(float)
    for c in given.came:
        if c.kind in WON and c.value:
            out[c.person] += c.value
    return dict(out)


def _interval(values: Sequence[float], fixed: float, cost: float, seed: int, draws: int) -> tuple[float, float]:
    """The percentile interval and the studentised one (bootstrap-t), the wider: few people who pay much are too few for
    the first alone (81 to 90 % where 95 % is said).
    """
    import numpy as np

    rng, data = np.random.default_rng(seed), np.asarray(values, float)
    n, total, spread = len(data), float(data.sum()), float(data.std(ddof=1)) * math.sqrt(len(data))
    sums, scores = np.empty(draws), np.full(draws, np.nan)
    for at in range(draws):
        drawn = data[rng.integers(0, n, n)]
        sums[at] = drawn.sum()
        if error := float(drawn.std(ddof=1)) * math.sqrt(n):
            scores[at] = (sums[at] - total) / error
    ends = [float(v) for v in np.quantile(sums, (0.025, 0.975))]
    if spread and not np.isnan(scores).all():
        low, high = (float(v) for v in np.nanquantile(scores, (0.025, 0.975)))
        ends = [min(ends[0], total - high * spread), max(ends[1], total - low * spread)]
    return (fixed + ends[0] - cost) / cost, (fixed + ends[1] - cost) / cost


# -- credit ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Credit:
    """What a rule credits a group of touches with: wins (fractions where they are shared) and money (CNY)."""

    group: str
    wins: float
    money: float
    touches: int


def credit(given: Inputs, model: str, key: Mapping[int, str]) -> list[Credit]:
    """Wins shared out over the touches before them by a rule: first, last, linear or decay. Not causal: it says where
    a touch stood, not what it did. ``key``: {touch: group}; wins without a touch before them go to "none".
    """
    before: dict[int, list[tuple[int, int]]] = defaultdict(list)
    count: dict[str, int] = defaultdict(int)
    for act in given.acts:
        before[act.person].append((act.t, act.id))
        count[key[act.id]] += 1
    wins: dict[str, float] = defaultdict(float)
    money: dict[str, float] = defaultdict(float)
    for c in given.came:
        if c.kind not in WON:
            continue
        path = sorted(p for p in before[c.person] if p[0] <= c.t)
        for (_, touch), share in zip(path, _shares(model, [c.t - t for t, _ in path]), strict=True):
            wins[key[touch]] += share
            money[key[touch]] += share * (c.value or 0.0)
        if not path:
            wins["none"] += 1
            money["none"] += c.value or 0.0
    groups = sorted({*count, *wins}, key=lambda g: (-wins[g], g))
    return [Credit(g, wins[g], money[g], count[g]) for g in groups]


def _shares(model: str, ages: Sequence[int]) -> list[float]:
    n = len(ages)
    if model == "first":
        weights = [1.0] + [0.0] * (n - 1) if n else []
    elif model == "last":
        weights = [0.0] * (n - 1) + [1.0] if n else []
    elif model == "linear":
        weights = [1.0] * n
    else:
        weights = [0.5 ** ((age - min(ages)) / HALF_LIFE) for age in ages]
    total = sum(weights)
    return [w / total for w in weights]


# -- before and after -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A daily number before and after. ``effect``: after less before, or less the control's change where there is a
    control; ``low`` and ``high``: its interval (blocks of days and Welch's t, the wider). None: too few days.
    """

    before: float
    after: float
    control_before: float | None
    control_after: float | None
    effect: float
    low: float | None
    high: float | None
    days_before: int
    days_after: int
    unusual_before: bool
    seed: int

    @property
    def told(self) -> tuple[str, dict[str, str]]:
        """What that says: a message key and its parameters."""
        low, high = self.low or 0.0, self.high or 0.0
        if low <= 0 <= high:
            said = {"effect": self.effect, "low": low, "high": high}
            return "before_after.open", {name: f"{value:+.2f}" for name, value in said.items()}
        ends = sorted((abs(low), abs(high)))  # the word says which way
        said = {"effect": abs(self.effect), "low": ends[0], "high": ends[1]}
        return f"before_after.{'more' if low > 0 else 'less'}", {name: f"{value:.2f}" for name, value in said.items()}


LEAST_DAYS: Final = 7


def before_after(
    before: Sequence[float],
    after: Sequence[float],
    control: tuple[Sequence[float], Sequence[float]] | None = None,
    *,
    seed: int = SEED,
    draws: int = DRAWS,
) -> Change | None:
    """The mean of a day before and after; with a control the difference of differences.

    Days are resampled in blocks of seven, because days of a week are alike. Few blocks say too little of chance (one
    week drawn from one week is that week), so the wider of this and Welch's t over days is told at each end.
    ``unusual_before``: the last quarter of the
    days before lies far (1.5 deviations) from the rest, so that a part of the change is a return to what is usual.
    None for fewer than ``LEAST_DAYS`` days on either side.
    """
    if min(len(before), len(after)) < LEAST_DAYS:
        return None
    pair = control if control is not None and len(control[0]) == len(before) and len(control[1]) == len(after) else None
    first = [a - b for a, b in zip(before, pair[0], strict=True)] if pair else list(before)
    second = [a - b for a, b in zip(after, pair[1], strict=True)] if pair else list(after)
    effect = _mean(second) - _mean(first)
    rng = random.Random(seed)
    drawn = sorted(_mean(_blocks(second, rng)) - _mean(_blocks(first, rng)) for _ in range(draws))
    low, high = (drawn[round(q * (draws - 1))] for q in (0.025, 0.975))
    reach = _welch(first, second)
    low, high = min(low, effect - reach), max(high, effect + reach)
    return Change(
        _mean(before), _mean(after), _mean(pair[0]) if pair else None, _mean(pair[1]) if pair else None, effect, low,
        high, len(before), len(after), _unusual(before), seed,
    )  # fmt: skip


def _welch(one: Sequence[float], two: Sequence[float]) -> float:
    """Half of the 95 % interval of mean(two) - mean(one), days taken one by one (Welch 1947)."""
    from scipy.stats import t as student

    parts = variance(one) / len(one), variance(two) / len(two)
    error = math.sqrt(sum(parts))
    if not error:
        return 0.0
    freedom = error**4 / (parts[0] ** 2 / (len(one) - 1) + parts[1] ** 2 / (len(two) - 1))
    return error * float(student.isf(0.025, freedom))


def _blocks(values: Sequence[float], rng: random.Random, size: int = 7) -> list[float]:
    n = len(values)
    out: list[float] = []
    while len(out) < n:
        at = rng.randrange(n)
        out += [values[(at + i) % n] for i in range(size)]
    return out[:n]


def _unusual(values: Sequence[float]) -> bool:
    cut = max(1, len(values) // 4)
    rest, last = values[:-cut], values[-cut:]
    spread = math.sqrt(sum((v - _mean(rest)) ** 2 for v in rest) / max(1, len(rest) - 1))
    return abs(_mean(last) - _mean(rest)) > 1.5 * spread if spread else _mean(last) != _mean(rest)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


# -- two of them ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap:
    """A share of people in two campaigns: second less first, with Newcombe's interval; ``open``: it holds nought."""

    name: str
    first: tuple[int, int]
    second: tuple[int, int]
    gap: float
    low: float
    high: float

    @property
    def open(self) -> bool:
        """Whether the data leave the sign open."""
        return self.low <= 0 <= self.high


def gap(name: str, hits1: int, n1: int, hits2: int, n2: int) -> Gap | None:
    """None where one of them touched nobody."""
    return Gap(name, (hits1, n1), (hits2, n2), *difference(hits1, n1, hits2, n2)) if n1 and n2 else None


# -- what a plan would bring ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scenario:
    """M19: a plan worked through before it is begun, with what its own history says of the rate."""

    touches: int
    cost: float
    wins: float
    wins_low: float
    wins_high: float
    profit: float
    profit_low: float
    profit_high: float


def scenario(touches: int, cost: float, each: float, hits: int, n: int) -> Scenario:
    """``touches`` planned at ``cost`` (CNY), each win worth ``each``; ``hits`` of ``n`` people were won before."""
    low, high = wilson(hits, n)
    rate = hits / n if n else 0.5 * (low + high)
    return Scenario(touches, cost, touches * rate, touches * low, touches * high, touches * rate * each - cost,
                    touches * low * each - cost, touches * high * each - cost)  # fmt: skip


def typical(values: Sequence[float]) -> float | None:
    """The median; None of nothing."""
    return median(values) if values else None
