"""Questions about what Xunke shows, ranks and means: 为什么是他, 第二页, 什么是RFM. Ordinary requests pass untouched.

The patterns are data (``lexicon/questions.toml``); a question is the whole sentence and short, so that posts *about*
RFM stay posts. What the neutral schema can say becomes its step or its words; the rest is an ``explain`` step.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Any, Final

from xunke.plan import MAX_LIMIT, MAX_WORD, Plan

from . import doing_slots, lexicon
from .numbers import whole
from .rules import Rule, rule

LONGEST: Final = 80
"""Characters of a question; what is longer is a request."""
_GATE: Final = (
    "什么", "啥", "为何", "共同", "下一", "往后", "全不", "全吗", "完整", "other", "凭", "怎", "咋", "谁", "哪", "页",
    "后面", "接着", "继续", "重合", "重叠", "准", "靠谱", "回测", "像", "类似", "相似", "差不多", "解释", "说说",
    "讲讲", "讲解", "理由", "依据", "如何", "数据", "漏", "没", "沉", "流失", "圈", "意思", "定义", "含义", "公式",
    "覆盖", "几点", "传播", "引爆", "几个", "时段", "时间", "科普", "介绍", "信", "why", "what", "who", "how", "when",
    "where", "page", "next", "prev", "more", "explain", "back", "similar", "like", "overlap", "which", "prove",
    "define", "mean",
)  # fmt: skip
"""A sentence without any of these is no question; nothing is loaded for it."""
_NAME: Final = r"[^\s,，。?？!！@、『』]{1,40}?"
_FIRST: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_TARGETS: Final = frozenset({"silent", "lookalike", "seeds"})
"""Explanations that put people on the screen."""

Answer = dict[str, Any]


def read(text: str, prev: tuple[str, Plan] | None) -> Answer | str | None:
    """A plan (outcome, steps, clarify) for a folded sentence that is a question, other words to read instead, or None.

    ``prev`` is the turn before, whose result is on the screen.
    """
    text = text.strip()
    if len(text) > LONGEST:
        return None
    low = text.lower()
    return rows("questions", text, prev) if any(cue in low for cue in _GATE) else None


def rows(
    table: str, text: str, prev: tuple[str, Plan] | None, *, typed: str = "", today: date | None = None,
    when: bool = False,
) -> Answer | str | None:  # fmt: skip
    """What the first rule of ``table`` that the whole of ``text`` fits makes of it.

    ``typed``: the text as it was typed, for rules that take over the user's own words. ``today``: what days to come are
    counted from. ``when``: only rules of which a time was cut off.
    """
    low = text.lower()
    for row in lexicon.table(table)["rule"]:
        if (when and "when" not in row) or not any(cue in low for cue in row["cue"]):
            continue
        for pattern in row["pattern"]:
            match = compiled(pattern, table).fullmatch(typed if row.get("raw") else text)
            if match is not None and (found := _made(row, match, _screen(prev), today)) is not None:
                return found
    return None


@cache
def compiled(pattern: str, table: str = "questions") -> Rule:
    """The rule of a pattern of ``table``, with the pieces that it names."""
    parts = dict(lexicon.table("questions")["parts"])
    for name in (*lexicon.table(table).get("uses", ()), table):
        parts |= lexicon.table(name)["parts"]
    for n in "12":
        parts["at" + n] = rf"(?:@\s?(?P<at{n}>{_NAME})|『(?P<quote{n}>[^』]{{1,40}})』)"
        parts["place" + n] = (
            rf"(?:(?:排)?第\s?(?P<nth{n}>{{num}}){{one}}(?:的)?(?:那{{one}})?{{kind}}?|排?(?P<top{n}>头一{{one}})|"
            rf"(?:the )?(?P<word{n}>{'|'.join(_FIRST)})(?: one| person| creator| post)?|"
            rf"(?:number |no\.? ?|#|post )(?P<no{n}>\d{{1,4}}))"
        )
        parts["who" + n] = f"(?:{{at{n}}}|{{place{n}}})"
    parts["term"] = r"『?(?P<term>[^\s,，。?？!！@#『』](?:[^,，。?？!！@#『』]{0,30}?[^\s,，。?？!！@#『』])?)』?"
    for _ in range(4):  # pieces hold pieces
        for name, part in parts.items():
            pattern = pattern.replace("{" + name + "}", part)
    return rule(pattern, re.IGNORECASE | re.DOTALL)


def _screen(prev: tuple[str, Plan] | None) -> str | None:
    """What the turn before showed: people, posts, something else (""), or nothing (None)."""
    if prev is None or not prev[1].steps:
        return None
    for step in reversed(prev[1].steps):
        if step.action in ("find", "collect", "segment"):
            return step.target or "posts"
        if step.action == "outreach" or step.what in _TARGETS:
            return "people"
    return ""


def _made(rule: dict[str, Any], match: re.Match[str], screen: str | None, today: date | None) -> Answer | str | None:
    groups = {name: value for name, value in match.groupdict().items() if value}
    if "read" in rule:
        return str(rule["read"].format(**{"pre": "", **groups}))
    step = dict(rule["step"]) if "step" in rule else {"action": "explain", "what": rule["what"]}
    if "op" in rule:
        step["op"] = rule["op"]
    accounts, ranks = _names(groups), _ranks(groups)
    if accounts is None or not _term(rule, groups, step):
        return None
    if accounts:
        step["accounts"] = accounts
    if ranks:
        step["ranks"] = ranks
    for slot in ("limit", "page"):
        number = groups.get(slot) or groups.get(slot + "2")
        if number and (value := whole(number)):
            step[slot] = value
    if not _said(groups, step) or (today is not None and not doing_slots.put(groups, step, today)):
        return None
    need = rule.get("need", "") or ("any" if rule.get("input") == "ranks" and not accounts else "")
    if need and not accounts:
        if screen is None:
            return _ask("referent")
        if need not in ("any", screen):
            return _ask("account" if need == "people" else "referent")
    points = rule.get("input") in ("always", "any") or (rule.get("input") == "ranks" and not accounts)
    if points and screen is not None:
        step["input"] = "last"
    return {"outcome": "run", "steps": [step]}


def _said(groups: dict[str, str], step: dict[str, Any]) -> bool:
    """Put names, the user's own words and numbers into ``step``; False if a number is none."""
    for slot, most in (("name", 80), ("topic", MAX_WORD)):
        if said := next((groups[key] for n in ("", "2", "3", "4") if (key := slot + n) in groups), ""):
            step[slot] = said.strip()[:most]
    for slot in ("amount", "minutes", "days"):
        if number := groups.get(slot) or groups.get(slot + "2"):
            value = whole(number) if slot == "days" or not number.replace(".", "", 1).isdigit() else float(number)
            if value is None:
                return False
            step[slot] = int(value) if slot == "days" else float(value)
    return True


