"""Core numbers: how deep in the dense part of a graph a node lies, by peeling whole layers at a time.

The k-core is what is left when nodes with fewer than k neighbours are taken away until none is left; a node's core
number is the largest k whose core holds it (Seidman 1983; the peeling of Batagelj and Zaversnik 2003). Each round
takes all nodes at once that have too few neighbours left, so every edge is touched once and in numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]


def core_numbers(weights: Any, *, mutual: bool = False) -> Whole:
    """The core number of each row of ``weights`` (CSR, square), edges taken without direction or weight.

    Two people who act on each other are neighbours once; with ``mutual`` twice, as ``networkx.core_number`` counts
    in a directed graph. Loops do not count.
    """
    import numpy as np

    indptr, indices = _neighbours(weights, mutual)
    left = np.diff(indptr).astype(np.int64)
    core = np.zeros(len(left), dtype=np.int64)
    inside = np.ones(len(left), dtype=bool)
    rest = np.arange(len(left))
    k = 0
    while len(rest):
        k = max(k, int(left[rest].min()))
        layer = rest[left[rest] <= k]
        while len(layer):
            core[layer], inside[layer] = k, False
            count = indptr[layer + 1] - indptr[layer]
            at = np.repeat(indptr[layer] - (np.cumsum(count) - count), count)
            near = indices[at + np.arange(len(at))]
            near = near[inside[near]]
            np.subtract.at(left, near, 1)
            layer = np.unique(near[left[near] <= k])
        rest = rest[inside[rest]]
    return core


def _neighbours(weights: Any, mutual: bool) -> tuple[Any, Any]:
    """The graph both ways as rows of neighbours, without loops."""
    import numpy as np
    from scipy.sparse import coo_array

    n = weights.shape[0]
    rows = np.repeat(np.arange(n, dtype=weights.indices.dtype), np.diff(weights.indptr))
    proper = rows != weights.indices
    out, into = rows[proper], weights.indices[proper]
    ones = np.ones(2 * len(out), dtype=np.int8)
    both: Any = coo_array((ones, (np.concatenate([out, into]), np.concatenate([into, out]))), shape=(n, n))
    both.has_canonical_format = mutual  # says: sum nothing
    both = both.tocsr()
    return both.indptr.astype(np.int64), both.indices
