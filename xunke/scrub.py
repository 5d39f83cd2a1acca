"""Masking of contact data in free text: phone numbers, identity-card numbers, e-mail, WeChat and QQ ids.

Published text may hold what nobody needs for finding the right people (PIPL 6, 19; GDPR 5(1)(c)).
Pure and idempotent; links, hashtags, mentions and platform ids of other shapes stay as they are.
"""

from __future__ import annotations

import re
from typing import Final

PHONE: Final = "[手机号]"
IDENTITY: Final = "[身份证号]"
MAIL: Final = "[邮箱]"
WECHAT: Final = "[微信号]"
QQ: Final = "[QQ号]"
ERASED: Final = "@[已删除]"

_RUN = re.compile(r"[\dA-Za-z_-]{4}")
_DIGITS = re.compile(r"\d(?:\d{6}|\d\d[-\s]\d{4})")
_AT = re.compile(r"[@＠][A-Za-z0-9-]+\.")
_LETTERS = re.compile("[信号vVＶｖwW]")
"""Cheap scans tell that most texts hold nothing to mask: all but short mail addresses need a run of four."""

_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
_PHONE = re.compile(r"(?<!\d)(?:[+＋]?86[-\s]?)?[1１][3-9３-９]\d(?:[-\s]?\d{4}){2}(?!\d)")
_MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}[@＠](?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}"
)
_WECHAT_WORD = (
    r"(?:[微薇威徽]信|卫星号|[vVＶｖ]信|[加➕+]\s?[vV]"
    r"|(?<![A-Za-z0-9])(?:[vV][xX]|[wW][xX]|[wW][eE][iI][xX][iI][nN]|[wW][eE][cC][hH][aA][tT]))"
)
_WECHAT = re.compile(
    rf"({_WECHAT_WORD}(?:号|[iI][dD])?\s?)"
    r"(?:([:：=＝]\s?)([A-Za-z][-_A-Za-z0-9]{5,19})"
    r"|(?=[A-Za-z][-_A-Za-z]{0,18}[0-9_])([A-Za-z][-_A-Za-z0-9]{5,19}))(?![-_A-Za-z0-9])"
)
_QQ = re.compile(r"((?<![A-Za-z0-9])[qQ]{2}(?:号|群)?\s?[:：]?\s?)[1-9]\d{4,10}(?!\d)")


def without_mention(text: str | None, name: str) -> str | None:
    """``text`` with ``@name`` masked: of somebody who is erased, in what others wrote. Longer names stay."""
    return None if text is None else re.sub(rf"[@＠]{re.escape(name)}(?![\w-])", ERASED, text)


def scrub_name(name: str) -> str:
    """``scrub`` for nicknames: masks telephone and identity-card numbers only; the rest is what a person is called."""
    return _PHONE.sub(PHONE, _IDENTITY.sub(IDENTITY, name)) if _DIGITS.search(name) is not None else name


def scrub(text: str) -> str:
    """Return ``text`` with contact data replaced by a word in brackets that says what stood there.

    Masked: Chinese mobile numbers (also with +86, blanks or hyphens), 18-digit identity-card numbers with a
    possible birth date, e-mail addresses, WeChat ids after 微信 / vx / wx / WeChat, QQ numbers after QQ.
    """
    if _RUN.search(text) is None:
        return _MAIL.sub(MAIL, text) if _AT.search(text) is not None else text
    previous = None
    while previous != text:  # a mask is a boundary: what stood right beside it can be seen now
        previous = text
        if _DIGITS.search(text) is not None:
            text = _PHONE.sub(PHONE, _IDENTITY.sub(IDENTITY, text))
        if _AT.search(text) is not None:
            text = _MAIL.sub(MAIL, text)
        if _LETTERS.search(text) is not None:
            text = _WECHAT.sub(lambda m: f"{m[1]}{m[2] or ''}{WECHAT}", text)
        if "q" in text or "Q" in text:
            text = _QQ.sub(lambda m: f"{m[1]}{QQ}", text)
    return text
