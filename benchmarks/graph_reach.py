"""Reach and seeds: speed against plain Python, agreement with Monte-Carlo, and the back-test of ways to pick.

    python benchmarks/graph_reach.py [--people 100000] [--edges 1000000] [--sets 100000] [--seeds 100]
    python benchmarks/graph_reach.py --events FILE.csv.gz        actor,target,kind,t; kinds RT, MT, RE; t unix seconds

Prints one JSON object a line. Without a file: an invented graph with power-law degrees, chances 1 / (targets of the
actor) (the weighted cascade of the literature). "python" is the usual loop over a dict of lists with random.random(),
on the same graph in the same run. With a file: chances learnt from it; reach of single people and of lists against
forward simulation; the estimates on held-out windows; the back-test.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import random
import resource
import time
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.stats import spearmanr

from graph.build import Events
from graph.communities import communities
from graph.index import EventIndex
from graph.planted import planted
from graph.rank import actors, influence, pagerank
from graph.seeds import GREEDY, Limits, cover, imm, pick
from graph.seedtest import WAYS, Window, compare, cut
from graph.spread import Drawer, simulate
from graph.transmit import learn

KINDS = {"RT": 1, "MT": 3, "RE": 2}


def tell(**values: Any) -> None:
    """One line; numbers to four places."""
    print(json.dumps({k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in values.items()}), flush=True)


def invented(n: int, m: int, seed: int = 1) -> Any:
    """P of an invented graph: whom somebody acts on by a power law (exponent 2.2), how often too."""
    draw = np.random.Generator(np.random.PCG64(seed))
    weight = (np.arange(1, n + 1) ** -0.83)[draw.permutation(n)]
    target = np.searchsorted(np.cumsum(weight) / weight.sum(), draw.random(m)).clip(max=n - 1)
    lively = (np.arange(1, n + 1) ** -0.5)[draw.permutation(n)]
    actor = np.searchsorted(np.cumsum(lively) / lively.sum(), draw.random(m)).clip(max=n - 1)
    kept = target != actor
    matrix: Any = coo_array((np.ones(kept.sum()), (actor[kept], target[kept])), shape=(n, n)).tocsr()
    matrix.sum_duplicates()
    degree = np.diff(matrix.indptr)
    matrix.data = np.repeat(1.0 / np.maximum(1, degree), degree)
    return matrix


def plain_python(chance: Any, count: int) -> float:
    """Seconds for ``count`` sets by the usual loop (the dict of lists is made before the clock starts)."""
    targets: dict[int, list[tuple[int, float]]] = {}
    rows = np.repeat(np.arange(chance.shape[0]), np.diff(chance.indptr))
    for row, column, p in zip(rows.tolist(), chance.indices.tolist(), chance.data.tolist(), strict=True):
        targets.setdefault(row, []).append((column, p))
    draw = random.Random(1)
    people = chance.shape[0]
    started = time.perf_counter()
    for _ in range(count):
        root = draw.randrange(people)
        seen, front = {root}, [root]
        while front:
            for target, p in targets.get(front.pop(), ()):
                if target not in seen and draw.random() < p:
                    seen.add(target)
                    front.append(target)
    return time.perf_counter() - started


def speed(args: argparse.Namespace) -> None:
    """Sets a second, seeds, IMM, and the ratio to plain Python."""
    chance = invented(args.people, args.edges)
    started = time.perf_counter()
    drawer = Drawer(chance, seed=1)
    made = time.perf_counter() - started
    started = time.perf_counter()
    sets = drawer.draw(args.sets)
    drawn = time.perf_counter() - started
    few = max(200, args.sets // 50)
    python = plain_python(chance, few) / few
    tell(
        what="sets", people=args.people, edges=int(chance.nnz), sets=len(sets), members=len(sets.members) / len(sets),
        prepare_s=made, draw_s=drawn, sets_per_s=len(sets) / drawn, python_sets_per_s=1 / python,
        times_python=python * len(sets) / drawn,
    )  # fmt: skip
    started = time.perf_counter()
    choice = pick(sets, Limits(args.seeds))
    tell(what="pick", seeds=len(choice.people), seconds=time.perf_counter() - started, reach=sets.reach(choice.people))
    started = time.perf_counter()
    plan = imm(drawer, Limits(args.seeds), epsilon=args.epsilon)
    seconds = time.perf_counter() - started
    forward = simulate(chance, plan.choice.people, 50, seed=9)
    tell(
        what="imm", epsilon=args.epsilon, sets=len(plan.sets), wanted=plan.wanted, seconds=seconds,
        reach=plan.sets.reach(plan.choice.people), monte_carlo=float(forward.mean()),
        standard_error=float(forward.std() / math.sqrt(len(forward))),
    )  # fmt: skip
    started = time.perf_counter()
    chosen = cover(chance, Limits(args.seeds))
    tell(what="cover", seeds=len(chosen.people), seconds=time.perf_counter() - started)
    tell(what="memory", peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def read(path: str) -> Events:
    """The interactions of a file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [(int(r["target"]), int(float(r["t"])), int(r["actor"]), KINDS[r["kind"]]) for r in csv.DictReader(file)]
    table = np.array(rows, dtype=np.int64)
    return Events(*table.T, {1: "repost", 2: "reply", 3: "mention"})


