"""The invented world at work: who follows, writes, answers, forwards and likes, and when."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Final

from ..model import Account, Interaction, Media, Mention, Post, PostKind
from .people import DAYS, Names, Person, invent, provinces
from .text import Draft, Topic, Writer, lines, material, topics

ZONE: Final = "+08:00"
DAY: Final = 86_400
"""Seconds."""
_HOURS: Final = (2, 1, 0.5, 0.3, 0.2, 0.3, 1, 3, 5, 4, 4, 4.5, 6, 5, 3.5, 3.5, 3.5, 4, 5, 6, 7, 9, 9, 5)
"""How busy the hours of a day are, China time."""
_WEEKEND: Final = {"露营": 2.4, "美食": 1.5, "咖啡": 1.25, "宠物": 1.2, "母婴": 1.15, "穿搭": 1.1}
_MEDIA: Final[dict[str, Media]] = {"douyin": "video", "bilibili": "video", "zhihu": "text"}
_SIZE: Final = {"posts": 1.22, "comments": 1.02, "reposts": 0.3, "likes": 4.2}
"""Records of each kind a person of the population."""


@dataclass(slots=True)
class Item:
    """A post under way: what it says, and what it has earned so far."""

    post: Post
    author: int
    draft: Draft | None
    heat: float
    comments: int = 0
    shares: int = 0
    likers: set[int] = field(default_factory=set)


class Weighted:
    """Repeated weighted choice from a fixed list in logarithmic time."""

    def __init__(self, chance: random.Random, values: Sequence[int], weights: Sequence[float]) -> None:
        self._chance, self._values = chance, values
        self._sums = list(accumulate(weights))

    def __call__(self) -> int:
        return self._values[bisect_left(self._sums, self._chance.random() * self._sums[-1])]


class World:
    """Everybody and everything, growing step by step; all chance comes from one seeded generator."""

    def __init__(self, today: date, seed: int, size: int) -> None:
        self.chance = random.Random(seed)
        self.writer = Writer(self.chance)
        self.size = size
        self.end = int(datetime(today.year, today.month, today.day, tzinfo=UTC).timestamp()) - 8 * 3600
        self.start = self.end - DAYS * DAY
        self.today = today
        self.people: list[Person] = []
        self.items: list[Item] = []
        self.interactions: list[Interaction] = []
        self.circles: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.by_platform: dict[str, list[int]] = defaultdict(list)
        self.names = Names(self.chance)
        self._serial = 0
        self.stays: list[tuple[int, float, float, float]] = []
        """Our own fans: who, from which day to which, and how eager."""

    # people

    def populate(self) -> None:
        """Ordinary people; a circle of women in Shanghai who lose weight together; odd nicknames; minors."""
        sisters = self.size // 22
        hostile, minors = material("people")["hostile"], material("people")["minors"]
        for index in range(self.size):
            name = hostile[index] if index < len(hostile) else None
            bio = minors[index - 20] if 20 <= index < 20 + len(minors) else None
            sister = 40 <= index < 40 + sisters
            self.add(invent(index, self.writer, self.names, self.end, sister=sister, name=name, bio=bio))

    def add(self, person: Person) -> int:
        """Take somebody in; their index."""
        index = len(self.people)
        self.people.append(person)
        self.by_platform[person.account.platform].append(index)
        for topic in person.topics:
            self.circles[person.account.platform, topic.tag].append(index)
        return index

    def follow(self) -> None:
        """Everybody follows a few of their circle, the well known more often."""
        pickers = {
            circle: Weighted(self.chance, members, [self.people[i].account.followers or 1 for i in members])
            for circle, members in self.circles.items()
            if len(members) > 1
        }
        for index, person in enumerate(self.people):
            chosen: dict[int, None] = {}
            for _ in range(min(24, int(self.chance.paretovariate(1.1)) + 1)):
                circle = (person.account.platform, self.chance.choice(person.topics).tag)
                if circle in pickers and (other := pickers[circle]()) != index:
                    chosen[other] = None
            for other in chosen:
                person.following.append(other)
                self.people[other].fans.append(index)
                target = self.people[other].ref
                self.interactions.append(Interaction(target.platform, person.ref, target, "follow"))

    # posts

    def write_posts(self) -> None:
        """Original posts: topics by share and season, authors by activity, hours by habit."""
        shares = [topic.share for topic in topics()]
        authors = {
            topic.tag: Weighted(self.chance, members, [self.people[i].activity for i in members])
            for topic in topics()
            if (members := [i for circle, m in sorted(self.circles.items()) if circle[1] == topic.tag for i in m])
        }
        days = {topic.tag: self._season(topic) for topic in topics()}
        for _ in range(int(self.size * _SIZE["posts"])):
            topic = self.chance.choices(topics(), shares)[0]
            if topic.tag in authors:
                self._write(authors[topic.tag](), topic, days[topic.tag]() + self.chance.random())
        for index in range(40, min(40 + self.size // 22, self.size)):
            for _ in range(1 + (self.chance.random() < 0.35)):
                self._write(index, topics()[0], DAYS - 1 - self.chance.random() * 27, tagged=True)

    def _season(self, topic: Topic) -> Weighted:
        """Weights of the ninety days: weekends, a slow trend, and two days when everybody speaks of it."""
        first = self.today - timedelta(days=DAYS)
        trend = self.chance.uniform(-0.3, 0.6)
        weights = []
        for day in range(DAYS):
            weekday = (first + timedelta(days=day)).weekday()
            weekly = (
                _WEEKEND.get(topic.tag, 0.95) if weekday > 4 else 1.2 if weekday == 0 and topic.tag == "减肥" else 1
            )
            weights.append(weekly * (1 + trend * day / DAYS))
        for _ in range(2):
            peak = self.chance.randrange(5, DAYS)
            weights[peak] *= 2.6
        return Weighted(self.chance, range(DAYS), weights)

    def _write(self, index: int, topic: Topic, day: float, *, tagged: bool = False) -> None:
        person = self.people[index]
        if not person.there(day):
            return
        platform = person.account.platform
        draft = self.writer.post(topic, person.voice, platform, tagged=tagged)
        text = draft.text
        mentions: tuple[Mention, ...] = ()
        friends = [self.people[i].ref for i in person.following if (self.people[i].account.name or "").isalnum()]
        if friends and self.chance.random() < 0.05:
            friend = self.chance.choice(friends)
            text += f" @{friend.name} {self.chance.choice(lines('replies', 'friend'))}"
            mentions = (Mention(friend.name or "", friend.native_id),)
        post = self.post(index, text, self.clock(person, int(day)), tags=draft.tags, title=draft.title)
        fame = math.log10((person.account.followers or 1) + 10) + len(person.fans) ** 0.5
        heat = fame * self.chance.lognormvariate(0, 1.1)
        self.items.append(Item(replace(post, mentions=mentions), index, draft, heat))

    def post(
        self,
        index: int,
        text: str,
        created: int,
        *,
        kind: PostKind = "post",
        tags: tuple[str, ...] = (),
        title: str | None = None,
        answers: Post | None = None,
        repeats: Post | None = None,
    ) -> Post:
        """A post of the person ``index`` with the next id; it is not yet among the items."""
        person = self.people[index]
        self._serial += 1
        above = answers or repeats
        return Post(
            platform=person.account.platform,
            native_id=f"demo-p{self._serial:06d}",
            text=text,
            author=person.ref,
            created=created,
            zone=ZONE,
            kind=kind,
            title=title,
            tags=tags,
            reply_to=answers.native_id if answers else None,
            root=(above.root or above.native_id) if above else None,
            repost_of=repeats.native_id if repeats else None,
            lang="zh",
            media=_MEDIA.get(person.account.platform, "image") if kind == "post" else None,
            fetched=self.end,
        )

    def clock(self, person: Person, day: int) -> int:
        """A second of that day: at this person's own hour, or when everybody is awake."""
        if self.chance.random() < 0.55:
            hour = self.chance.gauss(person.hour, 1.3) % 24
        else:
            hour = self.chance.choices(range(24), _HOURS)[0] + self.chance.random()
        return self.start + day * DAY + min(int(hour * 3600), DAY - 1)

    def later(self, created: int, hours: float) -> int | None:
        """A time after ``created``, most often soon; asleep between one and six; None: after the last day."""
        time = created + 40 + int(self.chance.expovariate(1 / (hours * 3600)))
        while 1 <= (time - self.start) % DAY // 3600 < 6 and self.chance.random() < 0.85:
            time += self.chance.randint(1800, 5 * 3600)
        return time if time < self.end else None

    def day(self, time: int) -> float:
        """The day of the ninety, from 0, with its fraction."""
        return (time - self.start) / DAY

    def _audience(self, item: Item, time: int) -> int | None:
        """Somebody who may have seen a post: a fan, somebody of the circle, anybody of the platform."""
        author, roll = self.people[item.author], self.chance.random()
        circle: Sequence[int] = self.by_platform[author.account.platform]
        if author.fans and roll < 0.66:
            circle = author.fans
        elif roll < 0.93 and item.draft:
            circle = self.circles.get((author.account.platform, item.draft.topic.tag), circle)
        for _ in range(4):
            index = self.chance.choice(circle)
            person = self.people[index]
            if index != item.author and person.there(self.day(time)) and person.account.kind is None:
                return index
        return None

    # what others do

    def answer(self) -> None:
        """Comments that answer the post, thanks of the author, threads below comments, friends called."""
        hot = [item for item in self.items if item.draft]
        if not hot:
            return
        pick = Weighted(self.chance, range(len(hot)), [item.heat for item in hot])
        below: dict[str, list[tuple[Post, int]]] = defaultdict(list)
        for _ in range(int(self.size * _SIZE["comments"])):
            item = hot[pick()]
            time = self.later(item.post.created or 0, 7)
            reader = self._audience(item, time) if time else None
            if time is None or reader is None or item.draft is None:
                continue
            thread = below[item.post.native_id]
            earlier = [entry for entry in thread if (entry[0].created or 0) < time]
            if earlier and item.draft.act == "ask" and self.chance.random() < 0.25:
                parent, reader = earlier[-1][0], item.author
                text = self.chance.choice(lines("replies", "thanks"))
            elif earlier and self.chance.random() < 0.16:
                parent = self.chance.choice(earlier)[0]
                text = self.chance.choice(lines("replies", "short"))
            else:
                parent = item.post
                text = self.writer.reply(item.draft, self.people[reader].voice, item.post.platform)
            comment = self.post(reader, text, time, kind="comment", answers=parent)
            comment = self._call_friend(comment, reader)
            item.comments += 1
            thread.append((comment, reader))
            self.items.append(Item(comment, reader, None, 0.0))

    def _call_friend(self, comment: Post, index: int) -> Post:
        friends = [self.people[i].ref for i in self.people[index].following]
        friend = self.chance.choice(friends) if friends and self.chance.random() < 0.05 else None
        if friend is None or not (friend.name or "").isalnum():
            return comment
        text = f"@{friend.name} {self.chance.choice(lines('replies', 'friend'))}"
        return replace(comment, text=text, mentions=(Mention(friend.name or "", friend.native_id),))

    def forward(self) -> None:
        """Reposts where platforms have them; a few posts run far, through those who reposted them first."""
        pool = [item for item in self.items if item.draft and item.post.platform in ("weibo", "bilibili")]
        if not pool:
            return
        total = int(self.size * _SIZE["reposts"])
        hits = self.chance.sample(pool, min(len(pool), max(3, self.size // 220)))
        for item in hits:
            item.heat *= 6
            total -= self._cascade(item, self.chance.randint(12, 45))
        pick = Weighted(self.chance, range(len(pool)), [item.heat for item in pool])
        for _ in range(max(0, total)):
            self._cascade(pool[pick()], 1)

    def _cascade(self, item: Item, size: int) -> int:
        chain: list[Item] = [item]
        for _ in range(size):
            source = chain[0]
            if len(chain) > 1 and self.chance.random() < 0.4:
                source = max(self.chance.sample(chain[1:], min(3, len(chain) - 1)), key=lambda one: one.heat)
            time = self.later(source.post.created or 0, 9)
            seen = _seen_as(source, item)
            reader = self._audience(seen, time) if time else None
            if time is None or reader is None:
                continue
            words = self._forward_words(source, item)
            post = self.post(reader, words, time, kind="repost", repeats=source.post)
            source.shares += 1
            if source is not item:
                item.shares += 1
            copy = Item(post, reader, None, float(len(self.people[reader].fans)))
            chain.append(copy)
            self.items.append(copy)
        return len(chain) - 1

    def _forward_words(self, source: Item, item: Item) -> str:
        empty = "转发微博" if item.post.platform == "weibo" else "转发动态"
        own = empty if self.chance.random() < 0.3 else self.chance.choice(lines("replies", "forward"))
        if source is item:
            return own
        return f"{own}//@{source.post.author.name if source.post.author else ''}:{source.post.text}"

    def like(self) -> None:
        """Likes by those who may have seen a post; the platforms seldom say when."""
        pool = [item for item in self.items if item.draft]
        if not pool:
            return
        pick = Weighted(self.chance, range(len(pool)), [item.heat for item in pool])
        for _ in range(int(self.size * _SIZE["likes"])):
            item = pool[pick()]
            self._like(item, self.later(item.post.created or 0, 10), said=0.3)

    def _like(self, item: Item, time: int | None, said: float) -> None:
        reader = self._audience(item, time) if time else None
        if reader is None or reader in item.likers:
            return
        item.likers.add(reader)
        target = self.people[item.author].ref
        when = time if self.chance.random() < said else None
        actor = self.people[reader].ref
        self.interactions.append(Interaction(target.platform, actor, target, "like", when, item.post.native_id))

    # out

    def accounts(self) -> Iterator[Account]:
        """Older follower counts of some first, then everybody as of the last day."""
        for person in self.people:
            account = person.account
            if account.kind is None and self.chance.random() < 0.06 and account.followers is not None:
                change = self.chance.choice((0.6, 0.8, 0.95, 1.02, 1.1, 1.5, 2.6))
                for step in (4, 3, 2, 1):
                    then = int(account.followers / change ** (step / 4))
                    yield replace(account, fetched=self.end - step * 21 * DAY, followers=then)
        yield from (person.account for person in self.people)

    def finished_posts(self) -> Iterator[Post]:
        """Every post with the numbers it has earned, oldest first."""
        for item in sorted(self.items, key=lambda item: (item.post.created or 0, item.post.native_id)):
            person = self.people[item.author].account
            seen = (person.followers or 0) * 0.012 * self.chance.lognormvariate(0, 0.8) + item.heat
            if item.post.kind != "post":
                likes = len(item.likers) + (int(self.chance.paretovariate(1.2)) - 1) % 60
                yield replace(item.post, likes=likes, region=self._place(item))
                continue
            likes = len(item.likers) + int(seen)
            yield replace(
                item.post,
                likes=likes,
                comments=item.comments + int(seen * 0.06),
                shares=item.shares + int(seen * 0.03),
                saves=int(likes * 0.3) if person.platform in ("xiaohongshu", "douyin", "bilibili") else None,
                views=int(likes * self.chance.uniform(9, 40)) + 30 if person.platform in _MEDIA else None,
                region=self._place(item),
            )

    def _place(self, item: Item) -> str | None:
        """What the platform shows beside some posts: the province of the person, where it is known."""
        region = self.people[item.author].account.region
        return provinces().get(region.split()[0]) if region and item.post.platform in ("weibo", "zhihu") else None


def _seen_as(source: Item, item: Item) -> Item:
    """A repost seen as its root's topic, so that its own readers carry it on."""
    return source if source.draft else Item(source.post, source.author, item.draft, source.heat)
