"""Questions about what is shown, and ordinary requests that look like them. All names are invented."""

from __future__ import annotations

import time
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xunke.chat import questions, understand
from xunke.plan import Plan, check, encode

TODAY = date(2026, 11, 22)
TABLE = tomllib.loads((Path(__file__).parent / "questions.toml").read_text("utf-8"))
BEFORE = {"people": "找最近30天聊露营的上海女生，影响力前50", "posts": "找露营的帖子，点赞前20"}


@cache
def before(name: str | None) -> tuple[str, Plan] | None:
    return None if name is None else (BEFORE[name], understand(BEFORE[name], today=TODAY))


CASES = [(case, said) for case in TABLE["case"] for said in case["say"]]


@pytest.mark.parametrize(("case", "said"), CASES, ids=[said for _, said in CASES])
def test_question(case: dict[str, Any], said: str) -> None:
    prev = before(case.get("prev"))
    plan = check(understand(said, today=TODAY, prev=prev))
    if "ask" in case:
        assert (plan.outcome, plan.clarify) == ("clarify", (case["ask"],))
        return
    assert encode(plan, neutral=False)["steps"] == [case["expect"]]
    if case["expect"]["action"] == "explain":
        assert encode(plan) == {"outcome": "run", "steps": [{"action": "help"}]}


KINDS = [(kind["of"], said) for kind in TABLE["kind"] for said in kind["say"]]


@pytest.mark.parametrize(("kind", "said"), KINDS, ids=[said for _, said in KINDS])
def test_kind(kind: str, said: str) -> None:
    plan = understand(said, today=TODAY, prev=before("posts" if kind == "cascade" else "people"))
    (step,) = plan.steps
    assert (step.what if step.action == "explain" else step.action) == kind


@pytest.mark.parametrize("said", TABLE["ordinary"][0]["say"])
@pytest.mark.parametrize("name", [None, "people", "posts"])
def test_ordinary(said: str, name: str | None) -> None:
    plan = understand(said, today=TODAY, prev=before(name))
    assert all(step.action != "explain" for step in plan.steps)


PIECES = [
    "为什么", "没有", "第一个", "第", "三", "@", "@小满", "『阿禾』", "和", "的", "受众", "重合", "什么", "是", "意思", "怎么", "算",
    "这条", "火", "谁", "在", "聊", "最近", "不", "理", "我们", "了", "下一页", "50", "个人", "选", "覆盖", "最多", "像", "这样",
    "why", " ", "is", "not", "number 3", "explain", "how", "overlap", "的", "，", "?", "他们", "几点", "活跃", "有哪些", "圈子",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=100))
def test_whatever_is_typed_is_answered_quickly(text: str) -> None:
    """No sentence raises, and none of up to 80 characters takes long (patterns do not backtrack far)."""
    questions.read(text, None)
    start = time.process_time()
    found = questions.read(text, before("people"))
    assert time.process_time() - start < 0.2
    if isinstance(found, dict) and found["steps"]:
        check(understand(text, today=TODAY, prev=before("people")))


def test_long_repetitions_are_no_question() -> None:
    for piece in PIECES:
        start = time.process_time()
        questions.read(piece * (80 // len(piece)), None)
        questions.read(piece * 40_000, None)
        assert time.process_time() - start < 0.3, piece
