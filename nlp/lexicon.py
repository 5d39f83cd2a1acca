"""Finding any number of words in a batch of texts at once, in numpy.

Every word is folded as the texts are (:mod:`nlp.chars`): case, width and script do not count. All places are found,
overlapping ones too; :meth:`Hits.whole` drops parts of Latin words ("vx" in "avx"), :meth:`Hits.longest` drops words
inside a longer one, which is how a longer word takes a meaning away ("熊猫": no 猫).

How: a map over the hash of two characters says at which positions words may start; each of these is compared with the
words of its bucket, character by character. No word is ever reported wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import chars
from .batch import Batch, Codes, Ints, ranges

_MAP_BITS: Final = 18
_LONGEST: Final = 24
"""Longer words are refused: they are sentences."""
_PLACES: Final = 4
"""Characters compared one after another; the few words still in question are then compared at once."""
_ALNUM: Final = chars.LATIN | chars.DIGIT


class Hits(NamedTuple):
    """Words found, in no particular order: stream positions and word ids."""

    starts: Ints
    ends: Ints
    words: Ints
    parts: NDArray[np.uint8]
    """The views that each word belongs to, as bits."""

    def of(self, kept: NDArray[np.bool_]) -> Hits:
        """Some of them."""
        return Hits(self.starts[kept], self.ends[kept], self.words[kept], self.parts[kept])

    def seen_as(self, view: View) -> Hits:
        """Those of one part of the lexicon, with its own ids."""
        kept = np.flatnonzero(self.parts & view.bit)
        return Hits(self.starts[kept], self.ends[kept], view.ids[self.words[kept]], self.parts[kept])

    def said(self, batch: Batch) -> Hits:
        """Without what stands in links, @names and the marks of hashtags."""
        first, last = self.starts, self.ends - 1
        return self.of((batch.codes[first] == batch.plain[first]) & (batch.codes[last] == batch.plain[last]))

    def whole(self, batch: Batch) -> Hits:
        """Without parts of Latin words and numbers: "vx" is not in "avx"."""
        alnum = batch.classes & _ALNUM != 0
        inside = (alnum[self.starts] & alnum[self.starts - 1]) | (alnum[self.ends - 1] & alnum[self.ends])
        return self.of(~inside)

    def longest(self) -> Hits:
        """Without hits that lie inside a longer hit; in the order of the text."""
        order = np.argsort(self.starts * (2 * _LONGEST) - self.ends + self.starts)
        starts, ends, words = self.starts[order], self.ends[order], self.words[order]
        reached = np.maximum.accumulate(ends)
        kept = np.ones(len(ends), np.bool_)
        kept[1:] = ends[1:] > reached[:-1]
        return Hits(starts[kept], ends[kept], words[kept], self.parts[order][kept])


class View(NamedTuple):
    """A part of a lexicon: its bit, and by word id the part's own id."""

    bit: np.uint8
    ids: Ints


