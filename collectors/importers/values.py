"""Reading of single foreign values: counts, ids, times, regions, genders. Pure functions.

A value that is empty is MISSING (``None``); one that cannot be understood raises ``BadValue`` with a
message key, so that the row is reported and nothing is guessed.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any, Final
from zoneinfo import ZoneInfo

from xunke.model import Gender
from xunke.text import clean, one_line

CHINA: Final = "+08:00"
MAX_INT: Final = 2**63 - 1
LATEST: Final = 4_102_444_800
"""2100-01-01 UTC: a later time is an error of the source."""
_MS: Final = 10**11
"""Epoch numbers from here on are milliseconds (1e11 s is the year 5138, 1e11 ms is 1973)."""
MAX_ID: Final = 200
MAX_NAME: Final = 200


class BadValue(Exception):
    """A value that means nothing to us: ``key`` of the message catalogue and the value, cut short."""

    def __init__(self, key: str, value: object = "") -> None:
        super().__init__(key)
        self.key = key
        self.detail = shorten(value)


def shorten(value: object, limit: int = 80) -> str:
    """``value`` as one safe line of at most ``limit`` characters, for a report."""
    if isinstance(value, int) and abs(value) > MAX_INT:
        return "≥ 2**63"
    return one_line(value if isinstance(value, str) else repr(value)[: limit * 2], limit)


# ---------------------------------------------------------------- text


def text(value: Any) -> str:
    """Foreign text through the gate; anything but text and numbers is empty."""
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return shorten(value)


@lru_cache(maxsize=8192)
def _name(value: str) -> str | None:
    return one_line(value, MAX_NAME) or None


def name(value: Any) -> str | None:
    """A nickname, group name, search word: cleaned, on one line; MISSING when empty."""
    if not isinstance(value, str):
        return text(value) or None
    found: str | None = one_line(value, MAX_NAME) if len(value) > MAX_NAME * 2 else _name(value)
    return found or None


def url(value: Any) -> str | None:
    """An http(s) address without the signing tokens some tools leave in it; MISSING otherwise."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")) or len(value) > 2000:
        return None
    if "xsec_token=" in value:
        value = value.partition("?")[0]
    return clean(value).strip() or None


_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?[eE]\+?\d+")
_FLOAT_ID = re.compile(r"(\d{1,15})\.0+")


def ident(value: Any) -> str | None:
    """A platform's id as text; MISSING when empty.

    Raises BadValue for ids that a spreadsheet has rounded (``5.23E+15``): the lost digits cannot be found again.
    """
    if isinstance(value, str):
        if value.isalnum() and value.isascii() and len(value) <= 64 and not ("E" in value or "e" in value):
            return value
        value = clean(value).strip()
        if not value:
            return None
        if _SCIENTIFIC.fullmatch(value) and ("." in value or "+" in value):
            raise BadValue("import.id_rounded", value)
        if whole := _FLOAT_ID.fullmatch(value):
            return str(whole[1])
        if len(value) > MAX_ID or "\n" in value:
            raise BadValue("import.bad_id", value)
        return str(value)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        if abs(value) >= 10**40:
            raise BadValue("import.bad_id", value)
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        if abs(value) >= 10**15:
            raise BadValue("import.id_rounded", value)
        return str(int(value)) if value.is_integer() else repr(value)
    raise BadValue("import.bad_id", value)


# ---------------------------------------------------------------- counts

_COUNT = re.compile(r"(\d{1,3}(?:[,，]\d{3})+|\d{1,19})(\.\d{1,6})?\s?([十百千万萬亿億wWkKmM]?)(\+|＋|多|余)?")
_FACTOR: Final = {
    "": 1, "十": 10, "百": 100, "千": 1000, "k": 1000, "万": 10_000, "萬": 10_000, "w": 10_000,
    "m": 10**6, "亿": 10**8, "億": 10**8,
}  # fmt: skip
_NOTHING: Final = frozenset({"", "-", "--", "—", "无", "null", "None", "none", "nan", "NaN", "Unknown", "unknown"})
_BUTTON: Final = frozenset({"赞", "点赞", "评论", "转发", "分享", "收藏", "回复", "喜欢", "抢首评"})
"""What an app shows in place of a zero."""


