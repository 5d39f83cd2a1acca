"""Account authenticity and facts of posts from the database to the screen. All people and posts are invented."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.cli.running import xunke as run
from tests.engine.older import make_older
from xunke.accounts import judge_accounts
from xunke.api import Xunke
from xunke.model import Account, Post, Provenance
from xunke.outreach import authentic
from xunke.persona import understand_people
from xunke.storage import Project, erase, schema

NOW = 1_790_000_000
AD = "家人们这款 #酵素# 真的太好用了一周瘦了十斤快来找我下单吧加V：abc12345 http://t.cn/x"
SOURCE = Provenance("user", "test")


def world() -> list[Post]:
    """Six accounts of a marketing matrix, five people, one who says that they go to school."""
    r = random.Random(1)
    posts = []
    for i in range(6):
        seller = Account("weibo", f"s{i}", name=f"用户88812{i}", followers=3, following=900, posts=300)
        posts += [
            Post("weibo", f"s{i}-{k}", f"{AD}{k}", seller, kind="post", created=NOW - 90_000 + k * 3600, tags=("酵素",))
            for k in range(12)
        ]
    talk = [
        "今天去公园散步看到好多小狗开心",
        "#酵素# 到底有没有用，有人试过吗",
        "加班到十点终于回家了累",
        "周末想去爬山",
    ]
    for i in range(5):
        person = Account("weibo", f"h{i}", name=f"小云{i}", followers=200 + i, following=180, posts=500, bio="爱生活")
        t = NOW - 3_000_000
        for k, text in enumerate(talk):
            t += r.randint(1000, 600_000)
            tags = ("酵素",) if "酵素" in text else ()
            said = f"{text}{r.randint(1, 99999)}"
            posts.append(Post("weibo", f"h{i}-{k}", said, person, kind="post", created=t, tags=tags))
    ana = Account("weibo", "ana", name="安娜", followers=100, following=90, bio="坐标上海")
    posts.append(Post("weibo", "ana1", "我是一名护士，刚下夜班", ana, kind="post", created=NOW - 5000))
    young = Account("weibo", "young", name="阿青", bio="坐标上海，爱画画")
    posts.append(Post("weibo", "young1", "我上初二，数学好难", young, kind="post", created=NOW - 5000))
    return posts


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "a.db"
    with Project.open(path) as project:
        project.add(world(), SOURCE)
    return path


@pytest.fixture
def project(db: Path) -> Iterator[Project]:
    with Project.open(db) as opened:
        yield opened


def ids(project: Project, like: str = "%") -> list[int]:
    return [row[0] for row in project.query("select id from account where name like ? order by id", (like,))]


def learn(project: Project) -> list[str]:
    """Bring everything up to date; the stages that had something to do."""

    async def go() -> list[str]:
        stages = [event.stage async for event in understand_people(project)]
        return stages + [event.stage async for event in judge_accounts(project, ids(project))]

    return asyncio.run(go())


def test_a_matrix_is_found_and_people_are_not(project: Project) -> None:
    learn(project)
    found = authentic.signs(project, ids(project))
    assert all(found[i].is_spam for i in ids(project, "用户%"))
    assert all(found[i].p_spam < 0.3 for i in ids(project, "小云%"))
    one = found[ids(project, "用户%")[0]]
    assert {"copied_share", "contact_share", "default_name"} <= {name for name, _, _ in one.reasons}
    copies = authentic.copied(project, [row[0] for row in project.query("select id from post")])
    assert set(copies.values()) == {6}
    assert len(copies) == 72


def test_judged_once_for_a_state(project: Project) -> None:
    assert set(learn(project)) == {"personas", "own_words", "accounts"}
    assert learn(project) == []
    before = authentic.signs(project, ids(project))
    project.add([Post("weibo", "new", "今天终于休息了好开心呀去看了电影", Account("weibo", "h0"), created=NOW)], SOURCE)
    assert "accounts" in learn(project)
    after = authentic.signs(project, ids(project))
    other = ids(project, "小云3")[0]
    assert before[other] == after[other]


def test_facts_of_posts_have_their_post(project: Project) -> None:
    learn(project)
    ana = ids(project, "安娜")[0]
    rows = project.query(
        "select f.value, f.origin, f.confidence, f.quote, k.native_id from profile_fact f "
        "join post_key k on k.id = f.post where f.account = ? and f.fact = 'occupation'",
        (ana,),
    )
    assert rows == [("医护", "post", 0.75, "护士", "ana1")]
    # the profile changes: what was said in posts stays
    project.add([Account("weibo", "ana", name="安娜", bio="坐标成都")], Provenance("user", "later", fetched=NOW + 9))
    learn(project)
    facts = {row[:2] for row in project.query("select fact, value from profile_fact where account = ?", (ana,))}
    assert {("city", "成都"), ("occupation", "医护")} <= facts
    assert ("city", "上海") not in facts


def test_an_edited_post_states_what_it_says_now(project: Project) -> None:
    learn(project)
    ana = Account("weibo", "ana", name="安娜")
    edited = Post("weibo", "ana1", "今天好累", ana, kind="post", created=NOW - 5000)
    project.add([edited], Provenance("user", "later", fetched=NOW + 9_999_999))
    learn(project)
    assert (
        project.one(
            "select count(*) from profile_fact where origin = 'post' and account = ?", (ids(project, "安娜")[0],)
        )
        == 0
    )


def test_a_minor_by_a_post_has_no_profile(project: Project) -> None:
    learn(project)
    young = ids(project, "阿青")[0]
    assert project.query("select fact, value, quote from profile_fact where account = ?", (young,)) == [
        ("minor", "true", None)
    ]
    assert authentic.signs(project, [young]) == {}
    learn(project)
    assert project.one("select count(*) from profile_fact where account = ?", (young,)) == 1


def test_erasing_takes_signs_and_copies(project: Project) -> None:
    learn(project)
    gone = ids(project, "用户%")[0]
    erase.person(project, gone)
    assert authentic.signs(project, [gone]) == {}
    assert project.one("select count(*) from post_copy where post not in (select id from post)") == 0


def test_a_file_of_the_first_version_gets_the_tables(tmp_path: Path, project: Project) -> None:
    path = Path(project.path)
    project.close()
    with sqlite3.connect(path) as old:
        make_older(old, 1)
    with Project.open(path) as again:
        assert again.one("pragma user_version") == schema.VERSION
        learn(again)
        assert again.one("select count(*) from account_sign") == 12


def test_found_people_leave_out_the_matrix_and_why_says_so(db: Path) -> None:
    with Xunke(db, day=date(2026, 9, 22)) as xunke:
        names = {row.name for row in xunke.people("找聊 #酵素# 的人")}
        assert names == {f"小云{i}" for i in range(5)}
        sign = xunke.authenticity(ids(xunke.project, "用户%")[0])
        assert sign is not None
        assert sign.is_spam
        assert xunke.authenticity(ids(xunke.project, "阿青")[0]) is None
    shown = run("why", "用户888120", db=db).out
    assert "水军" in shown
    assert "雷同" in shown
    held = json.loads(run("person", "用户888120", "--json", db=db).out)
    assert held["authenticity"]["p_spam"] > 0.8
    assert {"copied_share", "contact_share"} <= {reason["name"] for reason in held["authenticity"]["reasons"]}
    assert {post["copied_by"] for post in held["recent"]} == {6}
    text = run("person", "用户888120", "--lang", "en", db=db).out
    assert "probability" in text
    facts = json.loads(run("person", "安娜", "--json", db=db).out)["facts"]
    assert {
        "fact": "occupation",
        "value": "医护",
        "origin": "post",
        "quote": "护士",
        "confidence": 0.75,
        "post": "ana1",
    } in facts
    picture = json.loads(run("person", "安娜", "--json", db=db).out)["portrait"]
    assert picture["base"] == 0.4  # region and occupation of five
    assert {"age", "gender", "family", "times", "need"} <= set(picture["missing"])
    assert 0 < picture["complete"] < 1
    assert "还缺" in run("person", "安娜", db=db).out
    young = json.loads(run("person", "阿青", "--json", db=db).out)
    assert young["authenticity"] is None
    assert young["portrait"] is None


def test_every_reason_has_its_words() -> None:
    from nlp.resources import table
    from nlp.spam import rules
    from xunke.i18n import messages

    known = messages()
    assert all(f"nlp.spam.{rule.name}" in known for rule in rules())
    assert all(f"nlp.account.{name}" in known for name in table("accounts")["signal"])
