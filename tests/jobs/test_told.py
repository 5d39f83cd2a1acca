"""What is told of jobs: how to go on, how often, by which words one is meant."""

from __future__ import annotations

from datetime import date

import pytest

from collectors.base import Query
from xunke import actions
from xunke.chat import understand
from xunke.events import Progress, Table
from xunke.i18n import Catalogue
from xunke.jobs import Live
from xunke.present import event_lines, progress_line, rhythm
from xunke.present.plans import step_line
from xunke.storage import Project
from xunke.storage import jobs as rows
from xunke.storage.jobs import Window

ZH, EN = Catalogue("zh"), Catalogue("en")


def queued(project: Project, value: str) -> int:
    spec = Live("mastodon", Query("tag", value, "m.example")).spec()
    windows = [Window(0, spec, None, None)]
    return project.writer.call(lambda db: rows.create(db, "collect", {"of": value}, windows))


async def test_who_stops_a_job_is_told_how_it_goes_on(sample: Project) -> None:
    number = queued(sample, "露营")
    job = actions.known(sample, str(number))
    said = event_lines(await actions.change_job(sample, job, "paused"), ZH)
    assert f"xunke jobs resume {number}" in said[0]


def test_the_newest_that_fetches_is_meant_by_what_it_is_called(sample: Project) -> None:
    older, newer = queued(sample, "露营"), queued(sample, "徒步")
    for words in ("采集", "刚才的采集", "当前采集任务", "the collection", "last fetch job"):
        found = actions.job_of(sample, words)
        assert found is not None, words
        assert found.id == newer, words
    assert actions.job_of(sample, str(older)) is not None
    assert actions.job_of(sample, "露营采集") is None, "a schedule's name"


@pytest.mark.parametrize(
    ("text", "op", "name"),
    [
        ("采集到哪了", "list", None), ("任务进度怎么样", "list", None), ("取消任务5", "cancel", "5"),
        ("暂停任务 12", "pause", "12"), ("pause job 3", "pause", "3"), ("暂停采集", "pause", "采集"),
    ],
)  # fmt: skip
def test_the_chat_knows_jobs_by_number(text: str, op: str, name: str | None) -> None:
    (step,) = understand(text, today=date(2026, 11, 22)).steps
    assert (step.action, step.op, step.name) == ("jobs", op, name)


def test_rhythms_are_words() -> None:
    said = [rhythm(f"every.{code}", ZH) for code in ("1d", "6h", "2w", "3m", "odd")]
    assert said == ["每天", "每 6 小时", "每 2 周", "每 3 个月", "every.odd"]
    (*_, step) = understand("每周一早上9点统计 #露营 的发帖量", today=date(2026, 11, 22)).steps
    assert "每周" in step_line(step, ZH)
    assert "1w" not in step_line(step, ZH)


def test_progress_says_what_and_how_often_it_asked() -> None:
    event = Progress("collect", 1234, None, 9.0, 137.1, 70.0, "露营", 0.25, 2, 8, 157)
    assert progress_line(event, ZH) == "采集“露营” 1,234（25%），第 2/8 段，请求 157 次，每秒 137 条，约剩 1:10"
    assert "157 requests" in progress_line(event, EN)


def test_tables_have_no_bare_keys_and_no_empty_head() -> None:
    lines = event_lines(Table("watch.title", ["id", "watch.posts"], [["S1", 3]], {"n": 1}), ZH)
    assert "新帖" in lines[1]
    assert event_lines(Table("jobs.title", ["id"], [], {"n": 0}), ZH) == ["任务：0 个"]
