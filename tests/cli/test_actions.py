"""Every action from a sentence to its end: real processes on the sample project."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Answer, command, environment, xunke

DAY = "2026-11-22"


@pytest.fixture(scope="module")
def read_only(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that tests only look at: what is analysed once stays analysed."""
    copy = tmp_path_factory.mktemp("looked_at") / "p.db"
    shutil.copy(sample_file, copy)
    return copy


@pytest.fixture
def db(sample_db: Path) -> Path:
    return sample_db


def ask(db: Path, sentence: str, *more: str) -> Answer:
    return xunke(sentence, "--yes", "--today", DAY, *more, db=db)


def query(db: Path, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
    try:
        return connection.execute(sql, params).fetchall()
    finally:
        connection.close()


# -- looking -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "columns"),
    [
        ("对比上海和广东最近60天聊减肥的声量", {"region", "posts", "authors", "low", "high", "note"}),
        ("这个月跟上个月比，#咖啡# 的热度", {"period", "posts", "per_day", "engagement"}),
        ("compare weibo and douyin for 咖啡 by engagement", {"platform", "posts", "engagement"}),
        ("#咖啡# 按平台和月份统计", {"platform", "month", "count", "authors"}),
        ("A组500人回复40，B组500人回复61，显著吗", {"pair", "gap", "low", "high", "p_value", "verdict"}),
    ],
)  # fmt: skip
def test_tables_are_objects_with_json(read_only: Path, sentence: str, columns: set[str]) -> None:
    answer = ask(read_only, sentence, "--json")
    assert answer.code == 0, answer.err
    assert any(columns <= row.keys() for row in answer.rows), answer.rows[:2]


def test_segments_are_shown_with_their_people(read_only: Path) -> None:
    answer = ask(read_only, "把聊咖啡的作者分成3群", "--json")
    assert answer.code == 0, answer.err
    groups = [row for row in answer.rows if "marks" in row]
    people = [row for row in answer.rows if "rank" in row]
    assert len(groups) == 3
    assert sum(row["people"] for row in groups) == len(people)
    assert all(row["segment"] for row in people)


def test_unknown_things_fail_in_words(read_only: Path) -> None:
    assert ask(read_only, "对比 @不存在的甲 和 @不存在的乙 谁涨粉快").code == 1
    answer = ask(read_only, "停掉那个叫『没有这个』的任务")
    assert answer.code == 1
    assert "定时任务" in answer.err
    assert ask(read_only, "撤销").err.count("没有可以撤销") == 2, "the preview and the answer say so"


def test_help_and_lists(read_only: Path) -> None:
    for sentence in ("你都能干点啥", "有哪些定时任务", "看看免打扰名单"):
        assert ask(read_only, sentence).code == 0


# -- schedules -----------------------------------------------------------------------------------------------------


def due_now(db: Path) -> None:
    """Turn the clock of all schedules back: each is three days overdue."""
    connection = sqlite3.connect(db)
    with connection:
        connection.execute("update schedule set due = due - 5 * 86400, created = created - 9 * 86400")
    connection.close()


def test_a_schedule_from_a_sentence_to_its_history(db: Path) -> None:
    made = ask(db, "每天早上8点半统计 #咖啡# 昨天的声量，导出csv")
    assert made.code == 0, made.err
    assert query(db, "select count(*) from run where id in (select run from result)") == [(0,)], "nothing ran now"
    assert not list(db.parent.rglob("*.csv"))
    (row,) = [row for row in xunke("jobs", "--json", db=db).rows if "task" in row]
    assert row["id"] == "S1"
    assert row["next"].endswith("08:30")
    assert xunke("jobs", "due", db=db).code == 0
    assert query(db, "select count(*) from schedule_run") == [(0,)], "not due yet"
    due_now(db)
    assert xunke("jobs", "due", db=db).code == 0
    assert xunke("jobs", "due", db=db).code == 0
    assert query(db, "select state, count(*) from schedule_run group by 1") == [("done", 1)], "missed days run once"
    assert len(list((db.parent / "导出").glob("*.csv"))) == 1
    assert query(db, "select due > unixepoch() from schedule") == [(1,)]
    (run,) = xunke("jobs", "history", "S1", "--json", db=db).rows
    assert run["outcome"] == "done"
    assert run["made"]


