"""What came of an experiment, counted from the logged outcomes.

A person enters when somebody first acted on them (done or skipped) after they were dealt out, and is through ``days``
later; where nobody logged a touch, everybody enters at the start. The uplift over those kept back counts everybody,
touched or not, from the start for ``horizon`` days: otherwise the two sides would not be alike.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.clock import DAY, day_of
from xunke.storage import Project
from xunke.storage.persons import people_map

from . import experiments as ab
from . import judge, sequential
from .judge import Amounts, Judged, Share
from .list_pick import HOLDOUT
from .orders import orders
from .touches import outcomes, touches
from .trials import METRICS, Experiment, members, mixed

PACE_DAYS: Final = 28
PACE_LEAST: Final = 5
"""People entering in ``PACE_DAYS``, fewer than which are no pace."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that counts for the metric at ``t`` (UTC seconds): an outcome, or an order of a purchase file.
    ``value``: CNY; ``id``: our number in its table.
    """

    id: int
    t: int
    value: float | None
    variant: int | None
    kind: str
    order: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """One arm. ``dealt`` people, ``entered`` (met), ``through`` (their window is over), ``hits`` among those with the
    interval that holds at every look; ``value`` the sum of amounts. ``foreign``: came by another arm's code.
    ``rows``, ``orders``: our numbers of the outcomes and orders that count, the first ones; ``amounts``: CNY of each
    person that is through.
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
    orders: tuple[int, ...] = ()

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
        amounts, rows, hits, foreign = [], list[Hit](), 0, 0
        through = [a for a in dealt if a in entry and entry[a] + window <= until]
        for account in through:
            mine = [o for o in came.get(account, ()) if entry[account] < o.t <= entry[account] + window]
            hits += bool(mine)
            amounts.append(sum(o.value or 0.0 for o in mine))
            rows += mine
            foreign += any(o.variant in variants and o.variant != codes[arm] for o in mine)
        share = len(through) / len(dealt) if dealt else 0.0
        low, high = ab.wilson(hits, len(through), z=sequential.bound(share, strict))
        counted.append(Counted(
            arm, len(dealt), sum(a in entry for a in dealt), len(through), hits, sum(amounts), low, high, foreign,
            tuple(o.id for o in rows if not o.order)[:50], tuple(amounts), tuple(o.id for o in rows if o.order)[:50],
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


def _came(project: Project, experiment: Experiment, until: int) -> dict[int, list[Hit]]:
    """{person: what counts for the metric}: outcomes and, where buying counts, orders of purchase files."""
    return came(project, METRICS[experiment.metric], experiment.start, until)


def came(project: Project, kinds: Sequence[str], since: int, until: int) -> dict[int, list[Hit]]:
    """{person: outcomes of these kinds and, if "bought" is among them, orders}, in order. A sale that was noted by hand
    and has an order of the same person on the same day (China) is one: the order's money counts.
    """
    persons, found = people_map(project), dict[int, list[Hit]]()
    for one in outcomes(project, since=since, until=until):
        if one.kind in kinds:
            hit = Hit(one.id, one.t, one.value, one.variant, one.kind)
            found.setdefault(persons.one(one.account), []).append(hit)
    for order in orders(project, until, since=since) if "bought" in kinds else ():
        noted = found.setdefault(order.person, [])
        same = [h for h in noted if not h.order and day_of(h.t) == day_of(order.t)
                and (h.kind == "bought" or h.value is not None)]  # fmt: skip
        if same and order.amount is None:
            continue
        variant = next((h.variant for h in same if h.variant is not None), None)
        noted[:] = [h for h in noted if h not in same]
        noted.append(Hit(order.id, order.t, order.amount, variant, "bought", True))
    return {person: sorted(hits, key=lambda h: (h.t, h.order, h.id)) for person, hits in found.items()}


def _pace(entry: dict[int, int], start: int, until: int) -> float | None:
    since = max(start, until - PACE_DAYS * DAY)
    recent = sum(t >= since for t in entry.values())
    return recent / max(1.0, (until - since) / DAY) if recent >= PACE_LEAST else None


def our_pace(project: Project, now: int) -> float | None:
    """New people a day that we acted on in the last 28 days; None for too few to tell."""
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
    sides = _sides(project, experiment, now)
    if sides is None:
        return None
    kept, treated, end, elapsed = sides
    came = _came(project, experiment, end)
    one = Share(HOLDOUT, len(kept), sum(a in came for a in kept), _whole(kept, elapsed))
    two = Share("treated", len(treated), sum(a in came for a in treated), _whole(treated, elapsed))
    judged = judge.rates([one, two], change=experiment.spec.get("mde"))[0]
    n, persons, whom = len(treated), people_map(project), set(treated)
    acted = sum(
        t.happened and persons.one(t.account) in whom for t in touches(project, since=experiment.start, until=end)
    )
    cost = _cost(project, experiment)
    more = judged.gap * n
    told = judged.ruling in ("higher", "lower")
    needed = None
    if not told and one.n and two.n:
        needed = _kept_needed(one, two, experiment.spec.get("mde") or judged.gap)
        if judged.ruling == "few" and judged.needed is not None:
            needed = max(needed or 0, judged.needed)
    return Uplift(
        judged, two, one, (more, judged.low * n, judged.high * n), acted, cost,
        more / acted if told and acted else None, cost / more if told and cost and more > 0 else None, needed,
        _days_left(experiment, now),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surplus:
    """Money that came because of us: of the treated beside those kept back, everybody counted from the start, orders
    of purchase files too. ``judged`` is in CNY per person; ``revenue``: (CNY more than without us, low, high), None
    where there is too little to say.
    """

    judged: Judged
    treated: Amounts
    kept: Amounts
    revenue: tuple[float, float, float] | None
    days_left: int

    def roi(self, cost: float) -> tuple[float, float, float] | None:
        """((revenue - cost) / cost, low, high): what the costs brought that would not have come without them."""
        if self.revenue is None or cost <= 0:
            return None
        now, low, high = ((money - cost) / cost for money in self.revenue)
        return now, low, high

    def told(self, cost: float | None) -> list[tuple[str, dict[str, Any]]]:
        """What that says, as message keys with their parameters; with ``cost`` (CNY) the return on it."""
        j = self.judged
        params: dict[str, Any] = {
            "n": self.treated.n, "kept": self.kept.n, "needed": f"{j.needed or 0:,}",
            "gap": f"{j.gap:+,.2f}", "low": f"{j.low:+,.2f}", "high": f"{j.high:+,.2f}",
        }  # fmt: skip
        if self.revenue is None:
            return [("trial.extra_none" if j.needed is None else "trial.extra_few", params)]
        money, least, most = (f"{'-' if v < 0 else ''}¥{abs(v):,.0f}" for v in self.revenue)
        key = "told" if j.ruling in ("higher", "lower") else "open"
        out = [(f"trial.extra_{key}", {**params, "money": money, "money_low": least, "money_high": most})]
        if cost and (roi := self.roi(cost)) is not None:
            shares = {name: f"{value:+.0%}" for name, value in zip(("roi", "low", "high"), roi, strict=True)}
            won = "won" if roi[1] > 0 else "lost" if roi[2] < 0 else "open"
            out.append((f"trial.extra_roi_{won}", {**shares, "cost": f"¥{cost:,.0f}"}))
        if self.days_left:
            out.append(("trial.extra_left", {"left": self.days_left}))
        return out


def surplus(project: Project, experiment: Experiment, now: int) -> Surplus | None:
    """The money that our acts brought beyond what comes by itself; None without people kept back."""
    sides = _sides(project, experiment, now)
    if sides is None:
        return None
    kept, treated, end, elapsed = sides
    hits = came(project, METRICS["mean:value"], experiment.start, end)

    def amounts(name: str, people: Sequence[int]) -> Amounts:
        paid = tuple(math.fsum(h.value or 0.0 for h in hits.get(a, ())) for a in people)
        return Amounts(name, paid, _whole(people, elapsed))

    one, two = amounts(HOLDOUT, kept), amounts("treated", treated)
    judged = judge.means([one, two])[0]
    told = judged.ruling != "few"
    revenue = (judged.gap * two.n, judged.low * two.n, judged.high * two.n) if told else None
    return Surplus(judged, two, one, revenue, _days_left(experiment, now))


def _sides(project: Project, experiment: Experiment, now: int) -> tuple[list[int], list[int], int, float] | None:
    """(people kept back, people treated, the second up to which both are counted, share of the horizon that is over).

    What counts comes evenly over the horizon, so that share is the share of the information.
    """
    arm_of = members(project, experiment.id)
    kept = [a for a in arm_of if arm_of[a] == HOLDOUT]
    if not kept:
        return None
    length = int(experiment.spec["horizon"]) * DAY
    end = min(now, experiment.ended or now, experiment.start + length)
    over = min(1.0, max(0.0, (end - experiment.start) / length))
    return kept, [a for a in arm_of if arm_of[a] != HOLDOUT], end, over


def _whole(people: Sequence[int], share: float) -> int:
    return math.ceil(len(people) / max(share, 1e-9))


def _days_left(experiment: Experiment, now: int) -> int:
    if experiment.ended:
        return 0
    return max(0, math.ceil((experiment.start + int(experiment.spec["horizon"]) * DAY - now) / DAY))


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
