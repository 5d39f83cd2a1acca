"""All about one job or schedule: its slices, how much of each list was seen, what is lacking, what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen

from tui.widgets.bars import KeyBar, TitleBar
from tui.widgets.base import Worded, Wrapped
from xunke.errors import XunkeError
from xunke.events import Event
from xunke.i18n import Catalogue
from xunke.present import event_lines, failure_line


class JobScreen(Worded, Screen[None]):
    """What ``xunke jobs show``, ``jobs gaps``, ``jobs history`` and ``watch digest`` tell, on one page."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", show=False)]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name_of = name

    def compose(self) -> ComposeResult:
        """One page to scroll."""
        yield TitleBar(lambda c: c.t("tui.jobs.title"), lambda c: c.t("tui.back"), id="title")
        with VerticalScroll(id="page"):
            yield Wrapped(self._page)
        yield KeyBar(id="keys")

    def _page(self, cat: Catalogue) -> str:
        try:
            return "\n".join(line for event in self._events() for line in [*event_lines(event, cat), ""])
        except XunkeError as error:
            return failure_line(error.key, error.params, cat)

    def _events(self) -> Iterator[Event]:
        from xunke import actions
        from xunke.actions import watches

        project = self.xunke.project
        if not self.name_of.startswith("S"):
            job = actions.known(project, self.name_of)
            yield from actions.shown(project, job)
            yield actions.gaps_table(project, job)
            return
        for one in actions.chosen(project, "history", self.name_of):
            yield actions.runs_table(project, one)
            try:
                yield from watches.last_digest(project, one)
            except XunkeError:  # it has fetched nothing yet
                continue
