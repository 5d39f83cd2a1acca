"""Experiments that are kept: who is dealt out, what counts, what is taken back. All people here are invented."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.outreach.listed import keep_list
from xunke.actions import pilots as market
from xunke.actions import trials as acts_of
from xunke.actions.undo import INVERSES, next_act
from xunke.clock import DAY, ZONE
from xunke.errors import BadInput
from xunke.events import Done, Table, Warned
from xunke.i18n import Catalogue
from xunke.model import Account, Provenance
from xunke.outreach import campaigns, gate, lists, trial_results, trials
from xunke.present import event_lines
from xunke.storage import Project, suppression

NOON = int(datetime(2026, 11, 2, 12, 0, tzinfo=ZONE).timestamp())
PEOPLE = 120


def fill(path: Path) -> Project:
    project = Project.open(path)
    people = [
        Account("weibo" if n % 3 else "bilibili", f"{n}", name=f"虚构人{n}", followers=100 + n) for n in range(PEOPLE)
    ]  # fmt: skip
    project.add(people, Provenance("user", "t"))
    ids = [row[0] for row in project.query("select id from account order by id")]
    joined = [(ids[0], ids[1]), (ids[4], ids[5])]

    def join(db: sqlite3.Connection) -> None:
        for a, b in joined:
            db.execute("insert into person(id, created) values (?, 0)", (a,))
            db.execute("update account set person = ? where id in (?, ?)", (a, a, b))

    project.writer.call(join)
    keep_list(project, ids)
    project.writer.call(lambda db: db.execute("update account set bio = '谢绝推广' where name = '虚构人7'"))
    return project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with fill(tmp_path / "trials.db") as opened:
        yield opened


def make(project: Project, name: str = "话术", **more: object) -> trials.Experiment:
    given = {"list_id": 1, "arms": [("A", "先夸"), ("B", None)], "now": NOON, "holdout": 0.2, **more}
    return trials.create(project, name, **given)[0]  # type: ignore[arg-type]


def log(project: Project, rows: list[tuple[int, int, str]], came: list[tuple[int, int, str]]) -> None:
    """Touches (account, t, state) and outcomes (account, t, kind), without asking the gate."""

    def write(db: sqlite3.Connection) -> None:
        db.executemany("insert into touch(account, t, step, state, created) values (?, ?, 'reply', ?, 0)", rows)
        db.executemany("insert into outcome(account, t, kind, source, created) values (?, ?, ?, 'user', 0)", came)

    project.writer.call(write)


def buy(project: Project, bought: list[tuple[int, int, float, str | None]]) -> None:
    """Orders: (account, days after the dealing out, amount, currency)."""

    def write(db: sqlite3.Connection) -> None:
        db.executemany("insert into purchase(account, t, amount, currency) values (?, ?, ?, ?)",
                       [(a, NOON + day * DAY, amount, currency) for a, day, amount, currency in bought])  # fmt: skip

    project.writer.call(write)


def test_people_are_dealt_out_not_accounts(project: Project) -> None:
    made, dealt = trials.create(
        project, "话术", list_id=1, arms=[("A", None), ("B", None)], split=[60, 40], holdout=0.25, now=NOON
    )
    arm_of = trials.members(project, made.id)
    assert dealt.left_out == {"trial.out.declines": 1}
    assert dealt.people == len(arm_of) == PEOPLE - 3  # two second accounts, one who declines
    sizes = Counter(arm_of.values())
    assert sizes == dealt.sizes
    for arm, part in (("A", 0.45), ("B", 0.30), ("holdout", 0.25)):
        assert abs(sizes[arm] - part * dealt.people) <= 1
    assert [a["code"] for a in made.spec["arms"] if "code" in a] == [f"E{made.id}-A", f"E{made.id}-B"]
    assert trials.members(project, trials.create(
        project, "同一种子", list_id=1, arms=[("A", None), ("B", None)], split=[60, 40], holdout=0.25, now=NOON,
        seed=made.seed, overlap=True,
    )[0].id) == arm_of  # fmt: skip


def test_somebody_in_a_running_test_is_left_out_and_counted(project: Project) -> None:
    first = make(project, take=40, arms=[("pilot", None)], holdout=0.0)
    _, dealt = trials.create(project, "第二个", list_id=1, arms=[("A", None), ("B", None)], now=NOON)
    assert dealt.left_out["trial.out.busy"] == 40
    assert dealt.others == ("话术",)
    assert not set(trials.members(project, first.id)) & set(trials.members(project, first.id + 1))
    trials.stop(project, first, {"decision": "x"}, NOON)
    assert trials.eligible(project, 1)[1].get("trial.out.busy") == dealt.people


def test_strata_have_their_parts(project: Project) -> None:
    made = make(project, stratify=["platform"], holdout=0.0)
    platform = dict(project.query("select k.id, p.name from account_key k join platform p on p.id = k.platform"))
    sizes = Counter((platform[a], arm) for a, arm in trials.members(project, made.id).items())
    for name in ("weibo", "bilibili"):
        assert abs(sizes[name, "A"] - sizes[name, "B"]) <= 6  # a block of ten may straddle two strata


def test_the_gate_keeps_those_back_who_are_kept_back(project: Project) -> None:
    made = make(project)
    kept = next(a for a, arm in trials.members(project, made.id).items() if arm == "holdout")
    assert gate.may(project, kept, "follow", now=NOON + DAY).reason == "gate.held_out"
    assert trials.held_out(project, [kept, 10**6]) == {kept}
    trials.stop(project, made, {"decision": "B"}, NOON + DAY)
    assert gate.may(project, kept, "follow", now=NOON + DAY).ok
    assert trials.held_out(project, [kept]) == set()


def test_what_counts_in_an_arm(project: Project) -> None:
    made = make(project, holdout=0.0, days=14)
    a = [x for x, arm in trials.members(project, made.id).items() if arm == "A"]
    b = [x for x, arm in trials.members(project, made.id).items() if arm == "B"]
    log(
        project,
        [(a[0], NOON + DAY, "done"), (a[1], NOON + DAY, "skipped"), (a[2], NOON + 20 * DAY, "done"),
         (b[0], NOON + DAY, "done"), (b[1], NOON + DAY, "done")],
        [(a[0], NOON + 2 * DAY, "reply"), (a[0], NOON + 3 * DAY, "positive"),  # one person, once
         (a[1], NOON, "reply"),  # before they were met
         (b[0], NOON + 16 * DAY, "reply"),  # too late
         (b[1], NOON + 2 * DAY, "like")],  # no reply
    )  # fmt: skip
    found = trial_results.findings(project, made, NOON + 30 * DAY)
    one, two = found.arms
    assert (one.entered, one.through, one.hits) == (3, 2, 1)  # who was skipped stays in (intention to treat)
    assert (two.entered, two.through, two.hits) == (2, 2, 0)
    assert found.judged[0].ruling == "few"
    assert len(one.rows) == 2
    longer = trial_results.findings(project, made, NOON + 30 * DAY, days=20)
    assert longer.arms[1].hits == 1


def test_the_uplift_counts_everybody_from_the_start(project: Project) -> None:
    campaign = campaigns.create(project, "活动", now=NOON)
    campaigns.add_cost(project, campaign, day="2026-11-02", now=NOON, amount=190.0)
    made = make(project, holdout=0.5, days=7, horizon=14, campaign=campaign.id)
    arm_of = trials.members(project, made.id)
    kept = [a for a, arm in arm_of.items() if arm == "holdout"]
    treated = [a for a, arm in arm_of.items() if arm != "holdout"]
    log(
        project, [(a, NOON + DAY, "done") for a in treated[:40]],
        [(a, NOON + 2 * DAY, "reply") for a in treated[:30]] + [(a, NOON + 3 * DAY, "reply") for a in kept[:5]]
        + [(kept[6], NOON + 15 * DAY, "reply")],
    )  # fmt: skip
    up = trial_results.uplift(project, made, NOON + 14 * DAY)
    assert up is not None
    assert (up.treated.hits, up.treated.n, up.kept.hits) == (30, len(treated), 5)
    assert up.judged.ruling == "higher"
    assert up.people[0] == pytest.approx(30 - 5 * len(treated) / len(kept))
    assert up.touches == 40
    assert up.per_touch == pytest.approx(up.people[0] / 40)
    assert up.per_hit_cost == pytest.approx(190.0 / up.people[0])  # yuan for each reply that came because of us
    early = trial_results.uplift(project, made, NOON + 5 * DAY)
    assert early is not None
    assert early.judged.share == pytest.approx(5 / 14, abs=0.01)
    assert early.judged.low < up.judged.low
    assert trial_results.wrong_touches(project, made) == []
    log(project, [(kept[0], NOON + DAY, "done")], [])
    assert len(trial_results.wrong_touches(project, made)) == 1


def test_orders_of_a_file_count_in_an_arm_and_once(project: Project) -> None:
    made = make(project, holdout=0.0, days=14, metric="mean:value")
    a, a2, a3 = [x for x, arm in trials.members(project, made.id).items() if arm == "A"][:3]
    (b,) = [x for x, arm in trials.members(project, made.id).items() if arm == "B"][:1]
    log(project, [(x, NOON + DAY, "done") for x in (a, a2, a3, b)], [])
    buy(project, [(a, 2, 100.0, "CNY"), (a2, 3, 30.0, "USD"), (a3, 20, 70.0, "CNY"), (b, 2, 50.0, None)])

    def note(db: sqlite3.Connection) -> None:
        sql = "insert into outcome(account, t, kind, value, source, created) values (?, ?, 'bought', ?, 'user', 0)"
        db.executemany(sql, [(a, NOON + 2 * DAY + 60, 90.0), (b, NOON + 4 * DAY, 5.0)])

    project.writer.call(note)
    one, two = trial_results.findings(project, made, NOON + 30 * DAY).arms
    # a: the order of the day replaces what was noted by hand; a2: dollars are no sum of ours; a3: after the 14 days
    assert (one.hits, one.value, len(one.rows), len(one.orders)) == (2, 100.0, 0, 2)
    assert (two.hits, two.value, len(two.rows), len(two.orders)) == (1, 55.0, 1, 1)
    (table,) = [e for e in acts_of.result(project, "话术", now=NOON + 30 * DAY, rows=True)
                if isinstance(e, Table) and e.title == "trial.rows_title"]  # fmt: skip
    told = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert sorted((row["value"] or 0.0, row["order"]) for row in told) == [(0.0, 2), (5.0, None), (50.0, 4), (100.0, 1)]


def test_the_money_that_came_because_of_us(project: Project) -> None:
    made = make(project, holdout=0.4, days=7, horizon=14, metric="mean:value")
    arm_of = trials.members(project, made.id)
    kept = [x for x, arm in arm_of.items() if arm == "holdout"]
    treated = [x for x, arm in arm_of.items() if arm != "holdout"]
    buy(project, [(x, 3, 100.0 + i, "CNY") for i, x in enumerate(treated[:50])]
        + [(x, 3, 20.0, "CNY") for x in kept[:8]] + [(kept[9], 15, 999.0, "CNY")])  # fmt: skip
    found = trial_results.surplus(project, made, NOON + 14 * DAY)
    assert found is not None
    paid, alone = sum(100 + i for i in range(50)), 8 * 20
    gap = paid / len(treated) - alone / len(kept)
    assert found.judged.gap == pytest.approx(gap)
    assert found.judged.ruling == "higher"
    assert found.revenue is not None
    assert found.revenue[0] == pytest.approx(gap * len(treated))
    assert found.revenue[1] < found.revenue[0] < found.revenue[2]
    roi = found.roi(1000.0)
    assert roi is not None
    assert roi[0] == pytest.approx((gap * len(treated) - 1000) / 1000)
    assert found.roi(0.0) is None
    said = [e.code for e in acts_of.surplus(project, made, now=NOON + 14 * DAY, cost=1000.0) if isinstance(e, Warned)]
    assert said == ["trial.extra_told", "trial.extra_roi_won"]
    early = trial_results.surplus(project, made, NOON + 2 * DAY)
    assert early is not None
    assert early.revenue is None  # nobody has paid yet
    said = [e.code for e in acts_of.result(project, "话术", now=NOON + 2 * DAY) if isinstance(e, Warned)]
    assert "trial.extra_none" in said  # nor can it be told how many people that would take


def test_a_list_with_a_holdout_can_be_tried_on(project: Project) -> None:
    everybody = lists.members(project, 1)
    kept = make(project, "名单 · 留出", arms=[("contact", None)], extra={"kind": trials.HELD}, holdout=0.1)
    held = {a for a, arm in trials.members(project, kept.id).items() if arm == "holdout"}
    second, dealt = trials.create(project, "开场白", list_id=1, arms=[("A", None), ("B", None)], now=NOON)
    assert dealt.left_out["trial.out.busy"] == len(held)
    assert not held & set(trials.members(project, second.id))
    assert len(everybody) > dealt.people > len(everybody) / 2


def test_without_touches_everybody_enters_at_the_start(project: Project) -> None:
    made = make(project, holdout=0.0)
    found = trial_results.findings(project, made, NOON + 15 * DAY)
    assert not found.by_touch
    assert all(c.through == c.dealt for c in found.arms)


def test_nobody_is_called_met_where_no_touch_is_logged(project: Project) -> None:
    made = make(project, holdout=0.0)

    def said() -> str:
        shown = acts_of.result(project, made.name, now=NOON + 30 * DAY)
        return "\n".join(line for event in shown for line in event_lines(event, Catalogue("zh")))

    assert "已接触" not in said()
    assert "分到接触组" in said()
    log(project, [(next(iter(trials.members(project, made.id))), NOON + DAY, "done")], [])
    assert "已接触" in said()


def test_what_cannot_be_is_refused(project: Project) -> None:
    for wrong in (
        {"arms": [("A", None), ("A", None)]}, {"arms": [("holdout", None)]}, {"split": [50]}, {"metric": "luck"},
        {"stratify": ["age"]}, {"holdout": 1.0}, {"name": ""},
    ):  # fmt: skip
        with pytest.raises(BadInput):
            trials.create(
                project, **{"name": "x", "list_id": 1, "arms": [("A", None), ("B", None)], "now": NOON, **wrong}
            )  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        trials.by_name(project, "没有")


def test_a_pilot_and_the_rest_of_its_list(project: Project) -> None:
    events = list(market.pilot(project, "试点", people="名单", go=0.2, size=40, now=NOON))
    assert any(isinstance(e, Done) and e.code == "trial.pilot_made" for e in events)
    made = trials.by_name(project, "试点")
    taken = list(trials.members(project, made.id))
    assert len(taken) == 40
    log(project, [(a, NOON + DAY, "done") for a in taken], [(a, NOON + 2 * DAY, "reply") for a in taken[:16]])
    said = [e.code for e in acts_of.result(project, "试点", now=NOON + 16 * DAY) if isinstance(e, Warned)]
    assert said == ["trial.call.go", "trial.projection"]
    (done,) = [e for e in market.scale(project, "试点", now=NOON + 16 * DAY) if isinstance(e, Done)]
    rest = lists.members(project, done.params["list"])
    assert not set(rest) & set(taken)
    assert len(rest) == PEOPLE - 3 - 40


def test_everything_can_be_taken_back(project: Project) -> None:
    made = make(project)
    list(market.stop(project, "话术", now=NOON + DAY))
    for kind in ("experiment_stop", "experiment_make"):
        act = next_act(project)
        assert act is not None
        assert act.kind == kind

        def back(db: sqlite3.Connection, act: object = act) -> None:
            INVERSES[act.kind](db, act.detail)  # type: ignore[attr-defined]
            db.execute("update act set undone = 1 where id = ?", (act.id,))  # type: ignore[attr-defined]

        project.writer.call(back)
    assert trials.listing(project) == []
    assert project.one("select count(*) from arm where experiment = ?", (made.id,)) == 0
    assert project.one("select count(*) from variant") == 0


def test_every_action_can_be_said_in_both_languages(project: Project) -> None:
    everything = [
        *acts_of.listing(project),
        *acts_of.new(project, "话术", people="名单", arms=["A=先夸", "B"], hold_out=0.2, mde=0.05, now=NOON),
        *acts_of.show(project, "话术", now=NOON), *acts_of.listing(project),
    ]  # fmt: skip
    arm_of = trials.members(project, 1)
    chance = random.Random(3)
    treated = [a for a, arm in arm_of.items() if arm != "holdout"]
    log(project, [(a, NOON + DAY, "done") for a in treated],
        [(a, NOON + 2 * DAY, "reply") for a in treated if chance.random() < 0.3])  # fmt: skip
    for day in (2, 16, 40):
        everything += acts_of.result(project, "话术", now=NOON + day * DAY, rows=True)
    everything += acts_of.evaluate([("A", 1000, 120), ("B", 1000, 180), ("C", 20, 1)])
    everything += acts_of.evaluate([("A", 300, 30), ("B", 300, 33)], planned=600, mde=0.1)
    everything += market.power(project, now=NOON, baseline=0.05, mde=0.03)
    everything += market.power(project, now=NOON, people=100)
    everything += market.power(None, now=NOON, spread=50.0, once=True, pace=10)
    everything += market.assign(project, "话术")
    everything += market.stop(project, "话术", now=NOON + 41 * DAY)
    for lang in ("zh", "en"):
        cat = Catalogue(lang)
        for event in everything:
            for line in event_lines(event, cat):
                assert "{" not in line
                assert not any(word in line for word in ("trial.", "value.", "column.")), line
    tables = [e for e in everything if isinstance(e, Table)]
    assert all(len(row) == len(t.columns) for t in tables for row in t.rows)


def test_who_was_suppressed_since_is_in_no_export(project: Project) -> None:
    made = make(project)
    out = next(a for a in trials.members(project, made.id) if a > 20)
    native, platform = project.query(
        "select k.native_id, p.name from account_key k join platform p on p.id = k.platform where k.id = ?", (out,)
    )[0]
    project.writer.call(lambda db: suppression.add(db, [(platform, native, None, None)], "user"))
    (table,) = [e for e in market.assign(project, "话术") if isinstance(e, Table)]
    assert [platform, native] not in [row[1:3] for row in table.rows]
    assert json.dumps(made.spec)  # the spec names nobody
