"""Facts that people state, with invented bios."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.persona import stated_facts


def said(bio: str | None = None, text: str | None = None) -> set[tuple[str, str]]:
    return {(fact.fact, fact.value) for fact in stated_facts(bio, (), text, year=2026)}


@pytest.mark.parametrize(
    ("bio", "fact", "value"),
    [
        ("坐标上海 | 减脂打卡", "region", "上海"),
        ("📍成都｜吃吃喝喝", "region", "成都"),
        ("现居杭州，前端工程师", "region", "杭州"),
        ("上海女生一枚", "region", "上海"),
        ("上海女生一枚", "gender", "female"),
        ("95后 爱跑步", "age", "95后"),
        ("95年的", "age", "25-34"),
        ("28岁，女", "age", "25-34"),
        ("宝妈，爱烘焙", "family", "妈妈"),
        ("宝妈，爱烘焙", "gender", "female"),
        ("程序员一枚", "occupation", "程序员"),
        ("大三学生", "occupation", "学生"),
        ("高中语文老师", "occupation", "教师"),
        ("奶爸日常", "gender", "male"),
        ("喜欢露营", "interest", "户外"),
    ],
)
def test_stated_in_a_bio(bio: str, fact: str, value: str) -> None:
    assert (fact, value) in said(bio)


def test_stated_in_a_post() -> None:
    found = said(text="本人女，坐标上海，求推荐健身房")
    assert {("gender", "female"), ("region", "上海")} <= found


@pytest.mark.parametrize(
    "bio",
    [
        "我老公是程序员",
        "小美",
        "王丽娜",
        "来自火星",
        "",
        "喜欢女生的穿搭灵感",
        "女儿15岁了",
        "想当老师",
        "上海菜爱好者的胃",
    ],
)
def test_not_about_oneself_is_not_a_fact(bio: str) -> None:
    assert not {name for name, _ in said(bio)} & {"region", "gender", "age", "occupation", "minor"}


def test_two_genders_are_none() -> None:
    assert "gender" not in {name for name, _ in said("本人男，账号女友也在用，她说本人女")}


@pytest.mark.parametrize("bio", ["高二学生", "初中生一枚", "15岁", "我是小学生", "2012年出生", "准高三，今年17岁"])
def test_minors_have_no_profile(bio: str) -> None:
    facts = stated_facts(f"坐标上海 {bio}", year=2026)
    assert [fact.fact for fact in facts] == ["minor"]


@pytest.mark.parametrize(
    "text",
    [
        "2018年的世界杯真好看",
        "讨厌2015年的中考",
        "一个人在公园里跑步",
        "我一个人带娃",
        "有人在网上买过吗",
        "成立于2009年。",
        "女儿今年8岁了",
    ],
)
def test_stories_are_no_statements(text: str) -> None:
    assert said(text=text) == set()


def test_years_in_a_bio() -> None:
    assert ("age", "25-34") in said("1997年生")
    assert said("since 2015年 | 老店") == set()
    assert {name for name, _ in said(text="我是2012年的")} == {"minor"}


def test_parents_and_teachers_are_no_minors() -> None:
    for bio in ("两娃妈，大宝初一", "高三班主任", "高中老师", "初中生家长"):
        assert "minor" not in {name for name, _ in said(bio)}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="坐标上海女95后年生本人是|，高二岁1 ", max_size=40))
def test_any_bio_is_survived(bio: str) -> None:
    for fact in stated_facts(bio, (bio,), bio, year=2026):
        assert 0 < fact.confidence <= 1
        assert fact.value
