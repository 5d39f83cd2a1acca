"""followers and history --with-us on the sample project: every view in both languages, as JSON, and from a file."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import xunke
from tests.conftest import TODAY
from tests.engine.acting import rows
from xunke.actions.fans import VIEWS, fans
from xunke.engine import Engine
from xunke.errors import NeedsAnswer
from xunke.events import Done, Event, Table
from xunke.i18n import Catalogue
from xunke.present import event_lines
from xunke.storage import Project

DAY = TODAY.isoformat()


@pytest.fixture(scope="module")
def project(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    db = tmp_path_factory.mktemp("fans") / "sample.db"
    shutil.copy(sample_file, db)
    with Project.open(db) as project:
        yield project


def show(project: Project, what: str, **more: object) -> list[Event]:
    async def run() -> list[Event]:
        return [event async for event in fans(Engine(project, today=TODAY), what, **more)]  # type: ignore[arg-type]

    return asyncio.run(run())


def the(events: list[Event], title: str) -> Table:
    (found,) = [event for event in events if isinstance(event, Table) and event.title == title]
    return found


@pytest.mark.parametrize("what", VIEWS)
def test_every_view_is_told_in_both_languages(project: Project, what: str) -> None:
    events = [event for event in show(project, what, limit=20) if isinstance(event, Table | Done)]
    assert events
    for lang in ("zh", "en"):
        cat = Catalogue(lang)
        text = "\n".join(line for event in events for line in event_lines(event, cat))
        assert not any(word in text for word in ("followers.", "value.", "column.", "{", "tier_", "why_", "treat_"))
    for event in events:
        if isinstance(event, Table):
            assert all(cat.has(f"column.{c}") or cat.has(f"value.{c}") for c in event.columns)
            assert len(event.rows) <= 20


def test_the_sample_holds_what_the_document_says(project: Project) -> None:
    assert len(the(show(project, "lists"), "followers.lists_table").rows) == 13
    came = the(show(project, "came", limit=500), "followers.came_table")
    left = the(show(project, "left", limit=500), "followers.left_table")
    assert came.params["again"] == left.params["again"] > 0
    assert all(row["seen_last"] < row["not_there"] for row in rows(left))
    odd = rows(the(show(project, "curve"), "followers.odd_table"))
    assert max(row["change"] for row in odd) > 40
    assert rows(the(show(project, "dormant"), "followers.dormant_table"))
    reasons = {r for row in rows(the(show(project, "lost", limit=500), "followers.lost_table")) for r in row["reasons"]}
    assert {"why_burst", "why_elsewhere"} <= reasons
    splits = {row["split"] for row in rows(the(show(project, "reactivate"), "followers.wake_table"))}
    assert "high" in splits
    assert rows(the(show(project, "advocates"), "followers.advocates_table"))


def test_numbers_agree_with_each_other(project: Project) -> None:
    summary = {row["what"]: row["count"] for row in rows(the(show(project, "summary"), "followers.summary"))}
    tiers = {row["tier"]: row["people"] for row in rows(the(show(project, "tiers"), "followers.tiers_table"))}
    assert summary["followers.asleep"] == tiers["tier_asleep"]
    counts = rows(the(show(project, "curve", limit=1), "followers.curve_table"))
    assert summary["followers.count"] == counts[0]["followers"]


def test_without_an_own_account_it_asks(tmp_path: Path) -> None:
    with Project.open(tmp_path / "p.db") as empty, pytest.raises(NeedsAnswer):
        show(empty, "came")


def test_commands(project: Project, tmp_path: Path) -> None:
    db = project.path
    left = xunke("followers", "left", "demo-own", "--json", "--limit", "3", "--today", DAY, db=db)
    assert (left.code, len(left.rows)) == (0, 3)
    assert set(left.rows[0]) == {"name", "platform", "id", "seen_last", "not_there", "back", "stayed"}
    who = left.rows[0]["id"]
    told = xunke("history", who, "--with-us", "--json", "--today", DAY, db=db)
    assert told.code == 0
    assert {"left", "came"} & {row["kind"] for row in told.rows}
    assert all(row["source"] for row in told.rows)
    assert list(told.rows[0])[:4] == ["time", "direction", "kind", "text"]
    wrong = xunke("followers", "nothing", "else", db=db)
    assert wrong.code == 2
    assert "came" in wrong.err


def test_a_file_of_bare_ids(tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    own = tmp_path / "own.csv"
    own.write_text("actor,target,kind,time,post,platform\n1,77,like,2026-11-01,p1,weibo\n", "utf-8")
    assert xunke("import", str(own), db=db).code == 0
    assert xunke("own", "77", db=db).code == 0
    for day, ids in (("2026-11-02", "1 2 3"), ("2026-11-09", "2 3 4")):
        (tmp_path / f"粉丝_{day}.txt").write_text("\n".join(ids.split()), "utf-8")
    files = [str(path) for path in sorted(tmp_path.glob("*.txt"), reverse=True)]
    assert xunke("followers", "import", *files, db=db).code == 0
    left = xunke("followers", "left", "--json", db=db)
    assert [(row["id"], row["seen_last"], row["not_there"]) for row in left.rows] == [("1", "2026-11-02", "2026-11-09")]
