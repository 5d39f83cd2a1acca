"""Text in the one form in which rules look for words: half width, lower case, simplified, nothing invisible."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from xunke.text import clean

from .resources import lines

_UNSEEN: Final = re.compile(
    "[\xad\u034f\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_GAP: Final = re.compile(r"(?<=[\u3400-\u9fff])[ \t\u3000]+(?=[\u3400-\u9fff])")


@cache
def _simple() -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in lines("traditional")}


def plain(text: str) -> str:
    """``text`` cleaned, NFKC, lower case, in simplified characters; blanks between two Han characters are dropped."""
    text = clean(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).translate(_simple())
    return _GAP.sub("", text.lower())


class _OneToOne(dict[int, str]):
    """For ``str.translate``: each character's plain form where that is one character, else the character itself."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = unicodedata.normalize("NFKC", char).lower()
        folded = folded if len(folded) == 1 else char
        self[code] = found = _simple().get(ord(folded), folded)
        return found


_TABLE: Final = _OneToOne()


def plain_as_long(text: str) -> str:
    """The same character by character: positions in the result are positions in ``text`` (clean it first)."""
    return text.lower() if text.isascii() else text.translate(_TABLE)
