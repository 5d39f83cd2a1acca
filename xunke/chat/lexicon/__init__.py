"""The readable vocabulary of the parser (TOML files beside this module) and how it becomes regular expressions."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

HERE: Final = Path(__file__).parent


@cache
def table(name: str) -> dict[str, Any]:
    """The file ``name``.toml as a dictionary."""
    raw = (HERE / f"{name}.toml").read_bytes()
    packed = _packed().get(packed_name(name, raw))
    if packed is None:
        import tomllib

        return tomllib.loads(raw.decode())
    found: dict[str, Any] = msgspec.json.decode(packed)
    return found


@cache
def _packed() -> dict[str, msgspec.Raw]:
    """All tables as training/make_conditions.py left them, by name and sum. tomllib takes ten times as long.

    A table that was edited since is not found here.
    """
    path = HERE / "tables.bin"
    if not path.is_file():
        return {}
    return msgspec.json.decode(zlib.decompress(path.read_bytes()), type=dict[str, msgspec.Raw])


def packed_name(name: str, raw: bytes) -> str:
    """The name of a table with this content in tables.bin."""
    return f"{name} {zlib.crc32(raw):08x}"


class Common:
    """Common Chinese words of two to four characters: the 20,000 most frequent ones of jieba's dictionary (MIT)."""

    def __init__(self, path: Path) -> None:
        self._text = "\n" + zlib.decompress(path.read_bytes()).decode() + "\n"
        self._begin: dict[str, frozenset[str]] = {}

    def __contains__(self, word: str) -> bool:
        first = word[:1]
        if first not in self._begin:  # the words are in order: those that begin alike stand together
            start, last = self._text.find(f"\n{first}"), self._text.rfind(f"\n{first}")
            end = self._text.find("\n", last + 1)
            self._begin[first] = frozenset(self._text[start + 1 : end].split("\n") if start >= 0 else ())
        return word in self._begin[first]


@cache
def common() -> Common:
    """The common words. Only what is asked for is cut up: that takes a tenth of the time of reading them all."""
    return Common(HERE / "common.bin")


@cache
def values(name: str, key: str) -> dict[str, str]:
    """``{said word: meaning}`` of a table whose entries are ``meaning = ["word", …]``."""
    return {word: meaning for meaning, words in table(name)[key].items() for word in words}


def alternation(words: Iterable[str]) -> str:
    """A group that matches any of ``words``, the longest first; Latin words as whole words only."""
    ordered = sorted(set(words), key=lambda w: (-len(w), w))
    latin = "|".join(_spaced(word) for word in ordered if word.isascii())
    other = [_spaced(word) for word in ordered if not word.isascii()]  # before the others: B站 is longer than b
    return "(?:" + "|".join([*other, rf"(?<![a-z0-9])(?:{latin})(?![a-z0-9])"] if latin else other) + ")"


def _spaced(word: str) -> str:
    return re.escape(word).replace(r"\ ", r"[ -]?")


def said(name: str, key: str) -> str:
    """The alternation of all words of one table."""
    return alternation(values(name, key))
