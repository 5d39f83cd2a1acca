"""The numbers of a campaign, in four levels: 覆盖, 互动, 转化, 客户关系 (reach, engagement, conversion, relation).

Pure: it takes acts, answers, counts and money, and knows no SQL. Every number keeps what it was divided by and the rows
behind it; shares have Wilson's interval (95 %). A number that has nothing below the line is None, never 0.

Counts without people (a shop's report by code) stand beside the answers of people: an event that is in both is in both,
so such a file is for what no outcome tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from xunke.clock import day_of
from xunke.figures import percent, plain, yuan

from . import touches
from .experiments import wilson
from .trials import METRICS

Level = Literal["reach", "engagement", "conversion", "relation"]
Unit = Literal["people", "times", "share", "money", "ratio", "points"]

ANSWERS: Final = frozenset({"reply", "positive", "negative", "complaint"})
"""Somebody said something to us."""
GOOD: Final = frozenset(touches.GOOD)
BAD: Final = frozenset(touches.BAD)
WON: Final = frozenset({"converted", "bought"})
COUNTED: Final = ("seen", "click", "like", "reply", "follow_back", "converted", "bought", "refund",
                  "promoter", "passive", "detractor")  # fmt: skip
"""What a file of counts may tell (``nps`` with a score of 0 to 10 becomes one of the last three)."""
LATER: Final = 30 * 86_400
"""So long after the first dealing somebody who deals with us again was kept (seconds)."""


@dataclass(frozen=True, slots=True)
class Act:
    """A touch that happened, towards a person (all accounts of one person have the same number)."""

    id: int
    person: int
    t: int
    step: str = "reply"
    channel: str | None = None
    variant: int | None = None
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """An outcome. ``value``: CNY where money came."""

    id: int
    person: int
    t: int
    kind: str
    value: float | None = None
    touch: int | None = None
    variant: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """So many times something happened, told by a file and not by person. ``value``: CNY in all."""

    id: int
    kind: str
    count: int
    value: float | None = None
    variant: int | None = None
    day: str = ""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a campaign's numbers are made of. ``audience``: people it was meant for; ``money``: CNY spent;
    ``minutes``: of work, of the cost ledger and the touches; ``bought``: (person, t) of purchase files; ``now``:
    the second up to which everything was read.
    """

    acts: Sequence[Act] = ()
    came: Sequence[Came] = ()
    counted: Sequence[Counted] = ()
    audience: frozenset[int] = frozenset()
    money: float = 0.0
    minutes: float = 0.0
    costs: Sequence[int] = ()
    bought: Sequence[tuple[int, int]] = ()
    now: int = 0

    def people(self, kinds: Iterable[str]) -> frozenset[int]:
        """Touched people with an outcome of these kinds."""
        wanted = frozenset(kinds)
        return frozenset(c.person for c in self.came if c.kind in wanted) & self.touched

    @property
    def touched(self) -> frozenset[int]:
        """People with at least one touch."""
        return frozenset(a.person for a in self.acts)

    def total(self, *kinds: str) -> int:
        """Times that counts tell of these kinds."""
        return sum(c.count for c in self.counted if c.kind in kinds)


@dataclass(frozen=True, slots=True)
class Number:
    """A measure. ``top`` over ``bottom`` is the value, where it is a quotient; ``low`` and ``high``: its interval.

    ``touches``, ``outcomes``, ``results``, ``costs``: our numbers of the rows behind it.
    """

    name: str
    level: Level
    unit: Unit
    value: float | None
    top: float | None = None
    bottom: float | None = None
    low: float | None = None
    high: float | None = None
    touches: tuple[int, ...] = ()
    outcomes: tuple[int, ...] = ()
    results: tuple[int, ...] = ()
    costs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """How a measure is called, in what unit, and whether more of it is better."""

    name: str
    level: Level
    unit: Unit
    make: Callable[[Inputs], Number] = field(repr=False)
    more_is_better: bool = True


def tree(given: Inputs) -> list[Number]:
    """All measures in the order of the levels."""
    return [number(given, name) for name in MEASURES]


def number(given: Inputs, name: str) -> Number:
    """One measure."""
    measure = MEASURES[name]
    return replace(measure.make(given), name=name, level=measure.level, unit=measure.unit)


def shown(name: str | None, value: float | None) -> str | None:
    """A number in the unit of its measure: 12.5%, ¥300, 1,234."""
    if value is None:
        return None
    unit = MEASURES[name].unit if name is not None and name in MEASURES else "times"
    if unit == "share":
        return percent(value)
    return yuan(value) if unit == "money" else plain(value) if unit != "ratio" else f"{value:.2f}"


# -- kinds of numbers -----------------------------------------------------------------------------------------------


def _plain(value: float | None, **rows: tuple[int, ...]) -> Number:
    return _with(Number("", "reach", "times", value), rows)


