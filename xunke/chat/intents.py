"""What kind of request a text is that the rules found no kind for: undo, help, jobs, a test, people to approach.

A small model (``loglinear``; trained by ``training/make_intents.py`` on invented requests) names the first action. It
is asked only where the rules found next to nothing, and only a clear answer counts; what the step
holds is read by rules.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Final

from . import action_words, entities, lexicon, loglinear, special

Step = dict[str, Any]

SURE: Final = 0.6
"""Below this chance nothing is changed."""
_OWN: Final = frozenset({"undo", "help", "jobs", "suppress", "ab_test", "erase", "connect"})
_THIN: Final = frozenset({"action", "target", "topics", "accounts", "interests", "limit", "keywords", "since", "until"})
"""What a find may hold and still be a misunderstanding."""


@cache
def model() -> loglinear.Model:
    return loglinear.Model.unpacked((lexicon.HERE / "intents.bin").read_bytes())


def kind(text: str) -> tuple[str, float]:
    """The likeliest first action of a folded text (``jobs:pause``, ``undo`` …) and its chance."""
    chances = model().chances(loglinear.features(text))
    best = max(chances, key=lambda code: (chances[code], code))
    return best, chances[best]


def thin(steps: list[Step]) -> bool:
    """Whether the rules found next to nothing."""
    return not steps or (len(steps) == 1 and steps[0]["action"] in ("find", "collect") and not steps[0].keys() - _THIN)


def read(text: str, steps: list[Step], today: date, *, follows: bool) -> list[Step] | None:
    """The steps that ``text`` means where ``steps`` are next to nothing, with ``clarify`` in one that needs a question.

    None: they stand as they are. ``follows``: there is a turn before, whose people may be meant.
    """
    if not thin(steps):
        return None
    found, chance = kind(text)
    action, _, op = found.partition(":")
    if chance < SURE:
        return None
    if action == "outreach" and steps and not follows:
        return [_approach(text, steps[0])]
    if action not in _OWN or (action == "ab_test" and op == "sample_size" and follows):
        return None
    return special.of_kind(action, op, entities.read(text, today))


def _approach(text: str, step: Step) -> Step:
    kept = {slot: value for slot, value in step.items() if slot not in ("action", "target")}
    return {"action": "outreach", **kept, **dict(action_words.purpose_of(text))}
