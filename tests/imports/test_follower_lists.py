"""Lists of followers from files: tables of several headings, bare lines; what they make in a project. All invented."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.importers import detect, read_file
from collectors.importers.base import Context
from collectors.importers.followers import day_of_file, mapper, setting_of
from collectors.importers.source import Source
from collectors.importers.values import BadValue
from xunke.clock import start_of
from xunke.errors import BadInput
from xunke.events import Imported
from xunke.jobs import run_import
from xunke.model import Account, Follower, Provenance
from xunke.storage import Project

NOV2, NOV9 = start_of(date(2026, 11, 2)), start_of(date(2026, 11, 9))


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with Project.open(tmp_path / "p.db") as project:
        ours = [Account("weibo", "77", name="轻氧食验室", handle="qingyang"), Account("weibo", "78", name="备用号")]
        project.add(ours, Provenance("file", "x", fetched=1))
        project.set_meta("own_accounts", "[1]")
        yield project


def bring(project: Project, *paths: Path, mapping: Mapping[str, Any] | None = None) -> Imported:
    async def run() -> list[Imported]:
        events = run_import(project, paths, format="followers", mapping=mapping)
        return [event async for event in events if isinstance(event, Imported)]

    return asyncio.run(run())[-1]


def lists(project: Project) -> list[tuple[Any, ...]]:
    return project.query("select own, t, complete, size from follower_list order by t")


def stretches(project: Project) -> list[tuple[Any, ...]]:
    sql = "select k.native_id, first, last, gone from follower join account_key k on k.id = account order by 1, 2"
    return project.query(sql)


def read(path: Path, mapping: Mapping[str, Any] | None = None) -> list[Follower]:
    found = [r for batch in read_file(path, "followers", mapping) for r in batch.records]
    assert all(isinstance(r, Follower) for r in found)
    return found  # type: ignore[return-value]


def test_chinese_and_english_headings_and_days(tmp_path: Path) -> None:
    zh = tmp_path / "导出.csv"
    zh.write_text(
        "粉丝ID,粉丝昵称,抓取时间,关注时间,粉丝数\n12,小糖,2026-11-09 21:03,2026-11-03 08:00,1.2万\n", "utf-8-sig"
    )
    assert detect(zh) == "followers"
    (one,) = read(zh)
    assert (one.account.native_id, one.account.name, one.account.followers) == ("12", "小糖", 12_000)
    assert (one.time, one.since, one.whole, one.own) == (NOV9, start_of(date(2026, 11, 3)) + 8 * 3600, True, None)
    en = tmp_path / "export.jsonl"
    en.write_text(
        json.dumps({"follower_id": "12", "own": "@qingyang", "date": "2026-11-02", "complete": "no"}), "utf-8"
    )
    (other,) = read(en)
    assert (other.time, other.own, other.whole) == (NOV2, "@qingyang", False)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("粉丝_2026-11-09", date(2026, 11, 9)), ("fans20261102", date(2026, 11, 2)),
        ("粉丝2026年11月2日", date(2026, 11, 2)), ("2026.9.30", date(2026, 9, 30)),
    ],
)  # fmt: skip
def test_the_day_stands_in_the_files_name(tmp_path: Path, name: str, day: date) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text("粉丝ID\n1\n")
    assert day_of_file(Source.open(path)) == start_of(day)


def test_bare_lines(tmp_path: Path) -> None:
    path = tmp_path / "fans_2026-11-09.txt"
    path.write_text("10023\n@小糖减脂日记\nann@m.example\n\n", "utf-8")
    assert [one.account.native_id for one in read(path)] == ["10023", "name:小糖减脂日记", "ann@m.example"]


def test_two_lists_tell_who_came_and_left_and_twice_is_once(project: Project, tmp_path: Path) -> None:
    for day, ids in (("2026-11-02", "1 2 3"), ("2026-11-09", "2 3 4")):
        (tmp_path / f"粉丝_{day}.csv").write_text("粉丝ID\n" + "\n".join(ids.split()), "utf-8")
    files = sorted(tmp_path.glob("*.csv"))
    bring(project, files[1])
    bring(project, files[0])
    wanted = [("1", NOV2, NOV2, NOV9), ("2", NOV2, NOV9, None), ("3", NOV2, NOV9, None), ("4", NOV9, NOV9, None)]
    assert stretches(project) == wanted
    assert lists(project) == [(1, NOV2, 1, 3), (1, NOV9, 1, 3)]
    again = bring(project, *files)
    assert (again.stored, again.duplicate) == (0, 3)
    assert stretches(project) == wanted


def test_a_part_makes_nobody_leave(project: Project, tmp_path: Path) -> None:
    first, second = tmp_path / "a2026-11-02.txt", tmp_path / "b2026-11-09.txt"
    first.write_text("1\n2\n3")
    second.write_text("2\n")
    bring(project, first)
    bring(project, second, mapping={"whole": False})
    assert [row[3] for row in stretches(project)] == [None, None, None]
    bring(project, second)  # the very same, now said to be whole
    assert [row[3] for row in stretches(project)] == [NOV9, None, NOV9]


def test_renamed_people_are_the_same(project: Project, tmp_path: Path) -> None:
    for day, name in (("02", "旧名"), ("09", "新名")):
        path = tmp_path / f"粉丝_2026-11-{day}.csv"
        path.write_text(f"粉丝ID,昵称\n5,{name}\n", "utf-8")
        bring(project, path)
    assert stretches(project) == [("5", NOV2, NOV9, None)]


def test_whose_followers_they_are_must_be_clear(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "f2026-11-02.txt"
    path.write_text("1\n")
    project.set_meta("own_accounts", "[1, 2]")
    with pytest.raises(BadInput) as raised:
        bring(project, path)
    assert raised.value.key == "followers.which_own"
    with pytest.raises(BadInput) as raised:
        bring(project, path, mapping={"own": "没有这个号"})
    assert raised.value.key == "followers.unknown_own"
    bring(project, path, mapping={"own": "备用号", "date": "2026-11-09"})
    assert lists(project) == [(2, NOV9, 1, 1)]


def test_people_on_the_do_not_contact_list_stay_out(project: Project, tmp_path: Path) -> None:
    from xunke.storage import suppression

    project.writer.call(lambda db: suppression.add(db, [("weibo", "2", None, None)], "test"))
    path = tmp_path / "f2026-11-02.txt"
    path.write_text("1\n2\n")
    assert bring(project, path).suppressed == 1
    assert [row[0] for row in stretches(project)] == ["1"]


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=12) | st.none() | st.integers(), max_size=5) | st.text())
def test_any_row_is_a_follower_or_refused(row: Any) -> None:
    map_row = mapper(setting_of({"date": "2026-11-02"}))
    context = Context(Source(Path("x.csv"), 0, 0))
    try:
        (found,) = map_row(row, context)
    except BadValue:
        return
    assert isinstance(found, Follower)
    assert found.account.native_id
