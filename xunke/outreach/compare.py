"""Two people side by side: parts, raw numbers, which part decides, when the order turns, audiences and timelines."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from xunke.clock import DAY
from xunke.errors import BadInput
from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.rows import PersonRow

from . import people, posts, scoring
from .people import barred
from .scoring import FLOOR, combine
from .seen import basis, edges
from .why import shown

WEEKS: Final = 12
MOST_WEIGHT: Final = 100.0
"""Weights are set from 0 to this."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: what is behind their score, and per week what they posted and how many acts they drew."""

    person: PersonRow
    rank: int | None
    score: float
    parts: dict[str, float]
    raw: dict[str, Any]
    audience: int
    posted: tuple[int, ...]
    drew: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``gap``: what each part adds to ln(score one / score two); ``decides`` the part with most of it in favour of
    who is ahead; ``flips``: the weight of one part, all others as they are, at which both score the same, or None.

    ``shared``: people who acted on both; ``likely``: Jaccard of the audiences. Weeks end at ``until`` (UTC seconds).
    """

    one: Side
    two: Side
    result: int | None
    weights: dict[str, float]
    gap: dict[str, float]
    decides: str | None
    flips: dict[str, float | None]
    shared: int
    jaccard: float | None
    until: int

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        told = asdict(self)
        for side, of in (("one", self.one), ("two", self.two)):
            row = of.person
            told[side]["person"] = {"platform": row.platform, "id": row.native_id, "name": row.name,
                                    "followers": row.followers}  # fmt: skip
        return told


def compare(project: Project, one: int, two: int, result: int | None = None) -> Comparison:
    """Compare two accounts in ``result`` (None: the newest that holds both, else as people of the whole project).

    Raises BadInput("compare.same") for one person, BadInput("compare.not_in_result"), PolicyRefused for a minor.
    """
    persons = people_map(project)
    if persons.one(one) == persons.one(two):
        raise BadInput("compare.same")
    rows = [shown(project, account) for account in (one, two)]
    if kept_out := barred(project, [one, two]):
        who = next(row for row in rows if row.id in kept_out)
        raise BadInput("compare.barred", who=who.name or who.native_id)
    ids = [json.dumps(persons.all(account)) for account in (one, two)]
    if result is None:
        result = project.one(
            "select max(r.id) from result r where r.target = 'people' "
            "and coalesce(json_extract(r.setting, '$.kind'), 'request') = 'request' "
            "and exists (select 1 from score s where s.result = r.id and s.item in (select value from json_each(?1))) "
            "and exists (select 1 from score s where s.result = r.id and s.item in (select value from json_each(?2)))",
            ids,
        )
    if result is not None:
        setting, found = _in_result(project, result, rows, ids)
    else:
        setting, found = _now(project, (one, two))
    weights = {name: float(w) for name, w in setting["weights"].items()}
    counted = basis(project, setting)
    until = counted.until
    audiences = [{e.actor for e in edges(project, account, counted)} for account in (one, two)]
    sides = [
        Side(row, rank, round(combine(parts, weights), 6), parts, raw, len(audience),
             _weeks(project, persons.all(row.id), until, "post", "author", "created"),
             _weeks(project, persons.all(row.id), until, "interaction", "target", "t"))
        for row, (rank, parts, raw), audience in zip(rows, found, audiences, strict=True)
    ]  # fmt: skip
    both, either = len(audiences[0] & audiences[1]), len(audiences[0] | audiences[1])
    gap = gaps(sides[0].parts, sides[1].parts, weights)
    total = math.fsum(gap.values())
    ahead = [name for name in gap if gap[name] * total > 0]
    return Comparison(
        sides[0], sides[1], result, weights, gap, max(ahead, key=lambda n: (abs(gap[n]), n), default=None),
        {name: flip(sides[0].parts, sides[1].parts, weights, name) for name in weights},
        both, round(both / either, 4) if either else None, until,
    )  # fmt: skip


Found = tuple[int | None, dict[str, float], dict[str, Any]]
"""rank, parts, raw numbers."""


def _in_result(
    project: Project, result: int, rows: list[PersonRow], ids: list[str]
) -> tuple[dict[str, Any], list[Found]]:
    setting = json.loads(str(project.one("select setting from result where id = ?", (result,)) or "{}"))
    found: list[Found] = []
    for row, accounts in zip(rows, ids, strict=True):
        held = project.query(
            "select rank, parts from score where result = ? and item in (select value from json_each(?)) "
            "order by rank limit 1",
            (result, accounts),
        )
        stored = json.loads(held[0][1] or "{}") if held else {}
        if not held or "fresh" not in stored.get("parts", {}) or "weights" not in setting:
            raise BadInput("compare.not_in_result", who=row.name or row.native_id, result=result)
        found.append((held[0][0], stored["parts"], stored["raw"]))
    return setting, found


def _now(project: Project, accounts: tuple[int, int]) -> tuple[dict[str, Any], list[Found]]:
    """Both as people of the whole project, up to now: without a subject, so that fit and freshness are 1."""
    import time

    until = int(time.time())
    ranking = scoring.influence(project, until)
    known = people.load(project, accounts)
    from datetime import date

    own = project.query(
        "select id from post where author in (select value from json_each(?))",
        (json.dumps(people_map(project).spread(accounts)),),
    )
    by_person: dict[int, list[posts.Candidate]] = {}
    persons = people_map(project)
    from xunke.plan import Step

    for post in posts.select(project, Step(action="find"), date.max, among=[row[0] for row in own]).posts:
        by_person.setdefault(persons.one(post.author or 0), []).append(post)
    for account in accounts:
        known[account].found = by_person.get(persons.one(account), [])
    ordered = [known[account] for account in accounts]
    scored = scoring.score(project, ordered, ranking, since=None, until=until, subject=False)
    setting = {"weights": scoring.weights_of(project), "until": until, "h0": ranking.h0, "ranker": ranking.by,
               "recency": ranking.recency and ranking.recency.as_json()}  # fmt: skip
    return setting, [(None, s.parts, s.raw) for s in scored]


def gaps(one: Mapping[str, float], two: Mapping[str, float], weights: Mapping[str, float]) -> dict[str, float]:
    """What each part adds to ln(score one / score two): w / sum(w) * ln(part one / part two), freshness whole."""
    total = sum(weights.values())
    found = {name: w / total * _log(one, two, name) for name, w in weights.items()} if total > 0 else {}
    return {**found, "fresh": _log(one, two, "fresh", floor=1e-12)}


def _log(one: Mapping[str, float], two: Mapping[str, float], name: str, floor: float = FLOOR) -> float:
    return math.log(min(1.0, max(floor, one[name])) / min(1.0, max(floor, two[name])))


def flip(one: Mapping[str, float], two: Mapping[str, float], weights: Mapping[str, float], name: str) -> float | None:
    """The weight of ``name`` at which both score the same, all other weights as they are; None if none from 0 to 100.

    The scores are equal where sum(w_j d_j) + F sum(w_j) = 0, d_j the difference of logs of part j and F that of
    freshness: linear in each weight.
    """
    fresh = _log(one, two, "fresh", floor=1e-12)
    rest = math.fsum(w * (_log(one, two, other) + fresh) for other, w in weights.items() if other != name)
    slope = _log(one, two, name) + fresh
    if abs(slope) < 1e-12:
        return None
    weight = -rest / slope
    others = sum(w for other, w in weights.items() if other != name)
    return round(weight, 6) if 0 <= weight <= MOST_WEIGHT and weight + others > 0 else None


def _weeks(project: Project, accounts: tuple[int, ...], until: int, table: str, who: str, when: str) -> tuple[int, ...]:
    """Rows a week over the last ``WEEKS`` weeks, the oldest first."""
    start = until - WEEKS * 7 * DAY
    rows = project.query(
        f"select (({when} - ?) / ?), count(*) from {table} where {who} in (select value from json_each(?)) "
        f"and {when} > ? and {when} <= ? group by 1",
        (start + 1, 7 * DAY, json.dumps(accounts), start, until),
    )
    counts = Counter({int(week): n for week, n in rows})
    return tuple(counts[week] for week in range(WEEKS))
