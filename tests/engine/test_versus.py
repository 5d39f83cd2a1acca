"""compare and stats: every number is one of the project's rows, and nothing is said that an interval does not allow."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from tests.engine.acting import codes, of, rows, run, the
from xunke.clock import end_of, moment, start_of
from xunke.events import Failed, FileWritten, Table
from xunke.model import Account, Post, Provenance
from xunke.outreach import experiments
from xunke.storage import Project

SOURCE = Provenance("file", "invented", fetched=1795000000)


def written(project: Project, tag: str) -> list[tuple[int, str, int, int]]:
    """(author, platform, created, engagement) of the posts with a tag, straight from the tables."""
    return project.query(
        "select t.author, f.name, t.created, coalesce(t.likes, 0) + coalesce(t.comments, 0) + coalesce(t.shares, 0) "
        "+ coalesce(t.saves, 0) from post t join post_tag x on x.post = t.id join tag g on g.id = x.tag "
        "join post_key k on k.id = t.id join platform f on f.id = k.platform where g.name = ?", (tag,),
    )  # fmt: skip


def test_tags_side_by_side_are_what_the_tables_hold(sample: Project) -> None:
    step = {"action": "compare", "items": ["减肥", "咖啡"], "dimension": "tag", "measure": ["count", "engagement"]}
    table = the(run(sample, step), Table)
    found = {row["tag"]: row for row in rows(table)}
    for tag in ("减肥", "咖啡"):
        truth = written(sample, tag)
        assert found[tag]["posts"] == len(truth)
        assert found[tag]["authors"] == len({row[0] for row in truth})
        assert found[tag]["engagement"] == sum(row[3] for row in truth)
        low, high = experiments.wilson(len(truth), table.params["n"])
        assert (found[tag]["low"], found[tag]["high"]) == pytest.approx((low, high), abs=1e-4)
    opened = [set(ids) for ids in table.params["posts"]]
    assert all(len(ids) == min(row["posts"], 500) for ids, row in zip(opened, rows(table), strict=True))
    names = {row[0] for row in sample.query("select p.name || ':' || k.native_id from post_key k join platform p on p.id = k.platform")}  # fmt: skip  # noqa: E501
    assert all(word in names for row in rows(table) for word in row["examples"].split())


def test_platforms_and_months_make_a_table_that_adds_up(sample: Project) -> None:
    step = {"action": "compare", "items": ["weibo", "xiaohongshu"], "dimension": "platform", "tags": ["减肥"],
            "by": ["month"], "measure": ["count"]}  # fmt: skip
    found = rows(the(run(sample, step), Table))
    truth = Counter((moment(row[2]).strftime("%Y-%m"), row[1]) for row in written(sample, "减肥"))
    assert {(r["month"], r["platform"]): r["posts"] for r in found if r["posts"]} == {
        key: n for key, n in truth.items() if key[1] in ("weibo", "xiaohongshu")
    }


def test_periods_of_different_length_are_told_by_the_day(sample: Project) -> None:
    step = {"action": "compare", "tags": ["减肥"], "dimension": "period", "measure": ["count"],
            "periods": [["2026-11-01", "2026-11-22"], ["2026-10-01", "2026-10-31"]]}  # fmt: skip
    events = run(sample, step)
    november, october = rows(the(events, Table))
    from datetime import date

    times = [row[2] for row in written(sample, "减肥")]
    first, last = start_of(date(2026, 11, 1)), end_of(date(2026, 11, 22))
    assert november["posts"] == sum(first <= t <= last for t in times)
    assert november["per_day"] == round(november["posts"] / 22, 2)
    assert october["per_day"] == round(october["posts"] / 31, 2)
    assert "compare.count.sure" in codes(events)
    assert november["note"] == "compare.note.first"


def test_few_posts_allow_no_verdict_and_ties_are_ties(sample: Project) -> None:
    events = run(sample, {"action": "compare", "items": ["晴野轻食", "半糖研究所"], "dimension": "brand",
                          "measure": ["count", "sentiment"], "since": "2026-11-01"})  # fmt: skip
    assert {"compare.count.small", "compare.sentiment.small"} <= {*codes(events)}
    assert {row["note"] for row in rows(the(events, Table))} <= {"compare.note.small", "compare.note.open"}
    same = run(sample, {"action": "compare", "items": ["减肥", "#减肥"], "dimension": "tag", "measure": ["count"]})
    assert "compare.count.open" in codes(same)
    assert "compare.both" in codes(same), "posts of both items are told"


def test_accounts_have_their_followers_and_growth(tmp_path: Path) -> None:
    with Project.open(tmp_path / "p.db") as project:
        for followers, fetched in ((100, 1790000000), (160, 1795000000)):
            project.add([Account("weibo", "1", "甲甲", followers=followers, fetched=fetched)], SOURCE)
        project.add([Account("weibo", "2", "乙乙", followers=50, fetched=1795000000)], SOURCE)
        post = Post("weibo", "p1", "今天喝茶", Account("weibo", "1", "甲甲"), created=1794900000, likes=8)
        project.add([post], SOURCE)
        step = {"action": "compare", "items": ["甲甲", "乙乙"], "dimension": "account"}
        one, two = rows(the(run(project, step), Table))
        assert (one["posts"], one["engagement"], one["followers"], one["follower_growth"]) == (1, 8, 160, 60)
        assert (two["posts"], two["followers"], two["follower_growth"]) == (0, 50, None)
        assert one["engagement_rate"] == pytest.approx(8 / 160)
        unknown = run(project, {"action": "compare", "items": ["甲甲", "丙丙"], "dimension": "account"})
        assert the(unknown, Failed).key == "person.unknown"


def test_a_window_before_the_first_post_is_a_gap_not_nought(sample: Project) -> None:
    step = {"action": "compare", "tags": ["减肥"], "dimension": "period", "measure": ["count"],
            "periods": [["2026-11-01", "2026-11-22"], ["2025-11-01", "2025-11-22"]]}  # fmt: skip
    events = run(sample, step)
    assert "compare.coverage" in codes(events)
    assert "compare.nothing" in codes(events)


def test_a_sentence_compares(sample: Project) -> None:
    table = the(run(sample, "对比上海和北京聊减肥的"), Table)
    assert [row["region"] for row in rows(table)] == ["上海", "北京"]
    assert rows(table)[0]["posts"] > rows(table)[1]["posts"] > 0


def test_two_facets_make_a_cross_table(sample: Project) -> None:
    table = the(run(sample, "#减肥# 最近30天按省份和性别统计"), Table)
    assert table.columns == ["region", "gender", "count", "authors"]
    assert sum(row["count"] for row in rows(table)) == table.params["n"]
    assert len({(row["region"], row["gender"]) for row in rows(table)}) == len(table.rows)


def test_people_are_counted_as_people(sample: Project) -> None:
    step = {"action": "stats", "target": "people", "tags": ["减肥"], "by": ["gender"], "measure": ["count", "share"]}
    table = the(run(sample, step), Table)
    assert sum(row["count"] for row in rows(table)) == table.params["n"] <= len({r[0] for r in written(sample, "减肥")})
    assert sum(row["share"] for row in rows(table)) == pytest.approx(1, abs=1e-3)
    mine = the(run(sample, {"action": "stats", "target": "people", "source": "own_followers", "by": ["tier"]}), Table)
    assert sum(row["count"] for row in rows(mine)) == mine.params["n"] > 0


def test_filters_on_people_count_in_stats(sample: Project) -> None:
    everybody = the(run(sample, {"action": "stats", "tags": ["减肥"], "by": ["gender"]}), Table)
    women = the(run(sample, {"action": "stats", "tags": ["减肥"], "gender": "female", "by": ["gender"]}), Table)
    assert {row["gender"] for row in rows(women)} == {"female"}
    female = next(row["count"] for row in rows(everybody) if row["gender"] == "female")
    assert 0 < rows(women)[0]["count"] <= female


def test_the_table_is_written_and_small_groups_are_not_told(sample: Project, tmp_path: Path) -> None:
    steps = ({"action": "stats", "tags": ["减肥"], "by": ["region", "gender"]}, {"action": "export", "format": "csv"})
    events = run(sample, *steps)
    written_file = the(events, FileWritten)
    with Path(written_file.path).open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    table = the(events, Table)
    assert len(lines) == len(table.rows)
    for line, row in zip(lines, rows(table), strict=True):
        assert line["数量"] == ("<5" if row["authors"] < 5 else str(row["count"]))
    again = run(sample, {"action": "export", "input": "last", "format": "jsonl"})
    assert the(again, FileWritten).rows == len(table.rows), "the table is still on the screen"
    run(sample, {"action": "find", "target": "people", "tags": ["减肥"], "limit": 3})
    assert the(run(sample, {"action": "export", "input": "last", "format": "csv"}), FileWritten).rows == 3


def test_growth_sorts_people_and_says_of_how_many_it_knows(sample: Project) -> None:
    events = run(
        sample, {"action": "find", "target": "people", "tags": ["减肥"], "sort": "follower_growth", "limit": 20}
    )
    assert "find.growth" in codes(events)
    result = sample.one("select max(id) from result")
    values = [row[0] for row in sample.query("select json_extract(parts, '$.raw.growth') from score where result = ? order by rank", (result,))]  # fmt: skip  # noqa: E501
    known = [v for v in values if v is not None]
    assert known
    assert known == sorted(known, reverse=True)
    assert values[: len(known)] == known, "who was seen once only comes last"


def test_unknown_measures_and_facets_fail_in_words(sample: Project) -> None:
    events = run(sample, {"action": "stats", "tags": ["减肥"], "by": ["engagement"], "measure": ["followers"]})
    assert of(events, Table)
    assert not of(events, Failed)


def test_history_by_what_was_asked(sample: Project) -> None:
    name = sample.one("select name from account where id = 1")
    step = {"action": "history", "accounts": [name], "metrics": ["posts", "engagement"], "by": ["month"]}
    table = the(run(sample, step), Table)
    assert table.columns == ["month", "posts", "engagement"]
    assert sum(row["posts"] for row in rows(table)) == sample.one(
        "select count(*) from post where author = 1 and kind <> 'comment'"
    )
    assert len(of(run(sample, step | {"metrics": ["followers", "likes"]}), Table)) == 2
