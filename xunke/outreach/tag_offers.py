"""Tags that somebody's own posts speak for and that nobody stated: offered, accepted or rejected by a person (C4, S17).

A tag is an interest, or what somebody cares about when they buy. It is offered from ``LEAST`` posts on ``DAYS`` days of
the last half year on, never guessed from other people. What a user answers is kept: an accepted tag is a stated fact of
origin ``user`` that grows old like any other and is offered again while posts still speak for it; a rejected one is not
offered again. A tag that users reject more often than they accept comes last, and then no more.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.clock import DAY, day_of
from xunke.storage import Project, acts
from xunke.storage.persons import people_map
from xunke.storage.project import write_audit

from .cares import cares
from .experiments import wilson
from .freshness import KEEP
from .people import barred_all
from .told import AD
from .value import unwanted

FACTS: Final = ("interest", "cares")
LEAST: Final = 3
DAYS: Final = 2
FRESH: Final = KEEP["interest"] or 180
"""Days for which posts count, and for which an accepted tag holds."""
DOUBTED: Final = 5
"""Rejections from which a tag that is mostly rejected is no longer offered."""
_READ: Final = (
    "select p.author, p.id, p.created, coalesce(p.title || ' ', '') || p.text, f.detail from post p "
    "join feature f on f.post = p.id where p.author is not null and p.gone is null and p.kind <> 'repost' "
    "and coalesce(f.spam, 0) < :ad and p.created between :since and :now {who} order by p.created desc, p.id desc"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A tag for somebody: ``posts`` (newest first) on ``days`` days, of ``read`` posts; ``score`` 0..1: the lower bound
    of that share (Wilson 1927) × how often such a tag is accepted; ``again``: it was accepted and has expired.
    """

    account: int
    fact: str
    value: str
    posts: tuple[int, ...]
    days: int
    read: int
    score: float
    again: bool


@dataclass(frozen=True, slots=True)
class Offers:
    """Offers, the surest first; ``doubted``: tags that are no longer offered, as users reject them."""

    found: tuple[Offer, ...]
    doubted: tuple[str, ...]


def offers(project: Project, *, now: int, among: Collection[int] | None = None) -> Offers:
    """Tags for people (None: everybody) at ``now`` (UTC seconds). Posts must have been analysed; people who are barred,
    decline or are of negative value (advertising, hostile) get none.
    """
    persons, since = people_map(project), now - FRESH * DAY
    spread = None if among is None else json.dumps(persons.spread(among))
    who = "" if spread is None else "and p.author in (select value from json_each(:who))"
    params = {"since": since, "now": now, "ad": AD} | ({} if spread is None else {"who": spread})
    seen: dict[int, dict[tuple[str, str], list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    read: dict[int, int] = defaultdict(int)
    care = cares(project)
    for author, post, created, text, detail in project.query(_READ.format(who=who), params):
        person = persons.one(author)
        read[person] += 1
        tags = {("interest", str(name)) for name, _ in json.loads(detail).get("interests", ())}
        tags |= {("cares", name) for name, words in care.items() if any(word in text for word in words)}
        for tag in tags:
            seen[person][tag].append((post, created))
    known, answered = _known(project, persons.one), _answered(project, persons.one)
    rate, doubted = _learned(answered)
    out, hidden = [], {**barred_all(project, seen), **{persons.one(a): "" for a in unwanted(project, day_of(now))}}
    for person, tags_of in seen.items():
        if person in hidden:
            continue
        for (fact, value), posts in tags_of.items():
            days = len({day_of(t) for _, t in posts})
            answer = answered.get((person, fact, value))
            again = answer is not None and answer[0] and answer[1] < since
            if (
                len(posts) < LEAST or days < DAYS or value in doubted.get(fact, ())
                or (answer is not None and not again) or ((person, fact, value) in known and not again)
            ):  # fmt: skip
                continue
            score = wilson(len(posts), read[person])[0] * rate.get((fact, value), 0.5)
            ids = tuple(post for post, _ in posts)
            out.append(Offer(person, fact, value, ids, days, read[person], round(score, 6), again))
    out.sort(key=lambda o: (-o.score, -len(o.posts), o.account, o.fact, o.value))
    return Offers(tuple(out), tuple(sorted(value for values in doubted.values() for value in values)))


def _known(project: Project, one: Any) -> set[tuple[int, str, str]]:
    listed = json.dumps(FACTS)
    sql = "select account, fact, value from profile_fact where fact in (select value from json_each(?))"
    return {(one(account), fact, value) for account, fact, value in project.query(sql, (listed,))}


def _answered(project: Project, one: Any) -> dict[tuple[int, str, str], tuple[bool, int]]:
    rows = project.query("select account, fact, value, good, t from tag_verdict order by t, account")
    return {(one(account), fact, value): (bool(good), t) for account, fact, value, good, t in rows}


def _learned(
    answered: Mapping[tuple[int, str, str], tuple[bool, int]],
) -> tuple[dict[tuple[str, str], float], dict[str, set[str]]]:
    """How often each tag is accepted (with two of each before the first answer), and the tags that mostly are not."""
    count: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for (_, fact, value), (good, _) in answered.items():
        count[fact, value][good] += 1
    rate = {tag: (yes + 2) / (yes + no + 4) for tag, (no, yes) in count.items()}
    doubted: dict[str, set[str]] = defaultdict(set)
    for (fact, value), (no, yes) in count.items():
        if no >= DOUBTED and wilson(yes, yes + no)[1] < 0.5:
            doubted[fact].add(value)
    return rate, doubted


def answer(
    project: Project, tags: Sequence[tuple[int, str, str]], good: bool, *, now: int, run: int | None = None
) -> int:
    """Accept or reject tags (account, fact, value); how many. Can be taken back."""

    def write(db: sqlite3.Connection) -> int:
        before = [_put(db, tag, (good, now)) for tag in tags]
        rows = [[*tag, was] for tag, was in zip(tags, before, strict=True)]
        name = "、".join(dict.fromkeys(tag[2] for tag in tags))
        acts.note(db, "tag_verdict", {"rows": rows, "good": good, "name": name}, run)
        write_audit(db, "accept_tags" if good else "reject_tags", {"tags": len(tags)})
        return len(tags)

    return project.writer.call(write) if tags else 0


def _put(db: sqlite3.Connection, tag: tuple[int, str, str], to: Sequence[Any] | None) -> list[Any] | None:
    """Set the answer about a tag, and the fact that goes with it; the answer before."""
    where = "where account = ? and fact = ? and value = ?"
    before = db.execute(f"select good, t from tag_verdict {where}", tag).fetchone()
    db.execute(f"delete from tag_verdict {where}", tag)
    db.execute(f"delete from profile_fact {where} and origin = 'user'", tag)
    if to is not None and db.execute("select 1 from account_key where id = ?", tag[:1]).fetchone():
        db.execute("insert into tag_verdict(account, fact, value, good, t) values (?, ?, ?, ?, ?)", (*tag, *to))
        if to[0]:
            db.execute(
                "insert into profile_fact(account, fact, value, origin, confidence) values (?, ?, ?, 'user', 1.0)", tag
            )
    return None if before is None else list(before)


def take_back(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of ``answer``, inside a transaction."""
    for account, fact, value, before in detail["rows"]:
        _put(db, (account, fact, value), before)
    return {"n": len(detail["rows"])}
