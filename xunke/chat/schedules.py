"""每周一上午十点, every Monday at 9am: when something is to be repeated. A rule is a pattern and its slots."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from .numbers import NUM, parse
from .tokens import Doc

Match = re.Match[str]
Slots = dict[str, Any]

_UNIT: Final = {
    "小时": "1h", "钟头": "1h", "天": "1d", "日": "1d", "晚": "1d", "早": "1d", "周": "1w", "星期": "1w", "礼拜": "1w",
    "月": "1m", "个月": "1m", "季度": "3m", "季": "3m", "半年": "6m", "年": "12m",
    "hour": "1h", "day": "1d", "morning": "1d", "evening": "1d", "afternoon": "1d", "night": "1d", "week": "1w",
    "fortnight": "2w", "month": "1m", "quarter": "3m", "year": "12m",
    "hourly": "1h", "daily": "1d", "weekly": "1w", "biweekly": "2w", "fortnightly": "2w", "monthly": "1m",
    "quarterly": "3m",
}  # fmt: skip
_BY: Final = {
    "小时": "hour", "钟头": "hour", "天": "day", "日": "day", "周": "week", "星期": "week", "礼拜": "week",
    "月": "month", "个月": "month", "hourly": "hour", "daily": "day", "weekly": "week",
    "monthly": "month",
}  # fmt: skip
_LATE: Final = ("下午", "午后", "傍晚", "晚上", "晚间", "夜晚", "晏昼", "晚")
_NIGHT: Final = ("夜里", "半夜", "深夜", "午夜")
_PART: Final = (
    r"凌晨|清晨|大?清早|一早|早上|早晨|早间|朝早|上午|中午|正午|下午|午后|晏昼|傍晚|晚上|晚间|夜晚|夜里|深夜|半夜|午夜|"
    r"早|晚"
)
_HOUR: Final = r"(?:\d{1,2}|二?十[一二三四五六七八九]?|[零一二两三四五六七八九])"
_CLOCK: Final = (
    rf"(?:(?:{_PART})?的?\s?(?:\d{{1,2}}[:：]\d{{2}}(?!\s?[ap]\.?m)|"
    rf"{_HOUR}[点點时](?!点|儿|也|间|候|段|不|差|代|尚|事|评|赞|击|子|心)"
    r"(?:钟|整)?(?:半|[一三]刻钟?|(?:\d{1,2}|[一二三四五]?十[一二三四五六七八九]?|零?[一二三四五六七八九](?!个|条|次))分?)?))"
)
_CLOCK_PARTS: Final = re.compile(
    rf"(?P<part>{_PART})?的?\s?(?:(?P<h>\d{{1,2}})[:：](?P<m>\d{{2}})|(?P<hour>{_HOUR})[点點时](?:钟|整)?"
    r"(?P<minute>半|[一三]刻|(?:\d{1,2}|零?[一二三四五六七八九十]{1,3}))?)"
)
_EN_CLOCK: Final = (
    r"(?:(?:at|@|by)\s?)?(?:\d{1,2}(?:[:.]\d{2})?\s?[ap]\.?m\b\.?)|(?:at|@|by)\s(?:\d{1,2}:\d{2}|noon|midnight|"
    r"\d{1,2}\sin\sthe\s(?:morning|afternoon|evening)|\d{1,2}\so'?clock)"
)
_EN_CLOCK_PARTS: Final = re.compile(
    r"(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?\s?(?:(?P<half>[ap])\.?m\b|in\sthe\s(?P<part>morning|afternoon|"
    r"evening))?|(?P<word>noon|midnight)",
    re.IGNORECASE,
)
_ACTS: Final = r"(?:[给帮]我|[早晚]上|[上下]午|[抓采爬跑盯推]|更新|收集)"
_AT: Final = rf"(?:\s?(?:的|都|在|,|，|各)?\s?(?P<at>{_CLOCK}))?"
_EN_AT: Final = rf"(?:,?\s?(?P<at>{_EN_CLOCK}))?"
_WEEK: Final = r"(?:周|星期|礼拜)"
_DAY: Final = r"[一二三四五六日天]"
_DAYS: Final = rf"(?P<days>末|{_DAY}(?:[、和及跟,到至\-]?{_WEEK}?{_DAY}(?!月|号|点|个|次|条|年|本|常))*)"
_EN_DAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_EN_DAYS: Final = rf"(?P<days>{_EN_DAY}(?:\s?(?:,|and|&|/|to|through|-)\s?(?:and\s)?{_EN_DAY})*)"
_ORDER: Final = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_HAN_DAY: Final = dict(zip("一二三四五六日天", [*range(7), 6], strict=True))
_MEASURE: Final = (
    rf"(?=(?!的?(?:{_WEEK}{_DAY}|{_CLOCK}))(?:的|各|有多少|多少|发[帖文布了]|发多少|新增|声量|互动|讨论|平均|涨|有几))"
)
_NOUN: Final = (
    r"(?=\s(?:\w+\s){0,2}(?:volume|counts?|trend|posts?|growth|mentions|numbers?|sentiment|engagement|breakdown|likes|"
    r"views|curve|stats|averages?|share|average))"
)
_ENDS: Final = r"(?=$|[,，.。\s\u4e00-\u9fff])(?!\s\w+\s(?:job|task))"


def clock(text: str) -> str | None:
    """``HH:MM`` of 下午3点半, 上午十点, 20:30, 8pm; None if it is no time of the day."""
    found = _CLOCK_PARTS.search(text)
    if found and not re.search(r"\d\s?[ap]\.?m\b", text, re.IGNORECASE):
        hour, minute = _chinese_clock(found)
    elif found := _EN_CLOCK_PARTS.search(text):
        if found["word"]:
            return "12:00" if found["word"].lower() == "noon" else "00:00"
        hour, minute = int(found["h"]), int(found["m"] or 0)
        late = (found["half"] or "").lower() == "p" or found["part"] in ("afternoon", "evening")
        hour = hour % 12 + 12 if late and hour <= 12 else hour
        hour = 0 if (found["half"] or "").lower() == "a" and hour == 12 else hour
    else:
        return None
    return f"{hour % 24:02}:{minute:02}" if hour <= 24 and minute < 60 else None


def _chinese_clock(m: Match) -> tuple[int, int]:
    hour = int(m["h"] or parse(m["hour"]) or 0)
    said = m["minute"]
    minute = int(m["m"] or {"半": 30, "一刻": 15, "三刻": 45}.get(said or "零", parse((said or "").lstrip("零")) or 0))
    part = m["part"] or ""
    if (part in _LATE and hour < 12) or (part in _NIGHT and 6 <= hour < 12) or (part == "中午" and hour < 3):
        hour += 12
    elif hour == 12 and part in (*_NIGHT, "晚上", "晚", "凌晨"):
        hour = 0
    return hour, minute


def _every(number: str | None, unit: str, other: bool = False) -> str | None:
    """``2h``, ``1w``; ``other``: every other one."""
    count = int(parse(number) or 0) if number and number.strip() else 1
    base = _UNIT[unit.lower()]
    if other and count == 1 and base[-1] != "h":
        count = 2
    return f"{int(base[:-1]) * count}{base[-1]}" if 1 <= count <= 999 else None


def _slots(every: str | None, m: Match, **more: Any) -> Slots | None:
    if every is None:
        return None
    at = clock(m["at"]) if m.groupdict().get("at") else None
    return {"every": every, **more} | ({"at": at} if at else {})


def _on(days: str) -> list[str]:
    """一三五, 一到五, 五和周日, 末: the days of the week in their order."""
    if days == "末":
        return _ORDER[5:]
    found: set[int] = set()
    for first, last in re.findall(rf"({_DAY})(?:[到至\-]{_WEEK}?({_DAY}))?", days):
        start = _HAN_DAY[first]
        end = _HAN_DAY[last] if last else start
        found |= {(start + i) % 7 for i in range((end - start) % 7 + 1)}
    return [_ORDER[i] for i in sorted(found)]


def _on_english(days: str) -> list[str]:
    said = [_ORDER.index(d.lower()[:3]) for d in re.findall(_EN_DAY, days, re.IGNORECASE)]
    if re.search(r"\bto\b|through|-", days, re.IGNORECASE) and len(said) == 2:
        said = [(said[0] + i) % 7 for i in range((said[1] - said[0]) % 7 + 1)]
    return [_ORDER[i] for i in sorted(set(said))]


def _times_a_day(m: Match) -> Slots | None:
    count = int(parse({"twice": "2"}.get(m["count"].lower(), m["count"].split(" ")[0])) or 0)
    return {"every": f"{24 // count}h"} if count in (2, 3, 4, 6, 8, 12) else None


def _adverb(m: Match) -> Slots | None:
    """weekly as "every week" stands at the end or before a comma, or after a verb's object; not before a noun."""
    rest = m.string[m.end() :].strip()
    alone = (
        not rest or rest[0] in ",，.。!跑抓更统导发采收看" or rest.lower().startswith(("at ", "until", "on ", "and "))
    )
    return _slots(_every(None, m["unit"].replace("-", "")), m) if alone or m["at"] else None


