"""Rankers that read what posts brought in: h-index of reactions and BCI. Neither forecasts influence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .measures import Context, Missing, Posts, Scores

if TYPE_CHECKING:
    from .build import Floats, InteractionGraph, Ints

BCI_POSTS = {"posts": 0.30, "originals": 0.70}
BCI_SPREAD = {"shares": 0.20, "comments": 0.20, "original_shares": 0.25, "original_comments": 0.25, "likes": 0.10}
BCI_ACTIVE, BCI_REACH, BCI_SCALE = 0.20, 0.80, 160.0
BCI_VERSION = "8.0"


def _posts(context: Context) -> Posts:
    if context.posts is None:
        raise Missing("posts")
    return context.posts


def h_of(counts: Ints, owner: Ints, size: int) -> Ints:
    """h of each of ``size`` owners: the largest h such that h of their ``counts`` are at least h (Hirsch 2005)."""
    import numpy as np

    order = np.lexsort((-counts, owner))
    sorted_owner, sorted_counts = owner[order], counts[order]
    first = np.searchsorted(sorted_owner, sorted_owner, side="left")
    place = np.arange(len(order)) - first + 1
    # counts fall and places rise within an owner: the posts that count are exactly the first h
    return np.bincount(sorted_owner[sorted_counts >= place], minlength=size).astype(np.int64)


def hindex(graph: InteractionGraph, context: Context) -> Scores:
    """h-index of reactions: h posts to which at least h distinct people reacted.

    People of a post: those stored as having reposted, quoted, answered or liked it, or the largest of the platform's
    three numbers (likes, comments, shares) where that is larger: one person may be in all three, so they are not
    summed. Parts: ``posts``, ``by_stored`` (h by stored people alone), ``by_platform`` (posts that count by the
    platform's numbers only).
    """
    import numpy as np

    posts, n = _posts(context), len(graph)
    owner = np.searchsorted(graph.nodes, posts.author)
    said = np.maximum(np.maximum(posts.likes, posts.comments), posts.shares)
    people = np.maximum(posts.people, said)
    h = h_of(people, owner, n)
    by_platform = (people >= np.maximum(h[owner], 1)) & (posts.people < h[owner])
    return Scores(
        h.astype(np.float64),
        {
            "posts": np.bincount(owner, minlength=n).astype(np.float64),
            "by_stored": h_of(posts.people, owner, n).astype(np.float64),
            "by_platform": np.bincount(owner[by_platform], minlength=n).astype(np.float64),
        },
    )


def bci(graph: InteractionGraph, context: Context) -> Scores:
    """微博传播指数 BCI (清博, V8.0) of the posts of the window, with its seven numbers X1..X7 as parts.

    BCI = (20 % W1 + 80 % W2) · 160, W1 = 30 % ln(X1 + 1) + 70 % ln(X2 + 1),
    W2 = 20 % ln(X3 + 1) + 20 % ln(X4 + 1) + 25 % ln(X5 + 1) + 25 % ln(X6 + 1) + 10 % ln(X7 + 1).
    Where the platform tells no number, stored acts are counted.
    """
    import numpy as np

    posts, n = _posts(context), len(graph)
    owner = np.searchsorted(graph.nodes, posts.author)

    def total(values: Ints, keep: Ints | None = None) -> Floats:
        chosen = values if keep is None else np.where(keep, values, 0)
        return np.bincount(owner, weights=chosen, minlength=n).astype(np.float64)

    original = posts.original.astype(np.int64)
    shares, comments = np.maximum(posts.shares, posts.shared), np.maximum(posts.comments, posts.answered)
    x = {
        "posts": total(np.ones(len(posts), dtype=np.int64)), "originals": total(original),
        "shares": total(shares), "comments": total(comments), "original_shares": total(shares, original),
        "original_comments": total(comments, original), "likes": total(np.maximum(posts.likes, posts.liked)),
    }  # fmt: skip
    active = np.sum([share * np.log1p(x[name]) for name, share in BCI_POSTS.items()], axis=0)
    spread = np.sum([share * np.log1p(x[name]) for name, share in BCI_SPREAD.items()], axis=0)
    return Scores((BCI_ACTIVE * active + BCI_REACH * spread) * BCI_SCALE, {"active": active, "spread": spread, **x})
