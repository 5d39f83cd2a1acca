"""kill -9 amid what makes lists, campaigns, tests and notes, imports, erases and sweeps: all of it or nothing, and the
audit log holds. All people are invented."""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import TODAY
from xunke.cli.main import main
from xunke.clock import start_of
from xunke.model import Account, Interaction, Post, Provenance
from xunke.storage import Project
from xunke.storage.project import verify_audit

ROUNDS = int(os.environ.get("XUNKE_KILL_ROUNDS", "2"))
PEOPLE = 60
WHEN = start_of(TODAY) - 86_400
UNCOUNTED = {"meta", "job", "job_slice", "job_seen", "source", "run", "audit", "act", "gap"}
"""Books about the work itself: an import notes that it began; the rows that it brings are all there or none."""
COMMANDS = {
    "list": "list create 新 --from 1 --purpose 试吃 --hold-out 20% --touches 40",
    "campaign": "campaign new 新 --goal 试 --list 名单",
    "experiment": "experiment new 新 --list 名单 --arms A,B --hold-out 20%",
    "touch": "touch done weibo:3 --step reply --outside --text 你好",
    "touches": "touch import DIR/touches.csv",
    "followers": "import DIR/followers.csv",
    "purchases": "import DIR/purchases.csv",
    "segment": "segment save 新 --rule 发帖数>=1",
    "forget": "forget weibo:3 --yes",
    "retention": "retention run --yes --in-use --today 2029-01-01",
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a list of sixty people, and files to import."""
    folder = tmp_path_factory.mktemp("death")
    who = [Account("weibo", str(n), name=f"虚构{n}", followers=n * 10, fetched=WHEN) for n in range(PEOPLE)]
    with Project.open(folder / "p.db") as project:
        project.add(
            [
                *(Post("weibo", f"p{a.native_id}", "求推荐露营帐篷", a, created=WHEN, fetched=WHEN) for a in who),
                *(Interaction("weibo", a, who[0], "reply", time=WHEN) for a in who[1:]),
            ],
            Provenance("user", "t", fetched=WHEN),
        )
        project.set_meta("own_accounts", "[1]")
    for line in ("找聊露营的人，存成名单 名单", "retention set posts=365 people=365"):
        assert run([line, "--yes"] if line.startswith("找") else line.split(), folder / "p.db") == 0, line
    book = "\n".join(f"weibo:{n},reply,2026-11-20 10:0{n % 10}" for n in range(10, 40))
    (folder / "touches.csv").write_text(f"who,step,time\n{book}\n", "utf-8")
    names = "\n".join(f"weibo,{n},虚构{n},2026-11-20,0" for n in range(10, 50))
    (folder / "followers.csv").write_text(f"平台,粉丝ID,粉丝昵称,日期,账号ID\n{names}\n", "utf-8")
    bought = "\n".join(f"weibo,{n},2026-11-{n % 20 + 1:02},{n}.5,帐篷" for n in range(10, 50))
    (folder / "purchases.csv").write_text(f"平台,买家ID,下单时间,金额,商品\n{bought}\n", "utf-8")
    return folder


def run(words: list[str], db: Path) -> int:
    """The command in a child that has everything loaded already; its exit code, or 137 where it was killed."""
    return ended(begun(words, db))


def begun(words: list[str], db: Path) -> int:
    child = os.fork()
    if child:
        return child
    try:
        sys.stdout = sys.stderr = io.TextIOWrapper(io.BytesIO(), "utf-8")
        dated = [] if "--today" in words else ["--today", TODAY.isoformat()]
        os._exit(main(["--db", str(db), *words, *dated]))
    finally:
        os._exit(99)


def ended(child: int) -> int:
    _, status = os.waitpid(child, 0)
    return 137 if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)


def state(db: Path) -> dict[str, int]:
    """Opened as the program does: how many rows each table has; asserts that everything is whole."""
    with Project.open(db) as project:
        assert verify_audit(project.reader) is None
        assert project.meta("shrink") == "", "what was erased is out of the file"
    with closing(sqlite3.connect(db)) as c:
        assert c.execute("pragma integrity_check").fetchone()[0] == "ok"
        assert c.execute("pragma foreign_key_check").fetchall() == []
        names = [row[0] for row in c.execute("select name from sqlite_master where type = 'table'")]
        loose = "select count(*) from list_member where list not in (select id from saved_list)"
        assert c.execute(loose).fetchone()[0] == 0
        loose = "select count(*) from arm where experiment not in (select id from experiment)"
        assert c.execute(loose).fetchone()[0] == 0
        return {n: c.execute(f"select count(*) from {n}").fetchone()[0]
                for n in names if n not in UNCOUNTED and not n.startswith(("post_fts", "_"))}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_all_of_it_or_nothing(name: str, base: Path, tmp_path: Path) -> None:
    words = COMMANDS[name].replace("DIR", str(base)).split()
    db = tmp_path / "p.db"
    shutil.copy(base / "p.db", db)
    before = state(db)
    began = time.monotonic()
    assert run(words, db) == 0
    lasted = time.monotonic() - began
    after = state(db)
    assert after != before
    rng, killed = random.Random(name), 0
    for n in range(4 * ROUNDS):
        if killed == ROUNDS:
            break
        db = tmp_path / f"{n}.db"
        shutil.copy(base / "p.db", db)
        child = begun(words, db)
        time.sleep(rng.uniform(0.1, 1.0) * lasted)  # where it dies, not whether it is done
        os.kill(child, signal.SIGKILL)
        if ended(child) == 137:
            killed += 1
        else:
            lasted *= 0.6  # the machine is quicker than it was
        now = state(db)
        assert now in (before, after)
        assert now == after or run(words, db) == 0, "what did not happen can be asked for again"
        assert state(db) == after
    assert killed, "none of them was quick enough to be done each time"
