"""Full-text search on CJK bigrams: finds two-character words, which the trigram tokenizer cannot.

Each run of CJK characters becomes its overlapping pairs (and its first character alone when the run is one
long), other letters and digits stay words. The index is FTS5 unicode61, contentless, ``detail=none``; a
phrase longer than two characters may match pairs that are not neighbours, so the caller checks the text.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from operator import add
from typing import Final

import msgspec

_CJK: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af\U00020000-\U0003ffff"
_RUNS = re.compile(f"([{_CJK}]+)|([^\\W_{_CJK}]+)")


def bigrams(text: str) -> str:
    """The words under which ``text`` is indexed, separated by blanks. NFKC and case-folded."""
    words: list[str] = []
    for cjk, other in _RUNS.findall(unicodedata.normalize("NFKC", text).casefold()):
        if other:
            words.append(other)
        else:
            words.extend(map(add, cjk, cjk[1:]))
            words.append(cjk[-1])
    return " ".join(words)


def match(phrase: str) -> str | None:
    """An FTS5 MATCH expression for posts that may hold ``phrase``; None if nothing in it is indexed.

    A single CJK character is looked up as a prefix of pairs, since each character starts one or ends a run.
    """
    words: list[str] = []
    for cjk, other in _RUNS.findall(unicodedata.normalize("NFKC", phrase).casefold()):
        if other:
            words.append(f'"{other}"*')
        elif len(cjk) == 1:
            words.append(f'"{cjk}"*')
        else:
            words.extend(f'"{a}{b}"' for a, b in pairwise(cjk))
    return " AND ".join(words) or None


def holds(text: str, phrase: str) -> bool:
    """Whether ``text`` literally holds ``phrase``, both NFKC and case-folded."""
    return unicodedata.normalize("NFKC", phrase).casefold() in unicodedata.normalize("NFKC", text).casefold()


def indexed(title: str | None, text: str, tags: str | None) -> str:
    """The words of a stored post in the full-text index; deleting from it needs exactly the same words."""
    words = msgspec.json.decode(tags, type=list[str]) if tags else []
    return bigrams(" ".join(filter(None, (title, text, " ".join(words)))))


def unindex(db: sqlite3.Connection, posts: Iterable[tuple[int, str | None, str, str | None]]) -> None:
    """Take posts (id, title, text, tags) out of the index, which keeps no copy of what it was given."""
    db.executemany(
        "insert into post_fts(post_fts, rowid, body) values ('delete', ?, ?)",
        [(number, indexed(title, text, tags)) for number, title, text, tags in posts],
    )
