"""What Xunke refuses, in code and after the planner: the same for the offline parser and for a language model.

``scan`` judges a request clause by clause: ``policy_words`` finds the words, ``policy_scope`` takes off what is only
talked about, the rules of ``lexicon/policy.toml`` say which rows of words are an act that is asked for. ``review``
puts the verdict on a plan.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, cast

import msgspec

from xunke.plan import Plan, RefuseCode, Step

from . import lexicon, refusals
from .normalize import fold
from .policy_scope import talked_about
from .policy_words import Clause, Later, hits, read

_CUT: Final = Later(
    r"[,，。;；!！?？\n]+|(?<=[^\d])\.(?=\s|$)|\s-+\s|然后|接着|顺便|顺手|顺带|并且|最后|同时|另外|此外"
    r"|\b(?:and\sthen|then|and\salso)\b",
    re.IGNORECASE,
)
_QUOTE: Final = Later(r"『[^』]{0,300}』")
_WEAK: Final = Later(
    r"再|并(?!不)|且|还(?!有没有)|也|把|(?<![发送推转传寄交])给(?!我)|对|连同|连带|带上|附上|加上|外加|以及|和(?=他|她|每|各自|对应)|遇到|碰到|每人|用"
    r"|\b(?:and|plus|with|including|while|but)\b",
    re.IGNORECASE,
)
"""Where a clause may be cut when a part of it is refused."""
_TRAILS: Final = Later(r"(?:[\s,，]|再|并|且|还|也|然后|先|and|plus|then|but|with)+\Z", re.IGNORECASE)
_LEADS: Final = Later(r"\A(?:[\s,，]|再|并且?|还|也|然后|and\b|then\b|but\b)+", re.IGNORECASE)
MAX_CUTS: Final = 12
_BREAKS: Final[dict[str, frozenset[str]]] = {
    "mass_contact": frozenset({"data"}),
    "fake_engagement": frozenset({"data", "person", "creator"}),
}
"""Words that part the words of a rule: 自动 抓 评论 is no act, 想买相机的用户的评论 no fake one."""
_THEME: Final[dict[str, frozenset[str]]] = {
    "bypass_controls": frozenset({"barrier", "cred_hard"}),
    "harassment": frozenset({"critic", "unmask"}),
    "private_data": frozenset({"unmask"}),
    "fake_engagement": frozenset({"metric"}),
    "ignore_opt_out": frozenset({"optout"}),
}
"""A clause that tells why an act is wanted speaks of the same (老弹验证码，帮我绕过去): it falls with the act."""


class Verdict(msgspec.Struct, frozen=True):
    """Refuse codes in order of finding, and the text that is left without the refused clauses."""

    codes: tuple[RefuseCode, ...]
    rest: str


class _Piece(msgspec.Struct, frozen=True):
    """A clause with the gravest code that it earns; None if it is innocent."""

    clause: Clause
    code: RefuseCode | None

    @property
    def text(self) -> str:
        return self.clause.text


def scan(text: str) -> Verdict:
    """Judge a request (raw or folded). Linear in its length."""
    return _scan(fold(text))


_CLAIM: Final = Later(
    r"\A(?:我是|以|作为|用)?(?:超级|系统)?(?:管理员|root|admin|开发者)的?(?:身份|权限)?[,，。:]\s?|\Aas\s(?:an?\s|the\s)?admin\w*,\s",
    re.IGNORECASE,
)
"""Who says to be an administrator is told what everybody is told: the words change nothing."""


@lru_cache(maxsize=8)
def _scan(text: str) -> Verdict:
    text = _CLAIM.compiled.sub("", text, count=1) or text
    pieces = _pieces(text)
    return _weighed(text, pieces, _ruled(text, pieces))


def ruled(text: str) -> Verdict:
    """What the rules alone say of a request."""
    text = fold(text)
    return _ruled(text, _pieces(text))


def _pieces(text: str) -> list[_Piece]:
    harmless = _harmless_host(text)
    pieces = [piece for part in _clauses(text) for piece in _judge(part, harmless)]
    for place, piece in enumerate(pieces[1:], 1):
        before = pieces[place - 1]
        if before.code and _SUCH.match(piece.text) and not before.clause.has(*_DONE_TO_SOMEBODY):
            # 自动回复全是废话，这类吐槽给我找五十条
            pieces[place - 1] = _Piece(before.clause, None)
    return pieces


_DONE_TO_SOMEBODY: Final = ("to", "many", "pron", "help_me", "auto", "data")
_SUCH: Final = Later(
    r"(?:找|搜|看看)?(?:这类|这种|这样的|此类|类似的?)(?:的?吐槽|帖|笔记|视频|讨论|回答|文章|内容)"
    r"|(?:网友|大家|别人)(?:都|是)?怎么(?:骂|说|看|聊)"
)
_PROTECTS: Final = Later(
    r"(?:加|放|列|记|录|移|拉|写)(?:到|进|入|上|在)?.{0,4}?(?:不联[系络]|勿|免打扰|拒|黑名单)"
    r"|\bto\s(?:the|our)\s(?:do[- ]not|dnc|suppress|opt)"
)


SURE: Final = {"out_of_scope": 0.8}
"""How sure the second opinion must be to refuse where no rule does: what is only odd is rather asked back."""
REFUSED, PART_REFUSED, LET_GO = 0.5, 0.85, 0.1
"""For other codes; for one clause of several; and to let go what the rules refuse."""
_FACTS: Final = frozenset({"unsafe_address"})
"""An address is what it is: no opinion changes that."""


def _weighed(text: str, pieces: list[_Piece], verdict: Verdict) -> Verdict:
    """The verdict of the rules after the second opinion, which knows what they say."""
    if _FACTS & set(verdict.codes):
        return verdict
    if verdict.codes:
        return _confirmed(text, pieces, verdict)
    if not pieces:
        return verdict
    code, chance = _opinion(text, ())
    odd = [_opinion(piece.text, ()) for piece in pieces] if len(pieces) > 1 else [(code, chance)]
    worst = max(odd, key=lambda o: o[1], default=(code, chance))
    if chance < SURE.get(code, REFUSED):
        if worst[1] < PART_REFUSED or worst[0] in SURE:
            return verdict
        code = worst[0]
    bar = min(0.5, worst[1])
    found = [_Piece(p.clause, code if o[1] >= bar else None) for p, o in zip(pieces, odd, strict=True)]
    return Verdict((code,), "，".join(_kept(found)))


def _confirmed(text: str, pieces: list[_Piece], verdict: Verdict) -> Verdict:
    """What the rules refuse, unless it reads as innocent both as a whole and in the clause that they hit."""
    opinions = [_opinion(text, verdict.codes)]
    opinions += [_opinion(piece.text, verdict.codes) for piece in pieces if piece.code]
    code, chance = max(opinions, key=lambda o: o[1])
    if chance < LET_GO:
        return Verdict((), text)
    said = refusals.chances(text, verdict.codes)
    if len(verdict.codes) == 1 and said[code] > 8 * said[verdict.codes[0]]:
        return Verdict((code,), verdict.rest)
    return verdict


def _opinion(text: str, codes: tuple[RefuseCode, ...]) -> tuple[RefuseCode, float]:
    """The likeliest code of a text, and how sure it is that some code fits."""
    chances = {code: chance for code, chance in refusals.chances(text, codes).items() if code not in _FACTS}
    likely = max(chances.keys() - {"ok"}, key=lambda c: (chances[c], c))
    return cast(RefuseCode, likely), 1 - chances["ok"] / sum(chances.values())


def _ruled(text: str, pieces: list[_Piece]) -> Verdict:
    if not any(piece.code for piece in pieces):
        code = _whole(pieces)
        return Verdict((code,), "") if code else Verdict((), text)
    codes: list[RefuseCode] = []
    for piece in pieces:
        if piece.code and piece.code not in codes:
            codes.append(piece.code)
    if "private_data" in codes and _of_critics(text):
        codes = ["harassment" if code == "private_data" else code for code in codes]  # whose data it is makes it worse
    if codes == ["mass_contact"] and any(p.clause.has("optout") for p in pieces):
        codes = ["ignore_opt_out"]
    if "ignore_opt_out" in codes:  # whom it is for makes it worse; an order to forget the rules adds nothing
        codes = [code for code in codes if code not in ("mass_contact", "bypass_controls")]
    rest = "，".join(_kept(pieces))
    return Verdict(tuple(dict.fromkeys(codes)), rest)


def _judge(text: str, harmless: bool) -> list[_Piece]:
    """``text`` as one piece, or as two when only a part of it is refused and the other asks for something."""
    whole = _piece(text, harmless)
    if whole.code is None:
        return [whole]
    cuts = [m.start() for m in _WEAK.finditer(text) if 1 < m.start() < len(text) - 1][:MAX_CUTS]
    for cut in reversed(cuts):
        left, right = _piece(_TRAILS.compiled.sub("", text[:cut]), harmless), _piece(text[cut:], harmless)
        if left.code is None and right.code and _works(left.clause):
            return [left, right]
    for cut in cuts:
        left, right = _piece(text[:cut], harmless), _piece(_LEADS.compiled.sub("", text[cut:]), harmless)
        if left.code and right.code is None and _asks(right.clause) and _stands(right.clause):
            return [left, right]
    return [whole]


def _piece(text: str, harmless: bool) -> _Piece:
    clause = read(text)
    talked_about(clause)
    found = hits(clause, "rules", _BREAKS)
    if harmless:
        found.discard("unsafe_address")
    elif not found and _names_unsafe_host(clause):
        found = {"unsafe_address"}
    return _Piece(clause, _gravest(found))


@cache
def _order() -> tuple[RefuseCode, ...]:
    return cast("tuple[RefuseCode, ...]", tuple(lexicon.table("policy")["order"]["codes"].split()))


def _gravest(codes: set[str]) -> RefuseCode | None:
    return next((code for code in _order() if code in codes), None)


def _of_critics(text: str) -> bool:
    """Is somebody spoken of who criticised us?"""
    return read(text).has("critic_us")


def _whole(pieces: list[_Piece]) -> RefuseCode | None:
    """An act that takes more than one clause to ask for."""
    if len(pieces) < 2:
        return None
    protects = any(_PROTECTS.search(piece.text) for piece in pieces)
    joined, at = Clause("，".join(piece.text for piece in pieces)), 0
    for piece in pieces:
        for word in piece.clause.words:
            word.start, word.end = word.start + at, word.end + at
            joined.words.append(word)
        at += len(piece.text) + 1
    return _gravest(hits(joined, "whole", {}) - ({"ignore_opt_out"} if protects else set()))


_ASKING: Final = frozenset({"data", "pick", "content", "creator", "add_to", "connect"})
_FILE: Final = Later(r"excel|csv|json|xlsx|表格|导出|汇出|存成|保存|\bexport|\bsave", re.IGNORECASE)

_OTHER_FILE: Final = Later(
    r"excel|csv|json|xlsx|成表格|[把将这份]名单|名单[导存]|存成|保存|\bexport\s(?:this|the|these|as|to)|\bsave",
    re.IGNORECASE,
)


def _asks(clause: Clause) -> bool:
    """Does an innocent clause ask for something of its own?"""
    return clause.has(*_ASKING) or bool(_FILE.search(clause.text))


def _works(clause: Clause) -> bool:
    """Does a half of a clause say what is to be done? (帮我给这些博主 does not.)"""
    return clause.has("data", "pick", "add_to", "connect") or bool(_FILE.search(clause.text))


def _stands(clause: Clause) -> bool:
    """Does a clause behind a refused one speak of something else than what was refused (他们, 拉个名单)?"""
    if clause.has("own", "account", "url") or _OTHER_FILE.search(clause.text):
        return True
    return clause.has("content", "creator") and clause.has("data", "pick", "quantity")


_DOMAIN: Final = Later(r"[a-z0-9-]{1,63}\.[a-z]{2,24}", re.IGNORECASE)


def _own_request(clause: Clause) -> bool:
    """Does a clause of the same theme still look for posts of its own?"""
    return clause.has("own") or (clause.has("content") and clause.has("data", "pick") and not clause.has("barrier"))


def _kept(pieces: list[_Piece]) -> list[str]:
    """The clauses that still ask for something; what only says what a refused act is good for falls with it."""
    kept: list[str] = []
    refused = False
    unsafe = any(piece.code == "unsafe_address" for piece in pieces)
    theme = frozenset[str]().union(*(_THEME.get(piece.code or "", ()) for piece in pieces))
    for piece in pieces:
        if piece.code:
            refused = True
        elif (
            (unsafe and piece.clause.has("connect", "instance") and not _DOMAIN.search(piece.text))
            or (theme and piece.clause.has(*theme) and not _own_request(piece.clause))
            or (refused and not kept and not _stands(piece.clause))
            or (refused and not _asks(piece.clause) and not _stands(piece.clause))
        ):
            continue
        else:
            kept.append(piece.text)
    if not any(_asks(piece.clause) for piece in pieces if piece.text in kept and piece.code is None):
        return []
    return kept


def _clauses(text: str) -> list[str]:
    """Clauses of ``text``; a quotation is never cut."""
    quotes: list[str] = []

    def hide(m: re.Match[str]) -> str:
        quotes.append(m[0])
        return chr(0xE000 + len(quotes) - 1) if len(quotes) < 6000 else m[0]

    hidden = _QUOTE.compiled.sub(hide, text)
    pieces = [p for p in _CUT.compiled.split(hidden) if p and p.strip()]
    return [re.sub("[\ue000-\uf8ff]", lambda m: quotes[ord(m[0]) - 0xE000], p).strip() for p in pieces]


_HOST: Final = Later(
    r"(?:https?://)?(?:\[[0-9a-f:.]{2,45}\]|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|\blocalhost\b"
    r"|\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.(?:internal|local|lan|localhost|home\.arpa)\b|\b0x[0-9a-f]{8}\b)(?::\d{1,5})?",
    re.IGNORECASE,
)


def _names_unsafe_host(clause: Clause) -> bool:
    """Is a platform to be reached at an address of this machine or network?"""
    return any(_unsafe_or_broken(m[0]) for m in _HOST.finditer(clause.text))


def _harmless_host(text: str) -> bool:
    """Is a language model spoken of, whose address may be this machine, or nothing to be reached at all?"""
    words = read(text)
    return words.has("mean") or not words.has("connect", "data", "instance", "use")


def unsafe_host(address: str) -> bool:
    """Is ``address`` (host, host:port or URL) a loopback, private, link-local or metadata address?"""
    import ipaddress
    from urllib.parse import urlsplit

    try:
        host = (urlsplit(address if "//" in address else f"//{address}").hostname or "").rstrip(".").lower()
    except ValueError:  # ``http://[``: no address at all, which is said where it is asked
        return False
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa")):
        return True
    try:
        ip = ipaddress.ip_address(int(host) if host.isdigit() else int(host, 16) if host.startswith("0x") else host)
    except ValueError:
        return False
    return not ip.is_global


def _unsafe_or_broken(address: str) -> bool:
    try:
        return unsafe_host(address)
    except ValueError:
        return True


def _unsafe(step: Step) -> bool:
    return step.action == "connect" and bool(step.instance) and _unsafe_or_broken(step.instance or "")


def _of_minors(step: Step) -> bool:
    """Does a step look for people under 18? (Posts may be for children.)"""
    if step.action not in ("find", "collect", "outreach", "segment", "stats") or step.target == "posts":
        return False
    return (step.age_max is not None and step.age_max < 18) or (
        step.action == "outreach" and step.age_min is not None and step.age_min < 14
    )


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
    if any(_of_minors(s) for s in steps):
        codes, steps = ["minors", *codes], ()
    if not codes:
        return plan
    codes = list(dict.fromkeys(codes))
    if steps and plan.outcome in ("run", "partial") and (not verdict.codes or verdict.rest):
        return msgspec.structs.replace(plan, outcome="partial", steps=steps, refuse=tuple(codes), clarify=())
    return Plan(outcome="refuse", refuse=tuple(codes), unparsed=plan.unparsed)
