"""Pictures of the story of docs/tour.md: screens of the app as SVG, the report as a browser shows it as PNG.

``make_tour.py`` calls ``draw`` when it has played the story; everybody in them is invented.
"""

from __future__ import annotations

import asyncio
import base64
import runpy
import sys
from datetime import date
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
SIZE: Final = (118, 32)
PAGE: Final = (900, 1150)
"""The part of the report around its first chart that is shown, in points."""


def draw(db: Path, report: Path, folder: Path, day: str) -> list[Path]:
    """The screens of the project ``db`` on ``day``, and a part of the HTML file ``report``, as files of ``folder``.

    Without a browser (``tests.servers.browser`` says which) the report's picture stays as it is.
    """
    made = asyncio.run(_screens(db, folder, date.fromisoformat(day)))
    return made + _report(report, folder / "report.png")


async def _screens(db: Path, folder: Path, day: date) -> list[Path]:
    import tui.compat  # noqa: F401 - before Textual
    from tui.app import XunkeApp

    widened = runpy.run_path(str(HERE / "screens" / "make.py"))["widened"]
    made = []
    app = XunkeApp(db, today=day)
    async with app.run_test(size=SIZE) as pilot:
        for name, keys in (("today", ("ctrl+t", "down")), ("work", ("ctrl+o", "right", "right", "right")),
                           ("followers", ("f10",))):  # fmt: skip
            await pilot.press(*keys)
            await app.workers.wait_for_complete()
            await pilot.pause(0.5)
            made.append(folder / f"screen-{name}.svg")
            made[-1].write_text(widened(app.export_screenshot()), "utf-8")
            await pilot.press("escape")
    return made


def _report(html: Path, picture: Path) -> list[Path]:
    sys.path.insert(0, str(HERE.parent))
    from tests.servers.browser import Unavailable, find, tab

    try:
        program = find()
    except Unavailable as why:
        sys.stdout.write(f"{picture.name}: {why}\n")
        return []
    with tab(program) as page:
        page.size(*PAGE)
        page.open(html)
        top = page.value("document.querySelector('figure').getBoundingClientRect().top") - PAGE[1] / 3
        clip = {"x": 0, "y": max(0, top), "width": PAGE[0], "height": PAGE[1], "scale": 1}
        picture.write_bytes(
            base64.b64decode(
                page.do("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)["data"]
            )
        )
    return [picture]
