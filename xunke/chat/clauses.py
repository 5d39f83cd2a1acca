"""Cutting a read text into clauses, and a clause into what it says: effects in order and the free words left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from . import lexicon
from .tokens import ANY, Doc, klass

_BREAK: Final = re.compile(
    rf"[,，。;；!！?？\n]+|(?<![\d])\.(?=\s|$)|:(?!\d)|(?:然后|接着|最后|顺便|同时|之后再|并且|"
    rf"(?<=[\s{ANY[1:-1]}])(?:再|"
    rf"并)(?=[\u4e00-\u9fff\s{ANY[1:-1]}]))"
    r"|\b(?:and\sthen|then|after\sthat|afterwards|and\salso|finally)\b",
    re.IGNORECASE,
)
_HAN: Final = r"\u4e00-\u9fff"
_BEFORE_PLACE: Final = frozenset("在的和与跟是从去来到自标要看只找把给除抓搜爬拉选挑了及或换成为改按住里上中对非比")


_VENUE: Final = re.compile(
    lexicon.alternation(lexicon.table("words")["venues"]["words"]).join(
        [rf"[{_HAN}A-Za-z]{{0,4}}?", rf"(?![{_HAN}]{{3}})"]
    )
)
"""What stands in a city and is looked for there (咖啡馆, 演唱会), unlike a dish or a trip named after it."""


@dataclass(slots=True)
class Clause:
    """What one clause says. ``said`` are its effects in order; ``words`` the free words with where they stand."""

    text: str
    said: list[tuple[str, Any]] = field(default_factory=list)
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


def verb_first(words: str) -> bool:
    """Do the free words begin with a verb of talking or a particle (做汉服 does, 热干面 does not)?"""
    return bool(words) and not words[0].isspace() and strip(words)[:2] != words.strip()[:2]


def read(doc: Doc, text: str, people: bool) -> Clause:
    """Collect the effects of one clause. ``people``: the request is about people (a place before a noun is then
    where they live, while for posts it belongs to the noun: 重庆火锅)."""
    clause = Clause(text)
    pieces = re.split(f"({ANY})", text)
    skip = ""
    for index, piece in enumerate(pieces):
        if not piece:
            continue
        if piece in doc.tokens:
            token = doc.tokens[piece]
            following = pieces[index + 1] if index + 1 < len(pieces) else ""
            before = pieces[index - 1][-1:] if index else ""
            if (
                token.kind == "R"
                and re.match(rf"[{_HAN}]", before)
                and before not in _BEFORE_PLACE
                and clause.words
                and not following.startswith("的")
            ):
                clause.words[-1] += token.raw  # 爱喝普洱: the place is part of the noun
                continue
            if (
                token.kind == "R"
                and (not people or (before and before in "聊讲谈晒卖"))
                and re.match(rf"[{_HAN}]", following)
                and not verb_first(following)
                and not _VENUE.match(following)
                and len(token.value) == 1
                and "地区" not in token.raw
            ):
                skip = token.raw
                continue
            if token.kind == "X":
                clause.said.extend(token.value)
            else:
                clause.said.append((token.kind, token.value))
            continue
        clause.words.extend(_free(skip + piece))
        skip = ""
    return clause


def _free(piece: str) -> Iterator[str]:
    for part in re.split(r"[()\[\]{}|]", piece):
        if strip(part):
            yield part.strip()


KIND_Q: Final = klass("Q")
