"""What is done with people who were found: 今天该联系谁, 第二个做完了, 活动『春季』的漏斗, 谁取关了.

The patterns are data (``lexicon/doing.toml``), read as those of ``questions``: a whole sentence, so that posts about
any of this stay posts. No rule here fits a sentence that asks for something to be sent.
"""

from __future__ import annotations

from typing import Any, Final

from xunke.plan import Plan

from .policy import scan
from .questions import rows

LONGEST: Final = 600
"""Characters: a draft to be checked may be long."""


def read(text: str, typed: str, prev: tuple[str, Plan] | None) -> dict[str, Any] | None:
    """The plan of a folded sentence (``typed``: as it came) that asks for one of these acts, or None.

    Words that would be kept about somebody must be such as people may be looked for by.
    """
    text, typed = text.strip(), typed.strip()
    found = rows("doing", text, prev, typed=typed) if len(text) <= LONGEST else None
    if not isinstance(found, dict):
        return None
    kept = [step["topic"] for step in found["steps"] if step.get("do") == "note" and "topic" in step]
    codes = scan(f"找{kept[0]}的人").codes if kept else ()
    return {"outcome": "refuse", "steps": [], "refuse": list(codes)} if codes else found
