"""A graph as NetworkX sees it, in arrays: any labels, any numeric edge attributes, no object an edge."""

from __future__ import annotations

from collections.abc import Callable, Hashable, ItemsView, Iterable, Iterator, Mapping, Sequence, ValuesView
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from graph.build import InteractionGraph

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

V = TypeVar("V")


class Labels:
    """The nodes in the order of their rows: a list of anything hashable, or an ascending array of ids."""

    def __init__(self, given: Sequence[Hashable] | NDArray[np.int64]) -> None:
        self._given = given

    @cached_property
    def list(self) -> list[Any]:
        """The nodes as Python objects."""
        return self._given.tolist() if hasattr(self._given, "tolist") else list(self._given)

    @cached_property
    def _rows(self) -> dict[Any, int]:
        return {label: row for row, label in enumerate(self.list)}

    def row(self, label: object) -> int | None:
        """The row of a node, or None. A single look does not make the table of a large graph."""
        if not hasattr(self._given, "searchsorted") or "_rows" in self.__dict__:
            return self._rows.get(label)
        if not isinstance(label, int):
            hash(label)  # what cannot be a node raises, as it does in a dict
            return self._rows.get(label)
        try:
            at = int(self._given.searchsorted(label))
        except OverflowError:
            return None
        return at if at < len(self) and int(self._given[at]) == label else None  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self._given)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.list)


