"""From a read text to steps: clauses become drafts, drafts that speak of the same target become one step."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, cast

from msgspec import Struct

from xunke.plan import SLOTS, Action

from . import actions, clauses, drafting, entities, lexicon, slots, special, subject
from .clauses import Clause
from .draft import Draft
from .drafting import DATA
from .finish import finish
from .tokens import ANY, Doc


class Reading(Struct):
    """What a text says before policy and before the turn before are looked at."""

    drafts: list[Draft]
    schedule: dict[str, Any]
    clarify: list[str]
    refers: bool
    one: bool
    fragment: bool
    unparsed: tuple[str, ...] = ()
    cues: frozenset[str] = frozenset()


def read(text: str, today: date) -> Reading:
    """Read a folded text. Never raises for any text."""
    doc = entities.read(text, today)
    own = special.read(doc)
    if own is not None:
        asked = [c for step in own for c in step.get("clarify", ())]
        whole = [
            Draft(step["action"], {k: v for k, v in step.items() if k != "action"}) for step in own if "action" in step
        ]
        return Reading(whole, {}, asked, False, False, False)
    ends = _mark(doc, today)
    refers = bool(
        re.search(
            r"作者里|博主里|其中的?|这[些批份个几\d]|那[些批份]|那个(?:report|报告|表|名单|结果|列表)|第[一二三四五六\d]{1,2}(?:组|类|群|批)|上面|刚才|刚刚|上一?[步轮个]的?结果|"
            r"以上|结果|\b(?:these|those|them|it|this list|"
            r"that list|the (?:results?|list)|above)\b",
            doc.text,
            re.IGNORECASE,
        )
    )
    one = bool(
        re.search(
            r"(?:看|查|调)(?:一?下|看|出)?(?:竞品|对手|对家)?(?:账号|帐号)(?=的?(?:最近|近|今年|过去|上|\s|涨|粉))|[这那该某](?:个|位)?(?:号(?!召|码)|账号|帐号|博主|up主|达人)(?!们|名单)|\b(?:this|"
            r"that)\s(?:account|creator|blogger)\b",
            doc.text,
            re.IGNORECASE,
        )
    )
    people = _about_people(doc)
    subject.read(doc, people)
    pieces = clauses.split(doc)
    drafts: list[Draft] = []
    schedule: dict[str, Any] = {}
    for piece in pieces:
        clause = clauses.read(doc, piece)
        if people and not clause.first("target") and clause.first("target~") != "people":
            clause.said.append(("who", True))
        _take(clause, drafts, schedule, today)
    drafts = [d for d in drafts if d.action or d.slots or d.spans or d.loose or d.items]
    _adverbs(doc, drafts, schedule)
    clarify: list[str] = []
    for draft in drafts:
        finish(draft, drafts, clarify, today, bool(schedule.get("every")))
    drafts = _one_export(_merge_finished(_source_first(drafts)))
    if schedule.get("every") and ends:
        schedule["until"] = ends.isoformat()
    fragment = not any("verb" in d.flags for d in drafts)
    return Reading(drafts, schedule, clarify, refers, one, fragment, tuple(w for d in drafts for w in d.unread))


_UNITS: Final = {"1h": "hour", "1d": "day", "1w": "week", "1m": "month"}


def _adverbs(doc: Doc, drafts: list[Draft], schedule: dict[str, Any]) -> None:
    """A bare monthly or daily beside a table is its unit, no repetition: followers and likes, monthly."""
    counted = next((d for d in drafts if d.action in ("stats", "compare")), None)
    raws = [t.raw.lower() for t in doc.tokens.values() if t.kind == "S"]
    if counted is None or set(schedule) != {"every"} or schedule["every"] not in _UNITS:
        return
    if raws and all(raw.strip() in ("hourly", "daily", "weekly", "monthly") for raw in raws):
        counted.add("by", _UNITS[schedule["every"]])
        counted.slots.setdefault("measure", ("count",)) if "past" not in counted.flags else None
        schedule.clear()


def _mark(doc: Doc, today: date) -> date | None:
    """Second and third reading: slots, actions, files. Returns the day a schedule ends."""
    special.imports(doc)
    ends = _until(doc, today)
    slots.read(doc)
    actions.read(doc)
    return ends


def marked(text: str, today: date) -> tuple[Doc, bool]:
    """What the fourth reading reads of a folded text, and whether it is about people (for training)."""
    doc = entities.read(text, today)
    _mark(doc, today)
    return doc, _about_people(doc)


def _until(doc: Doc, today: date) -> date | None:
    """The day a schedule ends (到年底为止), taken out of the text when something is repeated."""
    if not any(t.kind == "S" and "every" in t.value for t in doc.tokens.values()):
        return None
    found: list[date] = []

    def end(m: re.Match[str]) -> Any:
        found.append(doc.value(next(g for g in m.groups() if g)).ends(today))
        return ()

    doc.mask(
        r"(?:一直|直|持续|做|跑|盯)*(?:到|至|截止到?|截至)\s?({D})(?:为止|结束|截止|停止?|止)?|"
        r"\b(?:until|till|through|up\sto|"
        r"ending)\s(?:the\s)?({D})",
        "X",
        end,
    )
    return found[-1] if found else None


def _about_people(doc: Doc) -> bool:
    """Is the request about people? The last of the words for what is looked for decides."""
    last = None
    who = False
    for char in doc.text:
        token = doc.tokens.get(char)
        if token and token.kind == "X":
            for slot, value in token.value:
                if slot == "target" or (slot == "target~" and last is None and value == "people"):
                    last = value
                who = who or slot in (
                    "who",
                    "born",
                    "interests",
                    "tier",
                    "followers_min",
                    "followers_max",
                    "age_min",
                    "age_max",
                )
                if slot == "action" and value == "outreach":
                    who = True
    if last is None and not who:
        jobs = lexicon.alternation(lexicon.table("words")["occupation"]["words"])
        who = (
            any(
                slot == "limit"
                for m in re.finditer(rf"{jobs}们?({ANY})", doc.text, re.IGNORECASE)
                if doc.tokens[m[1]].kind == "X"
                for slot, _ in doc.tokens[m[1]].value
            )
            or bool(
                re.search(
                    rf"(?:找|有没有|推荐|求)[^,，。;；聊讲说]{{0,14}}{jobs}们?(?=[,，。;；\s]|$)",
                    doc.text,
                    re.IGNORECASE,
                )
            )
            or bool(re.search(rf"(?:的|找|个|位|\s){jobs}们?(?=[,，。;；\s]|{ANY}|$)", doc.text, re.IGNORECASE))
        )
    return last == "people" or (last is None and who)


def _take(clause: Clause, drafts: list[Draft], schedule: dict[str, Any], today: date) -> None:
    """Fold one clause into the drafts."""
    new, tail = drafting.of_clause(clause, schedule, today)
    for step in clause.all("step"):
        drafts.append(Draft(step["action"], {k: v for k, v in step.items() if k != "action"}, flags={"verb"}))
    if new.action or new.slots or new.spans or new.loose or new.items:
        current = next((d for d in reversed(drafts) if d.action in (None, *DATA)), None)
        between = bool(drafts) and drafts[-1] is not current
        if current is not None and _joins(current, new, between):
            _join(current, new)
        else:
            drafts.append(new)
    drafts.extend(tail)


def _joins(current: Draft, new: Draft, between: bool) -> bool:
    same = new.target is None or current.target is None or new.target == current.target
    if new.action is None:
        if current.action in ("stats", "segment") and {"sort", "limit"} & new.slots.keys() and "verb" in current.flags:
            return False
        return same or current.action == "compare"
    if between and current.action is not None:
        return False
    by = {"by", "each"}
    if new.action == current.action == "stats" and by & new.slots.keys() and by & current.slots.keys():
        return False  # 每周有多少条，再按正负面看占比: two tables
    if new.action == current.action:
        return same
    if new.action == "find":
        return (same and current.action in (None, "collect")) or (
            current.action in ("outreach", "compare") and not new.loose
        )
    if (current.action == "compare" and new.action == "stats") or (
        new.action == "compare" and current.action == "stats"
    ):
        return True
    if new.action == "collect":
        return same and current.action in (None, "find")
    return current.action in (None, "find")


def _join(current: Draft, new: Draft) -> None:
    if (
        new.action
        and not (current.action == "compare" and new.action == "stats")
        and not (current.action in ("collect", "outreach", "compare") and new.action == "find")
    ):
        current.action = new.action
    if new.action in ("segment", "stats") and new.target:
        current.slots["target"] = new.target
    current.merge(new)


def _source_first(drafts: list[Draft]) -> list[Draft]:
    """A saved list that is only named is the source of the step behind it."""
    out: list[Draft] = []
    for draft in drafts:
        last = out[-1] if out else None
        if (
            last
            and last.action == "find"
            and set(last.slots) <= {"source", "target"}
            and "source" in last.slots
            and "source" in SLOTS[cast(Action, draft.action or "find")]
        ):
            draft.slots.setdefault("source", last.slots["source"])
            out[-1] = draft
        else:
            out.append(draft)
    return out


def _one_export(drafts: list[Draft]) -> list[Draft]:
    """导出，csv格式 is one file."""
    out: list[Draft] = []
    for draft in drafts:
        if (
            out
            and out[-1].action == draft.action == "export"
            and not any(out[-1].slots[k] != draft.slots[k] for k in out[-1].slots.keys() & draft.slots.keys())
        ):
            out[-1].slots |= draft.slots
        else:
            out.append(draft)
    return out


def _merge_finished(drafts: list[Draft]) -> list[Draft]:
    """A find directly before segment, stats, compare or outreach is that step."""
    out: list[Draft] = []
    for draft in drafts:
        last = out[-1] if out else None
        if (
            last
            and last.action == "find"
            and draft.action in ("segment", "stats", "compare", "outreach")
            and "guessed_target" in draft.flags
        ):
            _join(last, draft)
            last.action = draft.action
        else:
            out.append(draft)
    return out


def steps(drafts: Iterable[Draft]) -> list[dict[str, Any]]:
    """The drafts as schema steps, only with slots that belong to the action."""
    out = []
    for draft in drafts:
        allowed = SLOTS[cast(Action, draft.action)]
        step: dict[str, Any] = {"action": draft.action}
        for slot, value in draft.slots.items():
            if slot in allowed and value not in (None, (), [], ""):
                step[slot] = plain(value)
        out.append(step)
    return out


def plain(value: Any) -> Any:
    """``value`` as JSON values."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return value


__all__ = ["Draft", "Reading", "plain", "read", "steps"]
