"""What the gate looks at of a set of people: every kind of row is read once, however many people and questions."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from xunke.storage import Project
from xunke.storage.persons import own_accounts, people_map

from . import consent, limits, queues, touches, trials
from .authentic import signs
from .people import Person, barred, load
from .touches import IS_TRUE, Outcome, Touch

_ANGRY: Final = 0.15
"""Probability of a good mood (``feature.sentiment``) up to which a negative text counts as angry."""


@dataclass(slots=True)
class Dealings:
    """What was done towards one person and what came (undone and skipped ones left out, in the order of time)."""

    done: list[Touch] = field(default_factory=list)
    came: list[Outcome] = field(default_factory=list)


def angry(project: Project, accounts: Iterable[int], own: Collection[int]) -> dict[int, list[int]]:
    """{account: when they wrote something clearly negative to or about an own account, or a complaint that nobody of us
    answered (``queues.complaint_in``; noted as done in the inbox is answered), in order} of those who did.

    Clearly negative: analysed posts that read as negative, with 0.15 or less for a good mood.
    """
    if not own:
        return {}
    rows = project.query(
        "with ours as (select id from post where author in (select value from json_each(:own))) "
        "select p.author, p.created, f.label, f.sentiment, coalesce(p.title || ' ', '') || p.text, f.detail, "
        "exists (select 1 from post o where o.reply_to = p.id and o.gone is null "
        "and o.author in (select value from json_each(:own))) "
        "or exists (select 1 from queue_state q where q.queue = 'inbox' and q.item = p.id and q.state <> 'later') "
        "from post p left join feature f on f.post = p.id where p.author in (select value from json_each(:who)) "
        "and p.created is not null and p.gone is null and p.kind <> 'repost' and (p.reply_to in ours "
        "or p.quote_of in ours or p.id in (select post from mention where account in "
        "(select value from json_each(:own)))) order by p.created, p.id",
        {"who": json.dumps(list(accounts)), "own": json.dumps(sorted(own))},
    )
    found: dict[int, list[int]] = defaultdict(list)
    for author, created, label, mood, text, detail, answered in rows:
        needs = {name for name, _ in json.loads(detail or "{}").get("needs", ())}
        complains = "complain" in needs or queues.complaint_in(text) is not None
        if (label == "negative" and mood is not None and mood <= _ANGRY) or (complains and not answered):
            found[author].append(created)
    return dict(found)


class Known:
    """The rows about ``accounts`` (and all others of the same people), as they were when they were first needed."""

    def __init__(self, project: Project, accounts: Iterable[int]) -> None:
        self.project, self.persons = project, people_map(project)
        self.everyone = self.persons.spread(accounts)
        self._asked = frozenset(self.everyone)

    def all(self, account: int) -> tuple[int, ...]:
        """Every account of the person. Raises KeyError for somebody of whom nothing was read here."""
        if account not in self._asked:
            raise KeyError(account)
        return self.persons.all(account)

    def _rows(self, sql: str, **more: object) -> list[tuple[Any, ...]]:
        """Rows of ``sql``, which takes everyone as ``:who``."""
        return self.project.query(sql, {"who": self._listed, **more})

    @cached_property
    def _listed(self) -> str:
        return json.dumps(self.everyone)

    @cached_property
    def own(self) -> frozenset[int]:
        """Our own accounts."""
        return frozenset(own_accounts(self.project))

    @cached_property
    def limits(self) -> dict[str, float]:
        """The limits in force."""
        return dict(limits.limits_of(self.project))

    @cached_property
    def people(self) -> dict[int, Person]:
        """Those of whom a profile is stored."""
        return load(self.project, self.everyone)

    @cached_property
    def barred(self) -> dict[int, str]:
        """Those who appear nowhere, and why."""
        return barred(self.project, self.everyone)

    @cached_property
    def spam(self) -> frozenset[int]:
        """Those who are surely no real person."""
        return frozenset(a for a, sign in signs(self.project, self.everyone).items() if sign.is_spam)

    @cached_property
    def bad(self) -> frozenset[tuple[int, int]]:
        """(account, list) that the user called unfit; list 0: everywhere."""
        rows = self._rows("select account, list from mark where good = 0 and account in (select value from "
                          "json_each(:who))")  # fmt: skip
        return frozenset((account, number) for account, number in rows)

    @cached_property
    def held_out(self) -> frozenset[int]:
        """Those whom a running experiment keeps back to compare with."""
        return frozenset(trials.held_out(self.project, self.everyone))

    @cached_property
    def _dealings(self) -> dict[int, Dealings]:
        found: dict[int, Dealings] = defaultdict(Dealings)
        for touch in touches.touches(self.project, among=self.everyone):
            if touch.happened:
                found[self.persons.one(touch.account)].done.append(touch)
        for outcome in touches.outcomes(self.project, among=self.everyone):
            found[self.persons.one(outcome.account)].came.append(outcome)
        return dict(found)

    def dealings(self, account: int) -> Dealings:
        """What went on between us and a person."""
        return self._dealings.get(self.persons.one(account)) or Dealings()

    @cached_property
    def _moods(self) -> dict[int, list[int]]:
        return angry(self.project, self.everyone, self.own)

    def angry(self, accounts: Sequence[int], since: int, until: int) -> int | None:
        """When one of ``accounts`` was last angry with us (see the function ``angry``), or None."""
        return max((t for a in accounts for t in self._moods.get(a, ()) if since <= t <= until), default=None)

    @cached_property
    def lists(self) -> dict[int, int | None]:
        """{list: until when it holds}."""
        return dict(self.project.query("select id, expires from saved_list"))

    @cached_property
    def campaigns(self) -> dict[int, tuple[str, str | None, str | None]]:
        """{campaign: its state, first and last day}."""
        return {row[0]: row[1:] for row in self.project.query("select id, state, since, until from campaign")}

    @cached_property
    def _consents(self) -> dict[str, tuple[set[int], set[int]]]:
        return {}

    def consents(self, channel: str) -> tuple[set[int], set[int]]:
        """Who took their yes to a channel back, and who agreed to it."""
        if channel not in self._consents:
            no, yes = (ask(self.project, self.everyone, channel) for ask in (consent.refused, consent.agreed))
            self._consents[channel] = no, yes
        return self._consents[channel]

    @cached_property
    def _platforms(self) -> dict[int, str]:
        return dict(self._rows(
            "select k.id, p.name from account_key k join platform p on p.id = k.platform "
            "where k.id in (select value from json_each(:who))"
        ))  # fmt: skip

    def platform(self, account: int) -> str | None:
        """Where an account is."""
        return self._platforms.get(account)

    @cached_property
    def _taken(self) -> dict[tuple[str, str | None], list[int]]:
        found: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        rows = self.project.query(f"select step, channel, t from touch where {IS_TRUE} order by t, id")
        for step, channel, t in rows:
            found[step, channel].append(t)
        return found

    def taken(self, step: str, channel: str | None, since: int, until: int) -> list[int]:
        """When a step was done towards anybody on a channel, between two seconds that do not count."""
        times = self._taken.get((step, channel), [])
        return times[bisect_right(times, since) : bisect_left(times, until)]
