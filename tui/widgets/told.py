"""What an action told: its tables one at a time, each with the sentences that follow it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input

from tui.widgets.base import Worded, Wrapped
from tui.widgets.vtable import Column, Listed, VTable
from xunke.events import Event, Table
from xunke.i18n import Catalogue
from xunke.present import event_lines, percents, shown_columns, table_cell, table_head
from xunke.text import cells as width_of
from xunke.text import fold

_NARROW, _WIDE, _LOOKED_AT = 2, 26, 200
_KEPT: Final = 2
"""So many columns from the left stay however narrow it is."""
_LINKS: Final = frozenset({"url", "post", "link"})


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its place and its cells in words."""

    told: ClassVar[bool] = True
    id: int
    raw: Sequence[Any]
    words: tuple[str, ...]


class Told(Worded, Vertical):
    """Tables and sentences of events. Enter, / and o as in every table; o takes the next column for the order."""

    class Chosen(Message):
        """Enter on a row: the table's columns and the row's values, also those that are not shown."""

        def __init__(self, table: Table, row: Row) -> None:
            super().__init__()
            self.table = table
            self.row = row

        @property
        def values(self) -> dict[str, Any]:
            """The row by column."""
            return dict(zip(self.table.columns, self.table.rows[self.row.id], strict=True))

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("comma,less_than_sign", "turn(-1)", show=False),
        Binding("full_stop,greater_than_sign", "turn(1)", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.parts: list[tuple[Table, list[Event]]] = []
        self.first: list[Event] = []
        self.at = 0
        self.word = ""
        self.order: int | None = None
        self.busy = ""
        self._there = False

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Wrapped(self._title, id="tabletitle")
        yield VTable[Row]((), lambda r: r.id, empty="tui.told.nothing", id="rows")
        filter_ = Input(id="filter", compact=True)
        filter_.display = False
        yield filter_
        with VerticalScroll(id="rest", can_focus=False):
            yield Wrapped(self._rest)

    def on_mount(self) -> None:
        """Show what came meanwhile."""
        self._there = True
        self._fill()

    def show(self, events: Sequence[Event]) -> None:
        """Show these; the first table that has rows."""
        self.busy = ""
        self.parts, self.first = [], []
        for event in events:
            if isinstance(event, Table):
                self.parts.append((event, []))
            else:
                (self.parts[-1][1] if self.parts else self.first).append(event)
        self.choose(next((n for n, (one, _) in enumerate(self.parts) if one.rows), 0))

    def choose(self, at: int) -> None:
        """Show the table at this place."""
        self.at, self.word, self.order = at, "", None
        self._fill()

    def reading(self, text: str = "") -> None:
        """Say that it is being read."""
        self.busy = text or self.cat.t("tui.told.reading")
        if self._there:
            self.query_one("#rest Wrapped", Wrapped).refresh(layout=True)

    def relabel(self) -> None:
        """Words of cells change with the language."""
        self._fill()

    @property
    def table(self) -> Table | None:
        """The table in use."""
        return self.parts[self.at][0] if self.at < len(self.parts) else None

    @property
    def current(self) -> dict[str, Any] | None:
        """The row under the cursor, by column."""
        row, table = self.query_one("#rows", VTable).current, self.table
        return None if row is None or table is None else dict(zip(table.columns, table.rows[row.id], strict=True))

    def _fill(self) -> None:
        if not self._there:
            return
        table, grid = self.table, self.query_one("#rows", VTable)
        self.query_one("#tabletitle").display = table is not None
        grid.display = table is not None and bool(table.rows)
        self.query_one("#rest").set_class(not grid.display, "alone")
        rows: list[Row] = []
        if table is not None:
            names, made = rows_of(table, self.cat)
            grid.columns = tuple(columns(names, made, self.cat))
            rows = [row for row in made if fold(self.word) in fold(" ".join(row.words))]
            if self.order is not None:
                rows.sort(key=lambda row: _sortable(row.raw[self.order or 0], row.words[self.order or 0]))
        grid.empty = "tui.table.no_match" if self.word else "tui.told.nothing"
        grid.show(Listed(rows, lambda row: row.id), keep=False)
        if grid.display and self.screen.focused is None:
            grid.focus()
        for name in ("#tabletitle", "#rest Wrapped"):
            self.query_one(name).refresh(layout=True)

    def _title(self, cat: Catalogue) -> str:
        if self.table is None:
            return ""
        title = event_lines(self.table, cat)[0]
        return (
            cat.t("tui.told.place", title=title, n=self.at + 1, all=len(self.parts)) if len(self.parts) > 1 else title
        )

    def _rest(self, cat: Catalogue) -> str:
        events = [*self.first, *(self.parts[self.at][1] if self.parts else ())]
        lines = [line for event in events for line in event_lines(event, cat)]
        if self.word:
            lines.insert(0, cat.t("tui.hint.filter", word=self.word))
        if self.order is not None and self.table is not None:
            name = table_head(shown_columns(self.table)[0][self.order], cat)
            lines.insert(0, cat.t("tui.hint.order", order=name))
        return "\n".join([self.busy, *lines] if self.busy else lines)

    # -- acts ------------------------------------------------------------------------------------------------

    def action_turn(self, by: int) -> None:
        """The table beside."""
        if self.parts:
            self.choose((self.at + by) % len(self.parts))

    @on(VTable.SortAsked)
    def _sort(self, event: VTable.SortAsked) -> None:
        event.stop()
        if self.table is not None:
            count = len(shown_columns(self.table)[0])
            self.order = 0 if self.order is None else self.order + 1 if self.order + 1 < count else None
            self._fill()

    @on(VTable.Opened)
    def _opened(self, event: VTable.Opened) -> None:
        event.stop()
        if self.table is not None and isinstance(event.table.current, Row):
            self.post_message(self.Chosen(self.table, event.table.current))

    @on(VTable.CopyAsked)
    def _copy(self, event: VTable.CopyAsked) -> None:
        from tui import links

        event.stop()
        values = (self.current or {}).values()
        links.copy(self.xunke, next((v for v in values if isinstance(v, str) and links.web(v)), None))

    @on(VTable.FilterAsked)
    def _filter(self, event: VTable.FilterAsked) -> None:
        event.stop()
        box = self.query_one("#filter", Input)
        box.display, box.value = True, self.word
        box.focus()

    @on(Input.Changed, "#filter")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        if self.query_one("#filter", Input).display:
            self.word = event.value.strip()
            self._fill()

    @on(Input.Submitted, "#filter")
    def _narrowed(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#filter", Input).display = False
        self.query_one("#rows", VTable).focus()

    def close_filter(self) -> bool:
        """Show all again; whether anything was left out."""
        box = self.query_one("#filter", Input)
        if not (box.display or self.word):
            return False
        self.word, box.display = "", False
        self.query_one("#rows", VTable).focus()
        self._fill()
        return True


def columns(names: Sequence[str], rows: Sequence[Row], cat: Catalogue) -> list[Column[Row]]:
    """As wide as what stands in them, up to a limit; what is longer shares the room that is left. Links stand last."""
    made: list[Column[Row]] = []
    for at in sorted(range(len(names)), key=lambda n: names[n] in _LINKS):
        longest = max((width_of(row.words[at]) for row in rows[:_LOOKED_AT]), default=0)
        numbers = all(isinstance(row.raw[at], int | float | None) for row in rows) and not names[at].endswith("id")
        head = _head(names[at])
        wide = max(_NARROW, width_of(head(cat)), min(longest, _WIDE))
        drop = len(names) + at if names[at] in _LINKS else 0 if len(made) < _KEPT else at
        made.append(Column(head, _cell(at), wide, max(0, longest - wide), numbers, drop))
    return made


def rows_of(table: Table, cat: Catalogue) -> tuple[Sequence[str], list[Row]]:
    """The columns of a table that are for people, and its rows in words."""
    names, body = shown_columns(table)
    shares = percents(names)
    return names, [
        Row(n, raw, tuple(shares[i](v) if i in shares and isinstance(v, float) else table_cell(v, cat)
                          for i, v in enumerate(raw)))
        for n, raw in enumerate(body)
    ]  # fmt: skip


def _head(name: str) -> Callable[[Catalogue], str]:
    return lambda cat: table_head(name, cat)


def _cell(at: int) -> Any:
    return lambda row, index, cat: row.words[at]


def _sortable(value: Any, words: str) -> tuple[int, float, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return (2 if value is None else 1, 0.0, fold(words))
    return (0, -float(value), "")
