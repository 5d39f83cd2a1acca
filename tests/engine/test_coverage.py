"""A result says which fetches behind it did not see everything (invented data)."""

from __future__ import annotations

from pathlib import Path

import pytest

from xunke.events import Event, Warned
from xunke.model import Account, Post, Provenance
from xunke.outreach.coverage import coverage
from xunke.storage import Project
from xunke.storage import jobs as rows
from xunke.storage.ingest import source_id

SPEC = {"collector": "mastodon", "instance": "https://m.example", "mode": "tag", "value": "露营"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    with Project.open(tmp_path / "p.db") as opened:
        yield opened


def fetched(project: Project, name: str, state: rows.JobState = "done") -> int:
    """A job that brought one post; its number."""

    def write(db: object) -> int:
        job = rows.create(db, "collect", {"slices": [SPEC]}, [SPEC])  # type: ignore[arg-type]
        rows.set_state(db, job, state)  # type: ignore[arg-type]
        source = source_id(db, Provenance("live", "https://m.example", "tag:露营"), job)  # type: ignore[arg-type]
        post = Post("mastodon", name, "露营", author=Account("mastodon", "lin@m.example"), created=1)
        project.store(db, [post], source)  # type: ignore[arg-type]
        return job

    return int(project.writer.call(write))


def gap(project: Project, job: int, kind: str, said: int | None, seen: int) -> None:
    sql = "insert into gap values (?, 0, ?, '露营', ?, ?, 'job.cap_no_way', 0, 'open')"
    project.writer.call(lambda db: db.execute(sql, (job, kind, said, seen)))


def told(project: Project) -> list[Event]:
    return coverage(project, [row[0] for row in project.query("select id from post")])


def test_whole_fetches_and_gaps_of_relations_are_no_word_worth(project: Project) -> None:
    gap(project, fetched(project, "a"), "likes", 9, 3)
    assert told(project) == []


def test_a_fetch_that_was_cut_off_is_named_with_what_is_missing(project: Project) -> None:
    fetched(project, "a")
    job = fetched(project, "b")
    gap(project, job, "posts", 312, 298)
    assert told(project) == [Warned("coverage.jobs_missing", {"jobs": str(job), "n": 1, "missing": 14})]


def test_a_fetch_that_has_not_ended_is_named(project: Project) -> None:
    job = fetched(project, "a", "parked")
    assert told(project) == [Warned("coverage.jobs", {"jobs": str(job), "n": 1, "missing": 0})]
