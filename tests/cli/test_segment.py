"""``xunke segment`` as its users call it, on a small project whose people are all invented."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import xunke
from tests.conftest import TODAY
from xunke.clock import DAY as SECONDS
from xunke.clock import end_of
from xunke.model import Account, Interaction, Post, Provenance, Record
from xunke.storage import Project

DAY = ("--today", TODAY.isoformat())
NOW = end_of(TODAY)


def _records() -> Iterator[Record]:
    us = Account("weibo", "us", "我们")
    yield us
    for n in range(60):
        region = ("上海", "北京", "广东 广州", None)[n % 4]
        who = Account("weibo", f"p{n}", f"人{n}", region=region, followers=100 * n)
        yield who
        for at in range(1 + n % 3):
            tag = "减肥" if n % 2 == 0 else "咖啡"
            yield Post(
                "weibo",
                f"w{n}-{at}",
                f"今天{tag}打卡第{at}天，聊聊{tag}",
                who,
                NOW - (3 + n + at) * SECONDS,
                tags=(tag,),
            )
        for at in range(n % 7 if n % 3 else 0):
            kind = "like" if at % 2 else "reply"
            yield Interaction("weibo", who, us, kind, NOW - (2 + n + 9 * at) * SECONDS)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which two segments are kept."""
    path = tmp_path_factory.mktemp("segment") / "p.db"
    with Project.open(path) as project:
        project.add(_records(), Provenance("file", "invented", fetched=NOW))
        project.set_meta("own_accounts", json.dumps([project.one("select id from account where name = '我们'")]))
    kept = xunke("segment", "save", "上海减肥", "--rule", "地区 = 上海 且 话题 含 减肥", "--as-list", *DAY, db=path)
    assert kept.code == 0, kept.err
    assert "15" in kept.err
    assert xunke("segment", "save", "最有价值", "--method", "value", "--group", "最有价值", *DAY, db=path).code == 0
    return path


def test_a_rule_shows_people_with_their_numbers(db: Path) -> None:
    found = xunke("segment", "--rule", "地区 = 上海 且 近30天发帖 >= 1 且 互动我们 >= 1", "--json", *DAY, db=db)
    assert found.code == 0, found.err
    assert found.rows
    for row in found.rows:
        assert row["region"] == ["上海"]
        assert row["posts_30d"] >= 1
        assert row["dealings"] >= 1
    assert "无法判断" in found.err


def test_a_wrong_rule_is_explained(db: Path) -> None:
    wrong = xunke("segment", "--rule", "粉线 > 3", *DAY, db=db)
    assert wrong.code == 1
    assert "粉丝" in wrong.err


def test_kept_segments(db: Path) -> None:
    listed = xunke("segment", "list", "--json", *DAY, db=db).rows
    assert [row["segment"] for row in listed] == ["上海减肥", "最有价值"]
    assert listed[0]["rule"] == "地区 = 上海 且 话题 含 减肥"
    shown = xunke("segment", "show", "最有价值", "--json", "--limit", "5", *DAY, db=db)
    assert 1 <= len(shown.rows) <= 5
    assert all(row["total"] == pytest.approx(row["current"] + row["potential"] + row["referral"], abs=0.01)
               for row in shown.rows)  # fmt: skip
    again = xunke("segment", "refresh", "--json", *DAY, db=db)
    assert [(row["came"], row["went"]) for row in again.rows] == [(0, 0), (0, 0)]
    with Project.open(db) as project:
        assert project.one("select count(*) from list_member m join saved_list l on l.id = m.list") == 15
    assert xunke("segment", "show", "没有的", *DAY, db=db).code == 1


def test_check_choose_and_treat(db: Path) -> None:
    check = xunke("segment", "check", "--json", *DAY, db=db)
    assert check.code == 0, check.err
    assert {row["advice"] for row in check.rows if "advice" in row} <= {
        "segment.advice.keep", "segment.advice.small", "segment.advice.part", "segment.advice.merge",
    }  # fmt: skip
    assert "覆盖率" in check.err
    chosen = xunke(
        "segment", "choose", "--rival", "竞品", "--weight", "size=2", "--strategy", "concentrated", *DAY, db=db
    )
    assert chosen.code == 0, chosen.err
    assert "人数 2" in chosen.err
    assert xunke("segment", "choose", "--weight", "beauty=1", *DAY, db=db).code == 2
    treated = xunke("segment", "treat", "上海减肥", "--offer", "满减券", *DAY, db=db)
    assert "同价" in treated.err
    table = xunke("segment", "treat", "--json", *DAY, db=db).rows
    assert [row["offer"] for row in table] == ["满减券", None]


def test_matrix_and_niches(db: Path) -> None:
    cells = xunke("segment", "matrix", "城市级别", "阶段", "--json", *DAY, db=db)
    assert cells.code == 0, cells.err
    assert any(row["city_tier"] == row["stage"] == "segment.unstated" for row in cells.rows)
    one = next(row for row in cells.rows if row["city_tier"] == "一线" and row["stage"] == "segment.unstated")
    people = xunke(
        "segment", "matrix", "城市级别", "阶段", "--cell", "一线,未知", "--limit", "999", "--json", *DAY, db=db
    )
    assert len(people.rows) == one["people"]
    niches = xunke("segment", "niches", "--by", "地区", "--by", "兴趣", "--json", *DAY, db=db)
    assert niches.code == 0, niches.err
    for row in niches.rows:
        assert row["interval"][0] > 1
        assert row["having"] <= row["people"]


def test_nested_and_taken_back(db: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(db, copy)
    inner = xunke("segment", "save", "会买的", "--rule", "互动我们 >= 1", "--among", "上海减肥", *DAY, db=copy)
    assert inner.code == 0, inner.err
    outer = {row["id"] for row in xunke("segment", "show", "上海减肥", "--limit", "999", "--json", *DAY, db=copy).rows}
    mine = {row["id"] for row in xunke("segment", "show", "会买的", "--limit", "999", "--json", *DAY, db=copy).rows}
    assert mine
    assert mine <= outer
    assert xunke("segment", "drop", "上海减肥", *DAY, db=copy).code == 1, "another lies inside"
    assert xunke("segment", "drop", "会买的", *DAY, db=copy).code == 0
    back = xunke("undo", "--yes", db=copy)
    assert "会买的" in back.err
    assert len(xunke("segment", "list", "--json", *DAY, db=copy).rows) == 3


def test_without_segments_the_next_step_is_told(tmp_path: Path) -> None:
    empty = xunke("segment", "check", *DAY, db=tmp_path / "empty.db")
    assert empty.code == 1
    assert "xunke segment save" in empty.err
