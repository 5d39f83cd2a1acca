"""Time expressions to spans of days, by the tables of the plan schema. Every day is counted from ``today``.

A rule is a pattern and what it means. Each reading runs the rules in order: Chinese atoms (上周, 10月1号, 国庆期间),
English ones, 最近 alone, and then what joins them (从…到…, …前后, …以后).
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Final

from . import times_chinese, times_english, times_joined
from .calendar_days import Span, months_back
from .times_pieces import FESTIVAL
from .tokens import Doc, filled

_SAME_A_YEAR_AGO: Final = rf"{FESTIVAL}\s?(?:今年|这次)(和|跟|与|同|比)去年(?:的|同期)?"
"""双十一今年和去年比: the second one is the same days a year back."""


def read(doc: Doc, today: date) -> None:
    """Replace every time expression in ``doc`` by a D token with its Span."""
    doc.text = filled(_SAME_A_YEAR_AGO).sub(r"\g<feast>\2去年同期", doc.text)
    for rules in (times_chinese.RULES, times_english.RULES, times_chinese.LAST):
        for rule, build in rules:
            doc.mask(rule, "D", partial(_built, build, today))
    times_joined.read(doc, today)


def _built(build: times_chinese.Builder, today: date, match: times_chinese.Match) -> Span | None:
    return build(match, today)


__all__ = ["Span", "months_back", "read"]
