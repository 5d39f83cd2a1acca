"""Tables of numbers: the newest is kept, so that it can be written to a file in the same plan or in the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from xunke.events import FileWritten, Table
from xunke.export import FORMATS, Column, Value, place, write
from xunke.i18n import Catalogue
from xunke.outreach.smallgroups import hidden, hidden_matrix, least_of
from xunke.present import table_cell, table_head
from xunke.storage import Project

TABLES: Final = frozenset({"stats", "compare", "history", "ab_test"})
"""Actions whose table can be exported."""
KEY: Final = "last_table"
ALSO: Final = "*"
"""Stands for a group that is hidden so that a smaller one cannot be worked out from the total."""
_PEOPLE: Final = ("authors", "people", "count")
"""Columns that count people, the surest first; posts of a group are at least as many as the people who wrote them."""
_COUNTS: Final = frozenset({"authors", "people", "posts", "count"})
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
    """Write a table to a file; in counts by what people are, groups of few people are hidden (``smallgroups``).

    ``table.params["matrix"]``: the columns that hold numbers of people, where the table is by two facets.
    """
    cat = Catalogue(lang)
    format = format if format in FORMATS else "xlsx"
    columns = [Column(name, table_head(name, cat)) for name in table.columns]
    title = cat.t(table.title, **{k: v for k, v in table.params.items() if isinstance(v, str | int | float)})
    target = place(path, folder, title, format)
    hide = _hidden(table, least_of(project))
    done = write(target, columns, _rows(table, cat, hide), format, title)
    left_out = {"left_out.small": len(hide)} if hide else {}
    project.audit("export", file=target.name, format=format, rows=done.rows, people=0, purpose=None, left_out=left_out)
    return FileWritten(str(target), done.rows, format, left_out)


def _hidden(table: Table | Kept, least: int) -> dict[tuple[int, str | None], str]:
    """{(row, column): what stands there instead}; column None: the whole row."""
    if wide := [name for name in table.params.get("matrix", ()) if name in table.columns]:
        at = [table.columns.index(name) for name in wide]
        cells = [[_number(row[x]) for x in at] for row in table.rows]
        return {(y, wide[x]): _instead(cells[y][x], least) for y, x in sorted(hidden_matrix(cells, least=least))}
    people = next((name for name in _PEOPLE if name in table.columns), None)
    if people is None or not _PERSONAL.intersection(table.columns):
        return {}
    counts = [_number(row[table.columns.index(people)]) for row in table.rows]
    return {(y, None): _instead(counts[y], least) for y in sorted(hidden(counts, least=least))}


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _instead(count: int | None, least: int) -> str:
    return f"<{least}" if count is not None and count < least else ALSO


def _rows(
    table: Table | Kept, cat: Catalogue, hide: Mapping[tuple[int, str | None], str]
) -> Iterator[Mapping[str, Value]]:
    for y, row in enumerate(table.rows):
        cells = dict(zip(table.columns, row, strict=True))
        if (instead := hide.get((y, None))) is not None:
            cells = {k: instead if k in _COUNTS else v if isinstance(v, str) else None for k, v in cells.items()}
            cells |= {k: None for k in ("examples", "quote") if k in cells}
        cells |= {name: hide[y, name] for name in table.columns if (y, name) in hide}
        yield {k: v if isinstance(v, int | float | None) else table_cell(v, cat) for k, v in cells.items()}
