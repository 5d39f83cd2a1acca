"""xunke seeds: budgets, quotas, prices, lists beside it, the back-test in words; who is barred is never picked.

All people are invented.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from graph.planted import planted
from tests.cli.running import Answer, xunke

UNTIL = "2026-10-20"
"""The end of what ``planted`` makes."""


def write(path: Path, **more: float) -> None:
    events = planted(people=400, communities=4, acts=6000, skew=1.5, mix=0.02, **more)  # type: ignore[arg-type]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("actor", "target", "kind", "time"))
        for target, time, actor in zip(
            events.target.tolist(), events.time.tolist(), events.actor.tolist(), strict=True
        ):
            out.writerow((f"p{actor}", f"p{target}", "repost", time))


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of planted communities; the stars are p1 to p48, twelve of each, p1 to p12 those of the largest."""
    folder = tmp_path_factory.mktemp("seeds")
    write(folder / "e.csv")
    answer = xunke("import", str(folder / "e.csv"), "--format", "interactions", db=folder / "p.db")
    assert answer.code == 0, answer.err
    return folder / "p.db"


def run(db: Path, *words: str) -> Answer:
    answer = xunke("seeds", "--until", UNTIL, *words, db=db)
    assert answer.code == 0, answer.err
    return answer


def test_rows_add_up(db: Path) -> None:
    rows = run(db, "--budget", "6", "--json").rows
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert len({row["id"] for row in rows}) == 6
    assert rows[0]["overlap"] == 0
    for row in rows:
        assert row["low"] <= row["marginal"] <= row["high"]
        assert row["marginal"] == pytest.approx(row["alone"] * (1 - row["overlap"]))
    lists = {row["way"]: row for row in run(db, "--budget", "6", "--json", "--compare").rows}
    assert list(lists) == ["seeds", "influence", "pagerank"]
    assert lists["seeds"]["reach"] == pytest.approx(sum(row["marginal"] for row in rows))
    assert lists["seeds"]["high"] > lists["influence"]["reach"], "never reliably less"
    assert lists["seeds"]["size"] == lists["pagerank"]["size"] == 6
    best = xunke("rank", "--until", UNTIL, "--limit", "6", "--json", db=db).rows
    assert rows[0]["id"] == best[0]["id"]
    assert rows[0]["influence"] == pytest.approx(best[0]["score"])


def test_the_same_twice_and_in_both_languages(db: Path) -> None:
    one, two = (run(db, "--budget", "5", "--by", "spread", "--epsilon", "0.4") for _ in range(2))
    assert one.out == two.out
    assert "回测" in one.out
    assert "IMM" in one.err
    english = run(db, "--budget", "5", "--lang", "en")
    assert "Back-test: 6 past windows" in english.out
    assert "against the influence list" in english.out
    assert "top by PageRank" in english.out


def test_backtest_alone(db: Path) -> None:
    rows = run(db, "--backtest", "--json").rows
    assert {row["way"] for row in rows} == {"cover", "coupled", "influence", "pagerank", "past"}
    assert {row["size"] for row in rows} == {5, 10, 20, 50, 100}
    for row in rows:
        assert row["low"] <= row["gain"] <= row["high"]
        assert 0 <= row["wins"] <= row["windows"] == 6
        assert row["way"] != "influence" or row["gain"] == 0


def test_quotas(db: Path) -> None:
    each = run(db, "--budget", "8", "--per-community", "2", "--json").rows
    assert len(each) == 8
    assert max(Counter(row["community"] for row in each).values()) == 2
    shares = run(db, "--budget", "10", "--quota", "2=0.4", "--quota", "3=30%", "--json").rows
    counts = Counter(row["community"] for row in shares)
    assert (counts[2], counts[3], sum(counts.values())) == (4, 3, 10)


