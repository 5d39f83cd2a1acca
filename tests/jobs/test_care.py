"""Jobs beside the rest: imports that are paused, people who are erased, projects from before there were slices."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from collectors.base import Extent, Query
from tests.faults.kit import posts_file
from tests.jobs.source import Scripted, page, register
from xunke.errors import BrokenAnswer
from xunke.events import Done, Imported, Progress
from xunke.jobs import Live, Reach, resume, run_collect, run_import
from xunke.storage import Project, erase
from xunke.storage import jobs as rows


async def test_an_import_is_paused_and_goes_on(tmp_path: Path) -> None:
    source, db = posts_file(tmp_path, 400), tmp_path / "p.db"
    with Project.open(db) as project, Project.open(db) as other:
        events = []
        async for event in run_import(project, [source], batch=20):
            events.append(event)
            if len([e for e in events if isinstance(e, Progress)]) == 3:
                other.writer.call(lambda w: rows.set_state(w, 1, "paused", "job.paused_by_user"))
        assert isinstance(events[-1], Done)
        stored = project.one("select count(*) from post")
        assert 0 < stored < 400
        job = project.jobs()[0]
        assert (job.state, job.claim) == ("paused", None)
        assert stored == (job.slices[0].cursor or {})["position"]
        (report,) = [event async for event in resume(project, job) if isinstance(event, Imported)]
        assert report.resumed_from == stored
        assert (report.read, report.stored) == (400, 400)


async def test_who_is_erased_is_in_no_gap_and_no_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register()
    lists = (Extent("likes", "p1", 5, 2), Extent("likes", "p2", 5, 2), Extent("followers", "u1", 9, 1))
    monkeypatch.setattr(Scripted, "script", {"甲": [page(1, 2, extents=lists), BrokenAnswer("net.shape", url="u")]})
    with Project.open(tmp_path / "p.db") as project:
        live = Live("scripted", Query("tag", "甲", "https://m.example"))
        async for _ in run_collect(project, [live], Reach()):
            pass
        assert len(rows.gaps(project.reader, 1)) == 3
        erase.person(project, int(project.one("select id from account_key where native_id = 'u1'")))
        assert [gap.key for gap in rows.gaps(project.reader, 1)] == ["p2"]


def test_jobs_of_an_older_project_go_on(tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    spec = {"collector": "scripted", "instance": "https://m.example", "mode": "tag", "value": "甲", "relations": [],
            "since": 7, "until": None, "limit": None}  # fmt: skip
    with Project.open(db) as project:
        project.writer.call(lambda w: rows.create(w, "collect", {"slices": [spec, spec]}, [spec, spec]))
    with sqlite3.connect(db) as old:
        old.execute("update job_slice set part = null, since = null, until = null")
        old.execute("update job set state = 'running'")
    with Project.open(db) as project:
        job = project.jobs()[0]
        assert job.died
        assert [one.part for one in job.slices] == [0, 1]
        assert project.writer.call(lambda w: rows.take(w, 1, {})) is None
