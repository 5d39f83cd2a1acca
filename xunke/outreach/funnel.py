"""Where people are lost, and which touches were wasted. Pure: takes ``kpi.Inputs``; shares have Wilson's interval."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .experiments import wilson
from .kpi import ANSWERS, GOOD, WON, Inputs, came_again, firsts

TOO_MANY: Final = 2
"""After so many touches without an answer every further one counts as wasted."""
FEW: Final = 20
"""Below so many people a leak is not named."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a funnel: people who came so far; ``rate`` of those of the step before, ``of_first`` of the first."""

    name: str
    people: int
    rate: float | None
    low: float | None
    high: float | None
    of_first: float | None
    lost: int
    members: tuple[int, ...] = ()


def response(given: Inputs) -> list[Stage]:
    """touched → seen → answered → followed → won. Who came to a later step has been at the ones before."""
    won, follow = given.people(WON), given.people(["follow_back"])
    answered, seen = given.people([*ANSWERS, "like", "click"]), given.people(["seen"])
    return _nested([
        ("touched", given.touched), ("seen", seen | answered | follow | won), ("answered", answered | follow | won),
        ("followed", follow | won), ("won", won),
    ])  # fmt: skip


REACHED: Final[Mapping[str, str]] = {
    "interest": "acquired", "consider": "activated", "follower": "developed", "engaged": "kept",
    "advocate": "advocate",
}  # fmt: skip
"""{stage (``outreach.lifecycle``): how far in this funnel it proves somebody to be}."""


def lifecycle(given: Inputs, stages: Mapping[int, str]) -> list[Stage]:
    """获取 → 激活 → 发展 → 保留 → 倡导 (acquired, activated, developed, kept, advocate) of those who were touched.

    ``stages``: {person: stage now}. Somebody has come as far as their stage or an outcome of the campaign proves; a
    later step counts for the ones before it.
    """
    proved: dict[str, set[int]] = defaultdict(set)
    for person, stage in stages.items():
        if stage in REACHED:
            proved[REACHED[stage]].add(person)
    for step, people in (("acquired", frozenset(firsts(given))), ("activated", given.people([*ANSWERS, "click"])),
                         ("developed", given.people(WON)), ("kept", came_again(given))):  # fmt: skip
        proved[step] |= people
    order = list(REACHED.values())
    later = [frozenset[int]().union(*(proved[step] for step in order[at:])) & given.touched for at in range(len(order))]
    return _nested([("touched", given.touched), *zip(order, later, strict=True)])


def _nested(steps: Sequence[tuple[str, frozenset[int]]]) -> list[Stage]:
    out: list[Stage] = []
    first = len(steps[0][1])
    for i, (name, people) in enumerate(steps):
        n, before = len(people), len(steps[i - 1][1]) if i else 0
        low, high = wilson(n, before) if before else (None, None)
        out.append(Stage(name, n, n / before if before else None, low, high, n / first if first else None,
                         before - n if i else 0, tuple(sorted(people))))  # fmt: skip
    return out


def leak(stages: Sequence[Stage]) -> Stage | None:
    """The step at which most people are lost; None where too few came so far as to tell."""
    told = [s for i, s in enumerate(stages) if i and stages[i - 1].people >= FEW and s.lost > 0]
    return max(told, key=lambda s: s.lost, default=None)


# -- waste ----------------------------------------------------------------------------------------------------------

WASTE: Final = ("outside", "duplicate", "unanswered", "spam", "left")
"""Why a touch was wasted; it counts for the first that holds."""


@dataclass(frozen=True, slots=True)
class Waste:
    """Touches in all, those wasted by reason, with the numbers of the rows; the share has an interval."""

    touches: int
    by_reason: Mapping[str, tuple[int, ...]]
    low: float
    high: float
    minutes: float

    @property
    def wasted(self) -> int:
        """Wasted touches; each counts once."""
        return sum(map(len, self.by_reason.values()))

    @property
    def rate(self) -> float | None:
        """Their share."""
        return self.wasted / self.touches if self.touches else None


