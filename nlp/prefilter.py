"""Which words a text must hold before a regular expression can match in it, read from the expression itself.

:func:`needed` returns clauses: of each, at least one word is in every match. So an expression needs to run only where
a word of every clause was found, and most of a thousand texts are never searched. This is how RE2's FilteredRE2 and
Hyperscan get past most of their patterns; the rules' authors need not name words by hand, and none can be forgotten.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from itertools import product
from math import fsum, prod
from typing import Any, Final

Clause = frozenset[str]

_MOST: Final = 400
"""Words a clause may have; what would need more is no condition."""
_LONGEST: Final = 8
"""Characters of a word that are looked for."""
_LONGEST_RANGE: Final = 12
"""Characters of a range (0-9) that are taken one by one."""
_CLAUSES: Final = 3
"""Clauses kept of one expression, the rarest ones."""
_COMMON: Final = 0.01
"""A second clause that stands at so many positions is not worth looking for."""
_FREQUENT: Final = (
    "的一是不了我在有这人个好天都,。上就你来大要没到么说去他们么还也看会能那后过小多下得自中想可真生出然今时为家心年和"
    "点吃起开给子样现面里事用学新对地什日发回话老再当成日只做爱动第前打美快买太道候作很又国着怎最感如果把知情分电等被走"
)
"""Characters of posts, the most frequent ones first."""


def needed(pattern: str) -> tuple[Clause, ...]:
    """The most telling clauses of an expression; none if it can match without any particular word."""
    known = _known().get(digest(pattern))
    return read(pattern) if known is None else tuple(frozenset(words.split(" ")) for words in known)


def read(pattern: str, flags: int = 0, common: float | None = None) -> tuple[Clause, ...]:
    """The same, from the expression's syntax tree (words in lower case where case does not count).

    ``common``: how frequent a second clause may be, as a share of the positions of a text.
    """
    tree = import_module("re._parser").parse(pattern, flags)
    walk = _Walk(tree.state.flags)
    walk.sequence(tree)
    return best(walk.done(), common or _COMMON)


def digest(pattern: str) -> str:
    """The name of an expression in nlp/data/conditions.bin."""
    return hashlib.blake2b(pattern.encode(), digest_size=8).hexdigest()


@cache
def _known() -> dict[str, list[str]]:
    """What training/make_conditions.py wrote; expressions that are not in it are read when they are needed."""
    path = files("nlp").joinpath("data", "conditions.bin")
    found: dict[str, list[str]] = json.loads(zlib.decompress(path.read_bytes())) if path.is_file() else {}
    return found


def best(clauses: Iterable[Clause], common: float = _COMMON) -> tuple[Clause, ...]:
    """The few clauses that fewest texts meet: the rarest one, and others that are rare, too."""
    ranked = sorted(
        (_commonness(clause), sorted(clause), clause)
        for clause in {_tidy(clause) for clause in clauses}
        if len(clause) <= 4 * _MOST
    )
    kept = ranked[:1] + [found for found in ranked[1:_CLAUSES] if found[0] < common]
    return tuple(clause for _, _, clause in kept)


def _tidy(clause: Clause) -> Clause:
    """Without words that hold another word of the clause, and without long tails."""
    short = {word[:_LONGEST] for word in clause}
    return frozenset(word for word in short if not any(other != word and other in word for other in short))


def _commonness(clause: Clause) -> float:
    """A rough share of the positions of a text at which one of the words stands (for any order of them the same)."""
    return fsum(_share(word[0]) * prod(min(0.3, 15 * _share(char)) for char in word[1:]) for word in clause)


def _share(char: str) -> float:
    if char.isascii():
        return 0.01
    place = _FREQUENT.find(char)
    return 0.0005 if place < 0 else 0.1 / (place + 5)


class _Walk:
    """The clauses of a sequence: ``exact`` is what must stand here letter by letter, as far as it is known."""

    def __init__(self, flags: int) -> None:
        self.flags = flags
        self.clauses: list[Clause] = []
        self.exact: set[str] = {""}
        self.whole = True  # nothing but ``exact`` so far

    def done(self) -> list[Clause]:
        self._flush()
        return self.clauses

    def _flush(self) -> None:
        found = {_solid(word.lower() if self.flags & re.IGNORECASE else word) for word in self.exact}
        if all(found):
            self.clauses.append(frozenset(found))
        self.exact = {""}
        self.whole = False

    def _append(self, choices: Sequence[str]) -> None:
        if len(self.exact) * len(choices) > _MOST:
            self._flush()
        self.exact = {a + b for a, b in product(self.exact, choices)}
        if len(self.exact) > _MOST:
            self._flush()

    def sequence(self, items: Any) -> None:
        """Take the parts of a sequence one by one."""
        for kind, value in items:
            getattr(self, f"_{str(kind).lower()}", self._unknown)(value)

    def _unknown(self, _: Any) -> None:
        self._flush()

    def _literal(self, code: int) -> None:
        self._append([chr(code)])

    def _in(self, items: Any) -> None:
        found = [self._members(str(kind), value) for kind, value in items]
        if all(found):
            self._append(sorted({char for chars in found for char in chars}))
        else:
            self._flush()

    def _members(self, kind: str, value: Any) -> Sequence[str]:
        """The characters of a part of a class; none if they are not to be counted."""
        if kind == "LITERAL":
            return chr(value)
        if kind == "RANGE" and value[1] - value[0] < _LONGEST_RANGE:
            return [chr(code) for code in range(value[0], value[1] + 1)]
        return "0123456789" if str(value) == "CATEGORY_DIGIT" and self.flags & re.ASCII else ""

    def _subpattern(self, value: Any) -> None:
        if value[1] or value[2]:  # flags of its own
            self._flush()
        else:
            self.sequence(value[-1])

    def _atomic_group(self, value: Any) -> None:
        self.sequence(value)

    def _nothing(self, _: Any) -> None:
        """Takes no room and asks for nothing that is used here."""

    _at = _assert = _assert_not = _nothing

    def _branch(self, value: Any) -> None:
        self._alternatives(value[1])

    def _max_repeat(self, value: Any) -> None:
        low, high, items = value
        if low == high == 1:
            self.sequence(items)
        elif low == 0 and int(high) == 1:
            self._alternatives([items, []])
        elif low == 0:
            self._flush()
        else:
            inner = self._inside(items)
            if inner.whole:
                self._append(sorted(inner.exact))
                self._flush()
            else:
                self._flush()
                self.clauses += inner.done()

    _min_repeat = _possessive_repeat = _max_repeat

    def _inside(self, items: Any) -> _Walk:
        inner = _Walk(self.flags)
        inner.sequence(items)
        return inner

    def _alternatives(self, branches: Iterable[Any]) -> None:
        walks = [self._inside(branch) for branch in branches]
        if all(walk.whole for walk in walks):
            self._append(sorted({word for walk in walks for word in walk.exact}))
            return
        self._flush()
        found = [best(walk.done()) for walk in walks]
        if all(found):
            union = frozenset(word for clauses in found for word in clauses[0])
            if len(union) <= 4 * _MOST:
                self.clauses.append(union)


def _solid(word: str) -> str:
    """The longest part without a blank: a lexicon finds no blanks."""
    return max(word.replace("\0", " ").split(), key=len, default="")
