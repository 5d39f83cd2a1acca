"""Experiments: new, pilot, list, show, result, power, stop, assign, rest. The command line, the chat and the screens
call these; all of them take a project and tell events. ``now``: UTC seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from xunke.clock import day_of
from xunke.errors import BadInput, NeedsAnswer
from xunke.events import Done, Event, Table, Warned
from xunke.figures import percent
from xunke.outreach import campaigns, judge, lists, sequential, trial_results, trials
from xunke.outreach import experiments as ab
from xunke.outreach.judge import Judged, Share
from xunke.outreach.list_pick import HOLDOUT
from xunke.outreach.orders import orders
from xunke.outreach.touches import outcomes
from xunke.outreach.trials import Experiment
from xunke.storage import Project, rows
from xunke.storage.persons import people_map

_ARMS: Final = ["arm", "people", "entered", "through", "hits", "rate", "low", "high"]
_PAIRS: Final = ["pair", "gap", "low", "high", "p_value", "verdict", "needed", "more_needed", "days_more"]


def new(
    project: Project,
    name: str,
    *,
    people: str,
    now: int,
    arms: Sequence[str] = ("A", "B"),
    split: Sequence[float] = (),
    hold_out: float = 0.0,
    metric: str = "reply_rate",
    campaign: str | None = None,
    mde: float | None = None,
    baseline: float | None = None,
    days: int = trials.DAYS,
    horizon: int | None = None,
    seed: int | None = None,
    stratify: Sequence[str] = (),
    overlap: bool = False,
    once: bool = False,
    index: int = 0,
) -> Iterator[Event]:
    """Deal the people of the list ``people`` out. ``arms``: names, or ``name=words``; ``hold_out``, ``mde`` and
    ``baseline`` 0..1 (``mde`` in CNY for ``mean:value``). ``once``: looked at once only, at the end.
    """
    entry = lists.by_name(project, people, now)
    if entry.target != "people":
        raise BadInput("trial.not_people", name=entry.name)
    made, dealt = trials.create(
        project, name, list_id=entry.id, arms=[_arm(a) for a in arms], split=split, holdout=hold_out, metric=metric,
        campaign=None if campaign is None else campaigns.by_name(project, campaign).id, mde=mde, baseline=baseline,
        days=days, horizon=horizon, seed=seed, stratify=stratify, overlap=overlap, now=now, extra={"once": once},
    )  # fmt: skip
    yield _dealt_table(made, dealt.sizes, index)
    yield from _dealt_told(made, dealt)
    yield from _can_it_tell(project, made, dealt.sizes, now, index)
    yield Done("trial.made", {"name": made.name, "n": dealt.people, "seed": made.seed, "days": days})


def _arm(said: str) -> tuple[str, str | None]:
    name, _, words = said.partition("=")
    return name.strip(), words.strip() or None


def _dealt_table(made: Experiment, sizes: Any, index: int) -> Table:
    body = [
        [a["name"], sizes.get(a["name"], 0), round(a["part"], 4), a.get("code"), a.get("text")]
        for a in made.spec["arms"]
    ]
    params = {"name": made.name, "measure": made.metric, "n": sum(sizes.values())}
    return Table("trial.arms_title", ["arm", "people", "share", "code", "arm_text"], body, params, index)


def _dealt_told(made: Experiment, dealt: trials.Dealt) -> Iterator[Event]:
    for key, n in dealt.left_out.items():
        yield Warned(key, {"n": n, "others": list(dealt.others)})
    if dealt.balance:
        body = [
            [f"trial.trait.{trait}", arm, round(one, 3), round(two, 3), None if gap is None else round(gap, 3),
             "trial.uneven" if off else "trial.even"]
            for trait, arm, one, two, gap, off in dealt.balance
        ]  # fmt: skip
        columns = ["trait", "arm", "first_mean", "mean", "std_difference", "balanced"]
        yield Table("trial.balance_title", columns, body, {"one": made.spec["arms"][0]["name"]})
        off = sum(row[-1] for row in dealt.balance)
        yield Warned("trial.balance_off" if off else "trial.balance_ok", {"n": off, "of": len(body)})


def _can_it_tell(project: Project, made: Experiment, sizes: Any, now: int, index: int) -> Iterator[Event]:
    """The smallest change that so many people can show, beside the one that is wanted."""
    arms = made.arms
    if made.is_mean or len(arms) < 2:
        return
    baseline = made.spec["baseline"] or _baseline(project, made.metric, now) or ab.BASELINE
    least = min(sizes.get(a, 0) for a in arms)
    z = _z(bool(made.spec.get("once")), len(arms) - 1)
    change = judge.rate_change(baseline, least, z=z)
    wanted = made.spec["mde"]
    params = {
        "n": least, "baseline": baseline, "change": _points(change), "power": ab.POWER, "wanted": _points(wanted),
        "level": percent(None if change is None else baseline + change) or "—",
    }  # fmt: skip
    if change is None:
        yield Warned("trial.cannot_tell", params)
    elif wanted and change > abs(wanted):
        try:
            params["needed"] = max(ab.sample_size(baseline, wanted, z=z))
        except ValueError:
            raise BadInput("ab.rates", baseline=baseline, mde=wanted) from None
        yield Warned("trial.too_small", params)
    else:
        yield Warned("trial.can_tell", params)


def _z(once: bool, comparisons: int) -> float:
    strict = sequential.ALPHA / max(1, comparisons)
    return ab.z_of(1 - strict) if once else sequential.height(strict)


def _baseline(project: Project, metric: str, now: int) -> float | None:
    """The share of people touched so far with such an outcome; None below 30 people."""
    from xunke.outreach.touches import touches

    persons = people_map(project)
    met = {persons.one(t.account) for t in touches(project, until=now) if t.happened}
    hit = {persons.one(o.account) for o in outcomes(project, until=now) if o.kind in trials.METRICS[metric]}
    return len(hit & met) / len(met) if len(met) >= ab.SMALL and hit & met else None


def _points(value: float | None) -> str:
    return "—" if value is None else f"{value * 100:+.1f}"


# -- looking -------------------------------------------------------------------------------------------------------


def listing(project: Project, *, index: int = 0) -> Iterator[Event]:
    """All experiments."""
    every = trials.listing(project)
    if not every:
        yield Done("trial.none")
        return
    body = [
        [f"E{e.id}", e.name, e.metric, len(trials.members(project, e.id)), list(e.arms),
         day_of(e.start).isoformat(), f"trial.state.{e.state}"]
        for e in every
    ]  # fmt: skip
    yield Table("trial.list_title", ["id", "name", "metric", "people", "arms", "day", "state"], body,
                {"n": len(every), "heads": {"name": "trial_name"}}, index)  # fmt: skip


def show(project: Project, name: str, *, now: int, index: int = 0) -> Iterator[Event]:
    """How an experiment was set up: its arms and codes, how alike they are, what was left out and decided."""
    one = trials.by_name(project, name)
    arm_of = trials.members(project, one.id)
    sizes = {a["name"]: sum(x == a["name"] for x in arm_of.values()) for a in one.spec["arms"]}
    yield _dealt_table(one, sizes, index)
    rows_of = trials.balance(project, arm_of, list(sizes), one.list_id, one.start)
    dealt = trials.Dealt(len(arm_of), sizes, one.spec["left_out"], (), tuple(rows_of))
    yield from _dealt_told(one, dealt)
    yield Warned("trial.setup", {
        "seed": one.seed, "days": one.spec["days"], "day": day_of(one.start).isoformat(),
        "change": _points(one.spec["mde"]), "what": f"trial.state.{one.state}",
    })  # fmt: skip
    if one.verdict is not None:
        yield Warned(
            "trial.decided", {"day": day_of(one.ended or now).isoformat(), "names": trials.decided(one.verdict)}
        )


def result(
    project: Project, name: str, *, now: int, days: int | None = None, rows: bool = False, index: int = 0
) -> Iterator[Event]:
    """What came of each arm so far, and what that allows to be said. ``rows``: the outcomes behind the numbers."""
    one = trials.by_name(project, name)
    if one.spec.get("go") is not None:
        from .pilots import verdict

        yield from verdict(project, one, now=now, index=index)
        return
    found = trial_results.findings(project, one, now, days=days)
    window = days or int(one.spec["days"])
    body = [
        [c.arm, c.dealt, c.entered, c.through, c.hits, _r(c.rate), _r(c.low), _r(c.high)]
        for c in found.arms
    ]  # fmt: skip
    if one.is_mean:
        body = [[*row[:5], _r(c.value), _r(c.value / c.through if c.through else None)]
                for row, c in zip(body, found.arms, strict=True)]  # fmt: skip
    yield Table("trial.result_title", [*_ARMS[:5], "money_sum", "money_mean"] if one.is_mean else _ARMS, body, {
        "name": one.name, "measure": one.metric, "days": window, "objects": [_object(c) for c in found.arms],
        **({} if found.by_touch else {"heads": {"entered": "entered_dealt"}}),  # nobody was met as far as is logged
    }, index)  # fmt: skip
    if rows:
        yield _rows_table(project, one, found, now, index)
    if found.judged:
        yield _pair_table(found.judged, found.days, index)
    for judged, wait in zip(found.judged, found.days, strict=True):
        yield _verdict(judged, wait, one)
    yield from _warnings(found, one, window)
    yield from _uplift(project, one, now)


def _object(c: trial_results.Counted) -> dict[str, Any]:
    """An arm for ``--json``: with our numbers of the outcomes that count."""
    return {
        "arm": c.arm, "people": c.dealt, "entered": c.entered, "through": c.through, "hits": c.hits, "rate": _r(c.rate),
        "low": _r(c.low), "high": _r(c.high), "value": c.value, "foreign": c.foreign, "outcomes": list(c.rows),
        "orders": list(c.orders),
    }  # fmt: skip


def _r(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 6)


def _pair_table(judged: Sequence[Judged], days: Sequence[int | None], index: int) -> Table:
    body = [
        [f"{j.first} → {j.second}", _r(j.gap), _r(j.low), _r(j.high), round(j.p, 5), f"trial.ruling.{j.ruling}",
         j.needed, j.more, d]
        for j, d in zip(judged, days, strict=True)
    ]  # fmt: skip
    share = min(j.share for j in judged)
    return Table("trial.pairs_title", _PAIRS, body, {"n": len(judged), "share": share}, index)


def _verdict(one: Judged, wait: int | None, of: Experiment | None) -> Warned:
    """The sentence about a pair."""
    mean = of is not None and of.is_mean
    gap, low, high = (f"{v:+,.2f}" if mean else f"{v * 100:+.1f}%" for v in (one.gap, one.low, one.high))
    params = {
        "one": one.first, "two": one.second, "gap": gap, "low": low, "high": high,
        "p": "<0.0001" if one.p < 0.0001 else f"={one.p:.4f}", "share": one.share,
        "more": "—" if one.more is None else f"{one.more:,}",
        "needed": "—" if one.needed is None else f"{one.needed:,}", "wait": "—" if wait is None else f"{wait}",
        "power": one.power if one.power is not None else 1.0,
    }  # fmt: skip
    if one.ruling in ("higher", "lower"):
        bad = of is not None and of.metric == "bad_rate"
        key = "trial.told_once" if of is None and one.share >= 1 else "trial.told_bad" if bad else "trial.told"
        return Warned(key, params | {"better": (
            one.second if (one.gap > 0) != bad else one.first
        )})  # fmt: skip
    if one.ruling == "few":
        return Warned("trial.few_events" if wait is not None else "trial.few_unknown", params)
    if one.futile:
        return Warned("trial.futile", params)
    if not one.more:
        return Warned("trial.close", params)
    return Warned("trial.open_wait" if wait is not None else "trial.open", params)


def _warnings(found: trial_results.Findings, one: Experiment, window: int) -> Iterator[Warned]:
    if found.judged and found.judged[0].share < 1:
        yield Warned("trial.once_early" if one.spec.get("once") else "trial.early", {"share": found.judged[0].share})
    most = max(c.dealt for c in found.arms)
    if any(j.ruling in ("open", "few") and j.needed is not None and j.needed > most for j in found.judged):
        yield Warned("trial.beyond", {"n": most})
    if len(found.judged) > 1:
        yield Warned("trial.many", {"n": len(found.judged)})
    if not found.by_touch:
        yield Warned("trial.no_touch", {"name": one.name})
    if found.dealt_p < judge.SUSPICIOUS:
        yield Warned("trial.mismatch_dealt", {"p": found.dealt_p})
    if found.entered_p < judge.SUSPICIOUS:
        yield Warned("trial.mismatch_entered", {"p": found.entered_p})
    if found.mixed:
        yield Warned("trial.mixed", {"n": found.mixed})
    if foreign := sum(c.foreign for c in found.arms):
        yield Warned("trial.foreign", {"n": foreign})
    if waiting := sum(c.entered - c.through for c in found.arms):
        yield Warned("trial.waiting", {"n": waiting, "days": window})


def surplus(
    project: Project, one: Experiment, *, now: int, cost: float | None = None, index: int = 0
) -> Iterator[Event]:
    """The money that came because of us, beside those kept back; with ``cost`` (CNY) the return on it."""
    found = trial_results.surplus(project, one, now)
    if found is None:
        return
    j = found.judged
    body = [[a.name, a.n, sum(v > 0 for v in a.values), round(math.fsum(a.values), 2),
             round(math.fsum(a.values) / a.n, 2) if a.n else None] for a in (found.treated, found.kept)]  # fmt: skip
    yield Table("trial.extra_title", ["arm", "people", "paying", "money_sum", "money_mean"], body, {
        "name": one.name, "days": one.spec["horizon"], "gap": _r(j.gap), "low": _r(j.low), "high": _r(j.high),
        "revenue": found.revenue, "cost": cost, "roi": found.roi(cost or 0.0),
    }, index)  # fmt: skip
    for key, params in found.told(cost):
        yield Warned(key, params)


def _uplift(project: Project, one: Experiment, now: int) -> Iterator[Event]:
    if one.is_mean:
        yield from surplus(project, one, now=now)
        return
    up = trial_results.uplift(project, one, now)
    if up is None:
        return
    j = up.judged
    params = {
        "treated": up.treated.n, "rate": percent(up.treated.rate), "kept": up.kept.n,
        "kept_rate": percent(up.kept.rate), "gap": _points(j.gap), "low": _points(j.low), "high": _points(j.high),
        "people": round(up.people[0], 1), "people_low": round(up.people[1]), "people_high": round(up.people[2]),
        "touches": up.touches, "per_touch": "—" if up.per_touch is None else f"{up.per_touch:.3f}",
        "cost": "—" if up.per_hit_cost is None else f"{up.per_hit_cost:,.2f}", "days": one.spec["horizon"],
        "left": up.days_left, "needed": "—" if up.needed is None else f"{up.needed:,}",
    }  # fmt: skip
    body = [["treated", up.treated.n, up.treated.hits, _r(up.treated.rate)],
            [HOLDOUT, up.kept.n, up.kept.hits, _r(up.kept.rate)]]  # fmt: skip
    yield Table("trial.uplift_title", ["arm", "people", "hits", "rate"], body, params)
    key = "told" if j.ruling in ("higher", "lower") else "few" if j.ruling == "few" else "open"
    yield Warned(f"trial.uplift_{key}", params)
    if wrong := trial_results.wrong_touches(project, one):
        yield Warned("trial.wrong_touch", {"n": len(wrong), "ids": list(wrong[:10])})


def _rows_table(project: Project, one: Experiment, found: trial_results.Findings, now: int, index: int) -> Table:
    arm_of = {number: c.arm for c in found.arms for number in c.rows}
    noted = [o for o in outcomes(project, since=one.start) if o.id in arm_of]
    paid = {number: c.arm for c in found.arms for number in c.orders}
    bought = [o for o in orders(project, now, since=one.start) if o.id in paid]
    them = sorted({*(o.account for o in noted), *(o.person for o in bought)})
    who = {p.id: p.name for p in rows.people(project, them)}
    body: list[list[Any]] = [
        [arm_of[o.id], who.get(o.account) or str(o.account), o.kind, day_of(o.t).isoformat(), o.value, o.id, o.touch,
         None] for o in noted
    ] + [
        [paid[o.id], who.get(o.person) or str(o.person), "bought", day_of(o.t).isoformat(), o.amount, None, None, o.id]
        for o in bought
    ]  # fmt: skip
    columns = ["arm", "name", "kind", "day", "value", "outcome", "touch", "order"]
    return Table("trial.rows_title", columns, body, {"n": len(body)}, index)


def evaluate(
    data: Sequence[tuple[str, int, int]], *, planned: int | None = None, mde: float | None = None, index: int = 0
) -> Iterator[Event]:
    """Judge numbers that were counted elsewhere: (arm, people, hits). ``planned``: people in each arm at the end, for
    a look that comes early; without it the numbers are taken as the end.
    """
    if len(data) < 2:
        raise NeedsAnswer("ab.no_data")
    if any(n <= 0 or not 0 <= hits <= n for _, n, hits in data) or len({name for name, _, _ in data}) < len(data):
        raise BadInput("trial.data")
    shares = [Share(name, n, hits, max(n, planned or n)) for name, n, hits in data]
    judged = judge.rates(shares, change=mde, early=planned is not None)
    body = [[s.name, s.n, s.hits, _r(s.rate), *(_r(v) for v in ab.wilson(s.hits, s.n))] for s in shares]
    yield Table("trial.data_title", ["arm", "people", "hits", "rate", "low", "high"], body, {"n": len(body)}, index)
    yield _pair_table(judged, [None] * len(judged), index)
    for one in judged:
        yield _verdict(one, None, None)
    if planned is None:
        yield Warned("trial.data_once")
    if len(judged) > 1:
        yield Warned("trial.many", {"n": len(judged)})
