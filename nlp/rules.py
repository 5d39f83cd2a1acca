"""Cue rules over Chinese text: what ``needs.toml`` and ``life_events.toml`` mean, and a quick way past most texts.

A cue is a regular expression (or two word classes that have to stand close together) with things that must not stand
around it. :mod:`nlp.gate` keeps the rules off the texts that they cannot match.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from .prefilter import Clause, needed

if TYPE_CHECKING:
    from .batch import Batch

TRIES = 8
"""How many matches of one cue are looked at in a text; the first that stands is taken."""
BEFORE = 14
"""Characters before a match that ``not_before`` sees."""
QUOTE = 60
"""Longest quote, in characters."""

_SAID = re.compile(r'"[^"\n]{4,200}"')
_WORD = re.compile(r"\w")
_STOP = re.compile(r"[。!?;\n~]+|…+")
_COMMA = re.compile(r"[,，、\s:)]")


class Rule(NamedTuple):
    """One cue group. Patterns are kept as text and compiled when first needed.

    ``conditions``: those of :mod:`nlp.gate`, one for each pattern (or one for the pair).
    """

    name: str
    weight: float
    about: str
    conditions: tuple[tuple[Clause, ...], ...]
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
    """The own words of one text of a batch made ready for rules: quotations blanked."""

    __slots__ = ("_batch", "_row", "_spans", "_start", "_stops", "text")

    def __init__(self, batch: Batch, row: int) -> None:
        self._batch, self._row, self._start = batch, row, batch.bounds[row][0]
        text = batch.own(row)
        self.text = _without_speech(text.replace("#", " ")) if '"' in text or "#" in text else text
        self._stops: list[int] | None = None
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def written(self, start: int, end: int) -> str:
        """The words at these positions as their author wrote them."""
        return self._batch.quote(self._row, self._start + start, self._start + end) if start < end else ""

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Bounds of the sentence or sentences that ``start``..``end`` lies in."""
        if self._stops is None:
            self._stops = [0, *(m.end() for m in _STOP.finditer(self.text)), len(self.text)]
        first, last = bisect_right(self._stops, start) - 1, bisect_left(self._stops, end)
        return self._stops[first], self._stops[last] if last < len(self._stops) else len(self.text)

    def spans(self, words: str) -> list[tuple[int, int]]:
        """Where the words of a class (a pattern) stand: the first few."""
        if words not in self._spans:
            self._spans[words] = [match.span() for match in islice(compiled(words).finditer(self.text), 2 * TRIES)]
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
        return self.written(first, last).strip(" \t\n,，、。")


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _without_speech(text: str) -> str:
    """Blank what others said, unless the whole text stands in quotation marks."""
    said = _SAID.sub(_blank, text)
    return said if _WORD.search(said) else text


def word_classes(entries: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The ``words`` of a rule table."""
    return {name: tuple(words.split()) for name, words in entries.get("words", {}).items()}


def read_rules(name: str) -> tuple[tuple[str, Rule], ...]:
    """The rules of the table ``nlp/data/<name>.toml`` in order, each with the name of what it finds."""
    from .resources import table

    entries = table(name)
    classes = word_classes(entries)
    return tuple(
        (group, _rule(entry, classes))
        for group, rules in entries.items()
        if group not in ("words", "need")
        for entry in rules
    )


def _rule(entry: Mapping[str, Any], classes: Mapping[str, tuple[str, ...]]) -> Rule:
    near = entry.get("near", ())
    patterns = tuple(fill(pattern, classes) for pattern in entry.get("any", ()))
    return Rule(
        name=entry["name"],
        weight=entry.get("weight", 1.0),
        about=entry.get("about", ""),
        conditions=(tuple(frozenset(classes[name]) for name in near),) if near else tuple(map(needed, patterns)),
        patterns=patterns,
        pair=(_trie(classes[near[0]]), _trie(classes[near[1]])) if near else ("", ""),
        reach=entry.get("within", 0),
        before=any_of(fill(pattern, classes) for pattern in entry.get("not_before", ())),
        after=any_of(fill(pattern, classes) for pattern in entry.get("not_after", ())),
        within=any_of(fill(pattern, classes) for pattern in entry.get("not_in", ())),
    )


def fill(pattern: str, classes: Mapping[str, tuple[str, ...]]) -> str:
    """A pattern with the word classes put in."""
    pattern = pattern.replace("(?P<about>", "(")  # a name may stand once only; match.lastindex finds the group
    return re.sub(r"\{([a-z]+)\}", lambda m: f"(?:{_trie(classes[m[1]])})", pattern)


def any_of(patterns: Iterable[str]) -> str:
    """One pattern for any of these."""
    return "|".join(f"(?:{pattern})" for pattern in patterns)


compiled = cache(re.compile)
"""Compiled when first needed: most combinations of patterns never are."""


def _trie(words: Iterable[str]) -> str:
    heads: dict[str, list[str]] = {}
    for word in words:
        heads.setdefault(word[0], []).append(word[1:])
    parts = []
    for head, tails in heads.items():
        rest = sorted({tail for tail in tails if tail}, key=lambda tail: (-len(tail), tail))
        parts.append(re.escape(head) + (f"(?:{_trie(rest)}){'?' if '' in tails else ''}" if rest else ""))
    return "|".join(parts)


def find(rule: Rule, reading: Reading, alternatives: Iterable[int]) -> Iterator[Hit]:
    """Every place where the cue of a rule stands, whatever is around it; only these patterns are tried."""
    if not rule.patterns:
        yield from _near(rule, reading)
        return
    for match in _some(rule.patterns, tuple(alternatives)).finditer(reading.text):
        group = match.lastindex or 0
        about = match[group] if group else ""
        ends_in_it = about and match.end(group) == match.end()
        yield Hit(match.start(), match.start(group) if ends_in_it else match.end(), about)


@cache
def _some(patterns: tuple[str, ...], alternatives: tuple[int, ...]) -> re.Pattern[str]:
    return compiled(any_of(patterns[number] for number in alternatives))


def _near(rule: Rule, reading: Reading) -> Iterator[Hit]:
    left, right = rule.pair
    if not (ones := reading.spans(left)) or not (others := reading.spans(right)):
        return
    for a, b in ones:
        for c, d in others:
            if c - b <= rule.reach and a - d <= rule.reach:
                yield Hit(min(a, c), max(b, d), reading.text[a:b])


def first_hit(rule: Rule, reading: Reading, alternatives: Iterable[int]) -> Hit | None:
    """The first match that nothing around it takes back."""
    text = reading.text
    for tries, hit in enumerate(find(rule, reading, alternatives)):
        if tries == TRIES:
            break
        if rule.before and compiled(rule.before).search(text, max(0, hit.start - BEFORE), hit.start):
            continue
        if rule.after and compiled(rule.after).match(text, hit.end):
            continue
        if rule.within and compiled(rule.within).search(text, *reading.sentence(hit.start, hit.end)):
            continue
        return hit
    return None