def _every_part(m: Match) -> Slots | None:
    """每晚8点 is 20:00: the part of the day stands in the repetition."""
    at = clock(m["unit"] + m["at"].strip()) if m["at"] else None
    return {"every": "1d"} | ({"at": at} if at else {})


def _day_alone(m: Match, doc: Doc) -> Slots:
    days = _on_english(m["days"]) if m["days"].isascii() else _on(m["days"])
    return {"on": days} | (doc.value(m["at"]) if m["at"] else {})


def _clock_alone(m: Match) -> Slots | None:
    at = clock(m[0])
    return {"at": at} if at and "时" not in m[0] else None


_MONTH_DAY: Final = r"(?P<day>\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?:号|日)(?!线)"

_PERIOD: Final = "|".join(
    f"(?<={w})" for w in ("今年", "去年", "上半年", "下半年", "季度", "以来", "期间", "个月", "天", "两周", "周内")
)
"""Behind a span of the past 每个月 is a way to count."""

BY_RULES: Final[tuple[tuple[str, Callable[[Match], Any]], ...]] = (
    (
        rf"(?:{_PERIOD})[里内的]?每个?(?P<unit>小时|天|日|周|星期|礼拜|月)(?!{_CLOCK}|[一二三四五六日天\d])",
        lambda m: _BY[m["unit"]],
    ),
    (rf"(?:每|逐|分)(?:个|一)?(?P<unit>小时|钟头|天|日|周|星期|礼拜|个月|月){_MEASURE}", lambda m: _BY[m["unit"]]),
    (r"(?:逐(?=小时|天|日|周|月)|分(?=小时|天|日|月))(?P<unit>小时|天|日|周|月)", lambda m: _BY[m["unit"]]),
    (rf"(?P<unit>hourly|daily|weekly|monthly){_NOUN}", lambda m: _BY[m["unit"].lower()]),
    (r"(?:per|by|each)\s(?P<unit>hour|day|week|month)\b", lambda m: m["unit"].lower()),
)

