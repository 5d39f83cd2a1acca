"""A page's elements, found by tag, class and id: as much of HTML as reading a known page needs, in linear time.

Not by ``html.parser`` (see ``collectors.markup``), and no tree to walk: elements stand in the order of the page, and
what is inside one is the stretch behind it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .markup import plain

_LONGEST: Final = 4_000_000
_MOST: Final = 100_000
"""Elements; what comes behind them is not looked at."""
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_HIDDEN: Final = frozenset({"script", "style", "template", "noscript"})
_TAG: Final = re.compile(  # possessive, and no part runs past the next "<": nothing to backtrack over
    r"""<(?:(?P<comment>!--)
        |(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]{0,20}+)(?P<rest>(?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+|[^<>]*+)>
        |[!?/][^<>]*+>)""",
    re.VERBOSE,
)
_ATTRIBUTE: Final = re.compile(r"""([a-zA-Z][\w:.-]{0,40}+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++)))?+""")
_HIDDEN_END: Final = re.compile(r"</(?:script|style|template|noscript)[^<>]*+>", re.IGNORECASE)


@dataclass(slots=True)
class Element:
    """One element: its place in the order of the page (``number``), where what it holds ends (``last``), and the
    stretch of the page that it holds (``start`` to ``end``)."""

    tag: str
    attributes: dict[str, str]
    number: int
    start: int
    last: int = 0
    end: int = 0

    @property
    def classes(self) -> list[str]:
        """The words of its ``class``."""
        return self.attributes.get("class", "").split()


@dataclass(slots=True)
class Tree:
    """A page. Elements that are never closed hold the rest of what holds them."""

    source: str
    elements: list[Element] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> Tree:
        """Read a page, however broken it is."""
        tree = cls(text[:_LONGEST])
        tree._read()
        return tree

    def _read(self) -> None:
        text, at = self.source, 0
        stack: list[Element] = []
        open_ones: dict[str, int] = {}

        def close(end: int) -> str:
            element = stack.pop()
            element.last, element.end = len(self.elements), end
            open_ones[element.tag] -= 1
            return element.tag

        while len(self.elements) < _MOST and (found := _TAG.search(text, at)):
            at = found.end()
            if found["comment"]:
                over = text.find("-->", at)
                at = len(text) if over < 0 else over + 3
                continue
            name = (found["name"] or "").lower()
            if found["end"]:
                while open_ones.get(name):
                    if close(found.start()) == name:
                        break
                continue
            if not name:
                continue
            if name in _HIDDEN:
                over_at = _HIDDEN_END.search(text, at)
                at = over_at.end() if over_at else len(text)
                continue
            element = Element(
                name,
                _attributes(found["rest"]) if found["rest"] else {},
                len(self.elements),
                at,
                len(self.elements) + 1,
                at,
            )
            self.elements.append(element)
            if name not in _VOID and not found["rest"].endswith("/"):
                stack.append(element)
                open_ones[name] = open_ones.get(name, 0) + 1
        while stack:
            close(len(text))

    def all(
        self, tag: str = "", cls: str = "", id: str = "", within: Element | None = None
    ) -> Iterator[Element]:  # fmt: skip
        """The elements that are like this, in the order of the page; ``within``: inside of one."""
        inside = self.elements[within.number + 1 : within.last] if within else self.elements
        for one in inside:
            if (
                (not tag or one.tag == tag) and (not id or one.attributes.get("id") == id)
                and (not cls or cls in one.classes)
            ):  # fmt: skip
                if within and one.last > within.last:  # ``within`` was cut short: what is inside of it ends with it
                    one.last, one.end = within.last, min(one.end, max(one.start, within.end))
                yield one

    def first(self, tag: str = "", cls: str = "", id: str = "", within: Element | None = None) -> Element | None:
        """The first element that is like this."""
        return next(self.all(tag, cls, id, within), None)

    def markup(self, element: Element | None) -> str:
        """The HTML that an element holds."""
        return self.source[element.start : element.end] if element else ""

    def text(self, element: Element | None) -> str:
        """What an element holds, as clean text."""
        return plain(self.markup(element))


def _attributes(rest: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in _ATTRIBUTE.finditer(rest[:20_000]):
        value = next((part for part in one.groups()[1:] if part is not None), "")
        found.setdefault(one[1].lower(), html.unescape(value)[:2_000])
    return found
