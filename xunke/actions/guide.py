"""What can be asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from xunke.events import Done, Event
from xunke.plan import Step

if TYPE_CHECKING:
    from xunke.engine import Engine, Session


async def show_help(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Say what can be asked."""
    yield Done("help.text")
