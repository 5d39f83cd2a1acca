"""Screens that are one table: saved lists, jobs."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.widgets.bars import KeyBar, TitleBar
from tui.widgets.base import Worded, Wrapped
from tui.widgets.vtable import VTable


class TableScreen(Worded, Screen[None]):
    """A title, a table, a hint; ``name_`` gives the catalogue keys ``tui.<name_>.title`` and ``.hint``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", show=False)]
    name_: ClassVar[str]

    def table(self) -> VTable[Any]:
        """The empty table."""
        raise NotImplementedError

    def load(self) -> None:
        """Fill the table."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield TitleBar(lambda c: c.t(f"tui.{self.name_}.title"), lambda c: c.t("tui.back"), id="title")
        yield self.table()
        yield Wrapped(lambda c: c.t(f"tui.{self.name_}.hint"), id="hint")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Read once."""
        self.load()
