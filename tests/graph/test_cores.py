"""Core numbers are those of networkx, counted once or twice for people who act on each other."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from graph.cores import core_numbers

edges_of = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=120)


def matrix(edges: list[tuple[int, int]], n: int = 15) -> csr_array:
    dense = np.zeros((n, n))
    for one, other in edges:
        dense[one, other] = 2.5
    return csr_array(dense)


@settings(deadline=None)
@given(edges_of)
def test_networkx_agrees(edges: list[tuple[int, int]]) -> None:
    directed = nx.DiGraph([(a, b) for a, b in edges if a != b])
    directed.add_nodes_from(range(15))
    twice = nx.core_number(directed)
    assert core_numbers(matrix(edges), mutual=True).tolist() == [twice[i] for i in range(15)]
    once = nx.core_number(directed.to_undirected())
    assert core_numbers(matrix(edges)).tolist() == [once[i] for i in range(15)]


def test_a_larger_graph() -> None:
    graph = nx.gnp_random_graph(600, 0.05, seed=5)
    core = nx.core_number(graph)
    assert core_numbers(nx.to_scipy_sparse_array(graph, format="csr")).tolist() == [core[i] for i in graph]
    assert len(set(core.values())) > 5


def test_nobody() -> None:
    assert core_numbers(csr_array((0, 0))).tolist() == []
    assert core_numbers(csr_array((3, 3))).tolist() == [0, 0, 0]
