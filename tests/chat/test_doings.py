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

from xunke.chat import doings, understand
from xunke.plan import Plan, check, decode, encode

TODAY = date(2026, 11, 22)
TABLE = tomllib.loads((Path(__file__).parent / "doing.toml").read_text("utf-8"))
MORE = tomllib.loads((Path(__file__).parent / "doing2.toml").read_text("utf-8"))
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
