"""From posts to the people behind them, and which of them pass the filters on who they are.

A person whose fact is unknown does not pass a filter that asks for it, and is counted as unknown: nothing
is guessed. People on the do-not-contact list, people under 18 and people who ask not to be found never pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from xunke.plan import Step, Tier
from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.text import fold

from .contact import published
from .posts import Candidate, Funnel

TIERS: Final[Mapping[Tier, tuple[int, int | None]]] = {
    "nano": (0, 4_999),
    "koc": (1_000, 49_999),
    "tail": (10_000, 99_999),
    "waist": (100_000, 999_999),
    "head": (1_000_000, None),
    "kol": (100_000, None),
}
"""Followers (inclusive bounds) of the size classes marketers name; the classes overlap as in the trade's use."""

_NO_CONTACT = re.compile(
    r"勿扰|不接(?:任何)?(?:商务|广告|推广|合作)|谢绝(?:商务|推广|广告|合作|打扰|私信)|非诚勿扰|不(?:看|回|收)私信|请勿私信"
    r"|no\s*(?:dms?|ads?|promo|solicit)", re.I
)  # fmt: skip


@dataclass(slots=True)
class Person:
    """An account with the posts for which it was found, and what is known about it."""

    id: int
    platform: str
    native_id: str
    name: str | None
    handle: str | None
    bio: str | None
    followers: int | None
    posts: int | None
    verified: bool | None
    kind: str | None
    listed: bool | None
    found: list[Candidate] = field(default_factory=list)
    facts: dict[str, dict[str, float]] = field(default_factory=dict)

    def stated(self, fact: str) -> dict[str, float]:
        """{value: confidence} of a fact."""
        return self.facts.get(fact, {})

    @property
    def declines(self) -> bool:
        """Whether the profile says that its owner does not want to be approached."""
        return bool(self.bio and _NO_CONTACT.search(self.bio))


def behind(project: Project, posts: Iterable[Candidate]) -> dict[int, Person]:
    """{account id: Person} of the authors of ``posts``; posts without a known author are passed over.

    Somebody with several accounts is one person, shown as the account that wrote most of these posts.
    """
    persons = people_map(project)
    by_author: dict[int, list[Candidate]] = {}
    for post in posts:
        if post.author is not None:
            by_author.setdefault(post.author, []).append(post)
    of_person: dict[int, list[int]] = {}
    for account in sorted(by_author):
        of_person.setdefault(persons.one(account), []).append(account)
    shown = {max(group, key=lambda a: (len(by_author[a]), -a)): group for group in of_person.values()}
    people = load(project, sorted(shown))
    for account, group in shown.items():
        if account in people:
            people[account].found = [post for a in group for post in by_author[a]]
    return people


def load(
    project: Project, accounts: Sequence[int] | None = None, *, platforms: Sequence[str] = ()
) -> dict[int, Person]:
    """These accounts (None: all people, each once) with what all accounts of the same person state.

    ``platforms``: somebody with several accounts is shown as one of theirs there, if they have one.
    """
    persons = people_map(project)
    people = _load(project, None if accounts is None else persons.spread(accounts))
    for group in persons.members.values():
        together = [people[a] for a in group if a in people]
        facts: dict[str, dict[str, float]] = {}
        for person in together:
            for fact, values in person.facts.items():
                for value, sure in values.items():
                    known = facts.setdefault(fact, {})
                    known[value] = max(sure, known.get(value, 0.0))
        for person in together:
            person.facts = facts
    if accounts is None:
        shown = {
            person: next((a for a in group if a in people and people[a].platform in platforms), person)
            for person, group in persons.members.items()
        }
        return {a: p for a, p in people.items() if shown.get(persons.one(a), a) == a}
    wanted = set(accounts)
    return {a: p for a, p in people.items() if a in wanted}


def _load(project: Project, accounts: Sequence[int] | None) -> dict[int, Person]:
    listed = None if accounts is None else json.dumps(list(accounts))
    where = "" if listed is None else "where {} in (select value from json_each(?))"
    params = () if listed is None else (listed,)
    people = {
        row[0]: Person(*row)
        for row in project.query(
            "select a.id, p.name, k.native_id, a.name, a.handle, a.bio, a.followers, a.posts, a.verified, a.kind, "
            "a.listed from account a join account_key k on k.id = a.id join platform p on p.id = k.platform "
            + where.format("a.id"),
            params,
        )
    }
    facts = "select account, fact, value, confidence from profile_fact " + where.format("account")
    for account, fact, value, confidence in project.query(facts, params):
        person = people.get(account)
        if person is not None:
            values = person.facts.setdefault(fact, {})
            values[value] = max(confidence, values.get(value, 0.0))
    return people


