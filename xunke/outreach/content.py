"""The content calendar: what is said when, in which mix, on which occasion, and what clashes.

A planned item is a plan and an idea is a question, never finished words. Days are ISO days and hours those of China.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from xunke.clock import moment
from xunke.errors import BadInput, UsageError
from xunke.storage import Project, acts
from xunke.text import one_line

from . import days
from .days import Occasion

CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "mood": ("心情",), "fun": ("趣事", "段子"), "comment": ("行业评论", "评论"), "hot": ("热门话题", "热点"),
    "experience": ("经验", "心得"), "tutorial": ("教程", "科普", "干货"), "qa": ("问答", "答疑"),
    "story": ("用户故事", "故事", "买家秀"), "behind": ("幕后", "日常"), "promotion": ("推广", "广告", "促销"),
    "offer": ("优惠", "优惠通知", "新品", "上新"),
}  # fmt: skip
"""What content is about, and how people call it; anything else is kept as it is said."""
PROMOTIONAL: Final = frozenset({"promotion", "offer"})
LIMIT: Final = 0.2
"""The share of promotional content above which the meter warns, unless the project says another (``calendar limit``)."""
_LIMIT: Final = "promotion_limit"
STATES: Final = ("planned", "done", "dropped")
_AT: Final = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_COLUMNS: Final = (
    "id", "campaign", "day", "at", "category", "title", "channel", "variant", "occasion", "state", "post", "owner",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A planned post. ``at``: HH:MM in China; ``occasion``: a name of ``days`` or any word; ``post``: once it is out."""

    id: int
    campaign: int | None
    day: str
    at: str | None
    category: str | None
    title: str
    channel: str | None
    variant: int | None
    occasion: str | None
    state: str
    post: int | None
    owner: str | None


def items(
    project: Project, *, campaign: int | None = None, since: str | None = None, until: str | None = None
) -> list[Item]:
    """Planned content by day and hour; of a campaign, within days (inclusive)."""
    rows = project.query(
        f"select {', '.join(_COLUMNS)} from calendar where (:c is null or campaign = :c) and day >= coalesce(:s, '') "
        "and day <= coalesce(:u, '9999') order by day, at is null, at, id",
        {"c": campaign, "s": since, "u": until},
    )
    return [Item(*row) for row in rows]


def item(project: Project, number: int) -> Item:
    """One item. Raises BadInput("calendar.unknown")."""
    rows = project.query(f"select {', '.join(_COLUMNS)} from calendar where id = ?", (number,))
    if not rows:
        raise BadInput("calendar.unknown", id=number)
    return Item(*rows[0])


def category_of(word: str | None) -> str | None:
    """The category that a word means, else the word itself."""
    word = (word or "").strip()
    return next(
        (k for k, names in CATEGORIES.items() if word.lower() == k or word in names), one_line(word, 20) or None
    )


def hour_of(text: str | None) -> str | None:
    """HH:MM. Raises UsageError("calendar.bad_hour")."""
    if text is None or not text.strip():
        return None
    found = _AT.fullmatch(text.strip())
    if found is None:
        raise UsageError("calendar.bad_hour", value=one_line(text, 20))
    return f"{int(found[1]):02d}:{found[2]}"


def add(
    project: Project, day: str, title: str, *, now: int, at: str | None = None, category: str | None = None,
    channel: str | None = None, campaign: int | None = None, variant: int | None = None, occasion: str | None = None,
    owner: str | None = None, run: int | None = None,
) -> Item:  # fmt: skip
    """Plan an item; where no occasion is said, a festival or sale on the day is its occasion."""
    title = one_line(title, 120)
    if not title:
        raise UsageError("calendar.no_title")
    when = date.fromisoformat(day)
    named = [o.name for o in days.occasions(when, when) if o.kind in ("festival", "sale")]
    row = (campaign, day, hour_of(at), category_of(category), title, channel, variant,
           occasion or (named[0] if named else None), "planned", owner, now)  # fmt: skip

    def write(db: sqlite3.Connection) -> int:
        made = db.execute(
            "insert into calendar(campaign, day, at, category, title, channel, variant, occasion, state, owner, created) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id", row,
        ).fetchone()  # fmt: skip
        acts.note(db, "calendar_add", {"item": made[0]}, run)
        return int(made[0])

    return item(project, project.writer.call(write))


