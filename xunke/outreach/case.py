"""What happened in a campaign, read from its rows: goal, lists, variants, experiments, touches, outcomes, costs.

Every person counts once, suppressed ones in no list of names (there is none here), undone rows never.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.clock import end_of
from xunke.storage import Project
from xunke.storage.persons import people_map

STEPS: Final = ("follow", "reply", "engage", "talk", "offer")
ANSWERS: Final = frozenset({"follow_back", "like", "reply", "positive", "negative", "click", "converted", "bought"})
WON: Final = frozenset({"converted", "bought"})
BAD: Final = frozenset({"complaint", "opt_out"})
LEAST: Final = 10
"""People approached below which no rate is told."""
LEAST_VALUES: Final = 8
RESAMPLES: Final = 2_000
SEED: Final = 20_261_123


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the ladder: how often done, to how many people, and how many of them answered after it."""

    step: str
    times: int
    people: int
    answered: int


@dataclass(frozen=True, slots=True)
class Roi:
    """Return on cost; ``low`` to ``high``: 95 % by resampling people, None where too few have a value."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Case:
    """A campaign as it went. Money in CNY, days ISO. ``listed``, ``touched``, ``answered``, ``won``, ``bad``: people;
    ``lists``: (name, people); ``variants``: (name, code, times used); ``experiments``: (name, metric, state, verdict).
    """

    name: str
    state: str
    goal: str | None
    kpi: str | None
    target: float | None
    baseline: float | None
    since: str | None
    until: str | None
    brief: dict[str, Any]
    lists: tuple[tuple[str, int], ...]
    variants: tuple[tuple[str, str | None, int], ...]
    experiments: tuple[tuple[str, str, str, dict[str, Any]], ...]
    steps: tuple[Step, ...]
    outcomes: tuple[tuple[str, int], ...]
    listed: int
    touched: int
    answered: int
    won: int
    bad: int
    value: float
    costs: tuple[tuple[str, float | None, float | None], ...]
    minutes: float
    roi: Roi | None
    notes: tuple[str, ...]

    @property
    def money(self) -> float:
        """What was spent."""
        return sum(amount or 0.0 for _, amount, _ in self.costs)


def named(project: Project, name: str) -> int | None:
    """The campaign called ``name``, or with that number."""
    sql = "select id from campaign where name = ?1 or cast(id as text) = ?1 order by name = ?1 desc"
    found = project.one(sql, (name,))
    return None if found is None else int(found)


def known(project: Project) -> list[str]:
    """Names of campaigns, newest first."""
    return [row[0] for row in project.query("select name from campaign order by id desc limit 10")]


def case(project: Project, campaign: int, *, now: int) -> Case:
    """The campaign as known at ``now`` (UTC seconds)."""
    from datetime import date

    sql = "select name, state, goal, kpi, target, baseline, since, until, brief from campaign where id = ?"
    name, state, goal, kpi, target, baseline, since, until, brief = project.query(sql, (campaign,))[0]
    if until:
        now = min(now, end_of(date.fromisoformat(until)))
    persons = people_map(project)
    lists = project.query(
        "select l.id, l.name, (select count(*) from list_member m where m.list = l.id) from campaign_list c "
        "join saved_list l on l.id = c.list where c.campaign = ? order by l.id", (campaign,),
    )  # fmt: skip
    members = {persons.one(r[0]) for r in project.query(
        "select item from list_member where list in (select value from json_each(?))",
        (json.dumps([entry[0] for entry in lists]),),
    )}  # fmt: skip
    touches = [(persons.one(a), *rest) for a, *rest in project.query(
        "select account, t, step, variant, coalesce(minutes, 0) from touch where campaign = ? and undone is null "
        "and state = 'done' and t <= ? order by t, id", (campaign, now),
    )]  # fmt: skip
    outcomes = [(persons.one(a), *rest) for a, *rest in project.query(
        "select account, t, kind, value from outcome where campaign = ? and undone is null and t <= ? order by t, id",
        (campaign, now),
    )]  # fmt: skip
    touched = {account for account, *_ in touches}
    answered = {a for a, _, kind, _ in outcomes if kind in ANSWERS and a in touched}
    won = {a for a, _, kind, _ in outcomes if kind in WON and a in touched}
    bad = {a for a, _, kind, _ in outcomes if kind in BAD}
    costs = tuple((k, a, m) for k, a, m in project.query(
        "select kind, sum(amount), sum(minutes) from cost where campaign = ? group by kind order by kind", (campaign,)
    ))  # fmt: skip
    values: dict[int, float] = dict.fromkeys(touched, 0.0)
    for account, _, _, value in outcomes:
        if value is not None and account in values:
            values[account] += float(value)
    variants = tuple((v, code, used) for v, code, used in project.query(
        "select v.name, v.code, (select count(*) from touch t where t.variant = v.id and t.undone is null "
        "and t.state = 'done') from variant v where v.campaign = ? order by v.id", (campaign,),
    ))  # fmt: skip
    experiments = tuple((n, m, s, json.loads(v or "{}")) for n, m, s, v in project.query(
        "select name, metric, state, verdict from experiment where campaign = ? order by id", (campaign,)
    ))  # fmt: skip
    notes = tuple(r[0] for r in project.query(
        "select body from note where campaign = ? and undone is null and account is null order by t, id limit 10",
        (campaign,),
    ))  # fmt: skip
    kinds: dict[str, set[int]] = {}
    for account, _, kind, _ in outcomes:
        kinds.setdefault(kind, set()).add(account)
    spent = sum(amount or 0.0 for _, amount, _ in costs)
    minutes = sum(m or 0.0 for *_, m in costs) + sum(t[4] for t in touches)
    return Case(
        name, state, goal, kpi, target, baseline, since, until, json.loads(brief or "{}"),
        tuple((title, n) for _, title, n in lists), variants, experiments,
        _steps(touches, outcomes), tuple(sorted(((k, len(w)) for k, w in kinds.items()), key=lambda i: (-i[1], i[0]))),
        len(members | touched), len(touched), len(answered), len(won), len(bad), sum(values.values()), costs, minutes,
        roi(list(values.values()), spent), notes,
    )  # fmt: skip


def _steps(touches: Sequence[Any], outcomes: Sequence[Any]) -> tuple[Step, ...]:
    out = []
    for step in STEPS:
        mine = [(account, t) for account, t, name, *_ in touches if name == step]
        first: dict[int, int] = {}
        for account, t in mine:
            first.setdefault(account, t)
        answered = {a for a, t, kind, _ in outcomes if kind in ANSWERS and a in first and t >= first[a]}
        if mine:
            out.append(Step(step, len(mine), len(first), len(answered)))
    return tuple(out)


def roi(values: Sequence[float], cost: float, *, seed: int = SEED) -> Roi | None:
    """(value − cost) / cost; its interval by the percentile bootstrap over people (Efron 1979), ``seed`` fixed.

    None without any cost; no interval where fewer than ``LEAST_VALUES`` people brought something.
    """
    if cost <= 0 or not values:
        return None
    whole = (sum(values) - cost) / cost
    if sum(v > 0 for v in values) < LEAST_VALUES:
        return Roi(whole, None, None)
    rng = random.Random(seed)
    drawn = sorted((sum(rng.choices(values, k=len(values))) - cost) / cost for _ in range(RESAMPLES))
    return Roi(whole, drawn[int(0.025 * RESAMPLES)], drawn[int(0.975 * RESAMPLES) - 1])
