"""Writing what is on the screen to a file: a format, a place, then the plan's export step in the child process."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui import sources
from tui.runs import Turn
from tui.safe import shown, ui_text
from tui.sources import Scope
from tui.widgets.bars import Clickable
from tui.widgets.base import Worded, Wrapped
from xunke.errors import BadInput
from xunke.plan import MAX_WORD, Plan, Step, check

FORMATS: Final = ("csv", "xlsx", "jsonl", "md")


class Formats(Clickable):
    """The formats in a line; the one chosen stands in brackets; left and right choose."""

    can_focus = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", show=False),
        Binding("right,space", "step(1)", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.chosen = FORMATS[0]

    def parts(self) -> list[tuple[str, str]]:
        """All four."""
        return [(f"[{f}]" if f == self.chosen else f" {f} ", f) for f in FORMATS]

    def picked(self, what: str) -> None:
        """This one."""
        self.chosen = what
        self.refresh()
        self.screen.query_one(ExportDialog.PATH, Input).value = ExportDialog.renamed(
            self.screen.query_one(ExportDialog.PATH, Input).value, what
        )

    def action_step(self, by: int) -> None:
        """The next one."""
        self.picked(FORMATS[(FORMATS.index(self.chosen) + by) % len(FORMATS)])


class ExportDialog(Worded, ModalScreen[None]):
    """Enter writes, escape leaves; the file's place is told when it is whole."""

    PATH: ClassVar[str] = "#path"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", show=False),
        Binding("enter", "write", show=False),
    ]
    AUTO_FOCUS = "#formats"

    def __init__(self, what: tuple[Scope, str, int]) -> None:
        super().__init__()
        self.scope, self.target, self.count = what

    def compose(self) -> ComposeResult:
        """Count, format, place, keys."""
        with Vertical(classes="dialog"):
            yield Wrapped(lambda c: c.t(f"tui.export.count.{self.target}", count=f"{self.count:,}"))
            yield Formats(id="formats")
            yield Wrapped(lambda c: c.t("tui.export.path"))
            yield Input(str(self._default()), id="path", compact=True)
            yield Wrapped(lambda c: c.t("tui.export.note"), classes="faint")
            yield Wrapped(lambda c: c.t("tui.export.keys"), classes="faint")

    def on_mount(self) -> None:
        """The title."""
        self.relabel()

    def relabel(self) -> None:
        """The title in the language in use."""
        self.query_one(".dialog").border_title = ui_text(self.cat.t("tui.export.title"))

    @staticmethod
    def renamed(path: str, suffix: str) -> str:
        """``path`` with another suffix, if it has one of ours."""
        stem, dot, old = path.rpartition(".")
        return f"{stem}.{suffix}" if dot and old in FORMATS else path

    def _default(self) -> Path:
        from xunke.actions import default_folder
        from xunke.export import safe_name

        words = self.scope.name or self.cat.t(f"tui.export.name.{self.target}")
        if self.scope.kind == "result":
            words = sources.title_of(self.xunke.project, self.scope.number) or words
        name = safe_name(f"{shown(words, 40)}-{self.xunke.today:%Y%m%d}")
        path = default_folder(self.xunke.project) / f"{name}.{FORMATS[0]}"
        return Path("~") / path.relative_to(Path.home()) if path.is_relative_to(Path.home()) else path

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_write()

    def action_write(self) -> None:
        """Hand the plan over; a path that is empty or too long is said."""
        path = shown(self.query_one(Input).value, MAX_WORD).strip()
        try:
            plan = check(Plan(outcome="run", steps=self._steps(path)))
        except BadInput:
            self.xunke.tell("tui.export.bad_path", "warning")
            return
        if self.xunke.main.submit(Turn(plan)):
            self.dismiss()

    def _steps(self, path: str) -> tuple[Step, ...]:
        form = self.query_one(Formats).chosen
        match self.scope.kind:
            case "result":
                return (Step(action="export", input="last", format=form, path=path),)
            case "list":
                return (Step(action="export", source=f"saved:{self.scope.name}", format=form, path=path),)
            case _:
                find = Step(action="find", target="people" if self.target == "people" else "posts")
                return (find, Step(action="export", format=form, path=path))
