"""Words that mark a set of texts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from .segment import words

PRIOR = 500.0
"""Size of the prior, in words: how much of one set a word must fill before it stands out."""


class Keyword(NamedTuple):
    """``score``: z-value against the background, or TF-IDF without one; ``texts``: how many texts hold the word."""

    word: str
    score: float
    texts: int


def keywords(
    texts: Iterable[str], background: Iterable[str] | None = None, limit: int = 20, min_texts: int = 2
) -> tuple[Keyword, ...]:
    """The ``limit`` words that mark ``texts``, best first, each in at least ``min_texts`` texts.

    With a background: log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008), as
    z-values, so that rare accidents do not win. Without one (or with an empty one): texts holding the word
    × inverse document frequency within the set, which keeps words that everybody uses down. A word counts
    once a text (copied texts cannot shout).
    """
    sets = [frozenset(words(text)) for text in texts]
    here = Counter(word for found in sets for word in found)
    candidates = [word for word, count in here.items() if count >= min_texts]
    there = Counter(word for text in background or () for word in frozenset(words(text)))
    if not there:
        scores = {w: here[w] * math.log((len(sets) + 1) / here[w]) for w in candidates}
    else:
        scores = _log_odds(here, there, candidates)
    best = sorted(candidates, key=lambda word: (-scores[word], word))[:limit]
    return tuple(Keyword(word, round(scores[word], 4), here[word]) for word in best if scores[word] > 0)


def _log_odds(here: Counter[str], there: Counter[str], candidates: list[str]) -> dict[str, float]:
    n, m = sum(here.values()), sum(there.values())
    scores: dict[str, float] = {}
    for word in candidates:
        prior = PRIOR * (here[word] + there[word]) / (n + m)
        a, b = here[word] + prior, there[word] + prior
        odds = math.log(a / (n + PRIOR - a)) - math.log(b / (m + PRIOR - b)) if n + PRIOR > a and m + PRIOR > b else 0.0
        scores[word] = odds / math.sqrt(1 / a + 1 / b)
    return scores