class NodeValues(Mapping[Any, V], Generic[V]):
    """{node: value} over an array: nothing is made per node before it is asked for. Equal to a dict of the same."""

    def __init__(self, labels: Labels, values: NDArray[Any], to: Callable[[list[Any]], list[V]] | None = None) -> None:
        self.labels = labels
        self.array = values
        self._to = to

    def tolist(self) -> list[V]:
        """The values as Python numbers, in the order of the nodes."""
        plain: list[Any] = self.array.tolist()
        return plain if self._to is None else self._to(plain)

    def __getitem__(self, node: Any) -> V:
        row = self.labels.row(node)
        if row is None:
            raise KeyError(node)
        plain = self.array[row].item()
        return plain if self._to is None else self._to([plain])[0]

    def __contains__(self, node: object) -> bool:
        return self.labels.row(node) is not None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.labels)

    def items(self) -> ItemsView[Any, V]:
        """Pairs, made in one go when they are walked through."""
        return _Items(self)

    def values(self) -> ValuesView[V]:
        """Values, made in one go when they are walked through."""
        return _Values(self)

    def __eq__(self, other: object) -> bool:
        return dict(self.items()) == (dict(other.items()) if isinstance(other, NodeValues) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        head = ", ".join(f"{node!r}: {self[node]!r}" for node, _ in zip(self, range(6), strict=False))
        return f"{{{head}{', …' if len(self) > 6 else ''}}}"


class _Items(ItemsView[Any, V]):
    _mapping: NodeValues[V]

    def __iter__(self) -> Iterator[tuple[Any, V]]:
        return zip(self._mapping.labels, self._mapping.tolist(), strict=True)


class _Values(ValuesView[V]):
    _mapping: NodeValues[V]

    def __iter__(self) -> Iterator[V]:
        return iter(self._mapping.tolist())


class SparseGraph:
    """Rows of successors (``indptr``, ``indices``) and, beside them, the edges' attributes as arrays.

    Undirected graphs hold each edge in both directions, a loop once. Nothing can be added: NetworkX graphs are
    for that.
    """

    __networkx_backend__: ClassVar[str] = "xunke"

    def __init__(
        self,
        labels: Labels,
        indptr: NDArray[Any],
        indices: NDArray[Any],
        attributes: Mapping[str, NDArray[Any]],
        *,
        directed: bool,
    ) -> None:
        self.labels = labels
        self.indptr = indptr
        self.indices = indices
        self.attributes = attributes
        self._directed = directed
        self.graph: dict[str, Any] = {}

    def is_directed(self) -> bool:
        """Whether edges have a direction."""
        return self._directed

    def is_multigraph(self) -> bool:
        """False: two nodes have one edge."""
        return False

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.labels)

    def __contains__(self, node: object) -> bool:
        try:
            return self.labels.row(node) is not None
        except TypeError:  # not hashable: as in NetworkX, no node
            return False

    def number_of_nodes(self) -> int:
        """How many nodes there are."""
        return len(self)

    def number_of_edges(self) -> int:
        """How many edges there are; of an undirected graph each counts once."""
        if self._directed:
            return len(self.indices)
        return (len(self.indices) + int(self.loops.sum())) // 2

    @cached_property
    def rows(self) -> NDArray[Any]:
        """The row of each edge."""
        import numpy as np

        return np.repeat(np.arange(len(self), dtype=self.indices.dtype), np.diff(self.indptr))

    @property
    def loops(self) -> NDArray[np.bool_]:
        """Which edges lead from a node to itself."""
        same: NDArray[np.bool_] = self.rows == self.indices
        return same

    def matrix(self, weight: str | None) -> Any:
        """The adjacency matrix (``csr_array``) by the attribute ``weight``; without it or with None edges count 1."""
        import numpy as np
        from scipy.sparse import csr_array

        data = self.attributes.get(weight) if weight is not None else None
        if data is None:
            data = np.ones(len(self.indices))
        n = len(self)
        return csr_array((data, self.indices, self.indptr), shape=(n, n), copy=False)

    def degrees(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """How many edges leave and reach each node (undirected: the same, a loop counts twice)."""
        import numpy as np

        out = np.diff(self.indptr).astype(np.int64)
        if self._directed:
            return out, np.bincount(self.indices, minlength=len(self))
        out += np.bincount(self.indices[self.loops], minlength=len(self))
        return out, out

    def vector(self, given: Mapping[Any, float]) -> NDArray[np.float64]:
        """``given`` as an array over the nodes; a node that it does not name has 0, and others are ignored."""
        import numpy as np

        if isinstance(given, NodeValues) and given.labels is self.labels:
            return given.array.astype(np.float64)
        if len(given) < len(self) // 8:
            vector = np.zeros(len(self))
            for node, value in given.items():
                if (row := self.labels.row(node)) is not None:
                    vector[row] = value
            return vector
        return np.fromiter((given.get(node, 0) for node in self.labels), dtype=np.float64, count=len(self))

    def to_networkx(self) -> nx.Graph[Any]:
        """The same graph as a real ``nx.DiGraph`` or ``nx.Graph``."""
        import networkx as nx
        import numpy as np

        made: nx.Graph[Any] = nx.DiGraph() if self._directed else nx.Graph()
        made.graph.update(self.graph)
        names = self.labels.list
        made.add_nodes_from(names)
        kept = np.ones(len(self.indices), dtype=bool) if self._directed else self.rows <= self.indices
        tail, head = (map(names.__getitem__, part[kept].tolist()) for part in (self.rows, self.indices))
        columns = [part[kept].tolist() for part in self.attributes.values()]
        keys = list(self.attributes)
        values: Iterable[tuple[Any, ...]] = zip(*columns, strict=True) if columns else repeat(())
        made.add_edges_from(
            (one, other, dict(zip(keys, part, strict=True)))
            for one, other, part in zip(tail, head, values, strict=False)
        )
        return made


def undirected(graph: SparseGraph | InteractionGraph, weight: str | None = "weight") -> SparseGraph:
    """The graph without directions: the weight of {a, b} is that of a -> b and b -> a together."""
    seen = view(graph)
    if not seen.is_directed():
        return seen
    matrix: Any = seen.matrix(weight)
    both = (matrix + matrix.T).tocsr()
    both.setdiag(both.diagonal() / 2) if seen.loops.any() else None
    both.sort_indices()
    return SparseGraph(seen.labels, both.indptr, both.indices, {weight or "weight": both.data}, directed=False)


def view(graph: Any) -> SparseGraph:
    """A graph of interactions as a graph of NetworkX; the arrays are shared."""
    if isinstance(graph, InteractionGraph):
        kept: SparseGraph | None = graph.__dict__.get("_view")
        if kept is None:  # one for each graph: tables that it makes of the nodes are made once
            weights: Any = graph.weights
            data = {"weight": weights.data}
            kept = SparseGraph(Labels(graph.nodes), weights.indptr, weights.indices, data, directed=True)
            graph.__dict__["_view"] = kept
        return kept
    if isinstance(graph, SparseGraph):
        return graph
    raise NotImplementedError(f"not a graph of this backend: {type(graph).__name__}")
