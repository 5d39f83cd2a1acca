"""docs/tour.md is a story that runs: every sentence of it succeeds on the sample, and says what the page says."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path

from tests.conftest import TODAY

ROOT = Path(__file__).parents[2]
PART_TWO = "\n## 二、"


def test_the_story_runs_as_told(sample_file: Path, tmp_path: Path) -> None:
    tour = runpy.run_path(str(ROOT / "docs" / "make_tour.py"))
    assert tour["TODAY"] == TODAY.isoformat()
    db = tmp_path / "演示.db"
    shutil.copy(sample_file, db)
    text = tour["PAGE"].read_text("utf-8").split(PART_TWO)[0]
    told = [(block["output"].rstrip("\n"), said) for block, said in tour["story"](text, db)]
    assert len(told) > 25
    for page, said in told:
        assert said.code == 0, (said.command, said.output)
        assert said.shown == page, said.command
    assert all(said.command.startswith('xunke "') for _, said in told), "each step by chat"


def test_every_picture_of_the_story_is_there() -> None:
    text = (ROOT / "docs" / "tour.md").read_text("utf-8")
    drawn = {f"{name}.svg" for name in re.findall(r"<!-- picture: ([\w-]+) -->", text)}
    assert drawn
    for name in drawn:
        assert f"](tour/{name})" in text, name
        assert (ROOT / "docs" / "tour" / name).is_file(), name
