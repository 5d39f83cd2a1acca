"""Where one writes: Chinese of any length whole, enter sends, nothing pasted runs by itself."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from tui.safe import ui_text
from tui.widgets.base import Worded
from xunke.secrets import looks_like_secret, mask
from xunke.text import clean

LIMIT: Final = 20_000
"""Characters that one sentence may have."""
_KEPT: Final = 200


class Prompt(Worded, TextArea):
    """Enter sends, ctrl+j breaks the line, up and down walk through what was sent before."""

    class Sent(Message):
        """A sentence to work on."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """Down in the empty prompt: on to the table."""

    class Digit(Message):
        """A digit was typed into the empty prompt (it is also in the text)."""

        def __init__(self, digit: int) -> None:
            super().__init__()
            self.digit = digit

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, compact=True, highlight_cursor_line=False, show_line_numbers=False, theme="css")
        self.earlier: list[str] = []
        self.digits = False
        self._place: int | None = None
        self._draft = ""
        self._warned: str | None = None

    def on_mount(self) -> None:
        """Say what to write."""
        self.relabel()

    def relabel(self) -> None:
        """The hint in the language in use."""
        self.placeholder = ui_text(self.cat.t("tui.prompt.hint"))

    async def _on_key(self, event: events.Key) -> None:
        key = event.key
        if key == "enter":
            self._take(event)
            self.send()
        elif key == "ctrl+j":
            self._take(event)
            self.insert("\n")
        elif key == "up" and self.cursor_location[0] == 0 and self.earlier:
            self._take(event)
            self._recall(-1)
        elif key == "down" and self._place is not None and self.cursor_location[0] == self.document.line_count - 1:
            self._take(event)
            self._recall(1)
        elif key == "down" and not self.text:
            self._take(event)
            self.post_message(self.Left())
        elif self.digits and not self.text and key in ("1", "2", "3"):
            self._take(event)
            self.post_message(self.Digit(int(key)))
        else:
            await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        text = clean(event.text[: LIMIT * 2])
        room = LIMIT - len(self.text) + len(self.selected_text)
        if len(text) > room or len(event.text) > LIMIT * 2:
            self.xunke.tell("tui.prompt.too_long", "warning", limit=LIMIT)
            text = text[: max(room, 0)]
        if text and (result := self._replace_via_keyboard(text, *self.selection)):
            self.move_cursor(result.end_location)
        self.focus()

    def on_text_area_changed(self) -> None:
        """Keep to the limit and as high as the text, up to six lines."""
        if len(self.text) > LIMIT:
            self.text = self.text[:LIMIT]
            self.move_cursor(self.document.end)
            self.xunke.tell("tui.prompt.too_long", "warning", limit=LIMIT)

    def send(self) -> None:
        """Hand the sentence over, unless it is empty or seems to hold a secret (asked once)."""
        text = clean(self.text).strip()
        if not text:
            return
        secret = looks_like_secret(text)
        if secret and self._warned != text:
            self._warned = text
            self.xunke.tell("tui.prompt.secret", "warning")
            return
        if secret:
            text = mask(text)
        elif not self.earlier or self.earlier[-1] != text:
            self.earlier.append(text)
            del self.earlier[:-_KEPT]
        self._place = self._warned = None
        self.clear()
        self.post_message(self.Sent(text))

    def put(self, text: str, *, again: bool = False) -> None:
        """Put words back for editing; what is being written stays below them. ``again``: they did not work, so they
        are selected and the next key writes another sentence in their place (not behind them).
        """
        text, rest = clean(text)[:LIMIT], self.text.strip()
        self.text = text if not rest or rest == text else f"{text}\n{rest}"
        self.move_cursor(self.document.end)
        if again and rest in ("", text):
            self.select_all()
        self.focus()

    def _recall(self, by: int) -> None:
        if self._place is None:
            self._draft = self.text
        place = (len(self.earlier) if self._place is None else self._place) + by
        if place >= len(self.earlier):
            self._place = None
            self.text = self._draft
        else:
            self._place = max(place, 0)
            self.text = clean(self.earlier[self._place])[:LIMIT]
        self.move_cursor(self.document.end if by > 0 else (0, len(self.document.get_line(0))))

    @staticmethod
    def _take(event: events.Key) -> None:
        event.prevent_default()
        event.stop()
