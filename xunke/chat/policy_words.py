"""The words of a clause by the classes of ``lexicon/policy.toml``, and rules that are rows of such classes.

A clause is read once, from left to right; where several words begin, the longest counts. ``talked_about`` then takes
the classes of words off that only say what posts are about, what is counted or sorted by, or what is left out, so
that a rule sees what is asked for. All of it is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from msgspec import Struct, field

from . import lexicon


class Later:
    """A regular expression that is compiled when it is first needed: most requests need few of them."""

    __slots__ = ("_compiled", "flags", "source")

    def __init__(self, source: str, flags: int = 0) -> None:
        self.source, self.flags = source, flags
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.source, self.flags)
        return self._compiled

    def match(self, text: str, at: int = 0) -> re.Match[str] | None:
        """Like ``re.Pattern.match``."""
        return self.compiled.match(text, at)

    def search(self, text: str) -> re.Match[str] | None:
        """Like ``re.search``."""
        return self.compiled.search(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Like ``re.finditer``."""
        return self.compiled.finditer(text)


GAP: Final = 12
"""Characters that may lie between two neighbours of a rule that says nothing else."""
_LIGHT: Final = Later(r"[\s的了过着又且和与或、一那这些批位个女男上中里在者小左右]*\Z")
_LATIN: Final = Later(r"[a-z0-9][a-z0-9'.]*(?:-[a-z0-9]+)*")
_SPECIAL: Final = Later(
    r"(?P<quoted>『[^』]{0,300}』|#[^#\s,，。]{1,30}#|#[^#\s,，。的]{1,30})"
    r"|(?P<account>@(?!所有|全部|每[个位人]|他们|她们|这|那|一[下遍圈轮]|大家|\d|[一二两三四五六七八九十百千几]{1,4}[个位名]|all\b|every|each)[^\s,，。的@]{1,20}(?=[\s,，。的@]|$))"
    r"|(?P<poss_cred>\b(?!our\b|my\b)[a-z]{2,20}'s\s(?:\w+\s)?(?:cookies?|login|password|session|credentials|token)\b)"
    r"|(?P<poss_account>\b[a-z]{2,20}'s\saccount\b)"
    r"|(?P<url>https?://[^\s,，。]{1,200})"
    r"|(?P<age>(?<![\d.])\d{1,2}(?:\s?(?:到|至|-|~|to)\s?\d{1,2})?\s?"
    r"(?:多?周?岁(?:以下|以内|之下|左右|上下)?|[- ]years?[- ]olds?)"
    r"|年龄\d{1,2}岁?(?:以下|以内)|\b(?:under|below|aged?|ages|younger\sthan)\s\d{1,2}(?:\s?(?:-|to)\s?\d{1,2})?(?![\d,.]|k\b|\s?[a-z%]))"
    r"|(?P<quantity>\d[\d.]*\s?[wk万千百]{0,2}\+?(?:个|条|位|人|篇|名|份)?|几[百千万十][个条位]?"
    r"|[一两二三四五六七八九十百千万]{1,5}[百千万十个条位份批波]+)",
)
_STEMS: Final = (("ies", "y"), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("es", ""), ("s", ""))
_NOT_BENT: Final = frozenset({"contact", "contact_act", "about_weak", "send"})
"""Classes that a word loses in -s and -ed: comments and liked are not done, they are counted."""


class Word(Struct):
    """One word that stands in the lexicon: where, and what it may be."""

    start: int
    end: int
    text: str
    classes: frozenset[str]


class Rule(NamedTuple):
    """A row of classes: (may be, most characters before it, only light characters before it)."""

    code: str
    row: tuple[tuple[frozenset[str], int, bool], ...]
    never: frozenset[str]
    at_start: bool
    at_end: bool


class Clause(Struct):
    """A clause and its words; ``classes`` of a word shrink as ``talked_about`` finds what is only spoken of."""

    text: str
    words: list[Word] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        """Is a word of one of these classes in it?"""
        wanted = frozenset(names)
        return any(word.classes & wanted for word in self.words)


_Entry = tuple[str, frozenset[str]]


