"""What stays free when a text is read: a plain noun phrase is what is looked for, anything else is told as not read."""

from __future__ import annotations

from datetime import date
from typing import Final

from . import clauses, lexicon, planner
from .noise import is_noise
from .rules import rule
from .tokens import ANY

_LONGEST: Final = 24
"""Characters of a noun phrase that is taken for a subject; a longer run is a sentence nobody understood."""
_CUTS: Final = rule(rf"{ANY}|[,，。;；!！?？:：()|\n]+")
_SPOKEN: Final = rule("随便|帮我|给我|帮忙|一下|瞧|瞅|拎|删一|第[一二三四五六七八九十]|这个|那个|咋|呗|了吧")
"""Speech, and no noun."""
_SIDE: Final = rule(r"^(?:[按用以比给]|by\s|per\s)")
_AND: Final = rule(r"、|/|(?<=\S{2})(?:和|与|跟|以及|及)(?=\S{2})|\s(?:and|or|&)\s")


def nouns(text: str, today: date) -> list[str]:
    """The words of a text that holds one free phrase and else only understood parts; none if there are more."""
    doc, _ = planner.marked(text, today)
    junk = lexicon.table("function_words")["junk"]
    runs = [clauses.strip(run) for run in _CUTS.split(doc.text)]
    if _SIDE.search(text):
        return []
    runs = [run for run in runs if run and run.lower() not in junk]
    if any(is_noise(run) or _SPOKEN.search(run) for run in runs):
        return []
    if len(runs) != 1 or len(runs[0]) > _LONGEST:
        return []
    words = [clauses.strip(word) for word in _AND.split(runs[0])]
    return [w for w in words if w and w.lower() not in junk and _is_word(w)]


def _is_word(word: str) -> bool:
    if word.isascii():
        return len(word) > 2 and any(c.isalpha() for c in word)
    return len(word) > 1
