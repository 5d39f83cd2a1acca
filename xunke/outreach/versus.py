"""Brands, accounts, places, platforms or times beside each other: the posts behind each, and what a difference means.

Two counts are held against each other as parts of their sum, two moods by the interval of their difference; below
``experiments.SMALL`` posts nothing is said. Posts are taken as independent of one another, which flatters: several
posts of one author are not, so the numbers of authors stand beside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import msgspec

from xunke.errors import BadInput, NeedsAnswer
from xunke.plan import Step
from xunke.storage import Project, rows
from xunke.storage.persons import people_map

from . import experiments, facets, posts

Note = Literal["first", "sure", "open", "small", "even"]
DEFAULT: Final[dict[str, tuple[str, ...]]] = {
    "account": ("count", "engagement", "engagement_rate", "followers", "follower_growth"),
}
"""What is compared when nobody said what; of everything else posts, share, engagement and mood."""
_WORDS: Final[dict[str, str]] = {
    "brand": "topics", "topic": "topics", "keyword": "keywords", "tag": "tags", "platform": "platforms",
    "group": "groups",
}  # fmt: skip
"""Dimensions whose items are filters on posts."""


@dataclass(frozen=True, slots=True)
class Side:
    """One item: its posts, its name, the days that its window has (of a period), its accounts (where it is one)."""

    name: str
    posts: tuple[posts.Candidate, ...]
    days: int | None = None
    since: int | None = None
    until: int | None = None
    accounts: tuple[int, ...] = ()

    @property
    def authors(self) -> int:
        """Different people behind the posts."""
        return len({p.author for p in self.posts if p.author is not None})


def measures_of(step: Step) -> tuple[str, ...]:
    """What the step compares."""
    return step.measure or DEFAULT.get(step.dimension or "", ("count", "share", "engagement", "sentiment"))


def dimension_of(project: Project, step: Step) -> str:
    """The dimension said, or what the items are: periods, groups that are stored, else words."""
    if step.periods:
        return "period"
    if step.dimension:
        return step.dimension
    sql = "select 1 from group_ where name in (?, ?, ?)"
    known = [bool(project.one(sql, posts.group_names(name))) for name in step.items]
    return "group" if known and all(known) else "brand"


def windows(step: Step) -> list[Step]:
    """The step once for each of its periods."""
    return [msgspec.structs.replace(step, since=a, until=b, periods=(), items=()) for a, b in step.periods]


def period_name(since: date, until: date) -> str:
    """A window as a name."""
    return f"{since.isoformat()}…{until.isoformat()}"


def sides(project: Project, step: Step, dimension: str, kept: Sequence[posts.Candidate]) -> list[Side]:
    """The posts of ``kept`` that belong to each item; with fewer than two items, every group that there is.

    Raises NeedsAnswer("clarify.subject") where there is nothing to compare, BadInput for an unknown account.
    """
    items = list(dict.fromkeys(step.items))
    if dimension == "account" and items:
        return [_account(project, name, kept) for name in items]
    if dimension in _WORDS and items:
        return [Side(name, _holding(project, dimension, name, kept)) for name in items]
    key = facets.key(project, "region" if dimension == "city" else dimension, kept)
    if dimension in ("region", "city"):
        key = _places(project, kept)
    groups: dict[str, list[posts.Candidate]] = {name: [] for name in items}
    for post in kept:
        for name in key(post):
            if name in groups or (len(items) < 2 and name != facets.UNKNOWN):
                groups.setdefault(name, []).append(post)
    if len(groups) < 2:
        raise NeedsAnswer("clarify.subject")
    if items and len(items) > 1:
        return [Side(name, tuple(groups[name])) for name in items]
    return [Side(n, tuple(groups[n])) for n in sorted(groups, key=lambda n: (-len(groups[n]), n))][:20]


def _account(project: Project, name: str, kept: Sequence[posts.Candidate]) -> Side:
    found = rows.find_account(project, name)
    if not found:
        raise BadInput("person.unknown", who=name)
    accounts = tuple(people_map(project).all(found[0].id))
    return Side(name, tuple(p for p in kept if p.author in accounts), accounts=accounts)


def _holding(
    project: Project, dimension: str, name: str, kept: Sequence[posts.Candidate]
) -> tuple[posts.Candidate, ...]:
    step = msgspec.convert({"action": "find", _WORDS[dimension]: [name]}, Step)
    found = posts.select(project, step, date.max, among=[p.id for p in kept]).posts
    ids = {p.id for p in found}
    return tuple(p for p in kept if p.id in ids)


def _places(project: Project, kept: Sequence[posts.Candidate]) -> Callable[[posts.Candidate], list[str]]:
    """Province and city of the author, either of which may be meant."""
    facts = [facets.stated(project, fact) for fact in ("region", "city")]
    return lambda p: list(dict.fromkeys(v for fact in facts for v in fact.get(p.author or 0, ())))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said of two sides by one measure: ``low`` and ``high`` are the interval of what ``measure`` says.

    count: the first's part of both together (0.5: even); sentiment: second minus first; engagement: the chance that
    a post of the first draws more than one of the second.
    """

    measure: str
    first: Side
    second: Side
    value: float
    low: float
    high: float
    note: Note


