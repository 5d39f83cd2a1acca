"""Learning who answers, next best acts, reviews. All people here are invented."""

from __future__ import annotations

import json
import math
import random
import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.outreach.listed import keep_list
from xunke.actions import reviews as acts_of
from xunke.actions.undo import INVERSES
from xunke.actions.undo import next_act as newest
from xunke.clock import DAY, ZONE
from xunke.events import Done, Table, Warned
from xunke.i18n import Catalogue
from xunke.model import Account, Interaction, Post, Provenance
from xunke.outreach import gate, logistic, next_act, response, reviews, scoring, touches
from xunke.outreach.people import load
from xunke.present import event_lines
from xunke.storage import Project

NOW = int(datetime(2026, 11, 22, 12, 0, tzinfo=ZONE).timestamp())
PEOPLE = 90


def fill(path: Path) -> Project:
    """People whose answers depend on how much they answer others."""
    project = Project.open(path)
    own = Account("weibo", "own", name="虚构店铺")
    records: list[Account | Post] = [Post("weibo", "ours", "越野跑怎么选鞋", author=own, created=NOW - 300 * DAY)]
    for n in range(PEOPLE):
        one = Account("weibo", f"{n}", name=f"虚构人{n}", followers=300, fetched=NOW - 290 * DAY)
        records.append(Post("weibo", f"p{n}", "今天跑了十公里", author=one, created=NOW - 250 * DAY - n))
        if n % 2:
            records += [
                Post("weibo", f"c{n}-{day}", "说得对", author=one, created=NOW - day * DAY - n, kind="comment")
                for day in range(2, 260, 5)
            ]
    project.add(records, Provenance("user", "t"))
    project.set_meta("own_accounts", json.dumps([number(project, "own")]))
    keep_list(project, [number(project, str(n)) for n in range(PEOPLE)])
    return project


def number(project: Project, native: str) -> int:
    return int(project.one("select id from account_key where native_id = ?", (native,)))


def logged(project: Project, times: int, *, effect: bool = True) -> None:
    """Touches of everybody over half a year; the odd ones answer mostly, the even ones hardly."""
    chance = random.Random(4)
    ids = [number(project, str(n)) for n in range(PEOPLE)]

    def write(db: sqlite3.Connection) -> None:
        for k in range(times):
            for n, account in enumerate(ids):
                t = NOW - 170 * DAY + k * 40 * DAY + n * 3600
                db.execute(
                    "insert into touch(account, t, step, state, created) values (?, ?, 'reply', 'done', 0)",
                    (account, t),
                )
                if chance.random() < ((0.6 if n % 2 else 0.05) if effect else 0.3):
                    db.execute(
                        "insert into outcome(account, t, kind, source, created) values (?, ?, 'reply', 'user', 0)",
                        (account, t + DAY),
                    )

    project.writer.call(write)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Project]:
    with fill(tmp_path / "response.db") as project:
        yield project


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with fill(tmp_path_factory.mktemp("taught") / "taught.db") as project:
        logged(project, 4)
        reviews.store(project, reviews.look(project, NOW))
        yield project


def test_the_fit_is_the_one_worked_by_hand() -> None:
    fitted = logistic.fit([[0.0]] * 100, [1] * 20 + [0] * 80, (0.0, 0.0), (1e6, 1.0))
    assert fitted.beta[0] == pytest.approx(math.log(0.25), abs=1e-6)  # 20 to 80
    assert fitted.beta[1] == 0.0
    assert fitted.spread(1) == pytest.approx(1.0)  # nothing was learned: the prior's own
    nothing = logistic.fit([], [], (-1.5, 0.5), (1.5, 0.5))
    assert nothing.beta == pytest.approx((-1.5, 0.5))


def test_priors_hold_back_what_little_data_would_claim() -> None:
    x, y = [[1.0], [1.0], [0.0], [0.0]], [1, 1, 0, 0]
    near, far = (logistic.fit(x, y, (0.0, 0.0), (1.5, s)).beta[1] for s in (0.5, 50.0))
    assert 0 < near < 0.5 < far


