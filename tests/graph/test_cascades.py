"""Cascades against brute force; chains, circles and missing parents."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.cascades import NONE, Forest, forest, shapes, subtree

pointers = st.lists(st.integers(-1, 14), min_size=1, max_size=15)
times = st.lists(st.integers(0, 30), min_size=15, max_size=15)


def made(parent: list[int], time: list[int] | None = None) -> Forest:
    n = len(parent)
    fitting = [p if p < n else NONE for p in parent]
    return forest(np.array(fitting, dtype=np.int64), np.array((time or [1] * n)[:n], dtype=np.int64))


@settings(deadline=None)
@given(pointers, times)
def test_any_pointers_give_a_forest_and_its_measures(parent: list[int], time: list[int]) -> None:
    trees = made(parent, time)
    n = len(trees)
    for node in range(n):  # the pointers that are kept lead to a root
        seen, at = 0, node
        while trees.parent[at] != NONE:
            at, seen = int(trees.parent[at]), seen + 1
            assert seen <= n
        assert (trees.root[node], trees.depth[node]) == (at, seen)
    place = {int(v): i for i, v in enumerate(trees.order)}
    assert all(p == NONE or place[int(p)] < place[v] for v, p in enumerate(trees.parent.tolist()))
    dropped = sum(p not in (NONE, v) and p < n and trees.parent[v] == NONE for v, p in enumerate(parent))
    assert trees.cut == dropped
    net = nx.Graph()
    net.add_nodes_from(range(n))
    net.add_edges_from((v, int(p)) for v, p in enumerate(trees.parent) if p != NONE)
    assert trees.cut == sum(
        len(c) > 1 for c in nx.simple_cycles(nx.DiGraph((v, p) for v, p in enumerate(parent) if -1 < p < n))
    )
    found = shapes(trees)
    assert sorted(found.size.tolist()) == sorted(len(c) for c in nx.connected_components(net))
    for i, root in enumerate(found.roots.tolist()):
        members = sorted(nx.node_connected_component(net, root))
        assert found.size[i] == len(members)
        depths = [int(trees.depth[v]) for v in members]
        assert found.depth[i] == max(depths)
        assert found.breadth[i] == max(depths.count(d) for d in depths)
        if len(members) > 1:
            assert found.virality[i] == pytest.approx(nx.average_shortest_path_length(net.subgraph(members)))
        known = [int(trees.time[v]) for v in members if trees.time[v] > 0]
        begin = int(trees.time[root]) or min(known, default=0)
        assert found.duration[i] == (max(0, max(known) - begin) if known else -1)
        later = sorted(int(trees.time[v]) for v in members if v != root and trees.time[v] > 0)
        assert found.half[i] == (max(0, later[(len(later) - 1) // 2] - begin) if later else -1)
        read = subtree(trees, root).tolist()
        assert sorted(read) == members
        assert all(trees.parent[v] in read[:k] for k, v in enumerate(read) if k)
    for node in range(n):
        under = [v for v in range(n) if v != node and node in _above(trees, v)]
        assert trees.below[node] == len(under)
        assert trees.children[node] == sum(trees.parent[v] == node for v in range(n))
        assert sorted(subtree(trees, node).tolist()) == sorted([node, *under])


def _above(trees: Forest, node: int) -> set[int]:
    found = set()
    while trees.parent[node] != NONE:
        node = int(trees.parent[node])
        found.add(node)
    return found


def test_a_circle_is_cut_at_its_earliest_node() -> None:
    trees = made([1, 2, 0, 0], [5, 3, 9, 1])
    assert trees.parent.tolist() == [1, NONE, 0, 0]
    assert trees.cut == 1


def test_a_star_and_a_chain_have_the_virality_of_goel() -> None:
    star = shapes(made([NONE] + [0] * 9))
    assert star.virality[0] == pytest.approx(2 * 9 / 10)  # 2 (n - 1) / n
    chain = shapes(made([NONE, *range(9)]))
    assert chain.virality[0] == pytest.approx(11 / 3)  # (n + 1) / 3


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_chain_of_a_hundred_thousand(shuffled: bool) -> None:
    n = 100_000
    name = np.random.default_rng(0).permutation(n) if shuffled else np.arange(n)
    parent = np.full(n, NONE, dtype=np.int64)
    parent[name[1:]] = name[:-1]
    time = np.empty(n, dtype=np.int64)
    time[name] = np.arange(1, n + 1)
    trees = forest(parent, time)
    found = shapes(trees)
    assert (found.size[0], found.depth[0], found.breadth[0]) == (n, n - 1, 1)
    assert found.virality[0] == pytest.approx((n + 1) / 3)
    assert found.half[0] == n // 2
    assert (subtree(trees, int(name[0])) == name).all()
    circle = parent.copy()
    circle[name[0]] = name[-1]
    assert (forest(circle, time).parent == parent).all()


def test_nothing_at_all() -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert len(shapes(forest(empty, empty)).roots) == 0
