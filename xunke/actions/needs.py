"""What people need, as a table for those who make the product; and whom to invite to make it with us, as a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

from xunke.clock import now_on
from xunke.errors import NeedsAnswer
from xunke.events import Done, Event, Table, Warned
from xunke.outreach import list_make, need_report
from xunke.outreach.segment_facts import Book
from xunke.storage import rows
from xunke.text import one_line

from .segment_kept import read_all, who_among

if TYPE_CHECKING:
    from xunke.engine import Engine

LIMIT: Final = 20
PURPOSE: Final = "邀请共创"
_TEXT: Final = 40


async def report(
    engine: Engine, *, among: str | None = None, limit: int = LIMIT, index: int = 0
) -> AsyncIterator[Event]:
    """Needs of the last 90 days by people, with their words and posts; ``among``: of a segment or list."""
    async for event in read_all(engine, True):
        yield event
    book = Book(engine.project, engine.today)
    inside = who_among(book, among)
    found = await asyncio.to_thread(need_report.needs, book, None if inside is None else set(inside))
    shown = found[:limit]
    body: list[list[Any]] = [
        [f"nlp.need.{one.need}", one.thing, one.people, round(one.people / one.of, 4), round(one.low, 4),
         round(one.high, 4), one.lately, one.before, len(one.posts), one_line(one.quote, _TEXT) or None]
        for one in shown
    ]  # fmt: skip
    columns = ["need", "thing", "people", "share", "low", "high", "lately", "before_that", "posts", "quote"]
    of = found[0].of if found else 0
    params = {"n": len(found), "shown": len(shown), "of": of, "days": need_report.WINDOW, "name": among or "—",
              "posts": [list(one.posts[:20]) for one in shown]}  # fmt: skip
    yield Table("needs.title" if found else "needs.none", columns, body, params, index)
    if found:
        yield Done("needs.next")


async def recruit(
    engine: Engine, *, name: str | None = None, limit: int = LIMIT, run: int | None = None, index: int = 0
) -> AsyncIterator[Event]:
    """Whom to invite to make the product with us; ``name``: a list of them. Raises NeedsAnswer without own accounts."""
    project = engine.project
    async for event in read_all(engine, True):
        yield event
    book = Book(project, engine.today)
    if not book.own:
        raise NeedsAnswer("clarify.own_account")
    now = now_on(engine.today)
    found, left = await asyncio.to_thread(need_report.recruits, project, book, now=now)
    shown = found[:limit]
    people = {row.id: row for row in rows.people(project, [one.account for one in shown])}
    said = {row.id: row for row in rows.posts(project, [one.ideas[0] for one in shown if one.ideas])}
    body = [
        [people[one.account].name or people[one.account].native_id, people[one.account].platform, one.score,
         len(one.ideas), one.praise, one.days,
         one_line(said[one.ideas[0]].text, _TEXT) if one.ideas and one.ideas[0] in said else None]
        for one in shown if one.account in people
    ]  # fmt: skip
    columns = ["name", "platform", "score", "ideas", "praise", "deal_days", "example"]
    params = {"n": len(found), "shown": len(body), "people": [one.account for one in shown],
              "posts": [list(one.ideas) for one in shown]}  # fmt: skip
    yield Table("recruit.title" if found else "recruit.none", columns, body, params, index)
    if left["angry"]:
        yield Warned("recruit.angry", {"n": left["angry"]})
    if rest := left.total() - left["angry"]:
        yield Warned("segment.then_left_out", {"n": rest})
    if name is None or not found:
        if found:
            yield Done("recruit.next")
        return
    source = list_make.Source("result", 0, [
        (one.account, float(one.score), {"reason": [("reason.invited", {"ideas": len(one.ideas), "praise": one.praise,
                                                                      "days": one.days})]}, None)
        for one in shown
    ])  # fmt: skip
    made = list_make.make(project, name, source, list_make.Ask(), now=now, until=book.until, purpose=PURPOSE, run=run)
    yield Done("list.created", {"name": made.entry.name, "n": made.entry.size, "list": made.entry.id})
