"""How somebody is best approached: on which platform, where there, at what time, with what first act.

All of it is counted from what they did in the open; too little of it says nothing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.clock import moment
from xunke.storage import Project
from xunke.storage.persons import OWN, people_map

from .experiments import wilson

READ: Final = 500
"""Of one person the newest acts are counted, not more than this."""
LEAST: Final = 5
"""Posts from which hours, and acts from which a place on a platform, are told."""
LEAST_DAYS: Final = 14
"""Posts from which a day of the week is told, if the share of that day is surely (95 %) above one in seven."""
SPAN: Final = 2
"""Hours."""
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PLACES: Final = {2: "comment", 3: "comment", 1: "repost", 4: "repost"}
"""Kinds of interaction that show where somebody speaks."""


@dataclass(frozen=True, slots=True)
class Tip:
    """``channel``: a platform, with ``·comment``, ``·post`` or ``·repost`` where enough acts show where they speak;
    ``best_time``: see ``time_code``; ``act``: a name of ``first_act.*``, None where nothing of theirs suggests one.

    ``acts`` and ``posts``: how many of each the channel and the time rest on.
    """

    channel: str | None = None
    best_time: str | None = None
    act: str | None = None
    acts: int = 0
    posts: int = 0


NONE: Final = Tip()


def advise(project: Project, accounts: Sequence[int]) -> dict[int, Tip]:
    """{account: Tip}, from all accounts of the same person; they are approached on the one that they use most."""
    persons = people_map(project)
    spread = json.dumps(persons.spread(accounts))
    platform = dict(project.query(
        "select k.id, p.name from account_key k join platform p on p.id = k.platform "
        "where k.id in (select value from json_each(?))", (spread,),
    ))  # fmt: skip
    times: dict[int, list[int]] = {}
    uses: dict[int, Counter[tuple[str, str]]] = {}
    for account, kind, created in project.query(
        "select author, kind, created from post where author in (select value from json_each(?)) and gone is null "
        "order by created desc, id desc", (spread,),
    ):  # fmt: skip
        who = persons.one(account)
        if created is not None and len(times.setdefault(who, [])) < READ:
            times[who].append(created)
        uses.setdefault(who, Counter())[platform[account], kind if kind in ("comment", "repost") else "post"] += 1
    for account, kind, n in project.query(
        "select actor, kind, count(*) from interaction where actor in (select value from json_each(?)) "
        "and kind in (1, 2, 3, 4) and post not in (select id from post where author = actor) group by 1, 2", (spread,),
    ):  # fmt: skip
        uses.setdefault(persons.one(account), Counter())[platform[account], _PLACES[kind]] += n
    spoken = {persons.one(row[0]) for row in project.query(
        f"select distinct actor from interaction where kind in (2, 3, 4) and target in {OWN} "
        "and actor in (select value from json_each(?))", (spread,),
    )}  # fmt: skip
    found = {}
    for account in accounts:
        who = persons.one(account)
        seen, mine = uses.get(who, Counter()), times.get(who, ())
        found[account] = Tip(
            channel_of(seen) or platform.get(account), time_code(mine), "engage" if who in spoken else None,
            seen.total(), len(mine),
        )  # fmt: skip
    return found


def channel_of(uses: Mapping[tuple[str, str], int]) -> str | None:
    """The platform used most, and where there they speak most if at least ``LEAST`` acts show it."""
    if not uses:
        return None
    by_platform: Counter[str] = Counter()
    for (platform, _), n in uses.items():
        by_platform[platform] += n
    platform = min(by_platform, key=lambda name: (-by_platform[name], name))
    if by_platform[platform] < LEAST:
        return platform
    places = {place: n for (name, place), n in uses.items() if name == platform}
    return f"{platform}·{min(places, key=lambda place: (-places[place], place))}"


def time_code(times: Sequence[int]) -> str | None:
    """The two hours in which most of ``times`` lie (project time), from at least ``LEAST``: ``tue 20:00-22:00 (34)``,
    the number of posts behind it in brackets; the day of the week only where it surely stands out.
    """
    if len(times) < LEAST:
        return None
    hours = Counter(moment(t).hour for t in times)
    start = max(range(24), key=lambda h: (sum(hours[(h + more) % 24] for more in range(SPAN)), -h))
    span = f"{start:02d}:00-{(start + SPAN) % 24:02d}:00"
    days = Counter(moment(t).weekday() for t in times)
    day = max(range(7), key=lambda d: (days[d], -d))
    sure = len(times) >= LEAST_DAYS and wilson(days[day], len(times))[0] > 1 / 7
    return f"{WEEKDAYS[day]} {span} ({len(times)})" if sure else f"{span} ({len(times)})"


def best_hours(project: Project, accounts: Sequence[int]) -> dict[int, str]:
    """{account: the two hours in which they post most (``20:00-22:00``, project time)} where enough posts tell."""
    tips = {account: _TIME.fullmatch(tip.best_time or "") for account, tip in advise(project, accounts).items()}
    return {account: found[2] for account, found in tips.items() if found}


@dataclass(frozen=True, slots=True)
class TimeSaid:
    """A ``time_code`` as a message: ``key``, ``params``, and the message key of its weekday ("" where none)."""

    key: str
    params: dict[str, Any]
    what: str = ""

    def cell(self) -> dict[str, Any]:
        """As a cell of a table."""
        return {"key": self.key, "params": self.params | ({"what": self.what} if self.what else {})}


def time_words(code: str | None) -> TimeSaid | None:
    """A ``time_code`` in words; a code of older versions has no number behind it."""
    found = _TIME.fullmatch(code or "")
    if found is None:
        return None
    day, span, n = found.groups()
    if n is None:
        return TimeSaid("best_time.bare", {"span": span})
    params = {"span": span, "n": int(n)}
    return TimeSaid("best_time.day", params, f"value.{day}") if day else TimeSaid("best_time.span", params)


_TIME: Final = re.compile(r"(?:(mon|tue|wed|thu|fri|sat|sun) )?(\d\d:00-\d\d:00)(?: \((\d+)\))?")
