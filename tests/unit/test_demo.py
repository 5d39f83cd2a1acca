"""The sample project: deterministic, believable in its numbers, free of anything that could be a real contact."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median

import pytest

from nlp.persona import stated_facts
from xunke.demo import DAYS, OWN, records
from xunke.model import Account, Interaction, Post, Record

TODAY = date(2026, 11, 22)
END = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp()) - 8 * 3600


@pytest.fixture(scope="module")
def world() -> list[Record]:
    return list(records(TODAY))


@pytest.fixture(scope="module")
def posts(world: list[Record]) -> list[Post]:
    return [record for record in world if isinstance(record, Post)]


@pytest.fixture(scope="module")
def people(world: list[Record]) -> dict[str, Account]:
    return {record.native_id: record for record in world if isinstance(record, Account)}


def author(post: Post) -> str:
    assert post.author is not None
    return post.author.native_id


def test_same_day_and_seed_same_records() -> None:
    first = list(records(TODAY, people=300))
    assert first == list(records(TODAY, people=300))
    assert first != list(records(TODAY, seed=7, people=300))


def test_another_day_moves_all_times() -> None:
    def span(today: date) -> tuple[int, int]:
        times = [r.created for r in records(today, people=150) if isinstance(r, Post) and r.created is not None]
        return min(times), max(times)

    first, later = span(TODAY), span(TODAY + timedelta(days=10))
    assert later[0] > first[0] + 8 * 86_400
    assert later[1] <= END + 10 * 86_400


def test_size(posts: list[Post], people: dict[str, Account]) -> None:
    assert 2_900 <= len(people) <= 3_200
    assert 6_000 <= len(posts) <= 9_000
    kinds = Counter(post.kind for post in posts)
    assert min(kinds["post"], kinds["comment"], kinds["repost"]) > 500


@pytest.mark.parametrize("size", [0, 1, 5, 60])
def test_small_worlds_work(size: int) -> None:
    assert any(isinstance(record, Account) and record.native_id == OWN for record in records(TODAY, people=size))


def test_posts_differ(posts: list[Post]) -> None:
    texts = [post.text for post in posts if post.kind == "post"]
    assert len(set(texts)) >= 0.95 * len(texts)
    openings = Counter(re.sub(r"#\S+\s*", "", text)[:12] for text in texts)
    assert openings.most_common(1)[0][1] < 0.02 * len(texts)


def test_women_of_shanghai_who_speak_of_losing_weight(posts: list[Post], people: dict[str, Account]) -> None:
    found: dict[str, tuple[bool, bool]] = {}
    for post in posts:
        account = people[author(post)]
        if "减肥" not in post.tags or (post.created or 0) < END - 30 * 86_400 or account.kind:
            continue
        said = {(fact.fact, fact.value) for fact in stated_facts(account.bio, year=2026)}
        region = "上海" in (account.region or "") or ("region", "上海") in said
        if region and (account.gender == "female" or ("gender", "female") in said):
            found[account.native_id] = (account.region is not None, account.gender is not None)
    assert len(found) >= 70
    assert len(set(found.values())) == 4  # place and gender: from the profile field or from the bio, in every mixture


def test_many_do_not_say(people: dict[str, Account]) -> None:
    said = {a.native_id: {fact.fact for fact in stated_facts(a.bio)} for a in people.values()}
    silent = [a for a in people.values() if a.gender is None and "gender" not in said[a.native_id]]
    nowhere = [a for a in people.values() if a.region is None and "region" not in said[a.native_id]]
    assert len(silent) > 0.25 * len(people)
    assert len(nowhere) > 0.25 * len(people)


def test_times_are_in_range_and_follow_the_day(posts: list[Post]) -> None:
    times = [post.created for post in posts if post.created is not None]
    assert len(times) == len(posts)
    assert min(times) >= END - DAYS * 86_400
    assert max(times) < END
    hours = Counter((time + 8 * 3600) % 86_400 // 3600 for time in times)
    assert hours[21] > 8 * hours[3]
    weekend = sum(
        1 for p in posts if "露营" in p.tags and datetime.fromtimestamp((p.created or 0) + 28_800, UTC).weekday() > 4
    )
    assert weekend > 0.36 * sum(1 for p in posts if "露营" in p.tags)


def test_answers_come_after_what_they_answer(posts: list[Post]) -> None:
    by_id = {post.native_id: post for post in posts}
    for post in posts:
        for above in (post.reply_to, post.repost_of, post.root):
            if above is not None:
                assert (by_id[above].created or 0) < (post.created or 0)
                assert by_id[above].platform == post.platform
    deep = [p for p in posts if p.repost_of and p.repost_of != p.root]
    assert len(deep) > 50
    assert all("//@" in p.text for p in deep)
    assert max(Counter(p.root for p in posts if p.kind == "repost").values()) > 20


def test_a_question_gets_its_answer(posts: list[Post]) -> None:
    asked = {p.native_id for p in posts if p.kind == "post" and "蛋白粉一定要喝吗" in p.text}
    answers = [p.text for p in posts if p.reply_to in asked]
    assert any("鸡蛋牛奶够了" in text or "吃不够蛋白" in text or "方便而已" in text for text in answers)


def test_activity_and_fame_are_unequal(posts: list[Post], people: dict[str, Account]) -> None:
    written = sorted(Counter(author(post) for post in posts).values(), reverse=True)
    assert sum(written[: len(written) // 10]) > 0.3 * sum(written)
    followers = [a.followers for a in people.values() if a.followers is not None]
    assert max(followers) > 500 * median(followers)


def test_our_brand_has_a_history(world: list[Record], posts: list[Post]) -> None:
    counts = [(r.fetched, r.followers) for r in world if isinstance(r, Account) and r.native_id == OWN]
    assert len(counts) >= 10
    assert counts == sorted(counts, key=lambda pair: pair[0] or 0)
    numbers = [n for _, n in counts if n is not None]
    assert any(b < a for a, b in pairwise(numbers))
    ours = {post.native_id for post in posts if author(post) == OWN}
    meetings = [r for r in world if isinstance(r, Interaction) and r.target.native_id == OWN]
    assert {r.kind for r in meetings} == {"like", "follow"}
    assert all(r.time is not None and r.time < END for r in meetings if r.kind == "follow" or r.post in ours)
    fans: dict[str, list[int]] = {}
    for post in posts:
        if post.reply_to in ours and author(post) != OWN:
            fans.setdefault(author(post), []).append(post.created or 0)
    assert len(fans) > 60
    assert sum(1 for times in fans.values() if max(times) < END - 45 * 86_400) > 5  # came, then silent


def test_interactions_are_unique_and_known(world: list[Record], people: dict[str, Account]) -> None:
    seen = [
        (r.platform, r.actor.native_id, r.target.native_id, r.kind, r.post) for r in world if isinstance(r, Interaction)
    ]
    assert len(seen) == len(set(seen))
    assert all(actor != target and actor in people and target in people for _, actor, target, _, _ in seen)


def test_everything_is_marked_as_invented(world: list[Record], people: dict[str, Account]) -> None:
    assert all(identity.startswith("demo-") for identity in people)
    assert all(r.native_id.startswith("demo-") for r in world if isinstance(r, Post))


def test_no_contacts_and_no_links(posts: list[Post], people: dict[str, Account]) -> None:
    every = "\n".join([*(p.text for p in posts), *(f"{a.name} {a.bio}" for a in people.values())])
    assert not re.search(r"[\w.]+@[\w-]+\.\w+", every)
    assert not re.search(r"\d{7,}", every)
    assert "http" not in every
    assert "{" not in every


def test_hostile_names_are_there(people: dict[str, Account]) -> None:
    names = {account.name for account in people.values()}
    assert {"[/]", "=1+1"} <= names
    assert any("\x1b" in (name or "") for name in names)
    assert any("\u202e" in (name or "") for name in names)


def test_some_say_they_are_minors(people: dict[str, Account]) -> None:
    facts = [stated_facts(account.bio, year=2026) for account in people.values()]
    assert 1 <= sum(1 for found in facts if found and found[0].fact == "minor") <= 15
