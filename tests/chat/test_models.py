"""The small models of the parser: what they may and may not do. All requests are invented."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xunke.chat import intents, loglinear, planner, refusals, subject, understand
from xunke.chat.normalize import fold
from xunke.chat.policy import ruled, scan

TODAY = date(2026, 11, 22)
REQUESTS = Path(__file__).resolve().parents[2] / "training" / "requests"
PIECES = st.lists(
    st.sampled_from([
        "找", "做", "聊", "的", "博主", "汉服", "小红书", "最近30天", "，", "前50", "西湖龙井", "#露营#", "@阿福", "『咖啡』", "find",
        "skincare", " ", "和", "粉丝两万以上", "导出", "再", "上海", "宝妈", "喜欢", "骑行", "。", "!", "618", "攻略", "about", "vs",
    ]),
    max_size=14,
).map("".join)  # fmt: skip


def words(text: str) -> list[tuple[str, str]]:
    """The words of the subject, each with its kind."""
    doc, people = planner.marked(fold(text), TODAY)
    subject.read(doc, people)
    return [doc.tokens[c].value for c in doc.text if c in doc.tokens and doc.tokens[c].kind == "W"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("找40个昆明做扎染的博主", [("topic", "扎染")]),
        ("只看粉丝三万以上的", []),
        ("抖音上讲家庭急救的视频，近两周", [("topic", "家庭急救")]),
        ("find ceramics creators in Jingdezhen", [("topic", "ceramics")]),
        ("爱攀岩的深圳程序员", [("interest", "攀岩"), ("occupation", "程序员")]),
        ("导出成 Excel", []),
    ],
)
def test_the_subject_is_told_from_its_frame(text: str, expected: list[tuple[str, str]]) -> None:
    found = words(text)
    assert [pair for pair in expected if pair[0] in ("topic", "interest")] == [
        pair for pair in found if pair[0] in ("topic", "interest")
    ]


@given(PIECES)
@settings(max_examples=120, deadline=None)
def test_words_of_the_subject_stand_in_the_text(text: str) -> None:
    plain = fold(text).replace(" ", "").lower()
    for kind, word in words(text):
        assert kind in subject.KINDS
        assert word.replace(" ", "").lower().strip("『』") in plain


def test_the_subject_model_knows_its_own_examples() -> None:
    """A model that was not made anew after a change of the rules falls behind here."""
    import re

    mark = re.compile(r"\[([^\[\]]+)\](?:\{[tioc]\})?")
    lines = [line for path in sorted(REQUESTS.glob("*.txt")) for line in path.read_text("utf-8").splitlines()][::7]
    right = 0
    for line in lines:
        gold = sorted(fold(m[1]).replace(" ", "").lower() for m in mark.finditer(line))
        found = sorted(word.replace(" ", "").lower() for _, word in words(mark.sub(r"\1", line)))
        right += gold == found
    assert right >= 0.85 * len(lines), f"{right} of {len(lines)}"


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_chances_are_chances(text: str) -> None:
    for chances in (refusals.chances(fold(text), ()), intents.model().chances(loglinear.features(fold(text)))):
        assert math.isclose(sum(chances.values()), 1, rel_tol=1e-9)
        assert all(0 <= chance <= 1 for chance in chances.values())


def test_a_model_is_the_same_after_packing() -> None:
    model = loglinear.Model(("a", "b"), 8.0, (3, -3), {"x": 0, "y\tz": 1}, bytes([1, 255, 127, 128]))
    again = loglinear.Model.unpacked(model.packed())
    assert again == model
    assert again.chances(["x"]) == model.chances(["x"])
    assert model.chances(["y\tz"])["a"] > model.chances(["x"])["a"]  # 127 against -128


def test_what_is_quoted_or_tagged_weighs_nothing() -> None:
    one, two = (loglinear.features(fold(f"找带#{tag}#的帖子")) for tag in ("刷粉", "露营"))
    assert one == two


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("咋用啊这玩意", {"action": "help"}),
        ("撤了吧，刚才点错了", {"action": "undo"}),
        ("后台都在跑些啥任务", {"action": "jobs", "op": "list"}),
    ],
)
def test_a_kind_that_no_rule_knows(text: str, action: dict[str, str]) -> None:
    plan = understand(text, today=TODAY)
    assert plan.outcome == "run"
    (step,) = plan.steps
    assert (step.action, step.op) == (action["action"], action.get("op"))


def test_a_kind_is_not_asked_where_the_rules_found_something() -> None:
    assert not intents.thin([{"action": "find", "target": "posts", "platforms": ["weibo"]}])
    assert not intents.thin([{"action": "stats", "target": "posts"}])
    assert intents.thin([])
    plan = understand("找微博上聊撤回消息的帖子，近一周", today=TODAY)
    assert [step.action for step in plan.steps] == ["find"]


def test_an_address_is_no_matter_of_opinion() -> None:
    text = "帮我把长毛象实例接到 http://169.254.169.254"
    assert ruled(text).codes == scan(text).codes == ("unsafe_address",)
