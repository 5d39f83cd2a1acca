"""The sample project: invented people, posts and meetings of ninety days, for a first run without any account.

Everything here is invented: nobody, no brand and no post in it exists. All ids begin with ``demo-``. The same
``(today, seed, people)`` gives the same records, without a clock and without the global random generator.
Nicknames include a few hostile ones on purpose (markup, formulas, escapes), as raw as a platform would send them.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import Final

from .demo_text import Draft, Topic, Voice, Writer, lines, material, topics
from .model import Account, AccountKind, Gender, Interaction, Media, Mention, Post, PostKind, Record

DAYS: Final = 90
ZONE: Final = "+08:00"
OWN: Final = "demo-own"
"""Native id of "our" brand account, on weibo: the one whose history the sample project shows."""
_DAY: Final = 86_400
_PLATFORMS: Final = (("weibo", 42), ("xiaohongshu", 26), ("douyin", 14), ("bilibili", 11), ("zhihu", 7))
_HOURS: Final = (2, 1, 0.5, 0.3, 0.2, 0.3, 1, 3, 5, 4, 4, 4.5, 6, 5, 3.5, 3.5, 3.5, 4, 5, 6, 7, 9, 9, 5)
"""How busy the hours of a day are, China time."""
_WEEKEND: Final = {"露营": 2.4, "美食": 1.5, "咖啡": 1.25, "宠物": 1.2, "母婴": 1.15, "穿搭": 1.1}
_MEDIA: Final[dict[str, Media]] = {"douyin": "video", "bilibili": "video", "zhihu": "text"}
_SIZE: Final = {"posts": 1.22, "comments": 1.02, "reposts": 0.3, "likes": 4.2}
"""Records of each kind a person of the population."""


@dataclass(slots=True)
class _Person:
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


@dataclass(slots=True)
class _Item:
    """A post under way: what it says, and what it has earned so far."""

    post: Post
    author: int
    draft: Draft | None
    heat: float
    comments: int = 0
    shares: int = 0
    likers: set[int] = field(default_factory=set)


def records(today: date, seed: int = 20261122, people: int = 3000) -> Iterator[Record]:
    """The sample project as a collector would yield it: accounts, posts, interactions (likes and follows).

    Accounts come with older follower counts first; replies, reposts and mentions are in the posts themselves.

    Posts lie in the ``DAYS`` days before ``today`` 00:00 China time. ``people`` is the size of the population;
    everything else grows with it.
    """
    world = _World(today, seed, people)
    world.populate()
    world.follow()
    world.write_posts()
    world.answer()
    world.forward()
    world.own_brand()
    world.noise()
    world.like()
    yield from world.accounts()
    yield from world.posts()
    yield from world.interactions


class _Weighted:
    """Repeated weighted choice from a fixed list in logarithmic time."""

    def __init__(self, chance: random.Random, values: Sequence[int], weights: Sequence[float]) -> None:
        self._chance, self._values = chance, values
        self._sums = list(accumulate(weights))

    def __call__(self) -> int:
        return self._values[bisect_left(self._sums, self._chance.random() * self._sums[-1])]


class _World:
    def __init__(self, today: date, seed: int, size: int) -> None:
        self.chance = random.Random(seed)
        self.writer = Writer(self.chance)
        self.size = size
        self.end = int(datetime(today.year, today.month, today.day, tzinfo=UTC).timestamp()) - 8 * 3600
        self.start = self.end - DAYS * _DAY
        self.today = today
        self.people: list[_Person] = []
        self.items: list[_Item] = []
        self.interactions: list[Interaction] = []
        self.circles: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.by_platform: dict[str, list[int]] = defaultdict(list)
        self._names: set[str] = set()
        self._serial = 0

    # people

    def populate(self) -> None:
        """Ordinary people; a circle of women in Shanghai who lose weight together; odd nicknames; minors."""
        sisters = self.size // 22
        hostile, minors = material("people")["hostile"], material("people")["minors"]
        for index in range(self.size):
            name = hostile[index] if index < len(hostile) else None
            bio = minors[index - 20] if 20 <= index < 20 + len(minors) else None
            self._add(_invent(self, index, sister=40 <= index < 40 + sisters, name=name, bio=bio))

    def _add(self, person: _Person) -> int:
        index = len(self.people)
        self.people.append(person)
        self.by_platform[person.account.platform].append(index)
        for topic in person.topics:
            self.circles[person.account.platform, topic.tag].append(index)
        return index

    def nickname(self, topic: Topic) -> str:
        """A nickname that nobody in this world has yet."""
        pick, roll = self.chance.choice, self.chance.random
        heads, tails = _words("heads"), _words("tails")
        own = [word.partition(":")[2] for word in _words("topic_names") if word.startswith(topic.tag)]
        while True:
            kind = roll()
            if kind < 0.42:
                name = pick(heads) + pick(tails)
            elif kind < 0.6:
                name = pick(heads) + pick(own)
            elif kind < 0.74:
                name = pick(_words("latin")) + pick(("", "_", "酱", "在路上", "不加糖", "呀", "er")) + pick(tails)
            elif kind < 0.86:
                name = pick(heads) + pick(heads) + pick(tails)
            else:
                name = pick(tails) + pick(("的", "爱", "和", "不吃")) + pick(tails)
            if roll() < 0.22:
                name += str(self.chance.randint(1, 2000))
            if name not in self._names:
                self._names.add(name)
                return name

    def follow(self) -> None:
        """Everybody follows a few of their circle, the well known more often."""
        pickers = {
            circle: _Weighted(self.chance, members, [self.people[i].account.followers or 1 for i in members])
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
            topic.tag: _Weighted(self.chance, members, [self.people[i].activity for i in members])
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

    def _season(self, topic: Topic) -> _Weighted:
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
        return _Weighted(self.chance, range(DAYS), weights)

    def _write(self, index: int, topic: Topic, day: float, *, tagged: bool = False) -> None:
        person = self.people[index]
        if not person.there(day):
            return
        platform = person.account.platform
        draft = self.writer.post(topic, person.voice, platform, tagged=tagged)
        text, mentions = draft.text, ()
        friends = [self.people[i].ref for i in person.following if (self.people[i].account.name or "").isalnum()]
        if friends and self.chance.random() < 0.05:
            friend = self.chance.choice(friends)
            text += f" @{friend.name} {self.chance.choice(lines('replies', 'friend'))}"
            mentions = (Mention(friend.name or "", friend.native_id),)
        post = self._post(index, text, self._clock(person, int(day)), tags=draft.tags, title=draft.title)
        fame = math.log10((person.account.followers or 1) + 10) + len(person.fans) ** 0.5
        heat = fame * self.chance.lognormvariate(0, 1.1)
        self.items.append(_Item(replace(post, mentions=mentions), index, draft, heat))

    def _post(
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

    def _clock(self, person: _Person, day: int) -> int:
        """A second of that day: at this person's own hour, or when everybody is awake."""
        if self.chance.random() < 0.55:
            hour = self.chance.gauss(person.hour, 1.3) % 24
        else:
            hour = self.chance.choices(range(24), _HOURS)[0] + self.chance.random()
        return self.start + day * _DAY + min(int(hour * 3600), _DAY - 1)

    def _later(self, created: int, hours: float) -> int | None:
        """A time after ``created``, most often soon; asleep between one and six; None: after the last day."""
        time = created + 40 + int(self.chance.expovariate(1 / (hours * 3600)))
        while 1 <= (time - self.start) % _DAY // 3600 < 6 and self.chance.random() < 0.85:
            time += self.chance.randint(1800, 5 * 3600)
        return time if time < self.end else None

    def _day(self, time: int) -> float:
        return (time - self.start) / _DAY

    def _audience(self, item: _Item, time: int) -> int | None:
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
            if index != item.author and person.there(self._day(time)) and person.account.kind is None:
                return index
        return None

    # what others do

    def answer(self) -> None:
        """Comments that answer the post, thanks of the author, threads below comments, friends called."""
        hot = [item for item in self.items if item.draft]
        if not hot:
            return
        pick = _Weighted(self.chance, range(len(hot)), [item.heat for item in hot])
        below: dict[str, list[tuple[Post, int]]] = defaultdict(list)
        for _ in range(int(self.size * _SIZE["comments"])):
            item = hot[pick()]
            time = self._later(item.post.created or 0, 7)
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
            comment = self._post(reader, text, time, kind="comment", answers=parent)
            comment = self._call_friend(comment, reader)
            item.comments += 1
            thread.append((comment, reader))
            self.items.append(_Item(comment, reader, None, 0.0))

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
        pick = _Weighted(self.chance, range(len(pool)), [item.heat for item in pool])
        for _ in range(max(0, total)):
            self._cascade(pool[pick()], 1)

    def _cascade(self, item: _Item, size: int) -> int:
        chain: list[_Item] = [item]
        for _ in range(size):
            source = chain[0]
            if len(chain) > 1 and self.chance.random() < 0.4:
                source = max(self.chance.sample(chain[1:], min(3, len(chain) - 1)), key=lambda one: one.heat)
            time = self._later(source.post.created or 0, 9)
            seen = _seen_as(source, item)
            reader = self._audience(seen, time) if time else None
            if time is None or reader is None:
                continue
            words = self._forward_words(source, item)
            post = self._post(reader, words, time, kind="repost", repeats=source.post)
            source.shares += 1
            if source is not item:
                item.shares += 1
            copy = _Item(post, reader, None, float(len(self.people[reader].fans)))
            chain.append(copy)
            self.items.append(copy)
        return len(chain) - 1

    def _forward_words(self, source: _Item, item: _Item) -> str:
        own = "转发微博" if self.chance.random() < 0.3 else self.chance.choice(lines("replies", "forward"))
        if source is item:
            return own
        return f"{own}//@{source.post.author.name if source.post.author else ''}:{source.post.text}"

    def like(self) -> None:
        """Likes by those who may have seen a post; the platforms seldom say when."""
        pool = [item for item in self.items if item.draft]
        if not pool:
            return
        pick = _Weighted(self.chance, range(len(pool)), [item.heat for item in pool])
        for _ in range(int(self.size * _SIZE["likes"])):
            item = pool[pick()]
            self._like(item, self._later(item.post.created or 0, 10), said=0.3)

    def _like(self, item: _Item, time: int | None, said: float) -> None:
        reader = self._audience(item, time) if time else None
        if reader is None or reader in item.likers:
            return
        item.likers.add(reader)
        target = self.people[item.author].ref
        when = time if self.chance.random() < said else None
        actor = self.people[reader].ref
        self.interactions.append(Interaction(target.platform, actor, target, "like", when, item.post.native_id))

    # our brand, other brands, water armies, bots

    def own_brand(self) -> None:
        """Our account: its posts, and fans who come, answer, tire or stay over ninety days."""
        data = material("cast")["own"]
        topic = topics()[0]
        account = Account(
            "weibo", OWN, name=data["name"], bio=data["bio"], region="上海 静安区", verified=True, kind="brand",
            followers=9_846, following=212, posts=1_120, fetched=self.end,
        )  # fmt: skip
        own = self._add(_Person(account, (topic,), self.writer.voice(), 1.0, 11.5))
        fans = [i for i in self.circles["weibo", topic.tag] + self.circles["weibo", "美食"] if i != own]
        fans = [i for i in dict.fromkeys(fans) if self.people[i].account.kind is None]
        fans = self.chance.sample(fans, min(len(fans), max(12, self.size // 14)))
        stays: list[tuple[int, float, float, float]] = []
        for index in fans:
            person = self.people[index]
            came = max(person.first_day, self.chance.uniform(-40, 75))
            left = self.chance.uniform(came + 5, 70) if came < 45 and self.chance.random() < 0.3 else person.last_day
            stays.append((index, came, left, self.chance.paretovariate(1.4)))
            if came >= 0:
                when = self._clock(person, int(came))
                self.interactions.append(Interaction("weibo", person.ref, self.people[own].ref, "follow", when))
        texts = lines("cast", "own.posts")
        gap = DAYS / (len(texts) + 1)
        for number, text in enumerate(texts, start=1):
            created = (
                self.start + int(number * gap) * _DAY + self.chance.choice((11, 12, 18, 20)) * 3600 + number * 97
            )
            tags = tuple(part for part in text.split("#")[1::2])
            item = _Item(self._post(own, text, created, tags=tags), own, None, 0.0)
            self.items.append(item)
            present = [stay for stay in stays if stay[1] <= self._day(created) < stay[2]]
            self._meet(item, present, topic)

    def _meet(self, item: _Item, present: Sequence[tuple[int, float, float, float]], topic: Topic) -> None:
        """The fans who are there like and answer one of our posts."""
        for index, _, _, zeal in present:
            time = self._later(item.post.created or 0, 8)
            if time is None or not self.people[index].there(self._day(time)):
                continue
            if self.chance.random() < min(0.8, 0.1 * zeal):
                item.likers.add(index)
                actor, target = self.people[index].ref, self.people[item.author].ref
                self.interactions.append(Interaction("weibo", actor, target, "like", time, item.post.native_id))
            if self.chance.random() < min(0.5, 0.045 * zeal):
                voice = self.people[index].voice
                text = self.writer.fill(self.chance.choice(lines("cast", "own.replies")), topic)
                text = self.writer.season(text + voice.end, voice, "weibo", glad=True)
                comment = self._post(index, text, time, kind="comment", answers=item.post)
                item.comments += 1
                self.items.append(_Item(comment, index, None, 0.0))
                if self.chance.random() < 0.3 and (soon := self._later(time, 2)):
                    thanks = self.chance.choice(lines("replies", "thanks"))
                    answer = self._post(item.author, thanks, soon, kind="comment", answers=comment)
                    self.items.append(_Item(answer, item.author, None, 0.0))

    def noise(self) -> None:
        """Brands that advertise, accounts paid to praise (near-duplicate texts) and bots that tick like clocks."""
        for topic in topics():
            for brand in topic.brands[: 1 + self.size // 2500]:
                index = self._company(topic, f"{brand}官方", "brand", 4)
                for text in self.chance.sample(lines("cast", "brands.posts"), 3):
                    self._say(
                        index, topic, self.writer.fill(text, topic, self.writer.slots(topic) | {"brand": brand})
                    )
        for _ in range(max(3, self.size // 120)):
            topic = self.chance.choice(topics())
            index = self._company(topic, self.nickname(topic), None, 2)
            text = self.chance.choice(lines("cast", "army.texts"))
            slots = self.writer.slots(topic)
            for _ in range(self.chance.randint(3, 6)):
                self._say(index, topic, self.writer.fill(text, topic, slots))
        for number, text in enumerate(lines("cast", "bots.texts")):
            index = self._company(topics()[number], f"整点助手{number + 1}号（机器人）", "bot", 1)
            for day in range(0, DAYS, 4):
                self._say(index, topics()[number], self.writer.fill(text, topics()[number]), day * _DAY + 8 * 3600)

    def _company(self, topic: Topic, name: str, kind: AccountKind | None, digits: int) -> int:
        account = Account(
            self.chance.choices([p for p, _ in _PLATFORMS], [w for _, w in _PLATFORMS])[0],
            f"demo-x{len(self.people):05d}",
            name=name,
            bio="演示用的虚构账号" if kind else "好物分享 主页有惊喜",
            verified=True if kind == "brand" else None,
            kind=kind,
            followers=int(self.chance.uniform(1, 9) * 10**digits),
            following=self.chance.randint(50, 1800),
            posts=self.chance.randint(200, 4000),
            fetched=self.end,
        )
        index = len(self.people)
        self.people.append(_Person(account, (topic,), self.writer.voice(), 0.0, 10.0))
        return index

    def _say(self, index: int, topic: Topic, text: str, second: int | None = None) -> None:
        when = self._clock(self.people[index], self.chance.randrange(DAYS)) if second is None else self.start + second
        tags = (topic.tag,) if self.people[index].account.kind != "bot" else ()
        text = f"{text} #{topic.tag}#" if tags else text
        self.items.append(_Item(self._post(index, text, when, tags=tags), index, None, 0.5))

    # out

    def accounts(self) -> Iterator[Account]:
        """Older follower counts first (weekly for our brand, four for some), then everybody as of the last day."""
        for person in self.people:
            account = person.account
            if account.native_id == OWN:
                yield from (replace(account, fetched=t, followers=n) for t, n in self._own_growth(account))
            elif account.kind is None and self.chance.random() < 0.06 and account.followers is not None:
                change = self.chance.choice((0.6, 0.8, 0.95, 1.02, 1.1, 1.5, 2.6))
                for step in (4, 3, 2, 1):
                    then = int(account.followers / change ** (step / 4))
                    yield replace(account, fetched=self.end - step * 21 * _DAY, followers=then)
        yield from (person.account for person in self.people)

    def _own_growth(self, account: Account) -> Iterator[tuple[int, int]]:
        """Weekly: slow growth, a jump after the tasting, a loss in the week of late deliveries."""
        now = account.followers or 0
        steps = (0, 41, 96, 150, 120, 37, 88, 140, 455, 780, 842, 905, 1_010)
        for week, gained in enumerate(steps):
            yield self.start + week * 7 * _DAY, now - 1_150 + gained

    def posts(self) -> Iterator[Post]:
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

    def _place(self, item: _Item) -> str | None:
        """What the platform shows beside some posts: the province of the person, where it is known."""
        region = self.people[item.author].account.region
        return _provinces().get(region.split()[0]) if region and item.post.platform in ("weibo", "zhihu") else None


def _seen_as(source: _Item, item: _Item) -> _Item:
    """A repost seen as its root's topic, so that its own readers carry it on."""
    return source if source.draft else _Item(source.post, source.author, item.draft, source.heat)


def _words(key: str) -> tuple[str, ...]:
    """Blank-separated words of people.toml."""
    return tuple(word for line in lines("people", key) for word in line.split())


@dataclass(frozen=True, slots=True)
class _City:
    name: str
    weight: int
    province: str
    districts: tuple[str, ...]


@cache
def _cities() -> tuple[_City, ...]:
    rows = [line.split() for line in lines("people", "cities")]
    return tuple(_City(name, int(weight), province, tuple(rest)) for name, weight, province, *rest in rows)


@cache
def _provinces() -> dict[str, str]:
    """City or province as written first in a region -> province."""
    return {name: city.province for city in _cities() for name in (city.province, city.name)}


def _invent(world: _World, index: int, *, sister: bool, name: str | None, bio: str | None) -> _Person:
    """One person. ``sister``: of the Shanghai circle, who all say where they live and that they are women."""
    chance = world.chance
    platform = chance.choices([p for p, _ in _PLATFORMS], [w for _, w in _PLATFORMS])[0]
    interests = _interests(chance, sister)
    female = sister or chance.random() < interests[0].female
    city = _cities()[0] if sister else chance.choices(_cities(), [c.weight for c in _cities()])[0]
    in_bio = chance.random() < (0.4 if sister else 0.22)
    shows_region = (sister and not in_bio) or chance.random() < 0.5
    says_gender = chance.random() < (0.3 if sister else 0.16)
    shows_gender = (sister and not says_gender) or chance.random() < 0.5
    gender: Gender = "female" if female else "male"
    followers = min(int(30 * chance.paretovariate(0.75)), 2_400_000)
    account = Account(
        platform=platform,
        native_id=f"demo-{index:05d}",
        name=name or world.nickname(interests[0]),
        bio=bio or _bio(chance, interests[0], female, city.name if in_bio else None, says_gender),
        region=_region(chance, platform, city) if shows_region else None,
        gender=gender if shows_gender else None,
        followers=followers,
        following=chance.randint(12, 900),
        posts=int(chance.lognormvariate(4.5, 1.1)),
        verified=True if followers > 60_000 and chance.random() < 0.6 else None,
        listed=False if chance.random() < 0.004 else None,
        tags=tuple(topic.tag for topic in interests) if chance.random() < 0.35 else (),
        fetched=world.end,
    )
    activity = min(chance.paretovariate(1.15), 60)
    person = _Person(account, interests, world.writer.voice(), activity, chance.choice(_TIMES))
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


def _region(chance: random.Random, platform: str, city: _City) -> str:
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
    traits = [word.partition(":")[2] for word in _words("traits") if word.startswith(topic.tag)]
    parts = [pick(traits)] if chance.random() < 0.6 else []
    if city:
        parts.append(pick(("坐标{}", "📍{}", "{}", "base{}", "人在{}", "现居{}", "坐标{}")).format(city))
    if says_gender:
        mother = female and topic.tag == "母婴" and chance.random() < 0.6
        parts.append("宝妈一枚" if mother else pick(_SAYS[female]).format(chance.randint(82, 99)))
    elif chance.random() < 0.12:
        parts.append(f"{pick(('85', '90', '95', '00'))}后")
    if chance.random() < 0.15:
        parts.append(pick(_words("jobs")))
    if chance.random() < 0.4:
        parts.append(pick(_words("mottos")))
    chance.shuffle(parts)
    return pick((" | ", "｜", " / ", "，", "\n", " ")).join(parts) if parts else None


_SAYS: Final = {
    True: ("女", "女生一枚", "{}年女生", "本人女", "妹子一枚", "{}年 女", "小姐姐一枚"),
    False: ("男", "男生一枚", "{}年男生", "本人男", "{}年 男", "小伙一枚"),
}
