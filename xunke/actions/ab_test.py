"""``ab_test``: how many people, who gets which variant, and what the numbers allow to be said."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import msgspec

from xunke.errors import BadInput, NeedsAnswer
from xunke.events import Event, Result, Table, Warned
from xunke.outreach import experiments as ab
from xunke.outreach import posts
from xunke.plan import Step
from xunke.storage import Project
from xunke.storage.persons import own_accounts

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

MOST: Final = 20
"""Arms of one test."""
_MEANS: Final = frozenset({"likes", "views"})
"""Metrics that are no share of people: their samples are counted in posts."""
_OWN: Final[dict[str, Any]] = {
    "op": None, "variants": (), "arms": None, "metric": None, "split": (), "baseline": None, "mde": None,
    "confidence": None, "data": (),
}  # fmt: skip


async def ab_test(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Design, evaluate, or count the people needed."""
    if step.op == "evaluate":
        for event in _evaluate(step, index):
            yield event
        return
    names = _arms(step)
    if step.op == "sample_size":
        for event in _sizes(engine.project, step, names, None, index):
            yield event
        return
    async for event in _design(engine, step, names, index, session):
        yield event


def _arms(step: Step) -> list[str]:
    """The names of the arms: A, B … with the variants said. Raises BadInput where they do not fit the split."""
    n = len(step.variants) or step.arms or len(step.split) or 2
    if n > MOST or n < 2 or (step.split and len(step.split) != n):
        raise BadInput("ab.arms", n=n, split=len(step.split), most=MOST)
    letters = [chr(65 + i) for i in range(n)]
    return [f"{a} {v}" for a, v in zip(letters, step.variants, strict=True)] if step.variants else letters


# -- evaluating ----------------------------------------------------------------------------------------------------


def _evaluate(step: Step, index: int) -> Iterator[Event]:
    if len(step.data) < 2:
        raise NeedsAnswer("ab.no_data")
    if len(step.data) > MOST:
        raise BadInput("ab.arms", n=len(step.data), split=0, most=MOST)
    confidence = _confidence(step)
    try:
        arms, pairs = ab.evaluate(step.data, confidence=confidence)
    except ValueError:
        raise BadInput("ab.nobody") from None
    rows = [[a.name, a.n, a.hits, round(a.rate, 4), round(a.low, 4), round(a.high, 4)] for a in arms]
    metric = step.metric or "rate"
    yield Table("ab.arms_title", ["arm", "people", "hits", "rate", "low", "high"], rows,
                {"measure": metric, "confidence": confidence, "n": len(arms)}, index)  # fmt: skip
    pair_rows = [
        [
            f"{p.first.name} → {p.second.name}", round(p.gap, 4), round(p.low, 4), round(p.high, 4),
            None if p.uplift is None else round(p.uplift, 4), round(p.p, 5), f"ab.verdict.{p.verdict}", p.more,
        ]
        for p in pairs
    ]  # fmt: skip
    columns = ["pair", "gap", "low", "high", "uplift", "p_value", "verdict", "more_needed"]
    yield Table("ab.pairs_title", columns, pair_rows, {"n": len(pairs), "confidence": confidence}, index)
    for p in pairs:
        yield Warned(f"ab.{_said(p)}", {
            "one": p.first.name, "two": p.second.name, "gap": p.gap, "low": p.low, "high": p.high,
            "uplift": p.uplift if p.uplift is not None else "—", "p": p.p, "more": p.more or 0,
            "confidence": confidence, "least": ab.SMALL, "needed": p.needed or 0,
        })  # fmt: skip
    if len(pairs) > 1:
        yield Warned("ab.corrected", {"n": len(pairs)})


def _said(pair: ab.Pair) -> str:
    if pair.verdict != "open":
        return "told" if pair.uplift is not None else "told_from_nothing"
    if pair.small:
        return "small"
    return "same" if pair.more is None else "open" if pair.more else "close"


def _confidence(step: Step) -> float:
    confidence = step.confidence if step.confidence is not None else ab.CONFIDENCE
    if not 0.5 <= confidence < 1:
        raise BadInput("ab.confidence", confidence=confidence)
    return confidence


# -- how many ------------------------------------------------------------------------------------------------------


