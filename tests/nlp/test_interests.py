"""The taxonomy, what posts are about, and a user's changes. All texts are invented."""

from __future__ import annotations

import copy
import tomllib
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.interests import interests, load, taxonomy
from nlp.taxonomy import MAX_WORD, OTHER, WEAK, from_words, merged, senses, shipped
from xunke.errors import BadInput

FIRST = (
    "美妆", "护肤", "穿搭", "母婴", "健身", "减肥", "美食", "旅游", "户外", "数码", "家电", "家居", "汽车", "游戏",
    "动漫", "影视", "音乐", "阅读", "教育", "职场", "理财", "宠物", "医美", "体育",
)  # fmt: skip


def test_two_levels_wide_and_deep() -> None:
    found = taxonomy()
    assert len(found) >= 24
    assert 150 <= sum(map(len, found.values())) <= 250
    assert found.keys() >= set(FIRST)
    words = [word for word, said in senses(shipped()).items() if said]
    assert len(words) >= 6000


def test_every_file_is_well_made() -> None:
    seen: set[tuple[str, str]] = set()
    for path in files("nlp").joinpath("data", "interests").iterdir():
        for first, seconds in tomllib.loads(path.read_text("utf-8")).items():
            for second, entry in seconds.items():
                assert (first, second) not in seen
                seen.add((first, second))
                assert set(entry) <= {"strong", "weak", "not"}
                assert len(entry["strong"].split()) >= 8, (first, second)
                for kind, text in entry.items():
                    words = text.split()
                    assert len(words) == len(set(words)), (first, second, kind)
                    assert all(word == word.lower() and len(word) <= MAX_WORD for word in words)
                assert not set(entry["strong"].split()) & set(entry.get("weak", "").split())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("敏感肌求推荐防晒霜，上次那支闷痘了", "护肤/防晒"),
        ("三亚的亚龙湾真的美，五一还想去", "旅游/海岛海边"),
        ("给家里的布偶猫买了新猫砂，主子不肯用", "宠物/猫"),
        ("给我家宝宝做辅食，第一口高铁米粉", "母婴/辅食"),
        ("考研倒计时50天，肖四背不完了", "教育/考研升学"),
        ("新入的微单配35mm定焦镜头，街拍很香", "摄影/相机镜头"),
        ("周末在家手冲，耶加雪菲的花香太好闻", "咖啡/做咖啡"),
        ("比亚迪汉提车第一天，续航里程很稳", "汽车/新能源智驾"),
        ("今晚开黑吗，王者荣耀上分", "游戏/手游"),
        ("沪指午后跳水，两市超三千股下跌，券商股领跌", "理财/股票"),
        ("解放军东部战区海军驱逐舰实弹演习", "军事/部队军旅"),
        ("大棚蔬菜种植户：今年化肥涨价，亩产还行", "三农/种植"),
    ],
)
def test_posts_are_placed_in_the_second_level(text: str, name: str) -> None:
    found = interests(text)
    assert name in dict(found.second)
    assert name.partition("/")[0] in dict(found.first)
    assert all(word in text.lower() for _, words in found.evidence for word in words)


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("天猫双十一又要熬夜了", "宠物"),
        ("单身狗过节好惨，又被塞一嘴狗粮", "宠物"),
        ("热狗面包配热狗肠", "宠物"),
        ("去动物园看了大熊猫", "宠物"),
        ("今天吃了两个苹果，真甜", "数码"),
        ("早上喝了一碗小米粥", "数码"),
        ("加班狗今晚又要通宵", "宠物"),
        ("这话说得真精辟，取其精华", "护肤"),
        ("今天心情不好，不想说话", "情感"),
    ],
)
def test_traps(text: str, absent: str) -> None:
    assert absent not in dict(interests(text).first)


@pytest.mark.parametrize(
    "text", ["", "   ", "转发微博", "早安，新的一天", "今天好累啊，什么都不想干", "哈哈哈哈哈笑死我了", "😂😂😂"]
)
def test_nothing_said_nothing_found(text: str) -> None:
    assert interests(text).first == ()


def test_a_word_says_less_of_a_long_text() -> None:
    word, talk = "减肥", "昨天和他说了半天，后来又下雨了，回来的时候路上没有人，心里想着明天的事。"
    assert "减肥" in dict(interests(word + talk[:20]).first)
    assert "减肥" not in dict(interests(talk * 4 + word).first)
    assert "减肥" in dict(interests(talk * 4 + f"#{word}#").first)


def test_second_level_implies_first() -> None:
    found = interests("猫粮换了三种，猫砂也换了，狗粮还没买")
    firsts = dict(found.first)
    for name, score in found.second:
        assert firsts[name.partition("/")[0]] >= score


# -- a user's table ------------------------------------------------------------------------------------------------

