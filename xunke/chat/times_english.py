"""English time expressions: the atoms. What joins them is in times_joined."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from msgspec.structs import replace

from .calendar_days import (
    DAY,
    Span,
    Unit,
    day_of,
    days_back,
    month_end,
    months,
    no_such,
    rolling,
    unit_back,
    weekday,
    weekend,
    within_month,
    yearly,
)
from .numbers import NUM, most

Match = re.Match[str]

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PLAIN: Final = r"(?:jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?|" + "|".join(
    m for m in _MONTHS if m not in ("may", "march")
)
_MONTH: Final = rf"(?<![a-cf-xz]-)(?:{_PLAIN}|march|may|mar\b\.?)"
_AFTER: Final = (
    "(?:"
    + "|".join(
        rf"(?<={w} )"
        for w in ["in", "of", "since", "from", "to", "until", "till", "through", "last", "this", "during", "and"]
    )
    + ")"
)
"""Behind these words may and march are months."""
_YEAR: Final = r"(?:,?\s(?:(?:of|in)\s)?(?:(?P<year>(?:19|20)\d\d)(?!\d)|(?P<rel>last|this)\syear))?"
_UNITS: Final[dict[str, Unit]] = {
    "day": "day", "d": "day", "week": "week", "wk": "week", "month": "month", "mo": "month", "mth": "month",
    "quarter": "quarter", "qtr": "quarter", "year": "year", "yr": "year", "hour": "hour", "hr": "hour", "h": "hour",
}  # fmt: skip
_UNIT: Final = (
    r"(?P<unit>days?|weeks?|wks?|months?|mos?|mths?|quarters?|qtrs?|years?|yrs?|hours?|hrs?|d|h|fortnights?)(?![a-z])"
)
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d|,\d|k|w|\s?%)"
_ORDINALS: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_NTH: Final = "first|second|third|fourth|1st|2nd|3rd|4th"
_THIRDS: Final = {
    "early": (1, 10, 1),
    "mid": (11, 20, 15),
    "middle": (11, 20, 15),
    "late": (21, 31, 21),
    "end": (21, 31, 21),
    "beginning": (1, 10, 1),
    "start": (1, 10, 1),
}
_FORMS: Final = {
    ("day", 1): "prev:day", ("week", 1): "prev:week", ("month", 1): "prev:month", ("day", 7): "prev:week",
}  # fmt: skip


def _year(m: Match, today: date) -> int | None:
    said = m.groupdict()
    if said.get("rel"):
        return today.year - (said["rel"].lower() == "last")
    return int(said["year"]) if said.get("year") else None


def _number(name: str) -> int:
    return next(i + 1 for i, month in enumerate(_MONTHS) if month[:3] == name.lower()[:3])


def _day(m: Match, today: date) -> Span | None:
    month, number = _number(m["month"]), int(m["day"])
    if day_of(2024, month, number) is None:
        return no_such(today)

    def build(at: int) -> Span | None:
        day = day_of(at, month, number)
        return Span(day, day) if day else None

    return yearly(build, today, _year(m, today)) or no_such(today)


def _days(m: Match, today: date) -> Span | None:
    month = _number(m["month"])

    def build(at: int) -> Span | None:
        first, last = day_of(at, month, int(m["first"])), day_of(at, month, int(m["day"]))
        return Span(first, last) if first and last and first <= last else None

    return yearly(build, today, _year(m, today))


def _month(m: Match, today: date) -> Span | None:
    month = _number(m["month"])
    return yearly(lambda at: months(at, month), today, _year(m, today))


def _third(m: Match, today: date) -> Span | None:
    month, (first, last, main) = _number(m["month"]), _THIRDS[m["third"].lower()]

    def build(at: int) -> Span:
        return replace(within_month(date(at, month, 1), (first, last)), main=date(at, month, main))

    return yearly(build, today, _year(m, today))


def _week_of_month(m: Match, today: date) -> Span | None:
    month = _number(m["month"])
    half, last = m["part"].lower() == "half", m["nth"].lower() == "last"
    number = _ORDINALS.get(m["nth"].lower(), 0)

    def build(at: int) -> Span:
        first = date(at, month, 1)
        if half:
            return within_month(first, (1, 15) if number == 1 else (16, 31))
        if last:
            return Span(month_end(first) - 6 * DAY, month_end(first))
        return within_month(first, (7 * number - 6, 7 * number))

    return yearly(build, today, _year(m, today))


def _quarter(m: Match, today: date) -> Span | None:
    said = m.groupdict()
    number = int(said["quarter"]) if "quarter" in said else _ORDINALS[m["nth"].lower()]
    return yearly(lambda at: months(at, number * 3 - 2, 3), today, _year(m, today))


def _half(m: Match, today: date) -> Span | None:
    said = m.groupdict()
    first = (said.get("half") or said.get("nth", "")).lower() in ("1", "first", "1st")
    return yearly(lambda at: months(at, 1 if first else 7, 6), today, _year(m, today))


def _rolling(m: Match, today: date) -> Span | None:
    name = m["unit"].lower()
    number = _count(m.groupdict().get("count"))
    if name.startswith("fortnight"):
        name, number = "day", number * 14
    unit = _UNITS.get(name) or _UNITS[name.rstrip("s")]
    found = rolling(today, number, unit)
    return replace(found, form=_FORMS.get((unit, int(number)))) if found else no_such(today)


def _count(text: str | None) -> float:
    said = (text or "1").lower().strip()
    return (
        {"few": 3, "several": 5, "a few": 3, "couple": 2, "couple of": 2, "a couple of": 2}.get(said) or most(said) or 0
    )


def _ago(m: Match, today: date) -> Span | None:
    unit = _UNITS.get(m["unit"].lower()) or _UNITS.get(m["unit"].lower().rstrip("s"))
    number = int(_count(m["count"].removeprefix("a ")) if m["count"].lower() not in ("a", "an") else 1)
    if unit is None or number < 1:
        return None
    if unit in ("hour", "day"):
        day = days_back(today, number if unit == "day" else number // 24)
        return Span(day, day)
    day = (rolling(today, number, unit) or no_such(today)).since - DAY
    return replace(unit_back(today, unit, number), main=day, form=None)


_WHICH: Final = {"last": 1, "previous": 1, "prior": 1, "next": -1, "coming": -1, "upcoming": -1}


def _unit(m: Match, today: date) -> Span:
    return unit_back(today, _UNITS[m["unit"].lower()], _WHICH.get(m.groupdict().get("which", "").lower(), 0))


_SEASONS: Final = {"spring": 3, "summer": 6, "fall": 9, "autumn": 9, "winter": 12}


def _season(m: Match, today: date) -> Span | None:
    """Three whole months, December to February for the winter. "last summer" is the newest one that is over."""
    start = _SEASONS[(m["season"] or m["season2"]).lower()]
    found = yearly(lambda at: months(at, start, 3), today, _year(m, today))
    if found and found.again and (m["which2"] or "").lower() == "last" and found.until >= today:
        return found.again(found.since - DAY)
    return found


def _weekday(m: Match, today: date) -> Span:
    which = (m["which"] or "").lower()
    number = next(i for i, name in enumerate(_WEEKDAYS) if name.startswith(m["weekday"].lower()[:3]))
    if which == "next":
        return weekday(number, -1, today)
    newest = weekday(number, None, today)
    if which == "last" and newest.since == today:  # said on that very day: the one before
        return Span(today - 7 * DAY, today - 7 * DAY)
    return newest


def _weekend(m: Match, today: date) -> Span:
    return weekend({"last": 1, "next": -1}.get((m["which"] or "").lower()), today)


_INITIALS: Final[dict[str, Unit]] = {"y": "year", "q": "quarter", "m": "month", "w": "week"}


def _to_date(m: Match, today: date) -> Span:
    return unit_back(today, _INITIALS[m[1].lower()[0]], 0)


def _relative(count: int) -> Callable[[Match, date], Span | None]:
    return lambda _m, today: unit_back(today, "day", count)


def _year_edge(m: Match, today: date) -> Span | None:
    return yearly(lambda at: months(at, 12), today, _year(m, today))


_PERIOD: Final = r"\b(?:(?:the|these|this)\s)?(?:last|past|previous|recent|latest|trailing|preceding)\s"

RULES: Final[tuple[tuple[str, Callable[[Match, date], Span | None]], ...]] = (
    (r"\bthe\sday\sbefore\syesterday\b", _relative(2)),
    (r"\b(?:yesterday|last\snight)\b", _relative(1)),
    (r"\b(?:today|tonight|this\s(?:morning|afternoon|evening))\b", _relative(0)),
    (r"\btomorrow\b", _relative(-1)),
    (
        rf"\b(?P<month>{_MONTH})\s(?P<first>\d{{1,2}})(?:st|nd|rd|th)?\s?(?:-|~|to|through|thru)\s?{_DAY}(?!:){_YEAR}",
        _days,
    ),
    (rf"\b(?P<month>{_MONTH})\s(?:the\s)?{_DAY}{_YEAR}", _day),
    (rf"(?<![\d.,])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<month>{_MONTH})(?![a-z]){_YEAR}", _day),
    (
        rf"\b(?P<third>early|mid|middle|late|end|beginning|start)[\s-](?:of\s)?(?P<month>{_MONTH})(?![a-z]){_YEAR}",
        _third,
    ),
    (
        rf"\b(?:the\s)?(?P<nth>{_NTH}|last)\s(?P<part>week|half)\s(?:of|in)\s(?P<month>{_MONTH})(?![a-z]){_YEAR}",
        _week_of_month,
    ),
    (rf"\b(?P<month>{_PLAIN})(?![a-z]){_YEAR}", _month),
    (rf"{_AFTER}(?P<month>march|may|mar)(?![a-z]){_YEAR}", _month),
    (r"\b(?P<month>march|may|mar)\s(?P<year>(?:19|20)\d\d)\b", _month),
    (r"\b(?P<rel>last|this)\sye?a?r'?s\sq(?P<quarter>[1-4])(?![\da-z])", _quarter),
    (
        rf"(?:(?<![\u4e00-\u9fffA-Za-z])|(?<=[年的在看抓要到和从至比找搜跟与]))q(?P<quarter>[1-4])(?![\da-z]){_YEAR}",
        _quarter,
    ),
    (rf"\b(?:the\s)?(?P<nth>{_NTH})\squarter{_YEAR}", _quarter),
    (rf"\bh(?P<half>[12])(?![\da-z]){_YEAR}", _half),
    (rf"\b(?:the\s)?(?P<nth>{_NTH})\shalf(?:\sof\sthe\syear)?{_YEAR}", _half),
    (rf"{_PERIOD}(?P<count>a\sfew|few|several|(?:a\s)?couple(?:\sof)?|{NUM})[\s-]?{_UNIT}", _rolling),
    (rf"\b(?:the\s)?(?:past|trailing)\s{_UNIT}", _rolling),
    (r"\b(?:the\s)?(?:last|previous)\s(?P<unit>fortnight)\b", _rolling),
    (rf"\b(?P<count>an?|a\sfew|(?:a\s)?couple(?:\sof)?|{NUM})\s{_UNIT}\s(?:ago|back|earlier)\b", _ago),
    (r"\b(year|quarter|month|week)[\s-]to[\s-]date\b", _to_date),
    (r"\b([yqmw])td\b", _to_date),
    (rf"\b(?:(?P<which>last|this|next|on|past)\s)?(?P<weekday>{'|'.join(_WEEKDAYS)})\b", _weekday),
    (r"\b(?:(?P<which>this\spast|last|this|next|past|the)\s)?weekend\b", _weekend),
    (
        r"\b(?:the\s)?(?P<which>last|this|previous|prior|current|next|coming|upcoming)\s(?P<unit>day|week|wk|"
        r"month|quarter|qtr|year|yr)(?:'s)?\b(?:\sso\sfar)?",
        _unit,
    ),
    (r"\b(?:the\s)?end\sof\s(?:(?:the|(?P<rel>last|this))\s)?year|\byear[- ]end\b", _year_edge),
    (r"\b(?:the\s)?(?:start|beginning)\sof\s(?:the\s|this\s)?(?P<unit>week|month|quarter|year)\b", _unit),
    (
        r"\b(?:(?P<which>last|this)\s|the\s)?(?P<season>spring|summer|fall|autumn|winter)\s(?:(?:of|in)\s)?"
        r"(?:(?P<year>20\d\d)(?!\d)|(?P<rel>last|this)\syear)|"
        r"\b(?P<which2>last|this)\s(?P<season2>spring|summer|fall|autumn|winter)(?![a-z])",
        _season,
    ),
    (r"\b(?:the\s)?end\sof\s(?:the\s|this\s)?month\b", lambda m, today: unit_back(today, "month", 0)),
    (
        r"\bin\s(20\d\d)\b(?!\s*[a-z]*\s*(?:followers|likes|views))",
        lambda m, today: yearly(lambda at: months(at, 1, 12), today, int(m[1])),
    ),
)
