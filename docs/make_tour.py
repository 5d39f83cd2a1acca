"""Replay the story of docs/tour.md and write its outputs and pictures again: ``python docs/make_tour.py``.

Every ``console`` block is a command on a fresh sample project: it runs, and what it prints is put under it, shortened
to the lines that the comment before the block asks for (``<!-- show: 12 -->``), cut where it is too wide. ``day:`` is
the day of a step that comes later in the story, ``then:`` are sentences that the page tells of but does not show.
``--check`` writes nothing and fails where a command fails or says something else than the page does. Everybody in it is
invented. The second part of the page tells numbers of real data that may not be passed on: it has no such blocks.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import runpy
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from xunke.cli.main import main as xunke
from xunke.clock import today
from xunke.demo_project import build
from xunke.storage import Project
from xunke.text import cells

HERE: Final = Path(__file__).parent
PAGE: Final = HERE / "tour.md"
TODAY: Final = "2026-11-22"
WIDE: Final = 112
"""Cells of a line, at most."""
SHOWN: Final = 14
"""Lines of an output, where the page does not say."""
BLOCK: Final = re.compile(
    r"(?:<!-- day: (?P<day>[\d-]+) -->\n)?(?:<!-- show: (?P<show>\d+) -->\n)?"
    r"(?:<!-- picture: (?P<picture>[\w-]+) -->\n)?(?:<!-- then: (?P<then>.+) -->\n)?"
    r"```console\n\$ (?P<command>.+)\n(?P<output>(?:.*\n)*?)```\n"
)
_ASKS: Final = re.compile(r'xunke "(?P<said>[^"]+)"')


@dataclass(frozen=True, slots=True)
class Said:
    """A block of the page: its command, what it printed (whole), and what the page shows of it."""

    command: str
    code: int
    output: str
    shown: str
    picture: str | None


def arguments(command: str, db: Path, day: str = TODAY) -> list[str]:
    """The command's arguments on the project ``db`` on ``day``; a sentence needs no second question."""
    words = shlex.split(command)[1:]
    said = ["ask", "--yes"] if len(words) == 1 and _ASKS.fullmatch(command) else []
    return ["--db", str(db), "--today", day, "--lang", "zh", *said, *words]


def play(command: str, db: Path, day: str = TODAY) -> tuple[int, str]:
    """(exit status, what was printed); the folder of the project is not shown, and the real day is the story's."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = xunke(arguments(command, db, day))
        except SystemExit as end:
            code = int(end.code or 0)
    return code, out.getvalue().replace(str(db.parent), "~").replace(today().isoformat(), day)


def cut(line: str, wide: int = WIDE) -> str:
    """A line of at most ``wide`` cells."""
    if cells(line) <= wide:
        return line.rstrip()
    held, used = [], 0
    for sign in line:
        used += cells(sign)
        if used > wide - 1:
            break
        held.append(sign)
    return "".join(held).rstrip() + "…"


def shortened(output: str, most: int) -> str:
    """The first lines of an output, and how many are left out."""
    lines = [cut(line) for line in output.rstrip("\n").splitlines()]
    if len(lines) <= most + 1:
        return "\n".join(lines)
    return "\n".join([*lines[:most], f"…（还有 {len(lines) - most} 行）"])


def story(text: str, db: Path) -> Iterator[tuple[re.Match[str], Said]]:
    """Each block of the page, played in its order; sentences after ``then:`` are played unseen."""
    for block in BLOCK.finditer(text):
        day = block["day"] or TODAY
        code, output = play(block["command"], db, day)
        for more in (block["then"] or "").split(" | ") if block["then"] else ():
            code = code or play(f'xunke "{more}"', db, day)[0]
        shown = shortened(output, int(block["show"] or SHOWN))
        yield block, Said(block["command"], code, output, shown, block["picture"])


def picture(said: Said, lines: int = 24) -> str:
    """What a command printed, as a picture of a terminal."""
    from rich.console import Console
    from rich.text import Text

    widened = runpy.run_path(str(HERE / "screens" / "make.py"))["widened"]
    console = Console(record=True, width=WIDE + 2, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {said.command}", style="bold green"))
    console.print(Text(shortened(said.output, lines)), overflow="ignore", no_wrap=True, crop=True)
    return str(widened(console.export_svg(title="寻客 Xunke（演示数据，人物均为虚构）", unique_id=said.picture)))


def replay(folder: Path, *, check: bool) -> int:
    """Play the page in ``folder``; the number of blocks that failed or that say something else now."""
    db = folder / "演示.db"
    with Project.open(db) as project:
        for _ in build(project, date.fromisoformat(TODAY)):
            pass
    text = PAGE.read_text("utf-8")
    parts, at, wrong = [], 0, 0
    for block, said in story(text, db):
        old = block["output"].rstrip("\n")
        if said.code or (check and old != said.shown):
            wrong += 1
            sys.stdout.write(f"$ {said.command}\n→ {said.code}\n{said.output if said.code else said.shown}\n\n")
        parts += [text[at : block.start("output")], said.shown + "\n" if said.shown else ""]
        at = block.end("output")
        if said.picture and not check:
            (HERE / "tour" / f"{said.picture}.svg").write_text(picture(said), "utf-8")
    if not check:
        report = max(folder.rglob("*.html"), key=lambda path: path.stat().st_mtime)
        last = max(block["day"] or TODAY for block in BLOCK.finditer(text))
        runpy.run_path(str(HERE / "pictures.py"))["draw"](db, report, HERE / "tour", last)
        PAGE.write_text("".join([*parts, text[at:]]), "utf-8")
    return wrong


def main() -> int:
    """Write the page again, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = os.environ["XDG_DATA_HOME"] = folder
        return 1 if replay(Path(folder), check=parser.parse_args().check) else 0


if __name__ == "__main__":
    sys.exit(main())
