"""People who connect: betweenness by sampled pivots, and how far somebody's ties reach across communities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .measures import Context, Scores, Tell

if TYPE_CHECKING:
    from .build import Floats, InteractionGraph, Ints


def both_ways(graph: InteractionGraph) -> Any:
    """W + Wᵀ in CSR with sorted columns: ties without a direction."""
    weights: Any = graph.weights
    ties = (weights + weights.T).tocsr()
    ties.sum_duplicates()
    ties.sort_indices()
    return ties


BUDGET: Final = 400_000_000
"""Ties and people that all pivots together may touch: some ten seconds."""
FEWEST: Final = 64


def pivots_for(ties: Any) -> int:
    """How many pivots the budget pays for: every node of a small network (exact), never fewer than ``FEWEST``."""
    n = int(ties.shape[0])
    return min(n, max(FEWEST, BUDGET // max(1, int(ties.nnz) + n)))


def between(graph: InteractionGraph, context: Context) -> Scores:
    """The ranker ``betweenness``: see ``betweenness``. Part ``pivots``: from how many sources it was estimated."""
    import numpy as np

    ties = both_ways(graph)
    pivots = min(len(graph), context.pivots or pivots_for(ties))
    found = betweenness(ties, pivots, seed=context.seed, tell=context.tell)
    return Scores(found, {"pivots": np.full(len(graph), float(pivots))})


def betweenness(ties: Any, pivots: int | None = None, *, seed: int = 0, tell: Tell | None = None) -> Floats:
    """Approximate betweenness of the nodes of a symmetric CSR matrix, weights not looked at, normalised as NetworkX's.

    Brandes's accumulation (2001) from ``pivots`` sources drawn at random (Brandes, Pich 2007), scaled by n / pivots; by
    default ``pivots_for`` the network; with as many pivots as nodes it is exact. Linear in the edges for each pivot.
    """
    import numpy as np

    n = ties.shape[0]
    total = np.zeros(n)
    if n < 3:
        return total
    count = min(pivots or pivots_for(ties), n)
    sources = np.sort(np.random.default_rng(seed).permutation(n)[:count])
    for done, source in enumerate(sources.tolist()):
        if tell is not None:
            tell(done, count)
        order, dependency = _dependencies(ties, source)
        total[order] += dependency
    return np.asarray(total * (n / count / ((n - 1) * (n - 2))), dtype=np.float64)


def _dependencies(ties: Any, source: int) -> tuple[Ints, Floats]:
    """The nodes that ``source`` reaches, nearest first, and what each adds to the shortest paths from it.

    Nodes are renumbered by their place in the breadth-first order, so that each level is a slice.
    """
    import numpy as np
    from scipy.sparse.csgraph import breadth_first_order

    order, found_by = breadth_first_order(ties, source, directed=True, return_predecessors=True)
    reached = len(order)
    place = np.full(ties.shape[0], -1, dtype=np.int64)
    place[order] = np.arange(reached)
    parent = place[found_by[order[1:]]]
    edge = [0, 1]  # beginnings of the levels
    while edge[-1] < reached:
        edge.append(1 + int(np.searchsorted(parent, edge[-1], side="left")))
    depth = np.repeat(np.arange(len(edge) - 1), np.diff(edge))
    rows = ties[order]
    before = place[rows.indices]
    child = np.repeat(np.arange(reached), np.diff(rows.indptr))
    upward = depth[before] == depth[child] - 1
    before, child = before[upward], child[upward]
    start = np.searchsorted(child, edge)
    paths = np.ones(reached)
    for level in range(1, len(edge) - 1):
        low, high = start[level], start[level + 1]
        first = np.searchsorted(child[low:high], np.arange(edge[level], edge[level + 1]))
        paths[edge[level] : edge[level + 1]] = np.add.reduceat(paths[before[low:high]], first)
    dependency = np.zeros(reached)
    for level in range(len(edge) - 2, 0, -1):
        low, high = start[level], start[level + 1]
        up, down, base = before[low:high], child[low:high], edge[level - 1]
        share = paths[up] / paths[down] * (1.0 + dependency[down])
        dependency[base : edge[level]] += np.bincount(up - base, weights=share, minlength=edge[level] - base)
    dependency[0] = 0.0
    return order.astype(np.int64), dependency


@dataclass(frozen=True)
class Crossing:
    """Per node: the share of the weight of its ties that leads out of its community, and Guimerà's participation."""

    across: Floats
    participation: Floats
    communities: Ints
    """How many communities it has ties to."""


def crossing(ties: Any, labels: Ints) -> Crossing:
    """How far ties reach across communities: participation P = 1 − Σ_c (k_ic / k_i)² (Guimerà, Amaral 2005).

    P is 0 if all ties lead into one community, and near 1 if they are spread evenly over many.
    """
    import numpy as np
    from scipy.sparse import csr_array

    n = ties.shape[0]
    member: Any = csr_array((np.ones(n), labels, np.arange(n + 1)), shape=(n, int(labels.max(initial=-1)) + 1))
    into: Any = (ties @ member).tocsr()
    strength = np.asarray(ties.sum(axis=1), dtype=np.float64).ravel()
    row = np.repeat(np.arange(n), np.diff(into.indptr))
    share = into.data / strength[row]
    home = np.bincount(row, weights=np.where(into.indices == labels[row], share, 0.0), minlength=n)
    squares = np.bincount(row, weights=share**2, minlength=n)
    tied = strength > 0
    return Crossing(
        np.where(tied, np.maximum(0.0, 1.0 - home), 0.0),
        np.where(tied, np.maximum(0.0, 1.0 - squares), 0.0),
        np.diff(into.indptr).astype(np.int64),
    )
