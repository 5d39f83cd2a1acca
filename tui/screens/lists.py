"""The saved lists with their counts."""

from __future__ import annotations

from typing import Final

from textual import on

from tui import sources
from tui.formats import amount, day
from tui.screens.tables import TableScreen
from tui.sources import ListRow
from tui.widgets.vtable import Column, Listed, VTable

COLUMNS: Final[tuple[Column[ListRow], ...]] = (
    Column("tui.col.list", lambda r, i, c: r.name, 16, flex=2),
    Column("tui.col.count", lambda r, i, c: amount(r.count, c), 8, right=True),
    Column("tui.col.target", lambda r, i, c: c.t(f"tui.target.{r.target}"), 6, drop=3),
    Column("tui.col.purpose", lambda r, i, c: r.purpose or "-", 14, flex=1, drop=2),
    Column("tui.col.created", lambda r, i, c: day(r.created), 10, drop=1),
)


class ListsScreen(TableScreen):
    """Enter shows the list on the main screen."""

    name_ = "lists"

    def table(self) -> VTable[ListRow]:
        """Name, count, kind, purpose, date."""
        return VTable(COLUMNS, lambda r: r.id, empty="tui.lists.empty", id="rows")

    def load(self) -> None:
        """All of them."""
        self.query_one(VTable).show(Listed(sources.lists(self.xunke.project), lambda r: r.id))

    @on(VTable.Opened)
    def _opened(self, event: VTable.Opened) -> None:
        row = event.table.current
        if row is not None:
            self.dismiss()
            self.xunke.main.open_list(row)
