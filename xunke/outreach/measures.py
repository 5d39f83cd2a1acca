"""Rankings from a project: the graph, and what some rankers read beside it, from SQL to arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

from xunke.errors import BadInput
from xunke.model import RankerName
from xunke.plan import Step
from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.schema import KINDS

from . import posts
from .network import load_events, one_person

if TYPE_CHECKING:
    from graph.build import Floats, InteractionGraph, Ints
    from graph.forecast import Recency
    from graph.measures import Context, Posts, Ranker, Tell
    from graph.methods import Known, Method

TOPICS: Final = 20
"""Topics over which TwitterRank is summed when none was asked for: those with most authors."""
SLOW: Final = 100_000
"""Interactions from which a slow measure takes more than two seconds."""
_REACTIONS: Final = ("like", "reply", "repost", "quote")


@dataclass(frozen=True)
class Measured:
    """A ranking of everybody: one score a node of ``graph``, best first in ``order`` (rows; ties by id).

    ``recency``: of influence; ``walks_topic``: the asked topic changed the scores.
    """

    graph: InteractionGraph
    by: str
    values: Floats
    parts: Mapping[str, Floats]
    order: Ints
    recency: Recency | None = None
    walks_topic: bool = False

    @property
    def pivots(self) -> int | None:
        """From how many people betweenness was estimated; None for other measures."""
        return int(self.parts["pivots"][0]) if len(self.parts.get("pivots", ())) else None

    def parts_of(self, row: int) -> dict[str, float | int]:
        """The numbers behind the score of one row; counts are integers."""
        named = ((name, float(part[row])) for name, part in self.parts.items())
        exact = (self.by, "forecast")
        return {name: int(v) if name not in exact and v.is_integer() else v for name, v in named}


def authors_about(project: Project, words: str, today: date, since: int | None, until: int) -> dict[int, int]:
    """{account: posts about ``words`` in the window}, a window of UTC seconds, both inclusive."""
    found = posts.select(project, Step(action="find", topics=tuple(words.split())), today).posts
    kept = (p for p in found if p.created is None or (since or 0) <= p.created <= until)
    persons = people_map(project)
    return dict(sorted(Counter(persons.one(post.author) for post in kept if post.author is not None).items()))


def ranking(
    project: Project, by: str, *, since: int | None = None, until: int, kinds: Iterable[str] | None = None,
    topic: Mapping[int, int] | None = None, watch: Tell | None = None, tell: Tell | None = None,
) -> Measured:  # fmt: skip
    """Rank everybody by ``by`` (graph.measures, or a spelling of influence: graph.methods) on what was known at
    ``until`` (UTC seconds, inclusive).

    ``topic``: {account: posts about the asked topic}. ``watch`` hears of the progress of reading, ``tell`` of ranking;
    both may raise to cancel. Raises
    BadInput("rank.needs_topic" or "rank.no_posts") where the ranker lacks something to go by.
    """
    import numpy as np

    from graph.index import EventIndex
    from graph.measures import REGISTRY, with_nodes
    from graph.methods import Known, method
    from graph.rank import actors

    if by not in REGISTRY or by == "influence":
        spec = method(by)
        known_then = Known(
            EventIndex.of(load_events(project, since=since, until=until, kinds=kinds, watch=watch)), until, report=tell
        )
        return _by_method(known_then, spec)
    ranker = REGISTRY[cast(RankerName, by)]
    if "topic" in ranker.reads and not topic:
        raise BadInput("rank.needs_topic" if topic is None else "rank.nobody_wrote", by=by)
    events = load_events(project, since=since, until=until, kinds=kinds, watch=watch)
    graph = EventIndex.of(events).weights(until=until)
    written = load_posts(project, since, until) if "posts" in ranker.reads else None
    if written is not None and len(written) == 0:
        raise BadInput("rank.no_posts", by=by)
    if ranker.authors:
        known = [np.fromiter(topic or (), dtype=np.int64), graph.nodes[:0] if written is None else written.author]
        graph = with_nodes(graph, np.unique(np.concatenate(known)))
    found = ranker(graph, _context(project, graph, ranker, events, written, topic, since, until, tell))
    parts = {by: found.values, **found.parts, "actors": actors(graph)}
    order = np.lexsort((graph.nodes, -found.values))
    return Measured(graph, by, found.values, parts, order, walks_topic=ranker.walks_topic)


def _by_method(known: Known, spec: Method) -> Measured:
    """Influence as ``spec`` spells it; with a learnt recency also how many answers that lets expect."""
    import numpy as np

    from graph.methods import scores
    from graph.rank import actors

    graph = known.graph()
    values = scores(known, spec)[np.searchsorted(known.index.nodes, graph.nodes)]
    recency = known.recency(spec) if spec.name == "influence" else None
    parts = {spec.spec: values, "actors": actors(graph)}
    if recency is not None and recency.learnt:
        parts["forecast"] = recency.weight * values
    return Measured(graph, spec.spec, values, parts, np.lexsort((graph.nodes, -values)), recency)


def _context(
    project: Project, graph: InteractionGraph, ranker: Ranker, events: Any, written: Posts | None,
    topic: Mapping[int, int] | None, since: int | None, until: int, tell: Tell | None,
) -> Context:  # fmt: skip
    import numpy as np

    from graph.measures import Context

    about = None
    if topic and ranker.walks_topic:
        about = np.zeros(len(graph))
        ids = np.fromiter(topic, dtype=np.int64)
        about[np.searchsorted(graph.nodes, ids)] = np.fromiter(topic.values(), dtype=np.float64)
    topics = _topics(project, graph, since, until, asked=about is not None) if "topics" in ranker.reads else None
    if topics is not None and about is None and topics.nnz == 0:
        raise BadInput("rank.no_topics", by=ranker.name)
    return Context(events=events, posts=written, topic=about, topics=topics, tell=tell)


def _window(since: int | None, until: int) -> tuple[str, dict[str, int]]:
    """The condition on ``post t``; a post without a time counts only where no beginning was asked for."""
    if since is None:
        return "(t.created is null or t.created <= :until)", {"until": until}
    return "t.created between :since and :until", {"since": since, "until": until}


def load_posts(project: Project, since: int | None, until: int) -> Posts:
    """The posts and reposts of the window with the platform's numbers (as of when they were fetched) and what is stored
    of reactions to them up to ``until``.

    A post that is only known because people reacted to it belongs to whom the first of them acted on, at that time.
    """
    import numpy as np

    from graph.measures import Posts

    condition, params = _window(since, until)
    rows = project.query(
        "select t.id, t.author, t.kind = 'post', coalesce(t.likes, -1), coalesce(t.comments, -1), "
        f"coalesce(t.shares, -1) from post t where t.author is not null and t.kind <> 'comment' and {condition}",
        params,
    )
    codes = ", ".join(str(KINDS[kind]) for kind in _REACTIONS)
    acts = np.array(
        project.query(
            f"select post, actor, kind, target, t from interaction where post > 0 and kind in ({codes}) and t <= ?",
            (until,),
        ),
        dtype=np.int64,
    ).reshape(-1, 5)
    stored = np.array(project.query("select id from post"), dtype=np.int64).reshape(-1)
    named = _named_posts(acts[~np.isin(acts[:, 0], stored)], since)
    table = np.concatenate([np.array(rows, dtype=np.int64).reshape(-1, 6), named])
    table = table[np.argsort(table[:, 0])]
    one_person(people_map(project), table[:, 1], acts[:, 1])
    size = len(table)
    place = np.searchsorted(table[:, 0], acts[:, 0])
    known = place < size
    known[known] = table[place[known], 0] == acts[known, 0]
    place, acts = place[known], acts[known]
    wide = int(acts[:, 1].max(initial=0)) + 1
    people = np.bincount(np.unique(place * wide + acts[:, 1]) // wide, minlength=size).astype(np.int64)

    def seen(*kinds: str) -> Ints:
        chosen = np.isin(acts[:, 2], [KINDS[kind] for kind in kinds])
        return np.bincount(place[chosen], minlength=size).astype(np.int64)

    return Posts(
        table[:, 1], table[:, 2].astype(bool), table[:, 3], table[:, 4], table[:, 5], people,
        seen("like"), seen("reply"), seen("repost", "quote"),
    )  # fmt: skip


def _named_posts(acts: Ints, since: int | None) -> Ints:
    """Rows as ``load_posts`` reads them of the posts that ``acts`` (post, actor, kind, target, time) concern."""
    import numpy as np

    when = np.where(acts[:, 4] > 0, acts[:, 4], np.iinfo(np.int64).max)
    first = acts[np.lexsort((acts[:, 3], when, acts[:, 0]))]
    _, at = np.unique(first[:, 0], return_index=True)
    first = first[at]
    if since is not None:
        first = first[first[:, 4] >= since]
    out = np.full((len(first), 6), -1, dtype=np.int64)
    out[:, 0], out[:, 1], out[:, 2] = first[:, 0], first[:, 3], 1
    return out


def _topics(project: Project, graph: InteractionGraph, since: int | None, until: int, *, asked: bool) -> Any:
    """People × topics: how many posts somebody wrote with each of the most used tags and interests."""
    import numpy as np
    from scipy.sparse import csr_array

    if asked:
        return csr_array((len(graph), 0))
    condition, params = _window(since, until)
    rows = project.query(
        "select t.author, '#' || g.folded, count(*) from post_tag x join tag g on g.id = x.tag "
        f"join post t on t.id = x.post where t.author is not null and {condition} group by 1, 2 union all "
        "select t.author, json_extract(i.value, '$[0]'), count(*) from feature f join post t on t.id = f.post, "
        f"json_each(f.detail, '$.interests') i where t.author is not null and {condition} group by 1, 2", params,
    )  # fmt: skip
    authors: Counter[str] = Counter(name for _, name, _ in rows)
    chosen = {name: at for at, name in enumerate(sorted(authors, key=lambda n: (-authors[n], n))[:TOPICS])}
    one = people_map(project).one
    cells = [(one(author), chosen[name], count) for author, name, count in rows if name in chosen]
    table = np.array(cells, dtype=np.int64).reshape(-1, 3)
    row = np.searchsorted(graph.nodes, table[:, 0])
    inside = row < len(graph)
    inside[inside] = graph.nodes[row[inside]] == table[inside, 0]
    shape = (len(graph), len(chosen))
    return csr_array((table[inside, 2].astype(np.float64), (row[inside], table[inside, 1])), shape=shape)
