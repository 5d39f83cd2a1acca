"""watch: what is fetched again and again, and what each time brought."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from xunke import actions
from xunke.actions import watches
from xunke.errors import BadInput, UsageError
from xunke.storage import schedules as rows

from .playing import play

if TYPE_CHECKING:
    from xunke.engine import Engine

    from .main import Context

_EVERY: Final = re.compile(r"([1-9]\d{0,2})([hdwm])")
_AT: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def watch(context: Context) -> int:
    """``xunke watch [list|add|run|digest|pause|resume|cancel]``."""
    args = context.args
    if args.op == "add":
        return _add(context)
    if args.op == "list":
        context.out.event(watches.table(context.project))
        return 0
    found = _chosen(context)
    if args.op == "digest":
        for one in found:
            for table in watches.last_digest(context.project, one):
                context.out.event(table)
        return 0
    return asyncio.run(play(context, actions.act_on(_engine(context), args.op, found, None)))


def _engine(context: Context) -> Engine:
    from xunke.engine import Engine, Options

    options = Options(lang=context.out.cat.lang, allow_private=context.args.allow_private_address)
    return Engine(context.project, today=context.today, options=options)


def _chosen(context: Context) -> list[rows.Schedule]:
    """The watch that is named; without a name all of them (never for cancelling)."""
    name = context.args.what
    every = watches.watches(context.project)
    if name is None:
        if context.args.op == "cancel":
            raise UsageError("cli.missing", names="NAME")
        if not every:
            raise BadInput("watch.none")
        return every
    found = [one for one in actions.chosen(context.project, context.args.op, name) if one.kind == "watch"]
    if not found:
        raise BadInput("watch.unknown", name=name, known="；".join(f"S{w.id} {w.name}" for w in every[:10]) or "—")
    return found


def _add(context: Context) -> int:
    from xunke.jobs import Live

    from .sources import MODES, asked

    args = context.args
    if args.what is None:
        raise UsageError("cli.missing", names="PLATFORM")
    if not any(getattr(args, mode) is not None for mode in MODES):
        raise UsageError("cli.missing", names=" | ".join(f"--{mode}" for mode in MODES))
    if not _EVERY.fullmatch(args.every):
        raise UsageError("watch.every", value=args.every)
    if args.at is not None and not _AT.fullmatch(args.at):
        raise UsageError("watch.at", value=args.at)
    args.platform, args.follow = args.what, None
    source, query = asked(context)
    event = watches.add(
        context.project, Live(source.name, query), every=args.every, at=args.at, name=args.name, now=int(time.time())
    )
    context.out.event(event)
    if context.out.json:
        found = watches.watches(context.project)[-1]
        context.out.object(
            {"id": f"S{found.id}", "name": found.name, "what": json.loads(found.plan), "next": found.due}
        )
    return 0


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"watch": watch}
__all__ = ["COMMANDS"]
