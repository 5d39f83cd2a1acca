"""campaign and calendar as a user types them. Everybody here is invented."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import Answer, command, environment
from xunke.cli.main import main


def xunke(*words: str, db: Path) -> Answer:
    """A command in this process: many of them, and none needs one of its own."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(["--db", str(db), *words])
        except SystemExit as end:
            code = int(str(end.code))
    return Answer(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one campaign and one planned item; tests only add to it."""
    path = tmp_path_factory.mktemp("campaign") / "c.db"
    made = xunke("campaign", "new", "双十二", "--goal", "新客 +30%", "--kpi", "新客", "--target", "60", "--until",
                 "2026-12-12", "--set", "依据=换季,泛红", "--preset", "美妆", db=path)  # fmt: skip
    assert made.code == 0, made.err
    assert "双十二" in made.err
    return path


def test_from_a_plan_to_numbers(db: Path, tmp_path: Path) -> None:
    assert xunke("campaign", "code", "add", "双十二", "--variant", "A", "--code", "XK-A1", db=db).code == 0
    assert xunke("campaign", "cost", "add", "--amount", "200", "--kind", "样品", db=db).code == 0
    file = tmp_path / "r.csv"
    file.write_text("口令,类型,数量,金额,日期\nXK-A1,成交,8,800,2026-11-20\n", "utf-8")
    assert xunke("campaign", "result", "import", "双十二", str(file), db=db).code == 0
    told = xunke("--json", "campaign", "kpi", "双十二", db=db)
    numbers = {row["measure"]: row for row in told.rows}
    assert numbers["kpi.cac"]["raw"] == 25
    assert numbers["kpi.roi"]["raw"] == 3
    assert numbers["kpi.revenue"]["result_ids"] == [1]
    shown = xunke("campaign", "kpi", db=db)
    assert "获客成本" in shown.out
    assert "未经证实" in shown.out


def test_the_brief_by_script_and_in_words_that_are_wrong(db: Path) -> None:
    assert xunke("campaign", "edit", "双十二", "gain=不刺痛", "付出什么=39 元", db=db).code == 0
    rows = xunke("--json", "campaign", "brief", db=db).rows
    assert {"brief.gain", "brief.cost"} <= {r["field"] for r in rows if r.get("brief_state") == "brief.filled"}
    assert xunke("campaign", "edit", "双十二", "目标值=很多", db=db).code == 2
    assert xunke("campaign", "kpi", "没有的", db=db).code == 1
    assert xunke("campaign", "new", db=db).code == 2


def test_the_brief_asks_and_keeps_what_was_said_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "asked.db"
    assert xunke("campaign", "new", "试", db=path).code == 0
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command("--db", str(path), "campaign", "brief", "试"),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(),
    )
    os.close(slave)
    os.write(master, "新客三成\n错的指标\n回复率\n\n\x04".encode())
    shown = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    assert process.wait(timeout=60) == 0
    os.close(master)
    assert "停在这里" in shown.decode("utf-8", "replace")
    rows = xunke("--json", "campaign", "show", "试", db=path).rows
    assert {r["field"]: r["filled_in"] for r in rows}["brief.goal"] == "新客三成"
    assert {r["field"]: r["filled_in"] for r in rows}["brief.kpi"] == "kpi.reply_rate"


def test_calendar(db: Path, tmp_path: Path) -> None:
    added = xunke("calendar", "add", "2026-12-13", "限时", "满减", "--category", "推广", "--at", "20:00", db=db)
    assert added.code == 0
    assert "国家公祭日" in added.err
    assert xunke("calendar", "move", "1", "2026-12-12", db=db).code == 0
    rows = xunke("--json", "calendar", "--month", "2026-12", db=db).rows
    assert [r["day"] for r in rows if r.get("title") == "限时 满减"] == ["2026-12-12"]
    assert "冬至" in xunke("calendar", "days", "--month", "2026-12", db=db).out
    out = tmp_path / "plan.ics"
    assert xunke("calendar", "--month", "2026-12", "--out", str(out), db=db).code == 0
    assert out.read_bytes().endswith(b"END:VCALENDAR\r\n")


def test_a_case_is_written(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "case.md"
    assert xunke("campaign", "case", "双十二", "--out", str(out), db=db).code == 0
    assert out.read_text("utf-8").startswith("# 双十二\n")
