"""What a text is about, in the marketing taxonomy of nlp/data/interests, with the words that say so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .match import WordFinder, lower
from .segment import bare, hashtags, own_words
from .taxonomy import Senses, merged, senses, shipped

TAG = 0.85
"""Chance that a word in a hashtag says what a text is about."""
THRESHOLD = 0.5
REPOST_SHARE = 0.6
"""What the forwarded part of a repost counts: forwarding is a weaker sign than writing."""
SHORT, DILUTED, LEAST = 40, 100, 0.6
"""A word says less of what a longer text is about: beyond SHORT characters its chance is divided by
1 + (characters beyond) / DILUTED, down to LEAST of it. Words in hashtags are not diluted."""


@dataclass(frozen=True, slots=True)
class Interests:
    """First-level names, second-level names ("美食/烘焙甜品"), both with a score, best first; words by name."""

    first: tuple[tuple[str, float], ...] = ()
    second: tuple[tuple[str, float], ...] = ()
    evidence: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class _Index:
    finder: WordFinder
    senses: Senses


def load(user: Mapping[str, Any] | None = None) -> _Index:
    """The taxonomy with a user's table laid over it, ready for reading. The last few are kept, by their content.

    Raises what :func:`nlp.taxonomy.merged` raises.
    """
    return _made(json.dumps(user or {}, sort_keys=True, ensure_ascii=False, default=lambda _: None))


@lru_cache(maxsize=4)
def _made(user: str) -> _Index:
    found = senses(merged(shipped(), json.loads(user)))
    return _Index(WordFinder(found), found)


def taxonomy() -> dict[str, tuple[str, ...]]:
    """First-level interests with their second-level names, in the table's order."""
    return {first: tuple(seconds) for first, seconds in shipped().items()}


def interests(text: str, own: str | None = None, index: _Index | None = None) -> Interests:
    """Interests that ``text`` speaks of.

    ``own``: the author's own words in it, if they are known; ``index``: another taxonomy, see :func:`load`.
    """
    index = index or load()
    chances: dict[tuple[str, str], dict[str, float]] = {}

    def note(part: str, factor: float, floor: float = 0.0) -> None:
        for hit in index.finder.find(part):
            for first, second, weight in index.senses.get(hit.word, ()):
                found = chances.setdefault((first, second), {})
                found[hit.word] = max(found.get(hit.word, 0.0), max(weight * share, floor) * factor)

    own = own_words(text) if own is None else own
    share = max(LEAST, 1 / (1 + max(0, len(text) - SHORT) / DILUTED))
    note(bare(own), 1.0)
    if len(own) < len(text):
        note(bare(text[len(own) :]), REPOST_SHARE)
    for tag in hashtags(text):
        note(lower(tag), 1.0 if tag in own else REPOST_SHARE, floor=TAG)
    return _combine(chances)


def _combine(chances: dict[tuple[str, str], dict[str, float]]) -> Interests:
    words: dict[str, dict[str, float]] = {}
    second: list[tuple[str, float]] = []
    for (first, sub), found in chances.items():
        merged = words.setdefault(first, {})
        for word, chance in found.items():
            merged[word] = max(merged.get(word, 0.0), chance)
        if sub and (score := _either(found)) >= THRESHOLD:
            second.append((f"{first}/{sub}", score))
    scored = [(name, score) for name, found in words.items() if (score := _either(found)) >= THRESHOLD]
    names = {name for name, _ in scored}
    return Interests(
        _best_first(scored),
        _best_first(second),
        tuple((name, tuple(sorted(found))) for name, found in sorted(words.items()) if name in names),
    )


def _either(chances: dict[str, float]) -> float:
    """The chance that at least one of independent signs is right."""
    missed = 1.0
    for word in sorted(chances):
        missed *= 1 - chances[word]
    return round(1 - missed, 4)


def _best_first(scored: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(scored, key=lambda item: (-item[1], item[0])))
