"""An invented project made through public means, its numbers counted a second time from the script that made it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from xunke.clock import DAY, ZONE, end_of, start_of
from xunke.model import Account, Follower, Interaction, Post, Provenance, Purchase
from xunke.outreach import campaign_rows, campaigns, cohorts, kpi, lifecycle, rates, response, touches, value
from xunke.storage import Project, suppression
from xunke.storage.persons import rebuild

TODAY = date(2027, 1, 10)
NOW = end_of(TODAY)
US = Account("weibo", "us", name="我们")
NAMES = [f"p{n}" for n in range(14)]


def at(day: date, hour: int = 12, minute: int = 0) -> int:
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).timestamp())


def back(days: int, hour: int = 12) -> int:
    return at(TODAY - timedelta(days=days), hour)


def who(name: str) -> Account:
    return Account("weibo", name, name=name)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "p.db") as made:
        made.add([US, *map(who, NAMES)], Provenance("file", "invented", fetched=NOW))
        made.set_meta("own_accounts", json.dumps([number(made, "us")]))
        yield made


def number(project: Project, name: str) -> int:
    return int(project.one("select id from account_key where native_id = ?", (name,)))


def join(project: Project, a: str, b: str) -> None:
    pair = (number(project, a), number(project, b))

    def write(db) -> None:  # type: ignore[no-untyped-def]
        row = "insert into same_pair(a, b, p, sure, detail, state, found) values (?, ?, 1, 1, '{}', 'accepted', 1)"
        db.execute(row, pair)
        rebuild(db)

    project.writer.call(write)


def test_a_campaign_is_counted_by_people_and_without_what_was_taken_back(project: Project) -> None:
    join(project, "p0", "p1")
    c = campaigns.create(project, "元旦", now=NOW - 40 * DAY)
    ids = {name: number(project, name) for name in NAMES}
    made = {
        name: touches.log(project, ids[name], "reply", t=back(20), state="imported", campaign=c.id)
        for name in NAMES[:10]
    }
    skipped = touches.log(project, ids["p10"], "reply", t=back(20), state="skipped", campaign=c.id)
    undone = touches.log(project, ids["p11"], "reply", t=back(20), state="imported", campaign=c.id)
    came = [
        touches.outcome(project, ids[name], kind, t=back(18), value=money, touch=made[name])
        for name, kind, money in (
            ("p0", "reply", None), ("p1", "reply", None), ("p2", "bought", 80.0), ("p2", "bought", 20.0),
            ("p3", "bought", 55.0), ("p4", "negative", None), ("p5", "like", None),
        )
    ]  # fmt: skip
    project.writer.call(lambda db: touches.take_back(db, "touch", undone))
    project.writer.call(lambda db: touches.take_back(db, "outcome", came[4]))
    campaigns.add_cost(project, c, day="2027-01-01", now=NOW, amount=50.0)
    project.writer.call(lambda db: suppression.add(db, [("weibo", "p5", None, None)], "test"))
    given = campaign_rows.inputs(project, c, now=NOW)
    told = {n.name: n for n in kpi.tree(given)}
    assert skipped not in {a.id for a in given.acts}
    people = 9  # ten accounts, two of which are one person
    assert told["reached"].value == people
    assert told["frequency"].value == 10 / people
    assert (told["reply_rate"].top, told["reply_rate"].bottom) == (2, people)  # p0 and p1 are one, p4 said no
    assert (told["reaction_rate"].top, told["conversion_rate"].top) == (3, 1)  # the person, p2, p5; p3 was taken back
    assert (told["revenue"].value, told["cac"].value, told["roi"].value) == (100.0, 50.0, 1.0)
    for measure in told.values():
        assert undone not in measure.touches
        assert came[4] not in measure.outcomes


def test_answers_are_counted_when_everybody_had_the_same_time(project: Project) -> None:
    for n, name in enumerate(NAMES):
        days = 30 if n < 8 else 3
        touches.log(project, number(project, name), "follow", t=back(days), state="imported")
    for name in ("p0", "p8", "p9", "p10"):
        touches.outcome(project, number(project, name), "reply", t=back(1 if name != "p0" else 25))
    lists = {40: NAMES[3:4], 20: NAMES[3:5], 2: [*NAMES[3:5], "p8"]}
    for days, names in lists.items():
        project.add([Follower(who(n), start_of(TODAY - timedelta(days=days)), "weibo:us", whole=True) for n in names],
                    Provenance("file", f"l{days}", fetched=NOW))  # fmt: skip
    found = {r.step: r for r in rates.by_step(project, TODAY)}
    ripe = NAMES[:8]
    assert (found["follow"].n, found["follow"].hits, found["follow"].waiting) == (len(ripe), 1, 6)
    assert (found["follow_back"].n, found["follow_back"].hits) == (len(ripe), 1)  # p4; p3 was there before


def test_who_stands_in_the_first_list_did_not_come_because_of_us(project: Project) -> None:
    for name in NAMES[:6]:
        touches.log(project, number(project, name), "follow", t=back(30), state="imported")
    project.add([Follower(who(n), start_of(TODAY - timedelta(days=9)), "weibo:us", whole=True) for n in NAMES[:6]],
                Provenance("file", "first", fetched=NOW))  # fmt: skip
    found = {r.step: r for r in rates.by_step(project, TODAY)}
    assert (found["follow_back"].n, found["follow_back"].hits) == (6, 0)


def test_one_rule_of_sleep_in_stages_and_in_history(project: Project) -> None:
    spell = {"p0": (0, 30, 61), "p1": (61, 40, 45), "p2": (70, 100, 130, 160), "p3": (100, 130), "p4": (200,)}
    acts = [Interaction("weibo", who(n), US, "like", back(d)) for n, days in spell.items() for d in days]
    acts.append(Interaction("weibo", who("p5"), US, "follow", back(300)))
    bought = [Purchase(who("p6"), 9.0, "o1", back(59)), Purchase(who("p3"), 9.0, "o2", back(20))]
    project.add([*acts, *bought], Provenance("file", "acts", fetched=NOW))
    ids = {name: number(project, name) for name in NAMES}
    stages = {n: s for n in NAMES if (s := lifecycle.stage_of(project, [ids[n]], TODAY).get(ids[n]))}
    asleep = cohorts.sleeping(cohorts.acts(project, [number(project, "us")], TODAY),
                              TODAY)  # fmt: skip
    for name in spell:
        assert (stages[name][0] in ("dormant", "lost")) == (ids[name] in asleep), name
    # p2: gaps of 30 days, so 90 and not 60; p3 bought twenty days ago; p4 has been quiet for more than twice sixty days
    assert {n for n in spell if ids[n] in asleep} == {"p4"}
    assert stages["p4"][0] == "lost"
    assert stages["p5"][0] == "follower", "who only followed has not fallen asleep"
    assert "p6" not in {n for n in NAMES if ids[n] in asleep}


def test_an_angry_answer_is_an_answer_and_imported_touches_are_touches(project: Project) -> None:
    for name in ("p0", "p1"):
        for days in range(6, 0, -1):
            touches.log(project, number(project, name), "reply", t=back(days), state="imported")
    touches.outcome(project, number(project, "p1"), "negative", t=back(1, 13))
    ids = [number(project, "p0"), number(project, "p1")]
    worth = value.value_of(project, ids, TODAY)
    assert [worth[i].reasons for i in ids] == [(("costly", 6),), ()]
    assert lifecycle.stage_of(project, ids, TODAY)[ids[0]][0] == "aware"


def test_value_is_the_sum_that_the_document_says(project: Project) -> None:
    acts = [("like", 90), ("reply", 0), ("reply", 45), ("repost", 180)]
    project.add([Interaction("weibo", who("p0"), US, kind, NOW - days * DAY) for kind, days in acts],  # type: ignore[arg-type]
                Provenance("file", "acts", fetched=NOW))  # fmt: skip
    project.add([Purchase(who("p0"), 50.0, "o1", back(5))], Provenance("file", "orders", fetched=NOW))
    depth = {"like": 1, "reply": 3, "repost": 4}
    hand = sum(depth[kind] * 0.5 ** (days / 90) for kind, days in acts) + 10
    one = number(project, "p0")
    assert value.value_of(project, [one], TODAY)[one].current == pytest.approx(hand)


def test_the_response_model_reads_nothing_of_the_future(project: Project) -> None:
    posts = [Post("weibo", f"c{n}-{d}", "说得对", author=who(n), created=back(d), kind="comment", zone="+08:00")
             for i, n in enumerate(NAMES) for d in range(30, 40 + i)]  # fmt: skip
    project.add(posts, Provenance("file", "posts", fetched=back(60)))
    ids = [number(project, n) for n in NAMES]
    for n, one in enumerate(ids * 5):
        t = back(200 - 30 * (n // len(ids)) - n % 13)
        touches.log(project, one, "reply", t=t, state="imported")
        if n % 3 == 0:
            touches.outcome(project, one, "reply", t=t + DAY)
    then = back(60)
    before = response.learn(project, then)
    assert before.fit is not None
    later = [Post("weibo", f"z{n}", "求推荐", author=who(n), created=back(5), kind="comment") for n in NAMES]
    project.add([*later, *(Interaction("weibo", who(n), US, "like", back(4)) for n in NAMES)],
                Provenance("file", "later", fetched=NOW))  # fmt: skip
    for one in ids:
        number_of = touches.log(project, one, "talk", t=back(50), state="imported")
        touches.outcome(project, one, "bought", t=back(49), touch=number_of, value=1.0)
    assert response.learn(project, then) == before
