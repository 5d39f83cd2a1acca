"""Questions and summaries as a user of the command line meets them. The sample project is invented."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import xunke
from tests.conftest import TODAY

DAY = ("--today", TODAY.isoformat())


def test_a_request_is_summed_up_and_asked_about(sample_db: Path) -> None:
    found = xunke("找最近30天聊露营的女生，影响力前20", *DAY, db=sample_db)
    assert found.code == 0
    first = found.out.splitlines()[1].split()[1]
    assert f"{first}[1] 排第一" in found.err  # the summary is talk: standard output holds the rows alone
    assert "  [1] " in found.err
    assert len(found.out.splitlines()) == 21
    why = xunke("为什么第三个排这么高", *DAY, db=sample_db)
    assert why.code == 0
    assert "计划" not in why.err  # a question is answered, not planned
    assert "[1] 在 20[2] 人里排第 3" in why.out
    assert "] weibo:demo-" in why.out or "] xiaohongshu:demo-" in why.out
    english = xunke("why did you pick the third one", "--lang", "en", *DAY, db=sample_db)
    assert "is number 3 of 20" in english.out


def test_rows_stay_rows_with_json(sample_db: Path) -> None:
    found = xunke("找最近30天聊露营的女生，影响力前5", "--json", *DAY, db=sample_db)
    assert {row["rank"] for row in found.rows} == {1, 2, 3, 4, 5}
    summary = next(json.loads(line) for line in found.err.splitlines() if line.startswith('{"event"'))
    assert summary["kind"] == "summary"
    assert summary["sentences"][0]["refs"]["name"] == [f"person:{found.rows[0]['platform']}:{found.rows[0]['id']}"]
    (why,) = xunke("为什么是他", "--json", *DAY, db=sample_db).rows
    assert why["event"] == "answer"
    assert why["kind"] == "why"
    refs = [ref for sentence in why["sentences"] for some in sentence.get("refs", {}).values() for ref in some]
    assert any(ref.startswith("post:") for ref in refs)


def test_nothing_found_says_what_to_loosen(sample_db: Path) -> None:
    found = xunke("找粉丝1000万以上聊露营的人", *DAY, db=sample_db)
    assert (found.code, found.out) == (0, "")  # no rows: what is said of it is talk
    assert "没有符合的" in found.err
    assert "只放开“粉丝不少于 10,000,000”" in found.err
    later = xunke("为什么没有结果", *DAY, db=sample_db)
    assert "只放开“粉丝不少于 10,000,000”" in later.out


def test_the_glossary(sample_db: Path) -> None:
    assert "Recency" in xunke("什么是RFM", db=sample_db).out
    assert "Recency" in xunke("help", "rfm 模型").out
    assert "PageRank" in xunke("help", "--lang", "en", "pagerank").out
    unknown = xunke("help", "互动绿")
    assert unknown.code == 1
    assert "互动率" in unknown.out
    everything = xunke("help", "--json").rows
    assert len(everything) >= 40
    assert all(row["text"] for row in everything)


def test_a_question_that_points_at_nothing_asks_back(sample_db: Path) -> None:
    assert xunke("为什么是他", *DAY, db=sample_db).code == 4
    assert xunke("第二页", *DAY, db=sample_db).code == 4
    assert xunke("plan", "什么是RFM", *DAY).rows == [{"outcome": "run", "steps": [{"action": "help"}]}]
