"""Campaigns as rows: made, filled in, checked, paid for, coded, taken back. Everybody here is invented."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.engine.acting import the
from xunke.actions import campaign_numbers as numbers
from xunke.actions import campaigns as actions
from xunke.actions.undo import INVERSES, next_act
from xunke.clock import start_of
from xunke.errors import BadInput, UsageError
from xunke.events import Done, Event, Table, Warned
from xunke.i18n import Catalogue
from xunke.model import Account, Post, Provenance
from xunke.outreach import brief, campaign_rows, campaigns, content, touches
from xunke.present import event_lines
from xunke.storage import Project, acts

NOW = start_of(date(2026, 11, 20))
TODAY = date(2026, 11, 20)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "c.db") as opened:
        who = [Account("weibo", str(i), name=f"虚构{i}") for i in range(4)]
        posts = [
            Post("weibo", f"p{i}", "换季皮肤好干，求推荐面霜", author=who[i], created=NOW - 86_400) for i in range(4)
        ]
        opened.add(posts, Provenance("file", "invented", fetched=NOW))
        opened.writer.call(
            lambda db: [
                db.execute(
                    "insert into saved_list(id, name, target, purpose, created) values (1, '干皮', 'people', '试', 0)"
                ),
                db.execute("insert into list_member(list, item, rank, added) select 1, id, id, 0 from account_key"),
            ]
        )
        yield opened


def rows_of(event: Table) -> list[dict[str, Any]]:
    return [dict(zip(event.columns, row, strict=True)) for row in event.rows]


def told(events: Iterator[Event]) -> list[Event]:
    """The events, each of which can be said in both languages without a hole."""
    found = list(events)
    for lang in ("zh", "en"):
        for event in found:
            for line in event_lines(event, Catalogue(lang)):
                assert "?" not in line.replace("？", "") or lang == "en", line
                assert "campaign." not in line, line
                assert "brief." not in line, line
    return found


def undo(project: Project) -> str:
    act = next_act(project)
    assert act is not None

    def write(db: Any) -> None:
        INVERSES[act.kind](db, act.detail)
        acts.done(db, act.id)

    project.writer.call(write)
    return act.kind


def make(project: Project, **more: Any) -> campaigns.Campaign:
    return campaigns.create(project, "双十二", now=NOW, list_names=["干皮"], **more)


def test_made_found_and_taken_back(project: Project) -> None:
    told(
        actions.new(
            project, "双十二", now=NOW, said={"指标": "新客", "target": "1.2万", "截止日": "2026-12-12"}, lists=["干皮"]
        )
    )
    found = campaigns.by_name(project, "双十二")
    assert (found.kpi, found.target, found.until, found.lists, found.state) == (
        "conversions",
        12000,
        "2026-12-12",
        (1,),
        "draft",
    )
    assert campaigns.by_name(project, str(found.id)) == found
    with pytest.raises(BadInput, match="taken"):
        campaigns.create(project, "双十二", now=NOW)
    assert project.one("select count(*) from audit where act = 'campaign.create'") == 1
    assert undo(project) == "campaign_make"
    with pytest.raises(BadInput, match="unknown"):
        campaigns.by_name(project, "双十二")


@pytest.mark.parametrize(
    ("said", "meant"),
    [("30%", 0.3), ("+30 %", 0.3), ("1,200", 1200), ("1.2万", 12000), ("¥80", 80), ("３０", 30), ("-5", -5)],
)
def test_numbers_as_people_write_them(said: str, meant: float) -> None:
    assert campaigns.number(said) == meant


@pytest.mark.parametrize("said", ["", "很多", "nan", "inf", "1e99", "--3"])
def test_what_is_no_number_is_refused(said: str) -> None:
    with pytest.raises(UsageError):
        campaigns.number(said)


def test_fields_are_changed_together_and_brought_back(project: Project) -> None:
    c = make(project)
    told(
        actions.edit(
            project, None, {"目标": "回复率到 8%", "kpi": "回复率", "segments": "妈妈，学生", "lists": "-"}, now=NOW
        )
    )
    after = campaigns.by_id(project, c.id)
    assert (after.goal, after.kpi, after.lists, after.brief["segments"]) == (
        "回复率到 8%",
        "reply_rate",
        (),
        ["妈妈", "学生"],
    )
    assert undo(project) == "campaign_edit"
    assert campaigns.by_id(project, c.id) == c
    for bad in ({"目标们": "x"}, {"kpi": "好感"}, {"strategy": "随便"}, {"until": "明天"}):
        with pytest.raises(UsageError):
            list(actions.edit(project, None, bad, now=NOW))
    with pytest.raises(UsageError, match="days_reversed"):
        campaigns.edit(project, c, now=NOW, columns={"since": "2026-12-02", "until": "2026-12-01"})


def test_the_worksheet_tells_where_it_stands_and_asks(project: Project) -> None:
    make(project)
    events = told(actions.worksheet(project, None, now=NOW))
    table, following = [e for e in events if isinstance(e, Table)]
    assert table.params["what"] == "brief.step.goal"
    assert [r["field"] for r in rows_of(following)] == ["brief.goal", "brief.kpi", "brief.target"]
    every = next(e for e in actions.worksheet(project, None, now=NOW, every=True) if isinstance(e, Table))
    assert len(every.rows) == len(brief.FIELDS)
    assert next(q for q, _ in actions.questions(project)) == "goal"
    full = {
        f.name: "8"
        for f in brief.FIELDS.values()
        if f.must and f.name not in ("lists", "kpi", "since", "until", "review")
    }
    list(
        actions.edit(
            project,
            None,
            {**full, "kpi": "新客", "since": "2026-12-01", "until": "2026-12-12", "review": "2026-12-20"},
            now=NOW,
        )
    )
    assert brief.standing(brief.form(project, campaigns.by_name(project, "双十二"))) is None


def test_presets_are_prompts_until_they_are_overwritten(project: Project) -> None:
    told(actions.new(project, "美妆试点", now=NOW, preset="化妆品"))
    c = campaigns.by_name(project, "美妆试点")
    assert c.brief["content"] == ["preset.beauty.content"]
    with pytest.raises(UsageError):
        brief.preset("炼丹")


def keys(project: Project, **filled: Any) -> set[str]:
    c = campaigns.by_name(project, "双十二")
    if filled:
        c = campaigns.edit(project, c, now=NOW, brief=filled)
    return {f.key.removeprefix("campaign.check.") for f in brief.review(project, c, now=NOW)}


def test_the_check_stops_what_cannot_be_measured_and_warns_of_assumptions(project: Project) -> None:
    make(project)
    assert {"no_number", "no_date", "no_evidence", "disclosure", "value_tests"} <= keys(project)
    assert "claim_unseen" in keys(project, evidence=["敏感肌"])
    assert not {"claim_unseen", "no_evidence"} & keys(project, evidence=["面霜"])
    assert "segment_unknown" in keys(project, segments=["妈妈"], strategy="selective")
    assert "strategy_selective" in keys(project)
    assert "strategy_concentrated" not in keys(project, strategy="concentrated")
    assert "personal_price" in keys(project, price="按客户一人一价")
    assert "personal_price" not in keys(project, price="所有人 39 元")
    assert "offer_metric" in keys(project, offer="小样")
    events = told(actions.check(project, "双十二", now=NOW))
    assert the(events, Done).code == "campaign.not_ready"


def test_expired_empty_and_suppressed_lists_are_told(project: Project) -> None:
    make(project)
    project.writer.call(lambda db: db.execute("update saved_list set expires = ? where id = 1", (NOW - 1,)))
    assert "list_expired" in keys(project)
    project.writer.call(lambda db: db.execute("delete from list_member"))
    assert "list_empty" in keys(project)
    assert "no_list" not in keys(project)


def test_planned_content_without_a_code_is_flagged(project: Project) -> None:
    c = make(project)
    content.add(project, "2026-12-01", "换季护肤", now=NOW, campaign=c.id)
    assert "unmeasured" in keys(project)
    v = campaigns.add_variant(project, c, "A", now=NOW)
    content.change(project, 1, variant=v.id)
    assert "unmeasured" not in keys(project)


def test_a_version_is_that_of_the_campaign_it_was_said_for(project: Project) -> None:
    one = make(project)
    two = campaigns.create(project, "年货节", now=NOW)
    first, second = (campaigns.add_variant(project, c, "A", now=NOW) for c in (one, two))
    assert campaigns.variant_called(project, "A", two.id).id == second.id
    assert campaigns.variant_called(project, (first.code or "").lower()).id == first.id
    assert campaigns.variant_called(project, str(second.id)).id == second.id
    with pytest.raises(BadInput, match="which_variant"):
        campaigns.variant_called(project, "A")
    with pytest.raises(BadInput, match="no_variant"):
        campaigns.variant_called(project, "B", one.id)


def test_codes_are_clear_and_apart(project: Project) -> None:
    c = make(project)
    made = [campaigns.add_variant(project, c, f"v{i}", now=NOW).code or "" for i in range(30)]
    assert len(set(made)) == 30
    assert not set("".join(made).replace("XK-", "")) & set("ILOSZB10258")
    assert all(
        sum(x != y for x, y in zip(a, b, strict=True)) >= 2 for a in made for b in made if a < b and len(a) == len(b)
    )
    assert campaigns.add_variant(project, c, "own", now=NOW, code=" xk－7q ").code == "XK-7Q"
    for bad in ("", "a b!c", "一二三四五六七八九十一二三"):
        with pytest.raises(UsageError):
            campaigns.clean_code(bad)
    with pytest.raises(BadInput, match="code_taken"):
        campaigns.add_variant(project, c, "again", now=NOW, code="XK-7Q")


def test_costs(project: Project) -> None:
    c = make(project)
    told(actions.cost_add(project, None, now=NOW, today=TODAY, amount="1.2万", minutes="90", kind="投放"))
    table = actions.cost_list(project)
    assert [r["amount"] for r in rows_of(table)] == [12000]
    assert [r["kind"] for r in rows_of(table)] == ["cost.ads"]
    assert undo(project) == "cost_add"
    assert campaigns.costs(project, c) == []
    with pytest.raises(UsageError):
        campaigns.add_cost(project, c, day="2026-11-20", now=NOW)


def test_results_come_twice_and_count_once(project: Project, tmp_path: Path) -> None:
    c = make(project)
    campaigns.add_variant(project, c, "A", now=NOW, code="XK-A1")
    file = tmp_path / "r.csv"
    file.write_text(
        "口令,类型,数量,金额,日期\nxk-a1,点击,100,,2026-11-10\nXK-A1,成交,3,240,2026/11/11\nXK-A1,成交,2,160,2026/11/12\n"
        "NOPE,成交,1,9,2026-11-12\nXK-A1,nps,4,10,2026-11-12\nXK-A1,nps,1,3,2026-11-12\nXK-A1,点击,很多,,2026-11-13\n",
        "utf-8",
    )
    first = told(actions.result_import(project, "双十二", file, now=NOW, today=TODAY))
    assert the(first, Done).params == {"name": "双十二", "new": 5, "changed": 0, "same": 0, "refused": 2}
    again = told(actions.result_import(project, "双十二", file, now=NOW, today=TODAY))
    assert the(again, Done).params["same"] == 5
    given = campaign_rows.inputs(project, c, now=NOW)
    assert (given.total("click"), given.total("bought"), given.total("promoter"), given.total("detractor")) == (
        100,
        5,
        4,
        1,
    )
    assert undo(project) == "result_add"
    assert campaign_rows.counts(project, c) == []


def test_touches_and_outcomes_become_numbers(project: Project) -> None:
    c = make(project, kpi="reply_rate", target=0.5)
    ids = [row[0] for row in project.query("select id from account_key order by id")]
    for n, account in enumerate(ids):
        number = touches.log(project, account, "reply", t=NOW - 86_400 * 2, state="imported", campaign=c.id, minutes=5)
        if n < 2:
            touches.outcome(project, account, "reply", t=NOW - 86_400, touch=number)
    given = campaign_rows.inputs(project, c, now=NOW)
    assert (len(given.touched), given.minutes) == (4, 20)
    events = told(numbers.kpis(project, None, now=NOW))
    found = {r["measure"]: r for r in rows_of(next(e for e in events if isinstance(e, Table)))}
    assert (found["kpi.reply_rate"]["raw"], found["kpi.reply_rate"]["counted"]) == (0.5, "2 / 4")
    assert len(found["kpi.reached"]["touch_ids"]) == 4
    assert "kpi.target_reached" in {e.code for e in events if isinstance(e, Done)}
    assert "kpi.few" in {e.code for e in events if isinstance(e, Warned)}
    for report in (
        numbers.funnels(project, now=NOW), numbers.waste(project, now=NOW), numbers.hits(project, now=NOW),
        numbers.roi(project, now=NOW, hourly="60"), numbers.slots(project, now=NOW),
        numbers.compare(project, "双十二", "双十二", now=NOW), actions.maturity(project),
    ):  # fmt: skip
        assert told(report)
    assert "回复率 | 50%" in numbers.case_text(project, None, now=NOW)
    earlier = campaign_rows.earlier(project, campaigns.create(project, "后来", now=NOW), now=NOW)
    assert earlier["reply_rate"].past.median == 0.5


def test_an_empty_campaign_says_what_to_do(project: Project) -> None:
    make(project)
    for report in (numbers.kpis, numbers.funnels, numbers.waste, numbers.slots):
        assert [e.code for e in told(report(project, now=NOW)) if isinstance(e, Done)] == ["kpi.none"]
    with pytest.raises(BadInput, match="before_after"):
        list(numbers.before_after(project, today=TODAY))
    with pytest.raises(BadInput, match=r"scenario\.few"):
        list(numbers.scenarios(project, [("a", "10", "5", "1")], now=NOW))


def test_scaling_copies_the_plan_and_not_the_people(project: Project) -> None:
    c = make(project, goal="新客", kpi="reply_rate")
    content.add(project, "2026-12-01", "换季护肤", now=NOW, campaign=c.id)
    campaigns.add_cost(project, c, day="2026-11-20", now=NOW, amount=5)
    told(actions.phase(project, None, "优化", now=NOW))
    assert campaigns.by_id(project, c.id).phase == "improve"
    events = told(actions.phase(project, None, now=NOW))
    copy = campaigns.by_name(project, next(e for e in events if isinstance(e, Done)).params["copy"])
    assert (copy.phase, copy.goal, copy.lists, campaigns.costs(project, copy)) == ("scale", "新客", (), [])
    assert [i.title for i in content.items(project, campaign=copy.id)] == ["换季护肤"]


def test_closing_keeps_the_figures_and_can_be_taken_back(project: Project) -> None:
    c = make(project)
    told(actions.close(project, None, now=NOW, lessons="先问再推"))
    assert campaigns.by_id(project, c.id).state == "ended"
    assert project.one("select count(*) from review where campaign = ?", (c.id,)) == 1
    assert undo(project) == "campaign_close"
    assert campaigns.by_id(project, c.id).state == "draft"
    assert project.one("select count(*) from review") == 0


def test_tasks(project: Project) -> None:
    make(project)
    told(actions.task_add(project, None, "备货", now=NOW, due="2026-11-01", owner="小王"))
    told(actions.task_add(project, None, "写文案", now=NOW))
    assert [r["state"] for r in rows_of(actions.tasks(project, today=TODAY))] == ["task.late", "task.open"]
    told(actions.task_done(project, 1, now=NOW))
    assert len(actions.tasks(project, today=TODAY).rows) == 1
    assert undo(project) == "task_done"
    assert len(actions.tasks(project, today=TODAY).rows) == 2


def test_marks_are_the_users_own_over_the_stated_ones(project: Project) -> None:
    assert campaign_rows.marks(project)["reaction_rate"] == 0.5
    told(numbers.mark(project, "回复率", "8%"))
    assert campaign_rows.marks(project)["reply_rate"] == 0.08
    assert undo(project) == "campaign_setting"
    assert "reply_rate" not in campaign_rows.marks(project)


def test_undo_by_a_sentence(project: Project) -> None:
    from xunke.actions.common import Handler
    from xunke.actions.undo import undo as handler
    from xunke.engine import Engine, Options, Session
    from xunke.plan import Step

    make(project)

    async def take_back(run: Handler) -> list[Event]:
        engine = Engine(project, today=TODAY, options=Options())
        return [e async for e in run(engine, Step(action="undo"), 0, Session(text="撤销", run=None))]  # type: ignore[arg-type]

    assert the(asyncio.run(take_back(handler)), Done).code == "undo.done.campaign_make"
