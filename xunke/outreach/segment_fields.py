"""The fields that rules and matrices of segments may name: one row each, Chinese and English words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Field:
    """``kind``: a number (``unit``) or words. ``window``: may be asked of the last N days. ``analysed``: needs posts
    that have been understood. ``bands``: where a matrix cuts a number.
    """

    name: str
    kind: Literal["number", "words"]
    zh: tuple[str, ...]
    en: tuple[str, ...]
    unit: str = ""
    window: bool = False
    analysed: bool = False
    bands: tuple[float, ...] = ()


def _n(name: str, zh: str, en: str, unit: str, bands: Sequence[float], *, window: bool = False, analysed: bool = False) -> Field:  # noqa: E501
    return Field(name, "number", tuple(zh.split()), (name, *en.split()), unit, window, analysed, tuple(bands))


def _w(name: str, zh: str, en: str = "", *, window: bool = False, analysed: bool = False) -> Field:
    return Field(name, "words", tuple(zh.split()), (name, *en.split()), window=window, analysed=analysed)


TABLE: Final[tuple[Field, ...]] = (
    # who they are, as stated by themselves or shown by the platform
    _w("platform", "平台"), _w("region", "地区 省份 省", "province"), _w("city", "城市"),
    _w("city_tier", "城市级别 城市线级 几线"), _w("gender", "性别", "sex"), _w("age", "年龄段 年龄"),
    _w("occupation", "职业", "job"), _w("family", "家庭"), _w("school", "学校"), _w("kind", "账号类型"),
    _w("verified", "认证"),
    _n("followers", "粉丝数 粉丝", "fans", "people", (1_000, 10_000, 100_000, 1_000_000)),
    _n("following", "关注数", "", "people", (100, 1_000)),
    # what they write and when
    _w("interest", "兴趣 爱好", "interests", analysed=True), _w("need", "需求", "needs", analysed=True, window=True),
    _w("life_event", "人生事件 生活事件", "event", analysed=True, window=True), _w("tag", "话题", "hashtag", window=True),
    _w("group", "群组 小组 超话"), _w("said", "说过 提到", "mentions", window=True), _w("cares", "看重 价值观", "values"),
    _w("daypart", "活跃时段 时段", "hours"),
    _n("posts", "发帖数 发帖", "", "posts", (2, 5, 10, 30), window=True),
    _n("last_active", "最近活跃 上次活跃", "inactive_days", "days", (7, 30, 90)),
    _n("engagement", "平均互动 互动量", "", "acts", (1, 10, 100, 1_000)),
    _n("sentiment", "情感 情绪", "", "share", (0.4, 0.6), analysed=True),
    _n("influence", "影响力", "", "percentile", (50, 90, 99)),
    _n("authentic", "真实度", "authenticity", "share", (0.2, 0.5, 0.8)),
    # they and we
    _n("dealings", "互动我们 与我们互动", "acts_to_us", "acts", (1, 2, 5, 10), window=True),
    _n("last_dealing", "上次互动", "days_since_dealing", "days", (7, 30, 90)),
    _w("dealing", "互动方式", "dealing_kind"),
    _n("touched", "触达次数 触达", "touches", "times", (1, 3, 5), window=True), _w("outcome", "触达结果 结果", "outcomes"),
    _w("stage", "阶段 生命周期", "lifecycle", analysed=True), _w("value", "价值 客户价值", "", analysed=True),
    _n("purchases", "购买次数 购买", "", "times", (1, 2, 5), window=True),
    _n("money", "消费金额 消费", "spent", "CNY", (100, 500, 2_000), window=True),
    _n("last_purchase", "上次购买", "", "days", (30, 90, 365)),
    _w("consent", "同意"), _w("list", "名单"), _w("mark", "标记"), _w("segment", "细分 人群"),
)  # fmt: skip
FIELDS: Final[Mapping[str, Field]] = {field.name: field for field in TABLE}
ALIASES: Final[Mapping[str, str]] = {
    word.lower(): field.name for field in TABLE for word in (*field.zh, *field.en)
}
"""{a word for a field, in small letters: its name}."""
ONE: Final = frozenset({
    "platform", "region", "city", "city_tier", "gender", "age", "kind", "verified", "daypart", "stage", "value",
})  # fmt: skip
"""Fields of words of which people have one: printed with = where others are printed with 含."""

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "dealing": {
        "转发": "repost", "评论": "reply", "回复": "reply", "提及": "mention", "@": "mention", "引用": "quote",
        "点赞": "like", "赞": "like", "关注": "follow",
    },
    "stage": {
        "认知": "aware", "兴趣": "interest", "考虑": "consider", "粉丝": "follower", "互动": "engaged", "拥护": "advocate",
        "沉睡": "dormant", "流失": "lost",
    },
    "value": {
        "最有价值": "most", "高价值": "most", "最具成长潜力": "growth", "潜力": "growth", "一般": "ordinary", "负值": "negative",
    },
    "mark": {"合适": "good", "好": "good", "更多": "good", "不合适": "bad", "不要": "bad"},
    "gender": {"女": "female", "女性": "female", "男": "male", "男性": "male"},
    "verified": {"是": "yes", "已认证": "yes", "否": "no", "未认证": "no"},
    "kind": {"个人": "person", "品牌": "brand", "机器人": "bot"},
    "daypart": {"凌晨": "night", "深夜": "night", "上午": "morning", "早上": "morning", "下午": "afternoon", "晚上": "evening"},
    "platform": {"微博": "weibo", "小红书": "xhs", "抖音": "douyin", "知乎": "zhihu", "豆瓣": "douban", "b站": "bilibili",
                 "哔哩哔哩": "bilibili", "贴吧": "tieba", "快手": "kuaishou"},
}  # fmt: skip
"""Synonyms of words of a field (folded): what people type, and the code that is stored."""

CARES: Final[Mapping[str, tuple[str, ...]]] = {
    "环保": ("环保", "可持续", "低碳", "可降解", "绿色消费", "零废弃"),
    "性价比": ("性价比", "划算", "平替", "省钱", "薅羊毛"),
    "品质": ("品质", "质感", "做工", "耐用", "高端"),
    "健康": ("健康", "无添加", "低糖", "配料表", "成分党"),
    "颜值": ("颜值", "好看", "高颜值", "出片"),
    "国货": ("国货", "国潮", "民族品牌"),
    "便利": ("方便", "省时间", "懒人", "一键"),
    "陪伴": ("陪伴", "亲子", "家人", "闺蜜"),
}
"""What people say they care about when they buy (values, lifestyle): the words that tell it, as written by them."""
