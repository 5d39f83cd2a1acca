"""Write nlp/data/anchors.json: words that a text must hold for a pattern of needs.toml or life_events.toml to match.

    python training/make_anchors.py            # writes the file
    python training/make_anchors.py --check    # says whether the file is what the patterns ask for

For every pattern: a few sets of words; a text that lacks all words of any of the sets cannot match. They are read off
the syntax tree of the regular expression, so they are right by construction (tests/nlp/test_needs.py tries anyway).
"""

from __future__ import annotations

import json
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from nlp.resources import table
from nlp.rules import fill, word_classes

FILE = Path(__file__).parents[1] / "nlp" / "data" / "anchors.json"
MOST = 240
"""Words in an exact set; beyond that the set is cut where it is."""
SETS = 2
"""Sets kept for a pattern …"""
RARE = 0.002
"""… and one where its words are this rare …"""
WORTH = 0.25
"""… or where the second would be this common."""
COMMON = frozenset(
    "的一是了我不在人有来他这上着个地到大里说去子得也和那要下看天时过出小么起你都把好还多没为又可家以会样年想生能对中自己之"
    "然后就很太真再什怎"
)


class Needs(NamedTuple):
    """What a piece of a pattern asks of a text.

    ``exact``: all strings it can be, when they are few; ``sets``: sets of words one of which must be there.
    """

    exact: frozenset[str] | None
    sets: tuple[frozenset[str], ...]


NOTHING = Needs(frozenset([""]), ())


def cost(words: Iterable[str]) -> float:
    """Roughly how often posts hold one of the words."""
    total = 0.0
    for word in sorted(words):
        share = sum(char in COMMON for char in word) / len(word)
        total += {1: 0.015, 2: 0.0008}.get(len(word), 0.0002) * (1 + 12 * share)
    return total


def best(sets: Iterable[frozenset[str]]) -> frozenset[str] | None:
    return min(sets, key=_rank, default=None)


def _rank(words: frozenset[str]) -> tuple[float, list[str]]:
    return cost(words), sorted(words)


def lean(words: frozenset[str]) -> frozenset[str]:
    """Without words that hold another word of the set."""
    return frozenset(word for word in words if not any(other != word and other in word for other in words))


def of_sequence(items: Iterable[Any]) -> Needs:
    run: frozenset[str] = frozenset([""])
    sets: list[frozenset[str]] = []
    whole = True

    def flush() -> None:
        if "" not in run:
            sets.append(lean(run))

    for item in items:
        piece = of_item(item)
        if piece.exact is not None and len(run) * len(piece.exact) <= MOST:
            run = frozenset(a + b for a, b in product(run, piece.exact))
            continue
        whole = False
        flush()
        sets.extend(piece.sets)
        run = piece.exact if piece.exact is not None else frozenset([""])
    flush()
    return Needs(run if whole else None, tuple(sets))


def _union(sets: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """All of the words, nothing if one of the sets is unknown."""
    whole: set[str] = set()
    for words in sets:
        if words is None:
            return None
        whole |= words
    return frozenset(whole)


def of_item(item: tuple[Any, Any]) -> Needs:
    kind, value = item
    if kind is op.LITERAL:
        return Needs(frozenset([chr(value)]), (frozenset([chr(value)]),))
    if kind is op.IN:
        chars = [chr(v) for k, v in value if k is op.LITERAL]
        if len(chars) == len(value) <= 12:
            return Needs(frozenset(chars), (frozenset(chars),))
        return Needs(None, ())
    if kind is op.SUBPATTERN:
        return of_sequence(value[-1])
    if kind is op.BRANCH:
        parts = [of_sequence(part) for part in value[1]]
        exact = _union(part.exact for part in parts)
        choice = _union(best(part.sets) for part in parts)
        return Needs(exact if exact is not None and len(exact) <= MOST else None, (lean(choice),) if choice else ())
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        low, high, inner = value
        piece = of_sequence(inner)
        if (low, high) == (0, 1) and piece.exact is not None:
            return Needs(piece.exact | {""}, ())
        return Needs(None, piece.sets if low else ())
    if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return NOTHING
    return Needs(None, ())


def anchors(pattern: str) -> list[list[str]]:
    """The cheapest sets of words for a pattern."""
    sets = sorted(set(of_sequence(parser.parse(pattern)).sets), key=_rank)
    if not sets:
        raise SystemExit(f"no words that every match holds: {pattern}")
    more = [words for words in sets[1:SETS] if cost(sets[0]) > RARE and cost(words) < WORTH]
    return [sorted(words) for words in (sets[0], *more)]


def made() -> str:
    """The text of the file."""
    out = {}
    for name in ("needs", "life_events"):
        entries = table(name)
        classes = word_classes(entries)
        for group, rules in entries.items():
            if group not in ("words", "need"):
                for rule in rules:
                    key = f"{group}/{rule['name']}"
                    out[key] = [anchors(fill(pattern, classes)) for pattern in rule.get("any", ())]
    lines = [f" {json.dumps(key)}: {json.dumps(found, ensure_ascii=False)}" for key, found in out.items() if found]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit("anchors.json is old" if FILE.read_text("utf-8") != made() else None)
    FILE.write_text(made(), "utf-8")
