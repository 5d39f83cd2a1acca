"""Questions about the words of posts: keywords, what is talked about, what rises.

``by`` a word kind is a table of keywords or topics; with ``day`` beside it, of what rises (how each of them moves).
"""

from __future__ import annotations

import re
from typing import Final

from .slot_words import Rule
from .tokens import ANY, Doc, Effects

_WORD: Final = (
    r"(?P<w>热门话题|话题标签|话题|主题|关键词|关键字|热词|热搜词|高频词|新词|词汇|词语|词|标签|"
    r"hashtags?|tags?|topics?|subjects|themes?|keywords?|words?|terms?)"
)
_RISE: Final = (
    r"(?:在涨|上涨|上升|升温|走高|走红|飙升|攀升|蹿升|窜升|爆发|火起来|热起来|火了|涨起来|变火|变热|冒出来|流行起来|"
    r"(?:涨|升|火|热)得|ris(?:e|ing)|trending|growing|taking\soff|picking\sup|on\sthe\srise|heating\sup|emerging)"
)
_END: Final = (
    rf"(?=\s?(?:[,，。;；?？!！]|{ANY}|$|前|top|的|有哪些|都有|是什么|吗|呢|啊|"
    r"\s(?:in|of|on|about|from|for|this|last|over)\b))"
)
_LIST: Final = r"(?:都)?(?:有哪些|有什么|是什么|是哪些|有啥|是啥|排行榜?|排名|榜单?|清单|列表|统计|汇总|分析|分布|一览)"


def by_of(word: str) -> str:
    """The way of grouping that a word names."""
    word = word.lower()
    if "标签" in word or "tag" in word:
        return "tag"
    return "topic" if re.search("话题|主题|topic|subject|theme", word) else "keyword"


def _rises(m: re.Match[str], doc: Doc) -> Effects:
    return (("action", "stats"), ("by", (by_of(m["w"]), "day")))


def _counts(m: re.Match[str], doc: Doc) -> Effects:
    return (("action", "stats"), ("by", (by_of(m["w"]),)))


RULES: Final[list[Rule]] = [
    # 哪些话题最近火起来了: the time stays outside
    (
        rf"(?:有)?(?:哪些|什么|啥|哪几个|what|which)\s?{_WORD}(?=\s?(?:(?:are|is)\s)?(?:{{D}}|最近|近期|现在|目前|正|在|lately|"
        rf"recently|\s){{0,3}}{_RISE})",
        _rises,
    ),
    (
        rf"{_RISE}(?:最|比较)?(?:快|猛|多|厉害|明显)?(?:的)?(?:那?些|几个)?\s?{_WORD}{_END}",
        _rises,
    ),
    (rf"{_WORD}(?:的)?(?:上升|飙升|上涨|升温|涨幅|增长)(?:榜|排行榜?|排名|趋势|情况)?{_END}", _rises),
    (
        rf"(?:what'?s|what\sis)\s(?P<w>trending)(?:\snow)?{_END}",
        lambda m, d: (("action", "stats"), ("by", ("topic", "day"))),
    ),
    # the rest of such a question, once its word is understood
    (
        rf"(?:are\s|is\s)?(?:正)?在?{_RISE}(?:最|比较)?(?:快|猛|多|厉害|明显)?(?:了|的|啊|呢)*(?=\s?(?:[,，。;；?？!！]|{ANY}|$))",
        lambda m, d: () if _asked(d) else None,
    ),
    # keywords and topics as they are
    (
        rf"(?:都|主要|最常|经常|常)*在?(?:说|提|聊|讲|用|谈)(?:到|了|得)?(?:最多)?(?:的)?(?:都)?(?:是)?(?:些)?(?:什么|哪些|啥)(?P<w>关键词|词语?|标签|话题){_END}",
        _counts,
    ),
    (
        rf"(?:的|里面?|中)?\s?(?:出现|提到|用得|说得)?(?:最多|最常见|最高频)的\s?(?P<w>关键词|词汇|词语|词|标签|话题){_END}",
        _counts,
    ),
    (
        rf"(?:的|里|中)?\s?(?P<w>高频词汇?|常用词|热词|热搜词|词频|词云)(?:{_LIST})?{_END}",
        _counts,
    ),
    (
        rf"(?:的|提取|抽取|抽出|分析|统计|列出|总结|看看|有哪些|有什么|哪些)\s?(?P<w>关键词|关键字)(?:{_LIST})?{_END}",
        _counts,
    ),
    (rf"(?P<w>关键词|关键字|标签|热门标签|热门话题|主要话题){_LIST}{_END}", _counts),
    (rf"(?:有哪些|有什么|都有哪些|哪些是)(?P<w>热门话题|热门标签|主要话题|热词|高频词){_END}", _counts),
    (
        rf"(?:(?:most\s(?:common|frequent|used|popular)|top)\s(?P<w>keywords?|words?|terms?|hashtags?|topics?)|"
        rf"(?P<c>word\scloud)){_END}",
        lambda m, d: (("action", "stats"), ("by", (by_of(m["w"] or "word"),))),
    ),
]


def _asked(doc: Doc) -> bool:
    """Whether a question about words was understood before."""
    return any(
        ("action", "stats") in token.value and any(name == "by" and "day" in value for name, value in token.value)
        for token in doc.tokens.values()
        if token.kind == "X" and isinstance(token.value, tuple)
    )
