"""Campaigns: made, filled in, checked, paid for, given codes, closed. The command line, the chat and the screens call
these; all of them take a project, name a campaign (None: the newest that is not ended) and tell events.

``now``: UTC seconds; ``today``: the day in China.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from xunke import veil
from xunke.errors import BadInput, UsageError, XunkeError
from xunke.events import Done, Event, FileWritten, Table, Warned
from xunke.figures import plain, yuan
from xunke.i18n import messages
from xunke.outreach import brief, campaign_rows, campaigns, kpi, notices
from xunke.outreach.brief import FIELDS, Filled, Finding
from xunke.outreach.campaigns import Campaign
from xunke.storage import Project

_ASKED: Final = 3
"""So many questions are shown at a time."""


def fields(said: Mapping[str, str]) -> dict[str, str]:
    """Fields by their names in the form, also where they are called as the form shows them (目标值, target)."""
    words = {text.lower(): f for f in FIELDS for text in (*messages()[f"brief.{f}"].values(), f)}
    return {words.get(name.strip().lower(), name.strip()): text for name, text in said.items()}


def chosen(project: Project, name: str | None) -> Campaign:
    """The campaign that is meant. Raises BadInput("campaign.none" | "campaign.unknown")."""
    if name is not None:
        return campaigns.by_name(project, name)
    found = campaigns.newest(project)
    if found is None:
        raise BadInput("campaign.none")
    return found


def new(
    project: Project, name: str, *, now: int, said: Mapping[str, str] | None = None, preset: str | None = None,
    lists: Sequence[str] = (), run: int | None = None, index: int = 0,
) -> Iterator[Event]:  # fmt: skip
    """A new campaign. ``said``: fields of the brief as typed: ``{"kpi": "回复率", "target": "8%"}``."""
    filled = {k: brief.read(k, v) for k, v in fields(said or {}).items()}
    columns = {k: v for k, v in filled.items() if FIELDS[k].column}
    rest = {k: v for k, v in filled.items() if not FIELDS[k].column and k != "lists" and v is not None}
    names = [*lists, *(filled.get("lists") or [])]
    made = campaigns.create(
        project, name, now=now, list_names=names, brief={**(brief.preset(preset) if preset else {}), **rest}, run=run,
        **columns,
    )  # fmt: skip
    yield Done("campaign.made", {"name": made.name})
    yield from _next_questions(project, made, index)


def table(project: Project, *, index: int = 0) -> Table:
    """All campaigns."""
    rows = [
        [c.id, c.name, f"campaign.state.{c.state}", f"campaign.phase.{c.phase}", c.goal,
         f"kpi.{c.kpi}" if c.kpi else None, kpi.shown(c.kpi, c.target), c.since, c.until,
         len(campaign_rows.ranked(project, c)), c.target]
        for c in campaigns.every(project)
    ]  # fmt: skip
    columns = ["id", "campaign", "state", "phase", "goal", "kpi", "target_value", "since", "until", "people", "target"]
    params = {"n": len(rows), "hidden": ["target"]}
    return Table("campaign.table" if rows else "campaign.table_empty", columns, rows, params, index)


def show(project: Project, name: str | None = None, *, index: int = 0) -> Iterator[Event]:
    """What is filled in of a campaign."""
    c = chosen(project, name)
    filled = [f for f in brief.form(project, c) if f.value is not None]
    rows = [[f"brief.step.{f.field.step}", f"brief.{f.field.name}", worded(f, filled)] for f in filled]
    rows += [
        ["brief.step.communication", "campaign.codes", [f"{v.name}: {v.code}" for v in campaigns.variants(project, c)]]
    ]
    yield Table("campaign.shown", ["step", "field", "filled_in"], [r for r in rows if r[2]],
                {"name": c.name, "what": f"campaign.state.{c.state}"}, index)  # fmt: skip


def edit(
    project: Project, name: str | None, said: Mapping[str, str], *, now: int, state: str | None = None,
    preset: str | None = None, run: int | None = None,
) -> Iterator[Event]:  # fmt: skip
    """Fill fields in as typed; "-" takes one out. ``state``: draft, running or ended."""
    c = chosen(project, name)
    if preset is not None:
        before = {k: v for k, v in brief.preset(preset).items() if not c.brief.get(k)}
        c = campaigns.edit(project, c, now=now, brief=before, run=run)
    if said:
        c = brief.fill(project, c, fields(said), now=now, run=run)
    if state is not None:
        words = {text: s for s in campaigns.STATES for text in messages()[f"campaign.state.{s}"].values()}
        c = campaigns.edit(project, c, now=now, state=words.get(state.strip(), state), run=run)
    yield Done("campaign.edited", {"name": c.name, "n": len(said) + (state is not None) + (preset is not None)})


def worksheet(
    project: Project, name: str | None = None, *, now: int, every: bool = False, index: int = 0
) -> Iterator[Event]:
    """The brief: the five steps with what is filled and missing, where it stands, what to ask next, and warnings.

    ``every``: also the fields that may stay empty.
    """
    c = chosen(project, name)
    filled = brief.form(project, c)
    here = brief.standing(filled)
    rows = []
    shown = [f for f in filled if every or f.field.must or f.value is not None]
    for f in shown:
        mark = "brief.filled" if f.value is not None else "brief.must" if f.field.must else "brief.may"
        rows.append([f"brief.step.{f.field.step}", f"brief.{f.field.name}", mark, worded(f, filled)])
    must = [f for f in filled if f.field.must]
    params = {"name": c.name, "done": sum(f.value is not None for f in must), "n": len(must),
              "what": f"brief.step.{here}" if here else "brief.complete"}  # fmt: skip
    yield Table("brief.table", ["step", "field", "brief_state", "filled_in"], rows, params, index)
    if len(shown) < len(filled):
        yield Done("brief.more", {"n": len(filled) - len(shown), "name": c.name})
    yield from _next_questions(project, c, index)
    findings = brief.review(project, c, now=now)
    for one in findings:
        if one.level == "warn" and not one.key.endswith(("no_list", "no_metrics")):
            yield Warned(one.key, _told(one))
    if (statement := positioning(c)) is not None:
        yield statement


def _next_questions(project: Project, c: Campaign, index: int) -> Iterator[Event]:
    filled = brief.form(project, c)
    open_ = brief.missing(filled)[:_ASKED] or brief.missing(filled, must=False)[:_ASKED]
    if open_:
        yield Table("brief.next", ["field", "ask"], [[f"brief.{f.name}", f"brief.ask.{f.name}"] for f in open_],
                    {"name": c.name}, index)  # fmt: skip


def questions(project: Project, name: str | None = None) -> list[tuple[str, str]]:
    """(field, key of the question) of everything that is not filled in: first what must be told, by steps."""
    filled = brief.form(project, chosen(project, name))
    must = brief.missing(filled)
    rest = [f for f in brief.missing(filled, must=False) if f not in must]
    return [(f.name, f"brief.ask.{f.name}") for f in (*must, *rest)]


def positioning(c: Campaign) -> Done | None:
    """The positioning statement: the user's own, else the template with the fields it needs; None without them."""
    if c.brief.get("statement"):
        return Done("brief.statement_own", {"text": c.brief["statement"]})
    who, gain, proof = "、".join(c.brief.get("segments") or []), c.brief.get("gain"), c.brief.get("credible")
    product = c.brief.get("product") or "、".join(c.brief.get("products") or [])
    if not (who and gain and proof and product):
        return None
    params = {"who": who, "product": product, "gain": gain, "proof": proof, "unique": c.brief.get("unique") or "—"}
    return Done("brief.statement_made", params)


