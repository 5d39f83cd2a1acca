"""The rule language of segments: «粉丝 >= 1000 且 地区 = 上海 且 兴趣 含 露营», parsed strictly, printed the same way.

A rule is tests joined by 且/and, 或/or, 非/not and brackets; a test is a field, a comparison and a value. Words of
fields, comparisons and joints may be Chinese or English and need no spaces between them. What nobody stated is unknown:
an unknown answers no comparison, and neither does its negation (Kleene's three values).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from xunke.errors import BadInput
from xunke.text import fold

from .segment_fields import ALIASES, FIELDS, ONE, Field

MOST: Final = 2_000
"""Characters that a rule may have."""
DEEPEST: Final = 20
"""Brackets inside brackets, and negations, that a rule may have."""
Value = float | frozenset[str] | None
"""What is known of one person: a number, words, or nothing."""


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison. ``op``: >=, <=, >, <, =, != of a number; has, lacks, every of words; known, unknown of both.

    ``days``: the window of a field that has one.
    """

    field: str
    op: str
    value: float | tuple[str, ...] | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold."""

    part: Node


@dataclass(frozen=True, slots=True)
class All:
    """What must hold together."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Of which at least one must hold."""

    parts: tuple[Node, ...]


Node = Test | Not | All | Any

_OPS: Final[Sequence[tuple[str, str]]] = (
    (">=", r"[>＞][=＝]|≥|大于等于|不少于|不低于|至少|at least"),
    ("<=", r"[<＜][=＝]|≤|小于等于|不超过|不高于|至多|最多|at most"),
    ("!=", r"[!！][=＝]|<>|≠|不等于|不是|is not"),
    (">", r"[>＞]|大于|超过|多于|高于|more than|over"),
    ("<", r"[<＜]|小于|少于|低于|不到|less than|under"),
    ("lacks", r"不包含|不含|没有|lacks"),
    ("every", r"同时含|全含|has all"),
    ("has", r"包含|含有|含|属于|has|in"),
    ("=", r"[=＝]{1,2}|等于|是|为|is"),
)
_OP: Final = re.compile("|".join(f"(?P<_{at}>{words})" for at, (_, words) in enumerate(_OPS)), re.I)
_UNKNOWN: Final = re.compile(r"(?:=|＝|是|为|is)?\s*(?P<not>不是|非|is not|not)?\s*(?:未知|不详|unknown)(?![\w])", re.I)
_KNOWN: Final = re.compile(r"(?:=|＝|是|为|is)?\s*(?:已知|known)(?![\w])", re.I)
_NUMBER: Final = re.compile(r"([-−]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)\s*([万千亿kKwWmM%％]?)(?:天|人|次|元|条|days?\b)?")
_TIMES: Final = {"万": 1e4, "w": 1e4, "千": 1e3, "k": 1e3, "m": 1e6, "亿": 1e8, "%": 0.01, "％": 0.01, "": 1.0}
_WINDOW: Final = re.compile(r"(?:最?近\s*)?(\d{1,4})\s*(?:天|日)(?:内|来)?(?:的)?\s*|last\s+(\d{1,4})\s+days?\s+", re.I)
_FIELD: Final = re.compile("|".join(re.escape(word) for word in sorted(ALIASES, key=lambda w: (-len(w), w))), re.I)
_AND: Final = r"并且|而且|且|&&|and(?![a-z0-9_])"
_OR: Final = r"或者|或|\|\||or(?![a-z0-9_])"
_NOT: Final = re.compile(r"非|(?:not)(?![a-z0-9_])|[!！]", re.I)
_JOINT: Final = re.compile(rf"\s*(?:(?P<all>{_AND})|(?P<any>{_OR}))\s*", re.I)
_NEXT: Final = rf"(?:{_AND}|{_OR})\s*(?:[(（!！]|非|not\s|(?:最?近\s*)?\d{{1,4}}\s*[天日]|last\s|(?:{_FIELD.pattern}))"
_BARE: Final = re.compile(rf"[^\s()（）,，、\"“”「」'‘’<>=＞＜＝]+?(?=$|[\s()（）,，、]|{_NEXT})", re.I)
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"|“([^”]*)”|「([^」]*)」|\'([^\']*)\'|‘([^’]*)’')
_COMMA: Final = re.compile(r"\s*[,，、]\s*")
_SPACE: Final = re.compile(r"\s*")


