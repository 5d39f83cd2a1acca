"""Workarounds for the libraries below, each with its upstream number. Import this before Textual."""

from __future__ import annotations

import os
import sys
from multiprocessing import resource_tracker

# Textual asks for the full kitty keyboard protocol since 8.2.7; an input method then commits its text as one
# escape sequence that the parser gives up on after 32 characters (sxyazi/yazi#4209, xtermjs/xterm.js#6112).
os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")


def before_run() -> None:
    """Start the resource tracker while ``sys.stderr`` is still real (Textualize/textual#3593)."""
    resource_tracker.ensure_running()


def can_draw() -> bool:
    """Whether there is a terminal that can place its cursor."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown", "")
