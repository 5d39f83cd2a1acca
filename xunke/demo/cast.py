"""Those who play a part: our own invented brand with its fans, other brands, water armies and bots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..model import Account, AccountKind, Interaction
from .people import DAYS, PLATFORMS, Person
from .text import Topic, lines, material, topics
from .world import DAY, Item, World

OWN: Final = "demo-own"
"""Native id of "our" brand account, on weibo: the one whose history the sample project shows."""


def own_brand(world: World) -> None:
    """Our account: its posts, and fans who come, answer, tire or stay over ninety days."""
    data = material("cast")["own"]
    topic = topics()[0]
    account = Account(
        "weibo", OWN, name=data["name"], bio=data["bio"], region="上海 静安区", verified=True, kind="brand",
        followers=9_846, following=212, posts=1_120, fetched=world.end,
    )  # fmt: skip
    own = world.add(Person(account, (topic,), world.writer.voice(), 1.0, 11.5))
    fans = [i for i in world.circles["weibo", topic.tag] + world.circles["weibo", "美食"] if i != own]
    fans = [i for i in dict.fromkeys(fans) if world.people[i].account.kind is None]
    fans = world.chance.sample(fans, min(len(fans), max(12, world.size // 14)))
    stays: list[tuple[int, float, float, float]] = []
    for index in fans:
        person = world.people[index]
        came = max(person.first_day, world.chance.uniform(-40, 75))
        left = world.chance.uniform(came + 5, 70) if came < 45 and world.chance.random() < 0.3 else person.last_day
        stays.append((index, came, left, world.chance.paretovariate(1.4)))
        if came >= 0:
            when = world.clock(person, int(came))
            world.interactions.append(Interaction("weibo", person.ref, world.people[own].ref, "follow", when))
    world.stays = stays
    texts = lines("cast", "own.posts")
    gap = DAYS / (len(texts) + 1)
    for number, text in enumerate(texts, start=1):
        created = world.start + int(number * gap) * DAY + world.chance.choice((11, 12, 18, 20)) * 3600 + number * 97
        tags = tuple(part for part in text.split("#")[1::2])
        item = Item(world.post(own, text, created, tags=tags), own, None, 0.0)
        world.items.append(item)
        present = [stay for stay in stays if stay[1] <= world.day(created) < stay[2]]
        _meet(world, item, present, topic)


def _meet(world: World, item: Item, present: Sequence[tuple[int, float, float, float]], topic: Topic) -> None:
    """The fans who are there like and answer one of our posts."""
    for index, _, _, zeal in present:
        time = world.later(item.post.created or 0, 8)
        if time is None or not world.people[index].there(world.day(time)):
            continue
        if world.chance.random() < min(0.8, 0.1 * zeal):
            item.likers.add(index)
            actor, target = world.people[index].ref, world.people[item.author].ref
            world.interactions.append(Interaction("weibo", actor, target, "like", time, item.post.native_id))
        if world.chance.random() < min(0.5, 0.045 * zeal):
            voice = world.people[index].voice
            text = world.writer.fill(world.chance.choice(lines("cast", "own.replies")), topic)
            text = world.writer.season(text + voice.end, voice, "weibo", glad=True)
            comment = world.post(index, text, time, kind="comment", answers=item.post)
            item.comments += 1
            world.items.append(Item(comment, index, None, 0.0))
            if world.chance.random() < 0.3 and (soon := world.later(time, 2)):
                thanks = world.chance.choice(lines("replies", "thanks"))
                answer = world.post(item.author, thanks, soon, kind="comment", answers=comment)
                world.items.append(Item(answer, item.author, None, 0.0))


def noise(world: World) -> None:
    """Brands that advertise, accounts paid to praise (near-duplicate texts) and bots that tick like clocks."""
    for topic in topics():
        for brand in topic.brands[: 1 + world.size // 2500]:
            index = _company(world, topic, f"{brand}官方", "brand", 4)
            for text in world.chance.sample(lines("cast", "brands.posts"), 3):
                _say(world, index, topic, world.writer.fill(text, topic, world.writer.slots(topic) | {"brand": brand}))
    for _ in range(max(3, world.size // 120)):
        topic = world.chance.choice(topics())
        index = _company(world, topic, world.names.new(topic), None, 2)
        text = world.chance.choice(lines("cast", "army.texts"))
        slots = world.writer.slots(topic)
        for _ in range(world.chance.randint(3, 6)):
            _say(world, index, topic, world.writer.fill(text, topic, slots))
    for number, text in enumerate(lines("cast", "bots.texts")):
        index = _company(world, topics()[number], f"整点助手{number + 1}号（机器人）", "bot", 1)
        for day in range(0, DAYS, 4):
            _say(world, index, topics()[number], world.writer.fill(text, topics()[number]), day * DAY + 8 * 3600)


def _company(world: World, topic: Topic, name: str, kind: AccountKind | None, digits: int) -> int:
    account = Account(
        world.chance.choices([p for p, _ in PLATFORMS], [w for _, w in PLATFORMS])[0],
        f"demo-x{len(world.people):05d}",
        name=name,
        bio="演示用的虚构账号" if kind else "好物分享 主页有惊喜",
        verified=True if kind == "brand" else None,
        kind=kind,
        followers=int(world.chance.uniform(1, 9) * 10**digits),
        following=world.chance.randint(50, 1800),
        posts=world.chance.randint(200, 4000),
        fetched=world.end,
    )
    index = len(world.people)
    world.people.append(Person(account, (topic,), world.writer.voice(), 0.0, 10.0))
    return index


def _say(world: World, index: int, topic: Topic, text: str, second: int | None = None) -> None:
    when = world.clock(world.people[index], world.chance.randrange(DAYS)) if second is None else world.start + second
    tags = (topic.tag,) if world.people[index].account.kind != "bot" else ()
    text = f"{text} #{topic.tag}#" if tags else text
    world.items.append(Item(world.post(index, text, when, tags=tags), index, None, 0.5))