def barred(project: Project, accounts: Iterable[int]) -> dict[int, str]:
    """{account: message key of the reason} of those who appear nowhere, whatever was asked and however long ago.

    They are on the do-not-contact list, or say that they are under 18 (as far as ``understand_people`` has read).
    What bars one account of a person bars all of them.
    """
    asked, persons = set(accounts), people_map(project)
    found = _barred(project, persons.spread(asked))
    if persons and found:
        for account in sorted(asked):
            reasons = {found[other] for other in persons.all(account) if other in found}
            if reasons:
                found[account] = max(reasons)
    return {account: reason for account, reason in found.items() if account in asked}


def barred_all(project: Project, accounts: Iterable[int]) -> dict[int, str]:
    """``barred``, and those whose profile says that they do not want to be approached (勿扰): nobody acts on them.

    What one account of a person says holds for all of them. For lists, queues, arms, drafts and their exports.
    """
    asked, persons = set(accounts), people_map(project)
    found = barred(project, asked)
    listed = json.dumps(persons.spread(asked - found.keys()))
    bios = project.query(
        "select id, bio from account where bio is not null and id in (select value from json_each(?))", (listed,)
    )
    no = {persons.one(account) for account, bio in bios if _NO_CONTACT.search(bio)}
    return {a: "funnel.declines" for a in asked if persons.one(a) in no} | found


def _barred(project: Project, accounts: Sequence[int]) -> dict[int, str]:
    listed = json.dumps(list(accounts))
    young = "select account from profile_fact where fact = 'minor' and account in (select value from json_each(?))"
    found = {row[0]: "funnel.minors" for row in project.query(young, (listed,))}
    suppressed = project.suppressed()
    if len(suppressed):
        who = (
            "select k.id, p.name, k.native_id, a.name, a.handle from account_key k "
            "join platform p on p.id = k.platform left join account a on a.id = k.id "
            "where k.id in (select value from json_each(?))"
        )
        hits = (row[0] for row in project.query(who, (listed,)) if suppressed.hit(*row[1:]))
        found.update(dict.fromkeys(hits, "funnel.suppressed"))
    return found


def asks_who(step: Step) -> bool:
    """Whether the step says who the people are, so that posts must be screened by their authors."""
    said = (
        step.region, step.region_exclude, step.city_tier, step.gender, step.age_min, step.age_max, step.occupation,
        step.interests, step.tier, step.followers_min, step.followers_max, step.verified, step.posts_min,
        step.require_contact,
        {"bots", "brand_accounts", "contacted"} & set(step.drop),
    )  # fmt: skip
    return any(said)


Check = Callable[[Person], bool | None]
"""True: passes, False: does not, None: not known."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Hard filters of the project (``xunke filters``). Nothing here lets people pass who are on the do-not-contact
    list, or under 18.

    ``declines``: True always leaves out who asks not to be approached, False only from lists of people to approach.
    """

    spam: bool = True
    bots: bool = True
    brands: bool = True
    declines: bool = False
    contacted: bool = False
    followers_min: int | None = None
    followers_max: int | None = None
    posts_min: int | None = None


NUMBERS: Final = frozenset({"followers_min", "followers_max", "posts_min"})
"""Filters that are numbers; all others are on or off."""


def filters_of(project: Project) -> Filters:
    """The project's filters, or the defaults."""
    saved = json.loads(project.meta("filters", "{}"))
    return Filters(**{name: value for name, value in saved.items() if name in Filters.__slots__})


def screen(
    project: Project,
    people: Mapping[int, Person],
    step: Step,
    *,
    contact: bool,
    unlisted: bool = False,
    filters: Filters | None = None,
) -> tuple[list[Person], Funnel]:
    """Those of ``people`` that pass the step's filters and the project's (or ``filters``).

    ``contact``: for a list of people to approach. ``unlisted``: also those who ask not to be indexed.
    """
    kept = list(people.values())
    funnel: Funnel = [("funnel.people", len(kept), {})]
    for key, check in _checks(project, kept, step, contact, unlisted, filters or filters_of(project)):
        verdicts = [check(person) for person in kept]
        kept = [person for person, verdict in zip(kept, verdicts, strict=True) if verdict]
        unknown = sum(verdict is None for verdict in verdicts)
        if len(kept) != len(verdicts):
            funnel.append((key, len(kept), {"removed": len(verdicts) - len(kept), "unknown": unknown}))
    return kept, funnel


def verdicts(
    project: Project, person: Person, step: Step, *, contact: bool, unlisted: bool, filters: Filters
) -> list[tuple[str, bool | None]]:
    """What each filter of ``screen`` says of one person by itself, in the order in which they are applied."""
    return [(key, check(person)) for key, check in _checks(project, [person], step, contact, unlisted, filters)]


def _checks(
    project: Project, among: Sequence[Person], step: Step, contact: bool, unlisted: bool, filters: Filters
) -> Iterator[tuple[str, Check]]:
    never = barred(project, [person.id for person in among])
    yield "funnel.suppressed", lambda p: never.get(p.id) != "funnel.suppressed"
    yield "funnel.minors", lambda p: p.id not in never
    if not unlisted:
        yield "funnel.listed", lambda p: p.listed is None or bool(p.listed)
    if contact or filters.declines:
        yield "funnel.declines", lambda p: not p.declines
    yield from _who_checks(step)
    yield from _size_checks(step)
    yield from _drop_checks(project, step, filters)
    yield from _project_checks(filters)


