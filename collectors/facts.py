"""What one value of a platform's answer says: counts, times, ids, words. Tolerant: what means nothing is MISSING.

For times as people write them (``昨天 12:30``, ``3分钟前``) use ``local_time``; what files hold is read by the
stricter ``collectors.importers.values``, on which this builds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from xunke.model import MISSING
from xunke.scrub import scrub
from xunke.text import fold, one_line

from .importers import values

_UNITS: Final = {"k": 1_000, "m": 1_000_000, "千": 1_000, "万": 10_000, "w": 10_000, "亿": 100_000_000}
_COUNT: Final = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)([km千万w亿]?)\+?")
_BEARER: Final = re.compile(r"[\x21-\x7e]{1,8192}")
_OFFSET: Final = re.compile(r"([+-]\d\d):?(\d\d)$")


def count(value: object) -> int | None:
    """A count, also as front ends write it (``"1.2万"``; ``"100万+"`` is a lower bound and taken as it stands)."""
    if isinstance(value, bool):
        return MISSING
    if isinstance(value, int):
        return value if 0 <= value < 2**53 else MISSING
    if isinstance(value, float):
        return int(value) if 0 <= value < 2**53 else MISSING
    if isinstance(value, str) and (found := _COUNT.fullmatch(fold(value).replace(",", ""))):
        return round(float(found[1]) * _UNITS.get(found[2], 1))
    return MISSING


def moment(value: object) -> tuple[int, str] | None:
    """An ISO 8601 time as UTC epoch seconds and its offset; without an offset it is UTC (as documented)."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        seconds = int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
    offset = _OFFSET.search(value.strip())
    return seconds, f"{offset[1]}:{offset[2]}" if offset and found.tzinfo else "+00:00"


def epoch(value: object) -> int | None:
    """UTC seconds of a number of seconds or milliseconds since 1970, also written as text."""
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else 0.0
    except ValueError:
        return None
    number = number / 1000 if number >= 1e11 else number
    return int(number) if 0 < number < 253_402_300_800 else None


def local_time(value: object, zone: str, reference: int | None) -> tuple[int, str] | None:
    """A time as people of ``zone`` write it: ``Fri Nov 20 21:30:00 +0800 2026``, ``昨天 12:30``, ``刚刚``, ``11-20``.

    ``reference``: when the answer came, UTC seconds; relative times count from it.
    """
    try:
        return values.when(value, zone, reference=reference)
    except values.BadValue:
        return None


def ident(value: object) -> str:
    """A server's id, opaque text; "" if there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return one_line(str(value), 200)


def bearer(value: object) -> str:
    """A token that a server gave, if it can stand in a header (RFC 6750) and be kept; "" otherwise."""
    return value if isinstance(value, str) and _BEARER.fullmatch(value) else ""


def line(source: Mapping[str, Any], name: str, most: int = 2_000) -> str | None:
    """The text under ``name`` as one safe line; MISSING if there is none."""
    value = source.get(name)
    return (one_line(value, most) or MISSING) if isinstance(value, str) else MISSING


def inner(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under ``name``; an empty one if there is none."""
    value = source.get(name)
    return value if isinstance(value, Mapping) else {}


def each(source: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in the list under ``name``."""
    value = source.get(name)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def hashtags(names: Iterable[object]) -> tuple[str, ...]:
    """Tags without ``#``, each once whatever its case and width, as first written."""
    found = (one_line(name, 200).strip("#＃ ") for name in names if isinstance(name, str))
    return tuple({fold(tag): tag for tag in reversed(list(found)) if tag}.values())[::-1]


def kept(source: Mapping[str, Any], names: Iterable[str], masked: Iterable[str] = ()) -> dict[str, Any]:
    """The allow-listed part of an object, contact data in the fields ``masked`` (free text) hidden."""
    found = {name: source[name] for name in names if name in source}
    for name in masked:
        if isinstance(found.get(name), str):
            found[name] = scrub(found[name])
    return found


def raw(found: Mapping[str, Any]) -> bytes:
    """What ``Post.raw`` keeps, as JSON."""
    return msgspec.json.encode(found)
