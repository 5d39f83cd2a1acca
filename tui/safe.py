"""The only way for text into a widget: cleaned, and never read as markup."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from xunke.text import clean

LONGEST: Final = 20_000
"""Characters of one text that are shown; a longer one is cut with … (a megabyte must not freeze the screen)."""


def shown(text: str, limit: int = LONGEST) -> str:
    """``text`` as it may be drawn: cleaned, tabs as blanks, at most ``limit`` characters."""
    text = clean(text[: limit * 2]).replace("\t", " ")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def ui_text(text: str) -> Content:
    """``text`` as content that holds no style, link or action of its own."""
    return Content(shown(text))
