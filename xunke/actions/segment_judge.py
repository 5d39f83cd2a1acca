"""Segments held against each other: crossed, checked, chosen; and the niches that nobody has cut yet."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from xunke.errors import BadInput, NeedsAnswer, UsageError
from xunke.events import Done, Event, Table, Warned
from xunke.i18n import messages
from xunke.outreach import niches as slices
from xunke.outreach import (
    rule_words,
    segment_choice,
    segment_cut,
    segment_matrix,
    segment_rules,
    segment_store,
    segment_validity,
)
from xunke.outreach import value as values
from xunke.outreach.facets import UNKNOWN
from xunke.outreach.lists import marked
from xunke.outreach.segment_facts import DEPTH, Book
from xunke.outreach.segment_fields import FIELDS, TABLE, WORDS
from xunke.outreach.segment_rules import Test
from xunke.plan import Step
from xunke.storage import rows

from .segment_kept import read_all, who_among
from .segment_new import quarter

if TYPE_CHECKING:
    from xunke.engine import Engine

SLICED: Final = ("city_tier", "interest", "need", "life_event", "region", "stage", "value")
"""Facets of which niches are made where none is named."""
GROWTH_DAYS: Final = 30


def fields() -> Table:
    """The fields that rules and matrices may name, with their words and, of words, the known ones."""
    body = [
        [f.zh[0], list(f.zh[1:]) or None, " / ".join(f.en), f"field.{f.kind}",
            f"unit.{f.unit}" if f.unit else None, f.window,
         list(WORDS.get(f.name, {}))[:6] or None]
        for f in TABLE
    ]  # fmt: skip
    columns = ["rule_field", "also", "key", "kind", "unit", "windowed_field", "words"]
    return Table("segment.fields", columns, body, {"n": len(body)})


async def matrix(
    engine: Engine,
    a: str,
    b: str,
    *,
    cell: str | None = None,
    among: str | None = None,
    limit: int = 20,
    index: int = 0,
) -> AsyncIterator[Event]:
    """Cross two facets: people, their share and mean target score of each cell; ``cell`` ("上海,沉睡") shows the people
    of one. Raises BadInput for a facet or cell that is not there.
    """
    first, second = segment_matrix.field_of(a), segment_matrix.field_of(b)
    if first.name == second.name:
        raise BadInput("segment.same_facet", name=f"facet.{first.name}")
    async for event in read_all(engine, first.analysed or second.analysed):
        yield event
    book = Book(engine.project, engine.today)
    made = await asyncio.to_thread(segment_matrix.matrix, book, first, second, who_among(book, among))
    if cell is not None:
        yield _cell(engine, book, made, (first.name, second.name), cell, limit, index)
        return
    score = await _scores(engine)
    body: list[list[Any]] = []
    for row in made.rows:
        for column in made.columns:
            people = made.cells.get((row, column), ())
            if not people:
                continue
            known = [score[p] for p in people if p in score]
            mean = round(sum(known) / len(known), 4) if known else None
            body.append([_code(first.name, row), _code(second.name, column), len(people),
                         round(len(people) / made.among, 4) if made.among else None, mean])  # fmt: skip
    names = [first.name, second.name, "people", "share", "score"]
    heads = {name: f"facet_{name}" for name in ("value",) if name in names}  # elsewhere "value" is an answer
    params = {
        "a": f"facet.{first.name}",
        "b": f"facet.{second.name}",
        "n": made.among,
        "cells": len(body),
        "heads": heads,
    }
    yield Table("segment.matrix", names, body, params, index)
    if made.several:
        yield Warned("segment.several", {"n": made.several})
    if body:
        yield Done("segment.matrix_next", {"a": f"facet.{first.name}", "b": f"facet.{second.name}"})


def _code(field: str, name: str) -> str:
    """A value of a field as a code that the screen has words for."""
    if name == UNKNOWN:
        return "segment.unstated"
    prefix = {"stage": "stage.", "value": "worth.", "need": "nlp.need.", "life_event": "nlp.event.",
              "daypart": "daypart.", "mark": "mark."}.get(field)  # fmt: skip
    return f"{prefix}{name}" if prefix and "." not in name else name


def _cell(
    engine: Engine, book: Book, made: segment_matrix.Matrix, fields: tuple[str, str], cell: str, limit: int, index: int
) -> Table:
    parts = [part.strip() for part in cell.replace("，", ",").replace("×", ",").split(",")]
    if len(parts) != 2:
        raise BadInput("segment.bad_cell", cell=cell)
    codes = []
    for field, word in zip(fields, parts, strict=True):
        unknown = word in ("未知", "unknown", UNKNOWN)
        codes.append(UNKNOWN if unknown else segment_cut_word(field, word))
    people = made.cells.get((codes[0], codes[1]))
    if people is None:
        raise BadInput("segment.no_cell", cell=cell, rows=list(made.rows), columns=list(made.columns))
    ordered = sorted(people, key=lambda p: (-len(book.acts.get(p, ())), -(book.people[p].followers or 0), p))
    body = [
        [r.name or r.native_id, r.platform, r.native_id, r.followers, len(book.acts.get(r.id, ()))]
        for r in rows.people(engine.project, ordered[:limit])
    ]
    columns = ["name", "platform", "id", "followers", "dealings"]
    return Table("segment.cell", columns, body, {"cell": cell, "n": len(people), "shown": len(body)}, index)


def segment_cut_word(field: str, word: str) -> str:
    """The stored form of a word of a field; of a number's band the band itself."""
    from xunke.outreach.segment_facts import synonyms

    return word if FIELDS[field].kind == "number" else synonyms(field, [word])[0]


