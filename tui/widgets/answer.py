"""An answer in the chat log: its marks ``[n]`` open the posts and people behind the numbers."""

from __future__ import annotations

import re
from typing import Final

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style

from tui.widgets.base import Wrapped
from xunke.events import Answer
from xunke.present.answers import told

_MARK: Final = re.compile(r"\[(\d{1,3})\]")
_LINK: Final = Style(underline=True)


class AnswerEntry(Wrapped):
    """Sentences; a click on a mark opens what it stands for."""

    class Asked(Message):
        """What is behind a mark: references as in ``xunke.events.Sentence``."""

        def __init__(self, refs: tuple[str, ...]) -> None:
            super().__init__()
            self.refs = refs

    def __init__(self, answer: Answer, *, classes: str = "entry answer") -> None:
        super().__init__(lambda c: "\n".join(told(answer, c)[0]), classes=classes)
        self.answer = answer

    def again(self) -> AnswerEntry:
        """A new widget like this one."""
        return AnswerEntry(self.answer, classes=" ".join(sorted(self.classes)))

    @property
    def marks(self) -> list[tuple[str, ...]]:
        """What each mark stands for."""
        return told(self.answer, self.cat)[1]

    def render(self) -> Content:
        """The lines, marks underlined."""
        content, most = super().render(), len(self.marks)
        for match in _MARK.finditer(content.plain):
            if 0 < int(match[1]) <= most:
                content = content.stylize(_LINK + Style.from_meta({"mark": int(match[1])}), match.start(), match.end())
        return content

    def on_click(self, event: events.Click) -> None:
        """Open the mark under the pointer."""
        mark = event.style.meta.get("mark")
        if isinstance(mark, int):
            event.stop()
            self.open(mark)

    def open(self, mark: int) -> None:
        """Ask for what a mark stands for; one that there is not is passed over."""
        marks = self.marks
        if 0 < mark <= len(marks):
            self.post_message(self.Asked(marks[mark - 1]))
