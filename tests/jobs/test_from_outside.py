"""Real processes: pausing, cancelling and Ctrl-C, from anywhere and while waiting; one job is never run twice."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.kit import TRACES
from tests.jobs.source import START, app, times
from tests.servers.scripted import App, Asked, Reply, Scripted, scripted
from xunke.storage import Project
from xunke.storage import jobs as rows

END = START + 6 * 86_400 - 1
WHENS = times(60)


def command(db: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "tests.jobs.source", "--db", str(db), "--lang", "zh", *words]


def collecting(db: Path, server: Scripted, *more: str) -> list[str]:
    return command(
        db, "collect", "windowed", "--instance", server.base, "--tag", "露营", "--with", "replies", "--since",
        str(START), "--until", str(END + 1), "--allow-private-address", *more,
    )  # fmt: skip


def start(words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def run(words: list[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert not [trace for trace in TRACES if trace in done.stdout + done.stderr], done.stderr[-800:]
    return done


def until(true: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "the condition did not come true"
        time.sleep(0.01)


class Held:
    """An app that answers ``free`` requests and holds the others until ``go``."""

    def __init__(self, inner: App, free: int) -> None:
        self.inner, self.free, self.go, self.lock = inner, free, threading.Event(), threading.Lock()
        self.waiting = 0

    def __call__(self, asked: Asked) -> Reply:
        with self.lock:
            self.free -= 1
            held = self.free < 0
            self.waiting += held
        if held:
            self.go.wait(60)
        return self.inner(asked)


@pytest.fixture
def held() -> Iterator[tuple[Scripted, Held]]:
    gate = Held(app(WHENS), 5)
    with scripted(gate) as server:
        yield server, gate
        gate.go.set()


def whole(db: Path) -> None:
    with Project.open(db) as project:
        assert project.one("select count(*) from post where kind = 'post'") == len(WHENS)
        assert project.one("select count(*) from post where kind = 'comment'") == 2 * len(range(0, len(WHENS), 3))
        assert project.one("pragma integrity_check") == "ok"
        assert len(project.jobs()) == 1
        assert project.jobs()[0].state == "done"


def state(db: Path) -> tuple[str, str | None, str | None]:
    with contextlib.closing(sqlite3.connect(db)) as connection:
        found = connection.execute("select state, reason, claim from job").fetchone()
    return found or ("", None, None)


@pytest.mark.parametrize(("op", "after"), [("pause", "paused"), ("cancel", "cancelled")])
def test_stopped_by_another_process_while_a_server_does_not_answer(
    held: tuple[Scripted, Held], tmp_path: Path, op: str, after: str
) -> None:
    (server, gate), db = held, tmp_path / "p.db"
    process = start(collecting(db, server))
    until(lambda: gate.waiting)
    assert run(command(db, "jobs", op, "1")).returncode == 0
    said = time.monotonic()
    process.wait(10)
    assert time.monotonic() - said < 1.5, "half a second to the next look, and the end of a process"
    out = process.communicate()[1]
    assert process.returncode == 0, out
    assert "任务 1" in out
    assert state(db) == (after, f"job.{after}_by_user", None)
    gate.go.set()
    assert run(command(db, "jobs", "resume", "1", "--allow-private-address")).returncode == 0
    whole(db)
    assert run(command(db, "jobs", op, "1")).returncode == 1, "nothing is left to stop"


def test_stopped_while_waiting_for_a_rate_limit(tmp_path: Path) -> None:
    db, inner = tmp_path / "p.db", app(WHENS)
    limited = threading.Event()

    def answer(asked: Asked) -> Reply:
        if asked.path == "/comments" and not limited.is_set():
            return Reply({}, 429, {"Retry-After": "200"})
        return inner(asked)

    with scripted(answer) as server:
        process = start(collecting(db, server))
        until(lambda: any(one.path == "/comments" for one in server.asked))
        assert process.stderr is not None
        said = next(line for line in process.stderr if "秒" in line)
        assert "200" in said or "199" in said, "the wait is told while it lasts"
        begun = time.monotonic()
        run(command(db, "jobs", "pause", "1"))
        process.wait(10)
        assert time.monotonic() - begun < 3.0
        process.communicate()
        assert state(db)[0] == "paused"


def test_ctrl_c_leaves_it_paused(held: tuple[Scripted, Held], tmp_path: Path) -> None:
    (server, gate), db = held, tmp_path / "p.db"
    process = start(collecting(db, server))
    until(lambda: gate.waiting)
    process.send_signal(signal.SIGINT)
    out = process.communicate(timeout=10)[1]
    assert process.returncode == 130, out
    assert state(db) == ("paused", "job.interrupted", None)
    gate.go.set()
    assert run(collecting(db, server)).returncode == 0
    whole(db)


def test_a_job_is_not_run_twice(held: tuple[Scripted, Held], tmp_path: Path) -> None:
    (server, gate), db = held, tmp_path / "p.db"
    first = start(collecting(db, server))
    until(lambda: gate.waiting)
    second = run(collecting(db, server))
    assert second.returncode == 1
    assert f"（{first.pid}）" in second.stderr
    third = run(command(db, "jobs", "resume", "1"))
    assert third.returncode == 1
    assert gate.waiting == 1
    assert state(db)[0] == "running"
    gate.go.set()
    first.communicate(timeout=60)
    assert first.returncode == 0
    whole(db)


def test_the_claim_of_a_dead_process_is_taken_over(held: tuple[Scripted, Held], tmp_path: Path) -> None:
    (server, gate), db = held, tmp_path / "p.db"
    first = start(collecting(db, server))
    until(lambda: gate.waiting)
    first.kill()
    first.communicate()
    assert state(db)[0] == "running"
    shown = run(command(db, "jobs", "--json"))
    assert [json.loads(line)["state"] for line in shown.stdout.splitlines()] == ["broken"]
    gate.go.set()
    assert run(collecting(db, server)).returncode == 0
    whole(db)


def test_a_process_that_slept_stores_nothing_after_it_was_taken_over(
    held: tuple[Scripted, Held], tmp_path: Path
) -> None:
    (server, gate), db = held, tmp_path / "p.db"
    first = start(collecting(db, server))
    until(lambda: gate.waiting)
    first.send_signal(signal.SIGSTOP)
    with contextlib.closing(sqlite3.connect(db)) as connection:
        connection.execute("update job set claimed = claimed - ?", (rows.STALE + 1,))
        connection.commit()
    gate.go.set()
    assert run(collecting(db, server)).returncode == 0
    whole(db)
    with Project.open(db) as project:
        counts = [one.counts for one in project.jobs()[0].slices]
    first.send_signal(signal.SIGCONT)
    out = first.communicate(timeout=20)[1]
    assert "接手" in out
    whole(db)
    with Project.open(db) as project:
        assert [one.counts for one in project.jobs()[0].slices] == counts


def test_show_gaps_and_budgets_on_the_command_line(tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    with scripted(app(WHENS)) as server:
        done = run(collecting(db, server, "--max-requests", "6"))
        assert done.returncode == 1
        assert "6 个请求" in done.stderr
        assert run(collecting(db, server, "--max-requests", "0")).returncode == 2
        shown = run(command(db, "jobs", "show", "1"))
        assert "预算" in shown.stdout + shown.stderr
        assert run(command(db, "jobs", "resume", "1", "--allow-private-address")).returncode == 0
    whole(db)
    told = json.loads(run(command(db, "jobs", "show", "1", "--json")).stdout)
    assert told["coverage"]["posts"]["seen"] == len(WHENS)
    assert len(told["slices"]) > 3
    assert run(command(db, "jobs", "gaps", "1")).returncode == 0
    assert run(command(db, "jobs", "refetch", "1")).returncode == 1
    assert run(command(db, "jobs", "show", "9")).returncode == 1
    assert "127.0.0.1" in told["slices"][0]["server"]
