"""How well accounts of one person are told: on invented people, simulated and seeded, not on real ones.

    python benchmarks/identity.py [--people 1500] [--seed 7]

Each person has one to three accounts on different platforms. Names stay, get decorated, misspelt or change; bios are
copied, edited or new; many profiles leave things out. The traps: common names borne by many, and namesakes who live
in the same place. Prints precision and recall of pairs at several probabilities, and whether p is calibrated.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from xunke.demo.people import Names, cities, words
from xunke.demo.text import topics
from xunke.model import Account, Post, Provenance
from xunke.outreach import identity
from xunke.storage import Project

PLATFORMS = ("weibo", "xiaohongshu", "douyin", "bilibili", "zhihu")
COMMON = ("小美", "momo", "可可", "小雨", "阿杰", "晴天", "月亮", "糖糖", "一只猫", "Lily", "小王", "吃货")
HOST = ("blog.example.org", "mysite.example.cn", "photo.example.net")


def world(people: int, seed: int) -> tuple[list[Account], list[Post], set[tuple[str, str]]]:
    """Accounts, their posts, and the true pairs as (native id, native id)."""
    chance = random.Random(seed)
    names, known = Names(chance), topics()
    accounts: list[Account] = []
    posts: list[Post] = []
    truth: set[tuple[str, str]] = set()
    for number in range(people):
        topic = chance.choice(known)
        name = chance.choice(COMMON) if chance.random() < 0.2 else names.new(topic)
        handle = "".join(chance.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(chance.randint(5, 9)))
        city = chance.choice(cities()).name
        bio = _bio(chance, topic.tag)
        link = f"https://{chance.choice(HOST)}/{handle}{chance.randint(1, 99)}" if chance.random() < 0.12 else None
        count = chance.choices((1, 2, 3), (60, 30, 10))[0]
        mine = []
        for platform in chance.sample(PLATFORMS, count):
            native = f"{platform[:2]}{number:05d}{chance.randint(10, 99)}"
            account = Account(
                platform, native,
                name=name if not mine else _variant(chance, name, names, topic),
                handle=_handle(chance, handle) if chance.random() < 0.3 else None,
                bio=_edited(chance, bio, topic.tag, link, platform, name) if chance.random() < 0.75 else None,
                region=city if chance.random() < 0.6 else None, fetched=1_790_000_000,
            )  # fmt: skip
            accounts.append(account)
            mine.append(native)
            for turn in range(chance.randint(0, 4)):
                tag = topic.tag if chance.random() < 0.7 else chance.choice(known).tag
                posts.append(Post(platform, f"{native}p{turn}", f"{tag} #{tag}#", author=account, tags=(tag,),
                                  created=1_789_000_000 + turn, fetched=1_790_000_000))  # fmt: skip
        truth |= {tuple(sorted(pair)) for pair in combinations(mine, 2)}  # type: ignore[misc]
    return accounts, posts, truth


def _bio(chance: random.Random, tag: str) -> str:
    parts = chance.sample(words("nouns"), 3)
    return f"{tag}爱好者，{parts[0]}和{parts[1]}，{chance.choice(('记录', '分享', '慢慢'))}{parts[2]}"


def _variant(chance: random.Random, name: str, names: Names, topic: object) -> str:
    roll = chance.random()
    if roll < 0.55:
        return name
    if roll < 0.72:
        return chance.choice(("{}酱", "{}_", "小{}", "{}吖", "{}{n}", "是{}", "{}本人", "{}✨")).format(
            name, n=chance.randint(1, 999)
        )
    if roll < 0.82 and len(name) >= 4:
        place = chance.randrange(len(name))
        return name[:place] + chance.choice("鱼花月lae") + name[place + 1 :]
    return names.new(topic)  # type: ignore[arg-type]


def _handle(chance: random.Random, handle: str) -> str:
    roll = chance.random()
    return handle if roll < 0.7 else f"{handle}{chance.randint(1, 99)}" if roll < 0.9 else handle[::-1]


def _edited(chance: random.Random, bio: str, tag: str, link: str | None, platform: str, name: str) -> str:
    roll = chance.random()
    text = (
        bio if roll < 0.35 else bio.partition("，")[0] + "，" + _bio(chance, tag) if roll < 0.6 else _bio(chance, tag)
    )
    if link and chance.random() < 0.7:
        text += f" {link}"
    if platform != "weibo" and chance.random() < 0.06:
        text += f" 微博@{name}"
    return text


def scored(project: Project, truth: set[tuple[str, str]]) -> Iterator[tuple[float, bool]]:
    """(p, whether the pair is one person) of every pair that was found."""
    native = dict(project.query("select id, native_id from account_key"))
    for pair in identity.pairs(project, None):
        yield pair.p, tuple(sorted((native[pair.a], native[pair.b]))) in truth


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    accounts, posts, truth = world(args.people, args.seed)
    with tempfile.TemporaryDirectory() as folder, Project.open(Path(folder) / "same.db") as project:
        project.add([*accounts, *posts], Provenance("user", "invented"))
        _facts(project)
        started = time.perf_counter()
        identity.find(project)
        seconds = time.perf_counter() - started
        found = list(scored(project, truth))
    print("SIMULATED people, not real ones")
    print(f"people {args.people}, accounts {len(accounts)}, true pairs {len(truth)}, found in {seconds:.1f} s")
    for least in (0.99, 0.9, 0.7, 0.5, 0.2):
        taken = [right for p, right in found if p >= least]
        right = sum(taken)
        print(
            f"p >= {least}: {len(taken)} pairs, precision {right / max(1, len(taken)):.3f}, "
            f"recall {right / len(truth):.3f}"
        )
    for low, high in ((0.1, 0.5), (0.5, 0.9), (0.9, 0.99), (0.99, 1.01)):
        part = [(p, right) for p, right in found if low <= p < high]
        if part:
            said = sum(p for p, _ in part) / len(part)
            print(f"said {said:.3f} on {len(part)} pairs, right {sum(r for _, r in part) / len(part):.3f}")


def _facts(project: Project) -> None:
    import asyncio

    from xunke.persona import understand_people

    async def run() -> None:
        async for _ in understand_people(project):
            pass

    asyncio.run(run())


if __name__ == "__main__":
    main()
