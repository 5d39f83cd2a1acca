"""What rules of ``lexicon/doing_more.toml`` hold beside names and numbers: fields, shares, hours and days to come."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, Final

from . import times
from .calendar_days import Span
from .normalize import fold
from .numbers import parse, whole
from .tokens import Doc

_GROUP: Final = re.compile(r"(?P<how>[efnp])_(?P<name>[a-z_]+)\d*\Z")
_LATER: Final = {"明天": 1, "后天": 2, "大后天": 3, "tomorrow": 1, "下个月": 30, "下月": 30, "next month": 30}
_TENTHS: Final = {"一": 10, "二": 20, "两": 20, "三": 30, "四": 40, "五": 50}
_UNITS: Final = {"周": 7, "星期": 7, "个星期": 7, "week": 7, "个月": 30, "month": 30, "年": 365, "year": 365}
LASTING: Final = "周|个?星期|个月|年|weeks?|months?|years?"
"""Units of how long something is to last, beside days."""
_LASTS: Final = re.compile(rf"(?P<n>.+?)\s?(?P<unit>{LASTING})?", re.I)
_AHEAD: Final = re.compile(r"(?:未来|接下来|今后|往后)?(?P<n>[^\s]{1,4}?)天(?P<back>以?后|之后|内|之内)?\Z")
_AROUND: Final = re.compile(r"[\s,，、的里中:：]+\Z|\A[\s,，、的:：]+")
_BY: Final = re.compile(r"(?:以?前|之前|为止)\Z|\A(?:by|before|on|at|in|for)\s")
_UNTIL: Final = re.compile(r"(?:以?前|之前|为止)\Z|\A(?:by|before|until)\s")
"""A time up to a day begins now: 12月31日前 is no campaign of one day."""
_VAGUE: Final = frozenset({"最近", "近来", "近期", "recently", "lately", "现在", "目前", "now"})
_BARRED: Final = re.compile(
    r"勿扰|打扰|拉黑|黑\Z|黑名单|屏蔽|不要?联系|别联系|拒联|退订|禁止|block|suppress|do[- ]?not|opt[- ]?out|\bdnc\b",
    re.I,
)
SLOT_DAYS: Final = {"day": ("since",), "due": ("until",), "span": ("since", "until")}


def put(groups: dict[str, str], step: dict[str, Any], today: date) -> bool:
    """Put what these groups of a match say into ``step``; False if one of them says nothing that can be understood."""
    fields: dict[str, str] = {}
    if any(barred(groups[key]) for key in ("name", "name2", "name3", "name4") if key in groups):
        return False
    for key, said in groups.items():
        if match := _GROUP.match(key):
            value = _FIELD[match["how"]](said.strip())
            if value is None:
                return False
            fields[match["name"]] = value
        elif key.rstrip("0123456789") in SLOT_DAYS:
            found = coming(said, today)
            if found is None:
                return False
            begin = today if _UNTIL.search(said.strip()) else found[0]
            ends = {"since": begin, "until": found[1]}
            step |= {slot: ends[slot].isoformat() for slot in SLOT_DAYS[key.rstrip("0123456789")]}
        elif key in ("later", "later2"):
            step["days"] = _LATER.get(said.lower(), 7)
    if fields:
        step["fields"] = [[name, value[:200]] for name, value in sorted(fields.items())]
    if "item1" in groups and "item2" in groups:
        step["items"] = [groups["item1"].strip(), groups["item2"].strip()]
    return _hours(groups, step)


def barred(name: str) -> bool:
    """Whether this is no name of ours: a list of those to be left alone (``suppress``), or a sentence that says no."""
    return _BARRED.search(name) is not None or name.endswith(("别", "不", "没", "勿", "不要"))


def _hours(groups: dict[str, str], step: dict[str, Any]) -> bool:
    said = groups.get("hours")
    hours = 0.5 if said == "半" else None if said is None else parse(said)
    if hours is not None:
        step["minutes"] = hours * 60
    return said is None or hours is not None


def _number(said: str) -> str | None:
    value = parse(said)
    return None if value is None else f"{value:g}"


def days_in(said: str) -> float | None:
    """How many days ``said`` means: 30, 两周, 一个月 (30 days), 半年, a year; None if it is no such number."""
    match = _LASTS.fullmatch(said.strip())
    count = None if match is None else 0.5 if match["n"] == "半" else parse(match["n"])
    if match is None or count is None:
        return None
    if match["unit"] is None:
        return count
    return float(round(count * next(days for unit, days in _UNITS.items() if match["unit"].startswith(unit))))


def share(said: str) -> str | None:
    """10%, 百分之十, 一成, 5个点 as ``10%``; a bare number as it is."""
    if said.endswith("成"):
        return f"{_TENTHS[said[0]]}%" if said[0] in _TENTHS else None
    plain = re.sub(r"\s|百分之|个点|%", "", said)
    value = parse(plain)
    return None if value is None else f"{value:g}" + ("" if plain == said else "%")


def _evening(said: str) -> str | None:
    hour = whole(said)
    return None if hour is None or hour > 24 else f"{hour + 12 if hour < 12 else hour}:00"


_FIELD: Final[dict[str, Any]] = {"e": _evening, "f": lambda said: said or None, "n": _number, "p": share}


def coming(said: str, today: date) -> tuple[date, date] | None:
    """The days that ``said`` means, the first such from ``today`` on; None if it is no time at all."""
    text = _BY.sub("", fold(said).strip())
    if (ahead := _AHEAD.match(text)) and (count := whole(ahead["n"])) and count <= 3660:
        day = today + timedelta(days=count)
        return (day, day) if ahead["back"] in ("后", "以后", "之后") else (today, day)
    doc = Doc(text)
    times.read(doc, today)
    if len(doc.text) != 1 or not isinstance(span := doc.value(doc.text) if doc.text in doc.tokens else None, Span):
        return None
    if span.conflict:
        return None
    end = span.ahead or span.until
    if end < today and span.again is not None:
        later = span.next_after(today)
        return None if later is None else (later.start, later.ahead or later.until)
    if end < today and not span.dated:  # 12月1日到12日: both ends a year on
        return _a_year_on(span.since), _a_year_on(end)
    return span.start, end


def days_of(said: str, today: date, *, ahead: bool) -> tuple[date, date] | None:
    """The days that ``said`` means: such as come (``ahead``), or up to today."""
    if ahead:
        return coming(said, today)
    cut = window(said, today)
    return None if cut is None or cut[0] else (cut[1], cut[2])


def _a_year_on(day: date) -> date:
    return day.replace(year=day.year + 1, day=min(day.day, 28) if day.month == 2 else day.day)


def window(text: str, today: date) -> tuple[str, date, date] | None:
    """``text`` without the one time that stands at its beginning or end, and the days this means up to today."""
    doc = Doc(text)
    times.read(doc, today)
    found = [char for char in doc.text if char in doc.tokens and isinstance(doc.value(char), Span)]
    if len(found) != 1 or len(found) != sum(char in doc.tokens for char in doc.text):
        return None
    span: Span = doc.value(found[0])
    raw = doc.tokens[found[0]].raw.strip()
    if span.conflict or raw in _VAGUE or span.form == "open":
        return None
    at = doc.text.index(found[0])
    rest = _AROUND.sub("", doc.text[:at]) + _AROUND.sub("", doc.text[at + 1 :])
    return rest, span.since, min(span.until, today)
