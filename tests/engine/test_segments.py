"""segment and ab_test: everybody is in one segment, what is said of a segment is counted, a split is fair and kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from tests.engine.acting import codes, of, rows, run, the
from xunke.events import Failed, FileWritten, Result, Table
from xunke.model import Account, Interaction, Provenance
from xunke.outreach import segments
from xunke.storage import Project

DIET = {"action": "segment", "target": "people", "tags": ["减肥"]}


def parts(project: Project, result: int) -> dict[int, str]:
    found = project.query(
        "select item, json_extract(parts, '$.segment') from score where result = ? order by rank", (result,)
    )
    return dict(found)


@pytest.mark.parametrize(
    "more",
    [
        {}, {"method": "kmeans", "k": 4}, {"method": "hierarchical", "k": 3}, {"method": "dbscan"}, {"method": "rfm"},
        {"method": "community"}, {"method": "topic_model", "k": 3}, {"by": ["followers"], "k": 3}, {"by": ["region"]},
        {"by": ["gender", "age"]}, {"by": ["tier"]}, {"by": ["influence"]}, {"by": ["activity"], "k": 2},
        {"by": ["interest", "region"], "k": 5}, {"by": ["region"], "k": 3}, {"by": ["engagement"]},
    ],
)  # fmt: skip
def test_everybody_is_in_one_segment(sample: Project, more: dict[str, object]) -> None:
    events = run(sample, DIET | more)
    assert not of(events, Failed), codes(events)
    table, result = the(events, Table), the(events, Result)
    of_people = parts(sample, result.result)
    assert len(of_people) == result.count == table.params["n"]
    assert all(of_people.values())
    sizes = Counter(of_people.values())
    assert {row["segment"]: row["people"] for row in rows(table)} == sizes
    if "k" in more and more.get("method") != "topic_model":
        assert len(sizes) <= int(str(more["k"])) + ("?" in sizes)
    again = run(sample, DIET | more)
    assert parts(sample, the(again, Result).result) == of_people, "the same people in the same segments"
    order = list(dict.fromkeys(of_people.values()))
    assert order == [row["segment"] for row in rows(table)], "the result stands segment by segment"


def test_marks_are_counted_on_the_people_of_the_segment(sample: Project) -> None:
    events = run(sample, {"action": "segment", "target": "people", "topics": ["减肥"], "by": ["gender"]})
    assert next(row["segment"] for row in rows(the(events, Table))) == "female"
    community = run(sample, DIET | {"method": "community"})
    told = [row["marks"] for row in rows(the(community, Table)) if row["marks"]]
    assert told
    assert all(int(mark.rpartition(" ")[2]) > 100 for marks in told for mark in marks if mark[-1].isdigit())


def test_bands_are_bands(sample: Project) -> None:
    events = run(sample, DIET | {"by": ["followers"], "k": 3})
    followers = dict(sample.query("select id, followers from account"))
    groups: dict[str, list[int]] = {}
    for person, name in parts(sample, the(events, Result).result).items():
        groups.setdefault(name, []).append(followers[person])
    low, middle, high = groups.values()
    assert max(low) < min(middle) <= max(middle) < min(high)
    assert max(map(len, groups.values())) - min(map(len, groups.values())) < 10


def test_rfm_is_by_what_people_did_to_us(tmp_path: Path) -> None:
    source, day = Provenance("file", "invented", fetched=1795200000), 86400
    with Project.open(tmp_path / "p.db") as project:
        us = Account("weibo", "us", "我们")
        who = [Account("weibo", f"f{n}", f"粉{n}") for n in range(10)]
        acts = [Interaction("weibo", a, us, "follow", 1780000000 if a is who[1] else 1790000000) for a in who]
        acts += [Interaction("weibo", who[0], us, "reply", 1795190000 - d * day) for d in range(6)]
        acts += [Interaction("weibo", who[1], us, "repost", 1785000000 - d * day) for d in range(6)]
        project.add([us, *who, *acts], source)
        number = project.one("select id from account where name = '我们'")
        project.set_meta("own_accounts", f"[{number}]")
        events = run(project, {"action": "segment", "target": "people", "source": "own_followers", "method": "rfm"})
        assert "segment.rfm_own" in codes(events)
        named = {name: seg for (name,), seg in zip(
            project.query("select a.name from score s join account a on a.id = item where result = 1 order by rank"),
            parts(project, 1).values(), strict=True)}  # fmt: skip
        assert named["粉0"] == "rfm.value"
        assert named["粉1"] == "rfm.keep"
        assert len({named[f"粉{n}"] for n in range(2, 10)}) == 1


def test_rfm_without_own_dealings_says_so(sample: Project) -> None:
    sample.set_meta("own_accounts", "[]")
    events = run(sample, DIET | {"method": "rfm"})
    assert "segment.rfm_posts" in codes(events)
    assert {row["segment"] for row in rows(the(events, Table))} <= {*segments.RFM.values()}


def test_posts_by_topic(sample: Project) -> None:
    events = run(sample, {"action": "segment", "target": "posts", "tags": ["减肥"], "method": "topic_model", "k": 4})
    table, result = the(events, Table), the(events, Result)
    assert result.target == "posts"
    assert Counter(parts(sample, result.result).values()) == {row["segment"]: row["posts"] for row in rows(table)}
    assert 2 <= len(table.rows) <= 5


def test_too_few_people_are_not_cut(sample: Project) -> None:
    events = run(sample, DIET | {"limit": 3})
    assert the(events, Failed).key == "segment.too_few"


def test_a_sheet_or_a_file_for_each_segment(sample: Project) -> None:
    events = run(sample, DIET | {"by": ["gender"]}, {"action": "export", "format": "xlsx", "split_by": "segment",
                                                     "columns": ["昵称", "粉丝数", "分群"]})  # fmt: skip
    table, written = the(events, Table), the(events, FileWritten)
    book = openpyxl.load_workbook(written.path)
    assert book.sheetnames == ["女", "男", "_"] or len(book.sheetnames) == len(table.rows)
    assert [sheet.max_row - 1 for sheet in book.worksheets] == [row["people"] for row in rows(table)]
    assert [cell.value for cell in next(iter(book.worksheets[0].rows))] == ["昵称", "粉丝", "分群"]
    files = of(run(sample, {"action": "export", "input": "last", "format": "csv", "split_by": "segment"}), FileWritten)
    assert [file.rows for file in files] == [row["people"] for row in rows(table)]
    assert len({file.path for file in files}) == len(files)


def test_columns_that_are_not_there_are_named(sample: Project) -> None:
    run(sample, {"action": "find", "target": "people", "tags": ["减肥"], "limit": 5})
    assert (
        the(run(sample, {"action": "export", "input": "last", "columns": ["昵称", "体重"]}), Failed).key
        == "export.column"
    )
    none = run(sample, {"action": "export", "input": "last", "split_by": "segment"})
    assert the(none, Failed).key == "export.no_segments"


def test_a_split_is_fair_kept_and_exported(sample: Project) -> None:
    step = {"action": "ab_test", "op": "design", "tags": ["减肥"], "region": ["上海"], "variants": ["早安", "午安"],
            "split": [70, 30], "baseline": 0.1, "mde": 0.05}  # fmt: skip
    events = run(sample, step)
    of_people = parts(sample, the(events, Result).result)
    sizes = Counter(of_people.values())
    n = len(of_people)
    assert abs(sizes["A 早安"] - 0.7 * n) <= 1
    table = rows(the(events, Table))
    assert [row["people"] for row in table] == [sizes["A 早安"], sizes["B 午安"]]
    assert all(row["more_needed"] == max(0, row["people_needed"] - row["people"]) for row in table)
    assert "ab.assigned" in codes(events)
    seed = sample.one("select json_extract(setting, '$.experiment.seed') from result order by id desc limit 1")
    assert parts(sample, the(run(sample, step), Result).result) == of_people
    assert sample.one("select json_extract(setting, '$.experiment.seed') from result order by id desc limit 1") == seed


def test_evaluating_says_no_more_than_the_interval(sample: Project) -> None:
    sure = run(sample, "A组1200人回复84，B组1180人回复121，显著吗")
    assert "ab.told" in codes(sure)
    pair = rows(of(sure, Table)[1])[0]
    assert pair["low"] > 0
    assert pair["verdict"] == "ab.verdict.higher"
    unsure = run(sample, "A组1000人回复52，B组1000人回复60，哪个好")
    assert "ab.open" in codes(unsure)
    assert rows(of(unsure, Table)[1])[0]["more_needed"] > 1000
    three = run(sample, {"action": "ab_test", "op": "evaluate", "data": [["A", 500, 20], ["B", 500, 30], ["C", 20, 9]]})
    assert {"ab.corrected", "ab.small"} <= {*codes(three)} or "ab.told" in codes(three)
    assert the(run(sample, {"action": "ab_test", "op": "evaluate"}), Failed).exit_code == 4
    nobody = run(sample, {"action": "ab_test", "op": "evaluate", "data": [["A", 0, 0], ["B", 10, 1]]})
    assert the(nobody, Failed).key == "ab.nobody"


def test_sample_sizes_say_what_they_assume(sample: Project) -> None:
    said = run(sample, "点击率现在3%，想提升到4%，每组要多少样本，置信度95%")
    assert [row["people_needed"] for row in rows(the(said, Table))] == [5301, 5301]
    assert not {"ab.assumed_baseline", "ab.assumed_mde"} & {*codes(said)}
    bare = run(sample, {"action": "ab_test", "op": "sample_size", "metric": "click_rate", "arms": 3})
    assert {"ab.assumed_baseline", "ab.assumed_mde", "ab.size_corrected"} <= {*codes(bare)}
    wrong = run(sample, {"action": "ab_test", "op": "sample_size", "baseline": 0.99, "mde": 0.5})
    assert the(wrong, Failed).key == "ab.rates"
    assert (
        the(run(sample, {"action": "ab_test", "op": "design", "split": [50, 30, 20], "arms": 2}), Failed).key
        == "ab.arms"
    )
