"""``compare``: a table of items side by side, and in words what the difference means and what it does not."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from xunke.clock import day_of
from xunke.events import Event, Table, Warned
from xunke.outreach import experiments, facets, posts, versus
from xunke.outreach.tallies import Tallies
from xunke.persona import understand_people
from xunke.plan import Step
from xunke.storage import Project

from .chosen import Chosen, choose, scores_of

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

EXAMPLES: Final = 3
OPENED: Final = 500
"""So many posts of a row, newest first, are named so that its numbers can be opened."""
JUDGED: Final = 4
"""The first is held against so many others."""
_BARE: Final[dict[str, Any]] = {"items": (), "dimension": None, "measure": (), "by": (), "periods": ()}


async def compare(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """A row for each item (and each time unit, with ``by``); nobody is called ahead without an interval."""
    dimension = versus.dimension_of(engine.project, step)
    measures = versus.measures_of(msgspec.structs.replace(step, dimension=dimension))
    feeling = "sentiment" in (*measures, dimension, *step.by)
    sides: list[versus.Side] = []
    async for progress in understand_people(engine.project):
        yield progress
    for part in versus.windows(step) if dimension == "period" else [_all_of(step, dimension)]:
        chosen = Chosen()
        async for event in choose(engine, msgspec.structs.replace(part, **_BARE), session, chosen, sentiment=feeling):
            yield event
        since, until = posts.window(part, engine.today)
        if dimension == "period" and part.since and part.until:
            name, days = versus.period_name(part.since, part.until), (part.until - part.since).days + 1
            sides.append(versus.Side(name, tuple(chosen.posts), days, since, until))
        else:
            sides = await asyncio.to_thread(versus.sides, engine.project, step, dimension, chosen.posts)
        for told in _coverage(engine.project, part, since):
            yield told
    for told in _table(engine, step, dimension, measures, sides, index):
        yield told


def _all_of(step: Step, dimension: str) -> Step:
    """The step whose posts all items share: a platform that is compared is no filter beside it."""
    if dimension == "platform" and step.items:
        return msgspec.structs.replace(step, platforms=tuple(msgspec.convert(step.items, tuple[Any, ...])))
    if not posts.has_subject(step) and dimension in ("brand", "topic", "tag", "keyword", "group") and step.items:
        slot = {"tag": "tags", "keyword": "keywords", "group": "groups"}.get(dimension, "topics")
        return msgspec.structs.replace(step, **{slot: step.items})
    return step


def _coverage(project: Project, step: Step, since: int | None) -> Iterator[Event]:
    """Say where a window begins before anything that is stored."""
    platforms = [p for p in step.platforms if p not in ("all", "llm")]
    first = project.one(
        "select min(t.created) from post t join post_key k on k.id = t.id join platform p on p.id = k.platform "
        "where :all or p.name in (select value from json_each(:names))",
        {"all": not platforms, "names": json.dumps(platforms)},
    )
    if since is not None and first is not None and day_of(first) > day_of(since):
        yield Warned("compare.coverage", {"asked": day_of(since).isoformat(), "first": day_of(first).isoformat()})


def _table(
    engine: Engine, step: Step, dimension: str, measures: Sequence[str], sides: Sequence[versus.Side], index: int
) -> Iterator[Event]:
    every = {p.id: p for side in sides for p in side.posts}
    total = len(every)
    since, until = posts.window(step, engine.today)
    periods = dimension == "period"
    tallies = [
        Tallies(engine.project, list(every.values()), s.since if periods else since, s.until or until, s.accounts)
        for s in sides
    ]
    judged = _judged(measures, sides)
    unequal = len({s.days for s in sides}) > 1
    by = [b for b in step.by if b != dimension]
    shown = [m for m in measures if m != "count"]
    columns = [
        *by, dimension, "posts", *(["per_day"] if unequal and not by else []), "authors", *shown, "low", "high",
        *(["note"] if not by else []), "examples",
    ]  # fmt: skip
    rows: list[list[Any]] = []
    opened: list[list[int]] = []
    for bucket, at, group, whole in _buckets(engine, by, sides, total):
        side, count = sides[at], len(group)
        low, high = experiments.wilson(count, whole) if whole else (None, None)
        values = [tallies[at].of(m, group, whole, side.accounts) for m in shown]
        row = [*bucket, side.name, count]
        if unequal and not by:
            row.append(round(count / side.days, 2) if side.days else None)
        row += [len({p.author for p in group if p.author is not None}), *values, _round(low), _round(high)]
        if not by:
            row.append(f"compare.note.{judged.get(at, 'open')}")
        newest = [p.id for p in sorted(group, key=lambda p: (-(p.created or 0), -p.id))][:OPENED]
        rows.append([*row, newest[:EXAMPLES]])
        opened.append(newest)
    _name_examples(engine.project, rows)
    params = {"n": total, "by": dimension, "dimension": dimension, "measures": list(measures), "posts": opened}
    yield Table("compare.title", columns, rows, params, index)
    yield from _words(measures, sides, total)


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _buckets(
    engine: Engine, by: Sequence[str], sides: Sequence[versus.Side], total: int
) -> Iterator[tuple[list[str], int, list[posts.Candidate], int]]:
    """(names of the time units or groups, which side, its posts there, all posts there)."""
    if not by:
        for at, side in enumerate(sides):
            yield [], at, list(side.posts), total
        return
    every = {p.id: p for side in sides for p in side.posts}
    keys = [facets.key(engine.project, b, list(every.values()), scores=scores_of(engine, b)) for b in by]
    groups: dict[tuple[str, ...], dict[int, list[posts.Candidate]]] = defaultdict(lambda: defaultdict(list))
    for at, side in enumerate(sides):
        for post in side.posts:
            for names in _crossed(keys, post):
                groups[names][at].append(post)
    for names in sorted(groups):
        here = {p.id for group in groups[names].values() for p in group}
        for at in range(len(sides)):
            yield list(names), at, groups[names].get(at, []), len(here)


def _crossed(keys: Sequence[facets.Key], post: posts.Candidate) -> Iterator[tuple[str, ...]]:
    from itertools import product

    yield from product(*(key(post) for key in keys))


def _judged(measures: Sequence[str], sides: Sequence[versus.Side]) -> dict[int, versus.Note]:
    """What each side is to the one that leads by the first measure."""
    if len(sides) < 2:
        return {}
    lead = _leader(measures[0], sides)
    found: dict[int, versus.Note] = {lead: "first"}
    for at, side in enumerate(sides):
        if at != lead and (verdict := versus.judge(measures[0], sides[lead], side, _strict(sides))) is not None:
            found[at] = verdict.note
    if all(note in ("open", "small") for at, note in found.items() if at != lead):
        found[lead] = "open"
    return found


def _strict(sides: Sequence[versus.Side]) -> float:
    """The confidence of each interval when the first is held against several (Bonferroni)."""
    return 1 - (1 - experiments.CONFIDENCE) / max(1, min(len(sides) - 1, JUDGED))


def _leader(measure: str, sides: Sequence[versus.Side]) -> int:
    def size(at: int) -> float:
        side = sides[at]
        if measure == "sentiment":
            known = [p.label for p in side.posts if p.label]
            return sum(label == "positive" for label in known) / len(known) if known else -1.0
        if measure in ("count", "share"):
            return len(side.posts) / (side.days or 1)
        if measure in ("engagement", "likes", "comments", "shares", "saves", "views"):
            return float(sum(getattr(p, measure) or 0 for p in side.posts))
        return float(len(side.posts))

    return max(range(len(sides)), key=lambda at: (size(at), -at))


def _words(measures: Sequence[str], sides: Sequence[versus.Side], total: int) -> Iterator[Event]:
    """The verdicts in words, and what the numbers leave open."""
    if len(sides) > 1:
        for measure in dict.fromkeys("count" if m == "share" else m for m in measures):
            lead = _leader(measure, sides)
            others = sorted((i for i in range(len(sides)) if i != lead), key=lambda i: (-len(sides[i].posts), i))
            for at in others[:JUDGED]:
                verdict = versus.judge(measure, sides[lead], sides[at], _strict(sides))
                if verdict is not None:
                    kind = {"count": "count", "sentiment": "sentiment"}.get(measure, "size")
                    yield Warned(f"compare.{kind}.{verdict.note}", _params(verdict))
    times = Counter(p.id for side in sides for p in side.posts)
    if both := sum(n > 1 for n in times.values()):
        yield Warned("compare.both", {"n": both, "all": total})
    for side in sides:
        if not side.posts:
            yield Warned("compare.nothing", {"name": side.name})


def _params(verdict: versus.Verdict) -> dict[str, Any]:
    return {
        "one": verdict.first.name, "two": verdict.second.name, "measure": verdict.measure,
        "a": len(verdict.first.posts), "b": len(verdict.second.posts), "value": round(verdict.value, 4),
        "low": round(verdict.low, 4), "high": round(verdict.high, 4), "least": experiments.SMALL,
    }  # fmt: skip


def _name_examples(project: Project, table: list[list[Any]]) -> None:
    """Our numbers of example posts as platform:id."""
    ids = [number for row in table for number in row[-1]]
    sql = (
        "select k.id, p.name || ':' || k.native_id from post_key k join platform p on p.id = k.platform "
        "where k.id in (select value from json_each(?))"
    )
    names = dict(project.query(sql, (json.dumps(ids),)))
    for row in table:
        row[-1] = " ".join(names[number] for number in row[-1] if number in names)
