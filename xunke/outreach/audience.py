"""What an audience report tells beside the persona: who stands out, segments, ties, followers, coverage."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xunke.clock import moment
from xunke.events import Warned
from xunke.storage import Project, rows
from xunke.storage.persons import own_accounts, people_map

from . import advice, facets, lists
from .coverage import coverage
from .people import load
from .persona_rows import Whom

TOP = 10
TIED = 12


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody who stands out: reasons as message keys with parameters (``lists.reasons``), followers,
    best hours (``advice.time_code``)."""

    account: int
    platform: str
    name: str
    followers: int | None
    reasons: tuple[lists.Reason, ...]
    best: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows came from: what kind, which name, when last (UTC seconds), how many posts."""

    kind: str
    name: str
    fetched: int
    posts: int


@dataclass(frozen=True, slots=True)
class Audience:
    """``segments``: (name, people); ``ties``: accounts and (from, to, acts) among the top ones; ``followers``: of our
    own accounts, (day, followers) with the accounts' names; ``gaps``: what could not be seen, as message keys.
    """

    top: tuple[Someone, ...]
    segments: tuple[tuple[str, int], ...]
    grid: tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[int, ...], ...]]
    ties: tuple[tuple[Someone, ...], tuple[tuple[int, int, int], ...]]
    followers: tuple[tuple[str, int], ...]
    own: tuple[str, ...]
    sources: tuple[Source, ...]
    gaps: tuple[tuple[str, dict[str, Any]], ...]
    posts: int
    unnamed: int


def audience(project: Project, whom: Whom, until: int) -> Audience:
    """All of it as known at ``until`` (UTC seconds)."""
    listed = json.dumps(list(whom.accounts))
    posts = [row[0] for row in project.query(
        "select id from post where author in (select value from json_each(?)) and gone is null "
        "and (created is null or created <= ?) order by id", (listed, until),
    )]  # fmt: skip
    top = _top(project, whom)
    own = own_accounts(project)
    names = [row.name or row.native_id for row in rows.people(project, sorted(own))]
    gaps = tuple((event.code, event.params) for event in coverage(project, posts) if isinstance(event, Warned))
    undated = project.one(
        "select count(*) from post where created is null and author in (select value from json_each(?))", (listed,)
    )
    return Audience(
        tuple(top[:TOP]), _segments(project, whom), _grid(project, whom), _ties(project, top[:TIED]),
        _followers(project, sorted(own), until), tuple(names), _sources(project, posts), gaps, len(posts), undated or 0,
    )  # fmt: skip


def _top(project: Project, whom: Whom) -> list[Someone]:
    """The first of a list or result in its order with its reasons; else those with most engagement on their posts."""
    found: list[tuple[int, list[lists.Reason], str | None]] = []
    if whom.kind == "list" and whom.key is not None:
        sql = "select item, reason, best_time from list_member where list = ? order by rank limit 40"
        found = [(i, [(k, p) for k, p in json.loads(r or "[]")], b) for i, r, b in project.query(sql, (whom.key,))]
    elif whom.kind == "result" and whom.key is not None:
        sql = "select item, parts from score where result = ? order by rank limit 40"
        found = [
            (item, lists.reasons(project, json.loads(parts or "{}"), ()), None)
            for item, parts in project.query(sql, (whom.key,))
        ]
    else:
        sql = (
            "select author, count(*), sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0)) as acts "
            "from post where kind = 'post' and author in (select value from json_each(?)) group by author "
            "order by acts desc, author limit 40"
        )
        for account, n, acts in project.query(sql, (json.dumps(list(whom.accounts)),)):
            found.append((account, [("report.top.engagement", {"posts": n, "acts": acts})],
                          None))  # fmt: skip
    may = set(whom.accounts)
    persons = people_map(project)
    people = load(project, [i for i, *_ in found if persons.one(i) in may])
    tips = advice.advise(project, sorted(people))
    return [
        Someone(i, people[i].platform, people[i].name or people[i].native_id, people[i].followers, tuple(reasons),
                best or tips[i].best_time)
        for i, reasons, best in found if i in people
    ]  # fmt: skip


def _segment_of(project: Project) -> dict[int, str]:
    kept = "select m.account, s.name from segment_member m join segment s on s.id = m.segment order by s.id"
    return facets.segments(project) or dict(project.query(kept))


def _segments(project: Project, whom: Whom) -> tuple[tuple[str, int], ...]:
    of, may = _segment_of(project), set(whom.accounts)
    count = Counter(name for account, name in of.items() if account in may)
    return tuple(sorted(count.items(), key=lambda item: (-item[1], item[0]))[:12])


def _grid(project: Project, whom: Whom) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """People by platform and age, where both are known: the five largest of each."""
    ages = facets.stated(project, "age")
    platforms = dict(project.query(
        "select k.id, p.name from account_key k join platform p on p.id = k.platform "
        "where k.id in (select value from json_each(?))", (json.dumps(list(whom.accounts)),),
    ))  # fmt: skip
    pairs = Counter((platforms[a], ages[a][0]) for a in whom.accounts if a in platforms and ages.get(a))
    rows_ = [name for name, _ in Counter(p for p, _ in pairs.elements()).most_common(5)]
    columns = sorted(name for name, _ in Counter(a for _, a in pairs.elements()).most_common(7))
    return tuple(rows_), tuple(columns), tuple(tuple(pairs[r, c] for c in columns) for r in rows_)


def _ties(project: Project, top: Sequence[Someone]) -> tuple[tuple[Someone, ...], tuple[tuple[int, int, int], ...]]:
    place = {one.account: at for at, one in enumerate(top)}
    listed = json.dumps(sorted(place))
    found = project.query(
        "select actor, target, count(*) from interaction where actor in (select value from json_each(?1)) "
        "and target in (select value from json_each(?1)) and actor <> target group by actor, target "
        "order by actor, target", (listed,),
    )  # fmt: skip
    return tuple(top), tuple((place[a], place[b], n) for a, b, n in found)


def _followers(project: Project, own: Sequence[int], until: int) -> tuple[tuple[str, int], ...]:
    """Followers of our own accounts together by day: the newest count of each account up to that day."""
    sql = (
        "select account, t, followers from follower_snapshot where followers is not null and t <= ? "
        "and account in (select value from json_each(?)) order by t, account"
    )
    newest: dict[int, int] = {}
    days: dict[str, int] = {}
    for account, t, followers in project.query(sql, (until, json.dumps(list(own)))):
        newest[account] = followers
        if len(newest) == len(own):
            days[moment(t).strftime("%Y-%m-%d")] = sum(newest.values())
    return tuple(days.items())


def _sources(project: Project, posts: Sequence[int]) -> tuple[Source, ...]:
    sql = (
        "select s.kind, s.name, max(s.fetched), count(p.id) from post p join source s on s.id = p.source "
        "where p.id in (select value from json_each(?)) group by s.kind, s.name order by 4 desc, 2 limit 12"
    )
    return tuple(Source(*row) for row in project.query(sql, (json.dumps(list(posts)),)))
