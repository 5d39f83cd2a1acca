"""Which ranker forecasts who will be reposted by many? Real cascades, and simulated ones of other lengths of time.

    python benchmarks/graph_forecast.py [--simulated] [--k 100]

For each window a ranker sees the events before the cut; truth = distinct people who repost a candidate before the end.
"selected" is what a back-test of the past alone picks at the cut. Ratios are against classic PageRank in the same run.
The simulated worlds are invented: authors with drifting popularity, posts, reposts after delays, a loyal audience.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from graph.backtest import TooLittle, backtest
from graph.build import Events
from graph.forecast import Past, answered
from graph.index import EventIndex
from graph.measure import order_of
from graph.methods import Known, method, scores

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "cascades"
KINDS = {1: "repost", 2: "reply", 3: "mention"}
CODES = {"RT": 1, "RE": 2, "MT": 3}
DAY = 86_400
METHODS = (
    "influence", "influence+answers", "influence+equal", "influence@plain", "influence@15m", "influence@6h",
    "influence@1d", "actors", "pagerank", "pagerank-classic", "kcore", "hits", "activity",
)  # fmt: skip
CHOICE = (
    "influence", "influence+answers", "influence+equal", "influence@15m", "influence@6h", "influence@1d",
    "influence@30d", "actors", "pagerank",
)  # fmt: skip
Window = tuple[int, int, int]


def real() -> tuple[EventIndex, list[Window]]:
    """The cascades and the windows (lo, T, T2) that came with them."""
    with gzip.open(DATA / "events.csv.gz", "rt") as source:
        table = np.array([
            (int(r["target"]), int(float(r["t"])), int(r["actor"]), CODES[r["kind"]]) for r in csv.DictReader(source)
        ])  # fmt: skip
    meta = json.loads((DATA / "meta.json").read_text("utf-8"))
    return index_of(table), [(int(lo), int(cut), int(end)) for lo, cut, end in meta["cuts"]]


def index_of(table: Any) -> EventIndex:
    """Columns target, time, actor, kind."""
    return EventIndex.of(Events(table[:, 0], table[:, 1], table[:, 2], table[:, 3].astype(np.int8), KINDS))


def simulated(
    seed: int, *, span: int, decay: float, drift: float, burst: float = 0.0, people: int = 8_000, events: int = 200_000
) -> EventIndex:
    """Authors' popularity drifts by ``drift`` a fortieth of the span; reposts come after about ``decay`` seconds."""
    draw = np.random.default_rng(seed)
    popular = np.log(draw.pareto(1.3, people) + 0.05)[:, None] + np.cumsum(draw.normal(0, drift, (people, 40)), 1)
    active, writes = draw.pareto(1.2, people) + 0.1, draw.pareto(1.5, people) + 0.02
    posts = events // 4
    author = draw.choice(people, posts, p=writes / writes.sum())
    when = np.sort(draw.random(posts) ** (1 / (1 + burst))) * span
    when = np.clip(when + 13_000 * np.sin(2 * np.pi * when / DAY), 0, span - 1)  # nights are quiet
    expected = np.exp(popular[author, (when / span * 40).astype(int)] + draw.normal(0, 1, posts))
    expected = np.minimum(expected * events * 0.8 / expected.sum(), people * 0.1)
    count = draw.poisson(expected)
    target, start = np.repeat(author, count), np.repeat(when, count)
    times = start + draw.exponential(1, len(target)) * decay * np.exp(draw.normal(0, 1, len(target)))
    actor = draw.choice(people, len(target), p=active / active.sum())
    loyal = draw.random(len(target)) < 0.3
    near = (draw.pareto(1.0, int(loyal.sum())) * 3).astype(int)
    actor[loyal] = (target[loyal] * 31 + near * 7_919) % people
    kept = (times < span) & (actor != target)
    table = np.c_[target, times.astype(int) + 1_500_000_000, actor, np.ones(len(target), int)][kept]
    weak = table[draw.random(len(table)) < 0.3]
    weak = np.c_[draw.permutation(weak[:, 0]), weak[:, 1], weak[:, 2], np.full(len(weak), 3)]
    return index_of(np.concatenate([table, weak]))


