"""A count over time as a block of cells: one column a point, the highest and lowest named, odd days marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tui.safe import ui_text
from tui.widgets.base import Worded

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
MARK: Final = "!"


class Curve(Worded, Widget):
    """``show`` gives it its points; nothing is drawn of fewer than two."""

    DEFAULT_CSS = "Curve { height: 6; padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.points: Sequence[tuple[date, int]] = ()
        self.odd: frozenset[date] = frozenset()

    def show(self, points: Sequence[tuple[date, int]], odd: Sequence[date] = ()) -> None:
        """Draw these points, oldest first; ``odd``: days that stand out."""
        self.points, self.odd = points, frozenset(odd)
        self.refresh()

    def render(self) -> Content:
        """The lines."""
        return ui_text("\n".join(self.lines(self.content_size.width, self.content_size.height)))

    def lines(self, width: int, height: int) -> list[str]:
        """Columns of eighths below a line of marks, with the range on the left and the days below."""
        if len(self.points) < 2 or height < 3:
            return []
        low, high = min(n for _, n in self.points), max(n for _, n in self.points)
        label = max(cell_len(f"{low:,}"), cell_len(f"{high:,}")) + 1
        room = max(8, width - label)
        columns = _columns(self.points, room)
        rows = max(1, height - 2)
        scale = (rows * 8 - 1) / (high - low) if high > low else 0
        tops = [1 + round((n - low) * scale) for _, n, _ in columns]
        marks = "".join(MARK if self.odd & days else " " for *_, days in columns)
        lines = [" " * label + marks]
        for row in range(rows - 1, -1, -1):
            name = f"{high:,}" if row == rows - 1 else f"{low:,}" if row == 0 else ""
            blocks = "".join(_EIGHTHS[min(8, max(0, top - row * 8))] for top in tops)
            lines.append(f"{name:>{label - 1}} " + blocks)
        first, last = self.points[0][0].strftime("%m-%d"), self.points[-1][0].strftime("%m-%d")
        lines.append(" " * label + first + " " * max(1, len(columns) - len(first) - len(last)) + last)
        return lines


def _columns(points: Sequence[tuple[date, int]], room: int) -> list[tuple[date, int, frozenset[date]]]:
    """At most ``room`` points: of those that share a column the last counts, and all their days are kept for marks."""
    count = min(room, len(points))
    found = []
    for at in range(count):
        part = points[at * len(points) // count : (at + 1) * len(points) // count]
        found.append((*part[-1], frozenset(day for day, _ in part)))
    return found
