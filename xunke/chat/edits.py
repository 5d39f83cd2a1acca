"""Changing a plan: where in its steps a changed filter belongs, and what becomes of the value that stood there."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, cast

from xunke.plan import SLOTS, Action

from . import lexicon
from .draft import LISTS

Step = dict[str, Any]

OUTPUTS: Final = frozenset({"export", "save", "schedule"})
"""Actions that do something with a result and ask for none."""
GROW: Final = frozenset({"drop", "exclude", "region_exclude"})
"""What is kept out: a further word joins those that stand there."""
SINGLE: Final = frozenset({"media", "gender", "sentiment", "content_lang"})
"""Filters with one value: another one beside it means that there is no such filter."""
WORDS: Final = frozenset({"topics", "tags", "keywords", "items", "occupation", "interests", "accounts", "groups"})
_COMPARED: Final = {
    "topics": "brand",
    "platforms": "platform",
    "region": "region",
    "accounts": "account",
    "tags": "tag",
}
_RANGES: Final = (("followers_min", "followers_max"), ("age_min", "age_max"))
_ENDS: Final[dict[str, Callable[[str, str], str]]] = {"since": min, "until": max}
_METRICS: Final = {"count": "posts", "follower_growth": "followers"}


class Edit:
    """The steps of a plan while they are being changed. ``taken``: slots that a value was taken out of."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self.steps = [copy.deepcopy(step) for step in steps]
        self.taken: set[str] = set()

    def home(self, slot: str) -> Step | None:
        """The step that ``slot`` belongs to: one that has it, else the first that may have it."""
        asking = [s for s in self.steps if s["action"] not in OUTPUTS]
        steps = asking if slot not in SLOTS["export"] | SLOTS["save"] | SLOTS["schedule"] else self.steps
        return next((s for s in steps if slot in s), None) or next((s for s in steps if allows(s, slot)), None)

    @property
    def last(self) -> Step | None:
        """The last step that asks for something."""
        return next((s for s in reversed(self.steps) if s["action"] not in OUTPUTS), None)

    def value(self, slot: str) -> Any:
        step = self.home(slot)
        return None if step is None else step.get(slot)

    def put(self, slots: dict[str, Any], *, add: bool = False) -> bool:
        """Give ``slots`` their new values. ``add``: lists get longer. False if no step may have one of them."""
        slots = self._compared(slots, add)
        homes = {slot: self.home(slot) for slot in slots}
        if not slots or any(step is None for step in homes.values()):
            return False
        for slot, value in slots.items():
            step = cast(Step, homes[slot])
            if add and slot in SINGLE and (slot in self.taken or step.get(slot, value) != value):
                step.pop(slot, None)  # 图文也行: of either form
            elif slot in LISTS and (add or slot in GROW or slot in self.taken):
                old = step.get(slot, [])
                step[slot] = [*old, *(v for v in value if v not in old)]
            elif add and slot in _ENDS and step.get(slot):
                step[slot] = _ENDS[slot](step[slot], value)  # 上个月的也放进来: both together
            else:
                step[slot] = value
            self._agree(step, slot, slots)
        return True

    def _compared(self, slots: dict[str, Any], add: bool) -> dict[str, Any]:
        """Of a comparison, one more brand (platform, place …) is one more item."""
        last = self.last
        if not last or last["action"] != "compare" or not last.get("items"):
            return slots
        out = dict(slots)
        for slot, dimension in _COMPARED.items():
            if slot in out and last.get("dimension") == dimension and (add or slot == "topics"):
                out["items"] = out.pop(slot)
        return out

    def _agree(self, step: Step, slot: str, slots: dict[str, Any]) -> None:
        """What cannot stand beside the new value goes."""
        if slot == "region_exclude" and "region" in step:
            left = [r for r in step["region"] if r not in step[slot]]
            if left and len(left) < len(step["region"]):
                step["region"] = left
                step.pop("region_exclude")
        if slot == "region" and "region_exclude" in step:
            step["region_exclude"] = [r for r in step["region_exclude"] if r not in step["region"]]
            if not step["region_exclude"]:
                step.pop("region_exclude")
        if slot in ("since", "until"):
            step.pop("window", None)
            if "since" in slots and "until" not in slots:
                step.pop("until", None)
            step.pop("periods", None)
        if slot == "window":
            step.pop("since", None), step.pop("until", None)
        if slot == "sort" and "order" not in slots:
            step.pop("order", None)
        for low, high in _RANGES:
            if slot in (low, high) and low in step and high in step and step[low] > step[high]:
                step.pop(high if slot == low else low)

    def clear(self, slots: Iterable[str]) -> bool:
        """Take whole filters out. False if none of them was set."""
        found = False
        for step in self.steps:
            for slot in slots:
                if slot in step and not (step["action"] in OUTPUTS and slot in ("until", "name", "input")):
                    del step[slot]
                    self.taken.add(slot)
                    found = True
        return found

    def find(self, said: str) -> Iterator[tuple[Step, str]]:
        """Where the plan has the word ``said`` as a value."""
        word = folded(said)
        for step in self.steps:
            for slot, value in step.items():
                if (slot in WORDS and any(folded(v) == word for v in value)) or (
                    slot == "format" and lexicon.values("words", "format").get(said.strip().lower()) == value
                ):
                    yield step, slot

    def take(self, slots: dict[str, Any]) -> bool:
        """Take single values out of their slots. False if the plan does not have them."""
        slots = self._compared(slots, True)
        found = False
        for slot, value in slots.items():
            for step in self.steps:
                old = step.get(slot)
                if old is None or step["action"] in OUTPUTS:
                    continue
                if slot in LISTS and slot not in GROW:
                    gone = {folded(str(v)) for v in value}
                    left = [v for v in old if folded(str(v)) not in gone]
                    if len(left) == len(old):
                        continue
                    step[slot] = left
                    if not left:
                        del step[slot]
                elif old == value and slot not in ("gender", "followers_min", "followers_max", "limit"):
                    del step[slot]
                else:
                    continue
                self.taken.add(slot)
                found = True
        return found

    def swap(self, step: Step, slot: str, old: str, new: Iterable[str]) -> None:
        """Another word in the place of ``old``."""
        values = [v for v in step[slot] if folded(v) != folded(old)]
        at = next(i for i, v in enumerate(step[slot]) if folded(v) == folded(old))
        step[slot] = [*values[:at], *(n for n in new if n not in values), *values[at:]]

    def measure(self, name: str) -> bool:
        """Another measure in a table, a comparison or a history."""
        last = self.last
        if last is None:
            return False
        if last["action"] in ("stats", "compare"):
            last["measure"] = [name]
        elif last["action"] == "history" and _METRICS.get(name, name) in (
            "followers", "engagement", "likes", "comments", "posts",
        ):  # fmt: skip
            last["metrics"] = [_METRICS.get(name, name)]
        else:
            return False
        return True

    def bound(self, low: str, high: str | None, number: int, raised: bool) -> bool:
        """A bare number as a bound: outside of the range it widens it; inside, a raised bound is the lower one."""
        step = self.home(low)
        if step is None:
            return False
        lowest, highest = step.get(low), step.get(high) if high else None
        if high and lowest is not None and highest is not None:
            step[low if number <= lowest or (raised and number < highest) else high] = number
        elif high and (highest is not None or (lowest is None and low == "age_min")):
            step[high] = number
        else:
            step[low] = number
        return True


def folded(word: str) -> str:
    """``word`` as it is compared: without case, blanks, quotes and signs."""
    return "".join(c for c in str(word).casefold() if c not in " 『』\"'#@")


def allows(step: Step, slot: str) -> bool:
    """May a step of this action have ``slot``?"""
    return slot in SLOTS[cast(Action, step["action"])]
