"""Questions that the network answers: whom to pick, how a post spread, who shares an audience, who is alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from xunke.accounts import judge_accounts
from xunke.actions import last_result, one_account
from xunke.actions.common import at
from xunke.clock import end_of
from xunke.errors import BadInput, NeedsAnswer, UsageError
from xunke.events import Answer, Event, Progress, Result, Sentence
from xunke.labels import find_post
from xunke.outreach import cascades, reach, results
from xunke.outreach import lookalike as like
from xunke.outreach import overlap as shares
from xunke.outreach.people import barred
from xunke.persona import understand_people
from xunke.plan import Step
from xunke.storage import Project, rows
from xunke.storage.persons import own_accounts
from xunke.text import one_line

from .common import name_of, people_refs, person_ref, post_refs, result_ref, sentence
from .why import on_screen, whom

if TYPE_CHECKING:
    from graph.overlap import Pair
    from xunke.engine import Engine, Session

NEWEST: Final = 20_000
"""So many posts, the newest, are read for what they tell before people are compared."""
_DEFAULT: Final = 50


# -- seeds -----------------------------------------------------------------------------------------------------------


async def seeds(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """The people who together reach most, as ``xunke seeds --budget N``; stored as a people result."""
    project = engine.project
    async for event in understand_people(project):
        yield event
    yield Progress("seeds", 0)
    ask = reach.Ask(budget=step.limit or _DEFAULT, until=end_of(engine.today), without=own_accounts(project))
    found = await asyncio.to_thread(reach.find, project, ask)
    if not found.seeds:
        yield Answer("seeds", [sentence("seeds.none")], index)
        return
    stored: list[results.Row] = [
        (one.account, round(one.marginal, 4),
         {"seed": {"marginal": one.marginal, "low": one.low, "high": one.high, "alone": one.alone,
                   "overlap": one.overlap, "actors": one.actors}})
        for one in found.seeds
    ]  # fmt: skip
    setting = {"kind": "seeds", "sort": "marginal", "until": ask.until}
    funnel = [("funnel.people", found.people, {}), ("funnel.limit", len(stored), {"limit": int(ask.budget)})]
    result = results.store(
        project, "people", stored, title="-", funnel=list(funnel), setting=setting, run=session.run, step=index
    )
    session.keep(result, "people")
    yield Result(result, "people", len(stored), index)
    yield Answer("seeds", _picked(project, found, result), index)


def _picked(project: Project, found: reach.Found, result: int) -> list[Sentence]:
    ours = next(one for one in found.lists if one.way == "seeds")
    first = rows.people(project, [found.seeds[0].account])[0]
    said = [
        sentence("answer.seeds.reach", {"n": result_ref(result)}, n=len(found.seeds), reach=ours.reach, low=ours.low,
                 high=ours.high, observed=ours.observed),
        sentence("answer.seeds.first", {"name": [person_ref(first)]}, name=name_of(first),
                 alone=found.seeds[0].alone),
    ]  # fmt: skip
    for other in found.lists:
        if other.way != "seeds" and other.reach > 0:
            sure = other.high < ours.low or other.low > ours.high
            said.append(
                sentence(
                    f"answer.seeds.{'beside' if sure else 'beside_open'}.{other.way}",
                    reach=other.reach,
                    more=ours.reach / other.reach - 1,
                )
            )
    if found.level is not None and found.level.error is not None:
        said.append(sentence("answer.seeds.level", hours=found.level.horizon / 3600))
    return [*said, sentence("answer.seeds.more", budget=len(found.seeds))]


# -- how a post spread -------------------------------------------------------------------------------------------------


async def cascade(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """How a post of the result on the screen was passed on, and by whom."""
    project = engine.project
    async for event in understand_people(project):
        yield event
    post = find_post(project, step.name) if step.name else _meant(engine, step)
    yield Progress("cascades", 0)
    net = await asyncio.to_thread(cascades.load, project, end_of(engine.today))
    node = net.node_of(post)
    ref = post_refs(project, [post])
    if node is None:
        yield Answer("cascade", [sentence("answer.cascade.alone", {"who": ref}, **_head(project, post))], index)
        return
    one = cascades.describe(net, node)
    if barred(project, [int(net.author[node])]):
        raise BadInput("overlap.barred")
    said = [
        sentence("answer.cascade.size", {"who": ref, "size": post_refs(project, net.post[one.nodes].tolist()[1:])},
                 size=one.size - 1, people=one.people, depth=one.depth, **_head(project, post)),
    ]  # fmt: skip
    if one.half is not None and one.duration:
        said.append(sentence("answer.cascade.pace", half=one.half / 3600, duration=one.duration / 3600))
    said += _sparks(project, net, one)
    if one.assumed:
        said.append(sentence("cascade.assumed", n=one.assumed, acts=one.size - 1))
    if one.missing:
        said.append(sentence("cascade.missing", n=one.missing))
    yield Answer("cascade", said, index)


def _meant(engine: Engine, step: Step) -> int:
    """The post that is asked about: by its place, the one under the cursor, or the only one of the result."""
    result = on_screen(engine, "posts")
    if step.ranks:
        return at(engine.project, result, step.ranks[0])
    picked = engine.options.picked
    inside = "select 1 from score where result = ? and item = ?"
    if picked and engine.project.one(inside, (result, picked)):
        return picked
    if engine.project.one("select total from result where id = ?", (result,)) == 1:
        return at(engine.project, result, 1)
    raise NeedsAnswer("explain.which_post")


def _head(project: Project, post: int) -> dict[str, Any]:
    found = rows.posts(project, [post])
    return {
        "who": (found[0].author_name or "?") if found else "?",
        "quote": one_line(found[0].text, 24) if found else "",
    }


def _sparks(project: Project, net: cascades.Network, one: cascades.Cascade) -> list[Sentence]:
    hidden = barred(project, [spark.author for spark in one.sparks])
    known = {row.id: row for row in rows.people(project, [s.author for s in one.sparks if s.author not in hidden])}
    said = []
    for place, spark in enumerate((s for s in one.sparks if s.author in known), 1):
        person = known[spark.author]
        refs = {"name": [person_ref(person)], "below": post_refs(project, [int(net.post[spark.node])])}
        said.append(sentence("answer.cascade.spark", refs, place=place, name=name_of(person), direct=spark.direct,
                             below=spark.below, share=spark.share))  # fmt: skip
    return said[:3]


# -- audiences ---------------------------------------------------------------------------------------------------------


async def overlap(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """How far the audiences of two or more people overlap, against chance."""
    project = engine.project
    async for event in understand_people(project):
        yield event
    accounts = await _people(engine, step)
    if len(accounts) < 2:
        raise UsageError("overlap.two")
    found = await asyncio.to_thread(shares.shared, project, accounts, until=end_of(engine.today))
    names = {row.id: row for row in rows.people(project, found.people)}
    said: list[Sentence] = []
    for pair in found.overlap.pairs:
        one, two = names[found.people[pair.one]], names[found.people[pair.two]]
        refs = {"one": [person_ref(one)], "two": [person_ref(two)], "shared": people_refs(project, found.actors)}
        said.append(sentence("answer.overlap.pair", refs, one=name_of(one), two=name_of(two), shared=pair.shared,
                             a=len(found.overlap.audiences[pair.one]), b=len(found.overlap.audiences[pair.two]),
                             jaccard=pair.jaccard))  # fmt: skip
        said.append(_against_chance(pair))
    adds = found.overlap.added[-1]
    said.append(sentence("answer.overlap.union", n=found.overlap.union, adds=adds,
                         last=name_of(names[found.people[-1]])))  # fmt: skip
    yield Answer("overlap", said, index)


def _against_chance(pair: Pair) -> Sentence:
    lift = pair.affinity
    if lift is None:
        return sentence("answer.overlap.too_few")
    key = "answer.overlap.more" if lift.low > 1 else "answer.overlap.less" if lift.high < 1 else "answer.overlap.chance"
    return sentence(key, lift=lift.lift, low=lift.low, high=lift.high)


async def _people(engine: Engine, step: Step) -> list[int]:
    if step.accounts:
        return [one_account(engine.project, name).id for name in step.accounts]
    return whom(engine, step)[0]


# -- people like these -------------------------------------------------------------------------------------------------


async def lookalike(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """People like those named, as ``xunke lookalike --like``; a people result."""
    project = engine.project
    async for event in understand_people(project):
        yield event
    likes = await _people(engine, step)
    sql = "select id from post order by coalesce(created, 0) desc, id desc limit ?"
    newest = [row[0] for row in project.query(sql, (NEWEST,))]
    async for analysed in engine.understand(newest):
        yield analysed
    yield Progress("rank", 0)

    def judge(accounts: Sequence[int]) -> None:
        async def run() -> None:
            async for _ in judge_accounts(project, accounts):
                pass

        asyncio.run(run())

    found = await asyncio.to_thread(
        like.alike, project, likes, [], until=end_of(engine.today), limit=step.limit or _DEFAULT,
        known=own_accounts(project), judge=judge, title="-",
    )  # fmt: skip
    project.writer.call(
        lambda db: db.execute("update result set run = ?, step = ? where id = ?", (session.run, index, found.result))
    )
    session.keep(found.result, "people")
    yield Result(found.result, "people", found.count, index)
    models = rows.people(project, likes)
    refs = {f"names.{i}": [person_ref(row)] for i, row in enumerate(models)} | {"n": result_ref(found.result)}
    said = [sentence("answer.like.found", refs, n=found.count, names=[name_of(row) for row in models])]
    top = rows.result_people(project, found.result).window(0, 1)
    if top:
        said.append(sentence("answer.like.first", {"name": [person_ref(top[0])]}, name=name_of(top[0]),
                             value=top[0].value or 0.0))  # fmt: skip
    quality = found.quality.as_json() if found.quality else None
    said += [sentence(key, **params) for key, params in like.quality_lines(quality, found.missing)]
    yield Answer("lookalike", said, index)


__all__ = ["cascade", "last_result", "lookalike", "overlap", "seeds"]