def quantile_windows(index: EventIndex) -> list[Window]:
    """Six windows of a tenth of the events each."""
    cuts = np.quantile(index.time, [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]).astype(int).tolist()
    return [(int(index.time.min()), cut, end) for cut, end in pairwise(cuts)]


def judge(score: Any, gain: Any, among: Any, k: int) -> tuple[float, float]:
    """cap@k, and NDCG@k with gains ln(1 + distinct reposters)."""
    order, best = order_of(score, among)[:k], np.sort(gain[among])[::-1][:k]
    discount = 1 / np.log2(np.arange(2, k + 2))
    dcg, ideal = ((np.log1p(gains) * discount[: len(gains)]).sum() for gains in (gain[order], best))
    return float(gain[order].sum() / best.sum()), float(dcg / ideal)


def selected(index: EventIndex, since: int, until: int) -> str:
    """What the back-test of the past picks; the default where the past is too short."""
    try:
        return backtest(index, [method(s) for s in CHOICE], until=until, since=since).picked.spec
    except TooLittle:
        return CHOICE[0]


def compare(name: str, index: EventIndex, windows: Sequence[Window], k: int) -> None:
    """Print the table of one set."""
    told: dict[str, list[tuple[float, float]]] = {m: [] for m in [*METHODS, "selected"]}
    picks = []
    seconds = 0.0
    for since, cut, end in windows:
        known = Known(index, cut - 1, since)
        among = Past(index, cut - 1, since, {}).candidates()
        gain = np.where(among, answered(index, cut - 1, end - 1, [1]), 0)
        for spec in METHODS:
            began = time.process_time()
            found = np.nan_to_num(scores(known, method(spec)), nan=-1.0)
            seconds += time.process_time() - began if spec == "influence" else 0.0
            told[spec].append(judge(found, gain, among, k))
        pick = selected(index, since, cut - 1)
        picks.append(pick)
        told["selected"].append(judge(scores(known, method(pick)), gain, among, k))
    base = np.mean(told["pagerank-classic"], axis=0)
    print(
        f"{name}: {len(index):,} events, {len(windows)} windows, influence {seconds / len(windows):.2f} CPU s a window"
    )
    for spec, values in sorted(told.items(), key=lambda item: -float(np.mean(item[1]))):
        cap, ndcg = np.mean(values, axis=0)
        caps = " ".join(f"{v[0]:.2f}" for v in values)
        print(
            f"  {spec:18} cap {cap:.3f} ({cap / base[0]:.2f}x)  NDCG {ndcg:.3f} ({ndcg / base[1]:.2f}x)  | cap: {caps}"
        )
    print(f"  the past picked: {', '.join(picks)}", flush=True)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--simulated", action="store_true")
    parser.add_argument("--k", type=int, default=100)
    args = parser.parse_args()
    if DATA.is_dir():
        compare("real cascades, 11.5 days", *real(), args.k)
    else:
        print("skipped: the cascades are not beside the checkout")
    if args.simulated:
        for name, world in {
            "simulated week": {"span": 7 * DAY, "decay": 3 * 3_600.0, "drift": 0.3},
            "simulated week, one burst": {"span": 7 * DAY, "decay": 3 * 3_600.0, "drift": 0.5, "burst": 3.0},
            "simulated 20 days": {"span": 20 * DAY, "decay": 6 * 3_600.0, "drift": 0.2},
            "simulated 900 days": {"span": 900 * DAY, "decay": 2.0 * DAY, "drift": 0.15},
            "simulated 900 days, fast drift": {"span": 900 * DAY, "decay": 1.0 * DAY, "drift": 0.6},
        }.items():
            index = simulated(1, **world)  # type: ignore[arg-type]
            compare(name, index, quantile_windows(index), args.k)


if __name__ == "__main__":
    main()
