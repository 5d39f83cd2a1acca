"""Looking back: what came since the last time, which people answered better or worse, and what is learned from it.

A review counts people, each once. ``since`` is the second of the review before (of the same campaign, or of the whole
project), so two reviews beside each other tell what changed. Times are UTC seconds.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from xunke.storage import Project, acts
from xunke.storage.persons import people_map
from xunke.storage.project import write_audit

from . import experiments as ab
from . import response
from .touches import BAD, GOOD, LADDER, Outcome, Touch, outcomes, touches

KIND: Final = "loop"
LEAST: Final = 10
"""A group with fewer people met tells nothing, and may tell who they are."""
STAGES: Final[Mapping[str, frozenset[str]]] = {
    "answered": frozenset(GOOD), "replied": frozenset({"reply", "positive", "negative"}),
    "positive": frozenset({"positive"}), "converted": frozenset({"converted", "bought"}), "bad": frozenset(BAD),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """People met of one kind: ``hits`` answered; 95 % interval of the share; ``gap`` to all others with its interval;
    ``ruling``: better, worse, open (corrected for the number of groups, Holm).
    """

    name: str
    n: int
    hits: int
    low: float
    high: float
    gap: float
    gap_low: float
    gap_high: float
    ruling: str


@dataclass(frozen=True, slots=True)
class Review:
    """``funnel``: {stage: people so far}; ``new``: the same since the last review. ``lists`` are (name, met, answered,
    low, high)."""

    t: int
    since: int | None
    campaign: int | None
    funnel: Mapping[str, int]
    new: Mapping[str, int]
    segments: tuple[Group, ...]
    steps: tuple[Group, ...]
    lists: tuple[tuple[str, int, int, float, float], ...]
    model: response.Report
    adopted: bool
    beta: Mapping[str, tuple[float, float]]


def past(project: Project, campaign: int | None) -> list[tuple[int, dict[str, Any]]]:
    """(UTC second, body) of the reviews before, the newest first."""
    rows = project.query(
        "select t, body from review where kind = ? and campaign is ? order by id desc", (KIND, campaign)
    )
    return [(row[0], json.loads(row[1])) for row in rows]


def look(project: Project, now: int, *, campaign: int | None = None) -> Review:
    """Everything a review tells, nothing stored. The model is always learned from the whole project."""
    before = past(project, campaign)
    since = before[0][0] if before else None
    persons = people_map(project)
    met = [t for t in touches(project, campaign=campaign, until=now) if t.happened]
    came = outcomes(project, campaign=campaign, until=now)
    whom = {persons.one(t.account) for t in met}
    answered = {persons.one(o.account) for o in came if o.kind in GOOD} & whom
    report = response.learn(project, now)
    beta = {} if report.fit is None else {
        name: (report.fit.beta[i], report.fit.spread(i)) for i, name in enumerate(response.FEATURES, 1)
    }  # fmt: skip
    return Review(
        now, since, campaign, _funnel(project, met, came, None), _funnel(project, met, came, since),
        tuple(_groups(_segments(project), whom, answered)), tuple(_by_step(project, now, campaign)),
        tuple(_lists(project, met, answered)), report, report.state == "better", beta,
    )  # fmt: skip


def _funnel(project: Project, met: Sequence[Touch], came: Sequence[Outcome], since: int | None) -> dict[str, int]:
    persons, after = people_map(project), -1 if since is None else since
    whom = {persons.one(t.account) for t in met if t.t > after}
    counts = {"touches": sum(t.t > after for t in met), "met": len(whom)}
    for stage, kinds in STAGES.items():
        counts[stage] = len({persons.one(o.account) for o in came if o.kind in kinds and o.t > after})
    return counts


def _segments(project: Project) -> dict[str, set[int]]:
    persons, found = people_map(project), defaultdict[str, set[int]](set)
    for name, account in project.query(
        "select s.name, m.account from segment_member m join segment s on s.id = m.segment union "
        "select segment, item from list_member where segment is not null order by 1, 2"
    ):
        found[name].add(persons.one(account))
    return found


def _groups(groups: Mapping[str, set[int]], whom: set[int], answered: set[int]) -> list[Group]:
    """Each group beside everybody else who was met."""
    rows = []
    for name in sorted(groups):
        mine, others = groups[name] & whom, whom - groups[name]
        if len(mine) >= LEAST:
            rows.append((name, len(mine), len(mine & answered), len(others), len(others & answered)))
    return _ruled(rows)


def _ruled(rows: Sequence[tuple[str, int, int, int, int]]) -> list[Group]:
    """(name, n, hits, others, hits of the others) -> groups, with what can be said."""
    strict = 1 - (1 - ab.CONFIDENCE) / max(1, len(rows))
    plain = [ab.p_value(oh, o, h, n) if o >= LEAST else 1.0 for _, n, h, o, oh in rows]
    out = []
    for (name, n, hits, o, oh), p in zip(rows, ab.holm(plain), strict=True):
        low, high = ab.wilson(hits, n)
        gap, gap_low, gap_high = ab.difference(oh, o, hits, n, strict) if o >= LEAST else (0.0, -1.0, 1.0)
        told = p < 1 - ab.CONFIDENCE and n >= ab.SMALL and o >= ab.SMALL and (gap_low > 0 or gap_high < 0)
        ruling = "open" if not told else "better" if gap > 0 else "worse"
        out.append(Group(name, n, hits, low, high, gap, gap_low, gap_high, ruling))
    return out


def _by_step(project: Project, now: int, campaign: int | None) -> list[Group]:
    """Touches of each step of the ladder beside all other steps; here touches are counted, not people."""
    rows = [(x, y) for x, y in response.examples(project, now) if campaign is None or x.campaign == campaign]
    found = []
    for step in LADDER:
        mine, others = [y for x, y in rows if x.step == step], [y for x, y in rows if x.step != step]
        if len(mine) >= LEAST:
            found.append((step, len(mine), sum(mine), len(others), sum(others)))
    return _ruled(found)


def _lists(project: Project, met: Sequence[Touch], answered: set[int]) -> list[tuple[str, int, int, float, float]]:
    """How many of those met of each list answered: its hit rate."""
    persons = people_map(project)
    whom, found = {persons.one(t.account) for t in met}, []
    members: dict[tuple[int, str], set[int]] = defaultdict(set)
    for number, name, item in project.query(
        "select l.id, l.name, m.item from saved_list l join list_member m on m.list = l.id where l.target = 'people' "
        "order by l.id"
    ):
        members[number, name].add(persons.one(item))
    for (_, name), people in members.items():
        mine = people & whom
        if len(mine) >= LEAST:
            hits = len(mine & answered)
            found.append((name, len(mine), hits, *ab.wilson(hits, len(mine))))
    return found


def store(project: Project, review: Review) -> int:
    """Keep a review, and the model if it beats the base rate; the number of the review."""
    body = {
        "funnel": dict(review.funnel), "new": dict(review.new), "beta": dict(review.beta),
        "segments": [asdict(g) for g in review.segments], "steps": [asdict(g) for g in review.steps],
        "lists": [list(row) for row in review.lists], "adopted": review.adopted,
        "model": {k: v for k, v in asdict(review.model).items() if k != "fit"},
    }  # fmt: skip

    def write(db: sqlite3.Connection) -> int:
        row = db.execute("select created, basis, body, report from model where kind = ?", (response.KIND,)).fetchone()
        if review.adopted:
            db.execute(
                "insert or replace into model(kind, created, basis, body, report) values (?, ?, ?, ?, ?)",
                (response.KIND, review.t, *response.body_of(review.model, review.t)),
            )
        number = int(db.execute(
            "insert into review(t, campaign, kind, body) values (?, ?, ?, ?) returning id",
            (review.t, review.campaign, KIND, json.dumps(body, ensure_ascii=False)),
        ).fetchone()[0])  # fmt: skip
        write_audit(db, "review", {"review": number, "model": review.adopted})
        acts.note(db, "review", {"review": number, "model": list(row) if row else None, "adopted": review.adopted})
        return number

    return project.writer.call(write)


def take_back(db: sqlite3.Connection, detail: Mapping[str, Any]) -> None:
    """Remove a review inside a transaction, and put the model back that was in use before it."""
    db.execute("delete from review where id = ?", (detail["review"],))
    if detail["adopted"]:
        db.execute("delete from model where kind = ?", (response.KIND,))
        if detail["model"]:
            db.execute(
                "insert into model(kind, created, basis, body, report) values (?, ?, ?, ?, ?)",
                (response.KIND, *detail["model"]),
            )
