"""What people say they care about when they buy: the shipped words, and dimensions that a user adds as they come up."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from xunke.errors import BadInput
from xunke.storage import Project, acts
from xunke.text import fold, one_line

from .segment_fields import CARES

_META: Final = "segment_cares"
LONGEST: Final = 20


def own(project: Project) -> dict[str, list[str]]:
    """{name: words} of the dimensions that the user added."""
    return dict(json.loads(project.meta(_META, "{}")))


def cares(project: Project) -> dict[str, Sequence[str]]:
    """{name: words that tell it}: what ``看重`` in rules and matrices, and offered tags, go by."""
    return {**CARES, **own(project)}


def put(project: Project, name: str, words: Sequence[str]) -> dict[str, list[str]]:
    """Add a dimension, or change one of one's own; no words: take it away. Raises BadInput("segment.facet")."""
    name = one_line(name, LONGEST).strip()
    told = list(dict.fromkeys(w for word in words if (w := one_line(word, LONGEST).strip())))
    mine: Mapping[str, list[str]] = own(project)
    if not name or (not told and name not in mine) or any(len(fold(word)) < 2 for word in told):
        raise BadInput("segment.facet", name=name or "—")
    new = {**mine, name: told} if told else {k: v for k, v in mine.items() if k != name}

    def write(db: sqlite3.Connection) -> None:
        row = db.execute("select value from meta where key = ?", (_META,)).fetchone()
        kept = json.dumps(new, ensure_ascii=False)
        db.execute("insert or replace into meta(key, value) values (?, ?)", (_META, kept))
        acts.note(db, "connect", {"key": _META, "before": row and row[0]})

    project.writer.call(write)
    return new
