"""Whether somebody publishes a way to be reached for business, told without keeping it.

At ingest contact data is masked (``xunke.scrub``): the mask that stays in the profile tells that something stood
there, and what kind. That is all that is known here, and all that is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from xunke.scrub import MAIL, PHONE, QQ, WECHAT
from xunke.text import one_line

KINDS: Final = {MAIL: "mail", WECHAT: "wechat", PHONE: "phone", QQ: "qq"}
_INVITES: Final = re.compile(
    r"(?:商务|合作|约稿|推广|投稿|邀约|约拍)[^。！？!?\n]{0,6}?(?:请|可|欢迎|加|找|联系|私信|后台|看|见|戳|滴滴|[vV+＋:：|｜/])"
    r"|(?:欢迎|接|找我)[^。！？!?\n]{0,3}(?:商务|合作|约稿|推广|邀约)"
    r"|(?:business|collab(?:oration)?s?|cooperation|pr)\s{0,2}(?:inquir|enquir|contact|e-?mail|dm|[:：|])"
    r"|(?:dm|e-?mail|contact)\s(?:me\s)?for\s(?:business|collab|work|pr)",
    re.I,
)
_QUOTE: Final = 24


@dataclass(frozen=True, slots=True)
class Contact:
    """A published way: ``kind`` mail, wechat, phone, qq or invites (asks for business without naming a way)."""

    kind: str
    quote: str


def published(bio: str | None, posts: Iterable[str] = ()) -> Contact | None:
    """The way that a profile names, or, failing that, one of the person's own posts; None if none does.

    A person who says that they do not want to be approached is not asked about here (people.Person.declines).
    """
    for text in filter(None, (bio, *posts)):
        found = [(at, mask) for mask in KINDS if (at := text.find(mask)) >= 0]
        if found:
            at, mask = min(found)
            return Contact(KINDS[mask], one_line(text[max(0, at - _QUOTE) : at + len(mask)], 2 * _QUOTE))
    if bio and (said := _INVITES.search(bio)):
        return Contact("invites", one_line(bio[said.start() : said.end() + _QUOTE], 2 * _QUOTE))
    return None
