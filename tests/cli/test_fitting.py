"""Tables in the width of a window, shares as percent, and the help of every command in both languages."""

from __future__ import annotations

import argparse
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xunke.cli.output import window
from xunke.cli.parser import build
from xunke.columns import align, cut, fit, lay
from xunke.i18n import Catalogue
from xunke.present import percents, table_lines
from xunke.text import cells


def commands(lang: str) -> dict[str, argparse.ArgumentParser]:
    parser = build(Catalogue(lang))
    return next(a.choices for a in parser._actions if isinstance(a, argparse._SubParsersAction))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", sorted(commands("zh")))
def test_the_help_of_a_command_is_printed(lang: str, name: str) -> None:
    assert name in commands(lang)[name].format_help()


def test_a_percent_sign_in_a_help_text_is_a_percent_sign() -> None:
    assert "30%" in commands("zh")["campaign"].format_help()


CELLS = st.sampled_from(["", "—", "a", "字", "ab" * 30, "字👍" * 20, "a 字" * 9, "1,234"])
TABLES = st.integers(1, 7).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=5))


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(TABLES, st.integers(40, 200))
def test_what_is_shown_fits_and_no_row_is_lost(rows: list[list[str]], width: int) -> None:
    shown, left_out = fit(rows, width)
    assert len(shown) == len(rows)
    assert all(cells(line) <= width for line in align(shown))
    assert not set(left_out) & {0, 1}


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(TABLES, st.integers(40, 200), st.sets(st.integers(0, 6)))
def test_sentences_are_whole_in_every_width(rows: list[list[str]], width: int, said: set[int]) -> None:
    lines, left_out = lay(rows, width, said=said)
    assert all(cells(line) <= width for line in lines)
    assert not said & set(left_out)
    sentences = Counter("".join(row[i] for row in rows[1:] for i in said if i < len(row)))
    assert set(sentences - Counter("".join(lines))) <= {" ", "—"}


def test_what_is_typed_again_is_whole_and_why_stands_under_its_row() -> None:
    cat = Catalogue("zh")
    row = ["weibo:123456789012345678901234567890", "一" * 30, "在投诉「漏油」" * 5, "先道歉，不推销", None]
    columns = ["post", "text", "why", "next_act", "url"]
    assert table_lines(columns, [row, [*row[:2], "没回", None, None]], cat, width=80) == [
        "帖子                                  内容",
        "    原因 · 下一步",
        "weibo:123456789012345678901234567890  " + "一" * 20 + "…",
        "    " + "在投诉「漏油」" * 5 + " · 先",
        "    道歉，不推销",
        "weibo:123456789012345678901234567890  " + "一" * 20 + "…",
        "    没回",
    ]


def test_a_last_sentence_is_wrapped_in_its_column_and_what_went_is_named() -> None:
    cat = Catalogue("zh")
    lines = table_lines(["level", "finding"], [["建议", "没留对照组，之后说不清。" * 3]], cat, width=60)
    assert lines == [
        "轻重  看到的",
        "建议  没留对照组，之后说不清。没留对照组，之后说不清。没留对",
        "      照组，之后说不清。",
    ]
    lines = table_lines(["post", "channel", "text"], [["a" * 30, "b" * 30, "c" * 30]], cat, width=50)
    assert lines[-1] == "放不下，没显示：内容（窗口拉宽，或加 --json 看全部）"


def test_cut_marks_the_end() -> None:
    assert cut("减脂餐外送", 10) == "减脂餐外送"
    assert cut("减脂餐外送", 9) == "减脂餐外…"
    assert cut("减脂餐外送", 8) == "减脂餐…"


def test_shares_are_percent_and_multiples_are_not() -> None:
    assert set(percents(["arm", "people", "rate", "low", "high"])) == {2, 3, 4}
    assert set(percents(["where", "share", "times", "low", "high"])) == {1}
    assert set(percents(["day", "low", "high"])) == set()
    lines = table_lines(["arm", "rate", "low"], [["A", 0.0584, None]], Catalogue("en"))
    assert lines[1].split() == ["A", "5.8%", "—"]


def test_a_file_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert window() is None
    monkeypatch.setenv("COLUMNS", "100")
    assert window() == 100
