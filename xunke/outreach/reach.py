"""Seed sets of a project: who together reach most people within a budget, how far, and what the past says about it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from xunke.errors import BadInput, UsageError
from xunke.storage import Project

from .experiments import wilson
from .network import Watch, load_events
from .people import barred_all

if TYPE_CHECKING:
    from graph.build import Events, Floats, InteractionGraph, Ints
    from graph.level import Level
    from graph.seeds import Limits, Plan
    from graph.seedtest import Verdict, Way
    from graph.spread import Drawer, RRSets
    from graph.transmit import Learnt

By = Literal["direct", "spread"]
CHECKED_SETS: Final = 100_000
DIRECT_SETS: Final = 400_000
"""Random worlds on which every list is compared; they had no part in picking. Direct ones are small."""
_CHECKED_FROM: Final = 1 << 41
CHECKED_MEMBERS: Final = 40_000_000
TESTED_EVENTS: Final = 500_000
"""Interactions up to which the back-test belongs to the normal answer."""
_PRICE: Final = re.compile(
    r"(?:(?P<base>\d+(?:\.\d+)?)\+)?(?:(?P<before>\d+(?:\.\d+)?)\*)?followers(?:\*(?P<after>\d+(?:\.\d+)?))?"
    r"(?:\+(?P<more>\d+(?:\.\d+)?))?"
)


@dataclass(frozen=True)
class Ask:
    """What was asked for. ``budget``: people, or money with ``cost``. Times in UTC seconds, both inclusive.

    ``among``: accounts that may be picked (None: all); ``audience``: those whose reach counts (None: all);
    ``without``: accounts that may not be picked; ``quota``: {number of a community: share of the budget}.
    ``tested``: whether past windows are played through to tell how good the way of picking was.
    """

    budget: float
    until: int
    since: int | None = None
    kinds: Sequence[str] | None = None
    by: By = "direct"
    cost: Mapping[int, float] | None = None
    among: Collection[int] | None = None
    audience: Collection[int] | None = None
    without: Collection[int] = ()
    quota: Mapping[int, float] = field(default_factory=dict)
    each: int | None = None
    epsilon: float = 0.1
    seed: int = 1
    tested: bool = True


@dataclass(frozen=True, slots=True)
class Seed:
    """One of the people picked. ``alone``: simulated reach on their own; ``marginal``: what they add to those before
    (``low`` to ``high``: 95 %, Wilson); ``overlap``: the share of ``alone`` that those before reach anyway;
    ``actors``: distinct people who acted on them so far; ``community``: its number, None where none were asked for."""

    account: int
    alone: float
    marginal: float
    low: float
    high: float
    overlap: float
    influence: float
    actors: int
    community: int | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A way to fill the budget: simulated reach (95 % interval), distinct people who acted on the list in the past."""

    way: str
    size: int
    reach: float
    low: float
    high: float
    observed: int
    spent: float


@dataclass(frozen=True)
class Found:
    """The answer. ``lists``: ours first. ``unpriced``: candidates without a known cost; ``barred``: passed over;
    ``worlds``: random worlds of the check; ``level``: of direct reach; ``learnt``, ``plan``:
    chances and what IMM did, of spread; None where the other was asked for."""

    seeds: tuple[Seed, ...]
    lists: tuple[Listed, ...]
    people: int
    edges: int
    worlds: int
    unpriced: int
    barred: int
    level: Level | None
    learnt: Learnt | None
    plan: Plan | None
    verdict: Verdict | None
    coupled: bool


@dataclass(frozen=True)
class _Model:
    """``check`` draws the worlds on which lists are compared; ``drawer``: of spread."""

    graph: InteractionGraph
    check: Callable[[], RRSets]
    drawer: Drawer | None
    level: Level | None
    learnt: Learnt | None
    coupled: bool


