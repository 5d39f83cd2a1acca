"""What the author wants or does: asks, wants to buy, complains, has trouble, recommends, compares, sells."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal, NamedTuple

from .life_events import life_events
from .resources import table
from .rules import Hit, Reading, Rule, compile_rules, first_hit, holds
from .types import NEEDS

__all__ = ["LABELS", "THRESHOLD", "Found", "gates", "life_events", "needs"]

Kind = Literal["explicit", "hidden"]

THRESHOLD: Final = 0.5

LABELS: Final = {
    "seek": ("seek_advice", "ask_where"),
    "want": ("want_to_buy",),
    "pain": ("complain",),
    "recommend": ("recommend",),
    "promo": ("sell",),
}
"""How the needs stand to the labels of the hand-labelled posts (docs/needs.md says why): any of them is the label."""

_ABOUT = re.compile(
    r"^(?:了|着|过|到|上|一下|一|这|那|两|几|个|台|部|款|支|只|双|套|件|条|辆|瓶|盒|箱|本|块|张|副|些|点|份|碗|杯|的|\d|\s)+"
)
_ABOUT_END = re.compile(
    r"因为|所以|可是|但|不过|然而|然后|结果|又|怎么|啊|呀|呢|吧|嘛|了|哦|哈|的话|是|在|我|你|他|她|就|也|都|才|还|可以|可怜|来|去|送|给|[^\w]"
)


class Found(NamedTuple):
    """A need that a text shows.

    ``score``: how sure, 0..1. ``evidence``: the words found. ``kind``: "explicit" (asked for, said) or "hidden" (a
    complaint or trouble that something could answer). ``quote``: the clause as written. ``about``: what it is about,
    as far as the words next to the cue say; may be empty.
    """

    name: str
    score: float
    evidence: tuple[str, ...]
    kind: Kind = "explicit"
    quote: str = ""
    about: str = ""


@cache
def _rules() -> dict[str, tuple[Rule, ...]]:
    return compile_rules(table("needs"), NEEDS)


@cache
def _kinds() -> dict[str, Kind]:
    return {name: table("needs")["need"][name]["kind"] for name in NEEDS}


def gates() -> tuple[tuple[frozenset[str], ...], ...]:
    """What a text must hold to have any need: for at least one gate, a word of each of its sets.

    The words stand in the text as :func:`nlp.rules.fold` gives it (lower case, half width, simplified).
    """
    return tuple(dict.fromkeys(rule.anchors for rules in _rules().values() for rule in rules))


def needs(own: str) -> tuple[Found, ...]:
    """Needs in the author's own words (the forwarded part of a repost must be cut off), surest first."""
    reading = Reading(own)
    found = [need for name, rules in _rules().items() if (need := _judge(name, rules, reading))]
    return tuple(sorted(found, key=lambda need: (-need.score, need.name)))


def _judge(name: str, rules: tuple[Rule, ...], reading: Reading) -> Found | None:
    missed = 1.0
    hits: list[tuple[float, Rule, Hit]] = []
    for rule in rules:
        if holds(rule, reading.text) and (hit := first_hit(rule, reading)):
            missed *= 1 - rule.weight
            hits.append((rule.weight, rule, hit))
    score = round(1 - missed, 4)
    if score < THRESHOLD:
        return None
    _, rule, best = max(hits, key=lambda found: found[0])
    evidence = tuple(dict.fromkeys(reading.written[hit.start : hit.end] for _, _, hit in hits))
    about = rule.about or _thing(best.about)
    return Found(name, score, evidence, _kinds()[name], reading.quote(best), about)


def _thing(words: str) -> str:
    """The thing a phrase begins with: 一双新鞋因为… → 新鞋."""
    words = _ABOUT.sub("", words)
    end = _ABOUT_END.search(words, 1)
    return words[: end.start() if end else 10].strip()
