"""calendar: planned content, festivals and solar terms, by ``xunke.actions.calendar``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from xunke.actions import calendar as actions
from xunke.config import user_path
from xunke.errors import UsageError
from xunke.events import Event

if TYPE_CHECKING:
    from .main import Context


def calendar(context: Context) -> int:
    """``xunke calendar [show|add|move|done|drop|mix|ideas|days|limit]``."""
    for event in _run(context):
        context.out.event(event)
    return 0


def _run(context: Context) -> Iterable[Event]:
    a, project = context.args, context.project
    if a.op == "add":
        return actions.add(
            project, _word(context, 0, "DATE"), " ".join(a.words[1:]), now=context.now, at=a.at,
            category=a.category, channel=a.channel, campaign=a.campaign, variant=a.variant,
            occasion=a.occasion, owner=a.owner,
        )  # fmt: skip
    if a.op in ("move", "done", "drop"):
        state = {"move": None, "done": "done", "drop": "dropped"}[a.op]
        day = a.day or (a.words[1] if len(a.words) > 1 else None)
        return actions.change(
            project, _id(_word(context, 0, "ID")), day=day, at=a.at, state=state, title=a.title, category=a.category,
            channel=a.channel, owner=a.owner, occasion=a.occasion,
        )  # fmt: skip
    if a.op == "limit":
        return actions.limit(project, _word(context, 0, "SHARE"))
    since, until = actions.window(today=context.today, month=a.month, since=a.from_, until=a.to)
    if a.op == "days":
        return [actions.occasions(since=since, until=until)]
    if a.op == "mix":
        return actions.mix(project, campaign=a.campaign, since=since if a.month or a.from_ else None,
                           until=until if a.month or a.to else None)  # fmt: skip
    if a.op == "ideas":
        return actions.suggest(project, since=since, until=until, campaign=a.campaign, every=max(1, a.every))
    if a.out is not None:
        return actions.export(project, user_path(a.out), now=context.now, since=since, until=until,
                              campaign=a.campaign, lang=context.out.cat.lang)  # fmt: skip
    return actions.show(project, since=since, until=until, campaign=a.campaign, terms=not a.no_terms)


def _word(context: Context, at: int, what: str) -> str:
    words = context.args.words
    if len(words) <= at:
        raise UsageError("cli.missing", names=what)
    return str(words[at])


def _id(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise UsageError("campaign.bad_number", value=text)
    return int(text)


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"calendar": calendar}
__all__ = ["COMMANDS"]
