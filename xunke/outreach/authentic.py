"""What is stored about the authenticity of accounts (made by xunke.accounts), for scores and explanations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.storage import Project

SURE: Final = 0.8
SEEN: Final = 5
"""An account is left out of results for what it is when ``p_spam`` reaches ``SURE`` on at least ``SEEN`` numbers."""
Line = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class AccountSign:
    """What is stored about an account: ``p_spam`` 0..1, ``seen`` numbers, ``reasons`` = (name, value, log-odds)."""

    p_spam: float
    seen: int
    reasons: tuple[tuple[str, float, float], ...]

    @property
    def is_spam(self) -> bool:
        """Whether it is sure enough to leave the account out."""
        return self.p_spam >= SURE and self.seen >= SEEN

    def as_json(self) -> dict[str, Any]:
        """For scores and ``--json``."""
        return {
            "p_spam": self.p_spam, "seen": self.seen,
            "reasons": [{"name": n, "value": round(v, 4), "log_odds": w} for n, v, w in self.reasons],
        }  # fmt: skip


def signs(project: Project, accounts: Sequence[int]) -> dict[int, AccountSign]:
    """{account: what is stored} for those that have been judged."""
    rows = project.query(
        "select account, spam, seen, detail from account_sign where account in (select value from json_each(?))",
        (json.dumps(list(accounts)),),
    )
    return {row[0]: AccountSign(row[1], row[2], tuple(tuple(r) for r in json.loads(row[3]))) for row in rows}


def copied(project: Project, posts: Sequence[int]) -> dict[int, int]:
    """{post: how many accounts wrote nearly the same} for posts that at least ``COPIED_BY`` accounts wrote."""
    return dict(
        project.query(
            "select post, accounts from post_copy where post in (select value from json_each(?))",
            (json.dumps(list(posts)),),
        )
    )


def lines(sign: AccountSign) -> list[Line]:
    """Why: the probability, then a line for each number that speaks for spam, as message keys and parameters."""
    key = "why.account_spam" if sign.is_spam else "why.account"
    head = (key, {"p": sign.p_spam, "seen": sign.seen, "sure": SURE})
    return [head, *((f"nlp.account.{name}", {"value": value, "odds": odds}) for name, value, odds in sign.reasons)]
