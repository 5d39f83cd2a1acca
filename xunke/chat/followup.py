"""A turn that follows another one: does it edit the request before, go on with its result, or stand on its own?

What decides is the structure of the turn, read piece by piece (between marks):

==========================================================  =====================================================
the turn                                                    is
==========================================================  =====================================================
every piece is a change (``turns``: 换成南京, 知乎不要了,      an *edit*: the whole plan before, with the change made
  那抖音呢, only women) or only holds filters (十月的)
a file or a name for the result (导出, 存成『X』)              *going on*; with 改 / 换 and such a step before, an edit
the same kind of table or split as before (按周看)            an *edit* of that step, unless it points at people
another table, split, list to approach, comparison,         *going on*: its first step has ``input: last``
  without words for what to look for
filters with a listing verb behind a table (负面的列出来)      *going on*
a pronoun and another kind of thing (她们发的视频)             *going on*
only a rhythm (每周一跑)                                     a schedule of the plan before, or a change of its schedule
words of its own for what to look for, and no change        *fresh*: nothing of the plan before is in it
==========================================================  =====================================================

Changes and going on may stand in one turn: 换成成都的，再导出csv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from xunke.plan import SLOTS, Plan, encode

from . import action_words, leftovers, lexicon, planner, turns
from .edits import Edit, Step, allows, folded
from .numbers import whole
from .planner import Reading
from .turns import Change

_SUBJECT: Final = frozenset({"topics", "tags", "keywords", "groups", "accounts", "source", "items"})
"""What a request looks for. A step with one of these stands on its own."""
_ANY_SLOT: Final = frozenset().union(*SLOTS.values()) - {"target", "input"}
_TABLES: Final = frozenset({"stats", "compare", "segment"})
_WORKS: Final = frozenset({"stats", "compare", "segment", "outreach"})
_SCHEDULED: Final = "每天，"
"""Before a filling that is read for a repeated plan: its times are windows then, and it may end."""
_LISTING: Final = re.compile(r"列|挑|筛|选|抽|找|搜|list|show|pick|find", re.IGNORECASE)
_FETCHING: Final = re.compile(r"(?:[给帮]我)?(?:都|全)?(?:抓|采集|爬|拉|下载|collect|fetch|scrape)", re.IGNORECASE)
_RAISED: Final = re.compile("提|升|高|增|加|收紧|raise", re.IGNORECASE)
_BARE: Final = re.compile(r"[\d.]+\s?[万wk千百m]?|[一二两三四五六七八九十百千万半]+", re.IGNORECASE)
_ENDS: Final = re.compile(r"[到至止停]|\b(?:until|till|through|end)", re.IGNORECASE)
_STOP: Final = re.compile(r"(?:就|再|便)?(?:停|结束|为止|收工)(?:了|吧|掉)*$|^(?:就|再)?(?:跑|做|盯|一直)+(?=[到至])")
_SPLIT: Final = re.compile(r"(?:按照?|根据|以|by)\s?(.{1,20}?)(?:来)?(?:分组?|划分|聚类|split|group)?", re.IGNORECASE)
_BY_TOPIC: Final = re.compile("主题|话题|topic", re.IGNORECASE)
_JOBS: Final = {
    "pause": "停掉|停了|停一下|先停|暂停|停|pause|stop",
    "resume": "恢复|继续跑|resume",
    "cancel": "取消|撤掉|cancel",
}
_JOB: Final = re.compile(
    rf"(?:先|把|将|请)*(?:这个|那个|它|任务|定时)*(?P<op>{'|'.join(_JOBS.values())})(?:了)?\s?"
    r"(?:这个|那个|它|这项|该)?(?:定时)?(?:任务|计划|it|this|that)?(?:\s?(?:job|task|schedule))?(?:了|吧|掉)*",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Followed:
    """What a turn comes to: steps, or a question; ``unparsed`` are the words nobody understood."""

    steps: list[Step] = field(default_factory=list)
    clarify: list[str] = field(default_factory=list)
    unparsed: tuple[str, ...] = ()


@dataclass(slots=True)
class _Said:
    """The filling of a piece, read: one step without its action, and what was said of time of day and rhythm."""

    action: str
    slots: dict[str, Any]
    target: str | None
    schedule: dict[str, Any]
    unparsed: tuple[str, ...]


def apply(said: str, today: date, prev: Plan, whole_text: Reading) -> Followed | None:
    """The steps of a turn that follows ``prev``; None if it stands on its own. ``whole_text``: the turn as read."""
    before = encode(prev, neutral=False).get("steps", [])
    if not before:
        return None
    text = turns.tidy(said)
    if text != said:
        whole_text = planner.read(text, today)
    turn = _Turn(before, today)
    parts = turns.pieces(text)[: turns.MAX_PIECES]
    if job := _job(text, before):
        return Followed([job])
    first = next((p for p in parts if not turns.meaningless(p)), None)
    if first is None:
        return None
    if not turn.change(first):
        return turn.goes_on(text, whole_text) or turn.edits(parts, text, whole_text)
    rest = [p for p in parts[parts.index(first) + 1 :] if not turns.meaningless(p) and not turn.change(p)]
    return turn.then("，".join(rest)) if rest else turn.done()


def _job(text: str, before: list[Step]) -> Step | None:
    """停掉这个 behind a schedule is about the job."""
    said = _JOB.fullmatch(text.strip(" 。.!！"))
    if not said or before[-1]["action"] != "schedule":
        return None
    op = next(op for op, rule in _JOBS.items() if re.fullmatch(rule, said["op"], re.IGNORECASE))
    return {"action": "jobs", "op": op}


class _Turn:
    """One turn at work on the plan before."""

    def __init__(self, before: list[Step], today: date) -> None:
        self.before = before
        self.today = today
        self.edit = Edit(before)
        self.asked: list[str] = []
        self.unparsed: tuple[str, ...] = ()

    @property
    def scheduled(self) -> Step | None:
        """The step that repeats the plan, as the turn leaves it."""
        return next((s for s in self.edit.steps if s["action"] == "schedule"), None)

    @property
    def last(self) -> Step:
        """The last step that asks for something, as the turn leaves it."""
        return self.edit.last or self.edit.steps[-1]

    # ---------------------------------------------------------------- reading

    def read(self, text: str) -> Reading:
        return planner.read(text, self.today)

    def said(self, text: str) -> _Said | None:
        """``text`` as the filling of a change; None if it is more than that (a file, a fetching, several steps)."""
        reading = self.read(_SCHEDULED + text if self.scheduled else text)
        if reading.clarify:
            self.asked = reading.clarify
            return None
        steps = planner.steps(reading.drafts)
        schedule = {k: v for k, v in reading.schedule.items() if k != "every" or not self.scheduled}
        if self.scheduled:
            own = self.read(text).schedule
            schedule |= {"every": own["every"]} if own.get("every") else {}
        if not steps:
            words = leftovers.nouns(text, self.today)
            return _Said("", {"topics": words} if words else {}, None, schedule, reading.unparsed)
        action, target = steps[0]["action"], steps[0].get("target")
        if len(steps) > 1 or action not in ("find", *_WORKS, "history"):
            return None
        if "guessed_target" in reading.drafts[0].flags:
            target = None
            if "topics" in steps[0] and self._target() == "people":  # 喜欢拍照的: of a person
                of_people = self.read(f"{_SCHEDULED if self.scheduled else ''}{text}，博主")
                reading = of_people if len(of_people.drafts) == 1 else reading
        slots = {
            k: planner.plain(v) for k, v in reading.drafts[0].slots.items() if k in _ANY_SLOT and v not in (None, ())
        }
        return _Said(action, slots, target, schedule, reading.unparsed)

    # ---------------------------------------------------------------- changes

    def change(self, piece: str) -> bool:
        """Make the change that ``piece`` says. False if it says none that makes sense here."""
        for change in turns.changes(piece):
            tried = Edit(self.edit.steps)
            tried.taken = set(self.edit.taken)
            if self._make(change):
                return True
            self.edit = tried
        return False

    def _make(self, change: Change) -> bool:
        match change.op:
            case "more":
                step = self.edit.home("limit")
                if step is None:
                    return False
                step["limit"] = step.get("limit", 0) + change.number
                return True
            case "turn":
                step = self.edit.home("order")
                if step is None:
                    return False
                step.pop("order", None)
                if change.said == "asc":
                    step["order"] = "asc"
                return True
            case "open":
                return self._open(change)
            case "take":
                return self._take(change)
            case "replace":
                return self._replace(change)
            case "add":
                return self._add(change)
            case _:
                if "target" in self.last and self._retarget(change.said):
                    return True
                said = self._filled(change.said)
                return said is not None and self._set(said)

    def _slots(self, change: Change) -> list[str]:
        slots: list[str] = lexicon.table("turns")["slots"][change.name]
        return [s for s in slots if s.endswith(change.bound)] or slots

    def _open(self, change: Change) -> bool:
        """平台不限: the filter is of no account, 全网 among platforms."""
        if change.name == "platforms":
            return self.edit.put({"platforms": ["all"]})
        return self.edit.clear(self._slots(change)) or allows(self.last, self._slots(change)[0])

    def _take(self, change: Change) -> bool:
        sort = change.name or lexicon.values("words", "measures").get(change.said.strip(" 的").lower())
        if sort and self.edit.take({"sort": sort}):
            return True
        if change.name:
            return self.edit.clear(self._slots(change))
        if not change.said or turns.points(change.said):
            return False
        for step, slot in list(self.edit.find(change.said)):
            return self.edit.take({slot: [v for v in step[slot] if folded(v) == folded(change.said)]})
        if (said := self._filled(change.said)) and self.edit.take(said.slots):
            return True
        said_of = turns.bare_of_past(change.said)
        for text in (said_of, said_of + "的"):
            kept_out = self._filled("不要" + text)
            if kept_out and kept_out.slots and not kept_out.slots.keys() & _SUBJECT:
                return self.edit.put(kept_out.slots)
        return False

    def _replace(self, change: Change) -> bool:
        old, new = change.old, change.said
        if name := turns.named(old) if old else None:
            return self._renew(*name, change)
        if self._retarget(new, old) or self._regroup(new):
            return True
        if old:
            return self._swap(old, new)
        if measure := lexicon.values("words", "measures").get(new.removeprefix("比").strip(" 的").lower()):
            if self.edit.measure(measure):
                return True
        if self._output(new):
            return True
        said = self._filled(new)
        return said is not None and self._set(said, retarget=True)

    def _retarget(self, new: str, old: str = "") -> bool:
        """换成博主, 只要人不要帖子: something else is looked for."""
        table = lexicon.values("words", "targets")
        if new.strip(" 的").lower() in lexicon.values("words", "media"):
            return False  # 只要视频: a form
        target, was = (table.get(w.strip(" 的").removeprefix("找").lower()) for w in (new, old))
        if target is None or "target" not in self.last or (old and was != self.last["target"]):
            return False
        self.last["target"] = target
        return True

    def _regroup(self, new: str) -> bool:
        """改按粉丝量分: another way to split into groups."""
        m = _SPLIT.fullmatch(new)
        by = action_words.bys(m[1]) if m and self.last["action"] == "segment" else ()
        return bool(by) and self.edit.put({"by": list(by)})

    def _renew(self, name: str, bound: str, change: Change) -> bool:
        """粉丝放宽到20万以内, 关键词改成X: the filter called by its name gets another value."""
        slots = lexicon.table("turns")["slots"][name]
        number = whole(change.said.strip(" 岁个")) if _BARE.fullmatch(change.said.strip(" 岁个的")) else None
        if slots[0].endswith("_min") and number and not bound:
            high = slots[1] if len(slots) > 1 else None
            return self.edit.bound(slots[0], high, number, _RAISED.search(change.verb) is not None)
        if slots[0].endswith("_min"):
            said = self._filled(change.old + change.said)
            if said and said.slots.keys() <= set(slots):
                return self.edit.put(said.slots)
            return False
        if name in ("format", "name"):
            return self._output(change.said)
        if name == "schedule" and self.scheduled is None:
            return False
        said = self._filled(change.said)
        if said and name == "time" and not said.slots.keys() & set(slots):
            said = self._filled("最近" + change.said)
        if said and "topics" in said.slots and slots[0] in ("keywords", "tags", "interests", "occupation", "exclude"):
            said.slots[slots[0]] = said.slots.pop("topics")
        return said is not None and self._set(said)

    def _swap(self, old: str, new: str) -> bool:
        """骆驼换成迪卡侬, 负面改成正面: the value ``old`` of the plan becomes ``new``."""
        for step, slot in self.edit.find(old):
            if slot == "format":
                return self._output(new)
            said = self._filled(new)
            if said is None:
                return False
            values = said.slots.get(slot) or said.slots.get("topics")
            if values:
                self.edit.swap(step, slot, old, values)
                return True
        had, said = self.said(old), self._filled(new)
        if had is None or said is None or not had.slots or not self._has(had.slots):
            return False
        self.edit.take(had.slots)
        return self._set(said)

    def _has(self, slots: dict[str, Any]) -> bool:
        """Does the plan have these values?"""
        return all(
            any(
                set(value) & set(step.get(slot) or ()) if isinstance(value, list) else step.get(slot) == value
                for step in self.edit.steps
            )
            for slot, value in slots.items()
        )

    def _add(self, change: Change) -> bool:
        kind = lexicon.values("words", "drop").get(change.said.removesuffix("的").lower())
        if kind and self._readmit(kind):
            return True
        said = self._filled(change.said)
        if said is None or said.target not in (None, self.last.get("target")):
            return False
        return self._set(said, add=True)

    def _readmit(self, kind: str) -> bool:
        """广告也要: what was kept out comes in again."""
        for step in self.edit.steps:
            if kind in step.get("drop", ()):
                step["drop"] = [d for d in step["drop"] if d != kind]
                if not step["drop"]:
                    del step["drop"]
                return True
        return False

    def _output(self, text: str) -> bool:
        """改导成excel, 改存成『X』: another file or name for the step that writes."""
        reading = self.read(text)
        steps = planner.steps(reading.drafts)
        if not steps and (form := lexicon.values("words", "format").get(text.strip().lower())):
            steps = [{"action": "export", "format": form}]
        if len(steps) != 1 or steps[0]["action"] not in ("export", "save"):
            return False
        mine = next((s for s in self.edit.steps if s["action"] == steps[0]["action"]), None)
        if mine is None:
            return False
        if "format" in steps[0] and "path" not in steps[0]:
            mine.pop("path", None)
        mine.update(steps[0])
        return True

    def _filled(self, text: str) -> _Said | None:
        """The filling of a change, without a pronoun (that is for going on)."""
        if not text or turns.points(text):
            return None
        return self.said(text)

    def _set(self, said: _Said, *, add: bool = False, retarget: bool = False) -> bool:
        """Give the plan what ``said`` holds. False if it holds nothing, or something the plan has no place for."""
        slots = dict(said.slots)
        if said.action == "stats" and self.last["action"] != "stats":
            if self.last["action"] != "segment" or "by" not in slots:
                return False
            slots.pop("measure", None)  # 按粉丝分: a way to split, no table
        if said.action in ("compare", "history") and said.action != self.last["action"]:
            return False
        if said.action in ("segment", "outreach") and said.action != self.last["action"]:
            return False
        done = False
        if self.scheduled is not None and said.schedule:
            self.scheduled.update(said.schedule)
            if "on" not in said.schedule and said.schedule.get("every", "1w") != self.scheduled.get("every"):
                self.scheduled.pop("on", None)
            done = True
        if slots and not self.edit.put(slots, add=add):
            return False
        target = said.target if retarget and "media" not in slots else None
        if target and "target" in self.last and target != self.last["target"]:
            self.last["target"] = target
            done = True
        self.unparsed += said.unparsed
        return done or bool(slots)

    # ---------------------------------------------------------------- what the turn comes to

    def done(self) -> Followed | None:
        """The whole plan with the changes made."""
        if self.asked and self.edit.steps == self.before:
            return Followed(clarify=self.asked)
        return Followed(self.edit.steps, unparsed=self.unparsed)

    def then(self, rest: str) -> Followed | None:
        """Changes were made; ``rest`` is what else is said: more filters, a file, or after all something else."""
        reading = self.read(rest)
        steps = planner.steps(reading.drafts)
        if reading.clarify:
            return Followed(clarify=reading.clarify)
        if not steps and not reading.schedule:
            return Followed(self.edit.steps, unparsed=(*self.unparsed, *reading.unparsed))
        if steps and steps[0]["action"] not in ("export", "save"):
            said = self.said(rest)
            if said is not None and self._fits(steps, reading, said) and self._set(said):
                return self.done()
            if steps[0]["action"] in _WORKS - {self.last["action"]} and not steps[0].keys() & _SUBJECT:
                return Followed([*self.edit.steps, *steps], unparsed=self.unparsed)
            return Followed(steps, unparsed=reading.unparsed)
        steps = [s for s in steps if s["action"] in ("export", "save")]
        if reading.schedule.get("every") and self.scheduled is None:
            steps.append({"action": "schedule", **reading.schedule})
        return Followed([*self.edit.steps, *steps], unparsed=(*self.unparsed, *reading.unparsed))

    def _fits(self, steps: list[Step], reading: Reading, said: _Said) -> bool:
        """Is this piece beside a change part of the change? 不看露营了，看滑雪: yes, with its own word."""
        own = steps[0].keys() & _SUBJECT
        return not own or bool(own <= self.edit.taken) or (reading.fragment and not said.target)

    def goes_on(self, text: str, reading: Reading) -> Followed | None:
        """The turn as something done with the result on the screen, or with the plan before."""
        points = turns.points(text)
        steps = planner.steps(reading.drafts)
        if reading.schedule.get("every") and not _asks(steps):
            return self._rhythm(reading)
        if reading.clarify == ["account"] and points and steps:
            return self._about(steps[0], points)
        if reading.clarify or not steps:
            return None
        if len(steps) > 1 and points and _only_names(steps[0]):
            steps = steps[1:]  # 导出这批达人: the noun only names the result
        first = steps[0]
        own = first.keys() & _SUBJECT - ({"items"} if points else set())
        action = first["action"]
        if action in ("history", "stats") and points == "one" and not own:
            return self._about({**first, "action": "history"}, points)
        if "source" in first or own:
            return None
        if action in ("export", "save"):
            return self._onward(steps, reading)
        if action in _WORKS:
            if action == "compare" and not points:
                return None
            if action == self.last["action"] and not (action == "stats" and points) and len(steps) == 1:
                return None  # an edit of that step
            if not points and first.keys() & {"platforms"} and action != "segment":
                return None
            return self._onward([self._targeted(first, reading, text), *steps[1:]], reading)
        if action == "find":
            other = "guessed_target" not in reading.drafts[0].flags and first["target"] != self._target()
            listed = self.last["action"] in _TABLES and _LISTING.search(text) and first.keys() - {"action", "target"}
            if (points and other) or listed:
                if not other:
                    first = {**first, "target": self._target()}
                return self._onward([first, *steps[1:]], reading)
        return None

    def _target(self) -> str:
        """What the result on the screen consists of."""
        if self.last["action"] == "outreach":
            return "people"
        return next((s["target"] for s in reversed(self.before) if "target" in s), "posts")

    def _targeted(self, step: Step, reading: Reading, text: str) -> Step:
        if "target" not in SLOTS[step["action"]] or "guessed_target" not in reading.drafts[0].flags:
            return step
        if step["action"] == "segment":
            return {**step, "target": "posts" if _BY_TOPIC.search(text) else "people"}
        return {**step, "target": self._target()}

    def _onward(self, steps: list[Step], reading: Reading) -> Followed:
        first = {"action": steps[0]["action"], "input": "last", **{k: v for k, v in steps[0].items() if k != "action"}}
        rhythm = [{"action": "schedule", **reading.schedule}] if reading.schedule.get("every") else []
        return Followed([first, *steps[1:], *rhythm], unparsed=reading.unparsed)

    def _rhythm(self, reading: Reading) -> Followed:
        if self.scheduled is None:
            return Followed([{"action": "schedule", "input": "last_plan", **reading.schedule}])
        if "on" not in reading.schedule and reading.schedule["every"] != self.scheduled.get("every"):
            self.scheduled.pop("on", None), self.scheduled.pop("day", None)
        self.scheduled.update(reading.schedule)
        return Followed(self.edit.steps)

    def _about(self, step: Step, points: str) -> Followed | None:
        """A pronoun for whom: the one account of the plan before, or all who are on the screen."""
        known = [a for s in self.before for a in s.get("accounts", ())]
        if points == "one" and len(known) == 1 and "accounts" in SLOTS[step["action"]]:
            kept = {k: v for k, v in step.items() if k in SLOTS[step["action"]]}
            if step["action"] == "history" and "metrics" not in kept and step.get("measure"):
                self.edit.steps = [{**kept, "accounts": known}]
                self.edit.measure(step["measure"][0])
                return Followed(self.edit.steps)
            return Followed([{**kept, "accounts": known}])
        if points == "many" and step["action"] == "suppress" and self._target() == "people":
            return Followed([{"input": "last", **step}])
        return Followed(clarify=["account"])

    def edits(self, parts: list[str], text: str, reading: Reading) -> Followed | None:
        """The turn as filters alone, changes among them: 只看上海的，十月的. None: it stands on its own."""
        steps = planner.steps(reading.drafts)
        if self.scheduled and _ENDS.search(text) and (said := self._filled(_STOP.sub("", text))) and said.schedule:
            return self.done() if self._set(said) else None
        if reading.clarify or not steps:
            return None
        first = steps[0]
        action = first["action"]
        if action == "collect" and not first.keys() & _SUBJECT:
            return self._fetch(first)
        if action not in ("find", self.last["action"]) or first.keys() & _SUBJECT:
            return None
        said_other = (
            first.get("target") not in (None, self._target()) and "guessed_target" not in reading.drafts[0].flags
        )
        if not reading.fragment and "platforms" in first and said_other:
            return None
        loose = [p for p in parts if not turns.meaningless(p) and not self.change(p)]
        if loose:
            return self.then("，".join(loose))
        return self.done()

    def _fetch(self, first: Step) -> Followed | None:
        """抓下来: the same question, fetched."""
        if first.get("target") not in (None, self._target()) and "platforms" in first:
            return None
        if self.edit.steps[0]["action"] == "find":
            self.edit.steps[0]["action"] = "collect"
            self.edit.steps[0].pop("input", None)
            self.edit.steps[0].pop("source", None)
        slots = {k: v for k, v in first.items() if k not in ("action", "target")}
        if slots and not self.edit.put(slots):
            return None
        return Followed(self.edit.steps)


def _only_names(step: Step) -> bool:
    return step["action"] == "find" and not step.keys() - {"action", "target"}


def _asks(steps: list[Step]) -> bool:
    """Do these steps ask for something of their own?"""
    return any(
        step["action"] not in ("export", "save")
        and (step.keys() - {"action", "target", "sort", "order"} or step["action"] in ("stats", "compare"))
        for step in steps
    )
