"""Shared fixtures: a sample project built once, and a clean environment."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.servers.roll_call import (  # noqa: F401 - hooks
    pytest_itemcollected,
    pytest_runtest_logreport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)
from xunke.accounts import judge_accounts
from xunke.demo_project import build
from xunke.engine import Engine
from xunke.persona import understand_people
from xunke.storage import Project

TODAY = date(2026, 11, 22)

gc.set_threshold(
    50_000
)  # thousands of tests are collected and stay: to look through them again and again took a quarter of it

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # started in the background by a shell: children would ignore the Ctrl-C that tests send them
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as xunke.__main__ says it, before anything imports numpy
os.environ.pop("COLUMNS", None)  # of the terminal that the tests were started in
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# hundreds of processes are started: half of the time of each would go into compiling the same modules again


def pytest_collection_finish() -> None:
    """What was collected stays to the end: nobody need look at it again."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user's is read or written."""
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home))
    for name in ("XUNKE_DB", "XUNKE_LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def fresh_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project for TODAY, as ``xunke demo`` makes it: nothing is analysed. Copy it before changing it."""
    return _made_once(tmp_path_factory, "fresh.db", _build)


@pytest.fixture(scope="session")
def sample_file(fresh_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after its posts and people were analysed, as any longer use leaves it. Copy it before changing it."""

    def analyse(path: Path) -> None:
        shutil.copy(fresh_file, path)
        asyncio.run(_understand(path))

    return _made_once(tmp_path_factory, "sample.db", analyse)


def _build(path: Path) -> None:
    with Project.open(path) as project:
        for _ in build(project, TODAY):
            pass


async def _understand(path: Path) -> None:
    with Project.open(path) as project:
        engine, posts = Engine(project, today=TODAY), [row[0] for row in project.query("select id from post")]
        for first in range(0, len(posts), 1000):  # so few at a time are analysed without a pool of processes
            async for _ in engine.understand(posts[first : first + 1000]):
                pass
        async for _ in understand_people(project):
            pass
        async for _ in judge_accounts(project, [row[0] for row in project.query("select id from account order by id")]):
            pass


def _made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A file that the first of the processes of this run makes and the others wait for."""
    base = factory.getbasetemp()
    path = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back when it is closed, or its process dies
        if not path.exists():
            part = path.with_suffix(".part")
            part.unlink(missing_ok=True)
            make(part)
            part.rename(path)
    return path


@pytest.fixture
def sample_db(sample_file: Path, tmp_path: Path) -> Path:
    """A copy of the sample project."""
    copy = tmp_path / "sample.db"
    shutil.copy(sample_file, copy)
    return copy


@pytest.fixture
def sample(sample_db: Path) -> Iterator[Project]:
    """A copy of the sample project, open."""
    with Project.open(sample_db) as project:
        yield project


@pytest.fixture
def fresh(fresh_file: Path, tmp_path: Path) -> Iterator[Project]:
    """A copy of the sample project of which nothing was analysed, open."""
    shutil.copy(fresh_file, tmp_path / "fresh.db")
    with Project.open(tmp_path / "fresh.db") as project:
        yield project
