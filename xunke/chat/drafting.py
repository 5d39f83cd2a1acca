"""One clause as a step in the making, and the files and names that it asks for behind that step.

Each effect of a clause has one small function, found by its name; what is not in the table and is a slot of the schema
is just added.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from msgspec import Struct

from xunke.plan import FILTERS

from . import clauses
from .clauses import Clause
from .draft import Draft

DATA: Final = ("compare", "stats", "segment", "outreach", "collect", "find")
"""Actions that look at something, the most special first."""
_NTH: Final = re.compile(r"第[一二三四五六\d]{1,2}(?:组|类|群|批)")
_FILE: Final = frozenset({"format", "path", "columns", "split_by", "name"})
_FLAGS: Final = frozenset({"who", "trend", "vs", "more", "said_find", "own", "past", "rerun"})
_PLAIN: Final = FILTERS | {
    "purpose", "require_contact", "source", "k", "method", "match", "sort", "order", "limit", "by", "measure",
}  # fmt: skip


class _Making(Struct):
    """A clause being turned into a draft; ``tail``: the exports and saves behind it."""

    clause: Clause
    schedule: dict[str, Any]
    today: date
    new: Draft
    tail: list[Draft]


def of_clause(clause: Clause, schedule: dict[str, Any], today: date) -> tuple[Draft, list[Draft]]:
    """The draft of a clause and what stands behind it; what is said of repetition goes into ``schedule``."""
    making = _Making(clause, schedule, today, Draft(), [])
    new = making.new
    data = [action for action in clause.all("action") if action in DATA]
    if data:
        new.action = min(data, key=DATA.index)
        new.flags.add("verb")
    for name, value in clause.said:
        if name in _FILE and (making.tail or name in ("columns", "split_by")):
            _file(making, name, value)
        elif name in _FLAGS:
            new.flags.add(name)
            if name in ("vs", "more"):
                new.said_more.append(value)
        elif name in _EFFECTS:
            _EFFECTS[name](making, value)
        elif name in _PLAIN:
            new.add(name, value)
    new.frame = clause.frame
    new.unread += clause.words
    return new, _joined(making.tail)


def _file(making: _Making, name: str, value: Any) -> None:
    """A word about a file goes to the newest export, a name to the newest save."""
    step = next((t for t in reversed(making.tail) if (t.action == "save") == (name == "name")), None)
    if step is None:
        step = Draft("export", flags={"tail"})
        making.tail.append(step)
    step.slots[name] = value


def _joined(tail: list[Draft]) -> list[Draft]:
    """``tail`` without an export that was only made for a word about its file: the word goes to the real one."""
    loose = [t for t in tail if t.flags == {"tail"}]
    kept = [t for t in tail if t.flags != {"tail"}]
    if not loose or len(tail) < 2:
        return tail
    for one in loose:
        next((t for t in kept if t.action == "export"), kept[0]).slots |= one.slots
    return kept


def _action(making: _Making, value: str) -> None:
    if value in ("export", "save"):
        making.tail.append(Draft(value, flags={"verb"}))


def _word(making: _Making, value: tuple[str, str]) -> None:
    """A word of the subject, by what it seems to be."""
    kind, word = value
    if not clauses.strip(word) or _NTH.fullmatch(word):
        return
    if kind == "item":
        making.new.items.append(word)
    elif kind == "topic":
        making.new.loose.append(word)
    else:
        making.new.add({"interest": "interests", "occupation": "occupation"}[kind], word)
        making.new.flags.add("who")


def _group(making: _Making, value: tuple[str | None, str]) -> None:
    making.new.add("groups", value[1])
    if value[0]:
        making.new.add("platforms", value[0])


def _born(making: _Making, value: tuple[int, int]) -> None:
    """Years of birth as ages in the year of today."""
    slots, year = making.new.slots, making.today.year
    slots["age_min"] = min(slots.get("age_min", 999), year - value[1])
    slots["age_max"] = max(slots.get("age_max", 0), year - value[0])


def _target(making: _Making, value: str) -> None:
    """In Chinese the last noun is the head, in English the first."""
    slots = making.new.slots
    if "target" not in slots or any("\u4e00" <= c <= "\u9fff" for c in making.clause.text):
        slots["target"] = value


def _weak_target(making: _Making, value: str) -> None:
    of_people = value == "posts" and making.clause.first("who")  # 做早教内容的 says what people post
    if not of_people and "target" not in making.new.slots:
        _target(making, value)


def _measure(making: _Making, value: tuple[str, ...]) -> None:
    if value != ("count",) or "measure?" not in making.new.slots:
        making.new.slots["measure?"] = value


def _each(making: _Making, value: str | tuple[str, ...]) -> None:
    making.new.slots["each"] = (value,) if isinstance(value, str) else value


def _adds(slot: str) -> Callable[[_Making, Any], None]:
    return lambda making, value: making.new.add(slot, value)


def _sets(slot: str) -> Callable[[_Making, Any], None]:
    return lambda making, value: making.new.slots.__setitem__(slot, value)


def _flag(name: str) -> Callable[[_Making, Any], None]:
    return lambda making, _value: making.new.flags.add(name)


_EFFECTS: Final[dict[str, Callable[[_Making, Any], None]]] = {
    "action": _action,
    "A": _adds("accounts"),
    "T": _adds("tags"),
    "R": _adds("region"),
    "P": _adds("platforms"),
    "W": _word,
    "Q": lambda making, value: making.new.loose.append(value),
    "G": _group,
    "D": lambda making, value: making.new.spans.append(value),
    "S": lambda making, value: making.schedule.update(value),
    "born": _born,
    "all~": _flag("all platforms"),
    "two": _flag("posts"),
    "target": _target,
    "target~": _weak_target,
    "measure?": _measure,
    "each": _each,
    "notify": lambda making, _value: making.schedule.__setitem__("notify", True),
    "dimension?": _sets("dimension?"),
    "by_measure": _sets("by_measure"),
    "platform?": _sets("platform?"),
}