def count(value: Any) -> int | None:
    """A number of likes, followers …: ``17``, ``"1,234"``, ``"1.2万"``, ``"10万+"``, ``"赞"`` (zero).

    MISSING when empty. ``10万+`` is a lower bound and taken as it stands. Raises BadValue for anything else,
    negative and ≥ 2**63.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        if 0 <= value <= MAX_INT:
            return value
        raise BadValue("import.bad_count", value)
    if value is None:
        return None
    if isinstance(value, str):
        return _count(value)
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if 0 <= value < 2**53:
            return round(value)
    raise BadValue("import.bad_count", value)


@lru_cache(maxsize=4096)
def _count(value: str) -> int | None:
    value = value.strip()
    if value in _NOTHING:
        return None
    if value in _BUTTON:
        return 0
    if len(value) == 2 and value in ("万+", "万＋"):
        return 10_000
    found = _COUNT.fullmatch(value)
    if found is None:
        raise BadValue("import.bad_count", value)
    whole, fraction, unit, _ = found.groups()
    factor = _FACTOR[unit.lower()]
    number = int(re.sub("[,，]", "", whole)) * factor
    if fraction:
        number += round(int(fraction[1:]) * factor / 10 ** (len(fraction) - 1))
    if number > MAX_INT:
        raise BadValue("import.bad_count", value)
    return number


# ---------------------------------------------------------------- words of the platform

_FEMALE: Final = frozenset({"f", "female", "女", "女性", "girl", "woman"})
_MALE: Final = frozenset({"m", "male", "男", "男性", "boy", "man"})


def gender(value: Any) -> Gender | None:
    """``f``/``女``/``Female`` → female, ``m``/``男``/``Male`` → male, all else MISSING (never guessed)."""
    if not isinstance(value, str):
        return None
    word = value.strip().lower()
    if word in _FEMALE:
        return "female"
    return "male" if word in _MALE else None


_REGION_PREFIX = re.compile(r"^(?:IP\s?(?:属地|归属地|所在地|位置)\s?[:：]?|来自|发布于)\s*", re.IGNORECASE)
_NO_REGION: Final = frozenset({"", "未知", "其他", "unknown", "none", "null", "nan", "-", "无", "ip未知"})


def region(value: Any) -> str | None:
    """``IP属地：上海``, ``来自江苏``, ``发布于 上海`` → the place alone; MISSING when unknown."""
    return _region(value) if isinstance(value, str) and len(value) <= 400 else None


@lru_cache(maxsize=4096)
def _region(value: str) -> str | None:
    word = _REGION_PREFIX.sub("", one_line(value, 100)).strip()
    return None if word.lower() in _NO_REGION else word[:60]


def source_region(value: Any) -> str | None:
    """Region from Weibo's ``source`` field, which holds a place (``来自上海``) on comments, a device on posts."""
    if isinstance(value, str) and value.lstrip().startswith(("来自", "发布于", "IP")):
        return region(value)
    return None


_LIST = re.compile(r"[,，;；|\n]")


