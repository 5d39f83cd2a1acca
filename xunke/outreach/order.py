"""By which number the people and posts of a request are ordered."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

from xunke.plan import Step
from xunke.storage import Project

from . import posts, scoring
from .growth import gained


def post_key(project: Project, step: Step, today: date) -> Callable[[posts.Candidate], float | None]:
    """How posts are ordered, larger first; what is unknown comes last. Reads the project for what its authors have."""
    match step.sort:
        case "engagement":
            return lambda p: p.engagement
        case "likes" | "comments" | "shares" | "saves" | "views":
            name = step.sort
            return lambda p: getattr(p, name)
        case "influence" | "followers" | "engagement_rate" | "follower_growth":
            return _author_key(project, step, today)
        case _:
            return lambda p: p.created


def _author_key(project: Project, step: Step, today: date) -> Callable[[posts.Candidate], float | None]:
    sort = step.sort
    if sort == "follower_growth":
        everybody = [row[0] for row in project.query("select id from account")]
        grown = gained(project, everybody, *posts.window(step, today))
        return lambda p: float(grown[p.author].gained) if p.author in grown else None
    if sort == "influence":
        scores = scoring.influence(project, posts.window(Step(action="find"), today)[1]).scores
        return lambda p: scores.get(p.author or 0, 0.0)
    followers = dict(project.query("select id, followers from account where followers is not null"))
    if sort == "followers":
        return lambda p: followers.get(p.author)
    return lambda p: p.engagement / followers[p.author] if followers.get(p.author) else 0.0


def shown_value(step: Step, scored: scoring.Scored) -> float:
    """The number by which people are ordered, positive again."""
    if step.sort == "follower_growth":
        return float(scored.raw.get("growth") or 0)
    return abs(people_key(step)(scored))


def people_key(step: Step) -> Callable[[scoring.Scored], float]:
    """How people are ordered, smaller first."""
    sign = 1.0 if step.order == "asc" else -1.0

    def total(name: str) -> Callable[[scoring.Scored], float]:
        return lambda s: sign * sum(getattr(p, name) or 0 for p in s.person.found)

    match step.sort:
        case "influence":
            return lambda s: sign * float(s.raw["influence"])
        case "follower_growth":  # who was seen once only comes last, whichever way the list runs
            return lambda s: math.inf if s.raw.get("growth") is None else sign * float(s.raw["growth"])
        case "followers":
            return lambda s: sign * (s.person.followers or 0)
        case "post_count":
            return lambda s: sign * len(s.person.found)
        case "relevance":
            return lambda s: sign * s.parts["fit"]
        case "time":
            return lambda s: sign * (s.raw["last"] or 0)
        case "engagement":
            return total("engagement")
        case "likes" | "comments" | "shares" | "saves" | "views":
            return total(step.sort)
        case "engagement_rate":
            return lambda s: (
                sign
                * sum(p.engagement for p in s.person.found)
                / max(1, len(s.person.found))
                / (s.person.followers or 1)
            )
        case _:
            return lambda s: sign * s.value
