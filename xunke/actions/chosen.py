"""The posts and the people that a step is about: its filters applied to the project or to what was found before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xunke.events import Event, Progress, Warned
from xunke.outreach import people, posts, scoring
from xunke.outreach.posts import Candidate, Funnel
from xunke.persona import understand_people
from xunke.plan import Step
from xunke.storage.persons import people_map

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

FEELING = frozenset({"sentiment"})


@dataclass(slots=True)
class Chosen:
    """What ``choose`` found: the posts, and how the filters thinned them out."""

    posts: list[Candidate] = field(default_factory=list)
    funnel: Funnel = field(default_factory=list)


def feels(step: Step) -> bool:
    """Whether the step asks about sentiment, so that posts must be analysed."""
    return bool(FEELING & {*step.measure, *step.by} or step.dimension == "sentiment" or posts.needs_features(step))


async def choose(
    engine: Engine, step: Step, session: Session, into: Chosen, *, sentiment: bool = False
) -> AsyncIterator[Event]:
    """The posts that pass the step's filters on posts and on their authors, into ``into``."""
    among = engine.among(step, session)
    picked = among[0] if among is not None and among[1] == "posts" else None
    if sentiment or feels(step):
        bare = posts.without_features(step)
        rough = await asyncio.to_thread(posts.select, engine.project, bare, engine.today, among=picked)
        async for event in engine.understand([p.id for p in rough.posts]):
            yield event
    yield Progress("search", 0, None)
    found = await asyncio.to_thread(posts.select, engine.project, step, engine.today, among=picked)
    kept, into.funnel = found.posts, list(found.funnel)
    for words in found.loose:
        yield Warned("find.loose", {"topic": words})
    if among is not None and among[1] == "people":
        who = set(people_map(engine.project).spread(among[0]))
        kept = [p for p in kept if p.author in who]
    if people.asks_who(step):
        async for told in understand_people(engine.project):
            yield told
        kept = await asyncio.to_thread(_written_by, engine, step, kept, into.funnel)
    into.posts = kept


def scores_of(engine: Engine, by: str) -> Mapping[int, float]:
    """{account: the share of people who are at least as influential}, if something is counted by influence."""
    if by != "influence":
        return {}
    return scoring.influence(engine.project, posts.window(Step(action="find"), engine.today)[1]).percentile


def _written_by(engine: Engine, step: Step, kept: Sequence[Candidate], funnel: Funnel) -> list[Candidate]:
    """Those posts whose authors pass the filters on people."""
    screened, stages = people.screen(
        engine.project, people.behind(engine.project, kept), step, contact=False,
        unlisted=engine.options.include_unlisted, filters=engine.filters,
    )  # fmt: skip
    funnel += stages
    writers = set(people_map(engine.project).spread(person.id for person in screened))
    return [post for post in kept if post.author in writers]
