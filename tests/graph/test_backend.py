"""NetworkX takes graphs of interactions as they are, and gives what it gives for its own."""

from __future__ import annotations

import random
import subprocess
import sys
import warnings
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import backend, backend_info
from graph.backend import NodeValues, convert_from_nx, convert_to_nx, undirected
from graph.build import Events, InteractionGraph, build
from graph.partition import modularity, partition

KINDS = {1: "repost", 2: "reply", 3: "mention"}
NOW = 1_795_000_000


def graph_of(rows: list[tuple[int, int, int, int]]) -> InteractionGraph:
    array = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return build(Events(array[:, 0], array[:, 1], array[:, 2], array[:, 3], KINDS), until=NOW, h0=86_400.0)


graphs = st.lists(
    st.tuples(st.integers(1, 12), st.integers(NOW - 900_000, NOW), st.integers(1, 12), st.integers(1, 3)),
    min_size=1, max_size=60,
).map(graph_of).filter(len)  # fmt: skip


def a_graph(n: int = 60, edges: int = 400, seed: int = 3) -> InteractionGraph:
    chance = random.Random(seed)
    return graph_of([
        (chance.randint(1, n), NOW - chance.randint(0, 900_000), chance.randint(1, n), chance.randint(1, 3))
        for _ in range(edges)
    ])  # fmt: skip


def test_it_is_registered_and_names_what_there_is() -> None:
    assert "xunke" in nx.utils.backends.backends, "install the project again: its entry points are read from metadata"
    info = backend_info.get_info()
    assert set(info["functions"]) == {
        name for name in nx.utils.backends._registered_algorithms if hasattr(backend, name)
    }


def test_importing_networkx_loads_nothing_of_it() -> None:
    code = "import networkx, sys; print([m for m in sys.modules if m in ('numpy', 'scipy', 'graph.backend')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@settings(deadline=None, max_examples=60)
@given(graphs, st.data())
def test_pagerank_is_networkx_s(graph: InteractionGraph, data: st.DataObject) -> None:
    oracle = graph.to_networkx()
    nodes = graph.nodes.tolist()
    vectors = st.dictionaries(st.sampled_from([*nodes, 99]), st.floats(0.1, 5), min_size=1)
    given_one = {
        name: data.draw(st.one_of(st.none(), vectors), name) for name in ("personalization", "nstart", "dangling")
    }
    arguments: dict[str, Any] = {key: value for key, value in given_one.items() if value is not None}
    arguments["weight"] = data.draw(st.sampled_from(["weight", None, "missing"]))
    arguments["alpha"] = data.draw(st.sampled_from([0.5, 0.85]))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            expected = nx.pagerank(oracle, tol=1e-10, max_iter=500, **arguments)
    except (ZeroDivisionError, nx.PowerIterationFailedConvergence) as error:  # the only node named is not in the graph
        with pytest.raises(type(error)):
            nx.pagerank(graph, tol=1e-10, max_iter=500, **arguments)
        return
    got = nx.pagerank(graph, tol=1e-10, max_iter=500, **arguments)
    assert isinstance(got, NodeValues)
    assert dict(got) == pytest.approx(expected, abs=1e-9)
    with pytest.raises(nx.PowerIterationFailedConvergence):
        nx.pagerank(graph, max_iter=0)


@settings(deadline=None, max_examples=60)
@given(graphs)
def test_structure_is_networkx_s(graph: InteractionGraph) -> None:
    oracle = graph.to_networkx()
    for name in ("core_number", "degree_centrality", "in_degree_centrality", "out_degree_centrality"):
        assert getattr(nx, name)(graph) == getattr(nx, name)(oracle), name
    for name in ("number_weakly_connected_components", "number_strongly_connected_components", "is_weakly_connected",
                 "is_strongly_connected", "overall_reciprocity"):  # fmt: skip
        assert getattr(nx, name)(graph) == getattr(nx, name)(oracle), name
    for name in ("weakly_connected_components", "strongly_connected_components"):
        assert sorted(map(sorted, getattr(nx, name)(graph))) == sorted(map(sorted, getattr(nx, name)(oracle)))
    nodes = graph.nodes.tolist()
    assert nx.reciprocity(graph) == nx.reciprocity(oracle)
    assert nx.reciprocity(graph, [*nodes, 99]) == nx.reciprocity(oracle, [*nodes, 99])
    assert nx.reciprocity(graph, nodes[0]) == nx.reciprocity(oracle, nodes[0])
    groups = [set(nodes[::2]), set(nodes[1::2])]
    assert nx.community.modularity(graph, groups) == pytest.approx(nx.community.modularity(oracle, groups))
    both = undirected(graph)
    assert nx.is_connected(both) == nx.is_weakly_connected(oracle)
    assert nx.overall_reciprocity(both) == nx.overall_reciprocity(oracle.to_undirected())
    assert nx.core_number(both) == nx.core_number(oracle.to_undirected())


