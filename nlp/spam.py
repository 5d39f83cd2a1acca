"""How likely a text is advertising or spam, by the readable rules of nlp/data/spam.toml, with the reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from .plain import plain
from .resources import table
from .segment import count_links, count_mentions, hashtags, without_links
from .types import MAX_CHARS

BASE: Final = 0.03
"""Chance of spam in a text without any sign."""
THRESHOLD: Final = 0.5
"""From here on a text is called spam."""
_SENTENCE: Final = re.compile(r"[^。！？!?\n]+[。！？!?\n]?")
_PHONE: Final = re.compile(r"(?<!\d)1[3-9]\d[\s\-]?\d{4}[\s\-]?\d{4}(?!\d)")
_REPEATED: Final = re.compile(r"(.{4,40}?)\1{3,}", re.S)
_GIBBERISH: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{12}|(?:[a-z]{1,3}\d{1,3}){7}")
_STRUCTURE: Final[Mapping[str, float]] = {
    "phone": 0.6, "many_links": 0.35, "many_mentions": 0.4, "many_tags": 0.35, "repetition": 0.4, "gibberish": 0.35,
}  # fmt: skip


class Spam(NamedTuple):
    """``p``: probability 0..1; ``reasons``: keys, strongest first."""

    p: float
    reasons: tuple[str, ...]


class Rule(NamedTuple):
    """One table of spam.toml, compiled. A text without any of ``anchors`` cannot match ``pattern``."""

    name: str
    weight: float
    contact: bool
    anchors: tuple[str, ...]
    pattern: re.Pattern[str]
    beside: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def finds(self, text: str) -> bool:
        """Whether the sign is in this plain text."""
        if self.beside is None and self.unless is None:
            return self.pattern.search(text) is not None
        if self.pattern.search(text) is None:
            return False
        return any(
            self.pattern.search(part)
            and (self.beside is None or self.beside.search(part))
            and (self.unless is None or not self.unless.search(part))
            for part in _SENTENCE.findall(text)
        )


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in the table's order."""
    return tuple(_rule(name, entry) for name, entry in table("spam").items())


def _rule(name: str, entry: Mapping[str, Any]) -> Rule:
    def joined(key: str) -> re.Pattern[str] | None:
        return re.compile("|".join(f"(?:{p})" for p in entry[key])) if entry.get(key) else None

    pattern = joined("any")
    assert pattern is not None  # noqa: S101 - a rule without patterns is a broken table, found by every test
    return Rule(
        name, entry["weight"], entry.get("contact", False), tuple(entry["anchors"]), pattern, joined("with"),
        joined("not"),
    )  # fmt: skip


@cache
def _anchored() -> Mapping[str, tuple[tuple[str, frozenset[str]], ...]]:
    """{first character: the anchors that begin with it, each with the names of its rules}."""
    owners: dict[str, set[str]] = {}
    for rule in rules():
        for anchor in rule.anchors:
            owners.setdefault(anchor, set()).add(rule.name)
    first: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for anchor, names in sorted(owners.items()):
        first.setdefault(anchor[0], []).append((anchor, frozenset(names)))
    return {char: tuple(found) for char, found in first.items()}


def anchors() -> frozenset[str]:
    """Every anchor: a plain text that holds none has no sign from the table."""
    return frozenset(anchor for rule in rules() for anchor in rule.anchors)


def spam(text: str, *, gated: bool = True) -> Spam:
    """Judge the first ``MAX_CHARS`` characters of a text. ``gated=False`` tries every rule: same answer, slower."""
    folded = plain(text[:MAX_CHARS])
    said = without_links(folded)  # an address may hold anything: wx=, v123456
    signs = {rule.name: rule.weight for rule in (_called(said) if gated else rules()) if rule.finds(said)}
    signs |= {name: _STRUCTURE[name] for name in _structure(folded)}
    missed = 1 - BASE
    for weight in signs.values():
        missed *= 1 - weight
    return Spam(round(1 - missed, 4), tuple(sorted(signs, key=lambda name: (-signs[name], name))))


def _called(folded: str) -> list[Rule]:
    """The rules that have an anchor in this text, in the table's order."""
    first = _anchored()
    names: set[str] = set()
    for char in first.keys() & set(folded):
        for anchor, of in first[char]:
            if not of <= names and anchor in folded:
                names |= of
    return [rule for rule in rules() if rule.name in names] if names else []


def _structure(folded: str) -> list[str]:
    mentions = count_mentions(folded) if "@" in folded else 0
    tags = len(hashtags(folded)) if "#" in folded else 0
    found = {
        "phone": _PHONE.search(folded) is not None,
        "many_links": count_links(folded) >= 2,
        "many_mentions": mentions >= 5,
        "many_tags": tags >= 8 or (tags >= 5 and len(folded) < 60),
        "repetition": _repeats(folded[:500]),
        "gibberish": _GIBBERISH.search(folded) is not None,
    }
    return [name for name, is_there in found.items() if is_there]


def _repeats(head: str) -> bool:
    """Whether a piece of 4 to 40 characters stands four times in a row.

    Then at least nine of its runs of four characters have been there before: counting them is the quick way out.
    """
    runs = len(head) - 3
    if runs - len({head[i : i + 4] for i in range(runs)}) < 9:
        return False
    return _REPEATED.search(head) is not None


def has_contact(text: str) -> bool:
    """Whether a text says how to get in touch (a number, 加V, 私信领…)."""
    folded = without_links(plain(text[:MAX_CHARS]))
    return _PHONE.search(folded) is not None or any(rule.contact and rule.finds(folded) for rule in _called(folded))
