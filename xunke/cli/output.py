"""What the command line prints: rows on standard output, talk and progress on standard error."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from xunke import veil
from xunke.columns import align, fit
from xunke.errors import XunkeError
from xunke.events import Event, Failed, FileWritten, Imported, Page, Progress, Table, Warned, progress
from xunke.i18n import Catalogue
from xunke.present import event_lines, failure_line, progress_line
from xunke.text import cells, clean, one_line

_BAR = 20
_REDRAW = 0.1


class Output:
    """``json``: one object a line on standard output instead of tables."""

    def __init__(self, cat: Catalogue, *, json: bool) -> None:
        self.cat = cat
        self.json = json
        self._progress = 0
        self._live = sys.stderr.isatty()

    def say(self, text: str) -> None:
        """A line of talk."""
        self._wipe()
        print(clean(veil.veiled(text)), file=sys.stderr, flush=True)  # noqa: T201

    def data(self, text: str) -> None:
        """A line of data."""
        self._wipe()
        print(clean(veil.veiled(text)), flush=True)  # noqa: T201

    def object(self, value: Mapping[str, Any]) -> None:
        """One JSON object on a line."""
        self._wipe()
        print(json.dumps(veil.value(value), ensure_ascii=False, default=str), flush=True)  # noqa: T201

    def error(self, error: XunkeError) -> int:
        """Say what failed; returns the exit code."""
        self.say(failure_line(error.key, error.params, self.cat))
        return error.exit_code

    def event(self, event: Event) -> None:
        """Show an event of a run (results are shown by the caller)."""
        if isinstance(event, Table) and event.title in veil.MADE:
            with veil.lifted():
                self._event(event)
        else:
            self._event(veil.event(event))

    def _event(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.progress(event)
        elif isinstance(event, Table) and self.json:
            for row in event.rows:
                self.object(dict(zip(event.columns, row, strict=True)))
        elif isinstance(event, Page) and self.json:
            self.object(event.data)
        elif isinstance(event, Imported | FileWritten) and self.json:
            import msgspec

            self.object(msgspec.to_builtins(event))
        elif isinstance(event, Table):
            first, *rest = event_lines(event, self.cat, window())
            self.say(first)
            for line in rest:
                self.data(line)
        elif isinstance(event, Imported | FileWritten | Page):
            for line in event_lines(event, self.cat):
                self.data(line)
        elif isinstance(event, Failed | Warned) or not isinstance(event, Progress):
            for line in event_lines(event, self.cat):
                self.say(line)

    def progress(self, event: Progress) -> None:
        """Redraw the progress line in a terminal; elsewhere only waits are told."""
        if not self._live:
            if event.stage == "wait":
                self.say(progress_line(event, self.cat))
            return
        line = _bar(event) + one_line(progress_line(event, self.cat), 90)
        width = cells(line)
        sys.stderr.write("\r" + line + " " * max(0, self._progress - width))
        sys.stderr.flush()
        self._progress = width

    def watch(self, stage: str) -> Callable[[int, int], None]:
        """A watch for ``outreach.network.load_events``: draws its progress, ten times a second at most."""
        started = drawn = time.monotonic()

        def watch(done: int, total: int) -> None:
            nonlocal drawn
            if (now := time.monotonic()) - drawn >= _REDRAW:
                drawn = now
                self.progress(progress(stage, done, total, started))

        return watch

    def _wipe(self) -> None:
        if self._progress:
            sys.stderr.write("\r" + " " * self._progress + "\r")
            sys.stderr.flush()
            self._progress = 0

    def rows(self, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows as objects, or as an aligned table of ``columns``."""
        if self.json:
            for row in rows:
                self.object(row)
            return
        body = [[_cell(veil.value(row.get(c), c, row.get("platform"))) for c in columns] for row in rows]
        if body:
            head = [self.cat.t(f"column.{c}") for c in columns]
            shown, left_out = [head, *body], list[int]()
            if (width := window()) is not None:
                shown, left_out = fit(shown, width, [i for i, c in enumerate(columns) if c in ("id", "post", "url")])
            for line in align(shown):
                self.data(line)
            if left_out:
                self.say(self.cat.t("table.narrow", names=self.cat.t("list.comma").join(head[i] for i in left_out)))


def window() -> int | None:
    """How many cells wide the window is: what COLUMNS says, else the terminal's width; None for a file or a pipe,
    where nothing is cut."""
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdecimal() and int(said) >= 40:
        return int(said)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None
    except (OSError, ValueError):
        return None


def _bar(event: Progress) -> str:
    share = event.done / event.total if event.total else event.share
    if share is None:
        return ""
    full = min(_BAR, int(_BAR * share))
    return "[" + "#" * full + "." * (_BAR - full) + "] "


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, float):
        return f"{value:.3g}" if 0 < abs(value) < 0.01 else f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, bool):
        return "✓" if value else "—"
    if isinstance(value, int):
        return f"{value:,}"
    return one_line(str(value), 80)
