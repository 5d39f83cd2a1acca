"""谁最近不理我们了, as a people result like any other: it can be listed, exported, and asked why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from xunke.clock import end_of
from xunke.errors import NeedsAnswer
from xunke.events import Answer, Event, Progress, Result
from xunke.outreach import results, silence
from xunke.persona import understand_people
from xunke.plan import Step
from xunke.storage import rows
from xunke.storage.persons import own_accounts

from .common import name_of, person_ref, post_refs, result_ref, sentence

if TYPE_CHECKING:
    from xunke.engine import Engine, Session


async def silent(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Who went quiet on our own accounts, with the rule."""
    project, own = engine.project, own_accounts(engine.project)
    if not own:
        raise NeedsAnswer("clarify.own_account")
    async for event in understand_people(project):
        yield event
    yield Progress("search", 0)
    until = end_of(engine.today)
    found = await asyncio.to_thread(silence.find, project, own, until)
    rule = sentence("silence.rule", least=silence.LEAST + 1, days=silence.DAYS, times=silence.TIMES, until=found.until)
    if not found.silent:
        yield Answer("silent", [sentence("silence.none", judged=found.judged, known=found.known), rule], index)
        return
    stored: list[results.Row] = [(one.account, float(one.contacts), silence.parts(one)) for one in found.silent]
    kept = stored[: step.limit] if step.limit else stored
    setting = {"kind": "silence", "sort": "contacts", "until": until}
    funnel: list[tuple[str, int, dict[str, Any]]] = [
        ("funnel.people", found.known, {}),
        ("silence.judged", found.judged, {}),
        ("silence.kept", len(stored), {}),
    ]
    result = results.store(
        project, "people", kept, title="-", funnel=funnel, setting=setting, run=session.run, step=index
    )
    session.keep(result, "people")
    yield Result(result, "people", len(kept), index)
    first = found.silent[0]
    who = rows.people(project, [first.account])[0]
    lead = sentence(
        "silence.lead", {"n": result_ref(result), "name": [person_ref(who)], "acts": post_refs(project, first.posts)},
        n=len(stored), judged=found.judged, known=found.known, name=name_of(who), contacts=first.contacts,
        acts=first.acts, longest=first.longest, quiet=first.quiet, last=first.last,
    )  # fmt: skip
    yield Answer("silent", [lead, rule, sentence("silence.sure", odds=silence.odds(first.contacts))], index)
