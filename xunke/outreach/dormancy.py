"""When somebody counts as asleep (沉睡): a rule on the days on which they dealt with us.

Asleep is who has not acted for ``max(DAYS, TIMES × their own median gap)`` days: the seed's "two months", stretched for
those whose rhythm is slow. That is another question than ``silence`` ("who used to answer and went quiet, beyond their
own longest gap"), which is about a change of habit and says nothing about people who came once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median
from typing import Final

DAYS: Final = 60
"""So many days without an act at least."""
TIMES: Final = 3
"""So many times the own median gap at least."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Somebody's rhythm on one day. ``days``: distinct days with an act, up to then; ``gap``: median days between two
    of them (None: fewer than two); ``quiet``: days since the newest; ``limit``: so many make them dormant.
    """

    days: int
    first: date
    last: date
    gap: float | None
    quiet: int
    limit: float

    @property
    def dormant(self) -> bool:
        """Whether they are asleep."""
        return self.quiet >= self.limit


def rhythm(acted: Iterable[date], today: date) -> Rhythm | None:
    """The rhythm of somebody who acted on the days ``acted`` (any order, repeats count once, later ones do not count).

    None if there was no act until ``today``: nobody falls asleep who never woke.
    """
    days = sorted({day for day in acted if day <= today})
    if not days:
        return None
    gaps = [(b - a).days for a, b in pairwise(days)]
    gap = float(median(gaps)) if gaps else None
    limit = max(float(DAYS), TIMES * gap) if gap is not None else float(DAYS)
    return Rhythm(len(days), days[0], days[-1], gap, (today - days[-1]).days, limit)


def dormant(acted: Iterable[date], today: date) -> bool:
    """Whether somebody who acted on these days is asleep on ``today``."""
    found = rhythm(acted, today)
    return found is not None and found.dormant
