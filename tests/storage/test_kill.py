"""kill -9 in the middle of an import, again and again: the file stays whole, and the end is that of an unbroken run."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROUNDS = int(os.environ.get("XUNKE_KILL_ROUNDS", "8"))
ROWS = 9_000
TABLES = (
    "select p.name, k.native_id, a.name, a.followers from account a join account_key k on k.id = a.id "
    "join platform p on p.id = k.platform",
    "select k.native_id, t.text, t.created, t.likes, t.tags from post t join post_key k on k.id = t.id",
    "select a.native_id, i.t, b.native_id, i.kind from interaction i join account_key a on a.id = i.target "
    "join account_key b on b.id = i.actor",
    "select g.folded, count(*) from post_tag t join tag g on g.id = t.tag group by 1",
)


def make_file(path: Path) -> None:
    """Invented Weibo rows in MediaCrawler's layout: posts, and comments that answer them before they come."""
    rng = random.Random(5)
    with path.open("w", encoding="utf-8") as file:
        for i in range(ROWS):
            user = rng.randrange(700)
            row: dict[str, object] = {
                "create_time": 1_795_000_000 + i, "last_modify_ts": 1_795_190_000_123, "ip_location": "上海",
                "user_id": str(1_700_000_000 + user), "nickname": f"用户{user}", "gender": "f", "profile_url": "",
                "avatar": "",
            }  # fmt: skip
            if i % 3 == 2:
                row |= {"comment_id": str(9_000_000 + i), "note_id": str(5_230_000_000_000_000 + rng.randrange(ROWS)),
                        "content": f"想去{i}", "sub_comment_count": "0", "comment_like_count": "1",
                        "parent_comment_id": str(9_000_000 + i)}  # fmt: skip
            else:
                mentioned = rng.randrange(700)
                row |= {"note_id": str(5_230_000_000_000_000 + i), "content": f"#咖啡# 第{i}杯 @用户{mentioned}",
                        "liked_count": str(rng.randrange(50)), "comments_count": "1", "shared_count": "0",
                        "note_url": "", "source_keyword": "咖啡"}  # fmt: skip
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def content(db: Path) -> list[list[tuple[object, ...]]]:
    with sqlite3.connect(db) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        return [sorted(connection.execute(sql).fetchall(), key=repr) for sql in TABLES]


def start(db: Path, source: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "xunke", "--db", str(db), "--json", "import", str(source)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.slow
def test_killed_imports_end_like_an_unbroken_one(tmp_path: Path) -> None:
    source = tmp_path / "search_contents_2026-11-20.jsonl"
    make_file(source)
    began = time.monotonic()
    whole = start(tmp_path / "whole.db", source)
    report = json.loads(whole.communicate()[0].splitlines()[-1])
    lasted = time.monotonic() - began
    assert whole.returncode == 0
    assert report["read"] == ROWS
    expected = content(tmp_path / "whole.db")
    rng = random.Random(11)
    killed_midway = 0
    for round_ in range(ROUNDS):
        db = tmp_path / f"{round_}.db"
        kills = 0
        while True:
            process = start(db, source)
            try:
                process.wait(timeout=rng.uniform(0.3, 1.0) * lasted if kills < 4 else 120)
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
                if db.exists() and db.stat().st_size:
                    with sqlite3.connect(db) as connection:
                        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        assert process.stdout is not None
        report_again = json.loads(process.stdout.read().splitlines()[-1])
        assert process.returncode == 0
        assert content(db) == expected
        numbers = [report_again[k] for k in ("read", "stored", "duplicate", "rejected")]
        with sqlite3.connect(db) as connection:
            jobs = connection.execute("select count(*) from job").fetchone()[0]
        if jobs == 1:
            assert numbers == [report[k] for k in ("read", "stored", "duplicate", "rejected")]
        else:  # the kill came after the import was done, so this was a second import of the same file
            assert numbers == [ROWS, 0, ROWS, 0]
        killed_midway += bool(kills and report_again.get("resumed_from"))
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        assert start(db, source).wait() == 0  # and once more: nothing is added
        assert content(db) == expected
    assert killed_midway >= 1, "no kill fell into the import: the test proves nothing"
