"""Walks that prefer a topic: PageRank that restarts at those who write about it, and TwitterRank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .measures import Context, Missing, Scores

if TYPE_CHECKING:
    from .build import Floats, InteractionGraph

GAMMA: Final = 0.85
TOLERANCE: Final = 1e-9
ROUNDS: Final = 200


def topicrank(graph: InteractionGraph, context: Context) -> Scores:
    """Topic-personalised PageRank (Haveliwala 2002): a walk along the edges that restarts at the people who wrote about
    the topic, each with the number of their posts about it. Part ``about``: that number."""
    from .rank import pagerank

    if context.topic is None:
        raise Missing("topic")
    return Scores(pagerank(graph, personal=context.topic), {"about": context.topic})


def twitterrank(graph: InteractionGraph, context: Context) -> Scores:
    """TwitterRank (Weng, Lim, Jiang, He 2010), for one topic or over all of them.

    For topic t the walk goes from follower i to friend j with P_t(i, j) = |T_j| / Σ_a |T_a| · sim_t(i, j), the sum over
    all friends a of i; |T_j| are the posts of j, sim_t(i, j) = 1 − |DT'_it − DT'_jt| with DT' the topic shares of a
    person; it restarts by the topic's distribution over people. TR_t = γ P_tᵀ TR_t + (1 − γ) E_t, γ = 0.85. Rows of P_t
    may sum to less than 1, as in the paper. Whoever acts on somebody counts as a follower. A person who was acted upon
    has written at least one post, also where none is stored.

    With ``context.topic`` the rank is that of the asked topic against everything else; otherwise Σ_t r_t TR_t, r_t the
    topic's share of all posts. Parts: ``posts``, and ``about`` for an asked topic.
    """
    import numpy as np

    if context.posts is None or context.topics is None:
        raise Missing("posts" if context.posts is None else "topics")
    n = len(graph)
    wrote = np.bincount(np.searchsorted(graph.nodes, context.posts.author), minlength=n).astype(np.float64)
    table: Any = context.topics.tocsc()
    if context.topic is not None:
        columns, shares, parts = [context.topic], np.ones(1), {"posts": wrote, "about": context.topic}
        length = np.maximum(wrote, context.topic)
    else:
        totals = np.asarray(table.sum(axis=0), dtype=np.float64).ravel()
        shares = totals / totals.sum() if totals.sum() > 0 else totals
        columns = [np.asarray(table[:, [t]].todense(), dtype=np.float64).ravel() for t in range(table.shape[1])]
        length, parts = np.asarray(table.sum(axis=1), dtype=np.float64).ravel(), {"posts": wrote}
    rank = np.zeros(n)
    move, volume = _volume(graph, wrote)
    for at, (column, share) in enumerate(zip(columns, shares, strict=True)):
        if context.tell is not None:
            context.tell(at, len(columns))
        if share > 0 and column.sum() > 0:
            portion = np.divide(column, length, out=np.zeros(n), where=length > 0)
            move.data = volume * _alike(move, portion)
            rank += share * _settled(move, column / column.sum())
    return Scores(rank, parts)


def _volume(graph: InteractionGraph, wrote: Floats) -> tuple[Any, Floats]:
    """The edges from friend to follower, and for each |T_j| / Σ_a |T_a|: how much of what the follower reads is j's."""
    import numpy as np
    from scipy.sparse import csr_array

    weights: Any = graph.weights
    edges: Any = csr_array((np.ones(weights.nnz), weights.indices, weights.indptr), shape=weights.shape)
    volume = np.maximum(wrote, 1.0)
    heard = edges @ volume
    back: Any = edges.T.tocsr()
    friend = np.repeat(np.arange(len(graph)), np.diff(back.indptr))
    return back, volume[friend] / heard[back.indices]


def _alike(move: Any, portion: Floats) -> Floats:
    """sim_t of both ends of every edge."""
    import numpy as np

    friend = np.repeat(portion, np.diff(move.indptr))
    return np.asarray(1.0 - np.abs(friend - portion[move.indices]), dtype=np.float64)


def _settled(move: Any, restart: Floats) -> Floats:
    """The fixed point of r = γ M r + (1 − γ) e; M shrinks, so it exists and is reached."""
    import numpy as np

    rank: Floats = restart
    for _ in range(ROUNDS):
        before = rank
        rank = GAMMA * (move @ before) + (1 - GAMMA) * restart
        if float(np.abs(rank - before).sum()) < TOLERANCE:
            break
    return rank
