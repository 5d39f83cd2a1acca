"""Rows of SQLite files and XLSX workbooks."""

from __future__ import annotations

import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import quote

from xunke.errors import BadInput

from .base import RawRow
from .csv_rows import CELLS, MAX_COLUMNS, header_names
from .source import Source
from .values import shorten

# ---------------------------------------------------------------- SQLite


def _connect(source: Source) -> sqlite3.Connection:
    uri = f"file:{quote(str(source.path.resolve()))}?mode=ro"
    connection = sqlite3.connect(uri, uri=True)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def sqlite_tables(source: Source) -> dict[str, list[str]]:
    """Real tables (no views) and their columns. Raises BadInput when the file is no SQLite file."""
    try:
        with closing(_connect(source)) as connection:
            names = [row[0] for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid"
            ) if isinstance(row[0], str)]  # fmt: skip
            return {
                name: [str(row[1]) for row in connection.execute(f"PRAGMA table_info({_quoted(name)})")]
                for name in names[:1000]
            }
    except sqlite3.Error as error:
        raise BadInput("import.bad_sqlite", path=source.shown, detail=shorten(str(error))) from error


def sqlite_rows(source: Source, tables: tuple[str, ...]) -> Iterator[RawRow]:
    """The rows of the named tables that exist, in this order, each in the order of its rowid."""
    present = sqlite_tables(source)
    wanted = [name for name in tables if name in present]
    try:
        with closing(_connect(source)) as connection:
            counts = (connection.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0] for name in wanted)
            source.rows_total, source.rows_done = sum(counts), 0
            for name in wanted:
                for cells in _select(connection, name):
                    source.rows_done += 1
                    yield name, dict(zip(present[name], cells, strict=False)), None
    except sqlite3.Error as error:
        raise BadInput("import.bad_sqlite", path=source.shown, detail=shorten(str(error))) from error


def _select(connection: sqlite3.Connection, name: str) -> Iterator[tuple[Any, ...]]:
    try:
        return connection.execute(f"SELECT * FROM {_quoted(name)} ORDER BY rowid")
    except sqlite3.OperationalError:  # WITHOUT ROWID: its own key is its order
        return connection.execute(f"SELECT * FROM {_quoted(name)}")


# ---------------------------------------------------------------- XLSX

MAX_UNPACKED: Final = 1024 * 1024 * 1024
MAX_STRINGS: Final = 128 * 1024 * 1024
"""Bytes of the shared-string table, which has to be in memory as a whole."""
MAX_ENTRIES: Final = 5_000
MAX_RATIO: Final = 100
_BROKEN: Final = (
    OSError, SyntaxError, zipfile.BadZipFile, zlib.error, ValueError, LookupError, TypeError, AttributeError,
)  # fmt: skip
"""openpyxl lets whatever a broken part causes come through; the XML parser's own error is a SyntaxError."""
_FREE: Final = 4 * 1024 * 1024
"""A part smaller than this may be packed as tightly as it likes."""


def check_workbook(source: Source) -> None:
    """Judge a workbook by its zip directory and the first bytes of its parts, before anything is unpacked.

    Raises BadInput for what is no workbook, encrypted, a zip bomb, or declares document types or entities.
    """
    try:
        with zipfile.ZipFile(source.path) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
                raise BadInput("import.not_a_workbook", path=source.shown)
            if len(parts) > MAX_ENTRIES or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise BadInput("import.unsafe_workbook", path=source.shown)
            for part in parts:
                packed = max(1, part.compress_size)
                outside = part.filename.startswith("/") or ".." in part.filename.split("/")
                bomb = part.file_size > _FREE and part.file_size / packed > MAX_RATIO
                strings = "sharedStrings" in part.filename and part.file_size > MAX_STRINGS
                if part.flag_bits & 1 or outside or bomb or strings:
                    raise BadInput("import.unsafe_workbook", path=source.shown)
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        start = stream.read(4096).replace(b"\0", b"").upper()
                    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                        raise BadInput("import.unsafe_workbook", path=source.shown)
    except (EOFError, NotImplementedError, RuntimeError, *_BROKEN) as error:
        raise BadInput("import.not_a_workbook", path=source.shown) from error


def _cell(value: Any) -> Any:
    """A cell as text or number. A whole number of more than 15 digits was rounded by the spreadsheet: a float."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return float(value) if 10**15 <= abs(value) < 10**300 else value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 10**15 else value
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date | time) else None


def _sheets(source: Source) -> Iterator[tuple[str, list[str], Iterator[tuple[Any, ...]]]]:
    check_workbook(source)
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(source.path, read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, *_BROKEN) as error:
        raise BadInput("import.not_a_workbook", path=source.shown) from error
    with closing(book):
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # written dimensions lie
            rows = sheet.iter_rows(values_only=True)
            header = next(rows, ())
            if len(header) > MAX_COLUMNS:
                raise BadInput("import.header_too_wide", path=source.shown, limit=MAX_COLUMNS)
            names = header_names(["" if cell is None else str(cell) for cell in header])
            while names and header[len(names) - 1] is None:
                names.pop()
            yield sheet.title, names, rows


def xlsx_sheets(source: Source) -> dict[str, list[str]]:
    """The sheets of a workbook and the column names in their first rows."""
    try:
        return {title: names for title, names, _ in _sheets(source)}
    except _BROKEN as error:
        raise BadInput("import.not_a_workbook", path=source.shown) from error


def xlsx_rows(source: Source) -> Iterator[RawRow]:
    """The rows of all sheets as dictionaries by the names in the sheet's first row; blank rows are none."""
    try:
        for title, names, rows in _sheets(source):
            for cells in rows:
                if any(cell is not None for cell in cells):
                    yield _sheet_row(title, names, cells)
    except _BROKEN as error:
        raise BadInput("import.not_a_workbook", path=source.shown) from error


def _sheet_row(title: str, names: list[str], cells: tuple[Any, ...]) -> RawRow:
    if len(cells) > MAX_COLUMNS:
        return title, None, ("import.too_many_columns", str(len(cells)))
    row: dict[str, Any] = {name: _cell(cell) for name, cell in zip(names, cells, strict=False)}
    if any(cell is not None for cell in cells[len(names) :]):
        row[CELLS] = len(cells)
    return title, row, None
