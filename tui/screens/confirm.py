"""Questions that are answered with a key before something is changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.runs import Turn
from tui.safe import ui_text
from tui.widgets.base import Say, Worded, Wrapped
from tui.widgets.card import DEAF
from xunke.plan import MAX_WORDS, Plan, Step
from xunke.storage.rows import PersonRow

if TYPE_CHECKING:
    from tui.app import XunkeApp


class Confirm(Worded, ModalScreen[bool]):
    """Enter says yes, escape no; keys are ignored for the first half second."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer(True)", show=False),
        Binding("escape", "answer(False)", show=False),
    ]

    def __init__(self, say: Say) -> None:
        super().__init__()
        self._say = say
        self._shown_at = time.monotonic()

    def compose(self) -> ComposeResult:
        """The question and the keys."""
        with Vertical(classes="dialog"):
            yield Wrapped(self._say)
            yield Wrapped(lambda c: c.t("tui.confirm.keys"), classes="faint")

    def on_mount(self) -> None:
        """Begin the deaf half second."""
        self._shown_at = time.monotonic()
        self.query_one(".dialog").border_title = ui_text(self.cat.t("tui.confirm.title"))

    def action_answer(self, yes: bool) -> None:
        """Answer, not by accident."""
        if time.monotonic() - self._shown_at >= DEAF:
            self.dismiss(yes)


def ask(app: XunkeApp, say: Say, then: Callable[[], object]) -> None:
    """Ask, and do ``then`` after a yes."""

    def answered(yes: bool | None) -> None:
        if yes:
            then()

    app.push_screen(Confirm(say), answered)


def suppress(app: XunkeApp, people: Sequence[PersonRow]) -> None:
    """Put people on the do-not-contact list after a yes (200 at a time)."""
    chosen = people[:MAX_WORDS]
    names = "、".join(p.name or p.native_id for p in chosen[:5]) + ("…" if len(chosen) > 5 else "")
    accounts = tuple(f"{p.platform}:{p.native_id}" for p in chosen)
    plan = Plan(outcome="run", steps=(Step(action="suppress", op="add", accounts=accounts),))

    def go() -> None:
        if app.main.submit(Turn(plan)):
            app.tell("tui.suppress.sent", count=len(chosen))

    ask(app, lambda c: c.t("tui.suppress.ask", count=len(chosen), names=names), go)
