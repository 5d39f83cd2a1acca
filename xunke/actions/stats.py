"""Numbers about posts: how many, how much, of whom, about what, what rises, what a group has more of."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

import msgspec

from xunke import topics
from xunke.clock import moment
from xunke.errors import UsageError
from xunke.events import Event, Progress, Table
from xunke.outreach import people, posts
from xunke.persona import understand_people
from xunke.plan import Step, said
from xunke.storage import Project
from xunke.storage.persons import people_map

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

_MEASURES: Final[Mapping[str, Callable[[Sequence[posts.Candidate]], float]]] = {
    "count": len,
    "likes": lambda p: sum(c.likes or 0 for c in p),
    "comments": lambda p: sum(c.comments or 0 for c in p),
    "shares": lambda p: sum(c.shares or 0 for c in p),
    "saves": lambda p: sum(c.saves or 0 for c in p),
    "views": lambda p: sum(c.views or 0 for c in p),
    "engagement": lambda p: sum(c.engagement for c in p),
}


async def stats(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """A table of numbers."""
    among = engine.among(step, session)
    if _asks_over_index(step, among):
        async for event in _over_index(engine, step, among, index):
            yield event
        return
    words = next((b for b in step.by if b in topics.BY_WORDS), None)
    since, rises = step.since, words is not None and bool(topics.TIMES.intersection(step.by))
    picked = among[0] if among is not None and among[1] == "posts" else None
    sentiment = "sentiment" in step.measure or "sentiment" in step.by or posts.needs_features(step)
    if rises:  # a rise is one against the days before
        step = msgspec.structs.replace(step, since=None)
    if sentiment:
        bare = posts.without_features(step)
        rough = await asyncio.to_thread(posts.select, engine.project, bare, engine.today, among=picked)
        async for event in engine.understand([p.id for p in rough.posts]):
            yield event
    found = await asyncio.to_thread(posts.select, engine.project, step, engine.today, among=picked)
    kept = found.posts
    if among is not None and among[1] == "people":
        who = set(people_map(engine.project).spread(among[0]))
        kept = [p for p in kept if p.author in who]
    if words is not None:
        async for event in _words(engine, step, kept, words, since, rises, index):
            yield event
        return
    by = step.by[0] if step.by else "day"
    if by == "account":
        kept_out = people.barred(engine.project, [p.author for p in kept if p.author is not None])
        kept = [p for p in kept if p.author not in kept_out]
    measures = step.measure or ("count",)
    groups: dict[str, list[posts.Candidate]] = defaultdict(list)
    async for event in _prepare(engine, by):
        yield event
    key = _group_key(engine.project, by, kept)
    for post in kept:
        for name in key(post):
            groups[name].append(post)
    names = sorted(groups) if by in ("hour", "day", "week", "month") else sorted(
        groups, key=lambda n: (-len(groups[n]), n)
    )  # fmt: skip
    table = [[name, *(_measure(m, groups[name], len(kept)) for m in measures)] for name in names]
    yield Table("stats.title", [by, *measures], table, {"n": len(kept), "by": by}, index)


async def _words(
    engine: Engine, step: Step, kept: Sequence[posts.Candidate], by: str, since: date | None, rises: bool, index: int
) -> AsyncIterator[Event]:
    """Keywords, topics, or what rises."""
    yield Progress("words", 0, None)
    async for event in understand_people(engine.project):  # so that nobody under 18 is quoted
        yield event
    limit = step.limit or topics.LIMIT
    if rises:
        until = topics.until_of(step.until, engine.today)
        made = await asyncio.to_thread(topics.rising, engine.project, kept, by, since, until, limit, index)
    else:
        measures = step.measure or ("count",)

        def measured(name: str, group: Sequence[posts.Candidate]) -> float | None:
            return _measure(name, group, len(kept))

        if by == "topic":
            made = await asyncio.to_thread(topics.topics, engine.project, kept, limit, measures, measured, index)
        else:
            made = await asyncio.to_thread(topics.keywords, engine.project, kept, by, limit, measures, measured, index)
    for found in made:
        yield found


_GROUPED: Final = frozenset({
    "tags", "topics", "keywords", "groups", "region", "city_tier", "gender", "age_min", "age_max", "occupation",
    "interests", "tier", "followers_min", "followers_max",
})  # fmt: skip
"""Slots that make a group of people out of everybody."""


def _asks_over_index(step: Step, among: tuple[list[int], str] | None) -> bool:
    """Whether the question is what a group of people has more of than everybody."""
    group = among is not None and among[1] == "people"
    of_words = bool(_GROUPED & said(step).keys()) and {"interest", *topics.BY_WORDS}.intersection(step.by)
    wanted = topics.OVER_INDEXED if group else ("interest", *topics.BY_WORDS)
    if step.target != "people" or not step.by or step.by[0] not in wanted or topics.TIMES.intersection(step.by):
        return False
    return "share" in step.measure and (group or bool(of_words))


async def _over_index(
    engine: Engine, step: Step, among: tuple[list[int], str] | None, index: int
) -> AsyncIterator[Event]:
    async for event in understand_people(engine.project):
        yield event
    window = Step(action="find", since=step.since, until=step.until, platforms=step.platforms)
    everybody = (await asyncio.to_thread(posts.select, engine.project, window, engine.today)).posts
    if among is not None and among[1] == "people":
        group = set(among[0])
    else:
        found = (await asyncio.to_thread(posts.select, engine.project, step, engine.today)).posts
        kept, _ = people.screen(
            engine.project, people.behind(engine.project, found), step, contact=False,
            unlisted=engine.options.include_unlisted, filters=engine.filters,
        )  # fmt: skip
        group = set(people_map(engine.project).spread(person.id for person in kept))
    if step.by[0] == "interest":
        newest = topics.shown_only(engine.project, everybody)
        async for step_event in engine.understand([p.id for p in newest]):
            yield step_event
    yield Progress("words", 0, None)
    for told in await asyncio.to_thread(
        topics.over_indexed, engine.project, group, everybody, step.by[0], step.limit or topics.LIMIT, index
    ):
        yield told


async def _prepare(engine: Engine, by: str) -> AsyncIterator[Event]:
    if by in ("region", "gender", "age", "occupation"):
        async for event in understand_people(engine.project):
            yield event


def _measure(name: str, group: Sequence[posts.Candidate], total: int) -> float | None:
    if name == "share":
        return round(len(group) / total, 4) if total else None
    if name == "sentiment":
        known = [p.label for p in group if p.label]
        return round(sum(label == "positive" for label in known) / len(known), 4) if known else None
    if name in _MEASURES:
        return _MEASURES[name](group)
    raise UsageError("stats.measure", measure=name)


def _group_key(project: Project, by: str, kept: Sequence[posts.Candidate]) -> Callable[[posts.Candidate], list[str]]:
    when = {"hour": "%H:00", "day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
    if by in when:
        return lambda p: [moment(p.created).strftime(when[by])] if p.created is not None else ["?"]
    listed = json.dumps([p.id for p in kept])
    if by == "sentiment":
        return lambda p: [p.label or "?"]
    if by == "media":
        return lambda p: [p.media or "?"]
    if by in ("platform", "tag", "account"):
        sql = {
            "platform": "select k.id, f.name from post_key k join platform f on f.id = k.platform",
            "tag": "select k.post as id, g.name from post_tag k join tag g on g.id = k.tag",
            "account": "select k.id, coalesce(a.name, '?') from post k join account a on a.id = k.author",
        }[by]
        column = "k.post" if by == "tag" else "k.id"
        values: dict[int, list[str]] = defaultdict(list)
        for number, name in project.query(f"{sql} where {column} in (select value from json_each(?))", (listed,)):
            values[number].append(name)
        return lambda p: values.get(p.id, ["?"])
    if by in ("region", "gender", "age", "occupation"):
        facts = dict(project.query("select account, value from profile_fact where fact = ?", (by,)))
        return lambda p: [facts.get(p.author, "?")]
    raise UsageError("stats.by", by=by)
