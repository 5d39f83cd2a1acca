"""Changes in life that people tell of themselves: wedding, baby, moving, new job, … Health is left out on purpose."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from .rules import Hit, Reading, Rule, first_hit, read_rules

if TYPE_CHECKING:
    from .gate import Opened


class Event(NamedTuple):
    """A change in the author's own life."""

    name: str
    reading: Reading
    hit: Hit

    @property
    def words(self) -> str:
        """The words that say so, as written."""
        return self.reading.written(self.hit.start, self.hit.end)

    @property
    def quote(self) -> str:
        """The clause as written."""
        return self.reading.quote(self.hit)


@cache
def rulebook() -> tuple[tuple[str, Rule], ...]:
    """All cue groups, each with the name of its event."""
    return read_rules("life_events")


def judge(reading: Reading, opened: Iterable[Opened]) -> tuple[Event, ...]:
    """What happened or is about to happen in the author's life, in the order of the table.

    ``opened``: the cue groups of :func:`rulebook` to try.
    """
    found: dict[str, Event] = {}
    for number, alternatives in opened:
        name, rule = rulebook()[number]
        if name not in found and (hit := first_hit(rule, reading, alternatives)):
            found[name] = Event(name, reading, hit)
    return tuple(found.values())


def events(text: str) -> tuple[Event, ...]:
    """The events in the author's own words of one text."""
    from .analyse import analyse_many

    return analyse_many([text]).events.get(0, ())


def life_events(text: str) -> tuple[tuple[str, str], ...]:
    """:func:`events` as (name, words)."""
    return tuple((event.name, event.words) for event in events(text))
