"""Several requests in one text: 找成都的烘焙博主；另外把@小麦加入勿扰.

A text is cut where another request may begin: at ； and 。, and, if one part is of a special kind, also at 另外, 顺便
and the like. A part stands on its own if it says what to look for (behind 另外: with a verb), or is of a special kind;
any other part belongs to the one before it. Parts that speak of the same kind of thing are not cut: everything said
about one target is one step (the rule of the schema).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from xunke.plan import FILTERS

from .rules import rule

Step = dict[str, Any]

_STRONG: Final = rule(r"[;；。\n]+|(?<!\d)\.\s+(?=[A-Z@])")
_WEAK: Final = rule(
    r"[,，]\s?(?=(?:另外|此外|还有|顺便|同时|然后|接着|最后|再|并|also\b|and\salso\b|plus\b|then\b|and\sthen\b))",
)
_JOINT: Final = rule(
    r"^(?:另外|此外|还有就是|还有|顺便|同时|然后|接着|最后|再|并且|并|also|and\salso|plus|and\sthen|then|and)[,，]?\s?(?:再|也|请)?\s?",
)
_SUBJECT: Final = frozenset({"topics", "tags", "keywords", "groups", "accounts", "items", "source"})
SPECIAL: Final = frozenset({"jobs", "ab_test", "suppress", "erase", "connect", "undo", "help"})
MAX_PARTS: Final = 6


def parts(text: str, read: Callable[[str], tuple[list[Step], bool]]) -> list[list[Step]]:
    """The steps of each request of ``text``, or nothing if it is one request.

    ``read``: the steps of a text and whether a verb is said in it.
    """
    pieces = [p.strip() for p in _STRONG.split(text) if p.strip()]
    strong = len(pieces) > 1
    if not strong:
        pieces = [p.strip() for p in _WEAK.split(text) if p.strip()]
        if len(pieces) > 1 and not any(_special(read(_bare(p))[0]) for p in pieces[:MAX_PARTS]):
            return []  # filters and steps of one request
    if not 1 < len(pieces) <= MAX_PARTS:
        return []
    requests: list[tuple[str, list[Step]]] = []
    for piece in pieces:
        steps, verb = read(_bare(piece))
        if requests and not (_own(steps) and (strong or verb or _special(steps))):
            whole = f"{requests[-1][0]}，{piece}"
            requests[-1] = (whole, read(whole)[0])
        else:
            requests.append((_bare(piece), steps))
    found = [steps for _, steps in requests]
    if len(found) < 2 or not all(_own(steps) for steps in found) or _same_thing(found):
        return []
    return sorted(found, key=lambda steps: steps[-1]["action"] != "schedule")  # a rhythm repeats what is before it


def _bare(piece: str) -> str:
    return _JOINT.sub("", piece)


def _special(steps: list[Step]) -> bool:
    return bool(steps) and steps[0]["action"] in SPECIAL


def _own(steps: list[Step]) -> bool:
    """Do these steps stand on their own?"""
    if not steps:
        return False
    first = steps[0]
    return first["action"] in SPECIAL | {"import"} or bool(_SUBJECT & first.keys())


def _same_thing(found: list[list[Step]]) -> bool:
    """Do two of the requests look for the same kind of thing in the same way? Then they are one."""
    kinds = [
        (steps[0]["action"], steps[0].get("target"))
        for steps in found
        if steps[0]["action"] not in SPECIAL and FILTERS & steps[0].keys()
    ]
    looking = [("find" if action == "collect" else action, target) for action, target in kinds]
    return len(set(looking)) < len(looking) or len({steps[0]["action"] for steps in found} - {"ab_test"}) == 0
