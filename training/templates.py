"""Sentences out of templates: ``code<TAB>template`` with ``(a|b|)`` for choices, ``x?`` for what may be left out,
``{part}`` for parts (``= part …``) and \\uE000 for the name of a list, \\uE001 a segment, \\uE002 a campaign, \\uE003
an experiment. Choices are drawn from a fixed seed: the same file gives the same sentences.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

_PART = re.compile(r"\{([A-Za-z]+)\}")
_CHOICE = re.compile(r"\(([^()]*)\)(\??)")
_ESCAPE = re.compile(r"\\u([0-9A-F]{4})")


def read(path: Path, *, each: int, parts: dict[str, str]) -> list[tuple[str, str]]:
    """``each`` sentences at most of a template, as (code, sentence). ``parts``: those known, and then this file's."""
    rows: list[tuple[str, str]] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("= "):
            name, _, body = line[2:].partition(" ")
            parts[name] = _ESCAPE.sub(lambda m: chr(int(m[1], 16)), body)
        elif line.strip() and not line.startswith("#"):
            code, _, template = line.partition("\t")
            drawn = random.Random(template)
            rows += [(code, text) for text in dict.fromkeys(_drawn(template, parts, drawn) for _ in range(each))]
    return rows


def _drawn(text: str, parts: dict[str, str], drawn: random.Random) -> str:
    def picked(found: re.Match[str]) -> str:
        return "" if found[2] and drawn.random() < 0.5 else drawn.choice(found[1].split("|"))

    while _PART.search(text) or _CHOICE.search(text):
        text = _CHOICE.sub(picked, text)
        text = _PART.sub(lambda m: parts[m[1]], text)
    text = re.sub(r"([^\s?])\?(?=\S)", lambda m: m[1] if drawn.random() < 0.5 else "", text)
    return re.sub(r" {2,}", " ", text).strip()
