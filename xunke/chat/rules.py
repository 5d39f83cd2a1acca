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
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

FLAGS: Final = re.IGNORECASE | re.ASCII
"""Of a rule, if nothing else is said. ASCII: a word ends where Chinese begins."""
CONDITIONS: Final = Path(__file__).parent / "lexicon" / "conditions.bin"

_LOWER: Final = str.maketrans("\u0130\u0131\u017f\u212a", "iisk")
"""Letters that re takes for ASCII letters when case does not count, and str.lower does not."""

Clause = frozenset[str]


class Rule:
    """One regular expression. Texts are to be matched as they are, conditions are looked for in lower case."""

    __slots__ = ("_compiled", "_needs", "flags", "source")

    def __init__(self, source: str, flags: int = FLAGS) -> None:
        self.source, self.flags = source, flags
        self._needs = _conditions().get(name_of(self), ())
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.source, self.flags)
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


class AnyOf:
    """Rules of which one has to match: cheaper than one expression of all, whose words are in every text."""

    __slots__ = ("_rules",)

    def __init__(self, sources: Iterable[str]) -> None:
        self._rules = [rule(source) for source in sources]

    def search(self, text: str) -> bool:
        """Whether one of them matches somewhere in ``text``."""
        return any(rule.search(text) for rule in self._rules)


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


def name_of(rule: Rule) -> str:
    """The name of a rule in the file of conditions."""
    data = rule.source.encode()
    return f"{zlib.crc32(data, rule.flags):08x}{len(data):x}"


@cache
def _conditions() -> dict[str, tuple[Clause, ...]]:
    """Clauses by name. A line of the file: the name, then the clauses, each a list of words."""
    if not CONDITIONS.is_file():
        return {}
    lines = zlib.decompress(CONDITIONS.read_bytes()).decode().split("\n")
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
    text = text.translate(_LOWER).lower()
    by_first = _by_first()
    return frozenset(word for first in set(text) for word in by_first.get(first, ()) if word in text)
