"""Small groups in statistics that leave the project: a cell of few people tells who they are, so it is hidden.

A cell is hidden if it has fewer than ``least`` people, but not none (primary suppression). Where a total goes out
too, a single hidden cell could be worked out from it: then the next smallest is hidden as well, until at least two
are hidden and together they are ``least`` people or more (secondary suppression; A. Hundepool et al., Statistical
Disclosure Control, Wiley 2012, ch. 4). In a table by two facets this holds for each row and each column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xunke.storage import Project

LEAST: Final = 5
"""Fewer people than this are not shown in exported statistics; a project may ask for more, never for less."""
SETTING: Final = "card_small"
Cell = tuple[int, int]


def least_of(project: Project) -> int:
    """The project's smallest group that is exported with its number."""
    said = project.meta(SETTING)
    return max(LEAST, int(said)) if said.isdigit() else LEAST


def hidden(counts: Sequence[int | None], *, least: int = LEAST, total: bool = True) -> set[int]:
    """Places in ``counts`` (people of each group) to hide. ``total``: their sum is known outside."""
    gone = {at for at, n in enumerate(counts) if n is not None and 0 < n < least}
    return gone | _more(counts, gone, least) if total else gone


def _more(counts: Sequence[int | None], gone: set[int], least: int, liked: frozenset[int] = frozenset()) -> set[int]:
    """What is to be hidden, ``gone`` and more, so that the total does not tell them; all that there is, if need be.
    ``liked``: places that are taken first, as something in the line that crosses them is hidden anyway.
    """
    if not gone:
        return set()
    others = sorted((at not in liked, n, at) for at, n in enumerate(counts) if n and at not in gone)
    found = set(gone)
    for _, _, at in others:
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
            columns = frozenset(x for at, x in gone if at != y)
            gone |= {(y, x) for x in _more(row, {x for at, x in gone if at == y}, least, columns)}
        for x in range(width):
            column = [row[x] if x < len(row) else None for row in counts]
            rows = frozenset(y for y, at in gone if at != x)
            gone |= {(y, x) for y in _more(column, {y for y, at in gone if at == x}, least, rows)}
    small = sorted((y, x) for y, x in gone if 0 < (counts[y][x] or 0) < least)
    while (told := next((cell for cell in small if _follows(cell, gone)), None)) is not None:
        if not (more := _rectangle(counts, told, gone)):
            break  # a single row or column
        gone |= more
    return gone


def _follows(cell: Cell, gone: set[Cell]) -> bool:
    """Whether a hidden cell can be reckoned from the totals of rows and columns and what is shown: it is so exactly if
    it lies on no cycle of hidden cells that share rows and columns in turn (D. Gusfield, A graph theoretic approach
    to statistical data security, SIAM J. Comput. 17 (1988)).
    """
    rest, (row, column) = gone - {cell}, cell
    rows, columns, before = {row}, set[int](), -1
    while before != len(rows) + len(columns):
        before = len(rows) + len(columns)
        columns |= {x for y, x in rest if y in rows}
        rows |= {y for y, x in rest if x in columns}
    return column not in columns


def _rectangle(counts: Sequence[Sequence[int | None]], cell: Cell, gone: set[Cell]) -> set[Cell]:
    """The cells that make a cycle with a hidden one: as few and small ones as possible, empty ones too if need be."""
    y, x = cell
    best: tuple[int, int, list[Cell]] | None = None
    for other, row in enumerate(counts):
        for column in range(min(len(row), len(counts[y]))):
            if other == y or column == x or len(row) <= x or None in (row[x], row[column], counts[y][column]):
                continue
            more = [c for c in ((y, column), (other, x), (other, column)) if c not in gone]
            cost = (len(more), sum(counts[a][b] or 0 for a, b in more), more)
            best = cost if best is None else min(best, cost)
    return set(best[2]) if best is not None else set()
