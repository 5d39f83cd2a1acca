"""The network of a project as a file for Gephi, NetworkX and other programs. Barred people leave no trace in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xunke import veil
from xunke.errors import BadInput
from xunke.events import FileWritten
from xunke.export import NETWORK_FORMATS, stream_file
from xunke.storage import Project

from .network import Watch, load_events
from .people import barred

if TYPE_CHECKING:
    from graph.build import Events, Ints
    from graph.formats import Network

_PAGE = 10_000


def write_network(
    project: Project,
    path: Path,
    format: str,
    *,
    since: int | None = None,
    until: int | None = None,
    kinds: Collection[str] | None = None,
    platforms: Collection[str] | None = None,
    posts: Collection[int] | None = None,
    limit: int | None = None,
    watch: Watch | None = None,
) -> FileWritten:
    """Write who acts on whom: people with their influence, edges with weight, kinds and times of their events.

    ``since``, ``until`` (UTC seconds, inclusive), ``kinds``, ``platforms`` and ``posts`` choose interactions as
    ``load_events`` does; of the people in them the ``limit`` most influential are kept, and what they do to one
    another. People who are barred are taken out before anything is counted. The export goes into the audit log.

    Raises BadInput("network.format"), BadInput("network.parquet") where pyarrow is not installed, and XunkeError as
    ``export.write`` does.
    """
    from graph import formats

    if format not in NETWORK_FORMATS:
        raise BadInput("network.format", format=format, known=", ".join(NETWORK_FORMATS))
    assert project.writer  # noqa: S101 - raises if the audit log cannot be written
    with project.snapshot():
        events = load_events(
            project, since=since, until=until, kinds=kinds, platforms=platforms, posts=posts, watch=watch
        )
        events, left_out = _without_barred(project, events)
        network = _network(project, events, until, limit)
    binary = format in formats.BINARY
    rows = stream_file(path, partial(formats.write, network=network, format=format), binary=binary)
    project.audit("export", file=path.name, what="network", format=format, rows=rows, left_out=left_out)
    return FileWritten(str(path), rows, format, left_out)


def _without_barred(project: Project, events: Events) -> tuple[Events, dict[str, int]]:
    """The events among others, and how many people were taken out, by reason."""
    import numpy as np

    people = np.union1d(events.target, events.actor)
    out = barred(project, people.tolist())
    if not out:
        return events, {}
    hidden = np.array(sorted(out), dtype=np.int64)
    return _only(events, ~(np.isin(events.target, hidden) | np.isin(events.actor, hidden))), dict(Counter(out.values()))


def _only(events: Events, kept: Any) -> Events:
    from graph.build import Events

    return Events(events.target[kept], events.time[kept], events.actor[kept], events.kind[kept], events.kinds)


def _network(project: Project, events: Events, until: int | None, limit: int | None) -> Network:
    """The people to show, the edges between them, and what is said of each."""
    import numpy as np

    from graph.build import InteractionGraph
    from graph.formats import Network
    from graph.index import EventIndex
    from graph.rank import actors, influence, top

    index = EventIndex.of(events)
    graph = index.weights(until=until)
    scores, counts = influence(graph), actors(graph)
    if limit is not None and limit < len(graph):
        chosen = np.sort(top(graph, scores, limit))
        rows = np.searchsorted(graph.nodes, chosen)
        inner: Any = graph.weights
        inner = inner[rows][:, rows]
        inner.sort_indices()
        graph = InteractionGraph(chosen, inner, graph.until, graph.h0, graph.kind_weights)
        scores, counts = scores[rows], counts[rows]
        index = EventIndex.of(_only(events, np.isin(events.target, chosen) & np.isin(events.actor, chosen)))
    said = _said(project, graph.nodes)
    columns: dict[str, tuple[type, Any]] = {
        "platform": (str, [one[0] for one in said]),
        "followers": (int, [one[3] for one in said]),
        "influence": (float, np.round(scores, 6).tolist()),
        "actors": (int, counts.astype(int).tolist()),
    }
    ids = [f"{platform}:{native}" for platform, native, *_ in said]
    return Network(graph, index, ids, [name or native for _, native, name, _ in said], columns)


def _said(project: Project, accounts: Ints) -> list[tuple[str, str, str | None, int | None]]:
    """(platform, the platform's id, name, followers) of each account, in their order."""
    found: dict[int, tuple[str, str, str | None, int | None]] = {}
    for start in range(0, len(accounts), _PAGE):
        page = json.dumps(accounts[start : start + _PAGE].tolist())
        rows = project.query(
            "select k.id, p.name, k.native_id, coalesce(a.name, a.handle), a.followers from account_key k "
            "join platform p on p.id = k.platform left join account a on a.id = k.id "
            "where k.id in (select value from json_each(?))",
            (page,),
        )
        for account, platform, native, name, followers in rows:
            shown = veil.person(account, native)
            found[account] = (platform, shown, name if shown == native else shown, followers)
    return [found.get(account, ("", str(account), None, None)) for account in accounts.tolist()]
