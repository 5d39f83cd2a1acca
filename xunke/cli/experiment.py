"""experiment: people dealt out at random, what came of it, and what that allows to be said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from xunke.actions import pilots, trials
from xunke.errors import UsageError
from xunke.events import Event, Table

if TYPE_CHECKING:
    from .main import Context

_DATA: Final = re.compile(r"(.+?)=(\d+)/(\d+)")
_FORMATS: Final = {"csv": "csv", "xlsx": "xlsx", "jsonl": "jsonl", "md": "md"}


def share_of(value: str | None, option: str) -> float | None:
    """A share: ``5%`` or ``0.05``. Raises UsageError for anything else."""
    if value is None:
        return None
    try:
        return float(value.rstrip("%％")) / 100 if value.endswith(("%", "％")) else float(value)
    except ValueError:
        raise UsageError("cli.bad_number", name=option, value=value) from None


def play(context: Context, events: Iterable[Event]) -> int:
    """Show events; as JSON a table that has ``objects`` tells these, which say more than its columns."""
    for event in events:
        if context.out.json and isinstance(event, Table) and "objects" in event.params:
            for value in event.params["objects"]:
                context.out.object(value)
        else:
            context.out.event(event)
    return 0


def experiment(context: Context) -> int:
    """``xunke experiment [new|pilot|list|show|result|power|assign|rest|stop] [NAME]``."""
    args = context.args
    if args.name is None and args.op not in ("list", "power") and not (args.op == "result" and args.data):
        raise UsageError("cli.missing", names="NAME")
    return play(context, _OPS[args.op](context, context.now))


def _parts(value: str | None) -> list[str]:
    return [part.strip() for part in re.split(r"[,，、]", value or "") if part.strip()]


def _common(args: Any) -> dict[str, Any]:
    if args.people_list is None:
        raise UsageError("cli.missing", names="--list")
    return {
        "people": args.people_list, "campaign": args.campaign, "metric": args.metric, "seed": args.seed,
        "baseline": share_of(args.baseline, "--baseline"), "days": args.days or 14,
    }  # fmt: skip


def _new(context: Context, now: int) -> Iterator[Event]:
    args = context.args
    try:
        split = [float(part.rstrip("%％")) for part in _parts(args.split)]
    except ValueError:
        raise UsageError("cli.bad_number", name="--split", value=args.split) from None
    return trials.new(
        context.project, args.name, now=now, arms=_parts(args.arms) or ["A", "B"], split=split,
        hold_out=share_of(args.hold_out, "--hold-out") or 0.0, mde=share_of(args.mde, "--mde"), horizon=args.horizon,
        stratify=_parts(args.stratify), overlap=args.overlap, once=args.once, **_common(args),
    )  # fmt: skip


def _pilot(context: Context, now: int) -> Iterator[Event]:
    args = context.args
    if (go := share_of(args.go, "--go")) is None:
        raise UsageError("cli.missing", names="--go")
    return pilots.pilot(
        context.project, args.name, now=now, go=go, size=args.size,
        precision=share_of(args.precision, "--precision") or 0.05, overlap=args.overlap, **_common(args),
    )  # fmt: skip


def _result(context: Context, now: int) -> Iterator[Event]:
    args = context.args
    if not args.data:
        return trials.result(context.project, args.name, now=now, days=args.days, rows=args.rows)
    found = [(_DATA.fullmatch(said), said) for said in args.data]
    for match, said in found:
        if match is None:
            raise UsageError("cli.bad_choice", name="--data", value=said, known="A=120/1000 B=150/1000")
    data = [(match[1], int(match[3]), int(match[2])) for match, _ in found if match]
    return trials.evaluate(data, planned=args.planned, mde=share_of(args.mde, "--mde"))


def _power(context: Context, now: int) -> Iterator[Event]:
    args = context.args
    names = _parts(args.arms)
    arms = int(names[0]) if len(names) == 1 and names[0].isdecimal() else max(2, len(names))
    return pilots.power(
        context.project if context.path.exists() else None, now=now, baseline=share_of(args.baseline, "--baseline"),
        mde=share_of(args.mde, "--mde"), people=args.people, arms=arms, power=share_of(args.power, "--power") or 0.8,
        once=args.once, spread=args.spread, pace=args.pace, days=args.days or 14,
    )  # fmt: skip


def _assign(context: Context, now: int) -> Iterator[Event]:
    from pathlib import Path

    args = context.args
    ending = Path(args.out).suffix.lstrip(".").lower() if args.out else "csv"
    if ending not in _FORMATS:
        raise UsageError("cli.bad_choice", name="--out", value=ending, known=", ".join(_FORMATS))
    return pilots.assign(
        context.project, args.name, out=args.out and str(Path.cwd() / args.out), format=ending,
        folder=context.path.absolute().parent, lang=context.out.cat.lang,
    )  # fmt: skip


_OPS: Final[dict[str, Callable[[Context, int], Iterator[Event]]]] = {
    "new": _new,
    "pilot": _pilot,
    "list": lambda context, now: trials.listing(context.project),
    "show": lambda context, now: trials.show(context.project, context.args.name, now=now),
    "result": _result,
    "power": _power,
    "assign": _assign,
    "rest": lambda context, now: pilots.scale(context.project, context.args.name, now=now),
    "stop": lambda context, now: pilots.stop(
        context.project, context.args.name, now=now, decision=context.args.decision
    ),
}
COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"experiment": experiment}
__all__ = ["COMMANDS", "play"]
