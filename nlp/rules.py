"""Cue rules over Chinese text: what ``needs.toml`` and ``life_events.toml`` mean, and a quick way past most texts.

A cue is a regular expression (or two word classes that have to stand close together) with things that must not stand
around it. Every cue names ``anchors``, words without which it cannot match, so that most texts are never searched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from .types import MAX_CHARS

TRIES = 8
"""How many matches of one cue are looked at in a text; the first that stands is taken."""
BEFORE = 14
"""Characters before a match that ``not_before`` sees."""
QUOTE = 60
"""Longest quote, in characters."""

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3002: 0x3002}
_LINK = re.compile(r"https?://[\w./?=&%#~:+\-]+", re.ASCII)
_NAME = re.compile(r"@[\w\-·]{1,30}")
_SAID = re.compile(r"“[^“”\n]{4,200}”|「[^「」\n]{4,200}」|『[^『』\n]{4,200}』")
_STOP = re.compile(r"[。!?;\n~]+|…+")
_COMMA = re.compile(r"[,，、\s:)]")


class Rule(NamedTuple):
    """One cue group. ``find`` yields candidate spans; ``anchors`` is a conjunction: one word of every set is there."""

    name: str
    weight: float
    about: str
    anchors: tuple[frozenset[str], ...]
    find: Callable[[Reading], Iterator[Hit]]
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    within: re.Pattern[str] | None


class Hit(NamedTuple):
    """Where a cue stands in the folded text, and what it is about (may be empty)."""

    start: int
    end: int
    about: str


class Reading:
    """A text made ready for rules: folded to the same length, quotations blanked."""

    __slots__ = ("_spans", "_stops", "text", "written")

    def __init__(self, written: str) -> None:
        self.written = written[:MAX_CHARS]
        self.text = _without_speech(fold(self.written))
        self._stops: list[int] | None = None
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Bounds of the sentence or sentences that ``start``..``end`` lies in."""
        if self._stops is None:
            self._stops = [0, *(m.end() for m in _STOP.finditer(self.text)), len(self.text)]
        first = max(stop for stop in self._stops if stop <= start)
        last = min((stop for stop in self._stops if stop >= end), default=len(self.text))
        return first, last

    def spans(self, name: str, words: re.Pattern[str]) -> list[tuple[int, int]]:
        """Where the words of a class stand."""
        if name not in self._spans:
            self._spans[name] = [match.span() for match in words.finditer(self.text)][: 2 * TRIES]
        return self._spans[name]

    def quote(self, hit: Hit) -> str:
        """The clause around a hit as its author wrote it, at most ``QUOTE`` characters or the hit itself."""
        first, last = self.sentence(hit.start, hit.end)
        if last - first > QUOTE:
            room = max(0, QUOTE - (hit.end - hit.start)) // 2
            low, high = max(first, hit.start - room), min(last, hit.end + room)
            cuts = [m.end() for m in _COMMA.finditer(self.text, low, hit.start)]
            ends = [m.start() for m in _COMMA.finditer(self.text, hit.end, high)]
            first = low if low == first else (cuts[0] if cuts else low)
            last = high if high == last else (ends[-1] if ends else high)
        return self.written[first:last].strip(" \t\n,，、。")


