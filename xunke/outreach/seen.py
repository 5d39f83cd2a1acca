"""What a project saw of somebody: who acted on them, with the weights of the ranking, and how much stayed unseen."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.schema import KINDS

from .people import barred

if TYPE_CHECKING:
    from graph.forecast import Recency

SHOWN: Final = 10
"""So many edges are written out in words; ``--json`` has up to ``MOST``, and what the rest adds."""
MOST: Final = 500
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Basis:
    """Until when (UTC seconds, inclusive), with which recency and which kind weights influence was counted."""

    until: int
    recency: Recency
    kind_weights: Mapping[str, float]

    @property
    def mix(self) -> list[list[float | None]]:
        """Time units in seconds, None for no decay, each with its share; as JSON has them."""
        return [
            [None if math.isinf(unit) else unit, share]
            for unit, share in zip(self.recency.units, self.recency.shares, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Act:
    """One act: kind, UTC seconds (None: the platform did not say), the age in seconds that was counted, its weight."""

    kind: str
    time: int | None
    post: str | None
    age: int
    weight: float


@dataclass(frozen=True, slots=True)
class Edge:
    """What one actor did: acts by kind, the sums w of each time unit, and what they add to influence.

    ``actor`` and ``name`` are None for somebody who appears nowhere (do-not-contact, under 18).
    """

    actor: int | None
    name: str | None
    acts: dict[str, int]
    last: int | None
    weights: tuple[float, ...]
    adds: float
    events: tuple[Act, ...]

    def terms(self, mix: Sequence[Sequence[float | None]]) -> str:
        """What is added, as a sum over the time units: share × (1 − e^(−w))."""
        pairs = zip(mix, self.weights, strict=True)
        return " + ".join(f"{share:.2%}×(1−e^(−{weight:.4g}))" for (_, share), weight in pairs)

    def ages(self, most: int = 3) -> str:
        """How many hours ago the newest acts were."""
        told = [f"{event.age / _HOUR:.1f}" for event in self.events[:most]]
        return ", ".join([*told, "…"] if len(self.events) > most else told)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "actor": self.actor, "name": self.name, "acts": self.acts, "last": self.last, "weights": self.weights,
            "adds": self.adds,
            "events": [
                {"kind": e.kind, "time": e.time, "post": e.post, "age": e.age, "weight": e.weight} for e in self.events
            ],
        }  # fmt: skip


def basis(project: Project, setting: Mapping[str, Any]) -> Basis:
    """As in a stored result's ``setting``, or, where that says nothing, as ``xunke rank`` counts now."""
    from graph.build import KIND_WEIGHTS
    from graph.forecast import Recency
    from graph.index import EventIndex
    from graph.methods import Known, method

    from .network import load_events
    from .scoring import ranker_of

    if "until" in setting and setting.get("recency"):
        weights = method(setting.get("ranker", "influence")).weights
        return Basis(int(setting["until"]), Recency.of_json(setting["recency"]), weights)
    if "until" in setting and "h0" in setting:
        return Basis(int(setting["until"]), Recency.plain(float(setting["h0"])), KIND_WEIGHTS)
    until = int(time.time())
    by = method(ranker_of(project))
    known = Known(EventIndex.of(load_events(project, until=until)), until)
    return Basis(until, known.recency(by), by.weights)


def oldest(project: Project, until: int) -> int:
    """The time of the first interaction, as the ranking reads times (see ``network.load_events``)."""
    found = project.query(
        "select min(t) from interaction where t between 1 and :until union all "
        "select min(p.created) from interaction i join post p on p.id = i.post "
        "where i.t = 0 and p.created between 1 and :until",
        {"until": until},
    )
    return min((row[0] for row in found if row[0] is not None), default=until)


