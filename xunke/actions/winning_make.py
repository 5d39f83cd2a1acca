"""What a ``work`` step makes and changes: lists, segments, campaigns, the calendar, experiments."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from xunke.errors import NeedsAnswer
from xunke.plan import Work

from .winning_asked import Asked, Told

_CROSSED: Final = ("value", "stage")
_AND: Final = re.compile(r"[,，、/]|和|跟|与")
_BRIEF: Final = ("goal", "kpi", "target", "offer", "channels", "owner", "statement")
"""Fields of a campaign's brief that a sentence may name."""


def _lists(a: Asked) -> Told:
    from xunke.i18n import Catalogue

    from . import lists

    step, project, now = a.step, a.project, a.now
    match step.op:
        case "show":
            return lists.show(project, a.name, cat=Catalogue(a.lang), now=now, index=a.index)
        case "why_not":
            return lists.why_not(project, a.name, a.who, now=now)
        case "create":
            return _list(a)
        case "set":
            until = None if step.until is None else step.until.isoformat()
            said = a.fields
            return lists.set_fields(
                project, a.name, today=a.today, purpose=said.get("purpose"), expires=until or said.get("expires"),
                rename=said.get("rename"), run=a.run,
            )  # fmt: skip
        case "dedupe":
            return lists.dedupe(project, step.name, run=a.run, index=a.index)
        case "tag":
            return lists.tag(project, a.name, step.topic or "", now=now, run=a.run)
        case "merge" | "minus" as op:
            return lists.change(project, op, a.name, [a.must("other")], now=now, run=a.run)
        case "add" | "remove" as op:
            return lists.change(project, op, a.name, [a.who], now=now, run=a.run)
        case "drop":
            return lists.change(project, "drop", a.name, now=now, run=a.run)
        case _:
            return lists.table(project, now=now, index=a.index)


def _list(a: Asked) -> Told:
    """A list under a budget of minutes or people."""
    from xunke.outreach import list_make
    from xunke.outreach import lists as saved
    from xunke.outreach.list_pick import Rules

    from . import lists

    step, said = a.step, a.fields
    unit: list_make.Unit = "minutes" if step.minutes is not None else "touches"
    budget = step.minutes if step.minutes is not None else None if step.limit is None else float(step.limit)
    shares = {said["quota_of"]: a.share("quota") or 0.0} if "quota_of" in said else {}
    rules = Rules(budget=budget, shares=shares, hold=a.share("hold_out") or 0.0)
    without = [saved.by_name(a.project, said["without"])] if "without" in said else []
    plain = rules == Rules() and not without
    ask = None if plain else list_make.Ask(rules=rules, unit=unit, without=without)
    source = said.get("from") or (None if a.people is None else str(a.people))
    return lists.create(
        a.project, a.name, source=source, ask=ask, now=a.now, today=a.today, purpose=said.get("purpose"),
        expires=said.get("expires"), run=a.run, index=a.index,
    )  # fmt: skip


def _crossed(said: Sequence[str]) -> tuple[str, str]:
    """The two facets of a matrix: value by stage, the marketer's own question, unless two others are named."""
    first, second = said[:2] if len(said) > 1 else _CROSSED
    return first, second


def _segments(a: Asked) -> Told:
    from . import needs, segment_judge, segment_kept, segment_new, segment_treat

    engine, step, said, index = a.engine, a.step, a.fields, a.index
    done: dict[str, Callable[[], Told]] = {
        "show": lambda: segment_kept.show(engine, a.name, index=index),
        "refresh": lambda: segment_kept.refresh(engine, step.name, index=index),
        "check": lambda: segment_judge.check(engine, index=index),
        "choose": lambda: segment_judge.choose(engine, index=index),
        "try": lambda: segment_kept.cut(engine, rule=step.topic, index=index, **a.limit),
        "matrix": lambda: segment_judge.matrix(engine, *_crossed(step.items), index=index),
        "niches": lambda: segment_judge.niches(engine, index=index),
        "treat": lambda: segment_treat.treat(
            engine, a.name, offer=said.get("offer"), cadence=said.get("cadence"), then=said.get("then")
        ),
        "treatments": lambda: segment_treat.treatments(engine, index=index),
        "propose": lambda: segment_new.propose(engine, index=index, **a.limit),
        "facet": lambda: segment_new.facet(a.project, a.name, _AND.split(step.topic or "")),
        "facets": lambda: segment_new.facets(a.project, index=index),
        "needs": lambda: needs.report(engine, index=index, **a.limit),
        "recruit": lambda: needs.recruit(engine, name=step.name, run=a.run, index=index, **a.limit),
        "as_list": lambda: segment_kept.make_list(engine, a.name, index=index),
        "drop": lambda: segment_kept.drop(engine, a.name),
    }
    if step.op == "save":
        group = said.get("group") or (str(step.ranks[0]) if step.ranks else None)
        return segment_kept.save(engine, a.name, rule=step.topic, group=group, index=index)
    return done.get(step.op or "", lambda: segment_kept.listing(engine, index=index))()