def agreement(events: Events) -> None:
    """Reach by sets against forward simulation: single people, and lists; IMM's set against the others."""
    until = int(events.time[int(0.6 * len(events))])
    learnt = learn(events, until=until)
    for held in learnt.held:
        tell(what="estimate", by=held.by, likelihood=held.likelihood, brier=held.brier, scale=held.scale)
    chance, graph = learnt.chance, learnt.graph
    sets = Drawer(chance, seed=1).draw(2_000_000)
    draw = np.random.default_rng(5)
    best = np.argsort(-sets.single, kind="stable")
    for name, people in (
        ("best 200", best[:200]),
        ("200 of the best 2000", draw.choice(best[:2000], 200, replace=False)),
    ):
        forward = np.array([simulate(chance, [int(p)], 4000, seed=int(p) + 1).mean() for p in people])
        tell(
            what="single", people=name, spearman=float(spearmanr(forward, sets.single[people]).statistic),
            largest_error=float(np.abs(sets.single[people] / forward - 1).max()),
        )  # fmt: skip
    groups = [draw.choice(best[:500], int(k), replace=False) for k in draw.integers(2, 60, 100)]
    forward = np.array([simulate(chance, g.tolist(), 1000, seed=i).mean() for i, g in enumerate(groups)])
    mine = np.array([sets.reach(g) for g in groups])
    tell(
        what="groups", groups=len(groups), spearman=float(spearmanr(forward, mine).statistic),
        largest_error=float(np.abs(mine / forward - 1).max()),
    )  # fmt: skip
    started = time.perf_counter()
    plan = imm(Drawer(chance, seed=2), Limits(50), epsilon=0.1)
    seconds = time.perf_counter() - started
    lists = {
        "imm": plan.choice.people,
        "influence": np.argsort(-influence(graph), kind="stable")[:50].tolist(),
        "pagerank": np.argsort(-pagerank(graph), kind="stable")[:50].tolist(),
        "best alone": best[:50].tolist(),
    }
    reach = {name: float(simulate(chance, people, 4000, seed=3).mean()) for name, people in lists.items()}
    tell(what="fifty", sets=len(plan.sets), seconds=seconds, bound=GREEDY - 0.1, monte_carlo=reach)


def strangers(events: Events) -> None:
    """Of the pairs of a window, how many never were a pair before."""
    people = int(max(events.actor.max(), events.target.max())) + 1
    pairs = events.actor * people + events.target
    for part in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        at = int(events.time[int(len(events) * part)])
        now = np.unique(pairs[(events.time > at) & (events.time <= at + 24 * 3600)])
        share = float(1 - np.isin(now, pairs[events.time <= at]).mean())
        tell(what="pairs that are new, 24 h", after=part, share=share)


