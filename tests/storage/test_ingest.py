"""Storing records: idempotent, order-independent, honest about what was not said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xunke.errors import BadInput, StorageError
from xunke.model import Account, Group, Interaction, Mention, Post, Provenance
from xunke.storage import Project
from xunke.storage import suppression as suppression_list
from xunke.storage.search import bigrams, holds, match

SOURCE = Provenance("file", "测试.jsonl", tool="test", fetched=1_795_000_000)
AN = Account("weibo", "1", name="安安", bio="上海 健身", followers=10)
BO = Account("weibo", "2", name="波波")


def post(native_id: str, author: Account, text: str, **more: object) -> Post:
    return Post("weibo", native_id, text, author=author, created=1_794_000_000, **more)  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    with Project.open(tmp_path / "p.db") as opened:
        yield opened


def test_importing_twice_adds_nothing(project: Project) -> None:
    records = [
        post("10", AN, "#减肥# 打卡", tags=("减肥",), likes=3, group=Group("weibo", "g", "减肥超话")),
        post("11", BO, "加油 @安安", kind="comment", reply_to="10", root="10", mentions=(Mention("安安"),)),
        Account("weibo", "3", name="丙", followers=5, fetched=1_795_000_000),
        Interaction("weibo", BO, AN, "like", post="10"),
    ]
    first = project.add(records, SOURCE)
    tables = ["account", "post", "interaction", "post_tag", "mention", "membership", "follower_snapshot"]
    before = {t: project.query(f"select * from {t}") for t in tables}
    second = project.add(records, SOURCE)
    assert (first.stored, first.updated, first.duplicate) == (4, 0, 0)
    assert (second.stored, second.updated, second.duplicate, second.interactions) == (0, 0, 4, 0)
    assert {t: project.query(f"select * from {t}") for t in tables} == before
    assert first.interactions == 3  # the like, the reply, the mention by name


def test_an_edge_waits_for_its_parent(project: Project) -> None:
    project.add([post("21", BO, "转发微博", kind="repost", repost_of="20")], SOURCE)
    assert project.query("select * from interaction") == []
    project.add([post("20", AN, "原文")], SOURCE)
    assert project.query("select kind, t from interaction") == [(1, 1_794_000_000)]
    assert project.query("select * from pending_edge") == []


def test_what_was_not_said_never_overwrites(project: Project) -> None:
    project.add([AN, Account("weibo", "1", gender="female", tags=("跑步",))], SOURCE)
    project.add([Account("weibo", "1", name="安安改名", tags=("瑜伽",))], SOURCE)
    row = project.query("select name, bio, gender, followers, tags from account")[0]
    assert row == ("安安改名", "上海 健身", "female", 10, '["跑步","瑜伽"]')


def test_the_newer_fetch_wins_and_the_old_text_is_kept(project: Project) -> None:
    new = post("30", AN, "改过的话", likes=9, fetched=1_795_000_100)
    old = post("30", AN, "原来的话", likes=2, fetched=1_795_000_000)
    project.add([old], SOURCE)
    tally = project.add([new], SOURCE)
    assert tally.updated == 1
    assert project.query("select text, likes from post_history") == [("原来的话", 2)]
    assert project.add([old], SOURCE).duplicate == 1
    assert project.query("select text, likes from post") == [("改过的话", 9)]
    assert project.query("select rowid from post_fts where post_fts match ?", (match("改过"),)) == [(1,)]
    assert project.query("select rowid from post_fts where post_fts match ?", (match("原来"),)) == []


def test_hostile_text_is_stored_harmless(project: Project) -> None:
    project.add([Account("weibo", "9\x00", name="a\x1b]52;c;x\x07b\u202ec\ud800", bio="电话13812345678")], SOURCE)
    name, bio = project.query("select name, bio from account")[0]
    assert name == "abc\ufffd"
    assert "13812345678" not in bio


def test_suppressed_people_are_not_stored(project: Project) -> None:
    project.writer.call(lambda db: suppression_list.add(db, [("weibo", None, "Ａn an", None)], "user"))
    tally = project.add(
        [Account("weibo", "1", name="an\u200bAN"), post("1", Account("weibo", "5", name="anan"), "x")], SOURCE
    )
    assert (tally.stored, tally.suppressed) == (0, 2)
    assert project.query("select * from post") == []


def test_same_id_on_two_platforms(project: Project) -> None:
    project.add(
        [Account("weibo", "0", name="甲"), Account("zhihu", "0", name="乙"), Account("zhihu", "O", name="丙")], SOURCE
    )
    assert project.one("select count(*) from account") == 3


def test_a_failed_page_leaves_nothing(project: Project) -> None:
    def broken(db: object) -> None:
        project.store(db, [post("1", AN, "一")], 1)  # type: ignore[arg-type]
        raise ValueError("after the page")

    with pytest.raises(ValueError, match="after the page"):
        project.writer.call(broken)
    assert project.one("select count(*) from post") == 0
    project.add([post("1", AN, "一")], SOURCE)
    assert project.one("select count(*) from post") == 1


def test_foreign_files_are_refused_untouched(tmp_path: Path) -> None:
    text = tmp_path / "notes.db"
    text.write_text("not a database, but somebody's notes")
    with pytest.raises(StorageError, match="not_sqlite"):
        Project.open(text)
    assert text.read_text().startswith("not a database")
    import sqlite3

    other = tmp_path / "other.db"
    db = sqlite3.connect(other)
    db.execute("create table mine(x)")
    db.close()
    with pytest.raises(BadInput, match="not_a_project"):
        Project.open(other)


def test_files_are_private(tmp_path: Path) -> None:
    with Project.open(tmp_path / "folder" / "p.db") as opened:
        assert opened.path.stat().st_mode & 0o777 == 0o600
        assert opened.path.parent.stat().st_mode & 0o777 == 0o700


CJK = st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x4E40), min_size=1, max_size=30)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(CJK, min_size=1, max_size=12, unique=True), start=st.integers(0, 29), length=st.integers(1, 4))
def test_search_finds_every_word(texts: list[str], start: int, length: int) -> None:
    """Recall 1.0 for words of one to four characters; the substring check removes the rest."""
    import sqlite3

    word = (texts[0] * 30)[start : start + length] if start < len(texts[0]) else texts[0][:length]
    db = sqlite3.connect(":memory:")
    db.execute("create virtual table f using fts5(body, content='', detail=none, tokenize='unicode61')")
    db.executemany("insert into f(rowid, body) values (?, ?)", [(i, bigrams(t)) for i, t in enumerate(texts)])
    found = {r[0] for r in db.execute("select rowid from f where f match ?", (match(word),))}
    truth = {i for i, t in enumerate(texts) if word in t}
    assert {i for i in found if holds(texts[i], word)} == truth


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    import sqlite3

    expression = match(text)
    if expression is not None:
        db = sqlite3.connect(":memory:")
        db.execute("create virtual table f using fts5(body, content='', detail=none, tokenize='unicode61')")
        db.execute("select rowid from f where f match ?", (expression,)).fetchall()