def worded(f: Filled, filled: Sequence[Filled]) -> Any:
    """What a field holds as it is shown: numbers in the unit of the KPI, codes as message keys."""
    if f.value is None:
        return None
    if f.field.name in ("target", "baseline"):
        return kpi.shown(next((one.value for one in filled if one.field.name == "kpi"), None), f.value)
    if f.field.name == "kpi":
        return f"kpi.{f.value}"
    if f.field.name == "phase":
        return f"campaign.phase.{f.value}"
    if f.field.name == "strategy":
        return f"campaign.strategy.{f.value}"
    return f.value


def check(project: Project, name: str | None = None, *, now: int, index: int = 0) -> Iterator[Event]:
    """Whether it can start: what stops it, what is wrong, what would help."""
    c = chosen(project, name)
    found = brief.review(project, c, now=now)
    rows = [[f"campaign.level.{one.level}", {"key": one.key, "params": _told(one)}, one.key] for one in found]
    stops = sum(one.level == "stop" for one in found)
    params = {"name": c.name, "n": len(found), "stops": stops, "hidden": ["key"]}
    yield Table("campaign.checked", ["level", "finding", "key"], rows, params, index)
    yield Done("campaign.not_ready" if stops else "campaign.ready", {"name": c.name, "n": stops})


def _told(one: Finding) -> dict[str, Any]:
    return dict(one.params)


