"""Why somebody is not on a list: what was decided when it was made, or what took them off since."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from xunke.clock import day_of
from xunke.storage import Project
from xunke.storage.persons import people_map

from . import list_edit, lists
from .lists import SavedList
from .trials import KEPT_BACK


@dataclass(frozen=True, slots=True)
class NotListed:
    """``inside``: the place on the list, if the person is on it after all. ``reasons``: message keys with parameters,
    the weightiest first. ``result``: the result that the list was made of, where the person is not in that either.
    """

    inside: int | None
    reasons: tuple[tuple[str, dict[str, Any]], ...] = field(default_factory=tuple)
    result: int | None = None


def why_not(project: Project, entry: SavedList, account: int, *, now: int) -> NotListed:
    """Why ``account`` (with all accounts of the same person) is not on a list."""
    list_edit.only_people(entry)
    everyone = people_map(project).all(account)
    listed = json.dumps(everyone)
    rank = project.one(
        "select min(rank) from list_member where list = ? and item in (select value from json_each(?))",
        (entry.id, listed),
    )
    out = list_edit.left_out(project, everyone)
    if out:
        key = sorted(out.values())[-1].replace("funnel.", "list.not.")
        return NotListed(None, ((key, {}),))
    reasons: list[tuple[str, dict[str, Any]]] = []
    if entry.expired(now):
        reasons.append(("list.not.expired", {"day": day_of(entry.expires or now).isoformat()}))
    if rank is not None:
        return NotListed(int(rank), tuple(reasons))
    setting = json.loads(project.one("select setting from saved_list where id = ?", (entry.id,)) or "{}")
    rows = project.query(
        "select why, score, segment from list_out where list = ? and item in (select value from json_each(?)) "
        "order by batch desc limit 1", (entry.id, listed),
    )  # fmt: skip
    if rows:
        why, score, segment = rows[0]
        reasons.append((f"list.not.{why}", _params(project, entry, why, score, segment, setting)))
        return NotListed(None, tuple(reasons))
    other = [e.name for e, _ in _on(project, everyone)]
    if other:
        reasons.append(("list.not.elsewhere", {"names": "、".join(other[:3])}))
    held = project.query(
        f"select e.name {KEPT_BACK} and a.account in (select value from json_each(?)) limit 1", (listed,)
    )
    if held:
        reasons.append(("list.not.held_elsewhere", {"name": held[0][0]}))
    result = project.one("select result from saved_list where id = ?", (entry.id,))
    if result is not None:
        there = "select 1 from score where result = ? and item in (select value from json_each(?))"
        if project.one(there, (result, listed)) is None:
            return NotListed(None, (*reasons, ("list.not.source", {"result": result})), int(result))
    return NotListed(None, (*reasons, ("list.not.never", {})))


def _params(
    project: Project, entry: SavedList, why: str, score: float | None, segment: str | None, setting: dict[str, Any]
) -> dict[str, Any]:
    """What the sentence of a reason shows."""
    last = project.one("select min(score) from list_member where list = ?", (entry.id,))
    rules = setting.get("rules", {})
    budget = rules.get("budget")
    return {
        "score": "—" if score is None else round(score, 4), "last": "—" if last is None else round(last, 4),
        "budget": f"{budget:g}" if budget else "—", "spent": setting.get("spent", 0),
        "group": segment or "—", "seed": rules.get("seed", 1), "share": rules.get("hold", 0),
    }  # fmt: skip


def _on(project: Project, accounts: tuple[int, ...]) -> list[tuple[SavedList, int]]:
    listed = json.dumps(accounts)
    rows = project.query(
        "select list, count(*) from list_member where item in (select value from json_each(?)) group by list", (listed,)
    )
    known = {entry.id: entry for entry in lists.saved(project) if entry.target == "people"}
    return [(known[number], n) for number, n in rows if number in known]