def edges(project: Project, account: int, counted: Basis) -> list[Edge]:
    """Who acted on the person of ``account``, strongest first, with the weights that the ranking used."""
    from graph.forecast import adds

    names = {code: name for name, code in KINDS.items()}
    persons = people_map(project)
    rows = project.query(
        "select i.actor, case when i.t > 0 then i.t else coalesce(p.created, 0) end, i.kind, k.native_id "
        "from interaction i left join post p on p.id = i.post left join post_key k on k.id = i.post "
        "where i.target in (select value from json_each(?))",
        (json.dumps(persons.all(account)),),
    )
    first = oldest(project, counted.until)
    by_actor: dict[int, list[Act]] = {}
    for actor, t, kind, post in rows:
        who = persons.one(actor)
        if t <= counted.until and who != persons.one(account):
            weight = counted.kind_weights.get(names[kind], 0.0)
            act = Act(names[kind], t or None, post, counted.until - (t or first), weight)
            by_actor.setdefault(who, []).append(act)
    found = []
    for actor, acts in by_actor.items():
        weights = tuple(
            math.fsum(act.weight if math.isinf(unit) else act.weight / (1 + act.age / unit) for act in acts)
            for unit in counted.recency.units
        )
        kinds: dict[str, int] = {}
        for act in sorted(acts, key=lambda a: a.kind):
            kinds[act.kind] = kinds.get(act.kind, 0) + 1
        last = max((act.time or 0 for act in acts), default=0)
        events = tuple(sorted(acts, key=lambda a: (a.age, a.kind, a.post or "")))
        found.append(Edge(actor, None, kinds, last or None, weights, adds(weights, counted.recency), events))
    found.sort(key=lambda e: (-e.adds, e.actor or 0))
    return found


def named(project: Project, found: Sequence[Edge]) -> list[Edge]:
    """These edges with names; of people who are barred neither name nor number."""
    import dataclasses

    ids = [edge.actor for edge in found if edge.actor is not None]
    known = dict(
        project.query(
            "select k.id, coalesce(a.name, k.native_id) from account_key k left join account a on a.id = k.id "
            "where k.id in (select value from json_each(?))",
            (json.dumps(ids),),
        )
    )
    never = barred(project, ids)
    return [
        dataclasses.replace(e, actor=None, name=None)
        if e.actor in never
        else dataclasses.replace(e, name=known.get(e.actor))
        for e in found
    ]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many answers to a person's posts are stored, of those that the platforms count. None: no count told.

    ``posts`` stored of the person, ``telling`` of them with a count; ``waiting`` mentions by name not yet tied.
    """

    comments: tuple[int, int | None]
    shares: tuple[int, int | None]
    likes: tuple[int, int | None]
    posts: int
    telling: int
    waiting: int

    @property
    def share(self) -> float | None:
        """Comments and reposts seen of those counted, at most 1; None where nothing is counted."""
        pairs = [pair for pair in (self.comments, self.shares) if pair[1] is not None]
        claimed = sum(claim or 0 for _, claim in pairs)
        return min(1.0, sum(min(seen, claim or 0) for seen, claim in pairs) / claimed) if claimed else None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        told = {
            name: {"seen": seen, "claimed": claimed}
            for name, (seen, claimed) in (("comments", self.comments), ("shares", self.shares), ("likes", self.likes))
        }
        return {**told, "share": self.share, "posts": self.posts, "telling": self.telling, "waiting": self.waiting}


def coverage(project: Project, account: int, until: int) -> Coverage:
    """What is stored of the answers to the posts that the person of ``account`` wrote up to ``until``."""
    listed = json.dumps(people_map(project).all(account))
    params = {"who": listed, "until": until}
    own = (
        "select id from post where author in (select value from json_each(:who)) and coalesce(created, 0) <= :until "
        "and kind <> 'repost'"
    )
    comments, shares, likes, posts, telling = project.query(
        "select sum(comments), sum(shares), sum(likes), count(*), "
        f"count(coalesce(comments, shares, likes)) from post where id in ({own})",
        params,
    )[0]

    def count(sql: str) -> int:
        return int(project.one(sql.format(own=own), params) or 0)

    def acts(*kinds: str) -> int:
        codes = ", ".join(str(KINDS[kind]) for kind in kinds)
        return count(
            f"select count(*) from interaction where target in (select value from json_each(:who)) "
            f"and kind in ({codes}) and t <= :until and post in ({{own}})"
        )

    # a repost of a repost names the first post as its root: it counts as a repost there too, never as a comment
    passed_on = "(kind = 'repost' or repost_of is not null or quote_of is not null)"
    under = (
        f"select count(*) from post where not {passed_on} and "
        "(root in ({own}) or (root is null and reply_to in ({own})))"
    )
    again = (
        f"select count(*) from post where {passed_on} and "
        "(repost_of in ({own}) or quote_of in ({own}) or root in ({own}))"
    )
    late = " and coalesce(created, 0) <= :until"
    waiting = count(
        "select count(*) from mention m join account a on a.name = m.name "
        "where a.id in (select value from json_each(:who)) and m.account is null"
    )
    return Coverage(
        (max(count(under + late), acts("reply")), comments),
        (max(count(f"select count(*) from ({again.replace('count(*)', 'id, created')}) where 1{late}"),
             acts("repost", "quote")), shares),
        (acts("like"), likes),
        posts,
        telling,
        waiting,
    )  # fmt: skip
