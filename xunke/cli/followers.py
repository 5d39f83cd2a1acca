"""followers: who came, left, sleeps, is to be woken, speaks for us, answers; and lists of followers from files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from xunke.actions.fans import VIEWS, fans
from xunke.clock import day_of
from xunke.config import user_path
from xunke.errors import UsageError

from .main import parse_since, parse_until
from .playing import play

if TYPE_CHECKING:
    from .main import Context


def followers(context: Context) -> int:
    """``xunke followers [WHAT] [ACCOUNT]``, ``xunke followers import FILE…``."""
    args = context.args
    words = list(args.words)
    what = next((word for word in words[:2] if word in VIEWS or word == "import"), None)
    if what is not None:
        words.remove(what)
    if what == "import":
        return _bring(context, words)
    if len(words) > 1:
        raise UsageError("followers.what", what=words[0], known=", ".join((*VIEWS, "import")))
    if args.limit < 1:
        raise UsageError("cli.bad_whole", name="--limit", value=str(args.limit))
    from xunke.engine import Engine, Options

    engine = Engine(context.project, today=context.today, options=Options(lang=context.out.cat.lang))
    events = fans(
        engine, what or "summary", account=words[0] if words else args.own, limit=args.limit, person=args.person,
        by=args.by, since=None if args.since is None else day_of(parse_since(args.since)),
        until=None if args.until is None else day_of(parse_until(args.until)),
    )  # fmt: skip
    return asyncio.run(play(context, events))


def _bring(context: Context, paths: list[str]) -> int:
    from xunke.jobs import run_import

    args = context.args
    if not paths:
        raise UsageError("cli.no_path")
    mapping: dict[str, Any] = {"whole": args.whole} if args.whole or args.partial else {}
    if args.own is not None:
        mapping["own"] = args.own
    if args.date is not None:
        try:
            day = date.fromisoformat(args.date)
        except ValueError:
            raise UsageError("cli.bad_date", date=args.date) from None
        if day > context.today:
            raise UsageError("followers.future", day=args.date)
        mapping["date"] = args.date
    events = run_import(
        context.project, [user_path(p) for p in paths], format="followers", mapping=mapping, dry_run=args.dry_run
    )
    return asyncio.run(play(context, events))


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"followers": followers}
