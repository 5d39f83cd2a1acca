"""How often, how fast and when: the limits of outreach, visible and editable, kept in the project.

Windows slide: a cap of 2 a day means no more than 2 in any 24 hours, wherever they begin.
"""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.clock import DAY, moment
from xunke.errors import BadInput
from xunke.storage import Project, acts

_META: Final = "touch_limits"


@dataclass(frozen=True, slots=True)
class Limit:
    """One number that may be changed: its default and the least and most that it may be."""

    default: float
    low: float
    high: float
    unit: str


LIMITS: Final[Mapping[str, Limit]] = {
    "person_day": Limit(2, 0, 20, "times"),
    "person_week": Limit(4, 0, 50, "times"),
    "person_month": Limit(8, 0, 100, "times"),
    "person_gap_hours": Limit(20, 0, 720, "hours"),
    "follow_day": Limit(30, 0, 200, "times"),
    "reply_day": Limit(20, 0, 200, "times"),
    "engage_day": Limit(30, 0, 200, "times"),
    "talk_day": Limit(10, 0, 100, "times"),
    "offer_day": Limit(10, 0, 100, "times"),
    "service_day": Limit(50, 0, 500, "times"),
    "person_follow_month": Limit(1, 0, 10, "times"),
    "person_talk_month": Limit(3, 0, 30, "times"),
    "person_offer_month": Limit(1, 0, 10, "times"),
    "replies_before_talk": Limit(2, 0, 20, "times"),
    "days_before_talk": Limit(3, 0, 90, "days"),
    "days_after_talk": Limit(7, 1, 90, "days"),
    "talks_unanswered": Limit(2, 1, 5, "times"),
    "replies_unanswered": Limit(5, 1, 50, "times"),
    "rest_days": Limit(90, 1, 3650, "days"),
    "angry_days": Limit(30, 1, 365, "days"),
    "quiet_from": Limit(22.0, 0, 24, "clock"),
    "quiet_to": Limit(8.5, 0, 24, "clock"),
}
"""``*_day`` of a step: for each channel of ours; ``person_*``: for each person, over all campaigns and channels."""
WINDOWS: Final = {"day": DAY, "week": 7 * DAY, "month": 30 * DAY}


def limits_of(project: Project) -> dict[str, float]:
    """The project's limits, defaults where nothing else was set."""
    saved = json.loads(project.meta(_META, "{}"))
    return {name: float(saved.get(name, limit.default)) for name, limit in LIMITS.items()}


def set_limit(project: Project, name: str, value: str) -> float:
    """Change a limit ("22:30" for hours of the day). Raises BadInput("limits.unknown" | "limits.value")."""
    limit = LIMITS.get(name)
    if limit is None:
        raise BadInput("limits.unknown", name=name, known=", ".join(LIMITS))
    number = _number(name, value, limit)
    saved: dict[str, float] = json.loads(project.meta(_META, "{}"))
    before = project.meta(_META, "") or None
    saved[name] = number

    def write(db: Any) -> None:
        db.execute("insert or replace into meta(key, value) values (?, ?)", (_META, json.dumps(saved)))
        acts.note(db, "touch_limit", {"key": _META, "before": before})

    project.writer.call(write)
    return number


def _number(name: str, value: str, limit: Limit) -> float:
    hours, colon, minutes = value.strip().replace("：", ":").partition(":")
    try:
        number = float(hours) + (float(minutes) / 60 if colon else 0.0)
    except ValueError:
        number = float("nan")
    whole = limit.unit == "clock" or number == int(number) if number == number else False
    if not whole or not limit.low <= number <= limit.high:
        raise BadInput("limits.value", name=name, value=value, low=f"{limit.low:g}", high=f"{limit.high:g}")
    return number


def shown(name: str, value: float) -> str:
    """A limit as people write it."""
    if LIMITS[name].unit == "clock":
        return f"{int(value):02d}:{round(value % 1 * 60):02d}"
    return f"{value:g}"


def over(times: Sequence[int], t: int, cap: int, window: int) -> int | None:
    """When (UTC seconds) one more at ``t`` would fit under ``cap`` in every window of ``window`` seconds; None: now.

    Looks at both sides of ``t``, as rows may be written down later than they happened.
    """
    if cap <= 0:
        return t + window
    kept = sorted(one for one in times if t - window < one < t + window)
    place = bisect_left(kept, t)
    insort(kept, t)
    for first in range(max(0, place - cap), place + 1):
        last = first + cap
        if last < len(kept) and kept[last] - kept[first] < window:
            before = [one for one in kept if one <= t]
            return max(t + 1, before[max(0, len(before) - 1 - cap)] + window)
    return None


def quiet_until(t: int, start: float, end: float) -> int | None:
    """When the quiet hours end in which ``t`` lies (China time; ``start`` after ``end``: over midnight), or None."""
    day = moment(t)
    midnight = t - (day.hour * 3600 + day.minute * 60 + day.second)
    hour = (t - midnight) / 3600
    if start == end:
        return None
    ends = midnight + round(end * 3600)
    if start < end:
        return ends if start <= hour < end else None
    if hour >= start:
        return ends + DAY
    return ends if hour < end else None
