"""Why a text has its scores: every number of :mod:`nlp.score` down to words and arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from .types import Engine

if TYPE_CHECKING:
    from .analyse import Columns


class Feeling(msgspec.Struct, frozen=True):
    """``p`` = 1 / (1 + exp(-``log_odds``)) and ``log_odds`` = the sum of ``pieces`` + ``rest``.

    ``pieces``: words as written, each once, with the log-odds of "positive" that they add, strongest first. ``rest``:
    the table's bias, and what a limit on hand-weighed words takes off. ``p_neutral``: the probability that the text
    takes no side; from one half on the label is "neutral". Engine "snownlp" tells ``p`` only.
    """

    p: float
    p_neutral: float | None = None
    log_odds: float | None = None
    rest: float | None = None
    pieces: tuple[tuple[str, float], ...] = ()


class Need(msgspec.Struct, frozen=True):
    """``score`` = 1 - the product of (1 - weight) over ``rules``. ``quote``: the clause; ``about``: may be empty."""

    name: str
    kind: str
    score: float
    rules: tuple[tuple[str, float], ...]
    words: tuple[str, ...]
    quote: str
    about: str


class Event(msgspec.Struct, frozen=True):
    """A life event with the words found and their clause."""

    name: str
    words: str
    quote: str


class Interest(msgspec.Struct, frozen=True):
    """A first-level interest with the words that speak for it."""

    name: str
    score: float
    words: tuple[str, ...]


class Spam(msgspec.Struct, frozen=True):
    """``p`` = 1 - (1 - ``base``) times the product of (1 - weight) over ``reasons``."""

    p: float
    base: float
    reasons: tuple[tuple[str, float], ...]


class Explanation(msgspec.Struct, frozen=True):
    """Everything behind the scores of one text."""

    sentiment: Feeling
    needs: tuple[Need, ...]
    life_events: tuple[Event, ...]
    interests: tuple[Interest, ...]
    spam: Spam


def explain(texts: Iterable[str], engine: Engine = "xunke") -> list[Explanation]:
    """One explanation a text; every string has one, the empty one too."""
    from .analyse import analyse_many

    found = analyse_many(texts, engine)
    return [explanation(found, row) for row in range(len(found))]


def explanation(found: Columns, row: int) -> Explanation:
    """The same for one row of a batch that has been analysed."""
    from . import needs, spam

    kinds, weights = needs.kinds(), spam.weights()
    words = found.interest_words(row)
    return Explanation(
        sentiment=_feeling(found, row),
        needs=tuple(
            Need(n.name, kinds[n.name], n.score, n.rules, n.evidence, n.quote, n.about)
            for n in found.needs.get(row, ())
        ),
        life_events=tuple(Event(e.name, e.words, e.quote) for e in found.events.get(row, ())),
        interests=tuple(Interest(name, score, words.get(name, ())) for name, score in found.interests.get(row, ())),
        spam=Spam(found.spam[row], spam.BASE, tuple((name, weights[name]) for name in found.spam_reasons.get(row, ()))),
    )


def _feeling(found: Columns, row: int) -> Feeling:
    pieces = found.feelings.pieces(row)
    if not pieces:
        return Feeling(found.sentiment[row])
    *said, rest = pieces
    p, silent = found.sentiment[row], found.feelings.silent
    p_neutral = None if silent is None else silent[row]
    if not said and p == 0.5:  # nothing to read: the bias of texts does not count
        return Feeling(p, p_neutral, 0.0, 0.0)
    words: dict[str, list[float]] = {}
    for piece in said:
        words.setdefault(piece.words, []).append(piece.odds)
    sums = ((word, round(math.fsum(odds), 4)) for word, odds in words.items())
    return Feeling(
        p,
        p_neutral,
        round(math.fsum(piece.odds for piece in pieces), 4),
        round(rest.odds, 4),
        tuple(sorted(sums, key=lambda one: (-abs(one[1]), one[0]))),
    )
