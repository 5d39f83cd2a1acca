"""What came of an experiment, counted from the logged outcomes.

A person enters when somebody first acted on them (done or skipped) after they were dealt out, and is through ``days``
later; where nobody logged a touch, everybody enters at the start. The uplift over those kept back counts everybody,
touched or not, from the start for ``horizon`` days: otherwise the two sides would not be alike.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xunke.clock import DAY
from xunke.storage import Project
from xunke.storage.persons import people_map

from . import experiments as ab
from . import judge, sequential
from .judge import Amounts, Judged, Share
from .list_pick import HOLDOUT
from .touches import Outcome, outcomes, touches
from .trials import METRICS, Experiment, members, mixed

PACE_DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class Counted:
    """One arm. ``dealt`` people, ``entered`` (met), ``through`` (their window is over), ``hits`` among those with the
    interval that holds at every look; ``value`` the sum of amounts. ``foreign``: came by another arm's code.
    ``rows``: our numbers of the outcomes that count, the first ones.
    """

    arm: str
    dealt: int
    entered: int
    through: int
    hits: int
    value: float
    low: float
    high: float
    foreign: int
    rows: tuple[int, ...]
    amounts: tuple[float, ...] = ()

    @property
    def rate(self) -> float | None:
        """The share of hits among those who are through."""
        return self.hits / self.through if self.through else None


@dataclass(frozen=True, slots=True)
class Findings:
    """An experiment as it stands at ``now``. ``dealt_p`` and ``entered_p``: how likely arms of these sizes are by
    chance. ``pace``: people entering a day; ``days``: days more until ``more`` people are through (None: unknown).
    """

    arms: tuple[Counted, ...]
    judged: tuple[Judged, ...]
    dealt_p: float
    entered_p: float
    mixed: int
    pace: float | None
    days: tuple[int | None, ...]
    by_touch: bool


@dataclass(frozen=True, slots=True)
class Uplift:
    """Treated beside kept back, everybody counted from the start. ``judged.gap``: treated - kept back. ``people``:
    hits more than without us, with interval; ``touches`` done and ``cost`` (CNY) so far; ``per_touch`` and
    ``per_hit_cost`` None where they cannot be told. ``needed``: people kept back that the gap would need.
    """

    judged: Judged
    treated: Share
    kept: Share
    people: tuple[float, float, float]
    touches: int
    cost: float | None
    per_touch: float | None
    per_hit_cost: float | None
    needed: int | None
    days_left: int


def findings(project: Project, experiment: Experiment, now: int, *, days: int | None = None) -> Findings:
    """Count and judge the arms that are treated. ``days``: of waiting, instead of the planned ones."""
    until = min(now, experiment.ended) if experiment.ended else now
    window = int(days or experiment.spec["days"]) * DAY
    arm_of = {a: arm for a, arm in members(project, experiment.id).items() if arm != HOLDOUT}
    entry = _entries(project, experiment, arm_of, until)
    by_touch = bool(entry)
    if not entry:
        entry = dict.fromkeys(arm_of, experiment.start)
    came = _came(project, experiment, until)
    codes = {arm["name"]: arm.get("variant") for arm in experiment.spec["arms"]}
    variants = {v for v in codes.values() if v is not None}
    arms = experiment.arms
    strict = sequential.ALPHA / max(1, len(arms) - 1)
    counted = []
    for arm in arms:
        dealt = [a for a in arm_of if arm_of[a] == arm]
        amounts, rows, hits, foreign = [], list[int](), 0, 0
        through = [a for a in dealt if a in entry and entry[a] + window <= until]
        for account in through:
            mine = [o for o in came.get(account, ()) if entry[account] < o.t <= entry[account] + window]
            hits += bool(mine)
            amounts.append(sum(o.value or 0.0 for o in mine))
            rows += [o.id for o in mine]
            foreign += any(o.variant in variants and o.variant != codes[arm] for o in mine)
        share = len(through) / len(dealt) if dealt else 0.0
        low, high = ab.wilson(hits, len(through), z=sequential.bound(share, strict))
        counted.append(Counted(
            arm, len(dealt), sum(a in entry for a in dealt), len(through), hits, sum(amounts), low, high, foreign,
            tuple(rows[:50]), tuple(amounts),
        ))  # fmt: skip
    judged = _judge(experiment, counted) if len(counted) > 1 else []
    parts = [float(arm["part"]) for arm in experiment.spec["arms"]]
    sizes = [*(c.dealt for c in counted)]
    if HOLDOUT in (arm["name"] for arm in experiment.spec["arms"]):
        sizes.append(sum(a == HOLDOUT for a in members(project, experiment.id).values()))
    pace = _pace(entry, experiment.start, until) if by_touch else None
    treated = parts[: len(counted)]
    return Findings(
        tuple(counted), tuple(judged), judge.ratio_mismatch(sizes, parts) if len(sizes) > 1 else 1.0,
        judge.ratio_mismatch([c.entered for c in counted], treated) if by_touch and len(treated) > 1 else 1.0,
        mixed(project, experiment.id), pace,
        tuple(_days_more(j, counted, pace, int(days or experiment.spec["days"])) for j in judged), by_touch,
    )  # fmt: skip


def _judge(experiment: Experiment, counted: Sequence[Counted]) -> list[Judged]:
    mde = experiment.spec.get("mde")
    early = not experiment.spec.get("once")
    if experiment.is_mean:
        return judge.means([Amounts(c.arm, c.amounts, c.dealt) for c in counted], change=mde, early=early)
    return judge.rates(
        [Share(c.arm, c.through, c.hits, c.dealt) for c in counted], change=mde,
        baseline=experiment.spec.get("baseline"), early=early,
    )  # fmt: skip


def _entries(project: Project, experiment: Experiment, arm_of: dict[int, str], until: int) -> dict[int, int]:
    """{person: when somebody first acted on them after they were dealt out}, skipped ones too."""
    persons, found = people_map(project), dict[int, int]()
    for touch in touches(project, since=experiment.start, until=until):
        one = persons.one(touch.account)
        if one in arm_of and touch.experiment in (None, experiment.id):
            found.setdefault(one, touch.t)
    return found


def _came(project: Project, experiment: Experiment, until: int) -> dict[int, list[Outcome]]:
    """{person: the outcomes that count for the metric, in order}."""
    persons, wanted = people_map(project), METRICS[experiment.metric]
    found: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes(project, since=experiment.start, until=until):
        if outcome.kind in wanted:
            found[persons.one(outcome.account)].append(outcome)
    return found


def _pace(entry: dict[int, int], start: int, until: int) -> float | None:
    since = max(start, until - PACE_DAYS * DAY)
    recent = sum(t >= since for t in entry.values())
    return recent / max(1.0, (until - since) / DAY) if recent else None


def our_pace(project: Project, now: int) -> float | None:
    """New people a day that we acted on in the last 28 days; None for nobody."""
    persons, first = people_map(project), dict[int, int]()
    for touch in touches(project, until=now):
        if touch.happened:
            first.setdefault(persons.one(touch.account), touch.t)
    return _pace(first, now - PACE_DAYS * DAY, now) if first else None


def _days_more(one: Judged, counted: Sequence[Counted], pace: float | None, window: int) -> int | None:
    """Days until the two arms have ``more`` people that are through: those on their way come within the window."""
    if not one.more:
        return 0 if one.more == 0 else None
    pair = [c for c in counted if c.arm in (one.first, one.second)]
    on_the_way = min(c.entered - c.through for c in pair)
    if one.more <= on_the_way:
        return window
    return None if not pace else window + math.ceil((one.more - on_the_way) * len(counted) / pace)


def uplift(project: Project, experiment: Experiment, now: int) -> Uplift | None:
    """What our acts brought beyond what comes by itself; None without people kept back."""
    arm_of = members(project, experiment.id)
    if HOLDOUT not in arm_of.values():
        return None
    until = min(now, experiment.ended) if experiment.ended else now
    horizon = int(experiment.spec["horizon"])
    end = min(until, experiment.start + horizon * DAY)
    came = _came(project, experiment, end)
    kept = [a for a in arm_of if arm_of[a] == HOLDOUT]
    treated = [a for a in arm_of if arm_of[a] != HOLDOUT]
    elapsed = min(1.0, max(0.0, (end - experiment.start) / (horizon * DAY)))
    # hits come evenly over the horizon, so its share that is over is the share of the information
    one = Share(HOLDOUT, len(kept), sum(a in came for a in kept), math.ceil(len(kept) / max(elapsed, 1e-9)))
    two = Share("treated", len(treated), sum(a in came for a in treated), math.ceil(len(treated) / max(elapsed, 1e-9)))
    judged = judge.rates([one, two], change=experiment.spec.get("mde"))[0]
    n, persons, whom = len(treated), people_map(project), set(treated)
    acted = sum(
        t.happened and persons.one(t.account) in whom
        for t in touches(project, since=experiment.start, until=end)
        if t.experiment in (None, experiment.id)
    )
    cost = _cost(project, experiment)
    more = judged.gap * n
    told = judged.ruling in ("higher", "lower")
    needed = None
    if not told and one.n and two.n:
        needed = _kept_needed(one, two, experiment.spec.get("mde") or judged.gap)
    return Uplift(
        judged, two, one, (more, judged.low * n, judged.high * n), acted, cost,
        more / acted if told and acted else None, cost / more if told and cost and more > 0 else None, needed,
        max(0, math.ceil((experiment.start + horizon * DAY - until) / DAY)) if not experiment.ended else 0,
    )  # fmt: skip


def _kept_needed(kept: Share, treated: Share, gap: float) -> int | None:
    rate = max(kept.hits, 0.5) / kept.n
    try:
        return ab.sample_size(rate, gap, ratio=treated.n / kept.n, z=sequential.height())[0]
    except ValueError:
        return None


def _cost(project: Project, experiment: Experiment) -> float | None:
    if experiment.campaign is None:
        return None
    total = project.one("select sum(amount) from cost where campaign = ?", (experiment.campaign,))
    return None if total is None else float(total)


def wrong_touches(project: Project, experiment: Experiment) -> list[int]:
    """Our numbers of touches towards people who were kept back: each spoils the comparison a little."""
    kept = [a for a, arm in members(project, experiment.id).items() if arm == HOLDOUT]
    spread = json.dumps(people_map(project).spread(kept))
    return [row[0] for row in project.query(
        "select id from touch where undone is null and state <> 'skipped' and t >= ? "
        "and account in (select value from json_each(?)) order by id", (experiment.start, spread),
    )]  # fmt: skip
