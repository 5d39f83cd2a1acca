"""touch and note as a marketer uses them. All people here are invented."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import CONTROL, Answer
from xunke.actions.undo_ladder import LADDER
from xunke.cli.main import main
from xunke.clock import DAY
from xunke.i18n import messages
from xunke.model import Account, Post, Provenance
from xunke.outreach import checks, gate, limits, notes, touches
from xunke.storage import Project

NOON = 1_795_320_000
DAY_ = "2026-11-22"


Run = Callable[..., Answer]


@pytest.fixture
def xunke(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process: arguments in, what it said and its exit code out."""

    def run(*words: str, db: Path) -> Answer:
        capsys.readouterr()
        try:
            code = main(["--db", str(db), *words])
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        assert not CONTROL.search(out + err)
        return Answer(code, out, err)

    return run


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "l.db"
    with Project.open(path) as project:
        people = [Account("weibo", str(n), name=f"虚构人{n}", url=f"https://weibo.com/u/{n}") for n in (1, 2, 3)]
        posts = [
            Post("weibo", f"p{n}", f"求推荐越野跑鞋{n} #越野跑#", author=one, created=NOON - DAY)
            for n, one in enumerate(people)
        ]
        project.add(posts, Provenance("user", "t"))
        ids = [row[0] for row in project.query("select author from post order by id")]

        def make(conn) -> None:  # type: ignore[no-untyped-def]
            conn.execute("insert into saved_list(id, name, target, created) values (1, '跑友', 'people', ?)", (NOON,))
            conn.executemany(
                "insert into list_member(list, item, rank, score, added) values (1, ?, ?, 0.5, ?)",
                [(number, rank, NOON) for rank, number in enumerate(ids)],
            )

        project.writer.call(make)
    return path


def test_from_the_queue_to_the_outcome_and_back(xunke: Run, db: Path) -> None:
    shown = xunke("touch", "--today", DAY_, "--json", db=db).rows
    assert [(row["n"], row["step"]) for row in shown] == [(1, "follow"), (2, "follow"), (3, "follow")]
    done = xunke("touch", "done", "1", "--minutes", "1", "--today", DAY_, db=db)
    assert done.code == 0, done.err
    assert "虚构人1，主动关注" in done.err
    again = xunke("touch", "done", "1", "--today", DAY_, db=db)
    assert again.code == 1
    assert "到上限了" in again.err
    assert xunke("touch", "later", "2", "--days", "2", "--today", DAY_, db=db).code == 0
    assert xunke("touch", "skip", "虚构人3", "--today", DAY_, db=db).code == 0
    left = xunke("touch", "--today", DAY_, "--json", db=db).rows
    assert [(row["name"], row["step"]) for row in left] == [("虚构人1", "reply")]
    assert xunke("touch", "outcome", "虚构人1", "回复", "--today", "2026-11-23", db=db).code == 0
    waiting = xunke("touch", "--today", "2026-11-23", "--json", db=db).rows
    assert waiting[0]["step"] == "engage"
    assert waiting[0]["why"]["key"] == "queue.waiting"
    log = xunke("touch", "log", "虚构人1", "--json", db=db).rows
    assert [row.get("kind") or row["step"] for row in log] == ["reply", "follow"]
    assert xunke("touch", "undo", db=db).code == 0
    assert len(xunke("touch", "log", "虚构人1", "--json", db=db).rows) == 1


def test_drafts_checks_and_the_users_own_knowledge(xunke: Run, db: Path) -> None:
    before = xunke("touch", "draft", "虚构人1", "--today", DAY_, "--json", db=db)
    assert before.code == 1
    assert "〔这里写一句有用的〕" in before.rows[0]["text"]
    kept = xunke("touch", "value", "add", "先量脚长再加 1 厘米，越野跑鞋看抓地和脚趾空间", "--topic", "越野跑", db=db)
    assert kept.code == 0
    ready = xunke("touch", "draft", "虚构人1", "--today", DAY_, "--json", db=db)
    assert ready.code == 0, ready.err
    assert "先量脚长" in ready.rows[0]["text"]
    bad = xunke("touch", "check", "我们家新品打折，加微信", "--for", "虚构人1", "--today", DAY_, db=db)
    assert bad.code == 1
    assert "互联网广告管理办法" in bad.out
    assert "先量脚长" in xunke("touch", "value", db=db).out
    assert xunke("touch", "value", "remove", "1", db=db).code == 0


