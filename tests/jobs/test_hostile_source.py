"""Jobs of a source that is broken or hostile: endless waits, secrets in its errors, rows that cannot be stored."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from collectors.base import Extent, Mode, Page, Query
from collectors.sealed import seal
from tests.jobs.source import Scripted, page, register
from xunke import actions, credentials
from xunke.errors import BrokenAnswer, Retry, StorageError
from xunke.events import Event
from xunke.i18n import Catalogue
from xunke.jobs import Live, Reach, run_collect
from xunke.present import event_lines
from xunke.sources import masked
from xunke.storage import Project
from xunke.storage.project import verify_audit

SECRET = "geheim-4f1c9d7e2b-8a6e5d4c3b2a1908"
DAY = 86_400


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    register()
    monkeypatch.setattr(Scripted, "script", {})
    monkeypatch.setattr(Scripted, "asked", [])


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "p.db") as opened:
        yield opened


async def run(project: Project, *values: str, **reach: object) -> list[Event]:
    lives = [Live("scripted", Query("tag", value, "https://m.example")) for value in values]
    return [event async for event in run_collect(project, lives, Reach(**reach))]  # type: ignore[arg-type]


def everything_shown(project: Project, events: list[Event]) -> str:
    """All that a user, a table, ``jobs show --json`` and the file itself say."""
    cat = Catalogue("en")
    job = project.jobs()[0]
    seen = [*events, *actions.shown(project, job), actions.jobs_table(project), actions.gaps_table(project, job)]
    lines = [line for event in seen for line in event_lines(event, cat)]
    return "\n".join([*lines, json.dumps(actions.details(project, job)), "\n".join(project.reader.iterdump())])


@pytest.mark.parametrize("wait", [1e12, 1e300, float("inf"), float("nan"), -5.0])
async def test_no_wait_lasts_for_ever(project: Project, wait: float) -> None:
    Scripted.script = {"甲": [page(1), Retry("net.limited", wait, host="m.example")]}
    events = await run(project, "甲")
    job = project.jobs()[0]
    assert (job.state, job.reason) == ("parked", "net.limited")
    assert job.not_before is not None
    assert 0 <= job.not_before - time.time() + 5 <= 8 * DAY
    everything_shown(project, events)


@pytest.mark.parametrize("before", [0, 100, 130, 160, 175, 190, 400])
async def test_a_secret_is_hidden_wherever_a_message_is_cut(
    project: Project, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    monkeypatch.setattr(credentials, "of", lambda platform, instance: {"token": SECRET})
    Scripted.script = {"甲": [page(1), ValueError("x" * before + SECRET)]}
    shown = everything_shown(project, await run(project, "甲"))
    assert SECRET[:8] not in shown


@pytest.mark.parametrize("before", [0, 130, 140, 150, 155])
def test_a_secret_that_a_server_repeats_is_hidden_where_its_words_are_cut(before: int) -> None:
    from collectors.answers import message

    said = message(json.dumps({"error": "x" * before + SECRET}).encode())
    error = BrokenAnswer("net.error_inside", said=said)
    seal("https://m.example", token=SECRET).scrub(error)
    assert SECRET[:6] not in f"{error.params['said']}"


def test_secrets_within_a_kept_session_are_hidden() -> None:
    session = json.dumps({"token": SECRET, "until": 1})
    vault: Mapping[str, str] = {"reddit:1": session, "visitor": "buvid3=AB12-CD34; b=1"}
    assert SECRET not in masked(f"refused {SECRET}", {}, vault)
    assert masked("the token until 1", {}, vault) == "the token until 1", "names are no secrets"
    assert "AB12-CD34" not in masked("AB12-CD34", vault)


def odd_post(**odd: object) -> Page:
    post = dataclasses.replace(page(1).records[0], **odd)  # type: ignore[arg-type]
    return Page((post,), None)


@pytest.mark.parametrize(
    "bad",
    [
        Page(page(1).records, None, extents=(Extent("posts", "甲", 10**30, 1),)),
        Page(page(1).records, None, extents=(Extent("posts", "\ud800", 9, 1),)),
        Page(page(1).records, {"next": {1, 2}}),
        Page(page(1).records, {"next": "\ud800" * 9, "n": float("inf")}),
        Page(("no record",), None),  # type: ignore[arg-type]
        odd_post(likes=10**30),
        odd_post(author="甲"),
        "no page",
    ],
)
async def test_a_page_that_cannot_be_stored_parks_its_own_slice_only(project: Project, bad: Page) -> None:
    Scripted.script = {"甲": [bad], "乙": [page(7)]}
    events = await run(project, "甲", "乙")
    states = [(one.state, one.reason) for one in project.jobs()[0].slices]
    assert states in ([("parked", "collect.crashed"), ("done", None)], [("done", None), ("done", None)])
    stored = project.one("select count(*) from post")
    assert stored == (1 if states[0][0] == "parked" else 2), "all of a page or nothing"
    everything_shown(project, events)


@pytest.mark.parametrize("odd", [{"likes": "many"}, {"created": 1e400}])
async def test_a_value_that_the_file_refuses_is_said(project: Project, odd: dict[str, object]) -> None:
    Scripted.script = {"甲": [odd_post(**odd)]}
    with pytest.raises(StorageError):
        await run(project, "甲")
    assert project.one("select count(*) from post") == 0
    assert project.jobs()[0].state == "paused"


async def test_notes_and_lists_of_a_hostile_source_are_shown_safely(project: Project) -> None:
    bell = "\x1b]0;t\x07"
    lists = (Extent("replies", f"{bell}[/]" + "x" * 9_000, 9, 1, f"\x1b[2J{bell}"),)
    Scripted.script = {"甲": [Page(page(1).records, None, extents=lists, notes=((f"{bell}x", {"a": bell}),))]}
    shown = everything_shown(project, await run(project, "甲"))
    assert "\x1b" not in shown.partition("BEGIN TRANSACTION")[0]
    assert project.one("select count(*) from post") == 1


async def test_the_audit_log_says_what_was_read_and_names_nobody(project: Project) -> None:
    Scripted.script = {"某某某": [page(1)], "乙": [Retry("net.limited", 9, host="m.example")]}
    asked: tuple[tuple[Mode, str], ...] = (("account", "某某某"), ("tag", "乙"))
    lives = [Live("scripted", Query(mode, name, "https://m.example")) for mode, name in asked]
    [event async for event in run_collect(project, lives, Reach())]
    kept = project.query("select act, detail from audit where act = 'collect'")
    assert len(kept) == 1
    said = json.loads(kept[0][1])
    assert said["sources"] == ["scripted account https://m.example", "scripted tag https://m.example"]
    assert (said["state"], said["stored"] > 0) == ("parked", True)
    assert "某某某" not in kept[0][1]
    assert verify_audit(project.reader) is None
