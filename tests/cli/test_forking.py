"""What is forked says and does what a process started anew says and does. Nobody here exists."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.forking import run
from tests.cli.running import command, environment


@pytest.mark.parametrize(
    ("words", "stdin", "code"),
    [
        (["--nonsense"], "", 2),
        (["--today", "2026-11-22", "plan", "找上海聊减肥的人，前20", "--json"], "", 0),
        (["--today", "2026-11-22", "plan", "--batch", "-"], '{"id": 1, "text": "找成都聊露营的博主"}\n', None),
    ],
)
def test_as_a_process_started_anew(words: list[str], stdin: str, code: int | None, tmp_path: Path) -> None:
    env = environment(tmp_path, XUNKE_LANG="en")
    anew = subprocess.run(
        command(*words), input=stdin.encode(), env=env, cwd=tmp_path, capture_output=True, check=False
    )
    forked = run(words, env=env, stdin=stdin.encode(), cwd=tmp_path)
    assert (forked.returncode, forked.stdout, forked.stderr) == (anew.returncode, anew.stdout, anew.stderr)
    assert code is None or forked.returncode == code


def test_one_that_does_not_end_is_ended_and_the_next_runs(tmp_path: Path) -> None:
    env = environment(tmp_path)
    with pytest.raises(subprocess.TimeoutExpired):
        run(["--db", str(tmp_path / "p.db"), "demo", "--headless"], env=env, timeout=0.05)
    assert run(["--version"], env=env).stdout.startswith(b"xunke")
