"""How each screen looks, in two sizes. ``pytest tests/tui/test_snapshots.py --snapshot-update`` after a look at it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from tui_kit import TODAY, until

from tui.app import XunkeApp
from tui.screens.followers import FollowersScreen
from tui.screens.person import PersonScreen
from tui.screens.today import TodayScreen
from tui.screens.work import WorkScreen
from xunke.clock import start_of, waking_on
from xunke.events import Progress
from xunke.model import Account, Follower, Provenance
from xunke.outreach import touches
from xunke.plan import Plan, Step
from xunke.storage import Project
from xunke.storage.rows import all_people

Act = Callable[[XunkeApp, Pilot[Any]], Awaitable[None]]
PLAN = Plan(
    outcome="run",
    steps=(
        Step(action="collect", target="posts", platforms=("mastodon",), tags=("减肥",)),
        Step(action="find", target="people", region=("上海",), gender="female", sort="influence", limit=50),
        Step(action="export", format="csv"),
    ),
    unparsed=("[/]",),
)


async def main(app: XunkeApp, pilot: Pilot[Any]) -> None:
    app.main.found.table("people").focus()
    await pilot.press("down", "space")


async def everyone(app: XunkeApp, pilot: Pilot[Any]) -> None:
    await pilot.press("f9")
    app.main.found.table("people").focus()
    await pilot.press("end")


async def posts(app: XunkeApp, pilot: Pilot[Any]) -> None:
    app.main.found.table("people").focus()
    await pilot.press("right", "down")


async def correct(app: XunkeApp, pilot: Pilot[Any]) -> None:
    await posts(app, pilot)
    await pilot.press("c", "down", "c", "c")


async def card(app: XunkeApp, pilot: Pilot[Any]) -> None:
    app.main.talk.you("采集 #减肥 的上海女生 [/]")
    app.main.offer("采集 #减肥 的上海女生 [/]", PLAN)


async def progress(app: XunkeApp, pilot: Pilot[Any]) -> None:
    from tui.widgets.runline import RunLine

    line = app.main.query_one(RunLine)
    line.start()
    line.elapsed = lambda: 23.0  # type: ignore[method-assign]
    line.take(Progress("collect", 23, 40, elapsed=23.0, rate=1.0, eta=51.0, note="#减肥"))
    app.main.prompt.blur()


async def person(app: XunkeApp, pilot: Pilot[Any]) -> None:
    app.push_screen(PersonScreen(app.main.found.table("people").source[2].id))
    await until(pilot, lambda: isinstance(app.screen, PersonScreen) and app.screen.is_mounted)


async def needs(app: XunkeApp, pilot: Pilot[Any]) -> None:
    """A person whose posts have been analysed."""
    account = app.main.found.table("people").source[2].id
    # the analysis as stored, by hand: a picture must not change with a model
    detail = {
        "needs": [["seek_advice", 0.85]], "life_events": ["moving"], "evidence": {"sentiment": ["太贵"]},
        "quotes": {"seek_advice": "减脂餐求推荐，别太贵", "moving": "刚搬家 [/]"}, "about": {"seek_advice": "减脂餐"},
    }  # fmt: skip
    with Project.open(app.project.path) as project:
        sql = (
            "insert into feature(post, model, lang, sentiment, label, spam, detail) "
            "select id, 'test', 'zh', 0.2, 'negative', 0.03, ? from post where author = ?"
        )
        project.writer.call(lambda db: db.execute(sql, (json.dumps(detail), account)))
    app.push_screen(PersonScreen(account))
    await until(pilot, lambda: isinstance(app.screen, PersonScreen) and app.screen.is_mounted)


async def followers(app: XunkeApp, pilot: Pilot[Any]) -> None:
    """Lists of four weeks: most come, the third week some are missing."""
    with Project.open(app.project.path) as project:
        weeks = [TODAY - timedelta(days=7 * n) for n in (4, 3, 2, 1)]
        names = [(who.platform, who.native_id) for who in all_people(project).window(0, 40)]
        lists = [
            Follower(Account("weibo", native_id), start_of(day), "weibo:101")
            for week, day in enumerate(weeks)
            for place, (platform, native_id) in enumerate(names)
            if platform == "weibo" and native_id != "101" and place < 24 + 4 * week and (week < 2 or place % 9)
        ]
        counts = [
            Account(
                "weibo", "101", followers=100 + 3 * n + (40 if n > 25 else n % 5), fetched=start_of(TODAY) - n * 86_400
            )
            for n in range(60)
        ]
        project.add([*counts, *lists], Provenance("file", "名单.csv", fetched=start_of(TODAY)))
        own = project.one("select id from account_key where native_id = '101'")
        project.set_meta("own_accounts", f"[{own}]")
    await pilot.press("f10")
    await until(pilot, lambda: isinstance(app.screen, FollowersScreen) and app.screen.seen is not None)
    await pilot.press("right", "down")


async def today(app: XunkeApp, pilot: Pilot[Any]) -> None:
    """The day: somebody complained, somebody was followed nine days ago."""
    now = waking_on(TODAY)
    people = [row[0] for row in app.project.query("select item from list_member order by rank")]
    touches.log(app.project, people[8], "follow", t=now - 9 * 86_400, force=True)
    touches.outcome(app.project, people[3], "complaint", t=now - 86_400)
    await pilot.press("ctrl+t")
    await until(pilot, lambda: isinstance(app.screen, TodayScreen) and app.screen.shown_ is not None)
    await pilot.press("down")
    await until(pilot, lambda: isinstance(app.screen, TodayScreen) and not app.screen.busy)
    await pilot.pause(0.3)


async def work(app: XunkeApp, pilot: Pilot[Any]) -> None:
    await pilot.press("ctrl+o")
    await until(pilot, lambda: isinstance(app.screen, WorkScreen) and "lists" in app.screen.read)


def keys(*names: str) -> Act:
    async def act(app: XunkeApp, pilot: Pilot[Any]) -> None:
        await pilot.press(*names)

    return act


ACTS: dict[str, Act] = {
    "main": main,
    "everyone": everyone,
    "posts": posts,
    "correct": correct,
    "card": card,
    "progress": progress,
    "person": person,
    "needs": needs,
    "followers": followers,
    "today": today,
    "work": work,
    "export": keys("f5"),
    "lists": keys("f3"),
    "jobs": keys("f4"),
    "help": keys("f1"),
    "english": keys("f2"),
    "light": keys("f8"),
}
SIZES = {"wide": (118, 32), "narrow": (80, 24)}


@pytest.fixture
def still(db: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project under a name that does not change, without a child that starts and a cursor that blinks."""
    place = Path("/tmp/xunke-snapshot")  # noqa: S108 - the path stands in the picture of the export dialog
    monkeypatch.setattr("xunke.actions.default_folder", lambda project: place)
    monkeypatch.setattr("tui.app.XunkeApp.warm", lambda self: None)
    monkeypatch.setattr("textual.widgets.TextArea.cursor_blink", False)
    monkeypatch.setattr("textual.widgets.Input.cursor_blink", False)
    return db


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("name", ACTS)
def test_screen(snap_compare: Any, still: Path, name: str, size: tuple[int, int]) -> None:
    app = XunkeApp(still, today=TODAY)

    async def before(pilot: Pilot[Any]) -> None:
        await ACTS[name](app, pilot)
        await pilot.pause()

    assert snap_compare(app, run_before=before, terminal_size=size)


@pytest.mark.parametrize("size", [*SIZES.values(), (40, 12)], ids=[*SIZES, "small"])
def test_first_run(snap_compare: Any, empty_db: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    monkeypatch.setattr("tui.app.XunkeApp.warm", lambda self: None)
    monkeypatch.setattr("textual.widgets.TextArea.cursor_blink", False)
    with Project.open(empty_db) as project:
        assert project.one("select count(*) from account") == 0
    assert snap_compare(XunkeApp(empty_db, today=TODAY), terminal_size=size)
