"""The report of a campaign: people at each step counted by hand, what is missing said, and nobody named."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from xunke.actions import reports
from xunke.clock import DAY, end_of, start_of
from xunke.errors import BadInput
from xunke.events import FileWritten
from xunke.model import Account, Interaction, Post, Provenance
from xunke.outreach import campaigns, case, touches, trials
from xunke.outreach.campaigns import Campaign
from xunke.storage import Project

TODAY = date(2026, 11, 22)
NOW = end_of(TODAY)
BEGIN = start_of(date(2026, 11, 1))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Campaign]]:
    """Twenty invented people: twelve replied to, five answer, two buy for 60 each, one complains; 40 spent."""
    with Project.open(tmp_path_factory.mktemp("case") / "p.db") as project:
        people = [Account("weibo", f"p{n}", name=f"虚构{n}") for n in range(20)]
        project.add([Post("weibo", f"b{n}", "今天喝了咖啡", who, created=BEGIN - DAY) for n, who in enumerate(people)],
                    Provenance("user", "invented", fetched=BEGIN))  # fmt: skip
        ids = [row[0] for row in project.query("select id from account order by id")]
        us = Account("weibo", "us", name="虚构店铺")  # liked once a day before, twice a day since
        project.add([Interaction("weibo", people[19], us, "like", BEGIN + day * DAY + 60 * n, f"o{day}-{n}")
                     for day in range(-30, 22) for n in range(1 if day < 0 else 2)],
                    Provenance("user", "invented", fetched=BEGIN))  # fmt: skip
        own = project.one("select id from account_key where native_id = 'us'")
        kept = "insert or replace into meta values ('own_accounts', ?)"
        project.writer.call(lambda db: db.execute(kept, (f"[{own}]",)))
        campaign = campaigns.create(
            project, "秋<script>季", now=BEGIN, goal="让 100 个上班族试喝", kpi="reply_rate", target=0.2,
            since="2026-11-01", until="2026-11-30", brief={"statement": "给[加班的人](javascript:x)一杯"},
        )  # fmt: skip
        for at, account in enumerate(ids[:12]):
            touches.log(project, account, "reply", t=BEGIN + 12 * 3600 + at * 60, campaign=campaign.id, minutes=2.0)
        touches.log(project, ids[0], "follow", t=BEGIN + 10 * DAY + 12 * 3600, campaign=campaign.id, minutes=5.0)
        for account in ids[:5]:
            touches.outcome(project, account, "reply", t=BEGIN + 2 * DAY, campaign=campaign.id)
        for account in ids[:2]:
            touches.outcome(project, account, "bought", t=BEGIN + 3 * DAY, value=60.0, campaign=campaign.id)
        touches.outcome(project, ids[7], "complaint", t=BEGIN + DAY, campaign=campaign.id)
        campaigns.add_cost(project, campaign, day="2026-11-02", now=BEGIN, kind="ads", amount=40.0)
        yield project, campaign


def test_people_at_each_step(made: tuple[Project, Campaign]) -> None:
    found = case.case(*made, now=NOW)
    assert (found.listed, found.touched, found.won, found.bad) == (12, 12, 2, 1)
    assert found.answered == 6  # a complaint is an answer too
    assert [(s.step, s.times, s.people, s.answered) for s in found.steps] == [("follow", 1, 1, 0), ("reply", 12, 12, 6)]
    assert found.balance.revenue == 120
    assert found.balance.roi == pytest.approx((120 - 40) / 40)
    assert found.balance.minutes == 12 * 2 + 5
    assert dict(found.outcomes)["reply"] == 5
    assert found.change is not None
    assert (found.change.before, found.change.after, found.change.days_after) == (1.0, 2.0, 22)
    assert found.surplus is None
    early = case.case(*made, now=BEGIN - 1)
    assert (early.touched, early.change) == (0, None)


def write(project: Project, out: Path, what: str, **more: object) -> str:
    async def run() -> list[object]:
        return [e async for e in reports.report(project, out=out, today=TODAY, lang="zh", what=what, **more)]  # type: ignore[arg-type]

    (done,) = asyncio.run(run())
    assert isinstance(done, FileWritten)
    return out.read_text("utf-8")


def test_as_a_page_and_as_a_case(made: tuple[Project, Campaign], tmp_path: Path) -> None:
    from tests.report.test_writers import Checked

    project, campaign = made
    text = write(project, tmp_path / "c.html", campaign.name)
    Checked().read(text)
    told = ("让 100 个上班族试喝", "没有做试验", "每天平均 1.0 次", "没有对照组")
    for part in ("背景", "策略", "实施", "效果", "启示", *told):
        assert part in text
    assert "&lt;script&gt;季" in text
    assert "虚构" not in text, "nobody is named"
    case_text = write(project, tmp_path / "c.md", str(campaign.id))
    assert case_text.index("## 背景") < case_text.index("## 策略") < case_text.index("## 启示")
    assert "](javascript" not in case_text.replace("\\](", "").replace("\\]\\(", "")


def test_few_people_are_told_nowhere_in_it(made: tuple[Project, Campaign], tmp_path: Path) -> None:
    project, campaign = made
    for format in ("html", "md", "txt"):
        text = write(project, tmp_path / f"few.{format}", campaign.name)
        assert "2 人转化" not in text
        assert "1 / 12" not in text
        assert "2 / 12" not in text
        assert "< 5 / 12" in text.replace("&lt;", "<").replace("\\<", "<")
        assert "6 / 12" in text, "six and six may be told"


def test_an_empty_campaign_says_what_is_missing(tmp_path: Path) -> None:
    with Project.open(tmp_path / "e.db") as project:
        campaigns.create(project, "空", now=BEGIN)
        text = write(project, tmp_path / "e.md", "空")
        for part in ("没有写目标", "还没有名单", "还没有记下做过什么", "没有记花费", "还没有记下结果"):
            assert part in text
        with pytest.raises(BadInput) as caught:
            write(project, tmp_path / "x.md", "不存在")
        assert caught.value.key == "report.c.missing"
        with pytest.raises(BadInput):
            write(project, tmp_path / "p.html", "PROJECT")


def test_a_holdout_of_its_list_is_an_experiment_of_the_campaign(tmp_path: Path) -> None:
    from tests.outreach.listed import keep_list

    with Project.open(tmp_path / "h.db") as project:
        project.add([Account("weibo", f"p{n}", name=f"虚构{n}") for n in range(40)],
                    Provenance("user", "invented", fetched=BEGIN))  # fmt: skip
        keep_list(project, [row[0] for row in project.query("select id from account")], "人")
        made, _ = trials.create(project, "留出试验", list_id=1, arms=[("A", None)], holdout=0.5, now=BEGIN)
        campaigns.create(project, "有留出", now=BEGIN, list_names=["人"])
        assert made.campaign is None
        text = write(project, tmp_path / "h.html", "有留出")
        assert "没有做试验" not in text
        assert "留出试验" in text
