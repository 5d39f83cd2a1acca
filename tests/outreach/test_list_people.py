"""Lists of invented people: making, changing, taking back, why somebody is not on one, and what may leave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from xunke import actions
from xunke.actions import lists as acts
from xunke.clock import DAY, end_of
from xunke.engine import Engine
from xunke.errors import BadInput, NeedsAnswer
from xunke.events import Done, Event, Table, Warned
from xunke.i18n import Catalogue
from xunke.model import Account, Interaction, Post, Provenance
from xunke.outreach import advice, list_absence, list_edit, list_make, lists, step_minutes, touches
from xunke.outreach.list_pick import Rules
from xunke.plan import decode
from xunke.storage import Project, erase

TODAY = date(2026, 11, 22)
NOW = end_of(TODAY)
SOURCE = Provenance("user", "invented", fetched=NOW)
OWN = Account("weibo", "own", name="我们", fetched=NOW)
PEOPLE = [Account("weibo", f"p{n}", name=f"虚构{n}", followers=100 * n, fetched=NOW) for n in range(10)]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "p.db") as opened:
        opened.add(
            [
                OWN,
                *PEOPLE,
                Account("weibo", "no", name="勿扰者", bio="谢绝打扰，勿扰", fetched=NOW),
                *(Post("weibo", f"t{n}", f"露营 {n}", who, created=NOW - n * DAY) for n, who in enumerate(PEOPLE)),
                *(Interaction("weibo", PEOPLE[n], OWN, "like", time=NOW - DAY) for n in (7, 8)),
                Interaction("weibo", PEOPLE[9], OWN, "reply", time=NOW - DAY),
            ],
            SOURCE,
        )
        opened.set_meta("own_accounts", json.dumps([number(opened, "own")]))

        def write(db: object) -> None:
            db.execute(  # type: ignore[attr-defined]
                "insert into result(id, target, title, created, total, funnel, setting) "
                "values (1, 'people', '露营', 0, 11, '[]', '{}')"
            )
            for rank, name in enumerate([*(f"p{n}" for n in range(10)), "no"], 1):
                parts = {"segment": "新手" if rank % 2 else "老手", "posts": []}
                db.execute(  # type: ignore[attr-defined]
                    "insert into score(result, rank, item, value, parts) values (1, ?, ?, ?, ?)",
                    (rank, number(opened, name), 1 - rank / 20, json.dumps(parts, ensure_ascii=False)),
                )

        opened.writer.call(write)
        yield opened


def number(project: Project, native: str) -> int:
    return int(project.one("select id from account_key where native_id = ?", (native,)))


def made(project: Project, name: str = "甲", **rules: object) -> list_make.Made:
    ask = list_make.Ask(Rules(**rules), "touches")  # type: ignore[arg-type]
    source = list_make.source_of(project, "1", NOW)
    return list_make.make(project, name, source, ask, now=NOW, until=NOW, purpose="试吃")


def on(project: Project, name: str) -> list[str]:
    entry = lists.by_name(project, name)
    sql = "select k.native_id from list_member m join account_key k on k.id = m.item where m.list = ? order by m.rank"
    return [row[0] for row in project.query(sql, (entry.id,))]


def undo(project: Project) -> list[Event]:
    plan = decode({"outcome": "run", "steps": [{"action": "undo"}]})

    async def collect() -> list[Event]:
        return [event async for event in Engine(project, today=TODAY).run(plan, text="撤销")]

    return asyncio.run(collect())


def test_the_best_fit_the_budget_and_the_others_are_counted_by_reason(project: Project) -> None:
    found = made(project, budget=4)
    assert on(project, "甲") == ["p0", "p1", "p2", "p3"]
    assert found.left_out == {"budget": 6, "funnel.declines": 1}
    assert found.entry.expires == NOW + lists.DAYS * DAY
    assert found.entry.basis == "public"
    undo(project)
    assert lists.saved(project) == []
    assert project.one("select count(*) from list_out") == 0


def test_own_people_first_make_a_list_of_first_party_data(project: Project) -> None:
    ask = list_make.Ask(Rules(budget=3), "touches", first=True)
    found = list_make.make(project, "甲", list_make.source_of(project, "1", NOW), ask, now=NOW, until=NOW)
    assert on(project, "甲") == ["p7", "p8", "p9"]
    assert found.entry.basis == "fans"
    act = "select first_act from list_member m join account_key k on k.id = m.item where k.native_id = ?"
    assert project.one(act, ("p9",)) == "first_act.engage"
    assert project.one(act, ("p7",)) == "first_act.follow"


def test_minutes_are_those_of_the_table(project: Project) -> None:
    ask = list_make.Ask(Rules(budget=10), "minutes")
    source = list_make.source_of(project, "1", NOW)
    assert list_make.make(project, "甲", source, ask, now=NOW, until=NOW).entry.size == 9  # nine follows, one engage
    step_minutes.put(project, {"follow": 5})
    assert list_make.make(project, "乙", source, ask, now=NOW, until=NOW).entry.size == 2
    undo(project), undo(project)
    assert step_minutes.of(project)["follow"] == 1
    someone = project.one("select min(id) from account")
    for spent in (2, 2, 3, 4, 4):
        touches.log(project, someone, "follow", t=NOW, state="imported", minutes=spent)
    assert step_minutes.of(project)["follow"] == 3  # the middle of what was written down
    with pytest.raises(BadInput):
        step_minutes.put(project, {"call": 5})


def test_who_is_held_back_is_written_down_and_kept_from_other_lists(project: Project) -> None:
    found = made(project, budget=8, hold=0.2, seed=5)
    assert (found.entry.size, found.held) == (8, 2)
    arms = dict(project.query("select arm, count(*) from arm group by arm"))
    assert arms == {"contact": 8, "holdout": 2}
    assert project.one("select seed from experiment") == 5
    held = {row[0] for row in project.query("select account from arm where arm = 'holdout'")}
    again = made(project, "乙", budget=20)
    assert again.left_out["held_elsewhere"] == 2
    assert not held & set(lists.members(project, again.entry.id))
    reasons = list_absence.why_not(project, found.entry, min(held), now=NOW).reasons
    assert reasons[0][0] == "list.not.holdout"
    assert reasons[0][1]["seed"] == 5


def test_every_change_can_be_taken_back(project: Project) -> None:
    made(project, "甲", budget=4)
    entry = lists.by_name(project, "甲")
    before = project.query("select * from list_member order by list, item"), project.query("select * from saved_list")
    list_make.make(
        project, "乙", list_make.source_of(project, "1", NOW), list_make.Ask(Rules(budget=6), "touches"), now=NOW,
        until=NOW,
    )  # fmt: skip
    other = lists.by_name(project, "乙")
    state = lambda: (  # noqa: E731
        project.query("select * from list_member where list = 1 order by item"),
        project.query("select * from saved_list where id = 1"),
    )
    assert state() == before
    for change in (
        lambda: list_edit.remove(project, entry, [number(project, "p1")]),
        lambda: list_edit.merge(project, entry, other),
        lambda: list_edit.minus(project, entry, other),
        lambda: list_edit.add(project, entry, [number(project, "p9")], now=NOW),
        lambda: list_edit.tag(project, entry, [number(project, "p1")], "先谈"),
        lambda: list_edit.set_fields(project, entry, name="丙", purpose="别的", basis="consent", expires=NOW),
        lambda: list_edit.drop(project, entry),
    ):
        change()
        assert state() != before
        undo(project)
        assert state() == before


def test_a_list_gains_and_loses_the_people_of_another(project: Project) -> None:
    made(project, "甲", budget=3)
    made(project, "乙", budget=5)
    one, two = lists.by_name(project, "甲"), lists.by_name(project, "乙")
    assert list_edit.overlaps(project, one) == [(two, 3)]
    assert len(list_edit.shared(project)) == 3
    assert list_edit.merge(project, one, two) == 2
    assert on(project, "甲") == ["p0", "p1", "p2", "p3", "p4"]
    assert list_edit.minus(project, two, one) == 5
    assert on(project, "乙") == []


def test_nobody_who_declines_or_is_barred_is_added_and_one_person_only_once(project: Project) -> None:
    made(project, "甲", budget=2)
    entry = lists.by_name(project, "甲")
    actions.change(project, "add", ["p5"])
    names = ["no", "p5", "p0", "p6"]
    assert list_edit.add(project, entry, [number(project, name) for name in names], now=NOW) == 1
    assert on(project, "甲") == ["p0", "p1", "p6"]
    for name, key in (("no", "declines"), ("p5", "suppressed"), ("p4", "budget"), ("own", "source")):
        found = list_absence.why_not(project, entry, number(project, name), now=NOW)
        assert found.inside is None
        assert found.reasons[0][0] == f"list.not.{key}", name
    assert list_absence.why_not(project, entry, number(project, "p6"), now=NOW).inside == 3


def test_what_a_rule_means_is_counted_first_and_done_with_a_yes(project: Project) -> None:
    made(project, "甲", budget=10)
    dry = list(acts.bulk(project, "甲", "remove", "followers>500", now=NOW))
    assert [event.params["n"] for event in dry if isinstance(event, Table)] == [4]
    assert len(on(project, "甲")) == 10
    list(acts.bulk(project, "甲", "remove", "followers>500", now=NOW, yes=True))
    assert len(on(project, "甲")) == 6
    undo(project)
    assert len(on(project, "甲")) == 10
    list(acts.bulk(project, "甲", "bad", "idle>7", now=NOW, yes=True))
    assert lists.marked(project, 1)[1] == [number(project, "p8"), number(project, "p9")]
    undo(project)
    assert lists.marked(project, 1) == ([], [])
    list(acts.bulk(project, "甲", "suppress", "name=虚构3", now=NOW, yes=True))
    shown = next(event for event in acts.show(project, "甲", cat=Catalogue("zh"), now=NOW) if isinstance(event, Table))
    assert "虚构3" not in str(shown.rows)


def test_a_list_leaves_only_with_a_purpose_in_its_time_and_not_in_masses(project: Project) -> None:
    made(project, "甲", budget=4)
    entry = lists.by_name(project, "甲")
    told = list(acts.may_leave(project, entry, now=NOW, yes=False))
    assert isinstance(told[0], Done)
    list(acts.guard(project, 3))
    with pytest.raises(NeedsAnswer, match="many"):
        list(acts.may_leave(project, entry, now=NOW, yes=False))
    assert list(acts.may_leave(project, entry, now=NOW, yes=True))
    with pytest.raises(NeedsAnswer, match="renew"):
        list(acts.may_leave(project, entry, now=NOW + 91 * DAY, yes=True))
    bare = list_make.make(
        project, "乙", list_make.source_of(project, "list:甲", NOW), list_make.Ask(), now=NOW, until=NOW
    ).entry
    with pytest.raises(NeedsAnswer, match="no_purpose"):
        list(acts.may_leave(project, bare, now=NOW, yes=True))
    assert acts.state_of(bare, NOW) == "list_no_purpose"
    assert any(isinstance(e, Warned) for e in acts.show(project, "乙", cat=Catalogue("zh"), now=NOW))


def test_erasing_somebody_reaches_those_who_were_left_out_too(project: Project) -> None:
    made(project, "甲", budget=4)
    gone, removed = number(project, "p9"), number(project, "p0")
    list_edit.remove(project, lists.by_name(project, "甲"), [removed])
    assert project.one("select count(*) from list_out where item in (?, ?)", (gone, removed)) == 2
    erase.person(project, gone)
    erase.person(project, removed)
    assert project.one("select count(*) from list_out where item in (?, ?)", (gone, removed)) == 0
    undo(project)
    assert removed not in lists.members(project, 1)


def test_best_times_and_channels_say_nothing_on_too_little() -> None:
    monday = end_of(date(2026, 11, 16)) - 3600  # in the hour from 22:00
    assert advice.time_code([monday] * 4) is None
    assert advice.time_code([monday] * 5) == "21:00-23:00 (5)"
    assert advice.time_code([monday - 7 * DAY * n for n in range(14)]) == "mon 21:00-23:00 (14)"
    week = [monday - DAY * n for n in range(28)]
    assert advice.time_code(week) == "21:00-23:00 (28)"
    assert advice.channel_of({}) is None
    assert advice.channel_of({("weibo", "post"): 2, ("zhihu", "post"): 1}) == "weibo"
    assert advice.channel_of({("weibo", "post"): 2, ("weibo", "comment"): 3, ("zhihu", "post"): 4}) == "weibo·comment"
