"""Questions about what is shown, and ordinary requests that look like them. All names are invented."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from xunke.chat import understand
from xunke.plan import Plan, check, encode

TODAY = date(2026, 11, 22)
TABLE = tomllib.loads((Path(__file__).parent / "questions.toml").read_text("utf-8"))
BEFORE = {"people": "找最近30天聊露营的上海女生，影响力前50", "posts": "找露营的帖子，点赞前20"}


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


@pytest.mark.parametrize("said", TABLE["ordinary"][0]["say"])
@pytest.mark.parametrize("name", [None, "people", "posts"])
def test_ordinary(said: str, name: str | None) -> None:
    plan = understand(said, today=TODAY, prev=before(name))
    assert all(step.action != "explain" for step in plan.steps)