def change(project: Project, number: int, *, run: int | None = None, **values: Any) -> Item:
    """Move an item, set its state or anything else of it; what it was is kept for ``undo``."""
    before = item(project, number)
    allowed = {"day", "at", "category", "title", "channel", "variant", "occasion", "state", "post", "owner"}
    changed = {k: v for k, v in values.items() if k in allowed and v is not None}
    if "at" in changed:
        changed["at"] = hour_of(changed["at"])
    if "category" in changed:
        changed["category"] = category_of(changed["category"])
    if not changed:
        return before

    def write(db: sqlite3.Connection) -> None:
        old = {k: getattr(before, k) for k in changed}
        marks = ", ".join(f"{k} = ?" for k in changed)
        db.execute(f"update calendar set {marks} where id = ?", (*changed.values(), number))
        acts.note(db, "calendar_change", {"item": number, "before": old}, run)

    project.writer.call(write)
    return item(project, number)


def restore(db: sqlite3.Connection, number: int, before: Mapping[str, Any]) -> str:
    """Bring an item back to what it was, in the caller's transaction; its title."""
    marks = ", ".join(f"{k} = ?" for k in before)
    db.execute(f"update calendar set {marks} where id = ?", (*before.values(), number))
    row = db.execute("select title from calendar where id = ?", (number,)).fetchone()
    return str(row[0]) if row else "?"


# -- the mix --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mix:
    """How much of the planned content is what. ``promotional``: the share; None where nothing is planned."""

    counts: Mapping[str, int]
    n: int
    promotional: float | None


def mix(planned: Sequence[Item]) -> Mix:
    """The mix of what is planned and done; what was dropped does not count."""
    counts = Counter(i.category or "?" for i in planned if i.state != "dropped")
    n = sum(counts.values())
    hard = sum(counts[c] for c in PROMOTIONAL)
    return Mix(dict(sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))), n, hard / n if n else None)


def promotion_limit(project: Project) -> float:
    """The share of promotional content above which the meter warns."""
    return float(project.meta(_LIMIT, str(LIMIT)))


def set_promotion_limit(project: Project, share: float, run: int | None = None) -> None:
    """Change that share. Raises UsageError for one that is none."""
    if not 0 <= share <= 1:
        raise UsageError("calendar.bad_limit", value=share)

    def write(db: sqlite3.Connection) -> None:
        row = db.execute("select value from meta where key = ?", (_LIMIT,)).fetchone()
        db.execute("insert or replace into meta(key, value) values (?, ?)", (_LIMIT, str(share)))
        acts.note(db, "campaign_setting", {"key": _LIMIT, "before": row[0] if row else None}, run)

    project.writer.call(write)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two items in one hour, or promotion on a day on which nobody should promote. ``reason``: a day's name."""

    kind: str
    first: Item
    second: Item | None = None
    reason: str | None = None


def clashes(planned: Sequence[Item]) -> Iterator[Clash]:
    """What does not go together, by day."""
    live = [i for i in planned if i.state == "planned"]
    for n, one in enumerate(live):
        name = days.solemn(date.fromisoformat(one.day))
        if name is not None and one.category in PROMOTIONAL | {"fun"}:
            yield Clash("solemn", one, reason=name)
        for other in live[n + 1 :]:
            near = one.day == other.day and one.at and other.at and one.at[:2] == other.at[:2]
            if near and (one.channel == other.channel or None in (one.channel, other.channel)):
                yield Clash("hour", one, other)


# -- what could be said when ----------------------------------------------------------------------------------------


def active_hours(project: Project, people: Sequence[int] = ()) -> list[tuple[int, int]]:
    """(hour, posts) of China's day, most first: when these people (or all) post. Fewer than 20 posts tell nothing."""
    sql = "select (created + 28800) / 3600 % 24, count(*) from post where created is not null {} group by 1"
    if people:
        rows = project.query(
            sql.format("and author in (select value from json_each(?))"), (json.dumps(sorted(people)),)
        )
    else:
        rows = project.query(sql.format(""))
    return (
        sorted(((int(h), int(n)) for h, n in rows), key=lambda r: (-r[1], r[0]))
        if sum(r[1] for r in rows) >= 20
        else []
    )


