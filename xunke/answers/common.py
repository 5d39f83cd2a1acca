"""Sentences with what is behind them: references to posts, people and results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from xunke.events import Sentence
from xunke.outreach.people import barred
from xunke.storage import Project, rows

BEHIND: Final = 50
"""So many references a number has at most; the sentence says how many there are."""


def post_refs(project: Project, ids: Sequence[int]) -> list[str]:
    """References to posts by our numbers, in that order; posts of people who appear nowhere are left out."""
    some = list(ids[: 2 * BEHIND])
    found = project.query(
        "select k.id, 'post:' || p.name || ':' || k.native_id, t.author from post_key k "
        "join platform p on p.id = k.platform join post t on t.id = k.id "
        "where k.id in (select value from json_each(?))",
        (json.dumps(some),),
    )
    hidden = barred(project, [author for _, _, author in found if author is not None])
    names = {number: name for number, name, author in found if author not in hidden}
    return [names[i] for i in some if i in names][:BEHIND]


def person_ref(person: rows.PersonRow) -> str:
    """The reference to somebody."""
    return f"person:{person.platform}:{person.native_id}"


def people_refs(project: Project, accounts: Sequence[int]) -> list[str]:
    """References to people, in that order; those who appear nowhere are left out."""
    some = list(accounts[: 2 * BEHIND])
    hidden = barred(project, some)
    return [person_ref(row) for row in rows.people(project, [a for a in some if a not in hidden])][:BEHIND]


def result_ref(result: int | None) -> list[str]:
    """The reference to a result, if there is one."""
    return [] if result is None else [f"result:{result}"]


def name_of(person: rows.PersonRow) -> str:
    """How somebody is called."""
    return person.name or person.handle or person.native_id


def sentence(key: str, refs: Mapping[str, Iterable[str]] | None = None, **params: Any) -> Sentence:
    """A sentence; references of nothing, and to what is not said, are left out."""
    behind = {n: list(some)[:BEHIND] for n, some in (refs or {}).items() if n.partition(".")[0] in params}
    return Sentence(key, params, {name: some for name, some in behind.items() if some})


def result_rows(project: Project, result: int, most: int | None = None) -> list[tuple[int, int, float | None, Any]]:
    """(rank, item, value, parts) of a result."""
    found = project.query(
        "select rank, item, value, parts from score where result = ? order by rank limit ?",
        (result, -1 if most is None else most),
    )
    return [(rank, item, value, json.loads(parts or "{}")) for rank, item, value, parts in found]
