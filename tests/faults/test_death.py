"""kill -9 while a project is made, erased from or exported: the disk holds before or after, never between."""

from __future__ import annotations

import csv
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.kit import clean_exit, content, posts_file, xunke
from tests.faults.test_disk import traces
from xunke.export import Column, write
from xunke.model import Account, Post, Provenance
from xunke.outreach import exports
from xunke.storage import Project
from xunke.storage.rows import all_people, all_posts

ROUNDS = int(os.environ.get("XUNKE_KILL_ROUNDS", "6"))


def killed(command: Sequence[str | Path], after: float) -> bool:
    """Run a command and kill it after so many seconds; False if it had ended before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "xunke", *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "XUNKE_LANG": "en"},
    )  # fmt: skip
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def test_killed_while_a_project_is_made(tmp_path: Path) -> None:
    rng = random.Random(3)
    began = time.monotonic()
    clean_exit(xunke("list", db=tmp_path / "timed.db"), 0)
    lasted = time.monotonic() - began
    for n in range(3 * ROUNDS):
        db = tmp_path / f"{n}.db"
        killed(["--db", db, "list"], rng.uniform(0.4, 1.0) * lasted)
        with Project.open(db) as project:
            assert project.one("select length(value) from meta where key = 'suppression_key'") == 64
        content(db)


@pytest.mark.slow
def test_killed_while_somebody_is_erased(tmp_path: Path) -> None:
    source = posts_file(tmp_path, 6000)
    whole = tmp_path / "whole.db"
    clean_exit(xunke("import", source, db=whole), 0)
    before = content(whole)
    began = time.monotonic()
    timed = tmp_path / "timed.db"
    timed.write_bytes(whole.read_bytes())
    clean_exit(xunke("forget", "weibo:1700000007", "--yes", db=timed), 0)
    lasted = time.monotonic() - began
    after = content(timed)
    assert traces(timed, "1700000007", "@用户7 ") == []
    rng, half = random.Random(5), 0
    for n in range(ROUNDS):
        db = tmp_path / f"{n}.db"
        db.write_bytes(whole.read_bytes())
        killed(["--db", db, "forget", "weibo:1700000007", "--yes"], rng.uniform(0.35, 1.0) * lasted)
        now = content(db)
        assert now in (before, after)
        half += now == before
        if now == before:
            clean_exit(xunke("forget", "weibo:1700000007", "--yes", db=db), 0)
        else:
            clean_exit(xunke("list", db=db), 0)  # any start goes on with compacting
        assert content(db) == after
        assert traces(db, "1700000007", "@用户7 ") == []


def test_erased_but_not_yet_compacted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The moment between the commit and the rewriting of the file, held still."""
    from xunke.storage import erase

    db = tmp_path / "p.db"
    clean_exit(xunke("import", posts_file(tmp_path, 600), db=db), 0)
    monkeypatch.setattr(Project, "compact", lambda self: None)
    with Project.open(db) as project:
        erase.person(project, int(project.one("select id from account_key where native_id = '1700000007'")))
    monkeypatch.undo()
    with Project.open(db) as project:
        assert project.meta("shrink") == ""
    assert traces(db, "1700000007") == []


def test_an_export_is_one_moment(tmp_path: Path) -> None:
    """Every person always has as many followers as every other; a writer changes all of them all the time."""
    who = [Account("weibo", str(n), name=f"人{n}", followers=0, fetched=1) for n in range(1500)]
    with Project.open(tmp_path / "p.db") as project:
        project.add(who, Provenance("user", "t"))
        ended = threading.Event()

        def change() -> None:
            while not ended.is_set():
                project.writer.call(lambda db: db.execute("update account set followers = followers + 1"))

        thread = threading.Thread(target=change)
        thread.start()
        try:
            for n in range(5):
                what = exports.What("people", "x", all_people(project), None)
                out = tmp_path / f"{n}.csv"
                exports.write_file(project, what, "csv", path=None, folder=tmp_path, lang="en", exact=out)
                with out.open(encoding="utf-8-sig") as file:
                    seen = {row["followers"] for row in csv.DictReader(line.lower() for line in file)}
                assert len(seen) == 1, seen
        finally:
            ended.set()
            thread.join()


