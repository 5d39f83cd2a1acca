"""Why somebody is not in a result, for the command line and scripts: ``xunke.answers.absence`` with an engine made."""

from __future__ import annotations

from collections.abc import AsyncIterator

from .answers.absence import ALONE, TOGETHER, Absence, Below, Removal, lines, only
from .answers.absence import absence as with_engine
from .clock import today
from .engine import Engine
from .events import Event
from .storage import Project

__all__ = ["ALONE", "TOGETHER", "Absence", "Below", "Removal", "absence", "lines", "only"]


async def absence(project: Project, result: int | None, account: int) -> AsyncIterator[Event | Absence]:
    """See ``xunke.answers.absence.absence``."""
    async for told in with_engine(Engine(project, today=today()), result, account):
        yield told
