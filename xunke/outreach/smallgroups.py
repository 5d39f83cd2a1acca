"""Small groups in statistics that leave the project: a cell of few people tells who they are, so it is hidden.

A cell is hidden if it has fewer than ``least`` people, but not none (primary suppression). Where a total goes out
too, a single hidden cell could be worked out from it: then the next smallest is hidden as well, until at least two are
hidden and together they are ``least`` people or more (secondary suppression; A. Hundepool et al., Statistical Disclosure
Control, Wiley 2012, ch. 4). In a table by two facets this holds for each row and each column.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from xunke.storage import Project

LEAST: Final = 5
"""Fewer people than this are not shown in exported statistics; a project may ask for more, never for less."""
SETTING: Final = "small_groups"
Cell = tuple[int, int]


def least_of(project: Project) -> int:
    """The project's smallest group that is exported with its number."""
    said = project.meta(SETTING)
    return max(LEAST, int(json.loads(said))) if said else LEAST


def hidden(counts: Sequence[int | None], *, least: int = LEAST, total: bool = True) -> set[int]:
    """Places in ``counts`` (people of each group) to hide. ``total``: their sum is known outside."""
    gone = {at for at, n in enumerate(counts) if n is not None and 0 < n < least}
    return gone | _more(counts, gone, least) if total else gone


def _more(counts: Sequence[int | None], gone: set[int], least: int) -> set[int]:
    """What is to be hidden beside ``gone``, so that the total does not tell them; all that there is, if need be."""
    if not gone:
        return set()
    others = sorted((n, at) for at, n in enumerate(counts) if n and at not in gone)
    found = set(gone)
    for _, at in others:
        if len(found) >= 2 and sum(counts[i] or 0 for i in found) >= least:
            break
        found.add(at)
    return found


def hidden_matrix(counts: Sequence[Sequence[int | None]], *, least: int = LEAST) -> set[Cell]:
    """(row, column) of the cells to hide where the totals of rows and of columns are known outside."""
    width = max((len(row) for row in counts), default=0)
    gone = {(y, x) for y, row in enumerate(counts) for x in hidden(row, least=least, total=False)}
    before: set[Cell] | None = None
    while gone != before:
        before = set(gone)
        for y, row in enumerate(counts):
            gone |= {(y, x) for x in _more(row, {x for at, x in gone if at == y}, least)}
        for x in range(width):
            column = [row[x] if x < len(row) else None for row in counts]
            gone |= {(y, x) for y in _more(column, {y for y, at in gone if at == x}, least)}
    return gone
