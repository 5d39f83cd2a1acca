"""The registry of rankers: what each one reads, and whether it was seen to forecast influence.

``measure`` runs one; ``graph.rank.rank`` gives its scores alone. Some rankers need more than the graph: a ``Context``
carries it as arrays, and a field that is missing raises ``Missing``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from xunke.model import RankerName

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .build import Events, Floats, InteractionGraph, Ints

Tell = Callable[[int, int], None]
"""Told how many of how many units are done; may raise to cancel."""
Forecast = Literal["best", "weaker", "no"]
"""How well a ranker forecasts who will be reposted by how many people: the best of those measured, beaten by it,
or not meant to (docs/ranking.md has the figures)."""


class Missing(LookupError):
    """A ranker lacks a field of the context; its name is the argument."""


@dataclass(frozen=True)
class Posts:
    """Posts and reposts (no comments) of a time window as parallel arrays.

    ``likes``, ``comments`` and ``shares`` are the platform's numbers, -1 where it did not say; ``people`` is how many
    distinct people are stored as having reacted, ``liked``, ``answered`` and ``shared`` how many stored acts there are.
    """

    author: Ints
    original: NDArray[np.bool_]
    likes: Ints
    comments: Ints
    shares: Ints
    people: Ints
    liked: Ints
    answered: Ints
    shared: Ints

    def __len__(self) -> int:
        return len(self.author)


@dataclass(frozen=True)
class Context:
    """What some rankers read beside the graph.

    ``topic``: posts about the asked topic, one number a node. ``topics``: a sparse matrix nodes × topics of posts.
    ``seed``: of sampling. ``pivots``: sources of approximate betweenness (None: by size).
    """

    events: Events | None = None
    posts: Posts | None = None
    topic: Floats | None = None
    topics: Any = None
    seed: int = 0
    pivots: int | None = None
    tell: Tell | None = None


@dataclass(frozen=True)
class Scores:
    """One value a node in the order of the graph's nodes; ``parts``: the numbers behind it, the same way."""

    values: Floats
    parts: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranker:
    """``at``: the function (graph, context) -> Scores. ``reads``: the fields of the context that it cannot do without.

    ``authors``: it also judges people who wrote and on whom nobody acted. ``slow``: seconds at a million edges.
    ``walks_topic``: a topic changes the scores, instead of choosing among those who write about it.
    """

    name: RankerName
    at: str
    forecast: Forecast = "no"
    reads: tuple[str, ...] = ()
    authors: bool = False
    slow: bool = False
    walks_topic: bool = False

    def __call__(self, graph: InteractionGraph, context: Context | None = None) -> Scores:
        """Run it. Raises Missing if the context lacks something."""
        context = context or Context()
        for name in self.reads:
            if getattr(context, name) is None:
                raise Missing(name)
        module, _, name = self.at.partition(":")
        made = getattr(import_module(module, __package__), name)
        return cast(Scores, made(graph, context))


_ALL: Final = (
    Ranker("influence", ".measures:_influence", "best"),
    Ranker("actors", ".measures:_actors", "weaker"),
    Ranker("pagerank", ".measures:_pagerank", "weaker"),
    Ranker("topicrank", ".walks:topicrank", reads=("topic",), authors=True, walks_topic=True),
    Ranker("twitterrank", ".walks:twitterrank", reads=("posts", "topics"), authors=True, slow=True, walks_topic=True),
    Ranker("hits", ".measures:_hits"),
    Ranker("kcore", ".measures:_kcore"),
    Ranker("betweenness", ".bridges:between", slow=True),
    Ranker("hindex", ".impact:hindex", reads=("posts",), authors=True),
    Ranker("bci", ".impact:bci", reads=("posts",), authors=True),
    Ranker("reciprocity", ".reciprocity:reciprocity", reads=("events",)),
)
REGISTRY: Final[Mapping[RankerName, Ranker]] = {ranker.name: ranker for ranker in _ALL}


def measure(graph: InteractionGraph, by: RankerName, context: Context | None = None) -> Scores:
    """Scores and parts by the named ranker."""
    return REGISTRY[by](graph, context)


def _simple(name: str) -> Callable[[InteractionGraph, Context], Scores]:
    def run(graph: InteractionGraph, context: Context) -> Scores:
        from . import rank

        return Scores(getattr(rank, name)(graph))

    return run


_influence, _actors, _pagerank = _simple("influence"), _simple("actors"), _simple("pagerank")
_hits, _kcore = _simple("hits"), _simple("kcore")


def with_nodes(graph: InteractionGraph, accounts: Ints) -> InteractionGraph:
    """The same graph with a row for each of ``accounts``, also for those on whom nobody acted."""
    import numpy as np
    from scipy.sparse import csr_array

    from .build import InteractionGraph

    nodes = np.union1d(graph.nodes, accounts)
    if len(nodes) == len(graph.nodes):
        return graph
    weights: Any = graph.weights
    place = np.searchsorted(nodes, graph.nodes)
    counts = np.zeros(len(nodes), dtype=np.int64)
    counts[place] = np.diff(weights.indptr)
    start = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
    wide: Any = csr_array((weights.data, place[weights.indices], start), shape=(len(nodes), len(nodes)))
    return InteractionGraph(nodes, wide, graph.until, graph.h0, graph.kind_weights)
