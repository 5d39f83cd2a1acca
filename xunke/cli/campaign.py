"""campaign: a campaign from its goal to its case, by ``xunke.actions.campaigns`` and ``campaign_numbers``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from xunke.actions import campaign_budget, campaigns
from xunke.actions import campaign_numbers as numbers
from xunke.config import user_path
from xunke.errors import UsageError, XunkeError
from xunke.events import Event, Page

if TYPE_CHECKING:
    from .main import Context

_SAID: Final = ("goal", "kpi", "target", "baseline", "since", "until")


def campaign(context: Context) -> int:
    """``xunke campaign [OP] [NAME] …``."""
    args = context.args
    for event in _OPS[args.op](context):
        context.out.event(event)
    return 0


def _name(context: Context, at: int = 0) -> str | None:
    words = context.args.words
    return words[at] if len(words) > at else None


def _must(context: Context, at: int, what: str) -> str:
    found = _name(context, at)
    if found is None:
        raise UsageError("cli.missing", names=what)
    return found


def _option(context: Context, name: str) -> str:
    found = getattr(context.args, name)
    if found is None:
        raise UsageError("cli.missing", names=f"--{name}")
    return str(found)


def _said(context: Context, words: Iterable[str] = ()) -> dict[str, str]:
    """Fields that were named: by options, by ``--set`` and as ``field=text``."""
    args = context.args
    found = {name: getattr(args, name) for name in _SAID if getattr(args, name) is not None}
    for pair in [*(args.fields or []), *words]:
        name, equals, text = pair.partition("=")
        if not equals:
            raise UsageError("campaign.bad_pair", value=pair)
        found[name.strip()] = text
    return found


def _new(context: Context) -> Iterable[Event]:
    a = context.args
    return campaigns.new(context.project, _must(context, 0, "NAME"), now=context.now, said=_said(context),
                         preset=a.preset, lists=a.lists or ())  # fmt: skip


def _edit(context: Context) -> Iterable[Event]:
    a = context.args
    said = _said(context, a.words[1:])
    if a.lists:
        said["lists"] = ",".join(a.lists)
    if not said and a.state is None and a.preset is None:
        raise UsageError("cli.missing", names="FIELD=TEXT")
    return campaigns.edit(context.project, _name(context), said, now=context.now, state=a.state, preset=a.preset)


def _brief(context: Context) -> Iterable[Event]:
    said = _said(context)
    if said:
        yield from campaigns.edit(context.project, _name(context), said, now=context.now)
    elif sys.stdin.isatty() and sys.stdout.isatty() and not context.out.json:
        _ask(context)
    yield from campaigns.worksheet(context.project, _name(context), now=context.now, every=context.args.all)


def _ask(context: Context) -> None:
    """Ask field by field: Enter leaves one out, Ctrl-C or Ctrl-D ends; every answer is kept at once."""
    cat = context.out.cat
    name = campaigns.chosen(context.project, _name(context)).name
    context.out.say(cat.t("brief.how"))
    try:
        for field, question in campaigns.questions(context.project, name):
            while text := input(f"{cat.t(f'brief.{field}')} · {cat.t(question)}\n> ").strip():
                try:
                    for _ in campaigns.edit(context.project, name, {field: text}, now=context.now):
                        pass
                    break
                except XunkeError as error:
                    context.out.error(error)
    except (KeyboardInterrupt, EOFError):
        context.out.say(cat.t("brief.kept"))


_ADDING: Final = ("amount", "minutes", "variant", "code", "body", "value", "count", "due")


def _second(context: Context, ops: Mapping[str, Callable[[Context], Iterable[Event]]], default: str) -> Iterable[Event]:
    """``campaign cost add NAME``: the word behind the command is taken off, if it is one of ``ops``. Without one,
    options that only ``add`` knows mean it: an amount that was said is never dropped.
    """
    words = context.args.words
    if any(getattr(context.args, name) is not None for name in _ADDING):
        default = "add"
    op = words[0] if words and words[0] in ops else default
    if words and words[0] in ops:
        context.args.words = words[1:]
    return ops[op](context)


def _cost(context: Context) -> Iterable[Event]:
    a = context.args
    return _second(context, {
        "add": lambda c: campaigns.cost_add(
            c.project, _name(c), now=c.now, today=c.today, amount=a.amount, minutes=a.minutes, kind=a.kind or "other",
            day=a.day, note=a.note,
        ),
        "list": lambda c: [campaigns.cost_list(c.project, _name(c))],
    }, "list" if a.amount is None and a.minutes is None else "add")  # fmt: skip


def _code(context: Context) -> Iterable[Event]:
    a = context.args
    return _second(context, {
        "add": lambda c: campaigns.code_add(
            c.project, _name(c), _option(c, "variant"), now=c.now, code=a.code, body=a.body
        ),
        "list": lambda c: [campaigns.code_list(c.project, _name(c))],
    }, "list" if a.variant is None else "add")  # fmt: skip


def _result(context: Context) -> Iterable[Event]:
    a = context.args
    return _second(context, {
        "add": lambda c: campaigns.result_add(
            c.project, _name(c), now=c.now, today=c.today, kind=_option(c, "kind"), count=a.count or "1", code=a.code,
            value=a.value, day=a.day,
        ),
        "import": lambda c: campaigns.result_import(
            c.project, _must(c, 0, "NAME"), user_path(_must(c, 1, "FILE")), now=c.now, today=c.today
        ),
        "list": lambda c: [campaigns.code_list(c.project, _name(c))],
    }, "list" if a.kind is None else "add")  # fmt: skip


def _task(context: Context) -> Iterable[Event]:
    a = context.args
    return _second(context, {
        "add": lambda c: campaigns.task_add(
            c.project, _must(c, 0, "NAME"), " ".join(c.args.words[1:]), now=c.now, due=a.due, owner=a.owner
        ),
        "done": lambda c: campaigns.task_done(c.project, _number(_must(c, 0, "ID")), now=c.now),
        "list": lambda c: [campaigns.tasks(c.project, _name(c), today=c.today, every=a.all)],
    }, "list")  # fmt: skip


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise UsageError("campaign.bad_number", value=text)
    return int(text)


def _mark(context: Context) -> Iterable[Event]:
    value = context.args.value
    return numbers.mark(context.project, _option(context, "kpi"), None if value in (None, "-") else value)


def _roi(context: Context) -> Iterable[Event]:
    a = context.args
    more: dict[str, Any] = {"seed": a.seed} if a.seed is not None else {}
    return numbers.roi(context.project, _name(context), now=context.now, hourly=a.hourly,
                       attribution=a.attribution or "last", by=a.by or "step", **more)  # fmt: skip


def _plan(context: Context) -> Iterable[Event]:
    plans = []
    for said in context.args.plans or []:
        parts = said.replace("：", ":").split(":")
        if len(parts) != 4:
            raise UsageError("campaign.bad_plan", value=said)
        plans.append((parts[0], parts[1], parts[2], parts[3]))
    if not plans:
        raise UsageError("cli.missing", names="--plan")
    return numbers.scenarios(context.project, plans, now=context.now)


def _before_after(context: Context) -> Iterable[Event]:
    a = context.args
    more: dict[str, Any] = {"seed": a.seed} if a.seed is not None else {}
    return numbers.before_after(context.project, _name(context), today=context.today, control=a.control, **more)


def _case(context: Context) -> Iterable[Event]:
    text = numbers.case_text(context.project, _name(context), now=context.now, lang=context.out.cat.lang)
    if context.args.out is None:
        title, *lines = text.rstrip("\n").splitlines()
        return [Page(title.removeprefix("# "), [title, *lines], {"case": text})]
    return campaigns.case(context.project, _name(context), user_path(context.args.out), text)


_OPS: Final[Mapping[str, Callable[[Context], Iterable[Event]]]] = {
    "list": lambda c: [campaigns.table(c.project)],
    "new": _new,
    "show": lambda c: campaigns.show(c.project, _name(c)),
    "edit": _edit,
    "brief": _brief,
    "check": lambda c: campaigns.check(c.project, _name(c), now=c.now),
    "phase": lambda c: campaigns.phase(c.project, _name(c), c.args.to or _name(c, 1), now=c.now),
    "cost": _cost,
    "code": _code,
    "result": _result,
    "kpi": lambda c: numbers.kpis(c.project, _name(c), now=c.now, every=c.args.all),
    "mark": _mark,
    "funnel": lambda c: numbers.funnels(c.project, _name(c), now=c.now),
    "waste": lambda c: numbers.waste(c.project, _name(c), now=c.now),
    "hit": lambda c: numbers.hits(c.project, _name(c), now=c.now),
    "roi": _roi,
    "budget": lambda c: campaign_budget.budget(c.project, _name(c), now=c.now, money=c.args.amount),
    "slots": lambda c: numbers.slots(c.project, _name(c), now=c.now),
    "compare": lambda c: numbers.compare(c.project, _must(c, 0, "NAME"), _must(c, 1, "NAME"), now=c.now),
    "plan": _plan,
    "before-after": _before_after,
    "task": _task,
    "tasks": lambda c: [campaigns.tasks(c.project, _name(c), today=c.today, every=c.args.all)],
    "maturity": lambda c: campaigns.maturity(c.project),
    "close": lambda c: campaigns.close(c.project, _name(c), now=c.now, lessons=c.args.lessons),
    "case": _case,
}
COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"campaign": campaign}
__all__ = ["COMMANDS"]
