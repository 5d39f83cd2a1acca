"""What happened in a campaign, for its report: the form, the people at each step, the numbers of ``kpi``, the balance.

Every person counts once, suppressed ones in no list of names (there is none here), rows that were taken back never.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from xunke.clock import day_of, end_of
from xunke.storage import Project
from xunke.storage.persons import own_accounts

from . import brief, campaign_rows, campaigns, kpi, lists, returns, trial_results, trials
from .campaigns import Campaign
from .touches import LADDER

ANSWERED: Final = kpi.GOOD | kpi.ANSWERS
"""Outcomes by which somebody answered, for us or against us."""
LEAST: Final = 10
"""People approached below which no rate is told."""
_TOLD: Final = frozenset({"goal", "kpi", "target", "baseline", "since", "until", "lists"})
"""Fields of the form that have a place of their own in a report."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the ladder: how often done, to how many people, and how many of them answered after it."""

    step: str
    times: int
    people: int
    answered: int


@dataclass(frozen=True, slots=True)
class Case:
    """A campaign as it went. ``form``: {step of the form: {field: value}}; ``listed``, ``touched``, ``answered``,
    ``won``, ``bad``: people; ``lists``: (name, people); ``variants``: (name, code, times used); ``experiments``:
    (name, metric, state, verdict); ``outcomes``: (kind, people); ``costs``: (kind, CNY, minutes). ``change``: acts
    towards us a day, before and since; ``surplus``: money beside those kept back; None where nothing tells them.
    """

    campaign: Campaign
    form: Mapping[str, Mapping[str, Any]]
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
    costs: tuple[tuple[str, float | None, float | None], ...]
    numbers: tuple[kpi.Number, ...]
    balance: returns.Return
    change: returns.Change | None
    surplus: trial_results.Surplus | None
    notes: tuple[str, ...]


def named(project: Project, name: str) -> Campaign | None:
    """The campaign called ``name``, or with that number."""
    every = campaigns.every(project)
    return next((c for c in every if c.name == name), None) or next((c for c in every if str(c.id) == name), None)


def known(project: Project) -> list[str]:
    """Names of campaigns."""
    return [c.name for c in campaigns.every(project)][:10]


def case(project: Project, campaign: Campaign, *, now: int) -> Case:
    """The campaign as known at ``now`` (UTC seconds); nothing after its last day counts."""
    if campaign.until:
        now = min(now, end_of(date.fromisoformat(campaign.until)))
    given = campaign_rows.inputs(project, campaign, now=now)
    form: dict[str, dict[str, Any]] = {}
    for filled in brief.form(project, campaign):
        if filled.value not in (None, "", [], {}, ()) and filled.field.name not in _TOLD:
            form.setdefault(filled.field.step, {})[filled.field.name] = filled.value
    kinds: dict[str, set[int]] = {}
    for came in given.came:
        kinds.setdefault(came.kind, set()).add(came.person)
    costs: dict[str, tuple[float, float]] = {}
    for cost in campaigns.costs(project, campaign):
        money, minutes = costs.get(cost.kind, (0.0, 0.0))
        costs[cost.kind] = money + (cost.amount or 0.0), minutes + (cost.minutes or 0.0)
    touched = given.touched
    return Case(
        campaign, form, _lists(project, campaign), _variants(project, campaign), _experiments(project, campaign),
        _steps(given), tuple(sorted(((k, len(w)) for k, w in kinds.items()), key=lambda i: (-i[1], i[0]))),
        len(given.audience | touched), len(touched), len(given.people(ANSWERED) & touched),
        len(given.people(kpi.WON) & touched), len(given.people(kpi.BAD)),
        tuple((k, m or None, t or None) for k, (m, t) in sorted(costs.items())),
        tuple(n for n in kpi.tree(given) if n.value is not None), returns.balance(given),
        _change(project, campaign, now), _surplus(project, campaign, now), _notes(project, campaign),
    )  # fmt: skip


def _change(project: Project, campaign: Campaign, now: int) -> returns.Change | None:
    own, span = own_accounts(project), campaign_rows.spell(campaign, day_of(now))
    return campaign_rows.change(project, own, span) if own and span else None


def _surplus(project: Project, campaign: Campaign, now: int) -> trial_results.Surplus | None:
    kept_back = trials.with_holdout(project, campaign.id)
    return trial_results.surplus(project, kept_back[0], now) if kept_back else None


def _lists(project: Project, campaign: Campaign) -> tuple[tuple[str, int], ...]:
    of = {entry.id: entry for entry in lists.saved(project)}
    return tuple((of[n].name, of[n].size) for n in campaign.lists if n in of)


def _variants(project: Project, campaign: Campaign) -> tuple[tuple[str, str | None, int], ...]:
    return tuple((name, code, used) for name, code, used in project.query(
        "select v.name, v.code, (select count(*) from touch t where t.variant = v.id and t.undone is null) "
        "from variant v where v.campaign = ? order by v.id", (campaign.id,),
    ))  # fmt: skip


def _experiments(project: Project, campaign: Campaign) -> tuple[tuple[str, str, str, dict[str, Any]], ...]:
    import json

    held = json.dumps([one.id for one in trials.with_holdout(project, campaign.id)])  # of its lists alone, too
    sql = "select name, metric, state, verdict from experiment where campaign = ?1 or id in "
    rows = project.query(sql + "(select value from json_each(?2)) order by id", (campaign.id, held))
    return tuple((name, m, state, json.loads(v or "{}")) for name, m, state, v in rows)


def _notes(project: Project, campaign: Campaign) -> tuple[str, ...]:
    sql = "select body from note where campaign = ? and undone is null and account is null order by t, id limit 10"
    return tuple(row[0] for row in project.query(sql, (campaign.id,)))


def _steps(given: kpi.Inputs) -> tuple[Step, ...]:
    return tuple(step for name in LADDER if (step := _step(given, name, [a for a in given.acts if a.step == name])))


def _step(given: kpi.Inputs, name: str, acts: Sequence[kpi.Act]) -> Step | None:
    first: dict[int, int] = {}
    for act in acts:
        first.setdefault(act.person, act.t)
    answered = {c.person for c in given.came if c.kind in ANSWERED and c.person in first and c.t >= first[c.person]}
    return Step(name, len(acts), len(first), len(answered)) if acts else None