def _who_checks(step: Step) -> Iterator[tuple[str, Check]]:
    if platforms := set(step.platforms) - {"all", "llm"}:
        yield "funnel.platform", lambda p: p.platform in platforms
    if step.region:
        wanted = set(step.region)
        yield "funnel.region", lambda p: _among(p, ("region", "city"), wanted)
    if step.region_exclude:
        unwanted = set(step.region_exclude)
        yield "funnel.region_exclude", lambda p: not _among(p, ("region", "city"), unwanted)
    if step.city_tier:
        tiers = set(step.city_tier)
        yield "funnel.city_tier", lambda p: _among(p, ("city_tier",), tiers)
    if step.gender:
        gender: set[str] = {step.gender}
        yield "funnel.gender", lambda p: _among(p, ("gender",), gender)
    if step.age_min is not None or step.age_max is not None:
        low, high = step.age_min or 0, step.age_max or 150
        yield "funnel.age", lambda p: _age_fits(p, low, high)
    if step.occupation:
        yield "funnel.occupation", lambda p: _says(p, step.occupation, ("occupation", "family"))
    if step.require_contact:
        yield "funnel.contact", _reachable
    if step.interests:
        yield "funnel.interests", lambda p: _says(p, step.interests, ("interest",))


def _reachable(person: Person) -> bool | None:
    if published(person.bio, (post.text for post in person.found)) is not None:
        return True
    return None if person.bio is None else False


def _among(person: Person, facts: tuple[str, ...], wanted: set[str]) -> bool | None:
    values = {value for fact in facts for value in person.stated(fact)}
    return None if not values else bool(values & wanted)


def _age_fits(person: Person, low: int, high: int) -> bool | None:
    """An age band fits if at least half of its years lie in the range that was asked for."""
    verdict: bool | None = None
    for value in person.stated("age"):
        first, _, last = value.partition("-")
        if first.isdigit() and (last.isdigit() or not last):
            a, b = int(first), int(last or first)
            if 2 * max(0, min(b, high) - max(a, low) + 1) >= b - a + 1:
                return True
            verdict = False
    return verdict


def _says(person: Person, words: Sequence[str], facts: tuple[str, ...]) -> bool | None:
    folded = [fold(word) for word in words]
    stated = [fold(value) for fact in facts for value in person.stated(fact)]
    if any(word in value or value in word for word in folded for value in stated):
        return True
    said = fold((person.bio or "") + "".join(post.text for post in person.found[:50]))
    if any(word in said for word in folded):
        return True
    return False if stated else None


def _size_checks(step: Step) -> Iterator[tuple[str, Check]]:
    low, high = step.followers_min, step.followers_max
    if low is not None or high is not None:
        yield "funnel.followers", lambda p: _between(p.followers, low, high)
    if step.tier:
        bounds = [TIERS[tier] for tier in step.tier]
        yield (
            "funnel.tier",
            lambda p: None if p.followers is None else any(_between(p.followers, a, b) for a, b in bounds),
        )
    if step.posts_min is not None:
        least = step.posts_min
        yield "funnel.posts_min", lambda p: max(p.posts or 0, len(p.found)) >= least
    if step.verified is not None:
        yield "funnel.verified", lambda p: None if p.verified is None else p.verified == step.verified
    if step.engagement_rate_min is not None:
        rate = step.engagement_rate_min
        yield "funnel.engagement_rate", lambda p: (
            None if not p.followers or not p.found
            else sum(c.engagement for c in p.found) / len(p.found) / p.followers >= rate
        )  # fmt: skip


def _between(value: int | None, low: int | None, high: int | None) -> bool | None:
    return None if value is None else (low or 0) <= value and (high is None or value <= high)


def _drop_checks(project: Project, step: Step, filters: Filters) -> Iterator[tuple[str, Check]]:
    if filters.bots or "bots" in step.drop:
        yield "funnel.bots", lambda p: p.kind not in ("bot", "group")
    if "brand_accounts" in step.drop or (filters.brands and not step.verified):
        yield "funnel.brands", lambda p: p.kind != "brand"
    if filters.contacted or "contacted" in step.drop:
        persons = people_map(project)
        listed = set(persons.spread(row[0] for row in project.query(
            "select m.item from list_member m join saved_list l on l.id = m.list where l.target = 'people'"
        )))  # fmt: skip
        yield "funnel.contacted", lambda p: p.id not in listed


def _project_checks(filters: Filters) -> Iterator[tuple[str, Check]]:
    low, high = filters.followers_min, filters.followers_max
    if low is not None or high is not None:
        yield "funnel.own_followers", lambda p: _between(p.followers, low, high)
    if filters.posts_min is not None:
        least = filters.posts_min
        yield "funnel.own_posts", lambda p: max(p.posts or 0, len(p.found)) >= least
