"""Ten thousand pages through the job engine: memory stays flat, a cursor small, and a stop is answered at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from collectors.base import Capabilities, Page, Query
from collectors.trail import digest
from collectors.walk import State, Task
from tests.jobs import source
from xunke.events import Progress
from xunke.jobs import Live, Reach, run_collect
from xunke.model import Account, Post
from xunke.storage import Project
from xunke.storage import jobs as rows


def resident() -> int:
    """Bytes of memory that this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


class Endless:
    """A fast source of many pages."""

    platform: ClassVar[str] = "invented"
    capabilities: ClassVar[Capabilities] = Capabilities(modes=frozenset({"tag"}), needs_instance=True)
    pages: ClassVar[int] = 10_000

    async def collect(self, query: Query, cursor: Any, http: Any) -> AsyncIterator[Page]:
        for n in range((cursor or {}).get("n", 0), self.pages):
            await asyncio.sleep(0)
            post = Post("invented", f"p{n}", f"第 {n} 条", author=Account("invented", f"u{n % 50}"), created=10**9 - n)
            yield Page((post,), {"n": n + 1} if n + 1 < self.pages else None)


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Live:
    monkeypatch.setitem(source.POINTS, "endless", Endless)
    source.register()
    return Live("endless", Query("tag", "露营", "https://m.example"))


@pytest.mark.slow
async def test_memory_is_flat_over_ten_thousand_pages(live: Live, tmp_path: Path) -> None:
    begun, early = time.monotonic(), 0
    with Project.open(tmp_path / "p.db") as project:
        async for event in run_collect(project, [live], Reach()):
            if isinstance(event, Progress) and event.done == 1_500:
                early = resident()
        late = resident()
        assert project.one("select count(*) from post") == 10_000
    assert early
    assert late - early < 20_000_000, (early, late)
    assert time.monotonic() - begun < 60


async def test_a_stop_is_answered_within_a_second(live: Live, tmp_path: Path) -> None:
    with Project.open(tmp_path / "p.db") as project, Project.open(tmp_path / "p.db") as other:
        stopped = 0.0
        async for event in run_collect(project, [live], Reach()):
            if isinstance(event, Progress) and event.done == 300:
                other.writer.call(lambda db: rows.set_state(db, 1, "cancelled", "job.cancelled_by_user"))
                stopped = time.monotonic()
        assert stopped
        assert time.monotonic() - stopped < 1.0
        job = project.jobs()[0]
        assert (job.state, job.claim, job.slices[0].state) == ("cancelled", None, "cancelled")
        assert 300 <= job.slices[0].counts["stored"] < 310
        assert job.slices[0].cursor == {"n": job.slices[0].counts["stored"]}


def test_a_cursor_with_a_page_of_relations_is_small() -> None:
    import msgspec

    state = State(next={"max_id": "1" * 18})
    for n in range(3_000):
        state.trail.fresh([f"l:{n}"])
        state.trail.follow(f"{n}")
    state.queue = [
        Task("replies", f"https://m.example/users/somebody{n}/statuses/{10**17 + n}", f"{10**17 + n}", "u" * 40)
        for n in range(40)
    ]
    for n in range(3_000):  # only the first task is under way
        state.queue[0].trail.fresh([f"{n}"])
        state.queue[0].trail.follow(f"{n}")
    state.people = [digest(f"https://m.example/users/somebody{n}") for n in range(2_000)]
    assert len(msgspec.json.encode(state)) < 65_536
