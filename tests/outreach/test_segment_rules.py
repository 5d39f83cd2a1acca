"""The rule language: what it reads, what it says back, and that no text breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xunke.errors import BadInput
from xunke.outreach.segment_facts import LOADERS, synonyms
from xunke.outreach.segment_fields import ALIASES, FIELDS, TABLE
from xunke.outreach.segment_rules import (
    DEEPEST,
    MOST,
    All,
    Any,
    Node,
    Not,
    all_of,
    answer,
    any_of,
    asker,
    parse,
    said,
)
from xunke.outreach.segment_rules import (
    Test as Asked,
)
from xunke.outreach.segment_rules import (
    tests as named_in,
)
from xunke.text import fold


def test_the_sentence_of_the_brief() -> None:
    rule = parse("粉丝 >= 1000 且 地区 = 上海 且 兴趣 含 露营 且 近30天发帖 >= 2 且 互动我们 >= 1 且 情感 > 0.5")
    assert rule == All((
        Asked("followers", ">=", 1000.0), Asked("region", "has", ("上海",)), Asked("interest", "has", ("露营",)),
        Asked("posts", ">=", 2.0, 30), Asked("dealings", ">=", 1.0), Asked("sentiment", ">", 0.5),
    ))  # fmt: skip
    assert (
        said(rule)
        == "粉丝数 >= 1000 且 地区 = 上海 且 兴趣 含 露营 且 近30天发帖数 >= 2 且 互动我们 >= 1 且 情感 > 0.5"
    )


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("粉丝>=1万且地区=上海", "followers >= 10000 and region = 上海"),
        ("兴趣 含 露营、徒步 或 城市级别 是 一线", "interest has (露营, 徒步) or city_tier = 一线"),
        ("非 (阶段 是 流失)", "not (stage = 流失)"),
        ("近90天互动我们 至少 2次", "last 90 days dealings >= 2"),
        ("地区 是 未知", "region is unknown"),
        ("地区 不是 未知", "region is not unknown"),
        ("粉丝 不超过 5k", "followers <= 5000"),
        ("名单 不含 “老 客户”", 'list lacks "老 客户"'),
        ("兴趣 全含 (露营、猫)", "interest has all (露营, 猫)"),
        ("影响力 大于 90", "influence > 90"),
        ("粉丝＞＝1000", "followers>=1000"),
    ],
)
def test_both_languages_say_the_same(chinese: str, english: str) -> None:
    assert parse(chinese) == parse(english)


def test_and_binds_closer_than_or() -> None:
    a, b, c = (Asked("followers", ">", float(n)) for n in (1, 2, 3))
    assert parse("粉丝>1 或 粉丝>2 且 粉丝>3") == Any((a, All((b, c))))
    assert parse("(粉丝>1 或 粉丝>2) 且 粉丝>3") == All((Any((a, b)), c))
    assert parse("非 粉丝>1 且 粉丝>2") == All((Not(a), b))


@pytest.mark.parametrize(
    ("text", "key", "at"),
    [
        ("", "rule.empty", None), ("粉线 > 3", "rule.no_field", 1), ("粉丝 大概 3", "rule.no_comparison", 4),
        ("粉丝 >", "rule.no_number", 5), ("粉丝 > 上海", "rule.no_number", 6), ("兴趣 含", "rule.no_word", 5),
        ("(粉丝 > 1", "rule.open_bracket", 8), ("粉丝 > 1 粉丝 > 2", "rule.trailing", 8),
        ("近3天地区 = 上海", "rule.no_window", 1), ("地区 > 3", "rule.not_number", 6),
        ("粉丝 含 3", "rule.not_words", 6),
        ("粉丝 > 1e999", "rule.no_number", None), ("粉丝 > 1 且", "rule.no_field", None),
        ("(" * (DEEPEST + 2) + "粉丝 > 1", "rule.too_deep", None), ("粉丝 > 1 " * MOST, "rule.too_long", None),
        ("非" * 500 + "粉丝 > 1", "rule.too_deep", None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text: str, key: str, at: int | None) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert caught.value.key == key
    assert at is None or caught.value.params["at"] == at


_words = st.text(min_size=1, max_size=12).map(str.strip).filter(lambda w: bool(fold(w)) and w == w.strip())


def _tests() -> st.SearchStrategy[Node]:
    def of(name: str) -> st.SearchStrategy[Node]:
        field = FIELDS[name]
        days = st.none() | st.integers(1, 999) if field.window else st.none()
        asked: st.SearchStrategy[Node] = st.builds(
            Asked, st.just(name), st.sampled_from(["known", "unknown"]), st.none(), days
        )
        if field.kind == "number":
            number = st.floats(-1e12, 1e12, allow_nan=False).map(lambda v: v + 0.0)
            ops = st.sampled_from([">=", "<=", ">", "<", "=", "!="])
            return asked | st.builds(Asked, st.just(name), ops, number, days)
        words = st.lists(_words, min_size=1, max_size=3, unique=True).map(tuple)
        return asked | st.builds(Asked, st.just(name), st.sampled_from(["has", "lacks", "every"]), words, days)

    return st.sampled_from(sorted(FIELDS)).flatmap(of)


_rules = st.recursive(
    _tests(),
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=2, max_size=3).map(all_of)
        | st.lists(inner, min_size=2, max_size=3).map(any_of)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(_rules)
def test_what_is_said_is_read_as_the_same(rule: Node) -> None:
    text = said(rule)
    if len(text) <= MOST:
        assert parse(text) == rule


_PIECES = [*sorted(ALIASES)[:30], "且", "或", "非", "(", ")", "（", "）", ">=", "=", "含", "1000", "1万", '"',
    "“", "”", "、",
           "近30天", "未知", " ", "and", "not", "上海", "0.5%"]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        rule = parse(text)
    except BadInput as error:
        assert error.key.startswith("rule.")  # noqa: PT017 - any text may be right or wrong
    else:
        assert parse(said(rule)) == rule


def test_unknown_answers_no_comparison_and_no_negation() -> None:
    over, here = Asked("followers", ">", 10.0), Asked("region", "has", ("上海",))
    known: dict[str, dict[int, float | frozenset[str] | None]] = {
        "followers": {1: 20.0, 2: None, 3: 5.0}, "region": {1: None, 2: frozenset({"上海"}), 3: frozenset({"上海"})},
    }  # fmt: skip
    ask = {
        name: asker(rule, lambda test: known[test.field].get)
        for name, rule in {"and": All((over, here)), "or": Any((over, here)), "not": Not(over)}.items()
    }
    assert [ask["and"](p) for p in (1, 2, 3)] == [None, None, False]
    assert [ask["or"](p) for p in (1, 2, 3)] == [True, True, True]
    assert [ask["not"](p) for p in (1, 2, 3)] == [False, None, True]
    assert answer(Asked("followers", "unknown"), None) is True
    assert answer(Asked("followers", "known"), None) is False


def test_words_of_people_mean_stored_codes() -> None:
    assert synonyms("dealing", ["评论", "点赞"]) == ("reply", "like")
    assert synonyms("stage", ["沉睡"]) == ("dormant",)
    assert synonyms("region", ["上海市"]) == ("上海",)
    assert synonyms("need", ["想买"]) in (("want_to_buy",), ("想买",))
    assert synonyms("interest", ["ＣＡＭＰ"]) == ("camp",)


def test_every_field_is_read_somewhere_and_named_once() -> None:
    assert LOADERS.keys() == FIELDS.keys()
    words = [word.lower() for field in TABLE for word in (*field.zh, *field.en)]
    assert len(words) == len(set(words))
    assert all(field.bands or field.kind == "words" for field in TABLE)
    assert [test.field for test in named_in(parse("粉丝 > 1 且 非 (地区 = 上海)"))] == ["followers", "region"]
