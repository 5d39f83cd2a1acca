"""The readable vocabulary of the parser (TOML files beside this module) and how it becomes regular expressions."""

from __future__ import annotations

import re
import tomllib
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent


@cache
def table(name: str) -> dict[str, Any]:
    """The file ``name``.toml as a dictionary."""
    return tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))


@cache
def common() -> frozenset[str]:
    """Common Chinese words of two to four characters: the 20,000 most frequent ones of jieba's dictionary (MIT)."""
    return frozenset(zlib.decompress((HERE / "common.bin").read_bytes()).decode().split("\n"))


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
