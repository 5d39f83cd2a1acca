"""New dimensions to segment by (S21): terms that rise and that no dimension covers, looked for once a quarter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from xunke import topics
from xunke.events import Done, Event, Table, Warned
from xunke.outreach import cares, posts
from xunke.outreach.segment_facts import Book
from xunke.plan import Step
from xunke.storage import Project
from xunke.text import fold

from .segment_kept import read_all

if TYPE_CHECKING:
    from xunke.engine import Engine

QUARTER: Final = 91
WINDOW: Final = 30
"""Days that are held against the days before."""
LIMIT: Final = 15
_META: Final = "segment_proposed"


async def propose(engine: Engine, *, limit: int = LIMIT, index: int = 0) -> AsyncIterator[Event]:
    """Terms that rise (``nlp.trends``) and that no dimension covers yet, each with the rule that would cut by it."""
    project, today = engine.project, engine.today
    async for event in read_all(engine, True):
        yield event
    found = posts.select(project, Step(action="find", target="posts"), today).posts
    since = today - timedelta(days=WINDOW - 1)
    told = await asyncio.to_thread(topics.rising, project, found, "keyword", since, today, 10_000, index)
    covered = await asyncio.to_thread(_covered, Book(project, today))
    body: list[list[Any]] = []
    for event in told:
        if not isinstance(event, Table):
            yield event
            continue
        at = {name: i for i, name in enumerate(event.columns)}
        for row in event.rows:
            term = str(row[0]).removeprefix("#")
            if row[at["trend"]] == "trend.rising" and fold(term) not in covered:
                body.append([term, row[at["authors"]], row[at["expected"]], row[at["growth"]], row[at["quote"]],
                             f"说过 含 {term}"])  # fmt: skip
    shown = body[:limit]
    params = {"n": len(body), "shown": len(shown), "days": WINDOW}
    columns = ["new_word", "authors", "expected", "growth", "quote", "rule"]
    yield Table("segment.proposed" if shown else "segment.nothing_new", columns, shown, params, index)
    if shown:
        yield Done("segment.propose_next", {"word": shown[0][0]})
    if not project.readonly:
        project.set_meta(_META, today.isoformat())


def _covered(book: Book) -> set[str]:
    """Folded words that a dimension has already: interests and their parts, and the words of what people care about."""
    names = {part for one in book.told() for name in one.interests for part in name.split("/")}
    told = cares.cares(book.project)
    return {fold(word) for word in (*names, *told, *(w for words in told.values() for w in words))}


def facet(project: Project, name: str, words: Sequence[str]) -> Done:
    """Add a dimension to ``看重`` (no words: take it away again)."""
    kept = cares.put(project, name, words)
    if name in kept:
        return Done("segment.facet_kept", {"name": name, "words": "、".join(kept[name])})
    return Done("segment.facet_gone", {"name": name})


def facets(project: Project, *, index: int = 0) -> Table:
    """What people care about: the words of each, and which are the user's own."""
    mine = cares.own(project)
    body = [[name, list(words), name in mine] for name, words in cares.cares(project).items()]
    return Table("segment.facets", ["offered_tag", "words", "own_facet"], body, {"n": len(body)}, index)


def quarter(project: Project, today: date) -> Warned | None:
    """The reminder of the quarter: nobody has looked for new dimensions for so long."""
    last = project.meta(_META)
    if last and (today - date.fromisoformat(last)).days < QUARTER:
        return None
    return Warned("segment.quarter", {"day": last or "—"})
