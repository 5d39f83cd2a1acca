"""Invented lessons for what the real texts show too seldom: negation, questions, contrast, irony, plain statements.

Every text here is made from the word lists below; none stands in any corpus.
"""

from __future__ import annotations

import random
from itertools import product
from typing import NamedTuple


class Lesson(NamedTuple):
    """``feeling``: P(positive) 0..1; ``neutral``: whether it takes no side."""

    text: str
    feeling: float
    neutral: bool


def _split(words: str) -> list[str]:
    return words.split()


GOOD = _split(
    """
    好吃 好喝 好用 好看 好玩 好听 好闻 开心 高兴 满意 喜欢 推荐 值得 划算 便宜 实惠 舒服 方便 干净 新鲜 漂亮
    可爱 精彩 有趣 好 不错 靠谱 给力 专业 热情 耐心 贴心 温柔 聪明 厉害 优秀 完美 幸福 快乐 顺利 轻松 安心
    放心 感动 惊喜 温暖 有用 有效 实用 结实 清晰 流畅 顺滑 保湿 清爽 显瘦 合身 合适 正宗 入味 香 甜 值 快
    容易 安全 健康 友好 大方 良心 高级 精致 浪漫 自由 美
    """
)
BAD = _split(
    """
    难吃 难喝 难用 难看 难听 难闻 难受 难过 伤心 失望 后悔 生气 讨厌 无聊 恶心 贵 坑 差 差劲 烂 糟糕 垃圾
    麻烦 复杂 粗糙 敷衍 冷漠 尴尬 可怕 害怕 痛苦 委屈 孤单 焦虑 烦 崩溃 绝望 累 困 油腻 腥 咸 苦 酸 臭 脏 乱
    吵 慢 卡 假 丑 土 廉价 危险 浪费 亏 上当 踩雷 踩坑 翻车 翻脸 吃亏 费劲 差评 刺鼻 卡顿 掉色 起球 漏水
    过敏 脱妆
    """
)
NOUNS = _split(
    """
    味道 服务 质量 价格 包装 物流 环境 态度 口感 效果 颜色 做工 屏幕 电池 音质 材质 尺码 客服 位置 房间 早餐
    剧情 演技 画面 音乐 手感 性价比 这家店 这款面霜 这个牌子 这部电影 这件衣服 这手机 这个酒店 这外卖 这老师
    这个博主 这游戏 这本书 这车 这鞋
    """
)
_VERY = ("很", "太", "非常", "真的", "特别", "超级", "真", "好", "挺", "")
_TIMES = _split(
    """
    早上八点 下午三点 晚上七点 今天 明天 昨天 周末 周一 周五下午 下周 月底 十月一号 刚刚 中午 凌晨两点
    上个月 每天 这周 去年 九点半
    """
)
_DEEDS = _split(
    """
    开会 上班 下班 去超市买菜 到上海 到公司 在图书馆看书 坐地铁回家 去医院复查 写作业 交材料 开车去杭州 吃饭
    喝咖啡 看电影 跑步 做核酸 值班 搬东西 换了头像 更新了系统 拍了照片 剪视频 打扫房间 洗衣服 取快递 出差
    去学校 考英语 上网课 发布新版本 举行发布会 召开会议 去健身房 煮面 去银行办业务 回老家 见客户 排队 改方案
    签合同 看房 遛狗 做饭 接孩子 点外卖
    """
)
_PLAIN = _split(
    """
    气温{n}度 最高气温{n}度，微风 第{n}天打卡 共{n}人参加 价格{n}元 地址在人民路{n}号 全长{n}公里
    时间{n}点到{n}点 第{n}期 {n}月{n}日 库存{n}件 尺码是{n}的 已读 收到 转发 分享图片 分享视频 测试一下 如图
    见图 链接在评论区 请查收 来源网络 转自朋友圈 占位 待补充 详情见正文 早 在吗 到了 出发 已下单 已发货
    报名截止到{n}号 一共{n}页 住在{n}楼 今天是星期三 今天周五 现在是北京时间{n}点
    """
)


def lessons(seed: int = 7, contrasts: int = 1500) -> list[Lesson]:
    """All of them, in one order for ever."""
    chance = random.Random(seed)
    out: list[Lesson] = []

    def say(feeling: float, *texts: str, neutral: bool = False) -> None:
        out.extend(Lesson(text, feeling, neutral) for text in texts)

    for word in GOOD:
        for noun in chance.sample(NOUNS, 3):
            say(0.97, f"{noun}{chance.choice(_VERY)}{word}", f"{word}", f"太{word}了")
            say(
                0.04,
                f"{noun}不{word}",
                f"不{word}",
                f"一点都不{word}",
                f"一点也不{word}",
                f"并不{word}",
                f"不太{word}",
                f"没那么{word}",
            )
            say(
                0.06,
                f"哪里{word}了",
                f"难道这也叫{word}？",
                f"这也能叫{word}？",
                f"{word}个屁",
                f"{word}个鬼",
                f"谁说{noun}{word}的",
                f"{word}才怪",
            )
            say(
                0.5,
                f"{noun}{word}吗？",
                f"{word}吗",
                f"{word}不{word}？",
                f"请问{noun}{word}吗",
                f"哪个{word}？",
                neutral=True,
            )
            say(
                0.9,
                f"不能更{word}了",
                f"没有比这更{word}的了",
                f"不是一般的{word}",
                f"怎么能这么{word}",
                f"难道不{word}吗？",
            )
    for word in BAD:
        for noun in chance.sample(NOUNS, 3):
            say(
                0.03,
                f"{noun}{chance.choice(_VERY)}{word}",
                f"{word}",
                f"太{word}了",
                f"怎么这么{word}",
                f"能不能别这么{word}",
                f"难道不{word}吗？",
            )
            say(
                0.85,
                f"{noun}不{word}",
                f"不{word}",
                f"一点都不{word}",
                f"一点也不{word}",
                f"并不{word}",
                f"没有{word}",
                f"没{word}",
                f"从不{word}",
                f"不会{word}",
                f"不觉得{word}",
            )
            say(0.5, f"{noun}{word}吗？", f"{word}吗", f"会不会{word}？", f"会{word}吗？", neutral=True)
    turns = ("但是", "但", "不过", "可是", "然而", "就是", "可惜", "只是")
    for _ in range(contrasts):
        one, two = chance.sample(NOUNS, 2)
        very, too = chance.choice(_VERY[:9]), chance.choice(_VERY[:9])
        good, bad = chance.choice(GOOD), chance.choice(BAD)
        turn, although = chance.choice(turns), chance.choice(("虽然", "", "", "尽管"))
        say(0.22, f"{although}{one}{very}{good}，{turn}{two}{too}{bad}")
        say(0.78, f"{although}{one}{very}{bad}，{turn}{two}{too}{good}")
        say(0.08, f"{one}不{good}，{two}也{bad}", f"{one}{bad}，{two}更{bad}")
        say(0.95, f"{one}不{bad}，{two}也{good}", f"{one}{good}，{two}更{good}")
    for time, deed in product(_TIMES, _DEEDS):
        if chance.random() < 0.5:
            say(0.5, f"{time}{deed}", neutral=True)
        if chance.random() < 0.3:
            say(0.5, f"{deed}", f"{time}要{deed}", f"我{time}{deed}。", neutral=True)
    for form in _PLAIN:
        for _ in range(12):
            text = form
            while "{n}" in text:
                text = text.replace("{n}", str(chance.randint(1, 400)), 1)
            say(0.5, text, f"{chance.choice(_TIMES)}{text}", neutral=True)
    return out
