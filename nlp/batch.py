"""Many texts as one array of folded characters: the first step of everything that reads a post.

:meth:`Batch.of` cuts, cleans (``xunke.text.clean``) and folds (:mod:`nlp.chars`) texts, and finds in one pass of numpy
what stands for itself: where the author's own words end, links, @names and hashtags. A text alone and the same text
among others give the same; every function that takes a batch keeps that promise.

Positions count in the *stream* ``codes``: one entry a character, texts one after another with a 0 behind each.
Invisible characters, variation selectors, joiners, skin tones and the blanks of spaced-out words ("加 微 信") are not
in the stream. :meth:`Batch.quote` and :meth:`Batch.span` lead back to the text as it was written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xunke.text import clean

from . import chars
from .chars import DUAL, DUAL_KEPT, SIZE, characters
from .types import MAX_CHARS

Codes: TypeAlias = NDArray[np.uint32]
Ints: TypeAlias = NDArray[np.intp]
Bits: TypeAlias = NDArray[np.uint16]

BLANK: Final = 0x20
_PAD: Final = 64
"""Zeros behind the last text: windows may look past the end. (They may look before the start too: index -1.)"""
_NAME_CHARS, _TAG_CHARS = 30, 40
_REPOST_MARK = re.compile(r"\s*(?:转发微博|转发|repost)[。.!]?\s*")
_GAP: Final = 8
"""Blanks allowed between ``//`` and ``@`` where a repost begins."""


