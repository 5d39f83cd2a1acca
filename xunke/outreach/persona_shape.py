"""What a persona is made of: shares with their bases and intervals, words as written, behaviour, needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from xunke.clock import day_of

from .freshness import Freshness
from .persona_rows import Whom, Wrote
from .portrait import Portrait

PARTS_OF_DAY: Final[Mapping[str, tuple[int, ...]]] = {
    "morning": (5, 6, 7, 8), "forenoon": (9, 10, 11), "noon": (12, 13), "afternoon": (14, 15, 16, 17),
    "evening": (18, 19, 20, 21), "night": (22, 23, 0, 1, 2, 3, 4),
}  # fmt: skip
LEAST_DATED: Final = 5
"""Dated posts below which nothing is said of hours and rhythm."""


@dataclass(frozen=True, slots=True)
class Share:
    """``n`` of ``of`` people (or posts) have ``value``; ``low`` to ``high``: 95 %. ``index``: 100 is as everybody;
    ``verdict``: over, under, same, too_few, or None where nothing was compared. ``refs``: some of the rows behind it.
    """

    value: str
    n: int
    of: int
    low: float
    high: float
    index: float | None = None
    verdict: str | None = None
    refs: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """0..1."""
        return self.n / self.of if self.of else 0.0

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "value": self.value, "n": self.n, "of": self.of, "share": round(self.share, 4), "low": round(self.low, 4),
            "high": round(self.high, 4), "index": self.index, "verdict": self.verdict, "refs": list(self.refs),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """Words somebody wrote: ``about`` names the need, event or interest (a code), ``text`` is the clause as written."""

    about: str
    kind: str
    text: str
    post: Wrote

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        day = None if self.post.created is None else day_of(self.post.created).isoformat()
        return {"about": self.about, "kind": self.kind, "text": self.text, "day": day, "ref": self.post.ref}


@dataclass(frozen=True, slots=True)
class Scene:
    """A part of the day in the story of a day: its share of the posts, and a real post written then."""

    part: str
    n: int
    of: int
    post: Wrote


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How they behave. ``posts`` seen between ``since`` and ``until`` (UTC seconds), ``dated`` of them with a time;
    ``week``: median posts a person writes a week, over at least four weeks; ``hours``: posts of each weekday (Monday
    first) and hour; ``to_us``: {kind of act: people who did it towards our accounts}; ``touched``/``answered``: people
    we approached, and who of them answered.
    """

    posts: int
    dated: int
    since: int | None
    until: int | None
    week: float | None
    hours: tuple[tuple[int, ...], ...]
    platforms: tuple[Share, ...]
    kinds: tuple[Share, ...]
    media: tuple[Share, ...]
    acts: Mapping[str, int]
    followers: float | None
    engagement: float | None
    to_us: Mapping[str, int]
    touched: int
    answered: int

    def part_shares(self) -> dict[str, int]:
        """{part of the day: posts}."""
        hour = [sum(day[h] for day in self.hours) for h in range(24)]
        return {name: sum(hour[h] for h in hours) for name, hours in PARTS_OF_DAY.items()}

    def best_hours(self) -> tuple[int, int] | None:
        """The two hours with the most posts, from ``LEAST_DATED`` dated posts on."""
        if self.dated < LEAST_DATED:
            return None
        hour = [sum(day[h] for day in self.hours) for h in range(24)]
        start = max(range(24), key=lambda h: (hour[h] + hour[(h + 1) % 24], -h))
        return start, (start + 2) % 24


@dataclass(frozen=True, slots=True)
class Needs:
    """What moves them; people for groups, posts for one person. ``read`` of ``posts`` posts were analysed."""

    interests: tuple[Share, ...]
    needs: tuple[Share, ...]
    events: tuple[Share, ...]
    sentiment: tuple[Share, ...]
    tags: tuple[Share, ...]
    quotes: tuple[Said, ...]
    read: int
    posts: int


@dataclass(frozen=True, slots=True)
class Persona:
    """The picture. ``facts``: {fact: shares}, ``stated``: {fact: people who state it}; ``missing``: {field: people of
    whom it is not known}; ``tag``: the layered tag string, ``edited`` by the user or made by rule (``made``);
    ``typical``: the person most like the rest.
    """

    whom: Whom
    people: int
    facts: Mapping[str, tuple[Share, ...]]
    stated: Mapping[str, int]
    behaviour: Behaviour
    needs: Needs
    complete: Portrait
    missing: Mapping[str, int]
    fresh: Freshness
    made: tuple[tuple[str, ...], ...]
    tag: str | None = None
    edited: bool = False
    scenes: tuple[Scene, ...] = ()
    typical: int | None = None
    sources: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)

    @property
    def one(self) -> bool:
        """Whether it is a single person's."""
        return self.whom.kind == "person"

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: codes, counts with their bases, rows behind them; dates ISO."""
        b, n = self.behaviour, self.needs
        return {
            "kind": self.whom.kind, "name": self.whom.name, "people": self.people, "left_out": dict(self.whom.left_out),
            "tag": self.tag, "edited": self.edited, "layers": [list(layer) for layer in self.made],
            "base": {fact: [s.as_json() for s in found] for fact, found in self.facts.items()},
            "stated": dict(self.stated),
            "behaviour": {
                "posts": b.posts, "dated": b.dated, "since": _iso(b.since), "until": _iso(b.until),
                "posts_a_week": b.week, "hours": [list(day) for day in b.hours], "acts": dict(b.acts),
                "platforms": [s.as_json() for s in b.platforms], "kinds": [s.as_json() for s in b.kinds],
                "media": [s.as_json() for s in b.media], "followers": b.followers, "engagement": b.engagement,
                "to_us": dict(b.to_us), "touched": b.touched, "answered": b.answered,
            },
            "needs": {
                "interests": [s.as_json() for s in n.interests], "needs": [s.as_json() for s in n.needs],
                "life_events": [s.as_json() for s in n.events], "sentiment": [s.as_json() for s in n.sentiment],
                "tags": [s.as_json() for s in n.tags], "quotes": [q.as_json() for q in n.quotes], "read": n.read,
                "posts": n.posts,
            },
            "day": [{"part": s.part, "n": s.n, "of": s.of, "ref": s.post.ref} for s in self.scenes],
            "typical": self.typical, "complete": self.complete.as_json(), "missing": dict(self.missing),
            "fresh": self.fresh.as_json(),
        }  # fmt: skip


def _iso(second: int | None) -> str | None:
    return None if second is None else day_of(second).isoformat()
