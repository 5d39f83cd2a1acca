"""How many people two marketers' lists share, without either seeing the other's: both hash their ids with the same
secret (HMAC-SHA256), one hands over the hashes, the other counts. Only counts are told, and none of few people.

Whoever has the secret and a list of ids can try them: the secret is for the two sides only and for one comparison.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xunke.errors import BadInput
from xunke.storage import Project
from xunke.storage.rows import list_people
from xunke.text import clean

from .exports_people import hashed, normal, pages
from .lists import SavedList
from .smallgroups import hidden, least_of

LEAST: Final = 20
"""Shorter lists are not compared: the count would tell who is on them."""
_COLUMN: Final = "id_hmac_sha256"
_ROWS: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Overlap:
    """``mine`` people of the list and ``theirs`` of the file, ``both`` in both; by platform {name: both}. None: too
    few, on one side or the other, to be told.
    """

    mine: int
    theirs: int
    both: int | None
    platforms: Mapping[str, int | None]
    least: int


def compare(project: Project, entry: SavedList, path: Path, secret: str) -> Overlap:
    """How many of the list are in a file that the other side made by ``export --format hashed`` with the same secret.

    Raises BadInput for a file that is none, or where a side has fewer than ``LEAST`` people.
    """
    other = _read(path)
    mine: dict[str, set[str]] = defaultdict(set)
    for row in pages(project, list_people(project, entry.id), {}):
        mine[row.platform].add(hashed(normal(row.native_id), secret))
    ours, theirs = (sum(map(len, side.values())) for side in (mine, other))
    if min(ours, theirs) < LEAST:
        raise BadInput("overlap.few", n=min(ours, theirs), least=LEAST)
    least = least_of(project)
    counts = {name: len(mine[name] & other[name]) for name in sorted(mine.keys() & other.keys())}
    both = sum(counts.values())
    # neither those in both, nor those of one side alone, may be few: one is the total less the other
    told = not any(0 < n < least for n in (both, ours - both, theirs - both))
    cells = list(counts.values())
    gone = hidden(cells, least=least) if told else set(range(len(cells)))
    for at, name in enumerate(counts):
        if any(0 < n < least for n in (len(mine[name]) - cells[at], len(other[name]) - cells[at])):
            gone = gone | hidden([n if i != at else least - 1 for i, n in enumerate(cells)], least=least)
    by = {name: None if at in gone else n for at, (name, n) in enumerate(counts.items())}
    return Overlap(ours, theirs, both if told else None, by, least)


def _read(path: Path) -> dict[str, set[str]]:
    """{platform: hashes} of the other side's file."""
    found: dict[str, set[str]] = defaultdict(set)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not {"platform", _COLUMN} <= set(rows.fieldnames or ()):
                raise BadInput("overlap.no_file", path=str(path))
            for n, row in enumerate(rows):
                if n >= _ROWS or len(row[_COLUMN] or "") != 64:
                    raise BadInput("overlap.no_file", path=str(path))
                found[clean(row["platform"] or "")].add(row[_COLUMN])
    except (UnicodeDecodeError, csv.Error):
        raise BadInput("overlap.no_file", path=str(path)) from None
    except OSError as error:
        raise BadInput("cli.bad_file", path=str(path), detail=error.strerror or "") from None
    return found
