"""How long to wait: what a server says, and one polite budget per host shared by all processes.

The budget is the generic cell rate algorithm in a file of two numbers, under a lock: ``tat`` (the theoretical
arrival time of the next request) and ``until`` (not before, as the server said). Times are UTC epoch seconds,
because processes share them.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

T = TypeVar("T")
R = TypeVar("R")

DAY: Final = 86_400.0
_SANE: Final = 2 * DAY  # a stored time further ahead than this comes from a wrong clock


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


def _told(headers: Mapping[str, str], what: str) -> str:
    """A rate-limit header by its name in the IETF draft, as most write it, or as V2EX does; "" if there is none."""
    names = (f"x-ratelimit-{what}", f"ratelimit-{what}", f"x-rate-limit-{what}")
    return next((found for name in names if (found := headers.get(name, "").strip())), "")


def reset_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the window of ``X-RateLimit-Reset`` / ``RateLimit-Reset`` ends, or None.

    Mastodon sends ISO 8601, its relatives epoch seconds, the IETF draft seconds from now.
    """
    text = _told(headers, "reset")
    then = _when(text) if text else None
    if then is None:
        return None
    seconds = then if then < 1e8 else then - (_when(headers.get("date", "")) or now)
    return min(max(seconds, 0.0), DAY)


def remaining(headers: Mapping[str, str]) -> int | None:
    """Requests left in the server's window, or None where it does not say."""
    text = _told(headers, "remaining")
    try:
        return max(int(float(text)), 0)
    except (ValueError, OverflowError):
        return None


class Budget:
    """One host's budget. ``interval``: seconds between two requests of all processes together (0: no pacing)."""

    def __init__(
        self,
        origin: str,
        folder: Path,
        *,
        interval: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.interval = interval
        self._now = now
        self._path = folder / (hashlib.sha256(origin.encode()).hexdigest()[:24] + ".json")
        self._own: tuple[float, float] = (0.0, 0.0)  # used alone where no file can be written

    async def take(self) -> tuple[float, str]:
        """Reserve the next request: seconds to wait before it, and why (``pace``, ``limit``).

        Nothing is reserved when the server's own limit holds (``limit``): ask again after the wait.
        """
        async with self._file() as file:
            tat, until = self._read(file)
            now = self._now()
            if until > now:
                return until - now, "limit"
            start = max(now, tat)
            if self.interval:
                self._write(file, start + self.interval, until)
            return start - now, "pace"

    async def block(self, seconds: float) -> None:
        """Let no process ask for ``seconds`` from now (never shortens an earlier block)."""
        async with self._file() as file:
            tat, until = self._read(file)
            self._write(file, tat, max(until, self._now() + min(seconds, DAY)))

    @contextlib.asynccontextmanager
    async def _file(self) -> AsyncIterator[int | None]:
        """The locked file's descriptor; None where there can be none, and this process paces itself alone."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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

    def _read(self, descriptor: int | None) -> tuple[float, float]:
        if descriptor is None:
            return self._own
        try:
            tat, until = msgspec.json.decode(_at_start(descriptor, os.read, 200), type=tuple[float, float])
        except (msgspec.DecodeError, OSError, UnicodeDecodeError):
            return 0.0, 0.0
        now = self._now()
        return (tat if tat < now + 3600 else 0.0), (until if until < now + _SANE else 0.0)

    def _write(self, descriptor: int | None, tat: float, until: float) -> None:
        self._own = (tat, until)
        if descriptor is not None:
            with contextlib.suppress(OSError):
                _at_start(descriptor, os.write, msgspec.json.encode((tat, until)).ljust(64))


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
