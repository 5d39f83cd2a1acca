"""A text whose understood parts are replaced, one by one, by single private-use characters (tokens).

A rule is a regular expression over the text as it stands; ``{Q}``, ``{D}`` … in a rule stand for a token of
that kind, ``{N}`` for a number, ``{B}`` for "no free word directly before". What a rule understood becomes one
token of kind X that carries its effects, so the order of rules is the order of understanding, later rules see
earlier results, and what no rule took is left as free words in their places.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from msgspec import Struct

from .numbers import NUM
from .rules import Rule, rule

KINDS: Final = "QTAUDRPSGXW"
"""Quote, tag, account, URL or path, date span, region, platform, schedule, group, effect, word of the subject."""
_BASE: Final = 0xF0000
_SIZE: Final = 0x1000

Effects = tuple[tuple[str, Any], ...]
Handler = Callable[["re.Match[str]", "Doc"], "Effects | None"]


class Token(Struct, frozen=True):
    """One understood part: its kind, its value and the text it replaced (tokens inside already written out)."""

    kind: str
    value: Any
    raw: str


def klass(kind: str) -> str:
    start = _BASE + KINDS.index(kind) * _SIZE
    return f"[{chr(start)}-{chr(start + _SIZE - 1)}]"


ANY: Final = f"[{chr(_BASE)}-{chr(_BASE + len(KINDS) * _SIZE - 1)}]"
FREE: Final = r"[\u4e00-\u9fffA-Za-z0-9]"
BEFORE: Final = r"(?<![\u4e00-\u9fffA-Za-z0-9])"


_NAMES: Final = {**{kind: klass(kind) for kind in KINDS}, "N": NUM, "ANY": ANY, "B": BEFORE}


@cache
def filled(text: str) -> Rule:
    """The rule of ``text`` with its ``{…}`` names filled in."""
    return rule(re.sub(r"\{([A-Z]+)\}", lambda m: _NAMES.get(m[1], m[0]), text))


def shape_of(source: str) -> str:
    """An expression for texts in which the first token of a kind stands for all of it (``xunke.chat.rules``)."""
    for kind in KINDS:
        source = source.replace(klass(kind), klass(kind)[1])
    return source.replace(ANY, f"[{''.join(klass(kind)[1] for kind in KINDS)}]")


class Doc:
    """The text being understood and its tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: dict[str, Token] = {}
        self._counts: dict[str, int] = dict.fromkeys(KINDS, 0)

    def put(self, kind: str, value: Any, raw: str) -> str:
        """A new token character."""
        number = self._counts[kind]
        if number >= _SIZE:  # more tokens than any request has: the rest stays unread
            return " "
        self._counts[kind] += 1
        char = chr(_BASE + KINDS.index(kind) * _SIZE + number)
        self.tokens[char] = Token(kind, value, self.plain(raw))
        return char

    def plain(self, text: str) -> str:
        """``text`` with every token written out as it was typed."""
        return "".join(self.tokens[c].raw if c in self.tokens else c for c in text)

    def value(self, char: str) -> Any:
        return self.tokens[char].value

    def has(self, rule: str) -> bool:
        """Whether ``rule`` matches somewhere."""
        return filled(rule).search(self.text) is not None

    def mask(self, rule: str, kind: str, value: Callable[[re.Match[str]], Any]) -> None:
        """Replace each match of ``rule`` by a token of ``kind`` with ``value(match)``; None leaves it."""

        def swap(match: re.Match[str]) -> str:
            found = value(match)
            return match[0] if found is None else self.put(kind, found, match[0])

        self.text = filled(rule).sub(swap, self.text)

    def apply(self, rule: str, handler: Handler) -> None:
        """Replace each match of ``rule`` by an X token with the effects of ``handler(match, self)``."""
        self.mask(rule, "X", lambda match: handler(match, self))
