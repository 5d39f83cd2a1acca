"""Shared fixtures: a sample project built once, and a clean environment."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.servers.roll_call import (  # noqa: F401 - hooks
    pytest_itemcollected,
    pytest_runtest_logreport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)
from xunke.demo_project import build
from xunke.storage import Project

TODAY = date(2026, 11, 22)


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # started in the background by a shell: children would ignore the Ctrl-C that tests send them
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project for TODAY, as ``xunke demo`` makes it. Copy it before changing it."""
    path = tmp_path_factory.mktemp("sample") / "sample.db"
    with Project.open(path) as project:
        for _ in build(project, TODAY):
            pass
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
