"""What an importer is: it turns a file that somebody already has into batches of records.

Reading is streaming: memory does not grow with the file. Nothing here opens the project's database,
touches the network or writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from xunke.model import Record, Rejected

from .source import Source
from .values import BadValue, shorten

DEFAULT_BATCH: Final = 1000

Problem = tuple[str, str]
"""Message key and detail."""

RawRow = tuple[str, Any, Problem | None]
"""One input row of a container: the table, sheet or JSON key it stands in; its value, or MISSING with the
problem that made it unreadable. A value *and* a problem: readable, but something of it was lost."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file. ``records`` keep the order of the file.

    ``read`` input rows were consumed in this batch, ``position`` in all: starting again at ``position``
    goes on behind this batch. ``notes`` are rows that were kept without a field that could not be
    understood, or that hold nothing to import.
    """

    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...]
    read: int
    position: int
    bytes_done: int
    bytes_total: int
    notes: tuple[Rejected, ...] = ()


class Importer(Protocol):
    """A format. ``label_key`` is the message key of its name for people."""

    @property
    def name(self) -> str: ...

    @property
    def label_key(self) -> str: ...

    def read(self, source: Source, start: int = 0, batch: int = DEFAULT_BATCH) -> Iterator[Batch]:
        """Yield batches from row ``start`` (rows to skip) to the end.

        Going on from the position of any batch yields exactly what an unbroken run would have yielded
        after it. Raises BadInput when the file as a whole cannot be read.
        """
        ...


class Skip(Exception):
    """The row is of a kind that holds nothing for us (``key`` tells which): counted, not an error."""

    def __init__(self, key: str, detail: object = "") -> None:
        super().__init__(key)
        self.key = key
        self.detail = shorten(detail)


@dataclass(slots=True)
class Context:
    """What a mapper knows beside the row: where it stands, and where to note a field it left out."""

    source: Source
    table: str = ""
    noted: list[Problem] = field(default_factory=list)

    def field(self, read: Callable[[Any], Any], row: Mapping[str, Any], column: str) -> Any:
        """``read(row[column])``; a value that cannot be understood is noted and MISSING."""
        try:
            return read(row.get(column))
        except BadValue as bad:
            self.noted.append((bad.key, f"{column}: {bad.detail}"))
            return None


Mapper = Callable[[Any, Context], Iterable[Record]]
"""One row to its records. Raises BadValue when the row cannot be used, Skip when it holds nothing."""


@dataclass(frozen=True, slots=True)
class RowImporter:
    """The importer of every format that is a series of independent rows: a reader and a mapper.

    ``rows`` opens the container (CSV, JSON, SQLite, XLSX, feed) and counts rows the same way each time;
    ``mapper`` keeps no state between rows. Both together make resuming exact.
    """

    name: str
    rows: Callable[[Source], Iterator[RawRow]]
    mapper: Mapper

    @property
    def label_key(self) -> str:
        return f"import.format.{self.name}"

    def read(self, source: Source, start: int = 0, batch: int = DEFAULT_BATCH) -> Iterator[Batch]:
        records: list[Record] = []
        rejected: list[Rejected] = []
        notes: list[Rejected] = []
        context = Context(source)
        source.done = 0
        number = before = start
        for number, (table, value, problem) in enumerate(self.rows(source), 1):
            if number <= start:
                continue
            if value is None:
                key, detail = problem or ("import.bad_row", "")
                rejected.append(Rejected(number, key, detail))
            else:
                context.table = table
                if problem is not None:
                    context.noted.append(problem)
                try:
                    records.extend(self.mapper(value, context))
                except BadValue as bad:
                    rejected.append(Rejected(number, bad.key, bad.detail))
                    context.noted.clear()
                except Skip as skip:
                    notes.append(Rejected(number, skip.key, skip.detail))
                    context.noted.clear()
                except (AttributeError, LookupError, TypeError, ValueError, OverflowError, RecursionError) as error:
                    # a shape that no released version of the tool writes: one odd row must not end an import
                    rejected.append(Rejected(number, "import.bad_row", shorten(repr(error))))
                    context.noted.clear()
                if context.noted:
                    notes.extend(Rejected(number, key, detail[:80]) for key, detail in context.noted)
                    context.noted.clear()
            if number - before >= batch:
                done = source.progress()
                yield Batch(tuple(records), tuple(rejected), number - before, number, *done, tuple(notes))
                records, rejected, notes, before = [], [], [], number
        number = max(number, start)
        if number > before:
            total = source.size
            yield Batch(tuple(records), tuple(rejected), number - before, number, total, total, tuple(notes))


@dataclass(frozen=True, slots=True)
class Opened:
    """A file and the importer that reads it; ``format`` is the importer's name, found or given."""

    importer: Importer
    source: Source

    @property
    def format(self) -> str:
        return self.importer.name
