"""Why somebody is where they are: every part of a score down to posts, edges and arithmetic."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any, Final

from xunke.clock import DAY
from xunke.errors import BadInput, PolicyRefused
from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.rows import PersonRow, PostRow, people, posts

from .authentic import lines as authentic_lines
from .authentic import signs
from .people import barred
from .scoring import FIT_DAYS, FRESH_DAYS, REACH_ANSWERS, REACH_FOLLOWERS, UNKNOWN, combine, ranker_of
from .seen import MOST, SHOWN, Basis, Coverage, Edge, basis, coverage, edges, named
from .told import Wants, told

__all__ = ["SHOWN", "Edge", "Explanation", "Line", "explain", "latest_result"]

Line = tuple[str, dict[str, Any]]
"""A message key and its parameters."""
STEPS: Final = (0.8, 1.2)
"""Weights are moved by a fifth, down and up."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything behind one person's place in one result, or in the ranking where no result holds them.

    ``edges`` are the strongest ``seen.MOST``; ``numbers`` has all that the lines were made of: parts, raw numbers,
    weights, sensitivity, coverage, place, ``mix``: time units in seconds (None: without decay) with their shares, and
    ``until`` in UTC seconds.
    """

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
    numbers: dict[str, Any] = field(default_factory=dict)


def latest_result(project: Project, account: int) -> int | None:
    """The newest people result that holds the person of ``account``."""
    sql = (
        "select max(s.result) from score s join result r on r.id = s.result "
        "where s.item in (select value from json_each(?)) and r.target = 'people'"
    )
    number = project.one(sql, (json.dumps(people_map(project).all(account)),))
    return None if number is None else int(number)


def shown(project: Project, account: int) -> PersonRow:
    """The account, if it may be shown. BadInput("person.unknown"), PolicyRefused for somebody under 18."""
    found = people(project, [account])
    if not found:
        raise BadInput("person.unknown", who=str(account))
    if barred(project, [account]).get(account) == "funnel.minors":
        raise PolicyRefused("refuse.minors")
    return found[0]


def explain(project: Project, result: int | None, account: int) -> Explanation:
    """Explain the place of ``account`` in ``result`` (None: the newest that holds it, if any).

    Raises PolicyRefused for somebody under 18, BadInput("person.unknown") for an account that is not stored,
    BadInput("why.not_in_result") for one that the result does not hold.
    """
    person = shown(project, account)
    if result is None:
        result = latest_result(project, account)
    lines: list[Line] = []
    rank: int | None = None
    value: float | None = None
    evidence: list[PostRow] = []
    setting: dict[str, Any] = {}
    numbers: dict[str, Any] = {}
    if result is not None:
        item, rank, value, stored = _stored(project, result, person)
        total, setting_text = project.query("select total, setting from result where id = ?", (result,))[0]
        setting = json.loads(setting_text)
        numbers |= {"parts": stored.get("parts", {}), "raw": stored.get("raw", {}), "sort": setting.get("sort"),
                    "weights": setting.get("weights", {}), "kind": setting.get("kind", "request")}  # fmt: skip
        if setting.get("kind") == "likeness":
            from .lookalike import lines as likeness_lines

            lines = likeness_lines(rank, total, value, stored, setting)
        elif setting.get("kind") == "silence":
            from .silence import lines as silence_lines

            lines = silence_lines(rank, total, stored)
        elif setting.get("kind") == "seeds":
            lines = [("why.rank", {"rank": rank, "total": total, "sort": "marginal"}), ("seeds.why", stored["seed"])]
        else:
            lines = _arithmetic(rank, total, value, stored, setting)
            moves = sensitivity(project, result, item, setting)
            numbers["sensitivity"] = moves
            lines += _moved(rank, moves, setting)
        evidence = posts(project, stored.get("posts", []))
    counted = basis(project, setting)
    until = counted.until
    if result is None:
        numbers["place"] = found = place(project, account, until)
        lines.append(("why.place", found))
    for sign in signs(project, [account]).values():
        lines += authentic_lines(sign)
    known = edges(project, account, counted)
    lines += _edge_lines(known, counted, setting.get("ranker", "influence") if result else ranker_of(project))
    cover = coverage(project, account, until)
    lines += coverage_lines(cover)
    others = [p for p in people(project, people_map(project).all(account)) if p.id != account]
    if others:
        lines.append(("why.accounts", {"names": "、".join(f"{p.name or p.native_id}（{p.platform}）" for p in others)}))
    facts = project.query(
        "select fact, value, origin, quote from profile_fact where account = ? order by fact, confidence desc",
        (account,),
    )
    numbers |= {
        "until": until, "mix": counted.mix, "coverage": cover.as_json(),
        "rest": {"edges": len(known[MOST:]), "adds": math.fsum(e.adds for e in known[MOST:])},
    }  # fmt: skip
    return Explanation(
        person,
        result,
        rank,
        value,
        tuple(lines),
        tuple(evidence),
        tuple(named(project, known[:MOST])),
        tuple(facts),
        told(project, account),
        numbers,
    )


def _stored(project: Project, result: int, person: PersonRow) -> tuple[int, int, float | None, dict[str, Any]]:
    """The row of a result that holds the person, by this account or another of theirs: item, rank, value, parts."""
    rows = project.query(
        "select item, rank, value, parts from score where result = ? and item in (select value from json_each(?)) "
        "order by rank limit 1",
        (result, json.dumps(people_map(project).all(person.id))),
    )
    if not rows:
        raise BadInput("why.not_in_result", who=person.name or person.native_id, result=result)
    item, rank, value, parts = rows[0]
    return item, rank, value, json.loads(parts or "{}")


def place(project: Project, account: int, until: int) -> dict[str, Any]:
    """Where somebody stands in the ranking by influence: rank, total, score, actors."""
    from .scoring import influence

    persons = people_map(project)
    ranking, who = influence(project, until), persons.one(account)
    mine = ranking.scores.get(who, 0.0)
    everybody = {a: v for a, v in ranking.scores.items() if persons.one(a) == a}
    ahead = sum(v > mine or (v == mine and a < who) for a, v in everybody.items())
    rank = ahead + 1 if who in everybody else None
    return {"by": ranking.by, "rank": rank or 0, "total": len(everybody), "score": mine,
            "actors": ranking.actors.get(who, 0)}  # fmt: skip


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
    if (known := raw.get("learned")) is not None:
        lines.append(("why.reach_learned", {**known, "value": parts["reach"]}))
    else:
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
        {"value": combine(parts, weights), "sum": sum(weights.values()), **{f"p_{k}": v for k, v in parts.items()},
         **{f"w_{k}": v for k, v in weights.items()}},
    ))  # fmt: skip
    if setting.get("sort", "target") != "target":
        lines.append(("why.sorted", {"value": value if value is not None else 0.0, "sort": setting["sort"]}))
    return lines


def _authentic(value: float, raw: dict[str, Any]) -> Line:
    """The arithmetic of authenticity: the worse of the posts' mean and the account's own sign."""
    account = raw.get("account")
    if account and math.isclose(value, 1 - account["p_spam"], abs_tol=1e-6):
        return "why.authentic_account", {"value": value, "p": account["p_spam"], "seen": account["seen"]}
    key = "why.authentic" if raw["analysed"] else "why.authentic_unknown"
    told = ", ".join(f"{p:.3f}" for p in raw.get("spam", ())) or "…"
    return key, {"value": value, "analysed": raw["analysed"], "unknown": UNKNOWN, "spam": told}


def sensitivity(project: Project, result: int, item: int, setting: dict[str, Any]) -> list[dict[str, Any]]:
    """How the place of ``item`` among those of ``result`` moves when one weight moves by a fifth: for each weight
    and factor the score and rank. Empty where weights decide nothing. Whom the limit cut is not known any more.
    """
    weights: dict[str, float] = setting.get("weights") or {}
    if setting.get("sort", "target") != "target":
        return []
    rows = project.query("select item, rank, parts from score where result = ?", (result,))
    stored = {i: json.loads(p or "{}") for i, _, p in rows}
    if setting.get("segments"):  # people stand by segment, then by score
        mine = stored[item].get("segment")
        stored = {i: p for i, p in stored.items() if p.get("segment") == mine}
    before = min(rank for i, rank, _ in rows if i in stored) - 1
    parts = {i: p.get("parts", {}) for i, p in stored.items()}
    if not all(p.keys() >= {*weights, "fresh"} for p in parts.values()):
        return []
    out = []
    for name in weights:
        for factor in STEPS:
            moved = {**weights, name: weights[name] * factor}
            score = combine(parts[item], moved)
            ahead = sum((-combine(p, moved), i) < (-score, item) for i, p in parts.items())
            out.append({"part": name, "factor": factor, "score": round(score, 6), "rank": before + ahead + 1})
    return out


def _moved(rank: int, moves: list[dict[str, Any]], setting: dict[str, Any]) -> list[Line]:
    """In words: which weights move the place, and from where to where."""
    if not moves:
        return [("why.sensitivity_none", {"sort": setting["sort"]})] if setting.get("sort") else []
    lines: list[Line] = []
    for name in dict.fromkeys(move["part"] for move in moves):
        down, up = (move["rank"] for move in moves if move["part"] == name)
        if (down, up) != (rank, rank):
            lines.append(("why.sensitivity", {"part": name, "down": down, "up": up, "rank": rank}))
    return lines or [("why.sensitivity_stable", {"rank": rank})]


def _edge_lines(known: list[Edge], counted: Basis, ranker: str) -> list[Line]:
    from graph.methods import method

    total, recency = math.fsum(edge.adds for edge in known), counted.recency
    lines: list[Line] = [("why.edges", {"n": len(known), "sum": total, "mix": counted.mix})]
    if method(ranker).name != "influence":
        lines = [("why.edges_other", {"n": len(known), "sum": total, "mix": counted.mix, "ranker": ranker})]
    elif recency.learnt:
        lines.append((
            "why.forecast",
            {"expected": recency.weight * total, "horizon": recency.horizon, "answers": recency.answers,
             "windows": recency.windows},
        ))  # fmt: skip
    if rest := known[SHOWN:]:
        lines.append(("why.edges_rest", {"n": len(rest), "sum": math.fsum(edge.adds for edge in rest), "shown": SHOWN}))
    return lines


def coverage_lines(cover: Coverage) -> list[Line]:
    """How much of what the platforms count was seen; always said, also that it cannot be known."""
    params = {"posts": cover.posts, "telling": cover.telling}
    share = cover.share
    if share is None:
        return [("why.coverage_unknown", params)]
    params |= {
        "percent": round(100 * share), "comments": cover.comments[0], "of_comments": cover.comments[1] or 0,
        "shares": cover.shares[0], "of_shares": cover.shares[1] or 0,
    }  # fmt: skip
    lines: list[Line] = [("why.coverage", params)]
    if cover.waiting:
        lines.append(("why.waiting", {"n": cover.waiting}))
    return lines
