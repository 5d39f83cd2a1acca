"""The report about a campaign as a case: background, strategy, doing, effect, lessons (背景-策略-实施-效果-启示)."""

from __future__ import annotations

from typing import Any

from xunke.figures import plain, yuan
from xunke.outreach.case import LEAST, Case
from xunke.outreach.experiments import wilson
from xunke.outreach.kpi import Number, shown
from xunke.outreach.trials import decided

from .blocks import Block, Figure, Figures, Points, Report, Rows, Section, Steps, Text
from .persona_page import report_words
from .wording import Words


def campaign_report(found: Case, words: Words, day: str) -> Report:
    """The whole report."""
    t = words.t
    parts = {
        "background": _background(found, words), "strategy": _strategy(found, words), "doing": _doing(found, words),
        "effect": _effect(found, words), "lessons": _lessons(found, words),
    }  # fmt: skip
    sections = [Section(t(f"report.c.{name}"), blocks) for name, blocks in parts.items()]
    subtitle = t("report.c.sub", since=found.campaign.since or "—", until=found.campaign.until or "—", day=day)
    title = t("report.c.title", name=found.campaign.name)
    return Report(title, subtitle, words.cat.lang, sections, report_words(words), t("report.foot"))


def _background(found: Case, words: Words) -> list[Block]:
    t, c = words.t, found.campaign
    blocks: list[Block] = [Text(t("report.c.goal", goal=c.goal) if c.goal else t("report.c.no_goal"), "lead")]
    if c.kpi:
        key = "report.c.kpi_alone" if c.baseline is None else "report.c.kpi"
        blocks.append(Text(t(key, kpi=words.value(c.kpi, "kpi"), baseline=shown(c.kpi, c.baseline) or "—",
                             target=shown(c.kpi, c.target) or "—")))  # fmt: skip
    return [*blocks, *_fields(found, words, "goal", "analysis")]


def _fields(found: Case, words: Words, *steps: str) -> list[Block]:
    """What the form says in these steps."""
    fields = [
        words.t("report.c.brief.field", name=words.value(name, "brief"), text=_text(value, words))
        for step in steps for name, value in found.form.get(step, {}).items()
    ]  # fmt: skip
    return [Points(fields)] if fields else []


def _text(value: Any, words: Words) -> str:
    if isinstance(value, list):
        return words.comma([_text(v, words) for v in value])
    if isinstance(value, dict):
        return words.comma([f"{k} {_text(v, words)}" for k, v in value.items()])
    code = str(value)
    return words.said(words.value(code, "campaign.strategy", "kpi"), 300)


def _strategy(found: Case, words: Words) -> list[Block]:
    t = words.t
    blocks = _fields(found, words, "positioning", "communication")
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
    if verdict:
        return words.comma([words.t(w) if words.cat.has(w) else words.said(w, 200) for w in decided(verdict)])
    return words.t("report.c.exp_running" if state == "running" else "report.c.exp_open")


