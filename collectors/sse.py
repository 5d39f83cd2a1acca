"""Server-sent events, by the rules of the HTML standard (§9.2.6, "Interpreting an event stream"), in bounded memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


class TooBig(ValueError):
    """One event is larger than allowed."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its name (``message`` where none is given), its data, the id to go on from ("" : none)."""

    event: str
    data: str = field(repr=False)
    id: str = ""


class Events:
    """Reads a stream chunk by chunk. ``most``: bytes of one event."""

    def __init__(self, most: int = 1 << 20) -> None:
        self._most, self._size, self._begun, self._after_cr = most, 0, False, False
        self._rest = bytearray()
        self._name, self._id = "", ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """The events that end in ``chunk``. Raises TooBig."""
        if self._after_cr and chunk:
            chunk, self._after_cr = chunk.removeprefix(b"\n"), False  # the second half of a CR LF
        start = len(self._rest)
        self._rest += chunk
        if not self._begun and len(self._rest) >= 3:
            self._begun = True
            if self._rest.startswith(b"\xef\xbb\xbf"):
                del self._rest[:3]
                start = 0
        found: list[ServerEvent] = []
        done = 0
        if self._begun or b"\n" in chunk or b"\r" in chunk:
            for end in _LINE_END.finditer(self._rest, start):
                if event := self._line(bytes(self._rest[done : end.start()])):
                    found.append(event)
                done = end.end()
                self._after_cr = end[0] == b"\r" and done == len(self._rest)
        self._begun = self._begun or done > 0
        del self._rest[:done]
        if self._size + len(self._rest) > self._most:
            raise TooBig
        return found

    def _line(self, line: bytes) -> ServerEvent | None:
        if not line:
            event = ServerEvent(self._name or "message", "\n".join(self._data), self._id) if self._data else None
            self._name, self._data, self._size = "", [], 0
            return event
        self._size += len(line)
        if self._size > self._most:
            raise TooBig
        name, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if name == b"event":
            self._name = text
        elif name == b"data":
            self._data.append(text)
        elif name == b"id" and "\0" not in text:
            self._id = text
        elif not name:  # a comment: the heartbeat
            self._size -= len(line)
        return None
