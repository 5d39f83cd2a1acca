"""Who follows our own invented brand on which day: weekly lists, daily counts, a burst, losses, people who come again.

Everything here follows from the world as it is, without chance of its own: the rest of the sample does not change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ..model import Account, Follower
from .people import DAYS
from .world import DAY, World

LISTS: Final = tuple(range(5, DAYS, 7))
"""Days on which the whole list of followers was read: every week, the last time yesterday."""
_TASTING: Final = 60
"""The day of a prize draw: many come at once, and half of them leave within three weeks."""
_LATE: Final = 29
"""The day after which parcels came late: some leave."""
_AGAIN: Final = 16
"""Days after which those who come again are back."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody follows from one day to another (None: to this day)."""

    who: int
    came: float
    left: float | None = None


class Fans:
    """The followers of the brand ``OWN`` over the ninety days."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.own = next(person.account for person in world.people if person.account.native_id == "demo-own")
        self.stays = [*self._fans(), *self._burst()]

    def _fans(self) -> Iterator[Stay]:
        """Those who meet us. Of those who tire every other one keeps following: they sleep."""
        for number, (who, came, tired, _) in enumerate(self.world.stays):
            left = None
            if tired < self.world.people[who].last_day and number % 2:
                left = tired
            elif came < _LATE - 7 and number % 11 == 3:
                left = _LATE + number % 3
            yield Stay(who, came, left)
            if left is not None and number % 5 == 1 and left + _AGAIN < DAYS:
                yield Stay(who, left + _AGAIN)

    def _burst(self) -> Iterator[Stay]:
        """People who came for the prize draw."""
        known = {stay[0] for stay in self.world.stays}
        others = [i for i in self.world.by_platform["weibo"] if i not in known and i > 40]
        others = [i for i in others if self.world.people[i].account.kind is None]
        for number, who in enumerate(others[:: max(1, len(others) // 56)]):
            left = _TASTING + 3 + number % 18 if number % 2 else None
            yield Stay(who, _TASTING + number % 9 / 10, left)

    def there(self, day: float) -> list[int]:
        """Who follows on a day."""
        found = {stay.who for stay in self.stays if stay.came <= day and (stay.left is None or day < stay.left)}
        return sorted(found)

    def count(self, day: float) -> int:
        """How many follow on a day."""
        return len(self.there(day))

    def growth(self) -> Iterator[Account]:
        """The account as it was each day."""
        for day in range(DAYS):
            yield replace(self.own, fetched=self.world.start + day * DAY, followers=self.count(day))

    def lists(self) -> Iterator[Follower]:
        """The whole list, each week."""
        for day in LISTS:
            for who in self.there(day):
                yield Follower(self.world.people[who].ref, self.world.start + day * DAY, f"weibo:{self.own.native_id}")
