"""The report about a campaign as a case: background, strategy, doing, effect, lessons (背景-策略-实施-效果-启示)."""

from __future__ import annotations

from typing import Any

from xunke.outreach.case import LEAST, LEAST_VALUES, RESAMPLES, Case
from xunke.outreach.experiments import wilson

from .blocks import Block, Figure, Figures, Points, Report, Rows, Section, Steps, Text
from .persona_page import report_words
from .wording import Words


def campaign_report(found: Case, words: Words, day: str, extra: dict[str, list[Block]] | None = None) -> Report:
    """The whole report. ``extra``: {part: blocks} of other areas (KPI tree, before and after)."""
    t, more = words.t, extra or {}
    parts = {
        "background": _background(found, words), "strategy": _strategy(found, words), "doing": _doing(found, words),
        "effect": _effect(found, words), "lessons": _lessons(found, words),
    }  # fmt: skip
    sections = [Section(t(f"report.c.{name}"), [*blocks, *more.get(name, [])]) for name, blocks in parts.items()]
    subtitle = t("report.c.sub", since=found.since or "—", until=found.until or "—", day=day)
    return Report(t("report.c.title", name=found.name), subtitle, words.cat.lang, sections, report_words(words),
                  t("report.foot"))  # fmt: skip


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:,.6g}"


def _background(found: Case, words: Words) -> list[Block]:
    t = words.t
    blocks: list[Block] = [Text(t("report.c.goal", goal=found.goal) if found.goal else t("report.c.no_goal"), "lead")]
    if found.kpi:
        blocks.append(Text(t("report.c.kpi", kpi=words.value(found.kpi, "kpi", "column"),
                             baseline=_number(found.baseline), target=_number(found.target))))  # fmt: skip
    fields = [
        t("report.c.brief.field", name=words.value(name, "brief", "campaign.brief"), text=_text(value, words))
        for name, value in found.brief.items() if value not in (None, "", [], {})
    ]  # fmt: skip
    return [*blocks, *([Points(fields)] if fields else [])]


def _text(value: Any, words: Words) -> str:
    if isinstance(value, list):
        return words.comma([_text(v, words) for v in value])
    if isinstance(value, dict):
        return words.comma([f"{k} {_text(v, words)}" for k, v in value.items()])
    return words.said(str(value), 300)


def _strategy(found: Case, words: Words) -> list[Block]:
    t = words.t
    blocks: list[Block] = []
    if found.lists:
        head = [t("report.c.lists"), t("report.c.people")]
        blocks.append(Rows(head, [(name, words.few(n)) for name, n in found.lists]))
    else:
        blocks.append(Text(t("report.c.no_lists")))
    if found.variants:
        head = [t("report.c.variants"), t("report.c.code"), t("report.c.sent")]
        blocks.append(Rows(head, [(name, code or "—", f"{n:,}") for name, code, n in found.variants]))
    else:
        blocks.append(Text(t("report.c.no_variants")))
    if found.experiments:
        head = [t("report.c.experiments"), t("report.c.metric"), t("report.c.verdict")]
        body = [(name, words.value(metric, "value"), _verdict(state, verdict, words))
                for name, metric, state, verdict in found.experiments]  # fmt: skip
        blocks.append(Rows(head, body))
    else:
        blocks.append(Text(t("report.c.no_experiments"), "gap"))
    return blocks


def _verdict(state: str, verdict: dict[str, Any], words: Words) -> str:
    key = verdict.get("key") or verdict.get("verdict")
    if isinstance(key, str) and words.cat.has(key):
        return words.t(key, **{k: v for k, v in (verdict.get("params") or {}).items() if isinstance(k, str)})
    if isinstance(verdict.get("text"), str):
        return words.said(verdict["text"], 200)
    return words.t("report.c.exp_running" if state == "running" else "report.c.exp_open")


