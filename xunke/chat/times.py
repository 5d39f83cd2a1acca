"""Time expressions to spans of days, by the tables of the plan schema. Every day is counted from ``today``.

A rule is a pattern and what it means. Each reading runs the rules in order: Chinese and English atoms (上周,
10月1号, 国庆期间), then what joins them (times_joined: 从…到…, …前后, …以后).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any, Final

from . import calendar_feasts as feasts
from . import lexicon, times_english, times_joined
from .calendar_days import (
    DAY,
    Span,
    Unit,
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
from .tokens import ANY, Doc
from .tokens import filled as compiled

Match = re.Match[str]
Found = Span | None

_UNITS: Final[dict[str, Unit]] = {
    "天": "day", "日": "day", "周": "week", "礼拜": "week", "星期": "week", "月": "month", "季度": "quarter",
    "季": "quarter", "年": "year", "小时": "hour", "钟头": "hour", "d": "day", "h": "hour",
}  # fmt: skip
_WEEK: Final = r"(?:周(?!边|末|岁|年|刊|报|杰|黑鸭|大福|深|迅|星驰|冬雨|润发|生生|六福)|礼拜(?!堂)|星期)"
_LONG: Final = r"(?:月(?!份|饼|子|嫂|亮|经|季|光|入)|季度|季(?!节)|年(?!轻|货|夜|会|糕|味|龄|代|级|限|检|度|薪|卡|终))"
_UNIT: Final = (
    rf"个?(?:自然|整)?(?P<unit>天(?!气|猫|然|花|丝|幕|窗|津)|日(?!本|料|常|用|语|系|记|式|均)|{_WEEK}|{_LONG}|小时|钟头|"
    r"[dh](?![a-z]))"
)
_SAID_YEAR: Final = (
    r"(?:(?<!\d)(?P<year>(?:19|20|21)\d\d|\d\d(?=年))年?的?|(?P<rel>大前年|去年|上年|前年|今年|本年|明年|后年)的?)\s?"
)
_YEAR: Final = rf"(?:{_SAID_YEAR})?"
_RELATIVE: Final = {
    "大前年": 3,
    "前年": 2,
    "去年": 1,
    "上年": 1,
    "今年": 0,
    "本年": 0,
    "明年": -1,
    "后年": -2,
    "last": 1,
    "this": 0,
}
_BARE_MONTH: Final = r"(?P<month>0?[1-9](?!\d)|1[0-9]|十[一二]?|[一二三四五六七八九]|正)月(?!饼|子|嫂|亮|经|季|光|薪)"
_MONTH: Final = rf"(?<![\d.一二三四五六七八九十几]){_BARE_MONTH}"
_N: Final = r"(?:\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_DAY: Final = rf"(?P<day>{_N})(?:号|日)(?!线|楼|院|店|机|馆|门|色)"
_PARTS: Final = {
    "上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "中": (11, 20), "下旬": (21, 31), "底": (21, 31), "末": (21, 31),
    "上半月": (1, 15), "下半月": (16, 31),
}  # fmt: skip
_PART: Final = r"(?P<part>[上中下]旬|[上下]半月|初(?!中|心|学|级|一|二|三)|中(?!旬|国|式|午|秋)|底(?!妆|料)|末)"
_FESTIVAL: Final = (
    "(?P<feast>"
    + lexicon.alternation(n for n in feasts.names() if n != "十一").replace("(?<![a-z0-9])", "(?<![a-z0-9.])")
    + "|(?<![双二三四五六七八九十第周月\\d])十一(?=小?长?假|[这那]几天|[这那]阵子|那会|期间|前后|当天|的时候|之后|以后))"
)
_DURING: Final = (
    r"(?:节日|大促|小?长假|连假|假期)*(?:的时候|期间|[这那]段时间|[这那]几天|[这那]阵子|那会儿?|预售那?几?天?(?:期间|期)?|"
    r"整个假期|长假|连假|假期|\s(?:sales?|promos?|promotions?|(?:shopping\s)?festival|holidays?|period|season)(?![a-z]))"
)
_ONE_DAY: Final = rf"(?P<one>第(?P<nth>{_N})天|最后一天|当[天日晚夜]|那[天晚]|前夜|正日子)"
_CUE: Final = (
    rf"(?=之?间|结束|{ANY}|前后|前夕|前的?那?(?:{_N}|两|半|几)|前[周天]|之?前|之?后|过后|以后|以来|到|至|开始|起|的|"
    r"[\s,，。;；!?~\-]|$|在|上|里|发|聊|跟|和|与|比|vs|各)"
)
_COUNTED: Final = re.compile(r"\s?[个条位篇赞名粉k万w元块人]")
_PREFIX: Final = r"(?:最近|过去|过往|往前|近|(?<![\U000f0000-\U000fffff])(?:这|前))"
_COUNT: Final = rf"(?:{_N}\s?[-~到至]\s?)?(?P<count>{NUM})(?:来|多|几)?\s?(?:个(?P<half>半)(?=月|年))?"
_REST: Final = rf"(?P<plus>半)?(?:[零又加](?P<count2>{_N}|两)个?(?P<unit2>天|日|周|星期|礼拜|月))?"
_WEEKDAYS: Final = "一二三四五六日天"
_TODAY: Final = {
    "今": 0, "当": 0, "昨": 1, "寻": 1, "琴": 1, "前": 2, "大前": 3, "明": -1, "后": -2, "大后": -3,
}  # fmt: skip
_RECENT_FORMS: Final = {
    ("day", 1): "prev:day", ("hour", 24): "prev:day", ("week", 1): "prev:week", ("day", 7): "prev:week",
    ("month", 1): "prev:month", ("day", 30): "prev:month",
}  # fmt: skip


def read(doc: Doc, today: date) -> None:
    """Replace every time expression in ``doc`` by a D token with its Span."""
    # 双十一今年和去年比: the second one is the same days a year back
    doc.text = compiled(rf"{_FESTIVAL}\s?(?:今年|这次)(和|跟|与|同|比)去年(?:的|同期)?").sub(
        r"\g<feast>\2去年同期", doc.text
    )
    for rule, build in RULES:
        doc.mask(rule, "D", lambda m, build=build: build(m, today))
    times_joined.read(doc, today)


def _year(m: Match, today: date) -> int | None:
    said = m.groupdict()
    if said.get("rel"):
        return today.year - _RELATIVE[said["rel"].lower()]
    number = int(said["year"]) if said.get("year") else None
    return number + 2000 if number is not None and number < 100 else number


def _number(text: str) -> int:
    return int(most(text) or 0)


def _full(m: Match, today: date) -> Found:
    day = day_of(int(m["y"]), int(m["m"]), int(m["d"]))
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
    return times_joined.between(one, two, today) if one and two else None


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
    if m["feast"].isdigit() and _COUNTED.match(m.string, m.end()):
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
        return within_month(date(at, number, 1), _PARTS[part]) if part else months(at, number)

    return yearly(build, today, _year(m, today))


def _months(m: Match, today: date) -> Found:
    """3到5月, 7、8月, 七八月."""
    first, last = _number(m["first"]), _number(m["month"])
    if not (1 <= first <= 12 and 1 <= last <= 12) or (not m["to"] and last != first + 1):
        return None
    one = yearly(lambda at: months(at, first), today, _year(m, today))
    two = yearly(lambda at: months(at, last), today)
    return times_joined.between(one, two, today) if one and two else None


def _quarter(m: Match, today: date) -> Found:
    number = _number(m["quarter"])
    return yearly(lambda at: months(at, number * 3 - 2, 3), today, _year(m, today))


def _first_quarters(m: Match, today: date) -> Found:
    return yearly(lambda at: months(at, 1, 3 * _number(m["count"])), today, _year(m, today))


def _half(m: Match, today: date) -> Found:
    return yearly(lambda at: months(at, 1 if m["half"] == "上" else 7, 6), today, _year(m, today))


def _rolling(m: Match, today: date) -> Found:
    unit = _UNITS[m["unit"].lower()]
    number = most(m["count"]) or 0
    if m["count"] == "半" and unit == "month":
        return rolling(today, 15, "day")
    said = m.groupdict()
    span = rolling(today, number + (0.5 if said.get("half") or said.get("plus") else 0), unit)
    if span is None:
        return no_such(today)
    if said.get("count2"):
        more = rolling(span.since - DAY, _number(m["count2"]), _UNITS[m["unit2"]])
        return replace(span, since=more.since) if more else span
    return replace(span, form=_RECENT_FORMS.get((unit, number if number == int(number) else 0)))


def _ago(m: Match, today: date) -> Found:
    """三天前 is that day, 两个月前 that month; counting on starts at the very day."""
    unit = _UNITS[m["unit"].lower()]
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
    return unit_back(today, "day", _TODAY[m["which"]])


def _unit_back(m: Match, today: date) -> Found:
    return unit_back(today, _UNITS[m["unit"]], m["ups"].count("上") - m["ups"].count("下"))


def _weekday(m: Match, today: date) -> Found:
    said = m["ups"] or ""
    weeks = None if not said else said.count("上") - said.count("下")
    if m["weekday"] in ("末", "六日", "六周日"):
        return weekend(weeks, today)
    return weekday(min(_WEEKDAYS.index(m["weekday"]), 6), weeks, today)


def _year_only(m: Match, today: date) -> Found:
    year = _year(m, today)
    return yearly(lambda at: months(at, 1, 12), today, year) if year else None


def _edge_of_year(m: Match, today: date) -> Found:
    month = 1 if m["edge"] == "初" else 12
    return yearly(lambda at: months(at, month), today, _year(m, today))


def _edge_of_month(m: Match, today: date) -> Found:
    days = _PARTS[m["part"]]
    if not m["ups"]:
        return part_of_month(days, today)
    return clip(within_month(_first(today, m["ups"].count("上") - m["ups"].count("下")), days), today)


def _moved(form: str) -> Any:
    return lambda _m, today: Span(today, today, form=form)


def _days(count: int) -> Any:
    return lambda _m, today: rolling(today, count, "day")


RULES: Final[tuple[tuple[str, Any], ...]] = (
    (r"(?:今年)?[去上]年的?同(?:一?时)?期|同比去年|去年这个?时候|same (?:time|period) last year", _moved("year_back")),
    (r"上个?月同期", _moved("month_back")),
    # days of the calendar
    (r"(?<![\d.])(?P<y>(?:19|20|21)\d\d)\s?[-/.年]\s?(?P<m>\d{1,2})\s?[-/.月]\s?(?P<d>\d{1,2})(?:日|号)?(?!\d|\.\d)", _full),
    (r"(?<![\d.])(?P<y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?![\d.])", _full),
    (
        r"(?<![\d.分价率版v])(\d{1,2})\.(\d{1,2})\s?[-~到至]\s?(\d{1,2})\.(\d{1,2})"
        r"(?!\d|\.\d|\s?(?:[万wk千%亿元块米斤分岁]|个点))",
        _dotted_range,
    ),
    (r"(?<![\d.])(\d{1,2})\.(\d{1,2})(?:号|日|(?=以后|之后|以来|起|开始|当天|至今|到(?:今天|现在)))", _dotted_day),
    (rf"{_YEAR}前(?P<count>[二两三23])个?季度", _first_quarters),
    (rf"{_SAID_YEAR}{_FESTIVAL}(?!\d|档|晚会)(?:{_ONE_DAY}|{_DURING})?", _festival),
    (rf"\b(?P<rel>last|this)\syear'?s?\s{_FESTIVAL}", _festival),
    (rf"{_FESTIVAL}\s(?:(?:of|in)\s)?(?:(?P<year>20\d\d)(?!\d)|(?P<rel>last|this)\syear)", _festival),
    (rf"(?<![聊讲谈论教])(?<!关于)(?<!about )(?:\blast\s)?{_FESTIVAL}(?!\d)(?:{_ONE_DAY}|{_DURING}|{_CUE})", _festival),
    (rf"(?:大年|正月|(?<=[到至~\-]))初({_N})(?!中|高)", _spring_day),
    (rf"{_YEAR}{_MONTH}\s?(?P<day>{_N})(?:号|日|(?=\s?[-~到至]\s?\d{{1,2}}(?:号|日)))", _month_day),
    (rf"(?<![\d./\w]){_YEAR}(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})(?![\d/])", _slash_day),
    (rf"(?:这个?|本|当|今个?|上{{1,3}}个?|下个?)月的?{_DAY}", _day_of_this),
    # quarters, halves, seasons
    (rf"{_YEAR}第?(?:q(?P<quarter>[1-4])(?![\da-z]))(?!\s(?:of\s)?(?:\d{{4}}|last year))", _quarter),
    (rf"{_YEAR}第?(?P<quarter>[一二三四1-4])季度", _quarter),
    (rf"{_YEAR}(?P<half>[上下])半年", _half),
    (rf"{_SAID_YEAR}(?P<season>[春夏秋冬])(?:天|季)", _season),
    (r"入([春夏秋冬])(?:以来|以后|之后|后|至今|到现在)", _since_term),
    # counted back from today
    (rf"{_PREFIX}(?:的|这|大概|大约|差不多)?\s?{_COUNT}{_UNIT}{_REST}(?:时间)?(?:之内|以内|以来|里|内|来|间)?", _rolling),
    (
        rf"(?<![\d.一二三四五六七八九十])(?P<count>[一两俩三四五六七八九十半]{{1,4}}|\d{{1,5}})\s?(?:个(?P<half>半)(?=月|年)|(?!月))"
        rf"{_UNIT}{_REST}(?:时间)?(?:之内|以内|内|以来|来的|来(?!自|源|电|访))",
        _rolling,
    ),
    (rf"(?:拉长|延长|放宽|扩大|缩短|放大|缩小|缩|拉)(?:到|成|至)(?:最近|近)?{_COUNT}{_UNIT}{_REST}", _rolling),
    (
        rf"(?<![\d.双])(?P<count>{NUM})\s?(?:个(?P<half>半)(?=月|年)|(?!月)){_UNIT}"
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
        rf"{_YEAR}(?P<first>(?<![\d.])\d{{1,2}}|十[一二]?|[一二三四五六七八九])(?:月份?)?\s?(?P<to>[-~到至、和])?\s?"
        rf"{_BARE_MONTH}份?",
        _months,
    ),
    (rf"{_YEAR}{_MONTH}份?{_PART}?", _month),
    # weeks and days of the week
    (
        r"(?P<ups>(?<!一)[上下]{1,4}个?|这个?|本|)(?<![\d每一两二三四五六七八九十几半])(?:周|星期|礼拜)"
        r"(?P<weekday>六周?日|[一二三四五]|六(?!福)|[日天](?!本|常|气)|末)(?!\w*年)",
        _weekday,
    ),
    (
        r"(?:(?P<ups>[上下]{1,3}个?月|这个?月|本月|当月)(?:的|月)?|(?<![\d一二三四五六七八九十几半满])月|(?=[上中下]旬))(?P<part>[上中下]旬|初|底(?!妆|料)|末|"
        r"中(?=到|至|以|开|起|的|[,，\s]|$))",
        _edge_of_month,
    ),
    (rf"(?<![马晚早一])(?P<ups>上{{1,4}})(?:一个|个|一)?(?P<unit>{_WEEK}|{_LONG})", _unit_back),
    (rf"(?P<ups>这一?个?|本|今个|当(?=[周月]))(?P<unit>{_WEEK}|{_LONG})", _unit_back),
    (rf"(?<![一看找搜查抓拉扒列])(?P<ups>下{{1,3}})(?:一个|个|一)?(?P<unit>{_WEEK}|{_LONG})", _unit_back),
    # months, parts of a month, years
    (rf"(?:{_SAID_YEAR}年?|(?<![\d今去前明后])年)(?P<edge>初|底|末)(?!总结|奖|会|盘点|聚)", _edge_of_year),
    (r"(?<![\d.])(?P<year>(?:19|20|21)\d\d)[-/.](?P<month>0?[1-9]|1[0-2])(?![\d\-/.])", _month),
    (
        r"(?:(?<!\d)(?P<year>(?:19|20)\d\d)年?(?<=年)(?!前|以前|代)|(?P<rel>大前年|去年|上年|前年|今年|本年|明年|后年))"
        r"(?:全年|一整年|一年|年度|度(?!假))?(?:以来|至今|到现在)?",
        _year_only,
    ),
    (rf"(?<![\d第.])(?P<day>{_N})(?:号|日)(?!线|楼|院|店|机|馆|门|色|均)", lambda m, today: day_of_month(_number(m["day"]), today)),
    *times_english.RULES,
    (r"最近|近期|近来|近日|[近这前]段时间|[这前]一?阵子?|前一段时间|lately|recently|recent|these days", _days(30)),
)  # fmt: skip

__all__ = ["RULES", "Span", "months_back", "read"]
