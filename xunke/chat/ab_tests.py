"""A/B tests in words: two versions to be tried, two results to be compared, the size that a test needs."""

from __future__ import annotations

import re
from typing import Any, Final

from . import lexicon
from .numbers import NUM, parse, whole
from .rules import rule
from .tokens import Doc

Draft = dict[str, Any]

CUE: Final = (
    r"(?<![a-z])a\s?/?b[\s\-]?(?:测试|test|实验)|ab测|a\s?/?b\s?结果|(?:做|跑|搞|来)(?:个|一下|一个|一组|组)?\s?a\s?/?b(?![a-z型])|"
    r"对照(?:实验|试验|测试)|分组实验|样本量|多少(?:个)?样本|sample\s?size|split[- ]test|"
    r"测试?(?:一下|下)?(?:[两三四2-4]|这两)(?:个|版|条|种|款|组)|"
    r"[两三四2-4](?:个|版|条|种|句|组)(?:文案|标题|封面|话术|版本|开场白|钩子|slogan)[^。]{0,14}?(?:测|对比|哪|试|,|:)|"
    r"哪(?:个|版|条)(?:文案|标题|封面|话术)(?:更|好|效果|点击|转化|回复|互动)|"
    r"(?:每一?|一|各)(?:组|边|版)(?:得|要|需要|至少|各|有|测|跑|发|大概){0,4}(?:多少|几)个?(?:人|用户|样本)|"
    r"(?:test|compare)\s(?:two|three|these|the\stwo|2|3)\s(?:\w+\s){0,2}(?:headlines?|versions?|copies|titles?|covers?|"
    r"subject\slines|captions?|variants?|messages?|texts?|slogans?|hooks?)|"
    r"率[^。]{0,10}\d\s?[%％][^。]{0,24}?(?:要|得|需要?|测|够)[^。]{0,6}?(?:多少|几)个?(?:人|用户|样本)|"
    r"how\smany\s\w+\s(?:per|in\seach|for\seach)\s(?:group|arm|variant|version)|"
    r"(?:which|whether)\s(?:version|variant|headline|title|copy|one)\s(?:won|wins|is\sbetter|did\sbetter|performed)|"
    r"[A甲][版组](?:本)?[^,，。]{0,16}\d+[^B乙]{0,30}[B乙][版组]|(?:显著|significant)|"
    r"\d{2,7}\s?/\s?\d{3,8}[^。]{0,60}?\d{2,7}\s?/\s?\d{3,8}"
)
"""Where one of these stands, the request is about a test."""
_NEEDS_RATE: Final = rule(r"(?:每一?|一|各)(?:组|边|版)[^。]{0,8}(?:多少|几)|how\smany")
_RATE: Final = rule(r"[%％]|百分|个点|率|rate|lift")
_SIZE: Final = rule(
    r"样本量|样本数|多少(?:个)?(?:样本|人|用户)|几个人|sample\s?size|how many (?:people|users|samples|recipients)",
)
_SURE: Final = rule(
    rf"(?:置信度|置信水平|confidence)[^\d]{{0,6}}({NUM}\s?[%％]?)|({NUM}\s?[%％])\s?(?:的)?(?:置信|confidence)",
)
_ARMS: Final = rule(rf"({NUM})\s?(?:个)?(?:版|组|个?方案|个?变体|种|条|句|款|arms?|variants?|versions?)")
_BASE: Final = rule(
    rf"(?:基线|基准|现在|目前|当前|现有|原来|原本|从|baseline|current(?:ly)?|from)[^\d%]{{0,14}}"
    rf"({NUM}\s?[%％]|百分之{NUM}|0?\.\d+)|率(?:是|为|在|有|才|大概|大约|约|差不多)?\s?({NUM}\s?[%％])(?!\s?(?:的)?(?:提升|提高|差))",
)
_MDE: Final = rule(
    rf"(?:提升|提高|涨|看出|看到|分辨|测出|发现|检测(?:出|到)?|差异|差|mde|lift|uplift|detect|increase|difference|improvement)[^\d%]{{0,14}}"
    rf"({NUM}\s?(?:[%％]|个(?:百分)?点)|百分之{NUM}|0?\.\d+)",
)
_LIFT: Final = rule(
    rf"({NUM}\s?(?:[%％]|个(?:百分)?点))(?:的)?(?:提升|提高|差异|差别|差距|差|变化|增长|区别|\slift|\sincrease)"
)
"""1个百分点的提升: the number stands before the word."""
_TO: Final = rule(rf"(?:到|to)\s?({NUM}\s?[%％])", re.IGNORECASE)


def read(doc: Doc) -> list[Draft] | None:
    """The one step of such a request; ``clarify`` if there is nothing to test."""
    plain = doc.plain(doc.text)
    if _NEEDS_RATE.search(plain) and not (_RATE.search(plain) or _SURE.search(plain)):
        return None  # 每组有多少人 asks for a table of groups
    metric = rule(lexicon.said("words", "metric")).search(re.sub("『[^』]*』", " ", plain))
    arms = _data(doc)
    if len(arms) >= 2:
        step: Draft = {"action": "ab_test", "op": "evaluate", "data": arms}
    elif _SIZE.search(plain):
        step = {"action": "ab_test", "op": "sample_size", **_rates(plain)}
    else:
        step = _design(doc, plain, metric is not None)
        if "clarify" in step:
            return [step]
    if metric:
        step["metric"] = lexicon.values("words", "metric")[metric[0].lower()]
    sure = _SURE.search(plain)
    if sure and (value := _percent(sure[1] or sure[2])) is not None and step["op"] != "design":
        step["confidence"] = value
    return [step]


