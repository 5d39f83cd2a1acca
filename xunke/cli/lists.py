"""list, queue, context: lists of people under a budget, what waits for us, where people can be met."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from xunke import actions, veil
from xunke.actions import lists as acts
from xunke.actions import queues
from xunke.actions.exchange import overlap
from xunke.actions.tables import write_table
from xunke.config import user_path
from xunke.errors import UsageError
from xunke.events import Done, Event, Table
from xunke.outreach import list_make, lists, reach
from xunke.outreach.context import KINDS
from xunke.outreach.list_pick import Rules
from xunke.persona import understand_people

from .playing import play
from .words import word

if TYPE_CHECKING:
    from xunke.engine import Engine

    from .main import Context

_NEEDS: Final = {
    "create": 1, "show": 1, "export": 1, "set": 1, "rename": 2, "merge": 2, "minus": 2, "add": 2, "remove": 2,
    "tag": 2, "overlap": 2, "bulk": 1, "drop": 1, "why-not": 2,
}  # fmt: skip
"""How many words each operation needs: the list's name, then what it is done with."""


def listing(context: Context) -> int:
    """``xunke list``."""
    args = context.args
    if len(args.words) < _NEEDS.get(args.op, 0):
        raise UsageError("cli.no_list" if not args.words else "list.more_words")
    if args.op == "export":
        from xunke.outreach.exports import of_list

        from .data import write

        entry = lists.by_name(context.project, args.words[0])  # also one that is called "people" or "7"
        return write(context, of_list(context.project, entry), args.format, args.out)
    for event in _overlap(context) if args.op == "overlap" else _events(context):
        context.out.event(event)
    return 0


def _overlap(context: Context) -> Iterator[Event]:
    args = context.args
    said = word(context.out.cat, args.secret_file, ask=args.secret)
    if said is None:
        raise UsageError("cli.missing", names="--secret-file")
    return overlap(context.project, args.words[0], user_path(args.words[1]), said, now=context.now)


def _events(context: Context) -> Iterator[Event]:
    args, project, now = context.args, context.project, context.now
    name, rest = (args.words[0] if args.words else ""), args.words[1:]
    match args.op:
        case "all":
            return acts.table(project, now=now)
        case "create":
            return _create(context, name, now)
        case "show":
            return _show(context, name, now)
        case "set":
            return acts.set_fields(
                project, name, today=context.today, purpose=args.purpose, basis=args.basis, expires=args.expires
            )
        case "rename":
            return acts.set_fields(project, name, today=context.today, rename=rest[0])
        case "dedupe":
            return acts.dedupe(project, name or None)
        case "tag":
            return acts.tag(project, name, rest[0], where=args.where, people=rest[1:], now=now)
        case "bulk":
            if args.where is None or args.do is None:
                raise UsageError("cli.missing", names="--where, --do")
            return acts.bulk(project, name, args.do, args.where, now=now, yes=args.yes)
        case "why-not":
            return _why_not(context, acts.why_not(project, name, rest[0], now=now))
        case "minutes":
            return acts.minutes(project, _minutes(args.words))
        case "guard":
            return acts.guard(project, _whole(name) if name else None)
        case _:
            return acts.change(project, args.op, name, rest, now=now)


def _why_not(context: Context, events: Iterable[Event]) -> Iterator[Event]:
    """The sentences of an answer; with ``--json`` each is an object on standard output, too."""
    for event in events:
        if context.out.json and isinstance(event, Done):
            context.out.object({"reason": event.code.removeprefix("list.not."), **event.params})
        yield event


def _show(context: Context, name: str, now: int) -> Iterator[Event]:
    args, project, out = context.args, context.project, context.out
    entry = lists.by_name(project, name)
    if entry.target != "people":
        from xunke.outreach.exports import of_list, post_rows

        kept = post_rows(project, of_list(project, entry), out.cat, {})
        with veil.lifted():
            out.rows(("rank", "platform", "id", "author", "time", "text"), kept)
        return iter(())
    if args.page is not None and args.page < 1:
        raise UsageError("cli.bad_limit", limit=args.page)
    return acts.show(project, name, cat=out.cat, now=now, page=args.page, sort=args.sort)


def _create(context: Context, name: str, now: int) -> Iterator[Event]:
    args = context.args
    ask = _ask(context)
    if ask is not None:
        asyncio.run(play(context, understand_people(context.project)))
    source = args.source if args.source is not None else None if args.result is None else str(args.result)
    return acts.create(
        context.project, name, source=source, ask=ask, now=now, today=context.today, purpose=args.purpose,
        basis=args.basis, expires=args.expires,
    )  # fmt: skip


