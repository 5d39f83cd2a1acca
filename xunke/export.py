"""The one writer of files: whole or not at all, safe to open in a spreadsheet, and honest about what it cut.

A file is written beside its place and renamed when complete, so that an old file stays whole until the new
one is. Foreign text is cleaned; in CSV a cell that a spreadsheet would take for a formula gets a leading
``'`` (OWASP, CSV injection); in XLSX every text is a string cell, never a formula, number or link.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from xunke import veil
from xunke.config import make_folder
from xunke.errors import BadInput, XunkeError
from xunke.text import cells, clean

Value = str | int | float | bool | None
FORMATS: Final = ("csv", "xlsx", "jsonl", "json", "md", "html")
NETWORK_FORMATS: Final = ("gexf", "graphml", "json", "jsonl", "parquet")
"""What ``export network`` writes (``graph.formats.WRITERS``)."""
XLSX_CELL: Final = 32_767
XLSX_ROWS: Final = 1_048_575
_FORMULA = re.compile(r"^[\s]*[=+\-@＝＋－＠]|^[\t\r\n]")
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.I)
_TEMP: Final = ".xunke-"
"""Files in the making: this, the number of the process, and something random."""
_CUT: Final = " …[截断 cut]"
_WIDEST: Final = 60
_MEASURED: Final = 200
"""A column of a workbook is as wide as its widest cell of so many rows, in terminal cells (Chinese takes two)."""
PEOPLE_FORMATS: Final = ("vcf", "hashed")
"""What only people can be written as: cards for an address book, hashed ids for an advertising platform."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in the rows and its header as shown. ``text``: digits in it are no number (ids). ``time``: ISO
    days or times, which a workbook gets as dates.
    """

    key: str
    header: str
    text: bool = False
    time: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Mapping[str, Value]]


@dataclass(slots=True)
class Written:
    """What was written: rows in the file, and how many cells were cut to what the format can hold."""

    path: Path
    rows: int = 0
    cut: int = 0
    sheets: list[str] = field(default_factory=list)


def safe_name(name: str, fallback: str = "export") -> str:
    """``name`` as one file name that every system takes: no separators, reserved words or control characters."""
    name = re.sub(r'[\\/:*?"<>|\n\t]+', "_", clean(name)).strip(" .")
    while len(name.encode("utf-8", "replace")) > 180:
        name = name[:-1]
    if not name or _RESERVED.match(name):
        name = f"{fallback}_{name}".rstrip("_")
    return name


def place(path: str | None, folder: Path, default: str, suffix: str) -> Path:
    """Where a file asked for in a sentence goes: inside ``folder``, the working folder or the home folder.

    ``path`` may name a folder or a file; ``default`` is the name without suffix. An existing file is not
    overwritten: the name gets a number. Raises BadInput("export.outside") for a path that leaves these
    folders (after links are followed), is hidden, or cannot be a path.
    """
    try:
        return _place(path, folder, safe_name(default) + "." + suffix, suffix)
    except (OSError, RuntimeError):  # too long for the system, a loop of links, no such user behind a ~
        raise BadInput("export.outside", path=str(path)) from None


def _place(path: str | None, folder: Path, name: str, suffix: str) -> Path:
    if path is None:
        target = folder / name
    else:
        if "\0" in path:
            raise BadInput("export.outside", path=path)
        wish = Path(path).expanduser()
        target = wish if wish.is_absolute() else folder / wish
        if target.is_dir() or path.endswith(("/", "\\")) or not target.suffix:
            target = target / name
    target = target.parent.resolve() / safe_name(target.stem) if target.suffix else target
    target = target.with_name(target.name + "." + suffix) if target.suffix != "." + suffix else target
    allowed = [folder.expanduser().resolve(), Path.cwd().resolve(), Path.home().resolve()]
    inside = [root for root in allowed if target.is_relative_to(root)]
    if not inside or any(part.startswith(".") for part in target.relative_to(inside[0]).parts):
        raise BadInput("export.outside", path=str(path))
    stem, number = target.stem, 2
    while target.exists():
        target = target.with_name(f"{stem} ({number}).{suffix}")
        number += 1
    return target


SHEET: Final = "\0sheet"
"""The key of a row's sheet: rows of another one begin a new sheet (xlsx), in the order in which they come."""


