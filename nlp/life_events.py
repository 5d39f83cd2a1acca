"""Changes in life that people tell of themselves: wedding, baby, moving, new job, … Health is left out on purpose."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from .rules import Gate, Reading, Rule, first_hit, read_rules


class Event(NamedTuple):
    """A change in the author's own life: ``words`` that say so, ``quote`` the clause as written."""

    name: str
    words: str
    quote: str


@cache
def _rules() -> tuple[tuple[str, Rule], ...]:
    return read_rules("life_events")


@cache
def _gate() -> Gate:
    return Gate(rule for _, rule in _rules())


def gates() -> tuple[tuple[frozenset[str], ...], ...]:
    """As :func:`nlp.needs.gates`, for life events."""
    return tuple(dict.fromkeys(gate for _, rule in _rules() for gate in rule.gates))


def events(own: str | Reading) -> tuple[Event, ...]:
    """What happened or is about to happen in the author's life, in the order of the table."""
    reading = own if isinstance(own, Reading) else Reading(own)
    found: dict[str, Event] = {}
    for number in _gate().open(reading.text):
        name, rule = _rules()[number]
        if name not in found and (hit := first_hit(rule, reading)):
            found[name] = Event(name, reading.written[hit.start : hit.end], reading.quote(hit))
    return tuple(found.values())


def life_events(own: str | Reading) -> tuple[tuple[str, str], ...]:
    """:func:`events` as (name, words)."""
    return tuple((event.name, event.words) for event in events(own))
