"""Many words in many texts at once, and which rules may look at which text. Words and texts are invented."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.batch import Batch, Ints
from nlp.gate import Gate
from nlp.lexicon import Lexicon
from nlp.prefilter import needed, read

WORDS = ["猫", "熊猫", "大熊猫", "猫砂", "OOTD", "vx", "早c晚a", "16+8", "a", "❤️", "減肥", "熊猫基地的大熊猫真可爱"]
ALPHABET = "大熊猫砂早晚减減肥vxVXoOtTdDaAcC168+ ❤\ufe0f基地的真可爱\n#@"


def found(lexicon: Lexicon, *texts: str) -> list[list[str]]:
    batch = Batch.of(texts)
    hits = lexicon.hits(batch).whole(batch).longest()
    rows = batch.row_of(hits.starts).tolist()
    return [
        [lexicon.words[w] for r, w in zip(rows, hits.words.tolist(), strict=True) if r == i] for i in range(len(batch))
    ]


def test_a_longer_word_takes_the_meaning_of_a_shorter_one_away() -> None:
    lexicon = Lexicon(WORDS)
    assert found(lexicon, "熊猫和猫", "大熊猫砂", "熊猫基地的大熊猫真可爱") == [
        ["熊猫", "猫"], ["大熊猫", "猫砂"], ["熊猫基地的大熊猫真可爱"],
    ]  # fmt: skip


def test_latin_words_match_whole_only_and_case_width_and_script_do_not_count() -> None:
    lexicon = Lexicon(WORDS)
    assert found(lexicon, "avx vx1 VX号 ＶＸ", "ootd OOTDs", "减肥減肥", "早C晚A 16+8", "❤ ❤️") == [
        ["vx", "vx"], ["ootd"], ["减肥", "减肥"], ["早c晚a", "16+8"], ["❤", "❤"],
    ]  # fmt: skip


def test_ids_are_found_however_a_word_is_written() -> None:
    lexicon = Lexicon(["減肥", "减肥", "VX"])
    assert lexicon.words == ("减肥", "vx")
    assert lexicon.ids(["減肥", "ｖｘ"]) == [0, 1]
    with pytest.raises(KeyError):
        lexicon.ids(["猫"])


def test_nothing_is_found_in_nothing() -> None:
    assert found(Lexicon([]), "猫", "") == [[], []]
    assert found(Lexicon(["猫"]), "") == [[]]
    assert not len(Lexicon(["猫"]).hits(Batch.of([])).words)


@pytest.mark.parametrize("word", ["a b", " ", "长" * 25])
def test_words_that_cannot_be_found_are_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Lexicon([word])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.text(alphabet="大熊猫砂早晚aAvx1", min_size=1, max_size=5), max_size=12),
    st.lists(st.text(alphabet=ALPHABET, max_size=40), max_size=4),
)
def test_every_word_is_found_everywhere_and_nothing_else(words: list[str], texts: list[str]) -> None:
    lexicon, batch = Lexicon(words), Batch.of(texts)
    hits = lexicon.hits(batch)
    places = list(zip(hits.starts.tolist(), hits.ends.tolist(), [lexicon.words[w] for w in hits.words], strict=True))
    expected = {
        (start, start + len(word), word)
        for start in range(len(batch.folded))
        for word in lexicon.words
        if batch.folded.startswith(word, start)
    }
    assert set(places) == expected
    assert len(places) == len(expected)
    kept = hits.longest()
    spans = [(start, end) for start, end, _ in expected]
    assert list(zip(kept.starts.tolist(), kept.ends.tolist(), strict=True)) == sorted(
        span for span in spans if not any(a <= span[0] and span[1] <= b and span != (a, b) for a, b in spans)
    )


PATTERNS = [
    "求(?:大家|各位)?(?:们)?(?:推荐|安利)",
    "(?:有没有|有木有)(?:人|姐妹)?[^。!?]{0,6}推荐",
    "(?<!不)想(?:要)?买(?!卖)",
    "(?:好用|好吃)(?:吗|么)[?~]|怎么(?:选|挑)",
    "再也不(?:会)?(?:买|来)了?",
    "加[vV微]\\s*信?",
    "a+b|c{2,3}d",
    "^广告|[一-龥]{2}推广",
    "(?i:VX)号",
    "(.)\\1{3}",
    "x*",
]


def test_clauses_of_an_expression() -> None:
    assert set(needed("(?:怎么|如何)(?:选|挑).{0,10}吗")) == {
        frozenset({"怎么选", "怎么挑", "如何选", "如何挑"}), frozenset({"吗"}),
    }  # fmt: skip
    assert needed("x*") == needed(".{3}") == needed("(.)\\1") == needed("a|.") == ()
    assert needed("(?i:VX)号") == (frozenset({"号"}),)
    assert read("[一二A-C]号", re.IGNORECASE) == (frozenset({"一号", "二号", "a号", "b号", "c号"}),)
    assert read("\\d{2}岁", re.ASCII, 1.0)[-1] == frozenset("0123456789")
    assert read("\\d{2}岁") == (frozenset({"岁"}),)  # there are other digits


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_match_meets_every_clause(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(pattern))
    assert all(any(word in text for word in clause) for clause in needed(pattern))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.text(alphabet="求大家各位推荐安利好用吃吗想要买有没木人再也不会来怎么选挑?~ 。a", max_size=25), max_size=5
    )
)
def test_the_gate_lets_every_match_through(texts: list[str]) -> None:
    patterns = PATTERNS[:5]
    gate = Gate([[needed(pattern)] for pattern in patterns])
    batch, lexicon = Batch.of(texts), Lexicon(gate.words)
    hits = lexicon.hits(batch)
    to_gate = [gate.words.index(word) for word in lexicon.words]
    opened = gate.open(batch.row_of(hits.starts), numbers(to_gate, hits.words.tolist()))
    assert gate.always == []
    for row in range(len(batch)):
        matching = {i for i, pattern in enumerate(patterns) if re.search(pattern, batch.row(row))}
        assert matching <= {rule for rule, _ in opened.get(row, [])}


def numbers(table: list[int], words: list[int]) -> Ints:
    import numpy as np

    return np.array([table[word] for word in words], np.intp)


def test_a_gate_asks_for_one_word_of_every_clause_of_one_alternative() -> None:
    import numpy as np

    gate = Gate([
        [[frozenset({"a", "b"}), frozenset({"c"})], [frozenset({"d"})]],
        [[frozenset({"c"})]],
        [[]],
    ])  # fmt: skip
    number = {word: i for i, word in enumerate(gate.words)}
    rows = [(0, "a"), (1, "b"), (1, "c"), (2, "d"), (4, "c")]
    opened = gate.open(np.array([r for r, _ in rows]), np.array([number[w] for _, w in rows]))
    assert opened == {1: [(0, (0,)), (1, (0,))], 2: [(0, (1,))], 4: [(1, (0,))]}
    assert gate.always == [2]
    assert Gate([]).open(np.zeros(0, np.intp), np.zeros(0, np.intp)) == {}
