"""The child process that runs plans (``xunke.worker``): kept warm, talked to in JSON lines, restarted if it dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from xunke.events import AnyEvent, Cancelled, Failed
from xunke.plan import Plan, encode

_LINE: Final = 64 * 1024 * 1024
PATIENCE: Final = 0.7
"""Seconds that a cancelled run has to end by itself; then its processes are ended (all that is stored is kept)."""
_LEAVING: Final = 2.0
"""Seconds that an idle process has to leave."""


class _Line(msgspec.Struct):
    id: int
    event: AnyEvent | None = None
    end: bool = False


class Client:
    """One run at a time: ``async for event in client.run(plan)``; ``cancel()`` from anywhere."""

    def __init__(self, db: Path, *, module: str = "xunke.worker") -> None:
        self.db = db
        self._module = module
        self._process: asyncio.subprocess.Process | None = None
        self._stderr: deque[str] = deque(maxlen=5)
        self._listener: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._number = 0
        self._running: int | None = None
        self._cancelled = False
        self._decoder = msgspec.json.Decoder(_Line)

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self._running is not None

    async def warm(self) -> None:
        """Start the process and let it load what a run needs."""
        process = await self._ensure()
        self._send(process, {"op": "warm"})

    async def run(
        self, plan: Plan, *, text: str | None = None, today: date, options: Mapping[str, Any] | None = None
    ) -> AsyncIterator[AnyEvent]:
        """Run ``plan`` and yield what it tells, until it ends. A process that dies ends in a Failed event."""
        request = {"op": "run", "plan": encode(plan, neutral=False), "text": text, "db": str(self.db)}
        async for event in self._ask({**request, "today": today.isoformat(), "options": dict(options or {})}):
            yield event

    async def plan(
        self, text: str, *, today: date, prev: tuple[str, Plan] | None, names: Mapping[str, str] | None = None
    ) -> AsyncIterator[AnyEvent]:
        """What ``text`` means by the connected language model: a Planned event, else Failed or Cancelled.

        ``prev`` and ``names`` as for ``xunke.chat.understand``.
        """
        before = None if prev is None else {"text": prev[0], "plan": encode(prev[1], neutral=False)}
        request = {"op": "plan", "text": text, "today": today.isoformat(), "prev": before, "names": dict(names or {})}
        async for event in self._ask(request):
            yield event

    async def _ask(self, request: Mapping[str, Any]) -> AsyncIterator[AnyEvent]:
        if self._running is not None:
            raise RuntimeError("one run at a time")
        self._number += 1
        number = self._running = self._number
        self._cancelled = False
        try:
            process = await self._ensure()
            self._send(process, {**request, "id": number})
            async for event in self._events(process, number):
                yield event
        except (GeneratorExit, asyncio.CancelledError):  # nobody listens any more
            if self._process is not None:
                self._send(self._process, {"op": "cancel", "id": number})
            raise
        finally:
            self._running = None

    async def _events(self, process: asyncio.subprocess.Process, number: int) -> AsyncIterator[AnyEvent]:
        output = cast(asyncio.StreamReader, process.stdout)
        while line := await output.readline():
            message = self._decoder.decode(line)
            if message.id != number:
                continue  # the tail of a run that was given up
            if message.end:
                return
            if message.event is not None:
                yield message.event
        self._process = None
        if self._cancelled:
            yield Cancelled()
        else:
            detail = self._stderr[-1] if self._stderr else str(await process.wait())
            yield Failed("tui.error.worker_died", {"detail": detail}, resumable=True)

    async def cancel(self) -> None:
        """Stop the run under way: politely, and after ``PATIENCE`` seconds by ending the process."""
        process, number = self._process, self._running
        if process is None or number is None:
            return
        if not self._cancelled:
            self._cancelled = True
            self._send(process, {"op": "cancel", "id": number})
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            await asyncio.sleep(0.02)
            if self._running != number:
                return
        self._process = None
        _end(process)

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            self._send(process, {"op": "quit"})
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), _LEAVING)
            except TimeoutError:
                _end(process)
                await process.wait()
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
            self._listener = None

    async def _ensure(self) -> asyncio.subprocess.Process:
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                pipe = asyncio.subprocess.PIPE
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", self._module, stdin=pipe, stdout=pipe, stderr=pipe, limit=_LINE,
                    start_new_session=True, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
                )  # fmt: skip
                self._listener = asyncio.create_task(self._listen(self._process))
            return self._process

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        complaints = cast(asyncio.StreamReader, process.stderr)
        with contextlib.suppress(ValueError):  # a line without an end
            while line := await complaints.readline():
                if text := line.decode("utf-8", "replace").strip():
                    self._stderr.append(text)

    @staticmethod
    def _send(process: asyncio.subprocess.Process, message: Mapping[str, Any]) -> None:
        if process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(msgspec.json.encode(message) + b"\n")


def _end(process: asyncio.subprocess.Process) -> None:
    """Kill a child and the processes that it started (it leads a session of its own)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
