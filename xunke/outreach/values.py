"""价值库: short useful things that the user knows and may say, by need, topic and segment."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from xunke.errors import BadInput
from xunke.storage import Project, acts
from xunke.text import clean, fold

META: Final = "touch_values"
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Snippet:
    """One useful thing. ``need`` a name of ``nlp.needs``, ``topic`` a word that their post must hold or be about,
    ``segment`` people it is kept for, ``proof`` where it is known from; all but the text may be missing.
    """

    id: int
    text: str
    need: str | None = None
    topic: str | None = None
    segment: str | None = None
    proof: str | None = None


def snippets(project: Project) -> list[Snippet]:
    """All of them, oldest first."""
    return [Snippet(**row) for row in json.loads(project.meta(META, "[]"))]


def add(
    project: Project, text: str, *, need: str | None = None, topic: str | None = None, segment: str | None = None,
    proof: str | None = None,
) -> Snippet:  # fmt: skip
    """Keep one more. Raises BadInput("values.need" | "values.empty" | "values.many")."""
    from nlp.needs import kinds

    said = clean(text).strip()
    if len(said) < 4:
        raise BadInput("values.empty")
    if need is not None and need not in kinds():
        raise BadInput("values.need", value=need, known=", ".join(kinds()))
    known = snippets(project)
    if len(known) >= _MOST:
        raise BadInput("values.many", most=_MOST)
    new = Snippet(max((one.id for one in known), default=0) + 1, said, need, topic, segment, proof)
    _save(project, [*known, new])
    return new


def remove(project: Project, number: int) -> Snippet:
    """Take one out. Raises BadInput("values.unknown")."""
    known = snippets(project)
    gone = next((one for one in known if one.id == number), None)
    if gone is None:
        raise BadInput("values.unknown", value=number)
    _save(project, [one for one in known if one.id != number])
    return gone


def _save(project: Project, all_: Sequence[Snippet]) -> None:
    before = project.meta(META, "") or None
    text = json.dumps([asdict(one) for one in all_], ensure_ascii=False)

    def write(db: sqlite3.Connection) -> None:
        db.execute("insert or replace into meta(key, value) values (?, ?)", (META, text))
        acts.note(db, "touch_value", {"key": META, "before": before})

    project.writer.call(write)


def fitting(
    known: Sequence[Snippet], text: str, needs: Sequence[str], topics: Sequence[str], segments: Sequence[str], turn: int
) -> Snippet | None:
    """The one that fits a post best: by topic first, then need, then segment; of equals by ``turn``. One that names
    a topic or segment which does not fit is never chosen, nor one that fits in nothing.
    """
    held, named = fold(text), [fold(topic) for topic in topics]

    def fit(one: Snippet) -> int:
        topic = one.topic is None or fold(one.topic) in held or any(fold(one.topic) in name for name in named)
        if not topic or (one.need or "") not in ("", *needs) or (one.segment or "") not in ("", *segments):
            return 0
        return 4 * (one.topic is not None) + 3 * (one.segment is not None) + 2 * (one.need is not None)

    rated = [(fit(one), one) for one in known]
    best = max((score for score, _ in rated), default=0)
    equal = [one for score, one in rated if score == best]
    return equal[turn % len(equal)] if best else None
