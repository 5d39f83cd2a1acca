"""Show the events of a run as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from xunke.events import Event, Failed

if TYPE_CHECKING:
    from .main import Context


async def play(context: Context, events: AsyncIterator[Event]) -> int:
    """All events to the end; returns the exit code."""
    code = 0
    async for event in events:
        context.out.event(event)
        if isinstance(event, Failed):
            code = event.exit_code
    return code