def prices(project: Project, rule: str) -> dict[int, float]:
    """{account: cost} by ``rule``: a number for everybody, ``followers``, ``followers*0.05+200``, or the name of a CSV
    file with a row ``account,cost`` (``platform:id``, id, handle or name; a header is skipped).

    Who has no known number of followers, or no row, has no cost. Raises BadInput("seeds.bad_cost" or
    "seeds.bad_cost_row").
    """
    flat = rule.replace(" ", "")
    if re.fullmatch(r"\d+(?:\.\d+)?", flat):
        return {account: float(flat) for (account,) in project.query("select id from account_key")}
    if (found := _PRICE.fullmatch(flat)) is not None:
        base = float(found["base"] or 0) + float(found["more"] or 0)
        per = float(found["before"] or 1) * float(found["after"] or 1)
        rows = project.query("select id, followers from account where followers is not null")
        return {account: base + per * followers for account, followers in rows}
    return _price_file(project, rule)


def _price_file(project: Project, name: str) -> dict[int, float]:
    from xunke.config import user_path

    path: Path = user_path(name)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadInput("seeds.bad_cost", rule=name) from None
    known: dict[str, list[int]] = {}
    for account, platform, native, handle, title in project.query(
        "select k.id, p.name, k.native_id, a.handle, a.name from account_key k join platform p on p.id = k.platform "
        "left join account a on a.id = k.id order by k.id"
    ):
        for word in {f"{platform}:{native}", native, handle, title} - {None, ""}:
            known.setdefault(word, []).append(account)
    found: dict[int, float] = {}
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        if not any(cell.strip() for cell in row):
            continue
        price = _money(row[-1]) if len(row) > 1 else None
        if price is None:
            if number == 1:
                continue  # a header
            raise BadInput("seeds.bad_cost_row", path=name, row=number)
        who = known.get(row[0].strip()) or known.get(":".join(cell.strip() for cell in row[:2])) or ()
        found.update(dict.fromkeys(who, price))
    return found


def _money(text: str) -> float | None:
    flat = text.strip().lstrip("¥￥").replace(",", "")
    return float(flat) if re.fullmatch(r"\d+(?:\.\d+)?", flat) else None


def quotas(texts: Iterable[str]) -> dict[int, float]:
    """{number of a community: share} of ``2=0.4`` or ``2=40%``. Raises UsageError("seeds.bad_quota")."""
    found: dict[int, float] = {}
    for text in texts:
        match = re.fullmatch(r"\s*(\d+)\s*=\s*(\d+(?:\.\d+)?)\s*(%?)\s*", text)
        share = float(match[2]) / (100 if match[3] else 1) if match else -1.0
        if match is None or not 0 <= share <= 1 or int(match[1]) < 1:
            raise UsageError("seeds.bad_quota", text=text)
        found[int(match[1])] = share
    if sum(found.values()) > 1 + 1e-9:
        raise UsageError("seeds.too_much_quota")
    return found


def find(
    project: Project, ask: Ask, *, read: Callable[[list[int]], None] | None = None,
    watch: Watch | None = None, tell: Watch | None = None,
) -> Found:  # fmt: skip
    """Pick the seeds of ``ask``. ``read`` is called with those about to be named, so that what they say of themselves
    can be read first; who must appear nowhere is then passed over. ``watch`` hears of the progress of reading
    interactions, ``tell`` of that of drawing worlds; both may raise to cancel.
    """
    import numpy as np

    events = load_events(project, since=ask.since, until=ask.until, kinds=ask.kinds, watch=watch)
    verdict = prove(project, events, ask) if ask.tested and len(events) <= TESTED_EVENTS else None
    coupled = verdict is not None and verdict.better() == "coupled"
    model = _model(ask, events, coupled, tell)
    graph = model.graph
    limits, group = _limits(ask, graph)
    candidates = graph.nodes[limits.among]
    known = np.isfinite(limits.cost[limits.among]) if limits.cost is not None else np.ones(len(candidates), dtype=bool)
    kept_out = set(barred_all(project, candidates.tolist()))
    choose = _chooser(ask, model, tell)
    while True:
        allowed = limits.among[~np.isin(candidates, list(kept_out))]  # type: ignore[index] # set by _limits
        limits = replace(limits, among=allowed)
        candidates = graph.nodes[allowed]
        picked, plan = choose(limits)
        ids = graph.nodes[np.array(picked, dtype=np.int64)].tolist()
        if read is not None:
            read(ids)
        if not (fresh := set(barred_all(project, ids))):
            break
        kept_out |= fresh
    check = model.check()
    lists = {"seeds": picked, **_rivals(project, graph, limits)}
    unpriced = int((~known).sum())
    return Found(
        tuple(_seeds(graph, picked, check, ask, group)),
        tuple(_listed(way, rows, graph, check, limits, _value(ask, graph)) for way, rows in lists.items()),
        len(graph), int(graph.weights.nnz), len(check), unpriced, len(kept_out), model.level, model.learnt, plan,
        verdict, coupled,
    )  # fmt: skip


