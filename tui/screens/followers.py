"""Our followers: how many over time, who came, left, sleeps, is to be woken, speaks for us; below, all dealings with
whoever is under the cursor."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input

from tui import fans
from tui.fans import FanRow, Seen
from tui.formats import minute
from tui.screens.narrowed import NarrowedScreen
from tui.widgets.bars import KeyBar, TabBar, TitleBar
from tui.widgets.base import Wrapped
from tui.widgets.columns import platform
from tui.widgets.curve import Curve
from tui.widgets.vtable import Column, Listed, VTable
from xunke.clock import ZONE_NAME
from xunke.errors import XunkeError
from xunke.i18n import Catalogue
from xunke.outreach.timeline import Entry, timeline
from xunke.text import fold

COLUMNS: Final[tuple[Column[FanRow], ...]] = (
    Column("tui.col.name", lambda r, i, c: r.name, 14, flex=2),
    Column("tui.col.platform", lambda r, i, c: platform(r.platform, c), 6, drop=2),
    Column("tui.col.when", lambda r, i, c: r.when, 12),
    Column("tui.col.note", lambda r, i, c: r.note(c), 16, flex=3),
)
SHOWN: Final = 40
"""So many dealings are shown, newest first; ``xunke history --with-us`` shows all."""


class FollowersScreen(NarrowedScreen):
    """Left and right turn the tabs, / narrows by name, enter opens the person."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
        Binding("r", "again", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.seen: Seen | None = None
        self.entries: list[Entry] = []

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield TitleBar(self._title, lambda c: c.t("tui.back"), id="title")
        yield Curve(id="curve")
        yield TabBar({name: self._tab(name) for name in fans.TABS}, id="fantabs")
        yield VTable(COLUMNS, lambda r: r.id, empty="tui.fans.reading", id="rows")
        filter_ = Input(id="filter", compact=True)
        filter_.display = False
        yield filter_
        with VerticalScroll(id="dealings", can_focus=False):
            yield Wrapped(self._dealings)
        yield Wrapped(self._hint, id="hint")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Read, and follow the cursor."""
        self.watch(self.query_one("#rows", VTable), "cursor", self._moved, init=False)
        self.action_again()

    def action_again(self) -> None:
        """Read everything anew, beside the screen."""
        self.run_worker(self._read(), group="fans", exclusive=True, exit_on_error=False)

    async def _read(self) -> None:
        try:
            self.seen = await asyncio.to_thread(fans.read, self.xunke.project, self.xunke.today)
        except XunkeError as error:
            self.xunke.tell_error(error)
            return
        self.query_one(Curve).show(self.seen.counts, [one.day for one in self.seen.odd])
        self.fill()

    # -- what is shown ---------------------------------------------------------------------------------------

    @property
    def tab(self) -> str:
        """The tab in use."""
        return self.query_one(TabBar).active

    def fill(self) -> None:
        seen = self.seen or Seen()
        rows = [row for row in seen.rows.get(self.tab, ()) if fold(self.word) in fold(row.name)]
        table = self.query_one("#rows", VTable)
        table.empty = self._empty(seen)
        table.show(Listed(rows, lambda row: row.id), keep=False)
        self.query_one("#title").refresh()
        self.query_one(TabBar).refresh()
        self.query_one("#hint").refresh(layout=True)
        self._moved()

    def _empty(self, seen: Seen) -> str:
        if self.word:
            return "tui.table.no_match"
        if seen.own is None:
            return "tui.fans.no_own"
        if self.tab in ("came", "left") and seen.whole < 2:
            return "tui.fans.no_lists" if not seen.whole else "tui.fans.one_list"
        return f"tui.fans.none_{self.tab}"

    def _moved(self) -> None:
        row = self.query_one("#rows", VTable).current
        own = self.seen.own if self.seen else None
        self.entries = timeline(self.xunke.project, row.id, [own]) if isinstance(row, FanRow) and own else []
        self.query_one("#dealings Wrapped", Wrapped).refresh(layout=True)

    # -- words -----------------------------------------------------------------------------------------------

    def _title(self, cat: Catalogue) -> str:
        seen = self.seen
        if seen is None or seen.own is None:
            return cat.t("tui.fans.title")
        return f"{cat.t('tui.fans.title')}  {seen.name}   {fans.headline(seen, cat)}"

    def _tab(self, name: str) -> fans.Words:
        def say(cat: Catalogue) -> str:
            rows = (self.seen or Seen()).rows.get(name, ())
            return cat.t(f"tui.fans.tab_{name}", n=f"{len(rows):,}")

        return say

    def _dealings(self, cat: Catalogue) -> str:
        row = self.query_one("#rows", VTable).current
        if not isinstance(row, FanRow):
            return cat.t("tui.fans.nobody")
        lines = [cat.t("tui.fans.dealings", name=row.name, n=len(self.entries))]
        for one in self.entries[:SHOWN]:
            what = cat.t(f"value.{one.kind}") if cat.has(f"value.{one.kind}") else one.kind
            alone = one.ref.startswith(("follower:", "purchase:", "consent:"))
            who = what if alone else cat.t(f"tui.dealing.{one.way}", kind=what)
            when = minute(one.t, ZONE_NAME)
            if one.until is not None:
                when = f"{when[5:10]}～{minute(one.until, ZONE_NAME)[5:10]}     "
            lines.append(f"{when}  {who}  {cat.t('tui.quote', text=one.text) if one.text else ''}")
        return "\n".join(lines)

    def _hint(self, cat: Catalogue) -> str:
        parts = [cat.t("tui.fans.hint")]
        if self.word:
            parts.insert(0, cat.t("tui.hint.filter", word=self.word))
        if self.seen is not None and self.seen.counts and not self.seen.enough:
            parts.append(cat.t("tui.fans.few_counts"))
        elif self.seen is not None and self.seen.odd:
            parts.append(cat.t("tui.fans.odd", n=len(self.seen.odd)))
        return "   ".join(parts)

    # -- acts ------------------------------------------------------------------------------------------------

    def action_turn(self, by: int) -> None:
        """The tab beside."""
        tabs = fans.TABS
        self.query_one(TabBar).choose(tabs[(tabs.index(self.tab) + by) % len(tabs)])
        self.fill()

    @on(TabBar.Chosen)
    def _chosen(self, event: TabBar.Chosen) -> None:
        self.query_one(TabBar).choose(event.tab)
        self.fill()

    @on(VTable.Opened)
    def _opened(self, event: VTable.Opened) -> None:
        from tui.screens.person import PersonScreen

        row = event.table.current
        if isinstance(row, FanRow):
            self.xunke.push_screen(PersonScreen(row.id))
