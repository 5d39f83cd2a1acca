"""Sentences understood by a connected model, in the app: its child process asks, the screen never waits."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from test_flow import card_of, say
from tui_kit import seen, until

from tests.llm.endpoint import Asked, Endpoint, Say, good
from tui.app import XunkeApp
from tui.widgets.runline import RunLine
from xunke.llm import settings

SENTENCE = "找成都聊露营的博主，最近一个月"


@pytest.fixture(autouse=True)
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


async def test_a_models_plan_is_shown_before_it_runs(app: XunkeApp) -> None:
    with Endpoint(good) as server:
        settings.connect(server.url, model="小模型")
        async with app.run_test(size=(118, 32)) as pilot:
            await say(app, pilot, SENTENCE)
            card = await card_of(app, pilot)
            assert "露营" in card.text
            assert seen(app, "小模型")
            assert not app.main.runs.busy
            assert len(server.asked) == 1
            await pilot.press("enter")
            await until(pilot, lambda: not app.main.runs.busy and app.main.runs.previous is not None)
            await say(app, pilot, "改成上海的")
            await card_of(app, pilot)
            assert '"steps"' in server.asked[1].json["messages"][-1]["content"]
    for word in ("小糖减脂日记", "蛋白棒", "天幕"):
        assert word not in server.received


async def test_escape_does_not_wait_for_a_slow_model(app: XunkeApp) -> None:
    def slow(asked: Asked) -> Say:
        return Say(200, good(asked).data, pause=30)

    with Endpoint(slow) as server:
        settings.connect(server.url, model="m")
        async with app.run_test(size=(118, 32)) as pilot:
            await say(app, pilot, SENTENCE)
            await until(pilot, lambda: server.asked)
            assert app.main.runs.busy
            assert app.main.query_one(RunLine).has_class("on")
            await say(app, pilot, "找杭州聊咖啡的人")  # waits in the queue
            assert app.main.runs.queue == ["找杭州聊咖啡的人"]
            begun = time.monotonic()
            app.main.stop()
            card = await card_of(app, pilot)
            assert time.monotonic() - begun < 3
            assert "露营" in card.text
            assert not app.main.query_one(RunLine).has_class("on")


async def test_a_model_that_is_down_is_told(app: XunkeApp) -> None:
    with Endpoint(good) as server:
        settings.connect(server.url, model="m")
    async with app.run_test(size=(118, 32)) as pilot:
        await say(app, pilot, SENTENCE)
        card = await card_of(app, pilot)
        assert "成都" in card.text
        assert seen(app, "连不上模型")
        assert seen(app, "离线解析")


async def test_a_pasted_key_reaches_neither_the_model_nor_the_history(app: XunkeApp) -> None:
    key = "sk-planted0123456789abcdefABCD"
    with Endpoint(good) as server:
        settings.connect(server.url, model="m")
        async with app.run_test(size=(118, 32)) as pilot:
            await say(app, pilot, f"{SENTENCE} {key}")
            await pilot.press("enter")  # warned once; sent masked
            await card_of(app, pilot)
            assert not server.asked
            assert not [text for text in app.main.prompt.earlier if key in text]
            assert app.main.card is not None
            assert key not in app.main.card.sentence


async def test_without_a_model_nothing_is_different(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        await say(app, pilot, SENTENCE)
        await card_of(app, pilot)
        assert not seen(app, "模型")
