"""Interactions as arrays -> a weighted, directed graph in compressed sparse rows.

An edge actor -> target says that the actor acted on the target's posts. Its weight is the sum over its
events of ``kind weight / (1 + age / h0)``: power-law recency, which forecasts better than an exponential
half-life on repost data (docs/ranking.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

KIND_WEIGHTS: Final[Mapping[str, float]] = {
    "repost": 1.0, "quote": 1.0, "reply": 0.5, "mention": 0.5, "follow": 0.5, "like": 0.2,
}  # fmt: skip
"""Repost, reply and mention as measured on real cascades; quote as repost; follow and like set by judgement."""

_HOUR: Final = 3600
_DAY: Final = 86400


def time_unit(span: float) -> float:
    """h0 in seconds for data that spans ``span`` seconds: 1 h for a week, 6 h for two weeks, 24 h beyond."""
    if span <= 7 * _DAY:
        return float(_HOUR)
    return float(6 * _HOUR if span <= 14 * _DAY else _DAY)


@dataclass(frozen=True)
class Events:
    """Interactions as parallel arrays: account ids, UTC seconds (0: not known), kind codes into ``kinds``.

    Codes may be narrow (int8): use them as indices, or widen them before arithmetic.
    """

    target: Ints
    time: Ints
    actor: Ints
    kind: NDArray[np.integer[Any]]
    kinds: Mapping[int, str]

    def __len__(self) -> int:
        return len(self.target)


@dataclass(frozen=True)
class InteractionGraph:
    """Accounts ``nodes`` (ascending ids) and weights W[i, j] of the edges nodes[i] -> nodes[j].

    NetworkX takes it as it is: ``nx.pagerank(graph)`` runs on these arrays (``graph.backend`` lists what does).
    """

    __networkx_backend__: ClassVar[str] = "xunke"

    nodes: Ints
    weights: csr_array
    until: int
    h0: float
    kind_weights: Mapping[str, float] = field(default_factory=lambda: KIND_WEIGHTS)

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def index(self) -> dict[int, int]:
        """{account id: row}."""
        return {int(account): row for row, account in enumerate(self.nodes)}

    def __iter__(self) -> Iterator[int]:
        return iter(self.nodes.tolist())

    def __contains__(self, account: object) -> bool:
        return account in self.index

    def is_directed(self) -> bool:
        """True: an edge leads from who acts to whom."""
        return True

    def is_multigraph(self) -> bool:
        """False: all that A did to B is one edge."""
        return False

    def number_of_nodes(self) -> int:
        """How many accounts there are."""
        return len(self.nodes)

    def number_of_edges(self) -> int:
        """How many pairs of accounts have an edge."""
        return len(self.weights.indices)

    def to_networkx(self, keep: Callable[[int], bool] | None = None) -> nx.DiGraph[int]:
        """A real NetworkX graph of account ids (of those that ``keep`` lets through); for small graphs and export."""
        import networkx as nx
        import numpy as np

        ids = self.nodes
        kept = np.ones(len(ids), dtype=bool)
        if keep is not None:
            kept = np.fromiter((keep(i) for i in ids.tolist()), dtype=bool, count=len(ids))
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(ids[kept].tolist())
        coo: Any = self.weights.tocoo()
        both = kept[coo.row] & kept[coo.col]
        columns = (ids[coo.row[both]], ids[coo.col[both]], coo.data[both])
        graph.add_weighted_edges_from(zip(*(column.tolist() for column in columns), strict=True))
        return graph


def build(
    events: Events,
    *,
    until: int | None = None,
    h0: float | None = None,
    kind_weights: Mapping[str, float] = KIND_WEIGHTS,
) -> InteractionGraph:
    """Sum ``events`` into a graph. Ages count back from ``until`` (default: the newest event); later ones drop out.

    An event without a time counts as old as the oldest one that has a time. For many windows or weights of the same
    events make an ``index.EventIndex`` once: this is one, used once. The order of the events changes nothing.
    """
    from .index import EventIndex

    return EventIndex.of(events).weights(until=until, h0=h0, kind_weights=kind_weights)
