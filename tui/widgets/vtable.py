"""A table that draws only the lines one sees: a hundred thousand rows open at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.base import Say, Worded
from tui.wrap import fit
from xunke import veil
from xunke.i18n import Catalogue

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_MARK: Final = 2


class Rows(Protocol[T_co]):
    """What the table needs of a row source (``xunke.storage.rows.RowSource`` is one)."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> T_co: ...
    def position(self, row_id: int) -> int | None:
        """Where the row stands, or None."""


class Listed(Generic[T]):
    """A row source over a short list; ``number`` gives a row's id."""

    def __init__(self, rows: Sequence[T], number: Callable[[T], int]) -> None:
        self.rows = rows
        self._number = number

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> T:
        return self.rows[index]

    def position(self, row_id: int) -> int | None:
        """Where the row stands, or None."""
        return next((i for i, row in enumerate(self.rows) if self._number(row) == row_id), None)


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column: ``title`` is a catalogue key or says the words itself, ``cell`` gives the raw text (the table cleans
    and cuts it).

    ``flex``: share of the cells left over. ``drop``: a column with a higher number goes first when the table is
    narrow, 0 never goes. ``numbered``: at least as wide as the number of rows is long.
    """

    title: str | Say
    cell: Callable[[T, int, Catalogue], str]
    width: int
    flex: int = 0
    right: bool = False
    drop: int = 0
    numbered: bool = False


def laid_out(columns: Sequence[Column[T]], count: int, width: int) -> list[tuple[Column[T], int]]:
    """The columns that fit into ``width`` cells, with their widths, for ``count`` rows; one blank lies between two."""
    digits = len(str(count))
    kept = [replace(c, width=max(c.width, digits)) if c.numbered else c for c in columns]
    while len(kept) > 1 and sum(c.width + 1 for c in kept) - 1 > width:
        victim = max(kept, key=lambda c: c.drop)
        if victim.drop == 0:
            break
        kept.remove(victim)
    spare = max(0, width - sum(c.width + 1 for c in kept) + 1)
    shares = sum(c.flex for c in kept) or 1
    return [(c, c.width + spare * c.flex // shares) for c in kept]


class VTable(Worded, ScrollView, Generic[T], can_focus=True):
    """Rows of a source, one line each, below a header that stays.

    The cursor row is marked with ``>`` and a selected row with ``*`` as well as by style; the cursor stays on its
    row's id when the rows change.
    """

    DEFAULT_CSS = """
    VTable { height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"vtable--header", "vtable--cursor", "vtable--selected"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home,g", "edge(0)", show=False),
        Binding("end,G", "edge(-1)", show=False),
        Binding("enter", "open", show=False),
        Binding("space", "select", show=False),
        Binding("o", "sort", show=False),
        Binding("y", "copy", show=False),
        Binding("slash", "filter", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    class Told(Message):
        """Base of what a table tells."""

        def __init__(self, table: VTable[Any]) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> VTable[Any]:
            """The table."""
            return self.table

    class Opened(Told):
        """Enter or a double click on the cursor row."""

    class SortAsked(Told):
        """``o``: another order, please."""

    class CopyAsked(Told):
        """``y`` on the cursor row."""

    class FilterAsked(Told):
        """``/``: fewer rows, please."""

    class Picked(Told):
        """The selection changed."""

    def __init__(
        self,
        columns: Sequence[Column[T]],
        number: Callable[[T], int],
        *,
        empty: str = "tui.table.empty",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = tuple(columns)
        self.number = number
        self.empty = empty
        self.source: Rows[T] = Listed([], number)
        self.selected: set[int] = set()
        self._strips: LRUCache[tuple[int, bool, bool, int], Strip] = LRUCache(512)
        self._layout_for = -1
        self._fitted: list[tuple[Column[T], int]] = []

    # -- rows ------------------------------------------------------------------------------------------------

    def show(self, source: Rows[T], *, keep: bool = True) -> None:
        """Show these rows; with ``keep`` the cursor and the selection stay on their rows where these are there."""
        here = self.current if keep else None
        self.source = source
        self._layout_for = -1
        if not keep:
            self.selected.clear()
        place = source.position(self.number(here)) if here is not None else None
        self._strips.clear()
        self.virtual_size = Size(self.room, len(source) + 1)
        self.set_reactive(VTable.cursor, place if place is not None else 0)
        if place is None:
            self.scroll_to(y=0, animate=False, immediate=True)
        else:
            self._follow()
        self.refresh()

    @property
    def current(self) -> T | None:
        """The row under the cursor."""
        return self.source[self.cursor] if 0 <= self.cursor < len(self.source) else None

    def relabel(self) -> None:
        """Draw every line again."""
        self._strips.clear()
        self._layout_for = -1
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme: other strips."""
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self, event: events.Resize) -> None:
        """Columns are laid out for the width there is."""
        self._strips.clear()
        self.virtual_size = Size(self.room, len(self.source) + 1)
        self._follow()

    # -- drawing ---------------------------------------------------------------------------------------------

    @property
    def room(self) -> int:
        """Cells of a line, without the scroll bar (``size`` counts it in)."""
        return self.scrollable_content_region.width

    def widths(self) -> list[tuple[Column[T], int]]:
        """The columns that fit, with their widths; one blank lies between two."""
        width = self.room
        if width != self._layout_for:
            self._fitted = laid_out(self.columns, len(self.source), width - _MARK)
            self._layout_for = width
        return self._fitted

    def render_line(self, y: int) -> Strip:
        """Line ``y`` of what is seen: the header first."""
        width = self.room
        if y == 0:
            heads = [(c, c.title(self.cat) if callable(c.title) else self.cat.t(c.title), w) for c, w in self.widths()]
            cells = [fit(head, w, right=c.right) for c, head, w in heads]
            style = self.get_component_rich_style("vtable--header")
            return self._strip("  " + " ".join(cells), style, width)
        index = y - 1 + self.scroll_offset.y
        if index >= len(self.source):
            text = fit("  " + self.cat.t(self.empty), width) if index == 0 and y == 1 else ""
            return self._strip(text, self.rich_style, width)
        row = self.source[index]
        at, chosen = index == self.cursor, self.number(row) in self.selected
        strip = self._strips.get((index, at, chosen, width))
        if strip is None:
            mark = (">" if at else " ") + ("*" if chosen else " ")
            # a list that was made has its names; what an event told has passed the veil already
            made = getattr(row, "reason", None) is not None or getattr(row, "told", False)
            with veil.lifted() if made else nullcontext():
                cells = [fit(veil.veiled(c.cell(row, index, self.cat)), w, right=c.right) for c, w in self.widths()]
            name = "vtable--cursor" if at else "vtable--selected" if chosen else ""
            style = self.get_component_rich_style(name) if name else self.rich_style
            strip = self._strip(mark + " ".join(cells), style, width)
            self._strips[(index, at, chosen, width)] = strip
        return strip

    @staticmethod
    def _strip(text: str, style: Style, width: int) -> Strip:
        return Strip([Segment(text, style)], cell_len(text)).adjust_cell_length(width, style)

    def watch_cursor(self, old: int, new: int) -> None:
        """Only two lines change."""
        for index in (old, new):
            self.refresh_line(index + 1)
        self._follow()

    def _follow(self) -> None:
        rows = max(1, self.size.height - 1)
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + rows:
            self.scroll_to(y=self.cursor - rows + 1, animate=False, immediate=True)

    # -- keys and mouse --------------------------------------------------------------------------------------

    def _go(self, index: int) -> None:
        if len(self.source):
            self.cursor = min(max(index, 0), len(self.source) - 1)

    def action_move(self, by: int) -> None:
        """Up and down."""
        self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        """A screen up and down."""
        self._go(self.cursor + by * max(1, self.size.height - 2))

    def action_edge(self, end: int) -> None:
        """The first row (0) or the last (-1)."""
        self._go(0 if end == 0 else len(self.source) - 1)

    def action_open(self) -> None:
        """Tell that the row is to be opened."""
        if self.current is not None:
            self.post_message(self.Opened(self))

    def action_select(self) -> None:
        """Select the row, or not, and go on to the next."""
        row = self.current
        if row is not None:
            self.selected.symmetric_difference_update({self.number(row)})
            self.refresh_line(self.cursor + 1)
            self.post_message(self.Picked(self))
            self._go(self.cursor + 1)

    def action_sort(self) -> None:
        """Tell that another order is wanted."""
        self.post_message(self.SortAsked(self))

    def action_copy(self) -> None:
        """Tell that the link is wanted."""
        if self.current is not None:
            self.post_message(self.CopyAsked(self))

    def action_filter(self) -> None:
        """Tell that a filter is wanted."""
        self.post_message(self.FilterAsked(self))

    def on_click(self, event: events.Click) -> None:
        """One click goes to a row, two open it."""
        if event.y > 0:
            self._go(event.y - 1 + self.scroll_offset.y)
            if event.chain == 2:
                self.action_open()
