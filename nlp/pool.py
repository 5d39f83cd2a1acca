"""Analysing many texts without stopping anything else: chunks through one pool of spawned processes.

In a thread the work would hold the interpreter; in another process a screen stays quick. What comes back over the
border is packed: unpacking a chunk takes about two milliseconds.
A program that draws on a terminal must call :func:`prepare` before it starts to draw: inside a running Textual
application ``sys.stderr.fileno()`` is -1 and the first spawn would fail with "bad value(s) in fds_to_keep".
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import connection, resource_tracker
from typing import Final

import msgspec

from xunke.errors import XunkeError

from .types import MODEL_VERSION, Analysis, Engine

__all__ = ["CHUNK", "INLINE", "MODEL_VERSION", "Analyzer", "prepare"]

CHUNK: Final = 1_024
INLINE: Final = 4 * CHUNK
"""Fewer texts than this are done here: starting processes would take longer."""
_POLITE: Final = 10
_IN_FLIGHT: Final = 3
"""Chunks waiting per worker: enough to keep it busy, few enough to cancel at once and to hold little."""
_SLOW_CHUNK: Final = 40
_SLOW_INLINE: Final = 300

Progress = Callable[[int], None]
"""Called with the number of texts done so far, after each chunk."""


def prepare() -> None:
    """Start the tracker process that spawning needs. Call once, before the screen is taken over."""
    resource_tracker.ensure_running()


def analyse_chunk(texts: list[str], engine: Engine) -> bytes:
    """The work of one job, packed."""
    from .analyse import analyse_many

    return msgspec.msgpack.encode(list(analyse_many(texts, engine)))


_unpack = msgspec.msgpack.Decoder(list[Analysis]).decode


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, end when the parent is killed, and let whoever draws a screen go first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_POLITE)
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


class Analyzer:
    """Texts in, analyses out in the same order, in ``workers`` processes (default: cores - 1, at most 8).

    One object per program; the pool starts on the first large job or with :meth:`warm_up` and lives until
    :meth:`close`. Not for use by two threads at once. Raises XunkeError ``nlp.worker_lost`` when a process dies
    (out of memory, killed); the next call starts new ones.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or max(1, min(8, (os.cpu_count() or 2) - 1))
        self._pool: ProcessPoolExecutor | None = None
        self._cancelled = threading.Event()

    def __enter__(self) -> Analyzer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm_up(self, engine: Engine = "xunke") -> None:
        """Start the processes and let each load its models, without waiting for them."""
        pool = self._started()
        for _ in range(self.workers):
            pool.submit(analyse_chunk, ["热身"], engine)

    def cancel(self) -> None:
        """End the running job, from any thread: its iterator raises ``concurrent.futures.CancelledError``."""
        self._cancelled.set()

    def close(self) -> None:
        """End the processes; texts in work are dropped."""
        self._cancelled.set()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def analyze_many(
        self, texts: Iterable[str], engine: Engine = "xunke", *, on_progress: Progress | None = None
    ) -> Iterator[Analysis]:
        """Analyse ``texts`` (read lazily), one result per text in order. Blocks: not for an event loop."""
        self._cancelled.clear()
        report = _Counter(on_progress)
        for future in self._futures(texts, engine):
            while not wait([future], timeout=0.1).done:
                self._check()
            self._check()
            found = self._result(future)
            yield from found
            report(len(found))

    async def stream(
        self, texts: Iterable[str], engine: Engine = "xunke", *, on_progress: Progress | None = None
    ) -> AsyncIterator[list[Analysis]]:
        """The same for an event loop: lists of results, chunk by chunk. Cancelling the task drops what waits."""
        self._cancelled.clear()
        report = _Counter(on_progress)
        for future in self._futures(texts, engine, inline=False):
            while not future.done():
                self._check()
                await asyncio.wait([asyncio.wrap_future(future)], timeout=0.1)
            self._check()
            found = self._result(future)
            yield found
            report(len(found))

    def _futures(self, texts: Iterable[str], engine: Engine, *, inline: bool = True) -> Iterator[Future[bytes]]:
        """Jobs in order, a few of them ahead of the reader; the ones not started are dropped when it stops."""
        source = iter(texts)
        size = CHUNK if engine == "xunke" else _SLOW_CHUNK
        few = INLINE if engine == "xunke" else _SLOW_INLINE
        head = list(islice(source, few))
        if inline and len(head) < few and self._pool is None:
            for start in range(0, len(head), size):
                yield _done(analyse_chunk(head[start : start + size], engine))
            return
        source = chain(head, source)
        waiting: deque[Future[bytes]] = deque()
        try:
            while True:
                while len(waiting) < self.workers * _IN_FLIGHT and (chunk := list(islice(source, size))):
                    waiting.append(self._started().submit(analyse_chunk, chunk, engine))
                if not waiting:
                    return
                yield waiting.popleft()
        except BrokenProcessPool as error:
            self._pool = None
            raise XunkeError("nlp.worker_lost") from error
        finally:
            for future in waiting:
                future.cancel()

    def _result(self, future: Future[bytes]) -> list[Analysis]:
        try:
            return _unpack(future.result())
        except BrokenProcessPool as error:
            self._pool = None
            raise XunkeError("nlp.worker_lost") from error

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise CancelledError

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            prepare()
            self._pool = ProcessPoolExecutor(
                self.workers, mp_context=multiprocessing.get_context("spawn"), initializer=_start_worker
            )
        return self._pool


class _Counter:
    def __init__(self, report: Progress | None) -> None:
        self._report = report
        self._done = 0

    def __call__(self, more: int) -> None:
        self._done += more
        if self._report is not None:
            self._report(self._done)


def _done(result: bytes) -> Future[bytes]:
    future: Future[bytes] = Future()
    future.set_result(result)
    return future
