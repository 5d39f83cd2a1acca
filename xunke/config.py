"""Where things are on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

DEFAULT_NAME: Final = "寻客.db"


def user_path(text: str | Path) -> Path:
    """A path as a user types it: ``~`` is the home folder; of somebody unknown it stays as it is."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def make_folder(folder: Path) -> None:
    """Make ``folder`` and those above it that are missing, for the user alone (0700 whatever the umask says)."""
    for part in reversed([folder, *folder.parents]):
        if not part.exists():
            part.mkdir(mode=0o700, exist_ok=True)


def default_db() -> Path:
    """The project that commands work on: ``XUNKE_DB``, or the default project in the user's data folder."""
    from platformdirs import user_data_path

    named = os.environ.get("XUNKE_DB")
    return user_path(named) if named else user_data_path("xunke", appauthor=False) / DEFAULT_NAME


def demo_db() -> Path:
    """Where ``xunke demo`` builds the sample project unless a project is named."""
    from platformdirs import user_data_path

    named = os.environ.get("XUNKE_DB")
    return user_path(named) if named else user_data_path("xunke", appauthor=False) / "演示.db"