def test_export_while_an_import_runs(tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    clean_exit(xunke("import", posts_file(tmp_path / "a", 300), db=db), 0)
    process = subprocess.Popen(
        [sys.executable, "-m", "xunke", "--db", str(db), "import", str(posts_file(tmp_path / "b", 9000, first=500))],
        stdout=subprocess.DEVNULL,
    )
    counts = []
    while process.poll() is None:
        out = tmp_path / f"{len(counts)}.csv"
        clean_exit(xunke("export", "posts", "--format", "csv", "--out", out, db=db), 0)
        with out.open(encoding="utf-8-sig") as file:
            counts.append(sum(1 for _ in csv.reader(file)) - 1)
    assert process.wait() == 0
    assert counts == sorted(counts)
    assert all(count == 300 or count % 100 in (0,) or count == 9300 for count in counts), counts


def test_killed_exports_leave_no_half_file(tmp_path: Path) -> None:
    db, out = tmp_path / "p.db", tmp_path / "out"
    clean_exit(xunke("import", posts_file(tmp_path / "a", 9000), db=db), 0)
    command = ["export", "posts", "--format", "csv", "--out", out / "posts.csv"]
    began = time.monotonic()
    clean_exit(xunke(*command, db=db), 0)
    lasted = time.monotonic() - began
    whole = (out / "posts.csv").read_bytes()
    rng = random.Random(7)
    for _ in range(ROUNDS):
        killed(["--db", db, *command], rng.uniform(0.5, 1.0) * lasted)
        assert (out / "posts.csv").read_bytes() == whole
    clean_exit(xunke(*command, db=db), 0)
    assert [p.name for p in out.iterdir()] == ["posts.csv"]


def test_the_half_file_of_a_dead_export_is_swept(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from xunke.export import Column, write\n"
        "def rows():\n yield {'a': '1'}\n os.kill(os.getpid(), 9)\n"
        "write(Path(sys.argv[1]), [Column('a', 'a')], rows(), 'csv', 't')"
    )
    (tmp_path / ".xunke-notes").write_text("not ours")
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "x.csv")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2
    write(tmp_path / "y.csv", [Column("a", "a")], [{"a": "1"}], "csv", "t")
    assert sorted(p.name for p in tmp_path.iterdir()) == [".xunke-notes", "y.csv"]


@pytest.mark.parametrize("format", ["csv", "xlsx", "jsonl", "md", "html"])
def test_an_export_that_cannot_be_written(tmp_path: Path, format: str) -> None:
    import resource

    db = tmp_path / "p.db"
    with Project.open(db) as project:
        text = "".join(random.Random(1).choices("好喝咖啡abcdefghij", k=3000))
        project.add((Post("weibo", str(n), text[n:]) for n in range(200)), Provenance("user", "t"))
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file" / f"x.{format}", Path(f"/proc/x.{format}"), tmp_path / f"{'长' * 90}.{format}"):
        said = clean_exit(xunke("export", "posts", "--format", format, "--out", out, db=db), 1)
        assert "Could not write" in said or "Cannot read" in said
    old = tmp_path / "out" / f"old.{format}"
    old.parent.mkdir()
    old.write_text("old and whole")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "xunke",
            "--lang",
            "en",
            "--db",
            str(db),
            "export",
            "posts",
            "--format",
            format,
            "--out",
            str(old),
        ],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    clean_exit(done, 1)
    assert old.read_text() == "old and whole"
    assert [p.name for p in old.parent.iterdir()] == [old.name]


def test_rows_in_an_export_are_rows_in_the_file(tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    clean_exit(xunke("import", posts_file(tmp_path, 900), db=db), 0)
    with Project.open(db) as project:
        stored = project.one("select count(*) from post")
        what = exports.What("posts", "x", None, all_posts(project))
        done = exports.write_file(project, what, "csv", path=None, folder=tmp_path, lang="en", exact=tmp_path / "x.csv")
    assert done.rows == stored
    connection = sqlite3.connect(db)
    assert connection.execute("select act from audit order by id desc limit 1").fetchone()[0] == "export"
    connection.close()
