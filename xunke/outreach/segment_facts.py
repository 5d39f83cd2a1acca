"""What is known of every person for rules, matrices, values and stages: read from rows once, column by column.

People are counted once whatever number of accounts they have, and stand as one account. Who may appear nowhere
(do-not-contact list, under 18) and our own accounts are in no segment. All times are UTC seconds up to the end of
``today`` (China time): rows after it do not count.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec

from xunke.clock import DAY, day_of, end_of, moment
from xunke.i18n import messages
from xunke.storage import Project
from xunke.storage.persons import own_accounts, people_map
from xunke.storage.schema import KINDS
from xunke.text import fold

from .cares import cares
from .people import Person, barred, load
from .segment_fields import WORDS
from .segment_rules import Test, Value
from .touches import IS_TRUE

DEPTH: Final[Mapping[str, float]] = {"follow": 1, "like": 1, "mention": 2, "reply": 3, "quote": 4, "repost": 4}
"""What one act towards our account is worth: the more it takes, the more it says."""
PARTS: Final = ("night", "morning", "afternoon", "evening")
PART_POSTS: Final = 5
"""Posts from which somebody's usual part of the day is told."""
_CODES: Final = {code: name for name, code in KINDS.items()}
Column = Callable[[int], Value]


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did towards an account of ours: kind, UTC seconds (0: not told), the post concerned (0: none)."""

    kind: str
    t: int
    post: int


class Told(NamedTuple):
    """What a post of somebody tells: names of interests, needs and life events."""

    person: int
    interests: tuple[str, ...]
    needs: tuple[str, ...]
    life_events: tuple[str, ...]


class Book:
    """Everybody in the project, and columns of what is known of them on ``today``."""

    def __init__(self, project: Project, today: date) -> None:
        self.project, self.today, self.until = project, today, end_of(today)
        self.persons = people_map(project)
        self.own = frozenset(self.persons.spread(own_accounts(project)))
        everybody = load(project)
        self.barred = barred(project, everybody)
        mine = {self.persons.one(account) for account in self.own}
        self.people: dict[int, Person] = {
            a: p for a, p in sorted(everybody.items()) if a not in self.barred and self.persons.one(a) not in mine
        }
        self._who = {other: a for a in self.people for other in self.persons.all(a)}
        self._columns: dict[tuple[str, int | None, object], Column] = {}
        self._told: dict[int, list[Told]] = {}

    def who(self, account: int | None) -> int | None:
        """The account by which the person of ``account`` stands here; None for somebody who is not in the book."""
        return None if account is None else self._who.get(account)

    def column(self, test: Test) -> Column:
        """What is known of each person about the field of ``test``."""
        words = test.value if test.field == "said" else None
        key = (test.field, test.days, words)
        if key not in self._columns:
            known = LOADERS[test.field](self, test)
            self._columns[key] = known.get
        return self._columns[key]

    def facet(self, name: str) -> Column:
        """What is known of each person about a field, without a window."""
        return self.column(Test(name, "known", ()))

    def since(self, test: Test) -> int:
        """The first second that counts."""
        return 0 if test.days is None else self.until + 1 - test.days * DAY

    def authors(self, sql: str, params: Mapping[str, object] | None = None) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """(person, the row's other values) of rows whose first value is an account."""
        who = self._who.get
        for row in self.project.each(sql, params or {}):
            if (person := who(row[0])) is not None:
                yield person, row[1:]

    @cached_property
    def acts(self) -> dict[int, list[Act]]:
        """{person: what they did towards our accounts, oldest first}; nobody who did nothing."""
        found: dict[int, list[Act]] = defaultdict(list)
        rows = self.authors(
            "select actor, kind, t, post from interaction where target in (select value from json_each(:own)) "
            "and t <= :until order by t, kind, post", {"own": json.dumps(sorted(self.own)), "until": self.until},
        )  # fmt: skip
        for person, (kind, t, post) in rows:
            found[person].append(Act(_CODES[kind], t, post))
        return dict(found)

    @cached_property
    def to_us(self) -> dict[int, list[tuple[int, int | None, str | None, float | None, dict[str, Any]]]]:
        """{person: (post, time, label, spam, detail) of what they wrote that answers, passes on or names us}."""
        found: dict[int, list[tuple[int, int | None, str | None, float | None, dict[str, Any]]]] = defaultdict(list)
        rows = self.authors(
            "with ours as (select id from post where author in (select value from json_each(:own))), "
            "words as (select id, author, created from post where reply_to in ours or root in ours or "
            "repost_of in ours or quote_of in ours or id in (select post from mention where account "
            "in (select value from "
            "json_each(:own)))) select w.author, w.id, w.created, f.label, f.spam, f.detail from words w "
            "left join feature f on f.post = w.id where coalesce(w.created, 0) <= :until order by w.id",
            {"own": json.dumps(sorted(self.own)), "until": self.until},
        )  # fmt: skip
        for person, (post, t, label, spam, detail) in rows:
            found[person].append((post, t, label, spam, msgspec.json.decode(detail) if detail else {}))
        return dict(found)

    def told(self, since: int = 0) -> list[Told]:
        """What each post that was analysed tells, from the second ``since`` on (0: also those without a time)."""
        if since not in self._told:
            from .told_in import names

            rows = self.authors(
                "select p.author, f.detail from feature f join post p on p.id = f.post "
                "where coalesce(p.created, 0) between :since and :until order by p.id",
                {"since": since, "until": self.until},
            )
            self._told[since] = [Told(person, *names(detail)) for person, (detail,) in rows]
        return self._told[since]

    def numbers(self, name: str) -> Iterator[tuple[int, float]]:
        """(person, ``sentiment`` or ``spam``) of each post that was analysed."""
        rows = self.authors(
            f"select p.author, f.{name} from feature f join post p on p.id = f.post where f.{name} is not null "
            "and coalesce(p.created, 0) <= :until order by p.id", {"until": self.until},
        )  # fmt: skip
        return ((person, number) for person, (number,) in rows)

    @cached_property
    def unanalysed(self) -> list[int]:
        """Posts of these people and our own that have not been understood yet."""
        rows = self.project.query(
            "select id, author from post where coalesce(created, 0) <= ? and author is not null "
            "and id not in (select post from feature) and gone is null order by id", (self.until,),
        )  # fmt: skip
        return [post for post, author in rows if author in self.own or self.who(author) is not None]


def synonyms(field: str, words: Iterable[str]) -> tuple[str, ...]:
    """The folded codes that words of a rule mean: 评论 is reply, 上海市 is 上海, 求推荐 is seek_advice."""
    out = []
    for word in words:
        folded = fold(word)
        if field in ("region", "city"):
            from nlp.places import normalize_place

            place = normalize_place(word)
            if place is not None:
                folded = fold(place.province if field == "region" else place.city or word)
        code = WORDS.get(field, {}).get(folded) or _named(field).get(folded)
        out.append(fold(code) if code else folded)
    return tuple(out)


def _named(field: str) -> dict[str, str]:
    """{folded text on the screen: code} of needs and life events."""
    family = {"need": "nlp.need.", "life_event": "nlp.event."}.get(field)
    if family is None:
        return {}
    found = {k.removeprefix(family): texts for k, texts in messages().items() if k.startswith(family)}
    return {fold(text): code for code, texts in found.items() for text in texts.values()}


# -- columns -------------------------------------------------------------------------------------------------------

Known = Mapping[int, Value]
Loader = Callable[[Book, Test], Known]


def _sets(pairs: Iterable[tuple[int, str | None]]) -> dict[int, Value]:
    found: dict[int, set[str]] = defaultdict(set)
    folded = _Folded()
    for person, word in pairs:
        if word:
            found[person].add(folded[word])
    return {person: frozenset(words) for person, words in found.items()}


class _Folded(dict[str, str]):
    """Each word folded once."""

    def __missing__(self, word: str) -> str:
        self[word] = fold(word)
        return self[word]


def _whole(book: Book, pairs: Iterable[tuple[int, str | None]]) -> dict[int, Value]:
    """Sets where no row means that there is none: lists, marks, acts."""
    return dict.fromkeys(book.people, frozenset()) | _sets(pairs)


def _counts(book: Book, found: Mapping[int, float]) -> dict[int, Value]:
    """Counts of stored rows: no row is nought."""
    return {person: float(found.get(person, 0)) for person in book.people}


def _stated(fact: str) -> Loader:
    return lambda book, _: _sets((p.id, v) for p in book.people.values() for v in p.stated(fact))


def _of_person(read: Callable[[Person], str | None]) -> Loader:
    return lambda book, _: _sets((p.id, read(p)) for p in book.people.values())


def _column(name: str) -> Loader:
    def run(book: Book, _: Test) -> Known:
        found: dict[int, Value] = {}
        for person, (value,) in book.authors(f"select id, {name} from account where {name} is not null"):
            found[person] = max(float(value), known if isinstance(known := found.get(person), float) else 0.0)
        return found

    return run


def _interest(book: Book, test: Test) -> Known:
    stated = ((p.id, v) for p in book.people.values() for v in p.stated("interest"))
    written = ((post.person, name) for post in book.told() for name in post.interests)
    return _sets([*stated, *written])


def _told(names: Callable[[Told], tuple[str, ...]]) -> Loader:
    def run(book: Book, test: Test) -> Known:
        found = _sets((post.person, name) for post in book.told(book.since(test)) for name in names(post))
        seen = book.authors(
            "select distinct p.author from post p join feature f on f.post = p.id "
            "where coalesce(p.created, 0) <= :until",
            {"until": book.until},
        )
        return {**{person: frozenset[str]() for person, _ in seen}, **found}

    return run


def _tag(book: Book, test: Test) -> Known:
    rows = book.authors(
        "select p.author, g.name from post_tag x join tag g on g.id = x.tag join post p on p.id = x.post "
        "where coalesce(p.created, 0) between :since and :until", {"since": book.since(test), "until": book.until},
    )  # fmt: skip
    return _sets((person, name) for person, (name,) in rows)


def _group(book: Book, _: Test) -> Known:
    rows = book.authors("select m.account, g.name from membership m join group_ g on g.id = m.group_")
    return _sets((person, name) for person, (name,) in rows)


def _said(book: Book, test: Test) -> Known:
    """Whose posts, or profile, hold the words asked for; unknown of people of whom nothing was read."""
    words = test.value if isinstance(test.value, tuple) else ()
    return _searched(book, {word: (word,) for word in words}, book.since(test), profile=test.days is None)


def _cares(book: Book, test: Test) -> Known:
    found: dict[int, Value] = dict(_searched(book, cares(book.project), book.since(test), profile=True))
    for person in book.people.values():
        if said := person.stated("cares"):
            before = found.get(person.id)
            found[person.id] = frozenset(map(fold, said)) | (before if isinstance(before, frozenset) else frozenset())
    return found


def _searched(book: Book, wanted: Mapping[str, Iterable[str]], since: int, *, profile: bool) -> Known:
    folded = {name: [fold(word) for word in words] for name, words in wanted.items()}
    rows: list[tuple[int, str]] = [
        (person, text) for person, (text,) in book.authors(
            "select author, coalesce(title, '') || ' ' || text from post where gone is null and kind <> 'repost' "
            "and coalesce(created, 0) between :since and :until", {"since": since, "until": book.until},
        )
    ]  # fmt: skip
    if profile:
        rows += [(p.id, p.bio) for p in book.people.values() if p.bio]
    found: dict[int, Value] = {person: frozenset() for person, _ in rows}
    hits: list[tuple[int, str | None]] = []
    for person, text in rows:
        low = fold(text)
        hits += [(person, name) for name, words in folded.items() if any(word in low for word in words)]
    return found | _sets(hits)


def _daypart(book: Book, _: Test) -> Known:
    found: dict[int, Counter[str]] = defaultdict(Counter)
    rows = book.authors("select author, created from post where created <= :until", {"until": book.until})
    for person, (t,) in rows:
        found[person][PARTS[moment(t).hour // 6]] += 1
    return {
        person: frozenset((max(PARTS, key=lambda part: count[part]),))
        for person, count in found.items()
        if count.total() >= PART_POSTS
    }


def _posts(book: Book, test: Test) -> Known:
    rows = book.authors(
        "select author, count(*) from post where author is not null and (created is null or created <= :until) and "
        "coalesce(created, 0) >= :since group by author", {"since": book.since(test), "until": book.until},
    )  # fmt: skip
    found: Counter[int] = Counter()
    for person, (n,) in rows:
        found[person] += n
    return _counts(book, found)


def _last_active(book: Book, _: Test) -> Known:
    last: dict[int, int] = {}
    sql = (
        "select author, max(created) from post where created <= :until and author is not null group by author "
        "union all select actor, max(t) from interaction where t between 1 and :until group by actor"
    )
    for person, (t,) in book.authors(sql, {"until": book.until}):
        last[person] = max(t, last.get(person, 0))
    return {person: float((book.today - day_of(t)).days) for person, t in last.items()}


def _engagement(book: Book, _: Test) -> Known:
    rows = book.authors(
        "select author, sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) + coalesce(saves, 0)), "
        "count(*) from post where author is not null and kind <> 'repost' and coalesce(created, 0) <= :until and "
        "coalesce(likes, comments, shares, saves) is not null group by author", {"until": book.until},
    )  # fmt: skip
    sums: dict[int, tuple[int, int]] = {}
    for person, (drew, n) in rows:
        before = sums.get(person, (0, 0))
        sums[person] = before[0] + drew, before[1] + n
    return {person: drew / n for person, (drew, n) in sums.items()}


def _sentiment(book: Book, _: Test) -> Known:
    moods: dict[int, list[float]] = defaultdict(list)
    for person, mood in book.numbers("sentiment"):
        moods[person].append(mood)
    return {person: sum(found) / len(found) for person, found in moods.items()}


def _influence(book: Book, _: Test) -> Known:
    """Percentile among everybody on whom or by whom something was seen; 100: nobody is above."""
    from .scoring import influence

    ranking = influence(book.project, book.until)
    return {p: round(100 * (1 - ranking.percentile[p]), 2) for p in book.people if p in ranking.percentile}


def _authentic(book: Book, _: Test) -> Known:
    rows = book.authors("select account, spam from account_sign")
    found: dict[int, Value] = {}
    for person, (spam,) in rows:
        found[person] = min(1 - spam, known if isinstance(known := found.get(person), float) else 1.0)
    return found


def _dealings(book: Book, test: Test) -> Known:
    if not book.own:
        return {}
    since = book.since(test)
    return _counts(book, {p: sum(a.t >= since for a in acts) for p, acts in book.acts.items()})


def _last_dealing(book: Book, _: Test) -> Known:
    last = {p: max(a.t for a in acts) for p, acts in book.acts.items()}
    return {p: float((book.today - day_of(t)).days) for p, t in last.items() if t}


def _dealing(book: Book, _: Test) -> Known:
    return _whole(book, ((p, a.kind) for p, acts in book.acts.items() for a in acts)) if book.own else {}


def _touched(book: Book, test: Test) -> Known:
    rows = book.authors(
        f"select account, count(*) from touch where {IS_TRUE} and t between :since and :until "
        "group by account", {"since": book.since(test), "until": book.until},
    )  # fmt: skip
    found: Counter[int] = Counter()
    for person, (n,) in rows:
        found[person] += n
    return _counts(book, found)


def _outcome(book: Book, _: Test) -> Known:
    rows = book.authors("select account, kind from outcome where undone is null and t <= :until", {"until": book.until})
    return _whole(book, ((person, kind) for person, (kind,) in rows))


def _stage(book: Book, _: Test) -> Known:
    from .lifecycle import stages

    return _sets((person, found.stage) for person, found in stages(book).items())


def _value(book: Book, _: Test) -> Known:
    from .value import worths

    return _sets((person, found.kind) for person, found in worths(book).items())


def _bought(what: str) -> Loader:
    def run(book: Book, test: Test) -> Known:
        if not book.project.one("select 1 from purchase limit 1"):
            return {}
        sums: dict[int, float] = defaultdict(float)
        last: dict[int, int] = {}
        rows = book.authors(
            "select account, t, amount from purchase where coalesce(currency, 'CNY') = 'CNY' "
            "and coalesce(t, 0) <= :until and coalesce(t, 0) >= :since",
            {"since": book.since(test), "until": book.until},
        )  # fmt: skip
        for person, (t, amount) in rows:
            sums[person] += amount if what == "money" else 1
            last[person] = max(t or 0, last.get(person, 0))
        if what == "last_purchase":
            return {p: float((book.today - day_of(t)).days) for p, t in last.items() if t}
        return _counts(book, sums)

    return run


def _consent(book: Book, _: Test) -> Known:
    rows = book.authors(
        "select account, kind from consent where withdrawn is null and t <= :until", {"until": book.until}
    )
    return _sets((person, kind) for person, (kind,) in rows)


def _list(book: Book, _: Test) -> Known:
    rows = book.authors(
        "select m.item, l.name from list_member m join saved_list l on l.id = m.list where l.target = 'people'"
    )
    return _whole(book, ((person, name) for person, (name,) in rows))


def _mark(book: Book, _: Test) -> Known:
    rows = book.authors("select account, good from mark")
    return _sets((person, "good" if good else "bad") for person, (good,) in rows)


def _segment(book: Book, _: Test) -> Known:
    rows = book.authors("select m.account, s.name from segment_member m join segment s on s.id = m.segment")
    return _whole(book, ((person, name) for person, (name,) in rows))


def _verified(person: Person) -> str | None:
    return None if person.verified is None else "yes" if person.verified else "no"


LOADERS: Final[Mapping[str, Loader]] = {
    "platform": _of_person(lambda p: p.platform), "region": _stated("region"), "city": _stated("city"),
    "city_tier": _stated("city_tier"), "gender": _stated("gender"), "age": _stated("age"),
    "occupation": _stated("occupation"), "family": _stated("family"), "school": _stated("school"),
    "kind": _of_person(lambda p: p.kind), "verified": _of_person(_verified), "followers": _column("followers"),
    "following": _column("following"), "interest": _interest, "need": _told(lambda post: post.needs),
    "life_event": _told(lambda post: post.life_events), "tag": _tag, "group": _group, "said": _said, "cares": _cares,
    "daypart": _daypart, "posts": _posts, "last_active": _last_active, "engagement": _engagement,
    "sentiment": _sentiment, "influence": _influence, "authentic": _authentic, "dealings": _dealings,
    "last_dealing": _last_dealing, "dealing": _dealing, "approached": _touched, "outcome": _outcome, "stage": _stage,
    "value": _value, "purchases": _bought("purchases"), "money": _bought("money"),
    "last_purchase": _bought("last_purchase"), "consent": _consent, "list": _list, "mark": _mark, "segment": _segment,
}  # fmt: skip
"""Where each field is read."""
