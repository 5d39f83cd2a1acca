"""Finding any number of words in a batch of texts at once, in numpy.

Every word is folded as the texts are (:mod:`nlp.chars`): case, width and script do not count. A Latin word or number
matches whole only (``vx`` is not in ``avx``), Chinese matches anywhere. Overlapping words are all found;
:meth:`Hits.longest` drops those inside a longer one, which is how a longer word takes a meaning away ("熊猫": no 猫).

How: a map over the hash of two characters says at which positions words may start; each of these is compared with the
words of its bucket, character by character. No word is ever reported wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import chars
from .batch import Batch, Ints, ranges

_MAP_BITS: Final = 18
_LONGEST: Final = 24
"""Longer words are refused: they are sentences."""
_PLACES: Final = 4
"""Characters compared one after another; the few words still in question are then compared at once."""
_ALNUM: Final = chars.LATIN | chars.DIGIT


class Hits(NamedTuple):
    """Words found, ordered by start, longer ones first: stream positions and word ids."""

    starts: Ints
    ends: Ints
    words: Ints

    def of(self, kept: NDArray[np.bool_]) -> Hits:
        """Some of them."""
        return Hits(self.starts[kept], self.ends[kept], self.words[kept])

    def longest(self) -> Hits:
        """Without hits that lie inside a longer hit."""
        if len(self.ends) < 2:
            return self
        reached = np.maximum.accumulate(self.ends)
        kept = np.ones(len(self.ends), np.bool_)
        kept[1:] = self.ends[1:] > reached[:-1]
        return self.of(kept)


class Lexicon:
    """A fixed set of words. ``words``: folded, each once, in the order given; the index is a word's id.

    Raises ValueError for a word with a blank among its first two characters or of more than 24 characters.
    """

    def __init__(self, words: Iterable[str]) -> None:
        given = [word for word in words if word]
        batch = Batch.of(given)
        folded = batch.folded_plain
        spans = zip(batch.starts.tolist(), batch.ends.tolist(), strict=True)
        ids: dict[str, int] = {}
        for start, end in spans:
            if start < end:
                ids.setdefault(folded[start:end], len(ids))
        self.words: Final = tuple(ids)
        self._ids = ids
        for word in self.words:
            if len(word) > _LONGEST or any(char.isspace() for char in word[:2]):
                raise ValueError(word)
        self._compile()

    def __len__(self) -> int:
        return len(self.words)

    def ids(self, words: Sequence[str]) -> list[int]:
        """The ids of words of this lexicon, however they are written; KeyError for others."""
        batch = Batch.of(words)
        folded = batch.folded_plain
        return [self._ids[folded[start:end]] for start, end in zip(batch.starts, batch.ends, strict=True)]

    def _compile(self) -> None:
        lengths = np.array([len(word) for word in self.words], np.intp)
        chars_ = np.zeros((len(self.words), max(int(lengths.max(initial=0)), _PLACES)), np.uint32)
        joined = np.frombuffer("".join(self.words).encode("utf-32-le"), np.uint32)
        chars_[np.arange(chars_.shape[1]) < lengths[:, None]] = joined
        self._lengths, self._chars = lengths, chars_
        self._single = np.full(chars.SIZE, -1, np.intp)
        single = np.flatnonzero((lengths == 1) & (chars_[:, 0] < chars.SIZE))
        self._single[chars_[single, 0]] = single
        self._is_single = self._single >= 0
        # words of two and more characters, by the hash of their first two
        longer = np.flatnonzero(lengths > 1)
        slots = _head(chars_[longer, 0], chars_[longer, 1])
        order = np.argsort(slots, kind="stable")
        self._in_bucket = longer[order]
        counts = np.bincount(slots, minlength=1 << _MAP_BITS)
        self._starting = counts > 0
        self._bucket = np.concatenate([[0], np.cumsum(counts)])

    def hits(self, batch: Batch) -> Hits:
        """Every word of the lexicon in ``batch.codes`` (links, @names and the marks of hashtags are blank there)."""
        codes = batch.codes
        slots = _head(codes[:-1], codes[1:])
        at = np.flatnonzero(self._starting[slots])
        slots = slots[at]
        first = self._bucket[slots]
        counts = self._bucket[slots + 1] - first
        at, places = np.repeat(at, counts), ranges(first, first + counts)
        words = self._in_bucket[places]
        for place in range(_PLACES):
            wanted = self._chars[words, place]
            same = (wanted == codes[at + place]) | (wanted == 0)
            at, words = at[same], words[same]
        if self._chars.shape[1] > _PLACES:
            wanted = self._chars[words, _PLACES:]
            there = codes[at[:, None] + np.arange(_PLACES, self._chars.shape[1])]
            same = ((wanted == there) | (wanted == 0)).all(1)
            at, words = at[same], words[same]
        if len(self._in_bucket) < len(self.words):
            single = np.flatnonzero(self._is_single[batch.index])
            at, words = np.concatenate([at, single]), np.concatenate([words, self._single[batch.index[single]]])
        return self._whole(batch, at, words)

    def _whole(self, batch: Batch, starts: Ints, words: Ints) -> Hits:
        """Sorted, without parts of Latin words and numbers."""
        ends = starts + self._lengths[words]
        alnum = batch.classes & _ALNUM != 0
        inside = (alnum[starts] & alnum[starts - 1]) | (alnum[ends - 1] & alnum[ends])
        starts, ends, words = starts[~inside], ends[~inside], words[~inside]
        order = np.argsort(starts * (2 * _LONGEST) - ends + starts)
        return Hits(starts[order], ends[order], words[order])


def _head(first: NDArray[np.uint32], second: NDArray[np.uint32]) -> Ints:
    """A number below 2**_MAP_BITS for two characters."""
    mixed = first * np.uint32(0x9E3779B1)
    mixed += second
    mixed *= np.uint32(0x85EBCA6B)
    mixed >>= np.uint32(32 - _MAP_BITS)
    return mixed.astype(np.intp)
