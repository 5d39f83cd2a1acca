"""The plan as a card that is confirmed, edited, looked at or dropped before anything runs."""

from __future__ import annotations

import time
from typing import ClassVar, Final, Literal

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tui.safe import ui_text
from tui.widgets.base import Say, Wrapped
from tui.wrap import wrap
from xunke.plan import Plan

DEAF: Final = 0.5
"""Seconds in which a new card hears no key: somebody may be typing a sentence when it appears."""

Choice = Literal["run", "edit", "dry", "drop"]


class PlanCard(Wrapped, can_focus=True):
    """Shows what will happen; ``Decided`` says what the user wants."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "decide('run')", show=False),
        Binding("e", "decide('edit')", show=False),
        Binding("d", "decide('dry')", show=False),
        Binding("escape", "decide('drop')", show=False),
    ]

    class Decided(Message):
        """One of run, edit, dry, drop."""

        def __init__(self, card: PlanCard, choice: Choice) -> None:
            super().__init__()
            self.card = card
            self.choice = choice

    def __init__(self, text: str, plan: Plan, say: Say) -> None:
        super().__init__(say, classes="card")
        self.sentence = text
        self.plan = plan
        self.choice: Choice | None = None
        self.shown_at = time.monotonic()

    def on_mount(self) -> None:
        """Begin the deaf half second when the card is really there."""
        self.shown_at = time.monotonic()
        self.relabel()

    @property
    def deaf(self) -> bool:
        """Whether keys are still ignored."""
        return time.monotonic() - self.shown_at < DEAF

    def relabel(self) -> None:
        """Titles and text in the language in use."""
        self.border_title = ui_text(self.cat.t(f"tui.card.title.{self.choice or 'ask'}"))
        super().relabel()

    def lines(self, width: int) -> list[str]:
        """The plan, and the keys while they do something."""
        keys = [] if self.choice else ["", *wrap(self.cat.t("tui.card.keys"), width)]
        return super().lines(width) + keys

    def again(self) -> PlanCard:
        """A card that is decided as this one is."""
        card = PlanCard(self.sentence, self.plan, self._say)
        if self.choice is not None:
            card.choice, card.can_focus = self.choice, False
            card.add_class("settled")
        return card

    def on_key(self, event: events.Key) -> None:
        """Whoever types on means the prompt: their letters go there, also those typed while the card is deaf."""
        if event.character and event.is_printable and (self.deaf or event.key not in ("e", "d")):
            event.stop()
            event.prevent_default()
            self._to_prompt(event.character)
        elif self.deaf:
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted goes to the prompt too."""
        event.stop()
        self.xunke.main.prompt.post_message(events.Paste(event.text))

    def _to_prompt(self, text: str) -> None:
        prompt = self.xunke.main.prompt
        prompt.focus()
        prompt.insert(text)

    def action_decide(self, choice: Choice) -> None:
        """Take the decision, once, and not by accident."""
        if self.choice is None and not self.deaf:
            self.settle(choice)
            self.post_message(self.Decided(self, choice))

    def settle(self, choice: Choice) -> None:
        """Show that it is decided; no more keys."""
        self.choice = choice
        self.can_focus = False
        self.add_class("settled")
        self.relabel()
