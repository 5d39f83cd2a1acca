"""A table in the chat log: cut to the width there is; enter or a click shows all of it."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.message import Message

from tui.widgets.base import Wrapped
from tui.widgets.told import columns, rows_of
from tui.widgets.vtable import laid_out
from tui.wrap import fit, wrap
from xunke.events import Table
from xunke.present import event_lines, is_sentence, table_head

_ROWS: Final = 8
"""So many rows stand in the log."""


class TableEntry(Wrapped):
    """The title, the first rows, and what is left out."""

    class Asked(Message):
        """The whole table, please."""

        def __init__(self, entry: TableEntry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self, table: Table, *, classes: str = "entry answer") -> None:
        super().__init__(lambda c: "\n".join(event_lines(table, c)), classes=classes)
        self.table = table

    def again(self) -> TableEntry:
        """A new widget like this one."""
        return TableEntry(self.table, classes=" ".join(sorted(self.classes)))

    def lines(self, width: int) -> list[str]:
        """As many columns as fit; cells are cut with …."""
        out = wrap(event_lines(self.table, self.cat)[0], width)
        if not self.table.rows:
            return out
        names, rows = rows_of(self.table, self.cat)
        fitted = laid_out(columns(names, rows, self.cat), len(rows), width)
        beside = {c.title(self.cat) if callable(c.title) else c.title for c, _ in fitted}
        said = next((n for n, name in enumerate(names) if is_sentence(name)), None)
        if said is not None and table_head(names[said], self.cat) in beside:
            said = None  # else what the row is about stands under it: a question without its words is no question
        out.append(
            " ".join(fit(c.title(self.cat) if callable(c.title) else c.title, w, right=c.right) for c, w in fitted)
        )
        for n, row in enumerate(rows[:_ROWS]):
            out.append(" ".join(fit(c.cell(row, n, self.cat), w, right=c.right) for c, w in fitted))
            if said is not None and row.words[said]:
                out.append("  " + fit(row.words[said], width - 2))
        more = len(rows) - _ROWS
        if more > 0:
            out += wrap(self.cat.t("tui.entry.more", n=more), width)
        elif len(fitted) < len(names) or any("…" in line for line in out[1:]):
            out += wrap(self.cat.t("tui.entry.whole"), width)
        return out

    def on_click(self, event: events.Click) -> None:
        """The whole table."""
        event.stop()
        self.open()

    def open(self) -> None:
        """Ask for the whole table."""
        self.post_message(self.Asked(self))
