"""Reading a model's answer: never raises, never lets an invalid plan through, linear. Everything is invented."""

from __future__ import annotations

import contextlib
import json
import time
import tomllib
from datetime import date
from importlib.resources import files
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.house.files import ROOT
from xunke.errors import BadInput
from xunke.llm import extract, prompt, shape
from xunke.plan import SLOTS, Action, Plan, Step, check, decode, encode

TODAY = date(2026, 11, 22)
PLAN = '{"outcome": "run", "steps": [{"action": "find", "topics": ["露营"]}]}'
SCRAPS = st.sampled_from([
    "{", "}", "[", "]", '"', "'", ",", ":", "\\", "```json\n", "```", "<think>", "</think>", PLAN, PLAN[:30], PLAN[9:],
    '"steps"', '"action"', '"find"', '"outcome"', '"run"', "null", "None", "-1", "1e999", "露营", "“", "”",
    "//", "\n", " ",
])  # fmt: skip
TEXTS = st.lists(SCRAPS, max_size=25).map("".join) | st.text(max_size=80)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**13) | st.floats() | st.text(max_size=12)
    | st.sampled_from(["find", "run", "最近30天", "90后", "export", "上海", "llm"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["outcome", "steps", "action", "when", "born", "periods", "region", "limit", "topics", "plan",
                         "arguments", "until", "refuse", "accounts", "x"]), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


def asked(text: str = "找聊露营的，最近30天，90后") -> shape.Request:
    return shape.request(text, TODAY, None)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_text(text: str) -> None:
    for found in extract.in_text(text):
        assert isinstance(found, dict)
        with contextlib.suppress(BadInput):
            check(shape.plan_of(found, asked()))
    assert isinstance(extract.began({"content": text}), bool)
    assert isinstance(extract.spoken({"content": text}), str)


@settings(max_examples=300, deadline=None)
@given(JSON, JSON)
def test_any_message(content: Any, calls: Any) -> None:
    message = {"content": content, "tool_calls": [{"function": {"arguments": calls}}, calls], "function_call": calls}
    for answer in (message, {"tool_calls": calls, "content": content}, content):
        for found in extract.objects(answer):
            with contextlib.suppress(BadInput):
                check(shape.plan_of(found, asked()))


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_what_comes_through_is_a_valid_plan(value: Any) -> None:
    steps = value if isinstance(value, list) else [value]
    with contextlib.suppress(BadInput):
        plan = shape.plan_of({"outcome": "run", "steps": steps}, asked())
        assert check(plan) is plan
        assert isinstance(plan, Plan)


@given(st.integers(0, len(PLAN) - 1))
def test_no_cut_plan_is_completed(end: int) -> None:
    for tail in ("", "\n```\n", "\n```\n以上就是计划。", " …"):
        found = extract.in_text(PLAN[:end] + tail)
        assert not [f for f in found if f.keys() & {"steps", "outcome", "action"}]


@pytest.mark.parametrize(
    "text",
    ["{" * 65_536, '{"a":' * 20_000, "[" * 65_536, "{'" + "\\'" * 30_000, '{"a":1,' * 9_000, "<think>" * 9_000,
     "\\" * 65_536, "{a:" * 20_000, '"' * 60_000 + "{" * 100, PLAN * 1_000, "{ // " * 10_000],
)  # fmt: skip
def test_hostile_text_is_read_in_time(text: str) -> None:
    begun = time.monotonic()
    extract.objects({"content": text})
    assert time.monotonic() - begun < 1.0


@pytest.mark.parametrize("example", prompt.guide()["examples"], ids=lambda e: e["request"][:12])
def test_the_examples_that_a_model_is_shown_are_valid(example: dict[str, str]) -> None:
    plan = shape.plan_of(json.loads(example["plan"]), asked(example["request"]))
    assert check(plan) is plan


def test_the_schema_is_the_plans() -> None:
    slots = prompt.schema()["properties"]["steps"]["items"]["properties"]
    known = {name for allowed in SLOTS.values() for name in allowed} | {"action"}
    assert known - set(slots) == {"since", "window"}
    assert set(slots) - known == {"when", "born"}
    assert set(slots["action"]["enum"]) == set(get_args(Action))
    guide = tomllib.loads((files("xunke.llm") / "guide.toml").read_text("utf-8"))
    assert set(guide["slots"]) <= set(slots), "a meaning without a slot"
    assert set(guide["actions"]) <= set(get_args(Action))
    for action in get_args(Action):
        assert f"- {action}:" in prompt.system()
    assert "$ref" not in json.dumps(prompt.schema())
    assert str(TODAY.year) not in prompt.system()


def step(**slots: Any) -> Step:
    return Step(action="find", **slots)


@pytest.mark.parametrize(
    ("words", "since", "until"),
    [
        ("最近30天", "2026-10-24", "2026-11-22"),
        ("上周末", "2026-11-14", "2026-11-15"),
        ("国庆前后", "2026-09-24", "2026-10-14"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("近俩礼拜", "2026-11-09", "2026-11-22"),
        ("从618到现在", "2026-06-18", "2026-11-22"),
    ],
)
def test_times_are_our_grammars(words: str, since: str, until: str) -> None:
    raw = {"steps": [{"action": "find", "topics": ["露营"], "when": words}]}
    found = encode(shape.plan_of(raw, asked(f"露营，{words}")))["steps"][0]
    assert (found["since"], found["until"]) == (since, until)


@pytest.mark.parametrize("words", ["明年", "2月30号", "最近0天", "13月45号到14月1号"])
def test_impossible_times_are_asked_back(words: str) -> None:
    raw = {"steps": [{"action": "find", "topics": ["露营"], "when": words}]}
    assert shape.plan_of(raw, asked(f"露营，{words}")).clarify == ("time_conflict",)


def test_periods_births_and_repetition() -> None:
    raw = {"steps": [{"action": "compare", "items": ["甲", "乙"], "periods": ["上个月", "去年同期"], "born": "95后"}]}
    found = encode(shape.plan_of(raw, asked()))["steps"][0]
    assert found["periods"] == [["2026-10-01", "2026-10-31"], ["2025-10-01", "2025-10-31"]]
    assert (found["age_min"], found["age_max"]) == (27, 31)
    raw = {"steps": [{"action": "find", "topics": ["露营"], "when": "昨天"}, {"action": "schedule", "every": "1d"}]}
    assert encode(shape.plan_of(raw, asked()))["steps"][0]["window"] == "prev:day"


def records() -> list[dict[str, Any]]:
    """Every request with a gold plan that the parser is tested with."""
    paths = sorted((ROOT / "tests" / "chat").glob("*.jsonl"))
    found = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [r for r in found if isinstance(r.get("plan"), dict) and r["plan"].get("steps")]


def test_every_gold_plan_can_be_said_in_the_models_form() -> None:
    """There and back: what a perfect model would say comes out as the same plan."""
    wrong = []
    for record in records():
        plan = decode({**record["plan"], "outcome": "run", "refuse": []})
        said = shape.request(record["text"], date.fromisoformat(record["today"]), (record["text"], plan))
        again = shape.plan_of(json.loads(json.dumps(said.prev)), said)
        if again.steps != plan.steps:
            wrong.append((record["text"], encode(plan)["steps"], encode(again)["steps"]))
    assert len(records()) > 500
    assert not wrong, f"{len(wrong)}: {wrong[:5]}"
