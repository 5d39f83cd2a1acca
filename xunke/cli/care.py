"""retention, consent, held: how long, who agreed, what is stored."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from xunke.actions import care_consent, care_held, care_retention
from xunke.actions.keep import default_folder
from xunke.config import user_path
from xunke.errors import NeedsAnswer, UsageError

if TYPE_CHECKING:
    from xunke.events import Event

    from .main import Context


def _show(context: Context, events: Iterable[Event]) -> int:
    for event in events:
        context.out.event(event)
    return 0


def retention(context: Context) -> int:
    """``xunke retention [show|set SCOPE=DAYS…|run [--dry-run]]``."""
    args, project, out = context.args, context.project, context.out
    if args.op == "show":
        return _show(context, [care_retention.retention_rules(project)])
    if args.op == "set":
        return _show(context, care_retention.set_retention(project, care_retention.pairs(args.rules)))
    if not args.dry_run and not args.yes:
        _show(context, care_retention.run_retention(project, today=context.today, dry_run=True, in_use=args.in_use))
        if not sys.stdin.isatty():
            raise NeedsAnswer("plan.needs_yes")
        sys.stderr.write(out.cat.t("retention.confirm"))
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes", "是", "好"):
            out.say(out.cat.t("plan.cancelled"))
            return 0
    return _show(
        context,
        care_retention.run_retention(project, today=context.today, dry_run=args.dry_run, in_use=args.in_use),
    )


def consent(context: Context) -> int:
    """``xunke consent [list|add|withdraw|import] [PERSON|PATH]``."""
    args, project = context.args, context.project
    kinds = [kind for kind in (args.kind or "").replace("，", ",").split(",") if kind.strip()]
    if args.op == "list":
        return _show(context, care_consent.consents(project, args.what))
    if args.what is None:
        raise UsageError("cli.missing", names="PATH" if args.op == "import" else "PERSON")
    if args.op == "import":
        return _show(context, care_consent.import_consents(project, user_path(args.what), now=context.now))
    if args.op == "withdraw":
        return _show(context, care_consent.withdraw_consent(project, args.what, kinds, now=context.now))
    if not kinds:
        raise UsageError("cli.missing", names="--kind")
    return _show(context, care_consent.give_consent(project, args.what, kinds, args.evidence, now=context.now))


def held(context: Context) -> int:
    """``xunke held [PERSON] [--project] [--set NAME=VALUE…] [--format F --out PATH]``."""
    args, project, out = context.args, context.project, context.out
    if args.set:
        asked = dict(word.replace("＝", "=").partition("=")[::2] for word in args.set)
        _show(context, care_held.put_card(project, asked, source=args.source))
    if args.person is None:
        return _show(context, care_held.data_card(project))
    if args.project or args.set:
        raise UsageError("held.one")
    if args.format is None and args.out is None:
        if out.json:
            out.object(care_held.held_json(project, args.person, today=context.today))
            return 0
        return _show(context, care_held.held_about(project, args.person, today=context.today))
    target = None if args.out is None else user_path(args.out)
    suffix = "" if target is None else target.suffix.lstrip(".").lower()
    return _show(context, [care_held.write_held(
        project, args.person, today=context.today, lang=out.cat.lang, path=None, folder=default_folder(project),
        format=args.format or (suffix if suffix in care_held.FORMATS else "html"),
        exact=target if target is None or not target.is_dir() else None,
    )])  # fmt: skip


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"retention": retention, "consent": consent, "held": held}
__all__ = ["COMMANDS"]
