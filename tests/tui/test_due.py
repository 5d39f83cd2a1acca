"""Schedules run while the app is open: in a real process, said in the talk."""

from __future__ import annotations

import json
from pathlib import Path

from tui_kit import TODAY, seen, until

from tui.app import XunkeApp
from xunke.storage import Project, schedules


async def test_what_is_due_runs_while_the_app_is_open(db: Path) -> None:
    plan = {"outcome": "run", "steps": [{"action": "stats", "target": "posts", "by": ["day"]}]}
    with Project.open(db) as project:
        values = {"name": "每天的声量", "plan": json.dumps(plan), "every": "1d", "at": "09:00", "created": 1790000000,
                  "base": "2026-11-20", "due": 1790100000}  # fmt: skip
        project.writer.call(lambda c: schedules.add(c, values))
    app = XunkeApp(db, today=TODAY)
    async with app.run_test(size=(120, 36)) as pilot:
        app.main.look_for_due()
        await until(pilot, lambda: seen(app, "每天的声量"), 60)
        await until(pilot, lambda: seen(app, "到点的定时任务跑了"), 60)
        app.main.look_for_due()  # nothing is due any more
    with Project.open(db) as project:
        runs = schedules.runs(project.reader, 1)
        assert [run.state for run in runs] == ["done"]
        again = schedules.load(project.reader, 1)
        assert again is not None
        assert again.due is not None
        assert again.due > 1790100000
