"""Time to first paint of a long table: our line table on rows paged from SQLite against Textual's DataTable.

    python benchmarks/tui_paint.py [--rows 100000] [--datatable-rows 2000] [--posts 100000]

Prints one JSON object a line: wall and CPU seconds from "rows are wanted" to "the first screen is drawn", and the
CPU time of a key press (page down) to its paint. DataTable is measured on fewer rows; it grows with them. Last, the
wall time from a key to its paint with nothing else to do, and while the pool of nlp.pool analyses posts whose results
come back to the same event loop (harder than the app, which leaves that to a process of its own).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.widgets import DataTable

import tui.compat  # noqa: F401 - before Textual
from nlp.pool import Analyzer, prepare
from tui import sources
from tui.sources import Scope
from tui.widgets.columns import PEOPLE
from tui.widgets.vtable import VTable
from xunke.i18n import Catalogue
from xunke.storage import Project
from xunke.storage.rows import PersonRow

SIZE = (118, 32)


def fill(db: sqlite3.Connection, rows: int) -> None:
    """Invented accounts, written in bulk (the import's speed is measured elsewhere)."""
    db.execute("insert into platform(id, name) values (1, 'weibo')")
    db.executemany(
        "insert into account_key(id, platform, native_id) values (?, 1, ?)", ((i, str(i)) for i in range(1, rows + 1))
    )
    db.executemany(
        "insert into account(id, name, region, followers, tags) values (?, ?, '上海', ?, '[]')",
        ((i, f"小糖减脂日记{i}", i * 7919 % 1_000_003) for i in range(1, rows + 1)),
    )


class Bench(App[None]):
    """One table."""

    cat = Catalogue("zh")

    def __init__(self, table: Any) -> None:
        super().__init__()
        self.table = table

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self.table


def tell(what: str, rows: int, wall: float, cpu: float, **more: float) -> None:
    """One line of JSON."""
    figures = {name: round(value, 4) for name, value in {"wall_s": wall, "cpu_s": cpu, **more}.items()}
    print(json.dumps({"what": what, "rows": rows, **figures}), flush=True)


async def lines(project: Project, rows: int) -> None:
    """VTable: the id list, the first page, the first screen, then twenty pages down."""
    app = Bench(VTable[PersonRow](PEOPLE, lambda r: r.id))
    async with app.run_test(size=SIZE) as pilot:
        app.table.focus()
        wall, cpu = time.perf_counter(), time.process_time()
        app.table.show(sources.people(project, Scope()))
        await pilot.pause()
        app.screen._compositor.render_strips()
        first = time.perf_counter() - wall, time.process_time() - cpu
        cpu = time.process_time()
        for _ in range(20):
            await pilot.press("pagedown")
        page = (time.process_time() - cpu) / 20
        cpu = time.process_time()
        await pilot.press("end")
        app.screen._compositor.render_strips()
        end = time.process_time() - cpu
    tell("VTable from SQLite", rows, *first, page_down_cpu_s=page, end_cpu_s=end)


async def cells(project: Project, rows: int) -> None:
    """DataTable with the same columns and texts, all of it added before the first paint."""
    app = Bench(DataTable())
    cat = Catalogue("zh")
    async with app.run_test(size=SIZE) as pilot:
        wall, cpu = time.perf_counter(), time.process_time()
        app.table.add_columns(*(cat.t(c.title) for c in PEOPLE))
        source = sources.people(project, Scope())
        for start in range(0, rows, 200):
            for i, row in enumerate(source.window(start, min(start + 200, rows)), start):
                app.table.add_row(*(c.cell(row, i, cat) for c in PEOPLE))
        await pilot.pause()
        app.screen._compositor.render_strips()
        tell("DataTable", rows, time.perf_counter() - wall, time.process_time() - cpu)


async def keys(project: Project, posts: int) -> None:
    """Key to paint, at rest and while posts are analysed. The posts are invented."""
    said = (
        "今天天气不错，出去走走",
        "求推荐好用的面霜 #护肤#",
        "这家店真好吃，下次还来",
        "加班到十点，路上没什么人",
        "哈哈哈哈笑死",
    )
    texts = [f"{said[i % 5]}，第{i}天，慢慢来吧，日子还长着呢 @小糖{i}" for i in range(posts)]
    app = Bench(VTable[PersonRow](PEOPLE, lambda r: r.id))
    with Analyzer() as analyzer:
        analyzer.warm_up()
        async with app.run_test(size=SIZE) as pilot:
            app.table.focus()
            app.table.show(sources.people(project, Scope()))
            await pilot.pause()

            async def press() -> float:
                wall = time.perf_counter()
                app.table.action_page_down()
                await asyncio.sleep(0)
                app.screen._compositor.render_strips()
                return time.perf_counter() - wall

            async def analyse() -> None:
                async for _ in analyzer.stream(texts):
                    pass

            async for _ in analyzer.stream(texts[:1]):  # the process is there
                pass
            rest = []
            for _ in range(200):
                rest.append(await press())
                await asyncio.sleep(0.005)
            wall, work, busy = time.perf_counter(), asyncio.create_task(analyse()), []
            while not work.done():
                busy.append(await press())
                await asyncio.sleep(0.005)
            wall = time.perf_counter() - wall
    for what, times in (("key to paint, at rest", rest), ("key to paint, posts being analysed", busy)):
        times.sort()
        p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
        tell(what, len(times), wall, 0.0, p50_s=p50, p95_s=p95, most_s=times[-1], posts_per_s=posts / wall)


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--datatable-rows", type=int, default=2000)
    parser.add_argument("--posts", type=int, default=100_000)
    args = parser.parse_args()
    prepare()
    with tempfile.TemporaryDirectory() as folder, Project.open(Path(folder) / "p.db") as project:
        project.writer.call(lambda db: fill(db, args.rows))
        asyncio.run(lines(project, args.rows))
        asyncio.run(cells(project, min(args.rows, args.datatable_rows)))
        asyncio.run(keys(project, args.posts))


if __name__ == "__main__":
    main()
