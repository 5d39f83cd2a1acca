"""What is said with a span or between two: 从…到…, …以后, …前后, …前一周, …晚上, since, before, the week before."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final, cast

from msgspec.structs import replace

from .calendar_days import DAY, Span, clip, days_back, months_back
from .numbers import NUM, most
from .tokens import Doc

Match = re.Match[str]
_FIRST: Final = "\U000f0000"
_OPEN: Final = date(1970, 1, 1)
_OFTEN: Final = {None: 3, "year": 2, "month": 1, "week": 0}
_NOW: Final = r"(?:现在|今天|目前|今日|此刻|如今|今|当下|now|today|present|date|this day)"
_DAYTIME: Final = (
    r"(?:凌晨|清晨|清早|一早|早上|早晨|早间|上午|中午|午间|下午(?!茶)|午后|傍晚|晚上|晚间|夜里|夜间|深夜|半夜|当晚|"
    r"\s(?:morning|afternoon|evening|night)(?![a-z]))"
)


def between(first: Span, last: Span, today: date) -> Span:
    """From the start of ``first`` to the end of ``last``.

    Without years the end is the newest such day up to today and the start the newest such day up to the end. Where
    the start is fixed (its year was said, 上周三) or the end comes round more often (10月28号到3号), the end is the
    first such day after the start.
    """
    if last.again and (first.dated or _OFTEN[last.cycle] < _OFTEN[first.cycle]):
        last = last.next_after(first.start) or last
    elif first.again and not first.dated:
        first = first.again(last.until) or first
    end = last.ahead or last.until
    if first.start > end or first.start > today:
        return Span(first.start, end, conflict=True)
    return clip(Span(first.start, end, dated=first.dated or last.dated), today)


def _since(span: Span, today: date) -> Span:
    return Span(span.start, today) if span.start <= today else replace(span, conflict=True)


def _moved(span: Span, move: Callable[[Span], Span], today: date) -> Span:
    """``move`` of a span and of all others of its kind."""
    again = span.again

    def moved(day: date) -> Span | None:
        found = again(day) if again else None
        return move(found) if found else None

    return clip(replace(move(span), again=moved if again else None, cycle=span.cycle), today)


def _before(span: Span, today: date) -> Span:
    return _moved(span, lambda s: Span(_OPEN, s.start - DAY, form="open"), today)


def _up_to(span: Span, today: date) -> Span:
    return _moved(span, lambda s: Span(_OPEN, s.ahead or s.until, form="open"), today)


def _around(span: Span, today: date) -> Span:
    return _moved(span, lambda s: Span(s.since - 7 * DAY, (s.ahead or s.until) + 7 * DAY), today)


_LENGTHS: Final = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "day": 1, "week": 7}


def _beside(span: Span, after: bool, number: float, unit: str, today: date) -> Span:
    """``number`` days, weeks or months right before the main day, or right after it."""
    unit = unit.lower().rstrip("s")

    def move(found: Span) -> Span:
        day = found.start
        if unit in _LENGTHS:
            count = max(1, int(number * _LENGTHS[unit]))
            return Span(day + DAY, days_back(day, -count)) if after else Span(days_back(day, count), day - DAY)
        count = max(1, int(number))
        if number == 0.5:
            return Span(day + DAY, day + 15 * DAY) if after else Span(day - 15 * DAY, day - DAY)
        return Span(day + DAY, months_back(day, -count)) if after else Span(months_back(day, count), day - DAY)

    return _moved(span, move, today)


def _forward(span: Span, number: float, unit: str, today: date) -> Span:
    """``number`` days, weeks or months from the day of ``span`` on, that day being the first."""
    day = span.start
    if unit == "月":
        end = day + 14 * DAY if number == 0.5 else months_back(day, -int(number)) - DAY
    else:
        end = days_back(day, 1 - max(1, int(number * _LENGTHS[unit])))
    return clip(Span(day, end), today)


def _week_of(span: Span, today: date) -> Span:
    """The week, from Monday on, in which a day lies."""
    monday = days_back(span.start, span.start.weekday())
    return clip(Span(monday, monday + 6 * DAY), today)


_UNIT: Final = r"个?(?P<unit>周|星期|礼拜|天|日|月)"
_FROM: Final = r"(?:(?:从|自从?|打从?|between|from|since|starting)\s?(?:the\s)?)?"
_TO: Final = (
    r"\s?(?:起|开始算?)?[,，]?\s?(?:一?直?到|至|~|—|-|–|through|thru|till|until|to|and|截至|截止到?)\s?(?:the\s)?"
)

RULES: Final[tuple[tuple[str, Callable[[Match, Callable[[str], Span], date], Span]], ...]] = (
    (rf"({{D}})(?:'s)?的?{_DAYTIME}|({{D}})'s(?![a-z])", lambda m, of, today: of(m[1] or m[2])),
    (
        rf"(?:从|自)?({{D}})(?:(?:起|开始)算?|起?算起?|往后|以后|之后)的?(?P<count>\d{{1,3}}|[一二两三四五六七八九十半几]{{1,3}}){_UNIT}",
        lambda m, of, today: _forward(of(m[1]), most(m["count"]) or 1, m["unit"], today),
    ),
    (
        rf"({{D}})之?(?P<side>前|后)的?[那这]?(?P<count>\d{{1,3}}|[一二两三四五六七八九十半几]{{1,3}})?{_UNIT}",
        lambda m, of, today: _beside(of(m[1]), m["side"] == "后", most(m["count"] or "一") or 1, m["unit"], today),
    ),
    (
        rf"(?:the\s)?(?:(?P<count>{NUM})\s)?(?P<unit>weeks?|days?|months?)\s(?P<side>before|leading\sup\sto|ahead\sof|"
        r"prior\sto|after|following)\s(?:the\s)?({D})",
        lambda m, of, today: _beside(
            of(m[4]), m["side"].lower() in ("after", "following"), most(m["count"] or "1") or 1, m["unit"], today
        ),
    ),
    (r"(?:the\s)?week\sof\s({D})", lambda m, of, today: _week_of(of(m[1]), today)),
    (
        r"({D})前夕|(?:the\s)?run-?up\sto\s({D})",
        lambda m, of, today: _beside(of(m[1] or m[2]), False, 1, "week", today),
    ),
    (r"({D})(?:的)?前后|around\s(?:the\s)?({D})", lambda m, of, today: _around(of(m[1] or m[2]), today)),
    (
        rf"{_FROM}({{D}})(?:起|开始|以来|以后)?{_TO}{_NOW}|({{D}})\sand\scounting",
        lambda m, of, today: _since(of(m[1] or m[2]), today),
    ),
    (
        rf"{_FROM}({{D}}){_TO}({{D}})(?:之间|这段时间|那段时间|期间|为止|截止|结束|止)?",
        lambda m, of, today: between(of(m[1]), of(m[2]), today),
    ),
    (r"({D})(?:开始|起)[,，、]?\s?({D})(?:截止|结束|为止|止)", lambda m, of, today: between(of(m[1]), of(m[2]), today)),
    (
        r"\b(?:ever\s)?(?:since|starting(?:\s(?:from|on|in))?|after|as\sof)\s?(?:the\s)?({D})(?:\son(?:wards?)?)?|"
        r"\bfrom\s(?:the\s)?({D})\son(?:wards?)?|({D})\sonwards?|"
        r"(?:从|自从?|打从?)?({D})(?:以后|之后|过后|以来|开始|起|至今|后(?=[,，。;；\s的]|$|{ANY}))|(?:从|自从?|自打|打从?)({D})",
        lambda m, of, today: _since(of(next(g for g in m.groups() if g)), today),
    ),
    (
        r"({D})(?:之前|以前|前(?=[,，。;；\s的]|为止|结束|止|$|{ANY}))|before\s(?:the\s)?({D})",
        lambda m, of, today: _before(of(m[1] or m[2]), today),
    ),
    (r"(?:截至|截止到?|as\slate\sas)\s?({D})", lambda m, of, today: _up_to(of(m[1]), today)),
    (r"(?:拉长|延长|放宽|扩大|缩短|放大|缩小|缩|拉(?=到|成|至))(?:到|成|至)?\s?({D})", lambda m, of, today: of(m[1])),
    (
        r"\b(?:during|in|on|over|for|from|within|across|throughout|all\sof|the\s(?:whole|rest)\sof)\s(?:the\s)?({D})|"
        r"({D})(?:期间|那几天|这几天|之间|之内|以内|内|里|份|当天|这天|全天|整天|左右|的时候)",
        lambda m, of, today: of(m[1] or m[2]),
    ),
    (
        r"\b(?:posted|uploaded|published|made|created|written|shared|released|dated)\s({D})",
        lambda m, of, today: of(m[1]),
    ),
)


_ONCE: Final[tuple[tuple[str, Callable[[Match, Callable[[str], Span], date], Span]], ...]] = (
    (r"({D})的?({S})(?:\s?[-~到至]\s?({S}))?", lambda m, of, today: of(m[1])),
    (r"\b(?:until|till|up\sto|by)\s(?:the\s)?({D})", lambda m, of, today: _up_to(of(m[1]), today)),
)
"""In requests that repeat nothing: a clock beside a day (昨天下午3点到6点) is more than plans hold, until is an end."""


def read(doc: Doc, today: date) -> None:
    """Replace every joined expression by one D token."""

    def span(char: str) -> Span:
        return cast(Span, doc.value(char))

    repeated = any(t.kind == "S" and "every" in t.value for t in doc.tokens.values())
    clocks, ends = _ONCE
    for rule, build in RULES if repeated else (clocks, *RULES, ends):
        doc.mask(rule, "D", lambda m, build=build: _built(build, m, span, today))  # type: ignore[misc]


def _built(build: Any, m: Match, span: Callable[[str], Span], today: date) -> Span | None:
    """What is said with an impossible day or with a movement (去年同期) stays that."""
    held = [s for g in m.groups() if g and len(g) == 1 and g >= _FIRST and isinstance(s := span(g), Span)]
    bad = next((s for s in held if s.conflict), None)
    if any(s.form in ("year_back", "month_back") for s in held):
        return None
    return bad or build(m, span, today)