def test_by_name_in_sentences(db: Path) -> None:
    assert ask(db, "每周一上午十点统计上周聊咖啡的声量").code == 0
    assert ask(db, "每天晚上11点统计 #减肥# 当天的声量").code == 0
    states = "select id, state from schedule order by id"
    assert ask(db, "暂停『咖啡周报』这个任务").code == 0
    assert query(db, states) == [(1, "paused"), (2, "active")]
    assert ask(db, "恢复『咖啡周报』任务").code == 0
    assert query(db, states) == [(1, "active"), (2, "active")]
    assert ask(db, "现在就跑一次『咖啡周报』").code == 0
    assert query(db, "select schedule, state from schedule_run") == [(1, "done")]
    vague = ask(db, "暂停『统计』这个任务")
    assert vague.code == 4, "either may be meant"
    assert "S1" in vague.err
    preview = ask(db, "所有定时任务都取消", "--dry-run")
    assert "2" in preview.err
    assert query(db, states) == [(1, "active"), (2, "active")]
    assert ask(db, "所有定时任务都取消").code == 0
    assert query(db, states) == [(1, "cancelled"), (2, "cancelled")]
    assert ask(db, "撤销").code == 0
    assert query(db, states) == [(1, "active"), (2, "active")]
    assert ask(db, "撤销").code == 0, "the resuming goes back too"
    assert query(db, states) == [(1, "paused"), (2, "active")]


def test_the_plan_before_is_repeated(db: Path) -> None:
    assert ask(db, "找最近30天聊咖啡的上海博主前10").code == 0
    assert ask(db, "每天早上9点跑一次").code == 0
    ((plan, base),) = query(db, "select plan, base from schedule")
    assert json.loads(plan)["steps"][0]["topics"] == ["咖啡"]
    assert base == DAY
    assert ask(db, "现在就跑一次『咖啡』").code == 0
    ((ran,),) = query(db, "select plan from run order by id desc limit 1 offset 0")
    step = json.loads(ran)["steps"][0]
    assert step["until"] > DAY or step["until"] == DAY, "the days move on with the run"
    shown = ask(db, "再导出成 csv")
    assert shown.code == 0, "what the schedule made is not what stands on the screen"


def test_what_fails_is_kept_and_others_run(db: Path) -> None:
    assert ask(db, "每天早上9点统计 #减肥# 昨天的声量，导出到 /etc/xunke.csv").code == 0
    assert ask(db, "每天早上9点统计 #咖啡# 昨天的声量").code == 0
    due_now(db)
    answer = xunke("jobs", "due", db=db)
    assert answer.code == 1
    assert query(db, "select state from schedule_run order by schedule") == [("failed",), ("done",)]
    (row, _) = [row for row in xunke("jobs", "--json", db=db).rows if "task" in row]
    assert row["reason"] == {"key": "export.outside", "params": {"path": "/etc/xunke.csv"}}


def test_two_processes_run_it_once(db: Path) -> None:
    assert ask(db, "每天早上9点统计 #咖啡# 昨天的声量，导出csv").code == 0
    due_now(db)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: xunke("jobs", "due", db=db), range(3)))
    assert [a.code for a in answers] == [0, 0, 0], [a.err for a in answers]
    assert query(db, "select state, count(*) from schedule_run group by 1") == [("done", 1)]


