"""Numbers and dates as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from xunke.i18n import Catalogue


def amount(n: int | None, cat: Catalogue) -> str:
    """A count: 9,210 or 8.2万 (zh), 82k or 1.2M (en); "-" where the platform did not say."""
    if n is None:
        return "-"
    units = ((10**8, "亿"), (10**4, "万")) if cat.lang == "zh" else ((10**6, "M"), (10**4, "k"))
    for size, unit in units:
        if n >= size:
            value = n / (1000 if unit == "k" else size)
            return (f"{value:.1f}" if value < 100 else f"{value:.0f}").removesuffix(".0") + unit
    return f"{n:,}"


def day(seconds: int | None, zone: str | None = None) -> str:
    """The date of a moment (UTC seconds) in the source's own offset (``+08:00``), UTC where it is not known."""
    return "-" if seconds is None else _at(seconds, zone).strftime("%Y-%m-%d")


def minute(seconds: int | None, zone: str | None = None) -> str:
    """``day`` with the time of day."""
    return "-" if seconds is None else _at(seconds, zone).strftime("%Y-%m-%d %H:%M")


def _at(seconds: int, zone: str | None) -> datetime:
    tz: timezone = UTC
    if zone and len(zone) == 6 and zone[0] in "+-" and zone[1:3].isdigit() and zone[4:].isdigit():
        minutes = int(zone[1:3]) * 60 + int(zone[4:])
        if minutes < 24 * 60:
            tz = timezone(timedelta(minutes=minutes if zone[0] == "+" else -minutes))
    try:
        return datetime.fromtimestamp(seconds, tz)
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0, UTC)


def clock(seconds: float) -> str:
    """A duration as 01:23 or 1:02:03."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60:02}:{rest % 60:02}"