def _doing(found: Case, words: Words) -> list[Block]:
    t = words.t
    blocks: list[Block] = []
    if found.steps:
        head = [t(f"report.c.{c}") for c in ("step", "times", "people")]
        body = [(t(f"report.step.{s.step}"), f"{s.times:,}", words.few(s.people)) for s in found.steps]
        blocks.append(Rows(head, body, t("report.c.steps")))
    else:
        blocks.append(Text(t("report.c.no_touches"), "gap"))
    if found.costs or found.minutes:
        figures = [Figure(t("report.c.money"), f"¥{found.money:,.0f}"),
                   Figure(t("report.c.minutes"), t("report.c.minutes_value", n=found.minutes))]  # fmt: skip
        blocks.append(Figures(figures))
        body = [(words.value(kind, "cost"), _number(amount), _number(minutes)) for kind, amount, minutes in found.costs]
        if body:
            head = [t(f"report.c.{c}") for c in ("what", "amount", "time")]
            blocks.append(Rows(head, body, t("report.c.costs")))
    else:
        blocks.append(Text(t("report.c.no_costs"), "gap"))
    return blocks


def _effect(found: Case, words: Words) -> list[Block]:
    t = words.t
    if not found.touched and not found.outcomes:
        return [Text(t("report.c.no_outcomes"), "gap")]
    figures = []
    if found.touched >= LEAST:
        low, high = wilson(found.answered, found.touched)
        note = t("report.c.rate_note", n=found.answered, of=found.touched, low=low, high=high)
        figures.append(Figure(t("report.c.rate"), f"{found.answered / found.touched:.0%}", note))
        silent = found.touched - found.answered
        figures.append(Figure(t("report.c.waste"), f"{silent / found.touched:.0%}",
                              t("report.c.waste_note", n=silent, of=found.touched)))  # fmt: skip
    if found.value:
        figures.append(Figure(t("report.c.value"), f"¥{found.value:,.0f}", t("report.c.value_note")))
    if (back := found.roi) is not None:
        note = t("report.c.roi_few", least=LEAST_VALUES) if back.low is None or back.high is None else t(
            "report.c.roi_note", low=back.low, high=back.high, times=RESAMPLES)  # fmt: skip
        figures.append(Figure(t("report.c.roi"), f"{back.value:+.0%}", note))
    figures.append(Figure(t("report.c.bad"), words.few(found.bad), t("report.c.bad_note")))
    blocks: list[Block] = [Figures(figures)]
    if found.touched < LEAST:
        blocks.append(Text(t("report.c.too_few", least=LEAST), "gap"))
    stages = [("listed", found.listed), ("touched", found.touched), ("answered", found.answered), ("won", found.won)]
    said = t("report.c.funnel_said", of=found.listed, touched=found.touched, answered=found.answered, won=found.won)
    blocks.append(Steps(t("report.c.funnel"), [(t(f"report.c.f.{name}"), n) for name, n in stages], said))
    if found.outcomes:
        head = [t("report.c.kind"), t("report.c.people")]
        body = [(t(f"report.outcome.{kind}"), words.few(n)) for kind, n in found.outcomes]
        blocks.append(Rows(head, body, t("report.c.outcomes")))
    return [*blocks, Text(t("report.c.how"), "how")]


def _lessons(found: Case, words: Words) -> list[Block]:
    t, out = words.t, []
    enough = [s for s in found.steps if s.people >= LEAST]
    if enough:
        best = max(enough, key=lambda s: (wilson(s.answered, s.people)[0], s.step))
        low, high = wilson(best.answered, best.people)
        out.append(t("report.c.lesson_best", step=t(f"report.step.{best.step}"), n=best.answered, of=best.people,
                     low=low, high=high))  # fmt: skip
    else:
        out.append(t("report.c.lesson_few", n=max(1, LEAST - found.touched)))
    if found.bad:
        out.append(t("report.c.lesson_bad", n=words.few(found.bad)))
    if not found.costs:
        out.append(t("report.c.lesson_cost"))
    if not found.experiments:
        out.append(t("report.c.lesson_test"))
    out += [t("report.c.note", text=words.said(note, 200)) for note in found.notes]
    return [Points(out, "next")]
