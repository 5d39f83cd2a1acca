"""``xunke backtest`` in a user's hands: says what it proves, adopts it, refuses where nothing can be said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from .running import xunke

NOW = 1_795_000_000
DAY = 86_400


def reposts(path: Path, events: int) -> Path:
    """Invented reposts: attention lives for a day."""
    draw = np.random.default_rng(1)
    times = np.sort(draw.integers(NOW - 40 * DAY, NOW, events)).tolist()
    targets: list[int] = []
    lines = ["actor,target,kind,time"]
    for at, second in enumerate(times):
        target = int(draw.integers(1, 150))
        if at and draw.random() < 0.9:
            first = int(np.searchsorted(times, second - DAY))
            target = targets[int(draw.integers(min(first, at - 1), at))]
        targets.append(target)
        lines.append(f"{1000 + int(draw.integers(1, 900))},{target},repost,{second}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backtest")
    db = folder / "p.db"
    file = reposts(folder / "reposts.csv", 6_000)
    assert xunke("import", str(file), "--format", "interactions", db=db).code == 0
    return db


SOME = ("--by", "influence,actors,pagerank-classic,followers,chance", "--top", "15", "--until", str(NOW))


def test_what_was_picked_and_why(project: Path) -> None:
    told = xunke("backtest", *SOME, db=project)
    assert told.code == 0
    assert "* influence" in told.out
    assert "第 1 段" in told.err
    assert "选中 influence" in told.err
    assert "的是 chance 的" in told.err
    assert "--use" not in told.err, "what is in use already needs no advice"
    english = xunke("backtest", *SOME, "--lang", "en", db=project)
    assert "Picked influence" in english.err


def test_as_json(project: Path) -> None:
    rows = xunke("backtest", *SOME, "--json", db=project).rows
    by = {row["ranker"]: row for row in rows}
    assert set(by) == {"influence", "actors", "pagerank-classic", "followers", "chance"}
    assert by["influence"]["picked"] is True
    assert by["influence"]["cap"]["mean"] > by["chance"]["cap"]["mean"]
    assert by["influence"]["cap"]["low"] <= by["influence"]["cap"]["mean"] <= by["influence"]["cap"]["high"]
    assert by["followers"]["cap"]["mean"] is None, "nobody's followers are known here"
    assert len(by["influence"]["windows"]) == len(by["influence"]["caps"]) == 5
    assert all(w["cut"] < w["end"] <= NOW for w in by["influence"]["windows"])


def test_the_same_twice(project: Path) -> None:
    one, two = (xunke("backtest", *SOME, "--json", db=project).out for _ in range(2))
    assert one == two


def test_use_changes_rank_and_is_logged(project: Path, tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    file = reposts(tmp_path / "reposts.csv", 6_000)
    assert xunke("import", str(file), "--format", "interactions", db=db).code == 0
    used = xunke("backtest", "--by", "actors,chance", "--use", "--top", "15", "--until", str(NOW), db=db)
    assert "本项目以后用 actors" in used.err
    plain = xunke("rank", "--until", str(NOW), "--limit", "5", "--json", db=db).rows
    asked = xunke("rank", "--by", "actors", "--until", str(NOW), "--limit", "5", "--json", db=db).rows
    assert plain == asked
    assert "actors" in xunke("audit", "list", db=db).out
    back = xunke("backtest", *SOME, "--use", db=db)
    assert "本项目以后用 influence" in back.err


def test_windows_of_a_given_length(project: Path) -> None:
    rows = xunke("backtest", *SOME, "--horizon", "3d", "--windows", "4", "--json", db=project).rows
    assert [w["end"] - w["cut"] for w in rows[0]["windows"]] == [3 * DAY] * 4


def test_too_little_is_refused_with_what_to_do(tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    file = reposts(tmp_path / "few.csv", 60)
    assert xunke("import", str(file), "--format", "interactions", db=db).code == 0
    refused = xunke("backtest", "--until", str(NOW), db=db)
    assert refused.code == 1
    assert "数据太少" in refused.err
    assert refused.out == ""
    assert xunke("backtest", db=tmp_path / "empty.db").code == 1


@pytest.mark.parametrize(
    "words",
    [("--windows", "2"), ("--by", "nix"), ("--by", "pagerank@6h"), ("--horizon", "soon"), ("--top", "0"),
     ("--kinds", "wave"), ("--since", "2026-01-02", "--until", "2026-01-01")],
)  # fmt: skip
def test_wrong_options_are_named(project: Path, words: tuple[str, ...]) -> None:
    told = xunke("backtest", *words, db=project)
    assert told.code == 2
    assert told.out == ""
    assert "Traceback" not in told.err


def test_rank_says_which_recency_it_counts_with(project: Path) -> None:
    learnt = xunke("rank", "--until", str(NOW), "--limit", "3", db=project)
    assert "近因由项目的过去学出" in learnt.err
    assert "预计回应" in learnt.out
    asked = xunke("rank", "--by", "influence@6h", "--until", str(NOW), "--limit", "3", db=project)
    assert "6 小时 100.00%" in asked.err
    assert xunke("rank", "--by", "influence@0h", db=project).code == 2
