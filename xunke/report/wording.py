"""Codes and numbers in the words of a report's reader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from xunke.clock import moment
from xunke.i18n import Catalogue
from xunke.outreach.persona_rows import Wrote
from xunke.outreach.persona_shape import Share
from xunke.outreach.smallgroups import LEAST
from xunke.text import one_line

from .blocks import Bar, Bars, Quote, Text
from .small import hide

_PREFIXES: Final = ("value", "label", "gender", "kind")
_AT: Final = re.compile(r"[@＠][^\s@＠:：,，。!！?？、;；]{1,30}")
_NUMBERS: Final = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|[\w.+-]+@[\w-]+\.[\w.]+|https?://\S+")
OVER: Final = 120
"""An index from which a group is said to have more of something, where the test agrees."""


class Words:
    """A catalogue with what reports need. ``names``: whether people may be named; ``closed``: the file leaves the
    project, so that cells of few people are hidden.
    """

    def __init__(self, lang: str, *, names: bool = False, closed: bool = True, least: int = LEAST) -> None:
        self.cat = Catalogue(lang)
        self.names = names
        self.closed = closed
        self.least = least

    def t(self, key: str, **params: object) -> str:
        """A sentence."""
        return self.cat.t(key, **params)

    def value(self, code: str, *prefixes: str) -> str:
        """A code in words, or itself."""
        for prefix in (*prefixes, *_PREFIXES):
            if self.cat.has(f"{prefix}.{code}"):
                return self.cat.t(f"{prefix}.{code}")
        return self.cat.t(code) if self.cat.has(code) else code

    def comma(self, parts: Sequence[str]) -> str:
        """A list in a sentence."""
        return self.cat.t("list.comma").join(parts)

    def day(self, second: int | None) -> str:
        """A day, or a dash."""
        return "—" if second is None else moment(second).strftime("%Y-%m-%d")

    def said(self, words: str, most: int = 90) -> str:
        """Somebody's words as they may be quoted: other people's names, addresses and numbers taken out."""
        words = _NUMBERS.sub("…", words)
        return one_line(words if self.names else _AT.sub("@…", words), most)

    def source(self, post: Wrote) -> str:
        """Which post: with names where it can be found; without, its number in this project."""
        place = f"{self.value(post.platform)} · {self.day(post.created)}"
        return f"{place} · {post.platform}:{post.native_id}" if self.names else f"{place} · P{post.id}"

    def quote(self, post: Wrote, about: str = "", text: str = "") -> Quote:
        """A quote with its source."""
        return Quote(self.said(text or post.text), about, self.source(post))

    def few(self, n: int) -> str:
        """A number of people, hidden where it is small and the file leaves the project."""
        return f"< {self.least}" if self.small(n) else f"{n:,}"

    def small(self, n: float) -> bool:
        """Whether a number of people is hidden."""
        return self.closed and 0 < n < self.least

    def bars(
        self, title: str, shares: Sequence[Share], unit: str, how: str, prefixes: Sequence[str] = (), *,
        exact: bool = False, people: bool = True,
    ) -> Bars | Text | None:  # fmt: skip
        """A chart of shares with its sentence; None where nothing may be shown. ``people``: rows count people."""
        hidden = 0
        kept: Sequence[Share] = shares
        if self.closed and people:
            kept, hidden = hide(shares, exact=exact, least=self.least)
        if not kept:
            return None
        items = [
            Bar(
                self.value(s.value, *prefixes), s.share, self.t("report.share", share=s.share, n=s.n), s.low, s.high,
                self.t("report.over") if s.verdict == "over" and (s.index or 0) >= OVER and s.n < s.of else "",
            )
            for s in kept
        ]  # fmt: skip
        top = kept[0]
        best = self.value(top.value, *prefixes)
        key = f"report.{'all' if top.n == top.of else 'most'}.{unit}"
        sentence = self.t(key, what=best, n=top.n, of=top.of, share=top.share, low=top.low, high=top.high)
        marked = [self.value(s.value, *prefixes) for s, b in zip(kept, items, strict=True) if b.mark]
        if marked:
            sentence += self.t("report.more_than", names=self.comma(marked[:3]))
        if hidden:
            how += self.t("report.hidden", n=hidden)
        if len(items) == 1 and top.n == top.of:  # one bar from end to end shows nothing
            return Text(f"{title}：{sentence}" if self.cat.lang == "zh" else f"{title}: {sentence}")
        return Bars(title, items, sentence, how)
