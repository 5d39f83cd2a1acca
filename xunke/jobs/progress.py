"""How far something is, how fast it goes, and how long it will take."""

from __future__ import annotations

import time

from xunke.events import Progress


class Meter:
    """Rate and ETA of one stage from what was done in this run (what an earlier run did is not counted)."""

    def __init__(self, stage: str, start: int = 0) -> None:
        self._stage, self._start, self._t0 = stage, start, time.monotonic()
        self._share: float | None = None
        self._furthest = 0.0

    def at(self, done: int, total: int | None, note: str = "", requests: int = 0) -> Progress:
        """A progress event."""
        elapsed = time.monotonic() - self._t0
        fresh = done - self._start
        rate = fresh / elapsed if fresh > 0 and elapsed > 0 else None
        eta = (total - done) / rate if rate and total is not None else None
        return Progress(self._stage, done, total, round(elapsed, 2), rate, eta, note, requests=requests)

    def part(self, done: int, share: float | None, note: str, part: int, parts: int, requests: int = 0) -> Progress:
        """A progress event of something whose total is not known; ``share`` of it is done (0 to 1, None: unknown)."""
        elapsed = time.monotonic() - self._t0
        fresh = done - self._start
        rate = fresh / elapsed if fresh > 0 and elapsed > 0 else None
        eta = None
        if share is not None:
            share = self._furthest = max(share, self._furthest)  # a slice that is split has to be seen again
            self._share = share if self._share is None else self._share
            gone = share - self._share
            eta = elapsed * (1 - share) / gone if gone > 1e-6 else None
        return Progress(self._stage, done, None, round(elapsed, 2), rate, eta, note, share, part, parts, requests)
