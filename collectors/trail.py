"""Where a walk over pages has been: ends a walk whose cursor repeats or circles, however long the circle.

The memory is bounded and part of the cursor, so that a resumed walk ends exactly where an unbroken one does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

_PLACES: Final = 500
_ITEMS: Final = 400


def digest(text: str) -> str:
    """A short name for a long one: cursors hold many."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=5).hexdigest()


class Trail(msgspec.Struct, omit_defaults=True):
    """``places``: cursors followed; ``items``: things seen; both as short digests, the newest last."""

    places: list[str] = []
    items: list[str] = []
    anchor: str = ""
    steps: int = 0
    power: int = 1

    def fresh(self, keys: Iterable[str]) -> list[bool]:
        """For each key, whether it was not seen lately; all are remembered."""
        known = set(self.items)
        found = []
        for key in keys:
            short = digest(key)
            found.append(short not in known)
            if short not in known:
                known.add(short)
                self.items.append(short)
        del self.items[:-_ITEMS]
        return found

    def follow(self, place: str) -> bool:
        """Go to ``place``: False if the walk has been there.

        Short circles show in ``places``; longer ones are caught by Brent's algorithm ("An improved Monte Carlo
        factorization algorithm", BIT 20, 1980): compare with an anchor that is moved at powers of two.
        """
        short = digest(place)
        if short in self.places or short == self.anchor:
            return False
        self.places.append(short)
        del self.places[:-_PLACES]
        self.steps += 1
        if self.steps == self.power:
            self.anchor, self.power, self.steps = short, self.power * 2, 0
        return True