def test_prices(db: Path, tmp_path: Path) -> None:
    flat = run(db, "--budget", "1000", "--cost", "300", "--json").rows
    assert len(flat) == 3
    assert sum(row["cost"] for row in flat) == 900
    bought = run(db, "--budget", "600", "--cost", "300", "--backtest", "--json").rows
    assert {row["way"] for row in bought} == {"cover", "coupled", "influence", "price", "pagerank", "past"}
    assert {row["size"] for row in bought} == {150, 600, 2400}
    price = tmp_path / "价格.csv"
    price.write_text("账号,价格\np1,900\nfile:p13,300\np14,¥200\n", "utf-8")
    answer = run(db, "--budget", "600", "--cost", str(price), "--json")
    assert sorted(row["id"] for row in answer.rows) == ["p13", "p14"]
    assert "价格" in answer.err
    price.write_text("p1,900\np2,好商量\n", "utf-8")
    broken = xunke("seeds", "--budget", "9", "--cost", str(price), db=db)
    assert broken.code == 1
    assert "第 2 行" in broken.err
    followers = xunke("seeds", "--budget", "9", "--cost", "followers*0.05+200", "--until", UNTIL, db=db)
    assert followers.code == 0
    assert "预算" in followers.err, "nobody's followers are known"


def test_barred_and_own_people_are_never_picked(db: Path, tmp_path: Path) -> None:
    copy = tmp_path / "p.db"
    copy.write_bytes(db.read_bytes())
    first, second = (row["id"] for row in run(copy, "--budget", "2", "--json").rows)
    assert xunke("suppress", "add", f"file:{first}", db=copy).code == 0
    assert xunke("own", f"file:{second}", db=copy).code == 0
    for by in ("direct", "spread"):
        answer = run(copy, "--budget", "10", "--by", by, "--epsilon", "0.4")
        assert not {first, second} & set(answer.out.split())
        rows = run(copy, "--budget", "10", "--by", by, "--epsilon", "0.4", "--json").rows
        assert not {first, second} & {row["id"] for row in rows}
        assert len(rows) == 10


def test_candidates_and_audience(db: Path, tmp_path: Path) -> None:
    copy = tmp_path / "p.db"
    copy.write_bytes(db.read_bytes())
    import sqlite3

    with sqlite3.connect(copy) as base:
        ids = dict(base.execute("select native_id, id from account_key"))
        fans = [row[0] for row in base.execute(
            "select distinct actor from interaction where target = ?", (ids["p25"],))]  # fmt: skip
        for name, people in (("候选", [ids[f"p{n}"] for n in range(37, 49)]), ("受众", fans)):
            number = base.execute(
                "insert into saved_list(name, target, created) values (?, 'people', 0) returning id", (name,)
            ).fetchone()[0]
            base.executemany(
                "insert into list_member(list, item, rank, added) values (?, ?, ?, 0)",
                [(number, item, rank) for rank, item in enumerate(people, 1)],
            )
    base.close()
    rows = run(copy, "--budget", "3", "--among", "候选", "--json").rows
    assert {int(row["id"][1:]) for row in rows} <= set(range(37, 49))
    assert [row["id"] for row in run(copy, "--budget", "1", "--audience", "受众", "--json").rows] == ["p25"]
    assert xunke("seeds", "--among", "没有", db=copy).code == 1
    assert xunke("seeds", "--among", "99", db=copy).code == 1


@pytest.mark.parametrize("words", [
    ("--budget", "0"), ("--budget", "2.5"), ("--budget", "nan"), ("--budget", "x"), ("--quota", "2"),
    ("--quota", "1=0.7", "--quota", "2=0.7"), ("--per-community", "0"), ("--epsilon", "0"), ("--kinds", "hug"),
    ("--by", "magic"), ("--compare", "--backtest"),
])  # fmt: skip
def test_wrong_use(db: Path, words: tuple[str, ...]) -> None:
    answer = xunke("seeds", *words, db=db)
    assert answer.code == 2
    assert answer.err
    assert not answer.out


def test_a_project_without_interactions(tmp_path: Path) -> None:
    answer = xunke("seeds", "--budget", "3", db=tmp_path / "p.db")
    assert answer.code == 0
    assert not answer.out
    assert "导入" in answer.err
    tested = xunke("seeds", "--backtest", db=tmp_path / "p.db")
    assert tested.code == 0
    assert "数据太少" in tested.out + tested.err
