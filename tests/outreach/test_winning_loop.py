"""What segments set going, suggested tags, follow-up states, needs, whom to invite, lists by value. All invented."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from xunke.actions import segment_new, segment_treat, tags
from xunke.actions.undo import INVERSES
from xunke.clock import DAY, end_of
from xunke.engine import Engine
from xunke.errors import BadInput
from xunke.events import Done, Event, Result, Table, Warned
from xunke.model import Account, Interaction, Post, Provenance, Record
from xunke.outreach import (
    budget_mix,
    cares,
    followup,
    freshness,
    gate,
    list_make,
    need_report,
    notes,
    segment_cut,
    segment_store,
    segment_then,
    tag_offers,
    touches,
)
from xunke.outreach.segment_facts import Book
from xunke.outreach.segment_rules import parse
from xunke.persona import understand_people
from xunke.storage import Project, acts

TODAY = date(2026, 11, 22)
NOW = end_of(TODAY)
NOON = NOW - DAY // 2
"""Noon in China: nobody sleeps."""
LATER = TODAY + timedelta(days=200)
US = Account("weibo", "us", "我们（虚构）")


def world() -> Iterator[Record]:
    yield US
    yield Post("weibo", "ours", "新品上市", US, NOW - 50 * DAY)
    for n in range(30):
        bio = "勿扰，谢绝推广" if n == 0 else None
        who = Account("weibo", f"p{n}", f"虚构{n}", bio=bio, region="上海" if n < 28 else "北京", followers=10 * n)
        yield who
        for at in range(n % 3):
            yield Interaction("weibo", who, US, "like", NOW - (3 + at) * DAY)
        if n in (5, 6):  # 5: four posts on four days about camping; 6: three on one day
            for at in range(4 if n == 5 else 3):
                t = NOW - (2 + (3 * at if n == 5 else 0)) * DAY - at
                yield Post("weibo", f"camp{n}-{at}", "周末露营，帐篷要环保可降解的", who, t)
        if n in (7, 8, 9):  # ideas to us; 8's complaint was answered, 9's waits
            for at in range(2):
                yield Post("weibo", f"idea{n}-{at}", "建议出小包装" if n == 7 else "纸盒漏油了，提个建议", who,
                           NOW - (4 + 3 * at) * DAY, kind="comment", reply_to="ours")  # fmt: skip
    for at in range(2):
        yield Post("weibo", f"sorry{at}", "抱歉，马上补发", US, NOW - 2 * DAY, kind="comment", reply_to=f"idea8-{at}")


def _features(project: Project) -> None:
    rows = []
    for post, native in project.query("select id, native_id from post_key where native_id like 'camp%'"):
        need = [["ask_where", 0.9]] if native in ("camp5-0", "camp6-0") else []
        detail = {"interests": [["露营", 1.0]], "needs": need, "quotes": {"ask_where": "哪里买帐篷"},
                  "about": {"ask_where": "帐篷"}}  # fmt: skip
        rows.append((post, "x", "neutral", 0.5, 0.0, json.dumps(detail, ensure_ascii=False)))
    sql = "insert into feature(post, model, label, sentiment, spam, detail) values (?, ?, ?, ?, ?, ?)"
    project.writer.call(lambda db: db.executemany(sql, rows))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("loop") / "p.db"
    with Project.open(path) as project:
        project.add(list(world()), Provenance("file", "invented", fetched=NOW))
        project.set_meta("own_accounts", json.dumps([number(project, "us")]))
        asyncio.run(_all(understand_people(project)))
        _features(project)
        people = [number(project, f"p{n}") for n in range(28)]
        segment_store.save(
            project, "上海人", "rules", {"rule": "地区 = 上海"}, dict.fromkeys(people), review=TODAY.isoformat()
        )
    return path


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Iterator[Project]:
    shutil.copy(made, tmp_path / "p.db")
    with Project.open(tmp_path / "p.db") as copy:
        yield copy


async def _all(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]


def number(project: Project, native: str) -> int:
    return int(project.one("select id from account_key where native_id = ?", (native,)))


def take_back(project: Project) -> dict[str, Any]:
    """Undo the newest change as the program does."""
    act = max(acts.listing(project.reader), key=lambda one: one.id)

    def write(db: Any) -> dict[str, Any]:
        told = INVERSES[act.kind](db, act.detail)
        acts.done(db, act.id)
        return told

    return project.writer.call(write)


# -- what a segment sets going ---------------------------------------------------------------------------------------


def _start(project: Project, then: str, cadence: str = "", day: date = TODAY) -> segment_then.Started:
    one = segment_store.by_name(project, "上海人")
    one = segment_store.treat(project, one, {"then": then, "cadence": cadence, "offer": "问候"})
    started = segment_then.start(project, one, day, end_of(day))
    assert started is not None
    return started


def test_tasks_are_a_days_work_for_a_person_once_and_again_after_the_cadence(project: Project) -> None:
    first = _start(project, "task", "每两周")
    assert (first.tasks, first.waiting) == (segment_then.MOST, 27 - segment_then.MOST)
    assert first.left_out == {"declines": 1}, "who declines gets no task"
    again = _start(project, "task", "每两周")
    assert (again.tasks, again.waiting) == (0, 7), "open tasks fill the day"
    mine = notes.listing(project, open_only=True)
    assert {(one.due, one.body) for one in mine} == {(TODAY.isoformat(), "上海人：问候")}
    for one in mine:
        notes.finish(project, one.id, NOW)
    assert _start(project, "task", "每两周").tasks == 7, "the others, not the same again"
    later = _start(project, "task", "每两周", TODAY + timedelta(days=14))
    assert (later.tasks, later.waiting) == (13, 7), "seven are still open; of twenty that are due thirteen fit"
    assert take_back(project)["n"] == 13


def test_without_a_cadence_nobody_gets_a_second_task(project: Project) -> None:
    _start(project, "task")
    for one in notes.listing(project, open_only=True):
        notes.finish(project, one.id, NOW)
    assert _start(project, "task", day=LATER).tasks == 7


def test_a_list_grows_and_does_not_take_back_whom_the_user_took_off(project: Project) -> None:
    from xunke.outreach import list_edit, lists

    assert _start(project, "list").listed == 27
    entry = lists.by_name(project, "上海人")
    gone = number(project, "p4")
    list_edit.remove(project, entry, [gone])
    assert _start(project, "list").listed == 0
    assert gone not in lists.members(project, entry.id)


def test_a_cadence_is_read_as_it_is_written() -> None:
    said = {"每月一次": 30, "每两周": 14, "每周一次": 7, "每 3 天": 3, "每季度": 91, "every 2 weeks": 14, "随时": None,
            "": None}  # fmt: skip
    assert {word: segment_then.days_of(word) for word in said} == said
    assert segment_then.then_of("待办") == "task"
    with pytest.raises(BadInput):
        segment_then.then_of("群发")


def test_refresh_sets_it_going_and_says_so(project: Project) -> None:
    from xunke.actions import segment_kept

    engine = Engine(project, today=TODAY)
    told = segment_treat.treat(engine, "上海人", then="任务", offer="问候")
    assert any(isinstance(e, Done) and e.code == "segment.tasks" and e.params["n"] == 20 for e in told)
    told = asyncio.run(_all(segment_kept.refresh(engine, "上海人")))
    assert any(isinstance(e, Done) and e.code == "segment.no_tasks" for e in told)


# -- tags ------------------------------------------------------------------------------------------------------------


def test_a_tag_is_offered_from_three_posts_on_two_days_and_answered_once(project: Project) -> None:
    five, six = number(project, "p5"), number(project, "p6")
    found = tag_offers.offers(project, now=NOW).found
    assert {(o.account, o.fact, o.value, len(o.posts), o.days) for o in found} == {
        (five, "interest", "露营", 4, 4), (five, "cares", "环保", 4, 4),
    }, "three posts on one day are not enough"  # fmt: skip
    assert six not in {o.account for o in found}
    tag_offers.answer(project, [(five, "interest", "露营")], True, now=NOW)
    tag_offers.answer(project, [(five, "cares", "环保")], False, now=NOW)
    assert not tag_offers.offers(project, now=NOW).found
    take_back(project)
    assert [o.value for o in tag_offers.offers(project, now=NOW).found] == ["环保"]


def test_an_accepted_tag_is_a_fact_that_stays_and_grows_old(project: Project) -> None:
    five = number(project, "p5")
    tag_offers.answer(project, [(five, "interest", "露营"), (five, "cares", "环保")], True, now=NOW)
    project.writer.call(lambda db: db.execute("update account set understood = null"))
    asyncio.run(_all(understand_people(project)))
    book = Book(project, TODAY)
    assert segment_cut.fit(book, parse("兴趣 含 露营 且 看重 含 环保")).members[:1] == (five,)
    age = end_of(LATER)
    assert freshness.of_each(project, [five], NOW)[five].expired == {}
    assert freshness.of_each(project, [five], age)[five].expired == {"interest": 1, "cares": 1}
    project.add([Post("weibo", f"new{n}", "又去露营", Account("weibo", "p5", "虚构5"), age - (n + 1) * DAY)
                 for n in range(3)], Provenance("file", "invented", fetched=age))  # fmt: skip
    rows = [(p, "x", "neutral", 0.5, 0.0, json.dumps({"interests": [["露营", 1.0]]})) for (p,) in project.query(
        "select id from post_key where native_id like 'new%'")]  # fmt: skip
    sql = "insert into feature(post, model, label, sentiment, spam, detail) values (?, ?, ?, ?, ?, ?)"
    project.writer.call(lambda db: db.executemany(sql, rows))
    (offer,) = tag_offers.offers(project, now=age).found
    assert (offer.value, offer.again) == ("露营", True), "expired, and the posts still speak for it"


def test_a_tag_that_users_reject_is_no_longer_offered(project: Project) -> None:
    rejected = [(number(project, f"p{n}"), "interest", "露营") for n in range(10, 16)]
    tag_offers.answer(project, rejected, False, now=NOW)
    found = tag_offers.offers(project, now=NOW)
    assert found.doubted == ("露营",)
    assert {o.value for o in found.found} == {"环保"}


def test_tags_are_answered_by_their_number(project: Project) -> None:
    engine = Engine(project, today=TODAY)
    with pytest.raises(BadInput, match=r"tags\.no_table"):
        tags.answer(engine, "1", True)
    shown = asyncio.run(_all(tags.offered(engine)))
    (table,) = [e for e in shown if isinstance(e, Table)]
    assert [row[0] for row in table.rows] == [1, 2]
    assert tags.answer(engine, "1-2", True).params["n"] == 2
    with pytest.raises(BadInput, match=r"tags\.numbers"):
        tags.answer(engine, "3", True)
    assert tags.numbers("1,3-5、7", 9) == {1, 3, 4, 5, 7}


def test_a_dimension_of_ones_own_is_used_and_taken_away(project: Project) -> None:
    cares.put(project, "帐篷党", ["帐篷"])
    members = segment_cut.fit(Book(project, TODAY), parse("看重 含 帐篷党")).members
    assert members == (number(project, "p5"), number(project, "p6"))
    take_back(project)
    assert cares.own(project) == {}
    for name, words in (("", ["帐篷"]), ("短", ["a"]), ("没有", [])):
        with pytest.raises(BadInput):
            cares.put(project, name, words)
    assert segment_new.quarter(project, TODAY) is not None
    project.set_meta("segment_proposed", TODAY.isoformat())
    assert segment_new.quarter(project, TODAY + timedelta(days=90)) is None
    assert segment_new.quarter(project, TODAY + timedelta(days=91)) is not None


# -- needs, whom to invite, complaints -------------------------------------------------------------------------------


def test_needs_count_people_and_name_their_posts(project: Project) -> None:
    (need,) = need_report.needs(Book(project, TODAY))
    assert (need.need, need.thing, need.people, need.of, need.lately, need.before) == ("ask_where", "帐篷", 2, 2, 2, 0)
    assert len(need.posts) == 2
    assert need.quote == "哪里买帐篷"
    assert need_report.needs(Book(project, TODAY), {number(project, "p5")}) == [], "one person is no need yet"


def test_who_complains_and_waits_is_not_invited_and_gets_service_only(project: Project) -> None:
    found, left = need_report.recruits(project, Book(project, TODAY), now=NOW)
    assert {one.account for one in found} == {number(project, "p7"), number(project, "p8")}
    assert left == {"angry": 1}
    nine, eight = number(project, "p9"), number(project, "p8")
    assert gate.may(project, nine, "reply", now=NOON).reason == "gate.angry", "the inbox knows of a complaint"
    assert gate.may(project, nine, "service", now=NOON).ok
    assert gate.may(project, eight, "reply", now=NOON).reason is None, "this one was answered"


# -- follow-up, lists by value, budget -------------------------------------------------------------------------------


def test_everybody_who_was_approached_stands_somewhere(project: Project) -> None:
    who = {name: number(project, name) for name in ("p10", "p11", "p12", "p13", "p14", "p9")}

    def log(name: str, step: str, days: float) -> None:
        touches.log(project, who[name], step, t=int(NOON - days * DAY), force=True)

    log("p10", "reply", 5)
    log("p11", "talk", 3)
    log("p12", "talk", 10)
    for days in (20, 10):
        log("p13", "talk", days)
    log("p14", "reply", 5)
    touches.outcome(project, who["p14"], "reply", t=NOON - 4 * DAY)
    log("p9", "reply", 6)
    got = {one.account: (one.state, one.until) for one in followup.standings(project, now=NOON)}
    states = {name: got[account][0] for name, account in who.items()}
    assert states == {
        "p10": "warming", "p11": "waiting", "p12": "again", "p13": "resting", "p14": "answered", "p9": "complaint",
    }  # fmt: skip
    assert got[who["p11"]][1] == NOON + 4 * DAY, "seven days after the talk"
    assert got[who["p13"]][1] == NOON + 80 * DAY, "ninety days after the second talk"


def test_a_segment_without_scores_is_listed_by_value(project: Project) -> None:
    source = list_make.source_of(project, "segment:上海人", NOW)
    rules = list_make.Rules(budget=4)
    made = list_make.make(project, "前四", source, list_make.Ask(rules, "touches"), now=NOW, until=NOW)
    rows = project.query("select item, score from list_member where list = ? order by rank", (made.entry.id,))
    from xunke.outreach.value import value_of

    worth = value_of(project, [row[0] for row in source.rows], TODAY)
    best = sorted((w.total for a, w in worth.items() if a != number(project, "p0")), reverse=True)[:4]
    most = max(w.total for w in worth.values())
    assert [round(score * most, 4) for _, score in rows] == pytest.approx([round(v, 4) for v in best], abs=1e-3)


def test_the_budget_is_split_as_the_phase_or_the_campaign_says() -> None:
    assert budget_mix.share_of(None, "scale") == (0.3, False)
    assert budget_mix.share_of("内容 60 / 行为 40", "pilot") == (0.6, True)
    assert budget_mix.share_of("60/40", "pilot") == (0.6, True)
    with pytest.raises(BadInput):
        budget_mix.share_of("多一点", "pilot")
    ways = budget_mix.mix(0.6, 1000, [True, False, False, False])
    assert [(w.name, w.money, w.touches, w.done) for w in ways] == [
        ("context", 600, 3, 0.75), ("behaviour", 400, 1, 0.25),
    ]  # fmt: skip
    assert [w.done for w in budget_mix.mix(0.6, None, [])] == [None, None]


def test_a_segment_cut_from_a_result_stays_among_its_people(project: Project) -> None:
    from tests.engine.acting import of, run
    from xunke.actions import segment_kept

    found = of(run(project, {"action": "find", "target": "people", "region": ["上海"], "limit": 12}), Result)[-1]
    cut = {"action": "segment", "target": "people", "input": "last", "method": "value"}
    groups = of(run(project, cut), Result)[-1].result
    first = project.one("select json_extract(setting, '$.segments[0].name') from result where id = ?", (groups,))
    engine = Engine(project, today=TODAY)
    asyncio.run(_all(segment_kept.save(engine, "十二人中", group=first, result=groups)))
    before = set(segment_store.members_of(project, "十二人中"))
    among = {row[0] for row in project.query("select item from score where result = ?", (found.result,))}
    assert len(among) == 12
    run(project, {"action": "find", "target": "people"})  # what is on the screen now is no concern of the segment
    for _ in range(2):
        asyncio.run(_all(segment_kept.refresh(engine, "十二人中")))
        assert set(segment_store.members_of(project, "十二人中")) == before
    project.writer.call(lambda db: db.execute("delete from score where result = ?", (found.result,)))
    project.writer.call(lambda db: db.execute("delete from result where id = ?", (found.result,)))
    told = asyncio.run(_all(segment_kept.refresh(engine, "十二人中")))
    assert any(isinstance(e, Warned) and e.code == "segment.base_gone" for e in told)
    assert set(segment_store.members_of(project, "十二人中")) == before


def test_a_list_of_a_segment_says_why_each_is_in_it(project: Project) -> None:
    from tests.engine.acting import run
    from xunke.actions import segment_kept
    from xunke.i18n import Catalogue
    from xunke.outreach.exports import reason_text

    engine = Engine(project, today=TODAY)
    groups = next(e for e in run(project, {"action": "segment", "target": "people", "method": "value"})
                  if isinstance(e, Result)).result  # fmt: skip
    first = project.one("select json_extract(setting, '$.segments[0].name') from result where id = ?", (groups,))
    asyncio.run(_all(segment_kept.save(engine, "头一类", group=first, result=groups, as_list=True)))
    source = list_make.source_of(project, "segment:头一类", NOW)
    list_make.make(project, "两人", source, list_make.Ask(list_make.Rules(budget=2), "touches"), now=NOW, until=NOW)
    rule = list_make.source_of(project, "segment:上海人", NOW)
    list_make.make(project, "两上海人", rule, list_make.Ask(list_make.Rules(budget=2), "touches"), now=NOW, until=NOW)
    for name, part in (("头一类", "＝现在"), ("两人", "＝现在"), ("两上海人", "地区 = 上海")):
        sql = "select m.reason from list_member m join saved_list l on l.id = m.list where l.name = ?"
        told = [reason_text(json.loads(raw), Catalogue("zh")) for (raw,) in project.query(sql, (name,))]
        assert told
        assert all(part in one and "在细分“" in one and "value." not in one for one in told), told
