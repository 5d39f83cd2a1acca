"""Minutes that one act of each step takes: one table for the budget of a list, the day's queue and the next step."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from statistics import median
from typing import Final

from xunke.errors import BadInput
from xunke.storage import Project, acts

from .touches import IS_TRUE

MINUTES: Final[Mapping[str, float]] = {
    "follow": 1, "reply": 6, "engage": 4, "talk": 10, "offer": 8, "service": 8, "note": 5,
}  # fmt: skip
"""As long as neither the user nor what was written down says otherwise. ``note``: what was promised somebody."""
LEARNED_FROM: Final = 5
"""Times written down from which on their middle holds."""
_META: Final = "outreach.minutes"


def of(project: Project) -> dict[str, float]:
    """{step: minutes}: what the user said (``list minutes``), else the middle of what was written down, else the
    default.
    """
    written: dict[str, list[float]] = defaultdict(list)
    for step, spent in project.query(f"select step, minutes from touch where minutes is not null and {IS_TRUE}"):
        written[step].append(spent)
    learned = {step: median(times) for step, times in written.items() if len(times) >= LEARNED_FROM}
    return {**MINUTES, **learned, **_said(project)}


def put(project: Project, changes: Mapping[str, float]) -> dict[str, float]:
    """Change the table. Raises BadInput("list.step") for no step, BadInput("list.minutes_range") for less than none."""
    for step, value in changes.items():
        if step not in MINUTES:
            raise BadInput("list.step", step=step, known="、".join(MINUTES))
        if not 0 <= value <= 600:
            raise BadInput("list.minutes_range", step=step)
    new = json.dumps({**_said(project), **changes})

    def write(db: sqlite3.Connection) -> None:
        row = db.execute("select value from meta where key = ?", (_META,)).fetchone()
        db.execute("insert or replace into meta(key, value) values (?, ?)", (_META, new))
        acts.note(db, "connect", {"key": _META, "before": row and row[0]})

    project.writer.call(write)
    return of(project)


def _said(project: Project) -> dict[str, float]:
    return dict(json.loads(project.meta(_META, "{}")))
