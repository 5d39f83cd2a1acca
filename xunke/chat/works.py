"""What a sentence wants done with people who were found, where no rule of ``doings`` fits it as a whole.

A small model (``loglinear``; trained by ``training/make_doings.py`` on invented sentences) names the act and its kind
(``touch:done``); only a clear answer counts. What the act needs is read from the sentence by ``work_slots``; what is
missing is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final, get_args

from xunke.plan import Work

from . import deeds, lexicon, loglinear, work_slots
from .policy import ruled, scan
from .rules import rule
from .work_said import Said

OTHER: Final = "other"
DOES: Final = frozenset(get_args(Work))
OTHERWISE: Final = 0.4
"""Where the chance of there being no act is this or more, nothing is read."""
NAMED: Final = 0.6
"""The same where a name of the project stands in the sentence, or a place on the screen."""
THIN: Final = 0.8
"""The same where nothing else can be made of the sentence than a search for it, word by word."""
LIKELY: Final = 0.1
"""The least chance of the act then."""
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
_MANY: Final = rule(
    r"自动|批量|群发|一键|所有|全部的?人|每个|每人|每位|挨个|逐个|逐一|大家|统统|脚本|机器人|小号|\d\d\s?[个位名]|百|千|万|"
    r"auto|bulk|mass|every|all of"
)
"""Without any of these a step that a person takes is no mass contact (刚把前三个都关注了, 能不能今天就私信第3个)."""
_WRITTEN: Final = frozenset({"note:add", "snippet:add", "check"})
"""What keeps or looks at the user's own words."""
_ENDS: Final = frozenset({"drop", "stop", "close", "remove", "run"})
_POINTED: Final = rule(r"这[些批帮群]|那[些批帮群]|[他她它]们|these|those|\bthem\b|\btheir\b")
"""The people on the screen: what is asked of them is no question about our own followers."""
_NOT_NOW: Final = rule(r"怎么|如何|咋|为什么|为啥|为何|别|不要|先不|勿|how (?:do|to|can)|why|don'?t|do not|never")
_WHOM: Final = rule(r"@|第\s?[\d一二三四五六七八九十]")
"""Who is to be left alone is for ``suppress``, whatever else the sentence resembles."""
KINDS: Final = ("list", "segment", "campaign", "experiment")
"""What has a name in a project, in the order of the marks in a sentence."""
_KINDS_MOST: Final = 12
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


def quoted(text: str, names: Mapping[str, str]) -> str:
    """``text`` with each of the ``names`` in it in quotation marks, behind the word for what it names."""
    marks: dict[str, str] = {}
    for name, kind in _longest(names):
        if (at := text.find(name.lower())) >= 0:
            marks[mark := chr(MARK + 16 + len(marks))] = (
                "" if _SAID[kind].search(text) else _OBJECT[kind]
            ) + f"『{name}』"
            text = text[:at] + mark + text[at + len(name) :]
    for mark, said in marks.items():
        text = text.replace(f"『{mark}』", mark).replace(mark, said)
    return text


_OBJECT: Final = {"list": "名单", "segment": "细分", "campaign": "活动", "experiment": "实验"}
_SAID: Final = {
    "list": rule(r"名单|列表|list"), "segment": rule(r"细分|人群|分群|客群|segment"),
    "campaign": rule(r"活动|推广|战役|campaign"), "experiment": rule(r"实验|试验|测试|试点|experiment|trial|test"),
}  # fmt: skip


def exported(text: str, names: Mapping[str, str]) -> str:
    """``text`` with the word for a list before the name of one, where something is to be exported."""
    for name, kind in _longest(names) if _EXPORT.search(text) else ():
        if kind == "list" and (at := text.find(name.lower())) >= 0 and "名单" not in text:
            marked = f"{text[:at]}名单『{name}』{text[at + len(name) :]}"
            return marked.replace("『名单『", "名单『").replace("』』", "』")
    return text


def features(text: str) -> set[str]:
    """Words and characters of a masked sentence, pairs of them, pairs with one between; what its words are about
    (``deeds.spoken_of``) and pairs of that.
    """
    seen = {found for found in loglinear.features(text) if found.count("\t") < 2 or "\t\t" in found}
    kinds = sorted(set(deeds.spoken_of(text)))[:_KINDS_MOST]
    seen.update(f"={one}" for one in kinds)
    seen.update(f"={one}={other}" for at, one in enumerate(kinds) for other in kinds[at + 1 :])
    return seen


@cache
def model() -> loglinear.Model:
    return loglinear.Model.unpacked((lexicon.HERE / "doings.bin").read_bytes())


@lru_cache(maxsize=4)
def _chances(text: str) -> dict[str, float]:
    """A sentence may be looked at twice: before the other readers, and where they find next to nothing."""
    return model().chances(features(text))


def best(text: str, by: loglinear.Model | None = None) -> tuple[str, float, float]:
    """The likeliest act of a masked sentence, its chance, and that of there being none."""
    chances = dict(_chances(text) if by is None else by.chances(features(text)))
    other = chances.pop(OTHER)
    found = max(chances, key=lambda code: (chances[code], code))
    return found, chances[found], other


def kind(text: str, by: loglinear.Model | None = None, *, most: float = OTHERWISE) -> str | None:
    """The act that a masked sentence asks for (``touch:done``), None where that is not clear or none of ours."""
    found, chance, other = best(text, by)
    return found if other < most and chance >= SHARE * (1 - other) else None


def _most(text: str, *, named: bool, thin: bool, written: bool) -> float:
    """What the chance of there being no act must stay below.

    What reads like something that is refused must be clearly an act (刚把前三个都关注了 tells what a person did), the
    clearer the more people it may be about.
    """
    most = THIN if thin else NAMED if named else OTHERWISE
    if written:  # 记到第2个头上：他们烦早上发消息 asks for nothing of what it holds
        text = re.split("[:：]", text, maxsplit=1)[0]
    if not (codes := scan(text).codes):
        return most
    sure = bool(ruled(text).codes)
    if set(codes) <= {"mass_contact", "minors"} and not _MANY.search(text):
        return DOUBTED if sure else OTHERWISE
    return FORBIDDEN if sure else DOUBTED


def read(text: str, typed: str, *, today: date, names: Mapping[str, str], thin: bool = False) -> dict[str, Any] | None:
    """The plan of a folded sentence (``typed``: as it came) that asks for an act, or None. ``thin``: as anything else
    the sentence says next to nothing (``intents.thin``).
    """
    if len(text) > LONGEST:
        return None
    words = masked(text, names)
    if _LEFT_ALONE.search(text) and _WHOM.search(text):
        return None
    found, chance, other = best(words)
    named_there = words != masked(text) or _WHOM.search(text) is not None
    most = _most(text, named=named_there, thin=thin, written=found in _WRITTEN)
    if other >= most or chance < (LIKELY if thin else SHARE * (1 - other)):
        return None
    do, _, op = found.partition(":")
    if op in _ENDS and _NOT_NOW.search(text):  # 怎么删除名单春季, 名单春季别删: nothing is to be ended
        return None
    if do == "followers" and _POINTED.search(text):
        return None
    step: dict[str, Any] = {"action": "work", "do": do} | ({"kind" if do == "outcome" else "op": op} if op else {})
    said = Said(text, typed, today, named(text, names))
    return {"outcome": "run", "steps": [step | work_slots.slots(found, said)]}
