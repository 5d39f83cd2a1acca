"""The JSON objects in a model's answer, wherever it put them. Linear, never raises, judges nothing.

Models write prose around JSON, think aloud, fence it, call a tool where a text was asked for and answer in text
where a tool was. What was cut off stays cut off: half a plan may lack the half that excludes somebody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

LONGEST: Final = 65_536
"""Characters of a text that are looked through; a plan has a few hundred."""
_STARTS: Final = 40
"""So many opening brackets are tried."""
_DEEPEST: Final = 40
_THOUGHT: Final = re.compile(r"<(think|thinking|thought|reasoning)>")
_QUOTES: Final = {'"': '"', "'": "'", "“": "”", "‘": "’"}
_BARE: Final = re.compile(r"[^\s,:{}\[\]\"'“‘，：]{1,60}")
_NAMES: Final = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
_WHOLE: Final = frozenset({"steps", "outcome", "plan", "arguments"})
"""Keys of what is a plan of its own; behind a broken bracket anything less may be a piece of something bigger."""
_SKIP: Final = re.compile(r"(?:\s|//[^\n]*)*")
_NUMBER: Final = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?\Z")


def objects(answer: object) -> list[dict[str, Any]]:
    """Every JSON object that a chat completion's ``message`` offers as the plan, tool calls first; none twice."""
    out: list[dict[str, Any]] = []
    if isinstance(answer, Mapping):
        for found in _offered(answer):
            if found not in out:
                out.append(found)
    return out


def _offered(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    calls = message.get("tool_calls")
    listed = [c for c in calls if isinstance(c, Mapping)] if isinstance(calls, list) else []
    functions = [c.get("function") for c in listed] + [message.get("function_call")]
    found = False
    for function in functions:
        if isinstance(function, Mapping):
            for one in _values(function.get("arguments", function.get("parameters"))):
                found = True
                yield one
    if not found:
        yield from _values(_text(message.get("content")))


def began(message: object) -> bool:
    """Whether there is an answer that at least began to be JSON."""
    if not isinstance(message, Mapping):
        return False
    return bool(message.get("tool_calls")) or "{" in _spoken(_text(message.get("content"))[:LONGEST])


def spoken(message: object) -> str:
    """The answer as text, for showing it to the model again."""
    if not isinstance(message, Mapping):
        return ""
    found = list(_offered(message))
    return json.dumps(found[0], ensure_ascii=False) if found else _spoken(_text(message.get("content"))[:LONGEST])


def _values(given: object) -> Iterator[dict[str, Any]]:
    if isinstance(given, dict):
        yield given
    elif isinstance(given, str):
        yield from in_text(given)


def _text(content: object) -> str:
    """The text of a content, which may come in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [p.get("text") if isinstance(p, Mapping) else p for p in content[:200]]
        return "".join(p for p in parts if isinstance(p, str))
    return ""


def in_text(text: str) -> list[dict[str, Any]]:
    """Whole JSON objects in ``text``, in order, without what was only thought; lists of objects as {"steps": …}."""
    text = _spoken(text[:LONGEST])
    found: list[dict[str, Any]] = []
    at, broken = 0, False
    for _ in range(_STARTS):
        begin = min((i for i in (text.find("{", at), text.find("[", at)) if i >= 0), default=-1)
        if begin < 0:
            break
        value, end = _whole(text, begin)
        if isinstance(value, dict) and (value.keys() & _WHOLE if broken else value):
            found.append(value)
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value) and not broken:
            found.append({"steps": value})
        broken = broken or value is None
        at = end if end > begin else begin + 1
    return found


def _spoken(text: str) -> str:
    """What is said aloud: behind the last thought; of a thought without an end, nothing."""
    for name in ("think", "thinking", "thought", "reasoning"):
        text = text.rpartition(f"</{name}>")[2]
    begun = _THOUGHT.search(text)
    return text[: begun.start()] if begun else text


def _whole(text: str, begin: int) -> tuple[Any, int]:
    """The JSON value at ``begin`` and where it ends; (None, the end of what was read) if it is none, or cut off."""
    try:
        return json.JSONDecoder().raw_decode(text, begin)
    except (ValueError, RecursionError):
        pass
    reader = _Reader(text, begin)
    try:
        return reader.value(0), reader.at
    except _Broken:
        return None, reader.at if reader.at >= len(text) else begin + 1


class _Broken(Exception):
    """No JSON by any reading."""


class _Reader:
    """JSON as careless writers write it: trailing commas, single or curly quotes, bare keys, Python's constants."""

    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self.at = at

    def value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise _Broken
        match self._peek():
            case "{":
                return self._object(depth)
            case "[":
                return self._array(depth)
            case char if char in _QUOTES:
                return self._string()
            case _:
                return self._bare()

    def _peek(self) -> str:
        skipped = _SKIP.match(self._text, self.at)
        self.at = skipped.end() if skipped else self.at
        if self.at >= len(self._text):
            raise _Broken
        return self._text[self.at]

    def _object(self, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        self.at += 1
        while (char := self._peek()) != "}":
            if char in ",，":
                self.at += 1
                continue
            key = self._string() if char in _QUOTES else str(self._bare())
            if self._peek() not in ":：":
                raise _Broken
            self.at += 1
            out[key] = self.value(depth + 1)
            if self._peek() not in ",，}":
                raise _Broken
        self.at += 1
        return out

    def _array(self, depth: int) -> list[Any]:
        out: list[Any] = []
        self.at += 1
        while (char := self._peek()) != "]":
            if char in ",，":
                self.at += 1
                continue
            out.append(self.value(depth + 1))
            if self._peek() not in ",，]":
                raise _Broken
        self.at += 1
        return out

    def _string(self) -> str:
        close = _QUOTES[self._text[self.at]]
        begin = self.at = self.at + 1
        while True:
            end = self._text.find(close, self.at)
            if end < 0:
                self.at = len(self._text)
                raise _Broken
            slashes = end - len(self._text[begin:end].rstrip("\\")) - begin if self._text[end - 1] == "\\" else 0
            self.at = end + 1
            if slashes % 2 == 0:
                break
        inner = self._text[begin:end].replace("\n", "\\n").replace("\t", "\\t")
        if close != '"':
            inner = inner.replace('\\"', '"').replace('"', '\\"').replace("\\'", "'")
        try:
            return str(msgspec.json.decode(f'"{inner}"', type=str))
        except ValueError:
            return self._text[begin:end]

    def _bare(self) -> Any:
        found = _BARE.match(self._text, self.at)
        if found is None:
            raise _Broken
        self.at = found.end()
        word = found[0]
        if word in _NAMES:
            return _NAMES[word]
        if _NUMBER.match(word):
            return float(word) if re.search(r"[.eE]", word) else int(word)
        return word
