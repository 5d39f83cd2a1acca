"""Pages for people: their letters, and whether one stands in the way (a captcha, a login) instead of what was asked.

JSON and XML are never judged by their words: a post may well be about captchas. A page that answers a question for
*data* is wrong anyway, so a loose look only names why. A page that was asked for is judged by what such walls are made
of, by their titles, and by words only if it holds little else.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import Final

from xunke.errors import Blocked, NeedsLogin, Retry

from .address import Address

_HEAD: Final = 65_536
_SHORT: Final = 400
"""Letters of visible text; a wall holds fewer, an article more."""
_XML: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|rss\b|feed\b|rdf:rdf\b|opml\b)", re.I)

_CAPTCHA: Final = re.compile(
    rb"captcha|challenge|just a moment|are you human|verify you are|geetest" + "|验证|访问异常|异常请求|滑块".encode(),
    re.I,
)
_LOGIN: Final = re.compile(rb"type=.?password|passport|/login|sign.?in|sina visitor system|" + "登录".encode(), re.I)

_CAPTCHA_PARTS: Final = re.compile(
    r"_cf_chl_opt|initGeetest4?\s*\(|wappass\.baidu\.com/static/captcha|id=.?captcha-form|sec\.douban\.com/(?:b|c)\b",
    re.I,
)
_CAPTCHA_TITLE: Final = re.compile(
    r"(?:百度)?安全验证|人机(?:身份)?验证|滑块验证|(?:滑动)?验证码(?:拦截|校验|验证)?|访问(?:异常|受限|被拒绝)"
    r"|异常请求|just a moment\W*|attention required!?.{0,20}|ddos-guard"
    r"|are you (?:a )?(?:human|robot)\??"
    r"|(?:security|human) (?:check|verification)|captcha",
    re.I,
)
_CAPTCHA_WORDS: Final = re.compile(
    r"安全验证|验证码|滑块|拖动|人机验证|访问异常|异常请求|不是机器人|captcha"
    r"|verify you are|unusual traffic|checking your browser",
    re.I,
)
_OFTEN: Final = re.compile(r"(?:请求|操作|访问|刷新)(?:次数)?(?:过于|太|过)?频繁|too many requests", re.I)
"""A limit in words, without a captcha: coming back later helps."""
_LATER: Final = 600.0
_LOGIN_TITLE: Final = re.compile(
    r"sina visitor system|微博访客系统|(?:.{0,12}\W)?(?:登录|登陆|sign in|log ?in)(?:\W.{0,12})?", re.I
)
_LOGIN_WORDS: Final = re.compile(
    r"请先?登[录陆]|登[录陆]后(?:查看|继续|访问)|(?:sign|log) ?in to (?:continue|view)", re.I
)
_PASSWORD: Final = re.compile(r"<input[^<>]{0,200}type\s*=\s*[\"']?password", re.I)

_CAPTCHA_PLACE: Final = re.compile(
    r"https?://sec\.douban\.com/|https?://wappass\.baidu\.com/|/(?:captcha|antispider)(?:/|$|\.)", re.I
)
_LOGIN_PLACE: Final = re.compile(
    r"https?://(?:passport|accounts?|login|signin)\.[^/]*/|/(?:login|log_in|signin|sign_in|passport)(?:/|$|\.)", re.I
)

_TITLE: Final = re.compile(r"<title[^<>]{0,200}>([^<]{0,300})", re.I)
_CODE: Final = re.compile(r"<(/?)(script|style)\b", re.I)
_TAG: Final = re.compile(r"<[^<>]*>")


def is_page(body: bytes) -> bool:
    """Whether this is markup for people: neither a feed nor JSON."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" and not _XML.match(body[:200])


