"""How many followers somebody gained: from the counts that were stored each time an account was seen."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from xunke.storage import Project


@dataclass(frozen=True, slots=True)
class Growth:
    """Followers at two times (UTC seconds), the last at or before each end of a window; where nothing was stored
    before the window, the first inside it.
    """

    first: int
    last: int
    before: int
    after: int

    @property
    def gained(self) -> int:
        """Followers gained; negative where some left."""
        return self.after - self.before


def gained(project: Project, accounts: Iterable[int], since: int | None, until: int) -> dict[int, Growth]:
    """{account: Growth} of those whose followers were stored at two times at least."""
    seen = project.query(
        "select account, t, followers from follower_snapshot where followers is not null and t <= ? "
        "and account in (select value from json_each(?)) order by account, t",
        (until, json.dumps(sorted(set(accounts)))),
    )
    ends: dict[int, tuple[int, int, int, int]] = {}
    for account, t, followers in seen:
        first, _, before, _ = ends.get(account, (t, t, followers, followers))
        if since is not None and t <= since:
            first, before = t, followers
        ends[account] = (first, t, before, followers)
    return {account: Growth(*both) for account, both in ends.items() if both[1] > both[0]}
