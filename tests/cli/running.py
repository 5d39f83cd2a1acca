"""The command line as its users call it: a process with two pipes."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli import forking
from tests.house.files import ROOT

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines. Raises ValueError if a line is none."""
        return [json.loads(line) for line in self.out.splitlines()]


def command(*words: str) -> list[str]:
    """The arguments of a process that runs ``xunke words…``."""
    return [sys.executable, "-m", "xunke", *words]


def environment(home: Path | None = None, **more: str) -> dict[str, str]:
    """The test's own environment, with the sources on the path."""
    found = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    if home is not None:
        found |= dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), str(home))
    return found


def xunke(*words: str, db: Path | None = None, stdin: str | bytes = b"", **env: str) -> Answer:
    """Run one command to its end. No traceback and no control character may ever come out."""
    given = ["--db", str(db)] if db is not None else []
    sent = stdin.encode() if isinstance(stdin, str) else stdin
    done = forking.run([*given, *words], stdin=sent, env=environment(**env))
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    assert "Traceback" not in err, err
    assert not CONTROL.search(out), "control characters in data"
    assert not CONTROL.search(err), "control characters in talk"
    return Answer(done.returncode, out, err)
