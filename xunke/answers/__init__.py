"""Answers in words made from rows, each number with the posts and people behind it.

``explain`` runs the questions of ``xunke.plan.Explained``; ``after`` says in one or two sentences what a step that
finds, counts or compares came to, and, where it came to nothing, which filter to loosen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from xunke.errors import UsageError
from xunke.events import Event, Funnel, Result, Table, Warned
from xunke.plan import Explained, Step

if TYPE_CHECKING:
    from xunke.engine import Engine, Session


@dataclass(slots=True)
class Told:
    """What a step told: its result, tables, funnel and warnings. ``before``: what it worked on, if a step made that."""

    step: Step
    index: int
    before: tuple[int, str] | None
    result: Result | None = None
    funnel: Funnel | None = None
    tables: list[Table] = field(default_factory=list)
    warned: dict[str, Warned] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        """Note what matters."""
        match event:
            case Result():
                self.result = event
            case Funnel():
                self.funnel = event
            case Table():
                self.tables.append(event)
            case Warned():
                self.warned[event.code] = event


SUMMED_UP: Final = frozenset({"find", "collect", "outreach", "stats", "compare", "segment"})


async def after(engine: Engine, told: Told, session: Session) -> AsyncIterator[Event]:
    """One answer about what a step showed."""
    if told.step.action not in SUMMED_UP:
        return
    if told.result is not None and told.result.count == 0:
        from .empty import why_empty

        async for event in why_empty(engine, told, session):
            yield event
    elif told.result is not None or told.tables:
        from .summary import sum_up

        for event in sum_up(engine.project, told):
            yield event


Explain = Callable[["Engine", Step, int, "Session"], AsyncIterator[Event]]


def _handlers() -> Mapping[Explained, Explain]:
    from . import crowd, empty, past, screen, silence, terms, why

    return {
        "why": why.why, "why_not": why.why_not, "versus": why.versus, "term": terms.term, "page": screen.page,
        "seen": screen.seen, "more_topics": screen.more_topics, "empty": empty.again, "silent": silence.silent,
        "backtest": past.backtest, "seeds": crowd.seeds, "cascade": crowd.cascade, "overlap": crowd.overlap,
        "lookalike": crowd.lookalike,
    }  # fmt: skip


def explain(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """The events of an ``explain`` step."""
    if step.what is None:
        raise UsageError("action.later", action=step.action)
    return _handlers()[step.what](engine, step, index, session)