def _ask(code: str) -> Answer:
    return {"outcome": "clarify", "steps": [], "clarify": [code]}


def _names(groups: dict[str, str]) -> list[str] | None:
    """Whom the question names; None if one of the names is the beginning of something else."""
    said = [groups[key + n] for n in "12" for key in ("at", "quote", "b") if key + n in groups]
    stop = lexicon.table("questions")["names"]["stop"]
    return None if any(word in name for name in said for word in stop) else [name.strip() for name in said]


def _ranks(groups: dict[str, str]) -> list[int]:
    if "first" in groups:
        return list(range(1, (whole(groups["first"]) or 2) + 1))
    found: list[int] = []
    for n in "12":
        if number := groups.get("nth" + n) or groups.get("no" + n):
            found.append(whole(number) or 0)
        elif word := groups.get("word" + n):
            found.append(_FIRST.index(word.lower()) + 1)
        elif "top" + n in groups:
            found.append(1)
    return [rank for rank in found if 0 < rank <= MAX_LIMIT]


def _term(rule: dict[str, Any], groups: dict[str, str], step: dict[str, Any]) -> bool:
    """Put the term that is asked for into ``step``; False if it is none."""
    term = groups.get("term")
    if term is None:
        return rule.get("what") != "term"
    from xunke import glossary

    names = lexicon.table("questions")["names"]
    if term.lower() in names["no_term"]:
        return False
    if glossary.find(term) is None and (
        rule.get("known") or len(term) > 16 or any(part in term for part in names["no_term_in"])
    ):
        return False
    step["topic"] = term
    return True