def words(value: Any) -> tuple[str, ...]:
    """A comma list or JSON list of words, each once, cleaned, without ``#`` and ``@``."""
    if isinstance(value, str):
        parts: list[Any] = _LIST.split(value) if value else []
    elif isinstance(value, list | tuple):
        parts = list(value)
    else:
        return ()
    kept = (one_line(part, 100).strip("#＃@＠ ") for part in parts if isinstance(part, str))
    return tuple(dict.fromkeys(word for word in kept if word and word not in _NOTHING))


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.hidden += 1
        elif tag in ("br", "p", "div", "li"):
            self.parts.append("\n")
        elif tag == "img":
            alt = next((v for k, v in attrs if k == "alt"), None)
            self.parts.append(alt or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.hidden = max(0, self.hidden - 1)
        elif tag in ("p", "div", "li", "blockquote"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


_BLANK_LINES = re.compile(r"\s*\n\s*")


def strip_html(value: str) -> str:
    """The text of an HTML fragment: tags go, entities are read, emoticon pictures become their alt text."""
    if "<" not in value and "&" not in value:
        return clean(value).strip()
    parser = _Stripper()
    parser.feed(value)
    parser.close()
    return _BLANK_LINES.sub("\n", clean("".join(parser.parts))).strip()


# ---------------------------------------------------------------- Weibo ids

_BASE62: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGIT: Final = {letter: number for number, letter in enumerate(_BASE62)}
_BID = re.compile(r"[0-9A-Za-z]{5,12}")


def bid_to_mid(bid: str) -> str | None:
    """Weibo's short id to the number: groups of four base-62 digits from the right, seven decimal digits each."""
    if not _BID.fullmatch(bid):
        return None
    groups: list[str] = []
    end = len(bid)
    while end > 0:
        number = 0
        for letter in bid[max(0, end - 4) : end]:
            number = number * 62 + _DIGIT[letter]
        if number >= 10**7:
            return None
        groups.append(f"{number:07d}")
        end -= 4
    return "".join(reversed(groups)).lstrip("0") or None


def mid_to_bid(mid: str) -> str:
    """The inverse of ``bid_to_mid``."""
    groups: list[str] = []
    for end in range(len(mid), 0, -7):
        number, letters = int(mid[max(0, end - 7) : end]), ""
        while number:
            number, digit = divmod(number, 62)
            letters = _BASE62[digit] + letters
        groups.append(letters.rjust(4, "0") if end > 7 else letters)
    return "".join(reversed(groups))


# ---------------------------------------------------------------- time

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_STAMP = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]\s*(\d{1,2})[:：时](\d{1,2})分?(?:[:：](\d{1,2})(?:[.,]\d{1,9})?秒?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?)?"
)
_WEIBO = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d\d):(\d\d):(\d\d) ([+-]\d{4}) (\d{4})")
_MONTHS: Final = {
    m: i for i, m in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1)
}
_AGO = re.compile(r"(\d{1,4})\s?(秒|分钟?|小时|天|周|个?月|年)(?:钟)?前")
_AGO_SECONDS: Final = {"秒": 1, "分": 60, "分钟": 60, "小时": 3600, "天": 86400, "周": 604800}
_NAMED_DAY = re.compile(r"(今天|昨天|前天)\s*(?:(\d{1,2})[:：](\d{2}))?")
_MONTH_DAY = re.compile(r"(\d{1,2})[-月](\d{1,2})日?(?:\s+(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?)?")
_NUMBER = re.compile(r"\d{1,16}(?:\.\d+)?")
_RFC = re.compile(r"(?:[A-Z][a-z]{2},\s*)?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d.*")

When = tuple[int, str]
"""UTC epoch seconds and the offset in which the source spoke."""


@lru_cache(maxsize=64)
def zone_of(zone: str) -> tzinfo:
    """``+08:00``, ``UTC`` or a name of the time-zone database; raises BadValue for others."""
    if zone in ("Z", "UTC", "GMT"):
        return UTC
    if found := _OFFSET.fullmatch(zone):
        sign, hours, minutes = found.groups()
        delta = timedelta(hours=int(hours), minutes=int(minutes))
        if delta >= timedelta(hours=24):
            raise BadValue("import.bad_zone", zone)
        return timezone(-delta if sign == "-" else delta)
    try:
        return ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise BadValue("import.bad_zone", zone) from error


def _offset(moment: datetime) -> str:
    minutes = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _checked(epoch: float, zone: str, value: object) -> When:
    if not 0 <= epoch < LATEST:
        raise BadValue("import.bad_time", value)
    return int(epoch), zone


def _local(parts: tuple[int, int, int, int, int, int], zone: str, value: object) -> When:
    try:
        moment = datetime(*parts, tzinfo=zone_of(zone))
        epoch = moment.timestamp()
        back = datetime.fromtimestamp(epoch, moment.tzinfo)
    except (ValueError, OverflowError, OSError) as error:
        raise BadValue("import.bad_time", value) from error
    if back.replace(fold=0) != moment:  # a time that the clocks jumped over
        raise BadValue("import.bad_time", value)
    return _checked(epoch, _offset(moment), value)


