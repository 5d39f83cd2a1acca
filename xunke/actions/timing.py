"""When a schedule runs next, and which days its plan means then. All in the project's time zone (China)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec

from xunke.clock import ZONE, moment
from xunke.plan import Plan, Step

AT: Final = "09:00"
"""When a schedule of days, weeks or months runs if nobody said a time."""
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """``every``: count and unit (h, d, w, m); ``on``: weekdays (w); ``day``: of the month (m), its last day where the
    month is shorter; ``until``: the last day; ``start``: UTC seconds from which the rhythm counts.
    """

    every: str
    start: int
    at: str | None = None
    on: tuple[str, ...] = ()
    day: int | None = None
    until: date | None = None

    @classmethod
    def of(cls, step: Step, start: int) -> Rhythm:
        """The rhythm that a ``schedule`` step says; every day if it says none."""
        unit = "1w" if step.on else "1m" if step.day else "1d"
        return cls(step.every or unit, start, step.at, tuple(step.on), step.day, step.until)


def next_due(rhythm: Rhythm, after: int) -> int | None:
    """The first run later than ``after`` (UTC seconds) and not before the rhythm's start; None after its last day."""
    count, unit = int(rhythm.every[:-1]), rhythm.every[-1]
    found = _hours(rhythm, count, after) if unit == "h" else _days(rhythm, count, unit, after)
    if found is not None and rhythm.until is not None and moment(found).date() > rhythm.until:
        return None
    return found


def _hours(rhythm: Rhythm, count: int, after: int) -> int:
    """Every so many hours from the time said, or from the start."""
    first = rhythm.start
    if rhythm.at is not None:
        first = int(_at(moment(rhythm.start).date(), rhythm.at).timestamp())
    step = count * 3600
    after = max(after, rhythm.start)
    return first + max(0, (after - first) // step + 1) * step


def _days(rhythm: Rhythm, count: int, unit: str, after: int) -> int | None:
    begin = moment(rhythm.start).date()
    after = max(after, rhythm.start)
    day = moment(after).date()
    for _ in range(_FARTHEST):
        if _runs(rhythm, count, unit, begin, day):
            due = int(_at(day, rhythm.at or AT).timestamp())
            if due > after:
                return due
        day += timedelta(days=1)
        if rhythm.until is not None and day > rhythm.until:
            return None
    return None


_FARTHEST: Final = 366 * 20


def _runs(rhythm: Rhythm, count: int, unit: str, begin: date, day: date) -> bool:
    """Whether the rhythm runs on ``day``."""
    if unit == "d":
        return (day - begin).days % count == 0
    if unit == "w":
        weeks = ((day - timedelta(days=day.weekday())) - (begin - timedelta(days=begin.weekday()))).days // 7
        return weeks % count == 0 and WEEKDAYS[day.weekday()] in (rhythm.on or (WEEKDAYS[begin.weekday()],))
    months = (day.year - begin.year) * 12 + day.month - begin.month
    wanted = min(rhythm.day or begin.day, calendar.monthrange(day.year, day.month)[1])
    return months % count == 0 and day.day == wanted


def _at(day: date, at: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(at), ZONE)


def window(name: str, day: date) -> tuple[date, date]:
    """The days that ``this:week``, ``prev:month`` … mean on ``day``; the present period ends with ``day``."""
    which, _, unit = name.partition(":")
    first = {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[unit]
    if which == "this":
        return first, day
    last = first - timedelta(days=1)
    start = {"day": last, "week": last - timedelta(days=6), "month": last.replace(day=1)}[unit]
    return start, last


_NAMES: Final = ("this:day", "prev:day", "prev:week", "this:week", "prev:month", "this:month")


def resolved(plan: Plan, base: date, day: date) -> Plan:
    """``plan``, made on ``base``, as it is meant on ``day``: windows become dates, and days that were counted from
    ``base`` move on with it.

    A time that ended on ``base`` or was a whole day, week or month before it is meant anew each time (最近30天, 昨天);
    any other one is a fixed piece of history (国庆期间) and stays.
    """
    return msgspec.structs.replace(plan, steps=tuple(_moved(step, base, day) for step in plan.steps))


def _moved(step: Step, base: date, day: date) -> Step:
    if step.window is not None:
        since, until = window(step.window, day)
        return msgspec.structs.replace(step, window=None, since=since, until=until)
    if step.periods:
        parts = [_span(a, b, base, day) or (a, b) for a, b in step.periods]
        return msgspec.structs.replace(step, periods=tuple(parts))
    if step.since is None or step.until is None:
        return step
    moved = _span(step.since, step.until, base, day)
    return step if moved is None else msgspec.structs.replace(step, since=moved[0], until=moved[1])


def _span(since: date, until: date, base: date, day: date) -> tuple[date, date] | None:
    for name in _NAMES:
        if window(name, base) == (since, until) and (name != "this:day" or since == base):
            return window(name, day)
    if until == base:
        gap = day - base
        return since + gap, until + gap
    return None
