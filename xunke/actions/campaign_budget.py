"""The worksheet of a campaign's budget: so much by what a place is about, so much by what people did (O33)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from xunke.errors import UsageError
from xunke.events import Done, Event, Table, Warned
from xunke.outreach import budget_mix, touches
from xunke.storage import Project
from xunke.storage.persons import own_accounts, people_map

from .campaigns import chosen


def budget(
    project: Project, name: str | None = None, *, now: int, money: str | None = None, index: int = 0
) -> Iterator[Event]:
    """Both ways with their share, their money, and what the touches so far went to. ``money``: the budget (CNY)."""
    c = chosen(project, name)
    context, said = budget_mix.share_of(c.brief.get("split"), c.phase)
    rows = budget_mix.mix(context, _money(money), _known(project, c.id, now))
    body = [[f"budget.{w.name}", round(w.share, 4), w.money, w.touches, None if w.done is None else round(w.done, 4),
             f"budget.{w.name}.how"] for w in rows]  # fmt: skip
    columns = ["find_by", "share", "money_yuan", "touch_count", "done_share", "how_to"]
    yield Table("budget.title", columns, body, {"name": c.name, "what": f"campaign.phase.{c.phase}"}, index)
    if not said:
        yield Warned("budget.marks", {"name": c.name})
    if rows[0].done is not None and abs(rows[0].done - context) > 0.2:
        yield Warned("budget.off", {"share": f"{rows[0].done:.0%}", "planned": f"{context:.0%}"})
    yield Done("budget.next")


def _money(said: str | None) -> float | None:
    if said is None:
        return None
    try:
        found = float(said)
    except ValueError:
        found = -1.0
    if not 0 < found < 1e12:
        raise UsageError("cli.bad_number", name="--amount", value=said)
    return found


def _known(project: Project, campaign: int, now: int) -> list[bool]:
    """Of each touch of a campaign whether its person had dealt with us before."""
    persons = people_map(project)
    first: dict[int, int] = {}
    rows = project.query(
        "select actor, min(t) from interaction where target in (select value from json_each(?)) group by actor",
        (json.dumps(persons.spread(own_accounts(project))),),
    )
    for actor, t in rows:
        who = persons.one(actor)
        first[who] = min(t, first.get(who, t))
    done = [one for one in touches.touches(project, campaign=campaign, until=now) if one.happened]
    return [first.get(persons.one(one.account), one.t) < one.t for one in done]
