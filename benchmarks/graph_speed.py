"""Graphs of interactions: how fast, how large, how good, beside networkx, scipy and (where installed) igraph.

  python benchmarks/graph_speed.py              1e5 people, 1e6 edges: PageRank, memory, communities
  python benchmarks/graph_speed.py --large      1e6 people, 1e7 edges: PageRank and memory (networkx takes minutes)
  python benchmarks/graph_speed.py --sql 1e7    a project file with so many interactions -> ranked list

Each measurement runs in a process of its own, so that peak memory means something; seconds are CPU seconds unless they
say otherwise; ratios are of the same run. The graphs are made: power-law popularity and activity, planted communities.
igraph is GPL and no dependency of ours: it is measured only where a developer has it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

START, SPAN = 1_700_000_000, 90 * 86_400
KINDS = {1: "repost", 2: "reply", 3: "mention", 4: "quote", 5: "like", 6: "follow"}
MIX = 0.4
"""Share of edges that lead anywhere, not into the actor's own community."""


def planted(n: int, m: int, seed: int = 7) -> tuple[Any, Any, Any]:
    """m edges among n people: (actor, target, weight), each pair once, no loops."""
    chance = np.random.default_rng(seed)
    home = np.sort(chance.integers(0, max(10, n // 500), n))
    start = np.searchsorted(home, np.arange(home[-1] + 2))
    actor = chance.permutation(n)[(n * chance.random(m) ** 1.7).astype(np.int64)]
    fame = chance.random(m) ** 2.5
    inside = chance.random(m) > MIX
    first, size = start[home[actor]], (start[home[actor] + 1] - start[home[actor]])
    target = np.where(inside, first + (fame * size).astype(np.int64), (n * fame).astype(np.int64))
    name = chance.permutation(n)  # rows tell nothing of communities or fame
    actor, target = name[actor], name[target]
    pair = np.unique((actor * n + target)[actor != target])
    return pair // n, pair % n, chance.integers(1, 5, len(pair)) / 2


def cpu() -> float:
    return time.process_time()


def peak() -> float:
    """Megabytes that this process has held at most (Linux counts what its parent held when it began)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def top(nodes: Any, rank: Any, k: int = 100) -> list[int]:
    return [int(i) for i in nodes[np.lexsort((nodes, -rank))[:k]]]


# -- one measurement a process ----------------------------------------------------------------------------------


def events_of(args: argparse.Namespace) -> Any:
    """The graph as interactions, one an edge, whose recency gives the weights."""
    from graph.build import Events

    saved = np.load(args.file)
    return Events(saved["target"], saved["time"], saved["actor"], saved["kind"], KINDS)


def do_edges(args: argparse.Namespace) -> dict[str, Any]:
    """Make the graph and save it as arrays."""
    actor, target, _ = planted(args.people, args.edges)
    chance = np.random.default_rng(11)
    count = len(actor)
    when = START + (SPAN * chance.random(count)).astype(np.int64)
    mixed = chance.permutation(count)  # as they would arrive, not sorted
    actor, target = actor[mixed], target[mixed]
    np.savez(args.file, actor=actor, target=target, time=when, kind=chance.integers(1, 4, count).astype(np.int8))
    return {}


def do_arrays(args: argparse.Namespace) -> dict[str, Any]:
    """The edge arrays alone, with the libraries loaded: what everybody starts from."""
    warm()
    held = weighted(args)
    return {"rows": len(held[0])}


def warm() -> None:
    """Import what would else be counted as part of the first call."""
    import networkx
    import scipy.sparse.csgraph
    import scipy.sparse.linalg

    import graph.backend
    import graph.build

    assert all((networkx, scipy, graph))


def weighted(args: argparse.Namespace) -> tuple[Any, Any, Any]:
    """The edges with their weights by recency: (actor, target, weight)."""
    held = events_of(args)
    return held.actor, held.target, 1 / (1 + (int(held.time.max()) - held.time) / 86_400.0)


def do_ours(args: argparse.Namespace) -> dict[str, Any]:
    """From edges with weights, which is what the others are given."""
    from graph.index import from_edges

    warm()
    actor, target, weight = weighted(args)
    began = cpu()
    graph = from_edges(actor, target, weight)
    return ranked(args, graph, cpu() - began)


def do_events(args: argparse.Namespace) -> dict[str, Any]:
    """From interactions with times and kinds."""
    from graph.build import build

    warm()
    events = events_of(args)
    began = cpu()
    graph = build(events, h0=86_400.0)
    return ranked(args, graph, cpu() - began)


def ranked(args: argparse.Namespace, graph: Any, built: float) -> dict[str, Any]:
    import networkx as nx

    began = cpu()
    rank = nx.pagerank(graph, tol=1e-6 / len(graph), max_iter=500)
    spent = cpu() - began
    high = peak()
    np.savez(args.out, nodes=graph.nodes, rank=rank.array)
    return {"build": built, "pagerank": spent, "high": high, "edges": graph.number_of_edges()}


def do_networkx(args: argparse.Namespace) -> dict[str, Any]:
    import networkx as nx

    warm()
    tail, head, weight = (part.tolist() for part in weighted(args))
    made: Any = nx.DiGraph()
    began = cpu()
    made.add_weighted_edges_from(zip(tail, head, weight, strict=True))
    built = cpu() - began
    began = cpu()
    rank = nx.pagerank(made, tol=1e-6 / len(made), max_iter=500)
    ranked = cpu() - began
    np.savez(args.out, nodes=np.array(list(rank)), rank=np.array(list(rank.values())))
    return {"build": built, "pagerank": ranked}


def do_networkx_size(args: argparse.Namespace) -> dict[str, Any]:
    """Only the graph, made from arrays in chunks, so that nothing else is in its peak."""
    import networkx as nx

    warm()
    actor, target, weight = weighted(args)
    made: Any = nx.DiGraph()
    for at in range(0, len(target), 100_000):
        part = slice(at, at + 100_000)
        made.add_weighted_edges_from(
            zip(actor[part].tolist(), target[part].tolist(), weight[part].tolist(), strict=True)
        )
    return {"edges": made.number_of_edges()}


def do_scipy(args: argparse.Namespace) -> dict[str, Any]:
    """Twenty lines without a library around them: the floor."""
    from scipy.sparse import coo_array

    warm()
    actor, target, weight = weighted(args)
    began = cpu()
    n = int(max(target.max(), actor.max())) + 1
    walk: Any = coo_array((weight, (actor, target)), shape=(n, n)).tocsr()
    built = cpu() - began
    began = cpu()
    out = np.asarray(walk.sum(axis=1)).ravel()
    used = (out > 0) | (np.bincount(walk.indices, minlength=n) > 0)
    scale, stuck, size = np.divide(1, out, out=np.zeros(n), where=out > 0), (out == 0) & used, int(used.sum())
    rank = used / size
    while True:
        before, rank = rank, 0.85 * (walk.T @ (rank * scale) + rank[stuck].sum() * used / size) + 0.15 * used / size
        if np.abs(rank - before).sum() < 1e-6:
            break
    return {"build": built, "pagerank": cpu() - began}


def do_igraph(args: argparse.Namespace) -> dict[str, Any]:
    import igraph  # a developer's own; never a dependency

    saved = np.load(args.file)
    pairs = np.stack([saved["actor"], saved["target"]], axis=1)
    began = cpu()
    graph = igraph.Graph(n=int(pairs.max()) + 1, edges=pairs, directed=True)
    built = cpu() - began
    began = cpu()
    graph.pagerank(damping=0.85)
    return {"build": built, "pagerank": cpu() - began}


def symmetric(args: argparse.Namespace) -> Any:
    from graph.backend import undirected
    from graph.build import build

    return undirected(build(events_of(args), h0=86_400.0))


def do_leiden(args: argparse.Namespace) -> dict[str, Any]:
    import networkx as nx
    import sknetwork.clustering

    assert sknetwork.clustering
    graph = symmetric(args)
    began = cpu()
    found = nx.community.leiden_communities(graph)
    spent = cpu() - began
    Path(args.out).write_text(json.dumps([sorted(part) for part in found]), "utf-8")
    return {"seconds": spent, "communities": len(found)}


def do_louvain(args: argparse.Namespace) -> dict[str, Any]:
    import networkx as nx

    graph = symmetric(args).to_networkx()
    began = cpu()
    found = nx.community.louvain_communities(graph, seed=1)
    spent = cpu() - began
    ours = [set(part) for part in json.loads(Path(args.other).read_text("utf-8"))]
    quality = {
        "ours": nx.community.modularity(graph, ours), "theirs": nx.community.modularity(graph, found)
    }  # fmt: skip
    return {"seconds": spent, "communities": len(found), **quality}


def do_project(args: argparse.Namespace) -> dict[str, Any]:
    """A project file of invented interactions, written straight into its tables."""
    import sqlite3

    from xunke.storage import Project

    people, path = args.people, args.file
    Project.open(path).close()
    actor, target, _ = planted(people, args.edges)
    chance = np.random.default_rng(5)
    when = START + (SPAN * chance.random(len(actor))).astype(np.int64)
    kind = chance.integers(1, 7, len(actor))
    order = np.lexsort((actor, when, target))
    db = sqlite3.connect(path)
    db.execute("pragma synchronous = off")
    with db:
        db.execute("insert into platform(id, name) values (1, 'weibo')")
        names = ((i, str(i)) for i in range(1, people + 1))
        db.executemany("insert into account_key(id, platform, native_id) values (?, 1, ?)", names)
        db.executemany("insert into account(id, name) values (?, ?)", ((i, f"u{i}") for i in range(1, people + 1)))
        for at in range(0, len(order), 200_000):
            part = order[at : at + 200_000]
            rows = zip(*(column[part].tolist() for column in (target + 1, when, actor + 1, kind)), strict=True)
            db.executemany("insert into interaction(target, t, actor, kind, post) values (?, ?, ?, ?, 0)", rows)
    db.execute("pragma wal_checkpoint(truncate)")
    db.close()
    return {}


def do_sql(args: argparse.Namespace) -> dict[str, Any]:
    """From the project file to the ranked list, in one process."""
    from graph.build import build
    from graph.rank import influence, top
    from xunke.outreach.network import load_events
    from xunke.storage import Project

    wall, began = time.monotonic(), cpu()
    with Project.open(args.file) as project:
        events = load_events(project)
        read, count = cpu() - began, len(events)
        graph = build(events)
        built = cpu() - began - read
        best = top(graph, influence(graph), 100)
    return {
        "read": read, "build": built, "rank": cpu() - began - read - built, "seconds": cpu() - began,
        "wall": time.monotonic() - wall, "rows": count, "people": len(graph), "best": best[:3].tolist(),
    }  # fmt: skip


# -- many of them -----------------------------------------------------------------------------------------------


def run(name: str, file: Path, **more: object) -> dict[str, Any]:
    """``do_NAME`` in a child: what it returns, and its peak memory in MB (``peak``)."""
    options = [f"--{key}={value}" for key, value in more.items()]
    command = [sys.executable, __file__, "--child", name, f"--file={file}", *options]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def installed(name: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(name) is not None


def graphs(n: int, m: int, folder: Path, *, communities: bool) -> None:
    file = folder / "edges.npz"
    run("edges", file, people=n, edges=m)
    bare = run("arrays", file)["peak"]
    ours = run("ours", file, out=folder / "ours.npz")
    events = run("events", file, out=folder / "events.npz")
    print(f"graph: {n:,} people, {ours['edges']:,} edges; power law, planted communities")
    theirs = run("networkx", file, out=folder / "theirs.npz")
    rows = {"networkx": theirs, "scipy, 20 lines": run("scipy", file), "xunke, edges": ours, "xunke, events": events}
    if installed("igraph"):
        rows["igraph"] = run("igraph", file)
    print(f"{'':18}{'build s':>9}{'PageRank s':>12}{'x networkx':>12}{'with build':>12}")
    for name, row in rows.items():
        both = (theirs["build"] + theirs["pagerank"]) / (row["build"] + row["pagerank"])
        ratio = theirs["pagerank"] / row["pagerank"]
        print(f"{name:18}{row['build']:9.2f}{row['pagerank']:12.2f}{ratio:12.1f}{both:12.1f}")
    if "igraph" not in rows:
        print(f"{'igraph':18}not installed")
    one, other = np.load(folder / "ours.npz"), np.load(folder / "theirs.npz")
    by_id = np.argsort(other["nodes"])
    assert (one["nodes"] == other["nodes"][by_id]).all()
    apart = float(np.abs(one["rank"] - other["rank"][by_id]).sum())
    same = top(one["nodes"], one["rank"]) == top(other["nodes"][by_id], other["rank"][by_id])
    print(
        f"L1 distance of the two PageRanks {apart:.1e}; the same top 100 in the same order: {'yes' if same else 'NO'}"
    )
    size = run("networkx_size", file)["peak"]
    print(
        f"peak memory over the edge arrays ({bare:.0f} MB with Python and numpy): nx.DiGraph {size - bare:.0f} MB, "
        f"xunke built and ranked {ours['high'] - bare:.0f} MB: 1/{(size - bare) / (ours['high'] - bare):.1f} "
        f"(from events {events['high'] - bare:.0f} MB)"
    )
    if communities:
        found = run("leiden", file, out=folder / "parts.json")
        plain = run("louvain", file, other=folder / "parts.json")
        print(
            f"communities: networkx Louvain {plain['seconds']:.1f} s, {plain['communities']}, modularity "
            f"{plain['theirs']:.4f}; Leiden {found['seconds']:.1f} s, "
            f"{found['communities']}, modularity {plain['ours']:.4f}: "
            f"{plain['seconds'] / found['seconds']:.1f} x as fast, "
            f"{plain['ours'] / plain['theirs']:.4f} of its modularity (both by networkx)"
        )


def sql(count: int, folder: Path) -> None:
    path = folder / "project.db"
    run("project", path, people=max(10, count // 10), edges=count)
    row = run("sql", path)
    print(
        f"SQLite ({path.stat().st_size / 1e6:.0f} MB, {row['rows']:,} interactions, {row['people']:,} people) "
        f"-> ranked list: {row['seconds']:.1f} CPU s ({row['wall']:.1f} s by the clock): reading {row['read']:.1f} "
        f"({row['rows'] / row['read'] / 1e6:.2f} million rows/s), graph {row['build']:.1f}, ranking {row['rank']:.1f}; "
        f"peak {row['peak']:.0f} MB"
    )
    began = time.monotonic()
    command = [sys.executable, "-m", "xunke", "--db", str(path), "rank", "--until", "2030-01-01", "--limit", "100"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"OMP_NUM_THREADS": "1"})
    _, status, used = os.wait4(child.pid, 0)
    assert status == 0
    print(
        f"xunke rank --limit 100 on it, the whole command: {used.ru_utime + used.ru_stime:.1f} CPU s "
        f"({time.monotonic() - began:.1f} s by the clock), peak {used.ru_maxrss / 1024:.0f} MB"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="1e6 people, 1e7 edges, without communities")
    parser.add_argument("--sql", metavar="N", type=float, help="only: N interactions from a project file")
    parser.add_argument("--no-communities", action="store_true", help="leave out Louvain and Leiden")
    for name in ("child", "file", "out", "other"):
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    for name in ("people", "edges"):
        parser.add_argument(f"--{name}", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        measure: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
            name.removeprefix("do_"): function for name, function in globals().items() if name.startswith("do_")
        }
        found = measure[args.child](args)
        print(json.dumps({**found, "peak": peak()}))
        return 0
    with tempfile.TemporaryDirectory(prefix="xunke-") as name:
        if args.sql:
            sql(int(args.sql), Path(name))
        else:
            n, m = (10**6, 10**7) if args.large else (10**5, 10**6)
            graphs(n, m, Path(name), communities=not args.large and not args.no_communities)
    return 0


if __name__ == "__main__":
    sys.exit(main())
