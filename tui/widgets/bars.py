"""The title line, the tab line and the key line."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.keymap import ACTS
from tui.safe import ui_text
from tui.widgets.base import Say, Worded
from tui.wrap import cut, plain


class TitleBar(Worded, Widget):
    """Name and project on the left; label and counts on the right, and they stay when it is narrow."""

    DEFAULT_CSS = "TitleBar { height: 1; dock: top; }"

    def __init__(self, left: Say, right: Say | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._left, self._right = left, right

    def render(self) -> Content:
        """Both sides, the left one cut if need be."""
        width = self.content_size.width
        right = self._right(self.cat) if self._right else ""
        room = width - cell_len(right) - 1
        return ui_text(
            cut(plain(self._left(self.cat)), max(room, 0)) + " " + cut(right, min(cell_len(right), width - 1))
        )


class Clickable(Worded, Widget):
    """A line of words that can be clicked; ``parts`` gives (text, what)."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._spans: list[tuple[int, int, str]] = []

    def parts(self) -> list[tuple[str, str]]:
        """The words and what each stands for."""
        raise NotImplementedError

    def picked(self, what: str) -> None:
        """A word was clicked."""
        raise NotImplementedError

    def render(self) -> Content:
        """As many words as fit, in order; the last ones are always kept."""
        width, x = self.content_size.width, 0
        line, self._spans = "", []
        for text, what in self.parts():
            size = cell_len(text)
            if x + size > width:
                break
            self._spans.append((x, x + size, what))
            line += text + "  "
            x += size + 2
        return ui_text(line.rstrip())

    def on_click(self, event: events.Click) -> None:
        """Find the word below the pointer."""
        x = event.get_content_offset_capture(self).x
        for start, end, what in self._spans:
            if start <= x < end:
                self.picked(what)
                break


class KeyBar(Clickable):
    """The keys that always work."""

    DEFAULT_CSS = "KeyBar { height: 1; dock: bottom; }"

    def parts(self) -> list[tuple[str, str]]:
        """From the registry."""
        return [(f"{act.shown_key} {self.cat.t(f'tui.act.{act.id}')}", act.id) for act in ACTS if act.footer]

    def picked(self, what: str) -> None:
        """The same as the key."""
        self.xunke.call_later(self.xunke.run_action, what)


class TabBar(Clickable):
    """``[用户 50]  帖子 1,284``: the tab in use stands in brackets."""

    DEFAULT_CSS = "TabBar { height: 1; }"

    class Chosen(Message):
        """Another tab."""

        def __init__(self, tab: str) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, tabs: dict[str, Say], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs = tabs
        self.active = next(iter(tabs))

    def parts(self) -> list[tuple[str, str]]:
        """The tabs."""
        texts = [(say(self.cat), name) for name, say in self._tabs.items()]
        return [(f"[{text}]" if name == self.active else f" {text} ", name) for text, name in texts]

    def choose(self, tab: str) -> None:
        """Show ``tab`` as the one in use."""
        self.active = tab
        self.refresh()

    def picked(self, what: str) -> None:
        """Tell it."""
        self.post_message(self.Chosen(what))
