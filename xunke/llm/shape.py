"""Between the plan and the form in which a model speaks of it: times and births in the user's words, names hidden.

A model gets no day and computes none. It says ``when: "最近30天"``; our own grammar (``xunke.chat``) turns that
into days. What comes back is put right where that is safe (a word for a list of one), then ``xunke.plan.decode``
decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Final, get_args

import msgspec

from xunke.errors import BadInput
from xunke.plan import MAX_WORD, Action, Plan, Step, decode, encode
from xunke.text import clean

COMPUTED: Final = frozenset({"since", "until", "window"})
"""Slots of the plan that hold days: in the model's form ``when`` stands for them, in the user's words."""
_WINDOWS: Final = {
    "this:day": "今天", "prev:day": "昨天", "this:week": "这周", "prev:week": "上周", "this:month": "本月",
    "prev:month": "上个月",
}  # fmt: skip
_EPOCH: Final = date(1970, 1, 1)
_OF_PEOPLE: Final = ("accounts", "items")
"""Slots of the turn before that may name people: a name that the user did not type is not sent."""
_DAY_LIKE: Final = re.compile(r"\d\s?[-/.年月号日]")
_YEAR_BEFORE: Final = re.compile(r"\s*(?:(?:去年|上年)同期|same (?:time|period) last year)\s*", re.IGNORECASE)
_AS_IT_IS: Final = frozenset({"path", "endpoint", "instance", "model", "columns", "every", "at", "op", "format"})
_AROUND: Final = "#@\"'“”‘’「」『』《》 "
_WRAPPERS: Final = ("plan", "arguments", "parameters", "input", "function", "result")


class Conflict(Exception):
    """The user's words name no possible time."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan is made for: the text as it is sent, the day, the turn before as it is sent, hidden names."""

    text: str
    today: date
    prev: Mapping[str, Any] | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """Everything that may be repeated."""
        from xunke.chat.normalize import fold

        return fold(self.text) + (msgspec.json.encode(self.prev).decode() if self.prev else "")


def _no(detail: str) -> BadInput:
    return BadInput("plan.invalid", detail=detail)


# -- to the model --------------------------------------------------------------------------------------------------


def request(text: str, today: date, prev: tuple[str, Plan] | None) -> Request:
    """``text`` and the turn before in the model's form, without names that the user did not type."""
    if prev is None or not prev[1].steps:
        return Request(text, today)
    from xunke.chat.normalize import fold

    before = fold(prev[0])
    hidden: dict[str, str] = {}
    steps = []
    for step in encode(prev[1], neutral=False)["steps"]:
        for slot in _OF_PEOPLE:
            for number, name in enumerate(step.get(slot, ())):
                if fold(name) not in before:
                    mark = f"[{len(hidden) + 1}]"
                    hidden[mark] = name
                    step[slot][number] = mark
        steps.append(_in_words(step))
    return Request(text, today, {"steps": steps}, hidden)


def _in_words(step: dict[str, Any]) -> dict[str, Any]:
    """A step with its days as words that our grammar reads."""
    since, until, window = step.pop("since", None), step.pop("until", None), step.pop("window", None)
    if step["action"] == "schedule":
        return step | ({"until": until} if until else {})
    if window:
        step["when"] = _WINDOWS[window]
    elif since or until:
        step["when"] = _range(since or _EPOCH.isoformat(), until or since)
    if step.get("periods"):
        step["periods"] = [_range(*period) for period in step["periods"]]
    return step


def _range(since: str, until: str) -> str:
    return f"{since}到{until}"


# -- from the model ------------------------------------------------------------------------------------------------


def plan_of(found: Mapping[str, Any], asked: Request) -> Plan:
    """The valid plan that a model's JSON object is. Raises BadInput("plan.invalid") saying what is wrong."""
    raw = _trimmed(_unwrapped(found))
    if "steps" in raw and not isinstance(raw["steps"], list):
        raise _no("steps is not an array")
    steps = raw.get("steps") or []
    if len(steps) > 100:
        raise _no(f"{len(steps)} steps")
    if any(not isinstance(step, dict) for step in steps):
        raise _no("a step is not an object")
    raw.pop("unparsed", None)
    raw["outcome"] = _outcome(raw, bool(steps))
    repeated = any(step.get("action") == "schedule" for step in steps)
    try:
        raw["steps"] = [_step(step, asked, repeated) for step in steps]
    except Conflict:
        return Plan(outcome="clarify", clarify=("time_conflict",))
    return decode(raw)


