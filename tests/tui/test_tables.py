"""The line table: hostile names, keys, order, filter, cursor on its row."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from tui_kit import HOSTILE, drawn, seen

from tui.app import XunkeApp
from tui.widgets.vtable import Column, Listed, VTable

SIZES = [(118, 32), (80, 24)]


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_names_are_literal_and_rows_one_line_high(app: XunkeApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        app.action_everyone()
        await pilot.pause()
        table = app.main.found.table("people")
        table.focus()
        for _ in range(len(table.source)):
            await pilot.press("down")
            lines = drawn(app)
            assert len(lines) == size[1]
            assert all(cell_len(line) == size[0] for line in lines)
            assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u200d" for c in "".join(lines))
        for literal in HOSTILE[:5]:
            position = next(i for i in range(len(table.source)) if table.source[i].name == literal)
            table.cursor = position
            await pilot.pause()
            assert seen(app, literal[:6]), literal
        assert app.is_running


async def test_clicking_a_hostile_name_runs_nothing(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        app.action_everyone()
        await pilot.pause()
        table = app.main.found.table("people")
        position = next(i for i in range(len(table.source)) if "@click" in (table.source[i].name or ""))
        table.cursor = position
        await pilot.pause()
        y = position - table.scroll_offset.y + 1
        for x in range(8, 30):
            await pilot.click(table, offset=(x, y))
        assert app.is_running
        assert app.return_code is None


async def test_keys_move_select_and_open(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        table = app.main.found.table("people")
        table.focus()
        await pilot.press("end")
        assert table.cursor == len(table.source) - 1
        await pilot.press("home", "down", "down", "up")
        assert table.cursor == 1
        await pilot.press("pagedown")
        assert table.cursor > 10
        await pilot.press("home", "space")
        assert table.selected == {table.source[0].id}
        assert table.cursor == 1
        assert any(" *" in line for line in drawn(app))  # not by colour alone
        await pilot.press("enter")
        await pilot.pause()
        assert type(app.screen).__name__ == "PersonScreen"
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.main


async def test_order_changes_and_the_cursor_stays_on_its_row(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        table = app.main.found.table("people")
        table.focus()
        await pilot.press("down", "down", "down")
        here = table.current.id
        names = []
        for _ in range(4):
            await pilot.press("o")
            await pilot.pause()
            assert table.current.id == here
            names.append(app.main.found.order["people"])
        assert names == ["followers", "name", "posts", "rank"]


async def test_filter_by_name_and_back(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        app.action_everyone()
        await pilot.pause()
        table = app.main.found.table("people")
        everyone = len(table.source)
        table.focus()
        await pilot.press("slash")
        await pilot.press(*"may")
        await pilot.pause()
        assert 0 < len(table.source) < everyone
        assert all("may" in table.source[i].name.lower() for i in range(len(table.source)))
        await pilot.press("escape")
        await pilot.pause()
        assert len(table.source) == everyone


async def test_columns_go_when_it_is_narrow_and_the_name_stays() -> None:
    columns: tuple[Column[int], ...] = (
        Column("tui.col.name", lambda r, i, c: str(r), 10, flex=1),
        Column("tui.col.region", lambda r, i, c: "x", 30, drop=1),
        Column("tui.col.mood", lambda r, i, c: "y", 30, drop=2),
    )
    from textual.app import App, ComposeResult

    from xunke.i18n import Catalogue

    class Small(App[None]):
        cat = Catalogue("zh")

        def compose(self) -> ComposeResult:
            yield VTable(columns, lambda r: r)

    app = Small()
    async with app.run_test(size=(50, 6)) as pilot:
        table = app.query_one(VTable)
        table.show(Listed(list(range(100)), lambda r: r))
        await pilot.pause()
        assert [c.title for c, _ in table.widths()] == ["tui.col.name", "tui.col.region"]
        await pilot.resize_terminal(20, 6)
        await pilot.pause()
        assert [c.title for c, _ in table.widths()] == ["tui.col.name"]
        await pilot.resize_terminal(5, 3)
        await pilot.pause()
        assert app.is_running


async def test_a_million_rows_read_only_what_is_seen() -> None:
    class Million:
        asked = 0

        def __len__(self) -> int:
            return 1_000_000

        def __getitem__(self, index: int) -> int:
            self.asked += 1
            return index

        def position(self, row_id: int) -> int | None:
            return row_id

    from textual.app import App, ComposeResult

    from xunke.i18n import Catalogue

    columns: tuple[Column[int], ...] = (Column("tui.col.name", lambda r, i, c: f"人{r}", 10, flex=1),)

    class Long(App[None]):
        cat = Catalogue("zh")

        def compose(self) -> ComposeResult:
            yield VTable(columns, lambda r: r)

    app = Long()
    async with app.run_test(size=(60, 20)) as pilot:
        table, source = app.query_one(VTable), Million()
        table.show(source)
        await pilot.pause()
        assert seen(app, "人0")  # type: ignore[arg-type]
        table.focus()
        await pilot.press("end")
        await pilot.pause()
        assert seen(app, "人999999")  # type: ignore[arg-type]
        assert table.cursor == 999_999
        assert source.asked < 500
