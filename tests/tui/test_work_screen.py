"""The work screen and the tables of the chat. All people and numbers are invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from tui_kit import TODAY, drawn, seen, until

from tui.app import XunkeApp
from tui.runs import answered, keyed, looking_only
from tui.screens.told import RowScreen, ToldScreen
from tui.screens.work import WorkScreen
from tui.widgets.entry import TableEntry
from tui.widgets.told import Told
from tui.work import TABS, Reader
from xunke.actions import campaigns
from xunke.clock import start_of, today
from xunke.events import Done, Failed, Table
from xunke.plan import Plan, Step
from xunke.storage import Project, retention

NOW = start_of(TODAY)


async def opened(app: XunkeApp, pilot: Pilot[Any]) -> WorkScreen:
    await pilot.press("ctrl+o")
    await until(pilot, lambda: isinstance(app.screen, WorkScreen) and "lists" in app.screen.read)
    assert isinstance(app.screen, WorkScreen)
    return app.screen


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_tabs_open_rows_and_export(db: Path, size: tuple[int, int]) -> None:
    with Project.open(db) as project:
        list(campaigns.new(project, "双十二", now=NOW))
    app = XunkeApp(db, today=TODAY)
    async with app.run_test(size=size) as pilot:
        screen = await opened(app, pilot)
        assert seen(app, "[名单]")
        assert seen(app, "待联系")
        found = screen.exportable()
        assert found is not None
        assert (found[0].name, found[1], found[2]) == ("待联系 [/]", "people", 12)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ToldScreen) and app.screen.is_mounted and app.screen.filled)
        table = app.screen.query_one(Told).table
        assert table is not None
        assert len(table.rows) == 12
        lines = drawn(app)
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in "".join(lines))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("right", "right", "right")
        await until(pilot, lambda: "campaigns" in screen.read)
        assert seen(app, "双十二")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ToldScreen) and app.screen.is_mounted and app.screen.filled)
        assert seen(app, "按 . 换")
        at = app.screen.query_one(Told).at
        await pilot.press("full_stop")
        assert app.screen.query_one(Told).at != at
        await pilot.press("f2")
        await pilot.pause()
        assert seen(app, "Campaigns 双十二")


async def test_filter_order_and_whole_row(db: Path) -> None:
    app = XunkeApp(db, today=TODAY)
    rows = [["乙", 3, "很长的用途" * 30, "https://example.org/2"], ["甲", 9, None, "https://example.org/1"]]
    table = Table("list.all", ["name", "size", "purpose", "url"], rows, {"n": 2})
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ToldScreen(lambda c: "表", lambda _: [table, Done("list.none")]))
        await until(pilot, lambda: isinstance(app.screen, ToldScreen) and app.screen.is_mounted and app.screen.filled)
        told = app.screen.query_one(Told)
        await pilot.press("o", "o")
        assert told.current is not None
        assert told.current["size"] == 9
        await pilot.press("y")
        assert app.clipboard == "https://example.org/1"
        await pilot.press("slash", *"3", "enter")
        assert told.current is not None
        assert told.current["size"] == 3
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RowScreen) and app.screen.is_mounted)
        assert seen(app, "很长的用途很长的用途")
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert told.word == ""


async def test_every_tab_tells_something_or_says_why(db: Path) -> None:
    with Project.open(db) as project:
        for tab in TABS:
            if tab.name != "queues":  # analyses posts; tests/cli has it
                told = await Reader(project, TODAY, "zh").read(tab.asks)
                assert told
                assert not any(isinstance(event, Failed) for event in told)


async def test_a_table_in_the_chat_is_cut_and_opens_whole(db: Path) -> None:
    app = XunkeApp(db, today=TODAY)
    table = Table("list.all", ["name", "purpose"], [[f"名单{n}", "很长的用途" * 9] for n in range(20)], {"n": 20})
    async with app.run_test(size=(120, 40)) as pilot:
        app.main.talk.add(TableEntry(table))
        await pilot.pause()
        assert seen(app, "还有 12 行")
        assert not seen(app, "名单19")
        app.main.talk.focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ToldScreen) and app.screen.is_mounted and app.screen.filled)
        assert seen(app, "名单19")


def test_work_runs_without_a_question_unless_it_deletes() -> None:
    def plan(**step: Any) -> Plan:
        return Plan(outcome="run", steps=(Step(action="work", **step),))

    assert answered(plan(do="today"))
    assert answered(plan(do="touch", op="done", ranks=(1,)))
    assert not answered(plan(do="retention", op="run"))
    assert looking_only(plan(do="today")) is not None
    assert looking_only(plan(do="touch", op="done", ranks=(1,))) is None
    assert keyed(Done("queue.next")) == Done("tui.day.offer")
    assert keyed(Done("list.none")) == Done("list.none")


async def test_what_is_too_old_goes_once_a_day_but_not_on_a_pretended_day(db: Path) -> None:
    pretended = XunkeApp(db, today=TODAY)
    async with pretended.run_test() as pilot:
        await pilot.pause()
        await pretended.workers.wait_for_complete([w for w in pretended.workers if w.group == "sweep"])
        assert not retention.swept_on(pretended.project)
    real = XunkeApp(db)
    async with real.run_test() as pilot:
        await until(pilot, lambda: retention.swept_on(real.project))
        assert retention.swept_on(real.project) == today().isoformat()
