"""Requests with a grammar of their own: jobs, A/B tests, do-not-contact list, erasing, connecting, importing, help.

A request of one of these kinds is wholly of that kind. A reader gets the text with its entities marked and returns its
one step, a step with ``clarify`` (what has to be asked first), or None if the words are only what posts are about.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from . import ab_tests, lexicon, lists
from .tokens import Doc, filled

_FANS: Final = re.compile(r"粉丝|followers?\b", re.I)
Draft = dict[str, Any]
"""A step as schema slots, with ``clarify`` if a question has to be asked."""


def read(doc: Doc) -> list[Draft] | None:
    """The steps of a request that is wholly of one of these kinds, or None."""
    return next((found for kind in _KINDS if (found := kind(doc))), None)


def imports(doc: Doc) -> None:
    """Mark 导入 FILE as an X token; it may be followed by any other step."""
    ext = lexicon.values("words", "format")

    def one(m: re.Match[str]) -> Any:
        path = str(doc.value(next(g for g in m.groups() if g)))
        tail = path.rsplit(".", 1)[-1].lower()
        step: Draft = {"action": "import", "path": path}
        if _FANS.search(m[0]):  # a list of followers tells its kind by nothing but what is said of it
            step["format"] = "followers"
        elif tail in ext:
            step["format"] = ext[tail]
        return (("step", step),)

    doc.mask(
        r"(?:把|将)?\s?({U})\s?(?:这个|里)?(?:的)?(?:文件|数据|表格?)?(?:都|给我|先)*(?:导入|读进来|读入|读进去|加载|"
        r"导进来|导进去|导一下|载入)(?:进来|一下|到库里|到项目里?)?|"
        r"(?:导入|读取|读入|读一?下|加载|载入|打开|import(?:ing)?|load|read(?:\sin)?|open|"
        r"ingest)(?:一下|文件|本地|数据|表格|[我这]们?的?|[这两]?[份个]|粉丝(?:名单|列表|快照)?|\s(?:the|"
        r"my|our|file|data|from|followers?|list(?: of followers)?))*[:：]?\s?"
        r"({U}|{Q}(?=文件|$|[,，]))(?:这个文件|里的数据|这个表格?|文件)?",
        "X",
        one,
    )


def _tokens(doc: Doc, kind: str) -> list[Any]:
    return [doc.value(c) for c in doc.text if c in doc.tokens and doc.tokens[c].kind == kind]


def _cued(rule: str, build: Callable[[Doc], list[Draft] | None]) -> Callable[[Doc], list[Draft] | None]:
    """``build`` for a text in which ``rule`` stands as a request, not as what is talked of."""

    def found(doc: Doc) -> list[Draft] | None:
        cue = filled(rule).search(doc.text)
        return build(doc) if cue and not lists.talked_of(doc.text, cue.start()) else None

    return found


def _connect(doc: Doc) -> list[Draft] | None:
    plain = doc.plain(doc.text)
    urls = _tokens(doc, "U")
    llm = re.search(
        r"大?模型|llm|ollama|deepseek|qwen|gpt|kimi|通义|千问|智谱|glm|openai|llama|vllm|lm\s?studio|api\s?key|豆包|"
        r"mistral|claude|gemini",
        plain,
        re.IGNORECASE,
    )
    platforms = _tokens(doc, "P")
    if llm:
        step: Draft = {"action": "connect", "platforms": ["llm"]}
        if urls:
            step["endpoint"] = urls[0]
        bare = re.sub(r"https?://[^\s,，。;；]+|(?:localhost|\d+\.\d+\.\d+\.\d+)[^\s,，。;；]*", " ", plain)
        name = re.search(r"()模型(?:用|是|为|叫|名|:|\s)*『?([A-Za-z][A-Za-z0-9.\-:_/]+)", bare, re.ASCII) or re.search(
            r"(?:模型(?:用|是|为|叫|名)?|model(?:\sis|\sname)?|用|use|using|with|"
            r"跑的?)\s?[:：]?\s?『?((?:[A-Za-z][A-Za-z0-9]*[\-.:_/]?)[A-Za-z0-9.\-:_/]*\d[A-Za-z0-9.\-:_]*)|"
            r"\b((?:qwen|llama|deepseek|glm|gpt|mistral|gemma|phi|kimi|yi|claude|gemini)[A-Za-z0-9.\-:_]*)",
            bare,
            re.IGNORECASE | re.ASCII,
        )
        if name:
            step["model"] = (name[1] or name[2]).rstrip(".,")
        return [step]
    if not urls and not platforms:
        return None
    step = {"action": "connect"}
    if platforms:
        step["platforms"] = list(dict.fromkeys(platforms))
    elif urls:
        step["platforms"] = ["mastodon"]
    host = re.search(r"(?<![\w@.])(?:[a-z0-9\-]{1,40}\.){1,4}[a-z]{2,20}(?![\w.])", plain, re.IGNORECASE | re.ASCII)
    if urls or host:
        step["instance"] = urls[0] if urls else host[0] if host else ""
    return [step]


_HELP: Final = (
    r"^(?:请问|那)?(?:help|帮助|帮助文档|使用说明|怎么用|\?|？)[\s!?。]*$|你(?:都|还)?(?:能|"
    r"会|可以)(?:帮我|帮忙)?(?:干|做|帮)(?:点|些|我)?(?:啥|什么|哪些|"
    r"嘛)|(?:有|支持)(?:哪些|什么)功能|(?:怎么|咋)(?:使用|用|玩)(?:儿)?(?:你|这个|本?软件|这玩意)?(?:啊|呀|"
    r"呢)?[\s?。]*$|what\scan\s(?:you|i)\s(?:do|"
    r"ask|type)|how\sdo\si\suse|how\sdoes\sthis\swork|show\s(?:me\s)?help|你(?:是谁|会什么)|(?:咋|怎么)玩(?:儿)?(?:啊|呀|呢)?(?:这个)?[\s?。]*$|"
    r"功能(?:介绍|说明)|使用(?:教程|"
    r"方法)|能帮我(?:干|做)(?:啥|什么)|教我(?:怎么)?用|^(?:有|给个|看看)?(?:使用|"
    r"新手)?(?:教程|说明书|帮助文档|用户手册|说明)(?:吗|么|呢|"
    r"没有?)?[\s?？。]*$"
)
_UNDO: Final = (
    r"^(?:帮我|请|麻烦|先|please\s)?(?:撤销|撤回|回退|还原|undo|revert|"
    r"退回(?:上一?步)?)(?:刚才|刚刚|上一?步|一下|一步|操作|的|那步|that|it|"
    r"the|last|step|change|上次|这个|[\s!。])*(?:操作|步)?[\s!。了吧]*$|(?:恢复到?|回到|"
    r"退回)(?:刚才|上一?步|之前)(?:的)?(?:状态|样子)?|"
    r"后悔了|(?:刚才|刚刚|上一?步)[^。,，]{0,6}(?:撤销|撤回|撤了|退回)|(?:^|[,，\s])undo(?:\s(?:that|it|this))?[\s.!]*$|^[^。]{0,8}(?:弄错了|点错了|搞错了|错了)[,，。!\s]*(?:退回|撤销|撤回|回退|undo)[^。]{0,8}$|(?:刚才|上一步)(?:那步|的)?(?:操作)?(?:撤销|撤回|撤了|不算)"
)
_CONNECT: Final = (
    r"(?:实例|instance|server|服务器)[^。,，]{0,8}{U}|(?:连接|连上|连一?下|连(?!锁|续|衣|载|"
    r"夜|连)|接上|接入|接一?下|配置|设置|接个|加一?[个下]|"
    r"新增|添加|绑定|换成用|切换到|connect|hook\sup|link|set\sup|configure|"
    r"add)(?:[^。]{0,30}?)(?:实例|站点|服务器|"
    r"(?<!主题)(?<!话题)模型|llm|ollama|endpoint|instance|server|接口|deepseek|qwen|node)|(?:大?模型|llm|"
    r"model)[^。]{0,16}{U}|(?:用|使用|换成|\buse)\s?(?:本地的?|我的?|local\s|my\s)*(?:大模型|"
    r"ollama|deepseek|qwen|llm|"
    r"{U}[^,，。]{0,6}(?:大?模型|llm))|(?:连接|连上|接上|接入|接一?下|connect(?:\sto)?|add\s(?:my|our|"
    r"the)\s)[^。]{0,20}?{U}"
)
_KINDS: Final[tuple[Callable[[Doc], list[Draft] | None], ...]] = (
    _cued(_HELP, lambda doc: [{"action": "help"}]),
    _cued(_UNDO, lambda doc: [{"action": "undo"}]),
    _cued(ab_tests.CUE, ab_tests.read),
    lists.suppress,
    lists.erase,
    _cued(_CONNECT, _connect),
    lists.jobs,
)


def of_kind(action: str, op: str, doc: Doc) -> list[Draft] | None:
    """The step of a request that is known to be of a kind; ``clarify`` in it where something has to be asked."""
    match action:
        case "help" | "undo":
            return [{"action": action}]
        case "jobs":
            return [lists.job(doc, op)]
        case "suppress":
            return [lists.suppressed(doc, doc.text, op)]
        case "erase":
            return lists.erased(doc)
        case "ab_test":
            return ab_tests.read(doc) or [{"action": action, "clarify": ["variants"]}]
        case _:
            return _connect(doc)