def fold(text: str) -> str:
    """Lower case, half width, simplified characters, links and names blanked; as long as before."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    low = low.translate(_folding())
    if "http" in low:
        low = _LINK.sub(_blank, low)
    if "@" in low:
        low = _NAME.sub(_blank, low)
    return low


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _without_speech(text: str) -> str:
    """Blank what others said, unless nearly all of the text stands in quotation marks."""
    if "“" not in text and "「" not in text and "『" not in text:
        return text
    said = _SAID.sub(_blank, text)
    return said if 2 * (len(said) - said.count(" ")) >= len(text) else text


@cache
def _folding() -> Mapping[int, int]:
    from .resources import lines

    pairs = {ord(pair[0]): ord(pair[1]) for pair in lines("rule_characters")}
    return _WIDE | {ord("#"): 0x20, ord("，"): ord(","), ord("～"): ord("~")} | pairs


def compile_rules(table: Mapping[str, Any], names: Iterable[str]) -> dict[str, tuple[Rule, ...]]:
    """The rules of a table by name; ``words`` of the table holds the classes."""
    classes = {name: tuple(words.split()) for name, words in table.get("words", {}).items()}
    return {name: tuple(_rule(entry, classes) for entry in table[name]) for name in names}


def _rule(entry: Mapping[str, Any], classes: Mapping[str, tuple[str, ...]]) -> Rule:
    anchors: tuple[frozenset[str], ...]
    if "near" in entry:
        left, right = entry["near"]
        find = _near(left, right, any_of(classes[left]), any_of(classes[right]), entry["within"])
        anchors = (frozenset(classes[left]), frozenset(classes[right]))
    else:
        find = _matching(_join(entry["any"], classes))
        anchors = (frozenset(entry["anchors"]),)
    before, after, within = (entry.get(key) for key in ("not_before", "not_after", "not_in"))
    return Rule(
        name=entry["name"],
        weight=entry["weight"],
        about=entry.get("about", ""),
        anchors=anchors,
        find=find,
        before=_join(before, classes) if before else None,
        after=_join(after, classes) if after else None,
        within=_join(within, classes) if within else None,
    )


def _join(patterns: Iterable[str], classes: Mapping[str, tuple[str, ...]]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    joined = re.sub(r"\(\?P<about>", "(", joined)  # a name may stand once only; match.lastindex finds the group
    return re.compile(re.sub(r"\{([a-z]+)\}", lambda m: f"(?:{_trie(classes[m[1]])})", joined))


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of the words, the longest where several begin alike."""
    return re.compile(_trie(words))


def _trie(words: Iterable[str]) -> str:
    heads: dict[str, list[str]] = {}
    for word in words:
        heads.setdefault(word[0], []).append(word[1:])
    parts = []
    for head, tails in heads.items():
        rest = sorted({tail for tail in tails if tail}, key=lambda tail: (-len(tail), tail))
        parts.append(re.escape(head) + (f"(?:{_trie(rest)}){'?' if '' in tails else ''}" if rest else ""))
    return "|".join(parts)


def _matching(pattern: re.Pattern[str]) -> Callable[[Reading], Iterator[Hit]]:
    def find(reading: Reading) -> Iterator[Hit]:
        for match in pattern.finditer(reading.text):
            about = match[match.lastindex] if match.lastindex else ""
            end = match.end() if not about or match.end() != match.end(match.lastindex or 0) else match.start(match.lastindex or 0)
            yield Hit(match.start(), end, about)

    return find


def _near(
    left: str, right: str, lefts: re.Pattern[str], rights: re.Pattern[str], within: int
) -> Callable[[Reading], Iterator[Hit]]:
    def find(reading: Reading) -> Iterator[Hit]:
        if not (ones := reading.spans(left, lefts)) or not (others := reading.spans(right, rights)):
            return
        for a, b in ones:
            for c, d in others:
                if c - b <= within and a - d <= within:
                    yield Hit(min(a, c), max(b, d), reading.text[a:b])

    return find


def holds(rule: Rule, text: str) -> bool:
    """Could the rule match this folded text? Cheap, and never wrong when it says no."""
    return all(any(word in text for word in words) for words in rule.anchors)


def first_hit(rule: Rule, reading: Reading) -> Hit | None:
    """The first match that nothing around it takes back."""
    text = reading.text
    for tries, hit in enumerate(rule.find(reading)):
        if tries == TRIES:
            break
        if rule.before and rule.before.search(text, max(0, hit.start - BEFORE), hit.start):
            continue
        if rule.after and rule.after.match(text, hit.end):
            continue
        if rule.within and rule.within.search(text, *reading.sentence(hit.start, hit.end)):
            continue
        return hit
    return None
