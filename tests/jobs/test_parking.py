"""What becomes of a job when its source fails in each of the ways that errors are named by."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Extent, Query
from tests.jobs.source import Scripted, page, register
from xunke import credentials
from xunke.errors import BadInput, BadQuery, Blocked, BrokenAnswer, Gone, NeedsLogin, Retry
from xunke.events import Event, Failed, Warned
from xunke.i18n import Catalogue
from xunke.jobs import Live, Reach, refetch, resume, run_collect
from xunke.present import event_lines
from xunke.storage import Project
from xunke.storage import jobs as rows

SECRET = "geheim-4f1c9d7e2b"


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    register()
    monkeypatch.setattr(Scripted, "script", {})
    monkeypatch.setattr(Scripted, "asked", [])


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "p.db") as opened:
        yield opened


def wanted(*values: str, host: str = "https://m.example") -> list[Live]:
    return [Live("scripted", Query("tag", value, value.partition("@")[2] or host)) for value in values]


async def run(project: Project, lives: list[Live], **reach: Any) -> list[Event]:
    return [event async for event in run_collect(project, lives, Reach(**reach))]


async def again(project: Project, **more: Any) -> list[Event]:
    return [event async for event in resume(project, project.jobs()[0], Reach(), **more)]


def states(project: Project) -> list[tuple[str, str | None]]:
    return [(one.state, one.reason) for one in project.jobs()[0].slices]


def failed(events: list[Event]) -> Failed:
    return next(event for event in events if isinstance(event, Failed))


def asked() -> list[str]:
    return [query.value for query in Scripted.asked]


async def test_retry_parks_until_then_and_the_host_is_left_alone(project: Project) -> None:
    Scripted.script = {"甲": [page(1), Retry("net.limited", 900, host="m.example"), page(2)], "乙": [page(3)],
                       "丙@https://other.example": [page(4)]}  # fmt: skip
    begun = time.time()
    events = await run(project, wanted("甲", "乙", "丙@https://other.example"))
    assert asked() == ["甲", "丙@https://other.example"]
    assert states(project) == [("parked", "net.limited"), ("parked", "net.limited"), ("done", None)]
    job = project.jobs()[0]
    assert (job.state, job.reason) == ("parked", "net.limited")
    assert job.not_before is not None
    assert abs(job.not_before - begun - 900) < 5
    assert failed(events).resumable
    assert "m.example" in event_lines(failed(events), Catalogue("zh"))[0]
    assert project.one("select count(*) from post") == 2
    with pytest.raises(BadInput) as refused:
        await again(project)
    assert refused.value.key == "job.not_yet"
    assert await run(project, wanted("甲", "乙", "丙@https://other.example"), unattended=True) == [
        Failed("job.not_yet", {"job": 1, "at": refused.value.params["at"]}, resumable=True)
    ]
    assert len(asked()) == 2
    Scripted.script["甲"][1] = page(9)
    await again(project, now=True)
    assert asked()[2:] == ["甲", "乙"]
    assert project.one("select count(*) from post") == 5
    assert project.jobs()[0].state == "done"


async def test_a_login_is_asked_for_with_its_command(project: Project) -> None:
    Scripted.script = {"甲": [NeedsLogin("net.needs_login", host="m.example", status=401, said="")]}
    events = await run(project, wanted("甲"))
    told = failed(events)
    assert told.key == "job.parked_login"
    assert "xunke connect scripted --instance https://m.example" in event_lines(told, Catalogue("en"))[0]
    assert project.jobs()[0].not_before is None
    Scripted.script = {"甲": [page(1)]}
    await again(project)
    assert project.jobs()[0].state == "done"


async def test_a_ban_is_not_run_into_by_schedules(project: Project) -> None:
    ban = Blocked("net.refused", host="m.example", status=403, said="no")
    Scripted.script = {"甲": [ban], "乙": [page(1)]}
    pauses = []
    for n in range(1, 6):
        events = await run(project, wanted("甲"))
        assert failed(events).key == "job.parked"
        pauses.append(round((project.jobs()[0].not_before or 0) - time.time(), -2))
        assert project.one("select strikes from refusal") == n
    assert pauses == [3600, 4 * 3600, 24 * 3600, 24 * 3600, 24 * 3600]
    before = len(asked())
    for values in (("甲",), ("乙",)):  # another job of the same server waits as well
        assert failed(await run(project, wanted(*values), unattended=True)).resumable
    assert len(asked()) == before
    await run(project, wanted("乙"))  # the user asks: that is tried, and it works again
    assert project.one("select count(*) from refusal") == 0
    assert project.one("select count(*) from post") == 1


async def test_a_bad_query_fails_and_the_others_go_on(project: Project) -> None:
    Scripted.script = {"甲": [BadQuery("net.bad_query", url="u", status=400, said="?")], "乙": [page(1)],
                       "丙": [Gone("net.gone", url="u", status=404)]}  # fmt: skip
    events = await run(project, wanted("甲", "乙", "丙"))
    assert states(project) == [("failed", "net.bad_query"), ("done", None), ("done", "net.gone")]
    assert failed(events).key == "job.failed"
    assert project.jobs()[0].state == "done"
    alone = await run(project, wanted("甲"))
    assert failed(alone).exit_code == 1
    assert (project.jobs()[0].state, project.jobs()[0].reason) == ("failed", "net.bad_query")


@pytest.mark.parametrize("error", [BrokenAnswer("net.shape", url="u"), KeyError("id")])
async def test_a_broken_answer_stores_nothing_and_parks(project: Project, error: Exception) -> None:
    Scripted.script = {"甲": [page(1), error, page(2)], "乙": [page(3)]}
    await run(project, wanted("甲", "乙"))
    key = getattr(error, "key", "collect.crashed")
    assert states(project) == [("parked", key), ("done", None)]
    Scripted.script["甲"][1] = page(5)
    await again(project)
    assert project.one("select count(*) from post") == 4
    assert states(project) == [("done", None), ("done", None)]


async def test_budgets_park_and_lose_nothing(project: Project) -> None:
    async def asks(http: Any) -> Any:
        http.requests += 2
        return page(http.requests)

    Scripted.script = {"甲": [asks] * 6}
    events = await run(project, wanted("甲"), max_requests=5)
    assert failed(events).params["reason"] == "job.budget_requests"
    assert project.one("select count(*) from post") == 3
    job = project.jobs()[0]
    assert (job.state, job.reason, job.reason_params, job.budget) == (
        "parked", "job.budget_requests", {"requests": 5}, {"requests": 5}
    )  # fmt: skip
    assert "5" in event_lines(failed(events), Catalogue("zh"))[0]
    await again(project)
    assert project.jobs()[0].state == "done"
    assert sum(one.counts["requests"] for one in project.jobs()[0].slices) == 12


async def test_minutes_end_a_wait(project: Project) -> None:
    async def sleeps(http: Any) -> Any:
        await asyncio.sleep(60)

    Scripted.script = {"甲": [page(1), sleeps]}
    begun = time.monotonic()
    events = await run(project, wanted("甲"), max_minutes=0.01)
    assert time.monotonic() - begun < 5
    assert failed(events).params["reason"] == "job.budget_minutes"


async def test_gaps_are_told_listed_and_fetched_again(project: Project) -> None:
    lists = (
        Extent("replies", "p1", 60, 45, "collect.needs_login"), Extent("likes", "p1", 7, 7),
        Extent("likes", "p2", None, 3, "collect.page_limit", again=True), Extent("replies", "p2", 9, 8, again=True),
        Extent("posts", "甲", 312, 298),
    )  # fmt: skip
    Scripted.script = {"甲": [page(1, 2), page(3, extents=lists)]}
    events = await run(project, wanted("甲"))
    (told,) = [e for e in events if isinstance(e, Warned) and e.code == "collect.cover"]
    assert event_lines(told, Catalogue("zh"))[0] == (
        "甲：平台说有 312 条，看到 298 条（14 条平台没有给出）；评论 53/69（15 条要登录才能看、1 条平台没有给出）；"
        "点赞 7/7（1 处只取前几页）"
    )
    job = project.jobs()[0]
    assert [(g.kind, g.key, g.said, g.seen, g.again) for g in rows.gaps(project.reader, job.id)] == [
        ("likes", "p2", None, 3, True), ("posts", "甲", 312, 298, False), ("replies", "p1", 60, 45, False),
        ("replies", "p2", 9, 8, True),
    ]  # fmt: skip
    Scripted.asked.clear()
    whole = (Extent("replies", "p2", 9, 9), Extent("likes", "p2", None, 5))
    Scripted.script["p2"] = [page(2, extents=whole)]
    async for _ in refetch(project, job, Reach()):
        pass
    (query,) = Scripted.asked
    assert (query.mode, query.value, query.relations) == ("post", "p2", {"replies", "likes"})
    assert [(g.kind, g.key) for g in rows.gaps(project.reader, job.id)] == [("posts", "甲"), ("replies", "p1")]
    Scripted.asked.clear()
    async for _ in refetch(project, job, Reach(), every=True):
        pass
    assert [(q.mode, q.value) for q in Scripted.asked] == [("tag", "甲")]
    with pytest.raises(BadInput):
        refetch(project, job, Reach())


async def test_secrets_are_used_and_never_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def kept(platform: str, instance: str | None) -> Mapping[str, str]:
        assert (platform, instance) == ("scripted", "https://m.example")
        return {"token": SECRET}

    monkeypatch.setattr(credentials, "of", kept)
    error = BrokenAnswer("net.error_inside", url="u", said=f"bad token {SECRET}")
    Scripted.script = {"甲": [page(1), error], "乙": [KeyError(SECRET)]}
    events = await run(project, wanted("甲", "乙"))
    assert [query.token for query in Scripted.asked] == [SECRET, SECRET]
    assert SECRET not in repr(events)
    project.close()
    for path in Path(project.path).parent.iterdir():
        assert SECRET.encode() not in path.read_bytes()


async def test_rejected_rows_and_their_reasons_are_kept(project: Project) -> None:
    from xunke.actions import details, shown
    from xunke.model import Rejected

    Scripted.script = {"甲": [page(1, rejected=(Rejected(3, "collect.no_author", "p77"),))]}
    await run(project, wanted("甲"))
    job = project.jobs()[0]
    assert details(project, job)["rejected"] == [[3, "collect.no_author", "p77"]]
    json.dumps(details(project, job))
    text = "\n".join(line for event in shown(project, job) for line in event_lines(event, Catalogue("zh")))
    assert "没有作者" in text
    assert "p77" in text


async def test_what_is_not_there_is_no_success(project: Project) -> None:
    Scripted.script = {"没有": [Gone("net.gone", url="https://m.example/x", status=404)]}
    events = await run(project, wanted("没有"))
    assert failed(events).key == "job.not_there"
    assert failed(events).exit_code == 1
    assert project.jobs()[0].state == "done"
    line = event_lines(failed(events), Catalogue("zh"))[0]
    assert "net.gone" not in line
    assert "404" in line
