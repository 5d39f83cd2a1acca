"""Work sentences by what they speak of: an object, what is done to it, what is asked, whatever their order.

A sentence is cut into words of ``lexicon/deeds.toml`` at the least cost; what is no word may only be a name beside the
object it names. Nothing is left over, so a request for posts that holds the same words is never taken for work. The op
whose needs the words meet best, and that explains every one of them, is what is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from . import doing_slots, lexicon, times
from .normalize import sounds
from .numbers import parse, whole
from .rules import rule
from .tokens import Doc

LONGEST: Final = 120
"""Characters of a sentence that is read so."""
_NAME_MOST: Final = 24
_WAYS: Final = 6
"""Ways to cut a text up that are looked at."""
_NAME_BEFORE: Final = 12
_NAMED: Final = frozenset({"list", "segment", "campaign", "experiment"})
"""Objects that have names."""
_CALLED: Final = rule(r"\s?(?:,|:)?\s?(?:名?叫做?|名为|名字[叫是]|起名叫?|取名叫?|命名为|called|named)?\s?:?\s?")
_PAIR: Final = rule(
    r"『?([^\s,，。和跟与『』@]{1,20}?)』?\s?(?:和|跟|与|、)\s?『?([^\s,，。和跟与『』@]{1,20}?)』?\s?(?:[这那]?[两俩2][个份场次])?"
)
_OF: Final = rule(r"\s?(?:还?有(?:哪些|什么|几个|多少)\s?|的?[这那]?[个份场次张]?的?\s?|\s)")
_NO_NAME: Final = rule(
    r"[,，。?？!！:：;；『』@\U000f0000-\U0010ffff]|和|跟|与|给|在|别|不|没|勿|聊|最近|每|前\d|到|名单|细分|活动|实验|试验|人群|[谁啥的\s]|什么|怎么|哪"
)
_STARTS_BAD: Final = rule(r"[-最份张条的了吗吧呢啊里中把给将在有是也都还请帮我你他她它们这那个]|\s")
_ENDS_BAD: Final = rule(
    r".*(?:[的了吗吧呢啊里中把给将在\s]|[\d一二三四五六七八九十][日号天周月年]|[上下本这]个?[周月])\Z"
)
_NUM: Final = r"(?:\d{1,9}(?:\.\d{1,2})?\s?[万千wk]?|[一二两三四五六七八九十百千万半]{1,6})"
_SHAPES: Final = tuple(
    (kind, rule(pattern, re.I))
    for kind, pattern in (
        ("n.rank", rf"(?:排?第\s?({_NUM})\s?(?:个人|个|条|位|名|号|项|步|篇)|(?:#|no\.? ?|number )\s?(\d{{1,5}}))"),
        ("n.group", rf"第\s?({_NUM})\s?[群组类](?:的?人)?|(?:group|cluster) (\d{{1,3}})"),
        ("n.no", r"(\d{1,6})\s?号?"),
        ("n.pct", rf"({_NUM}\s?%|百分之{_NUM}|[一二两三四五]成)"),
        ("n.minutes", rf"({_NUM})\s?(?:分钟|min(?:ute)?s?)"),
        ("n.hours", rf"({_NUM})\s?个?(?:小时|钟头|hours?)"),
        ("n.money", rf"[¥￥$]?({_NUM})\s?(?:元|块钱?|人民币|rmb|yuan|cny)"),
        ("n.people", rf"({_NUM})\s?(?:个人|人|位|名|个|people|persons)"),
        ("n.days", rf"({_NUM})\s?(?:天|日|days?)"),
        ("n.days", rf"({_NUM}\s?(?:{doing_slots.LASTING}))"),
        ("n.arms", rf"({_NUM})\s?(?:组|份|半|版|groups|arms)"),
    )
)
_WHO: Final = rule(r"@\s?([^\s,，。?？!！:：@、『』]{1,30})")
_QUOTED: Final = rule(r"『([^』]{1,60})』")
_SLOT: Final = {"n.minutes": "minutes", "n.money": "amount", "n.people": "limit", "n.days": "days"}
_LATER: Final = rule(
    r"下下?个?(?:月|季度)|下下?个?(?:周|星期|礼拜)[一二三四五六日天末]?|大?后天|明天|[这本]周[一二三四五六日天末]|明年|"
    r"(?:未来|接下来|今后|往后)[一二两三四五六七八九十\d]{1,3}(?:天|周|个?月)|(?:下?个?月|年)底|"
    r"next (?:week|month)|tomorrow|"
    r"周[一二三四五六日天末](?=[前之]|以前)"
)
"""Days to come, which are no times that something was posted."""
_OTHER: Final = rule(
    r"[^\s\d,，。.?？!！~、;；:：#%¥￥$/日号月周天年期节双十一二三四五六七八九两半百千万几上下本这前后内以至到从第个条位名项步篇元块分钟小时成组份版未来接往明今季底a-z-]"
)
"""What is no part of a number or a time. English words are cut up all the same."""
_TIMED: Final = rule(r"\d|[日号月周天年期节双]|today|week|month|year|yester|tomor|since|last", re.I)


@dataclass(frozen=True, slots=True)
class Part:
    """One word of the sentence: what it may be, what it holds, and of which object it is the name."""

    kinds: frozenset[str]
    value: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Op:
    """``need``: of each, one kind must be there; ``may``: what else can be said. ``put``: where a name of an object
    goes, ``must``: the objects that need a name.
    """

    step: dict[str, Any]
    need: tuple[frozenset[str], ...]
    may: frozenset[str]
    put: dict[str, str]
    must: tuple[str, ...]
    more: dict[str, Any]


@cache
def _words() -> tuple[dict[str, frozenset[str]], dict[str, tuple[int, ...]]]:
    """{a word: its kinds}; {a first letter: lengths of words that begin so}."""
    kinds: dict[str, set[str]] = {}
    for kind, said in lexicon.table("deeds")["word"].items():
        for word in said.split():
            kinds.setdefault(word.replace("_", " "), set()).add(kind)
    lengths: dict[str, set[int]] = {}
    for word in kinds:
        lengths.setdefault(word[0], set()).add(len(word))
    known = {word: frozenset(sorted(of)) for word, of in kinds.items()}
    return known, {sign: tuple(sorted(sizes)) for sign, sizes in lengths.items()}


@cache
def _verbs() -> re.Pattern[str]:
    """What says that something is done or asked is no part of a name."""
    table = lexicon.table("deeds")
    words = {word for kind in table["read"]["verbs"].split() for word in table["word"][kind].split() if len(word) > 1}
    return re.compile("|".join(rf"\b{w}\b" if w.isascii() else w for w in sorted(words)).replace("_", " "))


@cache
def _ops() -> tuple[Op, ...]:
    read = frozenset(lexicon.table("deeds")["read"]["may"].split())
    found = []
    for row in lexicon.table("deeds")["op"]:
        put = dict(pair.split("=") for pair in row.get("put", "").split())
        may = frozenset(row.get("may", "").split()) | (read if row.get("read") else frozenset())
        need = tuple(frozenset(group.split()) for group in row["need"])
        step = {"action": "work", **row["step"]} if "action" not in row["step"] else dict(row["step"])
        found.append(Op(step, need, may | {"fill"}, put, tuple(row.get("must", "").split()), row))
    return tuple(found)


@cache
def _anchors() -> frozenset[str]:
    """One of these must stand in the text."""
    table = lexicon.table("deeds")
    return frozenset(
        w.replace("_", " ") for kind in table["read"]["anchors"].split() for w in table["word"][kind].split()
    )


_TAIL: Final = rule(
    r"(?P<head>[^:]{2,50}?)\s?(?:[,，]?\s?(?:规则|条件|要求|标准|rule)(?:是|为|:)|:)\s*(?:规则是?:?)?(?P<tail>.{2,300})",
    re.S,
)
"""A sentence with words of the user's own behind it: 建个客群叫新妈妈：近30天聊宝宝的."""