def _share(given: Inputs, people: frozenset[int], of: frozenset[int], kinds: Iterable[str] = ()) -> Number:
    """A share of people, with its interval."""
    hit, n, wanted = len(people & of), len(of), frozenset(kinds)
    low, high = wilson(hit, n) if n else (None, None)
    return Number(
        "", "reach", "share", hit / n if n else None, hit, n, low, high,
        touches=tuple(a.id for a in given.acts if a.person in of),
        outcomes=tuple(c.id for c in given.came if c.kind in wanted and c.person in people & of),
    )  # fmt: skip


def _ratio(top: float, bottom: float, **rows: tuple[int, ...]) -> Number:
    return _with(Number("", "reach", "ratio", top / bottom if bottom else None, top, bottom), rows)


def _with(number: Number, rows: Mapping[str, tuple[int, ...]]) -> Number:
    none: tuple[int, ...] = ()
    return replace(
        number, touches=rows.get("touches", none), outcomes=rows.get("outcomes", none),
        results=rows.get("results", none), costs=rows.get("costs", none),
    )  # fmt: skip


def _rate(kinds: Iterable[str]) -> Callable[[Inputs], Number]:
    kinds = tuple(kinds)
    return lambda given: _share(given, given.people(kinds), given.touched, kinds)


def _noted(make: Callable[[Inputs], Number], *kinds: str) -> Callable[[Inputs], Number]:
    """Unknown, not nought, where nothing of these kinds was ever noted: views and clicks are told by files only."""

    def made(given: Inputs) -> Number:
        noted = any(c.kind in kinds for c in given.came) or any(c.kind in kinds for c in given.counted)
        return make(given) if noted else _plain(None)

    return made


def _times(*kinds: str) -> Callable[[Inputs], Number]:
    def make(given: Inputs) -> Number:
        hits = tuple(c.id for c in given.came if c.kind in kinds)
        told = tuple(c.id for c in given.counted if c.kind in kinds)
        return _plain(len(hits) + given.total(*kinds), outcomes=hits, results=told)

    return make


def _reached(given: Inputs) -> Number:
    return _plain(len(given.touched), touches=tuple(a.id for a in given.acts))


def _frequency(given: Inputs) -> Number:
    return _ratio(len(given.acts), len(given.touched), touches=tuple(a.id for a in given.acts))


def _coverage(given: Inputs) -> Number:
    return _share(given, given.touched, given.audience)


def revenue_of(given: Inputs) -> float:
    """Money that came: of outcomes, of counts (refunds taken off)."""
    came = sum(c.value or 0.0 for c in given.came if c.kind in WON)
    told = sum((c.value or 0.0) * (-1 if c.kind == "refund" else 1) for c in given.counted
               if c.kind in WON or c.kind == "refund")  # fmt: skip
    return came + told


def unpriced(given: Inputs) -> tuple[int, int]:
    """(wins of which nobody noted what they brought, all wins). All of them: what came is unknown, not nought."""
    wins = [(1, c.value) for c in given.came if c.kind in WON]
    wins += [(c.count, c.value) for c in given.counted if c.kind in WON]
    return sum(n for n, value in wins if value is None), sum(n for n, _ in wins)


def priced(given: Inputs) -> bool:
    """Whether it is known what came: something that was won has a value, or nothing was won."""
    missing, wins = unpriced(given)
    return not wins or missing < wins


def _money_rows(given: Inputs) -> dict[str, tuple[int, ...]]:
    return {
        "outcomes": tuple(c.id for c in given.came if c.kind in WON),
        "results": tuple(c.id for c in given.counted if c.kind in WON or c.kind == "refund"),
        "costs": tuple(given.costs),
    }


def _revenue(given: Inputs) -> Number:
    return _plain(revenue_of(given) if priced(given) else None, **_money_rows(given))


def _spent(given: Inputs) -> Number:
    return _plain(given.money, costs=tuple(given.costs)) if given.costs else _plain(None)


def won(given: Inputs) -> int:
    """New customers: people who converted or bought, and what the counts tell."""
    return len({c.person for c in given.came if c.kind in WON}) + given.total(*WON)


def _cac(given: Inputs) -> Number:
    return _ratio(given.money, won(given), **_money_rows(given)) if given.money else _plain(None)


def _cpr(given: Inputs) -> Number:
    answered = len(given.people(ANSWERS))
    return _ratio(given.money, answered, costs=tuple(given.costs)) if given.money else _plain(None)


def _roi(given: Inputs) -> Number:
    made = _ratio(revenue_of(given) - given.money, given.money, **_money_rows(given))
    return made if given.costs and priced(given) else _plain(None)


def firsts(given: Inputs) -> dict[int, int]:
    """{person: second of the first good outcome}."""
    first: dict[int, int] = {}
    for c in given.came:
        if c.kind in GOOD:
            first[c.person] = min(c.t, first.get(c.person, c.t))
    return first


