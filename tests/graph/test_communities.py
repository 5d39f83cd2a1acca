"""Communities are connected, found again, and measured as NetworkX measures them."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.bridges import betweenness, both_ways
from graph.build import InteractionGraph
from graph.communities import communities, modularity, rand_index
from tests.graph.test_measures import edges_of, graph_of


def blocks(sizes: list[int], inside: float, outside: float, seed: int) -> tuple[InteractionGraph, list[int]]:
    """An invented graph with planted groups, and the group of each node."""
    share = [[inside if i == j else outside for j in range(len(sizes))] for i in range(len(sizes))]
    net = nx.stochastic_block_model(sizes, share, seed=seed, directed=True)
    graph = graph_of([(a + 1, b + 1) for a, b in net.edges])
    return graph, [net.nodes[int(i) - 1]["block"] for i in graph.nodes]


def test_planted_groups_are_found_and_stable() -> None:
    graph, planted = blocks([60, 40, 30], 0.3, 0.01, 3)
    found = communities(graph)
    assert rand_index(found.labels, np.array(planted)) > 0.95
    assert found.sizes[:3].tolist() == sorted(found.sizes.tolist(), reverse=True)[:3]
    assert found.stability is not None
    assert found.stability > 0.95
    again = communities(graph)
    assert (again.labels == found.labels).all()
    assert again.modularity == found.modularity


def test_noise_is_not_stable() -> None:
    net = nx.gnm_random_graph(300, 900, seed=4)
    found = communities(graph_of([(a + 1, b + 1) for a, b in net.edges]))
    assert found.stability is not None
    assert found.stability < 0.6


def test_as_good_as_louvain() -> None:
    graph, _ = blocks([50] * 6, 0.15, 0.02, 9)
    net = graph.to_networkx()
    ties = nx.Graph()
    for a, b, w in net.edges(data="weight"):
        ties.add_edge(a, b, weight=ties.get_edge_data(a, b, {"weight": 0.0})["weight"] + w)
    best = max(
        nx.community.modularity(ties, nx.community.louvain_communities(ties, seed=s, weight="weight")) for s in range(5)
    )
    assert communities(graph).modularity >= 0.99 * best


@settings(deadline=None, max_examples=40)
@given(edges_of)
def test_every_community_is_connected_and_the_sums_are_right(edges: list[tuple[int, int]]) -> None:
    graph = graph_of(edges)
    found = communities(graph, seeds=2)
    net = nx.Graph()
    net.add_nodes_from(range(len(graph)))
    dense = found.ties.toarray()
    net.add_weighted_edges_from((i, j, dense[i, j]) for i, j in np.argwhere(np.triu(dense) > 0).tolist())
    groups = [set(np.flatnonzero(found.labels == c).tolist()) for c in range(len(found))]
    for c, group in enumerate(groups):
        inner = net.subgraph(group)
        assert nx.is_connected(inner)
        assert found.sizes[c] == len(group)
        assert found.pairs[c] == inner.number_of_edges()
        assert found.density(c) == pytest.approx(nx.density(inner))
        assert found.inside[c] == pytest.approx(2 * inner.size(weight="weight"))
        assert found.volume[c] == pytest.approx(dense[sorted(group)].sum())
    assert found.modularity == pytest.approx(nx.community.modularity(net, groups))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
def test_the_rand_index_is_its_definition(pairs: list[tuple[int, int]]) -> None:
    one, two = (np.array(side) for side in zip(*pairs, strict=True))
    n = len(pairs)
    joined = [(one[i] == one[j], two[i] == two[j]) for i in range(n) for j in range(i)]
    a, b, both = (sum(x for x, _ in joined), sum(y for _, y in joined), sum(x and y for x, y in joined))
    expected, most = a * b / len(joined), (a + b) / 2
    if most != expected:
        assert rand_index(one, two) == pytest.approx((both - expected) / (most - expected))
    assert rand_index(one, one) == 1.0


def test_nobody_and_one_tie() -> None:
    pair = communities(graph_of([(1, 2)]))
    assert pair.sizes.tolist() == [2]
    assert pair.density(0) == 1.0
    assert pair.modularity == 0.0
    empty = communities(graph_of([(1, 1)]))
    assert len(empty) == 0
    assert modularity(both_ways(graph_of([(1, 1)])), np.zeros(0, dtype=np.int64)) == 0.0


def test_whoever_watches_may_stop_it() -> None:
    graph, _ = blocks([20, 20], 0.4, 0.05, 1)

    def stop(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        communities(graph, tell=stop)
    with pytest.raises(KeyboardInterrupt):
        betweenness(both_ways(graph), 5, tell=stop)
