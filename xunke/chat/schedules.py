"""每周一上午十点, every Monday at 9am, 到年底为止: when something is to be repeated."""

from __future__ import annotations

import re
from typing import Any, Final

from .numbers import NUM, parse
from .tokens import Doc

_UNIT: Final = {
    "小时": "h",
    "钟头": "h",
    "天": "d",
    "日": "d",
    "周": "w",
    "星期": "w",
    "礼拜": "w",
    "月": "m",
    "个月": "m",
    "季度": "3m",
    "年": "12m",
    "hour": "h",
    "day": "d",
    "week": "w",
    "month": "m",
    "quarter": "3m",
}
_CLOCK: Final = (
    rf"(?:(凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|早|晚)?(?:的)?\s?"
    rf"(?:(\d{{1,2}})[:：](\d{{2}})|({NUM})[点點时](?:钟|整)?(半|一刻|三刻|(?:\d{{1,2}}|"
    rf"[一二三四五]?十[一二三四五六七八九]?)(?:分)?)?))"
)
_EN_CLOCK: Final = r"(?:at\s)?(\d{1,2})(?::(\d{2}))?\s?(am|pm)\b|at\s(\d{1,2}):(\d{2})|at\s(noon|midnight)"
_DAYS: Final = "(?:[一二三四五六日天末](?:[、和,到至\\-]?[一二三四五六日天](?!月|号|点|个|次|条))*)"
_EN_DAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_MEASURE: Final = r"(?:的|各|有多少|多少|发[帖文布了]|发多少|新增|声量|互动|讨论|平均|涨|有几)"
_ORDER: Final = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_HAN_DAY: Final = dict(zip("一二三四五六日天", [*_ORDER, "sun"], strict=True))


def clock(text: str) -> str | None:
    """``HH:MM`` of 下午3点半, 上午十点, 20:30, 8pm; None if it is no time of the day."""
    m = re.search(_CLOCK, text)
    if m:
        hour = int(m[2]) if m[2] else int(parse(m[4]) or 0)
        minute = int(m[3]) if m[3] else 0
        if m[5]:
            minute = {"半": 30, "一刻": 15, "三刻": 45}.get(m[5]) or int(parse(m[5].rstrip("分")) or 0)
        part = m[1] or ""
        if part in ("下午", "傍晚", "晚上", "夜里", "晚", "半夜") and hour < 12 and not (part == "半夜" and hour < 6):
            hour += 12
        if part == "中午" and hour < 3:
            hour += 12
    else:
        m = re.search(_EN_CLOCK, text, re.IGNORECASE)
        if not m:
            return None
        if m[6]:
            return "12:00" if m[6].lower() == "noon" else "00:00"
        hour, minute = int(m[1] or m[4]), int(m[2] or m[5] or 0)
        half = (m[3] or "").lower()
        hour = hour % 12 + 12 if half == "pm" else 0 if half == "am" and hour == 12 else hour
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else ("00:00" if hour == 24 else None)


