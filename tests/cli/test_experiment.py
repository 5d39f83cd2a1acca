"""experiment, review, next: the commands on the sample project."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.running import xunke
from xunke.storage import Project


@pytest.fixture
def listed(sample_db: Path) -> Path:
    """The sample project with a list of 200 of its people."""
    with Project.open(sample_db) as project:
        ids = [row[0] for row in project.query("select id from account order by id limit 200")]

        def write(db: sqlite3.Connection) -> None:
            db.execute("insert into saved_list(id, name, target, created) values (900, '人', 'people', 0)")
            db.executemany(
                "insert into list_member(list, item, rank, score, added) values (900, ?, ?, 0.5, 0)",
                [(account, rank) for rank, account in enumerate(ids)],
            )

        project.writer.call(write)
    return sample_db


def test_from_a_list_to_a_decision(listed: Path, tmp_path: Path) -> None:
    day = ("--today", "2026-11-22")
    wanted = ("--list", "人", "--arms", "A=先夸,B", "--hold-out", "20%")
    made = xunke("experiment", "new", "话术", *wanted, *day, "--json", db=listed)
    assert made.code == 0, made.err
    arms = {row["arm"]: row for row in made.rows if "code" in row}
    assert arms["A"]["arm_text"] == "先夸"
    assert arms["holdout"]["code"] is None
    later = ("--today", "2026-12-24")
    result = xunke("experiment", "result", "话术", *later, "--json", db=listed)
    assert {row["hits"] for row in result.rows if "outcomes" in row} == {0}
    assert "什么都不说" in result.err
    out = tmp_path / "arms.csv"
    assert xunke("experiment", "assign", "话术", "--out", str(out), db=listed).code == 0
    assert len(out.read_text("utf-8-sig").splitlines()) == 1 + sum(a["people"] for a in arms.values())
    assert xunke("experiment", "stop", "话术", "--decision", "都不用", *later, db=listed).code == 0
    assert "都不用" in xunke("experiment", "show", "话术", db=listed).err
    assert [row["id"] for row in xunke("experiment", "--json", db=listed).rows] == ["E1"]


def test_numbers_without_a_project(tmp_path: Path) -> None:
    nowhere = tmp_path / "none.db"
    told = xunke("experiment", "power", "--baseline", "5%", "--mde", "3%", "--json", db=nowhere)
    assert told.rows == [{"change": 0.03, "level_after": 0.08, "per_arm": 1283, "in_all": 2566, "days_more": None}]
    assert not nowhere.exists()
    judged = xunke("experiment", "result", "--data", "A=60/1000", "B=110/1000", "--json", db=nowhere)
    assert judged.rows[-1]["verdict"] == "trial.ruling.higher"


@pytest.mark.parametrize(("words", "code"), [
    (("experiment", "new", "x"), 2), (("experiment", "result"), 2), (("experiment", "show", "没有"), 1),
    (("experiment", "new", "x", "--list", "人", "--split", "a,b"), 2), (("experiment", "result", "--data", "A"), 2),
    (("experiment", "result", "--data", "A=3/2", "B=1/2"), 1), (("experiment", "pilot", "x", "--list", "人"), 2),
])  # fmt: skip
def test_what_is_wrong_is_said(listed: Path, words: tuple[str, ...], code: int) -> None:
    assert xunke(*words, db=listed).code == code


def test_next_and_review(listed: Path) -> None:
    day = ("--today", "2026-11-22")
    acts = xunke("next", "--list", "人", "--limit", "5", *day, "--json", db=listed).rows
    assert 0 < len(acts) <= 5
    assert acts == sorted(acts, key=lambda row: -row["gain"])
    assert all(row["step"] and row["facts"] and not row["learned"] for row in acts)
    why = xunke("next", "--why", f"{acts[0]['platform']}:{acts[0]['id']}", *day, db=listed)
    assert why.code == 0
    assert "下一步" in why.err
    assert "规则" in xunke("next", "--rules", db=listed).err
    empty = xunke("review", *day, db=listed)
    assert (empty.code, empty.out) == (0, "")
    assert "还没有任何接触" in empty.err
