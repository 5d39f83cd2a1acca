"""Tables of numbers: the newest is kept, so that it can be written to a file in the same plan or in the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from xunke.events import FileWritten, Table
from xunke.export import FORMATS, Column, Value, place, write
from xunke.i18n import Catalogue
from xunke.present import table_cell, table_head
from xunke.storage import Project

TABLES: Final = frozenset({"stats", "compare", "history", "ab_test"})
"""Actions whose table can be exported."""
KEY: Final = "last_table"
FEW: Final = 5
"""A group of fewer people than this is written as such, where what is told of them could tell who they are."""
_COUNTS: Final = frozenset({"authors", "posts", "count"})
_PERSONAL: Final = frozenset({"region", "gender", "age", "occupation", "interest"})


class Kept(msgspec.Struct, frozen=True):
    """A table with the run that made it and how it is called."""

    run: int
    title: str
    columns: list[str]
    rows: list[list[Any]]
    params: dict[str, Any]


def keep_table(project: Project, table: Table, run: int) -> None:
    """Remember the newest table, without the numbers of its posts."""
    params = {k: v for k, v in table.params.items() if k != "posts"}
    kept = Kept(run, table.title, table.columns, table.rows, params)
    project.set_meta(KEY, msgspec.json.encode(kept).decode())


def last_table(project: Project) -> Kept | None:
    """The table on the screen: the newest, unless a result was made since."""
    if not (text := project.meta(KEY)):
        return None
    kept = msgspec.json.decode(text, type=Kept)
    newer = project.one("select 1 from result where run is not null and run > ?", (kept.run,))
    return None if newer else kept


def write_table(
    project: Project, table: Table | Kept, format: str, *, path: str | None, folder: Path, lang: str
) -> FileWritten:
    """Write a table to a file; in counts by two facts about people or more, few people are written as "<5"."""
    cat = Catalogue(lang)
    format = format if format in FORMATS else "xlsx"
    columns = [Column(name, table_head(name, cat)) for name in table.columns]
    title = cat.t(table.title, **{k: v for k, v in table.params.items() if isinstance(v, str | int | float)})
    target = place(path, folder, title, format)
    done = write(target, columns, _rows(table, cat), format, title)
    project.audit("export", file=target.name, format=format, rows=done.rows, purpose=None, left_out={})
    return FileWritten(str(target), done.rows, format)


def _rows(table: Table | Kept, cat: Catalogue) -> Iterator[Mapping[str, Value]]:
    hide = len(_PERSONAL.intersection(table.columns)) > 1 and "authors" in table.columns
    for row in table.rows:
        cells = dict(zip(table.columns, row, strict=True))
        if hide and 0 < (cells["authors"] or 0) < FEW:
            cells = {k: f"<{FEW}" if k in _COUNTS else v if isinstance(v, str) else None for k, v in cells.items()}
            cells |= {"examples": None} if "examples" in cells else {}
        yield {k: v if isinstance(v, int | float | None) else table_cell(v, cat) for k, v in cells.items()}
