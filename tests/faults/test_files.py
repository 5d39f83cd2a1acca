"""Locked, read-only, cut, foreign and strange files: a sentence, the right exit code, and nothing touched or made."""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.kit import clean_exit, content, posts_file, rows, xunke
from xunke.errors import StorageError, XunkeError
from xunke.storage import Project


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A project with a few posts."""
    path = tmp_path / "projects" / "p.db"
    clean_exit(xunke("import", posts_file(tmp_path / "in", 60), db=path), 0)
    return path


@pytest.fixture
def held(db: Path) -> Iterator[Path]:
    """The same, held by another process in the middle of a write."""
    script = (
        "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('begin immediate')\nprint(flush=True)\nsys.stdin.read()"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.readline()
    yield db
    process.stdin.close()
    process.wait()
    process.stdout.close()


def test_held_by_another_process(held: Path, tmp_path: Path) -> None:
    before, began = content(held), time.monotonic()
    quick = {"XUNKE_BUSY_SECONDS": "0.5"}
    more = posts_file(tmp_path / "more", 30, first=1000)
    said = clean_exit(xunke("import", more, db=held, env=quick), 1)
    assert "held by another program" in said
    assert time.monotonic() - began < 15
    shown = xunke("--json", "person", "用户7", db=held, env=quick)
    assert "用户7" in shown.stdout or "held by another program" in shown.stderr
    clean_exit(shown, 0, 1)
    assert content(held) == before


def test_a_lock_is_waited_for(db: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(db, isolation_level=None)
    connection.execute("begin immediate")
    source = posts_file(tmp_path / "more", 30, first=1000)
    process = subprocess.Popen(
        [sys.executable, "-m", "xunke", "--db", str(db), "import", str(source)],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    time.sleep(2)
    assert process.poll() is None
    connection.execute("rollback")
    connection.close()
    assert process.wait(timeout=60) == 0


COMMANDS = (["list"], ["rank"], ["export", "people", "--out", "f.csv"])


def fingerprint(folder: Path) -> dict[str, bytes | None]:
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in sorted(folder.rglob("*"))}


def damaged(kind: str, db: Path) -> None:
    whole = db.read_bytes()
    match kind:
        case "a page overwritten":
            page = 4096 * (len(whole) // 4096 // 2)
            db.write_bytes(whole[:page] + secrets.token_bytes(4096) + whole[page + 4096 :])
        case "cut":
            db.write_bytes(whole[: len(whole) // 2])
        case "cut in a page":
            db.write_bytes(whole[: len(whole) - 1000])
        case "random":
            db.write_bytes(secrets.token_bytes(50_000))
        case "head only":
            db.write_bytes(b"SQLite format 3\0")
        case "head and noise":
            db.write_bytes(b"SQLite format 3\0" + secrets.token_bytes(50_000))
        case "text":
            db.write_text("my notes")
        case "one byte":
            db.write_bytes(b"S")
        case "another program's":
            db.unlink()
            other = sqlite3.connect(db)
            other.execute("create table meta(mine)")
            other.execute("insert into meta values ('mine')")
            other.commit()
            other.close()
        case "another program's, in WAL mode":
            db.unlink()
            other = sqlite3.connect(db)
            other.execute("pragma journal_mode = wal")
            other.execute("create table account(mine)")
            other.commit()
            other.close()
        case "newer":
            other = sqlite3.connect(db)
            other.execute("pragma user_version = 999")
            other.close()


KINDS = (
    "a page overwritten",
    "cut",
    "cut in a page",
    "random",
    "head only",
    "head and noise",
    "text",
    "one byte",
    "another program's",
    "another program's, in WAL mode",
    "newer",
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_no_whole_project(db: Path, kind: str) -> None:
    damaged(kind, db)
    for path in db.parent.glob("p.db-*"):
        path.unlink()
    before = fingerprint(db.parent)
    for command in COMMANDS if kind in ("cut", "random") else COMMANDS[:1]:
        clean_exit(xunke(*command, db=db, cwd=db.parent), 1)
    with pytest.raises(XunkeError):
        Project.open(db)
    after = fingerprint(db.parent)
    assert after == before


def test_the_log_deleted(db: Path) -> None:
    with Project.open(db) as project:
        project.set_meta("x", "1")
        for path in db.parent.glob("p.db-*"):
            path.unlink()
    clean_exit(xunke("list", db=db), 0)
    content(db)


def test_no_plain_file(tmp_path: Path) -> None:
    folder, pipe = tmp_path / "folder", tmp_path / "pipe"
    folder.mkdir()
    os.mkfifo(pipe)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "x.db")
    (tmp_path / "file").write_text("x")
    places = [
        folder,
        pipe,
        Path("/dev/null"),
        Path("/dev/zero"),
        tmp_path / "dangling",
        tmp_path / "file" / "p.db",
        tmp_path / ("长" * 100) / "p.db",
        Path("/proc/x/p.db"),
    ]
    before = sorted(tmp_path.rglob("*"))
    for place in places:
        clean_exit(xunke("list", db=place, timeout=20), 1)
    with pytest.raises(StorageError):
        Project.open(f"{tmp_path}/a\0b.db")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\xfe ?#%41.db"
    command = [sys.executable.encode(), b"-m", b"xunke", b"--db", name, b"rank"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)
    clean_exit(done, 0)
    assert Path(os.fsdecode(name)).exists()


def test_folders_and_files_under_umask_000(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        db = tmp_path / "a" / "b" / "p.db"
        clean_exit(xunke("import", posts_file(tmp_path / "in", 60), db=db), 0)
        with Project.open(db) as project:
            project.set_meta("x", "1")
            clean_exit(
                xunke("export", "people", "--format", "csv", "--out", tmp_path / "out" / "deep" / "f.csv", db=db), 0
            )
            clean_exit(xunke("ask", "--yes", "最近在聊咖啡的帖子，导出为csv", db=db), 0)
            made = [p for top in ("a", "out") for p in [tmp_path / top, *(tmp_path / top).rglob("*")]]
            modes = {str(p.relative_to(tmp_path)): stat.S_IMODE(p.stat().st_mode) for p in made}
    finally:
        os.umask(before)
    assert {"a/b/p.db-wal", "a/b/p.db-shm", "a/b/导出", "out/deep/f.csv"} <= modes.keys()
    assert {name: oct(mode) for name, mode in modes.items() if mode not in (0o600, 0o700)} == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_read_only(db: Path) -> None:
    read_only(db)


def read_only(db: Path) -> None:
    """Looking works, writing is refused with a sentence, and the bytes stay."""
    before = db.read_bytes()
    for part in (db, db.parent):
        part.chmod(0o500 if part.is_dir() else 0o400)
    for command in (["rank"], ["list"], ["person", "用户7"], ["why", "用户7"], ["audit", "verify"]):
        clean_exit(xunke(*command, db=db), 0)
    for command in (
        ["export", "people", "--out", "f.csv"],
        ["suppress", "add", "x"],
        ["forget", "用户7", "--yes"],
        ["import", "/dev/null"],
    ):
        clean_exit(xunke(*command, db=db), 1)
    assert db.read_bytes() == before


def test_two_processes_import_into_one_project(tmp_path: Path) -> None:
    parts = [posts_file(tmp_path / str(n), 1500, first=n * 1200, name=f"search_contents_{n}.jsonl") for n in range(3)]
    db, whole = tmp_path / "p.db", tmp_path / "whole.db"
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "xunke", "--db", str(db), "import", str(part)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        for part in parts
    ]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    for part in parts:
        clean_exit(xunke("import", part, db=whole), 0)
    assert content(db) == content(whole)


def test_two_processes_import_the_same_file(tmp_path: Path) -> None:
    source = posts_file(tmp_path, 3000)
    command = [sys.executable, "-m", "xunke", "--db", str(tmp_path / "p.db"), "import", str(source)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8") for _ in "12"
    ]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    clean_exit(xunke("import", source, db=tmp_path / "whole.db"), 0)
    assert content(tmp_path / "p.db") == content(tmp_path / "whole.db")


def test_a_list_changed_by_another_process_counts_at_once(db: Path) -> None:
    from xunke.model import Account, Provenance

    with Project.open(db) as project:
        project.add([Account("weibo", "1", name="某甲")], Provenance("user", "t"))
        clean_exit(xunke("suppress", "add", "某乙", db=db), 0)
        tally = project.add([Account("weibo", "2", name="某乙")], Provenance("user", "t"))
        assert (tally.stored, tally.suppressed) == (0, 1)


def test_ids_of_a_page_that_was_rolled_back_are_void(tmp_path: Path) -> None:
    from xunke.model import Account, Provenance

    with Project.open(tmp_path / "p.db") as project:

        def broken(db: sqlite3.Connection) -> None:
            project.store(db, [Account("weibo", "1", name="甲")], 1)
            raise ValueError

        with pytest.raises(ValueError):
            project.writer.call(broken)
        project.add([Account("zhihu", "1", name="乙"), Account("weibo", "1", name="甲")], Provenance("user", "t"))
    found = content(tmp_path / "p.db")[0]
    assert [row[:3] for row in found] == [("weibo", "1", "甲"), ("zhihu", "1", "乙")]
    assert len(list(rows(1))) == 1


def test_nothing_is_left_in_the_log(db: Path) -> None:
    """A project that is closed is one file: it can be copied, and holds nothing that was erased."""
    assert [p.name for p in db.parent.iterdir()] == ["p.db"]
    with Project.open(db) as project:
        project.set_meta("x", "1")
        assert project.one("select 1") == 1
    assert [p.name for p in db.parent.iterdir()] == ["p.db"]
