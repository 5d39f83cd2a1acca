"""Who runs something now: a process by its machine and number, so that a dead one can be told from a living one."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def me() -> str:
    """This process, as it is written into a claim."""
    return f"{platform.node()}:{os.getpid()}"


def alive(owner: str) -> bool:
    """Whether the process of a claim may still run: of another machine nobody can tell."""
    node, _, process = owner.rpartition(":")
    if node != platform.node() or not process.isdecimal():
        return True
    if int(process) == os.getpid() or os.name != "posix":
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return not _ended(int(process))


def _ended(process: int) -> bool:
    """Whether a process is dead and only waits for its parent to hear of it (Linux tells)."""
    try:
        return Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[:1] == [b"Z"]
    except OSError:
        return False
