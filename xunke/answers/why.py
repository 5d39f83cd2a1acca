"""为什么是他, 为什么没有@X, 第二个和第五个选哪个: the arithmetic of a place in words, with its posts and people."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from xunke.accounts import judge_accounts
from xunke.actions import last_result, one_account
from xunke.actions.common import at
from xunke.analysis import understand_author
from xunke.errors import NeedsAnswer
from xunke.events import Answer, Event, Sentence, Table
from xunke.outreach import compare
from xunke.outreach.why import Explanation, explain, latest_result, shown
from xunke.persona import understand_people
from xunke.plan import Step
from xunke.storage import Project, rows
from xunke.text import one_line

from .absence import TOGETHER, Absence, Removal, absence
from .common import name_of, people_refs, person_ref, post_refs, result_ref, result_rows, sentence
from .summary import number

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

PARTS: Final = ("fit", "influence", "reach", "authentic", "fresh")
EDGES: Final = 3


def on_screen(engine: Engine, target: str | None = None) -> int:
    """The result on the screen. Raises NeedsAnswer where there is none, or not one of that kind."""
    found = last_result(engine.project, engine.options.last)
    if found is None or (target is not None and found[1] != target):
        raise NeedsAnswer("clarify.referent")
    return found[0]


def whom(engine: Engine, step: Step) -> tuple[list[int], int | None, bool]:
    """The accounts that a question means, the result it is about, and whether the first one was taken for 他."""
    project = engine.project
    if step.accounts:
        asked = [one_account(project, name).id for name in step.accounts]
        return asked, engine.options.last if step.input == "last" else None, False
    result = on_screen(engine, "people")
    if step.ranks:
        return [at(project, result, rank) for rank in step.ranks], result, False
    picked = engine.options.picked
    inside = project.one("select 1 from score where result = ? and item = ?", (result, picked or 0))
    return [picked if picked and inside else at(project, result, 1)], result, not inside


async def why(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Why somebody (or a post) is where they are."""
    project = engine.project
    if not step.accounts and (last_result(project, engine.options.last) or (0, ""))[1] == "posts":
        yield Answer("why", _why_post(project, on_screen(engine), step.ranks[0] if step.ranks else 1), index)
        return
    async for event in understand_people(project):
        yield event
    (account, *_), result, guessed = whom(engine, step)
    shown(project, account)
    async for event in understand_author(project, account):
        yield event
    async for event in judge_accounts(project, [account]):
        yield event
    if result is not None and not _holds(project, result, account):
        result = latest_result(project, account)
    found = explain(project, result, account)
    said = list(_placed(project, found))
    said += [sentence(key, _refs(project, found, key), **params) for key, params in found.lines if key != "why.rank"]
    said += list(_strongest(project, found))
    if guessed:
        said.append(sentence("answer.why.guessed"))
    yield Answer("why", said, index)


def _holds(project: Project, result: int, account: int) -> bool:
    return latest_result(project, account) is not None and bool(
        project.one("select 1 from score where result = ? and item = ?", (result, account))
    )


def _placed(project: Project, found: Explanation) -> list[Sentence]:
    """Where the person stands, and which part sets them apart from the others of the result."""
    refs = {"name": [person_ref(found.person)], "total": result_ref(found.result)}
    name = name_of(found.person)
    if found.result is None or found.rank is None:
        return [sentence("answer.why.nowhere", refs, name=name)]
    everybody = result_rows(project, found.result, 5000)
    total = project.one("select total from result where id = ?", (found.result,))
    said = [sentence("answer.why.place", refs, name=name, rank=found.rank, total=total, value=number(found.value),
                     sort=found.numbers.get("sort") or "target")]  # fmt: skip
    mine = found.numbers.get("parts") or {}
    ratios = []
    for part in PARTS:
        theirs = [p["parts"][part] for _, _, _, p in everybody if part in p.get("parts", {})]
        if part in mine and len(theirs) > 1:
            middle = median(theirs)
            place = 1 + sum(value > mine[part] for value in theirs)
            ratios.append((mine[part] / max(middle, 0.01), part, middle, place, len(theirs)))
    if ratios:
        for key, pick in (("answer.why.best", max(ratios)), ("answer.why.worst", min(ratios))):
            ratio, part, middle, place, n = pick
            if (ratio > 1) == (key == "answer.why.best") and ratio != 1:
                said.append(sentence(key, part=part, mine=mine[part], middle=middle, place=place, n=n))
    return said


