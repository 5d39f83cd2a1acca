"""Seconds and memory of every measure of ``graph/``, and how well rankers forecast reposters.

  python benchmarks/graph_measures.py                   invented network: 1e5 people, 1e6 edges, 1e6 posts
  python benchmarks/graph_measures.py --events FOLDER   events.csv.gz (actor,target,kind,t), meta.json with "cuts"

The second form ranks on [lo, T) and compares with the distinct people who repost the candidate in [T, T2): cap@100, the
share of what the best 100 capture, and NDCG@100, means over the windows. And how well reciprocity tells whom a person
acts back on: AUC over the pairs (person, somebody who acts on them in [T, T2)), known people only.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from graph.bridges import betweenness, both_ways, crossing, pivots_for
from graph.build import Events, InteractionGraph, build
from graph.cascades import forest, shapes, subtree
from graph.communities import communities
from graph.measures import REGISTRY, Context, Posts, measure
from graph.overlap import overlap
from graph.reciprocity import returned

KINDS = {1: "repost", 2: "reply", 3: "mention", 4: "quote", 5: "like", 6: "follow"}
NOW = 1_795_000_000


def invented(people: int, edges: int, groups: int = 200, seed: int = 1) -> Events:
    """Power-law in-degrees and planted groups, within which 70 % of the edges stay."""
    rng = np.random.default_rng(seed)
    group, actor = rng.integers(0, groups, people), rng.integers(0, people, edges)
    popular = 1 / np.arange(1, people + 1) ** 0.7
    target = rng.permutation(people)[rng.choice(people, edges, p=popular / popular.sum())]
    order = np.argsort(group, kind="stable")
    start = np.searchsorted(group[order], np.arange(groups + 1))
    inside = rng.random(edges) < 0.7
    here = group[actor[inside]]
    size = start[here + 1] - start[here]
    target[inside] = order[start[here] + (rng.random(len(here)) ** 2 * size).astype(np.int64)]
    when = rng.integers(NOW - 90 * 86_400, NOW, edges)
    return Events(target + 1, when, actor + 1, rng.integers(1, 7, edges), KINDS)


def invented_posts(graph: InteractionGraph, count: int) -> Posts:
    """Posts with invented numbers, a tenth of which the platform does not tell."""
    rng = np.random.default_rng(2)

    def some(most: int) -> Any:
        return np.where(rng.random(count) < 0.1, -1, rng.integers(0, most, count))

    none = np.zeros(count, dtype=np.int64)
    author = rng.choice(graph.nodes, count)
    return Posts(author, rng.random(count) < 0.6, some(60), some(9), some(9), rng.integers(0, 20, count), *[none] * 3)


def timed(name: str, run: Callable[[], object]) -> None:
    begin, cpu = time.perf_counter(), time.process_time()
    run()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, used = time.perf_counter() - begin, time.process_time() - cpu
    print(f"{name:<24}{wall:8.2f} s{used:8.2f} CPU s   peak so far {peak:6.0f} MB", flush=True)


def speed(people: int, edges: int) -> None:
    events = invented(people, edges)
    graph = build(events, until=NOW)
    print(f"{len(graph):,} people, {graph.weights.nnz:,} edges of {len(events):,} interactions, {edges:,} posts")
    rng = np.random.default_rng(3)
    posts, about = invented_posts(graph, edges), rng.poisson(0.2, len(graph)).astype(float)
    topics = csr_array(rng.poisson(0.1, (len(graph), 20)).astype(float))
    for name, ranker in REGISTRY.items():
        topic = about if name == "topicrank" else None
        context = Context(events=events, posts=posts, topic=topic, topics=topics)
        timed(f"rank --by {name}", lambda r=ranker, c=context: r(graph, c))  # type: ignore[misc]
    found = communities(graph, seeds=1)
    timed("communities, 5 seeds", lambda: communities(graph))
    timed("participation", lambda: crossing(found.ties, found.labels))
    parent = np.array([-1, *(np.arange(1, edges) * rng.random(edges - 1) ** 0.3).astype(np.int64)])
    parent[rng.random(edges) < 0.05] = -1
    trees = forest(parent, np.arange(1, edges + 1))
    timed("cascades, forest", lambda: forest(parent, np.arange(1, edges + 1)))
    timed("cascades, shapes", lambda: shapes(trees))
    largest = int(shapes(trees).roots[shapes(trees).size.argmax()])
    timed("cascades, largest tree", lambda: subtree(trees, largest))
    top = np.argsort(-np.bincount(events.target))[:5].tolist()
    timed("overlap of 5", lambda: overlap(events, top))
    ties = both_ways(graph)
    sure = np.argsort(-betweenness(ties, 1024, seed=9))[:100]
    for pivots in (64, pivots_for(ties)):
        found = np.argsort(-betweenness(ties, pivots))[:100]
        print(
            f"betweenness by {pivots} pivots: {len(np.intersect1d(sure, found))} of the 100 that 1,024 others put first"
        )


def forecast(folder: Path) -> None:
    meta = json.loads((folder / "meta.json").read_text())
    names = {"RT": 1, "RE": 2, "MT": 3}
    with gzip.open(folder / "events.csv.gz", "rt") as lines:
        next(lines)
        cells = (line.strip().split(",") for line in lines)
        rows = [(int(a) + 1, int(b) + 1, names[k], int(float(t))) for a, b, k, t in cells]
    actor, target, kind, when = np.array(rows, dtype=np.int64).T
    told: dict[str, list[tuple[float, float]]] = {}
    answers = []
    for low, cut, end in meta["cuts"]:
        past, later = (when >= low) & (when < cut), (when >= cut) & (when < end) & (kind == 1)
        events = Events(target[past], when[past], actor[past], kind[past], KINDS)
        graph = build(events, until=int(cut) - 1)
        candidates = np.unique(target[past])
        pairs = np.unique(np.stack([target[later], actor[later]], axis=1), axis=0)
        truth = np.bincount(_place(candidates, pairs[:, 0]), minlength=len(candidates) + 1)[:-1]
        for name, ranker in REGISTRY.items():
            if set(ranker.reads) - {"events"}:
                continue
            scores = measure(graph, name, Context(events=events, pivots=256)).values
            mine = scores[np.searchsorted(graph.nodes, candidates)]
            order = np.lexsort((candidates, -mine))[:100]
            ideal = np.sort(truth)[::-1][:100]
            gain = 1 / np.log2(np.arange(2, len(order) + 2))
            told.setdefault(name, []).append((
                truth[order].sum() / max(1, ideal.sum()),
                float((truth[order] * gain).sum() / max(1e-9, (ideal * gain).sum())),
            ))  # fmt: skip
        answers.append(_answers(graph, events, target, when, actor, kind, (when >= cut) & (when < end)))
    print("reciprocity, AUC of who answers: " + " ".join(f"{auc:.3f}" for auc in answers))
    print(f"{'ranker':<14}{'cap@100':>8}{'NDCG@100':>10}")
    for name, values in sorted(told.items(), key=lambda one: -sum(v[0] for v in one[1])):
        cap, ndcg = (math.fsum(v[i] for v in values) / len(values) for i in (0, 1))
        print(f"{name:<14}{cap:8.3f}{ndcg:10.3f}")


def _answers(graph: InteractionGraph, past: Events, target: Any, when: Any, actor: Any, kind: Any, later: Any) -> float:
    """The area under the curve: the chance that somebody who answers was ranked above somebody who does not."""
    later = later & np.isin(actor, graph.nodes) & np.isin(target, graph.nodes)
    found = returned(Events(target[later], when[later], actor[later], kind[later], KINDS), graph.nodes)
    scores = measure(graph, "reciprocity", Context(events=past)).values
    _, level = np.unique(scores, return_inverse=True)
    yes, no = np.bincount(level, found.answered), np.bincount(level, found.asked - found.answered)
    under = np.cumsum(no) - no / 2
    return float((yes * under).sum() / max(1.0, yes.sum() * no.sum()))


def _place(known: Any, wanted: Any) -> Any:
    """Places in ``known``; those that are not there get the place after the last."""
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, at, len(known))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--events", type=Path)
    args = parser.parse_args()
    if args.events is not None:
        forecast(args.events)
    else:
        speed(args.people, args.edges)


if __name__ == "__main__":
    main()
