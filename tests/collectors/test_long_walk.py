"""Ten thousand pages: memory stays flat, and the end of a circle is found however long it is (FAULTS N20)."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Query
from collectors.http import Answer
from collectors.mastodon import Mastodon
from collectors.trail import Trail
from tests.collectors.test_mastodon import post


class Endless:
    """Stands where the transport does: a timeline of new posts without end. Only the walk is measured."""

    def __init__(self) -> None:
        self.next = 0

    async def get_json(self, url: str, params: Mapping[str, Any] | None = None, *_: Any, **__: Any) -> Answer[Any]:
        if url.endswith("/instance"):
            return Answer(200, {}, {"domain": "far.example"}, url)
        found = [post(self.next + n) for n in range(2)]
        self.next += 2
        return Answer(200, {"link": f'<https://x/?max_id={self.next}>; rel="next"'}, found, url)


async def test_memory_is_flat_over_ten_thousand_pages() -> None:
    source: Any = Endless()
    tracemalloc.start()
    early = largest = count = 0
    started = time.monotonic()
    async for page in Mastodon().collect(Query("tag", "露营", "https://m.example"), None, source):
        count += 1
        if count == 1_000:
            early = tracemalloc.get_traced_memory()[0]
        if count % 1_000 == 0:
            largest = max(largest, len(json.dumps(page.cursor)))
        if count == 10_000:
            break
    late = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert late - early < 2_000_000
    assert largest < 32_000, "the cursor is bounded too"
    assert time.monotonic() - started < 120


@given(st.integers(0, 300), st.integers(1, 900))
def test_every_circle_ends(tail: int, length: int) -> None:
    trail = Trail()
    steps = 0
    while trail.follow(str(steps if steps < tail else tail + (steps - tail) % length)):
        steps += 1
        assert steps <= tail + length + max(4 * (tail + length), 500)
    assert steps >= min(tail + length, 500)


@given(st.lists(st.text(max_size=3), max_size=60))
def test_what_was_seen_is_not_fresh(keys: list[str]) -> None:
    trail = Trail()
    assert trail.fresh(keys) == [key not in keys[:i] for i, key in enumerate(keys)]
    assert not any(trail.fresh(keys))
