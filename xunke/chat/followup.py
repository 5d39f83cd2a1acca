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

from datetime import date
from typing import Final, cast

import msgspec

from xunke.plan import SLOTS, Action, Plan, encode

from . import lists, planner, turns
from .changing import SUBJECT, WORKS, Changing, Said
from .edits import Step
from .numbers import NUM, whole
from .planner import Reading
from .rules import rule
from .several import SPECIAL

_THESE_MANY: Final = rule(rf"(?:这|那|these\s|those\s|the\s)({NUM})\s?(?:[个位名条篇人]|\w)")
_WHO: Final = rule(
    r"(?:都|到底|主要)*是?(?:谁|哪些人|哪些博主|哪些作者|哪些号)(?:发|写|拍|说|晒|做)(?:的|得)?(?P<most>最多|最勤)?(?:的|啊|呢)?|"
    r"who\s(?:posted|wrote|made)(?:\s(?:them|these|those|it))?(?:\s(?P<more>the\smost|most))?"
)
"""Who is behind the posts on the screen."""
_VAGUE: Final = rule(
    r"(?:要|再|更|稍微|最好){0,2}(?![上下晚早中凌夜])[\u4e00-\u9fff]{1,4}(?:一点儿?|一些|些)的?(?:吧|呢)?"
)
"""年轻一点的: how much is not said."""
_NO_GROUPS: Final = frozenset(
    {"hour", "day", "week", "month", "platform", "sentiment", "media", "tag", "topic", "keyword"}
)
"""Ways to split that make a table and no groups of people."""
_TABLES: Final = frozenset({"stats", "compare", "segment"})
_LISTING: Final = rule(r"列|挑|筛|选|抽|找|搜|list|show|pick|find")
_ENDS: Final = rule(r"[到至止停]|\b(?:until|till|through|end)")
_STOP: Final = rule(r"(?:就|再|便)?(?:停|结束|为止|收工)(?:了|吧|掉)*$|^(?:就|再)?(?:跑|做|盯|一直)+(?=[到至])")
_BY_TOPIC: Final = rule("主题|话题|topic")
_JOBS: Final = {
    "pause": "停掉|停了|停一下|先停|暂停|停|pause|stop",
    "resume": "恢复|继续跑|resume",
    "cancel": "取消|撤掉|删掉|删除|删了|删|cancel",
}
_NAMED_JOB: Final = rule(
    r"(?:先|请|帮我)*(?:把|将)?(?P<name>[^,，。的]{1,24}?)(?:任务|的任务)?(?:先|给我|也)*"
    rf"(?P<op>{'|'.join(_JOBS.values())})(?:了|吧|掉)*"
)
"""Behind a list of jobs: 把日报停了."""
_JOB: Final = rule(
    rf"(?:先|把|将|请)*(?:这个|那个|它|任务|定时)*(?P<op>{'|'.join(_JOBS.values())})(?:了)?\s?"
    r"(?:这个|那个|它|这项|该)?(?:定时)?(?:任务|计划|it|this|that)?(?:\s?(?:job|task|schedule))?(?:了|吧|掉)*"
)


class Followed(msgspec.Struct):
    """What a turn comes to: steps, or a question; ``unparsed`` are the words nobody understood."""

    steps: list[Step] = msgspec.field(default_factory=list)
    clarify: list[str] = msgspec.field(default_factory=list)
    unparsed: tuple[str, ...] = ()