def test_a_run_whose_process_died_is_taken_over(db: Path) -> None:
    assert ask(db, "每天早上9点统计 #咖啡# 昨天的声量").code == 0
    due_now(db)
    script = (
        "import sys, time; from xunke.storage import Project, schedules; p = Project.open(sys.argv[1]); "
        "p.writer.call(lambda db: schedules.claim(db, 1, int(time.time()), due=True)); print('held', flush=True); "
        "time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(db)], stdout=subprocess.PIPE, env=environment())
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert xunke("jobs", "due", db=db).code == 0
        assert query(db, "select state from schedule_run") == [("running",)], "another process has it"
    finally:
        holder.kill()
        holder.wait()
    assert xunke("jobs", "due", db=db).code == 0
    assert query(db, "select state from schedule_run order by id") == [("broken",), ("done",)]


def test_news_is_what_was_not_there_before(db: Path) -> None:
    assert ask(db, "每两小时找一次聊咖啡的帖子，有新的就提醒我").code == 0
    first = xunke("jobs", "run", "S1", db=db)
    assert "条新的" in first.err
    assert "没有新的" in xunke("jobs", "run", "S1", db=db).err


# -- taking back, leaving out, erasing ------------------------------------------------------------------------------


def test_undo_goes_back_step_by_step(db: Path) -> None:
    assert ask(db, "找聊咖啡的博主前5，存成『咖啡五人』").code == 0
    assert ask(db, "把@海盐桃子 加入免打扰名单").code == 0
    before = query(db, "select count(*) from suppression")
    assert before[0][0] > 0
    assert ask(db, "接一下我们自建的长毛象实例 social.example.cn").code == 0
    assert query(db, "select value from meta where key = 'instance.mastodon'") == [("https://social.example.cn",)]
    shown = ask(db, "撤销", "--dry-run")
    assert "连接" in shown.err
    assert ask(db, "撤销").code == 0
    assert query(db, "select value from meta where key = 'instance.mastodon'") == []
    assert ask(db, "撤销").code == 0
    assert query(db, "select count(*) from suppression") == [(0,)]
    assert query(db, "select count(*) from saved_list") == [(1,)]
    assert ask(db, "撤销").code == 0
    assert query(db, "select count(*) from saved_list") == [(0,)]
    assert "没有可以撤销" in ask(db, "撤销").err
    assert xunke("audit", "verify", db=db).code == 0


def test_files_and_deletions_are_said_not_to_come_back(db: Path) -> None:
    assert ask(db, "找聊咖啡的博主前5，存成『五人』").code == 0
    assert ask(db, "找聊咖啡的博主前3，导出csv").code == 0
    answer = ask(db, "撤销")
    assert "不能撤销" in answer.err
    assert "五人" in answer.err, "and what comes next is told"
    assert query(db, "select count(*) from saved_list") == [(1,)]
    assert ask(db, "撤销").code == 0
    assert query(db, "select count(*) from saved_list") == [(0,)]


def test_off_the_list_only_who_is_on_it(db: Path) -> None:
    assert xunke("suppress", "add", "海盐桃子", db=db).code == 0
    assert "本来就在" in xunke("suppress", "add", "海盐桃子", db=db).err
    assert "不在勿扰名单" in xunke("suppress", "remove", "慢慢不加班", db=db).err
    assert xunke("suppress", "remove", "海盐桃子", db=db).code == 0
    assert query(db, "select count(*) from suppression") == [(0,)]
    assert ask(db, "撤销").code == 0
    assert query(db, "select count(*) from suppression")[0][0] > 0, "back on the list"


def test_who_was_erased_does_not_come_back_with_an_import(tmp_path: Path) -> None:
    db, source = tmp_path / "p.db", tmp_path / "search_contents_1.jsonl"
    posts = [
        {"note_id": f"52300000000000{n}", "content": "#咖啡# 新店", "create_time": 1795181400 + n, "liked_count": "3",
         "last_modify_ts": 1795190000123, "user_id": f"170000000{n}", "nickname": f"示例用户{n}"}
        for n in range(3)
    ]  # fmt: skip
    source.write_text("".join(json.dumps(p, ensure_ascii=False) + "\n" for p in posts), "utf-8")
    assert xunke("import", str(source), db=db).code == 0
    shown = ask(db, "删掉@示例用户1 的所有数据", "--dry-run")
    assert "1 帖" in shown.err
    assert query(db, "select count(*) from post") == [(3,)]
    assert ask(db, "删掉@示例用户1 的所有数据").code == 0
    assert query(db, "select count(*) from post") == [(2,)]
    copy = tmp_path / "search_contents_2.jsonl"
    shutil.copy(source, copy)
    again = xunke("import", str(copy), "--json", db=db)
    assert again.code == 0
    assert again.rows[0]["suppressed"] > 0
    assert query(db, "select count(*) from post") == [(2,)]
    held = b"".join(p.read_bytes() for p in tmp_path.glob("p.db*"))
    assert "示例用户1".encode() not in held
    assert b"1700000001" not in held
    assert "不能撤销" in ask(db, "撤销").err


def test_old_posts_and_platforms_are_counted_then_erased(db: Path) -> None:
    weibo = "select count(*) from post_key k join platform p on p.id = k.platform where p.name = 'weibo'"
    ((n,),) = query(db, weibo)
    shown = ask(db, "删除所有微博数据", "--dry-run")
    assert f"{n:,} 帖" in shown.err
    assert ask(db, "删除所有微博数据").code == 0
    assert query(db, weibo) == [(0,)]
    old = "select count(*) from post where created < 1790000000"
    days = (1795276800 - 1790000000) // 86400
    assert query(db, old)[0][0] > 0
    assert ask(db, f"清掉{days - 2}天以前的数据").code == 0
    assert query(db, old) == [(0,)]
    assert xunke("doctor", db=db).code == 0


def test_a_schedule_that_names_the_erased_goes_with_them(db: Path) -> None:
    assert ask(db, "每天早上9点看@海盐桃子 的涨粉").code == 0
    assert ask(db, "删掉@海盐桃子 的所有数据").code == 0
    assert query(db, "select count(*) from schedule") == [(0,)]


def test_nothing_is_destroyed_unasked(db: Path) -> None:
    for sentence in ("删掉@海盐桃子 的所有数据", "所有定时任务都取消", "撤销"):
        done = subprocess.run(
            command("--db", str(db), sentence), input=b"y\n", capture_output=True, check=False, env=environment()
        )
        assert done.returncode == 4, "a y that came by a pipe does not count"


# -- who publishes a contact ---------------------------------------------------------------------------------------


def test_only_people_who_publish_a_contact(tmp_path: Path) -> None:
    db, path = tmp_path / "p.db", tmp_path / "people.csv"
    path.write_text(
        "platform,user_id,nickname,bio,followers\n"
        "weibo,1,甲甲,爱喝咖啡 合作请发邮件 jia@example.com,900\n"
        "weibo,2,乙乙,爱喝咖啡的人,800\n"
        "weibo,3,丙丙,商务合作请私信 咖啡日记,700\n"
        "weibo,4,丁丁,,600\n",
        "utf-8",
    )
    source = tmp_path / "search_contents_1.jsonl"
    posts = [
        {"note_id": f"52300000000000{n}", "content": "#咖啡# 新店打卡", "create_time": 1795181400, "liked_count": "3",
         "last_modify_ts": 1795190000123, "user_id": f"{n}", "nickname": f"{name}"}
        for n, name in enumerate(("甲甲", "乙乙", "丙丙", "丁丁"), 1)
    ]  # fmt: skip
    source.write_text("".join(json.dumps(p, ensure_ascii=False) + "\n" for p in posts), "utf-8")
    assert xunke("import", str(source), db=db).code == 0
    connection = sqlite3.connect(db)
    with connection:  # as an import of profiles with these biographies leaves them: masked
        for number, bio in ((1, "爱喝咖啡 合作请发邮件 [邮箱]"), (2, "爱喝咖啡的人"), (3, "商务合作请私信 咖啡日记")):
            sql = "update account set bio = ? where id = (select id from account_key where native_id = ?)"
            connection.execute(sql, (bio, str(number)))
    connection.close()
    answer = ask(db, "挑20个聊咖啡的博主寄样，得留了商务邮箱的", "--json")
    assert answer.code == 0, answer.err
    assert {row["name"] for row in answer.rows} == {"甲甲", "丙丙"}
    assert all("公开留有联系方式" in row["reason"] for row in answer.rows)
    assert b"jia@example.com" not in db.read_bytes()
