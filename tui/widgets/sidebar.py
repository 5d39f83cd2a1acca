"""What was asked before and which lists there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.formats import amount
from tui.widgets.base import Worded
from tui.wrap import fit


@dataclass(frozen=True, slots=True)
class Place:
    """Something to go to: a result or a saved list; ``kind`` head is a heading. ``text`` may be foreign."""

    kind: Literal["head", "result", "list", "none"]
    text: str
    number: int = 0
    count: int | None = None
    target: str = "people"


class Sidebar(Worded, ScrollView, can_focus=True):
    """Headings and places, one line each; ``>`` marks the one in use."""

    DEFAULT_CSS = "Sidebar { overflow-x: hidden; scrollbar-size-vertical: 1; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"sidebar--head", "sidebar--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("enter", "go", show=False),
    ]

    class Went(Message):
        """A place was chosen."""

        def __init__(self, place: Place) -> None:
            super().__init__()
            self.place = place

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.places: list[Place] = []
        self.cursor = 0
        self.here: tuple[str, int] | None = None

    def show(self, places: list[Place], here: tuple[str, int] | None) -> None:
        """Show these; ``here`` (kind, number) is the one in use."""
        self.places, self.here = places, here
        self.cursor = min(self.cursor, max(0, len(places) - 1))
        self.virtual_size = Size(self.size.width, len(places))
        self.refresh()

    def on_resize(self) -> None:
        """As wide as there is room."""
        self.virtual_size = Size(self.size.width, len(self.places))

    def render_line(self, y: int) -> Strip:
        """One place."""
        width, index = self.size.width, y + self.scroll_offset.y
        if index >= len(self.places):
            return Strip.blank(width, self.rich_style)
        place = self.places[index]
        style = self.rich_style
        if place.kind == "head":
            style = self.get_component_rich_style("sidebar--head")
            text = fit(self.cat.t(place.text), width)
        else:
            mark = "> " if (place.kind, place.number) == self.here else "  "
            count = "" if place.count is None else " " + amount(place.count, self.cat)
            words = self.cat.t(place.text) if place.kind == "none" else place.text
            text = mark + fit(words, max(width - 2 - cell_len(count), 4)) + count
            if index == self.cursor and self.has_focus:
                style = self.get_component_rich_style("sidebar--cursor")
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)

    def on_focus(self) -> None:
        """The cursor is seen only with focus."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor is seen only with focus."""
        self.refresh()

    def action_move(self, by: int) -> None:
        """To the next place, over headings."""
        index = self.cursor + by
        while 0 <= index < len(self.places) and self.places[index].kind in ("head", "none"):
            index += by
        if 0 <= index < len(self.places):
            self.cursor = index
            self.scroll_to_region_line(index)
            self.refresh()

    def scroll_to_region_line(self, index: int) -> None:
        """Keep line ``index`` in view."""
        top, rows = self.scroll_offset.y, max(1, self.size.height)
        if not top <= index < top + rows:
            self.scroll_to(y=index if index < top else index - rows + 1, animate=False, immediate=True)

    def action_go(self) -> None:
        """Go there."""
        if 0 <= self.cursor < len(self.places) and self.places[self.cursor].kind in ("result", "list"):
            self.post_message(self.Went(self.places[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        """Go to what was clicked."""
        index = event.y + self.scroll_offset.y
        if index < len(self.places):
            self.cursor = index
            self.action_go()
