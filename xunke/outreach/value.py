"""What somebody is worth to us, in points that can be counted again, and the class that follows.

value = current + potential + referral; each is a sum of (count × points), and every count has its rows.
Classes: negative 负值 (spam, hostile to us, or many touches and no answer), most 最有价值 (the upper fifth by what is
already there: current + referral), growth 最具成长潜力 (the upper fifth of the others by potential), ordinary 一般.
Nobody is dropped for being hostile: they get no marketing, and their complaint is to be seen to first.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from xunke.clock import DAY
from xunke.storage import Project

from . import touches
from .authentic import AccountSign, signs
from .segment_facts import DEPTH, Book

CLASSES: Final = ("most", "growth", "ordinary", "negative")
HALF_LIFE: Final = 90.0
"""Days after which an act towards us counts half."""
PURCHASE: Final = 10.0
INTENT_DAYS: Final = 90
INTENT: Final = 2.0
TOPIC: Final = 0.5
OWN_TOPICS: Final = 3
CAP: Final = 5
"""Open needs, and posts on our topics, that count at most."""
REACH: Final = 1.0
PASSED_ON: Final = 2.0
UPPER: Final = 0.2
"""The share that makes the upper class."""
LEAST: Final = 5
"""People with points below which no upper fifth is told."""
COSTLY: Final = 5
"""Touches in a row without any answer."""
HOSTILE: Final = 2
HOSTILE_DAYS: Final = 180
SPAM_POSTS: Final = 5
_INTENT_NEEDS: Final = frozenset({"ask_where", "compare", "want_to_buy", "seek_advice"})
_ANSWERS: Final = frozenset({*touches.GOOD, *touches.BAD})
"""Any echo, also an angry one: only who says nothing at all is costly."""


@dataclass(frozen=True, slots=True)
class Term:
    """One addend: ``count`` × ``points`` = ``adds`` (a decayed sum where acts fade), and the posts behind it."""

    name: str
    count: float
    points: float
    adds: float
    posts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Worth:
    """``kind``: the class; ``reasons`` (spam, hostile, costly) of a negative one with the number behind each."""

    kind: str
    current: float
    potential: float
    referral: float
    terms: tuple[Term, ...]
    reasons: tuple[tuple[str, float], ...] = ()

    @property
    def total(self) -> float:
        """Current, potential and referral value together."""
        return self.current + self.potential + self.referral

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "class": self.kind, "total": round(self.total, 3), "current": round(self.current, 3),
            "potential": round(self.potential, 3), "referral": round(self.referral, 3),
            "terms": [
                {"name": t.name, "count": t.count, "points": t.points, "adds": round(t.adds, 3), "posts": t.posts[:20]}
                for t in self.terms
            ],
            "reasons": [{"name": name, "n": n} for name, n in self.reasons],
        }  # fmt: skip


def value_of(project: Project, accounts: Iterable[int], today: date) -> dict[int, Worth]:
    """{account: Worth}. Posts must have been understood before, or needs and hostile words are not seen."""
    book = Book(project, today)
    found = worths(book)
    who = {account: book.who(account) for account in accounts}
    return {a: found[p] for a, p in who.items() if p is not None and p in found}


def unwanted(project: Project, today: date) -> dict[int, tuple[tuple[str, float], ...]]:
    """{account: reasons} of people of negative value, whom outreach leaves out unless it is told not to."""
    return {person: tuple(reasons) for person, reasons in _negative(Book(project, today)).items()}


def worths(book: Book) -> dict[int, Worth]:
    """{person: Worth} of everybody in the book."""
    terms: dict[int, dict[str, list[Term]]] = defaultdict(lambda: {"current": [], "potential": [], "referral": []})
    _current(book, terms)
    _potential(book, terms)
    _referral(book, terms)
    bad = _negative(book)
    sums = {
        p: {part: math.fsum(t.adds for t in terms[p][part]) for part in ("current", "potential", "referral")}
        for p in book.people
    }
    good = [p for p in book.people if p not in bad]
    most = upper({p: sums[p]["current"] + sums[p]["referral"] for p in good})
    growth = upper({p: sums[p]["potential"] for p in good if p not in most})
    out = {}
    for p in book.people:
        kind = "negative" if p in bad else "most" if p in most else "growth" if p in growth else "ordinary"
        flat = tuple(t for part in ("current", "potential", "referral") for t in terms[p][part])
        out[p] = Worth(kind, **sums[p], terms=flat, reasons=tuple(bad.get(p, ())))
    return out


def upper(points: Mapping[int, float], share: float = UPPER, least: int = LEAST) -> frozenset[int]:
    """The people with the most points: at most ``share`` of those who have any, ties in or out together; nobody where
    fewer than ``least`` have any, or where a tie is too wide.
    """
    having = sorted((v for v in points.values() if v > 0), reverse=True)
    if len(having) < least:
        return frozenset()
    room = max(1, int(share * len(having)))
    edge = having[room - 1]
    if sum(v >= edge for v in having) > room:  # a tie over the edge: only those above it
        higher = [v for v in having if v > edge]
        if not higher:
            return frozenset()
        edge = higher[-1]
    return frozenset(p for p, v in points.items() if v > 0 and v >= edge)


Terms = Mapping[int, dict[str, list[Term]]]


def _current(book: Book, terms: Terms) -> None:
    for person, acts in book.acts.items():
        for kind, weight in DEPTH.items():
            mine = [a for a in acts if a.kind == kind]
            if mine:
                # an act without a time counts as one half-life old
                faded = math.fsum(0.5 ** ((book.until - a.t) / DAY / HALF_LIFE if a.t else 1.0) for a in mine)
                posts = tuple(a.post for a in mine if a.post)
                terms[person]["current"].append(Term(kind, len(mine), weight, weight * faded, posts))
    bought: Counter[int] = Counter()
    for person, _ in book.authors("select account, id from purchase where coalesce(t, 0) <= :t", {"t": book.until}):
        bought[person] += 1
    for person, n in bought.items():
        terms[person]["current"].append(Term("purchase", n, PURCHASE, n * PURCHASE))


def own_topics(book: Book) -> tuple[str, ...]:
    """What our own posts are about most: up to ``OWN_TOPICS`` interests, of posts that have been understood."""
    found: Counter[str] = Counter()
    rows = book.project.query(
        "select f.detail from feature f join post p on p.id = f.post "
        "where p.author in (select value from json_each(?))",
        (json.dumps(sorted(book.own)),),
    )
    for (detail,) in rows:
        found.update({name for name, _ in json.loads(detail).get("interests", ())})
    return tuple(sorted(found, key=lambda n: (-found[n], n))[:OWN_TOPICS])


def _potential(book: Book, terms: Terms) -> None:
    topics = set(own_topics(book))
    intent: Counter[int] = Counter()
    on_topic: Counter[int] = Counter()
    for post in book.told(book.until - INTENT_DAYS * DAY + 1):
        if topics and not topics.intersection(post.interests):
            continue
        on_topic[post.person] += bool(topics)
        intent[post.person] += not _INTENT_NEEDS.isdisjoint(post.needs)
    for person, who in book.people.items():
        mine = terms[person]["potential"]
        for name, found, points in (("intent", intent, INTENT), ("topic", on_topic, TOPIC)):
            if n := min(CAP, found[person]):
                mine.append(Term(name, n, points, n * points))
        if (intent[person] or on_topic[person]) and who.followers:
            size = math.log10(1 + who.followers)
            mine.append(Term("reach", round(size, 3), REACH, size * REACH))


def _referral(book: Book, terms: Terms) -> None:
    """What came of their passing us on: reposts and quotes, by others, of the post in which they did."""
    rows = book.authors(
        "with ours as (select id from post where author in (select value from json_each(:own))), "
        "theirs as (select id, author from post where (repost_of in ours or quote_of in ours or "
        "(kind = 'repost' and root in ours)) and coalesce(created, 0) <= :until) "
        "select t.author, t.id, count(distinct c.id) from theirs t join post c "
        "on (c.repost_of = t.id or c.quote_of = t.id) "
        "and c.author <> t.author and coalesce(c.created, 0) <= :until group by t.id",
        {"own": json.dumps(sorted(book.own)), "until": book.until},
    )
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for person, (post, n) in rows:
        found[person].append((post, n))
    for person, passed in found.items():
        n = sum(n for _, n in passed)
        posts = tuple(post for post, _ in passed)
        terms[person]["referral"].append(Term("downstream", n, PASSED_ON, n * PASSED_ON, posts))


def _negative(book: Book) -> dict[int, list[tuple[str, float]]]:
    """{person: reasons and the number behind each} of who is not to be approached by default."""
    out: dict[int, list[tuple[str, float]]] = defaultdict(list)
    spam: dict[int, list[float]] = defaultdict(list)
    for person, p in book.numbers("spam"):
        spam[person].append(p)
    judged: Mapping[int, AccountSign] = signs(book.project, list(book.people))
    for person in book.people:
        mine = spam.get(person, ())
        sign = judged.get(person)
        if len(mine) >= SPAM_POSTS and sum(mine) / len(mine) > 0.5:
            out[person].append(("spam", round(sum(mine) / len(mine), 3)))
        elif sign is not None and sign.is_spam:
            out[person].append(("spam", round(sign.p_spam, 3)))
        words = [w for w in book.to_us.get(person, ()) if (w[1] or 0) > book.until - HOSTILE_DAYS * DAY and w[2]]
        angry = sum(w[2] == "negative" for w in words)
        if angry >= HOSTILE and 2 * angry > len(words):
            out[person].append(("hostile", angry))
    for person, n in _unanswered(book).items():
        if n >= COSTLY:
            out[person].append(("costly", n))
    return dict(out)


def _unanswered(book: Book) -> dict[int, int]:
    """{person: touches done since their last answer of any kind}."""
    answered: dict[int, int] = {p: acts[-1].t for p, acts in book.acts.items()}
    kinds: Sequence[str] = sorted(_ANSWERS)
    rows = book.authors(
        "select account, max(t) from outcome where undone is null and t <= :until and kind in "
        "(select value from json_each(:kinds)) group by account", {"until": book.until, "kinds": json.dumps(kinds)},
    )  # fmt: skip
    for person, (t,) in rows:
        answered[person] = max(t, answered.get(person, 0))
    out: Counter[int] = Counter()
    sql = f"select account, t from touch where {touches.IS_TRUE} and t <= :until"
    for person, (t,) in book.authors(sql, {"until": book.until}):
        out[person] += t > answered.get(person, -1)
    return dict(out)
