"""Rules: regular expressions that are compiled and run only for texts that hold the words they need.

There are hundreds of rules and a request meets a dozen of them. Compiling all would take half a second, so a rule waits
for a text that has, of each of its conditions, at least one word. The conditions are not written by hand: they are read
from the expression itself (``nlp.prefilter``) and kept in ``lexicon/conditions.bin``, which
``python training/make_conditions.py`` writes. A rule that is not in the file (it was edited) has no conditions and
always runs: an old file costs time and never a match.
"""

from __future__ import annotations

import re
import zlib
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

FLAGS: Final = re.IGNORECASE | re.ASCII
"""Of every rule. ASCII: a word ends where Chinese begins."""
CONDITIONS: Final = Path(__file__).parent / "lexicon" / "conditions.bin"

Clause = frozenset[str]


class Rule:
    """One regular expression. Texts are to be matched as they are, conditions are looked for in lower case."""

    __slots__ = ("_compiled", "_needs", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._needs = _conditions().get(name_of(source), ())
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.source, FLAGS)
        return self._compiled

    def may_match(self, text: str) -> bool:
        """False: it cannot match in ``text``."""
        if not self._needs:
            return True
        words = _words_in(text)
        return not any(clause.isdisjoint(words) for clause in self._needs)

    def search(self, text: str) -> re.Match[str] | None:
        """Like ``re.search``."""
        return self.compiled.search(text) if self.may_match(text) else None


_RULES: Final[dict[str, Rule]] = {}


def rule(source: str) -> Rule:
    """The rule of an expression."""
    if source not in _RULES:
        _RULES[source] = Rule(source)
    return _RULES[source]


def seen() -> tuple[str, ...]:
    """The expressions of all rules that were asked for until now."""
    return tuple(_RULES)


def name_of(source: str) -> str:
    """The name of an expression in the file of conditions."""
    data = source.encode()
    return f"{zlib.crc32(data):08x}{len(data):x}"


@cache
def _conditions() -> dict[str, tuple[Clause, ...]]:
    """Clauses by name. A line of the file: the name, then the clauses, each a list of words."""
    if not CONDITIONS.is_file():
        return {}
    lines = zlib.decompress(CONDITIONS.read_bytes()).decode().splitlines()
    rows = (line.split("\t") for line in lines)
    return {name: tuple(frozenset(clause.split(" ")) for clause in clauses) for name, *clauses in rows}


@cache
def _by_first() -> dict[str, tuple[str, ...]]:
    """All words of all conditions by their first character."""
    found: dict[str, list[str]] = {}
    for word in sorted({word for clauses in _conditions().values() for clause in clauses for word in clause}):
        found.setdefault(word[0], []).append(word)
    return {first: tuple(words) for first, words in found.items()}


@lru_cache(maxsize=8)
def _words_in(text: str) -> frozenset[str]:
    """The words of conditions that ``text`` holds. The same text is asked about by many rules in a row."""
    text = text.lower()
    by_first = _by_first()
    return frozenset(word for first in set(text) for word in by_first.get(first, ()) if word in text)
