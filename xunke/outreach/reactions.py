"""Outcomes that can be seen in what was collected: who answered, liked, shared or followed us after a touch.

Run as often as one likes: what was written down once is found again and not written twice.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from xunke.clock import DAY
from xunke.storage import Project
from xunke.storage.persons import own_accounts, people_map
from xunke.storage.schema import KINDS

from . import touches
from .people import barred
from .touches import Touch

ATTRIBUTED: Final = 30 * DAY
"""So long after a touch a reaction belongs to it."""
_MEANS: Final = {
    KINDS["reply"]: "reply", KINDS["mention"]: "reply", KINDS["quote"]: "reply", KINDS["repost"]: "positive",
    KINDS["like"]: "like", KINDS["follow"]: "follow_back",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """A reaction of ``account`` at ``t`` (UTC seconds) to ``touch``; ``post``: theirs, else ours that it concerns."""

    account: int
    t: int
    kind: str
    touch: Touch
    post: int | None


def find(project: Project, until: int) -> list[Seen]:
    """Reactions by ``until`` that follow a touch of ours within 30 days, each person's in the order of time.

    Follows whose time nobody told count from the first complete list of followers that has them, if an earlier
    complete list does not.
    """
    own, persons = own_accounts(project), people_map(project)
    before: dict[int, list[Touch]] = defaultdict(list)
    for one in touches.touches(project, until=until):
        if one.happened:
            before[persons.one(one.account)].append(one)
    if not own or not before:
        return []
    listed = json.dumps(persons.spread(before))
    first = min(group[0].t for group in before.values())
    params = {"own": json.dumps(own), "who": listed, "since": first, "until": until, "follow": KINDS["follow"]}
    acts = project.query(
        "select i.actor, i.t, i.kind, coalesce((select p.id from post p where p.author = i.actor and p.created = i.t "
        "and i.kind in (1, 2, 3, 4) order by p.id limit 1), nullif(i.post, 0)) from interaction i "
        "where i.target in (select value from json_each(:own)) and i.actor in (select value from json_each(:who)) "
        "and i.t between :since and :until",
        params,
    )
    acts += project.query(
        "select f.account, min(f.first), :follow, null from follower f where f.own in (select value from "
        "json_each(:own)) and f.account in (select value from json_each(:who)) and f.first between :since and :until "
        "and exists (select 1 from follower_list l where l.own = f.own and l.complete = 1 and l.t < f.first) "
        "group by f.account",
        params,
    )
    kept_out = barred(project, {row[0] for row in acts})
    found: dict[tuple[int, str, int | None], Seen] = {}
    for account, t, kind, post in sorted(acts, key=lambda row: (row[1], row[0], row[2], row[3] or 0)):
        group = before[persons.one(account)]
        place = bisect_right([one.t for one in group], t)
        if account not in kept_out and place and t - group[place - 1].t <= ATTRIBUTED:
            name = _MEANS[kind]
            key = (persons.one(account), name, post)
            found.setdefault(key, Seen(account, t, name, group[place - 1], post))
    return sorted(found.values(), key=lambda one: (one.t, one.account, one.kind))


def take(project: Project, until: int) -> int:
    """Write down what was not yet; how many outcomes are new."""
    found = find(project, until)
    persons = people_map(project)

    def write(db: sqlite3.Connection) -> int:
        rows = db.execute("select account, kind, post, t from outcome where source = 'seen'")
        known = {(persons.one(row[0]), row[1], row[2] if row[2] is not None else row[3]) for row in rows}
        # a follow is one, whether an interaction or a list of followers told of it
        follows = {(who, kind) for who, kind, _ in known if kind == "follow_back"}
        new = 0
        for one in found:
            who = persons.one(one.account)
            mark = (who, one.kind, one.post if one.post is not None else one.t)
            if mark in known or (who, one.kind) in follows:
                continue
            known.add(mark)
            if one.kind == "follow_back":
                follows.add((who, one.kind))
            touches.insert_outcome(
                db, one.account, one.t, one.kind, None, one.touch.id, one.touch.campaign, one.touch.variant, one.post,
                "seen", None,
            )  # fmt: skip
            new += 1
        return new

    return project.writer.call(write) if found else 0
