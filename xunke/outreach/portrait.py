"""How complete the picture of a person is: who they are, how they behave, what they need; and what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
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


def portrait(project: Project, account: int) -> Portrait:
    """What is known about an account. Nothing is guessed: a gap is something to ask for or to wait for."""
    known = {row[0] for row in project.query("select distinct fact from profile_fact where account = ?", (account,))}
    posts, times = project.query(
        "select count(*), count(created) from post where author = ?", (account,)
    )[0]  # fmt: skip
    features = project.query(
        "select f.detail from feature f join post p on p.id = f.post where p.author = ? limit 200", (account,)
    )
    details = [json.loads(row[0]) for row in features]
    acts = project.one("select exists(select 1 from interaction where target = ?1 or actor = ?1)", (account,))
    found = {
        "followers": project.one("select followers from account where id = ?", (account,)) is not None,
        "posts_read": posts > 0,
        "times": times >= LEAST_TIMES,
        "interactions": bool(acts),
        "interest": "interest" in known or any(d.get("interests") for d in details),
        "need": any(d.get("needs") for d in details),
        "sentiment": bool(details),
    } | {name: name in known for name in PARTS["base"]}
    shares = {side: sum(found[name] for name in names) / len(names) for side, names in PARTS.items()}
    return Portrait(shares, tuple(name for names in PARTS.values() for name in names if not found[name]))
