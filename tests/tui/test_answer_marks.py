"""Answers in the chat log: marks open what is behind them; hostile names stay names."""

from __future__ import annotations

from textual import events
from tui_kit import HOSTILE, until

from tui.app import XunkeApp
from tui.screens.behind import BehindScreen
from tui.screens.person import PersonScreen
from tui.widgets.answer import AnswerEntry
from xunke.events import Answer, Sentence


async def say(app: XunkeApp, pilot: object, text: str) -> None:
    """Put a sentence into the prompt and press enter."""
    prompt = app.main.prompt
    prompt.focus()
    prompt.post_message(events.Paste(text))
    await until(pilot, lambda: prompt.text.endswith(text))
    await pilot.press("enter")  # type: ignore[attr-defined]


def answers(app: XunkeApp) -> list[AnswerEntry]:
    return [entry for entry in app.main.talk.entries if isinstance(entry, AnswerEntry)]


async def test_a_question_is_answered_at_once_and_its_numbers_open(app: XunkeApp) -> None:
    """No card to confirm: the answer comes, a click on a mark opens the person, escape goes back."""
    async with app.run_test(size=(140, 45)) as pilot:
        await say(app, pilot, "找最近30天聊 #减肥 的人，影响力前5")
        await until(pilot, lambda: app.main.card is not None and not app.main.card.deaf)
        await pilot.press("enter")
        await until(pilot, lambda: app.main.found.scope.number > 1 and not app.main.runs.busy)
        await until(pilot, lambda: bool(answers(app)))
        assert answers(app)[-1].answer.kind == "summary"
        asked = app.main.runs.previous
        await say(app, pilot, "为什么第二个排这么高")
        await until(pilot, lambda: answers(app)[-1].answer.kind == "why" and not app.main.runs.busy)
        entry = answers(app)[-1]
        assert app.main.card is None
        assert app.main.runs.previous == asked  # 只看上海的 still changes the search
        assert "第 2" in entry.text
        person = next(n for n, refs in enumerate(entry.marks, 1) if refs[0].startswith("person:"))
        lines = entry.lines(entry.content_size.width)
        row = next(i for i, line in enumerate(lines) if f"[{person}]" in line)
        from rich.cells import cell_len

        column = cell_len(lines[row].split(f"[{person}]")[0]) + 1
        app.main.talk.scroll_to_widget(entry, top=True, animate=False)
        await pilot.pause()
        await pilot.click(entry, offset=(column, row))
        await until(pilot, lambda: isinstance(app.screen, PersonScreen))
        await pilot.press("escape")
        assert app.screen is app.main


async def test_posts_behind_a_number_and_hostile_names(app: XunkeApp) -> None:
    """A number of posts opens a table of them; a name that looks like a mark or like markup is neither."""
    async with app.run_test(size=(120, 40)) as pilot:
        params = {"name": "[2] [@click=app.quit]x", "n": 3, "sort": "target", "value": "0.5", "actors": 1, "posts": 2}
        refs = {"posts": ["post:mastodon:0-0", "post:weibo:1-1"], "name": ["person:weibo:101"]}
        entry = AnswerEntry(Answer("summary", [Sentence("answer.people.only", params, refs)]))
        app.main.talk.add(entry)
        for hostile in HOSTILE:
            app.main.talk.add(AnswerEntry(Answer("why", [Sentence("answer.why.nowhere", {"name": hostile}, {})])))
        await pilot.pause()
        assert "［2]" in entry.text
        assert "\x1b" not in "".join(e.text for e in answers(app))
        assert len(entry.marks) == 2
        entry.open(next(n for n, some in enumerate(entry.marks, 1) if some[0].startswith("post:")))
        await until(pilot, lambda: isinstance(app.screen, BehindScreen))
        assert len(app.screen.query_one("#rows").source) == 2  # type: ignore[attr-defined]
        await pilot.press("escape")
        app.main.talk.action_mark(9)  # there is no such mark: nothing happens
        await pilot.pause()
        assert app.screen is app.main