def test_hits_is_networkx_s_and_does_not_change() -> None:
    graph = a_graph()
    hubs, authorities = nx.hits(graph)
    expected = nx.hits(graph.to_networkx())
    assert dict(hubs) == pytest.approx(expected[0], abs=1e-8)
    assert dict(authorities) == pytest.approx(expected[1], abs=1e-8)
    again = nx.hits(graph)
    assert again[0].array.tobytes() == hubs.array.tobytes()  # type: ignore[attr-defined]


def test_communities_are_as_good_as_networkx_s_and_the_same_every_time() -> None:
    graph = a_graph(200, 900)
    oracle = graph.to_networkx()
    ours = nx.community.louvain_communities(graph)
    theirs = max(
        nx.community.modularity(oracle, nx.community.louvain_communities(oracle, seed=seed)) for seed in range(3)
    )
    assert nx.community.modularity(oracle, ours) >= 0.98 * theirs
    assert nx.community.louvain_communities(graph) == ours
    both = undirected(graph)
    leiden = nx.community.leiden_communities(both)
    assert nx.community.is_partition(both, leiden)
    code = (
        "import networkx as nx; from graph.backend import undirected; from tests.graph.test_backend import a_graph; "
        "print([sorted(p) for p in nx.community.leiden_communities(undirected(a_graph(200, 900)))])"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert other.strip() == str([sorted(part) for part in leiden])


def test_leiden_finds_planted_communities_whatever_the_order_of_events() -> None:
    planted = nx.planted_partition_graph(6, 30, 0.5, 0.01, seed=4)
    weights = nx.to_scipy_sparse_array(planted, format="csr", dtype=float)
    for method in ("leiden", "louvain"):
        found = partition(weights, method=method)  # type: ignore[arg-type]
        assert found.tolist() == [i // 30 for i in range(180)]
        parts = [set(range(30 * i, 30 * i + 30)) for i in range(6)]
        assert modularity(weights, found) == pytest.approx(nx.community.modularity(planted, parts))


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph])
def test_a_graph_of_networkx_s_comes_back_as_it_was(kind: type[nx.Graph[Any]]) -> None:
    made = kind()
    made.add_weighted_edges_from([("a", "b", 2.5), ("b", ("c", 1), 1.0), ("d", "d", 3.0)])
    made.add_edge("b", "d")
    made.add_node(7)
    again = convert_to_nx(convert_from_nx(made, edge_attrs={"weight": 1}))
    assert again.is_directed() == made.is_directed()
    made["b"]["d"]["weight"] = 1.0
    assert nx.utils.graphs_equal(again, made)
    assert nx.pagerank(made, backend="xunke") == pytest.approx(nx.pagerank(made))


def test_what_cannot_be_held_goes_on_in_networkx() -> None:
    strange = nx.DiGraph()
    strange.add_edge(1, 2, weight="much")
    with pytest.raises(NotImplementedError):
        nx.pagerank(strange, backend="xunke")
    with pytest.raises(nx.NetworkXNotImplemented):
        nx.community.leiden_communities(a_graph())  # directed
    with pytest.raises(NotImplementedError):  # and NetworkX says what to do
        nx.shortest_path(a_graph(), 1, 2)
    assert nx.shortest_path(a_graph(), 1, 2, backend="networkx")[0] == 1
    assert backend.should_run("pagerank", (strange,), {}) == "the graph is small"
    assert backend.should_run("reciprocity", (strange,), {}) is not True
    assert backend.can_run("core_number", (nx.MultiDiGraph(),), {}) is not True


def test_values_are_a_mapping_that_makes_no_dictionary() -> None:
    graph = a_graph()
    rank = nx.pagerank(graph)
    plain = dict(rank)
    assert rank == plain
    assert plain == rank
    assert rank == nx.pagerank(graph)
    assert rank != {**plain, 1: 0.0}
    first = graph.nodes.tolist()[0]
    assert (rank[first], rank.get("nobody"), rank.get(10**30), first in rank) == (plain[first], None, None, True)
    assert type(rank[first]) is float
    with pytest.raises(KeyError):
        rank[-1]
    assert list(rank.items()) == list(plain.items())
    assert list(rank.values()) == list(plain.values())
    assert max(rank, key=rank.get) == max(plain, key=plain.get)  # type: ignore[arg-type]
    assert nx.pagerank(graph, personalization=rank) == nx.pagerank(graph, personalization=plain)
    assert repr(rank).startswith("{1: ")


def test_an_empty_graph() -> None:
    empty = graph_of([])
    assert nx.pagerank(empty) == {}
    assert nx.hits(empty) == ({}, {})
    assert list(nx.weakly_connected_components(empty)) == []
    assert nx.core_number(empty) == {}
    with pytest.raises(nx.NetworkXPointlessConcept):
        nx.is_weakly_connected(empty)
    with pytest.raises(nx.NetworkXError):
        nx.reciprocity(empty)
