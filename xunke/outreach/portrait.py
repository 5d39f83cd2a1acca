"""How complete the picture of a person is: who they are, how they behave, what they need; and what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.storage import Project

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "base": ("age", "gender", "region", "occupation", "family"),
    "behaviour": ("followers", "posts_read", "times", "interactions"),
    "needs": ("interest", "need", "sentiment"),
}
"""What makes up each of the three sides of a picture."""
LEAST_TIMES: Final = 5


@dataclass(frozen=True, slots=True)
class Portrait:
    """``shares``: {side: share of its fields that are known}; ``missing``: the names of those that are not."""

    shares: Mapping[str, float]
    missing: tuple[str, ...]

    @property
    def complete(self) -> float:
        """The mean of the three sides, 0..1."""
        return sum(self.shares.values()) / len(self.shares)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"complete": round(self.complete, 4), **{k: round(v, 4) for k, v in self.shares.items()},
                "missing": list(self.missing)}  # fmt: skip


_SEEN: Final = (
    "select a.id, a.followers is not null, "
    "(select count(*) from post where author = a.id), "
    "(select count(created) from post where author = a.id), "
    "exists(select 1 from interaction where target = a.id) or exists(select 1 from post where author = a.id and "
    "kind <> 'post') from account a where a.id in (select value from json_each(?))"
)
_READ: Final = (
    "select p.author, max(json_array_length(f.detail, '$.interests')), max(json_array_length(f.detail, '$.needs')), "
    "count(*) from feature f join post p on p.id = f.post "
    "where p.author in (select value from json_each(?)) group by p.author"
)


def portraits(project: Project, accounts: Sequence[int]) -> dict[int, Portrait]:
    """What is known about each account. Nothing is guessed: a gap is something to ask for or to wait for."""
    listed = json.dumps(sorted(set(accounts)))
    known: dict[int, set[str]] = {}
    facts = "select distinct account, fact from profile_fact where account in (select value from json_each(?))"
    for account, fact in project.query(facts, (listed,)):
        known.setdefault(account, set()).add(fact)
    read = {row[0]: row[1:] for row in project.query(_READ, (listed,))}
    actors = {row[0] for row in project.query(
        "select distinct actor from interaction where actor in (select value from json_each(?))", (listed,)
    )}  # fmt: skip
    out: dict[int, Portrait] = {}
    for account, followers, posts, times, acts in project.query(_SEEN, (listed,)):
        interests, needs, analysed = read.get(account, (0, 0, 0))
        mine = known.get(account, set())
        found = {
            "followers": bool(followers),
            "posts_read": posts > 0,
            "times": times >= LEAST_TIMES,
            "interactions": bool(acts) or account in actors,
            "interest": "interest" in mine or bool(interests),
            "need": bool(needs),
            "sentiment": bool(analysed),
        } | {name: name in mine for name in PARTS["base"]}
        shares = {side: sum(found[name] for name in names) / len(names) for side, names in PARTS.items()}
        out[account] = Portrait(shares, tuple(n for names in PARTS.values() for n in names if not found[n]))
    return out


def portrait(project: Project, account: int) -> Portrait:
    """``portraits`` of one account."""
    nothing = Portrait(dict.fromkeys(PARTS, 0.0), tuple(name for names in PARTS.values() for name in names))
    return portraits(project, [account]).get(account, nothing)


def together(each: Sequence[Portrait]) -> tuple[Portrait, dict[str, int]]:
    """A group's mean completeness with what nobody shows, and {field: of how many people it is missing}."""
    missing = {name: sum(name in p.missing for p in each) for names in PARTS.values() for name in names}
    shares = {side: sum(p.shares[side] for p in each) / len(each) if each else 0.0 for side in PARTS}
    return Portrait(shares, tuple(n for n, k in missing.items() if k == len(each))), missing
