"""Fitting text into cells: wrapping for Chinese and Latin, cutting and padding for table cells."""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size

from xunke import columns
from xunke.text import one_line

_JOINED = re.compile("(?:\u200d.|[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff])")


def wrap(text: str, width: int) -> list[str]:
    """``xunke.columns.wrap`` in cells as this terminal library measures them."""
    return columns.wrap(text, width, cell_len)


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
