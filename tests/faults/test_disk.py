"""The disk fails at every single write in turn, or is full: nothing half stored, and the next run goes on."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.kit import clean_exit, content, posts_file, xunke
from xunke.errors import StorageError
from xunke.events import Imported
from xunke.jobs import run_import
from xunke.storage import Project, erase, writer


class Failing(sqlite3.Connection):
    """A connection whose n-th statement (of those that write) fails; counts in the class, as one disk has one life."""

    left = 0
    message = ""

    def _strike(self) -> None:
        Failing.left -= 1
        if Failing.left == 0:
            raise sqlite3.OperationalError(Failing.message)

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if sql.split(None, 1)[0].lower() in ("insert", "update", "delete", "commit", "begin", "vacuum"):
            self._strike()
        return super().execute(sql, *parameters)

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        self._strike()
        return super().executemany(sql, parameters)


def failing(monkeypatch: pytest.MonkeyPatch, message: str) -> Callable[[int], None]:
    """Make every writing connection fail at the n-th statement from now; call with 0 to heal the disk."""
    plain = sqlite3.connect

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        writing = not options.get("uri")
        return plain(*arguments, **options, **({"factory": Failing} if writing else {}))

    monkeypatch.setattr(writer.sqlite3, "connect", connect)

    def set_to(n: int) -> None:
        Failing.left, Failing.message = n, message

    set_to(0)
    return set_to


async def bring(project: Project, path: Path) -> Imported:
    events = [event async for event in run_import(project, [path], batch=25)]
    found = [event for event in events if isinstance(event, Imported)]
    return found[-1]


def counted(report: Imported) -> tuple[int, ...]:
    return report.read, report.stored, report.updated, report.duplicate, report.rejected


@pytest.mark.parametrize("message", ["disk I/O error", "database or disk is full"])
def test_fail_at_every_write_of_an_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str) -> None:
    source = posts_file(tmp_path, 60)
    with Project.open(tmp_path / "whole.db") as project:
        expected_report = counted(asyncio.run(bring(project, source)))
    expected = content(tmp_path / "whole.db")
    set_to = failing(monkeypatch, message)
    n, failures = 0, 0
    while True:
        n += 1
        db = tmp_path / f"{n}.db"
        project = Project.open(db)
        set_to(n)
        try:
            asyncio.run(bring(project, source))
            break
        except StorageError as error:
            failures += error.key in ("storage.io", "storage.full")
        finally:
            set_to(0)
            if n % 2:  # every other time the same process goes on, as the app does
                project.close()
        whole_pages(db)
        if n % 2:
            project = Project.open(db)
        report = asyncio.run(bring(project, source))
        project.close()
        assert content(db) == expected
        assert counted(report) == expected_report
    project.close()
    assert failures == n - 1 > 25, "every failure has its sentence, and the loop reached the import"


def whole_pages(db: Path) -> None:
    """Rows agree with the cursor and the counts that stand beside them."""
    content(db)
    connection = sqlite3.connect(db)
    try:
        stored = connection.execute("select count(*) from post").fetchone()[0]
        told = connection.execute(
            "select coalesce(sum(json_extract(counts, '$.stored')), 0) from job_slice"
        ).fetchone()[0]
        position = connection.execute(
            "select coalesce(sum(json_extract(cursor, '$.position')), 0) from job_slice"
        ).fetchone()[0]
        assert stored == told == position
    finally:
        connection.close()


def test_fail_at_every_write_of_an_erasure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = posts_file(tmp_path, 60)
    set_to = failing(monkeypatch, "disk I/O error")
    n = 0
    while True:
        n += 1
        db = tmp_path / f"{n}.db"
        with Project.open(db) as project:
            asyncio.run(bring(project, source))
            before = content(db)
            account = int(project.one("select id from account where name = '用户7'"))
            set_to(n)
            try:
                erase.person(project, account)
                break
            except StorageError:
                pass
            finally:
                set_to(0)
            gone = project.one("select count(*) from account_key where id = ?", (account,)) == 0
            assert gone or content(db) == before
            if not gone:
                erase.person(project, account)
        Project.open(db).close()  # goes on with compacting where that was broken off
        assert traces(db, "1700000007") == []
    assert n > 10
    assert traces(tmp_path / f"{n}.db", "1700000007") == []


def traces(db: Path, *words: str) -> list[str]:
    """Files beside the project that hold one of ``words``."""
    beside = [path for path in db.parent.iterdir() if path.name.startswith(db.name)]
    return [path.name for path in beside for word in words if word.encode() in path.read_bytes()]


@pytest.mark.parametrize("limit", [150_000, 400_000, 900_000])
def test_a_full_disk(tmp_path: Path, limit: int) -> None:
    source = posts_file(tmp_path, 3000)
    db = tmp_path / "p.db"
    clean_exit(xunke("import", posts_file(tmp_path / "first", 30), db=db), 0)

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "xunke", "--db", str(db), "--lang", "en", "import", str(source)]
    done = subprocess.run(command, preexec_fn=small, capture_output=True, encoding="utf-8", check=False, timeout=120)
    said = clean_exit(done, 1)
    assert "disk" in said
    content(db)
    clean_exit(xunke("import", source, db=db), 0)
    clean_exit(xunke("import", source, db=tmp_path / "whole.db"), 0)
    clean_exit(xunke("import", tmp_path / "first" / source.name, db=tmp_path / "whole.db"), 0)
    assert content(db) == content(tmp_path / "whole.db")
