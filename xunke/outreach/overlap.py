"""Whose audiences overlap: distinct people who acted on each of several people, and who they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xunke.errors import BadInput, UsageError
from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.schema import KINDS

from .network import Watch, load_events
from .people import barred

if TYPE_CHECKING:
    from graph.build import Events, Ints
    from graph.overlap import Overlap


@dataclass(frozen=True)
class Shared:
    """``overlap`` of the audiences of ``people`` (account ids); ``followers`` that all of them have in common, and
    ``actors``: those who acted on all, most acts first; both without those who appear nowhere, at most as many as asked
    for. ``followers_all``, ``actors_all``: how many there are."""

    people: tuple[int, ...]
    overlap: Overlap
    followers: tuple[int, ...]
    followers_all: int
    actors: tuple[int, ...]
    actors_all: int


def shared(
    project: Project, people: Sequence[int], *, since: int | None = None, until: int,
    kinds: Iterable[str] | None = None, limit: int = 10, watch: Watch | None = None,
) -> Shared:  # fmt: skip
    """Compare the audiences of two or more ``people`` on the interactions of the window.

    Raises UsageError("overlap.two") for fewer than two different people, BadInput("overlap.barred") for somebody who
    appears nowhere.
    """
    from graph.overlap import overlap

    persons = people_map(project)
    asked = tuple(dict.fromkeys(persons.one(account) for account in people))
    if len(asked) < 2:
        raise UsageError("overlap.two")
    if barred(project, asked):
        raise BadInput("overlap.barred")
    events = load_events(project, since=since, until=until, kinds=kinds, watch=watch)
    found = overlap(events, asked)
    by_follow = overlap(_only(events, KINDS["follow"]), asked).common
    followers, actors = (
        _shown(project, events, asked, by_follow, limit),
        _shown(project, events, asked, found.common, limit),
    )
    return Shared(asked, found, followers, len(by_follow), actors, len(found.common))


def _only(events: Events, kind: int) -> Events:
    from graph.build import Events

    chosen = events.kind == kind
    return Events(events.target[chosen], events.time[chosen], events.actor[chosen], events.kind[chosen], events.kinds)


def _shown(project: Project, events: Events, people: Sequence[int], common: Ints, limit: int) -> tuple[int, ...]:
    """The first ``limit`` of ``common`` that may be named, by how often they acted on ``people``."""
    import numpy as np

    if len(common) == 0:
        return ()
    acting = events.actor[np.isin(events.target, people)]
    acting = acting[np.isin(acting, common)]
    acts = np.bincount(np.searchsorted(common, acting), minlength=len(common))
    order = common[np.lexsort((common, -acts))].tolist()
    hidden = barred(project, order)
    return tuple(account for account in order if account not in hidden)[:limit]
