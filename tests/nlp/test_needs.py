"""Needs, hidden needs and life events of invented posts; that skipping by anchors changes nothing; time limits."""

from __future__ import annotations

import csv
import gzip
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp import life_events as events_module
from nlp import needs as needs_module
from nlp.analyse import analyse, own_rules
from nlp.batch import Batch
from nlp.explain import explain
from nlp.gate import Opened
from nlp.lexicon import folded
from nlp.life_events import events
from nlp.needs import LABELS, Found, kinds, needs
from nlp.resources import table
from nlp.rules import Reading, Rule, find, first_hit
from nlp.segment import own_words
from nlp.types import NEEDS
from xunke.i18n import messages
from xunke.text import clean

PLACES = tuple(parent / "shared" / "data" for parent in Path(__file__).resolve().parents[2:5])
DATA = next((place for place in PLACES if place.is_dir()), PLACES[0])
RULES = [rule for _, rule in (*needs_module.rulebook(), *events_module.rulebook())]


def names(text: str) -> set[str]:
    return {found.name for found in needs(text)}


def one(text: str, name: str) -> Found:
    return next(found for found in needs(text) if found.name == name)


# All texts below are invented.
SAYS = [
    ("求推荐一款适合干皮的粉底液", "seek_advice"),
    ("请问大家，孩子咳嗽老不好怎么办", "seek_advice"),
    ("有没有用过这个牌子扫地机器人的姐妹？", "seek_advice"),
    ("大家有什么好的防脱办法吗", "seek_advice"),
    ("第一次去露营，帐篷怎么挑选？", "seek_advice"),
    ("這款保濕霜值得買嗎？", "seek_advice"),
    ("图三这件大衣求链接", "ask_where"),
    ("哪里可以买到这种老式搪瓷杯？", "ask_where"),
    ("这双靴子多少钱？", "ask_where"),
    ("好想买一台投影仪躺着看电影", "want_to_buy"),
    ("我也想去洱海边住几天", "want_to_buy"),
    ("突然想吃麻辣小龙虾", "want_to_buy"),
    ("想养一只橘猫", "want_to_buy"),
    ("打算换个手机，预算三千", "want_to_buy"),
    ("又被博主种草了，钱包危险", "want_to_buy"),
    ("想办一张游泳卡", "want_to_buy"),
    ("客服电话打了一上午没人接", "complain"),
    ("这家银行态度真是恶劣，再也不来了", "complain"),
    ("快递五天了还没更新，急死我了", "complain"),
    ("刚买的吹风机用了三天就坏了，质量太差", "complain"),
    ("手机又闪退了，什么垃圾系统", "complain"),
    ("店大欺客，退款都不给退", "complain"),
    ("运费这么贵，抢钱呢", "complain"),
    ("又失眠了，数了一千只羊", "trouble"),
    ("皮肤干到起皮，粉底都卡粉", "trouble"),
    ("一洗头就大把大把掉头发", "trouble"),
    ("找不到合适的鞋，脚太宽了", "trouble"),
    ("每天通勤三小时，人都麻了", "trouble"),
    ("强烈推荐楼下那家生煎", "recommend"),
    ("安利一支润唇膏", "recommend"),
    ("这款防晒真的好用，不搓泥", "recommend"),
    ("买扫地机还是买洗地机好？", "compare"),
    ("这款和那款哪个更适合油皮？", "compare"),
    ("闲置转让九成新婴儿车，有意者私信", "sell"),
    ("本公司致力于为客户提供优质的装修服务", "sell"),
]
SAYS_NOT = [
    ("他想买那辆车很久了", "want_to_buy"),
    ("妈妈想吃饺子，我就包了", "want_to_buy"),
    ("本来想买手机的，算了", "want_to_buy"),
    ("再也不想吃泡面了", "want_to_buy"),
    ("昨天想吃火锅，于是去吃了", "want_to_buy"),
    ("想要的生活总是很远", "want_to_buy"),
    ("想你，想哭，想睡觉", "want_to_buy"),
    ("想去医院看看奶奶", "want_to_buy"),
    ("想买的宝宝私信我", "want_to_buy"),
    ("真想剁手，忍住了", "want_to_buy"),
    ("他说：“我好想买一台新电脑。”", "want_to_buy"),
    ("你这样骗人很好玩吗？", "seek_advice"),
    ("请问凭什么这么对我", "seek_advice"),
    ("人生有谁懂？", "seek_advice"),
    ("谢谢大家的推荐，已经买了", "seek_advice"),
    ("别问我哪里买的，不会告诉你", "ask_where"),
    ("最近睡眠质量差", "complain"),
    ("老师今天又骂人，烦死了", "complain"),
    ("楼上半夜装修，讨厌", "complain"),
    ("手都冻坏了", "complain"),
    ("这家餐厅从没让我失望", "complain"),
    ("有了扫地机再也不用担心地脏", "complain"),
    ("记者从银行了解到，投诉率下降", "complain"),
    ("早饭细嚼慢咽，餐厅里人不多", "complain"),
    ("告别失眠，从一张床垫开始", "trouble"),
    ("激动得睡不着", "trouble"),
    ("不推荐这家", "recommend"),
    ("求推荐好用的锅", "recommend"),
    ("妈妈做的饭真好吃", "recommend"),
    ("无比珍贵的回忆", "compare"),
    ("包邮吗？有货吗？", "sell"),
    ("哈哈今天天气真好", "want_to_buy"),
]