class Lexicon:
    """A fixed set of words. ``words``: folded, each once, in the order given; the index is a word's id.

    Raises ValueError for a word with a blank among its first two characters or of more than 24 characters.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words: Final = tuple(dict.fromkeys(word for word in folded(words) if word))
        self._ids = {word: number for number, word in enumerate(self.words)}
        for word in self.words:
            if len(word) > _LONGEST or any(char.isspace() for char in word[:2]):
                raise ValueError(word)
        self._views = 0
        self._parts = np.zeros(len(self.words), np.uint8)
        self._compile()

    def __len__(self) -> int:
        return len(self.words)

    def ids(self, words: Sequence[str]) -> list[int]:
        """The ids of words of this lexicon, however they are written; KeyError for others."""
        return [self._ids[word] for word in folded(words)]

    def view(self, words: Sequence[str]) -> View:
        """A part of it: some of the words (folded, each once), whose ids are their places there. Eight at most."""
        bit = np.uint8(1 << self._views)
        self._views += 1
        mine = [self._ids[word] for word in words]
        self._parts[mine] |= bit
        ids = np.zeros(len(self.words), np.intp)
        ids[mine] = np.arange(len(words))
        return View(bit, ids)

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
        self._any_single = bool(len(single))
        pairs, longer = np.flatnonzero(lengths == 2), np.flatnonzero(lengths > 2)
        heads = _hash(chars_[:, 0], chars_[:, 1])
        self._pairs = _Buckets(pairs, heads[pairs])
        self._longer = _Buckets(longer, _hash(chars_[longer, 0], chars_[longer, 1], chars_[longer, 2]))
        self._starting = np.zeros(1 << _MAP_BITS, np.uint8)
        self._starting[heads[pairs]] |= 1
        self._starting[heads[longer]] |= 2

    def hits(self, batch: Batch, *, plain: bool = False) -> Hits:
        """Every word of the lexicon in ``batch.codes`` (links, @names and the marks of hashtags are blank there).

        With ``plain`` in ``batch.plain``, where they still stand.
        """
        codes = batch.plain if plain else batch.codes
        kind = self._starting[_hash(codes[:-1], codes[1:])]
        at = np.flatnonzero(kind != 0)
        kind = kind[at]
        there = at[kind != 2]
        one, words = self._pairs.expand(there, _hash(codes[there], codes[there + 1]))
        one, words = self._same(codes, one, words, range(2))
        there = at[kind != 1]
        two, long_words = self._longer.expand(there, _hash(codes[there], codes[there + 1], codes[there + 2]))
        two, long_words = self._same(codes, two, long_words, range(_PLACES))
        if self._chars.shape[1] > _PLACES and len(two):
            wanted = self._chars[long_words, _PLACES:]
            same = codes[two[:, None] + np.arange(_PLACES, self._chars.shape[1])] == wanted
            whole = (same | (wanted == 0)).all(1)
            two, long_words = two[whole], long_words[whole]
        at, words = np.concatenate([one, two]), np.concatenate([words, long_words])
        if self._any_single:
            index = np.minimum(codes, np.uint32(chars.SIZE - 1)).astype(np.intp)
            single = np.flatnonzero(self._is_single[index])
            at, words = np.concatenate([at, single]), np.concatenate([words, self._single[index[single]]])
        return Hits(at, at + self._lengths[words], words, self._parts[words])

    def _same(self, codes: Codes, at: Ints, words: Ints, places: range) -> tuple[Ints, Ints]:
        """Those whose characters at ``places`` are the word's, as far as it goes."""
        for place in places:
            wanted = self._chars[words, place]
            same = (wanted == codes[at + place]) | (wanted == 0)
            at, words = at[same], words[same]
        return at, words


class _Buckets:
    """Words by the hash of their first characters."""

    def __init__(self, words: Ints, slots: Ints) -> None:
        self._words = words[np.argsort(slots, kind="stable")]
        self._bounds = np.concatenate([[0], np.cumsum(np.bincount(slots, minlength=1 << _MAP_BITS))])

    def expand(self, at: Ints, slots: Ints) -> tuple[Ints, Ints]:
        """Each position with each word of its bucket."""
        first, last = self._bounds[slots], self._bounds[slots + 1]
        return np.repeat(at, last - first), self._words[ranges(first, last)]


def folded(words: Iterable[str]) -> list[str]:
    """Words as a batch folds them."""
    batch = Batch.of(words)
    text = batch.folded_plain
    return [text[start:end] for start, end in zip(batch.starts.tolist(), batch.ends.tolist(), strict=True)]


def _hash(*characters: NDArray[np.uint32]) -> Ints:
    """A number below 2**_MAP_BITS for two or three characters."""
    mixed = characters[0] * np.uint32(0x9E3779B1)
    for char in characters[1:]:
        mixed += char
        mixed *= np.uint32(0x85EBCA6B)
    mixed >>= np.uint32(32 - _MAP_BITS)
    return mixed.astype(np.intp)
