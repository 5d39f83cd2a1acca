"""Arithmetic of days for the chat parser: spans, periods of the calendar, days counted back.

Nothing here reads text or looks at a clock: every function takes the day it counts from. Weeks run Monday to
Sunday. The rules are those of the plan schema (docs/chat.md, "时间").
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

DAY: Final = timedelta(days=1)
EARLIEST: Final = date(1900, 1, 1)
"""Nothing is counted back beyond this day: 最近99999999天 is everything there is."""
_MOST_DAYS: Final = 36_500

Unit = Literal["hour", "day", "week", "month", "quarter", "year"]
Again = Callable[[date], "Span | None"]


class Span(Struct, frozen=True):
    """Days from ``since`` to ``until``, both inclusive.

    ``main``: the day it is all about (a festival's); counting from the span starts there.
    ``form``: what a schedule turns it into (``prev:day`` …), ``open`` for one without a beginning, ``year_back``
    and ``month_back`` for a span that another one is moved by.
    ``dated``: the year was said. ``conflict``: no such days exist, or they end before they start.
    ``ahead``: the last day it would have without today's limit.
    ``again``: the newest one of its kind that has begun on the given day, where the kind comes round
    (10月1号, 周三, 双十一); ``cycle``: how often it does.
    """

    since: date
    until: date
    main: date | None = None
    form: str | None = None
    dated: bool = False
    conflict: bool = False
    ahead: date | None = None
    again: Again | None = None
    cycle: Literal["week", "month", "year"] | None = None

    @property
    def start(self) -> date:
        """The day that counting from this span starts on."""
        return self.main or self.since

    def next_after(self, day: date) -> Span | None:
        """The first one of its kind that begins on ``day`` or later."""
        if self.again is None or self.cycle is None:
            return None
        if self.cycle == "week":
            return self.again(day + 6 * DAY)
        for count in range(1, 15):  # a year of the moon may have thirteen months
            found = self.again(months_back(day, -count) - DAY)
            if found and (found.until if found.form == "open" else found.start) >= day:
                return found
        return None

    def ends(self, today: date) -> date:
        """The day on which something repeated "until" this stops: the next such day, never one that is over."""
        end = self.ahead or self.until
        if end < today:
            coming = self.next_after(today)
            end = (coming.ahead or coming.until) if coming else months_back(end, -12)
        return end


def clip(span: Span, today: date) -> Span:
    """``span`` with no day after ``today``, if it has begun."""
    return replace(span, until=today, ahead=span.until) if span.since <= today < span.until else span


def no_such(today: date) -> Span:
    """A day that does not exist (2月30号): asked about."""
    return Span(today, today, conflict=True)


def day_of(year: int, month: int, number: int) -> date | None:
    """The day, or None if the calendar has none such."""
    try:
        return date(year, month, number)
    except ValueError:
        return None


def months_back(day: date, count: int) -> date:
    """The same day ``count`` months earlier, the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    if year < EARLIEST.year:
        return EARLIEST
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def days_back(day: date, count: int) -> date:
    return day - timedelta(days=min(count, _MOST_DAYS))


def month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def months(year: int, month: int, count: int = 1) -> Span:
    """``count`` whole months from ``month`` on; may run into the next year."""
    start = date(year, month, 1)
    return Span(start, month_end(months_back(start, 1 - count)))


def rolling(today: date, number: float, unit: Unit) -> Span | None:
    """The last ``number`` units up to today, today being the last day. None for a number that is not above zero."""
    if number <= 0:
        return None
    if unit in ("month", "quarter", "year"):
        count = min(number, 1200.0) * {"month": 1, "quarter": 3, "year": 12}[unit]
        start = months_back(today, int(count)) + DAY
        return Span(max(EARLIEST, start - timedelta(days=int(count % 1 * 30))), today)
    days = {"hour": int(-(-number // 24)) + 1, "day": int(number), "week": int(number * 7)}[unit]
    return Span(days_back(today, max(days, 1) - 1), today)


def unit_back(today: date, unit: Unit, count: int) -> Span:
    """The whole day, week, month, quarter or year ``count`` before this one (after it, if negative)."""
    count = min(count, 1200)
    this_or_last = {0: f"this:{unit}", 1: f"prev:{unit}"}.get(count)
    form = this_or_last if unit in ("day", "week", "month") else None
    if unit in ("hour", "day"):
        day = today - count * DAY
        return Span(day, day, form=form)
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * count)
        return clip(Span(monday, monday + 6 * DAY, form=form), today)
    first = today.replace(day=1)
    if unit == "month":
        first = months_back(first, count)
        return clip(Span(first, month_end(first), form=form), today)
    if unit == "quarter":
        first = months_back(first.replace(month=(today.month - 1) // 3 * 3 + 1), 3 * count)
        return clip(months(first.year, first.month, 3), today)
    first = months_back(first.replace(month=1), 12 * count)
    return clip(replace(months(first.year, 1, 12), dated=True), today)


def yearly(build: Callable[[int], Span | None], today: date, year: int | None = None) -> Span | None:
    """What ``build`` makes of a year: of the ``year`` said, else the newest one that has begun.

    A festival has begun when its main day has come.
    """
    if year is not None:
        found = build(year) if 1900 <= year <= 2199 else None
        return clip(replace(found, dated=True), today) if found else None

    def again(day: date) -> Span | None:
        for at in range(day.year, day.year - 5, -1):
            found = build(at)
            if found and found.start <= day:
                return found
        return None

    newest = again(today)
    return clip(replace(newest, again=again, cycle="year"), today) if newest else None


def day_of_month(number: int, today: date) -> Span | None:
    """The newest day with this number: 7号."""

    def again(day: date) -> Span | None:
        for count in range(3):
            first = months_back(day.replace(day=1), count)
            found = day_of(first.year, first.month, number)
            if found and found <= day:
                return Span(found, found)
        return None

    newest = again(today)
    return replace(newest, again=again, cycle="month") if newest else None


def part_of_month(days: tuple[int, int], today: date) -> Span:
    """The newest such part of a month that has begun: 月初, 月底."""

    def again(day: date) -> Span:
        first = day.replace(day=1)
        if day.day < days[0]:
            first = months_back(first, 1)
        return within_month(first, days)

    return clip(replace(again(today), again=again, cycle="month"), today)


def within_month(first: date, days: tuple[int, int]) -> Span:
    """Days of the month of ``first``, negative ones counted from its end; an end beyond the month is its last day."""
    end = month_end(first)
    if days[0] < 0:
        return Span(end + (days[0] + 1) * DAY, end + (days[1] + 1) * DAY)
    return Span(first.replace(day=days[0]), min(end, first.replace(day=min(days[1], end.day))))


def weekday(number: int, weeks: int | None, today: date) -> Span:
    """A day of the week (Monday 0): of the week ``weeks`` before this one, or the newest one that has come."""

    def again(day: date) -> Span:
        found = day - timedelta(days=(day.weekday() - number) % 7)
        return Span(found, found)

    if weeks is None:
        return replace(again(today), again=again, cycle="week")
    day = today - timedelta(days=today.weekday() + 7 * weeks - number)
    return again(today) if not weeks and day > today else Span(day, day)


def weekend(weeks: int | None, today: date) -> Span:
    """Saturday and Sunday of the week ``weeks`` before this one, or the newest weekend that has begun."""
    saturday = today - timedelta(days=today.weekday() + 7 * (weeks or 0) - 5)
    if not weeks and saturday > today:
        saturday -= timedelta(days=7)
    return clip(Span(saturday, saturday + DAY), today)
