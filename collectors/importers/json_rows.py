"""Rows of JSON files: JSON Lines, one big array, an object that holds arrays. Streaming, bounded."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from .base import Problem, RawRow
from .source import MAX_LINE, Source
from .values import shorten

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89abAB-fF]")
_decode = msgspec.json.Decoder().decode


class _Lost:
    """Collects what the lenient reader had to leave out."""

    def __init__(self) -> None:
        self.first = ""

    def constant(self, word: str) -> None:
        self.first = self.first or word

    def integer(self, word: str) -> int | None:
        if len(word) <= 40:
            return int(word)
        self.constant(f"{word[:8]}… ({len(word)} digits)")
        return None

    def number(self, word: str) -> float | None:
        value = float(word) if len(word) < 400 else float("inf")
        if abs(value) < 1e300:
            return value
        self.constant(word[:40])
        return None


def _mend(value: Any) -> Any:
    """Replace lone surrogates, which no file and no database can hold, in all strings of ``value``."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_mend(key): _mend(item) for key, item in value.items()}
    return [_mend(item) for item in value] if isinstance(value, list) else value


def decode(line: bytes) -> tuple[Any, Problem | None]:
    """One JSON value and what is wrong with it.

    Strict and fast first; then leniently: numbers that no column can hold (5,000 digits, NaN, Infinity) are left
    out and noted, broken characters become U+FFFD. MISSING when it is no JSON or nested too deeply.
    """
    try:
        return _decode(line), None
    except RecursionError:
        return None, ("import.too_deep", "")
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    lost = _Lost()
    try:
        value = json.loads(
            line.decode("utf-8", "replace").lstrip("\ufeff"),
            parse_constant=lost.constant, parse_int=lost.integer, parse_float=lost.number, strict=False,
        )  # fmt: skip
        value = _mend(value)
    except RecursionError:
        return None, ("import.too_deep", "")
    except ValueError:
        return None, ("import.bad_json", shorten(line[:200].decode("utf-8", "replace")))
    return value, ("import.bad_number", lost.first) if lost.first else None


def _row(table: str, value: Any, problem: Problem | None) -> RawRow:
    if isinstance(value, dict):
        return table, value, problem
    return table, None, problem or ("import.not_an_object", shorten(value))


def json_lines(source: Source) -> Iterator[RawRow]:
    """One object a line; blank lines are no rows."""
    for line in source.lines():
        if line is None:
            yield "", None, ("import.row_too_long", "")
        elif line and not line.isspace():
            try:
                value = _decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                yield _row("", *decode(line))
            else:
                yield ("", value, None) if type(value) is dict else _row("", value, None)


_BLANK = re.compile(r"[\s,]*")
_STRUCTURE = re.compile(r'"|[\[\]{}]')
_STRING_END = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ATOM = re.compile(r"[^\s,\[\]{}\"]+")
_scanner: Final = json.JSONDecoder(strict=False)
_HOLDERS: Final = frozenset(
    {"weibo", "user", "items", "item", "data", "list", "posts", "results", "statuses", "rows", "records", "notes"}
)
"""Keys of a top-level object whose array (or object) holds rows; other values are fields of the object itself."""


