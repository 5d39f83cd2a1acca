"""How long to wait: what a server says, and one polite budget per host shared by all processes.

The budget is a small file under a lock. In it: the generic cell rate algorithm's ``tat`` (theoretical arrival time of
the next request), ``until`` (not before, as the server said), the ``delay`` that was learned, and the quota's window.
Times are UTC epoch seconds, because processes share them, also over restarts. Where the clock was set back since the
last writing, everything moves back with it; what lies further ahead than it ever can is forgotten.

``delay`` follows Scrapy's AutoThrottle (docs.scrapy.org, "AutoThrottle extension", target concurrency 1): it moves to
the mean of itself and the answer's latency, at once to the latency if that is more, never below the host's pace, and an
answer other than 200 never lowers it. Beyond that, being told to slow down doubles it, and it falls back by at most a
tenth an answer, so that a host that complained is not pressed again at once.

The quota (n requests in s seconds) is a sliding window: the window is cut in sixty, requests are counted by slot, and a
request waits while the last sixty-one slots hold n. So no span of s seconds ever holds more than n, whenever it begins.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

from xunke.config import make_folder

T = TypeVar("T")
R = TypeVar("R")
Why = Literal["pace", "limit", "quota"]

DAY: Final = 86_400.0
SLOWEST: Final = 60.0
"""Seconds: no delay is learned beyond this (as Scrapy's AUTOTHROTTLE_MAX_DELAY)."""
_SANE: Final = 2 * DAY  # a stored time further ahead than this comes from a wrong clock
_QUEUE: Final = 100  # so many requests may have been reserved ahead by all processes together
_SLOTS: Final = 60
_FALL: Final = 0.9
_SLEW: Final = 5.0
"""Seconds: a clock that went back by less is being corrected, not set."""
_SIZE: Final = 4_096
_RESETS: Final = ("x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset")
_LEFT: Final = ("x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining")
_FIELD: Final = re.compile(r"(?:^|[;,])\s*([rt])\s*=\s*(\d{1,15})")
"""The IETF draft's newest form: ``RateLimit: "default";r=50;t=30``."""


def _when(text: str) -> float | None:
    """An HTTP date, ISO 8601 time or epoch (seconds or milliseconds) as epoch seconds."""
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        if number != number or number < 0:
            return None
        return number / 1000 if number > 1e11 else number
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, TypeError, OverflowError, OSError):
            continue
    return None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that ``Retry-After`` asks for (RFC 9110: seconds or a date), or None if it is absent or nonsense.

    Dates count from the server's own ``Date``, so that a wrong clock here does not matter. At most a day.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        then = _when(text)
        if then is None:
            return None
        seconds = max(then - (_when(headers.get("date", "")) or now), 1.0)
    return min(seconds, DAY) if seconds >= 0 else None


def reset_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the server's window of requests ends, or None.

    Mastodon sends ISO 8601, its relatives, the AT Protocol and V2EX epoch seconds, Reddit and the IETF draft seconds
    from now.
    """
    text = next((headers[name] for name in _RESETS if headers.get(name)), "").strip() or _field(headers, "t")
    then = _when(text) if text else None
    if then is None:
        return None
    seconds = then if then < 1e8 else then - (_when(headers.get("date", "")) or now)
    return min(max(seconds, 0.0), DAY)


def remaining(headers: Mapping[str, str]) -> int | None:
    """Requests left in the server's window (Reddit writes ``"96.0"``), or None where it does not say."""
    text = next((headers[name] for name in _LEFT if headers.get(name)), "").strip() or _field(headers, "r")
    try:
        return max(int(float(text)), 0)
    except (ValueError, OverflowError):
        return None


def _field(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in _FIELD.findall(headers.get("ratelimit", "")) if key == name), "")


class _Book(msgspec.Struct, omit_defaults=True):
    """The budget's file. ``at``: when it was written; ``used``: requests by slot of the quota's window, ``width``
    seconds each."""

    at: float = 0.0
    tat: float = 0.0
    until: float = 0.0
    delay: float = 0.0
    width: float = 0.0
    used: dict[int, int] = {}


