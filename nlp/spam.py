"""How likely a text is advertising or spam, by the readable rules of nlp/data/spam.toml, with the reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .prefilter import Clause, needed
from .resources import table
from .rules import any_of, compiled
from .segment import without_links

if TYPE_CHECKING:
    from .batch import Batch
    from .gate import Opened

BASE: Final = 0.03
"""Chance of spam in a text without any sign."""
THRESHOLD: Final = 0.5
"""From here on a text is called spam."""
_SENTENCE: Final = re.compile(r"[^。！？!?\n]+[。！？!?\n]?")
_PHONE: Final = re.compile(r"(?<!\d)1[3-9]\d[\s\-]?\d{4}[\s\-]?\d{4}(?!\d)")
_GIBBERISH: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{12}|(?:[a-z]{1,3}\d{1,3}){7}")
_STRUCTURE: Final[Mapping[str, float]] = {
    "phone": 0.6, "many_links": 0.35, "many_mentions": 0.4, "many_tags": 0.35, "repetition": 0.4, "gibberish": 0.35,
}  # fmt: skip


class Spam(NamedTuple):
    """``p``: probability 0..1; ``reasons``: keys, strongest first."""

    p: float
    reasons: tuple[str, ...]


class Rule(NamedTuple):
    """One table of spam.toml: a sentence that one of ``patterns`` and one of ``beside`` match, but not ``unless``.

    ``conditions`` are those of :mod:`nlp.gate`, one for every pattern with every one beside it.
    """

    name: str
    weight: float
    contact: bool
    conditions: tuple[tuple[Clause, ...], ...]
    patterns: tuple[str, ...]
    beside: tuple[str, ...]
    unless: str

    def finds(self, text: str, alternatives: Iterable[int]) -> bool:
        """Whether the sign is in this folded text; only what these conditions speak of is looked for."""
        several = max(len(self.beside), 1)
        numbers = sorted({number // several for number in alternatives})
        pattern = compiled(any_of(self.patterns[number] for number in numbers))
        if not self.beside and not self.unless:
            return pattern.search(text) is not None
        if pattern.search(text) is None:
            return False
        numbers = sorted({number % several for number in alternatives})
        beside = compiled(any_of(self.beside[number] for number in numbers)) if self.beside else None
        if beside is not None and beside.search(text) is None:
            return False
        unless = compiled(self.unless) if self.unless else None
        return any(
            pattern.search(part)
            and (beside is None or beside.search(part))
            and (unless is None or not unless.search(part))
            for part in _SENTENCE.findall(text)
        )


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in the table's order."""
    return tuple(_rule(name, entry) for name, entry in table("spam").items())


@cache
def weights() -> Mapping[str, float]:
    """{reason: chance of spam that it speaks for}; p = 1 - (1 - ``BASE``) times the product of (1 - weight)."""
    return {**{rule.name: rule.weight for rule in rules()}, **_STRUCTURE}


def _rule(name: str, entry: Mapping[str, Any]) -> Rule:
    # what a pattern itself tells; where that is nothing, what its author named
    first = [needed(pattern) or (frozenset(entry["anchors"]),) for pattern in entry["any"]]
    second = [needed(pattern) for pattern in entry.get("with", ())] or [()]
    return Rule(
        name=name,
        weight=entry["weight"],
        contact=entry.get("contact", False),
        conditions=tuple((*one, *other) for one in first for other in second),
        patterns=tuple(entry["any"]),
        beside=tuple(entry.get("with", ())),
        unless=any_of(entry.get("not", ())),
    )


def judge(batch: Batch, opened: Mapping[int, Sequence[Opened]]) -> tuple[list[float], dict[int, tuple[str, ...]]]:
    """Probability of every row, and the reasons of those that have any; ``opened``: rules to try by row."""
    signs: dict[int, dict[str, float]] = {}
    every = rules()
    for row, numbers in opened.items():
        text = said(batch, row)
        if found := {every[n].name: every[n].weight for n, parts in numbers if every[n].finds(text, parts)}:
            signs[row] = found
    for name, rows in _structure(batch).items():
        for row in rows:
            signs.setdefault(row, {})[name] = _STRUCTURE[name]
    p = [BASE] * len(batch)
    reasons: dict[int, tuple[str, ...]] = {}
    for row, found in signs.items():
        missed = 1 - BASE
        for weight in found.values():
            missed *= 1 - weight
        p[row] = round(1 - missed, 4)
        reasons[row] = tuple(sorted(found, key=lambda name: (-found[name], name)))
    return p, reasons


def said(batch: Batch, row: int) -> str:
    """The folded text of a row with its names and hashtags, without links: an address may hold wx=, v123456."""
    return without_links(batch.whole(row))


