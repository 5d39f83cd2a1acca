"""Acts that no rule fits as a whole: the model names them, the sentence gives the slots. All names are invented."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunke.chat import understand, work_slots, works
from xunke.plan import OPS, check, encode

TODAY = date(2026, 11, 22)
TABLE = tomllib.loads((Path(__file__).parent / "works.toml").read_text("utf-8"))
NAMES: dict[str, str] = TABLE["names"]


@pytest.mark.parametrize(("said", "step"), TABLE["said"]["act"], ids=[row[0] for row in TABLE["said"]["act"]])
def test_an_act_and_its_slots(said: str, step: dict[str, Any]) -> None:
    plan = check(understand(said, today=TODAY, names=NAMES))
    assert encode(plan, neutral=False)["steps"] == [{"action": "work", **step}]


@pytest.mark.parametrize(("said", "step"), TABLE["said"]["behind"], ids=[row[0] for row in TABLE["said"]["behind"]])
def test_an_act_on_what_is_on_the_screen(said: str, step: dict[str, Any]) -> None:
    before = "找最近聊露营的上海女生 前50个"
    plan = check(understand(said, today=TODAY, prev=(before, understand(before, today=TODAY)), names=NAMES))
    assert encode(plan, neutral=False)["steps"] == [step]
    assert understand(said, today=TODAY, names=NAMES).outcome == "clarify"


@pytest.mark.parametrize(("said", "what"), TABLE["said"]["other"], ids=[row[0] for row in TABLE["said"]["other"]])
def test_other_requests_stay_what_they_are(said: str, what: str) -> None:
    plan = understand(said, today=TODAY, names=NAMES)
    assert what in (*plan.refuse, *(step.action for step in plan.steps[:1]))


@pytest.mark.parametrize("said", ["删除抹茶笔记的数据", "删除小鹿微博的记录", "把阿布视频的资料全删了"])
def test_a_name_never_deletes_everything(said: str) -> None:
    """A name that ends in the word for posts or a platform: what is to go is asked, not guessed."""
    assert understand(said, today=TODAY).clarify == ("scope",)


@pytest.mark.parametrize("said", ["删除所有帖子", "把评论都清了", "小红书那边存的评论都删掉", "清空豆瓣的数据"])
def test_everything_of_a_kind_is_deleted_when_that_is_said(said: str) -> None:
    assert [step.action for step in understand(said, today=TODAY).steps] == ["erase"]


def test_names_are_found_longest_first() -> None:
    names = {"首批": "list", "首批试用": "campaign"}
    assert works.named("首批试用和首批", names) == {"list": ("首批",), "campaign": ("首批试用",)}
    assert works.masked("名单『首批』里", names) == "名单\ue000里"


def test_every_act_is_one_that_can_be_done() -> None:
    """The model names no act that nothing carries out, and no reader is there for an act that has no name."""
    codes = set(works.model().codes) - {works.OTHER}
    assert {code.partition(":")[0] for code in codes} <= works.DOES
    assert set(work_slots.READERS) <= codes | {code.partition(":")[0] for code in codes}
    assert "work" not in OPS


@given(st.text(max_size=60), st.dictionaries(st.text(min_size=1, max_size=6), st.sampled_from(works.KINDS), max_size=4))
def test_anything_may_be_said(said: str, names: dict[str, str]) -> None:
    check(understand(said, today=TODAY, names=names))
    words = works.masked(said, names)
    for code in ("lists:create", "campaign:edit", "segments:save", "consent:add", "limits:set", "note:add", "report"):
        work_slots.slots(code, works.Said(said, said, TODAY, works.named(words, names)))