class Batch:
    """Texts as arrays. Rows are texts; ``len(batch)`` is their number.

    ``texts``: what was read of each text, cleaned. ``plain``: the folded stream. ``codes``: the same with links, @names
    and the marks of hashtags (not their words) turned into spaces. ``classes``: class bits of ``codes``.
    ``starts``, ``ends``: row ``i`` is ``codes[starts[i]:ends[i]]``. ``own_ends``: the author's own words are
    ``codes[starts[i]:own_ends[i]]``, what stands before ``//@somebody``; nothing in an empty repost (转发微博).
    ``links``, ``mentions``: how many of them a row has. ``tag_rows``, ``tag_starts``, ``tag_ends``: the hashtags'
    words, from left to right.
    """

    __slots__ = (
        "__dict__", "_clear", "_written", "classes", "codes", "ends", "links", "mentions", "own_ends", "plain",
        "starts", "tag_ends", "tag_rows", "tag_starts", "texts",
    )  # fmt: skip

    def __init__(self, texts: list[str], plain: Codes, classes: Bits, starts: Ints, ends: Ints) -> None:
        """Use :meth:`of`."""
        self.texts, self._written = texts, starts
        marks = np.flatnonzero(classes >= chars.MARK)
        kinds = classes[marks]
        spread = _spread(classes, marks[kinds & chars.SPACE != 0])
        self._clear = np.sort(np.concatenate([marks[kinds & chars.CLEAR != 0], spread]))
        if len(self._clear):
            kept = np.ones(len(plain), np.bool_)
            kept[self._clear] = False
            plain, classes = plain[kept], classes[kept]
            marks = self._shifted(marks[kept[marks]])
            starts, ends = self._shifted(starts), self._shifted(ends)
            kinds = classes[marks]
        self.plain, self.classes, self.starts, self.ends = plain, classes, starts, ends
        duals = marks[kinds & chars.DUALS != 0]
        if len(duals):
            self._fold_duals(duals)
        self.codes = plain.copy()
        signs = plain[marks]
        at = marks[signs == 0x40]
        self._find_own_ends(at)
        self._blank_links_and_names(at, marks[signs == 0x3A], marks[signs == 0x2E])
        self._find_tags(marks[self.codes[marks] == 0x23])

    @classmethod
    def of(cls, texts: Iterable[str]) -> Batch:
        """Read the first ``MAX_CHARS`` characters of each text. Any string will do."""
        rows = [text[:MAX_CHARS] for text in texts]
        codes, starts, ends = _joined(rows)
        high = int(codes.max()) >= SIZE
        index = codes.astype(np.intp)
        if high:
            index = np.where(codes < SIZE, index, np.where(codes < 0x40000, SIZE - 2, SIZE - 1))
        packed = characters()[index]
        classes = (packed >> np.uint32(chars.FOLD_BITS)).astype(np.uint16)
        dirty = np.flatnonzero(classes >= chars.MARK)
        dirty = dirty[classes[dirty] & chars.DIRTY != 0]
        doubtful = set((np.searchsorted(starts, dirty, "right") - 1).tolist())
        if np.count_nonzero(codes == 0) > len(rows) + _PAD:
            doubtful.update(i for i, row in enumerate(rows) if "\0" in row)
        if changed := [(i, new) for i in doubtful if (new := clean(rows[i])) != rows[i]]:
            for i, new in changed:
                rows[i] = new
            return cls.of(rows)
        packed &= np.uint32(SIZE - 1)
        if high:
            np.copyto(packed, codes, where=codes >= SIZE)
        return cls(rows, packed, classes, starts, ends)

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def folded(self) -> str:
        """The stream ``codes`` as a string (``folded[starts[i]:ends[i]]``); other positions hold ``"\\0"``."""
        return str(self.codes.tobytes(), "utf-32-le")

    @cached_property
    def folded_plain(self) -> str:
        """The stream ``plain`` as a string: links, names and hashtag marks are still there."""
        return str(self.plain.tobytes(), "utf-32-le")

    @cached_property
    def rows(self) -> NDArray[np.int32]:
        """The row of every position; what stands behind the last row belongs to it."""
        lengths = np.diff(self.starts, append=len(self.codes))
        return np.repeat(np.arange(len(self), dtype=np.int32), lengths)

    @cached_property
    def in_own(self) -> NDArray[np.bool_]:
        """True at the positions of the authors' own words."""
        if not len(self):
            return np.zeros(len(self.codes), np.bool_)
        lengths = np.empty((len(self), 2), np.intp)
        lengths[:, 0] = self.own_ends - self.starts
        lengths[:, 1] = np.append(self.starts[1:], len(self.codes))[: len(self)] - self.own_ends
        return np.repeat(np.tile([True, False], len(self)), lengths.ravel())

    def row_sums(self, values: NDArray[Any], *, own: bool = True) -> NDArray[np.float64]:
        """Sum of ``values`` (one a position) over the own words of each row, or over all of it."""
        if not len(self):
            return np.zeros(0)
        inside, behind = self.part_sums(values)
        return (inside if own else inside + behind).astype(np.float64)

    def part_sums(self, values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Sums over the own words of each row, and over what stands behind them."""
        bounds = np.empty(2 * len(self), np.intp)
        bounds[::2], bounds[1::2] = self.starts, self.own_ends
        ends = np.minimum(self.ends, len(values))
        dtype = np.float64 if values.dtype.kind == "f" else np.int64
        sums = np.add.reduceat(values, bounds, dtype=dtype) if len(self) else np.zeros(0, dtype)
        inside = np.where(self.own_ends > self.starts, sums[::2], 0)
        # behind the last end of a row stands a zero of the stream, whose value must not count
        return inside, np.where(ends > self.own_ends, sums[1::2] - values[ends], 0)

    @cached_property
    def bounds(self) -> list[tuple[int, int, int]]:
        """Start, end of the own words and end of every row."""
        return list(zip(self.starts.tolist(), self.own_ends.tolist(), self.ends.tolist(), strict=True))

    def row(self, i: int) -> str:
        """The folded text of row ``i``, links, names and hashtag marks blanked."""
        start, _, end = self.bounds[i]
        return self.folded[start:end]

    def own(self, i: int) -> str:
        """The folded own words of row ``i``, links, names and hashtag marks blanked."""
        start, end, _ = self.bounds[i]
        return self.folded[start:end]

    def whole(self, i: int) -> str:
        """The folded text of row ``i`` with everything in it."""
        start, _, end = self.bounds[i]
        return self.folded_plain[start:end]

    def span(self, row: int, start: int, end: int) -> tuple[int, int]:
        """Where stream positions ``start:end`` (not empty) of a row stand in ``texts[row]``."""
        offset = self._offsets[row]
        first, last = start, end - 1
        if len(self._clear):
            first, last = self._unshifted(first), self._unshifted(last)
        return first - offset, last + 1 - offset

    def _shifted(self, positions: Ints) -> Ints:
        """Positions before the clear characters were left out (none of them clear) as positions in the stream."""
        return positions - np.searchsorted(self._clear, positions)

    @cached_property
    def _offsets(self) -> list[int]:
        offsets: list[int] = self._written.tolist()
        return offsets

    @cached_property
    def _gaps(self) -> list[int]:
        gaps: list[int] = (self._clear - np.arange(len(self._clear))).tolist()
        return gaps

    def _unshifted(self, position: int) -> int:
        return position + bisect_right(self._gaps, position)

    def quote(self, row: int, start: int, end: int) -> str:
        """The words at stream positions ``start:end`` of a row as they were written."""
        first, last = self.span(row, start, end)
        return self.texts[row][first:last]

    def hashtags(self, row: int) -> tuple[str, ...]:
        """The hashtags of a row as written, in order, each once."""
        low, high = np.searchsorted(self.tag_rows, [row, row + 1])
        spans = zip(self.tag_starts[low:high].tolist(), self.tag_ends[low:high].tolist(), strict=True)
        return tuple(dict.fromkeys(self.quote(row, start, end).strip() for start, end in spans))

    def row_of(self, positions: Ints) -> Ints:
        """The rows that positions lie in."""
        return np.searchsorted(self.starts, positions, "right") - 1

    def _fold_duals(self, places: Ints) -> None:
        """乾, 著 and 瞭: traditional where the text is, but for the words that simplified Chinese writes so too."""
        rows = self.row_of(places).tolist()
        traditional = {
            row for row in set(rows) if (self.classes[self.starts[row] : self.ends[row]] & chars.TRADITIONAL).any()
        }
        for place, row in zip(places.tolist(), rows, strict=True):
            char = chr(self.plain[place])
            before, after = chr(self.plain[place - 1]), chr(self.plain[place + 1])
            if char == "瞭":
                fold = after == "解"
            else:
                kept = DUAL_KEPT[char]
                fold = row in traditional and before not in kept[0] and after not in kept[1]
            if fold:
                self.plain[place] = ord(DUAL[char])

    def _find_own_ends(self, at: Ints) -> None:
        """Set ``own_ends``: the first ``//`` before an ``@``, or the end; the start in an empty repost."""
        self.own_ends = self.ends.copy()
        before = at - 1
        for _ in range(_GAP):
            blank = (self.classes[before] & chars.SPACE) != 0
            if not blank.any():
                break
            before = before - blank
        rows = self.row_of(at)
        cuts = before - 1
        here = (self.plain[before] == 0x2F) & (self.plain[cuts] == 0x2F) & (cuts >= self.starts[rows])
        np.minimum.at(self.own_ends, rows[here], cuts[here])
        heads = self.plain[self.starts]
        maybe = (heads == ord("转")) | (heads == ord("r")) | (heads == BLANK) | (heads == 0x0A)
        for i in np.flatnonzero(maybe & (self.own_ends - self.starts <= MAX_CHARS // 50)).tolist():
            own = self.plain[self.starts[i] : self.own_ends[i]]
            if _REPOST_MARK.fullmatch(str(own.tobytes(), "utf-32-le")):
                mark = slice(self.starts[i], self.own_ends[i])
                self.codes[mark], self.classes[mark] = BLANK, chars.SPACE  # the platform's words, nobody's
                self.own_ends[i] = self.starts[i]

    def _blank_links_and_names(self, at: Ints, colons: Ints, dots: Ints) -> None:
        names = _run(self.classes, at + 1, chars.NAME, _NAME_CHARS)
        at, names = at[names > 0], names[names > 0]
        links, past = self._links(colons, dots)
        self.links = _count(self.row_of(links), len(self))
        self.mentions = _count(self.row_of(at), len(self))
        blanked = ranges(np.concatenate([at, links]), np.concatenate([at + names + 1, past]))
        self.codes[blanked], self.classes[blanked] = BLANK, chars.SPACE

    def _links(self, colon: Ints, dot: Ints) -> tuple[Ints, Ints]:
        """Starts and ends of ``http://…``, ``https://…`` and ``www.…``."""
        plain = self.plain
        colon = colon[(plain[colon + 1] == 0x2F) & (plain[colon + 2] == 0x2F)]
        start = colon - 4 - (plain[colon - 1] == ord("s"))
        spelled = _spells(plain, start, "http")
        start, colon = start[spelled], colon[spelled]
        dot = dot[plain[dot - 1] == ord("w")]
        dot = dot[_spells(plain, dot - 3, "www")]
        start = np.concatenate([start, dot - 3])
        body = np.concatenate([colon + 3, dot + 1])
        run = _run(self.classes, body, chars.LINK, MAX_CHARS)
        found = np.argsort(start, kind="stable")
        found = found[run[found] > 0]
        start, past = start[found], (body + run)[found]
        # "http://www.…": one link
        fresh = np.ones(len(start), np.bool_)
        fresh[1:] = start[1:] >= np.maximum.accumulate(past)[:-1]
        return start[fresh], past[fresh]

    def _find_tags(self, marks: Ints) -> None:
        """``#words#`` and ``#word``; the marks are blanked, the words stay."""
        found: list[tuple[int, int]] = []
        blanked: list[int] = []
        solid = _run(self.classes, marks + 1, chars.SPACE, _TAG_CHARS + 1, want=False)
        opened = _run(self.classes, marks + 1, chars.TAG, _TAG_CHARS).tolist()
        gaps = np.diff(marks, append=len(self.codes)) - 1
        pairs = ((gaps > 0) & (gaps <= _TAG_CHARS) & (solid > gaps)).tolist()
        places, skip = marks.tolist(), False
        for i, place in enumerate(places):
            if skip:
                skip = False
            elif pairs[i]:
                found.append((place + 1, places[i + 1]))
                blanked += (place, places[i + 1])
                skip = True
            elif opened[i]:
                found.append((place + 1, place + 1 + opened[i]))
                blanked.append(place)
        self.codes[blanked], self.classes[blanked] = BLANK, chars.SPACE
        spans = np.array(found, np.intp).reshape(-1, 2)
        self.tag_starts, self.tag_ends = spans[:, 0], spans[:, 1]
        self.tag_rows = self.row_of(self.tag_starts)


def _joined(rows: Sequence[str]) -> tuple[Codes, Ints, Ints]:
    """All texts as code points with zeros between and behind, and where each starts and ends."""
    lengths = np.fromiter(map(len, rows), np.intp, len(rows))
    joined = "\0".join(rows) + "\0" * (_PAD + 1)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.cumsum(lengths + 1) - 1
    return codes, ends - lengths, ends


def _spread(classes: Bits, blanks: Ints) -> Ints:
    """The blanks in words that are spaced out ("加 微 信"): each between two Chinese characters, at least two so."""
    between = blanks[(classes[blanks - 1] & chars.HAN != 0) & (classes[blanks + 1] & chars.HAN != 0)]
    near = np.diff(between) == 2
    spread: Ints = between[np.append(near, False) | np.insert(near, 0, False)] if len(between) > 1 else between[:0]
    return spread


def _run(classes: Bits, at: Ints, bit: int, limit: int, *, want: bool = True) -> Ints:
    """How many characters from each of ``at`` on have the class bit (or lack it); at most ``limit``."""
    runs = np.zeros(len(at), np.intp)
    open_ = np.arange(len(at))
    width = 32
    steps = np.arange(width)
    while len(open_):
        window = classes[np.minimum((at[open_] + runs[open_])[:, None] + steps, len(classes) - 1)] & bit
        window = (window == 0) == want
        stop = window.argmax(1)
        full = ~window[np.arange(len(open_)), stop]
        runs[open_] += np.where(full, width, stop)
        open_ = open_[full & (runs[open_] < limit)]
    return np.minimum(runs, limit)


def _spells(plain: Codes, at: Ints, word: str) -> NDArray[np.bool_]:
    right = np.ones(len(at), np.bool_)
    for offset, char in enumerate(word):
        right &= plain[at + offset] == ord(char)
    return right


def ranges(starts: Ints, ends: Ints) -> Ints:
    """The positions of many ranges one after another."""
    lengths = ends - starts
    total = int(lengths.sum())
    return np.repeat(starts - (np.cumsum(lengths) - lengths), lengths) + np.arange(total)


def _count(rows: Ints, size: int) -> Ints:
    return np.bincount(rows, minlength=size)


# -- n-grams --------------------------------------------------------------------------------------------------------

_SEED: Final = np.uint32(0x9E3779B1)
_FIRST, _SECOND = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)


def ngram_hashes(batch: Batch, largest: int = 3, bits: int = 20, codes: Codes | None = None) -> tuple[Ints, ...]:
    """For n = 1 … ``largest``: the hash of the n characters of ``batch.codes`` that start at each position.

    ``codes``: another stream, as long, to read instead (``batch.codes`` with more blanks, say).

    0 where they would hold a blank, a link, an @name or the end of a text: entry 0 of a table of weights must be 0.
    Otherwise 1 … 2**bits - 1 (one n-gram in 2**bits falls on 0 and is lost). They are numpy's index type because that
    halves the time of looking up. Models depend on every step; all arithmetic is modulo 2**32::

        h(1) = mix(0x9E3779B1 ^ c1)        h(n) = mix(h(n-1) + (0x9E3779B1 ^ cn))
        mix(x): x *= 0x85EBCA6B; x ^= x >> 15; x *= 0xC2B2AE35; x ^= x >> 13
        hash = h(n) >> (32 - bits)
    """
    codes = batch.codes if codes is None else codes
    size = len(codes)
    solid = codes > BLANK
    keyed = codes ^ _SEED
    state = keyed.copy()
    scratch = np.empty(size, np.uint32)
    whole = solid.copy()
    hashes = []
    for n in range(largest):
        if n:
            state[: size - n] += keyed[n:]
            whole[: size - n] &= solid[n:]
            whole[size - n :] = False
        np.multiply(state, _FIRST, out=state)
        np.right_shift(state, np.uint32(15), out=scratch)
        np.bitwise_xor(state, scratch, out=state)
        np.multiply(state, _SECOND, out=state)
        np.right_shift(state, np.uint32(13), out=scratch)
        np.bitwise_xor(state, scratch, out=state)
        np.right_shift(state, np.uint32(32 - bits), out=scratch)
        np.multiply(scratch, whole, out=scratch)
        hashes.append(scratch.astype(np.intp))
    return tuple(hashes)
