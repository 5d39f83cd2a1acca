"""Wrapping, cutting, numbers, secrets: properties and cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from tui_kit import HOSTILE

from tui.formats import amount, clock, day, minute
from tui.safe import LONGEST, shown, ui_text
from tui.wrap import fit, wrap
from xunke.columns import NO_START
from xunke.i18n import Catalogue
from xunke.secrets import looks_like_secret, mask

ANY = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120)


@given(ANY, st.integers(2, 60))
def test_wrapped_lines_fit_and_nothing_is_lost(text: str, width: int) -> None:
    text = shown(text)
    lines = wrap(text, width)
    assert all(cell_len(line) <= max(width, 2) for line in lines if len(line) > 1)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_mark_behind_a_word_as_wide_as_the_line_takes_its_last_letter_along() -> None:
    assert wrap("https://a.cn/xhttps://a.cn/x，好", 28) == ["https://a.cn/xhttps://a.cn/", "x，好"]


@given(st.lists(st.sampled_from(["减脂餐", "Lily", "好吃 又", "https://a.cn/x"]), min_size=1, max_size=30), st.data())
def test_closing_marks_do_not_begin_a_line(words: list[str], data: st.DataObject) -> None:
    """One mark behind each word: there is always a better place to break."""
    marks = [data.draw(st.sampled_from(["，", "。", "！", "」", ""])) for _ in words]
    lines = wrap("".join(w + m for w, m in zip(words, marks, strict=True)), data.draw(st.integers(20, 40)))
    assert not [line for line in lines[1:] if line and line[0] in NO_START]


def test_latin_words_do_not_stand_alone() -> None:
    assert wrap("Lily 每天坚持运动打卡减脂", 12) == ["Lily 每天坚", "持运动打卡减", "脂"]


@given(ANY, st.integers(0, 40), st.booleans())
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, width: int, right: bool) -> None:
    cell = fit(text, width, right=right)
    assert cell_len(cell) == width
    assert "\n" not in cell


@pytest.mark.parametrize("text", [*HOSTILE, "é" * 10**6, "👩\u200d🚀" * 10_000])
def test_hostile_cells(text: str) -> None:
    import time

    started = time.process_time()
    cell = fit(text, 14)
    assert time.process_time() - started < 0.1
    assert cell_len(cell) == 14
    assert "\x1b" not in cell
    assert "\u200d" not in cell


@pytest.mark.parametrize("text", [*HOSTILE, "x" * 10**6])
def test_content_is_literal_and_bounded(text: str) -> None:
    content = ui_text(text)
    assert content.spans == []
    assert len(content.plain) <= LONGEST
    assert not any(ord(c) < 32 and c != "\n" for c in content.plain)


def test_amounts_as_people_read_them() -> None:
    zh, en = Catalogue("zh"), Catalogue("en")
    said = [
        (None, "-", "-"),
        (0, "0", "0"),
        (9210, "9,210", "9,210"),
        (82_000, "8.2万", "82k"),
        (780_000, "78万", "780k"),
    ]
    said += [(1_250_000, "125万", "1.2M"), (230_000_000, "2.3亿", "230M")]
    for n, chinese, english in said:
        assert (amount(n, zh), amount(n, en)) == (chinese, english)


def test_times_in_the_sources_own_zone() -> None:
    assert minute(1_795_305_600, "+08:00") == "2026-11-22 08:00"
    assert day(1_795_305_600 - 1, None) == "2026-11-21"
    assert day(1_795_305_600, "+99:99") == "2026-11-22"
    assert day(None) == "-"
    assert day(10**18) == "1970-01-01"
    assert clock(51) == "00:51"
    assert clock(3723) == "1:02:03"


@pytest.mark.parametrize(
    "text",
    [
        "key sk-abcdefghijklmnop1234",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "AKIAABCDEFGHIJKLMNOP",
        "令牌eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc 用它",
        "0123456789abcdef0123456789abcdef",
        "Zx9Kq2Lm8Pw4Rt6Yv1Bn3Cd5Fg7Hj0As",
        "Authorization: Bearer abcd-1234-efgh-5678",
        "我的api key是 q7w8e9r0t1y2u3i4，接上通义",
        "密钥：1f0c2b6e-77aa-4c1d-9b1e-3f5a6c7d8e9f",
        "sk-abc\u200bdefghijklmnop1234",
    ],
)
def test_secrets_are_seen(text: str) -> None:
    assert looks_like_secret(text)
    assert not looks_like_secret(mask(text))


@pytest.mark.parametrize(
    "text",
    [
        "找最近30天聊 #减肥 的上海女生，影响力前50",
        "https://weibo.com/u/1234567890123456789",
        "find women in Shanghai who talk about #fitness",
        "微博 id 7223372036854775807 的互动史",
        "a" * 3000 + "A1" + "b" * 3000,
        "a-" * 50_000,
        "token " * 20_000,
        "找聊 token 和 api key 怎么收费的程序员，粉丝5000以上",
        "monkey 1234567890123456",
    ],
)
def test_ordinary_sentences_are_no_secrets(text: str) -> None:
    assert not looks_like_secret(text)
