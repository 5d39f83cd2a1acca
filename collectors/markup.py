"""HTML of posts and profiles as plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from xunke.text import clean

_LONGEST: Final = 200_000
_BLOCKS: Final = frozenset(
    {"p", "div", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section", "article"}
)
_LINES: Final = frozenset({"br", "li", "tr", "hr"})
_HIDDEN: Final = frozenset({"script", "style", "template", "noscript"})
_BLANKS: Final = re.compile(r"[ \t]*\n[ \t]*")
_GAPS: Final = re.compile(r"\n{3,}")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _LINES or (tag in _BLOCKS and self.parts):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(self._hidden - 1, 0)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def plain(html: str) -> str:
    """``html`` as clean text: paragraphs set apart by an empty line, ``<br>`` as a line break."""
    html = html[:_LONGEST]
    if "<" not in html and "&" not in html:
        return clean(html).strip()
    parser = _Text()
    parser.feed(html)
    parser.close()
    text = clean("".join(parser.parts))
    return _GAPS.sub("\n\n", _BLANKS.sub("\n", text)).strip()
