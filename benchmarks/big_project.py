"""A project of real size with invented people, for measuring: nobody in it exists.

    python benchmarks/big_project.py OUT.db [--people 50000]

For 50,000 people: 500,000 posts that are already understood, 1,000,000 interactions, 2,000 follower lists over a year
of an own account (20,000 followers), 20,000 touches and as many outcomes, lists, campaigns, purchases, a
do-not-contact list. Rows are written straight into the tables (no text is analysed), the same for every run of a size.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from nlp.types import MODEL_VERSION
from xunke.accounts import _version
from xunke.clock import DAY, end_of
from xunke.persona import PERSONA_VERSION
from xunke.storage import Project, suppression
from xunke.storage.search import bigrams

TODAY: Final = date(2026, 11, 22)
NOW: Final = end_of(TODAY)
YEAR: Final = 365 * DAY
PLATFORMS: Final = ("weibo", "xiaohongshu", "douyin", "bilibili", "zhihu")
TOPICS: Final = ("减肥", "护肤", "美食", "宠物", "旅行", "健身", "摄影", "数码", "母婴", "穿搭", "读书", "咖啡")
PLACES: Final = (
    ("上海", "上海", "一线"), ("北京", "北京", "一线"), ("江苏", "苏州", "新一线"), ("浙江", "杭州", "新一线"),
    ("广东", "佛山", "新一线"), ("四川", "绵阳", "三线"), ("山东", "临沂", "二线"),
)  # fmt: skip
NEEDS: Final = ("seek_advice", "want_buy", "complain", "recommend", "compare")
SAID: Final = (
    "今天的{t}记录第{n}天，慢慢来", "求推荐靠谱的{t}，预算{n}以内，别太贵", "{t}踩坑第{n}回，真的气人",
    "安利一个{t}方法，用了{n}天很满意", "有没有人懂{t}？看了{n}篇还是不会怎么办？", "{t}日常 {n}",
)  # fmt: skip
STEPS: Final = ("follow", "reply", "engage", "talk", "offer")
CAME: Final = (
    "reply",
    "positive",
    "follow_back",
    "like",
    "click",
    "converted",
    "bought",
    "negative",
    "opt_out",
    "none",
)
SLOW: Final = 2.0
"""Exponent of how unequally posts, acts and attention are spread over people."""


def build(path: Path, people: int = 50_000, seed: int = 7) -> None:
    """Write the project to ``path``, which must not exist."""
    with Project.open(path) as project:
        project.writer.call(lambda db: _fill(db, people, random.Random(seed)))
        project.writer.call(lambda db: db.execute("analyze"))


def _fill(db: sqlite3.Connection, people: int, rng: random.Random) -> None:
    posts, acts, fans = people * 10, people * 20, people * 2 // 5
    db.executemany("insert into platform(id, name) values (?, ?)", enumerate(PLATFORMS, 1))
    db.execute("insert into source(id, kind, name, fetched) values (1, 'demo', 'invented', ?)", (NOW,))
    _people(db, people, rng)
    authors = _posts(db, posts, people, rng)
    _acts(db, acts, people, authors, rng)
    _followers(db, fans, people, rng)
    _work(db, people, rng)
    db.executemany("insert or replace into meta(key, value) values (?, ?)", [
        ("own_accounts", "[1]"), ("demo_day", TODAY.isoformat()), ("copies", f"{_version()}:{posts}:{posts}:{NOW}"),
        ("posts_read", f"{PERSONA_VERSION}:{posts}:{NOW}"), ("retention_swept", TODAY.isoformat()),
    ])  # fmt: skip


def _many(db: sqlite3.Connection, table: str, columns: str, rows: Iterator[tuple[Any, ...]] | list[Any]) -> None:
    marks = ", ".join("?" for _ in columns.split(","))
    db.executemany(f"insert or ignore into {table}({columns}) values ({marks})", rows)


def _at(rng: random.Random, size: int) -> int:
    """One of 1..size, the first ones far more often."""
    return 1 + int(size * rng.random() ** SLOW)


def _people(db: sqlite3.Connection, people: int, rng: random.Random) -> None:
    keys, accounts, facts, snapshots = [], [], [], []
    for n in range(1, people + 1):
        province, city, tier = rng.choice(PLACES)
        bio = f"{rng.choice(TOPICS)}爱好者" + ("，勿扰" if n % 97 == 0 else "")
        keys.append((n, 1 + n % 5, f"big-{n}"))
        kind = "brand" if n == 1 or n % 500 == 0 else "bot" if n % 333 == 0 else None
        accounts.append((n, f"虚构{n}", bio, city, "female" if n % 3 else "male", _at(rng, 90_000), rng.randrange(900),
                         rng.randrange(2000), n % 50 == 0, kind, NOW, 1, PERSONA_VERSION))  # fmt: skip
        told = [("gender", "female" if n % 3 else "male", "platform"), ("region", province, "platform"),
                ("city", city, "platform"), ("city_tier", tier, "platform")]  # fmt: skip
        told += [("interest", rng.choice(TOPICS), "bio")] if n % 2 else []
        told += [("age", rng.choice(("18-24", "25-29", "30-34", "35-44")), "bio")] if n % 4 == 0 else []
        told += [("minor", "true", "bio")] if n % 1999 == 0 else []
        facts += [(n, *fact, 0.9, fact[1], PERSONA_VERSION) for fact in told]
        snapshots.append((n, NOW - rng.randrange(YEAR), _at(rng, 90_000), 10, 10))
    _many(db, "account_key", "id, platform, native_id", keys)
    _many(db, "account", "id, name, bio, region, gender, followers, following, posts, verified, kind, fetched, source, "
          "understood", accounts)  # fmt: skip
    _many(db, "profile_fact", "account, fact, value, origin, confidence, quote, model", facts)
    _many(db, "follower_snapshot", "account, t, followers, following, posts", snapshots)
    _many(db, "follower_snapshot", "account, t, followers, following, posts",
          ((1, NOW - YEAR + k * YEAR // 2000, people * 2 // 5 + k, 10, 10) for k in range(2000)))  # fmt: skip


def _posts(db: sqlite3.Connection, posts: int, people: int, rng: random.Random) -> list[int]:
    """The posts, their words in the index, and what they were understood to say; the authors of all of them."""
    authors = [0] * (posts + 1)
    db.executemany("insert into tag(id, name, folded) values (?, ?, ?)", ((i, t, t) for i, t in enumerate(TOPICS, 1)))
    rows, features, tags, words = [], [], [], []
    mine: list[int] = []
    for n in range(1, posts + 1):
        author = 1 if n % 1000 == 0 else _at(rng, people)
        authors[n] = author
        topic, which = rng.choice(TOPICS), rng.randrange(len(SAID))
        text = SAID[which].format(t=topic, n=rng.randrange(1000))
        parent = None
        if n % 3 == 0 and n > 10:
            parent = rng.choice(mine) if mine and n % 33 == 0 else rng.randrange(max(1, n - 5000), n)
        created = NOW - YEAR + n * (YEAR - DAY) // posts + rng.randrange(DAY // 2)
        kind = "comment" if parent else "post"
        rows.append((n, author, kind, text, created, "+08:00", rng.randrange(60), rng.randrange(20), rng.randrange(9),
                     parent, parent, "zh", NOW, 1))  # fmt: skip
        mood = round(rng.random(), 3)
        detail = {
            "interests": [[topic, 0.9]], "topics": [], "needs": [[NEEDS[which % 5], 0.8]] if which else [],
            "spam_reasons": [], "life_events": [], "evidence": {topic: [topic]}, "quotes": {}, "about": {},
        }  # fmt: skip
        label = "positive" if mood > 0.66 else "negative" if mood < 0.33 else "neutral"
        features.append((n, f"xunke:{MODEL_VERSION}", "zh", mood, label, 0.9 if n % 41 == 0 else 0.03,
                         json.dumps(detail, ensure_ascii=False)))  # fmt: skip
        tags += [(1 + TOPICS.index(topic), n)] if n % 2 else []
        words.append((n, bigrams(text)))
        mine += [n] if author == 1 else []
    _many(db, "post_key", "id, platform, native_id",
          ((n, 1 + authors[n] % 5, f"post-{n}") for n in range(1, posts + 1)))  # fmt: skip
    _many(db, "post", "id, author, kind, text, created, zone, likes, comments, shares, reply_to, root, lang, fetched, "
          "source", rows)  # fmt: skip
    _many(db, "feature", "post, model, lang, sentiment, label, spam, detail", features)
    _many(db, "post_tag", "tag, post", tags)
    db.executemany("insert into post_fts(rowid, body) values (?, ?)", words)
    state = dict(db.execute("select author, count(*) || ':' || max(id) from post group by author"))
    signs = (
        (a, f"{_version()}:{NOW}:{state.get(a, '0:0')}:{NOW if a in state else 0}:0", 0.9 if a % 71 == 0 else 0.05, 9)
        for a in range(1, people + 1)
    )
    _many(db, "account_sign", "account, basis, spam, seen, detail", ((*row, "[]") for row in signs))
    return authors


def _acts(db: sqlite3.Connection, acts: int, people: int, authors: list[int], rng: random.Random) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(acts):
            post, actor, t = rng.randrange(1, len(authors)), _at(rng, people), NOW - rng.randrange(YEAR)
            kind = rng.choice((1, 2, 2, 3, 5, 5, 5, 6))
            target = 1 if n % 25 == 0 else authors[post]
            if target != actor:
                yield target, t, actor, kind, 0 if kind == 6 else post

    _many(db, "interaction", "target, t, actor, kind, post", rows())


def _followers(db: sqlite3.Connection, fans: int, people: int, rng: random.Random) -> None:
    """2,000 lists over a year, each sixth whole; some people leave and come back."""
    times = [NOW - YEAR + k * YEAR // 2000 for k in range(2000)]
    whole = [k for k in range(2000) if k % 6 == 5]
    size = [0] * 2001
    stretches, seen = [], []
    for account in sorted(rng.sample(range(2, people + 1), fans)):
        start = 0 if rng.random() < 0.6 else rng.randrange(1900)
        end = 1999 if rng.random() < 0.8 else rng.randrange(start, 2000)
        gone = next((k for k in whole if k > end), None)
        stretches.append(
            (1, account, times[start], times[end if gone else 1999], None if gone is None else times[gone])
        )
        size[start] += 1
        size[(end if gone else 1999) + 1] -= 1
        first = start if start % 6 != 5 else start + 1
        seen += (
            [(account, 1 + k) for k in {first, rng.randrange(first, end + 1)} if k % 6 != 5 and k <= end]
            if first <= end
            else []
        )
    now, lists = 0, []
    for k, t in enumerate(times):
        now += size[k]
        lists.append((1 + k, 1, t, int(k % 6 == 5), now if k % 6 == 5 else 50, now, 1))
    _many(db, "follower_list", "id, own, t, complete, size, said, source", lists)
    _many(db, "follower", "own, account, first, last, gone", stretches)
    _many(db, "follower_seen", "account, list", seen)


def _work(db: sqlite3.Connection, people: int, rng: random.Random) -> None:
    """Campaigns, lists, touches, outcomes, purchases, notes, consents, people who want to be left alone."""
    began = TODAY - timedelta(days=90)
    _many(db, "campaign", "id, name, state, goal, kpi, target, since, until, brief, created, updated",
          [(i, f"活动{i}", "running", "虚构", "reply_rate", 0.1, began.isoformat(), TODAY.isoformat(), "{}", NOW, NOW)
           for i in (1, 2, 3)])  # fmt: skip
    _many(db, "variant", "id, campaign, name, code, body, created",
          [(i, 1 + i % 3, f"版本{i}", f"CODE{i}", "正文", NOW) for i in range(1, 7)])  # fmt: skip
    _many(
        db,
        "saved_list",
        "id, name, target, purpose, basis, created, expires, setting",
        [(i, f"名单{i}", "people", "虚构", "public", NOW - 90 * DAY, NOW + 90 * DAY, "{}") for i in (1, 2, 3, 4)],
    )
    listed = people // 10
    for number in (1, 2, 3, 4):
        chosen = rng.sample(range(2, people + 1), listed)
        _many(db, "list_member", "list, item, rank, score, reason, channel, first_act, added, minutes",
              [(number, a, i, 1 - i / listed, "[]", PLATFORMS[a % 5], "reply", NOW - 90 * DAY, 5.0)
               for i, a in enumerate(chosen, 1)])  # fmt: skip
    _many(db, "campaign_list", "campaign, list", [(1, 1), (2, 2), (3, 3)])
    touched = people * 2 // 5
    touches, outcomes = [], []
    for n in range(1, touched + 1):
        account, t, campaign = 2 + _at(rng, people - 2), NOW - rng.randrange(DAY, 90 * DAY), 1 + n % 3
        touches.append((n, account, t, rng.choice(STEPS), PLATFORMS[account % 5], "done", campaign, campaign,
                        1 + n % 6, 5.0, t))  # fmt: skip
        kind = rng.choice(CAME)
        outcomes.append((n, account, t + rng.randrange(DAY), kind, 99.0 if kind == "bought" else None, n, campaign,
                         1 + n % 6, "user", t))  # fmt: skip
    _many(db, "touch", "id, account, t, step, channel, state, campaign, list, variant, minutes, created", touches)
    _many(db, "outcome", "id, account, t, kind, value, touch, campaign, variant, source, created", outcomes)
    _many(
        db,
        "cost",
        "campaign, day, kind, amount, minutes, created",
        [(1 + n % 3, (began + timedelta(days=n % 90)).isoformat(), "ads", 100.0, 30.0, NOW) for n in range(300)],
    )
    _many(db, "purchase", "account, t, amount, currency, what, native_id, source",
          [(_at(rng, people), NOW - rng.randrange(YEAR), 20.0 + n % 300, "CNY", "酸奶", f"o{n}", 1)
           for n in range(people // 5)])  # fmt: skip
    _many(
        db,
        "note",
        "account, t, kind, body, due",
        [(2 + n, NOW - n, "note", "虚构", TODAY.isoformat()) for n in range(500)],
    )
    _many(db, "consent", "account, kind, t, evidence", [(2 + n, "sms", NOW - n, "虚构") for n in range(people // 20)])
    quiet = [3 + n * 499 % (people - 3) for n in range(people // 500)]
    suppression.add(db, [(PLATFORMS[n % 5], f"big-{n}", None, None) for n in quiet], "user")


def main() -> None:
    """Write the file and say how long that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--people", type=int, default=50_000)
    args = parser.parse_args()
    began = time.perf_counter()
    build(args.out, args.people)
    print(f"{args.out}: {args.people} invented people in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
