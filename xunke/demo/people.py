"""Invented accounts: nicknames, places, bios, and how each behaves. Nobody here exists."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from ..model import Account, Gender
from .text import Topic, Voice, Writer, lines, topics

DAYS: Final = 90
"""How many days the sample project looks back."""
PLATFORMS: Final = (("weibo", 42), ("xiaohongshu", 26), ("douyin", 14), ("bilibili", 11), ("zhihu", 7))
"""Platforms and how many people of a hundred use them."""


@dataclass(slots=True)
class Person:
    """One invented account and how it behaves. Days count from the first of the ninety."""

    account: Account
    topics: tuple[Topic, ...]
    voice: Voice
    activity: float
    hour: float
    first_day: float = 0.0
    last_day: float = float(DAYS)
    following: list[int] = field(default_factory=list)
    fans: list[int] = field(default_factory=list)
    ref: Account = field(init=False)

    def __post_init__(self) -> None:
        self.ref = Account(self.account.platform, self.account.native_id, name=self.account.name)

    def there(self, day: float) -> bool:
        return self.first_day <= day < self.last_day


def words(key: str) -> tuple[str, ...]:
    """Blank-separated words of people.toml."""
    return tuple(word for line in lines("people", key) for word in line.split())


@dataclass(frozen=True, slots=True)
class City:
    """``weight``: people of the population, relatively; ``districts`` as the platforms name them."""

    name: str
    weight: int
    province: str
    districts: tuple[str, ...]


@cache
def cities() -> tuple[City, ...]:
    """The cities of people.toml, the one of the Shanghai circle first."""
    rows = [line.split() for line in lines("people", "cities")]
    return tuple(City(name, int(weight), province, tuple(rest)) for name, weight, province, *rest in rows)


@cache
def provinces() -> dict[str, str]:
    """City or province as written first in a region -> province."""
    return {name: city.province for city in cities() for name in (city.province, city.name)}


class Names:
    """Nicknames, each once."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._names: set[str] = set()

    def new(self, topic: Topic) -> str:
        """A nickname that nobody has yet, of somebody interested in ``topic``."""
        pick, roll = self.chance.choice, self.chance.random
        heads, tails = words("heads"), words("tails")
        own = [word.partition(":")[2] for word in words("topic_names") if word.startswith(topic.tag)]
        while True:
            kind = roll()
            if kind < 0.42:
                name = pick(heads) + pick(tails)
            elif kind < 0.6:
                name = pick(heads) + pick(own)
            elif kind < 0.74:
                name = pick(words("latin")) + pick(("", "_", "小", "爱", "和", "的")) + pick(words("nouns"))
            elif kind < 0.86:
                name = pick(words("nouns")) + pick(tails)
            else:
                name = pick(words("nouns")) + pick(("的", "爱", "和", "不吃", "喜欢", "与")) + pick(words("nouns"))
            if roll() < 0.22:
                name += str(self.chance.randint(1, 2000))
            if name not in self._names:
                self._names.add(name)
                return name


def invent(
    index: int, writer: Writer, names: Names, fetched: int, *, sister: bool, name: str | None, bio: str | None
) -> Person:
    """One person. ``sister``: of the Shanghai circle, who all say where they live and that they are women."""
    chance = writer.chance
    platform = chance.choices([p for p, _ in PLATFORMS], [w for _, w in PLATFORMS])[0]
    interests = _interests(chance, sister)
    female = sister or chance.random() < interests[0].female
    city = cities()[0] if sister else chance.choices(cities(), [c.weight for c in cities()])[0]
    in_bio = chance.random() < (0.4 if sister else 0.22)
    shows_region = (sister and not in_bio) or chance.random() < 0.5
    says_gender = chance.random() < (0.3 if sister else 0.16)
    shows_gender = (sister and not says_gender) or chance.random() < 0.5
    gender: Gender = "female" if female else "male"
    followers = min(int(30 * chance.paretovariate(0.75)), 2_400_000)
    account = Account(
        platform=platform,
        native_id=f"demo-{index:05d}",
        name=name or names.new(interests[0]),
        bio=bio or _bio(chance, interests[0], female, city.name if in_bio else None, says_gender),
        region=_region(chance, platform, city) if shows_region else None,
        gender=gender if shows_gender else None,
        followers=followers,
        following=chance.randint(12, 900),
        posts=int(chance.lognormvariate(4.5, 1.1)),
        verified=True if followers > 60_000 and chance.random() < 0.6 else None,
        listed=False if chance.random() < 0.004 else None,
        tags=tuple(topic.tag for topic in interests) if chance.random() < 0.35 else (),
        fetched=fetched,
    )
    activity = min(chance.paretovariate(1.15), 60)
    person = Person(account, interests, writer.voice(), activity, chance.choice(_TIMES))
    if not sister and chance.random() < 0.08:
        person.last_day = chance.uniform(25, 60)
    elif not sister and chance.random() < 0.07:
        person.first_day = chance.uniform(15, 75)
    return person


_TIMES: Final = (7.5, 8.3, 10.0, 12.4, 12.8, 15.5, 18.6, 19.5, 20.5, 21.3, 22.0, 22.6, 23.3)


def _interests(chance: random.Random, sister: bool) -> tuple[Topic, ...]:
    known = topics()
    first = known[0] if sister else chance.choices(known, [topic.share for topic in known])[0]
    others = [topic for topic in known if topic is not first]
    return (first, *chance.sample(others, chance.choice((0, 0, 1, 1, 2))))


def _region(chance: random.Random, platform: str, city: City) -> str:
    """A place as that platform writes it."""
    if platform == "weibo" and chance.random() < 0.6:
        first = city.name if city.name == city.province else city.province
        return f"{first} {chance.choice(city.districts) if first == city.name else city.name}"
    if platform == "douyin" and chance.random() < 0.4:
        return f"{city.name}市" if chance.random() < 0.5 else f"{city.name}·{chance.choice(city.districts)}"
    return city.name


def _bio(chance: random.Random, topic: Topic, female: bool, city: str | None, says_gender: bool) -> str | None:
    """A bio in pieces, or none at all; facts only where this person states them."""
    pick = chance.choice
    traits = [word.partition(":")[2] for word in words("traits") if word.startswith(topic.tag)]
    parts = [pick(traits)] if chance.random() < 0.6 else []
    if city:
        parts.append(pick(("坐标{}", "📍{}", "{}", "base{}", "人在{}", "现居{}", "坐标{}")).format(city))
    if says_gender:
        mother = female and topic.tag == "母婴" and chance.random() < 0.6
        parts.append("宝妈一枚" if mother else pick(_SAYS[female]).format(chance.randint(84, 99)))
    elif chance.random() < 0.12:
        parts.append(f"{pick(('85', '90', '95', '00'))}后")
    if chance.random() < 0.15:
        job = pick(words("jobs"))
        settled = any(part.endswith(("宝妈一枚", "85后", "90后")) or part[:1] == "8" for part in parts)
        parts.append("自由职业" if settled and job in ("大三学生", "研二") else job)
    if chance.random() < 0.4:
        parts.append(pick(words("mottos")))
    chance.shuffle(parts)
    return pick((" | ", "｜", " / ", "，", "\n", " ")).join(parts) if parts else None


_SAYS: Final = {
    True: ("女", "女生一枚", "{}年女生", "本人女", "妹子一枚", "{}年 女", "小姐姐一枚"),
    False: ("男", "男生一枚", "{}年男生", "本人男", "{}年 男", "小伙一枚"),
}