@dataclass(frozen=True, slots=True)
class Idea:
    """A day on which something could be said: the category that the mix lacks most, and why this day."""

    day: date
    at: str | None
    category: str
    occasion: str | None
    idea: str


_WANTED: Final = ("experience", "tutorial", "mood", "hot", "fun", "comment", "qa", "story")


def ideas(
    planned: Sequence[Item], since: date, until: date, hours: Sequence[tuple[int, int]], every: int = 2
) -> list[Idea]:
    """Days for content: every ``every``-th day and every festival, sale and term; not where something is planned.

    Categories come round so that the rarest is next; on solemn days nothing is proposed; promotion is left to the user.
    """
    counts = Counter(i.category for i in planned if i.state != "dropped")
    taken = {i.day for i in planned if i.state != "dropped"}
    named: dict[date, Occasion] = {}
    for found in days.occasions(since, until):
        named.setdefault(found.day, found)
    best = [f"{h:02d}:00" for h, _ in hours[:3]]
    out: list[Idea] = []
    for n in range((until - since).days + 1):
        day = since + timedelta(days=n)
        why = named.get(day)
        if day.isoformat() in taken or (why is not None and why.kind == "solemn") or (n % every and why is None):
            continue
        category = min(_WANTED, key=lambda c: (counts[c], _WANTED.index(c)))
        counts[category] += 1
        at = best[len(out) % len(best)] if best else None
        out.append(Idea(day, at, category, why.name if why else None, f"idea.{why.kind if why else category}"))
    return out


# -- a file for other calendars -------------------------------------------------------------------------------------


def ics(planned: Sequence[Item], named: Sequence[tuple[date, str]], stamp: str) -> str:
    """An iCalendar file (RFC 5545): items as events of half an hour (or of the day), occasions as whole days.

    ``named``: occasions with their names in words; ``stamp``: when it was made, as 20261122T080000Z.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Xunke//calendar//ZH", "CALSCALE:GREGORIAN"]
    for one in planned:
        if one.state == "dropped":
            continue
        day = one.day.replace("-", "")
        lines += ["BEGIN:VEVENT", f"UID:xunke-{one.id}@calendar.invalid", f"DTSTAMP:{stamp}"]
        if one.at:
            begin = moment(_seconds(one.day, one.at))
            lines += [f"DTSTART:{_utc(begin)}", f"DTEND:{_utc(begin + timedelta(minutes=30))}"]
        else:
            lines += [f"DTSTART;VALUE=DATE:{day}"]
        lines += [f"SUMMARY:{_escaped(one.title)}"]
        lines += [f"CATEGORIES:{_escaped(one.category)}"] if one.category else []
        lines += [f"LOCATION:{_escaped(one.channel)}"] if one.channel else []
        lines += ["END:VEVENT"]
    for when, name in named:
        day = when.strftime("%Y%m%d")
        lines += ["BEGIN:VEVENT", f"UID:xunke-day-{day}-{abs(hash_of(name))}@calendar.invalid", f"DTSTAMP:{stamp}",
                  f"DTSTART;VALUE=DATE:{day}", f"SUMMARY:{_escaped(name)}", "TRANSP:TRANSPARENT", "END:VEVENT"]  # fmt: skip
    lines.append("END:VCALENDAR")
    return "".join(part + "\r\n" for line in lines for part in _folded(line))


def hash_of(name: str) -> int:
    """A number of a name that is the same in every run."""
    from zlib import crc32

    return crc32(name.encode())


def _seconds(day: str, at: str) -> int:
    from xunke.clock import start_of

    return start_of(date.fromisoformat(day)) + int(at[:2]) * 3600 + int(at[3:]) * 60


def _utc(when: Any) -> str:
    from datetime import UTC

    return str(when.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))


def _escaped(text: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", one_line(text, 500))


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets; those that go on begin with a blank (RFC 5545, 3.1)."""
    rest, first = line, True
    while rest:
        size, octets = 0, 0
        while size < len(rest) and octets + len(rest[size].encode()) <= (75 if first else 74):
            octets += len(rest[size].encode())
            size += 1
        yield ("" if first else " ") + rest[:size]
        rest, first = rest[size:], False
