"""Degrees, reciprocity, cores and components on the sparse matrix, with NetworkX's meaning and errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from graph.cores import core_numbers

from .sparse import NodeValues, SparseGraph, view

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Connection = Literal["weak", "strong"]


def _share(seen: SparseGraph, degrees: NDArray[Any]) -> Mapping[Any, float]:
    import numpy as np

    n = len(seen)
    return NodeValues(seen.labels, degrees * (1.0 / (n - 1.0)) if n > 1 else np.ones(n, dtype=np.int64))


def degree_centrality(G: Any) -> Mapping[Any, float]:
    """The share of all others that a node has an edge with, either way."""
    seen = view(G)
    out, into = seen.degrees()
    return _share(seen, out + into if seen.is_directed() else out)


def in_degree_centrality(G: Any) -> Mapping[Any, float]:
    """The share of all others from whom an edge leads to a node."""
    seen = view(G)
    return _share(seen, seen.degrees()[1])


def out_degree_centrality(G: Any) -> Mapping[Any, float]:
    """The share of all others to whom an edge leads from a node."""
    seen = view(G)
    return _share(seen, seen.degrees()[0])


def core_number(G: Any) -> Mapping[Any, int]:
    """The largest k whose k-core holds a node; in a directed graph both directions count."""
    import networkx as nx

    seen = view(G)
    if seen.loops.any():
        raise nx.NetworkXNotImplemented(
            "Input graph has self loops which is not permitted; "
            "Consider using G.remove_edges_from(nx.selfloop_edges(G))."
        )
    if seen.is_directed():
        return NodeValues(seen.labels, core_numbers(seen.matrix(None), mutual=True))
    return NodeValues(seen.labels, core_numbers(seen.matrix(None)))


def _mutual(seen: SparseGraph) -> Any:
    """The edges whose opposite is an edge too."""
    edges: Any = seen.matrix(None)
    return edges.multiply(edges.T).tocsr()


def overall_reciprocity(G: Any) -> float:
    """The share of edges whose opposite is an edge too; loops do not count as such."""
    import networkx as nx

    seen = view(G)
    edges = seen.number_of_edges()
    if edges == 0:
        raise nx.NetworkXError("Not defined for empty graphs")
    if not seen.is_directed():
        return 0.0  # NetworkX's answer: its edges cannot be counted twice
    return int(_mutual(seen).nnz - seen.loops.sum()) / edges


def reciprocity(G: Any, nodes: Any = None) -> float | Mapping[Any, float | None]:
    """The same for all of the graph, for one node, or {node: share} for several (None: no edges)."""
    import networkx as nx
    import numpy as np

    seen = view(G)
    if nodes is None:
        return overall_reciprocity(seen)
    if not seen.is_directed():
        raise NotImplementedError("networkx's own error says it best")
    out, into = seen.degrees()
    both = np.diff(_mutual(seen).indptr)

    def share(row: int) -> float | None:
        total = int(out[row] + into[row])
        return 2 * int(both[row]) / total if total else None

    if nodes in seen:
        alone = share(seen.labels.row(nodes) or 0)
        if alone is None:
            raise nx.NetworkXError("Not defined for isolated nodes.")
        return alone
    return {node: share(seen.labels.row(node) or 0) for node in _several(seen, nodes)}


def _several(seen: SparseGraph, nodes: Iterable[Any]) -> Iterator[Any]:
    """Those of ``nodes`` that are in the graph; the errors of ``Graph.nbunch_iter``."""
    import networkx as nx

    try:
        walk = iter(nodes)
    except TypeError:
        raise nx.NetworkXError("nbunch is not a node or a sequence of nodes.") from None
    for node in walk:
        try:
            row = seen.labels.row(node)
        except TypeError:
            raise nx.NetworkXError(f"Node {node} in sequence nbunch is not a valid node.") from None
        if row is not None:
            yield node


def _component(seen: SparseGraph, connection: Connection) -> tuple[int, NDArray[np.int32]]:
    from scipy.sparse.csgraph import connected_components as label

    count, groups = label(seen.matrix(None), directed=seen.is_directed(), connection=connection)
    return int(count), groups


def _sets(seen: SparseGraph, connection: Connection) -> Iterator[set[Any]]:
    """The components as sets: weak ones by their first nodes, strong ones before those from which they are reached."""
    from .parts import as_sets

    yield from as_sets(seen, _component(seen, connection)[1])


def _one(seen: SparseGraph, connection: Connection, what: str) -> bool:
    import networkx as nx

    if len(seen) == 0:
        raise nx.NetworkXPointlessConcept(what)
    return _component(seen, connection)[0] == 1


_NULL = "Connectivity is undefined for the null graph."


def connected_components(G: Any) -> Iterator[set[Any]]:
    """The connected components as sets."""
    yield from _sets(view(G), "weak")


def number_connected_components(G: Any) -> int:
    """How many there are."""
    return _component(view(G), "weak")[0]


def is_connected(G: Any) -> bool:
    """Whether there is one."""
    return _one(view(G), "weak", _NULL)


def weakly_connected_components(G: Any) -> Iterator[set[Any]]:
    """The components when directions do not matter, as sets."""
    yield from _sets(view(G), "weak")


def number_weakly_connected_components(G: Any) -> int:
    """How many there are."""
    return _component(view(G), "weak")[0]


def is_weakly_connected(G: Any) -> bool:
    """Whether there is one."""
    return _one(view(G), "weak", _NULL)


def strongly_connected_components(G: Any) -> Iterator[set[Any]]:
    """The components in which every node is reached from every other, as sets."""
    yield from _sets(view(G), "strong")


def number_strongly_connected_components(G: Any) -> int:
    """How many there are."""
    return _component(view(G), "strong")[0]


def is_strongly_connected(G: Any) -> bool:
    """Whether there is one."""
    return _one(view(G), "strong", _NULL)
