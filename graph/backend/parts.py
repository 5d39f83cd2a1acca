"""Communities for NetworkX: Louvain, Leiden and modularity."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from graph import partition as algorithms

from .sparse import SparseGraph, view

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STARTS: Final = 3
_MANY: Final = 400_000
"""Entries of a matrix beyond which one start is as good as three (a ten-thousandth of modularity) and time counts."""
_LEIDEN: Final = 1e-5


def as_sets(seen: SparseGraph, groups: NDArray[Any]) -> list[set[Any]]:
    """The rows of each group as a set of nodes, in the order of the groups' numbers."""
    import numpy as np

    if not len(groups):
        return []
    order = np.argsort(groups, kind="stable")
    cuts = np.flatnonzero(np.diff(groups[order])) + 1
    names = seen.labels.list
    return [{names[row] for row in part.tolist()} for part in np.split(order, cuts)]


def louvain_communities(
    G: Any,
    weight: str | None = "weight",
    resolution: float = 1,
    threshold: float = 0.0000001,
    max_level: int | None = None,
    seed: Any = None,
) -> list[set[Any]]:
    """Louvain, the best of three runs (of one on large graphs). Without a seed always the same communities."""
    return _communities(G, "louvain", weight, resolution, threshold, max_level, seed)


def leiden_communities(
    G: Any, weight: str | None = "weight", resolution: float = 1, max_level: int | None = None, seed: Any = None
) -> list[set[Any]]:
    """Leiden, the best of three runs (of one on large graphs). Without a seed always the same communities."""
    return _communities(G, "leiden", weight, resolution, _LEIDEN, max_level, seed)


def louvain_partitions(
    G: Any, weight: str | None = "weight", resolution: float = 1, threshold: float = 0.0000001, seed: Any = None
) -> Iterator[list[set[Any]]]:
    """The communities after one merging of them into nodes, after two, and so on until nothing improves."""
    return _levels(G, "louvain", weight, resolution, threshold, seed)


def leiden_partitions(
    G: Any, weight: str | None = "weight", resolution: float = 1, seed: Any = None
) -> Iterator[list[set[Any]]]:
    """The same by Leiden."""
    return _levels(G, "leiden", weight, resolution, _LEIDEN, seed)


def _levels(
    G: Any, method: algorithms.Method, weight: str | None, resolution: float, threshold: float, seed: Any
) -> Iterator[list[set[Any]]]:
    number = _number(seed)
    before: list[set[Any]] | None = None
    for level in count(1):
        found = _communities(G, method, weight, resolution, threshold, level, number)
        if found == before:
            return
        before = found
        yield [part.copy() for part in found]


def _communities(
    G: Any,
    method: algorithms.Method,
    weight: str | None,
    resolution: float,
    threshold: float,
    max_level: int | None,
    seed: Any,
) -> list[set[Any]]:
    if max_level is not None and max_level <= 0:
        raise ValueError("max_level argument must be a positive integer or None")
    seen = view(G)
    weights: Any = seen.matrix(weight)
    if (weights.data < 0).any():
        raise NotImplementedError("weights below 0")
    groups = algorithms.partition(
        weights,
        method=method,
        directed=seen.is_directed(),
        resolution=resolution,
        tolerance=threshold,
        levels=-1 if max_level is None else max_level,
        seed=_number(seed),
        starts=_STARTS if weights.nnz <= _MANY else 1,
    )
    return as_sets(seen, groups)


def _number(seed: Any) -> int:
    """A number for what NetworkX makes of ``seed=``: a generator of its own; its shared one stands for None."""
    shared = getattr(random, "_inst", None)
    if seed is None or seed is shared:
        return 0
    if isinstance(seed, int):
        return seed
    return int(seed.randrange(2**31)) if hasattr(seed, "randrange") else int(seed.randint(0, 2**31 - 1))


def is_partition(G: Any, communities: Iterable[Collection[Any]]) -> bool:
    """Whether each node is in exactly one of ``communities``."""
    parts = communities if isinstance(communities, list) else list(communities)
    seen = view(G)
    nodes = {node for part in parts for node in part if node in seen}
    size: int = sum(len(part) for part in parts)
    return len(seen) == len(nodes) == size


def modularity(
    G: Any, communities: Iterable[Collection[Any]], weight: str | None = "weight", resolution: float = 1
) -> float:
    """The modularity of a partition. Raises NotAPartition."""
    import numpy as np
    from networkx.algorithms.community.quality import NotAPartition

    parts: list[Any] = communities if isinstance(communities, list) else list(communities)
    seen = view(G)
    if not is_partition(seen, parts):
        raise NotAPartition(G, parts)
    groups = np.zeros(len(seen), dtype=np.int64)
    for number, part in enumerate(parts):
        for node in part:
            groups[seen.labels.row(node)] = number
    return algorithms.modularity(seen.matrix(weight), groups, directed=seen.is_directed(), resolution=resolution)
