"""Chinese time expressions: what each form means, and the table of all forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from msgspec.structs import replace

from . import calendar_feasts as feasts
from .calendar_days import (
    DAY,
    Span,
    clip,
    day_of,
    day_of_month,
    months,
    months_back,
    no_such,
    part_of_month,
    rolling,
    unit_back,
    weekday,
    weekend,
    within_month,
    yearly,
)
from .numbers import NUM, most
from .times_joined import between
from .times_pieces import (
    BARE_MONTH,
    COUNT,
    COUNTED,
    CUE,
    DURING,
    FESTIVAL,
    LONG,
    MONTH,
    NTH_DAY,
    ONE_DAY,
    PART,
    PARTS,
    PREFIX,
    RECENT_FORMS,
    RELATIVE,
    REST,
    SAID_YEAR,
    TODAY,
    UNIT,
    UNITS,
    WEEK,
    WEEKDAYS,
    YEAR,
    N,
)

Match = re.Match[str]
Found = Span | None
Builder = Callable[[Match, date], Found]
Rule = tuple[str, Builder]


def _year(m: Match, today: date) -> int | None:
    said = m.groupdict()
    if said.get("rel"):
        return today.year - RELATIVE[said["rel"].lower()]
    number = int(said["year"]) if said.get("year") else None
    return number + 2000 if number is not None and number < 100 else number


def _number(text: str) -> int:
    return int(most(text) or 0)


def _full(m: Match, today: date) -> Found:
    year = int(m["y"])
    day = day_of(year + 2000 if year < 100 else year, int(m["m"]), int(m["d"]))
    if day is None:
        return None if "." in m[0] or m[0].isdigit() else no_such(today)
    return Span(day, day, dated=True)


def _day_in(month: int, number: int, today: date, year: int | None = None) -> Found:
    """One day of the year; asked about where no year has it."""
    if day_of(2024, month, number) is None:
        return no_such(today)

    def build(at: int) -> Found:
        day = day_of(at, month, number)
        return Span(day, day) if day else None

    return yearly(build, today, year) or no_such(today)


def _month_day(m: Match, today: date) -> Found:
    return _day_in(_number(m["month"].replace("正", "一")), _number(m["day"]), today, _year(m, today))


def _slash_day(m: Match, today: date) -> Found:
    month, number = int(m["m"]), int(m["d"])
    return _day_in(month, number, today, _year(m, today)) if day_of(2024, month, number) else None


def _dotted_range(m: Match, today: date) -> Found:
    first, last = (int(m[1]), int(m[2])), (int(m[3]), int(m[4]))
    if not (day_of(2024, *first) and day_of(2024, *last)):
        return None
    one, two = _day_in(*first, today), _day_in(*last, today)
    return between(one, two, today) if one and two else None


def _dotted_day(m: Match, today: date) -> Found:
    return _day_in(int(m[1]), int(m[2]), today) if day_of(2024, int(m[1]), int(m[2])) else None


def _day_of_this(m: Match, today: date) -> Found:
    ups = m[0].count("上") - m[0].count("下")
    first = _first(today, ups)
    day = day_of(first.year, first.month, _number(m["day"]))
    return Span(day, day) if day else no_such(today)


def _first(today: date, back: int) -> date:
    return months_back(today.replace(day=1), back)


def _festival(m: Match, today: date) -> Found:
    if m["feast"].isdigit() and COUNTED.match(m.string, m.end()):
        return None
    span = feasts.window(m["feast"], today, _year(m, today))
    if span is None or not (one := m.groupdict().get("one")):
        return span
    whole = span.ahead or span.until
    if m["nth"]:
        day = span.since + (_number(m["nth"]) - 1) * DAY
        return Span(day, day) if day <= whole else None
    day = whole if one == "最后一天" else span.start - DAY if one == "前夜" else span.start
    return Span(day, day, main=day)


def _spring_day(m: Match, today: date) -> Found:
    feast = feasts.feast("春节")

    def build(year: int) -> Found:
        main = feast.day(year) if feast else None
        return Span(main + (_number(m[1]) - 1) * DAY, main + (_number(m[1]) - 1) * DAY) if main else None

    return yearly(build, today)


def _season(m: Match, today: date) -> Found:
    start = feasts.SEASONS[m["season"]]
    return yearly(lambda at: months(at, start, 3), today, _year(m, today))


def _year_ago(m: Match, today: date) -> Found:
    return _one(months_back(today - (m["which"][0] == "昨") * DAY, 12 * RELATIVE[m["rel"]]))


def _since_term(m: Match, today: date) -> Found:
    begin = yearly(lambda at: _one(date.fromisoformat(f"{at}-{feasts.TERMS[m[1]]}")), today)
    return Span(begin.since, today) if begin else None


def _one(day: date) -> Span:
    return Span(day, day)


def _month(m: Match, today: date) -> Found:
    number = _number(m["month"].replace("正", "一"))
    if not 1 <= number <= 12:
        return no_such(today)
    part = m.groupdict().get("part")

    def build(at: int) -> Span:
        return within_month(date(at, number, 1), _days_of(part)) if part else months(at, number)

    return yearly(build, today, _year(m, today))


def _days_of(part: str) -> tuple[int, int]:
    """The days of a part of a month: 下旬, 第一周, 头三天, 最后一周."""
    part = part.replace("半个月", "半月")
    if part in PARTS:
        return PARTS[part]
    week = part[-1] not in "天日"
    number = 3 if "几" in part else _number(re.sub("[^0-9一二两三四五六七八九十]", "", part) or "1")
    if part.startswith("最后"):
        return (-7 if week else -number, -1)
    return (7 * number - 6, 7 * number) if week else (1, number)


def _months(m: Match, today: date) -> Found:
    """3到5月, 7、8月, 七八月."""
    first, last = _number(m["first"]), _number(m["month"])
    if not (1 <= first <= 12 and 1 <= last <= 12) or (not m["to"] and last != first + 1):
        return None
    one = yearly(lambda at: months(at, first), today, _year(m, today))
    two = yearly(lambda at: months(at, last), today)
    return between(one, two, today) if one and two else None


def _quarter(m: Match, today: date) -> Found:
    number = _number(m["quarter"])
    return yearly(lambda at: months(at, number * 3 - 2, 3), today, _year(m, today))


def _first_quarters(m: Match, today: date) -> Found:
    return yearly(lambda at: months(at, 1, 3 * _number(m["count"])), today, _year(m, today))


def _half(m: Match, today: date) -> Found:
    return yearly(lambda at: months(at, 1 if m["half"] == "上" else 7, 6), today, _year(m, today))


def _rolling(m: Match, today: date) -> Found:
    unit = UNITS[m["unit"].lower()]
    number = most(m["count"]) or 0
    if m["count"] == "半" and unit == "month":
        return rolling(today, 15, "day")
    said = m.groupdict()
    span = rolling(today, number + (0.5 if said.get("half") or said.get("plus") else 0), unit)
    if span is None:
        return no_such(today)
    if said.get("count2"):
        more = rolling(span.since - DAY, _number(m["count2"]), UNITS[m["unit2"]])
        return replace(span, since=more.since) if more else span
    return replace(span, form=RECENT_FORMS.get((unit, int(number)) if number == int(number) else (unit, 0)))


def _ago(m: Match, today: date) -> Found:
    """三天前 is that day, 两个月前 that month; counting on starts at the very day."""
    unit = UNITS[m["unit"].lower()]
    number = (most(m["count"]) or 0) + (0.5 if m["half"] else 0)
    span = rolling(today, number, unit)
    if span is None:
        return no_such(today)
    day = span.since if unit == "hour" else span.since - DAY
    if m["open"]:
        return Span(date(1970, 1, 1), day, form="open")
    if unit == "hour" or number != int(number):
        return Span(day, day)
    return replace(unit_back(today, unit, int(number)), main=day, form=None)


def _relative_day(m: Match, today: date) -> Found:
    return unit_back(today, "day", TODAY[m["which"]])


def _weeks(said: str) -> int:
    """How many weeks (or other units) back: 上 one, 上上 and 大上 two, 下 the next one."""
    return len(re.findall("[上大]", said)) - said.count("下")


def _unit_back(m: Match, today: date) -> Found:
    return unit_back(today, UNITS[m["unit"]], _weeks(m["ups"]))


def _weekday(m: Match, today: date) -> Found:
    said = m["ups"] or ""
    weeks = _weeks(said) if said else None
    if m["weekday"] in ("末", "双休", "六日", "六周日"):
        return weekend(weeks, today)
    return weekday(min(WEEKDAYS.index(m["weekday"]), 6), weeks, today)


def _year_only(m: Match, today: date) -> Found:
    year = _year(m, today)
    return yearly(lambda at: months(at, 1, 12), today, year) if year else None


def _edge_of_year(m: Match, today: date) -> Found:
    month = 1 if m["edge"] == "初" else 12
    return yearly(lambda at: months(at, month), today, _year(m, today))


def _edge_of_month(m: Match, today: date) -> Found:
    days = _days_of(m["part"])
    if not m["ups"]:
        return part_of_month(days, today)
    return clip(within_month(_first(today, m["ups"].count("上") - m["ups"].count("下")), days), today)


def _moved(form: str) -> Builder:
    return lambda _m, today: Span(today, today, form=form)


def _days(count: int) -> Builder:
    return lambda _m, today: rolling(today, count, "day")


RULES: Final[tuple[Rule, ...]] = (
    (r"(?:今年)?[去上]年的?同(?:一?时)?期|同比去年|去年这个?时候|same (?:time|period) last year", _moved("year_back")),
    (r"上个?月同期", _moved("month_back")),
    # days of the calendar
    (r"(?<![\d.v])(?P<y>2\d)\.(?P<m>\d{1,2})\.(?P<d>\d{1,2})(?!\d|\.\d)", _full),
    (
        r"(?<![\d.])(?P<y>(?:19|20|21)\d\d)\s?[-/.年]\s?(?P<m>\d{1,2})\s?[-/.月]\s?(?P<d>\d{1,2})(?:日|号)?(?!\d|\.\d)",
        _full,
    ),
    (r"(?<![\d.])(?P<y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?![\d.])", _full),
    (
        r"(?<![\d.分价率版v])(\d{1,2})\.(\d{1,2})\s?[-~到至]\s?(\d{1,2})\.(\d{1,2})"
        r"(?!\d|\.\d|\s?(?:[万wk千%亿元块米斤分岁]|个点))",
        _dotted_range,
    ),
    (r"(?<![\d.])(\d{1,2})\.(\d{1,2})(?:号|日|(?=以后|之后|以来|起|开始|当天|至今|到(?:今天|现在)))", _dotted_day),
    (rf"{YEAR}前(?P<count>[二两三23])个?季度", _first_quarters),
    (rf"{SAID_YEAR}{FESTIVAL}(?!\d|档|晚会)(?:{ONE_DAY}|{DURING})?", _festival),
    (rf"\b(?P<rel>last|this)\sye?a?r'?s?\s{FESTIVAL}", _festival),
    (rf"{FESTIVAL}\s(?:(?:of|in)\s)?(?:(?P<year>20\d\d)(?!\d)|(?P<rel>last|this)\syear)", _festival),
    (
        rf"(?<![聊讲谈论教分率价])(?<!关于)(?<!about )(?:\blast\s)?{FESTIVAL}(?!\d)(?:{ONE_DAY}|{DURING}|{CUE})",
        _festival,
    ),
    (rf"(?:大年|正月|(?<=[到至~\-]))初({N})(?!中|高)", _spring_day),
    (rf"{YEAR}{MONTH}\s?(?P<day>{N})(?:号|日|(?=\s?[-~到至]\s?\d{{1,2}}(?:号|日)))", _month_day),
    (rf"(?<![\d./\w]){YEAR}(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})(?![\d/])", _slash_day),
    (rf"(?:这个?|本|当|今个?|上{{1,3}}个?|下个?)月的?{NTH_DAY}", _day_of_this),
    # quarters, halves, seasons
    (
        rf"{YEAR}第?(?:(?<![\u4e00-\u9fffA-Za-z])|"
        rf"(?<=[年的在看抓要到和从至比找搜跟与]))(?<!year's )(?<!yr's )"
        rf"(?:q(?P<quarter>[1-4])(?![\da-z]))(?!\s(?:of\s)?(?:\d{{4}}|"
        r"last year))",
        _quarter,
    ),
    (rf"{YEAR}(?<!最近|过去)(?<![近前])第?(?P<quarter>[一二三四1-4])季度", _quarter),
    (rf"{YEAR}(?P<half>[上下])半年", _half),
    (rf"{SAID_YEAR}(?P<season>[春夏秋冬])(?:天|季)", _season),
    (r"(?P<rel>今|去)(?P<season>[春夏秋冬])(?!天|奥)", _season),
    (r"入([春夏秋冬])(?:以来|以后|之后|后|至今|到现在)", _since_term),
    (r"(?P<rel>去年|前年|上年)的?(?P<which>今天|今日|这一?天|昨天|昨日)", _year_ago),
    # counted back from today
    (rf"{PREFIX}(?:的|这|大概|大约|差不多)?\s?{COUNT}{UNIT}{REST}(?:时间)?(?:之内|以内|以来|里|内|来|间)?", _rolling),
    (
        rf"(?<![\d.一二三四五六七八九十])(?P<count>[一两俩三四五六七八九十半]{{1,4}}|\d{{1,5}})\s?(?:个(?P<half>半)(?=月|年)|(?!月))"
        rf"{UNIT}{REST}(?:时间)?(?:之内|以内|内|以来|来的|来(?!自|源|电|访))",
        _rolling,
    ),
    (rf"(?:拉长|延长|放宽|扩大|缩短|放大|缩小|缩|拉)(?:到|成|至)(?:最近|近)?{COUNT}{UNIT}{REST}", _rolling),
    (
        rf"(?<![\d.双])(?P<count>{NUM})\s?(?:个(?P<half>半)(?=月|年)|(?!月)){UNIT}"
        r"(?:(?P<open>以前|之前)|前(?!端|台|后|景|任|往|沿|男|女))",
        _ago,
    ),
    (
        r"(?P<which>大?前|大?后|今|昨|明|寻|(?<![钢古提小大风口胡竖])琴|当)"
        r"(?:天|日|儿个?(?!童|子|歌)|早|晚|夜|晨)(?!头条|方舟|报|期|记|常|达|香)",
        _relative_day,
    ),
    (r"前一[天日]", lambda m, today: unit_back(today, "day", 1)),
    (r"(?:前几|前些|这几|近几|最近几|这些)[天日]", _days(3)),
    (r"[这近]两[天日]", _days(2)),
    # months by name
    (
        rf"{YEAR}(?P<first>(?<![\d.])\d{{1,2}}(?=月|\s?[-~到至、和])|十[一二]?|[一二三四五六七八九])(?:月份?)?\s?(?P<to>[-~到至、和])?\s?"
        rf"{BARE_MONTH}份?",
        _months,
    ),
    (rf"{YEAR}{MONTH}份?{PART}?", _month),
    # weeks and days of the week
    (
        r"(?P<ups>(?<![一最])大?[上下]{1,4}个?|这个?|本|)(?:(?<![\d每一两二三四五六七八九十几半])|(?<=周[一二三四五六]))(?:周|星期|礼拜)"
        r"(?P<weekday>六周?日|[一二三四五]|六(?!福)|[日天](?!本|常|气)|末)(?!\w*年)",
        _weekday,
    ),
    (r"(?P<ups>(?<![一最])[上下]{1,2}个?|这个?|)(?P<weekday>双休)日?(?!制)", _weekday),
    (
        rf"(?:(?P<ups>[上下]{{1,3}}个?月|这个?月|本月|当月)(?:的|月)?|(?<![\d一二三四五六七八九十几半满])月(?=初|底|末|中[到至以开起的,，\s]|中$)|"
        rf"(?<!月)(?=[上中下]旬|[上下]半个?月)){PART}",
        _edge_of_month,
    ),
    (rf"(?<![马晚早一最])(?P<ups>大?上{{1,4}})(?:一个|个|一)?(?P<unit>{WEEK}|{LONG})", _unit_back),
    (rf"(?P<ups>这一?个?|本|今个|当(?=[周月]))(?P<unit>{WEEK}|{LONG})", _unit_back),
    (rf"(?<![一看找搜查抓拉扒列])(?P<ups>下{{1,3}})(?:一个|个|一)?(?P<unit>{WEEK}|{LONG})", _unit_back),
    # months, parts of a month, years
    (rf"(?:{SAID_YEAR}年?|(?<![\d今去前明后])年)(?P<edge>初|底|末|尾)(?!总结|奖|会|盘点|聚)", _edge_of_year),
    (r"(?<![\d.])(?P<year>(?:19|20|21)\d\d)[-/.](?P<month>0?[1-9]|1[0-2])(?![\d\-/.])", _month),
    (
        r"(?:(?<!\d)(?P<year>(?:19|20)\d\d)(?:年(?!前|以前|代)|(?=\s?[-~到至]\s?20\d\d年))|(?P<rel>大前年|去年|上年|前年|今年|本年|明年|后年))"
        r"(?:全年|一整年|一年|年度|度(?!假))?(?:以来|至今|到现在)?",
        _year_only,
    ),
    (
        rf"(?<![\d第.])(?P<day>{N})(?:号|日)(?!线|楼|院|店|机|馆|门|色|均)",
        lambda m, today: day_of_month(_number(m["day"]), today),
    ),
)

LAST: Final[tuple[Rule, ...]] = (
    (r"最近|近期|近来|近日|[近这前]段时间|[这前]一?阵子?|前一段时间|lately|recently|recent|these days", _days(30)),
)
"""Read when nothing else was."""