def _value(ask: Ask, graph: InteractionGraph) -> Floats | None:
    """What reaching each person is worth; None: 1 each."""
    import numpy as np

    return None if ask.audience is None else np.isin(graph.nodes, list(ask.audience)).astype(np.float64)


def _model(ask: Ask, events: Events, luck: bool, tell: Watch | None) -> _Model:
    """The graph, and how something spreads over it: directly at the level of the past, or on by learnt chances.

    ``luck``: everybody has one luck for all (``graph.seeds.cover``, coupled).
    """
    import numpy as np

    from graph.index import EventIndex
    from graph.level import measure, merging
    from graph.spread import Drawer, coupled, probabilities
    from graph.transmit import learn

    if ask.by == "direct":
        level = measure(events, until=ask.until, coupled=luck)
        graph, value = level.graph, _value(ask, level.graph)
        worth = level.level * (np.ones(len(graph)) if value is None else value)
        chance = probabilities(graph.weights)
        one = Drawer(chance, seed=ask.seed, value=worth, hops=1)
        worlds = partial(coupled, chance, seed=ask.seed, value=worth) if luck else one.draw
        return _Model(graph, partial(worlds, DIRECT_SETS, tick=tell), None, level, None, luck)
    learnt = learn(events, until=ask.until)
    graph = merging(EventIndex.of(events), until=ask.until)  # the same people and pairs, counted as influence counts
    drawer = Drawer(learnt.chance, seed=ask.seed, value=_value(ask, graph))
    check = partial(drawer.draw, CHECKED_SETS, first=_CHECKED_FROM, max_members=CHECKED_MEMBERS, tick=tell)
    return _Model(graph, check, drawer, None, learnt, False)


def _chooser(ask: Ask, model: _Model, tell: Watch | None) -> Callable[[Limits], tuple[list[int], Plan | None]]:
    """A function that picks rows; sets once drawn serve again when somebody must be passed over."""
    from graph.seeds import cover, imm, pick

    plans: list[Plan] = []
    drawer, graph = model.drawer, model.graph

    def choose(limits: Limits) -> tuple[list[int], Plan | None]:
        if drawer is None:
            return cover(
                graph.weights, limits, value=_value(ask, graph), coupled=model.coupled, tick=tell
            ).people, None  # fmt: skip
        if not plans:
            plans.append(imm(drawer, limits, epsilon=ask.epsilon, tick=tell))
        return pick(plans[0].sets, limits).people, plans[0]

    return choose


def _limits(ask: Ask, graph: InteractionGraph) -> tuple[Limits, Ints | None]:
    """The limits in rows, and each row's community number (None: not asked for)."""
    import numpy as np

    from graph.communities import communities
    from graph.seeds import Limits

    allowed = np.bincount(graph.weights.indices, minlength=len(graph)) > 0  # on whom nobody acts moves nobody
    if ask.among is not None:
        allowed &= np.isin(graph.nodes, list(ask.among))
    allowed &= ~np.isin(graph.nodes, list(ask.without))
    cost = None if ask.cost is None else _prices(ask.cost, graph)
    group = None
    if (ask.quota or ask.each is not None) and len(graph):
        group = communities(graph).labels.astype(np.int64) + 1
    caps = _shares(ask) if ask.quota else {}
    rest = ask.budget - sum(caps.values()) if caps else None
    among = np.flatnonzero(allowed).astype(np.int64)
    return Limits(ask.budget, cost, among, group, caps, rest, ask.each), group


def _shares(ask: Ask) -> dict[int, float]:
    """What each community named gets of the budget; whole people where it counts people (largest remainders)."""
    exact = {number: share * ask.budget for number, share in ask.quota.items()}
    if ask.cost is not None:
        return exact
    whole = {number: float(int(part + 1e-9)) for number, part in exact.items()}
    spare = round(sum(exact.values()) + 1e-9) - int(sum(whole.values()))
    for number in sorted(exact, key=lambda c: (whole[c] - exact[c], c))[: max(0, spare)]:
        whole[number] += 1
    return whole