def apply(said: str, today: date, prev: Plan, whole_text: Reading) -> Followed | None:
    """The steps of a turn that follows ``prev``; None if it stands on its own. ``whole_text``: the turn as read."""
    before = encode(prev, neutral=False).get("steps", [])
    if not before:
        return None
    text = turns.tidy(said)
    if text != said:
        whole_text = planner.read(text, today)
    turn = Turn(before, today)
    parts = turns.pieces(text)[: turns.MAX_PIECES]
    if job := _job(text, before):
        return Followed([job])
    first = next((p for p in parts if not turns.meaningless(p)), None)
    if parts and (first is None or (len(parts) == 1 and _VAGUE.fullmatch(text))):
        return Followed(clarify=["subject"])  # 太少了，放宽一点: of what is not said
    if first is None or _special(text, whole_text):
        return None
    if not turn.change(first):
        return turn.goes_on(text, whole_text) or turn.edits(parts, text, whole_text)
    rest = [p for p in parts[parts.index(first) + 1 :] if not turns.meaningless(p) and not turn.change(p)]
    return turn.then("，".join(rest)) if rest else turn.done()


def _special(text: str, reading: Reading) -> bool:
    """Is the turn of a special kind and no change? 抖音的删掉 takes a platform out of the question, no data."""
    if reading.clarify or not reading.drafts or reading.drafts[0].action not in SPECIAL:
        return False
    return reading.drafts[0].action != "erase" or "accounts" in reading.drafts[0].slots or lists.names_data(text)


def _job(text: str, before: list[Step]) -> Step | None:
    """停掉这个 behind a schedule is about the job."""
    text = text.strip(" 。.!！")
    last = before[-1]["action"]
    said = _JOB.fullmatch(text) if last == "schedule" else _NAMED_JOB.fullmatch(text) if last == "jobs" else None
    if not said:
        return None
    op = next(op for op, words in _JOBS.items() if said["op"].lower() in words.split("|"))
    name = said.groupdict().get("name")
    return {"action": "jobs", "op": op, **({"name": name.strip("『』 ")} if name else {})}


