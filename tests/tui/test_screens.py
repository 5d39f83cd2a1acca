"""Screens and dialogs: person, do not contact, export, lists, jobs, help, language; hostile text in each."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from tui_kit import HOSTILE, TODAY, drawn, seen, until, widgets

from collectors.base import Query
from tui import sources
from tui.app import XunkeApp
from tui.keymap import ACTS, command
from tui.screens.confirm import Confirm
from tui.screens.export import ExportDialog, Formats
from tui.screens.job import JobScreen
from tui.screens.person import PersonScreen
from tui.widgets.base import Wrapped
from xunke.actions import watches
from xunke.analysis import understand_author
from xunke.i18n import Catalogue, messages
from xunke.jobs import Live
from xunke.model import Account, Post, Provenance
from xunke.storage import Project, schedules
from xunke.storage import jobs as job_rows
from xunke.storage.jobs import Window

SIZES = [(118, 32), (80, 24)]


def run(project: Project, sql: str, *params: object) -> None:
    project.writer.call(lambda db: db.execute(sql, params))


def state_of(app: XunkeApp, job: int) -> str:
    return str(app.project.one("select state from job where id = ?", (job,)))


def account_named(app: XunkeApp, name: str) -> int:
    from xunke.text import clean

    return int(app.project.one("select id from account where name = ?", (clean(name),)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", range(len(HOSTILE)))
async def test_a_hostile_person_has_a_page(app: XunkeApp, size: tuple[int, int], number: int) -> None:
    async with app.run_test(size=size) as pilot:
        native = str(100 + number)
        account = app.project.one("select id from account_key where native_id = ?", (native,))
        app.push_screen(PersonScreen(account))
        await until(pilot, lambda: isinstance(app.screen, PersonScreen) and app.screen.is_mounted)
        await pilot.press("down", "y")
        await pilot.pause()
        lines = drawn(app)
        assert all(cell_len(line) == size[0] for line in lines)
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in "".join(lines))
        await pilot.click("#facts", offset=(10, 2))
        assert app.is_running


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("zh", ("需求与意图", "明说的·求推荐", "减脂餐求推荐", "没有读出人生大事", "因为")),
     ("en", ("Needs and intents", "stated · asks for advice", "减脂餐求推荐", "Life events", "because of"))],
)  # fmt: skip
async def test_what_posts_tell_stands_on_the_page(app: XunkeApp, lang: str, expected: tuple[str, ...]) -> None:
    """Not read yet, it says so; once the posts are analysed, needs come with their clause."""
    async with app.run_test(size=(150, 60)) as pilot:
        account = int(app.project.one("select id from account_key where native_id = '150'"))
        unread = PersonScreen(account)
        app.push_screen(unread)
        await until(pilot, lambda: app.screen is unread and unread.is_mounted)
        assert seen(app, "3 帖还没有分析")
        await pilot.press("escape")
        with Project.open(app.project.path) as project:
            async for _ in understand_author(project, account):
                pass
        if lang == "en":
            await pilot.press("f2")
        page = PersonScreen(account)
        app.push_screen(page)
        await until(pilot, lambda: app.screen is page and page.is_mounted)
        assert not [words for words in expected if not seen(app, words)]


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_text_in_every_other_widget(tmp_path: Path, hostile: str) -> None:
    """Chat, plan card, side bar, tabs, filter, notice, export dialog, question, lists, jobs, title."""
    path = tmp_path / "p.db"
    with Project.open(path) as project:
        account = Account(
            "weibo", "1", name=hostile, bio=hostile, url="https://example.org/" + hostile, tags=(hostile,)
        )
        project.add([account, Post("weibo", "9", hostile, author=account, title=hostile)], Provenance("file", hostile))
        project.set_meta("name", hostile)
        run(project, "insert into run values (1, 0, '2026-11-22', ?, '{}')", hostile)
        run(project, "insert into result values (1, 1, 0, 'people', ?, 0, 1, '[]', '{}')", hostile)
        run(project, "insert into score values (1, 1, 1, 0.5, null)")
        run(project, "insert into saved_list(id, name, target, created) values (1, ?, 'people', 0)", hostile)
        spec = json.dumps({"path": hostile})
        run(
            project,
            "insert into job(id, kind, spec, state, reason, created, updated) "
            "values (1, 'import', ?, 'parked', ?, 0, 0)",
            spec,
            hostile,
        )
    app = XunkeApp(path, today=TODAY)
    async with app.run_test(size=(118, 32)) as pilot:
        app.main.talk.you(hostile)
        app.tell("tui.copy.done", url=hostile)
        app.main.found.word["people"] = hostile
        app.main.found.reload()
        await pilot.press("f2", "f2")
        app.main._plan(hostile)
        await pilot.pause()
        check(app)
        for key in ("f3", "f4", "f5", "f1"):
            app.main.found.close_filter()
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not app.main and app.screen.is_mounted)
            check(app)
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.main)
        app.main.found.table("people").focus()
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and app.screen.is_mounted)
        check(app)
        assert app.is_running


def check(app: XunkeApp) -> None:
    lines = drawn(app)
    assert all(cell_len(line) == app.size.width for line in lines)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in "".join(lines))


async def test_do_not_contact_from_the_page(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        account = account_named(app, "小糖减脂日记0")
        app.push_screen(PersonScreen(account))
        await until(pilot, lambda: isinstance(app.screen, PersonScreen) and app.screen.is_mounted)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and app.screen.is_mounted)
        await pilot.press("escape")  # deaf
        assert isinstance(app.screen, Confirm)
        app.screen._shown_at -= 1
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, PersonScreen))
        assert app.project.one("select count(*) from suppression") == 0
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and app.screen.is_mounted)
        app.screen._shown_at -= 1  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: app.project.one("select count(*) from suppression"))
        await until(pilot, lambda: not app.main.runs.busy and seen(app, "[勿扰]"))


async def test_export_writes_what_is_on_the_screen(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, ExportDialog) and app.screen.is_mounted)
        assert seen(app, "45 人")
        await pilot.press("right", "right")
        assert app.screen.query_one(Formats).chosen == "jsonl"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.main and not app.main.runs.busy)
        files = list(app.project.path.parent.rglob("*.jsonl"))
        assert len(files) == 1
        assert files[0].parent.name == "导出"
        assert len(files[0].read_text("utf-8").splitlines()) == 45
        assert any(files[0].name[:4] in entry.text for entry in app.main.talk.entries)


async def test_export_of_an_older_result_and_of_a_list(app: XunkeApp) -> None:
    """The result on the screen counts, not the newest; a list exports its members."""
    async with app.run_test(size=(118, 32)) as pilot:
        run(
            app.project,
            "insert into result select 2, run, step, target, title, created, 1, funnel, setting from result",
        )
        run(app.project, "insert into score select 2, rank, item, value, parts from score where rank = 1")
        assert app.main.found.scope.number == 1
        for key, count in (("result", 45), ("list", 12)):
            if key == "list":
                app.main.open_list(sources.lists(app.project)[0])
            await pilot.press("f5")
            await until(pilot, lambda: isinstance(app.screen, ExportDialog) and app.screen.is_mounted)
            app.screen.query_one("#path").value = f"{key}.csv"  # type: ignore[attr-defined]
            await pilot.press("enter")
            await until(pilot, lambda: app.screen is app.main and not app.main.runs.busy)
            (file,) = app.project.path.parent.rglob(f"{key}.csv")
            with file.open(encoding="utf-8-sig", newline="") as text:
                assert len(list(csv.reader(text))) == count + 1


async def test_lists_open_and_jobs_tell_why(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: seen(app, "已搁置"))
        assert seen(app, app.cat.t("collect.import_only")[:6])
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)
        await pilot.press("f3")
        await until(pilot, lambda: seen(app, "待联系 [/]"))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.main)
        assert len(app.main.found.table("people").source) == 12
        assert seen(app, "[用户 12]")


async def test_schedules_and_jobs_are_paused_and_looked_into(app: XunkeApp) -> None:
    """Also while something runs: what only writes does not wait for it."""
    live = Live("mastodon", Query("tag", "露营", "m.example"))
    watches.add(app.project, live, every="6h", at=None, name="露营新帖", now=1_700_000_000)
    windows = [Window(0, live.spec(), None, None)]
    number = app.project.writer.call(lambda db: job_rows.create(db, "collect", {}, windows))
    async with app.run_test(size=(118, 32)) as pilot:
        app.main.runs.asking = True
        await pilot.press("f4")
        await until(pilot, lambda: seen(app, "订阅 每 6 小时"))
        await pilot.press("p")
        await until(pilot, lambda: schedules.listing(app.project.reader)[0].state == "paused")
        await pilot.press("r")
        await until(pilot, lambda: schedules.listing(app.project.reader)[0].state == "active")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, JobScreen) and seen(app, "露营新帖"))
        await pilot.press("escape", "down", "p")
        await until(pilot, lambda: state_of(app, number) == "paused")
        assert any("xunke jobs resume" in one.message for one in app._notifications)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, JobScreen) and seen(app, "分段"))
        assert seen(app, "缺口：0 处")
        await pilot.press("escape", "c")
        await until(pilot, lambda: state_of(app, number) == "cancelled")
        app.main.runs.asking = False


async def test_language_changes_everywhere_at_once(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        app.main.talk.say("answer", lambda c: c.t("tui.nothing_runs"))
        await pilot.pause()
        assert seen(app, "现在没有任务在跑")
        await pilot.press("f2")
        await pilot.pause()
        page = "\n".join(drawn(app))
        for text in ("[People 45]", "Nothing is running", "F1 Help", "Describe the people", "Requests", "top 3%"):
            assert text in page, text
        chinese = [w for w in widgets(app) if isinstance(w, Wrapped) and "你" in w.text]
        assert chinese == []
        await pilot.press("f2")
        await pilot.pause()
        assert seen(app, "[用户 45]")


async def test_theme_changes(app: XunkeApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f8")
        assert app.theme == "xunke-light"
        await pilot.press("f8")
        assert app.theme == "xunke-dark"


def test_every_act_has_words_in_both_languages() -> None:
    for act in ACTS:
        for word in act.words:
            assert command("/" + word) is act
            assert command("／" + word.upper()) is act
        for prefix in ("tui.act.", "tui.about."):
            assert Catalogue().has(prefix + act.id)
        assert hasattr(XunkeApp, f"action_{act.id}")


def test_catalogue_is_whole() -> None:
    """Every key the app uses exists, with both languages and the same parameters in both."""
    import re

    keys = set()
    for path in Path(__file__).parents[2].joinpath("tui").rglob("*.py"):
        keys |= set(re.findall(r'"(tui\.[a-z_.0-9]+[a-z0-9])"', path.read_text("utf-8")))
    known = messages()
    assert not {k for k in keys if k not in known and not any(o.startswith(k + ".") for o in known)}
    for key, entry in known.items():
        if key.startswith("tui."):
            zh, en = (set(re.findall(r"{(\w+)", entry[lang])) for lang in ("zh", "en"))
            assert zh == en, key


def test_cost_is_said_before_a_plan_runs(db: Path) -> None:
    from tui.cost import cost_lines
    from xunke.plan import Plan, Step

    zh = Catalogue("zh")
    collect = Step(action="collect", target="posts", platforms=("mastodon",), tags=("减肥", "轻食"), limit=400)
    with Project.open(db) as project:

        def said(*steps: Step) -> str:
            return "\n".join(cost_lines(Plan(outcome="run", steps=steps), project, zh, TODAY))

        assert "不联网" in said(Step(action="find", target="people"))
        assert "不联网" in said(collect)  # no instance is connected
        project.set_meta("instance.mastodon", "https://example.org")
        assert "约 20 次请求" in said(collect)  # two tags, ten pages each
        assert "直到采完" in said(Step(action="collect", target="posts", tags=("减肥",)))
        assert "写 1 个文件" in said(collect, Step(action="export", format="csv"))
        assert "改动" in said(Step(action="erase", older_than_days=30))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_examples_are_understood_whole(lang: str, number: int) -> None:
    from xunke.chat import understand

    plan = understand(Catalogue(lang).t(f"tui.example.{number}"), today=TODAY)
    assert plan.outcome == "run"
    assert plan.unparsed == ()
    assert plan.steps[0].action in ("find", "outreach")
