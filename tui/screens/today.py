"""The day: who is to be turned to now, why, with which words; one key writes down that it was done. Nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input

from tui import day, links
from tui.day import Detail, Line, Seen
from tui.formats import minute
from tui.runs import keyed
from tui.safe import shown
from tui.screens.ask import AskOne, AskWords
from tui.screens.narrowed import NarrowedScreen
from tui.widgets.bars import KeyBar, TitleBar
from tui.widgets.base import Wrapped
from tui.widgets.columns import platform
from tui.widgets.vtable import Column, Listed, VTable
from xunke.clock import DAY, ZONE_NAME, waking_on
from xunke.errors import XunkeError
from xunke.events import Event
from xunke.i18n import Catalogue
from xunke.present import event_lines, failure_line
from xunke.storage import Project
from xunke.text import fold

COMPLAINT: Final = 0
"""The rank of complaints, which come first and are marked."""


def _left(line: Line, now: int, cat: Catalogue) -> str:
    if line.expires is None:
        return "-"
    days = max(0, line.expires - now) // DAY
    return cat.t("tui.day.left", n=days) if days else cat.t("tui.day.left_today")


def columns(now: Callable[[], int]) -> tuple[Column[Line], ...]:
    """Number, who, step, why, hours, minutes, how long it holds."""
    return (
        Column("tui.col.line", lambda r, i, c: f"{'!' if r.rank == COMPLAINT else ''}{r.n}", 3, right=True),
        Column("tui.col.name", lambda r, i, c: r.name, 10, flex=2),
        Column("tui.col.step", lambda r, i, c: c.t(f"tui.step.{r.step}"), 7),
        Column("tui.col.why", lambda r, i, c: failure_line(*r.why, c), 16, flex=3),
        Column("tui.col.best", lambda r, i, c: r.best or "-", 11, drop=3),
        Column("tui.col.minutes", lambda r, i, c: f"{r.minutes:g}", 4, right=True, drop=2),
        Column("tui.col.left", lambda r, i, c: _left(r, now(), c), 6, right=True, drop=1),
    )


_TALL: Final = 30
"""In a lower window no blank lines stand between what they wrote and the draft."""


class TodayScreen(NarrowedScreen):
    """The lines on the left, all about the one under the cursor on the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("d", "put('done')", show=False),
        Binding("s", "put('skip')", show=False),
        Binding("l", "put('later')", show=False),
        Binding("r", "came", show=False),
        Binding("n", "note", show=False),
        Binding("w", "reword", show=False),
        Binding("c", "copy_draft", show=False),
        Binding("u", "undo", show=False),
        Binding("h", "log", show=False),
        Binding("f5", "again", show=False),
        Binding("question_mark", "app.help", show=False),
        Binding("left_square_bracket", "scroll(-4)", show=False),
        Binding("right_square_bracket", "scroll(4)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.seen: Seen | None = None
        self.shown_: Detail | None = None
        self.turns: dict[int, int] = {}
        self.told: list[Event] = []
        self._waiting: list[Line] = []
        self._one = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield TitleBar(self._title, lambda c: c.t("tui.day.keys"), id="title")
        yield Wrapped(self._bar, id="daybar")
        with Horizontal(id="page"):
            yield VTable(columns(lambda: self.now), lambda r: r.id, empty="tui.day.reading", id="rows")
            with VerticalScroll(id="about", can_focus=False):
                yield Wrapped(self._about)
        filter_ = Input(id="filter", compact=True)
        filter_.display = False
        yield filter_
        yield Wrapped(self._said, id="said")
        yield Wrapped(self._hint, id="hint")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Read, and follow the cursor."""
        self.watch(self.query_one("#rows", VTable), "cursor", self._moved, init=False)
        self.action_again()

    @property
    def now(self) -> int:
        """The present second; noon of another day."""
        return waking_on(self.xunke.today)

    @property
    def line(self) -> Line | None:
        """The line under the cursor."""
        row = self.query_one("#rows", VTable).current
        return row if isinstance(row, Line) else None

    @property
    def busy(self) -> bool:
        """Whether something is being written or read."""
        return (
            bool(self._waiting)
            or self._one.locked()
            or any(w.group in ("day", "act") and not w.is_finished for w in self.workers)
        )

    # -- reading ---------------------------------------------------------------------------------------------

    def action_again(self) -> None:
        """Read everything anew, beside the screen."""
        self.run_worker(self._read(), group="day", exclusive=True)

    async def _read(self) -> None:
        async with self._one:
            if self._waiting:  # the last of those that wait reads
                return
            try:
                self.seen = await asyncio.to_thread(day.read, self.xunke.project, self.now)
            except XunkeError as error:
                self.xunke.tell_error(error)
                return
        self.fill()

    def fill(self) -> None:
        seen = self.seen or Seen()
        gone = {one.id for one in self._waiting}
        word = fold(self.word)
        lines = [
            one for one in seen.lines
            if one.id not in gone and word in fold(f"{one.name} {self.cat.t(f'tui.step.{one.step}')}")
        ]  # fmt: skip
        table = self.query_one("#rows", VTable)
        place = table.cursor
        table.empty = "tui.table.no_match" if self.word else "tui.day.nothing"
        table.show(Listed(lines, lambda row: row.id))
        if self.line is None or (place and table.cursor == 0):
            table.cursor = max(0, min(place, len(lines) - 1))
        self._moved()
        for name in ("#title", "#daybar", "#hint"):
            self.query_one(name).refresh(layout=True)

    def _moved(self) -> None:
        self.run_worker(self._look(), group="look", exclusive=True, exit_on_error=False)

    async def _look(self) -> None:
        line = self.line
        if line is None:
            self.shown_ = None
        else:
            turn = self.turns.get(line.id, 0)
            self.shown_ = await asyncio.to_thread(day.detail, self.xunke.project, line, self.now, turn)
        self.query_one("#about Wrapped", Wrapped).refresh(layout=True)

    # -- words -----------------------------------------------------------------------------------------------

    def _title(self, cat: Catalogue) -> str:
        seen = self.seen or Seen()
        first = sum(one.rank == COMPLAINT for one in seen.lines)
        title = cat.t("tui.day.title", n=len(seen.lines), minutes=f"{seen.minutes:.0f}")
        return f"{title}   {cat.t('tui.day.complaints', n=first)}" if first else title

    def _bar(self, cat: Catalogue) -> str:
        seen = self.seen
        if seen is None:
            return ""
        caps = [cat.t("tui.day.cap", step=cat.t(f"tui.step.{step}"), n=n, most=most) for step, n, most in seen.caps]
        parts = [cat.t("tui.day.used", caps="  ".join(caps))] if caps else []
        parts += [line for event in seen.told for line in event_lines(event, cat)]
        return "   ".join(parts)

    def _about(self, cat: Catalogue) -> str:
        line, seen = self.line, self.shown_
        if line is None:
            if self.seen is None:
                return ""
            key = "tui.day.next_step" if not self.seen.lines else "tui.table.no_match"
            return cat.t(key)
        if seen is None or seen.person is None:
            return line.name
        who = seen.person
        lines = ["   ".join(part for part in (line.name, platform(who.platform, cat), who.region or "") if part)]
        lines.append(
            cat.t(
                "tui.day.what",
                step=cat.t(f"step.{line.step}"),
                minutes=f"{line.minutes:g}",
                why=failure_line(*line.why, cat),
            )
        )
        lines += [cat.t(key) for key in line.advice]
        when = [cat.t("tui.day.hours", hours=line.best)] if line.best else []
        if line.expires is not None:
            when.append(cat.t("tui.day.until", when=minute(line.expires, ZONE_NAME)))
        lines += ["   ".join(when)] if when else []
        if seen.post is not None:
            posted = minute(seen.post.created, seen.post.zone)
            text = f"{seen.post.title}\n{seen.post.text}" if seen.post.title else seen.post.text
            lines += ["", cat.t("tui.day.theirs", when=posted), text]
        if seen.draft is not None:
            lines += ["", cat.t("tui.day.ours"), seen.draft]
            lines += [
                f"{cat.t(f'check.level.{level}')}  {failure_line(key, params, cat)}"
                for level, (key, params) in seen.findings
            ]
            lines += event_lines(seen.verdict, cat) if seen.verdict is not None else []
        elif line.step in day.SILENT:
            lines += ["", cat.t(f"tui.day.silent_{line.step}")]
        lines.append("")
        if seen.link:
            lines.append(cat.t("tui.day.link", url=seen.link))
        else:
            place, name = platform(who.platform, cat), who.handle or who.name or who.native_id
            lines.append(cat.t("touch.no_address", name=name, platform=place, id=who.native_id))
        return "\n".join(filter(None, lines) if self.app.size.height < _TALL else lines)

    def _said(self, cat: Catalogue) -> str:
        return "   ".join(line for event in self.told for line in event_lines(keyed(event), cat))

    def _hint(self, cat: Catalogue) -> str:
        parts = [cat.t("tui.hint.filter", word=self.word)] if self.word else []
        return "   ".join([*parts, cat.t("tui.day.hint")])

    def relabel(self) -> None:
        """The title bar, the rest relabels itself."""
        self.query_one("#title").refresh()

    # -- acts ------------------------------------------------------------------------------------------------

    def action_put(self, what: str) -> None:
        """Done, skipped or put off: the line goes at once, and comes back if it could not be written."""
        line = self.line
        if line is None:
            return
        if what == "done":
            detail = self.shown_
            text = detail.draft if self.turns.get(line.id) and detail is not None else None
            act = day.done(line, self.now, text)
        else:
            act = {"skip": day.skip, "later": day.later}[what](line, self.now)
        self._do(act, line)

    def _do(self, act: Callable[[Project], list[Event]], line: Line | None = None) -> None:
        if line is not None:
            self._waiting.append(line)
            self.fill()
        self.run_worker(self._act(act, line), group="act", exit_on_error=False)

    async def _act(self, act: Callable[[Project], list[Event]], line: Line | None) -> None:
        try:
            async with self._one:
                self.told = await asyncio.to_thread(act, self.xunke.project)
        except XunkeError as error:
            self.told = []
            self.xunke.tell_error(error)
        finally:
            if line is not None:
                self._waiting.remove(line)
        self.query_one("#said", Wrapped).refresh(layout=True)
        self.action_again()

    def action_undo(self) -> None:
        """Take the newest act back."""
        from xunke.actions import ladder

        self._do(ladder.undo)

    def _who(self) -> str | None:
        person = self.shown_.person if self.shown_ and self.line else None
        return f"{person.platform}:{person.native_id}" if person is not None else None

    def action_came(self) -> None:
        """What they did: a menu."""
        line, who = self.line, self._who()
        if line is None or who is None:
            return

        def chosen(kind: str | None) -> None:
            if kind == "bought":
                words = AskWords(lambda c: c.t("outcome.bought"), lambda c: c.t("tui.day.amount", name=line.name))
                self.xunke.push_screen(words, lambda said: None if said is None else self._bought(who, said))
            elif kind is not None:
                self._do(day.came(who, kind, self.now))

        answers = [(kind, _say(f"outcome.{kind}")) for kind in day.CAME]
        self.xunke.push_screen(AskOne(lambda c: c.t("tui.day.came", name=line.name), answers), chosen)

    def _bought(self, who: str, said: str) -> None:
        try:
            value = float(said) if said else None
        except ValueError:
            self.xunke.tell("tui.day.no_amount", "warning", value=said)
            return
        self._do(day.came(who, "bought", self.now, value))

    def action_note(self) -> None:
        """Keep a note on the person."""
        line, who = self.line, self._who()
        if line is None or who is None:
            return
        words = AskWords(lambda c: c.t("tui.day.note"), lambda c: c.t("tui.day.note_about", name=line.name))
        self.xunke.push_screen(words, lambda said: self._do(day.note(who, said, self.now)) if said else None)

    def action_reword(self) -> None:
        """Another wording of the draft."""
        if self.line is not None and self.shown_ is not None and self.shown_.draft is not None:
            self.turns[self.line.id] = self.turns.get(self.line.id, 0) + 1
            self._moved()

    def action_copy_draft(self) -> None:
        """The draft; the link where there is none."""
        detail = self.shown_
        if detail is not None and detail.draft is not None:
            self.xunke.copy_to_clipboard(shown(detail.draft, 5000))
            self.xunke.tell("tui.day.copied")
        else:
            links.copy(self.xunke, detail.link if detail else None)

    @on(VTable.SortAsked)
    def _visit(self) -> None:
        """``o`` opens here: the order of the day stands."""
        links.visit(self.xunke, self.shown_.link if self.shown_ else None)

    @on(VTable.CopyAsked)
    def _copy_link(self) -> None:
        links.copy(self.xunke, self.shown_.link if self.shown_ else None)

    @on(VTable.Opened)
    def _opened(self) -> None:
        from tui.screens.person import PersonScreen

        if self.line is not None:
            self.xunke.push_screen(PersonScreen(self.line.account))

    def action_log(self) -> None:
        """What was done and what came."""
        from tui.screens.told import ToldScreen
        from xunke.actions import ladder

        project = self.xunke.project
        self.xunke.push_screen(ToldScreen(_say("tui.day.log"), lambda _: ladder.history(project)))

    def action_scroll(self, by: int) -> None:
        """Move the text on the right."""
        self.query_one("#about").scroll_relative(y=by, animate=False)


def _say(key: str, **params: Any) -> Callable[[Catalogue], str]:
    return lambda cat: cat.t(key, **params)
