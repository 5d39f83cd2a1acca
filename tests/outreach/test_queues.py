"""What waits for us, from invented posts: questions, occasions, messages to us; and where people can be met."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunke import actions
from xunke.actions import queues as acts
from xunke.clock import DAY, end_of
from xunke.engine import Engine
from xunke.events import Done, Event, Table
from xunke.model import Account, Group, Membership, Mention, Post, Provenance
from xunke.outreach import context, queues
from xunke.storage import Project

TODAY = date(2026, 11, 22)
NOW = end_of(TODAY)
HOUR = 3600
SOURCE = Provenance("user", "invented", fetched=NOW)


def who(name: str, bio: str | None = None) -> Account:
    return Account("weibo", name, name=f"虚构{name}", bio=bio, fetched=NOW)


OWN = who("own")


def post(native: str, author: str, text: str, hours: float, **more: object) -> Post:
    kind = "comment" if "reply_to" in more else "post"
    return Post("weibo", native, text, who(author), created=NOW - int(hours * HOUR), kind=kind, **more)  # type: ignore[arg-type]


ROWS = [
    Post("weibo", "ours", "新帐篷上架 #露营", OWN, created=NOW - 5 * DAY, tags=("露营",)),
    post("q1", "ann", "露营求推荐一款两人帐篷，预算五百？", 2, tags=("露营",)),
    post("q2", "bob", "新手露营带什么锅合适？", 30, tags=("露营",)),
    post("q3", "cid", "露营地哪里好？求推荐", 3, tags=("露营",)),
    post("a1", "own", "试试莫干山", 2, reply_to="q3", root="q3"),
    post("q4", "dan", "露营灯怎么选？求推荐", 4, tags=("露营",)),
    *(post(f"b{n}", f"x{n}", "用这个", 3, reply_to="q4", root="q4") for n in range(4)),
    post("q5", "eve", "露营睡袋求推荐？", 5, tags=("露营",)),
    *(post(f"c{n}", f"y{n}", "随便", 4, reply_to="q5", root="q5") for n in range(4)),
    post("c9", "eve", "还是没懂，到底哪款好？", 3, reply_to="q5", root="q5"),
    post("q6", "fay", "考研英语怎么复习？求推荐资料", 2, tags=("考研",)),
    post("q7", "gus", "露营车求推荐？", 2, tags=("露营",)),
    post("q8", "hal", "露营椅子哪款好？求推荐", 2, tags=("露营",)),
    post("m1", "hal", "你们的帐篷漏水，失望", 50, reply_to="ours", root="ours"),
    post("m2", "ida", "什么时候补货？", 40, reply_to="ours", root="ours"),
    post("m3", "jon", "好看", 30, reply_to="ours", root="ours"),
    post("m4", "kim", "昨天收到少发了一个地钉", 20, mentions=(Mention("虚构own", "own"),)),
    post("r2", "own", "谢谢", 29, reply_to="m3", root="ours"),
    post("e1", "lea", "我们下个月结婚啦！", 10 * 24),
    post("e2", "max", "周末刚搬完家，累瘫", 40 * 24),
    post("e3", "ned", "想买一顶露营帐篷 #露营", 24, tags=("露营",)),
]
DECLINES = who("gus", "谢绝推广，勿扰")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "p.db") as opened:
        opened.add([OWN, DECLINES, *ROWS], SOURCE)
        own = opened.one("select id from account_key where native_id = 'own'")
        opened.set_meta("own_accounts", json.dumps([own]))
        yield opened


def run(project: Project, name: str, **more: object) -> list[Event]:
    async def collect() -> list[Event]:
        engine = Engine(project, today=TODAY)
        return [event async for event in acts.queue(engine, name, now=NOW, **more)]  # type: ignore[arg-type]

    return asyncio.run(collect())


def shown(events: Sequence[Event]) -> list[dict[str, object]]:
    table = next(event for event in events if isinstance(event, Table))
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def posts(events: Sequence[Event]) -> list[str]:
    return [str(row["post"]).partition(":")[2] for row in shown(events)]


def told(events: Sequence[Event]) -> dict[str, int]:
    return {e.code: e.params["n"] for e in events if isinstance(e, Done) and "n" in e.params}


def test_questions_nobody_answered_well_the_freshest_that_fit_first(project: Project) -> None:
    events = run(project, "questions")
    assert posts(events) == ["q5", "q1", "q2"]
    why = {row["post"]: [reason["key"] for reason in row["why"]] for row in shown(events)}  # type: ignore[attr-defined]
    assert "queue.why.again" in why["weibo:q5"]
    assert "queue.why.nobody" in why["weibo:q2"]
    counts = told(events)
    assert counts["queue.passed.answered_by_us"] == 1
    assert counts["queue.passed.answered_well"] == 1
    assert counts["queue.passed.declines"] == 1
    assert counts["queue.passed.angry"] == 1
    assert counts["queue.passed.off_topic"] >= 1


def test_a_topic_says_what_we_can_help_with(project: Project) -> None:
    assert posts(run(project, "questions", topic="考研")) == ["q6"]


def test_complaints_stand_before_questions_and_what_we_answered_at_the_end(project: Project) -> None:
    events = run(project, "inbox")
    assert posts(events) == ["m1", "m4", "m2", "m3"]
    assert [row["mail"] for row in shown(events)] == [
        f"mail.{k}" for k in ("complaint", "complaint", "question", "word")
    ]
    assert [row["state"] for row in shown(events)][-1] == "mail.state.answered"
    actions.change(project, "add", ["hal"])
    assert posts(run(project, "inbox")) == ["m4", "m2", "m3"]


def test_occasions_pass(project: Project) -> None:
    events = run(project, "opportunities")
    assert "e1" in posts(events)
    assert "e3" in posts(events)
    assert "e2" not in posts(events), "moving was forty days ago"
    wedding = next(row for row in shown(events) if row["post"] == "weibo:e1")
    assert wedding["best_before"] == {"key": "left.days", "params": {"n": 80}}
    assert not {"pregnancy", "love", "breakup"} & set(queues.tables()["events"])


def test_what_is_put_off_comes_back_and_what_is_dropped_does_not(project: Project) -> None:
    list(acts.set_state(project, "later", "weibo:q1", now=NOW, days=2, name="questions"))
    assert posts(run(project, "questions")) == ["q5", "q2"]
    number = project.one("select item from queue_state")
    assert queues.hidden(project, "questions", NOW + 2 * DAY) == {}
    list(acts.set_state(project, "dropped", "weibo:q1", now=NOW, name="questions"))
    assert queues.hidden(project, "questions", NOW + 999 * DAY) == {number: "dropped"}
    undone = project.query("select kind, detail from act order by id desc limit 1")[0]
    assert undone[0] == "queue"
    project.writer.call(lambda db: queues.restore(db, json.loads(undone[1])))
    assert queues.hidden(project, "questions", NOW) == {number: "later"}
    list(acts.set_state(project, "open", "weibo:q1", now=NOW))
    assert posts(run(project, "questions")) == ["q5", "q1", "q2"]


@given(st.integers(0, 400 * DAY))
def test_ages_are_told_in_their_largest_unit(seconds: int) -> None:
    said = acts.ago(seconds)
    unit = {"ago.days": DAY, "ago.hours": HOUR, "ago.minutes": 60, "ago.now": 1}[said["key"]]
    assert said["params"]["n"] * unit <= max(seconds, 0)


# -- places --------------------------------------------------------------------------------------------------------


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Project]:
    """Forty campers who speak of it on weekend evenings; eighty others speak of food on workdays at noon, and five of
    those once of camping too."""
    group = Group("weibo", "g1", name="虚构露营小组")
    saturday = end_of(date(2026, 11, 21)) - 2 * HOUR  # in the hour from 21:00
    monday = end_of(date(2026, 11, 16)) - 11 * HOUR  # in the hour from 12:00
    rows: list[Post | Membership] = []
    for n in range(120):
        camper, account = n < 40, who(f"t{n}")
        tag, at = ("露营", saturday) if camper else ("美食", monday)
        rows.append(Post("weibo", f"w{n}", f"说说 #{tag}", account, created=at, tags=(tag, "日常")))
        if camper:
            rows.append(Membership(account, group))
        elif n < 45:
            rows.append(Post("weibo", f"v{n}", "也去 #露营", account, created=monday + 60, tags=("露营",)))
    with Project.open(tmp_path / "town.db") as opened:
        opened.add(rows, SOURCE)
        yield opened


def campers(project: Project) -> list[int]:
    return [row[0] for row in project.query("select author from post where text = '说说 #露营'")]


def test_places_are_where_they_are_more_than_everybody(town: Project) -> None:
    found = context.places(town, campers(town), now=NOW)
    assert (found.asked, found.size, found.base) == (40, 40, 120)
    tags = {place.item: place.index for place in found.places if place.kind == "tag"}
    assert set(tags) == {"露营", "日常"}, "nobody of them was at the food"
    camping = tags["露营"]
    assert (camping.having, camping.size, camping.base_having, camping.base_size) == (40, 40, 45, 120)
    assert camping.verdict == "over"
    assert camping.low is not None
    assert camping.index is not None
    assert 100 < camping.low < camping.index < 300, "three times everybody, drawn a little towards as much as them"
    assert tags["日常"].verdict != "over"
    times = [place.item for place in found.places if place.kind == "time" and place.index.verdict == "over"]
    assert times == [], "nobody else was about then, so there is nothing to compare with"
    only = [(place.kind, place.item, place.index.having) for place in found.places if place.verdict == "only"]
    assert ("time", "weekend 21", 40) in only
    assert [having for kind, _, having in only if kind == "group"] == [40]


def test_few_people_are_counted_and_not_compared(town: Project) -> None:
    found = context.places(town, campers(town)[:10], now=NOW)
    assert found.size == 10
    assert {place.verdict for place in found.places} == {"too_few"}


def test_a_table_of_places(town: Project) -> None:
    async def collect() -> list[Event]:
        engine = Engine(town, today=TODAY)
        return [event async for event in acts.meet(engine, now=NOW, topic="露营", kinds=("tag", "time", "group"))]

    rows = shown(asyncio.run(collect()))
    assert rows[0]["place"] == "place.tag"
    assert rows[0]["where"] == "#露营"
    assert rows[0]["last_seen"] == "2026-11-21"
    assert any(row["where"] == "虚构露营小组" for row in rows)
