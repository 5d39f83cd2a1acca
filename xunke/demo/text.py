"""Invented sentences for the sample project, composed from the fragments in xunke/demo_data.

Nothing here was written by a real person, and no brand or person named in it exists.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

Act = Literal["glad", "sore", "short", "ask", "complain", "recommend", "compare"]
ACTS: Final[tuple[tuple[Act, int], ...]] = (
    ("glad", 34), ("sore", 20), ("short", 12), ("ask", 14), ("complain", 6), ("recommend", 9), ("compare", 5),
)  # fmt: skip
_PRICES: Final = ("99", "150", "200", "300", "500", "八百", "一千")
_LATE: Final = ("凌晨{hour}", "熬夜到{hour}")


@dataclass(frozen=True, slots=True)
class Topic:
    """What people of one interest talk about. ``lines`` holds fragments by act, ``asks`` questions with answers."""

    tag: str
    tags: tuple[str, ...]
    share: int
    female: float
    brands: tuple[str, ...]
    things: tuple[str, ...]
    lines: dict[str, tuple[str, ...]]
    asks: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """How one person writes: what joins and ends their sentences, how often emoji, typos and tails come."""

    join: str
    end: str
    emoji: float
    typo: float
    chatty: float
    sunny: float


@dataclass(frozen=True, slots=True)
class Draft:
    """A text with what is needed to answer it: its act, its topic, and the answers that fit, slots filled."""

    text: str
    act: Act
    topic: Topic
    answers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    title: str | None = None


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.strip().splitlines() if line)


@cache
def material(name: str) -> dict[str, Any]:
    """One table of xunke/demo_data."""
    return tomllib.loads(files("xunke").joinpath("demo_data", *f"{name}.toml".split("/")).read_text("utf-8"))


@cache
def lines(name: str, key: str) -> tuple[str, ...]:
    """The lines of one entry of a table; ``key`` may be dotted."""
    entry: Any = material(name)
    for part in key.split("."):
        entry = entry[part]
    return _lines(entry)


_TOPICS: Final = (
    "weight_loss", "camping", "coffee", "mother_baby", "skincare", "fitness", "digital", "pets", "food", "outfit",
)  # fmt: skip


@cache
def topics() -> tuple[Topic, ...]:
    """Every topic of the sample project."""
    return tuple(_topic(material(f"topics/{name}")) for name in _TOPICS)


def _topic(data: dict[str, Any]) -> Topic:
    kinds = ("open", "detail", "glad", "sore", "short", "complain", "recommend", "compare")
    asks = [line.split(" | ") for line in _lines(data["ask"])]
    return Topic(
        tag=data["tag"],
        tags=tuple(data["tags"]),
        share=data["share"],
        female=data["female"],
        brands=tuple(data["brands"]),
        things=tuple(data["things"]),
        lines={kind: _lines(data[kind]) for kind in kinds},
        asks=tuple((question, tuple(answers)) for question, *answers in asks),
    )


class Writer:
    """Composes texts; all chance comes from the generator it is given."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._seen: set[str] = set()
        people = material("people")
        self._emoji: list[str] = people["emoji"]
        self._emoticons = {True: people["emoticons_glad"], False: people["emoticons_sore"]}
        self._typos = [typo.split(">>") for typo in people["typos"]]
        self._cities = [line.split()[0] for line in lines("people", "cities")]
        self._acts = [act for act, _ in ACTS]
        self._act_weights = [weight for _, weight in ACTS]

    def voice(self) -> Voice:
        """A new way of writing."""
        pick = self.chance.choice
        return Voice(
            join=pick(("，", "，", "。", "。", " ", "\n", "…", "～")),
            end=pick(("", "", "。", "！", "～", "！！", "...")),
            emoji=pick((0.0, 0.1, 0.3, 0.6)),
            typo=pick((0.0, 0.0, 0.05, 0.15)),
            chatty=self.chance.random(),
            sunny=self.chance.betavariate(4, 3),
        )

    def fill(self, text: str, topic: Topic, slots: dict[str, str] | None = None) -> str:
        """Fill the slots; ``slots`` keeps what a thread speaks of from one text to the next."""
        slots = self.slots(topic) if slots is None else slots
        if "{" not in text:
            return text
        late = any(cue in text for cue in _LATE)
        roll = self.chance.randint
        return text.format_map(
            slots
            | {
                "n": str(roll(2, 12)),
                "n2": str(roll(8, 30)),
                "day": str(roll(2, 120)),
                "hour": str(roll(1, 4) if late else roll(9, 11)),
                "month": str(roll(3, 18)),
                "price": self.chance.choice(_PRICES),
                "x": "".join(self.chance.choices("！~✨❤🔥 。冲啊呀哦", k=roll(1, 4))),
            }
        )

    def slots(self, topic: Topic) -> dict[str, str]:
        """Two brands, two things and a city to speak of."""
        brands, things = self.chance.sample(topic.brands, 2), self.chance.sample(topic.things, 2)
        return {
            "brand": brands[0],
            "brand2": brands[1],
            "thing": things[0],
            "thing2": things[1],
            "city": self.chance.choice(self._cities),
        }

    def act(self, voice: Voice) -> Act:
        """What the next post does; sunny people are glad more often."""
        act = self.chance.choices(self._acts, self._act_weights)[0]
        if act in ("glad", "sore"):
            return "glad" if self.chance.random() < voice.sunny else "sore"
        return act

    def post(self, topic: Topic, voice: Voice, platform: str, *, tagged: bool = False) -> Draft:
        """A post that this run has not seen yet. ``tagged``: it certainly carries the topic's own hashtag."""
        for _ in range(12):
            draft = self._compose(topic, self.act(voice), voice, platform, tagged)
            if draft.text not in self._seen:
                break
        self._seen.add(draft.text)
        return draft

    def _compose(self, topic: Topic, act: Act, voice: Voice, platform: str, tagged: bool) -> Draft:
        slots = self.slots(topic)
        answers: tuple[str, ...] = ()
        if act == "ask":
            question, given = self.chance.choice(topic.asks)
            answers = tuple(self.fill(answer, topic, slots) for answer in given)
            parts = self._around(topic, question, 0.45)
        elif act == "short":
            parts = [self.chance.choice(topic.lines["short"])]
        elif act in ("glad", "sore"):
            parts = self._story(topic, act, voice)
        else:
            parts = self._around(topic, self.chance.choice(topic.lines[act]), 0.5)
        filled = [self.fill(part, topic, slots) for part in parts]
        tags = self._tags(topic, platform, tagged)
        text = self._tag(self._voiced(filled, act, voice, platform), tags, platform)
        title = filled[0][:20] if platform in ("xiaohongshu", "zhihu", "bilibili") and len(filled) > 1 else None
        return Draft(text, act, topic, answers, tags, title)

    def _story(self, topic: Topic, act: Act, voice: Voice) -> list[str]:
        pick, roll = self.chance.choice, self.chance.random()
        opening, mood = pick(topic.lines["open"]), pick(topic.lines[act])
        details = self.chance.sample(topic.lines["detail"], 1 + (voice.chatty > 0.6))
        if roll < 0.45:
            parts = [opening, *details, mood]
        elif roll < 0.6:
            parts = [opening, mood]
        elif roll < 0.78:
            parts = [*details, mood]
        elif roll < 0.9:
            parts = [mood, opening, *details]
        else:
            parts = [opening, *details]
        if self.chance.random() < 0.2:
            parts.insert(self.chance.choice((0, len(parts))), pick(lines("replies", "context")))
        elif self.chance.random() < 0.15:
            parts.append(pick(lines("replies", "tails")))
        return parts

    def _around(self, topic: Topic, core: str, share: float) -> list[str]:
        """A question or a verdict, alone or with what led to it."""
        parts = [core]
        if self.chance.random() < share:
            parts.insert(0, self.chance.choice(topic.lines["open"]))
        if self.chance.random() < share * 0.6:
            parts.append(self.chance.choice(lines("replies", "context")))
        return parts

    def _voiced(self, parts: Sequence[str], act: Act, voice: Voice, platform: str) -> str:
        text = parts[0]
        for part in parts[1:]:
            text += (voice.join if text[-1] not in "？?！。" else " ") + part
        if text[-1] not in "？?！。）":
            text += voice.end
        return self.season(text, voice, platform, glad=act not in ("sore", "complain"))

    def season(self, text: str, voice: Voice, platform: str, *, glad: bool) -> str:
        """Typos, emoji and emoticons as this person uses them."""
        if voice.typo and self.chance.random() < voice.typo * 4:
            wrong = [(a, b) for a, b in self._typos if a in text]
            if wrong:
                text = text.replace(*self.chance.choice(wrong), 1)
        if self.chance.random() < voice.emoji:
            mark = self.chance.choice(self._emoticons[glad] if platform == "weibo" else self._emoji)
            text += mark * self.chance.choice((1, 1, 1, 2, 3))
        return text

    def _tags(self, topic: Topic, platform: str, tagged: bool) -> tuple[str, ...]:
        tags = [topic.tag] if tagged or self.chance.random() < 0.78 else []
        more = {"xiaohongshu": 3, "douyin": 2}.get(platform, 1)
        return (*tags, *self.chance.sample(topic.tags, self.chance.randint(0, more)))

    def _tag(self, text: str, tags: tuple[str, ...], platform: str) -> str:
        if not tags:
            return text
        if platform == "weibo":
            joined = " ".join(f"#{tag}#" for tag in tags)
            return f"{joined} {text}" if self.chance.random() < 0.4 else f"{text} {joined}"
        return f"{text} {' '.join(f'#{tag}' for tag in tags)}"

    def reply(self, draft: Draft, voice: Voice, platform: str) -> str:
        """A comment that answers what ``draft`` says."""
        roll, pick = self.chance.random(), self.chance.choice
        if draft.answers and roll < 0.65:
            text = pick(draft.answers)
        elif draft.act == "ask":
            text = pick(lines("replies", "ask_echo"))
        elif draft.act == "short" or roll < 0.12:
            text = pick(lines("replies", "short"))
        else:
            text = pick(lines("replies", draft.act))
        if "/" in text:
            text = pick(text.split("/"))
        if voice.chatty > 0.7 and roll > 0.5 and draft.act in ("glad", "sore", "recommend", "complain"):
            text += "，" + pick(lines("replies", "me_too"))
        return self.season(text + voice.end, voice, platform, glad=draft.act != "sore")
