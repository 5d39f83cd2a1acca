"""A child process that runs plans, so that a terminal app never waits for one.

Lines of JSON on standard input: ``{"op": "run", "id": 1, "plan": {…}, "text": "…", "db": "…", "today":
"2026-11-22", "options": {…}}``, ``{"op": "plan", "id": 2, "text": "…", "today": "…", "prev": {"text", "plan"}}`` for
the connected language model, ``{"op": "cancel", "id": 1}``, ``{"op": "warm"}`` and ``{"op": "quit"}``.
Lines of JSON on standard output: ``{"id": 1, "event": {…}}`` for each event (xunke.events), then
``{"id": 1, "end": true}``. One run at a time; a cancelled run ends with a Cancelled event.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from . import veil
from .errors import XunkeError
from .events import Cancelled, Event, Failed

_LIMIT = 64 * 1024 * 1024


def _send(number: int, event: Event | None) -> None:
    message: dict[str, Any] = {"id": number, "end": True} if event is None else {"id": number, "event": event}
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


async def _run(number: int, request: dict[str, Any]) -> None:
    from .engine import Engine, Options
    from .plan import decode
    from .storage import Project
    from .storage.naming import ProjectVeil

    try:
        with Project.open(Path(request["db"])) as project:
            options = msgspec.convert(request.get("options", {}), Options)
            veil.draw(ProjectVeil.of(project))
            engine = Engine(project, today=date.fromisoformat(request["today"]), options=options)
            async for event in engine.run(decode(request["plan"]), text=request.get("text")):
                _send(number, veil.event(event))
    except asyncio.CancelledError:
        _send(number, Cancelled())
    except XunkeError as error:
        _send(number, Failed(error.key, dict(error.params), exit_code=error.exit_code))
    except Exception as error:  # noqa: BLE001 - the last gate: a person gets a sentence, never a traceback
        _send(number, Failed("error.unexpected", {"detail": f"{type(error).__name__}: {error}"[:300]}))
    finally:
        _send(number, None)


async def _plan(number: int, request: dict[str, Any]) -> None:
    """Ask the connected model what a sentence means; without one, or when it fails, the offline parser."""
    from .events import Planned
    from .llm import settings, understand_with
    from .plan import decode, encode
    from .secrets import looks_like_secret, mask

    try:
        text, before = str(request["text"]), request.get("prev")
        text = mask(text) if looks_like_secret(text) else text
        prev = (str(before["text"]), decode(before["plan"])) if before else None
        today = date.fromisoformat(request["today"])
        found = await understand_with(
            text, today=today, prev=prev, names=request.get("names"), settings=settings.active()
        )
        _send(number, Planned(text, encode(found.plan, neutral=False), found.by, list(found.notes)))
    except asyncio.CancelledError:
        _send(number, Cancelled())
    except XunkeError as error:
        _send(number, Failed(error.key, dict(error.params), exit_code=error.exit_code))
    except Exception as error:  # noqa: BLE001 - as above
        _send(number, Failed("error.unexpected", {"detail": f"{type(error).__name__}: {error}"[:300]}))
    finally:
        _send(number, None)


async def serve() -> None:
    """Read requests until the input ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    task: asyncio.Task[None] | None = None
    running = 0
    while line := await reader.readline():
        request = msgspec.json.decode(line, type=dict[str, Any])
        match request["op"]:
            case "run" | "plan" as op:
                if task is not None:
                    await asyncio.wait([task])
                running = int(request["id"])
                task = asyncio.create_task((_run if op == "run" else _plan)(running, request))
            case "cancel" if task is not None and request["id"] == running:
                task.cancel()
            case "warm":
                await asyncio.to_thread(__import__, "xunke.engine")
            case "quit":
                break
            case _:
                pass
    if task is not None:
        task.cancel()
        await asyncio.wait([task])


def main() -> None:
    """Entry point of the child process (``python -m xunke.worker``)."""
    import contextlib

    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        asyncio.run(serve())


if __name__ == "__main__":
    main()
