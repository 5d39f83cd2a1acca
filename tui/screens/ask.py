"""Short questions: some words, or one of a few answers by its number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.safe import ui_text
from tui.widgets.base import Say, Worded, Wrapped


class AskWords(Worded, ModalScreen[str | None]):
    """One line of text; escape gives None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", show=False)]

    def __init__(self, title: Say, about: Say) -> None:
        super().__init__()
        self._title, self._about = title, about

    def compose(self) -> ComposeResult:
        """What is asked, the line, the keys."""
        with Vertical(classes="dialog"):
            yield Wrapped(self._about)
            yield Input(id="words", compact=True)
            yield Wrapped(lambda c: c.t("tui.confirm.keys"), classes="faint")

    def on_mount(self) -> None:
        """The title."""
        self.query_one(".dialog").border_title = ui_text(self._title(self.cat))

    @on(Input.Submitted)
    def _said(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())


class AskOne(Worded, ModalScreen[str | None]):
    """One of at most nine answers, by its number; escape gives None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", show=False)]

    def __init__(self, title: Say, answers: Sequence[tuple[str, Say]]) -> None:
        super().__init__()
        self._title, self._answers = title, answers

    def compose(self) -> ComposeResult:
        """The answers, the keys."""
        with Vertical(classes="dialog"):
            for n, (_, say) in enumerate(self._answers, 1):
                yield Wrapped(say, prefix=lambda c, n=n: f"{n}  ")  # type: ignore[misc]
            yield Wrapped(lambda c: c.t("tui.ask.keys", n=len(self._answers)), classes="faint")

    def on_mount(self) -> None:
        """The title."""
        self.query_one(".dialog").border_title = ui_text(self._title(self.cat))

    def on_key(self, event: events.Key) -> None:
        """A number answers; nothing else does."""
        if event.key.isdecimal() and 1 <= int(event.key) <= len(self._answers):
            event.stop()
            self.dismiss(self._answers[int(event.key) - 1][0])
