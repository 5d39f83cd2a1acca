"""Schedules while the app is open: what is due runs in a process of its own, which closing the app lets finish."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Final

from xunke.errors import StorageError
from xunke.storage import Project, schedules

EVERY: Final = 60.0
"""Seconds between two looks."""


def waiting(project: Project) -> bool:
    """Whether a schedule's time has come."""
    if project.readonly:
        return False
    try:
        return bool(schedules.due_now(project.reader, int(time.time())))
    except StorageError:
        return False


async def run_due(path: Path, lang: str) -> list[str]:
    """``xunke jobs due`` on this project; what it said."""
    words = ["-m", "xunke", "--db", str(path), "--lang", lang, "jobs", "due"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE, start_new_session=os.name == "posix",
    )  # fmt: skip
    _, told = await process.communicate()
    return [line for line in told.decode("utf-8", "replace").splitlines() if line.strip()]
