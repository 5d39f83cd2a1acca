"""Tables of text as a terminal measures them: aligned, wrapped and cut to the width of the window."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from .text import cells

GAP: Final = 2
_NOTHING: Final = ("—", "")
_LEAST: Final = 16
"""No column is cut to fewer cells than this; narrower ones stay whole."""
_KEPT: Final = 2
"""So many columns stay, however narrow the window is."""
_SAID: Final = 24
"""A sentence is wrapped in its column where that has so many cells left; else it stands under its row."""
_INDENT: Final = " " * 4
NO_START: Final = frozenset("，。！？、；：）》」』】”’…%,.!?;:)]")
"""Characters that may not begin a line."""
NO_END: Final = frozenset("（《「『【“‘([")
"""Characters that may not end a line."""

_PIECE = re.compile(r"[A-Za-z0-9_.\-/:%+]+|.[\u0300-\u036f\u200d\ufe0f]*", re.S)


def align(rows: Sequence[Sequence[str]], gap: int = GAP) -> list[str]:
    """Columns padded to the width of their widest cell, as a terminal measures it."""
    widths = _widths(rows)
    lines = []
    for row in rows:
        padded = [cell + " " * (widths[i] - cells(cell)) for i, cell in enumerate(row)]
        lines.append((" " * gap).join(padded).rstrip())
    return lines


def lay(
    rows: Sequence[Sequence[str]], width: int, whole: Collection[int] = (), said: Collection[int] = ()
) -> tuple[list[str], list[int]]:
    """``rows`` (the first is the head) as lines of ``width`` cells at most, and the columns that had to be left out.

    What stands in the columns ``said`` (why a row is there, what to do next) is never cut and never left out: where
    the table is too wide it is wrapped in its column, or, where little room is left for that, under its row.
    """
    if not rows or _total(_widths(rows)) <= width:
        return align(rows), []
    kept = [i for i in range(len(rows[0])) if i < _KEPT or any(row[i] not in _NOTHING for row in rows[1:])]
    said = [i for i in kept if i in said]
    widths = _widths(rows)
    room = width - _total([widths[i] for i in kept]) + sum(widths[i] for i in said)
    if said and room >= sum(min(widths[i], _SAID) for i in said):
        _shrink(widths, said, {i: min(widths[i], _SAID) for i in said}, room)
        return align([line for row in rows for line in _wrapped([row[i] for i in kept], [widths[i] for i in kept])]), []
    rest = [i for i in kept if i not in said]
    grid, left_out = fit([[row[i] for i in rest] for row in rows], width, [n for n, i in enumerate(rest) if i in whole])
    lines = []
    for row, line in zip(rows, align(grid), strict=True):
        under = " · ".join(row[i] for i in said if row[i] not in _NOTHING)
        lines += [line, *(_INDENT + part for part in wrap(under, width - len(_INDENT)) if part)]
    return lines, [rest[n] for n in left_out]


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    """A row as rows: each cell in as many lines as it takes."""
    cols = [wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
    return [[col[n] if n < len(col) else "" for col in cols] for n in range(max(map(len, cols)))]


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
    _shrink(widths, kept, dict(enumerate(floors)), width - GAP * (len(kept) - 1))
    return [[cut(row[i], widths[i]) for i in kept] for row in rows], left_out


def _shrink(widths: list[int], which: Collection[int], floors: Mapping[int, int], room: int) -> None:
    """Make the columns ``which`` narrower, the widest first, until together they take ``room`` cells."""
    while (over := sum(widths[i] for i in which) - room) > 0:
        spare = [i for i in which if widths[i] > floors[i]]
        if not spare:
            return
        longest = max(spare, key=lambda i: widths[i])
        below = max([floors[longest], *(widths[i] for i in spare if widths[i] < widths[longest])])
        widths[longest] = max(floors[longest], min(below, widths[longest] - 1), widths[longest] - over)


def cut(text: str, width: int) -> str:
    """``text`` in ``width`` cells at most, the end marked where it was cut."""
    if cells(text) <= width:
        return text
    while text and cells(text) > width - 1:
        text = text[: len(text) - max(1, (cells(text) - width) // 2)]
    return text.rstrip() + "…"


def wrap(text: str, width: int, measure: Callable[[str], int] = cells) -> list[str]:
    """``text`` as lines of at most ``width`` cells; newlines are kept, closing marks do not begin a line."""
    return [line for paragraph in text.split("\n") for line in _wrap_one(paragraph, max(width, 2), measure) or [""]]


def _wrap_one(text: str, width: int, measure: Callable[[str], int]) -> list[str]:
    lines: list[str] = []
    line: list[tuple[str, int]] = []
    used = 0
    for piece, size in _pieces(text, width, measure):
        line.append((piece, size))
        used += size
        while used > width and len(line) > 1:
            at = _place(line)
            before = line[at - 1][0]
            if line[at][0] in NO_START and len(before) > 1:  # a word as wide as the line: its last letter goes along
                line[at - 1 : at] = [(part, measure(part)) for part in (before[:-1], before[-1])]
            lines.append("".join(p for p, _ in line[:at]).rstrip())
            line = line[at:]
            while line and line[0][0].isspace():
                line.pop(0)
            used = sum(n for _, n in line)
    if line:
        lines.append("".join(p for p, _ in line))
    return lines


def _pieces(text: str, width: int, measure: Callable[[str], int]) -> list[tuple[str, int]]:
    pieces: list[tuple[str, int]] = []
    for piece in _PIECE.findall(text):
        size = measure(piece)
        if size <= width:
            pieces.append((piece, size))
        else:
            pieces.extend((char, measure(char)) for char in piece)
    return pieces


def _place(line: list[tuple[str, int]]) -> int:
    """Where to break a line whose last piece is one too many."""
    last = len(line) - 1
    for back in range(last, max(last - 3, 0), -1):
        if line[back][0] not in NO_START and line[back - 1][0] not in NO_END:
            return back
    return last


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(cells(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * max(0, len(widths) - 1)
