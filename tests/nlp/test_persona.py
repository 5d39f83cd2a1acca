"""Facts that people state, with invented bios."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.persona import classify_tag, stated_facts

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))


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


# -- what is read beside the plainest statements (all invented) ------------------------------------------------------


@pytest.mark.parametrize(
    ("bio", "fact", "value"),
    [
        ("５０岁，哈尔滨", "age", "45-54"),
        ("坐標台北｜文青｜90後", "region", "台北"),
        ("坐標台北｜文青｜90後", "age", "90后"),
        ("湖北人在深圳打工", "region", "深圳"),
        ("北漂十年的产品经理", "region", "北京"),
        ("28/男/程序员/南京", "age", "25-34"),
        ("武汉，女，1988", "age", "35-44"),
        ("清华在读博士生", "school", "研究生"),
        ("大四，秋招ing", "school", "大学"),
        ("两个娃的妈，深圳", "family", "妈妈"),
        ("两个娃的妈，深圳", "gender", "female"),
        ("单亲爸爸，有个可爱的女儿", "family", "爸爸"),
        ("Shanghai | cat person", "region", "shanghai"),
        ("热爱露营、骑行", "interest", "户外"),
    ],
)
def test_said_in_other_words(bio: str, fact: str, value: str) -> None:
    assert (fact, value) in said(bio)


@pytest.mark.parametrize(
    "bio",
    [
        "某歌手的女友粉",
        "妈妈粉，儿子们冲鸭",
        "永远18岁",
        "坐标火星",
        "不是学生，别问作业",
        "想当一名老师",
        "程序员鼓励师",
        "我的男朋友是医生",
        "女儿14岁，爱画画",
        "给00后看的90后日记",
        "本店主营女装，欢迎选购",
        "某品牌官方，客服热线400",
        "「我是一个兵」循环播放中",
        "佛教徒，吃素三年",
        "轻度抑郁，勿催",
        "喜欢女孩子的女孩子",
        "党员",
        "曾经的程序员",
        "爱上海，不在上海",
        "北京时间早八点更新",
        "摩羯座",
        "高考过去十年了",
        "提高一个档次",
        "大年初一出生",
        "since 2010",
    ],
)
def test_traps_state_nothing(bio: str) -> None:
    assert not {f for f in said(bio) if f[0] != "interest"}


@pytest.mark.parametrize(
    ("text", "fact", "value"),
    [
        ("我在上海工作三年了，还是没有朋友", "region", "上海"),
        ("作为一个在杭州的程序员，加班到凌晨是常态", "occupation", "程序员"),
        ("我一个90后居然被叫阿姨", "age", "90后"),
        ("我今年28岁，月薪五千", "age", "25-34"),
        ("我家孩子三岁了，求推荐幼儿园", "family", "有孩子"),
        ("大三狗表示期末要挂了", "school", "大学"),
        ("我和老公都在武汉", "family", "已婚"),
        ("姐妹们我怀孕了！", "family", "孕期"),
    ],
)
def test_said_in_posts(text: str, fact: str, value: str) -> None:
    found = [f for f in stated_facts(None, (), text, year=2026) if (f.fact, f.value) == (fact, value)]
    assert found
    assert found[0].source == "post"
    assert found[0].confidence < 0.8
    assert found[0].quote in text


@pytest.mark.parametrize(
    "text",
    [
        "我男朋友是医生，每天加班",
        "我妈今年50，皮肤比我还好",
        "我要是程序员就好了",
        "如果我是医生，我也会这样做",
        "他说：“我是北京人，从小吃卤煮。”",
        "转自网友：我是一名外卖员",
        "//@路人:我是程序员，坐标北京",
        "我是真的会谢",
        "刚下飞机，到北京了",
        "在广州上班的姐妹们，午饭都吃什么",
        "我上初二的时候，数学也很难",
        "你作为一个英语老师错误这么多",
        "日本高中生都完爆你们",
        "她是一名空姐，长得很美",
        "我是来当翻译的",
        "我在医院上班，不是医生是保洁",
        "我十七岁那年，去了北京",
    ],
)
def test_posts_about_others_or_nothing(text: str) -> None:
    assert said(text=text) == set()


@pytest.mark.parametrize(
    "text", ["我上初二，数学好难", "我是高三学生，压力好大", "我今年17，想染头发", "今年中考，求求老天让我过"]
)
def test_minors_in_posts(text: str) -> None:
    assert said("坐标上海", text) == {("minor", "true")}


def test_tags_are_sorted_into_classes() -> None:
    def kinds(tag: str) -> set[tuple[str, str]]:
        return {(kind, fact.value) for kind, fact in classify_tag(tag, year=2026)}

    assert ("age", "90后") in kinds("90后")
    assert ("occupation", "程序员") in kinds("程序员")
    assert ("identity", "妈妈") in kinds("宝妈")
    assert ("hobby", "摄影") in kinds("摄影")
    for tag in ("天秤座", "基督徒", "同志", "党员", "正能量", "抑郁症", "回族", "", "🐱"):
        assert kinds(tag) == set()
    assert {fact.fact for _, fact in classify_tag("初中生")} == {"minor"}
    assert {fact.source for _, fact in classify_tag("教师")} == {"tag"}


def test_quotes_are_as_written() -> None:
    for fact in stated_facts("ＩＴ男，坐標：臺北", year=2026):
        assert fact.quote in "ＩＴ男，坐標：臺北"


def test_labelled_invented_profiles() -> None:
    """The file of benchmarks/nlp_persona.py; a floor, the figures are in docs/accuracy.md."""
    import nlp_persona as bench

    for part in (0, 1):
        precision, recall = bench.overall(bench.score(part))
        assert precision >= 0.93
        assert recall >= 0.93


@pytest.mark.parametrize(
    "text",
    [
        "老" * 50_000, "老族" * 25_000, "坐标" * 25_000, "我是" * 25_000, "在北京" * 20_000, "90后" * 20_000,
        "两个娃的" * 12_000, " " * 100_000, "😀" * 50_000, "，" * 100_000, "“" * 50_000, "本人" * 50_000, "9" * 100_000,
        "作为一个" * 20_000, "孩子" * 40_000, "\u200b坐标\u200b上海" * 5_000, "女" * 100_000, "今年高考" * 20_000,
    ],
)  # fmt: skip
def test_long_and_odd_texts_are_read_quickly(text: str) -> None:
    stated_facts("热身 坐标上海", (), "我是程序员", year=2026)
    start = time.process_time()
    stated_facts(text, (text,), text, year=2026)
    assert time.process_time() - start < 1.0
