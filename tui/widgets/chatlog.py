"""What was said: about forty entries are mounted, earlier ones come back when asked for."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tui.widgets.answer import AnswerEntry
from tui.widgets.base import Say, Worded, Wrapped
from tui.widgets.entry import TableEntry

MOUNTED: Final = 40
_MORE: Final = 20


class Earlier(Wrapped):
    """The line above the log: how many entries are not mounted; a click brings some."""

    def on_click(self) -> None:
        """Load some."""
        self.query_ancestor(ChatLog).action_earlier()


class ChatLog(Worded, VerticalScroll, can_focus=True):
    """Entries in the order of time; the newest stays in view."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "earlier", show=False),
        Binding("enter", "table", show=False),
        *(Binding(str(n), f"mark({n})", show=False) for n in range(1, 10)),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.entries: list[Wrapped] = []
        self._first = 0
        self._earlier = Earlier(lambda c: c.t("tui.chat.earlier", count=self._first), classes="earlier")

    def on_mount(self) -> None:
        """The line for what is not mounted waits at the top."""
        self._earlier.display = False
        self.mount(self._earlier)

    def relabel(self) -> None:
        """The entries relabel themselves; those not mounted are drawn anew when they come back."""

    def say(self, kind: str, say: Say, prefix: Say | None = None) -> Wrapped:
        """Append a text; ``kind`` is its style class."""
        entry = Wrapped(say, prefix=prefix, classes=f"entry {kind}")
        self.add(entry)
        return entry

    def you(self, text: str) -> None:
        """What the user wrote."""
        self.say("you", lambda c: text, lambda c: c.t("tui.chat.you") + "  ")

    def add(self, entry: Wrapped) -> None:
        """Append an entry."""
        self.entries.append(entry)
        self.mount(entry)
        surplus = len(self.entries) - self._first - MOUNTED
        if surplus > 0:
            self.remove_children(self.entries[self._first : self._first + surplus])
            self._first += surplus
        self._count()
        self.scroll_end(animate=False)

    def action_earlier(self) -> None:
        """Mount some of the earlier entries again."""
        start = max(0, self._first - _MORE)
        if start < self._first:
            self.entries[start : self._first] = again = [entry.again() for entry in self.entries[start : self._first]]
            self._first = start
            self.mount(*again, after=self._earlier)
            self._count()

    def action_mark(self, mark: int) -> None:
        """What is behind mark ``[n]`` of the newest answer."""
        newest = next((entry for entry in reversed(self.entries) if isinstance(entry, AnswerEntry)), None)
        if newest is not None:
            newest.open(mark)

    def action_table(self) -> None:
        """The whole of the newest table."""
        newest = next((entry for entry in reversed(self.entries) if isinstance(entry, TableEntry)), None)
        if newest is not None:
            newest.open()

    def _count(self) -> None:
        self._earlier.display = self._first > 0
        self._earlier.refresh(layout=True)

    def clear(self) -> None:
        """Forget everything said."""
        self.remove_children([w for w in self.entries if w.is_attached])
        self.entries, self._first = [], 0
        self._count()
