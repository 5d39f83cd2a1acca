"""Links: copied, or opened in the browser of a desktop."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import TYPE_CHECKING

from tui.safe import shown

if TYPE_CHECKING:
    from tui.app import XunkeApp


def web(url: str | None) -> bool:
    """Whether it is an address of a page."""
    return url is not None and url.startswith(("https://", "http://"))


def copy(app: XunkeApp, url: str | None) -> None:
    """Put a link on the clipboard and say so."""
    if url is None or not web(url):
        app.tell("tui.copy.none", "warning")
        return
    app.copy_to_clipboard(shown(url, 2000))
    app.tell("tui.copy.done", url=url)


def desktop() -> bool:
    """Whether there is a desktop: a browser of the terminal would draw over the app."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(v) for v in ("DISPLAY", "WAYLAND_DISPLAY"))


def visit(app: XunkeApp, url: str | None) -> None:
    """Open a link in the browser; without a desktop it is copied."""
    if url is None or not web(url) or not desktop():
        copy(app, url)
        return
    webbrowser.open(url)
    app.tell("tui.day.opened", url=url)