def phase(
    project: Project, name: str | None, to: str | None = None, *, now: int, run: int | None = None
) -> Iterator[Event]:
    """试点 → 优化 → 推广: the next phase, or the one said. 推广 copies the plan: a new campaign with the same brief and
    planned content shifted by nothing, but without people, costs and results.
    """
    c = chosen(project, name)
    at = campaigns.PHASES.index(c.phase)
    wanted = brief.read("phase", to) if to else campaigns.PHASES[min(at + 1, len(campaigns.PHASES) - 1)]
    if wanted == "scale" and c.phase != "scale":
        copy = notices.scaled(project, c, now=now, run=run)
        yield Done("campaign.scaled", {"name": c.name, "copy": copy.name})
        if not c.brief.get("lessons"):
            yield Warned("campaign.scaled_unlearned", {"name": c.name})
        return
    campaigns.edit(project, c, now=now, brief={"phase": wanted}, run=run)
    yield Done("campaign.phased", {"name": c.name, "what": f"campaign.phase.{wanted}"})


# -- costs, codes, results ------------------------------------------------------------------------------------------


def cost_add(
    project: Project, name: str | None, *, now: int, today: date, amount: str | None = None, minutes: str | None = None,
    kind: str = "other", day: str | None = None, note: str | None = None, run: int | None = None,
) -> Iterator[Event]:  # fmt: skip
    """Write down what was spent: CNY (``1.2万`` too), minutes of work, or both."""
    c = chosen(project, name)
    money = campaigns.number(amount) if amount else None
    worked = campaigns.number(minutes) if minutes else None
    word = next((k for k, names in _COSTS.items() if kind == k or kind in names), kind)
    number = campaigns.add_cost(project, c, day=campaigns.day(day) if day else today.isoformat(), now=now, kind=word,
                                amount=money, minutes=worked, note=note, run=run)  # fmt: skip
    spent = "both" if amount and minutes else "minutes" if minutes else "money"
    yield Done(f"campaign.cost_added.{spent}", {"name": c.name, "amount": yuan(money), "minutes": plain(worked),
                                                "id": number})  # fmt: skip


_COSTS: Final[Mapping[str, tuple[str, ...]]] = {
    "ads": ("投放", "广告", "推广费", "投流", "广告费", "ads", "ad spend"),
    "gift": ("赠品", "礼品", "奖品", "gifts"),
    "sample": ("样品", "试用", "试用装", "寄样", "samples"),
    "content": ("内容", "拍摄", "设计", "稿费", "拍摄费", "设计费", "内容制作"), "labour": ("人工", "工时", "达人费"),
    "tool": ("工具", "软件"), "other": ("其他",),
}  # fmt: skip