class _Buffer:
    """Decoded text of a file with a moving start; grows on demand, forgets what was consumed."""

    def __init__(self, source: Source) -> None:
        self.chunks = source.chunks()
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.text = ""
        self.at = 0

    def more(self) -> bool:
        for chunk in self.chunks:
            self.text = self.text[self.at :] + self.decoder.decode(chunk)
            self.at = 0
            return True
        return False

    def peek(self) -> str:
        """The next character that is neither blank nor a comma; ``""`` at the end."""
        while True:
            match = _BLANK.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def value(self) -> tuple[Any, Problem | None]:
        """The value that begins here, and the position moves behind it."""
        if len(self.text) - self.at < 4096:
            self.more()
        try:
            value, end = _scanner.raw_decode(self.text, self.at)
        except (ValueError, RecursionError):
            return self._by_structure()
        if end == len(self.text) and not isinstance(value, dict | list | str):
            return self._by_structure()  # a number may go on in the next chunk
        piece = self.text[self.at : end]
        self.at = end
        if _ESCAPED_SURROGATE.search(piece) or "NaN" in piece or "Infinity" in piece:
            return decode(piece.encode("utf-8", "replace"))
        return value, None

    def _by_structure(self) -> tuple[Any, Problem | None]:
        """Find the end of a value by its brackets alone, then read it leniently; too long ones are dropped."""
        depth, scan, dropped, in_string = 0, self.at, False, False
        if self.text[self.at] not in "[{":
            return self._atom()
        while True:
            while scan < len(self.text):
                if in_string:
                    end = _STRING_END.match(self.text, scan)
                    if end is None:  # go on behind what was seen: long strings are read once
                        scan = self._behind(scan)
                        break
                    scan, in_string = end.end(), False
                    continue
                found = _STRUCTURE.search(self.text, scan)
                if found is None:
                    scan = len(self.text)
                    break
                scan = found.end()
                mark = found[0]
                if mark == '"':
                    in_string = True
                else:
                    depth += 1 if mark in "[{" else -1
                    if depth == 0:
                        piece = self.text[self.at : scan]
                        self.at = scan
                        return (
                            (None, ("import.row_too_long", "")) if dropped else decode(piece.encode("utf-8", "replace"))
                        )
            if len(self.text) - self.at > MAX_LINE:
                dropped = True
                self.at = scan
            before = self.at
            if not self.more():
                piece = self.text[self.at : self.at + 200]
                self.text, self.at = "", 0
                return None, ("import.row_too_long" if dropped else "import.cut_off", shorten(piece))
            scan -= before

    def _behind(self, start: int) -> int:
        """The end of the text, or before its last backslash when that escapes what comes with the next chunk."""
        end = len(self.text)
        slashes = 0
        while end - slashes > start and self.text[end - slashes - 1] == "\\":
            slashes += 1
        return end - slashes % 2

    def _atom(self) -> tuple[Any, Problem | None]:
        if self.text[self.at] in "]}":
            self.at += 1
            return None, ("import.bad_json", "")
        if self.text[self.at] == '"':
            while (end := _STRING_END.match(self.text, self.at + 1)) is None:
                if len(self.text) - self.at > MAX_LINE or not self.more():
                    self.text, self.at = "", 0
                    return None, ("import.cut_off", "")
        else:
            while (end := _ATOM.match(self.text, self.at)) and end.end() == len(self.text):
                if len(self.text) - self.at > MAX_LINE or not self.more():
                    break
        if end is None:
            self.at += 1
            return None, ("import.bad_json", "")
        piece = self.text[self.at : end.end()]
        self.at = end.end()
        return decode(piece.encode("utf-8", "replace"))


def json_document(source: Source) -> Iterator[RawRow]:
    """The elements of a top-level array (table ``""``), or of every array in a top-level object (table = its key).

    Objects beside the arrays are one row each; a lone object without either is itself one row.
    """
    buffer = _Buffer(source)
    first = buffer.peek()
    if first == "[":
        buffer.at += 1
        yield from _elements(buffer, "")
    elif first == "{":
        buffer.at += 1
        yield from _members(buffer)
    elif first:
        yield "", None, ("import.bad_json", "")


def _elements(buffer: _Buffer, table: str) -> Iterator[RawRow]:
    while (mark := buffer.peek()) and mark != "]":
        value, problem = buffer.value()
        yield _row(table, value, problem)
    buffer.at += 1


def _members(buffer: _Buffer) -> Iterator[RawRow]:
    plain: dict[str, Any] = {}
    rows = False
    while (mark := buffer.peek()) and mark != "}":
        key, problem = buffer.value() if mark == '"' else (None, None)
        if not isinstance(key, str) or buffer.peek() != ":":
            yield "", None, problem or ("import.bad_json", shorten(mark))
            return
        buffer.at += 1
        if not (mark := buffer.peek()):
            yield "", None, ("import.cut_off", key[:40])
            return
        if mark == "[" and key in _HOLDERS:
            buffer.at += 1
            rows = True
            yield from _elements(buffer, key)
            continue
        plain[key], problem = buffer.value()
        if mark == "{" and key in _HOLDERS:
            rows = True
            yield _row(key, plain.pop(key), problem)
        elif problem is not None:
            yield key, None, problem
    if plain and not rows:
        yield "", plain, None
