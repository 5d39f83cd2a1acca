"""Small groups: in a file that leaves the project no cell tells of fewer than ``LEAST`` people.

Such rows are put together as "others"; where that is still few people, the next smallest row goes with them, so that
what was hidden cannot be reckoned back from the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xunke.outreach.personas import Share

LEAST: Final = 5


def hide(shares: Sequence[Share], *, exact: bool = False) -> tuple[list[Share], int]:
    """The rows that may be shown, and how many others were put together. ``exact``: rows add up to all, so that one
    hidden row could be reckoned back.
    """
    kept = sorted(shares, key=lambda s: (-s.n, s.value))
    hidden: list[Share] = []
    while kept and kept[-1].n < LEAST:
        hidden.append(kept.pop())
    while exact and hidden and kept and sum(s.n for s in hidden) < LEAST:
        hidden.append(kept.pop())
    return kept, len(hidden)
