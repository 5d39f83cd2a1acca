"""The sample project: invented people, posts and meetings of ninety days, for a first run without any account.

Everything here is invented: nobody, no brand and no post in it exists. All ids begin with ``demo-``. The same
``(today, seed, people)`` gives the same records, without a clock and without the global random generator.
Nicknames include a few hostile ones on purpose (markup, formulas, escapes), as raw as a platform would send them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ..model import Record
from .cast import OWN, noise, own_brand
from .fans import Fans
from .people import DAYS
from .world import World

__all__ = ["DAYS", "OWN", "records"]


def records(today: date, seed: int = 20261122, people: int = 3000) -> Iterator[Record]:
    """The sample project as a collector would yield it: accounts, posts, interactions (likes and
    follows), lists of followers.

    Accounts come with older follower counts first; replies, reposts and mentions are in the posts themselves. The
    followers of our own brand come last, a whole list a week.

    Posts lie in the ``DAYS`` days before ``today`` 00:00 China time. ``people`` is the size of the population;
    everything else grows with it.
    """
    world = World(today, seed, people)
    world.populate()
    world.follow()
    world.write_posts()
    world.answer()
    world.forward()
    own_brand(world)
    noise(world)
    world.like()
    fans = Fans(world)
    yield from fans.growth()
    for account in world.accounts():
        yield replace(account, followers=fans.count(DAYS)) if account.native_id == OWN else account
    yield from world.finished_posts()
    yield from world.interactions
    yield from fans.lists()
