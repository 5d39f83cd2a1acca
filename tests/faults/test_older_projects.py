"""A project of every older version opens as the newest, and everything of today's program runs on it. All people are
invented."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import TODAY
from tests.engine.older import make_older
from xunke.cli.main import main
from xunke.clock import start_of
from xunke.model import Account, Interaction, Post, Provenance
from xunke.storage import Project, schema
from xunke.storage.project import verify_audit

WHEN = start_of(TODAY) - 86_400
LINES = (
    "list create 名单 --from 1 --purpose 试吃 --yes", "list show 名单", "list why-not 名单 weibo:1", "queue all",
    "context --list 名单", "segment save 群 --rule 发帖数>=1", "segment matrix 平台 阶段", "segment list",
    "campaign new 活动 --goal 试 --list 名单", "campaign show 活动", "campaign funnel 活动",
    "experiment new 试验 --list 名单 --arms A,B --overlap", "experiment result 试验", "touch",
    "touch done weibo:2 --step reply --outside --text 你好", "touch outcome weibo:2 回复", "touch log",
    "note @weibo:2 喜欢跑步", "calendar", "followers", "history weibo:2", "next", "review --dry-run",
    "consent add weibo:2 --kind vcard --evidence 表单", "retention run --yes", "held weibo:2", "held --project",
    "persona weibo:2", "report --list 名单 --out OUT/r.html", "export 名单 --out OUT/l.xlsx", "audit verify",
    "forget weibo:2 --yes", "undo",
)  # fmt: skip
"""Each must end well, or with a sentence (exit 1 or 4), never with "unexpected"."""
MAY_REFUSE = {"undo", "next", "review", "followers", "touch", "list", "experiment"}


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as the first version could have it: people, posts, who acts on whom."""
    path = tmp_path_factory.mktemp("old") / "newest.db"
    who = [Account("weibo", str(n), name=f"虚构{n}", followers=n * 10, fetched=WHEN) for n in range(1, 9)]
    with Project.open(path) as project:
        project.add(
            [*(Post("weibo", f"p{a.native_id}", "求推荐露营帐篷", a, created=WHEN, fetched=WHEN) for a in who),
             *(Interaction("weibo", a, who[0], "reply", time=WHEN) for a in who[1:])],
            Provenance("user", "t", fetched=WHEN),
        )  # fmt: skip
    return path


@pytest.mark.parametrize("version", range(1, schema.VERSION))
def test_everything_runs_on_a_project_of_an_older_version(
    version: int, newest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.db"
    with closing(sqlite3.connect(newest)) as source, closing(sqlite3.connect(path)) as db:
        source.backup(db)
        make_older(db, version)
        db.commit()
        assert db.execute("pragma user_version").fetchone()[0] == version
    asked = [["找聊露营的人", "--yes"], *(line.replace("OUT", str(tmp_path)).split() for line in LINES)]
    for words in asked if version in (1, schema.VERSION - 1) else asked[:2]:  # between them only the shape can differ
        code = main(["--db", str(path), *words, "--today", TODAY.isoformat()])
        out, err = capsys.readouterr()
        assert code in (0, 1, 4), (words, out + err)
        assert "意外" not in out + err, (words, err)
        assert code == 0 or words[0] in MAY_REFUSE, (words, err)
    with closing(sqlite3.connect(newest)) as as_new, closing(sqlite3.connect(path)) as brought:
        assert brought.execute("pragma user_version").fetchone()[0] == schema.VERSION
        assert shape(brought) == shape(as_new), "brought up, it is what a new one is"
        assert brought.execute("pragma integrity_check").fetchone()[0] == "ok"
        assert brought.execute("select count(*) from post").fetchone()[0] == (
            7 if version in (1, schema.VERSION - 1) else 8
        )
        assert verify_audit(brought) is None


def shape(db: sqlite3.Connection) -> dict[str, list[tuple[str, str]]]:
    """{table: its columns and their types}, and the indexes."""
    names = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
    found = {name: sorted((row[1], row[2]) for row in db.execute(f"pragma table_info({name})")) for name in names}
    indexes = db.execute(
        "select name from sqlite_master where type = 'index' and sql is not null and name not like 'idx__sqlite%'"
    )
    return found | {"": sorted((row[0], "") for row in indexes)}
