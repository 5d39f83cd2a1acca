"""review: what changed since the last time, and what is learned from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from xunke.actions import reviews

from .experiment import play

if TYPE_CHECKING:
    from .main import Context


def review(context: Context) -> int:
    """``xunke review [--campaign NAME] [--dry-run] [--history]``."""
    args = context.args
    if args.history:
        return play(context, reviews.history(context.project, campaign=args.campaign))
    return play(context, reviews.review(context.project, now=context.now, campaign=args.campaign, dry_run=args.dry_run))


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"review": review}
__all__ = ["COMMANDS"]
