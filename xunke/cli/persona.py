"""persona: who somebody or a group is, how they behave, what they need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from xunke.actions import personas, tags
from xunke.config import user_path
from xunke.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from xunke.events import Event

    from .main import Context


def persona(context: Context) -> int:
    """``xunke persona PERSON | --segment | --list | --result | --starter | --stale``."""
    args, out = context.args, context.out
    if args.stale:
        return show(context, personas.stale(context.project, today=context.today))
    if args.suggest or args.accept or args.reject:
        return _tags(context)
    if args.starter == "list":
        out.event(personas.kinds())
        return 0
    asked = asked_for(context) | {"person": args.person, "starter": args.starter}
    if args.tag is not None:
        if not (args.person or args.segment):
            raise UsageError("persona.tag_whom")
        out.event(personas.set_tag(context.project, args.tag, lang=out.cat.lang, today=context.today, **asked))
        return 0
    file = None if args.out is None else user_path(args.out)
    events = personas.card(
        context.project, today=context.today, lang=out.cat.lang, format=args.format, out=file, names=args.names, **asked
    )
    return show(context, events)


def _tags(context: Context) -> int:
    from xunke.engine import Engine, Options

    args, out = context.args, context.out
    engine = Engine(context.project, today=context.today, options=Options(lang=out.cat.lang))
    for said, good in ((args.accept, True), (args.reject, False)):
        if said is not None:
            out.event(tags.answer(engine, said, good))
    if not args.suggest:
        return 0
    return show(context, tags.offered(engine, person=args.person, limit=args.limit, **asked_for(context)))


def asked_for(context: Context) -> dict[str, Any]:
    """The group that the options name."""
    args = context.args
    return {"segment": args.segment, "list_name": args.list_name, "result": args.result}


def show(context: Context, events: AsyncIterator[Event]) -> int:
    """Show the events as they come."""

    async def run() -> None:
        async for event in events:
            context.out.event(event)

    asyncio.run(run())
    return 0


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"persona": persona}
__all__ = ["COMMANDS", "asked_for", "show"]
