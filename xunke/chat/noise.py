"""Words that are no subject, whatever stands around them."""

from __future__ import annotations

from functools import cache
from typing import Final

from . import lexicon

_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz")


def typed_blindly(word: str) -> bool:
    """Fingers that ran along the keyboard (asdf); qwerty is a thing."""
    word = word.lower()
    return len(word) > 3 and word != "qwerty" and any(word in row for row in _KEYS)


def is_noise(run: str) -> bool:
    """Is one of the words typed blindly, a command (取消), or work that Xunke does not do (优化一下)?"""
    return any(word in _verbs() or typed_blindly(word) for word in run.split(" "))


@cache
def _verbs() -> frozenset[str]:
    special, unread = lexicon.table("special"), lexicon.table("function_words")["unread"]
    lists = [words for key in ("jobs", "suppress", "erase", "undo") for words in special[key].values()]
    return frozenset(unread).union(*lists)
