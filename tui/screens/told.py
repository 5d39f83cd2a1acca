"""Pages made of what an action told: its tables and sentences; one row in full."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen

from tui.screens.behind import number_of
from tui.widgets.bars import KeyBar, TitleBar
from tui.widgets.base import Say, Worded, Wrapped
from tui.widgets.told import Told
from xunke.errors import XunkeError
from xunke.events import Event, Failed, Table
from xunke.i18n import Catalogue
from xunke.present import table_cell, table_head

Ask = Callable[[str], Sequence[Event]]
"""Tells something in a language; called in a thread."""


class ToldScreen(Worded, Screen[None]):
    """Enter on a person or post opens it, on another row shows the row in full."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]
    AUTO_FOCUS = "#rows"

    def __init__(self, title: Say, ask: Ask) -> None:
        super().__init__()
        self._title, self._ask = title, ask
        self.filled = False

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield TitleBar(self._title, lambda c: c.t("tui.back"), id="title")
        yield Told(id="told")
        yield Wrapped(lambda c: c.t("tui.told.hint"), id="hint")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Read beside the screen."""
        self.query_one(Told).reading()
        self.run_worker(self._read(), exclusive=True, exit_on_error=False)

    async def _read(self) -> None:
        try:
            events = await asyncio.to_thread(self._ask, self.cat.lang)
        except XunkeError as error:
            events = [Failed(error.key, dict(error.params))]
        self.query_one(Told).show(events)
        self.filled = True

    @on(Told.Chosen)
    def _chosen(self, event: Told.Chosen) -> None:
        open_row(self, event.table, event.values)

    def action_back(self) -> None:
        """Leave the filter, then the screen."""
        if not self.query_one(Told).close_filter():
            self.dismiss()


class RowScreen(Worded, Screen[None]):
    """One row: each column with its whole cell."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter", "dismiss", show=False)]

    def __init__(self, table: Table, values: dict[str, Any]) -> None:
        super().__init__()
        self.table, self.values = table, values

    def compose(self) -> ComposeResult:
        """One page to scroll."""
        yield TitleBar(lambda c: c.t("tui.told.row"), lambda c: c.t("tui.back"), id="title")
        with VerticalScroll(id="page"):
            yield Wrapped(self._page)
        yield KeyBar(id="keys")

    def _page(self, cat: Catalogue) -> str:
        hidden = set(self.table.params.get("hidden", ()))
        return "\n".join(
            cat.t("tui.told.cell", name=table_head(name, cat), value=table_cell(value, cat))
            for name, value in self.values.items() if name not in hidden
        )  # fmt: skip


def open_row(screen: Worded, table: Table, values: dict[str, Any]) -> None:
    """The person or the post that a row is about; else the row in full."""
    from tui.screens.behind import BehindScreen
    from tui.screens.person import PersonScreen

    app = screen.xunke
    if values.get("platform") and values.get("id"):
        account = number_of(app.project, f"person:{values['platform']}:{values['id']}")
        if account is not None:
            app.push_screen(PersonScreen(account))
            return
    if isinstance(values.get("post"), str) and ":" in values["post"]:
        app.push_screen(BehindScreen([f"post:{values['post']}"]))
        return
    app.push_screen(RowScreen(table, values))
