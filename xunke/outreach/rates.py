"""How often people answer us: follow-back, answers by step of the ladder, and at which hours they are awake.

Counted over people, once each, from touches that happened and what came of them within ``DAYS`` days; people touched
later than that are not counted yet. Intervals are Wilson's; below ``LEAST`` people a share is not told.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from xunke.clock import DAY, end_of, moment
from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.schema import KINDS

from . import touches
from .experiments import difference, wilson

DAYS: Final = 14
LEAST: Final = 5
HOURS_LEAST: Final = 30
"""Acts with a time, fewer than which tell nothing of hours."""
CONFIDENCE: Final = 0.99
SLOT: Final = 3
"""Hours in a slot of the day."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``hits`` of ``n`` people answered. ``waiting``: touched too lately to be counted; ``touches``: rows behind it."""

    step: str
    n: int
    hits: int
    low: float
    high: float
    waiting: int
    good: int
    bad: int
    touches: tuple[int, ...]

    @property
    def share(self) -> float | None:
        """The share, or None on too few people."""
        return self.hits / self.n if self.n >= LEAST else None


def by_step(project: Project, today: date) -> list[Rate]:
    """Answers by step of the ladder, in its order; and "follow_back": who followed us after we followed them.

    A step counts as answered if the person did anything for or against us within ``DAYS`` days after it, as outcomes
    say (collected rows become outcomes by the ladder's own search).
    """
    persons, now = people_map(project), end_of(today)
    done: dict[str, dict[int, list[touches.Touch]]] = defaultdict(lambda: defaultdict(list))
    for one in touches.touches(project, until=now):
        if one.happened:
            done[one.step][persons.one(one.account)].append(one)
    came: dict[int, list[touches.Outcome]] = defaultdict(list)
    for outcome in touches.outcomes(project, until=now):
        came[persons.one(outcome.account)].append(outcome)
    followers = _followed(project)
    rates = []
    for step in (*touches.LADDER, "service"):
        if step in done:
            rates.append(_rate(step, done[step], came, now, None))
        if step == "follow" and step in done:
            rates.append(_rate("follow_back", done[step], came, now, followers))
    return rates


def _rate(
    name: str, people: dict[int, list[touches.Touch]], came: dict[int, list[touches.Outcome]], now: int,
    followers: dict[int, list[int]] | None,
) -> Rate:  # fmt: skip
    n = hits = waiting = good = bad = 0
    rows: list[int] = []
    for who, acts in sorted(people.items()):
        first = acts[0]
        window = (first.t, first.t + DAYS * DAY)
        after = [o for o in came[who] if window[0] <= o.t <= window[1]]
        kinds = {o.kind for o in after}
        if followers is None:
            hit = bool(kinds & {*touches.GOOD, *touches.BAD})
        else:
            # a list shows a follower only when it is read: any time after counts
            hit = "follow_back" in kinds or any(t >= first.t for t in followers.get(who, ()))
        if now < window[1]:  # also who has answered: counted without those who still may, they would make the rate
            waiting += 1
            continue
        n += 1
        hits += hit
        good += bool(kinds & set(touches.GOOD))
        bad += bool(kinds & set(touches.BAD))
        rows += [one.id for one in acts]
    return Rate(name, n, hits, *wilson(hits, n), waiting, good, bad, tuple(rows))


def _followed(project: Project) -> dict[int, list[int]]:
    """{person: times at which a list first showed them following us, after a whole list that did not}.

    Who stands in the first whole list may have followed us long before: that tells of nobody who came.
    """
    persons = people_map(project)
    found: dict[int, list[int]] = defaultdict(list)
    for account, first in project.query(
        "select f.account, f.first from follower f where exists (select 1 from follower_list l where l.own = f.own "
        "and l.complete = 1 and l.t < f.first)"
    ):
        found[persons.one(account)].append(first)
    return found


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of the week: ``acts`` of the ``n`` acts looked at fell in it, beside ``base``, the share of all others.
    ``gap``: share minus base with its 99 % interval (fifteen slots are looked at); it stands out where that leaves out
    nought.
    """

    kind: str
    value: int
    acts: int
    n: int
    share: float
    base: float
    gap: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the slot is used more than by everybody, beyond chance."""
        return self.low > 0


def hours(project: Project, accounts: Sequence[int] | None, own: Sequence[int]) -> tuple[list[Slot], int]:
    """When these people (None: everybody who acts on ``own``) are awake, by slots of ``SLOT`` hours and by weekday,
    beside everybody else in the project; and on how many acts that stands. Empty below ``HOURS_LEAST`` acts.
    """
    ours = json.dumps(list(own))
    if accounts is None:
        theirs = "select t from interaction where t > 0 and kind <> ? and target in (select value from json_each(?))"
        times = [row[0] for row in project.query(theirs, (KINDS["follow"], ours))]
        base = [row[0] for row in project.query(
            "select t from interaction where t > 0 and kind <> ? and target not in (select value from json_each(?))",
            (KINDS["follow"], ours))]  # fmt: skip
    else:
        listed = json.dumps(people_map(project).spread(accounts))
        who = "author {} (select value from json_each(?)) and created is not null"
        times = [r[0] for r in project.query(f"select created from post where {who.format('in')}", (listed,))]
        base = [r[0] for r in project.query(f"select created from post where {who.format('not in')}", (listed,))]
    if len(times) < HOURS_LEAST or len(base) < HOURS_LEAST:
        return [], len(times)
    slots = []
    for kind, values in (("hours", range(0, 24, SLOT)), ("weekday", range(7))):
        mine, rest = _count(kind, times), _count(kind, base)
        for value in values:
            gap, low, high = difference(rest[value], len(base), mine[value], len(times), CONFIDENCE)
            slots.append(
                Slot(kind, value, mine[value], len(times), mine[value] / len(times), rest[value] / len(base), gap, low,
                     high)
            )  # fmt: skip
    return slots, len(times)


def _count(kind: str, times: Sequence[int]) -> Counter[int]:
    if kind == "hours":
        return Counter(moment(t).hour // SLOT * SLOT for t in times)
    return Counter(moment(t).weekday() for t in times)


def best_hours(project: Project, account: int) -> list[int]:
    """The hours (0–23, China) in which somebody acts most, the busiest first, at most three; none on less than five
    posts or acts."""
    listed = json.dumps(people_map(project).all(account))
    rows = project.query(
        "select created from post where author in (select value from json_each(?1)) and created is not null union all "
        "select t from interaction where actor in (select value from json_each(?1)) and t > 0 and kind = ?2",
        (listed, KINDS["like"]),
    )
    found = Counter(moment(row[0]).hour for row in rows)
    if found.total() < LEAST:
        return []
    return [hour for hour, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))[:3]]
