"""Where everybody stands whom we approached (O21): answered, waiting, another need to try, resting, over.

The rules are the gate's (``gate.against`` a talk); here they are only read for everybody at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from xunke.clock import DAY
from xunke.storage import Project
from xunke.storage.persons import people_map

from . import gate, touches
from .gate_facts import Known

STATES: Final = ("complaint", "answered", "again", "waiting", "warming", "resting", "over")
"""The most pressing first."""
_OF: Final = {
    "gate.complaint": "complaint", "gate.angry": "complaint", "gate.no_reaction": "resting",
    "gate.replies_ignored": "resting", "gate.wait_answer": "waiting",
}  # fmt: skip
_OVER: Final = frozenset({
    "gate.opt_out", "gate.declines", "gate.suppressed", "gate.minors", "gate.unlisted", "gate.fake", "gate.bad",
    "gate.held_out", "gate.unknown",
})  # fmt: skip
LATELY: Final = 180
"""Days: who was last approached longer ago is not followed up."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody we approached: ``step`` and ``t`` (UTC seconds) of the last touch, ``n`` in all; ``came``: kind of the
    last reaction after the first touch; ``until``: when the state ends by itself.
    """

    account: int
    state: str
    step: str
    t: int
    n: int
    came: str | None
    until: int | None


def standings(project: Project, *, now: int, among: Collection[int] | None = None) -> list[Standing]:
    """Where everybody stands whom we approached in the last ``LATELY`` days, the most pressing first."""
    persons = people_map(project)
    wanted = None if among is None else {persons.one(a) for a in among}
    done: dict[int, list[touches.Touch]] = {}
    for touch in touches.touches(project, until=now):
        who = persons.one(touch.account)
        if touch.happened and touch.step != "service" and (wanted is None or who in wanted):
            done.setdefault(who, []).append(touch)
    came: dict[int, list[touches.Outcome]] = {}
    for outcome in touches.outcomes(project, until=now):
        came.setdefault(persons.one(outcome.account), []).append(outcome)
    out = []
    done = {who: mine for who, mine in done.items() if mine[-1].t >= now - LATELY * DAY}
    known = Known(project, [mine[-1].account for mine in done.values()])
    for who, mine in done.items():
        after = [o for o in came.get(who, ()) if o.t >= mine[0].t and o.kind in (*touches.GOOD, *touches.BAD)]
        state, until = _state(known, mine, after, now)
        last = after[-1].kind if after else None
        out.append(Standing(mine[-1].account, state, mine[-1].step, mine[-1].t, len(mine), last, until))
    return sorted(out, key=lambda s: (STATES.index(s.state), -s.t, s.account))


def _state(known: Known, mine: list[touches.Touch], after: list[touches.Outcome], now: int) -> tuple[str, int | None]:
    against = gate.against(known.project, mine[-1].account, "talk", now=now, known=known)
    if any(reason in _OVER for reason, _, _ in against):
        return "over", None
    for reason, _, until in against:
        if reason in _OF:
            return _OF[reason], until
    if after and after[-1].t >= mine[-1].t:
        return "answered", None
    talks = [one for one in mine if one.step in ("talk", "offer")]
    since = after[-1].t if after else -1
    if talks and talks[-1].t > since:
        return "again", None
    return "warming", None
