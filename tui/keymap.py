"""One registry of what can be done: it feeds the keys, the footer, the help, the palette and the / commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xunke.text import fold


@dataclass(frozen=True, slots=True)
class Act:
    """``id`` is the app's action and the catalogue key ``tui.act.<id>``; ``words`` are what one may type after /.

    ``words``: Chinese, pinyin, initials, English (the palette's fuzzy match knows no pinyin).
    """

    id: str
    key: str
    shown_key: str
    words: tuple[str, ...]
    footer: bool = True


ACTS: Final = (
    Act("help", "f1", "F1", ("帮助", "bangzhu", "bz", "help")),
    Act("language", "f2", "F2", ("语言", "yuyan", "yy", "language", "lang")),
    Act("lists", "f3", "F3", ("名单", "mingdan", "md", "lists")),
    Act("jobs", "f4", "F4", ("任务", "renwu", "rw", "jobs")),
    Act("today", "ctrl+t", "^T", ("今天", "jintian", "jt", "today")),
    Act("work", "ctrl+o", "^O", ("工作台", "gongzuotai", "gzt", "work", "desk")),
    Act("export", "f5", "F5", ("导出", "daochu", "dc", "export")),
    Act("demo", "f6", "F6", ("演示", "yanshi", "ys", "demo"), footer=False),
    Act("learn", "f7", "F7", ("学习", "xuexi", "xx", "learn"), footer=False),
    Act("theme", "f8", "F8", ("主题", "zhuti", "zt", "theme"), footer=False),
    Act("everyone", "f9", "F9", ("全部", "quanbu", "qb", "all"), footer=False),
    Act("followers", "f10", "F10", ("粉丝", "fensi", "fs", "followers", "fans"), footer=False),
    Act("stop", "ctrl+c", "ctrl+c", ("取消", "quxiao", "qx", "cancel", "stop"), footer=False),
    Act("quit", "ctrl+q", "ctrl+q", ("退出", "tuichu", "tc", "quit", "exit")),
)

TABLE_KEYS: Final = ("move", "open", "select", "sort", "filter", "copy", "correct", "tabs")
PROMPT_KEYS: Final = ("send", "newline", "history", "slash")
DAY_KEYS: Final = ("done", "later", "came", "draft", "link", "undo", "more")
CARD_KEYS: Final = ("run", "edit", "dry", "drop")
"""Groups of the help page; texts under ``tui.help.<group>.<name>``."""


def command(text: str) -> Act | None:
    """The act that ``/word`` (or ``／word``) names, if any."""
    word = fold(text).lstrip("/")
    return next((act for act in ACTS if word in act.words), None)


def is_command(text: str) -> bool:
    """Whether ``text`` is meant as a command."""
    return text.startswith(("/", "／")) and len(text) < 30
