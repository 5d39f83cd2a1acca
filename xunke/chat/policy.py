"""What Xunke refuses, in code and after the planner: the same for the offline parser and for a language model.

``scan`` judges a request clause by clause. A pattern describes an act that is asked for; a request that is
*about* such an act (帖子 on 封号经历, 吐槽 of 验证码) is innocent. ``review`` puts the verdict on a plan.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import cache
from typing import Final, cast
from urllib.parse import urlsplit

import msgspec

from xunke.plan import Plan, RefuseCode, Step

from . import lexicon
from .normalize import fold
from .rules import AnyOf, rule

_CUT: Final = rule(
    r"[,，。;；!！?？\n]+|(?<=[^\d])\.(?=\s|$)|(?:然后|接着|顺便|并且|最后|同时)|"
    r"(?<=[^\s])再(?=给|自动|批量|群发|买|用|把)|"
    r"\b(?:and\sthen|then|and\salso)\b|\sand\s(?=(?:auto|dm|message|send|buy|mass|follow|comment|include|"
    r"add|their\sphone|ignore|delete|wipe))"
    r"|(?:\s(?=(?:with|plus|including)\s(?:their|his|her|all)\s(?:\w+\s)?(?:phone|home|private|personal|"
    r"real|wechat|id)\b))"
    r"|(?=(?:连同|连带|带上|附上|加上|外加|还有|连)(?:他们|她们|每个人|各自)?的?(?:手机|电话|"
    r"微信号|身份证|住址|家庭|真实姓名|私信))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Refuse codes in order of finding, and the text that is left without the refused clauses."""

    codes: tuple[RefuseCode, ...]
    rest: str


@cache
def _rules() -> tuple[list[tuple[RefuseCode, AnyOf]], AnyOf, AnyOf]:
    data = lexicon.table("policy")
    rules = [(cast(RefuseCode, code), AnyOf(patterns)) for code, patterns in data["refuse"].items()]
    return rules, AnyOf(data["innocent"]["patterns"]), AnyOf(data["innocent"]["acts"])


def scan(text: str) -> Verdict:
    """Judge a request (raw or folded). Linear in its length."""
    text = fold(text)
    rules, innocent, acts = _rules()
    plain = _content()
    codes: list[RefuseCode] = []
    kept: list[str] = []
    about = _continues()
    for clause in _clauses(text):
        bare = re.sub(r"『[^』]*』|#[^#\s]{1,30}#", "『』", clause)
        bare = _SORTED.sub("", bare)
        found = [code for code, rule in rules if rule.search(bare)]
        if found and innocent.search(bare) and not acts.search(bare):
            found = []
        if plain.search(bare) and not acts.search(bare):
            found = [code for code in found if code not in _NOT_TO_POSTS]
        if found:
            worst = next((code for code in _WORST if code in found), found[0])
            codes += [worst] if worst not in codes else []
        else:
            kept.append(clause)
    if not codes:
        bare = re.sub(r"『[^』]*』|#[^#\s]{1,30}#", "『』", text)
        codes = [code for code, rule in _whole() if rule.search(bare)]
        kept = [] if codes else kept
    if "harassment" in codes and "private_data" in codes:
        codes.remove("private_data")  # whose data it is makes it worse
    if codes:
        kept = [clause for clause in kept if not about.search(clause)]
    return Verdict(tuple(codes), "，".join(kept))


_WORST: Final[tuple[RefuseCode, ...]] = ("minors", "harassment")
"""Named first when a clause asks for more than one refused act."""
_SORTED: Final = re.compile(
    r"按(?:照)?(?:评论|点赞|转发|收藏|互动|关注|私信)[^,，。]{0,4}?(?:排序?|排名|数|量|从[高多大]到[低少小])"
)
_NOT_TO_POSTS: Final = frozenset({"mass_contact", "sensitive_profiling", "out_of_scope", "harassment"})


@cache
def _content() -> AnyOf:
    return AnyOf(lexicon.table("policy")["innocent"]["content"])


@cache
def _whole() -> list[tuple[RefuseCode, AnyOf]]:
    """Acts that take more than one clause to ask for."""
    rules = lexicon.table("policy")["whole"]
    return [(cast(RefuseCode, code), AnyOf(patterns)) for code, patterns in rules.items()]


@cache
def _continues() -> AnyOf:
    """What only belongs to a refused act: what it is good for, why it is needed."""
    return AnyOf(lexicon.table("policy")["continues"]["patterns"])


def _clauses(text: str) -> list[str]:
    """Clauses of ``text``; a quotation is never cut."""
    quotes: list[str] = []

    def hide(m: re.Match[str]) -> str:
        quotes.append(m[0])
        return chr(0xE000 + len(quotes) - 1) if len(quotes) < 6000 else m[0]

    hidden = re.sub(r"『[^』]{0,300}』", hide, text)
    pieces = [p for p in _CUT.split(hidden) if p and p.strip()]
    return [re.sub("[\ue000-\uf8ff]", lambda m: quotes[ord(m[0]) - 0xE000], p).strip() for p in pieces]


def unsafe_host(address: str) -> bool:
    """Is ``address`` (host, host:port or URL) a loopback, private, link-local or metadata address?"""
    host = (urlsplit(address if "//" in address else f"//{address}").hostname or "").rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa")):
        return True
    try:
        ip = ipaddress.ip_address(int(host) if host.isdigit() else int(host, 16) if host.startswith("0x") else host)
    except ValueError:
        return False
    return not ip.is_global


def _unsafe(step: Step) -> bool:
    if step.action != "connect" or not step.instance:
        return False
    try:
        return unsafe_host(step.instance)
    except ValueError:
        return True


def review(plan: Plan, text: str) -> Plan:
    """``plan`` as far as it may run: unchanged, ``partial`` (the refused part left out) or ``refuse``.

    ``plan`` is what either planner made of ``text``. Never makes a plan do more; for ``partial`` the steps are
    those of ``plan`` only when the text without the refused clauses still asks for something.
    """
    verdict = scan(text)
    codes = list(dict.fromkeys((*verdict.codes, *plan.refuse)))
    steps = tuple(s for s in plan.steps if not _unsafe(s))
    if len(steps) < len(plan.steps):
        codes.append("unsafe_address")
    if any(
        s.age_max is not None and s.age_max < 18
        for s in steps
        if s.action in ("find", "collect", "outreach", "segment")
    ):
        codes = ["minors", *codes]
        steps = ()
    if any(s.age_min is not None and s.age_min < 14 for s in steps if s.action == "outreach"):
        codes, steps = ["minors", *codes], ()
    if not codes:
        return plan
    codes = list(dict.fromkeys(codes))
    if steps and plan.outcome in ("run", "partial") and (not verdict.codes or _asks(verdict.rest)):
        return msgspec.structs.replace(plan, outcome="partial", steps=steps, refuse=tuple(codes), clarify=())
    return Plan(outcome="refuse", refuse=tuple(codes), unparsed=plan.unparsed)


_ASKS: Final = rule(
    r"找|搜|列|筛|挑|抓|爬|采集|收集|导出|导成|统计|对比|比较|分组|分成|分群|存成|保存|整理|"
    r"看看|查|拉|扒|名单|排|每[天周月]|"
    r"笔记|帖子|博主|视频|达人|\b(?:find|show|list|get|collect|scrape|pull|export|save|segment|compare|count|search|"
    r"gather|give|top)\b",
    re.IGNORECASE,
)


def _asks(rest: str) -> bool:
    """Does what is left of the request still ask for something of its own?"""
    return bool(_ASKS.search(rest))
