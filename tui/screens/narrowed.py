"""A screen with one table that / narrows by words, and Escape widens again before it leaves."""

from __future__ import annotations

from textual import on
from textual.screen import Screen
from textual.widgets import Input

from tui.widgets.base import Worded
from tui.widgets.vtable import VTable


class NarrowedScreen(Worded, Screen[None]):
    """Has ``#rows``, a table, and ``#filter``, an input; ``word`` is what the rows must hold."""

    AUTO_FOCUS = "#rows"

    def __init__(self) -> None:
        super().__init__()
        self.word = ""

    def fill(self) -> None:
        """Show the rows that hold ``word``."""
        raise NotImplementedError

    @on(VTable.FilterAsked)
    def _filter(self) -> None:
        box = self.query_one("#filter", Input)
        box.display = True
        box.value = self.word
        box.focus()

    @on(Input.Changed, "#filter")
    def _narrow(self, event: Input.Changed) -> None:
        self.word = event.value.strip()
        self.fill()

    @on(Input.Submitted, "#filter")
    def _narrowed(self) -> None:
        self.query_one("#filter", Input).display = False
        self.query_one("#rows", VTable).focus()

    def action_back(self) -> None:
        """Leave the filter, then the screen."""
        box = self.query_one("#filter", Input)
        if box.display or self.word:
            self.word, box.display = "", False
            self.query_one("#rows", VTable).focus()
            self.fill()
        else:
            self.dismiss()
