"""Files that people already have, as records: ``for batch in read_file(path): store(batch)``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from xunke.errors import BadInput, UsageError

from .base import DEFAULT_BATCH, Batch, Importer, Opened, RowImporter
from .source import Source

__all__ = [
    "FORMATS", "Batch", "Importer", "Opened", "Source",
    "detect", "expand", "open_import", "read_file", "suggest_mapping",
]  # fmt: skip

FORMATS: Final[dict[str, str]] = {
    "mediacrawler": "mediacrawler:map_row",
    "weibo-search": "weibo_files:map_search",
    "weibo-crawler": "weibo_files:map_crawler",
    "weibospider": "weibo_files:map_spider",
    "crawl4weibo": "weibo_json:map_row",
    "zeeschuimer": "zeeschuimer:map_row",
    "4cat": "fourcat:map_row",
    "feed": "feed:map_row",
    "interactions": "interactions:map_row",
    "followers": "followers:followers_importer",
    "purchases": "purchases:map_row",
    "touches": "touches:read",
    "table": "table:table_importer",
}
"""Every format and the function that maps one of its rows; loaded when first used."""

_SQLITE: Final[dict[str, tuple[str, ...]]] = {
    "weibo-search": ("weibo",),
    "weibo-crawler": ("user", "weibo", "comments", "reposts"),
    "weibospider": ("user", "weibo"),
}
_SUFFIXES: Final = frozenset(
    {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".xlsx", ".db", ".sqlite", ".sqlite3", ".xml", ".rss", ".atom"}
)
_ORDER: Final = (
    ("creators", "users", "user"),
    ("contents", "posts"),
    ("comments", "comment"),
    ("contacts", "dynamics"),
)
MAX_FILES: Final = 100_000


def _load(name: str) -> Callable[..., Any]:
    module, function = FORMATS[name].split(":")
    loaded: Callable[..., Any] = getattr(import_module(f"{__name__}.{module}"), function)
    return loaded


def detect(path: Path | str) -> str:
    """The format of a file by its content. Raises BadInput when it is none of ours or cannot be read."""
    from .sniff import detect as look

    return look(Source.open(Path(path)))[0]


def suggest_mapping(header: Iterable[str]) -> dict[str, str] | None:
    """Our fields and the columns that seem to hold them; MISSING unless text and author are among them."""
    from .suggest import suggest_mapping as suggest

    return suggest(header)


def open_import(
    path: Path | str, format: str = "auto", mapping: Path | str | Mapping[str, Any] | None = None
) -> Opened:
    """A file and the importer for it.

    ``format`` is a name of ``FORMATS`` or ``auto``; ``mapping`` (a TOML or JSON file, or its content) says what the
    columns of a table mean and implies ``table``. Raises BadInput for a file or mapping that cannot be
    used, UsageError for an unknown format.
    """
    from . import sniff

    if format not in FORMATS and format != "auto":
        raise UsageError("import.no_such_format", format=format[:40], formats=", ".join(FORMATS))
    source = Source.open(Path(path))
    if mapping is not None and format in ("auto", "table"):
        format, kind = "table", sniff.container(source)
    elif format == "auto":
        format, kind = sniff.detect(source)
    else:
        kind = sniff.container(source)
    if format == "table":
        from .table import table_importer

        return Opened(table_importer(source, kind, mapping), source)
    if format == "followers":
        from .followers import followers_importer

        return Opened(followers_importer(source, kind, mapping), source)
    if format == "feed" and kind == "xml":
        from .feed import xml_rows

        return Opened(RowImporter(format, xml_rows, _load(format)), source)
    if kind == "xml":
        raise BadInput("import.wrong_format", path=source.shown, format=format)
    from .mediacrawler import TABLES

    tables = tuple(TABLES) if format == "mediacrawler" else _SQLITE.get(format, ())
    if kind == "sqlite" and not tables:
        raise BadInput("import.wrong_format", path=source.shown, format=format)
    if format == "interactions":
        _check_edges(source, kind)
    return Opened(RowImporter(format, sniff.reader(kind, tables), _load(format)), source)


def _check_edges(source: Source, kind: str) -> None:
    """An edge list without a header would lose its first edge silently: say what is missing."""
    from .csv_rows import csv_header
    from .interactions import REQUIRED

    if kind == "csv":
        names = {name.strip().lower() for name in csv_header(source)[0]}
        if missing := [name for name in REQUIRED if name not in names]:
            raise BadInput("import.missing_columns", path=source.shown, columns=", ".join(missing))


def read_file(
    path: Path | str, format: str = "auto", mapping: Path | str | Mapping[str, Any] | None = None, start: int = 0,
    batch: int = DEFAULT_BATCH,
) -> Iterator[Batch]:  # fmt: skip
    """The batches of one file, from row ``start`` on."""
    opened = open_import(path, format, mapping)
    yield from opened.importer.read(opened.source, start, batch)


def expand(paths: Iterable[Path | str], skipped: list[Path] | None = None) -> list[Path]:
    """The files to import: files as given, directories by what is importable below them.

    In a directory people come before posts, posts before comments, comments before relations. Hidden files, links
    and files of no known format are left out; the latter are appended to ``skipped``.
    """
    files: dict[Path, None] = {}
    for given in map(Path, paths):
        if not given.is_dir():
            files[given] = None
            continue
        below: list[Path] = []
        for path in sorted(given.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(given).parts)
            if hidden or path.is_symlink() or path.suffix.lower() not in _SUFFIXES or not path.is_file():
                continue
            if len(below) >= MAX_FILES:
                raise BadInput("import.too_many_files", path=given.name[:80], limit=MAX_FILES)
            try:
                if path.stat().st_size:
                    detect(path)
                    below.append(path)
            except BadInput:
                if skipped is not None:
                    skipped.append(path)
        files.update(dict.fromkeys(sorted(below, key=_rank)))
    return list(files)


def _rank(path: Path) -> tuple[int, str]:
    stem = path.stem.lower()
    for number, words in enumerate(_ORDER):
        if any(word in stem for word in words):
            return number, str(path)
    return 1, str(path)
