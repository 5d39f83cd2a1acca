"""Seeds: the set of people who together reach most, within a budget and quotas.

Two objectives. ``cover``: the influence of the set together, exactly; an actor whom two of them share counts once.
``imm``: the spread through everybody, by greedy maximum coverage of reverse-reachable sets. How many sets are enough
follows from the martingale bounds of IMM (Tang, Shi, Xiao 2015, with the correction of Chen 2018: the sets that pick
are not those that found the size).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .spread import MAX_MEMBERS, Drawer, RRSets, Tick, join

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from .build import Floats, Ints

GREEDY: Final = 1.0 - 1.0 / math.e
"""What greedy is sure to get of the best (Nemhauser, Wolsey, Fisher 1978), without costs and quotas."""


@dataclass(frozen=True)
class Limits:
    """What a choice may hold.

    ``budget``: people, or money where ``cost`` gives each row's price (NaN: not known, never picked).
    ``among``: rows that may be picked (None: all). ``group``: each row's community; ``caps``: at most so much of the
    budget for a community; ``rest``: for all that ``caps`` does not name together (None: no limit of its own);
    ``each``: at most so many people of every community.
    """

    budget: float
    cost: Floats | None = None
    among: Ints | None = None
    group: Ints | None = None
    caps: Mapping[int, float] = field(default_factory=dict)
    rest: float | None = None
    each: int | None = None


@dataclass(frozen=True)
class Choice:
    """Rows in the order picked; ``gains``: what each added (sets hit first, or influence); ``spent`` of the budget."""

    people: list[int]
    gains: list[float]
    spent: float
    by: str


def _gather(offsets: Ints, values: NDArray[np.int32], rows: Ints) -> NDArray[np.int32]:
    """The slices of ``rows``, one after the other."""
    import numpy as np

    begin, size = offsets[rows], offsets[rows + 1] - offsets[rows]
    ends = np.cumsum(size)
    return values[np.repeat(begin - (ends - size), size) + np.arange(int(ends[-1]) if len(ends) else 0)]


class _Purse:
    """Who can still be paid for: the budget, and what is left for each community."""

    def __init__(self, limits: Limits, n: int) -> None:
        import numpy as np

        self.price = np.ones(n) if limits.cost is None else np.asarray(limits.cost, dtype=np.float64)
        self.left = float(limits.budget)
        self.spent = 0.0
        self._each = limits.each
        allowed = np.zeros(n, dtype=np.bool_)
        allowed[slice(None) if limits.among is None else limits.among] = True
        self.open = allowed & np.isfinite(self.price) & (self.price >= 0)
        self.group = np.zeros(n, dtype=np.int64) if limits.group is None else limits.group
        named = np.array(sorted(limits.caps), dtype=np.int64)
        self._share = np.searchsorted(named, self.group) if len(named) else np.zeros(n, dtype=np.int64)
        if len(named):
            self._share[~np.isin(self.group, named)] = len(named)
        rest = math.inf if limits.rest is None else float(limits.rest)
        self._shares = np.array([*(float(limits.caps[int(c)]) for c in named), rest])
        self._count = np.zeros(int(self.group.max()) + 1 if n else 1, dtype=np.int64)
        self.open &= self.group >= 0
        self._close()

    def pay(self, person: int) -> None:
        price = float(self.price[person])
        self.left -= price
        self.spent += price
        self.open[person] = False
        self._shares[self._share[person]] -= price
        self._count[self.group[person]] += 1
        self._close()

    def _close(self) -> None:
        slack = 1e-9 * max(1.0, self.spent + self.left)
        self.open &= self.price <= self.left + slack
        self.open &= self.price <= self._shares[self._share] + slack
        if self._each is not None:
            self.open &= self._count[self.group] < self._each


def pick(sets: RRSets, limits: Limits) -> Choice:
    """The greedy choice. With costs the better of picking by reach and by reach per cost (Leskovec et al. 2007).

    Each gain is exact when it is compared: it is lowered whenever a set is hit, so that no queue is needed. Equal
    gains go to the lower row. Those who add nothing are picked only while the budget counts people.
    """

    return _better(lambda ratio: _greedy(sets, limits, ratio=ratio), limits)


def cover(
    weights: csr_array, limits: Limits, *, value: Floats | None = None, coupled: bool = False, tick: Tick | None = None
) -> Choice:
    """The set with the greatest influence together: the sum over actors of the chance that they act on one of the set.

    The chance of a pair is p = 1 - exp(-w). Chances of one actor are independent, 1 - prod(1 - p), or ``coupled``,
    max(p): whether somebody is about at all decides, and who does not come for the likeliest comes for no other. Both
    are submodular, and for one person ``graph.rank.influence``. Greedy with lazy gains (Minoux 1978): what somebody
    added last is a bound on what they add now. ``value``: what each actor is worth. With costs as in ``pick``.
    """
    columns: Any = weights
    columns = columns.tocsc()
    return _better(lambda ratio: _cover(columns, limits, value, coupled, tick, ratio=ratio), limits)


def _better(greedy: Callable[[bool], Choice], limits: Limits) -> Choice:
    """The better of both greedy rules where prices differ."""
    import numpy as np

    by_reach = greedy(False)
    if limits.cost is None or len(np.unique(np.asarray(limits.cost)[np.isfinite(limits.cost)])) < 2:
        return by_reach
    by_ratio = greedy(True)
    return by_ratio if sum(by_ratio.gains) > sum(by_reach.gains) else by_reach


def _cover(
    columns: Any, limits: Limits, value: Floats | None, coupled: bool, tick: Tick | None, *, ratio: bool
) -> Choice:  # fmt: skip
    import numpy as np

    n = columns.shape[0]
    worth = np.ones(n) if value is None else np.asarray(value, dtype=np.float64)
    columns = columns.copy()
    columns.data = -np.expm1(-columns.data)
    taken = np.zeros(n)
    gain = np.asarray(columns.T @ worth, dtype=np.float64).ravel()
    purse = _Purse(limits, n)
    people: list[int] = []
    gains: list[float] = []
    fresh = np.ones(n, dtype=np.bool_)
    most = most_seeds(limits, n)
    while purse.open.any():
        appeal = gain / np.maximum(purse.price, 1e-12) if ratio else gain
        best = int(np.argmax(np.where(purse.open, appeal, -1.0)))
        mine = slice(columns.indptr[best], columns.indptr[best + 1])
        actors, chance = columns.indices[mine], columns.data[mine]
        if not fresh[best]:
            more = np.maximum(chance - taken[actors], 0.0) if coupled else chance * (1 - taken[actors])
            gain[best] = float((worth[actors] * more).sum())
            fresh[best] = True
            continue
        if limits.cost is not None and gain[best] <= 0:
            break
        people.append(best)
        gains.append(float(gain[best]))
        both = np.maximum(taken[actors], chance) if coupled else taken[actors] + chance * (1 - taken[actors])
        taken[actors] = both
        fresh[:] = False
        purse.pay(best)
        if tick is not None:
            tick(len(people), most)
    return Choice(people, gains, purse.spent, "ratio" if ratio else "reach")


def _greedy(sets: RRSets, limits: Limits, *, ratio: bool) -> Choice:
    import numpy as np

    offsets, numbers = sets.by_person
    gain = np.diff(offsets)
    hit = np.zeros(len(sets), dtype=np.bool_)
    purse = _Purse(limits, sets.n)
    people: list[int] = []
    gains: list[float] = []
    while purse.open.any():
        worth = gain / np.maximum(purse.price, 1e-12) if ratio else gain
        best = int(np.argmax(np.where(purse.open, worth, -1)))
        if limits.cost is not None and gain[best] == 0:
            break
        mine = numbers[offsets[best] : offsets[best + 1]].astype(np.int64)
        new = mine[~hit[mine]]
        hit[new] = True
        people.append(best)
        gains.append(len(new))
        purse.pay(best)
        if len(new):
            gain = gain - np.bincount(_gather(sets.offsets, sets.members, new), minlength=sets.n)
    return Choice(people, gains, purse.spent, "ratio" if ratio else "reach")


@dataclass(frozen=True)
class Plan:
    """What ``imm`` found: the choice, the sets it was picked on, and how many the bounds asked for.

    ``wanted`` sets make greedy worth 1 - 1/e - epsilon of the best with probability 1 - n^-ell. ``complete`` is
    False if memory allowed fewer; ``certificate`` (graph.reach) then says what was reached.
    """

    choice: Choice
    sets: RRSets
    wanted: int
    lower: float
    epsilon: float
    ell: float

    @property
    def complete(self) -> bool:
        """Whether as many sets were drawn as the bounds ask for."""
        return len(self.sets) >= self.wanted


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def most_seeds(limits: Limits, n: int) -> int:
    """How many people the budget can hold at most."""
    import numpy as np

    purse = _Purse(limits, n)
    if limits.cost is None:
        return min(int(limits.budget), int(purse.open.sum()))
    prices = np.sort(purse.price[purse.open])
    return int(np.searchsorted(np.cumsum(prices), limits.budget * (1 + 1e-9), side="right"))


def imm(
    drawer: Drawer,
    limits: Limits,
    *,
    epsilon: float = 0.1,
    ell: float = 1.0,
    max_members: int = MAX_MEMBERS,
    tick: Tick | None = None,
) -> Plan:
    """Seeds by IMM: Tang, Shi, Xiao 2015, algorithms 1 to 3, with values of people in place of their number.

    The answer is worth at least 1 - 1/e - ``epsilon`` of the best choice with probability 1 - n^-``ell`` (without
    quotas and costs; with quotas greedy is sure of 1/2, with costs of (1 - 1/e)/2, less epsilon).
    """
    n, total = drawer.n, drawer.total
    k = most_seeds(limits, n)
    empty = drawer.draw(0)
    if k < 1 or total <= 0:
        return Plan(Choice([], [], 0.0, "reach"), empty, 0, 0.0, epsilon, ell)
    size = float(max(n, 2))
    sure = ell * (1 + math.log(2) / math.log(size))
    choices = _log_choose(n, min(k, n))
    prime = math.sqrt(2) * epsilon
    logs = choices + sure * math.log(size) + math.log(max(2.0, math.log2(size)))
    test = (2 + 2 * prime / 3) * logs * total / prime**2
    sets, lower = empty, total * min(k, n) / size
    for power in range(1, max(2, math.ceil(math.log2(size)))):
        guess = total / 2**power
        needed = math.ceil(test / guess)
        sets = _more(drawer, sets, needed, 0, max_members, tick)
        choice = pick(sets, limits)
        found = total * sum(choice.gains) / max(1, len(sets))
        if found >= (1 + prime) * guess:
            lower = max(lower, found / (1 + prime))
            break
        if len(sets) < needed:
            break
    alpha = math.sqrt(sure * math.log(size) + math.log(2))
    beta = math.sqrt(GREEDY * (choices + sure * math.log(size) + math.log(2)))
    wanted = math.ceil(2 * total * (GREEDY * alpha + beta) ** 2 / epsilon**2 / lower)
    sets = _more(drawer, empty, wanted, 1 << 40, max_members, tick)
    return Plan(pick(sets, limits), sets, wanted, lower, epsilon, ell)


def _more(drawer: Drawer, sets: RRSets, count: int, start: int, limit: int, tick: Tick | None) -> RRSets:
    have = len(sets)
    if count <= have or len(sets.members) >= limit:
        return sets
    more = drawer.draw(count - have, first=start + have, max_members=limit - len(sets.members), tick=tick)
    return join(sets, more)


def prefix(order: Sequence[int], limits: Limits, n: int) -> list[int]:
    """The first of ``order`` (rows by falling score) that the budget and the quotas hold: a plain top list."""
    purse = _Purse(limits, n)
    kept: list[int] = []
    for person in order:
        if purse.open[person]:
            kept.append(int(person))
            purse.pay(int(person))
    return kept