_BEFORE: Final = rule(
    r"(?:帮我|请|麻烦)*(?:把|将|圈出?|筛选?出?|挑出)\s?(?P<tail>(?!第|这|那|他|她|它|名单|结果|上面).{4,200}?)(?<![群组类])\s?(?:都|全部|单独)?"
    r"(?P<head>(?:存|保存|做|建|归|圈|另存|拉|设|划)(?:成|为)\s?(?:一?个|一组)?.{2,40})",
    re.S,
)
"""The same with those words first: 把粉丝过万的上海女生存成分群 潜力."""


_PURPOSE: Final = rule(
    r"[,，]?\s?(?:用途|目的|用来|用于|为了|purpose)(?:是|为)?\s?[:：]?\s?(?P<said>[^,，。:：]{2,60}?)(?=\s?[,，。]|\s?\Z)"
)
"""What a list is for."""


def read(
    text: str, *, today: date | None, shows: bool = False, before: dict[str, str] | None = None
) -> dict[str, Any] | None:
    """The step that a folded sentence means, or None. ``shows``: there is a result on the screen; ``before``: names of
    what the turn before was about ({object: name}), for a sentence that goes on about it (它的漏斗呢).
    """
    low = text.strip().lower()
    if not before and not any(word in low for word in _anchors()):
        return None
    if (why := _PURPOSE.search(low)) is not None:
        found = read(low[: why.start()] + low[why.end() :], today=today, shows=shows, before=before)
        if found is None or found.get("do") != "lists" or found.get("op") not in ("create", "set"):
            return None
        fields = [*found.get("fields", ()), ["purpose", why["said"].strip()[:200]]]
        return found | {"fields": sorted(fields)}
    for cut in (None, _TAIL.fullmatch(low), _BEFORE.fullmatch(low)):
        head, tail = (low, "") if cut is None else (cut["head"], text.strip()[slice(*cut.span("tail"))].strip(" 。."))
        if cut is None and len(low) > LONGEST:
            continue
        if _hopeless(head):
            continue
        for known in (before, {}) if before else ({},):
            if (found := _best(head, tail, today, shows, known)) is not None:
                return found
    return None


