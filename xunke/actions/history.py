"""One account over time, and what it and our own accounts did with each other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from xunke.clock import day_of, moment, stamp, start_of
from xunke.errors import NeedsAnswer
from xunke.events import Event, Table
from xunke.outreach import facets, posts, timeline
from xunke.outreach.followers import lists as fan_lists
from xunke.plan import Step
from xunke.storage import Project
from xunke.storage.persons import own_accounts, people_map

from .common import one_account

if TYPE_CHECKING:
    from xunke.engine import Engine, Session


async def history(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Tables for each account that was named: its followers, what its posts drew, or its dealings with ours."""
    since = None if step.since is None else start_of(step.since)
    until = posts.window(step, engine.today)[1]
    for who in step.accounts:
        person = one_account(engine.project, who)
        name = person.name or person.native_id
        if step.with_ == "own":
            if not own_accounts(engine.project):
                raise NeedsAnswer("clarify.own_account")
            table = dealings(engine.project, person.id, since or 0, until)
            yield Table("history.dealings", list(DEALINGS), table, {"name": name, "n": len(table)}, index)
            continue
        if not step.metrics or "followers" in step.metrics:
            table = followers(engine.project, person.id, since or 0, until)
            columns = ["time", "followers", "change", "following", "posts"]
            yield Table("history.followers", columns, table, {"name": name, "n": len(table)}, index)
        if drew := [m for m in step.metrics if m != "followers"]:
            unit = next((b for b in step.by if b in facets.TIMES), "week")
            table = written(engine.project, person.id, since or 0, until, unit, drew)
            yield Table("history.posts", [unit, *drew], table, {"name": name, "n": len(table), "by": unit}, index)


def written(
    project: Project, account: int, since: int, until: int, unit: str, metrics: Sequence[str]
) -> list[list[Any]]:
    """What somebody's posts drew by time unit, oldest first: ``posts`` counts them, every other metric is a sum over
    them. Units without a post are left out: nothing was seen, which is not nought.
    """
    accounts = json.dumps(people_map(project).all(account))
    found = project.query(
        "select created, coalesce(likes, 0), coalesce(comments, 0), coalesce(likes, 0) + coalesce(comments, 0) + "
        "coalesce(shares, 0) + coalesce(saves, 0) from post where author in (select value from json_each(?)) "
        "and kind <> 'comment' and created between ? and ? order by created", (accounts, since, until),
    )  # fmt: skip
    sums: dict[str, dict[str, int]] = {}
    for created, likes, comments, engagement in found:
        here = sums.setdefault(moment(created).strftime(facets.TIMES[unit]), dict.fromkeys(_DREW, 0))
        for name, value in zip(_DREW, (1, likes, comments, engagement), strict=True):
            here[name] += value
    return [[when, *(here[m] for m in metrics)] for when, here in sums.items()]


_DREW: Final = ("posts", "likes", "comments", "engagement")


def followers(project: Project, account: int, since: int, until: int) -> list[list[Any]]:
    """Counts of followers, oldest first, each with its change from the one before: what the profile said and, on days
    without that, how many a whole list of followers named.
    """
    found = project.query(
        "select t, followers, following, posts from follower_snapshot "
        "where account = ? and t between ? and ? order by t",
        (account, since, until),
    )
    days = {day_of(row[0]) for row in found}
    listed = [one for one in fan_lists(project, account) if one.whole and since <= one.t <= until]
    found = sorted([*found, *((one.t, one.size, None, None) for one in listed if day_of(one.t) not in days)])
    table: list[list[Any]] = []
    before: int | None = None
    for t, count, following, written in found:
        change = None if before is None or count is None else count - before
        table.append([stamp(t), count, change, following, written])
        before = count if count is not None else before
    return table


def dealings(
    project: Project, account: int, since: int, until: int, *, kinds: Sequence[str] = (), offset: int = 0,
    limit: int = 500,
) -> list[list[Any]]:  # fmt: skip
    """All that this person and our own accounts did with each other, newest first, a page of it: when (until when,
    where it lies between two lists), towards whom, what, in which words, and the row or post that it is.
    """
    found = timeline.timeline(project, account, own_accounts(project), since=since, until=until, kinds=kinds)
    page = found[offset : offset + limit]
    refs = dict(
        project.query(
            "select k.id, p.name || ':' || k.native_id from post_key k join platform p on p.id = k.platform "
            "where k.id in (select value from json_each(?))", (json.dumps([one.post for one in page if one.post]),),
        )
    )  # fmt: skip
    return [
        [stamp(one.t or None), one.way, one.kind, one.text, stamp(one.until), _source(one, refs)] for one in page
    ]  # fmt: skip


DEALINGS: Final = ("time", "direction", "kind", "text", "until", "source")
"""The columns of ``dealings``."""


def _source(one: timeline.Entry, refs: dict[int, str]) -> str:
    """Where an entry can be opened: its post, else its row."""
    table = one.ref.partition(":")[0]
    if one.post in refs:
        return f"post:{refs[one.post]}"
    return table if table == "interaction" else one.ref
