"""The app: one project, one child process that works, a stack of screens."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Final

import tui.compat  # isort: skip  (before Textual)
from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme

from tui.client import Client
from tui.keymap import ACTS
from tui.safe import shown
from tui.screens.main import MainScreen
from tui.widgets.base import Worded
from xunke import clock, veil
from xunke.errors import XunkeError
from xunke.i18n import LANGS, Catalogue
from xunke.present import event_lines
from xunke.storage import Project
from xunke.storage.naming import ProjectVeil

DARK: Final = Theme(
    name="xunke-dark", dark=True, primary="#4fb3a5", secondary="#7aa2c9", accent="#e0a458", foreground="#d8dee4",
    background="#14181c", surface="#1a1f24", panel="#22292f", warning="#e0a458", error="#e06c6c", success="#7fb069",
)  # fmt: skip
LIGHT: Final = Theme(
    name="xunke-light", dark=False, primary="#0f766e", secondary="#33658a", accent="#b45309", foreground="#1f2933",
    background="#fbfaf7", surface="#f3f1ec", panel="#e7e3da", warning="#b45309", error="#b42318", success="#3f7d20",
)  # fmt: skip


class XunkeApp(App[int]):
    """Xunke in a terminal."""

    CSS_PATH: ClassVar[list[str | Path]] = [  # type: ignore[assignment]
        Path(__file__).parent / "styles" / name for name in ("main.tcss", "widgets.tcss", "dialogs.tcss")
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(act.key, act.id, show=False, priority=True) for act in ACTS
    ]  # fmt: skip
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - so declared upstream
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (10, "-short"), (20, "-tall")]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = True
    TITLE = "Xunke"

    def __init__(self, db: Path, *, lang: str = "zh", today: date | None = None, client: Client | None = None) -> None:
        super().__init__()
        self.project = Project.open(db)
        self.draw()
        self.cat = Catalogue(lang)
        self._today = today
        self.client = client or Client(self.project.path)
        self.main = MainScreen()

    def draw(self) -> None:
        """Names or codes, as the project says now, and who must not be found."""
        veil.draw(ProjectVeil.of(self.project))

    @property
    def today(self) -> date:
        """The reference date of every sentence."""
        return self._today or date.today()  # noqa: DTZ011 - the user's own day is meant

    def on_mount(self) -> None:
        """Show the main screen and let the child process load."""
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.push_screen(self.main)
        self.warm()
        self.sweep()

    @work(group="warm", exit_on_error=False)
    async def warm(self) -> None:
        """Load the engine (over there) and the parser (here) before they are needed."""
        await self.client.warm()
        await asyncio.to_thread(load_parser, self.today)

    @work(group="sweep", exit_on_error=False)
    async def sweep(self) -> None:
        """What is older than the project's rules allow goes, once a day; never on a day that is only pretended."""
        from xunke.actions.care_retention import swept_at_start

        if self._today is not None:
            return
        try:
            told = await asyncio.to_thread(swept_at_start, self.project, today=clock.today())
        except XunkeError as error:
            self.tell_error(error)
            return
        if told is not None:
            self.main.talk.say("faint", lambda c: "\n".join(event_lines(told, c)))

    async def on_unmount(self) -> None:
        """End the child process; everything it stored is kept."""
        await self.client.close()
        veil.draw(None)
        self.project.close()

    def tell(self, key: str, severity: str = "information", **params: object) -> None:
        """A short notice in the user's language; never read as markup."""
        text = shown(self.cat.t(key, **params), 500)
        self.notify(text, severity=severity, markup=False)  # type: ignore[arg-type]

    def say(self, text: str) -> None:
        """A short notice in words that are ready; never read as markup."""
        self.notify(shown(text, 500), markup=False)

    def tell_error(self, error: XunkeError) -> None:
        """What failed and what to do, in the user's language."""
        self.tell(error.key, "error", **error.params)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: the registry's acts, findable in Chinese, pinyin and English."""
        for act in ACTS:
            title = f"{self.cat.t(f'tui.act.{act.id}')}  {' '.join(act.words)}"
            yield SystemCommand(title, self.cat.t(f"tui.about.{act.id}"), getattr(self, f"action_{act.id}"))

    # -- acts ------------------------------------------------------------------------------------------------

    def action_help(self) -> None:
        """All keys and how to ask."""
        from tui.screens.help import HelpScreen

        self._open(HelpScreen())

    def action_language(self) -> None:
        """Chinese or English, everywhere at once."""
        self.cat = Catalogue(LANGS[1 - LANGS.index(self.cat.lang)])
        for screen in self.screen_stack:
            for node in screen.walk_children(with_self=True):
                if isinstance(node, Worded):
                    node.relabel()

    def action_theme(self) -> None:
        """Dark or light."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_lists(self) -> None:
        """Saved lists."""
        from tui.screens.lists import ListsScreen

        self._open(ListsScreen())

    def action_jobs(self) -> None:
        """Jobs with their state and reason."""
        from tui.screens.jobs import JobsScreen

        self._open(JobsScreen())

    def action_followers(self) -> None:
        """Our followers: the curve, who came and left, and all dealings with them."""
        from tui.screens.followers import FollowersScreen

        self._open(FollowersScreen())

    def action_today(self) -> None:
        """The queue of the day."""
        from tui.screens.today import TodayScreen

        self._open(TodayScreen())

    def action_work(self) -> None:
        """Lists, segments, queues, campaigns, the calendar, experiments."""
        from tui.screens.work import WorkScreen

        self._open(WorkScreen())

    def action_export(self) -> None:
        """Write what is on the screen to a file."""
        from tui.screens.export import ExportDialog

        what = getattr(self.screen, "exportable", self.main.exportable)()
        if what is None:
            self.tell("tui.export.nothing", "warning")
        else:
            self._open(ExportDialog(what))

    @work(group="demo", exit_on_error=False)
    async def action_demo(self) -> None:
        """Build the sample project beside this one and go there."""
        from tui.demo import build

        if self.main.runs.busy or self.main.waiting:
            self.tell("tui.busy", "warning")
            return
        self.main.wait("demo")
        try:
            await self.switch(await build(self.project.path, self.today))
        except XunkeError as error:
            self.tell_error(error)
        finally:
            self.main.wait(None)

    @work(group="learn", exclusive=True, exit_on_error=False)
    async def action_learn(self) -> None:
        """Learn from the corrections; say how right before and after, on the user's own labels."""
        from tui.correct import learn, lesson

        if self.main.runs.busy or self.main.waiting:
            self.tell("tui.busy", "warning")
            return
        self.main.wait("learn")
        try:
            found = await learn(self.project.path)
        except XunkeError as error:
            self.tell_error(error)
            return
        finally:
            self.main.wait(None)
        self.main.talk.say("answer", lambda c: "\n".join(lesson(c, row) for row in found) or c.t("tui.correct.nothing"))

    async def switch(self, path: Path) -> None:
        """Go on with another project file."""
        project = Project.open(path)
        await self.client.close()
        self.project.close()
        self.project, self.client = project, Client(path)
        self.draw()
        self.main.restart()
        self.warm()
        self.sweep()

    def action_everyone(self) -> None:
        """Everybody and everything in the project."""
        self.main.show_everything()

    def action_stop(self) -> None:
        """Cancel what runs; with nothing running copy what is marked, or say how to leave."""
        if self.main.stop():
            return
        if marked := self.screen.get_selected_text():
            self.copy_to_clipboard(shown(marked))
        else:
            self.tell("tui.nothing_runs")

    async def action_quit(self) -> None:
        """Leave. What runs goes on from where it was the next time it is resumed."""
        self.exit(0)

    def _open(self, screen: Screen[None]) -> None:
        """Push a screen, once."""
        if type(self.screen) is not type(screen) and not self.screen.is_modal:
            self.push_screen(screen)


def load_parser(today: date) -> None:
    """Have the parser read its word lists."""
    from xunke.chat import understand

    understand("你好", today=today)


def run(db: Path, lang: str = "zh", today: date | None = None) -> int:
    """Run the terminal app on the project ``db`` and return the exit code.

    Says so and returns 2 where the terminal cannot place its cursor (``TERM=dumb``, a pipe).
    """
    if not tui.compat.can_draw():
        sys.stderr.write(Catalogue(lang).t("tui.no_terminal") + "\n")
        return 2
    try:
        app = XunkeApp(db, lang=lang, today=today)
    except XunkeError as error:
        sys.stderr.write(Catalogue(lang).t(error.key, **error.params) + "\n")
        return error.exit_code
    tui.compat.before_run()
    code = app.run()
    return app.return_code or code or 0
