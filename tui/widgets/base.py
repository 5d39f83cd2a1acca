"""What all our widgets share: a catalogue that can change while the app runs, and wrapped text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui.safe import shown, ui_text
from tui.wrap import wrap
from xunke import veil
from xunke.i18n import Catalogue

if TYPE_CHECKING:
    from tui.app import XunkeApp

Say = Callable[[Catalogue], str]
"""A text that is made anew when the language changes."""


class Worded:
    """Mixin for widgets and screens that show our own words."""

    @property
    def xunke(self) -> XunkeApp:
        """The app, by its own type."""
        return cast("XunkeApp", cast(Any, self).app)

    @property
    def cat(self) -> Catalogue:
        """The catalogue in use."""
        return self.xunke.cat

    def relabel(self) -> None:
        """Show everything again in the language now in use."""
        cast(Any, self).refresh(layout=True)


class Wrapped(Worded, Widget):
    """Text wrapped for Chinese and Latin; ``say`` makes it, ``prefix`` stands before the first line."""

    DEFAULT_CSS = "Wrapped { height: auto; }"

    def __init__(
        self, say: Say, *, prefix: Say | None = None, classes: str | None = None, id: str | None = None
    ) -> None:
        super().__init__(classes=classes, id=id)
        self._say = say
        self._prefix = prefix

    def again(self) -> Wrapped:
        """A new widget like this one (a removed widget cannot be mounted again)."""
        return Wrapped(self._say, prefix=self._prefix, classes=" ".join(sorted(self.classes)))

    def say(self, say: Say) -> None:
        """Show another text."""
        self._say = say
        self.refresh(layout=True)

    def _words(self) -> str:
        """What is said. What the child process told in the chat has passed the veil already: a list that was made has
        its names."""
        text = self._say(self.cat)
        return shown(text if self.has_class("entry") else veil.veiled(text))

    @property
    def text(self) -> str:
        """The text as it is shown, unwrapped."""
        return (self._prefix(self.cat) if self._prefix else "") + self._words()

    def lines(self, width: int) -> list[str]:
        """The lines at this width; those after the first stand below the text, not below the prefix."""
        from rich.cells import cell_len

        head = self._prefix(self.cat) if self._prefix else ""
        indent = cell_len(head)
        body = wrap(self._words(), max(width - indent, 8))
        return [(head if i == 0 else " " * indent) + line for i, line in enumerate(body)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are lines."""
        return len(self.lines(width))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All there is."""
        return container.width

    def render(self) -> Content:
        """The lines, each its own."""
        return ui_text("\n".join(self.lines(self.content_size.width)))
