"""touch: the day's queue, what was done and what came of it, drafts and their check, limits, the four rights."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from xunke import labels
from xunke.actions import ladder, ladder_words
from xunke.errors import UsageError
from xunke.events import Event, Table, Warned

if TYPE_CHECKING:
    from .main import Context

_REFUSED: Final = frozenset({"check.not_ready", "gate.may_not"})
"""What ends the command with exit code 1."""


def touch(context: Context) -> int:
    """``xunke touch [today|done|skip|…]``."""
    return show(context, _OPS[context.args.op](context))


def show(context: Context, events: Iterable[Event]) -> int:
    """Print events; of a table with whole rows behind it, those with ``--json``."""
    code = 0
    for event in events:
        if isinstance(event, Warned) and event.code in _REFUSED:
            code = 1
        if isinstance(event, Table) and context.out.json and "items" in event.params:
            for row in event.params["items"]:
                context.out.object(row)
        else:
            context.out.event(event)
    return code


def noon_of(context: Context) -> int:
    """Now; of another day that ``--today`` names its noon (China time): at a day's last second, ``Context.now``, the
    quiet hours would forbid every step. ``--at``: that time of the day (China time), or of the day it names.
    """
    from xunke.clock import start_of, today

    if (said := getattr(context.args, "at", None)) is not None:
        return _at(said, context.today)
    return context.now if context.today == today() else start_of(context.today) + 12 * 3600


def _at(said: str, day: date) -> int:
    """The second (UTC) of ``23:30`` on ``day``, or of ``2026-11-22 23:30``. Raises UsageError("touch.at")."""
    from xunke.clock import ZONE

    head, _, clock = said.strip().replace("T", " ").rpartition(" ")
    try:
        return int(datetime.fromisoformat(f"{head or day} {clock.zfill(5)}").replace(tzinfo=ZONE).timestamp())
    except ValueError:
        raise UsageError("touch.at", said=said) from None


def word(context: Context, at: int, name: str) -> str:
    """The word at a place behind the operation. Raises UsageError if there is none."""
    words: list[str] = context.args.words
    if len(words) <= at:
        raise UsageError("cli.missing", names=name)
    return words[at]


def _today(context: Context) -> list[Event]:
    args = context.args
    limit = {} if args.limit is None else {"limit": args.limit}
    return ladder.today(
        context.project, now=noon_of(context), minutes=args.minutes, list_name=args.list, segment=args.segment,
        campaign=args.campaign, own_first=args.own_first, **limit,
    )  # fmt: skip


def _followup(context: Context) -> list[Event]:
    args = context.args
    limit = {} if args.limit is None else {"limit": args.limit}
    return ladder_words.followup(context.project, now=noon_of(context), list_name=args.list, **limit)


def _done(context: Context) -> list[Event]:
    args = context.args
    return ladder.done(
        context.project, word(context, 0, "N|PERSON"), now=noon_of(context), step=args.step, channel=args.channel,
        minutes=args.minutes, variant=args.variant, campaign=args.campaign, text=args.text, note=args.note,
        owner=args.owner, outside=args.outside,
    )  # fmt: skip


def _put_off(context: Context) -> list[Event]:
    act, usual = (ladder.skip, 7) if context.args.op == "skip" else (ladder.later, 3)
    days = usual if context.args.days is None else context.args.days
    return act(context.project, word(context, 0, "N|PERSON"), now=noon_of(context), days=days)


def _outcome(context: Context) -> list[Event]:
    who, kind = word(context, 0, "N|PERSON"), word(context, 1, "OUTCOME")
    return ladder.outcome(
        context.project, who, kind, now=noon_of(context), value=context.args.value, note=context.args.note
    )


def _post(context: Context) -> int | None:
    return None if context.args.post is None else labels.find_post(context.project, context.args.post)


def _draft(context: Context) -> list[Event]:
    args = context.args
    return ladder.draft(
        context.project, word(context, 0, "N|PERSON"), now=noon_of(context), post=_post(context), step=args.step,
        turn=args.turn,
    )  # fmt: skip


def _check(context: Context) -> list[Event]:
    args = context.args
    return ladder.check(
        context.project, word(context, 0, "TEXT"), args.person, now=noon_of(context), step=args.step,
        channel=args.channel, post=_post(context), segment=args.segment,
    )  # fmt: skip


def _may(context: Context) -> list[Event]:
    args = context.args
    return ladder.allowed(
        context.project, word(context, 0, "N|PERSON"), args.step or "reply", now=noon_of(context), channel=args.channel
    )


def _open(context: Context) -> list[Event]:
    """Print the address; ``--open`` hands it to the system's browser where a person sits at a terminal."""
    url, events = ladder.address(context.project, word(context, 0, "N|PERSON"), now=noon_of(context))
    if url is not None:
        if context.out.json:
            context.out.object({"url": url})
        else:
            context.out.data(url)
        if context.args.open and sys.stdout.isatty():
            import webbrowser

            webbrowser.open(url)
    return events


def _log(context: Context) -> list[Event]:
    who = context.args.words[0] if context.args.words else None
    return ladder.history(context.project, who, limit=context.args.limit or 50)


def _limits(context: Context) -> list[Event]:
    if context.args.words:
        return ladder.set_limits(context.project, context.args.words)
    return [ladder.limit_table(context.project)]


def _preflight(context: Context) -> list[Event]:
    args = context.args
    return ladder.four_rights(
        context.project, word(context, 0, "LIST"), now=noon_of(context), step=args.step, channel=args.channel,
        text=args.text,
    )  # fmt: skip


def _neglected(context: Context) -> list[Event]:
    return ladder.neglected(
        context.project, now=noon_of(context), limit=context.args.limit or 20, everyone=context.args.all
    )


def _value(context: Context) -> list[Event]:
    args, project = context.args, context.project
    op = args.words[0] if args.words else "list"
    if op == "add":
        return ladder_words.value_add(
            project, word(context, 1, "TEXT"), need=args.need, topic=args.topic, segment=args.segment, proof=args.proof
        )
    if op == "remove":
        number = word(context, 1, "N")
        if not number.isdigit():
            raise UsageError("cli.bad_number", name="N", value=number)
        return ladder_words.value_remove(project, int(number))
    if op == "list":
        return ladder_words.value_table(project)
    raise UsageError("cli.bad_choice", name="value", value=op, known="add, list, remove")


def _import(context: Context) -> list[Event]:
    from xunke.config import user_path

    return ladder_words.bring(context.project, user_path(word(context, 0, "FILE")))


_OPS: Final[dict[str, Callable[[Context], list[Event]]]] = {
    "today": _today, "done": _done, "skip": _put_off, "later": _put_off, "outcome": _outcome, "draft": _draft,
    "check": _check, "open": _open, "may": _may, "log": _log, "undo": lambda context: ladder.undo(context.project),
    "limits": _limits, "preflight": _preflight, "neglected": _neglected,
    "followup": _followup, "value": _value, "import": _import,
}  # fmt: skip
COMMANDS: Final[dict[str, Callable[[Any], int]]] = {"touch": touch}
__all__ = ["COMMANDS", "show", "word"]
