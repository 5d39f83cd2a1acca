"""Why somebody is where they are: every part of a score down to posts, edges and arithmetic."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from xunke.clock import DAY
from xunke.errors import BadInput, PolicyRefused
from xunke.storage import Project
from xunke.storage.rows import PersonRow, PostRow, people, posts

from .authentic import lines as authentic_lines
from .authentic import signs
from .edges import Edge, basis_of, edges_of
from .people import barred
from .scoring import FIT_DAYS, FRESH_DAYS, REACH_ANSWERS, REACH_FOLLOWERS, UNKNOWN
from .told import Wants, told

if TYPE_CHECKING:
    from graph.forecast import Recency

_EDGES: Final = 10
Line = tuple[str, dict[str, Any]]
"""A message key and its parameters."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything behind one person's place in one result."""

    person: PersonRow
    result: int | None
    rank: int | None
    value: float | None
    lines: tuple[Line, ...]
    posts: tuple[PostRow, ...]
    edges: tuple[Edge, ...]
    facts: tuple[tuple[str, str, str, str | None], ...]
    """fact, value, origin, quote."""
    wants: Wants


def latest_result(project: Project, account: int) -> int | None:
    """The newest people result that holds ``account``."""
    sql = "select max(s.result) from score s join result r on r.id = s.result where s.item = ? and r.target = 'people'"
    number = project.one(sql, (account,))
    return None if number is None else int(number)


def explain(project: Project, result: int | None, account: int) -> Explanation:
    """Explain the place of ``account`` in ``result`` (None: the newest that holds it, if any).

    Raises PolicyRefused for somebody under 18, BadInput("person.unknown") for an account that is not stored,
    BadInput("why.not_in_result") for one that the result does not hold.
    """
    found = people(project, [account])
    if not found:
        raise BadInput("person.unknown", who=str(account))
    person = found[0]
    if barred(project, [account]).get(account) == "funnel.minors":
        raise PolicyRefused("refuse.minors")
    if result is None:
        result = latest_result(project, account)
    lines: list[Line] = []
    rank: int | None = None
    value: float | None = None
    shown: list[PostRow] = []
    setting: dict[str, Any] = {}
    if result is not None:
        rows = project.query("select rank, value, parts from score where result = ? and item = ?", (result, account))
        if not rows:
            raise BadInput("why.not_in_result", who=person.name or person.native_id, result=result)
        rank, value, parts = rows[0][0], rows[0][1], json.loads(rows[0][2] or "{}")
        total, setting_text = project.query("select total, setting from result where id = ?", (result,))[0]
        setting = json.loads(setting_text)
        lines = _arithmetic(rank, total, value, parts, setting)
        shown = posts(project, parts.get("posts", []))
    for sign in signs(project, [account]).values():
        lines += authentic_lines(sign)
    basis = basis_of(project, setting)
    edges = edges_of(project, account, basis)
    nameless = barred(project, [edge.actor for edge in edges[:_EDGES]])
    edges[:_EDGES] = [replace(e, name=None) if e.actor in nameless else e for e in edges[:_EDGES]]
    lines += _edge_lines(edges, project, account, basis.recency)
    facts = project.query(
        "select fact, value, origin, quote from profile_fact where account = ? order by fact, confidence desc",
        (account,),
    )
    return Explanation(
        person,
        result,
        rank,
        value,
        tuple(lines),
        tuple(shown),
        tuple(edges[:_EDGES]),
        tuple(facts),
        told(project, account),
    )


def _arithmetic(
    rank: int, total: int, value: float | None, stored: dict[str, Any], setting: dict[str, Any]
) -> list[Line]:
    parts, raw = stored.get("parts", {}), stored.get("raw", {})
    weights = setting.get("weights", {})
    lines: list[Line] = [("why.rank", {"rank": rank, "total": total, "sort": setting.get("sort", "target")})]
    if not parts:
        return lines
    focus = raw["matched"] / max(1, raw["written"])
    if setting.get("subject"):
        lines.append((
            "why.fit",
            {"value": parts["fit"], "matched": raw["matched"], "days": raw["days"], "written": raw["written"],
             "focus": focus, "unit": FIT_DAYS},
        ))  # fmt: skip
    lines.append((
        "why.influence",
        {"value": parts["influence"], "score": raw["influence"], "best": raw["best"], "actors": raw["actors"],
         "top": math.ceil(raw["top"] * 1000) / 10},
    ))  # fmt: skip
    lines.append((
        "why.reach" if raw["followers"] is not None else "why.reach_unknown",
        {"value": parts["reach"], "answers": raw["answers"], "unit": REACH_ANSWERS, "followers": raw["followers"],
         "half": REACH_FOLLOWERS, "unknown": UNKNOWN},
    ))  # fmt: skip
    lines.append(_authentic(parts["authentic"], raw))
    if setting.get("subject") and raw["last"] is not None:
        age = max(0.0, (setting["until"] - raw["last"]) / DAY)
        lines.append(("why.fresh", {"value": parts["fresh"], "age": age, "unit": FRESH_DAYS}))
    lines.append((
        "why.total",
        {"value": value if value is not None else 0.0, **{f"p_{k}": v for k, v in parts.items()},
         **{f"w_{k}": v for k, v in weights.items()}},
    ))  # fmt: skip
    lines += _sensitivity(parts, weights)
    return lines


def _authentic(value: float, raw: dict[str, Any]) -> Line:
    """The arithmetic of authenticity: the worse of the posts' mean and the account's own sign."""
    account = raw.get("account")
    if account and math.isclose(value, 1 - account["p_spam"], abs_tol=1e-6):
        return "why.authentic_account", {"value": value, "p": account["p_spam"], "seen": account["seen"]}
    key = "why.authentic" if raw["analysed"] else "why.authentic_unknown"
    return key, {"value": value, "analysed": raw["analysed"], "unknown": UNKNOWN}


def _sensitivity(parts: dict[str, float], weights: dict[str, float]) -> list[Line]:
    """How the score moves when each weight moves by 20 %."""
    from .scoring import combine

    if not weights:
        return []
    base = combine(parts, weights)
    moves = {
        name: max(abs(combine(parts, {**weights, name: w * f}) - base) for f in (0.8, 1.2))
        for name, w in weights.items()
    }
    name = max(moves, key=lambda n: (moves[n], n))
    return [("why.sensitivity", {"part": name, "move": moves[name]})]


def _edge_lines(edges: list[Edge], project: Project, account: int, recency: Recency) -> list[Line]:
    total = math.fsum(edge.adds for edge in edges)
    mix = [[None if math.isinf(u) else u, s] for u, s in zip(recency.units, recency.shares, strict=True)]
    lines: list[Line] = [("why.edges", {"n": len(edges), "sum": total, "mix": mix})]
    if recency.learnt:
        lines.append((
            "why.forecast",
            {"expected": recency.weight * total, "horizon": recency.horizon, "answers": recency.answers,
             "windows": recency.windows},
        ))  # fmt: skip
    waiting = project.one(
        "select count(*) from mention m join account a on a.name = m.name where a.id = ? and m.account is null",
        (account,),
    )
    hidden = project.query(
        "select coalesce(sum(comments), 0) + coalesce(sum(shares), 0), "
        "(select count(*) from post c where c.root in (select id from post where author = ?)) "
        "from post where author = ?",
        (account, account),
    )[0]
    claimed, seen = hidden[0], hidden[1] + len(edges)
    if claimed > seen:
        lines.append(("why.coverage", {"seen": seen, "claimed": claimed, "waiting": waiting or 0}))
    return lines
