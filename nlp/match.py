"""Finding many words in a text in one scan: leftmost, longest, without overlap."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Hit(NamedTuple):
    """One word found: ``text[start:end]`` (case-folded) is ``word``."""

    start: int
    end: int
    word: str


def _wordlike(char: str) -> bool:
    return char.isascii() and char.isalnum()


class WordFinder:
    """A fixed set of words. Latin words match whole words only; Chinese ones anywhere; case does not count."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(word.lower() for word in words if word)
        lengths: dict[str, set[int]] = {}
        for word in self.words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {char: tuple(sorted(found, reverse=True)) for char, found in lengths.items()}

    def find(self, text: str) -> list[Hit]:
        """Every hit, from left to right. Positions refer to ``lower(text)`` of :func:`lower`."""
        text = lower(text)
        hits: list[Hit] = []
        position, end = 0, len(text)
        while position < end:
            for length in self._lengths.get(text[position], ()):
                stop = position + length
                if stop <= end and text[position:stop] in self.words and self._whole(text, position, stop):
                    hits.append(Hit(position, stop, text[position:stop]))
                    position = stop
                    break
            else:
                position += 1
        return hits

    @staticmethod
    def _whole(text: str, start: int, stop: int) -> bool:
        before = _wordlike(text[start]) and start > 0 and _wordlike(text[start - 1])
        after = _wordlike(text[stop - 1]) and stop < len(text) and _wordlike(text[stop])
        return not (before or after)


def lower(text: str) -> str:
    """Lower case that never changes the length, so that positions stay valid (``"İ".lower()`` has two)."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