def _ask(context: Context) -> list_make.Ask | None:
    """What the options ask for; None where none of them was used."""
    args = context.args
    rules = Rules(
        shares=_pairs(args.quota, share_of), least={k: int(v) for k, v in _pairs(args.least, _whole).items()},
        each=args.each, luck=share_of(args.luck), hold=share_of(args.hold_out), seed=args.seed,
    )  # fmt: skip
    given = {unit: getattr(args, unit) for unit in ("minutes", "touches", "money") if getattr(args, unit) is not None}
    unit, budget = next(iter(given.items()), ("touches", None))
    if budget is not None and not (math.isfinite(budget) and budget > 0):
        raise UsageError("seeds.bad_budget", budget=budget)
    if (args.cost is None) is (unit == "money"):
        raise UsageError("list.cost")
    if rules.hold >= 1 or sum(rules.shares.values()) > 1 + 1e-9 or (args.each is not None and args.each < 1):
        raise UsageError("list.shares")
    if budget is None and (rules.shares or rules.luck or args.spread):
        raise UsageError("list.no_budget")
    other = args.own_first or args.without or args.step or args.by_value or args.source is not None
    if budget is None and rules == Rules(seed=args.seed) and not other:
        return None
    return list_make.Ask(
        replace(rules, budget=None if budget is None else float(budget)), unit,  # type: ignore[arg-type]
        None if args.cost is None else reach.prices(context.project, args.cost), args.step, args.spread,
        args.own_first, [lists.by_name(context.project, name) for name in args.without], args.by_value,
    )  # fmt: skip


def share_of(text: str) -> float:
    """A share: ``0.1`` or ``10%``. Raises UsageError("list.share")."""
    match = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*([%％]?)\s*", text)
    share = float(match[1]) / (100 if match[2] else 1) if match else -1.0
    if not 0 <= share <= 1:
        raise UsageError("list.share", text=text)
    return share


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text.strip()):
        raise UsageError("list.whole", text=text)
    return int(text)


def _pairs(texts: Iterable[str], read: Callable[[str], float]) -> dict[str, float]:
    found = {}
    for text in texts:
        name, sign, value = text.rpartition("=")
        if not sign or not name.strip():
            raise UsageError("list.pair", text=text)
        found[name.strip()] = read(value)
    return found


def _minutes(words: Iterable[str]) -> dict[str, float]:
    def number(text: str) -> float:
        if not re.fullmatch(r"\d{1,4}(?:\.\d{1,2})?", text.strip()):
            raise UsageError("list.whole", text=text)
        return float(text)

    return _pairs(words, number)


# -- queues and places ---------------------------------------------------------------------------------------------


def queue(context: Context) -> int:
    """``xunke queue``: what waits for us; putting a row off, leaving it out, noting it as done."""
    args = context.args
    said = {state: getattr(args, state) for state in ("later", "drop", "done", "open") if getattr(args, state)}
    if args.limit < 1:
        raise UsageError("cli.bad_limit", limit=args.limit)
    for state, post in said.items():
        code = {"drop": "dropped"}.get(state, state)
        more = {"days": args.days} if args.days is not None else {}
        for event in queues.set_state(context.project, code, post, now=context.now, name=args.name, **more):
            context.out.event(event)
    if said:
        return 0
    events = queues.queue(
        engine_of(context), args.name, now=context.now, people=_whom(args), topic=args.topic, limit=args.limit,
        days=args.days,
    )  # fmt: skip
    return asyncio.run(play(context, events))


def _whom(args: Any) -> str | None:
    if args.segment and args.of_list:
        raise UsageError("context.whom")
    return f"segment:{args.segment}" if args.segment else f"list:{args.of_list}" if args.of_list else None


def engine_of(context: Context) -> Engine:
    """An engine for actions that analyse."""
    from xunke.engine import Engine, Options

    return Engine(context.project, today=context.today, options=Options(lang=context.out.cat.lang))


def meet(context: Context) -> int:
    """``xunke context``: where a segment, a list or those who talk about something can be met."""
    args = context.args
    if args.limit < 1 or not 1 <= args.days <= 3660:
        raise UsageError("cli.bad_limit", limit=min(args.limit, args.days))
    kinds = KINDS if args.kinds is None else [k.strip() for k in args.kinds.split(",") if k.strip()]
    events = queues.meet(
        engine_of(context), now=context.now, people=_whom(args), topic=args.topic, limit=args.limit,
        days=args.days, kinds=kinds,
    )  # fmt: skip
    return asyncio.run(play_out(context, events))


async def play_out(context: Context, events: AsyncIterator[Event]) -> int:
    """Show the events; the table goes to a file too where one was named."""
    args, out = context.args, context.out
    async for event in events:
        out.event(event)
        if isinstance(event, Table) and (args.out or args.format):
            target = None if args.out is None else user_path(args.out)
            suffix = "" if target is None else target.suffix.lstrip(".").lower()
            out.event(write_table(
                context.project, event, args.format or suffix or "xlsx", path=None if target is None else target.name,
                folder=actions.default_folder(context.project) if target is None else target.parent, lang=out.cat.lang,
            ))  # fmt: skip
    return 0


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"list": listing, "queue": queue, "context": meet}
