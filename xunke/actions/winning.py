"""What a ``work`` step does: people who were found become lists, touches, campaigns. One table of who does what.

The functions are those that the command line calls; here they get their parameters from the slots of a step.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from xunke.errors import NeedsAnswer
from xunke.events import Done, Event
from xunke.plan import Step, Work

from . import winning_care as care
from . import winning_day as day
from . import winning_make as make
from .winning_asked import Asked, Told

if TYPE_CHECKING:
    from xunke.engine import Engine, Session


async def work(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """The events of a ``work`` step; where it changed something, how to take that back."""
    assert step.do is not None  # noqa: S101 - plan.check
    before = _acts(engine)
    told = _TABLE[step.do](Asked(engine, step, index, session.run))
    if isinstance(told, AsyncIterator):
        async for event in told:
            yield event
    elif isinstance(told, Iterable):
        for event in told:
            yield event
    else:
        yield told
    if _acts(engine) > before:
        yield Done("work.undo_hint")


def _acts(engine: Engine) -> int:
    """The number of the newest change that is noted."""
    return int(engine.project.one("select coalesce(max(id), 0) from act") or 0)


# -- the ladder ------------------------------------------------------------------------------------------------------


def _today(a: Asked) -> Told:
    from . import ladder

    return ladder.today(
        a.project, now=a.noon, minutes=a.step.minutes, list_name=a.fields.get("list"), index=a.index, **a.limit
    )


def _next(a: Asked) -> Told:
    from . import reviews

    if a.step.accounts or a.step.ranks:
        return reviews.why_next(a.project, a.who, now=a.noon, index=a.index)
    return reviews.next_acts(a.project, now=a.noon, index=a.index, **a.limit)


def _outcome(a: Asked) -> Told:
    from . import ladder

    return ladder.outcome(a.project, a.line, a.step.kind or "reply", now=a.noon, value=a.step.amount)


def _check(a: Asked) -> Told:
    from . import ladder

    return ladder.check(a.project, a.step.topic or "", now=a.noon, index=a.index)


def _preflight(a: Asked) -> Told:
    from xunke.outreach import lists

    from . import ladder

    name = a.step.name or next((one.name for one in lists.saved(a.project) if one.target == "people"), None)
    if name is None:
        raise NeedsAnswer("clarify.referent")
    return ladder.four_rights(a.project, name, now=a.noon, index=a.index)


def _followup(a: Asked) -> Told:
    from . import ladder_words

    return ladder_words.followup(a.project, now=a.noon, list_name=a.step.name, index=a.index, **a.limit)


def _neglected(a: Asked) -> Told:
    from . import ladder

    return ladder.neglected(a.project, now=a.noon, index=a.index, **a.limit)


# -- queues, lists, segments -----------------------------------------------------------------------------------------


def _context(a: Asked) -> Told:
    from . import queues

    if a.step.topic is not None:
        return queues.meet(a.engine, now=a.now, topic=a.step.topic, index=a.index, **a.limit)
    people = a.step.name or (None if a.people is None else str(a.people))
    return queues.meet(a.engine, now=a.now, people=people, index=a.index, **a.limit)


def _value(a: Asked) -> Told:
    from . import segment_kept

    return segment_kept.cut(a.engine, method=a.step.do, index=a.index, **a.limit)


def _review(a: Asked) -> Told:
    from . import reviews

    if a.step.op == "history":
        return reviews.history(a.project, campaign=a.step.name, index=a.index)
    return reviews.review(a.project, now=a.now, campaign=a.step.name, index=a.index)


# -- followers, reports, care ----------------------------------------------------------------------------------------


def _followers(a: Asked) -> Told:
    from . import fans

    step = a.step
    return fans.fans(
        a.engine, step.op or "summary", since=step.since, until=step.until, index=a.index, **a.limit
    )  # fmt: skip


_TABLE: Final[Mapping[Work, Callable[[Asked], Told]]] = {
    "today": _today, "next": _next, "outcome": _outcome, "check": _check, "preflight": _preflight,
    "neglected": _neglected,
    "followup": _followup, "context": _context, "value": _value, "stage": _value, "review": _review,
    "followers": _followers, **day.TABLE, **make.TABLE, **care.TABLE,
}  # fmt: skip
