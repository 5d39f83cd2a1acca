"""Rows of CSV files as dictionaries, with recovery: one broken row never takes the rest of the file with it."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import Final

from xunke.errors import BadInput
from xunke.text import clean

from .base import RawRow
from .source import MAX_LINE, Source
from .values import shorten

MAX_COLUMNS: Final = 5_000
MAX_CELL_LINES: Final = 20_000
CELLS: Final = "\0cells"
"""Key under which a row tells its number of cells when that differs from the header's."""
_CLOSE = re.compile(r'[^"]*(?:""[^"]*)*"(?!")')
_DELIMITERS: Final = ",;\t|"


def _open_after(line: str, delimiter: str, opened: bool) -> bool:
    """Whether a quoted cell is still open at the end of ``line`` (by the rules of Python's csv module)."""
    at, end = 0, len(line)
    while at <= end:
        if not opened and line.startswith('"', at):
            opened, at = True, at + 1
        if opened:
            close = _CLOSE.match(line, at)
            if close is None:
                return True
            opened, at = False, close.end()
        at = line.find(delimiter, at) + 1
        if not at:
            return False
    return False


def _line(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\0", "")


def _records(source: Source, delimiter: str) -> Iterator[str | None]:
    """Logical rows: lines joined while a quoted cell is open. ``None`` stands for a row that cannot be read:
    too long, or with a quote that never closes; then only its first line is given up."""
    lines = source.lines()
    waiting: deque[bytes | None] = deque()
    while True:
        if waiting:
            first = waiting.popleft()
        elif (first := next(lines, b"\n")) == b"\n":
            return
        if first is None:
            yield None
            continue
        text = _line(first)
        if '"' not in text or not _open_after(text, delimiter, False):
            if text and not text.isspace():
                yield text
            continue
        taken: list[bytes | None] = []
        parts, size, opened = [text], len(first), True
        while opened and size <= MAX_LINE and len(taken) < MAX_CELL_LINES:
            raw = waiting.popleft() if waiting else next(lines, b"\n")
            if raw is None or raw == b"\n":
                if raw is None:
                    taken.append(raw)
                break
            taken.append(raw)
            size += len(raw)
            part = _line(raw)
            parts.append(part)
            if '"' in part:
                close = _CLOSE.match(part)
                if close is not None and part[close.end() : close.end() + 1] not in ("", delimiter):
                    break  # this quote begins a cell of another row: ours was never closed
                opened = _open_after(part, delimiter, True)
        if opened:
            waiting.extendleft(reversed(taken))
            yield None
        else:
            yield "\n".join(parts)


def delimiter_of(header: str) -> str:
    """The delimiter a header line uses most; a comma when it uses none."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=lambda mark: (bare.count(mark), mark == ","))


def header_names(cells: list[str]) -> list[str]:
    """Column names: cleaned, stripped; empty ones numbered, the second of a double name marked ``#2``."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = clean(cell).strip()[:200] or f"#{number}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def csv_header(source: Source) -> tuple[list[str], str]:
    """Column names and delimiter. Raises BadInput for a header that is none (empty, too wide, never closed)."""
    for raw in source.lines():
        if raw is None or len(raw) > MAX_LINE // 4:
            raise BadInput("import.header_too_wide", path=source.shown, limit=MAX_COLUMNS)
        first = _line(raw)
        if not first.strip():
            continue
        delimiter = delimiter_of(first)
        text = next((record for record in _records(source, delimiter)), None)
        if text is None:
            raise BadInput("import.bad_header", path=source.shown)
        cells = next(_reader(iter([text]), delimiter), [])
        if len(cells) > MAX_COLUMNS:
            raise BadInput("import.header_too_wide", path=source.shown, limit=MAX_COLUMNS)
        return header_names(cells), delimiter
    return [], ","


def _reader(records: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    if csv.field_size_limit() < MAX_LINE:
        csv.field_size_limit(MAX_LINE)
    return csv.reader(records, delimiter=delimiter)


def csv_rows(source: Source) -> Iterator[RawRow]:
    """Each row as a dictionary by column name. Rows equal to the header (appended runs) are no rows.

    A row may have fewer cells than the header, then the last columns are missing from the dictionary.
    More cells than columns are kept out; ``CELLS`` tells that the number differs.
    """
    names, delimiter = csv_header(source)
    if not names:
        return
    width = len(names)
    bad = ("import.bad_csv_row", "")
    pending: list[str | None] = []

    def good() -> Iterator[str]:
        """Readable rows for the csv module; an unreadable one is left in ``pending`` and passed as empty."""
        for record in _records(source, delimiter):
            if record is None:
                pending.append(record)
                yield "\n"
            else:
                yield record

    reader = _reader(good(), delimiter)
    header: list[str] | None = None
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield "", None, ("import.bad_csv_row", shorten(str(error)))
            continue
        if cells is None:
            return
        if pending:
            pending.clear()
            yield "", None, bad
        elif header is None:
            header = cells
        elif cells != header:
            if len(cells) > MAX_COLUMNS:
                yield "", None, ("import.too_many_columns", str(len(cells)))
                continue
            row: dict[str, object] = dict(zip(names, cells, strict=False))
            if len(cells) != width:
                row[CELLS] = len(cells)
            yield "", row, None
