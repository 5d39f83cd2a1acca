"""Cutting a read text into clauses, and a clause into what it says: effects in order and the free words left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from . import lexicon
from .tokens import ANY, Doc

_BREAK: Final = re.compile(
    rf"[,，。;；!！?？\n]+|(?<![\d])\.(?=\s|$)|:(?!\d)|(?:然后|接着|最后|顺便|同时|之后再|并且|"
    rf"(?<=[\s{ANY[1:-1]}])(?:再|"
    rf"并)(?=[\u4e00-\u9fff\s{ANY[1:-1]}]))"
    r"|\b(?:and\sthen|then|after\sthat|afterwards|and\salso|finally)\b",
    re.IGNORECASE,
)
@dataclass(slots=True)
class Clause:
    """What one clause says. ``said`` are its effects in order; ``frame`` its free text, ``words`` what is unknown in it."""

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


def _edge(key: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = lexicon.table("function_words")
    before, after = table[key + "_before"], table[key + "_after"]
    if key == "zh":
        head = "|".join(sorted(map(re.escape, before), key=len, reverse=True))
        tail = "|".join(sorted(map(re.escape, after), key=len, reverse=True))
        return re.compile(rf"(?:{head}|\s)"), re.compile(rf"(?:{tail}|\s)$")
    head = "|".join(sorted(map(re.escape, before), key=len, reverse=True))
    tail = "|".join(sorted(map(re.escape, after), key=len, reverse=True))
    return re.compile(rf"(?:{head})(?![a-z0-9'])\s?", re.IGNORECASE), re.compile(rf"(?:^|\s)(?:{tail})$", re.IGNORECASE)


_EDGES: dict[str, tuple[re.Pattern[str], re.Pattern[str]]] = {}


def strip(words: str) -> str:
    """``words`` without function words, verbs of talking and particles on both sides."""
    if not _EDGES:
        _EDGES["zh"], _EDGES["en"] = _edge("zh"), _edge("en")
    keep = lexicon.table("function_words")["zh_keep"]
    words = words.strip(" -·.'~/&+、:()*")
    for _ in range(12):
        start = words
        for key in ("zh", "en"):
            head, tail = _EDGES[key]
            m = head.match(words)
            if m and not any(words.startswith(k) for k in keep):
                words = words[m.end() :]
            m = tail.search(words)
            if m and not any(words.endswith(k) for k in keep):
                words = words[: m.start()]
        words = words.strip(" -·.'~/&+、:()*")
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

