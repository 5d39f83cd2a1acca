"""Accounts of one person (all invented): found with reasons, merged only by a person's word, and taken back exactly."""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.test_engine import one, run
from xunke.errors import BadInput
from xunke.events import Result
from xunke.model import Account, Interaction, Post, Provenance
from xunke.outreach import identity, people, scoring
from xunke.outreach.linkage import Profile, candidates, core, edits, link_of, link_up, near
from xunke.outreach.why import explain
from xunke.storage import Project, erase, suppression
from xunke.storage.persons import people_map

NOW = 1_795_000_000
PLATFORMS = ("weibo", "xiaohongshu", "douyin", "bilibili")


def account(platform: str, native: str, **more: object) -> Account:
    return Account(platform, native, fetched=NOW, **more)  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "same.db") as opened:
        yield opened


def fill(project: Project) -> None:
    """Forty strangers, and one person on three platforms."""
    chance = random.Random(1)
    records: list[object] = []
    for n in range(40):
        letters = [chr(0x4E00 + chance.randrange(4000)) for _ in range(5)]
        records.append(
            account(PLATFORMS[n % 4], f"s{n}", name="".join(letters), bio=f"路人{''.join(reversed(letters))}")
        )
    deer = "晨雾里的长颈鹿"
    bio = "上海｜跑步和手冲咖啡，偶尔写字 https://deer.example.org/blog"
    records += [
        account("weibo", "deer-w", name=deer, bio=bio, region="上海"),
        account("xiaohongshu", "deer-x", name=deer + "酱", bio=bio, region="上海"),
        account("bilibili", "deer-b", name=deer, bio="微博@" + deer, region="上海"),
    ]
    project.add(records, Provenance("user", "invented"))  # type: ignore[arg-type]


def ids(project: Project) -> dict[str, int]:
    return dict(project.query("select native_id, id from account_key"))


def dump(project: Project) -> list[str]:
    """Everything in the file but the log of who did what (and its newest hash), and when pairs were decided."""
    with sqlite3.connect(f"file:{project.path}?mode=ro", uri=True) as db:
        tables = [row[0] for row in db.execute("select name from sqlite_master where type = 'table' order by name")]
        rows: list[str] = []
        for table in tables:
            if table != "audit" and not table.startswith("post_fts"):
                rows += [f"{table} {row}" for row in db.execute(f"select * from {table} order by 1, 2")]
    return [row for row in rows if not row.startswith("meta ('audit_head'")]


def test_one_person_on_three_platforms_is_found_with_arithmetic(project: Project) -> None:
    fill(project)
    assert identity.find(project) == 3
    found, held = identity.pairs(project), ids(project)
    deer = {held["deer-w"], held["deer-x"], held["deer-b"]}
    assert all({pair.a, pair.b} <= deer for pair in found)
    assert all(pair.p > 0.9 for pair in found)
    for pair in found:
        bits = pair.detail["prior"] + sum(f["bits"] for f in pair.detail["fields"])
        assert 1 / (1 + 2**-bits) == pytest.approx(pair.p, abs=1e-3)
    assert not people_map(project), "nothing is merged by itself"


@settings(max_examples=12, deadline=None)
@given(order=st.permutations([0, 1, 2]), take_back=st.permutations([0, 1, 2]))
def test_accepting_and_taking_back_leaves_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], take_back: list[int]
) -> None:
    with Project.open(tmp_path_factory.mktemp("same") / "same.db") as project:
        fill(project)
        identity.find(project)
        pairs = [pair.id for pair in identity.pairs(project)]
        before = dump(project)
        for n in order:
            identity.accept(project, [pairs[n]])
        merged = people_map(project)
        assert len(merged.members) == 1
        (group,) = merged.members.values()
        assert len(group) == 3
        for n in take_back:
            identity.undo(project, [pairs[n]])
        assert dump(project) == before
        assert [row[0] for row in project.query("select act from audit")][-6:] == ["same.accepted"] * 3 + [
            "same.open"
        ] * 3


