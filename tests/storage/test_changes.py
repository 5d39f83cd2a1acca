"""What changes between two fetches: edits, renamed people, posts that were taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from xunke.model import Account, Interaction, Mention, Post, Provenance, Withdrawn
from xunke.storage import Project, erase
from xunke.storage.search import match

SOURCE = Provenance("live", "https://m.example", query="tag:减肥", tool="mastodon")
AN = Account("mastodon", "an@m.example", name="安安", bio="上海 健身")
BO = Account("mastodon", "bo@m.example", name="波波")
T = 1_795_000_000


def post(fetched: int | None = T, text: str = "秘密减肥餐 #减肥", **more: object) -> Post:
    return Post(
        "mastodon", "https://m.example/1", text, author=AN, created=T - 99, tags=("减肥",), likes=3,
        title="标题秘密", mentions=(Mention("bo@m.example", "bo@m.example"),), raw=b'{"content":"secret"}',
        fetched=fetched, **more,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Project:
    with Project.open(tmp_path / "p.db") as opened:
        yield opened


def found(project: Project, words: str) -> list[int]:
    return [row[0] for row in project.query("select rowid from post_fts where post_fts match ?", (match(words),))]


def taken_back(project: Project, noticed: int = T + 10) -> int:
    return project.add([Withdrawn("mastodon", "https://m.example/1", noticed)], SOURCE).gone


def test_a_withdrawn_post_loses_its_words_and_keeps_its_place(project: Project) -> None:
    project.add([post(), Interaction("mastodon", BO, AN, "like", post="https://m.example/1")], SOURCE)
    project.add([post(T + 5, "改过的秘密减肥餐")], SOURCE)
    edges = project.query("select * from interaction order by kind")
    assert taken_back(project) == 1
    row = project.query("select gone, text, title, tags, likes, created from post")[0]
    assert row == (T + 10, "", None, None, 3, T - 99)
    assert project.query("select * from interaction order by kind") == edges
    assert found(project, "减肥") == []
    assert project.query("select text from post_history") == [(None,)]
    for table in ("post_raw", "post_tag", "mention"):
        assert project.query(f"select * from {table}") == [], table


def test_it_is_counted_once_and_unknown_posts_are_nothing(project: Project) -> None:
    project.add([post()], SOURCE)
    assert taken_back(project) == 1
    assert taken_back(project, T + 99) == 0
    assert project.one("select gone from post") == T + 10
    assert project.add([Withdrawn("mastodon", "https://m.example/404", T)], SOURCE).gone == 0
    assert project.one("select count(*) from post_key") == 1 + 0


@pytest.mark.parametrize("fetched", [T, T + 10, None])
def test_an_older_copy_does_not_bring_the_words_back(project: Project, fetched: int | None) -> None:
    project.add([post()], SOURCE)
    taken_back(project)
    tally = project.add([post(fetched)], SOURCE)
    assert (tally.duplicate, tally.updated) == (1, 0)
    assert project.one("select text from post") == ""


def test_seen_again_later_it_is_a_post_like_any_other(project: Project) -> None:
    project.add([post()], SOURCE)
    taken_back(project)
    project.add([post(T + 20)], SOURCE)
    assert project.query("select gone, text from post") == [(None, "秘密减肥餐 #减肥")]
    assert len(found(project, "减肥")) == 1


def test_what_a_person_was_called_is_kept_and_erased_with_them(project: Project) -> None:
    project.add([Account("mastodon", "an@m.example", name="安安", bio="上海", fetched=T)], SOURCE)
    project.add([Account("mastodon", "an@m.example", name="安安", bio="上海", fetched=T + 1)], SOURCE)
    assert project.query("select * from account_history") == []
    project.add([Account("mastodon", "an@m.example", name="小安", bio="杭州", fetched=T + 2)], SOURCE)
    assert project.query("select fetched, name, bio from account_history") == [(T, "安安", "上海")]
    erase.person(project, int(project.one("select id from account")))
    assert project.query("select * from account_history") == []