def _refs(project: Project, found: Explanation, key: str) -> dict[str, list[str]]:
    """What is behind the numbers of a line of the explanation."""
    match key:
        case "why.fit":
            return {"matched": post_refs(project, [post.id for post in found.posts])}
        case "why.influence" | "why.edges" | "why.edges_other":
            return {"actors" if key == "why.influence" else "n": people_refs(project, _actors(found))}
        case _:
            return {}


def _actors(found: Explanation) -> list[int]:
    return [edge.actor for edge in found.edges if edge.actor is not None]


def _strongest(project: Project, found: Explanation) -> list[Sentence]:
    """Who adds most, with the posts on which they acted."""
    said = []
    for edge in found.edges[:EDGES]:
        if edge.actor is None:
            continue
        natives = [event.post for event in edge.events if event.post]
        ids = project.query(
            "select k.id from post_key k join platform p on p.id = k.platform where p.name = ? "
            "and k.native_id in (select value from json_each(?))",
            (found.person.platform, json.dumps(natives)),
        )
        refs = {"name": people_refs(project, [edge.actor]), "times": post_refs(project, [row[0] for row in ids])}
        said.append(sentence("answer.why.actor", refs, name=edge.name or "?", times=sum(edge.acts.values()),
                             adds=edge.adds))  # fmt: skip
    return said


def _why_post(project: Project, result: int, rank: int) -> list[Sentence]:
    """Posts are ordered by one number: say it, with its neighbours."""
    item = at(project, result, rank)
    around = {r: (i, v) for r, i, v, _ in result_rows(project, result, rank + 1)}
    setting = json.loads(project.one("select setting from result where id = ?", (result,)) or "{}")
    found = rows.posts(project, [item])
    said = [sentence("answer.why.post", {"rank": post_refs(project, [item])}, rank=rank,
                     sort=setting.get("sort", "time"), value=_post_value(setting, around[rank][1]),
                     who=found[0].author_name or "?",
                     quote=one_line(found[0].text, 24))]  # fmt: skip
    for other, key in ((rank - 1, "answer.why.post_before"), (rank + 1, "answer.why.post_after")):
        if other in around:
            item, value = around[other]
            said.append(sentence(key, {"value": post_refs(project, [item])}, value=_post_value(setting, value)))
    return said


def _post_value(setting: dict[str, Any], value: float | None) -> str:
    from xunke.clock import moment

    if setting.get("sort", "time") == "time":
        return f"{moment(int(value)):%Y-%m-%d %H:%M}" if value else "?"
    return number(value)


# -- why not -----------------------------------------------------------------------------------------------------------


