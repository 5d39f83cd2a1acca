"""Cue rules over Chinese text: what ``needs.toml`` and ``life_events.toml`` mean, and a quick way past most texts.

A cue is a regular expression (or two word classes that have to stand close together) with things that must not stand
around it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
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
_STOP = re.compile(r"[。!?;\n~]+|…+")
_COMMA = re.compile(r"[,，、\s:)]")


Finder = Callable[["Reading", tuple[int, ...]], Iterator["Hit"]]


class Rule(NamedTuple):
    """One cue group.

    ``find`` yields candidate spans, looking only for the alternatives given; ``conditions`` are those of
    :mod:`nlp.gate`, one for each alternative.
    """

    name: str
    weight: float
    about: str
    conditions: tuple[tuple[Clause, ...], ...]
    find: Finder
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    within: re.Pattern[str] | None


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
        return self.written(first, last).strip(" \t\n,，、。")


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _without_speech(text: str) -> str:
    """Blank what others said, unless nearly all of the text stands in quotation marks."""
    said = _SAID.sub(_blank, text)
    return said if 2 * (len(said) - said.count(" ")) >= len(text) else text


def compile_rules(table: Mapping[str, Any], names: Iterable[str]) -> dict[str, tuple[Rule, ...]]:
    """The rules of a table by name; ``words`` of the table holds the classes."""
    classes = {name: tuple(words.split()) for name, words in table.get("words", {}).items()}
    return {name: tuple(_rule(entry, classes) for entry in table[name]) for name in names}


def _rule(entry: Mapping[str, Any], classes: Mapping[str, tuple[str, ...]]) -> Rule:
    if "near" in entry:
        left, right = entry["near"]
        find = _near(left, right, any_of(classes[left]), any_of(classes[right]), entry["within"])
        conditions: tuple[tuple[Clause, ...], ...] = ((frozenset(classes[left]), frozenset(classes[right])),)
    else:
        patterns = [_fill(pattern, classes) for pattern in entry["any"]]
        find = _matching(tuple(patterns))
        # what the pattern itself tells; where that is nothing, what its author named
        conditions = tuple(needed(pattern) or (frozenset(entry["anchors"]),) for pattern in patterns)
    before, after, within = (
        any_of_patterns(tuple(_fill(pattern, classes) for pattern in entry[key])) if entry.get(key) else None
        for key in ("not_before", "not_after", "not_in")
    )
    return Rule(entry["name"], entry["weight"], entry.get("about", ""), conditions, find, before, after, within)


@cache
def any_of_patterns(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all of these; compiled when first needed, for most subsets never are."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def _fill(pattern: str, classes: Mapping[str, tuple[str, ...]]) -> str:
    pattern = pattern.replace("(?P<about>", "(")  # a name may stand once only; match.lastindex finds the group
    return re.sub(r"\{([a-z]+)\}", lambda m: f"(?:{_trie(classes[m[1]])})", pattern)


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


def _matching(patterns: tuple[str, ...]) -> Finder:
    def find(reading: Reading, alternatives: tuple[int, ...]) -> Iterator[Hit]:
        pattern = any_of_patterns(tuple(patterns[number] for number in alternatives))
        for match in pattern.finditer(reading.text):
            group = match.lastindex or 0
            about = match[group] if group else ""
            ends_in_it = about and match.end(group) == match.end()
            yield Hit(match.start(), match.start(group) if ends_in_it else match.end(), about)

    return find


def _near(left: str, right: str, lefts: re.Pattern[str], rights: re.Pattern[str], within: int) -> Finder:
    def find(reading: Reading, _: tuple[int, ...]) -> Iterator[Hit]:
        if not (ones := reading.spans(left, lefts)) or not (others := reading.spans(right, rights)):
            return
        for a, b in ones:
            for c, d in others:
                if c - b <= within and a - d <= within:
                    yield Hit(min(a, c), max(b, d), reading.text[a:b])

    return find


def first_hit(rule: Rule, reading: Reading, alternatives: tuple[int, ...]) -> Hit | None:
    """The first match that nothing around it takes back."""
    text = reading.text
    for tries, hit in enumerate(rule.find(reading, alternatives)):
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