RULES: Final[tuple[tuple[str, Callable[[Match], Slots | None]], ...]] = (
    (r"每[天日](?:都?要?[跑抓采更新集收看爬]{1,2})?(?P<count>[两二三四六23468]|12)[次遍回]", _times_a_day),
    (r"(?P<count>twice|(?:three|four|six|\d{1,2})\stimes)\s(?:a|per|every)\sday", _times_a_day),
    (rf"{_WEEK}{_DAYS}(?:每天|天天|每日)(?:都)?{_AT}", lambda m: _slots("1w", m, on=_on(m["days"]))),
    (rf"每逢?(?:个|一)?(?:{_WEEK}的?)?{_WEEK}{_DAYS}{_AT}", lambda m: _slots("1w", m, on=_on(m["days"]))),
    (rf"每?隔(?:一|1)?个?{_WEEK}的?{_WEEK}?{_DAYS}{_AT}", lambda m: _slots("2w", m, on=_on(m["days"]))),
    (
        rf"每隔?\s?(?P<count>{NUM})\s?个?(?:周|星期|礼拜)的?{_WEEK}{_DAYS}{_AT}",
        lambda m: _slots(_every(m["count"], "周"), m, on=_on(m["days"])),
    ),
    (
        rf"(?:每个?工作日|工作日(?:每天|天天|(?=都|{_CLOCK}|{_ACTS}))|每个?平日|平日每天)(?:的|都)?{_AT}",
        lambda m: _slots("1w", m, on=_ORDER[:5]),
    ),
    (rf"(?:每个?周末|周末每天){_AT}", lambda m: _slots("1w", m, on=_ORDER[5:])),
    (rf"每(?:个)?月(?:的)?{_MONTH_DAY}{_AT}", lambda m: _slots("1m", m, day=int(parse(m["day"]) or 1))),
    (rf"每(?:个)?月的?月?(?:底|末|最后一[天日]){_AT}", lambda m: _slots("1m", m, day=31)),
    (rf"每(?:个)?月的?月?(?:初|头|第一[天日]){_AT}", lambda m: _slots("1m", m, day=1)),
    (rf"每(?:个)?月的?月?中旬?{_AT}", lambda m: _slots("1m", m, day=15)),
    (
        rf"(?:每(?P<other>隔)?|(?P<skip>隔))\s?(?P<count>{NUM})?\s?个?(?P<unit>小时|钟头|天|日|周|星期|礼拜|月|季度?|半年|年)(?!轻|节)"
        rf"{_AT}",
        lambda m: _slots(_every(m["count"], m["unit"], bool((m["other"] and m["count"]) or m["skip"])), m),
    ),
    (
        rf"每隔?半(?P<unit>年|个?月|天){_AT}",
        lambda m: _slots({"年": "6m", "天": "12h"}.get(m["unit"], "15d"), m),
    ),
    (rf"每(?P<unit>早|晚){_AT}", _every_part),
    (rf"(?:天天|日日)(?=都|{_CLOCK}|{_ACTS}){_AT}", lambda m: _slots("1d", m)),
    (
        rf"(?:every|each)\s(?P<other>other\s|second\s)?{_EN_DAYS}(?:\s(?:morning|evening|night|afternoon))?{_EN_AT}",
        lambda m: _slots("2w" if m["other"] else "1w", m, on=_on_english(m["days"])),
    ),
    (
        rf"\bon\s(?P<days>{_EN_DAY}(?<=s)(?:\s?(?:,|and|&)\s?{_EN_DAY})*){_EN_AT}",
        lambda m: _slots("1w", m, on=_on_english(m["days"])),
    ),
    (
        rf"(?:(?:every|each)\s(?:week|business\s?|working\s?)day|(?:on\s)?weekdays)s?{_EN_AT}",
        lambda m: _slots("1w", m, on=_ORDER[:5]),
    ),
    (rf"(?:every|each)\sweekend{_EN_AT}", lambda m: _slots("1w", m, on=_ORDER[5:])),
    (
        rf"(?:on\s)?the\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)\sof\s(?:every|each|the)\smonth{_EN_AT}|"
        r"(?:every\smonth|monthly)\son\sthe\s(?P<day2>\d{1,2})(?:st|nd|rd|th)",
        lambda m: _slots("1m", m, day=int(m["day"] or m["day2"])),
    ),
    (
        rf"(?:every|each|once\s(?:a|an|every|per))\s(?P<other>other\s|second\s)?(?P<count>{NUM}\s)?"
        rf"(?P<unit>hour|day|week|fortnight|month|quarter|year|morning|afternoon|evening|night)s?\b{_EN_AT}",
        lambda m: _slots(_every(m["count"], m["unit"], bool(m["other"])), m),
    ),
    (
        r"(?:on an? )?(?P<unit>hourly|daily|bi-?weekly|fortnightly|weekly|monthly|"
        rf"quarterly)(?: basis)?{_ENDS}{_EN_AT}",
        _adverb,
    ),
    # a clock said away from its 每天
    (rf"(?<![\d第]){_CLOCK}(?!\d)|{_EN_CLOCK}", _clock_alone),
)


def read(doc: Doc) -> None:
    """Replace every repetition in ``doc`` by an S token (a dict of ``schedule`` slots) and every 按天 by an X."""
    for rule, unit in BY_RULES:
        doc.mask(rule, "X", lambda m, unit=unit: (("by", (unit(m),)),))  # type: ignore[misc]
    for rule, slots in RULES:
        doc.mask(rule, "S", slots)
    if any(t.kind == "S" and t.value.get("every", "")[-1:] == "w" and "on" not in t.value for t in doc.tokens.values()):
        # 每周统计一次，周一早上八点出: the day stands away from its 每周
        doc.mask(rf"(?<![上下这本]){_WEEK}{_DAYS}(?:的|在)?(?P<at>{{S}})?", "S", lambda m: _day_alone(m, doc))
        doc.mask(rf"\bon\s{_EN_DAYS}\s?(?P<at>{{S}})?", "S", lambda m: _day_alone(m, doc))
