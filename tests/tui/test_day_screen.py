"""The queue of the day: what stands there, what each key writes down, undo, filter, nothing yet. Invented people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Input
from tui_kit import TODAY, drawn, seen, until

from tui.app import XunkeApp
from tui.screens.ask import AskOne, AskWords
from tui.screens.person import PersonScreen
from tui.screens.today import TodayScreen
from tui.screens.told import ToldScreen
from xunke.clock import DAY, waking_on
from xunke.outreach import touches
from xunke.storage import Project

NOW = waking_on(TODAY)


@pytest.fixture
def day_db(db: Path) -> Path:
    """Two of the list have dealt with us: one complained, one was followed."""
    with Project.open(db) as project:
        people = [row[0] for row in project.query("select item from list_member order by rank")]
        touches.log(project, people[0], "follow", t=NOW - 9 * DAY, force=True)
        touches.outcome(project, people[3], "complaint", t=NOW - DAY)
    return db


async def opened(app: XunkeApp, pilot: Pilot[Any]) -> TodayScreen:
    await pilot.press("ctrl+t")
    await until(pilot, lambda: isinstance(app.screen, TodayScreen) and app.screen.seen and app.screen.shown_)
    assert isinstance(app.screen, TodayScreen)
    return app.screen


async def settled(screen: TodayScreen, pilot: Pilot[Any]) -> None:
    """Everything is written and read again."""
    await pilot.pause()
    await until(pilot, lambda: not screen.busy)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_complaints_first_and_one_key_writes_it_down(day_db: Path, size: tuple[int, int]) -> None:
    app = XunkeApp(day_db, today=TODAY)
    async with app.run_test(size=size) as pilot:
        screen = await opened(app, pilot)
        assert screen.line is not None
        assert screen.line.rank == 0
        assert seen(app, "先处理 1 件投诉")
        assert seen(app, "!1")
        assert seen(app, "对方的帖子")
        lines = drawn(app)
        assert all(cell_len(line) == size[0] for line in lines)
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in "".join(lines))
        before = len(touches.touches(app.project))
        first = screen.line.account
        await pilot.press("d")
        await settled(screen, pilot)
        done = touches.touches(app.project)
        assert (len(done), done[-1].account, done[-1].step) == (before + 1, first, "service")
        assert seen(app, "记下了")
        assert seen(app, "按 u 撤销")
        assert screen.line is None or screen.line.account != first
        await pilot.press("u")
        await settled(screen, pilot)
        assert len(touches.touches(app.project)) == before
        assert screen.seen is not None
        assert screen.seen.lines[0].account == first


async def test_fast_keys_take_one_line_each(day_db: Path) -> None:
    app = XunkeApp(day_db, today=TODAY)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot)
        assert screen.seen is not None
        asked = [one.account for one in screen.seen.lines[:4]]
        await pilot.press("s", "l", "s", "l")
        await settled(screen, pilot)
        hidden = {row[0] for row in app.project.query("select item from queue_state where queue = 'touch'")}
        assert hidden == set(asked)
        assert not hidden & {one.account for one in screen.seen.lines}


async def test_reaction_note_filter_log_and_person(day_db: Path) -> None:
    app = XunkeApp(day_db, today=TODAY)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot)
        assert screen.line is not None
        who = screen.line.account
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, AskOne) and app.screen.is_mounted)
        await pilot.press("1")
        await until(pilot, lambda: app.screen is screen)
        await settled(screen, pilot)
        assert [one.kind for one in touches.outcomes(app.project, account=who)][-1] == "reply"
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, AskWords) and app.screen.is_mounted)
        app.screen.query_one(Input).value = "周五寄样"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        await settled(screen, pilot)
        assert app.project.one("select body from note") == "周五寄样"
        await pilot.press("h")
        await until(pilot, lambda: isinstance(app.screen, ToldScreen) and app.screen.is_mounted and app.screen.filled)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PersonScreen) and app.screen.is_mounted)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("slash", *"zzzz", "enter")
        await pilot.pause()
        assert screen.line is None
        await pilot.press("escape")
        await pilot.pause()
        assert screen.line is not None
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)


async def test_copy_and_another_wording(day_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = XunkeApp(day_db, today=TODAY)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot)
        table = screen.query_one("#rows")
        lines = screen.seen.lines if screen.seen else ()
        place = next(n for n, one in enumerate(lines) if one.step == "reply")
        table.cursor = place  # type: ignore[attr-defined]
        await until(pilot, lambda: screen.shown_ and screen.shown_.draft)
        assert screen.shown_ is not None
        first = screen.shown_.draft
        await pilot.press("c")
        assert app.clipboard == first
        await pilot.press("w")
        await until(pilot, lambda: screen.shown_ and screen.shown_.draft != first)
        await pilot.press("y")
        assert app.clipboard == screen.shown_.link


async def test_nothing_yet_says_the_next_step_in_both_languages(empty_db: Path) -> None:
    app = XunkeApp(empty_db, today=TODAY)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(app.screen, TodayScreen) and app.screen.seen is not None)
        assert seen(app, "存成名单试吃")
        await pilot.press("f2")
        await pilot.pause()
        assert seen(app, "Nobody to turn to now")
