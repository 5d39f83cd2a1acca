"""The work: lists, segments, queues, campaigns, the calendar, experiments; each tab shows what its action tells."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui import sources, work
from tui.screens.told import ToldScreen, open_row
from tui.sources import Scope
from tui.widgets.bars import KeyBar, TabBar, TitleBar
from tui.widgets.base import Say, Worded, Wrapped
from tui.widgets.told import Told
from tui.work import TABS, Reader
from xunke.events import Event, Progress
from xunke.i18n import Catalogue
from xunke.present import progress_line


class WorkScreen(Worded, Screen[None]):
    """Left and right turn the tabs; what was read stays until it is read again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
        Binding("r", "again", show=False),
    ]
    AUTO_FOCUS = "#rows"

    def __init__(self) -> None:
        super().__init__()
        self.read: dict[str, list[Event]] = {}
        self._reader: Reader | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield TitleBar(lambda c: c.t("tui.work.title"), lambda c: c.t("tui.back"), id="title")
        yield TabBar({tab.name: _say(f"tui.work.{tab.name}") for tab in TABS}, id="worktabs")
        yield Told(id="told")
        yield Wrapped(lambda c: c.t(f"tui.work.hint_{self.tab.name}"), id="hint")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """The first tab."""
        self._go(TABS[0].name)

    def on_unmount(self) -> None:
        """What is being read is not wanted any more."""
        if self._reader is not None:
            self._reader.stop()

    @property
    def tab(self) -> work.Tab:
        """The tab in use."""
        active = self.query_one(TabBar).active
        return next(tab for tab in TABS if tab.name == active)

    def _go(self, name: str) -> None:
        self.query_one(TabBar).choose(name)
        self.query_one("#hint").refresh(layout=True)
        told = self.query_one(Told)
        told.show(self.read.get(name, []))
        if name not in self.read:
            told.reading()
            self.run_worker(self._read(self.tab), group="work", exclusive=True, exit_on_error=False)

    async def _read(self, tab: work.Tab) -> None:
        if self._reader is not None:
            self._reader.stop()
        self._reader = reader = Reader(self.xunke.project, self.xunke.today, self.cat.lang)

        def note(event: Progress) -> None:
            self.xunke.call_from_thread(self._progress, tab, event)

        self.read[tab.name] = await reader.read(tab.asks, note)
        if self.tab is tab:
            self.query_one(Told).show(self.read[tab.name])

    def _progress(self, tab: work.Tab, event: Progress) -> None:
        if self.is_mounted and self.tab is tab:
            self.query_one(Told).reading(progress_line(event, self.cat))

    # -- acts ------------------------------------------------------------------------------------------------

    def action_turn(self, by: int) -> None:
        """The tab beside."""
        self._go(TABS[(TABS.index(self.tab) + by) % len(TABS)].name)

    @on(TabBar.Chosen)
    def _chosen_tab(self, event: TabBar.Chosen) -> None:
        self._go(event.tab)

    def action_again(self) -> None:
        """Read the tab in use again."""
        self.read.pop(self.tab.name, None)
        self._go(self.tab.name)

    @on(Told.Chosen)
    def _chosen(self, event: Told.Chosen) -> None:
        tab, values = self.tab, event.values
        name = values.get(tab.by) if tab.opens else None
        if not isinstance(name, str):
            open_row(self, event.table, values)
            return
        app, steps = self.xunke, work.opened(tab, name)
        title = _say("tui.work.opened", tab=f"tui.work.{tab.name}", name=name)

        def ask(lang: str) -> list[Event]:
            return Reader(app.project, app.today, lang).now(steps)

        app.push_screen(ToldScreen(title, ask))

    def exportable(self) -> tuple[Scope, str, int] | None:
        """The list under the cursor."""
        row = self.query_one(Told).current
        if self.tab.name != "lists" or row is None:
            return None
        kept = next((one for one in sources.lists(self.xunke.project) if one.id == row["id"]), None)
        return None if kept is None else (Scope("list", kept.id, kept.name), kept.target, kept.count)

    def action_back(self) -> None:
        """Leave the filter, then the screen."""
        if not self.query_one(Told).close_filter():
            self.dismiss()


def _say(key: str, **params: Any) -> Say:
    def say(cat: Catalogue) -> str:
        return cat.t(key, **{k: cat.t(v) if k == "tab" else v for k, v in params.items()})

    return say
