"""Time slices: what a query is cut into where a platform cuts long results off, and what takes the place of a slice
that was still too long.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from xunke.errors import CollectorError
from xunke.storage.jobs import SPLIT, Reason, Slice, Window

from .counts import Counts

if TYPE_CHECKING:
    from collectors.base import Capabilities, Query

DAY: Final = 86_400
NARROWEST: Final = 3_600
"""Seconds: a slice of this width is not split any more."""
LIMITED: Final = Reason("job.limit_reached")
CONTINUED: Final = "job.continued"
"""Reason of a slice that the source cut off and one of older posts goes on behind."""
MOST: Final = 2_000
"""Slices that a query is cut into at most; then they are wider, and split where they must be."""


@dataclass(frozen=True, slots=True)
class Live:
    """One thing to fetch from one server: a collector's name and its query. Secrets stay out of the database."""

    collector: str
    query: Query

    def spec(self) -> dict[str, Any]:
        """What identifies it in the job table."""
        q = self.query
        spec = {
            "collector": self.collector, "instance": q.instance, "mode": q.mode, "value": q.value,
            "relations": sorted(q.relations), "since": q.since, "until": q.until, "limit": q.limit,
        }  # fmt: skip
        return {**spec, "follow": q.follow} if q.follow is not None else spec

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> Live:
        """From what ``spec`` gave."""
        from collectors.base import Query

        given = {**spec, "relations": frozenset(spec["relations"])}
        return cls(str(given.pop("collector")), Query(**given))


def host_of(spec: Mapping[str, Any]) -> tuple[str, str]:
    """Whose budget and mood a slice depends on: (collector, server; "" for its usual one)."""
    return str(spec["collector"]), str(spec["instance"] or "")


def cut(part: int, live: Live, now: int | None = None) -> Iterator[Window]:
    """The slices that query number ``part`` of a job begins with, newest first."""
    spec, query = live.spec(), live.query
    can = _capabilities(live.collector)
    if can is None or can.window_days is None or query.since is None or query.follow is not None:
        yield Window(part, spec, query.since, query.until)
        return
    until = int(time.time()) if now is None else now
    until = until if query.until is None else query.until
    width = max(can.window_days * DAY, -(-(until - query.since + 1) // MOST))
    end = until
    while end - width >= query.since:
        yield Window(part, spec, end - width + 1, end)
        end -= width
    yield Window(part, spec, query.since, end)


def _capabilities(name: str) -> Capabilities | None:
    from collectors import registry

    try:
        return registry.load(name).capabilities
    except CollectorError:  # its code does not load: told when the slice is run
        return None


def pieces(one: Slice, counts: Counts, now: int, *, windowed: bool) -> tuple[str, list[Window]]:
    """What takes the place of a slice that the source cut off: (why, slices); no slices: nothing helps.

    ``windowed``: the source honours both ends of a window; one that does not would only send the same again. Then both
    halves of a slice with a beginning; else the time before the oldest post seen, for as long as that brings any.
    """
    until, oldest = one.until, counts.behind(one.until)
    if not windowed or not counts.listed or oldest is None:
        return "job.cap_no_way", []
    if one.since is not None:
        end = now if until is None else until
        if end - one.since < NARROWEST:
            return "job.cap_too_tight", []
        middle = (one.since + end) // 2
        return SPLIT, [
            Window(one.part, one.spec, middle + 1, until), Window(one.part, one.spec, one.since, middle)
        ]  # fmt: skip
    if (
        not counts.newest_first
        or (until is not None and oldest > until)
        or (one.since is not None and oldest <= one.since)
    ):
        return "job.cap_no_way", []
    if until is not None and oldest == until:  # one second holds more than the source shows
        return "job.cap_too_tight", [Window(one.part, one.spec, one.since, oldest - 1)]
    return CONTINUED, [Window(one.part, one.spec, one.since, oldest)]
