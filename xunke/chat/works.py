"""What a sentence wants done with people who were found, where no rule of ``doings`` fits it as a whole.

A small model (``loglinear``; trained by ``training/make_doings.py`` on invented sentences) names the act and its kind
(``touch:done``); only a clear answer counts. What the act needs is read from the sentence by ``work_slots``; what is
missing is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, Final, get_args

from xunke.plan import Work

from . import lexicon, loglinear, work_slots
from .policy import ruled, scan
from .rules import rule
from .work_said import Said

OTHER: Final = "other"
DOES: Final = frozenset(get_args(Work))
OTHERWISE: Final = 0.4
"""Where the chance of there being no act is this or more, nothing is read."""
DOUBTED: Final = 0.2
"""The same where the policy's model has something against the sentence."""
FORBIDDEN: Final = 0.03
"""The same where its rules have."""
SHARE: Final = 0.3
"""Of the chance of all acts together, what the likeliest must have."""
LONGEST: Final = 400
"""Characters."""
_LEFT_ALONE: Final = rule(
    r"(?:别|不要|不许|不准|请勿|勿|不能|不可以?|don'?t|do not|never|stop)\s?(?:再|to )?"
    r"(?:联系|打扰|找|私信|骚扰|发|contact|message|writ)|"
    r"不再(?:联系|打扰|找|私信|发)|勿扰|拉黑|屏蔽|黑名单|退出名单"
)
_EXPORT: Final = rule(r"导出|导成|输出成|export")
_WHOM: Final = rule(r"@|第\s?[\d一二三四五六七八九十]")
"""Who is to be left alone is for ``suppress``, whatever else the sentence resembles."""
KINDS: Final = ("list", "segment", "campaign", "experiment")
"""What has a name in a project, in the order of the marks in a sentence."""
MARK: Final = 0xE000
_MASKED: Final = re.compile('[『「“"《]?([\ue000-\ue003])[』」”"》]?')


def code(step: Mapping[str, Any]) -> str:
    """``do`` and its kind, as the model names it."""
    kind = step.get("op") or (step.get("kind") if step["do"] == "outcome" else "")
    return f"{step['do']}:{kind}" if kind else str(step["do"])


def masked(text: str, names: Mapping[str, str] | None = None) -> str:
    """A folded sentence whose ``names`` of lists, segments, campaigns and experiments are one character each."""
    for name, kind in _longest(names or {}):
        text = text.replace(name.lower(), chr(MARK + KINDS.index(kind)))
    return _MASKED.sub(r"\1", text)


def _longest(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda item: (-len(item[0]), item[0]))


def named(text: str, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The ``names`` that stand in a folded sentence, by kind, in order; a longer one hides those in it."""
    found: list[tuple[int, str, str]] = []
    for name, kind in _longest(names):
        at = text.find(name.lower())
        if at >= 0:
            found.append((at, kind, name))
            text = text.replace(name.lower(), "\ue010" * len(name))
    return {kind: tuple(name for _, one, name in sorted(found) if one == kind) for kind in {k for _, k, _ in found}}


def exported(text: str, names: Mapping[str, str]) -> str:
    """``text`` with the word for a list before the name of one, where something is to be exported."""
    for name, kind in _longest(names) if _EXPORT.search(text) else ():
        if kind == "list" and (at := text.find(name.lower())) >= 0 and "名单" not in text:
            marked = f"{text[:at]}名单『{name}』{text[at + len(name) :]}"
            return marked.replace("『名单『", "名单『").replace("』』", "』")
    return text


def features(text: str) -> set[str]:
    """Words and characters of a masked sentence, pairs of them, and pairs with one between."""
    return {found for found in loglinear.features(text) if found.count("\t") < 2 or "\t\t" in found}


@cache
def model() -> loglinear.Model:
    return loglinear.Model.unpacked((lexicon.HERE / "doings.bin").read_bytes())


def best(text: str, by: loglinear.Model | None = None) -> tuple[str, float, float]:
    """The likeliest act of a masked sentence, its chance, and that of there being none."""
    chances = dict((by or model()).chances(features(text)))
    other = chances.pop(OTHER)
    found = max(chances, key=lambda code: (chances[code], code))
    return found, chances[found], other


def kind(text: str, by: loglinear.Model | None = None, *, most: float = OTHERWISE) -> str | None:
    """The act that a masked sentence asks for (``touch:done``), None where that is not clear or none of ours."""
    found, chance, other = best(text, by)
    return found if other < most and chance >= SHARE * (1 - other) else None


def read(text: str, typed: str, *, today: date, names: Mapping[str, str]) -> dict[str, Any] | None:
    """The plan of a folded sentence (``typed``: as it came) that asks for an act, or None.

    What reads like something that is refused must be very clearly an act (刚把前三个都关注了 tells what a person did).
    """
    if len(text) > LONGEST:
        return None
    words = masked(text, names)
    if _LEFT_ALONE.search(text) and _WHOM.search(text):
        return None
    found = kind(words, most=OTHERWISE if not scan(text).codes else FORBIDDEN if ruled(text).codes else DOUBTED)
    if found is None:
        return None
    do, _, op = found.partition(":")
    step: dict[str, Any] = {"action": "work", "do": do} | ({"kind" if do == "outcome" else "op": op} if op else {})
    said = Said(text, typed, today, named(text, names))
    return {"outcome": "run", "steps": [step | work_slots.slots(found, said)]}
