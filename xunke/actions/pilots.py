"""Market tests (pilot, go or no-go, the rest), how many people a test needs, ending it, and who is in which arm."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from xunke.errors import BadInput
from xunke.events import Done, Event, Table, Warned
from xunke.outreach import experiments as ab
from xunke.outreach import judge, lists, sequential, trial_results, trials
from xunke.outreach import pilots as market
from xunke.outreach.list_pick import HOLDOUT
from xunke.outreach.trials import PILOT, Experiment
from xunke.storage import Project, acts, rows
from xunke.storage.project import write_audit

from .tables import write_table

PLENTY: Final = 0.5
"""A sample that takes more than this share of the list is told as no sample any more."""


def pilot(
    project: Project,
    name: str,
    *,
    people: str,
    go: float,
    now: int,
    size: int | None = None,
    precision: float = 0.05,
    metric: str = "reply_rate",
    baseline: float | None = None,
    campaign: str | None = None,
    days: int = trials.DAYS,
    seed: int | None = None,
    overlap: bool = False,
    index: int = 0,
) -> Iterator[Event]:
    """Draw a sample of the list ``people`` and fix the rule before anything is seen: go if the rate is at least ``go``
    (0..1) with 90 % probability. ``size``: people; without it as many as a rate ± ``precision`` needs. ``overlap``:
    people of other running tests too.
    """
    from xunke.outreach import campaigns

    if not 0 < go < 1 or not 0 < precision < 0.5:
        raise BadInput("trial.go", go=go)
    if metric.startswith("mean:"):
        raise BadInput("trial.pilot_metric", metric=metric)
    entry = lists.by_name(project, people, now)
    able, out, _ = trials.eligible(project, entry.id, overlap=overlap)
    wanted = size or market.size(precision, guess=baseline or go, people=len(able))
    take = min(wanted, len(able))
    if take < 2:
        raise BadInput("trial.few", n=len(able), arms=1, out=sum(out.values()), busy=out.get("trial.out.busy", 0))
    made, dealt = trials.create(
        project, name, list_id=entry.id, arms=[(PILOT, None)], metric=metric, days=days, seed=seed, now=now, take=take,
        overlap=overlap, campaign=None if campaign is None else campaigns.by_name(project, campaign).id,
        extra={"go": go, "sure": market.SURE, "precision": precision, "pool": len(able)},
    )  # fmt: skip
    for key, n in dealt.left_out.items():
        yield Warned(key, {"n": n, "others": list(dealt.others)})
    yield Done("trial.pilot_made", {
        "name": made.name, "n": dealt.people, "rest": len(able) - dealt.people, "go": go, "sure": market.SURE,
        "days": days, "seed": made.seed,
    })  # fmt: skip
    if take < market.LEAST:
        yield Warned("trial.pilot_few", {"n": take, "least": market.LEAST})
    elif take > PLENTY * len(able):
        yield Warned("trial.pilot_plenty", {"n": take, "of": len(able)})


def verdict(project: Project, one: Experiment, *, now: int, index: int = 0) -> Iterator[Event]:
    """What the sample says by its rule, and what the rest of the list would bring."""
    found, rest = _judged(project, one, now)
    if found is None:
        yield Warned("trial.pilot_nothing", {"name": one.name, "days": one.spec["days"]})
        return
    body = [["trial.part.pilot", found.n, found.sample_hits, _r(found.rate), _r(found.low), _r(found.high)],
            ["trial.part.rest", len(rest), round(found.hits, 1), None, found.hits_low, found.hits_high]]  # fmt: skip
    yield Table("trial.pilot_title", ["part", "people", "hits", "rate", "low", "high"], body,
                {"name": one.name, "measure": one.metric}, index)  # fmt: skip
    yield Warned(f"trial.call.{found.call}", {
        "go": found.go, "likely": found.likely, "sure": one.spec["sure"], "n": found.n, "name": one.name,
        "more": "—" if found.more is None else f"{found.more:,}", "least": market.LEAST,
    })  # fmt: skip
    yield Warned("trial.projection", {
        "rest": len(rest), "hits": found.hits, "low": found.hits_low, "high": found.hits_high,
    })  # fmt: skip


def _r(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _judged(project: Project, one: Experiment, now: int) -> tuple[market.Projected | None, list[int]]:
    if one.spec.get("go") is None or one.list_id is None:
        raise BadInput("trial.no_pilot", name=one.name)
    arm = trial_results.findings(project, one, now).arms[0]
    taken = trials.members(project, one.id)
    rest = [a for a in trials.eligible(project, one.list_id, overlap=True)[0] if a not in taken]
    if not arm.through:
        return None, rest
    found = market.project(arm.hits, arm.through, len(rest), go=one.spec["go"], sure=one.spec["sure"])
    return found, rest


def scale(project: Project, name: str, *, now: int, index: int = 0) -> Iterator[Event]:
    """The button after a pilot: the rest of its list as a list of its own; told plainly where the rule says no."""
    one = trials.by_name(project, name)
    found, rest = _judged(project, one, now)
    if not rest:
        yield Done("trial.no_rest", {"name": one.name})
        return
    if found is None or found.call != "go":
        yield Warned("trial.scale_against", {"what": f"trial.called.{'few' if found is None else found.call}"})
    taken = {entry.name for entry in lists.saved(project)}
    free = base = f"{one.name} 其余"
    number = 2
    while free in taken:
        free, number = f"{base} {number}", number + 1
    wanted = json.dumps(rest)

    def write(db: sqlite3.Connection) -> int:
        made = int(db.execute(
            "insert into saved_list(name, target, purpose, basis, created, expires, result, note, segment, setting) "
            "select ?, target, purpose, basis, ?, expires, result, note, segment, setting from saved_list where id = ? "
            "returning id", (free, now, one.list_id),
        ).fetchone()[0])  # fmt: skip
        db.execute(
            "insert into list_member(list, item, rank, score, reason, channel, best_time, first_act, added, minutes, "
            "segment) select ?, item, row_number() over (order by rank), score, reason, channel, best_time, first_act, "
            "?, minutes, segment from list_member where list = ? and item in (select value from json_each(?))",
            (made, now, one.list_id, wanted),
        )
        write_audit(db, "list.create", {"people": len(rest), "experiment": one.id})
        acts.note(db, "list_make", {"list": made})
        return made

    made = project.writer.call(write)
    yield Done("trial.scaled", {"name": free, "n": len(rest), "list": made})


def stop(project: Project, name: str, *, now: int, decision: str | None = None, index: int = 0) -> Iterator[Event]:
    """End an experiment. ``decision``: what was decided, in words; without it what the numbers allow stands."""
    one = trials.by_name(project, name)
    if one.state == "stopped":
        yield Done("trial.stopped_before", {"name": one.name})
        return
    if one.spec.get("go") is not None:
        found, _ = _judged(project, one, now)
        said: dict[str, Any] = {"call": "few" if found is None else found.call}
        early = found is None
    else:
        standing = trial_results.findings(project, one, now)
        said = {"pairs": [[j.first, j.second, j.ruling, round(j.gap, 6), round(j.p, 6)] for j in standing.judged]}
        sure = any(j.ruling in ("higher", "lower") for j in standing.judged)
        early = not sure and any(j.share < 1 for j in standing.judged)
    trials.stop(project, one, {"decision": decision, **said}, now)
    if early:
        yield Warned("trial.stopped_early")
    yield Done("trial.stopped", {"name": one.name})


def assign(
    project: Project,
    name: str,
    *,
    out: str | None = None,
    format: str = "csv",
    folder: Path | None = None,
    lang: str = "zh",
    limit: int | None = None,
    index: int = 0,
) -> Iterator[Event]:
    """Who is in which arm, with the code of the arm's words; as a table, or (``out``) as a file. People who may no
    longer be approached are left out of both, and counted.
    """
    from xunke.outreach.people import barred_all

    one = trials.by_name(project, name)
    arm_of = trials.members(project, one.id)
    never = barred_all(project, arm_of)
    codes = {a["name"]: (a.get("code"), a.get("text")) for a in one.spec["arms"]}
    order = {a["name"]: i for i, a in enumerate(one.spec["arms"])}
    who = {p.id: p for p in rows.people(project, [a for a in sorted(arm_of) if a not in never])}
    body = [
        [arm_of[a], p.platform, p.native_id, p.name, *codes[arm_of[a]]]
        for a, p in sorted(who.items(), key=lambda item: (order[arm_of[item[0]]], item[0]))
    ]
    if never:
        yield Warned("trial.left_now", {"n": len(never)})
    table = Table("trial.assign_title", ["arm", "platform", "native_id", "name", "code", "arm_text"], body[:limit],
                  {"name": one.name, "n": len(body)}, index)  # fmt: skip
    if out is None:
        yield table
    else:
        yield write_table(project, table, format, path=out, folder=folder or Path(), lang=lang)
    if HOLDOUT in order:
        yield Warned("trial.keep_back", {"n": sum(row[0] == HOLDOUT for row in body)})


def power(
    project: Project | None,
    *,
    now: int,
    baseline: float | None = None,
    mde: float | None = None,
    people: int | None = None,
    arms: int = 2,
    power: float = ab.POWER,
    once: bool = False,
    spread: float | None = None,
    pace: float | None = None,
    days: int = trials.DAYS,
    index: int = 0,
) -> Iterator[Event]:
    """Both ways: people for a change ``mde``, or (``people`` in each arm) the smallest change they show. Shares 0..1;
    with ``spread`` (a standard deviation) means. ``pace``: new people a day, else ours of the last 28 days.
    """
    strict = sequential.ALPHA / max(1, arms - 1)
    z = ab.z_of(1 - strict) if once else sequential.height(strict)
    rate = baseline if baseline is not None else ab.BASELINE
    if not 2 <= arms <= trials.MOST or not 0.5 <= power < 1 or (people is not None and people < 2):
        raise BadInput("trial.power", power=power, arms=arms)
    if baseline is None and spread is None:
        yield Warned("ab.assumed_baseline", {"baseline": rate})
    wanted: Sequence[float] = [mde] if mde is not None else [rate * share for share in (0.1, 0.2, 0.3, 0.5, 1.0)]
    if spread is not None and mde is None and people is None:
        wanted = [spread * share for share in (0.1, 0.2, 0.3, 0.5)]
    speed = pace if pace is not None else trial_results.our_pace(project, now) if project is not None else None
    body: list[list[Any]] = []
    if people is not None:
        change = (
            judge.mean_change(spread, people, power=power, z=z) if spread is not None
            else judge.rate_change(rate, people, power=power, z=z)
        )  # fmt: skip
        if change is None:
            yield Warned("trial.cannot_tell", {"n": people, "baseline": rate, "change": "—", "power": power,
                                               "wanted": "—", "level": "—"})  # fmt: skip
            return
        wanted = [change]
    for change in wanted:
        try:
            n = people or (
                judge.mean_size(spread, change, power=power, z=z) if spread is not None
                else max(ab.sample_size(rate, change, power=power, z=z))
            )  # fmt: skip
        except (ValueError, ZeroDivisionError):
            if mde is not None:
                raise BadInput("ab.rates", baseline=rate, mde=mde) from None
            continue
        wait = None if not speed else days + -(-n * arms // speed)
        body.append([_r(change), None if spread is not None else _r(rate + change), n, n * arms,
                     None if wait is None else int(wait)])  # fmt: skip
    title = "trial.power_mean_title" if spread is not None else "trial.power_title"
    yield Table(title, ["change", "level_after", "per_arm", "in_all", "days_more"], body, {
        "baseline": rate, "power": power, "arms": arms, "spread": spread or 0.0, "pace": speed or 0.0,
        **({} if spread is not None else {"heads": {"change": "change_points"}}),
    }, index)  # fmt: skip
    yield Warned("trial.power_once" if once else "trial.power_early", {"factor": sequential.inflation(strict, power)})
    yield Warned("trial.power_pace" if speed else "trial.power_no_pace", {"pace": speed or 0.0, "days": days})
