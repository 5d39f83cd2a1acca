"""What is done with people who were found: 今天该联系谁, 第二个做完了, 活动『春季』的漏斗, 谁取关了.

The patterns are data (``lexicon/doing.toml``), read as those of ``questions``: a whole sentence, so that posts about
any of this stay posts. No rule here fits a sentence that asks for something to be sent.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from xunke.plan import Plan

from . import doing_slots
from .policy import ruled
from .questions import rows

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
    found = _fits(text, typed, prev, today)
    if today is not None and any(cue in text for cue in _WHEN) and (found is None or _windowed(found)):
        found = _timed(text, prev, today) or found
    return allowed(found)


def allowed(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """``found``, refused where it would keep words about people that nobody may be looked for by."""
    if found is None:
        return None
    codes = [code for words in _kept(found) for code in ruled(f"找{words}的人").codes]
    return {"outcome": "refuse", "steps": [], "refuse": list(dict.fromkeys(codes))} if codes else found


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
    return said + [value for name, value in step.get("fields", ()) if name in _FREE]
