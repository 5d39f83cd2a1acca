"""Communities of a project: who they are, whom they listen to, and the people who connect them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from xunke.storage import Project

from .network import Watch, load_events
from .people import barred

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from graph.build import InteractionGraph
    from graph.communities import Partition

MIN_SIZE: Final = 5
"""People below which a community is counted, not listed."""
TOP: Final = 5
REGIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Community:
    """One community. ``inside``: the share of the weight of its people's ties that stays in it. ``top``: accounts by
    influence. ``regions``: (region, people) as stated, of the ``located`` who state one. ``words``: filled by
    ``xunke.topics.name_communities``: (word, index) that its people have more of, 100 being everybody's share;
    ``writers``: how many of its people wrote what was read for that."""

    number: int
    members: tuple[int, ...]
    density: float
    inside: float
    top: tuple[int, ...]
    regions: tuple[tuple[str, int], ...]
    located: int
    words: tuple[tuple[str, float], ...] = ()
    writers: int = 0

    @property
    def size(self) -> int:
        """People in it."""
        return len(self.members)


@dataclass(frozen=True)
class Communities:
    """``small``: communities below the size asked for, with ``small_people`` in them; the people of the network are
    ``people``. ``stability`` None: a single run."""

    listed: tuple[Community, ...]
    people: int
    edges: int
    small: int
    small_people: int
    modularity: float
    stability: float | None
    runs: int
    graph: InteractionGraph
    partition: Partition

    @property
    def outside(self) -> float:
        """The share of people who are in no listed community."""
        return self.small_people / self.people if self.people else 0.0


@dataclass(frozen=True, slots=True)
class Bridge:
    """Somebody who connects: share of ties that lead out of the own community, participation (0..1), communities
    touched, approximate betweenness (0..1), and the number of the own community (0: a small one)."""

    account: int
    betweenness: float
    participation: float
    across: float
    touches: int
    community: int


def find(
    project: Project, *, since: int | None = None, until: int, kinds: Iterable[str] | None = None,
    about: Collection[int] | None = None, least: int = MIN_SIZE, watch: Watch | None = None, tell: Watch | None = None,
) -> Communities:  # fmt: skip
    """Communities of the interactions in the window (of those that concern posts ``about``, if given).

    ``watch`` hears of the progress of reading, ``tell`` of that of cutting; both may raise to cancel.
    """
    from graph.build import build
    from graph.communities import communities

    events = load_events(project, since=since, until=until, kinds=kinds, posts=about, watch=watch)
    graph = build(events, until=until)
    cut = communities(graph, tell=tell)
    listed = sum(int(size) >= max(2, least) for size in cut.sizes)
    small = int(cut.sizes[listed:].sum())
    found = Communities(
        (), len(graph), cut.ties.nnz // 2, len(cut) - listed, small, cut.modularity, cut.stability, cut.runs, graph, cut
    )
    return replace(found, listed=tuple(_described(project, found, listed)))


def _described(project: Project, found: Communities, listed: int) -> Iterable[Community]:
    import numpy as np

    from graph.rank import influence

    graph, labels = found.graph, found.partition.labels
    scores = influence(graph)
    order = np.lexsort((graph.nodes, -scores, labels))
    start = np.searchsorted(labels[order], np.arange(listed + 1))
    places = _regions(project)
    for number in range(listed):
        rows = order[start[number] : start[number + 1]]
        members = graph.nodes[rows]
        regions = Counter(region for account in members.tolist() for region in places.get(account, ()))
        yield Community(
            number + 1, tuple(np.sort(members).tolist()), found.partition.density(number),
            found.partition.kept(number), _shown(project, graph, rows, scores),
            tuple(sorted(regions.items(), key=lambda r: (-r[1], r[0]))[:REGIONS]),
            sum(account in places for account in members.tolist()),
        )  # fmt: skip


def _shown(
    project: Project, graph: InteractionGraph, rows: NDArray[np.int64], scores: NDArray[np.float64]
) -> tuple[int, ...]:
    """The first people of a community that may be named and on whom somebody acted."""
    ids = [int(graph.nodes[row]) for row in rows[: 20 * TOP] if scores[row] > 0]
    hidden = barred(project, ids)
    return tuple(account for account in ids if account not in hidden)[:TOP]


def _regions(project: Project) -> Mapping[int, tuple[str, ...]]:
    """{account: regions that the person or the platform states}; the surest of several."""
    found: dict[int, tuple[str, ...]] = {}
    sql = "select account, value from profile_fact where fact = 'region' order by account, confidence desc, value"
    for account, value in project.query(sql):
        found.setdefault(account, (value,))
    return found


def pivots_of(found: Communities) -> int:
    """From how many people the betweenness of ``bridges`` is estimated."""
    from graph.bridges import pivots_for

    return pivots_for(found.partition.ties)


def bridges(found: Communities, *, seed: int = 0, tell: Watch | None = None) -> list[Bridge]:
    """Everybody with a tie, the best connectors first: by betweenness, then participation, then id."""
    import numpy as np

    from graph.bridges import betweenness, crossing

    ties, labels, nodes = found.partition.ties, found.partition.labels, found.graph.nodes
    between = betweenness(ties, seed=seed, tell=tell)
    cross = crossing(ties, labels)
    order = np.lexsort((nodes, -cross.participation, -between))
    listed = len(found.listed)
    return [
        Bridge(
            int(nodes[i]), float(between[i]), float(cross.participation[i]), float(cross.across[i]),
            int(cross.communities[i]), int(labels[i]) + 1 if labels[i] < listed else 0,
        )
        for i in order.tolist()
        if cross.communities[i] > 1
    ]  # fmt: skip
