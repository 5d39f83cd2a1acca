"""Correcting what is thought of a post, by one key: it is kept at once, and can be taken back by another."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xunke.errors import StorageError, XunkeError
from xunke.i18n import Catalogue
from xunke.storage.rows import PostRow

if TYPE_CHECKING:
    from tui.app import XunkeApp

_NEXT: Final = {"positive": "neutral", "neutral": "negative", "negative": "positive"}
_LEARN_FROM: Final = 10
_PATIENCE: Final = 300.0


def mood(app: XunkeApp, row: Any) -> bool:
    """The next sentiment for a post: positive, neutral, negative, positive … Whether there was a post."""
    if not isinstance(row, PostRow):
        return False
    return _keep(app, row, "sentiment", _NEXT.get(row.label or "", "negative"))


def spam(app: XunkeApp, row: Any) -> bool:
    """Mark a post as advertising, or as none. Whether there was a post."""
    from xunke.labels import labels

    if not isinstance(row, PostRow):
        return False
    said = [label.value for label in labels(app.project, [row.id]) if label.kind == "spam"]
    return _keep(app, row, "spam", "no" if said[-1:] == ["yes"] else "yes")


def undo(app: XunkeApp) -> None:
    """Take the newest correction back."""
    from xunke.labels import undo as take_back

    try:
        gone = take_back(app.project)
    except XunkeError as error:
        app.tell_error(error)
        return
    if gone is None:
        app.tell("tui.correct.nothing", "warning")
    else:
        app.tell("tui.correct.undone", what=_what(app.cat, gone.kind, gone.value))
        app.main.found.reload()


def _keep(app: XunkeApp, row: PostRow, kind: str, value: str) -> bool:
    from xunke import labels

    try:
        labels.put(app.project, row.id, kind, "", value)
        n = labels.count(app.project, kind)
    except XunkeError as error:
        app.tell_error(error)
        return True
    app.clear_notifications()  # one word on it is enough, however fast the key is struck
    key = "tui.correct.done" if n < _LEARN_FROM else "tui.correct.can_learn"
    app.tell(key, what=_what(app.cat, kind, value), n=n)
    app.main.found.reload()
    return True


def _what(cat: Catalogue, kind: str, value: str) -> str:
    return cat.t(f"tui.mood.{value}") if kind == "sentiment" else cat.t(f"tui.correct.spam_{value}")


async def learn(db: Path) -> list[dict[str, Any]]:
    """Learn in a process of its own (the screen stays quick); one report a question, as ``xunke lexicon learn --json``.

    Raises StorageError("tui.learn.failed") with the last line that the process said.
    """
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "xunke", "lexicon", "learn", "--json", "--db", str(db),
        stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe,
    )  # fmt: skip
    try:
        told, said = await asyncio.wait_for(process.communicate(), _PATIENCE)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        raise
    if process.returncode != 0:
        lines = said.decode("utf-8", "replace").strip().splitlines()
        raise StorageError("tui.learn.failed", detail=lines[-1] if lines else str(process.returncode))
    return [json.loads(line) for line in told.decode("utf-8").splitlines()]


def lesson(cat: Catalogue, row: dict[str, Any]) -> str:
    """One report in a line: how right before and after, on the user's own labels."""
    what = cat.t(f"tui.learn.{row['kind']}", name=row["name"])
    if row["before"] is None:
        return cat.t("tui.learn.too_few", what=what, n=row["labels"])
    before, after = row["overall_before"] or row["before"], row["overall_after"] or row["after"]
    key = "tui.learn.adopted" if row["adopted"] else "tui.learn.not_adopted"
    return cat.t(key, what=what, n=row["labels"], before=before, after=after)