@pytest.mark.parametrize(("text", "name"), SAYS)
def test_says(text: str, name: str) -> None:
    assert name in names(text)


@pytest.mark.parametrize(("text", "name"), SAYS_NOT)
def test_says_not(text: str, name: str) -> None:
    assert name not in names(text)


def test_traditional_and_full_width_are_read_alike() -> None:
    assert names("好想買一臺咖啡機！") == names("好想买一台咖啡机!") == {"want_to_buy"}
    assert names("ＡＰＰ又闪退了") == names("app又闪退了") == {"complain"}


def test_quote_kind_and_thing() -> None:
    text = "今天下雨。 好想买一双雨靴，可是没钱！晚安"
    want = one(text, "want_to_buy")
    assert (want.kind, want.about, want.quote) == ("explicit", "雨靴", "好想买一双雨靴，可是没钱！")
    pain = one("取个快递，客服 电话打不通 http://t.cn/x 气人", "complain")
    assert pain.kind == "hidden"
    assert pain.quote == "取个快递，客服 电话打不通 http://t.cn/x 气人"
    trouble = one("周末。又失眠了。", "trouble")
    assert (trouble.kind, trouble.quote, trouble.about) == ("hidden", "又失眠了", "睡眠")


@given(st.text(max_size=80), st.sampled_from([text for text, _ in SAYS]), st.text(max_size=80))
def test_quotes_and_evidence_stand_in_the_text(before: str, said: str, after: str) -> None:
    text = clean(before + said + after)
    for found in needs(text):
        assert found.quote in text
        assert all(words in text for words in found.evidence)
        assert 0.5 <= found.score <= 1
    for event in events(text):
        assert event.quote in text


def test_every_need_has_rules_a_kind_and_a_name_to_show() -> None:
    entries = table("needs")
    assert set(entries) == {"words", "need", *NEEDS}
    shown = messages()
    for need in NEEDS:
        assert entries["need"][need]["kind"] in {"explicit", "hidden"}
        assert set(shown[f"nlp.need.{need}"]) >= {"zh", "en"}
    for name in set(table("life_events")) - {"words"}:
        assert f"nlp.event.{name}" in shown
    assert {name for group in LABELS.values() for name in group} <= set(NEEDS)


HAPPENED = [
    ("我们今天领证啦", "wedding"),
    ("终于怀孕了，开心", "pregnancy"),
    ("母子平安，谢谢大家", "new_baby"),
    ("周末准备搬家，东西太多了", "moving"),
    ("新家装修进度到水电了", "new_home"),
    ("我终于提车了！", "new_car"),
    ("入职第一天，有点紧张", "new_job"),
    ("收到offer啦", "new_job"),
    ("我们终于毕业了！", "graduation"),
    ("距离考研还有三十天", "graduation"),
    ("昨天领养了一只小猫", "new_pet"),
    ("我正式退休了，", "retirement"),
    ("签证下来了，准备去英国留学", "going_abroad"),
    ("我终于脱单了", "love"),
    ("我们分手了。", "breakup"),
    ("今天是我的生日", "birthday"),
]
HAPPENED_NOT = [
    "闺蜜结婚了，我当伴娘",
    "梦见我结婚了",
    "搬家公司电话，专业搬家",
    "耳朵怀孕了，声音太好听",
    "据报道，他们领证了",
    "同事怀孕了",
    "等我退休了要去环游世界",
    "如果我们分手了怎么办",
    "祝妈妈生日快乐",
    "他提车了",
    "什么时候才能结婚",
]


@pytest.mark.parametrize(("text", "name"), HAPPENED)
def test_life_event(text: str, name: str) -> None:
    assert name in {event.name for event in events(text)}


@pytest.mark.parametrize("text", HAPPENED_NOT)
def test_no_life_event(text: str) -> None:
    assert events(text) == ()


def ungated(reading: Reading) -> list[int]:
    return [number for number, rule in enumerate(RULES) if first_hit(rule, reading, everything(rule))]


def gated(batch: Batch, row: int, opened: dict[int, list[Opened]]) -> list[int]:
    reading = Reading(batch, row)
    return [number for number, parts in opened.get(row, ()) if first_hit(RULES[number], reading, parts)]


