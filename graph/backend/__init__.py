"""The NetworkX backend "xunke": ``nx.pagerank(G)`` and its like on graphs of interactions, with nothing converted.

NetworkX loads this package by its entry point (group ``networkx.backends``) when it first meets such a graph, or when
somebody asks for it (``backend="xunke"``, ``nx.config.backend_priority``). What is not here raises
NotImplementedError in NetworkX, which says how to have graphs converted; ``graph.to_networkx()`` does it by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from graph.build import InteractionGraph

from .links import hits, pagerank
from .parts import (
    is_partition,
    leiden_communities,
    leiden_partitions,
    louvain_communities,
    louvain_partitions,
    modularity,
)
from .sparse import Labels, NodeValues, SparseGraph, undirected
from .structure import (
    connected_components,
    core_number,
    degree_centrality,
    in_degree_centrality,
    is_connected,
    is_strongly_connected,
    is_weakly_connected,
    number_connected_components,
    number_strongly_connected_components,
    number_weakly_connected_components,
    out_degree_centrality,
    overall_reciprocity,
    reciprocity,
    strongly_connected_components,
    weakly_connected_components,
)

__all__ = [
    "NodeValues", "SparseGraph", "can_run", "connected_components", "convert_from_nx", "convert_to_nx",
    "core_number", "degree_centrality", "hits", "in_degree_centrality", "is_connected", "is_partition",
    "is_strongly_connected", "is_weakly_connected", "leiden_communities", "leiden_partitions",
    "louvain_communities", "louvain_partitions", "modularity", "number_connected_components",
    "number_strongly_connected_components", "number_weakly_connected_components", "on_start_tests",
    "out_degree_centrality", "overall_reciprocity", "pagerank", "reciprocity", "should_run",
    "strongly_connected_components", "undirected", "weakly_connected_components",
]  # fmt: skip

_WORTH: Final = frozenset({"pagerank", "hits", "core_number", "louvain_communities", "leiden_communities"})
"""What takes so much longer in NetworkX that turning a graph of its own into arrays first pays."""
_SUMS: Final = frozenset({
    "pagerank", "hits", "louvain_communities", "louvain_partitions", "leiden_communities", "leiden_partitions",
    "modularity", "is_partition",
    "connected_components", "number_connected_components", "is_connected", "weakly_connected_components",
    "number_weakly_connected_components", "is_weakly_connected", "strongly_connected_components",
    "number_strongly_connected_components", "is_strongly_connected",
})  # fmt: skip
"""For these several edges between two nodes are one with their weights summed."""
_SMALL: Final = 1000
"""Edges below which it never does."""


def convert_from_nx(
    graph: Any,
    edge_attrs: Mapping[str, Any] | None = None,
    node_attrs: Mapping[str, Any] | None = None,
    preserve_edge_attrs: bool = False,
    preserve_node_attrs: bool = False,
    preserve_graph_attrs: bool = False,
    name: str | None = None,
    graph_name: str | None = None,
) -> SparseGraph:
    """A NetworkX graph as arrays, with the edge attributes that are asked for ({name: value where there is none}).

    Raises NotImplementedError for what arrays of numbers cannot hold, so that NetworkX goes on by itself.
    """
    import networkx as nx
    import numpy as np

    if not isinstance(graph, nx.Graph):
        raise NotImplementedError(f"not a graph: {type(graph).__name__}")
    if preserve_edge_attrs or preserve_node_attrs or node_attrs:
        raise NotImplementedError("attributes of nodes, or all of those of edges")
    labels = Labels(list(graph))
    row = {node: number for number, node in enumerate(labels)}
    several = graph.is_multigraph()
    around = [
        [(row[other], data) for other, keys in near.items() for data in (keys.values() if several else (keys,))]
        for near in graph.adj.values()
    ]
    indptr = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum([len(near) for near in around], dtype=np.int64)])
    edges = int(indptr[-1])
    indices = np.fromiter((other for near in around for other, _ in near), dtype=np.int32, count=edges)
    attributes: dict[str, Any] = {}
    for key, default in (edge_attrs or {}).items():
        values = (data.get(key, default) for near in around for _, data in near)
        try:
            attributes[key] = np.fromiter(values, dtype=np.float64, count=edges)
        except (TypeError, ValueError):
            raise NotImplementedError(f"edge attribute {key!r} is not a number everywhere") from None
    made = SparseGraph(labels, indptr, indices, attributes, directed=graph.is_directed())
    if preserve_graph_attrs:
        made.graph.update(graph.graph)
    return made


def convert_to_nx(result: Any, *, name: str | None = None) -> Any:
    """A graph of ours as a real NetworkX graph; anything else as it is."""
    if isinstance(result, InteractionGraph | SparseGraph):
        return result.to_networkx()
    return result


def can_run(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool | str:
    """Whether ``name`` takes these arguments here; if not, why."""
    graph = args[0] if args else kwargs.get("G")
    if name not in _SUMS and getattr(graph, "is_multigraph", bool)():
        return "graphs with several edges between two nodes are not held here"
    return True


def should_run(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool | str:
    """Whether it pays to convert a graph of NetworkX's for it."""
    graph: Any = args[0] if args else kwargs.get("G")
    if name not in _WORTH:
        return "turning the graph into arrays takes as long as the answer"
    if graph.number_of_edges() < _SMALL:
        return "the graph is small"
    return True


def on_start_tests(items: Iterable[Any]) -> None:
    """Called when NetworkX's own tests run through this backend: marks those that cannot hold here, and why."""
    from .conformance import mark

    mark(items)