class Turn(Changing):
    """One turn, and what it comes to."""

    def done(self) -> Followed | None:
        """The whole plan with the changes made."""
        self.loosen()
        if self.asked and self.edit.steps == self.before:
            return Followed(clarify=self.asked)
        return Followed(self.edit.steps, unparsed=self.unparsed)

    def then(self, rest: str) -> Followed | None:
        """Changes were made; ``rest`` is what else is said: more filters, a file, or after all something else."""
        self.loosen()
        reading = self.read(rest)
        steps = planner.steps(reading.drafts)
        if reading.clarify:
            return Followed(clarify=reading.clarify)
        if not steps and not reading.schedule:
            return Followed(self.edit.steps, unparsed=(*self.unparsed, *reading.unparsed))
        if steps and steps[0]["action"] not in ("export", "save"):
            said = self.said(rest)
            if said is not None and self._fits(steps, reading, said) and self.put(said):
                return self.done()
            outputs = all(step["action"] in ("export", "save") for step in steps[1:])
            if said is None and steps[0]["action"] == "find" and outputs and not steps[0].keys() & SUBJECT:
                slots = {k: v for k, v in steps[0].items() if k not in ("action", "target")}
                return Followed([*self.edit.steps, *steps[1:]]) if self.edit.put(slots) else None
            if _only_names(steps[0]):
                return self.done() if self.edit.steps != self.before else None
            if steps[0]["action"] in WORKS - {self.last["action"]} and not steps[0].keys() & SUBJECT:
                return Followed([*self.edit.steps, *steps], unparsed=self.unparsed)
            return Followed(steps, unparsed=reading.unparsed)
        steps = [s for s in steps if s["action"] in ("export", "save")]
        if reading.schedule.get("every") and self.scheduled is None:
            steps.append({"action": "schedule", **reading.schedule})
        return Followed([*self.edit.steps, *steps], unparsed=(*self.unparsed, *reading.unparsed))

    def _fits(self, steps: list[Step], reading: Reading, said: Said) -> bool:
        """Is this piece beside a change part of the change? 不看露营了，看滑雪: yes, with its own word."""
        own = steps[0].keys() & SUBJECT
        return not own or bool(own <= self.edit.taken) or (reading.fragment and not said.target)

    def goes_on(self, text: str, reading: Reading) -> Followed | None:
        """The turn as something done with the result on the screen, or with the plan before."""
        points = turns.points(text)
        steps = planner.steps(reading.drafts)
        if reading.schedule.get("every") and not _asks(steps):
            return self._repeat(reading)
        if reading.clarify == ["account"] and points and steps:
            return self._about(steps[0], points)
        if reading.clarify or not (steps or _WHO.fullmatch(text.strip(" ?？"))):
            return None
        if len(steps) > 1 and points and _only_names(steps[0]):
            steps = steps[1:]  # 导出这批达人: the noun only names the result
        if who := _WHO.fullmatch(text.strip(" ?？")):
            most = {"sort": "post_count"} if who["most"] or who["more"] else {}
            return Followed([{"action": "find", "input": "last", "target": "people", **most}])
        first = steps[0]
        if first["action"] in WORKS and (words := self._known(reading.unparsed)) and not first.keys() & SUBJECT:
            rest = tuple(w for w in reading.unparsed if w not in words)  # 那骆驼的走势呢: one of those compared
            return Followed([{**first, "topics": words}, *steps[1:]], unparsed=rest)
        if first.keys() & SUBJECT - ({"items"} if points else set()) or _own_people(first, reading):
            return None
        if first["action"] in ("history", "stats") and points == "one":
            return self._about({**first, "action": "history"}, points)
        if self._on_result(first, reading, text, points, alone=len(steps) == 1):
            first = self._targeted(first, reading, text)
            return self._onward([self._pointed(first, text) if points else first, *steps[1:]], reading)
        return None

    def _known(self, words: tuple[str, ...]) -> list[str]:
        """Those of the words that are values of the plan before."""
        return [word for word in words if any(True for _ in self.edit.find(word))]

    def _on_result(self, step: Step, reading: Reading, text: str, points: str | None, *, alone: bool) -> bool:
        """Does a step without words for what to look for work on what is on the screen? (The table above.)"""
        action = step["action"]
        if action in ("export", "save"):
            return True
        if action == "compare":
            return points is not None
        if action in WORKS:
            edits_it = action == self.last["action"] and alone and not (action == "stats" and points)
            return not edits_it and (points is not None or action == "segment" or "platforms" not in step)
        if action != "find":
            return False
        if self.last["action"] == "import":
            return True  # what was read from the file is on the screen
        if not alone and not step.keys() - {"action", "target", "sort", "order", "limit"}:
            return True  # 前20个导出csv
        if _said_target(reading) and step["target"] != self.shown():
            ranked = not step.keys() - {"action", "target", "sort", "order", "limit"}
            return points is not None or ranked or (not reading.fragment and "platforms" not in step)
        listed = self.last["action"] in _TABLES and _LISTING.search(text) is not None
        return listed and bool(step.keys() - {"action", "target"})

    def _pointed(self, step: Step, text: str) -> Step:
        """The step without what only names the result: the number of 这60个人, the platform of 这些微博."""
        counted = _THESE_MANY.search(text)
        named = self.edit.value("platforms")
        return {
            k: v
            for k, v in step.items()
            if not (k == "limit" and counted and whole(counted[1]) == v) and not (k == "platforms" and v == named)
        }

    def _targeted(self, step: Step, reading: Reading, text: str) -> Step:
        """The step with what is on the screen as its target, if it does not say another."""
        if "target" not in SLOTS[cast(Action, step["action"])] or _said_target(reading):
            return step
        if step["action"] == "segment" and _NO_GROUPS & set(step.get("by", ())) and not step.keys() & {"k", "method"}:
            return {**step, "action": "stats", "target": self.shown(), "measure": ["count"]}  # split by week
        if step["action"] == "segment":
            return {**step, "target": "posts" if _BY_TOPIC.search(text) else "people"}
        return {**step, "target": self.shown()}

    def _onward(self, steps: list[Step], reading: Reading) -> Followed:
        first = {"action": steps[0]["action"], "input": "last", **{k: v for k, v in steps[0].items() if k != "action"}}
        rhythm = [{"action": "schedule", **reading.schedule}] if reading.schedule.get("every") else []
        return Followed([first, *steps[1:], *rhythm], unparsed=reading.unparsed)

    def _repeat(self, reading: Reading) -> Followed:
        if self.scheduled is None:
            return Followed([{"action": "schedule", "input": "last_plan", **reading.schedule}])
        self.rhythm(self.scheduled, reading.schedule)
        return Followed(self.edit.steps)

    def _about(self, step: Step, points: str) -> Followed | None:
        """A pronoun for whom: the one account of the plan before, or all who are on the screen."""
        action = cast(Action, step["action"])
        known = [a for s in self.before for a in s.get("accounts", ())]
        if points == "one" and len(known) == 1 and "accounts" in SLOTS[action]:
            kept = {k: v for k, v in step.items() if k == "action" or k in SLOTS[action]}
            self.edit.steps = [{**kept, "accounts": known}]
            if action == "history" and "metrics" not in kept and step.get("measure"):
                self.edit.measure(step["measure"][0])
            return Followed(self.edit.steps)
        if points == "many" and action == "suppress" and self.shown() == "people":
            return Followed([{"input": "last", **step}])
        return Followed(clarify=["account"])

    def edits(self, parts: list[str], text: str, reading: Reading) -> Followed | None:
        """The turn as filters alone, changes among them: 只看上海的，十月的. None: it stands on its own."""
        steps = planner.steps(reading.drafts)
        if self.scheduled and _ENDS.search(text) and (said := self.filled(_STOP.sub("", text))) and said.schedule:
            return self.done() if self.put(said) else None
        if reading.clarify or not steps:
            return None
        first = steps[0]
        action = first["action"]
        if action == "collect" and not first.keys() & SUBJECT:
            return self._fetch(first, text)
        if action not in ("find", self.last["action"]) or first.keys() & SUBJECT or _own_people(first, reading):
            return None
        other = _said_target(reading) and first["target"] != self.shown()
        if not reading.fragment and "platforms" in first and other:
            return None
        loose = [p for p in parts if not turns.meaningless(p) and not self.change(p)]
        if loose:
            return self.then("，".join(loose))
        return self.done()

    def _fetch(self, first: Step, text: str) -> Followed | None:
        """抓下来: the same question, fetched; 这些帖子的评论: what stands under it; 这些作者: who is in the result."""
        if turns.points(text) and first["target"] == "people" != self.shown():
            return Followed([{"action": "find", "target": "people", "input": "last"}])
        if first.get("target") not in (None, self.shown()) and "platforms" in first:
            return None
        if self.edit.steps[0]["action"] == "find":
            self.edit.steps[0]["action"] = "collect"
            self.edit.steps[0].pop("input", None)
            self.edit.steps[0].pop("source", None)
        if first["target"] == "comments" and self.edit.steps[0]["action"] == "collect":
            self.edit.steps[0]["target"] = "comments"
        slots = {k: v for k, v in first.items() if k not in ("action", "target")}
        if slots and not self.edit.put(slots):
            return None
        return Followed(self.edit.steps)


def _own_people(step: Step, reading: Reading) -> set[str]:
    """找喜欢钓鱼的博主, with a verb and a noun, looks for people of its own; 要喜欢钓鱼的 does not."""
    said = step["action"] == "find" and not reading.fragment and _said_target(reading)
    return step.keys() & {"interests", "occupation"} if said else set()


def _said_target(reading: Reading) -> bool:
    """Is it said what is looked for, posts or people?"""
    return (
        bool(reading.drafts) and "target" in reading.drafts[0].slots and "guessed_target" not in reading.drafts[0].flags
    )


def _only_names(step: Step) -> bool:
    return step["action"] == "find" and not step.keys() - {"action", "target"}


def _asks(steps: list[Step]) -> bool:
    """Do these steps ask for something of their own?"""
    return any(
        step["action"] not in ("export", "save")
        and (step.keys() - {"action", "target", "sort", "order"} or step["action"] in ("stats", "compare"))
        for step in steps
    )
