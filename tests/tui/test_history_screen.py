"""The screen of our followers: curve, tabs, filter, dealings, and what it says where nothing is there yet. Invented."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from tui_kit import HOSTILE, TODAY, drawn, seen, until

from tui.app import XunkeApp
from tui.fans import read
from tui.screens.followers import FollowersScreen
from tui.screens.person import PersonScreen
from tui.widgets.curve import Curve
from xunke.clock import start_of
from xunke.model import Account, Follower, Interaction, Provenance
from xunke.outreach.followers import own_account
from xunke.storage import Project

OWN = Account("weibo", "9000", name="轻氧食验室")
WEEKS = [date(2026, 10, 25), date(2026, 11, 1), date(2026, 11, 8), date(2026, 11, 15)]


def lists() -> Any:
    """Four weekly lists of the invented accounts: some come, one leaves, one comes again."""
    yield OWN
    for day, t in enumerate(WEEKS):
        who = set(range(20 + 2 * day)) - ({3} if day >= 2 else set()) - ({5} if day == 1 else set())
        yield from (
            Follower(Account("weibo", f"f{n}", name=HOSTILE[n] if n < len(HOSTILE) else f"粉丝{n}"), start_of(t),
                     "weibo:9000") for n in sorted(who)
        )  # fmt: skip
        yield Account("weibo", "9000", followers=len(who), fetched=start_of(t))
    asleep = Account("weibo", "f1")
    yield Interaction("weibo", asleep, OWN, "reply", time=start_of(date(2026, 8, 1)))
    yield Interaction("weibo", asleep, OWN, "like", time=start_of(date(2026, 8, 3)))


@pytest.fixture
def fans_db(db: Path) -> Path:
    with Project.open(db) as project:
        project.add(list(lists()), Provenance("file", "名单.csv", fetched=start_of(WEEKS[-1])))
        own = project.one("select id from account_key where native_id = '9000'")
        project.set_meta("own_accounts", f"[{own}]")
    return db


async def opened(app: XunkeApp, pilot: Pilot[Any]) -> FollowersScreen:
    await pilot.press("f10")
    await until(pilot, lambda: isinstance(app.screen, FollowersScreen) and app.screen.seen is not None)
    assert isinstance(app.screen, FollowersScreen)
    return app.screen


@pytest.mark.parametrize("size", [(118, 32), (80, 24)])
async def test_who_came_left_and_sleeps(fans_db: Path, size: tuple[int, int]) -> None:
    app = XunkeApp(fans_db, today=TODAY)
    async with app.run_test(size=size) as pilot:
        screen = await opened(app, pilot)
        assert seen(app, "[来了 7]")
        assert seen(app, "走了又回来")
        await pilot.press("right")
        assert seen(app, "[走了 2]")
        assert seen(app, "11-01～11-08")
        assert seen(app, "往来")
        await pilot.press("right")
        assert seen(app, "[沉睡 1]")
        assert seen(app, "安静 111 天，到 60 天算沉睡")
        assert seen(app, "对我方 点赞")
        await pilot.press("left", "left", "left")
        assert screen.tab == "advocates"
        assert seen(app, "谁在替我们说话")
        lines = drawn(app)
        assert all(cell_len(line) == size[0] for line in lines)
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in "".join(lines))


async def test_filter_person_and_back(fans_db: Path) -> None:
    app = XunkeApp(fans_db, today=TODAY)
    async with app.run_test(size=(118, 32)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("slash", *"25", "enter")
        assert seen(app, "粉丝25")
        assert not seen(app, "粉丝21")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PersonScreen) and app.screen.is_mounted)
        assert seen(app, "粉丝25")
        assert seen(app, "关注了")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("escape")
        assert app.screen is screen
        assert screen.word == ""
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)


async def test_nothing_yet_says_what_to_do(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        screen = await opened(app, pilot)
        assert seen(app, "xunke own 账号")
        app.project.set_meta("own_accounts", "[1]")
        await pilot.press("r")
        await until(pilot, lambda: screen.seen is not None and screen.seen.own == 1)
        assert seen(app, "xunke followers import 文件")
        await pilot.press("f2")
        assert seen(app, "No whole list of followers yet")


def test_one_list_and_the_account_with_lists(tmp_path: Path) -> None:
    with Project.open(tmp_path / "p.db") as project:
        project.add([Account("weibo", "1"), OWN], Provenance("file", "x"))
        project.set_meta("own_accounts", "[1, 2]")
        assert own_account(project) == 1
        one = Follower(Account("weibo", "5", name="甲"), start_of(WEEKS[0]), "weibo:9000")
        project.add([one], Provenance("file", "y"))
        found = read(project, TODAY)
        assert (found.own, found.lists, found.whole, found.enough) == (2, 1, 1, False)
        assert found.rows["came"] == []


@pytest.mark.parametrize("width", [12, 30, 200])
@pytest.mark.parametrize("counts", [[5, 5, 5], [0, 100_000], [3, 2, 9, 1, 1, 4] * 30])
def test_the_curve_fits_and_shows_its_ends(width: int, counts: list[int]) -> None:
    points = [(date.fromordinal(740_000 + n), count) for n, count in enumerate(counts)]
    curve = Curve()
    curve.points, curve.odd = points, frozenset([points[-1][0]])
    lines = curve.lines(width, 6)
    assert len(lines) == 6
    assert "!" in lines[0]
    assert f"{max(counts):,}" in lines[1] or f"{min(counts):,}" in lines[4]
    assert Curve().lines(width, 6) == []
