"""The content calendar: what is planned, its mix, occasions, ideas, clashes, and a file for other calendars."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from xunke.clock import moment
from xunke.errors import UsageError
from xunke.events import Done, Event, FileWritten, Table, Warned
from xunke.figures import percent
from xunke.outreach import campaigns, content, days, lists
from xunke.outreach.content import Item
from xunke.storage import Project


def window(
    *, today: date, month: str | None = None, since: str | None = None, until: str | None = None
) -> tuple[date, date]:
    """The days that are meant: a month (2026-12), two days, or thirty days from today. Raises UsageError."""
    if month:
        try:
            year, number = (int(part) for part in month.split("-"))
            first = date(year, number, 1)
        except ValueError:
            raise UsageError("calendar.bad_month", value=month) from None
        return first, first.replace(day=months.monthrange(year, number)[1])
    begin = date.fromisoformat(campaigns.day(since)) if since else today
    end = date.fromisoformat(campaigns.day(until)) if until else begin + timedelta(days=29)
    if end < begin or (end - begin).days > 400:
        raise UsageError("calendar.bad_window", since=begin.isoformat(), until=end.isoformat())
    return begin, end


def show(
    project: Project, *, since: date, until: date, campaign: str | None = None, terms: bool = True, index: int = 0
) -> Iterator[Event]:
    """Planned content and occasions by day, the mix, and what clashes."""
    number = campaigns.by_name(project, campaign).id if campaign else None
    planned = content.items(project, campaign=number, since=since.isoformat(), until=until.isoformat())
    named = [o for o in days.occasions(since, until) if terms or o.kind != "term"]
    names = {c.id: c.name for c in campaigns.every(project)}
    rows: list[list[Any]] = [
        [o.day.isoformat(), None, f"day_kind.{o.kind}", f"day.{o.name}", None, None, None, None, None] for o in named
    ]
    rows += [
        [i.day, i.at, _category(i.category), i.title, i.channel, f"content_state.{i.state}", i.owner,
         names.get(i.campaign or 0), i.id]
        for i in planned
    ]  # fmt: skip
    rows.sort(key=lambda r: (r[0], r[8] is not None, r[1] or "", r[8] or 0))
    columns = ["day", "at", "category", "title", "channel", "state", "owner", "campaign", "id"]
    params: dict[str, Any] = {"since": since.isoformat(), "until": until.isoformat(), "n": len(planned)}
    if not planned:
        params["hidden"] = ["at", "channel", "state", "owner", "campaign", "id"]
    yield Table("calendar.table", columns, rows, params, index)
    if not planned:
        yield Done("calendar.empty")
        return
    yield from _mix(project, planned, index)
    yield from _clashes(planned)


def _category(category: str | None) -> str | None:
    return f"category.{category}" if category in content.CATEGORIES else category


def _mix(project: Project, planned: list[Item], index: int) -> Iterator[Event]:
    mixed = content.mix(planned)
    rows = [
        [
            _category(k) if k != "?" else "category.none",
            n,
            percent(n / mixed.n),
            "█" * round(20 * n / mixed.n),
            n / mixed.n,
        ]
        for k, n in mixed.counts.items()
    ]
    columns = ["category", "item_count", "share_text", "bar", "raw"]
    yield Table("calendar.mix", columns, rows, {"n": mixed.n, "hidden": ["raw"]}, index)
    limit = content.promotion_limit(project)
    if mixed.promotional is not None and mixed.promotional > limit:
        yield Warned("calendar.too_promotional", {"share": percent(mixed.promotional), "limit": percent(limit)})


def _clashes(planned: list[Item]) -> Iterator[Event]:
    for clash in content.clashes(planned):
        if clash.second is not None:
            told = {
                "day": clash.first.day,
                "at": clash.first.at,
                "first": clash.first.title,
                "second": clash.second.title,
            }
            yield Warned("calendar.clash_hour", told)
        else:
            yield Warned("calendar.clash_solemn", {"day": clash.first.day, "title": clash.first.title,
                                                   "what": f"day.{clash.reason}"})  # fmt: skip


def mix(
    project: Project,
    *,
    campaign: str | None = None,
    since: date | None = None,
    until: date | None = None,
    index: int = 0,
) -> Iterator[Event]:
    """The mix of what is planned."""
    number = campaigns.by_name(project, campaign).id if campaign else None
    planned = content.items(project, campaign=number, since=since.isoformat() if since else None,
                            until=until.isoformat() if until else None)  # fmt: skip
    if not planned:
        yield Done("calendar.empty")
        return
    yield from _mix(project, planned, index)


def add(
    project: Project, day: str, title: str, *, now: int, at: str | None = None, category: str | None = None,
    channel: str | None = None, campaign: str | None = None, variant: str | None = None, occasion: str | None = None,
    owner: str | None = None, run: int | None = None,
) -> Iterator[Event]:  # fmt: skip
    """Plan an item; what clashes with it or tips the mix is told at once."""
    c = campaigns.by_name(project, campaign) if campaign else None
    version = None
    if variant is not None:
        version = next((v.id for v in campaigns.variants(project, c) if variant in (v.name, v.code)), None)
        if version is None:
            raise UsageError("calendar.bad_variant", value=variant)
    made = content.add(
        project, campaigns.day(day), title, now=now, at=at, category=category, channel=channel,
        campaign=c.id if c else None, variant=version, occasion=occasion, owner=owner, run=run,
    )  # fmt: skip
    yield Done("calendar.added", {"id": made.id, "day": made.day, "at": made.at or "", "title": made.title})
    same_day = content.items(project, since=made.day, until=made.day)
    for event in _clashes([i for i in same_day if i.id == made.id] + [i for i in same_day if i.id != made.id]):
        if made.title in repr(event):
            yield event
    mixed, limit = content.mix(content.items(project, campaign=made.campaign)), content.promotion_limit(project)
    if (
        made.category in content.PROMOTIONAL
        and mixed.promotional is not None
        and mixed.promotional > limit
        and mixed.n >= 5
    ):
        yield Warned("calendar.too_promotional", {"share": percent(mixed.promotional), "limit": percent(limit)})


def change(project: Project, number: int, *, run: int | None = None, **values: Any) -> Iterator[Event]:
    """Move an item (``day``, ``at``) or change anything else of it; ``state``: planned, done or dropped."""
    if values.get("day"):
        values["day"] = campaigns.day(values["day"])
    made = content.change(project, number, run=run, **values)
    yield Done(
        f"calendar.changed_{made.state}", {"id": made.id, "day": made.day, "at": made.at or "", "title": made.title}
    )
    if made.state == "planned":
        for event in _clashes(content.items(project, since=made.day, until=made.day)):
            if made.title in repr(event):
                yield event


def limit(project: Project, share: str, *, run: int | None = None) -> Iterator[Event]:
    """The share of promotional content above which the meter warns: ``20%``."""
    content.set_promotion_limit(project, campaigns.number(share), run)
    yield Done("calendar.limit_set", {"share": percent(content.promotion_limit(project))})


def suggest(
    project: Project, *, since: date, until: date, campaign: str | None = None, every: int = 2, index: int = 0
) -> Iterator[Event]:
    """Days, hours and kinds of content that could be planned: questions to start from, never finished words."""
    c = campaigns.by_name(project, campaign) if campaign else None
    people = sorted({m for n in (c.lists if c else ()) for m in lists.members(project, n)})
    hours = content.active_hours(project, people) or content.active_hours(project)
    planned = content.items(project, campaign=c.id if c else None)
    found = content.ideas(planned, since, until, hours, every)
    rows = [
        [i.day.isoformat(), i.at, f"category.{i.category}", f"day.{i.occasion}" if i.occasion else None, i.idea]
        for i in found
    ]
    params = {"n": len(rows), "since": since.isoformat(), "until": until.isoformat()}
    yield Table("calendar.ideas", ["day", "at", "category", "occasion", "idea"], rows, params, index)
    if hours:
        told = "、".join(f"{h:02d}:00" for h, _ in hours[:3])
        yield Done("calendar.hours", {"hours": told, "n": sum(n for _, n in hours)})
    else:
        yield Warned("calendar.no_hours")


def occasions(*, since: date, until: date, index: int = 0) -> Table:
    """Festivals, sales, the 24 solar terms and days on which nothing is advertised."""
    rows = [
        [o.day.isoformat(), f"day_kind.{o.kind}", f"day.{o.name}",
         (o.day - timedelta(days=o.lead)).isoformat() if o.lead > 1 else None]
        for o in days.occasions(since, until)
    ]  # fmt: skip
    return Table("calendar.occasions", ["day", "kind", "occasion", "prepare"], rows, {"n": len(rows)}, index)


def export(
    project: Project, path: Path, *, now: int, since: date, until: date, campaign: str | None = None, lang: str = "zh"
) -> Iterator[Event]:
    """An iCalendar file of what is planned, with the occasions as whole days."""
    from datetime import UTC

    from xunke.export import stream_file
    from xunke.i18n import Catalogue

    cat = Catalogue(lang)
    number = campaigns.by_name(project, campaign).id if campaign else None
    planned = content.items(project, campaign=number, since=since.isoformat(), until=until.isoformat())
    named = [(o.day, cat.t(f"day.{o.name}")) for o in days.occasions(since, until)]
    stamp = moment(now).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    text = content.ics(planned, named, stamp)
    stream_file(path, lambda file: int(file.write(text)))
    project.audit("export", file=path.name, format="ics", rows=len(planned), purpose=None, left_out={})
    yield FileWritten(str(path), len(planned), "ics")
