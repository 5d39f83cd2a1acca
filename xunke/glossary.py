"""The terms of the field as Xunke uses them: what each means here, and where it is used (``glossary.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from .text import fold

_NEAR: Final = 3
"""So many near terms are named for a word that is none."""
_LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class Term:
    """One term. ``name``, ``text`` and ``used``: {"zh": …, "en": …}; ``aliases`` in any language."""

    id: str
    name: dict[str, str]
    aliases: tuple[str, ...]
    text: dict[str, str]
    used: dict[str, str]


@cache
def terms() -> tuple[Term, ...]:
    """All terms, in the order of the file."""
    table = tomllib.loads(files(__package__).joinpath("glossary.toml").read_text("utf-8"))
    return tuple(
        Term(key, {"zh": t["zh"][0], "en": t["en"][0]}, tuple(t.get("also", ())), {"zh": t["zh"][1], "en": t["en"][1]},
             {"zh": t["zh"][2], "en": t["en"][2]})
        for key, t in table.items()
    )  # fmt: skip


@cache
def _names() -> dict[str, Term]:
    found: dict[str, Term] = {}
    for term in terms():
        for name in (term.id, *term.name.values(), *term.aliases):
            found.setdefault(_key(name), term)
    return found


def _key(name: str) -> str:
    return fold(name).replace("-", "").replace("_", "")


def find(word: str) -> Term | None:
    """The term of this name or alias (width, case, blanks and hyphens do not count); None if there is none."""
    key = _key(word[: 2 * _LONGEST])
    return _names().get(key) or _names().get(key.removesuffix("s") if key.isascii() else key)


def near(word: str, most: int = _NEAR) -> list[Term]:
    """Terms whose names look like ``word``, the nearest first: shared pairs of characters, or one name in the other."""
    key = _key(word[:_LONGEST])
    if not key:
        return []
    marked = [(_likeness(key, name), term) for name, term in _names().items()]
    best: dict[str, tuple[float, Term]] = {}
    for mark, term in marked:
        if mark > best.get(term.id, (0.0, term))[0]:
            best[term.id] = (mark, term)
    order = sorted(best.values(), key=lambda pair: -pair[0])
    return [term for mark, term in order if mark >= _LEAST][:most]


_LEAST: Final = 0.34


def _likeness(one: str, two: str) -> float:
    """Dice's share of common pairs of characters, at least 0.5 where one holds the other."""
    if len(min(one, two, key=len)) >= 2 and (one in two or two in one):
        return 0.5 + 0.5 * min(len(one), len(two)) / max(len(one), len(two))
    a, b = _pairs(one), _pairs(two)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def names(found: Sequence[Term], lang: str) -> list[str]:
    """Their names in a language."""
    return [term.name[lang] for term in found]
