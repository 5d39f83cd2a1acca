"""The next best act towards each person: a small table of if-then rules, what it would bring, and the gate.

gain = chance of an answer × worth of the rule × value of an answer - minutes × what a minute costs (CNY). The chance is
the response model's where one was learned, else that of the rule-based reachability under the model's priors. Nothing
is proposed that ``gate.may`` forbids at the second it is proposed for.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from xunke.clock import DAY, day_of
from xunke.storage import Project
from xunke.storage.persons import own_accounts, people_map

from . import gate, lifecycle, response, step_minutes
from .gate_facts import Known
from .logistic import Fit
from .response import FEATURES, INTERCEPT, Ask, Past
from .touches import GOOD, LADDER, outcomes, touches

VALUE: Final = 20.0
"""What an answer is worth (CNY) where nobody said."""
PER_MINUTE: Final = 1.0
"""What a minute of work costs (CNY) where nobody said: about 60 an hour."""
FRESH: Final = 14 * DAY
"""So long a need or life event that somebody told is a chance."""
AHEAD: Final = DAY
"""An act that the gate allows within a day is proposed for then."""
_AT_ONCE: Final = 200
"""So many people are read for the gate at first."""
_RULES: Final = Path(__file__).with_name("next_acts.toml")


@dataclass(frozen=True, slots=True)
class Rule:
    """If ``when``, then ``step`` (None: leave them alone)."""

    name: str
    when: Mapping[str, Any]
    step: str | None = None
    worth: float = 1.0
    chance: float | None = None
    final: bool = False


@cache
def rules() -> tuple[Rule, ...]:
    """The table, in its order."""
    return tuple(Rule(**row) for row in tomllib.loads(_RULES.read_text("utf-8"))["rule"])


@dataclass(frozen=True, slots=True)
class Blocked:
    """A rule that fits, and what the gate has against its step."""

    rule: str
    step: str
    reason: str
    params: Mapping[str, Any]
    not_before: int | None


@dataclass(frozen=True, slots=True)
class Act:
    """What is best to do next. ``step`` None: leave them alone (``rule`` says why). ``at``: from which second (UTC) it
    may happen; ``chance`` with its 90 % interval, ``learned`` whether from logged answers; ``gain`` in CNY;
    ``facts`` what the rules saw; ``post``: our number of the post it hangs on.
    """

    account: int
    rule: str
    step: str | None
    at: int
    chance: float
    low: float
    high: float
    learned: bool
    minutes: float
    gain: float
    facts: Mapping[str, Any]
    post: int | None = None
    blocked: tuple[Blocked, ...] = ()
    advice: tuple[str, ...] = ()


def fits(rule: Rule, facts: Mapping[str, Any]) -> bool:
    """Whether every condition of a rule holds."""
    for name, wanted in rule.when.items():
        base, _, bound = name.rpartition("_")
        if bound in ("min", "max") and base in facts:
            value = facts[base]
            if value is None or (value < wanted if bound == "min" else value > wanted):
                return False
        elif isinstance(wanted, list):
            if facts[name] not in wanted:
                return False
        elif facts[name] != wanted:
            return False
    return True


def candidates(project: Project, now: int, *, list_id: int | None = None) -> list[int]:
    """People that may be turned to: of one list, or of all lists that have not expired and everybody met before; each
    once, without own accounts.
    """
    persons = people_map(project)
    found = [row[0] for row in project.query(
        "select m.item from list_member m join saved_list l on l.id = m.list where l.target = 'people' "
        "and (:list is null or l.id = :list) and (l.expires is null or l.expires >= :now) order by l.id desc, m.rank",
        {"list": list_id, "now": now},
    )]  # fmt: skip
    if list_id is None:
        found += [t.account for t in touches(project, until=now)] + [o.account for o in outcomes(project, until=now)]
    own = {persons.one(a) for a in own_accounts(project)}
    return [a for a in dict.fromkeys(persons.one(a) for a in found) if a not in own]


def facts_of(project: Project, people: Sequence[int], now: int, past: Past | None = None) -> dict[int, dict[str, Any]]:
    """{person: facts}: complaint, waiting (they answered after our last act), positive, answered, bought, unanswered
    (acts since they last reacted), top (highest step done, 0 none … 5 offer), quiet (days since our last act, None:
    never), stage, opportunity (a need or life event within a fortnight), posts (of 90 days).
    """
    persons, past = people_map(project), past or Past(project, people, first=now)
    wanted = set(people)
    done, came = defaultdict(list), defaultdict(list)
    for touch in touches(project, until=now):
        if touch.happened and persons.one(touch.account) in wanted:
            done[persons.one(touch.account)].append(touch)
    for outcome in outcomes(project, until=now):
        if persons.one(outcome.account) in wanted:
            came[persons.one(outcome.account)].append(outcome)
    stages = lifecycle.stage_of(project, people, day_of(now))
    found = {}
    for account in people:
        mine, theirs = done.get(account, []), came.get(account, [])
        good = [o for o in theirs if o.kind in GOOD]
        said = [o for o in theirs if o.kind in ("reply", "positive", "click")]
        reacted = max((o.t for o in good), default=-1)
        last = mine[-1].t if mine else None
        found[account] = {
            "complaint": gate.complaint(theirs, now) is not None,
            "waiting": bool(said) and (last is None or said[-1].t > last),
            "positive": any(o.kind in ("positive", "click") for o in theirs),
            "answered": bool(good),
            "bought": any(o.kind in ("bought", "converted") for o in theirs),
            "unanswered": sum(t.t > reacted for t in mine),
            "top": max((LADDER.index(t.step) + 1 for t in mine if t.step in LADDER), default=0),
            "quiet": None if last is None else (now - last) // DAY,
            "stage": stages[account][0] if account in stages else None,
            "opportunity": any(now - FRESH <= t <= now for t in past.needs.get(account, ())),
            "posts": sum(now - response.WINDOW <= t <= now for t in past.posts.get(account, ())),
        }  # fmt: skip
    return found


def propose(
    project: Project,
    now: int,
    *,
    limit: int = 20,
    list_id: int | None = None,
    campaign: int | None = None,
    people: Sequence[int] | None = None,
    value: float = VALUE,
    per_minute: float = PER_MINUTE,
    idle: bool = False,
) -> list[Act]:
    """The best acts, the greatest gain first; ``people``: only these. ``idle``: also those who are best left alone, and
    acts that cost more than they bring.
    """
    pool = candidates(project, now, list_id=list_id) if people is None else list(people)
    if not pool:
        return []
    past = Past(project, pool, first=now)
    facts, minutes, model = facts_of(project, pool, now, past), step_minutes.of(project), response.current(project)
    fit = model.fit if model is not None else Fit(
        (INTERCEPT[0], *(mean for mean, _ in FEATURES.values())), ()
    )  # fmt: skip

    @cache
    def chance(account: int, step: str) -> tuple[float, float, float]:
        row = response.row_of(past, Ask(account, now, step, timed=False))
        p = fit.chance(row)
        return (p, *fit.interval(row)) if model is not None else (p, p, p)

    def gain(p: float, rule: Rule) -> float:
        return p * rule.worth * value - (minutes[rule.step] if rule.step else 0.0) * per_minute

    options = []
    for account in pool:
        fitting = []
        for rule in rules():
            if fits(rule, facts[account]):
                fitting.append(rule)
                if rule.final:
                    break
        rated = [
            (rule, chance(account, rule.step or "reply") if rule.chance is None else (rule.chance,) * 3)
            for rule in fitting
        ]
        best = max((gain(c[0], r) for r, c in rated if r.step), default=0.0)
        options.append((best, account, rated))
    out: list[Act] = []
    options.sort(key=lambda o: (-o[0], o[1]))
    known, covered = Known(project, ()), 0
    for at, (best, account, rated) in enumerate(options):
        if not idle and (best <= 0 or (len(out) >= limit and out[limit - 1].gain >= best)):
            break  # nobody further down pays, or brings more than those found
        if at >= covered:  # mostly few are looked at; of many ever more at once
            covered = max(_AT_ONCE, 4 * covered)
            known = Known(project, [one for _, one, _ in options[at:covered]])
        act = _first_allowed(known, account, rated, facts[account], now, campaign, list_id)
        if act is None:
            continue
        if act.step is not None:
            rule = next(r for r, _ in rated if r.name == act.rule)
            learned = model is not None and rule.chance is None
            act = _with(act, minutes=minutes[act.step], gain=gain(act.chance, rule), learned=learned)
        if idle or (act.step is not None and act.gain > 0):
            out.append(act)
            out.sort(key=lambda a: (-a.gain, a.account))
    return [_hung(project, act, past, now) for act in out[:limit]]


def _with(act: Act, **changed: Any) -> Act:
    from dataclasses import replace

    return replace(act, **changed)


def _first_allowed(
    known: Known,
    account: int,
    rated: Iterable[tuple[Rule, tuple[float, float, float]]],
    facts: Mapping[str, Any],
    now: int,
    campaign: int | None,
    list_id: int | None,
) -> Act | None:
    may = partial(gate.may, known.project, campaign=campaign, list_id=list_id, known=known)
    blocked: list[Blocked] = []
    seen: set[str] = set()
    for rule, (p, low, high) in rated:
        if rule.step is None:
            return Act(account, rule.name, None, now, p, low, high, False, 0.0, 0.0, facts, blocked=tuple(blocked))
        if rule.step in seen:
            continue
        seen.add(rule.step)
        at = now
        verdict = may(account, rule.step, now=at)
        first = verdict
        for _ in range(3):  # what stands against it first may end before what stands behind it
            if verdict.ok or verdict.not_before is None or not at < verdict.not_before <= now + AHEAD:
                break
            at = verdict.not_before
            verdict = may(account, rule.step, now=at)
        if verdict.ok:
            return Act(account, rule.name, rule.step, at, p, low, high, False, 0.0, 0.0, facts, None, tuple(blocked),
                       verdict.advice)  # fmt: skip
        blocked.append(Blocked(rule.name, rule.step, first.reason or "gate.no", first.params, first.not_before))
    if blocked:
        return Act(account, "blocked", None, now, 0.0, 0.0, 0.0, False, 0.0, 0.0, facts, None, tuple(blocked))
    return None


def _hung(project: Project, act: Act, past: Past, now: int) -> Act:
    """The act with the post it hangs on: the newest that tells a need, else the newest."""
    if act.step in (None, "follow"):
        return act
    times = [t for t in past.needs.get(act.account, ()) if now - FRESH <= t <= now] or [
        t for t in past.posts.get(act.account, ()) if t <= now
    ]
    if not times:
        return act
    post = project.one(
        "select id from post where created = ? and author in (select value from json_each(?)) order by id limit 1",
        (times[-1], str(list(past.persons.all(act.account)))),
    )
    return _with(act, post=None if post is None else int(post))
