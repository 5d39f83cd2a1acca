"""kill -9 while a job with slices, splits and comments runs, and a disk that fails at every write: the end is that of
an unbroken run, and hardly anything is asked twice.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from collectors.base import Query
from tests.faults.kit import content
from tests.faults.test_disk import failing
from tests.jobs.source import START, app, register, times
from tests.jobs.test_from_outside import collecting
from tests.servers.scripted import Scripted, scripted
from xunke.errors import StorageError
from xunke.jobs import Live, Reach, run_collect
from xunke.jobs.coverage import cover_of
from xunke.storage import Project
from xunke.storage import jobs as rows

KILLS = int(os.environ.get("XUNKE_KILLS", "50"))
COUNTED = ("read", "stored", "duplicate", "updated", "rejected", "interactions")


def state(db: Path) -> list[object]:
    """What the one job of a file came to, without what depends on when it was broken off."""
    with Project.open(db) as project:
        (job,) = project.jobs()
        slices = sorted((one.since or 0, one.until or 0, one.state, one.reason or "") for one in job.slices)
        counts = {name: sum(one.counts.get(name, 0) for one in job.slices) for name in COUNTED}
        return [job.state, slices, counts, cover_of(job.slices), rows.gaps(project.reader, job.id)]


def killed_somewhere(process: subprocess.Popen[bytes], server: Scripted, rng: random.Random) -> bool:
    """Kill a process a random while after one of its next requests; False if it ended before."""
    asked, more = len(server.asked), rng.randint(1, 4)
    late = time.monotonic() + 20
    while process.poll() is None and len(server.asked) < asked + more and time.monotonic() < late:
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.02))
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_collections_end_like_an_unbroken_one(tmp_path: Path) -> None:
    rng, whens = random.Random(3), times(150)
    with scripted(app(whens)) as server:
        whole = tmp_path / "whole.db"
        assert subprocess.run(collecting(whole, server), capture_output=True, check=False).returncode == 0
        expected, expected_state, requests = content(whole), state(whole), len(server.asked)
        kills = rounds = 0
        split_while_killed = 0
        while kills < KILLS:
            rounds += 1
            db = tmp_path / f"{rounds}.db"
            begun, before = len(server.asked), kills
            while True:
                process = subprocess.Popen(
                    collecting(db, server), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )  # fmt: skip
                if kills >= KILLS or not killed_somewhere(process, server, rng):
                    assert process.wait() == 0
                    break
                kills += 1
                content(db)
                with Project.open(db) as project:
                    split_while_killed += any(one.reason == rows.SPLIT for one in project.jobs()[0].slices)
            assert content(db) == expected
            assert state(db) == expected_state
            asked = len(server.asked) - begun
            assert requests <= asked <= requests + kills - before, "at most one page is asked again after a kill"
    assert split_while_killed > 5, "slices were split before and after kills"


@pytest.mark.slow
@pytest.mark.parametrize(("message", "step"), [("disk I/O error", 1), ("database or disk is full", 9)])
def test_fail_at_every_write_of_a_collection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str, step: int
) -> None:
    register()
    whens = [START + 3600 * hour for hour in (1, 2, 30, 31, 32, 33)]
    with scripted(app(whens, comments=1, cap=4)) as server:
        live = Live("windowed", Query(
            "tag", "露营", server.base, frozenset({"replies"}), since=START, until=START + 2 * 86_400 - 1
        ))  # fmt: skip

        async def collect(project: Project) -> None:
            async for _ in run_collect(project, [live], Reach(True)):
                pass

        with Project.open(tmp_path / "whole.db") as project:
            asyncio.run(collect(project))
        expected, expected_state = content(tmp_path / "whole.db"), state(tmp_path / "whole.db")
        set_to = failing(monkeypatch, message)
        n = failures = 0
        while True:
            n += step
            db = tmp_path / f"{n}.db"
            project = Project.open(db)
            set_to(n)
            try:
                asyncio.run(collect(project))
                break
            except StorageError as error:
                failures += error.key in ("storage.io", "storage.full")
            finally:
                set_to(0)
            content(db)
            whole_slices(db)
            if n % 2:  # every other time the same process goes on, as the app does
                project.close()
                project = Project.open(db)
            asyncio.run(collect(project))
            project.close()
            assert content(db) == expected
            assert state(db) == expected_state
        project.close()
        assert failures == n // step - 1 > 150 // step, "every failure has its sentence, and the loop reached the end"


def whole_slices(db: Path) -> None:
    """A split slice and what replaces it are there together or not at all."""
    with Project.open(db) as project:
        for job in project.jobs():
            windows = {(one.since, one.until) for one in job.slices}
            for one in job.slices:
                if one.reason == rows.SPLIT:
                    middle = ((one.since or 0) + (one.until or 0)) // 2
                    assert {(one.since, middle), (middle + 1, one.until)} <= windows