USER = tomllib.loads("""
["宠物"."猫"]
strong = "猫冻干生骨肉 大橘"
remove = "橘猫"
["宠物"."羊驼"]
strong = ["羊驼", "草泥马幼崽"]
["桌游"."卡牌"]
strong = "集换式卡牌"
weak = "牌组 卡组"
not = "牌组合"
["三农"]
drop = true
["户外"."钓鱼探险"]
drop = true
""")


def test_user_words_levels_and_drops() -> None:
    base = copy.deepcopy(shipped())
    found = merged(shipped(), USER)
    assert shipped() == base, "nothing shipped is changed"
    assert "三农" not in found
    assert "钓鱼探险" not in found["户外"]
    index = load(USER)
    assert "宠物/羊驼" in dict(interests("羊驼好可爱", index=index).second)
    assert "宠物" not in dict(interests("我看到一只橘猫", index=index).first)
    assert dict(interests("新的牌组和卡组都不错", index=index).second) == {
        "桌游/卡牌": pytest.approx(1 - (1 - WEAK) ** 2, abs=1e-4)
    }
    assert interests("牌组合", index=index).first == ()
    assert interests("大棚蔬菜种植户今年亩产翻番", index=index).first == ()
    assert dict(interests("我看到一只橘猫").first), "the shipped taxonomy is as it was"


def test_indices_are_kept_by_content() -> None:
    assert load() is load({})
    assert load(USER) is load(copy.deepcopy(USER))
    assert load(USER) is not load()


def test_a_word_moves_to_where_the_user_has_it() -> None:
    found = merged(
        {"宠物": {"猫": {"strong": "猫咪 猫粮", "weak": "猫"}}}, {"宠物": {"猫": {"weak": "猫粮", "not": "猫咪"}}}
    )
    assert found == {"宠物": {"猫": {"strong": "", "weak": "猫 猫粮", "not": "猫咪"}}}


def test_words_of_a_project_as_a_table() -> None:
    table = from_words([("宠物/猫", "大橘", 1.0), ("宠物", "铲屎", 0.4), ("宠物/狗", "狗狗", 0.0)])
    assert table == {"宠物": {"猫": {"strong": "大橘"}, OTHER: {"weak": "铲屎"}, "狗": {"remove": "狗狗"}}}
    index = load(table)
    assert "宠物/猫" in dict(interests("我家大橘", index=index).second)
    gone = merged(shipped(), from_words([("宠物", "狗狗", 0.0)]))
    assert all("狗狗" not in entry.get("strong", "").split() for entry in gone["宠物"].values())


@pytest.mark.parametrize(
    ("user", "key", "section"),
    [
        ({"宠物": "猫"}, "interests.bad_table", "宠物"),
        ({"宠物": {"猫": "猫"}}, "interests.bad_table", "宠物/猫"),
        ({"宠物": {"猫": {"strongest": "猫"}}}, "interests.bad_table", "宠物/猫"),
        ({"宠物": {"猫": {"strong": 3}}}, "interests.bad_table", "宠物/猫"),
        ({"宠物": {"猫": {"drop": "yes"}}}, "interests.bad_table", "宠物/猫"),
        ({"宠物/猫": {"布偶": {"strong": "猫"}}}, "interests.bad_table", "宠物/猫"),
        ({"宠物": {"猫": {"strong": ["两个 词"]}}}, "interests.bad_word", "宠物/猫"),
        ({"宠物": {"猫": {"strong": [7]}}}, "interests.bad_word", "宠物/猫"),
        ({"宠物": {"猫": {"strong": "长" * 25}}}, "interests.bad_word", "宠物/猫"),
        ({"恐龙": {"drop": True}}, "interests.unknown", "恐龙"),
        ({"宠物": {"恐龙": {"drop": True}}}, "interests.unknown", "宠物/恐龙"),
    ],
)
def test_mistakes_are_named(user: dict[str, Any], key: str, section: str) -> None:
    with pytest.raises(BadInput) as caught:
        merged(shipped(), user)
    assert (caught.value.key, caught.value.params["section"]) == (key, section)


_NAMES = st.text("猫狗宠物ab7/ ", max_size=6)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _NAMES | st.text("长 ", max_size=30) | st.lists(_NAMES, max_size=3),
    lambda inner: st.dictionaries(_NAMES | st.sampled_from(["drop", "strong", "remove"]), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_NAMES, _VALUES, max_size=3))
def test_any_table_is_taken_or_refused(user: dict[str, Any]) -> None:
    base = {"宠物": {"猫": {"strong": "猫咪"}}}
    try:
        found = merged(base, user)
    except BadInput:
        return
    for said in senses(found).values():
        assert all(0 < chance < 1 for _, _, chance in said)
