"""Needs and life events from an imported file to people, reasons and pages. All people and posts are invented."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import xunke as run
from tests.conftest import TODAY
from xunke.api import Xunke
from xunke.i18n import Catalogue
from xunke.outreach import lists
from xunke.outreach.exports import reason_text
from xunke.outreach.told import told
from xunke.plan import encode
from xunke.storage import rows

POSTS = [
    # who, bio, text
    ("小满", "坐标上海 女", "快递又弄丢了，物流客服根本不理人，气死"),
    ("阿树", "坐标北京", "今天的物流园采风，学到很多行业知识"),
    ("冬冬", "坐标杭州", "物流太慢了，等了十天还没到，再也不用这家"),
    ("青禾", "坐标成都", "好想买一台相机，拍拍身边的人"),
    ("木木", "坐标广州", "整理了一下相机里的照片，往事如烟"),
    ("小鹿", "坐标上海，女生一枚", "夏天要到了，求推荐一款不搓泥的防晒"),
    ("阿宁", "坐标上海，女生一枚", "这个防晒哪里可以买到呀，有链接吗"),
    ("大川", "坐标上海，男生", "求推荐一款男生用的防晒"),
    ("可可", "坐标上海，女生一枚", "今天涂了防晒出门，天气真好"),
    ("一一", "坐标苏州", "刚搬到新家，屋子空空的什么都要添"),
    ("老周", "坐标南京", "刚搬家的人要注意甲醛，这是一篇科普"),
    ("桃子", "坐标武汉", "我们下个月就要办婚礼了，婚纱还没定"),
    ("麦麦", "坐标西安", "备婚博主推荐的酒店合集，仅供参考"),
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Xunke]:
    """An imported file of invented posts."""
    path = tmp_path / "帖子.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["平台", "用户id", "昵称", "简介", "帖子id", "正文", "发布时间"])
        for n, (name, bio, text) in enumerate(POSTS):
            table.writerow(["weibo", f"u{n}", name, bio, f"p{n}", text, f"2026-11-{10 + n % 10:02d} 12:00:00"])
    with Xunke(tmp_path / "p.db", day=TODAY) as opened:
        [report] = opened.import_files(path)
        assert report.stored == len(POSTS), report
        yield opened


def found(project: Xunke, sentence: str) -> dict[str | None, str]:
    """{name: reason} of the people that a sentence finds, as a list that is saved shows it."""
    result = project._result(sentence, "people")
    entry = lists.save(project.project, sentence, "people", result)
    members = rows.list_people(project.project, entry.id)
    import json

    said = {row.name: json.loads(row.reason or "[]") for row in members.window(0, 50)}
    return {name: reason_text(reason, Catalogue("zh")) for name, reason in said.items()}


def test_who_complains(project: Xunke) -> None:
    people = found(project, "找最近抱怨物流的人")
    assert set(people) == {"小满", "冬冬"}
    assert "物流客服根本不理人" in people["小满"]
    assert "吐槽" in people["小满"]


def test_who_wants_to_buy(project: Xunke) -> None:
    people = found(project, "找想买相机的")
    assert set(people) == {"青禾"}
    assert "想买" in people["青禾"]
    assert "好想买一台相机" in people["青禾"]


def test_who_asks_for_advice_also_asks_where(project: Xunke) -> None:
    people = found(project, "求推荐防晒的上海女生")
    assert set(people) == {"小鹿", "阿宁"}
    assert "求推荐一款不搓泥的防晒" in people["小鹿"]


def test_life_events_are_found_in_other_words_too(project: Xunke) -> None:
    assert set(found(project, "找刚搬家的")) == {"一一"}
    wedding = found(project, "备婚的人")
    assert set(wedding) == {"桃子"}
    assert "我们下个月就要办婚礼了" in wedding["桃子"]


def test_posts_too(project: Xunke) -> None:
    texts = {row.text for row in project.posts("找想买相机的笔记").window(0, 50)}
    assert texts == {"好想买一台相机，拍拍身边的人"}


def test_the_neutral_plan_knows_no_such_slot(project: Xunke) -> None:
    plan = project.plan("求推荐防晒的上海女生")
    assert plan.steps[0].needs == ("seek_advice", "ask_where")
    [step] = encode(plan)["steps"]
    assert not {"needs", "life_events"} & step.keys()
    assert step["topics"] == ["防晒"]
    [whole] = encode(plan, neutral=False)["steps"]
    assert whole["needs"] == ["seek_advice", "ask_where"]


def test_a_follow_up_keeps_the_need(project: Xunke) -> None:
    from xunke.chat import understand

    before = "找想买相机的"
    plan = understand("只看成都的", today=TODAY, prev=(before, project.plan(before)))
    assert plan.steps[0].needs == ("want_to_buy",)
    assert plan.steps[0].region == ("成都",)


@pytest.mark.parametrize(
    "sentence",
    ["聊备婚的博主", "想换成抖音", "讲怎么搬家的笔记", "相机推荐"],
)
def test_what_is_talked_about_is_no_need_of_its_author(project: Xunke, sentence: str) -> None:
    assert not any(step.needs or step.life_events for step in project.plan(sentence).steps)


@pytest.mark.parametrize("sentence", ["怀孕的用户名单", "失恋的女生列出来"])
def test_private_events_are_no_way_to_look_for_people(project: Xunke, sentence: str) -> None:
    plan = project.plan(sentence)
    assert plan.outcome == "refuse"
    assert not any(step.life_events for step in plan.steps)


def test_a_person_has_needs_with_quote_date_and_post(project: Xunke) -> None:
    db = project.project.path
    answer = run("person", "小满", "--json", db=db)
    [person] = answer.rows
    [need] = [need for need in person["needs"] if need["name"] == "complain"]
    assert need["kind"] == "hidden"
    assert need["post"] == "p0"
    assert need["time"] is not None
    assert need["quote"] in POSTS[0][2]
    assert person["life_events"] == []
    text = run("person", "小满", db=db).out
    assert "需求与意图" in text
    assert "隐性的·吐槽避雷" in text
    assert need["quote"] in text
    assert "没有读出人生大事" in text
    english = run("person", "桃子", "--lang", "en", db=db).out
    assert "wedding" in english
    assert "我们下个月就要办婚礼了" in english
    assert "我们下个月就要办婚礼了" in run("why", "桃子", db=db).out
    [why] = run("why", "青禾", "--json", db=db).rows
    assert [(n["name"], n["kind"], n["about"]) for n in why["needs"]] == [("want_to_buy", "explicit", "相机")]


def test_nothing_is_read_before_and_nothing_of_minors(project: Xunke) -> None:
    account = int(project.project.one("select id from account where name = '小满'"))
    before = told(project.project, account)
    assert (before.needs, before.read, before.posts) == ((), 0, 1)
    assert run("person", "小满", db=project.project.path).code == 0
    assert told(project.project, account).needs
    insert = "insert into profile_fact(account, fact, value, origin, confidence) values (?, 'minor', 'yes', 'bio', 1)"
    project.project.writer.call(lambda w: w.execute(insert, (account,)))
    assert told(project.project, account).needs == ()
