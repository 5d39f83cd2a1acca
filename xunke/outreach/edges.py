"""Who acted on somebody, and what each of them adds to influence: the arithmetic of the ranking, edge by edge."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.schema import KINDS

if TYPE_CHECKING:
    from graph.forecast import Recency


@dataclass(frozen=True, slots=True)
class Edge:
    """What one actor did: number of acts by kind, the sums w of each time unit, and what it adds to influence."""

    actor: int
    name: str | None
    acts: dict[str, int]
    last: int | None
    weights: tuple[float, ...]
    adds: float


@dataclass(frozen=True, slots=True)
class Basis:
    """Until when (UTC seconds, inclusive), with which recency and which kind weights influence was counted."""

    until: int
    recency: Recency
    kind_weights: Mapping[str, float]


def basis_of(project: Project, setting: Mapping[str, Any]) -> Basis:
    """As in a stored result's ``setting``, or, where that says nothing, as ``xunke rank`` counts now."""
    from graph.build import KIND_WEIGHTS
    from graph.forecast import Recency
    from graph.index import EventIndex
    from graph.methods import Known, method

    from .network import load_events
    from .scoring import ranker_of

    if "until" in setting and setting.get("recency"):
        by = method(setting.get("ranker", "influence"))
        return Basis(int(setting["until"]), Recency.of_json(setting["recency"]), by.weights)
    if "until" in setting and "h0" in setting:
        return Basis(int(setting["until"]), Recency.plain(float(setting["h0"])), KIND_WEIGHTS)
    until = int(time.time())
    by = method(ranker_of(project))
    known = Known(EventIndex.of(load_events(project, until=until)), until)
    return Basis(until, known.recency(by), by.weights)


def oldest(project: Project, until: int) -> int:
    """The time of the first interaction, as the ranking reads times (``network.load_events``)."""
    found = project.query(
        "select min(t) from interaction where t between 1 and :until union all "
        "select min(p.created) from interaction i join post p on p.id = i.post "
        "where i.t = 0 and p.created between 1 and :until",
        {"until": until},
    )
    return min((row[0] for row in found if row[0] is not None), default=until)


def edges_of(project: Project, account: int, basis: Basis) -> list[Edge]:
    """Who acted on ``account`` (with all accounts of that person), by falling ``adds``."""
    from graph.forecast import adds

    persons = people_map(project)
    names = {code: name for name, code in KINDS.items()}
    mine = persons.all(account)
    rows = project.query(
        "select i.actor, case when i.t > 0 then i.t else coalesce(p.created, 0) end, i.kind, a.name "
        "from interaction i left join post p on p.id = i.post left join account a on a.id = i.actor "
        f"where i.target in ({','.join('?' * len(mine))})",
        tuple(mine),
    )
    first = oldest(project, basis.until)
    units = basis.recency.units
    by_actor: dict[int, tuple[str | None, dict[str, int], list[float], int]] = {}
    for raw, t, kind, name in rows:
        actor = persons.one(raw)
        if t > basis.until or actor == persons.one(account):
            continue
        known, acts, weights, last = by_actor.setdefault(actor, (name, {}, [0.0] * len(units), 0))
        acts[names[kind]] = acts.get(names[kind], 0) + 1
        strength, age = basis.kind_weights.get(names[kind], 0.0), basis.until - (t or first)
        for at, unit in enumerate(units):
            weights[at] += strength if math.isinf(unit) else strength / (1 + age / unit)
        by_actor[actor] = (known, acts, weights, max(last, t))
    edges = [
        Edge(actor, name, acts, last or None, tuple(weights), adds(weights, basis.recency))
        for actor, (name, acts, weights, last) in by_actor.items()
    ]
    return sorted(edges, key=lambda e: (-e.adds, e.actor))
