"""What the author wants or does: asks for advice, wants to buy, complains, recommends, compares, sells."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from .resources import table
from .segment import bare
from .types import NEEDS

_CLAUSE = re.compile(r"[^。！!；;\n]+[。！!；;]?")
THRESHOLD = 0.5


class Found(NamedTuple):
    """A need, how sure it is (0..1) and the words that say so."""

    name: str
    score: float
    evidence: tuple[str, ...]


class _Rule(NamedTuple):
    name: str
    cues: tuple[tuple[float, re.Pattern[str]], ...]
    veto: re.Pattern[str] | None


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(_rule(name) for name in NEEDS)


def _rule(name: str) -> _Rule:
    entry = table("needs")[name]
    cues = tuple((cue["weight"], re.compile("|".join(f"(?:{p})" for p in cue["any"]))) for cue in entry["cue"])
    vetoes = entry.get("veto", {}).get("any", ())
    return _Rule(name, cues, re.compile("|".join(f"(?:{p})" for p in vetoes)) if vetoes else None)


def needs(own: str) -> tuple[Found, ...]:
    """Needs in the author's own words (the forwarded part of a repost must be cut off), surest first."""
    clauses = _CLAUSE.findall(bare(own))
    results = [found for rule in _rules() if (found := _judge(rule, clauses)).score >= THRESHOLD]
    return tuple(sorted(results, key=lambda found: (-found.score, found.name)))


def _judge(rule: _Rule, clauses: list[str]) -> Found:
    missed, evidence = 1.0, []
    for clause in clauses:
        if rule.veto and rule.veto.search(clause):
            continue
        for weight, cue in rule.cues:
            if match := cue.search(clause):
                missed *= 1 - weight
                evidence.append(match[0])
    return Found(rule.name, round(1 - missed, 4), tuple(dict.fromkeys(evidence)))


class _Events(NamedTuple):
    name: str
    pattern: re.Pattern[str]


@cache
def _events() -> tuple[_Events, ...]:
    return tuple(_Events(name, re.compile("|".join(found))) for name, found in table("life_events").items())


def life_events(own: str) -> tuple[tuple[str, str], ...]:
    """Changes in life that the author tells: (name, words)."""
    text = bare(own)
    return tuple((event.name, match[0]) for event in _events() if (match := event.pattern.search(text)))
