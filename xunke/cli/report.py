"""report: an audience or a campaign as one web page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from xunke.actions import reports
from xunke.config import user_path

from .persona import asked_for, show

if TYPE_CHECKING:
    from .main import Context


def report(context: Context) -> int:
    """``xunke report CAMPAIGN|PROJECT|--list|--segment|--result --out FILE``."""
    args, out = context.args, context.out
    events = reports.report(
        context.project, out=user_path(args.out), today=context.today, lang=out.cat.lang, what=args.what,
        format=args.format, names=args.names, **asked_for(context),
    )  # fmt: skip
    return show(context, events)


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"report": report}
__all__ = ["COMMANDS"]
