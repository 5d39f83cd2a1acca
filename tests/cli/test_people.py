"""same, mark, lookalike, compare, filters and why --not as their users call them."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.running import xunke
from tests.conftest import TODAY

DAY = TODAY.isoformat()
REQUEST = "找最近30天聊 #减肥 的上海女生前10名"


@pytest.fixture(scope="module")
def answered(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A project in which the request ran once."""
    db = tmp_path_factory.mktemp("people") / "asked.db"
    shutil.copy(sample_file, db)
    answer = xunke(REQUEST, "--json", "--today", DAY, db=db)
    assert answer.code == 0, answer.err
    return db, [f"{row['platform']}:{row['id']}" for row in answer.rows]


@pytest.fixture
def asked(answered: tuple[Path, list[str]], tmp_path: Path) -> tuple[Path, list[str]]:
    """A copy of it that a test may change."""
    db = tmp_path / "p.db"
    with closing(sqlite3.connect(answered[0])) as source, closing(sqlite3.connect(db)) as copy:
        source.backup(copy)  # what still stands in the write-ahead log too
    return db, answered[1]


def test_why_has_every_number(asked: tuple[Path, list[str]]) -> None:
    db, people = asked
    (found,) = xunke("why", people[2], "--json", db=db).rows
    assert {"parts", "raw", "weights", "sensitivity", "coverage", "edges", "posts", "mix", "until"} <= set(found)
    for edge in found["edges"]:
        assert sum(edge["acts"].values()) == len(edge["events"])
        for (unit, _), weight in zip(found["mix"], edge["weights"], strict=True):
            terms = (a["weight"] / (1 if unit is None else 1 + a["age"] / unit) for a in edge["events"])
            assert weight == pytest.approx(sum(terms))
        pairs = zip(found["mix"], edge["weights"], strict=True)
        assert edge["adds"] == pytest.approx(sum(share * -math.expm1(-weight) for (_, share), weight in pairs))
    assert {(m["part"], m["factor"]) for m in found["sensitivity"]} == {
        (part, factor) for part in found["weights"] for factor in (0.8, 1.2)
    }
    told = xunke("why", people[2], db=db).out
    assert "覆盖度" in told
    assert "20%" in told
    outside = xunke("rank", "--json", "--limit", "60", "--until", DAY, db=db).rows
    other = next(f"{r['platform']}:{r['id']}" for r in outside if f"{r['platform']}:{r['id']}" not in people)
    (alone,) = xunke("why", other, "--json", db=db).rows
    assert alone["result"] is None
    assert alone["place"]["total"] >= alone["place"]["rank"] >= 1


def test_why_not_names_the_filter(asked: tuple[Path, list[str]]) -> None:
    db, people = asked
    (inside,) = xunke("why", "--not", people[0], "--json", db=db).rows
    assert inside["inside"] == 1
    (brand,) = xunke("why", "--not", "demo-own", "--json", db=db).rows
    assert brand["inside"] is None
    assert "funnel.brands" in {r["filter"] for r in brand["removed_by"]}
    told = xunke("why", "--not", "demo-own", "--lang", "en", db=db)
    assert told.code == 0
    assert "a brand account" in told.out
    assert xunke("why", "--not", "demo-own", "--result", "999", db=db).code == 1


def test_compare_two(asked: tuple[Path, list[str]]) -> None:
    db, people = asked
    (found,) = xunke("compare", people[0], people[4], "--json", db=db).rows
    assert found["one"]["rank"] == 1
    assert found["two"]["rank"] == 5
    assert set(found["flips"]) == set(found["weights"])
    assert "共同受众" in xunke("compare", people[0], people[4], db=db).out
    assert "shared audience" in xunke("compare", people[0], people[4], "--lang", "en", db=db).out
    assert xunke("compare", people[0], people[0], db=db).code == 1


def test_filters_are_shown_kept_and_logged(asked: tuple[Path, list[str]]) -> None:
    db, _ = asked
    table = {row["filter"]: row for row in xunke("filters", "--json", db=db).rows}
    assert table["suppressed"]["fixed"] is table["minors"]["fixed"] is True
    assert table["brands"] == {**table["brands"], "value": True, "fixed": False}
    assert xunke("filters", "followers_max=1000", "brands=off", db=db).code == 0
    assert xunke("filters", "suppressed=off", db=db).code == 2
    assert xunke("filters", "followers_max=many", db=db).code == 2
    fewer = xunke(REQUEST, "--json", "--today", DAY, db=db).rows
    assert all(row["followers"] is not None and row["followers"] <= 1000 for row in fewer)
    assert any(row["act"] == "filters" for row in xunke("audit", "list", "--json", db=db).rows)
    assert "1,000" in xunke("filters", db=db).out


