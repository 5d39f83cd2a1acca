"""next: the best thing to do towards each person, with reason and expected gain."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from xunke.actions import reviews

from .experiment import play

if TYPE_CHECKING:
    from .main import Context


def following(context: Context) -> int:
    """``xunke next [--limit N] [--list NAME] [--why PERSON] [--rules]``."""
    args = context.args
    if args.rules:
        return play(context, reviews.rule_table())
    prices = {"value": args.value, "per_minute": args.per_minute}
    if args.why is not None:
        return play(context, reviews.why_next(context.project, args.why, now=context.now, **prices))
    return play(context, reviews.next_acts(
        context.project, now=context.now, limit=args.limit, people=args.people, campaign=args.campaign, **prices
    ))  # fmt: skip


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"next": following}
__all__ = ["COMMANDS"]
