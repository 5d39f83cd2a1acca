"""The main job through the command line: the sample project, a sentence, a list with reasons, a file."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import Answer, xunke
from tests.conftest import TODAY

DAY = TODAY.isoformat()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Answer, Path]:
    db = tmp_path_factory.mktemp("demo") / "演示.db"
    return xunke("demo", "--headless", "--json", "--today", DAY, db=db), db


def test_the_demo_finds_fifty_people_and_writes_them(demo: tuple[Answer, Path]) -> None:
    answer, _ = demo
    assert answer.code == 0, answer.err
    *people, written = answer.rows
    assert [p["rank"] for p in people] == list(range(1, 51))
    assert all(p["region"] == "上海" and p["gender"] == "女" and "减肥" in p["reason"] for p in people)
    scores = [p["influence"] for p in people]
    assert scores == sorted(scores, reverse=True)
    sheet = openpyxl.load_workbook(written["path"]).worksheets[0]
    assert written["rows"] == 50 == sheet.max_row - 1


def test_the_demo_is_labelled(demo: tuple[Answer, Path]) -> None:
    answer, _ = demo
    assert "演示" in answer.err.splitlines()[0]
    assert "→" in answer.err, "the funnel says what each filter left"


def test_why_explains_the_first(demo: tuple[Answer, Path]) -> None:
    answer, db = demo
    first = answer.rows[0]
    why = xunke("why", f"{first['platform']}:{first['id']}", "--json", db=db)
    (found,) = why.rows
    assert (found["id"], found["rank"]) == (first["id"], 1)
    counted = next(line for line in found["lines"] if line["key"] == "why.edges")
    assert counted["n"] == first["actors"]
    assert counted["sum"] == pytest.approx(first["influence"], rel=1e-4)
    assert 0 < sum(e["adds"] for e in found["edges"]) <= counted["sum"] * 1.000001
    assert found["posts"]
    told = xunke("why", first["name"], db=db)
    assert told.code == 0
    assert first["name"] in told.out


def test_the_same_request_twice_gives_the_same_answer(demo: tuple[Answer, Path]) -> None:
    _, db = demo
    words = ("找最近30天聊 #减肥 的上海女生，影响力前5", "--json", "--today", DAY)
    one, two = xunke(*words, db=db), xunke(*words, db=db)
    assert one.code == two.code == 0
    assert one.out == two.out
    assert len(one.rows) == 5


def test_a_list_is_made_shown_and_written(demo: tuple[Answer, Path], tmp_path: Path) -> None:
    _, db = demo
    made = xunke("list", "create", "减肥-上海", "--purpose", "试用", db=db)
    assert made.code == 0, made.err
    assert any(row["name"] == "减肥-上海" for row in xunke("--json", "list", db=db).rows)
    shown = xunke("list", "show", "减肥-上海", "--json", db=db).rows
    assert all(row["reason"] for row in shown)
    out = tmp_path / "名单.csv"
    assert xunke("list", "export", "减肥-上海", "--format", "csv", "--out", str(out), db=db).code == 0
    lines = out.read_text("utf-8-sig").splitlines()
    assert len(lines) - 1 == len(shown)
    assert xunke("list", "show", "没有这个名单", db=db).code == 1


def test_the_suppressed_are_in_no_list(demo: tuple[Answer, Path], tmp_path: Path) -> None:
    answer, db = demo
    person = answer.rows[3]
    word = f"{person['platform']}:{person['id']}"
    assert xunke("suppress", "add", word, db=db).code == 0
    (entry,) = xunke("suppress", "list", "--json", db=db).rows[:1]
    assert person["name"] not in json.dumps(entry, ensure_ascii=False)
    request = ("找最近30天聊 #减肥 的上海女生，影响力前50", "--json", "--today", DAY)
    found = {(p["platform"], p["id"]) for p in xunke(*request, db=db).rows}
    assert (person["platform"], person["id"]) not in found
    out = tmp_path / "people.jsonl"
    assert xunke("export", "people", "--out", str(out), db=db).code == 0
    assert all(json.loads(line).get("id") != person["id"] for line in out.read_text("utf-8").splitlines())
    assert xunke("suppress", "remove", word, db=db).code == 0


def test_the_forgotten_are_nowhere_in_the_file(demo: tuple[Answer, Path]) -> None:
    answer, db = demo
    person = answer.rows[1]
    word = f"{person['platform']}:{person['id']}"
    assert xunke("forget", word, db=db).code == 4, "nobody is erased unasked"
    assert xunke("forget", word, "--yes", db=db).code == 0
    held = b"".join(p.read_bytes() for p in db.parent.glob(db.name + "*"))
    for (other,) in _names(db):  # somebody else's name may begin with this one
        held = held.replace(other.encode(), b"") if person["name"] in other else held
    assert person["id"].encode() not in held
    assert person["name"].encode() not in held
    assert xunke("person", word, db=db).code == 1
    assert xunke("audit", "verify", db=db).code == 0


def _names(db: Path) -> list[tuple[str]]:
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
    try:
        return connection.execute("select name from account where name is not null").fetchall()
    finally:
        connection.close()


def test_a_dry_run_changes_nothing(demo: tuple[Answer, Path], tmp_path: Path) -> None:
    _, db = demo
    before = xunke("--json", "list", db=db).out
    answer = xunke("找上海女生，存成名单乙，导出", "--dry-run", "--json", "--today", DAY, db=db)
    assert answer.code == 0, answer.err
    assert answer.rows[0]["outcome"] == "run"
    assert xunke("--json", "list", db=db).out == before