def windows(events: Events) -> None:
    """The back-test, on windows of several lengths and on planted communities."""
    until = int(events.time.max())
    spans = {"half of the time": None, "24 h": 24}
    for name, hours in spans.items():
        cuts = cut(events, until, horizon=hours and hours * 3600)
        _verdict(name, events, until, cuts)
    ends = [int(events.time[int(len(events) * part)]) for part in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)]
    for hours in (6, 24, 72):
        found = [Window(at, at + hours * 3600) for at in ends]
        _verdict(f"after 40 % to 90 % of the events, {hours} h", events, until, found)


def money(events: Events) -> None:
    """The same with prices that follow the audience: 5 for everybody, and 1 for each who acted so far."""
    until = int(events.time.max())
    ends = [int(events.time[int(len(events) * part)]) for part in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)]
    for hours in (6, 24, 72):
        verdict = compare(
            events, until=until, windows=[Window(at, at + hours * 3600) for at in ends], sizes=(500.0, 2000.0, 8000.0),
            ways=("cover", "coupled", "influence", "price"), cost=lambda graph: 5.0 + actors(graph),
        )  # fmt: skip
        for mark in verdict.marks:
            if mark.way != "influence":
                other = verdict.mark("price", mark.size)
                tell(
                    what="money", hours=hours, way=mark.way, budget=mark.size, reached=mark.reached, gain=mark.gain,
                    low=mark.low, high=mark.high, wins=mark.wins, over_price=mark.reached / other.reached - 1,
                )  # fmt: skip


def narrow(events: Events) -> None:
    """Candidates of one community only: the five largest, each a window."""
    index, rows = EventIndex.of(events), []
    for part in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        at = int(events.time[int(len(events) * part)])
        graph = index.weights(until=at)
        labels = communities(graph, seeds=1).labels
        for one in range(5):
            among = graph.nodes[labels == one]
            verdict = compare(
                events, until=at, windows=[Window(at, at + 24 * 3600)] * 3, sizes=(5, 10, 20), among=among,
                ways=("cover", "coupled", "influence"),
            )  # fmt: skip
            rows.append([mark.gain for mark in verdict.marks if mark.way == verdict.better()])
    gains = np.array([row for row in rows if row])
    draws = gains[np.random.default_rng(1).integers(0, len(gains), (2000, len(gains)))].mean(axis=1)
    for k, size in enumerate((5, 10, 20)):
        low, high = np.quantile(draws[:, k], (0.025, 0.975)).tolist()
        tell(what="one community, 24 h", size=size, n=len(gains), gain=float(gains[:, k].mean()), low=low, high=high)


def _verdict(name: str, events: Events, until: int, cuts: Any, *, ways: Any = WAYS) -> None:
    chosen = tuple(w for w in ways if w not in ("followers", "price", "spread"))
    verdict = compare(events, until=until, windows=cuts, ways=chosen)
    for mark in verdict.marks:
        if mark.way != "influence":
            tell(
                what="backtest", windows=name, n=len(verdict.windows), double=verdict.double, way=mark.way,
                size=mark.size, reached=mark.reached, gain=mark.gain, low=mark.low, high=mark.high, wins=mark.wins,
            )  # fmt: skip


def overlapping() -> None:
    """The back-test on planted communities: how unequal they are, how closed."""
    for skew, mix in ((0.0, 0.02), (1.0, 0.02), (1.5, 0.02), (1.5, 0.3)):
        events = planted(people=3000, acts=60_000, skew=skew, mix=mix)
        until = int(events.time.max())
        _verdict(
            f"planted, skew {skew}, mix {mix}",
            events,
            until,
            cut(events, until),
            ways=("cover", "coupled", "influence", "pagerank", "past"),
        )


def main() -> None:
    """Read the arguments, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--sets", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--epsilon", type=float, default=0.2)
    parser.add_argument("--events", metavar="FILE")
    parser.add_argument("--planted", action="store_true", help="the back-test on planted communities")
    args = parser.parse_args()
    if args.events:
        events = read(args.events)
        for part in (strangers, windows, money, narrow, agreement):
            part(events)
    elif args.planted:
        overlapping()
    else:
        speed(args)


if __name__ == "__main__":
    main()
