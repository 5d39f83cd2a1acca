"""The sample project, built by the command line in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from pathlib import Path

from xunke.errors import StorageError

_PATIENCE = 120.0


async def build(beside: Path, today: date) -> Path:
    """Build the sample project in the folder of ``beside`` and return its path.

    Raises StorageError("tui.demo.failed") with the last line that the process said.
    """
    path = beside.with_name("演示.db")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "xunke", "demo", "--headless", "--db", str(path), "--today", today.isoformat(),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=pipe,
    )  # fmt: skip
    try:
        _, said = await asyncio.wait_for(process.communicate(), _PATIENCE)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        raise
    if process.returncode != 0:
        lines = said.decode("utf-8", "replace").strip().splitlines()
        raise StorageError("tui.demo.failed", detail=lines[-1] if lines else str(process.returncode))
    return path