def judge(measure: str, one: Side, two: Side, confidence: float = experiments.CONFIDENCE) -> Verdict | None:
    """Hold two sides against each other; None for measures of which no interval is known."""
    if measure in ("count", "share"):
        return _counts(one, two, confidence)
    if measure == "sentiment":
        return _moods(one, two, confidence)
    if measure in ("engagement", "likes", "comments", "shares", "saves", "views"):
        return _sizes(measure, one, two, confidence)
    return None


def _note(low: float, high: float, even: float, small: bool) -> Note:
    if small:
        return "small"
    return "open" if low <= even <= high else "sure"


def _counts(one: Side, two: Side, confidence: float) -> Verdict:
    """The part of the first in both: binomial with even chances, or by the days of two periods, if they are equal."""
    a, b = len(one.posts), len(two.posts)
    low, high = experiments.wilson(a, a + b, confidence)
    even = one.days / (one.days + two.days) if one.days and two.days else 0.5
    note = _note(low, high, even, a + b < experiments.SMALL)
    return Verdict("count", one, two, a / (a + b) if a + b else 0.5, low, high, note)


def _moods(one: Side, two: Side, confidence: float) -> Verdict | None:
    (good1, n1), (good2, n2) = _moods_of(one), _moods_of(two)
    if not n1 or not n2:
        return None
    gap, low, high = experiments.difference(good1, n1, good2, n2, confidence)
    return Verdict("sentiment", one, two, gap, low, high, _note(low, high, 0.0, min(n1, n2) < experiments.SMALL))


def _moods_of(side: Side) -> tuple[int, int]:
    known = [p.label for p in side.posts if p.label]
    return sum(label == "positive" for label in known), len(known)


def _sizes(measure: str, one: Side, two: Side, confidence: float) -> Verdict | None:
    """The chance that a post of the first draws more, ties half (Mann & Whitney 1947; Hanley & McNeil 1982)."""
    from scipy.stats import rankdata

    a, b = ([float(getattr(p, measure) or 0) for p in side.posts] for side in (one, two))
    if not a or not b:
        return None
    ranks = rankdata([*a, *b])[: len(a)].sum()
    chance = (ranks - len(a) * (len(a) + 1) / 2) / (len(a) * len(b))
    q1, q2 = chance / (2 - chance), 2 * chance * chance / (1 + chance)
    spread = chance * (1 - chance) + (len(a) - 1) * (q1 - chance**2) + (len(b) - 1) * (q2 - chance**2)
    half = experiments.z_of(confidence) * math.sqrt(max(0.0, spread) / (len(a) * len(b)))
    low, high = max(0.0, chance - half), min(1.0, chance + half)
    return Verdict(measure, one, two, float(chance), float(low), float(high),
                   _note(low, high, 0.5, min(len(a), len(b)) < experiments.SMALL))  # fmt: skip