async def _scores(engine: Engine) -> dict[int, float]:
    """{person: target score} of everybody, as finding people scores them now."""
    standing = engine.nobody(None)
    async for _ in engine.rank_people(Step(action="find", target="people"), standing):
        pass
    return {s.person.id: s.value for s in standing.scored}


# -- validity ------------------------------------------------------------------------------------------------------


def _kept(book: Book) -> tuple[list[segment_store.Segment], dict[str, frozenset[int]], dict[str, str]]:
    """The kept segments, their people who are in the book, and which lies in which by intent."""
    every = segment_store.saved(book.project)
    if not every:
        raise BadInput("segment.none")
    people = {
        one.name: frozenset(
            who for p in segment_store.numbers_of(book.project, one.id) if (who := book.who(p)) is not None
        )
        for one in every
    }
    names = {one.id: one.name for one in every}
    return every, people, {one.name: names[one.parent] for one in every if one.parent in names}


async def check(engine: Engine, *, index: int = 0) -> AsyncIterator[Event]:
    """Whether the kept segments are worth keeping: overlap, contribution, coverage, distinctness, precision, advice."""
    async for event in read_all(engine, analysed=False):
        yield event
    book = Book(engine.project, engine.today)
    every, people, parents = _kept(book)
    engagement = _engagement(book)
    reach = {p: float(who.followers or 0) for p, who in book.people.items()}
    by = {
        "engagement": segment_validity.pareto(people, engagement, math.fsum(engagement.values())),
        "reach": segment_validity.pareto(people, reach, math.fsum(reach.values())),
    }
    brings = {what: {share.name: share for share in shares} for what, shares in by.items()}
    due = frozenset(one.name for one in every if one.due(engine.today))
    good, bad = (set(side) for side in marked(engine.project))
    advice = {
        a.name: a for a in segment_validity.advice(
            people, len(book.people), [{n: s.share for n, s in shares.items()} for shares in brings.values()],
            due, parents,
            frozenset(s.name for shares in by.values() for s in shares if s.main),
        )
    }  # fmt: skip
    body = []
    for one in every:
        mine = people[one.name]
        right = segment_validity.precision(len(mine & good), len(mine & bad))
        told = advice[one.name]
        body.append([
            one.name, len(mine), round(len(mine) / len(book.people), 4) if book.people else None,
            round(brings["engagement"][one.name].share, 4), round(brings["reach"][one.name].share, 4),
            brings["engagement"][one.name].main, None if right is None else round(right[0], 3),
            None if right is None else [round(right[1], 3), round(right[2], 3)], one.review,
            f"segment.advice.{told.what}",
            told.other,
        ])  # fmt: skip
    columns = [
        "segment", "people", "share", "share_engagement", "share_reach", "main", "precision", "interval", "review",
        "advice", "other",
    ]  # fmt: skip
    yield Table("segment.check", columns, body, {"n": len(body), "all": len(book.people)}, index)
    pairs = [[o.a, o.b, o.shared, round(o.jaccard, 3), round(o.inside, 3)] for o in segment_validity.overlaps(people)]
    if pairs:
        yield Table(
            "segment.overlaps",
            ["segment", "other", "shared", "jaccard", "inside"],
            pairs[:30],
            {"n": len(pairs)},
            index,
        )
    covered = segment_validity.coverage(people, len(book.people))
    yield Done("segment.covered", {"share": covered, "n": round(covered * len(book.people)), "all": len(book.people)})
    for what, shares in by.items():
        main = [share for share in shares if share.main]
        if main:
            names = "、".join(share.name for share in main)
            yield Done(f"segment.pareto_{what}", {"names": names, "share": main[-1].together})
    distinct = await asyncio.to_thread(_silhouette, book, people)
    if distinct is None:
        yield Warned("segment.no_silhouette", {})
    else:
        yield Done("segment.distinct", {"score": round(distinct[0], 3), "n": distinct[1]})
    if (prompt := quarter(engine.project, engine.today)) is not None:
        yield prompt


