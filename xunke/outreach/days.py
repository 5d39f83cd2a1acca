"""Days that give an occasion: festivals, shopping days, the 24 solar terms, and days on which nothing is advertised.

Names are keys of messages (``day.NAME``). Days of the moon are computed (``almanac``), so any year of its range works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final, Literal

from . import almanac

Kind = Literal["festival", "sale", "term", "solemn", "season"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """A day with a name. ``lead``: so many days before it preparations and posts about it usually begin."""

    day: date
    name: str
    kind: Kind
    lead: int = 0


Rule = Callable[[int], date]


def _on(month: int, day: int) -> Rule:
    return lambda year: date(year, month, day)


def _moon(month: int, day: int) -> Rule:
    return lambda year: almanac.of_lunar(year, month, day)


def _nth(month: int, weekday: int, nth: int, plus: int = 0) -> Rule:
    """The nth such weekday (Monday 0) of a month, so many days on."""

    def rule(year: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1) + plus)

    return rule


_RULES: Final[tuple[tuple[str, Kind, int, Rule], ...]] = (
    ("newyear", "festival", 3, _on(1, 1)), ("laba", "festival", 2, _moon(12, 8)),
    ("xiaonian", "festival", 2, _moon(12, 23)), ("eve", "festival", 7, _moon(1, 0)),
    ("spring", "festival", 21, _moon(1, 1)), ("lantern", "festival", 3, _moon(1, 15)),
    ("valentine", "festival", 7, _on(2, 14)), ("women", "sale", 10, _on(3, 8)),
    ("consumer", "festival", 2, _on(3, 15)), ("longtaitou", "festival", 1, _moon(2, 2)),
    ("arbor", "festival", 1, _on(3, 12)), ("reading", "festival", 2, _on(4, 23)),
    ("labour", "festival", 7, _on(5, 1)), ("youth", "festival", 1, _on(5, 4)),
    ("mother", "festival", 7, _nth(5, 6, 2)), ("d520", "sale", 7, _on(5, 20)), ("children", "festival", 5, _on(6, 1)),
    ("gaokao", "season", 5, _on(6, 7)), ("dragon", "festival", 7, _moon(5, 5)), ("d618", "sale", 20, _on(6, 18)),
    ("father", "festival", 5, _nth(6, 6, 3)), ("party", "festival", 0, _on(7, 1)), ("d717", "sale", 3, _on(7, 17)),
    ("army", "festival", 0, _on(8, 1)), ("qixi", "festival", 7, _moon(7, 7)),
    ("zhongyuan", "festival", 0, _moon(7, 15)), ("d818", "sale", 5, _on(8, 18)), ("school", "season", 14, _on(9, 1)),
    ("teacher", "festival", 5, _on(9, 10)), ("moon", "festival", 14, _moon(8, 15)),
    ("national", "festival", 10, _on(10, 1)), ("chongyang", "festival", 3, _moon(9, 9)),
    ("halloween", "festival", 5, _on(10, 31)), ("double11", "sale", 21, _on(11, 11)),
    ("thanks", "festival", 2, _nth(11, 3, 4)), ("blackfriday", "sale", 7, _nth(11, 3, 4, 1)),
    ("double12", "sale", 7, _on(12, 12)), ("christmas", "festival", 10, _on(12, 25)),
    ("yearend", "season", 7, _on(12, 31)), ("wenchuan", "solemn", 0, _on(5, 12)), ("d918", "solemn", 0, _on(9, 18)),
    ("nanjing", "solemn", 0, _on(12, 13)), ("martyrs", "solemn", 0, _on(9, 30)),
)  # fmt: skip
_AT_HOME: Final = frozenset({"eve", "spring", "lantern", "labour", "dragon", "moon", "national", "newyear"})
_SOLEMN_TERMS: Final = frozenset({"qingming"})
"""清明 is a solar term and the day of the dead."""
YEARS: Final = range(almanac.FIRST + 1, almanac.LAST)


def occasions(since: date, until: date) -> list[Occasion]:
    """Everything with a name between two days (inclusive), by day. Years outside ``YEARS`` have none."""
    years = [y for y in range(since.year, until.year + 1) if y in YEARS]
    found = {o for year in years for o in _year(year) if since <= o.day <= until}
    return sorted(found, key=lambda o: (o.day, _ORDER.index(o.kind), o.name))


_ORDER: Final = ("solemn", "festival", "sale", "season", "term")


def _year(year: int) -> Iterator[Occasion]:
    for name, kind, lead, rule in _RULES:
        for at in (year - 1, year):  # 腊八 and 小年 of a lunar year lie in the next year of the sun
            if at in YEARS or at + 1 in YEARS:
                day = rule(at)
                if day.year == year:
                    yield Occasion(day, name, kind, lead)
    for name, day in almanac.solar_terms(year).items():
        yield Occasion(day, name, "solemn" if name in _SOLEMN_TERMS else "term", 1)


@cache
def solemn(day: date) -> str | None:
    """The name of the solemn day that ``day`` is: nothing is advertised on it."""
    return next((o.name for o in occasions(day, day) if o.kind == "solemn"), None)


@cache
def holiday(day: date) -> str | None:
    """The name of the great holiday that ``day`` is: people are with their families, and are not talked into things."""
    return next((o.name for o in occasions(day, day) if o.name in _AT_HOME), None)