def waste(given: Inputs, *, spam: frozenset[int], left: frozenset[int]) -> Waste:
    """Touches that were wasted: to people outside the lists; the same step towards the same person again within a day;
    after two without an answer; to accounts that look like spam; to people who are on the do-not-contact list now.
    """
    reasons: dict[int, str] = {}
    heard: dict[int, list[int]] = defaultdict(list)
    for c in given.came:
        if c.kind in GOOD or c.kind in ANSWERS:
            heard[c.person].append(c.t)
    open_: Counter[int] = Counter()
    before: dict[int, int] = {}
    last: dict[tuple[int, str], int] = {}
    for act in sorted(given.acts, key=lambda a: (a.t, a.id)):
        since = before.get(act.person)
        if since is not None and any(since <= t <= act.t for t in heard[act.person]):
            open_[act.person] = 0
        again = last.get((act.person, act.step))
        for reason, holds in (
            ("outside", bool(given.audience) and act.person not in given.audience),
            ("duplicate", again is not None and act.t - again < 86_400),
            ("unanswered", open_[act.person] >= TOO_MANY),
            ("spam", act.person in spam),
            ("left", act.person in left),
        ):
            if holds:
                reasons[act.id] = reason
                break
        open_[act.person] += 1
        before[act.person] = last[act.person, act.step] = act.t
    low, high = wilson(len(reasons), len(given.acts))
    minutes = sum(a.minutes or 0.0 for a in given.acts if a.id in reasons)
    grouped = {name: tuple(sorted(i for i, r in reasons.items() if r == name)) for name in WASTE}
    return Waste(len(given.acts), grouped, low, high, minutes)


# -- hit rate -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """Of the first ``n`` of a list: so many were touched, so many of these reacted well. ``rate`` is hits / touched."""

    n: int
    touched: int
    hits: int
    rate: float | None
    low: float
    high: float


def precision(ranked: Sequence[int], given: Inputs, at: Iterable[int] = (10, 20, 50, 100)) -> list[Hit]:
    """命中率 at the first 10, 20, … of a list, best first. People who were not touched tell nothing and are not
    counted; somebody who reacted without a touch is no hit of the list.
    """
    good = given.people(GOOD)
    out = []
    for n in [*(n for n in at if n < len(ranked)), *([len(ranked)] if ranked else [])]:
        top = [p for p in ranked[:n] if p in given.touched]
        hits = sum(p in good for p in top)
        low, high = wilson(hits, len(top))
        out.append(Hit(n, len(top), hits, hits / len(top) if top else None, low, high))
    return out


# -- which words at which hour --------------------------------------------------------------------------------------

SLOTS: Final = (("morning", 6, 11), ("noon", 11, 14), ("afternoon", 14, 18), ("evening", 18, 22), ("night", 22, 6))


@dataclass(frozen=True, slots=True)
class Cell:
    """A version of the message in a part of the day: touched people, those who reacted well, the share's interval."""

    variant: int | None
    slot: str
    n: int
    hits: int
    low: float
    high: float


def slot_of(hour: int) -> str:
    """The part of the day of an hour (0 to 23)."""
    return next(n for n, a, b in SLOTS if (a <= hour < b if a < b else hour >= a or hour < b))


def by_slot(given: Inputs, hour: Mapping[int, int]) -> list[Cell]:
    """Reactions by version and part of the day, by the first touch of each person. ``hour``: {touch: hour}."""
    first: dict[int, tuple[int | None, str]] = {}
    for act in sorted(given.acts, key=lambda a: (a.t, a.id)):
        first.setdefault(act.person, (act.variant, slot_of(hour[act.id])))
    good = given.people(GOOD)
    order = [n for n, _, _ in SLOTS]
    out = []
    for variant, slot in sorted(set(first.values()), key=lambda k: (k[0] or 0, order.index(k[1]))):
        people = [p for p, k in first.items() if k == (variant, slot)]
        hits = sum(p in good for p in people)
        out.append(Cell(variant, slot, len(people), hits, *wilson(hits, len(people))))
    return out
