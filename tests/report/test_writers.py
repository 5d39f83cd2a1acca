"""The writers of reports: whatever people wrote, the page fetches nothing, runs nothing and stays whole."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xunke.outreach.persona_shape import Share
from xunke.outreach.smallgroups import LEAST
from xunke.report import markdown, page, plain
from xunke.report.blocks import (
    Bar,
    Bars,
    Block,
    Figure,
    Figures,
    Heat,
    Line,
    Points,
    Quote,
    Quotes,
    Report,
    Rows,
    Section,
    Steps,
    Tag,
    Text,
    Ties,
)
from xunke.report.small import hide
from xunke.report.wording import Words

HOSTILE = (
    "<script>alert(1)</script>", '"><img src=https://example.org/x onerror=alert(1)>', "javascript:alert(1)",
    "</style><style>@import url(https://example.org)</style>", "![x](https://example.org/x.png)", "]]>--><!--",
    "[x](javascript:alert(1))", "\u202egnp.exe", "\x1b[2J", "</svg><foreignObject>", "{{7*7}}", "' onmouseover='x",
)  # fmt: skip
VOID = {"meta", "br", "img"}


class Checked(HTMLParser):
    """Every tag and attribute of a page; fails on whatever could run, fetch or lead away."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert tag not in ("script", "img", "iframe", "object", "embed", "link", "base", "form", "foreignobject", "use")
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "srcset", "style", "xlink:href", "background", "poster"), (tag, name)
            if name == "href":
                assert re.fullmatch(r"#s\d+", value or ""), value
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def read(self, text: str) -> Checked:
        self.feed(text)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))
        return self


def report(*words: str) -> Report:
    """A report with the words in every place that takes any."""
    w = words[0]
    v = words[-1]
    blocks: list[Block] = [
        Text(w, "gap"), Text(v, w), Points([w, v], "next"), Tag([[w, v], [v]], w), Figures([Figure(w, v, w)]),
        Bars(w, [Bar(v, 0.4, w, 0.1, 0.9, v), Bar(w, 0.0, v)], w, v),
        Heat(w, [v, w], [w, v], [[0, 3], [1, 0]], v, w), Line(w, [(v, 1.0), (w, 5.0)], v, w),
        Steps(w, [(v, 100), (w, 3), (v, 0)], v, w), Ties(w, [v, w, v], [(0, 1, 2.0)], v, w),
        Rows([w, v], [[v, w]], w, v), Quotes([Quote(w, v, w)], v),
    ]  # fmt: skip
    return Report(w, v, "zh", [Section(w, blocks), Section(v, blocks), Section(w, [])], {"name": w, "table": v}, v)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
@example(HOSTILE[0], HOSTILE[1])
def test_whatever_people_write_stays_words(one: str, two: str) -> None:
    Checked().read(page(report(one, two)))
    for text in (plain(report(one, two)), markdown(report(one, two))):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_shown_and_do_nothing(words: str) -> None:
    text = page(report(words))
    found = Checked().read(text)
    assert "svg" in found.seen
    body = text.partition("</style>")[2]
    assert "https://" not in re.sub(r">[^<]*<|content=\"[^\"]*\"", "", body)
    made = markdown(report(words))
    assert not re.search(r"(?<!\\)!\[|(?<!\\)\]\(", made)
    assert "<script" not in made


def test_the_policy_forbids_everything_and_the_style_fetches_nothing() -> None:
    text = page(report("好"))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert "default-src &#x27;none&#x27;" in policy[1]
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_every_chart_has_words_and_numbers_beside_it() -> None:
    text = page(report("好"))
    charts = text.count("<svg")
    assert charts == 10
    assert text.count("<title id=") == text.count("<desc id=") == text.count("<details>") == charts


def test_a_file_is_the_same_each_time() -> None:
    assert page(report("甲", "乙")) == page(report("甲", "乙"))


def share(n: int, of: int = 100) -> Share:
    return Share(f"v{n}", n, of, 0.0, 1.0)


@given(st.lists(st.integers(1, 40), max_size=12), st.booleans())
def test_no_small_cell_is_shown_nor_to_be_reckoned_back(sizes: list[int], exact: bool) -> None:
    kept, hidden = hide([Share(f"v{i}", n, sum(sizes), 0.0, 1.0) for i, n in enumerate(sizes)], exact=exact)
    assert all(s.n >= LEAST for s in kept)
    assert len(kept) + hidden == len(sizes)
    if exact and hidden and kept:
        assert sum(sizes) - sum(s.n for s in kept) >= LEAST


def test_hidden_rows_by_hand() -> None:
    assert hide([share(50), share(7), share(2)], exact=True) == ([share(50)], 2)
    assert hide([share(50), share(7), share(2)]) == ([share(50), share(7)], 1)
    words = Words("zh")
    assert words.few(3) == "< 5"
    assert words.few(0) == "0"
    assert Words("zh", closed=False).few(3) == "3"


def test_quotes_lose_names_numbers_and_links() -> None:
    words = Words("zh")
    said = words.said("@小王 加我 13800138000 看 https://example.org/a?b=1 或写 a.b@example.org")
    assert "小王" not in said
    assert "1380" not in said
    assert "example" not in said


def test_no_words_of_ours_are_in_the_code() -> None:
    from tests.house.files import ROOT

    for path in (ROOT / "xunke" / "report").glob("*.py"):
        code = re.sub(r'"""[\s\S]*?"""|#.*', "", Path(path).read_text("utf-8"))
        assert not re.search("[\u4e00-\u9fff]{2}", code), path.name