def cost_list(project: Project, name: str | None = None, *, index: int = 0) -> Table:
    """The cost ledger."""
    c = chosen(project, name)
    found = campaigns.costs(project, c)
    rows = [[x.id, x.day, f"cost.{x.kind}" if x.kind in (*_COSTS, "money") else x.kind, x.amount, x.minutes, x.note]
            for x in found]  # fmt: skip
    params = {"name": c.name, "amount": yuan(sum(x.amount or 0.0 for x in found)),
              "minutes": plain(sum(x.minutes or 0.0 for x in found))}  # fmt: skip
    title = "campaign.costs" if rows else "campaign.costs_none"
    return Table(title, ["id", "day", "kind", "amount", "minutes", "note"], rows, params, index)


def code_add(
    project: Project, name: str | None, variant: str, *, now: int, code: str | None = None, body: str | None = None,
    run: int | None = None,
) -> Iterator[Event]:  # fmt: skip
    """A version of the message with its own code (口令), made where none is said."""
    c = chosen(project, name)
    made = campaigns.add_variant(project, c, variant, now=now, code=code, body=body, run=run)
    yield Done("campaign.code_made", {"name": c.name, "variant": made.name, "code": made.code})


def code_list(project: Project, name: str | None = None, *, index: int = 0) -> Table:
    """Versions with their codes and what was told of each."""
    c = chosen(project, name)
    counted = campaign_rows.counts(project, c)
    rows = []
    for v in campaigns.variants(project, c):
        mine = [x for x in counted if x.variant == v.id]
        won = sum(x.count for x in mine if x.kind in ("converted", "bought"))
        rows.append([v.name, v.code, sum(x.count for x in mine if x.kind == "click"), won,
                     sum(x.value or 0.0 for x in mine if x.kind in ("converted", "bought")), v.body])  # fmt: skip
    title = "campaign.codes_table" if rows else "campaign.codes_none"
    return Table(title, ["variant", "code", "clicks", "won", "revenue", "body"], rows, {"name": c.name}, index)


def result_add(
    project: Project, name: str | None, *, now: int, today: date, kind: str, count: str = "1",
    code: str | None = None, value: str | None = None, day: str | None = None, run: int | None = None,
) -> Iterator[Event]:  # fmt: skip
    """A result that names no person: so many clicks, orders, answers to "would you recommend us" by a code and day.

    It stands for the whole day: said again, it is replaced.
    """
    c = chosen(project, name)
    raw = {"code": code, "kind": kind, "count": count, "value": value, "date": day}
    line = campaign_rows.line_of(raw, 1, today.isoformat())
    told = campaign_rows.store(project, c, [line], now=now, run=run)
    if told.refused:
        raise BadInput("campaign.code_unknown", code=code or "—", name=c.name)
    yield Done("campaign.result_added", {"name": c.name, "n": line.count, "what": f"outcome.{line.kind}"})


def result_import(project: Project, name: str | None, path: Path, *, now: int, today: date) -> Iterator[Event]:
    """Results by code from a CSV, XLSX or JSON file: 口令/code, 数量/count, 金额/value, 日期/date, 类型/kind."""
    c = chosen(project, name)
    lines: list[campaign_rows.Line] = []
    refused: list[tuple[int, str, dict[str, Any]]] = []
    for number, (_, raw, problem) in enumerate(_rows_of(path), 1):
        if problem is not None or not isinstance(raw, dict):
            refused.append((number, "campaign.bad_line", {}))
            continue
        try:
            lines.append(campaign_rows.line_of(raw, number, today.isoformat()))
        except XunkeError as error:
            refused.append((number, error.key, dict(error.params)))
    told = campaign_rows.store(project, c, lines, now=now)
    refused += [(n, "campaign.code_unknown", {"code": code, "name": c.name}) for n, code in told.refused]
    for n, key, params in sorted(refused, key=lambda r: r[0])[:10]:
        yield Warned("campaign.line_refused", {"row": n, "reason": key, **params})
    yield Done("campaign.results_imported", {
        "name": c.name, "new": told.new, "changed": told.changed, "same": told.same, "refused": len(refused),
    })  # fmt: skip


