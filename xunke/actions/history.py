"""One account over time, and what it and our own accounts did with each other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from xunke.clock import moment, start_of
from xunke.events import Event, Table
from xunke.outreach import posts
from xunke.plan import Step
from xunke.storage import Project
from xunke.storage.schema import KINDS

from .common import one_account, own_accounts

if TYPE_CHECKING:
    from xunke.engine import Engine, Session


async def history(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """A table for each account that was named."""
    since = None if step.since is None else start_of(step.since)
    until = posts.window(step, engine.today)[1]
    for who in step.accounts:
        person = one_account(engine.project, who)
        if step.with_ == "own":
            table = dealings(engine.project, person.id, since or 0, until)
            columns = ["time", "direction", "kind", "text"]
        else:
            table = followers(engine.project, person.id, since or 0, until)
            columns = ["time", "followers", "change", "following", "posts"]
        yield Table(
            "history.dealings" if step.with_ == "own" else "history.followers",
            columns,
            table,
            {"name": person.name or person.native_id, "n": len(table)},
            index,
        )


def followers(project: Project, account: int, since: int, until: int) -> list[list[Any]]:
    """Follower snapshots, oldest first, each with its change from the one before."""
    found = project.query(
        "select t, followers, following, posts from follower_snapshot "
        "where account = ? and t between ? and ? order by t",
        (account, since, until),
    )
    table: list[list[Any]] = []
    before: int | None = None
    for t, count, following, written in found:
        change = None if before is None or count is None else count - before
        table.append([moment(t).strftime("%Y-%m-%d %H:%M"), count, change, following, written])
        before = count if count is not None else before
    return table


def dealings(project: Project, account: int, since: int, until: int) -> list[list[Any]]:
    """What this account and our own did with each other, newest first, with the words where there are any."""
    own = json.dumps(own_accounts(project))
    names = {code: name for name, code in KINDS.items()}
    found = project.query(
        "select case when i.t > 0 then i.t else coalesce(p.created, 0) end as t, i.target, i.kind, "
        "coalesce((select c.text from post c where c.author = i.actor and c.created = i.t limit 1), p.text) "
        "from interaction i left join post p on p.id = i.post where "
        "(i.actor = :who and i.target in (select value from json_each(:own))) or "
        "(i.target = :who and i.actor in (select value from json_each(:own))) order by t desc limit 500",
        {"who": account, "own": own},
    )
    return [
        [moment(t).strftime("%Y-%m-%d %H:%M") if t else None, "out" if target == account else "in", names[kind], text]
        for t, target, kind, text in found
        if not t or since <= t <= until
    ]
