"""What people need, for those who make the product (O41); and whom to invite to make it with us.

A need is counted by people, not by posts; each row names its posts. Invited are people who told us what to make better
or praise us, who dealt with us on several days, and whose last word is no complaint that waits for an answer.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from xunke.clock import DAY, day_of
from xunke.storage import Project

from . import queues
from .experiments import wilson
from .people import barred_all
from .personas import may_quote
from .segment_facts import Book
from .told import AD, OFFERS
from .value import worths

WINDOW: Final = 90
TREND: Final = 30
LEAST: Final = 2
"""People from which a need is listed."""
IDEA: Final = re.compile(
    r"建议|希望(?!大家|你们?都)|要是能|如果能|能不能(?:出|加|做|有)|可以(?:出|加|做)个|求出|什么时候(?:出|上)|改进"
    r"|想要.{0,6}(?:口味|款|色|规格|包装)"
)
"""Words by which somebody says what should be made or made better."""
DAYS: Final = 2
"""Days with a dealing from which somebody may be invited."""


@dataclass(frozen=True, slots=True)
class Need:
    """``people`` told ``need`` (a code) about ``thing`` (as written, else the interest of the post) in ``posts``.

    ``low`` and ``high``: 95 % of their share of ``of`` people read; ``before``: people of the 30 days before the newest
    30 (``lately``).
    """

    need: str
    thing: str | None
    people: int
    of: int
    low: float
    high: float
    lately: int
    before: int
    posts: tuple[int, ...]
    quote: str


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody to make it with: ``ideas`` (posts to us that say what to make better), ``praise`` posts, ``days`` with a
    dealing; ``score`` = 2 × ideas + praise + days, each at most 5.
    """

    account: int
    ideas: tuple[int, ...]
    praise: int
    days: int
    score: int


def needs(book: Book, among: Collection[int] | None = None) -> list[Need]:
    """Needs of the last ``WINDOW`` days, those of most people first; of people ``among`` whom it is asked."""
    since = book.until - WINDOW * DAY
    found: dict[tuple[str, str | None], list[tuple[int, int, int, str]]] = defaultdict(list)
    read: set[int] = set()
    rows = book.authors(
        "select p.author, p.id, p.created, coalesce(f.spam, 0), f.detail from feature f join post p on p.id = f.post "
        "where p.gone is null and p.kind <> 'repost' and p.created between :since and :until order by p.created desc, "
        "p.id desc", {"since": since, "until": book.until},
    )  # fmt: skip
    for person, (post, t, spam, raw) in rows:
        if spam >= AD or (among is not None and person not in among):
            continue
        read.add(person)
        detail = json.loads(raw)
        for name, _ in detail.get("needs", ()):
            if name in OFFERS or name == "recommend":
                continue
            topics = detail.get("interests", ())
            thing = detail.get("about", {}).get(name) or (topics[0][0] if topics else None)
            told = str(detail.get("quotes", {}).get(name, ""))
            told = told if may_quote(told) else ""
            found[name, str(thing) if thing else None].append((person, post, t, told))
    out = []
    for (name, thing), hits in found.items():
        people = {person for person, *_ in hits}
        if len(people) < LEAST:
            continue
        lately = {p for p, _, t, _ in hits if t > book.until - TREND * DAY}
        before = {p for p, _, t, _ in hits if book.until - 2 * TREND * DAY < t <= book.until - TREND * DAY}
        quote = max((words for *_, words in hits), key=lambda w: (min(len(w), 40), w))
        low, high = wilson(len(people), len(read))
        out.append(Need(name, thing, len(people), len(read), low, high, len(lately), len(before),
                        tuple(post for _, post, _, _ in hits), quote))  # fmt: skip
    return sorted(out, key=lambda n: (-n.people, n.need, n.thing or ""))


def recruits(project: Project, book: Book, *, now: int) -> tuple[list[Invited], Counter[str]]:
    """Whom to invite, the most promising first, and how many were left out for which reason."""
    words: dict[int, list[tuple[int, int, str | None, str]]] = defaultdict(list)
    listed = {post: person for person, found in book.to_us.items() for post, *_ in found}
    texts = {row.id: row for row in queues.read(project, listed)}
    for post, person in listed.items():
        if (row := texts.get(post)) is not None and row.spam < AD:
            words[person].append((row.created, post, row.label, row.text))
    hidden, worth, left = barred_all(project, words), worths(book), Counter[str]()
    persons = book.persons
    waiting = {persons.one(row.author) for row in queues.inbox(project, list(listed), now=now).rows
               if row.kind == "complaint" and row.state == "open"}  # fmt: skip
    out = []
    for person, said in words.items():
        ideas = tuple(post for _, post, _, text in sorted(said, reverse=True) if IDEA.search(text))
        praise = sum(label == "positive" for *_, label, _ in said)
        days = len({day_of(a.t) for a in book.acts.get(person, ()) if a.t} | {day_of(t) for t, *_ in said if t})
        if not (ideas or praise >= 2) or days < DAYS:
            continue
        if person in hidden:
            left[hidden[person].removeprefix("funnel.")] += 1
        elif person in worth and worth[person].kind == "negative":
            left["negative"] += 1
        elif persons.one(person) in waiting:
            left["angry"] += 1
        else:
            score = 2 * min(5, len(ideas)) + min(5, praise) + min(5, days)
            out.append(Invited(person, ideas, praise, days, score))
    return sorted(out, key=lambda i: (-i.score, i.account)), left
