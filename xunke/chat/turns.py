"""The words of a change: how a turn says that the request before it is to be another one (``lexicon/turns.toml``).

A turn is cut into pieces. A piece such as 粉丝放宽到20万以内 or 知乎不要了 has a frame, words that say what kind of
change it is, and a filling that says of what. This module finds the frames; it does not know the request before, so
it yields every way to take a piece, the likeliest first, and ``followup`` takes the first that makes sense there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, Literal

import msgspec

from . import lexicon
from .numbers import NUM, whole
from .rules import Rule, rule

Op = Literal["open", "take", "only", "replace", "add", "narrow", "more", "turn"]

MAX_PIECE: Final = 80
"""Characters of a piece that may be a change; more is a request of its own."""
MAX_PIECES: Final = 8
_CUT: Final = re.compile(r"[,，。;；!！?？\n]+")


class Change(msgspec.Struct, frozen=True):
    """One way to take a piece. ``said``: the new value, or what is taken out. ``old``: what is replaced.

    ``name``: the filter that is called by its name (a key of the table ``slots``), ``bound``: "_min", "_max" or "".
    """

    op: Op
    said: str = ""
    old: str = ""
    name: str = ""
    bound: str = ""
    number: int = 0
    verb: str = ""


def refers(text: str) -> bool:
    """Is ``text`` a change of something said before (换成上海的), whatever that was?"""
    return any(c.op == "replace" and c.verb and (not c.old or named(c.old)) for c in changes(text))


def pieces(text: str) -> list[str]:
    """The parts of ``text`` between marks, without empty ones. Marks inside quotes do not cut."""
    quoted = re.split("(『[^『』]{0,300}』)", text)
    out, now = [], ""
    for index, part in enumerate(quoted):
        if index % 2:
            now += part
            continue
        first, *rest = _CUT.split(part)
        now += first
        for more in rest:
            out.append(now)
            now = more
    return [p.strip() for p in (*out, now) if p.strip()]


def tidy(text: str) -> str:
    """``text`` without words that add nothing to a change (按粉丝重新排 → 按粉丝排)."""
    rules = _rules()
    return rules.bounded.sub(lambda m: m[1], rules.anywhere.sub("", text))


def bare_of_past(text: str) -> str:
    """已经联系过 → 联系过."""
    return _rules().past.sub("", text)


def meaningless(piece: str) -> bool:
    """Is the piece only manners (太多了, 其他不变)?"""
    return _rules().whole.fullmatch(piece) is not None


def points(text: str) -> Literal["many", "one"] | None:
    """Does the text point at what is on the screen: at several (他们, these) or at one (这个博主, her)?"""
    rules = _rules()
    return "one" if rules.one.search(text) else "many" if rules.many.search(text) else None


def named(text: str) -> tuple[str, str] | None:
    """The filter that ``text`` names and which bound of it: 粉丝门槛 → ("followers", "_min")."""
    found = _rules().name.fullmatch(text.strip().removesuffix("的"))
    return _filter(found) if found else None


def changes(piece: str) -> Iterator[Change]:
    """Every way to take ``piece`` as a change, the likeliest first."""
    if len(piece) > MAX_PIECE:
        return
    seen: set[Change] = set()
    for text in _bared(piece):
        for change in _framed(text):
            if change not in seen:
                seen.add(change)
                yield change


def _bared(piece: str) -> Iterator[str]:
    """``piece``, then the same with less and less manners around it."""
    rules = _rules()
    piece = rules.lead.sub("", piece)
    yield piece
    for _ in range(4):
        bare = rules.before.sub("", piece).strip()
        bare = rules.after.sub("", bare).strip()
        if bare == piece or not bare:
            return
        yield bare
        piece = bare


def _framed(text: str) -> Iterator[Change]:
    rules = _rules()
    if (m := rules.more.fullmatch(text)) and (number := whole(next(g for g in m.groups() if g))):
        yield Change("more", number=number)
    if m := rules.turned.fullmatch(text):
        yield Change("turn", lexicon.values("turns", "turned")[m[0].lower()])
    for op, frames in rules.frames:
        for frame in frames:
            if m := frame.fullmatch(text):
                groups = m.groupdict()
                name, bound = _filter(m) if groups.get("name") else ("", "")
                yield Change(
                    op,
                    (groups.get("said") or "").strip(),
                    (groups.get("old") or "").strip(),
                    name,
                    bound,
                    verb=groups.get("verb") or "",
                )


def _filter(m: re.Match[str]) -> tuple[str, str]:
    bound = next((g for key in ("bound", "bound2") if (g := m.groupdict().get(key))), "")
    return lexicon.values("turns", "filters")[m["name"].lower()], lexicon.values("turns", "bounds").get(
        bound.lower(), ""
    )


class _Rules(msgspec.Struct, frozen=True):
    frames: tuple[tuple[Op, tuple[Rule, ...]], ...]
    lead: Rule
    anywhere: Rule
    bounded: Rule
    past: Rule
    before: Rule
    after: Rule
    whole: Rule
    name: Rule
    more: Rule
    turned: Rule
    one: Rule
    many: Rule


@cache
def _rules() -> _Rules:
    """The tables as patterns; every filling is bounded, so that no text takes long."""
    table = lexicon.table("turns")

    def words(key: str, part: str) -> str:
        return lexicon.alternation(table[key][part])

    bound = lexicon.said("turns", "bounds")
    name = rf"(?P<name>{lexicon.said('turns', 'filters')})(?:的)?\s?(?P<bound>{bound})?"
    the = r"\s?(?:了|掉)?\s?(?:the\s|any\s|all\s)?"
    soft = r"\s?(?:也|就|都|先|再|的话|全)*\s?"
    end = r"(?:了|吧|的)*"
    said, old = r"(?P<said>.{1,60}?)", r"(?P<old>.{1,20}?)"
    change, take = table["replace"], table["take"]
    middle = lexicon.alternation(change["middle"])
    short = lexicon.alternation(change["short"])
    unit = r"\s?(?:个|条|位|篇|名|人)"
    more = (
        rf"(?:再|继续|接着)多?(?:来|给我|给|找|要|看|列|出|推荐|加)?(?:我)?\s?({NUM}){unit}?(?:吧|来)?|"
        rf"(?:加多|多加|多(?:来|给我?|找|要|看|列))\s?({NUM}){unit}|"
        rf"(?:show(?:\sme)?\s|give\sme\s|get\s|and\s)?(?:another\s({NUM})|({NUM})\smore)(?:\s\w+)?"
    )
    frames: list[tuple[Op, list[str]]] = [
        (
            "open",
            [
                rf"{name}{soft}{words('open', 'after')}(?:(?P<bound2>{bound}))?{end}",
                rf"{words('open', 'before')}{the}{name}{end}",
            ],
        ),
        ("take", [rf"{name}{soft}{words('take', 'after')}{end}", rf"{words('take', 'before')}{the}{name}{end}"]),
        ("only", [rf"{words('only', 'before')}{the}{said}{end}"]),
        (
            "replace",
            [
                rf"{said}\s{lexicon.alternation(change['between'])}\s{old}",
                rf"{words('narrow', 'before')}\s?{said}{words('rather', 'not')}\s?{old}",
                rf"(?:要)?(?:的)?是\s?{said}(?:,|，)?(?:而)?不是\s?{old}",
                rf"(?:{old})?(?:的)?\s?(?P<verb>{middle})(?:了)?\s?{said}",
                rf"{old}\s?{short}\s?{said}",
                rf"{short}\s?{said}",
                rf"{lexicon.alternation(change['before'])}\s?{said}(?:\sinstead)?",
                rf"{said}\s{lexicon.alternation(change['after'])}",
                rf"{words('question', 'before')}\s?{said}(?:的)?(?:{words('question', 'after')})?",
                rf"{said}(?:的)?{words('question', 'after')}",
            ],
        ),
        (
            "take",
            [
                rf"{words('take', 'before')}{the}{said}{end}",
                rf"{said}(?:的)?{soft}{lexicon.alternation(take['after'])}{end}",
            ],
        ),
        (
            "add",
            [
                rf"{name}(?:里|中)?\s?(?:再|也|还)?(?:要|给我)?(?:加上|加一?个|补上|补一?个|增加|添加|加)\s?{said}",
                rf"{words('add', 'before')}\s?(?:the\sones\s|those\s|the\s)?{said}(?:\s(?:too|as\swell))?",
                rf"{said}(?:的)?\s?{words('add', 'too')}{{1,2}}(?:给我|帮我)?(?:{words('add', 'do')})?{end}",
                rf"{said}(?:的)?\s?{words('add', 'after')}{end}",
            ],
        ),
        (
            "narrow",
            [rf"{words('narrow', 'before')}\s?(?:the\s)?{said}", rf"{said}\s?{words('narrow', 'after')}{end}"],
        ),
    ]
    pronouns = lexicon.table("turns")["pronouns"]
    return _Rules(
        tuple((op, tuple(rule(source) for source in sources)) for op, sources in frames),
        rule(rf"^(?:{words('filler', 'lead')})\s?(?:[:：]|是|就是)?\s?"),
        rule(words("filler", "anywhere")),
        rule("(最多|至多|至少|最少)只?[看要找](?!过)"),
        rule(rf"^{words('take', 'past')}\s?"),
        rule(rf"^(?:{words('filler', 'before')})\s?"),
        rule(rf"\s?(?:{words('filler', 'after')})$"),
        rule(words("filler", "whole")),
        rule(name),
        rule(more),
        rule(lexicon.said("turns", "turned")),
        rule(
            rf"(?<![其吉维利])(?:{lexicon.alternation(pronouns['one'])})(?!们|名单)|第[一二三四五六七八九十\d]{{1,3}}[个位名]"
        ),
        rule(rf"{lexicon.alternation(pronouns['many'])}|[这那]\s?{NUM}\s?[个位名条篇]"),
    )
