"""segment: people in groups, kept, checked and chosen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, Final

from xunke.actions import needs
from xunke.actions import segment_judge as judge
from xunke.actions import segment_kept as kept
from xunke.actions import segment_new as new
from xunke.actions import segment_treat as treats
from xunke.errors import UsageError

from .lists import play_out
from .playing import play

if TYPE_CHECKING:
    from datetime import date

    from xunke.engine import Engine
    from xunke.events import Event

    from .main import Context


def segment(context: Context) -> int:
    """``xunke segment [cut|save|list|…]``."""
    from xunke.engine import Engine, Options

    engine = Engine(context.project, today=context.today, options=Options(lang=context.out.cat.lang))
    events = _RUN[context.args.op](context, engine)
    return asyncio.run(play_out(context, events) if context.args.out else play(context, events))


async def _all(events: Iterable[Event]) -> AsyncIterator[Event]:
    for event in events:
        yield event


def _words(context: Context, *names: str) -> list[str]:
    """The words after the operation: exactly these."""
    given = list(context.args.what)
    if len(given) < len(names):
        raise UsageError("cli.missing", names=" ".join(names[len(given) :]))
    if len(given) > len(names):
        raise UsageError("cli.unknown_words", names=" ".join(given[len(names) :]))
    return given


def _review(context: Context) -> date | None:
    from .main import parse_date

    return None if context.args.review is None else parse_date(context.args.review)


def _cut(context: Context, engine: Engine) -> AsyncIterator[Event]:
    args = context.args
    _words(context)
    return kept.cut(
        engine, rule=args.rule, method=args.method, by=args.by, k=args.k, among=args.among, group=args.group,
        limit=args.limit,
    )  # fmt: skip


def _save(context: Context, engine: Engine) -> AsyncIterator[Event]:
    args = context.args
    (name,) = _words(context, "NAME")
    return kept.save(
        engine, name, rule=args.rule, method=args.method, group=args.group, by=args.by, k=args.k, among=args.among,
        result=args.result, review=_review(context), note=args.note, as_list=args.as_list,
    )  # fmt: skip


def _refresh(context: Context, engine: Engine) -> AsyncIterator[Event]:
    return kept.refresh(engine, _words(context, "NAME")[0] if context.args.what else None)


def _matrix(context: Context, engine: Engine) -> AsyncIterator[Event]:
    args = context.args
    a, b = _words(context, "FACET", "FACET")
    return judge.matrix(engine, a, b, cell=args.cell, among=args.among, limit=args.limit)


def _choose(context: Context, engine: Engine) -> AsyncIterator[Event]:
    args = context.args
    _words(context)
    return judge.choose(
        engine, rivals=args.rival, weights=_weights(args.weight), strategy=args.strategy, pick=args.pick
    )


def _weights(given: list[str]) -> dict[str, float]:
    out = {}
    for word in given:
        name, _, number = word.partition("=")
        try:
            out[name] = float(number)
        except ValueError:
            raise UsageError("cli.bad_number", name="--weight", value=word) from None
    return out


def _niches(context: Context, engine: Engine) -> AsyncIterator[Event]:
    _words(context)
    return judge.niches(engine, goal=context.args.goal, by=context.args.by, limit=context.args.limit)


def _treat(context: Context, engine: Engine) -> AsyncIterator[Event]:
    args = context.args
    if not args.what:
        return _all([treats.treatments(engine)])
    (name,) = _words(context, "NAME")
    return _all(
        treats.treat(
            engine, name, offer=args.offer, channel=args.channel, cadence=args.cadence, then=args.then,
            review=_review(context),
        )
    )  # fmt: skip


def _facet(context: Context, engine: Engine) -> AsyncIterator[Event]:
    args = context.args
    if not args.what:
        return _all([new.facets(engine.project)])
    (name,) = _words(context, "NAME")
    words = [word for part in args.words or () for word in part.replace("，", ",").replace("、", ",").split(",")]
    return _all([new.facet(engine.project, name, words)])


def _recruit(context: Context, engine: Engine) -> AsyncIterator[Event]:
    args = context.args
    return needs.recruit(engine, name=_words(context, "NAME")[0] if args.what else None, limit=args.limit)


_RUN: Final[dict[str, Callable[[Context, Engine], AsyncIterator[Event]]]] = {
    "cut": _cut,
    "save": _save,
    "list": lambda _, engine: _all([kept.listing(engine)]),
    "show": lambda context, engine: kept.show(engine, *_words(context, "NAME"), limit=context.args.limit),
    "refresh": _refresh,
    "matrix": _matrix,
    "check": lambda _, engine: judge.check(engine),
    "choose": _choose,
    "niches": _niches,
    "treat": _treat,
    "drop": lambda context, engine: _all([kept.drop(engine, *_words(context, "NAME"))]),
    "as-list": lambda context, engine: kept.make_list(
        engine, *_words(context, "NAME"), negative=context.args.with_negative
    ),
    "propose": lambda context, engine: new.propose(engine, limit=context.args.limit),
    "facet": _facet,
    "needs": lambda context, engine: needs.report(engine, among=context.args.among, limit=context.args.limit),
    "recruit": _recruit,
    "fields": lambda _, engine: _all([judge.fields()]),
}
COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"segment": segment}
__all__ = ["COMMANDS"]
