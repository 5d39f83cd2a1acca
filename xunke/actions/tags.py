"""Tags that posts speak for: offered for a person or a group, and accepted or rejected by their number in the table."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

from xunke.accounts import judge_accounts
from xunke.clock import end_of, now_on
from xunke.errors import BadInput
from xunke.events import Done, Event, Table, Warned
from xunke.outreach import tag_offers
from xunke.storage import rows
from xunke.text import one_line

from .personas import whom
from .segment_kept import read_all

if TYPE_CHECKING:
    from xunke.engine import Engine

LIMIT: Final = 20
_META: Final = "tag_offers"
"""What stands under which number in the table shown last: [account, fact, value]."""
_NUMBERS: Final = re.compile(r"\d{1,4}(?:\s*[-–~～到至]\s*\d{1,4})?")
_TEXT: Final = 36


async def offered(
    engine: Engine, *, person: str | None = None, segment: str | None = None, list_name: str | None = None,
    result: int | None = None, limit: int = LIMIT, index: int = 0,
) -> AsyncIterator[Event]:  # fmt: skip
    """Tags to accept or reject, of somebody, of a group, or (nobody named) of everybody; the surest first."""
    project = engine.project
    asked: dict[str, Any] = {"person": person, "segment": segment, "list_name": list_name, "result": result}
    among = None if all(v is None for v in asked.values()) else whom(project, **asked).accounts
    async for event in read_all(engine, True):
        yield event
    now = end_of(engine.today)
    first = tag_offers.offers(project, now=now, among=among)
    async for event in judge_accounts(project, sorted({o.account for o in first.found})):  # bots get no tags
        yield event
    found = tag_offers.offers(project, now=now, among=among)
    shown = found.found[:limit]
    people = {row.id: row for row in rows.people(project, [o.account for o in shown])}
    told = {row.id: row for row in rows.posts(project, [o.posts[0] for o in shown])}
    body = [
        [n, people[o.account].name or people[o.account].native_id, people[o.account].platform,
         {"key": f"fact.{o.fact}", "params": {}}, o.value, len(o.posts), o.days,
         one_line(told[o.posts[0]].text, _TEXT) if o.posts[0] in told else None, o.again]
        for n, o in enumerate(shown, 1)
    ]  # fmt: skip
    columns = ["line", "name", "platform", "fact", "offered_tag", "posts", "days", "example", "renewed"]
    params = {"n": len(found.found), "shown": len(shown), "posts": [list(o.posts[:20]) for o in shown]}
    yield Table("tags.offered" if shown else "tags.none", columns, body, params, index)
    if found.doubted:
        yield Warned("tags.doubted", {"names": "、".join(found.doubted)})
    if shown and not project.readonly:
        kept = json.dumps([[o.account, o.fact, o.value] for o in shown], ensure_ascii=False)
        sql = "insert or replace into meta(key, value) values (?, ?)"
        project.writer.call(lambda db: db.execute(sql, (_META, kept)))
        yield Done("tags.next")


def answer(engine: Engine, said: str, good: bool, *, run: int | None = None) -> Done:
    """Accept or reject tags of the table shown last by their numbers: ``1,3-5``, or ``all``. Raises BadInput."""
    project = engine.project
    shown: list[list[Any]] = json.loads(project.meta(_META, "[]"))
    if not shown:
        raise BadInput("tags.no_table")
    wanted = sorted(numbers(said, len(shown)))
    picked = [(int(shown[n - 1][0]), str(shown[n - 1][1]), str(shown[n - 1][2])) for n in wanted]
    n = tag_offers.answer(project, picked, good, now=now_on(engine.today), run=run)
    return Done("tags.accepted" if good else "tags.rejected", {"n": n, "tags": "、".join(p[2] for p in picked[:5])})


def numbers(said: str, last: int) -> set[int]:
    """The numbers that ``1,3-5`` names, from 1 to ``last``. Raises BadInput("tags.numbers")."""
    if said.strip().lower() in ("all", "全部", "所有", "都"):
        return set(range(1, last + 1))
    found: set[int] = set()
    for part in _NUMBERS.findall(said):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        found.update(range(ends[0], ends[-1] + 1))
    if not found or min(found) < 1 or max(found) > last:
        raise BadInput("tags.numbers", said=said, last=last)
    return found
