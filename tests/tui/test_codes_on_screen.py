"""Codes instead of names on the screens; a list that was made has its names. Invented people."""

from __future__ import annotations

from pathlib import Path

from tui_kit import NAMES, TODAY, drawn, until

from tui import sources
from tui.app import XunkeApp
from tui.screens.person import PersonScreen
from xunke.storage import Project, naming


async def test_codes_in_tables_and_pages_and_names_in_lists(db: Path) -> None:
    with Project.open(db) as project:
        project.set_meta(naming.SETTING, naming.CODES)
    app = XunkeApp(db, today=TODAY)

    def screen() -> str:
        return "\n".join(drawn(app)).replace(" ", "")

    def named() -> list[str]:
        return [name for name in NAMES for n in range(40) if f"{name}{n}" in screen()]

    async with app.run_test(size=(120, 40)) as pilot:
        app.action_everyone()
        await until(pilot, lambda: screen().count("P-") > 5)
        assert not named()
        app.push_screen(PersonScreen(20, None))
        await until(pilot, lambda: isinstance(app.screen, PersonScreen) and "P-20" in screen())
        assert not named()
        assert "example.org" not in screen()
        app.pop_screen()
        (kept,) = sources.lists(app.project)
        app.main.open_list(kept)
        await until(pilot, named)
