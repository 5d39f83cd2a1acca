"""Plans in words: what the user reads before saying yes."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from xunke.i18n import Catalogue
from xunke.plan import Plan, Step, said
from xunke.present import rhythm

_FAMILY: Final = {"needs": "need", "life_events": "event"}
_HIDDEN: Final = frozenset({"target", "input", "source", "since", "until"})


def plan_lines(plan: Plan, cat: Catalogue) -> list[str]:
    """The plan, one line a step, then what was refused and what can be done instead, what was asked, not understood."""
    lines = [f"{n}. {step_line(step, cat)}" for n, step in enumerate(plan.steps, 1)]
    for code in plan.refuse:
        lines.append(cat.t(f"refuse.{code}"))
        lines.append(cat.t(f"refuse.{code}.instead", example=cat.t(f"refuse.{code}.example")))
    lines += [cat.t(f"clarify.{code}") for code in plan.clarify]
    if plan.unparsed:
        lines.append(cat.t("plan.unparsed", words=cat.t("list.comma").join(plan.unparsed)))
    return lines


def step_line(step: Step, cat: Catalogue) -> str:
    """One step as chips: the action, its target and every slot that was said."""
    chips = [_work(step, cat) if step.do else cat.t(f"action.{step.action}")]
    if step.target:
        chips.append(cat.t(f"target.{step.target}"))
    if step.input:
        chips.append(cat.t(f"input.{step.input}"))
    if step.source:
        name = step.source.partition(":")[2]
        chips.append(cat.t("source.saved", name=name) if name else cat.t(f"source.{step.source}"))
    if step.since or step.until:
        chips.append(cat.t("slot.when", since=_day(step.since), until=_day(step.until)))
    for name, value in said(step).items():
        if name not in _HIDDEN and not (step.do and name in ("do", "op")):
            shown = slot_value(name, value, cat)
            chips.append(shown if name == "every" else cat.t("slot.chip", name=cat.t(f"slot.{name}"), value=shown))
    return cat.t("slot.join").join(chips)


def _work(step: Step, cat: Catalogue) -> str:
    named = f"work.{step.do}.{step.op}"
    return cat.t(named if cat.has(named) else f"work.{step.do}")


def _day(value: date | None) -> str:
    return "…" if value is None else value.isoformat()


def slot_value(name: str, value: Any, cat: Catalogue) -> str:
    """What a slot of a step asks, in words."""
    if name == "fields":
        return "、".join(cat.t("slot.chip", name=cat.t(f"field.{field}"), value=said) for field, said in value)
    if isinstance(value, list):
        return "、".join(slot_value(name, v, cat) for v in value)
    if isinstance(value, bool):
        return cat.t("value.yes" if value else "value.no")
    if isinstance(value, int | float):
        return f"{value:,}".removesuffix(".0")
    if name == "what":
        return cat.t(f"explain.{value}")
    if name == "every":
        return rhythm(f"every.{value}", cat)
    key = f"nlp.{_FAMILY[name]}.{value}" if name in _FAMILY else f"value.{value}"
    key = f"outcome.{value}" if name == "kind" and not cat.has(key) else key
    key = f"op.{value}" if name == "op" and cat.has(f"op.{value}") else key
    return cat.t(key) if cat.has(key) else str(value)
