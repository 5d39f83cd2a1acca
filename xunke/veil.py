"""What stands between people's names and whoever looks: every screen, line and file passes ``veiled``.

Two things are hidden. Whoever must not be found (the do-not-contact list) is masked in what others say of them,
always. And where the project shows codes instead of names (``held --set names=codes``), every name, handle, id and
link of a person is a code, but in a list that was made and its files (``lifted``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Final, Protocol

import msgspec

from xunke.events import Answer, Event, FileWritten, Imported, Progress, Table

NAMES: Final = frozenset({
    "name", "handle", "author", "who", "person", "actor", "target", "own", "reader", "source_name", "follower",
    "account", "author_id", "id", "url", "link", "profile", "page", "native_id", "example", "examples", "names",
    "people",
})  # fmt: skip
"""Keys of rows whose whole value may be a name, however short."""

MADE: Final = frozenset({"list.rows"})
"""Tables that show a list that was made: the one place where codes give way to names."""
_SHOWN: Final = ("params", "lines", "data", "text", "plan", "stages")


class Veil(Protocol):
    """What hides; ``storage.naming`` makes it for a project."""

    def text(self, text: str, *, named: bool) -> str:
        """``text`` with what must be hidden masked; ``named``: names may stand."""

    def whole(self, value: str, platform: str | None) -> str:
        """A value that is nothing but a name, handle, id or link, as its code."""

    def code(self, account: int) -> str | None:
        """What to call an account; None where names are shown."""


_drawn: Veil | None = None
_lifted: ContextVar[bool] = ContextVar("lifted", default=False)


def draw(veil: Veil | None) -> None:
    """Hide by ``veil`` from now on, in this process (None: nothing is hidden)."""
    global _drawn
    _drawn = veil


@contextlib.contextmanager
def drawn(veil: Veil | None) -> Iterator[None]:
    """``draw`` for as long as this lasts."""
    before = _drawn
    draw(veil)
    try:
        yield
    finally:
        draw(before)


@contextlib.contextmanager
def lifted() -> Iterator[None]:
    """Names may stand inside: a list that was made, its files, and what a person gets about themself."""
    token = _lifted.set(True)
    try:
        yield
    finally:
        _lifted.reset(token)


def veiled(text: str) -> str:
    """``text`` as it may be shown or written."""
    return text if _drawn is None else _drawn.text(text, named=_lifted.get())


def person(account: int, name: str) -> str:
    """What an account is called where it is known which one it is."""
    code = None if _drawn is None or _lifted.get() else _drawn.code(account)
    return name if code is None else code


def event(told: Event) -> Event:
    """An event as it may be shown: cells of tables by their columns, and every other string."""
    if _drawn is None or isinstance(told, FileWritten | Imported | Progress):
        return told
    with lifted() if isinstance(told, Table) and told.title in MADE else contextlib.nullcontext():
        changes = {name: value(getattr(told, name)) for name in told.__struct_fields__ if name in _SHOWN}
        if isinstance(told, Table):
            at = told.columns.index("platform") if "platform" in told.columns else None
            changes["rows"] = [
                [value(cell, key, None if at is None else row[at])
                 for key, cell in zip(told.columns, row, strict=False)] for row in told.rows
            ]  # fmt: skip
        if isinstance(told, Answer):
            changes["sentences"] = [
                msgspec.structs.replace(one, params=value(one.params), refs=value(one.refs)) for one in told.sentences
            ]
    return msgspec.structs.replace(told, **changes)


def value(found: Any, key: str = "", platform: str | None = None) -> Any:
    """``veiled`` for a value of an event or of a row: the strings in it, at any depth."""
    if _drawn is None:
        return found
    if isinstance(found, str):
        if key in NAMES and not _lifted.get():
            found = _drawn.whole(found, platform)
        return veiled(found)
    if isinstance(found, dict):
        named = found.get("platform")
        platform = named if isinstance(named, str) else platform
        return {k: value(v, str(k), platform) for k, v in found.items()}
    if isinstance(found, list | tuple):
        return type(found)(value(one, key, platform) for one in found)
    return found
