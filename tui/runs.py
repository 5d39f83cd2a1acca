"""What runs, what waits, what ran: the state of the talk, apart from the widgets that show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from textual.message import Message

from xunke.events import AnyEvent, Cancelled, Done, Event, Failed, Planned, Progress
from xunke.outreach.names import names_of
from xunke.plan import Plan, Step, asks_first

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


@dataclass(frozen=True, slots=True)
class Turn:
    """One confirmed plan and the sentence it came from ("" for an act of a dialog)."""

    plan: Plan
    text: str = ""


_LOOKING = frozenset({"find", "stats", "compare", "history", "segment", "outreach", "help", "explain"})


_WRITES = frozenset({"touch", "outcome", "consent", "report", "retention"})
_WRITING = frozenset({"add", "new", "cost", "refresh", "run", "withdraw"})
"""``do`` and ``op`` of ``work`` steps that change something."""


def answered(plan: Plan) -> bool:
    """Whether a plan only answers questions, or does daily work that ``undo`` takes back: it runs at once, and what it
    is asked of stays on the screen.
    """
    return bool(plan.steps) and all(
        step.action in ("explain", "help") or (step.action == "work" and not asks_first(step)) for step in plan.steps
    )


def _looks(step: Step) -> bool:
    return step.action in _LOOKING or (
        step.action == "work" and step.do not in _WRITES and step.op not in _WRITING and not asks_first(step)
    )


_KEYED: Final[Mapping[str, str]] = {
    "queue.next": "tui.day.offer", "touch.done": "tui.day.said_done", "outcome.done": "tui.day.said_outcome",
}  # fmt: skip


def keyed(event: Event) -> Event:
    """The event with keys in its sentence where it names commands."""
    if isinstance(event, Done) and event.code in _KEYED:
        return msgspec.structs.replace(event, code=_KEYED[event.code])
    return event


def looking_only(plan: Plan) -> Plan | None:
    """The plan with what is stored already: ``collect`` finds, steps that write or reach outside are left out.

    None where nothing is left.
    """
    steps = []
    for step in plan.steps:
        if step.action == "collect":
            steps.append(msgspec.structs.replace(step, action="find"))
        elif _looks(step):
            steps.append(step)
    return msgspec.structs.replace(plan, steps=tuple(steps)) if steps else None


class EventCame(Message):
    """The run told something. Of two waiting progress reports of one stage the newer one is enough."""

    def __init__(self, event: AnyEvent) -> None:
        super().__init__()
        self.event = event

    def can_replace(self, message: Message) -> bool:
        """Whether ``message``, which waits, may be dropped."""
        return (
            isinstance(message, EventCame)
            and isinstance(self.event, Progress)
            and isinstance(message.event, Progress)
            and self.event.stage == message.event.stage
        )


class RunEnded(Message):
    """The run is over, one way or another."""

    def __init__(self, turn: Turn, failed: Failed | None, cancelled: bool) -> None:
        super().__init__()
        self.turn = turn
        self.failed = failed
        self.cancelled = cancelled


class PlanCame(Message):
    """The model's answer to a sentence, or the parser's in its place; None: cancelled or broken."""

    def __init__(self, text: str, previous: tuple[str, Plan] | None, found: Planned | None) -> None:
        super().__init__()
        self.text = text
        self.previous = previous
        self.found = found


class Runs:
    """One run at a time, a queue of sentences, and the turn that a follow-up refers to."""

    def __init__(self) -> None:
        self.queue: list[str] = []
        self.asking = False
        self.turn: Turn | None = None
        self.previous: tuple[str, Plan] | None = None

    @property
    def busy(self) -> bool:
        """Whether something runs, or the model is being asked."""
        return self.turn is not None or self.asking

    def ask(self, screen: MainScreen, text: str, previous: tuple[str, Plan] | None) -> None:
        """Ask the connected model in the child process; the screen gets a PlanCame."""
        self.asking = True
        screen.run_worker(self._asked(screen, text, previous), group="run", exclusive=True, exit_on_error=False)

    async def _asked(self, screen: MainScreen, text: str, previous: tuple[str, Plan] | None) -> None:
        found: Planned | None = None
        try:
            async for event in screen.xunke.client.plan(
                text, today=screen.xunke.today, prev=previous, names=names_of(screen.xunke.project)
            ):
                found = event if isinstance(event, Planned) else found
        except Exception:  # noqa: BLE001 - a broken pipe: the parser in this process still works
            found = None
        finally:
            self.asking = False
            screen.post_message(PlanCame(text, previous, found))

    def begin(self, screen: MainScreen, turn: Turn, options: Mapping[str, Any]) -> None:
        """Run ``turn`` in the child process; the screen gets EventCame messages and a RunEnded."""
        self.turn = turn
        screen.run_worker(self._drive(screen, turn, options), group="run", exclusive=True, exit_on_error=False)

    async def _drive(self, screen: MainScreen, turn: Turn, options: Mapping[str, Any]) -> None:
        failed: Failed | None = None
        cancelled = False
        app = screen.xunke
        try:
            async for event in app.client.run(turn.plan, text=turn.text or None, today=app.today, options=options):
                if isinstance(event, Failed):
                    failed = event
                cancelled = cancelled or isinstance(event, Cancelled)
                screen.post_message(EventCame(event))
        except Exception as error:  # noqa: BLE001 - a broken pipe or line must end the run, not leave it hanging
            failed = Failed("tui.error.worker_died", {"detail": f"{type(error).__name__}: {error}"[:300]})
            screen.post_message(EventCame(failed))
        finally:
            self.turn = None
            screen.post_message(RunEnded(turn, failed, cancelled))
