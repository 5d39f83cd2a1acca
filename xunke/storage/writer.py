"""One writer: a thread that owns the only writing connection and runs each job in one transaction."""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Final, TypeVar

from xunke.errors import StorageError
from xunke.scrub import without_mention

T = TypeVar("T")
BUSY_SECONDS: Final = float(os.environ.get("XUNKE_BUSY_SECONDS", "10"))
"""How long another process that holds the file is waited for; the environment shortens it in tests."""
_Job = tuple[Callable[[sqlite3.Connection], object], "Future[object]"]


def translate(error: sqlite3.Error, path: Path) -> StorageError:
    """The sentence a user gets for what SQLite says."""
    text = str(error).lower()
    for needle, key in (
        ("locked", "storage.locked"),
        ("readonly", "storage.readonly"),
        ("full", "storage.full"),
        ("malformed", "storage.damaged"),
        ("not a database", "storage.not_sqlite"),
        ("unable to open", "storage.cannot_open"),
        ("disk i/o", "storage.io"),
    ):
        if needle in text:
            return StorageError(key, path=str(path), detail=str(error)[:200])
    return StorageError("storage.failed", path=str(path), detail=str(error)[:200])


def patiently(act: Callable[[], T]) -> T:
    """Do what SQLite refuses at once while another process is at the same file (switching to WAL, migrating): try
    again for as long as a lock is waited for.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return act()
        except sqlite3.OperationalError as error:
            passing = any(word in str(error) for word in ("locked", "schema has changed"))
            if not passing or time.monotonic() >= until:
                raise
            time.sleep(0.05)


def connect(path: Path) -> sqlite3.Connection:
    """A writing connection: WAL, NORMAL, secure delete, waits up to ten seconds for another writer."""
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    if db.execute("pragma journal_mode").fetchone()[0] != "wal":
        patiently(lambda: db.execute("pragma journal_mode = wal"))
    db.execute("pragma synchronous = normal")
    db.execute("pragma secure_delete = on")
    db.execute("pragma cache_size = -65536")
    db.execute("pragma temp_store = memory")
    db.create_function("without_mention", 2, without_mention, deterministic=True)
    return db


class Writer:
    """Runs functions on the writing connection, one transaction each, in the order they came.

    A function that raises leaves nothing behind. Another process that holds the file is waited for,
    then the job fails with StorageError("storage.locked").
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="xunke-writer", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            db = connect(self._path)
        except sqlite3.Error as error:
            self._refuse(translate(error, self._path))
            return
        try:
            while (job := self._jobs.get()) is not None:
                self._one(db, *job)
        finally:
            db.close()

    def _one(self, db: sqlite3.Connection, fn: Callable[[sqlite3.Connection], object], done: Future[object]) -> None:
        if not done.set_running_or_notify_cancel():
            return
        try:
            db.execute("begin immediate")
            try:
                result = fn(db)
                db.execute("commit")
            except BaseException:
                if db.in_transaction:
                    db.execute("rollback")
                raise
        except sqlite3.Error as error:
            done.set_exception(translate(error, self._path))
        except BaseException as error:  # noqa: BLE001 - handed to the caller through the future
            done.set_exception(error)
        else:
            done.set_result(result)

    def _refuse(self, error: StorageError) -> None:
        while (job := self._jobs.get()) is not None:
            job[1].set_exception(error)

    def submit(self, fn: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Queue ``fn``; the future gives its result once the transaction is committed."""
        if self._closed:
            raise StorageError("storage.closed", path=str(self._path))
        done: Future[T] = Future()
        self._jobs.put((fn, done))  # type: ignore[arg-type] # a Future[T] takes any object that fn returns
        return done

    def call(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``fn`` and wait for its commit."""
        return self.submit(fn).result()

    async def acall(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """``call`` for coroutines. Cancelling the wait does not stop a transaction that has begun."""
        return await asyncio.wrap_future(self.submit(fn))

    def maintain(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``fn`` outside a transaction (VACUUM, checkpoint): waits for the queue, then for ``fn``."""

        def bare(db: sqlite3.Connection) -> T:
            db.execute("commit")
            try:
                return fn(db)
            finally:
                db.execute("begin")

        return self.call(bare)

    def close(self) -> None:
        """Finish what is queued and close the connection."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
            self._thread.join()