def write(
    path: Path, columns: Sequence[Column], rows: Iterable[Mapping[str, Value]], format: str, title: str
) -> Written:
    """Write ``rows`` to ``path`` in ``format``; the file appears only when it is complete.

    Raises XunkeError("export.failed" / "export.full") when the disk says no; nothing is left behind then.
    """
    writers: dict[str, Callable[[Path, Sequence[Column], Iterator[Mapping[str, Value]], str], Written]] = {
        "csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl, "json": _json, "md": _markdown, "html": _html,
    }  # fmt: skip
    if format not in writers:
        raise BadInput("export.format", format=format, known=", ".join(FORMATS))
    with _whole(path, format) as temp:
        done = writers[format](temp, columns, map(veil.value, rows), veil.veiled(title))
    done.path = path
    return done


def text_file(path: Path, text: str) -> Path:
    """Write a text (UTF-8) that our own program reads again; whole or not at all. Raises as ``write`` does."""
    with _whole(path, path.suffix.lstrip(".") or "txt") as temp:
        temp.write_text(text, "utf-8")
    return path


def stream_file(path: Path, make: Callable[[IO[Any]], int], *, binary: bool = False) -> int:
    """A file that ``make`` writes into, text as UTF-8 or bytes; whole or not at all. Raises as ``write`` does."""
    with _whole(path, path.suffix.lstrip(".") or "txt") as temp:
        if binary:
            with temp.open("wb") as file:
                return make(file)
        with temp.open("w", encoding="utf-8", newline="\n") as text:
            return make(text)


@contextlib.contextmanager
def _whole(path: Path, suffix: str) -> Iterator[Path]:
    """A file in the making beside ``path``, which it becomes when all went well."""
    temp: Path | None = None
    try:
        make_folder(path.parent)
        _sweep(path.parent)
        handle, name = tempfile.mkstemp(prefix=f"{_TEMP}{os.getpid()}-", suffix="." + suffix, dir=path.parent)
        os.close(handle)
        temp = Path(name)
        yield temp
        with temp.open("rb") as file:
            os.fsync(file.fileno())
        temp.replace(path)
    except OSError as error:
        key = "export.full" if error.errno == 28 else "export.failed"
        raise XunkeError(key, path=str(path), detail=error.strerror or str(error)) from None
    finally:
        if temp is not None:
            with contextlib.suppress(FileNotFoundError):
                temp.unlink()


