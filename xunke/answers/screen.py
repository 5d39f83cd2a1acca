"""Questions about the result on the screen: its next page, what was not seen of it, which topics to look at next."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

from xunke import topics
from xunke.clock import moment, told_day
from xunke.events import Answer, Event, Progress, Table, Warned
from xunke.outreach import posts
from xunke.persona import understand_people
from xunke.plan import Step, decode
from xunke.storage import Project, rows
from xunke.storage.persons import people_map
from xunke.text import fold

from .common import name_of, person_ref, post_refs, result_ref, sentence
from .why import on_screen

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

PAGE: Final = 50
"""Rows of a page, as many as the command line shows of a result."""
_KEY: Final = "page"


async def page(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Another page of the result on the screen; which one was shown last is kept in the project."""
    project, result = engine.project, on_screen(engine)
    target, total = project.query("select target, total from result where id = ?", (result,))[0]
    last = json.loads(project.meta(_KEY, "[0, 1]"))
    now = last[1] if last[0] == result else 1
    wanted = step.page or now + {"next": 1, "previous": -1}.get(step.op or "next", 1)
    pages = max(1, -(-total // PAGE))
    refs = {"total": result_ref(result)}
    if not 1 <= wanted <= pages:
        key = "answer.page.end" if wanted > pages else "answer.page.start"
        yield Answer("page", [sentence(key, refs, page=wanted, pages=pages, total=total)], index)
        return
    project.set_meta(_KEY, json.dumps([result, wanted]))
    first = (wanted - 1) * PAGE
    yield _page(project, result, target, first, index)
    said = sentence("answer.page.shown", refs, page=wanted, pages=pages, total=total, start=first + 1,
                    stop=min(total, first + PAGE))  # fmt: skip
    yield Answer("page", [said], index)


def _page(project: Project, result: int, target: str, first: int, index: int) -> Table:
    params = {"result": result}
    if target == "people":
        people = rows.result_people(project, result).window(first, first + PAGE)
        table: list[list[Any]] = [
            [p.rank, p.platform, p.native_id, name_of(p), p.region, p.followers, p.value] for p in people
        ]
        columns = ["rank", "platform", "id", "name", "region", "followers", "score"]
        return Table("answer.page.title", columns, table, params, index)
    found = rows.result_posts(project, result).window(first, first + PAGE)
    table = [
        [place, p.platform, p.native_id, p.author_name, f"{moment(p.created):%Y-%m-%d}" if p.created else None, p.text,
         p.likes, p.comments]
        for place, p in enumerate(found, first + 1)
    ]  # fmt: skip
    columns = ["rank", "platform", "id", "author", "time", "text", "likes", "comments"]
    return Table("answer.page.title", columns, table, {**params, "posts": [[p.id] for p in found]}, index)


async def seen(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """How much of the truth stands behind the result on the screen."""
    project, result = engine.project, on_screen(engine)
    target, total, funnel = project.query("select target, total, funnel from result where id = ?", (result,))[0]
    refs = result_ref(result)
    listed = "select item from score where result = :r"
    mine = f"select id from post where author in ({listed})" if target == "people" else listed
    posts_, first, last, claimed = project.query(
        "select count(*), min(created), max(created), sum(coalesce(comments, 0) + coalesce(shares, 0)) from post "
        f"where id in ({mine})",
        {"r": result},
    )[0]
    stored = project.one(
        f"select count(*) from post where root in ({mine}) or repost_of in ({mine}) or reply_to in ({mine})",
        {"r": result},
    )
    span = {"first": told_day(first), "last": told_day(last)}
    said = [sentence("answer.seen.span", {"n": refs}, n=total, posts=posts_, **span)]
    if claimed:
        said.append(sentence("answer.seen.acts", stored=min(stored, claimed), claimed=claimed,
                             share=min(1.0, stored / claimed)))  # fmt: skip
    else:
        said.append(sentence("answer.seen.no_counts"))
    for key, left, params in json.loads(funnel):
        if params.get("unknown"):
            said.append(sentence("answer.seen.unknown", unknown=params["unknown"], left=left,
                                 rule=f"answer.rule.{key.removeprefix('funnel.')}"))  # fmt: skip
    yield Answer("seen", [*said, sentence("answer.seen.never")], index)


# -- what to look at next ----------------------------------------------------------------------------------------------


async def more_topics(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """What the people of the result write about more than everybody, and the request did not name."""
    project, result = engine.project, on_screen(engine)
    async for event in understand_people(project):
        yield event
    target = project.one("select target from result where id = ?", (result,))
    items = [row[0] for row in project.query("select item from score where result = ? order by rank", (result,))]
    if target != "people":
        authors = "select distinct author from post where id in (select value from json_each(?)) and author is not null"
        items = [row[0] for row in project.query(authors, (json.dumps(items),))]
    group = set(people_map(project).spread(items))
    yield Progress("words", 0)
    everybody = (await asyncio.to_thread(posts.select, project, Step(action="find"), engine.today)).posts
    known = {fold(word) for word in _asked(project, result)}
    for by in ("tag", "keyword"):
        told = await asyncio.to_thread(topics.over_indexed, project, group, everybody, by, topics.LIMIT * 2, index)
        if isinstance(told[0], Warned):
            yield told[0]
            return
        table = told[0]
        assert isinstance(table, Table)  # noqa: S101 - over_indexed gives one or the other
        fresh = [row for row in table.rows if row[-1] == "index.over" and not _same(str(row[0]), known)]
        if fresh:
            yield Table("answer.topics.title", table.columns, fresh[: topics.LIMIT], {**table.params, "by": by}, index)
            yield Answer("more_topics", _worth(project, fresh, group, everybody, result), index)
            return
    yield Answer("more_topics", [sentence("answer.topics.none", {"n": result_ref(result)}, n=len(items))], index)


def _same(word: str, known: set[str]) -> bool:
    folded = fold(word.lstrip("#"))
    return any(folded in other or other in folded for other in known)


def _asked(project: Project, result: int, back: int = 8) -> list[str]:
    """The subjects of the request behind a result, and of those before it on whose results it works."""
    found = project.query("select u.plan, r.setting from result r join run u on u.id = r.run where r.id = ?", (result,))
    if not found:
        return []
    steps, origin = decode(found[0][0]).steps, json.loads(found[0][1]).get("origin")
    words = [w for s in steps for w in (*s.tags, *s.topics, *s.keywords, *s.groups)]
    if back and (origin or (steps and steps[0].input == "last")):
        named = origin[1] if origin and origin[0] == "result" else None
        before = named or project.one("select max(id) from result where id < ?", (result,))
        words += _asked(project, int(before), back - 1) if before else []
    return words


def _worth(project: Project, fresh: list[list[Any]], group: set[int], everybody: Any, result: int) -> list[Any]:
    """The first three, each with posts of these people that say so."""
    said = []
    for word, n, share, base, tgi, *_ in fresh[:3]:
        bare = fold(str(word).lstrip("#"))
        ids = [p.id for p in everybody if p.author in group and bare in fold(p.text)]
        refs = {"word": post_refs(project, sorted(ids, reverse=True)), "n": result_ref(result)}
        said.append(sentence("answer.topics.worth", refs, word=word, n=n, share=share, base=base, index=tgi))
    return [*said, sentence("answer.topics.how")]


__all__ = ["PAGE", "more_topics", "page", "person_ref", "seen"]
