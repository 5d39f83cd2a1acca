"""Second reading: filters, bounds, order and limits become X tokens with slot effects.

``RULES`` is the grammar: pattern and handler, in the order in which they are tried.
"""

from __future__ import annotations

from typing import Final

from . import slots_rank, slots_what, slots_who, slots_words
from .slot_words import MEASURE, Rule
from .tokens import Doc

RULES: Final[list[Rule]] = [*slots_words.RULES, *slots_what.RULES, *slots_rank.RULES, *slots_who.RULES]


def read(doc: Doc) -> None:
    """Apply all slot rules to ``doc``."""
    for rule, handler in RULES:
        doc.apply(rule, handler)


__all__ = ["MEASURE", "RULES", "read"]
