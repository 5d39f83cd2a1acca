"""Jobs that read an own account's followers: a list is whole where the source says so, else nobody leaves. Invented."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Extent, Page, Query
from tests.jobs.source import Scripted, register
from xunke.errors import BrokenAnswer
from xunke.jobs import Live, Reach, resume, run_collect
from xunke.model import Account, Interaction, Provenance
from xunke.storage import Project

US = Account("invented", "us", name="我们")
Lists = list[tuple[int, int, int | None]]


def fans(*names: str, extents: tuple[Extent, ...] = (), of: Account = US) -> Page:
    """A page of followers."""
    return Page(
        tuple(Interaction("invented", Account("invented", n), of, "follow") for n in names), None, extents=extents
    )


async def collect(project: Project, *steps: Any) -> None:
    Scripted.script = {"us": list(steps)}
    query = Query("account", "us", "https://m.example", relations=frozenset({"followers"}))
    async for _ in run_collect(project, [Live("scripted", query)], Reach()):
        pass


def later(project: Project, seconds: int) -> None:
    """As if what was read so far had been read some time ago."""

    def write(db: sqlite3.Connection) -> None:
        db.execute("update follower_list set t = t - ?", (seconds,))
        db.execute("update follower set first = first - ?, last = last - ?, gone = gone - ?", (seconds,) * 3)

    project.writer.call(write)


def lists(project: Project) -> Lists:
    return [tuple(row) for row in project.query("select complete, size, said from follower_list order by t")]  # type: ignore[misc]


def gone(project: Project) -> list[str]:
    sql = "select k.native_id from follower join account_key k on k.id = account where gone is not null order by 1"
    return [row[0] for row in project.query(sql)]


@pytest.fixture
def project(tmp_path: Path) -> Any:
    register()
    with Project.open(tmp_path / "p.db") as project:
        project.add([US], Provenance("file", "x"))
        project.set_meta("own_accounts", "[1]")
        yield project


async def test_whole_lists_tell_who_left(project: Project) -> None:
    await collect(project, fans("a", "b"), fans("c", extents=(Extent("followers", "us", 3, 3),)))
    assert lists(project) == [(1, 3, 3)]
    later(project, 86_400)
    await collect(project, fans("a", "d", extents=(Extent("followers", "us", None, 2),)))
    assert lists(project) == [(1, 3, 3), (1, 2, None)]
    assert gone(project) == ["b", "c"]


@pytest.mark.parametrize(
    "extent", [Extent("followers", "us", 9, 1), Extent("followers", "us", None, 1, "collect.page_limit")]
)
async def test_a_list_cut_short_makes_nobody_leave(project: Project, extent: Extent) -> None:
    await collect(project, fans("a", "b", extents=(Extent("followers", "us", 2, 2),)))
    later(project, 86_400)
    await collect(project, fans("a", extents=(extent,)))
    assert [row[0] for row in lists(project)] == [1, 0]
    assert gone(project) == []


async def test_broken_off_and_taken_up_again_it_is_one_list(project: Project) -> None:
    steps = [fans("a", "b"), BrokenAnswer("net.shape", url="u")]
    await collect(project, *steps)
    assert lists(project) == [(0, 2, None)]
    Scripted.script = {"us": [fans("a", "b"), fans("c", extents=(Extent("followers", "us", 3, 3),))]}
    async for _ in resume(project, project.jobs()[0], now=True):
        pass
    assert lists(project) == [(1, 3, 3)]


async def test_followers_of_others_are_no_list_of_ours(project: Project) -> None:
    other = Account("invented", "they")
    await collect(project, fans("a", "b", of=other, extents=(Extent("followers", "they", 2, 2),)))
    assert lists(project) == []