def when(value: Any, zone: str = CHINA, unit: str = "", reference: int | None = None) -> When | None:
    """The moment that ``value`` names; MISSING when empty or 0.

    Numbers are epoch in ``unit`` (``"s"``, ``"ms"``; ``""``: from 1e11 on milliseconds, and ``20261101`` is the day
    that it looks like). Text: ISO 8601,
    ``2026-11-20 21:30[:05]``, ``2026年11月20日``, Weibo's ``Fri Nov 20 21:30:00 +0800 2026``, RFC 2822; without
    an offset it is read in ``zone``, a date alone is its midnight. ``3天前``, ``昨天 21:30``, ``11-20`` need
    ``reference`` (when the file was made) and are else refused, as are ``11/12/2026``, impossible dates, times the
    clocks jumped over, and anything outside 1970–2099.
    """
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        if value == 0 or value != value:
            return None
        if not unit and 20_000_000 < value < 21_000_000 and value == int(value):
            return _local((int(value) // 10_000, int(value) // 100 % 100, int(value) % 100, 0, 0, 0), zone, value)
        seconds = value / 1000 if unit == "ms" or (not unit and abs(value) >= _MS and abs(value) < 1e17) else value
        return _checked(seconds, zone if zone[0] in "+-" else "+00:00", value)
    if not isinstance(value, str):
        raise BadValue("import.bad_time", value)
    word = value.strip()
    if word in _NOTHING or word == "0":
        return None
    if len(word) > 80:
        raise BadValue("import.bad_time", value)
    if _NUMBER.fullmatch(word):
        return when(float(word) if "." in word else int(word), zone, unit)
    return _written(word, zone) or _relative(word, zone, reference)


def _written(word: str, zone: str) -> When | None:
    if found := _STAMP.fullmatch(word):
        year, month, day, hour, minute, second, offset = found.groups()
        parts = (int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
        if offset:
            offset = "+00:00" if offset in ("Z", "UTC", "GMT") else offset
        return _local(parts, offset or zone, word)
    if found := _WEIBO.fullmatch(word):
        name_, day, hour, minute, second, offset, year = found.groups()
        month_ = _MONTHS.get(name_, 0)
        return _local((int(year), month_, int(day), int(hour), int(minute), int(second)), offset, word)
    if _RFC.fullmatch(word):
        try:
            moment = parsedate_to_datetime(word)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone_of(zone))
            return _checked(moment.timestamp(), _offset(moment), word)
        except (ValueError, TypeError, OverflowError, IndexError) as error:
            raise BadValue("import.bad_time", word) from error
    return None


def _relative(word: str, zone: str, reference: int | None) -> When:
    if word in ("刚刚", "刚才"):
        ago: int | None = 0
    elif found := _AGO.fullmatch(word):
        ago = int(found[1]) * _AGO_SECONDS[found[2]] if found[2] in _AGO_SECONDS else None
    else:
        ago = None
        if not (_NAMED_DAY.fullmatch(word) or _MONTH_DAY.fullmatch(word)):
            raise BadValue("import.bad_time", word)
    if reference is None:
        raise BadValue("import.relative_time", word)
    if ago is not None:
        return _checked(reference - ago, zone if zone[0] in "+-" else "+00:00", word)
    base = datetime.fromtimestamp(reference, zone_of(zone))
    if found := _NAMED_DAY.fullmatch(word):
        day = base - timedelta(days=("今天", "昨天", "前天").index(found[1]))
        return _local((day.year, day.month, day.day, int(found[2] or 0), int(found[3] or 0), 0), zone, word)
    if found := _MONTH_DAY.fullmatch(word):
        month, dom, hour, minute, second = (int(part or 0) for part in found.groups())
        for year in (base.year, base.year - 1):  # the last such day before the file was made
            result = _local((year, month, dom, hour, minute, second), zone, word) if _exists(year, month, dom) else None
            if result is not None and result[0] <= reference + 86400:
                return result
    raise BadValue("import.bad_time", word)  # 3个月前, 2年前: too coarse to be a time


def _exists(year: int, month: int, day: int) -> bool:
    try:
        datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return False
    return True
