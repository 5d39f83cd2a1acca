"""``xunke persona`` and ``xunke report`` as their users call them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.running import Answer, xunke

DAY = ("--today", "2026-11-22")


@pytest.fixture(scope="module")
def db(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("persona") / "p.db"
    shutil.copy(sample_file, copy)
    return copy


def say(db: Path, *words: str) -> Answer:
    return xunke(*DAY, *words, db=db)


def test_a_card_in_words_and_as_values(db: Path) -> None:
    shown = say(db, "persona", "--starter", "Z世代")
    assert shown.code == 0
    for part in ("基本：他们是谁", "行为：", "需求：", "还不知道", "画像完整度", "█"):
        assert part in shown.out
    (data,) = say(db, "--json", "persona", "--starter", "gen_z").rows
    ages = data["base"]["age"]
    assert sum(s["n"] for s in ages) == data["stated"]["age"] == data["people"]
    assert all(0 <= s["low"] <= s["share"] <= s["high"] <= 1 for s in ages)
    assert data["needs"]["quotes"][0]["ref"].startswith("post:")


def test_a_person_by_name_with_what_to_know_before(db: Path) -> None:
    name = say(db, "--json", "rank", "--limit", "1").rows[0]["name"]
    (data,) = say(db, "--json", "persona", name).rows
    assert data["kind"] == "person"
    assert data["before"]["dont"]
    assert say(db, "persona", name, "--tag", "甲·乙/丙").code == 0
    assert "甲·乙/丙" in say(db, "persona", name).out
    assert say(db, "persona", name, "--tag", "auto").code == 0
    assert "甲·乙/丙" not in say(db, "persona", name).out


def test_files_by_their_names(db: Path, tmp_path: Path) -> None:
    for name, start in (("a.html", "<!doctype html>"), ("a.md", "# "), ("a.txt", "Z世代"), ("a.json", "{")):
        assert say(db, "persona", "--starter", "gen_z", "--out", str(tmp_path / name)).code == 0
        assert (tmp_path / name).read_text("utf-8").startswith(start)
    assert "export" in say(db, "audit", "list").out


def test_a_report_of_everybody_and_none_of_a_stranger(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    assert say(db, "report", "PROJECT", "--out", str(out)).code == 0
    text = out.read_text("utf-8")
    assert text.count("<svg") >= 8
    assert "<script" not in text
    assert "< 5" not in text.replace("&lt; 5", "")
    none = say(db, "report", "没有这个活动", "--out", str(tmp_path / "x.html"))
    assert none.code == 1
    assert "没有叫" in none.err
    assert not (tmp_path / "x.html").exists()


def test_wrong_words_are_told(db: Path) -> None:
    for words, code, part in (
        (("persona",), 2, "要谁的画像"),
        (("persona", "--segment", "没有"), 1, "没有叫"),
        (("persona", "--starter", "没有"), 1, "没有“没有”这类人群"),
        (("persona", "--result", "99"), 1, "没有这样的人群结果"),
        (("persona", "没有这个人"), 1, "没有"),
        (("persona", "--starter", "gen_z", "--tag", "甲"), 2, "只能改"),
    ):
        found = say(db, *words)
        assert (found.code, part in found.err) == (code, True), (words, found.err)


def test_what_is_out_of_date(db: Path) -> None:
    assert "画像过期：0" in say(db, "persona", "--stale").err
    later = xunke("--today", "2027-12-01", "--json", "persona", "--stale", db=db)
    assert later.code == 0
    assert later.rows[0]["age_days"] > 300
