"""Festivals and sales: their main days and windows, from lexicon/festivals.toml."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any, Final

from msgspec import Struct

from . import lexicon
from .calendar_days import DAY, Span, yearly


class Feast(Struct, frozen=True):
    """``main`` as in the file; the window runs from ``before`` (a negative number of days) to ``after`` it."""

    main: str | dict[str, int] | tuple[str, ...]
    before: int
    after: int

    def day(self, year: int) -> date | None:
        """The main day in a year; None in a year that the file does not know."""
        if isinstance(self.main, str):
            return date.fromisoformat(f"{year}-{self.main}")
        if isinstance(self.main, dict):
            rule = self.main
            first = date(year, rule["month"], 1)
            number = (rule["weekday"] - first.weekday()) % 7 + 7 * (rule["nth"] - 1) + rule["plus"]
            return first + timedelta(days=number)
        return next((date.fromisoformat(d) for d in self.main if d.startswith(f"{year}-")), None)

    def span(self, year: int) -> Span | None:
        """The window of one year."""
        main = self.day(year)
        return Span(main + self.before * DAY, main + self.after * DAY, main=main) if main else None


@cache
def _by_name() -> dict[str, Feast]:
    out: dict[str, Feast] = {}
    for entry in lexicon.table("festivals").values():
        main: Any = entry["main"]
        feast = Feast(tuple(main) if isinstance(main, list) else main, *entry["days"])
        out.update({_key(name): feast for name in entry["names"]})
    return out


def _key(name: str) -> str:
    return name.lower().replace(" ", "").replace("-", "")


@cache
def names() -> tuple[str, ...]:
    """Every name of a festival, as written in the file."""
    return tuple(n for entry in lexicon.table("festivals").values() for n in entry["names"])


def feast(name: str) -> Feast | None:
    return _by_name().get(_key(name))


def window(name: str, today: date, year: int | None = None) -> Span | None:
    """The window of a festival: in the ``year`` said, else the newest one whose main day has come."""
    found = feast(name)
    return yearly(found.span, today, year) if found else None


SEASONS: Final = {"春": 3, "夏": 6, "秋": 9, "冬": 12}
"""The first month of a season of three: 去年冬天 = December to February."""
TERMS: Final = {"春": "02-04", "夏": "05-05", "秋": "08-07", "冬": "11-07"}
"""The solar terms 立春, 立夏, 立秋, 立冬 (within a day): 入冬以来 counts from there."""
