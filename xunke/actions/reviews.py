"""Closing the loop: ``review`` looks back and learns, ``next_acts`` says what to do now, ``why_next`` why.

The command line, the chat and the screens call these. ``now``: UTC seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from xunke.clock import day_of, moment
from xunke.errors import BadInput
from xunke.events import Done, Event, Table, Warned
from xunke.outreach import campaigns, gate, lists, next_act, response, reviews
from xunke.outreach.next_act import Act
from xunke.outreach.response import Ask
from xunke.outreach.reviews import Group, Review
from xunke.outreach.touches import LADDER
from xunke.storage import Project, rows
from xunke.storage.persons import people_map

from .common import one_account
from .ladder import names

SHOWN: Final = 8
"""Features told, the strongest first."""
_FUNNEL: Final = ("touches", "met", *reviews.STAGES)


def review(
    project: Project, *, now: int, campaign: str | None = None, dry_run: bool = False, index: int = 0
) -> Iterator[Event]:
    """What changed since the last look, who answered better or worse, and (unless ``dry_run``) the model learned again
    if it beats the base rate.
    """
    number = None if campaign is None else campaigns.by_name(project, campaign).id
    before = reviews.past(project, number)
    found = reviews.look(project, now, campaign=number)
    if not found.funnel["touches"] and not found.funnel["answered"]:
        yield Done("review.nothing")
        return
    yield _funnel(found, before[0][1] if before else None, index)
    if before:
        yield Warned("review.since", {"day": day_of(before[0][0]).isoformat(), "n": found.new["met"]})
    else:
        yield Warned("review.first")
    for title, groups in (("review.segments_title", found.segments), ("review.steps_title", found.steps)):
        if groups:
            yield _group_table(title, groups, index)
            yield from _group_told(groups)
    if found.lists:
        body = [[n, met, hits, round(hits / met, 4), round(low, 4), round(high, 4)]
                for n, met, hits, low, high in found.lists]  # fmt: skip
        yield Table(
            "review.lists_title", ["of_list", "met", "hits", "rate", "low", "high"], body, {"n": len(body)}, index
        )
    yield from _learned(project, found, before[0][1] if before else None, index)
    if dry_run:
        yield Done("review.dry")
        return
    reviews.store(project, found)
    yield Done("review.kept_model" if found.adopted else "review.kept", {"n": found.model.n})


def history(project: Project, *, campaign: str | None = None, index: int = 0) -> Iterator[Event]:
    """The reviews so far."""
    number = None if campaign is None else campaigns.by_name(project, campaign).id
    body = [
        [
            day_of(t).isoformat(),
            *(one["funnel"].get(name, 0) for name in _FUNNEL),
            f"review.model.{one['model']['state']}",
        ]
        for t, one in reviews.past(project, number)
    ]
    if not body:
        yield Done("review.none")
        return
    columns = ["day", "touch_count", *(f"{name}_people" for name in _FUNNEL[1:]), "learned_state"]
    yield Table("review.history_title", columns, body, {"n": len(body)}, index)


def _funnel(found: Review, before: dict[str, Any] | None, index: int) -> Table:
    body = [
        [f"review.{name}", None if before is None else before["funnel"].get(name, 0), found.funnel[name],
         found.new[name]]
        for name in _FUNNEL
    ]  # fmt: skip
    return Table(
        "review.funnel_title",
        ["review_stage", "last_time", "so_far", "new_since"],
        body,
        {"n": found.funnel["met"]},
        index,
    )


def _group_table(title: str, groups: tuple[Group, ...], index: int) -> Table:
    body = [
        [f"next.step.{g.name}" if title == "review.steps_title" else g.name, g.n, g.hits, round(g.hits / g.n, 4),
         round(g.low, 4), round(g.high, 4), f"review.ruling.{g.ruling}"]
        for g in groups
    ]  # fmt: skip
    columns = [
        "kind_of",
        "touch_count" if title == "review.steps_title" else "met",
        "hits",
        "rate",
        "low",
        "high",
        "verdict",
    ]
    return Table(title, columns, body, {"n": len(body)}, index)


def _group_told(groups: tuple[Group, ...]) -> Iterator[Warned]:
    told = [g for g in groups if g.ruling != "open"]
    for g in told:
        yield Warned(f"review.group_{g.ruling}", {
            "what": g.name if g.name not in LADDER else f"next.step.{g.name}", "rate": g.hits / g.n,
            "gap": f"{g.gap * 100:+.1f}", "low": f"{g.gap_low * 100:+.1f}", "high": f"{g.gap_high * 100:+.1f}",
        })  # fmt: skip
    if not told and len(groups) > 1:
        yield Warned("review.groups_open", {"n": len(groups)})


def _learned(project: Project, found: Review, before: dict[str, Any] | None, index: int) -> Iterator[Event]:
    report = found.model
    numbers = {
        "n": report.n, "hits": report.answers, "least": response.LEAST, "least_hits": response.LEAST_ANSWERS,
        "held": report.held_out, "gain": report.gain, "low": report.gain_low, "brier": report.brier,
        "brier_base": report.brier_base, "ece": report.ece, "loss": report.loss, "loss_base": report.loss_base,
    }  # fmt: skip
    yield Warned(f"review.learn_{report.state}", numbers)
    if report.fit is None:
        return
    if report.bins:
        bins = [[n, round(said, 4), round(came, 4)] for n, said, came in report.bins]
        yield Table("review.bins_title", ["touch_count", "said_chance", "came_true"], bins, numbers, index)
    old = (before or {}).get("beta") or {}
    ranked = sorted(found.beta.items(), key=lambda item: (-abs(item[1][0]) / item[1][1], item[0]))
    body = [
        [f"response.f.{name}", round(math.exp(beta), 2), round(math.exp(beta - 1.645 * spread), 2),
         round(math.exp(beta + 1.645 * spread), 2), round(math.exp(old[name][0]), 2) if name in old else None]
        for name, (beta, spread) in ranked[:SHOWN]
    ]  # fmt: skip
    yield Table(
        "review.features_title", ["feature", "odds_times", "low", "high", "last_time"], body, {"n": report.n}, index
    )
    model = response.current(project)
    if report.state == "worse" and model is not None:
        yield Warned("review.old_model", {"n": model.n, "day": day_of(model.until).isoformat()})


# -- what next -----------------------------------------------------------------------------------------------------


def next_acts(
    project: Project,
    *,
    now: int,
    limit: int = 20,
    people: str | None = None,
    campaign: str | None = None,
    value: float | None = None,
    per_minute: float | None = None,
    index: int = 0,
) -> Iterator[Event]:
    """The next best acts, the greatest gain first. ``people``: a list; ``value`` of an answer and ``per_minute`` in
    CNY, kept once they are said.
    """
    if limit < 1 or not (0 < (1 if value is None else value) < math.inf and 0 <= (per_minute or 0) < math.inf):
        raise BadInput("next.numbers")
    worth, cost, assumed = prices(project, value, per_minute)
    list_id = None if people is None else lists.by_name(project, people, now).id
    found = next_act.propose(
        project, now, limit=limit, list_id=list_id, value=worth, per_minute=cost,
        campaign=None if campaign is None else campaigns.by_name(project, campaign).id,
    )  # fmt: skip
    pool = next_act.candidates(project, now, list_id=list_id) if len(found) < limit else []
    if not found:
        yield Done("next.nobody" if not pool else "next.nothing", {"n": len(pool)})
        return
    who = {p.id: p for p in rows.people(project, sorted({a.account for a in found}))}
    body = [
        [who[a.account].name or who[a.account].native_id if a.account in who else str(a.account), f"next.step.{a.step}",
         f"next.rule.{a.rule}", round(a.chance, 3), round(a.minutes, 1), round(a.gain, 1), _when(a, now)]
        for a in found
    ]  # fmt: skip
    columns = ["name", "next_step", "next_reason", "chance", "minutes", "gain_yuan", "time_from"]
    yield Table("next.title", columns, body, {
        "n": len(found), "posts": [[a.post] if a.post else [] for a in found],
        "objects": [_object(a, who.get(a.account)) for a in found],
    }, index)  # fmt: skip
    model = response.current(project)
    if model is None:
        yield Warned("next.by_rule", {"least": response.LEAST, "least_hits": response.LEAST_ANSWERS})
    else:
        yield Warned("next.learned", {"n": model.n, "hits": model.answers, "day": day_of(model.until).isoformat()})
    if assumed:
        yield Warned("next.assumed", {"value": worth, "cost": cost})
    if len(pool) > len(found):
        yield Warned("next.others", {"n": len(pool) - len(found)})


def _object(act: Act, who: rows.PersonRow | None) -> dict[str, Any]:
    """An act for ``--json``: every number behind it."""
    return {
        "platform": who.platform if who else None, "id": who.native_id if who else None,
        "name": who.name if who else None, "step": act.step, "rule": act.rule, "chance": round(act.chance, 6),
        "low": round(act.low, 6), "high": round(act.high, 6), "learned": act.learned, "minutes": act.minutes,
        "gain": round(act.gain, 4), "at": moment(act.at).isoformat(), "post": act.post, "facts": dict(act.facts),
        "blocked": [{"rule": b.rule, "step": b.step, "reason": b.reason, "params": dict(b.params)}
                    for b in act.blocked],
    }  # fmt: skip


def prices(project: Project, value: float | None, per_minute: float | None) -> tuple[float, float, bool]:
    """(value of an answer, cost of a minute, whether one is only assumed), in CNY; what is said is kept."""
    found = []
    for key, said, default in (
        ("next_value", value, next_act.VALUE), ("next_per_minute", per_minute, next_act.PER_MINUTE),
    ):  # fmt: skip
        kept = project.meta(key)
        if said is not None and str(said) != kept:
            project.set_meta(key, str(said))
        found.append((said if said is not None else float(kept) if kept else default, said is None and not kept))
    return found[0][0], found[1][0], found[0][1] or found[1][1]


def _when(act: Act, now: int) -> str | None:
    return None if act.at <= now else moment(act.at).strftime("%m-%d %H:%M")


def why_next(
    project: Project, who: str, *, now: int, value: float | None = None, per_minute: float | None = None,
    index: int = 0,
) -> Iterator[Event]:  # fmt: skip
    """One person: what the rules saw, what fits, what the gate said, and where the chance comes from."""
    account = people_map(project).one(one_account(project, who).id)
    if (reason := gate.never(project, account, "reply", now=now)) is not None:
        who_is = names(project, [account]).get(account, who)
        yield Warned("gate.may_not", {"name": who_is, "what": "step.reply"})
        yield Warned(reason)
        return
    worth, cost, assumed = prices(project, value, per_minute)
    found = next_act.propose(project, now, people=[account], value=worth, per_minute=cost, idle=True, limit=1)
    facts = next_act.facts_of(project, [account], now)[account]
    yield Table(
        "next.facts_title", ["rule_fact", "fact_seen"],
        [[f"next.fact.{name}", _shown(name, value)] for name, value in facts.items()], {"n": len(facts)}, index,
    )  # fmt: skip
    if not found:
        yield Done("next.no_rule")
        return
    act = found[0]
    for one in act.blocked:
        yield Warned("next.blocked", {
            **one.params, "what": f"next.rule.{one.rule}", "op": f"next.step.{one.step}", "reason": one.reason,
        })  # fmt: skip
    params = {
        "what": f"next.rule.{act.rule}", "op": f"next.step.{act.step}", "chance": act.chance,
        "range": f" ({act.low:.0%}–{act.high:.0%})" if act.low < act.high else "",
        "minutes": act.minutes, "gain": act.gain, "value": worth, "cost": cost,
        "worth": next((r.worth for r in next_act.rules() if r.name == act.rule), 1.0), "time": _when(act, now) or "—",
    }  # fmt: skip
    if act.step is None:
        yield Warned("next.leave", params)
        return
    yield Warned("next.best" if act.at <= now else "next.best_later", params)
    for key in act.advice:
        yield Warned(key)
    model = response.current(project)
    if model is None:
        yield Warned("next.by_rule", {"least": response.LEAST, "least_hits": response.LEAST_ANSWERS})
    else:
        parts = response.parts(project, model, Ask(account, now, act.step, timed=False))
        body = [[f"response.f.{name}", round(x, 3), round(math.exp(adds), 2)] for name, x, adds in parts]
        known = {"n": model.n, "hits": model.answers}
        yield Table("next.parts_title", ["feature", "fact_seen", "odds_times"], body, known, index)
        yield Warned("next.learned", {**known, "day": day_of(model.until).isoformat()})
    if assumed:
        yield Warned("next.assumed", {"value": worth, "cost": cost})


def _shown(name: str, value: Any) -> Any:
    if name == "stage":
        return None if value is None else f"next.stage.{value}"
    if isinstance(value, bool):
        return "value.yes" if value else "value.no"
    return value


def rule_table(*, index: int = 0) -> Iterator[Event]:
    """The rules, in their order."""
    body = [
        [i, f"next.rule.{r.name}", "next.leave_step" if r.step is None else f"next.step.{r.step}", r.worth, r.chance]
        for i, r in enumerate(next_act.rules(), 1)
    ]
    yield Table(
        "next.rules_title",
        ["rule_no", "next_reason", "next_step", "worth_times", "chance"],
        body,
        {"n": len(body)},
        index,
    )
