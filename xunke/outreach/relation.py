"""How much passes between us and a person in both directions, who has been neglected, and whom we press too much.

Each act counts with its weight and halves every 60 days. With ``o`` for what came from us and ``t`` for what came from
them, ``trust = 1 − exp(−√(o·t) / 3)``: nothing as long as only one side speaks. ``pressure = l / (l + 2·r + 2)``: our
acts against theirs, both halved every 7 days; 0.6 and more is too much.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, sqrt
from statistics import median
from typing import Final

from xunke.clock import DAY
from xunke.storage import Project
from xunke.storage.persons import own_accounts, people_map
from xunke.storage.schema import KINDS

from . import touches
from .people import barred

HALF: Final = 60 * DAY
PRESSED: Final = 7 * DAY
OURS: Final[Mapping[str, float]] = {"follow": 0.5, "reply": 1, "engage": 1, "talk": 2, "offer": 1, "service": 2}
THEIRS: Final[Mapping[str, float]] = {
    "follow_back": 0.5, "like": 0.3, "reply": 1, "positive": 1.5, "click": 0.5, "converted": 2, "bought": 3,
}  # fmt: skip
ACTS: Final[Mapping[int, float]] = {
    KINDS["repost"]: 1, KINDS["reply"]: 1, KINDS["mention"]: 1, KINDS["quote"]: 1, KINDS["like"]: 0.3,
    KINDS["follow"]: 0.5,
}  # fmt: skip
HIGH: Final = 0.6
MIDDLE: Final = 0.34
LEAST_DAYS: Final = 14
_UNANSWERED: Final = 3 * DAY
_READ: Final = 400 * DAY


@dataclass(frozen=True, slots=True)
class Relation:
    """One person and us. ``ours``, ``theirs``: what passed, decayed; ``last_*`` UTC seconds; ``rhythm``: our middle gap
    in days; ``acts``: how many acts of both sides stand behind it; ``neglected``: why it is our turn (message key).
    """

    account: int
    ours: float
    theirs: float
    trust: float
    pressure: float
    last_ours: int | None
    last_theirs: int | None
    rhythm: float | None
    acts: int
    neglected: str | None

    @property
    def pressed(self) -> str:
        """``low``, ``middle`` or ``high``."""
        return "high" if self.pressure >= HIGH else "middle" if self.pressure >= MIDDLE else "low"


def relations(project: Project, now: int, accounts: Sequence[int] | None = None) -> list[Relation]:
    """Everybody with whom something passed within 400 days, the most trusted first; barred people are left out."""
    persons, own = people_map(project), own_accounts(project)
    ours: dict[int, list[tuple[int, float]]] = defaultdict(list)
    theirs: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for touch in touches.touches(project, since=now - _READ, until=now):
        if touch.happened:
            ours[persons.one(touch.account)].append((touch.t, OURS[touch.step]))
    for came in touches.outcomes(project, since=now - _READ, until=now):
        if came.kind in THEIRS and came.source != "seen":
            theirs[persons.one(came.account)].append((came.t, THEIRS[came.kind]))
    params = {"own": json.dumps(own), "since": now - _READ, "now": now}
    between = "and t between :since and :now"
    mine = "in (select value from json_each(:own))"
    for who, t, kind in project.query(f"select actor, t, kind from interaction where target {mine} {between}", params):
        theirs[persons.one(who)].append((t, ACTS[kind]))
    for who, t, kind in project.query(f"select target, t, kind from interaction where actor {mine} {between}", params):
        ours[persons.one(who)].append((t, ACTS[kind]))
    wanted = {*ours, *theirs} - {persons.one(one) for one in own}
    if accounts is not None:
        wanted &= {persons.one(one) for one in accounts}
    wanted -= set(barred(project, wanted))
    found = [_relation(who, sorted(ours.get(who, ())), sorted(theirs.get(who, ())), now) for who in wanted]
    return sorted(found, key=lambda one: (-one.trust, -one.theirs, one.account))


def _relation(who: int, ours: Sequence[tuple[int, float]], theirs: Sequence[tuple[int, float]], now: int) -> Relation:
    o, t = _decayed(ours, now, HALF), _decayed(theirs, now, HALF)
    load, relief = _decayed(ours, now, PRESSED), _decayed(theirs, now, PRESSED)
    last_ours = ours[-1][0] if ours else None
    last_theirs = theirs[-1][0] if theirs else None
    gaps = [(b[0] - a[0]) / DAY for a, b in pairwise(ours) if b[0] - a[0] >= DAY / 2]
    rhythm = median(gaps) if len(gaps) >= 2 else None
    neglected = None
    if last_theirs is not None and t >= 0.5:
        longest = max(LEAST_DAYS, 2 * (rhythm or 0)) * DAY
        if last_theirs > (last_ours or 0) and now - last_theirs >= _UNANSWERED:
            neglected = "relation.unanswered"
        elif last_ours is not None and now - last_ours > longest:
            neglected = "relation.long_ago"
    return Relation(
        who, o, t, 1 - exp(-sqrt(o * t) / 3), load / (load + 2 * relief + 2), last_ours, last_theirs, rhythm,
        len(ours) + len(theirs), neglected,
    )  # fmt: skip


def _decayed(acts: Iterable[tuple[int, float]], now: int, half: int) -> float:
    return float(sum(weight * 0.5 ** ((now - t) / half) for t, weight in acts))