def _structure(batch: Batch) -> dict[str, list[int]]:
    """Rows by what their form shows: cheap looks at all of them, expressions at those left."""
    import numpy as np

    from . import chars

    tags = np.bincount(batch.tag_rows, minlength=len(batch))
    latin = batch.row_sums(batch.classes & chars.LATIN, own=False) >= 7 * chars.LATIN
    return {
        "phone": [row for row in _maybe_phones(batch) if _PHONE.search(said(batch, row))],
        "many_links": np.flatnonzero(batch.links >= 2).tolist(),
        "many_mentions": np.flatnonzero(batch.mentions >= 5).tolist(),
        "many_tags": [row for row in np.flatnonzero(tags >= 5).tolist() if _many_tags(batch, row)],
        "repetition": _repeated(batch),
        "gibberish": [row for row in np.flatnonzero(latin).tolist() if _GIBBERISH.search(batch.row(row))],
    }


def _many_tags(batch: Batch, row: int) -> bool:
    tags = len(batch.hashtags(row))
    return tags >= 8 or (tags >= 5 and int(batch.ends[row] - batch.starts[row]) < 60)


def _maybe_phones(batch: Batch) -> list[int]:
    """Rows in which a number begins with 1 and has two more digits at once."""
    import numpy as np

    from . import chars

    digit = batch.classes & chars.DIGIT != 0
    first = np.flatnonzero(batch.codes == ord("1"))
    first = first[digit[first + 1] & digit[first + 2] & ~digit[first - 1]]
    return sorted(set(batch.row_of(first).tolist()))


def _repeated(batch: Batch) -> list[int]:
    """Rows in which a piece of 4 to 40 characters (without three blanks in a row) stands four times in a row.

    Such a run with period p is at least 4 p long, so that one of any 3 p - 2 positions in it sees the same three
    characters p further on, and again p before or 2 p further on. Where that is so the row is looked at closely.
    """
    import numpy as np

    codes = batch.plain
    three = (codes[:-2] * np.uint32(961) + codes[1:-1]) * np.uint32(31) + codes[2:]
    gap = codes <= 0x20
    blank = np.flatnonzero(gap[:-2] & gap[1:-1] & gap[2:])
    three[blank] = blank  # unlike any other
    rough = (three >> np.uint32(24)).astype(np.uint8)  # a quarter of the memory to go through
    last = len(three) - 1
    found: set[int] = set()
    places, periods = [], []
    for low, high in ((4, 6), (6, 10), (10, 20), (20, 41)):
        step = 3 * low - 2
        here = rough[: last + 1 - high : step].copy()
        same = np.empty((high - low, len(here)), np.bool_)
        for line, period in enumerate(range(low, high)):
            np.equal(here, rough[period::step][: len(here)], out=same[line])
        line_, place = np.divmod(np.flatnonzero(same), len(here))
        places.append(place * step)
        periods.append(line_ + low)
    at, period_ = np.concatenate(places), np.concatenate(periods)
    sure = three[at] == three[at + period_]
    at, period_ = at[sure], period_[sure]
    further = np.minimum(at + 2 * period_, last)
    again = (three[at] == three[at - period_]) | (three[at] == three[further])
    rows = batch.row_of(at[again]).tolist()
    for row, length in sorted(set(zip(rows, period_[again].tolist(), strict=True))):
        if row not in found and _repeats(batch.whole(row), length):
            found.add(row)
    return sorted(found)


def _repeats(text: str, period: int) -> bool:
    """Whether some piece of this length stands four times in a row."""
    run = 0
    for here, further in zip(text, text[period:], strict=False):
        run = run + 1 if here == further else 0
        if run == 3 * period:
            return True
    return False


def spam(text: str) -> Spam:
    """Judge one text."""
    return spam_many([text])[0]


def spam_many(texts: Sequence[str]) -> list[Spam]:
    """Judge many texts at once: for one alone what is done for each batch takes most of the time."""
    from .analyse import spam_of
    from .batch import Batch

    p, reasons = spam_of(Batch.of(texts))
    return [Spam(chance, reasons.get(row, ())) for row, chance in enumerate(p)]


def has_contact(text: str) -> bool:
    """Whether a text says how to get in touch (a number, 加V, 私信领…)."""
    return is_contact(spam(text))


def is_contact(judged: Spam) -> bool:
    """The same for a text that was judged."""
    return not _contact().isdisjoint(judged.reasons)


@cache
def _contact() -> frozenset[str]:
    return frozenset(rule.name for rule in rules() if rule.contact) | {"phone"}