def _engagement(book: Book) -> dict[int, float]:
    """{person: depth of what they did to us}; without accounts of our own, what their posts drew on average."""
    if book.own:
        return {p: math.fsum(DEPTH[a.kind] for a in acts) for p, acts in book.acts.items()}
    drew = book.facet("engagement")
    return {p: v for p in book.people if isinstance(v := drew(p), float)}


def _silhouette(book: Book, people: Mapping[str, frozenset[int]]) -> tuple[float, int] | None:
    """How clearly the segments part those who are in exactly one, by activity, size, engagement and dealings."""
    import numpy as np

    from graph import cluster

    names = list(people)
    one: dict[int, int] = {}
    for person in sorted(set().union(*people.values())):
        mine = [at for at, name in enumerate(names) if person in people[name]]
        if len(mine) == 1:
            one[person] = mine[0]
    columns = [book.facet(name) for name in ("posts", "followers", "engagement", "dealings", "last_active")]
    table = np.array(
        [[np.nan if not isinstance(v := c(p), float) else math.log1p(max(0.0, v)) for c in columns] for p in one]
    ).reshape(len(one), len(columns))
    if len(one) < 10 or len(set(one.values())) < 2:
        return None
    table = table[:, ~np.isnan(table).all(axis=0)]
    table = np.where(np.isnan(table), np.nanmedian(table, axis=0), table)
    spread = table.std(axis=0)
    table = (table - table.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    score = cluster.silhouette(table, np.array(list(one.values()), dtype=np.int64))
    return None if score is None else (score, len(one))


# -- choosing ------------------------------------------------------------------------------------------------------


async def choose(
    engine: Engine, *, rivals: Sequence[str] = (), weights: Mapping[str, float] | None = None,
    strategy: str | None = None, pick: int | None = None, index: int = 0,
) -> AsyncIterator[Event]:  # fmt: skip
    """Kept segments by attractiveness × fit, the ones to pick with the reason, and whether that agrees with one of the
    five ``strategy`` names. ``rivals``: words by which people talk of competitors; without any, competition is unknown.
    """
    weight = segment_choice.weights(weights or {})
    if strategy is not None and strategy not in segment_choice.STRATEGIES:
        raise UsageError("segment.weight", name=strategy, known=", ".join(segment_choice.STRATEGIES))
    async for event in read_all(engine, analysed=True):
        yield event
    book = Book(engine.project, engine.today)
    _, people, parents = _kept(book)
    people = {name: who for name, who in people.items() if who}
    if not people:
        raise BadInput("segment.none")
    raw = await asyncio.to_thread(_criteria, book, people, rivals, await _scores(engine))
    places = segment_choice.place(raw, weight)
    body = [
        [at.name, round(at.attraction, 1), round(at.fit, 1), f"cell.{at.cell}", f"choice.{at.act}",
         at.best and f"criterion.{at.best}", at.worst and f"criterion.{at.worst}",
         *(None if (v := at.raw.get(c)) is None else round(v, 4) for c in (*segment_choice.ATTRACTION,
             *segment_choice.FIT))]
        for at in places
    ]  # fmt: skip
    columns = ["segment", "attraction", "fit_axis", "cell", "choice", "speaks_for", "speaks_against",
               *(f"crit_{c}" for c in (*segment_choice.ATTRACTION, *segment_choice.FIT))]  # fmt: skip
    yield Table("segment.choice", columns, body, {"n": len(body)}, index)
    yield Done("segment.weights", {"criteria": weight})
    if not rivals:
        yield Warned("segment.no_rivals", {})
    if len(places) == 1:
        yield Warned("segment.only_one", {})
    picked = [at for at in places if at.act == "invest"] if pick is None else places[:pick]
    for at in picked:
        best = at.best or "size"
        yield Done("segment.pick", {"name": at.name, "what": f"criterion.{best}", "number": at.raw.get(best) or 0.0})
    if not picked:
        yield Warned("segment.no_pick", {})
    if strategy is not None:
        covered = segment_validity.coverage({at.name: people[at.name] for at in picked}, len(book.people))
        wrong = segment_choice.fits_strategy(strategy, [at.name for at in picked], parents, covered)
        for code in wrong:
            yield Warned(f"segment.strategy.{code}", {"n": len(picked), "share": covered})
        if not wrong:
            yield Done("segment.strategy.agrees", {"what": f"strategy.{strategy}", "n": len(picked)})


def _criteria(
    book: Book, people: Mapping[str, frozenset[int]], rivals: Sequence[str], score: Mapping[int, float]
) -> dict[str, dict[str, float | None]]:
    """{segment: raw numbers of each criterion}; None where nothing tells it."""
    now, both = (book.column(Test("posts", ">=", 0.0, days)) for days in (GROWTH_DAYS, 2 * GROWTH_DAYS))
    rival = book.column(Test("said", "has", tuple(rivals))) if rivals else None
    mood, worth = book.facet("sentiment"), values.worths(book)
    out: dict[str, dict[str, float | None]] = {}
    for name, who in people.items():
        mine = sorted(who)
        recent = math.fsum(_float(now(p)) or 0.0 for p in mine)
        before = math.fsum(_float(both(p)) or 0.0 for p in mine) - recent
        moods = [v for p in mine if (v := _float(mood(p))) is not None]
        scores = [score[p] for p in mine if p in score]
        told = [w for p in mine if rival is not None and isinstance(w := rival(p), frozenset)]
        out[name] = {
            "size": float(len(mine)),
            "growth": recent / before - 1 if before else None,
            "reach": math.fsum(book.people[p].followers or 0 for p in mine),
            "competition": sum(bool(w) for w in told) / len(told) if told else None,
            "worth": math.fsum(worth[p].potential for p in mine) / len(mine),
            "near": sum(p in book.acts for p in mine) / len(mine) if book.own else None,
            "mood": sum(v > 0.6 for v in moods) / len(moods) if moods else None,
            "score": sum(scores) / len(scores) if scores else None,
        }
    return out


def _float(value: object) -> float | None:
    return value if isinstance(value, float) else None


# -- niches --------------------------------------------------------------------------------------------------------


async def niches(
    engine: Engine, *, goal: str | None = None, by: Sequence[str] = (), limit: int = 20, index: int = 0
) -> AsyncIterator[Event]:
    """Small slices of people in which the ``goal`` (a rule; None: dealt with us) holds more often than elsewhere."""
    wanted = [segment_matrix.field_of(name) for name in by] or [FIELDS[name] for name in SLICED]
    if numbers := [f"facet.{field.name}" for field in wanted if field.kind == "number"]:
        raise BadInput("segment.only_words", names=numbers)
    node = rule_words.read(goal or "互动我们 >= 1")
    async for event in read_all(engine, analysed=True):
        yield event
    book = Book(engine.project, engine.today)
    if goal is None and not book.own:
        raise NeedsAnswer("clarify.own_account")
    asked = {test.field for test in segment_rules.tests(node)}
    circular = {"stage", "value", "dealings", "dealing", "last_dealing"} if "dealings" in asked else set()
    used = [f for f in wanted if f.name not in asked | circular]
    if not used:
        raise BadInput("segment.circular", goal=segment_rules.said(node))
    ask = segment_rules.asker(segment_cut.meant(node), book.column)
    reached = {p: got for p in book.people if (got := ask(p)) is not None}
    seen = {f.name: _named(book, f.name) for f in used}
    found, tried = await asyncio.to_thread(slices.find, seen, reached)
    body = [
        [[_code(facet, word) for facet, word in one.slice], one.size, one.having, round(one.having / one.size, 4),
         round(one.rest_having / one.rest, 4) if one.rest else None, round(one.lift, 2),
         [round(one.low, 2), round(one.high, 2)], float(f"{one.q:.2g}"), slice_rule(one.slice)]
        for one in found[:limit]
    ]  # fmt: skip
    columns = ["slice_of", "people", "having", "share", "elsewhere", "lift", "interval", "q", "rule"]
    params = {"goal": segment_rules.said(node), "n": len(found), "tried": tried, "all": len(reached)}
    yield Table("segment.niches" if found else "segment.no_niches", columns, body, params, index)
    if found:
        yield Done("segment.niche_next", {"rule": slice_rule(found[0].slice)})


def slice_rule(pairs: Sequence[tuple[str, str]]) -> str:
    """The rule that says the same as a slice."""
    nodes: list[segment_rules.Node] = []
    for facet, word in pairs:
        nodes.append(Test(facet, "has", (shown_word(facet, word),)))
    return segment_rules.said(segment_rules.all_of(nodes))


def shown_word(field: str, code: str) -> str:
    """The word that people type for a stored code of a field; the code itself where there is none."""
    key = {"need": f"nlp.need.{code}", "life_event": f"nlp.event.{code}"}.get(field, "")
    if key in messages():
        return messages()[key]["zh"]
    return next((word for word, stored in WORDS.get(field, {}).items() if stored == code), code)


def _named(book: Book, name: str) -> dict[int, tuple[str, ...]]:
    of = segment_matrix.namer(book, FIELDS[name])
    return {p: tuple(v for v in of(p) if v not in (UNKNOWN, segment_matrix.NONE)) for p in book.people}