def test_marks_and_people_like_them(asked: tuple[Path, list[str]]) -> None:
    db, people = asked
    assert xunke("lookalike", "--today", DAY, db=db).code == 1
    for who in people[:4]:
        assert xunke("mark", who, "good", db=db).code == 0
    assert xunke("mark", people[5], "bad", db=db).code == 0
    assert xunke("mark", people[5], db=db).code == 2
    marked = xunke("mark", "--json", db=db).rows
    assert [row["good"] for row in marked] == [True] * 4 + [False]
    found = xunke("lookalike", "--json", "--limit", "8", "--today", DAY, db=db)
    assert found.code == 0, found.err
    assert len(found.rows) == 8
    assert not {f"{r['platform']}:{r['id']}" for r in found.rows} & {*people[:4], people[5]}
    assert xunke("lookalike", "--json", "--limit", "8", "--today", DAY, db=db).rows[0]["z"] == found.rows[0]["z"]
    first = f"{found.rows[0]['platform']}:{found.rows[0]['id']}"
    told = xunke("why", first, "--result", str(found.rows[0]["result"]), db=db)
    assert "相似度" in told.out
    assert "再多 2 个" in told.out
    assert xunke("list", "create", "像他们", db=db).code == 0
    assert len(xunke("list", "show", "像他们", "--json", db=db).rows) == 8
    by_list = xunke("lookalike", "--like", "像他们", "--unlike", people[9], "--limit", "5", "--today", DAY, db=db)
    assert by_list.code == 0, by_list.err
    assert "前 5 名" in by_list.err, "eight people are enough for a check"


def test_same_finds_accepts_and_takes_back(tmp_path: Path) -> None:
    db, file = tmp_path / "p.db", tmp_path / "edges.csv"
    file.write_text(
        "actor,target,kind,time,platform\nfan,star,repost,2026-11-20,weibo\nfan,name:star,repost,2026-11-20,weibo\n",
        "utf-8",
    )
    assert xunke("import", str(file), "--format", "interactions", db=db).code == 0
    assert xunke("same", db=db).code == 0
    assert xunke("same", "accept", db=db).code == 2
    assert xunke("same", "accept", "7", db=db).code == 1
    assert xunke("same", "accept", "x", db=db).code == 2
    assert xunke("same", "find", "--json", db=db).code == 0


def test_same_on_invented_people(tmp_path: Path) -> None:
    from xunke.model import Account, Provenance
    from xunke.storage import Project

    db = tmp_path / "p.db"
    bio = "上海｜跑步和手冲咖啡，偶尔写字 https://deer.example.org/blog"
    with Project.open(db) as project:
        strangers = [
            Account("weibo" if n % 2 else "douyin", f"s{n}", name=chr(0x5000 + n) * 2 + chr(0x6000 + n))
            for n in range(30)
        ]
        project.add(
            [*strangers, Account("weibo", "w", name="晨雾里的长颈鹿", bio=bio),
             Account("xiaohongshu", "x", name="晨雾里的长颈鹿", bio=bio)],
            Provenance("user", "invented"),
        )  # fmt: skip
    (pair,) = xunke("same", "find", "--json", db=db).rows
    assert pair["p"] > 0.9
    number = str(pair["pair"])
    told = xunke("same", "show", number, db=db)
    assert "log2" in told.out
    assert xunke("same", "list", "--lang", "en", db=db).out
    assert xunke("same", "accept", number, db=db).code == 0
    assert "同一个人的其他账号" in xunke("why", "weibo:w", db=db).out
    assert xunke("same", db=db).out == ""
    (decided,) = xunke("same", "--all", "--json", db=db).rows
    assert decided["state"] == "accepted"
    assert xunke("same", "undo", number, db=db).code == 0
    assert xunke("same", "undo", number, db=db).code == 1
    acts = [json.loads(json.dumps(row))["act"] for row in xunke("audit", "list", "--json", db=db).rows]
    assert acts[-2:] == ["same.accepted", "same.open"]
    assert xunke("audit", "verify", db=db).code == 0
