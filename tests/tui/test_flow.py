"""From a sentence to people on the screen, with the real parser and the real child process."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import pytest
from textual import events
from tui_kit import NOW, TODAY, drawn, seen, until

from tui.app import XunkeApp
from tui.client import Client
from tui.screens.person import PersonScreen
from tui.widgets.card import PlanCard
from tui.widgets.chatlog import MOUNTED
from tui.widgets.prompt import LIMIT, Prompt
from xunke.events import Cancelled, Failed, Result, StepStarted
from xunke.model import Account, Post, Provenance
from xunke.plan import Plan, Step
from xunke.storage import Project

SENTENCE = "找最近30天聊 #减肥 的人，影响力前5"


async def say(app: XunkeApp, pilot: object, text: str) -> None:
    """Put a sentence into the prompt as an input method does, and press enter."""
    prompt = app.main.prompt
    prompt.focus()
    prompt.post_message(events.Paste(text))
    await until(pilot, lambda: prompt.text.endswith(text))
    await pilot.press("enter")  # type: ignore[attr-defined]


async def card_of(app: XunkeApp, pilot: object) -> PlanCard:
    """The card that waits, when it hears."""
    await until(pilot, lambda: app.main.card is not None and app.main.card.is_mounted and not app.main.card.deaf)
    card = app.main.card
    assert card is not None
    return card


async def test_sentence_plan_run_table_and_a_person(app: XunkeApp) -> None:
    """A real job runs from inside the app through the child process."""
    async with app.run_test(size=(118, 32)) as pilot:
        await say(app, pilot, SENTENCE)
        card = await card_of(app, pilot)
        assert card.has_focus
        assert "减肥" in card.text
        assert app.client.busy is False  # nothing runs unconfirmed
        await pilot.press("enter")
        found = app.main.found
        # not "busy, then no more": a warm child may be done before anybody looks
        await until(pilot, lambda: found.scope.number > 1 and not app.main.runs.busy)
        assert card.choice == "run"
        assert found.scope.kind == "result"
        assert found.scope.number == 2  # the fixture holds result 1
        assert 0 < len(found.table("people").source) <= 5
        assert seen(app, f"[用户 {len(found.table('people').source)}]")
        assert any("前" in line and "%" in line for line in drawn(app))
        found.table("people").focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PersonScreen) and app.screen.is_mounted)
        page = "\n".join(drawn(app))
        assert "资料与来源" in page
        assert "为什么" in page


async def test_keys_are_ignored_for_the_first_half_second(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        await say(app, pilot, SENTENCE)
        await until(pilot, lambda: app.main.card is not None and app.main.card.has_focus)
        card = app.main.card
        assert card is not None
        card.shown_at += 3600  # the half second has not begun to end
        await pilot.press("enter", "e", "d", "escape")
        assert card.choice is None
        assert app.main.card is card
        assert not app.main.runs.busy
        assert app.main.prompt.text == "ed"  # somebody was typing: nothing of it is lost
        card.shown_at = 0
        card.focus()
        await pilot.press("只", "看")
        assert app.main.prompt.text == "ed只看"


async def test_edit_puts_the_words_back_and_drop_drops(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        await say(app, pilot, SENTENCE)
        await card_of(app, pilot)
        await pilot.press("e")
        await pilot.pause()
        assert app.main.prompt.text == SENTENCE
        assert app.main.prompt.has_focus
        await pilot.press("enter")
        await card_of(app, pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert app.main.card is None
        assert app.main.prompt.text == ""
        assert not app.main.runs.busy


async def test_dry_run_collects_and_writes_nothing(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        steps = (
            Step(action="collect", target="posts", tags=("减肥",), platforms=("mastodon",)),
            Step(action="export", format="csv", path="不该有.csv"),
        )
        app.main.offer("采集 #减肥 并导出", Plan(outcome="run", steps=steps))
        await card_of(app, pilot)
        await pilot.press("d")
        await until(pilot, lambda: app.main.runs.previous is not None)  # the run is over
        assert [s.action for s in app.main.runs.previous[1].steps] == ["find"]  # type: ignore[index]
        assert app.project.one("select count(*) from result") == 2
        assert list(app.project.path.parent.rglob("*.csv")) == []


async def test_refusal_and_question_run_nothing(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        await say(app, pilot, "给这些人群发私信推广")
        await until(pilot, lambda: len(app.main.talk.entries) >= 3)
        assert app.main.card is None
        assert app.main.prompt.text == ""
        await say(app, pilot, "帮我找一下")
        await until(pilot, lambda: len(app.main.talk.entries) >= 5)
        assert app.main.card is None
        assert app.main.prompt.text == "帮我找一下"  # a question: the words are back
        assert not app.main.runs.busy


async def test_sentences_queue_while_one_runs(db: Path, slow_client: Client) -> None:
    """The stand-in runs until it is cancelled, so there is always something to wait for."""
    app = XunkeApp(db, today=TODAY, client=slow_client)
    async with app.run_test(size=(118, 32)) as pilot:
        await say(app, pilot, SENTENCE)
        await card_of(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: any("23/40" in line for line in drawn(app)))
        await say(app, pilot, "最近一周聊 #护肤 的帖子按点赞排序")
        assert app.main.runs.queue == ["最近一周聊 #护肤 的帖子按点赞排序"]
        assert seen(app, "已排队")
        assert app.main.card is None
        app.main.stop()
        card = await card_of(app, pilot)  # its turn has come
        assert card.sentence == "最近一周聊 #护肤 的帖子按点赞排序"
        assert app.main.runs.queue == []


async def test_cancel_answers_at_once_and_keeps_what_is_stored(db: Path, slow_client: Client) -> None:
    """A child that never ends by itself: the stand-in reads the same lines and answers a cancel."""
    client = slow_client
    app = XunkeApp(db, today=TODAY, client=client)
    async with app.run_test(size=(118, 32)) as pilot:
        app.main.offer(SENTENCE, Plan(outcome="run", steps=(Step(action="find", target="people"),)))
        await card_of(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: any("23/40" in line for line in drawn(app)))
        assert any("57%" in line for line in drawn(app))
        await pilot.press("escape")
        await until(pilot, lambda: not app.main.runs.busy, seconds=1.0)
        assert len(app.main.found.table("people").source) > 0
        assert app.main.prompt.text == ""


async def test_a_child_that_dies_is_said_and_replaced(db: Path, slow_client: Client) -> None:
    client = slow_client
    app = XunkeApp(db, today=TODAY, client=client)
    async with app.run_test(size=(118, 32)) as pilot:
        app.main.offer(SENTENCE, Plan(outcome="run", steps=(Step(action="find", target="people"),)))
        await card_of(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: any("23/40" in line for line in drawn(app)))
        assert client._process is not None
        client._process.kill()
        await until(pilot, lambda: not app.main.runs.busy)
        assert seen(app, "后台进程意外结束")
        assert app.main.prompt.text == SENTENCE  # the words are back
        client._module = "xunke.worker"
        kinds = [
            type(e)
            async for e in client.run(Plan(outcome="run", steps=(Step(action="find", target="people"),)), today=TODAY)
        ]
        assert Result in kinds


async def test_the_client_alone(db: Path) -> None:
    client = Client(db)
    plan = Plan(outcome="run", steps=(Step(action="find", target="people", limit=3),))
    kinds = [type(e) async for e in client.run(plan, text="前三", today=TODAY)]
    assert kinds[0] is StepStarted
    assert Result in kinds
    bad = Plan(outcome="run", steps=(Step(action="export", input="last", source="saved:没有这个"),))
    assert Failed in [type(e) async for e in client.run(bad, today=TODAY)]
    assert Cancelled not in kinds
    await client.close()


async def test_first_run_examples_on_digits(empty_db: Path) -> None:
    app = XunkeApp(empty_db, today=TODAY)
    async with app.run_test(size=(80, 24)) as pilot:
        assert seen(app, "F6 试用演示项目")
        await pilot.press("2")
        await pilot.pause()
        assert app.main.prompt.text == app.cat.t("tui.example.2")
        await pilot.press("1")  # no longer empty: a digit is a digit
        assert app.main.prompt.text.endswith("1")


async def test_demo_label_follows_the_project(db: Path) -> None:
    with Project.open(db) as project:
        project.set_meta("demo", "1")
    app = XunkeApp(db, today=TODAY)
    async with app.run_test(size=(80, 24)):
        assert "演示数据" in drawn(app)[0]
        app.action_language()
        assert app.cat.lang == "en"


async def test_paste_never_runs_and_is_limited(app: XunkeApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        prompt = app.main.query_one(Prompt)
        prompt.focus()
        prompt.post_message(events.Paste("删除全部\n\x1b[2J确定\ny\n" * 3))
        await until(pilot, lambda: prompt.text)
        assert "\x1b" not in prompt.text
        assert app.main.card is None
        assert len(app.main.talk.entries) == 1
        prompt.post_message(events.Paste("长" * 200_000))
        await until(pilot, lambda: len(prompt.text) == LIMIT)
        assert len(app._notifications) == 1


async def test_something_like_a_key_is_asked_about_and_not_kept(app: XunkeApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        text = "用这个 sk-abcdefghijklmnopqrstuvwx1234 连接模型"
        await say(app, pilot, text)
        await pilot.pause()
        prompt = app.main.prompt
        assert prompt.text == text  # not sent
        assert len(app._notifications) == 1
        await pilot.press("enter")
        await pilot.pause()
        assert prompt.text != text
        assert not any("sk-" in old for old in prompt.earlier)
        assert not any("sk-" in entry.text for entry in app.main.talk.entries)


async def test_history_newline_and_commands(app: XunkeApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        prompt = app.main.prompt
        prompt.earlier = ["第一句", "第二句"]
        await pilot.press("草", "稿", "up")
        assert prompt.text == "第二句"
        await pilot.press("up")
        assert prompt.text == "第一句"
        await pilot.press("down", "down")
        assert prompt.text == "草稿"
        await pilot.press("ctrl+j", "x")
        assert prompt.text == "草稿\nx"
        prompt.clear()
        await pilot.press("enter")  # empty: nothing
        assert app.main.card is None
        for command, name in (("／帮助", "HelpScreen"), ("/md", "ListsScreen"), ("/jobs", "JobsScreen")):
            await say(app, pilot, command)
            await until(pilot, lambda name=name: type(app.screen).__name__ == name and app.screen.is_mounted)
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.main)
        await say(app, pilot, "/没有这个")
        await until(pilot, lambda: len(app._notifications) == 1)


async def test_chat_log_keeps_forty_and_loads_earlier(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        talk = app.main.talk
        for n in range(60):
            talk.say("answer", lambda c, n=n: f"第 {n} 条")  # type: ignore[misc]
        await pilot.pause()
        assert len([e for e in talk.entries if e.is_attached]) == MOUNTED
        talk.action_earlier()
        await pilot.pause()
        assert len([e for e in talk.entries if e.is_attached]) == MOUNTED + 20
        talk.scroll_home(animate=False)
        await pilot.pause()
        assert talk.entries[1].text == "第 0 条"


@pytest.mark.parametrize("size", [(20, 5), (10, 3), (200, 60)])
async def test_any_size(app: XunkeApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        for width, height in ((118, 32), (1, 1), (40, 8), size):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            drawn(app)
        assert app.is_running


async def test_demo_project_is_built_beside_and_opened(empty_db: Path) -> None:
    """F6 on the first run: the sample, with a whole request done on it, labelled in the title."""
    app = XunkeApp(empty_db, today=TODAY)
    async with app.run_test(size=(118, 32)) as pilot:
        await pilot.press("f6")
        await until(pilot, lambda: app.project.path != empty_db and not app.main.has_class("empty"), seconds=120)
        assert "演示数据" in drawn(app)[0]
        assert app.main.found.scope.kind == "result"
        assert len(app.main.found.table("people").source) == 50
        assert app.main.size_of_project[0] > 1000
        await say(app, pilot, "只看杭州的")
        await card_of(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.main.found.scope.number > 1 and not app.main.runs.busy, seconds=60)
    with Project.open(empty_db) as project:
        assert project.one("select count(*) from account") == 0  # the user's own file is untouched


def alive(session: int) -> list[str]:
    """Processes of a session that are no zombies."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, number = path.read_text().rsplit(")", 1)[1].split()[:4]
            if number == str(session) and state != "Z":
                found.append(path.parent.name)
    return found