def everything(rule: Rule) -> range:
    return range(len(rule.patterns))


def matching(rule: Rule) -> st.SearchStrategy[str]:
    """Texts that the rule's own patterns or word classes match, between noise."""
    noise = st.text(st.sampled_from("我的了不吗?!, 买好想x"), max_size=4)
    if rule.patterns:
        cores = st.one_of([st.from_regex(pattern) for pattern in rule.patterns])
    else:
        sides = tuple(st.sampled_from(sorted(words)) for words in rule.conditions[0])
        cores = st.one_of(st.builds("".join, st.tuples(*sides)), st.builds("".join, st.tuples(*reversed(sides))))
    return st.builds("".join, st.tuples(noise, cores, noise))


@pytest.mark.parametrize("number", range(len(RULES)), ids=lambda number: RULES[number].name)
def test_no_rule_matches_behind_a_closed_gate(number: int) -> None:
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(matching(RULES[number]))
    def check(text: str) -> None:
        batch = Batch.of([text])
        reading, opened = Reading(batch, 0), own_rules(batch)
        if next(find(RULES[number], reading, everything(RULES[number])), None):
            assert number in dict(opened.get(0, ()))
        assert gated(batch, 0, opened) == ungated(reading)

    check()


def posts() -> Iterator[str]:
    for file in sorted(DATA.glob("*.tsv.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            yield from (own_words(row["text"]) for number, row in enumerate(rows) if number % 10 == 0 and "text" in row)


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="the development data is not beside the checkout")
def test_skipping_by_anchors_changes_no_result_on_the_data_and_most_posts_are_skipped() -> None:
    batch = Batch.of(posts())
    opened = own_rules(batch)
    assert len(opened) < 0.4 * len(batch)
    for row in range(len(batch)):
        assert gated(batch, row, opened) == ungated(Reading(batch, row)), batch.texts[row]


def test_every_rule_has_conditions() -> None:
    assert all(rule.conditions and all(rule.conditions) for rule in RULES)


@pytest.mark.parametrize(
    "text",
    [
        *(
            word * (2000 // len(word))
            for word in (
                *("想买", "想要", "求", "推荐", "客服垃圾", "请问怎么", "快递", "比", "好用吗?", "再也不", "买的坏"),
                *("手机尼玛", "哪里买", "我今天去", "还是", "想要1", "失眠", "，", "有没有人", "我们分手"),
            )
        ),
        "请问" + "怎" * 1990,
        "买" + "很" * 1990 + "坏了",
        "“" * 2000,
        "“想买" * 600,
        "@" * 2000,
        " " * 2000,
        "1" * 2000,
    ],
    ids=lambda text: text[:4],
)
def test_no_text_takes_long(text: str) -> None:
    needs("想买")
    events("毕业")
    started = time.process_time()
    needs(text)
    events(text)
    assert time.process_time() - started < 0.15


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    needs(text)
    events(text)


def test_all_traditional_forms_of_the_patterns_are_folded() -> None:
    from opencc import OpenCC

    used = set(re.findall(r"[\u4e00-\u9fff]", " ".join(map(str, (table("needs"), table("life_events"))))))
    simplified = OpenCC("t2s")
    for code in range(0x4E00, 0x9FFF):
        char = chr(code)
        plain = simplified.convert(char)
        if plain != char and plain in used and char not in used and char not in "乾著瞭":
            assert folded([char]) == [plain]


def test_an_analysis_carries_quotes_and_what_needs_are_about() -> None:
    text = "刚搬家，好想买一台洗衣机。物流太慢了，客服也不理人"
    found = analyse(text)
    assert {name for name, _ in found.needs} | set(found.life_events) == found.quotes.keys()
    assert all(quote and quote in text for quote in found.quotes.values())
    assert found.quotes["complain"] == "物流太慢了，客服也不理人"
    assert found.about["want_to_buy"] == "洗衣机"
    assert found.about.keys() <= {name for name, _ in found.needs}
    assert analyse("今天天气不错").quotes == {}
    assert set(kinds()) == set(NEEDS)
    assert {name for name, kind in kinds().items() if kind == "hidden"} == {"complain", "trouble"}


@given(st.text(max_size=200))
def test_any_text_has_an_explanation(text: str) -> None:
    [found] = explain([text])
    assert 0 <= found.sentiment.p <= 1
    assert found.sentiment.log_odds is not None


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("刚搬家的人要注意甲醛，这是一篇科普", None),
        ("刚搬家的我累坏了", "moving"),
        ("我们下个月就要办婚礼了，婚纱还没定", "wedding"),
    ],
)
def test_advice_to_people_is_no_event_of_its_author(text: str, event: str | None) -> None:
    assert [found.name for found in events(text)] == ([event] if event else [])
