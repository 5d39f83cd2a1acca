"""Results that a platform cuts off: slices of time, split where they must be, come to the complete and exact set."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Query
from tests.jobs.source import CAP, START, app, register, times
from tests.servers.scripted import Reply, Scripted, scripted
from xunke.events import Event, Failed, Progress, Warned
from xunke.jobs import Live, Reach, run_collect
from xunke.storage import Project
from xunke.storage import jobs as rows

DAYS = 6 * 86_400


@pytest.fixture(autouse=True)
def _registered() -> None:
    register()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "p.db") as opened:
        yield opened


async def run(project: Project, collector: str, server: Scripted, **more: Any) -> list[Event]:
    given = {"relations": frozenset({"replies"}), **more}
    live = Live(collector, Query("tag", "露营", server.base, **given))
    return [event async for event in run_collect(project, [live], Reach(True))]


def posts(project: Project, kind: str = "post") -> list[str]:
    sql = "select k.native_id from post t join post_key k on k.id = t.id where t.kind = ? order by t.created desc, t.id"
    return [row[0] for row in project.query(sql, (kind,))]


def job(project: Project) -> rows.Job:
    return project.jobs()[0]


async def test_a_window_is_cut_and_split_until_everything_is_seen(project: Project) -> None:
    whens = times(200)
    with scripted(app(whens)) as server:
        events = await run(project, "windowed", server, since=START, until=START + DAYS - 1)
    assert sorted(posts(project)) == sorted(f"p{n}" for n in range(200))
    assert len(posts(project, "comment")) == 2 * len(range(0, 200, 3))
    found = job(project)
    assert found.state == "done"
    split = [one for one in found.slices if one.reason == rows.SPLIT]
    whole = [one for one in found.slices if one.reason is None]
    assert len(split) > 3
    assert all(one.state == "done" and one.cursor is None for one in found.slices)
    windows = sorted((one.since or 0, one.until or 0) for one in whole)
    assert windows[0][0] == START
    assert windows[-1][1] == START + DAYS - 1
    assert all(before[1] + 1 == after[0] for before, after in pairwise(windows))
    assert rows.gaps(project.reader, found.id) == []
    cover = next(e for e in events if isinstance(e, Warned) and e.code == "collect.cover").params["cover"]
    assert cover["posts"]["seen"] == 200, "what split slices saw is not counted twice"
    assert (cover["replies"]["said"], cover["replies"]["known"]) == (134, 134)


async def test_progress_goes_up_and_tells_slices(project: Project) -> None:
    with scripted(app(times(120))) as server:
        events = await run(project, "windowed", server, since=START, until=START + DAYS - 1)
    told = [e for e in events if isinstance(e, Progress) and e.stage == "collect"]
    shares = [e.share for e in told if e.share is not None]
    assert len(shares) == len(told) > 20
    assert all(0 <= share <= 1 for share in shares)
    assert shares[-1] == pytest.approx(1.0, abs=0.01)
    assert shares == sorted(shares)
    assert len(set(shares)) > 8
    assert told[-1].parts == told[-1].part > 3
    assert any(e.eta is not None and e.rate for e in told)


async def test_without_a_beginning_the_walk_goes_on_behind_the_oldest(project: Project) -> None:
    with scripted(app(times(100))) as server:
        await run(project, "windowed", server)
    assert sorted(posts(project)) == sorted(f"p{n}" for n in range(100))
    found = job(project)
    assert [one.reason for one in found.slices[:-1]] == ["job.continued"] * (len(found.slices) - 1)
    assert found.slices[-1].reason is None
    assert len(found.slices) <= 1 + (100 - CAP) // (CAP - 6)
    assert rows.gaps(project.reader, found.id) == []


async def test_a_source_that_knows_no_end_of_a_window_is_not_asked_for_ever(project: Project) -> None:
    whole = app(times(60))

    def deaf(asked: Any) -> Any:
        asked.query.pop("until", None)
        return whole(asked)

    with scripted(deaf) as server:
        await run(project, "windowed", server, relations=frozenset())
        assert len(server.asked) < 25
    gaps = rows.gaps(project.reader, job(project).id)
    assert (gaps[-1].kind, gaps[-1].reason) == ("posts", "job.cap_no_way")


async def test_a_source_without_windows_is_not_asked_for_the_same_again(project: Project) -> None:
    with scripted(app(times(60))) as server:
        await run(project, "plain", server, relations=frozenset())
        asked = [one for one in server.asked if one.one("until")]
    assert asked == []
    assert len(posts(project)) == CAP
    (gap,) = rows.gaps(project.reader, job(project).id)
    assert (gap.kind, gap.reason) == ("posts", "job.cap_no_way")


async def test_a_late_post_at_the_edge_makes_no_hole(project: Project) -> None:
    """Posts stand in the order in which they arrived: one that is much older is the last that is shown."""
    whens = times(60)
    order = sorted(((when, n) for n, when in enumerate(whens)), reverse=True)
    old = order.pop()
    order.insert(CAP - 1, old)

    def answer(asked: Any) -> Any:
        until = int(asked.one("until", str(2**40)))
        hits = [(when, n) for when, n in order if when <= until][:CAP]
        cut = sum(when <= until for when, _ in order) > CAP
        return Reply({"rows": [{"id": n, "at": when, "comments": 0} for when, n in hits], "more": False, "cut": cut})

    with scripted(answer) as server:
        await run(project, "windowed", server, relations=frozenset())
    assert set(posts(project)) == {f"p{n}" for n in range(60)}
    assert rows.gaps(project.reader, job(project).id) == []


async def test_a_list_in_no_order_of_time_is_not_believed_complete(project: Project) -> None:
    whens = times(60)
    inner = app(whens)

    def hot(asked: Any) -> Any:
        reply = inner(asked)
        reply.body["rows"].sort(key=lambda row: row["id"] * 7 % 13)
        return reply

    with scripted(hot) as server:
        await run(project, "windowed", server, relations=frozenset())
    assert [gap.reason for gap in rows.gaps(project.reader, job(project).id)] == ["job.cap_no_way"]


async def test_more_than_is_shown_of_one_hour_is_a_gap(project: Project) -> None:
    whens = [START + 1000 + n for n in range(CAP + 5)] + [START + 90_000]
    with scripted(app(whens)) as server:
        await run(project, "windowed", server, since=START, until=START + DAYS - 1, relations=frozenset())
    assert len(posts(project)) == CAP + 1
    (gap,) = rows.gaps(project.reader, job(project).id)
    assert gap.reason == "job.cap_too_tight"
    assert gap.seen == CAP
    ends = [one.until - one.since for one in job(project).slices if one.until and one.since]
    assert min(ends) >= 1700, "nothing is split below an hour"


async def test_more_than_is_shown_of_one_second_is_stepped_over(project: Project) -> None:
    whens = [START + 50] * (CAP + 3) + [START + n for n in range(10)]
    with scripted(app(whens)) as server:
        await run(project, "windowed", server, relations=frozenset())
    assert len(posts(project)) == CAP + 10
    assert [gap.reason for gap in rows.gaps(project.reader, job(project).id)] == ["job.cap_too_tight"]


@pytest.mark.parametrize("limit", [1, CAP, 30, 77, 500])
async def test_the_limit_is_exact_without_slices_too(project: Project, limit: int) -> None:
    whens = [START + 60 * n for n in range(120)]
    with scripted(app(whens)) as server:
        await run(project, "windowed", server, limit=limit, relations=frozenset())
    assert posts(project) == [f"p{n}" for n in range(119, -1, -1)][:limit]


@pytest.mark.parametrize("limit", [1, 5, CAP, 30, 77, 500])
async def test_the_limit_is_shared_by_the_slices(project: Project, limit: int) -> None:
    whens = times(120)
    newest = [n for _, n in sorted(((when, n) for n, when in enumerate(whens)), reverse=True)]
    with scripted(app(whens)) as server:
        await run(project, "windowed", server, since=START, until=START + DAYS - 1, limit=limit, relations=frozenset())
    found = posts(project)
    assert set(found) == {f"p{n}" for n in newest[:limit]}
    assert job(project).state == "done"


async def test_until_is_now_and_slices_are_not_without_number(project: Project) -> None:
    with scripted(app([])) as server:
        begun = int(time.time())
        await run(project, "windowed", server, since=begun - 3 * 86_400 * 365 * 30, limit=1)
    slices = job(project).slices
    assert 1_900 < len(slices) <= 2_001
    assert begun <= (slices[0].until or 0) <= time.time()


async def test_nothing_found_is_told(project: Project) -> None:
    with scripted(app([])) as server:
        events = await run(project, "windowed", server, since=START, until=START + DAYS)
    told = [e for e in events if isinstance(e, Warned)]
    assert [e.code for e in told] == ["collect.none_found"]
    assert told[0].params == {"value": "露营", "mode": "tag", "host": server.base}
    assert (job(project).state, job(project).reason) == ("done", "job.empty")
    assert not [e for e in events if isinstance(e, Failed)]