def _best(text: str, tail: str, today: date | None, shows: bool, before: dict[str, str]) -> dict[str, Any] | None:
    """What the op that fits best makes of the sentence and of the words behind it."""
    doc = Doc(text)
    if today is not None and _TIMED.search(text):
        times.read(doc, today)
    for parts in _ways(doc):
        best: tuple[int, dict[str, Any]] | None = None
        for op in _ops():
            if ("topic" in op.more) != bool(tail):
                continue
            if (step := _step(op, [*parts, *_known(op, parts, before)], today, shows)) is None:
                continue
            score = 2 * len(op.need) + len(op.must)
            if best is None or score > best[0]:
                best = score, step | ({"topic": tail} if tail else {})
        if best is not None:
            return best[1]
    return None


_FRESH: Final = frozenset({"new", "create", "save"})
"""What makes something new is not about what was shown."""


def _known(op: Op, parts: list[Part], before: dict[str, str]) -> list[Part]:
    """What is not said because it was spoken of just before: the object that the op wants, and its name."""
    found: list[Part] = []
    if op.step.get("op") in _FRESH:
        return found
    for kind, name in before.items():
        if kind in op.put and not any(part.of == kind for part in parts):
            found.append(Part(frozenset({"name"}), name, kind))
            if not any(kind in part.kinds for part in parts):
                found.append(Part(frozenset({kind})))
    return found


def _hopeless(text: str) -> bool:
    """Whether something stands there that can be no word, number, time or name: most requests for posts."""
    free = bytearray(b"\1" * len(text))
    named = "@" in text or "『" in text
    for at in range(len(text)):
        for end, kinds in _at(text, at):
            low, high = at, end
            if kinds & _NAMED or "aspect" in kinds:
                low, high = max(0, at - 2 * _NAME_BEFORE), end + (_NAME_MOST + 4 if kinds & _NAMED else 0)
            free[low:high] = bytes(min(high, len(text)) - low)
    left = "".join(sign for sign, is_free in zip(text, free, strict=True) if is_free)
    return not named and _OTHER.search(left) is not None


# -- cutting a sentence up -------------------------------------------------------------------------------------------


def _ways(doc: Doc) -> list[list[Part]]:
    """How the sentence may be cut up: with its times as times, and with them as words of names (活动双十二)."""
    return [*_cuts(doc.text, doc), *(_cuts(doc.plain(doc.text), Doc("")) if doc.tokens else ())]


