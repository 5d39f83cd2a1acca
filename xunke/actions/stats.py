"""Numbers about posts: how many, how much, of whom, about what, what rises, what a group has more of."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import msgspec

from xunke import topics
from xunke.errors import UsageError
from xunke.events import Event, Progress, Table
from xunke.outreach import facets, people, posts
from xunke.outreach.tallies import Tallies
from xunke.persona import understand_people
from xunke.plan import Step, said
from xunke.storage.persons import people_map

from .chosen import Chosen, choose, scores_of

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

OPENED: Final = 500
"""So many posts of a row, newest first, are named."""


async def stats(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """A table of numbers: of posts, or, with ``target`` people, of the people behind them."""
    among = engine.among(step, session)
    if _asks_over_index(step, among):
        async for event in _over_index(engine, step, among, index):
            yield event
        return
    words = next((b for b in step.by if b in topics.BY_WORDS), None)
    since, rises = step.since, words is not None and bool(topics.TIMES.intersection(step.by))
    if rises:  # a rise is one against the days before
        step = msgspec.structs.replace(step, since=None)
    if facets.OF_PEOPLE.intersection(step.by):
        async for told in understand_people(engine.project):
            yield told
    chosen = Chosen()
    timed = topics.TIMES.intersection(step.by)  # when people write is a question about their posts
    if step.target == "people" and words is None and not timed and not engine.by_posts(step, among):
        yield await asyncio.to_thread(_of_people, engine, step, among, index)
        return
    async for event in choose(engine, step, session, chosen):
        yield event
    if words is not None:
        async for event in _words(engine, step, chosen.posts, words, since, rises, index):
            yield event
        return
    yield await asyncio.to_thread(_of_posts, engine, step, chosen.posts, index)


def _of_posts(engine: Engine, step: Step, kept: Sequence[posts.Candidate], index: int) -> Table:
    """Counts of posts by one or several facets; with ``target`` people, of their authors, each once a group."""
    people_asked = step.target == "people"
    by = step.by or (() if people_asked else ("day",))
    if people_asked or "account" in by:
        kept_out = people.barred(engine.project, [p.author for p in kept if p.author is not None])
        kept = [p for p in kept if p.author not in kept_out and (p.author is not None or not people_asked)]
    persons = people_map(engine.project)
    measures = step.measure or ("count",)
    tallies = Tallies(engine.project, kept, *posts.window(step, engine.today))
    keys = [facets.key(engine.project, b, kept, scores=scores_of(engine, b)) for b in by]
    groups: dict[tuple[str, ...], list[posts.Candidate]] = defaultdict(list)
    for post in kept:
        for names in product(*(key(post) for key in keys)):
            groups[names].append(post)
    if not by and not groups:
        groups[()] = []

    def people_in(group: Sequence[posts.Candidate]) -> int:
        return len({persons.one(p.author) for p in group if p.author is not None})

    whole = people_in(kept) if people_asked else len(kept)

    def measured(measure: str, group: Sequence[posts.Candidate]) -> float | None:
        if people_asked and measure in ("count", "share"):
            n = people_in(group)
            return n if measure == "count" else round(n / whole, 4) if whole else None
        return tallies.of(measure, group, len(kept))

    table = [
        [*names, *(measured(m, groups[names]) for m in measures), *([people_in(groups[names])] if len(by) > 1 else [])]
        for names in _ordered(by, groups)
    ]
    shown = _shown(step, by, measures, table, whole, index)
    opened = [_newest(groups[tuple(row[: len(by)])]) for row in shown.rows] if by else [_newest(groups[()])]
    return msgspec.structs.replace(shown, params={**shown.params, "posts": opened})


def _newest(group: Sequence[posts.Candidate]) -> list[int]:
    """Posts of a row, so that its numbers can be opened."""
    return [p.id for p in sorted(group, key=lambda p: (-(p.created or 0), -p.id))][:OPENED]


def _of_people(engine: Engine, step: Step, among: tuple[list[int], str] | None, index: int) -> Table:
    """Counts of everybody (of own followers, of a list) by what people are."""
    picked = among[0] if among is not None and among[1] == "people" else None
    kept, _ = people.screen(
        engine.project, people.load(engine.project, picked, platforms=step.platforms), step, contact=False,
        unlisted=engine.options.include_unlisted, filters=engine.filters,
    )  # fmt: skip
    ids = [person.id for person in kept]
    by, measures = step.by, step.measure or ("count",)
    if wrong := [b for b in by if b not in facets.OF_PEOPLE | {"platform"}]:
        raise UsageError("stats.by", by=wrong[0])
    written = posts.select(engine.project, Step(action="find"), engine.today).posts
    platforms = {person.id: [person.platform] for person in kept}
    keys = [
        platforms.__getitem__ if b == "platform"
        else facets.person_key(engine.project, b, written, scores=scores_of(engine, b))
        for b in by
    ]  # fmt: skip
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for account in ids:
        for names in product(*(key(account) for key in keys)):
            groups[names].append(account)
    if not by and not groups:
        groups[()] = []
    mine: dict[int, list[posts.Candidate]] = defaultdict(list)
    for post in written:
        if post.author is not None:
            mine[post.author].append(post)
    tallies = Tallies(engine.project, written, *posts.window(step, engine.today), ids)

    def measured(measure: str, group: Sequence[int]) -> float | None:
        if measure in ("count", "share"):
            return len(group) if measure == "count" else round(len(group) / len(ids), 4) if ids else None
        return tallies.of(measure, [p for account in group for p in mine.get(account, ())], len(ids), group)

    table = [
        [*names, *(measured(m, groups[names]) for m in measures), *([len(groups[names])] if len(by) > 1 else [])]
        for names in _ordered(by, groups)
    ]
    return _shown(step, by, measures, table, len(ids), index)


def _ordered(by: Sequence[str], groups: Mapping[tuple[str, ...], Sequence[object]]) -> list[tuple[str, ...]]:
    """The names of the groups in the order in which they are shown: facet by facet, the first one outermost."""
    places = []
    for at, facet in enumerate(by):
        sizes: Counter[str] = Counter()
        for names, group in groups.items():
            sizes[names[at]] += len(group)
        places.append({name: place for place, name in enumerate(facets.order_of(facet, sizes, sizes))})
    return sorted(groups, key=lambda names: [place[name] for place, name in zip(places, names, strict=True)])


def _shown(step: Step, by: Sequence[str], measures: Sequence[str], table: list[list[Any]], n: int, index: int) -> Table:
    """The table, sorted by a measure and cut where the step says so; several facets: with the people of each group."""
    if step.sort is not None and step.sort in measures:
        at, down = len(by) + list(measures).index(step.sort), step.order != "asc"
        known = [row for row in table if row[at] is not None]
        table = sorted(known, key=lambda row: -row[at] if down else row[at]) + [r for r in table if r[at] is None]
    if step.limit is not None and not topics.TIMES.intersection(by):
        table = table[: step.limit]
    title = "stats.people" if step.target == "people" else "stats.title"
    columns = [*(list(by) or ["all"]), *measures, *(["authors"] if len(by) > 1 else [])]
    rows = table if by else [["stats.all", *row] for row in table]
    return Table(title, columns, rows, {"n": n, "by": by[0] if by else "all"}, index)


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

        tallies = Tallies(engine.project, kept, *posts.window(step, engine.today))

        def measured(name: str, group: Sequence[posts.Candidate]) -> float | None:
            return tallies.of(name, group, len(kept))

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
