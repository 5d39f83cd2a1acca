"""Changes in life that people tell of themselves: wedding, baby, moving, new job, … Health is left out on purpose."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from .resources import table
from .rules import Reading, Rule, compile_rules, first_hit, holds


class Event(NamedTuple):
    """A change in the author's own life: ``words`` that say so, ``quote`` the clause as written."""

    name: str
    words: str
    quote: str


@cache
def _rules() -> dict[str, tuple[Rule, ...]]:
    entries = table("life_events")
    return compile_rules(entries, [name for name in entries if name != "words"])


def gates() -> tuple[tuple[frozenset[str], ...], ...]:
    """As :func:`nlp.needs.gates`, for life events."""
    return tuple(dict.fromkeys(rule.anchors for rules in _rules().values() for rule in rules))


def events(own: str) -> tuple[Event, ...]:
    """What happened or is about to happen in the author's life, in the order of the table."""
    reading = Reading(own)
    found = []
    for name, rules in _rules().items():
        for rule in rules:
            if holds(rule, reading.text) and (hit := first_hit(rule, reading)):
                found.append(Event(name, reading.written[hit.start : hit.end], reading.quote(hit)))
                break
    return tuple(found)


def life_events(own: str) -> tuple[tuple[str, str], ...]:
    """:func:`events` as (name, words)."""
    return tuple((event.name, event.words) for event in events(own))
