"""How a budget is split between two ways of finding people (O33): by what a place is about (窄告: a thread, a tag, a
group), or by what people did with us. Early there is little behaviour to go by, so context gets more; later behaviour.

The shares are marks to begin with, not findings: the campaign's field ``split`` ("70/30", context first) is stronger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xunke.errors import BadInput

WAYS: Final = ("context", "behaviour")
MARKS: Final[Mapping[str, float]] = {"pilot": 0.7, "improve": 0.5, "scale": 0.3}
"""{phase: share for context}."""
_NUMBER: Final = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True)
class Way:
    """One way: its ``share`` of the budget, the ``money`` (CNY, None: no budget said), and what was done so far."""

    name: str
    share: float
    money: float | None
    touches: int
    done: float | None


def share_of(said: object, phase: str) -> tuple[float, bool]:
    """The share for context, and whether the campaign says so. Raises BadInput("budget.split")."""
    if not said:
        return MARKS.get(phase, MARKS["pilot"]), False
    parts = [int(n) for n in _NUMBER.findall(str(said))]
    if len(parts) != len(WAYS) or not sum(parts):
        raise BadInput("budget.split", value=str(said))
    return parts[0] / sum(parts), True


def mix(context: float, money: float | None, known: Sequence[bool]) -> list[Way]:
    """Both ways; ``known``: of each touch so far, whether it was towards somebody who had dealt with us before."""
    n = (sum(not k for k in known), sum(known))
    return [
        Way(name, share, None if money is None else round(money * share, 2), done, done / len(known) if known else None)
        for name, share, done in zip(WAYS, (context, 1 - context), n, strict=True)
    ]
