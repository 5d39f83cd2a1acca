"""What is done with people who were found: 今天该联系谁, 第二个做完了, 活动『春季』的漏斗, 谁取关了.

The patterns are data (``lexicon/doing.toml``), read as those of ``questions``: a whole sentence, so that posts about
any of this stay posts. No rule here fits a sentence that asks for something to be sent.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from xunke.plan import Plan

from . import ab_tests, deeds, doing_slots, tasks
from .policy import ruled
from .questions import rows
from .rules import rule

LONGEST: Final = 600
"""Characters: a draft to be checked may be long."""


_WINDOWED: Final = frozenset({"followers"})
"""What can be asked of a time: the days said are its ``since`` and ``until``."""
_WHEN: Final = ("粉", "关注", "follower", "unfollow", "followed")
_FREE: Final = frozenset({"purpose", "offer", "statement", "rename", "group"})


def read(text: str, typed: str, prev: tuple[str, Plan] | None, *, today: date | None = None) -> dict[str, Any] | None:
    """The plan of a folded sentence (``typed``: as it came) that asks for one of these acts, or None.

    Words that would be kept about people must be such as people may be looked for by. Without ``today`` no sentence
    that names days to come is read.
    """
    text, typed = text.strip(), typed.strip()
    if len(text) > LONGEST:
        return None
    if (known := ab_tests.results(text) or _evidence(typed, prev) or tasks.read(text, today)) is not None:
        return allowed({"outcome": "run", "steps": [known]})
    step = deeds.read(text, today=today, shows=prev is not None, before=_spoken_of(prev))
    if step is not None and not ruled(text).codes:  # every word of it is known: what is learned of words says nothing
        return allowed({"outcome": "run", "steps": [tasks.detailed(step, today) if step.get("op") == "task" else step]})
    found = _fits(text, typed, prev, today)
    if found is not None and any(_AIMED.search(step.get("name", "")) for step in found["steps"]):
        return None
    if today is not None and any(cue in text for cue in _WHEN) and (found is None or _windowed(found)):
        found = _timed(text, prev, today) or found
    if found is not None and found["steps"] and found["steps"][0].get("op") == "task":
        found = found | {"steps": [tasks.detailed(found["steps"][0], today)]}
    return allowed(found)


def allowed(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """``found``, refused where it would keep words about people that nobody may be looked for by."""
    if found is None:
        return None
    codes = [code for words in _kept(found) for code in ruled(f"找{words}的人").codes]
    return {"outcome": "refuse", "steps": [], "refuse": list(dict.fromkeys(codes))} if codes else found


_AIMED: Final = rule(r"\s(?:目标|预算|截止|到)")
"""What goes on behind a name is no part of it (元宵节 目标新客60个): the readers of single slots cut it up."""
_OF: Final = {"campaign": "campaign", "experiment": "experiment", "lists": "list", "preflight": "list",
              "segments": "segment"}  # fmt: skip
"""What a step is about, if it has a name."""
_BASIS: Final = rule(
    r"\s*(?:依据|证据|凭据|凭证|理由|evidence)\s?(?:是|为|在于)?\s?[:：]?\s?(?P<said>\S.{2,200}?)[。.\s]*", re.I | re.S
)


def _spoken_of(prev: tuple[str, Plan] | None) -> dict[str, str]:
    """{an object: its name} of the last step of the turn before."""
    step = prev[1].steps[-1] if prev is not None and prev[1].steps else None
    return {} if step is None or step.name is None or step.do not in _OF else {_OF[step.do]: step.name}


def _evidence(typed: str, prev: tuple[str, Plan] | None) -> dict[str, Any] | None:
    """How we know of the consent that was noted just before without it (依据：11月20日填了表)."""
    said = _BASIS.fullmatch(typed)
    step = prev[1].steps[-1] if prev is not None and prev[1].steps else None
    if said is None or step is None or (step.do, step.op) != ("consent", "add"):
        return None
    found: dict[str, Any] = {"action": "work", "do": "consent", "op": "add", "topic": step.topic}
    found |= {"accounts": list(step.accounts)} if step.accounts else {"ranks": list(step.ranks)}
    return found | {"fields": [["evidence", said["said"][:200]]]}


def _fits(text: str, typed: str, prev: tuple[str, Plan] | None, today: date | None) -> dict[str, Any] | None:
    for table in ("doing", "doing_more"):
        found = rows(table, text, prev, typed=typed, today=today)
        if isinstance(found, dict):
            return found
    return None


def _windowed(found: dict[str, Any]) -> bool:
    return bool(found["steps"]) and found["steps"][0].get("do") in _WINDOWED


def _timed(text: str, prev: tuple[str, Plan] | None, today: date) -> dict[str, Any] | None:
    """The same of a sentence that says when (11月2日到9日谁取关了)."""
    cut = doing_slots.window(text, today)
    found = None if cut is None else _fits(cut[0], cut[0], prev, today)
    if cut is None or found is None or not _windowed(found):
        return None
    step = found["steps"][0] | {"since": cut[1].isoformat(), "until": cut[2].isoformat()}
    return found | {"steps": [step]}


def _kept(found: dict[str, Any]) -> list[str]:
    """The user's own words that would be kept about people."""
    step = found["steps"][0] if found["steps"] else {}
    said = [step["topic"]] if "topic" in step and step.get("do") != "check" else []
    if (step.get("op") in ("create", "save") or step.get("action") == "save") and "name" in step:
        said.append(step["name"])
    return said + [value for name, value in step.get("fields", ()) if name in _FREE]