def test_the_order_of_accepting_does_not_matter(tmp_path: Path) -> None:
    ends = []
    for n, order in enumerate(itertools.permutations(range(3))):
        with Project.open(tmp_path / f"{n}.db") as project:
            fill(project)
            identity.find(project)
            pairs = [pair.id for pair in identity.pairs(project)]
            for k in order[:2]:
                identity.accept(project, [pairs[k]])
            if order[0] > order[1]:
                continue
            reverse = tmp_path / f"{n}r.db"
        with Project.open(reverse) as other:
            fill(other)
            identity.find(other)
            for k in reversed(order[:2]):
                identity.accept(other, [pairs[k]])
            with Project.open(tmp_path / f"{n}.db") as project:
                assert people_map(project) == people_map(other)
                ends.append(people_map(project))
    assert len(ends) == 3
    assert all(end == ends[0] for end in ends)


def test_a_rejected_pair_stops_what_would_join_it(project: Project) -> None:
    fill(project)
    identity.find(project)
    first, second, third = (pair.id for pair in identity.pairs(project))
    identity.reject(project, [first])
    identity.accept(project, [second])
    assert "rejected" in identity.get(project, third).flags
    with pytest.raises(BadInput, match="conflict"):
        identity.accept(project, [third])
    identity.undo(project, [first])
    assert len(identity.accept(project, [third])) == 1
    assert "linked" in identity.get(project, first).flags
    assert identity.find(project) == 1, "decided pairs stay decided"


def test_a_name_with_one_holder_is_offered_as_sure(project: Project) -> None:
    post = Post("weibo", "p1", "你好", author=account("weibo", "fan", name="一位粉丝"), created=NOW, fetched=NOW)
    known_by_name = account("weibo", "name:独一无二的星", name="独一无二的星")
    project.add(
        [
            account("weibo", "star", name="独一无二的星"),
            Interaction("weibo", account("weibo", "fan"), known_by_name, "repost", NOW),
            account("weibo", "t1", name="双胞胎"),
            account("weibo", "t2", name="双胞胎"),
            account("weibo", "name:双胞胎", name="双胞胎"),
            account("weibo", "hash:9f2", name="独一无二的星"),
            account("weibo", "hash:9f3", name="独**"),
            post,
        ],
        Provenance("user", "invented"),
    )  # fmt: skip
    identity.find(project)
    sure = [pair for pair in identity.pairs(project) if pair.sure]
    held = ids(project)
    assert [{pair.a, pair.b} for pair in sure] == [{held["star"], held["name:独一无二的星"]}]
    hidden = {held["star"], held["hash:9f2"]}
    assert [pair.sure for pair in identity.pairs(project) if {pair.a, pair.b} == hidden] == [False]
    assert len(identity.pairs(project)) == 4
    identity.accept(project, [sure[0].id])
    assert people_map(project).one(held["name:独一无二的星"]) == held["star"], "the known account stands for both"
    ranking = scoring.influence(project, NOW)
    assert ranking.actors[held["star"]] == ranking.actors[held["name:独一无二的星"]] == 1
    assert [e.name for e in explain(project, None, held["star"]).edges] == ["一位粉丝"]


