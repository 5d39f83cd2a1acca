"""Requests with a grammar of their own: jobs, A/B tests, do-not-contact list, erasing, connecting, importing, help."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from . import lexicon
from .numbers import NUM, parse, whole
from .tokens import Doc

Draft = dict[str, Any]
"""A step as schema slots; ``clarify`` instead of ``action`` when a question has to be asked."""

_METRIC: Final = lexicon.said("words", "metric")


def read(doc: Doc) -> list[Draft] | None:
    """The steps of a request that is wholly of one of these kinds, or None."""
    for cue, build in _WHOLE:
        if doc.has(cue):
            found = build(doc)
            if found:
                return found
    return None


def imports(doc: Doc) -> None:
    """Mark 导入 FILE as an X token; it may be followed by any other step."""
    ext = lexicon.values("words", "format")

    def one(m: re.Match[str]) -> Any:
        path = str(doc.value(next(g for g in m.groups() if g)))
        tail = path.rsplit(".", 1)[-1].lower()
        step: Draft = {"action": "import", "path": path}
        if tail in ext:
            step["format"] = ext[tail]
        return (("step", step),)

    doc.mask(
        r"(?:把|将)?({U})(?:这个|里)?(?:的)?(?:文件|数据|表格?)?(?:都)?(?:导入|读进来|读入|加载|"
        r"导进来|载入)(?:进来|一下|到库里)?|"
        r"(?:导入|读取|读入|读一?下|加载|载入|打开|import(?:ing)?|load|read(?:\sin)?|open|"
        r"ingest)(?:一下|文件|本地|数据|表格|\s(?:the|"
        r"my|file|data|from))*\s?({U}|{Q}(?=文件|$|[,，]))(?:这个文件|里的数据|这个表格?|文件)?",
        "X",
        one,
    )


def _tokens(doc: Doc, kind: str) -> list[Any]:
    return [doc.value(c) for c in doc.text if c in doc.tokens and doc.tokens[c].kind == kind]


def _help(doc: Doc) -> list[Draft] | None:
    return [{"action": "help"}]


def _undo(doc: Doc) -> list[Draft] | None:
    return [{"action": "undo"}]


_JOB: Final = (
    r"(?:定时任务|任务|定时作业|定时|计划任务|排程|scheduled\s(?:jobs?|tasks?)|jobs?\b|"
    r"tasks?\b|schedules?\b)"
)


def _jobs(doc: Doc) -> list[Draft] | None:
    text = doc.plain(doc.text)
    ops = (
        ("resume", r"恢复|继续跑?|重新启用|重启|启用|接着跑|resume|restart|unpause|re-?enable"),
        ("pause", r"暂停|停掉|停了|停一?停|停一?下|先停|停用|叫停|关停|停(?!止词)|pause|suspend|stop|halt|hold"),
        ("cancel", r"取消|删掉|删除|删了?|撤掉|移除|不要了|终止|去掉|cancel|delete|remove|kill|drop"),
        ("list", r"有哪些|哪些|列|看|有什么|啥|几个|多少|show|list|what|which|see|running|正在"),
        ("run", r"立刻|立即|马上|现在(?:就)?跑|手动跑|跑一[遍次下]|执行|运行|run|trigger|execute"),
    )
    op = next((name for name, rule in ops if re.search(rule, text, re.IGNORECASE)), None)
    if op is None:
        return None
    step: Draft = {"action": "jobs", "op": op}
    if op != "list":
        quoted = _tokens(doc, "Q")
        name = quoted[0] if quoted else _job_name(text, "|".join(rule for _, rule in ops))
        if name:
            step["name"] = name
    return [step]


def _job_name(text: str, verbs: str) -> str | None:
    name = (
        re.sub(rf"{_JOB}.*$", "", text, flags=re.IGNORECASE)
        if not re.match(rf"\s*{_JOB}", text, re.IGNORECASE)
        else text
    )
    name = re.sub(
        r"^(?:请|麻烦|帮我|给我|please|can you|把|将|先|那个|这个|我的?|我们的?|the\s|my\s|our\s|that\s|\s)+",
        "",
        name,
        flags=re.IGNORECASE,
    )
    name = re.sub(rf"^(?:{verbs})(?:一?下|掉|了)?\s?", "", name, flags=re.IGNORECASE)
    name = re.sub(r"^(?:那个|这个|我的?|我们的?|the\s|my\s|our\s|that\s|all\s|\s)+", "", name, flags=re.IGNORECASE)
    name = re.sub(rf"(?:先|都|给我)*(?:{verbs})(?:一?下|掉|了|吧)*$", "", name, flags=re.IGNORECASE)
    name = re.sub(r"(?:的|那个|这个|定时|\s)+$", "", name)
    return name if name and len(name) <= 40 and not re.fullmatch(r"所有|全部|all|it|这|那", name) else None


def _ab(doc: Doc) -> list[Draft] | None:
    plain = doc.plain(doc.text)
    step: Draft = {"action": "ab_test", "op": "design"}
    metric = re.search(_METRIC, re.sub(r"[『][^』]*[』]", " ", plain), re.IGNORECASE)
    data = _arms_data(doc)
    size = re.search(
        r"样本量|样本数|多少(?:个)?(?:样本|人|用户)|多少人|sample\s?size|how many (?:people|users|samples|recipients)",
        plain,
        re.IGNORECASE,
    )
    percents = _percent
    if data and len(data) >= 2:
        step = {"action": "ab_test", "op": "evaluate", "data": data}
    elif size:
        step["op"] = "sample_size"
        base = re.search(
            rf"(?:基线|基准|现在|目前|当前|原来|原本|baseline|current(?:ly)?|"
            rf"from)[^\d%]{{0,14}}({NUM}\s?[%％]|百分之{NUM}|0?\.\d+)",
            plain,
            re.IGNORECASE,
        )
        mde = re.search(
            rf"(?:提升|提高|涨|检测(?:出|到)?|差异|差|mde|lift|uplift|detect|increase|difference|"
            rf"improvement)[^\d%]{{0,14}}({NUM}\s?(?:[%％]|个(?:百分)?点)|百分之{NUM}|0?\.\d+)",
            plain,
            re.IGNORECASE,
        )
        to = re.search(rf"(?:到|to)\s?({NUM}\s?[%％])", plain, re.IGNORECASE)
        if base and (value := percents(base[1])) is not None:
            step["baseline"] = value
        if mde and (value := percents(mde[1])) is not None:
            step["mde"] = value
            if to and mde[0].rstrip().endswith(to[1]) and re.search("到|to", mde[0]) and base:
                step["mde"] = round(value - step.get("baseline", 0), 6)
        elif to and base and (value := percents(to[1])) is not None:
            step["mde"] = round(value - step["baseline"], 6)
    else:
        variants = _tokens(doc, "Q")
        if len(variants) < 2:
            variants = _plain_variants(doc)
        arms = re.search(
            rf"({NUM})\s?(?:个)?(?:版|组|个?方案|个?变体|种|条|arms?|variants?|versions?)", plain, re.IGNORECASE
        )
        if len(variants) >= 2:
            step["variants"] = variants
        elif arms and (n := whole(arms[1])) and n > 1 and not variants and metric:
            step["arms"] = n
        if "variants" not in step:
            return [{"clarify": ["variants"]}]
        if split := _split(plain, len(variants)):
            step["split"] = split
    if metric:
        table = lexicon.values("words", "metric")
        step["metric"] = table[metric[0].lower()]
    sure = re.search(
        rf"(?:置信度|置信水平|confidence)[^\d]{{0,6}}({NUM}\s?[%％]?)|({NUM}\s?[%％])\s?(?:的)?(?:置信|confidence)",
        plain,
        re.IGNORECASE,
    )
    if sure and (value := percents(sure[1] or sure[2])) is not None and step["op"] != "design":
        step["confidence"] = value
    return [step]


def _percent(text: str) -> float | None:
    value = parse(re.sub(r"[%％]|百分之|个(?:百分)?点|\s", "", text))
    if value is None:
        return None
    return round(value, 6) if value < 1 and not re.search("[%％]|百分之|点", text) else round(value / 100, 6)


def _arms_data(doc: Doc) -> list[list[Any]]:
    plain = re.sub("『[^』]*』", " ", doc.plain(doc.text))
    unit = r"(?:个|人|次|份|封|条|people|users|sent|views|impressions|visitors)?"
    rule = (
        rf"(?<![A-Za-z])([A-Da-d]|甲|乙|丙)\s?(?:版本?|组|方案|款)?(?:本|"
        rf"文案)?[『「]?[^\d,，。;；A-Da-d]{{0,12}}?({NUM})\s?{unit}"
        rf"[^\d;；。A-D]{{0,14}}?({NUM})\s?(?!%|％)"
    )
    out: list[list[Any]] = []
    for m in re.finditer(rule, plain):
        first, second = whole(m[2]), whole(m[3])
        if first and second is not None:
            n, hits = (first, second) if first >= second else (second, first)
            out.append([m[1], n, hits])
    return out


def _plain_variants(doc: Doc) -> list[str]:
    """A: … B: … without quotes."""
    plain = doc.plain(doc.text)
    found = re.findall(
        r"(?<![A-Za-z])[A-D]\s?(?:版本?|方案|款)?\s?(?:是|为|:|：|用|"
        r"=)\s?[『]?([^『』,，。;；]{1,60}?)[』]?(?=\s?(?:[,，。;；]|"
        r"[A-D]\s?(?:版|方案|款)?\s?(?:是|为|:|：|用|=)|$))",
        plain,
    )
    return [f.strip() for f in found] if len(found) >= 2 else []


def _split(plain: str, arms: int) -> list[float] | None:
    m = re.search(
        r"(?<!\d)(\d{1,2})\s?[:/比%-]\s?(\d{1,2})%?(?!\d)|([一二三四五六七八九])([一二三四五六七八九])(?:分|开)",
        plain,
    )
    if m and m[1]:
        first, second = float(m[1]), float(m[2])
    elif m:
        first, second = (float(parse(m[3]) or 0), float(parse(m[4]) or 0))
    elif re.search(
        r"对半|一半一半|平分|平均分|均分|各一半|各半|evenly|equal(?:ly)?|half and half|50-50|fifty[- ]fifty",
        plain,
        re.IGNORECASE,
    ):
        return [50, 50] if arms == 2 else None
    else:
        return None
    total = first + second
    if not total:
        return None
    first = round(first * 100 / total, 4)
    return [
        int(first) if first == int(first) else first,
        int(100 - first) if first == int(first) else round(100 - first, 4),
    ]


def _suppress(doc: Doc) -> list[Draft] | None:
    plain = doc.plain(doc.text)
    accounts = _tokens(doc, "A") or _tokens(doc, "Q")
    if re.search(
        r"移出|移除|去掉|拿出|删掉|解除|恢复|放出来|撤出|remove|take .* off|delete .* from", plain, re.IGNORECASE
    ):
        op = "remove"
    elif (
        not accounts
        and re.search(r"看|列|有哪些|有谁|谁在|哪些人|show|list\b.*|who", plain, re.IGNORECASE)
        and not re.search("加|add", plain)
    ):
        op = "list"
    else:
        op = "add"
    step: Draft = {"action": "suppress", "op": op}
    files = _tokens(doc, "U")
    if files and not accounts:
        step["path"] = files[0]
    elif op != "list":
        if not accounts:
            return [{"clarify": ["account"]}]
        step["accounts"] = accounts
    return [step]


def _erase(doc: Doc) -> list[Draft] | None:
    plain = doc.plain(doc.text)
    step: Draft = {"action": "erase"}
    if accounts := _tokens(doc, "A"):
        step["accounts"] = accounts
    meant = [v for effects in _tokens(doc, "X") for slot, v in effects if slot == "platform?"]  # 微博 after 的
    if platforms := [*_tokens(doc, "P"), *meant]:
        step["platforms"] = list(dict.fromkeys(platforms))
    old = re.search(
        rf"({NUM})\s?(个?)(天|日|周|星期|礼拜|月|年|days?|weeks?|months?|years?)(半)?(?:之?前|以前|以上|前|ago|\sold|"
        rf"\sor older)?|(半)(年)",
        plain,
        re.IGNORECASE,
    )
    if old and (re.search(r"前|以上|超过|早于|older|before|ago|over|more than|过期", plain)):
        unit = (old[3] or old[6]).lower().rstrip("s")
        number = parse(old[1]) if old[1] else 0.5
        days = {
            "天": 1,
            "日": 1,
            "day": 1,
            "周": 7,
            "星期": 7,
            "礼拜": 7,
            "week": 7,
            "月": 30,
            "month": 30,
            "年": 365,
            "year": 365,
        }[unit]
        if number:
            value = number + (0.5 if old[4] else 0)
            step["older_than_days"] = 180 if (days, value) == (365, 0.5) else int(value * days)
    for target, rule in (
        ("comments", "评论|留言|comments"),
        ("posts", "帖子|笔记|视频|文章|动态|posts|notes|videos"),
        ("people", "博主|用户|作者|达人|账号资料|people|users|creators|profiles"),
    ):
        if re.search(rule, plain, re.IGNORECASE) and not (target == "people" and accounts):
            step["target"] = target
            break
    if len(step) == 1:
        return [{"clarify": ["scope"]}]
    return [step]


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
        name = re.search(
            r"(?:模型(?:用|是|为|叫|名)?|model(?:\sis|\sname)?|用|use|using|with|"
            r"跑的?)\s?[:：]?\s?『?((?:[A-Za-z][A-Za-z0-9]*[\-.:_/]?)[A-Za-z0-9.\-:_/]*\d[A-Za-z0-9.\-:_]*)|"
            r"\b((?:qwen|llama|deepseek|glm|gpt|mistral|gemma|phi|kimi|yi|claude|gemini)[A-Za-z0-9.\-:_]*)",
            re.sub(r"https?://[^\s,，。;；]+|(?:localhost|\d+\.\d+\.\d+\.\d+)[^\s,，。;；]*", " ", plain),
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


_DNC: Final = (
    r"(?:免打扰|勿扰|不联系|别联系|勿联系|不要联系|拉黑|黑名单|退订|不再联系|别再联系|"
    r"屏蔽名单|do[- ]not[- ]contact|dnc\b|opt[- ]?out|"
    r"suppression|unsubscribe|block\s?list)"
)

_WHOLE: Final[list[tuple[str, Callable[[Doc], list[Draft] | None]]]] = [
    (
        r"^(?:请问|那)?(?:help|帮助|帮助文档|使用说明|怎么用|\?|？)[\s!?。]*$|你(?:都|还)?(?:能|"
        r"会|可以)(?:干|做|帮)(?:点|些|我)?(?:啥|什么|哪些|"
        r"嘛)|(?:有|支持)(?:哪些|什么)功能|怎么(?:使用|用)(?:你|这个|本?软件|这玩意)?(?:啊|呀|"
        r"呢)?[\s?。]*$|what\scan\s(?:you|i)\s(?:do|"
        r"ask|type)|how\sdo\si\suse|how\sdoes\sthis\swork|show\s(?:me\s)?help|你(?:是谁|会什么)|"
        r"功能(?:介绍|说明)|使用(?:教程|"
        r"方法)|能帮我(?:干|做)(?:啥|什么)|教我(?:怎么)?用|^(?:有|给个|看看)?(?:使用|"
        r"新手)?(?:教程|说明书|帮助文档|用户手册|说明)(?:吗|么|呢|"
        r"没有?)?[\s?？。]*$",
        _help,
    ),
    (
        r"^(?:帮我|请|麻烦|先|please\s)?(?:撤销|撤回|回退|还原|undo|revert|"
        r"退回(?:上一?步)?)(?:刚才|刚刚|上一?步|一下|一步|操作|的|那步|that|it|"
        r"the|last|step|change|上次|这个|[\s!。])*(?:操作|步)?[\s!。了吧]*$|(?:恢复到?|回到|"
        r"退回)(?:刚才|上一?步|之前)(?:的)?(?:状态|样子)?|"
        r"后悔了|(?:刚才|上一步)(?:那步|的)?(?:操作)?(?:撤销|撤回|撤了|不算)",
        _undo,
    ),
    (
        r"(?<![a-z])a\s?/?b[\s\-]?(?:测试|test|实验)|ab测|对照(?:实验|试验|测试)|分组实验|样本量|"
        r"多少(?:个)?样本|sample\s?size|"
        r"split[- ]test|测试?(?:一下|下)?(?:[两三四2-4]|这两)(?:个|版|条|种|款|组)|"
        r"[两三四2-4](?:个|版|条|种)(?:文案|标题|封面|话术|版本)(?:测|"
        r"对比|哪|试|,|:)|哪(?:个|版|条)(?:文案|标题|封面|话术)(?:更|好|效果|点击|转化|回复|互动)|"
        r"(?:test|compare)\s(?:two|three|these|"
        r"the\stwo|2|3)\s(?:\w+\s){0,2}(?:headlines?|versions?|copies|titles?|covers?|subject\slines|"
        r"captions?|variants?|messages?|texts?|slogans?|hooks?)|(?:which|whether)\s(?:version|variant|"
        r"headline|title|copy|one)\s(?:won|wins|is\sbetter|did\sbetter|performed)|"
        r"[A甲][版组](?:本)?[^,，。]{0,16}\d+[^B乙]{0,30}[B乙][版组]|(?:显著|significant)|"
        r"\d{2,7}\s?/\s?\d{3,8}[^。]{0,60}?\d{2,7}\s?/\s?\d{3,8}",
        lambda d: _ab(d),
    ),
    (
        rf"(?:加|放|移|拉|丢|扔|拖|列|进|add|put|move|remove|take|show|list|看|有谁|从|拿出|删|恢复|记|标|mark|delete|"
        rf"who)[^。;；]{{0,40}}{_DNC}|{_DNC}(?:名单|列表)?(?:里|上|中)?(?:有|都|移|删|加|去|拿|放|"
        rf"谁|解)|(?:别|不要|不)再?联系(?:她|他|ta|"
        rf"它|这个人|我们)?了?(?=$|[,，。])|把?{{A}}[^,，。]{{0,8}}拉黑|拉黑(?:一下)?{{A}}|(?:不再|"
        rf"不想再?|不要再?|别再?|拒绝|不愿)(?:接到|收到|"
        rf"被)?[^,，。]{{0,8}}?(?:联系|打扰|骚扰)(?!过|方式)|(?:never|don'?t|do\snot|"
        rf"stop)\s(?:ever\s)?contact(?:ing)?\s{{A}}",
        _suppress,
    ),
    (
        r"(?:删除|删掉|删了|删光|清除|清空|清掉|清了|清干净|清理|抹掉|抹去|销毁|删(?=@|{A}|库)|"
        r"erase|delete|wipe|purge|clear|"
        r"forget)(?!\s?(?:the\s)?(?:weekly|daily|job|task))(?![^。]{0,30}(?:任务|定时|"
        r"jobs?\b))[^。]{0,40}?(?:数据|资料|"
        r"记录|信息|内容|帖子|笔记|评论|缓存|库|历史|全部|所有|data|records?|posts|history|"
        r"everything|profiles?|info|comments|"
        r"stuff|{A}|{P})|(?:把)?[^,，。]{0,30}(?:数据|资料|记录|信息|帖子|笔记|评论|视频|库)(?:都|"
        r"全|全部|统统)?(?:给我)?(?:删除|删掉|删了|清空|"
        r"清掉|清除|抹掉|删光|清了|清干净|删)|^(?:把|都|全|帮我)*(?:删了?|删掉|清空|清掉)(?:吧|它|"
        r"掉|了)*$|^(?:please\s)?(?:delete|erase|"
        r"wipe)\s(?:it|that|this|everything|all)\W*$",
        _erase,
    ),
    (
        r"(?:实例|instance|server|服务器)[^。,，]{0,8}{U}|(?:连接|连上|连一?下|连(?!锁|续|衣|载|"
        r"夜|连)|接上|接入|接一?下|配置|设置|接个|加一?[个下]|"
        r"新增|添加|绑定|换成用|切换到|connect|hook\sup|link|set\sup|configure|"
        r"add)(?:[^。]{0,30}?)(?:实例|站点|服务器|"
        r"(?<!主题)(?<!话题)模型|llm|ollama|endpoint|instance|server|接口|deepseek|qwen|node)|(?:大?模型|llm|"
        r"model)[^。]{0,16}{U}|(?:用|使用|换成|\buse)\s?(?:本地的?|我的?|local\s|my\s)*(?:大模型|"
        r"ollama|deepseek|qwen|llm|"
        r"{U}[^,，。]{0,6}(?:大?模型|llm))|(?:连接|连上|接上|接入|接一?下|connect(?:\sto)?|add\s(?:my|our|"
        r"the)\s)[^。]{0,20}?{U}",
        _connect,
    ),
    (
        rf"{_JOB}[^。]{{0,14}}(?:有哪些|哪些|列|看|停|删|取消|恢复|跑|运行|执行|继续|running|are|"
        rf"list)|(?:把|将)[^,，。]{{2,24}}(?:监测|"
        rf"监控|日报|周报|月报|采集|巡检|播报)(?:先|都|给我)*(?:停掉|停了|停一?下|停|暂停|取消|"
        rf"删掉|恢复|撤掉|跑一[遍次])(?:吧|了)?$|(?:跑|执行|运行|暂停|停掉|停了|"
        rf"停一下|恢复|继续|取消|重启|run|pause|resume|cancel|stop)(?:一[次遍下])?\s?(?:一下|"
        rf"the\s)?{{Q}}(?:了|吧|先)?(?=$|[,，。!])|"
        rf"(?:停|删|取消|恢复|跑|执行|运行|继续|暂停|看|列|有哪些|cancel|stop|pause|resume|run|"
        rf"delete|list|show|what|which|kill|"
        rf"trigger)[^。;；]{{0,40}}?{_JOB}",
        _jobs,
    ),
]