@given(st.lists(st.tuples(st.floats(-3, 3), st.integers(0, 1)), min_size=1, max_size=40))
def test_the_fit_is_a_maximum(rows: list[tuple[float, int]]) -> None:
    x, y = [[a] for a, _ in rows], [b for _, b in rows]
    fitted = logistic.fit(x, y, (0.0, 0.0), (1.0, 1.0))
    p = [fitted.chance(row) for row in x]
    assert sum(b - a for a, b in zip(p, y, strict=True)) == pytest.approx(fitted.beta[0], abs=1e-5)  # the slope is 0


def test_scores_of_probabilities() -> None:
    assert logistic.brier([0.5, 1.0], [1, 1]) == pytest.approx(0.125)
    found = logistic.bins([0.1, 0.1, 0.9, 0.9], [0, 0, 1, 0], 2)
    assert [(b.n, b.said, b.came) for b in found] == [(2, 0.1, 0.0), (2, 0.9, 0.5)]
    assert logistic.calibration_error(found) == pytest.approx(0.25)


def test_too_little_data_learns_nothing(bare: Project) -> None:
    assert response.learn(bare, NOW).state == "few"
    logged(bare, 1)
    early = response.learn(bare, NOW - 160 * DAY)  # touches there, but their fortnight is not over
    assert (early.state, early.n) == ("few", 0)
    assert response.current(bare) is None


def test_noise_is_not_adopted(bare: Project) -> None:
    logged(bare, 4, effect=False)
    assert reviews.look(bare, NOW).adopted is False


def test_what_matters_is_learned_and_calibrated(taught: Project) -> None:
    model = response.current(taught)
    assert model is not None
    assert model.n == 4 * PEOPLE
    assert model.report["state"] == "better"
    assert model.report["brier"] < model.report["brier_base"]
    assert model.report["ece"] < 0.15
    odd, even = (
        response.chances(taught, model, [response.Ask(number(taught, n), NOW, "reply")])[0] for n in ("1", "2")
    )
    assert odd[0] > 0.4 > 0.2 > even[0]
    assert odd[1] < odd[0] < odd[2]


def test_nothing_after_the_touch_is_used(bare: Project) -> None:
    """What a feature says of a second stays the same, whatever comes later."""
    logged(bare, 2)
    t = NOW - 60 * DAY
    ask = response.Ask(number(bare, "3"), t, "reply")
    before = response.features(response.Past(bare, [ask.account]), ask)
    one = Account("weibo", "3", name="虚构人3", followers=900_000, fetched=NOW)
    late = [Post("weibo", f"late{k}", "求推荐跑鞋", author=one, created=t + k, kind="comment") for k in range(1, 9)]
    us = Account("weibo", "own", name="虚构店铺")
    acts = [Interaction("weibo", one, us, "like", t + k, f"like{k}") for k in range(1, 9)]
    bare.add([one, *late, *acts], Provenance("user", "t"))

    def write(db: sqlite3.Connection) -> None:
        db.execute("insert into follower(own, account, first, last) values (?, ?, ?, ?)",
                   (number(bare, "own"), ask.account, t, t))  # fmt: skip
        db.execute(
            "insert into touch(account, t, step, state, created) values (?, ?, 'talk', 'done', 0)", (ask.account, t)
        )
        db.execute(
            "insert into outcome(account, t, kind, source, created) values (?, ?, 'bought', 'user', 0)",
            (ask.account, t),
        )

    bare.writer.call(write)
    assert response.features(response.Past(bare, [ask.account]), ask) == before


