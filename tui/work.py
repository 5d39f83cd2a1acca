"""What the work screen shows: each tab is a step that the chat could ask for too, run in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from xunke import veil
from xunke.errors import XunkeError
from xunke.events import Event, Failed, Progress
from xunke.plan import Step, Work
from xunke.storage import Project

Note = Callable[[Progress], object]


def _step(do: Work, op: str | None = None) -> Step:
    return Step(action="work", do=do, op=op)


@dataclass(frozen=True, slots=True)
class Tab:
    """``asks``: what fills it. ``opens``: what is asked about a row, whose name stands in column ``by``."""

    name: str
    asks: tuple[Step, ...]
    by: str = ""
    opens: tuple[Step, ...] = ()


TABS: Final = (
    Tab("lists", (_step("lists"),), "name", (_step("lists", "show"),)),
    Tab("segments", (_step("segments"),), "segment", (_step("segments", "show"),)),
    Tab("queues", (_step("queue"),)),
    Tab(
        "campaigns", (_step("campaign", "list"),), "campaign",
        tuple(_step("campaign", op) for op in ("show", "kpi", "funnel", "roi", "waste")),
    ),
    Tab("calendar", (_step("calendar"),)),
    Tab("experiments", (_step("experiment"),), "name", (_step("experiment", "result"),)),
)  # fmt: skip


def opened(tab: Tab, name: str) -> tuple[Step, ...]:
    """What is asked about the row of ``tab`` that is called so."""
    return tuple(msgspec.structs.replace(step, name=name) for step in tab.opens)


class Reader:
    """Runs ``work`` steps in a thread; ``stop()`` ends it after the next thing it tells."""

    def __init__(self, project: Project, today: date, lang: str) -> None:
        self._project, self._today, self._lang = project, today, lang
        self._stopped = threading.Event()

    def stop(self) -> None:
        """No more."""
        self._stopped.set()

    async def read(self, steps: Sequence[Step], note: Note | None = None) -> list[Event]:
        """What the steps tell; a step that cannot be done says why, the others go on. ``note`` is called in the
        thread."""
        return await asyncio.to_thread(self.now, steps, note)

    def now(self, steps: Sequence[Step], note: Note | None = None) -> list[Event]:
        """The same, in this thread."""
        return asyncio.run(self._told(steps, note))

    async def _told(self, steps: Sequence[Step], note: Note | None) -> list[Event]:
        from xunke.actions import winning
        from xunke.engine import Engine, Options, Session

        engine = Engine(self._project, today=self._today, options=Options(lang=self._lang))
        told: list[Event] = []
        for index, step in enumerate(steps):
            try:
                async for event in winning.work(engine, step, index, Session(run=0, text=None)):
                    if self._stopped.is_set():
                        return told
                    if not isinstance(event, Progress):
                        told.append(veil.event(event))
                    elif note is not None:
                        note(event)
            except XunkeError as error:
                told.append(Failed(error.key, dict(error.params)))
        return told
