"""The target score: how good a person is to approach for this request, in parts that a user can check.

score = (fit^a · influence^b · reach^c · authentic^d)^(1/(a+b+c+d)) · fresh, each part between FLOOR and 1.
The weights are the project's (``xunke weights``); every part keeps the raw numbers that it was made of.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from xunke.clock import DAY, day_of
from xunke.storage import Project
from xunke.storage.persons import people_map

from .authentic import AccountSign
from .network import Watch, load_events
from .people import Person

if TYPE_CHECKING:
    from graph.forecast import Recency

__all__ = [
    "WEIGHTS",
    "Influence",
    "Scored",
    "influence",
    "is_spam",
    "load_events",
    "ranker_of",
    "rescore",
    "rule_reach",
    "score",
    "weights_of",
]

WEIGHTS: Final[Mapping[str, float]] = {"fit": 1.0, "influence": 1.0, "reach": 0.5, "authentic": 0.5}
FLOOR: Final = 0.01
"""A part never falls to 0, or one unlucky part would hide all others."""
FIT_DAYS: Final = 2.0
REACH_ANSWERS: Final = 5.0
REACH_FOLLOWERS: Final = 20_000
REACH_WINDOW: Final = 90 * DAY
FRESH_DAYS: Final = 30.0
UNKNOWN: Final = 0.5
"""Authenticity and size of somebody about whom nothing is known yet."""
EVIDENCE_POSTS: Final = 20
EVIDENCE_SPAM: Final = 30


@dataclass(slots=True)
class Scored:
    """A person with the parts of their score (0..1) and the raw numbers behind them."""

    person: Person
    value: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    sign: AccountSign | None = None

    def as_json(self) -> dict[str, Any]:
        """What is stored beside the score."""
        posts = sorted(self.person.found, key=lambda p: (-p.engagement, -(p.created or 0), p.id))
        return {
            "parts": {name: round(value, 6) for name, value in self.parts.items()},
            "raw": self.raw,
            "posts": [post.id for post in posts[:EVIDENCE_POSTS]],
        }


@dataclass(frozen=True)
class Influence:
    """Influence of everybody in the project up to ``until`` (UTC seconds); ``best`` is the largest score."""

    scores: Mapping[int, float]
    actors: Mapping[int, int]
    percentile: Mapping[int, float]
    best: float
    until: int
    h0: float
    by: str
    recency: Recency | None = None


def influence(
    project: Project,
    until: int,
    by: str | None = None,
    *,
    since: int | None = None,
    kinds: Iterable[str] | None = None,
    watch: Watch | None = None,
) -> Influence:
    """Rank everybody by ``by`` (graph.methods; None: the project's ranker) on what was known at ``until``.

    ``since``, ``kinds`` and ``watch``: see load_events.
    """
    import numpy as np

    from graph.index import EventIndex
    from graph.methods import Known, method
    from graph.methods import scores as by_method
    from graph.rank import actors

    spec = method(by or ranker_of(project))
    index = EventIndex.of(load_events(project, since=since, until=until, kinds=kinds, watch=watch))
    known = Known(index, until)
    graph = known.graph()
    scores = by_method(known, spec)[np.searchsorted(index.nodes, graph.nodes)]
    counts = actors(graph)
    ids = graph.nodes.tolist()
    order = np.argsort(np.argsort(-scores, kind="stable"), kind="stable")
    share = (order + 1) / max(1, len(graph))
    persons = people_map(project)

    def by_account(values: list[Any]) -> dict[int, Any]:
        """{account: value}: what counts for a person counts for each of their accounts."""
        found = dict(zip(ids, values, strict=True))
        return found | {a: found[one] for a, one in persons.of.items() if one in found}

    return Influence(
        by_account(scores.tolist()),
        by_account(counts.astype(int).tolist()),
        by_account(share.tolist()),
        float(scores.max()) if len(graph) else 0.0,
        graph.until,
        graph.h0,
        spec.spec,
        known.recency(spec) if spec.name == "influence" else None,
    )


def ranker_of(project: Project) -> str:
    """The ranker that counts as influence in this project: the default, or what a back-test was told to adopt."""
    return project.meta("ranker") or "influence"


def weights_of(project: Project) -> dict[str, float]:
    """The project's weights, or the defaults."""
    saved = json.loads(project.meta("weights", "{}"))
    return {name: float(saved.get(name, default)) for name, default in WEIGHTS.items()}


def combine(parts: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The weighted geometric mean of the parts, times freshness."""
    total = sum(weights.values())
    if total <= 0:
        return 0.0
    log = sum(w * math.log(min(1.0, max(FLOOR, parts[name]))) for name, w in weights.items())
    return math.exp(log / total) * parts["fresh"]


def score(
    project: Project,
    people: Sequence[Person],
    ranking: Influence,
    *,
    since: int | None,
    until: int,
    subject: bool,
    weights: Mapping[str, float] | None = None,
) -> list[Scored]:
    """Score ``people``; ``subject``: the request said what posts are about, so fit and freshness mean something.

    ``weights``: instead of the project's.
    """
    weights = weights or weights_of(project)
    persons = people_map(project)
    ids = json.dumps(persons.spread(p.id for p in people))
    written = dict(
        project.query(
            "select author, count(*) from post where author in (select value from json_each(?)) "
            "and (created is null or created between ? and ?) group by author",
            (ids, since or 0, until),
        )
    )
    answers = dict(
        project.query(
            "select author, count(*) from post where author in (select value from json_each(?)) and kind = 'comment' "
            "and created between ? and ? group by author",
            (ids, until - REACH_WINDOW, until),
        )
    )
    learned = _learned(project, people, until)
    out = []
    for person in people:
        scored = Scored(person)
        accounts = persons.all(person.id)
        _fit(scored, sum(written.get(a, 0) for a in accounts), subject, until)
        _influence(scored, ranking)
        _reach(scored, sum(answers.get(a, 0) for a in accounts), learned)
        _authentic(scored)
        scored.value = combine(scored.parts, weights)
        out.append(scored)
    return out


def rescore(scored: Scored, weights: Mapping[str, float]) -> None:
    """Read authenticity again after posts were analysed, and the whole score."""
    _authentic(scored)
    scored.value = combine(scored.parts, weights)


def _fit(scored: Scored, written: int, subject: bool, until: int) -> None:
    found = scored.person.found
    days = len({day_of(p.created) for p in found if p.created is not None}) or (1 if found else 0)
    last = max((p.created for p in found if p.created is not None), default=None)
    scored.raw |= {"matched": len(found), "days": days, "written": max(written, len(found)), "last": last}
    if not subject:
        scored.parts |= {"fit": 1.0, "fresh": 1.0}
        return
    focus = len(found) / max(written, len(found), 1)
    scored.parts["fit"] = (1 - math.exp(-days / FIT_DAYS)) * (0.5 + 0.5 * focus)
    age = FRESH_DAYS if last is None else max(0.0, (until - last) / DAY)
    scored.parts["fresh"] = 1 / (1 + age / FRESH_DAYS)


def _influence(scored: Scored, ranking: Influence) -> None:
    value = ranking.scores.get(scored.person.id, 0.0)
    scored.raw |= {
        "influence": round(value, 6),
        "actors": ranking.actors.get(scored.person.id, 0),
        "top": round(ranking.percentile.get(scored.person.id, 1.0), 4),
        "best": round(ranking.best, 6),
    }
    scored.parts["influence"] = math.log1p(value) / math.log1p(ranking.best) if ranking.best > 0 else 0.0


def rule_reach(answers: int, followers: int | None) -> float:
    """Reachability by rule, 0..1: who answers others, and is not too large to notice us."""
    size = UNKNOWN if followers is None else 1 / (1 + followers / REACH_FOLLOWERS)
    return 0.6 * (1 - math.exp(-answers / REACH_ANSWERS)) + 0.4 * size


def _reach(scored: Scored, answers: int, learned: Mapping[int, dict[str, float]]) -> None:
    followers = scored.person.followers
    scored.raw |= {"answers": answers, "followers": followers}
    scored.parts["reach"] = rule_reach(answers, followers)
    if (found := learned.get(scored.person.id)) is not None:
        scored.raw["learned"] = {**found, "rule": round(scored.parts["reach"], 6)}
        scored.parts["reach"] = found["p"]


def _learned(project: Project, people: Sequence[Person], until: int) -> dict[int, dict[str, float]]:
    """{person: how likely they answer, and from how much that is known}, if a model was learned and may speak of
    ``until``: it has read outcomes, so it says nothing of times before its own last one.
    """
    from . import response

    model = response.current(project)
    if model is None or until < model.until:
        return {}
    found = response.chances(project, model, [response.Ask(p.id, until, "reply", timed=False) for p in people])
    known = {"n": model.n, "hits": model.answers}
    return {
        person.id: {"p": round(p, 6), "low": round(low, 6), "high": round(high, 6), **known}
        for person, (p, low, high) in zip(people, found, strict=True)
    }


def _authentic(scored: Scored) -> None:
    known = [p.spam for p in scored.person.found if p.spam is not None]
    scored.raw |= {"analysed": len(known), "spam": [round(p, 4) for p in known[:EVIDENCE_SPAM]]}
    posts = 1 - sum(known) / len(known) if known else UNKNOWN
    sign = scored.sign
    scored.raw["account"] = sign and sign.as_json()
    scored.parts["authentic"] = posts if sign is None else min(posts, 1 - sign.p_spam) if known else 1 - sign.p_spam


def is_spam(scored: Scored) -> bool:
    """Whether somebody is left out of results: mostly advertising posts, or an account that is surely 水军."""
    known = [p.spam for p in scored.person.found if p.spam is not None]
    by_posts = bool(known) and sum(known) / len(known) > 0.5
    return by_posts or (scored.sign is not None and scored.sign.is_spam)
