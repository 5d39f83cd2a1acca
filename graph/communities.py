"""Communities by the Leiden algorithm (Traag, Waltman, van Eck 2019), with what tells how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from .bridges import both_ways
from .partition import seed_c

if TYPE_CHECKING:
    from .build import Floats, InteractionGraph, Ints
    from .measures import Tell

SEEDS: Final = 5
"""Runs with different seeds, of which the one with the best modularity is kept."""


@dataclass(frozen=True)
class Partition:
    """``labels``: a community a node, 0 the largest (of equal ones, that of the smallest account id first).

    ``modularity`` of Newman and Girvan (2004) with weights; ``stability``: the mean adjusted Rand index (Hubert, Arabie
    1985) of the other runs against this one, 1 if every run finds the same, None for a single run.
    ``ties``: the symmetric weights that were cut up. The other arrays have a value a community: people; pairs of people
    with a tie; weight inside; weight of all ties of its people.
    """

    labels: Ints
    modularity: float
    stability: float | None
    runs: int
    ties: Any
    sizes: Ints
    pairs: Ints
    inside: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.sizes)

    def density(self, community: int) -> float:
        """The share of all pairs of its people that have a tie."""
        n = int(self.sizes[community])
        return 2.0 * int(self.pairs[community]) / (n * (n - 1)) if n > 1 else 0.0

    def kept(self, community: int) -> float:
        """The share of the weight of its people's ties that stays inside."""
        volume = float(self.volume[community])
        return float(self.inside[community]) / volume if volume else 0.0


def communities(graph: InteractionGraph, *, seeds: int = SEEDS, tell: Tell | None = None) -> Partition:
    """Cut the people of ``graph`` into communities; the direction of ties does not count, their weight does.

    A community is always connected; people without a tie stand alone. The same graph gives the same answer.
    """
    import numpy as np

    ties = both_ways(graph)
    best: tuple[float, Ints] | None = None
    found = []
    for seed in range(seeds):
        if tell is not None:
            tell(seed, seeds)
        labels = _ordered(_connected(ties, _leiden(ties, seed)), graph.nodes)
        found.append(labels)
        quality = modularity(ties, labels)
        if best is None or quality > best[0] + 1e-12:
            best = (quality, labels)
        if len(graph) < 2:
            break
    if best is None:
        raise ValueError("no seeds")
    quality, labels = best
    others = [rand_index(labels, one) for one in found if one is not labels]
    count = int(labels.max(initial=-1)) + 1
    row = np.repeat(np.arange(len(graph)), np.diff(ties.indptr))
    within = labels[row] == labels[ties.indices]
    return Partition(
        labels, quality, float(np.mean(others)) if others else None, len(found), ties,
        np.bincount(labels, minlength=count).astype(np.int64),
        np.bincount(labels[row[within]], minlength=count).astype(np.int64) // 2,
        np.bincount(labels[row[within]], weights=ties.data[within], minlength=count).astype(np.float64),
        np.bincount(labels[row], weights=ties.data, minlength=count).astype(np.float64),
    )  # fmt: skip


def _leiden(ties: Any, seed: int) -> Ints:
    import numpy as np
    from scipy.sparse import csr_matrix

    if ties.nnz == 0:
        return np.arange(ties.shape[0], dtype=np.int64)
    seed_c(seed)
    leiden = import_module("sknetwork.clustering").Leiden  # it has no types
    matrix = csr_matrix(ties)  # and knows no sparse arrays yet
    made = leiden(modularity="newman", random_state=seed, shuffle_nodes=True).fit_predict(matrix)
    return np.asarray(made, dtype=np.int64)


def _connected(ties: Any, labels: Ints) -> Ints:
    """Split what is not connected, which never lowers modularity."""
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    row = np.repeat(np.arange(len(labels)), np.diff(ties.indptr))
    within = labels[row] == labels[ties.indices]
    inner = csr_array((ties.data[within], (row[within], ties.indices[within])), shape=ties.shape)
    _, parts = connected_components(inner, directed=False)
    return np.asarray(parts, dtype=np.int64)


def _ordered(labels: Ints, nodes: Ints) -> Ints:
    """Number communities by falling size; nodes ascend, so the first of each holds its smallest id."""
    import numpy as np

    _, first, inverse, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    place = np.empty(len(sizes), dtype=np.int64)
    place[np.lexsort((nodes[first], -sizes))] = np.arange(len(sizes))
    return place[inverse.reshape(-1)]


def modularity(ties: Any, labels: Ints) -> float:
    """Q = Σ_c (inside_c / 2m − (volume_c / 2m)²) of symmetric weights."""
    import numpy as np

    total = float(ties.data.sum())
    if total == 0:
        return 0.0
    row = np.repeat(np.arange(len(labels)), np.diff(ties.indptr))
    inside = float(ties.data[labels[row] == labels[ties.indices]].sum())
    volume = np.bincount(labels[row], weights=ties.data)
    return inside / total - float(((volume / total) ** 2).sum())


def rand_index(one: Ints, two: Ints) -> float:
    """The adjusted Rand index of two partitions of the same people: 1 the same, 0 as by chance."""
    import numpy as np

    def pairs(counts: Ints) -> float:
        wide = counts.astype(np.float64)
        return float((wide * (wide - 1) / 2).sum())

    n = len(one)
    _, both = np.unique(one * (int(two.max(initial=0)) + 1) + two, return_counts=True)
    a, b, same = pairs(np.bincount(one)), pairs(np.bincount(two)), pairs(both)
    every = n * (n - 1) / 2
    expected = a * b / every if every else 0.0
    most = (a + b) / 2
    return 1.0 if most == expected else (same - expected) / (most - expected)
