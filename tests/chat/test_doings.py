"""What is done with people once they are found, and ordinary requests that hold the same words. All names are invented."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunke import i18n
from xunke.chat import doings, understand
from xunke.plan import Plan, check, decode, encode

TODAY = date(2026, 11, 22)
TABLE = tomllib.loads((Path(__file__).parent / "doing.toml").read_text("utf-8"))
MORE = tomllib.loads((Path(__file__).parent / "doing2.toml").read_text("utf-8"))
THREE = tomllib.loads((Path(__file__).parent / "doing3.toml").read_text("utf-8"))
CASES = [(case, said) for case in TABLE["case"] for said in case["say"]]


@cache
def before(name: str | None) -> tuple[str, Plan] | None:
    said = "找最近30天聊露营的上海女生，影响力前50"
    return None if name is None else (said, understand(said, today=TODAY))


@pytest.mark.parametrize(("case", "said"), CASES, ids=[said for _, said in CASES])
def test_doing(case: dict[str, Any], said: str) -> None:
    plan = check(understand(said, today=TODAY, prev=before(case.get("prev"))))
    assert encode(plan, neutral=False)["steps"] == [case["expect"]]
    assert encode(plan) == {"outcome": "run", "steps": [{"action": "help"}]}


@pytest.mark.parametrize(
    ("said", "do", "op", "more"),
    [row for key in ("first", "second") for row in MORE.get(key, ())],
    ids=lambda value: None,
)
def test_sentences_written_before_their_rules(said: str, do: str, op: str, more: dict[str, Any]) -> None:
    plan = check(understand(said, today=TODAY, prev=before("people")))
    if do == "undo":
        assert [step.action for step in plan.steps] == ["undo"]
        return
    (step,) = encode(plan, neutral=False)["steps"]
    step["fields"] = dict(step.get("fields", ()))
    assert (step["action"], step["do"]) == ("work", do)
    assert step.get("op", "") == op or (not op and step["op"] in ("list", "show", "all", "summary"))
    assert {name: step.get(name) for name in more} == more


def kind(plan: Plan) -> str:
    """What a plan of one step comes to: ``do.op`` of work, otherwise its action."""
    step = plan.steps[-1] if plan.steps else None
    if step is None:
        return plan.outcome
    return step.action if step.do is None else f"{step.do}.{step.op}" if step.op else step.do


@pytest.mark.parametrize(
    ("wanted", "said"), [(key, said) for table in ("say", "other") for key, row in THREE[table].items() for said in row]
)
def test_sentences_built_differently(wanted: str, said: str) -> None:
    plan = check(understand(said, today=TODAY, prev=before("people")))
    assert kind(plan) == wanted


def test_every_op_is_said_in_three_ways() -> None:
    keys = {key for path in i18n.HERE.glob("*.toml") for key in tomllib.loads(path.read_text("utf-8"))}
    known = {key.removeprefix("work.") for key in keys if key.startswith("work.")} - {"undo_hint"}
    ops = {key for key in known if "." in key or not any(other.startswith(f"{key}.") for other in known)}
    said: dict[str, set[str]] = {key: set(row) for key, row in THREE["say"].items()}
    for case, text in CASES:
        expect = case["expect"]
        said.setdefault(".".join(expect[slot] for slot in ("do", "op") if slot in expect), set()).add(text)
    for text, do, op, _ in MORE["first"]:
        said.setdefault(f"{do}.{op}" if op else do, set()).add(text)
    defaults = {"experiment.list": "experiment", "lists.all": "lists"}  # what is shown where no op is said
    for op, bare in defaults.items():
        said[op] = said.get(op, set()) | said.get(bare, set())
    assert {op for op in ops if len(said.get(op, ())) < 3} == set()


CALLED = [
    ("活动「春季新品」怎么样了", "它的漏斗呢", "campaign.funnel", "春季新品"),
    ("活动「春季新品」怎么样了", "这个活动的花费 300元 投流", "campaign.cost", "春季新品"),
    ("活动「春季新品」怎么样了", "又花了200块", "campaign.cost", "春季新品"),
    ("打开名单春季", "这个名单能发了吗", "preflight", "春季"),
    ("细分高活跃有哪些人", "转成名单", "segments.as_list", "高活跃"),
    ("看看试验标题测试", "停掉吧", "experiment.stop", "标题测试"),
]


@pytest.mark.parametrize(("first", "then", "wanted", "name"), CALLED)
def test_a_sentence_goes_on_about_what_was_shown(first: str, then: str, wanted: str, name: str) -> None:
    shown = understand(first, today=TODAY, prev=None)
    plan = check(understand(then, today=TODAY, prev=(first, shown)))
    assert (kind(plan), plan.steps[-1].name) == (wanted, name)


@pytest.mark.parametrize(
    ("then", "wanted"), [("存成名单", "save"), ("再给他们分两组", "segment"), ("导出", "export"), ("随机分成两组", "ab_test")]
)
def test_a_sentence_goes_on_with_the_people_shown(then: str, wanted: str) -> None:
    (step,) = check(understand(then, today=TODAY, prev=before("people"))).steps
    assert (step.action, step.input) == (wanted, "last")


def test_evidence_may_be_said_afterwards() -> None:
    first = understand("@阿布的胃 同意收短信", today=TODAY)
    (step,) = understand("依据：11月20日填了报名表", today=TODAY, prev=("", first)).steps
    assert (step.do, step.op, step.accounts, step.topic) == ("consent", "add", ("阿布的胃",), "短信")
    assert step.fields == (("evidence", "11月20日填了报名表"),)


@pytest.mark.parametrize(
    ("said", "topic", "until", "owner"),
    [
        ("让小王周五前把文案写好", "文案写好", "2026-11-27", "小王"),
        ("周五前让小李拍好图", "拍好图", "2026-11-27", "小李"),
        ("安排阿May月底前把样品寄出", "样品寄出", "2026-11-30", "阿May"),
        ("小王下周三之前交海报", "交海报", "2026-11-25", "小王"),
        ("给活动双十二加个任务：小王周五前写好文案", "小王周五前写好文案", "2026-11-27", "小王"),
        ("新增一个待办：联系场地，小陈负责", "联系场地,小陈负责", None, "小陈"),
    ],
)
def test_a_task_has_a_day_and_somebody_who_does_it(said: str, topic: str, until: str | None, owner: str) -> None:
    (step,) = check(understand(said, today=TODAY)).steps
    assert (step.do, step.op, step.topic) == ("campaign", "task", topic)
    assert (None if step.until is None else step.until.isoformat()) == until
    assert dict(step.fields) == {"owner": owner}


@pytest.mark.parametrize("said", ["不要删除名单春季", "怎么删除名单春季", "名单春季别删", "为什么要停掉试验标题测试"])
def test_a_sentence_that_says_no_or_asks_how_changes_nothing(said: str) -> None:
    plan = understand(said, today=TODAY)
    assert not {step.op for step in plan.steps} & {"drop", "stop"}


@pytest.mark.parametrize("said", TABLE["ordinary"][0]["say"])
@pytest.mark.parametrize("name", [None, "people"])
def test_ordinary(said: str, name: str | None) -> None:
    plan = understand(said, today=TODAY, prev=before(name))
    assert all(step.action != "work" for step in plan.steps)


@pytest.mark.parametrize("said", TABLE["refused"][0]["say"])
def test_sending_and_keeping_what_must_not_be_kept_is_refused(said: str) -> None:
    plan = understand(said, today=TODAY, prev=before("people"))
    assert plan.outcome == "refuse"
    assert plan.refuse[0] in ("mass_contact", "sensitive_profiling")


@given(st.text(max_size=60), st.sampled_from([said for _, said in CASES]))
def test_any_text_around_it_gives_a_valid_plan_or_none(noise: str, said: str) -> None:
    found = doings.read(said + noise, said + noise, None, today=TODAY)
    if found is not None:
        decode(found)
