"""How likely a text is advertising or spam, by readable rules, with the reasons."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from .resources import table
from .segment import count_links, count_mentions, hashtags
from .types import MAX_CHARS

BASE = 0.03
"""Chance of spam in a text without any sign."""
_PHONE = re.compile(r"(?<!\d)1[3-9]\d[\s\-]?\d{4}[\s\-]?\d{4}(?!\d)")
_DISCLOSED = re.compile(r"[#＃【\[(（](?:广告|推广|合作|赞助|AD|ad)[#＃】\])）]|^(?:广告|推广)[:：\s]")
_REPEATED = re.compile(r"(.{4,40}?)\1{3,}", re.S)


class Spam(NamedTuple):
    """``p``: probability 0..1; ``reasons``: keys, strongest first."""

    p: float
    reasons: tuple[str, ...]


@cache
def _rules() -> tuple[tuple[str, float, re.Pattern[str]], ...]:
    return tuple(
        (name, entry["weight"], re.compile("|".join(f"(?:{p})" for p in entry["any"])))
        for name, entry in table("spam").items()
    )


def spam(text: str) -> Spam:
    """Judge the first ``MAX_CHARS`` characters of a text."""
    text = text[:MAX_CHARS]
    signs = {name: weight for name, weight, pattern in _rules() if pattern.search(text)}
    links, mentions, tags = count_links(text), count_mentions(text), len(hashtags(text))
    words = max(len(text), 1)
    for name, weight, found in (
        ("phone", 0.6, _PHONE.search(text) is not None),
        ("disclosed_ad", 0.7, _DISCLOSED.search(text) is not None),
        ("many_links", 0.35, links >= 2),
        ("many_mentions", 0.4, mentions >= 5),
        ("many_tags", 0.35, tags >= 8 or (tags >= 5 and words < 60)),
        ("repetition", 0.4, _REPEATED.search(text[:500]) is not None),
    ):
        if found:
            signs[name] = weight
    missed = 1 - BASE
    for weight in signs.values():
        missed *= 1 - weight
    return Spam(round(1 - missed, 4), tuple(sorted(signs, key=lambda name: (-signs[name], name))))