def _rows_of(path: Path) -> Iterator[tuple[str, Any, Any]]:
    from collectors.importers.binary_rows import xlsx_rows
    from collectors.importers.csv_rows import csv_rows
    from collectors.importers.json_rows import json_document, json_lines
    from collectors.importers.source import Source

    source = Source.open(path)
    reader = {".xlsx": xlsx_rows, ".json": json_document, ".jsonl": json_lines}.get(path.suffix.lower(), csv_rows)
    yield from reader(source)


# -- tasks, close, case ---------------------------------------------------------------------------------------------


def task_add(
    project: Project, name: str | None, what: str, *, now: int, due: str | None = None, owner: str | None = None,
    run: int | None = None,
) -> Iterator[Event]:  # fmt: skip
    """A task of a campaign with a day and somebody who does it."""
    c = chosen(project, name)
    if not what.strip():
        raise UsageError("campaign.no_task")
    number = notices.add(project, c, what, now=now, due=campaigns.day(due) if due else None, owner=owner, run=run)
    said = {"name": c.name, "id": number, "text": what, "day": due or "—", "owner": owner or "—"}
    yield Done("campaign.task_added", said)


def task_done(project: Project, number: int, *, now: int, run: int | None = None) -> Iterator[Event]:
    """A task is done."""
    yield Done("campaign.task_done", {"text": notices.finish(project, number, now=now, run=run)})


def tasks(project: Project, name: str | None = None, *, today: date, every: bool = False, index: int = 0) -> Table:
    """Open tasks by day (``every``: done ones too); what is late is marked. Without a name those of all campaigns."""
    c = campaigns.by_name(project, name) if name else None
    rows = []
    for t in notices.tasks(project, c):
        if t.done is None or every:
            late = t.done is None and t.due is not None and t.due < today.isoformat()
            state = "task.done" if t.done is not None else "task.late" if late else "task.open"
            rows.append([t.id, t.due, t.owner, t.body, state, t.campaign])
    columns = ["id", "due", "owner", "task", "state", "campaign"]
    return Table("campaign.tasks" if rows else "campaign.tasks_none", columns, rows, {"n": len(rows)}, index)


def maturity(project: Project, *, index: int = 0) -> Iterator[Event]:
    """自评: how far outreach has come (现状-规划-能力-试点-推广-优化), by what is in the project, and the next step."""
    found = notices.maturity(project)
    rows = [
        [f"maturity.{s.name}", "brief.filled" if s.done else "task.open", s.n, f"maturity.{s.name}.how"] for s in found
    ]
    yield Table("maturity.table", ["step", "state", "count", "finding"], rows, {"n": sum(s.done for s in found)}, index)
    following = next((s for s in found if not s.done), None)
    if following is None:
        yield Done("maturity.all")
    else:
        yield Done("maturity.next", {"what": f"maturity.{following.name}.next"})


def close(
    project: Project, name: str | None = None, *, now: int, lessons: str | None = None, run: int | None = None,
) -> Iterator[Event]:  # fmt: skip
    """End a campaign: the figures of this moment become a look back, lessons are kept in the brief."""
    c = chosen(project, name)
    if lessons:
        c = campaigns.edit(project, c, now=now, brief={"lessons": lessons}, run=run)
    notices.close(project, c, now=now, run=run)
    yield Done("campaign.closed", {"name": c.name})
    if not c.brief.get("lessons"):
        yield Warned("campaign.no_lessons", {"name": c.name})


def case(project: Project, name: str | None, path: Path, text: str, *, run: int | None = None) -> Iterator[Event]:
    """Write the case (``campaign_numbers.case_text``) to a Markdown file."""
    from xunke.export import text_file

    c = chosen(project, name)
    text_file(path, veil.veiled(text))
    project.audit("export", file=path.name, format="md", rows=1, campaign=c.id, left_out={})
    yield FileWritten(str(path), 1, "md")
