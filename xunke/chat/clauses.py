"""Cutting a read text into clauses, and a clause into what it says: effects in order and the free words left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from msgspec import Struct, field

from . import lexicon
from .rules import rule
from .tokens import ANY, Doc

_BREAK: Final = rule(
    rf"[,，。;；!！?？\n]+|(?<![\d])\.(?=\s|$)|:(?!\d)|(?:然后|接着|最后|顺便|同时|之后再|并且|"
    rf"(?<=[\s{ANY[1:-1]}])(?:再|"
    rf"并)(?=[\u4e00-\u9fff\s{ANY[1:-1]}]))"
    r"|\b(?:and\sthen|then|after\sthat|afterwards|and\salso|finally)\b",
    re.IGNORECASE,
)


class Clause(Struct):
    """What one clause says: ``said`` its effects in order, ``frame`` its free text, ``words`` what is unknown there."""

    text: str
    said: list[tuple[str, Any]] = field(default_factory=list)
    frame: str = ""
    words: list[str] = field(default_factory=list)

    def all(self, slot: str) -> list[Any]:
        return [value for name, value in self.said if name == slot]

    def first(self, slot: str) -> Any:
        return next((value for name, value in self.said if name == slot), None)


def split(doc: Doc) -> list[str]:
    """The clauses of the text as it stands, without empty ones."""
    return [piece.strip() for piece in _BREAK.split(doc.text) if piece and piece.strip()]


@cache
def _edges(language: str) -> tuple[frozenset[str], frozenset[str], int]:
    """The words that are taken off the front and off the end, and the length of the longest."""
    table = lexicon.table("function_words")
    before, after = frozenset(table[language + "_before"]), frozenset(table[language + "_after"])
    return before, after, max(map(len, before | after))


def _chinese(words: str) -> str:
    """``words`` without the longest function word, or a blank, on each side."""
    before, after, longest = _edges("zh")
    keep = tuple(lexicon.table("function_words")["zh_keep"])
    sizes = range(min(len(words), longest), 0, -1)
    head = next((n for n in sizes if words[:n] in before), int(words[:1].isspace()))
    if not words.startswith(keep):
        words = words[head:]
    sizes = range(min(len(words), longest), 0, -1)
    tail = next((n for n in sizes if words[-n:] in after), int(words[-1:].isspace()))
    return words if words.endswith(keep) else words[: len(words) - tail]


def _latin(words: str) -> str:
    """``words`` without the longest function word on each side and the blank that parts it from the rest."""
    before, after, longest = _edges("en")
    keep = tuple(lexicon.table("function_words")["zh_keep"])
    for n in range(min(len(words), longest), 0, -1):
        if words[:n].lower() in before and not _WITHIN(words, n) and not words.startswith(keep):
            words = words[n + words[n : n + 1].isspace() :]
            break
    for n in range(min(len(words), longest), 0, -1):
        start = len(words) - n
        if words[start:].lower() in after and (start == 0 or words[start - 1].isspace()) and not words.endswith(keep):
            return words[: max(0, start - 1)]
    return words


_WITHIN: Final = re.compile("[a-z0-9']", re.IGNORECASE).match
"""Whether a Latin word goes on here."""


def strip(words: str) -> str:
    """``words`` without function words, verbs of talking and particles on both sides."""
    words = words.strip(" -·.'~/&+、:()*")
    for _ in range(12):
        start = words
        words = _latin(_chinese(words)).strip(" -·.'~/&+、:()*")
        if words == start:
            break
    return words


def read(doc: Doc, text: str) -> Clause:
    """Collect the effects of one clause in order; ``words`` are the free words that are neither subject nor frame."""
    clause = Clause(text)
    for piece in re.split(f"({ANY})", text):
        token = doc.tokens.get(piece)
        if token is None:
            clause.frame += piece + " "
            clause.words.extend(_unknown(piece))
        elif token.kind == "X":
            clause.said.extend(token.value)
        else:
            clause.said.append((token.kind, token.value))
    return clause


def _unknown(piece: str) -> Iterator[str]:
    """What is left of free words when all words of the frame are taken off."""
    junk = lexicon.table("function_words")["junk"]
    for part in re.split(r"[()\[\]{}|]", piece):
        word = strip(part)
        if len(word) > 1 and word.lower() not in junk and strip(word) == word:
            yield word
