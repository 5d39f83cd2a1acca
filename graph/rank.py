"""Who moves an audience: rankings of an ``InteractionGraph``, one score a node in the order of its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xunke.model import RANKERS, RankerName

from .build import InteractionGraph

if TYPE_CHECKING:
    from .build import Floats, Ints
    from .measures import Context

__all__ = ["RANKERS", "RankerName", "actors", "hits", "influence", "kcore", "pagerank", "rank", "top"]


def influence(graph: InteractionGraph) -> Floats:
    """How many *distinct* people act on somebody, recent ones counting most: sum over actors of 1 - exp(-w).

    Each actor saturates at 1, so a few loud fans do not make an influencer. The best forecaster of future
    distinct reposters among the rankers measured (docs/ranking.md).
    """
    import numpy as np

    weights: Any = graph.weights
    saturated = weights.copy()
    saturated.data = -np.expm1(-weights.data)
    return np.asarray(saturated.sum(axis=0), dtype=np.float64).ravel()


def actors(graph: InteractionGraph) -> Floats:
    """How many distinct people ever acted on somebody, without recency (in-degree)."""
    import numpy as np

    weights: Any = graph.weights
    return np.bincount(weights.indices, minlength=len(graph)).astype(np.float64)


def pagerank(
    graph: InteractionGraph,
    *,
    alpha: float = 0.85,
    tol: float = 1e-6,
    max_iter: int = 100,
    personal: Floats | None = None,
) -> Floats:
    """Weighted PageRank (Page, Brin, Motwani, Winograd 1999) by power iteration, as ``networkx.pagerank`` defines it.

    ``personal`` are restart weights, one a node. Dangling rank goes where restarts go. Stops when the L1 change
    is below ``len(graph) * tol``; raises ArithmeticError if ``max_iter`` rounds do not suffice.
    """
    import numpy as np

    n = len(graph)
    if n == 0:
        return np.zeros(0)
    weights: Any = graph.weights
    out = np.asarray(weights.sum(axis=1), dtype=np.float64).ravel()
    scale = np.divide(1.0, out, out=np.zeros_like(out), where=out > 0)
    walk = weights.T.tocsr()
    restart = np.full(n, 1.0 / n) if personal is None or personal.sum() <= 0 else personal / personal.sum()
    rank = np.full(n, 1.0 / n)
    dangling = out == 0
    for _ in range(max_iter):
        before = rank
        rank = alpha * (walk @ (before * scale) + before[dangling].sum() * restart) + (1 - alpha) * restart
        if np.abs(rank - before).sum() < n * tol:
            return np.asarray(rank, dtype=np.float64)
    raise ArithmeticError("PageRank did not converge")


def hits(graph: InteractionGraph) -> Floats:
    """Authority scores (Kleinberg 1999), normalised to sum 1. Not a forecast of influence."""
    import numpy as np

    if len(graph) == 0:
        return np.zeros(0)
    weights: Any = graph.weights
    authority = np.full(len(graph), 1.0 / len(graph))
    for _ in range(200):
        before = authority
        authority = weights.T @ (weights @ authority)
        total = authority.sum()
        if total == 0:
            return np.full(len(graph), 1.0 / len(graph))
        authority = authority / total
        if np.abs(authority - before).sum() < 1e-8:
            break
    return np.asarray(authority, dtype=np.float64)


def kcore(graph: InteractionGraph) -> Floats:
    """Core number of the undirected graph (Batagelj and Zaversnik 2003). Not a forecast of influence."""
    import numpy as np

    from .cores import core_numbers

    return core_numbers(graph.weights).astype(np.float64)


def rank(graph: InteractionGraph, by: RankerName, context: Context | None = None) -> Floats:
    """Scores by the named ranker; those that read posts or events find them in ``context`` (``graph.measures``)."""
    from .measures import measure

    return measure(graph, by, context).values


def top(graph: InteractionGraph, scores: Floats, limit: int | None = None) -> Ints:
    """Account ids by falling score; equal scores by rising id, so that the same input gives the same list."""
    import numpy as np

    order = np.lexsort((graph.nodes, -scores))
    return graph.nodes[order if limit is None else order[:limit]]