def came_again(given: Inputs) -> frozenset[int]:
    """People who dealt with us again ``LATER`` or more after their first good outcome."""
    first = firsts(given)
    again = {c.person for c in given.came if c.kind in GOOD and c.t - first.get(c.person, c.t) >= LATER}
    return frozenset(again | {p for p, t in given.bought if p in first and t - first[p] >= LATER})


def _retention(given: Inputs) -> Number:
    ripe = frozenset(p for p, t in firsts(given).items() if t <= given.now - LATER)  # others had no time to come again
    return _share(given, came_again(given), ripe, GOOD)


def _repeat(given: Inputs) -> Number:
    begun: dict[int, int] = {}
    for act in given.acts:
        begun[act.person] = min(act.t, begun.get(act.person, act.t))
    days: dict[int, set[int]] = defaultdict(set)  # a purchase may stand in both ledgers: a day counts once
    noted = [(c.person, c.t) for c in given.came if c.kind == "bought"]
    for person, t in [*noted, *given.bought]:
        if person in begun and t >= begun[person]:
            days[person].add(day_of(t).toordinal())
    return _share(given, frozenset(p for p, d in days.items() if len(d) > 1), frozenset(days), ("bought",))


def _nps(given: Inputs) -> Number:
    for_us, against = given.total("promoter"), given.total("detractor")
    n = for_us + against + given.total("passive")
    rows = tuple(c.id for c in given.counted if c.kind in ("promoter", "passive", "detractor"))
    if not n:
        return _plain(None)
    gap = (for_us - against) / n
    # the adjusted Wald interval: three answers more, a quarter for us and a quarter against (Rocks 2016); the plain one
    # has no width where all say the same
    more = n + 3
    middle, wide = (for_us - against) / more, (for_us + against + 1.5) / more
    half = 1.96 * ((wide - middle * middle) / more) ** 0.5
    return Number("", "relation", "points", 100 * gap, for_us - against, n, 100 * max(-1.0, min(gap, middle - half)),
                  100 * min(1.0, max(gap, middle + half)), results=rows)  # fmt: skip


def _pressure(given: Inputs) -> Number:
    often: dict[int, int] = defaultdict(int)
    for act in given.acts:
        often[act.person] += 1
    return _share(given, frozenset(p for p, n in often.items() if n > 4), given.touched)


MEASURES: Final[Mapping[str, Measure]] = {
    m.name: m
    for m in (
        Measure("reached", "reach", "people", _reached),
        Measure("frequency", "reach", "ratio", _frequency, more_is_better=False),
        Measure("coverage", "reach", "share", _coverage),
        Measure("views", "reach", "times", _noted(_times("seen"), "seen")),
        Measure("reaction_rate", "engagement", "share", _rate(sorted(GOOD))),
        Measure("reply_rate", "engagement", "share", _rate(METRICS["reply_rate"])),
        Measure("follow_rate", "engagement", "share", _rate(["follow_back"])),
        Measure("new_followers", "engagement", "times", _times("follow_back")),
        Measure("negative_rate", "engagement", "share", _rate(sorted(BAD)), more_is_better=False),
        Measure("pressure", "engagement", "share", _pressure, more_is_better=False),
        Measure("click_rate", "conversion", "share", _noted(_rate(["click"]), "click")),
        Measure("clicks", "conversion", "times", _noted(_times("click"), "click")),
        Measure("conversion_rate", "conversion", "share", _rate(sorted(WON))),
        Measure("conversions", "conversion", "times", _times(*sorted(WON))),
        Measure("revenue", "conversion", "money", _revenue),
        Measure("spent", "conversion", "money", _spent, more_is_better=False),
        Measure("cpr", "conversion", "money", _cpr, more_is_better=False),
        Measure("cac", "conversion", "money", _cac, more_is_better=False),
        Measure("roi", "conversion", "share", _roi),
        Measure("retention", "relation", "share", _retention),
        Measure("repeat_rate", "relation", "share", _repeat),
        Measure("nps", "relation", "points", _nps),
    )
}
"""{name: measure}, in the order in which they are shown."""


# -- what a number is held against ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Past:
    """A measure's own past: median and range over so many earlier campaigns."""

    median: float
    low: float
    high: float
    campaigns: int


def past(values: Sequence[float | None]) -> Past | None:
    """What earlier campaigns reached; None where none of them has the number."""
    from statistics import median

    known = sorted(v for v in values if v is not None)
    return Past(median(known), known[0], known[-1], len(known)) if known else None


def progress(measure: str, value: float | None, target: float | None, baseline: float | None) -> float | None:
    """The share of the way to the target that was gone: from the baseline where there is one, else from nothing."""
    if value is None or target is None:
        return None
    start = baseline or 0.0
    if baseline is None and not MEASURES[measure].more_is_better:
        return None if not value else target / value
    return (value - start) / (target - start) if target != start else (1.0 if value >= target else 0.0)