_HITS: Final = {
    "回复": "reply_rate", "回": "reply_rate", "点击": "click_rate", "点": "click_rate", "转化": "conversion_rate",
    "成交": "conversion_rate", "下单": "conversion_rate", "买": "conversion_rate",
}  # fmt: skip
_TOLD: Final = (
    r"\s?(?:文案|标题|版本|方案|话术|封面)?\s?(?P<a{i}>[a-d甲乙丙丁])\s?(?:版本?|组|方案|款|文案|标题)?\s?"
    r"(?:发给?|推给?|触达|联系|测|投|曝光|展示)?了?\s?(?P<n{i}>\d{{1,7}})\s?(?:个?人|次|份|条|个)?[,，]?\s?(?:里|中)?(?:有|其中有?)?\s?"
    r"(?:(?:{hits})了?\s?(?P<h{i}>\d{{1,7}})\s?(?:个?人|次|个|条|单)?|(?P<g{i}>\d{{1,7}})\s?(?:个?人|次|个|条)?(?:{hits})了?)\s?"
)
_RESULTS: Final = "(?:[、,，;；和]|$)".join(_TOLD.format(i=i, hits="|".join(_HITS)) for i in "12")
_ASKS: Final = (
    r"[、,，。;；\s]*(?:哪个|哪版|哪组|哪一?[个版组]|谁|用哪[个版]|选哪[个版]|差别|差多少|显著|有区别)?[^\d]{0,10}"
)


def results(text: str) -> Draft | None:
    """The step of a whole sentence that tells what two arms came to (文案A发20人回复6个，文案B发20人回复11个): it tells
    of what was done, and asks for nothing to be sent.
    """
    told = rule(_RESULTS + _ASKS).fullmatch(text.strip())
    if told is None:
        return None
    data = [(told["a" + i].upper(), int(told["n" + i]), int(told["h" + i] or told["g" + i])) for i in "12"]
    if any(hits > n for _, n, hits in data):
        return None
    metric = next((name for word, name in _HITS.items() if word in text), None)
    step: Draft = {"action": "ab_test", "op": "evaluate", "data": [list(arm) for arm in data]}
    return step | ({"metric": metric} if metric else {})


def _design(doc: Doc, plain: str, measured: bool) -> Draft:
    step: Draft = {"action": "ab_test", "op": "design"}
    variants = [doc.value(c) for c in doc.text if c in doc.tokens and doc.tokens[c].kind == "Q"]
    if len(variants) < 2:
        variants = _unquoted(doc)
    number = _ARMS.search(plain)
    if len(variants) >= 2:
        step["variants"] = variants
    elif number and (n := whole(number[1])) and n > 1 and not variants and measured:
        step["arms"] = n
    if "variants" not in step:
        return {"clarify": ["variants"]}
    if split := _split(plain, len(variants)):
        step["split"] = split
    return step


def _rates(plain: str) -> Draft:
    """Where we stand and what is to be seen: 从3%到4%, 基线5%提升1个点."""
    out: Draft = {}
    base, mde, to = _BASE.search(plain), _LIFT.search(plain) or _MDE.search(plain), _TO.search(plain)
    if base and (value := _percent(base[1] or base[2])) is not None:
        out["baseline"] = value
    if mde and (value := _percent(mde[1])) is not None:
        out["mde"] = value
        reaches = to is not None and mde[0].rstrip().endswith(to[1]) and re.search("到|to", mde[0])
        if base and reaches:
            out["mde"] = round(value - out.get("baseline", 0), 6)
    value = _percent(to[1]) if to else None
    if base and value is not None and out.get("mde") in (None, out.get("baseline")) and "baseline" in out:
        out["mde"] = round(value - out["baseline"], 6)  # from 8% to 10%
    return out


def _percent(text: str) -> float | None:
    value = parse(re.sub(r"[%％]|百分之|个(?:百分)?点|\s", "", text))
    if value is None:
        return None
    return round(value, 6) if value < 1 and not re.search("[%％]|百分之|点", text) else round(value / 100, 6)


def _data(doc: Doc) -> list[list[Any]]:
    """The results of the arms: A版发了1200人有96个回复."""
    plain = re.sub("『[^』]*』", " ", doc.plain(doc.text))
    unit = r"(?:个|人|次|份|封|条|people|users|sent|views|impressions|visitors)?"
    rule = (
        rf"(?<![A-Za-z])([A-Da-d]|甲|乙|丙)\s?(?:版本?|组|方案|款)?(?:本|文案)?[『「]?[^\d,，。;；A-Da-d]{{0,12}}?({NUM})\s?{unit}"
        rf"[^\d;；。A-D]{{0,14}}?({NUM})\s?(?!%|％)"
    )
    out: list[list[Any]] = []
    for m in re.finditer(rule, plain):
        first, second = whole(m[2]), whole(m[3])
        if first and second is not None:
            n, hits = (first, second) if first >= second else (second, first)
            out.append([m[1], n, hits])
    return out


def _unquoted(doc: Doc) -> list[str]:
    """A: … B: … without quotes."""
    plain = doc.plain(doc.text)
    found = re.findall(
        r"(?<![A-Za-z])[A-D]\s?(?:版本?|方案|款)?\s?(?:是|为|:|：|用|=)\s?[『]?([^『』,，。;；]{1,60}?)[』]?"
        r"(?=\s?(?:[,，。;；]|[A-D]\s?(?:版|方案|款)?\s?(?:是|为|:|：|用|=)|$))",
        plain,
    )
    return [f.strip() for f in found] if len(found) >= 2 else []


def _split(plain: str, arms: int) -> list[float] | None:
    """The shares of two arms in percent: 七三分, 60/40, 对半."""
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
    whole_numbers = first == int(first)
    return [int(first), int(100 - first)] if whole_numbers else [first, round(100 - first, 4)]
