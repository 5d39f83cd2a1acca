"""history: one account over time, and all its dealings with ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from xunke import actions
from xunke.actions.history import DEALINGS
from xunke.clock import end_of
from xunke.errors import NeedsAnswer, UsageError
from xunke.events import Table

from .main import parse_since, parse_until

if TYPE_CHECKING:
    from .main import Context


def history(context: Context) -> int:
    """``xunke history ACCOUNT``: follower snapshots, or with ``--with-us`` the dealings with our own account."""
    args, project, out, cat = context.args, context.project, context.out, context.out.cat
    row = actions.one_account(project, args.account)
    since = 0 if args.since is None else parse_since(args.since)
    until = end_of(context.today) if args.until is None else parse_until(args.until)
    if args.limit < 1 or args.page < 1:
        raise UsageError("cli.bad_whole", name="--limit, --page", value=str(min(args.limit, args.page)))
    name = row.name or row.native_id
    if args.with_us:
        if not actions.own_accounts(project):
            raise NeedsAnswer("clarify.own_account")
        kinds = [word for word in (args.kind or "").split(",") if word]
        offset = (args.page - 1) * args.limit
        table = actions.dealings(project, row.id, since, until, kinds=kinds, offset=offset, limit=args.limit)
        out.event(Table("history.dealings", list(DEALINGS), table, {"name": name, "n": len(table)}))
        if len(table) == args.limit:
            out.say(cat.t("history.more", page=args.page + 1))
    else:
        columns = ["time", "followers", "change", "following", "posts"]
        table = actions.followers(project, row.id, since, until)
        out.event(Table("history.followers", columns, table, {"name": name, "n": len(table)}))
        if table and row.id in actions.own_accounts(project):
            out.say(cat.t("history.fans_next"))
    if not table:
        out.say(cat.t("history.empty"))
    return 0


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"history": history}