@cache
def _classes() -> dict[str, dict[str, list[str]]]:
    """The words with the names of their classes, by their first character."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, words in lexicon.table("policy")["words"].items():
        for word in words.split():
            found.setdefault(word[0], {}).setdefault(word, []).append(name)
    return found


@cache
def _starting(first: str) -> tuple[_Entry, ...]:
    """The words that begin with a character, the longest first."""
    entries = [(word.replace("_", " "), frozenset(names)) for word, names in _classes().get(first, {}).items()]
    return tuple(sorted(entries, key=lambda entry: len(entry[0]), reverse=True))


@cache
def _latin(first: str) -> dict[str, list[_Entry]]:
    """The Latin words that begin with a character, by their first word, the longest first."""
    found: dict[str, list[_Entry]] = {}
    for entry in _starting(first):
        if match := _LATIN.match(entry[0]):
            found.setdefault(match[0], []).append(entry)
    return found


def _stems(word: str) -> Iterator[tuple[str, bool]]:
    """``word`` and what it may be bent from; True for forms that say a thing, not a deed."""
    yield word, False
    for end, instead in _STEMS:
        if word.endswith(end) and len(word) > len(end) + 2:
            stem = word[: -len(end)] + instead
            yield stem, end != "ing"
            if end == "ing" and not instead and len(stem) > 3 and stem[-1] == stem[-2]:
                yield stem[:-1], False


def read(text: str) -> Clause:
    """The words of a folded clause."""
    low = text.lower()
    if len(low) != len(text):
        low = text
    specials = {m.start(): m for m in _SPECIAL.finditer(low)}
    clause, at = Clause(text), 0
    while at < len(low):
        found, word = _special(specials.get(at), low), _word(low, at)
        if found is None or (word and word.end >= found.end and "quantity" in found.classes):
            found = word
        if found:
            clause.words.append(found)
            at = at + 1 if low[at] == "的" else found.end  # 的账号 says whose, 账号 what
        else:
            match = _LATIN.match(low, at) if low[at] < "\x80" else None
            at = match.end() if match else at + 1
    return clause


def _special(match: re.Match[str] | None, text: str) -> Word | None:
    if match is None or match.lastgroup is None:
        return None
    kind = match.lastgroup
    if kind == "age":
        years = [int(n) for n in re.findall(r"\d+", match[0])]
        upper = any(w in match[0] for w in ("以下", "以内", "之下", "under", "below", "younger"))
        kind = "age_minor" if max(years) < 18 + upper and max(years) > 5 else "age"
    if kind == "quantity" and re.match(r"[\s]*岁", text[match.end() : match.end() + 2]):
        return None
    return Word(match.start(), match.end(), match[0], frozenset({kind}))


def _word(text: str, at: int) -> Word | None:
    char = text[at]
    if char >= "\x80" or not char.isalnum():
        for word, classes in _starting(char):
            if text.startswith(word, at):
                return Word(at, at + len(word), word, classes)
        if char >= "\x80":
            return None
    match = _LATIN.match(text, at)
    if match is None:
        return None
    first = match[0].rstrip(".")
    for stem, bent in _stems(first):
        for word, classes in _latin(stem[0]).get(stem, ()):
            rest = word[len(stem) :]
            end = at + len(first)
            if text.startswith(rest, end) and not _inside(text, end + len(rest)):
                return Word(at, end + len(rest), word, classes - _NOT_BENT if bent else classes)
    return None


def _inside(text: str, at: int) -> bool:
    """Would a Latin word go on at ``at``?"""
    return at < len(text) and text[at].isascii() and text[at].isalnum() and text[at - 1].isascii()


@cache
def rules(section: str) -> tuple[tuple[Rule, ...], dict[str, tuple[int, ...]]]:
    """The rules of a section, and which of them begin with a class."""
    found = [_rule(code, row) for code, rows in lexicon.table("policy")[section].items() for row in rows]
    first: dict[str, list[int]] = {}
    for number, rule in enumerate(found):
        for name in rule.row[0][0]:
            first.setdefault(name, []).append(number)
    return tuple(found), {name: tuple(numbers) for name, numbers in first.items()}


def _rule(code: str, text: str) -> Rule:
    row: list[tuple[frozenset[str], int, bool]] = []
    never: set[str] = set()
    gap, light, start, end = GAP, False, False, False
    for part in text.split():
        if part == "^":
            start = True
        elif part == "$":
            end = True
        elif part == "~":
            light, gap = True, 6
        elif part.isdigit():
            gap = int(part)
        elif part.startswith("!"):
            never.add(part[1:])
        else:
            row.append((frozenset(part.split("|")), gap, light))
            gap, light = GAP, False
    return Rule(code, tuple(row), frozenset(never), start, end)


_TAIL: Final = Later(r"[\s的了吧呢啊呀吗哦哈嘛过来去上下出一好不行谢!?.~]*\Z")


def hits(clause: Clause, section: str, breaks: dict[str, frozenset[str]]) -> set[str]:
    """Codes of the rules of ``section`` that ``clause`` fulfils.

    ``breaks``: for a code the classes that may not stand between two neighbours (自动 抓 评论 is no act).
    """
    table, first = rules(section)
    codes: set[str] = set()
    words = [word for word in clause.words if word.classes]
    there = frozenset().union(*(word.classes for word in words)) if words else frozenset()
    due = {number for name in there for number in first.get(name, ())}
    for number in sorted(due):
        rule = table[number]
        if rule.code in codes or rule.never & there or any(not (names & there) for names, _, _ in rule.row):
            continue
        if _fulfils(clause, words, rule, breaks.get(rule.code, frozenset())):
            codes.add(rule.code)
    return codes


def _fulfils(clause: Clause, words: Sequence[Word], rule: Rule, breaks: frozenset[str]) -> bool:
    """Is there a row of words that obeys the gaps? Of every prefix of the rule the latest end is kept."""
    ends: list[int | None] = [None] * len(rule.row)
    for word in words:
        if (
            breaks & word.classes
            and not any(names & word.classes for names, _, _ in rule.row)
            and ("person" not in word.classes or clause.text[word.start - 1 : word.start] == "的")
        ):
            ends = [None] * len(rule.row)
            continue
        for place in range(len(rule.row) - 1, -1, -1):
            names, gap, light = rule.row[place]
            if not names & word.classes:
                continue
            if place == 0:
                if rule.at_start and word.start > gap:
                    continue
            else:
                before = ends[place - 1]
                if before is None or not 0 <= word.start - before <= gap * (
                    2 if clause.text[before : word.start].isascii() else 1
                ):
                    continue
                if light and not _LIGHT.match(clause.text[before : word.start]):
                    continue
            ends[place] = word.end
            if place == len(rule.row) - 1 and (not rule.at_end or _TAIL.match(clause.text[word.end :][:40])):
                return True
    return False


def names(text: str) -> frozenset[str]:
    """The classes (or words) that stand in ``text``, parted by blanks."""
    return frozenset(text.split())


def strip(words: Iterable[Word], classes: frozenset[str]) -> None:
    """Take ``classes`` off ``words``."""
    for word in words:
        word.classes -= classes
