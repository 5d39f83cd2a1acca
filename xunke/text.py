"""The only gate for foreign text: everything a stranger wrote passes ``clean`` before it is stored or shown."""

from __future__ import annotations

import re
import unicodedata

_ESCAPES = re.compile(
    "[\x1b\x9b\x9d\x90\x98\x9e\x9f]"  # nothing to do in the common case: one scan
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]"
    "|[\U000e0000-\U000e007f\ud800-\udfff]"
    "|[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]{5}"
)
_SEQUENCES = re.compile(
    "(?:\x1b\\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?"  # OSC, also unterminated
    "|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\\\|\x9c)?"  # DCS, SOS, PM, APC
    "|(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI
    "|\x1b[ -/]*[0-~]?"  # two-character escapes, lone ESC
)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
    "|[\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")
_MARKS = re.compile("([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
                    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]+")  # fmt: skip
_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile(  # default ignorable in Unicode: tells two names apart for machines only
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def clean(text: str) -> str:
    """Return ``text`` without anything that could drive a terminal or reorder a line.

    Escape sequences (7- and 8-bit, also unterminated), control characters but newline and tab,
    bidi overrides, zero-width and tag characters go; carriage returns become newlines; lone surrogates
    become U+FFFD; more than four combining marks in a row are cut. Idempotent.
    """
    if _ESCAPES.search(text) is None:
        return text
    previous = None
    while previous != text:  # removing one sequence may join the halves of another
        previous = text
        text = _SEQUENCES.sub("", text)
        text = _BREAKS.sub("\n", text)
        text = _INVISIBLE.sub("", text)
    text = _SURROGATE.sub("\ufffd", text)
    return _MARKS.sub(r"\1", text)


def one_line(text: str, limit: int = 400) -> str:
    """``clean`` text on one line, at most ``limit`` characters (… marks the cut)."""
    text = _SPACE.sub(" ", clean(text[: limit * 8])).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def fold(text: str) -> str:
    """Form for comparing names and words: cleaned, NFKC, case-folded, without blanks and what cannot be seen."""
    folded = unicodedata.normalize("NFKC", clean(text)).casefold()
    return _SPACE.sub("", folded if folded.isascii() else _UNSEEN.sub("", folded))


def cells(text: str) -> int:
    """Width of ``text`` in terminal cells: East Asian wide and full-width characters take two, marks none."""
    if text.isascii():
        return len(text)
    width = 0
    for char in text:
        if unicodedata.combining(char) or char in "\u200c\u200d\ufe0e\ufe0f":
            continue
        width += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return width
