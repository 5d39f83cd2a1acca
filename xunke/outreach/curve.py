"""Follower counts over time: changes by day, days that stand out, and whether there is growth, a rhythm, a burst.

Robust throughout: the middle is a median, the spread a median distance from it (MAD), so that one odd day neither hides
itself nor makes others look odd. A day stands out when its modified z-score is at least ``ODD`` (Iglewicz & Hoaglin
1993): 0.6745 × (change − median) / MAD, the weekday's own median taken off first where there are enough weeks. On too
little data nothing is said.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median
from typing import Final

ODD: Final = 3.5
LEAST: Final = 14
"""Changes over equally long times, fewer than which tell nothing."""
WEEKS: Final = 4
"""Changes of each weekday from which on its own rhythm is taken off."""
SMALLEST: Final = 3
"""A change nearer to the usual one than so many followers never stands out."""
RECENT: Final = 28
BURST: Final = 14
SURE: Final = 0.05
SEASON_SURE: Final = 0.01
_SCALE: Final = 0.6745


@dataclass(frozen=True, slots=True)
class Change:
    """Followers at the end of ``day``, and how many more than ``days`` days before."""

    day: date
    followers: int
    change: int
    days: int


@dataclass(frozen=True, slots=True)
class Odd:
    """A change that stands out: ``usual`` was expected; ``z``: its modified z-score."""

    day: date
    change: int
    usual: float
    z: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a curve tells. ``every``: days between two counts that were judged; ``judged``: how many changes; ``enough``
    whether they allow anything to be said. ``trend``: up, down, flat or None (too little); ``season``: {weekday 0–6:
    median change} where the weekdays differ; ``burst``: whether the newest days hold a jump.
    """

    changes: tuple[Change, ...]
    every: int | None
    judged: int
    enough: bool
    usual: float | None
    odd: tuple[Odd, ...]
    trend: str | None
    season: dict[int, float] | None
    burst: bool


def changes_of(counts: Sequence[tuple[date, int]]) -> list[Change]:
    """From counts, oldest first, to changes; of several counts on a day the last one counts."""
    by_day = dict(counts)
    return [Change(b, by_day[b], by_day[b] - by_day[a], (b - a).days) for a, b in pairwise(sorted(by_day))]


def read(counts: Sequence[tuple[date, int]]) -> Reading:
    """What the counts tell."""
    changes = changes_of(counts)
    lengths = Counter(one.days for one in changes)
    every = min(lengths, key=lambda d: (-lengths[d], d)) if lengths else None
    same = [one for one in changes if one.days == every]
    if len(same) < LEAST or every is None:
        return Reading(tuple(changes), every, len(same), False, None, (), None, None, False)
    by_weekday: dict[int, list[int]] = defaultdict(list)
    for one in same:
        by_weekday[one.day.weekday()].append(one.change)
    weekly = every == 1 and len(by_weekday) == 7 and min(map(len, by_weekday.values())) >= WEEKS
    middle = median(one.change for one in same)
    usual = {w: median(c) if weekly else middle for w, c in by_weekday.items()}
    rest = [one.change - usual[one.day.weekday()] for one in same]
    spread = max(median(abs(r) for r in rest), _SCALE)  # where most days are alike, one follower is one step
    odd = tuple(
        Odd(one.day, one.change, usual[one.day.weekday()], round(_SCALE * r / spread, 2))
        for one, r in zip(same, rest, strict=True)
        if abs(_SCALE * r / spread) >= ODD and abs(r) >= SMALLEST
    )
    last = same[-1].day
    burst = any(one.change > one.usual and (last - one.day).days < BURST for one in odd)
    season = {w: float(m) for w, m in sorted(usual.items())} if weekly and _differ(by_weekday, odd, same) else None
    newest = [one.change for one in same if (last - one.day).days < max(RECENT, LEAST * every)]
    return Reading(tuple(changes), every, len(same), True, float(middle), odd, trend(newest), season, burst)


def trend(changes: Sequence[int]) -> str:
    """up or down where changes of one sign are too many for chance (sign test, two-sided, ``SURE``); else flat."""
    up, down = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    if sign_p(up, down) >= SURE:
        return "flat"
    return "up" if up > down else "down"


def sign_p(up: int, down: int) -> float:
    """Two-sided p of a fair coin giving so uneven a split; 1 for no throw."""
    n, few = up + down, min(up, down)
    return min(1.0, 2 * sum(math.comb(n, k) for k in range(few + 1)) / 2**n) if n else 1.0


def _differ(by_weekday: dict[int, list[int]], odd: Sequence[Odd], same: Sequence[Change]) -> bool:
    """Whether weekdays differ beyond chance (Kruskal & Wallis 1952), days that stand out left aside."""
    from scipy.stats import kruskal

    strange = {one.day for one in odd}
    groups = [[one.change for one in same if one.day.weekday() == w and one.day not in strange] for w in by_weekday]
    if len({c for group in groups for c in group}) < 2 or min(map(len, groups)) < 2:
        return False
    return float(kruskal(*groups).pvalue) < SEASON_SURE
