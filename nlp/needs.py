"""What the author wants or does: asks, wants to buy, complains, has trouble, recommends, compares, sells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from .life_events import life_events
from .resources import table
from .rules import Hit, Reading, Rule, first_hit, read_rules
from .types import NEEDS

if TYPE_CHECKING:
    from .gate import Opened

__all__ = ["LABELS", "THRESHOLD", "Found", "judge", "kinds", "life_events", "needs", "rulebook"]

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


class Found:
    """A need that a text shows: ``name``, ``score`` (how sure, 0..1) and ``kind``, "explicit" (asked for, said) or
    "hidden" (a complaint or trouble that something could answer). The words are looked up when they are asked for.
    """

    __slots__ = ("_reading", "_told", "kind", "name", "score")

    def __init__(self, name: str, told: Sequence[tuple[Rule, Hit]], reading: Reading) -> None:
        missed = 1.0
        for rule, _ in told:
            missed *= 1 - rule.weight
        self.name, self.score, self.kind = name, round(1 - missed, 4), kinds()[name]
        self._told, self._reading = told, reading

    @property
    def evidence(self) -> tuple[str, ...]:
        """The words found, as written."""
        return tuple(dict.fromkeys(self._reading.written(hit.start, hit.end) for _, hit in self._told))

    @property
    def quote(self) -> str:
        """The clause around the surest words, as written."""
        return self._reading.quote(self._best[1])

    @property
    def rules(self) -> tuple[tuple[str, float], ...]:
        """The cue groups that spoke, with their weight: the score is the chance that one of them is right."""
        return tuple((rule.name, rule.weight) for rule, _ in self._told)

    @property
    def about(self) -> str:
        """What it is about, as far as the words next to the cue say; may be empty."""
        rule, hit = self._best
        return rule.about or _thing(hit.about)

    @property
    def _best(self) -> tuple[Rule, Hit]:
        return max(self._told, key=lambda one: one[0].weight)


@cache
def rulebook() -> tuple[tuple[str, Rule], ...]:
    """All cue groups, each with the name of its need."""
    return read_rules("needs")


@cache
def kinds() -> dict[str, Kind]:
    """{name: "explicit" | "hidden"} of all needs."""
    return {name: table("needs")["need"][name]["kind"] for name in NEEDS}


def judge(reading: Reading, opened: Iterable[Opened]) -> tuple[Found, ...]:
    """Needs in an author's own words, surest first; ``opened``: the cue groups of :func:`rulebook` to try."""
    hits: dict[str, list[tuple[Rule, Hit]]] = {}
    for number, alternatives in opened:
        name, rule = rulebook()[number]
        if hit := first_hit(rule, reading, alternatives):
            hits.setdefault(name, []).append((rule, hit))
    found = [need for name, told in hits.items() if (need := Found(name, told, reading)).score >= THRESHOLD]
    return tuple(sorted(found, key=lambda need: (-need.score, need.name))) if len(found) > 1 else tuple(found)


def needs(text: str) -> tuple[Found, ...]:
    """Needs in the author's own words of one text, surest first."""
    from .analyse import analyse_many

    return analyse_many([text]).needs.get(0, ())


def _thing(words: str) -> str:
    """The thing a phrase begins with: 一双新鞋因为… → 新鞋."""
    words = _ABOUT.sub("", words)
    end = _ABOUT_END.search(words, 1)
    return words[: end.start() if end else 10].strip()