def _cuts(text: str, doc: Doc) -> list[list[Part]]:
    """The few ways of least cost to cut the whole text into words, the best first."""
    objects = [
        (at, end, kinds)
        for at in range(len(text))
        for end, kinds in _at(text, at)
        if kinds & _NAMED or "aspect" in kinds
    ]
    best: list[list[tuple[float, tuple[Part, ...]]]] = [[] for _ in range(len(text) + 1)]
    best[0] = [(0.0, ())]
    for at in range(len(text)):
        if not best[at]:
            continue
        for end, cost, parts in _edges(text, at, doc, objects):
            there = best[end]
            there += [(before + cost, said + parts) for before, said in best[at]]
            there.sort(key=lambda way: way[0])
            del there[_WAYS:]
    return [list(parts) for _, parts in best[-1]]


Edge = tuple[int, float, tuple[Part, ...]]
Objects = list[tuple[int, int, frozenset[str]]]


def _edges(text: str, at: int, doc: Doc, objects: Objects) -> list[Edge]:
    sign = text[at]
    if sign in " ,，。.?？!！~、;；":
        return [(at + 1, 0.1, ())]
    if sign in doc.tokens:
        return [(at + 1, 1.0, (Part(frozenset({"time"}), doc.tokens[sign].raw),))]
    found: list[Edge] = []
    for end, kinds in _at(text, at):
        fill = kinds == {"fill"}
        part = () if fill else (Part(kinds),)
        if "spent_on" in kinds:
            part = (Part(kinds, text[at:end]),)
        found.append((end, 0.6 if fill else 0.75 if end == at + 1 else 1.0, part))
        for kind in kinds & _NAMED:
            found += _name_after(text, end, kinds, kind, doc)
    if (quoted := _QUOTED.match(text, at)) is not None:
        found.append((quoted.end(), 2.0, (Part(frozenset({"quote"}), quoted[1]),)))
    found += _name_before(text, at, doc, objects)
    if (who := _WHO.match(text, at)) is not None:
        start = who.start(1)
        found += [
            (end, 1.0 + 1.2 * (end - start), (Part(frozenset({"n.who"}), text[start:end]),))
            for end in range(start + 1, who.end() + 1)
        ]
    if (later := _LATER.match(text, at)) is not None:
        found.append((later.end(), 1.0, (Part(frozenset({"time"}), later[0]),)))
    for kind, shape in _SHAPES:
        if (match := shape.match(text, at)) is not None:
            said = next(group for group in match.groups() if group)
            found.append((match.end(), 1.0 + (kind == "n.no"), (Part(frozenset({kind}), said),)))
    return found


def _at(text: str, at: int) -> list[tuple[int, frozenset[str]]]:
    """The words that stand at a place; an English word is whole."""
    words, lengths = _words()
    found = []
    for size in lengths.get(text[at], ()):
        kinds = words.get(text[at : at + size])
        if kinds is not None and at + size <= len(text) and not _inside(text, at, at + size):
            found.append((at + size, kinds))
    return found


@cache
def _by_sound() -> dict[tuple[str, ...], tuple[str, frozenset[str]]]:
    """{the sounds of a Chinese word of two characters or more: the word, its kinds}, words that say something."""
    return {
        sounds(word): (word, kinds)
        for word, kinds in sorted(_words()[0].items())
        if len(word) > 1 and not word.isascii() and not kinds & _IDLE
    }


_IDLE: Final = frozenset({"fill", "yesno", "when"})


def spoken_of(text: str) -> list[str]:
    """What the words of a folded sentence are about and ask for, in order: {who_wins, campaign, ...} of the longest
    word at each place. A word with one character replaced by another of the same sound counts as it (取观: 取关).
    """
    found: list[str] = []
    at, text = 0, text.lower()
    while at < len(text):
        end, kinds = max(_at(text, at), key=lambda one: one[0], default=(at + 1, frozenset[str]()))
        if end < at + 2 and not text[at].isascii() and (slip := _sounding(text, at)) is not None:
            end, kinds = slip
        found += sorted(kinds - _IDLE)
        at = end
    return found