async def why_not(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Which filter keeps somebody out, with the rows that say so."""
    project = engine.project
    async for event in understand_people(project):
        yield event
    found = [rows.find_account(project, name) for name in step.accounts]
    if not found or not found[0]:
        said = step.accounts[0] if step.accounts else "?"
        near = _called_nearly(project, said)
        refs = {f"near.{i}": [person_ref(row)] for i, row in enumerate(near)}
        key = "answer.why_not.near" if near else "answer.why_not.unknown"
        yield Answer("why_not", [sentence(key, refs, who=said, near=[name_of(row) for row in near])], index)
        return
    last = last_result(project, engine.options.last) if step.input == "last" else None
    result = last[0] if last is not None and last[1] == "people" else None
    async for told in absence(engine, result, found[0][0].id):
        if isinstance(told, Absence):
            yield Answer("why_not", _absent(project, told), index)
        else:
            yield told


def _called_nearly(project: Project, said: str, most: int = 5) -> list[rows.PersonRow]:
    """People whose names hold what was said, or are held by it; the most followed first, nobody who is barred."""
    ids = project.query(
        "select id from account where length(:said) > 1 and (instr(name, :said) or "
        "(length(name) > 1 and instr(:said, name))) order by followers desc, id limit 50",
        {"said": said},
    )
    from xunke.outreach.people import barred

    hidden = barred(project, [row[0] for row in ids])
    return rows.people(project, [row[0] for row in ids if row[0] not in hidden][:most])


def _absent(project: Project, answer: Absence) -> list[Sentence]:
    """As ``absence.lines``, with references."""
    refs = {"name": [person_ref(answer.person)], "result": result_ref(answer.result)}
    head: dict[str, Any] = {"name": name_of(answer.person), "result": answer.result}
    if answer.barred:
        return [sentence("why.not.barred", None, **head)]
    if answer.inside is not None:
        return [sentence("why.not.inside", refs, rank=answer.inside, **head)]
    said = [sentence("why.not.head", refs, **head)]
    for place, removal in enumerate(answer.removals):
        key = "why.not.together" if removal.how == TOGETHER else "why.not.also" if place else "why.not.first"
        asked = {"slots": removal.asked if removal.slots else {}, "rule": removal.key, "unknown": removal.unknown}
        behind = post_refs(project, [post.id for post in removal.posts])
        said.append(sentence(key, {"what": behind}, what="", filter=asked))
        said += [sentence("why.fact", fact=f, value=v, origin=o, quote=q or "") for f, v, o, q in removal.facts]
        said += _numbers(removal)
    below = answer.below
    if below is not None:
        params: dict[str, Any] = {"rank": below.rank, "total": below.total, "limit": below.limit or below.total,
                                  "sort": below.sort, "value": below.value, "least": below.least}  # fmt: skip
        said.append(sentence("why.not.changed" if answer.changed else "why.not.below", **params))
        if not answer.changed:
            said += [
                sentence("why.not.change" if c["needed"] is not None else "why.not.change_never", part=c["part"],
                         now=c["now"], needed=c["needed"] or 1.0)
                for c in below.changes
            ]  # fmt: skip
    elif not answer.removals:
        said.append(sentence("why.not.gone"))
    return said + [sentence(key, **params) for key, params in answer.coverage]


def _numbers(removal: Removal) -> list[Sentence]:
    return [
        sentence("why.not.number", number=name, value=f"{value:.3f}" if isinstance(value, float) else value)
        for name, value in removal.numbers.items()
        if value is not None and name != "origin"
    ]


# -- two people --------------------------------------------------------------------------------------------------------


async def versus(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Two people side by side, and which part decides."""
    project = engine.project
    async for event in understand_people(project):
        yield event
    accounts, result, _ = whom(engine, step)
    if len(accounts) < 2:
        raise NeedsAnswer("clarify.account")
    async for event in judge_accounts(project, accounts):
        yield event
    if result is not None and not all(_holds(project, result, a) for a in accounts[:2]):
        result = None
    found = compare.compare(project, accounts[0], accounts[1], result)
    sides = (found.one, found.two)
    columns = ["name", "rank", "score", *found.gap, "actors", "followers"]
    table = [
        [name_of(s.person), s.rank, round(s.score, 4), *(round(s.parts[part], 3) for part in found.gap), s.audience,
         s.person.followers]
        for s in sides
    ]  # fmt: skip
    yield Table("answer.versus.title", columns, table, {}, index)
    setting = json.loads(project.one("select setting from result where id = ?", (found.result or 0,)) or "{}")
    said = _decided(found, sides)
    if (sort := setting.get("sort", "target")) != "target":
        said.insert(0, sentence("answer.versus.sorted", sort=sort))
    yield Answer("versus", said, index)


def _decided(found: compare.Comparison, sides: Sequence[compare.Side]) -> list[Sentence]:
    refs = {"who": [], "n": []}  # type: dict[str, list[str]]
    share = "?" if found.jaccard is None else f"{found.jaccard:.1%}"
    said = [sentence("compare.shared", n=found.shared, share=share)]
    if found.decides is None:
        return [*said, sentence("compare.even")]
    total = sum(found.gap.values())
    ahead = sides[0] if total > 0 else sides[1]
    refs["who"] = [person_ref(ahead.person)]
    said.insert(0, sentence("answer.versus.decides", refs, who=name_of(ahead.person), part=found.decides))
    said += [
        sentence("compare.never" if weight is None else "compare.flips", part=name, now=found.weights[name],
                 weight=weight or 0.0)
        for name, weight in found.flips.items()
    ]  # fmt: skip
    return said