def read(doc: Doc) -> None:
    """Replace every repetition in ``doc`` by an S token (a dict of ``schedule`` slots) and every 按天 by an X."""
    by = {
        "小时": "hour",
        "钟头": "hour",
        "天": "day",
        "日": "day",
        "周": "week",
        "星期": "week",
        "礼拜": "week",
        "月": "month",
        "个月": "month",
        "hour": "hour",
        "day": "day",
        "week": "week",
        "month": "month",
    }
    doc.mask(
        rf"(?:每|逐|分)(?:个|一)?(小时|钟头|天|日|周|星期|礼拜|个月|月)(?={_MEASURE})",
        "X",
        lambda m: (("by", (by[m[1]],)),),
    )
    doc.mask(r"逐(小时|天|日|周|月)|分(小时|天|日|月)", "X", lambda m: (("by", (by[m[1] or m[2]],)),))
    doc.mask(
        r"(hourly|daily|weekly|monthly)(?=\s(?:\w+\s){0,2}(?:volume|counts?|trend|posts?|growth|mentions|"
        r"numbers?|sentiment|engagement|breakdown|likes|views|curve|stats|averages?|share|average))",
        "X",
        lambda m: (("by", ({"daily": "day"}.get(m[1].lower(), m[1].lower()[:-2]),)),),
    )
    doc.mask(r"(?:per|by|each)\s(hour|day|week|month)\b", "X", lambda m: (("by", (m[1].lower(),)),))
    doc.mask(rf"每隔?(?:个|一)?(周|星期|礼拜)({_DAYS})\s?({_CLOCK})?", "S", lambda m: _weekly(m[2], m[3]))
    doc.mask(
        rf"每隔?\s?({NUM})\s?个?(?:周|星期|礼拜)的?(?:周|星期|礼拜)({_DAYS})\s?({_CLOCK})?",
        "S",
        lambda m: {**(_weekly(m[2], m[3]) or {}), "every": _every(m[1], "周") or "1w"},
    )
    doc.mask(rf"每?(?:个)?工作日\s?({_CLOCK})?", "S", lambda m: _slots("1w", m[1], on=_ORDER[:5]))
    doc.mask(rf"每(?:个)?周末\s?({_CLOCK})?", "S", lambda m: _slots("1w", m[1], on=_ORDER[5:]))
    doc.mask(
        rf"每(?:个)?月\s?(?:的)?(\d{{1,2}}|[一二三]?十?[一二三四五六七八九]?)(?:号|日)\s?({_CLOCK})?",
        "S",
        lambda m: _slots("1m", m[2], day=int(parse(m[1]) or 1)),
    )
    doc.mask(rf"每(?:个)?月(?:底|末|最后一天?)\s?({_CLOCK})?", "S", lambda m: _slots("1m", m[1], day=31))
    doc.mask(rf"每(?:个)?月初\s?({_CLOCK})?", "S", lambda m: _slots("1m", m[1], day=1))
    doc.mask(
        rf"每隔?\s?({NUM})?\s?个?(小时|钟头|天|日|周|星期|礼拜|月|季度|年)(?!轻)\s?({_CLOCK})?",
        "S",
        lambda m: _slots(_every(m[1], m[2]), m[3]),
    )
    doc.mask(rf"(?:每(?:早|晚)|天天)\s?({_CLOCK})?", "S", lambda m: _slots("1d", m[0].lstrip("每天")))
    doc.mask(
        rf"(?:every|each)\s(?:other\s)?({_EN_DAY}(?:\s?(?:,|and|&)\s?{_EN_DAY})?)(?:\s(?:morning|evening|"
        rf"night))?\s?({_EN_CLOCK})?",
        "S",
        lambda m: _slots("1w", m[2], on=_english_days(m[1])),
    )
    doc.mask(
        rf"(?:every|each)\s(?:week|business\s?)days?\s?({_EN_CLOCK})?",
        "S",
        lambda m: _slots("1w", m[1], on=_ORDER[:5]),
    )
    doc.mask(
        rf"(?:every|each)\s({NUM}\s)?(hour|day|week|month|quarter|morning|evening|night)s?\s?({_EN_CLOCK})?",
        "S",
        lambda m: _slots(
            _every(m[1], {"morning": "day", "evening": "day", "night": "day"}.get(m[2].lower(), m[2].lower())), m[3]
        ),
    )
    doc.mask(
        rf"(?:on a |on an )?(hourly|daily|weekly|monthly)(?: basis)?(?=$|"
        rf"[,，.。\s\u4e00-\u9fff])(?!\s\w+\s(?:job|task))\s?({_EN_CLOCK})?",
        "S",
        lambda m: (
            _slots({"hourly": "1h", "daily": "1d", "weekly": "1w", "monthly": "1m"}[m[1].lower()], m[2])
            if _adverb(m)
            else None
        ),
    )
    # a clock said away from its 每天
    doc.mask(
        rf"(?<![\d第]){_CLOCK}(?!\d)|{_EN_CLOCK}",
        "S",
        lambda m: (
            {"at": at}
            if not m[0].startswith("几")
            and (at := clock(m[0]))
            and (":" in m[0] or re.search("[点时]|am|pm|noon", m[0], re.I))
            and "时" not in m[0]
            else None
        ),
    )


def _adverb(m: re.Match[str]) -> bool:
    """weekly as "every week" stands at the end or before a comma, or after a verb's object; not before a noun."""
    rest = m.string[m.end() :].strip()
    return (
        not rest or rest[0] in ",，.。!跑抓更统导发采收看" or rest.lower().startswith(("at ", "until", "on ", "and "))
    )


def _every(number: str | None, unit: str) -> str | None:
    count = int(parse(number) or 0) if number and number.strip() else 1
    short = _UNIT[unit]
    if not 1 <= count <= 999:
        return None
    return f"{int(short[:-1] or 1) * count}{short[-1]}"


def _slots(every: str | None, time: str | None, **more: Any) -> dict[str, Any] | None:
    if every is None:
        return None
    out: dict[str, Any] = {"every": every, **more}
    if time and (at := clock(time)):
        out["at"] = at
    return out


def _weekly(days: str, time: str | None) -> dict[str, Any] | None:
    if days[0] == "末":
        return _slots("1w", time, on=_ORDER[5:])
    ranged = re.match(r"(.)[到至\-](.)", days)
    if ranged:
        first, last = (_ORDER.index(_HAN_DAY[d]) for d in ranged.groups())
        return _slots("1w", time, on=_ORDER[first : last + 1])
    return _slots("1w", time, on=list(dict.fromkeys(_HAN_DAY[d] for d in days if d in _HAN_DAY)))


def _english_days(text: str) -> list[str]:
    return [d for d in _ORDER if re.search(rf"\b{d}", text, re.IGNORECASE)]
