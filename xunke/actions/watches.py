"""Watches (订阅): a tag, group, word or account fetched again and again, each time only what is new, with a digest.

A run asks for what is younger than the last whole run saw, and a little more: within that overlap it notices edits,
counts that moved, and posts that are missing. A missing post is asked for by itself before it counts as taken back.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from xunke.clock import day_of, stamp
from xunke.errors import BadInput, CollectorError, Gone
from xunke.events import Done, Event, Table, Warned
from xunke.model import Post, Withdrawn
from xunke.storage import Project, acts, changes
from xunke.storage import jobs as job_rows
from xunke.storage import schedules as rows
from xunke.text import one_line

if TYPE_CHECKING:
    from xunke.jobs import Live, Reach

FIRST: Final = 7 * 86_400
"""So far back (seconds) the first run of a watch looks, unless it says since when."""
OVERLAP: Final = 2 * 86_400
"""So much of what it has seen before a run looks at again, in seconds."""
ASKED: Final = 30
"""So many missing posts a run asks for one by one."""
SHOWN: Final = 5
_KINDS: Final = ("posts", "comments", "people", "edited", "gone", "renamed")


async def watching(
    project: Project, found: rows.Schedule, detail: dict[str, Any], started: int, allow_private: bool, *,
    unattended: bool,
) -> AsyncIterator[Event]:  # fmt: skip
    """One run of the watch ``found``; what it changed goes into ``detail``, by our ids. ``started``: UTC seconds."""
    from xunke.jobs import Live, Reach, run_collect

    live = Live.of(json.loads(found.plan))
    begin = live.query.since if found.seen is None else found.seen - OVERLAP
    since = started - FIRST if begin is None else max(begin, live.query.since or 0)
    live = replace(live, query=replace(live.query, since=since, until=None))
    await project.writer.acall(lambda db: _give_up_older(db, found))
    before, last = changes.mark(project.reader), _newest(project)
    reach = Reach(allow_private, unattended=unattended, remember=True)
    async for event in run_collect(project, [live], reach):
        yield event
    number = _newest(project)
    if number == last:  # it is not to ask yet
        return
    detail["jobs"] = [number]
    if (notes := await _look_for_missing(project, number, live, reach)) is not None:
        for note in notes:
            yield note
        await project.writer.acall(lambda db: rows.set_seen(db, found.id, started))
    told = changes.since(project.reader, before, (number,))
    detail["changes"] = {name: list(getattr(told, name)) for name in (*_KINDS, "tags")}
    for table in digest(project, found, detail):
        yield table


async def fetching(
    project: Project, found: rows.Schedule, events: AsyncIterator[Event], detail: dict[str, Any], started: int
) -> AsyncIterator[Event]:
    """The run of a schedule that fetches, with a digest at its end; what it changed goes into ``detail``."""
    before, last = changes.mark(project.reader), _newest(project)
    async for event in events:
        yield event
    numbers = tuple(row[0] for row in project.query("select id from job where id > ? and kind = 'collect'", (last,)))
    if not numbers:  # nothing was asked: no platform was ready
        return
    if all(job is not None and job.state == "done" for job in (job_rows.load(project.reader, n) for n in numbers)):
        await project.writer.acall(lambda db: rows.set_seen(db, found.id, started))
    detail["jobs"] = list(numbers)
    told = changes.since(project.reader, before, numbers)
    detail["changes"] = {name: list(getattr(told, name)) for name in (*_KINDS, "tags")}
    for table in digest(project, found, detail):
        yield table


def _newest(project: Project) -> int:
    return int(project.one("select coalesce(max(id), 0) from job"))


def _give_up_older(db: sqlite3.Connection, found: rows.Schedule) -> None:
    """What a run before left unfinished is part of what this one asks for."""
    for run in rows.runs(db, found.id, 3):
        for number in run.detail.get("jobs", ()):
            job = job_rows.load(db, number)
            if job is not None and job.state in ("parked", "paused"):
                job_rows.set_state(db, number, "cancelled", "watch.superseded")


# -- what is missing -----------------------------------------------------------------------------------------------


async def _look_for_missing(project: Project, number: int, live: Live, reach: Reach) -> list[Event] | None:
    """Ask for the posts that were there before and did not come. None if the job did not see its window whole."""
    job = job_rows.load(project.reader, number)
    if job is None or job.state != "done" or not _whole(project, number):
        return None
    missed = changes.missing(project.reader, number, live.query.since, int(time.time()))
    try:
        gone, unsure = await _ask_each(project, missed[:ASKED], live, reach)
        unsure += len(missed[ASKED:])
    finally:
        await project.writer.acall(lambda db: changes.forget_seen(db, number))
    notes: list[Event] = []
    if gone:
        notes.append(Warned("watch.gone_told", {"n": gone}))
    if unsure:
        notes.append(Warned("watch.unsure", {"n": unsure}))
    return notes


def _whole(project: Project, number: int) -> bool:
    """Whether every post of the window was listed: no slice was cut off, and no limit ended it."""
    cut = "select count(*) from gap where job = ? and kind = 'posts'"
    limited = "select count(*) from job_slice where job = ? and (state <> 'done' or reason = 'job.limit_reached')"
    return not project.one(cut, (number,)) and not project.one(limited, (number,))


async def _ask_each(project: Project, missed: Sequence[changes.Missed], live: Live, reach: Reach) -> tuple[int, int]:
    """(posts that are gone, posts of which nobody could say). Those that are still there are stored as they are now."""
    from collectors import registry
    from collectors.base import Query
    from collectors.http import Transport
    from xunke import credentials

    collector = registry.load(live.collector)
    can = collector.capabilities
    if not missed or "post" not in can.modes:
        return 0, len(missed)
    instance = live.query.instance or can.default_instance
    signed = credentials.of(live.collector, live.query.instance)
    found: list[Post | Withdrawn] = []
    unsure = 0
    async with Transport(
        instance, allow_private=reach.allow_private, ca_file=reach.ca_file, max_wait=60, pace=can.pace, quota=can.quota,
        vault=credentials.vault(live.collector, live.query.instance),
    ) as http:  # fmt: skip
        for number, one in enumerate(missed):
            query = Query("post", one.url or one.native_id, instance, credentials=signed)
            try:
                page = await anext(aiter(collector.collect(query, None, http)))
            except Gone:
                found.append(Withdrawn(one.platform, one.native_id, int(time.time())))
            except CollectorError:
                unsure += len(missed) - number
                break
            else:
                seen = [r for r in page.records if isinstance(r, Post) and r.native_id == one.native_id]
                found += seen
                unsure += not seen
    source = project.one("select max(source) from job_slice where job = (select max(id) from job)")
    tally = await project.writer.acall(lambda db: project.store(db, found, source))
    return tally.gone, unsure


# -- what is new ---------------------------------------------------------------------------------------------------


def digest(project: Project, found: rows.Schedule, detail: Mapping[str, Any], index: int = 0) -> list[Table]:
    """What a run of a watch changed, from what it wrote down; people and posts erased since are not in it."""
    told = detail.get("changes", {})
    lines: list[list[Any]] = []
    for kind in _KINDS:
        ids = told.get(kind, [])
        lines.append([f"watch.{kind}", len(ids), _examples(project, kind, ids) or None])
    tags = [f"#{name} {was}→{now}" for name, now, was in told.get("tags", [])[:SHOWN]]
    lines.append(["watch.tags", len(told.get("tags", [])), tags or None])
    name = {"name": found.name, "number": f"S{found.id}"}
    tables = [Table("watch.digest", ["change", "count", "examples"], lines, name, index)]
    if posts := told.get("posts", [])[:SHOWN]:
        tables.append(_best(project, posts, name, index))
    return tables


def _best(project: Project, posts: Sequence[int], name: dict[str, Any], index: int) -> Table:
    """The liveliest of the new posts."""
    table = []
    for post in posts:
        row = project.query(
            "select a.name, t.title, t.text, t.likes, t.comments, t.shares, t.url from post t "
            "left join account a on a.id = t.author where t.id = ? and t.gone is null", (post,)
        )  # fmt: skip
        if row:
            who, title, text, *counts = row[0]
            table.append([who, one_line(title or text or "", 40), *counts])
    columns = ["author", "text", "likes", "comments", "shares", "url"]
    return Table("watch.best", columns, table, {**name, "posts": [[post] for post in posts]}, index)


def _examples(project: Project, kind: str, ids: Sequence[int]) -> list[str]:
    """Names of people, or the first words of posts."""
    if kind in ("people", "renamed"):
        sql = "select name from account where id = ?"
    elif kind in ("edited",):
        sql = "select text from post where id = ? and gone is null"
    else:
        return []
    texts = [row[0] for one in ids[:SHOWN] for row in project.query(sql, (one,)) if row[0]]
    return [one_line(text, 20) for text in texts]


# -- keeping watches -----------------------------------------------------------------------------------------------


def add(project: Project, live: Live, *, every: str, at: str | None, name: str | None, now: int) -> Event:
    """Keep a new watch, due at once. ``every``: count and unit (h, d, w, m); ``now``: UTC seconds.

    Raises BadInput if the very same is watched already.
    """
    spec = json.dumps(live.spec(), ensure_ascii=False, sort_keys=True)
    if same := [one for one in watches(project) if one.plan == spec]:
        raise BadInput("watch.twice", name=same[0].name, number=f"S{same[0].id}")
    taken = {one.name for one in rows.listing(project.reader)}
    name = one_line(name or f"{live.collector} {live.query.mode}:{live.query.value}", 60)
    free = next(n for k in range(1, len(taken) + 2) if (n := name if k == 1 else f"{name} {k}") not in taken)
    values = {
        "name": free, "plan": spec, "every": every, "at": at, "created": now, "notify": 1,
        "base": day_of(now).isoformat(), "due": now, "kind": "watch",
    }  # fmt: skip

    def write(db: sqlite3.Connection) -> int:
        number = rows.add(db, values)
        acts.note(db, "schedule_make", {"schedule": number})
        return number

    number = project.writer.call(write)
    return Done("watch.made", {"number": f"S{number}", "name": free})


def watches(project: Project) -> list[rows.Schedule]:
    """All watches that are not cancelled, oldest first."""
    return [one for one in rows.listing(project.reader) if one.kind == "watch"]


def table(project: Project, index: int = 0) -> Table:
    """All watches, and what the last run of each brought."""
    lines: list[list[Any]] = []
    for one in watches(project):
        last = next(iter(rows.runs(project.reader, one.id, 1)), None)
        told = {} if last is None else last.detail.get("changes", {})
        when = [stamp(at) for at in (one.due, one.seen)]
        due = when[0] if one.state == "active" else None
        counts = [len(told[kind]) if kind in told else None for kind in ("posts", "people", "gone")]
        lines.append([f"S{one.id}", one.name, f"every.{one.every}", one.state, due, when[1], *counts])
    columns = ["id", "task", "rhythm", "state", "next", "seen_until", "watch.posts", "watch.people", "watch.gone"]
    return Table("watch.title", columns, lines, {"n": len(lines)}, index)


def last_digest(project: Project, found: rows.Schedule) -> list[Table]:
    """The digest of the last run that fetched something. Raises BadInput if there was none."""
    for run in rows.runs(project.reader, found.id):
        if "changes" in run.detail:
            return digest(project, found, run.detail)
    raise BadInput("watch.no_run", name=found.name, number=f"S{found.id}")
