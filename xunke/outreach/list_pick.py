"""Who of many is approached when time is short: a choice under a budget of minutes, touches or money.

By value: greedy by what somebody is worth, and by worth per cost; the better of both (Leskovec et al. 2007, the bound
for a budget). By reach: the seed sets of ``outreach.reach`` (lazy greedy, who is reached twice counts once). Shares and
least numbers of groups come first, then everybody; a part may be drawn at random so that not always the same are met.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

BUDGET: Final = "budget"
QUOTA: Final = "quota"
HOLDOUT: Final = "holdout"
"""The arm of those who are kept back: nobody approaches them while the experiment runs (``gate.may``)."""
LUCK: Final = "luck"
"""How somebody was picked: at random, of those whom the score alone passes over."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be picked. ``cost`` in the unit of the budget; ``group`` None: in none; ``first``: of those who
    are taken before all others (own followers before strangers)."""

    id: int
    value: float
    cost: float
    group: str | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """``budget`` None: no limit. ``shares`` {group: share of the budget}: so much is for a group, and not more.
    ``least`` {group: people}: at least so many of it. ``each``: at most so many of a group. ``luck``: this share of the
    budget goes to people drawn at random. ``hold``: this share of those picked is kept back at random.
    """

    budget: float | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)
    each: int | None = None
    luck: float = 0.0
    hold: float = 0.0
    seed: int = 1


@dataclass(slots=True)
class Picked:
    """``people`` in the order picked, ``held`` back at random, ``out`` {candidate: why not}, ``spent`` of the budget.

    ``how`` {candidate: share, least, luck or value}: which rule took somebody. ``short`` {group: people or budget that
    were not to be had}.
    """

    people: list[int]
    held: list[int]
    out: dict[int, str]
    spent: float
    how: dict[int, str]
    short: dict[str, float]


Order = Callable[[Sequence[Candidate], float], list[int]]
"""Those of some candidates who are taken for so much, in the order taken."""


def by_value(among: Sequence[Candidate], budget: float) -> list[int]:
    """The better of taking the worthiest first, and the worthiest for their cost first."""
    ways = (
        sorted(among, key=lambda c: (-c.value, c.id)),
        sorted(among, key=lambda c: (-c.value / c.cost if c.cost > 0 else -math.inf, -c.value, c.id)),
    )
    taken = [_fill(way, budget) for way in ways]
    best = max(taken, key=lambda some: sum(c.value for c in some))
    return [c.id for c in sorted(best, key=lambda c: (-c.value, c.id))]


def _fill(order: Iterable[Candidate], budget: float) -> list[Candidate]:
    left, some = budget * (1 + 1e-9), []
    for one in order:
        if one.cost <= left:
            some.append(one)
            left -= one.cost
    return some


def pick(candidates: Sequence[Candidate], rules: Rules, order: Order = by_value) -> Picked:
    """Choose by ``rules``. The hold-out is drawn from those picked, so that both sides are alike; the budget is
    widened for it and what is then too much falls off the end.
    """
    known = {c.id: c for c in candidates}
    budget = math.inf if rules.budget is None else rules.budget
    wide = budget / (1 - rules.hold)
    purse = _Purse(known, wide, rules)
    for group, n in sorted(rules.least.items()):
        took = purse.take(order, [c for c in candidates if c.group == group], math.inf, "least", people=n)
        if took < n:
            purse.short[group] = n - took
    if not math.isinf(wide):
        for group, part in _parts(rules.shares, wide, whole=all(c.cost == 1 for c in candidates)):
            purse.take(order, [c for c in candidates if c.group == group], part - purse.spent_on(group), "share")
            if (gap := part - purse.spent_on(group)) > 0.05 * wide:
                purse.short[group] = round(gap, 2)
    free = [c for c in candidates if c.group not in rules.shares or math.isinf(wide)]
    chance = rules.luck * wide if rules.luck and not math.isinf(wide) else 0.0
    for tier in (True, False):
        purse.take(order, [c for c in free if c.first is tier], purse.left - chance, "value")
    if chance:
        drawn = [c for c in sorted(free, key=lambda c: c.id) if c.id not in purse.how]
        random.Random(f"luck:{rules.seed}").shuffle(drawn)
        purse.take(lambda some, most: [c.id for c in _fill(some, most)], drawn, purse.left, LUCK)
    out = {c.id: QUOTA if purse.full(c) else BUDGET for c in candidates if c.id not in purse.how}
    people, held = _hold(list(purse.how), rules)
    spent = sum(known[i].cost for i in people)
    while spent > budget * (1 + 1e-9):
        last = people.pop()
        out[last] = BUDGET
        spent -= known[last].cost
    if order is by_value and (rules.shares or rules.least):  # groups say who is on it, not who comes first
        people.sort(key=lambda i: (not known[i].first, -known[i].value, i))
    return Picked(people, held, out, spent, {i: purse.how[i] for i in people}, purse.short)


def _parts(shares: Mapping[str, float], budget: float, *, whole: bool) -> list[tuple[str, float]]:
    """What of the budget is for each group; in whole people where everybody costs one, by the largest remainders."""
    parts = {group: share * budget for group, share in sorted(shares.items())}
    if whole:
        exact = {group: part + 1e-9 for group, part in parts.items()}
        parts = {group: float(math.floor(part)) for group, part in exact.items()}
        over = math.floor(sum(shares.values()) * budget + 1e-9) - round(sum(parts.values()))
        for group in sorted(parts, key=lambda one: (parts[one] - exact[one], one))[:over]:
            parts[group] += 1
    return list(parts.items())


def _hold(ids: list[int], rules: Rules) -> tuple[list[int], list[int]]:
    """Some are kept back: whole people, half and more rounded up, drawn with the recorded seed."""
    if not rules.hold or not ids:
        return ids, []
    n = min(len(ids) - 1, math.floor(rules.hold * len(ids) + 0.5))
    held = set(random.Random(f"holdout:{rules.seed}").sample(sorted(ids), n))
    return [i for i in ids if i not in held], sorted(held)


class _Purse:
    """What was taken so far, and what is left."""

    def __init__(self, known: Mapping[int, Candidate], budget: float, rules: Rules) -> None:
        self.known, self.left, self.rules = known, budget, rules
        self.how: dict[int, str] = {}
        self.short: dict[str, float] = {}
        self._count: Counter[str] = Counter()
        self._spent: defaultdict[str, float] = defaultdict(float)

    def spent_on(self, group: str) -> float:
        return self._spent[group]

    def full(self, one: Candidate) -> bool:
        """Whether a rule on the group, not the budget, keeps somebody out."""
        return self._closed(one) or (one.group in self.rules.shares and one.cost <= self.left)

    def take(
        self, order: Order, among: Sequence[Candidate], most: float, how: str, *, people: int | None = None
    ) -> int:
        """Take of ``among`` for ``most`` at most, and ``people`` at most; how many. Who is passed over for their group
        makes room for the next, so it is tried again until nothing more fits.
        """
        taken, most = 0, min(most, self.left)
        while people is None or taken < people:
            before = taken
            for number in order([c for c in among if c.id not in self.how and not self._closed(c)], most):
                one = self.known[number]
                if self._closed(one) or (people is not None and taken >= people) or one.cost > most * (1 + 1e-9):
                    continue
                self._pay(one, how)
                most -= one.cost
                taken += 1
            if taken == before:
                break
        return taken

    def _pay(self, one: Candidate, how: str) -> None:
        self.how[one.id] = how
        self.left -= one.cost
        if one.group is not None:
            self._count[one.group] += 1
            self._spent[one.group] += one.cost

    def _closed(self, one: Candidate) -> bool:
        each = self.rules.each
        return each is not None and one.group is not None and self._count[one.group] >= each