def _rivals(project: Project, graph: InteractionGraph, limits: Limits) -> dict[str, list[int]]:
    """The plain top lists that the same budget and quotas hold."""
    import numpy as np

    from graph.rank import influence, pagerank
    from graph.seeds import prefix

    scores: dict[str, Floats] = {"influence": influence(graph), "pagerank": pagerank(graph)}
    followers = _followers(project)
    if any(int(node) in followers for node in graph.nodes):
        scores["followers"] = np.array([followers.get(int(node), -1) for node in graph.nodes], dtype=np.float64)
    found = {}
    for way, score in scores.items():
        order = np.lexsort((graph.nodes, -score))
        found[way] = prefix([int(i) for i in order if way != "followers" or score[i] >= 0], limits, len(graph))
    return found


def _followers(project: Project) -> dict[int, int]:
    return dict(project.query("select id, followers from account where followers is not null"))


def _seeds(
    graph: InteractionGraph, picked: Sequence[int], check: RRSets, ask: Ask, group: Ints | None
) -> Iterable[Seed]:
    import numpy as np

    from graph.rank import actors, influence

    scores, counts = influence(graph), actors(graph)
    hit = np.zeros(len(check), dtype=np.bool_)
    one = check.total / max(1, len(check))
    for row in picked:
        mine = check.sets_of(row)
        new = int((~hit[mine]).sum())
        hit[mine] = True
        low, high = wilson(new, len(check))
        account = int(graph.nodes[row])
        yield Seed(
            account, one * len(mine), one * new, check.total * low, check.total * high,
            1 - new / len(mine) if len(mine) else 0.0, float(scores[row]), int(counts[row]),
            None if group is None else int(group[row]), None if ask.cost is None else float(ask.cost[account]),
        )  # fmt: skip


def _listed(
    way: str, people: Sequence[int], graph: InteractionGraph, check: RRSets, limits: Limits, value: Floats | None
) -> Listed:  # fmt: skip
    import numpy as np

    hits = check.hits(people)
    low, high = wilson(hits, len(check))
    columns: Any = graph.weights
    among = np.zeros(len(graph), dtype=np.bool_)
    among[list(people)] = True
    row = np.repeat(np.arange(len(graph)), np.diff(columns.indptr))
    came = np.unique(row[among[columns.indices]])
    observed = len(came) if value is None else int((value[came] > 0).sum())
    spent = float(limits.cost[list(people)].sum()) if limits.cost is not None else float(len(people))
    reach = check.total * hits / max(1, len(check))
    return Listed(way, len(people), reach, check.total * low, check.total * high, observed, spent)


def prove(project: Project, events: Events, ask: Ask, *, tell: Watch | None = None) -> Verdict:
    """Back-test the ways of picking on the project's own past (graph.seedtest)."""
    import numpy as np

    from graph.seedtest import SIZES, compare

    ways: tuple[Way, ...] = ("cover", "coupled", "influence", "pagerank", "past")
    followers = _followers(project)
    if followers:
        ways = (*ways, "followers")
    if ask.cost is not None:
        ways = (*ways, "price")
    if ask.by == "spread":
        ways = (*ways, "spread")
    restricted = None if ask.among is None else np.array(sorted(ask.among), dtype=np.int64)
    sizes = SIZES if ask.cost is None else (ask.budget / 4, ask.budget, ask.budget * 4)
    cost = None if ask.cost is None else partial(_prices, ask.cost)
    return compare(
        events, until=ask.until, sizes=sizes, ways=ways, among=restricted, followers=followers, cost=cost,
        seed=ask.seed, tick=tell,
    )  # fmt: skip


def _prices(cost: Mapping[int, float], graph: InteractionGraph) -> Floats:
    import numpy as np

    return np.array([cost.get(int(node), np.nan) for node in graph.nodes], dtype=np.float64)


def back_test(project: Project, ask: Ask, *, watch: Watch | None = None, tell: Watch | None = None) -> Verdict:
    """Only the back-test, of however much there is."""
    events = load_events(project, since=ask.since, until=ask.until, kinds=ask.kinds, watch=watch)
    return prove(project, events, ask, tell=tell)
