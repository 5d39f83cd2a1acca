"""What may be repeated, and the words by which schedules are found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.acting import run, the
from xunke.actions.schedules import named
from xunke.events import Done, Failed
from xunke.outreach.contact import published
from xunke.storage import Project


def test_what_must_be_confirmed_is_not_scheduled(sample: Project) -> None:
    for step in (
        {"action": "erase", "platforms": ["weibo"]}, {"action": "suppress", "op": "remove", "accounts": ["甲"]},
        {"action": "undo"}, {"action": "jobs", "op": "cancel"},
    ):  # fmt: skip
        posts = sample.one("select count(*) from post")
        assert the(run(sample, step, {"action": "schedule", "every": "1d"}), Failed).key == "schedule.risky"
        assert sample.one("select count(*) from post") == posts
    assert sample.one("select count(*) from schedule") == 0


def test_nothing_to_repeat_is_asked_for(sample: Project) -> None:
    assert the(run(sample, {"action": "schedule", "input": "last_plan", "every": "1d"}), Failed).exit_code == 4
    over = run(
        sample, {"action": "find", "tags": ["咖啡"]}, {"action": "schedule", "every": "1d", "until": "2020-01-01"}
    )
    assert the(over, Failed).key == "schedule.over"


def test_names_are_found_by_their_words(sample: Project) -> None:
    daily = {"action": "collect", "tags": ["咖啡"], "platforms": ["weibo"]}
    weekly = {"action": "compare", "items": ["晴野轻食", "半糖研究所"], "dimension": "brand", "measure": ["count"]}
    run(sample, daily, {"action": "schedule", "every": "1d"})
    run(sample, weekly, {"action": "schedule", "every": "1w", "on": ["mon"]})
    for words, number in {
        "weekly competitor": 2, "竞品周报": 2, "每周竞品": 2, "微博监控": 1, "咖啡日报": 1, "每天抓微博": 1, "S2": 2,
        "1": 1, "半糖研究所": 2, "daily weibo": 1,
    }.items():  # fmt: skip
        assert [s.id for s in named(sample, words)] == [number], words
    assert named(sample, "口红月报") == []


def test_a_plan_with_a_schedule_runs_nothing_now(sample: Project) -> None:
    before = sample.one("select count(*) from result")
    events = run(sample, {"action": "find", "tags": ["咖啡"]}, {"action": "schedule", "every": "2h"})
    assert the(events, Done).code == "schedule.made"
    assert sample.one("select count(*) from result") == before


@pytest.mark.parametrize(
    ("bio", "kind"),
    [
        ("合作发邮箱 [邮箱]", "mail"), ("vx：[微信号] 备注来意", "wechat"), ("📞[手机号]", "phone"),
        ("商务合作请私信", "invites"), ("Business inquiries: DM", "invites"), ("欢迎约稿", "invites"),
        ("爱喝咖啡", None), ("在广告公司做商务的打工人", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_published_contacts_are_told_from_their_masks(bio: str | None, kind: str | None) -> None:
    found = published(bio)
    assert (found and found.kind) == kind


@given(st.text(max_size=300))
def test_contacts_of_any_text(text: str) -> None:
    found = published(text, [text])
    assert found is None or len(found.quote) <= 60
