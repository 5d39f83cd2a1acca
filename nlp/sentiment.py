"""How the author feels. Two engines: ``xunke`` and ``snownlp``.

``xunke`` adds two log-odds: the trained n-gram table of :mod:`nlp.ngrams` and the hand-weighed emoticons and net words
of :mod:`nlp.polarity`. A second table says how likely a text takes no side at all. Both are calibrated on texts that
trained neither (``training/student.py``). A user's corrections (:mod:`nlp.learn`) move what comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from .types import Label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .batch import Batch
    from .lexicon import Hits
    from .ngrams import Grams
    from .polarity import Found, Polarity

UNSURE: Final = 0.12
"""Probabilities nearer to one half than this are called ``unsure``."""
NEUTRAL: Final = 0.5
"""From this probability on that a text takes no side, it is called ``neutral``."""
_SHOWN: Final = 5
_SPEAKS: Final = 0.25
"""Share of the strongest n-gram that another one must have to be shown."""


class Piece(NamedTuple):
    """Words of a text as written and the log-odds of "positive" that they add; the sum of all is the text's."""

    words: str
    odds: float


class Feelings:
    """Feelings of the texts of a batch: ``p``, the probability of "positive" 0..1, and ``label`` of every row.

    ``silent``: the probability that a row takes no side; None where the engine does not tell.
    """

    def __init__(
        self, p: list[float], label: list[Label], pieces: _Pieces | None = None, silent: list[float] | None = None
    ) -> None:
        self.p, self.label, self.silent = p, label, silent
        self._pieces = pieces

    def evidence(self, row: int) -> tuple[str, ...]:
        """The words that speak loudest for the label of a row, as written; nothing for neutral texts."""
        if self._pieces is None or self.label[row] == "neutral":
            return ()
        return self._pieces.loudest(row, self.p[row] >= 0.5)

    def pieces(self, row: int) -> tuple[Piece, ...]:
        """All words that count in a row, from left to right; then ("", the rest: what no word of the text adds)."""
        return () if self._pieces is None else self._pieces.all(row)


def feelings(batch: Batch, hits: Hits, known: Polarity | None = None) -> Feelings:
    """Judge every row. ``hits``: the words of ``known`` in the batch, whole words only.

    ``known``: the hand-weighed words (default: the package's).
    """
    import numpy as np

    from . import chars, ngrams
    from .polarity import polarity

    found = (known or polarity()).read(batch, hits)
    grams = ngrams.read(batch, found.readable(batch), found.turns)
    model = ngrams.model()
    odds, side = model.odds(batch, grams)
    odds = odds + found.odds
    side = side - np.abs(found.odds)
    p = 1 / (1 + np.exp(-odds))
    still = 1 / (1 + np.exp(-side))
    letters = (batch.classes & chars.LETTERS != 0).view(np.int8)
    silent = (batch.row_sums(letters, own=False) == 0) & (found.odds == 0)
    p[silent], still[silent] = 0.5, 1.0
    label = np.select(
        [still >= NEUTRAL, np.abs(p - 0.5) < UNSURE, p > 0.5], ["neutral", "unsure", "positive"], "negative"
    )
    return Feelings(np.round(p, 4).tolist(), label.tolist(), _Pieces(batch, grams, found), np.round(still, 4).tolist())


_Span = tuple[int, int, float]
"""Start and end in the stream, log-odds."""


class _Pieces:
    def __init__(self, batch: Batch, grams: Grams, found: Found) -> None:
        self._batch, self._grams, self._found = batch, grams, found

    def _grams_of(self, row: int) -> Iterator[_Span]:
        """The n-grams that count in a row."""
        import numpy as np

        from .ngrams import model

        batch, grams, table = self._batch, self._grams, model().feeling
        start, end = int(batch.starts[row]), int(batch.ends[row])
        scale = table.scale / float(np.sqrt(max(grams.sizes[row], 1)))
        for size, hashes in enumerate(grams.hashes, 1):
            weights = table.weights[hashes[start:end]]
            for at in np.flatnonzero(weights).tolist():
                odds = scale * float(grams.shares[start + at]) * float(weights[at])
                yield start + at, start + at + size, odds

    def _signs_of(self, row: int) -> list[_Span]:
        """The hand-weighed words of a row."""
        return self._signs.get(row, [])

    @cached_property
    def _signs(self) -> dict[int, list[_Span]]:
        found, signs = self._found, dict[int, list[_Span]]()
        columns = (found.rows, found.starts, found.ends, found.weights)
        for row, start, end, weight in zip(*(column.tolist() for column in columns), strict=True):
            if weight:
                signs.setdefault(row, []).append((start, end, weight))
        return signs

    @cached_property
    def _words(self) -> list[list[str]]:
        """The words of every row, blanks too."""
        from .segment import split

        return split(self._batch)

    @cached_property
    def _sums(self) -> NDArray[np.float64]:
        """By stream position: what all characters before it add; an n-gram's share goes to each of its characters."""
        import numpy as np

        from .ngrams import model

        grams, table = self._grams, model().feeling
        each = np.zeros(len(grams.shares))
        for size, hashes in enumerate(grams.hashes, 1):
            share = table.weights[hashes] * (grams.shares / size)
            for at in range(size):
                each[at:] += share[: len(each) - at]
        each *= (table.scale / np.sqrt(np.maximum(grams.sizes, 1)))[self._batch.rows]
        return np.concatenate([[0.0], np.cumsum(each)])

    def loudest(self, row: int, positive: bool) -> tuple[str, ...]:
        """Words of the label's side, strongest first."""
        batch, sign = self._batch, 1 if positive else -1
        words, place = self._words[row], int(batch.starts[row])
        found = {(start, end): sign * odds for start, end, odds in self._signs_of(row)}
        ends = list(accumulate(map(len, words), initial=place))
        sums = self._sums[ends].tolist()
        for word, start, end, before, after in zip(words, ends, ends[1:], sums, sums[1:], strict=False):
            if sign * (after - before) > 0 and not word.isspace():
                found[start, end] = max(found.get((start, end), 0.0), sign * (after - before))
        best = sorted((span for span in found if found[span] > 0), key=lambda span: -found[span])[:_SHOWN]
        loud = (span for span in best if found[span] >= _SPEAKS * found[best[0]])
        return tuple(dict.fromkeys(batch.quote(row, start, end) for start, end in loud))

    def all(self, row: int) -> tuple[Piece, ...]:
        """See :meth:`Feelings.pieces`."""
        from .ngrams import model

        spans = sorted([*self._grams_of(row), *self._signs_of(row)])
        pieces = [Piece(self._batch.quote(row, start, end), odds) for start, end, odds in spans]
        mine = self._found.rows == row
        squeezed = float(self._found.odds[row] - self._found.weights[mine].sum())
        return (*pieces, Piece("", model().feeling.bias + squeezed))


def snownlp(texts: Sequence[str]) -> Feelings:
    """The named baseline, word for word ``SnowNLP(text).sentiments``; loaded only here (it takes seconds)."""
    from snownlp import sentiment as original

    # SnowNLP(text).sentiments is this call; the class would first index the text for a search nobody asks for.
    p = [min(max(float(original.classify(text)), 0.0), 1.0) if text.strip() else 0.5 for text in texts]
    return Feelings(
        [round(one, 4) for one in p],
        [_plain_label(one, text) for one, text in zip(p, texts, strict=True)],
    )


def _plain_label(p: float, text: str) -> Label:
    if not text.strip():
        return "neutral"
    if abs(p - 0.5) < UNSURE:
        return "unsure"
    return "positive" if p > 0.5 else "negative"
