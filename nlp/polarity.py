"""Words that a table of n-grams cannot learn: emoticons, emoji, kaomoji and net words, weighed by hand.

The list is nlp/data/sentiment.toml, and whatever a user adds to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .batch import Batch, Codes, Ints, ranges
from .lexicon import Hits, folded
from .ngrams import CHAIN
from .resources import table

LIMIT: Final = 6.0
"""No text's hand-weighed words add more log-odds than this, however many there are."""
AGAIN: Final = 1.5
"""A word that stands twice or more counts so many times its weight."""
NEGATED: Final = -0.6
"""A net word behind 不, 没, 别 … turns round, and is weaker for it."""
_REACH: Final = 2


@dataclass(frozen=True, slots=True)
class Polarity:
    """``words``: folded, each once. By index: log-odds; whether it is an emoticon (and not a word); whether it turns
    a sentence (但是); whether n-grams must not read it (emoticons, names of things). Turns, names, shields weigh 0.
    """

    words: tuple[str, ...]
    weights: NDArray[np.float64]
    emoticon: NDArray[np.bool_]
    turn: NDArray[np.bool_]
    blanked: NDArray[np.bool_]

    def read(self, batch: Batch, hits: Hits) -> Found:
        """Weigh the words found in a batch (``hits.words`` are indexes of ``words``)."""
        hits = hits.longest()
        rows = batch.row_of(hits.starts)
        weights = self.weights[hits.words]
        weights = np.where(_negated(batch, hits) & ~self.emoticon[hits.words], NEGATED * weights, weights)
        weights = np.where(hits.ends <= batch.own_ends[rows], weights, CHAIN * weights)
        turns = hits.starts[self.turn[hits.words] & (hits.ends <= batch.own_ends[rows])]
        keys = rows * max(len(self.words), 1) + hits.words
        order = np.argsort(keys, kind="stable")  # np.unique would load numpy.ma, a tenth of a second
        fresh = np.flatnonzero(np.diff(keys[order], prepend=-1))
        first, times = order[fresh], np.diff(fresh, append=len(keys))
        first, times = first[np.argsort(first)], times[np.argsort(first)]
        weights = weights[first] * np.where(times > 1, AGAIN, 1.0)
        sums = np.bincount(rows[first], weights, minlength=len(batch))
        signs = self.blanked[hits.words]
        return Found(
            LIMIT * np.tanh(sums / LIMIT), rows[first], hits.starts[first], hits.ends[first], weights,
            ranges(hits.starts[signs], hits.ends[signs]), turns,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """``odds``: log-odds of every row. ``rows`` … ``weights``: one entry a distinct word of a row, in text order.

    ``places``: where emoticons and names of things stand, which n-grams must not read. ``turns``: where 但是 and the
    like stand.
    """

    odds: NDArray[np.float64]
    rows: Ints
    starts: Ints
    ends: Ints
    weights: NDArray[np.float64]
    places: Ints
    turns: Ints

    def readable(self, batch: Batch) -> Codes:
        """The batch's stream without what n-grams must not read."""
        if not len(self.places):
            return batch.codes
        codes = batch.codes.copy()
        codes[self.places] = 0x20
        return codes


def _negated(batch: Batch, hits: Hits) -> NDArray[np.bool_]:
    found = np.zeros(len(hits.starts), np.bool_)
    for back in range(1, _REACH + 1):
        near = batch.codes[hits.starts - back]
        for negation in _negations():  # np.isin would load numpy.ma, a tenth of a second
            found |= near == negation
    return found


@cache
def _negations() -> tuple[int, ...]:
    return tuple(ord(word) for word in table("sentiment")["rules"]["negations"].split())


@cache
def polarity() -> Polarity:
    """The list that comes with the package."""
    return build({})


def build(user: Mapping[str, float]) -> Polarity:
    """The package's list and a user's words with their log-odds; the user's replace the same words."""
    data = table("sentiment")
    weights: dict[str, float] = {}
    signs: set[str] = set()
    for kind in ("words", "emoticons", "kaomoji"):
        for group, listed in data[kind].items():
            for word in folded(listed.split()):
                weights.setdefault(word, data["weights"][group])
                if kind != "words":
                    signs.add(word)
    weights.update(dict.fromkeys(folded(data["rules"]["shields"].split()), 0.0))
    names = frozenset(folded(data["rules"]["names"].split()))
    weights.update(dict.fromkeys(names, 0.0))
    turns = frozenset(folded(data["rules"]["turns"].split()))
    weights.update(dict.fromkeys(turns, 0.0))
    weights.update(zip(folded(user), user.values(), strict=True))
    words = tuple(weights)
    return Polarity(
        words,
        np.array([weights[word] for word in words]),
        np.array([word in signs for word in words], np.bool_),
        np.array([word in turns for word in words], np.bool_),
        np.array([word in signs or word in names for word in words], np.bool_),
    )
