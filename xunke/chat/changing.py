"""Making the changes that a turn says (``turns``) in the plan before it (``edits``).

A change is tried, and taken back if it makes no sense in that plan: 知乎不要了 takes 知乎 out of a plan that has it.
The filling of a change (20万以内 of 粉丝放宽到20万以内) is read by the planner like any text.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final, get_args

import msgspec

from xunke.plan import SLOTS, Measure
from xunke.wants import FLAGS, asked

from . import action_words, leftovers, lexicon, planner, turns
from .edits import Edit, Step, allows, folded
from .numbers import NUM, whole
from .planner import Reading
from .rules import rule
from .times import months_back
from .turns import Change

SUBJECT: Final = frozenset({"topics", "tags", "keywords", "groups", "accounts", "source", "items"})
"""What a request looks for. A step with one of these stands on its own."""
WORKS: Final = frozenset({"stats", "compare", "segment", "outreach"})
"""Actions that work on a result, or on what their own filters find."""
_SAME_ONLY: Final = frozenset({"compare", "history", "segment", "outreach"})
"""A filling of such an action fits a plan that ends in it, and no other."""
_MEASURES: Final = frozenset(get_args(Measure))
_ANY_SLOT: Final = frozenset().union(*SLOTS.values()) - {"target", "input"}
_WORD_SLOTS: Final = frozenset({"keywords", "tags", "interests", "occupation", "exclude"})
_SCHEDULED: Final = "每天，"
"""Before a filling that is read for a repeated plan: its times are windows then, and it may end."""
_RAISED: Final = rule("提|升|高|增|加|收紧|raise")
_DAY: Final = rule(r"(?<![每一二两三四几\d])(?=(?:周|星期|礼拜)[一二三四五六日天末])")
_VALUE: Final = rule(r"(?:只?看|要|比|换看|改看)?(?:一下|下)?(.{1,12}?)(?:的|吧|呢|情况|走势)*")
_COUNTED: Final = rule("数|量|多少|几|统计|count|number|how many")
_BARE: Final = rule(r"[\d.]+\s?[万wk千百m]?|[一二两三四五六七八九十百千万半]+")
_BOUND: Final = rule(rf"(?:只?要|只看|得|要求)?({NUM})(?:(以上|往上|起)|以下|以内|往下)(?:的|吧|呢|才行|就行)*")
_LIKED: Final = rule(
    r"(?:也|都|很|特别|最)*(?:喜欢|热爱|爱好|痴迷|爱(?!心|情|国|尔兰|马仕))(?:上)?(.{1,12}?)的?(?:人|博主)?"
)
_YEAR_BACK: Final = rule(r"(?:去年|上年|前一年)(?:的)?(?:同期|同时期|这个时候)(?:的)?|same (?:time|period) last year")
_SPLIT: Final = rule(r"(?:按照?|根据|以|by)\s?(.{1,20}?)(?:来)?(?:分组?|划分|聚类|split|group)?")


class Said(msgspec.Struct):
    """The filling of a piece, read: one step without its action, and what was said of time of day and rhythm."""

    action: str
    slots: dict[str, Any]
    target: str | None
    schedule: dict[str, Any]
    unparsed: tuple[str, ...]


def _wanted(pattern: str, text: str) -> re.Match[str] | None:
    return rule(pattern, FLAGS).search(text)


class Changing:
    """A plan while a turn changes it."""

    def __init__(self, before: list[Step], today: date) -> None:
        self.before = before
        self.today = today
        self.edit = Edit(before)
        self.asked: list[str] = []
        self.unparsed: tuple[str, ...] = ()
        self.loosened: dict[str, Any] = {}

    @property
    def scheduled(self) -> Step | None:
        """The step that repeats the plan, as the turn leaves it."""
        return next((s for s in self.edit.steps if s["action"] == "schedule"), None)

    @property
    def last(self) -> Step:
        """The last step that asks for something, as the turn leaves it."""
        return self.edit.last or self.edit.steps[-1]

    def read(self, text: str) -> Reading:
        return planner.read(text, self.today)

    def said(self, text: str) -> Said | None:
        """``text`` as the filling of a change; None if it is more than that (a file, a fetching, several steps)."""
        if self.scheduled:
            text = _DAY.sub("每", text)
        reading = self._in_plan(text)
        if reading.clarify:
            self.asked = reading.clarify
            return None
        steps = planner.steps(reading.drafts)
        schedule = self._schedule(text, reading)
        if liked := _LIKED.fullmatch(text) if self.shown() == "people" else None:
            slots = _slots_of(reading, text) if steps else {}
            slots.pop("topics", None)
            return Said("find", slots | {"interests": [liked[1]]}, None, schedule, ())
        if not steps:
            words = leftovers.nouns(text, self.today)
            return Said("", {"topics": words} if words else {}, None, schedule, reading.unparsed)
        action, target = steps[0]["action"], steps[0].get("target")
        if len(steps) > 1 or action not in ("find", "history", *WORKS):
            return None
        if "guessed_target" in reading.drafts[0].flags:
            target = None
            if "topics" in steps[0] and self.shown() == "people":  # 喜欢拍照的: of a person
                of_people = self._in_plan(f"{text}，博主")
                said = of_people.drafts[0].slots.keys() if len(of_people.drafts) == 1 else set()
                reading = of_people if said & {"topics", "interests", "occupation"} else reading
        return Said(action, _slots_of(reading, text), target, schedule, reading.unparsed)

    def _in_plan(self, text: str) -> Reading:
        return self.read(_SCHEDULED + text if self.scheduled else text)

    def _schedule(self, text: str, reading: Reading) -> dict[str, Any]:
        """What is said of the rhythm, without the one that was put before the text."""
        if not self.scheduled:
            return reading.schedule
        own = self.read(text).schedule
        return {k: v for k, v in reading.schedule.items() if k != "every"} | {k: own[k] for k in ("every",) if k in own}

    def change(self, piece: str) -> bool:
        """Make the change that ``piece`` says. False if it says none that makes sense here."""
        if self._another_measure(piece) or self._same_bound(piece):
            return True
        for change in turns.changes(piece):
            tried = Edit(self.edit.steps)
            tried.taken = set(self.edit.taken)
            if self._make(change):
                return True
            self.edit = tried
        return False

    def _another_measure(self, piece: str) -> bool:
        """看粉丝的, behind a table or a history."""
        m = _VALUE.fullmatch(piece)
        measure = lexicon.values("words", "measures").get(m[1].strip().lower()) if m else None
        return measure is not None and measure in _MEASURES and self.edit.measure(measure)

    def _same_bound(self, piece: str) -> bool:
        """5万以上吧, where the plan has one bound that this may be."""
        m = _BOUND.fullmatch(piece)
        if m is None or (number := whole(m[1])) is None:
            return False
        end = "_min" if m[2] else "_max"
        stems = [slot.removesuffix("_min").removesuffix("_max") for step in self.edit.steps for slot in step]
        stems = [s for s in dict.fromkeys(stems) if s + "_min" in _ANY_SLOT and s not in ("age", "engagement_rate")]
        return len(stems) == 1 and stems[0] + end in _ANY_SLOT and self.edit.put({stems[0] + end: number})

    def _make(self, change: Change) -> bool:
        makers = {
            "more": self._more, "turn": self._turn, "open": self._open, "take": self._take, "only": self._only,
            "replace": self._replace, "add": self._add, "narrow": self._narrow,
        }  # fmt: skip
        return makers[change.op](change)

    def _more(self, change: Change) -> bool:
        """再来20个."""
        step = self.edit.home("limit")
        if step is None:
            return False
        step["limit"] = step.get("limit", 0) + change.number
        return True

    def _turn(self, change: Change) -> bool:
        """从少到多: the order of the list turned round."""
        step = self.edit.home("order")
        if step is None:
            return False
        step.pop("order", None)
        if change.said in ("newest", "oldest"):
            step["sort"] = "time"
        if change.said in ("asc", "oldest"):
            step["order"] = "asc"
        return True

    def _narrow(self, change: Change) -> bool:
        """只看粉丝两万以上的."""
        if self._retarget(change.said):
            return True
        if _BARE.fullmatch(change.said) and (number := whole(change.said)):
            return self.edit.put({"limit": number})  # 30 is enough
        said = self.filled(change.said)
        return said is not None and self.put(said)

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
        output = lexicon.values("turns", "outputs").get(change.said.lower())
        if output and len(self.edit.steps) > 1:  # 不用导出了
            kept = [s for s in self.edit.steps if s["action"] != output]
            gone = len(kept) < len(self.edit.steps)
            self.edit.steps = kept
            return gone
        if change.name:
            return self.edit.clear(self._slots(change))
        if not change.said or turns.points(change.said):
            return False
        for step, slot in list(self.edit.find(change.said)):
            return self.edit.take({slot: [v for v in step[slot] if folded(v) == folded(change.said)]})
        if (said := self.filled(change.said)) and self.edit.take(said.slots):
            return True
        bare = turns.bare_of_past(change.said)
        kept_out = [said for text in (bare + "的", bare) if (said := self.filled("不要" + text)) and said.slots]
        kept_out.sort(key=lambda said: "exclude" in said.slots)  # 联系过的 are a kind of people, no words
        return any(not said.slots.keys() & SUBJECT and self.edit.put(said.slots) for said in kept_out)

    def _only(self, change: Change) -> bool:
        """不光负面: what else is wanted may be said behind it; if not, the filter is dropped (``done``)."""
        said = self.filled(change.said)
        if said is None or not said.slots or not self._has(said.slots):
            return False
        self.loosened |= {slot: self.edit.value(slot) for slot in said.slots}
        return True

    def _replace(self, change: Change) -> bool:
        old, new = change.old, change.said
        if not old and _YEAR_BACK.fullmatch(new):
            return self._year_back()
        if name := turns.named(old) if old else None:
            return self._renew(*name, change)
        if self._retarget(new, old) or self._regroup(new):
            return True
        if old:
            return self._swap(old, new)
        if self._another_measure(new) or self._output(new):
            return True
        said = self.filled(new)
        return said is not None and self.put(said, retarget=True)

    def _year_back(self) -> bool:
        """去年同期呢: the same days a year earlier."""
        step = self.edit.home("since")
        if step is None or not step.get("since") or not step.get("until"):
            return False
        for slot in ("since", "until"):
            step[slot] = months_back(date.fromisoformat(step[slot]), 12).isoformat()
        return True

    def _retarget(self, new: str, old: str = "") -> bool:
        """换成博主, 只要人不要帖子: something else is looked for."""
        table = lexicon.values("words", "targets")
        word = new.strip(" 的").lower()
        if word in lexicon.values("words", "media") or word in lexicon.values("platforms", "platforms"):
            return False  # 只要视频 is a form, 微博 a platform
        target, was = (table.get(w.strip(" 的").removeprefix("找").lower()) for w in (new, old))
        if target is None or self.last.get("target") in (None, target) or (old and was != self.last["target"]):
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
        if slots[0].endswith("_min") and number and bound and (slot := slots[0].removesuffix("_min") + bound) in slots:
            return self.edit.put({slot: number})
        if slots[0].endswith("_min") and number and not bound:
            high = slots[1] if len(slots) > 1 else None
            return self.edit.bound(slots[0], high, number, _RAISED.search(change.verb) is not None)
        if slots[0].endswith("_min"):
            said = self.filled(change.old + change.said)
            if said and said.slots.keys() <= set(slots):
                return self.edit.put(said.slots)
            return False
        if name in ("format", "name"):
            return self._output(change.said)
        if name == "schedule" and self.scheduled is None:
            return False
        said = self.filled(change.said)
        if said and name == "time" and not said.slots.keys() & set(slots):
            said = self.filled("最近" + change.said)
        if said and "topics" in said.slots and slots[0] in _WORD_SLOTS:
            said.slots[slots[0]] = said.slots.pop("topics")
        return said is not None and self.put(said)

    def _swap(self, old: str, new: str) -> bool:
        """骆驼换成迪卡侬, 负面改成正面: the value ``old`` of the plan becomes ``new``."""
        for step, slot in self.edit.find(old):
            if slot == "format":
                return self._output(new)
            said = self.filled(new)
            if said is None:
                return False
            values = said.slots.get(slot) or said.slots.get("topics")
            if values:
                self.edit.swap(step, slot, old, values)
                return True
        had, said = self.said(old), self.filled(new)
        if had is None or said is None or not had.slots:
            return False
        if self._has(had.slots):
            self.edit.take(had.slots)
        elif had.slots.keys() != said.slots.keys():
            return False
        return self.put(said)

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
        measure = lexicon.values("words", "measures").get(change.said.strip(" 的").lower())
        if measure in _MEASURES and self.last["action"] in ("stats", "compare"):
            return self.edit.put({"measure": [measure]}, add=True)
        kind = lexicon.values("words", "drop").get(change.said.removesuffix("的").lower())
        if kind and self._readmit(kind):
            return True
        said = self.filled(self._besides(change.said))
        if said is None or said.target not in (None, self.last.get("target")):
            return False
        if change.name and "topics" in said.slots:
            said.slots[self._slots(change)[0]] = said.slots.pop("topics")
        return self.put(said, add=True)

    def _besides(self, said: str) -> str:
        """美甲美睫都算 beside 美甲: 美睫."""
        words = [w for step in self.edit.steps for w in step.get("topics", ()) if len(w) > 1]
        return next((said.removeprefix(w) for w in words if said.startswith(w) and len(said) > len(w) + 1), said)

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

    def filled(self, text: str) -> Said | None:
        """The filling of a change, without a pronoun (that is for going on)."""
        if not text or turns.points(text):
            return None
        return self.said(text)

    def put(self, said: Said, *, add: bool = False, retarget: bool = False) -> bool:
        """Give the plan what ``said`` holds. False if it holds nothing, or something the plan has no place for."""
        slots = dict(said.slots)
        if said.action == "stats" and self.last["action"] != "stats":
            if self.last["action"] != "segment" or "by" not in slots:
                return False
            slots.pop("measure", None)  # 按粉丝分: a way to split, no table
        if said.action in _SAME_ONLY and said.action != self.last["action"]:
            return False
        done = False
        if self.scheduled is not None and said.schedule:
            self.rhythm(self.scheduled, said.schedule)
            done = True
        if slots and not self.edit.put(slots, add=add):
            return False
        target = said.target if retarget and "media" not in slots else None
        if target and "target" in self.last and target != self.last["target"]:
            self.last["target"] = target
            done = True
        self.unparsed += said.unparsed
        return done or bool(slots)

    def shown(self) -> str:
        """What the result on the screen consists of."""
        if self.last["action"] == "outreach":
            return "people"
        return next((s["target"] for s in reversed(self.before) if "target" in s), "posts")

    def rhythm(self, scheduled: Step, schedule: dict[str, Any]) -> None:
        """Another rhythm for the step that repeats; days of the old one do not fit it."""
        if schedule.get("every", scheduled.get("every")) != scheduled.get("every"):
            scheduled.pop("on", None)
            scheduled.pop("day", None)
        scheduled.update(schedule)

    def loosen(self) -> None:
        """不光负面, and nothing was said of what else: any will do."""
        self.edit.clear([slot for slot, value in self.loosened.items() if self.edit.value(slot) == value])


def _slots_of(reading: Reading, text: str) -> dict[str, Any]:
    slots = {k: planner.plain(v) for k, v in reading.drafts[0].slots.items() if k in _ANY_SLOT and v not in (None, ())}
    if slots.get("measure") == ["count"] and "by" in slots and not _COUNTED.search(text):
        del slots["measure"]  # 按省份 says nothing of what is counted
    wants = zip(("needs", "life_events"), asked(text, _wanted), strict=True)
    return slots | {slot: list(names) for slot, names in wants if names}
