"""Files and numbers that say something else than they seem to: cut lists, namesakes, days to come. All is invented."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import TODAY
from xunke.cli.main import main

Run = Callable[..., tuple[int, str]]
HEAD = "谁,平台,时间,步骤,反应\n"


@pytest.fixture
def xunke(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """The command line in this process, on a shop of forty people of whom two have one name."""

    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        try:
            code = main(["--db", str(tmp_path / "p.db"), *words, "--today", TODAY.isoformat()])
        except SystemExit as end:
            code = int(end.code or 0)
        return code, "".join(capsys.readouterr())

    posts = tmp_path / "posts.csv"
    with posts.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["平台", "帖子ID", "正文", "时间", "作者ID", "作者"])
        out.writerows(["weibo", f"p{n}", "求推荐跑鞋", "2026-11-10 10:00", f"{n:03d}", f"虚构人{n}"] for n in range(40))
        out.writerow(["weibo", "own", "上新", "2026-11-01 10:00", "900", "虚构店"])
        out.writerow(["douyin", "twin", "跑鞋", "2026-11-01 10:00", "901", "虚构人1"])
    run("import", str(posts))
    run("own", "weibo:900")
    return run


def write(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return str(path)


def test_a_list_that_was_cut_makes_nobody_leave(xunke: Run, tmp_path: Path) -> None:
    def bring(name: str, n: int, day: str, *more: str) -> tuple[int, str]:
        rows = "".join(f"{i:03d},虚构人{i}\n" for i in range(n))
        path = write(tmp_path / name, "用户ID,昵称\n" + rows)
        return xunke("followers", "import", path, "--own", "weibo:900", "--date", day, *more)

    bring("one.csv", 30, "2026-11-01")
    told = bring("two.csv", 5, "2026-11-10")[1]
    assert "30 人中的 25 人" in told
    assert "--whole" in told
    with closing(sqlite3.connect(tmp_path / "p.db")) as db:
        left = "select count(*) from follower where gone is not null"
        assert db.execute(left).fetchone()[0] == 0
        assert "--whole" not in bring("two.csv", 5, "2026-11-10", "--whole")[1]
        assert db.execute(left).fetchone()[0] == 25, "whoever says that it is whole is believed"
    assert "--whole" not in bring("three.csv", 4, "2026-11-12")[1], "one of five: that happens"
    assert bring("four.csv", 4, "2027-01-01") == (2, bring("four.csv", 4, "2027-01-01")[1])
    assert bring("four.csv", 4, "2026-13-40")[0] == 2


def test_a_book_names_one_person_and_a_day_that_was(xunke: Run, tmp_path: Path) -> None:
    book = HEAD + (
        "虚构人1,,2026-11-01,转评,\n虚构人1,微博,2026-11-01,转评,\n5,,2026-11-01,转评,\n虚构人6,,20261101,转评,\n"
        "虚构人7,,46000,转评,\n虚构人8,,2090-01-01,转评,\n"
    )
    told = xunke("touch", "import", write(tmp_path / "book.csv", book))[1]
    for line, why in (
        (1, "有几个人叫这个名字"), (3, "项目里没有这个人"), (5, "看不懂时间"), (6, "这一天还没到")
    ):  # fmt: skip
        assert f"第 {line} 行：{why}" in told
    assert "其中 2 次接触" in told
    shown = xunke("touch", "log")[1]
    assert "2026-11-01 00:00  虚构人6" in shown


def test_nobody_is_erased_or_agrees_for_a_namesake(xunke: Run, tmp_path: Path) -> None:
    code, told = xunke("forget", "虚构人1", "--yes")
    assert (code, "douyin:901" in told, "weibo:001" in told) == (4, True, True)
    yes = write(tmp_path / "yes.csv", "person,kind,evidence\n虚构人1,sms,登记表\nweibo:002,sms,登记表\n3,sms,登记表\n")
    xunke("consent", "import", yes)
    assert xunke("touch", "done", "虚构人1", "--step", "follow", "--outside")[0] == 4
    with closing(sqlite3.connect(tmp_path / "p.db")) as db:
        agreed = db.execute("select k.native_id from consent c join account_key k on k.id = c.account").fetchall()
        assert agreed == [("002",)]
        assert db.execute("select count(*) from account where name = '虚构人1'").fetchone()[0] == 2


def test_numbers_that_are_none_are_refused_and_others_not_lost(xunke: Run) -> None:
    xunke("campaign", "new", "冬", "--goal", "试")
    for words in (
        "touch outcome weibo:001 购买 --value nan", "touch outcome weibo:001 购买 --value 1e300", "next --value nan",
        "next --per-minute inf", "campaign roi 冬 --hourly -3", "experiment result --data A=1/9 A=2/9",
    ):  # fmt: skip
        assert xunke(*words.replace("--hourly ", "--hourly=").split())[0] in (1, 2), words
    assert xunke("touch", "outcome", "weibo:001", "购买", "--value=-30")[0] == 0, "money given back"
    assert "¥200" in xunke("campaign", "cost", "冬", "--amount", "200")[1], "said without “add”, still meant"


def test_a_list_leaves_by_its_own_rules_whatever_others_are_called(xunke: Run, tmp_path: Path) -> None:
    xunke("找聊 跑鞋 的人，存成名单 跑友", "--yes")  # number 1
    for name in ("people", "1", "2"):
        assert xunke("list", "create", name, "--from", "跑友", "--purpose", "试用", "--where", "rank<3")[0] == 0
        xunke("list", "bulk", name, "--do", "remove", "--where", "rank>2", "--yes")
    xunke("list", "set", "跑友", "--purpose", "试用", "--expires", "2026-11-01")
    for words in (["list", "export", "跑友"], ["export", "跑友"]):
        code, told = xunke(*words, "--format", "csv", "--out", str(tmp_path / "out.csv"), "--yes")
        assert (code, "跑友" in told, (tmp_path / "out.csv").exists()) == (4, True, False), "its own time is over"
    for name in ("people", "1", "2"):
        out = tmp_path / f"{name}.csv"
        assert xunke("list", "export", name, "--format", "csv", "--out", str(out), "--yes")[0] == 0
        assert len(out.read_text("utf-8-sig").splitlines()) == 3, "a list, not everybody and not a result"
    shown = xunke("list", "show", "2")[1]
    assert shown.count("虚构人") == 2, "the list of that name, not that number"