def _unwrapped(found: Mapping[str, Any]) -> dict[str, Any]:
    """The plan in what a model put around it: {"name": "plan", "arguments": {…}}, {"plan": …}, a bare step."""
    for _ in range(4):
        if found.keys() & {"steps", "outcome", "refuse", "clarify"}:
            break
        if isinstance(found.get("action"), str) and found["action"] in get_args(Action):
            return {"steps": [dict(found)]}
        inner = next((found[name] for name in _WRAPPERS if isinstance(found.get(name), dict | str | list)), None)
        if isinstance(inner, str):
            try:
                inner = msgspec.json.decode(inner)
            except (ValueError, RecursionError):
                break
        if isinstance(inner, list):
            inner = {"steps": inner}
        if not isinstance(inner, dict):
            break
        found = inner
    return dict(found)


def _trimmed(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing: a model fills in null, "" and [] for what was not asked."""
    out: dict[str, Any] = {}
    for name, value in raw.items():
        if isinstance(value, list):
            value = [_trimmed(v) if isinstance(v, dict) else v for v in value if v not in (None, "", {})]
        if value not in (None, "", [], {}):
            out[name] = value
    return out


def _outcome(raw: Mapping[str, Any], steps: bool) -> Any:
    """The outcome, which follows from the rest where it was not said."""
    if "outcome" in raw:
        return raw["outcome"]
    if raw.get("refuse"):
        return "partial" if steps else "refuse"
    return "clarify" if raw.get("clarify") and not steps else "run"


@cache
def kinds() -> dict[str, str]:
    """{slot: "words", "codes", "numbers", "text", "number", "flag", "code"} of every slot, read off the plan."""
    schema = msgspec.json.schema(Step)["$defs"]["Step"]["properties"]
    return {name: _kind(entry) for name, entry in schema.items()}


def _kind(entry: Mapping[str, Any]) -> str:
    entry = next((e for e in entry.get("anyOf", ()) if e.get("type") != "null"), entry)
    if entry.get("type") == "array":
        inner = entry.get("items") or {}
        return "codes" if "enum" in inner else "words" if inner.get("type") == "string" else "values"
    if "enum" in entry:
        return "code"
    return {"string": "text", "integer": "number", "number": "rate", "boolean": "flag"}.get(entry.get("type", ""), "")


def _step(raw: Mapping[str, Any], asked: Request, repeated: bool) -> dict[str, Any]:
    step: dict[str, Any] = {}
    for name, value in raw.items():
        match kinds().get(name):
            case "words" | "codes" if isinstance(value, str):
                value = [value]  # one word where a list stands
            case "number" if isinstance(value, str) and re.fullmatch(r"\d{1,12}", value):
                value = int(value)
            case _:
                pass
        if name not in ("when", "born", "periods", "until"):
            step[name] = _tidy(name, value, asked.hidden)
    for name in COMPUTED & raw.keys() - ({"until"} if raw.get("action") == "schedule" else set()):
        raise _no(f"slot {name} is not yours: write the user's words for the time in slot when")
    for slot in ("region", "region_exclude"):
        if isinstance(step.get(slot), list):
            step[slot] = _places(step[slot])
    step |= _times(raw, asked, repeated)
    return {name: value for name, value in step.items() if value not in ("", [])}


def _tidy(name: str, value: Any, hidden: Mapping[str, str]) -> Any:
    """Free words as the parser writes them: simplified, without #, @ and quotes; hidden names as they are."""
    if isinstance(value, list):
        return [_tidy(name, v, hidden) for v in value]
    if not isinstance(value, str):
        return value
    if value in hidden:
        return hidden[value]
    value = clean(value)
    if name in _AS_IT_IS or kinds().get(name) not in ("words", "text"):
        return value.strip()
    from xunke.chat.normalize import simplified

    return value if len(value) > MAX_WORD else simplified(value).strip(_AROUND)


def _places(names: Sequence[Any]) -> Any:
    """Short names of places, groups as what they hold; a place that is not known stays as it was said."""
    from nlp import places

    out: list[Any] = []
    for name in names:
        if not isinstance(name, str):
            return list(names)
        found = places.expand(name)
        place = None if found else places.normalize_place(name)
        out += found or ((place.name,) if place else (name,))
    return list(dict.fromkeys(out))


# -- times ---------------------------------------------------------------------------------------------------------


def _times(raw: Mapping[str, Any], asked: Request, repeated: bool) -> dict[str, Any]:
    """Days and ages from the user's words. Raises BadInput for words that our grammar does not read, Conflict."""
    out: dict[str, Any] = {}
    if "when" in raw:
        out |= _when(_phrase("when", raw["when"], asked), asked.today, repeated)
    if "born" in raw:
        found = _read(f"找{_phrase('born', raw['born'], asked)}博主", asked.today, {"target", "age_min", "age_max"})
        out |= found or _unread("born", raw["born"])
    if raw.get("action") == "schedule" and "until" in raw:
        out["until"] = _end(_phrase("until", raw["until"], asked), asked.today)
    if "periods" in raw:
        periods = raw["periods"] if isinstance(raw["periods"], list) else [raw["periods"]]
        out["periods"] = _periods([_phrase("periods", p, asked) for p in periods], asked.today)
    return out


def _unread(slot: str, words: object) -> Any:
    raise _no(f"slot {slot}: {str(words)[:60]!r} is no time as the user said it; copy the user's words for the time")


def _phrase(slot: str, words: object, asked: Request) -> str:
    """The words for a time. A date that the user did not say is the model's own arithmetic: refused."""
    from xunke.chat.normalize import fold

    if not isinstance(words, str) or not 0 < len(words) <= 60:
        _unread(slot, words)
    phrase = fold(str(words)).strip("『』\"' ,，。的")
    if _DAY_LIKE.search(phrase) and any(n not in asked.said for n in re.findall(r"\d+", phrase)):
        _unread(slot, words)
    return phrase


def _read(sentence: str, today: date, slots: Iterable[str]) -> dict[str, Any] | None:
    """What our parser makes of ``sentence`` if that is one step of nothing but ``slots``."""
    from xunke.chat import planner

    reading = planner.read(sentence, today)
    if "time_conflict" in reading.clarify:
        raise Conflict
    if len(reading.drafts) != 1 or reading.unparsed or reading.drafts[0].slots.keys() - set(slots):
        return None
    found: dict[str, Any] = {
        name: planner.plain(value) for name, value in reading.drafts[0].slots.items() if name != "target"
    }
    return found or None


def _when(phrase: str, today: date, repeated: bool) -> dict[str, Any]:
    found = _read(f"看帖子，{phrase}", today, {"target", "since", "until"}) or _unread("when", phrase)
    if repeated:  # what is repeated has a window that moves, or none
        return _read(f"每天看帖子，{phrase}", today, {"target", "window"}) or {}
    if found.get("since") == _EPOCH.isoformat():
        del found["since"]
    return dict(found)


def _end(phrase: str, today: date) -> str:
    """The last day of something repeated."""
    from xunke.chat import planner

    bare = re.sub(r"^(?:一直|直)?(?:到|至|until |till )|(?:为止|结束)$", "", phrase)
    found = planner.read(f"每天看帖子，一直到{bare}为止", today).schedule.get("until")
    return str(found) if found else str(_unread("until", phrase))


def _periods(phrases: Sequence[str], today: date) -> list[list[str]]:
    out: list[list[str]] = []
    for phrase in phrases:
        if out and _YEAR_BEFORE.fullmatch(phrase):
            out.append([_year_before(day) for day in out[-1]])
            continue
        found = _when(phrase, today, False)
        out.append([found.get("since", found["until"]), found["until"]])
    return out


def _year_before(day: str) -> str:
    from xunke.chat.calendar_days import months_back

    return months_back(date.fromisoformat(day), 12).isoformat()


__all__ = ["COMPUTED", "Conflict", "Request", "kinds", "plan_of", "request"]