def _sizes(
    project: Project, step: Step, names: Sequence[str], have: dict[str, int] | None, index: int
) -> Iterator[Event]:
    """People needed in each arm, with every assumption said; ``have``: how many each arm has."""
    confidence = _confidence(step)
    if step.metric in _MEANS:
        yield from _means(project, step, names, confidence, index)
        return
    baseline = step.baseline if step.baseline is not None else ab.BASELINE
    mde = step.mde if step.mde is not None else round(baseline * ab.UPLIFT, 6)
    if step.baseline is None:
        yield Warned("ab.assumed_baseline", {"baseline": baseline})
    if step.mde is None:
        yield Warned("ab.assumed_mde", {"mde": mde, "share": ab.UPLIFT, "baseline": baseline})
    parts = ab.shares(step.split, len(names))
    comparisons = len(names) - 1
    strict = 1 - (1 - confidence) / comparisons
    try:
        sizes = [ab.sample_size(baseline, mde, confidence=strict, ratio=part / parts[0]) for part in parts[1:]]
    except (ValueError, ZeroDivisionError):
        raise BadInput("ab.rates", baseline=baseline, mde=mde) from None
    needed = [max(first for first, _ in sizes), *(second for _, second in sizes)]
    rows = [
        [name, part, n, *([have.get(name, 0), max(0, n - have.get(name, 0))] if have is not None else [])]
        for name, part, n in zip(names, parts, needed, strict=True)
    ]
    columns = ["arm", "share", "people_needed", *(["people", "more_needed"] if have is not None else [])]
    params = {
        "baseline": baseline, "target": baseline + mde, "confidence": confidence, "power": ab.POWER,
        "total": sum(needed), "n": len(names), "measure": step.metric or "rate",
    }  # fmt: skip
    yield Table("ab.size_title", columns, rows, params, index)
    if comparisons > 1:
        yield Warned("ab.size_corrected", {"n": comparisons})
    if have is not None:
        lacking = max(n - have.get(name, 0) for name, n in zip(names, needed, strict=True))
        yield Warned("ab.enough" if lacking <= 0 else "ab.not_enough", {"more": max(0, lacking)})


def _means(project: Project, step: Step, names: Sequence[str], confidence: float, index: int) -> Iterator[Event]:
    """Posts needed in each arm to tell two means apart (two-sample z; Cohen 1988), from what our posts drew so far."""
    own = own_accounts(project)
    where = "author in (select value from json_each(?)) and" if own else "? is not null and"
    values = [row[0] for row in project.query(
        f"select {step.metric} from post where {where} {step.metric} is not null and kind = 'post'", (json.dumps(own),)
    )]  # fmt: skip
    if len(values) < ab.SMALL:
        raise BadInput("ab.no_history", measure=step.metric, n=len(values), least=ab.SMALL)
    from statistics import fmean, pstdev

    mean, spread = fmean(values), pstdev(values)
    change = step.mde if step.mde is not None and step.mde >= 1 else mean * (step.mde or ab.UPLIFT)
    if not change or not spread:
        raise BadInput("ab.no_history", measure=step.metric, n=len(values), least=ab.SMALL)
    strict = 1 - (1 - confidence) / (len(names) - 1)
    z = ab.z_of(strict) + ab.z_of(2 * ab.POWER - 1)
    n = int(-(-2 * (z * spread / change) ** 2 // 1))
    params = {
        "measure": step.metric, "mean": mean, "spread": spread, "change": change, "posts": len(values),
        "confidence": confidence, "power": ab.POWER, "own": len(own),
    }  # fmt: skip
    table = [[name, n] for name in names]
    yield Table("ab.means_title" if own else "ab.means_title_all", ["arm", "posts_needed"], table, params, index)


# -- who gets what -------------------------------------------------------------------------------------------------


async def _design(
    engine: Engine, step: Step, names: Sequence[str], index: int, session: Session
) -> AsyncIterator[Event]:
    """The arms and their sizes; with people (on the screen, in a list, or found by filters) also who is in which."""
    people: list[tuple[int, float | None, dict[str, Any]]] = []
    setting: dict[str, Any] = {}
    bare = msgspec.structs.replace(step, **_OWN)
    among = engine.among(step, session)
    if among is not None and among[1] != "people":
        raise NeedsAnswer("ab.people")
    if among is not None or posts.has_subject(bare) or _filters(bare):
        standing = engine.standing(bare, session)
        async for event in engine.rank_people(bare, standing):
            yield event
        setting = engine.setting_of(bare, standing)
        people = [(s.person.id, s.value, s.as_json()) for s in standing.scored]
        if len(people) < len(names):
            raise BadInput("ab.too_few", n=len(people), arms=len(names))
    if not people:
        for told in _sizes(engine.project, step, names, None, index):
            yield told
        yield Warned("ab.whom")
        return
    parts = ab.shares(step.split, len(names))
    ids = [row[0] for row in people]
    seed = crc32(json.dumps([ids, list(names), parts]).encode())
    arm_of = ab.assign(ids, parts, seed)
    rows = [(i, value, facts | {"segment": names[arm_of[i]]}) for i, value, facts in people]
    rows.sort(key=lambda row: (arm_of[row[0]], -(row[1] or 0.0), row[0]))
    sizes = Counter(names[arm] for arm in arm_of.values())
    setting |= {
        "segments": [{"name": name, "size": sizes[name], "marks": []} for name in names],
        "experiment": {"seed": seed, "metric": step.metric, "parts": parts, "variants": list(step.variants)},
    }  # fmt: skip
    for told in _sizes(engine.project, step, names, dict(sizes), index):
        yield told
    result = engine.keep("people", rows, bare, index, session, [], setting)
    yield Warned("ab.assigned", {"n": len(rows), "seed": seed})
    yield Result(result, "people", len(rows), index)


def _filters(step: Step) -> bool:
    from xunke.outreach.people import asks_who

    return asks_who(step) or bool(step.platforms)
