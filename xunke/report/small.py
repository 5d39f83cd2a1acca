"""Small groups: in a file that leaves the project no cell tells of few people (``outreach.smallgroups``)."""

from __future__ import annotations

from collections.abc import Sequence

from xunke.outreach.persona_shape import Share
from xunke.outreach.smallgroups import LEAST, hidden


def hide(shares: Sequence[Share], *, exact: bool = False, least: int = LEAST) -> tuple[list[Share], int]:
    """The rows that may be shown, the largest first, and how many others were put together. ``exact``: the rows add
    up to all, so that a hidden one could be reckoned back.
    """
    order = sorted(shares, key=lambda s: (-s.n, s.value))
    gone = hidden([s.n for s in order], least=least, total=exact)
    return [s for at, s in enumerate(order) if at not in gone], len(gone)
