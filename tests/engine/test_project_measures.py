"""Measures on a project: what is read from SQL, whose parent is whose, and who is never named. All people invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xunke.api import Xunke
from xunke.errors import BadInput, UsageError
from xunke.model import Account, Interaction, Post, Provenance, Record
from xunke.outreach import cascades, communities, measures
from xunke.outreach.overlap import shared
from xunke.storage import Project, suppression
from xunke.topics import name_communities

NOW = 1_795_000_000
MADE = Provenance("file", "invented")


def who(name: str) -> Account:
    return Account("weibo", f"id-{name}", name=name)


def repost(name: str, number: int, time: int, text: str = "转发微博", of: str = "p0", **more: Any) -> Post:
    return Post("weibo", f"p{number}", text, author=who(name), created=NOW + time, kind="repost", repost_of=of, **more)


def project_of(tmp_path: Path, *records: Record) -> Project:
    project = Project.open(tmp_path / "p.db")
    project.add(records, MADE)
    return project


@pytest.fixture
def weibo(tmp_path: Path) -> Iterator[Project]:
    """A post of 甲 that 乙 and 丁 repost; 丙 and 戊 come by way of 乙, as their text says; 己 by way of somebody
    who is not stored; 庚 answers."""
    with project_of(
        tmp_path, Post("weibo", "p0", "露营好去处", author=who("甲"), created=NOW, likes=30, comments=1, shares=6),
        repost("乙", 1, 100), repost("丙", 2, 200, "好 //@乙:转发微博"), repost("丁", 3, 300),
        repost("戊", 4, 400, "//@乙 ：看看//@甲:别的"), repost("己", 5, 500, "//@没有这个人:嗯"),
        Post("weibo", "p6", "想去", author=who("庚"), created=NOW + 600, kind="comment", reply_to="p0", root="p0"),
    ) as made:  # fmt: skip
        yield made


def tree(project: Project, **more: Any) -> tuple[cascades.Network, cascades.Cascade]:
    net = cascades.load(project, NOW + 10_000, **more)
    top = net.node_of(int(project.one("select id from post_key where native_id = 'p0'")))
    assert top is not None
    return net, cascades.describe(net, top)


def test_parents_are_read_from_the_text_and_doubts_are_counted(weibo: Project) -> None:
    net, one = tree(weibo)
    assert (one.size, one.people, one.depth, one.breadth) == (7, 7, 2, 4)
    assert (one.named, one.assumed, one.missing) == (2, 3, 0)  # 丙 戊; 乙 丁 己; the answer is surely direct
    spark = one.sparks[0]
    assert weibo.one("select name from account where id = ?", (spark.author,)) == "乙"
    assert (spark.direct, spark.below, spark.share) == (2, 2, pytest.approx(2 / 6))
    assert (one.half, one.duration) == (300, 600)
    assert cascades.largest(net) == [int(one.nodes[0])]


def test_kinds_and_time_choose_what_grows(weibo: Project) -> None:
    assert tree(weibo, kinds=["reply"])[1].size == 2
    net = cascades.load(weibo, NOW + 250)
    assert len(net.trees) == 3
    assert cascades.largest(net, NOW + 1) == []


def test_part_of_somebody(weibo: Project) -> None:
    net, _ = tree(weibo)
    ids = dict(weibo.query("select name, id from account"))
    assert cascades.part_of(net, ids["甲"]) == {"began": 1, "grew": 6, "passed": 0, "direct": 0}
    assert cascades.part_of(net, ids["乙"]) == {"began": 0, "grew": 0, "passed": 1, "direct": 2}


def test_acts_without_posts_make_a_tree_too(tmp_path: Path) -> None:
    def act(actor: str, target: str, time: int) -> Interaction:
        return Interaction("weibo", who(actor), who(target), "repost", NOW + time, "p0")

    with project_of(tmp_path, act("b", "a", 10), act("c", "b", 20), act("d", "c", 30), act("e", "a", 40),
                    act("f", "z", 50), act("d", "a", 60)) as project:  # fmt: skip
        net, one = tree(project)
        names = dict(project.query("select id, name from account"))
        above = {
            names[int(net.author[node])]: names[int(net.author[one.nodes[one.parent[at]]])]
            for at, node in enumerate(one.nodes.tolist())
            if at
        }
        assert above == {"b": "a", "c": "b", "d": "c", "e": "a", "f": "a"}
        assert one.missing == 1  # the post itself is only named
        assert one.assumed == 3  # b, e and f


posts_of = st.lists(
    st.tuples(
        st.integers(0, 9), st.one_of(st.none(), st.integers(0, 12)), st.one_of(st.none(), st.integers(0, 12)),
        st.one_of(st.none(), st.integers(1, 50)), st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["转发", "//@a:转", "//@b:x//@c:y"]),
    ),
    max_size=12, unique_by=lambda row: row[0],
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(posts_of)
def test_any_references_survive(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int | None, int | None, int | None, str, str]]
) -> None:
    records = [
        Post("weibo", f"p{n}", text, author=who(name), created=None if time is None else NOW + time, kind="repost",
             repost_of=None if of is None else f"p{of}", reply_to=None if to is None else f"p{to}")
        for n, of, to, time, name, text in rows
    ]  # fmt: skip
    with project_of(tmp_path_factory.mktemp("any"), *records) as project:
        net = cascades.load(project, NOW + 100)
        children = {n for n, of, to, *_ in rows if (of if of is not None else to) not in (None, n)}
        assert len(net.trees) >= len(children)
        total = 0
        for root in net.shapes.roots.tolist():
            one = cascades.describe(net, root)
            total += one.size
            assert 0 <= one.assumed + one.named <= one.size - 1 if one.size > 1 else one.assumed == 0
        assert total == len(net.trees)


# -- rankings ----------------------------------------------------------------------------------------------------


def test_reactions_are_people_and_the_platforms_numbers(weibo: Project) -> None:
    written = measures.load_posts(weibo, None, NOW + 10_000)
    assert len(written) == 6  # the comment is none
    assert (written.likes[0], written.people[0], written.shared[0], written.answered[0]) == (30, 6, 5, 1)
    assert written.original.tolist() == [True] + [False] * 5
    early = measures.load_posts(weibo, None, NOW + 150)
    assert early.people.tolist() == [1, 0]


def test_bci_and_h_of_a_project(weibo: Project) -> None:
    found = measures.ranking(weibo, "bci", until=NOW + 10_000)
    best = found.order[0]
    assert found.parts_of(int(best)) | {"bci": 0, "active": 0, "spread": 0} == {
        "bci": 0, "active": 0, "spread": 0, "posts": 1, "originals": 1, "shares": 6, "comments": 1,
        "original_shares": 6, "original_comments": 1, "likes": 30, "actors": 6,
    }  # fmt: skip
    assert measures.ranking(weibo, "hindex", until=NOW + 10_000).values.max() == 1


def test_posts_that_are_only_named_count_too(tmp_path: Path) -> None:
    acts = [
        Interaction("weibo", who(fan), who("a"), kind, NOW + n, post)  # type: ignore[arg-type]
        for n, (fan, kind, post) in enumerate([
            ("b", "repost", "p1"), ("c", "like", "p1"), ("c", "reply", "p1"), ("b", "like", "p2"), ("d", "like", "p2"),
            ("b", "mention", "p3"),
        ])
    ]  # fmt: skip
    acts.append(Interaction("weibo", who("e"), who("b"), "repost", NOW + 99, "p1"))  # by way of b
    with project_of(tmp_path, *acts) as project:
        written = measures.load_posts(project, None, NOW + 999)
        assert sorted(written.people.tolist()) == [2, 3]
        assert len(set(written.author.tolist())) == 1
        found = measures.ranking(project, "hindex", until=NOW + 999)
        assert found.values.max() == 2
        assert len(measures.load_posts(project, NOW + 2, NOW + 999)) == 1, "p1 was there before"


def test_what_lacks_is_said(weibo: Project, tmp_path: Path) -> None:
    for by, topic, key in (
        ("topicrank", None, "rank.needs_topic"), ("topicrank", {}, "rank.nobody_wrote"),
        ("twitterrank", None, "rank.no_topics"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as caught:
            measures.ranking(weibo, by, until=NOW + 10_000, topic=topic)  # type: ignore[arg-type]
        assert caught.value.key == key
    with pytest.raises(BadInput) as caught:
        measures.ranking(weibo, "bci", until=NOW - 1)
    assert caught.value.key == "rank.no_posts"


def test_topic_ranks_reach_writers_and_those_they_heed(weibo: Project) -> None:
    ids = dict(weibo.query("select name, id from account"))
    for by in ("topicrank", "twitterrank"):
        found = measures.ranking(weibo, by, until=NOW + 10_000, topic={ids["丁"]: 2})  # type: ignore[arg-type]
        scores = dict(zip(found.graph.nodes.tolist(), found.values.tolist(), strict=True))
        assert sorted(scores, key=lambda i: -scores[i])[:2] == [ids["丁"], ids["甲"]]
        assert scores[ids["乙"]] == pytest.approx(0, abs=1e-9)


def test_tags_are_topics(tmp_path: Path) -> None:
    with project_of(
        tmp_path, Post("weibo", "p0", "x", author=who("a"), created=NOW, tags=("露营",)),
        Post("weibo", "p1", "y", author=who("b"), created=NOW, tags=("咖啡",)), repost("c", 2, 5, tags=("露营",)),
    ) as project:  # fmt: skip
        found = measures.ranking(project, "twitterrank", until=NOW + 10)
        assert found.values.sum() > 0
        assert set(found.graph.nodes.tolist()) == {1, 2, 3}


# -- communities and overlap -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def camps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Two circles of forty that write about different things and one person who deals with both, and a pair apart."""
    rng = np.random.default_rng(5)
    records: list[Record] = []
    said = (
        "周末又去了，{}",
        "{}，真是治愈",
        "说说看，{}",
        "今天没时间，{}",
        "{}，谁一起？",
        "新手怎么开始，{}",
        "下雨，{}",
    )
    for circle, word in (("露", "露营"), ("咖", "咖啡")):
        names = [f"{circle}{n}" for n in range(40)]
        for n, name in enumerate(names):
            text = said[n % 7].format(word) + "呀" * (n // 7)
            records.append(Post("weibo", name, text, author=who(name), created=NOW - 999, tags=("好物" + word,)))
            for other in {0, *rng.integers(0, 40, 5).tolist()} - {n}:
                act = Interaction("weibo", who(name), who(names[other]), "repost", NOW - 50 + n, names[other])
                records.append(act)
        records.append(Interaction("weibo", who("桥"), who(names[0]), "reply", NOW, names[0]))
        records += [Interaction("weibo", who(n), who("桥"), "follow", NOW) for n in names[:6]]
    records.append(Interaction("weibo", who("单一"), who("单二"), "reply", NOW))
    with project_of(tmp_path_factory.mktemp("camps"), *records) as made:
        yield made


def test_circles_are_found_named_and_bridged(camps: Project) -> None:
    found = name_communities(camps, communities.find(camps, until=NOW), None, NOW)
    assert [one.size for one in found.listed] == [41, 40]
    assert (found.small, found.small_people, found.people) == (1, 2, 83)
    assert found.outside == pytest.approx(2 / 83)
    words = [dict(one.words) for one in found.listed]
    assert any("#好物露营" in w for w in words)
    assert any("咖啡" in w for w in words)
    assert all(index > 100 for w in words for index in w.values())
    ids = dict(camps.query("select name, id from account"))
    assert {one.top[0] for one in found.listed} == {ids["露0"], ids["咖0"]}
    best = communities.bridges(found)[0]
    assert best.account == ids["桥"]
    assert best.participation > 0.4
    assert best.touches == 2
    about = communities.find(camps, until=NOW, about=[1])
    assert about.people < found.people


def test_overlap_of_audiences(camps: Project) -> None:
    ids = dict(camps.query("select name, id from account"))
    found = shared(camps, [ids["露0"], ids["咖0"], ids["桥"]], until=NOW)
    assert [len(a) for a in found.overlap.audiences] == [40, 40, 12]
    assert found.overlap.pairs[0].shared == 1  # the bridge
    assert found.overlap.pairs[0].affinity is not None
    assert found.overlap.pairs[0].affinity.verdict == "less"
    assert found.overlap.pairs[1].affinity is None  # an audience of twelve
    both = shared(camps, [ids["露0"], ids["咖0"]], until=NOW)
    assert both.actors == (ids["桥"],)
    with pytest.raises(UsageError):
        shared(camps, [ids["桥"], ids["桥"]], until=NOW)


def test_barred_people_are_counted_and_never_named(camps: Project, tmp_path: Path) -> None:
    ids = dict(camps.query("select name, id from account"))
    key = [("weibo", "id-桥", "桥", None)]
    camps.writer.call(lambda db: suppression.add(db, key, "user"))
    try:
        found = shared(camps, [ids["露0"], ids["咖0"]], until=NOW)
        assert (found.actors, found.actors_all) == ((), 1)
        with pytest.raises(BadInput):
            shared(camps, [ids["露0"], ids["桥"]], until=NOW)
        listed = communities.find(camps, until=NOW).listed
        assert ids["桥"] not in {account for one in listed for account in one.top}
    finally:
        camps.writer.call(lambda db: suppression.remove(db, key))


def test_the_same_by_python(weibo: Project, camps: Project) -> None:
    end = datetime.fromtimestamp(NOW + 10_000, UTC)
    with Xunke(weibo.path) as xunke:
        rows = xunke.rank(until=end, limit=2)
        assert [(row.rank, row.name) for row in rows] == [(1, "甲"), (2, "乙")]
        assert rows[0].parts == {"influence": rows[0].value, "actors": 6}
        grown = xunke.cascade("weibo:p0", until=end)
        assert grown is not None
        assert (grown.size, grown.depth) == (7, 2)
        about = xunke.rank("topicrank", topic="露营", until=end)
        assert about[0].name == "甲"
    with Xunke(camps.path) as xunke:
        assert [one.size for one in xunke.communities().listed] == [41, 40]
        assert xunke.overlap("露0", "咖0").overlap.union == 79


def test_python_names_nobody_who_is_barred(weibo: Project) -> None:
    weibo.writer.call(lambda db: suppression.add(db, [("weibo", "id-甲", "甲", None)], "user"))
    with Xunke(weibo.path) as xunke:
        assert "甲" not in {row.name for row in xunke.rank(limit=None)}
