"""Correcting a post by one key, taking it back, and learning from it."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from tui_kit import TEXTS, seen, until

from tui.app import XunkeApp
from tui.screens.person import PersonScreen
from xunke import labels


async def _to_posts(app: XunkeApp, pilot: Pilot[Any]) -> None:
    app.action_everyone()
    app.main.found.table("people").focus()
    await pilot.press("right")
    await pilot.pause()


async def test_a_key_corrects_the_mood_and_another_takes_it_back(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        await _to_posts(app, pilot)
        table = app.main.found.table("posts")
        post = table.current.id
        assert table.current.label is None
        await pilot.press("c")
        await pilot.pause()
        assert app.main.found.table("posts").current.label == "negative"
        assert seen(app, app.cat.t("tui.mood.negative"))
        await pilot.press("c")
        assert [(e.post, e.kind, e.value) for e in labels.labels(app.project)] == [(post, "sentiment", "positive")]
        await pilot.press("u", "u")
        await pilot.pause()
        assert labels.labels(app.project) == []
        assert app.main.found.table("posts").current.label is None
        await pilot.press("u")  # nothing left to take back
        assert app.is_running


async def test_a_key_marks_an_ad_and_marks_it_as_none(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        await _to_posts(app, pilot)
        await pilot.press("x")
        assert [(e.kind, e.value) for e in labels.labels(app.project)] == [("spam", "yes")]
        await pilot.press("x")
        assert [(e.kind, e.value) for e in labels.labels(app.project)] == [("spam", "no")]


async def test_the_keys_do_nothing_among_people(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        app.main.found.table("people").focus()
        await pilot.press("c", "x", "u")
        assert labels.labels(app.project) == []


async def test_the_page_of_a_person_corrects_too(app: XunkeApp) -> None:
    async with app.run_test(size=(118, 32)) as pilot:
        app.push_screen(PersonScreen(app.main.found.table("people").source[2].id))
        await until(pilot, lambda: isinstance(app.screen, PersonScreen) and app.screen.is_mounted)
        await pilot.press("c")
        assert [(e.kind, e.value) for e in labels.labels(app.project)] == [("sentiment", "negative")]
        await pilot.press("u")
        assert labels.labels(app.project) == []


@pytest.mark.slow
async def test_learning_says_how_right_before_and_after(app: XunkeApp) -> None:
    project = app.project
    for post, text in project.query("select id, text from post order by id limit 40"):
        labels.put(project, post, "sentiment", "", "negative" if text == TEXTS[1] else "positive")
    async with app.run_test(size=(118, 32)) as pilot:
        await pilot.press("f7")
        await until(pilot, lambda: seen(app, app.cat.t("tui.learn.sentiment") + "："), 60)
    assert app.project is project