def test_limits_the_four_rights_and_addresses(xunke: Run, db: Path) -> None:
    assert xunke("touch", "limits", "talk_day=5", "quiet_from=21:30", db=db).code == 0
    rows = {row["limit_name"]: row["limit_now"] for row in xunke("touch", "limits", "--json", db=db).rows}
    assert (rows["talk_day"], rows["quiet_from"]) == (5, "21:30")
    assert xunke("touch", "limits", "talk_day=999", db=db).code == 1
    assert "talk_day" in xunke("touch", "limits", "nothing=1", db=db).err
    checked = xunke("touch", "preflight", "跑友", "--today", DAY_, "--json", db=db)
    assert [row["person"]["mark"] for row in checked.rows] == ["yes"] * 3
    assert "还没有指标" in checked.err
    assert xunke("touch", "open", "虚构人2", db=db).out.strip() == "https://weibo.com/u/2"
    no = xunke("touch", "may", "虚构人1", "--step", "沟通", "--today", DAY_, db=db)
    assert no.code == 1
    assert "有用的转评" in no.err


def test_notes_come_up_on_their_day(xunke: Run, db: Path) -> None:
    kept = xunke("note", "@虚构人2", "喜欢", "越野跑", "--kind", "承诺", "--due", "2026-11-25", "--today", DAY_, db=db)
    assert kept.code == 0, kept.err
    assert xunke("note", "list", "--open", "--json", db=db).rows[0]["body"] == "喜欢 越野跑"
    queue = xunke("touch", "--today", "2026-11-25", "--json", db=db).rows
    assert next((row["name"], row["step"]) for row in queue) == ("虚构人2", "note")
    assert xunke("note", "done", "1", db=db).code == 0
    assert xunke("note", "list", "--open", "--json", db=db).rows == []
    assert "原话" in xunke("note", "template", "访谈", db=db).err


def test_who_is_not_to_be_contacted_stands_nowhere(xunke: Run, db: Path) -> None:
    xunke("touch", "done", "虚构人1", "--step", "关注", "--today", DAY_, db=db)
    xunke("note", "@虚构人1", "喜欢跑步", db=db)
    assert xunke("suppress", "add", "虚构人1", db=db).code == 0
    for words in (("touch", "log"), ("note", "list"), ("touch", "--today", DAY_), ("touch", "preflight", "跑友")):
        assert "虚构人1" not in xunke(*words, "--json", db=db).out, words


def test_a_book_is_imported(xunke: Run, db: Path, tmp_path: Path) -> None:
    book = tmp_path / "b.jsonl"
    book.write_text(json.dumps({"谁": "虚构人1", "时间": "2026-11-20", "步骤": "转评", "反应": "投诉"}) + "\n", "utf-8")
    done = xunke("touch", "import", str(book), db=db)
    assert done.code == 0, done.err
    assert "1 次接触，1 个反应" in done.err
    assert xunke("touch", "--today", DAY_, "--json", db=db).rows[0]["step"] == "service"


def test_without_anybody_the_next_step_is_told(xunke: Run, tmp_path: Path) -> None:
    told = xunke("touch", db=tmp_path / "empty.db")
    assert told.code == 0
    assert "存成名单" in told.err
    assert "今天该联系谁" in told.err
    assert xunke("touch", "done", db=tmp_path / "empty.db").code == 2


def test_everything_that_is_told_by_a_code_has_its_words() -> None:
    source = Path(gate.__file__).read_text("utf-8")
    reasons = set(re.findall(r'"gate\.(\w+)"', source)) | {"suppressed", "minors"}
    told = {"no", "other_need", "say_ad"}
    keys = {f"gate.{one}" for one in reasons} | {f"queue.left.{one}" for one in reasons - told}
    keys |= set(re.findall(r'"(check\.\w+)"', Path(checks.__file__).read_text("utf-8")))
    keys |= {f"check.{one}" for one in ("hostile", "begging", "pretend", "level.bad", "level.warn")}
    keys |= {f"limit.{one}" for one in limits.LIMITS} | {f"step.{one}" for one in (*touches.STEPS, "note")}
    keys |= {f"outcome.{one}" for one in touches.KINDS} | {f"outcome.source.{one}" for one in touches.SOURCES}
    keys |= {f"touch.state.{one}" for one in touches.STATES} | {f"channel.{one}" for one in touches.CHANNELS}
    keys |= {f"note.kind.{one}" for one in notes.KINDS} | {f"note.template.{one}" for one in notes.TEMPLATES}
    keys |= {f"undo.{part}.{kind}" for part in ("what", "done") for kind in (*LADDER, "touch_limit", "touch_value")}
    assert sorted(keys - messages().keys()) == []
