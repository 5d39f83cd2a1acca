"""What tests of faults share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import TODAY
from xunke.cli.main import main

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def within(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process: its exit code and all that it said."""

    def run(*words: str, db: Path) -> tuple[int, str]:
        capsys.readouterr()
        try:
            code = main(["--db", str(db), *words, "--today", TODAY.isoformat()])
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out + err

    return run
