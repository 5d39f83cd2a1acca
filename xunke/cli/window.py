"""What commands about a network have in common: a span of time, kinds of interaction, a topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xunke.errors import UsageError
from xunke.outreach import posts
from xunke.plan import Step
from xunke.storage.schema import KINDS

from .main import parse_since, parse_until

if TYPE_CHECKING:
    from .main import Context


def window_of(context: Context) -> tuple[int | None, int]:
    """(since, until) in UTC seconds, both inclusive: ``--since``; ``--until``, or the end of ``--today``, or now.

    Raises UsageError("cli.bad_window") where they are the wrong way round.
    """
    args = context.args
    until = parse_until(args.until) if args.until else context.now
    since = parse_since(args.since) if args.since else None
    if since is not None and since > until:
        raise UsageError("cli.bad_window")
    return since, until


def kinds_of(text: str | None) -> list[str] | None:
    """``--kinds repost,reply``. Raises UsageError("cli.bad_kind")."""
    if not text:
        return None
    wanted = [w.strip() for w in text.split(",") if w.strip()]
    unknown = [w for w in wanted if w not in KINDS]
    if unknown:
        raise UsageError("cli.bad_kind", kind=unknown[0], known=", ".join(KINDS))
    return wanted


def topic_people(context: Context, words: str) -> set[int]:
    """Accounts that wrote a post about ``words``."""
    found = posts.select(context.project, Step(action="find", topics=tuple(words.split())), context.today)
    return {post.author for post in found.posts if post.author is not None}


def limit_of(context: Context) -> int | None:
    """``--limit``. Raises UsageError("cli.bad_limit") for less than one."""
    limit: int | None = context.args.limit
    if limit is not None and limit < 1:
        raise UsageError("cli.bad_limit", limit=limit)
    return limit
