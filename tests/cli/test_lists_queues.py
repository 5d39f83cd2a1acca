"""list, queue and context as a script calls them, on the sample."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.running import xunke

DAY = ("--today", "2026-11-22")


@pytest.fixture(scope="module")
def db(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("lists") / "p.db"
    copy.write_bytes(sample_file.read_bytes())
    asked = xunke("找聊 #减肥 的上海女生，影响力前30", *DAY, db=copy)
    assert asked.code == 0, asked.err
    return copy


def test_a_list_from_making_to_leaving(db: Path, tmp_path: Path) -> None:
    made = xunke("list", "create", "试吃", "--minutes", "30", "--hold-out", "10%", "--json", *DAY, db=db)
    assert made.code == 0, made.err
    assert sum(row["people"] for row in made.rows) > 0
    shown = xunke("list", "show", "试吃", "--json", *DAY, db=db).rows
    assert sum(row["minutes"] for row in shown) <= 30
    assert {"channel", "best_time", "first_act", "reason"} <= set(shown[0])
    out = tmp_path / "试吃.csv"
    refused = xunke("list", "export", "试吃", "--out", str(out), *DAY, db=db)
    assert refused.code == 4
    assert "--purpose" in refused.err
    assert not out.exists()
    assert xunke("list", "set", "试吃", "--purpose", "邀请试吃", "--expires", "30", *DAY, db=db).code == 0
    left = xunke("list", "export", "试吃", "--out", str(out), *DAY, db=db)
    assert left.code == 0, left.err
    assert "公开信息" in left.err, "what is assumed is told"
    with out.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["昵称"] for row in rows] == [row["name"] for row in shown]
    assert all(row["渠道"] for row in rows)
    late = xunke("list", "export", "试吃", "--out", str(out), "--today", "2027-03-01", db=db)
    assert late.code == 4
    assert "到期" in late.err


def test_people_who_reach_most_together(db: Path) -> None:
    made = xunke("list", "create", "铺开", "--touches", "5", "--spread", "--purpose", "x", *DAY, db=db)
    assert made.code == 0, made.err
    shown = xunke("list", "show", "铺开", "--json", "--lang", "en", *DAY, db=db).rows
    assert len(shown) == 5
    assert all("overlap" in row["reason"] for row in shown)
    name = xunke("list", "show", "1", "--json", *DAY, db=db).rows[-1]["name"]
    why = xunke("list", "why-not", "铺开", name, *DAY, db=db)
    assert why.code == 0
    assert name in why.err


@pytest.mark.parametrize(
    "words",
    [
        ["list", "create", "x", "--spread"],
        ["list", "create", "x", "--quota", "a"],
        ["list", "create", "x", "--touches", "3", "--hold-out", "120%"],
        ["list", "create", "x", "--money", "3"],
        ["list", "create", "x", "--expires", "bald"],
        ["list", "rename", "x"],
        ["list", "bulk", "x"],
        ["queue", "--limit", "0"],
        ["context"],
        ["context", "--topic", "减肥", "--kinds", "bar"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told(words: list[str], db: Path) -> None:
    answer = xunke(*words, *DAY, db=db)
    assert answer.code == 2, answer.err
    assert answer.err.strip()


def test_queues_and_places_as_json(db: Path) -> None:
    rows = xunke("queue", "inbox", "--limit", "200", "--json", *DAY, db=db).rows
    kinds = [row["mail"] for row in rows if row["state"] == "mail.state.open"]
    assert kinds == sorted(kinds, key=["mail.complaint", "mail.question", "mail.unhappy", "mail.word"].index)
    first = rows[0]["post"]
    assert xunke("queue", "inbox", "--done", first, *DAY, db=db).code == 0
    assert first not in [row["post"] for row in xunke("queue", "inbox", "--json", *DAY, db=db).rows]
    places = xunke("context", "--topic", "减肥", "--json", *DAY, db=db).rows
    assert places[0]["place"] == "place.tag"
    assert places[0]["low"] > 1
