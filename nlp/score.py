"""The answers of ``xunke score``: JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec

from .explain import Explanation
from .types import MAX_CHARS, Engine, Label

if TYPE_CHECKING:
    from .analyse import Columns

BATCH: Final = 1_024
"""Lines scored together; a text's answer does not depend on it."""
_READ: Final = 1 << 18
_KEPT: Final = 8 * MAX_CHARS
"""Bytes kept of a line: more than its first ``MAX_CHARS`` characters can take."""


class Score(msgspec.Struct, frozen=True):
    """Sentiment and spam as probabilities 0..1, interests and needs with a score each, best first."""

    sentiment: float
    label: Label
    interests: tuple[tuple[str, float], ...]
    needs: tuple[tuple[str, float], ...]
    spam: float


def scores(texts: Iterable[str], engine: Engine = "xunke") -> list[Score]:
    """One answer a text; every string has one, the empty one too."""
    from .analyse import analyse_many

    return _scores(analyse_many(texts, engine))


def _scores(found: Columns) -> list[Score]:
    about, needs, spam = found.interests, found.needs, found.spam
    return [
        Score(p, label, about.get(row, ()), tuple((n.name, n.score) for n in needs.get(row, ())), spam[row])
        for row, (p, label) in enumerate(zip(found.sentiment, found.label, strict=True))
    ]


def score_line(text: str, engine: Engine = "xunke") -> dict[str, object]:
    """The answer for one text as JSON-ready objects."""
    answer: dict[str, object] = msgspec.to_builtins(scores([text], engine)[0])
    return {name: [list(pair) for pair in v] if isinstance(v, tuple | list) else v for name, v in answer.items()}


class Explained(Score, frozen=True):
    """A score with all that is behind it."""

    explain: Explanation


def explained(texts: Sequence[str], engine: Engine = "xunke") -> list[Explained]:
    """:func:`scores` with their arithmetic."""
    from .analyse import analyse_many
    from .explain import explanation

    found = analyse_many(texts, engine)
    return [
        Explained(s.sentiment, s.label, s.interests, s.needs, s.spam, explanation(found, row))
        for row, s in enumerate(_scores(found))
    ]


def score_stream(source: BinaryIO, engine: Engine = "xunke", *, explain: bool = False) -> Iterator[bytes]:
    """Answers to lines of UTF-8 as they come: JSON lines for what one read brought, soon after it was there.

    Of each line the first ``MAX_CHARS`` characters are read; bytes that are no UTF-8 count as U+FFFD.
    """
    encode, judge = _encoder().encode_lines, explained if explain else scores
    for texts in text_batches(source, BATCH if engine == "xunke" else 16):
        yield encode(judge(texts, engine))


def text_batches(source: BinaryIO, size: int) -> Iterator[list[str]]:
    """Lines of UTF-8 as texts, up to ``size`` of them at once, fewer where the next ones may take their time."""
    texts: list[str] = []
    for line in _lines(source):
        if line is not None:
            texts.append(line.decode("utf-8", "replace").rstrip("\r\n"))
        if texts and (line is None or len(texts) >= size):
            yield texts
            texts = []
    if texts:
        yield texts


def _lines(source: BinaryIO) -> Iterator[bytes | None]:
    """Lines without their end, the rest of very long ones left out; None where the next read may take its time."""
    pending = b""
    read = getattr(source, "read1", source.read)
    while data := read(_READ):
        *whole, rest = data.split(b"\n")
        if whole:
            yield (pending + whole[0])[:_KEPT]
            yield from (line[:_KEPT] for line in whole[1:])
            pending = b""
            if len(data) < _READ:
                yield None
        pending = (pending + rest)[:_KEPT]
    if pending:
        yield pending


@cache
def _encoder() -> msgspec.json.Encoder:
    return msgspec.json.Encoder()
