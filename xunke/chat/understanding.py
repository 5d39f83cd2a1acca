"""From text to a valid, policed plan: fold, read, follow up, ask, review."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from xunke import wants
from xunke.errors import BadInput
from xunke.plan import Plan, decode, encode

from . import doings, intents, leftovers, planner, policy, questions, several, turns, works
from .normalize import MAX_TEXT, fold
from .rules import rule

if TYPE_CHECKING:
    from . import followup

_SUBJECT: Final = frozenset(
    {"target", "action", "sort", "order", "limit", "input", "measure", "by", "since", "until", "k", "method"}
)
_LOOKS: Final = frozenset({"collect", "find", "stats", "segment", "outreach"})
_OF_ONE: Final = frozenset({"stats", "find", "history", "collect"})
_NOTHING: Final = re.compile(r"[\s?!.。,，？！…~]*\Z")


def understand(
    text: str, *, today: date, prev: tuple[str, Plan] | None = None, names: Mapping[str, str] | None = None
) -> Plan:
    """See ``xunke.chat.understand``."""
    folded = fold(text)
    unread = (text[MAX_TEXT:][:200],) if len(text) > MAX_TEXT else ()
    if _NOTHING.match(folded):
        return Plan(outcome="clarify", clarify=("subject",))
    asked = questions.read(_repaired(folded), prev)
    if isinstance(asked, dict):  # looks at what is there and does nothing: no word in it can be forbidden
        return decode(asked)
    if (done := _doing(_repaired(folded), text, prev, today, names or {})) is not None:
        return decode(done)
    folded = works.exported(asked or folded, names or {})
    verdict = policy.scan(folded)
    source = verdict.rest
    raw = _plan(source, today, prev) if source.strip() else {"outcome": "clarify", "steps": [], "clarify": ["subject"]}
    if not asked and not verdict.codes and _odd(raw, prev):
        act = works.read(_repaired(folded), text, today=today, names=names or {}, thin=True)
        if (done := doings.allowed(act)) is not None:
            return decode(done)
    try:
        plan = decode(raw)
    except BadInput:
        plan = Plan(outcome="clarify", clarify=("subject",))
    if unread:
        words = [*raw.get("unparsed", ()), *unread]
        plan = decode({**raw, "unparsed": words}) if plan.steps else plan
    return policy.review(plan, folded)


_LIGHT: Final = frozenset({"limit", "since", "until", "occupation", "target", "input"})
"""What a sentence may seem to change of the request before it while it means something else (周五那条不发了)."""


def _odd(raw: dict[str, Any], prev: tuple[str, Plan] | None) -> bool:
    """Whether nothing was made of a sentence but a question, a search for its words, or what was shown once more."""
    if raw["outcome"] == "clarify":
        return bool({"subject", "referent", "account"} & set(raw["clarify"]))
    if intents.thin(raw["steps"]):
        return True
    if prev is None or not prev[1].steps or len(raw["steps"]) != 1:
        return False
    before, now = encode(prev[1], neutral=False)["steps"][0], raw["steps"][0]
    return {slot for slot in before.keys() | now.keys() if before.get(slot) != now.get(slot)} <= _LIGHT


_NAMING: Final = frozenset({"from", "people", "list", "segment", "other", "without"})
"""Fields that hold the name of a list or segment."""


def _whole(said: str, folded: str, names: Mapping[str, str]) -> str:
    """The one known name in the sentence that begins with what was taken for a name."""
    longer = [name for name in names if name.lower().startswith(said.lower()) and name.lower() in folded.lower()]
    return said if said in names or len(longer) != 1 else longer[0]


def _doing(
    folded: str, typed: str, prev: tuple[str, Plan] | None, today: date, names: Mapping[str, str]
) -> dict[str, Any] | None:
    """What is asked to be done with people who were found: by a rule, else as the model of such sentences reads it.

    A name of the project says more of what is meant than the words around it do: where one stands, the model decides,
    and a rule that comes to the same act says it more exactly.
    """
    said = doings.read(folded, typed, prev, today=today)
    marked = works.quoted(folded, names)
    if said is not None and marked == folded:
        return said
    found = doings.allowed(works.read(folded, typed, today=today, names=names))
    if marked != folded:
        quoted = doings.read(marked, works.quoted(typed, names), prev, today=today)
        ruled = [one for one in (said, quoted) if one is not None]
        found = next(
            (one for one in ruled if found is None or (_act(one) == _act(found) and _sound(one, names))), found
        )
    if found is None or not found["steps"] or not found["steps"][0].get("fields"):
        return found
    step = found["steps"][0]  # 敏感肌人群 may be the whole name
    fields = [[slot, _whole(words, folded, names) if slot in _NAMING else words] for slot, words in step["fields"]]
    return found | {"steps": [step | {"fields": fields}]}


_MAKING: Final = frozenset({"lists:create", "segments:save", "campaign:new", "experiment:new", "experiment:pilot"})


def _sound(found: dict[str, Any], names: Mapping[str, str]) -> bool:
    """Whether what was taken for the name of a list or segment is one (随机 in 把首批随机分两组 is none), and that of
    something new is none that stands already.
    """
    step = found["steps"][0] if found["steps"] else {}
    if step.get("name") in names and _act(found) in _MAKING:
        return False
    return all(said in names for slot, said in step.get("fields", ()) if slot in _NAMING)


def _act(found: dict[str, Any]) -> str:
    """The act of a reading, as the model names it; "" where it is none."""
    step = found["steps"][0] if found["steps"] else {}
    return works.code(step) if step.get("action") == "work" else ""


def _ask(*codes: str) -> dict[str, Any]:
    return {"outcome": "clarify", "steps": [], "clarify": list(dict.fromkeys(codes))}


_REPAIR: Final = rule(
    r"(?:算了|不对|哦不|不(?=[,，])|不是|说错了|等等|等一下|no wait|scratch that|actually no|wait no|"
    r"sorry)[,，。!\s]{0,3}(?:还是|改成|换成|"
    r"应该是|make it|i mean|改为|是|要)?(?=.)",
    re.IGNORECASE,
)


_AGAIN: Final = rule(r"再|重新|一遍|一次|又|刷新|更新|again|re-?run|refresh|repeat|once more", re.IGNORECASE)
_AGAIN_RUN: Final = rule(
    r"(?:再|重新)(?:跑|来|做|执行|运行)|\b(?:run|do) (?:it|that|this) again|re-?run", re.IGNORECASE
)
_REDO: Final = rule(
    r"(?:把)?(?:刚才|上次|这个|上面|刚刚)?(?:的|那个|那次)?(?:请求|查询|计划)?"
    r"(?:再|重新)(?:跑|来|做|查|搜|找|执行|运行)(?:一遍|一次|一下)?"
    r"(?:吧)?[。.!！\s]*|(?:run|do) (?:it|that|this) again[.!\s]*",
    re.IGNORECASE,
)


def _repaired(text: str) -> str:
    """What the user ended up wanting: 每月最后……算了，改成每月28号 starts over at 每月28号."""
    found = None
    for match in _REPAIR.finditer(text):
        before = text[max(0, match.start() - 1) : match.start()]
        if (
            match.start() > 0
            and before in ",，。. !;；"
            and len(text) - match.end() > 3
            and (match[0][:2] != "不是" or match[0][2:3] in (",", "，"))
        ):
            found = match
    return text[found.end() :] if found else text


def _plan(text: str, today: date, prev: tuple[str, Plan] | None) -> dict[str, Any]:
    text = _repaired(text)
    if prev is not None and prev[1].steps and _REDO.fullmatch(text.strip()):
        return _run(encode(prev[1], neutral=False)["steps"])
    reading = planner.read(text, today)
    own = intents.read(text, planner.steps(reading.drafts), today, follows=prev is not None)
    if own is not None:
        missing = [code for step in own for code in step.get("clarify", ())]
        return _ask(*missing) if missing else _run(own)
    if prev is not None and (followed := _following(text, today, prev[1], reading)) is not None:
        return _followed(followed, text, prev[1])
    alone = several.parts(text, lambda part: _part(part, today))
    if alone:
        return {**_run([step for steps in alone for step in steps]), **_unread(reading.unparsed)}
    if reading.clarify:
        return _ask(*reading.clarify)
    steps = _steps(text, reading)
    points = turns.points(text) if not steps or not _says_enough(steps[0]) else None
    asked = _question(text, steps, reading, points) or _noun(steps, text, today)
    return asked or {**_run(steps), **_unread(reading.unparsed)}


def _part(text: str, today: date) -> tuple[list[dict[str, Any]], bool]:
    reading = planner.read(text, today)
    return ([] if reading.clarify else _steps(text, reading)), not reading.fragment


def _steps(text: str, reading: planner.Reading) -> list[dict[str, Any]]:
    """The steps of what was read, the repetition last."""
    steps = _with_wants(planner.steps(reading.drafts), reading, text)
    if not steps or not reading.schedule.get("every"):
        return steps
    if len(steps) > 1 and steps[-1]["action"] == "collect" and not steps[-1].keys() - {"action", "target"}:
        steps = steps[:-1]  # 每月更新一次: the same again
    return [*steps, {"action": "schedule", **reading.schedule}]


def _following(text: str, today: date, before: Plan, reading: planner.Reading) -> followup.Followed | None:
    from . import followup  # most requests are the first

    return followup.apply(text, today, before, reading)


def _followed(turn: followup.Followed, text: str, before: Plan) -> dict[str, Any]:
    if turn.clarify:
        return _ask(*turn.clarify)
    if turn.steps == encode(before, neutral=False)["steps"] and not _AGAIN.search(text):
        return _ask("subject")  # nothing in it changes the request before: do not run that again in silence
    return {**_run(turn.steps), **_unread(turn.unparsed)}


def _with_wants(steps: list[dict[str, Any]], reading: planner.Reading, text: str) -> list[dict[str, Any]]:
    """``steps`` with what the authors are to tell of themselves, on the first step that looks for something.

    Who needs something is a person: without a word for what is looked for (找想买相机的) people are.
    """
    found = wants.asked(text, lambda pattern, text: rule(pattern, wants.FLAGS).search(text))
    first = next((i for i, step in enumerate(steps) if step["action"] in _LOOKS), None)
    if first is None or not any(found) or steps[first].keys() & {"input", "source"}:
        return steps
    step = dict(steps[first])
    step.update({slot: list(names) for slot, names in zip(("needs", "life_events"), found, strict=True) if names})
    if "guessed_target" in reading.drafts[first].flags and step["action"] == "find" and "sentiment" not in step:
        step["target"] = "people"  # with a mood, what is said may be meant: 最近都在吐槽啥
    return [*steps[:first], step, *steps[first + 1 :]]


def _unread(words: tuple[str, ...]) -> dict[str, Any]:
    return {"unparsed": [w[:200] for w in words[:20]]} if words else {}


def _run(steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {"outcome": "run", "steps": steps}


def _says_enough(step: dict[str, Any]) -> bool:
    """Is there something to look for? A measure to rank by is (涨粉最快的博主), a number of people alone is not."""
    ranked = step.get("sort") not in (None, "time", "relevance") and "target" in step
    return ranked or bool(step.keys() - _SUBJECT)


def _question(
    text: str, steps: list[dict[str, Any]], reading: planner.Reading, points: str | None
) -> dict[str, Any] | None:
    """What has to be asked before these steps can run (the rules are those of the schema's README).

    ``points``: what a pronoun stands for, "one" or "many", if nothing else says what to look for.
    """
    refers = reading.refers or points == "many"
    if not steps:
        every = reading.schedule.get("every") or _AGAIN_RUN.search(text)
        return _ask("account") if points == "one" else _ask("referent") if refers or every else None
    first = steps[0]
    action = first["action"]
    if not first.keys() & {"topics", "tags", "keywords", "accounts", "items"} and turns.refers(text):
        return _ask("referent")  # 换成上海的, with nothing before it
    if action in ("export", "save") and "source" not in first:
        return _ask("referent")
    if action == "history" and not first.get("accounts"):
        return _ask("account")
    if action not in _LOOKS or first.keys() & {"topics", "accounts"}:
        return None
    if (reading.one or points == "one") and action in _OF_ONE:
        return _ask("account")
    if _says_enough(first) and not (refers and not first.keys() - _SUBJECT):
        return None
    if action == "stats" and {"keyword", "topic", "tag"} & set(first.get("by", ())):
        return None  # what is talked about, and what rises, can be asked of everything
    following = any(s["action"] in ("export", "save", "schedule") for s in steps[1:])
    split = action == "stats" and "by" in first and "guessed_target" in reading.drafts[0].flags
    return _ask("referent") if refers or following or split or action == "segment" else None


def _noun(steps: list[dict[str, Any]], text: str, today: date) -> dict[str, Any] | None:
    """With nothing to look for: a plain noun phrase is the subject, without one it is asked for."""
    if steps and (_says_enough(steps[0]) or steps[0]["action"] not in _LOOKS):
        return None
    if steps and steps[0]["action"] == "stats" and {"keyword", "topic", "tag"} & set(steps[0].get("by", ())):
        return None
    words = leftovers.nouns(text, today)
    if not words:
        return _ask("subject")
    first = steps[0] if steps else {"action": "find", "target": "posts"}
    return _run([{**first, "topics": words}, *steps[1:]])