def parse(text: str) -> Node:
    """The rule that ``text`` says. Raises BadInput("rule.…") with the place (from 1) where it stops making sense."""
    if len(text) > MOST:
        raise BadInput("rule.too_long", n=len(text), most=MOST)
    reader = _Reader(text)
    reader.space()
    if reader.ended:
        raise BadInput("rule.empty")
    node = reader.joined(0)
    if not reader.ended:
        raise reader.wrong("rule.trailing")
    return node


def all_of(parts: Sequence[Node]) -> Node:
    """These together; of one, that one."""
    flat = tuple(p for part in parts for p in (part.parts if isinstance(part, All) else (part,)))
    return flat[0] if len(flat) == 1 else All(flat)


def any_of(parts: Sequence[Node]) -> Node:
    """At least one of these; of one, that one."""
    flat = tuple(p for part in parts for p in (part.parts if isinstance(part, Any) else (part,)))
    return flat[0] if len(flat) == 1 else Any(flat)


class _Reader:
    """A place in the text, and what may stand there."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    @property
    def ended(self) -> bool:
        return self.at >= len(self.text)

    def space(self) -> None:
        self.take(_SPACE)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def wrong(self, key: str, **more: object) -> BadInput:
        near = self.text[self.at : self.at + 20] or "…"
        return BadInput(key, at=self.at + 1, near=near, **more)

    def joined(self, depth: int) -> Node:
        """Tests with 且 between them, those with 或 between them."""
        choices: list[list[Node]] = [[self.one(depth)]]
        while True:
            before = self.at
            joint = self.take(_JOINT)
            if joint is None or not joint[0].strip():
                self.at = before
                self.space()
                break
            part = self.one(depth)
            if joint["all"]:
                choices[-1].append(part)
            else:
                choices.append([part])
        return any_of([all_of(parts) for parts in choices])

    def one(self, depth: int) -> Node:
        self.space()
        if depth > DEEPEST:
            raise self.wrong("rule.too_deep", most=DEEPEST)
        if self.take(_NOT):
            return Not(self.one(depth + 1))
        if self.text[self.at : self.at + 1] in ("(", "（") and not self.ended:
            self.at += 1
            node = self.joined(depth + 1)
            self.space()
            if self.text[self.at : self.at + 1] not in (")", "）") or self.ended:
                raise self.wrong("rule.open_bracket")
            self.at += 1
            return node
        return self.test()

    def test(self) -> Test:
        start = self.at
        window = self.take(_WINDOW)
        name = self.take(_FIELD)
        if name is None:
            self.at = start
            word = re.match(r"[^\s()（）<>=＞＜＝≥≤]+", self.text[self.at :])
            said = word[0][:20] if word else ""
            close = get_close_matches(said, list(ALIASES), 3, 0.5)
            raise self.wrong("rule.no_field", close="、".join(close or ("粉丝", "地区", "兴趣", "互动我们")))
        field = FIELDS[ALIASES[name[0].lower()]]
        days = int(window[1] or window[2]) if window else None
        if days is not None and (not field.window or days == 0):
            self.at = start
            raise self.wrong("rule.no_window", field=name[0])
        self.space()
        if (found := self.take(_UNKNOWN)) is not None:
            return Test(field.name, "known" if found["not"] else "unknown", None, days)
        if self.take(_KNOWN):
            return Test(field.name, "known", None, days)
        sign = self.take(_OP)
        if sign is None:
            raise self.wrong("rule.no_comparison", field=name[0])
        op = _OPS[int(str(sign.lastgroup)[1:])][0]
        self.space()
        return self._number(field, op, days, name[0]) if field.kind == "number" else self._words(field, op, days)

    def _number(self, field: Field, op: str, days: int | None, said: str) -> Test:
        if op in ("has", "lacks", "every"):
            raise self.wrong("rule.not_words", field=said)
        found = self.take(_NUMBER)
        if found is None:
            raise self.wrong("rule.no_number", field=said)
        value = float(found[1].replace("−", "-")) * _TIMES[found[2].lower()]
        if not math.isfinite(value):
            raise self.wrong("rule.no_number", field=said)
        return Test(field.name, op, value, days)

    def _words(self, field: Field, op: str, days: int | None) -> Test:
        op = {"=": "has", "!=": "lacks"}.get(op, op)
        if op not in ("has", "lacks", "every"):
            raise self.wrong("rule.not_number", field=field.zh[0])
        bracket = self.text[self.at : self.at + 1] in ("(", "（") and not self.ended
        self.at += bracket
        words = [self._word(field)]
        while self.take(_COMMA):
            words.append(self._word(field))
        if bracket:
            self.space()
            if self.text[self.at : self.at + 1] not in (")", "）") or self.ended:
                raise self.wrong("rule.open_bracket")
            self.at += 1
        return Test(field.name, op, tuple(dict.fromkeys(words)), days)

    def _word(self, field: Field) -> str:
        self.space()
        if (quoted := self.take(_QUOTED)) is not None:
            word = next((part for part in quoted.groups() if part is not None), "").replace('""', '"').strip()
        else:
            found = self.take(_BARE)
            word = found[0] if found is not None else ""
        if not fold(word):
            raise self.wrong("rule.no_word", field=field.zh[0])
        return word


# -- printing ------------------------------------------------------------------------------------------------------

_SAID: Final = {"has": "含", "lacks": "不含", "every": "全含"}
_ALSO: Final = {"has": "=", "lacks": "!="}


def said(node: Node) -> str:
    """The rule in words that ``parse`` reads as the same rule."""
    if isinstance(node, Test):
        return _test(node)
    if isinstance(node, Not):
        return f"非 ({said(node.part)})"
    if isinstance(node, All):
        return " 且 ".join(f"({said(p)})" if isinstance(p, Any) else said(p) for p in node.parts)
    return " 或 ".join(said(p) for p in node.parts)


def _test(test: Test) -> str:
    field = FIELDS[test.field]
    name = (f"近{test.days}天" if test.days is not None else "") + field.zh[0]
    if test.op in ("known", "unknown"):
        return f"{name} 是 {'已知' if test.op == 'known' else '未知'}"
    if isinstance(test.value, tuple):
        words = [_quoted(word) for word in test.value]
        if field.name in ONE and len(words) == 1 and test.op in _ALSO:
            return f"{name} {_ALSO[test.op]} {words[0]}"
        return f"{name} {_SAID[test.op]} {words[0] if len(words) == 1 else '(' + '、'.join(words) + ')'}"
    value = test.value or 0.0
    return f"{name} {test.op} {int(value) if value.is_integer() and abs(value) < 1e15 else repr(value)}"


def _quoted(word: str) -> str:
    for after in ("", " 且 粉丝", ")", "、"):
        found = _BARE.match(word + after)
        if found is None or found[0] != word:
            return '"' + word.replace('"', '""') + '"'
    return word


# -- answering -----------------------------------------------------------------------------------------------------

Look = Callable[[Test], Callable[[int], Value]]
"""What gives, for one test, what is known of each person about its field."""


def tests(node: Node) -> Iterator[Test]:
    """Every test of a rule, in its order."""
    if isinstance(node, Test):
        yield node
    elif isinstance(node, Not):
        yield from tests(node.part)
    else:
        for part in node.parts:
            yield from tests(part)


def asker(node: Node, look: Look) -> Callable[[int], bool | None]:
    """What answers the rule for a person: True, False, or None where it hangs on something unknown."""
    if isinstance(node, Test):
        test, known = node, look(node)
        return lambda person: answer(test, known(person))
    if isinstance(node, Not):
        inner = asker(node.part, look)
        return lambda person: None if (got := inner(person)) is None else not got
    parts = [asker(part, look) for part in node.parts]
    decides = isinstance(node, Any)

    def ask(person: int) -> bool | None:
        unsure = False
        for part in parts:
            got = part(person)
            if got is decides:
                return decides
            unsure = unsure or got is None
        return None if unsure else not decides

    return ask


def answer(test: Test, known: Value) -> bool | None:
    """One test of one person. Words compare folded (width, case); the caller has put synonyms into both."""
    if test.op in ("known", "unknown"):
        return (known is None) is (test.op == "unknown")
    if known is None:
        return None
    if isinstance(known, frozenset):
        wanted = {fold(word) for word in test.value} if isinstance(test.value, tuple) else set()
        if test.op == "every":
            return wanted <= known
        return bool(wanted & known) is (test.op == "has")
    value = test.value if isinstance(test.value, float) else 0.0
    match test.op:
        case ">=":
            return known >= value
        case "<=":
            return known <= value
        case ">":
            return known > value
        case "<":
            return known < value
        case "=":
            return known == value
        case _:
            return known != value
