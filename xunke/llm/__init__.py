"""An optional language model as the planner, on any OpenAI-compatible endpoint. Off until the user connects one.

It only plans: it sees the request, the plan before it and the schema, never a post or a person. Its plan passes the
same validator and the same policy as the offline parser's, is shown before it runs, and where the model fails the
offline parser's plan is used and the user is told why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from xunke.plan import Plan

    from .settings import Settings

__all__ = ["Note", "Understood", "understand", "understand_with"]

Note = tuple[str, dict[str, Any]]
"""A message key and its parameters."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A plan and who made it. ``notes`` say what the user should know: which was used, and why not the model."""

    plan: Plan
    by: Literal["model", "offline"]
    rung: str = ""
    notes: tuple[Note, ...] = ()


async def understand_with(
    text: str,
    *,
    today: date,
    prev: tuple[str, Plan] | None = None,
    names: Mapping[str, str] | None = None,
    settings: Settings | None,
) -> Understood:
    """What ``text`` means, by the connected model (``settings``; None: no model), else by the offline parser.

    Never raises; takes at most ``settings.deadline`` seconds and what the offline parser needs. ``today``,
    ``prev`` and ``names`` as for ``xunke.chat.understand``.
    """
    if settings is None:
        return _without(text, today, prev, names)
    from .run import run

    return await run(text, today=today, prev=prev, names=names, settings=settings)


def understand(
    text: str,
    *,
    today: date,
    prev: tuple[str, Plan] | None = None,
    names: Mapping[str, str] | None = None,
    settings: Settings | None,
) -> Understood:
    """``understand_with`` for callers without a loop."""
    if settings is None:
        return _without(text, today, prev, names)
    return asyncio.run(understand_with(text, today=today, prev=prev, names=names, settings=settings))


def _without(text: str, today: date, prev: tuple[str, Plan] | None, names: Mapping[str, str] | None) -> Understood:
    from xunke.chat import understand as offline

    return Understood(offline(text, today=today, prev=prev, names=names), "offline")
