"""A project: one SQLite file with its writer, its readers and its do-not-contact list."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote

from xunke.config import make_folder, user_path
from xunke.errors import BadInput, StorageError, XunkeError
from xunke.model import Provenance, Record

from . import followers, jobs, schema, suppression
from .ingest import resolve_mentions, source_id, store_page
from .sheet import Tally
from .writer import BUSY_SECONDS, Writer, connect, patiently, translate

_MAGIC: Final = b"SQLite format 3\0"
_SHRINK: Final = "shrink"
_MAKING: Final = ("_sqlite_migrations", "sqlite_")
"""Tables that a project has before its first migration, when its making was broken off."""
_CHECK_BELOW: Final = 64 * 1024 * 1024
"""Files smaller than this are checked whole when opened; larger ones by ``xunke doctor``."""


class Project:
    """Open with ``Project.open``; close it, or use it in a ``with``.

    Readers see the last committed state and never wait for the writer. Raises StorageError on everything
    that is wrong with the file; an unreadable file is never overwritten.
    """

    def __init__(self, path: Path, *, readonly: bool) -> None:
        self.path = path
        self.readonly = readonly
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._writer = None if readonly else Writer(path)
        self._suppressed: suppression.Suppressed | None = None

    @classmethod
    def open(cls, path: str | Path, *, create: bool = True) -> Project:
        """Open the project at ``path``, making or migrating it if needed (folder 0700, file 0600)."""
        path = user_path(path).absolute()
        try:
            if os.path.lexists(path) and not path.is_file():
                raise StorageError("storage.not_a_file", path=str(path))
            fresh = not path.exists() or path.stat().st_size == 0
            if fresh and not create:
                raise StorageError("storage.missing", path=str(path))
            if fresh:
                make_folder(path.parent)
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            elif _head(path) != _MAGIC:
                raise StorageError("storage.not_sqlite", path=str(path))
            readonly = not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK)
            if not fresh:
                _inspect(path)
            if not readonly:
                _prepare(path)
        except (OSError, ValueError) as error:  # ValueError: a path with a NUL
            detail = getattr(error, "strerror", None) or str(error)
            raise StorageError("storage.cannot_open", path=str(path), detail=detail) from None
        except sqlite3.Error as error:
            raise translate(error, path) from None
        project = cls(path, readonly=readonly)
        if not readonly and project.meta(_SHRINK):
            with contextlib.suppress(StorageError):  # another process looks at the file: the next start tries again
                project.compact()
        return project

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish queued writes and close. A query that another thread still runs is interrupted, and its
        connection left to that thread: closing it under a running statement is not safe.
        """
        own = getattr(self._local, "db", None)
        with self._lock:
            for db in self._readers:
                db.close() if db is own else db.interrupt()
            self._readers.clear()
        self._local = threading.local()
        if self._writer is not None:  # last: only a connection that writes takes the log into the file
            self._writer.close()

    @property
    def writer(self) -> Writer:
        """The one writer; StorageError("storage.readonly") where the file cannot be written."""
        if self._writer is None:
            raise StorageError("storage.readonly", path=str(self.path))
        return self._writer

    @property
    def reader(self) -> sqlite3.Connection:
        """This thread's reading connection (``mode=ro``)."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            try:
                # in a folder that cannot be written SQLite opens a file in WAL mode only as immutable
                db = _reading(self.path, immutable=self.readonly and not _log(self.path))
                db.execute("pragma query_only = on")
                db.execute("pragma cache_size = -32768")
            except sqlite3.Error as error:
                raise translate(error, self.path) from None
            self._local.db = db
            with self._lock:
                self._readers.append(db)
        return db

    def query(self, sql: str, params: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a reading query."""
        try:
            return self.reader.execute(sql, params).fetchall()
        except sqlite3.Error as error:
            raise translate(error, self.path) from None

    def each(self, sql: str, params: Sequence[object] | Mapping[str, object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a reading query, one after the other: for many rows of which little is kept."""
        try:
            yield from self.reader.execute(sql, params)
        except sqlite3.Error as error:
            raise translate(error, self.path) from None

    def one(self, sql: str, params: Sequence[object] | Mapping[str, object] = ()) -> Any:
        """The first value of the first row, or None."""
        rows = self.query(sql, params)
        return rows[0][0] if rows else None

    def suppressed(self) -> suppression.Suppressed:
        """The do-not-contact list as it is now; accounts that were asked about before are not hashed again."""
        self._suppressed = suppression.Suppressed.load(self.reader, self._suppressed)
        return self._suppressed

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything that this thread reads inside is the state of one moment, whatever is written meanwhile."""
        if self.reader.in_transaction:  # part of a larger one
            yield
            return
        self.query("begin")
        try:
            self.query("select count(*) from meta")  # the moment is that of the first read, so read
            yield
        finally:
            self.query("rollback")

    def compact(self) -> None:
        """Rewrite the file without what was deleted, in the index, in free pages and in the log.

        What ``erase.person`` began is done only when this has come to its end; ``open`` goes on with it.
        """
        self.writer.maintain(_compact)

    # -- storing ---------------------------------------------------------------------------------------------

    def store(
        self, db: sqlite3.Connection, records: Iterable[Record], source: int, now: int | None = None,
        seen_by: int | None = None,
    ) -> Tally:  # fmt: skip
        """Store one page inside the writer's transaction; see ``ingest.store_page``."""
        return store_page(db, records, source, now, seen_by)

    def add(self, records: Iterable[Record], provenance: Provenance, *, page: int = 1000) -> Tally:
        """Store records that have no job of their own (the sample project, tests, the Python API)."""
        source = self.writer.call(lambda db: source_id(db, provenance))
        total, rest = Tally(), iter(records)
        while part := list(islice(rest, page)):
            total.add(self.writer.call(partial(self.store, records=part, source=source, now=provenance.fetched)))
        total.interactions += self.writer.call(resolve_mentions)
        self.writer.call(partial(followers.close_all, source=source))
        return total

    # -- facts about the project -----------------------------------------------------------------------------

    def meta(self, key: str, default: str = "") -> str:
        """A setting of the project."""
        value = self.one("select value from meta where key = ?", (key,))
        return default if value is None else str(value)

    def set_meta(self, key: str, value: str) -> None:
        """Change a setting of the project."""
        self.writer.call(lambda db: db.execute("insert or replace into meta(key, value) values (?, ?)", (key, value)))

    def audit(self, act: str, *, file: str | None = None, **detail: object) -> None:
        """Append to the audit log: what was done, each row chained to the one before.

        The log cannot forget, so no word that a user chose stands in it, as it may name somebody: not what a list is
        called or for, nor the name of a ``file`` that was written. That is kept beside it (``files_written``), where
        erasing reaches it, and stands in the log as a keyed hash.
        """

        def write(db: sqlite3.Connection) -> None:
            if file is None:
                write_audit(db, act, detail)
                return
            now = int(time.time())
            kept = [*files_written(db), (now, file, detail.get("people", 1) != 0)][-_FILES:]
            text = json.dumps(kept, ensure_ascii=False)
            db.execute("insert or replace into meta(key, value) values ('files_written', ?)", (text,))
            write_audit(db, act, {**detail, "file": suppression.pseudonym(db, [file])})

        self.writer.call(write)

    def jobs(self) -> list[jobs.Job]:
        """The newest jobs first."""
        return jobs.listing(self.reader)


_FILES = 500
"""So many names of files that were written are kept, the newest."""


def files_written(db: sqlite3.Connection) -> list[tuple[int, str, bool]]:
    """(when, name, whether people or posts are in it) of the files that were written, the oldest first."""
    row = db.execute("select value from meta where key = 'files_written'").fetchone()
    return [(int(t), str(name), bool(people)) for t, name, people in json.loads(row[0])] if row else []


def write_audit(db: sqlite3.Connection, act: str, detail: Mapping[str, object]) -> None:
    """``Project.audit`` inside a transaction: hash = SHA-256 of (hash before, time, act, detail)."""
    now, text = int(time.time()), json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str)
    row = db.execute("select hash from audit order by id desc limit 1").fetchone()
    chain = sha256(f"{row[0] if row else ''}\n{now}\n{act}\n{text}".encode("utf-8", "replace")).hexdigest()
    db.execute("insert into audit(t, act, detail, hash) values (?, ?, ?, ?)", (now, act, text, chain))
    db.execute("insert or replace into meta(key, value) values ('audit_head', ?)", (chain,))


def verify_audit(db: sqlite3.Connection) -> int | None:
    """The id of the first audit row that does not fit the chain, or None. Rows that are missing at its end are noticed
    by the newest hash, which is kept apart: then it is the id that comes next.
    """
    before = ""
    for number, now, act, text, chain in db.execute("select id, t, act, detail, hash from audit order by id"):
        if sha256(f"{before}\n{now}\n{act}\n{text}".encode("utf-8", "replace")).hexdigest() != chain:
            return int(number)
        before = chain
    head = db.execute("select value from meta where key = 'audit_head'").fetchone()
    if head is not None and head[0] != before:
        return int(db.execute("select coalesce(max(id), 0) + 1 from audit").fetchone()[0])
    return None


def _head(path: Path, size: int = 16) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _log(path: Path) -> bool:
    """Whether something is in the write-ahead log."""
    log = Path(f"{path}-wal")
    return log.exists() and log.stat().st_size > 0


def _cut(path: Path) -> bool:
    """Whether the end of the file is missing: SQLite reads a short last page as if it ended in zeros.

    While there is a log the file may be shorter than it says, and that is in order.
    """
    head = _head(path, 32)
    page, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
    short = path.stat().st_size < (65536 if page == 1 else page) * pages
    return short and not _log(path)


def _reading(path: Path, *, immutable: bool) -> sqlite3.Connection:
    """A connection that changes nothing; ``immutable`` makes no files beside it either, but is blind to the log."""
    uri = f"file:{quote(os.fsencode(path))}?{'immutable=1' if immutable else 'mode=ro'}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _inspect(path: Path) -> None:
    """Look at a file before anything of it is touched. Raises if it is damaged, newer, or another program's."""
    log = Path(f"{path}-wal")
    try:
        _look(path, immutable=not _log(path))
    except (sqlite3.Error, XunkeError):
        if not log.exists():
            raise
        _look(path, immutable=False)  # another process may have begun to write while we looked


def _look(path: Path, *, immutable: bool) -> None:
    db = _reading(path, immutable=immutable)
    try:
        version = db.execute("pragma user_version").fetchone()[0]
        ours = db.execute("pragma application_id").fetchone()[0] == schema.APPLICATION_ID
        if version > schema.VERSION and ours:
            raise StorageError("storage.newer", path=str(path), version=version)
        tables = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
        if not ours and any(not name.startswith(_MAKING) for name in tables):
            raise BadInput("storage.not_a_project", path=str(path))
        small = path.stat().st_size < _CHECK_BELOW
        if _cut(path) or (small and db.execute("pragma quick_check(1)").fetchone()[0] != "ok"):
            raise StorageError("storage.damaged", path=str(path))
    finally:
        db.close()


def _prepare(path: Path) -> None:
    db = connect(path)
    try:
        if db.execute("pragma user_version").fetchone()[0] < schema.VERSION:
            patiently(lambda: _migrate(path))
        suppression.make_key(db)
    finally:
        db.close()


def _compact(db: sqlite3.Connection) -> None:
    db.execute("insert into post_fts(post_fts) values ('optimize')")
    db.execute("pragma wal_checkpoint(truncate)")
    db.execute("pragma temp_store = file")  # VACUUM copies the whole file: not into memory
    try:
        db.execute("vacuum")
    finally:
        db.execute("pragma temp_store = memory")
    busy = db.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
    if not busy:
        db.execute("delete from meta where key = ?", (_SHRINK,))


def to_compact(db: sqlite3.Connection) -> None:
    """Note, in the transaction that deletes, that the file must be compacted."""
    db.execute("insert or replace into meta(key, value) values (?, '1')", (_SHRINK,))


def _migrate(path: Path) -> None:
    from sqlite_utils.db import Database

    db = Database(connect(path))
    try:
        schema.apply(db)
    finally:
        db.close()
