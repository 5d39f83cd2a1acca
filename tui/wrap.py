"""Fitting text into cells: wrapping for Chinese and Latin, cutting and padding for table cells."""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len, set_cell_size

from xunke.text import one_line

NO_START: Final = frozenset("，。！？、；：）》」』】”’…%,.!?;:)]")
"""Characters that may not begin a line."""
NO_END: Final = frozenset("（《「『【“‘([")
"""Characters that may not end a line."""

_PIECE = re.compile(r"[A-Za-z0-9_.\-/:%+]+|.[\u0300-\u036f\u200d\ufe0f]*", re.S)
_JOINED = re.compile("(?:\u200d.|[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff])")


def wrap(text: str, width: int) -> list[str]:
    """``text`` as lines of at most ``width`` cells; newlines are kept, closing marks do not begin a line."""
    return [line for paragraph in text.split("\n") for line in _wrap_one(paragraph, max(width, 2)) or [""]]


def _wrap_one(text: str, width: int) -> list[str]:
    lines: list[str] = []
    line: list[tuple[str, int]] = []
    used = 0
    for piece, size in _pieces(text, width):
        line.append((piece, size))
        used += size
        while used > width and len(line) > 1:
            cut = _cut(line)
            before = line[cut - 1][0]
            if line[cut][0] in NO_START and len(before) > 1:  # a word as wide as the line: its last letter goes along
                line[cut - 1 : cut] = [(part, cell_len(part)) for part in (before[:-1], before[-1])]
            lines.append("".join(p for p, _ in line[:cut]).rstrip())
            line = line[cut:]
            while line and line[0][0].isspace():
                line.pop(0)
            used = sum(n for _, n in line)
    if line:
        lines.append("".join(p for p, _ in line))
    return lines


def _pieces(text: str, width: int) -> list[tuple[str, int]]:
    pieces: list[tuple[str, int]] = []
    for piece in _PIECE.findall(text):
        size = cell_len(piece)
        if size <= width:
            pieces.append((piece, size))
        else:
            pieces.extend((char, cell_len(char)) for char in piece)
    return pieces


def _cut(line: list[tuple[str, int]]) -> int:
    """Where to break a line whose last piece is one too many."""
    last = len(line) - 1
    for back in range(last, max(last - 3, 0), -1):
        if line[back][0] not in NO_START and line[back - 1][0] not in NO_END:
            return back
    return last


def plain(text: str) -> str:
    """``text`` with joined emoji reduced to their first: terminals disagree about the width of the joined ones."""
    return text if text.isascii() else _JOINED.sub("", text)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Foreign ``text`` as exactly ``width`` cells on one line: cleaned, blanks joined, cut with …, padded."""
    return cut(plain(one_line(text, max(width * 4, 16))), width, right=right)


def cut(text: str, width: int, *, right: bool = False) -> str:
    """Clean ``text`` of one line as exactly ``width`` cells: cut with …, padded; its blanks are kept."""
    if width <= 0:
        return ""
    size = cell_len(text)
    if size > width:
        text = set_cell_size(text, width - 1).rstrip() + "…"
        size = cell_len(text)
    pad = " " * (width - size)
    return pad + text if right else text + pad
