"""communities, cascade, overlap and every ranker by the command line. All people are invented."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.running import xunke
from tests.engine.test_project_measures import MADE, NOW, repost, who
from xunke.model import RANKERS, Interaction, Post, Record
from xunke.storage import Project, suppression

UNTIL = ("--until", str(NOW + 9_999))
FORECAST = {"influence": "", "actors": "不如 influence", "pagerank": "不如 influence"}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stars with thirty fans each, ten of whom they share; a cascade with a branch; one fan is barred."""
    records: list[Record] = [
        Post("weibo", "p0", "露营攻略", author=who("星一"), created=NOW, likes=9, tags=("露营",)),
        Post("weibo", "q0", "咖啡测评", author=who("星二"), created=NOW, likes=3, tags=("咖啡",)),
        repost("粉3", 1, 60, "转 //@没有:x"), *(repost(f"粉{n}", n, 100 + n, "看 //@粉3:转") for n in range(4, 9)),
    ]  # fmt: skip
    for n in range(50):
        for star, post in (("星一", "p0"), ("星二", "q0")):
            if (n < 30) if star == "星一" else (n >= 20):
                records.append(Interaction("weibo", who(f"粉{n}"), who(star), "like", NOW + n, post))
                records.append(Interaction("weibo", who(f"粉{n}"), who(star), "follow", NOW + n))
    records.append(Interaction("weibo", who("星一"), who("粉0"), "reply", NOW + 500))
    path = tmp_path_factory.mktemp("network") / "p.db"
    with Project.open(path) as project:
        project.add(records, MADE)
        project.writer.call(lambda db: suppression.add(db, [("weibo", "id-粉3", "粉3", None)], "user"))
    return path


@pytest.mark.parametrize("by", RANKERS)
def test_every_ranker_says_what_it_is(db: Path, by: str) -> None:
    words = ("rank", "--by", by, *UNTIL, "--topic", "露营") if by == "topicrank" else ("rank", "--by", by, *UNTIL)
    answer = xunke(*words, "--limit", "5", "--json", db=db)
    assert answer.code == 0, answer.err
    assert answer.rows
    for row in answer.rows:
        assert row["score"] == row["parts"][by]
        assert set(row["parts"]) >= {by, "actors"}
        assert row["name"] != "粉3"
    assert [r["score"] for r in answer.rows] == sorted((r["score"] for r in answer.rows), reverse=True)
    said = answer.err.splitlines()
    assert len(said[0]) > 15, "a line that says what it measures"
    warned = [line for line in said if "docs/ranking.md" in line]
    assert bool(warned) == (by != "influence")
    assert all(FORECAST.get(by, "不是影响力的预测") in line for line in warned)
    again = xunke(*words, "--limit", "5", "--json", db=db)
    assert again.out == answer.out, "the same input gives the same output"


def test_rankers_in_english_as_a_table_and_what_is_missing(db: Path) -> None:
    answer = xunke("--lang", "en", "rank", "--by", "bci", *UNTIL, db=db)
    assert "BCI" in answer.err
    assert not re.search("[\u4e00-\u9fff]", re.sub("清博", "", answer.err))
    assert "original reposts" in answer.out.splitlines()[0]
    lacking = xunke("rank", "--by", "topicrank", db=db)
    assert lacking.code == 1
    assert "--topic" in lacking.err
    assert xunke("rank", "--by", "nothing", db=db).code == 2


def test_reciprocity_shows_its_sample(db: Path) -> None:
    rows = {
        r["name"]: r["parts"]
        for r in xunke("rank", "--by", "reciprocity", *UNTIL, "--limit", "99", "--json", db=db).rows
    }
    assert (rows["星一"]["n"], rows["星一"]["answered"]) == (30, 1)
    assert rows["星二"]["answered"] == 0
    assert rows["星一"]["reciprocity"] > rows["星二"]["reciprocity"]


def test_a_cascade_as_a_tree_and_as_data(db: Path) -> None:
    (found,) = xunke("cascade", "weibo:p0", *UNTIL, "--kinds", "repost", "--json", db=db).rows
    assert (found["size"], found["depth"], found["named"], found["assumed"]) == (7, 2, 5, 1)
    assert found["sparks"] == [], "the one who set it off is on the do-not-contact list"
    assert "粉3" not in json.dumps(found, ensure_ascii=False)
    assert [node["parent"] for node in found["nodes"]] == [None, 0, 1, 1, 1, 1, 1]
    assert found["nodes"][1]["post"] is None
    assert found["nodes"][2]["post"] == "weibo:p4"
    told = xunke("cascade", "weibo:p0", *UNTIL, "--kinds", "repost", db=db)
    assert "粉3" not in told.out + told.err
    assert "├ 粉4" in told.out
    assert "只说明了原帖" in told.err
    assert "//@" in told.err
    branch = xunke("cascade", "weibo:1", *UNTIL, db=db)
    assert branch.code == 1
    assert xunke("cascade", "weibo:p1", *UNTIL, db=db).code == 1, "its author appears nowhere"
    assert xunke("cascade", "weibo:p4", *UNTIL, "--json", db=db).rows[0]["size"] == 1


