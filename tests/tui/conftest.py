"""The invented project as a file, and the app on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tui_kit import NOW, TODAY, keep_result, records

from tui.app import XunkeApp
from tui.client import Client
from xunke.model import Provenance
from xunke.storage import Project


@pytest.fixture
def empty_db(tmp_path: Path) -> Path:
    """A project without anything."""
    path = tmp_path / "空项目.db"
    Project.open(path).close()
    return path


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A project with people, posts, a result, a list and jobs."""
    path = tmp_path / "双十一减脂餐.db"
    with Project.open(path) as project:
        project.add(records(), Provenance("file", "样例 [/].jsonl", fetched=NOW))
        project.writer.call(keep_result)
    return path


@pytest.fixture
def app(db: Path) -> XunkeApp:
    """The app on the invented project."""
    return XunkeApp(db, today=TODAY)


@pytest.fixture
def slow_client(db: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client whose child never ends by itself."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    return Client(db, module="slow_worker")
