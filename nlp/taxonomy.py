"""The marketing taxonomy: two levels of interests and the words for them, as shipped and as a user changed it.

A taxonomy is a table ``first level: {second level: {kind: "words separated by blanks"}}`` with the kinds

- ``strong``: one such word is enough,
- ``weak``: needs company, another word of the same interest,
- ``not``: longer words that hold a word of the interest and mean something else; they only swallow it.

The shipped one is all of ``nlp/data/interests/*.toml``. A user's file has the same form and is laid over it
(:func:`merged`); see ``docs/interests.md``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from xunke.errors import BadInput

Entry = dict[str, str]
Taxonomy = dict[str, dict[str, Entry]]
Senses = dict[str, tuple[tuple[str, str, float], ...]]

STRONG, WEAK = 0.6, 0.33
"""Chance that one distinct word says what a text is about."""
_LONGER: Final = 0.03
"""What each character beyond the second adds, up to four, to the chance of a strong word: longer words are surer."""
KINDS: Final = ("strong", "weak", "not")
_USER_KINDS: Final = (*KINDS, "remove", "drop")
OTHER: Final = "其他"
"""The second level of words that a user gives to a first level only."""
MAX_WORD: Final = 24


@cache
def shipped() -> Taxonomy:
    """The taxonomy that comes with the package. Read only."""
    folder = files("nlp").joinpath("data", "interests")
    found: Taxonomy = {}
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".toml"):
            for first, seconds in tomllib.loads(path.read_text("utf-8")).items():
                found.setdefault(first, {}).update(seconds)
    return found


def merged(base: Mapping[str, Mapping[str, Mapping[str, str]]], user: Mapping[str, Any]) -> Taxonomy:
    """``base`` with a user's table laid over it; neither is changed.

    ``strong``, ``weak`` and ``not`` add words (a word that was there moves to where the user has it), ``remove`` takes
    words away, ``drop = true`` takes a whole first or second level away before anything is added to it. Levels that
    are not there are made. Raises BadInput("interests.bad_table" | "interests.bad_word" | "interests.unknown"), each
    with ``section``, the table of the user's file that is wrong.
    """
    found = {first: {second: dict(entry) for second, entry in seconds.items()} for first, seconds in base.items()}
    for first, seconds in user.items():
        if not isinstance(seconds, Mapping) or not _is_name(first):
            raise BadInput("interests.bad_table", section=str(first)[:60])
        if _flag(first, seconds.get("drop", False)) and found.pop(first, None) is None:
            raise BadInput("interests.unknown", section=first)
        for second, entry in seconds.items():
            if second == "drop":
                continue
            section = f"{first}/{second}"
            if not isinstance(entry, Mapping) or not _is_name(second) or not set(entry) <= set(_USER_KINDS):
                raise BadInput("interests.bad_table", section=section[:60])
            if _flag(section, entry.get("drop", False)) and found.get(first, {}).pop(second, None) is None:
                raise BadInput("interests.unknown", section=section)
            changed = {kind: _words(section, entry[kind]) for kind in _USER_KINDS[:-1] if kind in entry}
            if not changed:
                continue
            old = found.setdefault(first, {}).setdefault(second, {})
            gone = {word for words in changed.values() for word in words}
            for kind in KINDS:
                kept = [word for word in old.get(kind, "").split() if word.lower() not in gone]
                old[kind] = " ".join([*kept, *changed.get(kind, ())])
    return {first: seconds for first, seconds in found.items() if seconds}


def from_words(words: Iterable[tuple[str, str, float]]) -> Taxonomy:
    """A user's table from (interest or interest/part, word, weight): above 0.5 strong, above 0 weak, else removed.

    A word taken from a whole first level is taken from all parts of it that the package ships.
    """
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for name, word, weight in words:
        first, _, second = name.partition("/")
        kind = "strong" if weight > 0.5 else "weak" if weight > 0 else "remove"
        parts = [second or OTHER]
        if kind == "remove" and not second:
            parts = list(shipped().get(first, {})) or parts
        for part in parts:
            found.setdefault(first, {}).setdefault(part, {}).setdefault(kind, []).append(word)
    return {
        first: {part: {kind: " ".join(listed) for kind, listed in entry.items()} for part, entry in parts.items()}
        for first, parts in found.items()
    }


def senses(taxonomy: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Senses:
    """Every word, in lower case, with what it says: (first level, second level, chance). Words that only swallow
    others say nothing. The name of a first level speaks for it."""
    found: dict[str, dict[tuple[str, str], float]] = {}
    silent: set[str] = set()
    for first, seconds in taxonomy.items():
        for second, entry in seconds.items():
            for kind in ("weak", "strong"):
                for word in entry.get(kind, "").lower().split():
                    found.setdefault(word, {})[first, second] = _chance(word, kind)
            silent.update(entry.get("not", "").lower().split())
        found.setdefault(first.lower(), {(first, ""): STRONG})
    told: Senses = {word: tuple((*name, chance) for name, chance in said.items()) for word, said in found.items()}
    return told | {word: () for word in silent if word not in told}


def _chance(word: str, kind: str) -> float:
    if kind == "weak":
        return WEAK
    return STRONG + _LONGER * min(4, max(0, len(word) - 2))


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= MAX_WORD and "/" not in name and name == name.strip()


def _flag(section: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadInput("interests.bad_table", section=section[:60])
    return value


def _words(section: str, value: object) -> list[str]:
    """Words of a text ("猫 狗") or of a list; lower case."""
    listed = value.split() if isinstance(value, str) else value
    if not isinstance(listed, list):
        raise BadInput("interests.bad_table", section=section[:60])
    words = [word.strip().lower() if isinstance(word, str) else "" for word in listed]
    for word in words:
        if not word or len(word) > MAX_WORD or len(word.split()) > 1:
            raise BadInput("interests.bad_word", section=section[:60], word=word[:40] or "?", most=MAX_WORD)
    return words
