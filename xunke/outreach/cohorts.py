"""How long people stay with us: acts by month since the first, half-life, and who sleeps.

A person's month 0 begins with their first act on us; in month k they are retained if they acted between 30 k and
30 (k + 1) days after it. Only people who have been known for all of month k count in it, so that the newest do not look
like losses. Intervals are Wilson's.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean, stdev
from typing import Final

from xunke.clock import day_of, end_of
from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.schema import KINDS

from .dormancy import Rhythm, rhythm
from .experiments import wilson
from .people import barred

MONTH: Final = 30
"""Days."""
LEAST: Final = 20
"""People in a cohort, fewer than which make no curve."""

Acts = dict[int, list[date]]
"""{person: the days on which they acted on us, ascending}."""


def acts(project: Project, own: Sequence[int], today: date) -> Acts:
    """The days on which each person acted on ``own`` (any act but a follow), and bought; nobody barred."""
    persons, ours = people_map(project), set(own)
    rows = project.query(
        "select actor, t from interaction where target in (select value from json_each(:own)) and kind <> :follow "
        "and t between 1 and :until union all select account, t from purchase where t between 1 and :until",
        {"own": json.dumps(list(own)), "follow": KINDS["follow"], "until": end_of(today)},
    )
    days: dict[int, set[date]] = defaultdict(set)
    for account, t in rows:
        if account not in ours:
            days[persons.one(account)].add(day_of(t))
    hidden = barred(project, days)
    return {who: sorted(found) for who, found in sorted(days.items()) if who not in hidden}


@dataclass(frozen=True, slots=True)
class Kept:
    """``kept`` of ``n`` people acted in month ``month`` after their first act; the share with its interval."""

    cohort: str
    month: int
    n: int
    kept: int
    share: float
    low: float
    high: float


def retention(found: Mapping[int, Sequence[date]], today: date, *, by: str | None = None) -> list[Kept]:
    """The curve of all people, or of each cohort ``by`` "month" of the first act; none below ``LEAST`` people."""
    groups: dict[str, list[Sequence[date]]] = defaultdict(list)
    for days in found.values():
        groups[days[0].strftime("%Y-%m") if by == "month" else "all"].append(days)
    rows = []
    for name, members in sorted(groups.items()):
        if len(members) < LEAST:
            continue
        most = max((today - days[0]).days for days in members) // MONTH
        for month in range(1, most + 1):
            known = [days for days in members if (today - days[0]).days >= MONTH * (month + 1)]
            if len(known) < LEAST:
                break
            kept = sum(any(MONTH * month <= (d - days[0]).days < MONTH * (month + 1) for d in days) for days in known)
            rows.append(Kept(name, month, len(known), kept, kept / len(known), *wilson(kept, len(known))))
    return rows


@dataclass(frozen=True, slots=True)
class Worth:
    """What ``n`` people who have been known for ``months`` gave us on average within them: days with an act
    (engagement LTV) and CNY of orders (LTV so far), with t intervals over people. Nothing beyond is guessed.
    """

    months: int
    n: int
    days: float
    days_low: float
    days_high: float
    money: float
    money_low: float
    money_high: float


def worth(found: Mapping[int, Sequence[date]], paid: Mapping[int, Sequence[tuple[date, float]]], today: date,
          months: Sequence[int] = (1, 3, 6, 12)) -> list[Worth]:  # fmt: skip
    """For each number of months (of ``MONTH`` days since the first act) that ``LEAST`` people have been known for.

    ``paid``: {person: (day, CNY)}; money before the first act does not count.
    """
    rows = []
    for month in months:
        span = MONTH * month
        known = {who: days for who, days in found.items() if (today - days[0]).days >= span}
        if len(known) < LEAST:
            break
        acted = [float(sum((d - days[0]).days < span for d in days)) for days in known.values()]
        gave = [math.fsum(x for d, x in paid.get(who, ()) if 0 <= (d - days[0]).days < span)
                for who, days in known.items()]  # fmt: skip
        rows.append(Worth(month, len(known), *_mean(acted), *_mean(gave)))
    return rows


def _mean(values: Sequence[float]) -> tuple[float, float, float]:
    """A mean that cannot be below nought, with its t interval."""
    from scipy.stats import t as student

    mean = fmean(values)
    half = float(student.isf(0.025, len(values) - 1)) * stdev(values) / math.sqrt(len(values))
    return mean, max(0.0, mean - half), mean + half


@dataclass(frozen=True, slots=True)
class HalfLife:
    """Days after which half of the people have acted for the last time: of ``n`` people, ``ended`` of whom sleep.

    None where fewer than half ended within what was seen. ``low``/``high``: where the 95 % band crosses one half.
    """

    days: int | None
    low: int | None
    high: int | None
    n: int
    ended: int


def half_life(found: Mapping[int, Sequence[date]], today: date) -> HalfLife:
    """Kaplan & Meier (1958) over the time from first to last act: ended for those who sleep, open for all others; the
    band by Greenwood's formula on the log–log scale."""
    lives = []
    for days in found.values():
        one = rhythm(days, today)
        if one is not None:
            lives.append(((one.last - one.first).days, one.dormant))
    alive, spread = 1.0, 0.0
    middle: dict[str, int | None] = {"days": None, "low": None, "high": None}
    at_risk, ended = len(lives), sum(d for _, d in lives)
    for time in sorted({t for t, over in lives if over}):
        n = sum(t >= time for t, _ in lives)
        d = sum(t == time and over for t, over in lives)
        alive *= 1 - d / n
        if n > d:
            spread += d / (n * (n - d))
        low, high = _band(alive, spread)
        for name, value in (("days", alive), ("low", low), ("high", high)):
            if middle[name] is None and value <= 0.5:
                middle[name] = time
    return HalfLife(middle["days"], middle["low"], middle["high"], at_risk, ended)


def _band(alive: float, spread: float) -> tuple[float, float]:
    if not 0 < alive < 1:
        return alive, alive
    width = 1.959964 * math.sqrt(spread) / abs(math.log(alive))
    return alive ** math.exp(width), alive ** math.exp(-width)


def rhythms(found: Mapping[int, Iterable[date]], today: date) -> dict[int, Rhythm]:
    """{person: rhythm} of all who ever acted."""
    return {who: one for who, days in found.items() if (one := rhythm(days, today)) is not None}


def sleeping(found: Mapping[int, Iterable[date]], today: date) -> dict[int, Rhythm]:
    """Those of them who sleep: longest asleep first."""
    asleep = {who: one for who, one in rhythms(found, today).items() if one.dormant}
    return dict(sorted(asleep.items(), key=lambda item: (-item[1].quiet, item[0])))