def test_one_person_counts_once_in_rankings_and_results(sample: Project) -> None:
    people_step = {"action": "find", "target": "people", "tags": ["减肥"], "limit": 40}
    before = one(run(sample, people_step), Result)
    order = [row[0] for row in sample.query("select item from score where result = ? order by rank", (before.result,))]
    native = dict(sample.query("select id, platform from account_key"))
    a = order[0]
    b = next(x for x in order[1:] if native[x] != native[a])
    first, second = sorted((a, b))
    sample.writer.call(
        lambda db: db.execute(
            "insert into same_pair(a, b, p, sure, detail, state, found) values (?, ?, .9, 0, '{}', 'open', 1)",
            (first, second),
        )
    )
    identity.accept(sample, [identity.pairs(sample)[0].id])
    events = scoring.load_events(sample)
    assert second not in set(events.target.tolist()) | set(events.actor.tolist())
    after = one(run(sample, people_step), Result)
    items = [row[0] for row in sample.query("select item from score where result = ?", (after.result,))]
    assert len({a, b} & set(items)) == 1
    (shown,) = {a, b} & set(items)
    raw = sample.query("select parts from score where result = ? and item = ?", (after.result, shown))[0][0]
    both = set(sample.query("select distinct actor from interaction where target in (?, ?)", (a, b)))
    actors = {row[0] for row in both} - {a, b}
    assert f'"actors": {len(actors)}' in raw
    found = explain(sample, after.result, shown)
    assert dict(found.lines)["why.edges"]["sum"] == pytest.approx(dict(found.lines)["why.influence"]["score"], abs=1e-4)


def test_what_bars_one_account_bars_the_person(project: Project) -> None:
    fill(project)
    identity.find(project)
    held = ids(project)
    for pair in identity.pairs(project):
        identity.accept(project, [pair.id])
    deer = [held["deer-w"], held["deer-x"], held["deer-b"]]
    project.writer.call(lambda db: suppression.add(db, [("bilibili", "deer-b", None, None)], "user"))
    assert people.barred(project, [deer[0]]) == {deer[0]: "funnel.suppressed"}
    assert identity.pairs(project, None) == []
    with pytest.raises(BadInput):
        identity.get(project, 1)


def test_erasing_one_account_takes_its_pairs_along(project: Project) -> None:
    fill(project)
    identity.find(project)
    held = ids(project)
    identity.accept(project, [pair.id for pair in identity.pairs(project)])
    erase.person(project, held["deer-x"])
    assert len(identity.pairs(project, None)) == 1
    assert set(people_map(project).of) == {held["deer-w"], held["deer-b"]}
    erase.person(project, held["deer-w"])
    assert not people_map(project)
    assert project.one("select count(*) from person") == 0


# -- the weights ---------------------------------------------------------------------------------------------------


def test_common_names_are_worth_less_than_rare_ones() -> None:
    strangers = [Profile(n, PLATFORMS[n % 4], name=f"路{chr(0x5000 + n)}人{chr(0x6000 + n)}") for n in range(300)]
    common = [Profile(400 + n, PLATFORMS[n % 4], name="小美") for n in range(20)]
    rare = [Profile(500, "weibo", name="会飞的青花鱼罐头"), Profile(501, "douyin", name="会飞的青花鱼罐头")]
    p = {(m.a, m.b): m.p for m in link_up([*strangers, *common, *rare])}
    assert p[500, 501] > 0.5
    assert max(value for pair, value in p.items() if pair[0] in range(400, 420)) < 0.2


def test_the_same_profiles_give_the_same_answer() -> None:
    some = [Profile(n, PLATFORMS[n % 3], name=f"名字{n // 2}的人", bio=f"简介{n // 2}里的话") for n in range(60)]
    assert link_up(some) == link_up(list(some))


@given(st.text(max_size=12), st.text(max_size=12))
def test_distances_are_symmetric_and_nothing_breaks(one_word: str, two: str) -> None:
    assert edits(one_word, two) == edits(two, one_word) <= max(len(one_word), len(two))
    assert near(one_word, two) == near(two, one_word)
    assert len(core(one_word)) <= len(one_word)
    assert core(core(one_word)) == core(one_word)
    link_of(one_word)


def test_links_and_names_are_read_alike() -> None:
    assert link_of("看 HTTPS://www.Deer.example.org/blog/?a=1 和 weibo.com/") == {"deer.example.org/blog"}
    assert core("小鹿跑步酱_2023") == core("鹿跑步") == "鹿跑步"
    assert candidates([Profile(1, "weibo", name="同名"), Profile(2, "weibo", name="同名")]) == []
