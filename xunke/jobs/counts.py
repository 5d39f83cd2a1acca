"""What one slice of a job came to: rows, refused rows, posts listed, and how much of each list was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from xunke.model import Post, Record, Rejected
from xunke.storage.sheet import Tally

if TYPE_CHECKING:
    from collectors.base import Extent

REASONS_KEPT: Final = 200
NOTES_KEPT: Final = 50
_RECENT: Final = 9
_TALLIED: Final = ("stored", "updated", "duplicate", "suppressed", "interactions", "posts")
_COUNTED: Final = ("read", *_TALLIED, "rejected", "noted", "requests")
Cover = dict[str, Any]
"""How much of one kind of list was seen: ``lists``; of those whose size is told, ``said`` and ``known`` (seen of them);
``seen`` in all; ``reasons``: {message key: [lists, how many they lack where that is told]}."""


@dataclass(slots=True)
class Counts:
    """Running counts of one slice; JSON in ``job_slice.counts``.

    ``listed``: posts of the listing, without comments, reposts fetched for a post, and what posts refer to.
    ``recent``: times of the last of them, the latest last; ``rises``: how often one was newer than the one before.
    ``extents``: {kind: Cover}.
    """

    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    reasons: list[tuple[int, str, str]] = field(default_factory=list)
    notes: list[tuple[int, str, str]] = field(default_factory=list)
    listed: int = 0
    recent: list[int] = field(default_factory=list)
    rises: int = 0
    extents: dict[str, Cover] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Counts:
        """Counts as they were stored."""
        counts = cls()
        counts.numbers.update({k: v for k, v in stored.items() if k in _COUNTED})
        counts.reasons = [(row[0], row[1], row[2]) for row in stored.get("reasons", [])]
        counts.notes = [(row[0], row[1], row[2]) for row in stored.get("notes", [])]
        counts.listed, counts.rises = stored.get("listed", 0), stored.get("rises", 0)
        counts.recent = list(stored.get("recent", ()))
        counts.extents = stored.get("extents", {})
        return counts

    def stored(self) -> dict[str, Any]:
        """As JSON values."""
        more = {"listed": self.listed, "recent": self.recent, "rises": self.rises, "extents": self.extents}
        return {
            **self.numbers, "reasons": self.reasons, "notes": self.notes, **{k: v for k, v in more.items() if v}
        }  # fmt: skip

    def add(
        self, tally: Tally, rejected: Sequence[Rejected], read: int, notes: Sequence[Rejected] = ()
    ) -> dict[str, Any]:
        """Count one page; returns what is to be stored."""
        for name in _TALLIED:
            self.numbers[name] += getattr(tally, name)
        self.numbers["read"] += read
        self.numbers["rejected"] += len(rejected)
        room = REASONS_KEPT - len(self.reasons)
        self.reasons.extend((r.row, r.reason, r.detail) for r in rejected[: max(0, room)])
        self.numbers["noted"] += len(notes)
        room = NOTES_KEPT - len(self.notes)
        self.notes.extend((n.row, n.reason, n.detail) for n in notes[: max(0, room)])
        return self.stored()

    def see(self, records: Sequence[Record]) -> None:
        """Note the posts of the listing on a page, in the order in which they came, for as long as it goes on."""
        if "posts" in self.extents:
            return
        found = listing(records)
        self.listed += len(found)
        times = [post.created for post in found if post.created is not None]
        chain = [*self.recent[-1:], *times]
        self.rises += sum(later > before for before, later in pairwise(chain))
        self.recent = [*self.recent, *times][-_RECENT:]

    @property
    def oldest(self) -> int | None:
        """Time of the post that was listed last."""
        return self.recent[-1] if self.recent else None

    @property
    def newest_first(self) -> bool:
        """Whether the listing came in the order of time, some posts that arrived late aside."""
        return self.rises <= max(2, 0.3 * self.listed)

    def behind(self, until: int | None) -> int | None:
        """Where to go on in time: before this nearly all was seen. One post that is out of order must not decide, so
        this is the middle one of the last; where that is no step beyond ``until``, the last.
        """
        middle = sorted(self.recent)[len(self.recent) // 2] if self.recent else None
        return middle if middle is not None and (until is None or middle < until) else self.oldest

    def cover(self, extents: Sequence[Extent]) -> None:
        """Note how much was seen of lists that ended."""
        for one in extents:
            if one.kind == "posts":
                self.listed = one.seen
            merge(self.extents, {one.kind: _cover(one)})

    def forget_cover(self) -> None:
        """Smaller slices see all of this again and tell of it themselves."""
        self.extents = {}

    def hand_over(self, until: int) -> None:
        """Another slice goes on at ``until``: it tells how many posts there are, and counts those after it again."""
        again = sum(when <= until for when in self.recent)
        self.listed -= again
        if (cover := self.extents.get("posts")) is not None:
            cover |= {"said": 0, "known": 0, "told": 0, "reasons": {}, "seen": cover["seen"] - again}


def lacking(extent: Extent) -> bool:
    """Whether a list was not seen whole, as far as the source tells."""
    return extent.reason is not None or (extent.said is not None and extent.said > extent.seen)


def _cover(one: Extent) -> Cover:
    missing = 0 if one.said is None else max(0, one.said - one.seen)
    told = one.said is not None
    reasons = {one.reason or "job.not_sent": [1, missing]} if lacking(one) else {}
    return {
        "lists": 1, "said": one.said or 0, "known": min(one.seen, one.said or 0) if told else 0, "seen": one.seen,
        "told": int(told), "reasons": reasons,
    }  # fmt: skip


def merge(into: dict[str, Cover], more: Mapping[str, Cover]) -> None:
    """Add covers by kind."""
    for kind, cover in more.items():
        mine = into.setdefault(kind, {"lists": 0, "said": 0, "known": 0, "seen": 0, "told": 0, "reasons": {}})
        for name in ("lists", "said", "known", "seen", "told"):
            mine[name] += cover[name]
        for reason, (lists, missing) in cover["reasons"].items():
            before = mine["reasons"].get(reason, [0, 0])
            mine["reasons"][reason] = [before[0] + lists, before[1] + missing]


def listing(records: Sequence[Record]) -> list[Post]:
    """The posts of a page that are what was asked for: no comments, and nothing that another post only refers to."""
    posts = [record for record in records if isinstance(record, Post)]
    behind = {name for post in posts for name in (post.repost_of, post.quote_of, post.reply_to, post.root) if name}
    own = [post for post in posts if post.kind != "comment"]
    return [post for post in own if post.native_id not in behind or post.root == post.native_id]