def _campaign(a: Asked) -> Told:
    from . import campaign_numbers as numbers
    from . import campaigns

    step, project, now, index = a.step, a.project, a.now, a.index
    shown: dict[str, Callable[..., Told]] = {
        "brief": campaigns.worksheet, "check": campaigns.check, "kpi": numbers.kpis, "funnel": numbers.funnels,
        "roi": numbers.roi, "waste": numbers.waste, "hit": numbers.hits,
    }  # fmt: skip
    if step.op in shown:
        return shown[step.op](project, step.name, now=now, index=index)
    tables: dict[str, Callable[[], Told]] = {
        "codes": lambda: campaigns.code_list(project, step.name, index=index),
        "costs": lambda: campaigns.cost_list(project, step.name, index=index),
        "maturity": lambda: campaigns.maturity(project, index=index),
    }
    if step.op in tables:
        return tables[step.op]()
    match step.op:
        case "new":
            lists = [a.fields["list"]] if "list" in a.fields else []
            return campaigns.new(project, a.name, now=now, said=_brief(a), lists=lists, run=a.run, index=index)
        case "edit":
            return campaigns.edit(project, step.name, _brief(a, with_list=True), now=now, run=a.run)
        case "list":
            return campaigns.table(project, index=index)
        case "cost":
            amount, minutes = (None if n is None else f"{n:g}" for n in (step.amount, step.minutes))
            return campaigns.cost_add(
                project, step.name, now=now, today=a.today, amount=amount, minutes=minutes, kind=step.kind or "other",
                run=a.run,
            )  # fmt: skip
        case "code":
            return campaigns.code_add(project, step.name, a.must("variant", "clarify.variants"), now=now, run=a.run)
        case "task":
            due = None if step.until is None else step.until.isoformat()
            return campaigns.task_add(
                project, step.name, step.topic or "", now=now, due=due, owner=a.fields.get("owner"), run=a.run
            )
        case "tasks":
            return campaigns.tasks(project, step.name, today=a.today, index=index)
        case "task_done":
            return campaigns.task_done(project, a.number, now=now, run=a.run)
        case "close":
            return campaigns.close(project, step.name, now=now, run=a.run)
        case "compare":
            return numbers.compare(project, a.name, a.must("other"), now=now, index=index)
        case "before_after":
            return numbers.before_after(project, step.name, today=a.today, index=index)
        case _:
            return campaigns.show(project, step.name, index=index)


def _brief(a: Asked, *, with_list: bool = False) -> dict[str, str]:
    """The fields of a campaign's brief that were said."""
    said = {name: value for name, value in a.step.fields if name in _BRIEF}
    days = {"since": a.step.since, "until": a.step.until}
    said |= {name: day.isoformat() for name, day in days.items() if day is not None}
    return said | ({"lists": a.fields["list"]} if with_list and "list" in a.fields else {})


def _calendar(a: Asked) -> Told:
    from . import calendar
    from .keep import default_folder

    step, project = a.step, a.project
    since = step.since.isoformat() if step.since else None
    until = step.until.isoformat() if step.until else None
    match step.op:
        case "add":
            return calendar.add(project, _day(since), step.topic or "", now=a.now, run=a.run)
        case "move":
            return calendar.change(project, a.number, run=a.run, day=_day(since))
        case "done" | "drop" as op:
            return calendar.change(project, a.number, run=a.run, state="done" if op == "done" else "dropped")
        case "mix":
            return calendar.mix(project, index=a.index)
    first, last = calendar.window(today=a.today, since=since, until=until)
    if step.op == "ideas":
        return calendar.suggest(project, since=first, until=last, index=a.index)
    if step.op == "export":
        out = default_folder(project) / f"calendar {a.today.isoformat()}.ics"
        return calendar.export(project, out, now=a.now, since=first, until=last, lang=a.lang)
    return calendar.show(project, since=first, until=last, index=a.index)


def _day(said: str | None) -> str:
    if said is None:
        raise NeedsAnswer("clarify.time_conflict")
    return said


def _experiment(a: Asked) -> Told:
    from . import pilots, trials

    step, project, now, index = a.step, a.project, a.now, a.index
    match step.op:
        case "new":
            arms = [part.strip() for part in _AND.split(a.fields.get("arms", "")) if part.strip()]
            more: dict[str, Any] = {"arms": arms} if len(arms) > 1 else {}
            return trials.new(
                project,
                a.name,
                people=a.must("people"),
                now=now,
                hold_out=a.share("hold_out") or 0.0,
                index=index,
                **more,
            )
        case "pilot":
            go = a.share("go")
            if go is None:
                raise NeedsAnswer("clarify.scope")
            return pilots.pilot(project, a.name, people=a.must("people"), go=go, now=now, size=step.limit, index=index)
        case "rest":
            return pilots.scale(project, a.name, now=now, index=index)
        case "stop":
            return pilots.stop(project, a.name, now=now, index=index)
        case "power":
            low, high = a.share("baseline"), a.share("target")
            change = None if low is None or high is None else round(abs(high - low), 6)
            return pilots.power(project, now=now, baseline=low, mde=change, index=index)
        case "assign":
            return pilots.assign(project, a.name, index=index, **a.limit)
        case "show":
            return trials.show(project, a.name, now=now, index=index)
        case "result":
            return trials.result(project, a.name, now=now, index=index)
        case _:
            return trials.listing(project, index=index)


TABLE: Final[Mapping[Work, Callable[[Asked], Told]]] = {
    "lists": _lists, "segments": _segments, "campaign": _campaign, "calendar": _calendar, "experiment": _experiment,
}  # fmt: skip
__all__ = ["TABLE"]
