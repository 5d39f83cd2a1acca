"""Fourth reading: which of the words that no rule took are what the request is about.

After the rules, a text is a row of tokens (places, dates, effects) with free words between: 找 做 **汉服** 的.
A small sequence model, trained by ``training/make_subject.py`` on invented requests, tells the words of the subject
from those of the frame. It sees no words of the user's data and knows no topics: what it has learned are the frames, so
that whatever stands where a subject stands is one. First-order BIO labels, averaged perceptron (Collins 2002), Viterbi.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

import msgspec

from . import clauses, lexicon
from .tokens import Doc

KINDS: Final = ("topic", "interest", "occupation", "item")
"""What a word of the subject may be: what posts are about, what people like, what they are, what is compared."""
LABELS: Final = ("O", *(f"{mark}{kind}" for kind in KINDS for mark in "BI"))
_UNIT: Final = re.compile(r"\d+(?:\.\d+)?(?![A-Za-z0-9])|[A-Za-z0-9]+(?:['.&+\-][A-Za-z0-9]+)*|\s+|.", re.DOTALL)
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_SIZE: Final = 600
"""Units of a request that are read: more is no request."""
_MAYBE: Final = frozenset(("<Q>", "<D>", "<R>", "<P>"))
"""Tokens that may be part of a subject (西湖龙井, 618攻略); the others say something of their own."""
_NEVER: Final = frozenset(",，。;；!！?？、")
_STOPS: Final = frozenset(",，。;；!！?？、:()|/")


class Unit(msgspec.Struct, frozen=True):
    """A piece of the text that is never cut: a token, a Latin word, a number, or one character."""

    text: str
    """As it stands in the text (a token's private character)."""
    plain: str
    """As it was typed."""
    symbol: str
    """What the model sees."""
    start: int
    """Where it stands in the text."""


def units(doc: Doc) -> list[Unit]:
    """The text in pieces, blanks left out."""
    out = []
    for m in _UNIT.finditer(doc.text):
        text = m[0]
        if text.isspace():
            continue
        token = doc.tokens.get(text)
        if token is None:
            symbol, plain = "<n>" if _NUMBER.fullmatch(text) else text.lower(), text
        else:
            symbol, plain = f"<{_said(token.value) if token.kind == 'X' else token.kind}>", token.raw
        out.append(Unit(text, plain, symbol, m.start()))
    return out[:_SIZE]


def _said(effects: Sequence[tuple[str, object]]) -> str:
    """What an effect token says, short: its slots, and the value where it is an action or a target."""
    names = [
        f"{name}={value}" if name in ("action", "target", "target~") else name
        for name, value in effects[:3]
    ]  # fmt: skip
    return "+".join(names) or "-"


@cache
def _frame() -> dict[str, frozenset[str]]:
    table = lexicon.table("function_words")
    jobs = lexicon.table("words")["occupation"]["words"]
    return {
        "f": frozenset(table["zh_before"]) | frozenset(table["zh_after"]),
        "j": frozenset(table["junk"]),
        "k": frozenset(table["zh_keep"]),
        "o": frozenset(jobs),
    }


def _tags(row: Sequence[Unit]) -> list[str]:
    """For each unit the lists of frame words that the longest word over it stands in, and where in it."""
    tags = ["-"] * len(row)
    at = 0
    while at < len(row):
        size, name = _word_at(row, at)
        for i in range(size):
            tags[at + i] = name + ("S" if size == 1 else "B" if i == 0 else "E" if i == size - 1 else "M")
        at += max(1, size)
    return tags


def _word_at(row: Sequence[Unit], at: int) -> tuple[int, str]:
    word, found = "", (1, "-")
    for size, unit in enumerate(row[at : at + 6], 1):
        if unit.symbol.startswith("<"):
            break
        word += unit.symbol
        names = "".join(name for name, words in _frame().items() if word in words)
        if names:
            found = (size, names)
    return found


def _words(row: Sequence[Unit]) -> list[str]:
    """For each unit where it stands in a common word: B, M, E, or S on its own; the fewest words, longest first."""
    out = ["S"] * len(row)
    known = lexicon.common()
    at = 0
    while at < len(row):
        for size in (4, 3, 2):
            word = "".join(u.symbol for u in row[at : at + size])
            if len(word) == size and word in known:
                out[at : at + size] = ["B", *"M" * (size - 2), "E"]
                at += size
                break
        else:
            at += 1
    return out


def _kept(row: Sequence[Unit]) -> list[str]:
    """For each unit whether stripping frame words off the ends of its run leaves it."""
    out = ["-"] * len(row)
    start = 0
    for at in range(len(row) + 1):
        if at < len(row) and not row[at].symbol.startswith("<") and row[at].text not in _STOPS:
            continue
        run = "".join(u.text for u in row[start:at])
        left = clauses.strip(run) if run else ""
        begin = run.find(left) if left else -1
        if begin >= 0:
            offset = 0
            for i in range(start, at):
                inside = begin <= offset < begin + len(left)
                out[i] = "K" if inside and offset > begin else "k" if inside else "d"
                offset += len(row[i].text)
        start = at + 1
    return out


def _near(row: Sequence[Unit]) -> tuple[list[str], list[str]]:
    """For each unit the last understood token before it and the next one after it, in its clause."""
    before, after, seen = [], [], "<s>"
    for unit in row:
        before.append(seen)
        if unit.symbol.startswith("<") and unit.symbol != "<n>":
            seen = unit.symbol
        elif unit.text in _STOPS:
            seen = "<" + unit.text + ">"
    seen = "</s>"
    for unit in reversed(row):
        after.append(seen)
        if unit.symbol.startswith("<") and unit.symbol != "<n>":
            seen = unit.symbol
        elif unit.text in _STOPS:
            seen = "<" + unit.text + ">"
    return before, after[::-1]


def _shape(symbol: str) -> str:
    if symbol.startswith("<"):
        return symbol
    if "\u4e00" <= symbol <= "\u9fff":
        return "h"
    return "l" if symbol.isalpha() else "p"


def features(row: Sequence[Unit], people: bool) -> list[list[str]]:
    """What the model looks at, for each unit."""
    s = ["<s>", "<s>", *(u.symbol for u in row), "</s>", "</s>"]
    tags = ["-", *_tags(row), "-"]
    kept = _kept(row)
    words = ["S", *_words(row), "S"]
    before, after = _near(row)
    who = "p" if people else "c"
    out = []
    for i in range(len(row)):
        a, b, c, d, e = s[i : i + 5]
        shape = _shape(c)
        out.append([
            "1" + c, "2" + b, "3" + d, "4" + b + c, "5" + c + d, "6" + a + b, "7" + d + e, "8" + a + b + c,
            "9" + c + d + e, "A" + b + c + d, "T" + tags[i + 1], "U" + tags[i], "V" + tags[i + 2],
            "W" + tags[i] + tags[i + 1] + tags[i + 2], "K" + kept[i], "L" + kept[i] + tags[i + 1],
            "N" + kept[i] + (kept[i - 1] if i else "") + (kept[i + 1] if i + 1 < len(row) else ""),
            "S" + shape + who, "P" + before[i], "Q" + after[i], "R" + before[i] + "|" + after[i],
            "X" + shape + kept[i] + _shape(b) + _shape(d), "Y" + b + who + shape, "Z" + d + who + shape,
            "H" + before[i] + kept[i], "J" + after[i] + kept[i],
            "D" + words[i + 1] + words[i + 2] + kept[i], "E" + words[i] + words[i + 1] + words[i + 2] + tags[i + 1],
        ])  # fmt: skip
    return out


def joints(row: Sequence[Unit]) -> list[int]:
    """How each unit stands to the one before it: 0 both inside one run of unknown words, 1 at a word of the frame,
    2 behind a token or a stop. Where a word of the subject may begin or end depends on it."""
    tags = _tags(row)
    out = []
    for i, unit in enumerate(row):
        outside = any(u.symbol.startswith("<") or u.text in _STOPS for u in (row[i - 1], unit)) if i else True
        out.append(2 if outside else 0 if tags[i] == tags[i - 1] == "-S" else 1)
    return out


Steps = Sequence[Sequence[Sequence[float]]]
"""For each joint, of each label after each."""


class _Model(msgspec.Struct):
    """The weights of each feature, one for each label, as JSON: a request needs a few hundred of many thousands."""

    features: dict[str, msgspec.Raw]
    next: list[list[list[int]]]


@cache
def _model() -> _Model:
    return msgspec.json.decode(zlib.decompress((lexicon.HERE / "subject.bin").read_bytes()), type=_Model)


def _allowed() -> list[list[bool]]:
    """Which label may follow which: an inside only its own beginning or inside."""

    def may(a: str, b: str) -> bool:
        return not b.startswith("I") or a[1:] == b[1:]

    return [[may(a, b) for b in LABELS] for a in LABELS]


ALLOWED: Final = _allowed()


def best(scores: Sequence[Sequence[float]], steps: Steps, joint: Sequence[int]) -> list[int]:
    """The best row of labels (Viterbi): ``scores`` of each unit and label, ``steps`` of each label after each."""
    if not scores:
        return []
    n = len(LABELS)
    total = [s if not LABELS[j].startswith("I") else -1e9 for j, s in enumerate(scores[0])]
    back: list[list[int]] = []
    for place, row in enumerate(scores[1:], 1):
        step = steps[joint[place]]
        new, from_ = [], []
        for j in range(n):
            top, at = -1e18, 0
            for i in range(n):
                if ALLOWED[i][j]:
                    value = total[i] + step[i][j]
                    if value > top:
                        top, at = value, i
            new.append(top + row[j])
            from_.append(at)
        total = new
        back.append(from_)
    at = max(range(n), key=lambda j: total[j])
    path = [at]
    for from_ in reversed(back):
        at = from_[at]
        path.append(at)
    return path[::-1]


def spans(labels: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(first, behind the last, kind) of each word that BIO ``labels`` mark."""
    start, kind = -1, ""
    for at, label in enumerate([*labels, "O"]):
        if start >= 0 and not label.startswith("I"):
            yield start, at, kind
            start = -1
        if label.startswith("B"):
            start, kind = at, label[1:]


def read(doc: Doc, people: bool) -> None:
    """Replace every word of the subject by a W token with ``(kind, word)``."""
    row = units(doc)
    if not row:
        return
    model, weights = _model(), msgspec.json.Decoder(list[int])
    zero = [0] * len(LABELS)
    never = [0, *[-10_000] * (len(LABELS) - 1)]
    scores = []
    for unit, found in zip(row, features(row, people), strict=True):
        if unit.symbol in _NEVER or (unit.plain != unit.text and unit.symbol not in _MAYBE):
            scores.append(never)
            continue
        hits = [weights.decode(w) for f in found if (w := model.features.get(f)) is not None]
        scores.append([sum(column) for column in zip(*hits, strict=True)] if hits else zero)
    labels = [LABELS[i] for i in best(scores, model.next, joints(row))]
    swap(doc, row, labels)


def swap(doc: Doc, row: Sequence[Unit], labels: Sequence[str]) -> None:
    """Put W tokens where ``labels`` say."""
    out: list[str] = []
    done = 0
    for first, behind, kind in spans(labels):
        start, end = row[first].start, row[behind - 1].start + len(row[behind - 1].text)
        raw = doc.text[start:end]
        word = doc.value(raw) if raw in doc.tokens and doc.tokens[raw].kind == "Q" else doc.plain(raw)
        out += [doc.text[done:start], doc.put("W", (kind, str(word).strip()), raw)]
        done = end
    doc.text = "".join(out) + doc.text[done:]
