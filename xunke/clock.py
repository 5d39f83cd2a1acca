"""Dates that people say -> UTC seconds. A project speaks China time (UTC+8, no daylight saving since 1991)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

ZONE: Final = timezone(timedelta(hours=8))
ZONE_NAME: Final = "+08:00"
DAY: Final = 86400
_EPOCH: Final = date(1970, 1, 1).toordinal()
_AHEAD: Final = 8 * 3600
"""Seconds by which the project's zone is ahead of UTC."""


def start_of(day: date) -> int:
    """First second of ``day``, UTC epoch seconds."""
    return int(datetime.combine(day, time(), ZONE).timestamp())


def end_of(day: date) -> int:
    """Last second of ``day``, UTC epoch seconds."""
    return start_of(day) + DAY - 1


def day_of(second: int) -> date:
    """The day in which a UTC second lies."""
    return date.fromordinal(_EPOCH + (second + _AHEAD) // DAY)


def moment(second: int) -> datetime:
    """A UTC second as an aware time in the project's zone."""
    return datetime.fromtimestamp(second, UTC).astimezone(ZONE)


def iso_day(second: int | None) -> str | None:
    """The day in which a UTC second lies: 2026-11-22; None for None."""
    return None if second is None else day_of(second).isoformat()


def told_day(second: int | None) -> str:
    """The day in which a UTC second lies, for a sentence: 2026-11-22; a question mark for None."""
    return iso_day(second) or "?"


def stamp(second: int | None) -> str | None:
    """A UTC second in the project's zone: 2026-11-22 12:03; None for None."""
    return None if second is None else f"{moment(second):%Y-%m-%d %H:%M}"


def today() -> date:
    """The current day in the project's zone."""
    return datetime.now(ZONE).date()


def now_on(day: date) -> int:
    """The present second, or the last one of ``day`` where that is another day than today."""
    return int(datetime.now(UTC).timestamp()) if day == today() else end_of(day)


def waking_on(day: date) -> int:
    """The present second, or noon of ``day`` where that is another day than today: nobody sleeps then."""
    return now_on(day) if day == today() else start_of(day) + DAY // 2
