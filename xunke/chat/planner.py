"""From a read text to steps: clauses become drafts, drafts that speak of the same target become one step."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, cast

from xunke.plan import FILTERS, SLOTS, Action

from . import actions, clauses, entities, lexicon, slots, special
from .clauses import Clause
from .items import compare_items
from .times import Span, months_back
from .tokens import ANY, Doc

LISTS: Final = frozenset(
    [
        "platforms",
        "tags",
        "topics",
        "keywords",
        "exclude",
        "groups",
        "accounts",
        "drop",
        "region",
        "region_exclude",
        "city_tier",
        "occupation",
        "interests",
        "tier",
        "by",
        "measure",
        "items",
        "metrics",
        "columns",
    ]
)
_DATA: Final = ("compare", "stats", "segment", "outreach", "collect", "find")
_WHO: Final = frozenset(
    [
        "gender",
        "age_min",
        "age_max",
        "occupation",
        "interests",
        "tier",
        "followers_min",
        "followers_max",
        "posts_min",
        "city_tier",
    ]
)
_TARGETED: Final = frozenset({"collect", "find", "stats", "segment"})


@dataclass(slots=True)
class Draft:
    """A step in the making. ``rest`` is what was said but is no slot (spans, said verbs, free words)."""

    action: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    said_more: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def add(self, slot: str, value: Any) -> None:
        if slot in LISTS:
            values = (value,) if isinstance(value, str) else tuple(value)
            old = self.slots.get(slot, ())
            self.slots[slot] = (*old, *(v for v in values if v not in old))
        else:
            self.slots[slot] = value

    @property
    def target(self) -> str | None:
        return self.slots.get("target")

    def merge(self, other: Draft) -> None:
        for slot, value in other.slots.items():
            if slot in ("age_min", "age_max", "followers_min", "followers_max") and slot in self.slots:
                continue
            self.add(slot, value)
        self.spans += other.spans
        self.loose += other.loose
        self.said_more += other.said_more
        self.unread += other.unread
        self.flags |= other.flags


@dataclass(slots=True)
class Reading:
    """What a text says before policy and before the turn before are looked at."""

    drafts: list[Draft]
    schedule: dict[str, Any]
    clarify: list[str]
    refers: bool
    one: bool
    fragment: bool
    unparsed: tuple[str, ...] = ()
    cues: frozenset[str] = frozenset()


def read(text: str, today: date) -> Reading:
    """Read a folded text. Never raises for any text."""
    doc = entities.read(text, today)
    own = special.read(doc)
    if own is not None:
        asked = [c for step in own for c in step.get("clarify", ())]
        whole = [
            Draft(step["action"], {k: v for k, v in step.items() if k != "action"})
            for step in own
            if "action" in step
        ]
        return Reading(whole, {}, asked, False, False, False)
    special.imports(doc)
    ends = _until(doc, today)
    refers = bool(
        re.search(
            r"作者里|博主里|其中的?|这[些批份个几\d]|那[些批份]|上面|刚才|刚刚|上一?[步轮个]的?结果|以上|结果|\b(?:these|those|them|it|this list|that list|the (?:results?|list)|above)\b",
            doc.text,
            re.IGNORECASE,
        )
    )
    one = bool(
        re.search(
            r"[这那该某](?:个|位)?(?:号(?!召|码)|账号|帐号|博主|up主|达人)(?!们|名单)|\b(?:this|that)\s(?:account|creator|blogger)\b",
            doc.text,
            re.IGNORECASE,
        )
    )
    slots.read(doc)
    actions.read(doc)
    pieces = clauses.split(doc)
    people = _about_people(doc)
    drafts: list[Draft] = []
    schedule: dict[str, Any] = {}
    for piece in pieces:
        clause = clauses.read(doc, piece, people)
        if people and not clause.first("target") and clause.first("target~") != "people":
            clause.said.append(("who", True))
        _take(clause, drafts, schedule, today)
    drafts = [d for d in drafts if d.action or d.slots or d.spans or d.loose]
    clarify: list[str] = []
    for draft in drafts:
        _finish(draft, drafts, clarify, today, bool(schedule.get("every")))
    drafts = _one_export(_merge_finished(_source_first(drafts)))
    if schedule.get("every") and ends:
        schedule["until"] = ends.isoformat()
    fragment = not any("verb" in d.flags for d in drafts)
    return Reading(drafts, schedule, clarify, refers, one, fragment, tuple(w for d in drafts for w in d.unread))


def _until(doc: Doc, today: date) -> date | None:
    """The day a schedule ends (到年底为止), taken out of the text when something is repeated."""
    if not any(t.kind == "S" and "every" in t.value for t in doc.tokens.values()):
        return None
    found: list[date] = []

    def end(m: re.Match[str]) -> Any:
        found.append(doc.value(next(g for g in m.groups() if g)).until)
        return ()

    doc.mask(
        r"(?:一直|直|持续|做|跑|盯)*(?:到|至|截止到?|截至)\s?({D})(?:为止|结束|截止|停止?|止)?|\b(?:until|till|through|up\sto|ending)\s(?:the\s)?({D})",
        "X",
        end,
    )
    if not found:
        return None
    return found[-1] if found[-1] >= today else months_back(found[-1], -12)


def _about_people(doc: Doc) -> bool:
    """Is the request about people? The last of the words for what is looked for decides."""
    last = None
    who = False
    for char in doc.text:
        token = doc.tokens.get(char)
        if token and token.kind == "X":
            for slot, value in token.value:
                if slot == "target" or (slot == "target~" and last is None and value == "people"):
                    last = value
                who = who or slot in (
                    "who",
                    "born",
                    "interests",
                    "tier",
                    "followers_min",
                    "followers_max",
                    "age_min",
                    "age_max",
                )
                if slot == "action" and value == "outreach":
                    who = True
    if last is None and not who:
        jobs = lexicon.alternation(lexicon.table("words")["occupation"]["words"])
        who = any(
            slot == "limit"
            for m in re.finditer(rf"{jobs}们?({ANY})", doc.text, re.IGNORECASE)
            if doc.tokens[m[1]].kind == "X"
            for slot, _ in doc.tokens[m[1]].value
        ) or bool(
            re.search(rf"(?:找|有没有|推荐|求)[^,，。;；聊讲说]{{0,14}}{jobs}们?(?=[,，。;；\s]|$)", doc.text, re.IGNORECASE)
        ) or bool(re.search(rf"(?:的|找|个|位|\s){jobs}们?(?=[,，。;；\s]|{ANY}|$)", doc.text, re.IGNORECASE))
    return last == "people" or (last is None and who)


def _take(clause: Clause, drafts: list[Draft], schedule: dict[str, Any], today: date) -> None:
    """Fold one clause into the drafts."""
    new, tail = _draft(clause, schedule, today)
    for step in clause.all("step"):
        drafts.append(Draft(step["action"], {k: v for k, v in step.items() if k != "action"}, flags={"verb"}))
    if new.action or new.slots or new.spans or new.loose:
        current = next((d for d in reversed(drafts) if d.action in (None, *_DATA)), None)
        between = bool(drafts) and drafts[-1] is not current
        if current is not None and _joins(current, new, between):
            _join(current, new)
        else:
            drafts.append(new)
    drafts.extend(tail)


def _joins(current: Draft, new: Draft, between: bool) -> bool:
    same = new.target is None or current.target is None or new.target == current.target
    if new.action is None:
        if (
            current.action in ("stats", "segment")
            and {"sort", "limit"} & new.slots.keys()
            and "verb" in current.flags
        ):
            return False
        return same or current.action == "compare"
    if between and current.action is not None:
        return False
    if new.action == current.action:
        return same
    if new.action == "find":
        return (same and current.action in (None, "collect")) or (
            current.action in ("outreach", "compare") and not new.loose
        )
    if (current.action == "compare" and new.action == "stats") or (
        new.action == "compare" and current.action == "stats"
    ):
        return True
    if new.action == "collect":
        return same and current.action in (None, "find")
    return current.action in (None, "find")


def _join(current: Draft, new: Draft) -> None:
    if (
        new.action
        and not (current.action == "compare" and new.action == "stats")
        and not (current.action in ("collect", "outreach", "compare") and new.action == "find")
    ):
        current.action = new.action
    if new.action in ("segment", "stats") and new.target:
        current.slots["target"] = new.target
    current.merge(new)


_RENAMED: Final = {"A": "accounts", "T": "tags", "R": "region", "P": "platforms"}


def _draft(clause: Clause, schedule: dict[str, Any], today: date) -> tuple[Draft, list[Draft]]:
    new, tail = Draft(), []
    said = clause.all("action")
    data = [a for a in said if a in _DATA]
    if data:
        new.action = min(data, key=_DATA.index)
        new.flags.add("verb")
    for name, value in clause.said:
        if name == "action" and value in ("export", "save"):
            tail.append(Draft(value, flags={"verb"}))
        elif name in ("format", "path", "columns", "split_by", "name") and (tail or name in ("columns", "split_by")):
            step = next((t for t in reversed(tail) if (t.action == "save") == (name == "name")), None)
            if step is None:
                step = Draft("export", flags={"tail"})
                tail.append(step)
            step.slots[name] = value
        elif name in _RENAMED:
            new.add(_RENAMED[name], value)
        elif name == "Q":
            new.loose.append(value)
        elif name == "G":
            new.add("groups", value[1])
            if value[0]:
                new.add("platforms", value[0])
        elif name == "D":
            new.spans.append(value)
        elif name == "S":
            schedule.update(value)
        elif name == "born":
            new.slots["age_min"] = min(new.slots.get("age_min", 999), today.year - value[1])
            new.slots["age_max"] = max(new.slots.get("age_max", 0), today.year - value[0])
        elif name == "all~":
            new.flags.add("all platforms")
        elif name == "two":
            new.flags.add("posts")
        elif name == "target~" and value == "posts" and clause.first("who"):
            pass  # 做早教内容的 says what people post
        elif name == "target" or (name == "target~" and "target" not in new.slots):
            _target(new, name, value, clause)
        elif name == "measure?":
            if value != ("count",) or name not in new.slots:
                new.slots[name] = value
        elif name == "each":
            new.slots["each"] = (value,) if isinstance(value, str) else value
        elif name == "notify":
            schedule["notify"] = True
        elif name in ("who", "trend", "vs", "more", "said_find", "own", "past", "rerun"):
            new.flags.add(name)
            if name in ("vs", "more"):
                new.said_more.append(value)
        elif (
            name in ("purpose", "require_contact", "source", "k", "method", "match")
            or name in FILTERS
            or name in ("sort", "order", "limit", "by", "measure")
        ):
            new.add(name, value)
        elif name in ("dimension?", "by_measure", "platform?"):
            new.slots[name] = value
    new.loose += clause.words
    if any(t.flags == {"tail"} for t in tail) and len(tail) > 1:
        tail = [t for t in tail if t.flags != {"tail"}]
    return new, tail


def _target(new: Draft, name: str, value: str, clause: Clause) -> None:
    """In Chinese the last noun is the head, in English the first."""
    if "target" in new.slots and not any("\u4e00" <= c <= "\u9fff" for c in clause.text):
        return
    new.slots["target"] = value


def _finish(draft: Draft, drafts: list[Draft], clarify: list[str], today: date, scheduled: bool) -> None:
    """Free words to slots, spans to days, hints to values."""
    if draft.action in ("import", "export", "save"):
        tail = str(draft.slots.get("path", "")).rsplit(".", 1)[-1].lower()
        if draft.action == "export" and "format" not in draft.slots and tail in lexicon.values("words", "format"):
            draft.slots["format"] = lexicon.values("words", "format")[tail]
        return
    slots_ = draft.slots
    compare_items(draft)
    if (platform := slots_.pop("platform?", None)) and not slots_.get("platforms"):
        draft.add("platforms", platform)
    about_people = slots_.get("target") == "people" or (
        not slots_.get("target") and ("who" in draft.flags or draft.slots.keys() & _WHO)
    )
    words(draft, bool(about_people) or draft.action == "outreach")
    _hints(draft)
    if draft.action is None:
        draft.action = "find"
    if draft.action in _TARGETED and not draft.target:
        earlier = next((d.target for d in drafts[: drafts.index(draft)] if d.target), None) or _file_of(drafts)
        guess = (
            "people"
            if draft.action == "segment" or "who" in draft.flags or slots_.keys() & _WHO
            else earlier or "posts"
        )
        slots_["target"] = guess
        draft.flags.add("guessed_target")
    if draft.target == "comments":
        slots_.pop("media", None)  # the videos are where the comments stand
    _when(draft, clarify, today, scheduled)
    for low, high in (("age_min", "age_max"), ("followers_min", "followers_max")):
        if slots_.get(low) and slots_.get(high) and slots_[low] > slots_[high]:
            clarify.append("number_conflict")
    _history(draft)


def _file_of(drafts: list[Draft]) -> str | None:
    """What an imported file holds, by its name."""
    path = next((str(d.slots.get("path", "")) for d in drafts if d.action == "import"), "")
    return "people" if re.search("粉丝|博主|达人|用户|名单|followers|creators|people|users", path, re.IGNORECASE) else None


def words(draft: Draft, people: bool) -> None:
    """Sort the free words into interests, occupations and topics."""
    jobs = set(lexicon.table("words")["occupation"]["words"])
    quotes_only: list[str] = []
    junk = set(lexicon.table("function_words")["junk"])
    for piece in draft.loose:
        liked = re.match(
            r"\s*(?:也|都|平时|比较|特别|很|最)*(?:喜欢|喜爱|热爱|爱好|痴迷|沉迷|迷恋|爱(?!马仕|尔兰|奇艺|丽丝|豆|心|情|国|玛|彼|琴))(?:上)?(.{1,20})|\s*(?:who\s|that\s)?(?:also\s)?(?:loves?|likes?|enjoys?|(?:is |are )?(?:interested in|into|keen on|fond of|passionate about))\s(.{2,40})",
            piece,
            re.IGNORECASE,
        )
        if liked and people:
            what, _, piece = (liked[1] or liked[2]).partition("的")
            for word in _parts(re.sub("(?:又|也|还|且)(?:喜欢|热爱|爱)", "、", clauses.strip(what))):
                draft.add("interests", word)
        stripped = clauses.strip(piece)
        if not stripped:
            continue
        for word in _parts(stripped):
            word = _understood(clauses.strip(word), draft)
            if not word or word.lower() in junk:
                continue
            if people:
                job = next(
                    (
                        j
                        for j in sorted(jobs, key=len, reverse=True)
                        if word == j
                        or (word.endswith(j) and not j.isascii())
                        or (word.startswith(j) and not j.isascii() and len(j) > 1)
                    ),
                    None,
                )
                if job:
                    draft.add("occupation", job)
                    word = clauses.strip(word.replace(job, "", 1))
                    if not word:
                        continue
            draft.add("topics", word)
    draft.loose = quotes_only


_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz")


def _understood(word: str, draft: Draft) -> str:
    """``word`` without what is clearly no topic: fingers run along the keyboard, verbs left alone."""
    kept: list[str] = []
    lost: list[str] = []
    for part in word.split(" "):
        garbage = len(part) > 3 and part.lower() != "qwerty" and any(part.lower() in row for row in _KEYS)
        (lost if garbage or part in lexicon.table("function_words")["unread"] else kept).append(part)
    if lost:
        draft.unread.append(" ".join(lost))
    return " ".join(kept)


def _parts(text: str) -> list[str]:
    parts = re.split(r"、|/|(?<=[^\s]{2})(?:和|与|跟|或者?|以及|及)(?=[^\s]{2})|\s(?:and|or|&)\s", text)
    return [p.strip() for p in parts if p and p.strip()]


def _hints(draft: Draft) -> None:
    """measure?, by_measure, trend: what they mean depends on the action."""
    slots_ = draft.slots
    hint = slots_.pop("measure?", ())
    slots_.pop("dimension?", None)
    by_measure = slots_.pop("by_measure", None)
    each = slots_.pop("each", ())
    if slots_.get("method") and draft.action in (None, "find"):
        draft.action = "segment"
    if draft.flags & {"own"} and draft.action in (None, "find"):
        draft.action = "stats"
    if each and draft.action in ("stats", "compare", None) and (draft.action or "measure" in slots_):
        draft.add("by", each)
    if "all platforms" in draft.flags and "platform" not in slots_.get("by", ()):
        draft.add("platforms", "all")
    if by_measure:
        if draft.action == "compare":
            draft.add("measure", by_measure)
        elif draft.action in ("stats", "segment") and by_measure in ("followers", "engagement", "influence"):
            draft.add("by", by_measure)
        else:
            slots_["sort"] = by_measure
    if draft.action == "find" and set(slots_.get("by", ())) & {"hour", "day", "week", "month"}:
        draft.action = "stats"
    if draft.action is None and ("by" in slots_ or "measure" in slots_):
        draft.action = "stats"
    if draft.action in ("stats", "compare"):
        if hint and not (slots_.get("measure") and hint == ("count",)):
            draft.add("measure", hint)
        if "share" in slots_.get("measure", ()) and "count" in slots_["measure"]:
            slots_["measure"] = tuple(m for m in slots_["measure"] if m != "count")
        if draft.action == "stats":
            slots_.setdefault("measure", ("count",))
            if "trend" in draft.flags and not set(slots_.get("by", ())) & {"hour", "day", "week", "month"}:
                draft.add("by", "day")
    elif draft.action not in ("segment",):
        by = slots_.pop("by", ())
        for word in by:
            if draft.action in ("find", "collect", "outreach") and word in ("followers", "engagement", "influence"):
                slots_.setdefault("sort", word)


def _when(draft: Draft, clarify: list[str], today: date, scheduled: bool) -> None:
    spans = draft.spans
    if any(s.conflict for s in spans):
        clarify.append("time_conflict")
        return
    spans = [s for s in spans if s.form not in ("year_back", "month_back")]
    if draft.action == "compare" and draft.slots.get("periods"):
        return
    if not spans or (draft.action in ("segment",) and not spans):
        return
    since, until = min(s.since for s in spans), max(s.until for s in spans)
    opened = [s for s in spans if s.form == "open"]
    if scheduled:
        form = next((s.form for s in spans if s.form and ":" in s.form), None)
        if form:
            draft.slots["window"] = form
        return
    if not opened and since > today:
        clarify.append("time_conflict")
        return
    until = min(until, today)
    if opened and len(spans) == len(opened):
        draft.slots["until"] = until
    else:
        draft.slots["since"], draft.slots["until"] = since, until


_METRICS: Final = {"followers": "followers", "follower_growth": "followers", "engagement": "engagement", "likes": "likes", "comments": "comments",
                   "count": "posts"}  # fmt: skip


def _history(draft: Draft) -> None:
    """Numbers about one account over time are its history."""
    accounts = draft.slots.get("accounts", ())
    if (
        draft.action == "stats"
        and "past" in draft.flags
        and not set(draft.slots) - {"target", "measure", "by", "since", "until"}
    ):
        draft.slots, draft.action = {}, "history"  # whose? is asked
        return
    if draft.action not in ("stats", "find") or not accounts:
        return
    own = "own" in draft.flags
    if draft.action == "find" and not own and "past" not in draft.flags:
        return
    if (draft.slots.get("topics") or draft.slots.get("tags") or draft.slots.get("keywords")) and not own:
        return
    measures = [_METRICS[m] for m in draft.slots.get("measure", ()) if m in _METRICS]
    if (
        draft.action == "stats"
        and not own
        and "past" not in draft.flags
        and "trend" not in draft.flags
        and not set(measures) - {"posts"}
    ):
        return
    if len(measures) > 1 and "posts" in measures and "posts" not in draft.flags:
        measures.remove("posts")
    keep = {k: v for k, v in draft.slots.items() if k in SLOTS["history"]}
    if "trend" in draft.flags and keep.get("by") == ("day",):
        keep.pop("by")
    draft.slots = (
        keep | ({"with": "own"} if own else {}) | ({"metrics": tuple(dict.fromkeys(measures))} if measures else {})
    )
    draft.slots.pop("target", None)
    draft.action = "history"


def _source_first(drafts: list[Draft]) -> list[Draft]:
    """A saved list that is only named is the source of the step behind it."""
    out: list[Draft] = []
    for draft in drafts:
        last = out[-1] if out else None
        if (
            last
            and last.action == "find"
            and set(last.slots) <= {"source", "target"}
            and "source" in last.slots
            and "source" in SLOTS[cast(Action, draft.action or "find")]
        ):
            draft.slots.setdefault("source", last.slots["source"])
            out[-1] = draft
        else:
            out.append(draft)
    return out


def _one_export(drafts: list[Draft]) -> list[Draft]:
    """导出，csv格式 is one file."""
    out: list[Draft] = []
    for draft in drafts:
        if out and out[-1].action == draft.action == "export" and not out[-1].slots.keys() & draft.slots.keys():
            out[-1].slots |= draft.slots
        else:
            out.append(draft)
    return out


def _merge_finished(drafts: list[Draft]) -> list[Draft]:
    """A find directly before segment, stats, compare or outreach is that step."""
    out: list[Draft] = []
    for draft in drafts:
        last = out[-1] if out else None
        if (
            last
            and last.action == "find"
            and draft.action in ("segment", "stats", "compare", "outreach")
            and "guessed_target" in draft.flags
        ):
            _join(last, draft)
            last.action = draft.action
        else:
            out.append(draft)
    return out


def steps(drafts: Iterable[Draft]) -> list[dict[str, Any]]:
    """The drafts as schema steps, only with slots that belong to the action."""
    out = []
    for draft in drafts:
        allowed = SLOTS[cast(Action, draft.action)]
        step: dict[str, Any] = {"action": draft.action}
        for slot, value in draft.slots.items():
            if slot in allowed and value not in (None, (), [], ""):
                step[slot] = plain(value)
        out.append(step)
    return out


def plain(value: Any) -> Any:
    """``value`` as JSON values."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return value


__all__ = ["Draft", "Reading", "plain", "read", "steps"]
