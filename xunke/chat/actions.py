"""Third reading: what is to be done, with which measure, split by what, into which file."""

from __future__ import annotations

import re
from typing import Any, Final

from . import actions_make, actions_show, lexicon
from .action_words import TARGET, Handler
from .tokens import Doc, Effects, klass

RULES: Final[list[tuple[str, Handler]]] = [*actions_show.RULES, *actions_make.RULES]


def read(doc: Doc) -> None:
    """Apply the action rules, then mark the words for what is looked for."""
    for rule, handler in RULES:
        doc.apply(rule, handler)
    _targets(doc)


_CLASSIFIER: Final = r"(?:条|篇|个|位|些|那些|这些|所有|相关|有关)?"
_BEHIND: Final = (
    rf"(?=$|[^\u4e00-\u9fffA-Za-z]|的|里|中|上|下|都|全|有|和|跟|与|或|们|是|在|给|再|按|并|"
    rf"然?后|最|要|得|也|只|吗|呢|吧|啊|了|来|量|还|哪|怎|"
    rf"瞅|瞧|看|一|各|呗|咯|嘞|哦|哈|嘛|呀|为|就|被|(?<=[\u4e00-\u9fff])[A-Za-z]|这|那|发|聊|谈|讲|说|跑|做|从|,|{klass('X')})"
)


def _targets(doc: Doc) -> None:
    table = lexicon.values("words", "targets")
    media = lexicon.values("words", "media")
    weak = {
        "人",
        "号",
        "who",
        "讨论",
        "内容",
        "直播",
        "threads",
        "话题讨论",
        "动态",
        "日志",
        "用户",
        "账号",
        "帐号",
        "anyone",
        "accounts",
    }

    def target(m: re.Match[str]) -> Effects | None:
        word = m[1].lower()
        meaning = table.get(word)
        if meaning is None:
            return None
        before = doc_before(m)
        if word in ("人", "号") and not (
            before in "的个位名批些帮拨群伙波" or ord(before or " ") > 0xF0000 or before == ""
        ):
            return None
        weakly = word in weak and not (word == "人" and before == "的")
        out: list[tuple[str, Any]] = [("target~" if weakly else "target", meaning)]
        if word in media and meaning == "posts" and word not in ("图文",):
            out.append(("media", media[word]))
        if word in ("直播", "livestreams"):
            out.append(("media", "live"))
        if word in ("tweet", "tweets"):
            out.append(("platform?", "x"))
        if word in ("youtuber", "youtubers"):
            out.append(("platform?", "youtube"))
        if word in ("kol", "kols"):
            out.append(("tier", ("kol",)))
        if word in ("koc", "kocs"):
            out.append(("tier", ("koc",)))
        return tuple(out)

    def doc_before(m: re.Match[str]) -> str:
        return m.string[: m.start(1)][-1:]

    doc.apply(r"(?<=[\u4e00-\u9fff])up们?(?![a-z0-9])", lambda _m, _d: (("target", "people"),))
    doc.apply(rf"{_CLASSIFIER}({TARGET})(?:们)?(?:里面?|中|下面?|底下)?{_BEHIND}", lambda m, _d: target(m))
