"""What an endpoint turned out to be able to do: the rung of the ladder that worked, for each endpoint and model.

Remembered in the user's configuration folder with the day, and forgotten after a fortnight: servers are updated.
"""

from __future__ import annotations

import contextlib
from datetime import date, timedelta
from pathlib import Path
from typing import Final, Literal, get_args

import msgspec

from xunke import private
from xunke.errors import XunkeError

from .settings import Settings, folder

Rung = Literal["tool", "auto", "schema", "json", "plain"]
RUNGS: Final[tuple[Rung, ...]] = get_args(Rung)
"""Best first: a named tool, tools to choose from, a JSON schema, JSON mode, JSON asked for in words."""
_VALID_FOR: Final = timedelta(days=14)
_MOST: Final = 50


class Lesson(msgspec.Struct, frozen=True, omit_defaults=True):
    """The rung that worked on ``day``, and the model that the endpoint chose where none was named."""

    rung: Rung
    day: date
    model: str | None = None


def _file() -> Path:
    return folder() / "learned.json"


def _all() -> dict[str, Lesson]:
    try:
        return msgspec.json.decode(_file().read_bytes(), type=dict[str, Lesson])
    except (OSError, ValueError, RecursionError):
        return {}


def _key(settings: Settings) -> str:
    return f"{settings.endpoint} {settings.model or ''}".strip()


def of(settings: Settings, today: date) -> Lesson | None:
    """What was learnt of this endpoint and model, if it is not too old."""
    found = _all().get(_key(settings))
    return found if found is not None and today - _VALID_FOR <= found.day <= today else None


def learn(settings: Settings, lesson: Lesson) -> None:
    """Remember ``lesson``; written only if it says something new."""
    known = _all()
    key = _key(settings)
    before = known.pop(key, None)
    same = before is not None and (before.rung, before.model) == (lesson.rung, lesson.model)
    if same and before is not None and lesson.day - _VALID_FOR <= before.day <= lesson.day:
        return
    known[key] = lesson  # last: the oldest go first
    _write(dict(list(known.items())[-_MOST:]))


def forget(settings: Settings) -> None:
    """Forget what was learnt of this endpoint and model: it is tried from the top again."""
    known = _all()
    if known.pop(_key(settings), None) is not None:
        _write(known)


def _write(known: dict[str, Lesson]) -> None:
    with contextlib.suppress(OSError, XunkeError):  # a disk that is full costs a question more next time, no plan
        private.write(_file(), msgspec.json.format(msgspec.json.encode(known), indent=2).decode() + "\n")
