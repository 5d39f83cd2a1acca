"""jobs: schedules, and what is being fetched or imported."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from xunke import actions
from xunke.config import user_path
from xunke.errors import UsageError

from .playing import play

if TYPE_CHECKING:
    from xunke.engine import Engine
    from xunke.jobs import Reach

    from .main import Context


def reach_of(args: argparse.Namespace) -> Reach:
    """How far a fetching command may go, from its options. Raises UsageError for a budget that is none."""
    from xunke.jobs import Reach

    for name in ("max_requests", "max_minutes"):
        most = getattr(args, name)
        if most is not None and not most > 0:
            raise UsageError("cli.bad_budget", name=f"--{name.replace('_', '-')}")
    ca_file = None if args.ca_file is None else user_path(args.ca_file)
    return Reach(args.allow_private_address, ca_file, max_requests=args.max_requests, max_minutes=args.max_minutes)


def jobs(context: Context) -> int:
    """``xunke jobs``."""
    args, project, out = context.args, context.project, context.out
    if args.op == "list":
        for table in (actions.schedules_table(project), actions.jobs_table(project)):
            out.event(table)
        return 0
    if args.op == "due":
        return asyncio.run(play(context, actions.run_due(_engine(context))))
    if args.id is None and (args.op in ("run", "history", *_OF_ONE) or not args.yes):
        raise UsageError("cli.no_job")
    if args.op in _OF_ONE:
        return _OF_ONE[args.op](context)
    if args.op == "history":
        for one in actions.chosen(project, "history", args.id):
            out.event(actions.runs_table(project, one))
        return 0
    if args.op in ("resume", "run") and (job := actions.job_of(project, args.id)) is not None:
        from xunke.jobs import resume

        return asyncio.run(play(context, resume(project, job, reach_of(args), now=args.now)))
    from xunke.plan import Step

    step = Step(action="jobs", op=args.op, name=args.id)
    return asyncio.run(play(context, actions.jobs(_engine(context), step)))


def _show(context: Context) -> int:
    job = actions.known(context.project, context.args.id)
    if context.out.json:
        context.out.object(actions.details(context.project, job))
        return 0
    for event in actions.shown(context.project, job):
        context.out.event(event)
    return 0


def _gaps(context: Context) -> int:
    context.out.event(actions.gaps_table(context.project, actions.known(context.project, context.args.id)))
    return 0


def _refetch(context: Context) -> int:
    from xunke.jobs import refetch

    job = actions.known(context.project, context.args.id)
    events = refetch(context.project, job, reach_of(context.args), every=context.args.all)
    return asyncio.run(play(context, events))


_OF_ONE: Final[dict[str, Callable[[Context], int]]] = {"show": _show, "gaps": _gaps, "refetch": _refetch}


def _engine(context: Context) -> Engine:
    from xunke.engine import Engine, Options

    options = Options(lang=context.out.cat.lang, allow_private=getattr(context.args, "allow_private_address", False))
    return Engine(context.project, today=context.today, options=options)


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"jobs": jobs}
