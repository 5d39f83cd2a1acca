"""connect llm, what doctor says of it, and sentences understood by a model where one is connected."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import msgspec

from xunke.errors import NeedsAnswer, UsageError
from xunke.events import Progress
from xunke.i18n import Catalogue
from xunke.llm import learned, settings, understand
from xunke.llm.settings import KeyPlace, Settings
from xunke.plan import Plan
from xunke.secrets import looks_like_secret, mask

from . import hidden

if TYPE_CHECKING:
    from .main import Context

SHOWN: Final = ("endpoint", "model", "where", "key_present", "rung", "local_only")
"""What doctor tells of a model."""


def connect(context: Context) -> int:
    """``xunke connect llm``: connect, switch on or off, or, without options, say what is connected."""
    args, out = context.args, context.out
    if args.instance is not None:
        raise UsageError("cli.unknown_words", names="--instance")
    if args.off or args.forget_key:
        if args.forget_key:
            settings.forget_key()
            out.say(out.cat.t("llm.forgot"))
        if args.off:
            out.say(out.cat.t("llm.none" if settings.switch(False) is None else "llm.off"))
        return 0
    if not any((args.endpoint, args.model, args.key, args.key_env, args.deadline, args.on)) and args.local_only is None:
        found = settings.load()
        out.say(out.cat.t("llm.none") if found is None else _connected(found, out.cat))
        return 0
    found = settings.connect(
        args.endpoint,
        model=args.model,
        key=None if args.key_env is None else KeyPlace("env", args.key_env),
        local_only=args.local_only,
        deadline=args.deadline,
    )
    if args.key:
        place = settings.store_key(_typed(out.cat), found.endpoint, in_file=args.key_in_file)
        found = msgspec.structs.replace(found, key=place)
        settings.save(found)
    out.say(_connected(found, out.cat))
    if found.key.kind != "none" and settings.read_key(found.key) is None:
        out.say(out.cat.t("llm.no_key"))
    return 0


def _connected(found: Settings, cat: Catalogue) -> str:
    return cat.t("llm.connected" if found.on else "llm.off", **settings.told(found))


def _typed(cat: Catalogue) -> str:
    """The key, typed without an echo or read from standard input: never an argument, which others could see."""
    if sys.stdin.isatty():
        return hidden.ask(cat.t("llm.ask_key"), secret=True)
    return sys.stdin.readline(8192)


def state() -> dict[str, Any]:
    """A row of doctor as machine values: whether a model is connected, and what is known of it."""
    from xunke.clock import today

    found = settings.load()
    if found is None:
        return {"platform": "llm", "state": "none", "ready": False}
    present = settings.read_key(found.key) is not None
    lesson = learned.of(found, today())
    lacks = found.key.kind != "none" and not present
    said = "off" if not found.on else "key_missing" if lacks else "ready"
    return {
        "platform": "llm", "state": said, "ready": said == "ready", **settings.told(found),
        "key_present": present, "rung": lesson.rung if lesson else None, "local_only": found.local_only,
    }  # fmt: skip


_STATES: Final = {"none": "llm.none", "off": "llm.state_off", "key_missing": "llm.key_missing", "ready": "llm.ready"}


def lines(row: Mapping[str, Any], cat: Catalogue) -> list[str]:
    """The same for people."""
    found = [f"llm: {cat.t(_STATES[row['state']], **row)}"]
    for key in SHOWN:
        if (value := row.get(key)) not in (None, ""):
            shown = cat.t("value.yes" if value else "value.no") if isinstance(value, bool) else value
            found.append(f"    {cat.t(f'doctor.{key}')}: {shown}")
    return found


def read(
    context: Context,
    sentence: str,
    today: date,
    prev: tuple[str, Plan] | None,
    *,
    model: bool,
    names: Mapping[str, str] | None = None,
) -> tuple[str, Plan]:
    """(the sentence as it may be kept, its plan), by the connected model if ``model`` allows it. Says who made it."""
    out = context.out
    chosen = settings.active() if model else None
    if looks_like_secret(sentence):
        out.say(out.cat.t("llm.secret"))
        sentence, chosen = mask(sentence), None
    if chosen is not None:
        out.progress(Progress("model", 0))
    found = understand(sentence, today=today, prev=prev, names=names, settings=chosen)
    for key, params in found.notes:
        out.say(out.cat.t(key, **params))
    return sentence, found.plan


def required() -> None:
    """Raise NeedsAnswer where a model is asked for and none is connected."""
    if settings.active() is None:
        raise NeedsAnswer("llm.none")
