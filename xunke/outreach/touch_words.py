"""Words for steps and outcomes, as people say and write them in tables, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xunke.errors import BadInput

from .touches import KINDS, STEPS


def _by_word(table: Mapping[str, str]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in words.split()}


STEP_WORDS: Final = _by_word({
    "follow": "关注 主动关注 加关注", "reply": "转评 评论 回复 转发 留言 comment repost", "engage": "互动 engagement",
    "talk": "沟通 私信 聊 私聊 message dm", "offer": "提议 报价 推荐 成单提议 proposal",
    "service": "客服 处理 客服答复 售后 support",
})  # fmt: skip
CAME_WORDS: Final = _by_word({
    "seen": "看了 已读 看到了 read", "follow_back": "回关 关注了我们 followed", "like": "点赞 赞 赞了 liked",
    "reply": "回复 回了 回复了 有回复 replied answered", "positive": "积极 满意 好评 感兴趣",
    "negative": "消极 反感 不满 差评",
    "complaint": "投诉 complained", "click": "点击 点了 clicked", "converted": "转化 留资 conversion",
    "bought": "成交 买了 购买 下单 purchase", "opt_out": "退订 拒绝 别再联系 不要再联系 unsubscribed",
    "none": "没反应 无 没有反应 无回应",
    "resolved": "解决 已解决 解决了 solved",
})  # fmt: skip


def step_of(word: str | None) -> str | None:
    """The step that a word names, in either language; BadInput("touch.step") for none."""
    if word is None:
        return None
    step = STEP_WORDS.get(word.strip().lower(), word.strip().lower())
    if step not in STEPS:
        raise BadInput("touch.step", value=word, known=[f"step.{one}" for one in STEPS])
    return step


def kind_of(word: str) -> str:
    """The outcome that a word names; BadInput("outcome.kind") for none."""
    kind = CAME_WORDS.get(word.strip().lower(), word.strip().lower())
    if kind not in KINDS:
        raise BadInput("outcome.kind", value=word, known=[f"outcome.{one}" for one in KINDS])
    return kind