@contextlib.contextmanager
def locked(path: Path, password: str | None) -> Iterator[Path]:
    """Where to write what becomes ``path``: with a password the zip ``path``.zip (AES-256 as WinZip, 7-Zip and Keka
    read it), whole or not at all. The plain file lies in a folder of ours only (0700) and goes when this ends.
    """
    if password is None:
        yield path
        return
    import pyzipper

    try:
        make_folder(path.parent)
        _sweep(path.parent)
        folder = Path(tempfile.mkdtemp(prefix=f"{_TEMP}{os.getpid()}-", dir=path.parent))
    except OSError as error:
        raise XunkeError("export.failed", path=str(path), detail=error.strerror or str(error)) from None
    try:
        yield folder / path.name
        with _whole(locked_name(path), "zip") as temp, pyzipper.AESZipFile(
            temp, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
        ) as box:  # fmt: skip
            box.setpassword(password.encode())
            box.write(folder / path.name, path.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def locked_name(path: Path) -> Path:
    """What ``locked`` makes of a path."""
    return path.with_name(path.name + ".zip")


def _sweep(folder: Path) -> None:
    """Remove half files that killed exports of ours left behind."""
    for path in folder.glob(_TEMP + "*"):
        owner = path.name.removeprefix(_TEMP).partition("-")[0]
        with contextlib.suppress(OSError):
            if owner.isdecimal() and not _runs(int(owner)):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _runs(process: int) -> bool:
    """Whether ``process`` is alive; where asking is not safe (Windows), everything is."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _plain(value: Value) -> Value:
    """A value without anything that a file format or a terminal cannot bear."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def _csv_cell(value: Value) -> Value:
    value = _plain(value)
    if isinstance(value, str) and _FORMULA.match(value):
        return "'" + value
    return value


def _csv(path: Path, columns: Sequence[Column], rows: Iterator[Mapping[str, Value]], title: str) -> Written:
    done = Written(path)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([_csv_cell(c.header) for c in columns])
        for row in rows:
            out.writerow([_csv_cell(row.get(c.key)) for c in columns])
            done.rows += 1
    return done


def _xlsx(path: Path, columns: Sequence[Column], rows: Iterator[Mapping[str, Value]], title: str) -> Written:
    return _book(path, [Sheet(title, columns, rows)])


def write_book(path: Path, sheets: Iterable[Sheet]) -> Written:
    """A workbook of several sheets, one after the other; ``rows`` are those of the first. Raises as ``write`` does."""
    with _whole(path, "xlsx") as temp:
        done = _book(temp, (replace(one, rows=map(veil.value, one.rows)) for one in sheets))
    done.path = path
    return done


def _book(path: Path, sheets: Iterable[Sheet]) -> Written:
    import xlsxwriter

    done, first = Written(path), True
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        # not the clock's time: the same rows give the same bytes
        book.set_properties({"created": datetime(1980, 1, 1, tzinfo=UTC)})
        formats = {
            "bold": book.add_format({"bold": True}), "text": book.add_format({"num_format": "@"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }  # fmt: skip
        for one in sheets:
            n = _fill(book, one, done, formats)
            done.rows, first = (n if first else done.rows), False
    return done


def _fill(book: Any, one: Sheet, done: Written, formats: Mapping[str, Any]) -> int:
    """The rows of one sheet, in several where they are too many or name their own; how many."""
    sheet, line, part, n = None, 0, None, 0
    widths: dict[int, int] = {}
    for row in one.rows:
        if sheet is None or line > XLSX_ROWS or row.get(SHEET) != part:
            part = row.get(SHEET)
            _set_widths(sheet, widths)
            widths = {index: cells(column.header) for index, column in enumerate(one.columns)}
            sheet = _sheet(book, one.columns, one.title if part is None else str(part), done, formats["bold"])
            line = 1
        for index, column in enumerate(one.columns):
            value = _plain(row.get(column.key))
            if value is not None:
                _write_cell(sheet, line, index, column, value, done, formats)
                if line <= _MEASURED:
                    widths[index] = max(widths[index], min(_WIDEST, cells(str(value)[:_WIDEST])))
        line += 1
        n += 1
    if sheet is None:
        sheet = _sheet(book, one.columns, one.title, done, formats["bold"])
        widths = {index: cells(column.header) for index, column in enumerate(one.columns)}
    _set_widths(sheet, widths)
    return n


def _write_cell(
    sheet: Any, line: int, index: int, column: Column, value: Value, done: Written, formats: Mapping[str, Any]
) -> None:
    if column.time and isinstance(value, str) and (moment := _moment(value)) is not None:
        sheet.write_datetime(line, index, moment, formats["day" if len(value) == 10 else "time"])
    elif isinstance(value, bool | int | float) and not column.text:
        if isinstance(value, bool):
            sheet.write_boolean(line, index, value)
        elif abs(value) < 10**15:
            sheet.write_number(line, index, value)
        else:
            sheet.write_string(line, index, str(value), formats["text"])
    else:
        text = str(value)
        if len(text) > XLSX_CELL:
            text, done.cut = text[: XLSX_CELL - len(_CUT)] + _CUT, done.cut + 1
        sheet.write_string(line, index, text, formats["text"] if column.text else None)


def _moment(text: str) -> datetime | None:
    """An ISO day or time as a spreadsheet knows it: without a zone, from 1900 on."""
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(text).replace(tzinfo=None)
        return moment if moment.year > 1900 else None
    return None


def _set_widths(sheet: Any, widths: Mapping[int, int]) -> None:
    for index, width in widths.items() if sheet is not None else ():
        sheet.set_column(index, index, max(6, width + 2))


def _sheet(book: Any, columns: Sequence[Column], title: str, done: Written, bold: Any) -> Any:
    name = re.sub(r"[\[\]:*?/\\']", "_", clean(title))[:24].strip() or "Xunke"
    taken = {n.casefold() for n in done.sheets}
    name = name if name.casefold() not in taken else f"{name} {len(done.sheets) + 1}"
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        sheet.write_string(0, index, clean(column.header), bold)
    done.sheets.append(name)
    return sheet


def _jsonl(path: Path, columns: Sequence[Column], rows: Iterator[Mapping[str, Value]], title: str) -> Written:
    done = Written(path)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps({c.key: _plain(row.get(c.key)) for c in columns}, ensure_ascii=False) + "\n")
            done.rows += 1
    return done


def _json(path: Path, columns: Sequence[Column], rows: Iterator[Mapping[str, Value]], title: str) -> Written:
    done = Written(path)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for row in rows:
            file.write(",\n " if done.rows else "\n ")
            file.write(json.dumps({c.key: _plain(row.get(c.key)) for c in columns}, ensure_ascii=False))
            done.rows += 1
        file.write("\n]\n")
    return done


_MD = str.maketrans({c: "\\" + c for c in "\\`*_[]()#|!"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;", "\n": " "})


def _markdown(path: Path, columns: Sequence[Column], rows: Iterator[Mapping[str, Value]], title: str) -> Written:
    done = Written(path)

    def line(file: IO[str], values: Iterable[Value]) -> None:
        file.write("| " + " | ".join("" if c is None else str(_plain(c)).translate(_MD) for c in values) + " |\n")

    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"# {clean(title).translate(_MD)}\n\n")
        line(file, [c.header for c in columns])
        file.write("|" + " --- |" * len(columns) + "\n")
        for row in rows:
            line(file, [row.get(c.key) for c in columns])
            done.rows += 1
    return done


_PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{{font:14px/1.6 sans-serif;margin:2em}}table{{border-collapse:collapse}}
td,th{{border:1px solid #ccc;padding:.3em .6em;text-align:left;vertical-align:top}}</style></head>
<body><h1>{title}</h1><table>
"""


def _html(path: Path, columns: Sequence[Column], rows: Iterator[Mapping[str, Value]], title: str) -> Written:
    from html import escape

    done = Written(path)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_PAGE.format(title=escape(clean(title))))
        file.write("<tr>" + "".join(f"<th>{escape(clean(c.header))}</th>" for c in columns) + "</tr>\n")
        for row in rows:
            texts = ("" if (v := _plain(row.get(c.key))) is None else escape(str(v)) for c in columns)
            file.write("<tr>" + "".join(f"<td>{text}</td>" for text in texts) + "</tr>\n")
            done.rows += 1
        file.write("</table></body></html>\n")
    return done


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document: a heading, paragraphs, and a table (where it has columns)."""

    title: str
    text: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def document(path: Path, title: str, blocks: Sequence[Block], format: str) -> Path:
    """A text with tables for a person to read, as Markdown or HTML that opens offline and loads nothing; whole or not
    at all. Raises as ``write`` does, BadInput for another format.
    """
    makers = {"md": _markdown_text, "html": _html_text}
    if format not in makers:
        raise BadInput("export.format", format=format, known="md, html")
    return text_file(path, veil.veiled(makers[format](clean(title), blocks)))


def _markdown_text(title: str, blocks: Sequence[Block]) -> str:
    def safe(text: str) -> str:
        return clean(text).translate(_MD)

    out = [f"# {safe(title)}", ""]
    for block in blocks:
        out += [f"## {safe(block.title)}", "", *(line for text in block.text for line in (safe(text), ""))]
        if block.columns:
            out.append("| " + " | ".join(map(safe, block.columns)) + " |")
            out.append("|" + " --- |" * len(block.columns))
            out += ["| " + " | ".join(map(safe, row)) + " |" for row in block.rows]
            out.append("")
    return "\n".join(out)


def _html_text(title: str, blocks: Sequence[Block]) -> str:
    from html import escape

    def safe(text: str) -> str:
        return escape(clean(text))

    head = _PAGE.format(title=safe(title)).removesuffix("<table>\n")
    out = [head]
    for block in blocks:
        out.append(f"<h2>{safe(block.title)}</h2>")
        out += [f"<p>{safe(text)}</p>" for text in block.text]
        if block.columns:
            out.append("<table><tr>" + "".join(f"<th>{safe(c)}</th>" for c in block.columns) + "</tr>")
            out += ["<tr>" + "".join(f"<td>{safe(cell)}</td>" for cell in row) + "</tr>" for row in block.rows]
            out.append("</table>")
    return "\n".join([*out, "</body></html>", ""])
