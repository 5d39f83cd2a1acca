"""All keys, the / commands and how to ask."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen

from tui.keymap import ACTS, CARD_KEYS, DAY_KEYS, PROMPT_KEYS, TABLE_KEYS
from tui.widgets.bars import KeyBar, TitleBar
from tui.widgets.base import Worded, Wrapped
from tui.wrap import fit
from xunke.i18n import Catalogue


class HelpScreen(Worded, Screen[None]):
    """Made from the registry, so that it cannot go stale."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", show=False)]

    def compose(self) -> ComposeResult:
        """One page to scroll."""
        yield TitleBar(lambda c: c.t("tui.help.title"), lambda c: c.t("tui.back"), id="title")
        with VerticalScroll(id="page"):
            yield Wrapped(self._page)
        yield KeyBar(id="keys")

    def _page(self, cat: Catalogue) -> str:
        t = cat.t
        lines = [t("tui.help.ask"), *(f"  {n}  {t(f'tui.example.{n}')}" for n in (1, 2, 3)), "", t("tui.help.acts")]
        for act in ACTS:
            lines.append(f"  {fit(act.shown_key, 8)}{fit(t(f'tui.act.{act.id}'), 10)}{t(f'tui.about.{act.id}')}")
            lines.append(f"  {'':8}{' '.join('/' + word for word in act.words)}")
        for group, names in (("prompt", PROMPT_KEYS), ("card", CARD_KEYS), ("table", TABLE_KEYS), ("day", DAY_KEYS)):
            lines += ["", t(f"tui.help.{group}"), *(f"  {t(f'tui.help.{group}.{name}')}" for name in names)]
        return "\n".join([*lines, "", t("tui.help.promise")])
