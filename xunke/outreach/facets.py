"""What posts and people are counted by: time, place, what people state, how large and how active they are.

A facet gives the names of the groups that a post or a person belongs to; "?" is what nobody stated. Nothing is guessed.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from xunke.clock import moment
from xunke.errors import UsageError
from xunke.storage import Project
from xunke.storage.persons import people_map

from .posts import Candidate

UNKNOWN: Final = "?"
TIMES: Final[Mapping[str, str]] = {"hour": "%H:00", "day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
STATED: Final = frozenset({"region", "gender", "age", "occupation", "interest"})
"""Facets that people state or platforms show of them."""
OF_PEOPLE: Final = STATED | {"tier", "followers", "activity", "engagement", "influence", "segment"}
"""Facets of people; of a post they are its author's."""
SIZES: Final[Sequence[tuple[str, int]]] = (
    ("nano", 0), ("koc", 5_000), ("tail", 10_000), ("waist", 100_000), ("head", 1_000_000),
)  # fmt: skip
"""Size classes that do not overlap, smallest first, each from so many followers (people.TIERS overlap)."""
FOLLOWERS: Final = (1_000, 10_000, 100_000, 1_000_000)
POSTS: Final = (2, 5, 10, 30)
ENGAGEMENT: Final = (1, 10, 100, 1_000)
TOP: Final = (0.01, 0.1, 0.5, 1.0)

Key = Callable[[Candidate], list[str]]


def band(value: float | None, bounds: Sequence[int]) -> str:
    """The band of a number: "<1000", "1000-9999", "≥1000000"."""
    if value is None:
        return UNKNOWN
    place = bisect_right(bounds, value)
    if place == 0:
        return f"<{bounds[0]}"
    return f"≥{bounds[-1]}" if place == len(bounds) else f"{bounds[place - 1]}-{bounds[place] - 1}"


def size_of(followers: int | None) -> str:
    """The size class of an account, each in one only."""
    return UNKNOWN if followers is None else [name for name, least in SIZES if followers >= least][-1]


def order_of(by: str, names: Iterable[str], sizes: Mapping[str, int]) -> list[str]:
    """Group names as they are shown: times and bands in their order, everything else the largest first."""
    if by in TIMES:
        return sorted(names)
    if by == "tier":
        classes = [name for name, _ in SIZES]
        return sorted(names, key=lambda n: classes.index(n) if n in classes else len(classes))
    if by in ("followers", "activity", "engagement", "influence"):
        return sorted(names, key=_start)
    return sorted(names, key=lambda n: (-sizes[n], n))


def _start(name: str) -> tuple[int, float]:
    digits = name.lstrip("<≥≤ top").replace("–", "-").partition("-")[0].rstrip("%")
    number = float(digits) if digits.replace(".", "", 1).isdigit() else float("inf")
    return (1, 0.0) if name == UNKNOWN else (0, -1.0 if name.startswith("<") else number)


def stated(project: Project, fact: str) -> dict[int, list[str]]:
    """{account: values} of a fact, surest first; one value only where there can be but one (region, gender, age)."""
    found: dict[int, list[str]] = defaultdict(list)
    sql = "select account, value from profile_fact where fact = ? order by account, confidence desc, value"
    for account, value in project.query(sql, (fact,)):
        if value not in found[account] and (fact in ("interest", "occupation") or not found[account]):
            found[account].append(value)
    for group in people_map(project).members.values():
        known = next((found[a] for a in group if found.get(a)), None)
        if known is not None:
            for account in group:
                found.setdefault(account, known)
    return dict(found)


def key(project: Project, by: str, kept: Sequence[Candidate], *, scores: Mapping[int, float] | None = None) -> Key:
    """What gives the group names of each of ``kept``. ``scores``: {account: share of people above} for influence.

    Raises UsageError("stats.by") for something that posts cannot be counted by.
    """
    if by in TIMES:
        return lambda p: [moment(p.created).strftime(TIMES[by])] if p.created is not None else [UNKNOWN]
    if by == "sentiment":
        return lambda p: [p.label or UNKNOWN]
    if by == "media":
        return lambda p: [p.media or UNKNOWN]
    if by in _SQL:
        return _read(project, by, kept)
    if by == "engagement":
        return lambda p: [band(p.engagement, ENGAGEMENT)]
    if by in OF_PEOPLE:
        of = person_key(project, by, kept, scores=scores)
        return lambda p: of(p.author) if p.author is not None else [UNKNOWN]
    raise UsageError("stats.by", by=by)


_SQL: Final[Mapping[str, str]] = {
    "platform": "select k.id, f.name from post_key k join platform f on f.id = k.platform where k.id in ({})",
    "tag": "select k.post, g.name from post_tag k join tag g on g.id = k.tag where k.post in ({})",
    "account": "select k.id, coalesce(a.name, '?') from post k join account a on a.id = k.author where k.id in ({})",
    "group": "select k.id, g.name from post k join group_ g on g.id = k.group_ where k.id in ({})",
}


def tags_of(project: Project, author: Mapping[int, int]) -> dict[int, set[str]]:
    """{person: their tags}, of the posts of ``author`` {post: person}."""
    found: dict[int, set[str]] = defaultdict(set)
    sql = _SQL["tag"].format("select value from json_each(?)")
    for post, name in project.each(sql, (json.dumps(list(author)),)):
        found[author[post]].add(name)
    return found


def _read(project: Project, by: str, kept: Sequence[Candidate]) -> Key:
    values: dict[int, list[str]] = defaultdict(list)
    listed = json.dumps([p.id for p in kept])
    for number, name in project.query(_SQL[by].format("select value from json_each(?)"), (listed,)):
        values[number].append(name)
    return lambda p: values.get(p.id, [UNKNOWN])


def person_key(
    project: Project, by: str, kept: Sequence[Candidate], *, scores: Mapping[int, float] | None = None
) -> Callable[[int], list[str]]:
    """What gives the group names of an account; ``kept`` are the posts by which activity and engagement are told."""
    if by in STATED:
        facts = stated(project, by)
        return lambda account: facts.get(account, [UNKNOWN])
    if by in ("tier", "followers"):
        sizes = dict(project.query("select id, followers from account"))
        if by == "tier":
            return lambda account: [size_of(sizes.get(account))]
        return lambda account: [band(sizes.get(account), FOLLOWERS)]
    if by in ("activity", "engagement"):
        mine: dict[int, list[Candidate]] = defaultdict(list)
        for post in kept:
            if post.author is not None:
                mine[post.author].append(post)
        if by == "activity":
            return lambda account: [band(len(mine.get(account, ())), POSTS)]
        return lambda account: [band(_mean([p.engagement for p in mine.get(account, ())]), ENGAGEMENT)]
    if by == "influence":
        above = scores or {}
        return lambda account: [f"top {next(share for share in TOP if above.get(account, 1.0) <= share):.0%}"]
    if by == "segment":
        named = segments(project)
        return lambda account: [named.get(account, UNKNOWN)]
    raise UsageError("stats.by", by=by)


def _mean(values: Sequence[int]) -> float | None:
    return sum(values) / len(values) if values else None


def segments(project: Project) -> dict[int, str]:
    """{account: segment} of the newest people result that holds segments."""
    result = project.one(
        "select max(id) from result where target = 'people' and json_extract(setting, '$.segments') is not null"
    )
    found = project.query("select item, json_extract(parts, '$.segment') from score where result = ?", (result or 0,))
    return {item: name for item, name in found if name}
