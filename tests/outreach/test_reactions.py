"""Reactions found in collected rows: after a touch only, once each. All people here are invented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from xunke.clock import DAY
from xunke.model import Account, Interaction, Post, Provenance
from xunke.outreach import reactions, touches
from xunke.storage import Project

NOON = 1_795_320_000
US = Account("weibo", "100", name="虚构店铺")


def who(n: int) -> Account:
    return Account("weibo", str(n), name=f"虚构人{n}")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "r.db") as project:
        project.add(
            [
                Post("weibo", "ours", "怎么选鞋", author=US, created=NOON - DAY),
                Post("weibo", "before", "早说过了", author=who(1), created=NOON - 60, reply_to="ours"),
                Post("weibo", "after", "谢谢，有用", author=who(1), created=NOON + 60, reply_to="ours"),
                Post("weibo", "again", "还想问问", author=who(1), created=NOON + 120, reply_to="ours"),
                Post("weibo", "late", "才看到", author=who(2), created=NOON + 31 * DAY, reply_to="ours"),
                Post("weibo", "other", "路过", author=who(3), created=NOON + 60, reply_to="ours"),
                Interaction("weibo", who(2), US, "follow", NOON + 5),
                Interaction("weibo", who(2), US, "like", NOON + 6, "ours"),
                Interaction("weibo", who(1), US, "follow"),
            ],
            Provenance("user", "t"),
        )
        project.set_meta("own_accounts", json.dumps([number(project, "100")]))
        yield project


def number(project: Project, native: str) -> int:
    return int(project.one("select id from account_key where native_id = ?", (native,)))


def test_reactions_after_a_touch_are_seen_once(project: Project) -> None:
    one, two = number(project, "1"), number(project, "2")
    first = touches.log(project, one, "reply", t=NOON, force=True)
    touches.log(project, two, "follow", t=NOON, force=True)
    assert reactions.take(project, NOON + 60 * DAY) == 4
    assert reactions.take(project, NOON + 60 * DAY) == 0
    mine = touches.outcomes(project, account=one)
    assert [(o.kind, o.t, o.touch, o.source) for o in mine] == [
        ("reply", NOON + 60, first, "seen"), ("reply", NOON + 120, first, "seen"),
    ]  # fmt: skip
    assert [o.kind for o in touches.outcomes(project, account=two)] == ["follow_back", "like"]
    assert touches.outcomes(project, account=number(project, "3")) == []


def test_a_follower_who_was_not_in_an_earlier_whole_list_followed_back(project: Project) -> None:
    us, three = number(project, "100"), number(project, "3")
    touches.log(project, three, "follow", t=NOON, force=True)

    def lists(db) -> None:  # type: ignore[no-untyped-def]
        db.execute("insert into follower(own, account, first, last) values (?, ?, ?, ?)", (us, three, NOON + DAY, NOON + DAY))

    project.writer.call(lists)
    assert [o.kind for o in reactions.find(project, NOON + 2 * DAY)] == ["reply"]
    project.writer.call(lambda db: db.execute(
        "insert into follower_list(own, t, complete, size) values (?, ?, 1, 0)", (us, NOON - DAY)))  # fmt: skip
    assert [o.kind for o in reactions.find(project, NOON + 2 * DAY)] == ["reply", "follow_back"]


def test_what_was_taken_back_is_not_seen_again(project: Project) -> None:
    one = number(project, "1")
    touches.log(project, one, "reply", t=NOON, force=True)
    reactions.take(project, NOON + DAY)
    gone = touches.outcomes(project, account=one)[0].id
    project.writer.call(lambda db: touches.take_back(db, "outcome", gone))
    assert reactions.take(project, NOON + DAY) == 0
    assert len(touches.outcomes(project, account=one)) == 1
