"""Time expressions to spans of days, by the tables of the plan schema. Every day is counted from ``today``."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, cast

from . import lexicon
from .numbers import NUM, parse
from .tokens import ANY, Doc, klass

_DAY: Final = timedelta(days=1)
_MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_EN_MONTH: Final = (
    "(?:" + "|".join(f"{m}|{m[:3]}|sept" if m[:3] == "sep" else f"{m}|{m[:3]}" for m in _MONTHS) + r")\b\.?"
)
_WEEKDAYS: Final = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``since`` to ``until``, both inclusive.

    ``main``: the day a festival is about. ``form``: what a schedule may turn it into (``prev:day`` …).
    ``dated``: the year was said. ``day_only``: a bare day of a month (7号) that waits for its month.
    """

    since: date
    until: date
    main: date | None = None
    form: str | None = None
    dated: bool = False
    yearless: bool = False
    conflict: bool = False
    bare_day: int | None = None


def day_of(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def months_back(day: date, count: int) -> date:
    """The same day ``count`` months earlier, the last day of that month where it has no such day."""
    index = day.year * 12 + day.month - 1 - count
    year, month = divmod(index, 12)
    if year < 1900:
        return date(1900, 1, 1)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_span(year: int, month: int, count: int = 1) -> tuple[date, date]:
    last = month + count - 1
    return date(year, month, 1), date(year, last, calendar.monthrange(year, last)[1])


def back(today: date, number: float, unit: str) -> Span | None:
    """The last ``number`` units up to today, today being the last day."""
    if number <= 0:
        return None
    if unit in ("天", "日", "day"):
        days = int(number)
    elif unit in ("周", "week"):
        days = int(number * 7)
    elif unit == "hour":
        days = int(-(-number // 24)) + 1
    else:
        months = number * {"month": 1, "quarter": 3, "year": 12}[unit]
        if months == int(months):
            return Span(months_back(today, min(int(months), 1200)) + _DAY, today)
        days = int(int(months) * 30 + (months % 1) * 30)
    return Span(today - timedelta(days=min(days, 36500) - 1), today)


UNITS: Final = {
    "天": "day",
    "日": "day",
    "周": "week",
    "礼拜": "week",
    "星期": "week",
    "个月": "month",
    "月": "month",
    "季度": "quarter",
    "年": "year",
    "小时": "hour",
    "钟头": "hour",
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "hour": "hour",
    "wk": "week",
    "hr": "hour",
    "fortnight": "fortnight",
}
_UNIT: Final = (
    r"(个?(?:自然)?(?:天|日(?!本)|周(?!边|末)|礼拜|星期|月(?!份|饼|子)|季度|年(?!轻|货|夜|会|糕|度)|小时|钟头))"
)
_NUMBER: Final = rf"({NUM})"


def read(doc: Doc, today: date) -> None:
    """Replace every time expression in ``doc`` by a D token with its Span."""
    names = lexicon.alternation(
        n for part in lexicon.table("festivals").values() for e in part.values() for n in e["names"]
    )
    doc.text = re.sub(rf"({names})\s?(?:今年|这次)(和|跟|与|同|比)去年(?:的|同期)?", r"\1\2去年同期", doc.text)
    for rule, build in _atoms(today):
        doc.mask(rule, "D", build)
    _combine(doc, today)


def _atoms(today: date) -> list[tuple[str, Callable[[re.Match[str]], Any]]]:
    year = today.year
    of_year = r"(?:(\d{4})年?|(今年|去年|前年|大前年|明年|后年)的?|)"
    monday = today - timedelta(days=today.weekday())

    def which(said_year: str | None, word: str | None) -> int | None:
        if said_year:
            return int(said_year) if 1900 <= int(said_year) <= 2199 else None
        return year - {"今年": 0, "去年": 1, "前年": 2, "大前年": 3, "明年": -1, "后年": -2}[word] if word else None

    def newest(build: Callable[[int], tuple[date, date] | None], given: int | None) -> Span | None:
        """The period in the year said, else the newest one that has begun."""
        for at in [given] if given else [year, year - 1, year - 2, year - 3, year - 4]:
            span = build(at)
            if span and (given or span[0] <= today):
                whole = Span(span[0], span[1], dated=bool(given), yearless=not given)
                return _clip(whole, today)
        return None

    def full(m: re.Match[str]) -> Span | None:
        day = day_of(int(m[1]), int(m[2]), int(m[3]))
        return Span(day, day, dated=True) if day else None

    def month_day(m: re.Match[str]) -> Span | None:
        given = which(m[1], m[2])
        month, number = parse(m[3]), parse(m[4])
        if month is None or number is None:
            return None
        if day_of(2024, int(month), int(number)) is None:
            return None if "/" in m[0] else Span(today, today, conflict=True)

        def one(at: int) -> tuple[date, date] | None:
            day = day_of(at, int(month), int(number))
            return (day, day) if day else None

        return newest(one, given)

    def en_day(m: re.Match[str]) -> Span | None:
        name, number, given = (m[1] or m[4]), int(m[2] or m[3]), m[5]
        month = _month(name)

        def one(at: int) -> tuple[date, date] | None:
            day = day_of(at, month, number)
            return (day, day) if day else None

        return newest(one, int(given) if given else None)

    def month(m: re.Match[str]) -> Span | None:
        number = parse(m[3])
        if number is None or not 1 <= number <= 12:
            return None
        span = newest(lambda at: month_span(at, int(number)), which(m[1], m[2]))
        third = m[4] if m.lastindex and m.lastindex >= 4 else None
        if span and third:
            start = span.since
            days = {"上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "中": (11, 20)}.get(third, (21, 31))
            last = calendar.monthrange(start.year, start.month)[1]
            return _clip(
                replace(span, since=start.replace(day=days[0]), until=start.replace(day=min(days[1], last))), today
            )
        return span

    def quarter(m: re.Match[str]) -> Span | None:
        number = int(parse(m[3] or m[4]) or 0)
        return newest(lambda at: month_span(at, number * 3 - 2, 3), which(m[1], m[2])) if 1 <= number <= 4 else None

    def half(m: re.Match[str]) -> Span | None:
        return newest(lambda at: month_span(at, 1 if m[3] == "上" else 7, 6), which(m[1], m[2]))

    def rolling(m: re.Match[str]) -> Span | None:
        unit = re.sub(r"^个?(?:自然)?", "", m[3])
        number = parse(m[1])
        if m[1] == "半" and unit == "月":
            return back(today, 15, "day")
        extra = 0.5 if m[2] or (m.re.groups >= 4 and m[4]) else 0
        found = back(today, (number or 0) + extra, UNITS[unit]) or Span(today, today, conflict=True)
        forms = {
            ("day", 1): "prev:day",
            ("hour", 24): "prev:day",
            ("week", 1): "prev:week",
            ("day", 7): "prev:week",
            ("month", 1): "prev:month",
            ("day", 30): "prev:month",
        }
        return found and replace(found, form=forms.get((UNITS[unit], int(number or 0))))

    def en_rolling(m: re.Match[str]) -> Span | None:
        unit = m[2].lower().rstrip("s")
        number = parse(m[1]) if m[1] else 1
        if unit == "fortnight":
            return back(today, 14 * (number or 1), "day")
        found = back(today, number or 0, UNITS[unit])
        return found and replace(
            found,
            form={"day": "prev:day", "week": "prev:week", "month": "prev:month"}.get(unit)
            if number == 1 or (unit, number) == ("day", 7)
            else None,
        )

    def calendar_unit(word: str, count: int) -> Span:
        """The whole day, week, month, quarter or year ``count`` before this one."""
        if word == "day":
            day = today - count * _DAY
            return Span(day, day, form={0: "this:day", 1: "prev:day"}.get(count))
        if word == "week":
            start = monday - timedelta(days=7 * count)
            return _clip(
                Span(start, start + timedelta(days=6), form={0: "this:week", 1: "prev:week"}.get(count)), today
            )
        if word == "month":
            first = months_back(today.replace(day=1), count)
            span = month_span(first.year, first.month)
            return _clip(Span(*span, form={0: "this:month", 1: "prev:month"}.get(count)), today)
        if word == "quarter":
            first = months_back(date(year, (today.month - 1) // 3 * 3 + 1, 1), 3 * count)
            return _clip(Span(*month_span(first.year, first.month, 3)), today)
        return _clip(Span(date(year - count, 1, 1), date(year - count, 12, 31), dated=True), today)

    def weekday(m: re.Match[str]) -> Span | None:
        ups = m[1].count("上") if m[1] else 0
        if m[2] == "末":
            start = monday + timedelta(days=5 - 7 * ups)
            if start > today:
                start -= timedelta(days=7)
            return _clip(Span(start, start + _DAY), today)
        day = (
            monday + timedelta(days="一二三四五六日天".index(m[2]) % 7 if m[2] != "天" else 6) - timedelta(days=7 * ups)
        )
        if day > today and not ups:
            day -= timedelta(days=7)
        return Span(day, day)

    def en_weekday(m: re.Match[str]) -> Span:
        if "weekend" in m[0].lower():
            start = (
                monday - timedelta(days=2)
                if "last" in m[0].lower() or today < monday + timedelta(days=5)
                else monday + timedelta(days=5)
            )
            return _clip(Span(start, start + _DAY), today)
        number = next(i for i, name in enumerate(_WEEKDAYS) if name == m[1].lower())
        day = monday + timedelta(days=number)
        return (
            Span(day - timedelta(days=7), day - timedelta(days=7))
            if "last" in m[0].lower() or day > today
            else Span(day, day)
        )

    def unit_of(word: str) -> str:
        return {
            "天": "day",
            "周": "week",
            "星期": "week",
            "礼拜": "week",
            "月": "month",
            "季度": "quarter",
            "季": "quarter",
            "年": "year",
        }[word.lstrip("个")]

    def fixed(word: str, count: int) -> Callable[[re.Match[str]], Span]:
        return lambda _m: calendar_unit(word, count)

    def since_day(days: int, until: int = 0) -> Callable[[re.Match[str]], Span]:
        return lambda _m: Span(today - days * _DAY, today - until * _DAY)

    number_cn = r"(\d{1,2}|[一二三四五六七八九十]{1,3})"
    far = r"(?![\d.])"
    return [
        (r"去年同期|上年同期|同比去年|same (?:time|period) last year", lambda m: Span(today, today, form="year_back")),
        (r"上月同期|上个月同期", lambda m: Span(today, today, form="month_back")),
        (rf"(?<!\d)(\d{{4}})[-/.年]\s?(\d{{1,2}})[-/.月]\s?(\d{{1,2}})(?:日|号)?{far}", full),
        (
            rf"{of_year}前(二|两|三|2|3)个?季度",
            lambda m: newest(lambda at: month_span(at, 1, 3 * int(parse(m[3]) or 1)), which(m[1], m[2])),
        ),
        *_festivals(today),
        (rf"{of_year}\s?{number_cn}月\s?{number_cn}(?:日|号)", month_day),
        (rf"(?<![\d./\w]){of_year}(\d{{1,2}})/(\d{{1,2}})(?![\d/])", month_day),
        (
            rf"(?:\b({_EN_MONTH})\s(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)|\b(\d{{1,2}})(?:st|nd|rd|"
            rf"th)?\s(?:of\s)?({_EN_MONTH}))(?:,?\s(\d{{4}}))?",
            en_day,
        ),
        (rf"{of_year}第?(?:q([1-4])(?!\d)|([一二三四1-4])季度)", quarter),
        (
            r"\bq([1-4])\s?(?:of\s)?(\d{4})\b",
            lambda m: newest(lambda at: month_span(at, int(m[1]) * 3 - 2, 3), int(m[2])),
        ),
        (
            rf"{of_year}前(二|两|三|2|3)个?季度",
            lambda m: newest(lambda at: month_span(at, 1, 3 * int(parse(m[3]) or 1)), which(m[1], m[2])),
        ),
        (rf"{of_year}(上|下)半年", half),
        (
            r"\b(?:(first|second) half of (?:(\d{4})|the year|this year)|h([12])\b)",
            lambda m: newest(
                lambda at: month_span(at, 1 if m[1] == "first" or m[3] == "1" else 7, 6), int(m[2]) if m[2] else None
            ),
        ),
        (
            rf"(?:最近|过去|近|(?<!{klass('D')})(?:这|前))(?:的|"
            rf"这)?\s?{_NUMBER}(?:个(半)(?=月))?\s?{_UNIT}(半)?(?:里|内|来|"
            rf"间)?(?:之内|以内|以来)?",
            rolling,
        ),
        (
            rf"(?:时间|范围)*(?:拉长|延长|放宽|扩大|缩短|放大|缩小|拉)(?:到|成|至)(?:最近|"
            rf"近)?{_NUMBER}\s?(?:个(半)(?=月))?\s?{_UNIT}",
            rolling,
        ),
        (rf"(?:最近|过去|近)(?:的|这)?(半)(){_UNIT}(?:内|里|来|以来)?", rolling),
        (
            rf"(?<![\d一-九])([一两俩三四五六七八九十半]{{1,4}}|\d{{1,5}})()\s?(?!月){_UNIT}(?:之内|"
            rf"以内|内|以来|来的|来(?!自|源|电|访))",
            rolling,
        ),
        (
            rf"\b(?:in |over |during |for |from |within )?(?:the )?(?:last|past|previous|recent|latest)\s({NUM}|"
            rf"few)\s?(days?|weeks?|wks?|months?|quarters?|years?|hours?|hrs?|fortnights?)\b",
            en_rolling,
        ),
        (
            r"\b(?:in |over |during |for |from |within )?(?:the )?(?:past)\s()(day|week|month|quarter|year|"
            r"fortnight)\b",
            en_rolling,
        ),
        (r"(?:今天|今日|today)(?!头条)", fixed("day", 0)),
        (r"大前天", fixed("day", 3)),
        (r"当[天日]", fixed("day", 0)),
        (r"当周", fixed("week", 0)),
        (r"当月", fixed("month", 0)),
        (r"前一[天日]|昨天|昨日|昨晚|昨儿|yesterday", fixed("day", 1)),
        (r"前天|前日|the day before yesterday", fixed("day", 2)),
        (r"前几天|前些天|这几天|近几天|最近几天|这些天|past few days", since_day(2)),
        (r"这两[天日]|近两[天日]", since_day(1)),
        (
            r"(?:今年)?年底|(?:今年)?年末|今年底|end of (?:the |this )?year|year[- ]end",
            lambda m: Span(date(year, 12, 31), date(year, 12, 31), dated=True),
        ),
        (
            r"(?:本|这个?)?月底|(?:本|这个?)?月末|end of (?:the |this )?month",
            lambda m: (lambda e: Span(e, e, dated=True))(month_span(year, today.month)[1]),
        ),
        (r"这(?:个)?月|本月|this month", fixed("month", 0)),
        (r"(?<![\d下])((?:上{0,4})(?:个)?|这(?:个)?|本)(?:周|星期|礼拜)([一二三四五六日天末])(?!\w*年)", weekday),
        (
            r"\b(?:on |over )?(?:last |this |the )?weekend\b|\b(?:last|this|on)\s(" + "|".join(_WEEKDAYS) + r")\b",
            en_weekday,
        ),
        (
            r"(上{1,4})(?:个|一个|一)?(周|星期|礼拜|月|季度|季|年)(?!轻|货)",
            lambda m: calendar_unit(unit_of(m[2]), len(m[1])),
        ),
        (r"(?:这|本)(?:个|一)?(周|星期|礼拜|月|季度|季|年)(?!轻|货|边)", lambda m: calendar_unit(unit_of(m[1]), 0)),
        (r"今年(?:以来|开始|到现在|至今)?|this year(?: so far)?|ytd|year to date", fixed("year", 0)),
        (r"去年(?:全年|一年|一整年)?|last year", fixed("year", 1)),
        (r"大前年", fixed("year", 3)),
        (r"前年", fixed("year", 2)),
        (
            r"\b(?:in |from |over )?(last|this|previous|current) (day|week|month|quarter|year)(?:'s)?\b",
            lambda m: calendar_unit(m[2].lower(), int(m[1].lower() in ("last", "previous"))),
        ),
        (r"年初", lambda m: Span(date(year, 1, 1), date(year, 1, 1), dated=True)),
        (r"月初", lambda m: (lambda e: Span(e, e, dated=True))(today.replace(day=1))),
        (r"明天|tomorrow", lambda m: Span(today + _DAY, today + _DAY, dated=True)),
        (r"下(?:个|一个)?(?:周|星期|礼拜)([一二三四五六日天])", lambda m: _next_weekday(today, m[1])),
        (
            r"(?:下|\bnext )(?:个|一个)?(周|星期|礼拜|月|年|week|month|year)(?!轻|货)",
            lambda m: _next(today, m[1].lower()),
        ),
        (rf"{of_year}{number_cn}月份?(上旬|中旬|下旬|初|中(?!旬)|底)?", month),
        (
            r"(?<![\d.])(\d{4})-(\d{1,2})(?![\d-])",
            lambda m: newest(lambda at: month_span(at, int(m[2])), int(m[1])) if 1 <= int(m[2]) <= 12 else None,
        ),
        (
            rf"\b(?:in )?({_EN_MONTH})(?:\s(\d{{4}}))?(?=$|[^a-z])",
            lambda m: newest(lambda at: month_span(at, _month(m[1])), int(m[2]) if m[2] else None),
        ),
        (
            r"(?<!\d)(20\d\d)年(?:全年|度)?|\bin (20\d\d)\b(?!\s*[a-z]*\s*(?:followers|likes))",
            lambda m: newest(lambda at: (date(at, 1, 1), date(at, 12, 31)), int(m[1] or m[2])),
        ),
        (r"(?<!\d)(\d{1,2})(?:号|日)(?!线)", lambda m: _bare(today, int(m[1]))),
        (r"明年", lambda m: _next(today, "year")),
        (
            r"最近|近期|近来|近日|lately|recently|recent|these days|近段时间|这段时间|这阵子",
            lambda m: back(today, 30, "day"),
        ),
    ]


def _month(name: str) -> int:
    return next(i + 1 for i, month in enumerate(_MONTHS) if month[:3] == name.lower()[:3])


def _next(today: date, unit: str) -> Span:
    if unit in ("月", "month"):
        first = months_back(today.replace(day=1), -1)
        return Span(*month_span(first.year, first.month), dated=True)
    if unit in ("年", "year"):
        return Span(date(today.year + 1, 1, 1), date(today.year + 1, 12, 31), dated=True)
    start = today - timedelta(days=today.weekday()) + timedelta(days=7)
    return Span(start, start + timedelta(days=6), dated=True)


def _next_weekday(today: date, name: str) -> Span:
    day = today - timedelta(days=today.weekday()) + timedelta(days=7 + "一二三四五六日".index(name.replace("天", "日")))
    return Span(day, day, dated=True)


def _bare(today: date, number: int) -> Span | None:
    for count in range(3):
        first = months_back(today.replace(day=1), count)
        day = day_of(first.year, first.month, number)
        if day and day <= today:
            return Span(day, day, bare_day=number, yearless=True)
    return None


def _clip(span: Span, today: date) -> Span:
    return replace(span, until=today) if span.since <= today < span.until else span


def _festivals(today: date) -> list[tuple[str, Callable[[re.Match[str]], Any]]]:
    rules: list[tuple[str, Callable[[re.Match[str]], Any]]] = []
    after = (
        r"(?:节日|大促)?(?:的时候|期间|这段时间|那段时间|那几天|这几天|那阵子|预售那几天|预售期间|"
        r"预售期|当天|整个假期|假期)"
    )
    cue = (
        rf"(?=之?间|结束|{ANY}|前后|前一?[周天]|之?前|之?后|以后|以来|到|至|开始|的|[\s,，。;；!?]|"
        rf"$|{klass('D')}|在|上|里|发|聊|跟|和|与|比|vs)"
    )
    for section, entries in lexicon.table("festivals").items():
        for entry in entries.values():
            names = lexicon.alternation(entry["names"]).replace(r"(?<![a-z0-9])", r"(?<![a-z0-9.])")
            rule = (
                rf"(?<![#\w])?(?:(\d{{4}})年?的?|(今年|去年|前年)的?|last (year)(?:'s)? |"
                rf")(?<!\d)({names})(?:({after})|"
                rf"{cue})(?!\d)"
            )
            rule = rule.replace(r"(?<![#\w])?", "")

            def build(m: re.Match[str], entry: dict[str, Any] = entry, moon: bool = section == "moon") -> Span | None:
                if m[4].isdigit() and re.match(r"[个条位篇赞名k万w元块]", m.string[m.end() :]):
                    return None
                word = m[2]
                given = int(m[1]) if m[1] else today.year - 1 if m[3] else None
                if word:
                    given = today.year - {"今年": 0, "去年": 1, "前年": 2}[word]
                span = _festival(entry, moon, today, given)
                if span and m[5] and "当天" in m[5] and span.main:
                    return replace(span, since=span.main, until=span.main)
                return span

            rules.append((rule, build))
    return rules


def _festival(entry: dict[str, Any], moon: bool, today: date, given: int | None) -> Span | None:
    for year in [given] if given else range(today.year, today.year - 3, -1):
        if moon:
            row = entry["years"].get(str(year))
            if not row:
                continue
            start, end, main = (date.fromisoformat(d) for d in row)
        else:
            start, end = (date.fromisoformat(f"{year}-{d}") for d in entry["window"])
            main = date.fromisoformat(f"{year}-{entry['main']}")
        if given or main <= today:
            return Span(start, end, main=main, dated=bool(given))
    return None


def _combine(doc: Doc, today: date) -> None:
    """Ranges and everything else that is said with a span: 以后, 前后, 前一周, 到现在."""

    def span(char: str) -> Span:
        found = doc.value(char)
        return cast(Span, found)

    def between(m: re.Match[str]) -> Span:
        return _between(span(m[1]), span(m[2]), today)

    def to_now(m: re.Match[str]) -> Span:
        first = span(m[1])
        return (
            Span(first.main or first.since, today)
            if (first.main or first.since) <= today
            else replace(first, conflict=True)
        )

    def around(m: re.Match[str]) -> Span:
        first = span(m[1])
        week = timedelta(days=7)
        return _clip(Span(first.since - week, first.until + week), today)

    def week_before(m: re.Match[str]) -> Span:
        first = span(m[1])
        main = first.main or first.since
        days = {"周": 7, "星期": 7, "礼拜": 7, "天": 1}[m[3]] * int(parse(m[2]) or 1)
        if m[0][len(m[1])] == "后" or "后" in m[0]:
            return _clip(Span(main + _DAY, main + timedelta(days=days)), today)
        return Span(main - timedelta(days=days), main - _DAY)

    def before(m: re.Match[str]) -> Span:
        first = span(m[1])
        return Span(date(1970, 1, 1), (first.main or first.since) - _DAY, form="open")

    def last_year(m: re.Match[str]) -> Any:
        first = span(m[1])
        return [first, Span(months_back(first.since, 12), months_back(first.until, 12))]

    d = f"({klass('D')})"
    doc.mask(
        rf"{d}前后|around (?:the )?{d}",
        "D",
        lambda m: (
            around(m) if m[1] else _clip(Span(span(m[2]).since - timedelta(7), span(m[2]).until + timedelta(7)), today)
        ),
    )
    doc.mask(
        rf"(?:the )?week (?:before|leading up to) {d}",
        "D",
        lambda m: (lambda s: Span((s.main or s.since) - timedelta(7), (s.main or s.since) - _DAY))(span(m[1])),
    )
    doc.mask(rf"{d}之?(?:前|后)的?(?:那|这)?([一两二三\d]?)个?(周|星期|礼拜|天)", "D", week_before)
    doc.mask(
        rf"(?:从|自|since |from )?{d}\s?(?:起|开始|以来|以后)?\s?(?:一?直?到|至|—|-|~|through|till|"
        rf"until|to)\s?(?:现在|今天|目前|"
        rf"今日|今|now|today|present|date|如今)",
        "D",
        to_now,
    )
    doc.mask(
        rf"(?:从|自|between |from )?{d}\s?(?:起|开始|开始算)?[,，]?\s?(?:一?直?到|至|-|~|through|till|until|to|and|"
        rf"截至)\s?{d}(?:之间|期间|为止|截止|结束|止)?",
        "D",
        between,
    )
    doc.mask(rf"{d}(?:开始|起)[,，、]?\s?{d}(?:截止|结束|为止|止)", "D", between)
    doc.mask(
        rf"\b(?:since |starting (?:from |on )?|after )(?:the )?{d}(?: on(?:wards)?)?|(?:从|"
        rf"自)?{d}(?:以后|之后|以来|起|"
        rf"开始|至今)|(?:从|自打|自从|自){d}",
        "D",
        lambda m: (
            lambda s: Span(s.main or s.since, today) if (s.main or s.since) <= today else replace(s, conflict=True)
        )(span(m[1] or m[2] or m[3])),
    )
    doc.mask(
        rf"{d}(?:之前|以前)|before {d}",
        "D",
        lambda m: before(m) if m[1] else Span(date(1970, 1, 1), span(m[2]).since - _DAY, form="open"),
    )
    doc.mask(
        rf"\b(?:during |in |on |over |for |from |within )(?:the )?{d}|{d}(?:期间|那几天|这几天|"
        rf"之间|内|里|份|当天|这天)",
        "D",
        lambda m: span(m[1] or m[2]),
    )


def _between(first: Span, last: Span, today: date) -> Span:
    if first.conflict or last.conflict:  # 13月45号到14月1号 is no time, and not today
        return Span(first.since, last.until, conflict=True)
    start, end = first.since, last.until
    if last.bare_day is not None:
        end = day_of(start.year, start.month, last.bare_day) or last.until
    elif last.yearless and first.dated:
        # the year said at the start goes on: 2025年3月到5月
        moved = day_of(first.since.year, end.month, min(end.day, calendar.monthrange(first.since.year, end.month)[1]))
        if moved and moved >= start:
            whole = last.since.day == 1 and last.until > last.since  # a month, which today may have cut
            end = moved.replace(day=calendar.monthrange(moved.year, moved.month)[1]) if whole else moved
    if first.yearless and not first.dated and first.bare_day is None:
        while start > end:
            start = months_back(start, 12)
    elif first.bare_day is not None and start > end:
        start = months_back(start, 1)
    if start > end or start > today:
        return Span(start, end, conflict=True)
    return _clip(Span(start, end, dated=first.dated or last.dated), today)
