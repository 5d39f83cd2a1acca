"""How long what is known of people holds: when each stated fact was last seen, and what has expired.

A fact is as old as its evidence: the post that tells it, or the profile as it was last fetched. After ``KEEP`` days it
has expired: it may still be true, but nobody has seen it lately.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.clock import DAY, day_of
from xunke.storage import Project

KEEP: Final[Mapping[str, int | None]] = {
    "age": 365, "region": 365, "city": 365, "city_tier": 365, "occupation": 365, "family": 365, "school": 365,
    "interest": 180, "cares": 180, "gender": None,
}  # fmt: skip
"""Days for which a fact holds after it was last seen; None: for good."""
QUIET: Final = 90
"""Days without any new evidence after which a persona is stale (画像过期)."""
AIM: Final = 0.8
"""The share of tags that should be fresh (标签动态更新率 ≥ 80 %)."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """``newest``: newest evidence (UTC seconds): a post, or (not ``wrote``) the day on which a profile was collected;
    ``age`` in days; ``fresh`` of ``tags`` stated facts have not expired; ``expired``: {fact: how many values have}.
    """

    newest: int | None
    age: int | None
    tags: int
    fresh: int
    expired: Mapping[str, int]
    wrote: bool = True

    @property
    def rate(self) -> float | None:
        """The update rate of the tags, 0..1; None without tags."""
        return self.fresh / self.tags if self.tags else None

    @property
    def stale(self) -> bool:
        """Whether it is time to collect again: nothing new for ``QUIET`` days, or too few tags are fresh."""
        return self.age is None or self.age > QUIET or (self.rate is not None and self.rate < AIM)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: dates ISO."""
        return {
            "newest": None if self.newest is None else day_of(self.newest).isoformat(), "age_days": self.age,
            "tags": self.tags, "fresh": self.fresh, "update_rate": None if self.rate is None else round(self.rate, 4),
            "stale": self.stale, "expired": dict(self.expired),
        }  # fmt: skip


_EVIDENCE: Final = (
    "select f.account, f.fact, f.value, max(case f.origin when 'user' then v.t else "
    "coalesce(p.created, p.fetched, a.fetched) end) from profile_fact f "
    "join account a on a.id = f.account left join post p on p.id = f.post "
    "left join tag_verdict v on v.account = f.account and v.fact = f.fact and v.value = f.value "
    "where f.account in (select value from json_each(?)) and f.fact <> 'minor' group by f.account, f.fact, f.value"
)
_SEEN: Final = (
    "select a.id, max(coalesce((select max(p.created) from post p where p.author = a.id), 0), coalesce(a.fetched, 0)), "
    "coalesce((select max(p.created) from post p where p.author = a.id), 0) "
    "from account a where a.id in (select value from json_each(?))"
)


def of_each(project: Project, accounts: Sequence[int], now: int) -> dict[int, Freshness]:
    """{account: Freshness} at ``now`` (UTC seconds)."""
    listed = json.dumps(sorted(set(accounts)))
    seen = {row[0]: (row[2] or row[1] or None, bool(row[2])) for row in project.query(_SEEN, (listed,))}
    tags: dict[int, int] = {}
    expired: dict[int, dict[str, int]] = {}
    for account, fact, _, t in project.query(_EVIDENCE, (listed,)):
        tags[account] = tags.get(account, 0) + 1
        keep = KEEP.get(fact, 365)
        if keep is not None and (t is None or now - t > keep * DAY):
            gone = expired.setdefault(account, {})
            gone[fact] = gone.get(fact, 0) + 1
    return {
        account: Freshness(
            newest, None if newest is None else max(0, now - newest) // DAY, tags.get(account, 0),
            tags.get(account, 0) - sum(expired.get(account, {}).values()), expired.get(account, {}), wrote,
        )
        for account, (newest, wrote) in sorted(seen.items())
    }  # fmt: skip


def together(each: Sequence[Freshness]) -> Freshness:
    """The freshness of a group: its newest evidence, all its tags."""
    newest = max((f.newest for f in each if f.newest is not None), default=None)
    expired: dict[str, int] = {}
    for one in each:
        for fact, n in one.expired.items():
            expired[fact] = expired.get(fact, 0) + n
    age = min((f.age for f in each if f.age is not None), default=None)
    return Freshness(
        newest,
        age,
        sum(f.tags for f in each),
        sum(f.fresh for f in each),
        dict(sorted(expired.items())),
        any(f.wrote for f in each),
    )
