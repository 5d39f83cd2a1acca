"""Draw the pictures in this folder from the demo project: ``python docs/screens/make.py``.

Everything in them is invented. Rich's SVG export measures a text by its characters; ``widened`` measures it by
its cells, so that Chinese is not squeezed.
"""

from __future__ import annotations

import asyncio
import html
import re
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from textual.pilot import Pilot

import tui.compat  # noqa: F401 - before Textual
import xunke.actions
from tui.app import XunkeApp
from tui.screens.person import PersonScreen
from tui.widgets.prompt import Prompt

HERE = Path(__file__).parent
TODAY = date(2026, 11, 22)
SIZES = {"wide": (118, 32), "narrow": (80, 24)}
SENTENCE = "采集最近7天 #露营 的帖子，再找杭州影响力前20的人，导出成csv"
_TEXT = re.compile(r'<text class="([^"]*)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+" ([^>]*)>([^<]*)</text>')
_FONT_FACE = re.compile(r"\s*@font-face \{[^}]*\}")
_CELL = 12.2
"""Width of a cell in Rich's SVG template."""


def widened(svg: str) -> str:
    """The picture with every run of characters of one width at its own place and as long as its cells."""

    def runs(match: re.Match[str]) -> str:
        kind, x, y, rest = match[1], float(match[2]), match[3], match[4]
        out = []
        for run in re.findall(r"\xa0+|[\x21-\x7e]+|[^\x21-\x7e\xa0]", html.unescape(match[5])):
            length = _CELL * cell_len(run)
            if not run.isspace():
                place = f'class="{kind}" x="{x:.1f}" y="{y}" textLength="{length:.1f}" {rest}'
                out.append(f"<text {place}>{html.escape(run)}</text>")
            x += length
        return "".join(out)

    fonts = "font-family: 'Fira Code', 'DejaVu Sans Mono', 'Sarasa Mono SC', 'Noto Sans Mono CJK SC', monospace"
    svg = _FONT_FACE.sub("", svg)  # a picture fetches nothing: local fonts only
    return re.sub(r"font-family: Fira Code[^;]*", fonts, _TEXT.sub(runs, svg))


async def settle(pilot: Pilot[Any]) -> None:
    """Let everything be drawn."""
    await pilot.pause()
    await pilot.pause()


async def draw(db: Path, empty: Path, size: str) -> None:
    """All screens in one size."""

    def save(app: XunkeApp, name: str) -> None:
        (HERE / f"{name}-{size}.svg").write_text(widened(app.export_screenshot()), "utf-8")

    app = XunkeApp(empty, today=TODAY)
    async with app.run_test(size=SIZES[size]) as pilot:
        await settle(pilot)
        save(app, "first-run")
    app = XunkeApp(db, today=TODAY)
    async with app.run_test(size=SIZES[size]) as pilot:
        app.main.found.table("people").focus()
        await pilot.press("down", "space", "down")
        await settle(pilot)
        save(app, "people")
        await pilot.press("right")
        await settle(pilot)
        save(app, "posts")
        for key, name in (("f3", "lists"), ("f4", "jobs"), ("f5", "export"), ("f1", "help")):
            await pilot.press(key)
            await settle(pilot)
            save(app, name)
            await pilot.press("escape")
        await app.push_screen(PersonScreen(app.main.found.table("people").source[0].id))
        await settle(pilot)
        save(app, "person")
        await pilot.press("escape")
        app.main.post_message(Prompt.Sent(SENTENCE))
        while app.main.card is None:
            await pilot.pause()
        await settle(pilot)
        save(app, "plan")
        await pilot.press("f2", "f8")
        await settle(pilot)
        save(app, "plan-english-light")


def main() -> None:
    """Build the sample and draw it."""
    xunke.actions.default_folder = lambda project: Path.home() / "寻客" / "导出"
    with tempfile.TemporaryDirectory() as folder:
        db, empty = Path(folder) / "演示.db", Path(folder) / "新项目.db"
        command = [sys.executable, "-m", "xunke", "demo", "--headless", "--db", str(db), "--today", TODAY.isoformat()]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own program
        for size in SIZES:
            asyncio.run(draw(db, empty, size))


if __name__ == "__main__":
    main()