async def test_a_real_analysis_stops_within_a_second_and_leaves_no_process(db: Path) -> None:
    """Cancelled while the process pool starts, which takes longer than we wait."""
    from xunke.events import Progress

    with Project.open(db) as project:
        many = (
            Post("weibo", f"x{n}", f"第 {n} 天 减脂餐 真难吃 避雷 {n}", author=Account("weibo", "100"), created=NOW - n)
            for n in range(4000)
        )
        project.add(many, Provenance("file", "多.jsonl", fetched=NOW))
    client = Client(db)
    plan = Plan(outcome="run", steps=(Step(action="find", target="posts", sentiment="negative"),))
    asked, kinds, session = 0.0, [], 0
    async for event in client.run(plan, today=TODAY):
        kinds.append(type(event))
        if isinstance(event, Progress) and not asked:
            assert client._process is not None
            session, asked = client._process.pid, time.monotonic()
            task = asyncio.create_task(client.cancel())
    assert kinds[-1] is Cancelled
    assert time.monotonic() - asked < 1.0
    await task
    if client._process is None:  # it was ended: its children too
        deadline = time.monotonic() + 10
        while alive(session):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
    again = [type(e) async for e in client.run(Plan(outcome="run", steps=(Step(action="help"),)), today=TODAY)]
    assert Failed not in again
    await client.close()
