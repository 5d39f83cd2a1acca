"""Cue rules over Chinese text: what ``needs.toml`` and ``life_events.toml`` mean, and a quick way past most texts.

A cue is a regular expression (or two word classes that have to stand close together) with things that must not stand
around it. ``anchors.json`` holds words without which a pattern cannot match (made from the patterns by
training/make_anchors.py), so that most texts are never searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from operator import add
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
_WORD = re.compile(r"\w")
_STOP = re.compile(r"[。!?;\n~]+|…+")
_COMMA = re.compile(r"[,，、\s:)]")


class Rule(NamedTuple):
    """One cue group. Patterns are kept as text and compiled when first needed.

    ``gates``: the rule can match only where, for one of them, a word of each of its sets stands in the text.
    """

    name: str
    weight: float
    about: str
    gates: tuple[tuple[frozenset[str], ...], ...]
    patterns: tuple[str, ...]
    pair: tuple[str, str]
    """Patterns of the two word classes that have to be near, when there are no ``patterns``."""
    reach: int
    """Most characters between the two."""
    before: str
    after: str
    within: str


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

    def spans(self, words: str) -> list[tuple[int, int]]:
        """Where the words of a class (a pattern) stand: the first few."""
        if words not in self._spans:
            self._spans[words] = [match.span() for match in islice(_compiled(words).finditer(self.text), 2 * TRIES)]
        return self._spans[words]

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
    """Blank what others said, unless the whole text stands in quotation marks."""
    if "“" not in text and "「" not in text and "『" not in text:
        return text
    said = _SAID.sub(_blank, text)
    return said if _WORD.search(said) else text


@cache
def _folding() -> Mapping[int, int]:
    from .resources import lines

    pairs = {ord(pair[0]): ord(pair[1]) for pair in lines("rule_characters")}
    return _WIDE | {ord("#"): 0x20, ord("，"): ord(","), ord("～"): ord("~")} | pairs


def word_classes(entries: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The ``words`` of a rule table."""
    return {name: tuple(words.split()) for name, words in entries.get("words", {}).items()}


def read_rules(name: str) -> tuple[tuple[str, Rule], ...]:
    """The rules of the table ``nlp/data/<name>.toml`` in order, each with the name of what it finds."""
    from .resources import json_table, table

    entries = table(name)
    classes = word_classes(entries)
    anchors = json_table("anchors")
    return tuple(
        (group, _rule(entry, classes, anchors.get(f"{group}/{entry['name']}", ())))
        for group, rules in entries.items()
        if group not in ("words", "need")
        for entry in rules
    )


def _rule(entry: Mapping[str, Any], classes: Mapping[str, tuple[str, ...]], anchors: Iterable[Any]) -> Rule:
    near = entry.get("near", ())
    gates = tuple(tuple(map(frozenset, sets)) for sets in anchors)
    return Rule(
        name=entry["name"],
        weight=entry.get("weight", 1.0),
        about=entry.get("about", ""),
        gates=(tuple(frozenset(classes[name]) for name in near),) if near else gates,
        patterns=tuple(fill(pattern, classes) for pattern in entry.get("any", ())),
        pair=(_trie(classes[near[0]]), _trie(classes[near[1]])) if near else ("", ""),
        reach=entry.get("within", 0),
        before=_joined(fill(pattern, classes) for pattern in entry.get("not_before", ())),
        after=_joined(fill(pattern, classes) for pattern in entry.get("not_after", ())),
        within=_joined(fill(pattern, classes) for pattern in entry.get("not_in", ())),
    )


def fill(pattern: str, classes: Mapping[str, tuple[str, ...]]) -> str:
    """A pattern with the word classes put in."""
    pattern = pattern.replace("(?P<about>", "(")  # a name may stand once only; match.lastindex finds the group
    return re.sub(r"\{([a-z]+)\}", lambda m: f"(?:{_trie(classes[m[1]])})", pattern)


def _joined(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


_compiled = cache(re.compile)


def _trie(words: Iterable[str]) -> str:
    heads: dict[str, list[str]] = {}
    for word in words:
        heads.setdefault(word[0], []).append(word[1:])
    parts = []
    for head, tails in heads.items():
        rest = sorted({tail for tail in tails if tail}, key=lambda tail: (-len(tail), tail))
        parts.append(re.escape(head) + (f"(?:{_trie(rest)}){'?' if '' in tails else ''}" if rest else ""))
    return "|".join(parts)


def find(rule: Rule, reading: Reading) -> Iterator[Hit]:
    """Every place where the cue of a rule stands, whatever is around it."""
    if not rule.patterns:
        yield from _near(rule, reading)
        return
    for match in _compiled(_joined(rule.patterns)).finditer(reading.text):
        group = match.lastindex or 0
        about = match[group] if group else ""
        ends_in_it = about and match.end(group) == match.end()
        yield Hit(match.start(), match.start(group) if ends_in_it else match.end(), about)


def _near(rule: Rule, reading: Reading) -> Iterator[Hit]:
    left, right = rule.pair
    if not (ones := reading.spans(left)) or not (others := reading.spans(right)):
        return
    for a, b in ones:
        for c, d in others:
            if c - b <= rule.reach and a - d <= rule.reach:
                yield Hit(min(a, c), max(b, d), reading.text[a:b])


class Gate:
    """Says which of many rules could match a text, in one pass over its pairs of characters."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rule_of: list[int] = []
        self._needed: list[int] = []
        uses: dict[str, list[tuple[int, int]]] = {}
        for number, rule in enumerate(rules):
            for sets in rule.gates:
                for part, words in enumerate(sets):
                    for word in words:
                        uses.setdefault(word, []).append((len(self._rule_of), 1 << part))
                self._rule_of.append(number)
                self._needed.append((1 << len(sets)) - 1)
        self._words: dict[str, list[tuple[str, list[tuple[int, int]]]]] = {}
        for word, places in uses.items():
            self._words.setdefault(word[:2], []).append((word, places))
        self._keys = frozenset(self._words)

    def open(self, text: str) -> list[int]:
        """Numbers of the rules that have an open gate in this folded text, ascending. Never wrong by leaving out."""
        keys = self._keys.intersection({*text, *map(add, text, text[1:])})
        if not keys:
            return []
        have: dict[int, int] = {}
        for key in keys:
            for word, places in self._words[key]:
                if len(word) <= 2 or word in text:
                    for gate, bit in places:
                        have[gate] = have.get(gate, 0) | bit
        return sorted({self._rule_of[gate] for gate, bits in have.items() if bits == self._needed[gate]})


def first_hit(rule: Rule, reading: Reading) -> Hit | None:
    """The first match that nothing around it takes back."""
    text = reading.text
    for tries, hit in enumerate(find(rule, reading)):
        if tries == TRIES:
            break
        if rule.before and _compiled(rule.before).search(text, max(0, hit.start - BEFORE), hit.start):
            continue
        if rule.after and _compiled(rule.after).match(text, hit.end):
            continue
        if rule.within and _compiled(rule.within).search(text, *reading.sentence(hit.start, hit.end)):
            continue
        return hit
    return None
