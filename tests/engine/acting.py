"""Running plans and sentences on a real project: what the tests of single actions share."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any, TypeVar

from tests.conftest import TODAY
from xunke.chat import understand
from xunke.engine import Engine, Options
from xunke.events import Event, Failed, Table, Warned
from xunke.i18n import UNSAID, Catalogue
from xunke.plan import Plan, decode
from xunke.present import event_lines
from xunke.storage import Project

T = TypeVar("T", bound=Event)


def run(project: Project, *what: dict[str, Any] | str, today: date = TODAY) -> list[Event]:
    """Run steps, or one sentence, and see that every event can be said in both languages."""
    if isinstance(what[0], str):
        plan: Plan = understand(what[0], today=today, prev=None)
    else:
        plan = decode({"outcome": "run", "steps": list(what)})

    async def collect() -> list[Event]:
        engine = Engine(project, today=today, options=Options(folder=str(project.path.parent)))
        text = what[0] if isinstance(what[0], str) else "测试"
        return [event async for event in engine.run(plan, text=text)]

    events = asyncio.run(collect())
    for lang in ("zh", "en"):
        cat = Catalogue(lang)
        for event in events:
            if isinstance(event, Warned | Failed):
                key = event.code if isinstance(event, Warned) else event.key
                assert cat.has(key), key
            for line in event_lines(event, cat):
                assert UNSAID not in line, line
    return events


def of(events: list[Event], kind: type[T]) -> list[T]:
    """The events of a kind."""
    return [event for event in events if isinstance(event, kind)]


def the(events: list[Event], kind: type[T]) -> T:
    """The only event of a kind."""
    (found,) = of(events, kind)
    return found


def rows(table: Table) -> list[dict[str, Any]]:
    """A table's rows by column."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def codes(events: list[Event]) -> list[str]:
    """Message keys of what was warned of or failed."""
    return [e.code for e in of(events, Warned)] + [e.key for e in of(events, Failed)]