def _sounding(text: str, at: int) -> tuple[int, frozenset[str]] | None:
    for size in (3, 2):
        said = text[at : at + size]
        known = _by_sound().get(sounds(said))
        if known is not None and sum(a != b for a, b in zip(said, known[0], strict=True)) == 1:
            return at + size, known[1]
    return None


def _inside(text: str, at: int, end: int) -> bool:
    """Whether English letters go on before or behind."""
    return (_latin(text[at]) and at > 0 and _latin(text[at - 1])) or (
        _latin(text[end - 1]) and end < len(text) and _latin(text[end])
    )


def _latin(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()


def _name_after(text: str, at: int, kinds: frozenset[str], kind: str, doc: Doc) -> list[Edge]:
    """The object and its name behind it: 活动春季, 名单叫首批."""
    found: list[Edge] = []
    called = _CALLED.match(text, at)
    start = called.end() if called is not None else at
    for begin in dict.fromkeys((at, start)):
        if (quoted := _QUOTED.match(text, begin)) is not None:
            found.append((quoted.end(), 1.5, (Part(kinds), Part(frozenset({"name"}), quoted[1], kind))))
        for end in range(begin + 1, min(len(text), begin + _NAME_MOST) + 1):
            said = doc.plain(text[begin:end])
            if _is_name(said, text, begin, end):
                found.append((end, 3.0 + 0.8 * len(said), (Part(kinds), Part(frozenset({"name"}), said, kind))))
    return found


def _name_before(text: str, at: int, doc: Doc, objects: Objects) -> list[Edge]:
    """A name and its object behind it: 春季活动, 首批那个名单; of a campaign also 双十二的漏斗."""
    found: list[Edge] = []
    for begin, stop, kinds in objects:
        if not at < begin <= at + 2 * _NAME_BEFORE:
            continue
        for names, cost in _names_until(text, at, begin, doc):
            if "aspect" in kinds and len(names) == 1:
                part = Part(frozenset({"name"}), names[0], "campaign")
                found.append((stop, cost + 2.0, (part, Part(kinds), Part(frozenset({"campaign"})))))
            for kind in kinds & _NAMED:
                said = tuple(Part(frozenset({"name"}), name, kind) for name in names)
                found.append((stop, cost + 1.0, (*said, Part(kinds))))
    return found


def _names_until(text: str, at: int, begin: int, doc: Doc) -> list[tuple[tuple[str, ...], float]]:
    """The names that may stand between here and an object, and what they cost."""
    found: list[tuple[tuple[str, ...], float]] = []
    for end in range(max(at + 1, begin - 6), begin + 1):
        if end < begin and not _OF.fullmatch(text, end, begin):
            continue
        if (quoted := _QUOTED.fullmatch(text, at, end)) is not None:
            found.append(((quoted[1],), 1.0))
        elif (pair := _PAIR.fullmatch(text, at, end)) is not None and all(
            _is_name(name, text, at, end) for name in pair.groups()
        ):
            found.append((pair.groups(), 6.0 + 0.8 * len(pair[1] + pair[2])))
        elif (
            end - at <= _NAME_BEFORE
            and (said := doc.plain(text[at:end])) not in _words()[0]
            and _is_name(said, text, at, end)
        ):
            found.append(((said,), 3.5 + 0.8 * len(said)))
    return found


def _is_name(said: str, text: str, begin: int, end: int) -> bool:
    """Asked of hundreds of short texts: looking for conditions in each would cost more than it spares."""
    if _verbs().search(said) or _STARTS_BAD.compiled.match(said) or _ENDS_BAD.compiled.match(said):
        return False
    return _NO_NAME.compiled.search(said) is None and not _inside(text, begin, end)


# -- what is meant ---------------------------------------------------------------------------------------------------


def _step(op: Op, parts: list[Part], today: date | None, shows: bool) -> dict[str, Any] | None:
    """The step, if this op explains every word of the sentence."""
    known = frozenset().union(*op.need, op.may)
    told = [part for part in parts if not (part.kinds & {"name", "quote", "n.who"})]
    if any(not part.kinds & known for part in told):
        return None
    kinds = [part.kinds for part in parts]
    for kind in _NAMED:  # 实验标题测试: the second is a part of its name
        if sum(kind in said for said in kinds) > max(1, sum(part.of == kind for part in parts)):
            return None
    if any(not any(group & kind for kind in kinds) for group in op.need):
        return None
    step = dict(op.step)
    fields: dict[str, str] = {}
    if not _names(op, parts, step, fields) or not _persons(op, parts, step):
        return None
    for part in told:
        if not _number(op, part, step, fields, today):
            return None
    if fields:
        step["fields"] = [[name, value[:200]] for name, value in sorted(fields.items())]
    if "screen" in op.more and not (
        step.keys() & {"accounts", "ranks", "source"} or any(p.of in op.put for p in parts)
    ):
        if not shows and op.more["screen"] == "must":
            return None
        step |= {"input": "last"} if shows else {}
    return step


def _names(op: Op, parts: list[Part], step: dict[str, Any], fields: dict[str, str]) -> bool:
    """Put names where the op wants them; False if one has no place, or one that is needed is missing."""
    said = [(part.of, part.value.strip()) for part in parts if part.kinds & {"name"}]
    loose = [part.value.strip() for part in parts if "quote" in part.kinds]
    for value in loose:  # 把『春季』和『首批』合并成一个名单: of the first object that has a place
        free = next(
            (kind for kind in op.put if kind.rstrip("2") not in {of for of, _ in said}), next(iter(op.put), None)
        )
        if free is None:
            return False
        said.append((free.rstrip("2"), value))
    counted: dict[str, int] = {}
    for kind, value in said:
        counted[kind] = counted.get(kind, 0) + 1
        slot = op.put.get(kind if counted[kind] == 1 else f"{kind}{counted[kind]}")
        if slot is None or doing_slots.barred(value):
            return False
        if slot.startswith("f:"):
            fields[slot[2:]] = value
        elif slot == "source":
            step["source"] = f"saved:{value}"
        else:
            step[slot] = value[:80]
    return all(counted.get(kind.rstrip("2"), 0) >= (2 if kind.endswith("2") else 1) for kind in op.must)


def _persons(op: Op, parts: list[Part], step: dict[str, Any]) -> bool:
    who = op.more.get("who")
    accounts = [part.value for part in parts if "n.who" in part.kinds]
    ranks = [whole(part.value) for part in parts if part.kinds & {"n.rank", "n.group", "n.no"}]
    stop = lexicon.table("questions")["names"]["stop"]
    if any(word in name for word in stop for name in accounts) or None in ranks or len(accounts) > 1 < len(ranks) + 1:
        return False
    if accounts and who is None:
        return False
    if accounts:
        step["accounts"] = accounts
    if ranks:
        step["ranks"] = ranks
    return who not in ("must", "name") or bool(accounts or (ranks and who == "must"))


def _number(op: Op, part: Part, step: dict[str, Any], fields: dict[str, str], today: date | None) -> bool:
    (kind, *_) = sorted(part.kinds)
    if "kind" in op.more and op.more["kind"] in part.kinds:
        step["kind"] = part.value
    if kind == "time":
        slot = op.more.get("time")
        span = None if today is None or slot is None else doing_slots.days_of(part.value, today, ahead=slot != "past")
        if span is None:
            return False
        if slot in ("until", "day"):
            step["until" if slot == "until" else "since"] = (span[1] if slot == "until" else span[0]).isoformat()
        else:
            step |= {"since": span[0].isoformat(), "until": span[1].isoformat()}
    elif kind == "n.pct":
        share = doing_slots.share(part.value)
        if share is None or "pct" not in op.more:
            return False
        fields[op.more["pct"]] = share
    elif kind == "n.hours":
        value = 0.5 if part.value == "半" else parse(part.value)
        if value is None:
            return False
        step["minutes"] = value * 60
    elif kind in _SLOT:
        value = doing_slots.days_in(part.value) if kind == "n.days" else parse(part.value)
        if value is None:
            return False
        if kind == "n.days" and "days" in op.more:
            fields[op.more["days"]] = f"{value:g}"
        else:
            step[_SLOT[kind]] = int(value) if kind in ("n.people", "n.days") else float(value)
    elif kind == "n.arms" and "arms" in op.more:
        step["arms"] = whole(part.value) or 2
    return True
