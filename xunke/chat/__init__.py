"""The chat front end, offline: a sentence in Chinese or English becomes a typed plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xunke.plan import Plan

__all__ = ["understand"]


def understand(
    text: str, *, today: date, prev: tuple[str, Plan] | None = None, names: Mapping[str, str] | None = None
) -> Plan:
    """The plan that ``text`` means, after policy; always valid by ``xunke.plan.check``. Never raises.

    ``today`` is the day in the user's own time zone from which 最近 and 上周 count. ``prev`` is the turn before
    (its text and plan) whose result is on the screen. ``names``: what has a name in the project, and which of
    "list", "segment", "campaign" and "experiment" it is, so that 年货节的漏斗 is not taken for a search. Words that
    were not understood stand in ``unparsed``.
    """
    from .understanding import understand as run

    return run(text, today=today, prev=prev, names=names)
