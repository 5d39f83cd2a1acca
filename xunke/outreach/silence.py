"""谁最近不理我们了: people who dealt with our own accounts and have been quiet for longer than they ever were.

The rule, for each person by themselves: days on which they acted on us (any act but a follow) leave gaps; somebody is
silent if there were at least ``LEAST`` gaps, and the days since the last act are at least ``DAYS`` and more than
``TIMES`` times the longest gap so far. Of k gaps and one more of the same kind, the newest is the longest with chance
1 / (k + 1): that is told as the error, and the true one is smaller, as ``TIMES`` is above 1.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

from xunke.clock import ZONE, day_of
from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.schema import KINDS

from .people import barred

LEAST: Final = 3
DAYS: Final = 7
TIMES: Final = 1.5
_DAY: Final = 86_400
_ZONE: Final = int(ZONE.utcoffset(None).total_seconds())
_POSTS: Final = 50


@dataclass(frozen=True, slots=True)
class Silent:
    """Somebody who went quiet: days of contact, acts, the longest and the middle gap in days, days since the last act,
    its day (ISO), and the posts concerned, newest first."""

    account: int
    contacts: int
    acts: int
    longest: int
    usual: float
    quiet: int
    last: str
    posts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """The answer: who is silent, most days of contact first; ``judged`` had enough contact to say, of ``known`` people
    who ever acted on us; ``until``: the day (ISO) to which silence is counted, the newest that is stored."""

    silent: tuple[Silent, ...]
    judged: int
    known: int
    until: str


def find(project: Project, own: Sequence[int], until: int) -> Silence:
    """Who went quiet on the accounts ``own`` by ``until`` (UTC seconds, inclusive).

    Silence ends where the data ends: what was collected last week says nothing of this week.
    """
    persons, listed = people_map(project), json.dumps(list(own))
    newest = project.one("select max(t) from interaction where t between 1 and ?", (until,)) or until
    end = _day(min(until, int(newest)))
    rows = project.query(
        "select actor, t, post from interaction where target in (select value from json_each(:own)) "
        "and kind <> :follow and t between 1 and :until and actor not in (select value from json_each(:own)) "
        "order by t desc, post desc",
        {"own": listed, "follow": KINDS["follow"], "until": until},
    )
    days: dict[int, set[int]] = defaultdict(set)
    acts: dict[int, int] = defaultdict(int)
    posts: dict[int, list[int]] = defaultdict(list)
    for actor, t, post in rows:
        who = persons.one(actor)
        days[who].add(_day(t))
        acts[who] += 1
        if post and post not in posts[who] and len(posts[who]) < _POSTS:
            posts[who].append(post)
    hidden = barred(project, days)
    found, judged = [], 0
    for who, contact in days.items():
        if who in hidden or len(contact) <= LEAST:
            continue
        judged += 1
        order = sorted(contact)
        gaps = sorted(b - a for a, b in pairwise(order))
        quiet, longest = end - order[-1], gaps[-1]
        if quiet >= DAYS and quiet > TIMES * longest:
            middle = (gaps[(len(gaps) - 1) // 2] + gaps[len(gaps) // 2]) / 2
            last = day_of(order[-1] * _DAY).isoformat()
            found.append(Silent(who, len(order), acts[who], longest, middle, quiet, last, tuple(posts[who])))
    found.sort(key=lambda one: (-one.contacts, -one.quiet, one.account))
    return Silence(tuple(found), judged, len(days), day_of(end * _DAY).isoformat())


def _day(second: int) -> int:
    return (second + _ZONE) // _DAY


def parts(one: Silent) -> dict[str, Any]:
    """What is stored beside somebody in a result."""
    told = asdict(one)
    return {"silence": {k: v for k, v in told.items() if k not in ("account", "posts")}, "posts": list(one.posts)}


def lines(rank: int, total: int, stored: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Why somebody is in a result of the silent."""
    told = stored["silence"]
    return [
        ("why.rank", {"rank": rank, "total": total, "sort": "contacts"}),
        ("silence.why", {**told, "least": LEAST, "days": DAYS, "times": TIMES, "odds": odds(told["contacts"])}),
    ]


def odds(contacts: int) -> float:
    """How likely chance alone makes the newest gap the longest."""
    return 1 / contacts  # contacts − 1 gaps and the one that is open
