"""Tables of text as a terminal measures them: aligned, and cut to the width of the window."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from .text import cells

GAP: Final = 2
_NOTHING: Final = ("—", "")
_LEAST: Final = 16
"""No column is cut to fewer cells than this; narrower ones stay whole."""
_KEPT: Final = 2
"""So many columns stay, however narrow the window is."""


def align(rows: Sequence[Sequence[str]], gap: int = GAP) -> list[str]:
    """Columns padded to the width of their widest cell, as a terminal measures it."""
    widths = _widths(rows)
    lines = []
    for row in rows:
        padded = [cell + " " * (widths[i] - cells(cell)) for i, cell in enumerate(row)]
        lines.append((" " * gap).join(padded).rstrip())
    return lines


def fit(rows: Sequence[Sequence[str]], width: int, whole: Collection[int] = ()) -> tuple[list[list[str]], list[int]]:
    """``rows`` (the first is the head) in lines of ``width`` cells at most, and the columns that had to be left out.

    First those go in which nothing stands, untold; then long text is cut, the longest first, but never in a column
    of ``whole`` (ids and addresses that are typed again); what is still too wide goes from the right.
    """
    kept = list(range(len(rows[0]))) if rows else []
    if not kept or _total(_widths(rows)) <= width:
        return [list(row) for row in rows], []
    kept = [i for i in kept if i < _KEPT or any(row[i] not in _NOTHING for row in rows[1:])]
    widths = _widths(rows)
    left_out: list[int] = []
    floors = [w if i in whole else min(w, _LEAST) for i, w in enumerate(widths)]
    while len(kept) > _KEPT and _total([floors[i] for i in kept]) > width:
        left_out.insert(0, kept.pop())
    while (over := _total([widths[i] for i in kept]) - width) > 0:
        spare = [i for i in kept if widths[i] > floors[i]]
        if not spare:
            break
        longest = max(spare, key=lambda i: widths[i])
        below = max([floors[longest], *(widths[i] for i in spare if widths[i] < widths[longest])])
        widths[longest] = max(floors[longest], min(below, widths[longest] - 1), widths[longest] - over)
    return [[cut(row[i], widths[i]) for i in kept] for row in rows], left_out


def cut(text: str, width: int) -> str:
    """``text`` in ``width`` cells at most, the end marked where it was cut."""
    if cells(text) <= width:
        return text
    while text and cells(text) > width - 1:
        text = text[: len(text) - max(1, (cells(text) - width) // 2)]
    return text.rstrip() + "…"


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(cells(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * max(0, len(widths) - 1)