def test_cascades_of_a_project_and_of_a_person(db: Path) -> None:
    rows = xunke("cascade", "--top", "3", *UNTIL, "--json", db=db).rows
    assert [(r["post"], r["size"]) for r in rows] == [("weibo:p0", 7)]
    one = xunke("cascade", "--person", "星一", *UNTIL, db=db)
    assert "weibo:p0" in one.out
    assert "开始了 1 次传播" in one.err
    assert xunke("cascade", "--person", "粉3", *UNTIL, db=db).code == 1
    assert xunke("cascade", "weibo:p0", "--top", "2", db=db).code == 2
    assert xunke("cascade", "--top", "0", db=db).code == 2
    assert xunke("cascade", "--kinds", "like", db=db).code == 2
    early = xunke("cascade", "--until", str(NOW - 5), "--json", db=db)
    assert (early.code, early.out) == (0, "")


def test_communities_and_bridges(db: Path) -> None:
    *listed, summary = xunke("communities", *UNTIL, "--json", db=db).rows
    assert summary["what"] == "summary"
    assert summary["people"] == 52
    assert sum(one["size"] for one in listed) + summary["small_people"] == 52
    assert {one["top"][0]["name"] for one in listed} == {"星一", "星二"}
    assert all(f"{one['size']} 人" in one["text"] for one in listed)
    assert all(person["name"] != "粉3" for one in listed for person in one["top"])
    assert xunke("communities", *UNTIL, "--json", db=db).rows == [*listed, summary], "the same in another process"
    told = xunke("communities", *UNTIL, db=db)
    assert "周围" in told.out
    assert "模块度" in told.err
    assert "一致度" in told.err
    assert xunke("communities", "--min", "1", db=db).code == 2
    big = xunke("communities", *UNTIL, "--min", "40", "--json", db=db).rows
    assert [row["what"] for row in big] == ["summary"]
    assert big[0]["outside"] == 1.0
    bridges = xunke("communities", "--bridges", *UNTIL, "--json", "--limit", "40", db=db).rows
    assert {row["name"] for row in bridges} <= {f"粉{n}" for n in range(50)} | {"星一", "星二"}
    assert all(0 <= row["participation"] < 1 and row["touches"] > 1 for row in bridges)
    about = xunke("communities", "--topic", "露营", *UNTIL, "--json", db=db).rows[-1]
    assert about["people"] == 31
    assert xunke("communities", "--topic", "火星", db=db).code == 1


def test_overlap_in_numbers_and_words(db: Path) -> None:
    rows = xunke("overlap", "星一", "星二", *UNTIL, "--json", db=db).rows
    people, pair, whole = rows[:2], rows[2], rows[3]
    assert [(p["name"], p["audience"], p["added"], p["only"]) for p in people] == [
        ("星一", 30, 30, 20), ("星二", 30, 20, 20)
    ]  # fmt: skip
    assert (pair["shared"], pair["by_chance"]) == (10, pytest.approx(900 / 51))
    assert pair["low"] < pair["lift"] < pair["high"] < 1
    assert pair["verdict"] == "less"
    assert (whole["union"], whole["common"], whole["common_followers"]) == (50, 10, 10)
    assert len(whole["actors"]) == 10
    few = xunke("overlap", "星一", "星二", *UNTIL, "--kinds", "repost", db=db)
    assert "数据不够" in few.out
    assert xunke("overlap", "星一", *UNTIL, db=db).code == 2
    assert xunke("overlap", "星一", "粉3", *UNTIL, db=db).code == 1
    assert xunke("overlap", "星一", "谁也不是", db=db).code == 1


def test_an_empty_project_says_what_to_do(tmp_path: Path) -> None:
    db = tmp_path / "empty.db"
    for words in (["communities"], ["cascade"], ["communities", "--bridges"], ["rank", "--by", "betweenness"]):
        answer = xunke(*words, db=db)
        assert (answer.code, answer.out) == (0, "")
        assert "导入" in answer.err


def test_a_cascade_from_the_table_of_interactions(tmp_path: Path) -> None:
    path, db = tmp_path / "e.csv", tmp_path / "p.db"
    rows = [("b", "a", 1), ("c", "b", 2), ("d", "b", 3), ("e", "c", 4)]
    lines = "".join(f"{actor},{target},repost,{NOW + n * 60},weibo,P9\n" for actor, target, n in rows)
    path.write_text("actor,target,kind,time,platform,post\n" + lines, "utf-8")
    assert xunke("import", str(path), "--format", "interactions", db=db).code == 0
    (found,) = xunke("cascade", "weibo:P9", *UNTIL, "--json", db=db).rows
    assert (found["size"], found["depth"], found["missing"]) == (5, 3, 1)
    assert [(s["id"], s["direct"], s["below"]) for s in found["sparks"]] == [("b", 2, 3), ("c", 1, 1)]
    assert xunke("cascade", "--person", "a", *UNTIL, "--json", db=db).rows[0]["post"] == "weibo:P9"
    assert xunke("cascade", "weibo:P8", *UNTIL, db=db).code == 1