def test_the_stage_of_then(bare: Project) -> None:
    """Three likes on two days make somebody engaged for 90 days, and asleep after 60; a follower is one until gone."""
    one, us, day = Account("weibo", "4", name="虚构人4"), Account("weibo", "own", name="虚构店铺"), NOW - 200 * DAY
    likes = [Interaction("weibo", one, us, "like", day + k * DAY // 2, f"l{k}") for k in range(3)]
    bare.add(likes, Provenance("user", "t"))
    who = number(bare, "4")
    stay = (number(bare, "own"), who, day, day + 30 * DAY, day + 40 * DAY)
    bare.writer.call(lambda db: db.execute("insert into follower(own, account, first, last, gone) values (?,?,?,?,?)",
                                           stay))  # fmt: skip
    past = response.Past(bare, [who])

    def then(days: float) -> tuple[float, ...]:
        return tuple(past.stage(who, day + int(days * DAY)).values())

    assert then(0.9) == (1, 0, 0)  # two likes on one day or two
    assert then(2) == (1, 1, 0)
    assert then(41) == (0, 1, 0)
    assert then(70) == (0, 1, 1)
    assert then(92) == (0, 0, 1)


def test_the_score_uses_what_was_learned_and_says_so(taught: Project) -> None:
    people = load(taught, [number(taught, "1"), number(taught, "2")])
    ranking = scoring.influence(taught, NOW)
    one, two = scoring.score(taught, list(people.values()), ranking, since=None, until=NOW, subject=False)
    assert one.raw["learned"]["n"] == 4 * PEOPLE
    assert one.parts["reach"] == one.raw["learned"]["p"] > two.parts["reach"]
    past = scoring.score(taught, list(people.values()), ranking, since=None, until=NOW - DAY, subject=False)[0]
    assert "learned" not in past.raw  # a model that has read later outcomes says nothing of earlier days
    assert past.parts["reach"] == scoring.rule_reach(past.raw["answers"], past.raw["followers"])


def test_a_review_can_be_taken_back(bare: Project) -> None:
    logged(bare, 4)
    reviews.store(bare, reviews.look(bare, NOW))
    assert response.current(bare) is not None
    act = newest(bare)
    assert act is not None
    assert act.kind == "review"
    bare.writer.call(lambda db: INVERSES["review"](db, act.detail))
    assert response.current(bare) is None
    assert reviews.past(bare, None) == []


def test_a_second_review_tells_what_is_new(bare: Project) -> None:
    logged(bare, 1)
    reviews.store(bare, reviews.look(bare, NOW - 150 * DAY))
    before = reviews.past(bare, None)[0][1]["funnel"]["met"]
    found = reviews.look(bare, NOW)
    assert before == PEOPLE
    assert found.new["touches"] == 0
    assert found.since == NOW - 150 * DAY
    assert list(acts_of.review(bare, now=NOW, dry_run=True))[-1] == Done("review.dry")
    assert len(reviews.past(bare, None)) == 1


# -- next acts -----------------------------------------------------------------------------------------------------


def facts(**more: object) -> dict[str, object]:
    nothing: dict[str, object] = {
        "complaint": False, "waiting": False, "positive": False, "answered": False, "bought": False, "unanswered": 0,
        "top": 0, "quiet": None, "stage": None, "opportunity": False, "posts": 3,
    }  # fmt: skip
    return nothing | more


@pytest.mark.parametrize(("seen", "rule"), [
    (facts(), "greet"), (facts(posts=0), "follow"), (facts(complaint=True, waiting=True), "complaint"),
    (facts(waiting=True, answered=True, top=2), "waiting"), (facts(answered=True, top=2, quiet=3), "talk"),
    (facts(answered=True, positive=True, top=4, quiet=1), "offer"), (facts(top=2, quiet=5, unanswered=4), "rest"),
    (facts(top=2, quiet=5, unanswered=2, opportunity=True), "other_need"),
    (facts(top=2, quiet=5, unanswered=2), "wait"),
    (facts(opportunity=True), "opportunity"), (facts(stage="dormant", top=1, quiet=90), "wake"),
    (facts(top=1, quiet=3, unanswered=1), "useful"), (facts(bought=True, answered=True, top=5, quiet=20), "thank"),
])  # fmt: skip
def test_the_first_rule_that_fits(seen: dict[str, object], rule: str) -> None:
    assert next(r.name for r in next_act.rules() if next_act.fits(r, seen)) == rule


def test_every_rule_can_be_said_and_has_a_step_of_the_ladder() -> None:
    cat = Catalogue("zh")
    for rule in next_act.rules():
        assert cat.has(f"next.rule.{rule.name}")
        assert rule.step is None or rule.step in touches.STEPS
        assert rule.step is not None or rule.final


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(touches.STEPS), st.integers(0, 30)), max_size=12),
       st.lists(st.tuples(st.integers(0, 5), st.sampled_from(touches.KINDS), st.integers(0, 30)), max_size=8),
       st.integers(0, 23))  # fmt: skip