def _doing(found: Case, words: Words) -> list[Block]:
    t = words.t
    blocks: list[Block] = []
    if found.steps:
        head = [t(f"report.c.{c}") for c in ("step", "times", "people")]
        body = [
            (t(f"report.step.{s.step}"), "—" if words.small(s.people) else f"{s.times:,}", words.few(s.people))
            for s in found.steps
        ]
        blocks.append(Rows(head, body, t("report.c.steps")))
    else:
        blocks.append(Text(t("report.c.no_touches"), "gap"))
    if found.costs or found.balance.minutes:
        figures = [Figure(t("report.c.money"), f"¥{found.balance.spent:,.0f}"),
                   Figure(t("report.c.minutes"), t("report.c.minutes_value", n=found.balance.minutes))]  # fmt: skip
        blocks.append(Figures(figures))
        body = [(words.value(kind, "cost"), yuan(amount), plain(minutes)) for kind, amount, minutes in found.costs]
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
    silent = found.touched - found.answered
    hidden = words.small(found.answered) or words.small(silent)  # a rate would tell the number
    if found.touched >= LEAST and not hidden:
        low, high = wilson(found.answered, found.touched)
        rate = round(found.answered / found.touched, 2)  # both figures together are all
        note = t("report.c.rate_note", n=found.answered, of=found.touched, low=low, high=high)
        figures.append(Figure(t("report.c.rate"), f"{rate:.0%}", note))
        figures.append(Figure(t("report.c.waste"), f"{1 - rate:.0%}",
                              t("report.c.waste_note", n=silent, of=found.touched)))  # fmt: skip
    back = found.balance
    if back.revenue:
        figures.append(Figure(t("report.c.value"), f"¥{back.revenue:,.0f}", t("report.c.value_note")))
    if back.roi is not None:
        note = t("report.c.roi_few") if back.low is None or back.high is None else t(
            "report.c.roi_note", low=back.low, high=back.high, times=back.draws)  # fmt: skip
        figures.append(Figure(t("report.c.roi"), f"{back.roi:+.0%}", note))
    figures.append(Figure(t("report.c.bad"), words.few(found.bad), t("report.c.bad_note")))
    blocks: list[Block] = [Figures(figures)]
    if found.touched < LEAST:
        blocks.append(Text(t("report.c.too_few", least=LEAST), "gap"))
    elif hidden:
        blocks.append(Text(t("report.c.hidden_rate", least=words.least), "privacy"))
    stages = [("listed", found.listed), ("touched", found.touched), ("answered", found.answered), ("won", found.won)]
    said = t("report.c.funnel_said", of=words.few(found.listed), touched=words.few(found.touched),
             answered=words.few(found.answered), won=words.few(found.won))  # fmt: skip
    steps = [(t(f"report.c.f.{name}"), n) for name, n in stages]
    blocks.append(Steps(t("report.c.funnel"), steps, said, least=words.least if words.closed else 0))
    if found.outcomes:
        head = [t("report.c.kind"), t("report.c.people")]
        body = [(t(f"report.outcome.{kind}"), words.few(n)) for kind, n in found.outcomes]
        blocks.append(Rows(head, body, t("report.c.outcomes")))
    if found.change is not None:
        key, params = found.change.told
        blocks.append(Text(t("report.c.before_after", days=found.change.days_after, before=found.change.before,
                             after=found.change.after, told=t(key, **params))))  # fmt: skip
    if found.surplus is not None:
        blocks.append(Text(" ".join(t(key, **params) for key, params in found.surplus.told(found.balance.spent))))
    elif back.revenue:
        blocks.append(Text(t("roi.no_holdout"), "gap"))
    if tree := _tree(found, words):
        blocks.append(tree)
    return [*blocks, Text(t("report.c.how"), "how")]


def _tree(found: Case, words: Words) -> Rows | None:
    """The KPI tree: every number that has rows, with its base and its interval."""
    t = words.t
    body = [(t(f"kpi.level.{n.level}"), t(f"kpi.{n.name}"), *_number(n, words)) for n in found.numbers]
    head = [t(f"report.c.{c}") for c in ("level", "measure", "number", "base", "range")]
    return Rows(head, body, t("report.c.tree"), t("report.c.tree_how")) if body else None


def _number(n: Number, words: Words) -> tuple[str, str, str]:
    """A number with its base and its interval; nothing from which fewer people than may be told could be reckoned."""
    if n.top is None or n.bottom is None:
        counted = n.unit in ("people", "times") and n.value is not None and words.small(n.value)
        return words.few(int(n.value or 0)) if counted else shown(n.name, n.value) or "—", "—", "—"
    people = {"share": (n.top, n.bottom, n.bottom - n.top), "ratio": (n.bottom,), "money": (n.bottom,)}
    if n.name != "roi" and any(words.small(count) for count in people.get(n.unit, ())):
        top = words.few(int(n.top)) if n.unit == "share" else f"{n.top:,.0f}"
        rest = n.unit == "share" and words.small(n.bottom - n.top)  # told by the two others
        return "—", "—" if rest else f"{top} / {words.few(int(n.bottom))}", "—"
    return (
        shown(n.name, n.value) or "—", f"{n.top:,.0f} / {n.bottom:,.0f}",
        "—" if n.low is None or n.high is None else f"{shown(n.name, n.low)} – {shown(n.name, n.high)}",
    )  # fmt: skip


def _lessons(found: Case, words: Words) -> list[Block]:
    t, out = words.t, []
    enough = [s for s in found.steps if s.people >= LEAST]
    told = [s for s in enough if not (words.small(s.answered) or words.small(s.people - s.answered))]
    if told:
        best = max(told, key=lambda s: (wilson(s.answered, s.people)[0], s.step))
        low, high = wilson(best.answered, best.people)
        out.append(t("report.c.lesson_best", step=t(f"report.step.{best.step}"), n=best.answered, of=best.people,
                     low=low, high=high))  # fmt: skip
    elif not enough:
        out.append(t("report.c.lesson_few", n=max(1, LEAST - found.touched)))
    if found.bad:
        out.append(t("report.c.lesson_bad", n=words.few(found.bad)))
    if not found.costs:
        out.append(t("report.c.lesson_cost"))
    if not found.experiments:
        out.append(t("report.c.lesson_test"))
    if lessons := found.form.get("evaluation", {}).get("lessons"):
        out.insert(0, t("report.c.note", text=_text(lessons, words)))
    out += [t("report.c.note", text=words.said(note, 200)) for note in found.notes]
    return [Points(out, "next")]
