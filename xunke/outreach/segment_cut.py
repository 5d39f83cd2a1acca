"""Answering a rule for everybody: who fits, of whom it cannot be told, and the numbers behind each member."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from .segment_facts import Book, synonyms
from .segment_fields import FIELDS
from .segment_rules import All, Node, Not, Test, Value, asker, tests
from .segment_rules import Any as AnyOf


@dataclass(frozen=True, slots=True)
class Fitting:
    """Who fits a rule: ``members`` of the ``among`` people asked about, ``unknown`` of whom it hangs on what nobody
    stated; ``nowhere``: (field, word, the commonest words there are) of words that nobody has.
    """

    members: tuple[int, ...]
    unknown: int
    among: int
    nowhere: tuple[tuple[str, str, tuple[str, ...]], ...]


def fit(book: Book, rule: Node, among: Collection[int] | None = None) -> Fitting:
    """Ask ``rule`` of everybody, or of those ``among`` who are in the book."""
    people = list(book.people) if among is None else [p for p in book.people if p in set(among)]
    ask = asker(meant(rule), book.column)
    got = {person: ask(person) for person in people}
    members = tuple(p for p in people if got[p] is True)
    return Fitting(members, sum(v is None for v in got.values()), len(people), tuple(_nowhere(book, rule, people)))


def meant(rule: Node) -> Node:
    """The same rule with the stored codes in place of the words that people use for them."""
    if isinstance(rule, Test):
        if isinstance(rule.value, tuple) and rule.field != "said":
            return replace(rule, value=synonyms(rule.field, rule.value))
        return rule
    if isinstance(rule, Not):
        return Not(meant(rule.part))
    parts = tuple(meant(part) for part in rule.parts)
    return All(parts) if isinstance(rule, All) else AnyOf(parts)


def needs_analysis(rule: Node) -> bool:
    """Whether the rule asks something that posts must be understood for."""
    return any(FIELDS[test.field].analysed for test in tests(rule))


def numbers(book: Book, rule: Node) -> Callable[[int], dict[str, Any]]:
    """What gives a person's own values of every field that the rule names: {field or field_Nd: number or words}."""
    asked: dict[str, Callable[[int], Value]] = {}
    wanted: dict[str, set[str]] = {}
    for test in tests(meant(rule)):
        name = test.field if test.days is None else f"{test.field}_{test.days}d"
        asked[name] = book.column(test)
        if isinstance(test.value, tuple):
            wanted.setdefault(name, set()).update(test.value)

    def of(person: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, known in asked.items():
            value = known(person)
            if isinstance(value, frozenset):  # of many words those that were asked for stand first
                mine = sorted(value, key=lambda w: (w not in wanted.get(name, ()), w))
                out[name] = mine[:5]
            else:
                out[name] = value
        return out

    return of


def _nowhere(book: Book, rule: Node, people: Collection[int]) -> list[tuple[str, str, tuple[str, ...]]]:
    out = []
    for test in tests(rule):
        if not isinstance(test.value, tuple) or test.field == "said":
            continue
        known = book.column(test)
        count: Counter[str] = Counter()
        for person in people:
            value = known(person)
            if isinstance(value, frozenset):
                count.update(value)
        common = tuple(sorted(count, key=lambda w: (-count[w], w))[:5])
        for word, code in zip(test.value, synonyms(test.field, test.value), strict=True):
            if code not in count:
                out.append((test.field, word, common))
    return out