class Budget:
    """One host's budget. ``interval``: least seconds between two requests of all processes together (0: no pacing);
    it may be raised. ``quota``: (requests, seconds) that all processes together stay within."""

    def __init__(
        self,
        origin: str,
        folder: Path,
        *,
        interval: float,
        quota: tuple[int, int] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.interval = interval
        self._quota, self._width = quota, quota[1] / _SLOTS if quota else 0.0
        self._now = now
        self._path = folder / (hashlib.sha256(origin.encode()).hexdigest()[:24] + ".json")
        self._own = _Book()  # used alone where no file can be written

    async def take(self) -> tuple[float, Why]:
        """Reserve the next request: seconds to wait before it, and why.

        Nothing is reserved where the server's own limit holds (``limit``) or the quota is used up (``quota``): ask
        again after the wait.
        """
        async with self._file() as file:
            book = self._read(file)
            now = self._now()
            if book.until > now:
                return book.until - now, "limit"
            start = max(now, book.tat) if self.interval else now
            if self._quota is not None:
                free = self._free(book, start, self._quota[0])
                if free > start:
                    return free - now, "quota"
                slot = int(start / self._width)
                book.used[slot] = book.used.get(slot, 0) + 1
            if self.interval:
                book.tat = start + max(book.delay, self.interval)
            if self.interval or self._quota is not None:
                self._write(file, book)
            return start - now, "pace"

    def _free(self, book: _Book, when: float, most: int) -> float:
        """When the window has room: ``when`` itself, or the end of the slots that must leave it first."""
        slot = int(when / self._width)
        inside = sorted(one for one in book.used if one >= slot - _SLOTS)
        over = sum(book.used[one] for one in inside) - most + 1
        for one in inside:
            if over <= 0:
                break
            over -= book.used[one]
            when = (one + _SLOTS + 1) * self._width
        return when

    async def block(self, seconds: float) -> None:
        """Let no process ask for ``seconds`` from now (never shortens an earlier block)."""
        async with self._file() as file:
            book = self._read(file)
            book.until = max(book.until, self._now() + min(seconds, DAY))
            self._write(file, book)

    async def rest(self, seconds: float) -> None:
        """Leave so many seconds more before the next request; nothing where there is no pacing."""
        if not self.interval:
            return
        async with self._file() as file:
            book = self._read(file)
            book.tat = max(book.tat, self._now()) + seconds
            self._write(file, book)

    async def learn(self, latency: float, status: int) -> None:
        """An answer came after ``latency`` seconds; see the module's text."""
        if not self.interval:
            return
        async with self._file() as file:
            book = self._read(file)
            old = max(book.delay, self.interval)
            new = max(latency, (old + latency) / 2, self.interval, old * _FALL)
            new = old if status != 200 and new < old else min(new, max(SLOWEST, self.interval))
            if abs(new - old) > 0.01 * old or new == self.interval != old:
                book.delay = new
                self._write(file, book)

    async def slow(self) -> None:
        """The host asked for fewer requests: twice the delay, up to ``SLOWEST``."""
        if not self.interval:
            return
        async with self._file() as file:
            book = self._read(file)
            book.delay = min(2 * max(book.delay, self.interval), max(SLOWEST, self.interval))
            self._write(file, book)

    @contextlib.asynccontextmanager
    async def _file(self) -> AsyncIterator[int | None]:
        """The locked file's descriptor; None where there can be none, and this process paces itself alone."""
        try:
            make_folder(self._path.parent)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError:
            yield None
            return
        try:
            yield descriptor if await self._locked(descriptor) else None
        finally:
            os.close(descriptor)  # lets the lock go too

    async def _locked(self, descriptor: int) -> bool:
        for _ in range(200):
            try:
                _lock(descriptor)
                return True
            except BlockingIOError:
                await asyncio.sleep(0.005)
            except (OSError, ImportError):
                return False
        return False

    def _read(self, descriptor: int | None) -> _Book:
        """The book without what a wrong clock may have written: nothing lies further ahead than it can."""
        book = self._own
        if descriptor is not None:
            try:
                book = msgspec.json.decode(_at_start(descriptor, os.read, _SIZE), type=_Book)
            except (ValueError, OSError, RecursionError):
                book = _Book()
        now = self._now()
        back = book.at - now
        if back > _SLEW:
            book.tat, book.until = book.tat - back, book.until - back
            book.used = {slot - round(back / book.width): n for slot, n in book.used.items()} if book.width else {}
        if not 0 <= book.delay <= max(SLOWEST, self.interval):
            book.delay = 0.0
        if not book.tat - now <= _QUEUE * max(book.delay, self.interval):
            book.tat = 0.0
        if not book.until < now + _SANE:
            book.until = 0.0
        if book.width != self._width:
            book.width, book.used = self._width, {}
        if book.used:
            last = int(max(now, book.tat) / self._width)
            book.used = {slot: n for slot, n in book.used.items() if last - _SLOTS - 1 <= slot <= last and n > 0}
        if back > _SLEW:  # once: what moves again at every look would never come nearer
            self._write(descriptor, book)
        return book

    def _write(self, descriptor: int | None, book: _Book) -> None:
        book.at = self._now()
        self._own = book
        if descriptor is not None:
            with contextlib.suppress(OSError):
                _at_start(descriptor, os.write, msgspec.json.encode(book).ljust(_SIZE))


def _at_start(descriptor: int, act: Callable[[int, T], R], what: T) -> R:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return act(descriptor, what)


def _lock(descriptor: int) -> None:
    """Take the lock or raise BlockingIOError at once; OSError where files cannot be locked."""
    import fcntl  # not on Windows: there each process paces itself alone

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def cache_folder() -> Path:
    """Where the budgets lie: the user's cache folder."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("xunke")) / "rate"


def headers_of(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers with lower-case names; repeated ones joined by a comma."""
    found: dict[str, str] = {}
    for name, value in pairs:
        name = name.lower()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