def challenged(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an error answer is a demand to prove that one is human."""
    if headers.get("cf-mitigated") == "challenge":
        return True
    head = body[:_HEAD]
    return status in (403, 412, 418, 429, 503) and is_page(head) and bool(_CAPTCHA.search(head))


def refuse_for_data(body: bytes, where: Address) -> None:
    """A page came instead of data: raise what it seems to be, or nothing."""
    head = body[: 4 * _HEAD]
    if b"Sina Visitor System" in head:
        raise NeedsLogin("net.login_page", host=where.host)
    if _CAPTCHA.search(head):
        raise Blocked("net.captcha", host=where.host)
    if _OFTEN.search(head.decode("utf-8", "replace")):
        raise Retry("net.limited", _LATER, host=where.host)
    if _LOGIN.search(head):
        raise NeedsLogin("net.login_page", host=where.host)


def refuse_wall(text: str, where: Address, asked: Address) -> None:
    """A page was asked for: raise if it is a captcha or a login in its place. ``where`` it came from in the end."""
    place, moved = where.shown, where.shown != asked.shown
    if moved and _CAPTCHA_PLACE.search(place):
        raise Blocked("net.captcha", host=where.host)
    if moved and _LOGIN_PLACE.search(place):
        raise NeedsLogin("net.login_page", host=where.host)
    head = text[: 4 * _HEAD]
    found = _TITLE.search(head)
    title = " ".join(found[1].split()) if found else ""
    if _LOGIN_TITLE.fullmatch(title) and (_PASSWORD.search(head) or "visitor" in head.lower()):
        raise NeedsLogin("net.login_page", host=where.host)
    if _CAPTCHA_PARTS.search(head) or _CAPTCHA_TITLE.fullmatch(title):
        raise Blocked("net.captcha", host=where.host)
    visible = _visible(head)
    if len(visible) > _SHORT:
        return
    if _CAPTCHA_WORDS.search(visible):
        raise Blocked("net.captcha", host=where.host)
    if _OFTEN.search(visible):
        raise Retry("net.limited", _LATER, host=where.host)
    if _PASSWORD.search(head) or _LOGIN_WORDS.search(visible):
        raise NeedsLogin("net.login_page", host=where.host)


def _visible(text: str) -> str:
    """About what a reader sees, without blanks. Linear: a script that never ends hides the rest."""
    parts, start, inside = [], 0, ""
    for mark in _CODE.finditer(text):
        closing, name = mark[1], mark[2].lower()
        if not inside and not closing:
            parts.append(text[start : mark.start()])
            inside = name
        elif inside == name and closing:
            start, inside = mark.start(), ""
    if not inside:
        parts.append(text[start:])
    return "".join(_TAG.sub(" ", " ".join(parts)).split())


# ---------------------------------------------------------------------- letters

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_IN_HEADER: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
_IN_XML: Final = re.compile(rb"\s*<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
_IN_META: Final = re.compile(rb"<meta[^<>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
_WIDER: Final[Mapping[str, str]] = {
    # What a page says and what it means (WHATWG Encoding Standard): the label's superset.
    "gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "cp1252", "big5": "big5hkscs",
    "shift_jis": "cp932", "euc_kr": "cp949", "latin-1": "cp1252",
}  # fmt: skip
_KNOWN: Final = frozenset(
    {"utf-8", "utf-16-le", "utf-16-be", "utf-16", "gb18030", "big5hkscs", "cp1252", "cp932", "euc_jp", "cp949", "hz"}
    | {f"cp125{n}" for n in range(9)} | {f"iso8859-{n}" for n in range(2, 17)} | {"koi8-r", "koi8-u", "cp950", "cp874"}
)  # fmt: skip


def _codec(label: str) -> str | None:
    """The codec of a label as pages write it; None if no page may be in it (``zlib``, ``rot13``, ``idna`` …)."""
    try:
        name = codecs.lookup(label.strip()).name
    except (LookupError, ValueError):
        return None
    name = _WIDER.get(name, name)
    return name if name in _KNOWN else None


def text_of(body: bytes, content_type: str = "") -> str:
    """The letters of a page or feed: by its byte-order mark, the header, its own declaration; else UTF-8, else GB18030.

    Unreadable bytes become U+FFFD. A declared UTF-16 inside ASCII-readable bytes cannot be and means UTF-8.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    told = [found[1] for found in (_IN_HEADER.search(content_type),) if found]
    head = body[:4_096]
    inside = [found[1].decode() for found in (_IN_XML.match(head), _IN_META.search(head)) if found]
    for label, own in [(one, False) for one in told] + [(one, True) for one in inside]:
        if codec := _codec(label):
            return body.decode("utf-8" if own and codec.startswith("utf-16") else codec, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end >= len(body) - 4:  # cut inside the last letter
            return body.decode("utf-8", "replace")
    try:
        return body.decode("gb18030")
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace")
