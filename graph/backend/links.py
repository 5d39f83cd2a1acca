"""Link analysis on the sparse matrix, with NetworkX's meaning of every argument and its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .sparse import NodeValues, view

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def pagerank(
    G: Any,
    alpha: float = 0.85,
    personalization: Mapping[Any, float] | None = None,
    max_iter: int = 100,
    tol: float = 1.0e-6,
    nstart: Mapping[Any, float] | None = None,
    weight: str | None = "weight",
    dangling: Mapping[Any, float] | None = None,
) -> Mapping[Any, float]:
    """PageRank by power iteration (Page, Brin, Motwani, Winograd 1999), as ``networkx.pagerank``.

    The matrix is not scaled nor turned: rank is divided by its node's weight and pushed along the rows.
    """
    import networkx as nx
    import numpy as np

    seen = view(G)
    n = len(seen)
    if n == 0:
        return {}
    push: Any = seen.matrix(weight)
    out = np.asarray(push.sum(axis=1), dtype=np.float64).ravel()
    stuck = out == 0
    scale = np.divide(1.0, out, out=out, where=~stuck)
    push = push.T
    even = np.full(n, 1.0 / n)
    restart = even if personalization is None else _shares(seen.vector(personalization))
    try:
        leak = restart if dangling is None else _shares(seen.vector(dangling))
        rank = even if nstart is None else _shares(seen.vector(nstart))
    except ZeroDivisionError:  # NetworkX reckons with NaN until the rounds are over
        raise nx.PowerIterationFailedConvergence(max_iter) from None
    some_stuck = bool(stuck.any())
    for _ in range(max_iter):
        before = rank
        rank = push @ (before * scale)
        if some_stuck:
            rank += float(before[stuck].sum()) * leak
        rank *= alpha
        rank += (1.0 - alpha) * restart
        if float(np.abs(rank - before).sum()) < n * tol:
            return NodeValues(seen.labels, rank)
    raise nx.PowerIterationFailedConvergence(max_iter)


def _shares(vector: Floats) -> Floats:
    total = float(vector.sum())
    if total == 0:
        raise ZeroDivisionError
    return vector / total


def hits(
    G: Any,
    max_iter: int = 100,
    tol: float = 1.0e-8,
    nstart: Mapping[Any, float] | None = None,
    normalized: bool = True,
) -> tuple[Mapping[Any, float], Mapping[Any, float]]:
    """Hubs and authorities (Kleinberg 1999) by the leading singular vector, as ``networkx.hits``.

    Without ``nstart`` the search starts from the even vector, not from chance: the same graph, the same bits.
    """
    import networkx as nx
    import numpy as np
    from scipy.sparse.linalg import ArpackNoConvergence, svds

    seen = view(G)
    n = len(seen)
    if n == 0:
        return {}, {}
    weights: Any = seen.matrix("weight").astype(np.float64)
    start = np.full(n, n**-0.5) if nstart is None else np.array(list(nstart.values()), dtype=np.float64)
    if max_iter <= 0:
        raise nx.PowerIterationFailedConvergence(max_iter)
    try:
        _, _, vectors = svds(weights, k=1, v0=start, maxiter=max_iter, tol=tol)
    except ArpackNoConvergence as error:
        raise nx.PowerIterationFailedConvergence(max_iter) from error
    authority = np.asarray(vectors, dtype=np.float64).ravel()
    hub = weights @ authority
    if normalized:
        hub, authority = hub / hub.sum(), authority / authority.sum()
    return NodeValues(seen.labels, hub), NodeValues(seen.labels, authority)
