"""What a group of posts amounts to: the measures of stats and compare, each from stored rows only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Final

from xunke.errors import UsageError
from xunke.storage import Project

from .growth import Growth, gained
from .posts import Candidate

_SUMS: Final[Mapping[str, Callable[[Candidate], int]]] = {
    "likes": lambda p: p.likes or 0,
    "comments": lambda p: p.comments or 0,
    "shares": lambda p: p.shares or 0,
    "saves": lambda p: p.saves or 0,
    "views": lambda p: p.views or 0,
    "engagement": lambda p: p.engagement,
}


class Tallies:
    """Measures of groups among ``kept``. ``since`` and ``until`` (UTC seconds): the window in which followers grew.

    ``accounts``: asked for by themselves, whether or not they wrote anything.
    """

    def __init__(
        self, project: Project, kept: Sequence[Candidate], since: int | None, until: int, accounts: Sequence[int] = ()
    ) -> None:
        self._project, self._since, self._until = project, since, until
        self._authors = sorted({p.author for p in kept if p.author is not None}.union(accounts))

    @cached_property
    def followers(self) -> dict[int, int]:
        """{account: followers} where the platform says."""
        return dict(self._project.query("select id, followers from account where followers is not null"))

    @cached_property
    def growth(self) -> dict[int, Growth]:
        """{account: Growth} of the authors whose followers were stored twice or more."""
        return gained(self._project, self._authors, self._since, self._until)

    def of(self, measure: str, group: Sequence[Candidate], total: int, accounts: Sequence[int] = ()) -> float | None:
        """One measure of one group; None where nothing that was stored tells it.

        ``share``: of ``total``; ``sentiment``: positive among the posts that were analysed; ``engagement_rate``: mean
        over posts of engagement by the author's followers; ``followers`` and ``follower_growth``: of the group's
        authors (or of ``accounts``) together, each once. Raises UsageError("stats.measure") for others.
        """
        match measure:
            case "count":
                return len(group)
            case "share":
                return round(len(group) / total, 4) if total else None
            case "sentiment":
                known = [p.label for p in group if p.label]
                return round(sum(label == "positive" for label in known) / len(known), 4) if known else None
            case "engagement_rate":
                rates = [p.engagement / n for p in group if (n := self.followers.get(p.author or 0))]
                return round(sum(rates) / len(rates), 6) if rates else None
            case "followers":
                sizes = [self.followers[a] for a in accounts or _authors(group) if a in self.followers]
                return sum(sizes) if sizes else None
            case "follower_growth":
                grown = [self.growth[a].gained for a in accounts or _authors(group) if a in self.growth]
                return sum(grown) if grown else None
        if measure in _SUMS:
            return sum(map(_SUMS[measure], group))
        raise UsageError("stats.measure", measure=measure)


def _authors(group: Sequence[Candidate]) -> set[int]:
    return {p.author for p in group if p.author is not None}
