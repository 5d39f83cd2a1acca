"""Rules: regular expressions that are compiled and run only for texts that hold the words they need.

There are hundreds of rules and a request meets a dozen of them. Compiling all would take half a second, so a rule waits
for a text that has, of each of its conditions, at least one word. The conditions are not written by hand: they are read
from the expression itself (``nlp.prefilter``) and kept in ``lexicon/conditions.bin``, which
``python training/make_conditions.py`` writes. A rule that is not in the file (it was edited) has no conditions and
always runs: an old file costs time and never a match.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Container, Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

FLAGS: Final = re.IGNORECASE | re.ASCII
"""Of a rule, if nothing else is said. ASCII: a word ends where Chinese begins."""
CONDITIONS: Final = Path(__file__).parent / "lexicon" / "conditions.bin"

_LOWER: Final = str.maketrans("\u0130\u0131\u017f\u212a", "iisk")
"""Letters that re takes for ASCII letters when case does not count, and str.lower does not."""

_MEMBER: Final = r"(?:A-Za-z|0-9|\\[sd]|[ ,.:;!?\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f\U000f0000-\U000fffff-])*"
_CASELESS: Final = re.compile(rf"(?<!\\)\[\^?{_MEMBER}\\u4e00-\\u9fff{_MEMBER}\]")
"""Classes of all Chinese characters and what has no case or both: ``re`` would fold each of 20,000."""
_TOKEN: Final = re.compile("[\U000f0000-\U0010ffff]")
_KIND: Final = ~0xFFF
"""The bits of a token (``xunke.chat.tokens``) that tell its kind: conditions hold the first token of the kind."""

Clause = frozenset[str]


class Rule:
    """One regular expression. Texts are to be matched as they are, conditions are looked for in lower case."""

    __slots__ = ("_compiled", "_needs", "flags", "source")

    def __init__(self, source: str, flags: int = FLAGS) -> None:
        self.source, self.flags = source, flags
        self._needs = _conditions()[0].get(name_of(self), frozenset())
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(_CASELESS.sub(self._without_case, self.source), self.flags)
        return self._compiled

    def _without_case(self, found: re.Match[str]) -> str:
        """Without ASCII, a dotless i is an i when case does not count."""
        return f"(?-i:{found[0]})" if self.flags & re.ASCII or "A-Z" not in found[0] else found[0]

    def may_match(self, text: str) -> bool:
        """False: it cannot match in ``text``."""
        return self._needs <= _met(text)

    def search(self, text: str) -> re.Match[str] | None:
        """Like ``re.search``."""
        return self.compiled.search(text) if self.may_match(text) else None

    def match(self, text: str, at: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Like ``re.Pattern.match``."""
        return self.compiled.match(text, at, end) if self.may_match(text) else None

    def fullmatch(self, text: str, at: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Like ``re.Pattern.fullmatch``."""
        return self.compiled.fullmatch(text, at, end) if self.may_match(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Like ``re.finditer``."""
        return self.compiled.finditer(text) if self.may_match(text) else iter(())

    def split(self, text: str) -> list[str]:
        """Like ``re.split``, for expressions without groups."""
        return self.compiled.split(text) if self.may_match(text) else [text]

    def sub(self, new: str | Callable[[re.Match[str]], str], text: str) -> str:
        """Like ``re.sub``."""
        return self.compiled.sub(new, text) if self.may_match(text) else text


_RULES: Final[dict[tuple[str, int], Rule]] = {}


def rule(source: str, flags: int = FLAGS) -> Rule:
    """The rule of an expression."""
    key = (source, flags)
    if key not in _RULES:
        _RULES[key] = Rule(source, flags)
    return _RULES[key]


def seen() -> list[Rule]:
    """All rules that were asked for until now."""
    return list(_RULES.values())


def listed() -> Container[str]:
    """The names of the rules in the file of conditions."""
    return _conditions()[0]


def name_of(rule: Rule) -> str:
    """The name of a rule in the file of conditions."""
    data = rule.source.encode()
    return f"{zlib.crc32(data, rule.flags):08x}{len(data):x}"


@cache
def _conditions() -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """The file: of each rule (by its name) the numbers of its conditions, and the words by their first character.

    The first part has lines ``name number number …``, the second, after an empty line, lines ``word number number …``
    with all words that begin alike in one line, tabs between them. What is not needed is not cut up.
    """
    if not CONDITIONS.is_file():
        return {}, {}
    rules, _, words = zlib.decompress(CONDITIONS.read_bytes()).decode().partition("\n\n")
    named = (line.split(" ") for line in rules.split("\n"))
    return {name: frozenset(numbers) for name, *numbers in named}, {line[:1]: line for line in words.split("\n")}


@cache
def _words(first: str) -> tuple[dict[str, frozenset[str]], tuple[int, ...]]:
    """{a word that begins with a character: the numbers of the conditions it meets}, and the lengths of these words."""
    entries = (entry.split(" ") for entry in _conditions()[1].get(first, "").split("\t") if entry)
    known = {word: frozenset(numbers) for word, *numbers in entries}
    return known, tuple(sorted({len(word) for word in known}))


@lru_cache(maxsize=16)
def _met(text: str) -> frozenset[str]:
    """The conditions that ``text`` meets. The same text is asked about by many rules in a row."""
    text = _TOKEN.sub(lambda m: chr(ord(m[0]) & _KIND), text.translate(_LOWER).lower())
    found: set[frozenset[str]] = set()
    for at, first in enumerate(text):
        known, sizes = _words(first)
        for size in sizes:
            if (numbers := known.get(text[at : at + size])) is not None:
                found.add(numbers)
    return frozenset().union(*found)


def packed(conditions: Iterable[tuple[Rule, Iterable[Clause]]]) -> bytes:
    """The content of the file for rules and what each of them needs."""
    numbers: dict[Clause, int] = {}
    named: list[str] = []
    by_first: dict[str, dict[str, list[int]]] = {}
    for rule, clauses in conditions:
        own = [numbers.setdefault(clause, len(numbers)) for clause in clauses]
        named.append(" ".join(map(str, (name_of(rule), *own))))
    for clause, number in numbers.items():
        for word in clause:
            by_first.setdefault(word[0], {}).setdefault(word, []).append(number)
    lines = ["\t".join(" ".join(map(str, (w, *by_first[c][w]))) for w in sorted(by_first[c])) for c in sorted(by_first)]
    return zlib.compress("\n".join([*sorted(named), "", *lines]).encode(), 9)