def test_nothing_is_proposed_that_the_gate_forbids(
    bare: Project, done: list[tuple[int, str, int]], came: list[tuple[int, str, int]], hour: int
) -> None:
    now = NOW + hour * 3600
    ids = [number(bare, str(n)) for n in range(6)]

    def write(db: sqlite3.Connection) -> None:
        db.execute("delete from touch")
        db.execute("delete from outcome")
        for who, step, day in done:
            db.execute(
                "insert into touch(account, t, step, state, created) values (?, ?, ?, 'done', 0)",
                (ids[who], now - day * DAY - 60, step),
            )
        for who, kind, day in came:
            db.execute(
                "insert into outcome(account, t, kind, source, created) values (?, ?, ?, 'user', 0)",
                (ids[who], now - day * DAY - 30, kind),
            )

    bare.writer.call(write)
    found = next_act.propose(bare, now, people=ids)
    assert [a.gain for a in found] == sorted((a.gain for a in found), reverse=True)
    for act in found:
        assert act.step is not None
        assert act.gain > 0
        assert now <= act.at <= now + next_act.AHEAD
        assert gate.may(bare, act.account, act.step, now=act.at).ok


def test_the_gain_is_the_sum_that_is_told(bare: Project) -> None:
    (act,) = next_act.propose(bare, NOW, people=[number(bare, "1")], value=50, per_minute=2)
    rule = next(r for r in next_act.rules() if r.name == act.rule)
    assert act.gain == pytest.approx(act.chance * rule.worth * 50 - act.minutes * 2)
    reach = scoring.rule_reach(18, 300)  # 18 comments in 90 days
    assert act.chance == pytest.approx(logistic.sigmoid(-1.5 + 0.5 * logistic.logit(reach)))
    assert not act.learned
    assert next_act.propose(bare, NOW, people=[number(bare, "1")], value=0.01, per_minute=5) == []


def test_own_accounts_and_expired_lists_are_no_candidates(bare: Project) -> None:
    assert len(next_act.candidates(bare, NOW)) == PEOPLE
    bare.writer.call(lambda db: db.execute("update saved_list set expires = ?", (NOW - 1,)))
    assert next_act.candidates(bare, NOW) == []


def test_everything_can_be_said_in_both_languages(taught: Project, bare: Project) -> None:
    everything = [
        *acts_of.review(bare, now=NOW), *acts_of.next_acts(bare, now=NOW, limit=3), *acts_of.rule_table(),
        *acts_of.review(taught, now=NOW, dry_run=True), *acts_of.history(taught), *acts_of.history(bare),
        *acts_of.next_acts(taught, now=NOW, limit=5), *acts_of.why_next(taught, "虚构人1", now=NOW),
        *acts_of.why_next(bare, "虚构人2", now=NOW + 10 * 3600),
    ]  # fmt: skip
    for lang in ("zh", "en"):
        cat = Catalogue(lang)
        for event in everything:
            for line in event_lines(event, cat):
                assert "{" not in line
                assert not re.search(r"\b(next|review|response|column|gate|value)\.[a-z]", line), line
    assert all(len(row) == len(e.columns) for e in everything if isinstance(e, Table) for row in e.rows)
    assert any(isinstance(e, Warned) and e.code == "review.learn_better" for e in everything)


def test_next_says_how_many_are_not_shown(bare: Project) -> None:
    for days in (20, 40, 60, 80):  # four steps without an answer: left alone
        touches.log(bare, number(bare, "1"), "reply", t=NOW - days * DAY, state="imported")
    told = list(acts_of.next_acts(bare, now=NOW, limit=PEOPLE))
    (shown,) = [len(e.rows) for e in told if isinstance(e, Table)]
    assert 0 < shown < PEOPLE
    assert [e.params["n"] for e in told if isinstance(e, Warned) and e.code == "next.others"] == [PEOPLE - shown]
    first = list(acts_of.next_acts(bare, now=NOW, limit=1))
    assert "next.others" not in {e.code for e in first if isinstance(e, Warned)}  # cut by the limit, not left out
