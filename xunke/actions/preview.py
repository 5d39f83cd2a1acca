"""What a plan would destroy or take back, in numbers, before anybody says yes."""

from __future__ import annotations

from datetime import date
from typing import Any

from xunke.errors import XunkeError
from xunke.events import Warned
from xunke.i18n import Catalogue
from xunke.plan import Plan, Step
from xunke.present import event_lines
from xunke.storage import Project, suppression
from xunke.storage import erase as erasing

from .common import one_account, who_is
from .consent import named_platforms, old
from .undo import next_act, said
from .work import chosen


def previews(project: Project, plan: Plan, today: date) -> list[Warned]:
    """A line for each step that deletes, takes off the do-not-contact list, stops schedules or takes back."""
    found: list[Warned] = []
    for step in plan.steps:
        try:
            found += _of(project, step, today)
        except XunkeError as error:  # what the step will say itself when it runs
            found.append(Warned(error.key, dict(error.params)))
    return found


def preview_lines(project: Project, plan: Plan, today: date, cat: Catalogue) -> list[str]:
    """``previews`` in words."""
    return [line for event in previews(project, plan, today) for line in event_lines(event, cat)]


def _of(project: Project, step: Step, today: date) -> list[Warned]:
    match step.action:
        case "erase":
            return _erase(project, step, today)
        case "suppress" if step.op == "remove":
            listed = suppression.Suppressed.load(project.reader)
            n = sum(any(listed.hit(*one) for one in who_is(project, [name])) for name in step.accounts)
            return [Warned("preview.unlist", {"n": n, "asked": len(step.accounts)})]
        case "jobs" if step.op in ("cancel", "pause", "resume") and not (step.name or "").isdecimal():
            schedules = chosen(project, step.op, step.name)
            names = "；".join(s.name for s in schedules[:5])
            return [Warned(f"preview.{step.op}", {"n": len(schedules), "names": names})]
        case "undo":
            act = next_act(project)
            if act is None:
                return [Warned("undo.nothing")]
            words = said(project, act)
            key = "preview.undo" if words else "preview.undo_bare"
            return [Warned(key, {"what": f"undo.what.{act.kind}", "said": words})]
        case _:
            return []


def _erase(project: Project, step: Step, today: date) -> list[Warned]:
    if step.accounts:
        out = []
        for who in step.accounts:
            row = one_account(project, who)
            counts: dict[str, Any] = erasing.count_person(project, row.id)
            out.append(Warned("preview.erase", {"name": row.name or row.native_id, **counts}))
        return out
    if step.older_than_days is None and not named_platforms(step):
        return []
    counts = erasing.count_posts(project, named_platforms(step), old(today, step), step.target)
    return [Warned("preview.erase_posts", counts)]
