"""One line on the run under way: stage, share, rate, time left, time gone."""

from __future__ import annotations

import time

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tui.formats import clock
from tui.safe import ui_text
from tui.widgets.base import Worded
from tui.wrap import cut
from xunke.events import Progress
from xunke.present import amount


class RunLine(Worded, Widget):
    """Hidden while nothing runs. Shows the newest progress of the newest stage."""

    DEFAULT_CSS = "RunLine { height: 1; display: none; } RunLine.on { display: block; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.progress: Progress | None = None
        self.queued = 0
        self._started = 0.0
        self._stopping = False
        self._esc = True

    def on_mount(self) -> None:
        """The clock ticks also when nothing else comes."""
        self.set_interval(1, self._tick)

    def _tick(self) -> None:
        if self.has_class("on"):
            self.refresh()

    def start(self, *, can_stop: bool = True) -> None:
        """Something begins that can be cancelled, or not."""
        self._esc = can_stop
        self.progress, self._stopping, self._started = None, False, time.monotonic()
        self.add_class("on")
        self.refresh()

    def take(self, progress: Progress) -> None:
        """Newer progress."""
        self.progress = progress
        self.refresh()

    def stopping(self) -> None:
        """Cancelling is under way: said at once."""
        self._stopping = True
        self.refresh()

    def stop(self) -> None:
        """The run is over."""
        self.remove_class("on")

    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    def render(self) -> Content:
        """The line, as wide as there is room."""
        width = self.content_size.width
        left, right, share = self._words()
        room = width - cell_len(left) - cell_len(right) - 9
        bar = ""
        if share is not None and room >= 8:
            full = round(min(room, 40) * share)
            bar = "━" * full + "─" * (min(room, 40) - full) + f" {share:4.0%}"
        line = "  ".join(part for part in (left, bar, right) if part)
        return ui_text(cut(line, width))

    def _words(self) -> tuple[str, str, float | None]:
        t, p = self.cat.t, self.progress
        right = [t("tui.run.elapsed", time=clock(self.elapsed()))]
        if self.queued:
            right.append(t("tui.run.queued", count=self.queued))
        if self._stopping:
            return t("tui.run.stopping"), "  ".join(right), None
        if self._esc:
            right.append(t("tui.run.esc"))
        if p is None:
            return t("tui.run.starting"), "  ".join(right), None
        key = f"stage.{p.stage}"
        stage = t(key) if self.cat.has(key) else p.stage
        left = " ".join(part for part in (stage, p.note) if part) + (
            f"  {amount(p, p.done)}" if p.done or p.total else ""
        )
        share = None
        if p.total:
            left += f"/{amount(p, p.total)}"
            share = min(1.0, max(0.0, p.done / p.total))
        elif p.share is not None:
            share = min(1.0, max(0.0, p.share))
        if p.parts > 1:
            left += t("progress.part", part=min(p.part, p.parts), parts=p.parts)
        if p.requests:
            left += t("progress.requests", n=p.requests)
        if p.rate:
            left += "  " + t("tui.run.rate", rate=amount(p, p.rate))
        if p.eta is not None:
            right.insert(0, t("tui.run.left", time=clock(p.eta)))
        return left, "  ".join(right), share
