"""Communities by modularity: Louvain and Leiden from scikit-network (BSD), several starts, the best kept.

Modularity (Newman 2006; for directed graphs Leicht and Newman 2008): the share of the weight inside communities less
what chance would put there. Louvain: Blondel, Guillaume, Lambiotte, Lefebvre 2008. Leiden: Traag, Waltman, van Eck
2019. Loops count twice in a node's degree, as in NetworkX.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Groups = NDArray[np.int64]

Method = Literal["leiden", "louvain"]


def partition(
    weights: Any,
    *,
    method: Method = "leiden",
    directed: bool = False,
    resolution: float = 1.0,
    tolerance: float = 1e-5,
    levels: int = -1,
    seed: int = 0,
    starts: int = 3,
) -> Groups:
    """The community of each row of ``weights`` (CSR, not negative; symmetric unless ``directed``), from 0.

    Communities are numbered by their first row. The first start takes the nodes in their order, the others in orders
    shuffled by ``seed``; the first of the best is kept: the same input gives the same bits. ``levels`` limits how
    often communities are merged into nodes (-1: until nothing improves).
    """
    import numpy as np
    from scipy.sparse import csr_matrix, diags_array
    from sknetwork.clustering import Leiden, Louvain

    n, seed = weights.shape[0], seed % 2**31
    if not weights.nnz or not weights.data.any():
        return np.arange(n)
    loops = weights.diagonal()
    whole: Any = weights + diags_array(loops) if not directed and loops.any() else weights
    adjacency = csr_matrix(whole, copy=True)
    adjacency.sum_duplicates()
    adjacency.indptr, adjacency.indices = (
        part.astype(np.int32) for part in (adjacency.indptr, adjacency.indices)
    )  # scikit-network's compiled parts take nothing else
    kind = {"leiden": Leiden, "louvain": Louvain}[method]
    best: tuple[float, Groups] | None = None
    for start in range(starts):
        seed_c(seed + start)
        found = kind(
            resolution=resolution, tol_optimization=tolerance, tol_aggregation=tolerance, n_aggregations=levels,
            shuffle_nodes=start > 0, random_state=seed + start, sort_clusters=False, return_probs=False,
            return_aggregate=False,
        ).fit_predict(adjacency)  # fmt: skip
        groups = renumber(found)
        value = modularity(weights, groups, directed=directed, resolution=resolution)
        if best is None or value > best[0]:
            best = value, groups
    assert best is not None  # noqa: S101 - starts is at least one
    return best[1]


def seed_c(seed: int) -> None:
    """Seed the C library's ``rand``, from which scikit-network's Leiden draws whatever ``random_state`` it is given."""
    import ctypes
    import sys

    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    library.srand(ctypes.c_uint(seed))


def renumber(groups: NDArray[Any]) -> Groups:
    """The same groups, numbered from 0 in the order in which they first appear."""
    import numpy as np

    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]


def modularity(weights: Any, groups: Groups, *, directed: bool = False, resolution: float = 1.0) -> float:
    """The modularity of ``groups``, as ``networkx.community.modularity`` has it; ZeroDivisionError without weight."""
    import numpy as np

    tail = np.repeat(groups, np.diff(weights.indptr))
    inside = float(weights.data[tail == groups[weights.indices]].sum())
    out = np.asarray(weights.sum(axis=1), dtype=np.float64).ravel()
    if directed:
        into = np.asarray(weights.sum(axis=0), dtype=np.float64).ravel()
    else:
        loops = weights.diagonal()
        inside += float(loops.sum())
        out = into = out + loops
    total = float(out.sum())
    k = int(groups.max()) + 1 if len(groups) else 0
    expected = float(np.bincount(groups, out, k) @ np.bincount(groups, into, k))
    return inside / total - resolution * expected / total**2
