"""A file on disk as chunks of clean UTF-8 and as lines, whatever its encoding and line ends."""

from __future__ import annotations

import codecs
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from xunke.errors import BadInput
from xunke.text import one_line

CHUNK: Final = 256 * 1024
SAMPLE: Final = 1024 * 1024
MAX_LINE: Final = 16 * 1024 * 1024
"""Bytes of one row; longer ones are dropped while they are read."""
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(slots=True)
class Source:
    """A regular file to import. Make it with ``Source.open``.

    ``reference`` (UTC epoch seconds, the file's time of last change unless given) is what ``3天前`` counts
    from. ``size`` is the size when it was opened: what grows behind it is left for the next import.
    """

    path: Path
    size: int
    reference: int | None
    done: int = 0
    rows_done: int = 0
    rows_total: int = 0
    _encoding: str = field(default="", repr=False)
    _bom: int = field(default=0, repr=False)

    @classmethod
    def open(cls, path: Path, reference: int | None = None) -> Source:
        """Raises BadInput for anything but a readable regular file (pipe, directory, device, missing)."""
        shown = one_line(path.name, 80)
        try:
            info = path.stat()
            if not stat.S_ISREG(info.st_mode):
                raise BadInput("import.not_a_file", path=shown)
            with path.open("rb"):
                pass
        except FileNotFoundError:
            raise BadInput("import.no_such_file", path=shown) from None
        except (OSError, ValueError) as error:
            raise BadInput("import.unreadable", path=shown) from error
        return cls(path, info.st_size, int(info.st_mtime) if reference is None else reference)

    @property
    def shown(self) -> str:
        """The file's name, fit for a message."""
        return one_line(self.path.name, 80)

    def progress(self) -> tuple[int, int]:
        """Bytes done and in all; by rows where the container does not tell bytes."""
        if self.rows_total:
            return self.size * min(self.rows_done, self.rows_total) // self.rows_total, self.size
        return min(self.done, self.size), self.size

    def head(self, size: int = 65536) -> bytes:
        """The first bytes as they are on disk."""
        try:
            with self.path.open("rb") as file:
                return file.read(size)
        except OSError as error:
            raise BadInput("import.unreadable", path=self.shown) from error

    @property
    def encoding(self) -> str:
        """``utf-8``, ``gb18030``, ``utf-16-le`` …: by byte order mark, else by what decodes with fewest faults."""
        if not self._encoding:
            self._encoding, self._bom = detect_encoding(self.head(SAMPLE))
            if self._encoding == "ascii":
                self._encoding = self._beyond_ascii()
        return self._encoding

    def _beyond_ascii(self) -> str:
        """The encoding of the first part that is not plain ASCII."""
        for block in self._blocks(0):
            if not block.isascii():
                found = detect_encoding(block)[0]
                return "gb18030" if found == "gb18030" else "utf-8"
        return "utf-8"

    def _blocks(self, start: int) -> Iterator[bytes]:
        left = self.size - start
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                while left > 0 and (block := file.read(min(CHUNK, left))):
                    left -= len(block)
                    yield block
        except OSError as error:
            raise BadInput("import.unreadable", path=self.shown) from error

    def chunks(self) -> Iterator[bytes]:
        """The file as UTF-8 without byte order mark, line ends as ``\\n``; bytes that are no text of the encoding
        stay as they are in UTF-8 files and become U+FFFD in others."""
        encoding = self.encoding
        decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")
        self.done = self._bom
        held = b""  # a carriage return at the end of a chunk may be half of a line end
        for block in self._blocks(self._bom):
            self.done += len(block)
            if decoder is not None:
                block = decoder.decode(block).encode("utf-8", "replace")
            if held or b"\r" in block:
                block = held + block
                held = b"\r" if block.endswith(b"\r") else b""
                block = block[: len(block) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            yield block
        rest = held.replace(b"\r", b"\n")
        if decoder is not None:
            rest += decoder.decode(b"", True).encode("utf-8", "replace")
        if rest:
            yield rest

    def lines(self) -> Iterator[bytes | None]:
        """Lines without their end; ``None`` stands for one of more than ``MAX_LINE`` bytes."""
        tail: bytes = b""
        dropping = False
        for chunk in self.chunks():
            if b"\n" not in chunk:
                tail = b"" if dropping else tail + chunk
                if len(tail) > MAX_LINE:
                    dropping, tail = True, b""
                continue
            parts = (tail + chunk).split(b"\n")
            tail = parts.pop()
            if dropping:
                parts[0:1] = []
                dropping = False
                yield None
            yield from parts
        if dropping:
            yield None
        elif tail:
            yield tail


def detect_encoding(sample: bytes) -> tuple[str, int]:
    """Encoding and length of the byte order mark of ``sample``; ``ascii`` when nothing in it decides."""
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding, len(mark)
    if b"\0" in sample[:4096]:
        even, odd = sample[:4096:2].count(0), sample[1:4096:2].count(0)
        half = max(1, len(sample[:4096]) // 2)
        if odd > 0.2 * half and even * 5 < odd:
            return "utf-16-le", 0
        if even > 0.2 * half and odd * 5 < even:
            return "utf-16-be", 0
    if sample.isascii():
        return "ascii", 0
    with suppress(UnicodeDecodeError):  # a short file: no character of it may be cut below
        sample.decode("utf-8")
        return "utf-8", 0
    foreign = sum(1 for byte in sample if byte > 127)
    faults = sample[:-3].decode("utf-8", "replace").count("\ufffd") - sample.count(b"\xef\xbf\xbd")
    if faults * 50 <= foreign:
        return "utf-8", 0
    gb_faults = sample.decode("gb18030", "replace").count("\ufffd")
    return ("gb18030", 0) if gb_faults <= faults else ("utf-8", 0)
