"""note: what was said, asked and promised, of people, segments and campaigns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from xunke.actions import ladder_words
from xunke.errors import UsageError
from xunke.events import Event

from .touch import show, word

if TYPE_CHECKING:
    from .main import Context


def note(context: Context) -> int:
    """``xunke note @PERSON TEXT``, ``note list [PERSON]``, ``note done N``, ``note template KIND``."""
    op = context.args.words[0] if context.args.words else "list"
    return show(context, _OPS.get(op, _add)(context))


def _list(context: Context) -> list[Event]:
    args = context.args
    who = args.words[1] if len(args.words) > 1 else None
    return ladder_words.note_table(
        context.project, who=who, segment=args.segment, campaign=args.campaign, kind=args.kind, open_only=args.open
    )


def _done(context: Context) -> list[Event]:
    number = word(context, 1, "N").lstrip("#")
    if not number.isdigit():
        raise UsageError("cli.bad_number", name="N", value=number)
    return ladder_words.note_done(context.project, int(number), now=context.now)


def _template(context: Context) -> list[Event]:
    return ladder_words.note_template(word(context, 1, "KIND"))


def _add(context: Context) -> list[Event]:
    args = context.args
    words, who = list(args.words), None
    if words[0].startswith(("@", "＠")) or not (args.segment or args.campaign):
        who = words.pop(0)
    if not words:
        raise UsageError("cli.missing", names="TEXT")
    return ladder_words.note(
        context.project, " ".join(words), now=context.now, who=who, segment=args.segment, campaign=args.campaign,
        kind=args.kind or "note", due=args.due, owner=args.owner,
    )  # fmt: skip


_OPS: Final[dict[str, Callable[[Context], list[Event]]]] = {"list": _list, "done": _done, "template": _template}
COMMANDS: Final[dict[str, Callable[[Any], int]]] = {"note": note}
__all__ = ["COMMANDS"]
